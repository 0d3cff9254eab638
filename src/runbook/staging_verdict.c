/*-------------------------------------------------------------------------
 *
 * staging_verdict.c
 *	  What staging came to, carried over to production; and who signed it.
 *
 * menuca_sign_off(ticket, approver, decision, note)
 * menuca_export_verdict()
 * menuca_import_verdict(verdict)
 *
 * A verdict is JSON with a checksum over all of it, so that a slip of the
 * editor, or of somebody in a hurry, is seen.  It is no signature: who can
 * compute a checksum can make one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/sqlstate.h"
#include "ledger/environment.h"
#include "runbook/ticket_state.h"

PG_FUNCTION_INFO_V1(menuca_sign_off);
PG_FUNCTION_INFO_V1(menuca_export_verdict);
PG_FUNCTION_INFO_V1(menuca_import_verdict);

/* The checksum of a verdict $1, without its own. */
#define VERDICT_CHECKSUM "encode(sha256(convert_to(($1::jsonb - 'checksum')::text, 'UTF8')), 'hex')"

static Jsonb *jsonb_of_text(const char *json);
static char *verdict_text(const Environment *environment);
static char *verdict_field(const char *verdict, const char *name);
static void require_importable(const Environment *environment, const char *verdict);


/*
 * Records that a person has decided on a ticket.  Returns GO or NO-GO.  Raises
 * an error when it is GO and the ticket is not complete.
 */
Datum
menuca_sign_off(PG_FUNCTION_ARGS)
{
	QueryArgs	args = {0};
	int			no = argument_int4(fcinfo, 0, "ticket");
	char	   *approver = argument_text(fcinfo, 1, "approver");
	char	   *decision = argument_text(fcinfo, 2, "decision");
	char	   *note = argument_text_or_null(fcinfo, 3);
	Environment *environment = environment_require();
	bool		of_staging = no == FIRST_PRODUCTION_TICKET - 1 && environment->is_production;
	char	   *status;

	query_require_writable("menuca_sign_off()");
	if (strcmp(decision, "GO") != 0 && strcmp(decision, "NO-GO") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown decision \"%s\"", decision),
				 errdetail("It is 'GO' or 'NO-GO'. Nothing was recorded."),
				 errhint("SELECT menuca_sign_off(%d, 'name', 'GO', 'note');", no)));
	if (approver[strspn(approver, " \t\n")] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a sign-off needs the name of a person"),
				 errdetail("Nothing was recorded."),
				 errhint("SELECT menuca_sign_off(%d, 'name', '%s', 'note');", no, decision)));

	if (no < 0 || no >= TICKET_COUNT || !(of_staging || ticket_is_here(environment, no)))
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_TICKET_ORDER),
				 errmsg("there is nothing to sign off: ticket %d is not run here", no),
				 errdetail("This is %s. Nothing was recorded.", environment->name),
				 errhint("SELECT * FROM menuca_status();")));

	/* On production, staging's validation is as its verdict says. */
	status = of_staging ? verdict_field(NULL, "go") : ticket_status(environment, no);
	if (status == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_TICKET_ORDER),
				 errmsg("there is nothing to sign off: staging's verdict is not here"),
				 errdetail("Nothing was recorded."),
				 errhint("SELECT menuca_import_verdict('...'); first.")));
	if (strcmp(decision, "GO") == 0 && strcmp(status, of_staging ? "GO" : "COMPLETE") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_TICKET_ORDER),
				 errmsg("ticket %s is %s: it cannot be signed off with GO", ticket_number(no), status),
				 errdetail("Nothing was recorded."),
				 of_staging ?
				 errhint("Finish staging first: SELECT * FROM menuca_status(); there. NO-GO can be signed at any time.") :
				 errhint("Run it until it is COMPLETE: SELECT * FROM menuca_ticket(%d); NO-GO can be signed at any time.", no)));

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, no);
	query_arg_text(&args, approver);
	query_arg_text(&args, decision);
	query_arg_text(&args, note);
	query_write(psprintf("INSERT INTO %smenuca_signature (environment_id, ticket_no, approver, decision, note)"
						 " VALUES ($1, $2, $3, $4, $5)", migrate_schema()),
				&args, NULL, NULL);
	PG_RETURN_TEXT_P(cstring_to_text(decision));
}

/* Staging's verdict, as JSON. */
Datum
menuca_export_verdict(pg_attribute_unused() PG_FUNCTION_ARGS)
{
	Environment *environment = environment_require();
	QueryArgs	args = {0};

	if (environment->is_production)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("a verdict is exported on staging, and this is production"),
				 errhint("Connect to staging: SELECT menuca_export_verdict();")));
	query_arg_json(&args, verdict_text(environment));
	PG_RETURN_JSONB_P(jsonb_of_text(query_text("SELECT ($1::jsonb || jsonb_build_object('checksum', " VERDICT_CHECKSUM "))::text", &args)));
}

/*
 * Takes staging's verdict over.  Returns GO or NO-GO.  Raises an error when it
 * was changed, is not staging's, or staging is this very database.
 */
Datum
menuca_import_verdict(PG_FUNCTION_ARGS)
{
	Environment *environment = environment_require();
	QueryArgs	args = {0};
	char	   *verdict;

	argument_require(fcinfo, 0, "verdict");
	query_require_writable("menuca_import_verdict()");
	verdict = JsonbToCString(NULL, &PG_GETARG_JSONB_P(0)->root, 0);
	require_importable(environment, verdict);

	query_arg_int8(&args, environment->id);
	query_arg_json(&args, verdict);
	query_write(psprintf("INSERT INTO %smenuca_imported_verdict (environment_id, verdict) VALUES ($1, $2)",
						 migrate_schema()), &args, NULL, NULL);
	PG_RETURN_TEXT_P(cstring_to_text(verdict_field(verdict, "go")));
}

static void
require_importable(const Environment *environment, const char *verdict)
{
	QueryArgs	args = {0};
	char	   *database;

	if (!environment->is_production)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("a verdict is imported on production, and this is staging"),
				 errhint("Connect to production: SELECT menuca_import_verdict('...');")));

	query_arg_json(&args, verdict);
	if (!query_bool("SELECT coalesce($1::jsonb ->> 'checksum' = " VERDICT_CHECKSUM ", false)", &args))
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_VERDICT),
				 errmsg("the verdict is not as it was exported"),
				 errdetail("Its checksum does not fit: it was cut or changed. Nothing was recorded."),
				 errhint("Export it again on staging, and take over the whole text: SELECT menuca_export_verdict();")));
	if (verdict_field(verdict, "environment") == NULL ||
		strcmp(verdict_field(verdict, "environment"), "staging") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_VERDICT),
				 errmsg("the verdict is not staging's"),
				 errdetail("Nothing was recorded."),
				 errhint("On staging: SELECT menuca_export_verdict();")));

	database = verdict_field(verdict, "database");
	if (strcmp(database, environment->database) == 0 &&
		strcmp(verdict_field(verdict, "system_identifier"), psprintf(INT64_FORMAT, environment->system_identifier)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("staging and production are the same database"),
				 errdetail("Both are \"%s\" of the cluster %lld: nothing was tried elsewhere. Nothing was recorded.",
						   database, (long long) environment->system_identifier),
				 errhint("Make a copy for staging with pg_dump and pg_restore, and run tickets 00 to 05 there.")));
}

/* All of the verdict but its checksum. */
static char *
verdict_text(const Environment *environment)
{
	QueryArgs	args = {0};
	char	   *schema = pstrdup(quote_identifier(menuca_target_schema));
	char	   *text;

	query_arg_int8(&args, environment->id);
	query_arg_text(&args, environment->database);
	query_arg_int8(&args, environment->system_identifier);
	query_begin_snapshot();
	text = query_text(psprintf("WITH latest AS (SELECT * FROM %smenuca_ticket_latest WHERE environment_id = $1),"
							   " signed AS (SELECT DISTINCT ON (ticket_no) * FROM %smenuca_signature"
							   "  WHERE environment_id = $1 ORDER BY ticket_no, signature_id DESC)"
							   " SELECT jsonb_build_object('environment', 'staging', 'database', $2, 'system_identifier', $3::text,"
							   " 'exported_by', session_user, 'exported_at', clock_timestamp(),"
							   " 'go', CASE WHEN (SELECT count(*) FROM latest WHERE state = 'COMPLETE' AND ticket_no < %d) = %d"
							   "  AND NOT EXISTS (SELECT FROM signed WHERE decision = 'NO-GO') THEN 'GO' ELSE 'NO-GO' END,"
							   " 'tickets', (SELECT coalesce(jsonb_agg(jsonb_build_object('ticket', ticket_no, 'status', state,"
							   "   'verdict', verdict, 'forced', forced, 'reason', reason, 'run_by', run_by,"
							   "   'started_at', started_at, 'finished_at', finished_at, 'options', options) ORDER BY ticket_no), '[]') FROM latest),"
							   " 'signatures', (SELECT coalesce(jsonb_agg(jsonb_build_object('ticket', ticket_no, 'approver', approver,"
							   "   'decision', decision, 'note', note, 'signed_by', signed_by, 'signed_at', signed_at) ORDER BY ticket_no), '[]') FROM signed),"
							   " 'counts', jsonb_build_object('restaurants', (SELECT count(*) FROM %s.restaurants),"
							   "   'dishes', (SELECT count(*) FROM %s.dishes), 'combo_groups', (SELECT count(*) FROM %s.combo_groups),"
							   "   'combo_items', (SELECT count(*) FROM %s.combo_items)),"
							   " 'fix', (SELECT jsonb_build_object('source_rows', r.outcomes -> 'source_rows',"
							   "   'mapped', (r.outcomes ->> 'insert')::int8 + (r.outcomes ->> 'already_present')::int8)"
							   "  FROM latest JOIN %smenuca_run r USING (run_id) WHERE ticket_no = 4))::text",
							   migrate_schema(), migrate_schema(), FIRST_PRODUCTION_TICKET, FIRST_PRODUCTION_TICKET,
							   schema, schema, schema, schema, migrate_schema()), &args);

	query_end_snapshot();
	return text;
}

/* A field of a verdict; NULL means the one that was imported last. */
static char *
verdict_field(const char *verdict, const char *name)
{
	QueryArgs	args = {0};
	char	   *field;

	query_arg_text(&args, name);
	if (verdict)
	{
		query_arg_json(&args, verdict);
		return query_text("SELECT $2::jsonb ->> $1", &args);
	}
	query_arg_int8(&args, environment_require()->id);
	query_begin_snapshot();
	field = query_text(psprintf("SELECT verdict ->> $1 FROM %smenuca_imported_verdict"
								" WHERE environment_id = $2 ORDER BY verdict_id DESC LIMIT 1", migrate_schema()), &args);
	query_end_snapshot();
	return field;
}

static Jsonb *
jsonb_of_text(const char *json)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
}
