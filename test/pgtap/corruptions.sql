--
-- What the validation finds of 27 corruptions of what a fix has made, of changes
-- that owners make every day, and what people accept
--
-- engines: both
--
\ir include/tools.psql

SELECT plan(44);

\set options '--scale 0.2'
\ir include/fixture.psql
\lo_import :work/v1_combos.sql
SELECT rows_loaded AS loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos') \gset
\lo_unlink :LASTOID

--
-- As people do it: pre-flight, backup, fix; a group of V1 that has no items is
-- there, too
--
INSERT INTO menuca_v3.combo_groups (restaurant_id, name, legacy_v1_id, source_system)
SELECT restaurant_id, 'Empty ' || n, 9000000 + n, 'v1'
FROM (SELECT restaurant_id, row_number() OVER (ORDER BY id) AS n FROM menuca_v3.combo_groups WHERE source_system = 'v1') g WHERE n <= 20;
SELECT environment FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system())) \gset
SELECT results_eq('SELECT name, status, actual FROM menuca_validate() WHERE name IN (''row_counts'', ''row_values'', ''row_contents'', ''safeguards'')',
	$$SELECT n, 'SKIP', 'neither a pre-flight nor a backup of this database has counted its tables' FROM unnest('{row_counts,row_values,row_contents,safeguards}'::text[]) n$$,
	'before a pre-flight there is nothing to compare with');
SELECT is((SELECT status FROM menuca_ticket(0, dry_run => false) WHERE name = 'summary'), 'PASS', 'the pre-flight');
SELECT matches(detail, '^Compared with ticket 00 of 20', 'its counts are compared with') FROM menuca_validate() WHERE name = 'row_counts';
SELECT is((SELECT string_agg(name, ', ' ORDER BY check_no) FROM menuca_validate() WHERE check_no > 20 AND status IN ('FAIL', 'ERROR')), 'source_rows, summary',
	'before a fix, the new checks find nothing but that it was not run');
SELECT is(inserted::text, pg_temp.figure('insert'), 'the fix') FROM menuca_fix_combos(dry_run := false);
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number)
SELECT id, row_number() OVER (PARTITION BY combo_group_id ORDER BY id) FROM menuca_v3.combo_items WHERE combo_group_id IN (SELECT id FROM menuca_v3.combo_groups ORDER BY id LIMIT 30);
SELECT menuca_register_backup('after', 'after-1', 'pg_dump', 1000000, 'sha256:0', now(), now(), true) AS backup \gset
SELECT matches(detail, '^Compared with backup "after" of 20', 'the counts of a backup count, if it is newer') FROM menuca_validate() WHERE name = 'row_counts';
SELECT is((SELECT string_agg(name, ', ') FROM menuca_validate() WHERE check_no > 20 AND status NOT IN ('PASS', 'SKIP') AND name <> 'summary'), NULL,
	'after the fix all of the new checks pass');
SELECT is((SELECT string_agg(name, ', ') FROM menuca_validate() WHERE status IN ('FAIL', 'ERROR')), NULL, 'and none fails');

--
-- Damage
--
\ir include/corruptions.psql

--
-- What owners do every day is no damage
--
SELECT is(pg_temp.verdict($$
	UPDATE dishes SET is_active = false WHERE id IN (SELECT id FROM dishes WHERE is_active ORDER BY id LIMIT 3);
	UPDATE dishes SET name = name || ' (new)', base_price = base_price + 1 WHERE id IN (SELECT id FROM dishes ORDER BY id LIMIT 50);
	INSERT INTO dishes (restaurant_id, name, is_active) SELECT restaurant_id, 'Special of the day ' || id, true FROM dishes ORDER BY id LIMIT 20;
	INSERT INTO combo_groups (restaurant_id, name) SELECT restaurant_id, 'Own combo' FROM dishes ORDER BY id LIMIT 1;
	INSERT INTO combo_items (combo_group_id, dish_id) SELECT g.id, d.id FROM combo_groups g JOIN dishes d USING (restaurant_id) WHERE g.name = 'Own combo' LIMIT 3$$),
	'WARN: recent_items, inactive_dishes, row_contents', 'dishes switched off, renamed and added, a new combo: no failure');

--
-- Accepting what was done on purpose
--
UPDATE menuca_v3.combo_items SET quantity = 2 WHERE id = (SELECT value::bigint FROM example WHERE name = 'item');
DELETE FROM menuca_v3.combo_groups WHERE name = 'Empty 1';
SELECT is((SELECT string_agg(name, ', ') FROM menuca_validate() WHERE status = 'FAIL'), 'ledger, row_counts, summary', 'an item changed and a group deleted: two checks fail');
SELECT matches(menuca_accept_change('ledger', 'two of each, says the owner'), '^accepted: FAIL of check ledger, unchanged: ', 'what the ledger found is accepted');
SELECT matches(menuca_accept_change('row_counts', 'an empty group'), '^accepted: FAIL of check row_counts, lost: 1 of combo_groups', 'and so is the lost group');
SELECT is((SELECT string_agg(name, ', ') FROM menuca_validate() WHERE status = 'FAIL'), NULL, 'both pass');
SELECT is(string_agg(check_name || ': ' || reason, '; ' ORDER BY check_name), 'ledger: two of each, says the owner; row_counts: an empty group', 'with the reasons')
FROM menuca_accepted_change WHERE accepted_by = session_user;
UPDATE menuca_v3.combo_items SET quantity = 3 WHERE id = (SELECT value::bigint FROM example WHERE name = 'item');
DELETE FROM menuca_v3.combo_groups WHERE name = 'Empty 2';
SELECT is((SELECT string_agg(name, ', ') FROM menuca_validate() WHERE status = 'FAIL'), 'ledger, row_counts, summary', 'what comes afterwards fails again');
SELECT * FROM finish();
