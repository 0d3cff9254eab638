/*-------------------------------------------------------------------------
 *
 * load_limits.h
 *	  The limits of a load run, and when a run is slower than another.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_LOAD_LIMITS_H
#define MENUCA_LOAD_LIMITS_H

#include "base/finding.h"

/* The tickets' limits. */
#define LOAD_P50_MS 200.0
#define LOAD_P95_MS 500.0
#define LOAD_CACHE_HIT_PCT 95.0

/* A run is slower from here on, unless the spread of both explains it. */
#define LOAD_SLOWER_PCT 20.0

/* A percentile in ms, and between which values it may be. */
typedef struct LoadFigure
{
	bool		known;
	double		value;
	double		low;
	double		high;
} LoadFigure;

/* A figure beside an earlier one. */
typedef struct LoadChange
{
	FindingStatus status;		/* WARN: more than LOAD_SLOWER_PCT slower, but
								 * the spreads overlap; FAIL: they do not */
	double		pct;
} LoadChange;

/* Both figures are known. */
extern LoadChange load_change_judge(const LoadFigure *now, const LoadFigure *before);

/* "12.3 ms (11.0 to 14.2)" */
extern char *load_figure_text(const LoadFigure *figure);

#endif							/* MENUCA_LOAD_LIMITS_H */
