/*-------------------------------------------------------------------------
 *
 * test_input.c
 *	  Cuts, encodings, and what is known of an input.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mysqldump_test.h"
#include "test_reading.h"

/* For literals with NULs in them */
#define BYTES(literal)	literal, sizeof(literal) - 1

/* Tests that every prefix of a dump is complete or reported as cut. */
static void
test_every_cut(void)
{
	static const char dump[] = "CREATE TABLE `t` (`a` int);\n"
		"INSERT INTO `t` (`a`, b) VALUES (-1.5e1,_utf8 'a\\'b'),\n"
		"(0xAB,NULL), (x'AB',b'1') ;\n";
	size_t		create_end = strchr(dump, ';') - dump;
	size_t		insert = strstr(dump, "INSERT") - dump;
	size_t		insert_end = strrchr(dump, ';') - dump;
	bool		passed = true;

	for (size_t len = 0; len < sizeof(dump); len++)
	{
		char	   *got = reading(dump, len, WHOLE);
		char	   *chunked = reading(dump, len, 1);
		bool		cut = (len > 0 && len <= create_end) ||
			(len > insert && len <= insert_end);
		char		expected[64];
		const char *error;

		snprintf(expected, sizeof(expected),
				 "ERROR %d:%zu the dump ends in the middle of a",
				 1 + (len > create_end + 1) +
				 (len > (size_t) (strchr(dump + insert, '\n') - dump)), len);
		error = strstr(got, expected);
		if ((error != NULL) != cut || strcmp(got, chunked) != 0 ||
			(!cut && strstr(got, "END") == NULL))
		{
			printf("#   %zu bytes: %s, not %s\n", len, got, expected);
			passed = false;
		}
		free(got);
		free(chunked);
	}
	ok(passed, "a dump cut after every byte");
}

void
test_cuts(void)
{
	test_every_cut();
	reads("\nINSERT INTO t VALUES (1),(2,'ab\nc",
		  "(1) ERROR 3:34 the dump ends in the middle of a string "
		  "that begins on line 2", "cut in a string");
	reads("INSERT INTO t VALUES ('a\\",
		  "ERROR 1:25 the dump ends in the middle of a string "
		  "that begins on line 1", "cut in an escape");
	reads("INSERT INTO t VALUES (x'AB",
		  "ERROR 1:26 the dump ends in the middle of a string "
		  "that begins on line 1", "cut in x'...'");
	reads("INSERT INTO t VALUES (1),\n(2,NUL",
		  "(1) ERROR 2:32 the dump ends in the middle of a tuple "
		  "that begins on line 2", "cut in a tuple");
	reads("INSERT INTO t VALUES (1)\n",
		  "(1) ERROR 2:25 the dump ends in the middle of an INSERT "
		  "that begins on line 1", "cut before the delimiter");
	reads("INSERT INTO t\nVAL",
		  "ERROR 2:17 the dump ends in the middle of a statement "
		  "that begins on line 1", "cut in a keyword");
	reads("\nCREATE TABLE t (a int,\n",
		  "ERROR 3:24 the dump ends in the middle of a CREATE TABLE "
		  "statement that begins on line 2", "cut in CREATE TABLE");
	reads("CREATE TABLE t (a int) ENGINE=x",
		  "ERROR 1:31 the dump ends in the middle of a CREATE TABLE "
		  "statement that begins on line 1", "cut in the table's options");
	reads("\n/* a\nb *",
		  "ERROR 3:9 the dump ends in the middle of a comment "
		  "that begins on line 2", "cut in a comment");
	reads("\n/*!40101 SET a = 1\n",
		  "ERROR 3:20 the dump ends in the middle of a comment "
		  "that begins on line 2", "cut in a version comment");
	reads("INSERT INTO u VALUES ('a\n",
		  "ERROR 2:25 the dump ends in the middle of a string "
		  "that begins on line 1", "cut in another table's string");
	reads("SELECT `a\n",
		  "ERROR 2:10 the dump ends in the middle of a quoted name "
		  "that begins on line 1", "cut in a name");
	reads("LOCK TABLES u READ, `t` AS x WRITE;\nINSERT INTO t VALUES (1);\n",
		  "(1) ERROR 3:62 the dump ends inside the data of table \"t\"",
		  "cut between two INSERTs");
	reads("LOCK TABLES t WRITE; LOCK TABLES u WRITE;", "END",
		  "LOCK TABLES unlocks other tables");
	reads("INSERT INTO t VALUES (1),\n\n  (2,3);",
		  "(1) ERROR 3:29 a tuple has 2 values, "
		  "but the INSERT's first tuple has 1 value",
		  "the position of a tuple");
}

/* The same for a dump converted to UTF-16, of both byte orders, with BOM. */
static void
reads_utf16(const char *utf8, const char *expected, const char *name)
{
	for (int big = 0; big <= 1; big++)
	{
		char	   *utf16 = malloc(2 * strlen(utf8) + 2);
		size_t		len = 0;

		utf16[len + !big] = (char) 0xFE;
		utf16[len + big] = (char) 0xFF;
		len += 2;
		for (const unsigned char *p = (const unsigned char *) utf8; *p; p++)
		{
			unsigned	units[2] = {*p, 0};

			if (*p >= 0xF0)
			{
				unsigned	c = (p[0] & 0x07) << 18 | (p[1] & 0x3F) << 12 |
					(p[2] & 0x3F) << 6 | (p[3] & 0x3F);

				units[0] = 0xD800 + ((c - 0x10000) >> 10);
				units[1] = 0xDC00 + (c & 0x3FF);
				p += 3;
			}
			else if (*p >= 0xE0)
			{
				units[0] = (p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 |
					(p[2] & 0x3F);
				p += 2;
			}
			else if (*p >= 0xC0)
			{
				units[0] = (p[0] & 0x1F) << 6 | (p[1] & 0x3F);
				p += 1;
			}
			for (int i = 0; i < 2 && (i == 0 || units[i] != 0); i++)
			{
				utf16[len + big] = (char) (units[i] & 0xFF);
				utf16[len + !big] = (char) (units[i] >> 8);
				len += 2;
			}
		}
		reads_bytes(utf16, len, expected, name);
		free(utf16);
	}
}

void
test_encodings(void)
{
	MysqldumpReader *reader;

	reads("\xEF\xBB\xBFINSERT INTO t VALUES (1", "ERROR 1:26 the dump ends in "
		  "the middle of a tuple that begins on line 1", "UTF-8 with BOM");
	reads("\xEF\xBB\xBF", "END", "only a BOM");
	reads("INSERT INTO t VALUES ('\xEF\xBB\xBF');", "('\xEF\xBB\xBF') END",
		  "U+FEFF in a string is not a BOM");
	reads_utf16("INSERT INTO t VALUES ('\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80');",
				"('\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80') END", "UTF-16");
	reads_utf16("", "END", "empty UTF-16");
	reads_utf16("\nINSERT INTO t VALUES ('\xC3\xA9\xE2\x82\xAC"
				"\xF0\x9F\x98\x80\n',\nX);",
				"ERROR 4:66 \"X\" is not supported as a value",
				"positions in UTF-16");
	reads_bytes(BYTES("\xFF\xFE-\0-\0 \0\x3D\xD8\x3D\xD8\n\0"),
				"ERROR 1:8 the input is not valid UTF-16: "
				"it has an unpaired surrogate", "two high surrogates");
	reads_bytes(BYTES("\xFF\xFE;\0\x00\xDE;\0"),
				"ERROR 1:4 the input is not valid UTF-16: "
				"it has an unpaired surrogate", "a low surrogate");
	reads_bytes(BYTES("\xFE\xFF\0;\xD8\x3D"),
				"ERROR 1:4 the input ends in the middle of a UTF-16 character",
				"a high surrogate at the end");
	reads_bytes(BYTES("\xFF\xFE;\0;"),
				"ERROR 1:4 the input ends in the middle of a UTF-16 character",
				"half a character at the end");
	reads_bytes(BYTES("I\0N\0S\0E\0"),
				"ERROR 1:0 the input is UTF-16 without a byte order mark",
				"UTF-16 LE without BOM");
	reads_bytes(BYTES("\0I\0N\0S\0E"),
				"ERROR 1:0 the input is UTF-16 without a byte order mark",
				"UTF-16 BE without BOM");
	reads_bytes(BYTES("\xFF\xFE\0\0I\0\0\0"),
				"ERROR 1:0 the input is UTF-32", "UTF-32");
	reads("\x1F\x8B\x08 abc", "ERROR 1:0 the input is compressed with gzip",
		  "gzip");
	reads("PK\003\004abc", "ERROR 1:0 the input is a zip archive", "zip");
	reads("\x28\xB5\x2F\xFDxyz",
		  "ERROR 1:0 the input is compressed with zstd", "zstd");
	reads("LZIP\001abc", "ERROR 1:0 the input is compressed with lzip", "lzip");
	reads_bytes(BYTES("\x89LZO\0\r\n"), "ERROR 1:0 the input is compressed with lzop", "lzop");
	reads_bytes(BYTES("\x5D\0\0\x80\0"), "ERROR 1:0 the input is compressed with lzma", "lzma");
	reads_bytes(BYTES("\xFF\x06\0\0sNaPpY"), "ERROR 1:0 the input is compressed with snappy", "snappy");

	reads_bytes(BYTES("INSERT INTO t VALUES ('a\0b');"), "('a\\x00b') END",
				"NUL in a string");
	reads_bytes(BYTES("INSERT INTO u VALUES ('a\0b');"), "END",
				"NUL in another table's string");
#define NUL " the input is not a text dump: it has a NUL byte outside of strings"
	reads_bytes(BYTES("\n\0"), "ERROR 2:1" NUL, "NUL between statements");
	reads_bytes(BYTES("INSERT INTO t VALUES (\0);"), "ERROR 1:22" NUL,
				"NUL in a tuple");
	reads_bytes(BYTES("SELECT 1, \0;"), "ERROR 1:10" NUL,
				"NUL in another statement");
	reads_bytes(BYTES("-- a\0\n"), "ERROR 1:4" NUL, "NUL in a line comment");
	reads_bytes(BYTES("/* a\0 */"), "ERROR 1:4" NUL, "NUL in a comment");
	reads_bytes(BYTES("INSERT INTO `a\0`"), "ERROR 1:14" NUL, "NUL in a name");

	reader = open_and_read("INSERT INTO t VALUES (1);");
	ok(!mysqldump_was_utf16(reader), "not UTF-16");
	mysqldump_close(reader);
}

void
test_facts(void)
{
	Dump		dump = {.chunk = WHOLE};
	MysqldumpReader *reader;
	char	   *const *names;
	const MysqldumpValue *values;
	uint64_t	line;
	uint64_t	offset;

	dump.data = "SET NAMES utf8;\nINSERT INTO t VALUES\n  (1,2);"
		"INSERT INTO t (`a``b`, c) VALUES (3,4),(5,6);"
		"INSERT INTO u VALUES (7); INSERT INTO t VALUES (8,9,10";
	dump.len = strlen(dump.data);
	reader = mysqldump_open(read_dump, &dump, WANTED);
	is(mysqldump_message(reader), "", "no message at first");
	ok(mysqldump_charset(reader) == NULL, "no character set at first");
	ok(mysqldump_values(reader, &values) == 0, "no values at first");

	mysqldump_next(reader);
	ok(mysqldump_insert_columns(reader, &names) == 0, "no column list");
	ok(mysqldump_insert_number(reader) == 1, "the first INSERT");
	ok(mysqldump_tuple_number(reader) == 1, "the first tuple");
	mysqldump_position(reader, &line, &offset);
	ok(line == 3 && offset == 39, "the first tuple's position");

	mysqldump_next(reader);
	ok(mysqldump_insert_columns(reader, &names) == 2, "a column list");
	is(names[0], "a`b", "the first column listed");
	is(names[1], "c", "the second column listed");
	ok(mysqldump_insert_number(reader) == 2, "the second INSERT");

	mysqldump_next(reader);
	ok(mysqldump_insert_number(reader) == 2, "still the second INSERT");
	ok(mysqldump_tuple_number(reader) == 3, "the third tuple");
	mysqldump_position(reader, &line, &offset);
	ok(line == 3 && offset == 84, "the third tuple's position");

	ok(mysqldump_next(reader) == MYSQLDUMP_ERROR, "an error");
	ok(mysqldump_insert_number(reader) == 3, "in the third INSERT");
	ok(mysqldump_tuple_number(reader) == 3, "after the third tuple");
	ok(mysqldump_values(reader, &values) == 0, "no values after an error");
	ok(mysqldump_hint(reader) != NULL, "a hint");
	ok(mysqldump_next(reader) == MYSQLDUMP_ERROR, "an error is returned again");
	is(mysqldump_tables_seen(reader), "t, u", "tables seen");
	mysqldump_close(reader);

	reader = open_and_read("SET NAMES utf8; /*!40101 SET NAMES 'UTF8MB4' "
						   "COLLATE 'utf8mb4_bin' */;");
	is(mysqldump_charset(reader), "utf8mb4", "SET NAMES in quotes");
	ok(mysqldump_next(reader) == MYSQLDUMP_END, "the end is returned again");
	mysqldump_close(reader);
	reader = open_and_read("SET NAMES utf8; SET NAMES DEFAULT;");
	ok(mysqldump_charset(reader) == NULL, "SET NAMES DEFAULT");
	mysqldump_close(reader);
	reader = open_and_read("SET CHARACTER_SET_CLIENT = utf8;");
	is(mysqldump_charset(reader), "utf8", "CHARACTER_SET_CLIENT");
	mysqldump_close(reader);

	reader = open_and_read("-- MySQL dump 10\nSELECT 1;\n-- Dump completed on x");
	ok(!mysqldump_lacks_trailer(reader), "header and trailer");
	mysqldump_close(reader);
	reader = open_and_read("/*!999999\\- x */\n-- MariaDB dump 10\nSELECT 1;");
	ok(mysqldump_lacks_trailer(reader), "header, no trailer");
	mysqldump_close(reader);
	reader = open_and_read("-- MySQL dump 10\n-- Dump completed\nSELECT 1;");
	ok(mysqldump_lacks_trailer(reader), "a statement after the trailer");
	mysqldump_close(reader);
	reader = open_and_read("SELECT 1;");
	ok(!mysqldump_lacks_trailer(reader), "neither header nor trailer");
	mysqldump_close(reader);
	reader = open_and_read("-- MySQL dump 10\nSELECT 1\n-- Dump completed\n;");
	ok(mysqldump_lacks_trailer(reader), "a trailer inside a statement does not count");
	mysqldump_close(reader);
}

void
test_tables_seen(void)
{
	Text		dump = {0};
	MysqldumpReader *reader;
	const char *seen;
	bool		passed = true;

	reader = open_and_read("CREATE TABLE b (a int); LOCK TABLES bb WRITE;"
						   "INSERT INTO b VALUES (1); REPLACE a VALUES (1);");
	is(mysqldump_tables_seen(reader), "b, bb, a", "each table seen is listed once");
	mysqldump_close(reader);

	for (int i = 0; i < 1000; i++)
		add(&dump, "CREATE TABLE table%d (a int);", i);
	reader = open_and_read(dump.data);
	seen = mysqldump_tables_seen(reader);
	ok(strlen(seen) < 400 && strncmp(seen, "table0, table1,", 15) == 0 &&
	   strcmp(seen + strlen(seen) - 5, ", ...") == 0,
	   "many tables seen");
	mysqldump_close(reader);
	free(dump.data);

	for (int last = 200; last <= 256; last++)
	{
		Text		full = {0};

		add(&full, "LOCK TABLES `%0100d`, `%0*d`, a, b, c, d, e, f, g;", 1,
			last, 1);
		reader = open_and_read(full.data);
		seen = mysqldump_tables_seen(reader);
		passed &= strlen(seen) <= 319 && strstr(seen, "..., ") == NULL;
		mysqldump_close(reader);
		free(full.data);
	}
	ok(passed, "long tables seen");
}
