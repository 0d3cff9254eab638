-- Rolling back: what the run inserted, and nothing else
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET client_min_messages = warning;
CREATE FUNCTION public.fix() RETURNS TABLE (run_id bigint, inserted bigint) LANGUAGE sql AS
$$SELECT run_id, inserted FROM menuca_fix_combos(dry_run => false, batch_size => 5, max_orphan_pct => 100, min_coverage_pct => 0)$$;
CREATE FUNCTION public.content() RETURNS text LANGUAGE plpgsql AS
$$BEGIN RETURN (SELECT count(*) || md5(string_agg(i::text, ',' ORDER BY id)) FROM menuca_v3.combo_items i); END$$;
SELECT public.content() AS before \gset
RESET client_min_messages;
\set state_is_back 'SELECT public.content() = :''before'' AS state_is_back;'

--
-- Dry run, and real run
--
\set VERBOSITY terse
SELECT * FROM fix();
\set VERBOSITY default
\x on
SELECT run_id, status, deleted, changed, dependants, state_restored, reasons, next_step, jsonb_pretty(figures - 'elapsed') AS figures,
	(figures ->> 'elapsed')::numeric >= 0 AS took_time
FROM menuca_rollback(1);
\x off
SELECT count(*) FROM menuca_v3.combo_items;
BEGIN READ ONLY;
SELECT status, deleted FROM menuca_rollback(1);
COMMIT;
\x on
SELECT run_id, status, deleted, changed, dependants, state_restored, reasons, next_step, jsonb_pretty(figures - 'elapsed') AS figures,
	(figures ->> 'elapsed')::numeric >= 0 AS took_time
FROM menuca_rollback(1, dry_run => false);
\x off
:state_is_back
SELECT run_id, status, inserted, rolled_back_by = session_user AS by_me, rolled_back_at IS NOT NULL AS dated FROM menuca_runs;
-- Twice
SELECT menuca_rollback(1, dry_run => false);
SELECT menuca_rollback(1);
-- In a transaction that is rolled back, the rollback has no effect
\set VERBOSITY terse
SELECT * FROM fix();
BEGIN;
SELECT status, deleted FROM menuca_rollback(2, dry_run => false);
ROLLBACK;
SELECT status FROM menuca_runs WHERE run_id = 2;
SELECT count(*) FROM menuca_v3.combo_items;

--
-- Changed rows: refused and named; forced
--
UPDATE menuca_v3.combo_items SET quantity = 2 WHERE combo_group_id = 2 AND dish_id = 5;
UPDATE menuca_v3.combo_items SET quantity = 1 WHERE combo_group_id = 3;
SELECT status, deleted, changed, reasons FROM menuca_rollback(2);
\set VERBOSITY default
SELECT menuca_rollback(2, dry_run => false);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM menuca_v3.combo_items;
UPDATE menuca_v3.combo_items SET display_order = 8 WHERE source_id BETWEEN 3 AND 16;
SELECT menuca_rollback(2, dry_run => false);
UPDATE menuca_v3.combo_items SET display_order = (source_id - 1) % 2 WHERE source_id BETWEEN 3 AND 16;

--
-- Dependants: refused and named; forced
--
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number)
SELECT id, 1 FROM menuca_v3.combo_items WHERE combo_group_id IN (1, 4);
CREATE TABLE menuca_v3.favourites (item bigint REFERENCES menuca_v3.combo_items, name text);
INSERT INTO menuca_v3.favourites SELECT id, 'mine' FROM menuca_v3.combo_items WHERE combo_group_id = 4;
CREATE TABLE menuca_v3.hints (item bigint DEFAULT 1 REFERENCES menuca_v3.combo_items ON DELETE SET NULL);
INSERT INTO menuca_v3.hints SELECT max(id) FROM menuca_v3.combo_items;
SELECT status, deleted, changed, dependants, reasons FROM menuca_rollback(2);
SELECT menuca_rollback(2, dry_run => false);
\echo :LAST_ERROR_SQLSTATE
-- Forced, a key without CASCADE still stops it
SELECT menuca_rollback(2, dry_run => false, force => true);
SELECT count(*) FROM menuca_v3.combo_items;
DELETE FROM menuca_v3.favourites;
SELECT status, changed, dependants FROM menuca_rollback(2, force => true);
SELECT status, deleted, changed, dependants, (figures ->> 'items_after')::bigint AS items_after, state_restored, reasons FROM menuca_rollback(2, dry_run => false, force => true);
:state_is_back
SELECT count(*) AS steps_of_the_old_item FROM menuca_v3.combo_steps;
TABLE menuca_v3.hints;
SET client_min_messages = warning;
DROP TABLE menuca_v3.favourites, menuca_v3.hints;
DELETE FROM menuca_v3.combo_steps;
RESET client_min_messages;

--
-- Changes by others are kept and reported
--
\set VERBOSITY terse
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id) VALUES (1001, 1, 7), (1002, 1, 10), (1003, 2, 8);
SELECT * FROM fix();
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id, created_at) VALUES (1004, 3, 9, now()), (1005, 3, 12, '2020-01-01');
UPDATE menuca_v3.combo_items SET quantity = 3 WHERE id = 1001;
DELETE FROM menuca_v3.combo_items WHERE id = 1002;
DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 9 AND dish_id = 9;
\set VERBOSITY default
\x on
SELECT status, (figures ->> 'inserted')::bigint AS inserted, deleted, (figures ->> 'already_gone')::bigint AS already_gone, changed, (figures ->> 'items_before')::bigint AS items_before, (figures ->> 'items_now')::bigint AS items_now, (figures ->> 'items_after')::bigint AS items_after,
	(figures ->> 'baseline_rows')::bigint AS baseline_rows, (figures ->> 'baseline_intact')::bigint AS baseline_intact, (figures ->> 'baseline_changed')::bigint AS baseline_changed, (figures ->> 'baseline_missing')::bigint AS baseline_missing, (figures ->> 'added_by_others')::bigint AS added_by_others, state_restored
FROM menuca_rollback(3, dry_run => false);
\x off
SELECT id, combo_group_id, dish_id, quantity FROM menuca_v3.combo_items ORDER BY id;
DELETE FROM menuca_v3.combo_items WHERE id > 1;

-- A key of the baseline that was given to another row is not what it was
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id) VALUES (1001, 1, 7);
\set VERBOSITY terse
SELECT * FROM fix();
DELETE FROM menuca_v3.combo_items WHERE id = 1001;
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id) VALUES (1001, 2, 8);
SELECT (figures ->> 'baseline_rows')::bigint AS baseline_rows, (figures ->> 'baseline_intact')::bigint AS baseline_intact, (figures ->> 'baseline_changed')::bigint AS baseline_changed, (figures ->> 'added_by_others')::bigint AS added_by_others, state_restored FROM menuca_rollback(4, dry_run => false);
DELETE FROM menuca_v3.combo_items WHERE id > 1;

--
-- Two runs, rolled back in either order
--
SELECT * FROM fix();
DELETE FROM menuca_v3.combo_items WHERE combo_group_id IN (2, 3);
SELECT * FROM fix();
SELECT status, deleted, (figures ->> 'already_gone')::bigint AS already_gone, (figures ->> 'added_by_others')::bigint AS added_by_others, state_restored FROM menuca_rollback(5, dry_run => false);
SELECT status, deleted, (figures ->> 'baseline_rows')::bigint AS baseline_rows, (figures ->> 'baseline_missing')::bigint AS baseline_missing, state_restored FROM menuca_rollback(6, dry_run => false);
:state_is_back
SELECT * FROM fix();
DELETE FROM menuca_v3.combo_items WHERE combo_group_id IN (2, 3);
SELECT * FROM fix();
SELECT status, deleted, (figures ->> 'baseline_rows')::bigint AS baseline_rows, (figures ->> 'baseline_missing')::bigint AS baseline_missing, state_restored FROM menuca_rollback(8, dry_run => false);
SELECT status, deleted, (figures ->> 'already_gone')::bigint AS already_gone, (figures ->> 'added_by_others')::bigint AS added_by_others, state_restored FROM menuca_rollback(7, dry_run => false);
:state_is_back

-- A run that inserted nothing
SELECT * FROM fix();
SELECT * FROM fix();
SELECT status, (figures ->> 'inserted')::bigint AS inserted, deleted, (figures ->> 'items_after')::bigint AS items_after, state_restored FROM menuca_rollback(10, dry_run => false);
SELECT count(*) FROM menuca_v3.combo_items;

--
-- Triggers that interfere: undone
--
\set VERBOSITY default
CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF OLD.combo_group_id = 5 THEN RETURN NULL; END IF; RETURN OLD; END';
CREATE TRIGGER keep BEFORE DELETE ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION public.keep();
SELECT menuca_rollback(9, dry_run => false);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM menuca_v3.combo_items;
DROP TRIGGER keep ON menuca_v3.combo_items;
CREATE FUNCTION public.also() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM menuca_v3.combo_items WHERE id = 1; RETURN OLD; END';
CREATE TRIGGER also AFTER DELETE ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION public.also();
SELECT menuca_rollback(9, dry_run => false);
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER also ON menuca_v3.combo_items;
SELECT status, state_restored FROM menuca_rollback(9, dry_run => false);
:state_is_back

--
-- The run's own table, whatever the setting names; dropped and created
-- again with the same rows, as by a restore; read by parallel workers
--
\set VERBOSITY terse
SELECT * FROM fix();
-- Only tables of the target schema are changed
SET menuca.target_schema = 'nowhere';
SELECT status, deleted FROM menuca_rollback(11);
RESET menuca.target_schema;
SELECT status, deleted FROM menuca_rollback(11);
SET client_min_messages = warning;
CREATE TABLE menuca_v3.copy (LIKE menuca_v3.combo_items INCLUDING ALL);
INSERT INTO menuca_v3.copy TABLE menuca_v3.combo_items;
DROP TABLE menuca_v3.combo_items CASCADE;
ALTER TABLE menuca_v3.copy RENAME TO combo_items;
ALTER TABLE menuca_v3.combo_items ALTER id RESTART WITH 5000;
RESET client_min_messages;
SELECT status, deleted, changed, (figures ->> 'baseline_intact')::bigint AS baseline_intact FROM menuca_rollback(11);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SELECT status, deleted, changed, (figures ->> 'baseline_intact')::bigint AS baseline_intact FROM menuca_rollback(11);
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET enable_indexscan;
RESET enable_bitmapscan;
SELECT status, deleted, changed, (figures ->> 'baseline_intact')::bigint AS baseline_intact, state_restored FROM menuca_rollback(11, dry_run => false);
:state_is_back

--
-- Columns that come, go and move do not make rows look changed
--
SELECT * FROM fix();
ALTER TABLE menuca_v3.combo_items ADD remark text;
SELECT status, deleted, changed, (figures ->> 'baseline_intact')::bigint AS baseline_intact FROM menuca_rollback(12);
ALTER TABLE menuca_v3.combo_items ADD moved integer;
UPDATE menuca_v3.combo_items SET moved = quantity;
ALTER TABLE menuca_v3.combo_items DROP quantity, DROP remark;
ALTER TABLE menuca_v3.combo_items RENAME moved TO quantity;
SELECT status, deleted, changed, (figures ->> 'baseline_intact')::bigint AS baseline_intact FROM menuca_rollback(12);
-- One with a default does; enums, jsonb, arrays and domains are compared by value
CREATE TYPE menuca_v3.size AS ENUM ('small', 'large');
CREATE DOMAIN menuca_v3.price AS numeric(8,2);
ALTER TABLE menuca_v3.combo_items ADD size menuca_v3.size DEFAULT 'large', ADD prices jsonb DEFAULT '{"a": [1, 2.50]}', ADD sizes menuca_v3.size[] DEFAULT '{small,large}', ADD price menuca_v3.price DEFAULT 1.5, ADD big text DEFAULT repeat('x', 10000);
SELECT status, deleted, changed, (figures ->> 'baseline_changed')::bigint AS baseline_changed, state_restored FROM menuca_rollback(12, dry_run => false, force => true);
SELECT * FROM fix();
SELECT status, deleted, changed, (figures ->> 'baseline_intact')::bigint AS baseline_intact FROM menuca_rollback(13);
UPDATE menuca_v3.combo_items SET sizes = '{large,small}' WHERE source_id = 4;
UPDATE menuca_v3.combo_items SET size = 'small' WHERE source_id = 5;
UPDATE menuca_v3.combo_items SET prices = '{"a": [2.50, 1]}' WHERE source_id = 6;
UPDATE menuca_v3.combo_items SET price = NULL WHERE source_id = 7;
UPDATE menuca_v3.combo_items SET big = repeat('y', 10000) WHERE source_id = 8;
UPDATE menuca_v3.combo_items SET combo_group_id = dish_id, dish_id = combo_group_id WHERE source_id = 10;
SELECT status, deleted, changed FROM menuca_rollback(13);
SELECT status, deleted, changed, state_restored FROM menuca_rollback(13, dry_run => false, force => true);

\set ECHO none
SET client_min_messages = warning;
DROP FUNCTION public.fix(), public.content(), public.keep(), public.also() CASCADE;
\i :drop
