/*-------------------------------------------------------------------------
 *
 * plan_functions.c
 *	  The plan itself, as rows.
 *
 * menuca_plan_combos()			a row per source row, with its outcome
 * menuca_plan_group_dishes()	the same for V1's lists of dishes
 * menuca_plan_v2_groups()		the same for V2's, with step and size
 * menuca_plan_combo_steps()	a row per item, with the step by its group's headers
 *
 * They write nothing, and no gate judges the plan.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/results.h"
#include "plan/mapping_plan.h"
#include "plan/plan_call.h"
#include "plan/step_plan.h"
#include "source/source.h"
#include "source/source_arguments.h"
#include "source/source_json.h"
#include "target/junction.h"
#include "target/step_table.h"

PG_FUNCTION_INFO_V1(menuca_plan_combos);
PG_FUNCTION_INFO_V1(menuca_plan_group_dishes);
PG_FUNCTION_INFO_V1(menuca_plan_v2_groups);
PG_FUNCTION_INFO_V1(menuca_plan_combo_steps);

/* State of return_plan(). */
typedef struct PlanOutput
{
	ReturnSetInfo *rsinfo;
	const Source *source;

	/* By outcome, made once: no row costs an allocation */
	Datum		outcomes[OUTCOME_COUNT];
	Datum		next_steps[OUTCOME_COUNT];
	bool		has_no_next_step[OUTCOME_COUNT];
} PlanOutput;

static Datum return_plan(FunctionCallInfo fcinfo, Target *target,
						 const Source *source, const char *fix, PlanRowFn fn);
static void make_outcome_texts(PlanOutput *output, const Target *target, const char *fix);
static void return_plan_row(const PlanRow *row, void *arg);
static void return_v2_plan_row(const PlanRow *row, void *arg);
static void plan_row_values(const PlanRow *row, const PlanOutput *output, Datum *values, bool *nulls);
static void return_step_row(ReturnSetInfo *rsinfo, const StepPlan *plan, const StepItem *item, int step, Datum fix);


/*
 * menuca_plan_combos(source, target, id_column, dish_column, group_column,
 * order_column): a row per source row.
 */
Datum
menuca_plan_combos(PG_FUNCTION_ARGS)
{
	SourceColumns columns = source_row_columns(fcinfo, 2);
	Source	   *source = source_open(argument_table_or_invalid(fcinfo, 0, "source"), &columns, false);

	return return_plan(fcinfo, target_open(NULL, argument_text(fcinfo, 1, "target"), ACL_SELECT),
					   source, "menuca_fix_combos", return_plan_row);
}

/*
 * menuca_plan_group_dishes(source, target, group_column, list_column): a row
 * per dish of each list.
 */
Datum
menuca_plan_group_dishes(PG_FUNCTION_ARGS)
{
	SourceColumns columns = source_list_columns(fcinfo, 2);
	Source	   *source = source_open_lists(SOURCE_PHP_LISTS, argument_table_or_invalid(fcinfo, 0, "source"), &columns);

	return return_plan(fcinfo, target_open(NULL, argument_text(fcinfo, 1, "target"), ACL_SELECT),
					   source, "menuca_fix_group_dishes", return_plan_row);
}

/*
 * menuca_plan_v2_groups(source, target, group_column, list_column): the same,
 * with the dish's step and size.
 */
Datum
menuca_plan_v2_groups(PG_FUNCTION_ARGS)
{
	SourceColumns columns = source_list_columns(fcinfo, 2);
	Source	   *source = source_open_lists(SOURCE_JSON_LISTS, argument_table_or_invalid(fcinfo, 0, "source"), &columns);
	Target	   *target = target_open_for(SYSTEM_V2, NULL, argument_text(fcinfo, 1, "target"), ACL_SELECT);

	source->max_step = step_table_greatest(target);
	return return_plan(fcinfo, target, source, "menuca_fix_v2_groups", return_v2_plan_row);
}

/*
 * menuca_plan_combo_steps(headers_name): a row per item, but one for each step of
 * an item that gets several.
 */
Datum
menuca_plan_combo_steps(PG_FUNCTION_ARGS)
{
	HeadersName headers_name = step_plan_headers_name(argument_text(fcinfo, 0, "headers_name"));
	Target	   *target = target_open(NULL, "combo_items", ACL_SELECT);
	const StepPlan *plan;
	Datum		fix = CStringGetTextDatum(headers_name == HEADERS_NAME_CHOICES ?
										  migrate_call("SELECT * FROM menuca_fix_combo_steps(headers_name => 'choices');") :
										  migrate_call("SELECT * FROM menuca_fix_combo_steps();"));

	InitMaterializedSRF(fcinfo, 0);
	plan = step_plan_make(target, step_table_open(target, ACL_SELECT), headers_name);
	for (uint64 i = 0; i < plan->n; i++)
	{
		const StepItem *item = &plan->items[i];
		int			steps = item->outcome == STEP_FITS ? item->count : 1;

		CHECK_FOR_INTERRUPTS();
		for (int step = 0; step < steps; step++)
			return_step_row((ReturnSetInfo *) fcinfo->resultinfo, plan, item, item->first + step, fix);
	}
	return (Datum) 0;
}

static Datum
return_plan(FunctionCallInfo fcinfo, Target *target, const Source *source, const char *fix, PlanRowFn fn)
{
	PlanOutput	output = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo,.source = source};
	PlanRequest request = {
		.row_fn = fn,
		.arg = &output
	};

	InitMaterializedSRF(fcinfo, 0);
	make_outcome_texts(&output, target, fix);
	plan_make(target, source, &request);

	return (Datum) 0;
}

/*
 * The fix for what can be inserted, the explanation for what cannot; of lists
 * there is none.
 */
static void
make_outcome_texts(PlanOutput *output, const Target *target, const char *fix)
{
	bool		of_rows = output->source->kind == SOURCE_ROWS;
	char	   *arguments = plan_call_arguments(target, output->source);
	char	   *insert = migrate_call("SELECT * FROM %s(%s);", migrate_qualify(fix), arguments);
	char	   *explain = of_rows ? migrate_call("SELECT * FROM menuca_explain_unmapped(%s);", arguments) : NULL;

	for (int i = 0; i < OUTCOME_COUNT; i++)
	{
		bool		is_done = i == OUTCOME_ALREADY_PRESENT || i == OUTCOME_DUPLICATE;

		output->outcomes[i] = CStringGetTextDatum(plan_outcome_name((Outcome) i));
		output->next_steps[i] = result_text(i == OUTCOME_INSERT ? insert : is_done ? NULL : explain,
											&output->has_no_next_step[i]);
	}
}

static void
return_plan_row(const PlanRow *row, void *arg)
{
	const PlanOutput *output = arg;
	ReturnSetInfo *rsinfo = output->rsinfo;
	Datum		values[8];
	bool		nulls[8];

	plan_row_values(row, output, values, nulls);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* The same, with step and size. */
static void
return_v2_plan_row(const PlanRow *row, void *arg)
{
	PlanOutput *output = arg;
	ReturnSetInfo *rsinfo = output->rsinfo;
	const ListedDish *dish = source_json_dish(output->source, row->source.number);
	Datum		values[10];
	bool		nulls[10];

	plan_row_values(row, output, values, nulls);
	values[8] = Int32GetDatum(dish->step);
	nulls[8] = dish->step == 0;
	values[9] = result_text(dish->suffix, &nulls[9]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
plan_row_values(const PlanRow *row, const PlanOutput *output, Datum *values, bool *nulls)
{
	values[0] = Int64GetDatum(row->source.id);
	nulls[0] = !row->source.has_id;
	values[1] = Int64GetDatum(row->source.group);
	nulls[1] = !row->source.has_group;
	values[2] = Int64GetDatum(row->source.dish);
	nulls[2] = !row->source.has_dish;
	values[3] = Int64GetDatum(row->source.order);
	nulls[3] = false;
	values[4] = Int64GetDatum(row->group_id);
	values[5] = Int64GetDatum(row->dish_id);
	nulls[4] = nulls[5] = !row->mapped;
	values[6] = output->outcomes[row->outcome];
	nulls[6] = false;
	values[7] = output->next_steps[row->outcome];
	nulls[7] = output->has_no_next_step[row->outcome];
}

/* Only an item that fits has a step; headers are counted where the rules can be read. */
static void
return_step_row(ReturnSetInfo *rsinfo, const StepPlan *plan, const StepItem *item, int step, Datum fix)
{
	static const GroupHeaders no_headers = {.state = HEADERS_MALFORMED};
	const GroupHeaders *headers = item->group == PARENT_MAP_END ? &no_headers : &plan->headers[item->group];
	Datum		values[10] = {0};
	bool		nulls[10] = {0};

	values[0] = Int64GetDatum(item->id);
	values[1] = Int64GetDatum(item->group_id);
	nulls[1] = !item->has_group;
	values[2] = Int64GetDatum(item->dish_id);
	nulls[2] = !item->has_dish;
	nulls[3] = nulls[4] = item->outcome != STEP_FITS;
	if (item->outcome == STEP_FITS)
	{
		values[3] = Int32GetDatum(step);
		values[4] = CStringGetTextDatum(headers->labels[step - 1]);
	}
	values[5] = Int32GetDatum(headers->n);
	nulls[5] = headers->state == HEADERS_UNCLEAR || headers->state == HEADERS_MALFORMED;
	values[6] = Int32GetDatum(item->items);
	nulls[6] = item->group == PARENT_MAP_END;
	values[7] = Int32GetDatum(headers->item_count);
	nulls[7] = !headers->has_item_count;
	values[8] = CStringGetTextDatum(step_plan_outcome_name(item->outcome));
	values[9] = fix;
	nulls[9] = item->outcome != STEP_FITS;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
