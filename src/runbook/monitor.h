/*-------------------------------------------------------------------------
 *
 * monitor.h
 *	  Watching a database for hours.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_MONITOR_H
#define MENUCA_MONITOR_H

#include "base/finding.h"
#include "ledger/environment.h"

typedef void (*MonitorFn) (const char *name, const char *title,
						   const Finding *finding, void *arg);

/*
 * Judges the newest samples since the last change that span duration, an interval
 * as text; each finding goes to fn.  NULL means the environment's own time,
 * and for max_gap, the longest time without a sample, what goes with it.
 */
extern void monitor_judge(const Environment *environment, const char *duration,
						  const char *max_gap, MonitorFn fn, void *arg);

/* "4 hours" or "24 hours". */
extern const char *monitor_duration(const Environment *environment);

#endif							/* MENUCA_MONITOR_H */
