/*-------------------------------------------------------------------------
 *
 * overhead_pairs.h
 *	  Executing a role's query and the caller's in turn.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_OVERHEAD_PAIRS_H
#define MENUCA_OVERHEAD_PAIRS_H

#include "nodes/plannodes.h"

#include "access/access_roles.h"

typedef struct OverheadPairs
{
	/* What to execute; each query returns one bigint */
	AccessRole	role;
	const char *claims;
	const char *role_sql;
	const char *owner_sql;		/* the caller's, with conditions that somebody
								 * may have written */
	int			pairs;			/* of executions */

	/* What came of it */
	PlannedStmt *role_plan;
	PlannedStmt *owner_plan;
	double	   *role_ms;		/* execution i of one next to execution i of
								 * the other */
	double	   *owner_ms;
	int64		role_counted;	/* the queries' results */
	int64		owner_counted;
	int64		role_buffers;	/* the fewest pages that an execution needed */
	int64		owner_buffers;
} OverheadPairs;

/*
 * Plans both queries, with their names resolved in pg_catalog, and executes them in
 * turn, in changing order: the role's with its claims, under row security, and the
 * caller's as nobody where it could run code of others.  Raises the server's errors.
 */
extern void overhead_pairs_execute(OverheadPairs *pairs);

/*
 * Runs a query of the caller's that returns one bigint, as nobody where it could run
 * code of others; 0 when there is no row.
 */
extern int64 overhead_pairs_count(const char *sql);

#endif							/* MENUCA_OVERHEAD_PAIRS_H */
