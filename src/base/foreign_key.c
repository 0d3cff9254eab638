/*-------------------------------------------------------------------------
 *
 * foreign_key.c
 *	  Foreign keys as conditions: see foreign_key.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/foreign_key.h"
#include "base/format.h"
#include "base/slot.h"


char *
foreign_key_condition(TupleTableSlot *slot, const char *child, const char *parent)
{
	List	   *child_columns = slot_text_list(slot, slot_attribute(slot, "child_columns"));
	List	   *parent_columns = slot_text_list(slot, slot_attribute(slot, "parent_columns"));
	StringInfoData condition;
	ListCell   *c;
	ListCell   *p;

	initStringInfo(&condition);
	forboth(c, child_columns, p, parent_columns)
		format_append(&condition, " AND ", "%s.%s OPERATOR(pg_catalog.=) %s.%s",
					  child, (char *) lfirst(c), parent, (char *) lfirst(p));
	return condition.data;
}
