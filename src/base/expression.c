/*-------------------------------------------------------------------------
 *
 * expression.c
 *	  A text that somebody wrote as one SQL expression: see expression.h.
 *
 * A text is put into a statement, and what the parser makes of that is looked
 * at.  A newline follows the text, so that a comment in it cannot swallow what
 * the statement has behind it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "parser/parser.h"

#include "base/expression.h"

static Node *parse_target(const char *sql, char **problem);
static Node *parse_one(const char *sql, char **problem);
static bool has_star_or_parameter(Node *node, void *context);


/*
 * With parentheses, a clause behind the expression is an error; without, so is
 * a parenthesis that the text did not begin, and a comma makes a second target.
 */
Node *
expression_parse(const char *text, const char *where)
{
	char	   *problem = "The text is more than that.";
	Node	   *bare = parse_target(psprintf("SELECT %s\n", text), &problem);
	Node	   *enclosed = parse_target(psprintf("SELECT (%s\n)", text), &problem);

	if (bare == NULL || enclosed == NULL || !equal(bare, enclosed) ||
		has_star_or_parameter(bare, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("%s is not a single expression: %s", where, text),
				 errdetail("It must be one SQL expression, with nothing before or behind it, and without * and $1. %s", problem),
				 errhint("Correct that text.")));
	return bare;
}

/* The only target of a SELECT that has nothing else; otherwise NULL. */
static Node *
parse_target(const char *sql, char **problem)
{
	Node	   *found = parse_one(sql, problem);
	SelectStmt *plain = (SelectStmt *) parse_one("SELECT 1", problem);
	ResTarget  *target;

	if (found == NULL || !IsA(found, SelectStmt) ||
		list_length(((SelectStmt *) found)->targetList) != 1)
		return NULL;

	/* Whatever a clause sets, the SELECT differs from one without clauses. */
	plain->targetList = ((SelectStmt *) found)->targetList;
	target = linitial_node(ResTarget, plain->targetList);
	return equal(found, plain) && target->name == NULL && target->indirection == NIL ?
		target->val : NULL;
}

bool
expression_is_index_element(const char *text)
{
	char	   *problem;
	Node	   *found = parse_one(psprintf("CREATE INDEX ON t (%s\n)", text), &problem);
	IndexStmt  *plain = (IndexStmt *) parse_one("CREATE INDEX ON t (c)", &problem);

	if (found == NULL || !IsA(found, IndexStmt) ||
		list_length(((IndexStmt *) found)->indexParams) != 1)
		return false;
	plain->indexParams = ((IndexStmt *) found)->indexParams;
	return equal(found, plain);
}

/*
 * The only statement of a text; NULL, and the reason in *problem, when the text
 * is none or has more than one.
 */
static Node *
parse_one(const char *sql, char **problem)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *volatile statements = NIL;

	/* The parser changes nothing that an error would have to undo. */
	PG_TRY();
	{
		statements = raw_parser(sql, RAW_PARSE_DEFAULT);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION &&
			ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_DATA_EXCEPTION)
			PG_RE_THROW();
		FlushErrorState();
		*problem = psprintf("The server says: %s.", error->message);
	}
	PG_END_TRY();

	return list_length(statements) == 1 ? linitial_node(RawStmt, statements)->stmt : NULL;
}

/* A walker of raw parse trees. */
static bool
has_star_or_parameter(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, ParamRef) || IsA(node, A_Star))
		return true;
	if (IsA(node, ColumnRef))
		return IsA(llast(((ColumnRef *) node)->fields), A_Star);
	if (IsA(node, A_Indirection))
	{
		ListCell   *lc;

		foreach(lc, ((A_Indirection *) node)->indirection)
		{
			if (IsA(lfirst(lc), A_Star))
				return true;
		}
	}
	return raw_expression_tree_walker(node, has_star_or_parameter, context);
}
