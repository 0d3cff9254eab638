/*-------------------------------------------------------------------------
 *
 * snapshot.h
 *	  Snapshots: copies of the tables that runs write to.
 *
 * A snapshot has one row in menuca_snapshot_list, one row per table in
 * menuca_snapshot_table, and a schema of its own, in which each copy has the
 * name of its table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SNAPSHOT_H
#define MENUCA_SNAPSHOT_H

#include "nodes/pg_list.h"

#include "backup/table_checksum.h"
#include "target/keyed_table.h"

/* A table of a snapshot; JSON is kept as text. */
typedef struct SnapshotTable
{
	char	   *name;			/* the same in the target schema and in the
								 * snapshot's */
	KeyedTable	table;			/* the table itself, once it is open */
	char	   *copy;			/* the copy, qualified and quoted */
	TableChecksum content;		/* when the snapshot was taken */
	char	   *columns;		/* from snapshot_column_shapes() */
	char	   *sequences;		/* from snapshot_sequence_states() */
} SnapshotTable;

typedef struct TableSnapshot
{
	int64		number;
	char	   *label;
	char	   *target_schema;
	char	   *schema;			/* of the copies */
	List	   *tables;			/* of SnapshotTable, referenced tables first */
} TableSnapshot;

/*
 * Finds a snapshot by its label; its tables are not opened.  Raises an error
 * if there is none, or the caller may not read the list.
 */
extern TableSnapshot *snapshot_find(const char *label);

/*
 * Opens a table of a snapshot that is taken, whose number is 0, or restored: as
 * keyed_table_open() does with these rights.
 * Raises an error also if other tables inherit from it.
 */
extern void snapshot_table_open(const TableSnapshot *snapshot, SnapshotTable *table,
								AclMode rights);

/* The call that takes the snapshot of the other tables only, for a hint. */
extern char *snapshot_call_without(const TableSnapshot *snapshot, const SnapshotTable *table);

/*
 * Sorts open tables (a list of SnapshotTable) so that referenced tables come
 * before the tables that refer to them.
 */
extern List *snapshot_tables_in_order(List *tables);

/* The names of tables (a list of SnapshotTable) as a text[]. */
extern Datum snapshot_table_names(List *tables);

/*
 * A table's columns as a JSON array, in their order: name, type, and whether
 * they are generated.
 */
extern char *snapshot_column_shapes(Oid relid);

/*
 * The state of the sequences that a table's columns own or take their defaults
 * from, as a JSON object: last_value and is_called by qualified, quoted name.
 * Raises an error if the caller may not read one of them.
 */
extern char *snapshot_sequence_states(Oid relid);

/*
 * The OID of a sequence, by its qualified, quoted name.  Raises an error if it
 * does not exist.
 */
extern Oid	snapshot_sequence_oid(const char *name);

#endif							/* MENUCA_SNAPSHOT_H */
