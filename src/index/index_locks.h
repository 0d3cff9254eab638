/*-------------------------------------------------------------------------
 *
 * index_locks.h
 *	  Locks and rights on the tables whose indexes are built or dropped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_INDEX_LOCKS_H
#define MENUCA_INDEX_LOCKS_H

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"

/*
 * Begins a scope in which no lock is waited for longer than that; to be ended
 * by guc_scope_end() of the result.
 */
extern int	index_locks_begin_timeout(int milliseconds);

/*
 * Locks tables, a list of OIDs, in the same order for all callers, until the
 * transaction ends.  Raises an error when a lock cannot be had within
 * lock_timeout, see table_lock.h.
 */
extern void index_locks_take(List *tables, LOCKMODE mode);

/*
 * The right that the caller lacks to build (or else drop) indexes of a table:
 * a text that ends with the GRANT that gives it; NULL when none is lacking.
 */
extern char *index_locks_missing_right(Oid table, bool build);

#endif							/* MENUCA_INDEX_LOCKS_H */
