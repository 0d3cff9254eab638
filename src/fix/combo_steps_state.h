/*-------------------------------------------------------------------------
 *
 * combo_steps_state.h
 *	  The state of a fix of the steps, which its files share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_COMBO_STEPS_STATE_H
#define MENUCA_COMBO_STEPS_STATE_H

#include "nodes/pg_list.h"

#include "plan/step_plan.h"
#include "target/junction.h"
#include "target/step_table.h"

typedef struct ComboSteps
{
	bool		dry_run;
	HeadersName headers_name;
	int			batch_size;
	char	   *real_call;		/* the same call with dry_run => false */
	Target	   *target;
	StepTable  *table;
	StepPlan   *plan;
	List	   *refusals;		/* of the gate */
	int64		run_id;
	uint64		before;			/* steps of the table */
	uint64		inserted;
	uint64		after;
} ComboSteps;

#endif							/* MENUCA_COMBO_STEPS_STATE_H */
