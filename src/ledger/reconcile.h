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
	uint64		inserted_repeated;	/* keys of the run that other rows have, too */
	int64		repeated_key;	/* the first of these */
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

#endif							/* MENUCA_RECONCILE_H */
