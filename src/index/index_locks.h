/*-------------------------------------------------------------------------
 *
 * index_locks.h
 *	  Locks on the tables whose indexes are built or dropped, and rights.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_INDEX_LOCKS_H
#define MENUCA_INDEX_LOCKS_H

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"

/*
 * Limits every wait for a lock to so many milliseconds until the returned
 * level is given to index_unlimit_waits(); an error ends it, too.
 */
extern int	index_limit_waits(int milliseconds);
extern void index_unlimit_waits(int level);

/*
 * Locks tables, a list of OIDs, in an order that is the same for all callers,
 * until the transaction ends.  Raises an error when one cannot be had in time.
 */
extern void index_lock_tables(List *tables, LOCKMODE mode, int milliseconds);

/*
 * What the caller lacks to build or drop indexes of a table: a sentence that
 * has the GRANT to make, or NULL.
 */
extern char *index_lacking_right(Oid table, bool build);

#endif							/* MENUCA_INDEX_LOCKS_H */
