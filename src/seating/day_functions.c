/*-------------------------------------------------------------------------
 *
 * day_functions.c
 *	  A service day's seating as rows.
 *
 * menuca_auto_assign_day(restaurant, date, dry_run, move), menuca_day_result(restaurant,
 * date, move)
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
#include "base/results.h"
#include "seating/day_problem.h"
#include "seating/local_time.h"
#include "seating/seating_extension.h"
#include "seating/seating_numeric.h"

PG_FUNCTION_INFO_V1(menuca_auto_assign_day);
PG_FUNCTION_INFO_V1(menuca_day_result);

static FloorReader *read_day_arguments(FunctionCallInfo fcinfo, int move_place, DateADT *date);
static void return_seat(ReturnSetInfo *rsinfo, const FloorReader *reader, const DaySeat *seat);


/* menuca_auto_assign_day(...): a row per booking. */
Datum
menuca_auto_assign_day(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	DateADT		date;
	FloorReader *reader = read_day_arguments(fcinfo, 3, &date);
	DaySeating *seating;

	if (!argument_bool(fcinfo, 2, "dry_run"))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a service day is not assigned yet, only planned"),
				 errhint("%s", seating_call("SELECT * FROM menuca_auto_assign_day('...');"))));
	seating = day_problem_solve(reader, date);
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < seating->nbookings; i++)
		return_seat(rsinfo, reader, &seating->seats[i]);
	return (Datum) 0;
}

/* The restaurant, date and move of both functions. */
static FloorReader *
read_day_arguments(FunctionCallInfo fcinfo, int move_place, DateADT *date)
{
	FloorReader *reader;
	char	   *move;

	argument_require(fcinfo, 0, "restaurant");
	move = argument_text(fcinfo, move_place, "move");
	if (strcmp(move, "none") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("move cannot be \"%s\"", move),
				 errdetail("It can be none: what is assigned stays where it is."),
				 errhint("%s", seating_call("SELECT * FROM menuca_auto_assign_day('...');"))));
	reader = floor_reader_read(PG_GETARG_UUID_P(0));
	*date = PG_ARGISNULL(1) ? local_time_service_day(GetCurrentTimestamp(), reader->zone) : PG_GETARG_DATEADT(1);
	if (DATE_NOT_FINITE(*date))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("a service day has a date"),
				 errhint("Omit date for the current one.")));
	return reader;
}

static void
return_seat(ReturnSetInfo *rsinfo, const FloorReader *reader, const DaySeat *seat)
{
	Datum		values[8] = {0};
	bool		nulls[8] = {0};
	Datum	   *ids = palloc((seat->ntables + 1) * sizeof(Datum));
	List	   *numbers = NIL;

	for (int i = 0; i < seat->ntables; i++)
	{
		ids[i] = UUIDPGetDatum(&reader->table_ids[seat->tables[i]]);
		numbers = lappend(numbers, unconstify(char *, reader->floor.tables[seat->tables[i]].number));
	}
	values[0] = UUIDPGetDatum(&seat->booking->id);
	values[1] = Int32GetDatum(seat->booking->party_size);
	values[2] = TimestampTzGetDatum(seat->booking->start);
	values[3] = CStringGetTextDatum(seat->ntables > 0 ? "planned" : "none");
	nulls[4] = nulls[5] = nulls[6] = seat->ntables == 0;
	if (seat->ntables > 0)
	{
		values[4] = PointerGetDatum(construct_array(ids, seat->ntables, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
		values[5] = result_text_array(numbers);
		values[6] = seating_numeric_of(seat->score);
	}
	values[7] = CStringGetTextDatum(seat->ntables > 0 ? "the best evening has it there" :
									"the evening is full: others can be seated in its place only");
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* menuca_day_result(...): one row. */
Datum
menuca_day_result(PG_FUNCTION_ARGS)
{
	DateADT		date;
	FloorReader *reader = read_day_arguments(fcinfo, 2, &date);
	DaySeating *seating = day_problem_solve(reader, date);
	TupleDesc	tupdesc;
	Datum		values[11] = {0};
	bool		nulls[11] = {0};

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = DateADTGetDatum(date);
	values[1] = Int32GetDatum(seating->nbookings);
	values[2] = Int32GetDatum(seating->seated);
	values[3] = Int32GetDatum(seating->bound);
	values[4] = BoolGetDatum(seating->proven);
	values[5] = seating_numeric_of(seating->score);
	values[6] = seating_numeric_of(seating->score_bound);
	values[7] = BoolGetDatum(seating->score_proven);
	values[8] = Int32GetDatum(seating->combinations);
	values[9] = Int32GetDatum(0);
	values[10] = Int32GetDatum(seating->unreadable);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc), values, nulls)));
}
