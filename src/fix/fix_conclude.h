/*-------------------------------------------------------------------------
 *
 * fix_conclude.h
 *	  The last phase of a fix: recount, gate after, run closed in the ledger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_CONCLUDE_H
#define MENUCA_FIX_CONCLUDE_H

#include "fix/fix_state.h"

/*
 * Counts everything again, applies the gate after, and closes the run.  Raises
 * an error when the counts do not add up, and when the gate refuses; in a
 * batched run, the refusal is committed to the ledger first.
 */
extern void fix_conclude(Fix *fix);

#endif							/* MENUCA_FIX_CONCLUDE_H */
