/*-------------------------------------------------------------------------
 *
 * test_reading.h
 *	  Reads dumps in memory and compares what the reader returns.
 *
 * Each dump is read whole, byte by byte and in chunks of a few other sizes,
 * with the same result.  A result is written as
 *
 *	  (1, 'a', NULL) (2, _binary'\x00', 0xFF) END
 *
 * or, after a failure, with "ERROR line:offset message" at its end.
 * Output is TAP.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TEST_READING_H
#define TEST_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "mysql/mysqldump.h"

/* The table that is read. */
#define WANTED		"t"

/* As the size of chunks: one chunk. */
#define WHOLE		((size_t) -1)

/* A dump in memory, read in chunks. */
typedef struct Dump
{
	const char *data;
	size_t		len;
	size_t		chunk;
} Dump;

/* A dump generated while it is read: head, the same body many times, tail. */
typedef struct Generated
{
	const char *head;
	const char *body;
	size_t		times;
	const char *tail;
	size_t		offset;			/* in the part that is read now */
} Generated;

/* A string that grows. */
typedef struct Text
{
	char	   *data;
	size_t		len;
	size_t		size;
} Text;

/* Of all tests until now. */
extern int	tests;
extern int	failures;

/* Prints the result of a test; returns passed. */
extern bool ok(bool passed, const char *name);

/* Tests that two texts are equal. */
extern bool is(const char *got, const char *expected, const char *name);

/* Appends to a text, as printf does. */
extern void add(Text *out, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* Appends a value as results show it. */
extern void add_value(Text *out, const MysqldumpValue *value);

/* For mysqldump_open(): read from a Dump, or from a Generated. */
extern size_t read_dump(void *arg, char *buf, size_t len);
extern size_t read_generated(void *arg, char *buf, size_t len);

/* The result of reading a dump in chunks of that size; the caller frees it. */
extern char *reading(const char *data, size_t len, size_t chunk);

/* Tests that a dump gives the result, in all chunk sizes. */
extern void reads(const char *dump, const char *expected, const char *name);
extern void reads_bytes(const char *data, size_t len, const char *expected,
						const char *name);

/* The same for another table. */
extern void reads_of(const char *table, const char *dump, const char *expected,
					 const char *name);

/* Opens a reader on a string and reads it to its end. */
extern MysqldumpReader *open_and_read(const char *string);

#endif							/* TEST_READING_H */
