/*-------------------------------------------------------------------------
 *
 * booking_lock.c
 *	  What people have decided about single bookings: see booking_lock.h.
 *
 * menuca_lock_booking(booking, tables, prefers, priority, force),
 * menuca_unlock_booking(booking)
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
#include "base/slot.h"
#include "seating/assignment.h"
#include "seating/booking_lock.h"
#include "seating/booking_state.h"
#include "seating/hand_rules.h"
#include "seating/seat_lock.h"
#include "seating/seat_run.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"

PG_FUNCTION_INFO_V1(menuca_lock_booking);
PG_FUNCTION_INFO_V1(menuca_unlock_booking);

/* One call of menuca_lock_booking(). */
typedef struct LockBooking
{
	ArrayType  *tables;			/* or NULL */
	bool		prefers;		/* they are a wish */
	bool		has_priority;	/* otherwise it stays as it is */
	int			priority;
	int			force;
	Booking    *booking;
	AssignedTables *assigned;
	int			waived;
} LockBooking;

/* A row of menuca_booking_lock. */
typedef struct LockRow
{
	BookingLock lock;
	ArrayType  *wanted;			/* or NULL */
} LockRow;

static void read_lock_arguments(FunctionCallInfo fcinfo, LockBooking *call);
static void complete_priority(const SeatRun *run, LockBooking *call);
static void require_wish(const SeatRun *run, LockBooking *call);
static void require_has_tables(const SeatRun *run, const LockBooking *call);
static void take_tables(SeatRun *run, LockBooking *call);
static bool choose_locked(SeatRun *run, void *arg);
static void store_locked(SeatRun *run, void *arg);
static HandQuestion make_lock_question(const SeatRun *run, const LockBooking *call, const int *tables, int n);
static void store_lock(const SeatRun *run, const LockBooking *call);
static void return_lock(ReturnSetInfo *rsinfo, const SeatRun *run, const LockBooking *call);
static List *query_locks(const FloorReader *reader, const pg_uuid_t *booking);
static void *make_lock_row(TupleTableSlot *slot);
static void find_wished_tables(const FloorReader *reader, LockRow *row);
static int	compare_wanted_places(const void *a, const void *b, void *reader);
static char *lock_image(const pg_uuid_t *booking);
static void record_lock(const pg_uuid_t *restaurant, const char *before, const char *after);


/* menuca_lock_booking(...): one row. */
Datum
menuca_lock_booking(PG_FUNCTION_ARGS)
{
	LockBooking call = {0};
	SeatRun		run = {0};
	pg_uuid_t	restaurant;
	char	   *before;

	read_lock_arguments(fcinfo, &call);
	run.booking = PG_GETARG_UUID_P(0);
	query_require_writable("menuca_lock_booking()");
	InitMaterializedSRF(fcinfo, 0);

	run.schema = seating_schema_find();
	seat_lock_require_booking(run.schema, run.booking, &restaurant);
	run.restaurant = &restaurant;
	seat_run_read_floor(&run);
	call.booking = booking_state_read(run.reader, run.booking);
	call.assigned = assignment_of(run.reader, run.booking);
	if (!booking_state_is_seated(call.booking))
		booking_state_raise(run.reader, call.booking, "it gets no dining tables");
	before = lock_image(run.booking);
	complete_priority(&run, &call);
	if (call.prefers)
		require_wish(&run, &call);
	else if (call.tables)
		take_tables(&run, &call);
	else
		require_has_tables(&run, &call);
	store_lock(&run, &call);
	record_lock(&restaurant, before, lock_image(run.booking));
	return_lock((ReturnSetInfo *) fcinfo->resultinfo, &run, &call);
	return (Datum) 0;
}

static void
read_lock_arguments(FunctionCallInfo fcinfo, LockBooking *call)
{
	const char *example = seating_call("SELECT * FROM menuca_lock_booking('...', '{...}');");

	argument_require(fcinfo, 0, "booking");
	call->tables = PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1);
	call->prefers = argument_bool(fcinfo, 2, "prefers");
	call->has_priority = !PG_ARGISNULL(3);
	call->priority = call->has_priority ? PG_GETARG_INT32(3) : 0;
	call->force = hand_rules_argument(fcinfo, 4);
	if (call->priority < 0 || call->priority > BOOKING_LOCK_MAX_PRIORITY)
		refusal_raise_argument(psprintf("a priority of %d is not between 0 and %d", call->priority, BOOKING_LOCK_MAX_PRIORITY), example);
	if (call->force && (call->prefers || call->tables == NULL))
		refusal_raise_argument("force is for dining tables that a booking is locked to", example);
}

/* A wish for nothing, of no priority, is what every booking has. */
static void
complete_priority(const SeatRun *run, LockBooking *call)
{
	if (!call->has_priority)
	{
		const BookingLock *lock;

		query_begin_snapshot();
		lock = booking_lock_of(run->reader, run->booking);
		query_end_snapshot();
		call->priority = lock ? lock->priority : 0;
	}
	if (call->prefers && call->tables == NULL && call->priority == 0)
		refusal_raise_argument("a booking that prefers nothing needs no lock",
							   seating_call("SELECT * FROM menuca_lock_booking('%s', '{...}');", refusal_id(run->booking)));
}

/* A wish must be one that can come true at another time: the dining tables could seat the party. */
static void
require_wish(const SeatRun *run, LockBooking *call)
{
	HandQuestion question;
	int		   *tables;
	int			n;

	if (call->tables == NULL)
		return;
	tables = hand_rules_tables(run->reader, call->tables, &n);
	question = make_lock_question(run, call, tables, n);
	question.instead = seating_call("SELECT * FROM menuca_plan_tables('%s', party_size => %d, start_at => %s, booking => '%s', include_dominated => true);",
									refusal_id(run->restaurant), call->booking->party_size,
									quote_literal_cstr(refusal_instant(call->booking->start)), refusal_id(run->booking));
	hand_rules_require(run->reader, &question, tables, n);
}

static void
require_has_tables(const SeatRun *run, const LockBooking *call)
{
	if (call->assigned->nrows == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("booking %s has no dining tables that it could keep", refusal_id(run->booking)),
				 errdetail("Without tables, the lock is for those that the booking has. Nothing was changed."),
				 errhint("%s", seating_call("SELECT * FROM menuca_lock_booking('%s', '{...}');", refusal_id(run->booking)))));
}

/* It gets them now, so that nobody else does; those that it has are given back. */
static void
take_tables(SeatRun *run, LockBooking *call)
{
	char	   *before = assignment_image(run->reader, run->booking);

	run->by_hand = true;
	run->choose = choose_locked;
	run->store = store_locked;
	run->arg = call;
	seat_run_or_refuse(run);
	assignment_record(run->reader, run->booking, before, call->waived);
	call->assigned = assignment_of(run->reader, run->booking);
}

static bool
choose_locked(SeatRun *run, void *arg)
{
	LockBooking *call = arg;
	HandQuestion question;

	run->tables = hand_rules_tables(run->reader, call->tables, &run->n);
	run->window = call->booking->window;
	question = make_lock_question(run, call, run->tables, run->n);
	call->waived = hand_rules_require(run->reader, &question, run->tables, run->n);
	return true;
}

static void
store_locked(SeatRun *run, void *arg)
{
	const LockBooking *call = arg;

	assignment_store(run->reader, run->booking, &run->window, run->tables, run->n, call->assigned->nrows > 0, NULL);
}

static HandQuestion
make_lock_question(const SeatRun *run, const LockBooking *call, const int *tables, int n)
{
	HandQuestion question = {call->booking->party_size, call->booking->start, false, call->force, NULL, NULL};

	question.call = seating_call("SELECT * FROM menuca_lock_booking('%s', '%s'", refusal_id(run->booking),
								 refusal_ids(run->reader, tables, n));
	return question;
}

/* The same call again changes nothing. */
static void
store_lock(const SeatRun *run, const LockBooking *call)
{
	bool		has_wish = call->prefers && call->tables != NULL;
	QueryArgs	args = {.keep = true};

	query_arg(&args, UUIDOID, UUIDPGetDatum(run->booking), false);
	query_arg(&args, UUIDOID, UUIDPGetDatum(run->restaurant), false);
	query_arg(&args, BOOLOID, BoolGetDatum(!call->prefers), false);
	query_arg(&args, UUIDARRAYOID, PointerGetDatum(call->tables), !has_wish);
	query_arg(&args, INT4OID, Int32GetDatum(call->priority), false);
	seating_write("menuca_booking_lock",
				  psprintf("INSERT INTO %1$smenuca_booking_lock AS l (booking_id, restaurant_id, locked, prefers, priority) VALUES ($1, $2, $3, $4, $5)"
						   " ON CONFLICT (booking_id) DO UPDATE SET restaurant_id = EXCLUDED.restaurant_id, locked = EXCLUDED.locked,"
						   " prefers = EXCLUDED.prefers, priority = EXCLUDED.priority", seating_extension_schema()),
				  &args, NULL, NULL);
}

static void
return_lock(ReturnSetInfo *rsinfo, const SeatRun *run, const LockBooking *call)
{
	Datum		values[6] = {0};
	bool		nulls[6] = {0};
	const int  *tables = call->assigned->tables;
	int			n = call->assigned->n;

	if (call->prefers)
	{
		tables = NULL;
		n = 0;
		if (call->tables)
			tables = hand_rules_tables(run->reader, call->tables, &n);
	}
	values[0] = UUIDPGetDatum(run->booking);
	values[1] = CStringGetTextDatum(call->prefers ? "prefers" : "locked");
	nulls[2] = nulls[3] = n == 0;
	if (n > 0)
	{
		values[2] = assignment_ids(run->reader, tables, n);
		values[3] = assignment_numbers(run->reader, tables, n);
	}
	values[4] = Int32GetDatum(call->priority);
	values[5] = CStringGetTextDatum(seating_call("SELECT menuca_unlock_booking('%s');", refusal_id(run->booking)));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* menuca_unlock_booking(booking): whether there was something to end. */
Datum
menuca_unlock_booking(PG_FUNCTION_ARGS)
{
	const pg_uuid_t *booking;
	pg_uuid_t	restaurant;
	char	   *before;
	QueryArgs	args = {.keep = true};

	argument_require(fcinfo, 0, "booking");
	booking = PG_GETARG_UUID_P(0);
	query_require_writable("menuca_unlock_booking()");
	seat_lock_require_booking(seating_schema_find(), booking, &restaurant);
	before = lock_image(booking);
	if (before == NULL)
		PG_RETURN_BOOL(false);
	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	seating_write("menuca_booking_lock",
				  psprintf("DELETE FROM %smenuca_booking_lock WHERE booking_id OPERATOR(pg_catalog.=) $1", seating_extension_schema()),
				  &args, NULL, NULL);
	record_lock(&restaurant, before, NULL);
	PG_RETURN_BOOL(true);
}

List *
booking_lock_all(const FloorReader *reader)
{
	return query_locks(reader, NULL);
}

BookingLock *
booking_lock_of(const FloorReader *reader, const pg_uuid_t *booking)
{
	List	   *locks = query_locks(reader, booking);

	return locks ? linitial(locks) : NULL;
}

static List *
query_locks(const FloorReader *reader, const pg_uuid_t *booking)
{
	List	   *locks = NIL;
	QueryArgs	args = {.keep = true};
	ListCell   *lc;

	seating_require_readable("menuca_booking_lock");
	if (seating_is_blank("menuca_booking_lock"))
		return NIL;
	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	query_arg_uuid(&args, booking);
	foreach(lc, query_list(psprintf("SELECT l.booking_id, l.locked, l.priority, l.prefers FROM %smenuca_booking_lock l"
									" WHERE l.restaurant_id = $1 AND ($2 IS NULL OR l.booking_id = $2) ORDER BY l.booking_id",
									seating_extension_schema()), &args, make_lock_row))
	{
		LockRow    *row = lfirst(lc);

		find_wished_tables(reader, row);
		locks = lappend(locks, &row->lock);
	}
	return locks;
}

static void *
make_lock_row(TupleTableSlot *slot)
{
	LockRow    *row = palloc0(sizeof(LockRow));

	row->lock.booking = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	row->lock.locked = slot_bool(slot, 1);
	row->lock.priority = Max(0, Min(slot_int4(slot, 2), BOOKING_LOCK_MAX_PRIORITY));
	if (!slot->tts_isnull[3])
		row->wanted = DatumGetArrayTypePCopy(slot_datum(slot, 3, UUIDARRAYOID));
	return row;
}

static void
find_wished_tables(const FloorReader *reader, LockRow *row)
{
	Datum	   *ids;
	bool	   *nulls;
	int			n;

	if (row->wanted == NULL)
		return;
	deconstruct_array(row->wanted, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &ids, &nulls, &n);
	row->lock.wanted = palloc((n + 1) * sizeof(int));
	for (int i = 0; i < n; i++)
	{
		int			index = nulls[i] ? -1 : floor_reader_table(reader, DatumGetUUIDP(ids[i]));

		if (index < 0)
			return;
		row->lock.wanted[i] = index;
	}
	qsort_arg(row->lock.wanted, n, sizeof(int), compare_wanted_places, unconstify(FloorReader *, reader));
	row->lock.nwanted = n;
}

static int
compare_wanted_places(const void *a, const void *b, void *reader)
{
	const int  *place = ((const FloorReader *) reader)->floor.place;

	return place[*(const int *) a] - place[*(const int *) b];
}

void
booking_lock_end(const FloorReader *reader, const pg_uuid_t *booking)
{
	char	   *before = lock_image(booking);
	QueryArgs	args = {.keep = true};

	if (before == NULL)
		return;
	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	if (seating_write("menuca_booking_lock",
					  psprintf("DELETE FROM %smenuca_booking_lock WHERE booking_id OPERATOR(pg_catalog.=) $1 AND locked", seating_extension_schema()),
					  &args, NULL, NULL) > 0)
		record_lock(&reader->restaurant, before, NULL);
}

/* Its row as JSON, for the ledger; NULL without one. */
static char *
lock_image(const pg_uuid_t *booking)
{
	QueryArgs	args = {.keep = true};
	char	   *image;

	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	query_begin_snapshot();
	image = query_text(psprintf("SELECT to_jsonb(l)::text FROM %smenuca_booking_lock l WHERE l.booking_id = $1", seating_extension_schema()), &args);
	query_end_snapshot();
	return image;
}

static void
record_lock(const pg_uuid_t *restaurant, const char *before, const char *after)
{
	QueryArgs	args = {.keep = true};

	if (before && after && strcmp(before, after) == 0)
		return;
	query_arg(&args, UUIDOID, UUIDPGetDatum(restaurant), false);
	query_arg_json(&args, before);
	query_arg_json(&args, after);
	seating_write("menuca_seating_change",
				  psprintf("INSERT INTO %smenuca_seating_change (what, restaurant_id, before, after) VALUES ('lock', $1, $2, $3)", seating_extension_schema()),
				  &args, NULL, NULL);
}
