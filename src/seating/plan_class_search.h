/*-------------------------------------------------------------------------
 *
 * plan_class_search.h
 *	  Free sets by classes: sets of equal tables are visited together.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_CLASS_SEARCH_H
#define MENUCA_PLAN_CLASS_SEARCH_H

#include "seating/plan_scan.h"
#include "seating/plan_unit.h"

/* A kind of set: a table of each of these classes. */
typedef struct PlanKind
{
	const PlanUnit *unit;
	int			n;				/* tables */
	int			classes[FLOOR_MAX_K];	/* ascending; a class once for each of
										 * its tables */
	int64		capacity;		/* seats */
	int64		score;			/* of each of its sets, in ten-thousandths */
	int			adjacency;		/* adjacency cost of each */
} PlanKind;

/* Called for a kind that exists. */
typedef void (*PlanKindVisit) (PlanScan *scan, const PlanKind *kind, void *arg);

/*
 * Offers the sets of n tables, 2 or more, of a unit.  In a graph, where adjacency
 * is off, those only that are not connected; it is for plan_graph_search() to
 * offer the others.
 */
extern void plan_class_search(PlanScan *scan, const PlanUnit *unit, int n);

/*
 * Visits the kinds of sets of n tables, except those that cannot be better than
 * the worst plan of a full list, and, where only undominated ones are wanted,
 * those of which a single table or a smaller free set would do.
 */
extern void plan_class_visit(PlanScan *scan, const PlanUnit *unit, int n,
							 PlanKindVisit visit, void *arg);

#endif							/* MENUCA_PLAN_CLASS_SEARCH_H */
