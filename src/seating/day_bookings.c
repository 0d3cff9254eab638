/*-------------------------------------------------------------------------
 *
 * day_bookings.c
 *	  Who comes on a service day: see day_bookings.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "seating/booking_state.h"
#include "seating/day_bookings.h"
#include "seating/local_time.h"
#include "seating/taken_table.h"

/* The bookings by id, while they are looked up. */
typedef struct BookingIndex
{
	DayBooking **by_id;
	int			n;
} BookingIndex;

static void read_bookings(const FloorReader *reader, DayBookings *day, DayMode mode);
static int	compare_day_taken(const ListCell *a, const ListCell *b);
static BookingIndex index_bookings(const DayBookings *day);
static int	compare_booking_ids(const void *a, const void *b);
static DayBooking *find_booking(const BookingIndex *index, const pg_uuid_t *id);
static void find_locks(const FloorReader *reader, const BookingIndex *index);
static void read_taken(const FloorReader *reader, DayBookings *day, const BookingIndex *index, bool may_move);
static void add_had(const FloorReader *reader, DayBooking *booking, int table);
static void set_choice(DayBooking *booking, DayMode mode);


DayBookings *
day_bookings_read(const FloorReader *reader, const DayQuestion *question)
{
	DayBookings *day = palloc0(sizeof(DayBookings));
	BookingIndex index;

	day->date = question->date;
	read_bookings(reader, day, question->mode);
	index = index_bookings(day);
	find_locks(reader, &index);
	if (question->mode != DAY_REPLAY)
		read_taken(reader, day, &index, question->mode == DAY_MOVE);
	if (question->all_rows)
	{
		day->taken = list_concat(day->taken, taken_table_find_past(reader, &day->window));
		list_sort(day->taken, compare_day_taken);
	}
	return day;
}

/* By dining table and start. */
static int
compare_day_taken(const ListCell *a, const ListCell *b)
{
	const Occupied *first = lfirst(a);
	const Occupied *second = lfirst(b);

	if (first->table != second->table)
		return first->table - second->table;
	return first->start < second->start ? -1 : first->start > second->start;
}

static void
read_bookings(const FloorReader *reader, DayBookings *day, DayMode mode)
{
	TimestampTz from = local_time_instant((Timestamp) day->date * USECS_PER_DAY + SERVICE_DAY_BEGINS, reader->zone);
	TimestampTz until = local_time_instant((Timestamp) (day->date + 1) * USECS_PER_DAY + SERVICE_DAY_BEGINS, reader->zone);
	List	   *bookings = booking_reader_day(reader, from, until, mode == DAY_REPLAY, &day->unreadable);
	ListCell   *lc;

	day->window.start = from;
	day->window.end = until;
	day->bookings = palloc0((list_length(bookings) + 1) * sizeof(DayBooking));
	foreach(lc, bookings)
	{
		const Booking *booking = lfirst(lc);

		day->bookings[day->n++].booking = booking;
		day->window.start = Min(day->window.start, booking->window.start);
		day->window.end = Max(day->window.end, booking->window.end);
	}
}

static BookingIndex
index_bookings(const DayBookings *day)
{
	BookingIndex index = {palloc((day->n + 1) * sizeof(DayBooking *)), day->n};

	for (int i = 0; i < day->n; i++)
		index.by_id[i] = &day->bookings[i];
	qsort(index.by_id, index.n, sizeof(DayBooking *), compare_booking_ids);
	return index;
}

static int
compare_booking_ids(const void *a, const void *b)
{
	return memcmp(&(*(DayBooking *const *) a)->booking->id, &(*(DayBooking *const *) b)->booking->id, UUID_LEN);
}

/* NULL when it is not one of the day's. */
static DayBooking *
find_booking(const BookingIndex *index, const pg_uuid_t *id)
{
	Booking		wanted = {.id = *id};
	DayBooking	key = {.booking = &wanted};
	DayBooking *pointer = &key;
	DayBooking **found = bsearch(&pointer, index->by_id, index->n, sizeof(DayBooking *), compare_booking_ids);

	return found ? *found : NULL;
}

static void
find_locks(const FloorReader *reader, const BookingIndex *index)
{
	ListCell   *lc;

	foreach(lc, booking_lock_all(reader))
	{
		const BookingLock *lock = lfirst(lc);
		DayBooking *booking = find_booking(index, &lock->booking);

		if (booking)
			booking->lock = lock;
	}
}

/* What those who may move have is not taken; it is only remembered. */
static void
read_taken(const FloorReader *reader, DayBookings *day, const BookingIndex *index, bool may_move)
{
	OccupiedExcept nobody = {NULL, NULL};
	List	   *taken = taken_table_find(reader, &day->window, &nobody);
	ListCell   *lc;

	foreach(lc, taken)
	{
		const Occupied *occupied = lfirst(lc);
		DayBooking *booking = occupied->by_hold ? NULL : find_booking(index, &occupied->by);

		if (booking)
			add_had(reader, booking, occupied->table);
	}
	for (int i = 0; i < day->n; i++)
		set_choice(&day->bookings[i], may_move ? DAY_MOVE : DAY_KEEP);
	foreach(lc, taken)
	{
		const Occupied *occupied = lfirst(lc);
		DayBooking *booking = occupied->by_hold ? NULL : find_booking(index, &occupied->by);

		if (booking == NULL || booking->choice != DAY_CHOICE_MAY_MOVE)
			day->taken = lappend(day->taken, unconstify(Occupied *, occupied));
	}
}

/* By table number. */
static void
add_had(const FloorReader *reader, DayBooking *booking, int table)
{
	const int  *place = reader->floor.place;
	int			i;

	booking->had = booking->had == NULL ? palloc(sizeof(int)) : repalloc(booking->had, (booking->nhad + 1) * sizeof(int));
	for (i = booking->nhad++; i > 0 && place[booking->had[i - 1]] > place[table]; i--)
		booking->had[i] = booking->had[i - 1];
	booking->had[i] = table;
}

/* Rows on another restaurant's dining tables are dining tables that it has, too. */
static void
set_choice(DayBooking *booking, DayMode mode)
{
	bool		has_tables = booking->booking->has_tables;

	if (!has_tables)
		booking->choice = booking_state_may_get(booking->booking) ? DAY_CHOICE_OPEN : DAY_CHOICE_NONE;
	else if (mode == DAY_MOVE && booking->nhad > 0 && booking_state_may_get(booking->booking) &&
			 !(booking->lock && booking->lock->locked))
		booking->choice = DAY_CHOICE_MAY_MOVE;
	else
		booking->choice = DAY_CHOICE_FIXED;
}
