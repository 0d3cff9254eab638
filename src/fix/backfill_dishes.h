/*-------------------------------------------------------------------------
 *
 * backfill_dishes.h
 *	  The rows of the dishes that a backfill inserts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BACKFILL_DISHES_H
#define MENUCA_BACKFILL_DISHES_H

#include "fix/backfill_state.h"

/*
 * Raises an error when a column requires a value that a backfill does not
 * have.
 */
extern void backfill_require_fillable(Backfill *backfill);

/* How many of the planned dishes customers would see. */
extern uint64 backfill_count_visible(const Backfill *backfill);

/*
 * Inserts the planned dishes in batches, which it records in the ledger.  Sets
 * inserted, and visible to the number of new dishes that customers see now.
 */
extern void backfill_insert_dishes(Backfill *backfill);

#endif							/* MENUCA_BACKFILL_DISHES_H */
