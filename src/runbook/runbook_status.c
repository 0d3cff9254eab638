/*-------------------------------------------------------------------------
 *
 * runbook_status.c
 *	  The state of the runbook, the next call, and the way back.
 *
 * menuca_status()			a row per ticket
 * menuca_rollback_guide()	the calls that undo everything, in order
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"
#include "ledger/open_run.h"
#include "ledger/run_damage.h"
#include "runbook/monitor.h"
#include "runbook/ticket_call.h"
#include "runbook/ticket_environment.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_open.h"
#include "runbook/ticket_state.h"

PG_FUNCTION_INFO_V1(menuca_status);
PG_FUNCTION_INFO_V1(menuca_rollback_guide);

/* A ticket as menuca_status() shows it; texts may be NULL. */
typedef struct TicketState
{
	char	   *state;
	char	   *result;
	char	   *executed_by;
	TimestampTz started;
	TimestampTz finished;
	bool		has_started;
	bool		has_finished;
} TicketState;

/* A rollback guide that is being written. */
typedef struct Guide
{
	ReturnSetInfo *rsinfo;
	int			calls;			/* so far */
} Guide;

static TicketState *read_state(const Environment *environment, int no);
static void *make_state(TupleTableSlot *slot);
static void *make_imported_state(TupleTableSlot *slot);
static char *next_call(const Environment *environment, int no, const TicketState *state,
					   bool before_complete);
static char *call_with_verdict(void);
static char *call_after_staging(const Environment *environment, const char *verdict);
static bool is_monitored(const Environment *environment);
static void note_monitored(const char *name, const char *title, const Finding *finding, void *arg);
static void add_call(Guide *guide, const char *what, const char *statement);
static void guide_hosted(Guide *guide);
static void guide_set(TupleTableSlot *slot, void *arg);
static void guide_run(TupleTableSlot *slot, void *arg);
static void guide_snapshot(TupleTableSlot *slot, void *arg);
static void guide_backup(TupleTableSlot *slot, void *arg);


/* Returns all eleven tickets, with state, result and the next call. */
Datum
menuca_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		before_complete = true;

	InitMaterializedSRF(fcinfo, 0);
	for (int no = 0; no < TICKET_COUNT; no++)
	{
		Environment *environment = ticket_environment_require(no);
		TicketState *state;
		Datum		values[8];
		bool		nulls[8] = {0};
		char	   *next;

		/*
		 * Production's tickets also wait for staging's verdict, a hosted
		 * one's for that alone.
		 */
		if (no == FIRST_PRODUCTION_TICKET && environment->is_production)
			before_complete = (before_complete || environment->is_hosted) && ticket_staging_is_approved(environment);
		state = read_state(environment, no);
		state->state = ticket_state_word(environment, no, state->state, before_complete);
		next = next_call(environment, no, state, before_complete);

		values[0] = Int32GetDatum(no);
		values[1] = CStringGetTextDatum(ticket_list[no].title);
		values[2] = CStringGetTextDatum(state->state);
		values[3] = result_text(state->result, &nulls[3]);
		values[4] = TimestampTzGetDatum(state->started);
		values[5] = TimestampTzGetDatum(state->finished);
		nulls[4] = !state->has_started;
		nulls[5] = !state->has_finished;
		values[6] = result_text(state->executed_by, &nulls[6]);
		values[7] = result_text(next, &nulls[7]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		if (ticket_is_here(environment, no))
			before_complete = before_complete && strcmp(state->state, "COMPLETE") == 0 &&
				!ticket_is_stopped(environment, no);
	}
	return (Datum) 0;
}

/*
 * A ticket of this environment, or on production a ticket of staging, known
 * from the newest imported verdict.  The state is NULL if it was never
 * executed.
 */
static TicketState *
read_state(const Environment *environment, int no)
{
	QueryArgs	args = {.keep = true};
	List	   *found = NIL;

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	if (ticket_is_here(environment, no))
		found = query_list(psprintf("SELECT * FROM %smenuca_ticket_state WHERE environment_id = $1 AND ticket_no = $2",
									migrate_schema()), &args, make_state);
	else if (environment->is_production)
		found = query_list(psprintf("SELECT * FROM %smenuca_imported_ticket"
									" WHERE environment_id = $1 AND ticket_no = $2 AND is_newest",
									migrate_schema()), &args, make_imported_state);
	query_end_snapshot();
	return found ? llast(found) : palloc0(sizeof(TicketState));
}

static void *
make_state(TupleTableSlot *slot)
{
	TicketState *state = palloc0(sizeof(TicketState));
	bool		isnull;

	state->state = slot_text_or_null_of(slot, "state");
	state->result = slot_text_or_null_of(slot, "result");
	if (state->result && slot_bool_of(slot, "forced"))
		state->result = psprintf("%s, OVERRIDDEN", state->result);
	state->executed_by = slot_text_or_null_of(slot, "executed_by");
	state->started = slot_time_of(slot, "started_at", &isnull);
	state->has_started = !isnull;
	state->finished = slot_time_of(slot, "finished_at", &isnull);
	state->has_finished = !isnull;
	return state;
}

static void *
make_imported_state(TupleTableSlot *slot)
{
	TicketState *state = palloc0(sizeof(TicketState));
	char	   *status;
	char	   *result;
	bool		isnull;

	/* Its state on staging precedes the result, since here it is "on staging" */
	status = slot_text_or_null_of(slot, "status");
	result = slot_text_or_null_of(slot, "result");
	state->result = psprintf("%s, %s%s", status ? status : "unknown", result ? result : "unknown",
							 slot_bool_of(slot, "forced") ? ", OVERRIDDEN" : "");
	state->executed_by = slot_text_or_null_of(slot, "executed_by");
	state->started = slot_time_of(slot, "started_at", &isnull);
	state->has_started = !isnull;
	state->finished = slot_time_of(slot, "finished_at", &isnull);
	state->has_finished = !isnull;
	return state;
}

/* The next call in this database for a ticket, or NULL. */
static char *
next_call(const Environment *environment, int no, const TicketState *state,
		  bool before_complete)
{
	bool		last_of_staging = no == FIRST_PRODUCTION_TICKET - 1;
	bool		validates = last_of_staging || no == TICKET_COUNT - 1;
	TicketOpen *open;

	if (!ticket_is_here(environment, no))
		return environment->is_production && last_of_staging ?
			call_after_staging(environment, "'" ARGUMENT_REASON "'") : NULL;
	if (ticket_is_stopped(environment, no))
		return migrate_call("SELECT menuca_execution_log();");
	open = strcmp(state->state, "IN_PROGRESS") == 0 || strcmp(state->state, "FAILED") == 0 ? ticket_open_first(environment, no) : NULL;
	if (open)
		return open->call;
	if (strcmp(state->state, "IN_PROGRESS") == 0)
		return environment->is_hosted ? ticket_call(environment, no) :
			!validates ? NULL :
			!is_monitored(environment) ? migrate_call("SELECT menuca_monitor_sample();") :
			ticket_call(environment, no);
	if (strcmp(state->state, "COMPLETE") != 0)
	{
		OpenRun    *run = before_complete ? open_run_interrupted(menuca_target_schema, 0) : NULL;

		return !before_complete ? NULL : run && run->next_step ? run->next_step :
			ticket_call(environment, no);
	}
	if (!validates)
		return NULL;
	if (ticket_decision(environment, no) == NULL)
		return migrate_call("SELECT menuca_sign_off(%d, 'name', 'GO', 'note');", no);
	return last_of_staging ? call_with_verdict() : NULL;
}

/* Staging's verdict goes to production: in the copy of a hosted one, to the same database. */
static char *
call_with_verdict(void)
{
	Environment *hosted = ticket_hosted_production();
	char	   *registration = ticket_hosted_registration();

	if (hosted)
		return call_after_staging(hosted, migrate_call("menuca_export_verdict()"));
	return registration ? registration : migrate_call("SELECT menuca_export_verdict();");
}

/* On production, before its first ticket; verdict is an expression. */
static char *
call_after_staging(const Environment *environment, const char *verdict)
{
	char	   *go = ticket_imported_verdict(environment);

	if (go == NULL || strcmp(go, "GO") != 0)
		return migrate_call("SELECT menuca_import_verdict(%s);", verdict);
	return ticket_decision(environment, FIRST_PRODUCTION_TICKET - 1) ? NULL :
		migrate_call("SELECT menuca_sign_off(%d, 'name', 'GO', 'note');", FIRST_PRODUCTION_TICKET - 1);
}

/* True once samples cover the time that is monitored after the changes. */
static bool
is_monitored(const Environment *environment)
{
	bool		result = false;

	monitor_judge(environment, NULL, NULL, note_monitored, &result);
	return result;
}

static void
note_monitored(const char *name, pg_attribute_unused() const char *title, const Finding *finding, void *arg)
{
	bool	   *result = arg;

	if (strcmp(name, "monitored") == 0)
		*result = finding->status == CHECK_PASS;
}

/*
 * Returns the calls from the most recent change to the first one.  Snapshots
 * and the backup come last, since restoring one undoes everything at once.
 */
Datum
menuca_rollback_guide(PG_FUNCTION_ARGS)
{
	Guide		guide = {(ReturnSetInfo *) fcinfo->resultinfo, 0};
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	query_begin_snapshot();
	guide_hosted(&guide);
	query_each(psprintf("SELECT run_id, kind, inserted, target_schema, target FROM %smenuca_runs"
						" WHERE status <> 'rolled_back' AND inserted > 0 AND part_of IS NULL ORDER BY run_id DESC", migrate_schema()),
			   NULL, guide_run, &guide);
	foreach(lc, run_damage_lost_ids())
		add_call(&guide, psprintf("run %s: the ledger has lost it, but has the rows that it inserted", (char *) lfirst(lc)),
				 migrate_call("-- restore menuca_run from a backup, then: SELECT * FROM menuca_rollback(%s, dry_run => false);",
							  (char *) lfirst(lc)));
	if (query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_access_change WHERE undone_at IS NULL)", migrate_schema()), NULL))
		add_call(&guide, "row level security: policies and grants that were created here",
				 migrate_call("SELECT * FROM menuca_rollback_access(dry_run => false);"));
	if (query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_created_index WHERE status = 'created')", migrate_schema()), NULL))
		add_call(&guide, "indexes that were created here",
				 migrate_call("SELECT * FROM menuca_rollback_indexes(dry_run => false);"));
	query_each(psprintf("SELECT label FROM %smenuca_snapshots ORDER BY taken_at DESC", migrate_schema()),
			   NULL, guide_snapshot, &guide);
	query_each(psprintf("SELECT label, id, method, started, details ->> 'host' AS host, details ->> 'path' AS path"
						" FROM %smenuca_backups WHERE verified AND of_this_database"
						" AND isfinite(started) AND isfinite(finished)"
						" ORDER BY finished DESC, backup_no DESC LIMIT 1", migrate_schema()),
			   NULL, guide_backup, &guide);
	query_end_snapshot();
	return (Datum) 0;
}

/* What the receipts say was changed in the hosted production; that comes before its copy. */
static void
guide_hosted(Guide *guide)
{
	QueryArgs	args = {0};

	if (ticket_hosted_production() == NULL)
		return;
	query_arg_text(&args, environment_database_name());
	query_arg_int8(&args, environment_system_identifier());
	query_each(psprintf("SELECT r.set_name, r.kind, r.run_id, r.of_database, max(r.made_at) AS made_at"
						" FROM %smenuca_hosted_receipts r JOIN %smenuca_hosted_file f USING (kind, file)"
						" WHERE r.database_name = $1 AND r.system_identifier = $2 AND r.applies AND NOT f.is_before"
						" GROUP BY 1, 2, 3, 4 ORDER BY min(r.made_at) DESC, r.set_name", migrate_schema(), migrate_schema()),
			   &args, guide_set, guide);
}

static void
guide_set(TupleTableSlot *slot, void *arg)
{
	char	   *kind = slot_text_of(slot, "kind");
	char	   *what = psprintf("on production, database \"%s\": set %s, if it is applied (seen %s): execute its files of the rollback there",
								slot_text_of(slot, "of_database"), slot_text_of(slot, "set_name"),
								format_utc(slot_time_of(slot, "made_at", NULL)));

	add_call(arg, what, psprintf("%s WHERE file_name ~ 'rollback';",
								 strcmp(kind, "fix") == 0 ?
								 migrate_call("SELECT file_name, sql FROM menuca_export_fix(%lld, style => 'statements')",
											  (long long) slot_int8_or_zero_of(slot, "run_id")) :
								 strcmp(kind, "indexes") == 0 ?
								 migrate_call("SELECT file_name, sql FROM menuca_export_indexes(style => 'statements')") :
								 migrate_call("SELECT file_name, sql FROM menuca_export_access(style => 'statements')")));
}

static void
guide_run(TupleTableSlot *slot, void *arg)
{
	Guide	   *guide = arg;

	long long	run_id = slot_int8_of(slot, "run_id");
	char	   *damage = run_damage(run_id);
	char	   *what = psprintf("%s: %lld inserted into %s", slot_text_of(slot, "kind"), (long long) slot_int8_of(slot, "inserted"),
								quote_qualified_identifier(slot_text_of(slot, "target_schema"), slot_text_of(slot, "target")));

	if (damage)
		add_call(guide, psprintf("%s; its ledger is damaged: %s", what, damage),
				 migrate_call("-- restore menuca_run, menuca_run_batch and menuca_run_baseline from a backup, then: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
							  run_id));
	else
		add_call(guide, what, migrate_call("SELECT * FROM menuca_rollback(%lld, dry_run => false);", run_id));
}

static void
guide_snapshot(TupleTableSlot *slot, void *arg)
{
	Guide	   *guide = arg;
	char	   *label = slot_text_of(slot, "label");

	add_call(guide, psprintf("instead of all of the above: restore the tables from snapshot %s", label),
			 migrate_call("SELECT * FROM menuca_restore_snapshot(%s, dry_run => false);",
						  quote_literal_cstr(label)));
}

/* The last resort: restore the backup into another database. */
static void
guide_backup(TupleTableSlot *slot, void *arg)
{
	char	   *host = slot_text_or_null_of(slot, "host");
	char	   *path = slot_text_or_null_of(slot, "path");
	char	   *copy = format_shell_word(psprintf("%s_restored", environment_database_name()));

	add_call(arg,
			 psprintf("as a last resort: restore the whole database as of %s, from backup %s",
					  format_utc(slot_time_of(slot, "started", NULL)), slot_text_of(slot, "label")),
			 format_one_line(path == NULL ?
							 psprintf("-- restore %s, made by: %s", slot_text_of(slot, "id"), slot_text_of(slot, "method")) :
							 psprintf("-- in a shell on %s: createdb -T template0 %s && pg_restore --exit-on-error -d %s %s",
									  host ? host : "its host", copy, copy, format_shell_word(path))));
}

static void
add_call(Guide *guide, const char *what, const char *statement)
{
	Datum		values[3];
	bool		nulls[3] = {0};

	values[0] = Int32GetDatum(++guide->calls);
	values[1] = CStringGetTextDatum(what);
	values[2] = CStringGetTextDatum(statement);
	tuplestore_putvalues(guide->rsinfo->setResult, guide->rsinfo->setDesc, values, nulls);
}
