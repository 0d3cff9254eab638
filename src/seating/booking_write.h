/*-------------------------------------------------------------------------
 *
 * booking_write.h
 *	  Writing the time and party of bookings, as their table has them.
 *
 * Bookings have instants, or a date and times of the restaurant's clock, or both; all
 * that are there are written, but for generated columns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BOOKING_WRITE_H
#define MENUCA_BOOKING_WRITE_H

#include "seating/floor_reader.h"

/* When a party comes and leaves. */
typedef struct BookingTime
{
	int			party_size;
	TimestampTz start;
	bool		has_end;		/* false: its end stays as it is, or is not
								 * known */
	TimestampTz end;
} BookingTime;

/* Changes a booking.  Raises an error when the table cannot hold the time. */
extern void booking_write_move(const FloorReader *reader, const pg_uuid_t *booking, const BookingTime *time);

/*
 * Inserts a booking with that status; details, which may be NULL, is a JSON object with
 * other columns.  Stores its id.
 */
extern void booking_write_insert(const FloorReader *reader, const BookingTime *time, const char *status,
								 Datum details, bool has_details, pg_uuid_t *booking);

/* Whether the booking has an end of its own, and which; under the active query snapshot. */
extern bool booking_write_end_of(const FloorReader *reader, const pg_uuid_t *booking, TimestampTz start, TimestampTz *end);

#endif							/* MENUCA_BOOKING_WRITE_H */
