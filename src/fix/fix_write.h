/*-------------------------------------------------------------------------
 *
 * fix_write.h
 *	  The second phase of a fix: the planned items are written, batch by batch.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_WRITE_H
#define MENUCA_FIX_WRITE_H

#include "fix/fix_state.h"

/* Begins to write, in each transaction that does. */
extern void fix_begin_writing(Fix *fix);

/*
 * Writes the next batch of planned items and its ledger entry; false when
 * there was none.
 */
extern bool fix_write_batch(Fix *fix);

/* Completes what was written in this transaction. */
extern void fix_end_writing(Fix *fix);

#endif							/* MENUCA_FIX_WRITE_H */
