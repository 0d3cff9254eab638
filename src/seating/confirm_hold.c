/*-------------------------------------------------------------------------
 *
 * confirm_hold.c
 *	  The dining tables of a hold for a booking.
 *
 * menuca_confirm_hold(hold, booking, idempotency_key, force)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/arguments.h"
#include "base/query.h"
#include "base/sqlstate.h"
#include "seating/assignment.h"
#include "seating/assignment_key.h"
#include "seating/booking_state.h"
#include "seating/hand_rules.h"
#include "seating/seat_lock.h"
#include "seating/seat_run.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"

PG_FUNCTION_INFO_V1(menuca_confirm_hold);

/* One call. */
typedef struct ConfirmHold
{
	const pg_uuid_t *hold_id;
	SeatHold   *hold;			/* as it was read; NULL when it is gone */
	char	   *key;
	int			force;
	Booking    *booking;
	int			waived;
} ConfirmHold;

static void require_hold(const SeatRun *run, const ConfirmHold *call);
static bool choose_held(SeatRun *run, void *arg);
static void store_held(SeatRun *run, void *arg);
static Datum held_ids(const SeatHold *hold);


/* menuca_confirm_hold(...): one row, as menuca_assign_tables() has. */
Datum
menuca_confirm_hold(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ConfirmHold call = {0};
	SeatRun		run = {0};
	pg_uuid_t	restaurant;
	const SeatingSchema *schema;
	AssignedTables *assigned;
	char	   *before;
	bool		known = false;

	argument_require(fcinfo, 0, "hold");
	argument_require(fcinfo, 1, "booking");
	call.hold_id = run.hold = PG_GETARG_UUID_P(0);
	run.booking = PG_GETARG_UUID_P(1);
	call.key = assignment_key_argument(fcinfo, 2);
	call.force = hand_rules_argument(fcinfo, 3);
	query_require_writable("menuca_confirm_hold()");
	InitMaterializedSRF(fcinfo, 0);

	run.schema = schema = seating_schema_find();
	seat_lock_require_booking(schema, run.booking, &restaurant);
	run.restaurant = &restaurant;
	seat_run_read_floor(&run);
	call.booking = booking_state_read(run.reader, run.booking);
	call.hold = schema->holds ? seat_lock_hold(schema, call.hold_id, false) : NULL;
	if (call.key)
	{
		int			n = 0;
		const pg_uuid_t **ids = palloc((list_length(call.hold ? call.hold->table_ids : NIL) + 1) * sizeof(pg_uuid_t *));
		ListCell   *lc;

		foreach(lc, call.hold ? call.hold->table_ids : NIL)
			ids[n++] = lfirst(lc);
		known = assignment_key_known(&restaurant, call.key, run.booking, n > 0 ? ids : NULL, n);
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
		booking_state_raise(run.reader, call.booking, "no hold is confirmed for it");
	require_hold(&run, &call);
	before = assignment_image(run.reader, run.booking);
	run.by_hand = true;
	run.choose = choose_held;
	run.store = store_held;
	run.arg = &call;
	seat_run_or_refuse(&run);
	if (call.waived)
		assignment_record(run.reader, run.booking, before, call.waived);
	assignment_return(rsinfo, run.reader, run.booking, run.tables, run.n, &run.window, "assigned", call.waived);
	return (Datum) 0;
}

static void
require_hold(const SeatRun *run, const ConfirmHold *call)
{
	const SeatHold *hold = call->hold;
	const char *reason = NULL;

	if (hold == NULL || hold->expired)
		seat_lock_raise_expired(call->hold_id, hold);
	if (hold->has_booking && memcmp(&hold->booking, run->booking, UUID_LEN) != 0)
		reason = psprintf("It is for booking %s.", refusal_id(&hold->booking));
	else if (memcmp(&hold->restaurant, run->restaurant, UUID_LEN) != 0)
		reason = psprintf("It is of restaurant %s, the booking of %s.", refusal_id(&hold->restaurant), refusal_id(run->restaurant));
	else if (hold->table_ids == NIL)
		reason = "It has no dining tables.";
	if (reason)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_HELD),
				 errmsg("hold %s is not for booking %s", refusal_id(&hold->id), refusal_id(run->booking)),
				 errdetail("%s Nothing was changed.", reason),
				 errhint("%s", seating_call("SELECT * FROM menuca_auto_assign('%s');", refusal_id(run->booking)))));
}

static bool
choose_held(SeatRun *run, void *arg)
{
	ConfirmHold *call = arg;
	HandQuestion question = {call->booking->party_size, call->booking->start, false, call->force, NULL, NULL};

	question.call = seating_call("SELECT * FROM menuca_confirm_hold('%s', '%s'", refusal_id(call->hold_id), refusal_id(run->booking));
	run->tables = hand_rules_tables(run->reader, DatumGetArrayTypeP(held_ids(call->hold)), &run->n);
	run->window = call->booking->window;
	call->waived = hand_rules_require(run->reader, &question, run->tables, run->n);
	return true;
}

static Datum
held_ids(const SeatHold *hold)
{
	Datum	   *ids = palloc((list_length(hold->table_ids) + 1) * sizeof(Datum));
	ListCell   *lc;

	foreach(lc, hold->table_ids)
		ids[foreach_current_index(lc)] = UUIDPGetDatum(lfirst(lc));
	return PointerGetDatum(construct_array(ids, list_length(hold->table_ids), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

/* The hold is looked at again, now that nobody else can take its dining tables. */
static void
store_held(SeatRun *run, void *arg)
{
	const ConfirmHold *call = arg;
	SeatHold   *hold = seat_lock_hold(run->reader->schema, call->hold_id, true);
	Datum		id = UUIDPGetDatum(call->hold_id);

	if (hold == NULL || hold->expired)
		seat_lock_raise_expired(call->hold_id, hold);
	seat_lock_delete_holds(run->reader->schema, &id, 1);
	assignment_store(run->reader, run->booking, &run->window, run->tables, run->n, false, call->key);
}
