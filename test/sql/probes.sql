-- Whether a source means what it is taken for
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set grants :abs_srcdir '/sql/include/grants.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
SELECT environment FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system())) \gset
CREATE FUNCTION probed(target text = 'combo_items', strict boolean = false)
RETURNS TABLE (name text, status text, expected text, actual text, detail text, remedy text, metadata jsonb)
LANGUAGE sql AS $$
	SELECT name, status, expected, actual, detail, remedy, metadata FROM menuca_validate(target => probed.target, strict => probed.strict)
	WHERE name IN ('orientation', 'id_space', 'direction')
$$;
-- What the probes say in the ledger of a run that is undone again
CREATE FUNCTION predicted() RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	found jsonb;
BEGIN
	PERFORM FROM menuca_fix_combos(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100, max_cross_restaurant_pct => 100);
	SELECT figures_before -> 'probes' INTO found FROM menuca_run ORDER BY run_id DESC LIMIT 1;
	RAISE SQLSTATE 'XX999' USING message = found;
EXCEPTION WHEN SQLSTATE 'XX999' THEN
	RETURN SQLERRM;
END
$$;
-- Groups by their dishes: the probes before a run, plain SQL and the validation
-- after it
CREATE FUNCTION agreement() RETURNS TABLE (agrees boolean, predicted jsonb, counted jsonb, validated jsonb)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM menuca_fix_combos(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100, max_cross_restaurant_pct => 100);
	SELECT (figures_before -> 'probes' -> 'groups_by_items') || (figures_before -> 'probes' -> 'groups_by_items_in_source')
	INTO predicted FROM menuca_run ORDER BY run_id DESC LIMIT 1;
	WITH groups (here, n) AS (
		SELECT true, count(DISTINCT dish_id) FROM menuca_v3.combo_items GROUP BY combo_group_id
		UNION ALL
		SELECT false, count(DISTINCT dish) FROM staging.menuca_v1_combos WHERE "group" IS NOT NULL GROUP BY "group"
	)
	SELECT jsonb_agg((SELECT count(*) FROM groups g WHERE g.here = h.here AND least(n, 6) = class) ORDER BY h.here DESC, class)
	INTO counted FROM (VALUES (true), (false)) h (here), generate_series(1, 6) class;
	SELECT jsonb_agg(m[1]::int ORDER BY place) INTO validated
	FROM menuca_validate() v, regexp_matches(v.actual || ' ' || v.expected, ': (\d+)[,;]', 'g') WITH ORDINALITY m (m, place)
	WHERE v.name = 'distribution';
	agrees := predicted = counted AND counted = validated;
	RAISE SQLSTATE 'XX999';
EXCEPTION WHEN SQLSTATE 'XX999' THEN
	RETURN NEXT;
END
$$;
\set ECHO all
SET menuca.details = on;
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;

-- Nothing to judge by: two probes pass, one is skipped
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
-- A warning, not a refusal, unless strict is true
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
SELECT menuca_create_dish_combo_groups(dry_run => false) IS NOT NULL AS created;
ALTER TABLE menuca_v3.dishes ADD is_combo boolean;
UPDATE menuca_v3.dishes SET is_combo = id <= 6;
SELECT * FROM probed('dish_combo_groups') WHERE name = 'direction';
SELECT warnings FROM menuca_fix_combos(target => 'dish_combo_groups', strict => true);
UPDATE menuca_v3.dishes SET is_combo = id <= 5;
SELECT * FROM probed('dish_combo_groups') WHERE name = 'direction';
SELECT status, reasons FROM menuca_fix_combos(target => 'dish_combo_groups', strict => true);
ROLLBACK;

--
-- Items per group: what the rules state, and what groups will have
--
-- Of the nine groups, which will have two items each: three as stated, two
-- more, one fewer; two state no number, one states nothing.  The tenth stays
-- empty.
BEGIN;
UPDATE menuca_v3.combo_groups SET combo_rules = ('{"display_header": "Sides", "item_count": ' || stated || '}')::jsonb
FROM (VALUES (1, '2'), (2, '"2"'), (3, '2.0'), (4, '1'), (5, '0'), (6, '10'), (7, '"many"'), (8, '1e20'), (9, 'null'), (10, '3')) v (g, stated) WHERE id = g;
SET LOCAL client_min_messages = notice;
SELECT status, reasons, warnings FROM menuca_fix_combos(strict => true);
SET LOCAL client_min_messages = warning;
SELECT status, actual FROM menuca_validate() WHERE name = 'item_count';
-- Rules of other shapes state nothing
UPDATE menuca_v3.combo_groups SET combo_rules = v.rules::jsonb
FROM (VALUES (4, '[{"item_count": 2}]'), (5, '"item_count"'), (6, 'null'), (7, '{}'), (8, '{"rules": {"item_count": 2}}'), (9, NULL)) v (g, rules) WHERE id = g;
SELECT predicted() - 'groups_by_items' - 'groups_by_items_in_source' AS predicted;
-- It is part of the warning about the direction
ALTER TABLE menuca_v3.dishes ADD is_combo boolean DEFAULT true;
SELECT warnings FROM menuca_fix_combos();
ROLLBACK;
-- Rules that are text are checked by the validation alone: they may be broken
BEGIN;
ALTER TABLE menuca_v3.combo_groups ALTER combo_rules TYPE text;
UPDATE menuca_v3.combo_groups SET combo_rules = CASE id WHEN 1 THEN '{broken' ELSE '{"item_count": 2}' END;
SELECT status, warnings FROM menuca_fix_combos();
SELECT status, actual FROM menuca_validate() WHERE name = 'item_count';
ALTER TABLE menuca_v3.combo_groups DROP combo_rules;
SELECT status, warnings FROM menuca_fix_combos();
ROLLBACK;
-- So they are when the caller may not read them
BEGIN;
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": 2}';
CREATE ROLE regress_prober;
\set ECHO none
\set role regress_prober
\i :grants
\set ECHO all
GRANT USAGE ON SCHEMA menuca_v3, staging TO regress_prober;
GRANT SELECT ON menuca_v3.combo_items, menuca_v3.dishes, staging.menuca_v1_combos TO regress_prober;
GRANT SELECT (id, restaurant_id, name, legacy_v1_id, legacy_v2_id, source_system) ON menuca_v3.combo_groups TO regress_prober;
GRANT EXECUTE ON FUNCTION menuca_fix_combos TO regress_prober;
SET LOCAL ROLE regress_prober;
SET LOCAL client_min_messages = notice;
SELECT status FROM menuca_fix_combos();
RESET ROLE;
GRANT SELECT (combo_rules) ON menuca_v3.combo_groups TO regress_prober;
SET LOCAL ROLE regress_prober;
SELECT status FROM menuca_fix_combos();
ROLLBACK;

--
-- Distribution
--
-- Five points apart are tolerated: of 20 groups with two dishes one loses one
BEGIN;
INSERT INTO menuca_v3.combo_groups SELECT g, g % 3 + 1, 'Group ' || g, NULL, 100 + g FROM generate_series(11, 21) g;
INSERT INTO staging.menuca_v1_combos
SELECT 1000 + g * 2 + n, 201 + (g + 2) % 3 + 3 * n, 100 + g, n FROM generate_series(11, 21) g, generate_series(0, 1) n;
SELECT agrees FROM agreement();
UPDATE staging.menuca_v1_combos SET dish = 999 WHERE id = 1022;
SELECT predicted() -> 'distribution_points' AS distribution_points, warnings FROM menuca_fix_combos();
UPDATE staging.menuca_v1_combos SET dish = 999 WHERE id = 1024;
SELECT predicted() -> 'distribution_points' AS distribution_points, status, reasons, warnings FROM menuca_fix_combos(strict => true, min_coverage_pct => 90);
SELECT * FROM agreement();
ROLLBACK;
-- Whatever a row is, its dish counts for the source, once for each group
BEGIN;
INSERT INTO staging.menuca_v1_combos VALUES
	(101, 201, 101, 0),				-- repeats the first row
	(102, 201, 101, 3000000000),	-- the same, too great a position
	(103, 207, 101, 3000000000),	-- only with such a position
	(104, 207, 101, 3000000001),
	(105, 202, 101, 0),				-- another restaurant
	(106, 202, 101, 1),
	(107, 999, 102, 0),				-- an unknown dish
	(108, 999, 102, 1),
	(109, 201, 777, 0),				-- an unknown group
	(110, 999, 777, 0),
	(111, 999, 778, 0),
	(112, 201, 0, 0),				-- no ids
	(113, 0, 101, 0),
	(114, -1, -1, 0),
	(115, NULL, 779, 0),
	(116, 201, NULL, 0),
	(117, 5000000000, 101, 0),
	(118, 201, 5000000000, 0);
SELECT * FROM agreement();
-- Groups of the same legacy id, one of which has dishes in another restaurant
INSERT INTO menuca_v3.combo_groups VALUES (31, 1, 'Twin', NULL, 101), (32, 3, 'Triplet', NULL, 101), (33, 2, 'Twin', NULL, 777);
INSERT INTO staging.menuca_v1_combos VALUES (121, 203, 101, 0), (122, 206, 101, 0), (123, 208, 777, 0);
SELECT * FROM agreement();
-- And a dish
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id) VALUES (91, 2, 'Twin', 201), (92, 1, 'Twin', 202);
SELECT * FROM agreement();
-- Items that the source does not know, of groups that it knows, and of others
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (1, 1), (1, 4), (1, 10), (2, 2), (10, 1), (10, 4), (10, 7);
SELECT * FROM agreement();
ROLLBACK;
-- Nothing can be mapped
BEGIN;
DELETE FROM menuca_v3.combo_items;
UPDATE staging.menuca_v1_combos SET "group" = 999;
SELECT status, warnings FROM menuca_fix_combos(min_coverage_pct => 0, max_orphan_pct => 100);
UPDATE staging.menuca_v1_combos SET "group" = NULL;
SELECT status, warnings FROM menuca_fix_combos(min_coverage_pct => 0, max_orphan_pct => 100);
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

-- The lists of dishes that groups offer
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
CALL menuca_fix_combos_batched(dry_run => false);
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
-- Staged tables that cannot be read: errors name them, and no check passes
--
ALTER TABLE staging.menuca_v1_combo_group_dishes RENAME dish_id TO dish;
SELECT menuca_fix_combos();
SELECT name, status, actual FROM probed();
ALTER TABLE staging.menuca_v1_combo_group_dishes RENAME dish TO dish_id;
SET menuca.menu_table = 'menuca_v1_menu, please';
SELECT name, status, actual FROM probed();
RESET menuca.menu_table;
CREATE ROLE regress_prober;
\set ECHO none
\set role regress_prober
\i :grants
\set ECHO all
GRANT USAGE ON SCHEMA menuca_v3, staging TO regress_prober;
GRANT SELECT ON ALL TABLES IN SCHEMA menuca_v3 TO regress_prober;
GRANT SELECT ON staging.menuca_v1_combos TO regress_prober;
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
DROP FUNCTION probed, predicted, agreement;
\i :drop
