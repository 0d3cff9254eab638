/*-------------------------------------------------------------------------
 *
 * seating_backup.c
 *	  Backups of the database that seating changes: see seating_backup.h.
 *
 * menuca_seating_register_backup(label, id, method, size, checksum, started,
 * finished, verified, details)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "base/backup_argument.h"
#include "base/database_identity.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/slot.h"
#include "deployment/seating_backup.h"
#include "deployment/seating_environment.h"
#include "seating/seating_extension.h"

PG_FUNCTION_INFO_V1(menuca_seating_register_backup);

static void require_unregistered(const BackupArgument *backup);
static int64 insert_seating_backup(const BackupArgument *backup);
static List *read_own_backups(const char *sql, QueryArgs *args, QueryMakeFn fn);
static void *make_backup_text(TupleTableSlot *slot);
static void *make_newest_backup(TupleTableSlot *slot);
static void *first_of(List *list);


/* menuca_seating_register_backup(...) returns the backup's number. */
Datum
menuca_seating_register_backup(PG_FUNCTION_ARGS)
{
	BackupArgument backup;
	int64		number;

	backup_argument_read(fcinfo, &backup);
	query_require_writable("menuca_seating_register_backup");
	require_unregistered(&backup);
	number = insert_seating_backup(&backup);
	if (!backup.verified)
		ereport(WARNING,
				(errmsg("backup %lld is registered, but it is not verified", (long long) number),
				 errdetail("menuca_seating_deploy() does not count it on production."),
				 errhint("Restore it into a scratch database, as menuca-backup --drill does, then register it again with a new id and verified => true.")));
	PG_RETURN_INT64(number);
}

static void
require_unregistered(const BackupArgument *backup)
{
	QueryArgs	args = {0};
	char	   *label;

	query_arg_text(&args, backup->id);
	label = first_of(read_own_backups(psprintf("SELECT b.label FROM %smenuca_seating_backup b WHERE b.id = $1", seating_extension_schema()),
									  &args, make_backup_text));
	if (label)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("a backup with id \"%s\" is already registered", backup->id),
				 errdetail("It has the label \"%s\". Nothing was registered.", label),
				 errhint("%s", seating_call("SELECT * FROM menuca_seating_backup; shows all of them. Each backup needs its own id."))));
}

static int64
insert_seating_backup(const BackupArgument *backup)
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
	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	seating_write("menuca_seating_backup",
				  psprintf("INSERT INTO %smenuca_seating_backup (label, id, method, size, checksum, started, finished,"
						   " verified, details, database_name, system_identifier)"
						   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING backup_no", seating_extension_schema()),
				  &args, slot_store_int8, &number);
	return number;
}

char *
seating_backup_obstacle(void)
{
	char	   *environment = seating_environment_name();
	QueryArgs	args = {0};

	if (environment == NULL || strcmp(environment, "production") != 0)
		return NULL;
	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	query_arg_text(&args, SEATING_BACKUP_AGE);
	return first_of(read_own_backups(psprintf("SELECT reason FROM %smenuca_seating_backup_obstacle($1, $2, $3::interval) reason"
											  " WHERE reason IS NOT NULL", seating_extension_schema()), &args, make_backup_text));
}

char *
seating_backup_call(void)
{
	return seating_call("To make a backup, in a shell: menuca-backup --label LABEL; another one is registered by SELECT menuca_seating_register_backup('LABEL', 'ID', 'METHOD', size => BYTES, checksum => 'CHECKSUM', started => TIME, finished => TIME, verified => true);");
}

SeatingBackup *
seating_backup_newest(void)
{
	QueryArgs	args = {0};

	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	return first_of(read_own_backups(psprintf("SELECT b.id, CASE WHEN pg_catalog.starts_with(b.method, 'pg_dump') AND pg_catalog.starts_with(b.details ->> 'path', '/')"
											  " THEN b.details ->> 'path' END, b.details ->> 'host' FROM %smenuca_seating_backup b"
											  " WHERE b.verified AND b.database_name = $1 AND b.system_identifier = $2"
											  " ORDER BY b.finished DESC, b.backup_no DESC LIMIT 1", seating_extension_schema()),
									 &args, make_newest_backup));
}

static void *
make_newest_backup(TupleTableSlot *slot)
{
	SeatingBackup *backup = palloc(sizeof(SeatingBackup));

	backup->id = slot_text(slot, 0);
	backup->path = slot_text_or_null(slot, 1);
	backup->host = slot_text_or_null(slot, 2);
	return backup;
}

static void *
make_backup_text(TupleTableSlot *slot)
{
	return slot_text(slot, 0);
}

/* Rows about the backups, read as the extension's owner under a query snapshot taken now. */
static List *
read_own_backups(const char *sql, QueryArgs *args, QueryMakeFn fn)
{
	OwnerContext caller;
	List	   *rows;

	query_begin_snapshot();
	caller = owner_become(extension_table("menuca_seating", "menuca_seating_backup"));
	rows = query_list(sql, args, fn);
	owner_return(&caller);
	query_end_snapshot();
	return rows;
}

static void *
first_of(List *list)
{
	return list ? linitial(list) : NULL;
}
