--
-- The real V1 dump: replays of what the migration met in October 2025
--
-- engines: both
--
-- The data lies beside the project, in the directory MENUCA_SHARED_DATA; none
-- of it belongs to the project.  Where it is not, all of this is skipped.
--
\set tests 170
SELECT plan(:tests);

\set data ''
\getenv data MENUCA_SHARED_DATA
SELECT :'data' <> '' AS has_data \gset
\if :has_data

\ir include/tools.psql
\ir include/real_data.psql

--
-- The dump: rows loaded = tuples in the file
--
\lo_import :data/v1_combos.sql
\set dump :LASTOID
SELECT is((menuca_load_dump_lo(:dump, 'combos', 'staging.menuca_v1_combos')).rows_loaded, 16461::bigint, 'the real dump has 16,461 rows');
CREATE TEMP TABLE dumped (id bigint, dish bigint, "group" bigint, "order" bigint);
\copy dumped FROM PROGRAM 'grep "^INSERT INTO" "$MENUCA_SHARED_DATA/v1_combos.sql" | grep -o "([-0-9NUL,]*)" | tr -d "()"' WITH (FORMAT csv, NULL 'NULL')
SELECT bag_eq('SELECT id, dish, "group", "order" FROM staging.menuca_v1_combos', 'SELECT * FROM dumped', 'they are the tuples of the file');
SELECT is((menuca_load_dump_file(:'data' || '/v1_combos.sql', 'combos', 'staging.from_file')).rows_loaded, 16461::bigint, 'as a server file it has as many');
SELECT bag_eq('TABLE staging.from_file', 'TABLE staging.menuca_v1_combos', 'and the same');

-- 110K was MySQL's AUTO_INCREMENT
SELECT matches(convert_from(lo_get(:dump), 'UTF8'), 'AUTO_INCREMENT=112125 ', 'the next id is 112,125');
SELECT is(max(id), 112124::bigint, 'the greatest one 112,124') FROM staging.menuca_v1_combos;
SELECT is(count(DISTINCT dish), 5616::bigint, '5,616 dishes') FROM staging.menuca_v1_combos;
SELECT is(count(DISTINCT "group"), 6964::bigint, '6,964 groups') FROM staging.menuca_v1_combos;
SELECT is(count(DISTINCT (dish, "group")), 16461::bigint, 'no pair occurs twice') FROM staging.menuca_v1_combos;
SELECT is(count(*) FILTER (WHERE id = 0 OR dish = 0 OR "group" = 0), 0::bigint, 'no id is 0') FROM staging.menuca_v1_combos;
SELECT is(count(*) FILTER (WHERE "order" = 0), 16156::bigint, 'the order is 0 in 16,156 rows') FROM staging.menuca_v1_combos;
SELECT results_eq(
	$$SELECT least(n, 6), count(*) FROM (SELECT count(*) AS n FROM staging.menuca_v1_combos GROUP BY "group") g GROUP BY 1 ORDER BY 1$$,
	$$VALUES (1::bigint, 4477::bigint), (2, 856), (3, 808), (4, 234), (5, 126), (6, 463)$$,
	'groups by number of rows: 4,477, 856, 808, 234, 126, and 463 with 6 or more');
SELECT is(max(n), 84::bigint, 'the largest has 84') FROM (SELECT count(*) AS n FROM staging.menuca_v1_combos GROUP BY "group") g;

-- What it refers to
SELECT is(count(DISTINCT g.restaurant), 422::bigint, 'it touches 422 restaurants')
FROM staging.menuca_v1_combos s JOIN v1_groups g ON g.id = s."group";
SELECT results_eq($$SELECT iscombo, count(*) FROM v1_menu WHERE id IN (SELECT dish FROM staging.menuca_v1_combos) GROUP BY 1$$,
	$$VALUES ('Y', 491::bigint)$$, 'all 491 of its dishes on the menu are combos themselves');
SELECT is(count(*), 4439::bigint, 'the groups'' own lists have 4,439 pairs') FROM v1_group_dishes;
SELECT is(count(*), 0::bigint, 'none of which is in the dump')
FROM v1_group_dishes d JOIN staging.menuca_v1_combos s ON s."group" = d.combo_group_id AND s.dish = d.dish_id;

-- The figures of the probes about the groups, before a run, and by plain SQL:
-- from the judged rows and what V1's rules say
CREATE FUNCTION pg_temp.probed(run_id bigint) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT jsonb_object_agg(key, value)
	FROM menuca_run r, jsonb_each(r.figures_before -> 'probes')
	WHERE r.run_id = probed.run_id AND key ~ '^(item_counts|groups_by_items|distribution_points)'
$$;
CREATE FUNCTION pg_temp.judged_probes() RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	here jsonb = pg_temp.by_size('SELECT combo_group_id, dish_id FROM judged WHERE outcome = ''insert''');
	there jsonb = pg_temp.by_size('SELECT "group", dish FROM staging.menuca_v1_combos');
	figures jsonb;
BEGIN
	SELECT jsonb_build_object('item_counts', count(*), 'item_counts_equal', count(*) FILTER (WHERE n = stated),
		'item_counts_above', count(*) FILTER (WHERE n > stated), 'item_counts_below', count(*) FILTER (WHERE n < stated))
	INTO figures
	FROM (SELECT (u.combo_rules ->> 'item_count')::int AS stated, count(*) AS n
		  FROM judged j JOIN v1_rules u ON u.combo_group_id = j.legacy_group_id
		  WHERE outcome = 'insert' GROUP BY j.legacy_group_id, 1) g
	WHERE stated IS NOT NULL;
	RETURN figures || jsonb_build_object('groups_by_items', here, 'groups_by_items_in_source', there, 'distribution_points', (
		SELECT round(sum(abs(h_share - t_share)) * 50, 2)
		FROM (SELECT h::int / sum(h::int) OVER ()::numeric AS h_share, t::int / sum(t::int) OVER ()::numeric AS t_share
			  FROM ROWS FROM (jsonb_array_elements(here), jsonb_array_elements(there)) e (h, t)) s));
END
$$;

--
-- Replay A, "10 October": the menu as first exported
--
INSERT INTO v1_dishes SELECT id, restaurant, name FROM v1_menu;
SELECT pg_temp.set_up_replay();
SELECT is(count(*), 751::bigint, 'A: 751 restaurants') FROM menuca_v3.restaurants;
SELECT is(count(*), 9048::bigint, 'A: 9,048 groups') FROM menuca_v3.combo_groups;
SELECT is(count(*), 14884::bigint, 'A: 14,884 dishes') FROM menuca_v3.dishes;

\ir include/judge.psql
SELECT is(pg_temp.disagreements(), 0::bigint, 'A: plan and plain SQL agree on every row');
SELECT is(count(*), 5125::bigint, 'A: 5,125 distinct dishes are unmapped')
FROM (SELECT DISTINCT legacy_dish_id FROM menuca_plan_combos() WHERE outcome = 'unmapped_dish') d;

SELECT results_eq(
	$$SELECT reason, found_in, sum(source_rows), sum(distinct_ids) FROM menuca_explain_unmapped(menu := 'v1_menu_missing', ingredients := 'v1_ingredients') GROUP BY 1, 2 ORDER BY 2$$,
	$$VALUES ('unmapped_dish', 'ingredients', 4012::numeric, 1456::numeric), ('unmapped_dish', 'menu', 11081, 3668), ('unmapped_dish', 'nowhere', 3, 1)$$,
	'A: of these 3,668 are on the recovered menu, 1,456 only among ingredients, 1 is nowhere');
SELECT bag_eq(
	$$SELECT found_in, restaurant_id, source_rows, distinct_ids FROM menuca_explain_unmapped(menu := 'v1_menu_missing', ingredients := 'v1_ingredients')$$,
	$$SELECT CASE WHEN m.id IS NOT NULL THEN 'menu' WHEN i.id IS NOT NULL THEN 'ingredients' ELSE 'nowhere' END, r.id, count(*) AS source_rows, count(DISTINCT s.dish) AS distinct_ids
	  FROM staging.menuca_v1_combos s
		JOIN v1_groups g ON g.id = s."group" JOIN menuca_v3.restaurants r ON r.legacy_v1_id = g.restaurant
		LEFT JOIN v1_menu_missing m ON m.id = s.dish LEFT JOIN v1_ingredients i ON i.id = s.dish
	  WHERE s.dish NOT IN (SELECT id FROM v1_dishes)
	  GROUP BY 1, 2$$,
	'A: so plain SQL says, restaurant by restaurant');

CREATE TEMP TABLE dry AS SELECT * FROM menuca_fix_combos();
SELECT is(pg_temp.flat(to_jsonb(dry)) - '{elapsed,engine,reasons,warnings,next_step}'::text[], '{
	"run_id": null, "dry_run": true, "status": "refused", "source_rows": 16461,
	"insert": 1365, "already_present": 0, "duplicate": 0,
	"unmapped_group": 0, "unmapped_dish": 15096, "unmapped_both": 0,
	"ambiguous_group": 0, "ambiguous_dish": 0, "cross_restaurant": 0, "invalid": 0,
	"inserted": 0, "coverage_pct": 8.74, "group_coverage_pct": 100.00, "dish_coverage_pct": 8.74,
	"items_before": 0, "items_after": 1365,
	"orphan_pct_before": 100.00, "orphan_pct_after": 91.83, "expected_orphan_pct_after": 89.39,
	"band": "FAIL", "refused_by": ["MC001", "MC002"]}'::jsonb, 'A: 1,365 of 16,461 rows would map, the dry run is refused') FROM dry;
SELECT is(cardinality(reasons), 2, 'A: for two reasons') FROM dry;
SELECT is(warnings, ARRAY['what a source row means is not known, since no staged menu says which dishes are combo products; SELECT * FROM public.menuca_decide(); says what to stage', 'planned items per group are 10.27 points off the source''s: groups of 1, 2, 3, 4, 5 and more items: planned 551, 67, 76, 11, 1 and 33, in the source 4,477, 856, 808, 234, 126 and 463; groups of a single item: planned 74.56 %, in the source 64.29 %; more than 5 points mean that source rows cannot be mapped, or that the table has items that the source lacks'],
	'A: a warning says that groups will not have what V1 says') FROM dry;
SELECT matches(reasons[1], 'dishes is 8.74 % \(491 of 5,616 .* 95 %.* 1,365 insert, 15,096 unmapped_dish', 'A: the coverage, with its figures') FROM dry;
SELECT matches(reasons[2], 'overall .* 91.83 % \(8,309 of 9,048 .* 20 %', 'A: and the orphan rate') FROM dry;
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false)', 'MC001', 'refused: ' || reasons[1], 'A: by default the fix is refused') FROM dry;
SELECT is((SELECT count(*) FROM menuca_v3.combo_items) + (SELECT count(*) FROM menuca_runs), 0::bigint, 'A: before any write');

-- Perfect by id, and the reverse in meaning
SET menuca.menu_table = 'v1_menu';
SET menuca.group_dishes_table = 'v1_group_dishes';
SELECT matches(warnings[1], '^491 of 491 referenced dishes are combo products \(according to .*v1_menu\); of the 4,439 pairs that groups offer \(.*v1_group_dishes\), the source has 0; of 739 groups with items and an item_count, 445 will have just as many \(60.22 %\), 183 more, 111 fewer: this table says which groups a combo uses, not which dishes a group offers; consider target dish_combo_groups$',
	'A: all 491 dishes are combos themselves, and no pair is what a group offers') FROM menuca_fix_combos();
SELECT is(status || ' ' || metadata, 'WARN {"dishes_known": 491, "pairs_offered": 4439, "combo_products": 491, "pairs_in_source": 0}', 'A: the validation warns, too')
FROM menuca_validate() WHERE name = 'direction';
SELECT is((SELECT status FROM menuca_validate(strict := true) WHERE name = 'direction'), 'FAIL', 'A: or fails, when strict is true');
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 8, max_orphan_pct := 92, strict := true)', 'MC008', NULL, 'A: and so is the fix refused');
SELECT lives_ok('SELECT menuca_create_dish_combo_groups(dry_run := false)', 'A: the table that means it');
SELECT is(concat_ws(' ', status, cardinality(warnings), left(warnings[1], 23), insert), 'planned 1 planned items per group 1365', 'A: there the direction is right')
FROM menuca_fix_combos(target := 'dish_combo_groups', min_dish_coverage_pct := 8, max_orphan_pct := 92, strict := true);
SELECT is(inserted, 1365::bigint, 'A: it is filled')
FROM menuca_fix_combos(dry_run := false, target := 'dish_combo_groups', min_dish_coverage_pct := 8, max_orphan_pct := 92, strict := true);
SELECT ok(state_restored, 'A: and rolled back') FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run := false);
DROP TABLE menuca_v3.dish_combo_groups;
RESET menuca.menu_table;
RESET menuca.group_dishes_table;

-- One gate lowered is not enough
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 8.74)', 'MC002',
	'refused: ' || reasons[2], 'A: the orphan gate is judged on its own') FROM dry;
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false, max_orphan_pct := 92)', 'MC001',
	'refused: ' || reasons[1], 'A: so does the coverage gate') FROM dry;
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 8.75, max_orphan_pct := 92)', 'MC001', NULL, 'A: 8.75 % is a hundredth too much');
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 8.74, max_orphan_pct := 91)', 'MC002', NULL, 'A: 91 % is too little');

CREATE TEMP TABLE fixed AS SELECT * FROM menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 8.74, max_orphan_pct := 92);
SELECT is(inserted, 1365::bigint, 'A: with both lowered it inserts 1,365') FROM fixed;
SELECT is((SELECT pg_temp.counts(to_jsonb(fixed)) - 'reasons' FROM fixed), (SELECT pg_temp.counts(to_jsonb(dry)) - 'reasons' FROM dry), 'A: dry run and real run agree on every count');
SELECT is(pg_temp.probed(run_id), pg_temp.judged_probes(), 'A: the probes and plain SQL agree on the groups') FROM fixed;
SELECT is(pg_temp.probed(run_id), '{"item_counts": 739, "item_counts_equal": 445, "item_counts_above": 183, "item_counts_below": 111,
	"groups_by_items": [551, 67, 76, 11, 1, 33], "groups_by_items_in_source": [4477, 856, 808, 234, 126, 463], "distribution_points": 10.27}',
	'A: of 739 groups 445 have as many items as combo_rules.item_count says') FROM fixed;
SELECT is((SELECT ARRAY[groups_with_items, groups, expected_groups - expected_orphans, expected_groups] FROM menuca_orphan_rate()),
	ARRAY[739, 9048, 739, 6964]::bigint[], 'A: 739 groups of 9,048, and of 6,964 expected, have items');
SELECT ok(state_restored, 'A: it is rolled back') FROM fixed f, menuca_rollback(f.run_id, dry_run := false);
SELECT is(count(*), 0::bigint, 'A: no item is left') FROM menuca_v3.combo_items;

--
-- A + backfill from the recovered menu = B
--
CREATE TEMP TABLE backfill AS SELECT * FROM menuca_backfill_dishes('v1_menu_missing');
SELECT is(pg_temp.flat(to_jsonb(backfill)) - '{elapsed,next_step}'::text[], '{
	"run_id": null, "dry_run": true, "status": "planned", "menu_rows": 3668,
	"insert": 3668, "already_present": 0, "present_elsewhere": 0, "not_referenced": 0, "duplicate": 0, "ambiguous": 0,
	"unknown_restaurant": 0, "ambiguous_restaurant": 0, "blank_name": 0, "name_too_long": 0, "cross_restaurant": 0, "invalid": 0,
	"missing_dishes": 5125, "not_in_menu": 1457, "inserted": 0, "newly_visible": 0,
	"dishes_before": 14884, "dishes_after": 18552, "source_rows_gained": 11081,
	"dish_coverage_pct_before": 8.74, "dish_coverage_pct_after": 74.06, "reasons": []}'::jsonb,
	'backfill: all 3,668 rows of the recovered menu would be inserted, 11,081 source rows would be gained') FROM backfill;
SELECT is(count(*), 14884::bigint, 'backfill: a dry run writes nothing') FROM menuca_v3.dishes;
SELECT results_eq(
	$$SELECT status, insert, (figures ->> 'cross_restaurant')::bigint AS cross_restaurant, (figures ->> 'present_elsewhere')::bigint AS present_elsewhere FROM menuca_backfill_dishes('v1_ingredients')$$,
	$$SELECT 'refused', 0::bigint, (SELECT count(*) FROM v1_ingredients i WHERE id IN (SELECT dish FROM staging.menuca_v1_combos) AND id NOT IN (SELECT id FROM v1_dishes)
			AND restaurant IN (SELECT legacy_v1_id FROM menuca_v3.restaurants) AND name ~ '\S'),
		(SELECT count(*) FROM v1_ingredients i WHERE id IN (SELECT id FROM v1_dishes) AND restaurant IN (SELECT legacy_v1_id FROM menuca_v3.restaurants)
			AND NOT EXISTS (SELECT FROM v1_dishes d WHERE d.id = i.id AND d.restaurant = i.restaurant))$$,
	'backfill: ingredients for a menu would be refused, and none of them inserted');

-- As a ticket of the runbook, undone: its refusal names the option, and with that it does both
BEGIN;
SET LOCAL menuca.menu_table = 'v1_menu_missing';
SELECT matches(next_step, 'menuca_ticket\(4, ''{"backfill": true, "max_orphan_pct": 43, "min_coverage_pct": 74}''', 'ticket: it is refused, and the next call backfills')
FROM menuca_ticket(4, '{"min_coverage_pct": 74, "max_orphan_pct": 43}', force := true, reason := 'the fix alone') WHERE name = 'summary';
CREATE TEMP TABLE executed ON COMMIT DROP AS
SELECT * FROM menuca_ticket(4, '{"min_coverage_pct": 74, "max_orphan_pct": 43, "backfill": true}', dry_run := false, force := true, reason := 'the fix alone');
SELECT is(string_agg(name || ' ' || status || regexp_replace(actual, '^run [0-9]+', ''), '; ' ORDER BY check_no),
	'backfill PASS: 14884 before + 3668 inserted = 18552 after; dish coverage 8.74 % before, 74.06 % after; fix_combos PASS: 0 before + 12446 inserted = 12446 after; orphans 100.00 % before, 42.01 % after (FAIL)',
	'ticket: 3,668 dishes, and with them 12,446 items') FROM executed WHERE name IN ('backfill', 'fix_combos');
SELECT is(jsonb_build_object('backfill', v -> 'backfill', 'fix', v -> 'fix'), '{"backfill": {"source_rows": 3668, "mapped": 3668}, "fix": {"source_rows": 16461, "mapped": 12446}}', 'ticket: both are in the verdict') FROM menuca_export_verdict() v;
SELECT is((SELECT count(*) FROM menuca_v3.combo_items), 12446::bigint, 'ticket: and in the table');
ROLLBACK;

CREATE TEMP TABLE filled AS SELECT * FROM menuca_backfill_dishes('v1_menu_missing', dry_run := false);
SELECT is(pg_temp.flat(to_jsonb(filled)) - '{run_id,dry_run,status,inserted,elapsed,next_step}'::text[], (SELECT pg_temp.flat(to_jsonb(backfill)) - '{run_id,dry_run,status,inserted,elapsed,next_step}'::text[] FROM backfill),
	'backfill: the real run does what the dry run said') FROM filled;
SELECT is(ARRAY[inserted, newly_visible], ARRAY[3668, 0]::bigint[], 'backfill: 3,668 dishes, none of them visible') FROM filled;
SELECT is(count(*), 14884::bigint, 'backfill: customers see 14,884 dishes as before') FROM menuca_v3.dishes WHERE is_active;
SELECT bag_eq(
	'SELECT legacy_v1_id, restaurant_id, name, is_active, source_system::text, source_id, course_id, base_price, prices, legacy_v2_id FROM menuca_v3.dishes WHERE NOT is_active',
	$$SELECT m.id, r.id AS restaurant_id, m.name, false AS is_active, 'v1' AS source_system, m.id::bigint AS source_id, NULL::bigint AS course, NULL::numeric AS price, NULL::jsonb AS prices, NULL::int AS legacy_v2 FROM v1_menu_missing m JOIN menuca_v3.restaurants r ON r.legacy_v1_id = m.restaurant$$,
	'backfill: each as the menu has it, without course and price');
INSERT INTO v1_dishes SELECT id, restaurant, name FROM v1_menu_missing;
SELECT bag_eq('SELECT d.legacy_v1_id, r.legacy_v1_id AS restaurant, d.name FROM menuca_v3.dishes d JOIN menuca_v3.restaurants r ON r.id = d.restaurant_id',
	$$SELECT id, restaurant, coalesce(name, 'dish ' || id) FROM v1_dishes$$, 'A + backfill = B, dish by dish');
SELECT is(ARRAY[insert, (figures ->> 'unmapped_dish')::bigint, (figures ->> 'cross_restaurant')::bigint, (figures ->> 'source_rows')::bigint], ARRAY[12446, 4015, 0, 16461]::bigint[], 'A + backfill = B, source row by source row') FROM menuca_fix_combos();
SELECT is(ARRAY[inserted, insert, (figures ->> 'already_present')::bigint], ARRAY[0, 0, 3668]::bigint[], 'backfill: a second one finds all of them there')
FROM menuca_backfill_dishes('v1_menu_missing', dry_run := false);
SELECT is(inserted, 12446::bigint, 'backfill: now 12,446 items can be inserted')
FROM menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 74, max_orphan_pct := 43);
SELECT throws_ok(format('SELECT menuca_rollback(%s, dry_run := false, force := true)', run_id), 'MC005', NULL, 'backfill: while items refer to its dishes, it stays') FROM filled;
SELECT is(r.reasons, ARRAY['11,081 items of table menuca_v3.combo_items refer to rows of the run'], 'backfill: and says how many') FROM filled f, menuca_rollback(f.run_id) r;
SELECT ok(state_restored, 'backfill: the items are rolled back') FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run := false);
SELECT is(ARRAY[deleted, state_restored::int], ARRAY[0, 1]::bigint[], 'backfill: so is the run that inserted none')
FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs WHERE kind = 'backfill_dishes'), dry_run := false);
SELECT is(ARRAY[deleted, (r.figures ->> 'items_after')::bigint, state_restored::int], ARRAY[3668, 14884, 1]::bigint[], 'backfill: then the dishes') FROM filled f, menuca_rollback(f.run_id, dry_run := false) r;
DELETE FROM v1_dishes WHERE id IN (SELECT id FROM v1_menu_missing);

--
-- Replay B, "recovered menu": with the 3,668 rows that were found later
--
INSERT INTO v1_dishes SELECT id, restaurant, name FROM v1_menu_missing;
SELECT pg_temp.set_up_replay();
SELECT is(count(*), 751::bigint, 'B: 751 restaurants') FROM menuca_v3.restaurants;
SELECT is(count(*), 18552::bigint, 'B: 14,884 + 3,668 = 18,552 dishes') FROM menuca_v3.dishes;

\ir include/judge.psql
SELECT is(pg_temp.disagreements(), 0::bigint, 'B: plan and plain SQL agree on every row');
SELECT is(count(*), 1457::bigint, 'B: 1,457 distinct dishes are unmapped')
FROM (SELECT DISTINCT legacy_dish_id FROM menuca_plan_combos() WHERE outcome = 'unmapped_dish') d;

TRUNCATE dry;
INSERT INTO dry SELECT * FROM menuca_fix_combos();
SELECT is(pg_temp.flat(to_jsonb(dry)) - '{elapsed,engine,reasons,next_step}'::text[], '{
	"run_id": null, "dry_run": true, "status": "refused", "source_rows": 16461,
	"insert": 12446, "already_present": 0, "duplicate": 0,
	"unmapped_group": 0, "unmapped_dish": 4015, "unmapped_both": 0,
	"ambiguous_group": 0, "ambiguous_dish": 0, "cross_restaurant": 0, "invalid": 0,
	"inserted": 0, "coverage_pct": 74.06, "group_coverage_pct": 100.00, "dish_coverage_pct": 74.06,
	"items_before": 0, "items_after": 12446,
	"orphan_pct_before": 100.00, "orphan_pct_after": 42.01, "expected_orphan_pct_after": 24.66,
	"band": "FAIL", "refused_by": ["MC001", "MC002"], "warnings": ["what a source row means is not known, since no staged menu says which dishes are combo products; SELECT * FROM public.menuca_decide(); says what to stage"]}'::jsonb, 'B: 12,446 of 16,461 rows would map, the dry run is refused') FROM dry;
SELECT is(cardinality(reasons), 2, 'B: for two reasons') FROM dry;
SELECT matches(reasons[1], 'dishes is 74.06 % \(4,159 of 5,616 .* 95 %.* 12,446 insert, 4,015 unmapped_dish', 'B: the coverage, with its figures') FROM dry;
SELECT matches(reasons[2], 'overall .* 42.01 % \(3,801 of 9,048 .* 20 %', 'B: and the orphan rate') FROM dry;
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false)', 'MC001', 'refused: ' || reasons[1], 'B: by default the fix is refused') FROM dry;
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
-- psql prints this error on its standard error
CALL menuca_fix_combos_batched(dry_run => false);
\set VERBOSITY default
\set ON_ERROR_STOP on
SELECT is((:'LAST_ERROR_SQLSTATE', :'LAST_ERROR_MESSAGE')::text, ('MC001', 'refused: ' || reasons[1])::text, 'B: the procedure is, too') FROM dry;
SELECT is((SELECT count(*) FROM menuca_v3.combo_items) + (SELECT count(*) FROM menuca_runs WHERE status <> 'rolled_back'), 0::bigint, 'B: before any write');

SELECT matches(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 74, gate_on := ''expected'')'),
	'^MC002 refused: .* expected .* 24.66 % \(1,717 of 6,964 .* 20 %', 'B: the expected rate is refused likewise');

-- The gates explicitly lowered
SELECT pg_temp.state() AS state_at_start \gset
TRUNCATE fixed;
INSERT INTO fixed SELECT * FROM menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 74, max_orphan_pct := 43);
SELECT is(inserted, 12446::bigint, 'B: with both gates lowered it inserts 12,446') FROM fixed;
SELECT is((figures ->> 'items_after')::bigint, (figures ->> 'items_before')::bigint + 12446, 'B: after = before + 12,446') FROM fixed;
SELECT is((SELECT count(*) FROM menuca_v3.combo_items), 12446::bigint, 'B: counted');
SELECT is((SELECT pg_temp.counts(to_jsonb(fixed)) - 'reasons' FROM fixed), (SELECT pg_temp.counts(to_jsonb(dry)) - 'reasons' FROM dry), 'B: dry run and real run agree on every count');
SELECT is(count(*), 12446::bigint, 'B: all are of one restaurant')
FROM menuca_v3.combo_items i
	JOIN menuca_v3.combo_groups g ON g.id = i.combo_group_id
	JOIN menuca_v3.dishes d ON d.id = i.dish_id
WHERE g.restaurant_id = d.restaurant_id;
SELECT bag_eq(
	$$SELECT g.legacy_v1_id, d.legacy_v1_id AS dish, i.display_order, i.source_id
	  FROM menuca_v3.combo_items i JOIN menuca_v3.combo_groups g ON g.id = i.combo_group_id JOIN menuca_v3.dishes d ON d.id = i.dish_id$$,
	$$SELECT "group"::int, dish::int, "order"::int, id FROM dumped WHERE dish IN (SELECT id FROM v1_menu UNION SELECT id FROM v1_menu_missing)$$,
	'B: back in V1''s ids they are the rows of the dump whose dish is known');
SELECT is(pg_temp.probed(run_id), pg_temp.judged_probes(), 'B: the probes and plain SQL agree on the groups') FROM fixed;
SELECT is(pg_temp.probed(run_id), '{"item_counts": 5247, "item_counts_equal": 2344, "item_counts_above": 1803, "item_counts_below": 1100,
	"groups_by_items": [3384, 666, 588, 172, 88, 349], "groups_by_items_in_source": [4477, 856, 808, 234, 126, 463], "distribution_points": 0.61}',
	'B: of 5,247 groups 2,344 have as many items as combo_rules.item_count says') FROM fixed;
SELECT is((SELECT ARRAY[groups_with_items, groups, expected_groups - expected_orphans, expected_groups] FROM menuca_orphan_rate()),
	ARRAY[5247, 9048, 5247, 6964]::bigint[], 'B: 5,247 groups of 9,048, and of 6,964 expected, have items');
SELECT is((SELECT ARRAY[orphan_pct, expected_orphan_pct] FROM menuca_orphan_rate()), ARRAY[42.01, 24.66], 'B: 42.01 % and 24.66 % do not');
SELECT results_eq('SELECT reason, count(*) FROM menuca_orphans() GROUP BY 1 ORDER BY 1',
	$$VALUES ('no_source_row', 2084::bigint), ('unmapped_dishes', 1717)$$, 'B: 2,084 orphans have no row in V1, of 1,717 the dishes are missing');
SELECT is(pg_temp.misjudged_orphans(), 0::bigint, 'B: the reason of each as by plain SQL');

-- Machine checks come before the human look
SELECT results_eq('SELECT name, status FROM menuca_validate()', $$VALUES
	('overall_counts', 'PASS'), ('orphan_rate', 'FAIL'), ('item_count', 'WARN'), ('distribution', 'PASS'), ('fullest_groups', 'PASS'),
	('remaining_orphans', 'FAIL'), ('source_systems', 'FAIL'), ('restaurants', 'WARN'), ('dish_usage', 'PASS'), ('recent_items', 'PASS'),
	('references', 'PASS'), ('duplicate_pairs', 'PASS'), ('ledger', 'PASS'), ('cross_restaurant', 'PASS'), ('display_order', 'PASS'),
	('inactive_dishes', 'PASS'), ('orphans_explained', 'PASS'), ('orientation', 'PASS'), ('id_space', 'PASS'), ('direction', 'WARN'), ('row_counts', 'SKIP'),
	('row_values', 'SKIP'), ('menus', 'PASS'), ('repeated_rows', 'PASS'), ('blank_names', 'PASS'), ('source_rows', 'PASS'), ('unexplained_items', 'PASS'),
	('legacy_ids', 'PASS'), ('source_unchanged', 'PASS'), ('mapping_unchanged', 'PASS'), ('steps', 'SKIP'), ('step_ledger', 'SKIP'), ('row_contents', 'SKIP'), ('safeguards', 'SKIP'), ('summary', 'FAIL')$$,
	'B: the validation finds the items sound, and too many groups without');
SELECT is((SELECT (metadata ->> 'named_without_menu')::bigint FROM menuca_validate() WHERE name = 'menus'),
	(SELECT count(DISTINCT g.restaurant_id) FROM menuca_v3.combo_groups g JOIN dumped s ON s."group" = g.legacy_v1_id
	 WHERE NOT EXISTS (SELECT FROM menuca_v3.dishes d WHERE d.restaurant_id = g.restaurant_id AND d.is_active)), 'B: restaurants without a menu are those of plain SQL');
SELECT is((SELECT metadata - 'distribution_points' FROM menuca_validate() WHERE name = 'distribution'), '{"groups_in_target": 5247, "groups_in_source": 6964}', 'B: distributions of 5,247 and 6,964 groups are compared');
SELECT matches((SELECT expected FROM menuca_validate() WHERE name = 'distribution'),
	'^1: 4,477, 2: 856, 3: 808, 4: 234, 5: 126, 6 or more: 463; largest 84 ', 'B: the source''s with the figures of the record');
SELECT matches((SELECT detail FROM menuca_validate() WHERE name = 'distribution'),
	(SELECT format('%s %% here, %s %% in the source', round(avg(h) * 100, 2), round((SELECT avg((n = 1)::int) FROM (SELECT count(*) AS n FROM staging.menuca_v1_combos GROUP BY "group") t) * 100, 2))
	 FROM (SELECT (count(*) = 1)::int AS h FROM menuca_v3.combo_items GROUP BY combo_group_id) g), 'B: the validation says how many groups have a single item, here and in the source');
SELECT is((SELECT metadata FROM menuca_validate() WHERE name = 'item_count'),
	(SELECT jsonb_build_object('groups', count(*), 'equal', count(*) FILTER (WHERE stated = n))
	 FROM (SELECT (g.combo_rules ->> 'item_count')::numeric AS stated, count(*) AS n
		   FROM menuca_v3.combo_items i JOIN menuca_v3.combo_groups g ON g.id = i.combo_group_id
		   WHERE g.combo_rules ? 'item_count'
		   GROUP BY g.id) c
	 WHERE stated IS NOT NULL),
	'B: the counts that combo_rules state are compared');
SELECT is((SELECT (metadata ->> 'restaurants_with_groups')::int FROM menuca_validate() WHERE name = 'restaurants'),
	(SELECT count(DISTINCT restaurant)::int FROM v1_groups), 'B: restaurants are counted as restaurants');

-- Again, and back
SELECT pg_temp.state() AS state_when_fixed, pg_temp.content() AS content_when_fixed \gset
SELECT is((SELECT ARRAY[inserted, (figures ->> 'already_present')::bigint] FROM menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 74, max_orphan_pct := 43)),
	ARRAY[0, 12446]::bigint[], 'B: a second run inserts 0');
SELECT is(pg_temp.state(), :'state_when_fixed', 'B: all items are as they were');
SELECT is(ARRAY[r.deleted, (r.figures ->> 'items_after')::bigint, r.state_restored::int], ARRAY[12446, 0, 1]::bigint[], 'B: the rollback deletes 12,446')
FROM fixed f, menuca_rollback(f.run_id, dry_run := false) r;
SELECT is(pg_temp.state(), :'state_at_start', 'B: the state is that of the start');

CALL menuca_fix_combos_batched(dry_run => false, batch_size := 1000, min_dish_coverage_pct := 74, max_orphan_pct := 25, gate_on := 'expected') \gset run_
SELECT is(:run_inserted, 12446, 'B: in batches, judged by the expected rate, it inserts 12,446');
SELECT is((SELECT batches FROM menuca_runs WHERE run_id = :run_run_id), 13::bigint, 'B: in 13 batches');
SELECT is(pg_temp.content(), :'content_when_fixed', 'B: the same items');
SELECT ok(state_restored, 'B: they are rolled back') FROM menuca_rollback(:run_run_id, dry_run := false);

--
-- Replay B where items are already: those of the groups' own lists
--
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id, display_order, source_system, created_at)
SELECT g.id, d.id, l.display_order, 'v1', '2025-09-01'
FROM v1_group_dishes l
	JOIN menuca_v3.combo_groups g ON g.legacy_v1_id = l.combo_group_id
	JOIN menuca_v3.dishes d ON d.legacy_v1_id = l.dish_id AND d.restaurant_id = g.restaurant_id;
SELECT count(*) AS listed, pg_temp.state() AS state_at_start FROM menuca_v3.combo_items \gset
SELECT is(:listed, 77, 'B with items: 77 of the listed pairs are known');
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number)
SELECT id, row_number() OVER (PARTITION BY combo_group_id ORDER BY id) FROM menuca_v3.combo_items;
SELECT menuca_register_backup('B', 'b-1', 'pg_dump', 1000000, 'sha256:0', now(), now(), true) AS backup \gset
TRUNCATE fixed;
INSERT INTO fixed SELECT * FROM menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 74, max_orphan_pct := 43);
SELECT is(ARRAY[(figures ->> 'items_before')::bigint, inserted, (figures ->> 'items_after')::bigint, (figures ->> 'already_present')::bigint], ARRAY[77, 12446, 77 + 12446, 0]::bigint[], 'B with items: after = before + 12,446') FROM fixed;
SELECT is((SELECT count(*) FROM menuca_v3.combo_items), 12523::bigint, 'B with items: counted');
\ir include/corruptions.psql
SELECT is(ARRAY[r.deleted, (r.figures ->> 'baseline_intact')::bigint, r.state_restored::int], ARRAY[12446, 77, 1]::bigint[], 'B with items: the rollback deletes 12,446 and leaves 77')
FROM fixed f, menuca_rollback(f.run_id, dry_run := false) r;
SELECT is(pg_temp.state(), :'state_at_start', 'B with items: all columns of these are as they were');

--
-- The dishes that the groups offer, in replay B
--
SELECT results_eq(
	$$SELECT outcome, count(*) FROM menuca_plan_combos('v1_group_dishes', dish_column := 'dish_id', group_column := 'combo_group_id', order_column := 'display_order', id_column := NULL) GROUP BY 1 ORDER BY 1$$,
	$$VALUES ('already_present', 77::bigint), ('cross_restaurant', 1), ('unmapped_dish', 4361)$$, 'offers: 77 of 4,439 pairs can be mapped, and are there');
DELETE FROM menuca_v3.combo_items;
SELECT is(inserted, 77::bigint, 'offers: without them they are inserted')
FROM menuca_fix_combos(dry_run := false, source := 'v1_group_dishes', dish_column := 'dish_id', group_column := 'combo_group_id', order_column := 'display_order', id_column := NULL, min_coverage_pct := 0, max_orphan_pct := 100);
SELECT is(pg_temp.probed((SELECT max(run_id) FROM menuca_run)) - '{groups_by_items,groups_by_items_in_source}'::text[],
	'{"item_counts": 19, "item_counts_equal": 2, "item_counts_above": 9, "item_counts_below": 8, "distribution_points": 39.61}',
	'offers: few groups have as many of them as item_count states');
SELECT is(deleted, 77::bigint, 'offers: and rolled back') FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run := false);
-- As V1 kept them
CREATE TEMP TABLE v1_lists AS
SELECT combo_group_id AS id, convert_to(format('a:%s:{%s}', count(*), string_agg(format('i:%s;s:%s:"%s.%s";', place, length(format('%s.%s', dish_id, display_order)), dish_id, display_order), '')), 'UTF8') AS dish
FROM (SELECT *, row_number() OVER (PARTITION BY combo_group_id) - 1 AS place FROM v1_group_dishes) d GROUP BY 1;
SELECT bag_eq(
	$$SELECT legacy_group_id, legacy_dish_id, display_order, outcome FROM menuca_plan_group_dishes('v1_lists')$$,
	$$SELECT legacy_group_id, legacy_dish_id, display_order, outcome FROM menuca_plan_combos('v1_group_dishes', dish_column := 'dish_id', group_column := 'combo_group_id', order_column := 'display_order', id_column := NULL)$$,
	'offers: as PHP lists of 516 groups they are the same');
SELECT is(ARRAY[inserted, (figures ->> 'source_rows')::bigint], ARRAY[77, 4439]::bigint[], 'offers: and inserted alike')
FROM menuca_fix_group_dishes(dry_run := false, source := 'v1_lists', min_coverage_pct := 0, max_orphan_pct := 100);
SELECT is(deleted, 77::bigint, 'offers: and rolled back alike') FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run := false);
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id, display_order, source_system, created_at)
SELECT g.id, d.id, l.display_order, 'v1', '2025-09-01'
FROM v1_group_dishes l
	JOIN menuca_v3.combo_groups g ON g.legacy_v1_id = l.combo_group_id
	JOIN menuca_v3.dishes d ON d.legacy_v1_id = l.dish_id AND d.restaurant_id = g.restaurant_id;
SELECT pg_temp.state() AS state_at_start \gset

--
-- The column order trap: the same tuples, read as (id, group, dish, order)
--
SELECT rows_loaded AS swapped_rows FROM menuca_load_dump(replace(replace(replace(convert_from(lo_get(:dump), 'UTF8'),
	'`dish` int', '`x` int'), '`group` int', '`dish` int'), '`x` int', '`group` int'), 'combos', 'staging.swapped') \gset
SELECT is(:swapped_rows, 16461, 'swapped: 16,461 rows');
SELECT bag_eq('SELECT id, "group" AS dish, dish AS "group" FROM staging.swapped', 'SELECT id, dish, "group" FROM staging.menuca_v1_combos', 'swapped: dish and group are swapped');
SELECT is((SELECT status FROM menuca_fix_combos(source := 'staging.swapped', min_coverage_pct := 0, max_orphan_pct := 100)), 'refused', 'swapped: the dry run is refused');
SELECT matches(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false, source := ''staging.swapped'', min_coverage_pct := 0, max_orphan_pct := 100)'),
	'^MC004 refused: .*swapped: 0 of 16,461 .* declared \(0.00 %\), 12,446 .* swapped \(75.61 %\)',
	'swapped: the fix is refused with the figures of both orientations');
SELECT is(pg_temp.state(), :'state_at_start', 'swapped: before any write');
SELECT is((SELECT insert FROM menuca_fix_combos(source := 'staging.swapped', dish_column := 'group', group_column := 'dish')), 12446::bigint, 'swapped: with the columns named as they are 12,446 map');

--
-- Impostors: ingredients as dishes, under their own ids
--
-- As it happened: where a dish was missing, the ingredient of that id took its
-- place
DELETE FROM menuca_v3.combo_items;
INSERT INTO v1_dishes
SELECT id, restaurant, name FROM v1_ingredients i
WHERE NOT EXISTS (SELECT FROM v1_dishes d WHERE d.id = i.id);
SELECT pg_temp.set_up_replay();
\ir include/judge.psql
TRUNCATE dry;
INSERT INTO dry SELECT * FROM menuca_fix_combos(min_coverage_pct := 0, max_orphan_pct := 43);
SELECT is(ARRAY[insert, (figures ->> 'cross_restaurant')::bigint, (figures ->> 'unmapped_dish')::bigint, (figures ->> 'source_rows')::bigint], ARRAY[12446, 4012, 3, 16461]::bigint[], 'impostors: 4,012 rows meet an ingredient of another restaurant') FROM dry;
SELECT is(pg_temp.disagreements(), 0::bigint, 'impostors: plan and plain SQL agree on every row');
SELECT results_eq(
	$$SELECT reason, found_in, sum(source_rows), sum(distinct_ids) FROM menuca_explain_unmapped(menu := 'v1_menu', ingredients := 'v1_ingredients') GROUP BY 1, 2 ORDER BY 1, 2$$,
	$$VALUES ('cross_restaurant', 'ingredients', 4012::numeric, 1456::numeric), ('unmapped_dish', 'nowhere', 3, 1)$$,
	'impostors: they are distinguished from dishes');
SELECT is(count(DISTINCT legacy_dish_id), 1456::bigint, 'impostors: these are 1,456 dishes') FROM menuca_plan_combos() WHERE outcome = 'cross_restaurant';
SELECT is(ARRAY[(figures ->> 'dish_coverage_pct')::numeric, coverage_pct], ARRAY[74.06, 74.06], 'impostors: they do not count as covered') FROM dry;
SELECT is((figures ->> 'group_coverage_pct')::numeric, (SELECT pct FROM pg_temp.coverage('group')), 'impostors: nor do groups that have nothing else') FROM dry;
SET menuca.ingredients_table = 'v1_ingredients';
SELECT matches(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'),
	'^MC007 refused: 4,012 of 16,461 source rows \(24.37 %\) lead to dishes of other restaurants: 1,456 distinct legacy ids, of which 1,456 are ids of ingredients \(.*v1_ingredients\); the gate is 5 %',
	'impostors: by default the fix is refused, and the probe says why');
SELECT is(ARRAY[status, metadata::text], ARRAY['FAIL', '{"ids_of_menu": null, "source_rows": 16461, "distinct_ids": 1456, "ids_of_ingredients": 1456, "cross_restaurant_rows": 4012}'], 'impostors: the validation says so, too')
FROM menuca_validate() WHERE name = 'id_space';
RESET menuca.ingredients_table;
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false, min_coverage_pct := 74, max_orphan_pct := 43)', 'MC007', NULL, 'impostors: though the other gates are lowered');
TRUNCATE fixed;
INSERT INTO fixed SELECT * FROM menuca_fix_combos(dry_run := false, min_coverage_pct := 74, max_orphan_pct := 43, max_cross_restaurant_pct := 24.38);
SELECT is(count(*), 12446::bigint, 'impostors: 12,446 items are inserted') FROM menuca_v3.combo_items;
SELECT is(count(*), 0::bigint, 'impostors: none of them is an ingredient')
FROM menuca_v3.combo_items i JOIN menuca_v3.dishes d ON d.id = i.dish_id
WHERE d.legacy_v1_id NOT IN (SELECT id FROM v1_menu UNION SELECT id FROM v1_menu_missing);
SELECT ok(state_restored, 'impostors: they are rolled back') FROM fixed f, menuca_rollback(f.run_id, dry_run := false);

-- Worse: all 43,930 ingredients, so that 2,576 ids are a dish's and an ingredient's
TRUNCATE v1_dishes;
INSERT INTO v1_dishes
SELECT id, restaurant, name FROM v1_menu
UNION ALL SELECT id, restaurant, name FROM v1_menu_missing
UNION ALL SELECT id, restaurant, name FROM v1_ingredients;
SELECT pg_temp.set_up_replay();
\ir include/judge.psql
TRUNCATE dry;
INSERT INTO dry SELECT * FROM menuca_fix_combos(min_coverage_pct := 0, max_orphan_pct := 100);
SELECT is(ARRAY[insert, (figures ->> 'cross_restaurant')::bigint, (figures ->> 'unmapped_dish')::bigint, (figures ->> 'ambiguous_dish')::bigint, (figures ->> 'source_rows')::bigint], ARRAY[12446, 4012, 3, 0, 16461]::bigint[], 'all ingredients: a dish is distinguished from an ingredient by restaurant') FROM dry;
SELECT is(pg_temp.disagreements(), 0::bigint, 'all ingredients: plan and plain SQL agree on every row');

\lo_unlink :dump
\! rm -r "$WORK"
\else
SELECT skip('the real data is not here (MENUCA_SHARED_DATA is not set)', :tests);
\endif
SELECT * FROM finish();
