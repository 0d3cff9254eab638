-- What changes something is a dry run by default, and its result has the next step
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET client_min_messages = warning;

--
-- By the catalog: each routine that has dry_run, its default, and the column that proposes a call
--
CREATE VIEW public.menuca_routine AS
SELECT p.oid, p.proname::text AS name, p.provolatile, p.prokind,
	(SELECT ARRAY(SELECT n FROM unnest(p.proargnames) WITH ORDINALITY a(n, i)
		WHERE COALESCE(p.proargmodes[i], 'i') IN ('i', 'b'))) AS arguments,
	pg_get_function_arguments(p.oid) AS described,
	(SELECT string_agg(n, ', ') FROM (
		SELECT unnest(p.proargnames) AS n WHERE p.proargmodes IS NOT NULL
		UNION ALL SELECT attname FROM pg_attribute a JOIN pg_type t ON t.typrelid = a.attrelid WHERE t.oid = p.prorettype) c
		WHERE n IN ('next_step', 'next_call')) AS proposes
FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'menuca_migrate'
WHERE p.prorettype <> 'trigger'::regtype;
SELECT name, described ~ '\mdry_run boolean DEFAULT true' AS dry_run_by_default, proposes
FROM public.menuca_routine WHERE 'dry_run' = ANY (arguments) ORDER BY name COLLATE "C";
-- The others that can write: records that people make, the loader, measurements,
-- and what changes the extension's own ledgers and copies only
SELECT name FROM public.menuca_routine
WHERE provolatile = 'v' AND NOT 'dry_run' = ANY (arguments) ORDER BY name COLLATE "C";
DROP VIEW public.menuca_routine;

--
-- A fix: the real call has the arguments that were given, and no others
--
SELECT next_step FROM menuca_fix_combos();
SELECT next_step FROM menuca_fix_combos(true, 'staging.menuca_v1_combos', 80, 20, 'expected', 5, 'combo_items', 70.50, NULL, 'id', 'dish', 'group', 'order', 0, true, 'share_row_exclusive');
SELECT next_step FROM menuca_fix_combos(source => NULL, min_coverage_pct => 95.0, order_column => NULL);
CREATE SCHEMA "Old's";
CREATE TABLE "Old's"."v1 ""combos" AS SELECT id, dish AS "the dish", "group", "order" FROM staging.menuca_v1_combos;
SET search_path = "Old's", public;
SELECT next_step FROM menuca_fix_combos(source => '"v1 ""combos"', dish_column => 'the dish');
RESET search_path;
-- Refused: what shows why, for each gate
SELECT status, next_step FROM menuca_fix_combos(max_orphan_pct => 5) \gx
SELECT next_step FROM menuca_fix_combos(max_orphan_pct => 5) \gexec
UPDATE staging.menuca_v1_combos SET dish = dish + 4711 WHERE id < 5;
SELECT status, next_step FROM menuca_fix_combos(source => 'staging.menuca_v1_combos', target => 'combo_items') \gx
SELECT next_step FROM menuca_fix_combos() \gexec
UPDATE staging.menuca_v1_combos SET dish = dish - 4711 WHERE id < 5;
UPDATE staging.menuca_v1_combos SET dish = dish + 1 WHERE id < 5;
SELECT status, next_step FROM menuca_fix_combos() \gx
SELECT next_step FROM menuca_fix_combos() \gexec
UPDATE staging.menuca_v1_combos SET dish = dish - 1 WHERE id < 5;
SELECT status, next_step FROM menuca_fix_combos(dish_column => 'group', group_column => 'dish') \gx
SELECT count(*) > 0 AS shown FROM menuca_plan_combos(dish_column => 'group', group_column => 'dish');

-- The call of a dry run is executed, and the call of its result
SELECT 'SELECT status, inserted FROM ' || split_part(next_step, ' FROM ', 2) FROM menuca_fix_combos(min_coverage_pct => 90, batch_size => 7) \gexec
SELECT parameters ->> 'batch_size' AS batch_size, parameters ->> 'min_dish_coverage_pct' AS coverage FROM menuca_runs;
SELECT 'SELECT count(*) > 30 AS validated FROM (' || rtrim(next_step, ';') || ') v' FROM menuca_fix_combos(dry_run => false) \gexec
SELECT next_step FROM menuca_fix_combos();

--
-- A rollback, refused or not
--
SELECT next_step FROM menuca_rollback(1);
UPDATE menuca_v3.combo_items SET quantity = 2 WHERE id = 3;
SELECT status, next_step FROM menuca_rollback(1);
SELECT 'SELECT status, reasons, next_step FROM ' || split_part(next_step, ' FROM ', 2) FROM menuca_rollback(1) \gexec
SELECT next_step FROM menuca_rollback(1, force => true);
CREATE TABLE menuca_v3.favourites (item bigint REFERENCES menuca_v3.combo_items);
INSERT INTO menuca_v3.favourites VALUES (4), (5), (1);
SELECT status, next_step FROM menuca_rollback(1, force => true) \gx
SELECT next_step FROM menuca_rollback(1, force => true) \gexec
DROP TABLE menuca_v3.favourites;
SELECT 'SELECT status, deleted, next_step FROM ' || split_part(next_step, ' FROM ', 2) FROM menuca_rollback(1, force => true) \gexec
SELECT next_step FROM menuca_rollback(2, dry_run => false);
SELECT * FROM menuca_rollback_guide();

--
-- The procedures
--
CALL menuca_fix_combos_batched(batch_size => 5, source => 'staging.menuca_v1_combos') \gx
CALL menuca_fix_combos_batched(dry_run => false, source => 'staging.menuca_v1_combos', batch_size => 5) \gx
CALL menuca_fix_combos_batched(max_orphan_pct => 1) \gx
CREATE FUNCTION public.stumble() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.combo_group_id = 7 THEN RAISE EXCEPTION 'power cut'; END IF;
	RETURN NEW;
END $$;
SELECT status FROM menuca_rollback(3, dry_run => false);
CREATE TRIGGER stumble BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION public.stumble();
CALL menuca_fix_combos_batched(dry_run => false, batch_size => 5) \gx
DROP FUNCTION public.stumble() CASCADE;
CALL menuca_resume(4) \gx
CALL menuca_resume(4, dry_run => false) \gx

--
-- A backfill
--
CREATE TABLE staging.menuca_v1_menu AS
SELECT legacy_v1_id AS id, restaurant_id AS restaurant, name FROM menuca_v3.dishes;
ALTER TABLE menuca_v3.restaurants ADD legacy_v1_id integer;
UPDATE menuca_v3.restaurants SET legacy_v1_id = id;
ALTER TABLE menuca_v3.dishes ALTER id ADD GENERATED BY DEFAULT AS IDENTITY (START 100);
INSERT INTO staging.menuca_v1_menu VALUES (900, 2, 'Dish 900');
INSERT INTO staging.menuca_v1_combos VALUES (90, 900, 101, 0);
SELECT next_step FROM menuca_backfill_dishes(max_cross_restaurant_pct => 10);
SELECT next_step FROM menuca_backfill_dishes('staging.menuca_v1_menu', source => 'staging.menuca_v1_combos');
UPDATE staging.menuca_v1_menu SET restaurant = 3 WHERE id = 900;
SELECT status, next_step FROM menuca_backfill_dishes();
SELECT next_step FROM menuca_backfill_dishes() \gexec
UPDATE staging.menuca_v1_menu SET restaurant = 2 WHERE id = 900;
SELECT 'SELECT inserted, next_step FROM ' || split_part(next_step, ' FROM ', 2) FROM menuca_backfill_dishes() \gexec
SELECT next_step FROM menuca_backfill_dishes();
-- Items of the new dish are in the way of its rollback
SELECT status FROM menuca_fix_combos(dry_run => false);
SELECT status, next_step FROM menuca_rollback(5) \gx
SELECT next_step FROM menuca_rollback(5) \gexec

--
-- The other target, a snapshot
--
SELECT next_step FROM menuca_create_dish_combo_groups();
SELECT 'SELECT next_step FROM ' || split_part(next_step, ' FROM ', 2) FROM menuca_create_dish_combo_groups() \gexec
SELECT next_step FROM menuca_create_dish_combo_groups();
SELECT 'SELECT status, next_step FROM ' || split_part(next_step, ' FROM ', 2) FROM menuca_create_dish_combo_groups() \gexec
SELECT count(*) FROM menuca_snapshot('before');
DELETE FROM menuca_v3.combo_items WHERE id = 1;
SELECT DISTINCT status, next_step FROM menuca_restore_snapshot('before');
SELECT 'SELECT DISTINCT status, next_step FROM ' || split_part(min(next_step), ' FROM ', 2) FROM menuca_restore_snapshot('before') \gexec
SELECT next_step FROM menuca_fix_combos(dry_run => false, target => 'dish_combo_groups');
CREATE TABLE menuca_v3.favourites (item bigint REFERENCES menuca_v3.dish_combo_groups ON DELETE CASCADE);
INSERT INTO menuca_v3.favourites SELECT id FROM menuca_v3.dish_combo_groups;
SELECT DISTINCT status, next_step FROM menuca_restore_snapshot('before');
SELECT DISTINCT status, next_step FROM menuca_restore_snapshot('before', force => true);
DROP TABLE menuca_v3.favourites;

--
-- Indexes and access
--
SELECT status, min(next_step) AS next_step FROM menuca_deploy_indexes() GROUP BY status ORDER BY status COLLATE "C";
SELECT 'SELECT count(*) > 0 AS shown FROM (' || rtrim(min(next_step), ';') || ') p' FROM menuca_deploy_indexes() \gexec
UPDATE menuca_wanted_index SET critical = false;
SELECT DISTINCT next_step FROM menuca_deploy_indexes(lock_timeout => '90 s');
SELECT DISTINCT next_step FROM menuca_deploy_indexes(dry_run => false, lock_timeout => '90 s');
SELECT DISTINCT next_step FROM menuca_deploy_indexes();
SELECT DISTINCT status, next_step FROM menuca_rollback_indexes(force => true);
SELECT DISTINCT status, next_step FROM menuca_rollback_indexes(dry_run => false);
SELECT table_name, status, next_step FROM menuca_deploy_access(tables => '{dishes}');
SET menuca.tenant_role = 'anon';
SELECT next_step FROM menuca_deploy_access(tables => '{dishes}') WHERE table_name IS NULL;
RESET menuca.tenant_role;

--
-- A ticket: in its summary
--
SELECT count(*) FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system()));
SELECT name, next_step FROM menuca_ticket(0, '{"target": "combo_items"}') WHERE name = 'summary' \gx
SELECT 'SELECT count(*) > 0 AS shown FROM (' || rtrim(next_step, ';') || ') p' FROM menuca_ticket(0) WHERE name = 'summary' \gexec
SELECT name, next_step FROM menuca_ticket(2, force => true, reason => 'it''s only staging') WHERE name = 'summary' \gx

SELECT snapshot_no > 0 AS dropped FROM menuca_drop_snapshot('before');
\set ECHO none
\i :drop
