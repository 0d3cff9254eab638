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
	char	   *kind;			/* policy, row_security, grant or revoke */
	char	   *object;			/* as in PlannedAction */
	char	   *undo;
	char	   *definition;
} AccessChange;

/*
 * Locks the ledger until the transaction ends: one deployment or rollback at a
 * time in a database.  Raises an error when another session holds that lock,
 * or the caller may not read and write the ledger.
 */
extern void access_ledger_open(void);

/* Records an action that was carried out; it is a change. */
extern void access_ledger_record(const PlannedAction *done);

/*
 * The changes in the target schema that were not undone: AccessChanges, table
 * by table, the latest first.  names: only of these tables, C strings; NIL for
 * all.
 */
extern List *access_ledger_changes(List *names);

/* Raises an error on a table, a C string, that never had a change there. */
extern void access_ledger_require_tables(List *names);

/* Marks a change as undone. */
extern void access_ledger_mark_undone(int64 id);

/*
 * Executes a statement of a plan or of the ledger, with names resolved in
 * pg_catalog.  Raises the server's errors.
 */
extern void access_ledger_execute(const char *statement);

/*
 * Locks a table against everybody until the transaction ends, waiting at most
 * lock_timeout, a value of that setting.  Raises an error unless the caller
 * owns the table, and when the lock cannot be had in time.
 */
extern void access_ledger_lock_table(Oid relid, const char *lock_timeout);

#endif							/* MENUCA_ACCESS_LEDGER_H */
