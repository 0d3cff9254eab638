/*-------------------------------------------------------------------------
 *
 * plan_search.h
 *	  The planner: the best sets of tables for a party, in exact order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_SEARCH_H
#define MENUCA_PLAN_SEARCH_H

#include "seating/plan_rules.h"
#include "seating/plan_scan.h"
#include "seating/plan_unit.h"

/* What each weight has added to a score, in ten-thousandths; their sum is the score. */
typedef struct PlanParts
{
	int64		overage;
	int64		tables;
	int64		adjacency;
	int64		spread;
	int64		priority;
	int64		scarcity;
} PlanParts;

/* A set of tables that can seat the party. */
typedef struct SeatingPlan
{
	int			ntables;
	int		   *tables;			/* indexes, by table number */
	int			zone;
	int64		capacity;		/* seats */
	int64		overage;		/* seats too many */
	int			adjacency;		/* cost: 0 alone; diameter when connected;
								 * else ntables */
	int64		score;			/* in ten-thousandths */
	PlanParts	parts;
	bool		dominated;		/* a proper subset is a plan, too */
	bool		listed;			/* a listed combination */
} SeatingPlan;

typedef struct PlanResult
{
	int			nplans;
	SeatingPlan *plans;			/* the best ones, in order */
	int64		total_plans;	/* all there are, dominated ones, too */
	int64		by_size[FLOOR_MAX_COMBINATION + 1]; /* the same by number of
													 * tables */
	bool		complete;		/* false: max_evaluations ended the search, or
								 * a total is beyond 64 bits; the plans are
								 * the best of those seen */
	int64		evaluations;	/* steps taken */
} PlanResult;

/*
 * Answers a question.  A party of 0 or less has no plans.  Single tables are all
 * looked at, whatever the limit; then sets by number of tables.  With best_only
 * total_plans and by_size are lower bounds.  Allocates in the current memory
 * context; what it needs meanwhile is freed.
 */
extern PlanResult *plan_search(const Floor *floor, const PlanQuery *query);

/*
 * Whether there is any plan; max_plans, include_dominated and best_only are not
 * read.  *complete, unless NULL: whether that is certain, and not the limit's end.
 */
extern bool plan_search_any(const Floor *floor, const PlanQuery *query, bool *complete);

/* The same, and returns a plan that there is, not the best one; NULL without. */
extern SeatingPlan *plan_search_first(const Floor *floor, const PlanQuery *query, bool *complete);

/*
 * The plan of exactly these n tables, by index, in any order; NULL when they
 * are none, as with one twice, or dominated ones are not wanted and it is one.  max_plans and best_only are
 * not read, and no step is counted.
 */
extern SeatingPlan *plan_search_set(const Floor *floor, const PlanQuery *query, const int *tables, int n);

/* Begins a scan of single tables and listed sets for a question; see plan_scan.h. */
extern void plan_search_begin(PlanScan *scan, const PlanRules *rules);

/* Offers the free sets of n tables of a unit, in the way that fits it. */
extern void plan_search_unit(PlanScan *scan, const PlanUnit *unit, int n);

#endif							/* MENUCA_PLAN_SEARCH_H */
