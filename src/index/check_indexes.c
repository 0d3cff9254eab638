/*-------------------------------------------------------------------------
 *
 * check_indexes.c
 *	  The checks of the index tickets.
 *
 * menuca_check_indexes(restaurant_id, executions)
 *
 * Indexes are judged by definition and validity, never by their number or
 * names; a query by the median time with warm caches, and its query plan by the
 * nodes.  Nothing is written.
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

#include "base/attempt.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/query_plan.h"
#include "base/settings.h"
#include "base/slot.h"
#include "index/created_index.h"
#include "index/index_plan.h"
#include "index/measure_queries.h"

PG_FUNCTION_INFO_V1(menuca_check_indexes);

/* Maximum number of names in a text. */
#define MAX_NAMES 10

/* A query that is slower than before by more than both is a warning. */
#define SLOWER_PCT 20.0
#define SLOWER_MS 1.0

/* The gain that the index tickets require of a query that was slow before. */
#define FASTER_PCT 50.0

/* Times are not compared when the number of rows has changed by more than this. */
#define OTHER_ROWS_PCT 10.0

/* What the checks examine. */
typedef struct IndexFacts
{
	const char *schema;
	int64		restaurant;		/* as in measure_queries() */
	int			executions;
	List	   *plan;			/* PlannedIndexes */
	MeasuredQuery queries[MEASURED_QUERIES];
} IndexFacts;

/* What an earlier measurement of a query recorded. */
typedef struct EarlierMeasurement
{
	double		median;			/* in ms */
	int64		rows;
	char	   *at;
} EarlierMeasurement;

/* Names that a check of the catalog found. */
typedef struct FoundNames
{
	StringInfoData names;
	int			count;
	int			being_built;	/* not counted, and not among the names */
	char	   *first;			/* NULL: none */
	MemoryContext context;		/* of first */
} FoundNames;

static void gather_index_facts(void *arg);
static void report_error(FindingRows *rows, const ErrorData *error);
static void check_critical_indexes(void *subject, Finding *finding);
static void check_wanted_indexes(void *subject, Finding *finding);
static void judge_wanted(const IndexFacts *facts, Finding *finding, bool critical, FindingStatus otherwise);
static char *next_build_step(const IndexFacts *facts, const PlannedIndex *planned);
static void check_invalid_indexes(void *subject, Finding *finding);
static void check_empty_indexes(void *subject, Finding *finding);
static void check_menu_query(void *subject, Finding *finding);
static void check_combo_query(void *subject, Finding *finding);
static void judge_query(const MeasuredQuery *query, Finding *finding);
static void check_index_use(void *subject, Finding *finding);
static void append_used_indexes(StringInfo buf, const List *nodes);
static void check_menu_gain(void *subject, Finding *finding);
static void check_combo_gain(void *subject, Finding *finding);
static void judge_gain(const IndexFacts *facts, const MeasuredQuery *query, Finding *finding);
static EarlierMeasurement *find_earlier(const char *schema, const MeasuredQuery *query);
static void *make_earlier(TupleTableSlot *slot);
static void check_created_indexes(void *subject, Finding *finding);
static void add_limited_name(StringInfo buf, int *count, const char *name);

static const FindingCheck index_checks[] = {
	{"critical_indexes", "Critical indexes exist by definition, and are valid", check_critical_indexes},
	{"wanted_indexes", "Other wanted indexes exist by definition, and are valid", check_wanted_indexes},
	{"invalid_indexes", "Indexes that no query can use", check_invalid_indexes},
	{"empty_indexes", "Indexes without any storage", check_empty_indexes},
	{"menu_query", "The menu query of a restaurant, with warm caches", check_menu_query},
	{"combo_query", "The combo query of a restaurant, with warm caches", check_combo_query},
	{"index_use", "Large tables are read by an index", check_index_use},
	{"menu_query_gain", "The menu query compared with its earlier measurement", check_menu_gain},
	{"combo_query_gain", "The combo query compared with its earlier measurement", check_combo_gain},
	{"created_indexes", "Indexes that this extension created exist", check_created_indexes},
};


/* menuca_check_indexes(restaurant_id, executions): a row per check and the summary. */
Datum
menuca_check_indexes(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	IndexFacts	facts = {.schema = menuca_target_schema};
	ErrorData  *error;

	facts.restaurant = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0);
	facts.executions = measure_executions_argument(fcinfo, 1);
	InitMaterializedSRF(fcinfo, 0);

	error = attempt(gather_index_facts, &facts);
	if (error)
		report_error(&rows, error);
	else
		finding_rows_run(&rows, index_checks, lengthof(index_checks), &facts);
	finding_rows_add_summary(&rows, NULL);
	return (Datum) 0;
}

static void
gather_index_facts(void *arg)
{
	IndexFacts *facts = arg;

	facts->plan = index_plan_make(facts->schema);
	measure_queries(facts->schema, facts->restaurant, facts->executions, facts->queries);
}

/* Without the facts, every check is an ERROR. */
static void
report_error(FindingRows *rows, const ErrorData *error)
{
	for (size_t i = 0; i < lengthof(index_checks); i++)
	{
		Finding		finding;

		finding_of_error(&finding, error);
		finding_rows_add(rows, index_checks[i].name, index_checks[i].title, &finding);
	}
}

/* 1 */
static void
check_critical_indexes(void *subject, Finding *finding)
{
	judge_wanted(subject, finding, true, CHECK_FAIL);
}

/* 2 */
static void
check_wanted_indexes(void *subject, Finding *finding)
{
	judge_wanted(subject, finding, false, CHECK_WARN);
}

/* A conflict does no harm where another index covers the wanted one. */
static void
judge_wanted(const IndexFacts *facts, Finding *finding, bool critical, FindingStatus otherwise)
{
	int			counts[INDEX_ACTION_COUNT] = {0};
	int			wanted = 0;
	int			found = 0;
	int			missing = 0;
	const PlannedIndex *first = NULL;
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
			found++;
		else
		{
			add_limited_name(&names, &missing, psprintf("%s (%s)", planned->wanted->text.name,
														index_action_name(planned->action)));
			if (first == NULL && index_plan_has_work(planned, true))
				first = planned;
		}
	}
	if (wanted == 0)
	{
		finding_skip(finding, "menuca_wanted_index names none", NULL);
		return;
	}

	finding->status = found == wanted ? CHECK_PASS : otherwise;
	finding->expected = psprintf("all %d, or another index that covers it", wanted);
	finding->actual = psprintf("%d of %d", found, wanted);
	if (missing > 0)
	{
		finding->detail = psprintf("Missing: %s.", names.data);
		finding->remedy = migrate_call("Announce them: SELECT * FROM menuca_begin_indexes(); then execute each statement that this returns, one a call: SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild'); then: SELECT * FROM menuca_note_indexes();");
		finding->next_step = next_build_step(facts, first);
	}
	initStringInfo(&metadata);
	json_begin(&metadata);
	for (int i = 0; i < INDEX_ACTION_COUNT; i++)
		json_count(&metadata, index_action_name(i), counts[i]);
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* Announcing it, or once it is announced its statement; NULL: nothing can be done. */
static char *
next_build_step(const IndexFacts *facts, const PlannedIndex *planned)
{
	char	   *statement;
	ListCell   *lc;

	if (planned == NULL)
		return migrate_call("SELECT * FROM menuca_index_plan();");
	foreach(lc, created_index_entries(facts->schema))
	{
		const CreatedIndex *entry = lfirst(lc);

		if (strcmp(entry->wanted.text.name, planned->wanted->text.name) != 0)
			continue;
		statement = linitial(index_plan_statements(planned, true));
		return strchr(statement, ';') ? statement : psprintf("%s;", statement);
	}
	return migrate_call("SELECT * FROM menuca_begin_indexes();");
}

static void
add_found_name(TupleTableSlot *slot, void *arg)
{
	FoundNames *found = arg;

	if (slot_bool(slot, 1))
		found->being_built++;
	else
	{
		char	   *name = slot_text(slot, 0);

		if (found->first == NULL)
			found->first = MemoryContextStrdup(found->context, name);
		add_limited_name(&found->names, &found->count, name);
	}
}

/* 3: all indexes of the schema, since each of them slows down writes. */
static void
check_invalid_indexes(void *subject, Finding *finding)
{
	const IndexFacts *facts = subject;
	FoundNames	found = {.context = CurrentMemoryContext};
	QueryArgs	args = {0};

	initStringInfo(&found.names);
	query_arg_text(&args, facts->schema);
	query_each(psprintf("SELECT index_name, is_being_built FROM %smenuca_index_state"
						" WHERE schema_name = $1 AND NOT is_valid ORDER BY index_name", migrate_schema()),
			   &args, add_found_name, &found);

	finding->status = found.count > 0 ? CHECK_FAIL : found.being_built > 0 ? CHECK_WARN : CHECK_PASS;
	finding->expected = "none";
	finding->actual = found.count == 0 && found.being_built == 0 ? "none" :
		psprintf("%d invalid, %d being built", found.count, found.being_built);
	if (found.count > 0)
	{
		finding->detail = psprintf("Left by failed builds: %s.", found.names.data);
		finding->remedy = migrate_call("For wanted indexes, execute what this returns: SELECT statement FROM menuca_index_plan() WHERE action = 'rebuild'; drop others, such as those whose names end in _ccnew.");
	}
	finding->metadata = psprintf("{\"invalid\": %d, \"being_built\": %d}", found.count, found.being_built);
}

/* 4: even an index without entries has a page; those of partitioned tables have no file. */
static void
check_empty_indexes(void *subject, Finding *finding)
{
	const IndexFacts *facts = subject;
	FoundNames	found = {.context = CurrentMemoryContext};
	QueryArgs	args = {0};

	initStringInfo(&found.names);
	query_arg_text(&args, facts->schema);
	query_each(psprintf("SELECT index_name, false FROM %smenuca_index_state"
						" WHERE schema_name = $1 AND bytes = 0 ORDER BY index_name", migrate_schema()),
			   &args, add_found_name, &found);

	finding->status = found.count > 0 ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "none";
	finding->actual = found.count > 0 ? psprintf("%d", found.count) : "none";
	if (found.count > 0)
	{
		finding->detail = psprintf("Their files are empty, without even a first page: %s.", found.names.data);
		finding->remedy = psprintf("REINDEX INDEX CONCURRENTLY %s; likewise for the others; and check the server's log and its disk.", found.first);
	}
	finding->metadata = psprintf("{\"empty\": %d}", found.count);
}

/* 5 */
static void
check_menu_query(void *subject, Finding *finding)
{
	const IndexFacts *facts = subject;

	judge_query(&facts->queries[0], finding);
}

/* 6 */
static void
check_combo_query(void *subject, Finding *finding)
{
	const IndexFacts *facts = subject;

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
		finding->remedy = query->status == CHECK_ERROR ? migrate_call("Fix the cause and check again: SELECT * FROM menuca_check_indexes();") : NULL;
		return;
	}

	/* A missing index is reported by check 7. */
	finding->status = timing->median >= menuca_max_query_time ? CHECK_FAIL :
		timing->planning >= menuca_max_planning_time ? CHECK_WARN : CHECK_PASS;
	finding->actual = psprintf("%s ms for %s, planned in %s ms", measure_format_ms(timing->median),
							   format_things(timing->rows, "row"), measure_format_ms(timing->planning));
	if (finding->status != CHECK_PASS)
		finding->remedy = migrate_call("See its query plan: SELECT query, jsonb_pretty(nodes), statement FROM menuca_measure_queries(); then build the wanted indexes, ANALYZE the tables, and measure again while the server is quiet.");

	initStringInfo(&metadata);
	json_begin(&metadata);
	json_count(&metadata, "restaurant_id", query->restaurant);
	json_count(&metadata, "executions", timing->executions);
	json_raw(&metadata, "median_ms", measure_format_ms(timing->median));
	json_raw(&metadata, "min_ms", measure_format_ms(timing->min));
	json_raw(&metadata, "max_ms", measure_format_ms(timing->max));
	json_raw(&metadata, "planning_ms", measure_format_ms(timing->planning));
	json_raw(&metadata, "nodes", query_plan_json(timing->nodes));
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* 7: reading a small table sequentially is right. */
static void
check_index_use(void *subject, Finding *finding)
{
	const IndexFacts *facts = subject;
	StringInfoData actual;
	StringInfoData detail;
	bool		missing = false;

	initStringInfo(&actual);
	initStringInfo(&detail);
	for (int i = 0; i < MEASURED_QUERIES; i++)
	{
		const MeasuredQuery *query = &facts->queries[i];

		if (!query->measured)
			continue;
		format_append(&actual, "; ", "%s: %s", query->name, measure_index_use_name(query->use));
		append_used_indexes(&actual, query->timing.nodes);
		if (query->detail)
			format_append(&detail, " ", "%s: %s.", query->name, query->detail);
		missing |= query->use == USE_MISSING;
	}
	if (actual.len == 0)
	{
		finding_skip(finding, "no query could be measured", NULL);
		return;
	}
	finding->status = missing ? CHECK_FAIL : CHECK_PASS;
	finding->expected = "no large table is read sequentially because an index is missing";
	finding->actual = actual.data;
	finding->detail = detail.len > 0 ? detail.data : NULL;
	if (missing)
		finding->remedy = migrate_call("Execute each statement that this returns, one a call: SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild');");
}

/* Appends the indexes that a query uses. */
static void
append_used_indexes(StringInfo buf, const List *nodes)
{
	List	   *seen = NIL;
	const ListCell *lc;

	foreach(lc, nodes)
	{
		const PlanNode *node = lfirst(lc);
		char	   *name;

		if (!OidIsValid(node->index) || list_member_oid(seen, node->index))
			continue;
		name = get_rel_name(node->index);
		appendStringInfo(buf, "%s%s", seen == NIL ? ", by " : " and ", name ? name : "an index that was dropped since");
		seen = lappend_oid(seen, node->index);
	}
}

/* 8 */
static void
check_menu_gain(void *subject, Finding *finding)
{
	const IndexFacts *facts = subject;

	judge_gain(facts, &facts->queries[0], finding);
}

/* 9 */
static void
check_combo_gain(void *subject, Finding *finding)
{
	const IndexFacts *facts = subject;

	judge_gain(facts, &facts->queries[1], finding);
}

/*
 * Times are compared only for the same restaurant, and only when about the same
 * number of rows is returned.
 */
static void
judge_gain(const IndexFacts *facts, const MeasuredQuery *query, Finding *finding)
{
	const EarlierMeasurement *earlier;
	double		median = query->timing.median;
	double		gain;

	if (!query->measured)
	{
		finding_skip(finding, "the query could not be measured", NULL);
		return;
	}
	earlier = find_earlier(facts->schema, query);
	if (earlier == NULL)
	{
		finding_skip(finding, psprintf("no earlier measurement is recorded for restaurant " INT64_FORMAT, query->restaurant),
					 migrate_call("Before the indexes are built: SELECT * FROM menuca_record_queries('before');"));
		return;
	}

	if (fabs((double) (query->timing.rows - earlier->rows)) * 100 > OTHER_ROWS_PCT * Max(earlier->rows, 1))
	{
		finding_skip(finding, psprintf("%s ms for %s, before %s ms for %s: times for different numbers of rows cannot be compared",
									   measure_format_ms(median), format_things(query->timing.rows, "row"),
									   measure_format_ms(earlier->median), format_things(earlier->rows, "row")),
					 migrate_call("To compare with the current data from now on: SELECT * FROM menuca_record_queries('before');"));
		return;
	}

	gain = earlier->median > 0 ? 100.0 * (earlier->median - median) / earlier->median : 0;
	finding->status = gain >= FASTER_PCT || earlier->median < menuca_max_query_time ? CHECK_PASS : CHECK_WARN;
	if (gain < -SLOWER_PCT && median - earlier->median > SLOWER_MS)
		finding->status = CHECK_WARN;
	finding->expected = psprintf("at least %g %% faster if it took %g ms or more, and at most %g %% slower",
								 FASTER_PCT, menuca_max_query_time, SLOWER_PCT);
	finding->actual = psprintf("%s ms, before %s ms (%.0f %% %s)", measure_format_ms(median), measure_format_ms(earlier->median),
							   gain < 0 ? -gain : gain, gain < 0 ? "slower" : "faster");
	finding->detail = psprintf("Before: %s, %s for restaurant " INT64_FORMAT "; now %s. Differences of up to %g ms are noise.",
							   earlier->at, format_things(earlier->rows, "row"), query->restaurant,
							   format_things(query->timing.rows, "row"), SLOWER_MS);
	if (finding->status != CHECK_PASS)
		finding->remedy = migrate_call("Compare the query plans: SELECT label, median_ms, index_use, nodes FROM menuca_query_measurement ORDER BY measurement_no; and measure again when the server is quiet.");
	finding->metadata = psprintf("{\"before_ms\": %s, \"now_ms\": %s, \"gain_pct\": %.1f}",
								 measure_format_ms(earlier->median), measure_format_ms(median), gain);
}

/* The latest measurement with the label "before", or NULL. */
static EarlierMeasurement *
find_earlier(const char *schema, const MeasuredQuery *query)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_text(&args, schema);
	query_arg_text(&args, query->name);
	query_arg_int8(&args, query->restaurant);
	found = query_list(psprintf("SELECT median_ms::float8, row_count, measured_at::text FROM %smenuca_query_measurement"
								" WHERE label = 'before' AND target_schema = $1 AND query = $2 AND restaurant_id = $3"
								" ORDER BY measurement_no DESC LIMIT 1", migrate_schema()),
					   &args, make_earlier);
	return found ? linitial(found) : NULL;
}

static void *
make_earlier(TupleTableSlot *slot)
{
	EarlierMeasurement *earlier = palloc0(sizeof(EarlierMeasurement));

	earlier->median = slot_float8(slot, 0);
	if (!isfinite(earlier->median) || earlier->median < 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("an earlier measurement has a time of %s ms", measure_format_ms(earlier->median)),
				 errdetail("Somebody has changed menuca_query_measurement."),
				 errhint("%s", migrate_call("Delete it, or measure again: SELECT * FROM menuca_record_queries('before');"))));
	earlier->rows = slot_int8(slot, 1);
	earlier->at = slot_text(slot, 2);
	return earlier;
}

/* 10 */
static void
check_created_indexes(void *subject, Finding *finding)
{
	const IndexFacts *facts = subject;
	List	   *entries = created_index_entries(facts->schema);
	StringInfoData names;
	int			deviating = 0;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, entries)
	{
		const CreatedIndex *entry = lfirst(lc);

		if (entry->current->action != INDEX_EXISTS || entry->current->exceeds || entry->announced)
			add_limited_name(&names, &deviating, psprintf("%s (%s)", entry->wanted.text.name,
														  entry->announced ? "announced, not noted" :
														  !OidIsValid(entry->current->index) ? "gone" :
														  index_action_name(entry->current->action)));
	}
	if (entries == NIL)
	{
		finding_skip(finding, "this extension has created no index", NULL);
		return;
	}
	finding->status = deviating > 0 ? CHECK_WARN : CHECK_PASS;
	finding->expected = "every index of the ledger exists as it was created";
	finding->actual = psprintf("%d of %d", list_length(entries) - deviating, list_length(entries));
	if (deviating > 0)
	{
		finding->detail = psprintf("Exceptions: %s.", names.data);
		finding->remedy = migrate_call("To update the ledger: SELECT * FROM menuca_note_indexes();");
	}
	finding->metadata = psprintf("{\"created\": %d, \"violations\": %d}", list_length(entries), deviating);
}

/* Counts a name, and appends it if it is among the first. */
static void
add_limited_name(StringInfo buf, int *count, const char *name)
{
	if (*count < MAX_NAMES)
		appendStringInfo(buf, "%s%s", *count > 0 ? ", " : "", name);
	else if (*count == MAX_NAMES)
		appendStringInfoString(buf, " and others");
	(*count)++;
}
