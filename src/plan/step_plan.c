/*-------------------------------------------------------------------------
 *
 * step_plan.c
 *	  The steps that items get by their groups' headers: see step_plan.h.
 *
 * First it is decided what the headers give to each item, then the steps that
 * exist are counted against that.  All items are kept in memory, sorted by group.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/column.h"
#include "base/query.h"
#include "base/scan.h"
#include "base/slot.h"
#include "plan/step_plan.h"

/* Room for items at first; the array grows by half as it fills. */
#define INITIAL_ITEMS 1024

static void read_items(StepPlan *plan, const Target *target);
static void keep_item(TupleTableSlot *slot, void *arg);
static int	compare_numbers(int64 a, int64 b);
static int	compare_pairs(const void *a, const void *b);
static int	compare_places(const void *a, const void *b);
static int	compare_ids(const void *a, const void *b);
static StepOutcome outcome_by_itself(const StepPlan *plan, const StepItem *item, const StepItem *last);
static uint64 end_of_group(const StepPlan *plan, uint64 begin);
static void want_steps(StepPlan *plan, uint64 begin, uint64 end);
static StepOutcome outcome_by_headers(const StepPlan *plan, const GroupHeaders *headers,
									  uint64 begin, uint64 end, int items);
static bool is_ordered(const StepPlan *plan, uint64 begin, uint64 end);
static bool labels_fit(const StepPlan *plan, const GroupHeaders *headers);
static void count_headers(StepPlan *plan, const GroupHeaders *headers, int items);
static void count_present_steps(StepPlan *plan);
static void count_step(TupleTableSlot *slot, void *arg);
static StepItem *find_item(const StepPlan *plan, int64 id);
static void conclude_group(StepPlan *plan, uint64 begin, uint64 end);
static const char *label_of(const StepPlan *plan, const StepItem *item, int64 step);


HeadersName
step_plan_headers_name(const char *name)
{
	if (strcmp(name, "choices") == 0)
		return HEADERS_NAME_CHOICES;
	if (strcmp(name, "items") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown headers_name \"%s\"", name),
				 errdetail("It must be \"items\" (the headers of a group name its items, in their order) or \"choices\" (they name the choices of each item). Nothing was changed."),
				 errhint("Omit it to give each item one header at most.")));
	return HEADERS_NAME_ITEMS;
}

const char *
step_plan_headers_name_text(HeadersName headers_name)
{
	return headers_name == HEADERS_NAME_CHOICES ? "choices" : "items";
}

StepPlan *
step_plan_make(const Target *target, const StepTable *table, HeadersName headers_name)
{
	StepPlan   *plan = palloc0(sizeof(StepPlan));
	uint64		end;

	plan->headers_name = headers_name;
	plan->table = table;
	plan->groups = parent_map_read(&target->groups);
	plan->headers = group_headers_read(&target->groups, plan->groups);
	read_items(plan, target);

	for (uint64 begin = 0; begin < plan->n; begin = end)
	{
		CHECK_FOR_INTERRUPTS();
		end = end_of_group(plan, begin);
		want_steps(plan, begin, end);
	}
	count_present_steps(plan);
	for (uint64 begin = 0; begin < plan->n; begin = end)
	{
		CHECK_FOR_INTERRUPTS();
		end = end_of_group(plan, begin);
		conclude_group(plan, begin, end);
	}
	return plan;
}

void
step_plan_each(const StepPlan *plan, StepPlanFn fn, void *arg)
{
	for (uint64 i = 0; i < plan->n; i++)
	{
		const StepItem *item = &plan->items[i];

		for (int step = item->first; item->outcome == STEP_FITS && step < item->first + item->count; step++)
		{
			CHECK_FOR_INTERRUPTS();
			fn(item, step, label_of(plan, item, step), arg);
		}
	}
}

/* Reads the items, and judges those that have no steps whatever the headers are. */
static void
read_items(StepPlan *plan, const Target *target)
{
	ScanColumn	columns[] = {
		{target->table.id_attnum, SCAN_INT8},
		{target->group_attnum, SCAN_INT8},
		{target->dish_attnum, SCAN_INT8},
		{target->display_order_attnum, SCAN_INT8}
	};

	plan->allocated = INITIAL_ITEMS;
	plan->items = palloc(sizeof(StepItem) * INITIAL_ITEMS);
	scan_each(target->table.oid, columns, lengthof(columns), false, keep_item, plan);

	qsort(plan->items, plan->n, sizeof(StepItem), compare_pairs);
	for (uint64 i = 0; i < plan->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		plan->items[i].outcome = outcome_by_itself(plan, &plan->items[i], i == 0 ? NULL : &plan->items[i - 1]);
	}
	qsort(plan->items, plan->n, sizeof(StepItem), compare_places);

	plan->by_id = palloc_extended(sizeof(StepItem *) * Max(plan->n, 1), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < plan->n; i++)
		plan->by_id[i] = &plan->items[i];
	qsort(plan->by_id, plan->n, sizeof(StepItem *), compare_ids);
}

static void
keep_item(TupleTableSlot *slot, void *arg)
{
	StepPlan   *plan = arg;
	StepItem   *item;

	if (slot->tts_isnull[0])
		return;
	if (plan->n == plan->allocated)
	{
		plan->allocated += plan->allocated / 2;
		plan->items = repalloc_huge(plan->items, sizeof(StepItem) * plan->allocated);
	}
	item = &plan->items[plan->n++];
	memset(item, 0, sizeof(StepItem));
	item->id = slot_int8(slot, 0);
	item->group = PARENT_MAP_END;
	item->has_group = !slot->tts_isnull[1];
	item->has_dish = !slot->tts_isnull[2];
	item->has_order = !slot->tts_isnull[3];
	if (item->has_group)
	{
		item->group_id = slot_int8(slot, 1);
		item->group = parent_index_find(plan->groups->by_id, item->group_id);
	}
	if (item->has_dish)
		item->dish_id = slot_int8(slot, 2);
	if (item->has_order)
		item->order = slot_int8(slot, 3);
}

static int
compare_numbers(int64 a, int64 b)
{
	return a < b ? -1 : a > b;
}

/* By group and dish; of items that repeat a pair, the first one comes first. */
static int
compare_pairs(const void *a, const void *b)
{
	const StepItem *left = a;
	const StepItem *right = b;
	int			order = (int) right->has_group - (int) left->has_group;

	if (order == 0)
		order = compare_numbers(left->group_id, right->group_id);
	if (order == 0)
		order = (int) right->has_dish - (int) left->has_dish;
	if (order == 0)
		order = compare_numbers(left->dish_id, right->dish_id);
	return order != 0 ? order : compare_numbers(left->id, right->id);
}

/* By group and display_order; items without one come last. */
static int
compare_places(const void *a, const void *b)
{
	const StepItem *left = a;
	const StepItem *right = b;
	int			order = (int) right->has_group - (int) left->has_group;

	if (order == 0)
		order = compare_numbers(left->group_id, right->group_id);
	if (order == 0)
		order = (int) right->has_order - (int) left->has_order;
	if (order == 0)
		order = compare_numbers(left->order, right->order);
	return order != 0 ? order : compare_numbers(left->id, right->id);
}

static int
compare_ids(const void *a, const void *b)
{
	return compare_numbers((*(StepItem *const *) a)->id, (*(StepItem *const *) b)->id);
}

/* What no header changes; STEP_FITS: the headers decide.  last is the item before it. */
static StepOutcome
outcome_by_itself(const StepPlan *plan, const StepItem *item, const StepItem *last)
{
	if (!item->has_dish || item->group == PARENT_MAP_END)
		return STEP_INVALID;
	if (plan->groups->rows[item->group].system == SYSTEM_V2)
		return STEP_V2_GROUP;
	if (last && last->has_dish && last->group == item->group && last->dish_id == item->dish_id)
		return STEP_DUPLICATE;
	return STEP_FITS;
}

/* Items without a group are each one of their own. */
static uint64
end_of_group(const StepPlan *plan, uint64 begin)
{
	uint64		end = begin + 1;

	while (plan->items[begin].has_group && end < plan->n && plan->items[end].has_group &&
		   plan->items[end].group_id == plan->items[begin].group_id)
		end++;
	return end;
}

/* Decides which steps the headers of a group give to its items. */
static void
want_steps(StepPlan *plan, uint64 begin, uint64 end)
{
	const GroupHeaders *headers;
	StepOutcome outcome;
	int			items = 0;
	int			place = 0;

	for (uint64 i = begin; i < end; i++)
		items += plan->items[i].outcome == STEP_FITS;
	for (uint64 i = begin; i < end; i++)
		plan->items[i].items = items;
	if (items == 0)
		return;

	headers = &plan->headers[plan->items[begin].group];
	outcome = outcome_by_headers(plan, headers, begin, end, items);
	count_headers(plan, headers, items);
	for (uint64 i = begin; i < end; i++)
	{
		StepItem   *item = &plan->items[i];

		if (item->outcome != STEP_FITS)
			continue;
		item->outcome = outcome;
		item->wanted = outcome == STEP_FITS;
		if (!item->wanted)
			continue;
		if (plan->headers_name == HEADERS_NAME_CHOICES)
		{
			item->first = 1;
			item->count = headers->n;
		}
		else
		{
			item->first = headers->n == 1 ? 1 : ++place;
			item->count = 1;
		}
	}
}

/*
 * A single header is that of all items.  Several name the items only when there
 * are as many and display_order says which is which.
 */
static StepOutcome
outcome_by_headers(const StepPlan *plan, const GroupHeaders *headers,
				   uint64 begin, uint64 end, int items)
{
	if (headers->state == HEADERS_MALFORMED)
		return STEP_MALFORMED_RULES;
	if (headers->state == HEADERS_NONE)
		return STEP_NO_HEADER;
	if (headers->state == HEADERS_UNCLEAR)
		return STEP_UNCLEAR_HEADER;
	if (plan->headers_name == HEADERS_NAME_CHOICES)
	{
		if (!headers->has_item_count || headers->item_count != headers->n)
			return STEP_COUNT_DIFFERS;
	}
	else if (headers->n > 1)
	{
		if (headers->n > items)
			return STEP_MORE_HEADERS;
		if (headers->n < items)
			return STEP_FEWER_HEADERS;
		if (!is_ordered(plan, begin, end))
			return STEP_UNORDERED;
	}
	return labels_fit(plan, headers) ? STEP_FITS : STEP_LABEL_TOO_LONG;
}

/* True if each of the items that count has a display_order of its own. */
static bool
is_ordered(const StepPlan *plan, uint64 begin, uint64 end)
{
	const StepItem *last = NULL;

	for (uint64 i = begin; i < end; i++)
	{
		const StepItem *item = &plan->items[i];

		if (item->outcome != STEP_FITS)
			continue;
		if (!item->has_order || (last && last->order == item->order))
			return false;
		last = item;
	}
	return true;
}

static bool
labels_fit(const StepPlan *plan, const GroupHeaders *headers)
{
	if (plan->table->label == NULL || plan->table->label_length < 0)
		return true;
	for (int i = 0; i < headers->n; i++)
	{
		if (pg_mbstrlen(headers->labels[i]) > plan->table->label_length)
			return false;
	}
	return true;
}

static void
count_headers(StepPlan *plan, const GroupHeaders *headers, int items)
{
	if (headers->n < 2)
		return;
	plan->several++;
	plan->as_many_choices += headers->has_item_count && headers->item_count == headers->n;
	plan->as_many_items += headers->n == items;
}

/* Counts the steps that exist against those that the headers give. */
static void
count_present_steps(StepPlan *plan)
{
	const StepTable *table = plan->table;
	char	   *label = table->label ?
		column_as_text(table->table.oid, column_find(table->table.oid, "step_label"), "s") : NULL;

	query_each(psprintf("SELECT s.%s::int8, s.%s::int8, %s FROM %s s WHERE s.%s IS NOT NULL",
						table->item, table->step, label ? label : "NULL::text", table->table.name, table->item),
			   NULL, count_step, plan);
}

static void
count_step(TupleTableSlot *slot, void *arg)
{
	StepPlan   *plan = arg;
	StepItem   *item = find_item(plan, slot_int8(slot, 0));
	const char *label;
	int64		step;

	if (item == NULL)
		return;
	item->present++;
	if (!item->wanted || slot->tts_isnull[1])
		return;
	step = slot_int8(slot, 1);
	if (step < item->first || step >= item->first + item->count)
		return;
	item->numbered++;
	label = slot_text_or_null(slot, 2);
	item->labelled += plan->table->label == NULL || (label && strcmp(label, label_of(plan, item, step)) == 0);
}

static StepItem *
find_item(const StepPlan *plan, int64 id)
{
	uint64		low = 0;
	uint64		high = plan->n;

	while (low < high)
	{
		uint64		middle = low + (high - low) / 2;

		if (plan->by_id[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < plan->n && plan->by_id[low]->id == id ? plan->by_id[low] : NULL;
}

/* Sets the outcomes of a group's items, now that their steps are known. */
static void
conclude_group(StepPlan *plan, uint64 begin, uint64 end)
{
	bool		has_others = false;
	bool		has[STEP_OUTCOME_COUNT] = {0};

	for (uint64 i = begin; i < end; i++)
	{
		const StepItem *item = &plan->items[i];

		has_others |= item->present > 0 &&
			!(item->wanted && item->present == (uint64) item->count && item->numbered == (uint64) item->count);
	}
	for (uint64 i = begin; i < end; i++)
	{
		StepItem   *item = &plan->items[i];

		if (item->present > 0 && item->outcome != STEP_INVALID && item->outcome != STEP_V2_GROUP)
			item->outcome = STEP_ALREADY_PRESENT;
		else if (item->outcome == STEP_FITS && has_others)
			item->outcome = STEP_OTHER_STEPS;
		plan->outcomes[item->outcome]++;
		has[item->outcome] = true;
		if (item->outcome == STEP_FITS)
			plan->steps += item->count;
	}
	for (int i = 0; i < STEP_OUTCOME_COUNT; i++)
		plan->groups_with[i] += has[i] && plan->items[begin].has_group;
}

/* The header of a wanted step of an item. */
static const char *
label_of(const StepPlan *plan, const StepItem *item, int64 step)
{
	const GroupHeaders *headers = &plan->headers[item->group];

	Assert(item->wanted && step >= 1 && step <= headers->n);
	return headers->labels[step - 1];
}

const char *
step_plan_outcome_name(StepOutcome outcome)
{
	static const char *const names[STEP_OUTCOME_COUNT] = {
		[STEP_FITS] = "fits",
		[STEP_ALREADY_PRESENT] = "already_present",
		[STEP_NO_HEADER] = "no_header",
		[STEP_MORE_HEADERS] = "more_headers",
		[STEP_FEWER_HEADERS] = "fewer_headers",
		[STEP_COUNT_DIFFERS] = "count_differs",
		[STEP_UNORDERED] = "unordered",
		[STEP_UNCLEAR_HEADER] = "unclear_header",
		[STEP_LABEL_TOO_LONG] = "label_too_long",
		[STEP_OTHER_STEPS] = "other_steps",
		[STEP_MALFORMED_RULES] = "malformed_rules",
		[STEP_V2_GROUP] = "v2_group",
		[STEP_DUPLICATE] = "duplicate",
		[STEP_INVALID] = "invalid"
	};

	return names[outcome];
}
