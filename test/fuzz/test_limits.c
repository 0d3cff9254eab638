/*-------------------------------------------------------------------------
 *
 * test_limits.c
 *	  What is deep, long or large; the memory that it takes.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "mysqldump_test.h"
#include "test_reading.h"

/* The peak memory, in kB, after reading a dump with that many INSERTs. */
static long
memory_of(const char *table, size_t inserts)
{
	Generated	generated = {"LOCK TABLES t WRITE;", "INSERT INTO `t` VALUES (1,'some text',NULL),"
		"(2,'some more text',0x0102),(3,'it\\'s enough',-1.5);\n",
	inserts, "UNLOCK TABLES;\n", 0};
	MysqldumpReader *reader = mysqldump_open(read_generated, &generated, table);
	struct rusage usage;

	while (mysqldump_next(reader) == MYSQLDUMP_TUPLE)
		;
	mysqldump_close(reader);
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

void
test_memory(size_t inserts)
{
	long		before = memory_of("t", 20000);
	long		after = memory_of("t", inserts);
	long		skipped = memory_of("other", inserts);

	ok(after - before < 512, "memory stays flat");
	ok(skipped - after < 512, "memory stays flat when everything is skipped");
	printf("# %ld kB, then %ld kB, then %ld kB\n", before, after, skipped);
}

void
test_nesting(void)
{
	Generated	opened = {"SELECT ", "(/*!1 ", 1000000, "", 0};
	Generated	create = {"CREATE TABLE t (a int DEFAULT ", "(", 1000000, "", 0};
	MysqldumpReader *reader;

	reader = mysqldump_open(read_generated, &opened, WANTED);
	ok(mysqldump_next(reader) == MYSQLDUMP_ERROR, "a million comments open");
	mysqldump_close(reader);
	reader = mysqldump_open(read_generated, &create, WANTED);
	ok(mysqldump_next(reader) == MYSQLDUMP_ERROR, "a million parentheses open");
	mysqldump_close(reader);
}

void
test_long_values(void)
{
	Generated	string = {"INSERT INTO t VALUES (1,'", "0123456\\'9", 111111, "x');", 0};
	Generated	wide = {"INSERT INTO t VALUES (1", ",2", 4095, ");", 0};
	Generated	table = {"CREATE TABLE t (", "a int,", 5000, "", 0};
	Generated	too_wide = {"INSERT INTO t VALUES (1", ",2", 4096, ");", 0};
	const MysqldumpValue *values;
	MysqldumpReader *reader;

	reader = mysqldump_open(read_generated, &string, WANTED);
	ok(mysqldump_next(reader) == MYSQLDUMP_TUPLE &&
	   mysqldump_values(reader, &values) == 2 &&
	   values[1].len == 1000000 && values[1].data[999998] == '9' &&
	   memcmp(values[1].data + 654318, "0123456'90123456'9", 18) == 0,
	   "a string of 1,000,000 characters");
	ok(mysqldump_next(reader) == MYSQLDUMP_END, "and nothing after it");
	mysqldump_close(reader);

	reader = mysqldump_open(read_generated, &wide, WANTED);
	ok(mysqldump_next(reader) == MYSQLDUMP_TUPLE &&
	   mysqldump_values(reader, &values) == 4096, "4096 values");
	mysqldump_close(reader);
	reader = mysqldump_open(read_generated, &too_wide, WANTED);
	ok(mysqldump_next(reader) == MYSQLDUMP_ERROR, "4097 values");
	is(mysqldump_message(reader), "a tuple has more than 4096 values",
	   "are too many");
	mysqldump_close(reader);

	reader = mysqldump_open(read_generated, &table, WANTED);
	ok(mysqldump_next(reader) == MYSQLDUMP_ERROR, "5000 columns");
	is(mysqldump_message(reader), "a table has more than 4096 columns",
	   "are too many");
	mysqldump_close(reader);
}

/* Plain tuples, some of which cross the border between two blocks. */
void
test_blocks(void)
{
	Generated	generated = {"INSERT INTO t VALUES (1,'abc',-2.5,NULL)", "\n,(1,'abc',-2.5,NULL)", 49999, ";", 0};
	MysqldumpReader *reader = mysqldump_open(read_generated, &generated, WANTED);
	uint64_t	right = 0;

	while (mysqldump_next(reader) == MYSQLDUMP_TUPLE)
	{
		Text		tuple = {0};
		const MysqldumpValue *values;
		int			n = mysqldump_values(reader, &values);
		uint64_t	line;
		uint64_t	offset;

		for (int i = 0; i < n; i++)
		{
			add(&tuple, i > 0 ? ", " : "");
			add_value(&tuple, &values[i]);
		}
		mysqldump_position(reader, &line, &offset);
		if (strcmp(tuple.data, "1, 'abc', -2.5, NULL") == 0 &&
			line == right + 1 && offset == 21 + right * 21)
			right++;
		free(tuple.data);
	}
	ok(right == 50000 && mysqldump_tuple_number(reader) == 50000,
	   "50,000 plain tuples and their positions");
	mysqldump_close(reader);
}

/* Needs a gigabyte of memory. */
void
test_largest_value(void)
{
	static char body[1024 * 1024 + 1];
	Generated	largest = {"INSERT INTO t VALUES ('", body, 1023, body + 1024, 0};
	Generated	too_large = {"INSERT INTO t VALUES ('", body, 1024, "');", 0};
	const MysqldumpValue *values;
	MysqldumpReader *reader;

	memset(body, 'x', sizeof(body) - 1);
	reader = mysqldump_open(read_generated, &largest, WANTED);
	ok(mysqldump_next(reader) == MYSQLDUMP_ERROR &&
	   strstr(mysqldump_message(reader), "in the middle of a string") != NULL,
	   "a string of 1 GB - 1 kB");
	mysqldump_close(reader);

	reader = mysqldump_open(read_generated, &too_large, WANTED);
	ok(mysqldump_next(reader) == MYSQLDUMP_ERROR, "a string of 1 GB");
	is(mysqldump_message(reader), "a value is longer than 1073740800 bytes",
	   "is too long");
	ok(mysqldump_values(reader, &values) == 0, "and not returned");
	mysqldump_close(reader);
}
