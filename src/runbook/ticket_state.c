/*-------------------------------------------------------------------------
 *
 * ticket_state.c
 *	  The state of a ticket: see ticket_state.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "base/query.h"
#include "runbook/ticket_state.h"

static char *recorded_state(const Environment *environment, int no);
static bool earlier_are_complete(const Environment *environment, int no);


char *
ticket_number(int no)
{
	return psprintf("%02d", no);
}

bool
ticket_is_here(const Environment *environment, int no)
{
	return (no == 0 && !environment->is_hosted) || environment->is_production == (no >= FIRST_PRODUCTION_TICKET);
}

char *
ticket_status(const Environment *environment, int no)
{
	char	   *recorded = recorded_state(environment, no);
	bool		is_open = recorded == NULL || strcmp(recorded, "PENDING") == 0;

	return ticket_state_word(environment, no, recorded, !is_open || earlier_are_complete(environment, no));
}

char *
ticket_state_word(const Environment *environment, int no, char *recorded, bool earlier_complete)
{
	if (!ticket_is_here(environment, no))
		return environment->is_production ? "on staging" : "on production";
	if (recorded && strcmp(recorded, "PENDING") != 0)
		return recorded;
	return earlier_complete ? "PENDING" : "BLOCKED";
}

/* What is recorded of a ticket, or NULL. */
static char *
recorded_state(const Environment *environment, int no)
{
	QueryArgs	args = {.keep = true};
	char	   *state;

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	state = query_text(psprintf("SELECT state FROM %smenuca_ticket_state"
								" WHERE environment_id = $1 AND ticket_no = $2", migrate_schema()), &args);
	query_end_snapshot();
	return state;
}

static bool
earlier_are_complete(const Environment *environment, int no)
{
	for (int i = 0; i < no; i++)
	{
		char	   *state;

		if (!ticket_is_here(environment, i))
			continue;
		state = recorded_state(environment, i);
		if (state == NULL || strcmp(state, "COMPLETE") != 0 || ticket_is_stopped(environment, i))
			return false;
	}
	return !environment->is_production || no < FIRST_PRODUCTION_TICKET || ticket_staging_is_approved(environment);
}

bool
ticket_is_stopped(const Environment *environment, int no)
{
	char	   *decision = ticket_decision(environment, no);

	return decision && strcmp(decision, "GO") != 0;
}

bool
ticket_staging_is_approved(const Environment *environment)
{
	char	   *go = ticket_imported_verdict(environment);

	return go && strcmp(go, "GO") == 0 && ticket_staging_is_signed_off(environment);
}

bool
ticket_staging_is_signed_off(const Environment *environment)
{
	QueryArgs	args = {0};
	char	   *decision = ticket_decision(environment, FIRST_PRODUCTION_TICKET - 1);

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, FIRST_PRODUCTION_TICKET - 1);
	query_begin_snapshot();
	if (decision == NULL)
		decision = query_text(psprintf("SELECT s ->> 'decision' FROM"
									   " (SELECT document FROM %smenuca_imported_verdict"
									   "  WHERE environment_id = $1 ORDER BY verdict_id DESC LIMIT 1) v,"
									   " jsonb_array_elements(v.document -> 'signatures') WITH ORDINALITY AS e(s, n)"
									   " WHERE (s ->> 'ticket')::int8 = $2 ORDER BY n DESC LIMIT 1",
									   migrate_schema()), &args);
	query_end_snapshot();
	return decision && strcmp(decision, "GO") == 0;
}

char *
ticket_decision(const Environment *environment, int no)
{
	QueryArgs	args = {0};
	char	   *decision;

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	decision = query_text(psprintf("SELECT decision FROM %smenuca_signature_latest"
								   " WHERE environment_id = $1 AND ticket_no = $2", migrate_schema()), &args);
	query_end_snapshot();
	return decision;
}

char *
ticket_imported_verdict(const Environment *environment)
{
	QueryArgs	args = {0};
	char	   *go;

	query_arg_int8(&args, environment->id);
	query_begin_snapshot();
	go = query_text(psprintf("SELECT go FROM %smenuca_imported_verdicts"
							 " WHERE environment_id = $1 AND is_newest", migrate_schema()), &args);
	query_end_snapshot();
	return go;
}
