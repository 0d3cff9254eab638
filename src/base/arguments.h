/*-------------------------------------------------------------------------
 *
 * arguments.h
 *	  Arguments of SQL-callable functions.
 *
 * In all functions here, place is the argument's position, counted from 0, and
 * name is its name in SQL, for messages.  Results are allocated in the current
 * memory context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ARGUMENTS_H
#define MENUCA_ARGUMENTS_H

#include "fmgr.h"
#include "nodes/pg_list.h"

/* Raises an error when the argument is NULL. */
extern void argument_require(FunctionCallInfo fcinfo, int place,
							 const char *name);

/* A text as a C string; raises an error when it is NULL. */
extern char *argument_text(FunctionCallInfo fcinfo, int place, const char *name);

/* A text as a C string; NULL when it is NULL. */
extern char *argument_text_or_null(FunctionCallInfo fcinfo, int place);

/*
 * The argument "label", a person's name for a backup or a snapshot.  Raises an
 * error when it is NULL or could not be part of a file name: see the error's
 * detail for the rules.
 */
extern char *argument_label(FunctionCallInfo fcinfo, int place);

/* A numeric as a double; raises an error when it is NULL. */
extern double argument_numeric(FunctionCallInfo fcinfo, int place,
							   const char *name);

/* A numeric as a double; fallback when it is NULL. */
extern double argument_numeric_or(FunctionCallInfo fcinfo, int place,
								  double fallback);

/* A boolean; raises an error when it is NULL. */
extern bool argument_bool(FunctionCallInfo fcinfo, int place, const char *name);

/* An integer; raises an error when it is NULL. */
extern int	argument_int4(FunctionCallInfo fcinfo, int place, const char *name);

/*
 * An interval in milliseconds, for lock_timeout.  Raises an error when it is
 * NULL, shorter than one millisecond, or longer than INT_MAX of them.
 */
extern int	argument_milliseconds(FunctionCallInfo fcinfo, int place,
								  const char *name);

/* An OID; InvalidOid when it is NULL. */
extern Oid	argument_oid_or_invalid(FunctionCallInfo fcinfo, int place);

/*
 * A text[] as a list of C strings, without its NULLs; NIL when it is NULL.
 * Raises an error when no string is in it.
 */
extern List *argument_text_list(FunctionCallInfo fcinfo, int place, const char *name);

#endif							/* MENUCA_ARGUMENTS_H */
