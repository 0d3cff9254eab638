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
 * Counts everything again, asks the gate after, and closes the run.  A
 * refusal is an error; batched, it is committed to the ledger first.
 */
extern void fix_conclude(Fix *fix);

#endif							/* MENUCA_FIX_CONCLUDE_H */
