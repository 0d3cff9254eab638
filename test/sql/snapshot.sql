-- Snapshots: taking, restoring and dropping them, and every reason to refuse
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set grants :abs_srcdir '/sql/include/grants.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET client_min_messages = warning;
CREATE FUNCTION public.fix() RETURNS TABLE (run_id bigint, inserted bigint) LANGUAGE sql AS
$$SELECT run_id, inserted FROM menuca_fix_combos(dry_run => false, batch_size => 5, max_orphan_pct => 100, min_coverage_pct => 0)$$;
-- Every row of every table, in key order, and the next key of each
CREATE FUNCTION public.content() RETURNS text LANGUAGE plpgsql AS
$$BEGIN RETURN (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM menuca_v3.dishes d)
	|| (SELECT md5(coalesce(string_agg(i::text, ',' ORDER BY id), '')) FROM menuca_v3.combo_items i)
	|| (SELECT md5(coalesce(string_agg(s::text, ',' ORDER BY id), '')) FROM menuca_v3.combo_steps s)
	|| (SELECT format(' next item %s %s', last_value, is_called) FROM menuca_v3.combo_items_id_seq)
	|| (SELECT format(' next step %s %s', last_value, is_called) FROM menuca_v3.combo_steps_id_seq); END$$;
\set state_is_back 'SELECT public.content() = :''before'' AS state_is_back;'
\set plan 'SELECT table_name, status, rows_in_snapshot AS was, rows_before AS now, deleted AS del, inserted AS ins, updated AS upd, dependants AS dep, reasons FROM menuca_restore_snapshot'
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number) VALUES (1, 1), (1, 2);
SELECT public.content() AS before \gset
RESET client_min_messages;

--
-- Taking one
--
SELECT table_name, row_count, checksum = (menuca_table_checksum('menuca_v3.' || table_name)).checksum AS fits, copy, sequences FROM menuca_snapshot('before');
SELECT snapshot_no, label, target_schema, schema_name, tables, row_counts, runs, taken_by = session_user AS by_me, last_restored_at FROM menuca_snapshots;
SELECT (SELECT array_agg(d::text ORDER BY id) FROM menuca_v3.dishes d) = (SELECT array_agg(d::text ORDER BY id) FROM menuca_snapshot_1.dishes d) AS copied;
:state_is_back
-- Only its owner can read the copies
CREATE ROLE regress_menuca_owner;
\set ECHO none
\set role regress_menuca_owner
\i :grants
\set ECHO all
CREATE ROLE regress_menuca_reader;
\set ECHO none
\set role regress_menuca_reader
\i :grants
\set ECHO all
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO PUBLIC, regress_menuca_reader;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
\set VERBOSITY terse
SELECT count(*) FROM menuca_snapshot('generous', tables => '{dishes,combo_steps,dishes}');
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM PUBLIC, regress_menuca_reader;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC;
SET ROLE regress_menuca_reader;
SELECT count(*) FROM menuca_snapshot_1.dishes;
SELECT count(*) FROM menuca_snapshot_2.dishes;
RESET ROLE;
SELECT nspacl FROM pg_namespace WHERE nspname = 'menuca_snapshot_2' AND EXISTS (SELECT FROM aclexplode(nspacl) WHERE grantee <> nspowner);

--
-- Restoring it: unchanged tables, after a fix, after other changes
--
\set VERBOSITY default
:plan('before');
BEGIN READ ONLY;
SELECT status, deleted FROM menuca_restore_snapshot('before');
SELECT * FROM menuca_restore_snapshot('before', dry_run => false);
ROLLBACK;
\set VERBOSITY terse
SELECT * FROM fix();
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number) SELECT id, 1 FROM menuca_v3.combo_items WHERE combo_group_id = 4;
SELECT public.content() = :'before' AS state_is_back;
\set VERBOSITY default
:plan('before');
SELECT public.content() = :'before' AS state_is_back;
:plan('before', dry_run => false);
:state_is_back
SELECT run_id, status, inserted, rolled_back_by = session_user AS by_me, rolled_back_at IS NOT NULL AS dated, note FROM menuca_runs;
SELECT restore_no, label, forced, figures, runs_undone, runs_restored FROM menuca_snapshot_restore;
-- A run that a restore undid cannot be rolled back
SELECT menuca_rollback(1, dry_run => false);
-- A restore of identical tables writes nothing
\set VERBOSITY terse
:plan('before', dry_run => false);
:state_is_back
-- New keys continue from the snapshot's sequence
BEGIN;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (1, 4) RETURNING id;
ROLLBACK;

-- Deletes, updates, changed keys, values that are equal but not identical
ALTER TABLE menuca_v3.dishes ADD price numeric DEFAULT 1.50, ADD prices jsonb DEFAULT '{"a": 1}', ADD sizes text[] DEFAULT '{S,NULL}', ADD big text DEFAULT repeat('x', 100000), ADD raw json DEFAULT '{}';
CREATE TYPE menuca_v3.size AS ENUM ('small', 'large');
ALTER TABLE menuca_v3.dishes ADD size menuca_v3.size DEFAULT 'large', ADD label text GENERATED ALWAYS AS (upper(name)) STORED;
UPDATE menuca_v3.dishes SET big = (SELECT string_agg(md5((id * g)::text), '') FROM generate_series(1, 1000) g) WHERE id = 3;
UPDATE menuca_v3.dishes SET price = NULL, prices = 'null', sizes = NULL WHERE id = 4;
SELECT * FROM fix();
SELECT public.content() AS before \gset
SELECT count(*) FROM menuca_snapshot('types');
UPDATE menuca_v3.dishes SET price = 1.5 WHERE id = 1;
UPDATE menuca_v3.dishes SET prices = '{"a": 1.0}', raw = '{ }' WHERE id = 2;
UPDATE menuca_v3.dishes SET big = 'short' WHERE id = 3;
UPDATE menuca_v3.dishes SET size = 'small', name = 'Renamed' WHERE id = 4;
DELETE FROM menuca_v3.dishes WHERE id IN (5, 6);
INSERT INTO menuca_v3.dishes (id, restaurant_id, name) VALUES (500, 1, 'New');
UPDATE menuca_v3.combo_items SET dish_id = 500 WHERE id = 1;
DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 3;
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id) VALUES (7000, 3, 500);
DELETE FROM menuca_v3.combo_steps WHERE step_number = 2;
SELECT setval('menuca_v3.combo_steps_id_seq', 100000) > 0 AS used;
:plan('types');
:plan('types', dry_run => false);
:state_is_back
SELECT id, label, name FROM menuca_v3.dishes WHERE id = 4;
-- Two rows that exchange the values of a unique key
BEGIN;
ALTER TABLE menuca_v3.combo_steps DROP CONSTRAINT combo_steps_combo_item_id_step_number_key;
UPDATE menuca_v3.combo_steps SET step_number = 3 - step_number;
ALTER TABLE menuca_v3.combo_steps ADD UNIQUE (combo_item_id, step_number);
COMMIT;
:plan('types', dry_run => false);
:state_is_back
-- The same pair with another primary key, while pairs are unique
ALTER TABLE menuca_v3.combo_items ADD UNIQUE (combo_group_id, dish_id);
SELECT public.content() AS before \gset
DELETE FROM menuca_v3.combo_items WHERE id > 1;
SELECT * FROM fix();
:plan('types', dry_run => false);
:state_is_back
-- All rows deleted
TRUNCATE menuca_v3.combo_items, menuca_v3.combo_steps RESTART IDENTITY;
:plan('types', dry_run => false);
:state_is_back

--
-- Runs that were rolled back after the snapshot come back with their rows
--
SELECT run_id, status, note FROM menuca_runs ORDER BY 1;
SELECT status, deleted, state_restored FROM menuca_rollback(2, dry_run => false);
SELECT run_id, status, note FROM menuca_runs ORDER BY 1;
\set VERBOSITY default
SELECT DISTINCT status FROM menuca_restore_snapshot('types');
\set VERBOSITY terse
SELECT DISTINCT status FROM menuca_restore_snapshot('types', dry_run => false);
:state_is_back
SELECT run_id, status, rolled_back_by IS NULL AND rolled_back_at IS NULL AS stands, note FROM menuca_runs ORDER BY 1;
SELECT runs_undone, runs_restored FROM menuca_snapshot_restore ORDER BY restore_no DESC LIMIT 1;
-- The ledger matches the rows again
SELECT name, status, actual FROM menuca_validate() WHERE name = 'ledger';
SELECT status, deleted, changed, state_restored FROM menuca_rollback(2, dry_run => false);
SELECT DISTINCT status FROM menuca_restore_snapshot('types', dry_run => false);

--
-- Refused: rows of other tables depend on rows to delete
--
\set VERBOSITY default
CREATE TABLE menuca_v3.favourites (dish bigint REFERENCES menuca_v3.dishes ON DELETE CASCADE);
CREATE TABLE menuca_v3.specials (dish bigint REFERENCES menuca_v3.dishes);
INSERT INTO menuca_v3.dishes (id, restaurant_id, name) VALUES (501, 1, 'New'), (502, 1, 'New');
INSERT INTO menuca_v3.favourites VALUES (501), (502), (1);
:plan('types');
SELECT menuca_restore_snapshot('types', dry_run => false);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO menuca_v3.specials VALUES (502), (2);
SELECT DISTINCT status FROM menuca_restore_snapshot('types', force => true);
SELECT menuca_restore_snapshot('types', dry_run => false, force => true);
DELETE FROM menuca_v3.specials WHERE dish = 502;
:plan('types', dry_run => false, force => true);
:state_is_back
SELECT forced, figures -> 'dishes' AS dishes FROM menuca_snapshot_restore ORDER BY restore_no DESC LIMIT 1;
TABLE menuca_v3.favourites;

--
-- Refused: rows to restore refer to rows that no longer exist
--
DELETE FROM menuca_v3.combo_groups WHERE id = 9;
:plan('types') WHERE status = 'refused' AND cardinality(reasons) > 0;
SELECT menuca_restore_snapshot('types', dry_run => false, force => true);
INSERT INTO menuca_v3.combo_groups SELECT g, g % 3 + 1, 'Group ' || g, NULL, 100 + g FROM generate_series(9, 9) g;
SELECT sum(inserted) FROM menuca_restore_snapshot('types', dry_run => false);
:state_is_back

--
-- Refused: the table, the copy or the sequence was changed
--
\set VERBOSITY terse
\set reasons 'SELECT DISTINCT unnest(reasons) AS reason FROM menuca_restore_snapshot(''types'') ORDER BY 1;'
BEGIN; ALTER TABLE menuca_v3.dishes ADD extra int, DROP raw, ALTER price TYPE text; :reasons SELECT table_name, deleted, inserted, updated, dependants FROM menuca_restore_snapshot('types') ORDER BY 1; ROLLBACK;
BEGIN; ALTER TABLE menuca_v3.dishes DROP big, ADD big text; :reasons ROLLBACK;
BEGIN; ALTER TABLE menuca_v3.dishes ALTER label DROP EXPRESSION; :reasons ROLLBACK;
BEGIN; ALTER TYPE menuca_v3.size RENAME TO sizes; SELECT DISTINCT status FROM menuca_restore_snapshot('types'); ROLLBACK;
BEGIN; ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY; :reasons ROLLBACK;
BEGIN; UPDATE menuca_snapshot_3.dishes SET name = 'Forged' WHERE id = 1; :reasons
SELECT menuca_restore_snapshot('types', dry_run => false, force => true); ROLLBACK;
BEGIN; DELETE FROM menuca_snapshot_3.dishes WHERE id = 1; :reasons ROLLBACK;
BEGIN; DROP TABLE menuca_snapshot_3.dishes; :reasons ROLLBACK;
BEGIN; DROP SCHEMA menuca_snapshot_3 CASCADE; :reasons ROLLBACK;
BEGIN; DROP TABLE menuca_v3.combo_steps; SELECT menuca_restore_snapshot('types'); ROLLBACK;
:state_is_back

--
-- Triggers fire; a trigger that changes the rows makes the restore fail, unless disabled
--
\set VERBOSITY default
CREATE TABLE staging.fired (what text);
CREATE FUNCTION staging.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO staging.fired VALUES (TG_NAME || ' ' || TG_OP); NEW.name := NEW.name || '!'; RETURN NEW; END$$;
CREATE FUNCTION staging.note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO staging.fired VALUES (TG_NAME || ' ' || TG_OP); RETURN NULL; END$$;
UPDATE menuca_v3.dishes SET name = 'Renamed' WHERE id = 1;
CREATE TRIGGER note AFTER UPDATE ON menuca_v3.dishes FOR EACH ROW EXECUTE FUNCTION staging.note();
SELECT sum(updated) FROM menuca_restore_snapshot('types', dry_run => false);
TABLE staging.fired;
:state_is_back
CREATE TRIGGER "Touch it" BEFORE UPDATE ON menuca_v3.dishes FOR EACH ROW EXECUTE FUNCTION staging.touch();
CREATE TRIGGER off BEFORE UPDATE ON menuca_v3.dishes FOR EACH ROW EXECUTE FUNCTION staging.touch();
ALTER TABLE menuca_v3.dishes DISABLE TRIGGER off;
ALTER TABLE menuca_v3.dishes ENABLE ALWAYS TRIGGER note;
UPDATE menuca_v3.dishes SET is_active = false WHERE id = 1;
TRUNCATE staging.fired;
SELECT menuca_restore_snapshot('types', dry_run => false);
\echo :LAST_ERROR_SQLSTATE
SELECT name, is_active FROM menuca_v3.dishes WHERE id = 1;
SELECT sum(updated) FROM menuca_restore_snapshot('types', dry_run => false, disable_triggers => true);
:state_is_back
TABLE staging.fired;
SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'menuca_v3.dishes'::regclass AND NOT tgisinternal ORDER BY 1;
DROP TRIGGER "Touch it" ON menuca_v3.dishes;
DROP TRIGGER off ON menuca_v3.dishes;
DROP TRIGGER note ON menuca_v3.dishes;
-- A trigger that prevents a DELETE
CREATE FUNCTION staging.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER keep BEFORE DELETE ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.keep();
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (7, 8);
\set VERBOSITY terse
SELECT menuca_restore_snapshot('types', dry_run => false);
DROP TRIGGER keep ON menuca_v3.combo_items;
-- An error leaves the sequences unchanged
SELECT last_value FROM menuca_v3.combo_items_id_seq;
BEGIN;
SELECT sum(deleted) FROM menuca_restore_snapshot('types', dry_run => false);
SELECT last_value FROM menuca_v3.combo_items_id_seq;
ROLLBACK;
SELECT last_value FROM menuca_v3.combo_items_id_seq;
SELECT sum(deleted) FROM menuca_restore_snapshot('types', dry_run => false);
:state_is_back

--
-- Deferred constraints, GENERATED ALWAYS, serial, partitions, a key of another name
--
CREATE TABLE menuca_v3.old_style (nr serial PRIMARY KEY, parent int REFERENCES menuca_v3.old_style DEFERRABLE INITIALLY DEFERRED, "odd Name" text);
CREATE TABLE menuca_v3.strict (id bigint GENERATED ALWAYS AS IDENTITY (INCREMENT 10) PRIMARY KEY, of int REFERENCES menuca_v3.old_style DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE menuca_v3.parts (id bigint PRIMARY KEY, t text) PARTITION BY RANGE (id);
CREATE TABLE menuca_v3.parts_1 PARTITION OF menuca_v3.parts FOR VALUES FROM (0) TO (10);
CREATE TABLE menuca_v3.parts_2 PARTITION OF menuca_v3.parts FOR VALUES FROM (10) TO (20);
CREATE SEQUENCE menuca_v3.shared;
ALTER TABLE menuca_v3.parts ALTER id SET DEFAULT nextval('menuca_v3.shared');
INSERT INTO menuca_v3.old_style (parent, "odd Name") VALUES (2, 'a'), (1, 'b'), (NULL, NULL);
INSERT INTO menuca_v3.strict (of) VALUES (1), (2);
INSERT INTO menuca_v3.parts (t) SELECT 'p' FROM generate_series(1, 15);
\set shape 'SELECT (SELECT array_agg(o::text ORDER BY nr) FROM menuca_v3.old_style o) AS old_style, (SELECT array_agg(s::text ORDER BY id) FROM menuca_v3.strict s) AS strict, (SELECT md5(string_agg(p::text, $$,$$ ORDER BY id)) FROM menuca_v3.parts p) AS parts, (SELECT last_value FROM menuca_v3.shared) AS shared, (SELECT last_value FROM menuca_v3.old_style_nr_seq) AS nr, (SELECT last_value FROM menuca_v3.strict_id_seq) AS id;'
:shape
SELECT table_name, row_count, sequences FROM menuca_snapshot('shapes', tables => '{strict,parts,old_style}');
DELETE FROM menuca_v3.strict;
DELETE FROM menuca_v3.old_style WHERE nr IN (1, 2);
INSERT INTO menuca_v3.old_style ("odd Name") VALUES ('new');
INSERT INTO menuca_v3.strict (of) VALUES (4);
DELETE FROM menuca_v3.parts WHERE id IN (3, 14);
UPDATE menuca_v3.parts SET t = 'q' WHERE id = 4;
INSERT INTO menuca_v3.parts (t) VALUES ('r');
:plan('shapes');
:plan('shapes', dry_run => false);
:shape
INSERT INTO menuca_v3.strict (of) VALUES (3) RETURNING id;
-- A GENERATED ALWAYS key keeps that property
INSERT INTO menuca_v3.strict (id) VALUES (5);

--
-- Operators and functions in the caller's search_path are not used
--
CREATE SCHEMA evil;
CREATE FUNCTION evil.equal(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.equal);
CREATE FUNCTION evil.unequal(record, record) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE OPERATOR evil.*<> (LEFTARG = record, RIGHTARG = record, FUNCTION = evil.unequal);
CREATE FUNCTION evil.count() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE FUNCTION evil.hashtextextended(text, bigint) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE FUNCTION evil.setval(regclass, bigint, boolean) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
SET search_path = evil, pg_catalog, public;
SELECT count(*) FROM (SELECT 1) x;
SELECT pg_catalog.count(*) FROM public.menuca_snapshot('evil');
DELETE FROM menuca_v3.combo_steps;
DELETE FROM menuca_v3.combo_items WHERE combo_group_id OPERATOR(pg_catalog.=) 3;
UPDATE menuca_v3.dishes SET name = 'Renamed';
INSERT INTO menuca_v3.dishes (id, restaurant_id, name) VALUES (503, 1, 'New');
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (3, 503);
SELECT pg_catalog.sum(deleted), pg_catalog.sum(inserted), pg_catalog.sum(updated) FROM public.menuca_restore_snapshot('evil', dry_run => false);
SELECT pg_catalog.count(*) FROM public.menuca_check_backup();
SELECT public.menuca_register_backup('evil', 'evil', 'by hand', 1, 'none', pg_catalog.now(), pg_catalog.now(), true);
SELECT snapshot_no > 0 AS dropped FROM public.menuca_drop_snapshot('evil');
RESET search_path;
DROP SCHEMA evil CASCADE;
:state_is_back

--
-- Refused snapshots
--
\set VERBOSITY default
SELECT menuca_snapshot('types');
SELECT menuca_snapshot(NULL);
SELECT menuca_snapshot('a b');
SELECT menuca_snapshot('x', tables => '{}');
SELECT menuca_snapshot('x', tables => '{dishes,NULL}');
SELECT menuca_snapshot('x', tables => '{nowhere}');
CREATE TABLE menuca_v3.keyless (a text PRIMARY KEY);
SELECT menuca_snapshot('x', tables => '{keyless}');
CREATE TABLE menuca_v3.heir () INHERITS (menuca_v3.combo_steps);
SELECT menuca_snapshot('x');
SELECT menuca_restore_snapshot('types');
DROP TABLE menuca_v3.heir;
BEGIN READ ONLY; SELECT menuca_snapshot('x'); ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT menuca_snapshot('x'); ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT menuca_restore_snapshot('types', dry_run => false); ROLLBACK;
-- An interrupted run
UPDATE menuca_run SET status = 'running' WHERE run_id = 2;
SELECT menuca_snapshot('x');
\echo :LAST_ERROR_SQLSTATE
UPDATE menuca_run SET status = 'completed' WHERE run_id = 2;
SELECT menuca_restore_snapshot('nowhere');
SELECT menuca_restore_snapshot(NULL);
SELECT menuca_restore_snapshot('types', dry_run => NULL);
SELECT snapshot_no FROM menuca_drop_snapshot('nowhere');
SELECT label FROM menuca_snapshots;

--
-- A plain role that owns the tables
--
SET client_min_messages = warning;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_menuca_owner', current_database()) \gexec
GRANT USAGE ON SCHEMA menuca_v3 TO regress_menuca_owner;
ALTER TABLE menuca_v3.dishes OWNER TO regress_menuca_owner;
ALTER TABLE menuca_v3.combo_items OWNER TO regress_menuca_owner;
ALTER TABLE menuca_v3.combo_steps OWNER TO regress_menuca_owner;
SET ROLE regress_menuca_owner;
SELECT menuca_snapshot('own');
SELECT menuca_restore_snapshot('types');
SELECT snapshot_no FROM menuca_drop_snapshot('types');
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_snapshot(text, text[]), menuca_restore_snapshot(text, boolean, boolean, boolean), menuca_drop_snapshot(text) TO regress_menuca_owner;
SET ROLE regress_menuca_owner;
SELECT table_name, row_count FROM menuca_snapshot('own');
SELECT menuca_restore_snapshot('types');
DELETE FROM menuca_v3.combo_steps WHERE step_number = 2;
UPDATE menuca_v3.dishes SET name = 'Renamed' WHERE id = 1;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (7, 8);
-- The caller must be able to read referring and referenced tables
SELECT table_name, reasons FROM menuca_restore_snapshot('own', dry_run => false, disable_triggers => true);
RESET ROLE;
GRANT SELECT ON menuca_v3.restaurants, menuca_v3.combo_groups, menuca_v3.favourites, menuca_v3.specials TO regress_menuca_owner;
SET ROLE regress_menuca_owner;
SELECT table_name, deleted, inserted, updated FROM menuca_restore_snapshot('own', dry_run => false, disable_triggers => true);
RESET ROLE;
:state_is_back
-- A role that does not own the tables, but has rights on them
ALTER TABLE menuca_v3.dishes OWNER TO CURRENT_USER;
ALTER TABLE menuca_v3.combo_items OWNER TO CURRENT_USER;
ALTER TABLE menuca_v3.combo_steps OWNER TO CURRENT_USER;
GRANT SELECT, INSERT, UPDATE, DELETE ON menuca_v3.dishes, menuca_v3.combo_items, menuca_v3.combo_steps TO regress_menuca_owner;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (7, 8);
SET ROLE regress_menuca_owner;
SELECT sum(deleted) FROM menuca_restore_snapshot('own', dry_run => false, disable_triggers => true);
SELECT sum(deleted) FROM menuca_restore_snapshot('own', dry_run => false);
RESET ROLE;
GRANT SELECT, UPDATE ON SEQUENCE menuca_v3.combo_items_id_seq, menuca_v3.combo_steps_id_seq TO regress_menuca_owner;
SET ROLE regress_menuca_owner;
SELECT sum(deleted) FROM menuca_restore_snapshot('own', dry_run => false);
RESET ROLE;
:state_is_back
-- Where row security hides rows, nothing is copied
ALTER TABLE menuca_v3.dishes ENABLE ROW LEVEL SECURITY;
SET ROLE regress_menuca_owner;
SELECT menuca_snapshot('part');
SELECT menuca_restore_snapshot('own');
SELECT snapshot_no FROM menuca_drop_snapshot('own');
RESET ROLE;
ALTER TABLE menuca_v3.dishes DISABLE ROW LEVEL SECURITY;

--
-- Dropping one: other tables in its schema stay
--
CREATE VIEW menuca_snapshot_3.mine AS SELECT 1 AS a;
SELECT snapshot_no FROM menuca_drop_snapshot('types');
DROP VIEW menuca_snapshot_3.mine;
SELECT (menuca_drop_snapshot('types')).snapshot_no, (menuca_drop_snapshot('before')).snapshot_no, (menuca_drop_snapshot('generous')).snapshot_no;
SELECT label, schema_name FROM menuca_snapshots;
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'menuca\_snapshot%';
-- The record of its restores stays
SELECT DISTINCT label FROM menuca_snapshot_restore ORDER BY 1;
-- A schema left over from a dropped extension
DROP EXTENSION menuca_migrate;
SET client_min_messages = error;
CREATE EXTENSION menuca_migrate;
SET client_min_messages = warning;
CREATE SCHEMA menuca_snapshot_1;
SELECT DISTINCT copy FROM menuca_snapshot('again', tables => '{dishes}');
SELECT snapshot_no FROM menuca_drop_snapshot('again');
DROP SCHEMA menuca_snapshot_1;

--
-- An event trigger changes the copy before its rows are stored
--
CREATE FUNCTION public.change_copy() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
	copy text;
BEGIN
	SELECT objid::regclass::text INTO copy FROM pg_event_trigger_ddl_commands() WHERE object_type = 'table';
	EXECUTE format(current_setting('regress.change'), copy);
END $$;
CREATE EVENT TRIGGER change_copy ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.change_copy();
SET regress.change = 'ALTER TABLE %s ADD extra text';
SELECT menuca_snapshot('changed', tables => '{dishes}');
SET regress.change = 'ALTER TABLE %s ALTER restaurant_id TYPE text';
SELECT menuca_snapshot('changed', tables => '{dishes}');
SET regress.change = 'ALTER TABLE %s DROP name';
SELECT menuca_snapshot('changed', tables => '{dishes}');
SET regress.change = 'ALTER TABLE %s ALTER name SET NOT NULL';
SELECT menuca_snapshot('changed', tables => '{dishes}');
SET regress.change = 'CREATE INDEX ON %s (id)';
SELECT menuca_snapshot('changed', tables => '{dishes}');
SET regress.change = 'ALTER TABLE %s RENAME TO another';
SELECT menuca_snapshot('changed', tables => '{dishes}');
SET regress.change = 'DROP TABLE %s';
SELECT menuca_snapshot('changed', tables => '{dishes}');
SET regress.change = 'COMMENT ON TABLE %s IS ''a copy''';
SELECT DISTINCT table_name FROM menuca_snapshot('changed', tables => '{dishes}');
DROP EVENT TRIGGER change_copy;
SELECT snapshot_no FROM menuca_drop_snapshot('changed');

\set ECHO none
DROP SCHEMA IF EXISTS menuca_snapshot_4 CASCADE;
DROP SCHEMA IF EXISTS menuca_snapshot_5 CASCADE;
DROP FUNCTION public.fix(), public.content(), public.change_copy() CASCADE;
\i :drop
DROP OWNED BY regress_menuca_owner, regress_menuca_reader;
DROP ROLE regress_menuca_owner, regress_menuca_reader;
