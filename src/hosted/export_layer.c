/*-------------------------------------------------------------------------
 *
 * export_layer.c
 *	  The rows of a run, as an export has them: see export_layer.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "base/content_hash.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/scan.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "base/stored_expression.h"
#include "hosted/export_layer.h"

/* Rows that an error names. */
#define NAMED_ROWS 5

/* State of the functions that read the ledger and the table. */
typedef struct LayerState
{
	ExportLayer *layer;
	MemoryContext context;		/* of the layer */
	KeyedRow   *rows;			/* the ledger's, sorted by key */
	int			nrows;
	bool	   *seen;			/* for each of them */
	ContentHasher *hasher;
	ExportIds	changed;
} LayerState;

static void read_ledger_rows(LayerState *state);
static void add_ledger_key(const KeyedRow *row, void *arg);
static void find_layer_columns(ExportTables *tables, LayerState *state);
static void take_layer_column(TupleTableSlot *slot, void *arg);
static bool is_made_by_default(Relation rel, AttrNumber attnum);
static void find_layer_parents(ExportTables *tables, ExportLayer *layer);
static void read_table_rows(LayerState *state);
static void take_table_row(TupleTableSlot *slot, void *arg);
static void refuse_changed_rows(const LayerState *state);
static void resolve_references(ExportLayer *layer, ExportColumn *column);
static void find_constant(const ExportLayer *layer, ExportColumn *column);
static int	compare_keyed_rows(const void *a, const void *b);


ExportLayer *
export_layer_read(ExportTables *tables, const Run *run, int number)
{
	ExportLayer *layer = palloc0(sizeof(ExportLayer));
	LayerState	state = {.layer = layer,.context = CurrentMemoryContext};

	layer->number = number;
	layer->run = run;
	layer->table = export_tables_get_written(tables, run->target_schema, run->target);
	read_ledger_rows(&state);
	find_layer_columns(tables, &state);
	read_table_rows(&state);
	refuse_changed_rows(&state);
	for (int i = 0; i < layer->ncolumns; i++)
	{
		if (layer->columns[i].parent)
			resolve_references(layer, &layer->columns[i]);
		find_constant(layer, &layer->columns[i]);
	}
	export_tables_add_rows(layer->table, layer->keys, layer->nrows);
	return layer;
}

static void
read_ledger_rows(LayerState *state)
{
	ExportLayer *layer = state->layer;

	state->rows = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(KeyedRow) * layer->run->inserted);
	run_each_row(layer->run, RUN_INSERTED, add_ledger_key, state);
	qsort(state->rows, state->nrows, sizeof(KeyedRow), compare_keyed_rows);
	state->seen = MemoryContextAllocExtended(CurrentMemoryContext, state->nrows, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	layer->nrows = state->nrows;
	layer->keys = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * state->nrows);
	for (int i = 0; i < state->nrows; i++)
		layer->keys[i] = state->rows[i].key;
}

/* run_each_row() compares the count only afterwards. */
static void
add_ledger_key(const KeyedRow *row, void *arg)
{
	LayerState *state = arg;

	if ((uint64) state->nrows < state->layer->run->inserted)
		state->rows[state->nrows++] = *row;
}

/* State of take_layer_column(). */
typedef struct ColumnState
{
	LayerState *layer;
	Relation	rel;
	ExportTables *tables;
	const char *schema;
	List	   *parents;		/* names of the columns' parents, or "" */
} ColumnState;

static void
find_layer_columns(ExportTables *tables, LayerState *state)
{
	ExportLayer *layer = state->layer;
	ColumnState columns = {state, relation_open_locked(layer->table->table.oid), tables, layer->table->schema, NIL};
	QueryArgs	args = {0};
	ListCell   *lc;

	layer->columns = palloc0(sizeof(ExportColumn) * RelationGetNumberOfAttributes(columns.rel));
	query_arg(&args, OIDOID, ObjectIdGetDatum(layer->table->table.oid), false);
	query_arg_text(&args, layer->table->schema);
	query_each(psprintf("SELECT column_no, column_name, bare_name, type_name, is_integer,"
						" CASE WHEN is_integer AND parent_schema = $2 THEN parent_table END"
						" FROM %smenuca_export_column WHERE table_oid = $1 AND NOT is_in_primary_key AND NOT is_identity"
						" ORDER BY column_no", migrate_schema()), &args, take_layer_column, &columns);
	table_close(columns.rel, NoLock);
	foreach(lc, columns.parents)
	{
		const char *parent = lfirst(lc);

		if (*parent)
			layer->columns[foreach_current_index(lc)].parent = export_tables_get(tables, layer->table->schema, parent);
	}
	find_layer_parents(tables, layer);
}

static void
take_layer_column(TupleTableSlot *slot, void *arg)
{
	ColumnState *state = arg;
	ExportLayer *layer = state->layer->layer;
	MemoryContext old = MemoryContextSwitchTo(state->layer->context);
	AttrNumber	attnum = (AttrNumber) slot_int4(slot, 0);
	ExportColumn *column = &layer->columns[layer->ncolumns];
	char	   *parent = slot_text_or_null(slot, 5);

	if (!is_made_by_default(state->rel, attnum))
	{
		layer->ncolumns++;
		column->attnum = attnum;
		column->name = slot_text(slot, 1);
		column->bare_name = slot_text(slot, 2);
		column->type = slot_text(slot, 3);
		column->is_integer = slot_bool(slot, 4);
		column->values = MemoryContextAllocExtended(state->layer->context, sizeof(char *) * layer->nrows,
													MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		state->parents = lappend(state->parents, parent ? parent : "");
	}
	MemoryContextSwitchTo(old);
}

/* True if the other database's default makes another value, such as a time or a uuid. */
static bool
is_made_by_default(Relation rel, AttrNumber attnum)
{
	Node	   *expression = build_column_default(rel, attnum);

	return expression && stored_expression_is_mutable(expression);
}

/* A junction refers to its parents whether or not it has the foreign keys. */
static void
find_layer_parents(ExportTables *tables, ExportLayer *layer)
{
	const Target *target = layer->table->target;

	if (target == NULL)
		return;
	for (int i = 0; i < layer->ncolumns; i++)
	{
		ExportColumn *column = &layer->columns[i];

		if (column->attnum == target->group_attnum)
			column->parent = export_tables_get(tables, layer->table->schema, target->junction->group_table);
		else if (column->attnum == target->dish_attnum)
			column->parent = export_tables_get(tables, layer->table->schema, target->junction->dish_table);
	}
}

static void
read_table_rows(LayerState *state)
{
	ExportLayer *layer = state->layer;
	ScanColumn *columns = palloc(sizeof(ScanColumn) * (layer->ncolumns + 1));

	columns[0].attnum = layer->table->table.id_attnum;
	columns[0].type = SCAN_INT8;
	for (int i = 0; i < layer->ncolumns; i++)
	{
		columns[i + 1].attnum = layer->columns[i].attnum;
		columns[i + 1].type = SCAN_TEXT;
	}
	state->hasher = content_hasher(layer->table->table.oid, layer->ncolumns + 1);
	scan_each(layer->table->table.oid, columns, layer->ncolumns + 1, true, take_table_row, state);
}

static void
take_table_row(TupleTableSlot *slot, void *arg)
{
	LayerState *state = arg;
	KeyedRow	wanted = {0};
	const KeyedRow *row;
	MemoryContext old;
	int			place;

	if (slot->tts_isnull[0])
		return;
	wanted.key = slot_int8(slot, 0);
	row = bsearch(&wanted, state->rows, state->nrows, sizeof(KeyedRow), compare_keyed_rows);
	if (row == NULL)
		return;
	place = row - state->rows;
	old = MemoryContextSwitchTo(state->context);
	state->seen[place] = true;
	if (content_hash(state->hasher, slot) != row->hash)
		export_ids_add(&state->changed, row->key);
	for (int i = 0; i < state->layer->ncolumns; i++)
		state->layer->columns[i].values[place] = slot_text_or_null(slot, i + 1);
	MemoryContextSwitchTo(old);
}

static void
refuse_changed_rows(const LayerState *state)
{
	const ExportLayer *layer = state->layer;
	StringInfoData named;
	int			changed = state->changed.n;
	int			missing = 0;

	initStringInfo(&named);
	for (int i = 0; i < changed && i < NAMED_ROWS; i++)
		format_append(&named, ", ", INT64_FORMAT " was changed", state->changed.ids[i]);
	for (int i = 0; i < state->nrows; i++)
	{
		if (!state->seen[i] && missing++ < NAMED_ROWS)
			format_append(&named, ", ", INT64_FORMAT " is missing", state->rows[i].key);
	}
	if (changed == 0 && missing == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_INTEGRITY),
			 errmsg("run %lld cannot be exported: %s of table %s %s not as the ledger has them",
					(long long) layer->run->id, format_things(changed + missing, "row"), layer->table->table.display_name,
					changed + missing == 1 ? "is" : "are"),
			 errdetail("By their ids: %s.", named.data),
			 errhint("%s", migrate_call("Roll the run back, and make it again, so that what is exported is what the gates have seen: SELECT * FROM menuca_rollback(%lld);",
										(long long) layer->run->id))));
}

/* What refers to a row of the export gets minus its ordinal; what it refers to else is noted. */
static void
resolve_references(ExportLayer *layer, ExportColumn *column)
{
	ExportTable *parent = column->parent;

	for (int i = 0; i < layer->nrows; i++)
	{
		int64		id;
		int64		ordinal;

		if (column->values[i] == NULL)
			continue;
		id = strtoll(column->values[i], NULL, 10);
		ordinal = export_tables_ordinal(parent, id);
		if (ordinal > 0)
		{
			column->of_export = true;
			column->values[i] = psprintf("-" INT64_FORMAT, ordinal);
		}
		else if (id <= 0 || export_ids_contain(&parent->others, id))
			ereport(ERROR,
					(errcode(ERRCODE_MENUCA_INTEGRITY),
					 errmsg("run %lld cannot be exported: row " INT64_FORMAT " of table %s refers to row " INT64_FORMAT " of %s",
							(long long) layer->run->id, layer->keys[i], layer->table->table.display_name, id, parent->table.display_name),
					 errdetail(id <= 0 ? "Only positive ids are exported." : "That row was inserted by a run that is not exported."),
					 errhint("%s", migrate_call("To see which run inserted what: SELECT run_id, kind, target, status, inserted FROM menuca_runs ORDER BY 1;"))));
		else
			export_ids_add(&parent->referred, id);
	}
	export_ids_sort(&parent->referred);
}

static void
find_constant(const ExportLayer *layer, ExportColumn *column)
{
	const char *first = layer->nrows > 0 ? column->values[0] : NULL;

	column->is_constant = true;
	for (int i = 1; i < layer->nrows && column->is_constant; i++)
	{
		const char *value = column->values[i];

		column->is_constant = first == NULL || value == NULL ? first == value : strcmp(first, value) == 0;
	}
}

static int
compare_keyed_rows(const void *a, const void *b)
{
	int64		x = ((const KeyedRow *) a)->key;
	int64		y = ((const KeyedRow *) b)->key;

	return (x > y) - (x < y);
}
