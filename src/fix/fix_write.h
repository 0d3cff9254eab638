/*-------------------------------------------------------------------------
 *
 * fix_write.h
 *	  The second phase of a fix: writing the planned items, batch by batch.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_WRITE_H
#define MENUCA_FIX_WRITE_H

#include "fix/fix_state.h"

/*
 * Begins to write; called in each transaction that writes.  In one transaction
 * it locks all rows that items will refer to; in a batched run, each batch
 * locks its own.
 */
extern void fix_begin_writing(Fix *fix);

/*
 * Writes the next batch of planned items and its ledger entry.  Returns false
 * when nothing was left to write.
 */
extern bool fix_write_batch(Fix *fix);

/* Completes the indexes for the items written in this transaction. */
extern void fix_end_writing(Fix *fix);

#endif							/* MENUCA_FIX_WRITE_H */
