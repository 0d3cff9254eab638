/*-------------------------------------------------------------------------
 *
 * test_reading.c
 *	  Reads dumps in memory: see test_reading.h.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_reading.h"

int			tests = 0;
int			failures = 0;

static const char *wanted = WANTED;

static void add_rest(Text *out, MysqldumpReader *reader);


bool
ok(bool passed, const char *name)
{
	tests++;
	if (!passed)
		failures++;
	printf("%sok %d - ", passed ? "" : "not ", tests);
	/* a newline or a # would change what TAP reads */
	for (const char *p = name; *p != '\0'; p++)
		putchar(*p < ' ' || *p == '#' ? ' ' : *p);
	putchar('\n');
	return passed;
}

bool
is(const char *got, const char *expected, const char *name)
{
	bool		passed = strcmp(got, expected) == 0;

	ok(passed, name);
	if (!passed)
		printf("#   got:      %s\n#   expected: %s\n", got, expected);
	return passed;
}

size_t
read_dump(void *arg, char *buf, size_t len)
{
	Dump	   *dump = arg;
	size_t		n = len;

	if (n > dump->chunk)
		n = dump->chunk;
	if (n > dump->len)
		n = dump->len;
	memcpy(buf, dump->data, n);
	dump->data += n;
	dump->len -= n;
	return n;
}

size_t
read_generated(void *arg, char *buf, size_t len)
{
	Generated  *generated = arg;
	size_t		done = 0;

	while (done < len)
	{
		const char *part;
		size_t		n;

		if (generated->head != NULL)
			part = generated->head;
		else if (generated->times > 0)
			part = generated->body;
		else if (generated->tail != NULL)
			part = generated->tail;
		else
			break;

		n = strlen(part + generated->offset);
		if (n > len - done)
			n = len - done;
		memcpy(buf + done, part + generated->offset, n);
		done += n;
		generated->offset += n;
		if (part[generated->offset] != '\0')
			continue;

		generated->offset = 0;
		if (part == generated->head)
			generated->head = NULL;
		else if (part == generated->tail)
			generated->tail = NULL;
		else
			generated->times--;
	}
	return done;
}

void
add(Text *out, const char *format,...)
{
	va_list		args;
	size_t		n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (out->len + n + 1 > out->size)
	{
		out->size = 2 * (out->len + n + 1);
		out->data = realloc(out->data, out->size);
		if (out->data == NULL)
			abort();
	}
	va_start(args, format);
	vsnprintf(out->data + out->len, n + 1, format, args);
	va_end(args);
	out->len += n;
}

void
add_value(Text *out, const MysqldumpValue *value)
{
	if (value->charset != NULL)
		add(out, "_%s", value->charset);
	switch (value->kind)
	{
		case MYSQLDUMP_NULL:
			add(out, value->data == NULL ? "NULL" : "not NULL");
			break;
		case MYSQLDUMP_NUMBER:
			add(out, "%.*s", (int) value->len, value->data);
			break;
		case MYSQLDUMP_STRING:
			add(out, "'");
			for (size_t i = 0; i < value->len; i++)
			{
				unsigned char c = value->data[i];

				add(out, c < ' ' || c == 0x7F ? "\\x%02X" : "%c", c);
			}
			add(out, "'");
			break;
		case MYSQLDUMP_BYTES:
			add(out, "0x");
			for (size_t i = 0; i < value->len; i++)
				add(out, "%02X", (unsigned char) value->data[i]);
			break;
		case MYSQLDUMP_BITS:
			add(out, "0b%.*s", (int) value->len, value->data);
			break;
	}
}

/* Appends what the reader returns from here to the end. */
static void
add_rest(Text *out, MysqldumpReader *reader)
{
	MysqldumpStatus status;
	uint64_t	line;
	uint64_t	offset;

	while ((status = mysqldump_next(reader)) == MYSQLDUMP_TUPLE)
	{
		const MysqldumpValue *values;
		int			n = mysqldump_values(reader, &values);

		add(out, "(");
		for (int i = 0; i < n; i++)
		{
			add(out, i > 0 ? ", " : "");
			add_value(out, &values[i]);
		}
		add(out, ") ");
	}

	if (status == MYSQLDUMP_END)
		add(out, "END");
	else
	{
		mysqldump_position(reader, &line, &offset);
		add(out, "ERROR %" PRIu64 ":%" PRIu64 " %s", line, offset,
			mysqldump_message(reader));
	}
}

char *
reading(const char *data, size_t len, size_t chunk)
{
	Dump		dump = {data, len, chunk};
	MysqldumpReader *reader = mysqldump_open(read_dump, &dump, wanted);
	Text		out = {0};

	add_rest(&out, reader);
	mysqldump_close(reader);
	return out.data;
}

void
reads_bytes(const char *data, size_t len, const char *expected,
			const char *name)
{
	static const size_t chunks[] = {1, 2, 3, 7, 61};
	char	   *whole = reading(data, len, WHOLE);
	bool		passed = is(whole, expected, name);

	for (size_t i = 0; passed && i < sizeof(chunks) / sizeof(chunks[0]); i++)
	{
		char	   *chunked = reading(data, len, chunks[i]);

		if (strcmp(whole, chunked) != 0)
		{
			passed = ok(false, "the same in chunks");
			printf("#   in chunks of %zu: %s\n", chunks[i], chunked);
		}
		free(chunked);
	}
	free(whole);
}

void
reads(const char *dump, const char *expected, const char *name)
{
	reads_bytes(dump, strlen(dump), expected, name);
}

void
reads_of(const char *table, const char *dump, const char *expected,
		 const char *name)
{
	wanted = table;
	reads(dump, expected, name);
	wanted = WANTED;
}

MysqldumpReader *
open_and_read(const char *string)
{
	static Dump dump;
	MysqldumpReader *reader;

	dump.data = string;
	dump.len = strlen(string);
	dump.chunk = 5;
	reader = mysqldump_open(read_dump, &dump, WANTED);
	while (mysqldump_next(reader) == MYSQLDUMP_TUPLE)
		;
	return reader;
}
