/*-------------------------------------------------------------------------
 *
 * overhead_verdict.h
 *	  Whether measured times show an overhead.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_OVERHEAD_VERDICT_H
#define MENUCA_OVERHEAD_VERDICT_H

#include "base/finding.h"

/* What was measured: a role's query beside the caller's. */
typedef struct OverheadFigures
{
	/* Times in ms: execution i of one next to execution i of the other */
	int			pairs;
	const double *owner;
	const double *role;

	/* The pages that an execution needs, and the plans */
	bool		has_work;		/* these are known */
	int64		owner_buffers;
	int64		role_buffers;
	bool		same_plan;
	bool		reads_whole;	/* see overhead_work.h */
	const char *difference;		/* of the plans, or NULL */
} OverheadFigures;

/* What that shows. */
typedef struct OverheadVerdict
{
	double		owner_ms;		/* medians */
	double		role_ms;
	double		pct;			/* overhead: the median of the samples */
	bool		has_interval;	/* enough samples for one */
	double		low_pct;		/* its confidence interval */
	double		high_pct;
	bool		undecided;		/* more samples could change the status */
	FindingStatus status;		/* PASS, WARN or FAIL */
	char	   *detail;
} OverheadVerdict;

/*
 * Judges by menuca.max_access_overhead.  pairs must be greater than 0, and all
 * times as well.
 */
extern OverheadVerdict overhead_verdict(const OverheadFigures *figures);

#endif							/* MENUCA_OVERHEAD_VERDICT_H */
