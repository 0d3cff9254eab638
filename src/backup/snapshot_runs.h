/*-------------------------------------------------------------------------
 *
 * snapshot_runs.h
 *	  What a snapshot means to the ledger of runs.
 *
 * Putting a snapshot back takes the rows of later runs away, and brings those
 * back that were rolled back since.  The ledger has to say so.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SNAPSHOT_RUNS_H
#define MENUCA_SNAPSHOT_RUNS_H

#include "backup/snapshot.h"

/* Runs by their ids, as arrays; a text of them for messages, or NULL. */
typedef struct SnapshotRuns
{
	char	   *undone;			/* whose rows go */
	char	   *brought_back;	/* whose rows come back */
} SnapshotRuns;

/* The runs of a snapshot's tables and their status, as JSON, to be recorded. */
extern char *snapshot_runs_now(const TableSnapshot *snapshot);

/* Interrupted runs of its tables, for a message; NULL when there are none. */
extern char *snapshot_unfinished_runs(const TableSnapshot *snapshot);

/* Which runs putting it back concerns. */
extern SnapshotRuns snapshot_runs_concerned(const TableSnapshot *snapshot);

/* Says in the ledger that it was put back, by that restore. */
extern void snapshot_runs_mark(const TableSnapshot *snapshot, int64 restore);

#endif							/* MENUCA_SNAPSHOT_RUNS_H */
