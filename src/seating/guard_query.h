/*-------------------------------------------------------------------------
 *
 * guard_query.h
 *	  Statements of trigger functions on tables of users, as the tables' owners.
 *
 * As the server's own foreign keys do it, each statement names one table's rows and
 * is executed as that table's owner: whoever confirms a booking needs no right on other
 * tables, and row security hides nothing, not even where it is forced on the owner.
 * Plans are kept for the session.  A statement sees what is committed now, at every
 * isolation level.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GUARD_QUERY_H
#define MENUCA_GUARD_QUERY_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "utils/uuid.h"

/* Called for the first row, whose values are valid until it returns. */
typedef void (*GuardRowFn) (HeapTuple row, TupleDesc desc, void *arg);

/*
 * Executes a SELECT with one argument, as the table's owner, in a security-restricted
 * operation with a search_path of pg_catalog.  Returns true if there is a row; fn may
 * be NULL.
 */
extern bool guard_query_find(Oid relid, const char *sql, const pg_uuid_t *id,
							 GuardRowFn fn, void *arg);

/*
 * Executes a statement that writes, as the table's owner.  Triggers of users run as
 * they do when a foreign key cascades: as the owner, with the caller's search_path, so
 * every name of the statement is qualified.
 */
extern void guard_query_write(Oid relid, const char *sql, const pg_uuid_t *id);

/*
 * Enters in menuca_seating_truncation that a table was truncated, once in a transaction.
 * The server queues no deferred trigger in a security-restricted operation, so the INSERT
 * is not one.
 */
extern void guard_query_enter_truncation(Oid assignments);

#endif							/* MENUCA_GUARD_QUERY_H */
