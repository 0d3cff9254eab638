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

#include "utils/jsonb.h"

#include "target/parent_map.h"

/* The number of items that a group's rules state. */
typedef struct StatedCount
{
	int64		id;				/* the group's */
	int32		items;
	bool		readable;		/* it is a number, and items has it */
} StatedCount;

/* Groups that have items and state a number, compared with their items. */
typedef struct ItemCountFigures
{
	uint64		groups;
	uint64		equal;
	uint64		more;			/* it has more items than it states */
	uint64		fewer;
	uint64		unreadable;		/* beside these: groups whose item_count is no
								 * number */
} ItemCountFigures;

/*
 * Called for each group of the map whose rules have an item_count, with the
 * number of its row.
 */
typedef void (*StatedCountFn) (uint32 group, const StatedCount *stated, void *arg);

/*
 * Hands out the stated numbers of all groups that the active query snapshot
 * sees.  The table must have the column combo_rules; if it is not jsonb, it is
 * cast.  Raises an error when the caller may not read it, or the cast fails.
 */
extern void item_counts_read(const ParentTable *parent, const ParentMap *groups,
							 StatedCountFn fn, void *arg);

/*
 * Reads a stated number, a JSON number or a JSON string that holds one; false when
 * it is neither.
 */
extern bool item_counts_value(const JsonbValue *value, int32 *number);

/* A reading of the stated numbers that has begun. */
typedef struct ItemCounts ItemCounts;

/*
 * The same in two calls, with one transaction and query snapshot.  Between them
 * a parallel worker reads, if the table is large and a worker is available;
 * until the second call nothing may be written (see worker.h).  Returns NULL
 * when the table has no column combo_rules of type jsonb that the caller may
 * read.
 */
extern ItemCounts *item_counts_begin(const ParentTable *parent,
									 const ParentMap *groups);

/* Waits for the worker, if any, and hands out the stated numbers. */
extern void item_counts_end(ItemCounts *counts, StatedCountFn fn, void *arg);

/*
 * Adds a group to the figures, comparing the stated number with its items; a
 * group without items is not counted.
 */
extern void item_counts_compare(ItemCountFigures *figures,
								const StatedCount *stated, uint32 items);

#endif							/* MENUCA_ITEM_COUNTS_H */
