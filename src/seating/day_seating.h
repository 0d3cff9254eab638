/*-------------------------------------------------------------------------
 *
 * day_seating.h
 *	  The best seating of a service day.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DAY_SEATING_H
#define MENUCA_DAY_SEATING_H

#include "seating/day_problem.h"

/*
 * As day_problem_solve(); but where bookings may move, nobody is moved unless more
 * bookings of a priority are seated by it, or as many with a smaller score.
 */
extern DaySeating *day_seating_find(const FloorReader *reader, const DayQuestion *question);

#endif							/* MENUCA_DAY_SEATING_H */
