/*-------------------------------------------------------------------------
 *
 * watch_bookings.h
 *	  Reading the users' tables for the monitor.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_BOOKINGS_H
#define MENUCA_WATCH_BOOKINGS_H

#include "watch/watch_data.h"

/*
 * Reads restaurants, dining tables, the bookings that start at data->from or later with
 * their assignments, and holds.  A booking without a start is unreadable, unless its
 * date is before; of one without anything else, what is known counts.
 */
extern void watch_bookings_read(WatchData *data);

#endif							/* MENUCA_WATCH_BOOKINGS_H */
