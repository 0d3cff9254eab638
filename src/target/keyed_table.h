/*-------------------------------------------------------------------------
 *
 * keyed_table.h
 *	  Tables that a run writes to.
 *
 * The ledger remembers a table's rows by its primary key, one integer column,
 * so any table that has such a key can be written to, and rolled back.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_KEYED_TABLE_H
#define MENUCA_KEYED_TABLE_H

#include "base/relation.h"

typedef struct KeyedTable
{
	Oid			oid;
	char	   *name;			/* qualified and quoted, for SQL */
	char	   *display_name;	/* "menuca_v3.combo_items", for messages */
	char	   *id;				/* its primary key, quoted */
	char	   *id_type;		/* as in a cast */
	AttrNumber	id_attnum;
	bool		id_has_default; /* identity, serial or other default */
	int64		id_max;			/* greatest value of the primary key's type */
} KeyedTable;

/* A row of such a table, as the ledger remembers it. */
typedef struct KeyedRow
{
	int64		key;
	uint64		hash;			/* of its content */
} KeyedRow;

/*
 * Looks up a table of the migrated schema, and takes an AccessShareLock, held
 * to the end of the transaction.  Raises an error when there is no such table,
 * it has no primary key of one integer column, row security would hide rows
 * from the caller, or the rights are lacking.
 */
extern void keyed_table_open(KeyedTable *table, const char *schema,
							 const char *name, AclMode rights);

/*
 * The same for a table that need not have a key, nor any rights.  Returns its
 * OID.
 */
extern Oid	target_table_oid(const char *schema, const char *table);

/*
 * Makes sure that only one run works on the table: raises an error at once
 * when another one does.  With for_session the claim survives commits and
 * ends with keyed_table_release() or an error; a session has one at most.
 */
extern void keyed_table_reserve(const KeyedTable *table, bool for_session);
extern void keyed_table_release(void);

/*
 * Locks the table against other writers until the transaction ends; readers
 * go on.
 */
extern void keyed_table_lock(const KeyedTable *table);

/*
 * The same, and against readers.  Raises an error unless the caller owns the
 * table.
 */
extern void keyed_table_lock_exclusive(const KeyedTable *table);

/*
 * True if the caller can rebuild the table's indexes, and they are as good as
 * new afterwards: the table is the caller's, none is invalid, and no query of
 * this session, such as an open cursor, reads one.
 */
extern bool keyed_table_can_reindex(const KeyedTable *table);

#endif							/* MENUCA_KEYED_TABLE_H */
