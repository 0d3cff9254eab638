/*-------------------------------------------------------------------------
 *
 * seat_choice.h
 *	  The planner's choice for a run (seat_run.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEAT_CHOICE_H
#define MENUCA_SEAT_CHOICE_H

#include "seating/no_plan.h"
#include "seating/seat_run.h"

/* Who wants dining tables. */
typedef struct SeatChoice
{
	int			party_size;
	TimestampTz start;
	BookingWindow window;
	const pg_uuid_t *zone;		/* only there; or NULL */
	bool		for_walk_in;

	/* Set by seat_choice_find() */
	int64		score;			/* of the plan */
	NoPlan	   *none;			/* why there is none */
} SeatChoice;

/*
 * Sets a run's window and dining tables to those of the best plan, which is never a
 * dominated one; returns false when there is none.
 */
extern bool seat_choice_find(SeatRun *run, SeatChoice *choice);

/* Sets choice->score to that of the dining tables, by index; false when they are no plan. */
extern bool seat_choice_score(SeatRun *run, SeatChoice *choice, const int *tables, int n);

/* Whether the dining tables, by index, are a plan for it that is not dominated, if free. */
extern bool seat_choice_fits(SeatRun *run, const SeatChoice *choice, const int *tables, int n);

#endif							/* MENUCA_SEAT_CHOICE_H */
