/*-------------------------------------------------------------------------
 *
 * ticket_execution.c
 *	  An execution of a ticket: see ticket_execution.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_execution.h"

static void report_slot(TupleTableSlot *slot, void *arg);


void
ticket_report(TicketExecution *execution, const char *name, const char *title, const Finding *found)
{
	StringInfoData row;
	Finding		finding = *found;

	if (execution->forced && execution->at_gate && finding.status == CHECK_FAIL)
		ticket_override(execution, &finding);
	finding_rows_add(&execution->rows, name, title, &finding);

	initStringInfo(&row);
	json_begin(&row);
	json_text(&row, "name", name);
	json_text(&row, "title", title);
	json_text(&row, "status", finding_status_name(finding.status));
	json_text(&row, "expected", finding.expected);
	json_text(&row, "actual", finding.actual);
	json_text(&row, "detail", finding.detail);
	json_text(&row, "remedy", finding.remedy);
	json_raw(&row, "metadata", finding.metadata ? finding.metadata : "{}");
	json_end(&row);
	format_append(&execution->checks, ", ", "%s", row.data);
}

void
ticket_override(const TicketExecution *execution, Finding *finding)
{
	ereport(WARNING,
			(errmsg("OVERRIDDEN: %s", finding->actual),
			 errdetail("Reason: %s", execution->reason)));
	finding->status = CHECK_WARN;
	finding->detail = psprintf("OVERRIDDEN by %s: %s%s%s",
							   GetUserNameFromId(GetSessionUserId(), false), execution->reason,
							   finding->detail ? ". " : "", finding->detail ? finding->detail : "");
}

void
ticket_report_query(TicketExecution *execution, const char *sql)
{
	query_begin_snapshot();
	query_each(sql, NULL, report_slot, execution);
	query_end_snapshot();
}

void
ticket_report_trial(TicketExecution *execution, const char *sql)
{
	query_write(sql, NULL, report_slot, execution);
}

static void
report_slot(TupleTableSlot *slot, void *arg)
{
	char	   *next_step = slot_text_or_null_of(slot, "next_step");
	Finding		finding = {
		.status = finding_status_of(slot_text_of(slot, "status")),
		.expected = slot_text_or_null_of(slot, "expected"),
		.actual = slot_text_or_null_of(slot, "actual"),
		.detail = slot_text_or_null_of(slot, "detail"),
		.remedy = slot_text_or_null_of(slot, "remedy"),
		.next_step = next_step ? next_step : "",
		.metadata = slot_text_or_null_of(slot, "metadata")
	};

	ticket_report(arg, slot_text_of(slot, "name"), slot_text_of(slot, "title"), &finding);
}

void
ticket_finding_of_error(Finding *finding, const ErrorData *error)
{
	if (strncmp(unpack_sql_state(error->sqlerrcode), "MC", 2) != 0)
	{
		finding_of_error(finding, error);
		return;
	}
	memset(finding, 0, sizeof(Finding));
	finding->status = CHECK_FAIL;
	finding->expected = "it is not refused";
	finding->actual = psprintf("%s (SQLSTATE %s)", error->message, unpack_sql_state(error->sqlerrcode));
	finding->detail = error->detail;
	finding->remedy = error->hint;
}

Datum
ticket_run_ids(const TicketExecution *execution)
{
	int64		runs[FIX_PARTS];
	int			n = 0;

	for (int i = 0; i < FIX_PARTS; i++)
	{
		if (execution->fix[i].run_id != 0)
			runs[n++] = execution->fix[i].run_id;
	}
	return query_int8_array(runs, NULL, n);
}

bool
ticket_has_failed(const TicketExecution *execution)
{
	return execution->rows.counts[CHECK_FAIL] > 0 || execution->rows.counts[CHECK_ERROR] > 0;
}

char *
ticket_option(const TicketExecution *execution, const char *name)
{
	QueryArgs	args = {0};

	query_arg(&args, JSONBOID, JsonbPGetDatum(execution->options), false);
	query_arg_text(&args, name);
	return query_text("SELECT $1 ->> $2", &args);
}

bool
ticket_option_is_given(const TicketExecution *execution, const char *name)
{
	QueryArgs	args = {0};

	query_arg(&args, JSONBOID, JsonbPGetDatum(execution->options), false);
	query_arg_text(&args, name);
	return query_bool("SELECT $1 ? $2", &args);
}

/* menuca_ticket() has checked that the value is a boolean. */
bool
ticket_option_is_true(const TicketExecution *execution, const char *name, bool fallback)
{
	char	   *value = ticket_option(execution, name);
	bool		result = fallback;

	if (value)
		(void) parse_bool(value, &result);
	return result;
}
