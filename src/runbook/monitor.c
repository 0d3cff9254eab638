/*-------------------------------------------------------------------------
 *
 * monitor.c
 *	  Watching a database for hours: samples, and what they come to.
 *
 * menuca_monitor_sample()				records one sample
 * menuca_monitor_report(duration, ...)	judges the samples of the last hours
 *
 * The server's counters add up since somebody reset them, so what counts is
 * the difference between two samples.  Hours without a sample prove nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/slot.h"
#include "runbook/monitor.h"

PG_FUNCTION_INFO_V1(menuca_monitor_sample);
PG_FUNCTION_INFO_V1(menuca_monitor_report);

/* What is healthy (tickets VA-09, VA-10, VA-12). */
#define ACTIVE_HEALTHY 20
#define ACTIVE_ALERT 50
#define IDLE_IN_TRANSACTION_HEALTHY 5
#define MEAN_MS_HEALTHY 100.0
#define MEAN_MS_ALERT 200.0
#define CACHE_HIT_HEALTHY 95.0
#define ROLLBACKS_HEALTHY 1.0

/* Growth of the database in the watched time, in percent, that is no growth. */
#define SIZE_STABLE 10.0

/*
 * The longest time without a sample: hourly while watching for hours, four
 * hours while watching for a day, with some minutes to spare.
 */
#define GAP_OF_HOURS "65 minutes"
#define GAP_OF_A_DAY "4 hours 5 minutes"

/* The figures of the samples in question, each a text, a number or NULL. */
typedef struct Watch
{
	MemoryContext context;		/* of the texts */
	int64		samples;
	char	   *span;
	char	   *longest_gap;
	bool		long_enough;
	bool		gapless;
	bool		recent;
	int64		groups_least;
	int64		groups_most;
	int64		items_least;
	int64		items_most;
	int64		active_most;
	bool		sessions_unseen;
	int64		idle_in_transaction_most;
	int64		waiting_most;
	int64		deadlocks;
	bool		counters_reset;
	int64		commits;
	int64		rollbacks;
	int64		blocks_hit;
	int64		blocks_read;
	int64		size_first;
	int64		size_last;
	bool		has_mean;
	double		mean_ms;
} Watch;

/* A report at work: where its findings go. */
typedef struct Report
{
	MonitorFn	fn;
	void	   *arg;
	const Watch *watch;
} Report;

static void fetch_sample_id(TupleTableSlot *slot, void *arg);
static void fetch_watch(TupleTableSlot *slot, void *arg);
static void say(const Report *report, const char *name, const char *title, FindingStatus status,
				char *expected, char *actual, const char *remedy);
static void report_coverage(const Report *report, const char *duration, const char *max_gap);
static void report_counts(const Report *report);
static void report_sessions(const Report *report);
static void report_counters(const Report *report);
static void report_time_and_size(const Report *report);
static void emit_finding(const char *name, const char *title, const Finding *finding, void *arg);


/* Records how the database is doing; returns the sample's number. */
Datum
menuca_monitor_sample(pg_attribute_unused() PG_FUNCTION_ARGS)
{
	Environment *environment = environment_require();
	QueryArgs	args = {0};
	int64		sample = 0;
	bool		has_statements;

	query_require_writable("menuca_monitor_sample()");
	has_statements = query_bool("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')", NULL);
	query_arg_int8(&args, environment->id);
	query_write(psprintf("INSERT INTO %smenuca_sample (environment_id, groups, items, dishes,"
						 " active, idle_in_transaction, unseen, waiting_locks,"
						 " commits, rollbacks, blocks_hit, blocks_read, deadlocks, stats_reset, database_bytes, statement_ms, statement_calls)"
						 " SELECT $1,"
						 " (SELECT pg_catalog.count(*) FROM %s.combo_groups), (SELECT pg_catalog.count(*) FROM %s.combo_items),"
						 " (SELECT pg_catalog.count(*) FROM %s.dishes),"
						 " a.active, a.idle_in_transaction, a.unseen,"
						 " (SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks l WHERE NOT l.granted),"
						 " d.xact_commit, d.xact_rollback, d.blks_hit, d.blks_read, d.deadlocks, d.stats_reset,"
						 " pg_catalog.pg_database_size(d.datname), s.ms, s.calls"
						 " FROM pg_catalog.pg_stat_database d,"
						 " (SELECT pg_catalog.count(*) FILTER (WHERE state OPERATOR(pg_catalog.=) 'active') AS active,"
						 "   pg_catalog.count(*) FILTER (WHERE state OPERATOR(pg_catalog.=) 'idle in transaction'"
						 "    OR state OPERATOR(pg_catalog.=) 'idle in transaction (aborted)') AS idle_in_transaction,"
						 "   pg_catalog.count(*) FILTER (WHERE state IS NULL OR state OPERATOR(pg_catalog.=) 'disabled') AS unseen"
						 "  FROM pg_catalog.pg_stat_activity"
						 "  WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database()"
						 "   AND pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()"
						 "   AND usesysid IS NOT NULL"
						 "   AND COALESCE(backend_type, 'client backend') OPERATOR(pg_catalog.=) 'client backend') a,"
						 " (SELECT %s) s"
						 " WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()"
						 " RETURNING sample_id",
						 migrate_schema(), quote_identifier(menuca_target_schema),
						 quote_identifier(menuca_target_schema), quote_identifier(menuca_target_schema),
						 !has_statements ? "NULL::float8 AS ms, NULL::int8 AS calls" :
						 psprintf("pg_catalog.sum(t.total_exec_time) AS ms, pg_catalog.sum(t.calls)::pg_catalog.int8 AS calls"
								  " FROM %spg_stat_statements t"
								  " JOIN pg_catalog.pg_database b ON b.oid OPERATOR(pg_catalog.=) t.dbid"
								  " WHERE b.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()",
								  query_text("SELECT quote_ident(n.nspname) || '.' FROM pg_extension e"
											 " JOIN pg_namespace n ON n.oid = e.extnamespace"
											 " WHERE e.extname = 'pg_stat_statements'", NULL))),
				&args, fetch_sample_id, &sample);
	PG_RETURN_INT64(sample);
}

static void
fetch_sample_id(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}

/*
 * menuca_monitor_report(duration, max_gap): a row per check.  NULL means the
 * environment's time: 4 hours on staging, 24 on production.
 */
Datum
menuca_monitor_report(PG_FUNCTION_ARGS)
{
	Environment *environment = environment_require();
	char	   *duration = PG_ARGISNULL(0) ? NULL :
		DatumGetCString(DirectFunctionCall1(interval_out, PG_GETARG_DATUM(0)));
	char	   *max_gap = PG_ARGISNULL(1) ? NULL :
		DatumGetCString(DirectFunctionCall1(interval_out, PG_GETARG_DATUM(1)));
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};

	InitMaterializedSRF(fcinfo, 0);
	monitor_judge(environment, duration, max_gap, emit_finding, &rows);
	return (Datum) 0;
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
	Watch		watch = {.context = CurrentMemoryContext};
	QueryArgs	args = {0};
	Report		report = {fn, arg, &watch};

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

	/*
	 * The newest samples that together are long enough, and later than the
	 * last change: what was watched before it says nothing of it.
	 */
	query_begin_snapshot();
	query_each(psprintf("WITH own AS (SELECT * FROM %smenuca_sample WHERE environment_id = $1"
						"  AND taken_at >= coalesce((SELECT changed_at FROM %smenuca_last_change WHERE environment_id = $1), '-infinity')),"
						" latest AS (SELECT max(taken_at) AS at FROM own),"
						" start AS (SELECT coalesce(max(taken_at) FILTER (WHERE taken_at <= l.at - $2::interval), min(taken_at)) AS at"
						"  FROM own, latest l GROUP BY l.at),"
						" watched AS (SELECT o.*, o.taken_at - lag(o.taken_at) OVER w AS gap,"
						"  o.stats_reset IS DISTINCT FROM first_value(o.stats_reset) OVER w AS was_reset,"
						"  first_value(o.commits) OVER w AS c0, first_value(o.rollbacks) OVER w AS r0,"
						"  first_value(o.blocks_hit) OVER w AS h0, first_value(o.blocks_read) OVER w AS b0,"
						"  first_value(o.deadlocks) OVER w AS d0, first_value(o.database_bytes) OVER w AS s0,"
						"  first_value(o.statement_ms) OVER w AS m0, first_value(o.statement_calls) OVER w AS n0,"
						"  row_number() OVER (ORDER BY o.taken_at DESC) = 1 AS is_last"
						"  FROM own o, start WHERE o.taken_at >= start.at WINDOW w AS (ORDER BY o.taken_at))"
						" SELECT count(*), coalesce((max(taken_at) - min(taken_at))::text, '0'), coalesce(max(gap)::text, 'none'),"
						" coalesce(max(taken_at) - min(taken_at) >= $2::interval, false), coalesce(max(gap) <= $3::interval, false),"
						" coalesce(clock_timestamp() - max(taken_at) <= $3::interval, false),"
						" min(groups), max(groups), min(items), max(items), max(active), bool_or(unseen > 0),"
						" max(idle_in_transaction), max(waiting_locks),"
						" max(deadlocks - d0) FILTER (WHERE is_last), bool_or(was_reset OR commits < c0),"
						" max(commits - c0) FILTER (WHERE is_last), max(rollbacks - r0) FILTER (WHERE is_last),"
						" max(blocks_hit - h0) FILTER (WHERE is_last), max(blocks_read - b0) FILTER (WHERE is_last),"
						" max(s0), max(database_bytes) FILTER (WHERE is_last),"
						" max((statement_ms - m0) / (statement_calls - n0)) FILTER (WHERE is_last AND statement_calls > n0 AND statement_ms >= m0)"
						" FROM watched", migrate_schema(), migrate_schema()),
			   &args, fetch_watch, &watch);
	query_end_snapshot();

	report_coverage(&report, duration, max_gap);
	if (watch.samples < 2)
		return;
	report_counts(&report);
	report_sessions(&report);
	report_counters(&report);
	report_time_and_size(&report);
}

static void
fetch_watch(TupleTableSlot *slot, void *arg)
{
	Watch	   *watch = arg;
	int64		numbers[22] = {0};

	watch->samples = slot_int8(slot, 0);
	watch->span = MemoryContextStrdup(watch->context, TextDatumGetCString(slot->tts_values[1]));
	watch->longest_gap = MemoryContextStrdup(watch->context, TextDatumGetCString(slot->tts_values[2]));
	watch->long_enough = DatumGetBool(slot->tts_values[3]);
	watch->gapless = DatumGetBool(slot->tts_values[4]);
	watch->recent = DatumGetBool(slot->tts_values[5]);
	for (int i = 6; i < 22; i++)
		numbers[i] = slot->tts_isnull[i] || i == 11 || i == 15 ? 0 : slot_int8(slot, i);
	watch->groups_least = numbers[6];
	watch->groups_most = numbers[7];
	watch->items_least = numbers[8];
	watch->items_most = numbers[9];
	watch->active_most = numbers[10];
	watch->sessions_unseen = !slot->tts_isnull[11] && DatumGetBool(slot->tts_values[11]);
	watch->idle_in_transaction_most = numbers[12];
	watch->waiting_most = numbers[13];
	watch->deadlocks = numbers[14];
	watch->counters_reset = !slot->tts_isnull[15] && DatumGetBool(slot->tts_values[15]);
	watch->commits = numbers[16];
	watch->rollbacks = numbers[17];
	watch->blocks_hit = numbers[18];
	watch->blocks_read = numbers[19];
	watch->size_first = numbers[20];
	watch->size_last = numbers[21];
	watch->has_mean = !slot->tts_isnull[22];
	if (watch->has_mean)
		watch->mean_ms = DatumGetFloat8(slot->tts_values[22]);
}

static void
say(const Report *report, const char *name, const char *title, FindingStatus status,
	char *expected, char *actual, const char *remedy)
{
	Finding		finding = {
		.status = status,
		.expected = expected,
		.actual = actual,
		.remedy = status == CHECK_PASS ? NULL : unconstify(char *, remedy)
	};

	report->fn(name, title, &finding, report->arg);
}

/* Was it watched for long enough, and without looking away? */
static void
report_coverage(const Report *report, const char *duration, const char *max_gap)
{
	const Watch *watch = report->watch;

	say(report, "watched", "Watched long enough", watch->long_enough ? CHECK_PASS : CHECK_FAIL,
		psprintf("samples over %s since the last change", duration),
		psprintf("%s over %s", format_things(watch->samples, "sample"), watch->span),
		"SELECT menuca_monitor_sample(); every quarter of an hour, by \\watch or pg_cron, until the time is over.");
	if (watch->samples < 2)
		return;
	say(report, "gaps", "Without a gap", watch->gapless && watch->recent ? CHECK_PASS : CHECK_FAIL,
		psprintf("a sample at least every %s, to this day", max_gap),
		psprintf("the longest time without one: %s%s", watch->longest_gap,
				 watch->recent ? "" : "; and none of late"),
		"What was not watched is not known: watch anew, or give another max_gap and say why.");
}

static void
report_counts(const Report *report)
{
	const Watch *watch = report->watch;
	bool		constant = watch->groups_least == watch->groups_most && watch->items_least == watch->items_most;

	say(report, "counts_constant", "Groups and items stay", constant ? CHECK_PASS : CHECK_WARN,
		"the same number of groups and items in all samples",
		psprintf("groups %s to %s, items %s to %s", format_count(watch->groups_least), format_count(watch->groups_most),
				 format_count(watch->items_least), format_count(watch->items_most)),
		"Restaurants may have changed their combos; fewer items want an explanation: SELECT * FROM menuca_validate();");
}

static void
report_sessions(const Report *report)
{
	const Watch *watch = report->watch;

	if (watch->sessions_unseen)
		say(report, "sessions", "Sessions at work", CHECK_SKIP, "sessions are seen", "the state of others' sessions is hidden",
			"GRANT pg_read_all_stats to the role that takes the samples.");
	else
	{
		say(report, "sessions", "Sessions at work",
			watch->active_most < ACTIVE_HEALTHY ? CHECK_PASS : watch->active_most <= ACTIVE_ALERT ? CHECK_WARN : CHECK_FAIL,
			psprintf("fewer than %d at once; more than %d is an alert", ACTIVE_HEALTHY, ACTIVE_ALERT),
			psprintf("%s at most", format_count(watch->active_most)),
			"SELECT * FROM pg_stat_activity WHERE state = 'active';");
		say(report, "idle_in_transaction", "Idle in transaction",
			watch->idle_in_transaction_most < IDLE_IN_TRANSACTION_HEALTHY ? CHECK_PASS : CHECK_WARN,
			psprintf("fewer than %d", IDLE_IN_TRANSACTION_HEALTHY),
			psprintf("%s at most", format_count(watch->idle_in_transaction_most)),
			"SELECT pid, xact_start, query FROM pg_stat_activity WHERE state LIKE 'idle in transaction%';");
	}
	say(report, "waiting_locks", "Waiting for locks", watch->waiting_most == 0 ? CHECK_PASS : CHECK_WARN,
		"nobody waits when a sample is taken", psprintf("%s at most", format_count(watch->waiting_most)),
		"SELECT pid, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE wait_event_type = 'Lock';");
}

/* Counters only count as differences. */
static void
report_counters(const Report *report)
{
	const Watch *watch = report->watch;
	uint64		transactions = watch->commits + watch->rollbacks;
	uint64		blocks = watch->blocks_hit + watch->blocks_read;

	if (watch->counters_reset)
	{
		say(report, "counters", "Deadlocks, rollbacks, cache", CHECK_SKIP, "counters that only go up",
			"the statistics were reset, or the server crashed, between the samples", "Watch anew.");
		return;
	}
	say(report, "deadlocks", "Deadlocks", watch->deadlocks == 0 ? CHECK_PASS : CHECK_FAIL,
		"none", psprintf("%s", format_count(watch->deadlocks)), "The server's log names the statements of each.");
	say(report, "rollbacks", "Transactions rolled back",
		format_percentage(watch->rollbacks, transactions) < ROLLBACKS_HEALTHY ? CHECK_PASS : CHECK_WARN,
		psprintf("less than %g %%", ROLLBACKS_HEALTHY),
		psprintf("%s (%s of %s)", format_pct(watch->rollbacks, transactions), format_count(watch->rollbacks), format_count(transactions)),
		"The server's log has the errors.");
	if (blocks == 0)
		say(report, "cache_hit", "Found in the cache", CHECK_SKIP, psprintf("more than %g %%", CACHE_HIT_HEALTHY), "nothing was read", NULL);
	else
		say(report, "cache_hit", "Found in the cache",
			format_percentage(watch->blocks_hit, blocks) > CACHE_HIT_HEALTHY ? CHECK_PASS : CHECK_WARN,
			psprintf("more than %g %%", CACHE_HIT_HEALTHY), format_pct(watch->blocks_hit, blocks),
			"shared_buffers may be small, or a query reads too much: SELECT * FROM menuca_measure_queries();");
}

static void
report_time_and_size(const Report *report)
{
	const Watch *watch = report->watch;
	double		growth = watch->size_first == 0 ? 0 : 100.0 * (watch->size_last - watch->size_first) / watch->size_first;

	if (!watch->has_mean)
		say(report, "statement_time", "Mean time of a statement", CHECK_SKIP, psprintf("less than %g ms", MEAN_MS_HEALTHY),
			"not measured: pg_stat_statements is not installed, was reset between the samples, or nothing ran", "CREATE EXTENSION pg_stat_statements;");
	else
		say(report, "statement_time", "Mean time of a statement",
			watch->mean_ms < MEAN_MS_HEALTHY ? CHECK_PASS : watch->mean_ms <= MEAN_MS_ALERT ? CHECK_WARN : CHECK_FAIL,
			psprintf("less than %g ms; more than %g is an alert", MEAN_MS_HEALTHY, MEAN_MS_ALERT),
			psprintf("%.2f ms", watch->mean_ms), "SELECT query, mean_exec_time FROM pg_stat_statements ORDER BY 2 DESC LIMIT 10;");
	say(report, "database_size", "Size of the database", fabs(growth) <= SIZE_STABLE ? CHECK_PASS : CHECK_WARN,
		psprintf("within %g %%", SIZE_STABLE), psprintf("%+.2f %%, %s MB now", growth, format_count(watch->size_last / 1024 / 1024)),
		"Who writes so much? SELECT relname, n_tup_ins, n_tup_upd FROM pg_stat_user_tables ORDER BY n_tup_ins + n_tup_upd DESC LIMIT 10;");
}

static void
emit_finding(const char *name, const char *title, const Finding *finding, void *arg)
{
	finding_rows_add(arg, name, title, finding);
}
