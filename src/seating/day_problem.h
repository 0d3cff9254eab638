/*-------------------------------------------------------------------------
 *
 * day_problem.h
 *	  A service day of a restaurant as the evening's optimiser wants it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DAY_PROBLEM_H
#define MENUCA_DAY_PROBLEM_H

#include "seating/day_bookings.h"

/* One booking's dining tables. */
typedef struct DaySeat
{
	const DayBooking *of;
	int			ntables;		/* 0: it has none */
	int		   *tables;			/* indexes of the floor, by number */
	int64		score;			/* in ten-thousandths */
	bool		moved;			/* it had others */
	bool		hopeless;		/* no plan seats it, whoever else comes */
} DaySeat;

/* A seating of a service day. */
typedef struct DaySeating
{
	DateADT		date;
	int			kept;			/* bookings whose dining tables stay as they
								 * are */
	List	   *unreadable;		/* UnreadableBookings, whose time or party is
								 * not known */
	int			nbookings;		/* all others: they wait, or may move */
	DaySeat    *seats;			/* of each of these, by start */
	int			seated;
	int			bound;			/* no seating has more */
	bool		proven;			/* no seating has more of any priority */
	int64		score;			/* in ten-thousandths */
	bool		has_score_bound;
	int64		score_bound;	/* no seating of as many, with as many wishes
								 * that come true, has less */
	bool		score_proven;
	int			combinations;	/* bookings with several dining tables */
	int			moved;
	int64		steps;
} DaySeating;

/*
 * Seats the bookings of a service day beside all that is assigned or held and stays:
 * by priority most of them, then with the least sum of scores; who may move comes before
 * all others.  Equal tables give an equal result.  Nothing is written.
 */
extern DaySeating *day_problem_solve(const FloorReader *reader, const DayQuestion *question);

#endif							/* MENUCA_DAY_PROBLEM_H */
