/*-------------------------------------------------------------------------
 *
 * explain_unmapped.c
 *	  Why source rows cannot be mapped, and what to do about it.
 *
 * menuca_explain_unmapped(source, target, menu, ingredients, id_column,
 * dish_column, group_column, order_column)
 *
 * A plan rejects rows one by one.  Here they are sorted into classes, by the
 * reason, by the table where the dish's id occurs, and by restaurant; each
 * class is one row of the result.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/int8_sort.h"
#include "base/proposal.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/settings.h"
#include "plan/mapping_plan.h"
#include "source/id_space.h"
#include "source/source.h"
#include "source/source_arguments.h"
#include "source/staged_table.h"

PG_FUNCTION_INFO_V1(menuca_explain_unmapped);

/* Ids of a class that are shown. */
#define SAMPLES 5

/* The staged table where a dish's id occurs. */
typedef enum FoundIn
{
	FOUND_IN_MENU,
	FOUND_IN_INGREDIENTS,
	FOUND_NOWHERE,
	FOUND_UNKNOWN				/* not looked for, or no table is staged */
} FoundIn;

#define FOUND_COUNT (FOUND_UNKNOWN + 1)

/* Columns of the sort. */
enum
{
	REJECT_CLASS,				/* outcome and where found */
	REJECT_RESTAURANT,
	REJECT_ID,
	REJECT_COLUMNS
};

/*
 * Values that no id has: ids in the target and in staged tables are positive.
 */
#define NO_RESTAURANT PG_INT64_MIN
#define NO_ID PG_INT64_MAX

typedef struct Explanation
{
	const ParentMap *groups;
	const ParentMap *dishes;
	const IdSpace *menu;		/* NULL when not staged */
	const IdSpace *ingredients;
	Int8Sort   *rejects;
} Explanation;

/* Rejects of one class and restaurant. */
typedef struct RejectClass
{
	Outcome		outcome;
	FoundIn		found;
	int64		restaurant;
	uint64		rows;
	uint64		ids;
	int64		samples[SAMPLES];
} RejectClass;

static void keep_maps(ParentMap *groups, ParentMap *dishes, void *arg);
static void sort_reject(const PlanRow *row, void *arg);
static FoundIn find_dish(const Explanation *explanation, const PlanRow *row);
static int64 restaurant_of(const Explanation *explanation, const PlanRow *row);
static bool only_restaurant(const ParentMap *map, int64 legacy, int64 *restaurant);
static int64 id_of_reject(const PlanRow *row);
static void return_classes(const Explanation *explanation, ReturnSetInfo *rsinfo);
static void return_class(const Explanation *explanation, const RejectClass *class,
						 ReturnSetInfo *rsinfo);
static const char *remedy_for(const Explanation *explanation, const RejectClass *class);
static const char *dish_remedy(const Explanation *explanation, FoundIn found);


/* One row per reason, table and restaurant. */
Datum
menuca_explain_unmapped(PG_FUNCTION_ARGS)
{
	Target	   *target = target_open(NULL, argument_text(fcinfo, 1, "target"), ACL_SELECT);
	SourceColumns columns = source_row_columns(fcinfo, 4);
	Source	   *source = source_open(argument_table_or_invalid(fcinfo, 0, "source"), &columns, false);
	Explanation explanation = {
		.menu = id_space_read(argument_table_or_invalid(fcinfo, 2, "menu"), "menu",
							  "menuca.menu_table", menuca_menu_table, NULL),
		.ingredients = id_space_read(argument_table_or_invalid(fcinfo, 3, "ingredients"), "ingredients",
									 "menuca.ingredients_table", menuca_ingredients_table, NULL),
		.rejects = int8_sort_begin(REJECT_COLUMNS, maintenance_work_mem / 2, false)
	};
	PlanRequest request = {
		.maps_fn = keep_maps,
		.row_fn = sort_reject,
		.arg = &explanation,
		.classify_only = true,
		.kilobytes = maintenance_work_mem / 2
	};

	InitMaterializedSRF(fcinfo, 0);
	plan_make(target, source, &request);
	return_classes(&explanation, (ReturnSetInfo *) fcinfo->resultinfo);
	int8_sort_end(explanation.rejects);

	return (Datum) 0;
}

static void
keep_maps(ParentMap *groups, ParentMap *dishes, void *arg)
{
	Explanation *explanation = arg;

	explanation->groups = groups;
	explanation->dishes = dishes;
}

static void
sort_reject(const PlanRow *row, void *arg)
{
	const Explanation *explanation = arg;
	int64		reject[REJECT_COLUMNS];

	if (row->outcome == OUTCOME_INSERT)
		return;
	reject[REJECT_CLASS] = row->outcome * FOUND_COUNT + find_dish(explanation, row);
	reject[REJECT_RESTAURANT] = restaurant_of(explanation, row);
	reject[REJECT_ID] = id_of_reject(row);
	int8_sort_put(explanation->rejects, reject);
}

/*
 * The staged table where the dish's id occurs, if the target lacks the dish or
 * has it in another restaurant.
 */
static FoundIn
find_dish(const Explanation *explanation, const PlanRow *row)
{
	if (row->outcome != OUTCOME_UNMAPPED_DISH && row->outcome != OUTCOME_UNMAPPED_BOTH &&
		row->outcome != OUTCOME_CROSS_RESTAURANT)
		return FOUND_UNKNOWN;
	if (explanation->menu && id_space_has(explanation->menu, row->source.dish))
		return FOUND_IN_MENU;
	if (explanation->ingredients && id_space_has(explanation->ingredients, row->source.dish))
		return FOUND_IN_INGREDIENTS;
	return explanation->menu || explanation->ingredients ? FOUND_NOWHERE : FOUND_UNKNOWN;
}

/* The group's restaurant; without a group, the dish's. */
static int64
restaurant_of(const Explanation *explanation, const PlanRow *row)
{
	int64		restaurant;

	if (row->source.has_group && row->source.group > 0 &&
		only_restaurant(explanation->groups, row->source.group, &restaurant))
		return restaurant;
	if (row->outcome == OUTCOME_UNMAPPED_GROUP &&
		only_restaurant(explanation->dishes, row->source.dish, &restaurant))
		return restaurant;
	return NO_RESTAURANT;
}

/* True if all rows of a legacy id belong to one restaurant. */
static bool
only_restaurant(const ParentMap *map, int64 legacy, int64 *restaurant)
{
	uint32		first = parent_map_first(map, legacy);

	if (first == PARENT_MAP_END)
		return false;
	*restaurant = map->rows[first].restaurant;
	for (uint32 i = first; i != PARENT_MAP_END; i = map->rows[i].next)
	{
		if ((map->rows[i].flags & PARENT_HAS_RESTAURANT) == 0 ||
			map->rows[i].restaurant != *restaurant)
			return false;
	}
	return true;
}

/* The legacy id that causes the rejection; of an invalid row its own id. */
static int64
id_of_reject(const PlanRow *row)
{
	switch (row->outcome)
	{
		case OUTCOME_UNMAPPED_GROUP:
		case OUTCOME_AMBIGUOUS_GROUP:
			return row->source.group;
		case OUTCOME_INVALID:
			return row->source.has_id ? row->source.id : NO_ID;
		default:
			return row->source.dish;
	}
}

/* Returns the sorted rejects, one row per class. */
static void
return_classes(const Explanation *explanation, ReturnSetInfo *rsinfo)
{
	RejectClass class = {0};
	int64		last[REJECT_COLUMNS] = {0};
	const int64 *reject;

	int8_sort_perform(explanation->rejects);
	while ((reject = int8_sort_next(explanation->rejects)) != NULL)
	{
		bool		same_class = class.rows > 0 &&
			reject[REJECT_CLASS] == last[REJECT_CLASS] &&
			reject[REJECT_RESTAURANT] == last[REJECT_RESTAURANT];

		if (!same_class)
		{
			return_class(explanation, &class, rsinfo);
			memset(&class, 0, sizeof(RejectClass));
			class.outcome = (Outcome) (reject[REJECT_CLASS] / FOUND_COUNT);
			class.found = (FoundIn) (reject[REJECT_CLASS] % FOUND_COUNT);
			class.restaurant = reject[REJECT_RESTAURANT];
		}
		class.rows++;
		if (reject[REJECT_ID] != NO_ID &&
			(!same_class || reject[REJECT_ID] != last[REJECT_ID]))
		{
			if (class.ids < SAMPLES)
				class.samples[class.ids] = reject[REJECT_ID];
			class.ids++;
		}
		memcpy(last, reject, sizeof(last));
	}
	return_class(explanation, &class, rsinfo);
}

static void
return_class(const Explanation *explanation, const RejectClass *class,
			 ReturnSetInfo *rsinfo)
{
	static const char *const found_names[FOUND_COUNT] = {"menu", "ingredients", "nowhere", NULL};
	const char *remedy;
	Datum		values[8];
	bool		nulls[8] = {0};

	if (class->rows == 0)
		return;
	remedy = remedy_for(explanation, class);
	values[0] = CStringGetTextDatum(plan_outcome_name(class->outcome));
	values[1] = result_text(found_names[class->found], &nulls[1]);
	values[2] = Int64GetDatum(class->restaurant);
	nulls[2] = class->restaurant == NO_RESTAURANT;
	values[3] = Int64GetDatum(class->rows);
	values[4] = Int64GetDatum(class->ids);
	values[5] = query_int8_array(class->samples, NULL, Min(class->ids, SAMPLES));
	values[6] = CStringGetTextDatum(remedy);
	values[7] = result_text(proposal_first(remedy), &nulls[7]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static const char *
remedy_for(const Explanation *explanation, const RejectClass *class)
{
	switch (class->outcome)
	{
		case OUTCOME_UNMAPPED_DISH:
		case OUTCOME_UNMAPPED_BOTH:
			return dish_remedy(explanation, class->found);
		case OUTCOME_UNMAPPED_GROUP:
			return "The groups were not migrated: migrate them to combo_groups, with their legacy_v1_id, or accept that they have no items.";
		case OUTCOME_AMBIGUOUS_GROUP:
			return "Several groups of the restaurant have the legacy id: keep it for one of them only.";
		case OUTCOME_AMBIGUOUS_DISH:
			return "Several dishes of the restaurant have the legacy id: keep it for one of them only.";
		case OUTCOME_CROSS_RESTAURANT:
			return class->found == FOUND_IN_INGREDIENTS ?
				psprintf("The ids are also ids of ingredients (%s): the rows that were migrated under them are impostors, not dishes. Undo that migration; never loosen the gate.",
						 explanation->ingredients->display_name) :
				explanation->ingredients ?
				"The dishes of these legacy ids belong to other restaurants: find out who migrated them, and from where." :
				psprintf("The dishes of these legacy ids belong to other restaurants. Stage V1's ingredients, to see whether the ids are theirs: %s",
						 staged_load_statement("ingredients", menuca_ingredients_table));
		case OUTCOME_INVALID:
			return "The ids are NULL, not positive or too large: look at these source rows by their own ids.";
		case OUTCOME_INSERT:
		case OUTCOME_ALREADY_PRESENT:
		case OUTCOME_DUPLICATE:
			break;
	}
	elog(ERROR, "no remedy for outcome %s", plan_outcome_name(class->outcome));
}

static const char *
dish_remedy(const Explanation *explanation, FoundIn found)
{
	switch (found)
	{
		case FOUND_IN_MENU:
			return migrate_call("Recoverable: a backfill inserts these dishes, inactive. It begins with a dry run: SELECT * FROM menuca_backfill_dishes(%s);",
								quote_literal_cstr(relation_quoted_name(explanation->menu->oid)));
		case FOUND_IN_INGREDIENTS:
			return psprintf(explanation->menu ?
							"Only an ingredient (%s) has this id, and V1 numbered ingredients separately: the dish is gone from the menu. Never use the ingredient in its place." :
							"An ingredient (%s) has this id, but V1 numbered ingredients separately: never use it in place of the dish. Stage V1's menu (setting menuca.menu_table) to see whether it has the dish: %s",
							explanation->ingredients->display_name, staged_load_statement("menu", menuca_menu_table));
		case FOUND_NOWHERE:
			return "No staged table has this id: the dish was deleted in V1. Look for it in an older dump, or accept the loss.";
		case FOUND_UNKNOWN:
			break;
	}
	return psprintf("Stage V1's menu (setting menuca.menu_table) and ingredients (setting menuca.ingredients_table), then call this function again to see in which of them these ids occur: %s",
					staged_load_statement("menu", menuca_menu_table));
}
