/*-------------------------------------------------------------------------
 *
 * snapshot_copy.h
 *	  Copying a table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SNAPSHOT_COPY_H
#define MENUCA_SNAPSHOT_COPY_H

/*
 * Creates a table of that name in the schema, with the columns of the table
 * relid, and copies all rows of it; the caller holds a lock on it.  As CREATE
 * TABLE AS would do, but that plans its query as the caller, who may not be the
 * table's owner, and evaluates expressions of its indexes.  Nobody but the
 * caller has rights on the copy.
 */
extern void snapshot_copy_rows(Oid relid, const char *schema, const char *name);

/*
 * Locks a copy against changes until the transaction ends.  Raises an error
 * when it belongs to somebody else who has added to it what a statement that
 * reads it would evaluate as the caller, such as an index on an expression, or
 * when it is no table any more.
 */
extern void snapshot_copy_require_plain(Oid copy);

/*
 * True if the copy has the columns of the table relid still: the same names,
 * types and collations in the same order.  Else a restore would convert values
 * by casts, which may be code of the copy's owner.
 */
extern bool snapshot_copy_has_columns_of(Oid copy, Oid relid);

#endif							/* MENUCA_SNAPSHOT_COPY_H */
