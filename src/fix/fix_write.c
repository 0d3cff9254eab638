/*-------------------------------------------------------------------------
 *
 * fix_write.c
 *	  The second phase of a fix: see fix_write.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/progress.h"
#include "miscadmin.h"
#include "utils/backend_progress.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/compare.h"
#include "base/format.h"
#include "base/query.h"
#include "base/settings.h"
#include "fix/fix_prepare.h"
#include "fix/fix_write.h"
#include "ledger/run_ledger.h"
#include "write/item_writer.h"

/* A rate of fewer items says little. */
#define SPEED_FROM 1000

static char *speed_text(const Fix *fix);
static int	writer_kilobytes(const Fix *fix);
static void reference_planned(Fix *fix);
static int64 *ids_with_new_items(const ParentMap *map, int *n);
static void reference_items(Fix *fix, const NewItem *items, int n);
static int	sort_distinct(int64 *ids, int n);
static int	fetch_planned_items(Fix *fix, NewItem *items);


void
fix_begin_writing(Fix *fix)
{
	if (fix->writing_since == 0)
	{
		fix->writing_since = GetCurrentTimestamp();
		fix->inserted_before = fix->inserted;
	}
	fix->writer = item_writer_begin(fix->target, fix->rebuild_indexes, fix->uuid_pool,
									writer_kilobytes(fix));

	/* The table may have got an obstacle since the engine was chosen. */
	if (item_writer_engine(fix->writer) != fix->engine)
		fix->engine = ENGINE_EXECUTOR;

	if (!fix->options.batched)
		reference_planned(fix);
}

bool
fix_write_batch(Fix *fix)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "menuca batch",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	NewItem    *items = palloc(sizeof(NewItem) * fix->options.batch_size);
	KeyedRow   *rows = palloc(sizeof(KeyedRow) * fix->options.batch_size);
	int			planned = fetch_planned_items(fix, items);
	int			n = planned;

	/* Between batches others may have added the same pair. */
	if (n > 0 && fix->options.batched)
	{
		query_begin_snapshot();
		n = item_writer_drop_present(fix->target, items, n);
		query_end_snapshot();
		fix->added_by_others += planned - n;
	}

	if (n > 0)
	{
		if (fix->options.batched)
			reference_items(fix, items, n);
		item_writer_insert(fix->writer, items, n, rows);
		run_add_rows(fix->run_id, RUN_INSERTED, ++fix->batches, rows, n);
		fix->inserted += n;
		pgstat_progress_update_param(PROGRESS_COPY_TUPLES_PROCESSED, fix->inserted);
		if (fix->options.batched || menuca_details)
			ereport(NOTICE,
					(errmsg("batch %d: %s inserted, %s of %s done%s",
							fix->batches, format_things(n, "item"),
							format_count(fix->inserted),
							format_count(fix->to_insert), speed_text(fix))));
	}

	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return planned > 0;
}

/* ", 40,000 items a second, about 3 s left"; empty while it says little. */
static char *
speed_text(const Fix *fix)
{
	uint64		written = fix->inserted - fix->inserted_before;
	uint64		done = fix->inserted + fix->added_by_others;
	double		seconds = (double) (GetCurrentTimestamp() - fix->writing_since) / USECS_PER_SEC;
	double		rate;

	if (written < SPEED_FROM || seconds <= 0)
		return "";
	rate = written / seconds;
	if (done >= fix->to_insert)
		return psprintf(", %s items a second", format_count((uint64) rate));
	return psprintf(", %s items a second, about %s left", format_count((uint64) rate),
					format_seconds((fix->to_insert - done) / rate));
}

void
fix_end_writing(Fix *fix)
{
	item_writer_end(fix->writer);
	fix->writer = NULL;
}

/*
 * Memory for index entries: the baseline's part, since the baseline has been
 * recorded, or more if the plan has left more.
 */
static int
writer_kilobytes(const Fix *fix)
{
	int			plan = MemoryContextMemAllocated(fix->plan->context, true) / 1024;

	return Max(fix_baseline_kilobytes(), maintenance_work_mem - plan);
}

/* Refers to all groups and dishes that the plan has new items for. */
static void
reference_planned(Fix *fix)
{
	int			ngroups;
	int			ndishes;
	int64	   *groups = ids_with_new_items(fix->plan->groups, &ngroups);
	int64	   *dishes = ids_with_new_items(fix->plan->dishes, &ndishes);

	item_writer_reference(fix->writer, groups, ngroups, dishes, ndishes);
	pfree(groups);
	pfree(dishes);
}

static int64 *
ids_with_new_items(const ParentMap *map, int *n)
{
	int64	   *ids = MemoryContextAllocHuge(CurrentMemoryContext,
											 sizeof(int64) * Max(map->nrows, 1));

	*n = 0;
	for (uint32 i = 0; i < map->nrows; i++)
	{
		if (map->rows[i].flags & PARENT_GETS_NEW)
			ids[(*n)++] = map->rows[i].id;
	}
	*n = sort_distinct(ids, *n);
	return ids;
}

/* Refers to the groups and dishes of some items. */
static void
reference_items(Fix *fix, const NewItem *items, int n)
{
	int64	   *groups = palloc(sizeof(int64) * n);
	int64	   *dishes = palloc(sizeof(int64) * n);

	for (int i = 0; i < n; i++)
	{
		groups[i] = items[i].group_id;
		dishes[i] = items[i].dish_id;
	}
	item_writer_reference(fix->writer, groups, sort_distinct(groups, n),
						  dishes, sort_distinct(dishes, n));
}

/* Sorts ids and drops repeated ones; returns the number of distinct ids. */
static int
sort_distinct(int64 *ids, int n)
{
	int			distinct = 0;

	qsort(ids, n, sizeof(int64), compare_int8);
	for (int i = 0; i < n; i++)
	{
		if (distinct == 0 || ids[i] != ids[distinct - 1])
			ids[distinct++] = ids[i];
	}
	return distinct;
}

static int
fetch_planned_items(Fix *fix, NewItem *items)
{
	PlanRow		row;
	int			n = 0;

	while (n < fix->options.batch_size && plan_next_insert(fix->plan, &row))
	{
		items[n].group_id = row.group_id;
		items[n].dish_id = row.dish_id;
		items[n].display_order = row.source.order;
		items[n].has_source_id = row.source.has_id;
		items[n].source_id = row.source.id;
		n++;
	}
	return n;
}
