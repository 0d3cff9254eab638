/*-------------------------------------------------------------------------
 *
 * seating_rollout.c
 *	  The next stage of the rollout.
 *
 * menuca_seating_rollout(percent, dry_run, force, reason)
 * menuca_seating_rollout(restaurant, dry_run, force, reason)
 * menuca_seating_reach()
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/uuid.h"

#include "base/arguments.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/query.h"
#include "base/results.h"
#include "base/sqlstate.h"
#include "rollout/rollout_gate.h"
#include "seating/seating_extension.h"
#include "seating/seating_schema.h"

PG_FUNCTION_INFO_V1(menuca_seating_rollout);
PG_FUNCTION_INFO_V1(menuca_seating_rollout_restaurant);
PG_FUNCTION_INFO_V1(menuca_seating_reach);

/* One call. */
typedef struct RolloutCall
{
	bool		dry_run;
	char	   *reason;			/* forced: in the caller's words; or NULL */
	char	   *for_real;
	const RolloutStage *current;	/* NULL: no rollout has begun */
	RolloutStage stage;			/* that is wanted */
	int64		reached;		/* restaurants that were in, and will be */
	int64		reaches;
	List	   *failures;		/* texts: what refuses it */
	const char *status;
} RolloutCall;

static void read_rollout_arguments(FunctionCallInfo fcinfo, RolloutCall *call);
static char *percent_argument(FunctionCallInfo fcinfo);
static char *named_restaurants(const RolloutStage *current, const pg_uuid_t *restaurant);
static Datum roll_out(FunctionCallInfo fcinfo, RolloutCall *call);
static bool is_same_stage(const RolloutCall *call);
pg_noreturn static void raise_refused(const RolloutCall *call);
static char *failures_as_text(const RolloutCall *call);
static Datum return_stage(FunctionCallInfo fcinfo, const RolloutCall *call);
static char *next_rollout_call(const RolloutCall *call);


/* menuca_seating_rollout(percent, ...): that part of the restaurants, beside those that are named. */
Datum
menuca_seating_rollout(PG_FUNCTION_ARGS)
{
	RolloutCall call = {0};

	read_rollout_arguments(fcinfo, &call);
	call.stage.percent = percent_argument(fcinfo);
	call.stage.restaurants = call.current ? call.current->restaurants : pstrdup("{}");
	call.stage.n_restaurants = call.current ? call.current->n_restaurants : 0;
	return roll_out(fcinfo, &call);
}

/* menuca_seating_rollout(restaurant, ...): this restaurant, beside those that are in. */
Datum
menuca_seating_rollout_restaurant(PG_FUNCTION_ARGS)
{
	RolloutCall call = {0};

	read_rollout_arguments(fcinfo, &call);
	argument_require(fcinfo, 0, "restaurant");
	seating_schema_require_restaurant(seating_schema_find(), PG_GETARG_UUID_P(0));
	call.stage.percent = call.current ? call.current->percent : pstrdup("0");
	call.stage.restaurants = named_restaurants(call.current, PG_GETARG_UUID_P(0));
	call.stage.n_restaurants = (call.current ? call.current->n_restaurants : 0) +
		(call.current && strcmp(call.stage.restaurants, call.current->restaurants) == 0 ? 0 : 1);
	return roll_out(fcinfo, &call);
}

/* menuca_seating_reach(): how many restaurants there are, and are in. */
Datum
menuca_seating_reach(PG_FUNCTION_ARGS)
{
	TupleDesc	desc = result_row_type(fcinfo, "ii");
	Datum		values[2];
	bool		nulls[2] = {0};

	values[0] = Int64GetDatum(stage_reaches(NULL));
	values[1] = Int64GetDatum(stage_reaches(stage_current()));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

static void
read_rollout_arguments(FunctionCallInfo fcinfo, RolloutCall *call)
{
	bool		force = argument_bool(fcinfo, 2, "force");

	call->dry_run = argument_bool(fcinfo, 1, "dry_run");
	call->reason = force ? argument_said(fcinfo, 3, "reason") : NULL;
	call->for_real = given_call_for_real(fcinfo);
	if (!call->dry_run)
	{
		query_require_writable("menuca_seating_rollout(dry_run := false)");
		query_require_read_committed("menuca_seating_rollout");
		stage_lock();
	}
	call->current = stage_current();
}

static char *
percent_argument(FunctionCallInfo fcinfo)
{
	QueryArgs	args = {0};
	char	   *percent;

	argument_require(fcinfo, 0, "percent");
	query_arg(&args, NUMERICOID, PG_GETARG_DATUM(0), false);
	percent = query_text("SELECT round($1, 2)::text WHERE $1 BETWEEN 0 AND 100 AND ($1 = 0 OR $1 >= 1) AND $1 = round($1, 2)", &args);
	if (percent == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("percent must be 0, or between 1 and 100 with at most two decimals"),
				 errdetail("It was given as %s: ten percent is 10, not 0.1. Nothing was changed.",
						   DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(0)))),
				 errhint("%s", seating_call("SELECT * FROM menuca_seating_rollout(10);"))));
	return percent;
}

static char *
named_restaurants(const RolloutStage *current, const pg_uuid_t *restaurant)
{
	QueryArgs	args = {0};

	query_arg_text(&args, current ? current->restaurants : "{}");
	query_arg(&args, UUIDOID, UUIDPGetDatum(restaurant), false);
	return query_text("SELECT CASE WHEN $2 = ANY ($1::uuid[]) THEN $1 ELSE array_append($1::uuid[], $2)::text END", &args);
}

static Datum
roll_out(FunctionCallInfo fcinfo, RolloutCall *call)
{
	call->stage.action = "rollout";
	call->reached = stage_reaches(call->current);
	call->reaches = stage_reaches(&call->stage);
	if (is_same_stage(call))
		call->status = "unchanged";
	else
	{
		call->failures = rollout_gate_failures(call->current, &call->stage);
		if (call->failures && !call->reason && !call->dry_run)
			raise_refused(call);
		call->status = call->dry_run ? call->failures && !call->reason ? "refused" : "planned" : "begun";
		if (!call->dry_run)
			call->stage.number = stage_enter(&call->stage, call->reason, call->failures);
	}
	return return_stage(fcinfo, call);
}

static bool
is_same_stage(const RolloutCall *call)
{
	QueryArgs	args = {0};

	if (call->current == NULL)
		return false;
	query_arg_text(&args, call->stage.percent);
	query_arg_text(&args, call->current->percent);
	return strcmp(call->stage.restaurants, call->current->restaurants) == 0 &&
		query_bool("SELECT $1::numeric = $2::numeric", &args);
}

static void
raise_refused(const RolloutCall *call)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_ROLLOUT),
			 errmsg("refused: the rollout cannot go on to %s", stage_describe(&call->stage)),
			 errdetail("%s. Nothing was changed.", failures_as_text(call)),
			 errhint("%s shows what to do. To go on all the same, add force => true and a reason.", rollout_gate_call(call->failures))));
}

static char *
failures_as_text(const RolloutCall *call)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, call->failures)
		format_append(&text, "; ", "%s", (char *) lfirst(lc));
	return text.len > 0 ? text.data : NULL;
}

static Datum
return_stage(FunctionCallInfo fcinfo, const RolloutCall *call)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const RolloutStage *shown = strcmp(call->status, "unchanged") == 0 ? call->current : &call->stage;
	Datum		values[8] = {0};
	bool		nulls[8] = {0};

	InitMaterializedSRF(fcinfo, 0);
	values[0] = Int64GetDatum(shown->number);
	nulls[0] = shown->number == 0;
	values[1] = CStringGetTextDatum(call->status);
	values[2] = CStringGetTextDatum(stage_describe(&call->stage));
	values[3] = result_text(call->current ? stage_describe(call->current) : "no rollout: all restaurants", &nulls[3]);
	values[4] = Int64GetDatum(call->reached);
	values[5] = Int64GetDatum(call->reaches);
	values[6] = result_text(failures_as_text(call), &nulls[6]);
	values[7] = result_text(next_rollout_call(call), &nulls[7]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}

static char *
next_rollout_call(const RolloutCall *call)
{
	if (strcmp(call->status, "planned") == 0)
		return call->for_real;
	if (strcmp(call->status, "refused") == 0)
		return rollout_gate_call(call->failures);
	return seating_call("SELECT * FROM menuca_seating_status();");
}
