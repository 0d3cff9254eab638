/*-------------------------------------------------------------------------
 *
 * direct_access.h
 *	  Whether a table may be read or written past the executor.
 *
 * Past the executor is right only where the executor would do the same: where
 * the server plans to scan, or to insert into, exactly this heap.  A hook, for
 * one, may read the rows of a table elsewhere, although the catalog says that it
 * is an ordinary one.  So the statement is planned, with all hooks, and the plan
 * is looked at; it is not executed.
 *
 * The functions return what stands against it, as a clause such as "table s.t is
 * partitioned" in the current memory context, or NULL.  The caller holds a lock on
 * the table until it has read or written; the answer is valid that long.
 * Planning costs about a tenth of a millisecond, and evaluates nothing with
 * the caller's rights that others wrote.  Rights are checked where it says so.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DIRECT_ACCESS_H
#define MENUCA_DIRECT_ACCESS_H

#include "utils/relcache.h"

/* Against reading all columns of all rows of the table from its heap. */
extern char *direct_access_read_obstacle(Relation rel);

/* The same of the table's own rows, without those of tables that inherit from it. */
extern char *direct_access_only_obstacle(Relation rel);

/* True if direct_access_read_obstacle() finds none, and the caller may read all columns. */
extern bool direct_access_may_scan(Relation rel);

/* Against storing rows, with all columns, in the table's heap. */
extern char *direct_access_insert_obstacle(Relation rel);

/* True if there is none, and the caller may insert into all columns. */
extern bool direct_access_may_insert(Relation rel);

/*
 * Against inserting as COPY's own code does: it knows partitions, foreign tables and
 * access methods, but not that a hook plans INSERTs in its own way.
 */
extern char *direct_access_copy_obstacle(Relation rel);

/*
 * True if the table has no block, so that no query need be made to know that it has no
 * row; false where the executor could find rows elsewhere.  Locks it.
 */
extern bool direct_access_is_blank(Oid relid);

/* True if there is a hook that could plan the reading of a table in its own way. */
extern bool direct_access_may_be_hooked(void);

/*
 * True if the server plans a SELECT of all columns, for the current role, as scans of
 * the table itself, its partitions, and those that inherit, whatever their access
 * methods.  If not, a hook reads it in its own way, which may need the role's rights.
 */
extern bool direct_access_is_ordinary(Relation rel);

#endif							/* MENUCA_DIRECT_ACCESS_H */
