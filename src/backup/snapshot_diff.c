/*-------------------------------------------------------------------------
 *
 * snapshot_diff.c
 *	  Differences between a snapshot's tables and their copies: see
 *	  snapshot_diff.h.
 *
 * Rows are matched by the primary key and compared as stored, value by value:
 * that needs no operator of the types, and distinguishes 1.0 from 1.00.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "backup/snapshot_copy.h"
#include "backup/snapshot_diff.h"
#include "base/extension.h"
#include "base/foreign_key.h"
#include "base/format.h"
#include "base/progress.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"

/* A table that a foreign key refers to. */
typedef struct Parent
{
	Oid			relid;
	char	   *table;
	char	   *join;			/* condition between the parent's row p and
								 * the copy's row c */
	char	   *has_key;		/* condition: no column of the key in c is
								 * NULL */
} Parent;

static bool has_own_keys(TableDiff *diff);
static bool check_copy(const TableSnapshot *snapshot, TableDiff *diff);
static bool has_columns_of_copy(const TableSnapshot *snapshot, TableDiff *diff);
static void compare_columns(TableDiff *diff);
static void append_difference(TupleTableSlot *slot, void *list);
static void count_differences(TableDiff *diff);
static void store_differences(TupleTableSlot *slot, void *arg);
static void compare_sequences(TableDiff *diff);
static void count_referring_rows(TableDiff *diff);
static void *make_referrer(TupleTableSlot *slot);
static void count_missing_parents(const TableSnapshot *snapshot, TableDiff *diff);
static void *make_referenced_table(TupleTableSlot *slot);
static bool is_in_snapshot(const TableSnapshot *snapshot, Oid relid);
static void block(TableDiff *diff, char *reason);


TableDiff *
snapshot_diff(const TableSnapshot *snapshot, SnapshotTable *table)
{
	TableDiff  *diff = palloc0(sizeof(TableDiff));

	diff->table = table;
	diff->referrers = snapshot_referrers(snapshot, table);
	diff->rows_now = query_int8(psprintf("SELECT count(*) FROM %s", table->table.name), NULL);
	diff->sequences = snapshot_sequence_states(table->table.oid);
	if (has_own_keys(diff) && check_copy(snapshot, diff))
	{
		compare_columns(diff);
		if (diff->shape == NULL && has_columns_of_copy(snapshot, diff))
		{
			count_differences(diff);
			count_referring_rows(diff);
			count_missing_parents(snapshot, diff);
		}
	}
	compare_sequences(diff);
	return diff;
}

bool
snapshot_diff_is_leaf(const TableDiff *diff)
{
	return diff->referrers == NIL;
}

/* True if each row of the table has a key of its own, by which it is matched. */
static bool
has_own_keys(TableDiff *diff)
{
	const KeyedTable *table = &diff->table->table;
	int64		repeats = keyed_table_repeats(table);

	if (repeats > 0)
		block(diff, keyed_table_repeats_text(table, repeats));
	return repeats == 0;
}

/* True if the copy exists and has the rows with which it was made. */
static bool
check_copy(const TableSnapshot *snapshot, TableDiff *diff)
{
	SnapshotTable *table = diff->table;
	Oid			namespace = get_namespace_oid(snapshot->schema, true);
	Oid			copy = OidIsValid(namespace) ? get_relname_relid(table->name, namespace) : InvalidOid;
	TableChecksum content;

	if (!OidIsValid(copy))
	{
		block(diff, psprintf("the copy %s is missing", table->copy));
		return false;
	}
	content = table_checksum(copy);
	if (!table_checksum_equal(&content, &table->content))
	{
		block(diff, content.rows == table->content.rows ?
			  psprintf("the copy %s was changed: its rows have other values", table->copy) :
			  psprintf("the copy %s was changed: it has %s instead of %s", table->copy,
					   format_things(content.rows, "row"), format_count(table->content.rows)));
		return false;
	}
	return true;
}

/* True if no value is of another type in the copy. */
static bool
has_columns_of_copy(const TableSnapshot *snapshot, TableDiff *diff)
{
	Oid			copy = get_relname_relid(diff->table->name, get_namespace_oid(snapshot->schema, false));

	if (snapshot_copy_has_columns_of(copy, diff->table->table.oid))
		return true;
	block(diff, psprintf("the copy %s was changed: its columns have other types", diff->table->copy));
	return false;
}

static void
compare_columns(TableDiff *diff)
{
	QueryArgs	args = {0};
	StringInfoData shape;

	query_arg_json(&args, diff->table->columns);
	query_arg_json(&args, snapshot_column_shapes(diff->table->table.oid));
	if (query_bool("SELECT $1 = $2", &args))
		return;
	initStringInfo(&shape);
	query_each(psprintf("SELECT column_name, difference FROM %smenuca_column_differences($1, $2)", migrate_schema()),
			   &args, append_difference, &shape);
	diff->shape = shape.len > 0 ? shape.data : "they are in another order";
	block(diff, psprintf("the columns of table %s have changed: %s",
						 diff->table->table.display_name, diff->shape));
}

static void
append_difference(TupleTableSlot *slot, void *list)
{
	format_append(list, ", ", "column %s %s", quote_identifier(slot_text_of(slot, "column_name")),
				  slot_text_of(slot, "difference"));
}

static void
count_differences(TableDiff *diff)
{
	const KeyedTable *table = &diff->table->table;
	Progress	progress;

	progress = progress_begin(table->oid, false);
	query_each(psprintf("SELECT count(*) FILTER (WHERE c.%s IS NULL),"
						" count(*) FILTER (WHERE t.%s IS NULL),"
						" count(*) FILTER (WHERE t.%s = c.%s AND (t.*) *<> (c.*))"
						" FROM %s t FULL JOIN %s c ON t.%s = c.%s",
						table->id, table->id, table->id, table->id,
						table->name, diff->table->copy, table->id, table->id),
			   NULL, store_differences, diff);
	progress_end(&progress);
	diff->compared = true;
}

static void
store_differences(TupleTableSlot *slot, void *arg)
{
	TableDiff  *diff = arg;

	diff->to_delete = slot_int8(slot, 0);
	diff->to_insert = slot_int8(slot, 1);
	diff->to_update = slot_int8(slot, 2);
}

/* A sequence that the table no longer uses cannot be set. */
static void
compare_sequences(TableDiff *diff)
{
	QueryArgs	args = {0};
	char	   *missing;

	query_arg_json(&args, diff->table->sequences);
	query_arg_json(&args, diff->sequences);
	missing = query_text("SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys($1) k WHERE NOT $2 ? k",
						 &args);
	if (missing)
		block(diff, psprintf("table %s no longer uses sequence %s",
							 diff->table->table.display_name, missing));
}

/* Counts rows of other tables that a DELETE would change or that forbid it. */
static void
count_referring_rows(TableDiff *diff)
{
	const KeyedTable *table = &diff->table->table;
	ListCell   *lc;

	foreach(lc, diff->referrers)
	{
		const Referrer *referrer = lfirst(lc);
		uint64		count;

		if (referrer->in_snapshot || diff->to_delete == 0)
			continue;
		relation_require(referrer->relid, ACL_SELECT);
		count = query_int8(psprintf("SELECT count(*) FROM %s d JOIN %s t ON %s"
									" WHERE NOT EXISTS (SELECT FROM %s c WHERE c.%s = t.%s)",
									referrer->table, table->name, referrer->join,
									diff->table->copy, table->id, table->id), NULL);
		if (count == 0)
			continue;
		diff->dependants += count;
		diff->blocked |= referrer->blocks;
		diff->reasons = lappend(diff->reasons,
								psprintf("%s of table %s depend%s on rows of %s that would be deleted (ON DELETE %s)",
										 format_things(count, "row"), referrer->table,
										 count == 1 ? "s" : "", table->display_name,
										 referrer->action));
	}
}

List *
snapshot_referrers(const TableSnapshot *snapshot, const SnapshotTable *table)
{
	List	   *referrers;
	QueryArgs	args = {0};
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(table->table.oid), false);
	referrers = query_list(psprintf("SELECT child_oid, child_name, on_delete, blocks_delete, child_columns, parent_columns"
									" FROM %smenuca_foreign_key WHERE parent_oid = $1 AND child_oid <> $1"
									" ORDER BY child_name, constraint_name", migrate_schema()),
						   &args, make_referrer);
	foreach(lc, referrers)
	{
		Referrer   *referrer = lfirst(lc);

		referrer->in_snapshot = is_in_snapshot(snapshot, referrer->relid);
	}
	return referrers;
}

static void *
make_referrer(TupleTableSlot *slot)
{
	Referrer   *referrer = palloc0(sizeof(Referrer));

	referrer->relid = slot_oid(slot, slot_attribute(slot, "child_oid"));
	referrer->table = slot_text_of(slot, "child_name");
	referrer->action = slot_text_of(slot, "on_delete");
	referrer->blocks = slot_bool_of(slot, "blocks_delete");
	referrer->join = foreign_key_condition(slot, "d", "t");
	return referrer;
}

/* Counts the copy's rows whose parents, in other tables, no longer exist. */
static void
count_missing_parents(const TableSnapshot *snapshot, TableDiff *diff)
{
	List	   *parents;
	QueryArgs	args = {0};
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(diff->table->table.oid), false);
	parents = query_list(psprintf("SELECT parent_oid, parent_name, child_columns, parent_columns"
								  " FROM %smenuca_foreign_key WHERE child_oid = $1"
								  " ORDER BY parent_name, constraint_name", migrate_schema()),
						 &args, make_referenced_table);

	foreach(lc, parents)
	{
		const Parent *parent = lfirst(lc);
		uint64		count;

		if (is_in_snapshot(snapshot, parent->relid))
			continue;
		relation_require(parent->relid, ACL_SELECT);
		count = query_int8(psprintf("SELECT count(*) FROM %s c WHERE %s"
									" AND NOT EXISTS (SELECT FROM %s p WHERE %s)",
									diff->table->copy, parent->has_key, parent->table, parent->join), NULL);
		if (count > 0)
			block(diff, psprintf("%s of the copy of %s refer%s to rows of table %s that no longer exist",
								 format_things(count, "row"), diff->table->table.display_name,
								 count == 1 ? "s" : "", parent->table));
	}
}

static void *
make_referenced_table(TupleTableSlot *slot)
{
	Parent	   *parent = palloc(sizeof(Parent));
	StringInfoData has_key;
	ListCell   *lc;

	initStringInfo(&has_key);
	foreach(lc, slot_text_list(slot, slot_attribute(slot, "child_columns")))
		format_append(&has_key, " AND ", "c.%s IS NOT NULL", (char *) lfirst(lc));
	parent->relid = slot_oid(slot, slot_attribute(slot, "parent_oid"));
	parent->table = slot_text_of(slot, "parent_name");
	parent->join = foreign_key_condition(slot, "c", "p");
	parent->has_key = has_key.data;
	return parent;
}

static bool
is_in_snapshot(const TableSnapshot *snapshot, Oid relid)
{
	ListCell   *lc;

	foreach(lc, snapshot->tables)
	{
		if (((SnapshotTable *) lfirst(lc))->table.oid == relid)
			return true;
	}
	return false;
}

static void
block(TableDiff *diff, char *reason)
{
	diff->blocked = true;
	diff->reasons = lappend(diff->reasons, reason);
}
