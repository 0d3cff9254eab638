/*-------------------------------------------------------------------------
 *
 * group_counts.h
 *	  How many dishes each group will have, and how many the source names.
 *
 * They are counted while a plan scans its sorted pairs.  Rejected source rows
 * name dishes, too: their pairs of legacy ids are sorted separately.
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
	uint32		items;			/* the group will have */
	uint32		in_source;		/* different dishes that the source names */
} GroupCount;

typedef struct GroupCounts
{
	const ParentMap *groups;
	bool		named_only;		/* count only groups that the source names */
	GroupCount *of_group;		/* by the number of the row in the map */
	uint32		last;			/* the group that is being counted */
	uint32		dishes;			/* different ones that it will have, so far */
	Distribution planned;		/* the groups before it */
	int			kilobytes;		/* of memory for the sort of rejects */
	Int8Sort   *rejects;		/* pairs of legacy ids; NULL: none yet */
} GroupCounts;

/*
 * Prepares to count, in the current memory context, with that many kilobytes
 * of memory for a sort.  named_only: groups of the target that the source does
 * not name are left out of the planned distribution.
 */
extern GroupCounts *group_counts_begin(const ParentMap *groups, bool named_only,
									   int kilobytes);

/* Adds the last group, whose pairs were all counted, to the distribution. */
static inline void
group_counts_finish(GroupCounts *counts)
{
	if (counts->dishes > 0 &&
		(!counts->named_only || (counts->groups->rows[counts->last].flags & PARENT_REFERENCED)))
		distribution_add(&counts->planned, counts->dishes);
	counts->dishes = 0;
}

/*
 * Counts a pair of rows: its existing items, whether one is planned, and
 * whether the source names it.  Each pair is given once, ordered by group.
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
 * of rows; the same pair may be given several times.
 */
extern void group_counts_reject(GroupCounts *counts, int64 group, int64 dish);

/*
 * Called when all pairs were counted.  Sets *planned to the groups by the
 * number of dishes that they will have, and *in_source to the source's groups,
 * whether the target has them or not, by the number of dishes that it names.
 */
extern void group_counts_end(GroupCounts *counts, Distribution *planned,
							 Distribution *in_source);

#endif							/* MENUCA_GROUP_COUNTS_H */
