/*-------------------------------------------------------------------------
 *
 * plan_obstacle.h
 *	  Why a party has no plan: facts, for others to put into words.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_OBSTACLE_H
#define MENUCA_PLAN_OBSTACLE_H

#include "seating/plan_rules.h"

typedef struct PlanObstacles
{
	bool		has_plan;		/* there is a plan; then the rest is not
								 * filled in */
	int			alone;			/* PLAN_RULE_ bits: without this rule alone
								 * there would be a plan */
	int			together;		/* when there is no such rule: the fewest that
								 * must be waived together, 3 at most, and of
								 * those the first in the order of the bits;
								 * 0: nothing helps */
	int64		largest;		/* largest party that any set allowed by the
								 * rules could seat, with all tables free,
								 * whatever the overage */
	int64		largest_free;	/* the same with the tables that are free */
	int			tables_needed;	/* fewest tables, if k_max is among the rules
								 * above */
	int64		overage_needed; /* fewest seats too many, if max_overage is */
	int			nusable;		/* tables that can be used at all, in the
								 * question's zone */
	int			nfree;			/* those that are free */
	int			nmovable;		/* usable ones that may be combined: movable,
								 * in a zone */
	int			nisolated;		/* those of them without an edge to another
								 * one */
	bool		complete;		/* no limit ended one of the searches */
} PlanObstacles;

/*
 * Finds out why a question has no plan.  Each search takes at most
 * max_evaluations steps, and never more than 200,000.
 */
extern void plan_obstacle_find(const Floor *floor, const PlanQuery *query, PlanObstacles *obstacles);

#endif							/* MENUCA_PLAN_OBSTACLE_H */
