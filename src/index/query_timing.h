/*-------------------------------------------------------------------------
 *
 * query_timing.h
 *	  How long a query takes when its data is in memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_QUERY_TIMING_H
#define MENUCA_QUERY_TIMING_H

#include "nodes/pg_list.h"

/* Times in milliseconds. */
typedef struct QueryTiming
{
	int			executions;
	uint64		rows;			/* that each execution returns */
	double		median;
	double		min;
	double		max;
	double		planning;		/* the median */
	List	   *nodes;			/* of the query plan: PlanNodes */
} QueryTiming;

/*
 * Plans and executes a SELECT once to fill the caches and then as many times as
 * requested, with the caller's rights, on the active query snapshot.  Its names
 * are resolved in pg_catalog; the rows are discarded.  Raises the server's
 * errors.
 */
extern void query_timing_take(const char *sql, int executions, QueryTiming *timing);

/*
 * The nodes of the query plan that a SELECT has with enable_seqscan off:
 * PlanNodes.
 */
extern List *query_timing_nodes_without_seqscan(const char *sql);

#endif							/* MENUCA_QUERY_TIMING_H */
