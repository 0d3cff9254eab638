/*-------------------------------------------------------------------------
 *
 * query_timing.h
 *	  How long a query takes when its data is in memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_QUERY_TIMING_H
#define MENUCA_QUERY_TIMING_H

#include "index/plan_nodes.h"

/* Times in milliseconds. */
typedef struct QueryTiming
{
	int			runs;
	uint64		rows;
	double		median;
	double		min;
	double		max;
	double		planning;		/* the median */
	List	   *nodes;			/* of the plan: PlanNodes */
} QueryTiming;

/*
 * Plans and executes a SELECT once for the caches and then so many times,
 * with the caller's rights, on the active snapshot.  Its names are resolved
 * in pg_catalog; the rows go nowhere.
 */
extern void query_time(const char *sql, int runs, QueryTiming *timing);

/*
 * The nodes of the plan that it would get if the planner avoided sequential
 * scans wherever it can.
 */
extern List *query_nodes_by_index(const char *sql);

#endif							/* MENUCA_QUERY_TIMING_H */
