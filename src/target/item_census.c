/*-------------------------------------------------------------------------
 *
 * item_census.c
 *	  Counting the items that are there: see item_census.h.
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

/* Columns read before those that are hashed: key, group, dish. */
#define LEADING_COLUMNS 3

typedef struct CensusState
{
	MemoryContext context;
	ItemCensus	   *census;
	ParentMap  *groups;
	ParentMap  *dishes;
	CensusPairFn pair_fn;
	ItemCensusRowFn row_fn;
	void	   *arg;
	ContentHasher *hasher;
	Int8Sort   *strays;			/* pairs that lead nowhere; NULL: none yet */
} CensusState;

/* Pairs on their way into a sort. */
typedef struct PairSort
{
	ParentMap  *groups;
	ParentMap  *dishes;
	Int8Sort   *pairs;
} PairSort;

static void sort_pair(const ParentRow *group, const ParentRow *dish, void *arg);
static void keep_stray(CensusState *state, int64 group, int64 dish);
static uint64 count_duplicates(Int8Sort *strays);
static void count_item(TupleTableSlot *slot, void *arg);
static void count_references(CensusState *state, TupleTableSlot *slot);
static void hash_item(CensusState *state, TupleTableSlot *slot);


void
item_census_take(const Target *target, ParentMap *groups, ParentMap *dishes,
			ItemCensus *census, CensusPairFn pair_fn, ItemCensusRowFn row_fn, void *arg)
{
	CensusState state = {0};
	ScanColumn	columns[LEADING_COLUMNS] = {
		{target->table.id_attnum, SCAN_INT8},
		{target->group_attnum, SCAN_INT8},
		{target->dish_attnum, SCAN_INT8}
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
	if (state.strays)
		census->duplicate = count_duplicates(state.strays);
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
	uint64		items = 0;		/* of the pair so far */

	item_census_take(target, groups, dishes, census, sort_pair, NULL, &sort);

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
sort_pair(const ParentRow *group, const ParentRow *dish, void *arg)
{
	PairSort   *sort = arg;
	int64		pair = pair_of_rows(sort->groups, group, sort->dishes, dish);

	int8_sort_put(sort->pairs, &pair);
}

/* Items that lead nowhere are rare; they, too, may repeat each other. */
static void
keep_stray(CensusState *state, int64 group, int64 dish)
{
	int64		pair[2] = {group, dish};

	if (state->strays == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(state->context);

		state->strays = int8_sort_begin(2, maintenance_work_mem / 8, false);
		MemoryContextSwitchTo(old);
	}
	int8_sort_put(state->strays, pair);
}

static uint64
count_duplicates(Int8Sort *strays)
{
	const int64 *pair;
	int64		last[2];
	bool		any = false;
	uint64		duplicates = 0;

	int8_sort_perform(strays);
	while ((pair = int8_sort_next(strays)) != NULL)
	{
		duplicates += any && pair[0] == last[0] && pair[1] == last[1];
		memcpy(last, pair, sizeof(last));
		any = true;
	}
	int8_sort_end(strays);
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
	ItemCensus	   *census = state->census;
	bool		has_group = !slot->tts_isnull[1];
	bool		has_dish = !slot->tts_isnull[2];
	ParentRow  *group = NULL;
	ParentRow  *dish = NULL;

	if (!has_group)
		census->null_group++;
	else if ((group = parent_map_by_id(state->groups, slot_int8(slot, 1))) == NULL)
		census->invalid_group++;
	else
		group->flags |= PARENT_HAS_ITEMS;

	if (!has_dish)
		census->null_dish++;
	else if ((dish = parent_map_by_id(state->dishes, slot_int8(slot, 2))) == NULL)
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
		keep_stray(state, slot_int8(slot, 1), slot_int8(slot, 2));
}

static void
hash_item(CensusState *state, TupleTableSlot *slot)
{
	uint64		hash = content_hash(state->hasher, slot);

	state->row_fn(slot_int8(slot, 0), hash, state->arg);
}
