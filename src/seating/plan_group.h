/*-------------------------------------------------------------------------
 *
 * plan_group.h
 *	  All undominated plans of a party, those of equal tables together.
 *
 * An evening has the same questions again and again, and most of its plans differ
 * by equal tables only.  In a zone whose tables the rules tell apart by their
 * class only, for each party, a group has all plans of the same classes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_GROUP_H
#define MENUCA_PLAN_GROUP_H

#include "seating/plan_rules.h"

/* Plans of the same score; or a single one. */
typedef struct PlanGroup
{
	int			ntables;
	int		   *members;		/* by_class: a class for each table,
								 * ascending, and any different tables of
								 * these are a plan; else the plan's tables:
								 * indexes, by table number */
	bool		by_class;
	bool		listed;
	int			zone;
	int64		capacity;		/* seats */
	int64		overage;		/* seats too many */
	int			adjacency;		/* adjacency cost */
	int64		score;			/* in ten-thousandths */
} PlanGroup;

typedef struct PlanGroups
{
	int			ngroups;
	int			nallocated;
	PlanGroup  *groups;			/* in no order of use, but always the same */
	bool		complete;		/* no limit ended the search */
} PlanGroups;

/*
 * Tells for each zone, in exact[] of nzones, whether its plans are grouped: no
 * combination that may be used is listed there, and its movable tables have no
 * edge, or all edges, unless edges are of no account.
 */
extern void plan_group_exact_zones(const Floor *floor, const FloorSettings *settings, bool *exact);

/*
 * Finds the undominated plans of a question; include_dominated and best_only are
 * not read.  Of plans that are not grouped the best max_plans.  labels: the class
 * by index, from 0 on, at least as fine as Floor.class_of, and of the tables of
 * one either all are free or none; NULL: Floor.class_of.  A question's priority
 * and min_party must be the same within a class, too.  Allocates in the current
 * memory context.
 */
extern PlanGroups *plan_group_search(const Floor *floor, const PlanQuery *query, const int *labels);

#endif							/* MENUCA_PLAN_GROUP_H */
