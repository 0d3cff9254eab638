/*-------------------------------------------------------------------------
 *
 * census.c
 *	  Counting the items that are there: see census.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "census.h"
#include "content_hash.h"
#include "query.h"

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

static void count_item(TupleTableSlot *slot, void *arg);
static void count_references(CensusState *state, TupleTableSlot *slot);
static void hash_item(CensusState *state, TupleTableSlot *slot);


void
census_take(const Target *target, LegacyMap *groups, LegacyMap *dishes,
			Census *census, CensusPairFn pair_fn, CensusRowFn row_fn, void *arg)
{
	CensusState state = {0};
	char	   *sql;

	memset(census, 0, sizeof(Census));
	state.census = census;
	state.groups = groups;
	state.dishes = dishes;
	state.pair_fn = pair_fn;
	state.row_fn = row_fn;
	state.arg = arg;
	state.hasher = content_hasher(target->oid, LEADING_COLUMNS);

	sql = psprintf("SELECT i.%s::int8, i.%s::int8, i.%s::int8%s FROM %s i",
				   target->id, target->group, target->dish,
				   row_fn ? ", i.*" : "", target->name);
	query_each(sql, NULL, count_item, &state);
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
