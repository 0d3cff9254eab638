/*-------------------------------------------------------------------------
 *
 * combo_steps_report.c
 *	  What a fix of the steps reports: see combo_steps_report.h.
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
#include "fix/combo_steps_report.h"
#include "ledger/open_run.h"
#include "plan/gate.h"

static char *other_items_text(const StepPlan *plan);
static List *combo_steps_warnings(const ComboSteps *fix);
static bool names_choices(const ComboSteps *fix);
static char *next_steps_call(const ComboSteps *fix);
static char *figures_json(const ComboSteps *fix, TimestampTz start);


void
combo_steps_announce_plan(const ComboSteps *fix)
{
	const StepPlan *plan = fix->plan;
	ListCell   *lc;

	if (!menuca_details)
	{
		if (fix->dry_run)
			ereport(NOTICE,
					(errmsg("dry run: %s by the headers of their groups for %s of %s; %s",
							format_things(plan->steps, "step"), format_count(plan->outcomes[STEP_FITS]),
							format_things(plan->n, "item"),
							fix->refusals == NIL ? "planned" :
							psprintf("refused for %s", format_things(list_length(fix->refusals), "reason")))));
		return;
	}
	ereport(NOTICE,
			(errmsg("%s: of %s, %s by their group's headers: %s to be inserted into %s",
					fix->dry_run ? "dry run" : "plan", format_things(plan->n, "item"),
					plan->outcomes[STEP_FITS] == 1 ? "1 gets steps" :
					psprintf("%s get steps", format_count(plan->outcomes[STEP_FITS])),
					format_things(plan->steps, "step"), fix->table->table.display_name),
			 errdetail("The others: %s.", other_items_text(plan)),
			 fix->dry_run && fix->refusals == NIL && plan->steps > 0 ?
			 errhint("To insert them: %s", fix->real_call) : 0));
	foreach(lc, combo_steps_warnings(fix))
		ereport(WARNING,
				(errmsg("%s", (char *) lfirst(lc))));
	foreach(lc, gate_messages(fix->refusals))
		ereport(NOTICE,
				(errmsg("a real run would be refused: %s", (char *) lfirst(lc))));
}

/* "9,975 no_header, 1,105 more_headers": the outcomes of items that get no step. */
static char *
other_items_text(const StepPlan *plan)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = STEP_FITS + 1; i < STEP_OUTCOME_COUNT; i++)
	{
		if (plan->outcomes[i] > 0)
			format_append(&text, ", ", "%s %s", format_count(plan->outcomes[i]),
						  step_plan_outcome_name((StepOutcome) i));
	}
	return text.len > 0 ? text.data : "none";
}

static List *
combo_steps_warnings(const ComboSteps *fix)
{
	const StepPlan *plan = fix->plan;
	OpenRun    *interrupted = open_run_interrupted(fix->target->schema, fix->run_id);
	List	   *warnings = NIL;

	if (interrupted)
		warnings = lappend(warnings, open_run_warning(interrupted));
	if (names_choices(fix))
		warnings = lappend(warnings,
						   psprintf("headers seem to name the choices of an item, not items: of %s with several headers, %s as many as combo_rules.item_count, and %s as many as items. To see what items get then: %s",
									format_things(plan->several, "group"),
									plan->as_many_choices == 1 ? "1 has" : psprintf("%s have", format_count(plan->as_many_choices)),
									format_count(plan->as_many_items),
									migrate_call("SELECT * FROM menuca_fix_combo_steps(headers_name => 'choices');")));
	if (fix->table->label == NULL && plan->steps > 0)
		warnings = lappend(warnings,
						   psprintf("%s %s no label: table %s has no column step_label of type text or varchar",
									format_things(plan->steps, "step"), plan->steps == 1 ? "gets" : "get",
									fix->table->table.display_name));
	return warnings;
}

/* By far more groups agree with the other reading. */
static bool
names_choices(const ComboSteps *fix)
{
	return fix->headers_name == HEADERS_NAME_ITEMS &&
		fix->plan->as_many_choices > 2 * fix->plan->as_many_items;
}

void
combo_steps_announce_end(const ComboSteps *fix)
{
	ereport(NOTICE,
			(errmsg("run %lld is complete: %s before + %s inserted = %s after",
					(long long) fix->run_id, format_count(fix->before),
					format_count(fix->inserted), format_count(fix->after)),
			 fix->inserted == 0 || !menuca_details ? 0 :
			 errhint("%s", migrate_call("To see what undoing it would do: SELECT * FROM menuca_rollback(%lld); to undo it: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
										(long long) fix->run_id, (long long) fix->run_id))));
}

/* An interrupted run comes first. */
static char *
next_steps_call(const ComboSteps *fix)
{
	OpenRun    *interrupted = open_run_interrupted(fix->target->schema, fix->run_id);

	if (interrupted && interrupted->next_step)
		return interrupted->next_step;
	if (fix->dry_run && fix->refusals)
		return gate_call(fix->refusals);
	if (fix->dry_run && fix->plan->steps > 0)
		return fix->real_call;
	return migrate_call("SELECT * FROM menuca_validate();");
}

char *
combo_steps_parameters_json(const ComboSteps *fix)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_text(&buf, "headers_name", step_plan_headers_name_text(fix->headers_name));
	json_count(&buf, "batch_size", fix->batch_size);
	json_end(&buf);
	return buf.data;
}

char *
combo_steps_outcomes_json(const StepPlan *plan)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	for (int i = 0; i < STEP_OUTCOME_COUNT; i++)
		json_count(&buf, step_plan_outcome_name((StepOutcome) i), plan->outcomes[i]);
	json_end(&buf);
	return buf.data;
}

char *
combo_steps_figures_json(uint64 steps)
{
	return json_one_count("steps", steps);
}

Datum
combo_steps_result(FunctionCallInfo fcinfo, const ComboSteps *fix, TimestampTz start)
{
	TupleDesc	desc = result_row_type(fcinfo, "itiiaatj");
	Datum		values[8];
	bool		nulls[8] = {0};
	int			i = 0;

	nulls[i] = fix->dry_run;
	values[i++] = Int64GetDatum(fix->run_id);
	values[i++] = CStringGetTextDatum(!fix->dry_run ? "completed" :
									  fix->refusals ? "refused" : "planned");
	values[i++] = Int64GetDatum(fix->plan->steps);
	values[i++] = Int64GetDatum(fix->inserted);
	values[i++] = result_text_array(gate_messages(fix->refusals));
	values[i++] = result_text_array(combo_steps_warnings(fix));
	values[i++] = CStringGetTextDatum(next_steps_call(fix));
	values[i++] = result_json(figures_json(fix, start));
	Assert(i == lengthof(values));

	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

static char *
figures_json(const ComboSteps *fix, TimestampTz start)
{
	const StepPlan *plan = fix->plan;
	StringInfoData buf;
	StringInfoData groups;
	StringInfoData several;

	initStringInfo(&groups);
	json_begin(&groups);
	for (int i = 0; i < STEP_OUTCOME_COUNT; i++)
		json_count(&groups, step_plan_outcome_name((StepOutcome) i), plan->groups_with[i]);
	json_end(&groups);

	initStringInfo(&several);
	json_begin(&several);
	json_count(&several, "groups", plan->several);
	json_count(&several, "as_many_as_item_count", plan->as_many_choices);
	json_count(&several, "as_many_as_items", plan->as_many_items);
	json_end(&several);

	initStringInfo(&buf);
	json_begin(&buf);
	json_bool(&buf, "dry_run", fix->dry_run);
	json_text(&buf, "headers_name", step_plan_headers_name_text(fix->headers_name));
	json_count(&buf, "items", plan->n);
	json_raw(&buf, "outcomes", combo_steps_outcomes_json(plan));
	json_raw(&buf, "groups", groups.data);
	json_raw(&buf, "several_headers", several.data);
	json_count(&buf, "steps_before", fix->before);
	json_count(&buf, "steps_after", fix->after);
	json_seconds(&buf, "elapsed", start);
	json_end(&buf);
	return buf.data;
}
