/*-------------------------------------------------------------------------
 *
 * test_statements.c
 *	  Which statements are read, skipped or refused.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mysqldump_test.h"
#include "test_reading.h"

void
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
		  "INSERT INTO tt VALUES (2);CREATE TABLE T (a int);INSERT INTO T VALUES (3);",
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
void
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
void
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

/* Names that are one table where letter case does not count. */
static void
test_case_variants(void)
{
#define BOTH " the dump has rows of \"T\", which it does not create, and of \"t\""
	reads("INSERT INTO t VALUES (1); INSERT INTO T VALUES (2);", "(1) ERROR 1:26" BOTH, "after");
	reads("INSERT INTO T VALUES (2);INSERT INTO t VALUES (1);", "ERROR 1:0" BOTH, "before");
	reads("CREATE TABLE t (a int); REPLACE INTO `T` VALUES (2);INSERT INTO t VALUES (1);",
		  "ERROR 1:24" BOTH, "one is created");
	reads("CREATE TABLE t (a int); CREATE TABLE T (a int); INSERT INTO T VALUES (2); INSERT INTO t VALUES (1);",
		  "(1) END", "both are created");
	reads("INSERT INTO T VALUES (2);", "END", "only the other");
	reads_of("a.t", "INSERT INTO b.T VALUES (2);INSERT INTO a.t VALUES (1);", "(1) END", "in another database");
#undef BOTH
}

/* A mode of MariaDB in which '' is no string. */
static void
test_empty_is_null(void)
{
#define REFUSED " the SQL mode EMPTY_STRING_IS_NULL is not supported"
	reads("SET sql_mode='ansi,EMPTY_STRING_IS_NULL';", "ERROR 1:0" REFUSED, "by name");
	reads(";SET sql_mode=8589934592;", "ERROR 1:1" REFUSED, "by its bit");
	reads("SET @a='EMPTY_STRING_IS_NULL',sql_mode=@a;", "ERROR 1:0" REFUSED, "by a variable");
	reads("SET @a='EMPTY_STRING_IS_NULL'; SET GLOBAL sql_mode=@a; INSERT INTO t VALUES ('');",
		  "('') END", "of the server");
#undef REFUSED
}

/* The modes that decide what quotes and backslashes mean. */
void
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
	test_empty_is_null();
	test_case_variants();
	reads("-- a\rINSERT INTO t VALUES (1);\r", "ERROR 1:5 an INSERT begins inside the comment that begins on line 1",
		  "carriage returns alone");
	reads("INSERT INTO t VALUES (1);\n# a\r b\r\treplace  into t VALUES (2);\r",
		  "(1) ERROR 2:34 an INSERT begins inside the comment that begins on line 2", "after tuples");
	reads("-- a\r\n-- INSERT INTO t VALUES (1);\r-- b\rinserted\nINSERT INTO t VALUES (2);", "(2) END",
		  "comments with carriage returns");
}

/* A table of two databases, and the one that is wanted. */
void
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

/* Tuples count when MySQL has committed them. */
void
test_transactions(void)
{
#define UNCOMMITTED "ERROR 1:%d the dump ends before the COMMIT of the data of table \"t\""
	static const struct
	{
		const char *before;
		const char *after;
		bool		commits;
	}			cases[] = {
		{"START TRANSACTION;", "", false}, {"BEGIN;", "", false}, {"begin work;", "", false},
		{"SET autocommit=0;", "", false}, {"SET @@session.AUTOCOMMIT = OFF;", "", false},
		{"SET @a=@@AUTOCOMMIT, @@AUTOCOMMIT=0;", "SET AUTOCOMMIT=@a;", true},
		{"BEGIN;", "INSERT INTO u VALUES (2);", false}, {"BEGIN; COMMIT; BEGIN;", "", false},
		{"START TRANSACTION;", "COMMIT;", true}, {"BEGIN;", "ALTER TABLE u ADD KEY (a);", true},
		{"SET autocommit=0;", "commit;", true}, {"SET autocommit=0; SET autocommit=1;", "", true},
		{"SET autocommit=0;", "SET @a=1;", false}, {"SET autocommit=0;", "UNLOCK TABLES;", true}, {"BEGIN; COMMIT;", "", true},
		{"START SLAVE;", "", true}, {"SET GLOBAL autocommit=0;", "", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		char		dump[256];
		char		expected[256];

		snprintf(dump, sizeof(dump), "%sINSERT INTO t VALUES (1);%s", cases[i].before, cases[i].after);
		if (cases[i].commits)
			strcpy(expected, "(1) END");
		else
			snprintf(expected, sizeof(expected), "(1) " UNCOMMITTED, (int) strlen(dump));
		reads(dump, expected, dump);
	}
	reads("BEGIN; INSERT INTO u VALUES (1);", "END", "another table's data");
#undef UNCOMMITTED
}

/* Statements that change the table after its first tuple. */
void
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
		"ALTER TABLE u EXCHANGE PARTITION p WITH TABLE t", "CALL p()", "BINLOG 'AAAA'",
		"BEGIN NOT ATOMIC SELECT 1",
	};
	static const char *const harmless[] = {
		"DELETE FROM u", "UPDATE u SET t = 1", "TRUNCATE TABLE tt", "DROP TABLE u", "DROP VIEW t",
		"DROP DATABASE t", "RENAME TABLE u TO v", "ALTER TABLE u DROP t", "ALTER TABLE u RENAME COLUMN a TO t",
		"/*!40000 ALTER TABLE `t` ENABLE KEYS */", "ALTER TABLE `t` ADD PRIMARY KEY (`a`), ADD KEY `b` (`a`,`c`)",
		"ALTER TABLE t MODIFY a int NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=5", "COMMIT",
		"ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (a)", "COMMIT; ROLLBACK",
		"LOAD DATA INFILE 'x' INTO TABLE u", "ALTER TABLE t ENGINE=InnoDB, COMMENT='x'", "ALTER DATABASE t",
		"ALTER TABLE u EXCHANGE PARTITION t WITH TABLE v WITHOUT VALIDATION", "START SLAVE",
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

void
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
