/*-------------------------------------------------------------------------
 *
 * guarded_booking.h
 *	  A booking that a trigger function looks at, with its row locked.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_GUARDED_BOOKING_H
#define MENUCA_GUARDED_BOOKING_H

#include "seating/guarded_tables.h"

/* A booking as it is now. */
typedef struct GuardedBooking
{
	pg_uuid_t	id;
	char	   *status;			/* "" when it is NULL */
	bool		has_restaurant;
	pg_uuid_t	restaurant;
} GuardedBooking;

/*
 * Locks the booking's row until the transaction ends, and reads it; false when it does
 * not exist any more.  The lock is FOR NO KEY UPDATE: it excludes whoever changes the
 * booking, and whoever else takes this lock, but not foreign keys of rows that others
 * insert.  Two sessions that have both inserted such rows would wait for each other.
 */
extern bool guarded_booking_lock(const GuardedTables *tables, const pg_uuid_t *id, GuardedBooking *booking);

/* True if a dining table is assigned to the booking, in a query snapshot taken now. */
extern bool guarded_booking_has_dining_table(const GuardedTables *tables, const pg_uuid_t *id);

/* True if the dining tables of a booking with that status are taken. */
extern bool guarded_booking_blocks(const char *status);

/* A booking's id as text, in the current memory context. */
extern char *guarded_booking_id(const pg_uuid_t *id);

/* Adds table bookings and the constraint to an error, as errtableconstraint() does. */
extern int	guarded_booking_constraint(const GuardedTables *tables, const char *constraint);

#endif							/* MENUCA_GUARDED_BOOKING_H */
