/*-------------------------------------------------------------------------
 *
 * arguments.h
 *	  Arguments and results of SQL-callable functions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_ARGUMENTS_H
#define MENUCA_ARGUMENTS_H

#include "access/tupdesc.h"
#include "fmgr.h"
#include "nodes/pg_list.h"

/* Raises an error when the argument at that place (counted from 0) is NULL. */
extern void argument_require(FunctionCallInfo fcinfo, int place,
							 const char *name);

/*
 * The argument at that place (counted from 0) as a C string; raises an error
 * when it is NULL.
 */
extern char *argument_text(FunctionCallInfo fcinfo, int place, const char *name);

/*
 * As argument_text(), for the name that a person gives to a backup or a
 * snapshot; raises an error when it could not stand in a file's name.
 */
extern char *argument_label(FunctionCallInfo fcinfo, int place);

/* As a double, from a numeric; fallback when it is NULL. */
extern double argument_numeric_or(FunctionCallInfo fcinfo, int place,
							   double fallback);

/* As argument_text(), for numerics. */
extern double argument_numeric(FunctionCallInfo fcinfo, int place,
							   const char *name);

/* The argument as a boolean or an integer; raises an error when it is NULL. */
extern bool argument_bool(FunctionCallInfo fcinfo, int place, const char *name);
extern int	argument_int4(FunctionCallInfo fcinfo, int place, const char *name);

/*
 * The argument, an interval, in milliseconds; raises an error unless it is
 * at least one and a timeout can be that long.
 */
extern int	argument_milliseconds(FunctionCallInfo fcinfo, int place,
								  const char *name);

/* The argument as an OID; InvalidOid when it is NULL. */
extern Oid	argument_oid_or_invalid(FunctionCallInfo fcinfo, int place);

/*
 * A text[] as a list of C strings without NULLs; NIL when it is NULL.  Raises
 * an error when it is empty.
 */
extern List *argument_text_list(FunctionCallInfo fcinfo, int place, const char *name);

/* The argument, a text, as a C string; NULL when it is NULL. */
extern char *argument_text_or_null(FunctionCallInfo fcinfo, int place);

#endif							/* MENUCA_ARGUMENTS_H */
