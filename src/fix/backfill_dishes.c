/*-------------------------------------------------------------------------
 *
 * backfill_dishes.c
 *	  The rows of the dishes that a backfill inserts: see backfill_dishes.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/column.h"
#include "base/extension.h"
#include "base/query.h"
#include "fix/backfill_dishes.h"
#include "ledger/run_ledger.h"
#include "write/new_rows.h"

/* Dishes that one statement inserts. */
#define BATCH_SIZE 10000

/* A column of a new dish that gets a value besides those from the menu. */
typedef struct DishColumn
{
	const char *name;
	const char *value;			/* an expression over v, a row of the batch */
	enum
	{
		FILL_ALWAYS,
		FILL_WITHOUT_DEFAULT,	/* only when the column has no default */
		FILL_OVER_DEFAULT		/* only when it has one and may be NULL */
	}			when;
} DishColumn;

/* Applied as far as the table has these columns. */
static const DishColumn dish_columns[] = {
	{"source_system", "'v1'", FILL_ALWAYS},
	{"source_id", "v.legacy", FILL_ALWAYS},
	{"is_active", "v.active", FILL_ALWAYS},
	{"created_at", "pg_catalog.now()", FILL_WITHOUT_DEFAULT},
	{"uuid", "pg_catalog.gen_random_uuid()", FILL_WITHOUT_DEFAULT},
	{"course_id", "NULL", FILL_OVER_DEFAULT},
	{"base_price", "NULL", FILL_OVER_DEFAULT},
	{"prices", "NULL", FILL_OVER_DEFAULT},
};

static bool is_visible(const Backfill *backfill, const MenuRow *row);
static void insert_dish_batch(Backfill *backfill, const MenuRow **dishes, int n, int batch);
static char *dish_insert_statement(const Backfill *backfill);
static void add_dish_arguments(QueryArgs *args, const Backfill *backfill,
							   const MenuRow **dishes, int n);


/* The columns that a new dish needs a value for, as an expression of their names. */
#define REQUIRED_COLUMNS \
	"SELECT string_agg(%s, ', ' ORDER BY column_no) FROM %smenuca_writable_column" \
	" WHERE table_oid = $1 AND is_not_null AND NOT has_default AND NOT is_in_primary_key" \
	" AND column_no NOT IN ($2, $3) AND column_name NOT IN ('name', 'source_system'," \
	" 'source_id', 'is_active', 'is_combo', 'created_at', 'uuid')"

void
backfill_require_fillable(Backfill *backfill)
{
	QueryArgs	args = {0};
	char	   *columns;
	char	   *actions;

	query_arg(&args, OIDOID, ObjectIdGetDatum(backfill->table.oid), false);
	query_arg(&args, INT2OID, Int16GetDatum(backfill->target->dishes.restaurant_attnum), false);
	query_arg(&args, INT2OID, Int16GetDatum(backfill->target->dishes.legacy_v1_attnum), false);
	columns = query_text(psprintf(REQUIRED_COLUMNS, "column_name", migrate_schema()), &args);
	if (columns == NULL)
		return;
	actions = query_text(psprintf(REQUIRED_COLUMNS, "'ALTER COLUMN ' || column_name || ' DROP NOT NULL'", migrate_schema()),
						 &args);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table %s requires values that a backfill does not have: %s",
					backfill->table.display_name, columns),
			 errdetail("These columns are NOT NULL and have no default, and a backfill never makes up a course or a price. Nothing was changed."),
			 errhint("ALTER TABLE %s %s; or give the column a default.", backfill->table.name, actions)));
}

/*
 * True if the dish becomes active: on request, when V1's menu showed it or has
 * no column for that.
 */
static bool
is_visible(const Backfill *backfill, const MenuRow *row)
{
	return backfill->activate &&
		(backfill->menu->show_in_menu_attnum == InvalidAttrNumber || row->shown == ID_FLAG_YES);
}

uint64
backfill_count_visible(const Backfill *backfill)
{
	uint64		visible = 0;

	for (uint32 i = 0; i < backfill->plan->nrows; i++)
	{
		const MenuRow *row = &backfill->plan->rows[i];

		visible += row->outcome == DISH_INSERT &&
			(backfill->is_active == InvalidAttrNumber || is_visible(backfill, row));
	}
	return visible;
}

void
backfill_insert_dishes(Backfill *backfill)
{
	const MenuRow **dishes = palloc(sizeof(MenuRow *) * BATCH_SIZE);
	int			batch = 0;
	int			n = 0;

	backfill->visible = 0;
	for (uint32 i = 0; i < backfill->plan->nrows; i++)
	{
		if (backfill->plan->rows[i].outcome != DISH_INSERT)
			continue;
		dishes[n++] = &backfill->plan->rows[i];
		if (n == BATCH_SIZE)
		{
			insert_dish_batch(backfill, dishes, n, ++batch);
			n = 0;
		}
	}
	if (n > 0)
		insert_dish_batch(backfill, dishes, n, ++batch);
	pfree(dishes);
}

static void
insert_dish_batch(Backfill *backfill, const MenuRow **dishes, int n, int batch)
{
	QueryArgs	args = {0};
	KeyedRow   *rows = palloc(sizeof(KeyedRow) * n);
	int64	   *keys = palloc(sizeof(int64) * n);

	add_dish_arguments(&args, backfill, dishes, n);
	new_rows_insert(&backfill->table, dish_insert_statement(backfill), &args, "new row", rows, n);
	new_rows_sort(rows, n);
	run_add_rows(backfill->run_id, RUN_INSERTED, batch, rows, n);
	backfill->inserted += n;

	/* A trigger may have changed is_active, so the new rows are counted. */
	if (backfill->is_active == InvalidAttrNumber)
		backfill->visible += n;
	else
	{
		for (int i = 0; i < n; i++)
			keys[i] = rows[i].key;
		args.count = 0;
		query_arg(&args, INT8ARRAYOID, query_int8_array(keys, NULL, n), false);
		query_begin_snapshot();
		backfill->visible += query_int8(psprintf("SELECT count(*) FROM %s d WHERE d.%s = ANY ($1)"
												 " AND d.is_active IS NOT FALSE",
												 backfill->table.name, backfill->table.id), &args);
		query_end_snapshot();
	}
	pfree(rows);
	pfree(keys);
}

/*
 * Only columns that the table has are filled.  NULL is written explicitly
 * where a default would make up a course or a price.
 */
static char *
dish_insert_statement(const Backfill *backfill)
{
	Oid			relid = backfill->table.oid;
	const ParentTable *dishes = &backfill->target->dishes;
	StringInfoData columns;
	StringInfoData values;

	initStringInfo(&columns);
	initStringInfo(&values);
	appendStringInfo(&columns, "%s, %s, %s", dishes->restaurant,
					 column_quoted(relid, dishes->legacy_v1_attnum), backfill->name);
	appendStringInfo(&values, "v.restaurant::%s, v.legacy::%s, v.name::%s",
					 column_type_name(relid, dishes->restaurant_attnum),
					 column_type_name(relid, dishes->legacy_v1_attnum),
					 column_type_name(relid, column_find(relid, "name")));
	if (!backfill->table.id_has_default)
	{
		appendStringInfo(&columns, ", %s", backfill->table.id);
		appendStringInfo(&values, ", %s", new_rows_next_key(&backfill->table));
	}

	for (size_t i = 0; i < lengthof(dish_columns); i++)
	{
		const DishColumn *column = &dish_columns[i];
		AttrNumber	attnum = column_find(relid, column->name);

		if (attnum == InvalidAttrNumber || column_is_generated(relid, attnum))
			continue;
		if (column->when == FILL_WITHOUT_DEFAULT && column_has_default(relid, attnum))
			continue;
		if (column->when == FILL_OVER_DEFAULT &&
			(!column_has_default(relid, attnum) || column_is_not_null(relid, attnum)))
			continue;
		appendStringInfo(&columns, ", %s", quote_identifier(column->name));
		appendStringInfo(&values, ", (%s)::%s", column->value, column_type_name(relid, attnum));
	}

	/*
	 * Where the menu does not say, it is NULL or, in a NOT NULL column,
	 * false.
	 */
	if (dishes->is_combo_attnum != InvalidAttrNumber &&
		!column_is_generated(relid, dishes->is_combo_attnum))
	{
		appendStringInfoString(&columns, ", is_combo");
		appendStringInfo(&values, column_is_not_null(relid, dishes->is_combo_attnum) ?
						 ", COALESCE(v.combo, false)::%s" : ", v.combo::%s",
						 column_type_name(relid, dishes->is_combo_attnum));
	}

	return psprintf("INSERT INTO %s AS i (%s) SELECT %s FROM ROWS FROM ("
					"pg_catalog.unnest($1::pg_catalog.int8[]), pg_catalog.unnest($2::pg_catalog.int8[]),"
					" pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.bool[]),"
					" pg_catalog.unnest($5::pg_catalog.bool[]))"
					" WITH ORDINALITY AS v(legacy, restaurant, name, active, combo, number)"
					" ORDER BY v.number RETURNING i.%s::pg_catalog.int8",
					backfill->table.name, columns.data, values.data, backfill->table.id);
}

/* Adds the arguments $1 to $5 of the statement. */
static void
add_dish_arguments(QueryArgs *args, const Backfill *backfill, const MenuRow **dishes, int n)
{
	int64	   *legacy = palloc(sizeof(int64) * n);
	int64	   *restaurants = palloc(sizeof(int64) * n);
	Datum	   *names = palloc(sizeof(Datum) * n);
	Datum	   *active = palloc(sizeof(Datum) * n);
	Datum	   *combo = palloc(sizeof(Datum) * n);
	bool	   *combo_unknown = palloc(sizeof(bool) * n);
	int			lower = 1;

	for (int i = 0; i < n; i++)
	{
		legacy[i] = dishes[i]->legacy;
		restaurants[i] = dishes[i]->restaurant;
		names[i] = CStringGetTextDatum(dishes[i]->name);
		active[i] = BoolGetDatum(is_visible(backfill, dishes[i]));
		combo[i] = BoolGetDatum(dishes[i]->is_combo == ID_FLAG_YES);
		combo_unknown[i] = dishes[i]->is_combo == ID_FLAG_UNKNOWN;
	}
	query_arg(args, INT8ARRAYOID, query_int8_array(legacy, NULL, n), false);
	query_arg(args, INT8ARRAYOID, query_int8_array(restaurants, NULL, n), false);
	query_arg(args, TEXTARRAYOID,
			  PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT)), false);
	query_arg(args, BOOLARRAYOID,
			  PointerGetDatum(construct_array(active, n, BOOLOID, 1, true, TYPALIGN_CHAR)), false);
	query_arg(args, BOOLARRAYOID,
			  PointerGetDatum(construct_md_array(combo, combo_unknown, 1, &n, &lower,
												 BOOLOID, 1, true, TYPALIGN_CHAR)), false);
}
