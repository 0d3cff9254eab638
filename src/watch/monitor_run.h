/*-------------------------------------------------------------------------
 *
 * monitor_run.h
 *	  Calling the monitor, and writing down what it said.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MONITOR_RUN_H
#define MENUCA_MONITOR_RUN_H

#include "lib/stringinfo.h"
#include "utils/uuid.h"

/* What the monitor said. */
typedef struct MonitorRun
{
	int			days;
	const pg_uuid_t *restaurant;	/* NULL: all */
	StringInfoData rows;		/* a JSON array of them */
	char	   *summary;		/* the last one, as JSON */
	char	   *status;			/* of the summary */
	char	   *actual;
	char	   *next_step;		/* of the summary, or NULL */
	int			failing;		/* rows with FAIL or ERROR beside it */
	StringInfoData failures;	/* a line for each of these */
} MonitorRun;

/* Calls menuca_seating_monitor(). */
extern MonitorRun *monitor_run_take(int days, const pg_uuid_t *restaurant);

/* Writes it to menuca_seating_monitor_run; returns its run_id. */
extern int64 monitor_run_store(const MonitorRun *run);

#endif							/* MENUCA_MONITOR_RUN_H */
