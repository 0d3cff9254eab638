/*-------------------------------------------------------------------------
 *
 * snapshot_runs.h
 *	  Runs in the ledger that a snapshot's restore undoes or brings back.
 *
 * Restoring a snapshot deletes the rows of later runs, and inserts again the
 * rows of runs that were rolled back since.  The ledger must record both.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SNAPSHOT_RUNS_H
#define MENUCA_SNAPSHOT_RUNS_H

#include "backup/snapshot.h"

/* Ids of runs, separated by commas; NULL for none. */
typedef struct SnapshotRuns
{
	char	   *undone;			/* their rows are deleted */
	char	   *restored;		/* their rows are inserted again */
} SnapshotRuns;

/*
 * The status of each run of the snapshot's tables, as a JSON object by run id;
 * it is recorded with the snapshot.
 */
extern char *snapshot_runs_now(const TableSnapshot *snapshot);

/*
 * Ids of the interrupted runs of its tables, separated by commas; NULL for
 * none.
 */
extern char *snapshot_unfinished_runs(const TableSnapshot *snapshot);

/* The runs that restoring the snapshot undoes and brings back. */
extern SnapshotRuns snapshot_runs_concerned(const TableSnapshot *snapshot);

/* Records in the ledger what the restore of that number did to its runs. */
extern void snapshot_runs_mark(const TableSnapshot *snapshot, int64 restore);

#endif							/* MENUCA_SNAPSHOT_RUNS_H */
