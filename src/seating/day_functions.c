/*-------------------------------------------------------------------------
 *
 * day_functions.c
 *	  A service day's seating as rows.
 *
 * menuca_auto_assign_day(restaurant, date, dry_run, move), menuca_day_result(restaurant,
 * date, move), menuca_replay_day(restaurant, date, settings)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/format.h"
#include "base/query.h"
#include "seating/assignment.h"
#include "seating/day_outcome.h"
#include "seating/day_run.h"
#include "seating/day_seating.h"
#include "seating/local_time.h"
#include "seating/seating_extension.h"
#include "seating/seating_numeric.h"
#include "seating/seating_refusal.h"

PG_FUNCTION_INFO_V1(menuca_auto_assign_day);
PG_FUNCTION_INFO_V1(menuca_day_result);
PG_FUNCTION_INFO_V1(menuca_replay_day);

/* Columns that menuca_day_result() and menuca_replay_day() share. */
#define RESULT_COLUMNS 12

/* Dates whose instants, and those of the days beside them, are timestamps. */
#define LEAST_DATE (DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE + 2)
#define GREATEST_DATE (TIMESTAMP_END_JULIAN - POSTGRES_EPOCH_JDATE - 3)

static DayMode move_argument(FunctionCallInfo fcinfo, int place);
static DateADT date_argument(FunctionCallInfo fcinfo, int place, const FloorReader *reader);
static void return_seat(ReturnSetInfo *rsinfo, const FloorReader *reader, const DaySeat *seat);
static void return_unreadable(ReturnSetInfo *rsinfo, const UnreadableBooking *booking);
static void tell(const FloorReader *reader, const DaySeating *seating, DayMode mode, bool dry_run);
static char *others_of(const DaySeating *seating);
static void result_values(const DaySeating *seating, Datum *values, bool *nulls);
static List *replay_variants(FunctionCallInfo fcinfo, int place);
static void replay(ReturnSetInfo *rsinfo, FunctionCallInfo fcinfo, Jsonb *settings);


/* menuca_auto_assign_day(...): a row per booking. */
Datum
menuca_auto_assign_day(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		dry_run = argument_bool(fcinfo, 2, "dry_run");
	DayMode		mode = move_argument(fcinfo, 3);
	const FloorReader *reader;
	const DaySeating *seating;
	DateADT		date;
	ListCell   *lc;

	argument_require(fcinfo, 0, "restaurant");
	if (!dry_run)
		query_require_writable("menuca_auto_assign_day(dry_run := false)");
	reader = floor_reader_read(PG_GETARG_UUID_P(0));
	date = date_argument(fcinfo, 1, reader);
	if (dry_run)
	{
		DayQuestion question = {date, mode, false};

		seating = day_seating_find(reader, &question);
	}
	else
	{
		DayRun	   *run = day_run(PG_GETARG_UUID_P(0), date, mode);

		reader = run->reader;
		seating = run->seating;
	}
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < seating->nbookings; i++)
		return_seat(rsinfo, reader, &seating->seats[i]);
	foreach(lc, seating->unreadable)
		return_unreadable(rsinfo, lfirst(lc));
	tell(reader, seating, mode, dry_run);
	return (Datum) 0;
}

static DayMode
move_argument(FunctionCallInfo fcinfo, int place)
{
	char	   *move = argument_text(fcinfo, place, "move");

	if (move && strcmp(move, "none") == 0)
		return DAY_KEEP;
	if (move && strcmp(move, "unlocked") == 0)
		return DAY_MOVE;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 move ? errmsg("move cannot be \"%s\"", move) : errmsg("move cannot be NULL"),
			 errdetail("It is none: what is assigned stays where it is; or unlocked: bookings that are not locked may get other dining tables."),
			 errhint("%s", seating_call("SELECT * FROM menuca_auto_assign_day('...', move => 'unlocked');"))));
}

/* The current service day by default. */
static DateADT
date_argument(FunctionCallInfo fcinfo, int place, const FloorReader *reader)
{
	DateADT		date = PG_ARGISNULL(place) ? local_time_service_day(GetCurrentTimestamp(), reader->zone) : PG_GETARG_DATEADT(place);

	if (DATE_NOT_FINITE(date) || date < LEAST_DATE || date > GREATEST_DATE)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("a service day has a date that instants can have"),
				 errdetail("Dates go from 4713 BC to 294276, and are not infinite."),
				 errhint("Omit date for the current one.")));
	return date;
}

static void
return_seat(ReturnSetInfo *rsinfo, const FloorReader *reader, const DaySeat *seat)
{
	const Booking *booking = seat->of->booking;
	DayOutcome	outcome = day_outcome_of(reader, seat);
	Datum		values[8] = {0};
	bool		nulls[8] = {0};

	values[0] = UUIDPGetDatum(&booking->id);
	values[1] = Int32GetDatum(booking->party_size);
	values[2] = TimestampTzGetDatum(booking->start);
	values[3] = CStringGetTextDatum(outcome.outcome);
	nulls[4] = nulls[5] = nulls[6] = seat->ntables == 0;
	if (seat->ntables > 0)
	{
		values[4] = assignment_ids(reader, seat->tables, seat->ntables);
		values[5] = assignment_numbers(reader, seat->tables, seat->ntables);
		values[6] = seating_numeric_of(seat->score);
	}
	values[7] = CStringGetTextDatum(outcome.reason);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* What is wrong with it is all that can be said. */
static void
return_unreadable(ReturnSetInfo *rsinfo, const UnreadableBooking *booking)
{
	Datum		values[8] = {0};
	bool		nulls[8] = {false, !booking->has_party_size, !booking->has_start, false, true, true, true, false};

	values[0] = UUIDPGetDatum(&booking->id);
	values[1] = Int32GetDatum(booking->party_size);
	values[2] = TimestampTzGetDatum(booking->start);
	values[3] = CStringGetTextDatum("unreadable");
	values[7] = CStringGetTextDatum(booking->reason);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* The whole of it in one sentence, and the call that writes it. */
static void
tell(const FloorReader *reader, const DaySeating *seating, DayMode mode, bool dry_run)
{
	char	   *others = others_of(seating);

	ereport(NOTICE,
			(seating->nbookings == 0 ? errmsg("no booking of %s waits for dining tables", refusal_date(seating->date)) :
			 errmsg("%s of %s %s seated, %s, %s by several dining tables%s",
					format_count(seating->seated), format_things(seating->nbookings, "booking"), dry_run ? "would be" : "are",
					seating->proven ? "which is proven to be the most" :
					psprintf("and no seating has more than %s", format_count(seating->bound)),
					format_count(seating->combinations),
					mode == DAY_MOVE ? psprintf(", %s moved", format_count(seating->moved)) : ""),
			 *others ? errdetail_internal("%s", others) : 0,
			 dry_run && seating->seated > 0 ?
			 errhint("Nothing was written. To write it: %s",
					 seating_call("SELECT * FROM menuca_auto_assign_day('%s', '%s', dry_run => false%s);", refusal_id(&reader->restaurant),
								  refusal_date(seating->date), mode == DAY_MOVE ? ", move => 'unlocked'" : "")) : 0));
}

/* Sentences about bookings that are not decided about. */
static char *
others_of(const DaySeating *seating)
{
	int			unreadable = list_length(seating->unreadable);

	return psprintf("%s%s%s",
					seating->kept == 0 ? "" : seating->kept == 1 ? "1 further booking keeps its dining tables." :
					psprintf("%s further bookings keep their dining tables.", format_count(seating->kept)),
					seating->kept > 0 && unreadable > 0 ? " " : "",
					unreadable == 0 ? "" : unreadable == 1 ? "1 booking is unreadable: its reason says why." :
					psprintf("%s bookings are unreadable: their reasons say why.", format_count(unreadable)));
}

/* menuca_day_result(...): one row. */
Datum
menuca_day_result(PG_FUNCTION_ARGS)
{
	DayQuestion question = {.mode = move_argument(fcinfo, 2)};
	const FloorReader *reader;
	TupleDesc	tupdesc;
	Datum		values[RESULT_COLUMNS] = {0};
	bool		nulls[RESULT_COLUMNS] = {0};

	argument_require(fcinfo, 0, "restaurant");
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	reader = floor_reader_read(PG_GETARG_UUID_P(0));
	question.date = date_argument(fcinfo, 1, reader);
	result_values(day_seating_find(reader, &question), values, nulls);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc), values, nulls)));
}

static void
result_values(const DaySeating *seating, Datum *values, bool *nulls)
{
	values[0] = DateADTGetDatum(seating->date);
	values[1] = Int32GetDatum(seating->nbookings);
	values[2] = Int32GetDatum(seating->seated);
	values[3] = Int32GetDatum(seating->bound);
	values[4] = BoolGetDatum(seating->proven);
	values[5] = seating_numeric_of(seating->score);
	nulls[6] = !seating->has_score_bound;
	if (seating->has_score_bound)
		values[6] = seating_numeric_of(seating->score_bound);
	values[7] = BoolGetDatum(seating->score_proven);
	values[8] = Int32GetDatum(seating->combinations);
	values[9] = Int32GetDatum(seating->moved);
	values[10] = Int32GetDatum(seating->kept);
	values[11] = Int32GetDatum(list_length(seating->unreadable));
}

/* menuca_replay_day(...): a row per variant of the settings. */
Datum
menuca_replay_day(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *variants;
	ListCell   *lc;

	argument_require(fcinfo, 0, "restaurant");
	variants = replay_variants(fcinfo, 2);
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, variants)
	{
		CHECK_FOR_INTERRUPTS();
		replay(rsinfo, fcinfo, lfirst(lc));
	}
	return (Datum) 0;
}

/* The argument is one object of settings, an array of such objects, or NULL for those in effect. */
static List *
replay_variants(FunctionCallInfo fcinfo, int place)
{
	Jsonb	   *settings = PG_ARGISNULL(place) ? NULL : PG_GETARG_JSONB_P(place);
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	List	   *variants = NIL;

	if (settings == NULL || !JB_ROOT_IS_ARRAY(settings) || JB_ROOT_IS_SCALAR(settings))
		return list_make1(settings);
	iterator = JsonbIteratorInit(&settings->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM)
			variants = lappend(variants, JsonbValueToJsonb(&value));
	}
	return variants;
}

static void
replay(ReturnSetInfo *rsinfo, FunctionCallInfo fcinfo, Jsonb *settings)
{
	const FloorReader *reader = floor_reader_read_with(NULL, PG_GETARG_UUID_P(0), settings);
	DayQuestion question = {.date = date_argument(fcinfo, 1, reader),.mode = DAY_REPLAY};
	const DaySeating *seating = day_seating_find(reader, &question);
	Datum		values[RESULT_COLUMNS] = {0};
	bool		nulls[RESULT_COLUMNS] = {0};
	int			were_seated = 0;

	for (int i = 0; i < seating->nbookings; i++)
		were_seated += seating->seats[i].of->booking->has_tables;
	result_values(seating, values, nulls);
	values[9] = Int32GetDatum(were_seated);
	values[10] = Int32GetDatum(list_length(seating->unreadable));
	nulls[11] = settings == NULL;
	values[11] = settings ? JsonbPGetDatum(settings) : (Datum) 0;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
