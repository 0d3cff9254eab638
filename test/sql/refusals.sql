-- What bad input gets: a clear error with detail and hint, and nothing changed
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET client_min_messages = warning;
SELECT run_id, inserted FROM menuca_fix_combos(dry_run => false);
DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 9;

-- Everything that a call could change
CREATE VIEW public.state AS
SELECT (SELECT md5(string_agg(i::text, ',' ORDER BY id)) FROM menuca_v3.combo_items i) AS items,
	(SELECT md5(string_agg(r::text, ',' ORDER BY run_id)) FROM menuca_run r) AS runs,
	(SELECT count(*) FROM menuca_run_batch) AS batches,
	(SELECT count(*) FROM menuca_run_baseline) AS chunks,
	(SELECT last_value FROM menuca_v3.combo_items_id_seq) AS item_sequence,
	(SELECT last_value FROM menuca_run_run_id_seq) AS run_sequence,
	(SELECT md5(string_agg(c::text, ',' ORDER BY id)) FROM staging.menuca_v1_combos c) AS source,
	(SELECT count(*) FROM pg_class WHERE relnamespace IN ('staging'::regnamespace, 'menuca_v3'::regnamespace)) AS relations;
\set remember 'DROP TABLE IF EXISTS state_before; CREATE TEMP TABLE state_before AS TABLE state;'
-- :ok is true if nothing has changed since :remember
\set ok 'SELECT count(*) = 1 AS unchanged FROM (TABLE state INTERSECT TABLE state_before) s;'
SET client_min_messages = warning;
:remember

--
-- Missing schema, table, column; a view in place of a table
--
SET menuca.target_schema = 'menuca_v4';
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos();
CALL menuca_fix_combos_batched(dry_run => false);
SELECT count(*) FROM menuca_plan_combos();
SELECT * FROM menuca_orphan_rate();
SELECT count(*) FROM menuca_orphans();
SELECT count(*) FROM menuca_validate();
SELECT count(*) FROM menuca_sample_combos();
RESET menuca.target_schema;
SELECT menuca_fix_combos(dry_run => false, target => 'dish_combo_groups');
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false, target => 'dishes');
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false, source => 'staging.nowhere');
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false, source => 4294967295::oid);
\echo :LAST_ERROR_SQLSTATE
SET menuca.source_table = 'staging.nowhere';
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM menuca_plan_combos();
SET menuca.source_table = 'nowhere.combos';
SELECT count(*) FROM menuca_plan_combos();
SET menuca.source_table = '';
SELECT count(*) FROM menuca_plan_combos();
RESET menuca.source_table;
:ok

ALTER TABLE menuca_v3.dishes RENAME TO meals;
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
CREATE VIEW menuca_v3.dishes AS TABLE menuca_v3.meals;
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
DROP VIEW menuca_v3.dishes;
ALTER TABLE menuca_v3.meals RENAME TO dishes;
ALTER TABLE menuca_v3.combo_items RENAME TO real_items;
CREATE VIEW menuca_v3.combo_items AS TABLE menuca_v3.real_items;
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_rollback(1, dry_run => false);
DROP VIEW menuca_v3.combo_items;
ALTER TABLE menuca_v3.real_items RENAME TO combo_items;
ALTER TABLE menuca_v3.dishes RENAME legacy_v1_id TO v1_id;
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE menuca_v3.dishes RENAME v1_id TO legacy_v1_id;
ALTER TABLE menuca_v3.combo_items RENAME id TO item_id;
ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_pkey CASCADE;
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE menuca_v3.combo_items RENAME item_id TO id;
ALTER TABLE menuca_v3.combo_items ADD PRIMARY KEY (id);
CREATE VIEW staging.a_view AS TABLE staging.menuca_v1_combos;
SELECT menuca_fix_combos(dry_run => false, source => 'staging.a_view');
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false, source => 'menuca_v3.combo_items_id_seq');
DROP VIEW staging.a_view;
:ok
SELECT menuca_fix_combos(dry_run => false, order_column => 'sort');
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false, group_column => 'Group');
SELECT menuca_fix_combos(dry_run => false, group_column => '');
SELECT * FROM menuca_orphan_rate(group_column => 'gruppe');
:ok

--
-- Empty source
--
CREATE TABLE staging.empty (LIKE staging.menuca_v1_combos);
SELECT menuca_fix_combos(source => 'staging.empty');
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false, source => 'staging.empty');
SELECT count(*) FROM menuca_plan_combos('staging.empty');
SELECT count(*) FROM menuca_orphans('staging.empty');
CALL menuca_fix_combos_batched(false, 'staging.empty');
DROP TABLE staging.empty;
:ok

--
-- Dumps: cut, of the wrong table, without a row (more of it in load)
--
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE combos (id int); INSERT INTO combos VALUES (1),(', 'combos', 'staging.cut');
\echo :LAST_ERROR_SQLSTATE
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE combos (s text); INSERT INTO combos VALUES (''one''),(''tw', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE menu (id int); INSERT INTO menu VALUES (1);', 'combos', 'staging.cut');
\echo :LAST_ERROR_SQLSTATE
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE combos (id int);', 'combos', 'staging.cut');
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO combos VALUES (1,2,3,4);', 'combos', 'staging.menuca_v1_combos');
\echo :LAST_ERROR_SQLSTATE
:ok

--
-- Ids: NULL, and beyond int4, are counted as invalid and never written
--
CREATE TABLE staging.odd (LIKE staging.menuca_v1_combos);
INSERT INTO staging.odd VALUES (1, NULL, 109, 0), (2, 209, NULL, 0), (3, 4294967295, 109, 0), (4, 209, 9223372036854775807, 0), (5, 0, 109, 0), (6, -9223372036854775808, 109, 0);
SELECT outcome, count(*) FROM menuca_plan_combos('staging.odd') GROUP BY 1;
SELECT menuca_fix_combos(dry_run => false, source => 'staging.odd', max_orphan_pct => 100);
\echo :LAST_ERROR_SQLSTATE
DELETE FROM staging.odd WHERE id IN (3, 4);
UPDATE staging.odd SET dish = NULL, "group" = NULL;
SELECT menuca_fix_combos(dry_run => false, source => 'staging.odd', max_orphan_pct => 100);
DROP TABLE staging.odd;
:ok

--
-- Columns swapped, coverage below the gate
--
SELECT menuca_fix_combos(dry_run => false, dish_column => 'group', group_column => 'dish');
\echo :LAST_ERROR_SQLSTATE
CALL menuca_fix_combos_batched(dry_run => false, dish_column => 'group', group_column => 'dish');
\echo :LAST_ERROR_SQLSTATE
UPDATE menuca_v3.dishes SET legacy_v1_id = NULL WHERE id = 12;
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
UPDATE menuca_v3.dishes SET legacy_v1_id = 212 WHERE id = 12;
:ok

--
-- Arguments
--
SELECT menuca_fix_combos(dry_run => false, gate_on => 'everything');
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(gate_on => 'OVERALL');
SELECT menuca_fix_combos(dry_run => false, gate_on => NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false, batch_size => -1);
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false, batch_size => 0);
SELECT menuca_fix_combos(dry_run => false, batch_size => 2147483647);
SELECT menuca_fix_combos(dry_run => false, batch_size => NULL);
CALL menuca_fix_combos_batched(dry_run => false, batch_size => -1);
SELECT menuca_fix_combos(dry_run => NULL);
SELECT menuca_fix_combos(dry_run => false, min_coverage_pct => -1);
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false, min_coverage_pct => 100.5);
SELECT menuca_fix_combos(dry_run => false, min_coverage_pct => 'NaN');
SELECT menuca_fix_combos(dry_run => false, min_coverage_pct => NULL);
SELECT menuca_fix_combos(dry_run => false, min_dish_coverage_pct => 101);
SELECT menuca_fix_combos(dry_run => false, max_orphan_pct => -0.01);
SELECT menuca_fix_combos(dry_run => false, max_orphan_pct => 'Infinity');
SELECT menuca_fix_combos(dry_run => false, target => NULL);
SELECT count(*) FROM menuca_sample_combos(0);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM menuca_sample_combos(NULL);
SELECT count(*) FROM menuca_sample_combos(1, NULL);
:ok

--
-- Runs: one that does not exist, a dry run, one rolled back already
--
SELECT menuca_rollback(4711);
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_rollback(4711, dry_run => false);
SELECT menuca_rollback(-1, dry_run => false);
SELECT run_id IS NULL AS no_run_id FROM menuca_fix_combos();
SELECT menuca_rollback((SELECT run_id FROM menuca_fix_combos()), dry_run => false);
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_rollback(1, dry_run => NULL);
SELECT menuca_rollback(1, force => NULL);
CALL menuca_resume(1, dry_run => false);
\echo :LAST_ERROR_SQLSTATE
:ok
SELECT status, (figures ->> 'inserted')::bigint AS inserted, deleted, (figures ->> 'already_gone')::bigint AS already_gone FROM menuca_rollback(1, dry_run => false);
:remember
SELECT menuca_rollback(1, dry_run => false);
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_rollback(1);
CALL menuca_resume(1, dry_run => false);
:ok

SELECT run_id FROM menuca_fix_combos(dry_run => false);
:remember

--
-- Read-only transactions, with dry_run := false
--
BEGIN READ ONLY;
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN READ ONLY;
SELECT menuca_rollback(2, dry_run => false);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SET default_transaction_read_only = on;
CALL menuca_fix_combos_batched(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
CALL menuca_resume(2, dry_run => false);
RESET default_transaction_read_only;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT menuca_rollback(2, dry_run => false);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SET default_transaction_isolation = 'serializable';
CALL menuca_fix_combos_batched(dry_run => false);
RESET default_transaction_isolation;
:ok

--
-- A share in place of a percentage
--
SELECT menuca_fix_combos(min_coverage_pct => 0.95);
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false, max_orphan_pct => 0.2);
SELECT menuca_fix_combos(min_dish_coverage_pct => 0.999);
CALL menuca_fix_combos_batched(dry_run => false, max_cross_restaurant_pct => 0.05);
SELECT (menuca_fix_combos(min_coverage_pct => 99.5, max_orphan_pct => 20, min_group_coverage_pct => 0, max_cross_restaurant_pct => 1)).status;

--
-- One real run per statement; each statement of a function is one
--
SELECT count(*) AS items, (SELECT count(*) FROM menuca_run) AS runs FROM menuca_v3.combo_items;
SELECT (menuca_fix_combos(dry_run => false)).inserted, (menuca_fix_combos(dry_run => false)).run_id;
\echo :LAST_ERROR_SQLSTATE
SELECT count(menuca_fix_combos(dry_run => n % 2 = 0)) FROM generate_series(1, 4) n;
SELECT count((menuca_rollback(run_id, dry_run => false)).deleted) FROM (SELECT max(run_id) AS run_id FROM menuca_run WHERE status = 'completed') r, generate_series(1, 2);
SELECT count(*) AS items, (SELECT count(*) FROM menuca_run) AS runs FROM menuca_v3.combo_items;
-- Not a repetition: one real run among dry runs, and the statements of a function
BEGIN;
SELECT count(menuca_fix_combos(dry_run => n <> 3)) FROM generate_series(1, 4) n;
ROLLBACK;
BEGIN;
DO $$
BEGIN
	FOR i IN 1 .. 2 LOOP
		PERFORM menuca_fix_combos(dry_run => false);
	END LOOP;
END
$$;
SELECT count(*) AS items, (SELECT count(*) FROM menuca_run) AS runs FROM menuca_v3.combo_items;
ROLLBACK;

DROP VIEW public.state;
\set ECHO none
\i :drop
