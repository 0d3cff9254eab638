/*-------------------------------------------------------------------------
 *
 * seating_environment.c
 *	  Whether this database is staging or production: see seating_environment.h.
 *
 * menuca_seating_environment(name, expected_database, expected_system_identifier)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/database_identity.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/results.h"
#include "base/sqlstate.h"
#include "deployment/seating_environment.h"
#include "seating/seating_extension.h"

PG_FUNCTION_INFO_V1(menuca_seating_environment);

static void require_known_name(const char *name);
static void require_same(const char *registered, const char *name);
static void register_seating_environment(const char *name);
static char *environment_call(const char *name);


/* Registers this database; a second call with the same name only reports the registration. */
Datum
menuca_seating_environment(PG_FUNCTION_ARGS)
{
	char	   *name = argument_text(fcinfo, 0, "name");
	char	   *registered;
	Datum		values[4];
	bool		nulls[4] = {0};
	TupleDesc	desc = result_row_type(fcinfo, "ttib");

	require_known_name(name);
	argument_require(fcinfo, 2, "expected_system_identifier");
	database_identity_require(argument_text(fcinfo, 1, "expected_database"), PG_GETARG_INT64(2));
	registered = seating_environment_name();
	if (registered)
		require_same(registered, name);
	else
	{
		query_require_writable("menuca_seating_environment()");
		register_seating_environment(name);
	}
	values[0] = CStringGetTextDatum(name);
	values[1] = CStringGetTextDatum(database_identity_name());
	values[2] = Int64GetDatum(database_identity_cluster());
	values[3] = BoolGetDatum(registered == NULL);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

static void
require_known_name(const char *name)
{
	if (strcmp(name, "staging") == 0 || strcmp(name, "production") == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown environment \"%s\"", name),
			 errdetail("An environment is \"staging\" or \"production\". Nothing was changed."),
			 errhint("%s", environment_call(pg_strncasecmp(name, "p", 1) == 0 ? "production" : "staging"))));
}

static void
require_same(const char *registered, const char *name)
{
	if (strcmp(registered, name) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ENVIRONMENT),
			 errmsg("this database is already registered as %s and cannot be %s as well", registered, name),
			 errdetail("Database \"%s\" in cluster %lld. Nothing was changed.",
					   database_identity_name(), (long long) database_identity_cluster()),
			 errhint("Connect to the intended database, or make a copy for staging: use pg_dump, and pg_restore into another database.")));
}

char *
seating_environment_name(void)
{
	QueryArgs	args = {0};
	OwnerContext caller;
	char	   *name;

	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	query_begin_snapshot();
	caller = owner_become(extension_table("menuca_seating", "menuca_seating_environment_list"));
	name = query_text(psprintf("SELECT e.name FROM %smenuca_seating_environment_list e"
							   " WHERE e.database_name = $1 AND e.system_identifier = $2", seating_extension_schema()), &args);
	owner_return(&caller);
	query_end_snapshot();
	return name;
}

static void
register_seating_environment(const char *name)
{
	QueryArgs	args = {0};

	query_arg_text(&args, name);
	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	seating_write("menuca_seating_environment_list",
				  psprintf("INSERT INTO %smenuca_seating_environment_list (name, database_name, system_identifier)"
						   " VALUES ($1, $2, $3)", seating_extension_schema()),
				  &args, NULL, NULL);
}

char *
seating_environment_call(void)
{
	return seating_call("SELECT * FROM menuca_seating_environment('production', current_database(), (SELECT system_identifier FROM pg_control_system()));");
}

static char *
environment_call(const char *name)
{
	return seating_call("SELECT * FROM menuca_seating_environment('%s', %s, %lld);", name,
						quote_literal_cstr(database_identity_name()), (long long) database_identity_cluster());
}
