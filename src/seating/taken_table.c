/*-------------------------------------------------------------------------
 *
 * taken_table.c
 *	  Who has dining tables in a window: see taken_table.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/query.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "seating/local_time.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/taken_table.h"

/* Guests who still sit there have the dining table so long from now on. */
#define OVERSTAY (15 * USECS_PER_MINUTE)

/* A row of the queries below. */
typedef struct OccupiedRow
{
	pg_uuid_t	table;
	Occupied	taken;
} OccupiedRow;

static void add_rows(const FloorReader *reader, List *rows, bool by_hold, List **found);
static void *make_occupied_row(TupleTableSlot *slot);
static int	compare_occupied(const ListCell *a, const ListCell *b);
pg_noreturn static void raise_taken(const FloorReader *reader, const Occupied *taken, const pg_uuid_t *booking);
static bool snapshot_is_free(const FloorReader *reader, const BookingWindow *window,
							 const OccupiedExcept *except, const int *tables, int n);


List *
taken_table_find(const FloorReader *reader, const BookingWindow *window, const OccupiedExcept *except, const int *tables, int n)
{
	const SeatingSchema *schema = reader->schema;
	Datum	   *ids = palloc((n + 1) * sizeof(Datum));
	Interval   *overstay = palloc0(sizeof(Interval));
	QueryArgs	args = {0};
	List	   *found = NIL;

	overstay->time = OVERSTAY;
	for (int i = 0; i < n; i++)
		ids[i] = UUIDPGetDatum(&reader->table_ids[tables ? tables[i] : i]);
	query_arg(&args, UUIDARRAYOID, PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR)), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(window->start), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(window->end), false);
	query_arg(&args, UUIDOID, except->booking ? UUIDPGetDatum(except->booking) : (Datum) 0, except->booking == NULL);
	query_arg(&args, INTERVALOID, IntervalPGetDatum(overstay), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(local_time_service_day_begin(GetCurrentTimestamp(), reader->zone)), false);
	query_arg(&args, UUIDOID, except->hold ? UUIDPGetDatum(except->hold) : (Datum) 0, except->hold == NULL);
	add_rows(reader, query_list(psprintf("SELECT o.table_id, o.booking_id, o.start_at, o.until FROM ("
										 "SELECT a.table_id, a.booking_id, a.start_at, GREATEST(a.end_at, %4$s,"
										 " CASE WHEN %3$s = 'checked_in' AND a.start_at >= $6 THEN clock_timestamp() + $5 END) AS until"
										 " FROM %1$s a JOIN %2$s b ON b.id = a.booking_id"
										 " WHERE a.table_id = ANY ($1) AND b.id IS DISTINCT FROM $4 AND a.start_at < $3"
										 " AND %3$s IN ('pending', 'pending_allocation', 'confirmed', 'checked_in')) o"
										 " WHERE $2 < o.until",
										 schema->assignments, schema->bookings, schema->booking_status, schema->booking_end),
								&args, make_occupied_row), false, &found);
	if (schema->holds)
		add_rows(reader, query_list(psprintf("SELECT m.table_id, h.id, h.start_at, h.end_at FROM %s h JOIN %s m ON m.hold_id = h.id"
											 " WHERE m.table_id = ANY ($1) AND h.expires_at > clock_timestamp()"
											 " AND h.start_at < $3 AND $2 < h.end_at AND ($4 IS NULL OR %s IS DISTINCT FROM $4)"
											 " AND h.id IS DISTINCT FROM $7",
											 schema->holds, schema->hold_members, schema->hold_booking),
									&args, make_occupied_row), true, &found);
	list_sort(found, compare_occupied);
	return found;
}

List *
taken_table_find_past(const FloorReader *reader, const BookingWindow *window)
{
	const SeatingSchema *schema = reader->schema;
	QueryArgs	args = {0};
	List	   *found = NIL;

	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(window->start), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(window->end), false);
	add_rows(reader, query_list(psprintf("SELECT a.table_id, a.booking_id, a.start_at, a.end_at FROM %s a"
										 " JOIN %s b ON b.id = a.booking_id JOIN %s t ON t.id = a.table_id"
										 " WHERE t.restaurant_id = $1 AND a.start_at < $3 AND $2 < a.end_at"
										 " AND %s NOT IN ('pending', 'pending_allocation', 'confirmed', 'checked_in')",
										 schema->assignments, schema->bookings, schema->dining_tables, schema->booking_status),
								&args, make_occupied_row), false, &found);
	return found;
}

static void *
make_occupied_row(TupleTableSlot *slot)
{
	OccupiedRow *row = palloc0(sizeof(OccupiedRow));

	row->table = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	row->taken.by = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	row->taken.start = slot_time(slot, 2);
	row->taken.end = slot_time(slot, 3);
	return row;
}

static void
add_rows(const FloorReader *reader, List *rows, bool by_hold, List **found)
{
	ListCell   *lc;

	foreach(lc, rows)
	{
		OccupiedRow *row = lfirst(lc);

		row->taken.table = floor_reader_table(reader, &row->table);
		row->taken.by_hold = by_hold;
		if (row->taken.table >= 0)
			*found = lappend(*found, &row->taken);
	}
}

/* By table and start; of two at once the one with the smaller id. */
static int
compare_occupied(const ListCell *a, const ListCell *b)
{
	const Occupied *first = lfirst(a);
	const Occupied *second = lfirst(b);

	if (first->table != second->table)
		return first->table < second->table ? -1 : 1;
	if (first->start != second->start)
		return first->start < second->start ? -1 : 1;
	return memcmp(&first->by, &second->by, UUID_LEN);
}

bool *
taken_table_free(const FloorReader *reader, const BookingWindow *window, const pg_uuid_t *booking)
{
	OccupiedExcept except = {booking, NULL};
	bool	   *free = palloc(reader->floor.ntables + 1);
	ListCell   *lc;

	memset(free, true, reader->floor.ntables);
	foreach(lc, taken_table_find(reader, window, &except, NULL, reader->floor.ntables))
		free[((Occupied *) lfirst(lc))->table] = false;
	return free;
}

void
taken_table_require_free(const FloorReader *reader, const BookingWindow *window, const OccupiedExcept *except, const int *tables, int n)
{
	List	   *found;

	taken_look_begin();
	found = taken_table_find(reader, window, except, tables, n);
	taken_look_end();
	if (found == NIL)
		return;
	if (IsolationUsesXactSnapshot() && snapshot_is_free(reader, window, except, tables, n))
		taken_raise_serialization("a dining table was given to somebody else");
	raise_taken(reader, linitial(found), except->booking);
}

static bool
snapshot_is_free(const FloorReader *reader, const BookingWindow *window, const OccupiedExcept *except, const int *tables, int n)
{
	List	   *found;

	query_begin_snapshot();
	found = taken_table_find(reader, window, except, tables, n);
	query_end_snapshot();
	return found == NIL;
}

static void
raise_taken(const FloorReader *reader, const Occupied *taken, const pg_uuid_t *booking)
{
	const SeatingSchema *schema = reader->schema;
	const char *number = reader->floor.tables[taken->table].number;

	ereport(ERROR,
			(errcode(taken->by_hold ? ERRCODE_MENUCA_HELD : ERRCODE_MENUCA_TAKEN),
			 errmsg("dining table %s is %s", number, taken->by_hold ? "held" : "taken"),
			 errdetail("%s %s has it from %s. Nothing was changed.", taken->by_hold ? "Hold" : "Booking",
					   refusal_id(&taken->by), refusal_window(reader, taken->start, taken->end)),
			 booking ? errhint("%s", seating_call("SELECT * FROM menuca_auto_assign('%s');", refusal_id(booking))) :
			 errhint("SELECT * FROM %s WHERE id = '%s';", taken->by_hold ? schema->holds : schema->bookings,
					 refusal_id(&taken->by))));
}

void
taken_look_begin(void)
{
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
}

void
taken_look_end(void)
{
	PopActiveSnapshot();
}

void
taken_raise_serialization(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access: %s since this transaction began", what),
			 errdetail("The transaction's query snapshot does not show it. Nothing was changed."),
			 errhint("The transaction might succeed if retried.")));
}
