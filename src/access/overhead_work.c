/*-------------------------------------------------------------------------
 *
 * overhead_work.c
 *	  Whether two query plans do the same work: see overhead_work.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_proc.h"
#include "lib/stringinfo.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"

#include "access/overhead_work.h"
#include "base/format.h"
#include "base/query_plan.h"
#include "base/relation.h"

/* Differences that are named. */
#define MAX_NAMED 3

static List *working_nodes(const PlannedStmt *statement);
static List *without(const List *nodes, const List *others);
static bool is_same_node(const PlanNode *a, const PlanNode *b);
static List *whole_reads_first(const List *nodes);
static List *called_functions(const List *nodes);
static bool collect_functions(Node *node, void *functions);
static bool collect_function(Oid function, void *functions);
static char *node_names(const List *nodes);
static char *function_names(const List *functions);


OverheadWork
overhead_work_compare(const PlannedStmt *role, const PlannedStmt *caller)
{
	List	   *role_nodes = working_nodes(role);
	List	   *caller_nodes = working_nodes(caller);
	List	   *more = without(role_nodes, caller_nodes);
	List	   *fewer = without(caller_nodes, role_nodes);
	List	   *calls = list_difference_oid(called_functions(role_nodes), called_functions(caller_nodes));
	OverheadWork work = {0};
	StringInfoData difference;

	work.same = more == NIL && fewer == NIL && calls == NIL;
	if (work.same)
		return work;

	more = whole_reads_first(more);
	work.reads_whole = more != NIL && ((const PlanNode *) linitial(more))->sequential;
	initStringInfo(&difference);
	if (more != NIL || fewer != NIL)
		appendStringInfo(&difference, "the role's plan has %s where the caller's has %s",
						 node_names(more), node_names(fewer));
	if (calls != NIL)
		format_append(&difference, ", and ", "the role's plan calls %s for each row", function_names(calls));
	work.difference = difference.data;
	return work;
}

/* The nodes without those that only return what was computed before. */
static List *
working_nodes(const PlannedStmt *statement)
{
	List	   *working = NIL;
	ListCell   *lc;

	foreach(lc, query_plan_nodes(statement))
	{
		PlanNode   *node = lfirst(lc);

		if (!IsA(node->plan, Result) && !IsA(node->plan, SubqueryScan))
			working = lappend(working, node);
	}
	return working;
}

/* The nodes that are not among the others, each of which stands for one. */
static List *
without(const List *nodes, const List *others)
{
	List	   *left = list_copy(others);
	List	   *result = NIL;
	const ListCell *lc;

	foreach(lc, nodes)
	{
		ListCell   *lc2;
		bool		found = false;

		foreach(lc2, left)
		{
			if (!is_same_node(lfirst(lc), lfirst(lc2)))
				continue;
			left = foreach_delete_current(left, lc2);
			found = true;
			break;
		}
		if (!found)
			result = lappend(result, lfirst(lc));
	}
	return result;
}

static bool
is_same_node(const PlanNode *a, const PlanNode *b)
{
	return nodeTag(a->plan) == nodeTag(b->plan) && a->relation == b->relation && a->index == b->index;
}

static List *
whole_reads_first(const List *nodes)
{
	List	   *whole = NIL;
	List	   *others = NIL;
	const ListCell *lc;

	foreach(lc, nodes)
	{
		PlanNode   *node = lfirst(lc);

		if (node->sequential)
			whole = lappend(whole, node);
		else
			others = lappend(others, node);
	}
	return list_concat(whole, others);
}

/*
 * The functions that filters call for each row: not those of the server whose
 * results depend on nothing else, since each operator is one.
 */
static List *
called_functions(const List *nodes)
{
	List	   *functions = NIL;
	const ListCell *lc;

	foreach(lc, nodes)
	{
		const PlanNode *node = lfirst(lc);

		if (!node->once)
			(void) collect_functions((Node *) node->plan->qual, &functions);
	}
	return functions;
}

static bool
collect_functions(Node *node, void *functions)
{
	if (node == NULL)
		return false;
	(void) check_functions_in_node(node, collect_function, functions);
	return expression_tree_walker(node, collect_functions, functions);
}

static bool
collect_function(Oid function, void *functions)
{
	List	  **found = functions;

	if (function >= FirstNormalObjectId || func_volatile(function) != PROVOLATILE_IMMUTABLE)
		*found = list_append_unique_oid(*found, function);
	return false;
}

static char *
node_names(const List *nodes)
{
	StringInfoData names;

	if (nodes == NIL)
		return "nothing";
	initStringInfo(&names);
	for (int i = 0; i < Min(list_length(nodes), MAX_NAMED); i++)
	{
		const PlanNode *node = list_nth(nodes, i);

		format_append(&names, ", ", "%s%s%s", node->name, OidIsValid(node->relation) ? " on " : "",
					  OidIsValid(node->relation) ? relation_display_name(node->relation) : "");
	}
	if (list_length(nodes) > MAX_NAMED)
		appendStringInfo(&names, " and %d more", list_length(nodes) - MAX_NAMED);
	return names.data;
}

static char *
function_names(const List *functions)
{
	StringInfoData names;
	const ListCell *lc;

	initStringInfo(&names);
	foreach(lc, functions)
		format_append(&names, ", ", "%s", format_procedure_qualified(lfirst_oid(lc)));
	return names.data;
}
