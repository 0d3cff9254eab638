-- The table that V1's relation really means: created, filled, rolled back
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
\pset format unaligned
SET client_min_messages = warning;

-- Printed, by default
SELECT * FROM menuca_create_dish_combo_groups();
SELECT to_regclass('menuca_v3.dish_combo_groups') IS NULL AS nothing_created;
SELECT * FROM menuca_fix_combos(target => 'dish_combo_groups');

-- Refused in a read-only transaction
BEGIN READ ONLY;
SELECT * FROM menuca_create_dish_combo_groups(dry_run => false);
ROLLBACK;
-- Refused without the right to execute it, or to create tables
CREATE ROLE regress_creator;
GRANT USAGE ON SCHEMA menuca_v3 TO regress_creator;
SET ROLE regress_creator;
SELECT * FROM menuca_create_dish_combo_groups();
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_create_dish_combo_groups(boolean) TO regress_creator;
SET ROLE regress_creator;
SELECT statements LIKE 'CREATE TABLE %' AS printed FROM menuca_create_dish_combo_groups();
SELECT * FROM menuca_create_dish_combo_groups(dry_run => false);
RESET ROLE;
DROP OWNED BY regress_creator;
DROP ROLE regress_creator;

-- Created: undone with its transaction, and there once
BEGIN;
SELECT r.statements = d.statements AS as_printed FROM menuca_create_dish_combo_groups() d, menuca_create_dish_combo_groups(dry_run => false) r;
ROLLBACK;
SELECT to_regclass('menuca_v3.dish_combo_groups') IS NULL AS nothing_created;
SELECT menuca_create_dish_combo_groups(dry_run => false) IS NOT NULL AS created;
SELECT * FROM menuca_create_dish_combo_groups(dry_run => false);
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'menuca_v3.dish_combo_groups'::regclass AND contype IN ('p', 'u', 'f') ORDER BY 1;
SELECT indexdef FROM pg_indexes WHERE schemaname = 'menuca_v3' AND tablename = 'dish_combo_groups' ORDER BY 1;

-- The same plan, gates, ledger and rollback
INSERT INTO menuca_v3.dish_combo_groups (dish_id, combo_group_id, is_active) VALUES (1, 1, false);
SELECT status, (figures ->> 'source_rows')::bigint AS source_rows, insert, (figures ->> 'already_present')::bigint AS already_present, inserted, (figures ->> 'items_before')::bigint AS items_before, (figures ->> 'items_after')::bigint AS items_after FROM menuca_fix_combos(dry_run => false, target => 'dish_combo_groups');
SELECT count(*), count(*) FILTER (WHERE is_active), count(DISTINCT (dish_id, combo_group_id)) FROM menuca_v3.dish_combo_groups;
SELECT status, inserted FROM menuca_fix_combos(dry_run => false, target => 'dish_combo_groups');
SELECT run_id, target, status, inserted FROM menuca_runs ORDER BY 1;
SELECT name, status FROM menuca_validate(target => 'dish_combo_groups') WHERE status NOT IN ('PASS', 'SKIP');
SELECT deleted, (figures ->> 'items_after')::bigint AS items_after, state_restored FROM menuca_rollback(1, dry_run => false);
TABLE menuca_v3.dish_combo_groups;
CALL menuca_fix_combos_batched(dry_run => false, target => 'dish_combo_groups', batch_size => 5) \gx
SELECT count(*) FROM menuca_v3.dish_combo_groups;

-- In a schema of another name, with smaller ids
CREATE SCHEMA "Menu's";
CREATE TABLE "Menu's".dishes (id integer PRIMARY KEY, name text);
SET menuca.target_schema = 'Menu''s';
SELECT * FROM menuca_create_dish_combo_groups(dry_run => false);
CREATE TABLE "Menu's".combo_groups (id smallint PRIMARY KEY);
SELECT * FROM menuca_create_dish_combo_groups(dry_run => false);
SELECT attname, atttypid::regtype FROM pg_attribute WHERE attrelid = '"Menu''s".dish_combo_groups'::regclass AND attnum > 0;
SET menuca.target_schema = 'none';
SELECT * FROM menuca_create_dish_combo_groups();
SELECT menuca_create_dish_combo_groups(NULL);
RESET menuca.target_schema;
DROP SCHEMA "Menu's" CASCADE;

\set ECHO none
\i :drop
