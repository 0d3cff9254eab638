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

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "base/backup_argument.h"
#include "base/database_identity.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/query.h"
#include "base/slot.h"
#include "target/table_counts.h"

PG_FUNCTION_INFO_V1(menuca_register_backup);

static void require_unused_id(const BackupArgument *backup);
static int64 insert_backup(const BackupArgument *backup);


/* menuca_register_backup(...) returns the backup's number. */
Datum
menuca_register_backup(PG_FUNCTION_ARGS)
{
	BackupArgument backup;
	int64		number;

	backup_argument_read(fcinfo, &backup);
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
require_unused_id(const BackupArgument *backup)
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
insert_backup(const BackupArgument *backup)
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
	query_arg_int8(&args, database_identity_cluster());

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
