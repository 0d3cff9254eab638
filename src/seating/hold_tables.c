/*-------------------------------------------------------------------------
 *
 * hold_tables.c
 *	  Dining tables that are kept for somebody who is still choosing.
 *
 * menuca_hold_tables(restaurant, tables, start_at, duration, party_size, booking, ttl, force),
 * menuca_extend_hold(hold, ttl), menuca_release_hold(hold)
 *
 * A hold ends when the server's clock has reached expires_at: no job does it.
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
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "seating/assignment.h"
#include "seating/booking_state.h"
#include "seating/hand_rules.h"
#include "seating/seat_choice.h"
#include "seating/seat_lock.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/users_column.h"

PG_FUNCTION_INFO_V1(menuca_hold_tables);
PG_FUNCTION_INFO_V1(menuca_extend_hold);
PG_FUNCTION_INFO_V1(menuca_release_hold);

/* One call of menuca_hold_tables(). */
typedef struct HoldTables
{
	ArrayType  *wanted;			/* or NULL: the planner's choice */
	bool		has_end;
	TimestampTz end;
	bool		has_party;
	const char *asked;			/* duration and booking, for a hint */
	const char *others;			/* these, and all others */
	Datum		ttl;
	int			force;
	SeatChoice	choice;
	int			waived;
	pg_uuid_t	hold;			/* what was stored */
	TimestampTz expires_at;
} HoldTables;

static void read_hold_arguments(FunctionCallInfo fcinfo, HoldTables *call);
static Datum argument_ttl(FunctionCallInfo fcinfo, int place, const char *example);
static void complete_from_booking(const SeatRun *run, HoldTables *call);
static bool choose_for_hold(SeatRun *run, void *arg);
static void require_usable(const SeatRun *run, const HoldTables *call);
static void store_hold(SeatRun *run, void *arg);
static void take_hold_row(TupleTableSlot *slot, void *arg);
static void return_hold(ReturnSetInfo *rsinfo, const SeatRun *run, const HoldTables *call);
static const SeatingSchema *require_holds(void);


/* menuca_hold_tables(...): one row with the hold. */
Datum
menuca_hold_tables(PG_FUNCTION_ARGS)
{
	HoldTables	call = {0};
	SeatRun		run = {0};

	read_hold_arguments(fcinfo, &call);
	run.restaurant = PG_GETARG_UUID_P(0);
	run.booking = PG_ARGISNULL(5) ? NULL : PG_GETARG_UUID_P(5);
	query_require_writable("menuca_hold_tables()");
	InitMaterializedSRF(fcinfo, 0);

	require_holds();
	if (run.booking)
	{
		pg_uuid_t	restaurant;

		seat_lock_require_booking(require_holds(), run.booking, &restaurant);
	}
	seat_run_read_floor(&run);
	if (run.booking)
		complete_from_booking(&run, &call);
	call.choice.window = floor_reader_window(run.reader, Max(call.choice.party_size, 1), call.choice.start, call.has_end ? &call.end : NULL);
	run.by_hand = call.wanted != NULL;
	run.choose = choose_for_hold;
	run.store = store_hold;
	run.arg = &call;
	if (seat_run_or_refuse(&run) == SEAT_RUN_NONE)
		no_plan_raise(run.reader, call.choice.none, psprintf("a hold for a party of %d", call.choice.party_size),
					  seating_call("SELECT * FROM menuca_plan_tables('%s', party_size => %d, start_at => %s%s);", refusal_id(run.restaurant), call.choice.party_size,
								   quote_literal_cstr(refusal_instant(call.choice.none->has_next ? call.choice.none->next : call.choice.start)), call.asked));
	return_hold((ReturnSetInfo *) fcinfo->resultinfo, &run, &call);
	return (Datum) 0;
}

static void
read_hold_arguments(FunctionCallInfo fcinfo, HoldTables *call)
{
	const char *example = seating_call("SELECT * FROM menuca_hold_tables('...', '{...}', '2026-01-31 19:00+00', party_size => 4);");

	argument_require(fcinfo, 0, "restaurant");
	argument_require(fcinfo, 2, "start_at");
	call->wanted = PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1);
	call->choice.start = PG_GETARG_TIMESTAMPTZ(2);
	call->has_party = !PG_ARGISNULL(4);
	call->choice.party_size = call->has_party ? PG_GETARG_INT32(4) : 0;
	call->ttl = argument_ttl(fcinfo, 6, example);
	call->force = hand_rules_argument(fcinfo, 7);
	call->asked = psprintf("%s%s", refusal_argument(fcinfo, 3, "duration"), refusal_argument(fcinfo, 5, "booking"));
	call->others = psprintf("%s%s", call->asked, refusal_argument(fcinfo, 6, "ttl"));
	if (TIMESTAMP_NOT_FINITE(call->choice.start))
		refusal_raise_argument("a hold has no infinite start", example);
	if (call->has_party && call->choice.party_size < 1)
		refusal_raise_argument(psprintf("a party of %d cannot be seated", call->choice.party_size), example);
	if (!call->has_party && PG_ARGISNULL(5) && (PG_ARGISNULL(3) || call->wanted == NULL))
		refusal_raise_argument("a hold is for a party_size, for a booking, or for tables that are named and a duration", example);
	if (call->force && call->wanted == NULL)
		refusal_raise_argument("force is for dining tables that are named", example);
	if (PG_ARGISNULL(3))
		return;
	call->has_end = true;
	call->end = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(call->choice.start), PG_GETARG_DATUM(3)));
	if (call->end <= call->choice.start)
		refusal_raise_argument("a hold ends after its start", example);
}

/* A time to live: more than nothing, and not for ever. */
static Datum
argument_ttl(FunctionCallInfo fcinfo, int place, const char *example)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz end;

	argument_require(fcinfo, place, "ttl");
	end = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(now), PG_GETARG_DATUM(place)));
	if (end <= now || end > now + USECS_PER_DAY + USECS_PER_HOUR)
		refusal_raise_argument("ttl must be more than 0, and a day at most", example);
	return PG_GETARG_DATUM(place);
}

/* What the call does not say about the party, its booking does. */
static void
complete_from_booking(const SeatRun *run, HoldTables *call)
{
	const Booking *booking = booking_state_read(run->reader, run->booking);

	if (!booking_state_is_seated(booking))
		booking_state_raise(run->reader, booking, "nothing is held for it");
	if (!call->has_party)
		call->choice.party_size = booking->party_size;
	call->has_party = true;
	if (!call->has_end && booking->start == call->choice.start)
	{
		call->has_end = true;
		call->end = booking->window.end - run->reader->settings->buffer_after * USECS_PER_MINUTE;
	}
}

static bool
choose_for_hold(SeatRun *run, void *arg)
{
	HoldTables *call = arg;

	run->window = call->choice.window;
	if (call->wanted)
	{
		HandQuestion question = {call->choice.party_size, call->choice.start, false, call->force, NULL, NULL};

		run->tables = hand_rules_tables(run->reader, call->wanted, &run->n);
		if (!call->has_party)
		{
			require_usable(run, call);
			return true;
		}
		question.call = seating_call("SELECT * FROM menuca_hold_tables('%s', '%s', %s, party_size => %d%s", refusal_id(run->restaurant),
									 refusal_ids(run->reader, run->tables, run->n), quote_literal_cstr(refusal_instant(call->choice.start)),
									 call->choice.party_size, call->others);
		call->waived = hand_rules_require(run->reader, &question, run->tables, run->n);
		return true;
	}
	return seat_choice_find(run, &call->choice);
}

/* Without a party, all rules about one are for the confirmation. */
static void
require_usable(const SeatRun *run, const HoldTables *call)
{
	HandQuestion question = {1, call->choice.start, false, -1, "", NULL};

	hand_rules_require(run->reader, &question, run->tables, run->n);
}

static void
store_hold(SeatRun *run, void *arg)
{
	HoldTables *call = arg;
	const SeatingSchema *schema = run->reader->schema;
	bool		has_booking = users_column_exists("table_holds", "booking_id");
	bool		has_zone = users_column_exists("table_holds", "zone_id");
	int			zone = run->reader->floor.tables[run->tables[0]].zone;
	List	   *deferred = users_column_begin_immediate(list_make2("table_holds", "table_hold_members"));
	QueryArgs	args = {.keep = true};

	query_arg(&args, UUIDOID, UUIDPGetDatum(run->restaurant), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(run->window.start), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(run->window.end), false);
	query_arg(&args, INTERVALOID, call->ttl, false);
	query_arg_uuid(&args, run->booking);
	query_arg_uuid(&args, zone >= 0 ? &run->reader->zone_ids[zone] : NULL);
	query_write(psprintf("INSERT INTO %s (restaurant_id, start_at, end_at, expires_at%s%s)"
						 " VALUES ($1, $2, $3, pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) $4%s%s) RETURNING id, expires_at",
						 schema->holds, has_booking ? ", booking_id" : "", has_zone ? ", zone_id" : "",
						 has_booking ? ", $5" : "", has_zone ? ", $6" : ""), &args, take_hold_row, call);
	memset(&args, 0, sizeof(args));
	query_arg(&args, UUIDOID, UUIDPGetDatum(&call->hold), false);
	query_arg(&args, UUIDARRAYOID, assignment_ids(run->reader, run->tables, run->n), false);
	query_write(psprintf("INSERT INTO %s (hold_id, table_id) SELECT $1, u.id FROM (SELECT pg_catalog.unnest($2) AS id) u ORDER BY u.id",
						 schema->hold_members), &args, NULL, NULL);
	users_column_end_immediate(deferred);
}

static void
take_hold_row(TupleTableSlot *slot, void *arg)
{
	HoldTables *call = arg;

	call->hold = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	call->expires_at = slot_time(slot, 1);
}

static void
return_hold(ReturnSetInfo *rsinfo, const SeatRun *run, const HoldTables *call)
{
	Datum		values[7] = {0};
	bool		nulls[7] = {0};

	values[0] = UUIDPGetDatum(&call->hold);
	values[1] = assignment_ids(run->reader, run->tables, run->n);
	values[2] = assignment_numbers(run->reader, run->tables, run->n);
	values[3] = TimestampTzGetDatum(run->window.start);
	values[4] = TimestampTzGetDatum(run->window.end);
	values[5] = TimestampTzGetDatum(call->expires_at);
	values[6] = result_text_array(hand_rules_names(call->waived));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static const SeatingSchema *
require_holds(void)
{
	const SeatingSchema *schema = seating_schema_find();

	if (schema->holds == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there are no tables table_holds and table_hold_members"),
				 errdetail("Holds are kept in them. Nothing was changed."),
				 errhint("%s", seating_call("SELECT * FROM menuca_auto_assign('...');"))));
	return schema;
}

/* menuca_extend_hold(hold, ttl): when it expires now. */
Datum
menuca_extend_hold(PG_FUNCTION_ARGS)
{
	const SeatingSchema *schema;
	SeatHold   *hold;
	QueryArgs	args = {.keep = true};
	Datum		ttl;
	HoldTables	call = {0};

	argument_require(fcinfo, 0, "hold");
	ttl = argument_ttl(fcinfo, 1, seating_call("SELECT menuca_extend_hold('...', '3 min');"));
	query_require_writable("menuca_extend_hold()");
	schema = require_holds();
	hold = seat_lock_hold(schema, PG_GETARG_UUID_P(0), true);
	if (hold == NULL || hold->expired)
		seat_lock_raise_expired(PG_GETARG_UUID_P(0), hold);
	query_arg(&args, UUIDOID, PG_GETARG_DATUM(0), false);
	query_arg(&args, INTERVALOID, ttl, false);
	query_write(psprintf("UPDATE %s h SET expires_at = GREATEST(h.expires_at, pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) $2)"
						 " WHERE h.id OPERATOR(pg_catalog.=) $1 RETURNING h.id, h.expires_at", schema->holds), &args, take_hold_row, &call);
	PG_RETURN_TIMESTAMPTZ(call.expires_at);
}

/* menuca_release_hold(hold): false when it was not there any more. */
Datum
menuca_release_hold(PG_FUNCTION_ARGS)
{
	const SeatingSchema *schema;
	SeatHold   *hold;
	Datum		id;

	argument_require(fcinfo, 0, "hold");
	query_require_writable("menuca_release_hold()");
	schema = require_holds();
	hold = seat_lock_hold(schema, PG_GETARG_UUID_P(0), true);
	if (hold == NULL)
		PG_RETURN_BOOL(false);
	id = UUIDPGetDatum(&hold->id);
	seat_lock_delete_holds(schema, &id, 1);
	PG_RETURN_BOOL(!hold->expired);
}
