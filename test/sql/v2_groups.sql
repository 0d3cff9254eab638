-- The dishes that V2's groups offer: lists in JSON, some of them by step
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set grants :abs_srcdir '/sql/include/grants.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
SELECT environment FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system())) \gset
-- V2's side of the same restaurants: dishes 1 to 12 are its 901 to 912 there,
-- groups 21 to 29 of restaurants 1, 2, 3 in turn its 321 to 329
UPDATE menuca_v3.dishes SET legacy_v2_id = 900 + id;
INSERT INTO menuca_v3.combo_groups
SELECT g, (g - 21) % 3 + 1, 'V2 group ' || g, NULL, NULL, 300 + g, 'v2' FROM generate_series(21, 29) g;
ALTER TABLE menuca_v3.combo_steps ADD suffix varchar(6), ADD step_label varchar(20), ADD source_system varchar(2), ADD uuid uuid NOT NULL, ADD created_at timestamptz NOT NULL DEFAULT now();
CREATE FUNCTION public.state() RETURNS text LANGUAGE plpgsql AS
$$BEGIN RETURN (SELECT count(*) || ' items ' || md5(string_agg(i::text, ',' ORDER BY id)) FROM menuca_v3.combo_items i)
	|| (SELECT ', ' || count(*) || ' steps ' || coalesce(md5(string_agg(s::text, ',' ORDER BY id)), '') FROM menuca_v3.combo_steps s); END$$;
\set ECHO all
SET menuca.details = on;
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;

-- No such table, and none of that kind
SELECT * FROM menuca_plan_v2_groups();
SELECT combo_group_id, legacy_group_id, source_rows, reason, detail FROM menuca_orphans() WHERE combo_group_id IN (10, 21);
CREATE TABLE staging.menuca_v2_restaurants_combo_groups_items (id int, group_id int, item_count int, dishes json, words int);
SELECT * FROM menuca_plan_v2_groups(list_column => 'words');
SELECT * FROM menuca_plan_v2_groups(list_column => 'list');
SELECT * FROM menuca_plan_v2_groups(group_column => 'list');
-- No list at all: no group has a dish
SELECT * FROM menuca_plan_v2_groups();
SELECT combo_group_id, legacy_group_id, source_rows, reason, detail FROM menuca_orphans() WHERE combo_group_id IN (10, 21);

--
-- Every form of a list
--
-- Restaurant 1 has dishes 903, 906, 909, 912 and groups 321, 324, 327; restaurant 2 has 901, 904, 907, 910 and 322, 325, 328
INSERT INTO staging.menuca_v2_restaurants_combo_groups_items (id, group_id, dishes) VALUES
	(1, 321, '["903|0", "906"]'),
	(2, 322, '[901, "904|2|x", "907|"]'),
	(3, 323, '{"1": ["902|0", "905"], "2": ["908"], "10": ["911|large"]}'),
	(4, 324, '{"1": ["903"], "2": "906|1", "3": 909, "4": [], "5": null, "6": "", "7": {}}'),
	(5, 325, '{"1": ["901|0", "904"], "2": ["904|1", "901"], "3": ["901|7", "901|8", "904", "904|9"]}'),
	(6, 326, 'null'),
	(7, 327, '[]'),
	(8, 328, '{}'),
	(9, 329, '""'),
	(10, 329, NULL),
	(11, 321, '[null, "", "909x", "909|0", "-909", " 909", true, ["909"], {"1": "909"}, 99999999999999999999, "99999999999999999999", 909.5, "|0", 0, "+909", "9990000000"]'),
	(12, 324, '{"0": ["912"], "x": ["912", "903"], "-1": "912", "01": ["912|a"], "2147483648": ["912"], " 8": ["912"], "8": {"1": "912"}, "9": ["912", ["903"]]}'),
	(13, 327, '"903"'),
	(14, 327, '903'),
	(15, 327, 'true'),
	(16, 328, '["901", "901|1", "905", "999"]'),
	(17, 999, '["901"]'),
	(18, NULL, '{"1": ["901"]}'),
	(19, 5, '{"1": ["901|0"]}');
SELECT * FROM menuca_plan_v2_groups() ORDER BY legacy_group_id, step_number NULLS FIRST, display_order, legacy_dish_id, suffix;
SELECT count(*) AS rows, count(source_id) AS ids FROM menuca_plan_v2_groups();
-- The same from jsonb and from text
ALTER TABLE staging.menuca_v2_restaurants_combo_groups_items ADD b jsonb, ADD t text, ADD v varchar(500);
UPDATE staging.menuca_v2_restaurants_combo_groups_items SET b = dishes::jsonb, t = dishes::text, v = dishes::text;
UPDATE staging.menuca_v2_restaurants_combo_groups_items SET t = '' WHERE id = 10;
SELECT c, count(*), string_agg((to_jsonb(p) - 'next_step')::text, ',' ORDER BY p::text) = (SELECT string_agg((to_jsonb(p) - 'next_step')::text, ',' ORDER BY p::text) FROM menuca_plan_v2_groups() p) AS the_same,
	max(p.next_step) AS next_step
FROM unnest('{b,t,v}'::text[]) c, menuca_plan_v2_groups(list_column => c) p GROUP BY 1 ORDER BY 1;

--
-- Orphans are explained: by V1's rows where there are some, else by V2's lists
--
SELECT combo_group_id, source_system, legacy_group_id, source_rows, reason, detail FROM menuca_orphans() WHERE combo_group_id >= 9 ORDER BY 1;
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, legacy_v1_id, legacy_v2_id, source_system) VALUES
	(30, 1, 'All dishes missing', NULL, 330, 'v2'),
	(31, 1, 'Dishes of others', NULL, 331, 'v2'),
	(32, 1, 'Ambiguous', NULL, 332, 'v2'),
	(33, 1, 'Invalid', NULL, 333, 'v2'),
	(34, 1, 'Of everything', NULL, 334, 'v2'),
	(35, 1, 'No V2 id', NULL, NULL, 'v2'),
	(36, 1, 'V1 has no row, V2 has', 136, 336, 'v1'),
	(37, 1, 'Neither has', 137, 337, 'v1'),
	(38, 1, 'Of nobody, V2 has a row', NULL, 338, NULL);
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v2_id) VALUES (20, 1, 'Twin', 920), (21, 1, 'Twin', 920);
INSERT INTO staging.menuca_v2_restaurants_combo_groups_items (id, group_id, dishes) VALUES
	(30, 330, '["998", "999"]'), (31, 331, '["901"]'), (32, 332, '["920"]'), (33, 333, '["x"]'), (34, 334, '["998", "901", "920", "x"]'),
	(36, 336, '["903", "999"]'), (38, 338, '["903"]');
SELECT combo_group_id, source_system, legacy_group_id, source_rows, reason, detail FROM menuca_orphans() WHERE combo_group_id >= 30 ORDER BY 1;
SELECT name, status, expected, actual, detail, remedy, metadata FROM menuca_validate() WHERE name IN ('remaining_orphans', 'source_systems', 'orphans_explained');
-- Groups that V1's source has rows for keep their reasons, and other figures do not change
SELECT count(*), count(*) FILTER (WHERE detail LIKE '%V2%') AS by_v2 FROM menuca_orphans() WHERE source_system = 'v1' AND combo_group_id < 10;
SELECT groups, orphans, expected_groups, expected_orphans, by_source_system FROM menuca_orphan_rate();
-- V2's expected groups, when its table is named
SELECT groups, orphans, expected_groups, expected_orphans, by_source_system FROM menuca_orphan_rate('staging.menuca_v2_restaurants_combo_groups_items', group_column => 'group_id');
-- Without V1's source
ALTER TABLE staging.menuca_v1_combos RENAME TO later;
SELECT reason, count(*) FROM menuca_orphans() GROUP BY 1 ORDER BY 1;
ALTER TABLE staging.later RENAME TO menuca_v1_combos;
-- The reason why V2's lists are not used is named
CREATE ROLE regress_menuca_v2;
\set ECHO none
\set role regress_menuca_v2
\i :grants
\set ECHO all
GRANT USAGE ON SCHEMA menuca_v3, staging TO regress_menuca_v2;
GRANT SELECT ON ALL TABLES IN SCHEMA menuca_v3 TO regress_menuca_v2;
GRANT SELECT ON staging.menuca_v1_combos TO regress_menuca_v2;
SET ROLE regress_menuca_v2;
SELECT source_rows, reason, detail FROM menuca_orphans() WHERE combo_group_id = 21;
RESET ROLE;
BEGIN;
ALTER TABLE staging.menuca_v2_restaurants_combo_groups_items RENAME dishes TO offers;
SELECT source_rows, reason, detail FROM menuca_orphans() WHERE combo_group_id = 21;
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.dishes DROP legacy_v2_id;
SELECT source_rows, reason, detail FROM menuca_orphans() WHERE combo_group_id = 21;
SELECT * FROM menuca_plan_v2_groups();
ROLLBACK;
BEGIN;
SELECT menuca_create_dish_combo_groups(dry_run => false) IS NOT NULL AS created;
SELECT source_rows, reason, detail FROM menuca_orphans(target => 'dish_combo_groups') WHERE combo_group_id = 21;
ROLLBACK;
DELETE FROM staging.menuca_v2_restaurants_combo_groups_items WHERE id >= 30;
DELETE FROM menuca_v3.combo_groups WHERE id >= 30;
DELETE FROM menuca_v3.dishes WHERE id >= 20;

--
-- The same gates
--
SELECT status, reasons FROM menuca_fix_v2_groups();
SELECT menuca_fix_v2_groups(dry_run => false);
SELECT menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100, max_cross_restaurant_pct => 0);
-- A dry run writes nothing, and works in a read-only transaction
SET client_min_messages = notice;
SELECT public.state() AS before \gset
BEGIN READ ONLY;
SELECT status, (figures ->> 'source_rows')::bigint AS source_rows, insert, (figures ->> 'already_present')::bigint AS already_present, (figures ->> 'duplicate')::bigint AS duplicate, (figures ->> 'unmapped_group')::bigint AS unmapped_group, (figures ->> 'unmapped_dish')::bigint AS unmapped_dish, (figures ->> 'cross_restaurant')::bigint AS cross_restaurant, (figures ->> 'invalid')::bigint AS invalid, inserted, (figures ->> 'items_before')::bigint AS items_before, (figures ->> 'items_after')::bigint AS items_after, (figures ->> 'expected_orphan_pct_after')::numeric AS expected_orphan_pct_after, warnings
FROM menuca_fix_v2_groups(min_coverage_pct => 0, max_orphan_pct => 100);
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_xid;
COMMIT;
SELECT public.state() = :'before' AS untouched, (SELECT count(*) FROM menuca_run) AS runs;

--
-- And the fix: items, then their steps
--
SELECT status, inserted, (figures ->> 'items_before')::bigint AS items_before, (figures ->> 'items_after')::bigint AS items_after, (figures ->> 'expected_orphan_pct_after')::numeric AS expected_orphan_pct_after, warnings
FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100, batch_size => 4);
SELECT i.combo_group_id, i.dish_id, i.display_order, i.source_system, i.source_id, s.step_number, s.suffix, s.step_label, s.source_system AS of, s.uuid IS NOT NULL AS uuid, s.created_at IS NOT NULL AS dated
FROM menuca_v3.combo_items i LEFT JOIN menuca_v3.combo_steps s ON s.combo_item_id = i.id ORDER BY 1, 2, 6;
SELECT run_id, part_of, kind, target, source, mode, status, inserted, batches, items_before, items_after, outcomes FROM menuca_runs ORDER BY 1;
SELECT section, name, value FROM menuca_run_details((SELECT min(run_id) FROM menuca_runs)) WHERE section IN ('parts', 'warnings');
SELECT combo_group_id, source_system, legacy_group_id, source_rows, reason, detail FROM menuca_orphans() WHERE combo_group_id >= 10 ORDER BY 1;
SELECT name, status, actual, detail FROM menuca_validate() WHERE name IN ('ledger', 'references', 'duplicate_pairs', 'cross_restaurant', 'recent_items', 'source_systems', 'orphans_explained');
-- Again: nothing to do, and the same warning about sizes
SELECT status, inserted, (figures ->> 'already_present')::bigint AS already_present, (figures ->> 'duplicate')::bigint AS duplicate, warnings FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);
SELECT run_id, part_of, inserted FROM menuca_runs ORDER BY 1;

--
-- Rolling back: the steps with their items
--
BEGIN READ ONLY;
SELECT status, (figures ->> 'inserted')::bigint AS inserted, deleted, dependants, (figures ->> 'items_after')::bigint AS items_after, reasons FROM menuca_rollback(1);
COMMIT;
-- A step that somebody changed, one that somebody added, and what refers to one
UPDATE menuca_v3.combo_steps SET step_label = 'Sides' WHERE id = 2;
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number, uuid) SELECT min(combo_item_id), 99, gen_random_uuid() FROM menuca_v3.combo_steps;
CREATE TABLE menuca_v3.notes (step bigint REFERENCES menuca_v3.combo_steps);
INSERT INTO menuca_v3.notes VALUES (3);
SELECT status, changed, dependants, reasons FROM menuca_rollback(1);
SELECT menuca_rollback(1, dry_run => false);
DELETE FROM menuca_v3.notes;
SELECT menuca_rollback(1, dry_run => false);
SELECT count(*) AS items, (SELECT count(*) FROM menuca_v3.combo_steps) AS steps, (SELECT string_agg(status, ',' ORDER BY run_id) FROM menuca_runs) AS runs FROM menuca_v3.combo_items;
-- Forced, in a transaction that is undone itself
BEGIN;
SELECT status, deleted, dependants, state_restored FROM menuca_rollback(1, dry_run => false, force => true);
SELECT count(*) AS steps FROM menuca_v3.combo_steps;
ROLLBACK;
UPDATE menuca_v3.combo_steps SET step_label = NULL WHERE id = 2;
DELETE FROM menuca_v3.combo_steps WHERE step_number = 99;
DROP TABLE menuca_v3.notes;
SELECT status, (figures ->> 'inserted')::bigint AS inserted, deleted, dependants, (figures ->> 'items_after')::bigint AS items_after, state_restored, reasons FROM menuca_rollback(1, dry_run => false);
SELECT public.state() = :'before' AS state_is_back;
SELECT run_id, status, rolled_back_at IS NOT NULL AS dated FROM menuca_runs ORDER BY 1;
SELECT menuca_rollback(2, dry_run => false);

--
-- Existing items keep their steps, or get some
--
SET client_min_messages = warning;
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id) VALUES (501, 23, 2), (502, 23, 5), (503, 23, 5), (504, 24, 3);
INSERT INTO menuca_v3.combo_steps (id, combo_item_id, step_number, uuid) VALUES (601, 501, 7, gen_random_uuid());
SELECT public.state() AS with_others \gset
SET client_min_messages = notice;
\set VERBOSITY terse
SELECT status, inserted, (figures ->> 'already_present')::bigint AS already_present FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);
SELECT combo_item_id, step_number, suffix FROM menuca_v3.combo_steps WHERE combo_item_id BETWEEN 501 AND 504 ORDER BY 1, 2;
-- A run writes again what is missing, and then nothing
DELETE FROM menuca_v3.combo_steps WHERE combo_item_id = 502;
DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 23 AND dish_id = 8;
SELECT status, inserted FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);
SELECT status, inserted FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);
SELECT run_id, part_of, kind, inserted FROM menuca_runs WHERE run_id > 3 ORDER BY 1;
-- A run of steps alone, and its rollback; the parts can be rolled back alone, too
DELETE FROM menuca_v3.combo_steps WHERE combo_item_id = 504;
SELECT run_id AS steps_only, inserted FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100) \gset
SELECT status, deleted, state_restored FROM menuca_rollback(:steps_only, dry_run => false);
SELECT deleted, state_restored FROM menuca_rollback(7, dry_run => false);
SELECT status, deleted, dependants, state_restored FROM menuca_rollback(6, dry_run => false);
SELECT status, deleted, (figures ->> 'already_gone')::bigint AS already_gone, dependants, state_restored FROM menuca_rollback(4, dry_run => false);
SELECT public.state() = :'with_others' AS state_is_back;
DELETE FROM menuca_v3.combo_items WHERE id > 500;

--
-- Tables without a column for steps or sizes
--
SET client_min_messages = warning;
\set VERBOSITY default
\set fix 'SELECT status, inserted, warnings FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);'
-- A column that is too short, of another type, or missing
BEGIN;
ALTER TABLE menuca_v3.combo_steps ALTER suffix TYPE varchar(4);
:fix
SELECT step_number, suffix FROM menuca_v3.combo_steps ORDER BY id;
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.combo_steps ALTER suffix TYPE int USING NULL;
:fix
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.combo_steps DROP suffix, DROP source_system, DROP uuid;
:fix
SELECT count(*) FROM menuca_v3.combo_steps;
ROLLBACK;
-- Steps that the column cannot hold are invalid; a key without a default; another name for its column
BEGIN;
ALTER TABLE menuca_v3.combo_steps ALTER step_number TYPE smallint, ALTER id DROP IDENTITY;
ALTER TABLE menuca_v3.combo_steps RENAME combo_item_id TO item;
UPDATE staging.menuca_v2_restaurants_combo_groups_items SET dishes = '{"32767": ["902"], "32768": ["905"]}' WHERE id = 3;
SELECT legacy_dish_id, step_number, outcome FROM menuca_plan_v2_groups() WHERE legacy_group_id = 323;
:fix
SELECT min(id), max(id), count(*), max(step_number) FROM menuca_v3.combo_steps;
ROLLBACK;
-- A table without a key, and none; a view is none
BEGIN;
ALTER TABLE menuca_v3.combo_steps DROP id;
:fix
ROLLBACK;
BEGIN;
DROP TABLE menuca_v3.combo_steps;
:fix
SELECT run_id IS NOT NULL AS main, part_of FROM menuca_runs WHERE status = 'completed' ORDER BY run_id DESC LIMIT 1;
CREATE VIEW menuca_v3.combo_steps AS SELECT 1 AS combo_item_id;
:fix
ROLLBACK;
-- A trigger that interferes with the steps undoes all of it
CREATE FUNCTION public.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER swallow BEFORE INSERT ON menuca_v3.combo_steps FOR EACH ROW EXECUTE FUNCTION public.swallow();
:fix
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER swallow ON menuca_v3.combo_steps;
CREATE FUNCTION public.add_step() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number, uuid) SELECT NEW.combo_item_id, 100, gen_random_uuid() WHERE NEW.step_number = 10; RETURN NEW; END';
CREATE TRIGGER add_step AFTER INSERT ON menuca_v3.combo_steps FOR EACH ROW EXECUTE FUNCTION public.add_step();
:fix
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER add_step ON menuca_v3.combo_steps;
SELECT public.state() = :'before' AS untouched;
-- The steps' table is dropped: the items can still be rolled back
BEGIN;
SELECT run_id FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100) \gset
DROP TABLE menuca_v3.combo_steps;
SET LOCAL client_min_messages = notice;
SELECT status, deleted, state_restored FROM menuca_rollback(:run_id, dry_run => false);
ROLLBACK;

-- Into the other table, which has no steps; a direction that only the dishes know
SELECT menuca_create_dish_combo_groups(dry_run => false) IS NOT NULL AS created;
ALTER TABLE menuca_v3.dishes ADD is_combo boolean NOT NULL DEFAULT false;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v2_id, is_combo) VALUES (90, 1, 'Combo', 990, true);
CREATE TABLE staging.menuca_v1_menu AS SELECT g AS id, 'Y' AS "isCombo" FROM generate_series(901, 912) g;
CREATE TABLE staging.menuca_v1_ingredients AS SELECT 905 AS id;
SELECT status, inserted, warnings FROM menuca_fix_v2_groups(dry_run => false, target => 'dish_combo_groups', lock => 'access_exclusive', min_coverage_pct => 0, max_orphan_pct => 100);
SELECT status, reasons FROM menuca_fix_v2_groups(min_coverage_pct => 0, max_orphan_pct => 100, max_cross_restaurant_pct => 0, strict => true);

--
-- Rights
--
GRANT EXECUTE ON FUNCTION menuca_rollback TO regress_menuca_v2;
REVOKE SELECT ON menuca_v3.combo_steps FROM regress_menuca_v2;
SET ROLE regress_menuca_v2;
SELECT menuca_fix_v2_groups();
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_fix_v2_groups TO regress_menuca_v2;
SET ROLE regress_menuca_v2;
SELECT count(*) FROM menuca_plan_v2_groups();
RESET ROLE;
GRANT SELECT ON staging.menuca_v2_restaurants_combo_groups_items TO regress_menuca_v2;
SET ROLE regress_menuca_v2;
SELECT count(*) FROM menuca_plan_v2_groups();
SELECT status FROM menuca_fix_v2_groups(min_coverage_pct => 0, max_orphan_pct => 100);
RESET ROLE;
GRANT SELECT ON menuca_v3.combo_steps TO regress_menuca_v2;
GRANT SELECT, INSERT, DELETE ON menuca_v3.combo_items TO regress_menuca_v2;
SET ROLE regress_menuca_v2;
SELECT status FROM menuca_fix_v2_groups(min_coverage_pct => 0, max_orphan_pct => 100);
:fix
RESET ROLE;
SELECT public.state() = :'before' AS untouched;
GRANT INSERT ON menuca_v3.combo_steps TO regress_menuca_v2;
SET client_min_messages = error;
SET ROLE regress_menuca_v2;
SELECT run_id, status, inserted FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100) \gset
SELECT menuca_rollback(:run_id, dry_run => false);
RESET ROLE;
GRANT DELETE ON menuca_v3.combo_steps TO regress_menuca_v2;
SET ROLE regress_menuca_v2;
SELECT status, deleted, state_restored FROM menuca_rollback(:run_id, dry_run => false);
RESET ROLE;
SET client_min_messages = warning;
SELECT public.state() = :'before' AS state_is_back;

--
-- A list that is no JSON is named; nothing is planned or written
--
UPDATE staging.menuca_v2_restaurants_combo_groups_items SET t = '["901", "904"' WHERE id = 5;
SELECT count(*) FROM menuca_plan_v2_groups(list_column => 't');
SELECT menuca_fix_v2_groups(dry_run => false, list_column => 't', min_coverage_pct => 0, max_orphan_pct => 100);
UPDATE staging.menuca_v2_restaurants_combo_groups_items SET group_id = NULL WHERE id = 5;
SELECT count(*) FROM menuca_plan_v2_groups(list_column => 't');
SELECT public.state() = :'before' AS untouched;
-- What reads V2's lists about orphans raises the error, too: one check of the validation does
BEGIN;
ALTER TABLE staging.menuca_v2_restaurants_combo_groups_items DROP dishes;
ALTER TABLE staging.menuca_v2_restaurants_combo_groups_items RENAME t TO dishes;
SELECT name, status, actual, remedy FROM menuca_validate() WHERE status = 'ERROR';
SELECT count(*) FROM menuca_orphans();
ROLLBACK;

-- Several rows of a group; the same dish and step in two of them
BEGIN;
TRUNCATE staging.menuca_v2_restaurants_combo_groups_items;
INSERT INTO staging.menuca_v2_restaurants_combo_groups_items (id, group_id, dishes) VALUES (1, 321, '{"1": ["903|0"]}'), (2, 321, '{"1": ["903|1", "906"], "2": ["903"]}'), (3, 321, '["909|0", "903|2"]');
SELECT legacy_dish_id, display_order, outcome, step_number, suffix FROM menuca_plan_v2_groups() ORDER BY 1, 4, 5;
SELECT status, inserted, warnings FROM menuca_fix_v2_groups(dry_run => false, max_orphan_pct => 100);
SELECT i.dish_id, i.display_order, s.step_number, s.suffix FROM menuca_v3.combo_items i LEFT JOIN menuca_v3.combo_steps s ON s.combo_item_id = i.id WHERE i.combo_group_id = 21 ORDER BY 1, 3;
ROLLBACK;

-- Loaded from V2's dump, escapes and all; by the setting, and by names of columns
SELECT rows_loaded FROM menuca_load_dump(E'CREATE TABLE `restaurants_combo_groups_items` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `group_id` int DEFAULT NULL,\n  `item_count` int DEFAULT NULL,\n  `dishes` json DEFAULT NULL COMMENT \'dishes to choose from, if any\',\n  `enabled` enum(\'y\',\'n\') DEFAULT \'y\',\n  PRIMARY KEY (`id`)\n);\n'
	|| E'INSERT INTO `restaurants_combo_groups_items` VALUES (1,321,1,\'[\\"903|0\\", \\"906|12\\\\\\"\\"]\',\'y\'),(2,323,2,\'{\\"1\\": [\\"902|0\\", \\"905\\"], \\"2\\": [\\"908\\"]}\',\'y\'),(3,322,0,NULL,\'n\');\n-- Dump completed\n',
	'restaurants_combo_groups_items', 'staging.loaded');
SELECT * FROM menuca_plan_v2_groups('staging.loaded');
SET menuca.v2_group_items_table = 'staging.loaded';
ALTER TABLE staging.loaded RENAME dishes TO "the List";
ALTER TABLE staging.loaded RENAME group_id TO "group";
SELECT legacy_group_id, count(*), count(step_number) AS steps FROM menuca_plan_v2_groups(list_column => 'the List', group_column => 'group') GROUP BY 1 ORDER BY 1;
SELECT status, insert FROM menuca_fix_v2_groups(list_column => 'the List', group_column => 'group', max_orphan_pct => 100);
SET menuca.v2_group_items_table = 'nowhere.at_all';
SELECT * FROM menuca_plan_v2_groups();
SELECT detail FROM menuca_orphans() WHERE combo_group_id = 21;
RESET menuca.v2_group_items_table;

\set ECHO none
DROP FUNCTION public.state(), public.swallow(), public.add_step();
\i :drop
DROP OWNED BY regress_menuca_v2;
DROP ROLE regress_menuca_v2;
