--
-- When to roll back: each trigger is provoked by damage of its own, which is undone
-- again; whatever else there is to say stays as it was
--
\ir include/tools.psql

SELECT * FROM no_plan();

\set options '--scale 0.1'
\ir include/fixture.psql
\ir include/access_roles.psql
\lo_import :work/v1_combos.sql
SELECT rows_loaded AS loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos') \gset
\lo_unlink :LASTOID
SET menuca.max_query_time = 1000000000;
SET menuca.max_planning_time = 1000000000;
SET menuca.max_access_overhead = 1000000000;-- The matrix of these is tried each time
UPDATE menuca_wanted_access SET wanted = false, note = 'not tried here' WHERE table_name NOT IN ('restaurants', 'dishes', 'combo_groups', 'combo_items');

-- What an advice says of one trigger
CREATE FUNCTION pg_temp.advice(wanted text) RETURNS text
LANGUAGE sql AS $$
	SELECT format('%s, %s', advice, rollback_option) FROM menuca_rollback_advice() WHERE trigger = wanted
$$;

-- What all of them say while a statement is in effect, which is undone: the triggers
-- that are IMMEDIATE or to be considered
CREATE FUNCTION pg_temp.advised(damage text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	BEGIN
		SET LOCAL search_path = menuca_v3, public;
		EXECUTE damage;
		SELECT string_agg(trigger || ' ' || advice, ', ' ORDER BY trigger) INTO result
		FROM public.menuca_rollback_advice() WHERE advice IN ('IMMEDIATE', 'CONSIDER');
		RAISE SQLSTATE 'TT000';
	EXCEPTION WHEN SQLSTATE 'TT000' THEN NULL;
	END;
	RETURN coalesce(result, 'nothing');
END
$$;

--
-- Before anything was done
--
SELECT is((SELECT string_agg(trigger || ' ' || advice, ', ' ORDER BY trigger) FROM menuca_rollback_advice()),
	'access_denied NONE, complaints UNKNOWN, corruption UNKNOWN, errors UNKNOWN, orders_blocked UNKNOWN, orphan_rate NONE, p95 UNKNOWN, performance UNKNOWN, rows_lost UNKNOWN, security_breach NONE, wrong_combos NONE',
	'nothing is known, and nothing is advised');
SELECT is((SELECT count(*) FROM menuca_rollback_advice() WHERE figure IS NULL OR threshold IS NULL OR advice <> 'UNKNOWN' AND advice <> 'NONE' OR since IS NOT NULL OR calls IS NOT NULL), 0::bigint,
	'each has a figure, and no time and no calls');
SELECT is((SELECT string_agg(trigger, ', ' ORDER BY trigger) FROM menuca_rollback_advice() WHERE rehearsed_minutes IS NOT NULL), NULL, 'nothing was rehearsed');
SELECT is((SELECT string_agg(rollback_option, ', ') FROM menuca_rehearsal WHERE minutes IS NULL), 'items, indexes, access, snapshot, restore', 'by the view, too');

--
-- A platform after its fix
--
SELECT is((SELECT status FROM menuca_ticket(0, dry_run => false) WHERE name = 'summary'), 'PASS', 'the pre-flight is recorded');
SELECT count(*) AS measured FROM menuca_record_queries('before') \gset
SELECT count(*) AS tables FROM menuca_snapshot('before') \gset
SELECT count(*) AS deployed FROM menuca_deploy_access(dry_run => false) \gset
SELECT count(*) AS built FROM menuca_deploy_indexes(dry_run => false) \gset
SELECT run_id AS fix FROM menuca_fix_combos(dry_run => false) \gset
SELECT menuca_register_backup('after', 'after-1', 'pg_dump', 1000000, 'sha256:0', now(), now(), true, '{"drill": true, "drill_seconds": 90, "host": "h", "path": "/srv/after"}') AS backup \gset
SELECT is((SELECT string_agg(name, ', ') FROM menuca_validate() WHERE status IN ('FAIL', 'ERROR')), NULL, 'all is well');
SELECT is((SELECT string_agg(trigger || ': ' || figure, ', ' ORDER BY trigger) FROM menuca_rollback_advice() WHERE advice IN ('IMMEDIATE', 'CONSIDER')), NULL, 'no trigger');
SELECT is((SELECT string_agg(trigger, ', ' ORDER BY trigger) FROM menuca_rollback_advice() WHERE advice = 'UNKNOWN'), 'complaints, errors, p95', 'what has no figure is UNKNOWN');
SELECT is((SELECT count(*) FROM menuca_rollback_advice() WHERE advice = 'UNKNOWN' AND figure = ''), 0::bigint, 'and says why');
SELECT is((SELECT string_agg(rollback_option || ' ' || minutes, ', ') FROM menuca_rehearsal WHERE minutes IS NOT NULL), 'restore 1.50', 'the drill is a rehearsal of the whole restore');

--
-- Each trigger
--
SELECT is(pg_temp.advised('SELECT 1'), 'nothing', 'without damage');
SELECT is(pg_temp.advised('DELETE FROM dishes WHERE id IN (SELECT id FROM dishes d WHERE NOT EXISTS (SELECT FROM combo_items i WHERE i.dish_id = d.id) ORDER BY id LIMIT (SELECT count(*) / 50 FROM dishes))'),
	'rows_lost IMMEDIATE', 'two dishes of a hundred deleted');
SELECT is(pg_temp.advised('DELETE FROM dishes WHERE id IN (SELECT id FROM dishes d WHERE NOT EXISTS (SELECT FROM combo_items i WHERE i.dish_id = d.id) ORDER BY id LIMIT 1)'),
	'nothing', 'one dish deleted is no loss');
SELECT matches(pg_temp.advised('SET session_replication_role = replica; DELETE FROM dishes WHERE id IN (SELECT dish_id FROM combo_items ORDER BY id LIMIT 3)'),
	'corruption IMMEDIATE', 'items that point to nothing');
SELECT matches(pg_temp.advised('UPDATE dishes d SET restaurant_id = (SELECT min(id) FROM restaurants r WHERE r.id <> d.restaurant_id) WHERE id IN (SELECT dish_id FROM combo_items ORDER BY id LIMIT 3)'),
	'corruption IMMEDIATE.*wrong_combos IMMEDIATE', 'dishes moved to another restaurant');
SELECT is(pg_temp.advised('INSERT INTO combo_items (combo_group_id, dish_id, source_system) SELECT combo_group_id, dish_id, source_system FROM combo_items ORDER BY id LIMIT 5'),
	'wrong_combos IMMEDIATE', 'pairs of a group and a dish repeated');
SELECT matches(pg_temp.advised('DELETE FROM combo_items'), 'orphan_rate CONSIDER', 'items deleted: the orphan rate is above 20 %');
SELECT matches(pg_temp.advised('ALTER TABLE dishes DISABLE ROW LEVEL SECURITY; GRANT UPDATE, DELETE, INSERT ON dishes TO menuca_visitor'),
	'security_breach IMMEDIATE', 'row security switched off');
SELECT matches(pg_temp.advised('CREATE POLICY everybody ON combo_groups FOR ALL TO PUBLIC USING (true) WITH CHECK (true)'), 'security_breach IMMEDIATE', 'a policy that opens everything');
SELECT matches(pg_temp.advised('CREATE POLICY nobody ON dishes AS RESTRICTIVE FOR ALL TO PUBLIC USING (false)'),
	'access_denied IMMEDIATE.*orders_blocked IMMEDIATE', 'a policy that closes everything: visitors see nothing');
SELECT matches(pg_temp.advised('REVOKE SELECT ON dishes FROM menuca_login'), '^access_denied IMMEDIATE', 'a grant revoked');
-- Where the menu is large, an index that is missing is felt
INSERT INTO menuca_v3.dishes (restaurant_id, name, is_active, legacy_v1_id)
SELECT (SELECT max(id) FROM menuca_v3.restaurants), 'Filler ' || n, false, NULL FROM generate_series(1, 300000) n;
ANALYZE menuca_v3.dishes;
DELETE FROM menuca_query_measurement;
SELECT count(*) AS measured FROM menuca_record_queries('before') \gset
SELECT matches(pg_temp.advised('DO $d$ DECLARE i text; BEGIN FOR i IN SELECT indexrelid::regclass FROM pg_index WHERE indrelid = ''menuca_v3.dishes''::regclass AND NOT indisprimary AND NOT indisunique LOOP EXECUTE ''DROP INDEX '' || i; END LOOP; END $d$'),
	'performance IMMEDIATE', 'the indexes of the dishes dropped');
DELETE FROM menuca_v3.dishes WHERE name LIKE 'Filler %';
VACUUM ANALYZE menuca_v3.dishes;
-- Transactions that were rolled back, between two samples
SELECT menuca_monitor_sample() > 0 AS sampled \gset
SELECT menuca_monitor_sample() > 0 AS sampled \gset
UPDATE menuca_sample SET taken_at = clock_timestamp() - interval '10 minutes', commits = commits - 1000, rollbacks = rollbacks - 40 WHERE sample_id = (SELECT min(sample_id) FROM menuca_sample);
UPDATE menuca_run SET started_at = started_at - interval '1 hour', finished_at = finished_at - interval '1 hour';
UPDATE menuca_created_index SET created_at = created_at - interval '1 hour';
UPDATE menuca_access_change SET made_at = made_at - interval '1 hour';
SELECT is(pg_temp.advice('errors'), 'NONE, snapshot', 'less than 5 % of the transactions were rolled back');
UPDATE menuca_sample SET rollbacks = rollbacks - 60 WHERE sample_id = (SELECT min(sample_id) FROM menuca_sample);
SELECT is(pg_temp.advice('errors'), 'CONSIDER, snapshot', 'more than 5 % were');
SELECT ok(calls = ARRAY['SELECT * FROM public.menuca_restore_snapshot(''before'', dry_run => false);'] AND next_step = calls[1] AND since IS NOT NULL, 'its calls, and the first of them')
FROM menuca_rollback_advice() WHERE trigger = 'errors';
DELETE FROM menuca_sample;

--
-- What people attest, and what a load run measures
--
SELECT to_regclass('public.menuca_checklist_state') IS NOT NULL AS has_people, to_regclass('public.menuca_load_runs') IS NOT NULL AS has_load \gset
\if :has_people
SELECT count(*) AS rows FROM menuca_ticket(5, dry_run => false, force => true, reason => 'a test') \gset
SELECT is(pg_temp.advised('DO $d$ BEGIN PERFORM menuca_attest(5, ''api'', ''FAILED'', ''A. Person''); END $d$'), 'nothing', 'an item that says nothing of orders');
SELECT is(pg_temp.advised('DO $d$ BEGIN PERFORM menuca_attest(5, ''checkout'', ''FAILED'', ''A. Person'', ''no order goes through''); END $d$'), 'orders_blocked IMMEDIATE', 'the checkout attested as FAILED');
SELECT is(pg_temp.advised('DO $d$ BEGIN FOR i IN 1 .. 11 LOOP PERFORM menuca_report_issue(5, ''low'', ''Complaint '' || i, ''A. Person''); END LOOP; END $d$'), 'complaints CONSIDER', 'eleven issues within an hour');
SELECT is(pg_temp.advised('DO $d$ BEGIN FOR i IN 1 .. 10 LOOP PERFORM menuca_report_issue(5, ''low'', ''Complaint '' || i, ''A. Person''); END LOOP; END $d$'), 'nothing', 'ten are not more than ten');
\endif
\if :has_load
SELECT is(pg_temp.advised('DO $d$ BEGIN PERFORM menuca_record_load(array_fill(10000::bigint, ARRAY[95]), 5, 10, now() - interval ''1 minute'', now()); END $d$'), 'nothing', 'five requests of a hundred failed');
SELECT is(pg_temp.advised('DO $d$ BEGIN PERFORM menuca_record_load(array_fill(10000::bigint, ARRAY[94]), 6, 10, now() - interval ''1 minute'', now()); END $d$'), 'errors CONSIDER', 'six did');
-- The fix lies between the two, so menus are compared
SELECT menuca_record_load(array_fill(10000::bigint, ARRAY[100]), 0, 10, now() - interval '5 hours', now() - interval '4 hours', menu_latencies_us => array_fill(10000::bigint, ARRAY[50])) > 0 AS recorded \gset
SELECT is(pg_temp.advised('DO $d$ BEGIN PERFORM menuca_record_load(array_fill(20000::bigint, ARRAY[100]), 0, 10, now() - interval ''1 minute'', now(), menu_latencies_us => array_fill(20000::bigint, ARRAY[50])); END $d$'), 'nothing', 'twice the time of before is not more than twice');
SELECT is(pg_temp.advised('DO $d$ BEGIN PERFORM menuca_record_load(array_fill(21000::bigint, ARRAY[100]), 0, 10, now() - interval ''1 minute'', now(), menu_latencies_us => array_fill(21000::bigint, ARRAY[50])); END $d$'), 'p95 CONSIDER', 'more than twice the time of before');
SELECT is(pg_temp.advised('DO $d$ BEGIN PERFORM menuca_record_load(array_fill(90000::bigint, ARRAY[100]), 0, 10, now() - interval ''1 minute'', now(), menu_latencies_us => array_fill(10000::bigint, ARRAY[50])); END $d$'), 'nothing', 'combos that show more take longer');
SELECT is(pg_temp.advised('DO $d$ BEGIN PERFORM menuca_record_load(array_fill(10000::bigint, ARRAY[100]), 0, 10, now() - interval ''1 minute'', now(), menu_latencies_us => array_fill(21000::bigint, ARRAY[50])); END $d$'), 'p95 CONSIDER', 'menus do not');
-- Access was deployed between these, and nothing inserted
SELECT menuca_record_load(array_fill(10000::bigint, ARRAY[100]), 0, 11, now() - interval '30 minutes', now() - interval '25 minutes') > 0 AS recorded \gset
UPDATE menuca_access_change SET made_at = now() - interval '20 minutes';
SELECT is(pg_temp.advised('DO $d$ BEGIN PERFORM menuca_record_load(array_fill(21000::bigint, ARRAY[100]), 0, 11, now() - interval ''1 minute'', now()); END $d$'), 'p95 CONSIDER', 'all requests are compared where nothing was inserted');
\endif

--
-- The option, its calls in order, and since when it is known
--
BEGIN;
UPDATE menuca_v3.dishes d SET restaurant_id = (SELECT min(id) FROM menuca_v3.restaurants r WHERE r.id <> d.restaurant_id) WHERE id IN (SELECT dish_id FROM menuca_v3.combo_items ORDER BY id LIMIT 3);
CREATE TEMP TABLE found ON COMMIT DROP AS SELECT * FROM menuca_rollback_advice();
SELECT is((SELECT calls FROM found WHERE trigger = 'wrong_combos'), ARRAY[format('SELECT * FROM public.menuca_rollback(%s, dry_run => false);', :'fix')], 'wrong combos: the items');
SELECT is((SELECT next_step FROM found WHERE trigger = 'wrong_combos'), (SELECT calls[1] FROM found WHERE trigger = 'wrong_combos'), 'and the first call');
SELECT matches((SELECT calls[1] FROM found WHERE trigger = 'corruption'), '^-- in a shell on h: createdb .* pg_restore', 'corruption: the whole restore, outside of the database');
SELECT is((SELECT next_step FROM found WHERE trigger = 'corruption'), 'SELECT * FROM public.menuca_rollback_guide();', 'so the next step is the guide');
SELECT is((SELECT rehearsed_minutes FROM found WHERE trigger = 'corruption'), 1.50, 'and the minutes of the drill');
SELECT ok((SELECT abs(EXTRACT(epoch FROM since - clock_timestamp())) < 60 FROM found WHERE trigger = 'corruption'), 'known since now');
ROLLBACK;
SELECT is(menuca_failing_since((SELECT max(environment_id) FROM menuca_registered_environment), 'row_contents'), NULL, 'no ticket has found it');
-- A security breach is closed before anything is opened further
BEGIN;
CREATE POLICY everybody ON menuca_v3.combo_groups FOR ALL TO PUBLIC USING (true) WITH CHECK (true);
SELECT is((SELECT concat_ws(' ', calls, next_step) FROM menuca_rollback_advice() WHERE trigger = 'security_breach'),
	'{"SELECT * FROM public.menuca_rollback_access(dry_run => false);"} SELECT * FROM public.menuca_deploy_access();', 'access: its rollback, but first the plan that closes it');
ROLLBACK;

--
-- What cannot be had hides nothing else
--
SELECT is((SELECT count(*) FROM menuca_rollback_advice()), 11::bigint, 'eleven triggers');
BEGIN;
ALTER TABLE menuca_v3.combo_items RENAME TO gone;
SELECT is((SELECT count(*) FROM menuca_rollback_advice()), 11::bigint, 'also without the items');
SELECT matches((SELECT string_agg(trigger, ', ' ORDER BY trigger) FROM menuca_rollback_advice() WHERE advice = 'UNKNOWN'), 'corruption.*orders_blocked.*orphan_rate.*rows_lost.*wrong_combos', 'whose figures are UNKNOWN');
ROLLBACK;
BEGIN;
SELECT count(*) AS rows FROM menuca_record_decision('dish_combo_groups', 'A. Person', 'a reason') \gset
SELECT matches((SELECT advice || ' ' || figure FROM menuca_rollback_advice() WHERE trigger = 'corruption'), '^UNKNOWN .*dish_combo_groups', 'it validates the table that was decided for');
ROLLBACK;
BEGIN READ ONLY;
SELECT is((SELECT string_agg(trigger, ', ' ORDER BY trigger) FROM menuca_rollback_advice() WHERE advice = 'UNKNOWN' AND figure LIKE 'the matrix cannot be tried: %'),
	'access_denied, security_breach', 'in a READ ONLY transaction the matrix cannot be tried');
SELECT is((SELECT advice FROM menuca_rollback_advice() WHERE trigger = 'corruption'), 'NONE', 'everything else can');
ROLLBACK;
-- A role that may only read
CREATE ROLE menuca_reader;

--
-- Pages, where amcheck is installed
--
SELECT matches((SELECT figure FROM menuca_rollback_advice() WHERE trigger = 'corruption'), 'amcheck is not installed', 'amcheck is not installed, and that is said');

--
-- Rehearsals, by doing it
--
SELECT count(*) AS undone FROM menuca_rollback(:fix, dry_run => false) \gset
SELECT count(*) AS undone FROM menuca_rollback_access(dry_run => false) \gset
SELECT count(*) AS undone FROM menuca_rollback_indexes(dry_run => false) \gset
SELECT count(*) AS undone FROM menuca_restore_snapshot('before', dry_run => false) \gset
SELECT is((SELECT string_agg(rollback_option, ', ') FROM menuca_rehearsal WHERE minutes >= 0 AND rehearsed_on = 'here' AND rehearsed_at > now() - interval '1 hour'), 'items, indexes, access, snapshot, restore', 'each way back was rehearsed');
SELECT is((SELECT status FROM menuca_preview_ticket(5) WHERE name = 'rehearsals'), 'PASS', 'ticket 5 says so');
UPDATE menuca_run SET rollback_took = '15 minutes 1 second' WHERE rollback_took IS NOT NULL;
SELECT is((SELECT status FROM menuca_preview_ticket(5) WHERE name = 'rehearsals'), 'FAIL', 'more than 15 minutes are a FAIL');
UPDATE menuca_run SET rollback_took = NULL;
SELECT is((SELECT status || ' ' || (actual ~ 'never: items') FROM menuca_preview_ticket(5) WHERE name = 'rehearsals'), 'WARN true', 'one that was never made is a WARN');
-- Staging's verdict has them
SELECT is(menuca_export_verdict() -> 'rehearsals' -> 'restore', to_jsonb(1.50), 'staging''s verdict has the minutes');

SELECT * FROM finish();

RESET menuca.public_role;
DROP ROLE menuca_reader;
\ir include/access_roles_end.psql
