/*-------------------------------------------------------------------------
 *
 * mysqldump_test.c
 *	  Tests of the mysqldump reader, without a server.
 *
 * Each dump is read whole, byte by byte and in chunks of a few other sizes,
 * with the same result.  A result is written as
 *
 *	  (1, 'a', NULL) (2, _binary'\x00', 0xFF) END
 *
 * or, after a failure, with "ERROR line:offset message" at its end.
 * Output is TAP; the exit status is 1 if a test failed.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "mysql/mysqldump.h"

#define WANTED		"t"
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

static int	tests = 0;
static const char *wanted = WANTED;
static int	failures = 0;

static bool
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

static bool
is(const char *got, const char *expected, const char *name)
{
	bool		passed = strcmp(got, expected) == 0;

	ok(passed, name);
	if (!passed)
		printf("#   got:      %s\n#   expected: %s\n", got, expected);
	return passed;
}

static size_t
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

static size_t
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

static void
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

static void
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

/* The result of reading a dump; the caller frees it. */
static char *
reading(const char *data, size_t len, size_t chunk)
{
	Dump		dump = {data, len, chunk};
	MysqldumpReader *reader = mysqldump_open(read_dump, &dump, wanted);
	Text		out = {0};

	add_rest(&out, reader);
	mysqldump_close(reader);
	return out.data;
}

/* Tests that a dump of len bytes gives the result, in all chunk sizes. */
static void
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
			printf("#   in chunks of %zu: %s\n", chunks[i], chunked);
			passed = false;
			failures++;
		}
		free(chunked);
	}
	free(whole);
}

static void
reads(const char *dump, const char *expected, const char *name)
{
	reads_bytes(dump, strlen(dump), expected, name);
}

/* The same for another table. */
static void
reads_of(const char *table, const char *dump, const char *expected,
		 const char *name)
{
	wanted = table;
	reads(dump, expected, name);
	wanted = WANTED;
}

/* Tests how one value is read. */
static void
value(const char *literal, const char *expected)
{
	Text		dump = {0};
	Text		result = {0};

	add(&dump, "INSERT INTO t VALUES (%s);", literal);
	add(&result, "(%s) END", expected);
	reads(dump.data, result.data, literal);
	free(dump.data);
	free(result.data);
}

/* Tests that a value is refused, at an offset from its beginning. */
static void
no_value(const char *literal, int offset, const char *message)
{
	Text		dump = {0};
	Text		result = {0};

	add(&dump, "INSERT INTO t VALUES (%s);", literal);
	add(&result, "ERROR 1:%d %s",
		(int) strlen("INSERT INTO t VALUES (") + offset, message);
	reads(dump.data, result.data, literal);
	free(dump.data);
	free(result.data);
}

/* Opens a reader on a string and reads it to its end. */
static MysqldumpReader *
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

/* Tests which columns a CREATE TABLE body defines. */
static void
columns(const char *body, const char *expected)
{
	Text		dump = {0};
	Text		result = {0};
	MysqldumpReader *reader;
	const MysqldumpColumn *column;
	int			n;

	add(&dump, "CREATE TABLE t %s;", body);
	reader = open_and_read(dump.data);
	n = mysqldump_columns(reader, &column);
	add(&result, "%s", mysqldump_message(reader));
	for (int i = 0; i < n; i++, column++)
	{
		add(&result, "%s%s %s", i > 0 ? ", " : "", column->name, column->type);
		if (column->length >= 0)
			add(&result, "(%d", column->length);
		if (column->scale >= 0)
			add(&result, ",%d", column->scale);
		add(&result, "%s%s%s%s", column->length >= 0 ? ")" : "",
			column->is_unsigned ? " unsigned" : "",
			column->is_binary ? " binary" : "",
			column->is_generated ? " generated" : "");
	}
	is(result.data, expected, body);
	mysqldump_close(reader);
	free(dump.data);
	free(result.data);
}

static void
test_statements(void)
{
	reads("", "END", "an empty input");
	reads(" \r\n\t;;\n;", "END", "empty statements");
	reads("INSERT INTO `t` VALUES (1,'a'),(2,'b'),\n(3,NULL);",
		  "(1, 'a') (2, 'b') (3, NULL) END", "an extended INSERT");
	reads("INSERT INTO t (a, `b`) VALUES (1,2);", "(1, 2) END",
		  "an INSERT with columns");
	reads("INSERT INTO t VALUES (1);INSERT INTO t VALUES (2);",
		  "(1) (2) END", "two INSERTs");
	reads("insert low_priority ignore into t value (1);"
		  "INSERT DELAYED t VALUES(2);INSERT HIGH_PRIORITY INTO t VALUES(3);",
		  "(1) (2) (3) END", "priorities, IGNORE, VALUE, no INTO");
	reads("REPLACE INTO t VALUES (1);", "(1) END", "REPLACE");
	reads("INSERT INTO t () VALUES ();", "() END", "no values at all");
	reads("INSERT INTO t VALUES ( 1 , 'a' ) , ( 2 , 'b' ) ;",
		  "(1, 'a') (2, 'b') END", "spaces");
	reads("INSERT INTO t VALUES\r\n(1,\r\n'a')\r\n,(2,'b');\r\n",
		  "(1, 'a') (2, 'b') END", "CRLF");
	reads("INSERT INTO other VALUES (1,'a;`\"\\'');INSERT INTO t VALUES (1);"
		  "INSERT INTO tt VALUES (2);INSERT INTO T VALUES (3);",
		  "(1) END", "other tables are skipped");
	reads("INSERT INTO `d``b`.`t` VALUES (1);INSERT INTO `t`.`d``b` VALUES (3);"
		  "INSERT INTO `d``b` . \"t\" VALUES (4);",
		  "(1) (4) END", "a database before the table's name");
	reads("INSERT INTO \"t\" VALUES (1);", "(1) END", "ANSI quotes");
	reads("INSERT INTO `t``t` VALUES (1);INSERT INTO `t` VALUES (2);",
		  "(2) END", "a name with a backquote");
	reads("LOCK TABLES `t` WRITE;\n/*!40000 ALTER TABLE `t` DISABLE KEYS */;\n"
		  "SET @a = 'INSERT INTO t VALUES (1);';\nDROP TABLE IF EXISTS `t`;\n"
		  "ALTER TABLE t ADD x int;\n"
		  "INSERT INTO `t` VALUES (1);\nUNLOCK TABLES;\n",
		  "(1) END", "LOCK, SET, ALTER, DROP");
	reads("DELIMITER ;;\nCREATE TRIGGER x BEGIN INSERT INTO t VALUES (1); END ;;\n"
		  "DELIMITER ;\nINSERT INTO t VALUES (2);",
		  "(2) END", "the body of a trigger");
	reads("delimiter $$ \r\nCREATE PROCEDURE x() BEGIN\n"
		  "INSERT INTO t VALUES (1);\nEND$$\nINSERT INTO t VALUES (2)$$\n"
		  "SET NAMES latin1$$\nDELIMITER //\nINSERT INTO t VALUES (3)//"
		  "SELECT 1 // INSERT INTO t VALUES (4) //",
		  "(2) (3) (4) END", "other delimiters");
	reads("DELIMITER \n", "ERROR 1:10 the DELIMITER command names no delimiter",
		  "no delimiter");
	reads("DELIMITER 12345678901234567\n",
		  "ERROR 1:26 the delimiter is longer than 16 bytes",
		  "a long delimiter");
	reads("/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`%`*/ /*!50003 TRIGGER `x` "
		  "AFTER INSERT ON `t` FOR EACH ROW SET @x = 1 */;"
		  "INSERT INTO t VALUES (1);", "(1) END",
		  "a trigger in version comments");
	reads("CREATE VIEW t AS SELECT 1; CREATE DATABASE t; DROP TABLE t;"
		  "CREATE INDEX t ON t (t); SELECT 'a' AS t; COMMIT; BEGIN; USE d",
		  "END", "statements that are skipped");
	reads("INSERT INTO t VALUES (1); COMMIT", "(1) END",
		  "a statement without a delimiter, which is skipped");
	reads("INSERT INTO 't' VALUES (1);",
		  "ERROR 1:12 \"t\" is not supported as a table's name",
		  "a string as a table's name");
	reads("INSERT INTO t.;",
		  "ERROR 1:14 \";\" is not supported as a table's name",
		  "a database without a table");
	reads("INSERT INTO t SELECT * FROM u;",
		  "ERROR 1:14 \"SELECT\" is not supported in an INSERT",
		  "INSERT ... SELECT");
	reads("INSERT INTO t (a) SELECT * FROM u;",
		  "ERROR 1:18 \"SELECT\" is not supported in an INSERT",
		  "INSERT ... (columns) SELECT");
	reads("INSERT INTO t SET a = 1;",
		  "ERROR 1:14 \"SET\" is not supported in an INSERT",
		  "INSERT ... SET");
	reads("INSERT INTO t;", "ERROR 1:13 \";\" is not supported in an INSERT",
		  "INSERT of nothing");
	reads("INSERT INTO t (a b) VALUES (1);",
		  "ERROR 1:17 \"b\" is not supported in a column list",
		  "a broken list of columns");
	reads("INSERT INTO t (a, 'b') VALUES (1);",
		  "ERROR 1:18 \"b\" is not supported as a column name",
		  "a string in the list of columns");
	reads("INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1;",
		  "(1) ERROR 1:25 \"ON\" is not supported after a tuple",
		  "ON DUPLICATE KEY UPDATE");
	reads("INSERT INTO t VALUES ROW(1);",
		  "ERROR 1:21 \"ROW\" is not supported as a tuple", "ROW(...)");
	reads("INSERT INTO t VALUES (1)(2);",
		  "(1) ERROR 1:24 \"(\" is not supported after a tuple",
		  "no comma between tuples");
	reads("INSERT INTO t VALUES (1),;",
		  "(1) ERROR 1:25 \";\" is not supported as a tuple",
		  "a comma after the last tuple");
	reads("INSERT INTO t VALUES (1,);",
		  "ERROR 1:24 \")\" is not supported as a value",
		  "a comma after the last value");
	reads("SET NAMES gbk; INSERT INTO u VALUES (1); INSERT INTO t VALUES (1);",
		  "ERROR 1:41 character set \"gbk\" is not supported",
		  "a character set whose characters can contain a backslash");
}

/* Lines that are no SQL, which would swallow what follows. */
static void
test_stray_lines(void)
{
	static const char *const lines[] = {
		"mysqldump: [Warning] Using a password on the command line interface can be insecure.",
		"Enter password: ", "$ mysqldump -u root menuca t", "mysql> use d", "<br />",
		"ERROR 1045 (28000): Access denied for user 'root'@'localhost'",
		"Warning: World-writable config file '/etc/my.cnf' is ignored",
		"Host: localhost    Database: menuca", "Table structure for table `t`",
		"Dumping data for table `t`", "ES (1,2),(3,4)", "1,2)", "(1,2)", "`t` VALUES",
		"Drop of 3 rows", "Load average: 1.5", "Lock wait timeout exceeded",
		"Create failed", "Set up complete", "Start of the dump", "Use of a password",
		"Check the manual", "Release 8.0", "Begin of data", "Rollback was done",
		"Change this", "Alter ego", "Rename it", "\xEF\xBB\xBF", "**** 1 ****", "help",
		"COPY t FROM stdin", "PRAGMA foreign_keys=OFF", "source t.dump", "Killed", "END",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
	{
		static const char *const dumps[] = {
			"%s\nINSERT INTO t VALUES (1);\n",
			"SELECT 1;\n%s\nINSERT INTO t VALUES (1);\n",
			"INSERT INTO t VALUES (1);\n%s\nINSERT INTO t VALUES (2);\n",
			"INSERT INTO t VALUES (1);\n%s;\n", "INSERT INTO t VALUES (1);\n%s\n"
		};
		bool		passed = true;

		for (size_t j = 0; j < sizeof(dumps) / sizeof(dumps[0]); j++)
		{
			char		dump[256];
			char	   *got;
			char		expected[32];

			snprintf(dump, sizeof(dump), dumps[j], lines[i]);
			got = reading(dump, strlen(dump), WHOLE);
			snprintf(expected, sizeof(expected), "ERROR %d:", j == 0 ? 1 : 2);

			/* input that begins like another format is told apart as such */
			if (strstr(got, expected) == NULL && !(j == 0 && lines[i][0] == '\xEF'))
			{
				printf("#   %s: %s\n", dump, got);
				passed = false;
			}
			free(got);
		}
		ok(passed, lines[i]);
	}

	/* words that can begin a statement, before a line that does */
	reads("Do not use this\nINSERT INTO t VALUES (1);",
		  "ERROR 2:16 an INSERT begins inside the statement that begins on line 1",
		  "DO");
	reads("update failed,\n  Replace INTO t VALUES (1);",
		  "ERROR 1:0 no statement of MySQL begins with these words",
		  "UPDATE");
	reads("do this\r\n\tinsert\t  into t VALUES (1);",
		  "ERROR 2:10 an INSERT begins inside the statement that begins on line 1",
		  "spaces in INSERT");
	reads("show\nINSERT INTO t VALUES (1);",
		  "ERROR 1:0 no statement of MySQL begins with these words", "SHOW");
	reads("Insert of 3 rows\nINSERT INTO t VALUES (1);",
		  "ERROR 2:17 an INSERT begins inside the statement that begins on line 1",
		  "INSERT");
	reads("INSERT INTO u VALUES (1)\nINSERT INTO t VALUES (1);",
		  "ERROR 2:25 an INSERT begins inside the statement that begins on line 1",
		  "a delimiter is missing after another table's INSERT");
	reads("CREATE TABLE u (a int)\nINSERT INTO t VALUES (1);",
		  "ERROR 2:23 an INSERT begins inside the statement that begins on line 1",
		  "a delimiter is missing after CREATE TABLE");
	reads("SET a = b\nINSERT INTO t VALUES (1);",
		  "ERROR 2:10 \"INSERT\" is not supported in a SET statement",
		  "a delimiter is missing after SET");
	reads("LOCK TABLES u WRITE\nINSERT INTO t VALUES (1);",
		  "ERROR 1:0 no statement of MySQL begins with these words",
		  "a delimiter is missing after LOCK TABLES");
	reads("UNLOCK TABLES\nINSERT INTO t VALUES (1);",
		  "ERROR 2:14 an INSERT begins inside the statement that begins on line 1",
		  "a delimiter is missing after UNLOCK TABLES");
	reads("USE d\nINSERT INTO t VALUES (1);USE e -- x\n;USE f;", "(1) END",
		  "USE without a delimiter");
	reads("INSERT INTO u VALUES ('\nINSERT INTO t VALUES (2);\n') -- x\n, (2);"
		  "INSERT INTO t VALUES (1);", "(1) END", "a line in a string");
}

/* What other programs write. */
static void
test_formats(void)
{
	reads("<?xml version=\"1.0\"?>\n<mysqldump>", "ERROR 1:0 the input is XML, "
		  "as of mysqldump --xml", "XML");
	reads("\n<!DOCTYPE html>", "ERROR 1:0 the input is HTML, "
		  "as of a browser or an error of phpMyAdmin", "HTML");
	reads("\xEF\xBB\xBF<Html>", "ERROR 1:3 the input is HTML, "
		  "as of a browser or an error of phpMyAdmin", "HTML with a BOM");
	reads("                        <?xml    ", "ERROR 1:0 the input is XML, "
		  "as of mysqldump --xml", "XML after spaces");
	reads("                              <?xml    ", "ERROR 1:0 the input is HTML or XML",
		  "XML after many spaces");
	reads("                                <?xml", "ERROR 1:32 \"<\" does not begin a statement of MySQL",
		  "XML after more spaces");
	reads("[\n{\"type\":\"header\"}", "ERROR 1:0 the input is JSON", "JSON");
	reads("PGDMP\1", "ERROR 1:0 the input is an archive of PostgreSQL's pg_dump",
		  "an archive of pg_dump");
	reads("--\n-- PostgreSQL database dump\n--\n",
		  "ERROR 2:3 the input is a dump of PostgreSQL's pg_dump", "pg_dump");
}

/* The modes that decide what quotes and backslashes mean. */
static void
test_modes(void)
{
#define NEW "INSERT INTO t VALUES ('C:\\new');"
#define ON "SET SQL_MODE='NO_BACKSLASH_ESCAPES';"
	static const char *const on[] = {
		ON, "SET sql_mode = \"strict_all_tables,No_Backslash_Escapes\";",
		"/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_BACKSLASH_ESCAPES' */;",
		"SET SESSION sql_mode='NO_BACKSLASH_ESCAPES';", "SET LOCAL sql_mode := no_backslash_escapes;",
		"SET @@sql_mode='NO_BACKSLASH_ESCAPES';", "SET @@session.sql_mode='NO_BACKSLASH_ESCAPES';",
		"SET `sql_mode`='NO_BACKSLASH_ESCAPES';", "SET sql_mode=1048576;",
		"SET sql_mode=CONCAT(@@sql_mode,',NO_BACKSLASH_ESCAPES');",
		ON "SET @a=@@sql_mode; SET sql_mode=''; SET sql_mode=@a;",
		"SET @m='NO_BACKSLASH_ESCAPES',sql_mode=@m;", "SET NAMES utf8, sql_mode='NO_BACKSLASH_ESCAPES';",
		ON "SET GLOBAL sql_mode='';", ON "SET sql_mode=(SELECT REPLACE(@@sql_mode,'ANSI',''));",
		ON "SET @@GLOBAL.sql_mode='', foreign_key_checks=0;"
	};
	static const char *const off[] = {
		"", ON "SET sql_mode='';", ON "SET SQL_MODE=@OLD_SQL_MODE;",
		"SET @OLD=@@sql_mode,SQL_MODE='NO_BACKSLASH_ESCAPES';", "SET GLOBAL sql_mode='NO_BACKSLASH_ESCAPES';",
		"SET @@global.sql_mode='NO_BACKSLASH_ESCAPES';",
		ON "SET sql_mode=REPLACE(@@sql_mode,'NO_BACKSLASH_ESCAPES','');",
		ON "SET sql_mode=DEFAULT;", "SET other='NO_BACKSLASH_ESCAPES';",
		"SET sql_mode='NOT_NO_BACKSLASH_ESCAPES';"
	};

	for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++)
	{
		char		dump[512];

		snprintf(dump, sizeof(dump), "%s" NEW, on[i]);
		reads(dump, "('C:\\new') END", on[i]);
	}
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
	{
		char		dump[512];

		snprintf(dump, sizeof(dump), "%s%s" NEW, off[i],
				 i == 3 ? "SET sql_mode=@old;" : "");
		reads(dump, "('C:\\x0Aew') END", off[i]);
	}
	reads(ON "INSERT INTO u VALUES ('\\');INSERT INTO t VALUES ('it''s \\'),('\\\\');"
		  "SET sql_mode='';INSERT INTO t VALUES ('\\\\');",
		  "('it's \\') ('\\\\') ('\\') END", "off again, in the middle");
	reads("SET sql_mode=ANSI_QUOTES;INSERT INTO \"t\" (\"a\\\") VALUES (1);",
		  "(1) END", "ANSI_QUOTES");
	reads("SET sql_mode='ANSI';INSERT INTO t VALUES (\"a\");",
		  "ERROR 1:42 a string is in double quotes, which are for names in the dump's SQL_MODE",
		  "a string in double quotes under ANSI");
	reads("SET STATEMENT a=1 FOR INSERT INTO t VALUES (1);",
		  "ERROR 1:14 \"a\" is not supported in a SET statement", "SET STATEMENT");
#undef NEW
#undef ON
}

/* A table of two databases, and the one that is wanted. */
static void
test_databases(void)
{
	const char *two = "CREATE TABLE a.t (x int); CREATE TABLE `b`.`t` (x int, y int);"
		"INSERT INTO a.t VALUES (1); INSERT INTO b.t VALUES (2,2);";

	reads(two, "ERROR 1:62 table \"t\" is in more than one database: in b and in a",
		  "two databases");
	reads_of("a.t", two, "(1) END", "the first");
	reads_of("b.t", two, "(2, 2) END", "the second");
	reads_of("`b`.\"t\"", two, "(2, 2) END", "the second, quoted");
	reads_of("c.t", two, "END", "neither");
	reads("INSERT INTO a.t VALUES (1);INSERT INTO t VALUES (2);",
		  "(1) ERROR 1:27 table \"t\" is in more than one database: in a and in one without a name",
		  "with a database and without");
	reads("USE a; INSERT INTO t VALUES (1); INSERT INTO a.t VALUES (2); USE b;"
		  "INSERT INTO `a`.t VALUES (3);", "(1) (2) (3) END", "USE and a name");
	reads("USE a; INSERT INTO t VALUES (1); USE b; DROP TABLE t; DELETE FROM t;"
		  "INSERT INTO u VALUES (1);", "(1) END", "changes in another database");
	reads("USE a; INSERT INTO t VALUES (1); USE b; DROP TABLE t; CREATE TABLE t (x int);",
		  "(1) ERROR 1:54 table \"t\" is in more than one database: in a and in b",
		  "CREATE TABLE in another database");
	reads_of("b.t", "USE a; INSERT INTO t VALUES (1); USE `b`; INSERT INTO t VALUES (2);"
			 "CREATE TABLE a.t (x int); DROP TABLE a.t;", "(2) END", "chosen under USE");
	reads_of("a.t", "INSERT INTO t VALUES (1);",
			 "ERROR 1:0 the dump does not say in which database its table \"t\" is",
			 "no database in the dump");
	reads_of("a.b", "INSERT INTO `a.b` VALUES (1);", "(1) END", "a name with a period");
	reads_of("`a.b`.`c``d`", "INSERT INTO `a.b`.`c``d` VALUES (1);", "(1) END",
			 "two names with odd characters");
}

/* Statements that change the table after its first tuple. */
static void
test_changes(void)
{
	static const char *const changes[] = {
		"DELETE FROM t", "delete from `t` where a = 1", "DELETE t FROM t JOIN u", "UPDATE t SET a = 1",
		"UPDATE u, d.t SET a = 1", "TRUNCATE t", "TRUNCATE TABLE `t`", "DROP TABLE IF EXISTS t",
		"DROP TABLE u, t", "RENAME TABLE t TO u", "RENAME TABLE u TO t", "ALTER TABLE u RENAME TO t",
		"ALTER TABLE u RENAME t", "ALTER TABLE t DROP a", "ALTER TABLE t ADD b int",
		"ALTER TABLE t DROP PARTITION p", "ALTER TABLE t MODIFY a text", "ALTER TABLE t CHANGE a b int",
		"ALTER TABLE t ADD KEY (a), DROP COLUMN b", "ALTER TABLE t RENAME TO u",
		"LOAD DATA LOCAL INFILE 'x' REPLACE INTO TABLE t", "ROLLBACK",
		"REPLACE INTO t VALUES (2)", "INSERT IGNORE INTO t VALUES (2)", "/*!40000 DELETE FROM t */",
	};
	static const char *const harmless[] = {
		"DELETE FROM u", "UPDATE u SET t = 1", "TRUNCATE TABLE tt", "DROP TABLE u", "DROP VIEW t",
		"DROP DATABASE t", "RENAME TABLE u TO v", "ALTER TABLE u DROP t", "ALTER TABLE u RENAME COLUMN a TO t",
		"/*!40000 ALTER TABLE `t` ENABLE KEYS */", "ALTER TABLE `t` ADD PRIMARY KEY (`a`), ADD KEY `b` (`a`,`c`)",
		"ALTER TABLE t MODIFY a int NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=5", "COMMIT",
		"ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (a)", "COMMIT; ROLLBACK",
		"LOAD DATA INFILE 'x' INTO TABLE u", "ALTER TABLE t ENGINE=InnoDB, COMMENT='x'", "ALTER DATABASE t",
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
	{
		char		dump[256];
		char	   *got;

		snprintf(dump, sizeof(dump), "INSERT INTO t VALUES (1);\n%s;", changes[i]);
		got = reading(dump, strlen(dump), WHOLE);
		if (!ok(strncmp(got, "(1) ERROR 2:", 12) == 0 && strstr(got, "\"t\"") != NULL, changes[i]))
			printf("#   got: %s\n", got);
		free(got);
	}
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
	{
		char		dump[256];

		snprintf(dump, sizeof(dump), "INSERT INTO t VALUES (1);%s;INSERT INTO t VALUES (2);", harmless[i]);
		reads(dump, "(1) (2) END", harmless[i]);
	}
	reads("DELETE FROM t; TRUNCATE t; DROP TABLE t; ALTER TABLE t ADD x int;"
		  "INSERT INTO t VALUES (1);", "(1) END", "before the first tuple");
	reads("CREATE TABLE t (a int, b int); ALTER TABLE t DROP a, ADD c int;",
		  "ERROR 1:31 ALTER TABLE changes table \"t\" after 0 of its tuples, and is not carried out",
		  "columns that change before the first tuple");
	reads("REPLACE INTO t VALUES (1);REPLACE INTO t VALUES (1);INSERT INTO t VALUES (2);",
		  "(1) (1) (2) END", "a dump with REPLACE");
}

static void
test_comments(void)
{
	reads("-- INSERT INTO t VALUES (1);\n--\n--\tx'\n# it's\n#\n"
		  "INSERT INTO t VALUES (1) -- x'\n, # y\"\n(2);#",
		  "(1) (2) END", "line comments");
	reads("INSERT INTO t VALUES (1--1);",
		  "ERROR 1:23 \"-\" is not supported after a value",
		  "two hyphens without a space");
	reads("/* a ; ' \" ` */INSERT/**/INTO/***/t/*/ */VALUES/* * / */(/*,*/1/**/"
		  ",/**/'a'/*)*/)/**/;/* /* */", "(1, 'a') END", "block comments");
	reads("INSERT /*+ SET_VAR(a = 1) ' */ INTO t VALUES (1);", "(1) END",
		  "an optimizer hint");
	reads("/*!40101 INSERT INTO t VALUES (1)*/;/*! INSERT INTO t VALUES (2); */"
		  "INSERT /*!INTO*/ t /*M!100000 VALUES*/ (3 /*!99999,*/ /*!080000 4*/);",
		  "(1) (2) (3, 4) END", "version comments");
	reads("/*!999999\\- enable the sandbox mode */ \n/*M!999999\\- it's */\n"
		  "/*!100000 INSERT INTO t VALUES (1);*/INSERT INTO t VALUES (2);",
		  "(2) END", "version comments that no server executes");
	reads("/*!50001 /*!50002 INSERT INTO t */ VALUES (1) */;"
		  "INSERT INTO t VALUES (2);",
		  "(1) (2) END", "nested version comments");
	reads("INSERT INTO t VALUES ('-- a','# b','/* c','*/','/*!1 d */',\"-- \");"
		  "INSERT INTO `-- ` VALUES (1);INSERT INTO `/*` VALUES (1);"
		  "INSERT INTO `#` VALUES (1);INSERT INTO t VALUES (1,2,3,4,5,6);",
		  "('-- a', '# b', '/* c', '*/', '/*!1 d */', '-- ') "
		  "(1, 2, 3, 4, 5, 6) END", "no comments inside quotes");
	reads("SELECT 5/2, 3*4, '/*' - 1; INSERT INTO t VALUES (1);",
		  "(1) END", "operators are not comments");
}

static void
test_values(void)
{
	value("NULL,null,Null", "NULL, NULL, NULL");
	value("TRUE,false", "1, 0");
	value("0,1,-1,+1,00,18446744073709551615",
		  "0, 1, -1, +1, 00, 18446744073709551615");
	value("1.5,-0.25,.5,-.5,1.", "1.5, -0.25, .5, -.5, 1.");
	value("1e5,1e-5,-1.5E+10,.5e1,1.e1", "1e5, 1e-5, -1.5E+10, .5e1, 1.e1");
	value("'2024-02-29','0000-00-00 00:00:00'",
		  "'2024-02-29', '0000-00-00 00:00:00'");
	value("'',\"\",'a',\"a\"", "'', '', 'a', 'a'");
	value("'\\0\\'\\\"\\b\\n\\r\\t\\Z\\\\'",
		  "'\\x00'\"\\x08\\x0A\\x0D\\x09\\x1A\\'");
	value("'\\%\\_'", "'\\%\\_'");
	value("'\\a\\x\\N\\;'", "'axN;'");
	value("'it''s',\"say \"\"hi\"\"\",'\"',\"'\",''''",
		  "'it's', 'say \"hi\"', '\"', ''', '''");
	value("'a\nb\r\nc'", "'a\\x0Ab\\x0D\\x0Ac'");
	value("'a' 'b'\n\"c\"/**/'d',N'e' 'f'", "'abcd', _utf8'ef'");
	value("'),(',';'", "'),(', ';'");
	value("'\xE2\x82\xAC\xF0\x9F\x98\x80'", "'\xE2\x82\xAC\xF0\x9F\x98\x80'");
	value("0xAB,0xab12,0xABC,0x0", "0xAB, 0xAB12, 0x0ABC, 0x00");
	value("x'AB',X'ab',x''", "0xAB, 0xAB, 0x");
	value("b'101',B'1',b'',0b101", "0b101, 0b1, 0b, 0b101");
	value("_binary'a',_BINARY \"b\",_utf8mb4\n'c' 'd',_latin1 0xE9,"
		  "_utf8 x'41',_binary b'1',_binary 0b10",
		  "_binary'a', _binary'b', _utf8mb4'cd', _latin10xE9, "
		  "_utf80x41, _binary0b1, _binary0b10");

	/* plain values beside one that is not */
	value("1,-2.50,NULL,'plain',''", "1, -2.50, NULL, 'plain', ''");
	value("1,NULL,'it''s',2", "1, NULL, 'it's', 2");
	value("1,NULL,'a' 'b',2", "1, NULL, 'ab', 2");
	value("NULL,'a',1 ,2", "NULL, 'a', 1, 2");
	value("-1,'\\0b\\\\',null,-.5,-2.", "-1, '\\x00b\\', NULL, -.5, -2.");
	value("1/*,*/,NULL/**/,'a'--\n,-1e1", "1, NULL, 'a', -1e1");

	no_value("DEFAULT", 0, "\"DEFAULT\" is not supported as a value");
	no_value("1,CURRENT_TIMESTAMP", 2,
			 "\"CURRENT_TIMESTAMP\" is not supported as a value");
	no_value("CONVERT(CONVERT('a' USING utf8) USING utf8)", 8,
			 "\"CONVERT\" is not supported in CONVERT()");
	no_value("CONVERT('a', CHAR)", 11, "\",\" is not supported in CONVERT()");
	value("CONVERT('a' USING utf8),convert( 0xC3A9 using UTF8mb4 ),"
		  "CONVERT(_latin1 'b' USING utf8mb4),CONVERT(UNHEX('41') USING latin1),"
		  "CONVERT(_binary'c' USING utf8),CONVERT(x'' USING utf8),1",
		  "'a', _utf8mb40xC3A9, _latin1'b', _latin10x41, _utf8'c', _utf80x, 1");
	value("UNHEX('00FF'),unhex( \"c3a\" ),UNHEX('')", "0x00FF, 0x0C3A, 0x");
	no_value("UNHEX('0g')", 0, "UNHEX() has something that is no hexadecimal digit");
	no_value("UNHEX(x)", 6, "\"x\" is not supported in UNHEX()");
	value("'a' COLLATE utf8mb4_bin,_utf8'b' collate x,2", "'a', _utf8'b', 2");
	value("DATE '2020-01-01',timestamp'2020-01-01 00:00:00',TIME\t\"1:2:3\"",
		  "'2020-01-01', '2020-01-01 00:00:00', '1:2:3'");
	no_value("now()", 0, "\"now\" is not supported as a value");
	no_value("STR_TO_DATE('1','%d')", 0, "\"STR_TO_DATE\" is not supported as a value");

	/* SELECT HEX(ST_GeomFromText(...)) of MariaDB */
	value("ST_GeomFromText('POINT(1 2)'),GeomFromText(' point ( 1.0  2e0 ) ',0),"
		  "ST_PointFromText(\"POINT(1 2)\")",
		  "0x000000000101000000000000000000F03F0000000000000040, "
		  "0x000000000101000000000000000000F03F0000000000000040, "
		  "0x000000000101000000000000000000F03F0000000000000040");
	value("ST_GeomFromText('LINESTRING(0 0,1 1)')",
		  "0x00000000010200000002000000000000000000000000000000000000000000000000"
		  "00F03F000000000000F03F");
	value("ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')",
		  "0x0000000001030000000100000004000000000000000000000000000000000000000000"
		  "00000000F03F0000000000000000000000000000F03F000000000000F03F0000000000000000"
		  "0000000000000000");
	value("ST_GeomFromText('MULTIPOINT((0 0),1 1)'),"
		  "ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')",
		  "0x00000000010400000002000000010100000000000000000000000000000000000000"
		  "0101000000000000000000F03F000000000000F03F, 0x00000000010700000000000000");
	no_value("ST_GeomFromText('POINT(1 2)',4326)", 29,
			 "\"4326\" is not supported as the SRID of ST_GeomFromText()");
	no_value("ST_GeomFromText('POINT(1 2 3)')", 0,
			 "ST_GeomFromText() has a text that is no geometry of two dimensions");
	no_value("ST_GeomFromText('POINT(nan 0x1)')", 0,
			 "ST_GeomFromText() has a text that is no geometry of two dimensions");
	no_value("ST_GeomFromText('')", 0,
			 "ST_GeomFromText() has a text that is no geometry of two dimensions");
	no_value("ST_AsText('a')", 0, "\"ST_AsText\" is not supported as a value");
	no_value("CAST('a' AS char)", 0, "\"CAST\" is not supported as a value");
	no_value("NULLS", 0, "\"NULLS\" is not supported as a value");
	no_value("1,'a',NULL1", 6, "\"NULL1\" is not supported as a value");
	no_value("1,2-3", 3, "\"-\" is not supported after a value");
	no_value("1,--3", 3, "\"-\" is not valid in a number");
	no_value("`a`", 0, "\"`\" is not supported as a value");
	no_value("1 + 2", 2, "\"+\" is not supported after a value");
	no_value("1 2", 2, "\"2\" is not supported after a value");
	no_value("12abc", 2, "\"abc\" is not supported after a value");
	no_value("1e", 2, "\")\" is not valid in a number");
	no_value("-", 1, "\")\" is not valid in a number");
	no_value(".", 1, "\")\" is not valid in a number");
	no_value("+-1", 1, "\"-\" is not valid in a number");
	no_value("1.5.2", 3, "\".\" is not supported after a value");
	no_value("x'ABC'", 6, "x'...' has an odd number of digits");
	no_value("x'AG'", 3,
			 "\"G\" is not valid in a hexadecimal or bit literal");
	no_value("b'12'", 3,
			 "\"2\" is not valid in a hexadecimal or bit literal");
	no_value("0x", 2, "\")\" is not valid in a hexadecimal or bit literal");
	no_value("0xZZ", 2,
			 "\"ZZ\" is not valid in a hexadecimal or bit literal");
	no_value("_utf8mb4 NULL", 9,
			 "\"NULL\" is not supported after a character set");
	no_value("_utf8mb4 01", 9, "\"01\" is not supported after a character set");
	no_value("_utf8mb4", 8, "\")\" is not supported after a character set");
	no_value("_", 0, "\"_\" is not supported as a value");
	no_value("\xC3\xA9", 0, "\"??\" is not supported as a value");
}

static void
test_arity(void)
{
	reads("INSERT INTO t (a,b) VALUES (1,2),(3);",
		  "(1, 2) ERROR 1:33 a tuple has 1 value, "
		  "but the INSERT lists 2 columns",
		  "fewer values than columns listed");
	reads("CREATE TABLE t (a int, b int);\nINSERT INTO t VALUES (1,2,3);",
		  "ERROR 2:52 a tuple has 3 values, "
		  "but the table has 2 columns",
		  "more values than the table has columns");
	reads("CREATE TABLE t (a int, b int); INSERT INTO t (b) VALUES (1);",
		  "(1) END", "the INSERT's list counts, not the table's");
	reads("INSERT INTO t VALUES (1,2),(1,2),(1);",
		  "(1, 2) (1, 2) ERROR 1:33 a tuple has 1 value, "
		  "but the INSERT's first tuple has 2 values",
		  "tuples of different lengths");
	reads("INSERT INTO t VALUES (1,2);INSERT INTO t VALUES (1);",
		  "(1, 2) (1) END", "statements with tuples of different lengths");
}

static void
test_create(void)
{
	columns("(a int, `b` varchar(10))", "a int, b varchar(10)");
	columns("(`key` int, `primary` int, \"index\" int, `a``b,)` int, PRIMARY KEY"
			" (`key`), KEY `k` (`a``b,)`(10)), INDEX (x), UNIQUE KEY u (a,b),"
			" FULLTEXT KEY f (a), SPATIAL INDEX (a), CONSTRAINT c FOREIGN KEY"
			" (a) REFERENCES o (a, b), FOREIGN KEY (b) REFERENCES o (b), CHECK"
			" (a in (1, 2)), PERIOD FOR SYSTEM_TIME (a, b), VECTOR KEY (v))",
			"key int, primary int, index int, a`b,) int");
	columns("(period int, vector int)", "period int, vector int");
	columns("(a decimal(10,2), b DECIMAL( 5 ), c double(7 , 3), d bit(1))",
			"a decimal(10,2), b decimal(5), c double(7,3), d bit(1)");
	columns("(a INT(10) UNSIGNED, b int zerofill, c int signed)",
			"a int(10) unsigned, b int unsigned, c int");
	columns("(a DOUBLE PRECISION unsigned, b character varying(5), c integer,"
			" d dec(4), e numeric(4,2), f fixed, g bool, h boolean NOT NULL,"
			" i national varchar(3), j national char varying(4), k nchar(5),"
			" l nvarchar(6), m character(7), n real, o long varbinary,"
			" p long varchar, q long, r serial, s int8, t middleint,"
			" u nchar varchar(8))",
			"a double unsigned, b varchar(5), c int, d decimal(4), "
			"e decimal(4,2), f decimal, g tinyint(1), h tinyint(1), "
			"i varchar(3), j varchar(4), k char(5), l varchar(6), m char(7), "
			"n double, o mediumblob, p mediumtext, q mediumtext, "
			"r bigint unsigned, s bigint, t mediumint, u varchar(8)");
	columns("(a enum('a','b)',',(','it''s','\\'') DEFAULT ')', b set('x','y'),"
			" c int)", "a enum, b set, c int");
	columns("(a char(1) CHARACTER SET binary, b char(1) charset binary,"
			" c char(1) CHARACTER SET latin1 COLLATE latin1_bin,"
			" d char(1) BINARY, e text COLLATE 'binary', f char(2) byte)",
			"a char(1) binary, b char(1) binary, c char(1), d char(1), "
			"e text binary, f char(2) binary");
	columns("(a int GENERATED ALWAYS AS (b * (c + 1)) STORED, b int AS (1),"
			" c int DEFAULT (cast('x' as unsigned)))",
			"a int generated, b int generated, c int");
	columns("(a int DEFAULT '1,2)' COMMENT 'it''s (a, \"b\") \\' unsigned -- /* ',"
			" b int COMMENT \"),\" /* c int, */, -- d int,\n"
			" /*!50606 e int INVISIBLE,*/ f int DEFAULT b'0') ENGINE=x"
			" COMMENT='select (; \"'", "a int, b int, e int, f int");
	columns("(a text(99999999999))", "a text(2147483647)");
	columns("(a int) AS SELECT 1 AS b",
			"the rows of table \"t\" come from a query");
	columns("SELECT 1", "the rows of table \"t\" come from a query");
	columns("LIKE u", "");
	columns("(LIKE u)", "");
	columns("(SELECT 1)", "the rows of table \"t\" come from a query");
	columns("(a int", "CREATE TABLE ends before its closing parenthesis");
	columns("(a int))", "a int");
	columns("(1 + 1)", "\"+\" is not supported as a column type");
	columns("(`` int)", "\"\" is not supported as a column name");
	columns("('a' int)", "\"a\" is not supported as a column name");

	reads("CREATE TEMPORARY TABLE IF NOT EXISTS `db`.`t` (a int);"
		  "INSERT INTO t VALUES (1,2);",
		  "ERROR 1:75 a tuple has 2 values, "
		  "but the table has 1 column", "TEMPORARY, IF NOT EXISTS");
	reads("/*!50001 CREATE OR REPLACE TABLE `t` (a int, b int) */;"
		  "CREATE TABLE t (a int);INSERT INTO t VALUES (1);",
		  "(1) END", "the second CREATE TABLE counts");
	reads("INSERT INTO t VALUES (1);\nCREATE TABLE t (a int);",
		  "(1) ERROR 2:26 table \"t\" is created again after its data",
		  "CREATE TABLE after tuples");
	reads("USE `a`; INSERT INTO t VALUES (1); USE a;"
		  "INSERT INTO t VALUES (2); USE b; INSERT INTO u VALUES (1);"
		  "INSERT INTO t VALUES (3);",
		  "(1) (2) ERROR 1:99 table \"t\" is in more than one database: in a and in b",
		  "data in two databases");
}

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

static void
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

/* For literals with NULs in them */
#define BYTES(literal)	literal, sizeof(literal) - 1

static void
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

static void
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

static void
test_tables_seen(void)
{
	Text		dump = {0};
	MysqldumpReader *reader;
	const char *seen;

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
		if (strlen(seen) > 319 || strstr(seen, "..., ") != NULL)
			ok(false, "the list of tables overflows");
		mysqldump_close(reader);
		free(full.data);
	}
}

static void
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

static void
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
static void
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
static void
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

static void
test_memory(size_t inserts)
{
	long		before = memory_of("t", 20000);
	long		after = memory_of("t", inserts);
	long		skipped = memory_of("other", inserts);

	ok(after - before < 512, "memory stays flat");
	ok(skipped - after < 512, "memory stays flat when everything is skipped");
	printf("# %ld kB, then %ld kB, then %ld kB\n", before, after, skipped);
}

/* With the argument "quick", omits what takes too long under valgrind. */
int
main(int argc, char **argv)
{
	bool		quick = argc > 1 && strcmp(argv[1], "quick") == 0;

	/* first, since it measures the peak of the process */
	test_memory(quick ? 40000 : 2000000);

	test_statements();
	test_stray_lines();
	test_formats();
	test_modes();
	test_databases();
	test_changes();
	test_comments();
	test_values();
	test_arity();
	test_create();
	test_cuts();
	test_encodings();
	test_facts();
	test_tables_seen();
	test_nesting();
	test_long_values();
	test_blocks();
	if (!quick)
		test_largest_value();

	printf("1..%d\n", tests);
	return failures > 0;
}
