/*-------------------------------------------------------------------------
 *
 * no_plan.h
 *	  Why a party has no plan, in words with figures.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_NO_PLAN_H
#define MENUCA_NO_PLAN_H

#include "base/compat.h"
#include "seating/plan_question.h"

/* Why there is no plan. */
typedef struct NoPlan
{
	int			rule;			/* the rule that lost the sets, PLAN_RULE_;
								 * PLAN_RULE_BUSY: all are taken; 0: no single
								 * rule */
	char	   *reason;			/* "busy: ..." */
	bool		off;			/* there would be one if dining tables were
								 * joined, which the settings planner and
								 * merges say */
	bool		has_next;		/* there is a plan later on that service day */
	TimestampTz next;			/* then: when the party can come */
} NoPlan;

/*
 * Explains a question without a plan, for a party that would come at start; booking
 * may be NULL.  Reads under the active query snapshot.
 */
extern NoPlan *no_plan_explain(const FloorReader *reader, const PlanQuestion *question, TimestampTz start,
							   const pg_uuid_t *booking, bool for_walk_in);

/*
 * Raises MC040, MC041 when all are taken, or MC046 when joining is off; subject is
 * "booking ..." or the like.
 */
pg_noreturn extern void no_plan_raise(const FloorReader *reader, const NoPlan *none, const char *subject, const char *hint);

#endif							/* MENUCA_NO_PLAN_H */
