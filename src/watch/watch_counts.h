/*-------------------------------------------------------------------------
 *
 * watch_counts.h
 *	  What the monitor counts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_COUNTS_H
#define MENUCA_WATCH_COUNTS_H

#include "utils/date.h"

#include "seating/floor.h"
#include "watch/watch_data.h"

/* A combination of more dining tables is counted with these. */
#define WATCH_MAX_TABLES FLOOR_MAX_COMBINATION

/* Bookings with something wrong, and the first of them in words. */
typedef struct WatchCase
{
	int64		of;				/* bookings that were looked at */
	int64		n;
	List	   *examples;		/* C strings */
} WatchCase;

/* What is counted of a day, and of a restaurant. */
typedef struct WatchTally
{
	int64		bookings;		/* in any state */
	int64		cancelled;		/* of these, cancelled or no_show */
	int64		seated;			/* not cancelled, with dining tables */
	int64		combinations;	/* of these, with several */
	int64		no_single;		/* not cancelled, and beyond each single
								 * dining table */
	int64		attempts;		/* that count */
	int64		attempted;		/* bookings with such an attempt */
	int64		succeeded;		/* of these, the latest one seats */
} WatchTally;

typedef struct WatchDay
{
	DateADT		day;			/* service day */
	WatchTally	tally;
} WatchDay;

typedef struct WatchRestaurantTally
{
	pg_uuid_t	id;
	char	   *name;			/* NULL: not known */
	WatchTally	tally;
} WatchRestaurantTally;

/* Dining tables that some bookings had together. */
typedef struct WatchCombination
{
	int			restaurant;		/* of the bookings */
	int			n;
	int		   *tables;			/* by their numbers in the data, ascending */
	uint32		hash;
	int64		bookings;
} WatchCombination;

/* The same with names. */
typedef struct WatchNamedCombination
{
	bool		has_restaurant;
	pg_uuid_t	restaurant;
	char	   *name;			/* of the restaurant, NULL: not known */
	List	   *numbers;		/* of its dining tables, sorted */
	int64		bookings;
} WatchNamedCombination;

typedef struct WatchVariant
{
	char	   *name;
	WatchTally	tally;
} WatchVariant;

typedef struct WatchReason
{
	char	   *kind;
	int64		bookings;
} WatchReason;

typedef struct WatchFigures
{
	int			days;
	int64		states[WATCH_STATE_COUNT];
	WatchTally	all;			/* of bookings of this time */
	WatchTally	reached;		/* of these, of restaurants that the rollout
								 * has reached */
	int64		countable;		/* not cancelled */
	int64		needed;			/* combinations of a party beyond each single
								 * dining table */
	int64		tables;			/* of seated bookings */
	int64		most_tables;
	int64		by_tables[WATCH_MAX_TABLES + 1];	/* seated bookings with
													 * that many */
	WatchCase	orphans;
	WatchCase	zone_locks;
	WatchCase	seated_without;
	WatchCase	without_zone;
	WatchCase	overlaps;
	WatchCase	dominated;
	WatchCase	not_judged;		/* why dominated may miss some */
	WatchCase	unreadable;
	bool		has_zone_column;

	/* Attempts, also of bookings of another time */
	int64		outcomes[WATCH_OUTCOME_COUNT];
	int64		attempted;		/* bookings with an attempt that counts */
	int64		succeeded;
	int64		zone_attempts;
	int64		zone_conflicts;
	int64		durations;
	double		duration_sum;	/* in microseconds, as all durations */
	int64		duration_p50;
	int64		duration_p95;
	int64		duration_p99;
	int64		duration_most;

	int64		holds;			/* -1: there are no holds */
	int64		expired_holds;

	List	   *by_day;			/* WatchDays, by day */
	List	   *by_restaurant;	/* WatchRestaurantTallies, most bookings first */
	List	   *combinations;	/* WatchNamedCombinations, the commonest first */
	int64		ncombinations;	/* different ones there are */
	List	   *variants;		/* WatchVariants, by name */
	List	   *reasons;		/* WatchReasons of latest attempts, the
								 * commonest first */
} WatchFigures;

/* Rows that lists of restaurants and of combinations have, at most. */
#define WATCH_TOP 20

/* Counts one more; returns true as long as messages want its words. */
static inline bool
watch_case_add(WatchCase *found)
{
	return found->n++ < WATCH_EXAMPLES;
}

#endif							/* MENUCA_WATCH_COUNTS_H */
