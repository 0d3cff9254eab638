/*-------------------------------------------------------------------------
 *
 * finding.c
 *	  The result of a check, as a row: see finding.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "base/attempt.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/proposal.h"
#include "base/results.h"

static const char *const status_names[CHECK_STATUS_COUNT] = {
	"PASS", "WARN", "FAIL", "ERROR", "SKIP"
};


const char *
finding_status_name(FindingStatus status)
{
	return status_names[status];
}

FindingStatus
finding_status_of(const char *name)
{
	for (int i = 0; i < CHECK_STATUS_COUNT; i++)
	{
		if (strcmp(name, status_names[i]) == 0)
			return (FindingStatus) i;
	}
	return CHECK_ERROR;
}

void
finding_skip(Finding *finding, char *why, char *remedy)
{
	finding->status = CHECK_SKIP;
	finding->actual = why;
	finding->remedy = remedy;
}

void
finding_of_error(Finding *finding, const ErrorData *error)
{
	memset(finding, 0, sizeof(Finding));
	finding->status = CHECK_ERROR;
	finding->expected = "the check runs without an error";
	finding->actual = psprintf("%s (SQLSTATE %s)", error->message,
							   unpack_sql_state(error->sqlerrcode));
	finding->detail = error->detail ? error->detail :
		"An error is never a pass: the check has no result.";
	finding->remedy = error->hint ? error->hint : "Fix the cause, then run the checks again.";

	/* Code of others may have raised it, and its hint is what they wrote. */
	finding->next_step = "";
}

void
finding_rows_add(FindingRows *rows, const char *name, const char *title,
				 const Finding *finding)
{
	char	   *next_step = finding->next_step ? finding->next_step : proposal_first(finding->remedy);
	Datum		values[10];
	bool		nulls[10] = {0};

	if (next_step && *next_step == '\0')
		next_step = NULL;
	if (next_step && rows->next_step == NULL &&
		(finding->status == CHECK_FAIL || finding->status == CHECK_ERROR))
		rows->next_step = MemoryContextStrdup(rows->rsinfo->econtext->ecxt_per_query_memory, next_step);
	rows->counts[finding->status]++;
	values[0] = Int32GetDatum(++rows->number);
	values[1] = CStringGetTextDatum(name);
	values[2] = CStringGetTextDatum(title);
	values[3] = CStringGetTextDatum(status_names[finding->status]);
	values[4] = result_text(finding->expected, &nulls[4]);
	values[5] = result_text(finding->actual, &nulls[5]);
	values[6] = result_text(finding->detail, &nulls[6]);
	values[7] = result_text(finding->remedy, &nulls[7]);
	values[8] = result_text(next_step, &nulls[8]);
	values[9] = DirectFunctionCall1(jsonb_in,
									CStringGetDatum(finding->metadata ? finding->metadata : "{}"));
	tuplestore_putvalues(rows->rsinfo->setResult, rows->rsinfo->setDesc, values, nulls);
}

void
finding_rows_summary(const FindingRows *rows, Finding *finding)
{
	const int  *counts = rows->counts;
	StringInfoData actual;
	StringInfoData metadata;

	memset(finding, 0, sizeof(Finding));
	initStringInfo(&actual);
	initStringInfo(&metadata);
	json_begin(&metadata);
	for (int i = 0; i < CHECK_STATUS_COUNT; i++)
	{
		appendStringInfo(&actual, "%s%d %s", i > 0 ? ", " : "", counts[i], status_names[i]);
		json_count(&metadata, status_names[i], counts[i]);
	}
	json_end(&metadata);

	finding->expected = "no FAIL and no ERROR";
	finding->actual = actual.data;
	finding->metadata = metadata.data;
	finding->next_step = rows->next_step;
	if (counts[CHECK_FAIL] > 0 || counts[CHECK_ERROR] > 0)
	{
		finding->status = CHECK_FAIL;
		finding->detail = "NO-GO";
		finding->remedy = "Follow the remedies of the rows with FAIL or ERROR, then run the checks again.";
	}
	else if (counts[CHECK_WARN] > 0)
	{
		finding->status = CHECK_WARN;
		finding->detail = "GO once a person has accepted the warnings";
		finding->remedy = "Read the rows with WARN and decide.";
	}
	else if (counts[CHECK_PASS] == 0)
	{
		finding->status = CHECK_SKIP;
		finding->detail = "nothing could be checked";
	}
	else
		finding->detail = "GO";
}

void
finding_rows_add_summary(FindingRows *rows, char *otherwise)
{
	Finding		summary;

	finding_rows_summary(rows, &summary);
	if (summary.next_step == NULL)
		summary.next_step = otherwise;
	finding_rows_add(rows, "summary", "Summary of all checks", &summary);
}

/* State of finding_rows_run(). */
typedef struct CheckCall
{
	const FindingCheck *check;
	void	   *subject;
	Finding    *finding;
} CheckCall;

static void
call_check(void *arg)
{
	CheckCall  *call = arg;

	call->check->run(call->subject, call->finding);
}

void
finding_rows_run(FindingRows *rows, const FindingCheck *checks, int n, void *subject)
{
	for (int i = 0; i < n; i++)
	{
		Finding		finding = {0};
		CheckCall	call = {&checks[i], subject, &finding};
		ErrorData  *error = attempt(call_check, &call);

		if (error)
			finding_of_error(&finding, error);
		finding_rows_add(rows, checks[i].name, checks[i].title, &finding);
	}
}
