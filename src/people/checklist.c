/*-------------------------------------------------------------------------
 *
 * checklist.c
 *	  What people attest of a ticket.
 *
 * menuca_attest(ticket, item, result, who, note)
 * menuca_protect_checklist()	trigger of the table of items
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/sqlstate.h"
#include "base/trigger_call.h"
#include "people/people_ticket.h"

PG_FUNCTION_INFO_V1(menuca_attest);
PG_FUNCTION_INFO_V1(menuca_protect_checklist);

static void require_item(int no, const char *item);
static void require_result(int no, const char *item, const char *result, const char *note);
static void require_counts(int64 environment_id, int no, const char *item);
static void refuse_item_delete(const char *table, const char *ticket, const char *item);


/*
 * Records an attestation; returns the ticket's state after it.  Raises an error (MC021)
 * when it would not count, since the ticket is not executed.
 */
Datum
menuca_attest(PG_FUNCTION_ARGS)
{
	int			no;
	int64		environment_id = people_ticket_require(fcinfo, 0, &no);
	char	   *item = argument_text(fcinfo, 1, "item");
	char	   *result = argument_text(fcinfo, 2, "result");
	char	   *who = argument_said(fcinfo, 3, "who");
	char	   *note = argument_text_or_null(fcinfo, 4);
	QueryArgs	args = {0};

	query_require_writable("menuca_attest()");
	require_item(no, item);
	require_result(no, item, result, note);

	query_arg_int8(&args, environment_id);
	query_arg_int8(&args, no);
	query_arg_text(&args, item);
	query_arg_text(&args, result);
	query_arg_text(&args, who);
	query_arg_text(&args, note);
	migrate_write("menuca_attestation",
				  psprintf("INSERT INTO %smenuca_attestation (environment_id, ticket_no, item, result, who, note)"
						   " VALUES ($1, $2, $3, $4, $5, $6)", migrate_schema()),
				  &args, NULL, NULL);
	require_counts(environment_id, no, item);
	return people_ticket_row(fcinfo, people_ticket_state(environment_id, no));
}

static void
require_item(int no, const char *item)
{
	QueryArgs	args = {0};
	QueryArgs	of_ticket = {0};
	char	   *items;

	query_arg_int8(&args, no);
	query_arg_text(&args, item);
	query_arg_int8(&of_ticket, no);
	if (query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_checklist WHERE ticket_no = $1 AND item = $2)",
							migrate_schema()), &args))
		return;
	items = query_text(psprintf("SELECT string_agg(item, ', ' ORDER BY \"position\", item COLLATE \"C\") FROM %smenuca_checklist"
								" WHERE ticket_no = $1", migrate_schema()), &of_ticket);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("ticket %02d has no item \"%s\"", no, item),
			 items ? errdetail("Its items are %s. Nothing was recorded.", items) :
			 errdetail("It has no items. Nothing was recorded."),
			 errhint("%s", migrate_call("SELECT item, title, must, result FROM menuca_checklist_state WHERE ticket_no = %d ORDER BY \"position\";", no))));
}

/* What nobody has looked at is an override, which needs a reason. */
static void
require_result(int no, const char *item, const char *result, const char *note)
{
	if (strcmp(result, "PASS") != 0 && strcmp(result, "FAILED") != 0 && strcmp(result, "WAIVED") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown result \"%s\"", result),
				 errdetail("A result is 'PASS', 'FAILED' or 'WAIVED'. Nothing was recorded."),
				 errhint("%s", migrate_call("SELECT * FROM menuca_attest(%d, %s, 'PASS', 'name');", no, quote_literal_cstr(item)))));
	if (strcmp(result, "WAIVED") == 0 && (note == NULL || argument_says_nothing(note)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("WAIVED needs a note that says why"),
				 errdetail("It is an override, and the note is shown in the execution log. Nothing was recorded."),
				 errhint("%s", migrate_call("SELECT * FROM menuca_attest(%d, %s, 'WAIVED', 'name', '...');", no, quote_literal_cstr(item)))));
}

/* What is to be seen after the ticket, nobody can have seen before it. */
static void
require_counts(int64 environment_id, int no, const char *item)
{
	QueryArgs	args = {0};
	bool		counts;

	query_arg_int8(&args, environment_id);
	query_arg_int8(&args, no);
	query_arg_text(&args, item);
	query_begin_snapshot();
	counts = query_bool(psprintf("SELECT counts FROM %smenuca_checklist_state"
								 " WHERE environment_id = $1 AND ticket_no = $2 AND item = $3", migrate_schema()), &args);
	query_end_snapshot();
	if (!counts)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_TICKET_ORDER),
				 errmsg("item \"%s\" is attested after ticket %02d, which is not executed since the last change", item, no),
				 errdetail("An attestation from before the ticket would not count. Nothing was recorded."),
				 errhint("%s", migrate_call("Execute the ticket first: SELECT * FROM menuca_status(); shows its call."))));
}

/*
 * Called before the INSERT of a row that derives from a shipped one, and before
 * the DELETE of a shipped row by anybody but this trigger: a restore has edited rows,
 * after CREATE EXTENSION has shipped all of them again.
 */
Datum
menuca_protect_checklist(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_call(fcinfo, "menuca_protect_checklist",
										migrate_table("menuca_checklist"),
										TRIGGER_CALL_INSERT | TRIGGER_CALL_DELETE);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	char	   *table = relation_quoted_name(RelationGetRelid(trigger->tg_relation));
	char	   *ticket = SPI_getvalue(trigger->tg_trigtuple, desc,
									  trigger_call_column(trigger, "ticket_no", INT4OID));
	char	   *item = SPI_getvalue(trigger->tg_trigtuple, desc,
									trigger_call_column(trigger, "item", TEXTOID));
	QueryArgs	args = {0};

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		refuse_item_delete(table, ticket, item);

	/* The operator may have renamed it. */
	query_arg_text(&args, ticket);
	query_arg_text(&args, item);
	query_arg_text(&args, SPI_getvalue(trigger->tg_trigtuple, desc,
									   trigger_call_column(trigger, "shipped", TEXTOID)));
	query_write(psprintf("DELETE FROM %s WHERE shipped IS NOT NULL"
						 " AND (ticket_no OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND item OPERATOR(pg_catalog.=) $2"
						 " OR shipped OPERATOR(pg_catalog.=) $3)", table),
				&args, NULL, NULL);
	return PointerGetDatum(trigger->tg_trigtuple);
}

static void
refuse_item_delete(const char *table, const char *ticket, const char *item)
{
	if (ticket == NULL || item == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("an item of the checklist that was shipped with the extension has no ticket or no name any more"),
				 errdetail("Somebody has removed it. Nothing was changed."),
				 errhint("Restore table %s from a backup.", table)));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("item \"%s\" of ticket %s was shipped with the extension and cannot be deleted", item, ticket),
			 errdetail("It would reappear wherever a dump of this database is restored. Nothing was changed."),
			 errhint("Make it optional: UPDATE %s SET must = false WHERE ticket_no = %s AND item = %s;",
					 table, ticket, quote_literal_cstr(item))));
}
