/*-------------------------------------------------------------------------
 *
 * booking_reader.c
 *	  Reading bookings of a restaurant: see booking_reader.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "base/attempt.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/booking_reader.h"
#include "seating/local_time.h"

/* Local times and instants differ by at most this. */
#define MAX_OFFSET (16 * USECS_PER_HOUR)

/* A booking as its table has it. */
typedef struct BookingRow
{
	pg_uuid_t	id;
	bool		has_party_size;
	int			party_size;
	char	   *beyond;			/* a party_size that is no integer; or NULL */
	char	   *status;
	bool		has_tables;
	TimestampTz times[2];		/* start and end, as instants */
	bool		has_time[2];
	Timestamp	local_times[2];
	bool		has_local_time[2];
} BookingRow;

/* The question of resolve_booking(). */
typedef struct BookingTimes
{
	const FloorReader *reader;
	const BookingRow *row;
	Booking    *booking;
	bool		has_start;		/* the booking's start is known */
} BookingTimes;

static List *read_between(const FloorReader *reader, TimestampTz from, TimestampTz until, const char *where, List **unreadable);
static bool is_between(const BookingTimes *times, TimestampTz from, TimestampTz until);
static UnreadableBooking *make_unreadable(const BookingTimes *times, const ErrorData *error);
static int	compare_bookings(const ListCell *a, const ListCell *b);
static List *read_rows(const FloorReader *reader, const char *where, QueryArgs *args);
static void *make_booking_row(TupleTableSlot *slot);
static void resolve_booking(void *arg);
static void require_party(const BookingTimes *times);
static bool resolve_time(const BookingTimes *times, int which, TimestampTz *instant);


Booking *
booking_reader_get(const FloorReader *reader, const pg_uuid_t *id)
{
	QueryArgs	args = {.keep = true};
	List	   *rows;
	BookingTimes times = {.reader = reader};

	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	query_arg(&args, UUIDOID, UUIDPGetDatum(id), false);
	rows = read_rows(reader, "b.id = $2", &args);
	if (rows == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("the restaurant has no booking %s", DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)))),
				 errdetail("Restaurant %s has no such row in table %s.",
						   DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&reader->restaurant))), reader->schema->bookings),
				 errhint("SELECT id, start_at, party_size, status FROM %s;", reader->schema->bookings)));
	times.row = linitial(rows);
	times.booking = palloc0(sizeof(Booking));
	resolve_booking(&times);
	return times.booking;
}

List *
booking_reader_waiting(const FloorReader *reader, TimestampTz from, TimestampTz until)
{
	return read_between(reader, from, until, psprintf("%s IN ('pending', 'pending_allocation')"
													  " AND NOT EXISTS (SELECT FROM %s a WHERE a.booking_id = b.id)",
													  reader->schema->booking_status, reader->schema->assignments), NULL);
}

List *
booking_reader_day(const FloorReader *reader, TimestampTz from, TimestampTz until, bool with_past, List **unreadable)
{
	return read_between(reader, from, until, psprintf("%s IN ('pending', 'pending_allocation', 'confirmed', 'checked_in'%s)",
													  reader->schema->booking_status, with_past ? ", 'completed', 'no_show'" : ""), unreadable);
}

List *
booking_reader_assigned(const FloorReader *reader, TimestampTz from, TimestampTz until, List **unreadable)
{
	return read_between(reader, from, until,
						psprintf("EXISTS (SELECT FROM %s a WHERE a.booking_id = b.id)", reader->schema->assignments), unreadable);
}

/* Those of a date without a time are known to be of the day of that instant, or later. */
List *
booking_reader_untimed(const FloorReader *reader, TimestampTz from)
{
	const SeatingSchema *schema = reader->schema;
	QueryArgs	args = {.keep = true};
	List	   *unreadable = NIL;
	ListCell   *lc;

	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(from), false);
	query_arg(&args, DATEOID, DateADTGetDatum(local_time_service_day(from, reader->zone)), false);
	foreach(lc, read_rows(reader,
						  psprintf("EXISTS (SELECT FROM %1$s a WHERE a.booking_id = b.id AND (a.end_at > $2) IS NOT FALSE)"
								   " AND ((%2$s IS NULL AND %3$s IS NULL AND (%4$s <> $3) IS NOT FALSE) OR NOT isfinite(COALESCE(%2$s, %3$s)))",
								   schema->assignments, schema->booking_start, schema->booking_local_start, schema->booking_date), &args))
	{
		BookingTimes times = {reader, lfirst(lc), palloc0(sizeof(Booking)), false};
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		error = attempt(resolve_booking, &times);
		if (error)
			unreadable = lappend(unreadable, make_unreadable(&times, error));
	}
	return unreadable;
}

/*
 * Local times are compared roughly, and then as the instants that they are.  unreadable
 * may be NULL; a booking without a time is found by its date, and only if it is asked for.
 */
static List *
read_between(const FloorReader *reader, TimestampTz from, TimestampTz until, const char *where, List **unreadable)
{
	const SeatingSchema *schema = reader->schema;
	DateADT		date = local_time_service_day(from, reader->zone);
	QueryArgs	args = {.keep = true};
	List	   *bookings = NIL;
	ListCell   *lc;

	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(from), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(until), false);
	query_arg(&args, TIMESTAMPOID, TimestampGetDatum(from - MAX_OFFSET), false);
	query_arg(&args, TIMESTAMPOID, TimestampGetDatum(until + MAX_OFFSET), false);
	query_arg(&args, DATEOID, DateADTGetDatum(date), unreadable == NULL);
	if (unreadable)
		*unreadable = NIL;
	foreach(lc, read_rows(reader,
						  psprintf("%1$s AND ((%2$s >= $2 AND %2$s < $3) OR (%2$s IS NULL AND"
								   " ((%3$s >= $4 AND %3$s < $5) OR (%3$s IS NULL AND %4$s = $6))))", where,
								   schema->booking_start, schema->booking_local_start, schema->booking_date), &args))
	{
		BookingTimes times = {reader, lfirst(lc), palloc0(sizeof(Booking)), false};
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		error = attempt(resolve_booking, &times);
		if (!is_between(&times, from, until))
			continue;
		if (error == NULL)
			bookings = lappend(bookings, times.booking);
		else if (unreadable)
			*unreadable = lappend(*unreadable, make_unreadable(&times, error));
	}
	list_sort(bookings, compare_bookings);
	return bookings;
}

/* One whose time does not exist belongs to the service day of what the clock should show. */
static bool
is_between(const BookingTimes *times, TimestampTz from, TimestampTz until)
{
	Timestamp	local = times->row->local_times[0];

	if (times->has_start)
		return times->booking->start >= from && times->booking->start < until;
	return !times->row->has_local_time[0] ||
		(local >= local_time_of(from, times->reader->zone) && local < local_time_of(until, times->reader->zone));
}

static UnreadableBooking *
make_unreadable(const BookingTimes *times, const ErrorData *error)
{
	UnreadableBooking *booking = palloc0(sizeof(UnreadableBooking));

	booking->id = times->row->id;
	booking->has_party_size = times->row->has_party_size;
	booking->party_size = times->row->party_size;
	booking->has_start = times->has_start;
	booking->start = times->booking->start;
	booking->reason = psprintf("unreadable: %s", error->message);
	return booking;
}

/* By start; bookings that only have local times were among the others. */
static int
compare_bookings(const ListCell *a, const ListCell *b)
{
	const Booking *first = lfirst(a);
	const Booking *second = lfirst(b);

	if (first->start != second->start)
		return first->start < second->start ? -1 : 1;
	return memcmp(&first->id, &second->id, UUID_LEN);
}

static List *
read_rows(const FloorReader *reader, const char *where, QueryArgs *args)
{
	const SeatingSchema *schema = reader->schema;

	return query_list(psprintf("SELECT b.id, CASE WHEN b.party_size BETWEEN -2147483648 AND 2147483647 THEN b.party_size::int4 END,"
							   " %s, %s, %s, %s, %s, EXISTS (SELECT FROM %s a WHERE a.booking_id = b.id),"
							   " CASE WHEN b.party_size NOT BETWEEN -2147483648 AND 2147483647 THEN b.party_size::text END"
							   " FROM %s b WHERE b.restaurant_id = $1 AND %s",
							   schema->booking_status, schema->booking_start, schema->booking_end,
							   schema->booking_local_start, schema->booking_local_end, schema->assignments,
							   schema->bookings, where),
					  args, make_booking_row);
}

static void *
make_booking_row(TupleTableSlot *slot)
{
	BookingRow *row = palloc0(sizeof(BookingRow));

	row->id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	row->has_party_size = !slot->tts_isnull[1];
	if (row->has_party_size)
		row->party_size = slot_int4(slot, 1);
	row->status = slot_text_or_null(slot, 2);
	for (int i = 0; i < 2; i++)
	{
		row->has_time[i] = !slot->tts_isnull[3 + i];
		if (row->has_time[i])
			row->times[i] = slot_time(slot, 3 + i);
		row->has_local_time[i] = !slot->tts_isnull[5 + i];
		if (row->has_local_time[i])
			row->local_times[i] = DatumGetTimestamp(slot_datum(slot, 5 + i, TIMESTAMPOID));
	}
	row->has_tables = slot_bool(slot, 7);
	row->beyond = slot_text_or_null(slot, 8);
	return row;
}

/* Called in an attempt, or not. */
static void
resolve_booking(void *arg)
{
	BookingTimes *times = arg;
	Booking    *booking = times->booking;
	TimestampTz end;
	bool		has_end;

	booking->id = times->row->id;
	booking->party_size = times->row->party_size;
	booking->status = times->row->status;
	booking->has_tables = times->row->has_tables;
	if (!resolve_time(times, 0, &booking->start))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("booking %s has no start", DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&booking->id)))),
				 errdetail("It has neither start_at nor booking_date with start_time."),
				 errhint("SELECT * FROM %s WHERE id = '%s';", times->reader->schema->bookings,
						 DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&booking->id))))));
	times->has_start = true;
	require_party(times);
	has_end = resolve_time(times, 1, &end);
	if (has_end && end <= booking->start)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("booking %s ends before it starts", DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&booking->id)))),
				 errdetail("Its end_at, or end_time, must be later than its start, or NULL for the turn time of its party."),
				 errhint("SELECT * FROM %s WHERE id = '%s';", times->reader->schema->bookings,
						 DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&booking->id))))));
	booking->has_end = has_end;
	booking->end = has_end ? end : 0;
	booking->window = floor_reader_window(times->reader, booking->party_size, booking->start, has_end ? &end : NULL);
}

/* A party that is too small for dining tables is one all the same. */
static void
require_party(const BookingTimes *times)
{
	const BookingRow *row = times->row;
	char	   *id = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&row->id)));

	if (row->has_party_size)
		return;
	ereport(ERROR,
			(errcode(row->beyond ? ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE : ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 row->beyond ? errmsg("booking %s is for a party of %s, which cannot be seated", id, row->beyond) :
			 errmsg("booking %s has no party_size", id),
			 errdetail("Its dining tables depend on how many guests come."),
			 errhint("UPDATE %s SET party_size = ... WHERE id = '%s';", times->reader->schema->bookings, id)));
}

/* The start (0) or the end (1); false when it is not known. */
static bool
resolve_time(const BookingTimes *times, int which, TimestampTz *instant)
{
	const BookingRow *row = times->row;
	Timestamp	local = row->local_times[which];

	if (row->has_time[which])
	{
		*instant = row->times[which];
		return true;
	}
	if (!row->has_local_time[which])
		return false;

	/* Half past one is on the next day of a booking that starts at nine. */
	if (which == 1 && row->has_local_time[0] && local <= row->local_times[0])
		local += USECS_PER_DAY;
	*instant = local_time_instant(local, times->reader->zone);
	return true;
}
