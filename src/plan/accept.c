/*-------------------------------------------------------------------------
 *
 * accept.c
 *	  Accepting figures that cannot be repaired.
 *
 * menuca_accept(figure, bound, reason, approver, expires, source, target,
 *				 id_column, dish_column, group_column, order_column)
 * menuca_withdraw_acceptance(figure, reason, target)
 *
 * An acceptance is recorded with the content of the source that it was given for,
 * by count and checksum.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/extension.h"
#include "base/extension_write.h"
#include "base/format.h"
#include "base/query.h"
#include "base/results.h"
#include "base/settings.h"
#include "plan/acceptance.h"
#include "plan/decision.h"
#include "plan/gate.h"
#include "plan/mapping_plan.h"
#include "plan/plan_call.h"
#include "source/source.h"
#include "source/source_arguments.h"

PG_FUNCTION_INFO_V1(menuca_accept);
PG_FUNCTION_INFO_V1(menuca_withdraw_acceptance);

/* The fix of each kind of source. */
static const char *const fixes[] = {
	[SOURCE_ROWS] = "menuca_fix_combos",
	[SOURCE_PHP_LISTS] = "menuca_fix_group_dishes",
	[SOURCE_JSON_LISTS] = "menuca_fix_v2_groups"
};

static char *next_after_acceptance(AcceptedFigure figure, const Target *target, const Source *source);
static AcceptedFigure require_figure(FunctionCallInfo fcinfo);
static void require_bound(FunctionCallInfo fcinfo, AcceptedFigure figure);
static void require_future(FunctionCallInfo fcinfo);
static void record_acceptance(FunctionCallInfo fcinfo, AcceptedFigure figure, const Target *target,
							  const Source *source, const PlanFigures *figures);


/* Returns what was accepted, and the next call. */
Datum
menuca_accept(PG_FUNCTION_ARGS)
{
	AcceptedFigure figure = require_figure(fcinfo);
	SourceColumns columns;
	Target	   *target;
	Source	   *source;
	PlanRequest request = {.classify_only = true,.checksums = true};
	MappingPlan *plan;
	Datum		values[2];
	bool		nulls[2] = {0};
	Acceptance	accepted = {.figure = figure};

	require_bound(fcinfo, figure);
	accepted.bound = PG_ARGISNULL(1) ? 0 : argument_numeric(fcinfo, 1, "bound");
	accepted.reason = argument_said(fcinfo, 2, "reason");
	accepted.approver = argument_said(fcinfo, 3, "approver");
	require_future(fcinfo);
	query_require_writable("menuca_accept()");

	columns = source_row_columns(fcinfo, 7);
	source = source_open_any(argument_table_or_invalid(fcinfo, 5, "source"), &columns);
	target = target_open_for(source->system, NULL, argument_text(fcinfo, 6, "target"), ACL_SELECT);
	query_begin_snapshot();
	plan = plan_make(target, source, &request);
	query_end_snapshot();
	record_acceptance(fcinfo, figure, target, source, &plan->figures);
	plan_free(plan);

	values[0] = CStringGetTextDatum(psprintf("%s: %s", acceptance_figure_name(figure), acceptance_text(&accepted)));
	values[1] = CStringGetTextDatum(next_after_acceptance(figure, target, source));
	return HeapTupleGetDatum(heap_form_tuple(result_row_type(fcinfo, "tt"), values, nulls));
}

/* Who looks at the figure again: for customers it is no matter of the fix. */
static char *
next_after_acceptance(AcceptedFigure figure, const Target *target, const Source *source)
{
	if (figure == ACCEPT_EMPTY_COMBOS || figure == ACCEPT_EQUAL_NAMES)
		return migrate_call("SELECT * FROM menuca_check_customer_view();");
	return decision_next_call(migrate_call("SELECT * FROM %s(%s);", migrate_qualify(fixes[source->kind]),
										   plan_call_arguments(target, source)));
}

/* Raises an error for what is no figure, and for what can never be accepted. */
static AcceptedFigure
require_figure(FunctionCallInfo fcinfo)
{
	char	   *name = argument_text(fcinfo, 0, "figure");
	AcceptedFigure figure;
	StringInfoData names;

	if (acceptance_figure_of_name(name, &figure))
		return figure;
	initStringInfo(&names);
	for (int i = 0; i < ACCEPTED_FIGURE_COUNT; i++)
		format_append(&names, ", ", "%s", acceptance_figure_name((AcceptedFigure) i));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" cannot be accepted", name),
			 errdetail("Figures that can be accepted are: %s. Broken references, repeated pairs, dishes of other restaurants and lost rows are never accepted. Nothing was recorded.",
					   names.data),
			 errhint("%s", migrate_call("SELECT name, status, actual, remedy FROM menuca_validate(); shows what each finding needs."))));
}

/* A figure that is judged by a number needs one, and the others must have none. */
static void
require_bound(FunctionCallInfo fcinfo, AcceptedFigure figure)
{
	bool		has_bound = acceptance_has_bound(figure);

	if (has_bound == PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 has_bound ? errmsg("%s is accepted up to a bound", acceptance_figure_name(figure)) :
				 errmsg("%s has no bound", acceptance_figure_name(figure)),
				 errdetail("Nothing was recorded."),
				 errhint("%s", acceptance_proposal(figure, figure <= ACCEPT_RESTAURANTS ? 95 : 20, ""))));
	if (figure == ACCEPT_DISTRIBUTION)
		gate_check_points("bound", argument_numeric(fcinfo, 1, "bound"));
	else if (has_bound)
		argument_check_percentage("bound", argument_numeric(fcinfo, 1, "bound"));
}

static void
require_future(FunctionCallInfo fcinfo)
{
	if (!PG_ARGISNULL(4) && PG_GETARG_TIMESTAMPTZ(4) <= GetCurrentTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("expires is in the past"),
				 errdetail("Nothing was recorded."),
				 errhint("Omit it to accept the figure until the source changes, or give a time: expires => now() + '7 days'.")));
}

static void
record_acceptance(FunctionCallInfo fcinfo, AcceptedFigure figure, const Target *target, const Source *source,
				  const PlanFigures *figures)
{
	QueryArgs	args = {0};

	query_arg_text(&args, target->schema);
	query_arg_text(&args, target->junction->name);
	query_arg_text(&args, source->name);
	query_arg_int8(&args, (int64) figures->source_rows);
	query_arg_text(&args, psprintf(UINT64_FORMAT, figures->source_checksum));
	query_arg_text(&args, acceptance_figure_name(figure));
	query_arg(&args, NUMERICOID, PG_GETARG_DATUM(1), PG_ARGISNULL(1));
	query_arg_text(&args, argument_text(fcinfo, 2, "reason"));
	query_arg_text(&args, argument_text(fcinfo, 3, "approver"));
	query_arg(&args, TIMESTAMPTZOID, PG_GETARG_DATUM(4), PG_ARGISNULL(4));
	migrate_write("menuca_acceptance",
				  psprintf("INSERT INTO %smenuca_acceptance (target_schema, target, source, source_rows, source_checksum,"
						   " figure, bound, reason, approver, expires_at)"
						   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", migrate_schema()),
				  &args, NULL, NULL);
}

/* Returns how many acceptances were withdrawn, in words. */
Datum
menuca_withdraw_acceptance(PG_FUNCTION_ARGS)
{
	AcceptedFigure figure = require_figure(fcinfo);
	char	   *reason = argument_said(fcinfo, 1, "reason");
	char	   *target = argument_text(fcinfo, 2, "target");
	QueryArgs	args = {0};
	uint64		withdrawn;

	query_require_writable("menuca_withdraw_acceptance()");
	junction_require_known(target);
	query_arg_text(&args, menuca_target_schema);
	query_arg_text(&args, target);
	query_arg_text(&args, acceptance_figure_name(figure));
	query_arg_text(&args, reason);
	withdrawn = migrate_write("menuca_acceptance",
							  psprintf("UPDATE %smenuca_acceptance SET withdrawn_at = pg_catalog.clock_timestamp(), withdrawn_by = SESSION_USER,"
									   " withdrawn_because = $4 WHERE target_schema = $1 AND target = $2 AND figure = $3"
									   " AND withdrawn_at IS NULL", migrate_schema()),
							  &args, NULL, NULL);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s of %s withdrawn", format_things(withdrawn, "acceptance"),
											  acceptance_figure_name(figure))));
}
