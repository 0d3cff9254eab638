-- Loading one table of a MySQL dump into a staging table
SET client_min_messages = error;		-- the schema public is warned of
CREATE EXTENSION menuca_migrate;
RESET client_min_messages;
CREATE SCHEMA staging;

-- What a table looks like
CREATE FUNCTION columns_of(regclass) RETURNS TABLE (attname name, type text)
LANGUAGE sql AS $$
	SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
	WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum
$$;

--
-- CREATE TABLE and INSERT ... VALUES, with everything that mysqldump writes around
-- them; the other of two tables is skipped
--
SELECT rows_loaded FROM menuca_load_dump($dump$
-- MySQL dump 10.13  Distrib 8.0.34, for Linux (x86_64)
--
-- Host: localhost    Database: menuca
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
# a comment of the old kind
--
-- Table structure for table `combo_groups`
--
DROP TABLE IF EXISTS `combo_groups`;
CREATE TABLE `combo_groups` (`id` int NOT NULL, `name` varchar(255) DEFAULT 'a;b', PRIMARY KEY (`id`));
LOCK TABLES `combo_groups` WRITE;
INSERT INTO `combo_groups` VALUES (1,'INSERT INTO `combos` VALUES (9,9,9,9);');
UNLOCK TABLES;
DROP TABLE IF EXISTS `combos`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE `combos` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `dish` int unsigned DEFAULT NULL COMMENT 'the combo, (a dish)',
  `group` int unsigned DEFAULT NULL,
  `order` int unsigned NOT NULL DEFAULT '0',
  PRIMARY KEY (`id`),
  KEY `dish` (`dish`),
  CONSTRAINT `combos_ibfk_1` FOREIGN KEY (`group`) REFERENCES `combo_groups` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=112125 DEFAULT CHARSET=latin1;
LOCK TABLES `combos` WRITE;
/*!40000 ALTER TABLE `combos` DISABLE KEYS */;
INSERT INTO `combos` VALUES (1,201,101,0),(2,202,101,1) /* between */ ,
 (3,NULL,102,0);
INSERT INTO `combos` VALUES (4,4294967295,102,0);
/*!40000 ALTER TABLE `combos` ENABLE KEYS */;
UNLOCK TABLES;
-- Dump completed on 2025-10-10 12:00:00
$dump$, 'combos', 'staging.combos');
SELECT * FROM columns_of('staging.combos');
SELECT * FROM staging.combos ORDER BY id;

-- A table with rows: refused, appended to, replaced
\set one_row 'INSERT INTO combos (id, dish, `group`, `order`) VALUES (7,7,7,7);'
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', 'staging.combos');
SELECT count(*) FROM staging.combos;
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', 'staging.combos', append => true);
SELECT count(*) FROM staging.combos;
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', 'staging.combos', replace => true);
SELECT * FROM staging.combos;
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', 'staging.combos', append => true, replace => true);

-- An existing table without rows: filled
TRUNCATE staging.combos;
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', 'staging.combos');
DROP TABLE staging.combos;

--
-- Columns are matched by name, whatever their order on either side
--
CREATE TABLE staging.combos ("order" int, "group" bigint, dish bigint, note text DEFAULT 'kept', id bigint);
SELECT rows_loaded FROM menuca_load_dump($dump$
CREATE TABLE `combos` (`id` int, `dish` int, `group` int, `order` int);
INSERT INTO `combos` VALUES (1,201,101,5);
INSERT INTO `combos` (`order`, `group`, `id`, `dish`) VALUES (6,102,2,202),(7,103,3,203);
insert into combos (`ID`, `Dish`, `Group`) values (4, 204, 104);
INSERT INTO combos VALUES (5,205,105,8);
$dump$, 'combos', 'staging.combos');
SELECT * FROM staging.combos ORDER BY id;

-- A column that the table lacks, and one that the first INSERT does not list
TRUNCATE staging.combos;
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO combos (id, price) VALUES (1, 2);', 'combos', 'staging.combos');
SELECT rows_loaded FROM menuca_load_dump($dump$
INSERT INTO combos (id) VALUES (1);
INSERT INTO combos (id, dish) VALUES (2, 2);
$dump$, 'combos', 'staging.combos');
SELECT count(*) FROM staging.combos;
DROP TABLE staging.combos;

--
-- Neither CREATE TABLE nor a column list: matched by position, with a NOTICE
--
\set by_place 'INSERT INTO `combos` VALUES (1,201,101,0),(2,202,102,0);'
SELECT rows_loaded FROM menuca_load_dump(:'by_place', 'combos', 'staging.combos');
CREATE TABLE staging.combos (id bigint, dish bigint, "group" bigint);
SELECT rows_loaded FROM menuca_load_dump(:'by_place', 'combos', 'staging.combos');
SELECT count(*) FROM staging.combos;
ALTER TABLE staging.combos ADD "order" bigint;
SELECT rows_loaded FROM menuca_load_dump(:'by_place', 'combos', 'staging.combos');
SELECT * FROM staging.combos ORDER BY id;
DROP TABLE staging.combos;

--
-- Values: escapes, quotes, introducers, numbers
--
SELECT rows_loaded FROM menuca_load_dump($dump$
CREATE TABLE `strings` (`id` int, `s` text, `n` double);
INSERT INTO `strings` VALUES
 (1,'\' \" \\ \% \_ \q',1),(2,'bnrtZ: \b \n \r \t \Z',-1.5),(3,'it''s',+2),(4,"double ""quoted"" 'string'",1e3),
 (5,_utf8mb4 'introduced',.5),(6,'',0x1F),(7,'NULL',-2.5E-3),(8,'a;b),(c -- d /* e */ # f',NULL),(9,NULL,1.),
 (10,'Crème brûlée \\N €',0),(11,'{"json": "with \\"escaped\\" quotes"}',18446744073709551615);
$dump$, 'strings', 'staging.strings');
SELECT id, s, n FROM staging.strings WHERE id NOT IN (2) ORDER BY id;
-- \b, newline, carriage return, tab and \Z, by their bytes
SELECT s IS NULL AS missing, encode(convert_to(s, 'UTF8'), 'hex') AS bytes, n FROM staging.strings WHERE id = 2;

--
-- Bytes
--
SELECT rows_loaded FROM menuca_load_dump($dump$
CREATE TABLE `bytes` (`id` int, `b` blob);
INSERT INTO `bytes` VALUES (1,0x00FF10),(2,x'cafe'),(3,X'CAFE'),(4,_binary 'a\0b'),(5,'text'),(6,''),(7,NULL),(8,b'0100000101000010'),(9,_binary 'a:2:{i:0;s:3:"x\\y";}');
$dump$, 'bytes', 'staging.bytes');
SELECT id, encode(b, 'hex') AS hex, encode(b, 'escape') AS bytes FROM staging.bytes ORDER BY id;

-- A text with a NUL is refused
SELECT rows_loaded FROM menuca_load_dump($dump$CREATE TABLE t (id int, s text);
INSERT INTO t VALUES (1,'a'),
(2,'a\0b');$dump$, 't', 'staging.nul');
SELECT to_regclass('staging.nul') IS NULL AS nothing_left;

--
-- Types
--
SELECT rows_loaded FROM menuca_load_dump($dump$
CREATE TABLE `types` (
  `c_tinyint` tinyint(1), `c_utinyint` tinyint unsigned,
  `c_smallint` smallint(6), `c_usmallint` smallint(5) unsigned,
  `c_mediumint` mediumint(9), `c_umediumint` mediumint unsigned zerofill,
  `c_int` int(11), `c_uint` int(10) unsigned, `c_integer` integer,
  `c_bigint` bigint(20), `c_ubigint` bigint unsigned,
  `c_decimal` decimal(8,2) NOT NULL DEFAULT '0.00', `c_numeric` numeric(5), `c_udecimal` decimal unsigned,
  `c_float` float, `c_float_8_2` float(8,2), `c_double` double, `c_double_precision` double precision, `c_real` real,
  `c_bit` bit(1), `c_bit10` bit(10), `c_bool` bool,
  `c_char` char(2) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci, `c_varchar` varchar(255) COLLATE latin1_german1_ci,
  `c_tinytext` tinytext, `c_text` text, `c_mediumtext` mediumtext, `c_longtext` longtext,
  `c_enum` enum('Y','N','it''s,)'), `c_set` set('a','b'),
  `c_binary` binary(4), `c_varbinary` varbinary(16), `c_tinyblob` tinyblob, `c_blob` blob, `c_mediumblob` mediumblob, `c_longblob` longblob,
  `c_charbinary` char(3) CHARACTER SET binary,
  `c_date` date, `c_datetime` datetime(6), `c_timestamp` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  `c_time` time, `c_year` year(4), `c_json` json, `c_point` point
);
INSERT INTO `types` VALUES (1,255,-32768,65535,-8388608,16777215,-2147483648,4294967295,2147483647,
 -9223372036854775808,18446744073709551615,123456.78,99999,4294967295,1.5,2.25,1e100,-0.1,3.5,
 b'1',b'1000000001',0,'CA','Poutine','t','tt','ttt','tttt','Y','a,b',
 0x01020304,_binary 'ab','a','b','c','d','bin',
 '2025-10-10','2025-10-10 12:34:56.123456','2025-10-10 12:34:56','-838:59:59',2025,'{"a": [1, 2]}',0x00000000);
$dump$, 'types', 'staging.types');
SELECT * FROM columns_of('staging.types');
SET datestyle = ISO;
SET intervalstyle = postgres;
\x on
SELECT * FROM staging.types;
\x off
RESET intervalstyle;
RESET datestyle;

-- Unsigned values, also ids beyond int4, fit in a table that the dump created
CREATE TABLE staging.small (id integer, dish integer);
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO combos (id, dish) VALUES (1, 2), (2, 3000000000);', 'combos', 'staging.small');
SELECT count(*) FROM staging.small;
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE combos (id bigint, dish bigint unsigned);
INSERT INTO combos VALUES (9223372036854775807, 18446744073709551615);', 'combos', 'staging.large');
SELECT * FROM staging.large;

--
-- Zero dates become NULL and are counted
--
SELECT rows_loaded FROM menuca_load_dump($dump$
CREATE TABLE d (id int, a date, b datetime, c text);
INSERT INTO d VALUES (1,'0000-00-00','0000-00-00 00:00:00','0000-00-00'),(2,'0000-00-00','0000-00-00 00:00:00.000',''),(3,'2025-10-10','2025-10-10 00:00:00',NULL);
$dump$, 'd', 'staging.dates');
SELECT id, to_char(a, 'YYYY-MM-DD') AS a, to_char(b, 'YYYY-MM-DD HH24:MI') AS b, c FROM staging.dates ORDER BY id;
SELECT rows_loaded FROM menuca_load_dump($dump$INSERT INTO d (id, a) VALUES (4,'0000-00-00');$dump$, 'd', 'staging.dates', append => true);

--
-- Lines that end in CRLF; in strings they stay
--
SELECT rows_loaded FROM menuca_load_dump(replace($dump$-- MySQL dump
CREATE TABLE `w` (
  `id` int,
  `s` text
);
INSERT INTO `w` VALUES (1,'a
b'),
(2,'c\r\nd');
$dump$, E'\n', E'\r\n'), 'w', 'staging.w');
SELECT id, encode(convert_to(s, 'UTF8'), 'hex') FROM staging.w ORDER BY id;

-- mysqldump's first line without its last one: a warning
SELECT rows_loaded FROM menuca_load_dump('-- MySQL dump 10.13
CREATE TABLE w (id int); INSERT INTO w VALUES (1);', 'w', 'staging.w2');

--
-- Zero tuples, the wrong table, an empty dump
--
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE combos (id int); CREATE TABLE menu (id int); INSERT INTO menu VALUES (1);', 'combos', 'staging.none');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE menu (id int); INSERT INTO menu VALUES (1); INSERT INTO courses VALUES (1);', 'combos', 'staging.none');
SELECT rows_loaded FROM menuca_load_dump('', 'combos', 'staging.none');
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO combos VALUES ();', 'combos', 'staging.none');
SELECT to_regclass('staging.none') IS NULL AS nothing_left;

--
-- Cut dumps: the error has the position, and nothing is left behind
--
\set head 'CREATE TABLE combos (id int, s text);\nINSERT INTO combos VALUES (1,\'a\'),\n'
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2,', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2,''b', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2,''b\', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2,''b'')', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2,''b''),', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump('LOCK TABLES `combos` WRITE;' || :'head' || '(2,''b'');
INSERT INTO combos VALUES (3,''c'');
', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE combos (id int, s', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2,''b''); /* never closed', 'combos', 'staging.cut');
SELECT to_regclass('staging.cut') IS NULL AS nothing_left;

-- Existing rows are kept
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(0,''before'');', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2,''b', 'combos', 'staging.cut', replace => true);
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2,''b', 'combos', 'staging.cut', append => true);
SELECT * FROM staging.cut;

-- Damaged in other ways: a value too many, a row that the table does not accept
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2,''b'',3);', 'combos', 'staging.damaged');
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(two,''b'');', 'combos', 'staging.damaged');
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(''two'',''b'');', 'combos', 'staging.damaged');
SELECT rows_loaded FROM menuca_load_dump(:'head' || '(2,now());', 'combos', 'staging.damaged');
SELECT to_regclass('staging.damaged') IS NULL AS nothing_left;

--
-- A string of a million characters
--
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE big (id int, s longtext); INSERT INTO big VALUES (1,''' || repeat('é', 1000000) || '''),(2,''x'');', 'big', 'staging.big');
SELECT id, length(s), octet_length(s), s = repeat('é', 1000000) AS equal FROM staging.big ORDER BY id;

--
-- The table to load into
--
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', 'nowhere.combos');
CREATE VIEW staging.a_view AS SELECT 1 AS id;
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', 'staging.a_view');
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', '');
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', 'a.b.c.d');
-- INSERTs with and without a list of columns: all are matched by name
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE combos (id int, dish int, `group` int, `order` int);
INSERT INTO combos (`order`, `group`, dish, id) VALUES (4,3,2,1);
INSERT INTO combos VALUES (1,2,3,4);
INSERT INTO combos (dish, id, `order`, `group`) VALUES (2,1,4,3);', 'combos', 'staging.both_ways');
TABLE staging.both_ways;
-- Without CREATE TABLE, the columns of the second one are unknown
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO combos (`order`, `group`, dish, id) VALUES (4,3,2,1);
INSERT INTO combos VALUES (1,2,3,4);', 'combos', 'staging.both_ways', append => true);
SELECT rows_loaded FROM menuca_load_dump(NULL, 'combos', 'staging.nulls');
SELECT rows_loaded FROM menuca_load_dump('', NULL, 'staging.nulls');
SELECT rows_loaded FROM menuca_load_dump('', 'combos', NULL);
SELECT rows_loaded FROM menuca_load_dump('', 'combos', 'staging.nulls', append => NULL);
SELECT rows_loaded FROM menuca_load_dump_lo(NULL, 'combos', 'staging.nulls');
SELECT rows_loaded FROM menuca_load_dump_file(NULL, 'combos', 'staging.nulls');
CREATE TABLE staging.swallowing (id int, dish int, "group" int, "order" int);
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER swallow BEFORE INSERT ON staging.swallowing FOR EACH ROW EXECUTE FUNCTION swallow();
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', 'staging.swallowing');
BEGIN READ ONLY;
SELECT rows_loaded FROM menuca_load_dump(:'one_row', 'combos', 'staging.combos');
ROLLBACK;

--
-- Thousands of tuples, some of which are wrong: the error has the position of the
-- tuple, however far the reader and COPY are.  Tuple n is in line n + 1
--
CREATE FUNCTION many(damage jsonb, id int = 3000) RETURNS text LANGUAGE sql AS $$
	SELECT E'INSERT INTO many (id, s) VALUES\n'
		|| string_agg(coalesce(damage->>n::text, format('(%s,''%s'')', n, n)), E',\n' ORDER BY n) || ';'
	FROM generate_series(1, id) n
$$;
CREATE TABLE staging.many (id int, s text);
SELECT rows_loaded FROM menuca_load_dump(many('{}'), 'many', 'staging.many');
SELECT count(*), sum(id), count(*) FILTER (WHERE id::text = s) FROM staging.many;
TRUNCATE staging.many;
-- A value that COPY rejects, that the loader rejects, that the reader rejects
SELECT rows_loaded FROM menuca_load_dump(many('{"1500": "(''x'',''1500'')"}'), 'many', 'staging.many');
SELECT strpos(many('{"1500": "(''x'',''1500'')"}'), '(''x''') - 1 AS "offset";
SELECT rows_loaded FROM menuca_load_dump(many('{"700": "(700,''a\\0b'')"}'), 'many', 'staging.many');
SELECT rows_loaded FROM menuca_load_dump(many('{"700": "(0xFFFFFFFFFFFFFFFFFF,NULL)"}'), 'many', 'staging.many');
SELECT rows_loaded FROM menuca_load_dump(many('{"700": "(700,now())"}'), 'many', 'staging.many');
-- The first error counts
SELECT rows_loaded FROM menuca_load_dump(many('{"699": "(''x'',NULL)", "700": "(700,now())"}'), 'many', 'staging.many');
SELECT rows_loaded FROM menuca_load_dump(many('{"699": "(''x'',NULL)", "700": "(700,''a\\0b'')"}'), 'many', 'staging.many');
SELECT rows_loaded FROM menuca_load_dump(many('{"698": "(0xFFFFFFFFFFFFFFFFFF,NULL)", "699": "(''x'',NULL)"}'), 'many', 'staging.many');
-- A constraint that COPY checks at once, and keys that it checks after a thousand rows
ALTER TABLE staging.many ADD CONSTRAINT not_1200 CHECK (id <> 1200);
SELECT rows_loaded FROM menuca_load_dump(many('{}'), 'many', 'staging.many');
ALTER TABLE staging.many DROP CONSTRAINT not_1200, ADD PRIMARY KEY (id);
SELECT rows_loaded FROM menuca_load_dump(many('{"1234": "(7,''again'')"}'), 'many', 'staging.many');
SELECT rows_loaded FROM menuca_load_dump(many('{"3000": "(2999,''again'')"}'), 'many', 'staging.many');
CREATE TABLE staging.parts (id int PRIMARY KEY, s text) PARTITION BY RANGE (id);
CREATE TABLE staging.part_1 PARTITION OF staging.parts FOR VALUES FROM (0) TO (1000);
CREATE TABLE staging.part_2 PARTITION OF staging.parts FOR VALUES FROM (1000) TO (2000);
SELECT rows_loaded FROM menuca_load_dump(many('{"1234": "(7,''again'')"}', 1999), 'many', 'staging.parts');
SELECT rows_loaded FROM menuca_load_dump(many('{}', 2010), 'many', 'staging.parts');
SELECT rows_loaded FROM menuca_load_dump(many('{}', 1999), 'many', 'staging.parts');
-- A trigger that loads another dump during the load
CREATE TABLE staging.inner_many (id int, s text);
CREATE FUNCTION load_inner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM menuca_load_dump(many('{}'), 'many', 'staging.inner_many');
	RETURN NEW;
END
$$;
CREATE TRIGGER load_inner BEFORE INSERT ON staging.many
	FOR EACH ROW WHEN (NEW.id = 1000) EXECUTE FUNCTION load_inner();
SELECT rows_loaded FROM menuca_load_dump(many('{}'), 'many', 'staging.many');
SELECT count(*) FROM staging.inner_many;
TRUNCATE staging.inner_many, staging.many;
SELECT rows_loaded FROM menuca_load_dump(many('{"1300": "(''x'',NULL)"}'), 'many', 'staging.many');
DROP TRIGGER load_inner ON staging.many;
-- A cancel during the load
CREATE FUNCTION cancel() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_cancel_backend(pg_backend_pid()); RETURN NEW; END';
CREATE TRIGGER cancel BEFORE INSERT ON staging.many FOR EACH ROW WHEN (NEW.id = 1000) EXECUTE FUNCTION cancel();
\set VERBOSITY terse
SELECT rows_loaded FROM menuca_load_dump(many('{}'), 'many', 'staging.many');
\set VERBOSITY default
DROP TRIGGER cancel ON staging.many;
SELECT count(*) FROM staging.many;
-- An INSERT for each tuple
SELECT rows_loaded FROM menuca_load_dump(replace(many('{}'), E',\n', E';\nINSERT INTO many (id, s) VALUES '), 'many', 'staging.many');
SELECT count(*), sum(id) FROM staging.many;
TRUNCATE staging.many;
SELECT rows_loaded FROM menuca_load_dump(replace(many('{"1500": "(''x'',NULL)"}'), E',\n', E';\nINSERT INTO many (id, s) VALUES '), 'many', 'staging.many');
-- Rows wider than what COPY asks for at a time, by one value or by two
CREATE TABLE staging.wide (id int, s text, t text);
CREATE FUNCTION wide(damage jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT E'INSERT INTO wide (id, s, t) VALUES\n'
		|| string_agg(coalesce(damage->>n::text, format('(%s,''%s'',''%s'')', n,
			CASE n % 10 WHEN 3 THEN repeat('\n', 100000) WHEN 7 THEN repeat('s', 40000) END,
			CASE n % 10 WHEN 5 THEN repeat('ö', 65536) WHEN 7 THEN repeat('t', 40000) END)), E',\n' ORDER BY n) || ';'
	FROM generate_series(1, 30) n
$$;
SELECT rows_loaded FROM menuca_load_dump(wide('{}'), 'wide', 'staging.wide');
SELECT count(*), sum(id), sum(length(s)), sum(length(t)) FROM staging.wide;
SELECT count(*) FROM staging.wide WHERE s IS DISTINCT FROM
	(CASE id % 10 WHEN 3 THEN repeat(E'\n', 100000) WHEN 7 THEN repeat('s', 40000) ELSE '' END);
TRUNCATE staging.wide;
SELECT rows_loaded FROM menuca_load_dump(wide('{"28": "(''x'',NULL,NULL)"}'), 'wide', 'staging.wide');
SELECT rows_loaded FROM menuca_load_dump(wide('{"18": "(18,''s'',''a\\0b'')"}'), 'wide', 'staging.wide');
-- Zero dates beside text that is converted are counted once
SELECT lo_from_bytea(800020, convert_to('SET NAMES latin1;
CREATE TABLE dated (id int, d date, name text);
INSERT INTO dated VALUES (1,''0000-00-00'',''é''),(2,''0000-00-00'',''e''),(3,''0000-00-00'',''è'');', 'LATIN1')) \gset ignored_
SELECT rows_loaded FROM menuca_load_dump_lo(800020, 'dated', 'staging.dated');
SELECT * FROM staging.dated ORDER BY id;

-- Names that need quotes
CREATE SCHEMA "My Staging";
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE `Odd "Name"` (`the ``id``` int, `select` int); INSERT INTO `Odd "Name"` VALUES (1, 2);',
	'Odd "Name"', '"My Staging"."My Table"');
SELECT * FROM "My Staging"."My Table";

--
-- Large objects: UTF-8, with and without BOM, UTF-16, latin1
--
\set dump 'CREATE TABLE names (id int, name varchar(99));\r\nINSERT INTO names VALUES (1,\'Crème brûlée\'),(2,\'Phở €5 🍕\');\r\n'
CREATE FUNCTION utf16(text, little boolean) RETURNS bytea LANGUAGE sql AS $$
	SELECT decode(string_agg(lpad(to_hex(CASE WHEN little THEN ((u & 255) << 8) | (u >> 8) ELSE u END), 4, '0'), '' ORDER BY n, half), 'hex')
	FROM (SELECT n, ascii(c) AS a FROM regexp_split_to_table($1, '') WITH ORDINALITY AS r(c, n)) chars,
		LATERAL (SELECT 0 AS half, CASE WHEN a < 65536 THEN a ELSE 55296 + ((a - 65536) >> 10) END AS u
				 UNION ALL
				 SELECT 1, 56320 + ((a - 65536) & 1023) WHERE a >= 65536) units
$$;
SELECT lo_from_bytea(800001, convert_to(:'dump', 'UTF8')),
	lo_from_bytea(800002, '\xEFBBBF' || convert_to(:'dump', 'UTF8')),
	lo_from_bytea(800003, '\xFFFE' || utf16(:'dump', true)),
	lo_from_bytea(800004, '\xFEFF' || utf16(:'dump', false)) \gset ignored_
SELECT rows_loaded FROM menuca_load_dump_lo(800001, 'names', 'staging.n1');
SELECT rows_loaded FROM menuca_load_dump_lo(800002, 'names', 'staging.n2');
SELECT rows_loaded FROM menuca_load_dump_lo(800003, 'names', 'staging.n3');
SELECT rows_loaded FROM menuca_load_dump_lo(800004, 'names', 'staging.n4');
SELECT name FROM staging.n1 ORDER BY id;
SELECT (SELECT count(*) FROM (TABLE staging.n1 INTERSECT TABLE staging.n2) d) AS utf8_bom,
	(SELECT count(*) FROM (TABLE staging.n1 INTERSECT TABLE staging.n3) d) AS utf16le,
	(SELECT count(*) FROM (TABLE staging.n1 INTERSECT TABLE staging.n4) d) AS utf16be;

-- MySQL's latin1 is windows-1252
SELECT lo_from_bytea(800005, convert_to('SET NAMES latin1;
CREATE TABLE names (id int, name varchar(99), raw blob);
INSERT INTO names VALUES (1,''Crème brûlée €'',''é''),(2,_latin1 ''é'',NULL);', 'WIN1252'));
SELECT rows_loaded FROM menuca_load_dump_lo(800005, 'names', 'staging.n5');
SELECT id, name, raw FROM staging.n5 ORDER BY id;

-- Bytes that are not UTF-8, and an unknown character set
SELECT lo_from_bytea(800006, convert_to('INSERT INTO names (id, name) VALUES (1,''x''),
(2,''Crème'');', 'LATIN1')),
	lo_from_bytea(800007, 'SET NAMES klingon; INSERT INTO names (id, name) VALUES (1,''x'');') \gset ignored_
SELECT rows_loaded FROM menuca_load_dump_lo(800006, 'names', 'staging.n1', append => true);
SELECT rows_loaded FROM menuca_load_dump_lo(800007, 'names', 'staging.n1', append => true);

-- UTF-16 without a BOM, and cut in the middle of a character
SELECT lo_from_bytea(800008, utf16(:'dump', true)),
	lo_from_bytea(800009, '\xFFFE' || substr(utf16(:'dump', true), 1, 201)),
	lo_from_bytea(800010, '') \gset ignored_
SELECT rows_loaded FROM menuca_load_dump_lo(800008, 'names', 'staging.n6');
SELECT rows_loaded FROM menuca_load_dump_lo(800009, 'names', 'staging.n6');

-- An empty one, and one that does not exist
SELECT rows_loaded FROM menuca_load_dump_lo(800010, 'names', 'staging.n6');
SELECT rows_loaded FROM menuca_load_dump_lo(800099, 'names', 'staging.n6');
SELECT to_regclass('staging.n6') IS NULL AS nothing_left, count(*) FROM staging.n1;
SELECT count(lo_unlink(oid)) FROM pg_largeobject_metadata WHERE oid BETWEEN 800001 AND 800099;

-- As a client loads it, without rights on the server's files
\getenv abs_srcdir PG_ABS_SRCDIR
\set dump_file :abs_srcdir '/sql/include/combos.dump'
\lo_import :dump_file
SELECT rows_loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.imported');
\lo_unlink :LASTOID
SELECT * FROM staging.imported ORDER BY id;

--
-- Server files: for pg_read_server_files
--
CREATE ROLE regress_menuca_loader;
GRANT EXECUTE ON FUNCTION menuca_load_dump_file(text, text, text, boolean, boolean) TO regress_menuca_loader;
GRANT CREATE, USAGE ON SCHEMA staging TO regress_menuca_loader;
SET ROLE regress_menuca_loader;
SELECT rows_loaded FROM menuca_load_dump_file('/etc/hostname', 'combos', 'staging.from_file');
RESET ROLE;
GRANT pg_read_server_files TO regress_menuca_loader;
SET ROLE regress_menuca_loader;
SELECT rows_loaded FROM menuca_load_dump_file('/nonexistent/dump.sql', 'combos', 'staging.from_file');
-- Files of the server's data directory are refused or no dump
\set VERBOSITY sqlstate
-- A file of the server that is no dump
SELECT rows_loaded FROM menuca_load_dump_file('PG_VERSION', 'combos', 'staging.from_file');
\set VERBOSITY default
SELECT rows_loaded FROM menuca_load_dump_file('base', 'combos', 'staging.from_file');
RESET ROLE;
-- A dump on the server
SELECT rows_loaded FROM menuca_load_dump_file(:'dump_file', 'combos', 'staging.from_file');
SELECT * FROM staging.from_file ORDER BY id;

DROP OWNED BY regress_menuca_loader;
DROP ROLE regress_menuca_loader;
SET client_min_messages = warning;
DROP SCHEMA staging, "My Staging" CASCADE;
DROP FUNCTION columns_of(regclass), utf16(text, boolean), swallow(), many(jsonb, int), load_inner(), cancel(), wide(jsonb);
DROP EXTENSION menuca_migrate;
