/*-------------------------------------------------------------------------
 *
 * hosted_production.c
 *	  The hosted production, which is changed from its copy: see
 *	  hosted_production.h.
 *
 * menuca_environment(name, expected_database, expected_system_identifier, hosted)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/database_identity.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/results.h"
#include "base/sqlstate.h"
#include "hosted/copy_of.h"
#include "hosted/hosted_production.h"
#include "ledger/environment.h"

PG_FUNCTION_INFO_V1(menuca_environment_hosted);

static void require_production_name(const char *name, const CopyOf *original);
static void require_original(const char *database, bool has_cluster, int64 cluster, const CopyOf *original);
static bool is_registered(const CopyOf *original);
static void register_production(const CopyOf *original);
static void fill_original(QueryArgs *args, const CopyOf *original);
static char *registration_of_original(const CopyOf *original);


/*
 * Registers the hosted production whose copy this database is.  A second call only
 * reports the registration.  Raises an error (MC020) when the database that is
 * stated is not the one that menuca_copy_of() has recorded.
 */
Datum
menuca_environment_hosted(PG_FUNCTION_ARGS)
{
	const CopyOf *original;
	Datum		values[4];
	bool		nulls[4] = {0};
	TupleDesc	desc;
	bool		registered;

	if (!argument_bool(fcinfo, 3, "hosted"))
		return menuca_environment(fcinfo);

	desc = result_row_type(fcinfo, "ttib");
	original = copy_of_require();
	require_production_name(argument_text(fcinfo, 0, "name"), original);
	require_original(argument_text(fcinfo, 1, "expected_database"),
					 !PG_ARGISNULL(2), PG_ARGISNULL(2) ? 0 : PG_GETARG_INT64(2), original);

	registered = is_registered(original);
	if (!registered)
	{
		query_require_writable("menuca_environment()");
		register_production(original);
	}

	values[0] = CStringGetTextDatum("production");
	values[1] = CStringGetTextDatum(original->database);
	values[2] = Int64GetDatum(original->system_identifier);
	nulls[2] = !original->has_system_identifier;
	values[3] = BoolGetDatum(!registered);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

char *
hosted_production_next_call(const CopyOf *original)
{
	return is_registered(original) ? migrate_call("SELECT * FROM menuca_next();") : registration_of_original(original);
}

/* Staging is where the extension is, so it is never hosted. */
static void
require_production_name(const char *name, const CopyOf *original)
{
	if (strcmp(name, "production") == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("with hosted => true, the environment is \"production\", not \"%s\"", name),
			 errdetail("A copy is staging by itself, with the extension. Nothing was changed."),
			 errhint("%s", registration_of_original(original))));
}

static void
require_original(const char *database, bool has_cluster, int64 cluster, const CopyOf *original)
{
	if (strcmp(database, original->database) == 0 &&
		has_cluster == original->has_system_identifier && cluster == original->system_identifier)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ENVIRONMENT),
			 errmsg("this is not a copy of the database that was expected"),
			 errdetail("Expected database \"%s\"%s, but this is recorded as a copy of %s. Nothing was changed.",
					   database, has_cluster ? psprintf(" in cluster %lld", (long long) cluster) : ", without its cluster",
					   copy_of_describe(original)),
			 errhint("If the record is right: %s If it is wrong, correct it: %s",
					 registration_of_original(original),
					 migrate_call("SELECT * FROM menuca_copy_of(%s, %s, reason => '" ARGUMENT_REASON "');",
								  quote_literal_cstr(database), has_cluster ? psprintf("%lld", (long long) cluster) :
								  "project => '" ARGUMENT_REASON "'"))));
}

static bool
is_registered(const CopyOf *original)
{
	QueryArgs	args = {0};
	bool		result;

	fill_original(&args, original);
	query_begin_snapshot();
	result = query_bool(psprintf("SELECT EXISTS (SELECT FROM %smenuca_registered_environment"
								 " WHERE database_name = $1 AND system_identifier = $2 AND hosted AND of_database = $3"
								 " AND of_system_identifier IS NOT DISTINCT FROM $4 AND of_project IS NOT DISTINCT FROM $5)",
								 migrate_schema()), &args);
	query_end_snapshot();
	return result;
}

static void
register_production(const CopyOf *original)
{
	QueryArgs	args = {0};

	fill_original(&args, original);
	migrate_write("menuca_registered_environment",
				  psprintf("INSERT INTO %smenuca_registered_environment (name, hosted, database_name, system_identifier,"
						   " of_database, of_system_identifier, of_project)"
						   " VALUES ('production', true, $1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", migrate_schema()),
				  &args, NULL, NULL);
}

/* $1 and $2 are this database, $3 to $5 the original. */
static void
fill_original(QueryArgs *args, const CopyOf *original)
{
	query_arg_text(args, database_identity_name());
	query_arg_int8(args, database_identity_cluster());
	query_arg_text(args, original->database);
	query_arg(args, INT8OID, Int64GetDatum(original->system_identifier), !original->has_system_identifier);
	query_arg_text(args, original->project);
}

static char *
registration_of_original(const CopyOf *original)
{
	return migrate_call("SELECT * FROM menuca_environment('production', %s, %s, hosted => true);",
						quote_literal_cstr(original->database),
						original->has_system_identifier ? psprintf("%lld", (long long) original->system_identifier) : "NULL");
}
