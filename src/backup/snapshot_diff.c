/*-------------------------------------------------------------------------
 *
 * snapshot_diff.c
 *	  What differs between a snapshot's tables and their copies: see
 *	  snapshot_diff.h.
 *
 * Rows are found by the primary key and compared as stored, value by value,
 * which needs no operator of their types and tells 1.0 from 1.00.
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

/* State of snapshot_referrers(): where the list belongs. */
typedef struct ReferrerState
{
	MemoryContext context;
	const TableSnapshot *snapshot;
	List	   *list;
} ReferrerState;

/* A table that a foreign key refers to. */
typedef struct Parent
{
	Oid			relid;
	char	   *table;
	char	   *join;			/* condition between p (its row) and c (the
								 * copy's) */
	char	   *given;			/* condition: the key is not NULL */
} Parent;

/* State of count_lost_parents(): where the list belongs. */
typedef struct ParentState
{
	MemoryContext context;
	List	   *list;
} ParentState;

static bool find_copy(const TableSnapshot *snapshot, TableDiff *diff);
static void compare_shapes(TableDiff *diff);
static void compare_rows(TableDiff *diff);
static void fetch_counts(TupleTableSlot *slot, void *arg);
static void compare_sequences(TableDiff *diff);
static void count_dependants(TableDiff *diff);
static void count_lost_parents(const TableSnapshot *snapshot, TableDiff *diff);
static void add_referrer(TupleTableSlot *slot, void *arg);
static void add_parent(TupleTableSlot *slot, void *arg);
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
	if (find_copy(snapshot, diff))
	{
		compare_shapes(diff);
		if (diff->shape == NULL)
		{
			compare_rows(diff);
			count_dependants(diff);
			count_lost_parents(snapshot, diff);
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

/* The copy must be there, and what it was when it was made. */
static bool
find_copy(const TableSnapshot *snapshot, TableDiff *diff)
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
			  psprintf("the copy %s is not what it was: its rows have other values", table->copy) :
			  psprintf("the copy %s is not what it was: %s instead of %s", table->copy,
					   format_things(content.rows, "row"), format_count(table->content.rows)));
		return false;
	}
	return true;
}

static void
compare_shapes(TableDiff *diff)
{
	QueryArgs	args = {0};

	query_arg_json(&args, diff->table->columns);
	query_arg_json(&args, snapshot_column_shapes(diff->table->table.oid));
	if (query_bool("SELECT $1 = $2", &args))
		return;
	diff->shape = query_text("SELECT string_agg("
							 "  CASE WHEN n.e IS NULL THEN format('column %I is gone', o.e ->> 'name')"
							 "   WHEN o.e IS NULL THEN format('column %I is new', n.e ->> 'name')"
							 "   WHEN o.e ->> 'type' <> n.e ->> 'type'"
							 "   THEN format('column %I was %s and is %s', n.e ->> 'name', o.e ->> 'type', n.e ->> 'type')"
							 "   ELSE format('column %I was %s', n.e ->> 'name',"
							 "    CASE WHEN (o.e ->> 'generated')::bool THEN 'generated' ELSE 'not generated' END) END,"
							 "  ', ' ORDER BY coalesce(n.e ->> 'name', o.e ->> 'name'))"
							 " FROM jsonb_array_elements($1) o(e) FULL JOIN jsonb_array_elements($2) n(e)"
							 "  ON o.e ->> 'name' = n.e ->> 'name'"
							 " WHERE o.e IS DISTINCT FROM n.e", &args);
	if (diff->shape == NULL)
		diff->shape = "its columns stand in another order";
	block(diff, psprintf("table %s is not what it was: %s",
						 diff->table->table.display_name, diff->shape));
}

static void
compare_rows(TableDiff *diff)
{
	const KeyedTable *table = &diff->table->table;

	query_each(psprintf("SELECT count(*) FILTER (WHERE c.%s IS NULL),"
						" count(*) FILTER (WHERE t.%s IS NULL),"
						" count(*) FILTER (WHERE t.%s = c.%s AND (t.*) *<> (c.*))"
						" FROM %s t FULL JOIN %s c ON t.%s = c.%s",
						table->id, table->id, table->id, table->id,
						table->name, diff->table->copy, table->id, table->id),
			   NULL, fetch_counts, diff);
	diff->compared = true;
}

static void
fetch_counts(TupleTableSlot *slot, void *arg)
{
	TableDiff  *diff = arg;

	diff->to_delete = slot_int8(slot, 0);
	diff->to_insert = slot_int8(slot, 1);
	diff->to_update = slot_int8(slot, 2);
}

/* A sequence that is not there any more cannot be set. */
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
		block(diff, psprintf("table %s is not numbered by %s any more",
							 diff->table->table.display_name, gone));
}

/* Rows of other tables that would go along, or keep a row from going. */
static void
count_dependants(TableDiff *diff)
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
								psprintf("%s of table %s depend%s on rows of %s that would go (ON DELETE %s)",
										 format_things(count, "row"), referrer->table,
										 count == 1 ? "s" : "", table->display_name,
										 referrer->action));
	}
}

List *
snapshot_referrers(const TableSnapshot *snapshot, const SnapshotTable *table)
{
	ReferrerState state = {CurrentMemoryContext, snapshot, NIL};
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(table->table.oid), false);
	query_each("SELECT c.conrelid, c.conrelid::regclass::text,"
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
			   &args, add_referrer, &state);
	return state.list;
}

static void
add_referrer(TupleTableSlot *slot, void *arg)
{
	ReferrerState *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);
	Referrer   *referrer = palloc0(sizeof(Referrer));

	referrer->relid = DatumGetObjectId(slot->tts_values[0]);
	referrer->table = TextDatumGetCString(slot->tts_values[1]);
	referrer->action = TextDatumGetCString(slot->tts_values[2]);
	referrer->blocks = DatumGetBool(slot->tts_values[3]);
	referrer->join = TextDatumGetCString(slot->tts_values[4]);
	referrer->in_snapshot = is_in_snapshot(state->snapshot, referrer->relid);
	state->list = lappend(state->list, referrer);
	MemoryContextSwitchTo(old);
}

/* Rows to be put back may refer to rows that nobody keeps. */
static void
count_lost_parents(const TableSnapshot *snapshot, TableDiff *diff)
{
	ParentState state = {CurrentMemoryContext, NIL};
	QueryArgs	args = {0};
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(diff->table->table.oid), false);
	query_each("SELECT c.confrelid, c.confrelid::regclass::text,"
			   " string_agg(format('p.%I = c.%I', f.attname, a.attname), ' AND ' ORDER BY k.n),"
			   " string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ' ORDER BY k.n)"
			   " FROM pg_constraint c, unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(con, conf, n),"
			   " pg_attribute a, pg_attribute f"
			   " WHERE c.contype = 'f' AND c.conrelid = $1 AND c.conparentid = 0"
			   " AND a.attrelid = c.conrelid AND a.attnum = k.con"
			   " AND f.attrelid = c.confrelid AND f.attnum = k.conf"
			   " GROUP BY c.oid, c.confrelid, c.conname ORDER BY 2, c.conname",
			   &args, add_parent, &state);

	foreach(lc, state.list)
	{
		const Parent *parent = lfirst(lc);
		uint64		count;

		if (is_in_snapshot(snapshot, parent->relid))
			continue;
		relation_require(parent->relid, ACL_SELECT);
		count = query_int8(psprintf("SELECT count(*) FROM %s c WHERE %s"
									" AND NOT EXISTS (SELECT FROM %s p WHERE %s)",
									diff->table->copy, parent->given, parent->table, parent->join), NULL);
		if (count > 0)
			block(diff, psprintf("%s of %s refer%s to rows of table %s that are gone",
								 format_things(count, "row"), diff->table->table.display_name,
								 count == 1 ? "s" : "", parent->table));
	}
}

static void
add_parent(TupleTableSlot *slot, void *arg)
{
	ParentState *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);
	Parent	   *parent = palloc(sizeof(Parent));

	parent->relid = DatumGetObjectId(slot->tts_values[0]);
	parent->table = TextDatumGetCString(slot->tts_values[1]);
	parent->join = TextDatumGetCString(slot->tts_values[2]);
	parent->given = TextDatumGetCString(slot->tts_values[3]);
	state->list = lappend(state->list, parent);
	MemoryContextSwitchTo(old);
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
