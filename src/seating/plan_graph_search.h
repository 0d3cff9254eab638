/*-------------------------------------------------------------------------
 *
 * plan_graph_search.h
 *	  Free sets whose tables are next to each other, each visited once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_GRAPH_SEARCH_H
#define MENUCA_PLAN_GRAPH_SEARCH_H

#include "seating/plan_scan.h"
#include "seating/plan_unit.h"

/*
 * Offers the sets of n tables, 2 or more, of a graph that are as adjacent as they
 * must be; where adjacency is off, the connected ones.
 */
extern void plan_graph_search(PlanScan *scan, const PlanUnit *unit, int n);

/* Counts them, except listed ones. */
extern void plan_graph_count(PlanScan *scan, const PlanUnit *unit, int n);

#endif							/* MENUCA_PLAN_GRAPH_SEARCH_H */
