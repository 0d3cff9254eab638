/*-------------------------------------------------------------------------
 *
 * day_problem.h
 *	  A service day of a restaurant as the evening's optimiser wants it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DAY_PROBLEM_H
#define MENUCA_DAY_PROBLEM_H

#include "utils/date.h"

#include "seating/booking_reader.h"
#include "seating/floor_reader.h"

/* One booking's dining tables. */
typedef struct DaySeat
{
	const Booking *booking;
	int			ntables;		/* 0: none were found */
	int		   *tables;			/* indexes of the floor, by number */
	int64		score;			/* in ten-thousandths */
} DaySeat;

/* A seating of a service day's waiting bookings. */
typedef struct DaySeating
{
	DateADT		date;
	int			nbookings;		/* that wait */
	DaySeat    *seats;			/* of each, by start */
	int			unreadable;		/* bookings whose time is not known */
	int			seated;
	int			bound;			/* no seating has more */
	bool		proven;			/* seated reaches the bound */
	int64		score;			/* in ten-thousandths */
	int64		score_bound;	/* no seating of as many has less */
	bool		score_proven;
	int			combinations;	/* bookings with several dining tables */
	int64		steps;
} DaySeating;

/*
 * Seats the bookings that wait on a service day beside all that is assigned or held:
 * most of them, then with the least sum of scores.  Equal tables give an equal
 * result.  Nothing is written.
 */
extern DaySeating *day_problem_solve(const FloorReader *reader, DateADT date);

#endif							/* MENUCA_DAY_PROBLEM_H */
