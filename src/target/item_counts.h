/*-------------------------------------------------------------------------
 *
 * item_counts.h
 *	  How many items a group should have, by its own rules.
 *
 * combo_groups.combo_rules is a JSON object; its item_count came from V1.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ITEM_COUNTS_H
#define MENUCA_ITEM_COUNTS_H

#include "target/parent_map.h"

/* What a group's rules state. */
typedef struct StatedCount
{
	int64		id;				/* the group's */
	int32		items;
	bool		readable;		/* it is a number, and items is that */
} StatedCount;

/* Groups that have items and state a number, against what they have. */
typedef struct ItemCountFigures
{
	uint64		groups;
	uint64		equal;
	uint64		more;
	uint64		fewer;
	uint64		unreadable;		/* groups beside these, which state no number */
} ItemCountFigures;

/*
 * Receives the groups of a map that state something, with the numbers of
 * their rows.
 */
typedef void (*StatedCountFn) (uint32 group, const StatedCount *stated, void *arg);

/*
 * Hands out what the groups state, as the active snapshot sees them; a column
 * of another type than jsonb is cast.  The table must have the column.  Raises
 * an error when the caller may not read it, or the cast fails.
 */
extern void item_counts_read(const ParentTable *parent, const ParentMap *groups,
							 StatedCountFn fn, void *arg);

/*
 * The same in two steps, in one transaction and snapshot: in between a
 * parallel worker reads, if the table is large and one is to be had; until the
 * second step nothing may be written (see worker.h).  NULL when the table has
 * no such column of type jsonb that the caller may read.
 */
typedef struct ItemCounts ItemCounts;

extern ItemCounts *item_counts_begin(const ParentTable *parent,
									 const ParentMap *groups);
extern void item_counts_end(ItemCounts *counts, StatedCountFn fn, void *arg);

/* Compares; a group without items does not count. */
extern void item_counts_compare(ItemCountFigures *figures,
								const StatedCount *stated, uint32 items);

#endif							/* MENUCA_ITEM_COUNTS_H */
