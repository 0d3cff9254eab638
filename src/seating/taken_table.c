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

#include "base/direct_access.h"
#include "base/query.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "seating/assignment_range.h"
#include "seating/local_time.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/seating_settings.h"
#include "seating/taken_table.h"
#include "seating/users_column.h"

/* Guests who still sit there have the dining table at least that long from now. */
#define OVERSTAY (15 * USECS_PER_MINUTE)

/* At a glance, bookings are looked for that began at least so long before, in minutes: most last no longer. */
#define GLANCE_BACK 120

/* A row of the queries below. */
typedef struct OccupiedRow
{
	pg_uuid_t	table;
	Occupied	taken;
} OccupiedRow;

static List *find_taken(const FloorReader *reader, const BookingWindow *window, const OccupiedExcept *except,
						const int *tables, int n, char *sql, bool few);
static char *taken_of_floor(const FloorReader *reader, const BookingWindow *window);
static char *taken_of_tables(const SeatingSchema *schema, int n, bool thoroughly);
static TimestampTz earliest_at_a_glance(const FloorReader *reader, const BookingWindow *window);
static char *taken_at_a_glance(const SeatingSchema *schema);
static char *taken_columns(const SeatingSchema *schema);
static char *taken_sits(const SeatingSchema *schema);
static char *taken_blocks(const SeatingSchema *schema);
static char *taken_by_holds(const SeatingSchema *schema, bool of_some);
static bool *find_free(const FloorReader *reader, const BookingWindow *window, const pg_uuid_t *booking, char *sql, bool few);
static void add_rows(const FloorReader *reader, List *rows, List **found);
static void *make_occupied_row(TupleTableSlot *slot);
static int	compare_occupied(const ListCell *a, const ListCell *b);
pg_noreturn static void raise_taken(const FloorReader *reader, const Occupied *taken, const pg_uuid_t *booking);
static bool snapshot_is_free(const FloorReader *reader, const BookingWindow *window,
							 const OccupiedExcept *except, const int *tables, int n, char *sql);


List *
taken_table_find(const FloorReader *reader, const BookingWindow *window, const OccupiedExcept *except)
{
	return find_taken(reader, window, except, NULL, 0, taken_of_floor(reader, window), false);
}

/* By the rows of bookings that the statement finds, few or not, and by holds; of n dining tables, or all. */
static List *
find_taken(const FloorReader *reader, const BookingWindow *window, const OccupiedExcept *except,
		   const int *tables, int n, char *sql, bool few)
{
	const SeatingSchema *schema = reader->schema;
	Datum	   *ids = palloc((n + 1) * sizeof(Datum));
	Interval   *overstay = palloc0(sizeof(Interval));
	TimestampTz today = local_time_service_day_begin(GetCurrentTimestamp(), reader->zone);
	QueryArgs	args = {.keep = true,.few = few};
	List	   *found = NIL;

	if (schema->holds && !direct_access_is_blank(schema->hold_table))
		sql = psprintf("%s UNION ALL %s", sql, taken_by_holds(schema, tables != NULL));
	overstay->time = OVERSTAY;
	for (int i = 0; i < n; i++)
		ids[i] = UUIDPGetDatum(&reader->table_ids[tables[i]]);
	query_arg(&args, UUIDARRAYOID, PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR)), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(window->start), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(window->end), false);
	query_arg_uuid(&args, except->booking);
	query_arg(&args, INTERVALOID, IntervalPGetDatum(overstay), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(today), false);
	query_arg_uuid(&args, except->hold);
	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(earliest_at_a_glance(reader, window)), false);
	add_rows(reader, query_list(sql, &args, make_occupied_row), &found);
	list_sort(found, compare_occupied);
	return found;
}

/*
 * Without an index, all rows of the restaurant are looked at.  With one, three parts, which
 * have no row in common: rows of the time; those of bookings whose own end is later than
 * their rows', if they began in the week before; those whose guests still sit there, if the
 * window begins before they have to leave.
 */
static char *
taken_of_floor(const FloorReader *reader, const BookingWindow *window)
{
	const SeatingSchema *schema = reader->schema;
	StringInfoData sql;
	TimestampTz now = GetCurrentTimestamp();
	char	   *range = assignment_range_expression();
	char	   *columns = taken_columns(schema);
	char	   *blocks = taken_blocks(schema);
	char	   *of_restaurant = psprintf("t.restaurant_id = $8 AND %s", blocks);
	char	   *tables = psprintf("%s a JOIN %s b ON b.id = a.booking_id JOIN %s t ON t.id = a.table_id",
								  schema->assignments, schema->bookings, schema->dining_tables);

	if (range == NULL)
		return psprintf("SELECT * FROM (%s FROM %s WHERE %s) o WHERE $2 < o.until", columns, tables, of_restaurant);

	/* Bookings are looked up for the restaurant's own rows only. */
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT * FROM (%s FROM (SELECT a.* FROM %s a JOIN %s t ON t.id = a.table_id"
					 " WHERE t.restaurant_id = $8 AND a.start_at < $3 AND %s && tstzrange($2, $3) OFFSET 0) a"
					 " JOIN %s b ON b.id = a.booking_id WHERE %s) o WHERE $2 < o.until",
					 columns, schema->assignments, schema->dining_tables, range, schema->bookings, blocks);
	appendStringInfo(&sql, " UNION ALL %1$s FROM %2$s WHERE %3$s AND NOT %4$s && tstzrange($2, $3)"
					 " AND b.restaurant_id = $8 AND %5$s >= $2 - interval '7 days' AND %5$s < $3 AND %6$s > $2",
					 columns, tables, of_restaurant, range, schema->booking_start, schema->booking_end);
	if (now + OVERSTAY > window->start && local_time_service_day_begin(now, reader->zone) < window->end)
		appendStringInfo(&sql, " UNION ALL %1$s FROM %2$s WHERE %3$s AND NOT %4$s && tstzrange($2, $3) AND %4$s && tstzrange($6, NULL)"
						 " AND (%5$s > $2) IS NOT TRUE AND %6$s AND clock_timestamp() + $5 > $2",
						 columns, tables, of_restaurant, range, schema->booking_end, taken_sits(schema));
	return sql.data;
}

/*
 * The rows of n dining tables, 1 or more, in the week before, if there is an index for that.
 * Thoroughly: all of them, also rows of no time, which no index on ranges finds.
 */
static char *
taken_of_tables(const SeatingSchema *schema, int n, bool thoroughly)
{
	char	   *range = thoroughly ? NULL : assignment_range_expression();
	char	   *of_week = range ? psprintf(" AND %s && tstzrange($2 - interval '7 days', $3)", range) : "";

	if (n == 1)
		return psprintf("SELECT * FROM (%s FROM %s a JOIN %s b ON b.id = a.booking_id"
						" WHERE a.table_id = ($1)[1]%s AND %s) o WHERE $2 < o.until",
						taken_columns(schema), schema->assignments, schema->bookings, of_week, taken_blocks(schema));
	return psprintf("SELECT * FROM (%s FROM unnest($1) AS chosen (id) CROSS JOIN LATERAL"
					" (SELECT * FROM %s a WHERE a.table_id = chosen.id AND a.start_at < $3%s OFFSET 0) a"
					" JOIN %s b ON b.id = a.booking_id WHERE %s) o WHERE $2 < o.until",
					taken_columns(schema), schema->assignments, of_week, schema->bookings, taken_blocks(schema));
}

/* Since when bookings are looked for: nobody whose turn time it is stays longer. */
static TimestampTz
earliest_at_a_glance(const FloorReader *reader, const BookingWindow *window)
{
	int			minutes = Max(GLANCE_BACK, seating_settings_longest_stay(reader->settings));
	TimestampTz earliest = window->start - minutes * USECS_PER_MINUTE;

	return IS_VALID_TIMESTAMP(earliest) ? earliest : window->start;
}

static char *
taken_at_a_glance(const SeatingSchema *schema)
{
	return psprintf("SELECT * FROM (%s FROM %s b JOIN %s a ON a.booking_id = b.id"
					" WHERE b.restaurant_id = $8 AND b.start_at >= $9 AND b.start_at < $3 AND %s) o WHERE $2 < o.until",
					taken_columns(schema), schema->bookings, schema->assignments, taken_blocks(schema));
}

/* What a row is, of assignments a and their bookings b. */
static char *
taken_columns(const SeatingSchema *schema)
{
	return psprintf("SELECT a.table_id, a.booking_id, a.start_at,"
					" GREATEST(a.end_at, %s, CASE WHEN %s THEN clock_timestamp() + $5 END) AS until, NULL::uuid, false",
					schema->booking_end, taken_sits(schema));
}

/* Whose guests still sit there, since today. */
static char *
taken_sits(const SeatingSchema *schema)
{
	return psprintf("%s = 'checked_in' AND a.start_at >= $6", schema->booking_status);
}

/* Which rows may be in the way. */
static char *
taken_blocks(const SeatingSchema *schema)
{
	return psprintf("b.id IS DISTINCT FROM $4 AND a.start_at < $3"
					" AND %s IN ('pending', 'pending_allocation', 'confirmed', 'checked_in')", schema->booking_status);
}

static char *
taken_by_holds(const SeatingSchema *schema, bool of_some)
{
	return psprintf("SELECT m.table_id, h.id, h.start_at, h.end_at, %1$s, true FROM %2$s h JOIN %3$s m ON m.hold_id = h.id JOIN %4$s t ON t.id = m.table_id"
					" WHERE t.restaurant_id = $8%5$s AND h.expires_at > clock_timestamp()"
					" AND h.start_at < $3 AND $2 < h.end_at AND ($4 IS NULL OR %1$s IS DISTINCT FROM $4)"
					" AND h.id IS DISTINCT FROM $7",
					schema->hold_booking, schema->holds, schema->hold_members, schema->dining_tables,
					of_some ? " AND m.table_id = ANY ($1)" : "");
}

List *
taken_table_find_past(const FloorReader *reader, const BookingWindow *window)
{
	const SeatingSchema *schema = reader->schema;
	QueryArgs	args = {.keep = true};
	List	   *found = NIL;

	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(window->start), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(window->end), false);
	add_rows(reader, query_list(psprintf("SELECT a.table_id, a.booking_id, a.start_at, a.end_at, NULL::uuid, false FROM %s a"
										 " JOIN %s b ON b.id = a.booking_id JOIN %s t ON t.id = a.table_id"
										 " WHERE t.restaurant_id = $1 AND a.start_at < $3 AND $2 < a.end_at"
										 " AND %s NOT IN ('pending', 'pending_allocation', 'confirmed', 'checked_in')",
										 schema->assignments, schema->bookings, schema->dining_tables, schema->booking_status),
								&args, make_occupied_row), &found);
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
	row->taken.is_for_booking = !slot->tts_isnull[4];
	if (row->taken.is_for_booking)
		row->taken.booking = *DatumGetUUIDP(slot_datum(slot, 4, UUIDOID));
	row->taken.by_hold = slot_bool(slot, 5);
	return row;
}

static void
add_rows(const FloorReader *reader, List *rows, List **found)
{
	ListCell   *lc;

	foreach(lc, rows)
	{
		OccupiedRow *row = lfirst(lc);

		row->taken.table = floor_reader_table(reader, &row->table);
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
	return find_free(reader, window, booking, taken_of_floor(reader, window), false);
}

bool *
taken_table_glance(const FloorReader *reader, const BookingWindow *window, const pg_uuid_t *booking)
{
	if (!users_column_leads_index("bookings", "restaurant_id", "start_at"))
		return taken_table_free(reader, window, booking);
	return find_free(reader, window, booking, taken_at_a_glance(reader->schema), true);
}

static bool *
find_free(const FloorReader *reader, const BookingWindow *window, const pg_uuid_t *booking, char *sql, bool few)
{
	OccupiedExcept except = {booking, NULL};
	bool	   *free = palloc(reader->floor.ntables + 1);
	ListCell   *lc;

	memset(free, true, reader->floor.ntables);
	foreach(lc, find_taken(reader, window, &except, NULL, 0, sql, few))
		free[((Occupied *) lfirst(lc))->table] = false;
	return free;
}

void
taken_table_require_free(const FloorReader *reader, const BookingWindow *window, const OccupiedExcept *except,
						 const int *tables, int n, bool thoroughly)
{
	char	   *sql = taken_of_tables(reader->schema, n, thoroughly);
	List	   *found;

	taken_look_begin();
	found = find_taken(reader, window, except, tables, n, sql, true);
	taken_look_end();
	if (found == NIL)
		return;
	if (IsolationUsesXactSnapshot() && snapshot_is_free(reader, window, except, tables, n, sql))
		taken_raise_serialization("a dining table was given to somebody else");
	raise_taken(reader, linitial(found), except->booking);
}

static bool
snapshot_is_free(const FloorReader *reader, const BookingWindow *window, const OccupiedExcept *except,
				 const int *tables, int n, char *sql)
{
	List	   *found;

	query_begin_snapshot();
	found = find_taken(reader, window, except, tables, n, sql, true);
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
