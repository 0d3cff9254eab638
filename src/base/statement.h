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
 * the second time: SELECT (f()).* calls it once for each column.  function is
 * its SQL name, object what it changes, such as a table's name or a run's number,
 * call how to call it instead.  Statements of a PL/pgSQL function are statements
 * of their own.
 */
extern void statement_require_first(const char *function, const char *object,
									const char *call);

#endif							/* MENUCA_STATEMENT_H */
