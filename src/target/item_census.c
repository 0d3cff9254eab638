/*-------------------------------------------------------------------------
 *
 * item_census.c
 *	  Counting the items of a target: see item_census.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/content_hash.h"
#include "base/int8_sort.h"
#include "base/scan.h"
#include "base/slot.h"
#include "target/item_census.h"

/* The columns that are read before those that are hashed. */
enum
{
	COLUMN_KEY,
	COLUMN_GROUP,
	COLUMN_DISH,
	LEADING_COLUMNS
};

/* State of item_census_take(). */
typedef struct CensusState
{
	MemoryContext context;
	ItemCensus *census;
	ParentMap  *groups;
	ParentMap  *dishes;
	CensusPairFn pair_fn;
	ItemCensusRowFn row_fn;
	void	   *arg;
	ContentHasher *hasher;
	Int8Sort   *dangling;		/* ids of pairs with a dangling reference;
								 * NULL: none yet */
} CensusState;

/* State of item_census_take_sorted(). */
typedef struct PairSort
{
	ParentMap  *groups;
	ParentMap  *dishes;
	Int8Sort   *pairs;
} PairSort;

static void put_item_pair(const ParentRow *group, const ParentRow *dish, void *arg);
static void add_dangling_pair(CensusState *state, int64 group, int64 dish);
static uint64 count_equal_pairs(Int8Sort *dangling);
static void count_item(TupleTableSlot *slot, void *arg);
static void count_references(CensusState *state, TupleTableSlot *slot);
static void hash_item(CensusState *state, TupleTableSlot *slot);


void
item_census_take(const Target *target, ParentMap *groups, ParentMap *dishes,
				 ItemCensus *census, CensusPairFn pair_fn, ItemCensusRowFn row_fn, void *arg)
{
	CensusState state = {0};
	ScanColumn	columns[LEADING_COLUMNS] = {
		[COLUMN_KEY] = {target->table.id_attnum, SCAN_INT8},
		[COLUMN_GROUP] = {target->group_attnum, SCAN_INT8},
		[COLUMN_DISH] = {target->dish_attnum, SCAN_INT8}
	};

	memset(census, 0, sizeof(ItemCensus));
	state.context = CurrentMemoryContext;
	state.census = census;
	state.groups = groups;
	state.dishes = dishes;
	state.pair_fn = pair_fn;
	state.row_fn = row_fn;
	state.arg = arg;
	state.hasher = content_hasher(target->table.oid, LEADING_COLUMNS);

	scan_each(target->table.oid, columns, LEADING_COLUMNS, row_fn != NULL, count_item, &state);
	if (state.dangling)
		census->duplicate = count_equal_pairs(state.dangling);
}

void
item_census_take_sorted(const Target *target, ParentMap *groups, ParentMap *dishes,
						ItemCensus *census, ItemCensusSortedFn sorted_fn, void *arg)
{
	PairSort	sort = {
		groups, dishes,
		int8_sort_begin(1, parent_map_memory_left(groups, dishes, maintenance_work_mem), false)
	};
	const int64 *next;
	int64		pair = 0;
	uint64		items = 0;		/* of that pair, so far */

	item_census_take(target, groups, dishes, census, put_item_pair, NULL, &sort);

	int8_sort_perform(sort.pairs);
	do
	{
		next = int8_sort_next(sort.pairs);
		if (next && items > 0 && *next == pair)
		{
			items++;
			continue;
		}
		if (items > 0)
		{
			census->duplicate += items - 1;
			if (sorted_fn)
				sorted_fn(group_of_pair(dishes, pair), dish_of_pair(dishes, pair), items, arg);
		}
		if (next)
			pair = *next;
		items = 1;
	} while (next);
	int8_sort_end(sort.pairs);
}

static void
put_item_pair(const ParentRow *group, const ParentRow *dish, void *arg)
{
	PairSort   *sort = arg;
	int64		pair = pair_of_rows(sort->groups, group, sort->dishes, dish);

	int8_sort_put(sort->pairs, &pair);
}

/* Items with dangling references are rare, but may be duplicates as well. */
static void
add_dangling_pair(CensusState *state, int64 group, int64 dish)
{
	int64		pair[2] = {group, dish};

	if (state->dangling == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(state->context);

		state->dangling = int8_sort_begin(2, maintenance_work_mem / 8, false);
		MemoryContextSwitchTo(old);
	}
	int8_sort_put(state->dangling, pair);
}

static uint64
count_equal_pairs(Int8Sort *dangling)
{
	const int64 *pair;
	int64		last[2];
	bool		any = false;
	uint64		duplicates = 0;

	int8_sort_perform(dangling);
	while ((pair = int8_sort_next(dangling)) != NULL)
	{
		duplicates += any && pair[0] == last[0] && pair[1] == last[1];
		memcpy(last, pair, sizeof(last));
		any = true;
	}
	int8_sort_end(dangling);
	return duplicates;
}

static void
count_item(TupleTableSlot *slot, void *arg)
{
	CensusState *state = arg;

	state->census->items++;
	count_references(state, slot);
	if (state->row_fn)
		hash_item(state, slot);
}

static void
count_references(CensusState *state, TupleTableSlot *slot)
{
	ItemCensus *census = state->census;
	bool		has_group = !slot->tts_isnull[COLUMN_GROUP];
	bool		has_dish = !slot->tts_isnull[COLUMN_DISH];
	ParentRow  *group = NULL;
	ParentRow  *dish = NULL;

	if (!has_group)
		census->null_group++;
	else if ((group = parent_map_by_id(state->groups, slot_int8(slot, COLUMN_GROUP))) == NULL)
		census->invalid_group++;
	else
		group->flags |= PARENT_HAS_ITEMS;

	if (!has_dish)
		census->null_dish++;
	else if ((dish = parent_map_by_id(state->dishes, slot_int8(slot, COLUMN_DISH))) == NULL)
		census->invalid_dish++;
	else if (dish->flags & PARENT_INACTIVE)
		census->inactive_dish++;

	if (group && dish && group->restaurant != dish->restaurant)
		census->cross_restaurant++;

	if (group && dish)
	{
		if (state->pair_fn)
			state->pair_fn(group, dish, state->arg);
	}
	else if (has_group && has_dish && state->pair_fn)
		add_dangling_pair(state, slot_int8(slot, COLUMN_GROUP), slot_int8(slot, COLUMN_DISH));
}

static void
hash_item(CensusState *state, TupleTableSlot *slot)
{
	uint64		hash = content_hash(state->hasher, slot);

	state->row_fn(slot_int8(slot, COLUMN_KEY), hash, state->arg);
}
