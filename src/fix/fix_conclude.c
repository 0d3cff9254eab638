/*-------------------------------------------------------------------------
 *
 * fix_conclude.c
 *	  The last phase of a fix: see fix_conclude.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/progress.h"
#include "commands/vacuum.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/backend_progress.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/guc_scope.h"
#include "base/hooked_table.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/sqlstate.h"
#include "fix/fix_conclude.h"
#include "fix/fix_report.h"
#include "ledger/reconcile.h"
#include "ledger/run_ledger.h"
#include "write/item_writer.h"

/*
 * Share of new items from which the old statistics mislead the planner; that
 * of autovacuum_analyze_scale_factor, by default.
 */
#define ANALYZE_FROM 0.1

/*
 * Statistics target of the small sample: ANALYZE reads 300 times as many rows.
 */
#define SAMPLE_TARGET 10

static void count_items_after(Fix *fix);
static void check_server_count(const Fix *fix);
static void check_item_counts(Fix *fix, uint64 items);
static void analyze_references(const Fix *fix);
static void finish_fix_run(Fix *fix, List *refusals);


void
fix_conclude(Fix *fix)
{
	List	   *refusals;

	pgstat_progress_end_command();
	query_begin_snapshot();
	count_items_after(fix);
	check_server_count(fix);
	check_item_counts(fix, fix->items_after);
	query_end_snapshot();

	refusals = gate_after(&fix->options.gate, &fix->integrity_before,
						  &fix->integrity_after, &fix->orphans_after);
	if (refusals && !fix->options.batched)
		gate_raise(refusals, "undone by the gate after the run",
				   "All that the run had written was undone; nothing was changed.", NULL);

	analyze_references(fix);
	finish_fix_run(fix, refusals);
	if (refusals)
	{
		SPI_commit();
		fix->interruptible = false;
		gate_raise(refusals, psprintf("run %lld failed its gate", (long long) fix->run_id),
				   psprintf("The %s that it inserted are committed; in the ledger they are run %lld, with status gate_failed.",
							format_things(fix->inserted, "item"), (long long) fix->run_id),
				   migrate_call("To undo it: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
								(long long) fix->run_id));
	}
	fix_announce_end(fix);
}

/*
 * Counts items and orphans again from the target's tables.  Only the marks of
 * the expected groups come from the plan, which read the source.
 */
static void
count_items_after(Fix *fix)
{
	ParentMap  *groups = parent_map_read(&fix->target->groups);
	ParentMap  *dishes;
	ItemCensus	census;

	orphan_figures_copy_expected(groups, fix->plan->groups);
	plan_free(fix->plan);
	fix->plan = NULL;

	dishes = parent_map_read(&fix->target->dishes);
	item_census_take_sorted(fix->target, groups, dishes, &census, NULL, NULL);
	orphan_figures_count(groups, PARENT_HAS_ITEMS, true, &fix->orphans_after);
	fix->integrity_after = gate_integrity_of(&census);
	fix->items_after = census.items;
	parent_map_free(groups);
	parent_map_free(dishes);
}

/*
 * Rows are read and written past the server's executor where it would do the same.
 * Should that ever be wrong, both would agree with each other: so the server counts.
 */
static void
check_server_count(const Fix *fix)
{
	uint64		items = query_int8(psprintf("SELECT count(*) FROM %s", fix->target->table.name), NULL);

	if (items != fix->items_after)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_INTEGRITY),
				 errmsg("the items do not add up: %s were read after %s, but SELECT count(*) returns %s",
						format_count(fix->items_after),
						format_things(fix->inserted, "insert"), format_count(items)),
				 errdetail("Table %s has its rows elsewhere than where they were read or written. Nothing of this transaction was kept.",
						   fix->target->table.display_name),
				 errhint("SET menuca.engine = 'executor'; and call again.")));
}

/*
 * Checks that before + inserted = after.  In one transaction nobody else can
 * have written; in a batched run, the ledger tells apart the rows that others
 * added or deleted.
 */
static void
check_item_counts(Fix *fix, uint64 items)
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
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the ledger of run %lld does not add up", (long long) fix->run_id),
				 errhint("Somebody wrote to the ledger. Restore it from a backup before you rely on it.")));
	if (found.others > 0 || found.inserted_missing > 0 || found.baseline_missing > 0)
		ereport(NOTICE,
				(errmsg("meanwhile others added %s, and deleted %s from before the run and %s that it inserted",
						format_things(found.others, "item"),
						format_count(found.baseline_missing),
						format_count(found.inserted_missing)),
				 errdetail("%s before - %s + %s inserted - %s + %s of others = %s after.",
						   format_count(found.baseline), format_count(found.baseline_missing),
						   format_count(found.inserted), format_count(found.inserted_missing),
						   format_count(found.others), format_count(items))));
}

/*
 * Analyzes the two references from a small sample, so that joins are planned
 * well at once, unless most items are old.  A complete ANALYZE is left to
 * autovacuum, which still counts the new rows as not analyzed.  A sample of rows on
 * other servers would take them all over the network, and distributed servers do not
 * analyze in the middle of a transaction.
 */
static void
analyze_references(const Fix *fix)
{
	int			level;

	if (fix->inserted == 0 || fix->inserted < fix->items_after * ANALYZE_FROM ||
		relation_has_foreign_rows(fix->target->table.oid) || hooked_table(fix->target->table.oid))
		return;

	level = guc_scope_begin();
	if (default_statistics_target > SAMPLE_TARGET)
		guc_scope_set("default_statistics_target", CppAsString2(SAMPLE_TARGET));
	query_write(psprintf("ANALYZE %s (%s, %s)", fix->target->table.name,
						 fix->target->group, fix->target->dish), NULL, NULL, NULL);
	guc_scope_end(level);
}

static void
finish_fix_run(Fix *fix, List *refusals)
{
	RunEnd		end = {0};

	end.status = refusals ? "gate_failed" : "completed";
	end.engine = item_writer_engine_name(fix->engine);
	end.figures_after = fix_figures_json(&fix->orphans_after, &fix->integrity_after, NULL);
	end.gate_message = refusals ? linitial(gate_messages(refusals)) : NULL;
	end.items_after = fix->items_after;
	run_finish(fix->run_id, &end);
}
