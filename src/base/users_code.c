/*-------------------------------------------------------------------------
 *
 * users_code.c
 *	  Whether planning or executing a query could run code of users: see
 *	  users_code.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_statistic_ext.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/owner.h"
#include "base/relation.h"
#include "base/users_code.h"

static bool has_users_function(HeapTuple tuple, int cache, AttrNumber attnum);
static bool calls_users_code(Node *node, void *context);
static bool is_of_users(Oid function, void *context);
static bool find_concerned(Node *node, void *context);
static bool is_relation_of_users(Oid relid);
static bool calls_function_of_users(Node *node);
static bool is_function_of_users(Oid function, void *context);
static bool find_in_query(Node *node, void *context);
static bool is_doubtful(Oid function, void *context);
static bool makes_users_value(Node *node);
static bool collect_relations(Node *node, void *context);


bool
users_code_in_table(Relation rel)
{
	TupleConstr *constr = RelationGetDescr(rel)->constr;
	bool		found = false;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		HeapTuple	index = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(lc)));

		if (!HeapTupleIsValid(index))
			continue;
		found |= has_users_function(index, INDEXRELID, Anum_pg_index_indexprs) ||
			has_users_function(index, INDEXRELID, Anum_pg_index_indpred);
		ReleaseSysCache(index);
	}
	foreach(lc, RelationGetStatExtList(rel))
	{
		HeapTuple	statistics = SearchSysCache1(STATEXTOID, ObjectIdGetDatum(lfirst_oid(lc)));

		if (!HeapTupleIsValid(statistics))
			continue;
		found |= has_users_function(statistics, STATEXTOID, Anum_pg_statistic_ext_stxexprs);
		ReleaseSysCache(statistics);
	}
	for (int i = 0; constr && i < constr->num_check; i++)
		found |= calls_users_code(stringToNode(constr->check[i].ccbin), NULL);
	if (rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
	{
		HeapTuple	key = SearchSysCache1(PARTRELID, ObjectIdGetDatum(RelationGetRelid(rel)));

		if (HeapTupleIsValid(key))
		{
			found |= has_users_function(key, PARTRELID, Anum_pg_partitioned_table_partexprs);
			ReleaseSysCache(key);
		}
	}
	return found;
}

static bool
has_users_function(HeapTuple tuple, int cache, AttrNumber attnum)
{
	bool		isnull;
	Datum		expressions = SysCacheGetAttr(cache, tuple, attnum, &isnull);

	return !isnull && calls_users_code(stringToNode(TextDatumGetCString(expressions)), NULL);
}

static bool
calls_users_code(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (check_functions_in_node(node, is_of_users, context) ||
		(IsA(node, CoerceToDomain) &&
		 castNode(CoerceToDomain, node)->resulttype >= FirstNormalObjectId))
		return true;
	return expression_tree_walker(node, calls_users_code, context);
}

static bool
is_of_users(Oid function, pg_attribute_unused() void *context)
{
	return function >= FirstNormalObjectId;
}

bool
users_code_in_expression(Node *expression)
{
	return find_concerned(expression, NULL);
}

bool
users_code_concerns(Query *query)
{
	return find_concerned((Node *) query, NULL);
}

static bool
find_concerned(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
		return is_relation_of_users(castNode(RangeTblEntry, node)->relid);
	if (IsA(node, Query))
		return query_tree_walker(castNode(Query, node), find_concerned, context,
								 QTW_EXAMINE_RTES_BEFORE);
	return calls_function_of_users(node) || expression_tree_walker(node, find_concerned, context);
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
calls_function_of_users(Node *node)
{
	return check_functions_in_node(node, is_function_of_users, NULL) ||
		(IsA(node, CoerceToDomain) &&
		 castNode(CoerceToDomain, node)->resulttype >= FirstNormalObjectId);
}

/* In a query of ours, the functions of a superuser's extensions are none. */
static bool
is_function_of_users(Oid function, pg_attribute_unused() void *context)
{
	return function >= FirstNormalObjectId &&
		!(OidIsValid(getExtensionOfObject(ProcedureRelationId, function)) &&
		  superuser_arg(owner_of_function(function)));
}

bool
users_code_in_query(Query *query)
{
	return find_in_query((Node *) query, NULL);
}

static bool
find_in_query(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		const RangeTblEntry *entry = castNode(RangeTblEntry, node);

		return entry->securityQuals != NIL ||
			(is_relation_of_users(entry->relid) && get_rel_relkind(entry->relid) == RELKIND_VIEW);
	}
	if (IsA(node, Query))
		return query_tree_walker(castNode(Query, node), find_in_query, context,
								 QTW_EXAMINE_RTES_BEFORE);
	if (makes_users_value(node))
		return true;

	/* What makes a text of a value of any type is harmless. */
	if (!IsA(node, CoerceViaIO) && check_functions_in_node(node, is_doubtful, NULL))
		return true;
	return expression_tree_walker(node, find_in_query, context);
}

/*
 * Not so: immutable functions of the server, and functions that a query of ours
 * calls.  Others may execute a text, or read tables by name.
 */
static bool
is_doubtful(Oid function, pg_attribute_unused() void *context)
{
	static const Oid known[] = {
		F_NOW, F_ENUM_OUT, F_CONCAT, F_CONCAT_WS, F_FORMAT_TEXT, F_FORMAT_TEXT_ANY,
		F_ARRAY_TO_STRING_ANYARRAY_TEXT, F_TEXTANYCAT, F_ANYTEXTCAT,
		F_DATE_TIMESTAMPTZ, F_TIMESTAMPTZ_DATE, F_TIMESTAMPTZ_PL_INTERVAL,
		F_TIMESTAMPTZ_MI_INTERVAL, F_TO_JSON, F_TO_JSONB, F_JSON_AGG, F_JSONB_AGG,
		F_JSON_OBJECT_AGG, F_JSONB_OBJECT_AGG,
		F_JSON_BUILD_OBJECT_ANY, F_JSONB_BUILD_OBJECT_ANY, F_ROW_TO_JSON_RECORD, F_STRING_AGG_TEXT_TEXT,
		F_ARRAY_AGG_ANYNONARRAY
	};

	if (function >= FirstNormalObjectId)
		return true;
	for (size_t i = 0; i < lengthof(known); i++)
	{
		if (function == known[i])
			return false;
	}
	return func_volatile(function) != PROVOLATILE_IMMUTABLE;
}

/* Input functions of domains and of what contains them evaluate their checks. */
static bool
makes_users_value(Node *node)
{
	switch (nodeTag(node))
	{
		case T_CoerceViaIO:
		case T_ArrayCoerceExpr:
		case T_CoerceToDomain:
			return exprType(node) >= FirstNormalObjectId;
		default:
			return false;
	}
}

bool
users_code_below(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, AccessShareLock, NULL))
	{
		Relation	rel = try_relation_open(lfirst_oid(lc), AccessShareLock);
		bool		found = rel && users_code_in_table(rel);

		if (rel)
			relation_close(rel, NoLock);
		if (found)
			return true;
	}
	return false;
}

List *
users_code_relations(Query *query)
{
	List	   *relations = NIL;

	(void) collect_relations((Node *) query, &relations);
	return relations;
}

static bool
collect_relations(Node *node, void *context)
{
	List	  **relations = context;

	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		const RangeTblEntry *entry = castNode(RangeTblEntry, node);

		if (is_relation_of_users(entry->relid))
			*relations = list_append_unique_oid(*relations, entry->relid);
		return false;
	}
	if (IsA(node, Query))
		return query_tree_walker(castNode(Query, node), collect_relations, context,
								 QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, collect_relations, context);
}
