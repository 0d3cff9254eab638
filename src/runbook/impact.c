/*-------------------------------------------------------------------------
 *
 * impact.c
 *	  What a change did to the sessions beside it: see impact.h.
 *
 * menuca_check_impact(ticket)
 *
 * How busy a database is differs by the hour, so a figure from after the change is
 * compared with those from before it, and with how far these are apart.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/timestamp.h"

#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/impact.h"
#include "runbook/monitor.h"
#include "runbook/ticket_environment.h"
#include "runbook/ticket_state.h"

PG_FUNCTION_INFO_V1(menuca_check_impact);

/* With fewer samples before the change, their spread says nothing. */
#define SAMPLES_NEEDED 5

/* A spike is further above the mean than this many standard deviations. */
#define DEVIATIONS 3.0

/* What is judged: the least rise that is a spike, and what one that lasts is. */
typedef struct ImpactMetric
{
	const char *name;
	const char *title;
	double		least_rise;
	const char *unit;
	bool		is_of_queries;	/* whose text hidden sessions do not show */
	FindingStatus lasting;
	const char *remedy;
} ImpactMetric;

static const ImpactMetric impact_metrics[] = {
	{"connections", "Connections", 5, "", false, CHECK_WARN,
	"SELECT usename, application_name, state, count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1, 2, 3 ORDER BY 4 DESC;"},
	{"combo_queries", "Combo queries that are running", 3, "", true, CHECK_WARN,
	"SELECT pid, query_start, query FROM pg_stat_activity WHERE query ~ 'combo_(groups|items)' AND state = 'active';"},
	{"combo_query_ms", "How long the oldest of them has been running", 100, " ms", true, CHECK_FAIL,
	"SELECT pid, now() - query_start, query FROM pg_stat_activity WHERE state = 'active' ORDER BY query_start;"},
	{"rollbacks", "Transactions rolled back", 1, " %", false, CHECK_FAIL,
	"The server's log has the errors."},
	{"waiting_locks", "Waiting for locks", 1, "", false, CHECK_FAIL,
	"SELECT pid, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE wait_event_type = 'Lock';"}
};

/* A row of menuca_impact_figures(). */
typedef struct ImpactFigures
{
	int64		ticket;
	int64		samples_before;
	int64		values_before;
	bool		hidden;
	const char *finished_at;
	char	   *right_after_at; /* NULL: no such sample */
	char	   *later_at;		/* likewise */
	bool		has_deviation;
	bool		has_right_after;
	bool		has_later;
	double		mean;
	double		deviation;
	double		right_after;
	double		later;
	double		newest;
	char	   *metadata;
} ImpactFigures;

/* Arguments of take_impact_sample(). */
typedef struct ImpactSample
{
	const TicketExecution *execution;
	const char *moment;
} ImpactSample;

static void take_impact_sample(void *arg);
static void require_changing_ticket(FunctionCallInfo fcinfo);
static void judge_samples(const ImpactFigures *figures, Finding *finding);
static void judge_impact(const ImpactMetric *metric, const ImpactFigures *figures, Finding *finding);
static void *make_impact_figures(TupleTableSlot *slot);
static bool store_figure(TupleTableSlot *slot, const char *name, double *figure);
static char *utc_or_null(TupleTableSlot *slot, const char *name);


/* Returns a row per figure, after one that says of which samples they are. */
Datum
menuca_check_impact(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	Finding		samples = {0};
	QueryArgs	args = {0};
	List	   *figures;
	size_t		i = 0;
	ListCell   *lc;

	require_changing_ticket(fcinfo);
	query_arg_int8(&args, ticket_environment_require(PG_ARGISNULL(0) ? 0 : PG_GETARG_INT32(0))->id);
	query_arg(&args, INT4OID, PG_GETARG_DATUM(0), PG_ARGISNULL(0));
	InitMaterializedSRF(fcinfo, 0);
	query_begin_snapshot();
	figures = query_list(psprintf("SELECT f.*, to_jsonb(f)::text AS metadata FROM %smenuca_impact_figures($1, $2) f",
								  migrate_schema()), &args, make_impact_figures);
	query_end_snapshot();

	judge_samples(figures ? linitial(figures) : NULL, &samples);
	finding_rows_add(&rows, "impact_samples", "Samples before and after the change", &samples);
	foreach(lc, figures)
	{
		Finding		finding = {0};

		if (i == lengthof(impact_metrics))
			break;
		judge_impact(&impact_metrics[i], lfirst(lc), &finding);
		finding_rows_add(&rows, psprintf("impact_%s", impact_metrics[i].name), impact_metrics[i].title, &finding);
		i++;
	}
	finding_rows_add_summary(&rows, NULL);
	return (Datum) 0;
}

static void
require_changing_ticket(FunctionCallInfo fcinfo)
{
	int			no = PG_ARGISNULL(0) ? 4 : PG_GETARG_INT32(0);

	if ((no >= 2 && no <= 4) || (no >= 7 && no <= 9))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("ticket %d changes nothing whose impact could be seen", no),
			 errdetail("Those that do are 2, 3 and 4 on staging, and 7, 8 and 9 on production."),
			 errhint("%s", migrate_call("Omit it for the newest change here: SELECT * FROM menuca_check_impact();"))));
}

/* NULL: nothing was changed by a ticket. */
static void
judge_samples(const ImpactFigures *figures, Finding *finding)
{
	char	   *sample = migrate_call("SELECT menuca_monitor_sample();");

	finding->expected = psprintf("at least %d samples in the 24 hours before the change, one right after it, and one 5 minutes after it",
								 SAMPLES_NEEDED);
	if (figures == NULL)
	{
		finding_skip(finding, "no such ticket was executed here", migrate_call("SELECT * FROM menuca_status();"));
		return;
	}
	finding->actual = psprintf("ticket %02d ended at %s: %s before, the first after it %s%s, the first 5 minutes after it %s%s",
							   (int) figures->ticket, figures->finished_at, format_things(figures->samples_before, "sample"),
							   figures->right_after_at ? "at " : "missing", figures->right_after_at ? figures->right_after_at : "",
							   figures->later_at ? "at " : "missing", figures->later_at ? figures->later_at : "");
	finding->detail = psprintf("A spike is a figure above the mean of the samples before, by more than %g times their standard deviation and more than the least rise that is named.",
							   DEVIATIONS);
	if (figures->samples_before >= SAMPLES_NEEDED && figures->right_after_at && figures->later_at)
		return;
	finding->status = CHECK_WARN;
	finding->remedy = figures->samples_before < SAMPLES_NEEDED ?
		psprintf("The hours before a change do not come back. Before the next one, every few minutes: %s", sample) :
		psprintf("%s now, or once 5 minutes have passed.", sample);
}

static void
judge_impact(const ImpactMetric *metric, const ImpactFigures *figures, Finding *finding)
{
	double		rise = Max(DEVIATIONS * figures->deviation, metric->least_rise);
	double		limit = figures->mean + rise;

	finding->metadata = figures->metadata;
	if (figures->values_before < SAMPLES_NEEDED || !figures->has_deviation)
	{
		finding->expected = psprintf("%d figures from before the change", SAMPLES_NEEDED);
		finding_skip(finding, psprintf("%s", format_things(figures->values_before, "figure")), NULL);
		return;
	}
	finding->expected = psprintf("at most %.2f%s: %.2f on average before (%s), and %.2f more", limit, metric->unit,
								 figures->mean, format_things(figures->values_before, "figure"), rise);
	if (metric->is_of_queries && figures->hidden)
	{
		finding_skip(finding, "the statements of some sessions were hidden", "GRANT pg_read_all_stats TO the role that takes the samples.");
		return;
	}
	finding->actual = psprintf("right after %s, 5 minutes after %s",
							   figures->has_right_after ? psprintf("%.2f%s", figures->right_after, metric->unit) : "not sampled",
							   figures->has_later ? psprintf("%.2f%s", figures->later, metric->unit) : "not sampled");
	if (figures->has_later && figures->later > limit)
	{
		bool		lasts = figures->newest > limit;

		finding->status = lasts ? metric->lasting : CHECK_WARN;
		finding->detail = psprintf("A spike, which %s: the newest sample has %.2f%s.", lasts ? "lasts" : "has passed since",
								   figures->newest, metric->unit);
	}
	else if (figures->has_right_after && figures->right_after > limit)
	{
		finding->status = CHECK_WARN;
		finding->detail = figures->has_later ? "A spike, which had passed 5 minutes later." : "A spike.";
	}
	else if (!figures->has_later || !figures->has_right_after)
	{
		finding->status = CHECK_SKIP;
		finding->remedy = migrate_call("SELECT menuca_monitor_sample();");
	}
	if (finding->status == CHECK_WARN || finding->status == CHECK_FAIL)
		finding->remedy = pstrdup(metric->remedy);
}

static void *
make_impact_figures(TupleTableSlot *slot)
{
	ImpactFigures *figures = palloc0(sizeof(ImpactFigures));

	figures->ticket = slot_int8_of(slot, "ticket_no");
	figures->samples_before = slot_int8_of(slot, "samples_before");
	figures->values_before = slot_int8_of(slot, "values_before");
	figures->hidden = slot_bool_of(slot, "sessions_hidden");
	figures->finished_at = utc_or_null(slot, "finished_at");
	if (figures->finished_at == NULL)
		figures->finished_at = "a time that is not recorded";
	figures->right_after_at = utc_or_null(slot, "right_after_at");
	figures->later_at = utc_or_null(slot, "later_at");
	(void) store_figure(slot, "mean", &figures->mean);
	figures->has_deviation = store_figure(slot, "deviation", &figures->deviation);
	figures->has_right_after = store_figure(slot, "right_after", &figures->right_after);
	figures->has_later = store_figure(slot, "later", &figures->later);
	(void) store_figure(slot, "newest", &figures->newest);
	figures->metadata = slot_text_of(slot, "metadata");
	return figures;
}

/* False when it is NULL. */
static bool
store_figure(TupleTableSlot *slot, const char *name, double *figure)
{
	int			column = slot_attribute(slot, name);

	if (slot->tts_isnull[column])
		return false;
	*figure = slot_float8(slot, column);
	return true;
}

static char *
utc_or_null(TupleTableSlot *slot, const char *name)
{
	bool		isnull;
	TimestampTz at = slot_time_of(slot, name, &isnull);

	return isnull ? NULL : format_utc(at);
}

void
impact_sample(const TicketExecution *execution, const char *moment)
{
	ImpactSample sample = {execution, moment};
	int			no = execution->no;
	ErrorData  *error;

	if (execution->dry_run || execution->environment->is_hosted || !(no == 4 || (no >= 7 && no <= 9)))
		return;
	error = attempt(take_impact_sample, &sample);
	if (error)
		ereport(NOTICE,
				(errmsg("no sample was taken %s ticket %s: %s", moment, ticket_number(no), error->message)));
}

static void
take_impact_sample(void *arg)
{
	const ImpactSample *sample = arg;

	(void) monitor_take_sample(sample->execution->environment, sample->execution->no, sample->moment);
}

void
impact_report(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	ticket_report_query(execution, psprintf("SELECT * FROM %smenuca_check_impact(%d) WHERE name <> 'summary'",
											migrate_schema(), execution->no - 1));
}
