/*-------------------------------------------------------------------------
 *
 * apply_executor.c
 *	  Writing planned items by an INSERT: see apply.h.
 *
 * Foreign keys, checks, defaults, identity and generated columns, triggers
 * and partitions are the executor's care.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "apply_engine.h"
#include "content_hash.h"
#include "query.h"
#include "report.h"
#include "sqlstate.h"

static char *insert_statement(const Target *target);
static const char *fill_expression(const Target *target, FillValue value);
static void collect_key(TupleTableSlot *slot, void *arg);
static int	read_back(const Target *target, const int64 *keys, int n,
					  KeyedRow *rows);
static void collect_row(TupleTableSlot *slot, void *arg);


/* The keys that an INSERT returned. */
typedef struct KeyList
{
	int64	   *keys;
	int			n;
	int			size;
} KeyList;

void
executor_insert(const Target *target, const NewItem *items, int n, KeyedRow *rows)
{
	QueryArgs	args = {0};
	KeyList		list = {palloc(sizeof(int64) * n), 0, n};
	uint64		inserted;
	int			found;

	add_item_arrays(&args, items, n);
	inserted = query_write(insert_statement(target), &args, collect_key, &list);
	if (inserted != (uint64) n)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("%s of %s new items did not get into table %s",
						format_count(n - inserted), format_count(n), target->table.display_name),
				 errdetail("A trigger or rule of the table swallowed them; before + inserted = after would not hold. Nothing of this batch was written."),
				 errhint("Look at the BEFORE INSERT triggers of %s.", target->table.display_name)));

	/* What triggers and defaults made of them is what the ledger keeps. */
	query_begin_snapshot();
	found = read_back(target, list.keys, n, rows);
	query_end_snapshot();
	if (found != n)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("%s of %s new items are not in table %s after they were inserted",
						format_count(n - found), format_count(n), target->table.display_name),
				 errdetail("A trigger moved or deleted them. Nothing of this batch was written."),
				 errhint("Look at the AFTER INSERT triggers of %s.", target->table.display_name)));

	pfree(list.keys);
}

/*
 * Columns that the table has are filled, others left alone.  A primary key
 * without a default is numbered on from the greatest one, which keyed_table_lock()
 * makes safe.
 */
static char *
insert_statement(const Target *target)
{
	StringInfoData columns;
	StringInfoData values;

	initStringInfo(&columns);
	initStringInfo(&values);

	if (!target->table.id_has_default)
	{
		appendStringInfo(&columns, "%s, ", target->table.id);
		appendStringInfo(&values,
						 "((SELECT COALESCE(pg_catalog.max(m.%s), 0) FROM %s m)"
						 " OPERATOR(pg_catalog.+) v.number)::%s, ",
						 target->table.id, target->table.name, target->table.id_type);
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
			return quote_literal_cstr(target->junction->source_system);
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

static void
collect_key(TupleTableSlot *slot, void *arg)
{
	KeyList    *list = arg;

	if (list->n == list->size || slot->tts_isnull[0])
		elog(ERROR, "INSERT returned more rows than it was given, or a null key");
	list->keys[list->n++] = slot_int8(slot, 0);
}

/* State of read_back(). */
typedef struct ReadBackState
{
	ContentHasher *hasher;
	KeyedRow   *rows;
	int			n;
	int			size;
} ReadBackState;

/* Reads n rows by their keys and hashes them. */
static int
read_back(const Target *target, const int64 *keys, int n, KeyedRow *rows)
{
	QueryArgs	args = {0};
	ReadBackState state = {content_hasher(target->table.oid, 1), rows, 0, n};

	query_arg(&args, INT8ARRAYOID, int8_array(keys, NULL, n), false);
	query_each(psprintf("SELECT i.%s::int8, i.* FROM %s i WHERE i.%s = ANY ($1)",
						target->table.id, target->table.name, target->table.id),
			   &args, collect_row, &state);
	return state.n;
}

static void
collect_row(TupleTableSlot *slot, void *arg)
{
	ReadBackState *state = arg;

	if (state->n == state->size)
		elog(ERROR, "more rows of the new keys than were inserted");
	state->rows[state->n].key = slot_int8(slot, 0);
	state->rows[state->n].hash = content_hash(state->hasher, slot);
	state->n++;
}
