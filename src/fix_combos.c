/*-------------------------------------------------------------------------
 *
 * fix_combos.c
 *	  The story of a repair.
 *
 * menuca_fix_combos(dry_run := true)	plans and reports
 * menuca_fix_combos(dry_run := false)	does it in one transaction
 * menuca_fix_group_dishes()				the same with V1's lists of dishes
 * menuca_fix_v2_groups()				the same with V2's, and their steps
 * menuca_fix_combos_batched()			does it batch by batch, committing each
 * menuca_resume(run_id)				goes on with an interrupted batched run
 *
 * The steps are the same for all: fix_prepare() makes the plan, asks the gate
 * before and opens the run in the ledger; fix_write_batch() writes until nothing
 * is left, between fix_begin_writing() and fix_end_writing(); fix_conclude()
 * asks the gate after and closes the run.  In one transaction an error at any
 * point undoes everything.  Batched, each step is committed together with what
 * the ledger says of it, so a crash leaves whole batches, each in the ledger.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/progress.h"
#include "commands/vacuum.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/backend_progress.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "apply.h"
#include "arguments.h"
#include "backup_gate.h"
#include "fix.h"
#include "query.h"
#include "reconcile.h"
#include "report.h"
#include "source_arguments.h"
#include "settings.h"
#include "sqlstate.h"

PG_FUNCTION_INFO_V1(menuca_fix_combos);
PG_FUNCTION_INFO_V1(menuca_fix_group_dishes);
PG_FUNCTION_INFO_V1(menuca_fix_v2_groups);

/*
 * Rebuilding the indexes touches all items, entering the new ones only these,
 * but each at about three times the cost (measured, see test/bench): it pays
 * while there are at most twice as many old items as new ones.
 */
#define REBUILD_FACTOR 2

/*
 * Share of new items from which old statistics mislead, which is autovacuum's
 * own default, and the statistics target of a first look: 3,000 rows.
 */
#define ANALYZE_FROM 0.1
#define SAMPLE_TARGET 10

/* Greatest batch: its arrays of ids stay far below the limit of 1 GB. */
#define MAX_BATCH_SIZE 1000000

/* What the fixes are called, in the ledger and in SQL, by their sources. */
static const struct
{
	const char *run;
	const char *call;
	const char *plan;
	const char *crossed;		/* see GateSettings */
}			fix_names[] = {

	[SOURCE_ROWS] = {"fix_combos", "menuca_fix_combos", "menuca_plan_combos",
	GATE_CROSSED_COMBOS},
	[SOURCE_PHP_LISTS] = {"fix_group_dishes", "menuca_fix_group_dishes", "menuca_plan_group_dishes",
	"menuca_plan_group_dishes() WHERE outcome = 'cross_restaurant'"},
	[SOURCE_JSON_LISTS] = {"fix_v2_groups", "menuca_fix_v2_groups", "menuca_plan_v2_groups",
	"menuca_plan_v2_groups() WHERE outcome = 'cross_restaurant'"}
};

static Datum fix_in_one(FunctionCallInfo fcinfo, SourceKind kind);
static bool lock_is_exclusive(const char *lock);
static Source *open_source(const FixOptions *options);
static void plan_only(Fix *fix);
static void begin_steps(Fix *fix);
static void begin_progress(const Target *target);
static void make_plan(Fix *fix, bool writing);
static int	baseline_kilobytes(void);
static int	writer_kilobytes(const Fix *fix);
static void begin_item_counts(LegacyMap *groups, LegacyMap *dishes, void *arg);
static void take_item(int64 key, uint64 hash, void *arg);
static void take_step(const PlanRow *row, void *arg);
static void choose_engine(Fix *fix);
static void open_run(Fix *fix);
static void reference_planned(Fix *fix);
static int64 *ids_with_new_items(const LegacyMap *map, int *n);
static void reference_items(Fix *fix, const NewItem *items, int n);
static int	sort_distinct(int64 *ids, int n);
static int	compare_int64(const void *a, const void *b);
static int	fetch_planned(Fix *fix, NewItem *items);
static void recount(Fix *fix);
static void check_counts(Fix *fix, uint64 items);
static void analyze_references(const Fix *fix);
static void end_run(Fix *fix, List *refusals);


/*
 * menuca_fix_combos(dry_run, source, min_coverage_pct, max_orphan_pct,
 * gate_on, batch_size, target, min_group_coverage_pct,
 * min_dish_coverage_pct, id_column, dish_column, group_column, order_column,
 * max_cross_restaurant_pct, strict, lock)
 */
Datum
menuca_fix_combos(PG_FUNCTION_ARGS)
{
	return fix_in_one(fcinfo, SOURCE_ROWS);
}

/*
 * menuca_fix_group_dishes(...): the same, but for two column names instead of
 * four, group_column and dish_column.
 */
Datum
menuca_fix_group_dishes(PG_FUNCTION_ARGS)
{
	return fix_in_one(fcinfo, SOURCE_PHP_LISTS);
}

/* menuca_fix_v2_groups(...): with the same arguments as for V1's lists. */
Datum
menuca_fix_v2_groups(PG_FUNCTION_ARGS)
{
	return fix_in_one(fcinfo, SOURCE_JSON_LISTS);
}

/* Plans, or does it in one transaction. */
static Datum
fix_in_one(FunctionCallInfo fcinfo, SourceKind kind)
{
	TimestampTz start = GetCurrentTimestamp();
	bool		dry_run = required_bool(fcinfo, 0, "dry_run");
	Fix			fix = {.options = fix_options(fcinfo, 1, kind)};
	char	   *call = psprintf("%s(dry_run := false)", fix_names[kind].call);

	fix.options.exclusive = lock_is_exclusive(required_text(fcinfo, PG_NARGS() - 1, "lock"));
	if (dry_run)
		plan_only(&fix);
	else
	{
		query_require_writable(call);
		query_require_read_committed(call);

		fix_prepare(&fix);
		fix_begin_writing(&fix);
		while (fix_write_batch(&fix))
			 /* go on */ ;
		plan_end_inserts(fix.plan);
		fix_end_writing(&fix);
		if (fix.steps)
			fix_steps_write(fix.steps, fix.run_id, fix.options.batch_size);
		fix_conclude(&fix);
	}
	return fix_result(fcinfo, &fix, dry_run, start);
}

/* The arguments from source to strict, in the order of the SQL functions. */
FixOptions
fix_options(FunctionCallInfo fcinfo, int first, SourceKind kind)
{
	FixOptions	options = {0};
	bool		of_lists = kind != SOURCE_ROWS;
	int			last = first + (of_lists ? 11 : 13);
	double		min_coverage = required_numeric(fcinfo, first + 1, "min_coverage_pct");
	char	   *gate_on = required_text(fcinfo, first + 3, "gate_on");

	gate_check_percentage("min_coverage_pct", min_coverage);
	options.source_oid = optional_oid(fcinfo, first);
	options.gate.max_orphans = required_numeric(fcinfo, first + 2, "max_orphan_pct");
	options.batch_size = required_int4(fcinfo, first + 4, "batch_size");
	options.target_name = required_text(fcinfo, first + 5, "target");
	options.gate.min_group_coverage = optional_numeric(fcinfo, first + 6, min_coverage);
	options.gate.min_dish_coverage = optional_numeric(fcinfo, first + 7, min_coverage);
	options.kind = kind;
	options.gate.plan_function = fix_names[kind].plan;
	options.gate.crossed = fix_names[kind].crossed;
	options.columns = of_lists ? source_list_columns(fcinfo, first + 8) : source_row_columns(fcinfo, first + 8);
	options.gate.max_cross_restaurant = required_numeric(fcinfo, last - 1, "max_cross_restaurant_pct");
	options.gate.strict = required_bool(fcinfo, last, "strict");

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

/* The strongest lock that a run may take on the target. */
static bool
lock_is_exclusive(const char *lock)
{
	if (strcmp(lock, "access_exclusive") == 0)
		return true;
	if (strcmp(lock, "share_row_exclusive") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown lock \"%s\"", lock),
				 errdetail("It is \"share_row_exclusive\" (others may read the table meanwhile) or \"access_exclusive\" (nobody may, but the indexes can be rebuilt, which is faster). Nothing was changed."),
				 errhint("Leave it away while customers order.")));
	return false;
}

/* A dry run: the plan and what the gates would say. */
static void
plan_only(Fix *fix)
{
	fix->target = target_open_for(source_kind_system(fix->options.kind), NULL,
								  fix->options.target_name, ACL_SELECT);
	fix->source = open_source(&fix->options);
	begin_steps(fix);
	make_plan(fix, false);
	if (fix->steps)
		fix_steps_plan(fix->steps, false);
	choose_engine(fix);
	fix->items_before = fix->figures.census.items;
	fix->items_after = fix->items_before + fix->figures.outcomes[OUTCOME_INSERT];
	fix->orphans_after = fix->figures.after;
	fix_announce_plan(fix, true);
}

static Source *
open_source(const FixOptions *options)
{
	if (options->kind == SOURCE_ROWS)
		return source_open(options->source_oid, &options->columns, false);
	return source_open_lists(options->kind, options->source_oid, &options->columns);
}

/* Only V2's lists have steps. */
static void
begin_steps(Fix *fix)
{
	if (fix->options.kind == SOURCE_JSON_LISTS)
		fix->steps = fix_steps_begin(fix->target, fix->source);
}

/*
 * Claims and locks the target, plans, and asks the gate; opens the run, or
 * raises what the gate refuses.
 */
void
fix_prepare(Fix *fix)
{
	AclMode		rights = ACL_SELECT | ACL_INSERT;

	fix->target = target_open_for(source_kind_system(fix->options.kind), fix->options.target_schema,
								  fix->options.target_name, rights);
	if (fix->source == NULL)
		fix->source = open_source(&fix->options);
	begin_steps(fix);
	run_require_rights();
	backup_gate_require(menuca_running_ticket >= 0);
	keyed_table_claim(&fix->target->table, fix->options.batched);
	if (fix->options.exclusive)
		keyed_table_lock_exclusive(&fix->target->table);
	else
		keyed_table_lock(&fix->target->table);

	query_begin_snapshot();
	if (fix->resumed)
		fix_take_up(fix);
	make_plan(fix, true);
	query_end_snapshot();

	if (fix->refusals)
		gate_raise(fix->refusals, "refused",
				   psprintf("Nothing was written to %s: this gate stands before the first row.",
							fix->target->table.display_name),
				   NULL);
	if (fix->steps)
		fix_steps_plan(fix->steps, true);
	choose_engine(fix);
	fix_announce_plan(fix, false);

	fix->to_insert = fix->inserted + fix->figures.outcomes[OUTCOME_INSERT];
	if (!fix->resumed)
	{
		fix->items_before = fix->figures.census.items;
		fix->groups_before = fix->figures.before.groups;
		fix->orphans_before = fix->figures.before.orphans;
		fix->integrity_before = integrity_of(&fix->figures.census);
		open_run(fix);
		baseline_record(fix->baseline, fix->run_id);
	}
	if (fix->options.batched)
		fix->uuid_pool = uuid_pool_make(fix->figures.outcomes[OUTCOME_INSERT]);
	begin_progress(fix->target);
}

/* Shows the run in pg_stat_progress_copy. */
static void
begin_progress(const Target *target)
{
	pgstat_progress_start_command(PROGRESS_COMMAND_COPY, target->table.oid);
	pgstat_progress_update_param(PROGRESS_COPY_COMMAND, PROGRESS_COPY_COMMAND_FROM);
	pgstat_progress_update_param(PROGRESS_COPY_TYPE, PROGRESS_COPY_TYPE_CALLBACK);
}

/* Plans, keeping the figures and, when writing, the plan. */
static void
make_plan(Fix *fix, bool writing)
{
	PlanRequest request = {
		.maps_fn = begin_item_counts,
		.arg = fix,
		.counts = true
	};

	if (fix->steps)
		request.row_fn = take_step;
	if (writing)
	{
		request.keep = true;
		request.across_transactions = fix->options.batched;
		request.kilobytes = maintenance_work_mem - baseline_kilobytes();
		if (!fix->resumed)
		{
			fix->baseline = baseline_begin(baseline_kilobytes());
			request.item_fn = take_item;
		}
	}

	fix->plan = plan_make(fix->target, fix->source, &request);
	fix->figures = fix->plan->figures;
	probes_take(fix->plan, fix->item_counts, &fix->probes);
	plan_forget_missing(fix->plan);
	fix->refusals = gate_before(&fix->options.gate, &fix->figures, &fix->probes);
	if (!writing)
		plan_free(fix->plan);
}

/*
 * A quarter of the memory is for the baseline; the plan has the rest until all
 * is written.
 */
static int
baseline_kilobytes(void)
{
	return maintenance_work_mem / 4;
}

/*
 * For index entries: that quarter again, since the baseline has been recorded,
 * or what the plan has left of its part.
 */
static int
writer_kilobytes(const Fix *fix)
{
	int			plan = MemoryContextMemAllocated(fix->plan->context, true) / 1024;

	return Max(baseline_kilobytes(), maintenance_work_mem - plan);
}

/* A worker may read what groups should have while the plan is being made. */
static void
begin_item_counts(LegacyMap *groups, pg_attribute_unused() LegacyMap *dishes, void *arg)
{
	Fix		   *fix = arg;

	fix->item_counts = item_counts_begin(&fix->target->groups, groups);
}

/* The census found an item: part of the baseline. */
static void
take_item(int64 key, uint64 hash, void *arg)
{
	baseline_add(((Fix *) arg)->baseline, key, hash);
}

/* A planned row: its step is written behind the items. */
static void
take_step(const PlanRow *row, void *arg)
{
	fix_steps_take(((Fix *) arg)->steps, row);
}

/* Which engine is to write, and whether it may rebuild the indexes. */
static void
choose_engine(Fix *fix)
{
	uint64		new_items = fix->figures.outcomes[OUTCOME_INSERT];

	fix->engine = apply_choose_engine(fix->target, &fix->obstacle);
	fix->rebuild_indexes = fix->options.exclusive && fix->engine == ENGINE_NATIVE &&
		new_items > 0 &&
		fix->figures.census.items / REBUILD_FACTOR <= new_items &&
		keyed_table_can_reindex(&fix->target->table);
}

static void
open_run(Fix *fix)
{
	RunStart	start = {0};

	start.kind = fix_names[fix->options.kind].run;
	start.target_schema = fix->target->schema;
	start.target = fix->target->junction->name;
	start.source = fix->source->name;
	start.mode = fix->options.batched ? "batched" : "transaction";
	start.engine = engine_name(fix->engine);
	start.parameters = fix_parameters_json(&fix->options);
	start.outcomes = fix_outcomes_json(&fix->figures);
	start.figures_before = fix_figures_json(&fix->figures.before, &fix->integrity_before, &fix->probes);
	start.items_before = fix->baseline->rows;
	start.checksum_before = fix->baseline->checksum;
	fix->run_id = run_begin(&start);
}

/*
 * Begins to write.  In one transaction the rows that items will refer to are
 * locked first; batched, each batch locks its own.
 */
void
fix_begin_writing(Fix *fix)
{
	fix->writer = apply_begin(fix->target, fix->rebuild_indexes, fix->uuid_pool,
							  writer_kilobytes(fix));
	if (apply_engine(fix->writer) != fix->engine)
		fix->engine = ENGINE_EXECUTOR;	/* something has come in its way */

	if (!fix->options.batched)
		reference_planned(fix);
}

void
fix_end_writing(Fix *fix)
{
	apply_end(fix->writer);
	fix->writer = NULL;
}

/* Refers to all groups and dishes that the plan has new items for. */
static void
reference_planned(Fix *fix)
{
	int			ngroups;
	int			ndishes;
	int64	   *groups = ids_with_new_items(fix->plan->groups, &ngroups);
	int64	   *dishes = ids_with_new_items(fix->plan->dishes, &ndishes);

	apply_reference(fix->writer, groups, ngroups, dishes, ndishes);
	pfree(groups);
	pfree(dishes);
}

static int64 *
ids_with_new_items(const LegacyMap *map, int *n)
{
	int64	   *ids = MemoryContextAllocHuge(CurrentMemoryContext,
											 sizeof(int64) * Max(map->nrows, 1));

	*n = 0;
	for (uint32 i = 0; i < map->nrows; i++)
	{
		if (map->rows[i].flags & PARENT_GETS_NEW)
			ids[(*n)++] = map->rows[i].id;
	}
	*n = sort_distinct(ids, *n);
	return ids;
}

/* Refers to the groups and dishes of some items. */
static void
reference_items(Fix *fix, const NewItem *items, int n)
{
	int64	   *groups = palloc(sizeof(int64) * n);
	int64	   *dishes = palloc(sizeof(int64) * n);

	for (int i = 0; i < n; i++)
	{
		groups[i] = items[i].group_id;
		dishes[i] = items[i].dish_id;
	}
	apply_reference(fix->writer, groups, sort_distinct(groups, n),
					dishes, sort_distinct(dishes, n));
}

/* Sorts ids and drops repeated ones; returns how many are left. */
static int
sort_distinct(int64 *ids, int n)
{
	int			left = 0;

	qsort(ids, n, sizeof(int64), compare_int64);
	for (int i = 0; i < n; i++)
	{
		if (left == 0 || ids[i] != ids[left - 1])
			ids[left++] = ids[i];
	}
	return left;
}

static int
compare_int64(const void *a, const void *b)
{
	int64		left = *(const int64 *) a;
	int64		right = *(const int64 *) b;

	return left < right ? -1 : left > right;
}

/*
 * Writes the next batch of planned items and its ledger entry; false when
 * there was none.
 */
bool
fix_write_batch(Fix *fix)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "menuca batch",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	NewItem    *items = palloc(sizeof(NewItem) * fix->options.batch_size);
	KeyedRow   *rows = palloc(sizeof(KeyedRow) * fix->options.batch_size);
	int			planned = fetch_planned(fix, items);
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
		if (fix->options.batched)
			reference_items(fix, items, n);
		apply_insert(fix->writer, items, n, rows);
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
fetch_planned(Fix *fix, NewItem *items)
{
	PlanRow		row;
	int			n = 0;

	while (n < fix->options.batch_size && plan_next_insert(fix->plan, &row))
	{
		items[n].group_id = row.group_id;
		items[n].dish_id = row.dish_id;
		items[n].display_order = row.source.order;
		items[n].has_source_id = row.source.has_id;
		items[n].source_id = row.source.id;
		n++;
	}
	return n;
}

/*
 * Counts everything anew, asks the gate after, and closes the run.  A
 * refusal is an error; batched, it is committed to the ledger first.
 */
void
fix_conclude(Fix *fix)
{
	List	   *refusals;

	pgstat_progress_end_command();
	query_begin_snapshot();
	recount(fix);
	check_counts(fix, fix->items_after);
	query_end_snapshot();

	refusals = gate_after(&fix->options.gate, &fix->integrity_before,
						  &fix->integrity_after, &fix->orphans_after);
	if (refusals && !fix->options.batched)
		gate_raise(refusals, "undone by the gate after",
				   "All that the run had written was undone; nothing was changed.", NULL);

	analyze_references(fix);
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
	fix_announce_end(fix);
}

/*
 * Counts what is there now, from the target's tables alone; which groups are
 * expected, the plan has learned from the source.
 */
static void
recount(Fix *fix)
{
	LegacyMap  *groups = legacy_map_read(&fix->target->groups);
	LegacyMap  *dishes;
	Census		census;

	orphans_copy_expected(groups, fix->plan->groups);
	plan_free(fix->plan);
	fix->plan = NULL;

	dishes = legacy_map_read(&fix->target->dishes);
	census_take_sorted(fix->target, groups, dishes, &census, NULL, NULL);
	orphans_count(groups, PARENT_HAS_ITEMS, true, &fix->orphans_after);
	fix->integrity_after = integrity_of(&census);
	fix->items_after = census.items;
	legacy_map_free(groups);
	legacy_map_free(dishes);
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
							 fix->target->table.display_name)));
		return;
	}

	reconcile(run_find(fix->run_id), &fix->target->table, maintenance_work_mem, &found, NULL, NULL);
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

/*
 * The planner needs to know at once what joins will meet, and a small sample
 * tells, unless most items are old.  A complete ANALYZE, for which the rows
 * stay counted, is autovacuum's.
 */
static void
analyze_references(const Fix *fix)
{
	int			nestlevel;

	if (fix->inserted == 0 || fix->inserted < fix->items_after * ANALYZE_FROM)
		return;

	nestlevel = NewGUCNestLevel();
	if (default_statistics_target > SAMPLE_TARGET)
		(void) set_config_option("default_statistics_target", CppAsString2(SAMPLE_TARGET),
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);
	query_write(psprintf("ANALYZE %s (%s, %s)", fix->target->table.name,
						 fix->target->group, fix->target->dish), NULL, NULL, NULL);
	AtEOXact_GUC(false, nestlevel);
}

static void
end_run(Fix *fix, List *refusals)
{
	RunEnd		end = {0};

	end.status = refusals ? "gate_failed" : "completed";
	end.engine = engine_name(fix->engine);
	end.figures_after = fix_figures_json(&fix->orphans_after, &fix->integrity_after, NULL);
	end.gate_message = refusals ? linitial(gate_messages(refusals)) : NULL;
	end.items_after = fix->items_after;
	run_finish(fix->run_id, &end);
}
