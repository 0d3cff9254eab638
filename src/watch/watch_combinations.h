/*-------------------------------------------------------------------------
 *
 * watch_combinations.h
 *	  Which dining tables bookings have, and which of them together.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_COMBINATIONS_H
#define MENUCA_WATCH_COMBINATIONS_H

#include "watch/watch_counts.h"

/* The different combinations, and the bookings that have one. */
typedef struct WatchCombinations
{
	int			n;
	WatchCombination *all;
	int			nbookings;
	int		   *bookings;		/* their numbers */
	int		   *of;				/* and the number of the combination of each */
} WatchCombinations;

/* Sets ntables of each booking; finds the combinations of those that count. */
extern WatchCombinations *watch_combinations_find(WatchData *data);

/* The commonest ones, with names: WatchNamedCombinations. */
extern List *watch_combinations_top(const WatchData *data, WatchCombinations *combinations);

#endif							/* MENUCA_WATCH_COMBINATIONS_H */
