/*-------------------------------------------------------------------------
 *
 * ticket.c
 *	  Running a ticket of the runbook.
 *
 * menuca_ticket(no, options, dry_run, force, reason)
 *
 * First the obstacles: wrong environment, wrong order, no backup.  Then the
 * ticket's tasks, each in a subtransaction of its own, so that one that raises
 * an error becomes a row of status ERROR.  At last what it came to is recorded,
 * whether it passed or not, in the same transaction as what was done.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/sqlstate.h"
#include "runbook/ticket_gates.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_run.h"
#include "runbook/ticket_state.h"

PG_FUNCTION_INFO_V1(menuca_ticket);

/*
 * The first key of the advisory lock that a ticket holds while it runs ("MCTK"
 * in ASCII); the second is its number.  menuca_status() looks at it.
 */
#define TICKET_LOCK_KEY 0x4D43544B

typedef struct TicketOption
{
	const char *name;
	Oid			type;
} TicketOption;

/* What a ticket can be told; the README says which of them counts where. */
static const TicketOption options[] = {
	{"source", TEXTOID}, {"id_column", TEXTOID}, {"dish_column", TEXTOID}, {"group_column", TEXTOID},
	{"order_column", TEXTOID}, {"target", TEXTOID}, {"min_coverage_pct", NUMERICOID},
	{"min_group_coverage_pct", NUMERICOID}, {"min_dish_coverage_pct", NUMERICOID},
	{"max_orphan_pct", NUMERICOID}, {"gate_on", TEXTOID}, {"batch_size", INT4OID},
	{"max_cross_restaurant_pct", NUMERICOID}, {"strict", BOOLOID}, {"lock", TEXTOID},
	{"backup", TEXTOID}, {"max_backup_age", INTERVALOID}, {"lock_timeout", TEXTOID},
	{"stability", INTERVALOID}, {"deploy", BOOLOID}
};

/* A task that is to be carried out. */
typedef struct TaskCall
{
	TicketRun  *run;
	const TicketTask *task;
	Finding    *finding;
} TaskCall;

static void require_options(const TicketRun *run);
static void require_option(const TicketRun *run, const char *name);
static void require_option_value(const TicketOption *option, char *value);
static void say_which_option(void *name);
static void claim_ticket(int no);
static void face_obstacles(TicketRun *run);
static void refuse_to_begin(const TicketRun *run, const List *obstacles);
static void report_obstacle(TicketRun *run, const Obstacle *obstacle);
static void carry_out_task(TicketRun *run, const TicketTask *task);
static void call_task(void *arg);
static void conclude(TicketRun *run, TimestampTz start);
static void record(const TicketRun *run, const char *status, const char *verdict,
				   TimestampTz start);


/*
 * Runs a ticket; a row per check, and the verdict.  Raises an error when it may
 * not begin.  What fails while it runs is in the rows, and recorded.
 */
Datum
menuca_ticket(PG_FUNCTION_ARGS)
{
	TimestampTz start = GetCurrentTimestamp();
	TicketRun	run = {
		.no = argument_int4(fcinfo, 0, "no"),
		.dry_run = argument_bool(fcinfo, 2, "dry_run"),
		.forced = argument_bool(fcinfo, 3, "force"),
		.rows.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo
	};

	argument_require(fcinfo, 1, "options");
	run.options = PG_GETARG_JSONB_P(1);
	run.reason = argument_text_or_null(fcinfo, 4);
	if (run.no < 0 || run.no >= TICKET_COUNT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no ticket %d", run.no),
				 errdetail("They are 0 to %d. Nothing was done.", TICKET_COUNT - 1),
				 errhint("SELECT * FROM menuca_status();")));
	if (run.forced && (run.reason == NULL || run.reason[strspn(run.reason, " \t\n")] == '\0'))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("force needs a reason"),
				 errdetail("It goes into the log, in the words that you give. Nothing was done."),
				 errhint("menuca_ticket(%d, force => true, reason => '...')", run.no)));
	require_options(&run);

	run.environment = environment_require();
	initStringInfo(&run.checks);
	if (!run.dry_run)
	{
		query_require_writable("menuca_ticket()");
		query_require_read_committed("menuca_ticket()");
		claim_ticket(run.no);
	}
	InitMaterializedSRF(fcinfo, 0);

	face_obstacles(&run);
	for (const TicketTask *task = ticket_list[run.no].tasks; task->name; task++)
		carry_out_task(&run, task);
	conclude(&run, start);

	return (Datum) 0;
}

/*
 * An option that no ticket knows, or a value that is none of its type, is a
 * slip of the pen: it is refused before anything is done.
 */
static void
require_options(const TicketRun *run)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(run->options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object"),
				 errhint("menuca_ticket(%d, '{\"max_orphan_pct\": 20}')", run->no)));
	iterator = JsonbIteratorInit(&run->options->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			require_option(run, pnstrdup(value.val.string.val, value.val.string.len));
	}
}

static void
require_option(const TicketRun *run, const char *name)
{
	StringInfoData names;

	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(options); i++)
	{
		if (strcmp(options[i].name, name) == 0)
		{
			require_option_value(&options[i], ticket_option(run, name));
			return;
		}
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", options[i].name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown option \"%s\"", name),
			 errdetail("The options are: %s. Nothing was done.", names.data),
			 errhint("Correct its name, or leave it away.")));
}

/* Raises the type's own error, and says which option it is about. */
static void
require_option_value(const TicketOption *option, char *value)
{
	ErrorContextCallback context = {error_context_stack, say_which_option, unconstify(char *, option->name)};
	Oid			input;
	Oid			param;

	if (value == NULL)
		return;
	error_context_stack = &context;
	getTypeInputInfo(option->type, &input, &param);
	(void) OidInputFunctionCall(input, value, param, -1);
	error_context_stack = context.previous;
}

static void
say_which_option(void *name)
{
	errcontext("option \"%s\" of menuca_ticket(); nothing was done", (char *) name);
}

/* Nobody else may run the same ticket; status shows it as IN_PROGRESS. */
static void
claim_ticket(int no)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, TICKET_LOCK_KEY, no, 2);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("ticket %s is being run by another session", ticket_number(no)),
				 errdetail("Nothing was done."),
				 errhint("Wait for it: SELECT * FROM menuca_status();")));
}

/*
 * What is in the way ends it, unless the run is forced.  A dry run only says
 * so.
 */
static void
face_obstacles(TicketRun *run)
{
	List	   *obstacles = ticket_obstacles(run);
	ListCell   *lc;

	if (obstacles && !run->dry_run &&
		!(run->forced && ((Obstacle *) linitial(obstacles))->overridable))
		refuse_to_begin(run, obstacles);
	foreach(lc, obstacles)
		report_obstacle(run, lfirst(lc));
}

/* The first obstacle is the error, the others are told with it. */
static void
refuse_to_begin(const TicketRun *run, const List *obstacles)
{
	const Obstacle *first = linitial(obstacles);
	StringInfoData others;
	ListCell   *lc;

	initStringInfo(&others);
	for_each_from(lc, obstacles, 1)
		appendStringInfo(&others, "%s%s", others.len > 0 ? "; " : " Also in the way: ",
						 ((Obstacle *) lfirst(lc))->message);
	ereport(ERROR,
			(errcode(first->sqlstate),
			 errmsg("ticket %s may not begin: %s", ticket_number(run->no), first->message),
			 errdetail("Nothing was done.%s%s", others.data, others.len > 0 ? "." : ""),
			 errhint("%s", first->hint)));
}

static void
report_obstacle(TicketRun *run, const Obstacle *obstacle)
{
	Finding		finding = {
		.status = CHECK_FAIL,
		.expected = "the ticket may begin",
		.actual = obstacle->message,
		.remedy = obstacle->hint
	};

	if (run->forced && obstacle->overridable)
		ticket_override(run, &finding);
	ticket_report(run, "prerequisite", "Prerequisite", &finding);
}

static void
carry_out_task(TicketRun *run, const TicketTask *task)
{
	Finding		finding = {0};
	TaskCall	call = {run, task, &finding};
	ErrorData  *error;

	run->at_gate = task->kind == TASK_GATE;
	if (task->kind == TASK_ACTS && (run->dry_run || ticket_has_failed(run)))
	{
		finding.status = CHECK_SKIP;
		finding.actual = run->dry_run ? "not done: a dry run" : "not done: a check before it has failed";
		ticket_report(run, task->name, task->title ? task->title : task->name, &finding);
		return;
	}

	error = attempt(call_task, &call);
	if (error && strncmp(unpack_sql_state(error->sqlerrcode), "MC", 2) == 0)
	{
		/* Refused, not broken */
		memset(&finding, 0, sizeof(Finding));
		finding.status = CHECK_FAIL;
		finding.expected = "nothing refuses";
		finding.actual = psprintf("%s (SQLSTATE %s)", error->message, unpack_sql_state(error->sqlerrcode));
		finding.detail = error->detail;
		finding.remedy = error->hint;
	}
	else if (error)
		finding_of_error(&finding, error);
	if (task->title || error)
		ticket_report(run, task->name, task->title ? task->title : task->name, &finding);
}

static void
call_task(void *arg)
{
	TaskCall   *call = arg;

	call->task->run(call->run, call->finding);
}

/* The verdict over all rows, recorded unless it is a dry run. */
static void
conclude(TicketRun *run, TimestampTz start)
{
	Finding		verdict;
	const char *status;

	finding_rows_summary(&run->rows, &verdict);
	status = !ticket_has_failed(run) ? "COMPLETE" :
		run->waiting && run->rows.counts[CHECK_ERROR] == 0 && run->rows.counts[CHECK_FAIL] == run->waits ?
		"IN_PROGRESS" : "FAILED";
	verdict.detail = psprintf("Ticket %s is %s%s.", ticket_number(run->no), status,
							  run->dry_run ? ", or would be: this is a dry run" : "");
	if (strcmp(status, "COMPLETE") != 0)
		verdict.remedy = psprintf("%sFollow the remedies above, then: SELECT * FROM menuca_ticket(%d);",
								  run->run_id == 0 ? "" :
								  psprintf("What it inserted is there; to undo it: SELECT * FROM menuca_rollback(%lld, dry_run => false); ",
										   (long long) run->run_id),
								  run->no);
	finding_rows_add(&run->rows, "summary", "Verdict over all checks", &verdict);
	if (!run->dry_run)
		record(run, status, finding_status_name(verdict.status), start);
}

static void
record(const TicketRun *run, const char *status, const char *verdict, TimestampTz start)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, run->environment->id);
	query_arg_int8(&args, run->no);
	query_arg_text(&args, status);
	query_arg_text(&args, verdict);
	query_arg_json(&args, psprintf("[%s]", run->checks.data));
	query_arg(&args, JSONBOID, JsonbPGetDatum(run->options), false);
	query_arg(&args, BOOLOID, BoolGetDatum(run->forced), false);
	query_arg_text(&args, run->reason);
	query_arg(&args, INT8OID, Int64GetDatum(run->run_id), run->run_id == 0);
	query_arg_text(&args, run->backup);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(start), false);
	query_write(psprintf("INSERT INTO %smenuca_ticket_run (environment_id, ticket_no, status, verdict, checks,"
						 " options, forced, reason, run_id, backup, started_at)"
						 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", migrate_schema()),
				&args, NULL, NULL);
}
