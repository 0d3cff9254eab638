/*-------------------------------------------------------------------------
 *
 * staging_verdict.c
 *	  Sign-offs, and staging's verdict, which production needs.
 *
 * menuca_sign_off(ticket, approver, decision, note)
 * menuca_export_verdict()
 * menuca_import_verdict(verdict)
 *
 * A verdict is JSON with a checksum over everything else in it, which reveals
 * accidental changes, and where a key is set, a signature, which only those who
 * have the key can make.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "base/database_identity.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/json.h"
#include "base/query.h"
#include "base/sqlstate.h"
#include "ledger/environment.h"
#include "runbook/ticket_call.h"
#include "runbook/ticket_checks.h"
#include "runbook/ticket_environment.h"
#include "runbook/ticket_open.h"
#include "runbook/ticket_state.h"
#include "verdict/verdict_signature.h"
#include "verdict/verdict_text.h"

PG_FUNCTION_INFO_V1(menuca_sign_off);
PG_FUNCTION_INFO_V1(menuca_export_verdict);
PG_FUNCTION_INFO_V1(menuca_import_verdict);
PG_FUNCTION_INFO_V1(menuca_import_verdict_text);

/* The acceptances that a verdict, $1, carries. */
#define ACCEPTANCES_OF_VERDICT \
	"pg_catalog.jsonb_to_recordset(COALESCE($1 OPERATOR(pg_catalog.->) 'acceptances', '[]')) AS a(" \
	"target_schema pg_catalog.text, target pg_catalog.text, source pg_catalog.text, source_rows pg_catalog.int8," \
	" source_checksum pg_catalog.text, figure pg_catalog.text, bound pg_catalog.numeric, reason pg_catalog.text," \
	" approver pg_catalog.text, expires_at pg_catalog.timestamptz)"

static Jsonb *jsonb_of_text(const char *json);
static char *sign(const char *verdict);
static void require_signature(const char *verdict);
static void import_acceptances(const char *verdict);
static void refuse_go(const Environment *environment, int no, const char *status, bool of_staging);
static char *decision_text_of(const char *decision);
static char *verdict_text(const Environment *environment);
static char *target_counts(void);
static char *verdict_field(const char *verdict, const char *name);
static Datum import(const Jsonb *document);
static void require_importable(const Environment *environment, const char *verdict);
static bool verdict_is_of(const char *verdict, const char *database, int64 system_identifier);
static void require_complete(const char *verdict);
static void read_lists(void *arg);
pg_noreturn static void raise_incomplete(const char *detail);


/*
 * Records that a person has decided on a ticket; returns the decision, GO or
 * NO-GO.  Raises an error (MC021) if it is GO and the ticket is not COMPLETE.
 */
Datum
menuca_sign_off(PG_FUNCTION_ARGS)
{
	QueryArgs	args = {0};
	int			no = argument_int4(fcinfo, 0, "ticket");
	char	   *approver = argument_text(fcinfo, 1, "approver");
	char	   *decision = argument_text(fcinfo, 2, "decision");
	char	   *note = argument_text_or_null(fcinfo, 3);
	Environment *environment = ticket_environment_to_sign(no);
	bool		of_staging = no == FIRST_PRODUCTION_TICKET - 1 && environment->is_production;
	char	   *status;

	query_require_writable("menuca_sign_off()");
	if (strcmp(decision, "GO") != 0 && strcmp(decision, "NO-GO") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown decision \"%s\"", decision),
				 errdetail("A decision is 'GO' or 'NO-GO'. Nothing was recorded."),
				 errhint("%s", migrate_call("SELECT menuca_sign_off(%d, 'name', 'GO', 'note');", no))));
	if (argument_says_nothing(approver))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a sign-off needs the name of a person"),
				 errdetail("It was given as \"%s\". Nothing was recorded.", approver),
				 errhint("%s", migrate_call("Write the name of the person who decides: SELECT menuca_sign_off(%d, 'name', '%s', 'note');", no, decision))));

	if (no < 0 || no >= TICKET_COUNT || !(of_staging || ticket_is_here(environment, no)))
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_TICKET_ORDER),
				 errmsg("there is nothing to sign off: ticket %d is not run here", no),
				 errdetail("This is %s. Nothing was recorded.", environment->name),
				 errhint("%s", migrate_call("SELECT * FROM menuca_status();"))));

	/* On production, the imported verdict is the status of staging's tickets */
	status = of_staging ? ticket_imported_verdict(environment) : ticket_status(environment, no);
	if (status == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_TICKET_ORDER),
				 errmsg("there is nothing to sign off: staging's verdict is not imported"),
				 errdetail("Nothing was recorded."),
				 errhint("%s", migrate_call("Import it first: SELECT menuca_import_verdict('...');"))));
	if (strcmp(decision, "GO") == 0 && strcmp(status, of_staging ? "GO" : "COMPLETE") != 0)
		refuse_go(environment, no, status, of_staging);

	query_arg_int8(&args, environment->id);
	query_arg_int8(&args, no);
	query_arg_text(&args, approver);
	query_arg_text(&args, decision);
	query_arg_text(&args, note);
	migrate_write("menuca_signature",
				  psprintf("INSERT INTO %smenuca_signature (environment_id, ticket_no, approver, decision, note)"
						   " VALUES ($1, $2, $3, $4, $5)", migrate_schema()),
				  &args, NULL, NULL);
	PG_RETURN_TEXT_P(cstring_to_text(decision_text_of(decision)));
}

static void
refuse_go(const Environment *environment, int no, const char *status, bool of_staging)
{
	TicketOpen *open = of_staging ? NULL : ticket_open_first(environment, no);

	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_TICKET_ORDER),
			 errmsg("ticket %s is %s: it cannot be signed off with GO", ticket_number(no), status),
			 open ? errdetail("People's part is open: %s. Nothing was recorded.", ticket_open_describe(open)) :
			 errdetail("Nothing was recorded."),
			 of_staging ?
			 errhint("%s", migrate_call("Finish staging first. There, SELECT * FROM menuca_status(); shows what is next. NO-GO can be signed at any time.")) :
			 open ? errhint("%s NO-GO can be signed at any time.", open->call) :
			 errhint("Run it until it is COMPLETE: %s NO-GO can be signed at any time.", ticket_call(environment, no))));
}

/* The decision with the figures that it accepts. */
static char *
decision_text_of(const char *decision)
{
	char	   *accepted = query_text(psprintf("SELECT string_agg(accepted, '; ' ORDER BY acceptance_id)"
											   " FROM %smenuca_acceptance_in_words", migrate_schema()), NULL);

	return accepted ? psprintf("%s, with accepted figures: %s", decision, accepted) : pstrdup(decision);
}

/* Returns staging's verdict. */
Datum
menuca_export_verdict(pg_attribute_unused() PG_FUNCTION_ARGS)
{
	Environment *environment = ticket_environment_require(0);
	QueryArgs	args = {0};

	if (environment->is_production)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("a verdict is exported on staging, and this is production"),
				 errhint("%s", migrate_call("Connect to staging: SELECT menuca_export_verdict();"))));
	query_arg_json(&args, verdict_text(environment));
	PG_RETURN_JSONB_P(jsonb_of_text(sign(query_text(psprintf("SELECT ($1 || jsonb_build_object('checksum', %smenuca_verdict_checksum($1)))::text",
															 migrate_schema()), &args))));
}

/* Adds the signature to a verdict: null where no key is set. */
static char *
sign(const char *verdict)
{
	QueryArgs	args = {0};

	query_arg_json(&args, verdict);
	query_arg_text(&args, verdict_signature(verdict));
	return query_text("SELECT ($1 || jsonb_build_object('signature', $2))::text", &args);
}

/*
 * Imports staging's verdict; returns GO or NO-GO.  Raises an error if it was
 * changed (MC023), is not staging's, or staging is this same database (MC020).
 */
Datum
menuca_import_verdict(PG_FUNCTION_ARGS)
{
	argument_require(fcinfo, 0, "verdict");
	return import(PG_GETARG_JSONB_P(0));
}

/* The same from a text, which the server would refuse as JSON if it was cut. */
Datum
menuca_import_verdict_text(PG_FUNCTION_ARGS)
{
	return import(verdict_text_parse(argument_text(fcinfo, 0, "verdict")));
}

static Datum
import(const Jsonb *document)
{
	Environment *environment = ticket_environment_require(FIRST_PRODUCTION_TICKET);
	QueryArgs	args = {0};
	char	   *verdict;

	query_require_writable("menuca_import_verdict()");
	verdict = JsonbToCString(NULL, unconstify(JsonbContainer *, &document->root), 0);
	require_importable(environment, verdict);

	query_arg_int8(&args, environment->id);
	query_arg_json(&args, verdict);
	migrate_write("menuca_imported_verdict",
				  psprintf("INSERT INTO %smenuca_imported_verdict (environment_id, document) VALUES ($1, $2)",
						   migrate_schema()), &args, NULL, NULL);
	if (!verdict_is_of(verdict, database_identity_name(), database_identity_cluster()))
		import_acceptances(verdict);
	PG_RETURN_TEXT_P(cstring_to_text(verdict_field(verdict, "go")));
}

/*
 * What was accepted on staging holds here, too, for the same rows of the source, and
 * no longer than there: what an earlier verdict has imported ends.
 */
static void
import_acceptances(const char *verdict)
{
	QueryArgs	args = {0};

	migrate_write("menuca_acceptance",
				  psprintf("UPDATE %smenuca_acceptance SET withdrawn_at = pg_catalog.clock_timestamp(), withdrawn_by = SESSION_USER,"
						   " withdrawn_because = 'a newer verdict was imported'"
						   " WHERE imported_from IS NOT NULL AND withdrawn_at IS NULL", migrate_schema()),
				  NULL, NULL, NULL);
	query_arg_json(&args, verdict);
	migrate_write("menuca_acceptance",
				  psprintf("INSERT INTO %smenuca_acceptance (target_schema, target, source, source_rows, source_checksum,"
						   " figure, bound, reason, approver, expires_at, imported_from)"
						   " SELECT a.target_schema, a.target, a.source, a.source_rows, a.source_checksum,"
						   " a.figure, a.bound, a.reason, a.approver, a.expires_at,"
						   " pg_catalog.format('%%s in cluster %%s', $1 OPERATOR(pg_catalog.->>) 'database',"
						   " $1 OPERATOR(pg_catalog.->>) 'system_identifier')"
						   " FROM " ACCEPTANCES_OF_VERDICT, migrate_schema()),
				  &args, NULL, NULL);
}

static void
require_importable(const Environment *environment, const char *verdict)
{
	QueryArgs	args = {0};

	if (!environment->is_production)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("a verdict is imported on production, and this is staging"),
				 errhint("%s", migrate_call("Connect to production: SELECT menuca_import_verdict('...');"))));

	query_arg_json(&args, verdict);
	if (!query_bool(psprintf("SELECT coalesce($1 ->> 'checksum' = %smenuca_verdict_checksum($1), false)",
							 migrate_schema()), &args))
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_VERDICT),
				 errmsg("the verdict does not match its checksum"),
				 errdetail("It was cut off or changed after it was exported. Nothing was recorded."),
				 errhint("%s", verdict_text_hint())));
	require_complete(verdict);
	if (strcmp(verdict_field(verdict, "environment"), "staging") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_VERDICT),
				 errmsg("the verdict is not staging's"),
				 errdetail("Nothing was recorded."),
				 errhint("%s", migrate_call("On staging: SELECT menuca_export_verdict();"))));
	require_signature(verdict);

	if (verdict_is_of(verdict, environment->database, environment->system_identifier))
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("staging and production are the same database"),
				 errdetail("Both are database \"%s\" in cluster %lld, so nothing was tried elsewhere. Nothing was recorded.",
						   environment->database, (long long) environment->system_identifier),
				 errhint("Make a copy for staging with pg_dump and pg_restore, and run tickets 00 to 05 there.")));
}

/*
 * True for the verdict of that database.  In the copy of a hosted production, staging's
 * verdict is imported where it was exported, and what it accepts is already there.
 */
static bool
verdict_is_of(const char *verdict, const char *database, int64 system_identifier)
{
	return strcmp(verdict_field(verdict, "database"), database) == 0 &&
		strcmp(verdict_field(verdict, "system_identifier"), psprintf(INT64_FORMAT, system_identifier)) == 0;
}

/*
 * Raises an error unless the verdict is signed with this database's key.  Without
 * a key nobody can tell who wrote it, which is a warning.
 */
static void
require_signature(const char *verdict)
{
	QueryArgs	args = {0};
	char	   *given = verdict_field(verdict, "signature");
	char	   *expected;

	query_arg_json(&args, verdict);
	expected = verdict_signature(query_text("SELECT ($1 - 'signature')::text", &args));
	if (expected == NULL)
		ereport(WARNING,
				(errmsg("the verdict is not protected: no verdict key is set here"),
				 errdetail("Anybody who can call menuca_import_verdict() could have written it; its checksum reveals accidents only."),
				 errhint("%s", migrate_call("Set the same key here and on staging, then export and import the verdict again: SELECT menuca_set_verdict_key('...');"))));
	else if (given == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_VERDICT),
				 errmsg("the verdict is not signed, and a verdict key is set here"),
				 errdetail("It was exported where no key is set, or somebody else wrote it. Nothing was recorded."),
				 errhint("%s", migrate_call("Set the same key on staging and export it again: SELECT menuca_set_verdict_key('...'); SELECT menuca_export_verdict();"))));
	else if (!verdict_signature_equal(given, expected))
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_VERDICT),
				 errmsg("the verdict's signature does not match"),
				 errdetail("It was changed, written by somebody without the key, or signed with another key than the one here, whose fingerprint is %s. Nothing was recorded.",
						   verdict_key_fingerprint()),
				 errhint("%s", migrate_call("Set the same key on staging and export it again: SELECT menuca_set_verdict_key('...'); SELECT menuca_export_verdict();"))));
}

/*
 * Raises an error unless the verdict has all that is read from it later.  A
 * checksum that fits proves nothing: anybody can compute one.
 */
static void
require_complete(const char *verdict)
{
	QueryArgs	args = {0};
	char	   *wrong;
	ErrorData  *error;

	query_arg_json(&args, verdict);
	wrong = query_text("SELECT string_agg(f.name, ', ' ORDER BY f.place)"
					   " FROM unnest('{environment,database,system_identifier,exported_by,exported_at,go,counts,tickets,signatures}'::text[],"
					   " '{string,string,string,string,string,string,object,array,array}'::text[]) WITH ORDINALITY AS f(name, kind, place)"
					   " WHERE jsonb_typeof($1 -> f.name) IS DISTINCT FROM f.kind"
					   " OR f.name = 'go' AND $1 ->> 'go' NOT IN ('GO', 'NO-GO')", &args);
	if (wrong)
		raise_incomplete(psprintf("These of its parts are missing or of another kind: %s.", wrong));
	if (query_bool("SELECT EXISTS (SELECT FROM jsonb_array_elements(($1 -> 'tickets') || ($1 -> 'signatures')) e"
				   " WHERE e ->> 'ticket' IS NULL) OR EXISTS (SELECT FROM unnest('{fix,fix_lists,fix_v2,backfill}'::text[]) f"
				   " WHERE jsonb_typeof($1 -> f) NOT IN ('object', 'null'))"
				   " OR jsonb_typeof($1 -> 'indexes') NOT IN ('array', 'null')", &args))
		raise_incomplete("One of its tickets or signatures has no number, or its fix or indexes are of another kind.");
	if (query_bool("SELECT EXISTS (SELECT FROM jsonb_array_elements(COALESCE($1 -> 'acceptances', '[]')) a"
				   " WHERE NOT a ?& '{target_schema,target,source,source_rows,source_checksum,figure,reason,approver}')", &args))
		raise_incomplete("One of its acceptances does not say what is accepted, why, or by whom.");
	error = attempt(read_lists, unconstify(char *, verdict));
	if (error)
		raise_incomplete(psprintf("One of its tickets, signatures or counts cannot be read: %s.", error->message));
}

/* Reads the lists of a verdict as the views do; raises their errors. */
static void
read_lists(void *arg)
{
	QueryArgs	args = {0};

	query_arg_json(&args, arg);
	(void) query_int8("SELECT count((t ->> 'ticket')::int8) + count((t ->> 'forced')::boolean)"
					  " + count((t ->> 'started_at')::timestamptz) + count((t ->> 'finished_at')::timestamptz)"
					  " FROM jsonb_array_elements($1 -> 'tickets') t", &args);
	(void) query_int8("SELECT count((s ->> 'ticket')::int8) FROM jsonb_array_elements($1 -> 'signatures') s", &args);
	(void) query_int8("SELECT count(a.bound) + count(a.source_rows) + count(a.expires_at) FROM " ACCEPTANCES_OF_VERDICT, &args);
	(void) query_int8("SELECT sum(c.value::int8)::int8 FROM jsonb_each_text($1 -> 'counts') c", &args);
	(void) query_int8("SELECT sum(($1 -> f ->> 'source_rows')::int8 + ($1 -> f ->> 'mapped')::int8)::int8"
					  " FROM unnest('{fix,fix_lists,fix_v2,backfill}'::text[]) f", &args);
}

static void
raise_incomplete(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_VERDICT),
			 errmsg("the verdict is incomplete"),
			 errdetail("%s Nothing was recorded.", detail),
			 errhint("%s", verdict_text_hint())));
}

/* The verdict without its checksum and signature, as JSON. */
static char *
verdict_text(const Environment *environment)
{
	QueryArgs	args = {0};
	char	   *text;

	query_arg_int8(&args, environment->id);
	query_begin_snapshot();
	query_arg_json(&args, target_counts());
	query_arg_text(&args, verdict_key_fingerprint() ? "signed with a key" : "none: no verdict key is set on staging");
	text = query_text(psprintf("SELECT (to_jsonb(v) - 'environment_id' || jsonb_build_object('counts', $2, 'protection', $3,"
							   " 'rehearsals', (SELECT jsonb_object_agg(r.rollback_option, r.minutes) FROM %smenuca_rehearsal r)))::text"
							   " FROM %smenuca_staging_verdict v WHERE environment_id = $1",
							   migrate_schema(), migrate_schema()), &args);

	query_end_snapshot();
	if (text == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("%smenuca_staging_verdict has no row for this environment", migrate_schema()),
				 errdetail("The view has one for each registered environment, so somebody has changed the view or the tables that it reads. Nothing was exported."),
				 errhint("Restore the extension's views and tables from a backup.")));
	return text;
}

/* Numbers of rows of the target's tables, as a JSON object. */
static char *
target_counts(void)
{
	static const char *const tables[] = {"restaurants", "dishes", "combo_groups", "combo_items"};
	StringInfoData counts;

	initStringInfo(&counts);
	json_begin(&counts);
	for (size_t i = 0; i < lengthof(tables); i++)
		json_count(&counts, tables[i], ticket_count_rows(tables[i]));
	json_end(&counts);
	return counts.data;
}

/* A field of a verdict as text; NULL if it is missing. */
static char *
verdict_field(const char *verdict, const char *name)
{
	QueryArgs	args = {0};

	query_arg_json(&args, verdict);
	query_arg_text(&args, name);
	return query_text("SELECT $1 ->> $2", &args);
}

static Jsonb *
jsonb_of_text(const char *json)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
}
