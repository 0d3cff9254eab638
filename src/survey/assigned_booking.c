/*-------------------------------------------------------------------------
 *
 * assigned_booking.c
 *	  Bookings with their dining tables: see assigned_booking.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/query.h"
#include "base/slot.h"
#include "seating/guarded_booking.h"
#include "seating/users_column.h"
#include "survey/assigned_booking.h"

/* A row of the query below. */
typedef struct AssignmentRow
{
	pg_uuid_t	booking;
	char	   *zone;
	AssignedRow row;
} AssignmentRow;

static List *read_booked_rows(const FloorReader *reader, const List *bookings);
static void *make_booked_row(TupleTableSlot *slot);
static int	compare_assignment_rows(const ListCell *a, const ListCell *b);
static int	find_first_row(const List *rows, const pg_uuid_t *booking);
static AssignedBooking *make_assigned_booking(const FloorReader *reader, const Booking *booking, const List *rows);
static int	compare_own_places(const void *a, const void *b, void *arg);
static bool is_listed_set(const FloorReader *reader, const AssignedBooking *assigned, const ListedCombination *listed);


List *
assigned_booking_read(const FloorReader *reader, TimestampTz from, TimestampTz until, List **unreadable)
{
	List	   *bookings = booking_reader_assigned(reader, from, until, unreadable);
	List	   *rows = bookings == NIL ? NIL : read_booked_rows(reader, bookings);
	List	   *assigned = NIL;
	ListCell   *lc;

	list_sort(rows, compare_assignment_rows);
	foreach(lc, bookings)
	{
		CHECK_FOR_INTERRUPTS();
		assigned = lappend(assigned, make_assigned_booking(reader, lfirst(lc), rows));
	}
	return assigned;
}

static List *
read_booked_rows(const FloorReader *reader, const List *bookings)
{
	Datum	   *ids = palloc(list_length(bookings) * sizeof(Datum));
	char	   *group = users_column_text("booking_table_assignments", "merge_group_id", "a");
	char	   *zone = users_column_text("bookings", "assigned_zone_id", "b");
	QueryArgs	args = {0};
	ListCell   *lc;

	foreach(lc, bookings)
		ids[foreach_current_index(lc)] = UUIDPGetDatum(&((const Booking *) lfirst(lc))->id);
	query_arg(&args, UUIDARRAYOID, PointerGetDatum(construct_array(ids, list_length(bookings), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR)), false);
	return query_list(psprintf("SELECT a.booking_id, a.table_id, a.start_at, a.end_at, %s, %s FROM %s a JOIN %s b ON b.id = a.booking_id"
							   " WHERE a.booking_id = ANY ($1) AND a.table_id IS NOT NULL",
							   group ? group : "NULL::text", zone ? zone : "NULL::text",
							   reader->schema->assignments, reader->schema->bookings), &args, make_booked_row);
}

static void *
make_booked_row(TupleTableSlot *slot)
{
	AssignmentRow *row = palloc0(sizeof(AssignmentRow));

	row->booking = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	row->row.table_id = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	row->row.has_start = !slot->tts_isnull[2];
	if (row->row.has_start)
		row->row.start = slot_time(slot, 2);
	row->row.has_end = !slot->tts_isnull[3];
	if (row->row.has_end)
		row->row.end = slot_time(slot, 3);
	row->row.group = slot_text_or_null(slot, 4);
	row->zone = slot_text_or_null(slot, 5);
	return row;
}

/* By booking, dining table and start. */
static int
compare_assignment_rows(const ListCell *a, const ListCell *b)
{
	const AssignmentRow *first = lfirst(a);
	const AssignmentRow *second = lfirst(b);
	int			order = memcmp(&first->booking, &second->booking, UUID_LEN);

	if (order == 0)
		order = memcmp(&first->row.table_id, &second->row.table_id, UUID_LEN);
	if (order == 0)
		order = first->row.start < second->row.start ? -1 : first->row.start > second->row.start;
	return order;
}

static int
find_first_row(const List *rows, const pg_uuid_t *booking)
{
	int			low = 0;
	int			high = list_length(rows);

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (memcmp(&((const AssignmentRow *) list_nth(rows, middle))->booking, booking, UUID_LEN) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static AssignedBooking *
make_assigned_booking(const FloorReader *reader, const Booking *booking, const List *rows)
{
	AssignedBooking *assigned = palloc0(sizeof(AssignedBooking));
	int			first = find_first_row(rows, &booking->id);
	int			n = 0;

	while (first + n < list_length(rows) &&
		   memcmp(&((const AssignmentRow *) list_nth(rows, first + n))->booking, &booking->id, UUID_LEN) == 0)
		n++;
	assigned->booking = booking;
	assigned->rows = palloc((n + 1) * sizeof(AssignedRow));
	assigned->tables = palloc((n + 1) * sizeof(int));
	for (int i = 0; i < n; i++)
	{
		const AssignmentRow *row = list_nth(rows, first + i);
		int			table = floor_reader_table(reader, &row->row.table_id);

		assigned->zone = row->zone;
		assigned->rows[i] = row->row;
		assigned->rows[i].table = table;

		/* Two rows of one dining table are no two. */
		if (table >= 0 && (i == 0 || assigned->rows[i - 1].table != table))
			assigned->tables[assigned->ntables++] = table;
	}
	assigned->nrows = n;
	qsort_arg(assigned->tables, assigned->ntables, sizeof(int), compare_own_places, unconstify(FloorReader *, reader));
	return assigned;
}

static int
compare_own_places(const void *a, const void *b, void *arg)
{
	const int  *place = ((const FloorReader *) arg)->floor.place;

	return place[*(const int *) a] - place[*(const int *) b];
}

bool
assigned_booking_blocks(const Booking *booking)
{
	return booking->status && guarded_booking_blocks(booking->status);
}

const ListedCombination *
assigned_booking_listed(const FloorReader *reader, const AssignedBooking *assigned)
{
	const ListedCombination *best = NULL;
	ListCell   *lc;

	if (reader->settings->floor.combinations == FLOOR_COMBINATIONS_FREE || assigned->ntables < 2)
		return NULL;
	foreach(lc, reader->combinations)
	{
		const ListedCombination *listed = lfirst(lc);

		if (is_listed_set(reader, assigned, listed) &&
			service_times_hold(&listed->times, assigned->booking->start, reader->zone) &&
			(best == NULL || listed->capacity > best->capacity))
			best = listed;
	}
	return best;
}

/* Both are without doubles. */
static bool
is_listed_set(const FloorReader *reader, const AssignedBooking *assigned, const ListedCombination *listed)
{
	int			found = 0;

	if (listed->n != assigned->ntables)
		return false;
	for (int i = 0; i < listed->n; i++)
	{
		for (int j = 0; j < assigned->ntables; j++)
			found += memcmp(&listed->table_ids[i], &reader->table_ids[assigned->tables[j]], UUID_LEN) == 0;
	}
	return found == listed->n;
}

int64
assigned_booking_seats(const FloorReader *reader, const AssignedBooking *assigned)
{
	const ListedCombination *listed = assigned_booking_listed(reader, assigned);
	int64		seats = 0;

	if (listed)
		return listed->capacity;
	for (int i = 0; i < assigned->ntables; i++)
		seats += Max(reader->floor.tables[assigned->tables[i]].capacity, 0);
	return seats;
}
