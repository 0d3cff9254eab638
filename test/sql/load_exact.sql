-- Values that MySQL or the server could read in two ways: the same value, or an error
SET client_min_messages = error;		-- the schema public is warned of
CREATE EXTENSION menuca_migrate;
RESET client_min_messages;
CREATE SCHEMA staging;

-- Loads a dump of table t into a new table, or into one with these columns
CREATE FUNCTION try(dump bytea, columns text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	large_object oid := lo_from_bytea(0, dump);
	state text;
	message text;
	detail text;
	hint text;
	shown text;
BEGIN
	IF columns IS NULL THEN
		DROP TABLE IF EXISTS staging.x;
	ELSIF columns <> 'as it is' THEN
		DROP TABLE IF EXISTS staging.x;
		EXECUTE format('CREATE TABLE staging.x (%s)', columns);
	END IF;
	PERFORM menuca_load_dump_lo(large_object, 't', 'staging.x');
	PERFORM lo_unlink(large_object);
	SELECT string_agg(x::text, ' ' ORDER BY ctid) INTO shown FROM staging.x;
	RETURN shown;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN format(E'%s %s\n  %s\n  %s', state, message, detail, hint);
END
$$;
CREATE FUNCTION try(dump text, columns text DEFAULT NULL) RETURNS text
	LANGUAGE sql AS $$ SELECT try(convert_to(dump, 'UTF8'), columns) $$;
-- Executes what the hints say until the load succeeds
CREATE FUNCTION follow(dump text, columns text DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	DROP TABLE IF EXISTS staging.x;
	IF columns IS NOT NULL THEN
		EXECUTE format('CREATE TABLE staging.x (%s)', columns);
	END IF;
	FOR i IN 1..4 LOOP
		answer := try(dump, 'as it is');
		RETURN NEXT coalesce(substring(answer FROM '(?:CREATE|ALTER) TABLE .*;$'), answer);
		EXIT WHEN answer !~ ';$';
		EXECUTE substring(answer FROM '(?:CREATE|ALTER) TABLE .*;$');
	END LOOP;
END
$$;
-- A table with one column, and its values
CREATE FUNCTION one(type text, vals text) RETURNS text LANGUAGE sql AS
	$$ SELECT format('CREATE TABLE t (v %s); INSERT INTO t VALUES (%s);', type, replace(vals, ' , ', '),(')) $$;
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET datestyle = ISO;
SET TimeZone = 'UTC';
SET intervalstyle = postgres;

--
-- Dates that are none of the calendar are refused, in every type; 0000-00-00 becomes NULL
--
SELECT v, try(one('date', v)) FROM unnest(ARRAY['''2021-00-10''', '''0000-05-01''', '''2021-05-00''', '''0000-01-01''', '''2021-02-30''', '''2100-02-29''',
	'''2021-04-31''', '''21-1-5''', '''2021/01/05''', '''''', '20210010', '''2021-00-10'' COLLATE utf8_bin', '_latin1''2021-00-10''']) v;
SELECT v, try(one('datetime(6)', v)) FROM unnest(ARRAY['''2021-00-10 01:02:03''', '''0000-00-00 10:11:12''', '''2021-01-01 24:00:00''', '''2021-01-01 10:11:60''',
	'''2021-01-01 1:2:3''', '''2021-01-01 10:11:12.1234567''', '''2021-01-01 10''', '''2021-01-01 10:11:12 PM''']) v;
SELECT try(one('date', '''0000-00-00'' , ''0001-01-01'' , ''2000-02-29'' , ''9999-12-31'' , 0'));
SELECT try(one('datetime(6)', '''0000-00-00 00:00:00.000000'' , ''2021-01-01T10:11:12'' , ''2021-01-01 23:59:59.999999'' , ''1000-01-01'''));
-- What the hints say is executed, and the values are loaded as they are
SELECT follow('CREATE TABLE t (id int, d date, s datetime); INSERT INTO t VALUES (1,''2021-00-10'',''2021-02-30 01:02:03''),(2,''0000-00-00'',''0000-00-00 00:00:00'');');
-- Words that the server knows are no dates, and no setting decides
SELECT v, try(one('varchar(30)', format('%L', v)), 'v ' || t) FROM unnest(ARRAY['today', 'infinity']) v, unnest(ARRAY['date', 'timestamp', 'timestamptz']) t;
SELECT v, try(one('varchar(30)', format('%L', v)), 'v date') FROM unnest(ARRAY['now', 'epoch', '01/02/2021', 'Jan 2 2021', '20210102T030405']) v;
SELECT try(one('varchar(30)', '''2021-01-02 10:00:00'''), 'v timestamptz');
SELECT try(one('varchar(30)', '''2021-01-02 10:00:00+05:30'''), 'v timestamptz') = '("' || '2021-01-02 10:00:00+05:30'::timestamptz::text || '")';

--
-- TIME: as mysqldump writes it; digits and days would mean something else here
--
SELECT try(one('time(6)', '''838:59:59'' , ''-838:59:59'' , ''00:00:00'' , ''-00:00:00.000001'' , ''10:11'''));
SELECT v, try(one('time(6)', v)) FROM unnest(ARRAY['''101112''', '101112', '''1112''', '''12''', '''1 10:11:12''', '''10:60:00''', '''+1:00:00''', '''1 day''', '''''']) v;
SELECT t, try(one('time(6)', '''01:00:00.999999'''), 'v ' || t) FROM unnest(ARRAY['time', 'time(3)', 'interval(0)', 'interval second(2)', 'interval hour to minute', 'timetz', 'text']) t;
SELECT try(one('time(3)', '''01:00:00.999'''), 'v ' || t) FROM unnest(ARRAY['time(3)', 'interval(3)', 'time(6)']) t;
SELECT try(one('time', '''-01:00:00'''), 'v time'), try(one('time', '''24:00:01'''), 'v time'), try(one('datetime', '''2021-01-01 10:11:12'''), 'v time');

--
-- Types that would change a value without an error
--
SELECT t, try(one('varchar(99)', format('%L', v)), 'v ' || t) FROM (VALUES ('varchar(3)', 'ab   '), ('varchar(3)', 'ab '), ('varchar(3)', 'éé '), ('varchar(3)', 'ééé '),
	('varchar', 'a  '), ('char(3)', 'a '), ('char(3)', 'a'), ('bpchar', 'a '), ('text', 'a '), ('varchar(3)', '   '),
	('name', 'a'), ('"char"', 'a'), ('money', '1.239'), ('timetz', '10:00:00'), ('numeric(5,-2)', '1234'), ('numeric(5,-2)', '1200'), ('numeric(5,-2)', '0')) k(t, v);
SELECT try(one('int', '1234 , 0 , -1200'), 'v numeric(5,-2)');
-- What the hints say is executed, and it works
SELECT follow(one('varchar(9)', '''ab   '''), 'v varchar(3)');
SELECT follow(one('varchar(99)', quote_literal(repeat('n', 70))), 'v name');
SELECT follow(one('decimal(9,3)', '1.239'), 'v money');
SELECT follow(one('time', '''10:11:12'''), 'v timetz');
SELECT follow(one('time(2)', '''10:11:12.55'''), 'v time(0)');
SELECT follow(one('time', '''-10:11:12'''), 'v time');
SELECT follow(one('int', '1234'), 'v numeric(5,-2)');
SELECT follow(one('varchar(30)', '''2021-01-02 10:00:00'''), 'v timestamptz');

--
-- What MySQL stores otherwise than it is written
--
SELECT v, try(one('varchar(20)', v)) FROM unnest(ARRAY['007', '1e5', '+1', '-0', '.5', '5.', '-0.0', '1.50', '-12', 'TRUE', '0', '12345678901234567890', 'b''01000001''', '0x41', '0b1']) v;
SELECT follow(one('varchar(20)', 'b''01000001'''));
SELECT follow(one('year', '70'));
SELECT try(one('varbinary(20)', '7')), try(one('varbinary(20)', '007'));
SELECT try(one('int(5) zerofill', '00007'), 'v text');
SELECT v, try(one('year', v)) FROM unnest(ARRAY['70', '0', '''0000''', '0000', '''0''', '''69''', '2155', '1901', '''70''']) v;
SELECT try(one('year(2)', '70 , 0')), try(one('year', '70'), 'v text');
SELECT try(one('float(24)', '1.23456789012345')), try(one('float(25)', '1.23456789012345')), try(one('float(9,2)', '1.25'));
RESET client_min_messages;
SELECT try('CREATE TABLE t (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, n int); INSERT INTO t VALUES (NULL,1),(2,NULL),(NULL,3);');
SELECT try('CREATE TABLE t (id serial, n int); INSERT INTO t (n) VALUES (1);');
SET client_min_messages = warning;

--
-- Bytes: those of a file that was converted are lost
--
CREATE FUNCTION utf16(text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT '\xFFFE' || string_agg(set_byte(set_byte('\x0000', 0, ascii(c) & 255), 1, ascii(c) >> 8), '' ORDER BY n) FROM regexp_split_to_table($1, '') WITH ORDINALITY r(c, n) $$;
SELECT type, v, try(utf16(one(type, v)), NULL) FROM (VALUES ('blob', '''ÿé'''), ('blob', '0xFFE9'), ('blob', '''abc'''), ('bit(16)', '''ÿ'''), ('varchar(9)', '''ÿé''')) k(type, v);
SELECT try(utf16('INSERT INTO t (v) VALUES (_binary ''ÿ'');'), 'v bytea');

--
-- Character sets: MySQL's and the server's differ in some characters
--
SELECT charset, byte, try(convert_to(format('SET NAMES %s; CREATE TABLE t (v varchar(9)); INSERT INTO t VALUES (''a', charset), 'UTF8') || decode(byte, 'hex') || ''');', NULL)
FROM (VALUES ('greek', 'a2'), ('greek', 'e1'), ('hebrew', 'af'), ('hebrew', 'e0'), ('cp866', 'fd'), ('cp866', '80'), ('koi8u', '95'), ('koi8u', 'a4'), ('cp1256', '8a'), ('cp1256', 'c7'),
	('tis620', 'a0'), ('tis620', 'a1'), ('ujis', 'b0a1a1c1'), ('ujis', 'ada1'), ('ujis', '8fa2c3'), ('ujis', '8ff3f3'), ('ujis', 'b0a18fb0a1'), ('eucjpms', 'a1c1'), ('euckr', 'a2e8'), ('euckr', 'b0a1')) k(charset, byte);
SELECT try('SET NAMES utf8; CREATE TABLE t (v varchar(9)); INSERT INTO t VALUES (_sjis 0x8160);');
SELECT try(convert_to('SET NAMES greek; CREATE TABLE t (`', 'UTF8') || '\xa2' || convert_to('` int); INSERT INTO t VALUES (1);', 'UTF8'), NULL);
-- SET NAMES binary: text is in each column's character set, as are bytes
SELECT try(convert_to('SET NAMES binary; CREATE TABLE t (a varchar(9), b varchar(9) CHARACTER SET utf8mb4, c enum(''x'') COLLATE cp1251_bin, d blob) DEFAULT CHARSET=latin1; INSERT INTO t VALUES (''', 'UTF8')
	|| '\xc3a9' || ''',''' || '\xc3a9' || ''',''' || '\xc3' || ''',''' || '\xc3a9' || '''),(0xC3A9,0xC3A9,0xC6,0xC3A9),(_binary ''' || '\xe9' || ''',NULL,NULL,NULL),(_utf8 ''' || '\xc3a9' || ''',NULL,NULL,NULL);', NULL);
SELECT try(convert_to('SET NAMES binary; CREATE TABLE t (v varchar(9) CHARACTER SET utf32); INSERT INTO t VALUES (''\0\0\0' || chr(233) || ''');', 'UTF8'), NULL);
SELECT try('CREATE TABLE t (v varchar(9)) CHARSET=latin1; INSERT INTO t VALUES (0xC3A9),(''é'');');

--
-- Time zones by names that are abbreviations here
--
SELECT zone, try('SET TIME_ZONE=''' || zone || '''; ' || one('timestamp', '''2021-07-01 12:00:00''')) FROM unnest(ARRAY['CET', 'MET', 'IST', 'UTC', 'Europe/Berlin', 'Asia/Tokyo', '+14:00', '-12:59']) zone;
SET client_min_messages = notice;
SELECT follow('SET TIME_ZONE=''CET''; ' || one('timestamp', '''2021-07-01 12:00:00'''));
SET client_min_messages = warning;

--
-- A table that foreign keys refer to is not emptied, nor is it proposed to empty theirs
--
DROP TABLE staging.x;
SELECT rows_loaded FROM menuca_load_dump(one('int', '1'), 't', 'staging.x');
ALTER TABLE staging.x ADD PRIMARY KEY (v);
CREATE TABLE staging.referrer (v int REFERENCES staging.x);
SELECT rows_loaded FROM menuca_load_dump(one('int', '2'), 't', 'staging.x', replace => true);
DROP TABLE staging.referrer;
SELECT rows_loaded FROM menuca_load_dump(one('int', '2'), 't', 'staging.x', replace => true);

--
-- Triggers: what they delete or add is noticed, what they change is told
--
CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_ARGV[0] = 'delete' THEN
		DELETE FROM staging.x WHERE v = 'b';
	ELSIF TG_ARGV[0] = 'add' AND NEW.v <> 'added' THEN
		INSERT INTO staging.x VALUES ('added');
	ELSIF TG_ARGV[0] = 'change' THEN
		NEW.v := 'changed';
	END IF;
	RETURN NEW;
END
$$;
CREATE FUNCTION meddled(what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS staging.x;
	CREATE TABLE staging.x (v text) PARTITION BY LIST (v);
	CREATE TABLE staging.x_all PARTITION OF staging.x DEFAULT;
	EXECUTE format('CREATE TRIGGER %s %s INSERT ON staging.x_all FOR EACH %s EXECUTE FUNCTION meddle(%1$L)',
		what, CASE what WHEN 'delete' THEN 'AFTER' ELSE 'BEFORE' END, 'ROW');
	RETURN try(one('text', '''a'' , ''b'' , ''c'''), 'as it is');
END
$$;
SET client_min_messages = notice;
SELECT meddled('delete');
SELECT meddled('add');
SELECT meddled('change');
ALTER TABLE staging.x_all DISABLE TRIGGER ALL;
TRUNCATE staging.x;
SELECT try(one('text', '''a'''), 'as it is');
SET client_min_messages = warning;

--
-- Limits of PostgreSQL are told in words
--
SELECT try('CREATE TABLE t (' || string_agg('c' || i || ' int', ',') || '); INSERT INTO t VALUES (' || string_agg('1', ',') || ');')
FROM generate_series(1, 1601) i;
SELECT regexp_replace(try('CREATE TABLE t (' || string_agg('c' || i || ' varchar(30)', ',') || '); INSERT INTO t VALUES (' || string_agg(quote_literal(repeat('x', 30)), ',') || ');'),
	'size \d+', 'size N', 'g')
FROM generate_series(1, 1017) i;

\pset tuples_only off
\pset format aligned
DROP SCHEMA staging CASCADE;
DROP FUNCTION try(bytea, text), try(text, text), follow(text, text), one(text, text), utf16(text), meddle(), meddled(text);
DROP EXTENSION menuca_migrate;
