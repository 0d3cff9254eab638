/*-------------------------------------------------------------------------
 *
 * evening.h
 *	  Seating a whole evening: most bookings, then least score, with bounds.
 *
 * Pure computation, without a database.  A *resource* is a class of dining
 * tables that no rule tells apart, or one dining table.  Booking after booking
 * gets one of its options, or none, so that at no instant more of a resource
 * is used than there is.  What is already assigned is fixed use and stays.
 *
 * The method and the proof of the bounds are in README.md, "Evening".
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_H
#define MENUCA_EVENING_H

/* What an option takes of one resource during the booking's window. */
typedef struct EveningUse
{
	int32		resource;		/* index into counts */
	int32		amount;			/* dining tables of it, at least 1 */
} EveningUse;

/* One way to seat a booking: a set of dining tables, told by their classes. */
typedef struct EveningOption
{
	int64		cost;			/* ten-thousandths; may be negative */
	int32		first_use;		/* index into uses; each resource once */
	int32		nuses;			/* 0: takes nothing, always possible */
} EveningOption;

/* Options that bookings share: those of one party size, say. */
typedef struct EveningList
{
	int32		first_option;	/* index into options */
	int32		noptions;
} EveningList;

/* A booking that wants to be seated. */
typedef struct EveningBooking
{
	int64		start;			/* any unit, the same everywhere */
	int64		end;			/* half-open, after start; buffers included */
	int32		priority;		/* higher ones are seated first */
	int32		list;			/* index into lists; -1: has no option */
} EveningBooking;

/* What is used already, by whomever, and is not moved. */
typedef struct EveningFixed
{
	int32		resource;
	int32		amount;
	int64		start;
	int64		end;			/* half-open */
} EveningFixed;

typedef struct EveningProblem
{
	int32		nresources;
	const int32 *counts;		/* dining tables of each resource, >= 0 */
	int32		nuses;
	const EveningUse *uses;
	int32		noptions;
	const EveningOption *options;
	int32		nlists;
	const EveningList *lists;
	int32		nbookings;
	const EveningBooking *bookings;
	int32		nfixed;
	const EveningFixed *fixed;
} EveningProblem;

typedef struct EveningResult
{
	int32	   *chosen;			/* of each booking: index into options, or -1 */
	int32		seated;			/* bookings with an option */
	int32		seated_bound;	/* no best seating has more */
	bool		seated_proven;	/* of each priority no more can be seated */
	int64		score;			/* sum of the chosen options' costs */
	int64		score_bound;	/* no seating of as many of each priority has
								 * less */
	bool		score_proven;	/* score equals its bound */
	int64		steps;			/* done; a step is an option looked at */
} EveningResult;

/*
 * Seats the bookings.  max_steps limits the work, in steps of roughly 10 to 20
 * nanoseconds, and never in time, so equal input gives an equal result; 0 is
 * as many as suit the number of bookings.  It may be exceeded by what a single
 * pass costs.  The problem is not
 * changed, but referred to while this runs only.  The result is allocated in
 * the current memory context; all else is freed before the return, also after
 * an error.  Checks for interrupts.
 *
 * Errors: ERRCODE_PROGRAM_LIMIT_EXCEEDED when there is too much to compute with:
 * costs above 10^9 or below -10^9, counts or an option's dining tables above
 * 10^4, more than 10^5 bookings, or resources times different starts above
 * 10^8.
 */
extern EveningResult *evening_solve(const EveningProblem *problem,
									int64 max_steps);

#endif							/* MENUCA_EVENING_H */
