-- Dishes that the source names and the target lacks, from V1's staged menu
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set grants :abs_srcdir '/sql/include/grants.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
SELECT environment FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system())) \gset
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;

-- No menu, no legacy ids of restaurants
SELECT * FROM menuca_backfill_dishes();
CREATE TABLE staging.menuca_v1_menu (id int, restaurant int, title text);
SELECT * FROM menuca_backfill_dishes();
ALTER TABLE staging.menuca_v1_menu RENAME title TO name;
SELECT * FROM menuca_backfill_dishes();
ALTER TABLE menuca_v3.restaurants ADD legacy_v1_id integer;
UPDATE menuca_v3.restaurants SET legacy_v1_id = 70 + id;
INSERT INTO menuca_v3.restaurants VALUES (4, 'Lima', 74), (5, 'Oslo', 75), (6, 'Oslo, too', 75);
ALTER TABLE menuca_v3.dishes ALTER name TYPE varchar(20), ADD source_id bigint, ADD course_id bigint DEFAULT 7,
	ADD base_price numeric DEFAULT 0, ADD is_combo boolean, ADD uuid uuid NOT NULL DEFAULT gen_random_uuid();

-- A menu without useful rows: nothing is found
SELECT status, (figures ->> 'menu_rows')::bigint AS menu_rows, insert, (figures ->> 'missing_dishes')::bigint AS missing_dishes, (figures ->> 'not_in_menu')::bigint AS not_in_menu, newly_visible, (figures ->> 'dish_coverage_pct_before')::numeric AS dish_coverage_pct_before, dish_coverage_pct_after, reasons
FROM menuca_backfill_dishes();

--
-- Every outcome
--
-- Groups 101, 104, 107 are of restaurant 2 (legacy 72), 102, 105, 108 of 3, 103, 106, 109 of 1
INSERT INTO staging.menuca_v1_combos VALUES
	(101, 301, 101, 0), (102, 301, 104, 1),		-- wanted twice
	(103, 302, 102, 0),
	(104, 303, 101, 0), (105, 303, 103, 0),		-- by groups of two restaurants, one of them its own
	(106, 304, 101, 0),							-- of another restaurant than its group
	(107, 305, 999, 0),							-- no such group
	(108, 306, 101, 0), (109, 307, 101, 0), (110, 308, 101, 0), (111, 309, 101, 0), (112, 310, 101, 0),
	(113, 311, 101, 0), (114, 312, 101, 0), (115, 313, 101, 0), (116, 314, 101, 0), (117, 315, 101, 0),
	(118, 201, 101, 0), (119, 99999999999, 101, 0);
INSERT INTO staging.menuca_v1_menu VALUES
	(301, 72, 'Large Pizza & Wings'), (302, 73, 'Pad Thai Deal'), (303, 72, ' Steak'),
	(304, 73, 'Mayo'), (305, 74, 'Box'),
	(306, 72, NULL), (307, 72, E' \t\u00a0\n'),
	(308, 79, 'No such restaurant'), (309, NULL, 'No restaurant'), (310, 75, 'Two restaurants'),
	(311, 72, 'A name of 21 letters.'),
	(312, 72, 'Said twice'), (312, 72, 'Said twice'),
	(313, 72, 'One name'), (313, 72, 'Another name'),
	(201, 72, 'Dish 1'), (202, 72, 'Dish 2, elsewhere'), (203, 79, 'Dish 3'),
	(400, 72, 'Wanted by nobody'), (NULL, 72, 'No id'), (0, 72, 'Zero'), (-301, 72, 'Negative');
SELECT * FROM menuca_plan_backfill() ORDER BY outcome, legacy_dish_id, name;
SET client_min_messages = notice;
SELECT run_id, status, insert, inserted, newly_visible, dish_coverage_pct_after, reasons, jsonb_pretty(figures - 'elapsed') AS figures,
	(figures ->> 'elapsed')::numeric >= 0 AS took_time
FROM menuca_backfill_dishes();
SET client_min_messages = warning;
SELECT sum(n) = (SELECT (figures ->> 'menu_rows')::bigint FROM menuca_backfill_dishes(max_cross_restaurant_pct => 20)) AS adds_up
FROM menuca_backfill_dishes(max_cross_restaurant_pct => 20) r,
	LATERAL (SELECT r.insert AS n UNION ALL SELECT value::bigint FROM jsonb_each_text(r.figures)
		WHERE key = ANY ('{already_present,present_elsewhere,not_referenced,duplicate,ambiguous,unknown_restaurant,ambiguous_restaurant,blank_name,name_too_long,cross_restaurant,invalid}')) o;

-- A dry run writes nothing, and needs no more than to read
BEGIN READ ONLY;
SELECT status, insert FROM menuca_backfill_dishes(max_cross_restaurant_pct => 20);
SELECT menuca_backfill_dishes(dry_run => false);
ROLLBACK;
SELECT count(*) AS dishes FROM menuca_v3.dishes;
SELECT count(*) AS runs FROM menuca_runs;

-- Refused: one of six dishes is another restaurant's
SELECT menuca_backfill_dishes(dry_run => false);
-- Arguments
SELECT menuca_backfill_dishes(dry_run => NULL);
SELECT menuca_backfill_dishes(max_cross_restaurant_pct => 101);
SELECT menuca_backfill_dishes('staging.no_such_menu');
SELECT menuca_backfill_dishes('menuca_v3.dishes_pkey');

--
-- For real
--
\set VERBOSITY terse
SET client_min_messages = notice;
SELECT run_id, status, inserted, newly_visible, (figures ->> 'dishes_before')::bigint AS dishes_before, (figures ->> 'dishes_after')::bigint AS dishes_after, (figures ->> 'source_rows_gained')::bigint AS source_rows_gained FROM menuca_backfill_dishes(dry_run => false, max_cross_restaurant_pct => 20);
SET client_min_messages = warning;
\set VERBOSITY default
SELECT restaurant_id, name, legacy_v1_id, legacy_v2_id, source_system, source_id, is_active, course_id, base_price, is_combo, uuid IS NOT NULL AS uuid
FROM menuca_v3.dishes WHERE id > 12 ORDER BY legacy_v1_id;
SELECT kind, target, source, mode, engine, status, inserted, items_before, items_after, parameters FROM menuca_runs;
SELECT figures_before, figures_after FROM menuca_run;
SELECT * FROM menuca_run_details(1) WHERE section IN ('parameters', 'outcomes', 'figures before', 'figures after');
-- Again: all of them exist
SELECT status, insert, inserted, (figures ->> 'already_present')::bigint AS already_present, (figures ->> 'dish_coverage_pct_before')::numeric AS dish_coverage_pct_before FROM menuca_backfill_dishes(dry_run => false, max_cross_restaurant_pct => 100);
-- The source's rows can be mapped now
SELECT outcome, count(*) FROM menuca_plan_combos() WHERE source_id > 100 GROUP BY 1 ORDER BY 1;

--
-- Rollback: not while items refer to the dishes, forced or not
--
SELECT run_id, status, inserted FROM menuca_fix_combos(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100, max_cross_restaurant_pct => 100);
SELECT status, deleted, dependants, reasons FROM menuca_rollback(1);
SELECT menuca_rollback(1, dry_run => false);
SELECT menuca_rollback(1, dry_run => false, force => true);
-- It is refused without a foreign key as well
ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_dish_id_fkey;
SELECT menuca_rollback(1, dry_run => false, force => true);
ALTER TABLE menuca_v3.combo_items ADD CONSTRAINT combo_items_dish_id_fkey FOREIGN KEY (dish_id) REFERENCES menuca_v3.dishes ON DELETE CASCADE;
SELECT deleted, state_restored FROM menuca_rollback(3, dry_run => false);
-- Refused when somebody has changed one of them, unless forced
UPDATE menuca_v3.dishes SET base_price = 9.90 WHERE legacy_v1_id = 301;
SELECT menuca_rollback(1, dry_run => false);
UPDATE menuca_v3.dishes SET base_price = NULL WHERE legacy_v1_id = 301;
SELECT status, deleted, (figures ->> 'items_after')::bigint AS items_after, state_restored FROM menuca_rollback(1, dry_run => false);
SELECT count(*) AS dishes FROM menuca_v3.dishes;
-- A second rollback is refused
SELECT menuca_rollback(1, dry_run => false);

--
-- What else the menu says: combo products, and what customers saw
--
ALTER TABLE staging.menuca_v1_menu ADD iscombo text DEFAULT 'Y', ADD "showInMenu" text DEFAULT 'N';
UPDATE staging.menuca_v1_menu SET iscombo = NULL WHERE id = 302;
UPDATE staging.menuca_v1_menu SET iscombo = 'N', "showInMenu" = 'Y' WHERE id = 303;
SELECT inserted, newly_visible FROM menuca_backfill_dishes(dry_run => false, max_cross_restaurant_pct => 20, activate => true);
SELECT legacy_v1_id, is_active, is_combo FROM menuca_v3.dishes WHERE id > 12 ORDER BY 1;
SELECT deleted, state_restored FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run => false);
ALTER TABLE staging.menuca_v1_menu DROP "showInMenu";
SELECT insert, newly_visible FROM menuca_backfill_dishes(max_cross_restaurant_pct => 20, activate => true);
-- A column that may not be NULL
UPDATE menuca_v3.dishes SET is_combo = false;
ALTER TABLE menuca_v3.dishes ALTER is_combo SET NOT NULL;
SELECT inserted FROM menuca_backfill_dishes(dry_run => false, max_cross_restaurant_pct => 20);
SELECT legacy_v1_id, is_active, is_combo FROM menuca_v3.dishes WHERE id > 12 ORDER BY 1;
-- A new dish is no evidence: the direction is judged by the others
UPDATE menuca_v3.dishes SET is_combo = true WHERE id < 13;
SET menuca.menu_table = 'staging.none';
SELECT warnings FROM menuca_fix_combos();
RESET menuca.menu_table;
UPDATE menuca_v3.dishes SET is_combo = false WHERE id < 13;
SELECT deleted, state_restored FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run => false);

--
-- The impostors' way: ingredients for a menu
--
CREATE TABLE staging.menuca_v1_ingredients (id int, restaurant int, name text);
INSERT INTO staging.menuca_v1_ingredients VALUES (301, 71, 'Mayo'), (302, 72, 'Lettuce'), (303, 73, 'Onions'), (314, 74, 'Ketchup');
SELECT status, insert, (figures ->> 'cross_restaurant')::bigint AS cross_restaurant, reasons FROM menuca_backfill_dishes('staging.menuca_v1_ingredients');
SELECT menuca_backfill_dishes('staging.menuca_v1_ingredients', dry_run => false);
-- The gate may be lowered; the impostors are still omitted
SELECT status, inserted, (figures ->> 'cross_restaurant')::bigint AS cross_restaurant FROM menuca_backfill_dishes('staging.menuca_v1_ingredients', dry_run => false, max_cross_restaurant_pct => 100);

--
-- A table that a backfill cannot fill, and triggers that interfere
--
ALTER TABLE menuca_v3.dishes ADD price_cents integer NOT NULL DEFAULT 0, ADD "Kitchen" integer NOT NULL DEFAULT 0;
ALTER TABLE menuca_v3.dishes ALTER price_cents DROP DEFAULT, ALTER "Kitchen" DROP DEFAULT;
SELECT menuca_backfill_dishes();
ALTER TABLE menuca_v3.dishes DROP price_cents, DROP "Kitchen";
CREATE FUNCTION staging.interfere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	CASE TG_ARGV[0]
		WHEN 'show' THEN NEW.is_active := true;
		WHEN 'swallow' THEN RETURN NULL;
		WHEN 'more' THEN INSERT INTO menuca_v3.dishes (id, restaurant_id, name, is_combo) VALUES (NEW.id + 1000, 1, 'more', false) ON CONFLICT DO NOTHING;
	END CASE;
	RETURN NEW;
END $$;
CREATE TRIGGER interfere BEFORE INSERT ON menuca_v3.dishes FOR EACH ROW EXECUTE FUNCTION staging.interfere('show');
SELECT menuca_backfill_dishes(dry_run => false, max_cross_restaurant_pct => 20);
DROP TRIGGER interfere ON menuca_v3.dishes;
CREATE TRIGGER interfere BEFORE INSERT ON menuca_v3.dishes FOR EACH ROW EXECUTE FUNCTION staging.interfere('swallow');
SELECT menuca_backfill_dishes(dry_run => false, max_cross_restaurant_pct => 20);
DROP TRIGGER interfere ON menuca_v3.dishes;
CREATE TRIGGER interfere AFTER INSERT ON menuca_v3.dishes FOR EACH ROW WHEN (NEW.name <> 'more') EXECUTE FUNCTION staging.interfere('more');
SELECT menuca_backfill_dishes(dry_run => false, max_cross_restaurant_pct => 20);
DROP TRIGGER interfere ON menuca_v3.dishes;
ALTER TABLE menuca_v3.dishes DROP is_active;
SELECT menuca_backfill_dishes();
SELECT status, insert, newly_visible FROM menuca_backfill_dishes(activate => true, max_cross_restaurant_pct => 20);
SELECT count(*) AS dishes FROM menuca_v3.dishes;

--
-- A source of lists, and the remedy that leads here
--
CREATE TABLE staging.menuca_v1_combo_groups (id int, dish bytea);
INSERT INTO staging.menuca_v1_combo_groups VALUES (101, 'a:2:{i:0;i:301;i:1;s:5:"303.1";}'), (102, 'a:1:{i:0;i:302;}');
SELECT status, insert, (figures ->> 'missing_dishes')::bigint AS missing_dishes, (figures ->> 'not_in_menu')::bigint AS not_in_menu FROM menuca_backfill_dishes(source => 'staging.menuca_v1_combo_groups', group_column => 'id', activate => true);
SELECT reason, found_in, restaurant_id, source_rows, sample_ids, remedy FROM menuca_explain_unmapped() WHERE found_in = 'menu';

--
-- Rights
--
CREATE ROLE backfiller;
\set ECHO none
\set role backfiller
\i :grants
\set ECHO all
GRANT USAGE ON SCHEMA menuca_v3, staging TO backfiller;
GRANT SELECT ON ALL TABLES IN SCHEMA menuca_v3, staging TO backfiller;
SET ROLE backfiller;
SELECT insert FROM menuca_backfill_dishes(activate => true, max_cross_restaurant_pct => 20);
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_backfill_dishes TO backfiller;
SET ROLE backfiller;
SELECT insert FROM menuca_backfill_dishes(activate => true, max_cross_restaurant_pct => 20);
SELECT menuca_backfill_dishes(dry_run => false, activate => true, max_cross_restaurant_pct => 20);
RESET ROLE;
GRANT INSERT ON menuca_v3.dishes TO backfiller;
SET ROLE backfiller;
-- The key has no default: numbering continues
SELECT inserted, newly_visible FROM menuca_backfill_dishes(dry_run => false, activate => true, max_cross_restaurant_pct => 20);
RESET ROLE;
SELECT id, legacy_v1_id FROM menuca_v3.dishes WHERE id > 12 ORDER BY 1;
DROP OWNED BY backfiller;
DROP ROLE backfiller;
\set ECHO none
\i :drop
