/*-------------------------------------------------------------------------
 *
 * item_tallies.h
 *	  How many items each group has, and in how many groups each dish is.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ITEM_TALLIES_H
#define MENUCA_ITEM_TALLIES_H

#include "target/parent_map.h"

/*
 * Counts by the number of the row in the map.  Items that lead to no group or
 * no dish are not in them.
 */
typedef struct ItemTallies
{
	uint32	   *items_of_group;
	uint32	   *dishes_of_group;	/* different ones */
	uint32	   *groups_of_dish; /* different ones */
} ItemTallies;

/* Prepares to count, in the current memory context. */
extern void item_tallies_begin(ItemTallies *tallies, const ParentMap *groups,
							   const ParentMap *dishes);

/* Counts the items of a pair; each pair is given once. */
extern void item_tallies_add(ItemTallies *tallies, uint32 group, uint32 dish,
							 uint64 items);

/*
 * Fills top with the numbers of the n rows that have the greatest counts, the
 * greatest first, of equal ones the one of the lowest id; returns how many
 * have any.
 */
extern int	item_tallies_top(const ParentMap *map, const uint32 *counts,
							 uint32 *top, int n);

#endif							/* MENUCA_ITEM_TALLIES_H */
