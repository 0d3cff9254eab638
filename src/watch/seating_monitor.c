/*-------------------------------------------------------------------------
 *
 * seating_monitor.c
 *	  The monitor: seating's figures against their targets.
 *
 * menuca_seating_monitor(days, restaurant)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"

#include "base/finding.h"
#include "watch/monitor_bookings.h"
#include "watch/monitor_figures.h"
#include "watch/watch_figures.h"

PG_FUNCTION_INFO_V1(menuca_seating_monitor);

/* In the order of the original's monitor, then what it does not know. */
static const FindingCheck checks[] = {
	{"usage", "Share of seated bookings with several dining tables", monitor_usage},
	{"success", "Share of attempted bookings that were seated", monitor_success},
	{"tables", "Dining tables per seated booking", monitor_tables},
	{"orphans", "Confirmed bookings without a dining table", monitor_orphans},
	{"pending_zone_lock", "Waiting bookings that still have a zone", monitor_zone_lock},
	{"zone_conflicts", "Attempts a day that failed in the wanted zone", monitor_zone_conflicts},
	{"overlaps", "Dining tables that two bookings have at a time", monitor_overlaps},
	{"seated_without_table", "Guests who are checked in without a dining table", monitor_seated_without},
	{"confirmed_without_zone", "Confirmed bookings whose zone is not written", monitor_without_zone},
	{"dominated", "Bookings with more dining tables than they need", monitor_dominated},
	{"latency", "Time that an attempt takes", monitor_latency},
	{"unswept_holds", "Holds that have expired and were not deleted", monitor_holds},
	{"variants", "Variants beside each other", monitor_variants},
	{"unreadable", "Bookings that lack their party or their time", monitor_unreadable},
};


/* menuca_seating_monitor(days, restaurant): a row for each check, and the summary.  Read only. */
Datum
menuca_seating_monitor(PG_FUNCTION_ARGS)
{
	int			days = watch_figures_days(fcinfo, 0);
	const WatchFigures *figures = watch_figures_get(days, PG_ARGISNULL(1) ? NULL : PG_GETARG_UUID_P(1));
	FindingRows rows = {0};

	InitMaterializedSRF(fcinfo, 0);
	rows.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	finding_rows_run(&rows, checks, lengthof(checks), unconstify(WatchFigures *, figures));
	finding_rows_add_summary(&rows, NULL);
	return (Datum) 0;
}
