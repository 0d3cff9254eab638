/*-------------------------------------------------------------------------
 *
 * day_outcome.h
 *	  What the seating of a service day means for a booking, in words.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DAY_OUTCOME_H
#define MENUCA_DAY_OUTCOME_H

#include "seating/day_problem.h"

typedef struct DayOutcome
{
	const char *outcome;		/* assigned, moved, already, none or off */
	char	   *reason;			/* begins with the outcome, as those of
								 * menuca_auto_assign() */
} DayOutcome;

/*
 * That of a seat.  Where no plan seats a booking whoever else comes, it says why; for this it
 * reads under the active query snapshot.
 */
extern DayOutcome day_outcome_of(const FloorReader *reader, const DaySeat *seat);

#endif							/* MENUCA_DAY_OUTCOME_H */
