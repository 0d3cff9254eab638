/*-------------------------------------------------------------------------
 *
 * plan_domination.h
 *	  Whether a plan is dominated: a proper subset of its tables is a plan, too.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_DOMINATION_H
#define MENUCA_PLAN_DOMINATION_H

#include "seating/plan_listed.h"

/* Whether a free set of n places, 2 to k, ascending, that is a plan, is dominated. */
extern bool plan_domination_of_free(const PlanRules *rules, const PlanListed *listed,
									const int *places, int n);

/* The same of a listed one.  It takes steps of the budget, and returns false when that is spent. */
extern bool plan_domination_of_listed(const PlanRules *rules, const PlanListed *listed,
									  const int *places, int n, PlanBudget *budget);

#endif							/* MENUCA_PLAN_DOMINATION_H */
