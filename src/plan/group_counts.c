/*-------------------------------------------------------------------------
 *
 * group_counts.c
 *	  Counting dishes by group: see group_counts.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "plan/group_counts.h"

static void count_rejects(GroupCounts *counts, Distribution *in_source);
static void add_rejected_dishes(GroupCounts *counts, int64 group, uint32 dishes,
								Distribution *in_source);
static void merge_chain(GroupCounts *counts, uint32 group);


GroupCounts *
group_counts_begin(const ParentMap *groups, bool named_only, int kilobytes)
{
	GroupCounts *counts = palloc0(sizeof(GroupCounts));

	counts->groups = groups;
	counts->named_only = named_only;
	counts->kilobytes = kilobytes;
	counts->of_group = MemoryContextAllocExtended(CurrentMemoryContext,
												  sizeof(GroupCount) * Max(groups->nrows, 1),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	return counts;
}

void
group_counts_reject(GroupCounts *counts, int64 group, int64 dish)
{
	int64		pair[2] = {group, dish};

	if (counts->rejects == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(counts));

		counts->rejects = int8_sort_begin(2, counts->kilobytes, false);
		MemoryContextSwitchTo(old);
	}
	int8_sort_put(counts->rejects, pair);
}

void
group_counts_end(GroupCounts *counts, Distribution *planned,
				 Distribution *in_source)
{
	group_counts_finish(counts);
	*planned = counts->planned;

	memset(in_source, 0, sizeof(Distribution));
	if (counts->rejects)
		count_rejects(counts, in_source);

	for (uint32 i = 0; i < counts->groups->nrows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (counts->groups->rows[i].next != PARENT_MAP_END)
			merge_chain(counts, i);
		distribution_add(in_source, counts->of_group[i].in_source);
	}
}

/* Counts the different dishes of the rejects, group by group. */
static void
count_rejects(GroupCounts *counts, Distribution *in_source)
{
	const int64 *pair;
	int64		last[2] = {0, 0};
	uint32		dishes = 0;		/* of the last pair's group */

	int8_sort_perform(counts->rejects);
	while ((pair = int8_sort_next(counts->rejects)) != NULL)
	{
		if (pair[0] != last[0])
		{
			add_rejected_dishes(counts, last[0], dishes, in_source);
			dishes = 0;
		}
		if (dishes == 0 || pair[1] != last[1])
			dishes++;
		memcpy(last, pair, sizeof(last));
	}
	add_rejected_dishes(counts, last[0], dishes, in_source);
	int8_sort_end(counts->rejects);
	counts->rejects = NULL;
}

/* Groups that the map lacks have rejects only, so their count is final. */
static void
add_rejected_dishes(GroupCounts *counts, int64 group, uint32 dishes,
					Distribution *in_source)
{
	uint32		first = parent_map_first(counts->groups, group);

	if (first == PARENT_MAP_END)
		distribution_add(in_source, dishes);
	else
		counts->of_group[first].in_source += dishes;
}

/*
 * To the source, all groups of a legacy id are one: the first one gets the
 * dishes of the others.
 */
static void
merge_chain(GroupCounts *counts, uint32 group)
{
	uint32		other = counts->groups->rows[group].next;

	for (; other != PARENT_MAP_END; other = counts->groups->rows[other].next)
	{
		counts->of_group[group].in_source += counts->of_group[other].in_source;
		counts->of_group[other].in_source = 0;
	}
}
