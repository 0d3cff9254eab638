/*-------------------------------------------------------------------------
 *
 * fix_report.c
 *	  What a fix reports: see fix_report.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "backup/backup_gate.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/json.h"
#include "base/results.h"
#include "base/settings.h"
#include "fix/fix_call.h"
#include "fix/fix_report.h"
#include "plan/decision.h"
#include "write/item_writer.h"

static char *plan_text(const Fix *fix);
static char *steps_text(const Fix *fix);
static char *warnings_text(const Fix *fix);
static void tell_plan(const Fix *fix, bool dry_run);
static List *all_warnings(const Fix *fix);
static List *row_warnings(const Fix *fix);
static char *probe_texts_json(const Probes *probes);
static char *figures_of_fix(const Fix *fix, bool dry_run, TimestampTz start);


void
fix_announce_plan(const Fix *fix, bool dry_run)
{
	if (menuca_details)
		tell_plan(fix, dry_run);
	else if (dry_run)
		ereport(NOTICE,
				(errmsg("dry run: %s; orphans %s now, %s afterwards; %s%s",
						plan_text(fix),
						format_pct(fix->figures.before.orphans, fix->figures.before.groups),
						format_pct(fix->figures.after.orphans, fix->figures.after.groups),
						fix->refusals == NIL ? "planned" :
						psprintf("refused for %s", format_things(list_length(fix->refusals), "reason")),
						warnings_text(fix))));
}

/* "of 18 source rows, 17 to be inserted, ..." */
static char *
plan_text(const Fix *fix)
{
	const PlanFigures *plan = &fix->figures;
	uint64		rejected = plan->source_rows - plan->outcomes[OUTCOME_INSERT] -
		plan->outcomes[OUTCOME_ALREADY_PRESENT] - plan->outcomes[OUTCOME_DUPLICATE];

	return psprintf("of %s, %s to be inserted, %s already present, %s duplicate, %s cannot be mapped%s",
					format_things(plan->source_rows, "source row"),
					format_count(plan->outcomes[OUTCOME_INSERT]),
					format_count(plan->outcomes[OUTCOME_ALREADY_PRESENT]),
					format_count(plan->outcomes[OUTCOME_DUPLICATE]),
					format_count(rejected),
					steps_text(fix));
}

/* ", 16 steps", or nothing where rows have no steps. */
static char *
steps_text(const Fix *fix)
{
	if (fix->steps == NULL || menuca_details)
		return "";
	return psprintf(", %s", format_things(fix_steps_planned(fix->steps), "step"));
}

/* ", 2 warnings", or nothing. */
static char *
warnings_text(const Fix *fix)
{
	int			n = list_length(row_warnings(fix));

	return n == 0 ? "" : psprintf(", %s", format_things(n, "warning"));
}

/* The plan and its probes, warnings and reasons, one message each. */
static void
tell_plan(const Fix *fix, bool dry_run)
{
	const PlanFigures *plan = &fix->figures;
	char	   *steps = fix->steps ? fix_steps_text(fix->steps) : NULL;
	char	   *unknown = probes_direction_unknown(&fix->probes);
	List	   *warnings = all_warnings(fix);
	ListCell   *lc;

	ereport(NOTICE,
			(errmsg("%s: %s", dry_run ? "dry run" : "plan", plan_text(fix)),
			 errdetail("Coverage: %s of %s groups (%s), %s of %s dishes (%s). Orphans: %s now, %s afterwards (%s of the groups that %s has items for).%s%s",
					   format_count(plan->groups.covered), format_count(plan->groups.ids),
					   format_pct(plan->groups.covered, plan->groups.ids),
					   format_count(plan->dishes.covered), format_count(plan->dishes.ids),
					   format_pct(plan->dishes.covered, plan->dishes.ids),
					   format_pct(plan->before.orphans, plan->before.groups),
					   format_pct(plan->after.orphans, plan->after.groups),
					   format_pct(plan->after.expected_orphans, plan->after.expected_groups),
					   source_system_title(fix->source->system),
					   fix->obstacle ? psprintf(" Engine: executor, since %s.", fix->obstacle) : "",
					   fix->rebuild_indexes ? " Indexes: rebuilt at the end." : ""),
			 !dry_run || fix->refusals || !fix_call_has_work(fix) ? 0 :
			 errhint("%s: %s", plan->outcomes[OUTCOME_INSERT] > 0 ? "To insert them" :
					 fix->resumed ? "To finish the run" : "To insert the steps", fix->real_call)));

	if (steps)
		ereport(NOTICE,
				(errmsg("%s", steps)));
	ereport(NOTICE,
			(errmsg("probes of the source: %s%s%s", warnings ? format_things(list_length(warnings), "warning") : unknown ? "" : "no warning",
					warnings && unknown ? ", " : "", unknown ? "its direction is not known" : ""),
			 errdetail("Orientation: %s.\nId space: %s.\nDirection: %s.\nDistribution: %s.",
					   probes_orientation_text(&fix->probes),
					   probes_id_space_text(&fix->probes),
					   probes_direction_text(&fix->probes),
					   probes_distribution_text(&fix->probes))));
	foreach(lc, warnings)
		ereport(WARNING,
				(errmsg("%s", (char *) lfirst(lc))));
	foreach(lc, gate_messages(fix->refusals))
		ereport(NOTICE,
				(errmsg("a real run would be refused: %s", (char *) lfirst(lc))));
}

void
fix_announce_end(const Fix *fix)
{
	const OrphanFigures *after = &fix->orphans_after;

	if (!menuca_details)
	{
		ereport(NOTICE,
				(errmsg("run %lld is complete: %s before + %s inserted = %s after%s; orphans %s before, %s after%s%s",
						(long long) fix->run_id, format_count(fix->items_before),
						format_count(fix->inserted), format_count(fix->items_after),
						steps_text(fix),
						format_pct(fix->orphans_before, fix->groups_before),
						format_pct(after->orphans, after->groups),
						warnings_text(fix),
						fix->added_by_others == 0 ? "" :
						psprintf("; planned, but added by others meanwhile: %s",
								 format_things(fix->added_by_others, "item")))));
		return;
	}
	ereport(NOTICE,
			(errmsg("run %lld is complete: %s before + %s inserted = %s after",
					(long long) fix->run_id, format_count(fix->items_before),
					format_count(fix->inserted), format_count(fix->items_after)),
			 errdetail("Orphans: %s of %s groups (%s, %s), before the run %s; of the groups that %s has items for, %s of %s (%s).%s",
					   format_count(after->orphans), format_count(after->groups),
					   format_pct(after->orphans, after->groups),
					   orphan_band(after->orphans, after->groups),
					   format_pct(fix->orphans_before, fix->groups_before),
					   source_system_title(fix->source->system),
					   format_count(after->expected_orphans),
					   format_count(after->expected_groups),
					   format_pct(after->expected_orphans, after->expected_groups),
					   fix->added_by_others == 0 ? "" :
					   psprintf(" Planned, but added by others meanwhile: %s.",
								format_things(fix->added_by_others, "item"))),
			 fix->inserted == 0 && (fix->steps == NULL || fix_steps_planned(fix->steps) == 0) ? 0 :
			 errhint("%s", migrate_call("To see what undoing it would do: SELECT * FROM menuca_rollback(%lld); to undo it: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
										(long long) fix->run_id, (long long) fix->run_id))));
}

static List *
all_warnings(const Fix *fix)
{
	List	   *warnings = probes_warnings(&fix->probes);
	char	   *decision = decision_warning(fix->target->schema, fix->target->junction->name);

	if (decision && fix->options.kind == SOURCE_ROWS)
		warnings = lcons(decision, warnings);
	warnings = list_concat(warnings, gate_accepted(&fix->options.gate, &fix->figures, &fix->probes));
	if (fix->interrupted)
		warnings = lcons(open_run_warning(fix->interrupted), warnings);
	if (fix->steps)
		warnings = list_concat(warnings, fix_steps_warnings(fix->steps));
	return warnings;
}

/* The same, and that the direction is not known, where it is not. */
static List *
row_warnings(const Fix *fix)
{
	char	   *unknown = probes_direction_unknown(&fix->probes);
	List	   *warnings = all_warnings(fix);

	return unknown ? lcons(unknown, warnings) : warnings;
}

Datum
fix_result(FunctionCallInfo fcinfo, const Fix *fix, bool dry_run,
		   TimestampTz start)
{
	const PlanFigures *plan = &fix->figures;
	const OrphanFigures *after = &fix->orphans_after;
	Coverage	lower = plan->groups;
	TupleDesc	desc;
	Datum		values[10];
	bool		nulls[10] = {0};
	char	   *unregistered = backup_gate_warning();

	desc = result_row_type(fcinfo, "it" "ii" "nn" "aat" "j");
	if (format_percentage(plan->dishes.covered, plan->dishes.ids) < format_percentage(lower.covered, lower.ids))
		lower = plan->dishes;

	/* The dry run of a resume has the id of the run that it would finish. */
	nulls[0] = fix->run_id == 0;
	values[0] = Int64GetDatum(fix->run_id);
	values[1] = CStringGetTextDatum(!dry_run ? "completed" :
									fix->refusals ? "refused" : "planned");
	values[2] = Int64GetDatum(plan->outcomes[OUTCOME_INSERT]);
	values[3] = Int64GetDatum(fix->inserted);
	values[4] = result_percent(lower.covered, lower.ids, &nulls[4]);
	values[5] = result_percent(after->orphans, after->groups, &nulls[5]);
	values[6] = result_text_array(gate_messages(fix->refusals));
	values[7] = result_text_array(unregistered ? lappend(row_warnings(fix), unregistered) : row_warnings(fix));
	values[8] = CStringGetTextDatum(fix_call_next(fix, dry_run));
	values[9] = result_json(figures_of_fix(fix, dry_run, start));

	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* What a row of the result has beside the columns that decide. */
static char *
figures_of_fix(const Fix *fix, bool dry_run, TimestampTz start)
{
	const PlanFigures *plan = &fix->figures;
	const OrphanFigures *after = &fix->orphans_after;
	uint64		orphans;
	uint64		groups;
	StringInfoData buf;

	gate_orphans(&fix->options.gate, after, &orphans, &groups);
	initStringInfo(&buf);
	json_begin(&buf);
	json_bool(&buf, "dry_run", dry_run);
	json_count(&buf, "source_rows", plan->source_rows);
	for (int i = 0; i < OUTCOME_COUNT; i++)
	{
		if (i != OUTCOME_INSERT)
			json_count(&buf, plan_outcome_name((Outcome) i), plan->outcomes[i]);
	}
	json_pct(&buf, "group_coverage_pct", plan->groups.covered, plan->groups.ids);
	json_pct(&buf, "dish_coverage_pct", plan->dishes.covered, plan->dishes.ids);
	json_count(&buf, "items_before", fix->items_before);
	json_count(&buf, "items_after", fix->items_after);
	json_pct(&buf, "orphan_pct_before", dry_run ? plan->before.orphans : fix->orphans_before,
			 dry_run ? plan->before.groups : fix->groups_before);
	json_pct(&buf, "expected_orphan_pct_after", after->expected_orphans, after->expected_groups);
	json_text(&buf, "band", orphan_band(orphans, groups));
	if (dry_run && fix->refusals)
		json_raw(&buf, "refused_by", gate_states_json(fix->refusals));
	if (fix->steps)
		json_raw(&buf, "steps", fix_steps_json(fix->steps));

	/*
	 * Only between transactions do others add items; only the ledger knows
	 * all of them.
	 */
	if (fix->options.batched)
		json_count(&buf, "added_by_others", fix->added_by_others);
	else
	{
		json_text(&buf, "engine", item_writer_engine_name(fix->engine));
		json_seconds(&buf, "elapsed", start);
	}
	json_end(&buf);
	return buf.data;
}

char *
fix_parameters_json(const FixOptions *options)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_raw(&buf, "min_group_coverage_pct", psprintf("%.17g", options->gate.min_group_coverage));
	json_raw(&buf, "min_dish_coverage_pct", psprintf("%.17g", options->gate.min_dish_coverage));
	json_raw(&buf, "max_orphan_pct", psprintf("%.17g", options->gate.max_orphans));
	json_raw(&buf, "max_cross_restaurant_pct", psprintf("%.17g", options->gate.max_cross_restaurant));
	json_raw(&buf, "strict", options->gate.strict ? "true" : "false");
	json_text(&buf, "gate_on", options->gate.on_expected ? "expected" : "overall");
	json_text(&buf, "orphan_rate", options->gate.on_expected ?
			  "groups without items, of the groups that the source has a row for" :
			  "groups without items, of all groups");
	json_count(&buf, "batch_size", options->batch_size);
	json_text(&buf, "id_column", options->columns.id);
	json_text(&buf, options->kind == SOURCE_ROWS ? "dish_column" : "list_column", options->columns.dish);
	json_text(&buf, "group_column", options->columns.group);
	json_text(&buf, "order_column", options->columns.order);
	json_end(&buf);
	return buf.data;
}

char *
fix_outcomes_json(const PlanFigures *figures)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_count(&buf, "source_rows", figures->source_rows);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		json_count(&buf, plan_outcome_name((Outcome) i), figures->outcomes[i]);
	json_count(&buf, "groups_named", figures->groups.ids);
	json_count(&buf, "groups_covered", figures->groups.covered);
	json_count(&buf, "dishes_named", figures->dishes.ids);
	json_count(&buf, "dishes_covered", figures->dishes.covered);
	json_end(&buf);
	return buf.data;
}

char *
fix_figures_json(const OrphanFigures *orphans, const Integrity *integrity,
				 const Fix *planned)
{
	StringInfoData buf;
	StringInfoData broken;

	initStringInfo(&broken);
	json_begin(&broken);
	for (int i = 0; i < BREAKAGE_COUNT; i++)
		json_count(&broken, gate_breakage_name((Breakage) i), integrity->items[i]);
	json_end(&broken);

	initStringInfo(&buf);
	json_begin(&buf);
	orphan_figures_json(orphans, &buf);
	json_raw(&buf, "integrity", broken.data);
	if (planned)
	{
		json_raw(&buf, "probes", probes_json(&planned->probes));
		json_raw(&buf, "probe_texts", probe_texts_json(&planned->probes));
		json_texts(&buf, "warnings", row_warnings(planned));
		if (planned->obstacle)
			json_text(&buf, "executor_since", planned->obstacle);
		json_bool(&buf, "rebuilds_indexes", planned->rebuild_indexes);
		json_text(&buf, "source_checksum", psprintf(UINT64_FORMAT, planned->figures.source_checksum));
		json_text(&buf, "mapping_checksum", psprintf(UINT64_FORMAT, planned->figures.mapping_checksum));
	}
	json_end(&buf);
	return buf.data;
}

/* What each probe found, in words. */
static char *
probe_texts_json(const Probes *probes)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_text(&buf, "orientation", probes_orientation_text(probes));
	json_text(&buf, "id_space", probes_id_space_text(probes));
	json_text(&buf, "direction", probes_direction_text(probes));
	json_text(&buf, "distribution", probes_distribution_text(probes));
	json_end(&buf);
	return buf.data;
}
