/*-------------------------------------------------------------------------
 *
 * kept_plan.h
 *	  Query plans that a session keeps, for statements that it executes often.
 *
 * A kept plan was made without looking at the arguments' values.  It is found by
 * the statement's text, the types of its arguments, the role that calls, and
 * whether row security applies to that role; it is made again when a relation, a
 * function or a type that it uses has changed, or any role, operator, enum, schema or
 * foreign server, and when a table has grown to more than twice its size.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_KEPT_PLAN_H
#define MENUCA_KEPT_PLAN_H

#include "executor/spi.h"

#include "base/user_query.h"

/*
 * The plan of a SELECT, whose relations are locked as its executor needs them, and
 * *query to execute it with (not to plan it), in the current memory context.  The
 * plan is valid until the end of the transaction.  search_path is pg_catalog.  few:
 * without bitmaps, as QueryArgs says.
 * Raises the errors of user_query_analyze(), and as the next function when the
 * caller may not execute a function of an extension: see function_right.h.
 */
extern PlannedStmt *kept_plan_select(const char *sql, int ntypes, const Oid *types, bool few,
									 ParamListInfo params, UserQuery **query);

/*
 * The plan of a statement for SPI, to which the session is connected.  SPI looks after
 * its validity.
 */
extern SPIPlanPtr kept_plan_spi(const char *sql, int ntypes, const Oid *types);

#endif							/* MENUCA_KEPT_PLAN_H */
