/*-------------------------------------------------------------------------
 *
 * dish_plan.c
 *	  One outcome for every row of a staged menu: see dish_plan.h.
 *
 * The menu is read into memory, and its restaurants are looked up in the
 * target.  Then the source is planned as for a fix, and each row whose dish is
 * missing is counted for the menu's row of that id.  With these counts the
 * outcome of each menu row is decided.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/column.h"
#include "base/content_hash.h"
#include "base/blank.h"
#include "base/extension.h"
#include "base/id_set.h"
#include "base/query.h"
#include "base/scan.h"
#include "base/settings.h"
#include "base/slot.h"
#include "plan/dish_plan.h"
#include "source/staged_table.h"

/* Rows allocated at first; the array grows by half as it fills. */
#define INITIAL_ROWS 1024

/*
 * An entry of a hash table by legacy id: of the target's restaurants, or of
 * the menu's rows.
 */
typedef struct LegacyEntry
{
	int64		legacy;
	int64		number;			/* the restaurant's id, or the row's number */
	bool		ambiguous;		/* several restaurants have the legacy id */
	char		status;			/* for simplehash */
} LegacyEntry;

#define SH_PREFIX legacy
#define SH_ELEMENT_TYPE LegacyEntry
#define SH_KEY_TYPE int64
#define SH_KEY legacy
#define SH_HASH_KEY(tb, key) ((uint32) mix64((uint64) (key)))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "base/relation.h"
#include "lib/simplehash.h"

/* The menu's columns, in the order in which they are read. */
enum
{
	COLUMN_ID,
	COLUMN_RESTAURANT,
	COLUMN_NAME,
	COLUMN_IS_COMBO,
	COLUMN_SHOW_IN_MENU,
	COLUMN_COUNT
};

typedef struct DishPlanState
{
	DishPlan   *plan;
	uint32		allocated;
	legacy_hash *restaurants;	/* the target's */
	legacy_hash *menu_rows;		/* the first one of each legacy id */
	ParentMap  *groups;			/* while the source is read */
	MemoryContext context;
} DishPlanState;

static void read_restaurants(DishPlanState *state, const char *schema);
static void add_restaurant(TupleTableSlot *slot, void *arg);
static void read_menu(DishPlanState *state, const Menu *menu);
static void add_menu_row(TupleTableSlot *slot, void *arg);
static void chain_row(DishPlanState *state, uint32 number);
static void keep_groups(ParentMap *groups, ParentMap *dishes, void *arg);
static void count_for_menu(const PlanRow *row, void *arg);
static bool group_of_restaurant(const ParentMap *groups, int64 legacy,
								const MenuRow *dish, bool *known);
static void decide_outcomes(DishPlanState *state, const MappingPlan *mapping, int max_name);
static DishOutcome decide_row(const DishPlanState *state, const MappingPlan *mapping,
							  const MenuRow *row, int max_name);
static DishOutcome check_presence(const ParentMap *dishes, const MenuRow *row);
static DishOutcome check_repetition(const DishPlanState *state, const MenuRow *row);
static bool same_text(const char *a, const char *b);
static uint64 count_not_in_menu(const DishPlanState *state, const MappingPlan *mapping);


Menu *
dish_plan_open_menu(Oid relid)
{
	static const char *const detail = "A menu has the columns id, restaurant and name, as V1's table menu.";
	const char *hint = migrate_call("Load V1's menu with menuca_load_dump, or rename the column.");
	Menu	   *menu = palloc0(sizeof(Menu));

	if (!OidIsValid(relid))
		relid = staged_table_find("menuca.menu_table", menuca_menu_table);
	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("menu table %s does not exist", menuca_menu_table),
				 errdetail("No menu was named, so the setting menuca.menu_table was used. Nothing was changed."),
				 errhint("Load V1's menu first: %s; or name its table: menu => 'schema.table'.",
						 staged_load_call("menu", menuca_menu_table))));

	staged_table_require(relid, "menu");
	menu->oid = relid;
	menu->name = relation_quoted_name(relid);
	menu->display_name = relation_display_name(relid);
	menu->id_attnum = staged_integer_column(relid, "menu", "id", detail, hint);
	menu->restaurant_attnum = staged_integer_column(relid, "menu", "restaurant", detail, hint);
	menu->name_attnum = column_find(relid, "name");
	if (menu->name_attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("menu table %s has no column \"name\"", menu->display_name),
				 errdetail("%s", detail),
				 errhint("%s", hint)));
	menu->is_combo_attnum = staged_column_any_case(relid, "isCombo");
	menu->show_in_menu_attnum = staged_column_any_case(relid, "showInMenu");
	return menu;
}

DishPlan *
dish_plan_make(const Target *target, const Source *source, const Menu *menu,
			   int max_name)
{
	DishPlanState state = {
		.plan = palloc0(sizeof(DishPlan)),
		.context = CurrentMemoryContext
	};
	PlanRequest request = {
		.maps_fn = keep_groups,
		.row_fn = count_for_menu,
		.arg = &state,
		.classify_only = true
	};
	MappingPlan *mapping;

	plan_refuse_own_table(target, menu->oid, "menu");
	read_restaurants(&state, target->schema);
	read_menu(&state, menu);
	mapping = plan_make(target, source, &request);
	decide_outcomes(&state, mapping, max_name);

	state.plan->dishes = mapping->figures.dishes;
	state.plan->missing = mapping->missing_dishes->members;
	state.plan->not_in_menu = count_not_in_menu(&state, mapping);
	plan_free(mapping);
	return state.plan;
}

const char *
dish_plan_outcome_name(DishOutcome outcome)
{
	static const char *const names[DISH_OUTCOME_COUNT] = {
		"insert", "already_present", "present_elsewhere", "not_referenced",
		"duplicate", "ambiguous", "unknown_restaurant", "ambiguous_restaurant",
		"blank_name", "name_too_long", "cross_restaurant", "invalid"
	};

	return names[outcome];
}

static void
read_restaurants(DishPlanState *state, const char *schema)
{
	Oid			relid = target_table_oid(schema, "restaurants");
	AttrNumber	id = column_require(relid, "id", InvalidOid);
	AttrNumber	legacy = column_require(relid, "legacy_v1_id", InvalidOid);

	relation_require(relid, ACL_SELECT);
	state->restaurants = legacy_create(CurrentMemoryContext, INITIAL_ROWS, NULL);
	query_each(psprintf("SELECT r.%s::int8, r.%s::int8 FROM %s r WHERE r.%s IS NOT NULL",
						column_quoted(relid, legacy), column_quoted(relid, id),
						relation_quoted_name(relid), column_quoted(relid, legacy)),
			   NULL, add_restaurant, state);
}

static void
add_restaurant(TupleTableSlot *slot, void *arg)
{
	DishPlanState *state = arg;
	bool		found;
	LegacyEntry *entry = legacy_insert(state->restaurants, slot_int8(slot, 0), &found);

	entry->ambiguous = found;
	entry->number = slot_int8(slot, 1);
}

static void
read_menu(DishPlanState *state, const Menu *menu)
{
	ScanColumn	columns[COLUMN_COUNT] = {
		[COLUMN_ID] = {menu->id_attnum, SCAN_INT8},
		[COLUMN_RESTAURANT] = {menu->restaurant_attnum, SCAN_INT8},
		[COLUMN_NAME] = {menu->name_attnum, SCAN_TEXT},
		[COLUMN_IS_COMBO] = {menu->is_combo_attnum, SCAN_TEXT},
		[COLUMN_SHOW_IN_MENU] = {menu->show_in_menu_attnum, SCAN_TEXT}
	};

	state->menu_rows = legacy_create(CurrentMemoryContext, INITIAL_ROWS, NULL);
	state->allocated = INITIAL_ROWS;
	state->plan->rows = palloc(sizeof(MenuRow) * INITIAL_ROWS);
	scan_each(menu->oid, columns, COLUMN_COUNT, false, add_menu_row, state);
	for (uint32 i = state->plan->nrows; i-- > 0;)
		chain_row(state, i);
}

static void
add_menu_row(TupleTableSlot *slot, void *arg)
{
	DishPlanState *state = arg;
	DishPlan   *plan = state->plan;
	MenuRow    *row;

	if (plan->nrows == state->allocated)
	{
		if (plan->nrows >= PARENT_MAP_END / 2)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("the menu has more than %u rows", plan->nrows)));
		state->allocated += state->allocated / 2;
		plan->rows = repalloc_huge(plan->rows, sizeof(MenuRow) * state->allocated);
	}

	row = &plan->rows[plan->nrows++];
	memset(row, 0, sizeof(MenuRow));
	row->next = PARENT_MAP_END;
	row->has_legacy = !slot->tts_isnull[COLUMN_ID];
	if (row->has_legacy)
		row->legacy = slot_int8(slot, COLUMN_ID);
	row->has_legacy_restaurant = !slot->tts_isnull[COLUMN_RESTAURANT];
	if (row->has_legacy_restaurant)
	{
		const LegacyEntry *entry;

		row->legacy_restaurant = slot_int8(slot, COLUMN_RESTAURANT);
		entry = legacy_lookup(state->restaurants, row->legacy_restaurant);
		row->has_restaurant = entry && !entry->ambiguous;
		if (row->has_restaurant)
			row->restaurant = entry->number;
	}
	if (!slot->tts_isnull[COLUMN_NAME])
		row->name = MemoryContextStrdup(state->context,
										slot_text(slot, COLUMN_NAME));
	if (!slot->tts_isnull[COLUMN_IS_COMBO])
		row->is_combo = id_space_flag_of_text(slot_text(slot, COLUMN_IS_COMBO));
	if (!slot->tts_isnull[COLUMN_SHOW_IN_MENU])
		row->shown = id_space_flag_of_text(slot_text(slot, COLUMN_SHOW_IN_MENU));
}

/*
 * Called from the last row to the first, so that a chain begins with the
 * first.
 */
static void
chain_row(DishPlanState *state, uint32 number)
{
	MenuRow    *row = &state->plan->rows[number];
	LegacyEntry *entry;
	bool		found;

	CHECK_FOR_INTERRUPTS();
	if (!row->has_legacy)
		return;
	entry = legacy_insert(state->menu_rows, row->legacy, &found);
	if (found)
		row->next = (uint32) entry->number;
	entry->number = number;
}

static void
keep_groups(ParentMap *groups, pg_attribute_unused() ParentMap *dishes, void *arg)
{
	((DishPlanState *) arg)->groups = groups;
}

/* Counts a source row whose dish is missing for the menu's rows of that id. */
static void
count_for_menu(const PlanRow *row, void *arg)
{
	DishPlanState *state = arg;
	const LegacyEntry *entry;

	if (row->outcome != OUTCOME_UNMAPPED_DISH && row->outcome != OUTCOME_UNMAPPED_BOTH)
		return;
	entry = legacy_lookup(state->menu_rows, row->source.dish);
	if (entry == NULL)
		return;
	for (uint32 i = (uint32) entry->number; i != PARENT_MAP_END; i = state->plan->rows[i].next)
	{
		MenuRow    *dish = &state->plan->rows[i];
		bool		known;
		bool		fits = group_of_restaurant(state->groups, row->source.group, dish, &known);

		dish->source_rows++;
		dish->of_known_groups += known;
		dish->of_its_restaurant += fits;
	}
}

/*
 * True if a group of that legacy id belongs to the dish's restaurant; sets
 * *known if there is such a group at all.
 */
static bool
group_of_restaurant(const ParentMap *groups, int64 legacy, const MenuRow *dish, bool *known)
{
	uint32		first = parent_map_first(groups, legacy);

	*known = first != PARENT_MAP_END;
	for (uint32 g = first; g != PARENT_MAP_END; g = groups->rows[g].next)
	{
		if (dish->has_restaurant && (groups->rows[g].flags & PARENT_HAS_RESTAURANT) &&
			groups->rows[g].restaurant == dish->restaurant)
			return true;
	}
	return false;
}

static void
decide_outcomes(DishPlanState *state, const MappingPlan *mapping, int max_name)
{
	DishPlan   *plan = state->plan;

	for (uint32 i = 0; i < plan->nrows; i++)
	{
		MenuRow    *row = &plan->rows[i];

		CHECK_FOR_INTERRUPTS();
		row->outcome = decide_row(state, mapping, row, max_name);
		plan->outcomes[row->outcome]++;
		if (row->outcome == DISH_INSERT)
			plan->rows_gained += row->of_its_restaurant;
	}
}

static DishOutcome
decide_row(const DishPlanState *state, const MappingPlan *mapping,
		   const MenuRow *row, int max_name)
{
	DishOutcome outcome;

	if (!row->has_legacy || row->legacy <= 0 ||
		row->legacy > mapping->target->dishes.legacy_max)
		return DISH_INVALID;
	outcome = check_presence(mapping->dishes, row);
	if (outcome != DISH_INSERT)
		return outcome;
	if (row->source_rows == 0)
		return DISH_NOT_REFERENCED;
	outcome = check_repetition(state, row);
	if (outcome != DISH_INSERT)
		return outcome;

	if (!row->has_restaurant)
		return row->has_legacy_restaurant &&
			legacy_lookup(state->restaurants, row->legacy_restaurant) ?
			DISH_AMBIGUOUS_RESTAURANT : DISH_UNKNOWN_RESTAURANT;
	if (row->name == NULL || blank_text(row->name, strlen(row->name)))
		return DISH_BLANK_NAME;
	if (max_name > 0 && pg_mbstrlen(row->name) > max_name)
		return DISH_NAME_TOO_LONG;
	if (row->of_known_groups > 0 && row->of_its_restaurant == 0)
		return DISH_CROSS_RESTAURANT;
	return DISH_INSERT;
}

/* The outcome if the target has a dish of that id, else DISH_INSERT. */
static DishOutcome
check_presence(const ParentMap *dishes, const MenuRow *row)
{
	uint32		first = parent_map_first(dishes, row->legacy);

	if (first == PARENT_MAP_END)
		return DISH_INSERT;
	for (uint32 d = first; d != PARENT_MAP_END; d = dishes->rows[d].next)
	{
		if (!row->has_restaurant || dishes->rows[d].restaurant == row->restaurant)
			return DISH_ALREADY_PRESENT;
	}
	return DISH_PRESENT_ELSEWHERE;
}

/*
 * The outcome of a row whose id other rows of the menu have as well; of equal
 * rows the first one is DISH_INSERT.
 */
static DishOutcome
check_repetition(const DishPlanState *state, const MenuRow *row)
{
	const MenuRow *rows = state->plan->rows;
	uint32		first = (uint32) legacy_lookup(state->menu_rows, row->legacy)->number;

	for (uint32 i = first; i != PARENT_MAP_END; i = rows[i].next)
	{
		if (rows[i].has_legacy_restaurant != rows[first].has_legacy_restaurant ||
			rows[i].legacy_restaurant != rows[first].legacy_restaurant ||
			!same_text(rows[i].name, rows[first].name))
			return DISH_AMBIGUOUS;
	}
	return row == &rows[first] ? DISH_INSERT : DISH_DUPLICATE;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static uint64
count_not_in_menu(const DishPlanState *state, const MappingPlan *mapping)
{
	id_set_iterator iterator;
	const IdSetEntry *missing;
	uint64		count = 0;

	id_set_start_iterate(mapping->missing_dishes, &iterator);
	while ((missing = id_set_iterate(mapping->missing_dishes, &iterator)) != NULL)
		count += legacy_lookup(state->menu_rows, missing->id) == NULL;
	return count;
}
