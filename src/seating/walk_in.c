/*-------------------------------------------------------------------------
 *
 * walk_in.c
 *	  Guests without a booking, who sit down now.
 *
 * menuca_seat_walk_in(restaurant, party_size, duration, tables, zone, start_at, force,
 * details)
 *
 * Only their own window counts: bookings that come after it are not in the way.
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
#include "seating/booking_write.h"
#include "seating/hand_rules.h"
#include "seating/seat_choice.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"

PG_FUNCTION_INFO_V1(menuca_seat_walk_in);

/* One call. */
typedef struct WalkIn
{
	BookingTime time;
	ArrayType  *wanted;			/* dining tables by hand; or NULL */
	int			force;
	bool		has_details;
	Datum		details;
	const char *asked;			/* duration and zone, for a hint */
	const char *others;			/* these, and all others */
	SeatChoice	choice;
	int			waived;
	pg_uuid_t	booking;		/* once it is inserted */
} WalkIn;

static void read_walk_in_arguments(FunctionCallInfo fcinfo, WalkIn *call);
static bool choose_for_walk_in(SeatRun *run, void *arg);
static void store_walk_in(SeatRun *run, void *arg);
static void return_walk_in(ReturnSetInfo *rsinfo, const SeatRun *run, const WalkIn *call);


/* menuca_seat_walk_in(...): one row with the booking. */
Datum
menuca_seat_walk_in(PG_FUNCTION_ARGS)
{
	WalkIn		call = {0};
	SeatRun		run = {0};

	read_walk_in_arguments(fcinfo, &call);
	run.restaurant = PG_GETARG_UUID_P(0);
	query_require_writable("menuca_seat_walk_in()");
	InitMaterializedSRF(fcinfo, 0);

	seat_run_read_floor(&run);
	call.choice.party_size = call.time.party_size;
	call.choice.start = call.time.start;
	call.choice.for_walk_in = true;
	call.choice.window = floor_reader_window(run.reader, call.time.party_size, call.time.start, call.time.has_end ? &call.time.end : NULL);
	if (!call.time.has_end)
	{
		/* The row says how long the table is theirs. */
		call.time.has_end = true;
		call.time.end = call.choice.window.end - run.reader->settings->buffer_after * USECS_PER_MINUTE;
	}
	run.by_hand = call.wanted != NULL;
	run.choose = choose_for_walk_in;
	run.store = store_walk_in;
	run.arg = &call;
	if (seat_run_or_refuse(&run) == SEAT_RUN_NONE)
		no_plan_raise(run.reader, call.choice.none, psprintf("a walk-in party of %d", call.time.party_size),
					  seating_call("SELECT * FROM menuca_plan_tables('%s', party_size => %d, start_at => %s%s);", refusal_id(run.restaurant),
								   call.time.party_size, quote_literal_cstr(refusal_instant(call.choice.none->has_next ? call.choice.none->next : call.time.start)),
								   call.asked));
	if (call.waived)
		assignment_record(run.reader, &call.booking, NULL, call.waived);
	return_walk_in((ReturnSetInfo *) fcinfo->resultinfo, &run, &call);
	return (Datum) 0;
}

static void
read_walk_in_arguments(FunctionCallInfo fcinfo, WalkIn *call)
{
	const char *example = seating_call("SELECT * FROM menuca_seat_walk_in('...', party_size => 2);");

	argument_require(fcinfo, 0, "restaurant");
	call->time.party_size = argument_int4(fcinfo, 1, "party_size");
	call->wanted = PG_ARGISNULL(3) ? NULL : PG_GETARG_ARRAYTYPE_P(3);
	call->choice.zone = PG_ARGISNULL(4) ? NULL : PG_GETARG_UUID_P(4);
	call->time.start = PG_ARGISNULL(5) ? GetCurrentTimestamp() : PG_GETARG_TIMESTAMPTZ(5);
	call->force = hand_rules_argument(fcinfo, 6);
	call->has_details = !PG_ARGISNULL(7);
	call->details = PG_GETARG_DATUM(7);
	call->asked = psprintf("%s%s", refusal_argument(fcinfo, 2, "duration"), refusal_argument(fcinfo, 4, "zone"));
	call->others = psprintf("%s%s%s", call->asked,
							PG_ARGISNULL(5) ? "" : psprintf(", start_at => %s", quote_literal_cstr(refusal_instant(call->time.start))),
							refusal_argument(fcinfo, 7, "details"));
	if (call->time.party_size < 1)
		refusal_raise_argument(psprintf("a party of %d cannot be seated", call->time.party_size), example);
	if (TIMESTAMP_NOT_FINITE(call->time.start))
		refusal_raise_argument("a booking has no infinite start", example);
	if (call->force && call->wanted == NULL)
		refusal_raise_argument("force is for dining tables that are named", example);
	if (PG_ARGISNULL(2))
		return;
	call->time.has_end = true;
	call->time.end = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(call->time.start), PG_GETARG_DATUM(2)));
	if (call->time.end <= call->time.start)
		refusal_raise_argument("a booking ends after its start", example);
}

static bool
choose_for_walk_in(SeatRun *run, void *arg)
{
	WalkIn	   *call = arg;

	run->window = call->choice.window;
	if (call->wanted)
	{
		HandQuestion question = {call->time.party_size, call->time.start, true, call->force, NULL, NULL};

		run->tables = hand_rules_tables(run->reader, call->wanted, &run->n);
		question.call = seating_call("SELECT * FROM menuca_seat_walk_in('%s', %d%s, tables => '%s'", refusal_id(run->restaurant),
									 call->time.party_size, call->others, refusal_ids(run->reader, run->tables, run->n));
		call->waived = hand_rules_require(run->reader, &question, run->tables, run->n);
		return true;
	}
	return seat_choice_find(run, &call->choice);
}

/* The booking comes with its dining tables, or not at all. */
static void
store_walk_in(SeatRun *run, void *arg)
{
	WalkIn	   *call = arg;

	booking_write_insert(run->reader, &call->time, "checked_in", call->details, call->has_details, &call->booking);
	assignment_store(run->reader, &call->booking, &run->window, run->tables, run->n, false, NULL);
}

static void
return_walk_in(ReturnSetInfo *rsinfo, const SeatRun *run, const WalkIn *call)
{
	Datum		values[6] = {0};
	bool		nulls[6] = {0};

	values[0] = UUIDPGetDatum(&call->booking);
	values[1] = assignment_ids(run->reader, run->tables, run->n);
	values[2] = assignment_numbers(run->reader, run->tables, run->n);
	values[3] = TimestampTzGetDatum(run->window.start);
	values[4] = TimestampTzGetDatum(run->window.end);
	values[5] = result_text_array(hand_rules_names(call->waived));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
