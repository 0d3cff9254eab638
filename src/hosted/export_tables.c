/*-------------------------------------------------------------------------
 *
 * export_tables.c
 *	  The tables that an export has to do with: see export_tables.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "hosted/export_runs.h"
#include "hosted/export_tables.h"
#include "ledger/run_ledger.h"

/* State of take_identity_column(). */
typedef struct IdentityState
{
	ExportTable *table;
	MemoryContext context;
} IdentityState;

static void find_identity_columns(ExportTable *table);
static void take_identity_column(TupleTableSlot *slot, void *arg);
static void find_row_columns(ExportTable *table);
static char *row_text(const List *columns);
static void read_other_rows(const ExportTables *tables, ExportTable *table);
static void add_other_row(const KeyedRow *row, void *arg);
static int	compare_export_keys(const void *a, const void *b);


ExportTable *
export_tables_get(ExportTables *tables, const char *schema, const char *name)
{
	ExportTable *table;
	ListCell   *lc;

	foreach(lc, tables->tables)
	{
		table = lfirst(lc);
		if (strcmp(table->schema, schema) == 0 && strcmp(table->name, name) == 0)
			return table;
	}
	table = palloc0(sizeof(ExportTable));
	keyed_table_open(&table->table, schema, name, ACL_SELECT);
	table->number = list_length(tables->tables) + 1;
	table->schema = pstrdup(schema);
	table->name = pstrdup(name);
	table->key = get_attname(table->table.oid, table->table.id_attnum, false);
	find_identity_columns(table);
	read_other_rows(tables, table);
	tables->tables = lappend(tables->tables, table);
	return table;
}

ExportTable *
export_tables_get_written(ExportTables *tables, const char *schema, const char *name)
{
	ExportTable *table = export_tables_get(tables, schema, name);

	if (table->is_written)
		return table;
	table->is_written = true;
	find_row_columns(table);
	if (junction_has_part(name, JUNCTION_ITEMS))
	{
		table->target = target_open(schema, name, ACL_SELECT);
		export_tables_get(tables, schema, table->target->junction->group_table)->is_counted = true;
		(void) export_tables_get(tables, schema, table->target->junction->dish_table);
	}
	return table;
}

int64
export_tables_ordinal(const ExportTable *table, int64 key)
{
	ExportKey	wanted = {.key = key};
	const ExportKey *found = table->nkeys == 0 ? NULL :
		bsearch(&wanted, table->keys, table->nkeys, sizeof(ExportKey), compare_export_keys);

	return found ? found->ordinal : 0;
}

void
export_tables_add_rows(ExportTable *table, const int64 *keys, int n)
{
	Size		size = sizeof(ExportKey) * (table->nkeys + n);

	table->keys = table->keys ? repalloc_huge(table->keys, size) : MemoryContextAllocHuge(CurrentMemoryContext, size);
	for (int i = 0; i < n; i++)
	{
		table->keys[table->nkeys].key = keys[i];
		table->keys[table->nkeys].ordinal = table->nkeys + 1;
		table->nkeys++;
	}
	qsort(table->keys, table->nkeys, sizeof(ExportKey), compare_export_keys);
}

char *
export_tables_list(const List *names)
{
	StringInfoData list;
	ListCell   *lc;

	initStringInfo(&list);
	foreach(lc, names)
		format_append(&list, ", ", "%s", (char *) lfirst(lc));
	return list.data;
}

/* By which a row is recognized in the other database. */
static void
find_identity_columns(ExportTable *table)
{
	IdentityState state = {table, CurrentMemoryContext};
	QueryArgs	args = {0};

	table->columns = list_make1(table->table.id);
	table->bare_columns = list_make1(table->key);
	query_arg(&args, OIDOID, ObjectIdGetDatum(table->table.oid), false);
	query_arg(&args, BOOLOID, BoolGetDatum(junction_has_part(table->name, JUNCTION_ITEMS) ||
										   junction_has_part(table->name, JUNCTION_STEPS)), false);
	query_each(psprintf("SELECT column_name, bare_name FROM %smenuca_export_column"
						" WHERE table_oid = $1 AND NOT is_in_primary_key AND is_integer"
						" AND (bare_name IN ('restaurant_id', 'legacy_v1_id', 'legacy_v2_id', 'combo_group_id', 'dish_id', 'combo_item_id', 'step_number')"
						" OR parent_table = 'restaurants' OR $2 AND parent_oid IS NOT NULL) ORDER BY column_no", migrate_schema()),
			   &args, take_identity_column, &state);

	table->line = row_text(table->columns);
}

static void
take_identity_column(TupleTableSlot *slot, void *arg)
{
	IdentityState *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);

	state->table->columns = lappend(state->table->columns, slot_text(slot, 0));
	state->table->bare_columns = lappend(state->table->bare_columns, slot_text(slot, 1));
	MemoryContextSwitchTo(old);
}

/* By which it is seen that a row was changed, whatever columns the table gets later. */
static void
find_row_columns(ExportTable *table)
{
	QueryArgs	args = {0};
	List	   *quoted = NIL;
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(table->table.oid), false);
	table->row_columns = query_texts("SELECT attname::pg_catalog.text FROM pg_catalog.pg_attribute"
									 " WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum", &args);
	foreach(lc, table->row_columns)
		quoted = lappend(quoted, unconstify(char *, quote_identifier(lfirst(lc))));
	table->row = row_text(quoted);
}

/* An expression for these columns of a row t, as text. */
static char *
row_text(const List *columns)
{
	StringInfoData list;
	ListCell   *lc;

	initStringInfo(&list);
	foreach(lc, columns)
		format_append(&list, ", ", "t.%s", (char *) lfirst(lc));
	return psprintf("(ROW(%s))::pg_catalog.text", list.data);
}

/* What runs that are not exported have inserted; the other database does not have it. */
static void
read_other_rows(const ExportTables *tables, ExportTable *table)
{
	ListCell   *lc;

	/* So that the rows' callback need not know the context */
	export_ids_add(&table->others, 0);
	table->others.n = 0;
	foreach(lc, export_runs_besides(tables->runs, table->schema, table->name))
		run_each_row(lfirst(lc), RUN_INSERTED, add_other_row, &table->others);
	export_ids_sort(&table->others);
}

static void
add_other_row(const KeyedRow *row, void *arg)
{
	export_ids_add(arg, row->key);
}

static int
compare_export_keys(const void *a, const void *b)
{
	int64		x = ((const ExportKey *) a)->key;
	int64		y = ((const ExportKey *) b)->key;

	return (x > y) - (x < y);
}
