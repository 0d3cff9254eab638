/*-------------------------------------------------------------------------
 *
 * day_run.h
 *	  Seating a service day for real.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DAY_RUN_H
#define MENUCA_DAY_RUN_H

#include "seating/day_problem.h"

/* A run, with the floor that its seating is of. */
typedef struct DayRun
{
	FloorReader *reader;
	DaySeating *seating;
} DayRun;

/*
 * Finds the seating of a service day and writes it: all of it, or an error.  Of two runs
 * of a restaurant's day the second one waits for the first one's end.  While it runs, nobody
 * else gets dining tables of the restaurant.
 */
extern DayRun *day_run(const pg_uuid_t *restaurant, DateADT date, DayMode mode);

#endif							/* MENUCA_DAY_RUN_H */
