/*-------------------------------------------------------------------------
 *
 * keyed_table.h
 *	  Tables that a run writes to.
 *
 * The ledger records a table's rows by the primary key, so a run can write to any
 * table whose primary key is one integer column, and be rolled back.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_KEYED_TABLE_H
#define MENUCA_KEYED_TABLE_H

#include "access/attnum.h"
#include "nodes/parsenodes.h"

/* A table of the migrated schema with such a key. */
typedef struct KeyedTable
{
	Oid			oid;
	char	   *name;			/* qualified and quoted, for SQL */
	char	   *display_name;	/* "menuca_v3.combo_items", for messages */
	char	   *id;				/* primary key column, quoted, for SQL */
	char	   *id_type;		/* its type, as in a cast */
	AttrNumber	id_attnum;
	bool		id_has_default; /* identity, serial or other default */
	int64		id_max;			/* greatest value of the primary key's type */
} KeyedTable;

/* A row of such a table, as the ledger records it. */
typedef struct KeyedRow
{
	int64		key;
	uint64		hash;			/* see content_hash.h */
} KeyedRow;

/*
 * Looks up a table of a schema and fills *table, whose strings are in the current
 * memory context.  Takes an AccessShareLock, held to the end of the transaction.
 * Raises an error when there is no such table, when it is a foreign table, when its
 * primary key is not one integer column (with foreign tables as partitions there is
 * none, and the column id is taken for it), when the caller lacks one of the rights,
 * or when row security would hide rows from the caller.
 */
extern void keyed_table_open(KeyedTable *table, const char *schema,
							 const char *name, AclMode rights);

/*
 * The number of rows that have no key of their own, because they repeat that of
 * another row or have none.  It is 0, without counting, where the primary key covers
 * all rows that a SELECT returns; where other tables inherit from this one, or
 * its rows are elsewhere, it does not.
 */
extern int64 keyed_table_repeats(const KeyedTable *table);

/*
 * What stands against deleting rows of the table, as a clause, or NULL: publications
 * without a replica identity, hooks and other servers that cannot.  *hint is what to do.
 * Hooks are not asked for a caller without the right to delete.
 */
extern char *keyed_table_undo_obstacle(const KeyedTable *table, char **hint);

/* The query that shows how the table is stored and replicated. */
extern char *keyed_table_storage_query(const KeyedTable *table);

/* That number as a message, the query that shows them, and what to do about it. */
extern char *keyed_table_repeats_text(const KeyedTable *table, int64 repeats);
extern char *keyed_table_repeats_query(const KeyedTable *table);
extern char *keyed_table_repeats_hint(const KeyedTable *table);

/* Raises a WARNING of what a run cannot promise when rows are on other servers. */
extern void keyed_table_warn_foreign(const KeyedTable *table);

/*
 * The OID of a table of a schema, which may be a foreign table.  Takes the same lock,
 * but requires neither a primary key nor rights.  Raises an error when there is
 * no such table.
 */
extern Oid	target_table_oid(const char *schema, const char *table);

/*
 * Takes the advisory lock that only one run can hold on a table; raises an error
 * at once, without waiting, when another run holds it.  The lock ends with the
 * transaction.  With for_session it survives commits and ends with
 * keyed_table_release() or an error; a session can hold one such lock.
 */
extern void keyed_table_reserve(const KeyedTable *table, bool for_session);

/* Releases the lock that keyed_table_reserve() took for the session. */
extern void keyed_table_release(void);

/*
 * Locks the table, with its partitions or heirs, against other writers, but not
 * against readers, until the transaction ends.
 */
extern void keyed_table_lock(const KeyedTable *table);

/*
 * Locks the table against writers and readers until the transaction ends.
 * Raises an error unless the caller owns the table, and when rows of it are on
 * other servers.
 */
extern void keyed_table_lock_exclusive(const KeyedTable *table);

/*
 * True if the caller can rebuild all indexes of the table: the caller owns the
 * table, no index is invalid, and no query of this session, such as an open
 * cursor, uses one.
 */
extern bool keyed_table_can_reindex(const KeyedTable *table);

#endif							/* MENUCA_KEYED_TABLE_H */
