/*-------------------------------------------------------------------------
 *
 * evening_deal.h
 *	  From classes of dining tables to the dining tables themselves.
 *
 * The dining tables of a resource are numbered from 0 to its count - 1, in the
 * order in which they are to be given out.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_EVENING_DEAL_H
#define MENUCA_EVENING_DEAL_H

#include "seating/evening_problem.h"

/* A dining table that is used already and stays so. */
typedef struct EveningTaken
{
	int32		resource;
	int32		table;			/* number within the resource */
	int64		start;
	int64		end;			/* half-open */
} EveningTaken;

/* A dining table that a booking had before, and would rather keep. */
typedef struct EveningHad
{
	int32		booking;
	int32		resource;
	int32		table;
} EveningHad;

/* A dining table for a booking. */
typedef struct EveningSeat
{
	int32		resource;
	int32		table;
} EveningSeat;

typedef struct EveningDeal
{
	int32	   *first;			/* of each booking, and one more: index into
								 * seats of its first one */
	EveningSeat *seats;			/* by booking, resource and table */
	int32		undealt;		/* bookings with an option, but without seats */
} EveningDeal;

/*
 * Gives each booking with a chosen option (as in EveningResult) dining tables
 * of its own: those that it had, else the lowest number that is free.  The
 * result is allocated in the current memory context.
 *
 * For each EveningFixed of the problem there is an EveningTaken for each of its
 * dining tables.  undealt is 0 if each resource with several dining tables is
 * used by nothing fixed, or by what starts before any booking does.  Otherwise
 * a class cannot promise a dining table that is free for a whole window: make
 * a resource of each dining table whose fixed use begins later.
 */
extern EveningDeal *evening_deal(const EveningProblem *problem,
								 const int32 *chosen,
								 int32 ntaken, const EveningTaken *taken,
								 int32 nhad, const EveningHad *had);

#endif							/* MENUCA_EVENING_DEAL_H */
