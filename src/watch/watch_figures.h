/*-------------------------------------------------------------------------
 *
 * watch_figures.h
 *	  The monitor's figures of a time, computed once for a query snapshot.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_FIGURES_H
#define MENUCA_WATCH_FIGURES_H

#include "fmgr.h"

#include "watch/watch_counts.h"

/*
 * The figures of the bookings that start days times 24 hours before the transaction or later,
 * of a restaurant or of all.  Whoever asks again in the same transaction, with the same query
 * snapshot, gets the same, so a report's parts do not read everything again.  Valid until the
 * transaction ends.  Raises an error when a table cannot be read, or there is no such restaurant.
 */
extern const WatchFigures *watch_figures_get(int days, const pg_uuid_t *restaurant);

/*
 * The argument days, at that position; raises an error unless it is between 1 and the days
 * of a hundred years.
 */
extern int	watch_figures_days(FunctionCallInfo fcinfo, int place);

#endif							/* MENUCA_WATCH_FIGURES_H */
