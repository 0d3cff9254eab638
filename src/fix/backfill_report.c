/*-------------------------------------------------------------------------
 *
 * backfill_report.c
 *	  What a backfill reports: see backfill_report.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/json.h"
#include "base/results.h"
#include "fix/backfill_report.h"
#include "fix/fix_options.h"
#include "plan/gate.h"
#include "plan/plan_call.h"

static char *rejects_text(const DishPlan *plan);
static char *next_backfill_call(const Backfill *backfill);
static char *map_call(const Backfill *backfill);
static char *fix_arguments(const Backfill *backfill);


void
backfill_announce_plan(const Backfill *backfill)
{
	const DishPlan *plan = backfill->plan;
	uint64		insert = plan->outcomes[DISH_INSERT];
	ListCell   *lc;

	ereport(NOTICE,
			(errmsg("%s: of %s that the source names and the target lacks, %s to be inserted from %s%s",
					backfill->dry_run ? "dry run" : "plan",
					format_things(plan->missing, "dish id"), format_count(insert),
					backfill->menu->display_name,
					backfill->visible == 0 ? ", inactive" : ""),
			 errdetail("Not in that menu: %s. In it, but not inserted: %s. Newly visible to customers: %s. Source rows that can be mapped afterwards: %s more. Dish coverage: %s now, %s afterwards.",
					   format_count(plan->not_in_menu), rejects_text(plan),
					   format_count(backfill->visible), format_count(plan->rows_gained),
					   format_pct(plan->dishes.covered, plan->dishes.ids),
					   format_pct(plan->dishes.covered + insert, plan->dishes.ids))));
	foreach(lc, gate_messages(backfill->refusals))
		ereport(NOTICE,
				(errmsg("a real run would be refused: %s", (char *) lfirst(lc))));
}

/*
 * "3 blank_name, 1 unknown_restaurant": the outcomes of dishes that the source
 * names and the backfill does not insert.
 */
static char *
rejects_text(const DishPlan *plan)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < DISH_OUTCOME_COUNT; i++)
	{
		if (i == DISH_INSERT || i == DISH_ALREADY_PRESENT || i == DISH_NOT_REFERENCED ||
			plan->outcomes[i] == 0)
			continue;
		format_append(&text, ", ", "%s %s", format_count(plan->outcomes[i]),
					  dish_plan_outcome_name((DishOutcome) i));
	}
	return text.len > 0 ? text.data : "none";
}

void
backfill_announce_end(const Backfill *backfill)
{
	ereport(NOTICE,
			(errmsg("run %lld is complete: %s before + %s inserted = %s after",
					(long long) backfill->run_id, format_count(backfill->dishes_before),
					format_count(backfill->inserted), format_count(backfill->dishes_after)),
			 errdetail("Newly visible to customers: %s.", format_count(backfill->visible)),
			 backfill->inserted == 0 ? 0 :
			 errhint("%s", migrate_call("To map the source's rows now: %s to undo this run instead: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
										map_call(backfill), (long long) backfill->run_id))));
}

/* When nothing is missing, or any more, the fix is next. */
static char *
next_backfill_call(const Backfill *backfill)
{
	if (backfill->dry_run && backfill->refusals)
		return gate_call(backfill->refusals);
	if (backfill->dry_run && backfill->plan->outcomes[DISH_INSERT] > 0)
		return backfill->real_call;
	return map_call(backfill);
}

/* The dry run of a fix of the same source. */
static char *
map_call(const Backfill *backfill)
{
	return psprintf("SELECT * FROM %s(%s);", migrate_qualify(fix_options_call(backfill->source->kind)),
					fix_arguments(backfill));
}

/* A backfill has no argument for the columns of id and order. */
static char *
fix_arguments(const Backfill *backfill)
{
	Source		source = *backfill->source;

	if (source.kind == SOURCE_ROWS)
	{
		source.columns.id = "id";
		source.columns.order = "order";
	}
	return plan_call_arguments(backfill->target, &source);
}

char *
backfill_outcomes_json(const DishPlan *plan)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	for (int i = 0; i < DISH_OUTCOME_COUNT; i++)
		json_count(&buf, dish_plan_outcome_name((DishOutcome) i), plan->outcomes[i]);
	json_end(&buf);
	return buf.data;
}

/*
 * The run's source is the menu, so the source that names the dishes is a
 * parameter.
 */
char *
backfill_parameters_json(const Backfill *backfill)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_text(&buf, "source", backfill->source->name);
	json_text(&buf, "group_column", backfill->source->columns.group);
	json_text(&buf, "dish_column", backfill->source->columns.dish);
	json_raw(&buf, "activate", backfill->activate ? "true" : "false");
	json_raw(&buf, "max_cross_restaurant_pct", psprintf("%.17g", backfill->max_cross_restaurant));
	json_end(&buf);
	return buf.data;
}

char *
backfill_figures_json(uint64 dishes, uint64 visible)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_count(&buf, "dishes", dishes);
	json_count(&buf, "newly_visible", visible);
	json_end(&buf);
	return buf.data;
}

Datum
backfill_result(FunctionCallInfo fcinfo, const Backfill *backfill, TimestampTz start)
{
	const DishPlan *plan = backfill->plan;
	TupleDesc	desc;
	Datum		values[28];
	bool		nulls[28] = {0};
	int			i = 0;

	desc = result_row_type(fcinfo, "ibti" "iiiiiiiiiiii" "iiiiiii" "nnvat");
	nulls[i] = backfill->dry_run;
	values[i++] = Int64GetDatum(backfill->run_id);
	values[i++] = BoolGetDatum(backfill->dry_run);
	values[i++] = CStringGetTextDatum(!backfill->dry_run ? "completed" :
									  backfill->refusals ? "refused" : "planned");
	values[i++] = Int64GetDatum(plan->nrows);
	for (int outcome = 0; outcome < DISH_OUTCOME_COUNT; outcome++)
		values[i++] = Int64GetDatum(plan->outcomes[outcome]);
	values[i++] = Int64GetDatum(plan->missing);
	values[i++] = Int64GetDatum(plan->not_in_menu);
	values[i++] = Int64GetDatum(backfill->inserted);
	values[i++] = Int64GetDatum(backfill->visible);
	values[i++] = Int64GetDatum(backfill->dishes_before);
	values[i++] = Int64GetDatum(backfill->dishes_after);
	values[i++] = Int64GetDatum(plan->rows_gained);
	values[i] = result_percent(plan->dishes.covered, plan->dishes.ids, &nulls[i]);
	i++;
	values[i] = result_percent(plan->dishes.covered + plan->outcomes[DISH_INSERT],
							   plan->dishes.ids, &nulls[i]);
	i++;
	values[i++] = result_elapsed(start);
	values[i++] = result_text_array(gate_messages(backfill->refusals));
	values[i++] = CStringGetTextDatum(next_backfill_call(backfill));
	Assert(i == lengthof(values));

	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}
