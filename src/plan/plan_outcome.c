/*-------------------------------------------------------------------------
 *
 * plan_outcome.c
 *	  What a plan decides about a source row: see plan_outcome.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "plan/plan_outcome.h"


const char *
plan_outcome_name(Outcome outcome)
{
	static const char *const names[OUTCOME_COUNT] = {
		"insert", "already_present", "duplicate",
		"unmapped_group", "unmapped_dish", "unmapped_both",
		"ambiguous_group", "ambiguous_dish", "cross_restaurant", "invalid"
	};

	return names[outcome];
}
