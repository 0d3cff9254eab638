/*-------------------------------------------------------------------------
 *
 * people_ticket.c
 *	  The ticket that a person says something about: see people_ticket.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "base/database_identity.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "ledger/environment.h"
#include "people/people_ticket.h"

static int64 hosted_production(void);
static void raise_elsewhere(int no, const char *here);
static void *make_state_after(TupleTableSlot *slot);


int64
people_ticket_require(FunctionCallInfo fcinfo, int place, int *no)
{
	*no = argument_int4(fcinfo, place, "ticket");
	if (*no < 0 || *no >= TICKET_COUNT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no ticket %d", *no),
				 errdetail("The tickets are 0 to %d. Nothing was recorded.", TICKET_COUNT - 1),
				 errhint("%s", migrate_call("SELECT * FROM menuca_status();"))));
	return people_ticket_environment(*no);
}

int64
people_ticket_environment(int no)
{
	int64		hosted = hosted_production();
	Environment *here = environment_current();
	bool		of_production = no >= FIRST_PRODUCTION_TICKET;

	if (hosted != 0 && (of_production || here == NULL))
	{
		if (!of_production)
			raise_elsewhere(no, "the copy of a hosted production");
		return hosted;
	}
	if (here == NULL)
		here = environment_require();
	if (no != 0 && here->is_production != of_production)
		raise_elsewhere(no, here->name);
	return here->id;
}

/* The hosted production whose copy this database is; 0 for none. */
static int64
hosted_production(void)
{
	QueryArgs	args = {0};
	int64		id;

	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	query_begin_snapshot();
	id = query_int8(psprintf("SELECT environment_id FROM %smenuca_hosted_production"
							 " WHERE database_name = $1 AND system_identifier = $2", migrate_schema()), &args);
	query_end_snapshot();
	return id;
}

static void
raise_elsewhere(int no, const char *here)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ENVIRONMENT),
			 errmsg("ticket %02d is %s's, and this is %s", no, no >= FIRST_PRODUCTION_TICKET ? "production" : "staging", here),
			 errdetail("Nothing was recorded."),
			 errhint("%s", migrate_call("Connect to %s. SELECT * FROM menuca_status(); shows what is next here.",
										no >= FIRST_PRODUCTION_TICKET ? "production" : "staging"))));
}

PeopleState *
people_ticket_state(int64 environment_id, int no)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_int8(&args, environment_id);
	query_arg_int8(&args, no);
	query_begin_snapshot();
	found = query_list(psprintf("WITH s AS MATERIALIZED (SELECT ticket, state, next_call FROM %smenuca_status())"
								" SELECT (SELECT s.state FROM s WHERE s.ticket = $2) AS state,"
								" (SELECT count(*) FROM %smenuca_ticket_open o WHERE o.environment_id = $1 AND o.ticket_no = $2) AS still_open,"
								" (SELECT s.next_call FROM s WHERE s.next_call IS NOT NULL ORDER BY s.ticket <> $2, s.ticket LIMIT 1) AS next_step",
								migrate_schema(), migrate_schema()), &args, make_state_after);
	query_end_snapshot();
	return linitial(found);
}

static void *
make_state_after(TupleTableSlot *slot)
{
	PeopleState *state = palloc(sizeof(PeopleState));

	state->state = slot_text_or_null_of(slot, "state");
	state->still_open = slot_int8_of(slot, "still_open");
	state->next_step = slot_text_or_null_of(slot, "next_step");
	if (state->next_step == NULL)
		state->next_step = migrate_call("SELECT * FROM menuca_status();");
	return state;
}

Datum
people_ticket_row(FunctionCallInfo fcinfo, const PeopleState *state)
{
	Datum		values[3];
	bool		nulls[3] = {0};

	values[0] = result_text(state->state, &nulls[0]);
	values[1] = Int64GetDatum(state->still_open);
	values[2] = result_text(state->next_step, &nulls[2]);
	return HeapTupleGetDatum(heap_form_tuple(result_row_type(fcinfo, "tit"), values, nulls));
}
