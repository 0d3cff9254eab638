/*-------------------------------------------------------------------------
 *
 * census.c
 *	  Counting the items that are there: see census.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "census.h"
#include "content_hash.h"
#include "int8_sort.h"
#include "scan.h"

/* Columns read before those that are hashed: key, group, dish. */
#define LEADING_COLUMNS 3

typedef struct CensusState
{
	Census	   *census;
	LegacyMap  *groups;
	LegacyMap  *dishes;
	CensusPairFn pair_fn;
	CensusRowFn row_fn;
	void	   *arg;
	ContentHasher *hasher;
} CensusState;

static void sort_pair(int64 group, int64 dish, void *arg);
static void count_item(TupleTableSlot *slot, void *arg);
static void count_references(CensusState *state, TupleTableSlot *slot);
static void hash_item(CensusState *state, TupleTableSlot *slot);


void
census_take(const Target *target, LegacyMap *groups, LegacyMap *dishes,
			Census *census, CensusPairFn pair_fn, CensusRowFn row_fn, void *arg)
{
	CensusState state = {0};
	ScanColumn	columns[LEADING_COLUMNS] = {
		{target->id_attnum, SCAN_INT8},
		{target->group_attnum, SCAN_INT8},
		{target->dish_attnum, SCAN_INT8}
	};

	memset(census, 0, sizeof(Census));
	state.census = census;
	state.groups = groups;
	state.dishes = dishes;
	state.pair_fn = pair_fn;
	state.row_fn = row_fn;
	state.arg = arg;
	state.hasher = content_hasher(target->oid, LEADING_COLUMNS);

	scan_each(target->oid, columns, LEADING_COLUMNS, row_fn != NULL, count_item, &state);
}

void
census_take_sorted(const Target *target, LegacyMap *groups, LegacyMap *dishes,
				   Census *census, CensusSortedFn sorted_fn, void *arg)
{
	Int8Sort   *pairs = int8_sort_begin(2, maintenance_work_mem, false);
	const int64 *pair;
	int64		last[2] = {0, 0};
	uint64		items = 0;		/* of the last pair */

	census_take(target, groups, dishes, census, sort_pair, NULL, pairs);

	int8_sort_perform(pairs);
	do
	{
		pair = int8_sort_next(pairs);
		if (pair && items > 0 && pair[0] == last[0] && pair[1] == last[1])
		{
			census->duplicate++;
			items++;
			continue;
		}
		if (items > 0 && sorted_fn)
			sorted_fn(last[0], last[1], items, arg);
		if (pair)
			memcpy(last, pair, sizeof(last));
		items = 1;
	} while (pair);
	int8_sort_end(pairs);
}

static void
sort_pair(int64 group, int64 dish, void *arg)
{
	int64		pair[2] = {group, dish};

	int8_sort_put(arg, pair);
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
	Census	   *census = state->census;
	bool		has_group = !slot->tts_isnull[1];
	bool		has_dish = !slot->tts_isnull[2];
	ParentRow  *group = NULL;
	ParentRow  *dish = NULL;

	if (!has_group)
		census->null_group++;
	else if ((group = legacy_map_by_id(state->groups, slot_int8(slot, 1))) == NULL)
		census->invalid_group++;
	else
		group->flags |= PARENT_HAS_ITEMS;

	if (!has_dish)
		census->null_dish++;
	else if ((dish = legacy_map_by_id(state->dishes, slot_int8(slot, 2))) == NULL)
		census->invalid_dish++;
	else if (dish->flags & PARENT_INACTIVE)
		census->inactive_dish++;

	if (group && dish && group->restaurant != dish->restaurant)
		census->cross_restaurant++;

	if (has_group && has_dish && state->pair_fn)
		state->pair_fn(slot_int8(slot, 1), slot_int8(slot, 2), state->arg);
}

static void
hash_item(CensusState *state, TupleTableSlot *slot)
{
	uint64		hash = content_hash(state->hasher, slot);

	state->census->checksum += hash;
	state->row_fn(slot_int8(slot, 0), hash, state->arg);
}
