/*-------------------------------------------------------------------------
 *
 * guc_scope.c
 *	  Settings that apply to a section of code: see guc_scope.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "base/guc_scope.h"

/* The server's own names, and nobody's before them. */
#define PINNED_PATH "pg_catalog, pg_temp"

int
guc_scope_begin(void)
{
	return NewGUCNestLevel();
}

int
guc_scope_begin_pg_catalog(void)
{
	int			level = guc_scope_begin();

	/* Queries are inside each other's scopes. */
	if (strcmp(namespace_search_path, PINNED_PATH) != 0)
		guc_scope_set("search_path", PINNED_PATH);
	if (quote_all_identifiers)
		guc_scope_set("quote_all_identifiers", "off");
	return level;
}

int
guc_scope_begin_lock_timeout(const char *timeout)
{
	int			level = guc_scope_begin();

	guc_scope_set("lock_timeout", timeout);
	return level;
}

void
guc_scope_set(const char *name, const char *value)
{
	(void) set_config_option(name, value, superuser() ? PGC_SUSET : PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

void
guc_scope_end(int level)
{
	AtEOXact_GUC(false, level);
}
