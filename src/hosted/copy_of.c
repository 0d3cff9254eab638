/*-------------------------------------------------------------------------
 *
 * copy_of.c
 *	  Of which database this one is a copy: see copy_of.h.
 *
 * menuca_copy_of(database, system_identifier, project, reason)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "base/database_identity.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/blank.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "hosted/copy_of.h"
#include "ledger/environment.h"

PG_FUNCTION_INFO_V1(menuca_copy_of);

/* Bytes of a project's name at most; Supabase's have 20. */
#define MAX_PROJECT_BYTES 63

/* A row of menuca_copy. */
typedef struct CopyRecord
{
	CopyOf		original;
	int64		number;			/* of this database's records, from 1 */
	char	   *recorded_by;
	TimestampTz recorded_at;
} CopyRecord;

static void read_original(CopyOf *original, FunctionCallInfo fcinfo);
static void require_database_name(const char *database);
static void require_project(const char *project);
static void require_not_production(const CopyOf *original);
static void require_change_reason(const CopyRecord *recorded, const CopyOf *original, const char *reason);
static bool same_original(const CopyOf *a, const CopyOf *b);
static CopyRecord *last_record(void);
static void *make_record(TupleTableSlot *slot);
static void insert_record(const CopyOf *original, int64 number, const char *reason);
static char *copy_next_call(void);


/*
 * Records of which database this one is a copy.  A second call for the same one
 * only reports the record; for another one it needs a reason.  Raises an error
 * when this is production, or when an argument is NULL or no name.
 */
Datum
menuca_copy_of(PG_FUNCTION_ARGS)
{
	CopyOf		original = {0};
	char	   *reason = PG_ARGISNULL(3) ? NULL : argument_said(fcinfo, 3, "reason");
	CopyRecord *recorded;
	bool		is_new;
	Datum		values[7];
	bool		nulls[7] = {0};
	TupleDesc	desc = result_row_type(fcinfo, "tittzbt");

	read_original(&original, fcinfo);
	require_not_production(&original);

	recorded = last_record();
	is_new = recorded == NULL || !same_original(&recorded->original, &original);
	if (is_new)
	{
		query_require_writable("menuca_copy_of()");
		if (recorded)
			require_change_reason(recorded, &original, reason);
		insert_record(&original, recorded ? recorded->number + 1 : 1, reason);
		recorded = last_record();
	}

	values[0] = CStringGetTextDatum(recorded->original.database);
	values[1] = Int64GetDatum(recorded->original.system_identifier);
	nulls[1] = !recorded->original.has_system_identifier;
	values[2] = result_text(recorded->original.project, &nulls[2]);
	values[3] = CStringGetTextDatum(recorded->recorded_by);
	values[4] = TimestampTzGetDatum(recorded->recorded_at);
	values[5] = BoolGetDatum(is_new);
	values[6] = CStringGetTextDatum(copy_next_call());
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

const CopyOf *
copy_of_require(void)
{
	CopyRecord *recorded = last_record();

	if (recorded == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_ENVIRONMENT),
				 errmsg("it is not recorded of which database this one is a copy"),
				 errdetail("It is database \"%s\" in cluster %lld. Exported files run only on the database that the copy was made of. Nothing was changed.",
						   database_identity_name(), (long long) database_identity_cluster()),
				 errhint("Record it, with the name of the hosted database and its project, or system_identifier => N instead of the project: %s",
						 migrate_call("SELECT * FROM menuca_copy_of('postgres', project => '%s');", ARGUMENT_REASON))));
	return &recorded->original;
}

static void
read_original(CopyOf *original, FunctionCallInfo fcinfo)
{
	original->database = argument_text(fcinfo, 0, "database");
	require_database_name(original->database);
	original->has_system_identifier = !PG_ARGISNULL(1);
	original->system_identifier = original->has_system_identifier ? PG_GETARG_INT64(1) : 0;
	original->project = argument_text_or_null(fcinfo, 2);
	if (original->project)
		require_project(original->project);

	/* Many clusters have a database of that name. */
	if (!original->has_system_identifier && original->project == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a database's name alone does not say which database it is"),
				 errdetail("Arguments \"system_identifier\" and \"project\" are both NULL. Nothing was changed."),
				 errhint("Pass the system identifier of its cluster, which pg_control_system() returns there, or the name of its project at the hosting service: %s",
						 migrate_call("SELECT * FROM menuca_copy_of(%s, project => '%s');",
									  quote_literal_cstr(original->database), ARGUMENT_REASON))));
	if (original->has_system_identifier && original->system_identifier == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no cluster has the system identifier 0"),
				 errdetail("Nothing was changed."),
				 errhint("On the original, this shows it: SELECT system_identifier FROM pg_control_system();")));
}

static void
require_database_name(const char *database)
{
	if (!blank_text(database, strlen(database)) && strlen(database) < NAMEDATALEN)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_NAME),
			 errmsg("argument \"database\" is not the name of a database"),
			 errdetail("A name has 1 to %d bytes and is not blank; this one has %zu bytes. Nothing was changed.",
					   NAMEDATALEN - 1, strlen(database)),
			 errhint("On the original, this shows it: SELECT current_database();")));
}

/* A project's name is written into files and compared there, so that it is plain. */
static void
require_project(const char *project)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t		length = strlen(project);

	if (length > 0 && length <= MAX_PROJECT_BYTES && strspn(project, allowed) == length && !argument_says_nothing(project))
		return;
	if (argument_says_nothing(project))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("argument \"project\" must be the name of a project"),
				 errdetail("It is blank, or still what a message proposed. Nothing was changed."),
				 errhint("Supabase shows it as the reference in the project's settings; without a project, pass system_identifier.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_NAME),
			 errmsg("\"%s\" is not the name of a project", project),
			 errdetail("A name has 1 to %d ASCII letters, digits, dots, underscores and hyphens. Nothing was changed.", MAX_PROJECT_BYTES),
			 errhint("Supabase shows it as the reference in the project's settings; without a project, pass system_identifier.")));
}

static void
require_not_production(const CopyOf *original)
{
	const Environment *environment = environment_current();
	bool		is_itself = original->has_system_identifier &&
		original->system_identifier == database_identity_cluster() &&
		strcmp(original->database, database_identity_name()) == 0;

	if (!is_itself && !(environment && environment->is_production))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ENVIRONMENT),
			 is_itself ? errmsg("this database cannot be a copy of itself") :
			 errmsg("this database is registered as production, and is not a copy"),
			 errdetail("It is database \"%s\" in cluster %lld. Nothing was changed.",
					   database_identity_name(), (long long) database_identity_cluster()),
			 errhint("Connect to the copy; the program menuca-copy makes one and records this there.")));
}

/* Files that were exported before a change refuse to run on the other database. */
static void
require_change_reason(const CopyRecord *recorded, const CopyOf *original, const char *reason)
{
	if (reason)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ENVIRONMENT),
			 errmsg("this database is already recorded as a copy of another database"),
			 errdetail("%s recorded on %s that it is a copy of %s, not of %s. Nothing was changed.",
					   recorded->recorded_by, timestamptz_to_str(recorded->recorded_at),
					   copy_of_describe(&recorded->original), copy_of_describe(original)),
			 errhint("Make a copy of that database instead. Only if the record is wrong, repeat the call with a reason, and export all files again: %s",
					 migrate_call("SELECT * FROM menuca_copy_of(%s, %s, %s, reason => '%s');",
								  quote_literal_cstr(original->database),
								  original->has_system_identifier ? psprintf("%lld", (long long) original->system_identifier) : "NULL",
								  original->project ? quote_literal_cstr(original->project) : "NULL", ARGUMENT_REASON))));
}

static bool
same_original(const CopyOf *a, const CopyOf *b)
{
	return strcmp(a->database, b->database) == 0 &&
		a->has_system_identifier == b->has_system_identifier &&
		a->system_identifier == b->system_identifier &&
		(a->project == NULL) == (b->project == NULL) &&
		(a->project == NULL || strcmp(a->project, b->project) == 0);
}

/* The record of this database that applies; NULL without one. */
static CopyRecord *
last_record(void)
{
	QueryArgs	args = {0};
	List	   *found;

	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	query_begin_snapshot();
	found = query_list(psprintf("SELECT record_no, of_database, of_system_identifier, of_project, recorded_by, recorded_at"
								" FROM %smenuca_copy WHERE database_name = $1 AND system_identifier = $2"
								" ORDER BY record_no DESC LIMIT 1", migrate_schema()),
					   &args, make_record);
	query_end_snapshot();
	return found == NIL ? NULL : linitial(found);
}

static void *
make_record(TupleTableSlot *slot)
{
	CopyRecord *record = palloc0(sizeof(CopyRecord));

	record->number = slot_int8(slot, 0);
	record->original.database = slot_text(slot, 1);
	record->original.has_system_identifier = !slot->tts_isnull[2];
	record->original.system_identifier = record->original.has_system_identifier ? slot_int8(slot, 2) : 0;
	record->original.project = slot_text_or_null(slot, 3);
	record->recorded_by = slot_text(slot, 4);
	record->recorded_at = slot_time(slot, 5);
	record->original.recorded_at = record->recorded_at;
	return record;
}

/* Another session may record at the same time: the number is then taken. */
static void
insert_record(const CopyOf *original, int64 number, const char *reason)
{
	QueryArgs	args = {0};

	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	query_arg_int8(&args, number);
	query_arg_text(&args, original->database);
	query_arg(&args, INT8OID, Int64GetDatum(original->system_identifier), !original->has_system_identifier);
	query_arg_text(&args, original->project);
	query_arg_text(&args, reason);
	if (migrate_write("menuca_copy",
					  psprintf("INSERT INTO %smenuca_copy (database_name, system_identifier, record_no,"
							   " of_database, of_system_identifier, of_project, reason)"
							   " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING", migrate_schema()),
					  &args, NULL, NULL) == 1)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("another session has recorded of which database this one is a copy"),
			 errdetail("Nothing was changed."),
			 errhint("See what it recorded, and repeat the call if that is wrong: %s",
					 migrate_call("SELECT * FROM menuca_copy;"))));
}

char *
copy_of_describe(const CopyOf *original)
{
	char	   *cluster = original->has_system_identifier ?
		psprintf(", cluster %lld", (long long) original->system_identifier) : "";
	char	   *project = original->project ? psprintf(", project \"%s\"", original->project) : "";

	return psprintf("database \"%s\"%s%s", original->database, cluster, project);
}

static char *
copy_next_call(void)
{
	if (environment_current())
		return migrate_call("SELECT * FROM menuca_status();");
	return migrate_call("SELECT * FROM menuca_environment('staging', %s, %lld);",
						quote_literal_cstr(database_identity_name()),
						(long long) database_identity_cluster());
}

char *
copy_of_name(void)
{
	return query_text(psprintf("SELECT original ->> 'copy' FROM %smenuca_copy_original", migrate_schema()), NULL);
}
