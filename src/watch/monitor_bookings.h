/*-------------------------------------------------------------------------
 *
 * monitor_bookings.h
 *	  The monitor's checks of bookings with something wrong.
 *
 * Each takes the WatchFigures as its subject, and names the first bookings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MONITOR_BOOKINGS_H
#define MENUCA_MONITOR_BOOKINGS_H

#include "base/finding.h"

/* Confirmed, and no dining table. */
extern void monitor_orphans(void *subject, Finding *finding);

/* Waiting, and a zone from a dining table that it no longer has. */
extern void monitor_zone_lock(void *subject, Finding *finding);

/* Two bookings at one dining table. */
extern void monitor_overlaps(void *subject, Finding *finding);

/* Checked in, and no dining table. */
extern void monitor_seated_without(void *subject, Finding *finding);

/* Confirmed with a dining table in a zone, which the booking does not say. */
extern void monitor_without_zone(void *subject, Finding *finding);

/* More dining tables than needed. */
extern void monitor_dominated(void *subject, Finding *finding);

/* Holds that have expired. */
extern void monitor_holds(void *subject, Finding *finding);

/* No party, no time. */
extern void monitor_unreadable(void *subject, Finding *finding);

#endif							/* MENUCA_MONITOR_BOOKINGS_H */
