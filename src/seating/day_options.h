/*-------------------------------------------------------------------------
 *
 * day_options.h
 *	  The sets of dining tables that bookings of a service day may get.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_DAY_OPTIONS_H
#define MENUCA_DAY_OPTIONS_H

#include "nodes/bitmapset.h"
#include "utils/hsearch.h"

#include "seating/day_bookings.h"
#include "seating/evening_problem.h"
#include "seating/plan_question.h"
#include "seating/plan_search.h"

/* A wish that comes true is worth as much as another booking's last plan: 500 points. */
#define DAY_WISH_WORTH INT64CONST(5000000)

/* The arrays of an EveningProblem, while they grow. */
typedef struct DayOptions
{
	const FloorReader *reader;
	const int  *label;			/* by index of the floor: its resource */
	int			nlists;
	EveningList *lists;
	int			noptions;
	int			options_allocated;
	EveningOption *options;		/* those of a list by cost, but for a wish */
	int			nuses;
	int			uses_allocated;
	EveningUse *uses;
	Bitmapset  *wishes;			/* options that cost less, being somebody's
								 * wish */
	HTAB	   *known;			/* lists by question */
	HTAB	   *plain;			/* lists by party: see below */
	bool		complete;		/* no limit ended a search for options */
} DayOptions;

/* For at most nlists lists. */
extern DayOptions *day_options_begin(const FloorReader *reader, const int *label, int nlists);

/* The list of a booking's options, which others with the same question have, too. */
extern int	day_options_list(DayOptions *options, const DayBooking *booking, const PlanQuestion *question);

/*
 * The list of a party's options where all dining tables are free, and where nothing
 * depends on the time: there are no preferences, listed combinations or wishes.  -1 when
 * it is not known yet; then whoever finds it stores it.  Most bookings of a day need
 * no question of their own.
 */
extern int *day_options_plain(DayOptions *options, int party);

/*
 * The n dining tables as a plan for the booking, as if they were free; NULL when they are
 * none.  waived: PLAN_RULE_ bits of rules that do not count.
 */
extern SeatingPlan *day_options_plan(const FloorReader *reader, const Booking *booking, const int *tables, int n, int waived);

#endif							/* MENUCA_DAY_OPTIONS_H */
