--
-- The main path at the tickets' size: from a dump file to repaired, verified,
-- reversible combos
--
-- engines: both
--
\ir include/tools.psql

SELECT plan(81);

--
-- The fixture's clean default is the tickets' shape
--
\set options ''
\ir include/fixture.psql
SELECT pg_temp.state() AS state_at_start \gset

SELECT is((SELECT count(*) FROM menuca_v3.restaurants)::int, 944, '944 restaurants');
SELECT is((SELECT count(*) FROM menuca_v3.dishes)::int, 10585, '10,585 dishes');
SELECT is((SELECT count(*) FROM menuca_v3.combo_groups)::int, 8234, '8,234 groups');
SELECT is((SELECT count(*) FROM menuca_v3.combo_groups WHERE source_system = 'v2')::int, 187, '187 of them from V2');
SELECT is((SELECT count(*) FROM menuca_v3.combo_items)::int, 63, '63 items');
SELECT is((SELECT count(DISTINCT combo_group_id) FROM menuca_v3.combo_items)::int, 16, 'in 16 groups');

--
-- Before anything is loaded: the overall rate is known, the expected one not
--
CREATE TEMP TABLE rate AS SELECT * FROM menuca_orphan_rate();
SELECT is(groups, 8234::bigint, 'of 8,234 groups') FROM rate;
SELECT is(orphans, 8218::bigint, '8,218 are orphans') FROM rate;
SELECT is(groups_with_items, 16::bigint, '16 have items') FROM rate;
SELECT is(orphan_pct, 99.81, 'that is 99.81 %') FROM rate;
SELECT is(band, 'FAIL', 'band FAIL') FROM rate;
SELECT is(items, 63::bigint, 'items are counted beside groups, not among them') FROM rate;
SELECT is(by_source_system,
	'{"v1": {"groups": 8047, "orphans": 8031, "orphan_pct": 99.80}, "v2": {"groups": 187, "orphans": 187, "orphan_pct": 100.00}}',
	'both source systems add up to it') FROM rate;
SELECT ok(num_nulls(expected_groups, expected_orphans, expected_orphan_pct, expected_band) = 4,
	'without a source the figures of expected groups are NULL') FROM rate;

-- The tickets' own formula counts the rows of a join
SELECT is((SELECT count(*) FROM menuca_v3.combo_groups g LEFT JOIN menuca_v3.combo_items i ON i.combo_group_id = g.id)::int,
	8281, 'the tickets'' formula counts 8,281 "groups"');
SELECT is((SELECT orphans + items FROM rate)::int, 8281, '8,218 orphans + 63 items = 8,281');
SELECT is((SELECT (metadata ->> 'left_join_rows')::int FROM menuca_validate() WHERE name = 'overall_counts'),
	8281, 'the validation reports these 8,281, too');

SELECT results_eq(
	$$SELECT reason, source_system, count(*) FROM menuca_orphans() GROUP BY 1, 2 ORDER BY 1$$,
	$$VALUES ('no_source_staged', 'v1', 8031::bigint), ('v2_group', 'v2', 187)$$,
	'the list of orphans says that nothing is staged');

--
-- Load the dump, in each of the three ways
--
\lo_import :work/v1_combos.sql
\set dump :LASTOID
SELECT is((menuca_load_dump_lo(:dump, 'combos', 'staging.menuca_v1_combos')).rows_loaded, 110000::bigint, 'a large object loads 110,000 rows');
SELECT is((menuca_load_dump_file(:'work' || '/v1_combos.sql', 'combos', 'staging.from_file')).rows_loaded, 110000::bigint, 'a server file, too');
SELECT is((menuca_load_dump(convert_from(lo_get(:dump), 'UTF8'), 'combos', 'staging.from_text')).rows_loaded, 110000::bigint, 'and a text');

-- The dump's tuples, read by grep
CREATE TEMP TABLE dumped (id bigint, dish bigint, "group" bigint, "order" bigint);
\copy dumped FROM PROGRAM 'grep "^INSERT INTO" "$WORK/v1_combos.sql" | grep -o "([0-9,]*)" | tr -d "()"' WITH (FORMAT csv)
SELECT bag_eq('SELECT id, dish, "group", "order" FROM staging.menuca_v1_combos', 'SELECT * FROM dumped', 'the rows are those of the dump');
SELECT bag_eq('TABLE staging.from_file', 'TABLE staging.menuca_v1_combos', 'a server file gives the same rows');
SELECT bag_eq('TABLE staging.from_text', 'TABLE staging.menuca_v1_combos', 'a text gives the same rows');
SELECT columns_are('staging', 'menuca_v1_combos', ARRAY['id', 'dish', 'group', 'order'], 'the columns have the dump''s names');

-- The same file as a Windows shell writes it
\! perl -MEncode -0777 -ne 'print "\xFF\xFE", encode("UTF-16LE", decode("UTF-8", $_) =~ s/\n/\r\n/gr)' "$WORK/v1_combos.sql" >"$WORK/windows.sql"
\lo_import :work/windows.sql
SELECT is((menuca_load_dump_lo(:LASTOID, 'combos', 'staging.from_windows')).rows_loaded, 110000::bigint, 'UTF-16 with a BOM and CRLF loads 110,000 rows');
SELECT bag_eq('TABLE staging.from_windows', 'TABLE staging.menuca_v1_combos', 'UTF-16 gives the same rows');
\lo_unlink :LASTOID

-- Twice is refused, unless it is meant
SELECT throws_ok(format('SELECT rows_loaded FROM menuca_load_dump_lo(%s, ''combos'', ''staging.menuca_v1_combos'')', :dump),
	'55000', NULL, 'a filled table is not loaded again');
SELECT is((SELECT count(*) FROM staging.menuca_v1_combos)::int, 110000, 'and keeps its 110,000 rows');
SELECT is((menuca_load_dump_lo(:dump, 'combos', 'staging.from_file', append := true)).rows_loaded, 110000::bigint, 'append loads 110,000 more');
SELECT is((SELECT count(*) FROM staging.from_file)::int, 220000, '220,000 in total');
SELECT is((menuca_load_dump_lo(:dump, 'combos', 'staging.from_file', replace := true)).rows_loaded, 110000::bigint, 'replace loads 110,000 instead');
SELECT bag_eq('TABLE staging.from_file', 'TABLE staging.menuca_v1_combos', 'and they are the dump''s again');
\lo_unlink :dump

--
-- With a source: the expected rate, and every orphan can be fixed or is V2's
--
TRUNCATE rate;
INSERT INTO rate SELECT * FROM menuca_orphan_rate();
SELECT is(expected_groups, 8047::bigint, 'the source expects 8,047 groups to have items') FROM rate;
SELECT is(expected_orphans, 8031::bigint, '8,031 of them have none') FROM rate;
SELECT is(expected_orphan_pct, 99.80, 'that is 99.80 %') FROM rate;
SELECT results_eq(
	$$SELECT reason, source_system, count(*) FROM menuca_orphans() GROUP BY 1, 2 ORDER BY 1$$,
	$$VALUES ('fix_pending', 'v1', 8031::bigint), ('v2_group', 'v2', 187)$$,
	'the fix can fill all 8,031 V1 groups');

--
-- The plan: one outcome for every source row
--
\ir include/judge.psql
SELECT is((SELECT count(*) FROM menuca_plan_combos())::int, 110000, 'the plan has 110,000 rows');
SELECT is(pg_temp.disagreements(), 0::bigint, 'plain SQL finds the same outcome and pair for each');
SELECT is((SELECT count(*) FROM judged WHERE outcome = 'insert')::int, 110000, 'all of them would be inserted');

--
-- The dry run writes nothing, and works in a read-only transaction
--
CREATE TEMP TABLE dry OF menuca_fix_result;
SELECT jsonb_object_agg(sequencename, last_value) AS sequences_before FROM pg_sequences WHERE schemaname !~ '^pg_temp' \gset
BEGIN READ ONLY;
-- The first for its effects, the second for its figures: keeping them writes
SELECT * FROM menuca_fix_combos() \gset dry_
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_xid \gset
INSERT INTO dry SELECT * FROM menuca_fix_combos();
COMMIT;
SELECT ok(:'no_xid', 'a dry run does not even get a transaction id');
SELECT is(pg_temp.state(), :'state_at_start', 'the items are as they were');
SELECT is((SELECT count(*) FROM menuca_runs)::int, 0, 'the ledger is empty');
SELECT is((SELECT jsonb_object_agg(sequencename, last_value) FROM pg_sequences WHERE schemaname !~ '^pg_temp'),
	:'sequences_before', 'no sequence has moved');

SELECT is(pg_temp.flat(to_jsonb(dry)) - '{elapsed,engine,next_step}'::text[], '{
	"run_id": null, "dry_run": true, "status": "planned", "source_rows": 110000,
	"insert": 110000, "already_present": 0, "duplicate": 0,
	"unmapped_group": 0, "unmapped_dish": 0, "unmapped_both": 0,
	"ambiguous_group": 0, "ambiguous_dish": 0, "cross_restaurant": 0, "invalid": 0,
	"inserted": 0, "coverage_pct": 100.00, "group_coverage_pct": 100.00, "dish_coverage_pct": 100.00,
	"items_before": 63, "items_after": 110063,
	"orphan_pct_before": 99.81, "orphan_pct_after": 2.27, "expected_orphan_pct_after": 0.00,
	"band": "PASS", "reasons": [], "warnings": ["what a source row means is not known, since no staged menu says which dishes are combo products; SELECT * FROM public.menuca_decide(); says what to stage"]}'::jsonb, 'the dry run announces exactly the figures of the tickets'' shape') FROM dry;
SELECT is((SELECT jsonb_object_agg(f.name, d.value)
		   FROM jsonb_each_text((SELECT pg_temp.flat(to_jsonb(dry)) FROM dry)) d JOIN figures f ON f.name = d.key),
	(SELECT jsonb_object_agg(f.name, f.value)
	 FROM figures f
	 WHERE f.name IN ('source_rows', 'insert', 'already_present', 'duplicate', 'unmapped_group', 'unmapped_dish', 'unmapped_both',
		'ambiguous_group', 'ambiguous_dish', 'cross_restaurant', 'invalid', 'items_before', 'items_after',
		'orphan_pct_before', 'orphan_pct_after', 'expected_orphan_pct_after')),
	'and those of the generator''s figures file');

--
-- The fix, in one transaction
--
CREATE TEMP TABLE fixed AS SELECT * FROM menuca_fix_combos(dry_run := false);
SELECT is(status, 'completed', 'the run is completed') FROM fixed;
SELECT is(inserted, 110000::bigint, 'it inserted 110,000 items') FROM fixed;
SELECT is((SELECT count(*) FROM menuca_v3.combo_items)::int, 63 + 110000, '63 before + 110,000 inserted = 110,063 after');
SELECT is((SELECT pg_temp.counts(to_jsonb(fixed)) FROM fixed), (SELECT pg_temp.counts(to_jsonb(dry)) FROM dry), 'dry run and real run agree on every count');

SELECT bag_eq(
	$$SELECT combo_group_id, dish_id, display_order, source_id, source_system, quantity, is_required
	  FROM menuca_v3.combo_items WHERE source_id >= (SELECT min(id) FROM dumped)$$,
	$$SELECT combo_group_id, dish_id, display_order::int, source_id, 'v1'::varchar AS source_system, 1 AS quantity, true AS is_required FROM judged$$,
	'the new items are the pairs that plain SQL found, with all their columns');
SELECT is((SELECT count(*) FROM menuca_v3.combo_items i
			   JOIN menuca_v3.combo_groups g ON g.id = i.combo_group_id
			   JOIN menuca_v3.dishes d ON d.id = i.dish_id
		   WHERE g.restaurant_id = d.restaurant_id)::int, 110063, 'every one has group and dish of one restaurant');
SELECT is((SELECT count(DISTINCT (combo_group_id, dish_id)) FROM menuca_v3.combo_items)::int, 110063, 'no pair occurs twice');
SELECT is((SELECT count(*) FROM menuca_v3.combo_items WHERE created_at >= now() - interval '1 hour')::int, 110000, 'the new ones are new');
SELECT is((SELECT reltuples::int FROM pg_class WHERE oid = 'menuca_v3.combo_items'::regclass), 110063, 'the planner knows how many there are now');

TRUNCATE rate;
INSERT INTO rate SELECT * FROM menuca_orphan_rate();
SELECT is(orphans, 187::bigint, '187 orphans are left') FROM rate;
SELECT is(orphan_pct, 2.27, 'that is 2.27 %') FROM rate;
SELECT is(band, 'PASS', 'band PASS') FROM rate;
SELECT is(expected_orphans, 0::bigint, 'none of them is expected to have items') FROM rate;
SELECT is(expected_orphan_pct, 0.00, 'that is 0.00 %') FROM rate;
SELECT is(expected_band, 'EXCELLENT', 'band EXCELLENT') FROM rate;
SELECT bag_eq(
	$$SELECT combo_group_id, source_system, reason, legacy_group_id, source_rows FROM menuca_orphans()$$,
	$$SELECT id, 'v2' AS source_system, 'v2_group' AS reason, NULL::bigint AS legacy_group_id, 0::bigint AS source_rows FROM menuca_v3.combo_groups WHERE source_system = 'v2'$$,
	'only the 187 V2 groups are left, and the list of orphans says so');

SELECT is(to_jsonb(r) - '{run_id,parameters,outcomes,started_at,finished_at,engine}'::text[], jsonb_build_object(
	'part_of', NULL, 'kind', 'fix_combos', 'target_schema', 'menuca_v3', 'target', 'combo_items', 'source', 'staging.menuca_v1_combos', 'mode', 'transaction', 'status', 'completed',
	'inserted', 110000, 'batches', 11, 'items_before', 63, 'items_after', 110063,
	'orphan_pct_before', 99.81, 'orphan_pct_after', 2.27, 'expected_orphan_pct_after', 0.00, 'band', 'PASS',
	'gate_message', NULL, 'run_by', session_user, 'rolled_back_by', NULL, 'rolled_back_at', NULL, 'note', NULL),
	'the ledger has the run') FROM menuca_runs r;
SELECT is(parameters ->> 'gate_on', 'overall', 'with the rate that judged it') FROM menuca_runs;
SELECT is(outcomes - '{source_rows,groups_named,groups_covered,dishes_named,dishes_covered}'::text[], pg_temp.judged_outcomes(),
	'and its outcomes') FROM menuca_runs;
SELECT is(outcomes ->> 'dishes_named', pg_temp.figure('source_dishes'), 'and how many dishes the source names') FROM menuca_runs;

SELECT results_eq('SELECT check_no, status FROM menuca_validate()',
	'SELECT n, CASE WHEN n IN (20, 35) THEN ''WARN'' WHEN n IN (21, 22, 31, 32, 33, 34) THEN ''SKIP'' ELSE ''PASS'' END FROM generate_series(1, 35) n',
	'all checks of the validation pass, but those that need to know which dishes are combos, a backup, or steps');
SELECT is((SELECT detail FROM menuca_validate() WHERE name = 'summary'), 'GO once a person has accepted the warnings', 'the summary says that the direction is not known');

SELECT is((SELECT count(*)
		   FROM menuca_sample_combos(5) s
			   JOIN menuca_v3.combo_groups g ON g.id = s.combo_group_id
		   WHERE s.items = cardinality(s.dishes)
			   AND s.group_name = g.name
			   AND s.dishes <@ (SELECT array_agg(d.name::text) FROM menuca_v3.dishes d WHERE d.restaurant_id = g.restaurant_id))::int,
	5, 'five samples show dishes of their own restaurant');

SELECT pg_temp.content() AS content_when_fixed, pg_temp.state() AS state_when_fixed, run_id FROM fixed \gset

--
-- A second run finds nothing to do
--
CREATE TEMP TABLE again AS SELECT * FROM menuca_fix_combos(dry_run := false);
SELECT is(inserted, 0::bigint, 'a second run inserts 0') FROM again;
SELECT is((figures ->> 'already_present')::bigint, 110000::bigint, 'all 110,000 are there already') FROM again;
SELECT is(pg_temp.state(), :'state_when_fixed', 'and all items are as they were');

--
-- Rollback: first as a dry run, then for real, then once more
--
CREATE TEMP TABLE undone AS SELECT * FROM menuca_rollback(:run_id);
SELECT is(pg_temp.flat(to_jsonb(undone)) - '{run_id,elapsed,next_step}'::text[], '{
	"dry_run": true, "status": "planned", "inserted": 110000, "deleted": 110000, "already_gone": 0, "changed": 0, "dependants": 0,
	"items_before": 63, "items_now": 110063, "items_after": 63,
	"baseline_rows": 63, "baseline_intact": 63, "baseline_changed": 0, "baseline_missing": 0, "added_by_others": 0,
	"state_restored": null, "reasons": []}'::jsonb, 'a dry rollback says what it would do') FROM undone;
SELECT is(pg_temp.state(), :'state_when_fixed', 'and does nothing');
TRUNCATE undone;
INSERT INTO undone SELECT * FROM menuca_rollback(:run_id, dry_run := false);
SELECT is(pg_temp.flat(to_jsonb(undone)) - '{run_id,elapsed,next_step}'::text[], '{
	"dry_run": false, "status": "rolled_back", "inserted": 110000, "deleted": 110000, "already_gone": 0, "changed": 0, "dependants": 0,
	"items_before": 63, "items_now": 110063, "items_after": 63,
	"baseline_rows": 63, "baseline_intact": 63, "baseline_changed": 0, "baseline_missing": 0, "added_by_others": 0,
	"state_restored": true, "reasons": []}'::jsonb, 'the rollback does it, and says that the state is back') FROM undone;
SELECT is(pg_temp.state(), :'state_at_start', 'all columns of all items are as at the start');
SELECT is((SELECT orphan_pct FROM menuca_orphan_rate()), 99.81, 'the orphan rate is 99.81 % again');
SELECT is((SELECT status FROM menuca_runs WHERE run_id = :run_id), 'rolled_back', 'the ledger knows');
SELECT throws_ok(format('SELECT menuca_rollback(%s, dry_run := false)', :run_id), '55000',
	format('run %s was already rolled back', :run_id), 'a run is rolled back once');

--
-- And once more: what was rolled back can be fixed again
--
SELECT is((SELECT inserted FROM menuca_fix_combos(dry_run := false)), 110000::bigint, 'another run inserts all of it again');
SELECT is(pg_temp.content(), :'content_when_fixed', 'row for row, but for ids, uuids and times');

SELECT * FROM finish();
\! rm -r "$WORK"
