/*-------------------------------------------------------------------------
 *
 * trial_query.c
 *	  Statements about trial rows: see trial_query.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/acl.h"

#include "access/trial_query.h"
#include "base/guc_scope.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"

/* State of trial_query_write(): the result and where it belongs. */
typedef struct TextResult
{
	MemoryContext context;
	char	   *text;
} TextResult;

static void keep_text(TupleTableSlot *slot, void *arg);


char *
trial_query_text(const char *sql)
{
	char	   *text;

	query_begin_snapshot();
	text = query_text(sql, NULL);
	query_end_snapshot();
	return text;
}

char *
trial_query_row_text(Oid relid, const char *sql)
{
	char	   *text = trial_query_text(sql);

	if (text == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("a row that was inserted into table %s is not found there", relation_display_name(relid)),
				 errdetail("A rule or a trigger of the table put it elsewhere, or the server hides it.")));
	return text;
}

char *
trial_query_write(Oid relid, const char *sql)
{
	TextResult	result = {CurrentMemoryContext, NULL};
	char	   *search_path = pstrdup(namespace_search_path);
	OwnerContext caller;

	if (!relation_is_owned(relid))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to try its policies", relation_display_name(relid)),
				 errdetail("Trial rows are made as its owner, role \"%s\". Nothing was changed.",
						   GetUserNameFromId(relation_owner(relid), false)),
				 errhint("Call it as that role.")));
	caller = owner_become(relid);
	guc_scope_set("search_path", search_path);
	query_write(sql, NULL, keep_text, &result);
	owner_return(&caller);
	return result.text;
}

static void
keep_text(TupleTableSlot *slot, void *arg)
{
	TextResult *result = arg;
	MemoryContext old = MemoryContextSwitchTo(result->context);

	result->text = slot_text_or_null(slot, 0);
	MemoryContextSwitchTo(old);
}

char *
trial_query_row_finder(Oid relid, const char *where)
{
	return psprintf("SELECT pg_catalog.format('ctid OPERATOR(pg_catalog.=) %%L"
					" AND tableoid OPERATOR(pg_catalog.=) %%L', ctid, tableoid::oid)"
					" FROM %s WHERE %s LIMIT 1",
					relation_quoted_name(relid), where);
}

bool
trial_query_has_rows(Oid relid)
{
	return trial_query_text(trial_query_row_finder(relid, "true")) != NULL;
}
