-- Taking over what an earlier system has left
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set original :abs_srcdir '/fixture/seating/original.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION menuca_seating;
\o /dev/null
\i :schema
\i :original
\o
RESET client_min_messages;
SET TimeZone = 'UTC';
-- Ids as the names that they are made of
CREATE VIEW named AS SELECT n, md5(n) AS hash FROM unnest('{Napoli,Roma,Hall,Terrace,Cellar,N1,N2,N3,N4,N5,N6,N9,R1,R2,same,no window,lost,lost two,here,taken,late,"taken, no window",other window,waiting,cancelled,merged,in a group,in another group,never a window,cancelled with a dining table,first of two,second of two,next,over,after it,zone lock,zone lock in Roma,gone,gone as well,long ago,no hold,hold,hold with metadata,expired hold,no such hold,no restaurant,chair 1,group 1,group 2,group 3,group 4,no group,Napoli2,Roma1,r1,r2,r3,r4,r5,r6,r7,r8,r9}'::text[]) n
UNION ALL SELECT format('allocation %s%s%s', b, r, s), md5(b || r || s) FROM unnest('{allocation ,allocation gone as well,allocation cancelled,allocation long ago,allocation same,allocation first of two,allocation lost}'::text[]) b, unnest('{tableN1,tableN4,tableN5,tableR1,chairchair 1}'::text[]) r, unnest('{true,false}'::text[]) s;
CREATE FUNCTION plain(text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	text text := $1;
	name record;
BEGIN
	FOR name IN SELECT * FROM named LOOP
		text := replace(text, name.hash::uuid::text, '<' || name.n || '>');
	END LOOP;
	-- Those that the server has made differ each time
	RETURN regexp_replace(replace(replace(text, ':00:00 UTC', 'h'), '2091-05-02 ', ''), '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '<id>', 'g');
END $$;
CREATE FUNCTION row_text(item_no int, kind text, object text, restaurant_id uuid, action text, status text, detail text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' | ', kind, plain(object), COALESCE(plain(restaurant_id::text), '-'), action, status, plain(detail)) $$;
-- All rows of all tables, but for the ledger of changes
CREATE FUNCTION everything() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hash text;
	hashes text := '';
	t regclass;
BEGIN
	FOR t IN SELECT c.oid FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('menuca_seating_change', 'expected', 'planned', 'assignment_before') ORDER BY c.relname LOOP
		EXECUTE format('SELECT md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM %s t', t) INTO hash;
		hashes := hashes || t || ' ' || COALESCE(hash, '') || E'\n';
	END LOOP;
	RETURN hashes;
END $$;
SELECT everything() AS before \gset
\pset format unaligned
\pset tuples_only
\set ECHO all

-- What is expected, written by hand from the fixture: kind, restaurant, status, how many things
CREATE TABLE expected (kind text, restaurant text, status text, things int, about text);
INSERT INTO expected VALUES
('override', NULL, 'planned', 2, 'planner off by the newer of two names; adjacency, whose newest row has no value'),
('override', NULL, 'unchanged', 1, 'merges are on anyway'),
('override', NULL, 'skipped', 5, 'the older name, the row without a value, two of staging, one of development'),
('unknown_override', NULL, 'skipped', 2, 'a number, and holds'),
('weight', NULL, 'planned', 1, 'scarcity 22'),
('weight', NULL, 'unchanged', 1, 'no penalty'),
('weight', NULL, 'skipped', 1, 'the older row'),
('weight', 'Napoli', 'planned', 2, 'scarcity 7.5, lookahead'),
('weight', 'Napoli', 'skipped', 1, 'a multiplier'),
('weight', 'Roma', 'skipped', 1, '5000'),
('weight', 'no restaurant', 'skipped', 1, 'a restaurant that does not exist'),
('allocation', 'Napoli', 'planned', 5, 'no window, lost, lost two (2), after it'),
('allocation', 'Napoli', 'unchanged', 3, 'same, a hold, a shadow'),
('allocation', 'Napoli', 'skipped', 2, 'waiting, cancelled'),
('allocation', 'Roma', 'planned', 2, 'here, and the second dining table of merged'),
('allocation', 'Roma', 'unchanged', 1, 'the first dining table of merged'),
('merge_group', 'Napoli', 'unchanged', 1, 'in a group'),
('merge_group', 'Napoli', 'skipped', 1, 'in another group'),
('merge_group', 'Roma', 'planned', 1, 'the first dining table of merged'),
('hold', 'Napoli', 'unchanged', 2, 'a hold, and its window'),
('hold', 'Roma', 'unchanged', 2, 'one with metadata, and its window'),
('key', 'Napoli', 'planned', 2, 'request 1, and one with quotes'),
('key', 'Roma', 'planned', 1, 'request 1 again, which is another restaurant''s'),
('key', 'Napoli', 'skipped', 3, 'expired, without dining tables, blank'),
('key', NULL, 'skipped', 1, 'of a booking that is gone'),
('reused_key', 'Napoli', 'debris', 2, 'request 3, for two bookings'),
('shadow_allocation', 'Napoli', 'debris', 3, 'gone, cancelled, without counterpart'),
('shadow_allocation', 'Roma', 'debris', 1, 'long ago'),
('orphan_allocation', 'Napoli', 'debris', 9, 'three windows, no booking, Roma''s, no dining table, no group, an expired hold, a chair'),
('orphan_allocation', 'Roma', 'debris', 1, 'no hold'),
('other_window', 'Napoli', 'debris', 1, 'other window'),
('expired_hold', 'Napoli', 'debris', 1, 'expired hold'),
('stale_hold_window', 'Napoli', 'debris', 2, 'expired, and gone'),
('stale_zone_lock', 'Napoli', 'debris', 1, 'zone lock; not lost two, which gets its dining tables'),
('stale_zone_lock', 'Roma', 'debris', 1, 'zone lock in Roma'),
('assignment_without_window', 'Napoli', 'debris', 1, 'never a window'),
('assignment_without_window', 'Roma', 'debris', 1, 'cancelled'),
('double_assignment', 'Napoli', 'debris', 4, 'taken, late, second of two, taken without window');
CREATE VIEW found AS SELECT kind, plain(restaurant_id::text) AS restaurant, status, count(*)::int AS things FROM menuca_seating_import() WHERE kind <> 'summary' GROUP BY 1, 2, 3;
\set difference 'SELECT COALESCE(e.kind, f.kind), COALESCE(e.restaurant, f.restaurant), COALESCE(e.status, f.status), e.things AS expected, f.things AS found FROM expected e FULL JOIN found f ON e.kind = f.kind AND COALESCE(e.restaurant, \'\') = COALESCE(replace(replace(f.restaurant, \'<\', \'\'), \'>\', \'\'), \'\') AND e.status = f.status WHERE e.things IS DISTINCT FROM f.things'

-- What there is, in a transaction that can write nothing
BEGIN READ ONLY;
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail) FROM menuca_seating_import();
COMMIT;
-- The rows are those that were expected
:difference;
-- What to do next can be pasted
SELECT DISTINCT ON (kind, status, regexp_replace(next_step, '[0-9a-f-]{36}', '', 'g')) kind, status, plain(next_step) FROM menuca_seating_import() WHERE next_step IS NOT NULL ORDER BY kind, status, regexp_replace(next_step, '[0-9a-f-]{36}', '', 'g'), item_no;
SELECT everything() = :'before' AS nothing_was_written;
-- For real: the same rows, done
CREATE TABLE planned AS SELECT kind, object, restaurant_id, action FROM menuca_seating_import() WHERE status = 'planned';
CREATE TABLE assignment_before AS SELECT * FROM booking_table_assignments;
CREATE TEMP TABLE done AS SELECT * FROM menuca_seating_import(dry_run => false);
SELECT count(*) FROM done WHERE status = 'done';
SELECT kind, object, restaurant_id, action FROM planned EXCEPT SELECT kind, object, restaurant_id, action FROM done WHERE status = 'done';
SELECT detail, next_step FROM done WHERE kind = 'summary';
SELECT plain(restaurant_id::text), key, value FROM menuca_seating_setting ORDER BY 1 NULLS FIRST, 2;
SELECT plain(restaurant_id::text), idempotency_key, plain(booking_id::text), plain(table_ids::text), used_at FROM menuca_seating_key ORDER BY 1, 2;
SELECT plain(a.booking_id::text), plain(a.table_id::text), a.start_at, a.end_at, plain(a.merge_group_id::text), o.id IS NULL AS is_new
FROM booking_table_assignments a LEFT JOIN assignment_before o ON o.id = a.id WHERE o.id IS NULL OR a.* IS DISTINCT FROM o.* ORDER BY 1, 2;
SELECT count(*) FROM (SELECT * FROM assignment_before EXCEPT SELECT a.* FROM booking_table_assignments a) a;
SELECT what, count(*), count(before), count(DISTINCT after -> 'import') FROM menuca_seating_change GROUP BY 1 ORDER BY 1;
-- A retry after the change-over has the same answer
SELECT outcome, plain(table_ids::text) FROM menuca_assign_tables(md5('same')::uuid, ARRAY[md5('N1')::uuid], 'request 1');
-- Again: nothing is left to do, and nothing is done
SELECT everything() AS after \gset
SELECT kind, object, action FROM menuca_seating_import(dry_run => false) WHERE status IN ('planned', 'done');
SELECT detail FROM menuca_seating_import(dry_run => false) WHERE kind = 'summary';
SELECT kind, status, count(*) FROM menuca_seating_import() WHERE kind IN ('override', 'weight', 'allocation', 'merge_group', 'key') AND status = 'unchanged' GROUP BY 1, 2 ORDER BY 1;
SELECT everything() = :'after' AS nothing_was_written, count(*) FROM menuca_seating_change WHERE what = 'import';

-- Back again, to the byte
BEGIN READ ONLY;
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail) FROM menuca_seating_import_undo();
COMMIT;
SELECT everything() = :'after' AS nothing_was_written;
SET TimeZone = 'Asia/Tokyo';
SET IntervalStyle = 'iso_8601';
SELECT status, count(*) FROM menuca_seating_import_undo(dry_run => false) GROUP BY 1 ORDER BY 1;
RESET IntervalStyle;
SET TimeZone = 'UTC';
DROP TABLE assignment_before;
SELECT everything() = :'before' AS all_is_back;
SELECT what, before, after FROM menuca_seating_change WHERE what = 'import_undo';
-- There is no other
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail), next_step FROM menuca_seating_import_undo(dry_run => false);

-- What somebody has changed since stays as it is
SELECT count(*) FROM menuca_seating_import(dry_run => false) WHERE status = 'done';
SELECT * FROM menuca_seating_set(NULL, '{"planner": true}');
UPDATE booking_table_assignments SET end_at = end_at + interval '1 hour' WHERE booking_id = md5('here')::uuid;
DELETE FROM booking_table_assignments WHERE booking_id = md5('lost')::uuid;
UPDATE menuca_seating_key SET table_ids = '{}' WHERE idempotency_key = 'request 1' AND booking_id = md5('same')::uuid;
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail), plain(next_step) FROM menuca_seating_import_undo(dry_run => false) WHERE status <> 'done';
SELECT plain(booking_id::text), plain(table_ids::text) FROM menuca_seating_key;
SELECT plain(booking_id::text), start_at, end_at FROM booking_table_assignments WHERE booking_id IN (md5('here')::uuid, md5('lost')::uuid);
SELECT plain(restaurant_id::text), key, value FROM menuca_seating_setting;
DELETE FROM menuca_seating_key;
DELETE FROM booking_table_assignments WHERE booking_id = md5('here')::uuid;
SELECT count(*) FROM menuca_seating_set(NULL, '{"planner": null}');

-- Guarantees that are there: an import works beside them, and its undoing leaves no confirmed booking without
BEGIN;
DELETE FROM booking_table_assignments a WHERE booking_id = md5('second of two')::uuid OR start_at IS NULL;
UPDATE bookings b SET status = 'pending_allocation' WHERE status = 'confirmed' AND NOT EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = b.id);
SET client_min_messages = error;
SELECT status, count(*) FROM menuca_seating_deploy(dry_run => false) GROUP BY 1;
RESET client_min_messages;
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail) FROM menuca_seating_import(dry_run => false) WHERE status = 'done' AND kind NOT IN ('override', 'weight', 'key') OR kind = 'double_assignment';
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
UPDATE bookings SET status = 'confirmed' WHERE id = md5('lost')::uuid;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail) FROM menuca_seating_import_undo(dry_run => false) WHERE kind = 'assignment';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;

-- Another environment, and none
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail) FROM menuca_seating_import(environment => 'staging') WHERE kind LIKE '%override';
SELECT next_step FROM menuca_seating_import(environment => 'it''s') WHERE kind = 'summary';
SELECT menuca_seating_import(environment => NULL);
SELECT menuca_seating_import(environment => ' ');
SELECT menuca_seating_import(dry_run => NULL);
SELECT menuca_seating_import(lock_timeout => '-1 s');
-- Not where nothing can be written, nor where not all can be seen
BEGIN READ ONLY;
SELECT menuca_seating_import(dry_run => false);
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT menuca_seating_import(dry_run => false);
ROLLBACK;
BEGIN READ ONLY;
SELECT menuca_seating_import_undo(dry_run => false);
ROLLBACK;

-- Rights: those that plain SQL would need
CREATE ROLE regress_seating_importer;
SET ROLE regress_seating_importer;
SELECT count(*) FROM menuca_seating_import();
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_seating_import, menuca_seating_import_undo, menuca_seating_set TO regress_seating_importer;
GRANT SELECT ON restaurants, zones, table_inventory, bookings, booking_table_assignments, table_adjacencies, table_holds, table_hold_members TO regress_seating_importer;
SET ROLE regress_seating_importer;
SELECT count(*) FROM menuca_seating_import();
RESET ROLE;
GRANT SELECT ON allocations, feature_flag_overrides, strategic_configs, booking_assignment_idempotency, table_hold_windows, merge_groups TO regress_seating_importer;
SET ROLE regress_seating_importer;
SELECT count(*) FILTER (WHERE status = 'planned') FROM menuca_seating_import();
SELECT count(*) FROM menuca_seating_import(dry_run => false);
RESET ROLE;
GRANT UPDATE ON bookings, table_inventory, booking_table_assignments TO regress_seating_importer;
SET ROLE regress_seating_importer;
SELECT count(*) FROM menuca_seating_import(dry_run => false);
RESET ROLE;
GRANT INSERT ON booking_table_assignments TO regress_seating_importer;
GRANT SELECT ON menuca_seating_setting TO regress_seating_importer;
SET ROLE regress_seating_importer;
SELECT count(*) FILTER (WHERE status = 'done') FROM menuca_seating_import(dry_run => false);
SELECT count(*) FROM menuca_seating_import_undo(dry_run => false);
RESET ROLE;
GRANT DELETE ON booking_table_assignments TO regress_seating_importer;
SET ROLE regress_seating_importer;
SELECT count(*) FILTER (WHERE status = 'done') FROM menuca_seating_import_undo(dry_run => false);
-- Row security that would hide rows is refused
RESET ROLE;
ALTER TABLE allocations ENABLE ROW LEVEL SECURITY;
SET ROLE regress_seating_importer;
SELECT count(*) FROM menuca_seating_import();
RESET ROLE;
ALTER TABLE allocations DISABLE ROW LEVEL SECURITY;
DROP OWNED BY regress_seating_importer;
DROP ROLE regress_seating_importer;

-- Values that nobody expects: texts for enums, numbers that are none, duplicates, and what a constraint of the users refuses
BEGIN;
ALTER TABLE feature_flag_overrides ALTER value TYPE text USING value::text, DROP CONSTRAINT feature_flag_overrides_flag_environment_key, ALTER flag DROP NOT NULL, ALTER environment DROP NOT NULL;
ALTER TABLE allocations ALTER shadow DROP DEFAULT, ALTER shadow DROP NOT NULL, ALTER resource_type DROP NOT NULL, ALTER resource_id DROP NOT NULL, ALTER restaurant_id DROP NOT NULL,
	DROP CONSTRAINT allocations_booking_id_resource_type_resource_id_key;
ALTER TABLE allocations ALTER shadow TYPE text USING shadow::text;
ALTER TABLE strategic_configs ALTER scarcity_weight TYPE text, ALTER future_conflict_penalty TYPE float8;
DELETE FROM allocations;
DELETE FROM feature_flag_overrides;
DELETE FROM strategic_configs;
DELETE FROM booking_assignment_idempotency;
INSERT INTO feature_flag_overrides (flag, environment, value, updated_at) VALUES
	(NULL, 'production', 'true', 'infinity'), ('combinations.planner', NULL, 'true', NULL), ('combinations.planner', 'production', E'tr\nue', 'infinity'), ('combinations.planner', 'production', 'FALSE', '-infinity'),
	(repeat('é', 200) || E'\n; DROP TABLE bookings;', 'production', repeat('x', 1000), NULL);
INSERT INTO strategic_configs (restaurant_id, scarcity_weight, future_conflict_penalty) SELECT md5(CASE WHEN n % 2 = 0 THEN 'Napoli' ELSE 'Roma' END || n)::uuid, 'x', 0 FROM generate_series(1, 2) n;
INSERT INTO restaurants (id) SELECT restaurant_id FROM strategic_configs UNION ALL SELECT md5('r' || n)::uuid FROM generate_series(1, 9) n;
INSERT INTO strategic_configs (restaurant_id, scarcity_weight, future_conflict_penalty)
SELECT md5('r' || n)::uuid, (ARRAY['NaN', '-1', '1e3', '0.12345', '007.500', '-0.0', '1000.0000', '', '99999999999999'])[n], (ARRAY['NaN', 'Infinity', '-Infinity', '1e300', '-1', '0.0001', '0', '1e-300', NULL])[n]::float8 FROM generate_series(1, 9) n;
INSERT INTO allocations (booking_id, restaurant_id, resource_type, resource_id, "window", shadow) VALUES
	(NULL, NULL, NULL, NULL, NULL, NULL), (NULL, NULL, 'table', NULL, NULL, 'maybe'), (NULL, NULL, 'merge_group', NULL, NULL, 'false'), (NULL, NULL, 'hold', NULL, NULL, NULL), (NULL, NULL, 'table', NULL, NULL, 'TRUE'),
	(md5('lost')::uuid, NULL, 'table', md5('N3')::uuid, '[2091-05-02 18:00+00,2091-05-02 20:00+00)', 'false'), (md5('lost')::uuid, NULL, 'table', md5('N3')::uuid, '(2091-05-02 18:00+00,2091-05-02 21:00+00]', 'false'),
	(md5('lost')::uuid, NULL, 'table', md5('N3')::uuid, '(,)', 'false'),
	(md5('late')::uuid, NULL, 'table', md5('N6')::uuid, '[2091-05-02 20:00+00,2091-05-02 22:00+00)', 'false'), (md5('after it')::uuid, NULL, 'table', md5('N4')::uuid, '[2091-05-02 20:00+00,2091-05-02 22:00+00)', 'false'),
	(md5('after it')::uuid, NULL, 'merge_group', md5('group 1')::uuid, NULL, 'false'), (md5('after it')::uuid, NULL, 'merge_group', md5('group 2')::uuid, NULL, 'false');
INSERT INTO booking_assignment_idempotency (booking_id, idempotency_key, table_ids, expires_at, created_at) VALUES
	(md5('lost')::uuid, repeat('k', 201), ARRAY[md5('N3')::uuid], 'infinity', 'infinity'), (md5('lost')::uuid, repeat('k', 200), ARRAY[md5('N3')::uuid], 'infinity', '-infinity'), (md5('lost')::uuid, 'n', NULL, NULL, '2091-01-01'),
	(md5('lost')::uuid, 'null', ARRAY[md5('N3')::uuid, NULL], NULL, '2091-01-01'), (md5('lost')::uuid, E'a\n''b', ARRAY[[md5('N3')::uuid], [md5('N1')::uuid]], NULL, '2091-01-01');
ALTER TABLE booking_table_assignments ADD CONSTRAINT "no ""N4"" here" CHECK (table_id <> md5('N4')::uuid) NOT VALID;
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail) FROM menuca_seating_import(dry_run => false)
WHERE kind IN ('override', 'unknown_override', 'weight', 'allocation', 'merge_group', 'key', 'reused_key', 'orphan_allocation', 'shadow_allocation');
SELECT count(*) FROM menuca_seating_import_undo(dry_run => false) WHERE status = 'skipped';
ROLLBACK;
-- The next steps do what they say: nothing is left of what can be deleted, and nothing else is gone
BEGIN;
CREATE TEMP TABLE step AS SELECT kind, next_step FROM menuca_seating_import() WHERE status = 'debris' AND next_step ~ '^(DELETE|UPDATE)' AND kind <> 'double_assignment';
SELECT kind, count(*) FROM step GROUP BY 1 ORDER BY 1;
DO $$ DECLARE s text; BEGIN FOR s IN SELECT next_step FROM step LOOP EXECUTE s; END LOOP; END $$;
SELECT count(*) FROM menuca_seating_import() f JOIN step USING (kind, next_step);
SELECT kind, status, count(*) FROM menuca_seating_import() WHERE status IN ('planned', 'unchanged') GROUP BY 1, 2 ORDER BY 1, 2;
ROLLBACK;
-- Many of one sort are one row
BEGIN;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at) SELECT md5('many ' || n)::uuid, md5('Roma')::uuid, 2, 'confirmed', '2091-06-01 00:00+00'::timestamptz + n * interval '1 h', '2091-06-01 01:00+00'::timestamptz + n * interval '1 h' FROM generate_series(1, 1234) n;
INSERT INTO allocations (booking_id, restaurant_id, resource_type, resource_id, "window") SELECT id, restaurant_id, 'table', md5('R1')::uuid, tstzrange(start_at, end_at) FROM bookings WHERE start_at >= '2091-06-01';
SELECT kind, left(object, 40), action, status FROM menuca_seating_import() WHERE kind = 'allocation' AND restaurant_id = md5('Roma')::uuid;
SELECT status, left(object, 40) FROM menuca_seating_import(dry_run => false) WHERE object ~ '1,234';
SELECT left(object, 40), action, status FROM menuca_seating_import() WHERE object ~ '1,23';
ROLLBACK;

-- What the original does not have
BEGIN;
DROP TABLE allocations, feature_flag_overrides, booking_assignment_idempotency, table_hold_windows, merge_group_members, merge_groups, table_hold_members, table_holds;
ALTER TABLE strategic_configs DROP scarcity_weight, DROP future_conflict_penalty, DROP demand_multiplier_override, ADD weights jsonb;
UPDATE strategic_configs SET weights = CASE WHEN restaurant_id IS NULL THEN '{"scarcity": 22, "demandMultiplier": 1.5, "futureConflictPenalty": 50}' WHEN restaurant_id = md5('Roma')::uuid THEN '[1]' ELSE '{"scarcity": {"a": 1}}' END::jsonb;
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail) FROM menuca_seating_import();
DROP TABLE strategic_configs;
ALTER TABLE booking_table_assignments DROP merge_group_id;
CREATE TABLE allocations (booking_id uuid, resource_type varchar, resource_id uuid, "window" text);
CREATE TABLE booking_assignment_idempotency (booking_id uuid, idempotency_key text, table_ids text[]);
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail) FROM menuca_seating_import() WHERE status = 'skipped';
ALTER TABLE allocations ALTER "window" TYPE tstzrange USING "window"::tstzrange;
INSERT INTO allocations VALUES (md5('lost')::uuid, 'table', md5('N3')::uuid, '[2091-05-02 18:00+00,2091-05-02 20:00+00)');
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail) FROM menuca_seating_import(dry_run => false) WHERE kind IN ('allocation', 'merge_group', 'summary');
ROLLBACK;
\set ECHO none
\set drop :abs_srcdir '/sql/include/seating_drop.sql'
\i :drop
