/*-------------------------------------------------------------------------
 *
 * backup.c
 *	  Registering a backup that was made outside of the database.
 *
 * menuca_register_backup(label, id, method, size, checksum, started, finished,
 * verified, details)
 *
 * The script menuca-backup calls it when a dump is finished and verified;
 * whoever uses another way, such as a hosted service's own backups, calls it
 * by hand.  What the database looked like then is recorded with it, for the
 * checks of check_backup.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"

PG_FUNCTION_INFO_V1(menuca_register_backup);

/* What is registered. */
typedef struct Backup
{
	char	   *label;
	char	   *id;
	char	   *method;
	int64		size;
	char	   *checksum;
	TimestampTz started;
	TimestampTz finished;
	bool		verified;
	Datum		details;
} Backup;

static void read_arguments(Backup *backup, FunctionCallInfo fcinfo);
static char *nonempty_text(FunctionCallInfo fcinfo, int place, const char *name);
static void check_times(const Backup *backup);
static void refuse_duplicate(const Backup *backup);
static int64 insert_backup(const Backup *backup);
static void fetch_number(TupleTableSlot *slot, void *arg);


/* menuca_register_backup(...): the backup's number. */
Datum
menuca_register_backup(PG_FUNCTION_ARGS)
{
	Backup		backup = {0};
	QueryArgs	args = {0};
	int64		number;

	read_arguments(&backup, fcinfo);
	query_require_writable("menuca_register_backup");
	query_arg_text(&args, psprintf("%smenuca_backup", migrate_schema()));
	relation_require((Oid) query_int8("SELECT $1::regclass::oid::int8", &args),
					 ACL_SELECT | ACL_INSERT);
	refuse_duplicate(&backup);
	number = insert_backup(&backup);

	if (!backup.verified)
		ereport(WARNING,
				(errmsg("backup %lld was registered, but not as a good one: it is not verified",
						(long long) number),
				 errdetail("menuca_check_backup() fails with it."),
				 errhint("Read it back, best into a scratch database (menuca-backup --drill does), and register it anew under an id of its own.")));
	PG_RETURN_INT64(number);
}

static void
read_arguments(Backup *backup, FunctionCallInfo fcinfo)
{
	backup->label = argument_label(fcinfo, 0);
	backup->id = nonempty_text(fcinfo, 1, "id");
	backup->method = nonempty_text(fcinfo, 2, "method");
	argument_require(fcinfo, 3, "size");
	backup->size = PG_GETARG_INT64(3);
	if (backup->size <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a backup of %lld bytes is none", (long long) backup->size),
				 errdetail("Nothing was registered."),
				 errhint("The argument size is the file's size in bytes.")));
	backup->checksum = nonempty_text(fcinfo, 4, "checksum");
	argument_require(fcinfo, 5, "started");
	backup->started = PG_GETARG_TIMESTAMPTZ(5);
	argument_require(fcinfo, 6, "finished");
	backup->finished = PG_GETARG_TIMESTAMPTZ(6);
	check_times(backup);
	backup->verified = argument_bool(fcinfo, 7, "verified");
	argument_require(fcinfo, 8, "details");
	backup->details = PG_GETARG_DATUM(8);
}

/* What is blank would be found again by nobody. */
static char *
nonempty_text(FunctionCallInfo fcinfo, int place, const char *name)
{
	char	   *text = argument_text(fcinfo, place, name);

	if (strspn(text, " \t\r\n") == strlen(text))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be blank", name),
				 errdetail("Nothing was registered."),
				 errhint("The id is what the backup is found again by: a path with its host, or the number that a service gave it. The method says how it was made, the checksum that it is still the same.")));
	return text;
}

static void
check_times(const Backup *backup)
{
	TimestampTz now = GetCurrentTimestamp();

	if (TIMESTAMP_NOT_FINITE(backup->started) || TIMESTAMP_NOT_FINITE(backup->finished))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a backup begins and ends at some time"),
				 errdetail("Nothing was registered."),
				 errhint("Neither started nor finished may be infinite.")));
	if (backup->finished < backup->started)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the backup finished before it started"),
				 errdetail("It started at %s and finished at %s. Nothing was registered.",
						   pstrdup(timestamptz_to_str(backup->started)),
						   pstrdup(timestamptz_to_str(backup->finished))),
				 errhint("Were the two exchanged?")));
	if (backup->finished > now)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the backup would finish in the future"),
				 errdetail("It is to finish at %s, and now it is %s. Nothing was registered.",
						   pstrdup(timestamptz_to_str(backup->finished)),
						   pstrdup(timestamptz_to_str(now))),
				 errhint("Register it when it is finished. If it is, the clock that was asked is not this server's.")));
}

static void
refuse_duplicate(const Backup *backup)
{
	QueryArgs	args = {0};
	char	   *label;

	query_arg_text(&args, backup->id);
	query_begin_snapshot();
	label = query_text(psprintf("SELECT label FROM %smenuca_backup WHERE id = $1",
								migrate_schema()), &args);
	query_end_snapshot();
	if (label)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("a backup with id \"%s\" is registered already", backup->id),
				 errdetail("It has the label \"%s\". Nothing was registered.", label),
				 errhint("See SELECT * FROM menuca_backups; every backup has an id of its own.")));
}

static int64
insert_backup(const Backup *backup)
{
	QueryArgs	args = {0};
	int64		number = 0;

	query_arg_text(&args, backup->label);
	query_arg_text(&args, backup->id);
	query_arg_text(&args, backup->method);
	query_arg_int8(&args, backup->size);
	query_arg_text(&args, backup->checksum);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(backup->started), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(backup->finished), false);
	query_arg(&args, BOOLOID, BoolGetDatum(backup->verified), false);
	query_arg(&args, JSONBOID, backup->details, false);
	query_arg_int8(&args, (int64) GetSystemIdentifier());

	/* Tables without indexes: what a logical dump has the rows of */
	query_write(psprintf("INSERT INTO %smenuca_backup (label, id, method, size, checksum,"
						 " started, finished, verified, details, system_identifier,"
						 " database_name, database_size, table_size)"
						 " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, pg_catalog.current_database(),"
						 " pg_catalog.pg_database_size(pg_catalog.current_database()),"
						 " COALESCE(pg_catalog.sum(pg_catalog.pg_table_size(c.oid)), 0)"
						 " FROM pg_catalog.pg_class c"
						 " WHERE c.relkind OPERATOR(pg_catalog.=) 'r'"
						 " AND c.relpersistence OPERATOR(pg_catalog.<>) 't'"
						 " AND c.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid"
						 " RETURNING backup_no", migrate_schema()),
				&args, fetch_number, &number);
	return number;
}

static void
fetch_number(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}
