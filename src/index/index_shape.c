/*-------------------------------------------------------------------------
 *
 * index_shape.c
 *	  The definition of an index: see index_shape.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/amapi.h"
#include "access/genam.h"
#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/readfuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

#include "base/column.h"
#include "base/expression.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/renamed_column.h"
#include "base/stored_expression.h"
#include "index/index_shape.h"

static char *statement_text(Oid table, const IndexText *text);
static IndexStmt *parse_statement(const char *sql, const IndexText *text);
static IndexStmt *analyze_statement(Oid table, IndexStmt *statement);
static List *simplify_predicate(Node *condition);
static void read_element(Oid table, const IndexElem *element, const IndexText *text,
						 const IndexShape *shape, IndexKey *key);
static void require_immutable(Node *expression, const char *what);
static void append_element(StringInfo buf, List *context, Oid table,
						   const IndexElem *element, const IndexKey *key);
static bool same_key(const IndexKey *a, const IndexKey *b);
static bool same_conditions(const List *a, const List *b);
static void read_shape(Relation rel, IndexShape *shape);
static void *stored_node(Relation rel, AttrNumber column);
static char *constraint_kind(Oid index);


IndexShape *
index_shape_parse(Oid table, const IndexText *text, char **body)
{
	char	   *sql = statement_text(table, text);
	IndexStmt  *statement = analyze_statement(table, parse_statement(sql, text));
	IndexShape *shape = palloc0(sizeof(IndexShape));
	List	   *context = deparse_context_for(get_rel_name(table), table);
	IndexAmRoutine *routine;
	StringInfoData buf;
	ListCell   *lc;

	shape->method = get_index_am_oid(statement->accessMethod, false);
	routine = GetIndexAmRoutineByAmId(shape->method, false);
	if (list_length(statement->indexParams) > (routine->amcanmulticol ? INDEX_MAX_KEYS : 1))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("access method \"%s\" does not support an index of %d columns",
						statement->accessMethod, list_length(statement->indexParams))));

	initStringInfo(&buf);
	appendStringInfo(&buf, "ON %s USING %s (", relation_quoted_name(table),
					 quote_identifier(statement->accessMethod));
	foreach(lc, statement->indexParams)
	{
		const IndexElem *element = lfirst(lc);
		IndexKey   *key = &shape->keys[shape->nkeys++];

		read_element(table, element, text, shape, key);
		if (!routine->amcanorder &&
			(element->ordering != SORTBY_DEFAULT || element->nulls_ordering != SORTBY_NULLS_DEFAULT))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("access method \"%s\" does not support ASC/DESC or NULLS FIRST/LAST",
							statement->accessMethod)));
		if (lc != list_head(statement->indexParams))
			appendStringInfoString(&buf, ", ");
		append_element(&buf, context, table, element, key);
	}
	appendStringInfoChar(&buf, ')');

	if (statement->whereClause)
	{
		Node	   *condition = statement->whereClause;

		require_immutable(condition, "predicate");
		appendStringInfo(&buf, " WHERE %s", deparse_expression(condition, context, false, false));
		shape->predicate = simplify_predicate(condition);
	}

	*body = buf.data;
	return shape;
}

/*
 * A CREATE INDEX of the description.  parse_statement() refuses whatever else
 * somebody has put into it.
 */
static char *
statement_text(Oid table, const IndexText *text)
{
	StringInfoData buf;
	ListCell   *lc;

	if (text->predicate)
		(void) expression_parse(text->predicate, "predicate");
	initStringInfo(&buf);
	appendStringInfo(&buf, "CREATE INDEX %s ON %s USING %s (",
					 quote_identifier(text->name), relation_quoted_name(table),
					 quote_identifier(text->method));
	foreach(lc, text->columns)
	{
		const char *element = lfirst(lc);

		AttrNumber	attnum = renamed_column_find(table, element);

		if (attnum != InvalidAttrNumber)
			element = text->opclass ? psprintf("%s %s", column_quoted(table, attnum), text->opclass) :
				column_quoted(table, attnum);
		if (!expression_is_index_element(element))
			ereport(ERROR,
					(errcode(ERRCODE_SYNTAX_ERROR),
					 errmsg("\"%s\" is not one column or expression of an index", element)));
		if (lc != list_head(text->columns))
			appendStringInfoString(&buf, ", ");
		appendStringInfo(&buf, "%s\n", element);
	}
	appendStringInfoChar(&buf, ')');
	if (text->predicate)
		appendStringInfo(&buf, " WHERE (%s\n)", text->predicate);
	return buf.data;
}

/* One CREATE INDEX with nothing but columns and a condition, or an error. */
static IndexStmt *
parse_statement(const char *sql, const IndexText *text)
{
	List	   *statements = raw_parser(sql, RAW_PARSE_DEFAULT);
	IndexStmt  *index = NULL;

	if (list_length(statements) == 1)
	{
		Node	   *node = linitial_node(RawStmt, statements)->stmt;

		if (IsA(node, IndexStmt))
			index = (IndexStmt *) node;
	}
	if (index == NULL || index->indexIncludingParams || index->options ||
		index->tableSpace || (index->whereClause != NULL) != (text->predicate != NULL) ||
		list_length(index->indexParams) != list_length(text->columns))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("the description contains more than columns and one condition")));
	return index;
}

/*
 * As transformIndexStmt() does it, but nothing is evaluated, and functions that
 * an index may not run as the table's owner are refused.
 */
static IndexStmt *
analyze_statement(Oid table, IndexStmt *statement)
{
	ListCell   *lc;

	foreach(lc, statement->indexParams)
	{
		IndexElem  *element = lfirst(lc);

		if (element->expr == NULL)
			continue;
		element->expr = stored_expression_analyze(table, element->expr, EXPR_KIND_INDEX_EXPRESSION,
												  "INDEX", false);
		stored_expression_require_trusted(table, element->expr);
	}
	if (statement->whereClause)
	{
		statement->whereClause = stored_expression_analyze(table, statement->whereClause,
														   EXPR_KIND_INDEX_PREDICATE, "WHERE", true);
		stored_expression_require_trusted(table, statement->whereClause);
	}
	return statement;
}

/* Simplified as in RelationGetIndexPredicate() */
static List *
simplify_predicate(Node *condition)
{
	return make_ands_implicit(canonicalize_qual((Expr *) stored_expression_simplify(condition), false));
}

/* Resolves a column or expression of the description. */
static void
read_element(Oid table, const IndexElem *element, const IndexText *text,
			 const IndexShape *shape, IndexKey *key)
{
	Oid			type;

	if (element->opclassopts)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("parameters of operator classes are not supported here")));
	if (element->name)
	{
		key->attnum = get_attnum(table, element->name);
		if (key->attnum == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" does not exist", element->name)));
		if (key->attnum < 0 || column_is_virtual(table, key->attnum))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" cannot be indexed", element->name)));
		type = column_type(table, key->attnum);
		key->collation = column_collation(table, key->attnum);
	}
	else
	{
		require_immutable(element->expr, "expression");
		key->expression = stored_expression_simplify(element->expr);
		type = exprType(element->expr);
		key->collation = exprCollation(element->expr);
	}
	if (element->collation)
		key->collation = get_collation_oid(element->collation, false);

	key->opclass = ResolveOpClass(element->opclass, type, text->method, shape->method);
	key->opfamily = get_opclass_family(key->opclass);
	key->opcintype = get_opclass_input_type(key->opclass);
	if (element->ordering == SORTBY_DESC)
		key->options |= INDOPTION_DESC;
	if (element->nulls_ordering == SORTBY_NULLS_FIRST ||
		(element->nulls_ordering == SORTBY_NULLS_DEFAULT && element->ordering == SORTBY_DESC))
		key->options |= INDOPTION_NULLS_FIRST;
}

/* what: "expression" or "predicate". */
static void
require_immutable(Node *expression, const char *what)
{
	if (stored_expression_is_mutable(expression))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("functions in an index %s must be marked IMMUTABLE", what)));
}

/* Appends the column as CREATE INDEX has it. */
static void
append_element(StringInfo buf, List *context, Oid table,
			   const IndexElem *element, const IndexKey *key)
{
	if (key->expression)
		appendStringInfo(buf, "(%s)", deparse_expression(element->expr, context, false, false));
	else
		appendStringInfoString(buf, column_quoted(table, key->attnum));
	if (element->collation)
		appendStringInfo(buf, " COLLATE %s", generate_collation_name(key->collation));
	if (element->opclass)
		appendStringInfo(buf, " %s", generate_opclass_name(key->opclass));
	if (element->ordering == SORTBY_DESC)
		appendStringInfoString(buf, " DESC");
	if (element->nulls_ordering == SORTBY_NULLS_FIRST)
		appendStringInfoString(buf, " NULLS FIRST");
	else if (element->nulls_ordering == SORTBY_NULLS_LAST)
		appendStringInfoString(buf, " NULLS LAST");
}

ExistingIndex *
index_shape_read(Oid index)
{
	Relation	rel = try_relation_open(index, AccessShareLock);
	ExistingIndex *existing;
	Form_pg_index form;

	if (rel == NULL)
		return NULL;
	existing = palloc0(sizeof(ExistingIndex));
	form = rel->rd_index;
	existing->oid = index;
	existing->name = pstrdup(RelationGetRelationName(rel));
	existing->display_name = relation_display_name(index);
	existing->usable = form->indisvalid && form->indisready && form->indislive;
	existing->partitioned = rel->rd_rel->relkind == RELKIND_PARTITIONED_INDEX;
	existing->constraint = constraint_kind(index);
	read_shape(rel, &existing->shape);
	relation_close(rel, NoLock);
	return existing;
}

static void
read_shape(Relation rel, IndexShape *shape)
{
	List	   *expressions = stored_node(rel, Anum_pg_index_indexprs);
	Node	   *predicate = stored_node(rel, Anum_pg_index_indpred);

	shape->method = rel->rd_rel->relam;
	shape->nkeys = IndexRelationGetNumberOfKeyAttributes(rel);
	shape->nincluded = IndexRelationGetNumberOfAttributes(rel) - shape->nkeys;
	shape->unique = rel->rd_index->indisunique;
	shape->predicate = predicate ? simplify_predicate(predicate) : NIL;
	fix_opfuncids((Node *) shape->predicate);
	for (int i = 0; i < shape->nkeys; i++)
	{
		IndexKey   *key = &shape->keys[i];

		key->attnum = rel->rd_index->indkey.values[i];
		if (key->attnum == 0)
		{
			key->expression = stored_expression_simplify(linitial(expressions));
			fix_opfuncids(key->expression);
			expressions = list_delete_first(expressions);
		}
		key->collation = rel->rd_indcollation[i];
		key->opfamily = rel->rd_opfamily[i];
		key->opcintype = rel->rd_opcintype[i];
		key->options = rel->rd_indoption[i];
		shape->has_opclass_parameters |= get_attoptions(RelationGetRelid(rel), i + 1) != (Datum) 0;
	}
}

/*
 * The list of expressions, or the condition, in an index's row of pg_index, as
 * CREATE INDEX stored it; NULL when there is none.  RelationGetIndexExpressions()
 * would evaluate them as the caller.
 */
static void *
stored_node(Relation rel, AttrNumber column)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(RelationGetRelid(rel)));
	bool		isnull;
	Datum		stored;
	void	   *node = NULL;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	stored = SysCacheGetAttr(INDEXRELID, tuple, column, &isnull);
	if (!isnull)
		node = stringToNode(TextDatumGetCString(stored));
	ReleaseSysCache(tuple);
	return node;
}

/* The kind of constraint that the index implements, or NULL. */
static char *
constraint_kind(Oid index)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(index), false);
	return query_text("SELECT CASE contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique constraint'"
					  " ELSE 'constraint' END"
					  " FROM pg_constraint WHERE conindid = $1 AND contype IN ('p', 'u', 'x')",
					  &args);
}

List *
index_shapes_of(Oid table)
{
	Relation	rel = relation_lock_and_open(table, AccessShareLock);
	List	   *indexes = NIL;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		ExistingIndex *existing = index_shape_read(lfirst_oid(lc));

		if (existing)
			indexes = lappend(indexes, existing);
	}
	relation_close(rel, NoLock);
	return indexes;
}

bool
index_shape_equal(const IndexShape *a, const IndexShape *b)
{
	return index_shape_cover(a, b) == COVER_SAME;
}

IndexCover
index_shape_cover(const IndexShape *existing, const IndexShape *wanted)
{
	bool		same_rows = same_conditions(existing->predicate, wanted->predicate);

	if (existing->method != wanted->method || existing->has_opclass_parameters || wanted->has_opclass_parameters ||
		existing->nkeys < wanted->nkeys ||
		(!same_rows && existing->predicate != NIL))
		return COVER_NOT;
	for (int i = 0; i < wanted->nkeys; i++)
		if (!same_key(&existing->keys[i], &wanted->keys[i]))
			return COVER_NOT;

	/* Only in a B-tree do later columns not matter. */
	if (existing->nkeys > wanted->nkeys)
		return existing->method == BTREE_AM_OID ? COVER_PREFIX : COVER_NOT;
	return same_rows ? COVER_SAME : COVER_WHOLE;
}

static bool
same_key(const IndexKey *a, const IndexKey *b)
{
	return a->attnum == b->attnum && equal(a->expression, b->expression) &&
		a->collation == b->collation && a->opfamily == b->opfamily &&
		a->opcintype == b->opcintype && a->options == b->options;
}

/* Their order does not matter. */
static bool
same_conditions(const List *a, const List *b)
{
	return list_difference(a, b) == NIL && list_difference(b, a) == NIL;
}
