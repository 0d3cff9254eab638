/*-------------------------------------------------------------------------
 *
 * runbook_status.c
 *	  The state of the runbook, and the next call.
 *
 * menuca_status()			a row per ticket
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
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"
#include "ledger/open_run.h"
#include "runbook/monitor.h"
#include "runbook/read_only.h"
#include "runbook/ticket_call.h"
#include "runbook/ticket_environment.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_open.h"
#include "runbook/ticket_state.h"

PG_FUNCTION_INFO_V1(menuca_status);

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

static TicketState *read_state(const Environment *environment, int no);
static void *make_state(TupleTableSlot *slot);
static void *make_imported_state(TupleTableSlot *slot);
static char *next_call(const Environment *environment, int no, const TicketState *state,
					   bool before_complete);
static char *call_with_verdict(void);
static char *call_after_staging(const Environment *environment, const char *verdict);
static bool is_monitored(const Environment *environment);
static void note_monitored(const char *name, const char *title, const Finding *finding, void *arg);


/* Returns all eleven tickets, with state, result and the next call. */
Datum
menuca_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		before_complete = true;

	InitMaterializedSRF(fcinfo, 0);
	read_only_announce(ticket_environment_require(0));
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
