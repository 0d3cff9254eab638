/*-------------------------------------------------------------------------
 *
 * next_step.c
 *	  What the looks at the state have in common: see next_step.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "advice/next_step.h"
#include "base/extension.h"
#include "base/proposal.h"
#include "base/query.h"


void
next_is(NextStep *next, const char *state, char *statement, char *why, char *changes)
{
	next->state = pstrdup(state);
	next->statement = statement;
	next->why = why;
	next->changes = changes;
}

char *
next_changes(const char *statement)
{
	char	   *function = proposal_function(statement);
	QueryArgs	args = {0};

	if (function == NULL)
		return strncmp(statement, "SELECT ", 7) == 0 ? NULL : pstrdup("what the statement says");
	query_arg_text(&args, function);
	if (!query_bool("SELECT bool_or(p.provolatile = 'v') FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid"
					" AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' WHERE p.proname = $1", &args))
		return NULL;
	if (strstr(statement, "dry_run => false") == NULL &&
		query_bool("SELECT bool_or('dry_run' = ANY (p.proargnames)) FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid"
				   " AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' WHERE p.proname = $1", &args))
		return NULL;
	return query_text(psprintf("SELECT what_it_does FROM %smenuca_help_entry WHERE function = $1",
							   migrate_schema()), &args);
}
