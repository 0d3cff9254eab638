/*-------------------------------------------------------------------------
 *
 * watch_data.c
 *	  The bookings of a time, in memory: see watch_data.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/format.h"
#include "seating/seating_refusal.h"
#include "watch/watch_data.h"

#define FIRST_ROWS 1024

static void *room_for_one(MemoryContext context, void *rows, uint32 n, uint32 *allocated, Size size);


WatchData *
watch_data_begin(const SeatingSchema *schema, const pg_uuid_t *restaurant, TimestampTz now, TimestampTz from)
{
	WatchData  *data = palloc0(sizeof(WatchData));

	data->context = CurrentMemoryContext;
	data->schema = schema;
	data->restaurant = restaurant;
	data->now = now;
	data->from = from;
	data->holds = -1;
	watch_uuids_begin(&data->restaurant_ids);
	watch_uuids_begin(&data->table_ids);
	watch_uuids_begin(&data->booking_ids);
	return data;
}

int
watch_data_restaurant(WatchData *data, const pg_uuid_t *id)
{
	uint32		before = data->restaurant_ids.n;
	uint32		number = watch_uuids_add(&data->restaurant_ids, id);

	if (number == before)
	{
		data->restaurants = room_for_one(data->context, data->restaurants, number, &data->restaurants_allocated, sizeof(WatchRestaurant));
		memset(&data->restaurants[number], 0, sizeof(WatchRestaurant));
	}
	return (int) number;
}

int
watch_data_table(WatchData *data, const pg_uuid_t *id)
{
	uint32		before = data->table_ids.n;
	uint32		number = watch_uuids_add(&data->table_ids, id);

	if (number == before)
	{
		data->tables = room_for_one(data->context, data->tables, number, &data->tables_allocated, sizeof(WatchTable));
		memset(&data->tables[number], 0, sizeof(WatchTable));
	}
	return (int) number;
}

int
watch_data_booking(WatchData *data, const pg_uuid_t *id)
{
	uint32		before = data->booking_ids.n;
	uint32		number = watch_uuids_add(&data->booking_ids, id);

	if (number == before)
	{
		data->bookings = room_for_one(data->context, data->bookings, number, &data->bookings_allocated, sizeof(WatchBooking));
		memset(&data->bookings[number], 0, sizeof(WatchBooking));
		data->bookings[number].restaurant = WATCH_NONE;
		data->bookings[number].seats = WATCH_NONE;
		data->bookings[number].attempt = -1;
	}
	return (int) number;
}

void
watch_data_add_seat(WatchData *data, int number, const WatchSeat *seat)
{
	WatchBooking *booking = &data->bookings[number];

	if (data->nseats >= PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("there are more than %d assignments in this time", PG_INT32_MAX),
				 errdetail("Nothing was changed."),
				 errhint("Choose fewer days.")));
	data->seats = room_for_one(data->context, data->seats, data->nseats, &data->seats_allocated, sizeof(WatchSeat));
	data->seats[data->nseats] = *seat;
	data->seats[data->nseats].next = booking->seats;
	booking->seats = (int) data->nseats++;
}

/* Room for one row more than n. */
static void *
room_for_one(MemoryContext context, void *rows, uint32 n, uint32 *allocated, Size size)
{
	if (n < *allocated)
		return rows;
	if (rows == NULL)
	{
		*allocated = FIRST_ROWS;
		return MemoryContextAlloc(context, FIRST_ROWS * size);
	}
	*allocated *= 2;
	return repalloc_huge(rows, *allocated * size);
}

char *
watch_data_describe(const WatchData *data, int number)
{
	const WatchBooking *booking = &data->bookings[number];

	return psprintf("%s (%s, %s)", refusal_id(&data->booking_ids.ids[number]),
					booking->has_party ? psprintf("party of %d", booking->party) : "no party", format_utc(booking->start));
}

char *
watch_data_table_name(const WatchData *data, int table)
{
	return data->tables[table].number ? data->tables[table].number : refusal_id(&data->table_ids.ids[table]);
}
