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
#include "base/table_lock.h"
#include "index/index_locks.h"


int
index_locks_begin_timeout(int milliseconds)
{
	return guc_scope_begin_lock_timeout(psprintf("%d", milliseconds));
}

void
index_locks_take(List *tables, LOCKMODE mode)
{
	List	   *sorted = list_copy(tables);
	ListCell   *lc;

	list_sort(sorted, list_oid_cmp);
	foreach(lc, sorted)
		table_lock_take(lfirst_oid(lc), mode, "Nothing was changed.");
	list_free(sorted);
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
