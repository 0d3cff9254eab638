/*-------------------------------------------------------------------------
 *
 * snapshot_rows.h
 *	  Writing the rows in which a table differs from its copy.
 *
 * Where a hook reads the table, as on distributed servers, it can be joined with its
 * copy, but not written to in such a statement: there the keys are read first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SNAPSHOT_ROWS_H
#define MENUCA_SNAPSHOT_ROWS_H

#include "backup/snapshot_diff.h"

/*
 * Deletes rows that the snapshot does not have.  Unless referenced is true, it
 * skips rows that a row of the snapshot's tables still refers to.
 */
extern void snapshot_rows_delete(const TableDiff *diff, bool referenced);

/* Updates the rows that differ from the copy, and inserts the missing ones. */
extern void snapshot_rows_restore(const TableDiff *diff);

#endif							/* MENUCA_SNAPSHOT_ROWS_H */
