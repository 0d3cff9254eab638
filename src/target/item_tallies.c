/*-------------------------------------------------------------------------
 *
 * item_tallies.c
 *	  Counts of items by group and of groups by dish: see item_tallies.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "target/item_tallies.h"

static uint32 *allocate_zeroes(const ParentMap *map);
static bool comes_before(const ParentMap *map, const uint32 *counts,
						 uint32 a, uint32 b);


void
item_tallies_begin(ItemTallies *tallies, const ParentMap *groups,
				   const ParentMap *dishes)
{
	tallies->items_of_group = allocate_zeroes(groups);
	tallies->dishes_of_group = allocate_zeroes(groups);
	tallies->groups_of_dish = allocate_zeroes(dishes);
}

void
item_tallies_add(ItemTallies *tallies, uint32 group, uint32 dish, uint64 items)
{
	tallies->items_of_group[group] += items;
	tallies->dishes_of_group[group]++;
	tallies->groups_of_dish[dish]++;
}

int
item_tallies_top(const ParentMap *map, const uint32 *counts, uint32 *top, int n)
{
	int			found = 0;

	for (uint32 row = 0; row < map->nrows; row++)
	{
		int			place;

		if (counts[row] == 0)
			continue;
		if (found == n && !comes_before(map, counts, row, top[n - 1]))
			continue;

		/* Move the rows that come after it down by one place. */
		if (found < n)
			found++;
		for (place = found - 1; place > 0 && comes_before(map, counts, row, top[place - 1]); place--)
			top[place] = top[place - 1];
		top[place] = row;
	}
	return found;
}

static uint32 *
allocate_zeroes(const ParentMap *map)
{
	return MemoryContextAllocExtended(CurrentMemoryContext,
									  sizeof(uint32) * Max(map->nrows, 1),
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

static bool
comes_before(const ParentMap *map, const uint32 *counts, uint32 a, uint32 b)
{
	if (counts[a] != counts[b])
		return counts[a] > counts[b];
	return map->rows[a].id < map->rows[b].id;
}
