/*-------------------------------------------------------------------------
 *
 * header_steps.h
 *	  The items' steps against the headers of their groups.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_HEADER_STEPS_H
#define MENUCA_HEADER_STEPS_H

#include "plan/step_plan.h"

/*
 * Makes the plan of menuca_fix_combo_steps() as the latest of its runs in effect has
 * read the headers, in the current memory context; NULL when no run is in effect, or
 * the groups have no rules any more.  Raises an error when somebody has changed
 * what the run has recorded.
 */
extern const StepPlan *header_steps_plan(const Target *target, const StepTable *steps);

/*
 * Of the items that have steps, and that the headers give some: the number of steps
 * that they should not have, or with another label, and of those that they lack.
 */
extern void header_steps_count(const StepPlan *plan, int64 *differing, int64 *lacking);

/* True if an item has no steps, or other ones, while the headers give it some. */
extern bool header_steps_fault(const StepItem *item);

#endif							/* MENUCA_HEADER_STEPS_H */
