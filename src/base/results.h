/*-------------------------------------------------------------------------
 *
 * results.h
 *	  Results of SQL-callable functions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_RESULTS_H
#define MENUCA_RESULTS_H

#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "nodes/pg_list.h"

#include "base/compat.h"

/*
 * The row type that a function returns.  Each letter of columns is the type of one:
 * i bigint, n numeric, b boolean, t text, a text[], v interval, j jsonb, z timestamptz.
 * Raises an error unless it has exactly these: otherwise the SQL function and the library
 * are of different versions, or somebody has altered the type.
 */
extern TupleDesc result_row_type(FunctionCallInfo fcinfo, const char *columns);

/* A text datum of a C string; sets *isnull when that is NULL. */
extern Datum result_text(const char *string, bool *isnull);

/*
 * part of whole in percent as a numeric of two decimals; sets *isnull and
 * returns 0 when whole is 0.
 */
extern Datum result_percent(uint64 part, uint64 whole, bool *isnull);

/* A numeric with that many decimals. */
extern Datum result_numeric(double value, int decimals);

/* The time since start, as an interval. */
extern Datum result_elapsed(TimestampTz start);

/* A jsonb of JSON text. */
extern Datum result_json(const char *json);

/* A text[] of a list of C strings. */
extern Datum result_text_array(List *strings);

/*
 * Raises the error that a function of SQL does not fit the library; difference
 * says why, as a sentence.
 */
pg_noreturn extern void result_raise_other_version(FunctionCallInfo fcinfo, const char *difference);

#endif							/* MENUCA_RESULTS_H */
