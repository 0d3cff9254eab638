/*-------------------------------------------------------------------------
 *
 * move_booking.c
 *	  Another time or party for a booking, with dining tables that fit.
 *
 * menuca_move_booking(booking, start_at, party_size, duration, tables, force)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/query.h"
#include "base/results.h"
#include "seating/assignment.h"
#include "seating/booking_state.h"
#include "seating/booking_write.h"
#include "seating/hand_rules.h"
#include "seating/seat_choice.h"
#include "seating/seat_lock.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"

PG_FUNCTION_INFO_V1(menuca_move_booking);

/* One call. */
typedef struct MoveBooking
{
	TimestampTz start;
	bool		has_party;
	int			party_size;
	bool		has_duration;
	Datum		duration;
	const char *duration_argument;	/* the same, for a hint */
	ArrayType  *wanted;			/* dining tables by hand; or NULL */
	int			force;
	BookingTime time;			/* what the booking gets */
	const AssignedTables *had;
	SeatChoice	choice;
	int			waived;
} MoveBooking;

static void read_move_arguments(FunctionCallInfo fcinfo, MoveBooking *call);
static char *same_move(const SeatRun *run, const MoveBooking *call, TimestampTz start);
static void move_times(const SeatRun *run, MoveBooking *call, const Booking *booking);
static bool choose_place(SeatRun *run, void *arg);
static void store_move(SeatRun *run, void *arg);
static void return_moved(ReturnSetInfo *rsinfo, const SeatRun *run, const MoveBooking *call);


/* menuca_move_booking(...): one row with where it sits now. */
Datum
menuca_move_booking(PG_FUNCTION_ARGS)
{
	MoveBooking call = {0};
	SeatRun		run = {0};
	pg_uuid_t	restaurant;
	Booking    *booking;
	char	   *before;

	read_move_arguments(fcinfo, &call);
	run.booking = PG_GETARG_UUID_P(0);
	query_require_writable("menuca_move_booking()");
	InitMaterializedSRF(fcinfo, 0);

	run.schema = seating_schema_find();
	seat_lock_require_booking(run.schema, run.booking, &restaurant);
	run.restaurant = &restaurant;
	seat_run_read_floor(&run);
	booking = booking_state_read(run.reader, run.booking);
	if (!booking_state_is_seated(booking))
		booking_state_raise(run.reader, booking, "it cannot be moved");
	call.had = assignment_of(run.reader, run.booking);
	before = assignment_image(run.reader, run.booking);
	move_times(&run, &call, booking);

	if (call.wanted == NULL && call.had->nrows == 0 && strncmp(booking->status, "pending", 7) == 0)
	{
		booking_write_move(run.reader, run.booking, &call.time);
		run.window = call.choice.window;
	}
	else
	{
		run.by_hand = call.wanted != NULL;
		run.choose = choose_place;
		run.store = store_move;
		run.arg = &call;
		if (seat_run_or_refuse(&run) == SEAT_RUN_NONE)
			no_plan_raise(run.reader, call.choice.none, psprintf("booking %s at that time", refusal_id(run.booking)),
						  call.choice.none->has_next ?
						  same_move(&run, &call, call.choice.none->next) :
						  seating_call("SELECT * FROM menuca_plan_tables('%s', party_size => %d, start_at => %s%s, booking => '%s');", refusal_id(&restaurant),
									   call.time.party_size, quote_literal_cstr(refusal_instant(call.time.start)), call.duration_argument,
									   refusal_id(run.booking)));
	}
	assignment_record(run.reader, run.booking, before, call.waived);
	return_moved((ReturnSetInfo *) fcinfo->resultinfo, &run, &call);
	return (Datum) 0;
}

/* The call once more, for another time. */
static char *
same_move(const SeatRun *run, const MoveBooking *call, TimestampTz start)
{
	StringInfoData arguments;

	initStringInfo(&arguments);
	if (call->has_party)
		appendStringInfo(&arguments, ", party_size => %d", call->party_size);
	appendStringInfoString(&arguments, call->duration_argument);
	return seating_call("SELECT * FROM menuca_move_booking('%s', %s%s);", refusal_id(run->booking),
						quote_literal_cstr(refusal_instant(start)), arguments.data);
}

static void
read_move_arguments(FunctionCallInfo fcinfo, MoveBooking *call)
{
	const char *example = seating_call("SELECT * FROM menuca_move_booking('...', '2026-01-31 19:00+00');");

	argument_require(fcinfo, 0, "booking");
	argument_require(fcinfo, 1, "start_at");
	call->start = PG_GETARG_TIMESTAMPTZ(1);
	call->has_party = !PG_ARGISNULL(2);
	call->party_size = call->has_party ? PG_GETARG_INT32(2) : 0;
	call->has_duration = !PG_ARGISNULL(3);
	call->duration = PG_GETARG_DATUM(3);
	call->duration_argument = refusal_argument(fcinfo, 3, "duration");
	call->wanted = PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4);
	call->force = hand_rules_argument(fcinfo, 5);
	if (TIMESTAMP_NOT_FINITE(call->start))
		refusal_raise_argument("a booking has no infinite start", example);
	if (call->has_party && call->party_size < 1)
		refusal_raise_argument(psprintf("a party of %d cannot be seated", call->party_size), example);
	if (call->force && call->wanted == NULL)
		refusal_raise_argument("force is for dining tables that are named", example);
}

/* Without a duration, it stays as long as before. */
static void
move_times(const SeatRun *run, MoveBooking *call, const Booking *booking)
{
	BookingTime *time = &call->time;
	TimestampTz end;

	time->party_size = call->has_party ? call->party_size : booking->party_size;
	time->start = call->start;
	if (call->has_duration)
	{
		time->has_end = true;
		time->end = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(call->start), call->duration));
		if (time->end <= time->start)
			refusal_raise_argument("a booking ends after its start",
								   seating_call("SELECT * FROM menuca_move_booking('%s', '...', duration => '2 hours');", refusal_id(run->booking)));
	}
	else
	{
		query_begin_snapshot();
		time->has_end = booking_write_end_of(run->reader, run->booking, booking->start, &end);
		query_end_snapshot();
		if (time->has_end)
			time->end = time->start + (end - booking->start);
	}
	call->choice.party_size = time->party_size;
	call->choice.start = time->start;
	call->choice.window = floor_reader_window(run->reader, time->party_size, time->start, time->has_end ? &time->end : NULL);
}

/* Those by hand; else those that it has, if they still are a plan; else the best ones. */
static bool
choose_place(SeatRun *run, void *arg)
{
	MoveBooking *call = arg;

	run->window = call->choice.window;
	if (call->wanted)
	{
		HandQuestion question = {call->time.party_size, call->time.start, false, call->force, NULL, NULL};

		run->tables = hand_rules_tables(run->reader, call->wanted, &run->n);
		question.call = seating_call("SELECT * FROM menuca_move_booking('%s', %s, party_size => %d%s, tables => '%s'", refusal_id(run->booking),
									 quote_literal_cstr(refusal_instant(call->time.start)), call->time.party_size, call->duration_argument,
									 refusal_ids(run->reader, run->tables, run->n));
		call->waived = hand_rules_require(run->reader, &question, run->tables, run->n);
		return true;
	}
	call->had = assignment_of(run->reader, run->booking);
	if (call->had->n > 0 && call->had->n == call->had->nrows && seat_choice_fits(run, &call->choice, call->had->tables, call->had->n))
	{
		run->tables = call->had->tables;
		run->n = call->had->n;
		return true;
	}
	return seat_choice_find(run, &call->choice);
}

static void
store_move(SeatRun *run, void *arg)
{
	const MoveBooking *call = arg;

	booking_write_move(run->reader, run->booking, &call->time);
	assignment_store(run->reader, run->booking, &run->window, run->tables, run->n, true, NULL);
}

static void
return_moved(ReturnSetInfo *rsinfo, const SeatRun *run, const MoveBooking *call)
{
	Datum		values[8] = {0};
	bool		nulls[8] = {0};

	values[0] = UUIDPGetDatum(run->booking);
	values[1] = CStringGetTextDatum("moved");
	values[2] = assignment_ids(run->reader, run->tables, run->n);
	values[3] = assignment_numbers(run->reader, run->tables, run->n);
	values[4] = TimestampTzGetDatum(run->window.start);
	values[5] = TimestampTzGetDatum(run->window.end);
	values[6] = Int32GetDatum(call->time.party_size);
	values[7] = result_text_array(hand_rules_names(call->waived));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
