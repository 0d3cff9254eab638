/*-------------------------------------------------------------------------
 *
 * runbook_status.c
 *	  Where the runbook stands, what is next, and how to go back.
 *
 * menuca_status()			a row per ticket
 * menuca_rollback_guide()	the calls that undo what is there, in order
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
#include "base/slot.h"
#include "runbook/ticket_gates.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_state.h"

PG_FUNCTION_INFO_V1(menuca_status);
PG_FUNCTION_INFO_V1(menuca_rollback_guide);

/* How a ticket stands. */
typedef struct TicketState
{
	char	   *state;
	char	   *verdict;
	char	   *run_by;
	bool		has_times;
	TimestampTz started;
	TimestampTz finished;
	MemoryContext context;
} TicketState;

/* A guide at work. */
typedef struct Guide
{
	ReturnSetInfo *rsinfo;
	const char *schema;			/* what calls begin with */
	int			steps;
} Guide;

static void read_state(const Environment *environment, int no, TicketState *state);
static void fetch_state(TupleTableSlot *slot, void *arg);
static char *next_call(const Environment *environment, int no, const TicketState *state,
					   bool before_complete, const char *schema);
static bool is_stopped(const Environment *environment, int no);
static char *imported_go(const Environment *environment);
static void guide_step(Guide *guide, const char *what, const char *statement);
static void guide_run(TupleTableSlot *slot, void *arg);
static void guide_snapshot(TupleTableSlot *slot, void *arg);
static void guide_backup(TupleTableSlot *slot, void *arg);


/* All eleven, with state, verdict and the next call to make. */
Datum
menuca_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Environment *environment = environment_require();
	const char *schema = migrate_call_schema();
	bool		before_complete = true;

	InitMaterializedSRF(fcinfo, 0);
	for (int no = 0; no < TICKET_COUNT; no++)
	{
		TicketState state = {.context = CurrentMemoryContext};
		Datum		values[8];
		bool		nulls[8] = {0};
		char	   *next;

		/* Production's tickets wait for staging's word, too. */
		if (no == FIRST_PRODUCTION_TICKET && environment->is_production)
			before_complete = before_complete && ticket_staging_obstacles(environment) == NIL;
		read_state(environment, no, &state);
		if (state.state == NULL)
			state.state = before_complete && ticket_is_here(environment, no) ? "PENDING" : "BLOCKED";
		next = next_call(environment, no, &state, before_complete, schema);

		values[0] = Int32GetDatum(no);
		values[1] = CStringGetTextDatum(ticket_list[no].title);
		values[2] = CStringGetTextDatum(state.state);
		values[3] = result_text(state.verdict, &nulls[3]);
		values[4] = TimestampTzGetDatum(state.started);
		values[5] = TimestampTzGetDatum(state.finished);
		nulls[4] = nulls[5] = !state.has_times;
		values[6] = result_text(state.run_by, &nulls[6]);
		values[7] = result_text(next, &nulls[7]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		if (ticket_is_here(environment, no))
			before_complete = before_complete && strcmp(state.state, "COMPLETE") == 0 &&
				!is_stopped(environment, no);
	}
	return (Datum) 0;
}

/* Of another environment's tickets, production knows what staging told. */
static void
read_state(const Environment *environment, int no, TicketState *state)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	if (ticket_is_here(environment, no))
		query_each(psprintf("SELECT CASE WHEN EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.pid <> pg_backend_pid()"
							"  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
							"  AND l.classid = 1296258123 AND l.objid = $2 AND l.objsubid = 2) THEN 'IN_PROGRESS' ELSE r.state END,"
							" r.verdict || CASE WHEN r.forced THEN ', OVERRIDDEN' ELSE '' END, r.run_by, r.started_at, r.finished_at"
							" FROM (SELECT 1) one LEFT JOIN (SELECT * FROM %smenuca_ticket_latest WHERE environment_id = $1 AND ticket_no = $2) r ON true",
							migrate_schema()),
				   &args, fetch_state, state);
	else if (environment->is_production)
		query_each(psprintf("SELECT t ->> 'status', t ->> 'verdict', t ->> 'run_by',"
							" (t ->> 'started_at')::timestamptz, (t ->> 'finished_at')::timestamptz"
							" FROM (SELECT verdict FROM %smenuca_imported_verdict WHERE environment_id = $1"
							"  ORDER BY verdict_id DESC LIMIT 1) v, jsonb_array_elements(v.verdict -> 'tickets') t"
							" WHERE (t ->> 'ticket')::int8 = $2", migrate_schema()),
				   &args, fetch_state, state);
	query_end_snapshot();
}

static void
fetch_state(TupleTableSlot *slot, void *arg)
{
	TicketState *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);

	if (!slot->tts_isnull[0])
		state->state = TextDatumGetCString(slot->tts_values[0]);
	if (!slot->tts_isnull[1])
		state->verdict = TextDatumGetCString(slot->tts_values[1]);
	if (!slot->tts_isnull[2])
		state->run_by = TextDatumGetCString(slot->tts_values[2]);
	state->has_times = !slot->tts_isnull[3];
	if (state->has_times)
	{
		state->started = DatumGetTimestampTz(slot->tts_values[3]);
		state->finished = DatumGetTimestampTz(slot->tts_values[4]);
	}
	MemoryContextSwitchTo(old);
}

/* What somebody who is here should call now, or NULL. */
static char *
next_call(const Environment *environment, int no, const TicketState *state,
		  bool before_complete, const char *schema)
{
	bool		last_of_staging = no == FIRST_PRODUCTION_TICKET - 1;
	bool		validates = last_of_staging || no == TICKET_COUNT - 1;

	if (!ticket_is_here(environment, no))
	{
		if (environment->is_production && last_of_staging)
		{
			char	   *go = imported_go(environment);

			return go == NULL ? psprintf("SELECT %smenuca_import_verdict('...');  -- what menuca_export_verdict() says on staging", schema) :
				strcmp(go, "GO") != 0 ? "on staging: SELECT * FROM menuca_status();" :
				ticket_decision(environment, no) == NULL ? psprintf("SELECT %smenuca_sign_off(5, 'name', 'GO', 'note');", schema) : NULL;
		}
		if (!environment->is_production && no == FIRST_PRODUCTION_TICKET && before_complete)
			return "on production: SELECT menuca_import_verdict('...');";
		return NULL;
	}
	if (is_stopped(environment, no))
		return psprintf("SELECT %smenuca_execution_log();  -- somebody has signed NO-GO", schema);
	if (strcmp(state->state, "IN_PROGRESS") == 0)
		return !validates ? NULL :
			psprintf("SELECT %smenuca_monitor_sample();  -- until the time is over, then: SELECT * FROM %smenuca_ticket(%d);", schema, schema, no);
	if (strcmp(state->state, "COMPLETE") != 0)
		return before_complete ? psprintf("SELECT * FROM %smenuca_ticket(%d);", schema, no) : NULL;
	if (!validates)
		return NULL;
	if (ticket_decision(environment, no) == NULL)
		return psprintf("SELECT %smenuca_sign_off(%d, 'name', 'GO', 'note');", schema, no);
	return last_of_staging ? psprintf("SELECT %smenuca_export_verdict();", schema) : NULL;
}

/* True if the last word that was signed on a ticket here is NO-GO. */
static bool
is_stopped(const Environment *environment, int no)
{
	char	   *decision = ticket_decision(environment, no);

	return decision && strcmp(decision, "GO") != 0;
}

/* What staging's verdict says, as it was imported last; NULL without one. */
static char *
imported_go(const Environment *environment)
{
	QueryArgs	args = {0};
	char	   *go;

	query_arg_int8(&args, environment->id);
	query_begin_snapshot();
	go = query_text(psprintf("SELECT verdict ->> 'go' FROM %smenuca_imported_verdict"
							 " WHERE environment_id = $1 ORDER BY verdict_id DESC LIMIT 1", migrate_schema()), &args);
	query_end_snapshot();
	return go;
}

/*
 * From the last thing done to the first; what is put back as a whole comes at
 * the end, since it takes all along.
 */
Datum
menuca_rollback_guide(PG_FUNCTION_ARGS)
{
	Guide		guide = {(ReturnSetInfo *) fcinfo->resultinfo, migrate_call_schema(), 0};

	InitMaterializedSRF(fcinfo, 0);
	query_begin_snapshot();
	query_each(psprintf("SELECT run_id, format('%%s: %%s inserted into %%I.%%I', kind, inserted, target_schema, target)"
						" FROM %smenuca_runs WHERE status <> 'rolled_back' AND inserted > 0 AND part_of IS NULL ORDER BY run_id DESC", migrate_schema()),
			   NULL, guide_run, &guide);
	if (query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_access_change WHERE undone_at IS NULL)", migrate_schema()), NULL))
		guide_step(&guide, "row level security: policies and grants that were created here",
				   psprintf("SELECT * FROM %smenuca_rollback_access(dry_run => false);", guide.schema));
	if (query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_created_index WHERE status = 'created')", migrate_schema()), NULL))
		guide_step(&guide, "indexes that were created here",
				   psprintf("SELECT * FROM %smenuca_rollback_indexes(dry_run => false);", guide.schema));
	query_each(psprintf("SELECT label FROM %smenuca_snapshots ORDER BY taken_at DESC", migrate_schema()),
			   NULL, guide_snapshot, &guide);
	query_each(psprintf("SELECT label, id, method, to_char(started AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'),"
						" coalesce(details ->> 'host', 'its host'), details ->> 'path' FROM %smenuca_backups WHERE verified AND of_this_database"
						" ORDER BY finished DESC, backup_no DESC LIMIT 1", migrate_schema()),
			   NULL, guide_backup, &guide);
	query_end_snapshot();
	return (Datum) 0;
}

static void
guide_run(TupleTableSlot *slot, void *arg)
{
	Guide	   *guide = arg;

	guide_step(guide, TextDatumGetCString(slot->tts_values[1]),
			   psprintf("SELECT * FROM %smenuca_rollback(%lld, dry_run => false);",
						guide->schema, (long long) slot_int8(slot, 0)));
}

static void
guide_snapshot(TupleTableSlot *slot, void *arg)
{
	Guide	   *guide = arg;
	char	   *label = TextDatumGetCString(slot->tts_values[0]);

	guide_step(guide, psprintf("instead of all above: the tables as they were in snapshot %s", label),
			   psprintf("SELECT * FROM %smenuca_restore_snapshot(%s, dry_run => false);",
						guide->schema, quote_literal_cstr(label)));
}

/* The last resort: another database, to switch to. */
static void
guide_backup(TupleTableSlot *slot, void *arg)
{
	char	   *path = slot_text(slot, 5);
	char	   *copy = psprintf("%s_restored", environment_database_name());

	guide_step(arg, psprintf("when all else fails: the whole database as it was at %s, in backup %s", slot_text(slot, 3), slot_text(slot, 0)),
			   path == NULL ?
			   psprintf("-- restore %s, made by: %s", slot_text(slot, 1), slot_text(slot, 2)) :
			   psprintf("-- in a shell on %s: createdb -T template0 %s && pg_restore --exit-on-error -d %s %s",
						slot_text(slot, 4), format_shell_word(copy), format_shell_word(copy), format_shell_word(path)));
}

static void
guide_step(Guide *guide, const char *what, const char *statement)
{
	Datum		values[3];
	bool		nulls[3] = {0};

	values[0] = Int32GetDatum(++guide->steps);
	values[1] = CStringGetTextDatum(what);
	values[2] = CStringGetTextDatum(statement);
	tuplestore_putvalues(guide->rsinfo->setResult, guide->rsinfo->setDesc, values, nulls);
}
