/*-------------------------------------------------------------------------
 *
 * checks.c
 *	  The checks of the validation suite: see checks.h.
 *
 * Checks 1 to 12 are the tests of the tickets' own suite, in its order, with
 * what was wrong in them mended; the others came from what that suite did
 * not see.  Those of the source are in checks_source.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/int8_sort.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "check/checks.h"
#include "ledger/reconcile.h"
#include "ledger/run_ledger.h"
#include "plan/gate.h"
#include "target/item_counts.h"

/* How many examples a detail names. */
#define EXAMPLES 5

/* Share in percent from which "nearly all" is a pass: the coverage gate's. */
#define NEARLY_ALL 95.0

static void check_counts(Facts *facts, Finding *finding);
static void check_orphan_rate(Facts *facts, Finding *finding);
static void check_item_count(Facts *facts, Finding *finding);
static void check_distribution(Facts *facts, Finding *finding);
static void check_fullest_groups(Facts *facts, Finding *finding);
static void check_remaining_orphans(Facts *facts, Finding *finding);
static void check_source_systems(Facts *facts, Finding *finding);
static void check_restaurants(Facts *facts, Finding *finding);
static void check_dish_usage(Facts *facts, Finding *finding);
static void check_recent_items(Facts *facts, Finding *finding);
static void check_references(Facts *facts, Finding *finding);
static void check_duplicates(Facts *facts, Finding *finding);
static void check_ledger(Facts *facts, Finding *finding);
static void check_cross_restaurant(Facts *facts, Finding *finding);
static void check_display_order(Facts *facts, Finding *finding);
static void check_inactive_dishes(Facts *facts, Finding *finding);
static void check_orphans_explained(Facts *facts, Finding *finding);

const Check checks[] = {
	{"overall_counts", "Groups, items and dishes", check_counts},
	{"orphan_rate", "Groups without items", check_orphan_rate},
	{"item_count", "Items per group against combo_rules.item_count", check_item_count},
	{"distribution", "Items per group against the source's own distribution", check_distribution},
	{"fullest_groups", "The groups with most items", check_fullest_groups},
	{"remaining_orphans", "Groups that V1 has items for and that have none", check_remaining_orphans},
	{"source_systems", "Orphans by source system", check_source_systems},
	{"restaurants", "Restaurants whose V1 combos can be ordered", check_restaurants},
	{"dish_usage", "Dishes that items use", check_dish_usage},
	{"recent_items", "Items created in the last 24 hours against the ledger", check_recent_items},
	{"references", "Items without, or with an invalid, group or dish", check_references},
	{"duplicate_pairs", "Pairs of group and dish that occur twice", check_duplicates},
	{"ledger", "before + inserted = after, by the ledger", check_ledger},
	{"cross_restaurant", "Items whose dish belongs to another restaurant", check_cross_restaurant},
	{"display_order", "Positions of items: given, and not negative", check_display_order},
	{"inactive_dishes", "Items of inactive dishes", check_inactive_dishes},
	{"orphans_explained", "Every orphan has a reason that the fix cannot remove", check_orphans_explained},
	{"orientation", "Source rows that make sense as declared, and with group and dish swapped", check_orientation},
	{"id_space", "Source rows that lead to dishes of other restaurants", check_id_space},
	{"direction", "The source says what the target's rows mean", check_direction},
};
const int	checks_count = lengthof(checks);

static void judge_band(Finding *finding, uint64 orphans, uint64 groups);
static char *count_metadata(const char *key, uint64 count);
static void expect_none(Finding *finding, uint64 count, const char *noun,
						FindingStatus otherwise, char *remedy);


/* 1: the tickets' formula counted rows of a join; here are its parts. */
static void
check_counts(Facts *facts, Finding *finding)
{
	const OrphanFigures *orphans = &facts->orphans;
	uint64		with_items = orphans->groups - orphans->orphans;
	StringInfoData metadata;

	finding->status = facts->census.items > 0 && with_items <= facts->census.items ?
		CHECK_PASS : CHECK_FAIL;
	finding->expected = "items, in no more groups than there are items";
	finding->actual = psprintf("%s in %s of %s groups; %s dishes",
							   format_things(facts->census.items, "item"),
							   format_count(with_items), format_count(orphans->groups),
							   format_count(facts->dishes->nrows));
	finding->detail = psprintf("The tickets' LEFT JOIN would count %s rows: items and orphans together.",
							   format_count(facts->census.items + orphans->orphans));
	if (finding->status != CHECK_PASS)
		finding->remedy = "There is nothing to order yet: load the source and run the fix.";

	initStringInfo(&metadata);
	json_begin(&metadata);
	json_count(&metadata, "groups", orphans->groups);
	json_count(&metadata, "groups_with_items", with_items);
	json_count(&metadata, "items", facts->census.items);
	json_count(&metadata, "dishes", facts->dishes->nrows);
	json_count(&metadata, "left_join_rows", facts->census.items + orphans->orphans);
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* 2 */
static void
check_orphan_rate(Facts *facts, Finding *finding)
{
	const OrphanFigures *orphans = &facts->orphans;
	StringInfoData metadata;

	if (orphans->groups == 0)
	{
		finding_skip(finding, "there is no combo group", "Check the setting menuca.target_schema.");
		return;
	}
	judge_band(finding, orphans->orphans, orphans->groups);
	finding->expected = "below 5 %, ideally below 1 %";
	finding->actual = psprintf("%s (%s of %s groups)",
							   format_pct(orphans->orphans, orphans->groups),
							   format_count(orphans->orphans), format_count(orphans->groups));
	finding->detail = !orphans->has_source ?
		"No source is staged, so the rate of the expected groups is unknown." :
		psprintf("Of the groups that the source has a row for: %s (%s of %s).",
				 format_pct(orphans->expected_orphans, orphans->expected_groups),
				 format_count(orphans->expected_orphans),
				 format_count(orphans->expected_groups));
	if (finding->status != CHECK_PASS)
		finding->remedy = "SELECT reason, count(*) FROM menuca_orphans() GROUP BY 1;";

	initStringInfo(&metadata);
	json_begin(&metadata);
	orphan_figures_json(orphans, &metadata);
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* A group whose rules state another number of items than it has. */
typedef struct ItemCountDifference
{
	int64		id;
	int64		stated;
	int64		items;
} ItemCountDifference;

/* State of check_item_count(). */
typedef struct ItemCountCheck
{
	const uint32 *items_of_group;	/* by row of the map */
	ItemCountFigures figures;
	int			nworst;
	ItemCountDifference worst[EXAMPLES];	/* the greatest first */
} ItemCountCheck;

static int64
difference(const ItemCountDifference *count)
{
	return count->stated > count->items ? count->stated - count->items :
		count->items - count->stated;
}

static bool
is_worse(const ItemCountDifference *a, const ItemCountDifference *b)
{
	return difference(a) != difference(b) ? difference(a) > difference(b) : a->id < b->id;
}

static void
add_difference(ItemCountCheck *check, const ItemCountDifference *found)
{
	int			place;

	if (check->nworst == EXAMPLES && !is_worse(found, &check->worst[EXAMPLES - 1]))
		return;
	if (check->nworst < EXAMPLES)
		check->nworst++;
	for (place = check->nworst - 1; place > 0 && is_worse(found, &check->worst[place - 1]); place--)
		check->worst[place] = check->worst[place - 1];
	check->worst[place] = *found;
}

/* A group that states a number; what stands in rules of empty ones does not matter. */
static void
add_item_count(uint32 group, const StatedCount *stated, void *arg)
{
	ItemCountCheck *check = arg;
	ItemCountDifference found = {
		.id = stated->id,
		.stated = stated->items,
		.items = check->items_of_group[group]
	};

	if (found.items == 0)
		return;
	if (!stated->readable)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("the item_count of group %lld is no number", (long long) stated->id),
				 errdetail("It stands in combo_rules, and the group has %s.",
						   format_things(found.items, "item")),
				 errhint("Correct it, or remove it from combo_rules.")));
	item_counts_compare(&check->figures, stated, check->items_of_group[group]);
	if (found.stated != found.items)
		add_difference(check, &found);
}

/* 3: of the groups with items whose rules state a number. */
static void
check_item_count(Facts *facts, Finding *finding)
{
	const ParentTable *groups = &facts->target->groups;
	ItemCountCheck check = {.items_of_group = facts->tallies.items_of_group};
	const ItemCountFigures *counts = &check.figures;
	StringInfoData examples;

	if (!relation_has_column(groups->oid, "combo_rules"))
	{
		finding_skip(finding, "combo_groups has no column combo_rules", NULL);
		return;
	}

	item_counts_read(groups, facts->groups, add_item_count, &check);
	if (counts->groups == 0)
	{
		finding_skip(finding, "no group with items states an item_count", NULL);
		return;
	}

	initStringInfo(&examples);
	for (int i = 0; i < check.nworst; i++)
		appendStringInfo(&examples, "%sgroup " INT64_FORMAT ": " INT64_FORMAT " expected, " INT64_FORMAT " there",
						 i > 0 ? "; " : "", check.worst[i].id, check.worst[i].stated, check.worst[i].items);

	finding->status = format_percentage(counts->equal, counts->groups) >= NEARLY_ALL ? CHECK_PASS : CHECK_WARN;
	finding->expected = psprintf("as many items as combo_rules.item_count says, for %g %% of the groups", NEARLY_ALL);
	finding->actual = psprintf("%s (%s of %s)", format_pct(counts->equal, counts->groups),
							   format_count(counts->equal), format_count(counts->groups));
	if (check.nworst > 0)
		finding->detail = psprintf("Largest differences: %s.", examples.data);
	if (finding->status != CHECK_PASS)
		finding->remedy = "Ask what item_count means here: how many dishes a group offers, or how many a customer picks.";
	finding->metadata = psprintf("{\"groups\": " UINT64_FORMAT ", \"equal\": " UINT64_FORMAT "}",
								 counts->groups, counts->equal);
}

/* 4 */
static void
check_distribution(Facts *facts, Finding *finding)
{
	const Distribution *source;
	Distribution target = {0};
	double		distance;

	if (facts->source == NULL)
	{
		finding_skip(finding, "no source is staged to compare with",
					 "Load the dump of the old system with menuca_load_dump.");
		return;
	}

	source = &facts->plan->figures.in_source;
	for (uint32 i = 0; i < facts->groups->nrows; i++)
		distribution_add(&target, facts->tallies.dishes_of_group[i]);
	distance = distribution_distance(source, &target);

	finding->status = distribution_agrees(source, &target) ? CHECK_PASS : CHECK_WARN;
	finding->expected = psprintf("%s (the source's groups), within %g points",
								 distribution_text(source), DISTRIBUTION_TOLERANCE);
	finding->actual = psprintf("%s (%.2f points off)", distribution_text(&target), distance);
	finding->detail = psprintf("Groups of a single item: %s here, %s in the source.",
							   format_pct(target.groups[1], target.all),
							   format_pct(source->groups[1], source->all));
	if (finding->status != CHECK_PASS)
		finding->remedy = "SELECT outcome, count(*) FROM menuca_plan_combos() GROUP BY 1; shows which rows are missing.";
	finding->metadata = psprintf("{\"points_off\": %.2f, \"groups_here\": " UINT64_FORMAT ", \"groups_in_source\": " UINT64_FORMAT "}",
								 distance, target.all, source->all);
}

/* State of check_fullest_groups(). */
typedef struct FullestGroups
{
	uint64		groups;
	uint64		wrong;
	StringInfoData examples;
} FullestGroups;

static void
add_fullest(TupleTableSlot *slot, void *arg)
{
	FullestGroups *fullest = arg;

	fullest->groups++;
	fullest->wrong += slot_int8(slot, 2);
	appendStringInfo(&fullest->examples, "%sgroup " INT64_FORMAT ": %s",
					 fullest->examples.len > 0 ? "; " : "",
					 slot_int8(slot, 0), format_things(slot_int8(slot, 1), "item"));
	if (!slot->tts_isnull[3])
		appendStringInfo(&fullest->examples, " (such as %s)", TextDatumGetCString(slot->tts_values[3]));
}

/* 5: a machine's look at what people would be shown. */
static void
check_fullest_groups(Facts *facts, Finding *finding)
{
	const Target *target = facts->target;
	const ParentTable *dishes = &target->dishes;
	char	   *label = dishes->label ? psprintf("d.%s::text", dishes->label) : "'?'::text";
	FullestGroups fullest = {0};
	QueryArgs	args = {0};
	uint32		top[EXAMPLES];
	int64		ids[EXAMPLES];
	int			n = item_tallies_top(facts->groups, facts->tallies.items_of_group, top, EXAMPLES);

	for (int i = 0; i < n; i++)
		ids[i] = facts->groups->rows[top[i]].id;
	query_arg(&args, INT8ARRAYOID, query_int8_array(ids, NULL, n), false);

	initStringInfo(&fullest.examples);
	query_each(psprintf("SELECT g.%s::int8, count(*), count(*) FILTER (WHERE d.%s IS NULL OR btrim(%s) = ''"
						"  OR %s IS NULL OR d.%s IS DISTINCT FROM g.%s), min(%s)"
						" FROM %s g JOIN %s i ON i.%s = g.%s LEFT JOIN %s d ON d.%s = i.%s"
						" WHERE g.%s = ANY ($1) AND i.%s = ANY ($1) GROUP BY g.%s ORDER BY 2 DESC, 1",
						target->groups.id, dishes->id, label, label, dishes->restaurant,
						target->groups.restaurant, label,
						target->groups.name, target->table.name, target->group, target->groups.id,
						dishes->name, dishes->id, target->dish,
						target->groups.id, target->group, target->groups.id),
			   &args, add_fullest, &fullest);
	if (fullest.groups == 0)
	{
		finding_skip(finding, "no group has items", "Load the source and run the fix.");
		return;
	}

	finding->status = fullest.wrong == 0 ? CHECK_PASS : CHECK_FAIL;
	finding->expected = "every dish has a name and is of the group's restaurant";
	finding->actual = fullest.wrong == 0 ?
		psprintf("so it is, in %s looked at", format_things(fullest.groups, "group")) :
		psprintf("not so for %s", format_things(fullest.wrong, "item"));
	finding->detail = psprintf("%s.", fullest.examples.data);
	if (fullest.wrong > 0)
		finding->remedy = "Roll the run back: its dishes were mapped to the wrong rows.";
	finding->metadata = count_metadata("wrong_items", fullest.wrong);
}

/* 6: V1 first; the others are explained by check 17. */
static void
check_remaining_orphans(Facts *facts, Finding *finding)
{
	const OrphanFigures *orphans = &facts->orphans;
	StringInfoData examples;
	int			named = 0;

	if (!orphans->has_source)
	{
		finding_skip(finding, "no source is staged, so nobody knows which groups V1 has items for",
					 "Load the dump of the old system with menuca_load_dump.");
		return;
	}

	initStringInfo(&examples);
	for (uint32 i = 0; i < facts->groups->nrows && named < EXAMPLES; i++)
	{
		const ParentRow *row = &facts->groups->rows[i];

		if ((row->flags & PARENT_REFERENCED) && !(row->flags & PARENT_HAS_ITEMS))
			appendStringInfo(&examples, "%s" INT64_FORMAT, named++ > 0 ? ", " : "", row->id);
	}

	judge_band(finding, orphans->expected_orphans, orphans->expected_groups);
	if (finding->status == CHECK_PASS && orphans->expected_orphans > 0)
		finding->status = CHECK_WARN;
	finding->expected = "none";
	finding->actual = psprintf("%s of %s (%s)", format_count(orphans->expected_orphans),
							   format_things(orphans->expected_groups, "group"),
							   format_pct(orphans->expected_orphans, orphans->expected_groups));
	finding->detail = named > 0 ? psprintf("By id: %s.", examples.data) :
		psprintf("Orphans without a source row: %s.",
				 format_count(orphans->orphans - orphans->expected_orphans));
	if (finding->status != CHECK_PASS)
		finding->remedy = "SELECT * FROM menuca_orphans() WHERE source_rows > 0;";
	finding->metadata = count_metadata("expected_orphans", orphans->expected_orphans);
}

/* 7: V1 is what this fix can mend. */
static void
check_source_systems(Facts *facts, Finding *finding)
{
	const OrphanFigures *orphans = &facts->orphans;
	StringInfoData actual;

	initStringInfo(&actual);
	for (int i = 0; i < SYSTEM_COUNT; i++)
	{
		if (orphans->groups_by_system[i] > 0)
			appendStringInfo(&actual, "%s%s: %s of %s (%s)", actual.len > 0 ? "; " : "",
							 source_system_name((SourceSystem) i),
							 format_count(orphans->orphans_by_system[i]),
							 format_count(orphans->groups_by_system[i]),
							 format_pct(orphans->orphans_by_system[i], orphans->groups_by_system[i]));
	}

	if (orphans->groups_by_system[SYSTEM_V1] == 0)
	{
		finding_skip(finding, "no group came from V1", NULL);
		return;
	}
	judge_band(finding, orphans->orphans_by_system[SYSTEM_V1], orphans->groups_by_system[SYSTEM_V1]);
	finding->expected = "below 5 % of the V1 groups";
	finding->actual = actual.data;
	if (orphans->orphans_by_system[SYSTEM_V2] > 0)
		finding->detail = "Items of V2 groups are not in the V1 source, but in V2's own table: see SELECT * FROM menuca_orphans() WHERE source_system = 'v2'.";
	if (finding->status != CHECK_PASS)
		finding->remedy = "SELECT * FROM menuca_orphans() WHERE source_system = 'v1';";
	finding->metadata = orphan_figures_by_system(orphans);
}

/* State of check_restaurants(). */
typedef struct RestaurantCounts
{
	uint64		with_groups;
	uint64		with_items;
	uint64		all;
} RestaurantCounts;

/* Counts the different restaurants of V1 groups, and of those with items. */
static void
count_restaurants(const ParentMap *groups, RestaurantCounts *counts)
{
	Int8Sort   *sort = int8_sort_begin(2, maintenance_work_mem / 2, false);
	const int64 *row;
	int64		last = 0;

	/* One with items comes before one without. */
	for (uint32 i = 0; i < groups->nrows; i++)
	{
		const ParentRow *group = &groups->rows[i];
		int64		restaurant[2] = {group->restaurant, (group->flags & PARENT_HAS_ITEMS) == 0};

		if ((group->flags & PARENT_HAS_RESTAURANT) && (group->flags & PARENT_HAS_LEGACY_ID))
			int8_sort_put(sort, restaurant);
	}

	int8_sort_perform(sort);
	while ((row = int8_sort_next(sort)) != NULL)
	{
		if (counts->with_groups > 0 && row[0] == last)
			continue;
		last = row[0];
		counts->with_groups++;
		counts->with_items += row[1] == 0;
	}
	int8_sort_end(sort);
}

/* 8: restaurants, not groups; no figure may exceed its base table's. */
static void
check_restaurants(Facts *facts, Finding *finding)
{
	Oid			restaurants = get_relname_relid("restaurants",
												get_namespace_oid(facts->target->schema, false));
	RestaurantCounts counts = {0};

	count_restaurants(facts->groups, &counts);
	if (OidIsValid(restaurants))
		counts.all = query_int8(psprintf("SELECT count(*) FROM %s",
										 relation_quoted_name(restaurants)), NULL);
	if (counts.with_groups == 0)
	{
		finding_skip(finding, "no restaurant has V1 combo groups", NULL);
		return;
	}

	finding->status = format_percentage(counts.with_items, counts.with_groups) >= NEARLY_ALL ? CHECK_PASS : CHECK_WARN;
	if (OidIsValid(restaurants) && counts.with_groups > counts.all)
		finding->status = CHECK_FAIL;
	finding->expected = psprintf("%g %% of the restaurants with V1 groups have one with items", NEARLY_ALL);
	finding->actual = psprintf("%s (%s of %s)", format_pct(counts.with_items, counts.with_groups),
							   format_count(counts.with_items), format_count(counts.with_groups));
	if (OidIsValid(restaurants))
		finding->detail = psprintf("Restaurants in all: %s.", format_count(counts.all));
	if (finding->status != CHECK_PASS)
		finding->remedy = "SELECT restaurant_id, count(*) FROM menuca_orphans() GROUP BY 1 ORDER BY 2 DESC;";
	finding->metadata = psprintf("{\"restaurants_with_groups\": " UINT64_FORMAT ", \"restaurants_with_items\": " UINT64_FORMAT "}",
								 counts.with_groups, counts.with_items);
}

/* 9 */
static void
check_dish_usage(Facts *facts, Finding *finding)
{
	const ParentMap *dishes = facts->dishes;
	const uint32 *counts = facts->tallies.groups_of_dish;
	uint64		unknown = facts->census.invalid_dish;
	uint64		used = 0;
	uint32		top[EXAMPLES];
	int			n = item_tallies_top(dishes, counts, top, EXAMPLES);
	StringInfoData examples;

	for (uint32 i = 0; i < dishes->nrows; i++)
		used += counts[i] > 0;
	if (used + unknown == 0)
	{
		finding_skip(finding, "no item names a dish", "Load the source and run the fix.");
		return;
	}

	initStringInfo(&examples);
	for (int i = 0; i < n; i++)
		appendStringInfo(&examples, "%sdish " INT64_FORMAT " in %s", i > 0 ? ", " : "",
						 dishes->rows[top[i]].id, format_things(counts[top[i]], "group"));

	finding->status = unknown == 0 ? CHECK_PASS : CHECK_FAIL;
	finding->expected = psprintf("some of the %s that there are", format_count(dishes->nrows));
	finding->actual = unknown == 0 ? psprintf("%s used", format_count(used)) :
		psprintf("%s used, and unknown ones by %s", format_count(used), format_things(unknown, "item"));
	if (n > 0)
		finding->detail = psprintf("Most used: %s.", examples.data);
	if (finding->status != CHECK_PASS)
		finding->remedy = "Items name dishes that do not exist: see the check references.";
	finding->metadata = count_metadata("dishes_used", used);
}

/* 10: what was created lately should be what the ledger says. */
static void
check_recent_items(Facts *facts, Finding *finding)
{
	const Target *target = facts->target;
	QueryArgs	args = {0};
	uint64		created;
	uint64		recorded;

	if (target->created_at_attnum == InvalidAttrNumber)
	{
		finding_skip(finding, "the items have no created_at", NULL);
		return;
	}

	created = facts_item_details(facts)->recent;
	query_arg_text(&args, target->schema);
	query_arg_text(&args, target->junction->name);
	recorded = query_int8(psprintf("SELECT coalesce(sum(b.row_count), 0)::int8 FROM %smenuca_run r"
								   " JOIN %smenuca_run_batch b USING (run_id)"
								   " WHERE r.target_schema = $1 AND r.target = $2 AND r.status <> 'rolled_back'"
								   " AND b.written_at > now() - interval '24 hours'",
								   migrate_schema(), migrate_schema()), &args);

	finding->status = created == recorded ? CHECK_PASS : CHECK_WARN;
	finding->expected = psprintf("%s by runs of the last 24 hours", format_count(recorded));
	finding->actual = psprintf("%s created", format_count(created));
	if (created > recorded)
		finding->detail = psprintf("%s came from elsewhere.", format_things(created - recorded, "item"));
	else if (created < recorded)
		finding->detail = psprintf("%s of the runs are gone or bear another date.",
								   format_things(recorded - created, "item"));
	if (finding->status != CHECK_PASS)
		finding->remedy = "Ask who else writes to the table; a rollback leaves such rows alone.";
	finding->metadata = psprintf("{\"created\": " UINT64_FORMAT ", \"recorded\": " UINT64_FORMAT "}",
								 created, recorded);
}

/* 11: four counts, all of them zero. */
static void
check_references(Facts *facts, Finding *finding)
{
	const ItemCensus *census = &facts->census;
	uint64		wrong = census->null_dish + census->null_group +
		census->invalid_dish + census->invalid_group;
	StringInfoData metadata;

	expect_none(finding, wrong, "broken reference", CHECK_FAIL,
				"Roll the run back; if it was not ours, delete these items and add the foreign keys.");
	finding->detail = psprintf("No dish: %s, no group: %s, invalid dish: %s, invalid group: %s.",
							   format_count(census->null_dish), format_count(census->null_group),
							   format_count(census->invalid_dish), format_count(census->invalid_group));

	initStringInfo(&metadata);
	json_begin(&metadata);
	json_count(&metadata, "null_dish", census->null_dish);
	json_count(&metadata, "null_group", census->null_group);
	json_count(&metadata, "invalid_dish", census->invalid_dish);
	json_count(&metadata, "invalid_group", census->invalid_group);
	json_end(&metadata);
	finding->metadata = metadata.data;
}

/* 12 */
static void
check_duplicates(Facts *facts, Finding *finding)
{
	expect_none(finding, facts->census.duplicate, "item", CHECK_FAIL,
				"A run never adds one: find out who did, delete the younger rows and add UNIQUE (group, dish).");
	finding->detail = "Items that repeat the pair of another one.";
	finding->metadata = count_metadata("duplicate_items", facts->census.duplicate);
}

/* 13: the latest run that inserted something and still stands. */
static void
check_ledger(Facts *facts, Finding *finding)
{
	const LedgerFacts *ledger = facts_ledger(facts);
	const Reconciliation *found = &ledger->found;
	int64		run_id = ledger->run_id;
	QueryArgs	args = {0};
	int64		items_after;
	Run		   *run;

	if (run_id == 0)
	{
		finding_skip(finding, "the ledger has no finished run that inserted something here and still stands", NULL);
		return;
	}

	run = run_find(run_id);
	query_arg_int8(&args, run_id);
	items_after = query_int8(psprintf("SELECT items_after FROM %smenuca_run WHERE run_id = $1",
									  migrate_schema()), &args);

	finding->expected = psprintf("run %lld: %s before + %s inserted = %s after, all of them still there",
								 (long long) run_id, format_count(run->items_before),
								 format_count(run->inserted), format_count(items_after));
	finding->actual = psprintf("%s of %s from before, %s of %s inserted, %s added since",
							   format_count(found->baseline_intact), format_count(found->baseline),
							   format_count(found->inserted_intact), format_count(found->inserted),
							   format_count(found->others));
	if (found->inserted != run->inserted || found->baseline != run->items_before ||
		(strcmp(run->mode, "transaction") == 0 && run->items_before + run->inserted != (uint64) items_after))
	{
		finding->status = CHECK_FAIL;
		finding->remedy = "The ledger contradicts itself: somebody wrote to it.";
	}
	else if (found->inserted_intact != found->inserted || found->baseline_intact != found->baseline)
	{
		finding->status = CHECK_WARN;
		finding->detail = psprintf("Changed or deleted since, by others or by the rollback of another run: %s of the run, %s from before it.",
								   format_count(found->inserted - found->inserted_intact),
								   format_count(found->baseline - found->baseline_intact));
		finding->remedy = psprintf("SELECT * FROM menuca_rollback(%lld); says what a rollback would meet.",
								   (long long) run_id);
	}
	finding->metadata = psprintf("{\"run_id\": %lld, \"items_before\": " UINT64_FORMAT ", \"inserted\": " UINT64_FORMAT ", \"items_after\": " INT64_FORMAT "}",
								 (long long) run_id, run->items_before, run->inserted, items_after);
}

/* 14 */
static void
check_cross_restaurant(Facts *facts, Finding *finding)
{
	expect_none(finding, facts->census.cross_restaurant, "item", CHECK_FAIL,
				"A run never adds one: customers see another restaurant's dish. Delete these items.");
	finding->metadata = count_metadata("cross_restaurant", facts->census.cross_restaurant);
}

/* 15: equal positions are usual, V1 had 0 nearly everywhere. */
static void
check_display_order(Facts *facts, Finding *finding)
{
	const ItemDetails *details;

	if (facts->target->display_order_attnum == InvalidAttrNumber)
	{
		finding_skip(finding, "the items have no display_order", NULL);
		return;
	}

	details = facts_item_details(facts);
	expect_none(finding, details->order_missing + details->order_negative,
				"missing or negative position", CHECK_WARN,
				"UPDATE the display_order of these items; the source had such values.");
	finding->detail = psprintf("Missing: %s, negative: %s, greatest position: " INT64_FORMAT ".",
							   format_count(details->order_missing), format_count(details->order_negative),
							   details->order_greatest);
	finding->metadata = psprintf("{\"missing\": " UINT64_FORMAT ", \"negative\": " UINT64_FORMAT ", \"greatest\": " INT64_FORMAT "}",
								 details->order_missing, details->order_negative, details->order_greatest);
}

/* 16 */
static void
check_inactive_dishes(Facts *facts, Finding *finding)
{
	if (facts->target->dishes.is_active == NULL)
	{
		finding_skip(finding, "dishes have no is_active", NULL);
		return;
	}
	expect_none(finding, facts->census.inactive_dish, "item", CHECK_WARN,
				"Decide per restaurant whether the dish should be sold again or the item go.");
	if (facts->census.inactive_dish > 0)
		finding->detail = "Customers who choose such a combo find a dish that cannot be ordered.";
	finding->metadata = count_metadata("inactive_dish_items", facts->census.inactive_dish);
}

/* 17 */
static void
check_orphans_explained(Facts *facts, Finding *finding)
{
	uint64		counts[ORPHAN_REASON_COUNT] = {0};
	uint64		pending[SYSTEM_COUNT] = {0};
	const V2Lists *v2;
	StringInfoData actual;
	StringInfoData metadata;

	if (facts->fates == NULL)
	{
		finding_skip(finding, "no source is staged to explain them",
					 "Load the dump of the old system with menuca_load_dump.");
		return;
	}

	v2 = facts_v2_lists(facts);
	for (uint32 i = 0; i < facts->groups->nrows; i++)
	{
		const ParentRow *row = &facts->groups->rows[i];
		OrphanStory story;

		if (row->flags & PARENT_HAS_ITEMS)
			continue;
		story = orphan_story(row, &facts->fates[i], v2);
		counts[story.reason]++;
		pending[story.told_by] += story.reason == ORPHAN_FIX_PENDING;
	}

	initStringInfo(&actual);
	initStringInfo(&metadata);
	json_begin(&metadata);
	for (int i = 0; i < ORPHAN_REASON_COUNT; i++)
	{
		if (counts[i] == 0)
			continue;
		appendStringInfo(&actual, "%s%s %s", actual.len > 0 ? ", " : "",
						 format_count(counts[i]), orphan_reason_name((OrphanReason) i));
		json_count(&metadata, orphan_reason_name((OrphanReason) i), counts[i]);
	}
	json_end(&metadata);

	finding->status = counts[ORPHAN_FIX_PENDING] == 0 ? CHECK_PASS : CHECK_FAIL;
	finding->expected = "none that the fix could fill";
	finding->actual = actual.len > 0 ? actual.data : "no orphans";
	if (finding->status != CHECK_PASS)
		finding->remedy = psprintf("Run the fix: %s%s%s",
								   pending[SYSTEM_V1] > 0 ? "SELECT * FROM menuca_fix_combos();" : "",
								   pending[SYSTEM_V1] > 0 && pending[SYSTEM_V2] > 0 ? " " : "",
								   pending[SYSTEM_V2] > 0 ? "SELECT * FROM menuca_fix_v2_groups();" : "");
	finding->metadata = metadata.data;
}

/* An orphan rate's band as a status. */
static void
judge_band(Finding *finding, uint64 orphans, uint64 groups)
{
	const char *band = orphan_band(orphans, groups);

	if (band == NULL || strcmp(band, "EXCELLENT") == 0 || strcmp(band, "PASS") == 0)
		finding->status = CHECK_PASS;
	else if (strcmp(band, "WARNING") == 0)
		finding->status = CHECK_WARN;
	else
		finding->status = CHECK_FAIL;
}

static char *
count_metadata(const char *key, uint64 count)
{
	return psprintf("{\"%s\": " UINT64_FORMAT "}", key, count);
}

/* A count that should be zero. */
static void
expect_none(Finding *finding, uint64 count, const char *noun,
			FindingStatus otherwise, char *remedy)
{
	finding->status = count == 0 ? CHECK_PASS : otherwise;
	finding->expected = "none";
	finding->actual = count == 0 ? "none" : format_things(count, noun);
	if (count > 0)
		finding->remedy = remedy;
}
