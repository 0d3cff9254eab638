/*-------------------------------------------------------------------------
 *
 * plan_scan.h
 *	  What a search for plans has found so far.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_SCAN_H
#define MENUCA_PLAN_SCAN_H

#include "seating/plan_best.h"
#include "seating/plan_listed.h"

typedef struct PlanScan
{
	const PlanRules *rules;
	const PlanListed *listed;
	PlanBest   *best;
	PlanBudget	budget;
	bool		undominated;	/* dominated plans are not wanted */
	bool		count;			/* all plans are counted, also those that are
								 * not kept */
	bool		first_only;		/* the search ends with the first plan */
	int64		by_size[FLOOR_MAX_COMBINATION + 1]; /* plans seen, by number
													 * of tables */
	bool		saturated;		/* a count is beyond PG_INT64_MAX */
} PlanScan;

/* Adds to the number of plans of that many tables. */
extern void plan_scan_count(PlanScan *scan, int n, int64 plans);

/*
 * Offers a free set or a single table: a plan by the rules, its places ascending,
 * its score right.  A set that is also listed is not taken: the listed one replaces
 * it.  Returns false when it is not better than the worst plan of a full list.
 */
extern bool plan_scan_offer(PlanScan *scan, const PlanSet *set);

/* Offers all single tables, and all listed sets, and counts them. */
extern void plan_scan_tables(PlanScan *scan);
extern void plan_scan_listed(PlanScan *scan);

/* The score of a plan whose tables cost that much adjacency. */
extern int64 plan_scan_score(const PlanRules *rules, const PlanSet *set, int adjacency);

/* Sum of capacities without that of the largest table. */
extern int64 plan_scan_spread(const Floor *floor, const PlanSet *set);

#endif							/* MENUCA_PLAN_SCAN_H */
