-- The dishes that V1's groups offer: lists in PHP's format
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
SELECT environment FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system())) \gset
\set ECHO all
SET menuca.details = on;
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;

-- No such table, and none of that kind
SELECT * FROM menuca_plan_group_dishes();
CREATE TABLE staging.menuca_v1_combo_groups (id int, dish bytea, words text);
SELECT * FROM menuca_plan_group_dishes(list_column => 'words');
SELECT * FROM menuca_plan_group_dishes(list_column => 'list');
SELECT * FROM menuca_plan_group_dishes(group_column => 'list');
-- No list at all
SELECT * FROM menuca_plan_group_dishes();

--
-- Every form of a list
--
-- Restaurant 2 has dishes 201, 204, 207, 210 and groups 101, 104, 107
INSERT INTO staging.menuca_v1_combo_groups VALUES
	(101, 'a:2:{i:0;i:201;i:1;i:204;}', 'integers; the first is there'),
	(102, 'a:2:{i:0;s:3:"205";i:1;s:5:"208.7";}', 'strings, one with a position'),
	(103, 'a:2:{i:4;i:203;i:2;i:206;}', 'keys that are positions'),
	(104, 'a:2:{s:1:"x";s:3:"207";i:5;d:210;}', 'a key that is no integer; a double'),
	(105, 'a:3:{i:0;i:202;i:1;s:3:"202";i:2;i:202;}', 'the same dish thrice'),
	(106, 'N;', 'null'),
	(107, 'a:0:{}', 'empty'),
	(108, '', 'no byte'),
	(109, NULL, 'none'),
	(101, 'a:10:{i:0;N;i:1;s:0:"";i:2;s:4:"210x";i:3;s:5:"210.x";i:4;s:4:"-210";i:5;b:1;i:6;a:1:{i:0;i:210;}i:7;s:4:" 210";i:8;s:20:"99999999999999999999";i:9;d:210.5;}', 'what is no dish; null is nothing'),
	(104, 'a:2:{i:0;i:202;i:1;i:999;}', 'another restaurant''s, nobody''s'),
	(107, 'i:207;', 'a dish, but no list'),
	(999, 'a:1:{i:0;i:201;}', 'no such group'),
	(NULL, 'a:1:{i:0;i:201;}', 'no group');
SELECT legacy_group_id, legacy_dish_id, display_order, combo_group_id, dish_id, outcome, source_id IS NULL AS no_id FROM menuca_plan_group_dishes() ORDER BY 1, 3, 2, 6;
SELECT status, (figures ->> 'source_rows')::bigint AS source_rows, insert, (figures ->> 'already_present')::bigint AS already_present, (figures ->> 'duplicate')::bigint AS duplicate, (figures ->> 'unmapped_group')::bigint AS unmapped_group, (figures ->> 'unmapped_dish')::bigint AS unmapped_dish, (figures ->> 'cross_restaurant')::bigint AS cross_restaurant, (figures ->> 'invalid')::bigint AS invalid, warnings
FROM menuca_fix_group_dishes(min_coverage_pct => 0, max_orphan_pct => 100);
SELECT status, reasons FROM menuca_fix_group_dishes();
SELECT menuca_fix_group_dishes(dry_run => false);

--
-- The same gates, ledger and rollback
--
SELECT status, inserted, (figures ->> 'items_before')::bigint AS items_before, (figures ->> 'items_after')::bigint AS items_after FROM menuca_fix_group_dishes(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100, batch_size => 3, max_cross_restaurant_pct => 6);
SELECT combo_group_id, dish_id, display_order, source_system, source_id FROM menuca_v3.combo_items ORDER BY 1, 2;
SELECT run_id, kind, source, status, inserted, parameters ->> 'group_column' AS group_column, parameters ->> 'list_column' AS list_column FROM menuca_runs;
SELECT status, inserted, (figures ->> 'already_present')::bigint AS already_present FROM menuca_fix_group_dishes(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100, max_cross_restaurant_pct => 6);
SELECT name, status, actual FROM menuca_validate() WHERE name IN ('ledger', 'references', 'duplicate_pairs', 'cross_restaurant', 'recent_items');
SELECT deleted, (figures ->> 'items_after')::bigint AS items_after, state_restored FROM menuca_rollback(1, dry_run => false);
-- Into the other table, by a run that may lock out readers
SELECT menuca_create_dish_combo_groups(dry_run => false) IS NOT NULL AS created;
SELECT status, inserted FROM menuca_fix_group_dishes(dry_run => false, target => 'dish_combo_groups', lock => 'access_exclusive', min_coverage_pct => 0, max_orphan_pct => 100, max_cross_restaurant_pct => 6);

-- The dishes that groups offer are no combo products: here the direction is right
ALTER TABLE menuca_v3.dishes ADD is_combo boolean NOT NULL DEFAULT false;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id, is_combo) VALUES (90, 1, 'Combo', 290, true);
SELECT warnings FROM menuca_fix_group_dishes(strict => true);
SELECT warnings FROM menuca_fix_group_dishes(target => 'dish_combo_groups');

--
-- A list that cannot be read is named; nothing is planned or written
--
INSERT INTO staging.menuca_v1_combo_groups VALUES (103, 'a:2:{i:0;i:206;', 'cut');
SELECT count(*) FROM menuca_plan_group_dishes();
SELECT menuca_fix_group_dishes(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);
UPDATE staging.menuca_v1_combo_groups SET dish = 'O:1:"A":0:{}' WHERE words = 'cut';
SELECT count(*) FROM menuca_plan_group_dishes();
SELECT count(*) FROM menuca_v3.combo_items;

-- Loaded from V1's dump, as bytes
SELECT rows_loaded FROM menuca_load_dump(E'CREATE TABLE `combo_groups` (\n  `id` int unsigned NOT NULL,\n  `dish` blob,\n  `lang` varchar(2)\n);\n'
	|| E'INSERT INTO `combo_groups` VALUES (101,_binary \'a:2:{i:0;i:201;i:1;s:5:\\"204.3\\";}\',\'en\'),(104,0x613A313A7B693A303B693A3230373B7D,\'en\'),(105,NULL,\'fr\');\n-- Dump completed\n',
	'combo_groups', 'staging.loaded');
SELECT legacy_group_id, legacy_dish_id, display_order, outcome FROM menuca_plan_group_dishes('staging.loaded');
-- By the setting, and by names of columns
SET menuca.combo_groups_table = 'staging.loaded';
ALTER TABLE staging.loaded RENAME dish TO "the List";
SELECT count(*) FROM menuca_plan_group_dishes(list_column => 'the List');
SELECT status, insert FROM menuca_fix_group_dishes(list_column => 'the List', min_coverage_pct => 0, max_orphan_pct => 100);
RESET menuca.combo_groups_table;

\set ECHO none
\i :drop
