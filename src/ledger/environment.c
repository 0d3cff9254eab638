/*-------------------------------------------------------------------------
 *
 * environment.c
 *	  Which database this is: see environment.h.
 *
 * menuca_environment(name, expected_database, expected_system_identifier)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "ledger/environment.h"

PG_FUNCTION_INFO_V1(menuca_environment);

/* State of environment_current(): where the result belongs. */
typedef struct FetchState
{
	MemoryContext context;
	Environment *environment;
} FetchState;

static void require_expected(const char *database, int64 system_identifier);
static void register_environment(const char *name);
static void fetch_environment(TupleTableSlot *slot, void *arg);


/*
 * Registers this database, once; again with the same name it only says so.
 * Raises an error when it is not the expected one, or is registered as the
 * other environment.
 */
Datum
menuca_environment(PG_FUNCTION_ARGS)
{
	char	   *name = argument_text(fcinfo, 0, "name");
	Environment *environment;
	Datum		values[4];
	bool		nulls[4] = {0};
	TupleDesc	desc = result_row_type(fcinfo, lengthof(values));

	if (strcmp(name, "staging") != 0 && strcmp(name, "production") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown environment \"%s\"", name),
				 errdetail("It is \"staging\" or \"production\". Nothing was changed."),
				 errhint("SELECT * FROM menuca_environment('staging', '%s', %lld);",
						 environment_database_name(), (long long) environment_system_identifier())));
	argument_require(fcinfo, 2, "expected_system_identifier");
	require_expected(argument_text(fcinfo, 1, "expected_database"), PG_GETARG_INT64(2));

	environment = environment_current();
	if (environment && strcmp(environment->name, name) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("this is the same database: it is registered as %s, and cannot be %s as well",
						environment->name, name),
				 errdetail("Database \"%s\" of the cluster %lld. What is tried on staging would happen to production. Nothing was changed.",
						   environment->database, (long long) environment->system_identifier),
				 errhint("Connect to the database that you mean, or make a copy for staging: pg_dump and pg_restore into another database.")));
	if (environment == NULL)
	{
		query_require_writable("menuca_environment()");
		register_environment(name);
	}

	values[0] = CStringGetTextDatum(name);
	values[1] = CStringGetTextDatum(environment_database_name());
	values[2] = Int64GetDatum(environment_system_identifier());
	values[3] = BoolGetDatum(environment == NULL);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

char *
environment_database_name(void)
{
	return get_database_name(MyDatabaseId);
}

int64
environment_system_identifier(void)
{
	return (int64) GetSystemIdentifier();
}

Environment *
environment_current(void)
{
	QueryArgs	args = {0};
	FetchState	state = {CurrentMemoryContext, NULL};

	query_arg_text(&args, environment_database_name());
	query_arg_int8(&args, environment_system_identifier());
	query_begin_snapshot();
	query_each(psprintf("SELECT environment_id, name FROM %smenuca_registered_environment"
						" WHERE database_name = $1 AND system_identifier = $2", migrate_schema()),
			   &args, fetch_environment, &state);
	query_end_snapshot();
	return state.environment;
}

Environment *
environment_require(void)
{
	Environment *environment = environment_current();
	char	   *known;

	if (environment)
		return environment;

	known = query_text(psprintf("SELECT string_agg(format('%%s (database \"%%s\" of the cluster %%s)',"
								" name, database_name, system_identifier), ', ' ORDER BY environment_id)"
								" FROM %smenuca_registered_environment", migrate_schema()), NULL);
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ENVIRONMENT),
			 errmsg("this database is not registered as an environment"),
			 known ?
			 errdetail("It is database \"%s\" of the cluster %lld, and a copy of one that is registered: %s. Nothing was changed.",
					   environment_database_name(), (long long) environment_system_identifier(), known) :
			 errdetail("It is database \"%s\" of the cluster %lld. Nothing was changed.",
					   environment_database_name(), (long long) environment_system_identifier()),
			 errhint("When you are sure which one it is: SELECT * FROM menuca_environment('staging', '%s', %lld); or 'production'.",
					 environment_database_name(), (long long) environment_system_identifier())));
}

/* What the operator wrote down must be what answers. */
static void
require_expected(const char *database, int64 system_identifier)
{
	if (strcmp(database, environment_database_name()) == 0 &&
		system_identifier == environment_system_identifier())
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ENVIRONMENT),
			 errmsg("this is not the database that was expected"),
			 errdetail("Expected was \"%s\" of the cluster %lld; connected you are to \"%s\" of the cluster %lld. Nothing was changed.",
					   database, (long long) system_identifier,
					   environment_database_name(), (long long) environment_system_identifier()),
			 errhint("Check the connection. On the right server, SELECT system_identifier FROM pg_control_system() says what to expect.")));
}

static void
register_environment(const char *name)
{
	QueryArgs	args = {0};

	query_arg_text(&args, name);
	query_arg_text(&args, environment_database_name());
	query_arg_int8(&args, environment_system_identifier());
	query_write(psprintf("INSERT INTO %smenuca_registered_environment (name, database_name, system_identifier)"
						 " VALUES ($1, $2, $3)", migrate_schema()),
				&args, NULL, NULL);
}

static void
fetch_environment(TupleTableSlot *slot, void *arg)
{
	FetchState *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);
	Environment *environment = palloc(sizeof(Environment));

	environment->id = slot_int8(slot, 0);
	environment->name = TextDatumGetCString(slot->tts_values[1]);
	environment->database = environment_database_name();
	environment->system_identifier = environment_system_identifier();
	environment->is_production = strcmp(environment->name, "production") == 0;
	state->environment = environment;
	MemoryContextSwitchTo(old);
}
