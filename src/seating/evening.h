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

#include "seating/evening_problem.h"

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
 * as many as suit the number of bookings.  It may be exceeded by twice, and by
 * what a single pass costs.  The search ends early when number and score are proven,
 * or the number is and the score is near its bound; beyond 200 bookings, at a score
 * within one percent of it.  The problem is not changed, and not referred to afterwards.  The result
 * is allocated in the current memory context; all else is freed before the
 * return, also after an error.  Checks for interrupts.
 *
 * Errors: ERRCODE_PROGRAM_LIMIT_EXCEEDED when there is too much to compute with:
 * costs above 10^9 or below -10^9, counts or an option's dining tables above
 * 10^4, more than 10^5 bookings, or resources times different starts above
 * 10^8.
 */
extern EveningResult *evening_solve(const EveningProblem *problem,
									int64 max_steps);

#endif							/* MENUCA_EVENING_H */
