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
#include "base/settings.h"
#include "fix/backfill_report.h"
#include "fix/fix_options.h"
#include "ledger/open_run.h"
#include "plan/gate.h"
#include "plan/plan_call.h"

static char *rejects_text(const DishPlan *plan);
static char *next_backfill_call(const Backfill *backfill);
static char *map_call(const Backfill *backfill);
static char *figures_of_backfill(const Backfill *backfill, TimestampTz start);


void
backfill_announce_plan(const Backfill *backfill)
{
	const DishPlan *plan = backfill->plan;
	uint64		insert = plan->outcomes[DISH_INSERT];
	ListCell   *lc;

	if (!menuca_details)
	{
		if (backfill->dry_run)
			ereport(NOTICE,
					(errmsg("dry run: of %s that the source names and the target lacks, %s to be inserted from %s, %s; dish coverage %s now, %s afterwards; %s",
							format_things(plan->missing, "dish id"), format_count(insert),
							backfill->menu->display_name,
							backfill->visible == 0 ? "inactive" :
							psprintf("%s visible to customers", format_count(backfill->visible)),
							format_pct(plan->dishes.covered, plan->dishes.ids),
							format_pct(plan->dishes.covered + insert, plan->dishes.ids),
							backfill->refusals == NIL ? "planned" :
							psprintf("refused for %s", format_things(list_length(backfill->refusals), "reason")))));
		return;
	}
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
	const DishPlan *plan = backfill->plan;

	if (!menuca_details)
	{
		ereport(NOTICE,
				(errmsg("run %lld is complete: %s before + %s inserted = %s after, %s newly visible to customers; dish coverage %s before, %s after",
						(long long) backfill->run_id, format_count(backfill->dishes_before),
						format_count(backfill->inserted), format_count(backfill->dishes_after),
						format_count(backfill->visible),
						format_pct(plan->dishes.covered, plan->dishes.ids),
						format_pct(plan->dishes.covered + plan->outcomes[DISH_INSERT], plan->dishes.ids))));
		return;
	}
	ereport(NOTICE,
			(errmsg("run %lld is complete: %s before + %s inserted = %s after",
					(long long) backfill->run_id, format_count(backfill->dishes_before),
					format_count(backfill->inserted), format_count(backfill->dishes_after)),
			 errdetail("Newly visible to customers: %s.", format_count(backfill->visible)),
			 backfill->inserted == 0 ? 0 :
			 errhint("%s", migrate_call("To map the source's rows now: %s to undo this run instead: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
										map_call(backfill), (long long) backfill->run_id))));
}

/* An interrupted run comes first.  When nothing is missing, or any more, the fix is next. */
static char *
next_backfill_call(const Backfill *backfill)
{
	OpenRun    *interrupted = open_run_interrupted(backfill->target->schema, backfill->run_id);

	if (interrupted && interrupted->next_step)
		return interrupted->next_step;
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
					plan_call_of_rows(backfill->target, backfill->source));
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
backfill_figures_before_json(const Backfill *backfill, uint64 dishes)
{
	const DishPlan *plan = backfill->plan;
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_count(&buf, "dishes", dishes);
	json_count(&buf, "newly_visible", 0);
	json_pct(&buf, "dish_coverage_pct", plan->dishes.covered, plan->dishes.ids);
	json_count(&buf, "menu_rows", plan->nrows);
	json_count(&buf, "missing_dishes", plan->missing);
	json_count(&buf, "not_in_menu", plan->not_in_menu);
	json_count(&buf, "source_rows_gained", plan->rows_gained);
	json_end(&buf);
	return buf.data;
}

char *
backfill_figures_after_json(const Backfill *backfill)
{
	const DishPlan *plan = backfill->plan;
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_count(&buf, "dishes", backfill->dishes_after);
	json_count(&buf, "newly_visible", backfill->visible);
	json_pct(&buf, "dish_coverage_pct", plan->dishes.covered + plan->outcomes[DISH_INSERT], plan->dishes.ids);
	json_end(&buf);
	return buf.data;
}

Datum
backfill_result(FunctionCallInfo fcinfo, const Backfill *backfill, TimestampTz start)
{
	const DishPlan *plan = backfill->plan;
	TupleDesc	desc;
	Datum		values[9];
	bool		nulls[9] = {0};

	desc = result_row_type(fcinfo, "it" "iii" "n" "at" "j");
	nulls[0] = backfill->dry_run;
	values[0] = Int64GetDatum(backfill->run_id);
	values[1] = CStringGetTextDatum(!backfill->dry_run ? "completed" :
									backfill->refusals ? "refused" : "planned");
	values[2] = Int64GetDatum(plan->outcomes[DISH_INSERT]);
	values[3] = Int64GetDatum(backfill->inserted);
	values[4] = Int64GetDatum(backfill->visible);
	values[5] = result_percent(plan->dishes.covered + plan->outcomes[DISH_INSERT],
							   plan->dishes.ids, &nulls[5]);
	values[6] = result_text_array(gate_messages(backfill->refusals));
	values[7] = CStringGetTextDatum(next_backfill_call(backfill));
	values[8] = result_json(figures_of_backfill(backfill, start));

	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* What a row of the result has beside the columns that decide. */
static char *
figures_of_backfill(const Backfill *backfill, TimestampTz start)
{
	const DishPlan *plan = backfill->plan;
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_bool(&buf, "dry_run", backfill->dry_run);
	json_count(&buf, "menu_rows", plan->nrows);
	for (int i = 0; i < DISH_OUTCOME_COUNT; i++)
	{
		if (i != DISH_INSERT)
			json_count(&buf, dish_plan_outcome_name((DishOutcome) i), plan->outcomes[i]);
	}
	json_count(&buf, "missing_dishes", plan->missing);
	json_count(&buf, "not_in_menu", plan->not_in_menu);
	json_count(&buf, "dishes_before", backfill->dishes_before);
	json_count(&buf, "dishes_after", backfill->dishes_after);
	json_count(&buf, "source_rows_gained", plan->rows_gained);
	json_pct(&buf, "dish_coverage_pct_before", plan->dishes.covered, plan->dishes.ids);
	json_seconds(&buf, "elapsed", start);
	json_end(&buf);
	return buf.data;
}
