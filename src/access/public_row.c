/*-------------------------------------------------------------------------
 *
 * public_row.c
 *	  What makes a row public, as far as it depends on that row alone: see
 *	  public_row.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "nodes/bitmapset.h"
#include "nodes/primnodes.h"
#include "optimizer/optimizer.h"

#include "access/access_expression.h"
#include "access/public_row.h"
#include "access/user_metadata.h"
#include "base/column.h"

static bool reads_column(Node *expression, AttrNumber attnum);


Node *
public_row_parse(Oid relid, const char *where)
{
	AttrNumber	deleted = column_find(relid, "deleted_at");
	Node	   *condition = access_expression_parse(relid, where, "public_may_read_where");

	user_metadata_refuse_in(relid, condition, "public_may_read_where");
	if (deleted == InvalidAttrNumber || reads_column(condition, deleted))
		return condition;
	return access_expression_parse(relid, psprintf("%s%sdeleted_at IS NULL",
												   public_row_is_any(condition) ? "" :
												   psprintf("(%s)", access_expression_text(relid, condition)),
												   public_row_is_any(condition) ? "" : " AND "),
								   "public_may_read_where");
}

static bool
reads_column(Node *expression, AttrNumber attnum)
{
	Bitmapset  *attributes = NULL;

	pull_varattnos(expression, 1, &attributes);
	return bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, attributes);
}

bool
public_row_is_any(const Node *condition)
{
	return IsA(condition, Const) && !castNode(Const, condition)->constisnull &&
		DatumGetBool(castNode(Const, condition)->constvalue);
}
