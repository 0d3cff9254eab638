/*-------------------------------------------------------------------------
 *
 * distribution.h
 *	  Groups by their number of different dishes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DISTRIBUTION_H
#define MENUCA_DISTRIBUTION_H

#include "int8_sort.h"

/*
 * Groups are compared in classes of 1 to 5 dishes and "6 or more", as the
 * distribution of V1 was recorded.
 */
#define LARGEST_CLASS 6

typedef struct Distribution
{
	uint64		groups[LARGEST_CLASS + 1];	/* by class, from 1 */
	uint64		all;
	uint64		largest;		/* number of dishes */
} Distribution;

/* Counts a group of so many dishes; one of none does not count. */
extern void distribution_add(Distribution *distribution, uint64 dishes);

/*
 * Sorts pairs of group and dish, and counts their groups.  The pairs are in
 * two columns, or packed into one.
 */
extern void distribution_of_pairs(Distribution *distribution, Int8Sort *pairs,
								  bool packed);

/*
 * A pair in one column, which sorts faster; false if it does not fit.  Ids of
 * V1 are unsigned integers of 32 bits, and its groups stay below 2^31.
 */
static inline bool
pack_pair(int64 group, int64 dish, int64 *packed)
{
	*packed = (int64) ((uint64) group << 32 | (uint64) dish);
	return group >= 0 && group <= PG_INT32_MAX && dish >= 0 && dish <= PG_UINT32_MAX;
}

/* How far two are apart: half the sum of the classes' differences, in points. */
extern double distribution_distance(const Distribution *a, const Distribution *b);

/* "1: 10, 2: 3, ... 6 or more: 1; largest 7" */
extern char *distribution_text(const Distribution *distribution);

#endif							/* MENUCA_DISTRIBUTION_H */
