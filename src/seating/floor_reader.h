/*-------------------------------------------------------------------------
 *
 * floor_reader.h
 *	  Reading a restaurant's floor, and what of it is free in a window.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FLOOR_READER_H
#define MENUCA_FLOOR_READER_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "pgtime.h"
#include "utils/uuid.h"

#include "seating/floor.h"
#include "seating/seating_schema.h"
#include "seating/setting_values.h"

/* A restaurant's floor as its tables say. */
typedef struct FloorReader
{
	const SeatingSchema *schema;
	pg_uuid_t	restaurant;
	pg_tz	   *zone;			/* its time zone */
	SeatingSettings *settings;
	Floor		floor;
	pg_uuid_t  *table_ids;		/* by index of the floor's dining tables */
	pg_uuid_t  *zone_ids;		/* by the floor's zones */
	char	  **zone_names;
	bool	   *zone_active;
	List	   *combinations;	/* ListedCombinations, by the floor's */
	List	   *preferences;	/* TablePreferences */
} FloorReader;

/* The window of a booking: half-open, with its buffers. */
typedef struct BookingWindow
{
	TimestampTz start;
	TimestampTz end;
} BookingWindow;

/*
 * Reads the floor as it is now.  Raises an error when there is no such restaurant, or
 * its tables cannot be read.
 */
extern FloorReader *floor_reader_read(const pg_uuid_t *restaurant);

/*
 * The same from tables that were found before in this transaction, and with other
 * settings, as seating_settings_with() takes them; both may be NULL.
 */
extern FloorReader *floor_reader_read_with(const SeatingSchema *schema, const pg_uuid_t *restaurant, Jsonb *changes);

/*
 * The window of a party that comes at start, and stays until end or for its turn
 * time, whichever is longer; end may be NULL.  Raises an error when neither is known.
 */
extern BookingWindow floor_reader_window(const FloorReader *reader, int party_size, TimestampTz start,
										 const TimestampTz *end);

/* By combination: whether it applies to bookings that start at that instant. */
extern bool *floor_reader_applies(const FloorReader *reader, TimestampTz start);

/*
 * What is preferred for bookings that start at that instant, by index: the points and
 * the smallest party of each dining table; for_walk_in: for guests without a booking.
 * Dining tables that are kept for those are not free for others.
 */
extern void floor_reader_prefer(const FloorReader *reader, TimestampTz start, bool for_walk_in,
								bool *free, int *priority, int *min_party);

/* The index of the dining table of that id; -1 when the floor has none. */
extern int	floor_reader_table(const FloorReader *reader, const pg_uuid_t *id);

/* The floor's number of the zone of that id; -1 when there is none. */
extern int	floor_reader_zone(const FloorReader *reader, const pg_uuid_t *id);

#endif							/* MENUCA_FLOOR_READER_H */
