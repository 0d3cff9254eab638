/*-------------------------------------------------------------------------
 *
 * fix_combos.c
 *	  The story of a repair.
 *
 * menuca_fix_combos(dry_run := true)	plans and reports
 * menuca_fix_combos(dry_run := false)	does it in one transaction
 * menuca_fix_combos_batched()			does it batch by batch, committing each
 * menuca_resume(run_id)				goes on with an interrupted batched run
 *
 * The steps are the same for all: prepare() makes the plan, asks the gate
 * before and opens the run in the ledger; write_batch() writes until nothing
 * is left; conclude() asks the gate after and closes the run.  In one
 * transaction an error at any point undoes everything.  Batched, each step
 * is committed together with what the ledger says of it, so a crash leaves
 * whole batches, each in the ledger.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/progress.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/backend_progress.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "apply.h"
#include "arguments.h"
#include "gate.h"
#include "int8_sort.h"
#include "plan.h"
#include "query.h"
#include "reconcile.h"
#include "report.h"
#include "run.h"
#include "source.h"
#include "sqlstate.h"
#include "target.h"

PG_FUNCTION_INFO_V1(menuca_plan_combos);
PG_FUNCTION_INFO_V1(menuca_fix_combos);
PG_FUNCTION_INFO_V1(menuca_fix_combos_batched);
PG_FUNCTION_INFO_V1(menuca_resume);

/* Rows of one ledger entry of the baseline: half a megabyte of hashes. */
#define BASELINE_CHUNK 65536

/* Greatest batch: its arrays of ids stay far below the limit of 1 GB. */
#define MAX_BATCH_SIZE 1000000

/* What a fix is asked to do. */
typedef struct FixOptions
{
	bool		batched;
	Oid			source_oid;
	char	   *target_schema;	/* NULL: the setting's */
	char	   *target_name;
	GateSettings gate;
	int			batch_size;
	SourceColumns columns;
} FixOptions;

/* A fix at work. */
typedef struct Fix
{
	FixOptions	options;
	Target	   *target;
	Source	   *source;
	int64		run_id;			/* 0 while there is none */
	bool		resumed;
	PlanFigures plan;
	List	   *refusals;		/* of the gate before */
	Int8Sort   *baseline;		/* (key, hash) of the items that are there */
	Tuplestorestate *pending;	/* items to be written, by group and dish */
	TupleTableSlot *slot;		/* a pending one */
	uint64		items_before;	/* the run */
	uint64		groups_before;
	uint64		orphans_before;
	Integrity	integrity_before;
	Integrity	integrity_after;
	uint64		to_insert;		/* by the whole run, as planned */
	int			batches;		/* written so far */
	uint64		inserted;		/* by the run so far */
	uint64		raced;			/* planned, but others were faster */
	uint64		items_after;
	OrphanFigures orphans_after;
	bool		under_way;		/* committed to the ledger, and not ended */
} Fix;

static FixOptions options_from_arguments(FunctionCallInfo fcinfo, int first);
static void plan_only(Fix *fix);
static void prepare(Fix *fix);
static void begin_progress(const Target *target);
static void make_plan(Fix *fix, bool writing);
static void take_item(int64 key, uint64 hash, void *arg);
static void take_row(const PlanRow *row, void *arg);
static void open_run(Fix *fix);
static char *parameters_json(const FixOptions *options);
static char *outcomes_json(const PlanFigures *figures);
static char *figures_json(const OrphanFigures *orphans,
						  const Integrity *integrity);
static void record_baseline(Fix *fix);
static bool write_batch(Fix *fix);
static int	fetch_pending(Fix *fix, NewItem *items);
static void conclude(Fix *fix);
static void check_counts(Fix *fix, uint64 items);
static void end_run(Fix *fix, List *refusals);
static void announce_plan(const Fix *fix, bool dry_run);
static void announce_end(const Fix *fix);
static Datum fix_result(FunctionCallInfo fcinfo, const Fix *fix, bool dry_run,
						TimestampTz start);
static void run_batched(Fix *fix);
pg_noreturn static void rethrow(const Fix *fix, ErrorData *error);
static void reopen_target(Fix *fix);
static void require_nonatomic(FunctionCallInfo fcinfo, const char *what);
static Datum batched_result(FunctionCallInfo fcinfo, const Fix *fix);
static void restore_options(Fix *fix, const Run *run);
static void take_up_run(Fix *fix);
pg_noreturn static void raise_not_resumable(const Run *run);
static void emit_plan_row(const PlanRow *row, void *arg);


/*
 * menuca_fix_combos(dry_run, source, min_coverage_pct, max_orphan_pct,
 * gate_on, batch_size, target, min_group_coverage_pct,
 * min_dish_coverage_pct, id_column, dish_column, group_column, order_column)
 */
Datum
menuca_fix_combos(PG_FUNCTION_ARGS)
{
	TimestampTz start = GetCurrentTimestamp();
	bool		dry_run = required_bool(fcinfo, 0, "dry_run");
	Fix			fix = {.options = options_from_arguments(fcinfo, 1)};

	if (dry_run)
		plan_only(&fix);
	else
	{
		query_require_writable("menuca_fix_combos(dry_run := false)");
		query_require_read_committed("menuca_fix_combos(dry_run := false)");

		prepare(&fix);
		while (write_batch(&fix))
			 /* go on */ ;
		conclude(&fix);
		tuplestore_end(fix.pending);
	}
	return fix_result(fcinfo, &fix, dry_run, start);
}

/*
 * menuca_fix_combos_batched: as above without dry_run, and with INOUT
 * arguments for the result.
 */
Datum
menuca_fix_combos_batched(PG_FUNCTION_ARGS)
{
	Fix			fix = {.options = options_from_arguments(fcinfo, 0)};

	require_nonatomic(fcinfo, "menuca_fix_combos_batched");
	fix.options.batched = true;
	run_batched(&fix);
	return batched_result(fcinfo, &fix);
}

/*
 * menuca_resume(run_id) and INOUT arguments for the result.
 */
Datum
menuca_resume(PG_FUNCTION_ARGS)
{
	Fix			fix = {0};
	Run		   *run;

	require_nonatomic(fcinfo, "menuca_resume");
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("run id must not be NULL"),
				 errdetail("Nothing was changed."),
				 errhint("SELECT run_id, status FROM menuca_runs WHERE status = 'interrupted';")));
	run = run_find(PG_GETARG_INT64(0));
	if (strcmp(run->status, "running") != 0)
		raise_not_resumable(run);
	restore_options(&fix, run);
	run_batched(&fix);
	return batched_result(fcinfo, &fix);
}

/*
 * menuca_plan_combos(source, target, id_column, dish_column, group_column,
 * order_column): a row per source row.
 */
Datum
menuca_plan_combos(PG_FUNCTION_ARGS)
{
	Target	   *target = target_open(NULL, required_text(fcinfo, 1, "target"), ACL_SELECT);
	SourceColumns columns = source_columns(fcinfo, 2);
	Source	   *source = source_open(optional_oid(fcinfo, 0), &columns, false);
	PlanRequest request = {
		.row_fn = emit_plan_row,
		.arg = fcinfo->resultinfo
	};

	InitMaterializedSRF(fcinfo, 0);
	plan_make(target, source, &request);

	return (Datum) 0;
}

/* The arguments from source on, in the order of the SQL functions. */
static FixOptions
options_from_arguments(FunctionCallInfo fcinfo, int first)
{
	FixOptions	options = {0};
	double		min_coverage = required_numeric(fcinfo, first + 1, "min_coverage_pct");
	char	   *gate_on = required_text(fcinfo, first + 3, "gate_on");

	gate_check_percentage("min_coverage_pct", min_coverage);
	options.source_oid = optional_oid(fcinfo, first);
	options.gate.max_orphans = required_numeric(fcinfo, first + 2, "max_orphan_pct");
	options.batch_size = required_int4(fcinfo, first + 4, "batch_size");
	options.target_name = required_text(fcinfo, first + 5, "target");
	options.gate.min_group_coverage = optional_numeric(fcinfo, first + 6, min_coverage);
	options.gate.min_dish_coverage = optional_numeric(fcinfo, first + 7, min_coverage);
	options.columns = source_columns(fcinfo, first + 8);

	if (strcmp(gate_on, "expected") == 0)
		options.gate.on_expected = true;
	else if (strcmp(gate_on, "overall") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown gate_on \"%s\"", gate_on),
				 errdetail("It is \"overall\" (orphans of all groups) or \"expected\" (of the groups that the source has a row for). Nothing was changed."),
				 errhint("Leave it away to judge the overall rate.")));
	if (options.batch_size < 1 || options.batch_size > MAX_BATCH_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("batch_size must be between 1 and %d", MAX_BATCH_SIZE),
				 errdetail("It was given as %d; nothing was changed.", options.batch_size),
				 errhint("Leave it away to write 10000 rows at a time.")));
	gate_check_settings(&options.gate);

	return options;
}

/* A dry run: the plan and what the gates would say. */
static void
plan_only(Fix *fix)
{
	fix->target = target_open(NULL, fix->options.target_name, ACL_SELECT);
	fix->source = source_open(fix->options.source_oid, &fix->options.columns, false);
	make_plan(fix, false);
	fix->items_before = fix->plan.census.items;
	fix->items_after = fix->items_before + fix->plan.outcomes[OUTCOME_INSERT];
	fix->orphans_after = fix->plan.after;
	announce_plan(fix, true);
}

/*
 * Claims and locks the target, plans, and asks the gate; opens the run, or
 * raises what the gate refuses.
 */
static void
prepare(Fix *fix)
{
	AclMode		rights = ACL_SELECT | ACL_INSERT;

	fix->target = target_open(fix->options.target_schema, fix->options.target_name, rights);
	if (fix->source == NULL)
		fix->source = source_open(fix->options.source_oid, &fix->options.columns, false);
	run_require_rights();
	target_claim(fix->target, fix->options.batched);
	target_lock(fix->target);

	query_begin_snapshot();
	if (fix->resumed)
		take_up_run(fix);
	make_plan(fix, true);
	query_end_snapshot();

	if (fix->refusals)
		gate_raise(fix->refusals, "refused",
				   psprintf("Nothing was written to %s: this gate stands before the first row.",
							fix->target->display_name),
				   NULL);
	announce_plan(fix, false);

	fix->to_insert = fix->inserted + fix->plan.outcomes[OUTCOME_INSERT];
	if (!fix->resumed)
	{
		fix->items_before = fix->plan.census.items;
		fix->groups_before = fix->plan.before.groups;
		fix->orphans_before = fix->plan.before.orphans;
		fix->integrity_before = integrity_of(&fix->plan);
		open_run(fix);
		record_baseline(fix);
	}
	begin_progress(fix->target);
}

/* Shows the run in pg_stat_progress_copy. */
static void
begin_progress(const Target *target)
{
	pgstat_progress_start_command(PROGRESS_COMMAND_COPY, target->oid);
	pgstat_progress_update_param(PROGRESS_COPY_COMMAND, PROGRESS_COPY_COMMAND_FROM);
	pgstat_progress_update_param(PROGRESS_COPY_TYPE, PROGRESS_COPY_TYPE_CALLBACK);
}

/* Plans, keeping the figures and, when writing, what is to be written. */
static void
make_plan(Fix *fix, bool writing)
{
	PlanRequest request = {0};
	MappingPlan *plan;

	if (writing)
	{
		TupleDesc	desc = CreateTemplateTupleDesc(4);

		for (int i = 1; i <= 4; i++)
			TupleDescInitEntry(desc, i, NULL, INT8OID, -1, 0);
		fix->slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
		fix->pending = tuplestore_begin_heap(false, fix->options.batched,
											 maintenance_work_mem);
		request.row_fn = take_row;
		if (!fix->resumed)
		{
			fix->baseline = int8_sort_begin(2, 1);
			request.item_fn = take_item;
		}
		request.arg = fix;
	}

	plan = plan_make(fix->target, fix->source, &request);
	fix->plan = plan->figures;
	fix->refusals = gate_before(&fix->options.gate, &fix->plan);
	plan_free(plan);
}

/* The census found an item: part of the baseline. */
static void
take_item(int64 key, uint64 hash, void *arg)
{
	int64		values[2] = {key, (int64) hash};

	int8_sort_put(((Fix *) arg)->baseline, values);
}

/* The plan decided on a row. */
static void
take_row(const PlanRow *row, void *arg)
{
	Fix		   *fix = arg;
	Datum		values[4];
	bool		nulls[4] = {0};

	if (row->outcome != OUTCOME_INSERT)
		return;

	values[0] = Int64GetDatum(row->group_id);
	values[1] = Int64GetDatum(row->dish_id);
	values[2] = Int64GetDatum(row->source.order);
	values[3] = Int64GetDatum(row->source.id);
	nulls[3] = !row->source.has_id;
	tuplestore_putvalues(fix->pending, fix->slot->tts_tupleDescriptor, values, nulls);
}

static void
open_run(Fix *fix)
{
	RunStart	start = {0};

	start.kind = "fix_combos";
	start.target_schema = fix->target->schema;
	start.target = fix->target->junction->name;
	start.source = fix->source->name;
	start.mode = fix->options.batched ? "batched" : "transaction";
	start.engine = APPLY_ENGINE;
	start.parameters = parameters_json(&fix->options);
	start.outcomes = outcomes_json(&fix->plan);
	start.figures_before = figures_json(&fix->plan.before, &fix->integrity_before);
	start.items_before = fix->plan.census.items;
	start.checksum_before = fix->plan.census.checksum;
	fix->run_id = run_begin(&start);
}

/* All that judges the run, so that nobody can change it afterwards. */
static char *
parameters_json(const FixOptions *options)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_raw(&buf, "min_group_coverage_pct", psprintf("%.17g", options->gate.min_group_coverage));
	json_raw(&buf, "min_dish_coverage_pct", psprintf("%.17g", options->gate.min_dish_coverage));
	json_raw(&buf, "max_orphan_pct", psprintf("%.17g", options->gate.max_orphans));
	json_text(&buf, "gate_on", options->gate.on_expected ? "expected" : "overall");
	json_text(&buf, "orphan_rate", options->gate.on_expected ?
			  "groups without items, of the groups that the source has a row for" :
			  "groups without items, of all groups");
	json_count(&buf, "batch_size", options->batch_size);
	json_text(&buf, "id_column", options->columns.id);
	json_text(&buf, "dish_column", options->columns.dish);
	json_text(&buf, "group_column", options->columns.group);
	json_text(&buf, "order_column", options->columns.order);
	json_end(&buf);
	return buf.data;
}

static char *
outcomes_json(const PlanFigures *figures)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_count(&buf, "source_rows", figures->source_rows);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		json_count(&buf, outcome_name((Outcome) i), figures->outcomes[i]);
	json_count(&buf, "groups_named", figures->groups.ids);
	json_count(&buf, "groups_covered", figures->groups.covered);
	json_count(&buf, "dishes_named", figures->dishes.ids);
	json_count(&buf, "dishes_covered", figures->dishes.covered);
	json_end(&buf);
	return buf.data;
}

static char *
figures_json(const OrphanFigures *orphans, const Integrity *integrity)
{
	StringInfoData buf;
	StringInfoData broken;

	initStringInfo(&broken);
	json_begin(&broken);
	for (int i = 0; i < BREAKAGE_COUNT; i++)
		json_count(&broken, breakage_name((Breakage) i), integrity->items[i]);
	json_end(&broken);

	initStringInfo(&buf);
	json_begin(&buf);
	orphans_to_json(orphans, &buf);
	json_raw(&buf, "integrity", broken.data);
	json_end(&buf);
	return buf.data;
}

/* Keeps the key and hash of every item from before, in chunks. */
static void
record_baseline(Fix *fix)
{
	KeyedRow   *rows = palloc(sizeof(KeyedRow) * BASELINE_CHUNK);
	int64		values[2];
	int			chunk = 0;
	int			n = 0;

	int8_sort_perform(fix->baseline);
	while (int8_sort_get(fix->baseline, values))
	{
		rows[n].key = values[0];
		rows[n].hash = (uint64) values[1];
		if (++n == BASELINE_CHUNK)
		{
			run_add_rows(fix->run_id, RUN_BASELINE, ++chunk, rows, n);
			n = 0;
		}
	}
	if (n > 0)
		run_add_rows(fix->run_id, RUN_BASELINE, ++chunk, rows, n);
	int8_sort_end(fix->baseline);
	pfree(rows);
}

/*
 * Writes the next batch of planned items and its ledger entry; false when
 * there was none.
 */
static bool
write_batch(Fix *fix)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "menuca batch",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	NewItem    *items = palloc(sizeof(NewItem) * fix->options.batch_size);
	KeyedRow   *rows = palloc(sizeof(KeyedRow) * fix->options.batch_size);
	int			planned = fetch_pending(fix, items);
	int			n = planned;

	/* Between batches others may have added the same pair. */
	if (n > 0 && fix->options.batched)
	{
		query_begin_snapshot();
		n = apply_drop_present(fix->target, items, n);
		query_end_snapshot();
		fix->raced += planned - n;
	}

	if (n > 0)
	{
		apply_insert(fix->target, items, n, rows);
		run_add_rows(fix->run_id, RUN_INSERTED, ++fix->batches, rows, n);
		fix->inserted += n;
		pgstat_progress_update_param(PROGRESS_COPY_TUPLES_PROCESSED, fix->inserted);
		ereport(NOTICE,
				(errmsg("batch %d: %s inserted, %s of %s done",
						fix->batches, format_things(n, "item"),
						format_count(fix->inserted),
						format_count(fix->to_insert))));
	}

	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return planned > 0;
}

static int
fetch_pending(Fix *fix, NewItem *items)
{
	TupleTableSlot *slot = fix->slot;
	int			n = 0;

	while (n < fix->options.batch_size &&
		   tuplestore_gettupleslot(fix->pending, true, false, slot))
	{
		slot_getallattrs(slot);
		items[n].group_id = slot_int8(slot, 0);
		items[n].dish_id = slot_int8(slot, 1);
		items[n].display_order = slot_int8(slot, 2);
		items[n].has_source_id = !slot->tts_isnull[3];
		items[n].source_id = items[n].has_source_id ? slot_int8(slot, 3) : 0;
		n++;
	}

	/* A tuple read from disk is in the batch's memory, which goes soon. */
	ExecClearTuple(slot);
	return n;
}

/*
 * Counts everything anew, asks the gate after, and closes the run.  A
 * refusal is an error; batched, it is committed to the ledger first.
 */
static void
conclude(Fix *fix)
{
	PlanRequest request = {0};
	MappingPlan *plan;
	List	   *refusals;

	pgstat_progress_end_command();

	/* A second plan is a census, the duplicates and both rates in one. */
	query_begin_snapshot();
	plan = plan_make(fix->target, fix->source, &request);
	fix->integrity_after = integrity_of(&plan->figures);
	fix->orphans_after = plan->figures.before;
	fix->items_after = plan->figures.census.items;
	plan_free(plan);
	check_counts(fix, fix->items_after);
	query_end_snapshot();

	refusals = gate_after(&fix->options.gate, &fix->integrity_before,
						  &fix->integrity_after, &fix->orphans_after);
	if (refusals && !fix->options.batched)
		gate_raise(refusals, "undone by the gate after",
				   "All that the run had written was undone; nothing was changed.", NULL);

	if (fix->inserted > 0)
		query_write(psprintf("ANALYZE %s", fix->target->name), NULL, NULL, NULL);
	end_run(fix, refusals);
	if (refusals)
	{
		SPI_commit();
		fix->under_way = false;
		gate_raise(refusals, psprintf("run %lld failed its gate", (long long) fix->run_id),
				   psprintf("The %s it inserted are committed, and in the ledger as run %lld, status gate_failed.",
							format_things(fix->inserted, "item"), (long long) fix->run_id),
				   psprintf("To undo it: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
							(long long) fix->run_id));
	}
	announce_end(fix);
}

/*
 * before + inserted = after.  In one transaction nobody else can have written;
 * batched, what others added or deleted is told apart with the ledger's help.
 */
static void
check_counts(Fix *fix, uint64 items)
{
	uint64		before = fix->items_before;
	Reconciliation found;

	if (!fix->options.batched)
	{
		if (before + fix->inserted != items)
			ereport(ERROR,
					(errcode(ERRCODE_MENUCA_INTEGRITY),
					 errmsg("the items do not add up: %s before + %s inserted, but %s after",
							format_count(before), format_count(fix->inserted), format_count(items)),
					 errdetail("All that the run had written was undone; nothing was changed."),
					 errhint("A trigger on %s adds or deletes rows: look at its triggers.",
							 fix->target->display_name)));
		return;
	}

	reconcile(run_find(fix->run_id), fix->target, &found, NULL, NULL);
	if (found.baseline - found.baseline_missing + found.inserted - found.inserted_missing +
		found.others != items)
		elog(ERROR, "the ledger of run %lld does not add up", (long long) fix->run_id);
	if (found.others > 0 || found.inserted_missing > 0 || found.baseline_missing > 0)
		ereport(NOTICE,
				(errmsg("meanwhile others added %s, and deleted %s from before the run and %s of its own",
						format_things(found.others, "item"),
						format_count(found.baseline_missing),
						format_count(found.inserted_missing)),
				 errdetail("%s before - %s + %s inserted - %s + %s of others = %s after.",
						   format_count(found.baseline), format_count(found.baseline_missing),
						   format_count(found.inserted), format_count(found.inserted_missing),
						   format_count(found.others), format_count(items))));
}

static void
end_run(Fix *fix, List *refusals)
{
	RunEnd		end = {0};

	end.status = refusals ? "gate_failed" : "completed";
	end.figures_after = figures_json(&fix->orphans_after, &fix->integrity_after);
	end.gate_message = refusals ? linitial(gate_messages(refusals)) : NULL;
	end.items_after = fix->items_after;
	run_finish(fix->run_id, &end);
}

/* In the words of a migration lead. */
static void
announce_plan(const Fix *fix, bool dry_run)
{
	const PlanFigures *plan = &fix->plan;
	uint64		rejected = plan->source_rows - plan->outcomes[OUTCOME_INSERT] -
		plan->outcomes[OUTCOME_ALREADY_PRESENT] - plan->outcomes[OUTCOME_DUPLICATE];
	ListCell   *lc;

	ereport(NOTICE,
			(errmsg("%s: of %s, %s to be inserted, %s there already, %s repeated, %s cannot be mapped",
					dry_run ? "dry run" : "plan",
					format_things(plan->source_rows, "source row"),
					format_count(plan->outcomes[OUTCOME_INSERT]),
					format_count(plan->outcomes[OUTCOME_ALREADY_PRESENT]),
					format_count(plan->outcomes[OUTCOME_DUPLICATE]),
					format_count(rejected)),
			 errdetail("Coverage: %s of %s groups (%s), %s of %s dishes (%s). Orphans: %s now, %s afterwards (%s of the groups that V1 has items for).",
					   format_count(plan->groups.covered), format_count(plan->groups.ids),
					   format_pct(plan->groups.covered, plan->groups.ids),
					   format_count(plan->dishes.covered), format_count(plan->dishes.ids),
					   format_pct(plan->dishes.covered, plan->dishes.ids),
					   format_pct(plan->before.orphans, plan->before.groups),
					   format_pct(plan->after.orphans, plan->after.groups),
					   format_pct(plan->after.expected_orphans, plan->after.expected_groups))));

	foreach(lc, gate_messages(fix->refusals))
		ereport(NOTICE,
				(errmsg("a real run would be refused: %s", (char *) lfirst(lc))));
}

static void
announce_end(const Fix *fix)
{
	const OrphanFigures *after = &fix->orphans_after;

	ereport(NOTICE,
			(errmsg("run %lld is complete: %s before + %s inserted = %s after",
					(long long) fix->run_id, format_count(fix->items_before),
					format_count(fix->inserted), format_count(fix->items_after)),
			 errdetail("Orphans: %s of %s groups (%s, %s), before it %s; of the groups that V1 has items for %s of %s (%s).%s",
					   format_count(after->orphans), format_count(after->groups),
					   format_pct(after->orphans, after->groups),
					   gate_band(after->orphans, after->groups),
					   format_pct(fix->orphans_before, fix->groups_before),
					   format_count(after->expected_orphans),
					   format_count(after->expected_groups),
					   format_pct(after->expected_orphans, after->expected_groups),
					   fix->raced == 0 ? "" :
					   psprintf(" %s planned were added by others meanwhile.",
								format_things(fix->raced, "item"))),
			 fix->inserted == 0 ? 0 :
			 errhint("To see what undoing it would do: SELECT * FROM menuca_rollback(%lld); to undo it: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
					 (long long) fix->run_id, (long long) fix->run_id)));
}

static Datum
fix_result(FunctionCallInfo fcinfo, const Fix *fix, bool dry_run,
		   TimestampTz start)
{
	const PlanFigures *plan = &fix->plan;
	const OrphanFigures *after = &fix->orphans_after;
	Coverage	lower = plan->groups;
	uint64		orphans;
	uint64		groups;
	TupleDesc	desc;
	Datum		values[27];
	bool		nulls[27] = {0};
	int			i = 0;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	Assert(desc->natts == lengthof(values));

	if (percent(plan->dishes.covered, plan->dishes.ids) < percent(lower.covered, lower.ids))
		lower = plan->dishes;
	gate_orphans(&fix->options.gate, after, &orphans, &groups);

	nulls[i] = dry_run;
	values[i++] = Int64GetDatum(fix->run_id);
	values[i++] = BoolGetDatum(dry_run);
	values[i++] = CStringGetTextDatum(!dry_run ? "completed" :
									  fix->refusals ? "refused" : "planned");
	values[i++] = Int64GetDatum(plan->source_rows);
	for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
		values[i++] = Int64GetDatum(plan->outcomes[outcome]);
	values[i++] = Int64GetDatum(fix->inserted);
	values[i] = percent_numeric(lower.covered, lower.ids, &nulls[i]);
	i++;
	values[i] = percent_numeric(plan->groups.covered, plan->groups.ids, &nulls[i]);
	i++;
	values[i] = percent_numeric(plan->dishes.covered, plan->dishes.ids, &nulls[i]);
	i++;
	values[i++] = Int64GetDatum(fix->items_before);
	values[i++] = Int64GetDatum(fix->items_after);
	values[i++] = CStringGetTextDatum(APPLY_ENGINE);
	values[i] = percent_numeric(plan->before.orphans, plan->before.groups, &nulls[i]);
	i++;
	values[i] = percent_numeric(after->orphans, after->groups, &nulls[i]);
	i++;
	values[i] = percent_numeric(after->expected_orphans, after->expected_groups, &nulls[i]);
	i++;
	values[i] = optional_text(gate_band(orphans, groups), &nulls[i]);
	i++;
	values[i++] = elapsed_interval(start);
	values[i++] = text_array(gate_messages(fix->refusals));

	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/*
 * The same steps, a transaction each.  What must outlive a commit is
 * allocated in the procedure's own context, which does.
 */
static void
run_batched(Fix *fix)
{
	MemoryContext context = CurrentMemoryContext;

	query_require_writable("CALL menuca_fix_combos_batched()");
	query_require_read_committed("CALL menuca_fix_combos_batched()");

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(context);

	PG_TRY();
	{
		bool		more = true;

		prepare(fix);
		while (more)
		{
			SPI_commit();
			fix->under_way = true;
			MemoryContextSwitchTo(context);
			reopen_target(fix);
			more = write_batch(fix);
		}
		conclude(fix);
		SPI_commit();
		fix->under_way = false;
		MemoryContextSwitchTo(context);
		target_unclaim();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		/* Its files belong to no transaction, so none would close them. */
		if (fix->pending)
			tuplestore_end(fix->pending);
		rethrow(fix, error);
	}
	PG_END_TRY();

	tuplestore_end(fix->pending);
	SPI_finish();
}

/*
 * Raises an error again, having told whoever meets it how to go on with the
 * run that it interrupts.
 */
static void
rethrow(const Fix *fix, ErrorData *error)
{
	char	   *advice;

	if (fix->under_way)
	{
		advice = psprintf("Run %lld is interrupted, its committed batches stay: CALL menuca_resume(%lld) goes on with it, SELECT * FROM menuca_rollback(%lld, dry_run => false) undoes it.",
						  (long long) fix->run_id, (long long) fix->run_id,
						  (long long) fix->run_id);
		error->hint = error->hint ? psprintf("%s %s", error->hint, advice) : advice;
	}
	ReThrowError(error);
}

/*
 * Looks at the catalog anew and locks the target again, after a commit gave
 * the locks away.
 */
static void
reopen_target(Fix *fix)
{
	Oid			oid = fix->target->oid;

	fix->target = target_open(fix->target->schema, fix->options.target_name,
							  ACL_SELECT | ACL_INSERT);
	if (fix->target->oid != oid)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s was dropped and created again during the run",
						fix->target->display_name),
				 errdetail("The %s that run %lld had inserted went with the old one.",
						   format_things(fix->inserted, "item"), (long long) fix->run_id),
				 errhint("Begin a new run: CALL menuca_fix_combos_batched();")));
	target_lock(fix->target);
}

/* A procedure that commits must be called by itself. */
static void
require_nonatomic(FunctionCallInfo fcinfo, const char *what)
{
	if (fcinfo->context && IsA(fcinfo->context, CallContext) &&
		!castNode(CallContext, fcinfo->context)->atomic)
		return;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
			 errmsg("%s cannot run inside a transaction block", what),
			 errdetail("It commits every batch; nothing was changed."),
			 errhint("CALL it outside of BEGIN and of other functions; what must be one transaction can use menuca_fix_combos(dry_run => false).")));
}

static Datum
batched_result(FunctionCallInfo fcinfo, const Fix *fix)
{
	const OrphanFigures *after = &fix->orphans_after;
	uint64		orphans;
	uint64		groups;
	TupleDesc	desc;
	Datum		values[8];
	bool		nulls[8] = {0};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	gate_orphans(&fix->options.gate, after, &orphans, &groups);

	values[0] = Int64GetDatum(fix->run_id);
	values[1] = CStringGetTextDatum("completed");
	values[2] = Int64GetDatum(fix->inserted);
	values[3] = Int64GetDatum(fix->items_before);
	values[4] = Int64GetDatum(fix->items_after);
	values[5] = percent_numeric(after->orphans, after->groups, &nulls[5]);
	values[6] = percent_numeric(after->expected_orphans, after->expected_groups, &nulls[6]);
	values[7] = optional_text(gate_band(orphans, groups), &nulls[7]);

	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* The parameters that an interrupted run was begun with. */
static void
restore_options(Fix *fix, const Run *run)
{
	FixOptions *options = &fix->options;
	int64		id = run->id;

	options->batched = true;
	options->target_schema = run->target_schema;
	options->target_name = run->target;
	options->gate.min_group_coverage = strtod(run_parameter(id, "min_group_coverage_pct"), NULL);
	options->gate.min_dish_coverage = strtod(run_parameter(id, "min_dish_coverage_pct"), NULL);
	options->gate.max_orphans = strtod(run_parameter(id, "max_orphan_pct"), NULL);
	options->gate.on_expected = strcmp(run_parameter(id, "gate_on"), "expected") == 0;
	options->batch_size = atoi(run_parameter(id, "batch_size"));
	options->columns.id = run_parameter(id, "id_column");
	options->columns.dish = run_parameter(id, "dish_column");
	options->columns.group = run_parameter(id, "group_column");
	options->columns.order = run_parameter(id, "order_column");

	fix->resumed = true;
	fix->run_id = id;
	fix->source = source_open_by_name(run->source, &options->columns);
}

/*
 * Goes on where the ledger ends.  Called with the target claimed, so that
 * nobody else is at work on the run.
 */
static void
take_up_run(Fix *fix)
{
	Run		   *run = run_find(fix->run_id);

	if (strcmp(run->status, "running") != 0)
		raise_not_resumable(run);
	fix->items_before = run->items_before;
	fix->groups_before = run_figure_before(run->id, "{groups}");
	fix->orphans_before = run_figure_before(run->id, "{orphans}");
	for (int i = 0; i < BREAKAGE_COUNT; i++)
		fix->integrity_before.items[i] =
			run_figure_before(run->id, psprintf("{integrity,%s}", breakage_name((Breakage) i)));
	fix->inserted = run->inserted;
	fix->batches = run->batches;
}

static void
raise_not_resumable(const Run *run)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("run %lld cannot be resumed: its status is %s",
					(long long) run->id, run->status),
			 errdetail("Only a batched run that was interrupted can be; nothing was changed."),
			 errhint("SELECT run_id, status FROM menuca_runs; to insert what is missing, begin a new run.")));
}

static void
emit_plan_row(const PlanRow *row, void *arg)
{
	ReturnSetInfo *rsinfo = arg;
	Datum		values[7];
	bool		nulls[7];

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
	values[6] = CStringGetTextDatum(outcome_name(row->outcome));
	nulls[6] = false;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	pfree(DatumGetPointer(values[6]));
}
