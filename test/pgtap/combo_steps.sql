--
-- The steps of V1's items on the real data: replay B, and what its headers name
--
-- engines: auto
--
-- The data lies beside the project, in the directory MENUCA_SHARED_DATA; none
-- of it belongs to the project.  Where it is not, all of this is skipped.
--
\set tests 36
SELECT plan(:tests);

\set data ''
\getenv data MENUCA_SHARED_DATA
SELECT :'data' <> '' AS has_data \gset
\if :has_data

\ir include/tools.psql
\ir include/real_data.psql
\lo_import :data/v1_combos.sql
SELECT menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos') AS loaded \gset
\lo_unlink :LASTOID
INSERT INTO v1_dishes SELECT id, restaurant, name FROM v1_menu UNION ALL SELECT id, restaurant, name FROM v1_menu_missing;
SELECT pg_temp.set_up_replay();
SELECT is(inserted, 12446::bigint, 'replay B has 12,446 items')
FROM menuca_fix_combos(dry_run := false, min_coverage_pct := 0, max_orphan_pct := 100);

--
-- The headers, by regular expressions over the rules
--
CREATE TEMP TABLE said AS
SELECT u.combo_group_id AS v1_group, btrim(u.combo_rules ->> 'display_header') AS header, (u.combo_rules ->> 'item_count')::int AS item_count,
	regexp_split_to_array(regexp_replace(btrim(u.combo_rules ->> 'display_header'), '[[:space:]]*;[[:space:]]*$', ''), '[[:space:]]*;[[:space:]]*') AS labels
FROM v1_rules u JOIN v1_groups g ON g.id = u.combo_group_id;
SELECT is(count(*) FILTER (WHERE header ~ '&|<'), 0::bigint, 'no header has an HTML entity or tag') FROM said;
SELECT is(count(*) FILTER (WHERE '' = ANY (labels) AND header <> ''), 0::bigint, 'none is blank between others') FROM said;
SELECT is(count(*) FILTER (WHERE header ~ ';$'), 2::bigint, 'two lists end by a semicolon') FROM said;
SELECT is(count(*) FILTER (WHERE cardinality(labels) > 1), 2304::bigint, '2,304 groups have several headers') FROM said;
SELECT is(count(*) FILTER (WHERE cardinality(labels) > 1 AND item_count = cardinality(labels)), 2287::bigint, '2,287 of these have as many as item_count') FROM said;

-- The groups with their items, by plain SQL
CREATE TEMP TABLE counted AS
SELECT g.id AS combo_group_id, s.item_count, s.labels, CASE WHEN coalesce(s.header, '') = '' THEN 0 ELSE cardinality(s.labels) END AS headers,
	count(*) AS items, count(DISTINCT i.display_order) = count(*) AS ordered
FROM menuca_v3.combo_items i
	JOIN menuca_v3.combo_groups g ON g.id = i.combo_group_id
	LEFT JOIN said s ON s.v1_group = g.legacy_v1_id
GROUP BY 1, 2, 3, 4;
CREATE TEMP TABLE wanted AS
SELECT i.id AS combo_item_id, g.combo_group_id, i.dish_id, g.headers, g.items, g.item_count, g.labels, o.outcome, o.outcome_of_choices,
	CASE WHEN o.outcome <> 'fits' THEN NULL WHEN g.headers = 1 THEN 1
		ELSE row_number() OVER (PARTITION BY g.combo_group_id ORDER BY i.display_order) END AS step_number
FROM counted g
	JOIN menuca_v3.combo_items i USING (combo_group_id)
	CROSS JOIN LATERAL (SELECT
		CASE WHEN headers = 0 THEN 'no_header' WHEN headers = 1 THEN 'fits' WHEN headers > items THEN 'more_headers'
			WHEN headers < items THEN 'fewer_headers' WHEN ordered THEN 'fits' ELSE 'unordered' END AS outcome,
		CASE WHEN headers = 0 THEN 'no_header' WHEN headers = item_count THEN 'fits' ELSE 'count_differs' END AS outcome_of_choices) o;
SELECT results_eq('SELECT outcome, count(*), count(DISTINCT combo_group_id) FROM wanted GROUP BY 1 ORDER BY 1',
	$$VALUES ('fewer_headers', 630::bigint, 50::bigint), ('fits', 615, 374), ('more_headers', 1105, 1105), ('no_header', 9975, 3658), ('unordered', 121, 60)$$,
	'615 items of 374 groups fit, of which 613 have the only header');

--
-- The plan and the dry run, beside plain SQL
--
SELECT bag_eq('SELECT combo_item_id, combo_group_id, dish_id, step_number, step_label, headers, items, item_count, outcome FROM menuca_plan_combo_steps()',
	'SELECT combo_item_id, combo_group_id, dish_id, step_number::int, labels[step_number], headers, items::int, item_count, outcome FROM wanted',
	'the plan is that of plain SQL, item by item');
SELECT bag_eq('SELECT combo_item_id, step_number, step_label, outcome FROM menuca_plan_combo_steps(''choices'')',
	'SELECT combo_item_id, n::int, labels[n], outcome_of_choices FROM wanted LEFT JOIN LATERAL generate_series(1, headers) n ON outcome_of_choices = ''fits''',
	'and so it is when headers name the choices of an item');
CREATE TEMP TABLE dry AS SELECT * FROM menuca_fix_combo_steps();
SELECT is(to_jsonb(dry) #- '{figures,elapsed}' #- '{figures,groups}' #- '{warnings}', format('{
	"run_id": null, "status": "planned", "insert": 615, "inserted": 0, "reasons": [],
	"next_step": "SELECT * FROM %smenuca_fix_combo_steps(dry_run => false);",
	"figures": {"dry_run": true, "headers_name": "items", "items": 12446, "steps_before": 0, "steps_after": 615,
		"several_headers": {"groups": 1216, "as_many_as_item_count": 1208, "as_many_as_items": 61},
		"outcomes": {"fits": 615, "already_present": 0, "no_header": 9975, "more_headers": 1105, "fewer_headers": 630, "count_differs": 0,
			"unordered": 121, "unclear_header": 0, "label_too_long": 0, "other_steps": 0, "malformed_rules": 0, "v2_group": 0, "duplicate": 0, "invalid": 0}}}',
	substring(next_step from ' FROM (.*)menuca_fix'))::jsonb, 'the dry run has the same figures, and writes nothing') FROM dry;
SELECT is(jsonb_object_agg(key, value), '{"fits": 374, "no_header": 3658, "more_headers": 1105, "fewer_headers": 50, "unordered": 60}', 'by groups, too')
FROM dry, jsonb_each(figures -> 'groups') WHERE value <> '0';
SELECT matches(warnings[1], '^headers seem to name the choices of an item, not items: of 1,216 groups with several headers, 1,208 have as many as combo_rules.item_count, and 61 as many as items\.', 'and says what the headers seem to name') FROM dry;
SELECT is((SELECT count(*) FROM menuca_v3.combo_steps) + (SELECT count(*) FROM menuca_runs WHERE kind = 'fix_combo_steps'), 0::bigint, 'nothing is written yet');

--
-- The run, the validation, the rollback
--
SELECT pg_temp.state('menuca_v3.combo_items') AS items_before \gset
SELECT run_id, inserted FROM menuca_fix_combo_steps(dry_run := false, batch_size := 100) \gset
SELECT is(:inserted, 615, '615 steps are inserted');
SELECT bag_eq('SELECT combo_item_id, step_number, step_label::text, source_system::text, suffix::text FROM menuca_v3.combo_steps',
	$$SELECT combo_item_id, step_number::int, labels[step_number], 'v1'::text AS system, NULL::text AS suffix FROM wanted WHERE outcome = 'fits'$$, 'those of plain SQL');
SELECT is(row(items_before, inserted, items_after, batches)::text, '(0,615,615,7)', 'before + inserted = after, in 7 batches') FROM menuca_runs WHERE run_id = :run_id;
SELECT is(pg_temp.state('menuca_v3.combo_items'), :'items_before', 'no item has changed');
SELECT results_eq($$SELECT name, status FROM menuca_validate() WHERE name IN ('steps', 'step_ledger') ORDER BY 1$$, $$VALUES ('step_ledger', 'PASS'), ('steps', 'PASS')$$, 'both checks of steps pass');
SELECT is(inserted, 0::bigint, 'a second run inserts nothing') FROM menuca_fix_combo_steps(dry_run := false);

CREATE FUNCTION pg_temp.checked(damage text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	BEGIN
		EXECUTE damage;
		SELECT string_agg(status, ', ' ORDER BY name) INTO found FROM menuca_validate() WHERE name IN ('steps', 'step_ledger');
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		RETURN found;
	END;
END
$$;
SELECT is(pg_temp.checked('UPDATE menuca_v3.combo_steps SET step_label = step_label || ''!'' WHERE id = (SELECT max(id) FROM menuca_v3.combo_steps)'), 'FAIL, WARN', 'one changed label is found');
SELECT is(pg_temp.checked('UPDATE menuca_v3.combo_steps SET step_number = 2 WHERE id = (SELECT min(id) FROM menuca_v3.combo_steps s WHERE NOT EXISTS (SELECT FROM menuca_v3.combo_items i JOIN menuca_v3.combo_items o USING (combo_group_id) WHERE i.id = s.combo_item_id AND o.id <> i.id))'), 'FAIL, FAIL', 'one changed number leaves a gap');
SELECT is(pg_temp.checked('DELETE FROM menuca_v3.combo_steps WHERE id = (SELECT max(id) FROM menuca_v3.combo_steps)'), 'FAIL, WARN', 'one deleted step is found');
SELECT is(pg_temp.checked('INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT min(combo_group_id), (SELECT min(id) FROM menuca_v3.dishes) FROM menuca_v3.combo_items i JOIN menuca_v3.combo_steps s ON s.combo_item_id = i.id'), 'PASS, WARN', 'an item that an owner adds to a group with a header is no failure');
SELECT is(pg_temp.checked('INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number) SELECT combo_item_id, 2 FROM menuca_v3.combo_steps ORDER BY id LIMIT 1'), 'PASS, WARN', 'one more step is found');
SELECT is(pg_temp.checked('UPDATE menuca_v3.combo_groups SET combo_rules = combo_rules - ''display_header'' || ''{"display_header": "Another"}'' WHERE id = (SELECT min(combo_group_id) FROM menuca_v3.combo_items WHERE id IN (SELECT combo_item_id FROM menuca_v3.combo_steps))'), 'PASS, WARN', 'a changed header is found');

SELECT ok(state_restored AND deleted = 615, 'the rollback deletes the 615 steps') FROM menuca_rollback(:run_id, dry_run := false);
SELECT is(count(*), 0::bigint, 'none is left') FROM menuca_v3.combo_steps;
SELECT is(pg_temp.state('menuca_v3.combo_items'), :'items_before', 'the items are as before');

--
-- The other reading: each item has all headers
--
SELECT is(format('%s steps of %s items', count(n), count(DISTINCT combo_item_id)), '4533 steps of 2460 items', 'plain SQL expects 4,533 steps') FROM wanted, generate_series(1, headers) n WHERE outcome_of_choices = 'fits';
SELECT is(row(insert, figures -> 'outcomes' -> 'fits', figures -> 'outcomes' -> 'count_differs', cardinality(warnings))::text, '(4533,2460,11,0)', 'so does the dry run, without a warning')
FROM menuca_fix_combo_steps(headers_name := 'choices');
SELECT run_id, inserted FROM menuca_fix_combo_steps(dry_run := false, headers_name := 'choices') \gset
SELECT bag_eq('SELECT combo_item_id, step_number, step_label::text FROM menuca_v3.combo_steps',
	'SELECT combo_item_id, n::int, labels[n] FROM wanted, generate_series(1, headers) n WHERE outcome_of_choices = ''fits''', 'the run writes these');
SELECT results_eq($$SELECT name, status FROM menuca_validate() WHERE name IN ('steps', 'step_ledger') ORDER BY 1$$, $$VALUES ('step_ledger', 'PASS'), ('steps', 'PASS')$$, 'both checks pass');
SELECT is(pg_temp.checked('UPDATE menuca_v3.combo_steps SET step_label = ''First Pizza'' WHERE id = (SELECT min(id) FROM menuca_v3.combo_steps WHERE step_label = ''Second Pizza'')'), 'FAIL, WARN', 'one wrong label is found');
SELECT is(pg_temp.checked('DELETE FROM menuca_v3.combo_steps WHERE id = (SELECT max(id) FROM menuca_v3.combo_steps WHERE step_number = 2)'), 'FAIL, WARN', 'one step that is lacking is found');
SELECT ok(state_restored AND deleted = 4533, 'the rollback deletes them all') FROM menuca_rollback(:run_id, dry_run := false);
SELECT is(count(*), 0::bigint, 'none is left') FROM menuca_v3.combo_steps;

\else
SELECT skip('the real data is not here (MENUCA_SHARED_DATA is not set)', :tests);
\endif
SELECT * FROM finish();
