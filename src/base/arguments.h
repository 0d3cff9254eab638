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

#include "datatype/timestamp.h"
#include "fmgr.h"
#include "nodes/pg_list.h"

/* What stands for a person's words in the calls that messages propose. */
#define ARGUMENT_REASON "..."
#define ARGUMENT_NAME "name"
#define ARGUMENT_NOTE "note"
#define ARGUMENT_WHO_AND_WHY "who changed it, and why"

/* Greatest batch_size: the arrays of ids of such a batch are far below 1 GB. */
#define ARGUMENT_MAX_BATCH_SIZE 1000000

/* Raises an error when the argument is NULL. */
extern void argument_require(FunctionCallInfo fcinfo, int place,
							 const char *name);

/* A text as a C string; raises an error when it is NULL. */
extern char *argument_text(FunctionCallInfo fcinfo, int place, const char *name);

/* The same; raises an error, too, when it shows nothing: see blank.h. */
extern char *argument_text_not_blank(FunctionCallInfo fcinfo, int place, const char *name);

/*
 * True if a text says nothing: it is blank (see blank.h), or what stands in its
 * place in the calls that messages propose.  A person has to write who and why.
 */
extern bool argument_says_nothing(const char *text);

/* A text that says something, such as a reason or a name; raises an error otherwise. */
extern char *argument_said(FunctionCallInfo fcinfo, int place, const char *name);

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

/*
 * Raises an error unless a percentage is between 0 and 100, and when it is
 * between 0 and 1: that is a share, which would open a gate, or close it.
 */
extern void argument_check_percentage(const char *name, double value);

/* Raises an error unless it is between 1 and ARGUMENT_MAX_BATCH_SIZE. */
extern void argument_check_batch_size(int batch_size);

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

/* The same for an interval that is no argument. */
extern int	argument_check_milliseconds(const char *name, const Interval *interval);

/*
 * The OID of a table; InvalidOid when it is NULL.  Raises an error on 0, which
 * a regclass can be, and which would be taken for NULL.
 */
extern Oid	argument_table_or_invalid(FunctionCallInfo fcinfo, int place, const char *name);

/*
 * A text[] as a list of C strings; NIL when it is NULL.  Raises an error when it
 * is empty or has a NULL.
 */
extern List *argument_text_list(FunctionCallInfo fcinfo, int place, const char *name);

#endif							/* MENUCA_ARGUMENTS_H */
