/*-------------------------------------------------------------------------
 *
 * snapshot_take.c
 *	  Takes a snapshot of the tables that runs write to, and drops one.
 *
 * menuca_snapshot(label, tables)
 * menuca_drop_snapshot(label)
 *
 * All tables are locked against writers before the first one is copied, so
 * that the copies are consistent with each other and with the sequences.
 * Copies are ordinary tables of the caller, in a schema that only the caller
 * may use: dumps contain them, and DROP EXTENSION keeps them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "backup/snapshot.h"
#include "backup/snapshot_copy.h"
#include "backup/snapshot_runs.h"
#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/query.h"
#include "base/results.h"
#include "base/revoke.h"
#include "base/settings.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "base/table_lock.h"

PG_FUNCTION_INFO_V1(menuca_snapshot);
PG_FUNCTION_INFO_V1(menuca_drop_snapshot);

/*
 * The tables that runs may write to, in the order in which runs lock them.
 * Those that are not required came with later redesigns of the schema.
 */
static const struct
{
	const char *name;
	bool		required;
}			written_tables[] = {
	{"dishes", true},
	{"combo_items", true},
	{"dish_combo_groups", false},
	{"combo_steps", false}
};

static void require_own_keys(const SnapshotTable *table);
static List *named_tables(FunctionCallInfo fcinfo, int place);
static List *default_tables(void);
static List *add_table(List *tables, const char *name);
static void require_unused_label(const char *label);
static void lock_against_writers(List *tables);
static void refuse_unfinished_runs(TableSnapshot *snapshot);
static void create_snapshot_schema(TableSnapshot *snapshot);
static void copy_table(const TableSnapshot *snapshot, SnapshotTable *table, int place);
static void record_snapshot(TableSnapshot *snapshot);
static void put_snapshot_row(ReturnSetInfo *rsinfo, const TableSnapshot *snapshot, const SnapshotTable *table);


/* menuca_snapshot(label, tables) returns one row per table. */
Datum
menuca_snapshot(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	TableSnapshot snapshot = {0};
	uint64		rows = 0;
	ListCell   *lc;

	snapshot.label = argument_label(fcinfo, 0);
	query_require_writable("menuca_snapshot");
	query_require_read_committed("menuca_snapshot");
	(void) migrate_require_table("menuca_snapshot_list", ACL_SELECT);
	require_unused_label(snapshot.label);

	snapshot.target_schema = menuca_target_schema;
	snapshot.tables = PG_ARGISNULL(1) ? default_tables() : named_tables(fcinfo, 1);
	foreach(lc, snapshot.tables)
		snapshot_table_open(&snapshot, lfirst(lc), ACL_SELECT);
	lock_against_writers(snapshot.tables);

	query_begin_snapshot();
	foreach(lc, snapshot.tables)
		require_own_keys(lfirst(lc));
	snapshot.tables = snapshot_tables_in_order(snapshot.tables);
	refuse_unfinished_runs(&snapshot);
	record_snapshot(&snapshot);
	create_snapshot_schema(&snapshot);
	query_end_snapshot();
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, snapshot.tables)
	{
		SnapshotTable *table = lfirst(lc);

		copy_table(&snapshot, table, foreach_current_index(lc) + 1);
		put_snapshot_row(rsinfo, &snapshot, table);
		rows += table->content.rows;
	}

	ereport(NOTICE,
			(errmsg("snapshot \"%s\": %s of %s copied to schema %s", snapshot.label,
					format_things(rows, "row"),
					format_things(list_length(snapshot.tables), "table"), snapshot.schema),
			 errdetail("Each copy was read back and has the same rows as its table."),
			 errhint("%s", migrate_call("To see what restoring it would change: SELECT * FROM menuca_restore_snapshot(%s); a snapshot is not a backup, since it is lost with the server.",
										quote_literal_cstr(snapshot.label)))));
	return (Datum) 0;
}

static void
require_own_keys(const SnapshotTable *table)
{
	int64		repeats = keyed_table_repeats(&table->table);

	if (repeats > 0)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_SNAPSHOT),
				 errmsg("%s", keyed_table_repeats_text(&table->table, repeats)),
				 errdetail("A restore matches rows by that key. Nothing was changed."),
				 errhint("%s", keyed_table_repeats_hint(&table->table))));
}

/* menuca_drop_snapshot(label) returns the snapshot's number, and the next call. */
Datum
menuca_drop_snapshot(PG_FUNCTION_ARGS)
{
	char	   *label = argument_text(fcinfo, 0, "label");
	const char *schema = migrate_schema();
	TupleDesc	desc = result_row_type(fcinfo, "it");
	Datum		values[2];
	bool		nulls[2] = {0};
	TableSnapshot *snapshot;
	QueryArgs	args = {0};
	ListCell   *lc;

	query_require_writable("menuca_drop_snapshot");
	snapshot = snapshot_find(label);

	/* Without CASCADE: other objects in the schema are not ours to drop. */
	foreach(lc, snapshot->tables)
		query_write(psprintf("DROP TABLE IF EXISTS %s", ((SnapshotTable *) lfirst(lc))->copy),
					NULL, NULL, NULL);
	query_write(psprintf("DROP SCHEMA IF EXISTS %s", quote_identifier(snapshot->schema)),
				NULL, NULL, NULL);

	query_arg_int8(&args, snapshot->number);
	migrate_write("menuca_snapshot_table",
				  psprintf("DELETE FROM %smenuca_snapshot_table WHERE snapshot_no OPERATOR(pg_catalog.=) $1", schema),
				  &args, NULL, NULL);
	migrate_write("menuca_snapshot_list",
				  psprintf("DELETE FROM %smenuca_snapshot_list WHERE snapshot_no OPERATOR(pg_catalog.=) $1", schema),
				  &args, NULL, NULL);
	values[0] = Int64GetDatum(snapshot->number);
	values[1] = CStringGetTextDatum(migrate_call("SELECT * FROM menuca_next();"));
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* The tables that the argument, an array of names, lists. */
static List *
named_tables(FunctionCallInfo fcinfo, int place)
{
	Datum	   *names;
	bool	   *nulls;
	int			n;
	List	   *tables = NIL;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(place), TEXTOID, -1, false, TYPALIGN_INT,
					  &names, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"tables\" must not contain NULL"),
					 errdetail("Nothing was changed."),
					 errhint("Name tables of schema %s, without the schema.", menuca_target_schema)));
		tables = add_table(tables, TextDatumGetCString(names[i]));
	}
	if (tables == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"tables\" names no table"),
				 errdetail("Nothing was changed."),
				 errhint("Omit it to copy the tables that runs may write to.")));
	return tables;
}

/* The existing tables among written_tables, and all required ones. */
static List *
default_tables(void)
{
	Oid			namespace = get_namespace_oid(menuca_target_schema, true);
	List	   *tables = NIL;

	for (size_t i = 0; i < lengthof(written_tables); i++)
	{
		if (written_tables[i].required ||
			OidIsValid(get_relname_relid(written_tables[i].name, namespace)))
			tables = add_table(tables, written_tables[i].name);
	}
	return tables;
}

/* Adds a table to the list, unless the list has it. */
static List *
add_table(List *tables, const char *name)
{
	SnapshotTable *table;
	ListCell   *lc;

	foreach(lc, tables)
	{
		if (strcmp(((SnapshotTable *) lfirst(lc))->name, name) == 0)
			return tables;
	}
	table = palloc0(sizeof(SnapshotTable));
	table->name = pstrdup(name);
	return lappend(tables, table);
}

static void
require_unused_label(const char *label)
{
	QueryArgs	args = {0};

	query_arg_text(&args, label);
	if (query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_snapshot_list WHERE label = $1)",
							migrate_schema()), &args))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("a snapshot with the label \"%s\" already exists", label),
				 errdetail("Nothing was changed: a snapshot is never overwritten."),
				 errhint("%s", migrate_call("Use another label, or drop that snapshot: SELECT * FROM menuca_drop_snapshot(%s);",
											quote_literal_cstr(label)))));
}

/* Excludes runs on the tables, and all other writers. */
static void
lock_against_writers(List *tables)
{
	ListCell   *lc;

	foreach(lc, tables)
		keyed_table_reserve(&((SnapshotTable *) lfirst(lc))->table, false);
	foreach(lc, tables)
		table_lock_take(((SnapshotTable *) lfirst(lc))->table.oid, ShareLock, "No snapshot was taken.");
}

/* The state in the middle of a run is not worth going back to. */
static void
refuse_unfinished_runs(TableSnapshot *snapshot)
{
	char	   *runs = snapshot_unfinished_runs(snapshot);
	long long	first = runs ? strtoll(runs, NULL, 10) : 0;

	if (runs)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_SNAPSHOT),
				 errmsg("snapshot \"%s\" is refused: run %s of these tables is interrupted",
						snapshot->label, runs),
				 errdetail("After a restore, the ledger could not tell which rows of the run exist. Nothing was changed."),
				 errhint("%s", migrate_call("Finish it with CALL menuca_resume(%lld, dry_run => false); or undo it with SELECT * FROM menuca_rollback(%lld, dry_run => false); then take the snapshot again.",
											first, first))));
}

/* Creates the schema, and revokes what default privileges grant on it. */
static void
create_snapshot_schema(TableSnapshot *snapshot)
{
	query_write(psprintf("CREATE SCHEMA %s", quote_identifier(snapshot->schema)), NULL, NULL, NULL);
	CommandCounterIncrement();
	revoke_schema_from_others(get_namespace_oid(snapshot->schema, false));
}

/* Copies a table, compares the copy with it, and records what it is like. */
static void
copy_table(const TableSnapshot *snapshot, SnapshotTable *table, int place)
{
	TableChecksum copied;
	QueryArgs	args = {0};

	table->copy = quote_qualified_identifier(snapshot->schema, table->name);
	snapshot_copy_rows(table->table.oid, snapshot->schema, table->name);
	query_begin_snapshot();
	table->content = table_checksum(table->table.oid);
	copied = table_checksum(get_relname_relid(table->name,
											  get_namespace_oid(snapshot->schema, false)));
	table->columns = snapshot_column_shapes(table->table.oid);
	table->sequences = snapshot_sequence_states(table->table.oid);
	query_end_snapshot();
	if (!table_checksum_equal(&table->content, &copied))
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("the copy of table %s differs from the table", table->table.display_name),
				 errdetail("The table has %s with checksum %s, the copy has %s with checksum %s. Everything was undone.",
						   format_things(table->content.rows, "row"), table->content.checksum,
						   format_things(copied.rows, "row"), copied.checksum),
				 errhint("The table may have a column whose text changes by itself. Copy only the other tables: %s",
						 snapshot_call_without(snapshot, table))));

	query_arg_int8(&args, snapshot->number);
	query_arg_text(&args, table->name);
	query_arg(&args, INT4OID, Int32GetDatum(place), false);
	query_arg_int8(&args, table->content.rows);
	query_arg_text(&args, table->content.checksum);
	query_arg_json(&args, table->columns);
	query_arg_json(&args, table->sequences);
	migrate_write("menuca_snapshot_table",
				  psprintf("INSERT INTO %smenuca_snapshot_table"
						   " (snapshot_no, table_name, place, row_count, checksum, columns, sequences)"
						   " VALUES ($1, $2, $3, $4, $5::pg_catalog.numeric, $6, $7)", migrate_schema()),
				  &args, NULL, NULL);
}

/* Inserts the snapshot into the list; sets its number and its schema. */
static void
record_snapshot(TableSnapshot *snapshot)
{
	const char *ledger = migrate_schema();
	QueryArgs	args = {0};

	query_arg_text(&args, snapshot->label);
	query_arg_text(&args, snapshot->target_schema);
	query_arg_json(&args, snapshot_runs_now(snapshot));
	migrate_write("menuca_snapshot_list",
				  psprintf("INSERT INTO %smenuca_snapshot_list (label, target_schema, schema_name, runs)"
						   " VALUES ($1, $2, '', $3) RETURNING snapshot_no", ledger),
				  &args, slot_store_int8, &snapshot->number);

	/* The schema may be left over from an extension that was dropped. */
	snapshot->schema = psprintf("menuca_snapshot_%lld", (long long) snapshot->number);
	for (int i = 2; OidIsValid(get_namespace_oid(snapshot->schema, true)); i++)
		snapshot->schema = psprintf("menuca_snapshot_%lld_%d", (long long) snapshot->number, i);

	args.count = 0;
	query_arg_int8(&args, snapshot->number);
	query_arg_text(&args, snapshot->schema);
	migrate_write("menuca_snapshot_list",
				  psprintf("UPDATE %smenuca_snapshot_list SET schema_name = $2"
						   " WHERE snapshot_no OPERATOR(pg_catalog.=) $1", ledger),
				  &args, NULL, NULL);
}

static void
put_snapshot_row(ReturnSetInfo *rsinfo, const TableSnapshot *snapshot, const SnapshotTable *table)
{
	Datum		values[7];
	bool		nulls[7] = {0};

	values[0] = Int64GetDatum(snapshot->number);
	values[1] = CStringGetTextDatum(table->name);
	values[2] = Int64GetDatum(table->content.rows);
	values[3] = DirectFunctionCall3(numeric_in, CStringGetDatum(table->content.checksum),
									ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	values[4] = CStringGetTextDatum(migrate_call("SELECT * FROM menuca_next();"));
	values[5] = CStringGetTextDatum(table->copy);
	values[6] = DirectFunctionCall1(jsonb_in, CStringGetDatum(table->sequences));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
