/*-------------------------------------------------------------------------
 *
 * ticket.c
 *	  Runs a ticket of the runbook.
 *
 * menuca_ticket(no, options, dry_run, force, reason)
 *
 * First it looks for obstacles, such as the wrong environment, a ticket
 * out of order, or a missing backup.  Then it carries out the ticket's tasks,
 * each in a subtransaction of its own, so that an error becomes a row of
 * status ERROR.  Finally it records the result, passed or failed, in the same
 * transaction as the tasks' changes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/advisory_lock.h"
#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/preview.h"
#include "base/query.h"
#include "base/statement.h"
#include "runbook/impact.h"
#include "runbook/ticket_call.h"
#include "runbook/ticket_environment.h"
#include "runbook/ticket_execution.h"
#include "runbook/ticket_gates.h"
#include "runbook/ticket_list.h"
#include "runbook/ticket_open.h"
#include "runbook/ticket_options.h"
#include "runbook/ticket_state.h"

PG_FUNCTION_INFO_V1(menuca_ticket);
PG_FUNCTION_INFO_V1(menuca_preview_ticket);

/* Arguments of call_task(). */
typedef struct TaskCall
{
	TicketExecution *execution;
	const TicketTask *task;
	Finding    *finding;
} TaskCall;

static const char *options_argument(const TicketExecution *execution);
static void lock_ticket(int no);
static void handle_obstacles(TicketExecution *execution);
static void refuse_ticket(const TicketExecution *execution, const List *obstacles);
static void report_obstacle(TicketExecution *execution, const Obstacle *obstacle);
static void carry_out_task(TicketExecution *execution, const TicketTask *task);
static void call_task(void *arg);
static void conclude_ticket(TicketExecution *execution, TimestampTz start);
static char *undo_calls(const TicketExecution *execution);
static char *next_ticket_call(const TicketExecution *execution, const char *status);
static void record_execution(const TicketExecution *execution, const char *status, const char *result,
							 TimestampTz start);


/*
 * Runs a ticket; returns one row per check and a summary.  Raises an error
 * (class MC) if the ticket may not begin.  Later failures are rows, and are
 * recorded.
 */
Datum
menuca_ticket(PG_FUNCTION_ARGS)
{
	TimestampTz start = GetCurrentTimestamp();
	TicketExecution execution = {
		.no = argument_int4(fcinfo, 0, "no"),
		.dry_run = argument_bool(fcinfo, 2, "dry_run"),
		.forced = argument_bool(fcinfo, 3, "force"),
		.rows.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo
	};

	argument_require(fcinfo, 1, "options");
	execution.options = PG_GETARG_JSONB_P(1);
	execution.reason = argument_text_or_null(fcinfo, 4);
	execution.real_call = given_call_for_real(fcinfo);
	execution.dry_call = given_call_dry(fcinfo);
	if (execution.no < 0 || execution.no >= TICKET_COUNT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no ticket %d", execution.no),
				 errdetail("The tickets are 0 to %d. Nothing was done.", TICKET_COUNT - 1),
				 errhint("%s", migrate_call("SELECT * FROM menuca_status();"))));
	if (execution.forced && (execution.reason == NULL || argument_says_nothing(execution.reason)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("force needs a reason"),
				 errdetail("The reason is shown in the execution log; \"%s\" is none. Nothing was done.",
						   execution.reason ? execution.reason : ""),
				 errhint("%s", migrate_call("SELECT * FROM menuca_ticket(%d%s, dry_run => false, force => true, reason => '...');",
											execution.no, options_argument(&execution)))));
	execution.environment = ticket_environment(execution.no);
	ticket_options_require(&execution);
	execution.environment = ticket_environment_require(execution.no);
	initStringInfo(&execution.checks);
	if (!execution.dry_run)
	{
		query_require_writable("menuca_ticket()");
		query_require_read_committed("menuca_ticket()");
		statement_require_first("menuca_ticket", psprintf("ticket %d", execution.no),
								execution.real_call);
		lock_ticket(execution.no);
	}
	InitMaterializedSRF(fcinfo, 0);

	handle_obstacles(&execution);
	impact_sample(&execution, "before");
	for (const TicketTask *task = ticket_tasks(execution.environment, execution.no); task->name; task++)
		carry_out_task(&execution, task);
	impact_sample(&execution, "after");
	conclude_ticket(&execution, start);

	return (Datum) 0;
}

/* menuca_preview_ticket(no, options): its dry run, for who may only look. */
Datum
menuca_preview_ticket(PG_FUNCTION_ARGS)
{
	return preview_call(fcinfo, "menuca_ticket");
}

/* The options as the next argument of a call; "" if there are none. */
static const char *
options_argument(const TicketExecution *execution)
{
	return JB_ROOT_IS_OBJECT(execution->options) ?
		ticket_call_argument(JsonbToCString(NULL, &execution->options->root, 0)) : "";
}

/*
 * Raises an error if another session runs the same ticket.  menuca_status()
 * shows a locked ticket as IN_PROGRESS.
 */
static void
lock_ticket(int no)
{
	if (!advisory_lock_try(ADVISORY_LOCK_TICKET, no, false))
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("ticket %s is being run by another session", ticket_number(no)),
				 errdetail("Nothing was done."),
				 errhint("%s", migrate_call("Wait until it has ended: SELECT * FROM menuca_status();"))));
}

/*
 * Obstacles refuse the ticket, unless it is forced and they can be overridden.
 * A dry run only reports them.
 */
static void
handle_obstacles(TicketExecution *execution)
{
	List	   *obstacles = ticket_obstacles(execution);
	ListCell   *lc;

	if (obstacles && !execution->dry_run &&
		!(execution->forced && ((Obstacle *) linitial(obstacles))->overridable))
		refuse_ticket(execution, obstacles);
	foreach(lc, obstacles)
		report_obstacle(execution, lfirst(lc));
}

/* Raises an error about the first obstacle; the detail names the others. */
static void
refuse_ticket(const TicketExecution *execution, const List *obstacles)
{
	const Obstacle *first = linitial(obstacles);
	StringInfoData others;
	ListCell   *lc;

	initStringInfo(&others);
	for_each_from(lc, obstacles, 1)
		format_append(&others, "; ", "%s", ((Obstacle *) lfirst(lc))->message);
	ereport(ERROR,
			(errcode(first->sqlstate),
			 errmsg("ticket %s may not begin: %s", ticket_number(execution->no), first->message),
			 others.len == 0 ? errdetail("Nothing was done.") :
			 errdetail("Nothing was done. Other obstacles: %s.", others.data),
			 errhint("%s", first->hint)));
}

static void
report_obstacle(TicketExecution *execution, const Obstacle *obstacle)
{
	Finding		finding = {
		.status = CHECK_FAIL,
		.expected = "the ticket may begin",
		.actual = obstacle->message,
		.remedy = obstacle->hint
	};

	if (execution->forced && obstacle->overridable)
		ticket_override(execution, &finding);
	ticket_report(execution, "prerequisite", "Prerequisite", &finding);
}

static void
carry_out_task(TicketExecution *execution, const TicketTask *task)
{
	Finding		finding = {0};
	TaskCall	call = {execution, task, &finding};
	ErrorData  *error;

	execution->at_gate = task->kind == TASK_GATE;
	if (task->kind == TASK_ACTION && (execution->dry_run || ticket_has_failed(execution)))
	{
		finding.status = CHECK_SKIP;
		finding.actual = execution->dry_run ? "not done in a dry run" : "not done, since an earlier check failed";
		ticket_report(execution, task->name, task->title ? task->title : task->name, &finding);
		return;
	}

	error = attempt(call_task, &call);
	if (error)
	{
		ticket_finding_of_error(&finding, error);

		/* In a real run, code of others may have raised it. */
		finding.next_step = execution->dry_run ? NULL : "";
	}
	if (task->title || error)
		ticket_report(execution, task->name, task->title ? task->title : task->name, &finding);
}

static void
call_task(void *arg)
{
	TaskCall   *call = arg;

	call->task->execute(call->execution, call->finding);
}

/* Records the ticket unless it is a dry run; adds the summary of all rows. */
static void
conclude_ticket(TicketExecution *execution, TimestampTz start)
{
	Finding		summary;
	const char *status;
	TicketOpen *open = NULL;

	finding_rows_summary(&execution->rows, &summary);

	/* Where nothing could be checked, a person has to see why */
	if (summary.status == CHECK_SKIP)
		summary.status = CHECK_WARN;
	status = !ticket_has_failed(execution) ? "COMPLETE" :
		execution->rows.counts[CHECK_ERROR] == 0 && execution->rows.counts[CHECK_FAIL] == execution->waits ?
		"IN_PROGRESS" : "FAILED";
	if (!execution->dry_run)
	{
		record_execution(execution, status, finding_status_name(summary.status), start);
		open = ticket_open_first(execution->environment, execution->no);
	}
	summary.detail = psprintf(execution->dry_run ? "Ticket %s would be %s; this was a dry run." : "Ticket %s is %s.",
							  ticket_number(execution->no), status);
	if (open)
		summary.detail = psprintf("Ticket %s is %s. %s", ticket_number(execution->no),
								  open->has_failed ? "FAILED" : "IN_PROGRESS", ticket_open_sentence(open));
	if (strcmp(status, "COMPLETE") != 0)
		summary.remedy = psprintf("%sFollow the remedies above, then: %s", undo_calls(execution), execution->real_call);
	else if (execution->dry_run)
		summary.remedy = psprintf("To run it: %s", execution->real_call);
	summary.next_step = open ? open->call : next_ticket_call(execution, status);
	finding_rows_add(&execution->rows, "summary", "Summary of all checks", &summary);
}

/* How to delete what the ticket inserted, the last first; "" if it made no run. */
static char *
undo_calls(const TicketExecution *execution)
{
	StringInfoData calls;

	initStringInfo(&calls);
	for (int i = FIX_PARTS - 1; i >= 0; i--)
	{
		if (execution->fix[i].run_id != 0)
			appendStringInfoString(&calls, migrate_call("SELECT * FROM menuca_rollback(%lld, dry_run => false); ",
														(long long) execution->fix[i].run_id));
	}
	return calls.len == 0 ? calls.data :
		psprintf("The rows that the fix inserted stay; to delete them: %s", calls.data);
}

/*
 * What is in the way of a ticket is in its own rows.  A dry run shows the rows to a
 * client that has seen the summary alone.
 */
static char *
next_ticket_call(const TicketExecution *execution, const char *status)
{
	if (strcmp(status, "IN_PROGRESS") == 0 && !execution->environment->is_hosted)
		return migrate_call("SELECT menuca_monitor_sample();");
	if (strcmp(status, "COMPLETE") != 0 && execution->next_step)
		return execution->next_step;
	if (strcmp(status, "COMPLETE") != 0 && execution->rows.next_step)
		return execution->rows.next_step;
	if (strcmp(status, "COMPLETE") != 0)
		return psprintf("SELECT name, status, actual, detail, remedy, next_step FROM %s WHERE status IN ('FAIL', 'ERROR');",
						execution->dry_call);
	return execution->dry_run ? execution->real_call : migrate_call("SELECT * FROM menuca_status();");
}

static void
record_execution(const TicketExecution *execution, const char *status, const char *result, TimestampTz start)
{
	QueryArgs	args = {0};

	query_arg_int8(&args, execution->environment->id);
	query_arg_int8(&args, execution->no);
	query_arg_text(&args, status);
	query_arg_text(&args, result);
	query_arg_json(&args, psprintf("[%s]", execution->checks.data));
	query_arg(&args, JSONBOID, JsonbPGetDatum(execution->options), false);
	query_arg(&args, BOOLOID, BoolGetDatum(execution->forced), false);
	query_arg_text(&args, execution->reason);
	query_arg(&args, INT8ARRAYOID, ticket_run_ids(execution), false);
	query_arg_text(&args, execution->backup);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(start), false);
	migrate_write("menuca_ticket_execution",
				  psprintf("INSERT INTO %smenuca_ticket_execution (environment_id, ticket_no, status, result, checks,"
						   " options, forced, reason, run_ids, backup, started_at)"
						   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", migrate_schema()),
				  &args, NULL, NULL);
}
