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

#include "backup/snapshot_diff.h"
#include "base/format.h"
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

static bool check_copy(const TableSnapshot *snapshot, TableDiff *diff);
static void compare_columns(TableDiff *diff);
static void count_differences(TableDiff *diff);
static void store_differences(TupleTableSlot *slot, void *arg);
static void compare_sequences(TableDiff *diff);
static void count_referring_rows(TableDiff *diff);
static void *make_referrer(TupleTableSlot *slot);
static void count_missing_parents(const TableSnapshot *snapshot, TableDiff *diff);
static void *make_parent(TupleTableSlot *slot);
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
	if (check_copy(snapshot, diff))
	{
		compare_columns(diff);
		if (diff->shape == NULL)
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
		block(diff, psprintf("the copy %s is gone", table->copy));
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

static void
compare_columns(TableDiff *diff)
{
	QueryArgs	args = {0};

	query_arg_json(&args, diff->table->columns);
	query_arg_json(&args, snapshot_column_shapes(diff->table->table.oid));
	if (query_bool("SELECT $1 = $2", &args))
		return;
	diff->shape = query_text("SELECT string_agg("
							 "  CASE WHEN n.e IS NULL THEN format('column %I is missing', o.e ->> 'name')"
							 "   WHEN o.e IS NULL THEN format('column %I is new', n.e ->> 'name')"
							 "   WHEN o.e ->> 'type' <> n.e ->> 'type'"
							 "   THEN format('column %I had type %s and has type %s', n.e ->> 'name', o.e ->> 'type', n.e ->> 'type')"
							 "   ELSE format('column %I was %s', n.e ->> 'name',"
							 "    CASE WHEN (o.e ->> 'generated')::bool THEN 'generated' ELSE 'not generated' END) END,"
							 "  ', ' ORDER BY coalesce(n.e ->> 'name', o.e ->> 'name'))"
							 " FROM jsonb_array_elements($1) o(e) FULL JOIN jsonb_array_elements($2) n(e)"
							 "  ON o.e ->> 'name' = n.e ->> 'name'"
							 " WHERE o.e IS DISTINCT FROM n.e", &args);
	if (diff->shape == NULL)
		diff->shape = "they are in another order";
	block(diff, psprintf("the columns of table %s have changed: %s",
						 diff->table->table.display_name, diff->shape));
}

static void
count_differences(TableDiff *diff)
{
	const KeyedTable *table = &diff->table->table;

	query_each(psprintf("SELECT count(*) FILTER (WHERE c.%s IS NULL),"
						" count(*) FILTER (WHERE t.%s IS NULL),"
						" count(*) FILTER (WHERE t.%s = c.%s AND (t.*) *<> (c.*))"
						" FROM %s t FULL JOIN %s c ON t.%s = c.%s",
						table->id, table->id, table->id, table->id,
						table->name, diff->table->copy, table->id, table->id),
			   NULL, store_differences, diff);
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
	char	   *gone;

	query_arg_json(&args, diff->table->sequences);
	query_arg_json(&args, diff->sequences);
	gone = query_text("SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys($1) k WHERE NOT $2 ? k",
					  &args);
	if (gone)
		block(diff, psprintf("table %s no longer uses sequence %s",
							 diff->table->table.display_name, gone));
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
	referrers = query_list("SELECT c.conrelid, c.conrelid::regclass::text,"
						   " CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'"
						   "  WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END,"
						   " c.confdeltype IN ('a', 'r'),"
						   " (SELECT string_agg(format('d.%I OPERATOR(pg_catalog.=) t.%I', a.attname, f.attname), ' AND ' ORDER BY k.n)"
						   "  FROM unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(con, conf, n)"
						   "  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.con"
						   "  JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = k.conf)"
						   " FROM pg_constraint c"
						   " WHERE c.contype = 'f' AND c.confrelid = $1 AND c.conparentid = 0 AND c.conrelid <> $1"
						   " ORDER BY 2, c.conname",
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

	referrer->relid = DatumGetObjectId(slot->tts_values[0]);
	referrer->table = slot_text(slot, 1);
	referrer->action = slot_text(slot, 2);
	referrer->blocks = DatumGetBool(slot->tts_values[3]);
	referrer->join = slot_text(slot, 4);
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
	parents = query_list("SELECT c.confrelid, c.confrelid::regclass::text,"
						 " string_agg(format('p.%I = c.%I', f.attname, a.attname), ' AND ' ORDER BY k.n),"
						 " string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ' ORDER BY k.n)"
						 " FROM pg_constraint c, unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(con, conf, n),"
						 " pg_attribute a, pg_attribute f"
						 " WHERE c.contype = 'f' AND c.conrelid = $1 AND c.conparentid = 0"
						 " AND a.attrelid = c.conrelid AND a.attnum = k.con"
						 " AND f.attrelid = c.confrelid AND f.attnum = k.conf"
						 " GROUP BY c.oid, c.confrelid, c.conname ORDER BY 2, c.conname",
						 &args, make_parent);

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
make_parent(TupleTableSlot *slot)
{
	Parent	   *parent = palloc(sizeof(Parent));

	parent->relid = DatumGetObjectId(slot->tts_values[0]);
	parent->table = slot_text(slot, 1);
	parent->join = slot_text(slot, 2);
	parent->has_key = slot_text(slot, 3);
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
