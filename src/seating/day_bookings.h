/*-------------------------------------------------------------------------
 *
 * day_bookings.h
 *	  Who comes on a service day, and what is taken beside them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DAY_BOOKINGS_H
#define MENUCA_DAY_BOOKINGS_H

#include "utils/date.h"

#include "seating/booking_lock.h"
#include "seating/booking_reader.h"
#include "seating/floor_reader.h"

/* Which bookings may get other dining tables than they have. */
typedef enum DayMode
{
	DAY_KEEP,					/* none */
	DAY_MOVE,					/* those that are not locked */
	DAY_REPLAY					/* all, those that are over, too, as if
								 * nothing had been assigned */
} DayMode;

/* Which day is asked about, and how. */
typedef struct DayQuestion
{
	DateADT		date;
	DayMode		mode;
	bool		all_rows;		/* rows of bookings that are over are taken,
								 * too, since a constraint of the users counts
								 * them */
} DayQuestion;

/* What can be done for a booking. */
typedef enum DayChoice
{
	DAY_CHOICE_OPEN,			/* it waits for dining tables */
	DAY_CHOICE_MAY_MOVE,		/* it has some, and may get others */
	DAY_CHOICE_FIXED,			/* it keeps those that it has */
	DAY_CHOICE_NONE				/* its guests sit somewhere, it is not known
								 * where */
} DayChoice;

typedef struct DayBooking
{
	const Booking *booking;
	const BookingLock *lock;	/* or NULL */
	DayChoice	choice;
	int			nhad;			/* dining tables that it has */
	int		   *had;			/* their indexes, by table number */
} DayBooking;

typedef struct DayBookings
{
	DateADT		date;
	BookingWindow window;		/* of the day and of all its bookings */
	int			n;
	DayBooking *bookings;		/* by start and id */
	List	   *unreadable;		/* UnreadableBookings, beside these */
	List	   *taken;			/* Occupieds that stay, by dining table and
								 * start */
} DayBookings;

/* Reads them.  Locked bookings are fixed, as are those whose guests have come. */
extern DayBookings *day_bookings_read(const FloorReader *reader, const DayQuestion *question);

#endif							/* MENUCA_DAY_BOOKINGS_H */
