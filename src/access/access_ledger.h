/*-------------------------------------------------------------------------
 *
 * access_ledger.h
 *	  What deployments of the access changed, so that it can be undone: table
 *	  menuca_access_change.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_LEDGER_H
#define MENUCA_ACCESS_LEDGER_H

#include "access/access_action.h"

/* A change that a deployment made and that was not undone. */
typedef struct AccessChange
{
	int64		id;
	char	   *table;			/* NULL: it concerns the schemas */
	char	   *kind;			/* policy, row_security, grant, revoke or view */
	char	   *object;			/* as in PlannedAction */
	char	   *undo;
	char	   *definition;
} AccessChange;

/* Longest time that a table is waited for in the queue of its lock, in milliseconds. */
#define ACCESS_LOCK_WAIT 20

/*
 * Locks the ledger until the transaction ends or, with for_session, until
 * access_ledger_close(): one deployment or rollback at a time in a database.
 * Raises an error when another session holds that lock, or the caller may not
 * read the ledger.
 */
extern void access_ledger_open(bool for_session);

/* Unlocks the ledger that was locked for the session. */
extern void access_ledger_close(void);

/* Records an action that was carried out; it is a change. */
extern void access_ledger_record(const PlannedAction *done);

/* A table with changes in the ledger. */
typedef struct AccessTable
{
	char	   *name;			/* NULL: the schemas */
} AccessTable;

/*
 * The tables of the target schema whose changes were not all undone: AccessTables,
 * sorted, the schemas last.  names: only of these tables, C strings; NIL for all.
 */
extern List *access_ledger_tables(List *names);

/* The changes of a table (NULL: of the schemas) that were not undone: AccessChanges, the latest first. */
extern List *access_ledger_changes(const char *table);

/* Raises an error on a table, a C string, that never had a change there. */
extern void access_ledger_require_tables(List *names);

/*
 * True if a deployment made the view of that name in the target schema and it was not
 * undone; with a definition, only if it was made with that one.
 */
extern bool access_ledger_has_view(const char *name, const char *definition);

/* Marks a change as undone. */
extern void access_ledger_mark_undone(int64 id);

/*
 * Executes a statement of a plan or of the ledger, with names resolved in
 * pg_catalog.  Raises the server's errors.
 */
extern void access_ledger_execute(const char *statement);

/* Raises an error unless the caller owns the table. */
extern void access_ledger_require_owner(Oid relid);

#endif							/* MENUCA_ACCESS_LEDGER_H */
