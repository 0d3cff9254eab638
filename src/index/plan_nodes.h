/*-------------------------------------------------------------------------
 *
 * plan_nodes.h
 *	  What a query plan is made of, node by node.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_PLAN_NODES_H
#define MENUCA_PLAN_NODES_H

#include "nodes/plannodes.h"

typedef struct PlanNode
{
	const char *name;			/* as EXPLAIN has it */
	Oid			relation;		/* that it reads; InvalidOid: none */
	Oid			index;			/* by which it reads it; InvalidOid: none */
	bool		sequential;		/* it reads all of the relation */
} PlanNode;

/* All nodes of a plan, parents before children: a list of PlanNodes. */
extern List *plan_nodes_of(const PlannedStmt *plan);

/* The same as a JSON array of objects: node, relation, index. */
extern char *plan_nodes_json(const List *nodes);

#endif							/* MENUCA_PLAN_NODES_H */
