/*-------------------------------------------------------------------------
 *
 * monitor.c
 *	  Monitors a database for hours by samples, and judges them.
 *
 * menuca_monitor_sample()				records one sample
 * menuca_monitor_report(duration, ...)	judges the samples of the last hours
 *
 * The server's counters increase until somebody resets them, so only their
 * differences between two samples mean something.  Hours without a sample
 * prove nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "fmgr.h"
#include "funcapi.h"
#include "pgstat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/monitor.h"
#include "runbook/ticket_checks.h"

PG_FUNCTION_INFO_V1(menuca_monitor_sample);
PG_FUNCTION_INFO_V1(menuca_monitor_report);

/* What is healthy, and what is an alert (tickets VA-09, VA-10, VA-12). */
#define ACTIVE_HEALTHY 20
#define ACTIVE_ALERT 50
#define IDLE_IN_TRANSACTION_HEALTHY 5
#define MEAN_MS_HEALTHY 100.0
#define MEAN_MS_ALERT 200.0
#define CACHE_HIT_HEALTHY 95.0
#define ROLLBACKS_HEALTHY 1.0

/* A database that changes by at most this, in percent, is of stable size. */
#define SIZE_STABLE 10.0

/*
 * The longest time without a sample: the tickets ask for one every hour in a few
 * hours and one every four hours in a day; some minutes are allowed on top.
 */
#define GAP_OF_HOURS "65 minutes"
#define GAP_OF_A_DAY "4 hours 5 minutes"

/* What a sample has of menuca_activity. */
#define ACTIVITY_COLUMNS \
	"active, idle_in_transaction, hidden, waiting_locks, commits, rollbacks, blocks_hit, blocks_read, deadlocks," \
	" stats_reset, database_bytes, connections, combo_queries, combo_query_ms"

/* A row of menuca_monitor_figures(); figures without a sample are 0. */
typedef struct MonitorFigures
{
	int64		samples;
	char	   *span;			/* NULL: no sample */
	char	   *longest_gap;	/* NULL: fewer than two samples */
	bool		long_enough;
	bool		gapless;
	bool		recent;
	int64		groups_least;
	int64		groups_most;
	int64		items_least;
	int64		items_most;
	int64		active_most;
	bool		sessions_hidden;
	int64		idle_in_transaction_most;
	int64		waiting_most;
	bool		counters_reset;
	int64		deadlocks;
	int64		commits;
	int64		rollbacks;
	int64		blocks_hit;
	int64		blocks_read;
	int64		size_first;
	int64		size_last;
	bool		has_mean;
	double		mean_ms;
} MonitorFigures;

/* A report: where its findings go, and the figures that it judges. */
typedef struct MonitorReport
{
	MonitorFn	fn;
	void	   *arg;
	const MonitorFigures *figures;
} MonitorReport;

static void add_statement_args(QueryArgs *args);
static void store_statement_args(TupleTableSlot *slot, void *arg);
static void *make_figures(TupleTableSlot *slot);
static void report_check(const MonitorReport *report, const char *name, const char *title,
						 FindingStatus status, char *expected, char *actual, const char *remedy);
static void report_coverage(const MonitorReport *report, const char *duration, const char *max_gap);
static void report_counts(const MonitorReport *report);
static void report_sessions(const MonitorReport *report);
static char *activity_seen(void);
static void report_counters(const MonitorReport *report);
static void report_time_and_size(const MonitorReport *report);
static char *positive_interval(FunctionCallInfo fcinfo, int place, const char *name);
static void add_report_row(const char *name, const char *title, const Finding *finding, void *arg);


/* Records the state of the database now; returns the sample's number. */
Datum
menuca_monitor_sample(pg_attribute_unused() PG_FUNCTION_ARGS)
{
	Environment *environment = environment_require();

	query_require_writable("menuca_monitor_sample()");
	PG_RETURN_INT64(monitor_take_sample(environment, -1, NULL));
}

int64
monitor_take_sample(const Environment *environment, int ticket, const char *moment)
{
	QueryArgs	args = {0};
	int64		sample = 0;

	/*
	 * Of an earlier sample of the same transaction, the server remembers the
	 * figures.
	 */
	pgstat_clear_snapshot();
	query_arg_int8(&args, environment->id);
	query_begin_snapshot();
	query_arg_int8(&args, ticket_count_rows("combo_groups"));
	query_arg_int8(&args, ticket_count_rows("combo_items"));
	query_arg_int8(&args, ticket_count_rows("dishes"));
	add_statement_args(&args);
	query_arg_json(&args, activity_seen());
	query_end_snapshot();
	query_arg(&args, INT4OID, Int32GetDatum(ticket), ticket < 0);
	query_arg_text(&args, moment);
	migrate_write("menuca_sample",
				  psprintf("INSERT INTO %smenuca_sample (environment_id, groups, items, dishes,"
						   " statement_ms, statement_calls, " ACTIVITY_COLUMNS ", ticket_no, moment)"
						   " SELECT $1, $2, $3, $4, $5, $6, " ACTIVITY_COLUMNS ", $8, $9"
						   " FROM pg_catalog.jsonb_populate_record(NULL::%smenuca_activity, $7) RETURNING sample_id",
						   migrate_schema(), migrate_schema()),
				  &args, slot_store_int8, &sample);
	return sample;
}

/* What the server shows the caller of this database's activity, as JSON. */
static char *
activity_seen(void)
{
	return query_text(psprintf("SELECT to_jsonb(a)::text FROM %smenuca_activity a", migrate_schema()), NULL);
}

/*
 * Adds the total time and number of the statements in this database; NULLs if
 * pg_stat_statements is not installed.
 */
static void
add_statement_args(QueryArgs *args)
{
	if (OidIsValid(get_extension_oid("pg_stat_statements", true)))
		query_each(psprintf("SELECT sum(s.total_exec_time) AS ms, sum(s.calls)::int8 AS calls"
							" FROM %spg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
							" WHERE d.datname = current_database()", extension_schema("pg_stat_statements")),
				   NULL, store_statement_args, args);
	else
	{
		query_arg(args, FLOAT8OID, (Datum) 0, true);
		query_arg(args, INT8OID, (Datum) 0, true);
	}
}

static void
store_statement_args(TupleTableSlot *slot, void *arg)
{
	QueryArgs  *args = arg;
	int			ms = slot_attribute(slot, "ms");
	int			calls = slot_attribute(slot, "calls");

	slot_require_type(slot, ms, FLOAT8OID);
	slot_require_type(slot, calls, INT8OID);
	query_arg(args, FLOAT8OID, slot->tts_values[ms], slot->tts_isnull[ms]);
	query_arg(args, INT8OID, slot->tts_values[calls], slot->tts_isnull[calls]);
}

/*
 * menuca_monitor_report(duration, max_gap) returns one row per check.  NULL
 * means the defaults of monitor_judge().
 */
Datum
menuca_monitor_report(PG_FUNCTION_ARGS)
{
	Environment *environment = environment_require();
	char	   *duration = positive_interval(fcinfo, 0, "duration");
	char	   *max_gap = positive_interval(fcinfo, 1, "max_gap");
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};

	InitMaterializedSRF(fcinfo, 0);
	monitor_judge(environment, duration, max_gap, add_report_row, &rows);
	return (Datum) 0;
}

/* The argument as text; NULL when it is NULL. */
static char *
positive_interval(FunctionCallInfo fcinfo, int place, const char *name)
{
	QueryArgs	args = {0};
	char	   *text;

	if (PG_ARGISNULL(place))
		return NULL;
	text = DatumGetCString(DirectFunctionCall1(interval_out, PG_GETARG_DATUM(place)));
	query_arg(&args, INTERVALOID, PG_GETARG_DATUM(place), false);
	if (query_bool("SELECT $1 <= '0'", &args))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be positive, not %s", name, text),
				 errdetail("Without any time, no sample could be missing."),
				 errhint("Omit it to use the time of this environment.")));
	return text;
}

static void
add_report_row(const char *name, const char *title, const Finding *finding, void *arg)
{
	finding_rows_add(arg, name, title, finding);
}

const char *
monitor_duration(const Environment *environment)
{
	return environment->is_production ? "24 hours" : "4 hours";
}

void
monitor_judge(const Environment *environment, const char *duration, const char *max_gap,
			  MonitorFn fn, void *arg)
{
	QueryArgs	args = {0};
	MonitorReport report = {fn, arg, NULL};

	if (duration == NULL)
		duration = monitor_duration(environment);
	query_arg_int8(&args, environment->id);
	query_arg_text(&args, duration);
	if (max_gap == NULL)
	{
		QueryArgs	length = {0};

		query_arg_text(&length, duration);
		max_gap = query_bool("SELECT $1::interval <= '12 hours'", &length) ? GAP_OF_HOURS : GAP_OF_A_DAY;
	}
	query_arg_text(&args, max_gap);

	query_begin_snapshot();
	report.figures = linitial(query_list(psprintf("SELECT * FROM %smenuca_monitor_figures($1, $2::interval, $3::interval)",
												  migrate_schema()), &args, make_figures));
	query_end_snapshot();

	report_coverage(&report, duration, max_gap);
	if (report.figures->samples < 2)
		return;
	report_counts(&report);
	report_sessions(&report);
	report_counters(&report);
	report_time_and_size(&report);
}

static void *
make_figures(TupleTableSlot *slot)
{
	MonitorFigures *figures = palloc0(sizeof(MonitorFigures));
	int			mean = slot_attribute(slot, "mean_ms");

	figures->samples = slot_int8_of(slot, "samples");
	if (figures->samples == 0)
		return figures;
	figures->span = slot_text_or_null_of(slot, "span");
	figures->longest_gap = slot_text_or_null_of(slot, "longest_gap");
	figures->long_enough = slot_bool_of(slot, "long_enough");
	figures->gapless = slot_bool_of(slot, "gapless");
	figures->recent = slot_bool_of(slot, "recent");
	figures->groups_least = slot_int8_of(slot, "groups_least");
	figures->groups_most = slot_int8_of(slot, "groups_most");
	figures->items_least = slot_int8_of(slot, "items_least");
	figures->items_most = slot_int8_of(slot, "items_most");
	figures->active_most = slot_int8_of(slot, "active_most");
	figures->sessions_hidden = slot_bool_of(slot, "sessions_hidden");
	figures->idle_in_transaction_most = slot_int8_of(slot, "idle_in_transaction_most");
	figures->waiting_most = slot_int8_of(slot, "waiting_most");
	figures->counters_reset = slot_bool_of(slot, "counters_reset");
	figures->deadlocks = slot_int8_of(slot, "deadlocks");
	figures->commits = slot_int8_of(slot, "commits");
	figures->rollbacks = slot_int8_of(slot, "rollbacks");
	figures->blocks_hit = slot_int8_of(slot, "blocks_hit");
	figures->blocks_read = slot_int8_of(slot, "blocks_read");
	figures->size_first = slot_int8_of(slot, "size_first");
	figures->size_last = slot_int8_of(slot, "size_last");
	figures->has_mean = !slot->tts_isnull[mean];
	if (figures->has_mean)
		figures->mean_ms = slot_float8(slot, mean);
	return figures;
}

/* Reports a finding; a passed check needs no remedy. */
static void
report_check(const MonitorReport *report, const char *name, const char *title,
			 FindingStatus status, char *expected, char *actual, const char *remedy)
{
	Finding		finding = {
		.status = status,
		.expected = expected,
		.actual = actual,
		.remedy = status == CHECK_PASS ? NULL : unconstify(char *, remedy)
	};

	report->fn(name, title, &finding, report->arg);
}

/* Checks that the samples cover the duration without gaps. */
static void
report_coverage(const MonitorReport *report, const char *duration, const char *max_gap)
{
	const MonitorFigures *figures = report->figures;

	report_check(report, "monitored", "Monitored long enough", figures->long_enough ? CHECK_PASS : CHECK_FAIL,
				 psprintf("samples over %s since the last change", duration),
				 psprintf("%s over %s", format_things(figures->samples, "sample"), figures->span ? figures->span : "0"),
				 migrate_call("SELECT menuca_monitor_sample(); every 15 minutes, by \\watch or pg_cron, until the time is over."));
	if (figures->samples < 2)
		return;
	report_check(report, "gaps", "Without a gap", figures->gapless && figures->recent ? CHECK_PASS : CHECK_FAIL,
				 psprintf("a sample at least every %s, up to now", max_gap),
				 psprintf("the longest time without one: %s%s", figures->longest_gap ? figures->longest_gap : "none",
						  figures->recent ? "" : "; and none recently"),
				 migrate_call("Take samples again for the whole time; or accept a longer gap: SELECT * FROM menuca_monitor_report(max_gap => '...');"));
}

static void
report_counts(const MonitorReport *report)
{
	const MonitorFigures *figures = report->figures;
	bool		constant = figures->groups_least == figures->groups_most && figures->items_least == figures->items_most;

	report_check(report, "counts_constant", "Groups and items stay the same", constant ? CHECK_PASS : CHECK_WARN,
				 "the same number of groups and items in all samples",
				 psprintf("groups %s to %s, items %s to %s", format_count(figures->groups_least), format_count(figures->groups_most),
						  format_count(figures->items_least), format_count(figures->items_most)),
				 migrate_call("Restaurants may have changed their combos. If there are fewer items, find out why: SELECT * FROM menuca_validate();"));
}

static void
report_sessions(const MonitorReport *report)
{
	const MonitorFigures *figures = report->figures;

	if (figures->sessions_hidden)
		report_check(report, "sessions", "Active sessions", CHECK_SKIP, "the state of other sessions is visible", "it is hidden",
					 "GRANT pg_read_all_stats TO the role that takes the samples.");
	else
	{
		report_check(report, "sessions", "Active sessions",
					 figures->active_most < ACTIVE_HEALTHY ? CHECK_PASS : figures->active_most <= ACTIVE_ALERT ? CHECK_WARN : CHECK_FAIL,
					 psprintf("fewer than %d at once; more than %d is an alert", ACTIVE_HEALTHY, ACTIVE_ALERT),
					 psprintf("%s at most", format_count(figures->active_most)),
					 "SELECT * FROM pg_stat_activity WHERE state = 'active';");
		report_check(report, "idle_in_transaction", "Idle in transaction",
					 figures->idle_in_transaction_most < IDLE_IN_TRANSACTION_HEALTHY ? CHECK_PASS : CHECK_WARN,
					 psprintf("fewer than %d", IDLE_IN_TRANSACTION_HEALTHY),
					 psprintf("%s at most", format_count(figures->idle_in_transaction_most)),
					 "SELECT pid, xact_start, query FROM pg_stat_activity WHERE state LIKE 'idle in transaction%';");
	}
	report_check(report, "waiting_locks", "Waiting for locks", figures->waiting_most == 0 ? CHECK_PASS : CHECK_WARN,
				 "no session waits when a sample is taken", psprintf("%s at most", format_count(figures->waiting_most)),
				 "SELECT pid, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE wait_event_type = 'Lock';");
}

/* Judges the counters by their differences between first and last sample. */
static void
report_counters(const MonitorReport *report)
{
	const MonitorFigures *figures = report->figures;
	uint64		transactions = figures->commits + figures->rollbacks;
	uint64		blocks = figures->blocks_hit + figures->blocks_read;

	if (figures->counters_reset)
	{
		report_check(report, "counters", "Deadlocks, rollbacks, cache", CHECK_SKIP, "counters that only increase",
					 "the statistics were reset, or the server crashed, between the samples", "Take samples again for the whole time.");
		return;
	}
	report_check(report, "deadlocks", "Deadlocks", figures->deadlocks == 0 ? CHECK_PASS : CHECK_FAIL,
				 "none", psprintf("%s", format_count(figures->deadlocks)), "The server's log shows the statements of each.");
	report_check(report, "rollbacks", "Transactions rolled back",
				 format_percentage(figures->rollbacks, transactions) < ROLLBACKS_HEALTHY ? CHECK_PASS : CHECK_WARN,
				 psprintf("less than %g %%", ROLLBACKS_HEALTHY),
				 psprintf("%s (%s of %s)", format_pct(figures->rollbacks, transactions), format_count(figures->rollbacks), format_count(transactions)),
				 "The server's log has the errors.");
	if (blocks == 0)
		report_check(report, "cache_hit", "Found in the cache", CHECK_SKIP, psprintf("more than %g %%", CACHE_HIT_HEALTHY), "nothing was read", NULL);
	else
		report_check(report, "cache_hit", "Found in the cache",
					 format_percentage(figures->blocks_hit, blocks) > CACHE_HIT_HEALTHY ? CHECK_PASS : CHECK_WARN,
					 psprintf("more than %g %%", CACHE_HIT_HEALTHY), format_pct(figures->blocks_hit, blocks),
					 migrate_call("shared_buffers may be small, or a query reads too much: SELECT * FROM menuca_measure_queries();"));
}

static void
report_time_and_size(const MonitorReport *report)
{
	const MonitorFigures *figures = report->figures;
	double		growth = figures->size_first == 0 ? 0 : 100.0 * (figures->size_last - figures->size_first) / figures->size_first;

	if (!figures->has_mean)
		report_check(report, "statement_time", "Mean time of a statement", CHECK_SKIP, psprintf("less than %g ms", MEAN_MS_HEALTHY),
					 "not measured: pg_stat_statements is not installed, was reset between the samples, or nothing ran", "CREATE EXTENSION pg_stat_statements;");
	else
		report_check(report, "statement_time", "Mean time of a statement",
					 figures->mean_ms < MEAN_MS_HEALTHY ? CHECK_PASS : figures->mean_ms <= MEAN_MS_ALERT ? CHECK_WARN : CHECK_FAIL,
					 psprintf("less than %g ms; more than %g is an alert", MEAN_MS_HEALTHY, MEAN_MS_ALERT),
					 psprintf("%.2f ms", figures->mean_ms), "SELECT query, mean_exec_time FROM pg_stat_statements ORDER BY 2 DESC LIMIT 10;");
	report_check(report, "database_size", "Size of the database", fabs(growth) <= SIZE_STABLE ? CHECK_PASS : CHECK_WARN,
				 psprintf("within %g %%", SIZE_STABLE), psprintf("%+.2f %%, %s MB now", growth, format_count(figures->size_last / 1024 / 1024)),
				 "Find out which tables grow: SELECT relname, n_tup_ins, n_tup_upd FROM pg_stat_user_tables ORDER BY n_tup_ins + n_tup_upd DESC LIMIT 10;");
}
