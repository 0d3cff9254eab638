/*-------------------------------------------------------------------------
 *
 * backup.c
 *	  Registers a backup that was made outside of the database.
 *
 * menuca_register_backup(label, id, method, size, checksum, started, finished,
 * verified, details)
 *
 * The script menuca-backup calls it once a dump is finished and verified.
 * People call it for other backups, such as those of a hosting service.  The
 * database's name and size at that time are recorded, too, for the checks in
 * check_backup.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/blank.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/slot.h"
#include "target/table_counts.h"

PG_FUNCTION_INFO_V1(menuca_register_backup);

/* Bytes of an id at most; an index on ids takes no more than 2704. */
#define MAX_ID_BYTES 2000

/* The arguments: the backup to register. */
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
static char *nonblank_argument(FunctionCallInfo fcinfo, int place, const char *name);
static void require_indexable_id(const char *id);
static void require_plausible_times(const Backup *backup);
static void require_unused_id(const Backup *backup);
static int64 insert_backup(const Backup *backup);


/* menuca_register_backup(...) returns the backup's number. */
Datum
menuca_register_backup(PG_FUNCTION_ARGS)
{
	Backup		backup = {0};
	int64		number;

	read_arguments(&backup, fcinfo);
	query_require_writable("menuca_register_backup");
	(void) migrate_require_table("menuca_backup", ACL_SELECT);
	require_unused_id(&backup);
	number = insert_backup(&backup);

	if (!backup.verified)
		ereport(WARNING,
				(errmsg("backup %lld is registered, but it is not verified",
						(long long) number),
				 errdetail("menuca_check_backup() reports it as FAIL."),
				 errhint("Restore it into a scratch database, as menuca-backup --drill does, then register it again with a new id and verified => true.")));
	PG_RETURN_INT64(number);
}

static void
read_arguments(Backup *backup, FunctionCallInfo fcinfo)
{
	backup->label = argument_label(fcinfo, 0);
	backup->id = nonblank_argument(fcinfo, 1, "id");
	require_indexable_id(backup->id);
	backup->method = nonblank_argument(fcinfo, 2, "method");
	argument_require(fcinfo, 3, "size");
	backup->size = PG_GETARG_INT64(3);
	if (backup->size <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a backup cannot have %lld bytes", (long long) backup->size),
				 errdetail("Nothing was registered."),
				 errhint("Pass the size of the file in bytes, which is positive.")));
	backup->checksum = nonblank_argument(fcinfo, 4, "checksum");
	argument_require(fcinfo, 5, "started");
	backup->started = PG_GETARG_TIMESTAMPTZ(5);
	argument_require(fcinfo, 6, "finished");
	backup->finished = PG_GETARG_TIMESTAMPTZ(6);
	require_plausible_times(backup);
	backup->verified = argument_bool(fcinfo, 7, "verified");
	argument_require(fcinfo, 8, "details");
	backup->details = PG_GETARG_DATUM(8);
	if (!JB_ROOT_IS_OBJECT(DatumGetJsonbP(backup->details)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"details\" must be a JSON object"),
				 errdetail("Nothing was registered."),
				 errhint("For example: details => '{\"host\": \"db1\", \"path\": \"/srv/backups/file.dump\"}'; or omit it.")));
}

/* As argument_text_not_blank, with what each text of a backup is for. */
static char *
nonblank_argument(FunctionCallInfo fcinfo, int place, const char *name)
{
	char	   *text = argument_text(fcinfo, place, name);

	if (blank_text(text, strlen(text)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be blank", name),
				 errdetail("Nothing was registered."),
				 errhint("The id locates the backup: a host and path, or the number that a service gave it. The method is how it was made. The checksum shows later whether it is unchanged.")));
	return text;
}

static void
require_indexable_id(const char *id)
{
	if (strlen(id) > MAX_ID_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the id of a backup has at most %d bytes, not %zu", MAX_ID_BYTES, strlen(id)),
				 errdetail("Nothing was registered."),
				 errhint("Pass what the backup is found by; what else is known of it belongs into details.")));
}

static void
require_plausible_times(const Backup *backup)
{
	TimestampTz now = GetCurrentTimestamp();

	if (TIMESTAMP_NOT_FINITE(backup->started) || TIMESTAMP_NOT_FINITE(backup->finished))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the times of a backup must not be infinite"),
				 errdetail("Nothing was registered."),
				 errhint("Pass the times at which it started and finished.")));
	if (backup->finished < backup->started)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the backup finished before it started"),
				 errdetail("It started at %s and finished at %s. Nothing was registered.",
						   pstrdup(timestamptz_to_str(backup->started)),
						   pstrdup(timestamptz_to_str(backup->finished))),
				 errhint("The arguments started and finished may be swapped.")));
	if (backup->finished > now)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the backup finishes in the future"),
				 errdetail("It finishes at %s, and it is now %s. Nothing was registered.",
						   pstrdup(timestamptz_to_str(backup->finished)),
						   pstrdup(timestamptz_to_str(now))),
				 errhint("Register it once it is finished. If it is, take its times from this server's clock: SELECT clock_timestamp();")));
}

static void
require_unused_id(const Backup *backup)
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
				 errmsg("a backup with id \"%s\" is already registered", backup->id),
				 errdetail("It has the label \"%s\". Nothing was registered.", label),
				 errhint("%s", migrate_call("SELECT * FROM menuca_backups; shows all of them. Each backup needs its own id."))));
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

	query_arg(&args, JSONBOID, table_counts(), false);

	migrate_write("menuca_backup",
				  psprintf("INSERT INTO %smenuca_backup (label, id, method, size, checksum, started, finished,"
						   " verified, details, system_identifier, database_name, database_size, table_size, table_counts)"
						   " SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
						   " pg_catalog.current_database(), database_size, table_size, $11"
						   " FROM %smenuca_database_size RETURNING backup_no", migrate_schema(), migrate_schema()),
				  &args, slot_store_int8, &number);
	return number;
}
