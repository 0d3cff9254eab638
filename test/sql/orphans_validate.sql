-- Orphans with their reasons, validation, samples: all of it only reads
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET client_min_messages = warning;

--
-- Both rates, with numerator and denominator
--
ALTER TABLE staging.menuca_v1_combos RENAME TO later;
\x on
SELECT * FROM menuca_orphan_rate();
ALTER TABLE staging.later RENAME TO menuca_v1_combos;
SELECT * FROM menuca_orphan_rate();
\x off
-- What the tickets' LEFT JOIN counts is items and orphans together
SELECT items + orphans AS identity, (SELECT count(*) FROM menuca_v3.combo_groups g LEFT JOIN menuca_v3.combo_items i ON i.combo_group_id = g.id) AS left_join
FROM menuca_orphan_rate();
BEGIN READ ONLY;
SELECT orphans, expected_orphans FROM menuca_orphan_rate('staging.menuca_v1_combos', group_column => 'group');
COMMIT;

-- The bands: below 1, 5 and 20 %
CREATE SCHEMA bands;
CREATE TABLE bands.combo_groups (id int PRIMARY KEY, restaurant_id int, legacy_v1_id int);
CREATE TABLE bands.dishes (id int PRIMARY KEY, restaurant_id int, legacy_v1_id int);
CREATE TABLE bands.combo_items (id int PRIMARY KEY, combo_group_id int, dish_id int);
SET menuca.target_schema = 'bands';
SELECT groups, orphans, orphan_pct, band, expected_groups, expected_orphan_pct, expected_band, items, by_source_system FROM menuca_orphan_rate();
INSERT INTO bands.dishes VALUES (1, 1, 1);
INSERT INTO bands.combo_groups SELECT g, 1, g FROM generate_series(1, 1000) g;
INSERT INTO bands.combo_items SELECT g, g, 1 FROM generate_series(1, 1000) g;
CREATE FUNCTION orphaned(n int) RETURNS TABLE (orphans bigint, orphan_pct numeric, band text) LANGUAGE sql VOLATILE AS $$
	DELETE FROM bands.combo_items WHERE id <= n;
	SELECT orphans, orphan_pct, band FROM menuca_orphan_rate();
$$;
SELECT r.* FROM unnest('{0, 9, 10, 49, 50, 199, 200, 1000}'::int[]) n, orphaned(n) r;
RESET menuca.target_schema;
DROP FUNCTION orphaned(int);
DROP SCHEMA bands CASCADE;

--
-- Every orphan with its reason
--
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id) VALUES (20, 1, 'Twin', 220), (21, 1, 'Twin', 220);
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, legacy_v1_id, source_system) VALUES
	(20, 1, 'All dishes missing', 120, 'v1'),
	(21, 1, 'Dishes of others', 121, 'v1'),
	(22, 1, 'Ambiguous', 122, 'v1'),
	(23, 1, 'Invalid', 123, 'v1'),
	(24, 1, 'Of everything', 124, 'v1'),
	(25, 1, 'Nothing in V1', 125, 'v1'),
	(26, 1, 'No legacy id', NULL, 'v1'),
	(27, 1, 'Of V2, and V1 knows it', 127, 'v2'),
	(28, 1, 'Of neither', 128, NULL),
	(29, 1, 'Half of it can be mapped', 129, 'v1');
INSERT INTO staging.menuca_v1_combos VALUES
	(20, 900, 120, 0), (21, 901, 120, 0),
	(22, 201, 121, 0),
	(23, 220, 122, 0),
	(24, NULL, 123, 0),
	(25, 900, 124, 0), (26, 901, 124, 0), (27, 201, 124, 0), (28, 220, 124, 0), (29, -1, 124, 0),
	(30, 900, 127, 0),
	(31, 203, 129, 0), (32, 900, 129, 0);
SELECT * FROM menuca_orphans() WHERE combo_group_id NOT BETWEEN 3 AND 8 ORDER BY 1;
SELECT reason, count(*), sum(source_rows) AS source_rows FROM menuca_orphans() GROUP BY 1 ORDER BY 1;
SELECT count(*) = (SELECT orphans FROM menuca_orphan_rate()) AS as_many_as_the_rate_says FROM menuca_orphans();
ALTER TABLE staging.menuca_v1_combos RENAME TO later;
SELECT combo_group_id, source_rows, reason, detail FROM menuca_orphans() WHERE combo_group_id IN (10, 20, 26) ORDER BY 1;
ALTER TABLE staging.later RENAME TO menuca_v1_combos;
DELETE FROM menuca_v3.combo_groups WHERE id >= 20;
DELETE FROM menuca_v3.dishes WHERE id >= 20;
DELETE FROM staging.menuca_v1_combos WHERE id >= 20;

--
-- Validation, before the fix
--
\pset format unaligned
SELECT check_no, name, status, expected, actual, detail, remedy FROM menuca_validate();
-- And after it
SELECT status, inserted FROM menuca_fix_combos(dry_run => false);
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": 2}' WHERE id < 5;
DELETE FROM menuca_v3.combo_groups WHERE id = 10;
UPDATE menuca_v3.combo_items SET created_at = now() - interval '2 days' WHERE id = 1;
BEGIN READ ONLY;
SELECT check_no, name, title, status, expected, actual, detail, remedy FROM menuca_validate();
COMMIT;
SELECT check_no, name, metadata - 'to_accept' AS metadata FROM menuca_validate();

--
-- Each check in its other states
--
CREATE FUNCTION checked(VARIADIC names text[]) RETURNS TABLE (name text, status text, expected text, actual text, detail text, remedy text)
LANGUAGE sql AS $$
	SELECT name, status, expected, actual, detail, remedy FROM menuca_validate() WHERE name = ANY (names)
$$;

-- References, duplicates, dishes of other restaurants, positions
BEGIN;
ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_dish_id_fkey, DROP CONSTRAINT combo_items_combo_group_id_fkey,
	ALTER dish_id DROP NOT NULL, ALTER combo_group_id DROP NOT NULL, ALTER display_order DROP NOT NULL;
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id, display_order) VALUES
	(101, NULL, 1, 0), (102, 1, NULL, 0), (103, 99, 1, 0), (104, 1, 99, 0), (105, 1, 98, 0),
	(106, 1, 1, 0), (107, 1, 1, 0),
	(108, 1, 2, NULL), (109, 1, 3, -1), (110, 2, 3, -7);
SELECT * FROM checked('references', 'duplicate_pairs', 'cross_restaurant', 'display_order', 'fullest_groups', 'recent_items', 'ledger', 'summary');
SELECT name, metadata - 'to_accept' AS metadata FROM menuca_validate() WHERE name IN ('references', 'duplicate_pairs', 'cross_restaurant', 'display_order', 'fullest_groups', 'recent_items', 'ledger') ORDER BY check_no;
-- One of each reads well, too
DELETE FROM menuca_v3.combo_items WHERE id > 100 AND id NOT IN (106, 109);
SELECT * FROM checked('duplicate_pairs', 'cross_restaurant', 'display_order');
ROLLBACK;

-- More dishes in use than there are
BEGIN;
ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_dish_id_fkey;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (1, 99), (1, 98);
SELECT * FROM checked('dish_usage');
ROLLBACK;

-- item_count, distribution, orphans of V1, restaurants
BEGIN;
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": 3}' WHERE id IN (1, 2);
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": "9"}' WHERE id = 3;
SELECT * FROM checked('item_count');
DELETE FROM menuca_v3.combo_items WHERE combo_group_id IN (2, 5, 8);
DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 4 AND dish_id = 4;
SELECT * FROM checked('orphan_rate', 'distribution', 'remaining_orphans', 'source_systems', 'restaurants', 'orphans_explained', 'ledger', 'overall_counts');
ROLLBACK;
-- Bands in between: 1 of 9
BEGIN;
DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 2;
SELECT * FROM checked('orphan_rate', 'remaining_orphans', 'source_systems', 'restaurants');
ROLLBACK;
-- A few left is a pass of the band, but not of the expected groups
BEGIN;
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, legacy_v1_id) SELECT g, 1, 'Group ' || g, g FROM generate_series(1001, 1100) g;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT g, 3 FROM generate_series(1001, 1099) g;
INSERT INTO staging.menuca_v1_combos SELECT g, 203, g, 0 FROM generate_series(1001, 1099) g;
INSERT INTO staging.menuca_v1_combos VALUES (1100, 900, 1100, 0);
SELECT * FROM checked('orphan_rate', 'remaining_orphans', 'source_systems', 'orphans_explained', 'distribution', 'recent_items', 'ledger');
ROLLBACK;
-- More restaurants than there are
BEGIN;
ALTER TABLE menuca_v3.combo_groups DROP CONSTRAINT combo_groups_restaurant_id_fkey;
ALTER TABLE menuca_v3.dishes DROP CONSTRAINT dishes_restaurant_id_fkey;
DELETE FROM menuca_v3.restaurants WHERE id > 1;
SELECT * FROM checked('restaurants');
ROLLBACK;

-- Dishes: inactive, nameless, of another restaurant since
BEGIN;
UPDATE menuca_v3.dishes SET is_active = false WHERE id = 4;
UPDATE menuca_v3.dishes SET name = ' ' WHERE id = 5;
UPDATE menuca_v3.dishes SET restaurant_id = 3 WHERE id = 6;
SELECT * FROM checked('inactive_dishes', 'fullest_groups', 'cross_restaurant');
ROLLBACK;

-- The ledger: others changed, deleted and added rows; and wrote to it
BEGIN;
UPDATE menuca_v3.combo_items SET quantity = 2 WHERE id = 5;
DELETE FROM menuca_v3.combo_items WHERE id IN (1, 6);
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (1, 7);
SELECT * FROM checked('ledger', 'recent_items');
ROLLBACK;
BEGIN;
UPDATE menuca_run SET inserted = 99;
SELECT * FROM checked('ledger');
UPDATE menuca_run SET inserted = 17, status = 'rolled_back';
SELECT * FROM checked('ledger', 'recent_items');
ROLLBACK;
-- A ledger that is damaged
BEGIN;
UPDATE menuca_run_batch SET row_hashes = 'x';
SELECT name, status, actual FROM checked('ledger', 'references', 'summary');
ROLLBACK;

-- Runs that the ledger lacks, and a ledger without any
BEGIN;
DELETE FROM menuca_run;
SELECT * FROM checked('ledger');
DELETE FROM menuca_run_batch;
DELETE FROM menuca_run_baseline;
SELECT * FROM checked('ledger');
ROLLBACK;
-- Several runs: a later one, and one that is rolled back
BEGIN;
DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 9;
SELECT status, inserted FROM menuca_fix_combos(dry_run => false);
-- deleted before the second run, which has put them back; changed since the first one
SELECT * FROM checked('ledger');
UPDATE menuca_v3.combo_items SET quantity = 5 WHERE id = 8;
SELECT name, status, actual, detail FROM checked('ledger');
ROLLBACK;
BEGIN;
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, legacy_v1_id) VALUES (30, 1, 'Late', 130);
INSERT INTO staging.menuca_v1_combos VALUES (30, 203, 130, 0);
SELECT status, inserted FROM menuca_fix_combos(dry_run => false);
SELECT deleted FROM menuca_rollback(1, dry_run => false);
SELECT name, status, actual, detail FROM checked('ledger');
ROLLBACK;

--
-- Restaurants without a menu that the source names, though nothing has counted them
--
BEGIN;
ALTER TABLE menuca_v3.restaurants ADD is_active boolean DEFAULT true;
UPDATE menuca_v3.dishes SET is_active = false WHERE restaurant_id = 2;
DELETE FROM menuca_v3.dishes WHERE restaurant_id = 3;
INSERT INTO menuca_v3.restaurants VALUES (4, 'Of no group');
INSERT INTO menuca_v3.dishes VALUES (40, 4, 'Of no source row', NULL, NULL, 'v1', false);
CREATE VIEW menus AS SELECT status, actual, detail, remedy, metadata FROM menuca_validate() WHERE name = 'menus';
SELECT * FROM menus;
UPDATE menuca_v3.restaurants SET is_active = false WHERE id = 2;
SELECT * FROM menus;
ALTER TABLE menuca_v3.restaurants DROP name CASCADE;
UPDATE menuca_v3.dishes SET is_active = false;
SELECT status, actual, detail FROM menus;
INSERT INTO menuca_v3.restaurants SELECT 100 + g FROM generate_series(1, 9) g;
UPDATE menuca_v3.combo_groups SET restaurant_id = 100 + id WHERE id < 10;
SELECT status, actual, detail FROM menus;
-- V1's menu has one more
ALTER TABLE menuca_v3.restaurants ADD legacy_v1_id int;
UPDATE menuca_v3.restaurants SET legacy_v1_id = 70 + id;
CREATE TABLE staging.menuca_v1_menu AS SELECT 1 AS id, 74 AS restaurant, 'Soup' AS name;
SELECT metadata -> 'named_without_menu' AS named FROM menus;
ALTER TABLE staging.menuca_v1_menu ALTER restaurant TYPE text;
SELECT metadata -> 'named_without_menu' AS named FROM menus;
-- Nor is there a source
ALTER TABLE staging.menuca_v1_combos RENAME TO later;
SELECT status, actual, detail FROM menus;
ROLLBACK;

--
-- What a backup has counted
--
BEGIN;
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number) VALUES (1, 1), (2, 1), (3, 1);
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, legacy_v1_id) SELECT g, 1, 'Group ' || g, g FROM generate_series(1001, 1003) g;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name) SELECT d, 3, 'Dish ' || d FROM generate_series(21, 200) d;
SELECT menuca_register_backup('counted', 'counted-1', 'pg_dump', 1000, 'none', now(), now(), true);
SELECT key, value - '{menus,prints,guards,last_value}'::text[] AS counts, value -> 'menus' AS menus FROM menuca_backup b, jsonb_each(b.table_counts) WHERE value ->> 'rows' <> '0' ORDER BY 1;
CREATE VIEW against_backup AS SELECT name, status, actual, regexp_replace(detail, ' of [-0-9]+ [:0-9]+ UTC', ' of TIME') AS detail, metadata - 'to_accept' AS metadata
FROM menuca_validate() WHERE name IN ('row_counts', 'row_values', 'menus', 'repeated_rows', 'steps');
SELECT * FROM against_backup;
-- A few changes are no loss
SAVEPOINT s;
DELETE FROM menuca_v3.dishes WHERE id = 200;
UPDATE menuca_v3.dishes SET is_active = false WHERE id IN (21, 22, 23);
INSERT INTO menuca_v3.dishes (id, restaurant_id, name) VALUES (300, 3, 'Dish 24');
SELECT * FROM against_backup;
ROLLBACK TO s;
-- Many are, and so is one group, though another is there instead
DELETE FROM menuca_v3.dishes WHERE id > 198;
UPDATE menuca_v3.dishes SET is_active = false, name = ' ' WHERE id BETWEEN 100 AND 110;
UPDATE menuca_v3.dishes SET is_active = false WHERE restaurant_id = 1;
DELETE FROM menuca_v3.combo_groups WHERE id = 1002;
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, legacy_v1_id) VALUES (1004, 1, 'Group 1002', 1002);
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id) SELECT 300 + id, restaurant_id, name, legacy_v1_id FROM menuca_v3.dishes WHERE id < 7 AND restaurant_id <> 1;
SELECT * FROM against_backup;
-- The next step is never to accept a loss
SELECT name, next_step FROM menuca_validate() WHERE name IN ('row_counts', 'menus', 'summary');
-- Each is accepted by itself
SELECT menuca_accept_change('row_counts', 'duplicates deleted');
SELECT menuca_accept_change('menus', 'closed for the winter');
SELECT name, status, actual FROM against_backup;
DELETE FROM menuca_v3.combo_groups WHERE id = 1003;
SELECT name, status, actual FROM against_backup WHERE name = 'row_counts';
ROLLBACK TO s;
-- A table that is gone, and damaged figures
DROP TABLE menuca_v3.combo_steps;
SELECT name, status, actual FROM against_backup;
UPDATE menuca_backup SET table_counts = jsonb_set(table_counts, '{dishes,rows}', '1e30');
SELECT name, status, actual FROM against_backup WHERE name = 'row_counts';
UPDATE menuca_backup SET table_counts = '[1, {"rows": 2}]';
SELECT name, status, actual FROM against_backup WHERE name = 'row_counts';
UPDATE menuca_backup SET table_counts = '{"dishes": {"rows": -5, "max_id": -9223372036854775808, "active": null, "menus": "{(,)}"}, "combo_groups": {"rows": "many"}}';
SELECT name, status, actual FROM against_backup WHERE name IN ('row_counts', 'menus');
UPDATE menuca_backup SET table_counts = '{"dishes": {"rows": 1, "menus": "nonsense"}, "combo_groups": {"rows": 9223372036854775807}, "pg_class; DROP": {"rows": 3}}', registered_at = 'infinity';
SELECT name, status, actual FROM against_backup WHERE name IN ('row_counts', 'menus');
UPDATE menuca_backup SET table_counts = '{"dishes": {"rows": 1, "max_id": 5, "prints": {"names": "00zz", "prices": 7, "rules": null}, "guards": "x", "last_value": 3}, "combo_groups": {"rows": 1, "max_id": 1, "prints": [], "guards": [null, 1, {}]}}';
SELECT name, status, actual FROM menuca_validate() WHERE name IN ('row_contents', 'safeguards');
UPDATE menuca_backup SET table_counts = jsonb_set(table_counts, '{dishes,last_value}', '"many"');
SELECT name, status, actual FROM menuca_validate() WHERE name IN ('row_contents', 'safeguards');
ROLLBACK;
-- What the rows say, and what keeps wrong ones out
BEGIN;
SELECT menuca_register_backup('prints', 'prints-1', 'pg_dump', 1000, 'none', now(), now(), true);
SELECT key, array(SELECT jsonb_object_keys(value -> 'prints') ORDER BY 1) AS prints, value -> 'guards' AS guards FROM menuca_backup b, jsonb_each(b.table_counts) ORDER BY 1;
SELECT name, status, actual FROM menuca_validate() WHERE name IN ('row_contents', 'safeguards');
-- An id beyond which there is none
SAVEPOINT s;
INSERT INTO menuca_v3.restaurants (id, name) VALUES (9223372036854775807, 'Last');
INSERT INTO menuca_v3.dishes (id, restaurant_id, name) VALUES (9223372036854775807, 9223372036854775807, 'Last'), (-9223372036854775808, 1, 'First');
SELECT menuca_register_backup('last', 'last-1', 'pg_dump', 1000, 'none', now(), now(), true);
SELECT name, status, actual FROM menuca_validate() WHERE name IN ('row_counts', 'menus', 'row_contents');
UPDATE menuca_v3.dishes SET name = 'Least' WHERE id = -9223372036854775808;
SELECT name, status, actual FROM menuca_validate() WHERE name IN ('row_counts', 'menus', 'row_contents');
ROLLBACK TO s;
UPDATE menuca_v3.dishes SET restaurant_id = 3 WHERE id = 1;
ALTER TABLE menuca_v3.combo_groups DROP CONSTRAINT combo_groups_pkey CASCADE;
SELECT name, status, actual, remedy FROM menuca_validate() WHERE name IN ('row_contents', 'safeguards');
ROLLBACK;

--
-- The source and the items, each against the other
--
-- Rows that could be inserted; items that no row explains, of owners and of nobody
BEGIN;
UPDATE menuca_v3.combo_items SET created_at = now() WHERE id = 1;
DELETE FROM menuca_v3.combo_items WHERE id = 7;
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id, source_system) VALUES (201, 1, 7, NULL), (202, 2, 8, 'v1');
SELECT * FROM checked('source_rows', 'unexplained_items');
SELECT menuca_accept_change('source_rows', 'the owner does not want it any more');
SELECT menuca_accept_change('unexplained_items', 'added by hand');
SELECT name, status FROM checked('source_rows', 'unexplained_items');
DELETE FROM menuca_v3.combo_items WHERE id = 8;
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id, source_system) VALUES (203, 3, 9, 'v1');
SELECT name, status, actual FROM checked('source_rows', 'unexplained_items');
ROLLBACK;
-- Legacy ids exchanged between groups that have the same dishes: only the source row knows
BEGIN;
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, legacy_v1_id) VALUES (31, 1, 'Sauces', 131), (32, 1, 'Dips', 132);
INSERT INTO staging.menuca_v1_combos VALUES (31, 203, 131, 0), (32, 203, 132, 0);
SELECT inserted FROM menuca_fix_combos(dry_run => false);
SELECT name, status, actual FROM checked('source_rows', 'unexplained_items', 'legacy_ids', 'source_unchanged', 'mapping_unchanged');
UPDATE menuca_v3.combo_groups SET legacy_v1_id = 163 - legacy_v1_id + 100 WHERE id IN (31, 32);
SELECT * FROM checked('source_rows', 'unexplained_items', 'legacy_ids', 'source_unchanged', 'mapping_unchanged');
ROLLBACK;
-- Ambiguous since, unmapped since, and another source
BEGIN;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id) VALUES (50, 1, 'Dish 3', 203);
SELECT * FROM checked('repeated_rows', 'mapping_unchanged');
DELETE FROM menuca_v3.dishes WHERE id = 50;
UPDATE menuca_v3.dishes SET legacy_v1_id = NULL WHERE id = 3;
SELECT * FROM checked('mapping_unchanged');
UPDATE staging.menuca_v1_combos SET "order" = 7 WHERE id = 3;
SELECT * FROM checked('source_unchanged', 'mapping_unchanged');
DELETE FROM staging.menuca_v1_combos WHERE id = 3;
SELECT name, status, actual FROM checked('source_unchanged');
TRUNCATE staging.menuca_v1_combos;
SELECT name, status, actual FROM checked('source_unchanged');
SELECT menuca_accept_change('source_unchanged', 'not needed any more');
SELECT name, status FROM checked('source_unchanged');
DROP TABLE staging.menuca_v1_combos;
SELECT * FROM checked('source_unchanged', 'mapping_unchanged');
ROLLBACK;
-- Rules that agreed with the items when the run was planned
BEGIN;
SELECT deleted FROM menuca_rollback(1, dry_run => false, force => true);
SELECT inserted FROM menuca_fix_combos(dry_run => false);
SELECT name, status FROM checked('item_count');
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": 7}' WHERE id = 1;
SELECT * FROM checked('item_count');
ROLLBACK;

-- Names: any that a customer would have to choose
BEGIN;
UPDATE menuca_v3.dishes SET name = E'\u00a0\t' WHERE id = 5;
UPDATE menuca_v3.combo_groups SET name = '' WHERE id IN (2, 10);
SELECT * FROM checked('blank_names');
ROLLBACK;

-- Steps: gaps, repeated ones, of no item
BEGIN;
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number) VALUES (1, 1), (1, 2), (2, 1), (4, 2);
SELECT name, status, actual FROM checked('steps', 'step_ledger');
ALTER TABLE menuca_v3.combo_steps DROP CONSTRAINT combo_steps_combo_item_id_step_number_key, DROP CONSTRAINT combo_steps_combo_item_id_fkey, ALTER step_number DROP NOT NULL;
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number) VALUES (2, 1), (2, NULL), (99, 1), (5, 0);
SELECT * FROM checked('steps');
DROP TABLE menuca_v3.combo_steps;
SELECT name, status, actual FROM checked('steps', 'step_ledger');
ROLLBACK;

-- What cannot be accepted
SELECT menuca_accept_change('orphan_rate', 'it is so');
SELECT menuca_accept_change('references', 'it is so');
SELECT menuca_accept_change('nonsense', 'it is so');
SELECT menuca_accept_change('ledger', E' \n');
SELECT menuca_accept_change('ledger', NULL);
BEGIN READ ONLY;
SELECT menuca_accept_change('ledger', 'it is so');
ROLLBACK;

-- One that raises an error: the others still run, and it is no pass
BEGIN;
ALTER TABLE menuca_v3.combo_groups ALTER combo_rules TYPE text;
UPDATE menuca_v3.combo_groups SET combo_rules = '{broken' WHERE id = 3;
SELECT check_no, name, status, actual FROM menuca_validate();
SELECT * FROM checked('item_count', 'summary');
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": "many"}' WHERE id = 3;
SELECT name, status, actual FROM checked('item_count');
-- And in a read-only transaction
UPDATE menuca_v3.combo_groups SET combo_rules = '{broken' WHERE id = 3;
SET TRANSACTION READ ONLY;
SELECT name, status FROM checked('item_count', 'references', 'summary');
ROLLBACK;

-- When not even the facts can be gathered, nothing passes
BEGIN;
ALTER TABLE menuca_v3.dishes ALTER legacy_v1_id TYPE text;
UPDATE menuca_v3.dishes SET legacy_v1_id = 'V1-7' WHERE id = 7;
SELECT status, actual, count(*) FROM menuca_validate() GROUP BY 1, 2 ORDER BY 1;
ROLLBACK;

-- Skipped: nothing to check, or to check with
BEGIN;
ALTER TABLE staging.menuca_v1_combos RENAME TO later;
ALTER TABLE menuca_v3.combo_groups DROP combo_rules;
ALTER TABLE menuca_v3.dishes DROP is_active;
ALTER TABLE menuca_v3.combo_items DROP display_order, DROP created_at;
UPDATE menuca_v3.combo_groups SET source_system = 'v2', legacy_v1_id = NULL;
DELETE FROM menuca_run;
TRUNCATE menuca_v3.combo_items CASCADE;
SELECT check_no, name, status, expected, actual, remedy FROM menuca_validate();
ROLLBACK;
-- No source, or an empty one: only the checks that need it are skipped
BEGIN;
TRUNCATE staging.menuca_v1_combos;
SELECT check_no, name, status, actual, remedy FROM menuca_validate() WHERE status <> 'PASS';
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (1, 1), (1, 1);
SELECT * FROM checked('duplicate_pairs');
ROLLBACK;
-- Neither groups nor dishes nor items
BEGIN;
TRUNCATE menuca_v3.restaurants CASCADE;
SELECT check_no, name, status, actual FROM menuca_validate();
ROLLBACK;
\pset format aligned

--
-- Samples: the same seed, the same groups; names in display order
--
SELECT * FROM menuca_sample_combos(3);
SELECT * FROM menuca_sample_combos(3) EXCEPT SELECT * FROM menuca_sample_combos(3, 0);
SELECT count(DISTINCT s.picks) > 1 AS seeds_differ
FROM (SELECT array_agg(c.combo_group_id) AS picks FROM generate_series(1, 20) seed, menuca_sample_combos(3, seed) c GROUP BY seed) s;
SELECT count(*), count(DISTINCT combo_group_id) FROM menuca_sample_combos(1000);
DELETE FROM menuca_v3.combo_items WHERE combo_group_id <> 4 AND dish_id <> combo_group_id;
SELECT combo_group_id, items FROM menuca_sample_combos(1, 0.5);
UPDATE menuca_v3.combo_items SET display_order = 9 - display_order WHERE combo_group_id = 4;
BEGIN READ ONLY;
SELECT combo_group_id, dishes FROM menuca_sample_combos(1, 0.5);
COMMIT;
TRUNCATE menuca_v3.combo_items CASCADE;
SELECT * FROM menuca_sample_combos();

DROP FUNCTION checked(text[]);
\set ECHO none
\i :drop
