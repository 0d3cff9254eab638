/*-------------------------------------------------------------------------
 *
 * access_overhead.h
 *	  What row security costs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ACCESS_OVERHEAD_H
#define MENUCA_ACCESS_OVERHEAD_H

#include "access/overhead_verdict.h"
#include "base/access_roles.h"

/* A query of the menu, executed by a role and by the caller. */
typedef struct AccessOverhead
{
	const char *query;
	const char *kind;			/* public or tenant */
	AccessRole	role;
	int64		restaurant;
	int64		counted;		/* the query's result */
	int64		owner_buffers;	/* pages that an execution needs */
	int64		role_buffers;
	bool		same_plan;
	OverheadVerdict verdict;	/* SKIP: it could not be measured */
} AccessOverhead;

/*
 * Measures each query as each role of visitors, with that many pairs of
 * executions.  restaurant_id 0: the restaurant with the most public rows.  Returns
 * AccessOverheads.  Raises an error when the caller may not become the roles.
 */
extern List *access_overhead(int64 restaurant_id, int pairs);

#endif							/* MENUCA_ACCESS_OVERHEAD_H */
