/*-------------------------------------------------------------------------
 *
 * trial_query.c
 *	  Statements about trial rows: see trial_query.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/trial_query.h"
#include "base/guc_scope.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"

/* State of trial_query_text(): the result and where it belongs. */
typedef struct TextResult
{
	MemoryContext context;
	char	   *text;
} TextResult;

static void keep_text(TupleTableSlot *slot, void *arg);


char *
trial_query_text(const char *sql)
{
	TextResult	result = {CurrentMemoryContext, NULL};

	query_write(sql, NULL, keep_text, &result);
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
trial_query_pinned_text(const char *sql)
{
	int			scope = guc_scope_begin_pg_catalog();
	char	   *text = trial_query_text(sql);

	guc_scope_end(scope);
	return text;
}

char *
trial_query_find_row(Oid relid, const char *where)
{
	return trial_query_pinned_text(psprintf("SELECT pg_catalog.format('ctid OPERATOR(pg_catalog.=) %%L"
											" AND tableoid OPERATOR(pg_catalog.=) %%L', ctid, tableoid::oid)"
											" FROM %s WHERE %s LIMIT 1",
											relation_quoted_name(relid), where));
}

bool
trial_query_has_rows(Oid relid)
{
	return trial_query_find_row(relid, "true") != NULL;
}
