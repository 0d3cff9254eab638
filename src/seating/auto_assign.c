/*-------------------------------------------------------------------------
 *
 * auto_assign.c
 *	  The best free dining tables for a booking.
 *
 * menuca_auto_assign(booking, idempotency_key, zone)
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
#include "base/query.h"
#include "base/results.h"
#include "seating/assignment.h"
#include "seating/assignment_key.h"
#include "seating/booking_state.h"
#include "seating/no_plan.h"
#include "seating/seat_choice.h"
#include "seating/seat_lock.h"
#include "seating/seating_extension.h"
#include "seating/seating_numeric.h"
#include "seating/seating_refusal.h"

PG_FUNCTION_INFO_V1(menuca_auto_assign);

/* One call, with its result. */
typedef struct AutoAssign
{
	const pg_uuid_t *booking_id;
	char	   *key;
	const pg_uuid_t *zone;		/* only there; or NULL */
	TimestampTz began;
	pg_uuid_t	restaurant;
	Booking    *booking;		/* NULL until it is read */
	SeatRun		run;
	SeatChoice	choice;

	const char *outcome;
	char	   *reason;
	bool		has_tables;
	int			n;
	const int  *tables;
	bool		has_score;
} AutoAssign;

static void auto_assign(AutoAssign *call);
static void finish_assigned(AutoAssign *call, bool known);
static bool choose_best(SeatRun *run, void *arg);
static void store_best(SeatRun *run, void *arg);
static void finish(AutoAssign *call, const char *outcome, char *reason);
static void log_attempt(AutoAssign *call);
static void return_outcome(ReturnSetInfo *rsinfo, const AutoAssign *call);


/* menuca_auto_assign(booking, idempotency_key, zone): one row with the outcome. */
Datum
menuca_auto_assign(PG_FUNCTION_ARGS)
{
	AutoAssign	call = {0};

	call.began = GetCurrentTimestamp();
	argument_require(fcinfo, 0, "booking");
	call.booking_id = PG_GETARG_UUID_P(0);
	call.key = assignment_key_argument(fcinfo, 1);
	call.zone = PG_ARGISNULL(2) ? NULL : PG_GETARG_UUID_P(2);
	query_require_writable("menuca_auto_assign()");
	InitMaterializedSRF(fcinfo, 0);
	auto_assign(&call);
	log_attempt(&call);
	return_outcome((ReturnSetInfo *) fcinfo->resultinfo, &call);
	return (Datum) 0;
}

static void
auto_assign(AutoAssign *call)
{
	const SeatingSchema *schema = seating_schema_find();
	AssignedTables *assigned;
	SeatOutcome outcome;
	bool		known = false;

	if (!seat_lock_booking(schema, call->booking_id, &call->restaurant))
	{
		finish(call, "conflict", pstrdup("conflict: another session is changing the booking, and waits for this transaction"));
		return;
	}
	call->run.schema = schema;
	call->run.restaurant = &call->restaurant;
	call->run.booking = call->booking_id;
	seat_run_read_floor(&call->run);
	call->booking = booking_state_read(call->run.reader, call->booking_id);
	call->choice.party_size = call->booking->party_size;
	call->choice.start = call->booking->start;
	call->choice.window = call->booking->window;
	call->choice.zone = call->zone;
	if (call->key)
		known = assignment_key_known(&call->restaurant, call->key, call->booking_id, NULL, 0);

	assigned = assignment_of_locked(call->run.reader, call->booking);
	if (assigned->nrows > 0 && booking_state_is_seated(call->booking))
	{
		call->has_tables = true;
		call->n = assigned->n;
		call->tables = assigned->tables;
		finish_assigned(call, known);
		return;
	}
	if (!booking_state_may_get(call->booking))
	{
		finish(call, "state", call->booking->status ? psprintf("state: a booking that is %s gets no dining tables", call->booking->status) :
			   pstrdup("state: a booking without a status gets no dining tables"));
		return;
	}

	call->run.choose = choose_best;
	call->run.store = store_best;
	call->run.arg = call;
	outcome = seat_run(&call->run);
	if (outcome == SEAT_RUN_NONE)
		finish(call, call->choice.none->off ? "off" : "none", call->choice.none->reason);
	else if (outcome == SEAT_RUN_CONFLICT)
		finish(call, "conflict", psprintf("conflict: others were faster %d times", call->run.attempts));
	else
	{
		call->has_tables = true;
		call->has_score = true;
		call->n = call->run.n;
		call->tables = call->run.tables;
		finish(call, "assigned", psprintf("assigned: %s", refusal_numbers(call->run.reader, call->tables, call->n)));
	}
}

/* It has dining tables.  The same request again has the same answer, for the loser of a race, too. */
static void
finish_assigned(AutoAssign *call, bool known)
{
	char	   *numbers = refusal_numbers(call->run.reader, call->tables, call->n);

	if (!known)
	{
		finish(call, "already", psprintf("already: the booking has %s", numbers));
		return;
	}
	query_begin_snapshot();
	call->has_score = seat_choice_score(&call->run, &call->choice, call->tables, call->n);
	query_end_snapshot();
	finish(call, "assigned", psprintf("assigned: %s", numbers));
}

static bool
choose_best(SeatRun *run, void *arg)
{
	AutoAssign *call = arg;

	return seat_choice_find(run, &call->choice);
}

static void
store_best(SeatRun *run, void *arg)
{
	const AutoAssign *call = arg;

	assignment_store(run->reader, run->booking, &run->window, run->tables, run->n, false, call->key);
}

static void
finish(AutoAssign *call, const char *outcome, char *reason)
{
	call->outcome = outcome;
	call->reason = reason;
}

/* It is committed, or not, with the transaction. */
static void
log_attempt(AutoAssign *call)
{
	const Booking *booking = call->booking;
	const NoPlan *none = call->choice.none;
	bool		has_next = strcmp(call->outcome, "none") == 0 && none->has_next;
	QueryArgs	args = {.keep = true};

	query_arg(&args, UUIDOID, UUIDPGetDatum(call->booking_id), false);
	query_arg(&args, UUIDOID, UUIDPGetDatum(&call->restaurant), booking == NULL);
	query_arg(&args, INT4OID, booking ? Int32GetDatum(booking->party_size) : (Datum) 0, booking == NULL);
	query_arg(&args, TIMESTAMPTZOID, booking ? TimestampTzGetDatum(booking->start) : (Datum) 0, booking == NULL);
	query_arg_text(&args, call->outcome);
	query_arg_text(&args, call->reason);
	query_arg(&args, UUIDARRAYOID, call->has_tables ? assignment_ids(call->run.reader, call->tables, call->n) : (Datum) 0, !call->has_tables);
	query_arg(&args, NUMERICOID, call->has_score ? seating_numeric_of(call->choice.score) : (Datum) 0, !call->has_score);
	query_arg(&args, INT4OID, Int32GetDatum(call->run.attempts), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(call->began), false);
	query_arg(&args, TIMESTAMPTZOID, has_next ? TimestampTzGetDatum(none->next) : (Datum) 0, !has_next);
	query_arg_text(&args, call->run.reader ? call->run.reader->settings->variant : NULL);
	query_arg_uuid(&args, call->zone);
	seating_write("menuca_seating_attempt",
				  psprintf("INSERT INTO %smenuca_seating_attempt (booking_id, restaurant_id, party_size, start_at, outcome, reason,"
						   " table_ids, score, attempts, duration, next_at, variant, zone_id)"
						   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) $10, $11, $12, $13)",
						   seating_extension_schema()), &args, NULL, NULL);
}

static void
return_outcome(ReturnSetInfo *rsinfo, const AutoAssign *call)
{
	const NoPlan *none = call->choice.none;
	Datum		values[9] = {0};
	bool		nulls[9] = {0};

	values[0] = UUIDPGetDatum(call->booking_id);
	values[1] = CStringGetTextDatum(call->outcome);
	values[2] = CStringGetTextDatum(call->reason);
	nulls[3] = nulls[4] = !call->has_tables;
	if (call->has_tables)
	{
		values[3] = assignment_ids(call->run.reader, call->tables, call->n);
		values[4] = assignment_numbers(call->run.reader, call->tables, call->n);
	}
	nulls[5] = !call->has_score;
	if (call->has_score)
		values[5] = seating_numeric_of(call->choice.score);
	values[6] = Int32GetDatum(call->run.attempts);
	values[7] = result_elapsed(call->began);
	nulls[8] = strcmp(call->outcome, "none") != 0 || !none->has_next;
	if (!nulls[8])
		values[8] = TimestampTzGetDatum(none->next);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
