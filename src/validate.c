/*-------------------------------------------------------------------------
 *
 * validate.c
 *	  Running the validation suite.
 *
 * menuca_validate(source, target, id_column, dish_column, group_column,
 * order_column, strict)
 *
 * The facts are gathered once; then each check of checks.c gives one row,
 * and a verdict closes the list.  Gathering and every check run in a
 * subtransaction of their own, so that one that raises an error becomes a row
 * of status ERROR and the others still run.  Nothing is written.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/resowner.h"

#include "arguments.h"
#include "checks.h"
#include "query.h"
#include "report.h"

PG_FUNCTION_INFO_V1(menuca_validate);

/* What is done in a subtransaction. */
typedef struct Attempt
{
	Facts	   *facts;
	const Check *check;			/* NULL: gather the facts */
	Finding    *finding;
	bool		alone;			/* without parallel workers */
} Attempt;

static ErrorData *attempt(const Attempt *what);
static bool source_is_empty(const Source *source);
static void fail_with_error(Finding *finding, const ErrorData *error);
static void emit(ReturnSetInfo *rsinfo, int number, const char *name,
				 const char *title, const Finding *finding);
static void emit_verdict(ReturnSetInfo *rsinfo, const int *counts);

static const char *const status_names[CHECK_STATUS_COUNT] = {
	"PASS", "WARN", "FAIL", "ERROR", "SKIP"
};


/*
 * menuca_validate(...): a row per check and the verdict.  Raises an error only
 * when there is no target to check, or on a cancel.
 */
Datum
menuca_validate(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	SourceColumns columns = source_columns(fcinfo, 2);
	Facts		facts = {0};
	Attempt		gathering = {.facts = &facts};
	ErrorData  *no_facts;
	int			counts[CHECK_STATUS_COUNT] = {0};

	facts.strict = required_bool(fcinfo, 6, "strict");
	facts.target = target_open(NULL, required_text(fcinfo, 1, "target"), ACL_SELECT);
	facts.source = source_open(optional_oid(fcinfo, 0), &columns, true);
	if (facts.source && source_is_empty(facts.source))
		facts.source = NULL;
	InitMaterializedSRF(fcinfo, 0);

	no_facts = attempt(&gathering);

	/* What made a worker fail may concern a single check. */
	if (no_facts)
	{
		gathering.alone = true;
		no_facts = attempt(&gathering);
	}
	for (int i = 0; i < checks_count; i++)
	{
		Finding		finding = {0};
		Attempt		checking = {.facts = &facts,.check = &checks[i],.finding = &finding};
		ErrorData  *error = no_facts ? no_facts : attempt(&checking);

		if (error)
			fail_with_error(&finding, error);
		counts[finding.status]++;
		emit(rsinfo, i + 1, checks[i].name, checks[i].title, &finding);
	}
	emit_verdict(rsinfo, counts);

	return (Datum) 0;
}

/* Does it in a subtransaction; returns the error that it raised, or NULL. */
static ErrorData *
attempt(const Attempt *what)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		if (what->check)
			what->check->run(what->facts, what->finding);
		else
			facts_gather(what->facts, what->alone);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;

	/* A cancel is for the whole suite. */
	if (error && error->sqlerrcode == ERRCODE_QUERY_CANCELED)
		ReThrowError(error);
	return error;
}

static bool
source_is_empty(const Source *source)
{
	return !query_bool(psprintf("SELECT EXISTS (SELECT FROM %s)", source->name), NULL);
}

static void
fail_with_error(Finding *finding, const ErrorData *error)
{
	memset(finding, 0, sizeof(Finding));
	finding->status = CHECK_ERROR;
	finding->expected = "the check can be carried out";
	finding->actual = psprintf("%s (SQLSTATE %s)", error->message,
							   unpack_sql_state(error->sqlerrcode));
	finding->detail = error->detail ? error->detail :
		"An error is never a pass: what this check looks at is unknown.";
	finding->remedy = error->hint ? error->hint : "Mend the cause and validate again.";
}

static void
emit(ReturnSetInfo *rsinfo, int number, const char *name, const char *title,
	 const Finding *finding)
{
	Datum		values[9];
	bool		nulls[9] = {0};

	values[0] = Int32GetDatum(number);
	values[1] = CStringGetTextDatum(name);
	values[2] = CStringGetTextDatum(title);
	values[3] = CStringGetTextDatum(status_names[finding->status]);
	values[4] = optional_text(finding->expected, &nulls[4]);
	values[5] = optional_text(finding->actual, &nulls[5]);
	values[6] = optional_text(finding->detail, &nulls[6]);
	values[7] = optional_text(finding->remedy, &nulls[7]);
	values[8] = DirectFunctionCall1(jsonb_in,
									CStringGetDatum(finding->metadata ? finding->metadata : "{}"));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
emit_verdict(ReturnSetInfo *rsinfo, const int *counts)
{
	Finding		finding = {0};
	StringInfoData actual;
	StringInfoData metadata;

	initStringInfo(&actual);
	initStringInfo(&metadata);
	json_begin(&metadata);
	for (int i = 0; i < CHECK_STATUS_COUNT; i++)
	{
		appendStringInfo(&actual, "%s%d %s", i > 0 ? ", " : "", counts[i], status_names[i]);
		json_count(&metadata, status_names[i], counts[i]);
	}
	json_end(&metadata);

	finding.expected = "no FAIL and no ERROR";
	finding.actual = actual.data;
	finding.metadata = metadata.data;
	if (counts[CHECK_FAIL] > 0 || counts[CHECK_ERROR] > 0)
	{
		finding.status = CHECK_FAIL;
		finding.detail = "NO-GO";
		finding.remedy = "Follow the remedies of the rows with FAIL and ERROR, then validate again.";
	}
	else if (counts[CHECK_WARN] > 0)
	{
		finding.status = CHECK_WARN;
		finding.detail = "GO once a person has accepted the warnings";
		finding.remedy = "Read the rows with WARN and decide.";
	}
	else
		finding.detail = "GO";

	emit(rsinfo, checks_count + 1, "summary", "Verdict over all checks", &finding);
}
