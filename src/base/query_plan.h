/*-------------------------------------------------------------------------
 *
 * query_plan.h
 *	  The nodes of a query plan.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_QUERY_PLAN_H
#define MENUCA_QUERY_PLAN_H

#include "nodes/plannodes.h"

typedef struct PlanNode
{
	const char *name;			/* as EXPLAIN shows it, or "other" */
	Oid			relation;		/* the relation it reads, or InvalidOid */
	Oid			index;			/* the index it uses, or InvalidOid */
	bool		sequential;		/* it reads the whole relation */
	bool		once;			/* it is of an InitPlan, whose result is kept
								 * while the query runs */
	const Plan *plan;			/* the node itself */
} PlanNode;

/* All nodes of a query plan, parents before children: PlanNodes. */
extern List *query_plan_nodes(const PlannedStmt *plan);

/* The nodes as a JSON array of objects with the members node, relation, index. */
extern char *query_plan_json(const List *nodes);

#endif							/* MENUCA_QUERY_PLAN_H */
