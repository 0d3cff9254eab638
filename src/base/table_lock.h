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

/*
 * Locks a table and those that inherit from it, as relation_lock() does.  Where
 * lock_timeout ends the wait, the error names the sessions that hold the table, and
 * the next call; kept says what is left of the call's work, such as "Nothing was
 * changed.".
 */
extern void table_lock_take(Oid relid, LOCKMODE mode, const char *kept);

#endif							/* MENUCA_TABLE_LOCK_H */
