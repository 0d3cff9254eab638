/*-------------------------------------------------------------------------
 *
 * monitor_figures.h
 *	  The monitor's checks of shares, averages and times.
 *
 * Each takes the WatchFigures as its subject.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MONITOR_FIGURES_H
#define MENUCA_MONITOR_FIGURES_H

#include "base/finding.h"

/* How many seated bookings have several dining tables, and how many could not do without. */
extern void monitor_usage(void *subject, Finding *finding);

/* How many attempted bookings were seated, and why the others were not. */
extern void monitor_success(void *subject, Finding *finding);

/* How many dining tables bookings have, and which of them together. */
extern void monitor_tables(void *subject, Finding *finding);

/* How often a day there was no plan in the zone that was wanted. */
extern void monitor_zone_conflicts(void *subject, Finding *finding);

/* How long attempts took. */
extern void monitor_latency(void *subject, Finding *finding);

/* Whether a variant misses a target that another one meets. */
extern void monitor_variants(void *subject, Finding *finding);

#endif							/* MENUCA_MONITOR_FIGURES_H */
