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

#include "fmgr.h"
#include "funcapi.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/query.h"
#include "check/checks.h"
#include "source/source_arguments.h"

PG_FUNCTION_INFO_V1(menuca_validate);

/* What is done in a subtransaction. */
typedef struct Task
{
	Facts	   *facts;
	const Check *check;			/* NULL: gather the facts */
	Finding    *finding;
	bool		alone;			/* without parallel workers */
} Task;

static void carry_out(void *arg);
static bool source_is_empty(const Source *source);


/*
 * menuca_validate(...): a row per check and the verdict.  Raises an error only
 * when there is no target to check, or on a cancel.
 */
Datum
menuca_validate(PG_FUNCTION_ARGS)
{
	FindingRows	rows = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	SourceColumns columns = source_row_columns(fcinfo, 2);
	Facts		facts = {0};
	Task		gathering = {.facts = &facts};
	ErrorData  *no_facts;

	facts.strict = argument_bool(fcinfo, 6, "strict");
	facts.target = target_open(NULL, argument_text(fcinfo, 1, "target"), ACL_SELECT);
	facts.source = source_open(argument_oid_or_invalid(fcinfo, 0), &columns, true);
	if (facts.source && source_is_empty(facts.source))
		facts.source = NULL;
	InitMaterializedSRF(fcinfo, 0);

	no_facts = attempt(carry_out, &gathering);

	/* What made a worker fail may concern a single check. */
	if (no_facts)
	{
		gathering.alone = true;
		no_facts = attempt(carry_out, &gathering);
	}
	for (int i = 0; i < checks_count; i++)
	{
		Finding		finding = {0};
		Task		checking = {.facts = &facts,.check = &checks[i],.finding = &finding};
		ErrorData  *error = no_facts ? no_facts : attempt(carry_out, &checking);

		if (error)
			finding_of_error(&finding, error);
		finding_rows_add(&rows, checks[i].name, checks[i].title, &finding);
	}
	finding_rows_add_summary(&rows);

	return (Datum) 0;
}

/* Gathers the facts, or carries out a check. */
static void
carry_out(void *arg)
{
	const Task *task = arg;

	if (task->check)
		task->check->run(task->facts, task->finding);
	else
		facts_gather(task->facts, task->alone);
}

static bool
source_is_empty(const Source *source)
{
	return !query_bool(psprintf("SELECT EXISTS (SELECT FROM %s)", source->name), NULL);
}
