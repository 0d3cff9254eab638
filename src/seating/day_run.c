/*-------------------------------------------------------------------------
 *
 * day_run.c
 *	  Seating a service day for real: see day_run.h.
 *
 * All locks are taken before the seating is looked for, in the order of seat_lock.h: the
 * bookings, by id; all dining tables of the restaurant, by id.  So what it was found for
 * cannot change until it is written.  What comes meanwhile, such as a booking that was
 * committed after the locks, makes it begin again.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/fmgrprotos.h"

#include "base/attempt.h"
#include "base/query.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "seating/day_run.h"
#include "seating/day_seating.h"
#include "seating/day_store.h"
#include "seating/seat_lock.h"
#include "seating/taken_table.h"

/* Each begins again only because somebody else has committed. */
#define MAX_ATTEMPTS 20

/* Tells this advisory lock from others: the seed of the hash of restaurant and date. */
#define DAY_LOCK_SEED UINT64CONST(0x6d656e7563614459)

/* One attempt. */
typedef struct DayAttempt
{
	const pg_uuid_t *restaurant;
	DayQuestion question;
	TimestampTz began;
	DayRun	   *run;
} DayAttempt;

/* The bookings that are locked; ids stay in context. */
typedef struct LockedBookings
{
	MemoryContext context;
	List	   *ids;			/* pg_uuid_t */
} LockedBookings;

static void wait_for_other_runs(const pg_uuid_t *restaurant, DateADT date);
static void try_day(void *arg);
static List *lock_bookings(const FloorReader *reader, const DayBookings *day);
static void lock_floor(const FloorReader *reader);
static void require_visible(const FloorReader *reader, const BookingWindow *window);
static void require_locked(const DaySeating *seating, const List *locked);
static bool is_decided(const DayBooking *booking);
static bool is_locked(const List *locked, const pg_uuid_t *id);
static void collect_locked(TupleTableSlot *slot, void *arg);
static int	compare_locked_ids(const ListCell *a, const ListCell *b);
pg_noreturn static void raise_day_changed(const char *what);


DayRun *
day_run(const pg_uuid_t *restaurant, DateADT date, DayMode mode)
{
	DayAttempt	day = {restaurant, {date, mode, false}, GetCurrentTimestamp(), palloc0(sizeof(DayRun))};

	wait_for_other_runs(restaurant, date);
	for (int attempts = 1;; attempts++)
	{
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		error = attempt(try_day, &day);
		if (error == NULL)
			return day.run;
		if (attempts == MAX_ATTEMPTS || (error->sqlerrcode != ERRCODE_MENUCA_TAKEN && error->sqlerrcode != ERRCODE_T_R_DEADLOCK_DETECTED &&
										 (error->sqlerrcode != ERRCODE_EXCLUSION_VIOLATION || IsolationUsesXactSnapshot())))
			ReThrowError(error);
		if (error->sqlerrcode == ERRCODE_EXCLUSION_VIOLATION)
			day.question.all_rows = true;
	}
}

static void
wait_for_other_runs(const pg_uuid_t *restaurant, DateADT date)
{
	unsigned char key[UUID_LEN + sizeof(DateADT)];

	memcpy(key, restaurant, UUID_LEN);
	memcpy(key + UUID_LEN, &date, sizeof(DateADT));
	DirectFunctionCall1(pg_advisory_xact_lock_int8,
						Int64GetDatum((int64) hash_bytes_extended(key, sizeof(key), DAY_LOCK_SEED)));
}

/* Called in an attempt. */
static void
try_day(void *arg)
{
	DayAttempt *day = arg;
	DayRun	   *run = day->run;
	DayBookings *bookings;
	List	   *locked;

	query_begin_snapshot();
	run->reader = floor_reader_read(day->restaurant);
	bookings = day_bookings_read(run->reader, &day->question);
	query_end_snapshot();
	locked = lock_bookings(run->reader, bookings);
	if (locked)
		lock_floor(run->reader);
	require_visible(run->reader, &bookings->window);
	query_begin_snapshot();
	run->seating = day_seating_find(run->reader, &day->question);
	query_end_snapshot();
	require_locked(run->seating, locked);
	day_store(run->reader, run->seating, day->began);
}

/* Returns the ids of those that are there still, sorted. */
static List *
lock_bookings(const FloorReader *reader, const DayBookings *day)
{
	LockedBookings locked = {CurrentMemoryContext, NIL};
	Datum	   *ids = palloc((day->n + 1) * sizeof(Datum));
	QueryArgs	args = {.keep = true};
	int			n = 0;

	for (int i = 0; i < day->n; i++)
	{
		if (is_decided(&day->bookings[i]))
			ids[n++] = UUIDPGetDatum(&day->bookings[i].booking->id);
	}
	query_arg(&args, UUIDARRAYOID, PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR)), false);
	query_write(psprintf("SELECT b.id FROM %s b WHERE b.id OPERATOR(pg_catalog.=) ANY ($1) ORDER BY b.id FOR UPDATE", reader->schema->bookings),
				&args, collect_locked, &locked);
	list_sort(locked.ids, compare_locked_ids);
	return locked.ids;
}

static bool
is_decided(const DayBooking *booking)
{
	return booking->choice == DAY_CHOICE_OPEN || booking->choice == DAY_CHOICE_MAY_MOVE;
}

static void
collect_locked(TupleTableSlot *slot, void *arg)
{
	LockedBookings *locked = arg;
	MemoryContext row = MemoryContextSwitchTo(locked->context);
	pg_uuid_t  *id = palloc(sizeof(pg_uuid_t));

	*id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	locked->ids = lappend(locked->ids, id);
	MemoryContextSwitchTo(row);
}

static int
compare_locked_ids(const ListCell *a, const ListCell *b)
{
	return memcmp(lfirst(a), lfirst(b), UUID_LEN);
}

/* Raises an error, so that the attempt begins again, when the floor is not as it was read. */
static void
lock_floor(const FloorReader *reader)
{
	int		   *all = palloc((reader->floor.ntables + 1) * sizeof(int));

	for (int i = 0; i < reader->floor.ntables; i++)
		all[i] = i;
	if (!seat_lock_tables(reader, all, reader->floor.ntables))
		raise_day_changed("the floor has changed");
}

/* A transaction with a query snapshot of its own must not plan with what it cannot see. */
static void
require_visible(const FloorReader *reader, const BookingWindow *window)
{
	OccupiedExcept nobody = {NULL, NULL};
	List	   *visible;
	List	   *committed;

	if (!IsolationUsesXactSnapshot())
		return;
	query_begin_snapshot();
	visible = taken_table_find(reader, window, &nobody);
	query_end_snapshot();
	taken_look_begin();
	committed = taken_table_find(reader, window, &nobody);
	taken_look_end();
	if (list_length(visible) != list_length(committed))
		taken_raise_serialization("dining tables were given to somebody");
	for (int i = 0; i < list_length(visible); i++)
	{
		const Occupied *first = list_nth(visible, i);
		const Occupied *second = list_nth(committed, i);

		if (first->table != second->table || first->by_hold != second->by_hold ||
			first->start != second->start || memcmp(&first->by, &second->by, UUID_LEN) != 0)
			taken_raise_serialization("dining tables were given to somebody");
	}
}

/* What was committed after the locks is not locked. */
static void
require_locked(const DaySeating *seating, const List *locked)
{
	for (int i = 0; i < seating->nbookings; i++)
	{
		const DayBooking *booking = seating->seats[i].of;

		if (!is_locked(locked, &booking->booking->id))
			raise_day_changed("a booking has come");
	}
}

static bool
is_locked(const List *locked, const pg_uuid_t *id)
{
	int			low = 0;
	int			high = list_length(locked) - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = memcmp(id, list_nth(locked, middle), UUID_LEN);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return false;
}

/* The attempt begins again. */
static void
raise_day_changed(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_TAKEN),
			 errmsg("%s while a service day was seated", what),
			 errdetail("Nothing was changed."),
			 errhint("Call it again.")));
}
