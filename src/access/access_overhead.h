/*-------------------------------------------------------------------------
 *
 * access_overhead.h
 *	  What row security costs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_OVERHEAD_H
#define MENUCA_ACCESS_OVERHEAD_H

#include "access/access.h"
#include "base/finding.h"

/* A query of the menu, by a role and by the owner. */
typedef struct AccessOverhead
{
	const char *query;
	const char *kind;			/* public or tenant */
	AccessRole	role;
	int64		restaurant;
	int64		counted;		/* what the query counts */
	double		owner_ms;		/* medians, of one execution */
	double		role_ms;
	double		pct;			/* median of what a role's execution took more
								 * than the owner's next to it */
	FindingStatus status;
	char	   *detail;
} AccessOverhead;

/*
 * Measures; restaurant_id 0: the one with most dishes.  AccessOverheads.
 */
extern List *access_overhead(int64 restaurant_id, int runs);

#endif							/* MENUCA_ACCESS_OVERHEAD_H */
