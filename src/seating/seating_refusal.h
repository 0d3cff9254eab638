/*-------------------------------------------------------------------------
 *
 * seating_refusal.h
 *	  Texts of refusals: ids, windows, sets of dining tables.
 *
 * Times are those of the restaurant's clock, whatever the session's TimeZone and
 * DateStyle are.  Results are allocated in the current memory context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_SEATING_REFUSAL_H
#define MENUCA_SEATING_REFUSAL_H

#include "fmgr.h"
#include "utils/date.h"

#include "base/compat.h"
#include "seating/floor_reader.h"

/* The id as text. */
extern char *refusal_id(const pg_uuid_t *id);

/* "2026-03-28 19:30" on the restaurant's clock. */
extern char *refusal_time(const FloorReader *reader, TimestampTz instant);

/* "2026-03-28 19:30:00+00": the instant for calls, whatever TimeZone is. */
extern char *refusal_instant(TimestampTz instant);

/* ", name => 'value'": an argument for calls; nothing when it is NULL. */
extern char *refusal_argument(FunctionCallInfo fcinfo, int place, const char *name);

/* "2026-03-28", for calls, whatever DateStyle is. */
extern char *refusal_date(DateADT date);

/* "2026-03-28 19:30 to 21:00", with the day of the end when it is another one. */
extern char *refusal_window(const FloorReader *reader, TimestampTz start, TimestampTz end);

/* "T1, T2": the numbers of n dining tables. */
extern char *refusal_numbers(const FloorReader *reader, const int *tables, int n);

/* The ids of n dining tables as an array's text: "{...,...}". */
extern char *refusal_ids(const FloorReader *reader, const int *tables, int n);

/* Raises an error about an argument, class 22, with a call as the hint. */
pg_noreturn extern void refusal_raise_argument(const char *message, const char *hint);

#endif							/* MENUCA_SEATING_REFUSAL_H */
