/*-------------------------------------------------------------------------
 *
 * mysqldump_fuzz.c
 *	  A libFuzzer target for the mysqldump reader.
 *
 * For any input, the reader must finish without touching memory that it does not
 * own, and its tuples, positions and messages must not depend on the chunks that
 * the input is read in.
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mysql/mysqldump.h"

typedef enum Chunking
{
	WHOLE,						/* as much as asked for */
	BYTEWISE,					/* one byte at a time */
	UNEVEN						/* sizes taken from the input's bytes */
} Chunking;

typedef struct Dump
{
	const uint8_t *data;
	size_t		size;
	size_t		offset;
	Chunking	chunking;
} Dump;

/* Everything that was read, as one string of bytes. */
typedef struct Record
{
	char	   *data;
	size_t		len;
	size_t		size;
} Record;

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
read_dump(void *arg, char *buf, size_t len)
{
	Dump	   *dump = arg;
	size_t		n = dump->size - dump->offset;

	if (n == 0)
		return 0;
	if (n > len)
		n = len;
	if (dump->chunking == BYTEWISE)
		n = 1;
	else if (dump->chunking == UNEVEN)
	{
		size_t		chunk = 1 + dump->data[dump->offset] % 37;

		if (n > chunk)
			n = chunk;
	}
	memcpy(buf, dump->data + dump->offset, n);
	dump->offset += n;
	return n;
}

static void
put(Record *record, const void *data, size_t len)
{
	if (len > record->size - record->len)
	{
		record->size = 2 * (record->size + len);
		record->data = realloc(record->data, record->size);
		if (record->data == NULL)
			abort();
	}
	if (len > 0)
		memcpy(record->data + record->len, data, len);
	record->len += len;
}

static void
put_number(Record *record, uint64_t number)
{
	put(record, &number, sizeof(number));
}

static void
put_string(Record *record, const char *string)
{
	if (string == NULL)
		string = "none";
	put(record, string, strlen(string) + 1);
}

static void
put_position(Record *record, const MysqldumpReader *reader)
{
	uint64_t	line;
	uint64_t	offset;

	mysqldump_position(reader, &line, &offset);
	put_number(record, line);
	put_number(record, offset);
}

/* Doubles each byte beyond ASCII, and refuses one of them. */
static bool
convert_name(void *arg, const char *charset, const char *name, char *to, size_t size)
{
	size_t		len = 0;

	(void) arg;
	if (strlen(charset) > 63)
		abort();
	for (const char *p = name; *p != '\0'; p++)
	{
		if (*p == '\xFF' || len + 3 > size)
			return false;
		to[len++] = *p;
		if (*p & 0x80)
			to[len++] = *p;
	}
	to[len] = '\0';
	return true;
}

static void
put_tuple(Record *record, const MysqldumpReader *reader)
{
	const MysqldumpValue *values;
	char	   *const *names;
	int			n;

	put_position(record, reader);
	put_number(record, mysqldump_tuple_number(reader));
	put_number(record, mysqldump_insert_number(reader));

	n = mysqldump_insert_columns(reader, &names);
	put_number(record, n);
	for (int i = 0; i < n; i++)
		put_string(record, names[i]);

	n = mysqldump_values(reader, &values);
	put_number(record, n);
	for (int i = 0; i < n; i++)
	{
		put_number(record, values[i].kind);
		put_number(record, values[i].len);
		put(record, values[i].data, values[i].len);
		put_string(record, values[i].charset);
	}
}

static void
put_columns(Record *record, const MysqldumpReader *reader)
{
	const MysqldumpColumn *columns;
	int			n = mysqldump_columns(reader, &columns);

	put_number(record, n);
	for (int i = 0; i < n; i++)
	{
		put_string(record, columns[i].name);
		put_string(record, columns[i].type);
		put_string(record, columns[i].charset != NULL ? columns[i].charset : "");
		put_number(record, columns[i].length);
		put_number(record, columns[i].scale);
		put_number(record, columns[i].is_unsigned);
		put_number(record, columns[i].is_binary);
		put_number(record, columns[i].is_generated);
		put_number(record, columns[i].has_default);
		put_number(record, columns[i].is_auto_increment);
	}
}

static void
put_rest(Record *record, const MysqldumpReader *reader)
{
	uint64_t	line;
	uint64_t	offset;

	put_position(record, reader);
	put_string(record, mysqldump_message(reader));
	put_string(record, mysqldump_hint(reader));
	put_string(record, mysqldump_charset(reader));
	put_string(record, mysqldump_time_zone(reader));
	put_number(record, mysqldump_overriding_tuples(reader, &line, &offset));
	put_number(record, line);
	put_number(record, offset);
	put_string(record, mysqldump_tables_seen(reader));
	put_number(record, mysqldump_was_utf16(reader));
	put_number(record, mysqldump_lacks_trailer(reader));
}

static Record
reading(const uint8_t *data, size_t size, Chunking chunking)
{
	Dump		dump = {data, size, 0, chunking};
	Record		record = {0};
	const char *table = size % 2 == 0 ? "t" : "a.t";
	MysqldumpReader *reader = mysqldump_open(read_dump, &dump, table);
	MysqldumpStatus status;

	mysqldump_set_names(reader, convert_name, NULL);
	while ((status = mysqldump_next(reader)) == MYSQLDUMP_TUPLE)
		put_tuple(&record, reader);
	put_number(&record, status);
	put_columns(&record, reader);
	put_rest(&record, reader);

	/* a message if and only if there is an error; the end is returned again */
	if ((status == MYSQLDUMP_ERROR) != (*mysqldump_message(reader) != '\0') ||
		mysqldump_next(reader) != status)
		abort();
	mysqldump_close(reader);
	return record;
}

static bool
same(const Record *a, const Record *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Record		whole = reading(data, size, WHOLE);
	Record		bytewise = reading(data, size, BYTEWISE);
	Record		uneven = reading(data, size, UNEVEN);

	if (!same(&whole, &bytewise) || !same(&whole, &uneven))
		abort();
	free(whole.data);
	free(bytewise.data);
	free(uneven.data);
	return 0;
}
