/*-------------------------------------------------------------------------
 *
 * report.h
 *	  Figures as people and programs read them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_REPORT_H
#define MENUCA_REPORT_H

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/* "110,000" */
extern char *format_count(uint64 count);

/* "1 row", "2 rows": the count with a noun, whose plural takes an s. */
extern char *format_things(uint64 count, const char *noun);

/* part of whole in percent, "99.81 %"; "n/a" when whole is 0. */
extern char *format_pct(uint64 part, uint64 whole);

/* part of whole in percent; 0 when whole is 0. */
extern double percent(uint64 part, uint64 whole);

/*
 * part of whole in percent as a numeric of two decimals; sets *isnull and
 * returns 0 when whole is 0.
 */
extern Datum percent_numeric(uint64 part, uint64 whole, bool *isnull);

/* A numeric with so many decimals. */
extern Datum numeric_of(double value, int decimals);

/* The time since start as an interval. */
extern Datum elapsed_interval(TimestampTz start);

/* A text[] of a list of C strings. */
extern Datum text_array(List *strings);

/* A word of a shell's command, quoted. */
extern char *shell_quoted(const char *word);

/* Appends "key": value to a JSON object being written into buf. */
extern void json_begin(StringInfo buf);
extern void json_count(StringInfo buf, const char *key, uint64 value);
extern void json_pct(StringInfo buf, const char *key, uint64 part, uint64 whole);
extern void json_text(StringInfo buf, const char *key, const char *value);
extern void json_raw(StringInfo buf, const char *key, const char *json);
extern void json_end(StringInfo buf);

#endif							/* MENUCA_REPORT_H */
