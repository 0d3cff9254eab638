/*-------------------------------------------------------------------------
 *
 * user_query.c
 *	  Queries on tables of users: see user_query.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/hooked_table.h"
#include "base/relation.h"
#include "base/user_query.h"
#include "base/users_code.h"

static Query *analyze(RawStmt *statement, const char *sql, Oid *types, int n);
static bool is_joined(Node *node, void *context);
static bool has_qualified_columns(Node *node, void *context);
static bool fetch_tables_apart(Node *node, void *context);
static Node *fetched_apart(Node *item);
static bool needs_nobody(Query *query, bool *hooked);
static bool check_as_caller(Node *node, void *context);
static void require_safe_servers(const UserQuery *query, const PlannedStmt *plan);
static void begin_as_nobody(UserQuery *query);
static void end_as_nobody(UserQuery *query);


UserQuery *
user_query_analyze(const char *sql, ParamListInfo params, bool as_written)
{
	UserQuery  *result = palloc0(sizeof(UserQuery));
	RawStmt    *statement = linitial_node(RawStmt, pg_parse_query(sql));
	int			n = params ? params->numParams : 0;
	Oid		   *types = palloc(sizeof(Oid) * Max(n, 1));
	Oid			caller = GetUserId();
	Query	   *query;
	bool		hooked = false;

	for (int i = 0; i < n; i++)
		types[i] = params->params[i].ptype;
	query = analyze(copyObject(statement), sql, types, n);
	result->as_nobody = needs_nobody(query, &hooked);
	if (hooked && !as_written && is_joined((Node *) query, NULL) &&
		!has_qualified_columns(statement->stmt, NULL))
	{
		/*
		 * A distributed server joins not everything, but copies that it
		 * fetched.
		 */
		(void) fetch_tables_apart(statement->stmt, NULL);
		query = analyze(statement, sql, types, n);
	}
	(void) check_as_caller((Node *) query, &caller);
	result->sql = sql;
	result->params = params;
	result->query = query;
	if (superuser_arg(caller))
		require_safe_servers(result, NULL);
	return result;
}

/*
 * The caller's policies apply, if any; what a view reads is checked as its owner,
 * all else as the caller.
 */
static Query *
analyze(RawStmt *statement, const char *sql, Oid *types, int n)
{
	Query	   *query = parse_analyze_fixedparams(statement, sql, types, n, NULL);

	if (query->commandType != CMD_SELECT)
		elog(ERROR, "not a query: %s", sql);
	return linitial_node(Query, QueryRewrite(query));
}

/* True if the query or a part of it reads more than one table. */
static bool
is_joined(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		Query	   *query = castNode(Query, node);

		return query->hasSubLinks || list_length(query->rtable) > 1 ||
			query_tree_walker(query, is_joined, context, 0);
	}
	return expression_tree_walker(node, is_joined, context);
}

/* True if a column has a schema before its table, which has none in a subquery. */
static bool
has_qualified_columns(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, ColumnRef))
		return list_length(castNode(ColumnRef, node)->fields) > 2;
	return raw_expression_tree_walker(node, has_qualified_columns, context);
}

/* Puts "(SELECT * FROM s.t OFFSET 0) AS t" in place of each table s.t. */
static bool
fetch_tables_apart(Node *node, void *context)
{
	ListCell   *lc;

	/* What is put in place is not looked at again. */
	if (node == NULL || raw_expression_tree_walker(node, fetch_tables_apart, context))
		return false;
	if (IsA(node, SelectStmt))
	{
		foreach(lc, castNode(SelectStmt, node)->fromClause)
			lfirst(lc) = fetched_apart(lfirst(lc));
	}
	else if (IsA(node, JoinExpr))
	{
		JoinExpr   *join = castNode(JoinExpr, node);

		join->larg = fetched_apart(join->larg);
		join->rarg = fetched_apart(join->rarg);
	}
	return false;
}

/* A subquery that the planner does not merge with the query around it. */
static Node *
fetched_apart(Node *item)
{
	RangeVar   *table = (RangeVar *) item;
	RangeSubselect *apart = makeNode(RangeSubselect);
	SelectStmt *all = makeNode(SelectStmt);
	ColumnRef  *columns = makeNode(ColumnRef);
	ResTarget  *target = makeNode(ResTarget);
	A_Const    *zero = makeNode(A_Const);

	/* Names without a schema are those of the query's own parts. */
	if (!IsA(item, RangeVar) || table->schemaname == NULL)
		return item;
	columns->fields = list_make1(makeNode(A_Star));
	columns->location = -1;
	target->val = (Node *) columns;
	target->location = -1;
	zero->val.ival.type = T_Integer;
	zero->val.ival.ival = 0;
	zero->location = -1;
	apart->alias = table->alias ? table->alias : makeAlias(table->relname, NIL);
	table->alias = NULL;
	all->targetList = list_make1(target);
	all->fromClause = list_make1(table);
	all->limitOffset = (Node *) zero;
	all->limitOption = LIMIT_OPTION_COUNT;
	apart->subquery = (Node *) all;
	return (Node *) apart;
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
	if (superuser())
		require_safe_servers(query, plan);
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
	if (query->as_nobody)
		SetUserIdAndSecContext(query->caller.user, query->caller.security_context);
}

void
user_query_resume(const UserQuery *query)
{
	if (query->as_nobody)
		owner_become_nobody_again(&query->caller);
}

static void
begin_as_nobody(UserQuery *query)
{
	if (query->as_nobody)
		query->caller = owner_become_nobody();
}

static void
end_as_nobody(UserQuery *query)
{
	if (query->as_nobody)
		owner_return(&query->caller);
}

/* Nobody, unless a hook needs the rights of the caller: *hooked.  That must be safe. */
static bool
needs_nobody(Query *query, bool *hooked)
{
	List	   *relations;
	Oid			relid;
	Oid			distrusted;

	if (!users_code_concerns(query))
		return false;
	relations = users_code_relations(query);
	relid = hooked_table_among(relations);
	*hooked = OidIsValid(relid);
	if (!*hooked)
		return true;
	if (users_code_in_query(query))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("table %s is not read by the server itself, but by a hook", relation_display_name(relid)),
				 errdetail("The hook reads it with the rights of role \"%s\"; this query has a view, a policy or a condition that others may have written, which must not run with them.",
						   GetUserNameFromId(GetUserId(), false)),
				 errhint("Try it on a server on which %s is an ordinary table.", relation_quoted_name(relid))));
	distrusted = hooked_table_distrusted(relations);
	if (OidIsValid(distrusted))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("table %s has expressions that must not run as role \"%s\"",
						relation_display_name(distrusted), GetUserNameFromId(GetUserId(), false)),
				 errdetail("Its indexes, statistics, checks or partition key call functions, and a hook of the server reads table %s with the rights of whoever calls. Nothing was changed.",
						   relation_display_name(relid)),
				 errhint("Call this as role %s, who owns it, or drop these expressions: \\d %s",
						 quote_identifier(GetUserNameFromId(relation_owner(distrusted), false)),
						 relation_quoted_name(distrusted))));
	return false;
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

/*
 * Raises an error when a foreign table of somebody else is read; with a plan, also of
 * those that have become a partition since the query was analyzed.
 */
static void
require_safe_servers(const UserQuery *query, const PlannedStmt *plan)
{
	ListCell   *lc;

	if (plan == NULL)
	{
		foreach(lc, users_code_relations(query->query))
			relation_require_safe_servers(lfirst_oid(lc));
		return;
	}
	foreach(lc, plan->rtable)
	{
		const RangeTblEntry *entry = lfirst_node(RangeTblEntry, lc);

		if (entry->rtekind == RTE_RELATION && entry->relid >= FirstNormalObjectId)
			relation_require_safe_servers(entry->relid);
	}
}
