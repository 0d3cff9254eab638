/*-------------------------------------------------------------------------
 *
 * evening_problem.h
 *	  An evening: dining tables, what is used already, and who wants to be seated.
 *
 * Pure data, without a database.  A *resource* is a class of dining tables that no
 * rule tells apart, or one dining table.  Booking after booking gets one of its
 * options, or none, so that at no instant more of a resource is used than there is.
 * What is already assigned is fixed use and stays.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_PROBLEM_H
#define MENUCA_EVENING_PROBLEM_H

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

#endif							/* MENUCA_EVENING_PROBLEM_H */
