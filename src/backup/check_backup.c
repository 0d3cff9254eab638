/*-------------------------------------------------------------------------
 *
 * check_backup.c
 *	  Checks whether there is a backup to rely on.
 *
 * menuca_check_backup(label, max_age)
 *
 * The tickets as written compared a backup's size with the database's, which
 * a compressed dump never reaches, and had three different limits for its
 * age.  Here the size is compared with the tables' size, within limits that
 * only something other than a dump exceeds, and with the previous backup's
 * size.  The age counts from the backup's start, since the backup holds the
 * rows of that time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/finding.h"
#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"

PG_FUNCTION_INFO_V1(menuca_check_backup);

/*
 * Size in percent of the tables' size.  Rows usually compress to a tenth, and
 * to a hundredth when they hardly differ or the tables are bloated.  The other
 * way round, a plain dump writes a bytea at twice its length, and writes
 * values uncompressed that a table stores compressed.
 */
#define SIZE_MUCH_TOO_SMALL 0.2
#define SIZE_TOO_SMALL 2.0
#define SIZE_TOO_LARGE 150.0
#define SIZE_MUCH_TOO_LARGE 1000.0

/* Bytes of a dump for definitions of objects, which are not rows. */
#define SIZE_OF_DEFINITIONS INT64CONST(1048576)

/* Factor by which a backup may be smaller or larger than the previous one. */
#define SIZE_CHANGE 2

typedef struct RegisteredBackup
{
	int64		number;
	char	   *label;
	char	   *id;
	char	   *method;
	int64		size;
	char	   *started;
	char	   *finished;
	char	   *age;
	bool		has_plausible_times;	/* finite, in order, not in the future */
	bool		too_old;
	bool		verified;
	bool		drilled;		/* it was restored and compared */
	int64		table_size;
	char	   *database_name;
	int64		system_identifier;
	int64		previous_size;	/* 0: there is no previous one */
	char	   *previous_label;
} RegisteredBackup;

/* The arguments of a call, and the backup that they select. */
typedef struct BackupCheck
{
	char	   *label;			/* NULL: the newest of any label */
	Datum		max_age;
	char	   *max_age_text;
	MemoryContext context;
	RegisteredBackup *backup;	/* NULL: there is none */
} BackupCheck;

static void check_finished(BackupCheck *check, Finding *finding);
static void check_verified(BackupCheck *check, Finding *finding);
static void check_age(BackupCheck *check, Finding *finding);
static void check_size(BackupCheck *check, Finding *finding);
static void check_id(BackupCheck *check, Finding *finding);
static void check_database(BackupCheck *check, Finding *finding);

static const struct
{
	const char *name;
	const char *title;
	void		(*run) (BackupCheck *check, Finding *finding);
}			checks[] = {
	{"backup_finished", "A finished backup exists", check_finished},
	{"backup_verified", "It was read back", check_verified},
	{"backup_age", "It is recent", check_age},
	{"backup_size", "Its size is plausible", check_size},
	{"backup_id", "It can be found again", check_id},
	{"backup_of_this_database", "It is of this database", check_database},
};

static void require_positive_age(BackupCheck *check);
static void find_backup(void *arg);
static void *make_backup(TupleTableSlot *slot);
static char *size_text(int64 bytes);
static void judge_size(const RegisteredBackup *backup, Finding *finding);
static char *backup_command(const BackupCheck *check);
static char *register_call(const BackupCheck *check);
static char *backup_metadata(const RegisteredBackup *backup);


/* menuca_check_backup(label, max_age) returns one row per check. */
Datum
menuca_check_backup(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	BackupCheck check = {.context = CurrentMemoryContext};
	ErrorData  *error;

	check.label = argument_text_or_null(fcinfo, 0);
	argument_require(fcinfo, 1, "max_age");
	check.max_age = PG_GETARG_DATUM(1);
	require_positive_age(&check);
	InitMaterializedSRF(fcinfo, 0);

	error = attempt(find_backup, &check);
	for (size_t i = 0; i < lengthof(checks); i++)
	{
		Finding		finding = {0};

		if (error)
			finding_of_error(&finding, error);
		else if (check.backup || i == 0)
			checks[i].run(&check, &finding);
		else
		{
			finding.status = CHECK_SKIP;
			finding.actual = "there is no backup to check";
			finding.remedy = backup_command(&check);
			finding.next_step = register_call(&check);
		}
		if (check.backup)
			finding.metadata = backup_metadata(check.backup);
		finding_rows_add(&rows, checks[i].name, checks[i].title, &finding);
	}
	return (Datum) 0;
}

static void
require_positive_age(BackupCheck *check)
{
	QueryArgs	args = {0};

	query_arg(&args, INTERVALOID, check->max_age, false);
	check->max_age_text = query_text("SELECT $1::text", &args);
	if (query_bool("SELECT $1 <= '0'", &args))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_age must be positive, not %s", check->max_age_text),
				 errdetail("No backup could be that young."),
				 errhint("Omit it to use 30 minutes.")));
}

/* Finds the newest backup, or the newest with the label. */
static void
find_backup(void *arg)
{
	BackupCheck *check = arg;
	MemoryContext old = MemoryContextSwitchTo(check->context);
	QueryArgs	args = {0};
	List	   *found;

	(void) migrate_require_table("menuca_backup", ACL_SELECT);
	query_arg_text(&args, check->label);
	query_arg(&args, INTERVALOID, check->max_age, false);
	found = query_list(psprintf("SELECT h.*, CASE WHEN isfinite(started) THEN to_char(started, 'YYYY-MM-DD HH24:MI:SS TZ') ELSE started::text END AS started_text,"
								" CASE WHEN isfinite(finished) THEN to_char(finished, 'YYYY-MM-DD HH24:MI:SS TZ') ELSE finished::text END AS finished_text,"
								" CASE WHEN isfinite(started) THEN date_trunc('second', clock_timestamp() - started) END AS age,"
								" CASE WHEN isfinite(started) THEN clock_timestamp() - started > $2 END AS too_old,"
								" isfinite(started) AND isfinite(finished) AND started <= finished"
								" AND finished <= clock_timestamp() AS has_plausible_times"
								" FROM %smenuca_backup_history h WHERE $1 IS NULL OR label = $1"
								" ORDER BY finished DESC, backup_no DESC LIMIT 1", migrate_schema()),
					   &args, make_backup);
	if (found)
		check->backup = linitial(found);
	MemoryContextSwitchTo(old);
}

static void *
make_backup(TupleTableSlot *slot)
{
	RegisteredBackup *backup = palloc0(sizeof(RegisteredBackup));

	backup->number = slot_int8_of(slot, "backup_no");
	backup->label = slot_text_of(slot, "label");
	backup->id = slot_text_of(slot, "id");
	backup->method = slot_text_of(slot, "method");
	backup->size = slot_int8_of(slot, "size");
	backup->started = slot_text_of(slot, "started_text");
	backup->finished = slot_text_of(slot, "finished_text");
	backup->age = slot_text_or_null_of(slot, "age");
	backup->has_plausible_times = slot_bool_of(slot, "has_plausible_times");
	backup->too_old = slot_bool_of(slot, "too_old");
	backup->verified = slot_bool_of(slot, "verified");
	backup->drilled = slot_bool_of(slot, "restored_once");
	backup->table_size = slot_int8_of(slot, "table_size");
	backup->database_name = slot_text_of(slot, "database_name");
	backup->system_identifier = slot_int8_of(slot, "system_identifier");
	backup->previous_size = slot_int8_or_zero_of(slot, "previous_size");
	backup->previous_label = slot_text_or_null_of(slot, "previous_label");
	return backup;
}

/* Check 1: only a finished backup can be registered, so its row is enough. */
static void
check_finished(BackupCheck *check, Finding *finding)
{
	const RegisteredBackup *backup = check->backup;
	char	   *snapshots = NULL;

	finding->expected = check->label ?
		psprintf("a finished backup with the label \"%s\"", check->label) : "a finished backup";
	if (backup)
	{
		finding->status = CHECK_PASS;
		finding->actual = psprintf("backup %lld, \"%s\", %s, from %s to %s",
								   (long long) backup->number, backup->label, backup->method,
								   backup->started, backup->finished);
		return;
	}

	finding->status = CHECK_FAIL;
	finding->actual = "none is registered";
	finding->remedy = backup_command(check);
	finding->next_step = register_call(check);

	if (relation_may(migrate_table("menuca_snapshot_list"), ACL_SELECT))
		snapshots = query_text(psprintf("SELECT string_agg(label, ', ' ORDER BY snapshot_no)"
										" FROM %smenuca_snapshot_list", migrate_schema()), NULL);
	if (snapshots)
		finding->detail = psprintf("There are snapshots (%s), but they are in this same database: they can undo a fix, and are lost with the server.",
								   snapshots);
}

/* Check 2: a dump whose list can be read may still have unreadable rows. */
static void
check_verified(BackupCheck *check, Finding *finding)
{
	const RegisteredBackup *backup = check->backup;

	finding->expected = "verified";
	finding->status = backup->verified ? CHECK_PASS : CHECK_FAIL;
	finding->actual = !backup->verified ? "not verified" :
		backup->drilled ? "verified: restored, and every table has the same rows" : "verified";
	if (!backup->verified)
	{
		finding->detail = "A backup that was never read back may be unreadable.";
		finding->remedy = backup_command(check);
		finding->next_step = register_call(check);
	}
	else if (!backup->drilled)
		finding->detail = "It was read back, but not restored; menuca-backup --drill also restores it.";
}

/* Check 3. */
static void
check_age(BackupCheck *check, Finding *finding)
{
	const RegisteredBackup *backup = check->backup;

	finding->expected = psprintf("started at most %s ago", check->max_age_text);
	if (!backup->has_plausible_times)
	{
		finding->status = CHECK_FAIL;
		finding->actual = psprintf("started at %s, finished at %s", backup->started, backup->finished);
		finding->detail = "These times are infinite, in the future or in the wrong order, so somebody has changed the row of the backup.";
		finding->remedy = migrate_call("DELETE FROM menuca_backup WHERE backup_no = %lld; or correct it, then check the backup before it.",
									   (long long) backup->number);
		return;
	}
	finding->actual = psprintf("started %s ago", backup->age);
	if (!backup->too_old)
	{
		finding->status = CHECK_PASS;
		return;
	}
	finding->status = CHECK_FAIL;
	finding->detail = "The age counts from the backup's start: rows written since then are not in it.";
	finding->remedy = backup_command(check);
	finding->next_step = register_call(check);
}

/* Check 4. */
static void
check_size(BackupCheck *check, Finding *finding)
{
	const RegisteredBackup *backup = check->backup;

	finding->expected = psprintf("%.0f to %.0f %% of the tables' size without indexes, plus 1 MB of definitions",
								 SIZE_TOO_SMALL, SIZE_TOO_LARGE);
	finding->actual = psprintf("%s of %s (%s)", size_text(backup->size), size_text(backup->table_size),
							   format_pct(backup->size, backup->table_size));
	if (backup->table_size == 0)
	{
		finding->status = CHECK_SKIP;
		finding->detail = "The database had no tables to compare it with.";
		return;
	}
	judge_size(backup, finding);
	if (finding->status == CHECK_PASS && backup->previous_size > 0 &&
		(backup->size < backup->previous_size / SIZE_CHANGE ||
		 backup->size / SIZE_CHANGE > backup->previous_size))
	{
		finding->status = CHECK_WARN;
		finding->detail = psprintf("It has %s of the size of the previous backup, \"%s\" (%s bytes), which was made by the same method.",
								   format_pct(backup->size, backup->previous_size),
								   backup->previous_label, format_count(backup->previous_size));
	}
	if (finding->status != CHECK_PASS)
		finding->remedy = "Find out why, or make a backup that is restored and compared table by table: menuca-backup --drill";
}

/* A number of bytes, such as "30 kB". */
static char *
size_text(int64 bytes)
{
	return TextDatumGetCString(DirectFunctionCall1(pg_size_pretty, Int64GetDatum(bytes)));
}

static void
judge_size(const RegisteredBackup *backup, Finding *finding)
{
	double		pct = format_percentage(backup->size, backup->table_size);
	double		pct_of_rows = format_percentage(Max(backup->size - SIZE_OF_DEFINITIONS, 0), backup->table_size);

	if (pct < SIZE_TOO_SMALL)
	{
		finding->status = pct < SIZE_MUCH_TOO_SMALL ? CHECK_FAIL : CHECK_WARN;
		finding->detail = "A backup this small cannot hold the rows, unless they hardly differ from each other or the tables are mostly empty space.";
	}
	else if (pct_of_rows > SIZE_TOO_LARGE)
	{
		finding->status = pct_of_rows > SIZE_MUCH_TOO_LARGE ? CHECK_FAIL : CHECK_WARN;
		finding->detail = "A backup this large is of another database, unless it is uncompressed and the tables store their values compressed.";
	}
	else
		finding->status = CHECK_PASS;
}

/* Check 5: menuca_register_backup() refuses a blank id. */
static void
check_id(BackupCheck *check, Finding *finding)
{
	finding->status = CHECK_PASS;
	finding->expected = "an id";
	finding->actual = check->backup->id;
}

/* Check 6: a copy of a database has a copy of its list of backups, too. */
static void
check_database(BackupCheck *check, Finding *finding)
{
	const RegisteredBackup *backup = check->backup;
	char	   *name = get_database_name(MyDatabaseId);
	int64		system_identifier = (int64) GetSystemIdentifier();

	finding->expected = psprintf("database \"%s\" in cluster %lld", name, (long long) system_identifier);
	finding->actual = psprintf("database \"%s\" in cluster %lld", backup->database_name,
							   (long long) backup->system_identifier);
	if (strcmp(name, backup->database_name) == 0 && system_identifier == backup->system_identifier)
	{
		finding->status = CHECK_PASS;
		return;
	}
	finding->status = CHECK_FAIL;
	finding->detail = "This database was restored or copied from another one, with its list of backups; that database's backup does not hold this one's rows.";
	finding->remedy = backup_command(check);
	finding->next_step = register_call(check);
}

/* The command that makes the missing backup. */
static char *
backup_command(const BackupCheck *check)
{
	char	   *database = format_shell_word(get_database_name(MyDatabaseId));

	return check->label ?
		psprintf("menuca-backup --drill --label %s -d %s", format_shell_word(check->label), database) :
		psprintf("menuca-backup --drill -d %s", database);
}

/*
 * For a backup that was made in another way than by our script.  NULL stands for
 * what only a person knows, and is refused.
 */
static char *
register_call(const BackupCheck *check)
{
	return migrate_call("SELECT menuca_register_backup(%s, '" ARGUMENT_NAME "', '" ARGUMENT_REASON "', size => NULL, checksum => '" ARGUMENT_REASON "', started => NULL, finished => NULL, verified => NULL);",
						check->label ? quote_literal_cstr(check->label) : "'" ARGUMENT_NAME "'");
}

static char *
backup_metadata(const RegisteredBackup *backup)
{
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_count(&buf, "backup_no", backup->number);
	json_text(&buf, "label", backup->label);
	json_text(&buf, "id", backup->id);
	json_count(&buf, "size", backup->size);
	json_count(&buf, "table_size", backup->table_size);
	json_end(&buf);
	return buf.data;
}
