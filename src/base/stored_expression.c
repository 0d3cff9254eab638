/*-------------------------------------------------------------------------
 *
 * stored_expression.c
 *	  Expressions that somebody has stored as text: see stored_expression.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_clause.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "base/owner.h"
#include "base/relation.h"
#include "base/stored_expression.h"

static bool replace_literals(Node *node, void *context);
static Node *make_param(ParseState *pstate, ParamRef *reference);
static Node *coerce_param(ParseState *pstate, Param *param, Oid type, int32 typmod, int location);
static Const *literal_of(const List *literals, int number, int location);
static void require_safe_input(Oid type);
static bool has_safe_input(Oid type);
static Node *restore_literals(Node *node, void *context);
static bool require_trusted(Node *node, void *context);
static bool require_trusted_function(Oid function, void *context);
static void require_trusted_author(Oid relid, Oid author, const char *kind, const char *name);


/*
 * Each string literal is replaced by a parameter of unknown type, which the
 * parser coerces by way of coerce_param().
 */
Node *
stored_expression_analyze(Oid relid, Node *raw, ParseExprKind kind, const char *what,
						  bool is_condition)
{
	ParseState *pstate = make_parsestate(NULL);
	Relation	rel = relation_lock_and_open(relid, AccessShareLock);
	List	   *literals = NIL;
	ParseNamespaceItem *item;
	Node	   *expression;

	if (replace_literals(raw, &literals))
		elog(ERROR, "the literals of an expression could not be found");
	pstate->p_paramref_hook = make_param;
	pstate->p_coerce_param_hook = coerce_param;
	pstate->p_ref_hook_state = literals;

	item = addRangeTableEntryForRelation(pstate, rel, AccessShareLock, NULL, false, true);
	addNSItemToQuery(pstate, item, false, true, true);
	expression = is_condition ? transformWhereClause(pstate, raw, kind, what) :
		transformExpr(pstate, raw, kind);
	expression = restore_literals(expression, literals);
	assign_expr_collations(pstate, expression);
	table_close(rel, NoLock);
	free_parsestate(pstate);
	return expression;
}

/* An A_Const has room for a ParamRef, which takes its place. */
static bool
replace_literals(Node *node, void *context)
{
	List	  **literals = context;

	if (node == NULL || IsA(node, TypeName))
		return false;
	if (IsA(node, A_Const))
	{
		A_Const    *literal = castNode(A_Const, node);
		ParamRef   *reference = (ParamRef *) node;
		int			location = literal->location;

		StaticAssertStmt(sizeof(ParamRef) <= sizeof(A_Const), "a literal has room for a parameter");
		if (literal->isnull || nodeTag(&literal->val) != T_String)
			return false;
		*literals = lappend(*literals, pstrdup(strVal(&literal->val)));
		memset(node, 0, sizeof(ParamRef));
		reference->type = T_ParamRef;
		reference->number = list_length(*literals);
		reference->location = location;
		return false;
	}
	return raw_expression_tree_walker(node, replace_literals, context);
}

static Node *
make_param(ParseState *pstate, ParamRef *reference)
{
	Param	   *param;

	if (reference->number < 1 || reference->number > list_length(pstate->p_ref_hook_state))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_PARAMETER),
				 errmsg("there is no parameter $%d", reference->number)));
	param = makeNode(Param);
	param->paramkind = PARAM_EXTERN;
	param->paramid = reference->number;
	param->paramtype = UNKNOWNOID;
	param->paramtypmod = -1;
	param->location = reference->location;
	return (Node *) param;
}

static Node *
coerce_param(ParseState *pstate, Param *param, Oid type, int32 typmod, int location)
{
	require_safe_input(type);
	return coerce_type(pstate,
					   (Node *) literal_of(pstate->p_ref_hook_state, param->paramid, param->location),
					   UNKNOWNOID, type, typmod, COERCION_IMPLICIT, COERCE_IMPLICIT_CAST, location);
}

/* The literal as the parser makes it of unknown type. */
static Const *
literal_of(const List *literals, int number, int location)
{
	Const	   *literal = makeConst(UNKNOWNOID, -1, InvalidOid, -2,
									CStringGetDatum(list_nth(literals, number - 1)), false, false);

	literal->location = location;
	return literal;
}

static void
require_safe_input(Oid type)
{
	if (!has_safe_input(getBaseType(type)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a literal of type %s is not read here", format_type_be(type)),
				 errdetail("Reading it might run code that the owner of the type wrote."),
				 errhint("Write the expression without that literal.")));
}

/*
 * The input functions of base types, which only superusers make, and of enums
 * run nobody's code.  Those of ranges and composite types call what their
 * owners defined.
 */
static bool
has_safe_input(Oid type)
{
	Oid			element = get_element_type(type);

	if (OidIsValid(element))
		return has_safe_input(getBaseType(element)) && element == getBaseType(element);
	return type < FirstNormalObjectId ||
		get_typtype(type) == TYPTYPE_BASE || get_typtype(type) == TYPTYPE_ENUM;
}

/* Parameters that nothing coerced are literals of unknown type again. */
static Node *
restore_literals(Node *node, void *context)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Param) && castNode(Param, node)->paramtype == UNKNOWNOID)
		return (Node *) literal_of(context, castNode(Param, node)->paramid,
								   castNode(Param, node)->location);
	if (IsA(node, Query))
		return (Node *) query_tree_mutator(castNode(Query, node), restore_literals, context, 0);
	return expression_tree_mutator(node, restore_literals, context);
}

void
stored_expression_require_trusted(Oid relid, Node *expression)
{
	(void) require_trusted(expression, &relid);
}

static bool
require_trusted(Node *node, void *context)
{
	if (node == NULL)
		return false;
	(void) check_functions_in_node(node, require_trusted_function, context);
	if (IsA(node, CoerceToDomain))
	{
		Oid			type = castNode(CoerceToDomain, node)->resulttype;
		HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
		Oid			author = HeapTupleIsValid(tuple) ? ((Form_pg_type) GETSTRUCT(tuple))->typowner : InvalidOid;

		if (HeapTupleIsValid(tuple))
			ReleaseSysCache(tuple);
		if (type >= FirstNormalObjectId)
			require_trusted_author(*(Oid *) context, author, "domain", format_type_be(type));
	}
	return expression_tree_walker(node, require_trusted, context);
}

static bool
require_trusted_function(Oid function, void *context)
{
	if (function >= FirstNormalObjectId)
		require_trusted_author(*(Oid *) context, owner_of_function(function), "function",
							   format_procedure(function));
	return false;
}

static void
require_trusted_author(Oid relid, Oid author, const char *kind, const char *name)
{
	if (author != relation_owner(relid) && !superuser_arg(author))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s %s belongs to role \"%s\", and it would be executed as the table's owner \"%s\"",
						kind, name, GetUserNameFromId(author, true),
						GetUserNameFromId(relation_owner(relid), false)),
				 errhint("Use only what belongs to that owner or to a superuser.")));
}

Node *
stored_expression_simplify(Node *expression)
{
	OwnerContext caller = owner_become_nobody();
	Node	   *result = eval_const_expressions(NULL, copyObject(expression));

	owner_return(&caller);
	return result;
}

bool
stored_expression_is_mutable(Node *expression)
{
	OwnerContext caller = owner_become_nobody();
	bool		result = contain_mutable_functions((Node *) expression_planner(copyObject((Expr *) expression)));

	owner_return(&caller);
	return result;
}

bool
stored_expression_is_volatile(Node *expression)
{
	OwnerContext caller = owner_become_nobody();
	bool		result = contain_volatile_functions((Node *) expression_planner(copyObject((Expr *) expression)));

	owner_return(&caller);
	return result;
}
