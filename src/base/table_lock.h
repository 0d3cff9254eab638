/*-------------------------------------------------------------------------
 *
 * table_lock.h
 *	  Locking a table that others may be using.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TABLE_LOCK_H
#define MENUCA_TABLE_LOCK_H

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"
#include "utils/elog.h"

#include "base/compat.h"

/*
 * Locks a table and those that inherit from it, as relation_lock() does.  Where
 * lock_timeout ends the wait, the error names the sessions that hold the table, and
 * the next call; kept says what is left of the call's work, such as "Nothing was
 * changed.".
 */
extern void table_lock_take(Oid relid, LOCKMODE mode, const char *kept);

/*
 * Locks tables, a list of OIDs, all or none, until the transaction ends, not those that
 * inherit from them.  It tries them at once and again, without ever waiting in a queue
 * in which others would wait behind it.  After timeout milliseconds it raises the same
 * error about those that others hold; instead is a sentence with another call, or "".
 */
extern void table_lock_take_all(List *relids, LOCKMODE mode, int timeout, const char *kept, const char *instead);

/*
 * Locks a table alone; waits in the queue for at most that long, and then returns
 * false.  Others wait behind it meanwhile, so the time should be short.
 */
extern bool table_lock_try(Oid relid, LOCKMODE mode, int milliseconds);

/* Raises the error that others have held these tables, a list of OIDs, for too long. */
pg_noreturn extern void table_lock_raise_held(List *relids, LOCKMODE mode, int timeout, const char *kept,
											  const char *instead);

/* Waits between two tries; raises an error when the call is canceled. */
extern void table_lock_pause(long milliseconds);

/*
 * Calls fn(arg), which locks or deletes rows of the table, in a subtransaction, and
 * raises the same error where it has waited for somebody's row lock too long.
 */
extern void table_lock_rows(Oid relid, void (*fn) (void *arg), void *arg, const char *kept);

/*
 * Adds detail and hint to a caught error of a row lock that could not be had in time,
 * where a subtransaction for table_lock_rows() would cost too much: the hint has a query
 * for who uses the table of that name or one that it refers to.
 */
extern void table_lock_advise(ErrorData *error, const char *name, const char *kept);

#endif							/* MENUCA_TABLE_LOCK_H */
