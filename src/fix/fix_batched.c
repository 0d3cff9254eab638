/*-------------------------------------------------------------------------
 *
 * fix_batched.c
 *	  A fix that commits every batch, and resuming it.
 *
 * CALL menuca_fix_combos_batched(dry_run, ...)
 * CALL menuca_resume(run_id, dry_run)
 *
 * Each phase of the fix (see fix_combos.c), and each batch, is a transaction
 * of its own, which also commits its ledger entry: a crash leaves whole
 * batches, each in the ledger.  A resumed run plans again: rows that the table
 * has by then are already_present to the new plan.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/preview.h"
#include "base/procedure_call.h"
#include "base/query.h"
#include "fix/fix_call.h"
#include "fix/fix_conclude.h"
#include "fix/fix_options.h"
#include "fix/fix_prepare.h"
#include "fix/fix_report.h"
#include "fix/fix_state.h"
#include "fix/fix_write.h"
#include "fix/run_target.h"
#include "ledger/run_ledger.h"
#include "source/source.h"

PG_FUNCTION_INFO_V1(menuca_fix_combos_batched);
PG_FUNCTION_INFO_V1(menuca_resume);
PG_FUNCTION_INFO_V1(menuca_preview_resume);

static char *single_transaction_call(const char *batched_call);
static void run_batched(Fix *fix);
static void reopen_target_table(Fix *fix);
static char *interruption_advice(const Fix *fix);


/*
 * menuca_fix_combos_batched: the arguments of menuca_fix_combos without lock,
 * and INOUT ones for the result.
 */
Datum
menuca_fix_combos_batched(PG_FUNCTION_ARGS)
{
	TimestampTz start = GetCurrentTimestamp();
	bool		dry_run = argument_bool(fcinfo, 0, "dry_run");
	Fix			fix = {
		.options = fix_options_read(fcinfo, 1, SOURCE_ROWS),
		.real_call = given_call_for_real(fcinfo)
	};

	fix.options.batched = true;
	if (dry_run)
		fix_plan_only(&fix);
	else
	{
		procedure_require_commits(fcinfo, "menuca_fix_combos_batched", fix.real_call,
								  psprintf("To run in a single transaction: %s", single_transaction_call(fix.real_call)));
		run_batched(&fix);
	}
	return fix_result(fcinfo, &fix, dry_run, start);
}

/* menuca_fix_combos() has the same arguments, by the same names. */
static char *
single_transaction_call(const char *batched_call)
{
	const char *batched = migrate_call("CALL menuca_fix_combos_batched(");

	return psprintf("%s%s", migrate_call("SELECT * FROM menuca_fix_combos("), batched_call + strlen(batched));
}

/*
 * menuca_resume(run_id, dry_run) and INOUT arguments for the result.  A dry run
 * plans what the run has still to do.
 */
Datum
menuca_resume(PG_FUNCTION_ARGS)
{
	TimestampTz start = GetCurrentTimestamp();
	Fix			fix = {.real_call = given_call_for_real(fcinfo)};
	bool		dry_run = argument_bool(fcinfo, 1, "dry_run");
	Run		   *run;

	if (!dry_run)
		procedure_require_commits(fcinfo, "menuca_resume", fix.real_call,
								  PG_ARGISNULL(0) ? "" :
								  migrate_call("To undo the run instead, which needs no commit: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
											   (long long) PG_GETARG_INT64(0)));
	run = run_find(run_argument(fcinfo, 0, migrate_call("SELECT run_id, status FROM menuca_runs WHERE status = 'interrupted';")));
	fix_require_resumable(run);
	run_target_require(run);
	fix.options = fix_options_restore(run);
	fix.resumed = true;
	fix.run_id = run->id;
	fix.source = source_open_of_run(run->id, run->source, &fix.options.columns);
	if (dry_run)
		fix_plan_only(&fix);
	else
		run_batched(&fix);
	return fix_result(fcinfo, &fix, dry_run, start);
}

/* menuca_preview_resume(run_id): its dry run. */
Datum
menuca_preview_resume(PG_FUNCTION_ARGS)
{
	return preview_call(fcinfo, "menuca_resume");
}

/*
 * The same phases, a transaction each.  State that must outlive a commit is
 * allocated in the procedure's own context.
 */
static void
run_batched(Fix *fix)
{
	MemoryContext context = CurrentMemoryContext;
	const char *volatile advice = NULL;

	query_require_writable("menuca_fix_combos_batched()");
	query_require_read_committed("menuca_fix_combos_batched()");

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(context);

	PG_TRY();
	{
		bool		more = true;

		fix_prepare(fix);

		/* An aborted transaction could not look up the extension's schema. */
		MemoryContextSwitchTo(context);
		advice = interruption_advice(fix);
		while (more)
		{
			SPI_commit();
			fix->interruptible = true;
			MemoryContextSwitchTo(context);
			reopen_target_table(fix);
			fix_begin_writing(fix);
			more = fix_write_batch(fix);
			fix_end_writing(fix);
		}
		fix_conclude(fix);
		SPI_commit();
		fix->interruptible = false;
		MemoryContextSwitchTo(context);
		keyed_table_release();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		if (fix->interruptible)
			error->hint = error->hint ? psprintf("%s %s", error->hint, advice) : pstrdup(advice);
		ReThrowError(error);
	}
	PG_END_TRY();

	SPI_finish();
}

/*
 * Looks up the target and locks it again, since a commit releases the locks.
 */
static void
reopen_target_table(Fix *fix)
{
	Oid			oid = fix->target->table.oid;

	fix->target = target_open(fix->target->schema, fix->options.target_name,
							  ACL_SELECT | ACL_INSERT);
	if (fix->target->table.oid != oid)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s was dropped and created again during the run",
						fix->target->table.display_name),
				 errdetail("The %s that run %lld had inserted were dropped with the old table.",
						   format_things(fix->inserted, "item"), (long long) fix->run_id),
				 errhint("Begin a new run: %s", fix_call_new_run(fix))));
	keyed_table_lock(&fix->target->table);
}

/* How to go on after an error, once the run is in the ledger. */
static char *
interruption_advice(const Fix *fix)
{
	return migrate_call("Run %lld is interrupted; its committed batches remain. To resume it: CALL menuca_resume(%lld, dry_run => false); to undo it: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
						(long long) fix->run_id, (long long) fix->run_id,
						(long long) fix->run_id);
}
