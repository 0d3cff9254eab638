-- Registering backups, and checking whether there is one to rely on
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set grants :abs_srcdir '/sql/include/grants.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
RESET client_min_messages;
\set SHOW_CONTEXT never

--
-- The checksum of a table depends on its rows, not on their order or the session
--
SELECT rows, checksum <> 0 AS summed FROM menuca_table_checksum('menuca_v3.dishes');
CREATE TABLE staging.one (n numeric, t timestamptz, f float8, b bytea, i interval, j jsonb, a text[], r regclass, d date);
INSERT INTO staging.one VALUES
	(1.10, '2025-10-15 12:00:00+02', 0.1, '\x00ff', '1 mon 2 days', '{"a": [1, 2.50]}', '{x,NULL}', 'menuca_v3.dishes', '2025-10-15'),
	(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(2, now(), 1e300, '', '-3 hours', 'null', '{}', 'staging.one', 'infinity');
CREATE TABLE staging.other (LIKE staging.one);
INSERT INTO staging.other SELECT * FROM staging.one ORDER BY n DESC NULLS FIRST;
SELECT checksum AS one FROM menuca_table_checksum('staging.one') \gset
SELECT rows, checksum = :one AS same FROM menuca_table_checksum('staging.other');
SET datestyle = 'German'; SET timezone = 'Asia/Tokyo'; SET extra_float_digits = 0; SET bytea_output = 'escape';
SET intervalstyle = 'iso_8601'; SET search_path = menuca_v3, public;
SELECT rows, checksum = :one AS same FROM menuca_table_checksum('staging.one');
SELECT current_setting('datestyle'), current_setting('timezone'), current_setting('extra_float_digits'), current_setting('search_path');
RESET datestyle; RESET timezone; RESET extra_float_digits; RESET bytea_output; RESET intervalstyle; RESET search_path;
-- It changes when a value changes, rows exchange values, or a row is duplicated
BEGIN; UPDATE staging.one SET n = 1.1 WHERE n = 1.10; SELECT checksum = :one AS same FROM menuca_table_checksum('staging.one'); ROLLBACK;
BEGIN; UPDATE staging.one SET n = CASE n WHEN 2 THEN 1.10 ELSE 2 END WHERE n IS NOT NULL; SELECT checksum = :one AS same FROM menuca_table_checksum('staging.one'); ROLLBACK;
BEGIN; INSERT INTO staging.one SELECT * FROM staging.one; SELECT rows, checksum = :one AS same FROM menuca_table_checksum('staging.one'); ROLLBACK;
BEGIN; DELETE FROM staging.one; SELECT * FROM menuca_table_checksum('staging.one'); ROLLBACK;
-- A column named like one of the query
CREATE TABLE staging.t (t text, count int, rows int);
INSERT INTO staging.t VALUES ('a', 1, 2);
SELECT rows, checksum <> 0 AS summed FROM menuca_table_checksum('staging.t');
-- Partitions; relations that are not tables
CREATE TABLE staging.parts (id int, t text) PARTITION BY RANGE (id);
CREATE TABLE staging.parts_1 PARTITION OF staging.parts FOR VALUES FROM (0) TO (10);
INSERT INTO staging.parts VALUES (1, 'a');
SELECT p.rows, p.checksum = q.checksum AS same FROM menuca_table_checksum('staging.parts') p, menuca_table_checksum('staging.parts_1') q;
CREATE VIEW staging.v AS SELECT 1;
SELECT menuca_table_checksum('staging.v');
SELECT menuca_table_checksum(1);
SELECT menuca_table_checksum(NULL);
BEGIN READ ONLY; SELECT rows FROM menuca_table_checksum('staging.one'); COMMIT;

--
-- No backup yet
--
SELECT check_no, name, status, expected, actual, detail FROM menuca_check_backup();
SELECT DISTINCT remedy = format('menuca-backup --drill -d ''%s''', current_database()) AS the_command FROM menuca_check_backup();
SELECT status, expected, actual FROM menuca_check_backup('production-1') LIMIT 1;
SELECT DISTINCT remedy = format('menuca-backup --drill --label ''it''\''''s'' -d ''%s''', current_database()) AS the_command FROM menuca_check_backup('it''s');
-- A snapshot does not count as a backup
SELECT count(*) FROM menuca_snapshot('before-fix');
SELECT status, actual, detail FROM menuca_check_backup() LIMIT 1;
SELECT snapshot_no FROM menuca_drop_snapshot('before-fix');
SELECT menuca_check_backup(max_age => NULL);
SELECT menuca_check_backup(max_age => '-1 minute');

--
-- Refused registrations
--
CREATE FUNCTION public.register(label text DEFAULT 'production-1', id text DEFAULT 'host:/b/1', method text DEFAULT 'pg_dump custom', size bigint DEFAULT 30000,
	checksum text DEFAULT 'sha256:00', age interval DEFAULT '10 minutes', took interval DEFAULT '1 minute', verified boolean DEFAULT true, details jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE sql AS
'SELECT menuca_register_backup(label, id, method, size, checksum, now() - age, now() - age + took, verified, details)';
SELECT register(label => NULL);
SELECT register(label => '');
SELECT register(label => 'with space');
SELECT register(label => '../etc');
SELECT register(label => repeat('x', 101));
SELECT register(id => NULL);
SELECT register(id => E' \n');
SELECT register(method => '');
SELECT register(size => NULL);
SELECT register(size => 0);
SELECT register(size => -1);
SELECT register(checksum => '  ');
SELECT register(checksum => E'\u00a0\u200b');
SELECT register(age => NULL);
SELECT register(took => NULL);
SELECT register(verified => NULL);
SELECT register(details => NULL);
SELECT register(details => '["drill"]');
SELECT register(details => 'true');
SELECT register(id => (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 63) i));
\set VERBOSITY terse
SELECT menuca_register_backup('a', 'b', 'c', 1, 'd', '-infinity', now(), true);
SELECT register(took => '-1 second');
SELECT register(took => '11 minutes');
SELECT count(*) FROM menuca_backups;
BEGIN READ ONLY;
SELECT register();
ROLLBACK;

--
-- A good backup
--
SELECT register();
SELECT check_no, name, title, status FROM menuca_check_backup();
SELECT name, expected, regexp_replace(actual, '[0-9]{4}-[0-9:A-Z -]+[0-9:]+ [A-Z]+|mins( [0-9]+ secs)?', 'TIME', 'g') AS actual, detail FROM menuca_check_backup()
WHERE name NOT IN ('backup_size', 'backup_of_this_database');
SELECT actual = expected AND actual = format('database "%s" in cluster %s', current_database(), (SELECT system_identifier FROM pg_control_system())) AS ours
FROM menuca_check_backup() WHERE name = 'backup_of_this_database';
SELECT label, id, method, size, checksum, finished - started AS took, verified, restored_once, of_this_database, size_pct_of_tables > 1 AS sized,
	database_size > table_size AS database_size, registered_by = session_user AS by_me
FROM menuca_backups;
-- Two backups with one id
\set VERBOSITY default
SELECT register(label => 'production-2');
SELECT count(*) FROM menuca_check_backup('production-2') WHERE status = 'FAIL';
-- A backup that was restored once
SELECT register(id => 'host:/b/2', details => '{"drill": true}', age => '9 minutes');
SELECT actual, detail FROM menuca_check_backup() WHERE name = 'backup_verified';

--
-- Each check fails alone
--
\set failing 'SELECT name, status, regexp_replace(actual, ''mins( [0-9]+ secs)?'', ''mins'') AS actual, detail, remedy IS NOT NULL AS remedy FROM menuca_check_backup() WHERE status <> ''PASS'';'
\set VERBOSITY terse
BEGIN; SELECT register(id => 'x', age => '8 minutes', verified => false) > 0 AS registered; :failing ROLLBACK;
-- The age counts from the start
DELETE FROM menuca_backup;
BEGIN; SELECT register(age => '31 minutes', took => '30 minutes') > 0 AS registered; :failing
SELECT count(*) AS failing FROM menuca_check_backup(max_age => '32 minutes') WHERE status <> 'PASS'; ROLLBACK;
BEGIN; SELECT register(age => '29 minutes') > 0 AS registered; :failing ROLLBACK;
-- A backup of another cluster, of another database
BEGIN; SELECT register() > 0 AS registered; UPDATE menuca_backup SET system_identifier = 1; SELECT name, status, detail FROM menuca_check_backup() WHERE status <> 'PASS'; SELECT of_this_database FROM menuca_backups; ROLLBACK;
BEGIN; SELECT register() > 0 AS registered; UPDATE menuca_backup SET database_name = 'elsewhere'; SELECT name, status FROM menuca_check_backup() WHERE status <> 'PASS'; ROLLBACK;
-- The size, for tables of 100 MB
CREATE FUNCTION public.sized(size bigint, tables bigint DEFAULT 100000000, before bigint DEFAULT NULL) RETURNS TABLE (status text, detail text) LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM menuca_backup;
	IF before IS NOT NULL THEN
		PERFORM public.register(label => 'first', id => 'first', size => before, age => '1 day');
	END IF;
	PERFORM public.register(size => size);
	UPDATE menuca_backup SET table_size = tables;
	RETURN QUERY SELECT c.status, c.detail FROM menuca_check_backup() c WHERE c.name = 'backup_size';
END $$;
SELECT s, c.* FROM unnest('{199999,200000,1999999,2000000,15000000,151048576,151048577,1001048576,1001048577}'::bigint[]) s, sized(s) c ORDER BY s;
SELECT * FROM sized(1000000, 0);
SELECT * FROM sized(1000000, 100000);
SELECT s, c.* FROM unnest('{4999999,5000000,20000001,20000002}'::bigint[]) s, sized(s, before => 10000000) c ORDER BY s;
-- A previous backup that was not verified, or made by another method, is not compared
SELECT * FROM sized(40000000, before => 10000000);
UPDATE menuca_backup SET verified = false WHERE id = 'first';
SELECT status FROM menuca_check_backup() WHERE name = 'backup_size';
UPDATE menuca_backup SET verified = true, method = 'other' WHERE id = 'first';
SELECT status FROM menuca_check_backup() WHERE name = 'backup_size';
-- With a label, the newest backup of that label
SELECT name, status FROM menuca_check_backup('first') WHERE status <> 'PASS';
SELECT name, status FROM menuca_check_backup('second') WHERE status <> 'PASS';

--
-- Rights
--
DELETE FROM menuca_backup;
SET client_min_messages = warning;
CREATE ROLE regress_menuca_backup;
\set ECHO none
\set role regress_menuca_backup
\i :grants
\set ECHO all
\set VERBOSITY default
SET ROLE regress_menuca_backup;
SELECT menuca_register_backup('a', 'b', 'c', 1, 'd', now(), now(), true);
SELECT name, status, actual, remedy FROM menuca_check_backup() LIMIT 2;
SELECT menuca_table_checksum('menuca_v3.dishes');
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) TO regress_menuca_backup;
SET ROLE regress_menuca_backup;
SELECT name, status, actual FROM menuca_check_backup() LIMIT 1;
SELECT menuca_register_backup('a', 'b', 'c', 1000000, 'd', now(), now(), true) > 0 AS registered;
SELECT name, status FROM menuca_check_backup() WHERE status IN ('FAIL', 'ERROR');
RESET ROLE;
-- Where row security hides rows, nothing is counted
ALTER TABLE menuca_v3.dishes ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA menuca_v3 TO regress_menuca_backup;
GRANT SELECT ON menuca_v3.dishes TO regress_menuca_backup;
SET ROLE regress_menuca_backup;
SELECT menuca_table_checksum('menuca_v3.dishes');
RESET ROLE;

\set ECHO none
DROP FUNCTION public.register, public.sized;
\i :drop
DROP OWNED BY regress_menuca_backup;
DROP ROLE regress_menuca_backup;
