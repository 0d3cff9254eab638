/*-------------------------------------------------------------------------
 *
 * export_runs.c
 *	  Which runs of the ledger an export has: see export_runs.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "base/query.h"
#include "base/slot.h"
#include "hosted/export_runs.h"
#include "ledger/open_run.h"
#include "ledger/run_damage.h"
#include "ledger/run_ledger.h"

static void require_completed_run(const Run *run);
static void require_no_open_run(const Run *run);
static void *make_run_of_id(TupleTableSlot *slot);
static bool list_has_run(const List *runs, int64 run_id);


List *
export_runs_up_to(int64 run_id)
{
	const Run  *last = run_find(run_id);
	QueryArgs	args = {0};
	List	   *runs;

	require_completed_run(last);
	require_no_open_run(last);
	query_arg_int8(&args, last->part_of > last->id ? last->part_of : last->id);
	query_arg_text(&args, last->target_schema);
	runs = query_list(psprintf("SELECT run_id FROM %smenuca_export_run"
							   " WHERE (run_id <= $1 OR part_of <= $1) AND target_schema = $2 AND status = 'completed' AND inserted > 0"
							   " ORDER BY run_id", migrate_schema()), &args, make_run_of_id);
	if (runs == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is nothing to export up to run %lld", (long long) run_id),
				 errdetail("No run in effect has inserted a row into schema %s.", last->target_schema),
				 errhint("%s", migrate_call("SELECT run_id, status, inserted, started_at FROM menuca_runs ORDER BY 1;"))));
	return runs;
}

List *
export_runs_besides(const List *runs, const char *schema, const char *table)
{
	List	   *besides = NIL;
	ListCell   *lc;

	foreach(lc, run_list_in_effect(schema, table))
	{
		Run		   *run = lfirst(lc);

		if (!list_has_run(runs, run->id))
			besides = lappend(besides, run);
	}
	return besides;
}

List *
export_runs_describe(const List *runs)
{
	List	   *lines = NIL;
	ListCell   *lc;

	foreach(lc, runs)
	{
		const Run  *run = lfirst(lc);
		QueryArgs	args = {0};

		query_arg_int8(&args, run->id);
		lines = lappend(lines, psprintf("%lld, %s", (long long) run->id,
										query_text(psprintf("SELECT description FROM %smenuca_export_run WHERE run_id = $1",
															migrate_schema()), &args)));
	}
	return lines;
}

List *
export_runs_approvals(const char *schema, const char *kind)
{
	QueryArgs	args = {0};

	query_arg_text(&args, schema);
	query_arg_text(&args, kind);
	return query_texts(psprintf("SELECT description FROM %smenuca_export_approval"
								" WHERE target_schema = $1 AND kind = $2 AND description IS NOT NULL ORDER BY at",
								migrate_schema()), &args);
}

static void
require_completed_run(const Run *run)
{
	char	   *hint = NULL;

	if (strcmp(run->status, "completed") == 0)
		return;
	if (strcmp(run->status, "running") == 0)
		require_no_open_run(run);
	if (strcmp(run->status, "gate_failed") == 0)
		hint = migrate_call("To undo it: SELECT * FROM menuca_rollback(%lld);", (long long) run->id);
	else
		hint = migrate_call("To choose another one: SELECT run_id, status, inserted, started_at FROM menuca_runs ORDER BY 1;");
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("run %lld cannot be exported: its status is %s", (long long) run->id, run->status),
			 errdetail("Only a run that has completed, and is in effect, has proven what production is to get."),
			 errhint("%s", hint)));
}

/* An open run's rows are neither all there nor gone. */
static void
require_no_open_run(const Run *run)
{
	List	   *open = open_runs(run->target_schema, 0);
	const OpenRun *first;

	if (open == NIL)
		return;
	first = linitial(open);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("nothing can be exported while run %lld has not ended", (long long) first->id),
			 errdetail("It is open: %s.", first->text),
			 first->next_step ? errhint("%s", first->next_step) : 0));
}

static void *
make_run_of_id(TupleTableSlot *slot)
{
	int64		run_id = slot_int8(slot, 0);
	char	   *damage = run_damage(run_id);

	if (damage)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("run %lld cannot be exported: its ledger is damaged", (long long) run_id),
				 errdetail("%s.", damage),
				 errhint("%s", migrate_call("Restore the ledger from a backup; to see what it has of the run: SELECT * FROM menuca_run_details(%lld);",
											(long long) run_id))));
	return run_find(run_id);
}

static bool
list_has_run(const List *runs, int64 run_id)
{
	ListCell   *lc;

	foreach(lc, runs)
	{
		if (((const Run *) lfirst(lc))->id == run_id)
			return true;
	}
	return false;
}
