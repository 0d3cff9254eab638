/*-------------------------------------------------------------------------
 *
 * snapshot_rows.c
 *	  Writing the rows that differ from a copy: see snapshot_rows.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "backup/snapshot_rows.h"
#include "base/format.h"
#include "base/guc_scope.h"
#include "base/hooked_table.h"
#include "base/progress.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"

/* Keys that a statement is given at once. */
#define KEYS_PER_STATEMENT 10000

/* Lists of a table's columns for the statements that write to it. */
typedef struct WrittenColumns
{
	StringInfoData names;		/* a, b */
	StringInfoData values;		/* c.a, c.b */
	StringInfoData assignments; /* a = c.a, b = c.b; without the key */
	StringInfoData literals;	/* a query's expression of the same as text */
} WrittenColumns;

/* Keys that a query found, in a memory context that outlives its rows. */
typedef struct Keys
{
	MemoryContext context;
	int64	   *keys;
	size_t		n;
	size_t		allocated;
} Keys;

static void write_rows(const KeyedTable *table, const char *sql);
static bool can_return_rows(Oid relid);
static void count_row(TupleTableSlot *slot, void *arg);
static WrittenColumns written_columns(const KeyedTable *table);
static void append_written_column(TupleTableSlot *slot, void *arg);
static void write_by_keys(const char *query, const char *sql);
static void add_key(TupleTableSlot *slot, void *arg);
static void update_one_by_one(const TableDiff *diff, const char *assignments);
static void *make_text(TupleTableSlot *slot);


void
snapshot_rows_delete(const TableDiff *diff, bool referenced)
{
	const KeyedTable *table = &diff->table->table;
	bool		leaf = snapshot_diff_is_leaf(diff);
	StringInfoData where;
	ListCell   *lc;

	if (diff->to_delete == 0 && (!leaf || diff->to_update == 0))
		return;
	initStringInfo(&where);
	appendStringInfo(&where, "%s t WHERE NOT EXISTS"
					 " (SELECT FROM %s c WHERE c.%s OPERATOR(pg_catalog.=) t.%s%s)",
					 table->name, diff->table->copy, table->id, table->id,
					 leaf ? " AND (c.*) OPERATOR(pg_catalog.*=) (t.*)" : "");
	foreach(lc, diff->referrers)
	{
		const Referrer *referrer = lfirst(lc);

		if (referrer->in_snapshot && !referenced)
			appendStringInfo(&where, " AND NOT EXISTS (SELECT FROM %s d WHERE %s)",
							 referrer->table, referrer->join);
	}
	if (hooked_table(table->oid))
		write_by_keys(psprintf("SELECT t.%s::int8 FROM %s", table->id, where.data),
					  psprintf("DELETE FROM %s t WHERE t.%s OPERATOR(pg_catalog.=) ANY ($1)",
							   table->name, table->id));
	else
		write_rows(table, psprintf("DELETE FROM %s", where.data));
}

void
snapshot_rows_restore(const TableDiff *diff)
{
	const KeyedTable *table = &diff->table->table;
	bool		hooked;
	WrittenColumns columns;
	char	   *missing;

	if (diff->to_update == 0 && diff->to_insert == 0)
		return;
	hooked = hooked_table(table->oid);
	columns = written_columns(table);
	if (columns.assignments.len > 0 && hooked)
		update_one_by_one(diff, columns.literals.data);
	else if (columns.assignments.len > 0)
		write_rows(table, psprintf("UPDATE %s t SET %s FROM %s c"
								   " WHERE c.%s OPERATOR(pg_catalog.=) t.%s"
								   " AND (t.*) OPERATOR(pg_catalog.*<>) (c.*)",
								   table->name, columns.assignments.data, diff->table->copy,
								   table->id, table->id));

	missing = psprintf("NOT EXISTS (SELECT FROM %s t WHERE t.%s OPERATOR(pg_catalog.=) c.%s)",
					   table->name, table->id, table->id);
	if (hooked)
		write_by_keys(psprintf("SELECT c.%s::int8 FROM %s c WHERE %s", table->id, diff->table->copy, missing),
					  psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s c"
							   " WHERE c.%s OPERATOR(pg_catalog.=) ANY ($1)",
							   table->name, columns.names.data, columns.values.data, diff->table->copy,
							   table->id));
	else
		write_rows(table, psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s c WHERE %s",
								   table->name, columns.names.data, columns.values.data, diff->table->copy,
								   missing));
}

/* Executes a statement that writes to a table, and shows the rows as they are written. */
static void
write_rows(const KeyedTable *table, const char *sql)
{
	Progress	progress = progress_begin(table->oid, true);
	bool		counted = can_return_rows(table->oid);

	query_write(counted ? psprintf("%s RETURNING 1", sql) : sql, NULL, counted ? count_row : NULL, &progress);
	progress_end(&progress);
}

/* A rule may have no RETURNING, and other servers would send a row for each. */
static bool
can_return_rows(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	bool		has_rules;

	if (!HeapTupleIsValid(tuple))
		return false;
	has_rules = ((Form_pg_class) GETSTRUCT(tuple))->relhasrules;
	ReleaseSysCache(tuple);
	return !has_rules && !relation_has_foreign_rows(relid);
}

static void
count_row(pg_attribute_unused() TupleTableSlot *slot, void *arg)
{
	progress_add_row(arg);
}

/* All columns but generated ones, whose values follow from the others. */
static WrittenColumns
written_columns(const KeyedTable *table)
{
	WrittenColumns columns;
	QueryArgs	args = {0};

	initStringInfo(&columns.names);
	initStringInfo(&columns.values);
	initStringInfo(&columns.assignments);
	initStringInfo(&columns.literals);
	query_arg(&args, OIDOID, ObjectIdGetDatum(table->oid), false);
	query_arg(&args, INT2OID, Int16GetDatum(table->id_attnum), false);
	query_each("SELECT attname, attnum <> $2 AND attidentity <> 'a' AS is_assignable FROM pg_attribute"
			   " WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
			   &args, append_written_column, &columns);
	return columns;
}

static void
append_written_column(TupleTableSlot *slot, void *arg)
{
	WrittenColumns *columns = arg;
	const char *name = quote_identifier(slot_text_of(slot, "attname"));

	format_append(&columns->names, ", ", "%s", name);
	format_append(&columns->values, ", ", "c.%s", name);
	if (slot_bool_of(slot, "is_assignable"))
	{
		format_append(&columns->assignments, ", ", "%s = c.%s", name, name);
		format_append(&columns->literals, " || ', ' || ", "%s || format('%%L', c.%s)",
					  quote_literal_cstr(psprintf("%s = ", name)), name);
	}
}

/* Executes a statement for the keys that a query finds, $1, some thousands at a time. */
static void
write_by_keys(const char *query, const char *sql)
{
	Keys		keys = {CurrentMemoryContext, NULL, 0, 0};

	query_begin_snapshot();
	query_each(query, NULL, add_key, &keys);
	query_end_snapshot();
	for (size_t i = 0; i < keys.n; i += KEYS_PER_STATEMENT)
	{
		QueryArgs	args = {0};

		query_arg(&args, INT8ARRAYOID,
				  query_int8_array(keys.keys + i, NULL, (int) Min(KEYS_PER_STATEMENT, keys.n - i)), false);
		query_write(sql, &args, NULL, NULL);
	}
}

static void
add_key(TupleTableSlot *slot, void *arg)
{
	Keys	   *keys = arg;

	if (keys->n == keys->allocated)
	{
		keys->allocated = Max(1024, keys->allocated * 2);
		keys->keys = keys->keys ? repalloc_huge(keys->keys, sizeof(int64) * keys->allocated) :
			MemoryContextAllocHuge(keys->context, sizeof(int64) * keys->allocated);
	}
	keys->keys[keys->n++] = slot_int8(slot, 0);
}

/* By literals, which a statement may have more of than parameters. */
static void
update_one_by_one(const TableDiff *diff, const char *literals)
{
	const KeyedTable *table = &diff->table->table;
	int			level = guc_scope_begin();
	List	   *statements;
	ListCell   *lc;

	guc_scope_set("DateStyle", "ISO, YMD");
	guc_scope_set("IntervalStyle", "postgres");
	guc_scope_set("extra_float_digits", "1");
	query_begin_snapshot();
	statements = query_list(psprintf("SELECT %s || ' WHERE t.%s OPERATOR(pg_catalog.=) ' || c.%s"
									 " FROM %s t JOIN %s c ON c.%s = t.%s WHERE (t.*) *<> (c.*)",
									 literals, table->id, table->id, table->name, diff->table->copy,
									 table->id, table->id),
							NULL, make_text);
	query_end_snapshot();
	foreach(lc, statements)
		query_write(psprintf("UPDATE %s t SET %s", table->name, (char *) lfirst(lc)), NULL, NULL, NULL);
	guc_scope_end(level);
}

static void *
make_text(TupleTableSlot *slot)
{
	return slot_text(slot, 0);
}
