/*-------------------------------------------------------------------------
 *
 * group_counts.h
 *	  How many dishes each group will have, and how many the source names.
 *
 * Counted while a plan's sorted pairs pass by.  Source rows that are not to
 * be inserted name dishes, too: they go into a sort of their own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GROUP_COUNTS_H
#define MENUCA_GROUP_COUNTS_H

#include "base/int8_sort.h"
#include "plan/distribution.h"
#include "target/parent_map.h"

typedef struct GroupCount
{
	uint32		items;			/* that the group will have */
	uint32		in_source;		/* different dishes that the source names */
} GroupCount;

typedef struct GroupCounts
{
	const ParentMap *groups;
	bool		named_only;		/* other groups' items are not the source's */
	GroupCount *of_group;		/* by the number of the row in the map */
	uint32		last;			/* group that was counted */
	uint32		dishes;			/* different ones that it will have so far */
	Distribution planned;		/* the groups before it */
	int			kilobytes;		/* of memory for the next */
	Int8Sort   *rejects;		/* pairs of legacy ids; NULL: none yet */
} GroupCounts;

/*
 * Prepares to count, in the current memory context, with that much memory for
 * a sort.  named_only: of the target, only groups count that the source names.
 */
extern GroupCounts *group_counts_begin(const ParentMap *groups, bool named_only,
									   int kilobytes);

/* All pairs of the last group have been counted. */
static inline void
group_counts_finish(GroupCounts *counts)
{
	if (counts->dishes > 0 &&
		(!counts->named_only || (counts->groups->rows[counts->last].flags & PARENT_REFERENCED)))
		distribution_add(&counts->planned, counts->dishes);
	counts->dishes = 0;
}

/*
 * Counts a pair of rows: how many items of it there are, whether there will be
 * one, and whether the source names it.  Each pair is given once, by group.
 */
static inline void
group_counts_add(GroupCounts *counts, uint32 group, uint64 items, bool planned,
				 bool named)
{
	GroupCount *count = &counts->of_group[group];

	if (group != counts->last)
	{
		group_counts_finish(counts);
		counts->last = group;
	}
	counts->dishes += items > 0 || planned;
	count->items += items > 0 ? (uint32) items : planned;
	count->in_source += named;
}

/*
 * Counts a pair of legacy ids that the source names and that leads to no pair
 * of rows; the same one may come again.
 */
extern void group_counts_reject(GroupCounts *counts, int64 group, int64 dish);

/*
 * All has been counted: fills in the groups by the number of dishes that they
 * will have, and the source's groups, whether the map knows them or not, by
 * the number of those that it names.
 */
extern void group_counts_end(GroupCounts *counts, Distribution *planned,
							 Distribution *in_source);

#endif							/* MENUCA_GROUP_COUNTS_H */
