/*-------------------------------------------------------------------------
 *
 * booking_lock.h
 *	  What people have decided about single bookings: locks, wishes, priority.
 *
 * A locked booking keeps its dining tables whatever is planned for others.  One with a
 * wish gets those dining tables when they are free and a plan for it, and nobody loses
 * a seat by it.  Of two bookings the one of higher priority is seated first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BOOKING_LOCK_H
#define MENUCA_BOOKING_LOCK_H

#include "nodes/pg_list.h"

#include "seating/floor_reader.h"

/* The greatest priority: more than anybody tells apart. */
#define BOOKING_LOCK_MAX_PRIORITY 100

typedef struct BookingLock
{
	pg_uuid_t	booking;
	bool		locked;
	int			priority;		/* 0 for those that nobody has decided about */
	int			nwanted;		/* dining tables that it would rather have, or
								 * 0 */
	int		   *wanted;			/* their indexes, by table number */
} BookingLock;

/* Those of a restaurant: BookingLocks, by booking.  A wish for a dining table that is gone is none. */
extern List *booking_lock_all(const FloorReader *reader);

/* That of a booking; NULL when nobody has decided about it. */
extern BookingLock *booking_lock_of(const FloorReader *reader, const pg_uuid_t *booking);

/* Ends the lock of a booking that has no dining tables any more. */
extern void booking_lock_end(const FloorReader *reader, const pg_uuid_t *booking);

#endif							/* MENUCA_BOOKING_LOCK_H */
