/*-------------------------------------------------------------------------
 *
 * open_run.c
 *	  Runs that have begun and not ended: see open_run.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "ledger/open_run.h"
#include "ledger/run_damage.h"

static void *make_open_run(TupleTableSlot *slot);


/* A run of this session's own counts as interrupted, unless it is the one excepted. */
List *
open_runs(const char *target_schema, int64 except)
{
	QueryArgs	args = {0};

	if (pg_class_aclcheck(migrate_table("menuca_run"), GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		return NIL;
	query_arg_text(&args, target_schema);
	query_arg_int8(&args, except);
	return query_list(psprintf("SELECT r.run_id, r.kind, r.mode, r.inserted,"
							   " format('%%I.%%I', r.target_schema, r.target) AS target_name,"
							   " NOT EXISTS (SELECT FROM %smenuca_held_lock l WHERE l.lock = 'run'"
							   "  AND l.object_id = to_regclass(format('%%I.%%I', r.target_schema, r.target))::oid"
							   "  AND l.pid IS DISTINCT FROM pg_backend_pid()) AS interrupted"
							   " FROM %smenuca_run r WHERE r.status = 'running' AND r.target_schema = $1 AND r.run_id <> $2"
							   " ORDER BY r.run_id DESC", migrate_schema(), migrate_schema()),
					  &args, make_open_run);
}

static void *
make_open_run(TupleTableSlot *slot)
{
	OpenRun    *run = palloc0(sizeof(OpenRun));
	char	   *kind = slot_text_or_null_of(slot, "kind");
	char	   *mode = slot_text_or_null_of(slot, "mode");
	char	   *target = slot_text_or_null_of(slot, "target_name");
	bool		resumable = kind && mode && strcmp(kind, "fix_combos") == 0 && strcmp(mode, "batched") == 0;
	char	   *damage;

	run->id = slot_int8_of(slot, "run_id");
	run->interrupted = slot_bool_of(slot, "interrupted");
	damage = run_damage(run->id);
	run->text = psprintf("run %lld (%s) %s inserting %s into %s%s%s", (long long) run->id,
						 kind ? kind : "?",
						 run->interrupted ? "was interrupted after" : "is running, and so far",
						 format_things((uint64) slot_int8_or_zero_of(slot, "inserted"), "row"),
						 target ? target : "?",
						 damage ? "; its ledger is damaged: " : "", damage ? damage : "");
	if (damage)
		return run;
	run->undo = migrate_call("SELECT * FROM menuca_rollback(%lld, dry_run => false);", (long long) run->id);
	run->next_step = !run->interrupted ?
		migrate_call("SELECT run_id, status, inserted, batches FROM menuca_runs WHERE run_id = %lld;", (long long) run->id) :
		resumable ? migrate_call("CALL menuca_resume(%lld, dry_run => false);", (long long) run->id) : run->undo;
	return run;
}

OpenRun *
open_run_interrupted(const char *target_schema, int64 except)
{
	ListCell   *lc;

	foreach(lc, open_runs(target_schema, except))
	{
		OpenRun    *run = lfirst(lc);

		if (run->interrupted)
			return run;
	}
	return NULL;
}

char *
open_run_warning(const OpenRun *run)
{
	if (run->next_step == NULL)
		return psprintf("%s; restore its ledger from a backup", run->text);
	if (run->next_step == run->undo)
		return psprintf("%s; to undo it: %s", run->text, run->undo);
	return psprintf("%s; to finish it: %s to undo it: %s", run->text, run->next_step, run->undo);
}
