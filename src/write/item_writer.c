/*-------------------------------------------------------------------------
 *
 * item_writer.c
 *	  Writing planned items, with either engine: see item_writer.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/query.h"
#include "base/settings.h"
#include "base/slot.h"
#include "write/executor_writer.h"
#include "write/item_writer.h"
#include "write/native_writer.h"
#include "write/new_rows.h"

struct ItemWriter
{
	MemoryContext context;		/* of all its memory */
	const Target *target;
	Engine		engine;
	NativeWriter *native;		/* NULL when the executor writes */
};

static void mark_present(TupleTableSlot *slot, void *arg);


Engine
item_writer_choose_engine(const Target *target, char **obstacle)
{
	*obstacle = native_obstacle(target);
	return *obstacle || menuca_engine == MENUCA_ENGINE_EXECUTOR ?
		ENGINE_EXECUTOR : ENGINE_NATIVE;
}

const char *
item_writer_engine_name(Engine engine)
{
	return engine == ENGINE_NATIVE ? "native" : "executor";
}

ItemWriter *
item_writer_begin(const Target *target, bool rebuild_indexes, UuidPool *uuid_pool,
				  int kilobytes)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "menuca writer",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	ItemWriter *writer = palloc0(sizeof(ItemWriter));
	char	   *obstacle;

	writer->context = context;
	writer->target = target;
	writer->engine = item_writer_choose_engine(target, &obstacle);
	if (writer->engine == ENGINE_NATIVE && !native_is_allowed(target))
		writer->engine = ENGINE_EXECUTOR;
	if (writer->engine == ENGINE_NATIVE)
	{
		query_begin_snapshot();
		writer->native = native_begin(target, rebuild_indexes, uuid_pool, kilobytes);
		query_end_snapshot();
	}
	MemoryContextSwitchTo(old);
	return writer;
}

Engine
item_writer_engine(const ItemWriter *writer)
{
	return writer->engine;
}

/* With the executor's engine, the foreign keys' triggers check references. */
void
item_writer_reference(ItemWriter *writer, const int64 *groups, int ngroups,
					  const int64 *dishes, int ndishes)
{
	if (writer->native)
		native_reference(writer->native, groups, ngroups, dishes, ndishes);
}

void
item_writer_insert(ItemWriter *writer, const NewItem *items, int n, KeyedRow *rows)
{
	if (writer->native)
	{
		query_begin_snapshot();
		native_insert(writer->native, items, n, rows);
		query_end_snapshot();
	}
	else
		executor_insert(writer->target, items, n, rows);
	new_rows_sort(rows, n);
}

void
item_writer_end(ItemWriter *writer)
{
	if (writer->native)
	{
		query_begin_snapshot();
		native_end(writer->native);
		query_end_snapshot();
	}
	MemoryContextDelete(writer->context);
}

/* State of item_writer_drop_present(). */
typedef struct PresentState
{
	const NewItem *items;		/* by group and dish */
	int			n;
	bool	   *present;
} PresentState;

/*
 * Reads the existing items in the range of groups, instead of looking up each
 * item: usually there are none.
 */
int
item_writer_drop_present(const Target *target, NewItem *items, int n)
{
	QueryArgs	args = {0};
	PresentState state = {items, n, palloc0(sizeof(bool) * n)};
	int			remaining = 0;

	query_arg_int8(&args, items[0].group_id);
	query_arg_int8(&args, items[n - 1].group_id);
	query_each(psprintf("SELECT i.%s::int8, i.%s::int8 FROM %s i"
						" WHERE i.%s BETWEEN $1 AND $2 AND i.%s IS NOT NULL",
						target->group, target->dish, target->table.name,
						target->group, target->dish),
			   &args, mark_present, &state);

	for (int i = 0; i < n; i++)
	{
		if (!state.present[i])
			items[remaining++] = items[i];
	}
	pfree(state.present);
	return remaining;
}

/* Marks the new item whose pair an existing item has, if there is one. */
static void
mark_present(TupleTableSlot *slot, void *arg)
{
	PresentState *state = arg;
	int64		group = slot_int8(slot, 0);
	int64		dish = slot_int8(slot, 1);
	int			low = 0;
	int			high = state->n;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;
		const NewItem *item = &state->items[middle];

		if (item->group_id < group || (item->group_id == group && item->dish_id < dish))
			low = middle + 1;
		else
			high = middle;
	}
	if (low < state->n && state->items[low].group_id == group &&
		state->items[low].dish_id == dish)
		state->present[low] = true;
}
