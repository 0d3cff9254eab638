/*-------------------------------------------------------------------------
 *
 * item_counts.c
 *	  combo_rules.item_count of all groups: see item_counts.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "optimizer/paths.h"
#include "utils/acl.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

#include "base/column.h"
#include "base/relation.h"
#include "base/scan.h"
#include "base/slot.h"
#include "base/worker.h"
#include "target/item_counts.h"

#define RULES_COLUMN "combo_rules"
#define COUNT_KEY "item_count"

struct ItemCounts
{
	const ParentTable *parent;
	const ParentMap *groups;
	Workers    *workers;		/* NULL: the caller reads */
};

/* The task of a worker: what to read, and the stated numbers that it found. */
typedef struct CountsTask
{
	Oid			parent;
	AttrNumber	id;
	AttrNumber	rules;
	uint32		capacity;		/* of stated */
	uint32		n;
	StatedCount stated[FLEXIBLE_ARRAY_MEMBER];
} CountsTask;

/* Handing out stated numbers, in the caller's process. */
typedef struct StatedOutput
{
	const ParentMap *groups;
	StatedCountFn fn;
	void	   *arg;
	uint32		next;			/* the row that is probably next */
} StatedOutput;

extern PGDLLEXPORT void item_counts_worker(dsm_segment *segment, shm_toc *toc);

static bool can_read_rules(const ParentTable *parent);
static Workers *start_rules_worker(const ParentTable *parent, const ParentMap *groups);
static void scan_rules(Oid relid, AttrNumber id, AttrNumber rules,
					   QueryRowFn fn, void *arg);
static void add_to_task(TupleTableSlot *slot, void *arg);
static void output_row(TupleTableSlot *slot, void *arg);
static void output_stated(StatedOutput *output, const StatedCount *stated);
static bool stated_in_row(TupleTableSlot *slot, StatedCount *stated);
static bool parse_item_count(const char *text, int32 *number);


void
item_counts_read(const ParentTable *parent, const ParentMap *groups,
				 StatedCountFn fn, void *arg)
{
	StatedOutput output = {groups, fn, arg, 0};

	scan_rules(parent->oid, parent->id_attnum, column_find(parent->oid, RULES_COLUMN),
			   output_row, &output);
}

ItemCounts *
item_counts_begin(const ParentTable *parent, const ParentMap *groups)
{
	ItemCounts *counts;

	if (!can_read_rules(parent))
		return NULL;
	counts = palloc(sizeof(ItemCounts));
	counts->parent = parent;
	counts->groups = groups;
	counts->workers = start_rules_worker(parent, groups);
	return counts;
}

void
item_counts_end(ItemCounts *counts, StatedCountFn fn, void *arg)
{
	StatedOutput output = {counts->groups, fn, arg, 0};
	const CountsTask *task;

	if (counts->workers == NULL)
	{
		item_counts_read(counts->parent, counts->groups, fn, arg);
		return;
	}

	task = workers_wait(counts->workers);
	for (uint32 i = 0; i < task->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		output_stated(&output, &task->stated[i]);
	}
	workers_end(counts->workers);
}

void
item_counts_compare(ItemCountFigures *figures, const StatedCount *stated,
					uint32 items)
{
	if (items == 0)
		return;
	if (!stated->readable)
	{
		figures->unreadable++;
		return;
	}
	figures->groups++;
	if (stated->items == (int64) items)
		figures->equal++;
	else if (stated->items < (int64) items)
		figures->more++;
	else
		figures->fewer++;
}

static bool
can_read_rules(const ParentTable *parent)
{
	AttrNumber	rules = column_find(parent->oid, RULES_COLUMN);

	return rules != InvalidAttrNumber &&
		column_base_type(parent->oid, rules, NULL) == JSONBOID &&
		(relation_may(parent->oid, ACL_SELECT) ||
		 pg_attribute_aclcheck(parent->oid, rules, GetUserId(), ACL_SELECT) == ACLCHECK_OK);
}

/* In the same query snapshot, a worker reads at most the groups of the map. */
static Workers *
start_rules_worker(const ParentTable *parent, const ParentMap *groups)
{
	CountsTask	task = {
		.parent = parent->oid,
		.id = parent->id_attnum,
		.rules = column_find(parent->oid, RULES_COLUMN),
		.capacity = groups->nrows
	};

	if (workers_blocks(parent->oid) < min_parallel_table_scan_size)
		return NULL;
	return workers_start("item_counts_worker", Min(1, max_parallel_workers_per_gather),
						 &task, sizeof(CountsTask), sizeof(StatedCount) * (Size) groups->nrows);
}

void
item_counts_worker(pg_attribute_unused() dsm_segment *segment, shm_toc *toc)
{
	CountsTask *task = worker_task(toc);

	relation_lock(task->parent, AccessShareLock);
	scan_rules(task->parent, task->id, task->rules, add_to_task, task);
}

static void
scan_rules(Oid relid, AttrNumber id, AttrNumber rules, QueryRowFn fn, void *arg)
{
	ScanColumn	columns[] = {
		{id, SCAN_INT8},
		{rules, SCAN_JSONB}
	};

	scan_each(relid, columns, lengthof(columns), false, fn, arg);
}

static void
add_to_task(TupleTableSlot *slot, void *arg)
{
	CountsTask *task = arg;
	StatedCount stated;

	if (!stated_in_row(slot, &stated))
		return;
	if (task->n == task->capacity)
		elog(ERROR, "a worker read more than %u combo groups", task->capacity);
	task->stated[task->n++] = stated;
}

static void
output_row(TupleTableSlot *slot, void *arg)
{
	StatedCount stated;

	if (stated_in_row(slot, &stated))
		output_stated(arg, &stated);
}

/* Most rows come in the order of the map, so that no group is looked up. */
static void
output_stated(StatedOutput *output, const StatedCount *stated)
{
	const ParentMap *groups = output->groups;
	uint32		group = output->next;

	if (group >= groups->nrows || groups->rows[group].id != stated->id)
		group = parent_index_find(groups->by_id, stated->id);
	if (group == PARENT_MAP_END)
		return;
	output->next = group + 1;
	output->fn(group, stated, output->arg);
}

/* False if the rules have no item_count. */
static bool
stated_in_row(TupleTableSlot *slot, StatedCount *stated)
{
	Jsonb	   *rules;
	JsonbValue	value;

	if (slot->tts_isnull[0] || slot->tts_isnull[1])
		return false;
	rules = DatumGetJsonbP(slot->tts_values[1]);
	if (!JB_ROOT_IS_OBJECT(rules) ||
		getKeyJsonValueFromContainer(&rules->root, COUNT_KEY, strlen(COUNT_KEY), &value) == NULL ||
		value.type == jbvNull)
		return false;

	stated->id = slot_int8(slot, 0);
	stated->items = 0;
	stated->readable = item_counts_value(&value, &stated->items);
	return true;
}

bool
item_counts_value(const JsonbValue *value, int32 *number)
{
	bool		error = false;

	if (value->type == jbvString)
		return parse_item_count(pnstrdup(value->val.string.val, value->val.string.len), number);
	if (value->type != jbvNumeric)
		return false;
	*number = numeric_int4_opt_error(value->val.numeric, &error);
	return !error;
}

static bool
parse_item_count(const char *text, int32 *number)
{
	char	   *end;
	long		value;

	errno = 0;
	value = strtol(text, &end, 10);
	*number = (int32) value;
	return end != text && *end == '\0' && errno == 0 && value == *number;
}
