/*-------------------------------------------------------------------------
 *
 * fix_prepare.c
 *	  The first phase of a fix: see fix_prepare.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/progress.h"
#include "miscadmin.h"
#include "utils/backend_progress.h"

#include "backup/backup_gate.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/settings.h"
#include "fix/fix_prepare.h"
#include "fix/fix_report.h"
#include "ledger/run_damage.h"
#include "plan/plan_call.h"
#include "source/source.h"

/*
 * Rebuilding the indexes costs time for all items; entering the new items one
 * by one costs about three times as much for each of them (measured, see
 * test/bench).  So rebuilding pays while there are at most twice as many old
 * items as new ones.
 */
#define REBUILD_FACTOR 2

static void raise_refusals(const Fix *fix);
static Source *open_fix_source(const FixOptions *options);
static void name_arguments(Fix *fix);
static void begin_steps(Fix *fix);
static void begin_progress(const Target *target);
static void make_plan(Fix *fix, bool writing);
static void begin_item_counts(ParentMap *groups, ParentMap *dishes, void *arg);
static void add_to_baseline(int64 key, uint64 hash, void *arg);
static void collect_step(const PlanRow *row, void *arg);
static void choose_engine(Fix *fix);
static void begin_fix_run(Fix *fix);
static void load_run(Fix *fix);


void
fix_prepare(Fix *fix)
{
	AclMode		rights = ACL_SELECT | ACL_INSERT;

	fix->target = target_open_for(source_kind_system(fix->options.kind), fix->options.target_schema,
								  fix->options.target_name, rights);
	if (fix->source == NULL)
		fix->source = open_fix_source(&fix->options);
	name_arguments(fix);
	begin_steps(fix);
	run_require_rights();
	backup_gate_require(menuca_running_ticket >= 0);
	keyed_table_reserve(&fix->target->table, fix->options.batched);
	if (fix->options.exclusive)
		keyed_table_lock_exclusive(&fix->target->table);
	else
		keyed_table_lock(&fix->target->table);

	query_begin_snapshot();
	if (fix->resumed)
		load_run(fix);
	make_plan(fix, true);
	query_end_snapshot();

	raise_refusals(fix);
	if (fix->steps)
	{
		fix_steps_plan(fix->steps, true);
		query_begin_snapshot();
		fix->refusals = fix_steps_refusals(fix->steps);
		query_end_snapshot();
		raise_refusals(fix);
	}
	keyed_table_warn_foreign(&fix->target->table);
	choose_engine(fix);
	fix_announce_plan(fix, false);

	fix->to_insert = fix->inserted + fix->figures.outcomes[OUTCOME_INSERT];
	if (!fix->resumed)
	{
		fix->items_before = fix->figures.census.items;
		fix->groups_before = fix->figures.before.groups;
		fix->orphans_before = fix->figures.before.orphans;
		fix->integrity_before = gate_integrity_of(&fix->figures.census);
		begin_fix_run(fix);
		baseline_record(fix->baseline, fix->run_id);
	}
	if (fix->options.batched)
		fix->uuid_pool = uuid_pool_make(fix->figures.outcomes[OUTCOME_INSERT]);
	begin_progress(fix->target);
}

/* As in a real run, but nothing is reserved, locked or kept. */
void
fix_plan_only(Fix *fix)
{
	fix->target = target_open_for(source_kind_system(fix->options.kind), fix->options.target_schema,
								  fix->options.target_name, ACL_SELECT);
	if (fix->source == NULL)
		fix->source = open_fix_source(&fix->options);
	name_arguments(fix);
	begin_steps(fix);
	make_plan(fix, false);
	if (fix->steps)
	{
		fix_steps_plan(fix->steps, false);
		fix->refusals = list_concat(fix->refusals, fix_steps_refusals(fix->steps));
	}
	keyed_table_warn_foreign(&fix->target->table);
	choose_engine(fix);
	fix->items_before = fix->figures.census.items;
	fix->items_after = fix->items_before + fix->figures.outcomes[OUTCOME_INSERT];
	fix->orphans_after = fix->figures.after;
	fix_announce_plan(fix, true);
}

static void
raise_refusals(const Fix *fix)
{
	if (fix->refusals)
		gate_raise(fix->refusals, "refused",
				   psprintf("Nothing was written to %s: this gate comes before the first row.",
							fix->target->table.display_name),
				   NULL);
}

static Source *
open_fix_source(const FixOptions *options)
{
	if (options->kind == SOURCE_ROWS)
		return source_open(options->source_oid, &options->columns, false);
	return source_open_lists(options->kind, options->source_oid, &options->columns);
}

/* The gates' hints propose calls for the same source and target. */
static void
name_arguments(Fix *fix)
{
	fix->options.gate.source_arguments = plan_call_arguments(fix->target, fix->source);
	fix->options.gate.target_arguments = fix->options.kind == SOURCE_ROWS ?
		fix->options.gate.source_arguments : plan_call_arguments(fix->target, NULL);
	fix->options.gate.accepted_arguments = plan_call_acceptance(fix->target, fix->source);
}

/* Only V2's lists have steps. */
static void
begin_steps(Fix *fix)
{
	if (fix->options.kind == SOURCE_JSON_LISTS)
		fix->steps = fix_steps_begin(fix->target, fix->source);
}

/* Shows the run in pg_stat_progress_copy. */
static void
begin_progress(const Target *target)
{
	pgstat_progress_start_command(PROGRESS_COMMAND_COPY, target->table.oid);
	pgstat_progress_update_param(PROGRESS_COPY_COMMAND, PROGRESS_COPY_COMMAND_FROM);
	pgstat_progress_update_param(PROGRESS_COPY_TYPE, PROGRESS_COPY_TYPE_CALLBACK);
}

/* Makes the plan; keeps its figures and, when writing, the plan itself. */
static void
make_plan(Fix *fix, bool writing)
{
	PlanRequest request = {
		.maps_fn = begin_item_counts,
		.arg = fix,
		.counts = true,
		.checksums = writing || acceptances_exist(fix->target)
	};

	fix->refusals = gate_repeated_keys(&fix->target->table);
	if (fix->steps)
		request.row_fn = collect_step;
	if (writing)
	{
		request.keep = true;
		request.across_transactions = fix->options.batched;
		request.kilobytes = maintenance_work_mem - fix_baseline_kilobytes();
		if (!fix->resumed && fix->refusals == NIL)
		{
			fix->baseline = baseline_begin(fix_baseline_kilobytes());
			request.item_fn = add_to_baseline;
		}
	}

	fix->interrupted = open_run_interrupted(fix->target->schema, fix->run_id);
	fix->plan = plan_make(fix->target, fix->source, &request);
	fix->figures = fix->plan->figures;
	probes_take(fix->plan, fix->item_counts, &fix->probes);
	plan_forget_missing(fix->plan);
	if (request.checksums)
		acceptances_read(fix->target, fix->source, &fix->figures, &fix->acceptances);
	fix->options.gate.accepted = &fix->acceptances;
	fix->refusals = list_concat(fix->refusals,
								gate_before(&fix->options.gate, &fix->figures, &fix->probes));
	if (!writing)
		plan_free(fix->plan);
}

/* The plan has the rest of the memory until all items are written. */
int
fix_baseline_kilobytes(void)
{
	return maintenance_work_mem / 4;
}

/* A parallel worker may read the stated item counts while the plan is made. */
static void
begin_item_counts(ParentMap *groups, pg_attribute_unused() ParentMap *dishes, void *arg)
{
	Fix		   *fix = arg;

	fix->item_counts = item_counts_begin(&fix->target->groups, groups);
}

static void
add_to_baseline(int64 key, uint64 hash, void *arg)
{
	baseline_add(((Fix *) arg)->baseline, key, hash);
}

static void
collect_step(const PlanRow *row, void *arg)
{
	fix_steps_collect(((Fix *) arg)->steps, row);
}

/* Chooses the engine, and whether it rebuilds the indexes. */
static void
choose_engine(Fix *fix)
{
	uint64		new_items = fix->figures.outcomes[OUTCOME_INSERT];

	fix->engine = item_writer_choose_engine(fix->target, &fix->obstacle);
	fix->rebuild_indexes = fix->options.exclusive && fix->engine == ENGINE_NATIVE &&
		new_items > 0 &&
		fix->figures.census.items / REBUILD_FACTOR <= new_items &&
		keyed_table_can_reindex(&fix->target->table);
}

static void
begin_fix_run(Fix *fix)
{
	RunStart	start = {0};

	start.kind = fix_options_run_kind(&fix->options);
	start.target_schema = fix->target->schema;
	start.target = fix->target->junction->name;
	start.source = fix->source->name;
	start.mode = fix->options.batched ? "batched" : "transaction";
	start.engine = item_writer_engine_name(fix->engine);
	start.parameters = fix_parameters_json(&fix->options);
	start.outcomes = fix_outcomes_json(&fix->figures);
	start.figures_before = fix_figures_json(&fix->figures.before, &fix->integrity_before, fix);
	start.items_before = fix->baseline->rows;
	start.checksum_before = fix->baseline->checksum;
	fix->run_id = run_begin(&start);
}

/*
 * Loads the state of an interrupted run from the ledger.  The target is
 * reserved, so no other session works on the run.
 */
static void
load_run(Fix *fix)
{
	Run		   *run = run_find(fix->run_id);

	char	   *damage = run_damage(run->id);

	fix_require_resumable(run);
	if (damage)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("run %lld cannot be resumed: its ledger is damaged", (long long) run->id),
				 errdetail("In the ledger %s. Nothing was changed.", damage),
				 errhint("%s", migrate_call("Restore the tables menuca_run, menuca_run_batch and menuca_run_baseline from a backup, or begin a new run, which inserts the missing items: CALL menuca_fix_combos_batched(dry_run => false);"))));
	fix->items_before = run->items_before;
	fix->groups_before = run_figure_before(run, "{groups}");
	fix->orphans_before = run_figure_before(run, "{orphans}");
	for (int i = 0; i < BREAKAGE_COUNT; i++)
		fix->integrity_before.items[i] =
			run_figure_before(run, psprintf("{integrity,%s}", gate_breakage_name((Breakage) i)));
	fix->inserted = run->inserted;
	fix->batches = run->batches;
}

void
fix_require_resumable(const Run *run)
{
	if (strcmp(run->status, "running") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("run %lld cannot be resumed: its status is %s",
						(long long) run->id, run->status),
				 errdetail("Only a batched run that was interrupted can be resumed; nothing was changed."),
				 errhint("%s", migrate_call("To see all runs: SELECT run_id, status FROM menuca_runs; to insert the missing items, begin a new run."))));
	if (strcmp(run->mode, "batched") != 0 || strcmp(run->kind, "fix_combos") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("run %lld cannot be resumed: it is not a batched run of fix_combos",
						(long long) run->id),
				 errdetail("In the ledger its kind is %s and its mode %s; nothing was changed.",
						   run->kind, run->mode),
				 errhint("%s", migrate_call("To see all runs: SELECT run_id, kind, mode, status FROM menuca_runs;"))));
}
