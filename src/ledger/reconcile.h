/*-------------------------------------------------------------------------
 *
 * reconcile.h
 *	  Comparing what is there with what the ledger says.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RECONCILE_H
#define MENUCA_RECONCILE_H

#include "ledger/run_ledger.h"
#include "target/keyed_table.h"

/* The rows of a table, as seen by one run's ledger. */
typedef struct Reconciliation
{
	uint64		items;			/* rows that are there now */
	uint64		inserted;		/* rows that the run inserted: */
	uint64		inserted_intact;
	uint64		inserted_changed;
	uint64		inserted_missing;
	uint64		baseline;		/* rows that were there before it: */
	uint64		baseline_intact;
	uint64		baseline_changed;
	uint64		baseline_missing;
	uint64		others;			/* rows of neither kind: added since */
} Reconciliation;

/* Called for each row of the run that is still there, by key. */
typedef void (*ReconcileFn) (int64 key, bool changed, void *arg);

/*
 * Compares every row that the active snapshot sees with the ledger, in about
 * so many kilobytes of memory.  fn may be NULL.
 */
extern void reconcile(const Run *run, const KeyedTable *table, int kilobytes,
					  Reconciliation *result, ReconcileFn fn, void *arg);

#endif							/* MENUCA_RECONCILE_H */
