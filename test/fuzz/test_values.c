/*-------------------------------------------------------------------------
 *
 * test_values.c
 *	  Values, tuples, and the columns of CREATE TABLE.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "mysqldump_test.h"
#include "test_reading.h"

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
		if (column->charset != NULL)
			add(&result, " in %s", column->charset);
	}
	is(result.data, expected, body);
	mysqldump_close(reader);
	free(dump.data);
	free(result.data);
}

void
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

void
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

void
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
			"a char(1) binary in binary, b char(1) binary in binary,"
			" c char(1) in latin1, d char(1), e text binary in binary,"
			" f char(2) binary");
	columns("(a char(1) CHARSET Latin2 COLLATE greek_bin, b char(1) COLLATE cp1251_bin,"
			" c text CHARACTER SET=utf8mb4, d text COMMENT 'charset', e enum('charset'))"
			" ENGINE=InnoDB DEFAULT CHARSET=greek COLLATE=greek_general_ci",
			"a char(1) in latin2, b char(1) in cp1251, c text in utf8mb4,"
			" d text in greek, e enum in greek");
	columns("(a text) CHARACTER SET 'hebrew'", "a text in hebrew");
	columns("(a text) COLLATE utf8_bin", "a text in utf8");
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
