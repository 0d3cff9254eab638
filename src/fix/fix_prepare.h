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
 * Claims and locks the target, plans, and asks the gate; opens the run in the
 * ledger, or raises what the gate refuses.
 */
extern void fix_prepare(Fix *fix);

/* A dry run: the plan and what the gates would say. */
extern void fix_plan_only(Fix *fix);

/* Memory of the baseline while the plan is made: a quarter of maintenance_work_mem. */
extern int	fix_baseline_kilobytes(void);

/* Raises an error unless the run is a batched one that was interrupted. */
extern void fix_require_resumable(const Run *run);

#endif							/* MENUCA_FIX_PREPARE_H */
