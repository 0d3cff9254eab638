/*-------------------------------------------------------------------------
 *
 * check_load.c
 *	  What a load run shows.
 *
 * menuca_check_load(load_id)
 *
 * A run is judged by the tickets' limits, and compared with the newest one from before
 * the last change.  Nothing is written.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"

#include "base/extension.h"
#include "base/finding.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "customer/load_limits.h"
#include "ledger/environment.h"

PG_FUNCTION_INFO_V1(menuca_check_load);

/* A recorded run; percentiles are not known when no request has succeeded. */
typedef struct LoadRun
{
	int64		id;
	int64		requests;
	int64		connections;
	int64		errors;
	LoadFigure	p50;
	LoadFigure	p95;
	int64		blocks_hit;		/* -1: not known */
	int64		blocks_read;
	char	   *finished_at;
} LoadRun;

/* A run beside one from before the last change: a row of menuca_load_comparison. */
typedef struct LoadComparison
{
	int64		before_id;
	bool		of_menus;		/* the figures are those of menus alone */
	char	   *seeds;			/* both, where they differ; or NULL */
	LoadFigure	p50;
	LoadFigure	before_p50;
	LoadFigure	p95;
	LoadFigure	before_p95;
} LoadComparison;

/* What the checks examine. */
typedef struct LoadFacts
{
	const Environment *environment;
	LoadRun    *run;			/* to be judged; NULL: there is none */
	LoadRun    *older;			/* if there is none, the newest one */
	LoadComparison *comparison; /* NULL: there is no run to compare it with */
	bool		is_old;			/* the run is from before the last change */
	bool		was_changed;
	LoadRun    *other;			/* the newest one of before the change, with
								 * other connections */
} LoadFacts;

static void find_runs(LoadFacts *facts, int64 load_id);
static LoadComparison *find_comparison(const LoadRun *run);
static LoadRun *find_run(const LoadFacts *facts, const char *condition, int64 number);
static void *make_load_run(TupleTableSlot *slot);
static void *make_comparison(TupleTableSlot *slot);
static LoadFigure slot_figure(TupleTableSlot *slot, int column);
static char *run_command(const LoadFacts *facts);
static bool is_without_run(const LoadFacts *facts, Finding *finding);
static void check_load_run(void *subject, Finding *finding);
static void check_load_success(void *subject, Finding *finding);
static void check_load_p50(void *subject, Finding *finding);
static void check_load_p95(void *subject, Finding *finding);
static void judge_limit(const LoadFacts *facts, const LoadFigure *figure, double limit, Finding *finding);
static void check_load_cache(void *subject, Finding *finding);
static void check_p50_change(void *subject, Finding *finding);
static void check_p95_change(void *subject, Finding *finding);
static void judge_change(const LoadFacts *facts, const LoadFigure *now, const LoadFigure *before, Finding *finding);
static void add_detail(Finding *finding, const char *sentence);

static const FindingCheck load_checks[] = {
	{"load_run", "A load run since the last change", check_load_run},
	{"load_success", "Requests that succeeded under load", check_load_success},
	{"load_p50", "Half of the requests under load (P50)", check_load_p50},
	{"load_p95", "95 % of the requests under load (P95)", check_load_p95},
	{"load_cache_hit", "Found in the cache under load", check_load_cache},
	{"load_p50_change", "P50 compared with the run before the changes", check_p50_change},
	{"load_p95_change", "P95 compared with the run before the changes", check_p95_change},
};


/* menuca_check_load(load_id): a row per check and the summary. */
Datum
menuca_check_load(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	LoadFacts	facts = {.environment = environment_require()};

	InitMaterializedSRF(fcinfo, 0);
	find_runs(&facts, PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0));
	if (!PG_ARGISNULL(0) && facts.run == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no load run %lld", (long long) PG_GETARG_INT64(0)),
				 errdetail("None of that number was recorded in this environment, %s.", facts.environment->name),
				 errhint("%s", migrate_call("SELECT * FROM menuca_load_runs;"))));
	finding_rows_run(&rows, load_checks, lengthof(load_checks), &facts);
	finding_rows_add_summary(&rows, NULL);
	return (Datum) 0;
}

#define LAST_CHANGE "(SELECT c.changed_at FROM %smenuca_last_change c WHERE c.environment_id = $1)"

/* load_id 0: the newest run since the last change. */
static void
find_runs(LoadFacts *facts, int64 load_id)
{
	const char *schema = migrate_schema();

	facts->run = load_id != 0 ? find_run(facts, "l.load_id = $2", load_id) :
		find_run(facts, psprintf("l.started_at >= coalesce(" LAST_CHANGE ", '-infinity') AND $2 = 0", schema), 0);
	if (facts->run == NULL)
	{
		facts->older = find_run(facts, "$2 = 0", 0);
		return;
	}
	facts->was_changed = find_run(facts, psprintf(LAST_CHANGE " IS NOT NULL AND $2 = 0", schema), 0) != NULL;
	facts->is_old = find_run(facts, psprintf("l.load_id = $2 AND l.started_at < " LAST_CHANGE, schema), facts->run->id) != NULL;
	facts->comparison = find_comparison(facts->run);
	facts->other = find_run(facts, psprintf("l.finished_at <= " LAST_CHANGE " AND l.connections <> $2", schema),
							facts->run->connections);
}

/* The newest run of this environment that meets the condition, in which $2 is number; NULL without one. */
static LoadRun *
find_run(const LoadFacts *facts, const char *condition, int64 number)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_int8(&args, facts->environment->id);
	query_arg_int8(&args, number);
	found = query_list(psprintf("SELECT l.load_id, l.requests, l.connections, l.errors, l.blocks_hit, l.blocks_read,"
								" l.finished_at, l.p50_ms::float8, l.p50_low_ms::float8, l.p50_high_ms::float8,"
								" l.p95_ms::float8, l.p95_low_ms::float8, l.p95_high_ms::float8"
								" FROM %smenuca_load_run l WHERE l.environment_id = $1 AND %s"
								" ORDER BY l.load_id DESC LIMIT 1", migrate_schema(), condition), &args, make_load_run);
	return found ? linitial(found) : NULL;
}

static void *
make_load_run(TupleTableSlot *slot)
{
	LoadRun    *run = palloc0(sizeof(LoadRun));

	run->id = slot_int8(slot, 0);
	run->requests = slot_int4(slot, 1);
	run->connections = slot_int4(slot, 2);
	run->errors = slot_int4(slot, 3);
	run->blocks_hit = slot->tts_isnull[4] ? -1 : slot_int8(slot, 4);
	run->blocks_read = slot->tts_isnull[5] ? -1 : slot_int8(slot, 5);
	run->finished_at = format_utc(slot_time(slot, 6));
	run->p50 = slot_figure(slot, 7);
	run->p95 = slot_figure(slot, 10);
	return run;
}

static LoadComparison *
find_comparison(const LoadRun *run)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_int8(&args, run->id);
	found = query_list(psprintf("SELECT c.before_load_id, c.of_menus, "
								" CASE WHEN c.seed <> c.before_seed THEN format('seed %%s, before %%s', c.seed, c.before_seed) END AS seeds,"
								" c.p50_ms::float8, c.p50_low_ms::float8, c.p50_high_ms::float8,"
								" c.before_p50_ms::float8, c.before_p50_low_ms::float8, c.before_p50_high_ms::float8,"
								" c.p95_ms::float8, c.p95_low_ms::float8, c.p95_high_ms::float8,"
								" c.before_p95_ms::float8, c.before_p95_low_ms::float8, c.before_p95_high_ms::float8"
								" FROM %smenuca_load_comparison c WHERE c.load_id = $1", migrate_schema()), &args, make_comparison);
	return found ? linitial(found) : NULL;
}

static void *
make_comparison(TupleTableSlot *slot)
{
	LoadComparison *comparison = palloc0(sizeof(LoadComparison));

	comparison->before_id = slot_int8(slot, 0);
	comparison->of_menus = slot_bool(slot, 1);
	comparison->seeds = slot_text_or_null(slot, 2);
	comparison->p50 = slot_figure(slot, 3);
	comparison->before_p50 = slot_figure(slot, 6);
	comparison->p95 = slot_figure(slot, 9);
	comparison->before_p95 = slot_figure(slot, 12);
	return comparison;
}

/* Three columns: the figure, and between which values it may be. */
static LoadFigure
slot_figure(TupleTableSlot *slot, int column)
{
	LoadFigure	figure = {0};

	figure.known = !slot->tts_isnull[column] && !slot->tts_isnull[column + 1] && !slot->tts_isnull[column + 2];
	if (figure.known)
	{
		figure.value = slot_float8(slot, column);
		figure.low = slot_float8(slot, column + 1);
		figure.high = slot_float8(slot, column + 2);
		figure.known = isfinite(figure.value) && isfinite(figure.low) && isfinite(figure.high);
	}
	return figure;
}

/* For the shell. */
static char *
run_command(const LoadFacts *facts)
{
	return psprintf("menuca-load -d %s", format_shell_word(facts->environment->database));
}

static bool
is_without_run(const LoadFacts *facts, Finding *finding)
{
	if (facts->run)
		return false;
	finding_skip(finding, "there is no load run since the last change: see load_run", NULL);
	return true;
}

static void
check_load_run(void *subject, Finding *finding)
{
	const LoadFacts *facts = subject;

	finding->expected = "a run since the last change";
	if (facts->run && !facts->is_old)
	{
		finding->actual = psprintf("run %lld of %s: %s by %s", (long long) facts->run->id, facts->run->finished_at,
								   format_things(facts->run->requests, "request"), format_things(facts->run->connections, "connection"));
		finding->metadata = psprintf("{\"load_id\": " INT64_FORMAT ", \"requests\": " INT64_FORMAT ", \"connections\": " INT64_FORMAT "}",
									 facts->run->id, facts->run->requests, facts->run->connections);
		return;
	}
	finding->status = CHECK_WARN;
	if (facts->run)
		finding->actual = psprintf("run %lld of %s is from before the last change", (long long) facts->run->id, facts->run->finished_at);
	else
		finding->actual = facts->older ? psprintf("none; the newest is run %lld of %s", (long long) facts->older->id, facts->older->finished_at) :
			"none";
	finding->remedy = psprintf("Run it in a shell, where the program is installed: %s", run_command(facts));
	finding->next_step = "";
}

static void
check_load_success(void *subject, Finding *finding)
{
	const LoadFacts *facts = subject;
	const LoadRun *run = facts->run;

	finding->expected = "all requests, 0 errors";
	if (is_without_run(facts, finding))
		return;
	finding->actual = psprintf("%s of %s (%s), errors: %s", format_count(run->requests - run->errors),
							   format_count(run->requests), format_pct(run->requests - run->errors, run->requests), format_count(run->errors));
	finding->metadata = psprintf("{\"requests\": " INT64_FORMAT ", \"errors\": " INT64_FORMAT "}", run->requests, run->errors);
	if (run->errors == 0)
		return;
	finding->status = CHECK_FAIL;
	finding->remedy = migrate_call("The program has shown the errors, and the server's log has them. See what customers get: SELECT * FROM menuca_check_customer_view();");
}

static void
check_load_p50(void *subject, Finding *finding)
{
	const LoadFacts *facts = subject;

	judge_limit(facts, facts->run ? &facts->run->p50 : NULL, LOAD_P50_MS, finding);
}

static void
check_load_p95(void *subject, Finding *finding)
{
	const LoadFacts *facts = subject;

	judge_limit(facts, facts->run ? &facts->run->p95 : NULL, LOAD_P95_MS, finding);
}

static void
judge_limit(const LoadFacts *facts, const LoadFigure *figure, double limit, Finding *finding)
{
	finding->expected = psprintf("less than %g ms", limit);
	if (is_without_run(facts, finding))
		return;
	if (!figure->known)
	{
		finding->status = CHECK_FAIL;
		finding->actual = "no time of a request is known";
		finding->remedy = "Repeat the run, once its errors are repaired.";
		finding->next_step = "";
		return;
	}
	finding->actual = load_figure_text(figure);
	finding->metadata = psprintf("{\"ms\": %.3f, \"low_ms\": %.3f, \"high_ms\": %.3f}", figure->value, figure->low, figure->high);
	if (figure->value < limit)
		return;
	finding->status = CHECK_FAIL;
	finding->remedy = migrate_call("Find the query that takes long: SELECT * FROM menuca_check_indexes(); what row level security costs: SELECT * FROM menuca_access_overhead();");
}

static void
check_load_cache(void *subject, Finding *finding)
{
	const LoadFacts *facts = subject;
	const LoadRun *run = facts->run;
	int64		blocks;

	finding->expected = psprintf("more than %g %%", LOAD_CACHE_HIT_PCT);
	if (is_without_run(facts, finding))
		return;
	blocks = run->blocks_hit >= 0 && run->blocks_read >= 0 ? run->blocks_hit + run->blocks_read : 0;
	if (blocks == 0)
	{
		finding_skip(finding, "the run has recorded no pages that were read", NULL);
		return;
	}
	finding->actual = psprintf("%s, of %s", format_pct(run->blocks_hit, blocks), format_things(blocks, "page"));
	finding->detail = "Of the whole database while the run lasted: other sessions' pages count, too.";
	finding->metadata = psprintf("{\"blocks_hit\": " INT64_FORMAT ", \"blocks_read\": " INT64_FORMAT "}", run->blocks_hit, run->blocks_read);
	if (format_percentage(run->blocks_hit, blocks) > LOAD_CACHE_HIT_PCT)
		return;
	finding->status = CHECK_WARN;
	finding->remedy = migrate_call("Repeat the run, now that the pages were read once; if they do not stay, shared_buffers may be small, or a query reads too much: SELECT * FROM menuca_measure_queries();");
}

static void
check_p50_change(void *subject, Finding *finding)
{
	const LoadFacts *facts = subject;
	const LoadComparison *comparison = facts->comparison;

	judge_change(facts, comparison ? &comparison->p50 : NULL, comparison ? &comparison->before_p50 : NULL, finding);
}

static void
check_p95_change(void *subject, Finding *finding)
{
	const LoadFacts *facts = subject;
	const LoadComparison *comparison = facts->comparison;

	judge_change(facts, comparison ? &comparison->p95 : NULL, comparison ? &comparison->before_p95 : NULL, finding);
}

static void
judge_change(const LoadFacts *facts, const LoadFigure *now, const LoadFigure *before, Finding *finding)
{
	LoadChange	change;

	finding->expected = psprintf("at most %g %% more than before the changes, or less than the spread of both runs", LOAD_SLOWER_PCT);
	if (is_without_run(facts, finding))
		return;
	if (facts->is_old || !facts->was_changed)
	{
		finding_skip(finding, facts->is_old ? "the run is from before the last change itself" : "nothing was changed yet", NULL);
		return;
	}
	if (facts->comparison == NULL)
	{
		finding_skip(finding, facts->other ?
					 psprintf("run %lld from before the changes had %s, not %s", (long long) facts->other->id,
							  format_things(facts->other->connections, "connection"), format_count(facts->run->connections)) :
					 "no run from before the changes was recorded", NULL);
		return;
	}
	if (!now->known || !before->known)
	{
		finding_skip(finding, facts->comparison->of_menus ?
					 "items were inserted or removed between the two runs, and the times of menus alone are not known of both" :
					 "no time of a request is known", NULL);
		return;
	}
	change = load_change_judge(now, before);
	finding->actual = psprintf("%s, before %s: %+.1f %%%s", load_figure_text(now), load_figure_text(before), change.pct,
							   facts->comparison->of_menus ? ", of menus" : "");
	finding->metadata = psprintf("{\"ms\": %.3f, \"before_ms\": %.3f, \"before_load_id\": " INT64_FORMAT ", \"of_menus\": %s}",
								 now->value, before->value, facts->comparison->before_id, facts->comparison->of_menus ? "true" : "false");
	if (facts->comparison->of_menus)
		add_detail(finding, "Items were inserted or removed between the two runs, so combos show other dishes: the requests of menus are compared.");
	if (facts->comparison->seeds)
		add_detail(finding, psprintf("The runs drew other restaurants: %s.", facts->comparison->seeds));
	finding->status = change.status;
	if (change.status == CHECK_WARN)
	{
		add_detail(finding, "The difference may be chance: the runs' spreads overlap.");
		finding->remedy = psprintf("Repeat it with more requests: %s --requests 2000 --connections %lld",
								   run_command(facts), (long long) facts->run->connections);
		finding->next_step = "";
	}
	else if (change.status == CHECK_FAIL)
		finding->remedy = migrate_call("Find what became slower: SELECT * FROM menuca_check_indexes(); what row level security costs: SELECT * FROM menuca_access_overhead();");
}

static void
add_detail(Finding *finding, const char *sentence)
{
	finding->detail = finding->detail ? psprintf("%s %s", finding->detail, sentence) : pstrdup(sentence);
}
