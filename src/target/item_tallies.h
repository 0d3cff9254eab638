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
 * Counts, indexed by the number of the row in the map.  Items with a dangling
 * reference are not counted.
 */
typedef struct ItemTallies
{
	uint32	   *items_of_group;
	uint32	   *dishes_of_group;	/* distinct ones */
	uint32	   *groups_of_dish; /* distinct ones */
} ItemTallies;

/* Sets all counts to 0; they are allocated in the current memory context. */
extern void item_tallies_begin(ItemTallies *tallies, const ParentMap *groups,
							   const ParentMap *dishes);

/* Adds the items of a pair.  To be called once for each pair. */
extern void item_tallies_add(ItemTallies *tallies, uint32 group, uint32 dish,
							 uint64 items);

/*
 * Fills top with the numbers of the n rows with the greatest counts, the greatest
 * first; among equal counts the lowest id comes first.  Rows with count 0 are
 * left out.  Returns the number of rows in top.
 */
extern int	item_tallies_top(const ParentMap *map, const uint32 *counts,
							 uint32 *top, int n);

#endif							/* MENUCA_ITEM_TALLIES_H */
