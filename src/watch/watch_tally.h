/*-------------------------------------------------------------------------
 *
 * watch_tally.h
 *	  Counting bookings: all, by day, by restaurant, by variant.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_TALLY_H
#define MENUCA_WATCH_TALLY_H

#include "watch/watch_counts.h"

/* Counts the bookings, whose dining tables have been counted, and their attempts. */
extern void watch_tally_count(WatchData *data, WatchFigures *figures);

#endif							/* MENUCA_WATCH_TALLY_H */
