/*-------------------------------------------------------------------------
 *
 * index_locks.c
 *	  Locks and rights on the tables whose indexes are built or dropped: see
 *	  index_locks.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/guc_scope.h"
#include "base/owner.h"
#include "base/relation.h"
#include "index/index_locks.h"

static void lock_table(Oid table, LOCKMODE mode, int milliseconds);


int
index_locks_begin_timeout(int milliseconds)
{
	return guc_scope_begin_lock_timeout(psprintf("%d", milliseconds));
}

void
index_locks_take(List *tables, LOCKMODE mode, int milliseconds)
{
	List	   *sorted = list_copy(tables);
	ListCell   *lc;

	list_sort(sorted, list_oid_cmp);
	foreach(lc, sorted)
		lock_table(lfirst_oid(lc), mode, milliseconds);
	list_free(sorted);
}

static void
lock_table(Oid table, LOCKMODE mode, int milliseconds)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *name = relation_display_name(table);
	char	   *quoted = quote_literal_cstr(relation_quoted_name(table));

	PG_TRY();
	{
		relation_lock(table, mode);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
			PG_RE_THROW();
		FlushErrorState();
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("table %s could not be locked within %d ms", name, milliseconds),
				 errdetail("Another session holds a lock on it. Without a timeout, later sessions would queue behind this lock request. Nothing was changed."),
				 errhint("See which session it is: SELECT pid, mode, state, query FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE relation = %s::regclass AND granted; then call it again, or allow a longer lock_timeout.",
						 quoted)));
	}
	PG_END_TRY();
}

char *
index_locks_missing_right(Oid table, bool build)
{
	Oid			schema = get_rel_namespace(table);
	char	   *role = GetUserNameFromId(GetUserId(), false);
	char	   *schema_name = get_namespace_name(schema);

	if (schema_name == NULL)
		relation_raise_dropped(NULL);
	if (!relation_is_owned(table))
		return psprintf("role \"%s\" does not own table %s: call it as its owner, role \"%s\"%s", role,
						relation_display_name(table),
						GetUserNameFromId(relation_owner(table), false),
						owner_is_powerful(relation_owner(table)) ? "" :
						psprintf(", or GRANT %s TO %s;",
								 quote_identifier(GetUserNameFromId(relation_owner(table), false)),
								 quote_identifier(role)));
	if (!relation_may_in_schema(schema, ACL_USAGE))
		return psprintf("role \"%s\" may not use schema %s: GRANT USAGE ON SCHEMA %s TO %s;", role,
						schema_name,
						quote_identifier(schema_name), quote_identifier(role));
	if (build && !relation_may_in_schema(schema, ACL_CREATE))
		return psprintf("role \"%s\" may not create indexes in schema %s: GRANT CREATE ON SCHEMA %s TO %s;", role,
						schema_name,
						quote_identifier(schema_name), quote_identifier(role));
	return NULL;
}
