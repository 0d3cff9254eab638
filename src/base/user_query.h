/*-------------------------------------------------------------------------
 *
 * user_query.h
 *	  Queries on tables of users, which run no code of theirs as the caller.
 *
 * Even a plain SELECT can execute code that somebody else wrote: casts and
 * operators of his types, functions of his views, and constant expressions of
 * his indexes, which the planner evaluates.  So such a query is analyzed as the
 * caller, whose rights on the tables count, but planned and executed as nobody:
 * a role without rights, in a security-restricted operation.
 *
 * Where a hook reads a table in its own way, as distributed servers do, it may do so
 * with the rights of the role that plans, and nobody has none.  There the caller
 * plans and executes, unless that could run code of others: then it is refused.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_USER_QUERY_H
#define MENUCA_USER_QUERY_H

#include "executor/execdesc.h"
#include "nodes/params.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "tcop/dest.h"

#include "base/owner.h"

/* An analyzed SELECT, in the memory context of user_query_analyze()'s caller. */
typedef struct UserQuery
{
	const char *sql;
	ParamListInfo params;		/* may be NULL */
	Query	   *query;
	bool		as_nobody;		/* who plans and executes, instead of the
								 * caller */
	OwnerContext caller;		/* while it is planned or executed */
} UserQuery;

/*
 * Analyzes a SELECT as the caller, with search_path as it is: pin it before.
 * The plan is made for the caller's rights on its tables, and for his row
 * security.  Raises an error when neither may run it: see above.
 *
 * A query that joins tables of which a hook reads one fetches each of them in a
 * subquery of its own, since distributed servers do not support all joins; unless it
 * is to be as_written, because it is measured.
 */
extern UserQuery *user_query_analyze(const char *sql, ParamListInfo params, bool as_written);

/* Plans it, as the role that was chosen for it. */
extern PlannedStmt *user_query_plan(UserQuery *query);

/*
 * Executes a plan of it, likewise, under the active query snapshot.  Returns the
 * number of rows.
 */
extern uint64 user_query_execute(UserQuery *query, PlannedStmt *plan, DestReceiver *dest);

/* Around our own code that a receiver calls for each row: it runs as the caller. */
extern void user_query_pause(const UserQuery *query);
extern void user_query_resume(const UserQuery *query);

#endif							/* MENUCA_USER_QUERY_H */
