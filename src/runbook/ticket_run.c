/*-------------------------------------------------------------------------
 *
 * ticket_run.c
 *	  A running ticket: see ticket_run.h.
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
#include "runbook/ticket_run.h"

static void report_slot(TupleTableSlot *slot, void *arg);


void
ticket_report(TicketRun *run, const char *name, const char *title, const Finding *found)
{
	StringInfoData row;
	Finding		finding = *found;

	if (run->forced && run->at_gate && finding.status == CHECK_FAIL)
		ticket_override(run, &finding);
	finding_rows_add(&run->rows, name, title, &finding);

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
	format_append(&run->checks, ", ", "%s", row.data);
}

void
ticket_override(const TicketRun *run, Finding *finding)
{
	ereport(WARNING,
			(errmsg("OVERRIDDEN: %s", finding->actual),
			 errdetail("Reason: %s", run->reason)));
	finding->status = CHECK_WARN;
	finding->detail = psprintf("OVERRIDDEN by %s: %s%s%s",
							   GetUserNameFromId(GetSessionUserId(), false), run->reason,
							   finding->detail ? ". " : "", finding->detail ? finding->detail : "");
}

void
ticket_report_query(TicketRun *run, const char *sql)
{
	query_begin_snapshot();
	query_each(sql, NULL, report_slot, run);
	query_end_snapshot();
}

void
ticket_report_trial(TicketRun *run, const char *sql)
{
	query_write(sql, NULL, report_slot, run);
}

static void
report_slot(TupleTableSlot *slot, void *arg)
{
	Finding		finding = {
		.status = finding_status_of(slot_text_of(slot, "status")),
		.expected = slot_text_of(slot, "expected"),
		.actual = slot_text_of(slot, "actual"),
		.detail = slot_text_of(slot, "detail"),
		.remedy = slot_text_of(slot, "remedy"),
		.metadata = slot_text_of(slot, "metadata")
	};

	ticket_report(arg, slot_text_of(slot, "name"), slot_text_of(slot, "title"), &finding);
}

bool
ticket_has_failed(const TicketRun *run)
{
	return run->rows.counts[CHECK_FAIL] > 0 || run->rows.counts[CHECK_ERROR] > 0;
}

char *
ticket_option(const TicketRun *run, const char *name)
{
	QueryArgs	args = {0};

	query_arg(&args, JSONBOID, JsonbPGetDatum(run->options), false);
	query_arg_text(&args, name);
	return query_text("SELECT $1 ->> $2", &args);
}

bool
ticket_option_is_given(const TicketRun *run, const char *name)
{
	QueryArgs	args = {0};

	query_arg(&args, JSONBOID, JsonbPGetDatum(run->options), false);
	query_arg_text(&args, name);
	return query_bool("SELECT $1 ? $2", &args);
}

/* menuca_ticket() has checked that the value is a boolean. */
bool
ticket_option_is_true(const TicketRun *run, const char *name, bool fallback)
{
	char	   *value = ticket_option(run, name);
	bool		result = fallback;

	if (value)
		(void) parse_bool(value, &result);
	return result;
}
