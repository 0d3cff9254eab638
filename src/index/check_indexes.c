/*-------------------------------------------------------------------------
 *
 * check_indexes.c
 *	  The checks of the index tickets.
 *
 * menuca_check_indexes(restaurant_id, runs)
 *
 * Indexes count by definition and validity, never by their number or names;
 * a query is judged warm, by its median, and its plan by its nodes.  Nothing
 * is written.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "index/created_index.h"
#include "index/index_plan.h"
#include "index/measure_queries.h"

PG_FUNCTION_INFO_V1(menuca_check_indexes);

/* How many names a text has. */
#define NAMED 10

/* What is slower than before by more than so much is told. */
#define SLOWER_PCT 20.0
#define SLOWER_MS 1.0

/* What the tickets want a query to gain, unless it was fast before. */
#define FASTER_PCT 50.0

/* A query that returns more rows than before by so much, or fewer, is another. */
#define OTHER_ROWS_PCT 10.0

typedef struct IndexFacts
{
	const char *schema;
	int64		restaurant;
	int			runs;
	List	   *plan;
	MeasuredQuery queries[MEASURED_QUERIES];
} IndexFacts;

typedef struct IndexCheck
{
	const char *name;
	const char *title;
	void		(*run) (IndexFacts *facts, Finding *finding);
} IndexCheck;

/* What is done in a subtransaction. */
typedef struct IndexAttempt
{
	IndexFacts *facts;
	const IndexCheck *check;
	Finding    *finding;
} IndexAttempt;

static void gather(void *arg);
static void run_check(void *arg);
static void check_critical(IndexFacts *facts, Finding *finding);
static void check_wanted(IndexFacts *facts, Finding *finding);
static void judge_wanted(IndexFacts *facts, Finding *finding, bool critical, FindingStatus otherwise);
static void check_invalid(IndexFacts *facts, Finding *finding);
static void check_empty(IndexFacts *facts, Finding *finding);
static void check_menu(IndexFacts *facts, Finding *finding);
static void check_combos(IndexFacts *facts, Finding *finding);
static void judge_query(const MeasuredQuery *query, Finding *finding);
static void check_use(IndexFacts *facts, Finding *finding);
static void append_indexes(StringInfo buf, const List *nodes);
static void check_menu_gain(IndexFacts *facts, Finding *finding);
static void check_combos_gain(IndexFacts *facts, Finding *finding);
static void judge_gain(IndexFacts *facts, const MeasuredQuery *query, Finding *finding);
static void check_created(IndexFacts *facts, Finding *finding);
static void add_name(StringInfo buf, int *count, const char *name);

static const IndexCheck index_checks[] = {
	{"critical_indexes", "Critical indexes: there by definition, and valid", check_critical},
	{"wanted_indexes", "Other wanted indexes: there by definition, and valid", check_wanted},
	{"invalid_indexes", "Indexes that no query can use", check_invalid},
	{"empty_indexes", "Indexes without any storage", check_empty},
	{"menu_query", "The menu of a restaurant, warm", check_menu},
	{"combo_query", "The combos of a restaurant, warm", check_combos},
	{"index_use", "Large tables are read by an index", check_use},
	{"menu_query_gain", "The menu against the measurement before", check_menu_gain},
	{"combo_query_gain", "The combos against the measurement before", check_combos_gain},
	{"created_indexes", "What was created here is there", check_created},
};


/* menuca_check_indexes(restaurant_id, runs): a row per check and the verdict. */
Datum
menuca_check_indexes(PG_FUNCTION_ARGS)
{
	FindingRows	rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	IndexFacts	facts = {.schema = menuca_target_schema};
	IndexAttempt gathering = {.facts = &facts};
	ErrorData  *no_facts;

	facts.restaurant = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0);
	facts.runs = measure_runs_argument(fcinfo, 1);
	InitMaterializedSRF(fcinfo, 0);

	no_facts = attempt(gather, &gathering);
	for (int i = 0; i < (int) lengthof(index_checks); i++)
	{
		const IndexCheck *check = &index_checks[i];
		Finding		finding = {0};
		IndexAttempt checking = {.facts = &facts,.check = check,.finding = &finding};
		ErrorData  *error = no_facts ? no_facts : attempt(run_check, &checking);

		if (error)
			finding_of_error(&finding, error);
		finding_rows_add(&rows, check->name, check->title, &finding);
	}
	finding_rows_add_summary(&rows);
	return (Datum) 0;
}

static void
gather(void *arg)
{
	IndexFacts *facts = ((IndexAttempt *) arg)->facts;

	facts->plan = index_plan_make(facts->schema);
	measure_queries(facts->schema, facts->restaurant, facts->runs, facts->queries);
}

static void
run_check(void *arg)
{
	const IndexAttempt *what = arg;

	what->check->run(what->facts, what->finding);
}

/* 1 */
static void
check_critical(IndexFacts *facts, Finding *finding)
{
	judge_wanted(facts, finding, true, CHECK_FAIL);
}

/* 2 */
static void
check_wanted(IndexFacts *facts, Finding *finding)
{
	judge_wanted(facts, finding, false, CHECK_WARN);
}

/* A conflict does not hurt where another index does what is wanted. */
static void
judge_wanted(IndexFacts *facts, Finding *finding, bool critical, FindingStatus otherwise)
{
	int			counts[INDEX_ACTION_COUNT] = {0};
	int			wanted = 0;
	int			had = 0;
	int			absent = 0;
	StringInfoData names;
	StringInfoData metadata;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, facts->plan)
	{
		const PlannedIndex *planned = lfirst(lc);

		if (planned->wanted->critical != critical)
			continue;
		wanted++;
		counts[planned->action]++;
		if (planned->action == INDEX_EXISTS || planned->covered_by != NULL)
			had++;
		else
			add_name(&names, &absent, psprintf("%s (%s)", planned->wanted->text.name,
											   index_action_name(planned->action)));
	}
	if (wanted == 0)
	{
		finding_skip(finding, "menuca_wanted_index names none", NULL);
		return;
	}

	finding->status = had == wanted ? CHECK_PASS : otherwise;
	finding->expected = psprintf("all %d, or another index that does the same", wanted);
	finding->actual = psprintf("%d of %d", had, wanted);
	if (absent > 0)
	{
		finding->detail = psprintf("Not there: %s.", names.data);
		finding->remedy = "SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') \\gexec; for the others see SELECT * FROM menuca_index_plan();";
	}
	initStringInfo(&metadata);
	json_begin(&metadata);
	for (int i = 0; i < INDEX_ACTION_COUNT; i++)
		json_count(&metadata, index_action_name(i), counts[i]);
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* Names that one of the catalog checks found. */
typedef struct FoundNames
{
	StringInfoData names;
	int			count;
	int			being_built;
} FoundNames;

static void
add_found(TupleTableSlot *slot, void *arg)
{
	FoundNames *found = arg;

	if (DatumGetBool(slot->tts_values[1]))
		found->being_built++;
	else
		add_name(&found->names, &found->count, slot_text(slot, 0));
}

/* 3: of the whole schema, wanted or not: each write pays for them. */
static void
check_invalid(IndexFacts *facts, Finding *finding)
{
	FoundNames	found = {.count = 0};
	QueryArgs	args = {0};

	initStringInfo(&found.names);
	query_arg_text(&args, facts->schema);
	query_each("SELECT format('%I.%I', n.nspname, c.relname),"
			   " EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid)"
			   " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
			   " JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace"
			   " WHERE n.nspname = $1 AND NOT (i.indisvalid AND i.indisready AND i.indislive)"
			   " ORDER BY 1", &args, add_found, &found);

	finding->status = found.count > 0 ? CHECK_FAIL : found.being_built > 0 ? CHECK_WARN : CHECK_PASS;
	finding->expected = "none";
	finding->actual = found.count == 0 && found.being_built == 0 ? "none" :
		psprintf("%d invalid, %d being built", found.count, found.being_built);
	if (found.count > 0)
	{
		finding->detail = psprintf("Left over by builds that failed: %s.", found.names.data);
		finding->remedy = "A wanted one: its statement in menuca_index_plan(). Any other, such as one named ..._ccnew: DROP INDEX CONCURRENTLY.";
	}
	finding->metadata = psprintf("{\"invalid\": %d, \"being_built\": %d}", found.count, found.being_built);
}

/* 4: even an index without entries has a page, and those of partitioned tables have none. */
static void
check_empty(IndexFacts *facts, Finding *finding)
{
	FoundNames	found = {.count = 0};
	QueryArgs	args = {0};

	initStringInfo(&found.names);
	query_arg_text(&args, facts->schema);
	query_each("SELECT format('%I.%I', n.nspname, c.relname), false"
			   " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'"
			   " JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace"
			   " WHERE n.nspname = $1 AND pg_relation_size(c.oid) = 0"
			   " ORDER BY 1", &args, add_found, &found);

	finding->status = found.count > 0 ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "none";
	finding->actual = found.count > 0 ? psprintf("%d", found.count) : "none";
	if (found.count > 0)
	{
		finding->detail = psprintf("Their files hold nothing, not even a first page: %s.", found.names.data);
		finding->remedy = "REINDEX INDEX CONCURRENTLY ...; and look at the server's log and its disk.";
	}
	finding->metadata = psprintf("{\"empty\": %d}", found.count);
}

/* 5 */
static void
check_menu(IndexFacts *facts, Finding *finding)
{
	judge_query(&facts->queries[0], finding);
}

/* 6 */
static void
check_combos(IndexFacts *facts, Finding *finding)
{
	judge_query(&facts->queries[1], finding);
}

static void
judge_query(const MeasuredQuery *query, Finding *finding)
{
	const QueryTiming *timing = &query->timing;
	StringInfoData metadata;

	finding->expected = psprintf("less than %g ms, planned in less than %g ms", menuca_max_query_time, menuca_max_planning_time);
	finding->detail = query->detail;
	if (!query->measured)
	{
		finding->status = query->status;
		finding->actual = "not measured";
		finding->remedy = query->status == CHECK_ERROR ? "Mend the cause and check again." : NULL;
		return;
	}

	/* A missing index is another check's business. */
	finding->status = timing->median >= menuca_max_query_time ? CHECK_FAIL :
		timing->planning >= menuca_max_planning_time ? CHECK_WARN : CHECK_PASS;
	finding->actual = psprintf("%s ms for %s, planned in %s ms", measure_format_ms(timing->median),
							   format_things(timing->rows, "row"), measure_format_ms(timing->planning));
	if (finding->status != CHECK_PASS)
		finding->remedy = "See which nodes it has: SELECT query, jsonb_pretty(nodes), statement FROM menuca_measure_queries(); build what is wanted, ANALYZE its tables, measure again while nobody else does.";

	initStringInfo(&metadata);
	json_begin(&metadata);
	json_count(&metadata, "restaurant_id", query->restaurant);
	json_count(&metadata, "runs", timing->runs);
	json_raw(&metadata, "median_ms", measure_format_ms(timing->median));
	json_raw(&metadata, "min_ms", measure_format_ms(timing->min));
	json_raw(&metadata, "max_ms", measure_format_ms(timing->max));
	json_raw(&metadata, "planning_ms", measure_format_ms(timing->planning));
	json_raw(&metadata, "nodes", plan_nodes_json(timing->nodes));
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* 7: a small table is rightly read as a whole. */
static void
check_use(IndexFacts *facts, Finding *finding)
{
	StringInfoData actual;
	StringInfoData detail;
	bool		any = false;
	bool		missing = false;

	initStringInfo(&actual);
	initStringInfo(&detail);
	for (int i = 0; i < MEASURED_QUERIES; i++)
	{
		const MeasuredQuery *query = &facts->queries[i];

		if (!query->measured)
			continue;
		appendStringInfo(&actual, "%s%s: %s", any ? "; " : "", query->name, index_use_name(query->use));
		append_indexes(&actual, query->timing.nodes);
		if (query->detail)
			appendStringInfo(&detail, "%s%s: %s.", detail.len > 0 ? " " : "", query->name, query->detail);
		any = true;
		missing |= query->use == USE_MISSING;
	}
	if (!any)
	{
		finding_skip(finding, "no query could be measured", NULL);
		return;
	}
	finding->status = missing ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "no large table is read as a whole for want of an index";
	finding->actual = actual.data;
	finding->detail = detail.len > 0 ? detail.data : NULL;
	if (missing)
		finding->remedy = "SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') \\gexec";
}

/* The indexes by which a query reads. */
static void
append_indexes(StringInfo buf, const List *nodes)
{
	List	   *seen = NIL;
	const ListCell *lc;

	foreach(lc, nodes)
	{
		const PlanNode *node = lfirst(lc);

		if (!OidIsValid(node->index) || list_member_oid(seen, node->index))
			continue;
		appendStringInfo(buf, "%s%s", seen == NIL ? ", by " : " and ", get_rel_name(node->index));
		seen = lappend_oid(seen, node->index);
	}
}

/* 8 */
static void
check_menu_gain(IndexFacts *facts, Finding *finding)
{
	judge_gain(facts, &facts->queries[0], finding);
}

/* 9 */
static void
check_combos_gain(IndexFacts *facts, Finding *finding)
{
	judge_gain(facts, &facts->queries[1], finding);
}

/* What was measured before of a query. */
typedef struct EarlierMeasurement
{
	bool		found;
	double		median;
	int64		rows;
	char		at[64];
} EarlierMeasurement;

static void
fetch_earlier(TupleTableSlot *slot, void *arg)
{
	EarlierMeasurement *earlier = arg;

	earlier->found = true;
	earlier->median = DatumGetFloat8(slot->tts_values[0]);
	earlier->rows = slot_int8(slot, 1);
	strlcpy(earlier->at, slot_text(slot, 2), sizeof(earlier->at));
}

/* Only the same restaurant's rows can be compared, and only when they are as many. */
static void
judge_gain(IndexFacts *facts, const MeasuredQuery *query, Finding *finding)
{
	EarlierMeasurement earlier = {0};
	QueryArgs	args = {0};
	double		median = query->timing.median;
	double		gain;

	if (!query->measured)
	{
		finding_skip(finding, "the query could not be measured", NULL);
		return;
	}
	query_arg_text(&args, facts->schema);
	query_arg_text(&args, query->name);
	query_arg_int8(&args, query->restaurant);
	query_each(psprintf("SELECT median_ms::float8, row_count, measured_at::text FROM %smenuca_query_measurement"
						" WHERE label = 'before' AND target_schema = $1 AND query = $2 AND restaurant_id = $3"
						" ORDER BY measurement_no DESC LIMIT 1", migrate_schema()),
			   &args, fetch_earlier, &earlier);
	if (!earlier.found)
	{
		finding_skip(finding, psprintf("nothing was recorded before for restaurant " INT64_FORMAT, query->restaurant),
					 "Before the indexes are built: SELECT * FROM menuca_record_queries('before');");
		return;
	}

	if (fabs((double) (query->timing.rows - earlier.rows)) * 100 > OTHER_ROWS_PCT * Max(earlier.rows, 1))
	{
		finding_skip(finding, psprintf("%s ms for %s, before %s ms for %s: times of different work cannot be compared",
									   measure_format_ms(median), format_things(query->timing.rows, "row"),
									   measure_format_ms(earlier.median), format_things(earlier.rows, "row")),
					 "To compare with the data as it is now from here on: SELECT * FROM menuca_record_queries('before');");
		return;
	}

	gain = earlier.median > 0 ? 100.0 * (earlier.median - median) / earlier.median : 0;
	finding->status = gain >= FASTER_PCT || earlier.median < menuca_max_query_time ? CHECK_PASS : CHECK_WARN;
	if (gain < -SLOWER_PCT && median - earlier.median > SLOWER_MS)
		finding->status = CHECK_WARN;
	finding->expected = psprintf("faster by %g %% if it took %g ms or more, and not slower by more than %g %%",
								 FASTER_PCT, menuca_max_query_time, SLOWER_PCT);
	finding->actual = psprintf("%s ms, before %s ms (%.0f %% %s)", measure_format_ms(median), measure_format_ms(earlier.median),
							   gain < 0 ? -gain : gain, gain < 0 ? "slower" : "faster");
	finding->detail = psprintf("Before: %s, %s for restaurant " INT64_FORMAT "; now %s. Differences of up to %g ms are noise.",
							   earlier.at, format_things(earlier.rows, "row"), query->restaurant,
							   format_things(query->timing.rows, "row"), SLOWER_MS);
	if (finding->status != CHECK_PASS)
		finding->remedy = "Look at both plans: SELECT label, median_ms, index_use, nodes FROM menuca_query_measurement ORDER BY measurement_no; and measure again when the server is quiet.";
	finding->metadata = psprintf("{\"before_ms\": %s, \"now_ms\": %s, \"gain_pct\": %.1f}",
								 measure_format_ms(earlier.median), measure_format_ms(median), gain);
}

/* 10 */
static void
check_created(IndexFacts *facts, Finding *finding)
{
	List	   *entries = created_index_entries(facts->schema);
	StringInfoData names;
	int			absent = 0;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, entries)
	{
		const CreatedIndex *entry = lfirst(lc);

		if (entry->there->action != INDEX_EXISTS || entry->there->more || entry->announced)
			add_name(&names, &absent, psprintf("%s (%s)", entry->wanted.text.name,
											   entry->announced ? "announced, not noted" :
											   !OidIsValid(entry->there->index) ? "gone" :
											   index_action_name(entry->there->action)));
	}
	if (entries == NIL)
	{
		finding_skip(finding, "no index was created here", NULL);
		return;
	}
	finding->status = absent > 0 ? CHECK_WARN : CHECK_PASS;
	finding->expected = "every index of the ledger is there as it was created";
	finding->actual = psprintf("%d of %d", list_length(entries) - absent, list_length(entries));
	if (absent > 0)
	{
		finding->detail = psprintf("Not so: %s.", names.data);
		finding->remedy = "SELECT * FROM menuca_note_indexes(); brings the ledger up to date.";
	}
	finding->metadata = psprintf("{\"created\": %d, \"not_so\": %d}", list_length(entries), absent);
}

/* Counts it, and names the first ones. */
static void
add_name(StringInfo buf, int *count, const char *name)
{
	if (*count < NAMED)
		appendStringInfo(buf, "%s%s", *count > 0 ? ", " : "", name);
	else if (*count == NAMED)
		appendStringInfoString(buf, " and others");
	(*count)++;
}
