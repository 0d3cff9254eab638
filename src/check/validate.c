/*-------------------------------------------------------------------------
 *
 * validate.c
 *	  Running the validation suite.
 *
 * menuca_validate(source, target, id_column, dish_column, group_column,
 * order_column, strict)
 *
 * The facts are gathered once; then each check of checks.c returns one row,
 * and a summary is the last row.  Gathering and each check run in a
 * subtransaction of their own: a check that raises an error becomes a row of
 * status ERROR, and the others still run.  Nothing is written.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/extension.h"
#include "base/query.h"
#include "check/checks.h"
#include "check/validation_facts.h"
#include "plan/plan_call.h"
#include "source/source.h"
#include "source/source_arguments.h"

PG_FUNCTION_INFO_V1(menuca_validate);

static ErrorData *gather_facts(Facts *facts);
static void gather_with_worker(void *arg);
static void gather_without_worker(void *arg);
static void add_error_rows(FindingRows *rows, const ErrorData *error);
static bool source_is_empty(const Source *source);


/*
 * menuca_validate(...): a row per check, and the summary.  Raises an error only
 * when there is no target to check, or on a cancel.
 */
Datum
menuca_validate(PG_FUNCTION_ARGS)
{
	FindingRows rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	SourceColumns columns = source_row_columns(fcinfo, 2);
	Facts		facts = {0};
	ErrorData  *error;

	facts.strict = argument_bool(fcinfo, 6, "strict");
	facts.target = target_open(NULL, argument_text(fcinfo, 1, "target"), ACL_SELECT);
	facts.source = source_open(argument_table_or_invalid(fcinfo, 0, "source"), &columns, true);
	facts.load_hint = source_load_hint(facts.source);
	facts.arguments = plan_call_arguments(facts.target, facts.source);
	if (facts.source && source_is_empty(facts.source))
	{
		facts.emptied = facts.source;
		facts.source = NULL;
	}
	InitMaterializedSRF(fcinfo, 0);

	error = gather_facts(&facts);
	if (error)
		add_error_rows(&rows, error);
	else
		finding_rows_run(&rows, checks, checks_count, &facts);
	finding_rows_add_summary(&rows, migrate_call("SELECT * FROM menuca_next();"));

	return (Datum) 0;
}

/*
 * Gathers the facts; returns the error if that fails.  An error of a parallel
 * worker may concern a single check only, so then it tries again without one.
 */
static ErrorData *
gather_facts(Facts *facts)
{
	if (attempt(gather_with_worker, facts) == NULL)
		return NULL;
	return attempt(gather_without_worker, facts);
}

static void
gather_with_worker(void *arg)
{
	facts_gather(arg, true);
}

static void
gather_without_worker(void *arg)
{
	facts_gather(arg, false);
}

/* Without facts no check can run: all of them report the same error. */
static void
add_error_rows(FindingRows *rows, const ErrorData *error)
{
	for (int i = 0; i < checks_count; i++)
	{
		Finding		finding;

		finding_of_error(&finding, error);
		finding_rows_add(rows, checks[i].name, checks[i].title, &finding);
	}
}

static bool
source_is_empty(const Source *source)
{
	return !query_has_rows(source->name);
}
