/*-------------------------------------------------------------------------
 *
 * watch_attempts.h
 *	  Reading the log of attempts for the monitor.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_ATTEMPTS_H
#define MENUCA_WATCH_ATTEMPTS_H

#include "watch/watch_data.h"

/*
 * Reads menuca_seating_attempt since data->from, after the bookings: of those without
 * a restaurant the ones whose booking is known.  Raises an error when the caller may
 * not read it.
 */
extern void watch_attempts_read(WatchData *data);

#endif							/* MENUCA_WATCH_ATTEMPTS_H */
