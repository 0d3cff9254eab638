/*-------------------------------------------------------------------------
 *
 * future_conflicts.h
 *	  What a plan does to bookings that still wait for dining tables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FUTURE_CONFLICTS_H
#define MENUCA_FUTURE_CONFLICTS_H

#include "seating/plan_question.h"
#include "seating/plan_search.h"

/* A plan with what it costs others. */
typedef struct RatedPlan
{
	const SeatingPlan *plan;
	int			conflicts;		/* waiting bookings that lose their last plan */
	int64		score;			/* the plan's, with them if lookahead is on */
} RatedPlan;

typedef struct RatedPlans
{
	int			n;
	RatedPlan  *plans;			/* the best first */
	const PlanResult *result;
} RatedPlans;

/*
 * The best plans for a question, by their score with conflicts where the setting
 * lookahead is on; booking, which may be NULL, is none of the waiting ones.  result is not
 * complete, too, where the best 10,000 by their own score all cost more than the next one could.
 */
extern RatedPlans *future_conflicts_rate(const FloorReader *reader, const PlanQuestion *question,
										 const pg_uuid_t *booking);

#endif							/* MENUCA_FUTURE_CONFLICTS_H */
