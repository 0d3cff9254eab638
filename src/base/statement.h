/*-------------------------------------------------------------------------
 *
 * statement.h
 *	  One real run per statement.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_STATEMENT_H
#define MENUCA_STATEMENT_H

/*
 * Raises an error when a statement calls a function that changes an object for
 * the second time: SELECT (f()).* calls it once for each column.  So it does when
 * functions or triggers that the client's statement calls make both calls, but
 * not for the statements of DO and of procedures.  function is its SQL name,
 * object what it changes, such as a table's name or a run's number, call how to
 * call it instead.
 */
extern void statement_require_first(const char *function, const char *object,
									const char *call);

/*
 * Lets the rest of the client's statement repeat what was done before, because
 * it was undone; not the calls of the given function, which undoes it.
 */
extern void statement_allow_again(const char *function);

#endif							/* MENUCA_STATEMENT_H */
