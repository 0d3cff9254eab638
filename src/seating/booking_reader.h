/*-------------------------------------------------------------------------
 *
 * booking_reader.h
 *	  Reading bookings of a restaurant.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BOOKING_READER_H
#define MENUCA_BOOKING_READER_H

#include "nodes/pg_list.h"

#include "seating/floor_reader.h"

/* A booking. */
typedef struct Booking
{
	pg_uuid_t	id;
	int			party_size;
	char	   *status;
	TimestampTz start;			/* it has one */
	bool		has_end;		/* its row says when it ends */
	TimestampTz end;			/* then: when */
	BookingWindow window;		/* with its buffers */
	bool		has_tables;		/* dining tables are assigned to it */
} Booking;

/* A booking that no dining tables can be found for, because of what its row lacks. */
typedef struct UnreadableBooking
{
	pg_uuid_t	id;
	bool		has_party_size;
	int			party_size;
	bool		has_start;
	TimestampTz start;
	char	   *reason;
} UnreadableBooking;

/*
 * The booking of that id.  Raises an error when the restaurant has none, and when
 * its time or its party does not exist or is not known.
 */
extern Booking *booking_reader_get(const FloorReader *reader, const pg_uuid_t *id);

/*
 * The bookings of the restaurant that start at from or later and before until, and
 * wait for dining tables: Bookings, by start and id.  Those whose time or party does not
 * exist or is not known are left out.
 */
extern List *booking_reader_waiting(const FloorReader *reader, TimestampTz from, TimestampTz until);

/*
 * The bookings of the restaurant that start in that time and count for a service day:
 * those that block dining tables, or would if they had some; with_past: completed ones and
 * no-shows, too.  As above otherwise; *unreadable has those that are left out, and those that
 * have the date on which that time begins, and no time: UnreadableBookings.
 */
extern List *booking_reader_day(const FloorReader *reader, TimestampTz from, TimestampTz until, bool with_past, List **unreadable);

/*
 * The bookings of the restaurant that start in that time and have dining tables, whatever
 * their status is; *unreadable as in booking_reader_day().
 */
extern List *booking_reader_assigned(const FloorReader *reader, TimestampTz from, TimestampTz until, List **unreadable);

/*
 * Those that have dining tables after that instant, and no time of which could be said
 * whether it is before or after it: UnreadableBookings.
 */
extern List *booking_reader_untimed(const FloorReader *reader, TimestampTz from);

#endif							/* MENUCA_BOOKING_READER_H */
