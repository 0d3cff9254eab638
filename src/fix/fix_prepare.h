/*-------------------------------------------------------------------------
 *
 * fix_prepare.h
 *	  The first phase of a fix: plan, gate before, run opened in the ledger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_PREPARE_H
#define MENUCA_FIX_PREPARE_H

#include "fix/fix_state.h"

/*
 * Reserves and locks the target, makes the plan, applies the gate before, and
 * opens the run in the ledger.  Raises an error when the gate refuses, when
 * rights are lacking, and when another run works on the target.
 */
extern void fix_prepare(Fix *fix);

/* A dry run: makes the plan, and reports what the gate before would refuse. */
extern void fix_plan_only(Fix *fix);

/*
 * Kilobytes of memory for the baseline while the plan is made: a quarter of
 * maintenance_work_mem.
 */
extern int	fix_baseline_kilobytes(void);

/* Raises an error unless the run is a batched one that was interrupted. */
extern void fix_require_resumable(const Run *run);

#endif							/* MENUCA_FIX_PREPARE_H */
