/*-------------------------------------------------------------------------
 *
 * check_backup.c
 *	  Whether there is a backup to rely on.
 *
 * menuca_check_backup(label, max_age)
 *
 * The tickets compared a backup's size with the database's, which a
 * compressed dump never comes near, and gave its age three different limits.
 * Here the size is compared with that of the tables, in bounds that tell
 * apart a dump and no dump, and with the backup before it; the age counts
 * from the backup's start, since it holds what was there then.
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
 * Size in percent of the tables'.  Rows compress to a tenth as a rule, and to
 * a hundredth when they hardly differ or the tables are bloated; bytea is
 * twice as long in a dump, and what is compressed in a table is not there.
 */
#define SIZE_MUCH_TOO_SMALL 0.2
#define SIZE_TOO_SMALL 2.0
#define SIZE_TOO_LARGE 150.0
#define SIZE_MUCH_TOO_LARGE 1000.0

/* A dump has the definitions of all objects, too, whatever there are rows. */
#define SIZE_OF_DEFINITIONS INT64CONST(1048576)

/* Times by which a backup may be smaller or larger than the one before. */
#define SIZE_CHANGE 2

typedef struct RegisteredBackup
{
	bool		found;
	int64		number;
	char	   *label;
	char	   *id;
	char	   *method;
	int64		size;
	char	   *size_text;
	char	   *started;
	char	   *finished;
	char	   *age;
	bool		too_old;
	bool		verified;
	bool		drilled;		/* it was restored */
	int64		table_size;
	char	   *table_size_text;
	char	   *database_name;
	int64		system_identifier;
	int64		previous_size;	/* 0: there is none before */
	char	   *previous_label;
} RegisteredBackup;

/* The call. */
typedef struct BackupCheck
{
	char	   *label;			/* NULL: the latest */
	Datum		max_age;
	char	   *max_age_text;
	MemoryContext context;
	RegisteredBackup backup;
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
	{"backup_finished", "A backup that is finished", check_finished},
	{"backup_verified", "It was read back", check_verified},
	{"backup_age", "It is recent", check_age},
	{"backup_size", "Its size is plausible", check_size},
	{"backup_id", "It can be found again", check_id},
	{"backup_of_this_database", "It is of this database", check_database},
};

static void check_max_age(BackupCheck *check);
static void find_backup(void *arg);
static void fetch_backup(TupleTableSlot *slot, void *arg);
static void judge_size(const RegisteredBackup *backup, Finding *finding);
static char *command_line(const BackupCheck *check);
static char *backup_metadata(const RegisteredBackup *backup);


/* menuca_check_backup(label, max_age): a row per check. */
Datum
menuca_check_backup(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	BackupCheck check = {.context = CurrentMemoryContext};
	ErrorData  *error;

	check.label = argument_text_or_null(fcinfo, 0);
	argument_require(fcinfo, 1, "max_age");
	check.max_age = PG_GETARG_DATUM(1);
	check_max_age(&check);
	InitMaterializedSRF(fcinfo, 0);

	error = attempt(find_backup, &check);
	for (size_t i = 0; i < lengthof(checks); i++)
	{
		Finding		finding = {0};

		if (error)
			finding_of_error(&finding, error);
		else if (check.backup.found || i == 0)
			checks[i].run(&check, &finding);
		else
		{
			finding.status = CHECK_SKIP;
			finding.actual = "there is no backup to look at";
			finding.remedy = command_line(&check);
		}
		if (check.backup.found)
			finding.metadata = backup_metadata(&check.backup);
		finding_rows_add(&rows, checks[i].name, checks[i].title, &finding);
	}
	return (Datum) 0;
}

static void
check_max_age(BackupCheck *check)
{
	QueryArgs	args = {0};

	query_arg(&args, INTERVALOID, check->max_age, false);
	check->max_age_text = query_text("SELECT $1::text", &args);
	if (query_bool("SELECT $1 <= '0'", &args))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_age must be more than nothing, not %s", check->max_age_text),
				 errhint("Leave it away for 30 minutes.")));
}

/* The latest backup, or the latest of that label. */
static void
find_backup(void *arg)
{
	BackupCheck *check = arg;
	const char *schema = migrate_schema();
	QueryArgs	table = {0};
	QueryArgs	args = {0};

	query_arg_text(&table, psprintf("%smenuca_backup", schema));
	relation_require((Oid) query_int8("SELECT $1::regclass::oid::int8", &table), ACL_SELECT);

	query_arg_text(&args, check->label);
	query_arg(&args, INTERVALOID, check->max_age, false);
	query_each(psprintf("SELECT b.backup_no, b.label, b.id, b.method, b.size, pg_size_pretty(b.size),"
						" to_char(b.started, 'YYYY-MM-DD HH24:MI:SS TZ'), to_char(b.finished, 'YYYY-MM-DD HH24:MI:SS TZ'),"
						" date_trunc('second', clock_timestamp() - b.started)::text,"
						" clock_timestamp() - b.started > $2, b.verified,"
						" coalesce(b.details ->> 'drill' = 'true', false),"
						" b.table_size, pg_size_pretty(b.table_size), b.database_name, b.system_identifier,"
						" coalesce(p.size, 0), p.label"
						" FROM %smenuca_backup b LEFT JOIN LATERAL"
						" (SELECT o.size, o.label FROM %smenuca_backup o WHERE o.verified"
						"  AND o.method = b.method AND o.database_name = b.database_name"
						"  AND o.system_identifier = b.system_identifier AND o.finished < b.finished"
						"  ORDER BY o.finished DESC, o.backup_no DESC LIMIT 1) p ON true"
						" WHERE $1 IS NULL OR b.label = $1"
						" ORDER BY b.finished DESC, b.backup_no DESC LIMIT 1", schema, schema),
			   &args, fetch_backup, check);
}

static void
fetch_backup(TupleTableSlot *slot, void *arg)
{
	BackupCheck *check = arg;
	RegisteredBackup *backup = &check->backup;
	MemoryContext old = MemoryContextSwitchTo(check->context);

	backup->found = true;
	backup->number = slot_int8(slot, 0);
	backup->label = TextDatumGetCString(slot->tts_values[1]);
	backup->id = TextDatumGetCString(slot->tts_values[2]);
	backup->method = TextDatumGetCString(slot->tts_values[3]);
	backup->size = slot_int8(slot, 4);
	backup->size_text = TextDatumGetCString(slot->tts_values[5]);
	backup->started = TextDatumGetCString(slot->tts_values[6]);
	backup->finished = TextDatumGetCString(slot->tts_values[7]);
	backup->age = TextDatumGetCString(slot->tts_values[8]);
	backup->too_old = DatumGetBool(slot->tts_values[9]);
	backup->verified = DatumGetBool(slot->tts_values[10]);
	backup->drilled = DatumGetBool(slot->tts_values[11]);
	backup->table_size = slot_int8(slot, 12);
	backup->table_size_text = TextDatumGetCString(slot->tts_values[13]);
	backup->database_name = TextDatumGetCString(slot->tts_values[14]);
	backup->system_identifier = slot_int8(slot, 15);
	backup->previous_size = slot_int8(slot, 16);
	backup->previous_label = slot->tts_isnull[17] ? NULL : TextDatumGetCString(slot->tts_values[17]);
	MemoryContextSwitchTo(old);
}

/* 1: only what is finished can be registered, so that it is there will do. */
static void
check_finished(BackupCheck *check, Finding *finding)
{
	const RegisteredBackup *backup = &check->backup;
	char	   *snapshots = NULL;
	QueryArgs	args = {0};

	finding->expected = check->label ?
		psprintf("a finished backup with the label \"%s\"", check->label) : "a finished backup";
	if (backup->found)
	{
		finding->status = CHECK_PASS;
		finding->actual = psprintf("backup %lld, \"%s\", %s, from %s to %s",
								   (long long) backup->number, backup->label, backup->method,
								   backup->started, backup->finished);
		return;
	}

	finding->status = CHECK_FAIL;
	finding->actual = "none is registered";
	finding->remedy = command_line(check);

	query_arg_text(&args, psprintf("%smenuca_snapshot_list", migrate_schema()));
	if (query_bool("SELECT has_table_privilege($1, 'SELECT')", &args))
		snapshots = query_text(psprintf("SELECT string_agg(label, ', ' ORDER BY snapshot_no)"
										" FROM %smenuca_snapshot_list", migrate_schema()), NULL);
	if (snapshots)
		finding->detail = psprintf("There are snapshots (%s), but they are in this same database: they undo a fix, and are lost with the server.",
								   snapshots);
}

/* 2: a table of contents says nothing of the rows behind it. */
static void
check_verified(BackupCheck *check, Finding *finding)
{
	const RegisteredBackup *backup = &check->backup;

	finding->expected = "verified";
	finding->status = backup->verified ? CHECK_PASS : CHECK_FAIL;
	finding->actual = !backup->verified ? "not verified" :
		backup->drilled ? "verified: restored, and the same in every table" : "verified";
	if (!backup->verified)
	{
		finding->detail = "What was never read back may not be readable.";
		finding->remedy = command_line(check);
	}
	else if (!backup->drilled)
		finding->detail = "It was read back, but not restored: menuca-backup --drill does that.";
}

/* 3 */
static void
check_age(BackupCheck *check, Finding *finding)
{
	const RegisteredBackup *backup = &check->backup;

	finding->expected = psprintf("begun at most %s ago", check->max_age_text);
	finding->actual = psprintf("begun %s ago", backup->age);
	if (!backup->too_old)
	{
		finding->status = CHECK_PASS;
		return;
	}
	finding->status = CHECK_FAIL;
	finding->detail = "The age counts from its start: what was written since then is not in it.";
	finding->remedy = command_line(check);
}

/* 4 */
static void
check_size(BackupCheck *check, Finding *finding)
{
	const RegisteredBackup *backup = &check->backup;

	finding->expected = psprintf("%.0f to %.0f %% of the tables' size without indexes, and 1 MB of definitions",
								 SIZE_TOO_SMALL, SIZE_TOO_LARGE);
	finding->actual = psprintf("%s of %s (%s)", backup->size_text, backup->table_size_text,
							   format_pct(backup->size, backup->table_size));
	if (backup->table_size == 0)
	{
		finding->status = CHECK_SKIP;
		finding->detail = "There were no tables to compare it with.";
		return;
	}
	judge_size(backup, finding);
	if (finding->status == CHECK_PASS && backup->previous_size > 0 &&
		(backup->size < backup->previous_size / SIZE_CHANGE ||
		 backup->size / SIZE_CHANGE > backup->previous_size))
	{
		finding->status = CHECK_WARN;
		finding->detail = psprintf("It is %s of the size of the one before, \"%s\" (%s bytes), which was made in the same way.",
								   format_pct(backup->size, backup->previous_size),
								   backup->previous_label, format_count(backup->previous_size));
	}
	if (finding->status != CHECK_PASS)
		finding->remedy = "Find out why, or prove what it holds: menuca-backup --drill restores it and compares every table.";
}

static void
judge_size(const RegisteredBackup *backup, Finding *finding)
{
	double		pct = format_percentage(backup->size, backup->table_size);
	double		pct_of_rows = format_percentage(Max(backup->size - SIZE_OF_DEFINITIONS, 0), backup->table_size);

	if (pct < SIZE_TOO_SMALL)
	{
		finding->status = pct < SIZE_MUCH_TOO_SMALL ? CHECK_FAIL : CHECK_WARN;
		finding->detail = "So little cannot hold the rows, unless they hardly differ from each other or the tables are mostly empty space.";
	}
	else if (pct_of_rows > SIZE_TOO_LARGE)
	{
		finding->status = pct_of_rows > SIZE_MUCH_TOO_LARGE ? CHECK_FAIL : CHECK_WARN;
		finding->detail = "So much is another database's, unless it is a dump without compression of values that the tables hold compressed.";
	}
	else
		finding->status = CHECK_PASS;
}

/* 5: registering refuses a blank one. */
static void
check_id(BackupCheck *check, Finding *finding)
{
	finding->status = CHECK_PASS;
	finding->expected = "an id";
	finding->actual = check->backup.id;
}

/* 6: a copy of a database has its list of backups, too. */
static void
check_database(BackupCheck *check, Finding *finding)
{
	const RegisteredBackup *backup = &check->backup;
	char	   *name = get_database_name(MyDatabaseId);
	int64		system_identifier = (int64) GetSystemIdentifier();

	finding->expected = psprintf("database \"%s\" of the cluster %lld", name, (long long) system_identifier);
	finding->actual = psprintf("database \"%s\" of the cluster %lld", backup->database_name,
							   (long long) backup->system_identifier);
	if (strcmp(name, backup->database_name) == 0 && system_identifier == backup->system_identifier)
	{
		finding->status = CHECK_PASS;
		return;
	}
	finding->status = CHECK_FAIL;
	finding->detail = "The list of backups came along with a restore or copy of another database; that one's backup does not hold this one's rows.";
	finding->remedy = command_line(check);
}

/* The backup to make now. */
static char *
command_line(const BackupCheck *check)
{
	char	   *database = format_shell_word(get_database_name(MyDatabaseId));

	return check->label ?
		psprintf("menuca-backup --drill --label %s -d %s", format_shell_word(check->label), database) :
		psprintf("menuca-backup --drill -d %s", database);
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
