/*-------------------------------------------------------------------------
 *
 * assign_tables.c
 *	  Dining tables for a booking by hand, and taking them away.
 *
 * menuca_assign_tables(booking, tables, idempotency_key, force),
 * menuca_unassign_tables(booking)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/attempt.h"
#include "base/query.h"
#include "base/results.h"
#include "seating/assignment.h"
#include "seating/assignment_key.h"
#include "seating/booking_lock.h"
#include "seating/booking_state.h"
#include "seating/hand_rules.h"
#include "seating/seat_lock.h"
#include "seating/seat_run.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"

PG_FUNCTION_INFO_V1(menuca_assign_tables);
PG_FUNCTION_INFO_V1(menuca_unassign_tables);

/* One call. */
typedef struct AssignByHand
{
	ArrayType  *wanted;
	char	   *key;
	int			force;			/* rules that may be broken */
	Booking    *booking;
	int			waived;			/* rules that are */
} AssignByHand;

static void assign_by_hand(SeatRun *run, AssignByHand *call);
static bool choose_named(SeatRun *run, void *arg);
static void store_named(SeatRun *run, void *arg);
static const pg_uuid_t **array_ids(ArrayType *array, int *n);
static void remove_assignments(SeatRun *run);
static void remove_in_attempt(void *arg);
static void return_unassigned(ReturnSetInfo *rsinfo, const FloorReader *reader, const pg_uuid_t *booking,
							  const AssignedTables *assigned, const char *status);


/* menuca_assign_tables(booking, tables, idempotency_key, force): one row. */
Datum
menuca_assign_tables(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	AssignByHand call = {0};
	SeatRun		run = {0};
	pg_uuid_t	restaurant;
	AssignedTables *assigned;
	bool		known = false;

	argument_require(fcinfo, 0, "booking");
	argument_require(fcinfo, 1, "tables");
	run.booking = PG_GETARG_UUID_P(0);
	call.wanted = PG_GETARG_ARRAYTYPE_P(1);
	call.key = assignment_key_argument(fcinfo, 2);
	call.force = hand_rules_argument(fcinfo, 3);
	query_require_writable("menuca_assign_tables()");
	InitMaterializedSRF(fcinfo, 0);

	run.schema = seating_schema_find();
	seat_lock_require_booking(run.schema, run.booking, &restaurant);
	run.restaurant = &restaurant;
	seat_run_read_floor(&run);
	call.booking = booking_state_read(run.reader, run.booking);
	hand_rules_tables(run.reader, call.wanted, &run.n);
	if (call.key)
	{
		int			n;
		const pg_uuid_t **ids = array_ids(call.wanted, &n);

		known = assignment_key_known(&restaurant, call.key, run.booking, ids, n);
	}

	assigned = assignment_of_locked(run.reader, call.booking);
	if (assigned->nrows > 0 && booking_state_is_seated(call.booking))
	{
		run.tables = assigned->tables;
		run.n = assigned->n;
		run.window = assigned->window;
		assignment_return(rsinfo, run.reader, run.booking, run.tables, run.n, &run.window, known ? "assigned" : "already", 0);
		return (Datum) 0;
	}
	if (!booking_state_may_get(call.booking))
		booking_state_raise(run.reader, call.booking, "it gets no dining tables");
	assign_by_hand(&run, &call);
	assignment_return(rsinfo, run.reader, run.booking, run.tables, run.n, &run.window, "assigned", call.waived);
	return (Datum) 0;
}

static void
assign_by_hand(SeatRun *run, AssignByHand *call)
{
	char	   *before = assignment_image(run->reader, run->booking);

	run->by_hand = true;
	run->choose = choose_named;
	run->store = store_named;
	run->arg = call;
	seat_run_or_refuse(run);
	if (call->waived)
		assignment_record(run->reader, run->booking, before, call->waived);
}

static bool
choose_named(SeatRun *run, void *arg)
{
	AssignByHand *call = arg;
	HandQuestion question = {call->booking->party_size, call->booking->start, false, call->force, NULL, NULL};

	run->tables = hand_rules_tables(run->reader, call->wanted, &run->n);
	run->window = call->booking->window;
	question.call = seating_call("SELECT * FROM menuca_assign_tables('%s', '%s'", refusal_id(run->booking),
								 refusal_ids(run->reader, run->tables, run->n));
	call->waived = hand_rules_require(run->reader, &question, run->tables, run->n);
	return true;
}

static void
store_named(SeatRun *run, void *arg)
{
	const AssignByHand *call = arg;

	assignment_store(run->reader, run->booking, &run->window, run->tables, run->n, false, call->key);
}

/* They have been checked: none is NULL. */
static const pg_uuid_t **
array_ids(ArrayType *array, int *n)
{
	Datum	   *values;
	const pg_uuid_t **ids;

	deconstruct_array(array, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &values, NULL, n);
	ids = palloc((*n + 1) * sizeof(pg_uuid_t *));
	for (int i = 0; i < *n; i++)
		ids[i] = DatumGetUUIDP(values[i]);
	return ids;
}

/* menuca_unassign_tables(booking): one row with what it had. */
Datum
menuca_unassign_tables(PG_FUNCTION_ARGS)
{
	const pg_uuid_t *booking_id;
	pg_uuid_t	restaurant;
	SeatRun		run = {0};
	Booking		booking = {0};
	AssignedTables *assigned;

	argument_require(fcinfo, 0, "booking");
	booking_id = PG_GETARG_UUID_P(0);
	query_require_writable("menuca_unassign_tables()");
	InitMaterializedSRF(fcinfo, 0);

	run.schema = seating_schema_find();
	seat_lock_require_booking(run.schema, booking_id, &restaurant);
	run.restaurant = &restaurant;
	run.booking = booking_id;
	seat_run_read_floor(&run);
	booking.id = *booking_id;
	booking.status = booking_state_status(run.reader, booking_id);
	assigned = assignment_of(run.reader, booking_id);
	if (assigned->nrows > 0)
	{
		char	   *before = assignment_image(run.reader, booking_id);

		if (booking.status && strcmp(booking.status, "checked_in") == 0)
			booking_state_raise(run.reader, &booking, "its guests sit at their dining tables");
		remove_assignments(&run);
		booking_lock_end(run.reader, booking_id);
		assignment_record(run.reader, booking_id, before, 0);
		booking.status = booking_state_status(run.reader, booking_id);
	}
	return_unassigned((ReturnSetInfo *) fcinfo->resultinfo, run.reader, booking_id, assigned, booking.status);
	return (Datum) 0;
}

/*
 * Somebody who deletes them by himself has locked them, and locks the booking at his
 * commit: then one of the two must give way.
 */
static void
remove_assignments(SeatRun *run)
{
	ErrorData  *error = attempt(remove_in_attempt, run);

	if (error == NULL)
		return;
	if (error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED)
		seat_lock_raise_circle(run->booking);
	ReThrowError(error);
}

static void
remove_in_attempt(void *arg)
{
	const SeatRun *run = arg;

	assignment_remove(run->reader, run->booking);
}

static void
return_unassigned(ReturnSetInfo *rsinfo, const FloorReader *reader, const pg_uuid_t *booking,
				  const AssignedTables *assigned, const char *status)
{
	Datum		values[5] = {0};
	bool		nulls[5] = {0};

	values[0] = UUIDPGetDatum(booking);
	values[1] = CStringGetTextDatum(assigned->nrows > 0 ? "unassigned" : "none");
	values[2] = assignment_ids(reader, assigned->tables, assigned->n);
	values[3] = assignment_numbers(reader, assigned->tables, assigned->n);
	values[4] = result_text(status, &nulls[4]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
