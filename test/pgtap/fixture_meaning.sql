--
-- Right, not only mapped, on generated data: coverage explained, dishes
-- backfilled, impostors and a reversed meaning caught, what groups offer migrated
--
-- engines: both
--
\ir include/tools.psql

SELECT plan(38);

\set options '--scale 0.2 --dirt unmapped_dishes=30 --dirt duplicate_pairs=10 --dirt unmapped_groups=5'
\ir include/fixture.psql
SELECT is((menuca_load_dump_file(:'work' || '/v1_combos.sql', 'combos', 'staging.menuca_v1_combos')).rows_loaded, pg_temp.figure('source_rows')::bigint, 'the dump is loaded');

-- The outcomes with all dishes there, and the dishes
CREATE TEMP TABLE whole AS SELECT source_id, outcome, legacy_group_id, legacy_dish_id FROM menuca_plan_combos();
CREATE TEMP TABLE all_dishes AS
SELECT d.legacy_v1_id, r.legacy_v1_id AS legacy_restaurant, d.restaurant_id, d.name::text
FROM menuca_v3.dishes d JOIN menuca_v3.restaurants r ON r.id = d.restaurant_id;

-- Every third dish that no item has is lost; V1's menu still has it, besides others
CREATE TABLE staging.menuca_v1_menu AS
SELECT legacy_v1_id AS id, legacy_restaurant AS restaurant, name FROM all_dishes WHERE legacy_v1_id IS NOT NULL;
CREATE TEMP TABLE lost AS
SELECT legacy_v1_id FROM menuca_v3.dishes d
WHERE legacy_v1_id % 3 = 0 AND NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.dish_id = d.id);
DELETE FROM menuca_v3.dishes WHERE legacy_v1_id IN (TABLE lost);
CREATE TEMP TABLE wanted AS
SELECT legacy_v1_id FROM lost WHERE legacy_v1_id IN (SELECT dish FROM staging.menuca_v1_combos);
SELECT cmp_ok((SELECT count(*) FROM wanted), '>', 300::bigint, 'some hundred dishes are wanted and lost');
SELECT pg_temp.state('menuca_v3.dishes') AS dishes_at_start \gset

--
-- Coverage explained
--
-- One id is only an ingredient's
CREATE TABLE staging.menuca_v1_ingredients (id int, restaurant int, name text);
INSERT INTO staging.menuca_v1_ingredients SELECT min(legacy_dish_id), 1, 'Mayo' FROM whole WHERE outcome = 'unmapped_dish';
SELECT bag_eq(
	'SELECT reason, found_in, restaurant_id, source_rows, distinct_ids FROM menuca_explain_unmapped()',
	$$SELECT outcome, CASE WHEN outcome = 'unmapped_group' THEN NULL WHEN m.id IS NOT NULL THEN 'menu' WHEN i.id IS NOT NULL THEN 'ingredients' ELSE 'nowhere' END,
		CASE WHEN outcome = 'unmapped_group' THEN d.restaurant_id ELSE g.restaurant_id END AS restaurant, count(*) AS rows,
		count(DISTINCT CASE WHEN outcome = 'unmapped_group' THEN p.legacy_group_id ELSE p.legacy_dish_id END) AS ids
	  FROM menuca_plan_combos() p
		LEFT JOIN staging.menuca_v1_menu m ON m.id = p.legacy_dish_id LEFT JOIN staging.menuca_v1_ingredients i ON i.id = p.legacy_dish_id
		LEFT JOIN menuca_v3.combo_groups g ON g.legacy_v1_id = p.legacy_group_id LEFT JOIN all_dishes d ON d.legacy_v1_id = p.legacy_dish_id
	  WHERE outcome LIKE 'unmapped%' GROUP BY 1, 2, 3$$,
	'explained as plain SQL does, reason by reason and restaurant by restaurant');
SELECT is(sum(distinct_ids), (SELECT count(*) FROM wanted)::numeric, 'the lost dishes are found on the menu, each in one restaurant')
FROM menuca_explain_unmapped() WHERE reason = 'unmapped_dish' AND found_in = 'menu';

--
-- Dishes backfilled
--
CREATE TEMP TABLE dry AS SELECT * FROM menuca_backfill_dishes();
SELECT is(ARRAY[insert, (figures ->> 'already_present')::bigint, (figures ->> 'not_referenced')::bigint, (figures ->> 'menu_rows')::bigint],
	ARRAY[(SELECT count(*) FROM wanted), (SELECT count(*) FROM menuca_v3.dishes WHERE legacy_v1_id IS NOT NULL),
		(SELECT count(*) FROM lost) - (SELECT count(*) FROM wanted), (SELECT count(*) FROM staging.menuca_v1_menu)], 'every row of the menu has its outcome') FROM dry;
SELECT is((figures ->> 'not_in_menu')::bigint, 30::bigint, 'the 30 that never existed are not in it') FROM dry;
SELECT is((figures ->> 'source_rows_gained')::bigint, (SELECT count(*) FROM whole JOIN wanted ON legacy_v1_id = legacy_dish_id WHERE outcome IN ('insert', 'duplicate')), 'it knows how many source rows it gains') FROM dry;
SELECT is(pg_temp.state('menuca_v3.dishes'), :'dishes_at_start', 'a dry run writes nothing');

CREATE TEMP TABLE filled AS SELECT * FROM menuca_backfill_dishes(dry_run := false);
SELECT is(ARRAY[inserted, newly_visible], ARRAY[(SELECT count(*) FROM wanted), 0], 'all of them are inserted, none of them visible') FROM filled;
SELECT is((figures ->> 'dish_coverage_pct_before')::numeric, (SELECT dish_coverage_pct_after FROM dry), 'the coverage is what the dry run had foretold') FROM menuca_backfill_dishes();
SELECT bag_eq('SELECT legacy_v1_id, restaurant_id, name::text FROM menuca_v3.dishes',
	'SELECT legacy_v1_id, restaurant_id, name FROM all_dishes WHERE legacy_v1_id NOT IN (SELECT legacy_v1_id FROM lost EXCEPT TABLE wanted) OR legacy_v1_id IS NULL', 'dishes are what they were before, but for those that nothing wants');
SELECT is(count(*), 0::bigint, 'none has a price or a course') FROM menuca_v3.dishes WHERE NOT is_active AND num_nonnulls(base_price, prices, course_id) > 0;
SELECT bag_eq('SELECT source_id, outcome FROM menuca_plan_combos()', 'SELECT source_id, outcome FROM whole', 'every source row has the outcome that it had with all dishes');

-- Fixed, and rolled back in order
SELECT pg_temp.state('menuca_v3.dishes') AS dishes_filled \gset
CREATE TEMP TABLE fixed AS SELECT * FROM menuca_fix_combos(dry_run := false);
SELECT is(inserted, (SELECT count(*) FROM whole WHERE outcome = 'insert'), 'the fix inserts all that can be mapped') FROM fixed;
SELECT is(pg_temp.error_of(format('SELECT menuca_rollback(%s, dry_run := false, force := true)', run_id)),
	format('MC005 rollback of run %s is refused: rows of the run were changed or have dependants', run_id), 'while items refer to them, the dishes stay') FROM filled;
SELECT is(pg_temp.state('menuca_v3.dishes'), :'dishes_filled', 'and nothing was deleted');
SELECT ok(r.state_restored, 'the items are rolled back') FROM fixed f, menuca_rollback(f.run_id, dry_run := false) r;
SELECT ok(r.state_restored, 'then the dishes') FROM filled f, menuca_rollback(f.run_id, dry_run := false) r;
SELECT is(pg_temp.state('menuca_v3.dishes'), :'dishes_at_start', 'which are what they were, in every column');

--
-- Impostors: ingredients of other restaurants where dishes are missing
--
TRUNCATE staging.menuca_v1_ingredients;
INSERT INTO staging.menuca_v1_ingredients
SELECT w.legacy_v1_id, (SELECT min(r.legacy_v1_id) FROM menuca_v3.restaurants r WHERE r.id <> d.restaurant_id), 'Ingredient ' || w.legacy_v1_id
FROM wanted w JOIN all_dishes d USING (legacy_v1_id);
SELECT results_eq(
	$$SELECT status, insert, (figures ->> 'cross_restaurant')::bigint AS cross_restaurant FROM menuca_backfill_dishes('staging.menuca_v1_ingredients')$$,
	$$SELECT 'refused', 0::bigint, (SELECT count(*) FROM wanted)$$, 'ingredients for a menu are refused');
SELECT is(pg_temp.error_of($$SELECT menuca_backfill_dishes('staging.menuca_v1_ingredients', dry_run := false)$$),
	format('MC007 refused: %s of %1$s dish ids found in staging.menuca_v1_ingredients (100.00 %%) belong to other restaurants than the groups that use them', count(*)), 'with the figures')
FROM wanted;
SELECT is(inserted, 0::bigint, 'and with the gate lowered none is inserted') FROM menuca_backfill_dishes('staging.menuca_v1_ingredients', dry_run := false, max_cross_restaurant_pct := 100);

-- As it happened by hand
INSERT INTO menuca_v3.dishes (restaurant_id, name, legacy_v1_id, source_system)
SELECT r.id, i.name, i.id, 'v1' FROM staging.menuca_v1_ingredients i JOIN menuca_v3.restaurants r ON r.legacy_v1_id = i.restaurant;
SELECT is((figures ->> 'cross_restaurant')::bigint, (SELECT count(*) FROM whole JOIN wanted ON legacy_v1_id = legacy_dish_id WHERE outcome IN ('insert', 'duplicate')), 'their rows meet an ingredient of another restaurant')
FROM menuca_fix_combos();
SELECT is(ARRAY[status, metadata ->> 'distinct_ids', metadata ->> 'ids_of_ingredients'], ARRAY['FAIL', n, n], 'the validation says whose ids these are')
FROM menuca_validate(), (SELECT count(*)::text AS n FROM wanted) w WHERE name = 'id_space';
SELECT is(left(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false, min_coverage_pct := 0, max_orphan_pct := 100)'), 5), 'MC007', 'the fix is refused, though other gates are lowered');
SELECT is((figures ->> 'present_elsewhere')::bigint, (SELECT count(*) FROM wanted), 'a backfill does not put dishes beside them') FROM menuca_backfill_dishes();
TRUNCATE fixed;
INSERT INTO fixed SELECT * FROM menuca_fix_combos(dry_run := false, min_coverage_pct := 0, max_orphan_pct := 100, max_cross_restaurant_pct := 100);
SELECT is(count(*), 0::bigint, 'with that gate lowered, too, no impostor is inserted')
FROM menuca_v3.combo_items i JOIN menuca_v3.dishes d ON d.id = i.dish_id WHERE d.name LIKE 'Ingredient %';
SELECT ok(r.state_restored, 'rolled back') FROM fixed f, menuca_rollback(f.run_id, dry_run := false) r;
DELETE FROM menuca_v3.dishes WHERE name LIKE 'Ingredient %';
SELECT is(pg_temp.state('menuca_v3.dishes'), :'dishes_at_start', 'without impostors the dishes are as before');

--
-- Perfect by id, and the reverse in meaning
--
SELECT lives_ok('SELECT menuca_backfill_dishes(dry_run := false)', 'the dishes are inserted again');
UPDATE menuca_v3.dishes SET is_combo = true WHERE is_active AND legacy_v1_id IN (SELECT dish FROM staging.menuca_v1_combos);
SELECT matches(warnings[1], format('^%s of %1$s referenced dishes are combo products \(according to menuca_v3.dishes\).*consider target dish_combo_groups', n), 'all dishes that the source names are combo products')
FROM menuca_fix_combos(), (SELECT to_char(count(*), 'FM999,999') AS n FROM menuca_v3.dishes WHERE is_combo) c;
SELECT is(left(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false, strict := true)'), 5), 'MC008', 'strictly, that is a refusal');
SELECT lives_ok('SELECT menuca_create_dish_combo_groups(dry_run := false)', 'there is a table of that meaning');
SELECT is(ARRAY[inserted::text, warnings::text], ARRAY[n::text, '{}'], 'where they can be inserted without a warning')
FROM menuca_fix_combos(dry_run := false, target := 'dish_combo_groups', strict := true), (SELECT count(*) AS n FROM whole WHERE outcome = 'insert') w;

--
-- What groups really offer: lists in PHP's format
--
-- Each V1 group offers the three first dishes of its restaurant, and one that is nowhere
CREATE TABLE staging.menuca_v1_combo_groups AS
SELECT g.legacy_v1_id AS id, convert_to(format('a:%s:{%s}', count(*), string_agg(format('i:%s;s:%s:"%s";', n - 1, length(o.legacy::text), o.legacy), '' ORDER BY n)), 'UTF8') AS dish
FROM menuca_v3.combo_groups g CROSS JOIN LATERAL (
	SELECT legacy, row_number() OVER (ORDER BY legacy) AS n FROM (
		(SELECT d.legacy_v1_id AS legacy FROM menuca_v3.dishes d WHERE d.restaurant_id = g.restaurant_id AND d.legacy_v1_id IS NOT NULL ORDER BY 1 LIMIT 3)
		UNION ALL SELECT 2000000000) l) o
WHERE g.legacy_v1_id IS NOT NULL GROUP BY g.id;
CREATE TEMP TABLE offered AS
SELECT l.id AS legacy_group_id, e.value::bigint AS legacy_dish_id, e.ordinality - 1 AS display_order
FROM staging.menuca_v1_combo_groups l, jsonb_array_elements_text(menuca_php_unserialize(l.dish)) WITH ORDINALITY e;
SELECT bag_eq(
	'SELECT legacy_group_id, legacy_dish_id, display_order, combo_group_id, dish_id, outcome FROM menuca_plan_group_dishes()',
	$$SELECT o.legacy_group_id::bigint, o.legacy_dish_id, o.display_order, CASE WHEN d.id IS NOT NULL THEN g.id END AS group_id, d.id,
		CASE WHEN d.id IS NULL THEN 'unmapped_dish' WHEN EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.combo_group_id = g.id AND i.dish_id = d.id) THEN 'already_present' ELSE 'insert' END AS outcome
	  FROM offered o JOIN menuca_v3.combo_groups g ON g.legacy_v1_id = o.legacy_group_id LEFT JOIN menuca_v3.dishes d ON d.legacy_v1_id = o.legacy_dish_id$$,
	'every dish of every list has its outcome');
SELECT pg_temp.state() AS state_at_start \gset
TRUNCATE fixed;
INSERT INTO fixed SELECT * FROM menuca_fix_group_dishes(dry_run := false, min_dish_coverage_pct := 0);
SELECT is(inserted, (SELECT count(*) FROM menuca_plan_group_dishes() WHERE outcome = 'already_present') - (figures ->> 'already_present')::bigint, 'they go in') FROM fixed;
SELECT ok(r.state_restored, 'and come out again') FROM fixed f, menuca_rollback(f.run_id, dry_run := false) r;
SELECT is(pg_temp.state(), :'state_at_start', 'as if they had not been there');

SELECT * FROM finish();
