/*-------------------------------------------------------------------------
 *
 * list_steps.c
 *	  The steps that V2's lists have for items: see list_steps.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "check/list_steps.h"
#include "plan/mapping_plan.h"
#include "plan/orphan_story.h"
#include "source/source.h"
#include "source/source_json.h"

/* Room for steps at first; it doubles as it fills. */
#define INITIAL_STEPS 1024

/* State of list_steps_read(). */
typedef struct ReadState
{
	ListSteps  *list;
	const Source *source;
} ReadState;

static void allocate_steps(ListSteps *list, int n);
static void add_step(const PlanRow *row, void *arg);


ListSteps *
list_steps_read(const Target *target)
{
	SourceColumns columns = {.group = V2_GROUP_COLUMN,.dish = V2_DISH_COLUMN};
	PlanRequest request = {
		.row_fn = add_step,
		.empty_ok = true,
		.kilobytes = maintenance_work_mem / 4
	};
	ReadState	state;

	if (orphan_lists_state(target) != V2_USABLE)
		return NULL;
	state.list = palloc0(sizeof(ListSteps));
	allocate_steps(state.list, INITIAL_STEPS);
	state.source = source_open_lists(SOURCE_JSON_LISTS, source_find_v2(), &columns);
	request.arg = &state;
	plan_free(plan_make(target_open_for(SYSTEM_V2, target->schema, target->junction->name, ACL_SELECT),
						state.source, &request));
	return state.list;
}

static void
allocate_steps(ListSteps *list, int n)
{
	Size		bytes = sizeof(int64) * n;

	list->groups = list->groups ? repalloc_huge(list->groups, bytes) : palloc(bytes);
	list->dishes = list->dishes ? repalloc_huge(list->dishes, bytes) : palloc(bytes);
	list->steps = list->steps ? repalloc_huge(list->steps, bytes) : palloc(bytes);
	list->allocated = n;
}

static void
add_step(const PlanRow *row, void *arg)
{
	ReadState  *state = arg;
	ListSteps  *list = state->list;
	int32		step = row->mapped ? source_json_dish(state->source, row->source.number)->step : 0;

	if (step == 0)
		return;
	if (list->n == list->allocated)
		allocate_steps(list, list->allocated * 2);
	list->groups[list->n] = row->group_id;
	list->dishes[list->n] = row->dish_id;
	list->steps[list->n] = step;
	list->n++;
}
