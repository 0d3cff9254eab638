/*-------------------------------------------------------------------------
 *
 * fix_steps.h
 *	  The steps of the items of V2's groups.
 *
 * A fix collects them while it plans, and writes them behind the items: a run
 * of their own in the ledger, part of the fix's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FIX_STEPS_H
#define MENUCA_FIX_STEPS_H

#include "nodes/pg_list.h"

#include "plan/mapping_plan.h"

typedef struct FixSteps FixSteps;

/* Begins to collect; the source is told which steps the target can hold. */
extern FixSteps *fix_steps_begin(const Target *target, Source *source);

/* Takes the step of a planned row, if it can be mapped and has one. */
extern void fix_steps_take(FixSteps *steps, const PlanRow *row);

/*
 * When all are taken: which of them are to be written.  An item that has a
 * step already keeps what it has.  writing: claims and locks the table for it;
 * else the active snapshot is looked at.  Raises an error when rights are
 * lacking, INSERT only when there is something to write.
 */
extern void fix_steps_plan(FixSteps *steps, bool writing);

/* How many steps are to be written. */
extern uint64 fix_steps_planned(const FixSteps *steps);

/*
 * Writes them, when their items are there, so many at a time, with a run of
 * their own that is a part of the given one.  Raises an error when the steps
 * do not add up afterwards.
 */
extern void fix_steps_write(FixSteps *steps, int64 part_of, int batch_size);

/* What is to be written, as a sentence; NULL when the lists have no steps. */
extern char *fix_steps_text(const FixSteps *steps);

/*
 * What of the lists finds no place in the target, as sentences: the same
 * before a run as after it.
 */
extern List *fix_steps_warnings(const FixSteps *steps);

#endif							/* MENUCA_FIX_STEPS_H */
