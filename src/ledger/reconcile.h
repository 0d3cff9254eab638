/*-------------------------------------------------------------------------
 *
 * reconcile.h
 *	  Comparing a table with the ledger of a run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RECONCILE_H
#define MENUCA_RECONCILE_H

#include "ledger/run_ledger.h"
#include "target/keyed_table.h"

/* Keys that are kept as examples, of the changed and of the missing rows. */
#define RECONCILE_EXAMPLES 5

/* The rows of a table, counted by their state in the ledger of one run. */
typedef struct Reconciliation
{
	uint64		items;			/* rows in the table now */
	uint64		inserted;		/* rows that the run inserted, of which: */
	uint64		inserted_intact;
	uint64		inserted_changed;
	uint64		inserted_missing;
	uint64		baseline;		/* rows from before the run, of which: */
	uint64		baseline_intact;
	uint64		baseline_changed;
	uint64		baseline_missing;
	uint64		others;			/* rows of neither kind: added later */
	uint64		inserted_repeated;	/* keys of the run that other rows have,
									 * too */
	int64		repeated_key;	/* the first of these */

	/* Only of reconcile_runs(): */
	uint64		undone;			/* rows from before the run that a rollback
								 * has deleted since; not in the counts above */
	uint64		earlier;		/* rows in the table that earlier runs
								 * inserted; these are in other counts, too */

	/* The changed and the missing rows */
	uint64		fingerprint;	/* of their keys and present hashes; 0: none */
	int			nchanged;		/* keys in the next array, the lowest first */
	int64		changed[RECONCILE_EXAMPLES];
	int			nmissing;
	int64		missing[RECONCILE_EXAMPLES];
} Reconciliation;

/* Called for each row of the run that is still in the table, in key order. */
typedef void (*ReconcileFn) (int64 key, bool changed, void *arg);

/*
 * Compares every row of the table that the active query snapshot sees with the
 * ledger of the run, and fills result.  Uses about that many kilobytes of
 * memory.  fn may be NULL.  Raises an error when the ledger is damaged.
 */
extern void reconcile(const Run *run, const KeyedTable *table, int kilobytes,
					  Reconciliation *result, ReconcileFn fn, void *arg);

/*
 * The same for all runs on a table: run is the latest of them, earlier are those
 * before it, undone those that were rolled back since it began (lists of Runs).
 * A row of an earlier run is compared with what that run recorded, if it was still
 * there when the latest one began; and a row that a rollback has deleted is not
 * missing.
 */
extern void reconcile_runs(const Run *run, const List *earlier, const List *undone,
						   const KeyedTable *table, int kilobytes, Reconciliation *result);

#endif							/* MENUCA_RECONCILE_H */
