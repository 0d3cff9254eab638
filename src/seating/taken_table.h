/*-------------------------------------------------------------------------
 *
 * taken_table.h
 *	  Who has dining tables in a window: bookings and holds.
 *
 * Rows of assignments are windows already.  A booking whose own end is later has the
 * table until then, and guests who still sit there have it a while from now on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TAKEN_TABLE_H
#define MENUCA_TAKEN_TABLE_H

#include "nodes/pg_list.h"

#include "base/compat.h"
#include "seating/floor_reader.h"

/* A dining table that somebody has for a while. */
typedef struct Occupied
{
	int			table;			/* index of the floor's dining table */
	bool		by_hold;		/* a hold has it, else a booking */
	pg_uuid_t	by;				/* that hold or booking */
	bool		is_for_booking; /* of a hold: a booking is to have it */
	pg_uuid_t	booking;		/* then: which one */
	TimestampTz start;			/* its window */
	TimestampTz end;
} Occupied;

/* Whose own dining tables do not count; each may be NULL. */
typedef struct OccupiedExcept
{
	const pg_uuid_t *booking;	/* its assignments, and its holds */
	const pg_uuid_t *hold;
} OccupiedExcept;

/*
 * What is taken in the window: Occupied rows, by table and start.  Reads under the active
 * query snapshot.
 */
extern List *taken_table_find(const FloorReader *reader, const BookingWindow *window, const OccupiedExcept *except);

/*
 * The same of bookings that are over, whose rows bar nobody but may be counted by a
 * constraint of the users.
 */
extern List *taken_table_find_past(const FloorReader *reader, const BookingWindow *window);

/*
 * By index: whether the dining table is free in the window, for a booking, which may
 * be NULL: its own assignments and its own hold do not count.
 */
extern bool *taken_table_free(const FloorReader *reader, const BookingWindow *window, const pg_uuid_t *booking);

/*
 * The same at a glance: the rows of bookings that began in the window, or before it within
 * two hours or the longest turn time, and holds.  A dining table may be free here that is not, but none is taken
 * that is free.  The same as taken_table_free() where bookings are not found by restaurant
 * and start through an index.
 */
extern bool *taken_table_glance(const FloorReader *reader, const BookingWindow *window, const pg_uuid_t *booking);

/*
 * Looks again, after locks have been taken, at what others have committed up to now.
 * Raises MC041 or MC042 when a dining table is taken; in a transaction whose own query
 * snapshot does not show that, a serialization failure.
 *
 * Rows of the week before are looked at, or all rows if thoroughly: where nobody has
 * looked at the floor before.
 */
extern void taken_table_require_free(const FloorReader *reader, const BookingWindow *window,
									 const OccupiedExcept *except, const int *tables, int n, bool thoroughly);

/*
 * Begin and end a look at all that is committed, and at this transaction's own changes,
 * whatever the isolation level is.
 */
extern void taken_look_begin(void);
extern void taken_look_end(void);

/* Raises the serialization failure of a transaction that cannot see what has happened. */
pg_noreturn extern void taken_raise_serialization(const char *what);

#endif							/* MENUCA_TAKEN_TABLE_H */
