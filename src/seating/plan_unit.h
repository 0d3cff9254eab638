/*-------------------------------------------------------------------------
 *
 * plan_unit.h
 *	  The parts of a floor within which free sets lie, and their classes.
 *
 * Where tables need not be adjacent a part is a zone, else a connected component
 * of a zone's tables: no set reaches beyond it.  In a part without an edge, or
 * with all edges, tables are told apart by their class only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_UNIT_H
#define MENUCA_PLAN_UNIT_H

#include "seating/plan_rules.h"

/* Tables of a part that the planner need not tell apart, but for their numbers. */
typedef struct PlanClass
{
	int			capacity;
	int64		own;			/* each one's own part of a score */
	bool		alone;			/* each is a plan by itself */
	int			label;			/* the caller's class; 0 without */
	int			nmembers;
	const int  *members;		/* places, ascending */
} PlanClass;

typedef enum PlanUnitKind
{
	PLAN_UNIT_APART,			/* a set's adjacency costs n: no edges, or
								 * their weight is 0 */
	PLAN_UNIT_COMPLETE,			/* it costs 1: all are next to each other */
	PLAN_UNIT_GRAPH				/* it depends on the set */
} PlanUnitKind;

/* A part: at least two tables that may be members of free sets. */
typedef struct PlanUnit
{
	int			zone;
	PlanUnitKind kind;
	int			ntables;
	const int  *places;			/* ascending */
	int			min_capacity;
	int			max_capacity;
	int64		min_own;		/* least own part of a score */
	int			nclasses;
	PlanClass  *classes;		/* the largest capacity first */
	int		   *neighbor_start; /* of a graph: by position in places[], and
								 * one more */
	int		   *neighbors;		/* positions, ascending */
} PlanUnit;

typedef struct PlanUnits
{
	int			nunits;
	PlanUnit   *units;
	int		   *unit_of;		/* by place: the unit's index, or -1 */
} PlanUnits;

/*
 * Parts and classes for a question whose free sets are allowed.  labels: by index
 * of the table, classes of the caller's that must be told apart; NULL: none.
 * Allocates in the current memory context.
 */
extern PlanUnits *plan_unit_make_all(const PlanRules *rules, const int *labels);

#endif							/* MENUCA_PLAN_UNIT_H */
