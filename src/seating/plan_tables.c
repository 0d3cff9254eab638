/*-------------------------------------------------------------------------
 *
 * plan_tables.c
 *	  The plans for a party, as rows.
 *
 * menuca_plan_tables(restaurant, party_size, start_at, duration, booking, zone,
 * max_plans, include_dominated)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/format.h"
#include "base/json.h"
#include "base/results.h"
#include "seating/floor_reader.h"
#include "seating/future_conflicts.h"
#include "seating/plan_question.h"
#include "seating/plan_search.h"
#include "seating/seating_extension.h"
#include "seating/seating_numeric.h"

PG_FUNCTION_INFO_V1(menuca_plan_tables);

/* Rows that one call may ask for. */
#define MAX_PLANS 10000

/* The arguments of menuca_plan_tables(). */
typedef struct PlanArguments
{
	const pg_uuid_t *restaurant;
	int			party_size;
	TimestampTz start;
	bool		has_duration;
	TimestampTz end;
	const pg_uuid_t *booking;	/* or NULL */
	const pg_uuid_t *zone;		/* or NULL */
	int			max_plans;
	bool		include_dominated;
} PlanArguments;

static void read_plan_arguments(FunctionCallInfo fcinfo, PlanArguments *arguments);
static int	require_zone(const FloorReader *reader, const pg_uuid_t *zone);
static void return_seating_plan(ReturnSetInfo *rsinfo, const FloorReader *reader, const RatedPlan *rated, int number,
								const PlanResult *result);
static Datum plan_ids(const FloorReader *reader, const SeatingPlan *plan);
static Datum plan_numbers(const FloorReader *reader, const SeatingPlan *plan);
static char *plan_parts(const RatedPlan *rated);
pg_noreturn static void refuse_plan(const char *message);


/* menuca_plan_tables(...): a row per plan, the best first.  Read only. */
Datum
menuca_plan_tables(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	PlanArguments arguments = {0};
	FloorReader *reader;
	PlanQuestion question;
	RatedPlans *rated;

	read_plan_arguments(fcinfo, &arguments);
	reader = floor_reader_read(arguments.restaurant);
	question = plan_question_make(reader, arguments.party_size, arguments.start,
								  floor_reader_window(reader, arguments.party_size, arguments.start,
													  arguments.has_duration ? &arguments.end : NULL),
								  arguments.booking);
	question.query.zone = arguments.zone ? require_zone(reader, arguments.zone) : FLOOR_NO_ZONE;
	question.query.max_plans = arguments.max_plans;
	question.query.include_dominated = arguments.include_dominated;
	rated = future_conflicts_rate(reader, &question, arguments.booking);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < rated->n; i++)
		return_seating_plan(rsinfo, reader, &rated->plans[i], i + 1, rated->result);
	return (Datum) 0;
}

static void
read_plan_arguments(FunctionCallInfo fcinfo, PlanArguments *arguments)
{
	argument_require(fcinfo, 0, "restaurant");
	argument_require(fcinfo, 2, "start_at");
	arguments->restaurant = PG_GETARG_UUID_P(0);
	arguments->party_size = argument_int4(fcinfo, 1, "party_size");
	arguments->start = PG_GETARG_TIMESTAMPTZ(2);
	arguments->has_duration = !PG_ARGISNULL(3);
	arguments->booking = PG_ARGISNULL(4) ? NULL : PG_GETARG_UUID_P(4);
	arguments->zone = PG_ARGISNULL(5) ? NULL : PG_GETARG_UUID_P(5);
	arguments->max_plans = argument_int4(fcinfo, 6, "max_plans");
	arguments->include_dominated = argument_bool(fcinfo, 7, "include_dominated");
	if (arguments->party_size < 1)
		refuse_plan(psprintf("a party of %d cannot be seated", arguments->party_size));
	if (arguments->max_plans < 1 || arguments->max_plans > MAX_PLANS)
		refuse_plan(psprintf("max_plans must be between 1 and %d", MAX_PLANS));
	if (TIMESTAMP_NOT_FINITE(arguments->start))
		refuse_plan("a booking has no infinite start");
	if (arguments->has_duration)
	{
		arguments->end = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, PG_GETARG_DATUM(2), PG_GETARG_DATUM(3)));
		if (arguments->end <= arguments->start)
			refuse_plan("a booking ends after its start");
	}
}

static int
require_zone(const FloorReader *reader, const pg_uuid_t *zone)
{
	int			number = floor_reader_zone(reader, zone);

	if (number < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("the restaurant has no zone %s", DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(zone)))),
				 errdetail("Restaurant %s has %s, and this is none of them.",
						   DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&reader->restaurant))),
						   format_things(reader->floor.nzones, "zone")),
				 errhint("SELECT id, name FROM %s;", reader->schema->zones)));
	return number;
}

static void
return_seating_plan(ReturnSetInfo *rsinfo, const FloorReader *reader, const RatedPlan *rated, int number,
					const PlanResult *result)
{
	const SeatingPlan *plan = rated->plan;
	Datum		values[14] = {0};
	bool		nulls[14] = {0};

	values[0] = Int32GetDatum(number);
	values[1] = plan_ids(reader, plan);
	values[2] = plan_numbers(reader, plan);
	nulls[3] = plan->zone < 0;
	if (plan->zone >= 0)
		values[3] = UUIDPGetDatum(&reader->zone_ids[plan->zone]);
	values[4] = Int32GetDatum(plan->ntables);
	values[5] = Int32GetDatum(plan->capacity);
	values[6] = Int32GetDatum(plan->overage);
	values[7] = Int32GetDatum(plan->adjacency);
	values[8] = seating_numeric_of(rated->score);
	values[9] = result_json(plan_parts(rated));
	values[10] = BoolGetDatum(plan->dominated);
	values[11] = Int32GetDatum(rated->conflicts);
	values[12] = Int64GetDatum(result->total_plans);
	values[13] = BoolGetDatum(result->complete);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static Datum
plan_ids(const FloorReader *reader, const SeatingPlan *plan)
{
	Datum	   *ids = palloc(plan->ntables * sizeof(Datum));

	for (int i = 0; i < plan->ntables; i++)
		ids[i] = UUIDPGetDatum(&reader->table_ids[plan->tables[i]]);
	return PointerGetDatum(construct_array(ids, plan->ntables, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

static Datum
plan_numbers(const FloorReader *reader, const SeatingPlan *plan)
{
	List	   *numbers = NIL;

	for (int i = 0; i < plan->ntables; i++)
		numbers = lappend(numbers, unconstify(char *, reader->floor.tables[plan->tables[i]].number));
	return result_text_array(numbers);
}

/* What each weight has added to the score, as a JSON object. */
static char *
plan_parts(const RatedPlan *rated)
{
	const PlanParts *parts = &rated->plan->parts;
	StringInfoData buf;

	initStringInfo(&buf);
	json_begin(&buf);
	json_raw(&buf, "overage", seating_numeric_text(parts->overage));
	json_raw(&buf, "tables", seating_numeric_text(parts->tables));
	json_raw(&buf, "adjacency", seating_numeric_text(parts->adjacency));
	json_raw(&buf, "spread", seating_numeric_text(parts->spread));
	json_raw(&buf, "priority", seating_numeric_text(parts->priority));
	json_raw(&buf, "scarcity", seating_numeric_text(parts->scarcity));
	json_raw(&buf, "lookahead", seating_numeric_text(rated->score - rated->plan->score));
	json_end(&buf);
	return buf.data;
}

static void
refuse_plan(const char *message)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s", message),
			 errdetail("A question needs 1 guest or more, a start, an end after it, or none, and 1 to %d plans.", MAX_PLANS),
			 errhint("%s", seating_call("SELECT * FROM menuca_plan_tables('...', party_size => 4, start_at => now());"))));
}
