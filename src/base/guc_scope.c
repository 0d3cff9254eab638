/*-------------------------------------------------------------------------
 *
 * guc_scope.c
 *	  Settings that apply to a section of code: see guc_scope.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "base/guc_scope.h"

int
guc_scope_begin(void)
{
	return NewGUCNestLevel();
}

int
guc_scope_begin_pg_catalog(void)
{
	int			level = guc_scope_begin();

	guc_scope_set("search_path", "pg_catalog, pg_temp");
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
