/*-------------------------------------------------------------------------
 *
 * census.h
 *	  Counting the items that are there, one by one.
 *
 * One pass over the junction's table answers what the gates, the orphan
 * rates, the validation and a rollback's proof need to know of it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_CENSUS_H
#define MENUCA_CENSUS_H

#include "legacy_map.h"
#include "target.h"

typedef struct Census
{
	uint64		items;
	uint64		null_group;		/* items whose reference is NULL ... */
	uint64		null_dish;
	uint64		invalid_group;	/* ... or leads to no row */
	uint64		invalid_dish;
	uint64		cross_restaurant;	/* group and dish of two restaurants */
	uint64		inactive_dish;
	uint64		duplicate;		/* items that repeat a pair; see below */
	uint64		checksum;		/* sum of the rows' content hashes */
} Census;

/* Called for each item whose references are not NULL. */
typedef void (*CensusPairFn) (int64 group, int64 dish, void *arg);

/* Called for each item with its primary key and content hash. */
typedef void (*CensusRowFn) (int64 key, uint64 hash, void *arg);

/*
 * Counts the items as the active snapshot sees them, and marks the groups
 * that have some with PARENT_HAS_ITEMS.  pair_fn and row_fn may be NULL;
 * rows are hashed, and the checksum taken, only for row_fn.  Duplicates are
 * left to whoever looks at the pairs.
 */
extern void census_take(const Target *target, LegacyMap *groups,
						LegacyMap *dishes, Census *census,
						CensusPairFn pair_fn, CensusRowFn row_fn, void *arg);

/* Called for each pair that has items, by group and dish. */
typedef void (*CensusSortedFn) (int64 group, int64 dish, uint64 items, void *arg);

/*
 * The same, and counts the duplicates; the pairs are handed out sorted.
 * sorted_fn may be NULL.
 */
extern void census_take_sorted(const Target *target, LegacyMap *groups,
							   LegacyMap *dishes, Census *census,
							   CensusSortedFn sorted_fn, void *arg);

#endif							/* MENUCA_CENSUS_H */
