/*-------------------------------------------------------------------------
 *
 * monitor.h
 *	  Monitoring a database for hours.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MONITOR_H
#define MENUCA_MONITOR_H

#include "base/finding.h"
#include "ledger/environment.h"

/* Called for each check of a report. */
typedef void (*MonitorFn) (const char *name, const char *title,
						   const Finding *finding, void *arg);

/*
 * Judges the newest samples since the last change that together span duration,
 * and passes each finding to fn.  duration and max_gap, the longest time
 * without a sample, are intervals as text; NULL means monitor_duration(), and
 * the gap that suits the duration.
 */
extern void monitor_judge(const Environment *environment, const char *duration,
						  const char *max_gap, MonitorFn fn, void *arg);

/*
 * Records the state of the database now; returns the sample's number.  ticket and moment
 * ('before' or 'after' its tasks) say which ticket takes it; -1 and NULL for none.
 */
extern int64 monitor_take_sample(const Environment *environment, int ticket, const char *moment);

/*
 * How long an environment is monitored after its changes: "4 hours" for
 * staging, "24 hours" for production (tickets VA-10 and VA-12).
 */
extern const char *monitor_duration(const Environment *environment);

#endif							/* MENUCA_MONITOR_H */
