/*-------------------------------------------------------------------------
 *
 * access_ledger.h
 *	  What deployments of the access changed, so that it can be undone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_LEDGER_H
#define MENUCA_ACCESS_LEDGER_H

#include "access/access_plan.h"

/* A change that was made and not undone. */
typedef struct AccessChange
{
	int64		id;
	char	   *table;			/* NULL: the schema's */
	char	   *kind;			/* policy, rls, grant or revoke */
	char	   *object;
	char	   *undo;
	char	   *definition;
} AccessChange;

/*
 * Raises an error unless the caller may read and write the ledger, sees all
 * of it, and no other session is deploying or rolling back in this database.
 */
extern void access_ledger_open(void);

/* Enters a step that was made. */
extern void access_ledger_record(const AccessStep *step);

/*
 * The changes in the target schema that were not undone, the latest first;
 * names: of these tables only, NIL for all.
 */
extern List *access_ledger_changes(List *names);

/* Marks a change as undone. */
extern void access_ledger_undone(int64 id);

/*
 * Runs a statement of a plan or of the ledger, names resolving in pg_catalog.
 */
extern void access_run(const char *statement);

/*
 * Sets lock_timeout until AtEOXact_GUC() of the result; raises an error when
 * it is no time.
 */
extern int	access_set_lock_timeout(const char *timeout);

/*
 * Raises an error unless the caller owns the table; then locks it against
 * everybody, for as long as it takes.
 */
extern void access_lock_table(Oid relid);

#endif							/* MENUCA_ACCESS_LEDGER_H */
