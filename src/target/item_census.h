/*-------------------------------------------------------------------------
 *
 * item_census.h
 *	  Counting the items that are there, one by one.
 *
 * One pass over the junction's table answers what the gates, the orphan
 * rates, the validation and a rollback's proof need to know of it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ITEM_CENSUS_H
#define MENUCA_ITEM_CENSUS_H

#include "target/junction.h"
#include "target/parent_map.h"

typedef struct ItemCensus
{
	uint64		items;
	uint64		null_group;		/* items whose reference is NULL ... */
	uint64		null_dish;
	uint64		invalid_group;	/* ... or leads to no row */
	uint64		invalid_dish;
	uint64		cross_restaurant;	/* group and dish of two restaurants */
	uint64		inactive_dish;
	uint64		duplicate;		/* items that repeat a pair; see below */
} ItemCensus;

/* Called for each item whose references lead to rows of the maps. */
typedef void (*CensusPairFn) (const ParentRow *group, const ParentRow *dish,
							  void *arg);

/* Called for each item with its primary key and content hash. */
typedef void (*ItemCensusRowFn) (int64 key, uint64 hash, void *arg);

/*
 * Counts the items as the active snapshot sees them, and marks the groups
 * that have some with PARENT_HAS_ITEMS.  pair_fn and row_fn may be NULL;
 * rows are hashed only for row_fn.  Duplicates are left to whoever looks at
 * the pairs, but for those of items whose references lead nowhere.
 */
extern void item_census_take(const Target *target, ParentMap *groups,
						ParentMap *dishes, ItemCensus *census,
						CensusPairFn pair_fn, ItemCensusRowFn row_fn, void *arg);

/*
 * Called for each pair that has items, with the numbers of its rows in the
 * maps, and in their order.
 */
typedef void (*ItemCensusSortedFn) (uint32 group, uint32 dish, uint64 items, void *arg);

/*
 * The same, and counts the duplicates; the pairs are handed out sorted.
 * sorted_fn may be NULL.
 */
extern void item_census_take_sorted(const Target *target, ParentMap *groups,
							   ParentMap *dishes, ItemCensus *census,
							   ItemCensusSortedFn sorted_fn, void *arg);

/*
 * A pair of rows, by their numbers in the maps, as one bigint: not negative,
 * of 60 bits at most, and no wider than need be, since it will be sorted.  Pairs
 * sort by group and dish.
 */
static inline int64
pair_of_rows(const ParentMap *groups, const ParentRow *group,
			 const ParentMap *dishes, const ParentRow *dish)
{
	return (int64) parent_map_number(groups, group) << dishes->number_bits |
		parent_map_number(dishes, dish);
}

static inline uint32
group_of_pair(const ParentMap *dishes, int64 pair)
{
	return (uint32) (pair >> dishes->number_bits);
}

static inline uint32
dish_of_pair(const ParentMap *dishes, int64 pair)
{
	return (uint32) (pair & ((INT64CONST(1) << dishes->number_bits) - 1));
}

#endif							/* MENUCA_ITEM_CENSUS_H */
