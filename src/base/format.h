/*-------------------------------------------------------------------------
 *
 * format.h
 *	  Figures, words and lists as text.
 *
 * Results are allocated in the current memory context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FORMAT_H
#define MENUCA_FORMAT_H

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"

#include "base/compat.h"

/* A count with thousands separators: "110,000". */
extern char *format_count(uint64 count);

/* A count with its noun, whose plural takes an s: "1 row", "2 rows". */
extern char *format_things(uint64 count, const char *noun);

/* part of whole in percent: "99.81 %"; "n/a" when whole is 0. */
extern char *format_pct(uint64 part, uint64 whole);

/* part of whole in percent; 0 when whole is 0. */
extern double format_percentage(uint64 part, uint64 whole);

/* "2025-10-15 12:00:00 UTC"; "infinity" or "-infinity" for an infinite time. */
extern char *format_utc(TimestampTz time);

/* A time that is estimated: "8 s", "12 min", "3.5 h". */
extern char *format_seconds(double seconds);

/* A word of a shell command, in single quotes. */
extern char *format_shell_word(const char *word);

/*
 * A text with spaces for its control characters, for a comment that is pasted:
 * what stands behind a line break would be executed.
 */
extern char *format_one_line(const char *text);

/*
 * Appends a formatted item to a list, after the separator unless the list is
 * empty.
 */
extern void format_append(StringInfo list, const char *separator,
						  const char *format,...) menuca_attribute_printf(3, 4);

#endif							/* MENUCA_FORMAT_H */
