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
extern void require_argument(FunctionCallInfo fcinfo, int place,
							 const char *name);

/*
 * The argument at that place (counted from 0) as a C string; raises an error
 * when it is NULL.
 */
extern char *required_text(FunctionCallInfo fcinfo, int place, const char *name);

/*
 * As required_text(), for the name that a person gives to a backup or a
 * snapshot; raises an error when it could not stand in a file's name.
 */
extern char *required_label(FunctionCallInfo fcinfo, int place);

/* As a double, from a numeric; fallback when it is NULL. */
extern double optional_numeric(FunctionCallInfo fcinfo, int place,
							   double fallback);

/* As required_text(), for numerics. */
extern double required_numeric(FunctionCallInfo fcinfo, int place,
							   const char *name);

/* The argument as a boolean or an integer; raises an error when it is NULL. */
extern bool required_bool(FunctionCallInfo fcinfo, int place, const char *name);
extern int	required_int4(FunctionCallInfo fcinfo, int place, const char *name);

/*
 * The argument, an interval, in milliseconds; raises an error unless it is
 * at least one and a timeout can be that long.
 */
extern int	required_milliseconds(FunctionCallInfo fcinfo, int place,
								  const char *name);

/* The argument as an OID; InvalidOid when it is NULL. */
extern Oid	optional_oid(FunctionCallInfo fcinfo, int place);

/*
 * The row type that a function returns.  Raises an error when it has not so
 * many columns: the SQL objects are of another version than this module.
 */
extern TupleDesc result_row_type(FunctionCallInfo fcinfo, int columns);

/*
 * A text[] as a list of C strings without NULLs; NIL when it is NULL.  Raises
 * an error when it is empty.
 */
extern List *optional_text_list(FunctionCallInfo fcinfo, int place, const char *name);

/* The argument, a text, as a C string; NULL when it is NULL. */
extern char *optional_cstring(FunctionCallInfo fcinfo, int place);

/* A text datum of a C string; sets *isnull when that is NULL. */
extern Datum optional_text(const char *string, bool *isnull);

#endif							/* MENUCA_ARGUMENTS_H */
