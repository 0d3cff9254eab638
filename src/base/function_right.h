/*-------------------------------------------------------------------------
 *
 * function_right.h
 *	  The right to execute the functions that a statement of ours calls.
 *
 * What the client itself calls is checked by the server, before any code of the
 * extension runs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FUNCTION_RIGHT_H
#define MENUCA_FUNCTION_RIGHT_H

/*
 * Raises an error, with the GRANT to make, when the caller may not execute a
 * function of an extension that the statement calls by its schema and name.  The
 * server's own error would not say which grant is missing.  Returns whether the
 * statement calls any.
 */
extern bool function_require_rights(const char *sql);

#endif							/* MENUCA_FUNCTION_RIGHT_H */
