/*-------------------------------------------------------------------------
 *
 * access_expression.c
 *	  SQL conditions on a table's rows: see access_expression.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "parser/parse_node.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "access/access_expression.h"
#include "base/guc_scope.h"
#include "base/stored_expression.h"

static Node *parse_condition(const char *condition);


/* Does what CREATE POLICY does with its expressions, but evaluates no literal. */
Node *
access_expression_parse(Oid relid, const char *condition)
{
	int			scope = guc_scope_begin_pg_catalog();
	Node	   *expression = stored_expression_analyze(relid, parse_condition(condition),
													   EXPR_KIND_POLICY, "POLICY", true);

	guc_scope_end(scope);
	return expression;
}

/* The condition must be all of the SELECT that it is put into. */
static Node *
parse_condition(const char *condition)
{
	List	   *statements = raw_parser(psprintf("SELECT %s", condition), RAW_PARSE_DEFAULT);
	SelectStmt *select = castNode(SelectStmt, linitial_node(RawStmt, statements)->stmt);

	if (list_length(statements) != 1 || list_length(select->targetList) != 1 ||
		select->op != SETOP_NONE || select->fromClause || select->whereClause ||
		select->groupClause || select->sortClause || select->limitCount || select->withClause ||
		select->intoClause || select->distinctClause || select->havingClause)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("\"%s\" is not a single condition", condition),
				 errhint("Correct public_may_read_where in menuca_wanted_access.")));
	return linitial_node(ResTarget, select->targetList)->val;
}

/* By the function that shows policies, so that the texts can be compared. */
char *
access_expression_text(Oid relid, Node *expression)
{
	int			scope = guc_scope_begin_pg_catalog();
	Datum		tree = CStringGetTextDatum(nodeToString(expression));
	Datum		shown = DirectFunctionCall2(pg_get_expr, tree, ObjectIdGetDatum(relid));

	guc_scope_end(scope);
	return TextDatumGetCString(shown);
}

char *
access_expression_normalize(Oid relid, const char *condition)
{
	return access_expression_text(relid, access_expression_parse(relid, condition));
}
