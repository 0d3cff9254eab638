/*-------------------------------------------------------------------------
 *
 * watch_overlaps.h
 *	  Dining tables that two bookings have at a time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_OVERLAPS_H
#define MENUCA_WATCH_OVERLAPS_H

#include "watch/watch_counts.h"

/*
 * Counts the assignments of bookings that block which begin while another booking that
 * blocks still has the dining table; of is how many assignments there are.  Windows are
 * half-open; one without a start or an end has the booking's.
 */
extern void watch_overlaps_find(const WatchData *data, WatchCase *overlaps);

#endif							/* MENUCA_WATCH_OVERLAPS_H */
