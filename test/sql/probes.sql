-- Whether a source means what it is taken for
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
CREATE FUNCTION probed(target text = 'combo_items', strict boolean = false)
RETURNS TABLE (name text, status text, expected text, actual text, detail text, remedy text, metadata jsonb)
LANGUAGE sql AS $$
	SELECT name, status, expected, actual, detail, remedy, metadata FROM menuca_validate(target => probed.target, strict => probed.strict)
	WHERE name IN ('orientation', 'id_space', 'direction')
$$;
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;

-- Nothing to be told by: two probes pass, one is skipped
SELECT * FROM probed();
SELECT status, reasons, warnings FROM menuca_fix_combos();

--
-- Direction of meaning
--
-- The target's own column, as long as it says no of every dish, says nothing
BEGIN;
ALTER TABLE menuca_v3.dishes ADD is_combo boolean NOT NULL DEFAULT false;
SELECT actual, metadata FROM probed() WHERE name = 'direction';
-- Of one dish that the source does not name
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id, is_combo) VALUES (90, 1, 'Combo', 290, true);
SELECT * FROM probed() WHERE name = 'direction';
-- Of half of the twelve: reversed
UPDATE menuca_v3.dishes SET is_combo = true WHERE id <= 6;
SELECT * FROM probed() WHERE name = 'direction';
SELECT * FROM probed(strict => true) WHERE name = 'direction';
SELECT detail FROM menuca_validate() WHERE name = 'summary';
-- A warning, not a refusal, unless told to be strict
SET LOCAL client_min_messages = notice;
SELECT status, reasons, warnings FROM menuca_fix_combos();
SELECT status, reasons, warnings FROM menuca_fix_combos(strict => true);
SAVEPOINT s;
SELECT status FROM menuca_fix_combos(dry_run => false, strict => true);
ROLLBACK TO s;
SET LOCAL client_min_messages = error;
SELECT status, inserted, warnings FROM menuca_fix_combos(dry_run => false);
SELECT parameters ->> 'strict' AS strict, parameters ->> 'max_cross_restaurant_pct' AS max_cross FROM menuca_runs;
ROLLBACK;

-- To the other target it is the right direction, and the reverse is not
BEGIN;
SELECT menuca_create_dish_combo_groups(execute => true) IS NOT NULL AS created;
ALTER TABLE menuca_v3.dishes ADD is_combo boolean;
UPDATE menuca_v3.dishes SET is_combo = id <= 6;
SELECT * FROM probed('dish_combo_groups') WHERE name = 'direction';
SELECT warnings FROM menuca_fix_combos(target => 'dish_combo_groups', strict => true);
UPDATE menuca_v3.dishes SET is_combo = id <= 5;
SELECT * FROM probed('dish_combo_groups') WHERE name = 'direction';
SELECT status, reasons FROM menuca_fix_combos(target => 'dish_combo_groups', strict => true);
ROLLBACK;

-- V1's menu knows better than the target; ids that it does not know, or whose
-- flag is neither yes nor no, do not count
CREATE TABLE staging.menuca_v1_menu (id int, "isCombo" varchar(1));
INSERT INTO staging.menuca_v1_menu SELECT d, CASE d WHEN 201 THEN 'N' WHEN 202 THEN NULL WHEN 203 THEN '?' ELSE 'Y' END FROM generate_series(201, 208) d;
INSERT INTO staging.menuca_v1_menu VALUES (NULL, 'Y'), (999, 'Y');
BEGIN;
ALTER TABLE menuca_v3.dishes ADD is_combo boolean DEFAULT false;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id, is_combo) VALUES (90, 1, 'Combo', 290, true);
SELECT * FROM probed() WHERE name = 'direction';
-- Dishes that the target lacks count, too, each once, as do legacy ids of two dishes
INSERT INTO staging.menuca_v1_combos VALUES (91, 999, 101, 0), (92, 999, 102, 0);
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id) VALUES (91, 1, 'Twin', 204);
SELECT actual, metadata FROM probed() WHERE name = 'direction';
-- Only a menu without flags leaves it to the target
ALTER TABLE staging.menuca_v1_menu DROP "isCombo";
SELECT actual, metadata FROM probed() WHERE name = 'direction';
ALTER TABLE staging.menuca_v1_menu ADD iscombo boolean;
SELECT status, actual FROM probed() WHERE name = 'direction';
ROLLBACK;

-- What the groups offer by themselves
CREATE TABLE staging.menuca_v1_combo_group_dishes (combo_group_id int, dish_id int, display_order int);
INSERT INTO staging.menuca_v1_combo_group_dishes VALUES (101, 201, 0), (101, 999, 1), (101, 999, 2), (102, 205, 0), (NULL, 1, 0);
SELECT status, actual, detail, metadata FROM probed() WHERE name = 'direction';
SELECT warnings FROM menuca_fix_combos();

--
-- Id space
--
-- 1 of 20 rows is 5 %, 2 of 21 are too many
INSERT INTO staging.menuca_v1_combos VALUES (101, 202, 101, 0);
INSERT INTO staging.menuca_v1_combos VALUES (102, 204, 101, 0);
SELECT * FROM probed() WHERE name = 'id_space';
INSERT INTO staging.menuca_v1_combos VALUES (103, 205, 101, 0);
SELECT * FROM probed() WHERE name = 'id_space';
CREATE TABLE staging.menuca_v1_ingredients (id int);
INSERT INTO staging.menuca_v1_ingredients VALUES (205), (999);
SELECT actual, metadata FROM probed() WHERE name = 'id_space';
SELECT status, reasons FROM menuca_fix_combos();
SELECT status FROM menuca_fix_combos(dry_run => false);
CALL menuca_fix_combos_batched();
SELECT count(*) AS nothing_written FROM menuca_runs;
SELECT status, reasons FROM menuca_fix_combos(max_cross_restaurant_pct => 9.5);
SELECT status, reasons FROM menuca_fix_combos(max_cross_restaurant_pct => 10);
SELECT menuca_fix_combos(max_cross_restaurant_pct => 101);
SELECT menuca_fix_combos(max_cross_restaurant_pct => 'NaN');
SELECT menuca_fix_combos(max_cross_restaurant_pct => NULL);
SELECT menuca_fix_combos(strict => NULL);

--
-- Orientation
--
SELECT status, actual, remedy, metadata FROM menuca_validate(dish_column => 'group', group_column => 'dish') WHERE name = 'orientation';
SELECT name, status FROM menuca_validate(dish_column => 'group', group_column => 'dish') WHERE name IN ('id_space', 'direction');

--
-- Staged tables that cannot be read: errors say so, and no check passes for it
--
ALTER TABLE staging.menuca_v1_combo_group_dishes RENAME dish_id TO dish;
SELECT menuca_fix_combos();
SELECT name, status, actual FROM probed();
ALTER TABLE staging.menuca_v1_combo_group_dishes RENAME dish TO dish_id;
SET menuca.menu_table = 'menuca_v1_menu, please';
SELECT name, status, actual FROM probed();
RESET menuca.menu_table;
CREATE ROLE regress_prober;
GRANT USAGE ON SCHEMA menuca_v3, staging TO regress_prober;
GRANT SELECT ON ALL TABLES IN SCHEMA menuca_v3 TO regress_prober;
GRANT SELECT ON staging.menuca_v1_combos, menuca_run TO regress_prober;
SET ROLE regress_prober;
SELECT name, status, actual FROM probed();
RESET ROLE;
-- In a schema that one may not even use, there is no table
REVOKE USAGE ON SCHEMA staging FROM regress_prober;
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.combos AS TABLE staging.menuca_v1_combos;
GRANT USAGE ON SCHEMA elsewhere TO regress_prober;
GRANT SELECT ON elsewhere.combos TO regress_prober;
SET ROLE regress_prober;
SELECT name, status, actual FROM menuca_validate('elsewhere.combos') WHERE name IN ('orientation', 'id_space', 'direction');
RESET ROLE;
DROP SCHEMA elsewhere CASCADE;
DROP OWNED BY regress_prober;
DROP ROLE regress_prober;

\set ECHO none
DROP FUNCTION probed;
\i :drop
