/*-------------------------------------------------------------------------
 *
 * snapshot.c
 *	  The list of snapshots, and the shape of their tables: see snapshot.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "backup/snapshot.h"
#include "base/extension.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/slot.h"

static void raise_unknown_label(const char *label);
static void *make_snapshot(TupleTableSlot *slot);
static void *make_snapshot_table(TupleTableSlot *slot);
static bool refers_to_any(const SnapshotTable *table, List *tables);


TableSnapshot *
snapshot_find(const char *label)
{
	const char *schema = migrate_schema();
	TableSnapshot *snapshot;
	List	   *found;
	QueryArgs	args = {0};
	ListCell   *lc;

	(void) migrate_require_table("menuca_snapshot_list", ACL_SELECT);
	(void) migrate_require_table("menuca_snapshot_table", ACL_SELECT);
	query_arg_text(&args, label);
	found = query_list(psprintf("SELECT snapshot_no, label, target_schema, schema_name"
								" FROM %smenuca_snapshot_list WHERE label = $1", schema),
					   &args, make_snapshot);
	if (found == NIL)
		raise_unknown_label(label);
	snapshot = linitial(found);

	args.count = 0;
	query_arg_int8(&args, snapshot->number);
	snapshot->tables = query_list(psprintf("SELECT table_name, row_count, checksum::text, columns::text, sequences::text"
										   " FROM %smenuca_snapshot_table WHERE snapshot_no = $1 ORDER BY place", schema),
								  &args, make_snapshot_table);
	foreach(lc, snapshot->tables)
	{
		SnapshotTable *table = lfirst(lc);

		table->copy = quote_qualified_identifier(snapshot->schema, table->name);
	}
	return snapshot;
}

/* Raises the error of a label that no snapshot has. */
static void
raise_unknown_label(const char *label)
{
	char	   *labels = query_text(psprintf("SELECT string_agg(label, ', ' ORDER BY snapshot_no)"
											 " FROM %smenuca_snapshot_list", migrate_schema()), NULL);

	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("there is no snapshot with the label \"%s\"", label),
			 labels ? errdetail("The labels are: %s. Nothing was changed.", labels) :
			 errdetail("There are no snapshots. Nothing was changed."),
			 errhint("%s", migrate_call("SELECT * FROM menuca_snapshots;"))));
}

static void *
make_snapshot(TupleTableSlot *slot)
{
	TableSnapshot *snapshot = palloc0(sizeof(TableSnapshot));

	snapshot->number = slot_int8(slot, 0);
	snapshot->label = slot_text(slot, 1);
	snapshot->target_schema = slot_text(slot, 2);
	snapshot->schema = slot_text(slot, 3);
	return snapshot;
}

/* All but the copy's name. */
static void *
make_snapshot_table(TupleTableSlot *slot)
{
	SnapshotTable *table = palloc0(sizeof(SnapshotTable));

	table->name = slot_text(slot, 0);
	table->content.rows = slot_int8(slot, 1);
	table->content.checksum = slot_text(slot, 2);
	table->columns = slot_text(slot, 3);
	table->sequences = slot_text(slot, 4);
	return table;
}

void
snapshot_table_open(const TableSnapshot *snapshot, SnapshotTable *table, AclMode rights)
{
	List	   *children = NIL;

	keyed_table_open(&table->table, snapshot->target_schema, table->name, rights);
	if (get_rel_relkind(table->table.oid) == RELKIND_RELATION && has_subclass(table->table.oid))
		children = find_inheritance_children(table->table.oid, NoLock);
	if (children != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("other tables inherit from table %s", table->table.display_name),
				 errdetail("Its rows include theirs, and a restore could not put each row back into its own table. Nothing was changed."),
				 snapshot->number == 0 ?
				 errhint("Copy only the other tables: %s partitioned tables can be copied.",
						 snapshot_call_without(snapshot, table)) :
				 errhint("If that may be: ALTER TABLE %s NO INHERIT %s;",
						 relation_quoted_name(linitial_oid(children)), table->table.name)));
}

char *
snapshot_call_without(const TableSnapshot *snapshot, const SnapshotTable *table)
{
	List	   *others = list_delete_ptr(list_copy(snapshot->tables), unconstify(SnapshotTable *, table));
	Oid			output;
	bool		is_varlena;

	getTypeOutputInfo(TEXTARRAYOID, &output, &is_varlena);
	return migrate_call("SELECT * FROM menuca_snapshot(%s, tables => %s);", quote_literal_cstr(snapshot->label),
						quote_literal_cstr(OidOutputFunctionCall(output, snapshot_table_names(others))));
}

/* Tables that refer to each other in a circle keep their order. */
List *
snapshot_tables_in_order(List *tables)
{
	List	   *rest = list_copy(tables);
	List	   *ordered = NIL;

	while (rest != NIL)
	{
		SnapshotTable *next = linitial(rest);
		ListCell   *lc;

		foreach(lc, rest)
		{
			if (!refers_to_any(lfirst(lc), rest))
			{
				next = lfirst(lc);
				break;
			}
		}
		ordered = lappend(ordered, next);
		rest = list_delete_ptr(rest, next);
	}
	return ordered;
}

/* True if the table has a foreign key to another one of the tables. */
static bool
refers_to_any(const SnapshotTable *table, List *tables)
{
	ListCell   *lc;

	foreach(lc, tables)
	{
		const SnapshotTable *other = lfirst(lc);
		QueryArgs	args = {0};

		query_arg(&args, OIDOID, ObjectIdGetDatum(table->table.oid), false);
		query_arg(&args, OIDOID, ObjectIdGetDatum(other->table.oid), false);
		if (other != table &&
			query_bool("SELECT EXISTS (SELECT FROM pg_constraint"
					   " WHERE contype = 'f' AND conrelid = $1 AND confrelid = $2)", &args))
			return true;
	}
	return false;
}

Datum
snapshot_table_names(List *tables)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, tables)
		names = lappend(names, ((SnapshotTable *) lfirst(lc))->name);
	return result_text_array(names);
}

char *
snapshot_column_shapes(Oid relid)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	return query_text("SELECT jsonb_agg(jsonb_build_object('name', attname,"
					  "  'type', format_type(atttypid, atttypmod), 'generated', attgenerated <> '')"
					  "  ORDER BY attnum)::text"
					  " FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped",
					  &args);
}

char *
snapshot_sequence_states(Oid relid)
{
	StringInfoData states;
	QueryArgs	args = {0};
	ListCell   *lc;

	initStringInfo(&states);
	json_begin(&states);
	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	foreach(lc, query_texts(psprintf("SELECT sequence_name FROM %smenuca_table_sequence"
									 " WHERE table_oid = $1 AND is_same_owner ORDER BY sequence_name", migrate_schema()), &args))
	{
		char	   *name = lfirst(lc);

		relation_require(snapshot_sequence_oid(name), ACL_SELECT);
		json_raw(&states, name,
				 query_text(psprintf("SELECT jsonb_build_object('last_value', last_value,"
									 " 'is_called', is_called)::text FROM %s", name), NULL));
	}
	json_end(&states);
	return states.data;
}

Oid
snapshot_sequence_oid(const char *name)
{
	QueryArgs	args = {0};

	query_arg_text(&args, name);
	return (Oid) query_int8("SELECT $1::regclass::oid::int8", &args);
}
