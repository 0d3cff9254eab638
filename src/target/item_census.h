/*-------------------------------------------------------------------------
 *
 * item_census.h
 *	  Counting the items of a target and their broken references.
 *
 * One pass over the junction's table yields the figures for the gates, the
 * orphan rates, the validation and the proof of a rollback.
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
	uint64		invalid_group;	/* ... or is the id of no row */
	uint64		invalid_dish;
	uint64		cross_restaurant;	/* group and dish are of two restaurants */
	uint64		inactive_dish;	/* the dish is inactive */
	uint64		duplicate;		/* items that repeat a pair; see below */
} ItemCensus;

/* Called for each item whose references are found in the maps. */
typedef void (*CensusPairFn) (const ParentRow *group, const ParentRow *dish,
							  void *arg);

/* Called for each item with its primary key and content hash. */
typedef void (*ItemCensusRowFn) (int64 key, uint64 hash, void *arg);

/*
 * Counts the items that the active query snapshot sees, and marks the groups
 * that have items with PARENT_HAS_ITEMS.  pair_fn and row_fn may be NULL; rows
 * are hashed only for row_fn.  Without pair_fn, duplicate stays 0; with it, only
 * items with a dangling reference are counted in it, and the caller counts the
 * other duplicates among the pairs.
 */
extern void item_census_take(const Target *target, ParentMap *groups,
							 ParentMap *dishes, ItemCensus *census,
							 CensusPairFn pair_fn, ItemCensusRowFn row_fn, void *arg);

/*
 * Called for each pair that has items, sorted by group and dish, with the numbers
 * of their rows in the maps and the number of its items.
 */
typedef void (*ItemCensusSortedFn) (uint32 group, uint32 dish, uint64 items, void *arg);

/*
 * The same, but counts all duplicates and hands out the pairs sorted; sorted_fn
 * may be NULL.  Sorts in about maintenance_work_mem, less the maps' memory.
 */
extern void item_census_take_sorted(const Target *target, ParentMap *groups,
									ParentMap *dishes, ItemCensus *census,
									ItemCensusSortedFn sorted_fn, void *arg);

/*
 * A group and a dish, by the numbers of their rows in the maps, as one bigint
 * that sorts by group and dish.  It is not negative and has at most 60 bits, and
 * as few as possible, because that makes sorting faster.
 */
static inline int64
pair_of_rows(const ParentMap *groups, const ParentRow *group,
			 const ParentMap *dishes, const ParentRow *dish)
{
	return (int64) parent_map_number(groups, group) << dishes->number_bits |
		parent_map_number(dishes, dish);
}

/* The number of the group's row in its map. */
static inline uint32
group_of_pair(const ParentMap *dishes, int64 pair)
{
	return (uint32) (pair >> dishes->number_bits);
}

/* The number of the dish's row in its map. */
static inline uint32
dish_of_pair(const ParentMap *dishes, int64 pair)
{
	return (uint32) (pair & ((INT64CONST(1) << dishes->number_bits) - 1));
}

#endif							/* MENUCA_ITEM_CENSUS_H */
