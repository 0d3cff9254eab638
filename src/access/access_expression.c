/*-------------------------------------------------------------------------
 *
 * access_expression.c
 *	  SQL conditions on a table's rows: see access_expression.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "parser/parse_clause.h"
#include "parser/parse_collate.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"

#include "access/access_expression.h"
#include "base/expression.h"
#include "base/guc_scope.h"
#include "base/relation.h"


/* Does what CREATE POLICY does with its expressions. */
Node *
access_expression_parse(Oid relid, const char *condition, const char *where)
{
	int			scope = guc_scope_begin_pg_catalog();
	ParseState *pstate = make_parsestate(NULL);
	Node	   *parsed = expression_parse(condition, where);
	Relation	rel = relation_lock_and_open(relid, AccessShareLock);
	ParseNamespaceItem *item;
	Node	   *expression;

	item = addRangeTableEntryForRelation(pstate, rel, AccessShareLock, NULL, false, false);
	addNSItemToQuery(pstate, item, false, true, true);
	expression = transformWhereClause(pstate, parsed, EXPR_KIND_POLICY, "POLICY");
	assign_expr_collations(pstate, expression);
	table_close(rel, NoLock);
	free_parsestate(pstate);
	guc_scope_end(scope);
	return expression;
}

/* By the function that shows policies, so that the texts can be compared. */
char *
access_expression_text(Oid relid, Node *expression)
{
	int			scope;
	Datum		tree;
	Datum		shown;

	/* Of a relation that was dropped the server shows nothing. */
	(void) relation_display_name(relid);
	scope = guc_scope_begin_pg_catalog();
	tree = CStringGetTextDatum(nodeToString(expression));
	shown = DirectFunctionCall2(pg_get_expr, tree, ObjectIdGetDatum(relid));

	guc_scope_end(scope);
	return TextDatumGetCString(shown);
}

char *
access_expression_normalize(Oid relid, const char *condition)
{
	return access_expression_text(relid, access_expression_parse(relid, condition, "A policy's condition"));
}
