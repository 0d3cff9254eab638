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

/* Points by which the target may differ from the source. */
#define DISTRIBUTION_TOLERANCE 5.0

/* How far two are apart: half the sum of the classes' differences, in points. */
extern double distribution_distance(const Distribution *a, const Distribution *b);

/* True if the target has groups with dishes, distributed as in the source. */
extern bool distribution_agrees(const Distribution *source, const Distribution *target);

/* "1: 10, 2: 3, ... 6 or more: 1; largest 7" */
extern char *distribution_text(const Distribution *distribution);

#endif							/* MENUCA_DISTRIBUTION_H */
