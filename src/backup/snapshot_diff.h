/*-------------------------------------------------------------------------
 *
 * snapshot_diff.h
 *	  Differences between a snapshot's tables and their copies.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SNAPSHOT_DIFF_H
#define MENUCA_SNAPSHOT_DIFF_H

#include "backup/snapshot.h"

/* A foreign key that refers to a table of the snapshot. */
typedef struct Referrer
{
	Oid			relid;
	char	   *table;			/* qualified and quoted */
	char	   *action;			/* of ON DELETE */
	bool		blocks;			/* the action forbids deleting the referenced
								 * row */
	bool		in_snapshot;	/* the referring table is in the snapshot */
	char	   *join;			/* condition between the referring row d and
								 * the referenced row t */
} Referrer;

/* A table of the snapshot compared with its copy. */
typedef struct TableDiff
{
	SnapshotTable *table;
	List	   *referrers;		/* of Referrer, from other tables */
	char	   *shape;			/* how its columns differ; NULL if not at all */
	bool		compared;		/* the next counts but rows_now are known */
	uint64		rows_now;
	uint64		to_delete;
	uint64		to_insert;
	uint64		to_update;
	uint64		dependants;		/* rows of tables outside the snapshot that
								 * refer to rows to delete */
	bool		blocked;		/* it cannot be restored, even by force */
	char	   *sequences;		/* their states now, as JSON */
	List	   *reasons;		/* against restoring it, as text */
} TableDiff;

/*
 * Compares one of the snapshot's tables with its copy, as the active query
 * snapshot sees them.  All tables of the snapshot must be open.
 */
extern TableDiff *snapshot_diff(const TableSnapshot *snapshot, SnapshotTable *table);

/*
 * The foreign keys of other tables to this one (a list of Referrer), from the
 * catalog; a restore locks these tables before it compares.
 */
extern List *snapshot_referrers(const TableSnapshot *snapshot, const SnapshotTable *table);

/*
 * True if no other table refers to this one.  Then changed rows can be deleted
 * and inserted again, which lets two of them exchange the values of a unique
 * key.
 */
extern bool snapshot_diff_is_leaf(const TableDiff *diff);

#endif							/* MENUCA_SNAPSHOT_DIFF_H */
