/*-------------------------------------------------------------------------
 *
 * checks_groups.c
 *	  Checks of groups, dishes and restaurants: see checks_groups.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/blank.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/int8_sort.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/scan.h"
#include "base/slot.h"
#include "check/accepted_change.h"
#include "check/check_judge.h"
#include "check/checks_groups.h"
#include "check/validation_facts.h"
#include "target/item_counts.h"

/* Groups or dishes that a detail names. */
#define EXAMPLES 5

/* Share in percent that is a pass; that of the coverage gate, by default. */
#define NEARLY_ALL 95.0

/* Groups in percent whose rules may have changed since the latest run. */
#define MAX_CHANGED_RULES 1.0

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

/* State of check_fullest_groups(). */
typedef struct FullestGroups
{
	uint64		groups;
	uint64		wrong_items;
	StringInfoData examples;
} FullestGroups;

/* State of check_restaurants(). */
typedef struct RestaurantCounts
{
	uint64		with_groups;	/* of V1 */
	uint64		with_items;		/* in groups of V1 */
	uint64		all;			/* rows of the table */
} RestaurantCounts;

/* Rows whose names are blank, and that items lead to. */
typedef struct BlankNames
{
	const ParentMap *map;		/* of the rows that are being read */
	const uint32 *counts;
	const char *noun;
	uint64		found;
	int			named;			/* in the examples, or more */
	StringInfoData examples;
} BlankNames;

static void add_item_count(uint32 group, const StatedCount *stated, void *arg);
static void add_difference(ItemCountCheck *check, const ItemCountDifference *found);
static bool is_worse(const ItemCountDifference *a, const ItemCountDifference *b);
static int64 difference(const ItemCountDifference *count);
static void add_fullest(TupleTableSlot *slot, void *arg);
static void judge_by_run(const Facts *facts, const ItemCountFigures *counts, Finding *finding);
static void count_restaurants(const ParentMap *groups, RestaurantCounts *counts);
static void find_blank_names(const ParentTable *parent, const ParentMap *map, const uint32 *counts,
							 const char *noun, BlankNames *blank);
static void add_blank_row(TupleTableSlot *slot, void *arg);
static bool is_blank_name(Datum text);


/* 1: the tickets counted the rows of a join; here its parts are counted. */
void
check_counts(void *subject, Finding *finding)
{
	const Facts *facts = subject;
	const OrphanFigures *orphans = &facts->orphans;
	uint64		with_items = orphans->groups - orphans->orphans;
	StringInfoData metadata;

	finding->status = facts->census.items > 0 && with_items <= facts->census.items ?
		CHECK_PASS : CHECK_FAIL;
	finding->expected = "at least one item, and no more groups with items than items";
	finding->actual = psprintf("%s in %s of %s groups; %s dishes",
							   format_things(facts->census.items, "item"),
							   format_count(with_items), format_count(orphans->groups),
							   format_count(facts->dishes->nrows));
	finding->detail = psprintf("The tickets' LEFT JOIN would count %s rows: items and orphans together.",
							   format_count(facts->census.items + orphans->orphans));
	if (finding->status != CHECK_PASS)
		finding->remedy = "Customers can order nothing yet: load the source and run the fix.";

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

/* 3: only groups with items whose rules state a number are compared. */
void
check_item_count(void *subject, Finding *finding)
{
	const Facts *facts = subject;
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
		finding_skip(finding, "no group with items has an item_count", NULL);
		return;
	}

	initStringInfo(&examples);
	for (int i = 0; i < check.nworst; i++)
		format_append(&examples, "; ", "group " INT64_FORMAT ": " INT64_FORMAT " expected, " INT64_FORMAT " found",
					  check.worst[i].id, check.worst[i].stated, check.worst[i].items);

	finding->status = format_percentage(counts->equal, counts->groups) >= NEARLY_ALL ? CHECK_PASS : CHECK_WARN;
	finding->expected = psprintf("as many items as combo_rules.item_count, in %g %% of the groups", NEARLY_ALL);
	finding->actual = psprintf("%s (%s of %s)", format_pct(counts->equal, counts->groups),
							   format_count(counts->equal), format_count(counts->groups));
	if (check.nworst > 0)
		finding->detail = psprintf("Largest differences: %s.", examples.data);
	if (finding->status != CHECK_PASS)
		finding->remedy = "Find out what item_count means here: how many dishes a group offers, or how many a customer picks.";
	finding->metadata = psprintf("{\"groups\": " UINT64_FORMAT ", \"equal\": " UINT64_FORMAT "}",
								 counts->groups, counts->equal);
	check_judge_accepted(facts, ACCEPT_ITEM_COUNT, 0, finding);
	judge_by_run(facts, counts, finding);
}

/*
 * The latest run has counted the same groups for the state after it.  That rules
 * agree with fewer groups now means that rules or items were changed.
 */
static void
judge_by_run(const Facts *facts, const ItemCountFigures *counts, Finding *finding)
{
	List	   *runs = accepted_change_has_run(facts) ?
		run_list_in_effect(facts->target->schema, facts->target->junction->name) : NIL;
	const Run  *run = runs == NIL ? NULL : linitial(runs);
	bool		is_recorded = run && run_has_figure_before(run, "{probes,item_counts_equal}");
	uint64		groups = is_recorded ? run_figure_before(run, "{probes,item_counts}") : 0;
	uint64		equal = is_recorded ? run_figure_before(run, "{probes,item_counts_equal}") : 0;

	if (groups == 0 || equal <= counts->equal || run_list_undone_since(run) != NIL ||
		format_percentage(equal - counts->equal, groups) <= MAX_CHANGED_RULES)
		return;
	finding->status = CHECK_FAIL;
	finding->detail = psprintf("When run %lld was planned it was %s (%s of %s): rules or items were changed since.%s%s",
							   (long long) run->id, format_pct(equal, groups), format_count(equal), format_count(groups),
							   finding->detail ? " " : "", finding->detail ? finding->detail : "");
	finding->remedy = "Find out who changed combo_rules, and restore them from the backup.";
	accepted_change_apply(facts, "item_count", psprintf("{\"others\": " UINT64_FORMAT "}", counts->groups - counts->equal), finding);
}

/* Compares a group that states a number; groups without items are left out. */
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
				 errmsg("the item_count of group %lld is not a number", (long long) stated->id),
				 errdetail("It is in the group's combo_rules, and the group has %s.",
						   format_things(found.items, "item")),
				 errhint("Correct it, or remove it from combo_rules.")));
	item_counts_compare(&check->figures, stated, check->items_of_group[group]);
	if (found.stated != found.items)
		add_difference(check, &found);
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

static bool
is_worse(const ItemCountDifference *a, const ItemCountDifference *b)
{
	return difference(a) != difference(b) ? difference(a) > difference(b) : a->id < b->id;
}

static int64
difference(const ItemCountDifference *count)
{
	return count->stated > count->items ? count->stated - count->items :
		count->items - count->stated;
}

/* 4 */
void
check_distribution(void *subject, Finding *finding)
{
	const Facts *facts = subject;
	const Distribution *source;
	Distribution target = {0};
	double		distance;

	if (facts->source == NULL)
	{
		finding_skip(finding, "no source is staged to compare with",
					 facts->load_hint);
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
		finding->remedy = migrate_call("To see which rows are missing: SELECT outcome, count(*) FROM menuca_plan_combos(%s) GROUP BY 1;",
									   facts->arguments);
	check_judge_accepted(facts, ACCEPT_DISTRIBUTION, distance, finding);
	finding->metadata = psprintf("{\"distribution_points\": %.2f, \"groups_in_target\": " UINT64_FORMAT ", \"groups_in_source\": " UINT64_FORMAT "}",
								 distance, target.all, source->all);
}

/* 5: what a person would check by eye in the groups with the most items. */
void
check_fullest_groups(void *subject, Finding *finding)
{
	const Facts *facts = subject;
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
	query_each(psprintf("SELECT g.%s::int8, count(*), count(*) FILTER (WHERE d.%s IS NULL OR btrim(%s, %s) = ''"
						"  OR %s IS NULL OR d.%s IS DISTINCT FROM g.%s), min(%s)"
						" FROM %s g JOIN %s i ON i.%s = g.%s LEFT JOIN %s d ON d.%s = i.%s"
						" WHERE g.%s = ANY ($1) AND i.%s = ANY ($1) GROUP BY g.%s ORDER BY 2 DESC, 1",
						target->groups.id, dishes->id, label, blank_characters(), label, dishes->restaurant,
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

	finding->status = fullest.wrong_items == 0 ? CHECK_PASS : CHECK_FAIL;
	finding->expected = "every dish has a name and belongs to the group's restaurant";
	finding->actual = fullest.wrong_items == 0 ?
		psprintf("true for all %s checked", format_things(fullest.groups, "group")) :
		psprintf("not true for %s", format_things(fullest.wrong_items, "item"));
	finding->detail = psprintf("%s.", fullest.examples.data);
	if (fullest.wrong_items > 0)
		finding->remedy = "Roll back the run that inserted these items: its dishes were mapped to the wrong rows.";
	finding->metadata = json_one_count("wrong_items", fullest.wrong_items);
}

static void
add_fullest(TupleTableSlot *slot, void *arg)
{
	FullestGroups *fullest = arg;

	fullest->groups++;
	fullest->wrong_items += slot_int8(slot, 2);
	format_append(&fullest->examples, "; ", "group " INT64_FORMAT ": %s",
				  slot_int8(slot, 0), format_things(slot_int8(slot, 1), "item"));
	if (!slot->tts_isnull[3])
		appendStringInfo(&fullest->examples, " (such as %s)", slot_text(slot, 3));
}

/*
 * 8: restaurants are counted, not groups; there cannot be more than their
 * table has rows.
 */
void
check_restaurants(void *subject, Finding *finding)
{
	const Facts *facts = subject;
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
	finding->expected = psprintf("%g %% of the restaurants with V1 groups have a V1 group with items", NEARLY_ALL);
	finding->actual = psprintf("%s (%s of %s)", format_pct(counts.with_items, counts.with_groups),
							   format_count(counts.with_items), format_count(counts.with_groups));
	if (OidIsValid(restaurants))
		finding->detail = psprintf("Restaurants in total: %s.", format_count(counts.all));
	if (finding->status != CHECK_PASS)
		finding->remedy = migrate_call("SELECT restaurant_id, count(*) FROM menuca_orphans(%s) GROUP BY 1 ORDER BY 2 DESC;",
									   facts->arguments);
	if (!OidIsValid(restaurants) || counts.with_groups <= counts.all)
		check_judge_accepted(facts, ACCEPT_RESTAURANTS,
							 format_percentage(counts.with_items, counts.with_groups), finding);
	finding->metadata = psprintf("{\"restaurants_with_groups\": " UINT64_FORMAT ", \"restaurants_with_items\": " UINT64_FORMAT "}",
								 counts.with_groups, counts.with_items);
}

/*
 * Counts the different restaurants of V1 groups, and of V1 groups with items.
 */
static void
count_restaurants(const ParentMap *groups, RestaurantCounts *counts)
{
	Int8Sort   *sort = int8_sort_begin(2, maintenance_work_mem / 2, false);
	const int64 *row;
	int64		last = 0;

	/* Of a restaurant's groups, those with items sort first. */
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

/* 9 */
void
check_dish_usage(void *subject, Finding *finding)
{
	const Facts *facts = subject;
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
		format_append(&examples, ", ", "dish " INT64_FORMAT " in %s",
					  dishes->rows[top[i]].id, format_things(counts[top[i]], "group"));

	finding->status = unknown == 0 ? CHECK_PASS : CHECK_FAIL;
	finding->expected = psprintf("at least one of the %s dishes", format_count(dishes->nrows));
	finding->actual = unknown == 0 ? psprintf("%s used", format_count(used)) :
		psprintf("%s used; %s of dishes that do not exist", format_count(used), format_things(unknown, "item"));
	if (n > 0)
		finding->detail = psprintf("Most used: %s.", examples.data);
	if (finding->status != CHECK_PASS)
		finding->remedy = "Items name dishes that do not exist: follow the remedy of the check references.";
	finding->metadata = json_one_count("dishes_used", used);
}

/* 25: a customer cannot choose what has no name; check 5 sees five groups only. */
void
check_blank_names(void *subject, Finding *finding)
{
	const Facts *facts = subject;
	BlankNames	blank = {0};
	uint64		groups = facts->orphans.groups - facts->orphans.orphans;
	uint64		dishes = 0;
	uint64		blank_groups;

	if (facts->target->groups.label == NULL && facts->target->dishes.label == NULL)
	{
		finding_skip(finding, "groups and dishes have no column name", NULL);
		return;
	}
	for (uint32 i = 0; i < facts->dishes->nrows; i++)
		dishes += facts->tallies.groups_of_dish[i] > 0;
	if (groups + dishes == 0)
	{
		finding_skip(finding, "no group has items", "Load the source and run the fix.");
		return;
	}

	initStringInfo(&blank.examples);
	find_blank_names(&facts->target->groups, facts->groups, facts->tallies.items_of_group, "group", &blank);
	blank_groups = blank.found;
	find_blank_names(&facts->target->dishes, facts->dishes, facts->tallies.groups_of_dish, "dish", &blank);
	finding->status = blank.found == 0 ? CHECK_PASS : CHECK_FAIL;
	finding->expected = "every group with items, and every dish of an item, has a name";
	finding->actual = psprintf("blank: %s of %s with items, %s of %s of items",
							   format_count(blank_groups), format_things(groups, "group"),
							   format_count(blank.found - blank_groups),
							   dishes == 1 ? "1 dish" : psprintf("%s dishes", format_count(dishes)));
	if (finding->status != CHECK_PASS)
	{
		finding->detail = psprintf("Such as %s.", blank.examples.data);
		finding->remedy = "Restore their names from the backup or from V1.";
	}
	finding->metadata = psprintf("{\"blank_groups\": " UINT64_FORMAT ", \"blank_dishes\": " UINT64_FORMAT "}",
								 blank_groups, blank.found - blank_groups);
	accepted_change_apply(facts, "blank_names", finding->metadata, finding);
}

/* Finds the rows with a blank name that items lead to, by their counts. */
static void
find_blank_names(const ParentTable *parent, const ParentMap *map, const uint32 *counts,
				 const char *noun, BlankNames *blank)
{
	ScanColumn	columns[] = {
		{parent->id_attnum, SCAN_INT8},
		{parent->label ? column_find(parent->oid, "name") : InvalidAttrNumber, SCAN_TEXT}
	};

	if (parent->label == NULL)
		return;
	blank->map = map;
	blank->counts = counts;
	blank->noun = noun;
	scan_each(parent->oid, columns, lengthof(columns), false, add_blank_row, blank);
}

static void
add_blank_row(TupleTableSlot *slot, void *arg)
{
	BlankNames *blank = arg;
	uint32		row;

	if (!slot->tts_isnull[1] && !is_blank_name(slot->tts_values[1]))
		return;
	row = slot->tts_isnull[0] ? PARENT_MAP_END : parent_index_find(blank->map->by_id, slot_int8(slot, 0));
	if (row == PARENT_MAP_END || blank->counts[row] == 0)
		return;
	blank->found++;
	if (blank->named++ < EXAMPLES)
		format_append(&blank->examples, ", ", "%s " INT64_FORMAT, blank->noun, slot_int8(slot, 0));
}

static bool
is_blank_name(Datum text)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(text);

	return blank_text(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed));
}
