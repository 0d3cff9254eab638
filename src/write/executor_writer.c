/*-------------------------------------------------------------------------
 *
 * executor_writer.c
 *	  Writing planned items by an INSERT: see executor_writer.h.
 *
 * The executor deals with foreign keys, checks, defaults, identity and generated
 * columns, triggers and partitions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "base/query.h"
#include "write/executor_writer.h"
#include "write/new_rows.h"

/* A FROM item of the arrays $1 to $4: group, dish, display order, source id. */
#define NEW_ITEMS \
	"ROWS FROM (pg_catalog.unnest($1::pg_catalog.int8[])," \
	" pg_catalog.unnest($2::pg_catalog.int8[])," \
	" pg_catalog.unnest($3::pg_catalog.int8[])," \
	" pg_catalog.unnest($4::pg_catalog.int8[]))" \
	" WITH ORDINALITY AS v(group_id, dish_id, display_order, source_id, number)"

static void add_item_arrays(QueryArgs *args, const NewItem *items, int n);
static char *item_insert_statement(const Target *target);
static const char *fill_expression(const Target *target, FillValue value);


void
executor_insert(const Target *target, const NewItem *items, int n, KeyedRow *rows)
{
	QueryArgs	args = {0};

	add_item_arrays(&args, items, n);
	new_rows_insert(&target->table, item_insert_statement(target), &args, "new item", rows, n);
}

/* Appends the items as the four arrays that NEW_ITEMS expects. */
static void
add_item_arrays(QueryArgs *args, const NewItem *items, int n)
{
	int64	   *values = palloc(sizeof(int64) * n);
	bool	   *nulls = palloc0(sizeof(bool) * n);

	for (int i = 0; i < n; i++)
		values[i] = items[i].group_id;
	query_arg(args, INT8ARRAYOID, query_int8_array(values, NULL, n), false);
	for (int i = 0; i < n; i++)
		values[i] = items[i].dish_id;
	query_arg(args, INT8ARRAYOID, query_int8_array(values, NULL, n), false);
	for (int i = 0; i < n; i++)
		values[i] = items[i].display_order;
	query_arg(args, INT8ARRAYOID, query_int8_array(values, NULL, n), false);
	for (int i = 0; i < n; i++)
	{
		values[i] = items[i].source_id;
		nulls[i] = !items[i].has_source_id;
	}
	query_arg(args, INT8ARRAYOID, query_int8_array(values, nulls, n), false);

	pfree(values);
	pfree(nulls);
}

/*
 * The statement fills the columns that the target has.  A primary key with a
 * default is omitted, so that it gets the default.
 */
static char *
item_insert_statement(const Target *target)
{
	StringInfoData columns;
	StringInfoData values;

	initStringInfo(&columns);
	initStringInfo(&values);

	if (!target->table.id_has_default)
	{
		appendStringInfo(&columns, "%s, ", target->table.id);
		appendStringInfo(&values, "%s, ", new_rows_next_key(&target->table));
	}
	appendStringInfo(&columns, "%s, %s", target->group, target->dish);
	appendStringInfo(&values, "v.group_id::%s, v.dish_id::%s",
					 target->group_type, target->dish_type);
	for (int i = 0; i < target->nfill; i++)
	{
		const TargetFill *fill = &target->fill[i];

		appendStringInfo(&columns, ", %s", fill->column);
		appendStringInfo(&values, ", (%s)::%s",
						 fill_expression(target, fill->value), fill->type);
	}

	return psprintf("INSERT INTO %s AS i (%s) SELECT %s FROM " NEW_ITEMS
					" ORDER BY v.number RETURNING i.%s::pg_catalog.int8",
					target->table.name, columns.data, values.data, target->table.id);
}

static const char *
fill_expression(const Target *target, FillValue value)
{
	switch (value)
	{
		case FILL_DISPLAY_ORDER:
			return "v.display_order";
		case FILL_SOURCE_ID:
			return "v.source_id";
		case FILL_SOURCE_SYSTEM:
			return quote_literal_cstr(source_system_name(target->system));
		case FILL_ONE:
			return "1";
		case FILL_TRUE:
			return "true";
		case FILL_NOW:
			return "pg_catalog.now()";
		case FILL_UUID:
			return "pg_catalog.gen_random_uuid()";
	}
	elog(ERROR, "unknown fill value %d", value);
}
