/*-------------------------------------------------------------------------
 *
 * check_adjacency.c
 *	  Whether table_adjacencies is good enough to plan by.
 *
 * menuca_check_adjacency(restaurant)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/uuid.h"

#include "base/arguments.h"
#include "base/finding.h"
#include "base/format.h"
#include "base/json.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "survey/adjacency_facts.h"
#include "survey/largest_party.h"
#include "survey/survey_text.h"

PG_FUNCTION_INFO_V1(menuca_check_adjacency);

/* How the words of the setting adjacency are written, in the order of FloorAdjacency. */
static const char *const mode_words[] = {"off", "connected", "pairwise", "neighbors"};

/* What is checked. */
typedef struct AdjacencyCheck
{
	const FloorReader *reader;
	const AdjacencyFacts *facts;
	FloorAdjacency required;	/* the setting */
	FloorAdjacency asked;		/* the same, or what switching it on would
								 * mean */
	bool		listed_only;	/* no sets are joined but listed ones, which
								 * need no edge */
} AdjacencyCheck;

static void check_stored_edges(void *subject, Finding *finding);
static void check_coverage(void *subject, Finding *finding);
static char *coverage_of_zone(const AdjacencyCheck *check, int zone, int *joins, int *covered);
static void check_isolated(void *subject, Finding *finding);
static void check_directions(void *subject, Finding *finding);
static void check_across_zones(void *subject, Finding *finding);
static void check_useless_edges(void *subject, Finding *finding);
static void check_largest_party(void *subject, Finding *finding);
static void check_joinable_sets(void *subject, Finding *finding);
static bool has_no_edges(const AdjacencyCheck *check, Finding *finding);
static char *edge_names(const AdjacencyFacts *facts, AdjacencyKind kind);
static char *suggest_call(const AdjacencyCheck *check);

static const FindingCheck adjacency_checks[] = {
	{"edges", "Edges within zones", check_stored_edges},
	{"coverage", "Movable dining tables with a neighbor in their zone", check_coverage},
	{"isolated", "Movable dining tables that nothing can be joined to", check_isolated},
	{"directions", "Directions in which edges are stored", check_directions},
	{"across_zones", "Edges between zones", check_across_zones},
	{"useless_edges", "Edges that lead to no other dining table in use", check_useless_edges},
	{"largest_party", "Largest party by zone", check_largest_party},
	{"joinable_sets", "Sets of dining tables that adjacency leaves", check_joinable_sets},
};


/* menuca_check_adjacency(restaurant): a row per check, and the summary.  Read only. */
Datum
menuca_check_adjacency(PG_FUNCTION_ARGS)
{
	AdjacencyCheck check = {0};
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};

	argument_require(fcinfo, 0, "restaurant");
	InitMaterializedSRF(fcinfo, 0);
	check.reader = floor_reader_read(PG_GETARG_UUID_P(0));
	check.facts = adjacency_facts_read(check.reader);
	check.required = check.reader->floor.settings.adjacency;
	check.listed_only = check.reader->floor.settings.combinations == FLOOR_COMBINATIONS_LISTED;
	check.asked = check.required == FLOOR_ADJACENCY_OFF ? FLOOR_ADJACENCY_CONNECTED : check.required;
	finding_rows_run(&rows, adjacency_checks, lengthof(adjacency_checks), &check);
	finding_rows_add_summary(&rows, suggest_call(&check));
	return (Datum) 0;
}

static void
check_stored_edges(void *subject, Finding *finding)
{
	const AdjacencyCheck *check = subject;
	const AdjacencyFacts *facts = check->facts;
	StringInfoData metadata;

	finding->expected = "edges between dining tables of a zone, where the setting adjacency asks for them";
	initStringInfo(&metadata);
	json_begin(&metadata);
	json_text(&metadata, "adjacency", mode_words[check->required]);
	json_count(&metadata, "edges", facts->nedges);
	json_count(&metadata, "within_zones", facts->counts[ADJACENCY_GOOD]);
	json_end(&metadata);
	finding->metadata = metadata.data;
	finding->actual = check->reader->schema->adjacencies == NULL ? pstrdup("there is no table table_adjacencies") :
		psprintf("%s, %d within a zone", format_things(facts->nedges, "edge"), facts->counts[ADJACENCY_GOOD]);
	if (facts->counts[ADJACENCY_GOOD] > 0)
		return;
	finding->remedy = psprintf("Enter which dining tables stand next to each other; from positions: %s", suggest_call(check));
	finding->status = check->required == FLOOR_ADJACENCY_OFF || check->listed_only ? CHECK_SKIP : CHECK_FAIL;
	finding->detail = check->listed_only ? pstrdup("The setting combinations is listed, so dining tables are joined without edges.") :
		check->required == FLOOR_ADJACENCY_OFF ? pstrdup("The setting adjacency is off, so dining tables are joined without edges.") :
		psprintf("The setting adjacency is %s, so no dining tables can be joined for parties of %d and more.",
				 mode_words[check->required], check->reader->floor.settings.adjacency_min_party);
}

static void
check_coverage(void *subject, Finding *finding)
{
	const AdjacencyCheck *check = subject;
	int		   *order = survey_text_zone_order(check->reader);
	SurveyNames incomplete = {0};
	StringInfoData zones;
	int			joins = 0;
	int			covered = 0;

	finding->expected = "100.00 %";
	if (has_no_edges(check, finding))
		return;
	initStringInfo(&zones);
	for (int i = 0; i < check->reader->floor.nzones; i++)
	{
		int			joins_here;
		int			covered_here;
		char	   *zone = coverage_of_zone(check, order[i], &joins_here, &covered_here);

		joins += joins_here;
		covered += covered_here;
		format_append(&zones, ", ", "%s", zone);
		if (covered_here < joins_here)
			survey_text_add(&incomplete, psprintf("%s: %d of %d", survey_text_zone(check->reader, order[i]), covered_here, joins_here));
	}
	finding->actual = psprintf("%s: %d of %d", format_pct(covered, joins), covered, joins);
	finding->metadata = psprintf("{\"movable\": %d, \"covered\": %d, \"zones\": [%s]}", joins, covered, zones.data);
	finding->detail = survey_text_names(&incomplete);
	if (joins == 0)
		finding_skip(finding, "no active dining table is movable", NULL);
	else if (covered < joins)
	{
		finding->status = CHECK_WARN;
		finding->remedy = psprintf("Enter the edges that are missing; from positions: %s", suggest_call(check));
	}
}

/* A zone's share as a JSON object. */
static char *
coverage_of_zone(const AdjacencyCheck *check, int zone, int *joins, int *covered)
{
	const Floor *floor = &check->reader->floor;
	StringInfoData json;

	*joins = *covered = 0;
	for (int i = 0; i < floor->ntables; i++)
	{
		if (floor->tables[i].zone != zone || !adjacency_facts_joins(check->reader, i))
			continue;
		(*joins)++;
		*covered += check->facts->neighbors[i] > 0;
	}
	initStringInfo(&json);
	json_begin(&json);
	json_text(&json, "zone", survey_text_zone(check->reader, zone));
	json_text(&json, "zone_id", refusal_id(&check->reader->zone_ids[zone]));
	json_count(&json, "movable", *joins);
	json_count(&json, "covered", *covered);
	json_pct(&json, "pct", *covered, *joins);
	json_end(&json);
	return json.data;
}

/* In the order of numbers. */
static void
check_isolated(void *subject, Finding *finding)
{
	const AdjacencyCheck *check = subject;
	const Floor *floor = &check->reader->floor;
	SurveyNames alone = {0};
	SurveyNames fixed_only = {0};
	StringInfoData detail;

	finding->expected = "none";
	if (has_no_edges(check, finding))
		return;
	for (int place = 0; place < floor->ntables; place++)
	{
		int			i = floor->order[place];

		if (!adjacency_facts_joins(check->reader, i) || check->facts->movable_neighbors[i] > 0)
			continue;
		survey_text_add(check->facts->neighbors[i] > 0 ? &fixed_only : &alone, floor->tables[i].number);
	}
	finding->actual = psprintf("%d without a neighbor, %d next to fixed ones only", (int) alone.count, (int) fixed_only.count);
	finding->metadata = psprintf("{\"isolated\": %d, \"next_to_fixed_only\": %d}", (int) alone.count, (int) fixed_only.count);
	if (alone.count + fixed_only.count == 0)
		return;
	initStringInfo(&detail);
	if (alone.count > 0)
		appendStringInfo(&detail, "Without a neighbor: %s.", survey_text_names(&alone));
	if (fixed_only.count > 0)
		appendStringInfo(&detail, "%sNext to fixed dining tables only: %s.", alone.count > 0 ? " " : "", survey_text_names(&fixed_only));
	finding->detail = detail.data;
	finding->status = CHECK_WARN;
	finding->remedy = psprintf("They are never joined where adjacency is required. Enter their edges; from positions: %s", suggest_call(check));
}

static void
check_directions(void *subject, Finding *finding)
{
	const AdjacencyCheck *check = subject;
	const AdjacencyFacts *facts = check->facts;

	finding->expected = "all edges in one direction, or all in both";
	if (has_no_edges(check, finding))
		return;
	finding->actual = psprintf("%d in one direction, %d in both", facts->one_way, facts->both_ways);
	finding->metadata = psprintf("{\"one_way\": %d, \"both_ways\": %d}", facts->one_way, facts->both_ways);
	finding->detail = facts->one_way > 0 && facts->both_ways > 0 ?
		"The planner reads edges in both directions, so it misses none. A program that reads one direction does." :
		"The planner reads edges in both directions.";
	if (facts->one_way == 0 || facts->both_ways == 0)
		return;
	finding->status = CHECK_WARN;
	finding->remedy = psprintf("Store the others in both directions, too: INSERT INTO %1$s (table_a, table_b)"
							   " SELECT e.table_b, e.table_a FROM %1$s e JOIN %2$s a ON a.id = e.table_a JOIN %2$s b ON b.id = e.table_b"
							   " WHERE a.restaurant_id = '%3$s' AND b.restaurant_id = a.restaurant_id AND a.zone_id = b.zone_id AND a.id <> b.id"
							   " AND NOT EXISTS (SELECT FROM %1$s r WHERE r.table_a = e.table_b AND r.table_b = e.table_a) ON CONFLICT DO NOTHING;",
							   check->reader->schema->adjacencies, check->reader->schema->dining_tables, refusal_id(&check->reader->restaurant));
}

static void
check_across_zones(void *subject, Finding *finding)
{
	const AdjacencyCheck *check = subject;
	int			n = check->facts->counts[ADJACENCY_ACROSS];

	finding->expected = "none";
	if (has_no_edges(check, finding))
		return;
	finding->actual = format_things(n, "edge");
	finding->metadata = json_one_count("across_zones", n);
	if (n == 0)
		return;
	finding->status = CHECK_WARN;
	finding->detail = psprintf("The planner ignores them, since dining tables of two zones, or without one, are never joined: %s.",
							   edge_names(check->facts, ADJACENCY_ACROSS));
	finding->remedy = "Put both dining tables into one zone if they do stand together, or delete the edges.";
	finding->next_step = psprintf("SELECT id, table_number, zone_id FROM %s WHERE restaurant_id = '%s' ORDER BY zone_id, table_number;",
								  check->reader->schema->dining_tables, refusal_id(&check->reader->restaurant));
}

static void
check_useless_edges(void *subject, Finding *finding)
{
	static const AdjacencyKind kinds[] = {ADJACENCY_LOOP, ADJACENCY_FOREIGN, ADJACENCY_MISSING, ADJACENCY_INACTIVE};
	static const char *const what[] = {"a dining table with itself", "with another restaurant's", "with one that does not exist", "with one that is not active"};
	static const char *const keys[] = {"loops", "foreign", "missing", "inactive"};
	const AdjacencyCheck *check = subject;
	StringInfoData detail;
	StringInfoData actual;
	StringInfoData metadata;
	int			n = 0;

	finding->expected = "none";
	if (has_no_edges(check, finding))
		return;
	initStringInfo(&detail);
	initStringInfo(&actual);
	initStringInfo(&metadata);
	json_begin(&metadata);
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		int			count = check->facts->counts[kinds[i]];

		n += count;
		json_count(&metadata, keys[i], count);
		format_append(&actual, ", ", "%d %s", count, what[i]);
		if (count > 0)
			format_append(&detail, "; ", "%s: %s", what[i], edge_names(check->facts, kinds[i]));
	}
	json_end(&metadata);
	finding->actual = actual.data;
	finding->metadata = metadata.data;
	if (n == 0)
		return;
	finding->status = CHECK_WARN;
	finding->detail = psprintf("The planner ignores them: %s.", detail.data);
	finding->remedy = "Delete them, or correct what they name.";
	finding->next_step = psprintf("SELECT e.* FROM %1$s e LEFT JOIN %2$s a ON a.id = e.table_a LEFT JOIN %2$s b ON b.id = e.table_b"
								  " WHERE '%3$s' IN (a.restaurant_id, b.restaurant_id) AND (e.table_a = e.table_b"
								  " OR a.restaurant_id IS DISTINCT FROM b.restaurant_id OR NOT a.active OR NOT b.active);",
								  check->reader->schema->adjacencies, check->reader->schema->dining_tables, refusal_id(&check->reader->restaurant));
}

/* By one dining table, by several, and by several where adjacency is off, or as it would be on. */
static void
check_largest_party(void *subject, Finding *finding)
{
	const AdjacencyCheck *check = subject;
	const FloorReader *reader = check->reader;
	int		   *order = survey_text_zone_order(reader);
	SurveyNames lowered = {0};
	StringInfoData zones;
	int			largest = 0;

	initStringInfo(&zones);
	for (int i = 0; i < reader->floor.nzones; i++)
	{
		int			alone = largest_party_alone(reader, order[i]);
		int			free = largest_party_joined(reader, order[i], FLOOR_ADJACENCY_OFF);
		int			adjacent = largest_party_joined(reader, order[i], check->asked);
		int			joined = check->required == FLOOR_ADJACENCY_OFF ? free : adjacent;
		StringInfoData zone;

		initStringInfo(&zone);
		json_begin(&zone);
		json_text(&zone, "zone", survey_text_zone(reader, order[i]));
		json_text(&zone, "zone_id", refusal_id(&reader->zone_ids[order[i]]));
		json_count(&zone, "single", alone);
		json_count(&zone, "combined", joined);
		json_count(&zone, "adjacency_off", free);
		json_count(&zone, mode_words[check->asked], adjacent);
		json_end(&zone);
		format_append(&zones, ", ", "%s", zone.data);
		largest = Max(largest, Max(alone, joined));
		if (Max(alone, adjacent) < Max(alone, free))
			survey_text_add(&lowered, psprintf("%s from %d to %d", survey_text_zone(reader, order[i]), Max(alone, free), Max(alone, adjacent)));
	}
	finding->expected = "adjacency lowers it in no zone";
	finding->metadata = psprintf("{\"adjacency\": \"%s\", \"largest\": %d, \"zones\": [%s]}", mode_words[check->required], largest, zones.data);
	if (reader->floor.nzones == 0)
	{
		finding_skip(finding, "the restaurant has no zone", NULL);
		return;
	}
	finding->actual = psprintf("%d; lowered in %s", largest,
							   format_things(check->required == FLOOR_ADJACENCY_OFF ? 0 : lowered.count, "zone"));
	if (lowered.count == 0)
		return;
	finding->detail = psprintf(check->required == FLOOR_ADJACENCY_OFF ? "Switching adjacency on (%s) would lower it in %s." :
							   "Adjacency (%s) lowers it in %s.", mode_words[check->asked], survey_text_names(&lowered));
	if (check->required == FLOOR_ADJACENCY_OFF)
		return;
	finding->status = CHECK_WARN;
	finding->remedy = psprintf("Enter the edges that are missing; from positions: %s", suggest_call(check));
}

static void
check_joinable_sets(void *subject, Finding *finding)
{
	const AdjacencyCheck *check = subject;
	bool		complete[2];
	int64		all = largest_party_sets(check->reader, FLOOR_ADJACENCY_OFF, &complete[0]);
	int64		adjacent = largest_party_sets(check->reader, check->asked, &complete[1]);
	bool		is_complete = complete[0] && complete[1];

	finding->expected = "some, where the setting adjacency asks for edges";
	if (all == 0 || check->listed_only)
	{
		finding_skip(finding, check->listed_only ? "only listed combinations are joined" : check->reader->floor.settings.k_max < 2 ? "the settings join no dining tables" : "no two dining tables of a zone can be joined", NULL);
		return;
	}
	finding->actual = psprintf("%s%s of %s", is_complete ? "" : "at least ", format_count(adjacent), format_things(all, "set"));
	finding->metadata = psprintf("{\"sets\": " INT64_FORMAT ", \"%s\": " INT64_FORMAT ", \"complete\": %s}", all, mode_words[check->asked], adjacent,
								 is_complete ? "true" : "false");
	finding->detail = psprintf(check->required == FLOOR_ADJACENCY_OFF ?
							   "All sets of up to %d dining tables of a zone may be joined now; switching adjacency on (%s) would lose %s of them." :
							   "Of the sets of up to %d dining tables of a zone, adjacency (%s) loses %s.",
							   check->reader->floor.settings.k_max, mode_words[check->asked], format_count(all - adjacent));
	if (adjacent > 0 || check->required == FLOOR_ADJACENCY_OFF)
		return;
	finding->status = CHECK_FAIL;
	finding->remedy = psprintf("No dining tables can be joined. Enter the edges; from positions: %s", suggest_call(check));
}

/* Then the check has nothing to look at; the first one says so. */
static bool
has_no_edges(const AdjacencyCheck *check, Finding *finding)
{
	if (check->facts->nedges > 0)
		return false;
	finding_skip(finding, "there are no edges", NULL);
	return true;
}

static char *
edge_names(const AdjacencyFacts *facts, AdjacencyKind kind)
{
	SurveyNames names = {0};

	for (int i = 0; i < facts->nedges; i++)
	{
		if (facts->edges[i].kind == kind)
			survey_text_add(&names, adjacency_facts_name(facts, &facts->edges[i]));
	}
	return survey_text_names(&names);
}

/* Without a distance, it is worked out from the positions. */
static char *
suggest_call(const AdjacencyCheck *check)
{
	return seating_call("SELECT * FROM menuca_suggest_adjacency('%s');", refusal_id(&check->reader->restaurant));
}
