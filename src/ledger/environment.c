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
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/database_identity.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "ledger/environment.h"

PG_FUNCTION_INFO_V1(menuca_environment);

static void require_no_copy(void);
static void register_environment(const char *name);
static void *make_environment(TupleTableSlot *slot);
static char *registration_call(const char *name);


/*
 * Registers this database.  A second call with the same name only reports the
 * registration.  Raises an error when this is not the expected database, or when
 * it is registered as the other environment.
 */
Datum
menuca_environment(PG_FUNCTION_ARGS)
{
	char	   *name = argument_text(fcinfo, 0, "name");
	Environment *environment;
	Datum		values[4];
	bool		nulls[4] = {0};
	TupleDesc	desc = result_row_type(fcinfo, "ttib");

	if (strcmp(name, "staging") != 0 && strcmp(name, "production") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown environment \"%s\"", name),
				 errdetail("An environment is \"staging\" or \"production\". Nothing was changed."),
				 errhint("%s", registration_call(pg_strncasecmp(name, "p", 1) == 0 ? "production" : "staging"))));
	argument_require(fcinfo, 2, "expected_system_identifier");
	database_identity_require(argument_text(fcinfo, 1, "expected_database"), PG_GETARG_INT64(2));

	environment = environment_current();
	if (environment && strcmp(environment->name, name) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("this database is already registered as %s and cannot be %s as well",
						environment->name, name),
				 errdetail("Database \"%s\" in cluster %lld. Whatever is tried on staging would change production. Nothing was changed.",
						   environment->database, (long long) environment->system_identifier),
				 errhint("Connect to the intended database, or make a copy for staging: use pg_dump, and pg_restore into another database.")));
	if (environment == NULL)
	{
		query_require_writable("menuca_environment()");
		if (strcmp(name, "production") == 0)
			require_no_copy();
		register_environment(name);
	}

	values[0] = CStringGetTextDatum(name);
	values[1] = CStringGetTextDatum(database_identity_name());
	values[2] = Int64GetDatum(database_identity_cluster());
	values[3] = BoolGetDatum(environment == NULL);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

Environment *
environment_current(void)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	query_begin_snapshot();
	found = query_list(psprintf("SELECT environment_id, name FROM %smenuca_registered_environment"
								" WHERE database_name = $1 AND system_identifier = $2 AND NOT hosted", migrate_schema()),
					   &args, make_environment);
	query_end_snapshot();
	return found == NIL ? NULL : linitial(found);
}

Environment *
environment_require(void)
{
	Environment *environment = environment_current();
	char	   *registered;

	if (environment)
		return environment;

	registered = query_text(psprintf("SELECT string_agg(format('%%s (database \"%%s\" in cluster %%s)',"
									 " name, database_name, system_identifier), ', ' ORDER BY environment_id)"
									 " FROM %smenuca_registered_environment WHERE NOT hosted", migrate_schema()), NULL);
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ENVIRONMENT),
			 errmsg("this database is not registered as an environment"),
			 registered ?
			 errdetail("It is database \"%s\" in cluster %lld, a copy of a registered one: %s. Nothing was changed.",
					   database_identity_name(), (long long) database_identity_cluster(), registered) :
			 errdetail("It is database \"%s\" in cluster %lld. Nothing was changed.",
					   database_identity_name(), (long long) database_identity_cluster()),
			 errhint("When you know which one it is, register it: %s for production, pass 'production'.",
					 registration_call("staging"))));
}

char *
environment_describe(const Environment *environment)
{
	char	   *cluster = environment->system_identifier != 0 || !environment->is_hosted ?
		psprintf(" in cluster %lld", (long long) environment->system_identifier) : "";
	char	   *project = environment->project ? psprintf(" of project \"%s\"", environment->project) : "";

	return psprintf("database \"%s\"%s%s", environment->database, cluster, project);
}

/* What is the copy of a hosted production is not production itself. */
static void
require_no_copy(void)
{
	QueryArgs	args = {0};
	char	   *original;

	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	original = query_text(psprintf("SELECT of_database FROM %smenuca_registered_environment"
								   " WHERE database_name = $1 AND system_identifier = $2 AND hosted"
								   " ORDER BY environment_id DESC LIMIT 1", migrate_schema()), &args);
	if (original)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("this database is the copy of a hosted production and cannot be production as well"),
				 errdetail("Database \"%s\" in cluster %lld is registered as the copy of database \"%s\". Nothing was changed.",
						   database_identity_name(), (long long) database_identity_cluster(), original),
				 errhint("%s", registration_call("staging"))));
}

static void
register_environment(const char *name)
{
	QueryArgs	args = {0};

	query_arg_text(&args, name);
	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	migrate_write("menuca_registered_environment",
				  psprintf("INSERT INTO %smenuca_registered_environment (name, database_name, system_identifier)"
						   " VALUES ($1, $2, $3)", migrate_schema()),
				  &args, NULL, NULL);
}

static void *
make_environment(TupleTableSlot *slot)
{
	Environment *environment = palloc0(sizeof(Environment));

	environment->id = slot_int8(slot, 0);
	environment->name = slot_text(slot, 1);
	environment->database = database_identity_name();
	environment->system_identifier = database_identity_cluster();
	environment->is_production = strcmp(environment->name, "production") == 0;
	return environment;
}

/* The call that registers this database, for a hint. */
static char *
registration_call(const char *name)
{
	return migrate_call("SELECT * FROM menuca_environment('%s', %s, %lld);", name,
						quote_literal_cstr(database_identity_name()),
						(long long) database_identity_cluster());
}
