/*-------------------------------------------------------------------------
 *
 * seat_lock.h
 *	  Locks on rows of bookings, dining tables and holds.
 *
 * Every function of this room takes them in this order, so that nobody waits in a
 * circle: the booking; dining tables, by id; holds, by id.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEAT_LOCK_H
#define MENUCA_SEAT_LOCK_H

#include "base/compat.h"
#include "seating/floor_reader.h"

/*
 * Locks a booking until the transaction ends, and stores its restaurant.  Returns false
 * when the server found that this session and another one wait for each other, which
 * only happens when one transaction makes several calls.  Raises an error when there
 * is no such booking.
 */
extern bool seat_lock_booking(const SeatingSchema *schema, const pg_uuid_t *booking, pg_uuid_t *restaurant);

/* The same; raises MC041 where the other one returns false. */
extern void seat_lock_require_booking(const SeatingSchema *schema, const pg_uuid_t *booking, pg_uuid_t *restaurant);

/* Raises MC041: this session and another one, which is changing the booking, waited for each other. */
pg_noreturn extern void seat_lock_raise_circle(const pg_uuid_t *booking);

/*
 * Locks n dining tables, and removes expired holds on them.  Returns false when one is
 * not as the floor was read, which must be read again.  Waits for other sessions.
 */
extern bool seat_lock_tables(const FloorReader *reader, const int *tables, int n);

/* A hold as its row is. */
typedef struct SeatHold
{
	pg_uuid_t	id;
	pg_uuid_t	restaurant;
	bool		has_booking;	/* it is for a booking */
	pg_uuid_t	booking;
	TimestampTz start;			/* its window */
	TimestampTz end;
	TimestampTz expires_at;
	bool		expired;		/* by now */
	List	   *table_ids;		/* of its dining tables: pg_uuid_t, sorted */
} SeatHold;

/* Reads a hold, and locks its row if so asked; NULL when there is none. */
extern SeatHold *seat_lock_hold(const SeatingSchema *schema, const pg_uuid_t *hold, bool lock);

/* Deletes n holds with their members. */
extern void seat_lock_delete_holds(const SeatingSchema *schema, Datum *holds, int n);

/* Raises MC043: the hold, NULL when it is gone, has expired. */
pg_noreturn extern void seat_lock_raise_expired(const pg_uuid_t *id, const SeatHold *hold);

#endif							/* MENUCA_SEAT_LOCK_H */
