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


char *
ticket_number(int no)
{
	return psprintf("%02d", no);
}

bool
ticket_is_here(const Environment *environment, int no)
{
	return no == 0 || environment->is_production == (no >= FIRST_PRODUCTION_TICKET);
}

char *
ticket_status(const Environment *environment, int no)
{
	QueryArgs	args = {0};
	char	   *status;

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	status = query_text(psprintf("SELECT state FROM %smenuca_ticket_latest"
								 " WHERE environment_id = $1 AND ticket_no = $2", migrate_schema()), &args);
	query_end_snapshot();
	return status ? status : "PENDING";
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
