-- The combo fix of a ticket: V1's items, V2's lists where they are staged, and by
-- option the missing dishes, together or not at all
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
CREATE TABLE menuca_v3.courses (id bigint PRIMARY KEY, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants);
ALTER TABLE menuca_v3.restaurants ADD legacy_v1_id integer;
UPDATE menuca_v3.restaurants SET legacy_v1_id = 70 + id;
UPDATE menuca_v3.dishes SET legacy_v2_id = 900 + id;
DELETE FROM menuca_v3.combo_groups WHERE id = 10;
INSERT INTO menuca_v3.combo_groups SELECT g, (g - 21) % 3 + 1, 'V2 group ' || g, NULL, NULL, 300 + g, 'v2' FROM generate_series(21, 29) g;
SELECT system_identifier, current_database() AS database FROM pg_control_system() \gset
SET client_min_messages = error;
SELECT FROM menuca_environment('staging', :'database', :system_identifier);
-- What the fix of ticket 4 does, and what is there afterwards
CREATE FUNCTION staging.ticket(options jsonb, dry_run boolean DEFAULT false) RETURNS TABLE (name text, status text, actual text, detail text, remedy text) LANGUAGE sql AS $$
	SELECT t.name, t.status, t.actual, t.detail, CASE WHEN t.name <> 'summary' THEN t.remedy END
	FROM menuca_ticket(4, options, dry_run => dry_run, force => true, reason => 'the fix alone') t
	WHERE t.name ~ 'source$|^fix|^backfill|^items_of' OR t.name = 'summary' AND NOT dry_run
$$;
CREATE FUNCTION staging.state() RETURNS text LANGUAGE sql AS $$
	SELECT format('%s items of V1, %s of V2, %s steps, %s dishes, runs %s', count(*) FILTER (WHERE source_system = 'v1'), count(*) FILTER (WHERE source_system = 'v2'),
		(SELECT count(*) FROM menuca_v3.combo_steps), (SELECT count(*) FROM menuca_v3.dishes),
		(SELECT run_ids FROM menuca_ticket_execution ORDER BY execution_id DESC LIMIT 1))
	FROM menuca_v3.combo_items
$$;
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = error;

--
-- Neither V2's lists nor V1's menu: V1's items alone
--
SELECT * FROM staging.ticket('{"max_orphan_pct": 60}');
SELECT staging.state();
SELECT deleted FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run => false);

--
-- V2's lists, of half of all groups: V1's items alone would leave too many orphans
--
CREATE TABLE staging.menuca_v2_restaurants_combo_groups_items (id int, group_id int, dishes json);
SELECT * FROM staging.ticket('{}') WHERE name IN ('v2_source', 'fix_combos');
INSERT INTO staging.menuca_v2_restaurants_combo_groups_items
SELECT g, 300 + g, json_build_array((901 + ((g - 21) % 3 + 2) % 3)::text) FROM generate_series(21, 25) g;
SELECT outcome, count(*) FROM menuca_plan_v2_groups() GROUP BY 1;
-- Too many with V2's as well: nothing is written
SELECT * FROM staging.ticket('{}', dry_run => true);
SELECT * FROM staging.ticket('{}');
SELECT staging.state();
-- Accepted up to that figure, of both together
BEGIN;
SELECT accepted FROM menuca_accept('orphan_rate', 22.3, 'four groups are not offered any more', 'A. Lead');
SELECT name, status, detail FROM staging.ticket('{}', dry_run => true) WHERE name = 'fix_combos';
SELECT name, status, actual FROM staging.ticket('{}') WHERE name <> 'summary';
ROLLBACK;
INSERT INTO staging.menuca_v2_restaurants_combo_groups_items
SELECT g, 300 + g, json_build_object(1, json_build_array((901 + ((g - 21) % 3 + 2) % 3)::text)) FROM generate_series(26, 28) g;
-- One list less is within the gate
BEGIN READ ONLY;
SELECT * FROM staging.ticket('{}', dry_run => true);
ROLLBACK;
SELECT * FROM staging.ticket('{}');
SELECT staging.state();
-- Again: nothing is left to do, and both runs are known
SELECT name, status, actual FROM staging.ticket('{}');
SELECT * FROM menuca_rollback_guide() WHERE position < 3;
SELECT regexp_matches(menuca_execution_log(), 'Ledger run [^\n]*', 'g');
SELECT v -> 'fix' AS fix, v -> 'fix_v2' AS fix_v2, v -> 'backfill' AS backfill FROM menuca_export_verdict() v;
SELECT deleted FROM menuca_rollback((SELECT min(run_id) FROM menuca_runs WHERE kind = 'fix_v2_groups' AND inserted > 0), dry_run => false);
SELECT deleted FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs WHERE kind = 'fix_combos' AND inserted > 0), dry_run => false);

--
-- V2's part fails: V1's is undone
--
BEGIN;
UPDATE staging.menuca_v2_restaurants_combo_groups_items SET group_id = group_id + 7000 WHERE id > 22;
SELECT * FROM staging.ticket('{"max_orphan_pct": 90}');
SELECT staging.state();
ROLLBACK;
BEGIN;
ALTER TABLE staging.menuca_v2_restaurants_combo_groups_items ALTER dishes TYPE text;
UPDATE staging.menuca_v2_restaurants_combo_groups_items SET dishes = '["903' WHERE id = 22;
SELECT name, status, actual FROM staging.ticket('{"max_orphan_pct": 90}', dry_run => true);
SELECT name, status, actual, remedy FROM staging.ticket('{"max_orphan_pct": 90}');
SELECT staging.state();
-- Omitted on purpose
SELECT * FROM staging.ticket('{"max_orphan_pct": 90, "v2_source": null}');
ROLLBACK;
-- The rate of the groups that a source names is judged for each source
SELECT * FROM staging.ticket('{"gate_on": "expected", "max_orphan_pct": 0}', dry_run => true);
-- Another table, with columns of other names
BEGIN;
ALTER TABLE staging.menuca_v2_restaurants_combo_groups_items RENAME TO lists;
ALTER TABLE staging.lists RENAME group_id TO g;
ALTER TABLE staging.lists RENAME dishes TO l;
SELECT * FROM staging.ticket('{"max_orphan_pct": 90, "v2_source": "staging.lists"}', dry_run => true);
SELECT * FROM staging.ticket('{"v2_source": "staging.lists", "v2_group_column": "g", "v2_list_column": "l"}');
SELECT staging.state();
ROLLBACK;
--
-- V1's rows mean something else: items come from the lists of V1 and of V2
--
BEGIN;
SELECT FROM menuca_create_dish_combo_groups(dry_run => false);
-- V1's lists are not staged
SELECT * FROM staging.ticket('{"target": "dish_combo_groups", "max_orphan_pct": 90}');
SELECT name, status, actual, detail, next_step FROM menuca_ticket(5, '{"target": "dish_combo_groups"}') WHERE name ~ '^items_of';
ROLLBACK;
BEGIN;
SELECT FROM menuca_create_dish_combo_groups(dry_run => false);
CREATE TABLE staging.menuca_v1_combo_groups (id int, dish bytea);
INSERT INTO staging.menuca_v1_combo_groups SELECT 100 + n, convert_to(format('a:1:{i:0;i:%s;}', 201 + (n - 1) % 3), 'UTF8') FROM generate_series(1, 8) n;
SELECT * FROM staging.ticket('{"target": "dish_combo_groups"}', dry_run => true);
-- Too many groups without rows of V1: nothing is written
SELECT * FROM staging.ticket('{"target": "dish_combo_groups"}');
SELECT staging.state();
SELECT count(*) FROM menuca_v3.dish_combo_groups;
-- It is accepted for that table alone; the lists of both leave few enough
SELECT count(*) FROM menuca_accept('orphan_rate', 50, 'rows are of combo products', 'A. Lead', target => 'dish_combo_groups');
SELECT * FROM staging.ticket('{"target": "dish_combo_groups"}', dry_run => true);
SELECT * FROM staging.ticket('{"target": "dish_combo_groups"}');
SELECT staging.state();
SELECT count(*) FROM menuca_v3.dish_combo_groups;
SELECT v -> 'fix' AS fix, v -> 'fix_lists' AS fix_lists, v -> 'fix_v2' AS fix_v2 FROM menuca_export_verdict() v;
-- The validation is of the same, until an item is lost
SELECT ticket_no, options, with_gates FROM menuca_ticket_proposal WHERE ticket_no IN (4, 5, 10) ORDER BY 1;
SELECT name, status, actual, detail, next_step FROM menuca_ticket(5, '{"target": "dish_combo_groups"}') WHERE name ~ '^items_of';
DELETE FROM menuca_v3.combo_items WHERE combo_group_id IN (2, 21);
SELECT name, status, actual, detail, next_step FROM menuca_ticket(5, '{"target": "dish_combo_groups"}') WHERE name ~ '^items_of';
ROLLBACK;
-- Fewer lists: judged together, and refused; accepted for the lists' table
BEGIN;
SELECT FROM menuca_create_dish_combo_groups(dry_run => false);
CREATE TABLE staging.lists (g int, l bytea);
INSERT INTO staging.lists SELECT 100 + n, convert_to(format('a:1:{i:0;i:%s;}', 201 + (n - 1) % 3), 'UTF8') FROM generate_series(1, 4) n;
SELECT count(*) FROM menuca_accept('orphan_rate', 50, 'rows are of combo products', 'A. Lead', target => 'dish_combo_groups');
SELECT name, status, actual, remedy FROM staging.ticket('{"target": "dish_combo_groups", "lists_source": "staging.lists"}') WHERE status <> 'PASS';
SELECT name, status, actual, detail FROM staging.ticket('{"target": "dish_combo_groups", "lists_source": "staging.lists", "lists_group_column": "g", "lists_list_column": "l"}', dry_run => true) WHERE status <> 'PASS';
SELECT name, status, actual, remedy FROM staging.ticket('{"target": "dish_combo_groups", "lists_source": "staging.lists", "lists_group_column": "g", "lists_list_column": "l"}') WHERE status <> 'PASS';
SELECT staging.state();
SELECT count(*) FROM menuca_accept('orphan_rate', 33.33, 'lists are lost', 'A. Lead', source => 'staging.lists', group_column => 'g', dish_column => 'l');
SELECT name, status, actual FROM staging.ticket('{"target": "dish_combo_groups", "lists_source": "staging.lists", "lists_group_column": "g", "lists_list_column": "l"}', dry_run => true);
SELECT name, status, actual FROM staging.ticket('{"target": "dish_combo_groups", "lists_source": "staging.lists", "lists_group_column": "g", "lists_list_column": "l"}');
SELECT staging.state();
ROLLBACK;
--
-- V1's rows are not staged, V2's are
--
BEGIN;
DROP TABLE staging.menuca_v1_combos;
SELECT * FROM staging.ticket('{}');
SELECT * FROM staging.ticket('{"max_orphan_pct": 60}');
SELECT staging.state();
ROLLBACK;
BEGIN;
DELETE FROM staging.menuca_v1_combos;
SELECT * FROM staging.ticket('{"max_orphan_pct": 60}');
ROLLBACK;

--
-- Dishes that V1's source names and the target lacks
--
DELETE FROM menuca_v3.dishes WHERE id IN (4, 7, 12);
SELECT * FROM staging.ticket('{}', dry_run => true);
CREATE TABLE staging.menuca_v1_menu (id int, restaurant int, name text);
INSERT INTO staging.menuca_v1_menu SELECT 200 + d, 71 + d % 3, 'Dish ' || d FROM generate_series(1, 12) d;
ALTER TABLE menuca_v3.dishes ALTER id ADD GENERATED BY DEFAULT AS IDENTITY (START 100);
-- The refusal names the option
SELECT * FROM staging.ticket('{}', dry_run => true);
SELECT name, remedy FROM staging.ticket('{}') WHERE name = 'fix_combos';
SELECT next_step FROM menuca_ticket(4, '{"lock": "share_row_exclusive"}', dry_run => false, force => true, reason => 'the owner''s wish') WHERE name = 'summary';
SELECT staging.state();
SELECT * FROM staging.ticket('{"backfill": true}', dry_run => true);
SELECT * FROM staging.ticket('{"backfill": true}');
SELECT staging.state();
SELECT name, source_system, is_active FROM menuca_v3.dishes WHERE id >= 100 ORDER BY 1;
SELECT v -> 'fix' AS fix, v -> 'fix_v2' AS fix_v2, v -> 'backfill' AS backfill FROM menuca_export_verdict() v;
SELECT t.remedy FROM menuca_ticket(4, '{"backfill": true}', dry_run => false, force => true, reason => 'the fix alone') t WHERE name = 'summary';
-- A fix that is refused undoes them
BEGIN;
SELECT count(*) FROM menuca_runs r, LATERAL menuca_rollback(r.run_id, dry_run => false) WHERE r.inserted > 0 AND r.part_of IS NULL AND r.status = 'completed' AND r.kind <> 'backfill_dishes';
SELECT deleted FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs WHERE kind = 'backfill_dishes' AND inserted > 0), dry_run => false);
SELECT staging.state();
INSERT INTO staging.menuca_v1_combos SELECT 1000 + n, 5000 + n, 101, n FROM generate_series(1, 9) n;
SELECT * FROM staging.ticket('{"backfill": true}');
SELECT staging.state();
ROLLBACK;
-- No menu
DROP TABLE staging.menuca_v1_menu;
SELECT * FROM staging.ticket('{"backfill": true}', dry_run => true);
SELECT name, status, actual FROM staging.ticket('{"backfill": true}');
SELECT * FROM staging.ticket('{"backfill": null}');
SELECT * FROM menuca_ticket(5, '{"backfill": true}');

\set ECHO none
\i :drop
