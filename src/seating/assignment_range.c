/*-------------------------------------------------------------------------
 *
 * assignment_range.c
 *	  An index by which assignments of a time are found: see assignment_range.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "nodes/primnodes.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/ruleutils.h"

#include "base/column.h"
#include "base/relation.h"
#include "seating/assignment_range.h"
#include "seating/seating_schema.h"

static char *range_of_index(Oid indexid, Oid assignments);
static bool is_range(Node *node, Oid assignments);
static bool is_column(Node *node, Oid assignments, const char *column);


char *
assignment_range_expression(void)
{
	Oid			assignments = seating_schema_table("booking_table_assignments");
	Relation	rel;
	List	   *indexes;
	char	   *range = NULL;
	ListCell   *lc;

	if (!OidIsValid(assignments))
		return NULL;
	rel = relation_lock_and_open(assignments, AccessShareLock);
	indexes = RelationGetIndexList(rel);
	foreach(lc, indexes)
	{
		if (range == NULL)
			range = range_of_index(lfirst_oid(lc), assignments);
	}
	relation_close(rel, NoLock);
	return range;
}

/* An index of all rows, which an exclusion constraint has. */
static char *
range_of_index(Oid indexid, Oid assignments)
{
	Relation	index = index_open(indexid, AccessShareLock);
	char	   *range = NULL;
	ListCell   *lc;

	if (index->rd_index->indisexclusion && index->rd_index->indisvalid && RelationGetIndexPredicate(index) == NIL)
	{
		foreach(lc, RelationGetIndexExpressions(index))
		{
			if (range == NULL && is_range(lfirst(lc), assignments))
				range = deparse_expression(lfirst(lc), deparse_context_for("a", assignments), true, false);
		}
	}
	index_close(index, AccessShareLock);
	return range;
}

/* The server's own function of both columns; whatever its bounds are, it holds the half-open range. */
static bool
is_range(Node *node, Oid assignments)
{
	FuncExpr   *call = (FuncExpr *) node;

	return IsA(node, FuncExpr) &&
		(call->funcid == F_TSTZRANGE_TIMESTAMPTZ_TIMESTAMPTZ || call->funcid == F_TSTZRANGE_TIMESTAMPTZ_TIMESTAMPTZ_TEXT) &&
		is_column(linitial(call->args), assignments, "start_at") && is_column(lsecond(call->args), assignments, "end_at") &&
		(list_length(call->args) == 2 || IsA(lthird(call->args), Const));
}

static bool
is_column(Node *node, Oid assignments, const char *column)
{
	return IsA(node, Var) && ((Var *) node)->varattno == column_find(assignments, column);
}
