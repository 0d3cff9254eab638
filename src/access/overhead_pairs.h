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

#include "base/access_roles.h"

/* One of the two queries. */
typedef struct TimedQuery
{
	const char *sql;
	PlannedStmt *plan;
	bool		as_role;
	bool		as_nobody;
	double	   *ms;				/* time of each execution */
	int64		counted;		/* result of the last one */
	int64		buffers;		/* the fewest pages that one needed */
} TimedQuery;

/* Both of them: execution i of one was next to execution i of the other. */
typedef struct OverheadPairs
{
	AccessRole	role;
	const char *claims;
	TimedQuery	of_role;
	TimedQuery	of_owner;		/* the caller's */
	int			count;			/* pairs executed so far */
} OverheadPairs;

/*
 * Plans two queries that return one bigint each: the role's with its claims, under
 * row security, and the caller's, whose conditions somebody may have written, as
 * nobody where it could run code of others.  Their names must be qualified.  Raises
 * the server's errors.
 */
extern OverheadPairs overhead_pairs_plan(AccessRole role, const char *claims,
										 const char *role_sql, const char *owner_sql);

/* Executes that many pairs more, in changing order. */
extern void overhead_pairs_execute(OverheadPairs *pairs, int more);

/*
 * Runs a query of the caller's that returns one bigint, as nobody where it could run
 * code of others; 0 when there is no row.
 */
extern int64 overhead_pairs_count(const char *sql);

#endif							/* MENUCA_OVERHEAD_PAIRS_H */
