/*-------------------------------------------------------------------------
 *
 * watch_bookings.c
 *	  Reading the users' tables for the monitor: see watch_bookings.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "base/attempt.h"
#include "base/column.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "seating/local_time.h"
#include "seating/rollout_share.h"
#include "seating/seating_refusal.h"
#include "seating/users_column.h"
#include "watch/watch_bookings.h"

/* Local times and instants differ by at most this. */
#define GREATEST_OFFSET (16 * USECS_PER_HOUR)

/* All assignments are read at once when there are at most that many times as many as bookings. */
#define ASSIGNMENTS_WORTH_ALL 4

/* States of an enum are remembered by the OIDs of their labels. */
#define ENUM_STATES 16

/* What reads bookings' rows; the latest ones are not in the data yet. */
typedef struct BookingScan
{
	WatchData  *data;
	int			n;
	pg_uuid_t	ids[WATCH_UUIDS_BATCH];
	WatchBooking rows[WATCH_UUIDS_BATCH];
	int			nknown;
	Oid			labels[ENUM_STATES];
	WatchState	states[ENUM_STATES];
} BookingScan;

/* What reads assignments, likewise. */
typedef struct SeatScan
{
	WatchData  *data;
	int			n;
	pg_uuid_t	bookings[WATCH_UUIDS_BATCH];
	pg_uuid_t	tables[WATCH_UUIDS_BATCH];
	WatchSeat	seats[WATCH_UUIDS_BATCH];
} SeatScan;

/* The question of find_zone_of(). */
typedef struct ZoneSearch
{
	WatchData  *data;
	int			restaurant;
} ZoneSearch;

static void read_watched_restaurants(WatchData *data);
static void store_restaurant(TupleTableSlot *slot, void *arg);
static void find_reached(WatchData *data);
static void find_time_zones(WatchData *data);
static void find_zone_of(void *arg);
static void read_floor_tables(WatchData *data);
static void store_floor_table(TupleTableSlot *slot, void *arg);
static void read_bookings_of_time(WatchData *data);
static char *time_condition(const WatchData *data);
static void add_time_args(const WatchData *data, QueryArgs *args);
static char *status_column(const SeatingSchema *schema);
static char *party_column(const SeatingSchema *schema);
static void store_booking(TupleTableSlot *slot, void *arg);
static void store_bookings(BookingScan *scan);
static const char *read_times(const BookingScan *scan, TupleTableSlot *slot, WatchBooking *booking,
							  const WatchRestaurant *restaurant);
static const char *read_time(TupleTableSlot *slot, int which, const WatchRestaurant *restaurant, TimestampTz *instant);
static void note_unreadable(BookingScan *scan, const pg_uuid_t *id, const char *what);
static WatchState state_of(BookingScan *scan, TupleTableSlot *slot, int column);
static WatchState state_of_label(const char *label);
static void read_seats(WatchData *data);
static void store_seat(TupleTableSlot *slot, void *arg);
static void add_seats(SeatScan *scan);
static void read_holds(WatchData *data);
static void store_holds(TupleTableSlot *slot, void *arg);


void
watch_bookings_read(WatchData *data)
{
	data->has_zone_column = relation_has_column(data->schema->booking_table, "assigned_zone_id");
	read_watched_restaurants(data);
	read_floor_tables(data);
	read_bookings_of_time(data);
	read_seats(data);
	read_holds(data);
	find_reached(data);
}

/* $1 is the restaurant; NULL: all. */
static void
read_watched_restaurants(WatchData *data)
{
	const SeatingSchema *schema = data->schema;
	char	   *name = users_column_text("restaurants", "name", "r");
	QueryArgs	args = {0};

	query_arg_uuid(&args, data->restaurant);
	(void) query_each(psprintf("SELECT r.id, %s, %s FROM %s r WHERE $1 IS NULL OR r.id = $1", schema->timezone,
							   name ? name : "NULL::pg_catalog.text", schema->restaurants),
					  &args, store_restaurant, data);
	find_time_zones(data);
}

static void
store_restaurant(TupleTableSlot *slot, void *arg)
{
	WatchData  *data = arg;
	MemoryContext old = MemoryContextSwitchTo(data->context);
	int			number = watch_data_restaurant(data, DatumGetUUIDP(slot_datum(slot, 0, UUIDOID)));

	data->restaurants[number].is_known = true;
	data->restaurants[number].timezone = slot_text_or_null(slot, 1);
	data->restaurants[number].name = slot_text_or_null(slot, 2);
	MemoryContextSwitchTo(old);
}

/* Bookings name restaurants that have no row, too. */
static void
find_reached(WatchData *data)
{
	for (uint32 i = 0; i < data->restaurant_ids.n; i++)
		data->restaurants[i].is_in = rollout_share_is_in(&data->restaurant_ids.ids[i]);
}

/* Each name is looked up once; what is no time zone stays unknown. */
static void
find_time_zones(WatchData *data)
{
	List	   *firsts = NIL;

	for (uint32 i = 0; i < data->restaurant_ids.n; i++)
	{
		WatchRestaurant *restaurant = &data->restaurants[i];
		ZoneSearch	search = {data, (int) i};
		ListCell   *lc;
		bool		is_first = restaurant->timezone != NULL;

		foreach(lc, firsts)
		{
			const WatchRestaurant *first = &data->restaurants[lfirst_int(lc)];

			if (restaurant->timezone && strcmp(first->timezone, restaurant->timezone) == 0)
			{
				restaurant->zone = first->zone;
				is_first = false;
				break;
			}
		}
		if (!is_first)
			continue;
		(void) attempt(find_zone_of, &search);
		firsts = lappend_int(firsts, (int) i);
	}
}

/* Called in an attempt. */
static void
find_zone_of(void *arg)
{
	ZoneSearch *search = arg;

	search->data->restaurants[search->restaurant].zone =
		local_time_zone(search->data->schema, &search->data->restaurant_ids.ids[search->restaurant]);
}

/* In the order in which combinations name them. */
static void
read_floor_tables(WatchData *data)
{
	const SeatingSchema *schema = data->schema;
	QueryArgs	args = {0};

	query_arg_uuid(&args, data->restaurant);
	(void) query_each(psprintf("SELECT t.id, t.restaurant_id, %s, t.zone_id IS NOT NULL,"
							   " CASE WHEN t.active THEN LEAST(%s, NULLIF(%s, 0)) END"
							   " FROM %s t WHERE $1 IS NULL OR t.restaurant_id = $1 ORDER BY t.restaurant_id, %s COLLATE \"C\", t.id",
							   schema->table_number, schema->capacity, schema->max_party, schema->dining_tables, schema->table_number),
					  &args, store_floor_table, data);
}

static void
store_floor_table(TupleTableSlot *slot, void *arg)
{
	WatchData  *data = arg;
	MemoryContext old = MemoryContextSwitchTo(data->context);
	int			number = watch_data_table(data, DatumGetUUIDP(slot_datum(slot, 0, UUIDOID)));
	WatchTable *table = &data->tables[number];

	table->number = slot_text_or_null(slot, 2);
	table->has_zone = slot_bool(slot, 3);
	if (!slot->tts_isnull[1] && !slot->tts_isnull[4])
	{
		int			owner = watch_data_restaurant(data, DatumGetUUIDP(slot_datum(slot, 1, UUIDOID)));
		WatchRestaurant *restaurant = &data->restaurants[owner];

		restaurant->largest = Max(restaurant->largest, slot_int4(slot, 4));
	}
	MemoryContextSwitchTo(old);
}

static void
read_bookings_of_time(WatchData *data)
{
	const SeatingSchema *schema = data->schema;
	BookingScan scan = {.data = data};
	QueryArgs	args = {0};

	add_time_args(data, &args);
	(void) query_each(psprintf("SELECT b.id, b.restaurant_id, %s, %s, %s, %s, %s, %s, %s FROM %s b WHERE %s",
							   party_column(schema), status_column(schema), schema->booking_start, schema->booking_end,
							   schema->booking_local_start, schema->booking_local_end,
							   data->has_zone_column ? "b.assigned_zone_id IS NOT NULL" : "false",
							   schema->bookings, time_condition(data)),
					  &args, store_booking, &scan);
	store_bookings(&scan);
}

/*
 * Bookings that start at $1 or later; those of which only a local time or a date is known
 * are compared roughly, by $2 and $3, and again when their instant is known.
 */
static char *
time_condition(const WatchData *data)
{
	const SeatingSchema *schema = data->schema;

	return psprintf("(%1$s >= $1 OR (%1$s IS NULL AND COALESCE(%2$s >= $2, %3$s >= $3, true)))%4$s",
					schema->booking_start, schema->booking_local_start, schema->booking_date,
					data->restaurant ? " AND b.restaurant_id = $4" : "");
}

static void
add_time_args(const WatchData *data, QueryArgs *args)
{
	Timestamp	local = data->from - GREATEST_OFFSET;

	query_arg(args, TIMESTAMPTZOID, TimestampTzGetDatum(data->from), false);
	query_arg(args, TIMESTAMPOID, TimestampGetDatum(local), false);
	query_arg(args, DATEOID, DirectFunctionCall1(timestamp_date, TimestampGetDatum(local)), false);
	if (data->restaurant)
		query_arg(args, UUIDOID, UUIDPGetDatum(data->restaurant), false);
}

/* An enum as it is, whose text would have to be made for each row. */
static char *
status_column(const SeatingSchema *schema)
{
	Oid			type = get_atttype(schema->booking_table, column_require(schema->booking_table, "status", InvalidOid));

	return type_is_enum(type) ? pstrdup("b.status") : schema->booking_status;
}

/* What is no integer is NULL. */
static char *
party_column(const SeatingSchema *schema)
{
	Oid			type = get_atttype(schema->booking_table, column_require(schema->booking_table, "party_size", InvalidOid));

	return type == INT4OID ? pstrdup("b.party_size") :
		pstrdup("CASE WHEN b.party_size BETWEEN -2147483648 AND 2147483647 THEN b.party_size::pg_catalog.int4 END");
}

static void
store_booking(TupleTableSlot *slot, void *arg)
{
	BookingScan *scan = arg;
	WatchData  *data = scan->data;
	const pg_uuid_t *id = DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	WatchBooking row = {.seats = WATCH_NONE,.attempt = -1,.restaurant = WATCH_NONE,.present = true};
	const char *lacks;

	if (!slot->tts_isnull[1])
		row.restaurant = watch_data_restaurant(data, DatumGetUUIDP(slot_datum(slot, 1, UUIDOID)));
	lacks = read_times(scan, slot, &row, row.restaurant < 0 ? NULL : &data->restaurants[row.restaurant]);
	if (!row.present)
	{
		if (lacks)
		{
			note_unreadable(scan, id, lacks);
			data->nabsent++;
		}
		return;
	}
	row.has_party = !slot->tts_isnull[2];
	row.party = row.has_party ? slot_int4(slot, 2) : 0;
	row.state = state_of(scan, slot, 3);
	row.has_zone = slot_bool(slot, 8);
	if (row.restaurant < 0)
		lacks = "no restaurant";
	else if (!row.has_party)
		lacks = "no party_size";
	else if (row.party < 1)
		lacks = psprintf("a party of %d", row.party);
	if (lacks)
		note_unreadable(scan, id, lacks);
	scan->ids[scan->n] = *id;
	scan->rows[scan->n++] = row;
	if (scan->n == WATCH_UUIDS_BATCH)
		store_bookings(scan);
}

static void
store_bookings(BookingScan *scan)
{
	watch_uuids_fetch(&scan->data->booking_ids, scan->ids, scan->n);
	for (int i = 0; i < scan->n; i++)
	{
		int			number = watch_data_booking(scan->data, &scan->ids[i]);

		scan->data->bookings[number] = scan->rows[i];
	}
	scan->n = 0;
}

/*
 * Sets start and end; returns what they lack, or NULL.  A booking that is not of the time
 * is not present, nor is one that lacks its start.
 */
static const char *
read_times(const BookingScan *scan, TupleTableSlot *slot, WatchBooking *booking, const WatchRestaurant *restaurant)
{
	const char *start_lacks = read_time(slot, 0, restaurant, &booking->start);
	const char *end_lacks = read_time(slot, 1, restaurant, &booking->end);

	booking->present = start_lacks == NULL && booking->start >= scan->data->from && !TIMESTAMP_NOT_FINITE(booking->start);
	if (start_lacks)
		return start_lacks;
	if (booking->start < scan->data->from)
		return NULL;
	if (TIMESTAMP_NOT_FINITE(booking->start))
		return "a start that is no instant";
	if (end_lacks == NULL && booking->end <= booking->start)
		return "an end before its start";
	if (end_lacks)
		booking->end = WATCH_NO_TIME;
	return end_lacks && *end_lacks == 'a' ? end_lacks : NULL;
}

/* Start (0) or end (1), of the instant or else the local time; returns what it lacks, or NULL. */
static const char *
read_time(TupleTableSlot *slot, int which, const WatchRestaurant *restaurant, TimestampTz *instant)
{
	Timestamp	local;

	*instant = 0;
	if (!slot->tts_isnull[4 + which])
	{
		*instant = slot_time(slot, 4 + which);
		return NULL;
	}
	if (slot->tts_isnull[6 + which])
		return which == 0 ? "no start" : "no end";
	if (restaurant == NULL || restaurant->zone == NULL)
		return "a time without a time zone";
	local = DatumGetTimestamp(slot_datum(slot, 6 + which, TIMESTAMPOID));

	/* Half past one is on the next day of a booking that starts at nine. */
	if (which == 1 && !slot->tts_isnull[6] && !TIMESTAMP_NOT_FINITE(local) &&
		local <= DatumGetTimestamp(slot_datum(slot, 6, TIMESTAMPOID)))
		local += USECS_PER_DAY;
	return local_time_find(local, restaurant->zone, instant) ? NULL : "a time that does not exist";
}

static void
note_unreadable(BookingScan *scan, const pg_uuid_t *id, const char *what)
{
	MemoryContext old = MemoryContextSwitchTo(scan->data->context);

	if (scan->data->nunreadable++ < WATCH_EXAMPLES)
		scan->data->unreadable = lappend(scan->data->unreadable, psprintf("%s has %s", refusal_id(id), what));
	MemoryContextSwitchTo(old);
}

static WatchState
state_of(BookingScan *scan, TupleTableSlot *slot, int column)
{
	Oid			type = TupleDescAttr(slot->tts_tupleDescriptor, column)->atttypid;
	char	   *label;

	if (slot->tts_isnull[column])
		return WATCH_OTHER;
	if (type == TEXTOID)
		return state_of_label(slot_text(slot, column));
	for (int i = 0; i < scan->nknown; i++)
	{
		if (scan->labels[i] == DatumGetObjectId(slot->tts_values[column]))
			return scan->states[i];
	}
	label = DatumGetCString(DirectFunctionCall1(enum_out, slot->tts_values[column]));
	if (scan->nknown < ENUM_STATES)
	{
		scan->labels[scan->nknown] = DatumGetObjectId(slot->tts_values[column]);
		scan->states[scan->nknown++] = state_of_label(label);
	}
	return state_of_label(label);
}

static WatchState
state_of_label(const char *label)
{
	static const char *const labels[] = {
		"pending", "pending_allocation", "confirmed", "checked_in", "completed", "cancelled", "no_show"
	};

	for (size_t i = 0; i < lengthof(labels); i++)
	{
		if (strcmp(label, labels[i]) == 0)
			return (WatchState) i;
	}
	return WATCH_OTHER;
}

/* Of few bookings, those of their rows are looked up; of most, all rows are read in their order. */
static void
read_seats(WatchData *data)
{
	const SeatingSchema *schema = data->schema;
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(schema->assignment_table));
	double		rows = 0;
	SeatScan	scan = {.data = data};
	QueryArgs	args = {0};

	if (HeapTupleIsValid(tuple))
	{
		rows = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
		ReleaseSysCache(tuple);
	}
	if (rows <= (double) data->booking_ids.n * ASSIGNMENTS_WORTH_ALL)
		(void) query_each(psprintf("SELECT a.booking_id, a.table_id, a.start_at, a.end_at FROM %s a"
								   " WHERE a.booking_id IS NOT NULL AND a.table_id IS NOT NULL", schema->assignments),
						  NULL, store_seat, &scan);
	else
	{
		add_time_args(data, &args);
		(void) query_each(psprintf("SELECT a.booking_id, a.table_id, a.start_at, a.end_at FROM %s a JOIN %s b ON b.id = a.booking_id"
								   " WHERE a.table_id IS NOT NULL AND %s", schema->assignments, schema->bookings, time_condition(data)),
						  &args, store_seat, &scan);
	}
	add_seats(&scan);
}

static void
store_seat(TupleTableSlot *slot, void *arg)
{
	SeatScan   *scan = arg;
	WatchSeat  *seat = &scan->seats[scan->n];

	scan->bookings[scan->n] = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	scan->tables[scan->n] = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	seat->start = slot->tts_isnull[2] ? WATCH_NO_TIME : slot_time(slot, 2);
	seat->end = slot->tts_isnull[3] ? WATCH_NO_TIME : slot_time(slot, 3);
	if (++scan->n == WATCH_UUIDS_BATCH)
		add_seats(scan);
}

/* Those of bookings of another time are left out. */
static void
add_seats(SeatScan *scan)
{
	WatchData  *data = scan->data;

	watch_uuids_fetch(&data->booking_ids, scan->bookings, scan->n);
	for (int i = 0; i < scan->n; i++)
	{
		int64		booking = watch_uuids_find(&data->booking_ids, &scan->bookings[i]);

		if (booking < 0)
			continue;
		scan->seats[i].table = watch_data_table(data, &scan->tables[i]);
		watch_data_add_seat(data, (int) booking, &scan->seats[i]);
	}
	scan->n = 0;
}

static void
read_holds(WatchData *data)
{
	QueryArgs	args = {0};

	if (data->schema->holds == NULL)
		return;
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(data->now), false);
	query_arg_uuid(&args, data->restaurant);
	(void) query_each(psprintf("SELECT count(*), count(*) FILTER (WHERE h.expires_at <= $1) FROM %s h WHERE $2 IS NULL OR h.restaurant_id = $2",
							   data->schema->holds), &args, store_holds, data);
}

static void
store_holds(TupleTableSlot *slot, void *arg)
{
	WatchData  *data = arg;

	data->holds = slot_int8(slot, 0);
	data->expired_holds = slot_int8(slot, 1);
}
