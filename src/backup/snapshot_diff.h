/*-------------------------------------------------------------------------
 *
 * snapshot_diff.h
 *	  What differs between a snapshot's tables and their copies.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SNAPSHOT_DIFF_H
#define MENUCA_SNAPSHOT_DIFF_H

#include "backup/snapshot.h"

/* A foreign key to a table of the snapshot. */
typedef struct Referrer
{
	Oid			relid;
	char	   *table;			/* qualified and quoted */
	char	   *action;			/* ON DELETE ... */
	bool		blocks;			/* it forbids to delete what is referred to */
	bool		in_snapshot;	/* it is a table of the snapshot itself */
	char	   *join;			/* condition between d (the referring row) and
								 * t */
} Referrer;

/* A table of the snapshot against its copy. */
typedef struct TableDiff
{
	SnapshotTable *table;
	List	   *referrers;		/* of Referrer, the table itself aside */
	char	   *shape;			/* how its columns differ; NULL when they do
								 * not */
	bool		compared;		/* the counts of rows to be written are known */
	uint64		rows_now;
	uint64		to_delete;
	uint64		to_insert;
	uint64		to_update;
	uint64		dependants;		/* rows of other tables that a DELETE concerns */
	bool		blocked;		/* putting it back is impossible, even by
								 * force */
	char	   *sequences;		/* as they are now */
	List	   *reasons;		/* against putting it back, as text */
} TableDiff;

/*
 * Compares one of the snapshot's tables, all of which are open, as the active
 * snapshot sees them.
 */
extern TableDiff *snapshot_diff(const TableSnapshot *snapshot, SnapshotTable *table);

/* The foreign keys to it, as the catalog says; for locking before comparing. */
extern List *snapshot_referrers(const TableSnapshot *snapshot, const SnapshotTable *table);

/*
 * True if rows that changed can be deleted and inserted anew, since nothing
 * refers to them; so two of them may exchange the values of a unique key.
 */
extern bool snapshot_diff_is_leaf(const TableDiff *diff);

#endif							/* MENUCA_SNAPSHOT_DIFF_H */
