/*-------------------------------------------------------------------------
 *
 * access_expression.c
 *	  SQL conditions on a table's rows: see access_expression.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "parser/parse_node.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "access/access_expression.h"
#include "base/expression.h"
#include "base/guc_scope.h"
#include "base/relation.h"
#include "base/stored_expression.h"


/* Does what CREATE POLICY does with its expressions, but evaluates no literal. */
Node *
access_expression_parse(Oid relid, const char *condition, const char *where)
{
	int			scope = guc_scope_begin_pg_catalog();
	Node	   *expression = stored_expression_analyze(relid, expression_parse(condition, where),
													   EXPR_KIND_POLICY, "POLICY", true);

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
