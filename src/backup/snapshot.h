/*-------------------------------------------------------------------------
 *
 * snapshot.h
 *	  Snapshots: copies of the tables that a run writes to, and their list.
 *
 * A snapshot is a row of menuca_snapshot_list, one of menuca_snapshot_table
 * for each of its tables, and a schema of its own with a table of the same
 * name for each of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SNAPSHOT_H
#define MENUCA_SNAPSHOT_H

#include "target/keyed_table.h"
#include "nodes/pg_list.h"
#include "backup/table_checksum.h"

/* A table of a snapshot; all JSON is text. */
typedef struct SnapshotTable
{
	char	   *name;			/* in the target schema, and in the snapshot's */
	KeyedTable	table;			/* the table itself, once it is open */
	char	   *copy;			/* the copy, qualified and quoted */
	TableChecksum content;
	char	   *columns;		/* their names and types, as
								 * snapshot_column_shapes() says */
	char	   *sequences;		/* their states, as snapshot_sequence_states()
								 * says */
} SnapshotTable;

typedef struct TableSnapshot
{
	int64		number;
	char	   *label;
	char	   *target_schema;
	char	   *schema;			/* where the copies are */
	List	   *tables;			/* of SnapshotTable, referenced ones first */
} TableSnapshot;

/*
 * Finds a snapshot by its label, its tables not open.  Raises an error when
 * there is none, or the caller may not read the list.
 */
extern TableSnapshot *snapshot_find(const char *label);

/*
 * Opens a table with these rights, as keyed_table_open() does.  Raises an
 * error when others inherit from it.
 */
extern void snapshot_table_open(SnapshotTable *table, const char *schema, AclMode rights);

/* Raises an error unless the caller has these rights on a table of the list. */
extern void snapshot_require_rights(const char *table, AclMode rights);

/* Puts tables, which are open, so that those that others refer to come first. */
extern List *snapshot_tables_in_order(List *tables);

/* A text[] of the tables' names. */
extern Datum snapshot_table_names(List *tables);

/*
 * A table's columns as a JSON array, in their order: names, types, and which
 * are generated.
 */
extern char *snapshot_column_shapes(Oid relid);

/*
 * The state of the sequences that number a table's rows, as a JSON object: for
 * each qualified and quoted name last_value and is_called.
 */
extern char *snapshot_sequence_states(Oid relid);

/* The OID of a sequence, by its qualified and quoted name. */
extern Oid	snapshot_sequence_oid(const char *name);

#endif							/* MENUCA_SNAPSHOT_H */
