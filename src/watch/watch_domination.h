/*-------------------------------------------------------------------------
 *
 * watch_domination.h
 *	  Bookings that have more dining tables than they need.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_DOMINATION_H
#define MENUCA_WATCH_DOMINATION_H

#include "watch/watch_combinations.h"

/*
 * Counts the bookings with several dining tables of which some, but not all, are a plan for
 * the party: by the rules and settings of the restaurant as they are now, with everything
 * free.  not_judged counts those of restaurants whose floor cannot be read, with the
 * reasons; those without a party are in neither.
 */
extern void watch_domination_find(const WatchData *data, const WatchCombinations *combinations,
								  WatchCase *dominated, WatchCase *not_judged);

#endif							/* MENUCA_WATCH_DOMINATION_H */
