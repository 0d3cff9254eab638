/*-------------------------------------------------------------------------
 *
 * table_lock.h
 *	  Locking a table that others may be using.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TABLE_LOCK_H
#define MENUCA_TABLE_LOCK_H

#include "storage/lockdefs.h"
#include "utils/elog.h"

/*
 * Locks a table and those that inherit from it, as relation_lock() does.  Where
 * lock_timeout ends the wait, the error names the sessions that hold the table, and
 * the next call; kept says what is left of the call's work, such as "Nothing was
 * changed.".
 */
extern void table_lock_take(Oid relid, LOCKMODE mode, const char *kept);

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
