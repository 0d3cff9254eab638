/*-------------------------------------------------------------------------
 *
 * query_plan.c
 *	  The nodes of a query plan: see query_plan.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"

#include "base/json.h"
#include "base/query_plan.h"
#include "base/relation.h"

/* The nodes that menu queries have; the names of others do not matter. */
static const struct
{
	NodeTag		tag;
	const char *name;
}			node_names[] = {
	{T_Result, "Result"},
	{T_Append, "Append"},
	{T_MergeAppend, "Merge Append"},
	{T_BitmapAnd, "BitmapAnd"},
	{T_BitmapOr, "BitmapOr"},
	{T_SeqScan, "Seq Scan"},
	{T_IndexScan, "Index Scan"},
	{T_IndexOnlyScan, "Index Only Scan"},
	{T_BitmapIndexScan, "Bitmap Index Scan"},
	{T_BitmapHeapScan, "Bitmap Heap Scan"},
	{T_TidScan, "Tid Scan"},
	{T_SubqueryScan, "Subquery Scan"},
	{T_FunctionScan, "Function Scan"},
	{T_ForeignScan, "Foreign Scan"},
	{T_CustomScan, "Custom Scan"},
	{T_NestLoop, "Nested Loop"},
	{T_MergeJoin, "Merge Join"},
	{T_HashJoin, "Hash Join"},
	{T_Material, "Materialize"},
	{T_Memoize, "Memoize"},
	{T_Sort, "Sort"},
	{T_IncrementalSort, "Incremental Sort"},
	{T_Group, "Group"},
	{T_Agg, "Aggregate"},
	{T_WindowAgg, "WindowAgg"},
	{T_Unique, "Unique"},
	{T_Gather, "Gather"},
	{T_GatherMerge, "Gather Merge"},
	{T_Hash, "Hash"},
	{T_Limit, "Limit"},
};

static List *add_subplans(List *nodes, const PlannedStmt *statement);
static Bitmapset *init_plans(const List *nodes);
static List *add_nodes(List *nodes, const PlannedStmt *statement, const Plan *plan);
static List *add_children(List *nodes, const PlannedStmt *statement, const List *plans);
static Oid	scanned_relation(const PlannedStmt *statement, const Plan *plan);
static const char *node_name(const Plan *plan);


List *
query_plan_nodes(const PlannedStmt *plan)
{
	return add_subplans(add_nodes(NIL, plan, plan->planTree), plan);
}

/* InitPlans belong to nodes anywhere, so all nodes are collected before they are marked. */
static List *
add_subplans(List *nodes, const PlannedStmt *statement)
{
	List	   *firsts = NIL;	/* the position of each subplan's first node */
	Bitmapset  *once;
	const ListCell *lc;

	foreach(lc, statement->subplans)
	{
		firsts = lappend_int(firsts, list_length(nodes));
		nodes = add_nodes(nodes, statement, lfirst(lc));
	}
	firsts = lappend_int(firsts, list_length(nodes));

	once = init_plans(nodes);
	for (int id = 1; id < list_length(firsts); id++)
	{
		for (int i = list_nth_int(firsts, id - 1); i < list_nth_int(firsts, id); i++)
			((PlanNode *) list_nth(nodes, i))->once = bms_is_member(id, once);
	}
	return nodes;
}

/* The numbers of the subplans that are InitPlans. */
static Bitmapset *
init_plans(const List *nodes)
{
	Bitmapset  *ids = NULL;
	const ListCell *lc;

	foreach(lc, nodes)
	{
		const ListCell *lc2;

		foreach(lc2, ((const PlanNode *) lfirst(lc))->plan->initPlan)
			ids = bms_add_member(ids, lfirst_node(SubPlan, lc2)->plan_id);
	}
	return ids;
}

static List *
add_nodes(List *nodes, const PlannedStmt *statement, const Plan *plan)
{
	PlanNode   *node;

	check_stack_depth();
	if (plan == NULL)
		return nodes;

	node = palloc0(sizeof(PlanNode));
	node->plan = plan;
	node->name = node_name(plan);
	node->relation = scanned_relation(statement, plan);
	node->sequential = IsA(plan, SeqScan);
	if (IsA(plan, IndexScan))
		node->index = ((const IndexScan *) plan)->indexid;
	else if (IsA(plan, IndexOnlyScan))
		node->index = ((const IndexOnlyScan *) plan)->indexid;
	else if (IsA(plan, BitmapIndexScan))
		node->index = ((const BitmapIndexScan *) plan)->indexid;
	nodes = lappend(nodes, node);

	nodes = add_nodes(nodes, statement, plan->lefttree);
	nodes = add_nodes(nodes, statement, plan->righttree);
	switch (nodeTag(plan))
	{
		case T_Append:
			return add_children(nodes, statement, ((const Append *) plan)->appendplans);
		case T_MergeAppend:
			return add_children(nodes, statement, ((const MergeAppend *) plan)->mergeplans);
		case T_BitmapAnd:
			return add_children(nodes, statement, ((const BitmapAnd *) plan)->bitmapplans);
		case T_BitmapOr:
			return add_children(nodes, statement, ((const BitmapOr *) plan)->bitmapplans);
		case T_CustomScan:
			return add_children(nodes, statement, ((const CustomScan *) plan)->custom_plans);
		case T_SubqueryScan:
			return add_nodes(nodes, statement, ((const SubqueryScan *) plan)->subplan);
		default:
			return nodes;
	}
}

static List *
add_children(List *nodes, const PlannedStmt *statement, const List *plans)
{
	const ListCell *lc;

	foreach(lc, plans)
		nodes = add_nodes(nodes, statement, lfirst(lc));
	return nodes;
}

/* The relation that a node scans, or InvalidOid. */
static Oid
scanned_relation(const PlannedStmt *statement, const Plan *plan)
{
	switch (nodeTag(plan))
	{
		case T_SeqScan:
		case T_IndexScan:
		case T_IndexOnlyScan:
		case T_BitmapIndexScan:
		case T_BitmapHeapScan:
		case T_TidScan:
		case T_ForeignScan:
		case T_CustomScan:
			{
				Index		rti = ((const Scan *) plan)->scanrelid;

				return rti == 0 ? InvalidOid : rt_fetch(rti, statement->rtable)->relid;
			}
		default:
			return InvalidOid;
	}
}

static const char *
node_name(const Plan *plan)
{
	for (size_t i = 0; i < lengthof(node_names); i++)
		if (node_names[i].tag == nodeTag(plan))
			return node_names[i].name;
	return "other";
}

char *
query_plan_json(const List *nodes)
{
	StringInfoData buf;
	const ListCell *lc;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '[');
	foreach(lc, nodes)
	{
		const PlanNode *node = lfirst(lc);

		if (buf.len > 1)
			appendStringInfoString(&buf, ", ");
		json_begin(&buf);
		json_text(&buf, "node", node->name);
		if (OidIsValid(node->relation))
			json_text(&buf, "relation", relation_display_name(node->relation));
		if (OidIsValid(node->index))
			json_text(&buf, "index", get_rel_name(node->index));
		json_end(&buf);
	}
	appendStringInfoChar(&buf, ']');
	return buf.data;
}
