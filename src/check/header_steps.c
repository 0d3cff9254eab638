/*-------------------------------------------------------------------------
 *
 * header_steps.c
 *	  The items' steps against the headers of their groups: see header_steps.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/relation.h"
#include "check/header_steps.h"
#include "ledger/run_ledger.h"


const StepPlan *
header_steps_plan(const Target *target, const StepTable *steps)
{
	ListCell   *lc;

	if (!relation_has_column(target->groups.oid, GROUP_RULES_COLUMN))
		return NULL;
	foreach(lc, run_list_in_effect(target->schema, target->junction->step_table))
	{
		const Run  *run = lfirst(lc);

		if (strcmp(run->kind, "fix_combo_steps") == 0)
			return step_plan_make(target, steps,
								  step_plan_headers_name(run_parameter(run, "headers_name")));
	}
	return NULL;
}

void
header_steps_count(const StepPlan *plan, int64 *differing, int64 *lacking)
{
	*differing = 0;
	*lacking = 0;
	for (uint64 i = 0; i < plan->n; i++)
	{
		const StepItem *item = &plan->items[i];

		CHECK_FOR_INTERRUPTS();
		if (!item->wanted || item->present == 0)
			continue;
		*differing += item->present - item->labelled;
		*lacking += Max(item->count - (int64) item->numbered, 0);
	}
}

bool
header_steps_fault(const StepItem *item)
{
	if (item->present == 0)
		return item->outcome == STEP_FITS;
	return item->wanted && (item->labelled < item->present || item->numbered < (uint64) item->count);
}
