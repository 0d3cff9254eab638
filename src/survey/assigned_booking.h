/*-------------------------------------------------------------------------
 *
 * assigned_booking.h
 *	  Bookings with the dining tables that are assigned to them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ASSIGNED_BOOKING_H
#define MENUCA_ASSIGNED_BOOKING_H

#include "nodes/pg_list.h"

#include "seating/booking_reader.h"
#include "seating/listed_combination.h"

/* A row of booking_table_assignments. */
typedef struct AssignedRow
{
	pg_uuid_t	table_id;
	int			table;			/* its index on the booking's floor; -1: it is
								 * not of the restaurant */
	bool		has_start;
	TimestampTz start;
	bool		has_end;
	TimestampTz end;
	char	   *group;			/* merge_group_id; or NULL */
} AssignedRow;

typedef struct AssignedBooking
{
	const Booking *booking;
	int			nrows;
	AssignedRow *rows;			/* by dining table and start */
	int			ntables;
	int		   *tables;			/* the floor's, by number, each once */
	char	   *zone;			/* assigned_zone_id as text; or NULL */
} AssignedBooking;

/*
 * The bookings of the restaurant with dining tables that start in that time, whatever their
 * status is: AssignedBookings, by start and id.  *unreadable has the UnreadableBookings
 * among them.
 */
extern List *assigned_booking_read(const FloorReader *reader, TimestampTz from, TimestampTz until, List **unreadable);

/* Whether a booking in that state needs its dining tables: it waits, is confirmed, or its guests sit there. */
extern bool assigned_booking_blocks(const Booking *booking);

/*
 * What the restaurant has listed for exactly these dining tables at that time, if the
 * settings allow listed combinations; the one that seats most.  NULL without.
 */
extern const ListedCombination *assigned_booking_listed(const FloorReader *reader, const AssignedBooking *assigned);

/* How many guests its dining tables seat: their sum, or what is listed. */
extern int64 assigned_booking_seats(const FloorReader *reader, const AssignedBooking *assigned);

#endif							/* MENUCA_ASSIGNED_BOOKING_H */
