/*-------------------------------------------------------------------------
 *
 * booking_state.h
 *	  What the state of a booking allows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_BOOKING_STATE_H
#define MENUCA_BOOKING_STATE_H

#include "base/compat.h"
#include "seating/booking_reader.h"

/* Reads a booking that is locked, under a new query snapshot. Raises an error for a party of 0 or less. */
extern Booking *booking_state_read(const FloorReader *reader, const pg_uuid_t *booking);

/* Its status alone, as it is now; NULL without one. */
extern char *booking_state_status(const FloorReader *reader, const pg_uuid_t *booking);

/* Whether it may get dining tables: it is pending, pending_allocation or confirmed. */
extern bool booking_state_may_get(const Booking *booking);

/* Whether dining tables that it has are its own: as above, or it is checked_in. */
extern bool booking_state_is_seated(const Booking *booking);

/* Raises MC045. */
pg_noreturn extern void booking_state_raise(const FloorReader *reader, const Booking *booking, const char *what);

#endif							/* MENUCA_BOOKING_STATE_H */
