/*-------------------------------------------------------------------------
 *
 * read_only.c
 *	  New sessions of the database that are read-only: see read_only.h.
 *
 * menuca_read_only("on", dry_run)
 *
 * The setting is a default: it reaches sessions that begin later, and each of them
 * can set it off again, which is how the tickets write.  It keeps out an
 * application that does not know of it, not one that wants to write.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "base/database_identity.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "base/access_session.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "base/slot.h"
#include "base/statement.h"
#include "runbook/read_only.h"
#include "runbook/ticket_environment.h"

PG_FUNCTION_INFO_V1(menuca_read_only);

#define SETTING "default_transaction_read_only"

/* What a session executes that has to write all the same. */
#define WRITE_ALL_THE_SAME "SET " SETTING " = off;"

/* Ends the sessions that keep what they had. */
#define END_SESSIONS \
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()" \
	" AND pid <> pg_backend_pid() AND backend_type = 'client backend';"

/* A row of menuca_read_only_state. */
typedef struct ReadOnlyState
{
	char	   *value;			/* the database's own, or NULL */
	bool		is_on;
	bool		can_undo;
	char	   *value_before;	/* or NULL */
	char	   *turned_on_by;	/* NULL: not by menuca_read_only() */
	char	   *turned_on_at;
	char	   *other_roles;	/* with a value of their own, or NULL */
} ReadOnlyState;

/* A call: what it finds and does. */
typedef struct ReadOnlyCall
{
	bool		on;
	bool		dry_run;
	Environment *environment;
	ReadOnlyState *state;
	const char *status;
	char	   *value_after;	/* or NULL */
	int64		sessions;
	char	   *tried;
	char	   *detail;
	char	   *next_step;		/* or NULL */
} ReadOnlyCall;

static void require_database_owner(bool on);
static void require_something_to_undo(const ReadOnlyCall *call);
static void turn_read_only(ReadOnlyCall *call);
static void turn_writable(ReadOnlyCall *call);
static void set_database_default(const char *value);
static void record_read_only(const ReadOnlyCall *call);
static char *try_tenants_write(void);
static void write_as_tenant(void *arg);
static char *tried_table(void);
static char *describe_reach(const ReadOnlyCall *call);
static ReadOnlyState *find_read_only_state(const Environment *environment);
static void *make_read_only_state(TupleTableSlot *slot);
static Datum form_read_only(FunctionCallInfo fcinfo, const ReadOnlyCall *call);


/* Returns one row; raises an error when the caller may not, or there is nothing to undo. */
Datum
menuca_read_only(PG_FUNCTION_ARGS)
{
	ReadOnlyCall call = {
		.on = argument_bool(fcinfo, 0, "on"),
		.dry_run = argument_bool(fcinfo, 1, "dry_run")
	};

	call.environment = ticket_environment_require(0);
	if (!call.dry_run)
	{
		query_require_writable("menuca_read_only()");
		statement_require_first("menuca_read_only", psprintf("database \"%s\"", database_identity_name()),
								migrate_call("SELECT * FROM menuca_read_only(%s, dry_run => false);", call.on ? "true" : "false"));
	}
	require_database_owner(call.on);
	call.state = find_read_only_state(call.environment);
	call.sessions = query_int8(psprintf("SELECT active + idle + hidden FROM %smenuca_activity", migrate_schema()), NULL);
	if (call.on)
		turn_read_only(&call);
	else
		turn_writable(&call);
	return form_read_only(fcinfo, &call);
}

/* ALTER DATABASE is the owner's. */
static void
require_database_owner(bool on)
{
	char	   *owner = query_text("SELECT r.rolname::text FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba"
								   " WHERE d.datname = current_database() AND NOT pg_has_role(d.datdba, 'USAGE')", NULL);

	if (owner == NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("must be owner of database \"%s\"", database_identity_name()),
			 errdetail("Its owner is role \"%s\", and this is role \"%s\". Nothing was changed.", owner,
					   GetUserNameFromId(GetUserId(), false)),
			 errhint("%s", migrate_call("Connect as the owner, then: SELECT * FROM menuca_read_only(%s, dry_run => false);", on ? "true" : "false"))));
}

static void
turn_read_only(ReadOnlyCall *call)
{
	if (call->state->is_on)
	{
		call->status = "unchanged";
		call->value_after = call->state->value;
		call->tried = "not tried, since nothing changes";
		call->detail = call->state->can_undo ?
			psprintf("New sessions are read-only since %s, by %s. %s", call->state->turned_on_at,
					 call->state->turned_on_by, describe_reach(call)) :
			psprintf("New sessions are read-only already, and menuca_read_only() has not made them so. %s", describe_reach(call));
		call->next_step = call->state->can_undo ? migrate_call("SELECT * FROM menuca_read_only(false, dry_run => false);") : NULL;
		return;
	}
	call->value_after = "on";
	call->tried = try_tenants_write();
	call->detail = describe_reach(call);
	call->status = call->dry_run ? "planned" : "on";
	call->next_step = call->dry_run ? migrate_call("SELECT * FROM menuca_read_only(true, dry_run => false);") :
		migrate_call("SELECT * FROM menuca_read_only(false, dry_run => false);");
	if (call->dry_run)
		return;
	set_database_default("on");
	record_read_only(call);
}

/* Gives back what the database had, unless somebody has changed it since. */
static void
turn_writable(ReadOnlyCall *call)
{
	require_something_to_undo(call);
	call->value_after = call->state->is_on ? call->state->value_before : call->state->value;
	call->tried = "not tried: whoever could write before can do so again";
	call->detail = psprintf("%s Sessions that are connected keep what they had: those that began in between stay read-only until they end.",
							call->state->is_on ? "The database gets back what it had." :
							"Somebody has changed the setting since; it stays as it is, and only the record ends.");
	call->status = call->dry_run ? "planned" : "off";
	call->next_step = call->dry_run ? migrate_call("SELECT * FROM menuca_read_only(false, dry_run => false);") :
		migrate_call("SELECT * FROM menuca_status();");
	if (call->dry_run)
		return;
	if (call->state->is_on)
		set_database_default(call->value_after);
	record_read_only(call);
}

static void
require_something_to_undo(const ReadOnlyCall *call)
{
	const char *value = call->state->value;

	if (call->state->can_undo)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("there is nothing to undo: menuca_read_only() has not made database \"%s\" read-only", database_identity_name()),
			 errdetail("Its own value of " SETTING " is %s. Nothing was changed.", value ? value : "not set"),
			 call->state->is_on ?
			 errhint("Somebody else has set it. To end that: ALTER DATABASE %s RESET " SETTING ";",
					 quote_identifier(database_identity_name())) :
			 errhint("%s", migrate_call("To make new sessions read-only: SELECT * FROM menuca_read_only(true, dry_run => false);"))));
}

/* NULL: no value of its own. */
static void
set_database_default(const char *value)
{
	const char *database = quote_identifier(database_identity_name());

	query_write(value ? psprintf("ALTER DATABASE %s SET " SETTING " = %s", database, quote_literal_cstr(value)) :
				psprintf("ALTER DATABASE %s RESET " SETTING, database), NULL, NULL, NULL);
}

static void
record_read_only(const ReadOnlyCall *call)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, call->environment->id);
	query_arg(&args, BOOLOID, BoolGetDatum(call->on), false);
	query_arg_text(&args, call->state->value);
	query_arg_text(&args, call->value_after);
	query_arg_int8(&args, call->sessions);
	query_arg_text(&args, call->tried);
	migrate_write("menuca_read_only_change",
				  psprintf("INSERT INTO %smenuca_read_only_change (environment_id, turned_on, value_before, value_after, sessions, tried)"
						   " VALUES ($1, $2, $3, $4, $5, $6)", migrate_schema()), &args, NULL, NULL);
}

/*
 * Tries a write of the tenants' role in a transaction that is read-only, and undoes
 * it.  Returns what it came to.
 */
static char *
try_tenants_write(void)
{
	char	   *table = tried_table();
	ErrorData  *error;

	if (table == NULL)
		return psprintf("not tried: schema \"%s\" has no table", menuca_target_schema);
	error = attempt_and_undo(write_as_tenant, table);
	if (error && error->sqlerrcode == ERRCODE_READ_ONLY_SQL_TRANSACTION)
		return psprintf("a DELETE from %s as role \"%s\" was refused: %s (SQLSTATE 25006)", table, menuca_tenant_role,
						error->message);
	if (error)
		return psprintf("not tried as role \"%s\": %s (SQLSTATE %s)", menuca_tenant_role, error->message,
						unpack_sql_state(error->sqlerrcode));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("a DELETE from %s as role \"%s\" was not refused in a read-only transaction", table, menuca_tenant_role),
			 errdetail("Something takes its place, such as a rule of the table or a hook of another extension. Nothing was changed."),
			 errhint("Find out what it is: SELECT rulename, definition FROM pg_rules WHERE tablename = 'dishes'; or SHOW shared_preload_libraries;")));
}

/* The server refuses it before it looks for rows, of which it would find none. */
static void
write_as_tenant(void *arg)
{
	AccessSession session;

	/* It ends with the subtransaction; in a scope, 17 and later refuse it */
	(void) set_config_option("transaction_read_only", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	session = access_session_begin(ROLE_TENANT, "{}");
	query_write(psprintf("DELETE FROM %s WHERE false", (char *) arg), NULL, NULL, NULL);
	access_session_end(&session);
}

/* The table of dishes, or whichever there is, qualified and quoted; NULL for none. */
static char *
tried_table(void)
{
	QueryArgs	args = {0};

	query_arg_text(&args, menuca_target_schema);
	return query_text("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
					  " WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')"
					  " ORDER BY c.relname <> 'dishes', c.relname LIMIT 1", &args);
}

/* Whom the setting does not reach, and how to write all the same. */
static char *
describe_reach(const ReadOnlyCall *call)
{
	StringInfoData text;

	initStringInfo(&text);
	if (call->sessions > 0)
		appendStringInfo(&text, "%s %s connected and can write until it ends; to end all of them: " END_SESSIONS " ",
						 format_things(call->sessions, "other session"), call->sessions == 1 ? "is" : "are");
	if (call->state->other_roles)
		appendStringInfo(&text, "These roles have a value of their own, which counts instead: %s. ", call->state->other_roles);
	appendStringInfoString(&text, "It is a default, which every session can change: what has to write begins with " WRITE_ALL_THE_SAME);
	return text.data;
}

static ReadOnlyState *
find_read_only_state(const Environment *environment)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_int8(&args, environment->id);
	query_begin_snapshot();
	found = query_list(psprintf("SELECT * FROM %smenuca_read_only_state WHERE environment_id = $1", migrate_schema()),
					   &args, make_read_only_state);
	query_end_snapshot();
	return found ? linitial(found) : palloc0(sizeof(ReadOnlyState));
}

static void *
make_read_only_state(TupleTableSlot *slot)
{
	ReadOnlyState *state = palloc(sizeof(ReadOnlyState));
	bool		isnull;
	TimestampTz at = slot_time_of(slot, "turned_on_at", &isnull);

	state->value = slot_text_or_null_of(slot, "value");
	state->is_on = slot_bool_of(slot, "is_on");
	state->can_undo = slot_bool_of(slot, "can_undo");
	state->value_before = slot_text_or_null_of(slot, "value_before");
	state->turned_on_by = slot_text_or_null_of(slot, "turned_on_by");
	state->turned_on_at = isnull ? NULL : format_utc(at);
	state->other_roles = slot_text_or_null_of(slot, "other_roles");
	return state;
}

static Datum
form_read_only(FunctionCallInfo fcinfo, const ReadOnlyCall *call)
{
	TupleDesc	desc = result_row_type(fcinfo, "bttttittt");
	Datum		values[9];
	bool		nulls[9] = {0};

	values[0] = BoolGetDatum(call->dry_run);
	values[1] = CStringGetTextDatum(call->status);
	values[2] = CStringGetTextDatum(database_identity_name());
	values[3] = result_text(call->state->value, &nulls[3]);
	values[4] = result_text(call->value_after, &nulls[4]);
	values[5] = Int64GetDatum(call->sessions);
	values[6] = CStringGetTextDatum(call->tried);
	values[7] = CStringGetTextDatum(call->detail);
	values[8] = result_text(call->next_step, &nulls[8]);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

void
read_only_announce(const Environment *environment)
{
	ReadOnlyState *state = find_read_only_state(environment);

	if (!state->is_on)
		return;
	ereport(NOTICE,
			(errmsg("new sessions of database \"%s\" are read-only%s%s%s%s", database_identity_name(),
					state->can_undo ? " since " : "", state->can_undo ? state->turned_on_at : "",
					state->can_undo ? ", by " : "", state->can_undo ? state->turned_on_by : ""),
			 errdetail("This session is %s.", DefaultXactReadOnly ? "one of them" : "not"),
			 errhint("What has to write begins with " WRITE_ALL_THE_SAME " To end it: %s",
					 state->can_undo ? migrate_call("SELECT * FROM menuca_read_only(false, dry_run => false);") :
					 psprintf("ALTER DATABASE %s RESET " SETTING ";", quote_identifier(database_identity_name())))));
}
