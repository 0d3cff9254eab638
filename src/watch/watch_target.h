/*-------------------------------------------------------------------------
 *
 * watch_target.h
 *	  Targets and alerts of the monitor's figures.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_WATCH_TARGET_H
#define MENUCA_WATCH_TARGET_H

#include "base/finding.h"

/* A limit; what is not given is infinite. */
typedef struct WatchTarget
{
	char	   *unit;
	double		from;			/* within the target, unless strict */
	double		to;
	bool		strict;			/* the limits of the target are outside of it */
	double		below;			/* an alert */
	double		above;
} WatchTarget;

/* A row of menuca_seating_target.  Raises an error when there is none of that name. */
extern WatchTarget *watch_target_read(const char *name);

/* PASS within the target, FAIL beyond an alert, else WARN. */
extern FindingStatus watch_target_judge(const WatchTarget *target, double value);

/* "5 to 15 %; alert below 2 or above 30": for the column expected. */
extern char *watch_target_text(const WatchTarget *target);

#endif							/* MENUCA_WATCH_TARGET_H */
