/*-------------------------------------------------------------------------
 *
 * user_query.c
 *	  Queries on tables of users: see user_query.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/tcopprot.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/relation.h"
#include "base/user_query.h"

static bool find_code_of_users(Node *node, void *context);
static bool is_relation_of_users(Oid relid);
static bool is_function_of_users(Oid function, void *context);
static bool check_as_caller(Node *node, void *context);
static void begin_as_nobody(UserQuery *query);
static void end_as_nobody(UserQuery *query);


UserQuery *
user_query_analyze(const char *sql, ParamListInfo params)
{
	UserQuery  *result = palloc0(sizeof(UserQuery));
	RawStmt    *statement = linitial_node(RawStmt, pg_parse_query(sql));
	int			n = params ? params->numParams : 0;
	Oid		   *types = palloc(sizeof(Oid) * Max(n, 1));
	Oid			caller = GetUserId();
	Query	   *query;

	for (int i = 0; i < n; i++)
		types[i] = params->params[i].ptype;
	query = parse_analyze_fixedparams(statement, sql, types, n, NULL);
	if (query->commandType != CMD_SELECT)
		elog(ERROR, "not a query: %s", sql);

	/*
	 * The caller's policies apply, if any; what a view reads is checked as
	 * its owner, all else as the caller.
	 */
	query = linitial_node(Query, QueryRewrite(query));
	(void) check_as_caller((Node *) query, &caller);
	result->sql = sql;
	result->params = params;
	result->query = query;
	result->of_users = find_code_of_users((Node *) query, NULL);
	return result;
}

/* The planner modifies the query tree, so it gets a copy. */
PlannedStmt *
user_query_plan(UserQuery *query)
{
	PlannedStmt *plan;

	begin_as_nobody(query);
	plan = pg_plan_query(copyObject(query->query), query->sql, CURSOR_OPT_PARALLEL_OK,
						 query->params);
	end_as_nobody(query);
	return plan;
}

uint64
user_query_execute(UserQuery *query, PlannedStmt *plan, DestReceiver *dest)
{
	QueryDesc  *desc = CreateQueryDesc(plan, query->sql, GetActiveSnapshot(), InvalidSnapshot,
									   dest, query->params, NULL, 0);
	uint64		rows;

	begin_as_nobody(query);
	ExecutorStart(desc, 0);
	menuca_executor_run(desc);
	rows = desc->estate->es_processed;
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	end_as_nobody(query);
	FreeQueryDesc(desc);
	return rows;
}

void
user_query_pause(const UserQuery *query)
{
	if (query->of_users)
		SetUserIdAndSecContext(query->caller.user, query->caller.security_context);
}

void
user_query_resume(const UserQuery *query)
{
	if (query->of_users)
		owner_become_nobody_again(&query->caller);
}

static void
begin_as_nobody(UserQuery *query)
{
	if (query->of_users)
		query->caller = owner_become_nobody();
}

static void
end_as_nobody(UserQuery *query)
{
	if (query->of_users)
		owner_return(&query->caller);
}

/* True if the query reads a relation of users, or calls a function of theirs. */
static bool
find_code_of_users(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		const RangeTblEntry *entry = castNode(RangeTblEntry, node);

		return OidIsValid(entry->relid) && is_relation_of_users(entry->relid);
	}
	if (check_functions_in_node(node, is_function_of_users, NULL) ||
		(IsA(node, CoerceToDomain) &&
		 castNode(CoerceToDomain, node)->resulttype >= FirstNormalObjectId))
		return true;
	if (IsA(node, Query))
		return query_tree_walker(castNode(Query, node), find_code_of_users, context,
								 QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, find_code_of_users, context);
}

/* Neither a catalog nor a relation of an extension that a superuser made. */
static bool
is_relation_of_users(Oid relid)
{
	return relid >= FirstNormalObjectId &&
		!(OidIsValid(getExtensionOfObject(RelationRelationId, relid)) &&
		  superuser_arg(relation_owner(relid)));
}

static bool
is_function_of_users(Oid function, pg_attribute_unused() void *context)
{
	return function >= FirstNormalObjectId &&
		!OidIsValid(getExtensionOfObject(ProcedureRelationId, function));
}

/* Has the executor check the caller's rights, whoever executes. */
static bool
check_as_caller(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		menuca_check_as_user(castNode(Query, node), *(Oid *) context);
		return query_tree_walker(castNode(Query, node), check_as_caller, context, 0);
	}
	return expression_tree_walker(node, check_as_caller, context);
}
