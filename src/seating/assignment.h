/*-------------------------------------------------------------------------
 *
 * assignment.h
 *	  The rows of booking_table_assignments of a booking.
 *
 * The caller has locked the booking, and its dining tables (seat_lock.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ASSIGNMENT_H
#define MENUCA_ASSIGNMENT_H

#include "nodes/execnodes.h"

#include "seating/booking_reader.h"
#include "seating/floor_reader.h"

/* The dining tables that a booking has. */
typedef struct AssignedTables
{
	int			n;
	int		   *tables;			/* indexes of the floor, by table number;
								 * those of other restaurants are left out */
	int			nrows;			/* of all */
	BookingWindow window;		/* of its rows: first start, last end */
} AssignedTables;

/*
 * What it has, as others have committed it up to now.  Raises a serialization failure in
 * a transaction whose query snapshot shows something else.
 */
extern AssignedTables *assignment_of(const FloorReader *reader, const pg_uuid_t *booking);

/* The same of a booking that was read after its row was locked: no statement when that has shown none. */
extern AssignedTables *assignment_of_locked(const FloorReader *reader, const Booking *booking);

/*
 * Gives it n dining tables for the window; instead of those that it has, if replaces is
 * set, otherwise it has none.  key, which may be NULL, is remembered.  The booking gets the zone and, if it waited,
 * becomes confirmed.  An exclusion constraint of the users is checked here, even if it is
 * deferred.
 */
extern void assignment_store(const FloorReader *reader, const pg_uuid_t *booking, const BookingWindow *window,
							 const int *tables, int n, bool replaces, const char *key);

/*
 * The statement by which bookings get their zone and, if they wait, become confirmed; it
 * writes what differs only.  from: "" or a clause that begins with a space; booking and
 * zone: an expression for the id of each.  Executed under any search_path.
 */
extern char *assignment_confirm_sql(const SeatingSchema *schema, const char *from, const char *booking, const char *zone);

/* Takes all from it; a confirmed booking becomes pending again. */
extern void assignment_remove(const FloorReader *reader, const pg_uuid_t *booking);

/* The booking and its rows as JSON, for the ledger. */
extern char *assignment_image(const FloorReader *reader, const pg_uuid_t *booking);

/* Enters a change of a booking's dining tables, made by hand; waived: rules, may be 0. */
extern void assignment_record(const FloorReader *reader, const pg_uuid_t *booking, const char *before, int waived);

/* Ids and numbers of n dining tables as uuid[] and text[]. */
extern Datum assignment_ids(const FloorReader *reader, const int *tables, int n);
extern Datum assignment_numbers(const FloorReader *reader, const int *tables, int n);

/* Returns the row of menuca_assign_tables() and menuca_confirm_hold(). */
extern void assignment_return(ReturnSetInfo *rsinfo, const FloorReader *reader, const pg_uuid_t *booking,
							  const int *tables, int n, const BookingWindow *window, const char *outcome, int waived);

#endif							/* MENUCA_ASSIGNMENT_H */
