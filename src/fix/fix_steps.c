/*-------------------------------------------------------------------------
 *
 * fix_steps.c
 *	  The steps of the items of V2's groups: see fix_steps.h.
 *
 * A step is identified by group and dish until its item is inserted; then the
 * item's key is looked up.  All steps are kept in memory: V2 has some
 * thousands.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "fix/fix_steps.h"
#include "ledger/baseline.h"
#include "ledger/run_ledger.h"
#include "plan/gate.h"
#include "source/source_json.h"
#include "target/step_table.h"
#include "write/new_steps.h"

/* Steps allocated at first; the array grows by half as it fills. */
#define INITIAL_STEPS 1024

/* A step of a pair of group and dish. */
typedef struct PlannedStep
{
	int64		group_id;
	int64		dish_id;
	int64		item_id;		/* unset until has_item */
	int64		number;			/* of the source row */
	int32		step;
	bool		has_steps;		/* its item has steps already */
	bool		has_item;
	const char *suffix;			/* NULL: none */
} PlannedStep;

struct FixSteps
{
	MemoryContext context;
	const Target *target;
	Source	   *source;
	StepTable  *table;			/* NULL: none, or not planned yet */
	uint64		n;
	uint64		allocated;
	PlannedStep *steps;			/* ordered by pair and step, once planned */
	uint64		to_write;		/* steps */
	uint64		items;			/* that these steps belong to */
	uint64		sized;			/* steps with a size */
	uint64		flat_sizes;		/* sizes in lists without steps */
	uint64		repeated_sizes; /* sizes of a dish that the step has already */
	uint64		long_sizes;		/* sizes that are too long for the column */
};

static void drop_repeated(FixSteps *steps);
static void drop_long_sizes(FixSteps *steps);
static void skip_items_with_steps(FixSteps *steps);
static void mark_pair(TupleTableSlot *slot, void *arg);
static PlannedStep *first_of_pair(FixSteps *steps, int64 group, int64 dish);
static bool same_pair(const PlannedStep *a, const PlannedStep *b);
static int	compare_steps(const void *a, const void *b);
static void look_up_items(FixSteps *steps);
static void set_item_id(TupleTableSlot *slot, void *arg);
static Datum group_ids(const FixSteps *steps);
static int64 begin_steps_run(const FixSteps *steps, int64 part_of, uint64 *before);
static void check_step_counts(const FixSteps *steps, uint64 before, uint64 after);
static const char *is_or_are(uint64 count);


FixSteps *
fix_steps_begin(const Target *target, Source *source)
{
	FixSteps   *steps = palloc0(sizeof(FixSteps));

	steps->context = CurrentMemoryContext;
	steps->target = target;
	steps->source = source;
	source->max_step = step_table_greatest(target);
	steps->allocated = INITIAL_STEPS;
	steps->steps = palloc(sizeof(PlannedStep) * INITIAL_STEPS);
	return steps;
}

void
fix_steps_collect(FixSteps *steps, const PlanRow *row)
{
	const ListedDish *dish;
	PlannedStep *step;

	if (!row->mapped)
		return;
	dish = source_json_dish(steps->source, row->source.number);
	if (dish->step == 0)
	{
		steps->flat_sizes += dish->suffix != NULL;
		return;
	}

	if (steps->n == steps->allocated)
	{
		steps->allocated += steps->allocated / 2;
		steps->steps = repalloc_huge(steps->steps, sizeof(PlannedStep) * steps->allocated);
	}
	step = &steps->steps[steps->n++];
	memset(step, 0, sizeof(PlannedStep));
	step->group_id = row->group_id;
	step->dish_id = row->dish_id;
	step->number = row->source.number;
	step->step = dish->step;
	step->suffix = dish->suffix;
}

void
fix_steps_plan(FixSteps *steps, bool writing)
{
	qsort(steps->steps, steps->n, sizeof(PlannedStep), compare_steps);
	drop_repeated(steps);
	if (steps->n == 0 || !step_table_exists(steps->target))
		return;

	steps->table = step_table_open(steps->target, ACL_SELECT);
	drop_long_sizes(steps);
	if (writing)
	{
		keyed_table_reserve(&steps->table->table, false);
		keyed_table_lock(&steps->table->table);
		query_begin_snapshot();
	}
	skip_items_with_steps(steps);
	if (writing)
	{
		query_end_snapshot();
		if (steps->to_write > 0)
			relation_require(steps->table->table.oid, ACL_INSERT);
	}
}

List *
fix_steps_refusals(const FixSteps *steps)
{
	return steps->table ? gate_repeated_keys(&steps->table->table) : NIL;
}

uint64
fix_steps_planned(const FixSteps *steps)
{
	return steps->to_write;
}

/* Keeps only the first entry of a dish that a step has several times. */
static void
drop_repeated(FixSteps *steps)
{
	uint64		kept = 0;

	for (uint64 i = 0; i < steps->n; i++)
	{
		const PlannedStep *step = &steps->steps[i];
		const PlannedStep *last = kept > 0 ? &steps->steps[kept - 1] : NULL;

		CHECK_FOR_INTERRUPTS();
		if (last && same_pair(last, step) && last->step == step->step)
		{
			steps->repeated_sizes += step->suffix != NULL &&
				(last->suffix == NULL || strcmp(last->suffix, step->suffix) != 0);
			continue;
		}
		steps->sized += step->suffix != NULL;
		steps->steps[kept++] = *step;
	}
	steps->n = kept;
}

/* A size that is too long is dropped, but its step is kept. */
static void
drop_long_sizes(FixSteps *steps)
{
	int			length = steps->table->suffix_length;

	for (uint64 i = 0; i < steps->n; i++)
	{
		PlannedStep *step = &steps->steps[i];

		CHECK_FOR_INTERRUPTS();
		if (steps->table->suffix == NULL || step->suffix == NULL || length < 0 ||
			pg_mbstrlen(step->suffix) <= length)
			continue;
		step->suffix = NULL;
		steps->long_sizes++;
	}
}

/* Marks the steps of items that have steps already, and counts the others. */
static void
skip_items_with_steps(FixSteps *steps)
{
	const Target *target = steps->target;
	const StepTable *table = steps->table;

	query_each(psprintf("SELECT i.%s::int8, i.%s::int8 FROM %s i"
						" WHERE i.%s IS NOT NULL AND i.%s IS NOT NULL"
						" AND EXISTS (SELECT FROM %s s WHERE s.%s = i.%s)",
						target->group, target->dish, target->table.name,
						target->group, target->dish,
						table->table.name, table->item, target->table.id),
			   NULL, mark_pair, steps);

	for (uint64 i = 0; i < steps->n; i++)
	{
		const PlannedStep *step = &steps->steps[i];

		CHECK_FOR_INTERRUPTS();
		if (step->has_steps)
			continue;
		steps->to_write++;
		steps->items += i == 0 || !same_pair(step, step - 1);
	}
}

static void
mark_pair(TupleTableSlot *slot, void *arg)
{
	FixSteps   *steps = arg;
	PlannedStep *step = first_of_pair(steps, slot_int8(slot, 0), slot_int8(slot, 1));
	PlannedStep *end = steps->steps + steps->n;

	for (PlannedStep *s = step; s && s < end && same_pair(s, step); s++)
		s->has_steps = true;
}

/* The first planned step of a pair, or NULL. */
static PlannedStep *
first_of_pair(FixSteps *steps, int64 group, int64 dish)
{
	uint64		low = 0;
	uint64		high = steps->n;

	while (low < high)
	{
		uint64		middle = low + (high - low) / 2;
		const PlannedStep *step = &steps->steps[middle];

		if (step->group_id < group || (step->group_id == group && step->dish_id < dish))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == steps->n || steps->steps[low].group_id != group ||
		steps->steps[low].dish_id != dish)
		return NULL;
	return &steps->steps[low];
}

static bool
same_pair(const PlannedStep *a, const PlannedStep *b)
{
	return a->group_id == b->group_id && a->dish_id == b->dish_id;
}

/* Orders by pair and step, and then as in the lists. */
static int
compare_steps(const void *a, const void *b)
{
	const PlannedStep *left = a;
	const PlannedStep *right = b;

	if (left->group_id != right->group_id)
		return left->group_id < right->group_id ? -1 : 1;
	if (left->dish_id != right->dish_id)
		return left->dish_id < right->dish_id ? -1 : 1;
	if (left->step != right->step)
		return left->step < right->step ? -1 : 1;
	return left->number < right->number ? -1 : left->number > right->number;
}

void
fix_steps_write(FixSteps *steps, int64 part_of, int batch_size)
{
	NewStep    *new_steps;
	KeyedRow   *rows;
	RunEnd		end = {.status = "completed",.engine = "executor",.figures_after = "{}"};
	uint64		before;
	int64		run_id;
	int			batch = 0;
	int			n = 0;

	if (steps->to_write == 0)
		return;
	query_begin_snapshot();
	look_up_items(steps);
	run_id = begin_steps_run(steps, part_of, &before);
	query_end_snapshot();

	batch_size = (int) Min((uint64) batch_size, steps->to_write);
	new_steps = palloc(sizeof(NewStep) * batch_size);
	rows = palloc(sizeof(KeyedRow) * batch_size);
	for (uint64 i = 0; i < steps->n; i++)
	{
		const PlannedStep *step = &steps->steps[i];

		CHECK_FOR_INTERRUPTS();
		if (!step->has_steps)
			new_steps[n++] = (NewStep)
		{
			step->item_id, step->step, step->suffix
		};
		if (n == batch_size || (n > 0 && i == steps->n - 1))
		{
			new_steps_insert(steps->table, NEW_STEP_SUFFIX, new_steps, n, rows);
			run_add_rows(run_id, RUN_INSERTED, ++batch, rows, n);
			n = 0;
		}
	}

	query_begin_snapshot();
	end.items_after = query_int8(psprintf("SELECT count(*) FROM %s", steps->table->table.name), NULL);
	query_end_snapshot();
	check_step_counts(steps, before, end.items_after);
	run_finish(run_id, &end);
	if (menuca_details)
		ereport(NOTICE,
				(errmsg("run %lld, the steps of run %lld, is complete: %s before + %s inserted = %s after",
						(long long) run_id, (long long) part_of, format_count(before),
						format_count(steps->to_write), format_count(end.items_after))));
}

/*
 * Looks up the keys of the items.  Of items that repeat a pair, the first one
 * gets the steps.
 */
static void
look_up_items(FixSteps *steps)
{
	const Target *target = steps->target;
	QueryArgs	args = {0};

	query_arg(&args, INT8ARRAYOID, group_ids(steps), false);
	query_each(psprintf("SELECT i.%s::int8, i.%s::int8, min(i.%s)::int8 FROM %s i"
						" WHERE i.%s = ANY ($1) AND i.%s IS NOT NULL GROUP BY 1, 2",
						target->group, target->dish, target->table.id, target->table.name,
						target->group, target->dish),
			   &args, set_item_id, steps);

	for (uint64 i = 0; i < steps->n; i++)
	{
		const PlannedStep *step = &steps->steps[i];

		if (!step->has_steps && !step->has_item)
			ereport(ERROR,
					(errcode(ERRCODE_MENUCA_INTEGRITY),
					 errmsg("a step has no item: group %lld, dish %lld",
							(long long) step->group_id, (long long) step->dish_id),
					 errdetail("A trigger changed or deleted the item. All that the run had written was undone; nothing was changed."),
					 errhint("Look at the INSERT triggers of %s.", target->table.display_name)));
	}
}

static void
set_item_id(TupleTableSlot *slot, void *arg)
{
	FixSteps   *steps = arg;
	PlannedStep *step = first_of_pair(steps, slot_int8(slot, 0), slot_int8(slot, 1));
	PlannedStep *end = steps->steps + steps->n;

	for (PlannedStep *s = step; s && s < end && same_pair(s, step); s++)
	{
		s->has_item = true;
		s->item_id = slot_int8(slot, 2);
	}
}

/* The groups of the steps that are to be written. */
static Datum
group_ids(const FixSteps *steps)
{
	int64	   *ids = palloc(sizeof(int64) * Max(steps->n, 1));
	int			n = 0;

	for (uint64 i = 0; i < steps->n; i++)
	{
		if (!steps->steps[i].has_steps && (n == 0 || ids[n - 1] != steps->steps[i].group_id))
			ids[n++] = steps->steps[i].group_id;
	}
	return query_int8_array(ids, NULL, n);
}

/*
 * Begins the steps' own run, with the existing rows as its baseline; sets
 * *before to their number.
 */
static int64
begin_steps_run(const FixSteps *steps, int64 part_of, uint64 *before)
{
	Baseline   *baseline = baseline_begin(maintenance_work_mem / 4);
	RunStart	start = {
		.kind = "fix_v2_steps",
		.target_schema = steps->target->schema,
		.target = steps->target->junction->step_table,
		.source = steps->source->name,
		.mode = "transaction",
		.engine = "executor",
		.parameters = "{}",
		.figures_before = "{}",
		.part_of = part_of
	};
	int64		run_id;

	baseline_read(baseline, &steps->table->table);
	start.items_before = *before = baseline->rows;
	start.checksum_before = baseline->checksum;

	start.outcomes = fix_steps_json(steps);

	run_id = run_begin(&start);
	baseline_record(baseline, run_id);
	return run_id;
}

static void
check_step_counts(const FixSteps *steps, uint64 before, uint64 after)
{
	if (before + steps->to_write == after)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_INTEGRITY),
			 errmsg("the steps do not add up: %s before + %s inserted, but %s after",
					format_count(before), format_count(steps->to_write), format_count(after)),
			 errdetail("All that the run had written was undone; nothing was changed."),
			 errhint("A trigger on %s adds or deletes rows: look at its triggers.",
					 steps->table->table.display_name)));
}

char *
fix_steps_text(const FixSteps *steps)
{
	if (steps->table == NULL)
		return NULL;
	return psprintf("steps: %s to be written to %s, for %s; %s of items that have steps already",
					format_count(steps->to_write), steps->table->table.display_name,
					format_things(steps->items, "item"),
					format_count(steps->n - steps->to_write));
}

char *
fix_steps_json(const FixSteps *steps)
{
	StringInfoData outcomes;

	initStringInfo(&outcomes);
	json_begin(&outcomes);
	json_count(&outcomes, "insert", steps->to_write);
	json_count(&outcomes, "already_present", steps->n - steps->to_write);
	json_end(&outcomes);
	return outcomes.data;
}

List *
fix_steps_warnings(const FixSteps *steps)
{
	const Target *target = steps->target;
	List	   *warnings = NIL;

	if (steps->flat_sizes > 0)
		warnings = lappend(warnings,
						   psprintf("%s of lists without steps %s not written: only a step can have a size",
									format_things(steps->flat_sizes, "size"), is_or_are(steps->flat_sizes)));
	if (steps->repeated_sizes > 0)
		warnings = lappend(warnings,
						   psprintf("%s %s not written: the step already has the same dish, with another size or without one",
									format_things(steps->repeated_sizes, "size"), is_or_are(steps->repeated_sizes)));
	if (steps->n > 0 && steps->table == NULL)
		warnings = lappend(warnings,
						   psprintf("%s, %s of them with a size, %s not written: %s",
									format_things(steps->n, "step"), format_count(steps->sized), is_or_are(steps->n),
									target->junction->step_table ?
									psprintf("there is no table %s.%s", target->schema, target->junction->step_table) :
									psprintf("rows of %s have no steps", target->table.display_name)));
	if (steps->table && steps->table->suffix == NULL && steps->sized > 0)
		warnings = lappend(warnings,
						   psprintf("%s %s not written: table %s has no column suffix of type text or varchar",
									format_things(steps->sized, "size"), is_or_are(steps->sized),
									steps->table->table.display_name));
	if (steps->long_sizes > 0)
		warnings = lappend(warnings,
						   psprintf("%s %s not written, only the step: column suffix of table %s holds at most %d characters",
									format_things(steps->long_sizes, "size"), is_or_are(steps->long_sizes),
									steps->table->table.display_name, steps->table->suffix_length));
	return warnings;
}

static const char *
is_or_are(uint64 count)
{
	return count == 1 ? "is" : "are";
}
