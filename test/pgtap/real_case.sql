--
-- The real case, small: what the generator foresaw at each step of a repair
--
-- engines: both
--
\ir include/tools.psql

SELECT plan(46);

\set options ''
\ir include/real_case.psql

-- Both rates, as columns of the figures' names end
CREATE FUNCTION pg_temp.rates(step text) RETURNS text
LANGUAGE sql AS $$
	SELECT string_agg(pg_temp.figure(name || step), ' ' ORDER BY n)
	FROM unnest('{orphans_,orphan_pct_,expected_orphans_,expected_orphan_pct_}'::text[]) WITH ORDINALITY f (name, n)
$$;
CREATE FUNCTION pg_temp.rates_now() RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', orphans, orphan_pct, expected_orphans, expected_orphan_pct) FROM menuca_orphan_rate());
END
$$;
-- Outcomes of a plan, as "insert 1, unmapped_dish 2"
CREATE FUNCTION pg_temp.outcomes(plan text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	outcomes text;
BEGIN
	EXECUTE format('SELECT string_agg(o, '', '' ORDER BY o) FROM (SELECT outcome || '' '' || count(*) AS o FROM %s GROUP BY outcome) p', plan) INTO outcomes;
	RETURN outcomes;
END
$$;
SELECT pg_temp.state() AS items_at_start, pg_temp.state('menuca_v3.dishes') AS dishes_at_start, pg_temp.state('menuca_v3.combo_steps') AS steps_at_start \gset

--
-- As it is
--
SELECT is(pg_temp.rates_now(), pg_temp.rates('before'), 'the rates before');
SELECT is(pg_temp.outcomes('menuca_plan_combos()'),
	format('already_present %s, cross_restaurant %s, insert %s, unmapped_dish %s', pg_temp.figure('already_present_planned'), pg_temp.figure('cross_restaurant'),
		pg_temp.figure('insert_planned'), pg_temp.figure('unmapped_dish_planned')), 'the outcomes of V1''s rows');
CREATE TEMP TABLE dry AS SELECT status, coverage_pct, orphan_pct_after, reasons, warnings FROM menuca_fix_combos();
SELECT is(status, 'refused', 'a fix is refused') FROM dry;
SELECT is(coverage_pct::text, pg_temp.figure('dish_coverage_pct_planned'), 'at the coverage of the dishes') FROM dry;
SELECT is(orphan_pct_after::text, pg_temp.figure('orphan_pct_planned'), 'and the rate that was foreseen') FROM dry;
SELECT is(cardinality(reasons), 4, 'for four reasons') FROM dry;
SELECT matches(reasons[1], format('^%s of .* \(%s %%\) lead to dishes of other restaurants: %s distinct legacy ids, of which %3$s are ids of ingredients .*, %s are ids of dishes on the menu',
	pg_temp.figure('cross_restaurant'), pg_temp.figure('cross_restaurant_pct'), pg_temp.figure('impostors'), pg_temp.figure('menu_present_elsewhere')), 'the impostors') FROM dry;
SELECT matches(reasons[2], format('groups is %s %% \(%s of ', pg_temp.figure('group_coverage_pct_planned'), pg_temp.figure('groups_found_planned')), 'groups that have nothing else') FROM dry;
SELECT matches(reasons[3], format('dishes is %s %% \(%s of %s ', pg_temp.figure('dish_coverage_pct_planned'), pg_temp.figure('dishes_found_planned'), pg_temp.figure('source_dishes')), 'dishes that are missing') FROM dry;
SELECT matches(reasons[4], format('%s %% \(%s of %s groups\)', pg_temp.figure('orphan_pct_planned'), pg_temp.figure('orphans_planned'), pg_temp.figure('combo_groups')), 'and orphans') FROM dry;
SELECT matches(warnings[1], format('^%s of %1$s referenced dishes are combo products', pg_temp.figure('combo_products_known')), 'the direction is reversed') FROM dry;
SELECT is(count(*), 1::bigint, 'so says the decision') FROM menuca_decide()
WHERE kind = 'meaning' AND status = 'WARN' AND finding LIKE '%not which dish a group offers%';
SELECT is(count(*), 5::bigint, 'with five examples') FROM menuca_decide() WHERE kind = 'example' AND status = 'PASS';
SELECT is(pg_temp.outcomes('menuca_plan_backfill()'),
	format('already_present %s, blank_name %s, insert %s, not_referenced %s, present_elsewhere %s, unknown_restaurant %s', pg_temp.figure('menu_already_present'), pg_temp.figure('menu_blank_name'),
		pg_temp.figure('menu_insert'), pg_temp.figure('menu_not_referenced'), pg_temp.figure('menu_present_elsewhere'), pg_temp.figure('menu_unknown_restaurant')), 'the outcomes of the menu''s rows');
SELECT is(pg_temp.outcomes('menuca_plan_group_dishes()'),
	format('insert %s, unmapped_dish %s', pg_temp.figure('list_insert'), pg_temp.figure('list_unmapped_dish')), 'those of the groups'' own lists');
SELECT is(count(DISTINCT legacy_group_id)::text, pg_temp.figure('lists'), 'which some groups have') FROM menuca_plan_group_dishes();
SELECT is(pg_temp.outcomes('menuca_plan_v2_groups()'),
	format('duplicate %s, insert %s', pg_temp.figure('v2_duplicate'), pg_temp.figure('v2_insert')), 'and those of V2''s');

--
-- Without impostors, and backfilled
--
CREATE TEMP TABLE snapshot AS SELECT * FROM menuca_snapshot('before-repair');
WITH gone AS (
	DELETE FROM menuca_v3.dishes d USING menuca_v3.restaurants r, staging.menuca_v1_ingredients i
	WHERE r.id = d.restaurant_id AND i.id = d.legacy_v1_id AND i.restaurant = r.legacy_v1_id AND i.name = d.name
		AND NOT EXISTS (SELECT FROM staging.menuca_v1_menu m WHERE m.id = i.id AND m.restaurant = i.restaurant)
	RETURNING 1)
SELECT is(count(*)::text, pg_temp.figure('impostors'), 'the impostors are removed') FROM gone;
SELECT is(pg_temp.rates_now(), pg_temp.rates('before'), 'no item was one of theirs');
CREATE TEMP TABLE backfill AS SELECT run_id, inserted, newly_visible, dish_coverage_pct_after FROM menuca_backfill_dishes(dry_run => false);
SELECT is(inserted::text, pg_temp.figure('backfill_insert'), 'the dishes that the menu has are backfilled') FROM backfill;
SELECT is(newly_visible, 0::bigint, 'none of them is visible') FROM backfill;
SELECT is(dish_coverage_pct_after::text, pg_temp.figure('dish_coverage_pct_after'), 'the coverage is the one that was foreseen') FROM backfill;
SELECT is(pg_temp.outcomes('menuca_plan_combos()'),
	format('already_present %s, insert %s, unmapped_dish %s', pg_temp.figure('already_present_after'), pg_temp.figure('insert_after'), pg_temp.figure('unmapped_dish_after')), 'the outcomes, too');
SELECT is(status || ' ' || cardinality(reasons), 'refused 2', 'a fix is still refused') FROM menuca_fix_combos();
SELECT throws_ok('SELECT menuca_fix_combos(dry_run => false)', 'MC001', NULL, 'a real one as well');

--
-- Accepted, and fixed
--
SELECT lives_ok(format('SELECT menuca_accept(%L, %s, ''they are lost'', ''Demo Lead'')', figure, bound), figure || ' is accepted')
FROM (VALUES ('dish_coverage', 75), ('orphan_rate', 42), ('expected_orphan_rate', 23)) a (figure, bound);
CREATE TEMP TABLE fixed AS SELECT run_id, inserted FROM menuca_fix_combos(dry_run => false);
SELECT is(inserted::text, pg_temp.figure('insert_after'), 'the fix') FROM fixed;
SELECT is(pg_temp.rates_now(), pg_temp.rates('after'), 'the rates after');
SELECT is(substring(actual FROM '\(([0-9.]+) points off'), pg_temp.figure('distribution_points_after'), 'the distribution') FROM menuca_validate() WHERE name = 'distribution';
SELECT is(actual, format('%s %% (%s of %s)', pg_temp.figure('restaurants_pct_after'), pg_temp.figure('restaurants_with_items_after'), pg_temp.figure('source_restaurants')), 'the restaurants')
FROM menuca_validate() WHERE name = 'restaurants';
SELECT matches(actual, format(' \(%s of %s\)$', pg_temp.figure('item_counts_equal_after'), pg_temp.figure('groups_with_items_after')), 'the item counts')
FROM menuca_validate() WHERE name = 'item_count';
SELECT is(insert::text, pg_temp.figure('choice_steps'), 'the steps of V1''s items, if headers are choices') FROM menuca_fix_combo_steps(headers_name => 'choices');
SELECT is(string_agg(n::text, ' ' ORDER BY parts), concat_ws(' ', pg_temp.figure('headers_equal'), pg_temp.figure('headers_fewer'), pg_temp.figure('headers_more')), 'groups of several headers, with as many items, or fewer headers, or more')
FROM (SELECT CASE WHEN headers = items THEN 'equal' WHEN headers < items THEN 'fewer' ELSE 'more' END AS parts, count(DISTINCT combo_group_id) AS n
	  FROM menuca_plan_combo_steps() WHERE headers > 1 GROUP BY 1) p;
SELECT lives_ok($$SELECT menuca_accept('orphan_rate', 40, 'they are lost', 'Demo Lead', source => 'staging.menuca_v2_restaurants_combo_groups_items')$$, 'for V2''s lists, the rate is accepted');
CREATE TEMP TABLE fixed_v2 AS SELECT run_id, inserted FROM menuca_fix_v2_groups(dry_run => false);
SELECT is(inserted::text, pg_temp.figure('v2_insert'), 'V2''s lists') FROM fixed_v2;
SELECT is(count(*)::text, pg_temp.figure('v2_steps'), 'their steps') FROM menuca_v3.combo_steps;
SELECT is(count(*)::text, pg_temp.figure('items_after_v2'), 'all items') FROM menuca_v3.combo_items;
SELECT is(pg_temp.rates_now(), pg_temp.rates('after_v2'), 'the rates in the end');
SELECT is(substring(actual FROM '\(([0-9.]+) points off'), pg_temp.figure('distribution_points_after_v2'), 'the distribution in the end') FROM menuca_validate() WHERE name = 'distribution';
SELECT is((SELECT string_agg(name || ' ' || status, ', ' ORDER BY check_no) FROM menuca_validate() WHERE status NOT IN ('PASS', 'SKIP')),
	'orphan_rate WARN, item_count WARN, remaining_orphans WARN, source_systems WARN, inactive_dishes WARN, direction WARN, menus WARN, summary WARN', 'what is accepted is a WARN, as is the restaurant that lost its menu, and nothing fails');

--
-- And back
--
SELECT is((SELECT state_restored FROM menuca_rollback((SELECT run_id FROM fixed_v2), dry_run => false)), true, 'V2''s run is rolled back');
SELECT is((SELECT state_restored FROM menuca_rollback((SELECT run_id FROM fixed), dry_run => false)), true, 'V1''s, too');
SELECT is((SELECT state_restored FROM menuca_rollback((SELECT run_id FROM backfill), dry_run => false)), true, 'and the backfill');
CREATE TEMP TABLE restored AS SELECT * FROM menuca_restore_snapshot('before-repair', dry_run => false);
SELECT is(pg_temp.state() || pg_temp.state('menuca_v3.dishes') || pg_temp.state('menuca_v3.combo_steps'), :'items_at_start' || :'dishes_at_start' || :'steps_at_start', 'everything is as it was');

SELECT * FROM finish();
