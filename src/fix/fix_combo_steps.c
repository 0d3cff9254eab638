/*-------------------------------------------------------------------------
 *
 * fix_combo_steps.c
 *	  The steps of V1's items, by the headers of their groups.
 *
 * menuca_fix_combo_steps(dry_run := true)	plans and reports
 * menuca_fix_combo_steps(dry_run := false)	inserts the steps in one transaction
 *
 * The phases are those of a fix: plan, gate, ledger, write, count.  The rules that
 * state the headers are in the target already, so no table has to be staged.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "backup/backup_gate.h"
#include "base/arguments.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/preview.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/sqlstate.h"
#include "base/statement.h"
#include "fix/combo_steps_report.h"
#include "fix/combo_steps_state.h"
#include "ledger/baseline.h"
#include "ledger/run_ledger.h"
#include "plan/gate.h"
#include "write/new_steps.h"

PG_FUNCTION_INFO_V1(menuca_fix_combo_steps);
PG_FUNCTION_INFO_V1(menuca_preview_combo_steps);

/* Only this junction's items have steps. */
#define STEPS_JUNCTION "combo_items"

/* Inserting the planned steps. */
typedef struct StepsWriter
{
	ComboSteps *fix;
	NewStep    *steps;			/* the batch; its texts are the plan's */
	KeyedRow   *rows;
	int			n;
	int			size;
	int			batches;
} StepsWriter;

static void open_step_tables(ComboSteps *fix);
static void plan_steps(ComboSteps *fix);
static void write_steps(ComboSteps *fix);
static void begin_run_of_steps(ComboSteps *fix, const Baseline *baseline);
static void insert_steps(ComboSteps *fix);
static void add_to_batch(const StepItem *item, int step, const char *label, void *arg);
static void insert_batch(StepsWriter *writer);
static void check_batch(const StepsWriter *writer);
static void finish_steps_run(ComboSteps *fix);
static uint64 count_steps(const ComboSteps *fix);


/*
 * menuca_fix_combo_steps(dry_run, headers_name, batch_size): one row.  A real run
 * raises an error, and writes nothing, when the gate refuses.
 */
Datum
menuca_fix_combo_steps(PG_FUNCTION_ARGS)
{
	TimestampTz start = GetCurrentTimestamp();
	char	   *headers_name = argument_text(fcinfo, 1, "headers_name");
	ComboSteps	fix = {
		.dry_run = argument_bool(fcinfo, 0, "dry_run"),
		.headers_name = step_plan_headers_name(headers_name),
		.batch_size = argument_int4(fcinfo, 2, "batch_size"),
		.real_call = given_call_for_real(fcinfo)
	};

	argument_check_batch_size(fix.batch_size);
	if (!fix.dry_run)
	{
		query_require_writable("menuca_fix_combo_steps(dry_run := false)");
		query_require_read_committed("menuca_fix_combo_steps(dry_run := false)");
		statement_require_first("menuca_fix_combo_steps", "combo_steps", fix.real_call);
	}

	open_step_tables(&fix);
	if (fix.dry_run)
	{
		plan_steps(&fix);
		keyed_table_warn_foreign(&fix.table->table);
		fix.after = fix.before + fix.plan->steps;
		combo_steps_announce_plan(&fix);
	}
	else
		write_steps(&fix);
	return combo_steps_result(fcinfo, &fix, start);
}

/* menuca_preview_combo_steps(headers_name, batch_size): its dry run. */
Datum
menuca_preview_combo_steps(PG_FUNCTION_ARGS)
{
	return preview_call(fcinfo, "menuca_fix_combo_steps");
}

static void
open_step_tables(ComboSteps *fix)
{
	fix->target = target_open(NULL, STEPS_JUNCTION, ACL_SELECT);
	fix->table = step_table_open(fix->target, fix->dry_run ? ACL_SELECT : ACL_SELECT | ACL_INSERT);
}

static void
plan_steps(ComboSteps *fix)
{
	fix->plan = step_plan_make(fix->target, fix->table, fix->headers_name);
	fix->before = count_steps(fix);
	fix->refusals = list_concat(gate_repeated_keys(&fix->target->table),
								gate_repeated_keys(&fix->table->table));
}

/*
 * A real run: locks, plans, applies the gate, inserts, and counts.  No other run
 * changes the items meanwhile.
 */
static void
write_steps(ComboSteps *fix)
{
	Baseline   *baseline = baseline_begin(maintenance_work_mem / 4);

	run_require_rights();
	backup_gate_require(menuca_running_ticket >= 0);
	keyed_table_reserve(&fix->target->table, false);
	keyed_table_reserve(&fix->table->table, false);
	keyed_table_lock(&fix->table->table);

	query_begin_snapshot();
	plan_steps(fix);
	if (fix->refusals == NIL)
		baseline_read(baseline, &fix->table->table);
	query_end_snapshot();

	if (fix->refusals)
		gate_raise(fix->refusals, "refused",
				   psprintf("Nothing was written to %s: this gate comes before the first row.",
							fix->table->table.display_name),
				   NULL);
	keyed_table_warn_foreign(&fix->table->table);
	combo_steps_announce_plan(fix);
	begin_run_of_steps(fix, baseline);
	baseline_record(baseline, fix->run_id);
	insert_steps(fix);
	finish_steps_run(fix);
	combo_steps_announce_end(fix);
}

static void
begin_run_of_steps(ComboSteps *fix, const Baseline *baseline)
{
	RunStart	start = {
		.kind = "fix_combo_steps",
		.target_schema = fix->target->schema,
		.target = fix->target->junction->step_table,
		.source = fix->target->groups.name,
		.mode = "transaction",
		.engine = "executor",
		.parameters = combo_steps_parameters_json(fix),
		.outcomes = combo_steps_outcomes_json(fix->plan),
		.figures_before = combo_steps_figures_json(baseline->rows),
		.items_before = baseline->rows,
		.checksum_before = baseline->checksum
	};

	fix->run_id = run_begin(&start);
}

static void
insert_steps(ComboSteps *fix)
{
	StepsWriter writer = {
		.fix = fix,
		.size = (int) Min((uint64) fix->batch_size, Max(fix->plan->steps, 1))
	};

	writer.steps = palloc_extended(sizeof(NewStep) * writer.size, MCXT_ALLOC_HUGE);
	writer.rows = palloc_extended(sizeof(KeyedRow) * writer.size, MCXT_ALLOC_HUGE);
	step_plan_each(fix->plan, add_to_batch, &writer);
	if (writer.n > 0)
		insert_batch(&writer);
}

static void
add_to_batch(const StepItem *item, int step, const char *label, void *arg)
{
	StepsWriter *writer = arg;

	writer->steps[writer->n++] = (NewStep)
	{
		item->id, step, label
	};
	if (writer->n == writer->size)
		insert_batch(writer);
}

static void
insert_batch(StepsWriter *writer)
{
	ComboSteps *fix = writer->fix;

	new_steps_insert(fix->table, NEW_STEP_LABEL, writer->steps, writer->n, writer->rows);
	check_batch(writer);
	run_add_rows(fix->run_id, RUN_INSERTED, ++writer->batches, writer->rows, writer->n);
	fix->inserted += writer->n;
	writer->n = 0;
}

/* A trigger may have moved a step, or another session deleted its item. */
static void
check_batch(const StepsWriter *writer)
{
	const ComboSteps *fix = writer->fix;
	int64	   *values = palloc(sizeof(int64) * writer->n);
	QueryArgs	args = {0};
	int64		found;

	for (int i = 0; i < writer->n; i++)
		values[i] = writer->steps[i].item_id;
	query_arg(&args, INT8ARRAYOID, query_int8_array(values, NULL, writer->n), false);
	for (int i = 0; i < writer->n; i++)
		values[i] = writer->steps[i].step;
	query_arg(&args, INT8ARRAYOID, query_int8_array(values, NULL, writer->n), false);
	pfree(values);

	query_begin_snapshot();
	found = query_int8(psprintf("SELECT count(*) FROM unnest($1, $2) n (item, step)"
								" JOIN %s s ON s.%s = n.item AND s.%s = n.step JOIN %s i ON i.%s = n.item",
								fix->table->table.name, fix->table->item, fix->table->step,
								fix->target->table.name, fix->target->table.id),
					   &args);
	query_end_snapshot();
	if (found == writer->n)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_INTEGRITY),
			 errmsg("of %s that were inserted, %s belong to their items",
					format_things(writer->n, "step"), format_count(found)),
			 errdetail("A trigger has changed the others, or their items were deleted meanwhile. All that the run had written was undone; nothing was changed."),
			 errhint("Look at the INSERT triggers of %s, and call it again.", fix->table->table.display_name)));
}

/* Counts the steps again, and closes the run. */
static void
finish_steps_run(ComboSteps *fix)
{
	RunEnd		end = {.status = "completed",.engine = "executor"};

	query_begin_snapshot();
	fix->after = count_steps(fix);
	query_end_snapshot();
	if (fix->before + fix->inserted != fix->after || fix->inserted != fix->plan->steps)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("the steps do not add up: %s before + %s inserted, but %s after",
						format_count(fix->before), format_count(fix->inserted), format_count(fix->after)),
				 errdetail("All that the run had written was undone; nothing was changed."),
				 errhint("A trigger on %s adds or deletes rows: look at its triggers.",
						 fix->table->table.display_name)));

	end.figures_after = combo_steps_figures_json(fix->after);
	end.items_after = fix->after;
	run_finish(fix->run_id, &end);
}

static uint64
count_steps(const ComboSteps *fix)
{
	return query_int8(psprintf("SELECT count(*) FROM %s", fix->table->table.name), NULL);
}
