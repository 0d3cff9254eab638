/*-------------------------------------------------------------------------
 *
 * seat_run.c
 *	  Choosing dining tables and taking them: see seat_run.h.
 *
 * Each attempt is a subtransaction: when it fails, its locks are given back, so that a
 * session waits for dining tables only while it holds none of another attempt, and the
 * order of locks, by id, holds within each.
 *
 * The end: an attempt fails only when another session has committed, or when a constraint
 * refuses or whole transactions wait for each other, which blocks a dining table for the
 * rest of the run.  So sessions cannot make each other fail
 * without one of them getting on, and MAX_ATTEMPTS is a limit for the unlucky.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"

#include "base/attempt.h"
#include "base/compat.h"
#include "base/query.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "seating/seat_lock.h"
#include "seating/seat_run.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/taken_table.h"

/* Far more than sessions that want the same dining tables at the same moment. */
#define MAX_ATTEMPTS 200

/* By hand there is nothing else to choose: this is for a floor that changes. */
#define MAX_ATTEMPTS_BY_HAND 5

static void try_seat(void *arg);
static bool may_try_again(SeatRun *run, const ErrorData *error);
static void block_tables(SeatRun *run);
static void block_row(TupleTableSlot *slot, void *arg);
pg_noreturn static void raise_circle(const SeatRun *run);


SeatOutcome
seat_run(SeatRun *run)
{
	for (;;)
	{
		ErrorData  *error;
		bool		chosen;

		CHECK_FOR_INTERRUPTS();
		seat_run_read_floor(run);
		query_begin_snapshot();
		chosen = run->choose(run, run->arg);
		query_end_snapshot();
		if (!chosen)
			return run->circle ? SEAT_RUN_CONFLICT : SEAT_RUN_NONE;
		run->attempts++;
		error = attempt(try_seat, run);
		if (error == NULL)
			return SEAT_RUN_DONE;
		if (!may_try_again(run, error))
			ReThrowError(error);
		run->exact = true;
		if (run->attempts >= (run->by_hand ? MAX_ATTEMPTS_BY_HAND : MAX_ATTEMPTS))
			return SEAT_RUN_CONFLICT;
	}
}

void
seat_run_read_floor(SeatRun *run)
{
	if (run->reader && !run->changed)
		return;
	query_begin_snapshot();
	run->reader = floor_reader_read_with(run->schema, run->restaurant, NULL);
	query_end_snapshot();
	run->blocked = palloc0(run->reader->floor.ntables + 1);
	run->changed = false;
}

/* Called in an attempt. */
static void
try_seat(void *arg)
{
	SeatRun    *run = arg;
	OccupiedExcept except = {run->booking, run->hold};

	if (!seat_lock_tables(run->reader, run->tables, run->n))
	{
		run->changed = true;
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_TAKEN),
				 errmsg("the floor has changed")));
	}
	taken_table_require_free(run->reader, &run->window, &except, run->tables, run->n, run->by_hand);
	run->store(run, run->arg);
}

/* A constraint's refusal in a transaction with its own query snapshot is what that does not show. */
static bool
may_try_again(SeatRun *run, const ErrorData *error)
{
	switch (error->sqlerrcode)
	{
		case ERRCODE_T_R_DEADLOCK_DETECTED:
			if (run->by_hand)
				raise_circle(run);
			run->circle = true;
			for (int i = 0; i < run->n; i++)
				run->blocked[run->tables[i]] = true;
			return true;
		case ERRCODE_EXCLUSION_VIOLATION:
			if (IsolationUsesXactSnapshot())
				taken_raise_serialization("a dining table was given to somebody else");
			block_tables(run);
			return true;
		case ERRCODE_MENUCA_TAKEN:
		case ERRCODE_MENUCA_HELD:
			return run->changed || !run->by_hand;
	}
	return false;
}

/*
 * A constraint of the users may count more than the planner does, such as rows of
 * bookings that are over: dining tables with any row in the window are not chosen again.
 */
static void
block_tables(SeatRun *run)
{
	QueryArgs	args = {.keep = true};
	uint64		rows;

	query_arg(&args, UUIDOID, UUIDPGetDatum(run->restaurant), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(run->window.start), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(run->window.end), false);
	query_arg_uuid(&args, run->booking);
	taken_look_begin();
	rows = query_each(psprintf("SELECT a.table_id FROM %s a JOIN %s t ON t.id = a.table_id WHERE t.restaurant_id = $1"
							   " AND a.start_at < $3 AND $2 < a.end_at AND a.booking_id IS DISTINCT FROM $4",
							   run->reader->schema->assignments, run->reader->schema->dining_tables), &args, block_row, run);
	taken_look_end();
	if (rows > 0)
		return;
	for (int i = 0; i < run->n; i++)
		run->blocked[run->tables[i]] = true;
}

static void
block_row(TupleTableSlot *slot, void *arg)
{
	SeatRun    *run = arg;
	int			index = floor_reader_table(run->reader, DatumGetUUIDP(slot_datum(slot, 0, UUIDOID)));

	if (index >= 0)
		run->blocked[index] = true;
}

/* Only whole transactions of several calls can wait for each other. */
static void
raise_circle(const SeatRun *run)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_TAKEN),
			 errmsg_plural("another session is taking dining table %s", "another session is taking dining tables %s", run->n,
						   refusal_numbers(run->reader, run->tables, run->n)),
			 errdetail("It waits for what this transaction has taken already. Nothing was changed by this call."),
			 errhint("COMMIT; then call it again.")));
}

SeatOutcome
seat_run_or_refuse(SeatRun *run)
{
	SeatOutcome outcome = seat_run(run);

	if (outcome == SEAT_RUN_CONFLICT)
		ereport(ERROR,
				(errcode(ERRCODE_MENUCA_TAKEN),
				 errmsg_plural("dining table %s is taken", "dining tables %s are taken", run->n,
							   refusal_numbers(run->reader, run->tables, run->n)),
				 errdetail("Another session, or a constraint of table %s, does not let them be had from %s. Nothing was changed.",
						   run->reader->schema->assignments, refusal_window(run->reader, run->window.start, run->window.end)),
				 run->booking ? errhint("%s", seating_call("SELECT * FROM menuca_auto_assign('%s');", refusal_id(run->booking))) :
				 errhint("SELECT * FROM %s ORDER BY start_at;", run->reader->schema->assignments)));
	return outcome;
}
