/*-------------------------------------------------------------------------
 *
 * fix_steps.h
 *	  The steps of the items of V2's groups.
 *
 * A fix collects them while it plans, and writes them after the items.  In the
 * ledger they are a run of their own, a part of the fix's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_STEPS_H
#define MENUCA_FIX_STEPS_H

#include "nodes/pg_list.h"

#include "plan/mapping_plan.h"

typedef struct FixSteps FixSteps;

/*
 * Begins to collect, in the current memory context; sets the source's max_step
 * to the greatest step that the target can hold.
 */
extern FixSteps *fix_steps_begin(const Target *target, Source *source);

/* Collects the step of a planned row, if the row is mapped and has one. */
extern void fix_steps_collect(FixSteps *steps, const PlanRow *row);

/*
 * Decides, when all steps are collected, which of them are to be written: an
 * item that has steps already keeps these.  writing: reserves and locks the
 * table of steps and looks at a new query snapshot, else at the active one.
 * Raises an error when rights are lacking; INSERT is required only when there
 * is something to write.
 */
extern void fix_steps_plan(FixSteps *steps, bool writing);

/*
 * What the gate before the first row has against the table of steps, once they are
 * planned: a list of Refusals.
 */
extern List *fix_steps_refusals(const FixSteps *steps);

/* The number of steps that are to be written. */
extern uint64 fix_steps_planned(const FixSteps *steps);

/*
 * Writes the steps of items that exist by now, batch_size at a time, as a run
 * of their own that is a part of the given run.  Raises an error when the
 * steps do not add up afterwards.
 */
extern void fix_steps_write(FixSteps *steps, int64 part_of, int batch_size);

/*
 * The steps that are to be written, as a clause; NULL when the lists have no
 * steps or the target has no table for them.
 */
extern char *fix_steps_text(const FixSteps *steps);

/*
 * The steps of mapped rows per outcome, insert or already_present, as a JSON
 * object.
 */
extern char *fix_steps_json(const FixSteps *steps);

/*
 * The steps and sizes of the lists that the target cannot hold, as a list of
 * clauses; the same before a run as after it.
 */
extern List *fix_steps_warnings(const FixSteps *steps);

#endif							/* MENUCA_FIX_STEPS_H */
