--
-- V2's groups: what V1's source leaves as orphans, V2's own lists fill
--
-- engines: both
--
\ir include/tools.psql

SELECT plan(48);

\set options ''
\ir include/fixture.psql
\lo_import :work/v1_combos.sql
SELECT rows_loaded AS loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos') \gset
\lo_unlink :LASTOID
SELECT pg_temp.state() AS items_at_start, pg_temp.state('menuca_v3.combo_steps') AS steps_at_start \gset

--
-- What each of the 187 groups offers in V2, and its JSON.  By turns a list
-- without steps, one of two steps, and one of three, in which a dish comes
-- again in the third step, and now and then once more in its own.
--
CREATE TEMP TABLE offers AS
WITH numbered AS (
	SELECT g.legacy_v2_id AS group_id, g.restaurant_id, row_number() OVER (ORDER BY g.id) AS n
	FROM menuca_v3.combo_groups g
	WHERE g.source_system = 'v2'
),
chosen AS (
	SELECT g.n, g.group_id, d.legacy_v2_id AS dish, row_number() OVER (PARTITION BY g.n ORDER BY md5(g.n || ':' || d.id)) AS k
	FROM numbered g
		JOIN menuca_v3.dishes d USING (restaurant_id)
	WHERE d.legacy_v2_id IS NOT NULL
),
spread AS (
	SELECT n, group_id, dish, k, CASE n % 3 WHEN 0 THEN NULL ELSE 1 + k % (n % 3 + 1) END AS step,
		CASE k % 3 WHEN 0 THEN NULL ELSE (k % 4)::text END AS suffix
	FROM chosen
	WHERE k <= 1 + n % 7
	UNION ALL
	SELECT n, group_id, dish, 100, 3, 'XL'
	FROM chosen
	WHERE n % 3 = 2 AND k = 1
	UNION ALL
	SELECT n, group_id, dish, 200, 2, 'again'
	FROM chosen
	WHERE n % 6 = 5 AND k = 1
)
SELECT n, group_id, dish, step, suffix, row_number() OVER (PARTITION BY n, step ORDER BY k) - 1 AS place
FROM spread;

CREATE TEMP TABLE lists AS
SELECT n, group_id, CASE WHEN step IS NULL THEN dishes ELSE steps END AS dishes
FROM (
	SELECT n, group_id, step, json_agg(dish || coalesce('|' || suffix, '') ORDER BY place) AS dishes
	FROM offers
	GROUP BY 1, 2, 3
) l
	CROSS JOIN LATERAL (
		SELECT json_object_agg(step, d ORDER BY step) AS steps
		FROM (
			SELECT step, json_agg(dish || coalesce('|' || suffix, '') ORDER BY place) AS d
			FROM offers o
			WHERE o.n = l.n
			GROUP BY 1
		) s
		WHERE step IS NOT NULL
	) o
WHERE step IS NULL OR step = (SELECT min(step) FROM offers o WHERE o.n = l.n);
SELECT is((SELECT count(*) FROM lists), 187::bigint, 'there is a list for each of 187 groups');
SELECT is((SELECT count(DISTINCT json_typeof(dishes)) FROM lists), 2::bigint, 'of both shapes');

-- As MySQL dumps it
SELECT format(E'CREATE TABLE `restaurants_combo_groups_items` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `group_id` int DEFAULT NULL,\n  `item_count` tinyint DEFAULT NULL,\n  `dishes` json DEFAULT NULL,\n  `enabled` enum(''y'',''n'') DEFAULT ''y'',\n  PRIMARY KEY (`id`)\n);\nINSERT INTO `restaurants_combo_groups_items` VALUES %s;\n-- Dump completed\n',
	string_agg(format('(%s,%s,1,''%s'',''y'')', n, group_id, replace(dishes::text, '"', '\"')), ',' ORDER BY n)) AS dump
FROM lists \gset

--
-- Before: the V2 groups are said to be V2's
--
SELECT results_eq($$SELECT reason, count(*) FROM menuca_orphans() WHERE source_system = 'v2' GROUP BY 1$$, $$VALUES ('v2_group', 187::bigint)$$,
	'V1''s source cannot explain the 187 groups of V2');
SELECT ok(bool_and(detail ~ 'staging.menuca_v2_restaurants_combo_groups_items.*menuca_plan_v2_groups.*menuca_fix_v2_groups'), 'but the remedy names what can')
FROM menuca_orphans() WHERE source_system = 'v2';
SELECT is((menuca_load_dump(:'dump', 'restaurants_combo_groups_items', 'staging.menuca_v2_restaurants_combo_groups_items')).rows_loaded, 187::bigint, 'V2''s table is loaded');
SELECT results_eq($$SELECT reason, source_system, count(*) FROM menuca_orphans() GROUP BY 1, 2 ORDER BY 2$$,
	$$VALUES ('fix_pending', 'v1', 8031::bigint), ('fix_pending', 'v2', 187)$$, 'now all orphans can be fixed');
SELECT bag_eq($$SELECT legacy_group_id, source_rows FROM menuca_orphans() WHERE source_system = 'v2'$$,
	$$SELECT group_id::bigint, count(*) FROM offers GROUP BY 1$$, 'with V2''s own ids and rows');

--
-- The plan, beside plain SQL over what the lists were made of
--
CREATE TEMP TABLE wanted_items AS
SELECT DISTINCT ON (g.id, d.id) g.id AS combo_group_id, d.id AS dish_id, o.place::int AS display_order
FROM offers o
	JOIN menuca_v3.combo_groups g ON g.legacy_v2_id = o.group_id
	JOIN menuca_v3.dishes d ON d.legacy_v2_id = o.dish AND d.restaurant_id = g.restaurant_id
ORDER BY g.id, d.id, o.step, o.place;
CREATE TEMP TABLE wanted_steps AS
SELECT DISTINCT ON (g.id, d.id, o.step) g.id AS combo_group_id, d.id AS dish_id, o.step::int AS step_number, o.suffix
FROM offers o
	JOIN menuca_v3.combo_groups g ON g.legacy_v2_id = o.group_id
	JOIN menuca_v3.dishes d ON d.legacy_v2_id = o.dish AND d.restaurant_id = g.restaurant_id
WHERE o.step IS NOT NULL
ORDER BY g.id, d.id, o.step, o.place;
SELECT count(*) AS items FROM wanted_items \gset
SELECT count(*) AS steps, count(suffix) AS sized FROM wanted_steps \gset
SELECT count(*) AS rows, count(suffix) FILTER (WHERE step IS NULL) AS flat_sizes FROM offers \gset
SELECT is(format('%s rows, %s items, %s steps, %s of these sized, %s flat sizes', :rows, :items, :steps, :sized, :flat_sizes), '650 rows, 557 items, 434 steps, 353 of these sized, 146 flat sizes', 'the lists hold something of everything');
SELECT bag_eq($$SELECT legacy_group_id, legacy_dish_id, display_order, step_number, suffix FROM menuca_plan_v2_groups()$$,
	$$SELECT group_id::bigint, dish::bigint, place, step::int, suffix FROM offers$$, 'the plan has a row for each dish of each list');
SELECT results_eq($$SELECT outcome, count(*) FROM menuca_plan_v2_groups() GROUP BY 1 ORDER BY 1 DESC$$,
	format('VALUES (''insert'', %s::bigint), (''duplicate'', %s)', :items, :rows - :items), 'each pair is one insert');
SELECT bag_eq($$SELECT combo_group_id, dish_id, display_order FROM menuca_plan_v2_groups() WHERE outcome = 'insert'$$,
	$$SELECT combo_group_id, dish_id, display_order::bigint FROM wanted_items$$, 'namely the first of them');

--
-- V1's groups, and then V2's
--
CREATE TEMP TABLE v1 AS SELECT * FROM menuca_fix_combos(dry_run := false);
SELECT is((inserted, orphan_pct_after)::text, '(110000,2.27)', 'V1''s source fills V1''s groups') FROM v1;
SELECT pg_temp.state() AS items_after_v1 \gset

CREATE TEMP TABLE dry OF menuca_fix_result;
BEGIN READ ONLY;
SELECT * FROM menuca_fix_v2_groups() \gset dry_
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_xid \gset
COMMIT;
INSERT INTO dry SELECT * FROM menuca_fix_v2_groups();
SELECT ok(:'no_xid', 'a dry run does not even get a transaction id');
SELECT is((status, insert, (figures ->> 'orphan_pct_before')::numeric, orphan_pct_after, (figures ->> 'expected_orphan_pct_after')::numeric, figures ->> 'band')::text, format('(planned,%s,2.27,0.00,0.00,EXCELLENT)', :items), 'it announces 0.00 %') FROM dry;
SELECT is(pg_temp.state() || pg_temp.state('menuca_v3.combo_steps'), :'items_after_v1' || :'steps_at_start', 'and writes nothing');

CREATE TEMP TABLE v2 AS SELECT * FROM menuca_fix_v2_groups(dry_run := false);
SELECT is((status, inserted, (figures ->> 'items_before')::bigint)::text, format('(completed,%s,110063)', :items), 'the fix inserts the items') FROM v2;
SELECT is((SELECT pg_temp.counts(to_jsonb(v2)) FROM v2), (SELECT pg_temp.counts(to_jsonb(dry)) FROM dry), 'dry run and real run agree on every count');
SELECT bag_eq(
	$$SELECT combo_group_id, dish_id, display_order, source_system, source_id, quantity, is_required FROM menuca_v3.combo_items WHERE source_system = 'v2'$$,
	$$SELECT combo_group_id, dish_id, display_order, 'v2'::varchar AS source_system, NULL::bigint AS source_id, 1 AS quantity, true AS is_required FROM wanted_items$$,
	'they are those of plain SQL, with all their columns');
SELECT bag_eq(
	$$SELECT i.combo_group_id, i.dish_id, s.step_number, s.suffix, s.step_label, s.source_system FROM menuca_v3.combo_steps s JOIN menuca_v3.combo_items i ON i.id = s.combo_item_id$$,
	$$SELECT combo_group_id, dish_id, step_number, suffix::varchar, NULL::varchar AS step_label, 'v2'::varchar AS source_system FROM wanted_steps$$,
	'and so are the steps');
SELECT ok(array_to_string(warnings, ' ') LIKE format('%s sizes of lists without steps are not written%%', :flat_sizes), 'the sizes of lists without steps are reported') FROM v2;
SELECT is((SELECT row(orphans, orphan_pct, expected_orphans, by_source_system -> 'v2' ->> 'orphans')::text FROM menuca_orphan_rate()), '(0,0.00,0,0)', 'no orphan is left: 0.00 %');
SELECT is((SELECT row(expected_groups, expected_orphan_pct)::text FROM menuca_orphan_rate('staging.menuca_v2_restaurants_combo_groups_items', group_column := 'group_id')),
	'(187,0.00)', 'or of the groups that V2 has dishes for');
SELECT is_empty('SELECT * FROM menuca_orphans()', 'there is nothing to explain any more');
SELECT results_eq($$SELECT name, status FROM menuca_validate() WHERE status <> 'PASS'$$, $$VALUES ('direction', 'WARN'), ('row_counts', 'SKIP'), ('row_values', 'SKIP'), ('row_contents', 'SKIP'), ('safeguards', 'SKIP'), ('summary', 'WARN')$$,
	'all checks of the validation pass, with the steps');

-- Damage to the steps is found by the ledger and, without it, by the lists
BEGIN;
CREATE TEMP TABLE victim AS SELECT combo_item_id, min(id) AS id, count(*) AS n FROM menuca_v3.combo_steps GROUP BY 1 ORDER BY 1 LIMIT 1;
CREATE FUNCTION pg_temp.steps_found() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(name || ' ' || status || ': ' || coalesce(actual, ''), '; ' ORDER BY check_no) FROM menuca_validate() WHERE name IN ('steps', 'step_ledger')
$$;
SAVEPOINT s;
DELETE FROM menuca_v3.combo_steps s USING victim v WHERE s.combo_item_id = v.combo_item_id;
SELECT matches(pg_temp.steps_found(), '^steps FAIL: item without steps that V2.s list has: 1.*; step_ledger FAIL', 'an item has lost its steps');
SELECT matches(detail, '; missing: ' || v.id, 'the ledger names the first of them') FROM menuca_validate(), victim v WHERE name = 'step_ledger';
ROLLBACK TO s;
UPDATE menuca_v3.combo_steps s SET step_number = step_number + 100 FROM victim v WHERE s.id = v.id;
SELECT matches(pg_temp.steps_found(), '^steps FAIL: .*step that V2.s list lacks: 1; step_ledger FAIL', 'a step is renumbered');
SELECT matches(menuca_accept_change('step_ledger', 'the owner wants it last'), '^accepted: FAIL of check step_ledger', 'that is accepted');
SELECT is((SELECT status FROM menuca_validate() WHERE name = 'step_ledger'), 'PASS', 'and is no failure any more');
ROLLBACK TO s;
UPDATE menuca_v3.combo_steps s SET combo_item_id = (SELECT min(i.id) FROM menuca_v3.combo_items i WHERE i.id <> s.combo_item_id AND NOT EXISTS (SELECT FROM menuca_v3.combo_steps o WHERE o.combo_item_id = i.id))
FROM victim v WHERE s.id = v.id;
DELETE FROM menuca_run WHERE kind = 'fix_v2_steps';
SELECT matches(pg_temp.steps_found(), '^steps FAIL: ', 'a step points to another item, and the ledger is lost');
ROLLBACK TO s;
DROP TABLE staging.menuca_v2_restaurants_combo_groups_items;
SELECT matches(pg_temp.steps_found(), '^steps WARN: true for .*; step_ledger PASS', 'the lists that the run has read are gone');
ROLLBACK TO s;
DELETE FROM menuca_run WHERE kind LIKE 'fix_v2%';
DELETE FROM menuca_run_batch b WHERE NOT EXISTS (SELECT FROM menuca_run r WHERE r.run_id = b.run_id);
DELETE FROM menuca_run_baseline b WHERE NOT EXISTS (SELECT FROM menuca_run r WHERE r.run_id = b.run_id);
SELECT is((SELECT status || ' ' || (metadata ->> 'unknown') FROM menuca_validate() WHERE name = 'unexplained_items'), 'FAIL ' || :items, 'no run has V2''s items any more');
ROLLBACK;

SELECT results_eq('SELECT run_id, part_of, kind, target, inserted, items_before, items_after, status FROM menuca_runs ORDER BY 1',
	format($$SELECT * FROM (VALUES (1::bigint, NULL::bigint, 'fix_combos', 'combo_items', 110000::bigint, 63::bigint, 110063::bigint, 'completed'),
			(2, NULL, 'fix_v2_groups', 'combo_items', %1$s, 110063, 110063 + %1$s, 'completed'),
			(3, 2, 'fix_v2_steps', 'combo_steps', %2$s, 0, %2$s, 'completed')) r$$, :items, :steps),
	'the ledger has both runs, and the steps as a part of the second');

-- Again, and when somebody has deleted a part of it
SELECT pg_temp.state() AS items_fixed, pg_temp.state('menuca_v3.combo_steps') AS steps_fixed, pg_temp.content() AS content_fixed \gset
SELECT is((inserted, (figures ->> 'already_present')::bigint)::text, format('(0,%s)', :items), 'a second run finds nothing to do') FROM menuca_fix_v2_groups(dry_run := false);
SELECT is(pg_temp.state() || pg_temp.state('menuca_v3.combo_steps'), :'items_fixed' || :'steps_fixed', 'and does nothing');
DELETE FROM menuca_v3.combo_items WHERE source_system = 'v2' AND id % 5 = 0;
SELECT is((SELECT count(*) FROM menuca_v3.combo_steps) < :steps, true, 'items that somebody deletes take their steps along');
CREATE TEMP TABLE repaired AS SELECT * FROM menuca_fix_v2_groups(dry_run := false);
SELECT is(pg_temp.content(), :'content_fixed', 'the next run brings back the items');
SELECT bag_eq(
	$$SELECT i.combo_group_id, i.dish_id, s.step_number, s.suffix FROM menuca_v3.combo_steps s JOIN menuca_v3.combo_items i ON i.id = s.combo_item_id$$,
	$$SELECT combo_group_id, dish_id, step_number, suffix::varchar FROM wanted_steps$$, 'and their steps');

--
-- Rollback of all of it, the last first
--
SELECT ok(state_restored, 'the repair is rolled back') FROM repaired r, menuca_rollback(r.run_id, dry_run := false);
CREATE TEMP TABLE undone AS SELECT r.* FROM v2, menuca_rollback(v2.run_id) r;
SELECT is((status, dependants, cardinality(reasons), (figures ->> 'baseline_intact')::bigint)::text, '(planned,0,0,110063)', 'a dry rollback does not take the run''s own steps for dependants') FROM undone;
SELECT is((deleted, (figures ->> 'already_gone')::bigint)::text, (SELECT row(count(*), :items - count(*))::text FROM menuca_v3.combo_items WHERE source_system = 'v2'), 'and counts what would go') FROM undone;
TRUNCATE undone;
INSERT INTO undone SELECT r.* FROM v2, menuca_rollback(v2.run_id, dry_run := false) r;
SELECT ok(state_restored, 'the rollback proves that the state is back') FROM undone;
SELECT is(pg_temp.state() || pg_temp.state('menuca_v3.combo_steps'), :'items_after_v1' || :'steps_at_start', 'and so it is, items and steps');
SELECT results_eq($$SELECT status, count(*) FROM menuca_runs WHERE kind IN ('fix_v2_groups', 'fix_v2_steps') GROUP BY 1 ORDER BY 1$$,
	$$VALUES ('completed', 1::bigint), ('rolled_back', 4)$$, 'the steps'' runs went with their items'' runs');
SELECT ok(state_restored, 'V1''s run is rolled back') FROM v1, menuca_rollback(v1.run_id, dry_run := false);
SELECT is(pg_temp.state(), :'items_at_start', 'and everything is as at the start');
SELECT is((SELECT orphan_pct FROM menuca_orphan_rate()), 99.81, 'the orphan rate is 99.81 % again');
SELECT results_eq($$SELECT reason, source_system, count(*) FROM menuca_orphans() GROUP BY 1, 2 ORDER BY 2$$,
	$$VALUES ('fix_pending', 'v1', 8031::bigint), ('fix_pending', 'v2', 187)$$, 'and all of it can be fixed again');

SELECT * FROM finish();
\! rm -r "$WORK"
