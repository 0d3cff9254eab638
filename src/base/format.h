/*-------------------------------------------------------------------------
 *
 * format.h
 *	  Figures as people read them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_FORMAT_H
#define MENUCA_FORMAT_H

#include "lib/stringinfo.h"

#include "base/compat.h"

/* "110,000" */
extern char *format_count(uint64 count);

/* "1 row", "2 rows": the count with a noun, whose plural takes an s. */
extern char *format_things(uint64 count, const char *noun);

/* part of whole in percent, "99.81 %"; "n/a" when whole is 0. */
extern char *format_pct(uint64 part, uint64 whole);

/* part of whole in percent; 0 when whole is 0. */
extern double format_percentage(uint64 part, uint64 whole);

/* A word of a shell's command, quoted. */
extern char *format_shell_word(const char *word);

/*
 * Appends to a list of items: the separator, unless the list is empty, and the
 * formatted item.
 */
extern void format_append(StringInfo list, const char *separator,
						  const char *format,...) menuca_attribute_printf(3, 4);

#endif							/* MENUCA_FORMAT_H */
