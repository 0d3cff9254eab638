-- As many rows, and the same values, or an error: what a load keeps, tells and refuses
SET client_min_messages = error;		-- the schema public is warned of
CREATE EXTENSION menuca_migrate;
RESET client_min_messages;
CREATE SCHEMA staging;
SET datestyle = ISO;
SET TimeZone = 'America/Toronto';

CREATE FUNCTION columns_of(regclass) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
	FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
$$;
-- Loads bytes, which need not be text of this database
CREATE FUNCTION load_bytes(dump bytea, table_name text, into_table text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	large_object oid := lo_from_bytea(0, dump);
	rows bigint;
BEGIN
	rows := (menuca_load_dump_lo(large_object, table_name, into_table)).rows_loaded;
	PERFORM lo_unlink(large_object);
	RETURN rows;
END
$$;

--
-- BIT: every width, written in every way, into a new table and into other types
--
SELECT rows_loaded FROM menuca_load_dump($dump$
CREATE TABLE `b` (`id` int, `one` bit(1), `three` bit(3), `nine` bit(9), `all` bit(64), `bare` bit);
INSERT INTO `b` VALUES (1,_binary '\0','\0',_binary '\0\0','\0\0\0\0\0\0\0\0','\0'),
 (2,0x01,0x07,0x01FF,0xFFFFFFFFFFFFFFFF,x'01'),
 (3,b'1',b'101',b'1',b'10000000000000000000000000000000',0b1),
 (4,1,5,511,18446744073709551615,TRUE),
 (5,b'0001','\0\0\0',_binary '\n',b'',0x00),(6,NULL,NULL,NULL,NULL,NULL);
$dump$, 'b', 'staging.b');
SELECT columns_of('staging.b');
SELECT * FROM staging.b ORDER BY id;

-- Each width from 1 to 64, its largest value and 1, raw, as hex, as bits and as a number
CREATE FUNCTION bits_dump(n int) RETURNS text LANGUAGE sql AS $$
	SELECT format('CREATE TABLE b (id int, v bit(%s)); INSERT INTO b VALUES (1,0x%s),(2,b''%s''),(3,%s),(4,x''%s''),(5,b''1''),(6,1),(7,''%s'');',
		n, lpad(to_hex(highest >> 32), 8, '0') || lpad(to_hex(highest & 4294967295), 8, '0'), repeat('1', n),
		CASE n WHEN 64 THEN 18446744073709551615 ELSE highest::numeric END,
		lpad(to_hex(highest >> 32), 8, '0') || lpad(to_hex(highest & 4294967295), 8, '0'),
		repeat('\0', (n + 7) / 8 - 1) || E'\x01')
	FROM (SELECT CASE n WHEN 64 THEN -1 WHEN 63 THEN 9223372036854775807 ELSE (1::bigint << n) - 1 END) AS h(highest)
$$;
SET client_min_messages = warning;
DO $$
DECLARE
	kind text;
	wrong int;
BEGIN
	FOREACH kind IN ARRAY ARRAY['new', 'numeric', 'bytea', 'text', 'bit(64)', 'varbit'] LOOP
		FOR n IN 1..64 LOOP
			DROP TABLE IF EXISTS staging.w;
			IF kind <> 'new' THEN
				EXECUTE format('CREATE TABLE staging.w (id int, v %s)', kind);
			END IF;
			PERFORM menuca_load_dump(bits_dump(n), 'b', 'staging.w');
			EXECUTE format('SELECT count(*) FROM staging.w WHERE v::text IS DISTINCT FROM CASE WHEN id <= 4 THEN %L ELSE %L END',
				CASE kind WHEN 'numeric' THEN (2::numeric ^ n - 1)::numeric(20,0)::text
					WHEN 'bytea' THEN '\x' || lpad(rtrim(to_hex((1 << ((n - 1) % 8 + 1)) - 1)), 2, '0') || repeat('ff', (n - 1) / 8)
					WHEN 'bit(64)' THEN lpad(repeat('1', n), 64, '0') ELSE repeat('1', n) END,
				CASE kind WHEN 'numeric' THEN '1' WHEN 'bytea' THEN '\x' || repeat('00', (n - 1) / 8) || '01'
					WHEN 'bit(64)' THEN lpad('1', 64, '0') ELSE lpad('1', n, '0') END) INTO wrong;
			IF wrong > 0 THEN
				RAISE WARNING '% values of bit(%) are wrong as %', wrong, n, kind;
			END IF;
		END LOOP;
	END LOOP;
END
$$;
RESET client_min_messages;

-- Into integers and booleans, also without a CREATE TABLE
CREATE TABLE staging.flags (id int, i int, b boolean, x bit(4));
SELECT rows_loaded FROM menuca_load_dump($dump$CREATE TABLE f (id int, i bit(20), b bit(1), x bit(3));
INSERT INTO f VALUES (1,'\0\0 ','\0','\0'),(2,0x0FFFFF,0x01,0x05),(3,b'11',b'0',b'1'),(4,7,1,6);$dump$, 'f', 'staging.flags');
SELECT * FROM staging.flags ORDER BY id;
TRUNCATE staging.flags;
SELECT rows_loaded FROM menuca_load_dump($dump$INSERT INTO f (id, i, b, x) VALUES (1,_binary '\0\0','\0' '','\0'),(2,0x0FFFFF,0x01,0x05),(3,b'11',b'0',b'1'),(4,7,1,6);$dump$, 'f', 'staging.flags');
SELECT rows_loaded FROM menuca_load_dump($dump$INSERT INTO f (id, i, b, x) VALUES (1,_binary '\0\0',_binary '\0','\0'),(2,0x0FFFFF,0x01,0x05),(3,b'11',b'0',b'1'),(4,7,1,6);$dump$, 'f', 'staging.flags');
SELECT * FROM staging.flags ORDER BY id;

-- More bits than the dump's column has, or the staging column: refused, as in MySQL's strict mode
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE b (v bit(3)); INSERT INTO b VALUES (b''1000'');', 'b', 'staging.b2');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE b (v bit(3)); INSERT INTO b VALUES (8);', 'b', 'staging.b2');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE b (v bit(3)); INSERT INTO b VALUES (''5'');', 'b', 'staging.b2');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE b (v bit(8)); INSERT INTO b VALUES (0x0100);', 'b', 'staging.b2');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE b (v bit(8)); INSERT INTO b VALUES (-1);', 'b', 'staging.b2');
CREATE TABLE staging.b2 (v bit(2));
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE b (v bit(3)); INSERT INTO b VALUES (b''011''),(b''100'');', 'b', 'staging.b2');
DROP TABLE staging.b2;

--
-- Lines that are no SQL: refused with line and byte
--
CREATE TABLE staging.t (id int);
SELECT rows_loaded FROM menuca_load_dump(E'mysqldump: [Warning] Using a password on the command line interface can be insecure.\nINSERT INTO `t` (`id`) VALUES (1),(2);\nINSERT INTO `t` (`id`) VALUES (3);\n', 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump(E'INSERT INTO `t` (`id`) VALUES (1),(2);\nEnter password: \nINSERT INTO `t` (`id`) VALUES (3);\n', 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump(E'INSERT INTO `t` (`id`) VALUES (1),(2);\nmysqldump: Error 2013: Lost connection to MySQL server\n', 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump(E'Do not interrupt this\nINSERT INTO `t` (`id`) VALUES (1),(2);\n', 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump('<br /><b>Warning</b>: mysqli_connect()', 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump('<?xml version="1.0"?><mysqldump>', 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump(E'--\n-- PostgreSQL database dump\n--\nINSERT INTO t VALUES (1);', 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump(E'PRAGMA foreign_keys=OFF;\nINSERT INTO t VALUES (1);', 't', 'staging.t');
SELECT count(*) FROM staging.t;

--
-- Names in other character sets, of any length, of system columns
--
SELECT load_bytes('SET NAMES latin1; CREATE TABLE `t\351` (`n\351` int, `\201` int); INSERT INTO `t\351` (`n\351`,`\201`) VALUES (1,2);', 'té', 'staging.latin1');
SELECT columns_of('staging.latin1');
SELECT load_bytes('SET NAMES latin1; CREATE TABLE `t\351` (`n\351` int); INSERT INTO `t\351` VALUES (1);', 'nowhere', 'staging.nowhere');
SELECT load_bytes('SET NAMES utf8; CREATE TABLE t (`n\351` int); INSERT INTO t VALUES (1);', 't', 'staging.nowhere');
SELECT load_bytes('INSERT INTO t (`n\351`) VALUES (1);', 't', 'staging.nowhere');
-- Other tables may have any names
SELECT load_bytes('CREATE TABLE `n\351` (`n\351` int); USE d\351; CREATE TABLE t (a int); INSERT INTO t VALUES (1);', 't', 'staging.other_names');
SELECT load_bytes('CREATE TABLE `n\351` (`n\351` int);', 't', 'staging.nowhere');
-- The statement around CREATE TABLE is in UTF-8, as mysqldump writes it, all else in latin1
SELECT load_bytes('/*!40101 SET NAMES latin1 */;/*!40101 SET @saved_cs_client = @@character_set_client */;/*!50503 SET character_set_client = utf8mb4 */;'
	'CREATE TABLE `\303\251` (`n\303\251` text);/*!40101 SET character_set_client = @saved_cs_client */; INSERT INTO `\351` (`n\351`) VALUES (''\351'');', 'é', 'staging.both');
SELECT columns_of('staging.both'), né FROM staging.both;
SELECT load_bytes('SET NAMES cp1251; CREATE TABLE t (`\346` text); INSERT INTO t VALUES (''\346''),(_latin1''\346''),(_utf8mb4 0xC3A6);', 't', 'staging.cyrillic');
SELECT * FROM staging.cyrillic;
SELECT rows_loaded FROM menuca_load_dump(format('CREATE TABLE t (`%s1` int, `%1$s2` int, `%1$s` int, `%2$s` int, `%2$s2` int); INSERT INTO t (`%1$s2`, `%1$s1`, `%1$s`, `%2$s2`, `%2$s`) VALUES (2,1,3,5,4);',
	repeat('x', 63), repeat('é', 32)), 't', 'staging.long');
SELECT attnum, attname FROM pg_attribute WHERE attrelid = 'staging.long'::regclass AND attnum > 0 ORDER BY attnum;
SELECT * FROM staging.long \gx
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (xmin int, xmin_ int, ctid int, tableoid int, oid int, CMAX int, cmax_ int, cmin int);
INSERT INTO t VALUES (1,2,3,4,5,6,7,8); INSERT INTO t (ctid, xmin_, xmin) VALUES (3,2,1);', 't', 'staging.system');
SELECT columns_of('staging.system');
SELECT * FROM staging.system;
-- The same names in a dump without CREATE TABLE
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (xmin, ctid, tableoid) VALUES (7,7,7);', 't', 'staging.system', append => true);
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (xmin, xmin_) VALUES (7,7);', 't', 'staging.system', append => true);
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (xmin, XMIN) VALUES (7,7);', 't', 'staging.system', append => true);
CREATE TABLE staging.cases ("Id" int, "ID" int);
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (id) VALUES (7);', 't', 'staging.cases');
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (`ID`, `Id`) VALUES (7, 8);', 't', 'staging.cases');

--
-- Text: all bytes of MySQL's latin1, other introducers, UTF-8 that was taken for latin1
--
SELECT load_bytes('SET NAMES latin1; CREATE TABLE t (id int, a text); INSERT INTO t VALUES (1,''\201\215\217\220\235''),(2,''\200\231''),(3,''\303\251 \342\202\254''),(4,''caf\351'');', 't', 'staging.bytes');
SELECT id, encode(convert_to(a, 'UTF8'), 'hex') FROM staging.bytes ORDER BY id;
-- The same in a dump in UTF-8; half of it, or another character beside it, is none
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a text, b text); INSERT INTO t VALUES (''cafÃ©'',''Â€ â‚¬''),(''Ã©'',''Ã''),(''Ã©é'',''Œ'');', 't', 'staging.garbled');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a text); INSERT INTO t VALUES (_ucs2 0x0041);', 't', 'staging.ucs2');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a text, e enum(''x'',''y'')); INSERT INTO t VALUES (0x41,''x''),(''b'',2);', 't', 'staging.enum');
SELECT load_bytes('SET NAMES latin1; CREATE TABLE t (a text); INSERT INTO t VALUES (0xC3A9);', 't', 'staging.hex');
SELECT load_bytes('SET NAMES utf8mb4; CREATE TABLE t (a text); INSERT INTO t VALUES (0xC3A9),(''\351'');', 't', 'staging.hex');
-- The character set changes between two INSERTs
SELECT load_bytes('SET NAMES latin1; CREATE TABLE t (a text); INSERT INTO t VALUES (''\351''); SET NAMES utf8mb4; INSERT INTO t VALUES (''\303\251'');', 't', 'staging.changes');
SELECT * FROM staging.changes;

--
-- Columns that no INSERT lists, or not all
--
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (id int AUTO_INCREMENT, a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL, c int DEFAULT 7, d int DEFAULT NULL, e int AS (a) STORED);
INSERT INTO t (a) VALUES (2);', 't', 'staging.unlisted');
SELECT * FROM staging.unlisted;
-- MariaDB writes the values of generated columns
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL); INSERT INTO t VALUES (2,4);', 't', 'staging.generated');
SELECT * FROM staging.generated;
CREATE TABLE staging.defaults (a int, b int GENERATED ALWAYS AS (a * 3) STORED, c int DEFAULT 8, d int, e int GENERATED ALWAYS AS IDENTITY);
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a int, b int AS (a * 2), c int DEFAULT 7, z int); INSERT INTO t (a) VALUES (2);', 't', 'staging.defaults');
SELECT * FROM staging.defaults;
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a int, b int DEFAULT 5); INSERT INTO t VALUES (1,1); INSERT INTO t (a) VALUES (2);', 't', 'staging.missing');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a int); INSERT INTO t (a, b) VALUES (1,1);', 't', 'staging.more');

--
-- JSON and dates that jsonb and date cannot hold; the hint's statement can be pasted
--
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (id int, j json); INSERT INTO t VALUES (1,''{"v": "\\u0000*\\ud800", "v": 1.0}'');', 't', 'staging.json');
SELECT * FROM staging.json;
CREATE TABLE staging.jsonb (id int, j jsonb);
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (id int, j json); INSERT INTO t VALUES (1,''{"v": "\\u0000"}'');', 't', 'staging.jsonb');
ALTER TABLE staging.jsonb ALTER COLUMN j TYPE json;
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (id int, j json); INSERT INTO t VALUES (1,''{"v": "\\u0000"}'');', 't', 'staging.jsonb');
\set bad 'CREATE TABLE t (id int, d date, s datetime(3)); INSERT INTO t VALUES (1,\'2021-02-28\',NULL),(2,\'2021-02-30\',\'2021-01-01\');'
SELECT rows_loaded FROM menuca_load_dump(:'bad', 't', 'staging.bad');
CREATE TABLE staging.bad (id integer, d text, s timestamp without time zone);
SELECT rows_loaded FROM menuca_load_dump(:'bad', 't', 'staging.bad');
SELECT * FROM staging.bad ORDER BY id;
DROP TABLE staging.bad;
CREATE TABLE staging.bad (id int, d date, s timestamp);
SELECT rows_loaded FROM menuca_load_dump(:'bad', 't', 'staging.bad');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (d datetime); INSERT INTO t VALUES (''2021-13-01 00:00:00'');', 't', 'staging.month');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (d datetime); INSERT INTO t VALUES (''2021-01-01 25:00:00'');', 't', 'staging.month');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (d date); INSERT INTO t VALUES (''2021-00-10''),(''0000-00-00''),(''2021-02-28'');', 't', 'staging.month');
-- A date cannot hold a time; a timestamp no zone
CREATE TABLE staging.narrow (d date, s timestamp);
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (d, s) VALUES (''2021-01-01 00:00:00'',''2021-01-01''),(''2021-01-01 12:00:00'',NULL);', 't', 'staging.narrow');
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (s) VALUES (''2021-01-01 12:00:00+05:00'');', 't', 'staging.narrow');
-- Nor does a number or a second lose digits
CREATE TABLE staging.rounded (n numeric(6,2), s timestamp(0));
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (n decimal(8,4), s datetime(3)); INSERT INTO t VALUES (1.2500,''2021-01-01 12:00:00.000''),(-1200,NULL),(1.255,NULL);', 't', 'staging.rounded');
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (s) VALUES (''2021-01-01 12:00:00.4'');', 't', 'staging.rounded');
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (n) VALUES (1e-3);', 't', 'staging.rounded');
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (n, s) VALUES (''1.50'',''2021-01-01''),(15e-1,NULL),(1.2e3,''2021-01-01 00:00:00.000000''),(1.5,NULL);', 't', 'staging.rounded');
SELECT n, s FROM staging.rounded ORDER BY n, s;
-- MySQL 4.0 writes digits, in several widths
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (id int, a timestamp(14), b timestamp(12), c timestamp(10), d timestamp(8), e timestamp(6), f timestamp(4), g timestamp(2), h date);
INSERT INTO t VALUES (1,20040102030405,040102030405,0401020304,20040102,040102,0401,04,20040102),(2,''19991231235959'',''991231235959'',''9912312359'',''19991231'',''991231'',''9912'',''99'',''19991231''),
(3,00000000000000,000000000000,0,00000000,000000,0000,00,00000000);', 't', 'staging.digits');
SELECT * FROM staging.digits ORDER BY id \gx
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a datetime); INSERT INTO t VALUES (2004010203);', 't', 'staging.digits2');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a datetime); INSERT INTO t VALUES (1234567890123456);', 't', 'staging.digits2');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a datetime); INSERT INTO t VALUES (20041301000000);', 't', 'staging.digits2');

--
-- TIMESTAMPs are in the time zone that the dump says, whatever the session's is
--
\set zoned '/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;/*!40103 SET TIME_ZONE=\'+00:00\' */;CREATE TABLE t (a timestamp(6), b datetime); INSERT INTO t VALUES (\'2024-07-01 12:00:00.5\',\'2024-07-01 12:00:00\'),(\'0000-00-00 00:00:00\',NULL);/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;'
SELECT rows_loaded FROM menuca_load_dump(:'zoned', 't', 'staging.zoned');
SELECT columns_of('staging.zoned');
SELECT a AT TIME ZONE 'UTC' AS utc, b FROM staging.zoned;
SELECT rows_loaded FROM menuca_load_dump(replace(:'zoned', '+00:00', 'Asia/Tokyo'), 't', 'staging.tokyo');
SELECT rows_loaded FROM menuca_load_dump(replace(:'zoned', '+00:00', '-5:30'), 't', 'staging.west');
SELECT a AT TIME ZONE 'UTC' AS tokyo, (SELECT max(a) AT TIME ZONE 'UTC' FROM staging.west) AS west FROM staging.tokyo WHERE a IS NOT NULL;
SELECT rows_loaded FROM menuca_load_dump(replace(:'zoned', '+00:00', 'SYSTEM'), 't', 'staging.unzoned');
SELECT columns_of('staging.unzoned');
CREATE TABLE staging.mine (a timestamp, b timestamp);
SELECT rows_loaded FROM menuca_load_dump(:'zoned', 't', 'staging.mine');
SELECT * FROM staging.mine;
ALTER TABLE staging.mine ALTER COLUMN a TYPE timestamptz USING (a || ' +00:00')::timestamptz;
SELECT a AT TIME ZONE 'UTC' AS utc, b FROM staging.mine;
TRUNCATE staging.mine;
SELECT rows_loaded FROM menuca_load_dump(:'zoned', 't', 'staging.mine');
SELECT a AT TIME ZONE 'UTC' AS utc, b FROM staging.mine;
TRUNCATE staging.mine;
-- A hint does not name the type that the column has
SELECT rows_loaded FROM menuca_load_dump(replace(:'zoned', '07-01 12:00:00.5', '02-30 12:00:00'), 't', 'staging.mine');
SELECT rows_loaded FROM menuca_load_dump(replace(:'zoned', '07-01 12:00:00'')', '02-30 12:00:00'')'), 't', 'staging.mine');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a timestamp, b datetime); INSERT INTO t VALUES (''2024-07-01 12:00:00'',NULL);', 't', 'staging.mine');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a datetime); SET time_zone=''+00:00''; INSERT INTO t VALUES (''2024-07-01 12:00:00'');', 't', 'staging.mine');
SELECT rows_loaded FROM menuca_load_dump('SET time_zone=''+00:00''; INSERT INTO t (a) VALUES (''2024-07-01'');', 't', 'staging.mine');
SELECT a AT TIME ZONE 'UTC' AS utc FROM staging.mine;
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a timestamp); INSERT INTO t VALUES (''2024-07-01 12:00:00''); SET time_zone=''+00:00''; INSERT INTO t VALUES (''2024-07-01 12:00:00'');', 't', 'staging.changing');

--
-- Two databases; modes; statements that change the table; expressions
--
\set two 'CREATE TABLE a.t (id int);CREATE TABLE b.t (id int);INSERT INTO a.t VALUES (1);INSERT INTO b.t VALUES (2),(3);'
SELECT rows_loaded FROM menuca_load_dump(:'two', 't', 'staging.two');
SELECT (menuca_load_dump(:'two', 'a.t', 'staging.two_a')).rows_loaded AS a, (menuca_load_dump(:'two', '`b`.`t`', 'staging.two_b')).rows_loaded AS b;
SELECT rows_loaded FROM menuca_load_dump(:'two', 'c.t', 'staging.two_c');
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t VALUES (1);', 'c.t', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump('USE c; INSERT INTO t VALUES (1); INSERT INTO d.t VALUES (1);', 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump('SET SQL_MODE=''NO_BACKSLASH_ESCAPES''; CREATE TABLE t (p text); INSERT INTO t VALUES (''C:\new''); SET SQL_MODE=''''; INSERT INTO t VALUES (''C:\\old'');', 't', 'staging.modes');
SELECT * FROM staging.modes;
SELECT rows_loaded FROM menuca_load_dump(E'CREATE TABLE t (id int);\nINSERT INTO t VALUES (1),(2);\nDELETE FROM t;\nINSERT INTO t VALUES (3);', 't', 'staging.changed');
SELECT rows_loaded FROM menuca_load_dump(E'CREATE TABLE t (id int);\nINSERT INTO t VALUES (1),(2);\nREPLACE INTO t VALUES (2);', 't', 'staging.changed');
SELECT rows_loaded FROM menuca_load_dump(E'CREATE TABLE t (id int);\nREPLACE INTO t VALUES (1),(2);\nREPLACE INTO t VALUES (3);', 't', 'staging.changed');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a text, b blob, c text, p point, d date); INSERT INTO t VALUES (CONVERT(0xC3A9 USING utf8mb4),UNHEX(''00FF''),CONVERT(UNHEX(''E9'') USING latin1),ST_GeomFromText(''POINT(1 2)''),DATE ''2020-02-29'');', 't', 'staging.expressions');
SELECT * FROM staging.expressions;
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (p point); INSERT INTO t VALUES (ST_GeomFromText(''POINT(1 2)'', 4326));', 't', 'staging.expression');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (p point); INSERT INTO t VALUES (AES_DECRYPT(''x'',''y''));', 't', 'staging.expression');

--
-- What phpMyAdmin, HeidiSQL and mysqldump of MySQL 8 write around the rows
--
SELECT rows_loaded FROM menuca_load_dump($d$-- phpMyAdmin SQL Dump
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
-- Database: `x`
CREATE DATABASE IF NOT EXISTS `x` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
USE `x`;
DELIMITER $$
CREATE PROCEDURE `p` ()  BEGIN
INSERT INTO t VALUES (9);
END$$
DELIMITER ;
CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `ts` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
TRUNCATE TABLE `t`;
INSERT INTO `t` (`id`, `ts`) VALUES
(1, '2024-01-01 00:00:00'),
(2, '2024-01-01 00:00:00');
ALTER TABLE `t`
  ADD PRIMARY KEY (`id`),
  ADD KEY `ts` (`ts`);
ALTER TABLE `t`
  MODIFY `id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=3;
COMMIT;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
$d$, 't','staging.pma');
SELECT rows_loaded FROM menuca_load_dump($d$-- --------------------------------------------------------
-- Host:                         127.0.0.1
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8 */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
DROP DATABASE IF EXISTS `x`;
CREATE DATABASE IF NOT EXISTS `x` /*!40100 DEFAULT CHARACTER SET latin1 */;
USE `x`;
DROP TABLE IF EXISTS `t`;
CREATE TABLE IF NOT EXISTS `t` (
  `id` int(11) NOT NULL
);
DELETE FROM `t`;
/*!40000 ALTER TABLE `t` DISABLE KEYS */;
INSERT INTO `t` (`id`) VALUES
	(1),
	(2);
/*!40000 ALTER TABLE `t` ENABLE KEYS */;
/*!40103 SET TIME_ZONE=IFNULL(@OLD_TIME_ZONE, 'system') */;
/*!40101 SET SQL_MODE=IFNULL(@OLD_SQL_MODE, '') */;
/*!40014 SET FOREIGN_KEY_CHECKS=IFNULL(@OLD_FOREIGN_KEY_CHECKS, 1) */;
$d$, 't','staging.heidi');
SELECT rows_loaded FROM menuca_load_dump($d$-- MySQL dump 10.13  Distrib 8.0.43, for Linux (x86_64)
/*!50503 SET NAMES utf8mb4 */;
/*!50606 SET @OLD_INNODB_STATS_AUTO_RECALC=@@INNODB_STATS_AUTO_RECALC */;
SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;
SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5,
3E11FA47-71CA-11E1-9E33-C80AA9429563:1-5';
/*!50112 SELECT COUNT(*) INTO @is_rocksdb_supported FROM INFORMATION_SCHEMA.SESSION_VARIABLES WHERE VARIABLE_NAME='rocksdb_bulk_load' */;
/*!50112 SET @save_old_rocksdb_bulk_load = IF (@is_rocksdb_supported, 'SET @old_rocksdb_bulk_load = @@rocksdb_bulk_load', 'SET @dummy_old_rocksdb_bulk_load = 0') */;
/*!50112 PREPARE s FROM @save_old_rocksdb_bulk_load */;
/*!50112 EXECUTE s */;
/*!50112 DEALLOCATE PREPARE s */;
CHANGE MASTER TO MASTER_LOG_FILE='binlog.000002', MASTER_LOG_POS=157;
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `x` /*!40100 DEFAULT CHARACTER SET utf8mb4 */ /*!80016 DEFAULT ENCRYPTION='N' */;
USE `x`;
DROP TABLE IF EXISTS `t`;
CREATE TABLE `t` (`id` int NOT NULL, `b` bit(1) DEFAULT b'0', `g` int GENERATED ALWAYS AS (`id` + 1) VIRTUAL, `iv` int /*!80023 INVISIBLE */);
LOCK TABLES `t` WRITE;
/*!40000 ALTER TABLE `t` DISABLE KEYS */;
INSERT INTO `t` (`id`, `b`) VALUES (1,_binary '\0'),(2,0x01);
/*!40000 ALTER TABLE `t` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'ONLY_FULL_GROUP_BY' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW begin
 insert into u values (1);
end */;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50106 SET @save_time_zone= @@TIME_ZONE */ ;
/*!50106 DROP EVENT IF EXISTS `e` */;
SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;
/*!50001 DROP VIEW IF EXISTS `v`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `v` AS select `t`.`id` AS `id` from `t` */;
-- Dump completed on 2025-10-10 12:00:00
$d$, 't','staging.m8'); TABLE staging.m8;

--
-- append and replace: only for what the loader made, and never in the target schema
--
CREATE SCHEMA menuca_v3;
CREATE TABLE menuca_v3.combo_items (id int);
INSERT INTO menuca_v3.combo_items SELECT generate_series(1, 500);
\set row 'CREATE TABLE t (id int); INSERT INTO t VALUES (1);'
SELECT rows_loaded FROM menuca_load_dump(:'row', 't', 'menuca_v3.combo_items');
SELECT rows_loaded FROM menuca_load_dump(:'row', 't', 'menuca_v3.combo_items', replace => true);
SELECT rows_loaded FROM menuca_load_dump(:'row', 't', 'menuca_v3.combo_items', append => true);
COMMENT ON TABLE menuca_v3.combo_items IS 'Made by menuca_load_dump from table "t" of a dump.';
SELECT rows_loaded FROM menuca_load_dump(:'row', 't', 'menuca_v3.combo_items', replace => true);
SELECT count(*) FROM menuca_v3.combo_items;
CREATE TABLE staging.others (id int);
SELECT rows_loaded FROM menuca_load_dump(:'row', 't', 'staging.others', append => true);
SELECT rows_loaded FROM menuca_load_dump(:'row', 't', 'staging.others');
SELECT rows_loaded FROM menuca_load_dump(:'row', 't', 'staging.others');
SELECT rows_loaded FROM menuca_load_dump(:'row', 't', 'staging.own');
SELECT (menuca_load_dump(:'row', 't', 'staging.own', append => true)).rows_loaded AS appended, (menuca_load_dump(:'row', 't', 'staging.own', replace => true)).rows_loaded AS replaced;
SELECT obj_description('staging.own'::regclass);
COMMENT ON TABLE staging.own IS 'not the loader''s any more';
SELECT rows_loaded FROM menuca_load_dump(:'row', 't', 'staging.own', replace => true);

SET client_min_messages = warning;
DROP SCHEMA staging, menuca_v3 CASCADE;
DROP FUNCTION columns_of(regclass), load_bytes(bytea, text, text), bits_dump(int);
DROP EXTENSION menuca_migrate;
