/*-------------------------------------------------------------------------
 *
 * distribution.h
 *	  Groups by their number of different dishes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DISTRIBUTION_H
#define MENUCA_DISTRIBUTION_H

/*
 * Groups are counted in classes of 1, 2, 3, 4, 5 and "6 or more" dishes, in
 * which V1's distribution was recorded.
 */
#define LARGEST_CLASS 6

typedef struct Distribution
{
	uint64		groups[LARGEST_CLASS + 1];	/* by class, from 1 */
	uint64		all;			/* groups that have dishes */
	uint64		largest;		/* number of dishes of a group */
} Distribution;

/* Counts a group with that many dishes; a group without any does not count. */
extern void distribution_add(Distribution *distribution, uint64 dishes);

/*
 * Greatest distance, in percentage points, at which the target counts as
 * distributed like the source; our own choice, since the tickets give none.
 */
#define DISTRIBUTION_TOLERANCE 5.0

/*
 * The distance of two distributions in percentage points, from 0 to 100: half
 * the sum of the differences of the classes' shares.
 */
extern double distribution_distance(const Distribution *a, const Distribution *b);

/*
 * True if the target has groups with dishes and is within the tolerance of the
 * source.
 */
extern bool distribution_agrees(const Distribution *source, const Distribution *target);

/*
 * "1: 10, 2: 3, ... 6 or more: 1; largest 7", in the current memory context.
 */
extern char *distribution_text(const Distribution *distribution);

#endif							/* MENUCA_DISTRIBUTION_H */
