/*-------------------------------------------------------------------------
 *
 * plan_listed.h
 *	  The listed combinations that are plans for a question.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_LISTED_H
#define MENUCA_PLAN_LISTED_H

#include "seating/plan_rules.h"

/* A listed combination that may be used. */
typedef struct PlanListedSet
{
	int			n;				/* tables, at least 2 */
	int		   *tables;			/* their places, ascending, each once */
	int			capacity;		/* what they seat together, at least the party */
	int			combination;	/* its index in Floor.combinations */
} PlanListedSet;

/* All of them; of two of the same tables the later one. */
typedef struct PlanListed
{
	int			nsets;
	PlanListedSet *sets;		/* by their tables */
	int		   *first;			/* by place, and one more: where sets begin
								 * whose smallest place it is; NULL when there
								 * is no set */
} PlanListed;

/* Collects them.  Allocates in the current memory context. */
extern PlanListed *plan_listed_make(const PlanRules *rules);

/* Whether n places, ascending, are a listed set. */
extern bool plan_listed_has(const PlanListed *listed, const int *places, int n);

/* That set, or NULL. */
extern const PlanListedSet *plan_listed_find(const PlanListed *listed, const int *places, int n);

/* Whether some of n places, ascending, but not all, are a listed set. */
extern bool plan_listed_within(const PlanListed *listed, const int *places, int n);

#endif							/* MENUCA_PLAN_LISTED_H */
