/*-------------------------------------------------------------------------
 *
 * ticket_hosted.c
 *	  Tasks of the tickets of a hosted production: see ticket_hosted.h.
 *
 * Nothing of it can be seen from here but what people paste: the receipts of the
 * files that they have executed there.  A receipt that is missing is not a failure;
 * the ticket waits for it, and its next step is the call that returns the files.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/database_identity.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/monitor.h"
#include "runbook/ticket_hosted.h"
#include "runbook/ticket_state.h"

/* The ticket that makes the fix on staging. */
#define STAGING_FIX_TICKET 4

/* The ticket whose backup comes before all changes. */
#define BACKUP_TICKET 6

/*
 * How old the check before the fix may be when the window begins: long enough to run
 * it and to paste its receipt, too short for a day of orders.
 */
#define CHECK_AGE (INT64CONST(60) * 60 * USECS_PER_SEC)

/* A receipt's time has whole seconds. */
#define RECEIPT_PRECISION USECS_PER_SEC

/* Receipts that a ticket looks for: those of the files of a kind of set. */
typedef struct ReceiptWish
{
	const char *kind;
	int64		run_id;			/* of a fix; 0 otherwise */
	bool		before;			/* files that are executed before the change */
	bool		after;			/* files that are executed after it */
	TimestampTz before_since;	/* an earlier receipt is not counted */
	TimestampTz after_since;
	bool		newest;			/* the newest one counts, even before a change */
} ReceiptWish;

/* A file of the set, with the receipt that counts. */
typedef struct WishedFile
{
	char	   *file;
	char	   *purpose;
	bool		is_before;
	int64		receipt_id;		/* 0: there is none */
	char	   *set_name;
	char	   *status;
	TimestampTz made_at;
	char	   *accepted_by;
	int64		passed;
	int64		warned;
	int64		failed;
	bool		has_earlier;	/* there is one that is not counted */
} WishedFile;

/* State of report_row(): whose rows they are. */
typedef struct ReceiptReport
{
	TicketExecution *execution;
	const ReceiptWish *wish;
	const WishedFile *file;
} ReceiptReport;

static void report_set(TicketExecution *execution, const ReceiptWish *wish);
static List *find_files(const ReceiptWish *wish);
static void *make_file(TupleTableSlot *slot);
static void report_missing_receipt(TicketExecution *execution, const ReceiptWish *wish, const WishedFile *file);
static void report_file(TicketExecution *execution, const ReceiptWish *wish, const WishedFile *file);
static void report_row(TupleTableSlot *slot, void *arg);
static char *files_call(const ReceiptWish *wish);
static char *file_label(const ReceiptWish *wish, const WishedFile *file);
static void report_change(TicketExecution *execution, const char *kind, int64 run_id);
static bool find_fix_run(TicketExecution *execution, int64 *run_id);
static int64 fix_run(const TicketExecution *execution);
static TimestampTz window_time(const TicketExecution *execution, const char *column);
static TimestampTz last_change_of(const TicketExecution *execution);
static void ticket_wait(TicketExecution *execution, Finding *finding);
static TimestampTz oldest_last_receipt(const TicketExecution *execution);
static void store_time(TupleTableSlot *slot, void *arg);
static Datum interval_of(const char *text);


void
ticket_check_original(TicketExecution *execution, Finding *finding)
{
	finding->expected = "the database that this copy was made of";
	finding->actual = psprintf("%s; this is its copy, database \"%s\" in cluster %lld",
							   environment_describe(execution->environment), database_identity_name(),
							   (long long) database_identity_cluster());
}

/* The check before the fix, right before the window's first change. */
void
ticket_report_hosted_before(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	ReceiptWish wish = {
		.kind = "fix",
		.before = true,
		.before_since = GetCurrentTimestamp() - CHECK_AGE,
		.newest = true
	};

	if (find_fix_run(execution, &wish.run_id))
		report_set(execution, &wish);
}

void
ticket_report_hosted_indexes(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	report_change(execution, "indexes", 0);
}

void
ticket_report_hosted_access(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	report_change(execution, "access", 0);
}

void
ticket_report_hosted_fix(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	int64		run_id;

	if (find_fix_run(execution, &run_id))
		report_change(execution, "fix", run_id);
}

/* After everything else: what each set finds now. */
void
ticket_report_hosted_all(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	static const char *const kinds[] = {"indexes", "access", "fix"};
	ReceiptWish wish = {.after = true,.after_since = last_change_of(execution) - RECEIPT_PRECISION};

	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		wish.kind = kinds[i];
		wish.run_id = 0;
		if (strcmp(wish.kind, "fix") != 0 || find_fix_run(execution, &wish.run_id))
			report_set(execution, &wish);
	}
}

/*
 * The check before a change may be as old as the one that opened the window; the one
 * after it is of a change that was made under the window's backup.
 */
static void
report_change(TicketExecution *execution, const char *kind, int64 run_id)
{
	ReceiptWish wish = {
		.kind = kind,
		.run_id = run_id,
		.before = true,
		.after = true,
		.before_since = window_time(execution, "started_at") - CHECK_AGE,
		.after_since = window_time(execution, "finished_at") - RECEIPT_PRECISION
	};

	report_set(execution, &wish);
}

/* The files of a set, in their order. */
static void
report_set(TicketExecution *execution, const ReceiptWish *wish)
{
	ListCell   *lc;

	foreach(lc, find_files(wish))
	{
		const WishedFile *file = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (!(file->is_before ? wish->before : wish->after))
			continue;
		if (file->receipt_id == 0)
			report_missing_receipt(execution, wish, file);
		else
			report_file(execution, wish, file);
	}
}

/*
 * Once a change is made, the check before it fails, as it must; so of those receipts
 * one without FAIL counts: the change itself makes all of these checks again.
 */
static List *
find_files(const ReceiptWish *wish)
{
	QueryArgs	args = {0};
	List	   *files;

	query_arg_text(&args, database_identity_name());
	query_arg_int8(&args, database_identity_cluster());
	query_arg_text(&args, wish->kind);
	query_arg_int8(&args, wish->run_id);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(wish->before_since), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(wish->after_since), false);
	query_arg(&args, BOOLOID, BoolGetDatum(wish->newest), false);
	query_begin_snapshot();
	files = query_list(psprintf("SELECT * FROM %smenuca_wished_receipts($1, $2, $3, $4, $5, $6, $7) ORDER BY place",
								migrate_schema()), &args, make_file);
	query_end_snapshot();
	return files;
}

static void *
make_file(TupleTableSlot *slot)
{
	WishedFile *file = palloc0(sizeof(WishedFile));
	bool		isnull;

	file->file = slot_text_of(slot, "file");
	file->purpose = slot_text_of(slot, "purpose");
	file->is_before = slot_bool_of(slot, "is_before");
	file->receipt_id = slot_int8_or_zero_of(slot, "receipt_id");
	file->set_name = slot_text_or_null_of(slot, "set_name");
	file->status = slot_text_or_null_of(slot, "status");
	file->made_at = slot_time_of(slot, "made_at", &isnull);
	file->accepted_by = slot_text_or_null_of(slot, "accepted_by");
	file->passed = slot_int8_or_zero_of(slot, "passed");
	file->warned = slot_int8_or_zero_of(slot, "warned");
	file->failed = slot_int8_or_zero_of(slot, "failed");
	file->has_earlier = slot_bool_of(slot, "has_earlier");
	return file;
}

static void
report_missing_receipt(TicketExecution *execution, const ReceiptWish *wish, const WishedFile *file)
{
	Finding		row = {0};
	TimestampTz since = file->is_before ? wish->before_since : wish->after_since;

	row.expected = psprintf("a receipt of %s, made since %s: %s", file->file, format_utc(since), file->purpose);
	row.actual = file->has_earlier ? "the newest one is older" : "none was pasted";
	row.remedy = psprintf("Execute the files of the set up to %s on production, then paste its receipt: %s %s", file->file,
						  files_call(wish), migrate_call("SELECT * FROM menuca_accept_receipt('...');"));
	row.next_step = files_call(wish);
	ticket_wait(execution, &row);
	ticket_report(execution, psprintf("receipt_%s_%s", wish->kind, file->file), file_label(wish, file), &row);
}

/* A row about the receipt, and its own rows. */
static void
report_file(TicketExecution *execution, const ReceiptWish *wish, const WishedFile *file)
{
	Finding		row = {0};
	QueryArgs	args = {0};
	ReceiptReport report = {execution, wish, file};

	row.status = file->failed > 0 ? CHECK_FAIL : CHECK_PASS;
	row.expected = psprintf("a receipt of %s without FAIL: %s", file->file, file->purpose);
	row.actual = psprintf("receipt %lld of set %s, made %s: %s passed, %s warned, %s failed", (long long) file->receipt_id,
						  file->set_name, format_utc(file->made_at), format_count(file->passed),
						  format_count(file->warned), format_count(file->failed));
	row.detail = psprintf("Pasted by %s.", file->accepted_by);
	row.metadata = psprintf("{\"receipt_id\": %lld}", (long long) file->receipt_id);
	if (file->failed > 0)
	{
		row.next_step = migrate_call("SELECT * FROM menuca_hosted_receipt_row WHERE receipt_id = %lld AND status IN ('FAIL', 'ERROR') ORDER BY check_no;",
									 (long long) file->receipt_id);
		row.remedy = psprintf("See to the rows that fail, on production: %s Then execute the file again and paste its receipt: %s",
							  row.next_step, migrate_call("SELECT * FROM menuca_accept_receipt('...');"));
	}
	ticket_report(execution, psprintf("receipt_%s_%s", wish->kind, file->file), file_label(wish, file), &row);

	query_arg_int8(&args, file->receipt_id);
	query_each(psprintf("SELECT * FROM %smenuca_hosted_receipt_row WHERE receipt_id = $1 ORDER BY check_no", migrate_schema()),
			   &args, report_row, &report);
}

/* What it proposes is only shown: whoever pasted it could have written it. */
static void
report_row(TupleTableSlot *slot, void *arg)
{
	const ReceiptReport *report = arg;
	int64		check_no = slot_int8_of(slot, "check_no");
	Finding		row = {
		.status = finding_status_of(slot_text_of(slot, "status")),
		.expected = slot_text_or_null_of(slot, "expected"),
		.actual = slot_text_or_null_of(slot, "actual"),
		.detail = slot_text_or_null_of(slot, "detail"),
		.remedy = slot_text_or_null_of(slot, "next_step"),
		.next_step = "",
		.metadata = psprintf("{\"receipt_id\": %lld, \"check_no\": %lld}", (long long) report->file->receipt_id, (long long) check_no)
	};

	ticket_report(report->execution, psprintf("%s_%s_%lld", report->wish->kind, report->file->file, (long long) check_no),
				  psprintf("%s: %s", file_label(report->wish, report->file), slot_text_of(slot, "name")), &row);
}

/* The call that returns the files of the set. */
static char *
files_call(const ReceiptWish *wish)
{
	if (strcmp(wish->kind, "fix") == 0)
		return migrate_call("SELECT file_name, sql FROM menuca_export_fix(%lld, style => 'statements');", (long long) wish->run_id);
	if (strcmp(wish->kind, "indexes") == 0)
		return migrate_call("SELECT file_name, sql FROM menuca_export_indexes(style => 'statements');");
	return migrate_call("SELECT file_name, sql FROM menuca_export_access(style => 'statements');");
}

static char *
file_label(const ReceiptWish *wish, const WishedFile *file)
{
	return psprintf("%s of the %s", file->file, wish->kind);
}

/* The run whose fix is applied.  Without one, reports why the ticket waits. */
static bool
find_fix_run(TicketExecution *execution, int64 *run_id)
{
	Finding		row = {.expected = "the run of the fix that is applied"};

	*run_id = fix_run(execution);
	if (*run_id != 0)
		return true;
	row.actual = "ticket 04 of staging has made none here";
	row.remedy = migrate_call("Name the last run of the fix, one of SELECT run_id, kind, status FROM menuca_runs; in option run_id: SELECT * FROM menuca_ticket(%d, '{\"run_id\": ...}', dry_run => false);",
							  execution->no);
	row.next_step = migrate_call("SELECT run_id, kind, status FROM menuca_runs ORDER BY run_id;");
	ticket_wait(execution, &row);
	ticket_report(execution, "fix_run", "The fix", &row);
	return false;
}

/* That of option run_id, or the last one of staging's ticket; 0 for none. */
static int64
fix_run(const TicketExecution *execution)
{
	char	   *given = ticket_option(execution, "run_id");
	Environment *staging = environment_current();
	QueryArgs	args = {0};

	if (given)
		return DatumGetInt64(DirectFunctionCall1(int8in, CStringGetDatum(given)));
	if (staging == NULL)
		return 0;
	query_arg_int8(&args, staging->id);
	query_arg_int8(&args, STAGING_FIX_TICKET);
	return query_int8(psprintf("SELECT max(r.run_id) FROM %smenuca_ticket_latest t, unnest(t.run_ids) r(run_id)"
							   " WHERE t.environment_id = $1 AND t.ticket_no = $2", migrate_schema()), &args);
}

/* When ticket 6 began or ended; now, if it was never executed. */
static TimestampTz
window_time(const TicketExecution *execution, const char *column)
{
	QueryArgs	args = {0};
	TimestampTz time = GetCurrentTimestamp();

	query_arg_int8(&args, execution->environment->id);
	query_arg_int8(&args, BACKUP_TICKET);
	(void) query_each(psprintf("SELECT %s FROM %smenuca_ticket_latest WHERE environment_id = $1 AND ticket_no = $2",
							   column, migrate_schema()), &args, store_time, &time);
	return time;
}

/* When the last of the changes was recorded; now, if none was. */
static TimestampTz
last_change_of(const TicketExecution *execution)
{
	QueryArgs	args = {0};
	TimestampTz time = GetCurrentTimestamp();

	query_arg_int8(&args, execution->environment->id);
	(void) query_each(psprintf("SELECT changed_at FROM %smenuca_last_change WHERE environment_id = $1 AND changed_at IS NOT NULL",
							   migrate_schema()), &args, store_time, &time);
	return time;
}

static void
store_time(TupleTableSlot *slot, void *arg)
{
	*(TimestampTz *) arg = slot_time(slot, 0);
}

/* What is missing now, and comes as time passes, does not make a ticket FAILED. */
static void
ticket_wait(TicketExecution *execution, Finding *finding)
{
	finding->status = CHECK_FAIL;
	if (!(execution->forced && execution->at_gate))
		execution->waits++;
}

/*
 * The hosting service makes the backup, and only a person has seen it: the ticket
 * records who says so.
 */
void
ticket_attest_backup(TicketExecution *execution, Finding *finding)
{
	char	   *backup = ticket_option(execution, "backup");
	char	   *time = ticket_option(execution, "backup_time");
	char	   *given_age = ticket_option(execution, "max_backup_age");
	char	   *max_age = given_age ? given_age : pstrdup(TICKET_HOSTED_BACKUP_AGE);
	char	   *call = migrate_call("SELECT * FROM menuca_ticket(%d, '{\"backup\": \"...\", \"backup_time\": \"...\"}', dry_run => false);",
									execution->no);
	TimestampTz made_at;
	TimestampTz now = GetCurrentTimestamp();

	finding->expected = psprintf("a backup of the hosting service, at most %s old", max_age);
	if (backup == NULL || time == NULL)
	{
		finding->actual = "options backup (its id) and backup_time do not say which one";
		finding->remedy = psprintf("Look it up at the hosting service, and pass both: %s", call);
		finding->next_step = call;
		ticket_wait(execution, finding);
		return;
	}
	made_at = DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(time),
													  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	execution->backup = backup;
	finding->actual = psprintf("backup %s, made %s", backup, format_utc(made_at));
	if (made_at > now || made_at < DatumGetTimestampTz(DirectFunctionCall2(timestamptz_mi_interval, TimestampTzGetDatum(now),
																		   interval_of(max_age))))
	{
		finding->status = CHECK_FAIL;
		finding->detail = made_at > now ? "That time has not come yet." : "It is too old: orders since then would be lost.";
		finding->remedy = psprintf("Have the hosting service make one, and pass its id and its time: %s", call);
		finding->next_step = call;
		return;
	}
	finding->status = CHECK_WARN;
	finding->detail = psprintf("%s says so; the extension has not seen it, and has not tried to restore it.",
							   GetUserNameFromId(GetSessionUserId(), false));
}

/* How long the changes have been in use when they were looked at for the last time. */
void
ticket_check_soak(TicketExecution *execution, Finding *finding)
{
	char	   *option = ticket_option(execution, "stability");
	const char *required = option ? option : monitor_duration(execution->environment);
	TimestampTz changed_at = last_change_of(execution);
	TimestampTz until = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(changed_at),
																interval_of(required)));
	TimestampTz seen_at = oldest_last_receipt(execution);

	finding->expected = psprintf("receipts made at least %s after the last change, of %s", required, format_utc(changed_at));
	finding->actual = seen_at == DT_NOBEGIN ? "not all of them are there" : psprintf("the oldest one was made %s", format_utc(seen_at));
	if (option)
		finding->detail = psprintf("OVERRIDDEN: %s instead of %s", option, monitor_duration(execution->environment));
	if (seen_at >= until - RECEIPT_PRECISION)
		return;
	finding->remedy = psprintf("After %s, execute the files of ticket %s again and paste their receipts.",
							   format_utc(until), ticket_number(execution->no));
	finding->next_step = "";
	ticket_wait(execution, finding);
}

/* The oldest of the receipts that ticket_report_hosted_all() counts; -infinity when one is missing. */
static TimestampTz
oldest_last_receipt(const TicketExecution *execution)
{
	static const char *const kinds[] = {"indexes", "access", "fix"};
	TimestampTz oldest = DT_NOEND;

	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		ReceiptWish wish = {
			.kind = kinds[i],
			.run_id = strcmp(kinds[i], "fix") == 0 ? fix_run(execution) : 0,
			.after_since = last_change_of(execution) - RECEIPT_PRECISION
		};
		ListCell   *lc;

		foreach(lc, find_files(&wish))
		{
			const WishedFile *file = lfirst(lc);

			if (!file->is_before)
				oldest = Min(oldest, file->receipt_id == 0 ? DT_NOBEGIN : file->made_at);
		}
	}
	return oldest;
}

void
ticket_warn_unseen(TicketExecution *execution, Finding *finding)
{
	finding->status = CHECK_WARN;
	finding->expected = "production is stable";
	finding->actual = "its sessions, locks, errors and response times cannot be seen from here";
	finding->detail = psprintf("Watch them at the hosting service for %s after the last change: errors of the API, waiting locks, connections, slow queries, and whether combos can be ordered.",
							   monitor_duration(execution->environment));
}

static Datum
interval_of(const char *text)
{
	return DirectFunctionCall3(interval_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}
