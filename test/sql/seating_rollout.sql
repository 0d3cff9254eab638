-- The runbook's side of seating: flags, variants, stages, rollbacks, repairs, a trial, status; which database it is
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set evening :abs_srcdir '/fixture/seating/evening.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION btree_gist;
CREATE EXTENSION menuca_seating;
\i :schema
\i :evening
CREATE FUNCTION room() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5('restaurant')::uuid $$;
-- A hundred restaurants whose ids are known
INSERT INTO restaurants (id, name) SELECT md5('r' || n)::uuid, 'R' || n FROM generate_series(1, 100) n;
-- The evening is the day after tomorrow
UPDATE bookings SET start_at = start_at + (((now() AT TIME ZONE 'Europe/London')::date + 2 - date '2025-11-15') || ' days')::interval;
-- All that users have, as one text
CREATE FUNCTION written() RETURNS text LANGUAGE sql AS
$$ SELECT md5(string_agg(r, ' ' ORDER BY r)) FROM (SELECT a::text FROM booking_table_assignments a UNION ALL SELECT b::text FROM bookings b) t(r) $$;
CREATE FUNCTION aged(age interval) RETURNS void LANGUAGE sql AS
$$ UPDATE menuca_seating_stage SET begun_at = clock_timestamp() - age WHERE stage_no = (SELECT max(stage_no) FROM menuca_seating_stage) $$;
RESET client_min_messages;
\set ECHO all
\pset format unaligned
\pset tuples_only on
\set VERBOSITY terse

--
-- The names that the original had for settings
--
SELECT key, value, was FROM menuca_seating_set(NULL, '{"FEATURE_ALLOCATOR_K_MAX": 2, "FEATURE_SELECTOR_MAX_COMBINATION_EVALUATIONS": "500", "FEATURE_ALLOCATOR_REQUIRE_ADJACENCY": "true", "FEATURE_COMBINATION_PLANNER": "false"}');
SELECT key, value, was FROM menuca_seating_set(NULL, '{"FEATURE_ALLOCATOR_MERGES_ENABLED": false, "FEATURE_ALLOCATOR_REQUIRE_ADJACENCY": false}');
SELECT flag, setting, value, source FROM menuca_seating_flags() WHERE flag IS NOT NULL;
SELECT menuca_seating_set(NULL, '{"FEATURE_ALLOCATOR_K_MAX": "three"}');
SELECT menuca_seating_set(NULL, '{"FEATURE_COMBINATION_PLANNER": "perhaps"}');
SELECT menuca_seating_set(NULL, '{"FEATURE_NO_SUCH": true}');
SELECT menuca_seating_set(NULL, '{"FEATURE_ALLOCATOR_K_MAX": 3, "k_max": 4}');
SELECT menuca_seating_set(NULL, '{"FEATURE_ALLOCATOR_K_MAX": ""}');
SELECT count(*) FROM menuca_seating_set(NULL, '{"FEATURE_ALLOCATOR_K_MAX": null, "max_evaluations": null, "planner": null, "merges": null, "adjacency": null}');
SELECT count(*) AS left_behind FROM menuca_seating_setting;
-- Each flag says what it does
SELECT setting, value, effect FROM menuca_seating_flags(room());
SELECT count(*) FROM menuca_seating_flags('00000000-0000-0000-0000-000000000000');

--
-- Who is in: by the md5 of the id, so that who is in at 10 percent stays in
--
SELECT menuca_seating_share(room()), menuca_seating_share('00000000-0000-0000-0000-000000000000'),
	(('x' || substr(md5('00000000-0000-0000-0000-000000000000'), 1, 8))::bit(32)::bigint) % 10000 AS by_hand;
SELECT menuca_seating_share(NULL) IS NULL;
SELECT bool_and(menuca_seating_is_in(id)) FROM restaurants;
SELECT bool_and(share BETWEEN 0 AND 9999), count(*) FILTER (WHERE share < 1000) AS tenth, count(*) FILTER (WHERE share < 5000) AS half FROM restaurants, LATERAL menuca_seating_share(id) share;

--
-- Stages
--
-- Nothing is deployed, and no restaurant is in yet
SELECT status, stage, was, restaurants_before, restaurants_after, refused_by IS NOT NULL AS is_refused, next_step FROM menuca_seating_rollout(room());
SELECT * FROM menuca_seating_rollout(room(), dry_run => false);
SELECT stage_no FROM menuca_seating_stage;
SET client_min_messages = warning;
SELECT count(*) FROM menuca_seating_deploy(dry_run => false) WHERE status = 'created';
RESET client_min_messages;
SELECT status, refused_by, next_step FROM menuca_seating_rollout(room());
-- The next step says which of the two functions it means
BEGIN;
SELECT next_step FROM menuca_seating_rollout(room()) \gexec
ROLLBACK;
SELECT stage_no, status, stage, was, restaurants_before, restaurants_after, next_step FROM menuca_seating_rollout(room(), dry_run => false);
SELECT status, stage FROM menuca_seating_rollout(room(), dry_run => false);
SELECT count(*) FILTER (WHERE menuca_seating_is_in(id)) AS are_in, bool_or(menuca_seating_is_in(id)) FILTER (WHERE id = room()) AS is_room FROM restaurants;
-- It is young
SELECT status, regexp_replace(refused_by, 'began .* ago', 'began ... ago') FROM menuca_seating_rollout(10);
SELECT menuca_seating_rollout(10, dry_run => false);
SELECT menuca_seating_rollout(10, dry_run => false, force => true);
SELECT menuca_seating_rollout(10, dry_run => false, force => true, reason => '...');
SELECT aged('59 minutes');
SELECT status FROM menuca_seating_rollout(10);
SELECT aged('61 minutes');
SELECT status, refused_by, restaurants_after FROM menuca_seating_rollout(10);
SELECT status FROM menuca_seating_rollout(10, dry_run => false);
SELECT count(*) FILTER (WHERE menuca_seating_is_in(id)) AS are_in, count(*) FILTER (WHERE menuca_seating_share(id) < 1000 OR id = room()) AS by_hand FROM restaurants;
-- Two hours for 10 percent, a day for 50; force has a reason, which is kept
SELECT aged('119 minutes');
SELECT status FROM menuca_seating_rollout(50);
SELECT status, refused_by IS NOT NULL AS refused FROM menuca_seating_rollout(50, dry_run => false, force => true, reason => 'the launch is announced for today');
SELECT action, percent, cardinality(restaurant_ids), reason, jsonb_array_length(failures) AS failures FROM menuca_seating_stage ORDER BY stage_no;
SELECT aged('23 hours');
SELECT status FROM menuca_seating_rollout(100);
SELECT aged('25 hours');
SELECT status FROM menuca_seating_rollout(100);
-- Down is never refused
SELECT status FROM menuca_seating_rollout(20, dry_run => false);
-- Percentages
SELECT menuca_seating_rollout(NULL::numeric);
SELECT menuca_seating_rollout(NULL::uuid);
SELECT menuca_seating_rollout(-1);
SELECT menuca_seating_rollout(100.01);
SELECT menuca_seating_rollout(0.5);
SELECT menuca_seating_rollout('NaN'::numeric);
SELECT menuca_seating_rollout(33.333);
SELECT menuca_seating_rollout('00000000-0000-0000-0000-000000000000'::uuid);

--
-- What a restaurant gets that is not in: single dining tables
--
SELECT status FROM menuca_seating_rollout(0, dry_run => false);
SELECT status, restaurants_after FROM menuca_seating_rollout(md5('r1')::uuid, dry_run => false, force => true, reason => 'another restaurant for the test');
UPDATE menuca_seating_stage SET restaurant_ids = '{}' WHERE stage_no = (SELECT max(stage_no) FROM menuca_seating_stage);
SELECT key, value, source FROM menuca_seating_settings_of(room()) WHERE source <> 'built-in';
SELECT setting, value, source, effect FROM menuca_seating_flags(room()) WHERE setting = 'rollout';
SELECT id AS large FROM bookings WHERE party_size = 12 ORDER BY id LIMIT 1 \gset
SELECT outcome, reason FROM menuca_auto_assign(:'large');
SELECT max(tables) FROM menuca_plan_tables(room(), 5, now() + '3 days');
SELECT rule, plans, plans_without > 0 AS without, setting, detail, next_step FROM menuca_debug_combinations(room(), 12, now() + '3 days') WHERE rule = 'off';
-- What is tried out is not held back
SELECT combinations > 0 FROM menuca_replay_day(room(), (now() AT TIME ZONE 'Europe/London')::date + 2, '{"planner": true, "merges": true}');
-- A damaged stage reaches nobody
ALTER TABLE menuca_seating_stage ALTER percent DROP NOT NULL;
UPDATE menuca_seating_stage SET percent = NULL;
SELECT value FROM menuca_seating_settings_of(room()) WHERE key = 'planner';
DELETE FROM menuca_seating_stage;
SELECT outcome, cardinality(table_ids) > 1 AS several FROM menuca_auto_assign(:'large');

--
-- Variants
--
SELECT menuca_seating_set_variant('B', 50, '{"k_max": 4, "FEATURE_ALLOCATOR_REQUIRE_ADJACENCY": false}');
SELECT menuca_seating_set_variant('B', 50, '{"adjacency": "off", "k_max": 4}');
SELECT menuca_seating_set_variant('C', 20, '{"k_max": 5}');
SELECT k.value AS k_max, v.value AS variant, k.source, count(*), count(*) FILTER (WHERE menuca_seating_share(r.id) < CASE v.value WHEN '"C"' THEN 2000 WHEN '"B"' THEN 5000 ELSE 10000 END) AS by_hand
FROM restaurants r, LATERAL (SELECT value, source FROM menuca_seating_settings_of(r.id) WHERE key = 'k_max') k,
	LATERAL (SELECT value FROM menuca_seating_settings_of(r.id) WHERE key = 'variant') v GROUP BY 1, 2, 3 ORDER BY 1;
-- A restaurant's own settings come before it; its setting names another one, or none
SELECT id AS in_c FROM restaurants WHERE menuca_seating_share(id) < 2000 ORDER BY id LIMIT 1 \gset
SELECT key, value FROM menuca_seating_set(:'in_c', '{"k_max": 2}');
SELECT key, value, source FROM menuca_seating_settings_of(:'in_c') WHERE key IN ('k_max', 'variant');
SELECT key, value FROM menuca_seating_set(:'in_c', '{"k_max": null, "variant": "B"}') ORDER BY key;
SELECT key, value, source FROM menuca_seating_settings_of(:'in_c') WHERE key IN ('k_max', 'variant');
SELECT key, value FROM menuca_seating_set(:'in_c', '{"variant": "none"}');
SELECT key, value, source FROM menuca_seating_settings_of(:'in_c') WHERE key IN ('k_max', 'variant');
-- What a setting takes from the variant is a change, in the result and in the ledger
SELECT key, value, was FROM menuca_seating_set(:'in_c', '{"variant": null}');
SELECT key, value, was FROM menuca_seating_set(:'in_c', '{"k_max": 3}');
SELECT key, value, was FROM menuca_seating_set(:'in_c', '{"k_max": null}');
SELECT key, value, was FROM menuca_seating_set(:'in_c', '{"variant": "none"}');
SELECT before, after FROM menuca_seating_change WHERE what = 'settings' ORDER BY change_id DESC LIMIT 4;
SELECT menuca_seating_set(:'in_c', '{"variant": "D"}');
SELECT menuca_seating_set(:'in_c', '{"variant": ""}');
SELECT menuca_seating_set_variant('none', 50, '{}');
SELECT menuca_seating_set_variant('', 50, '{}');
SELECT menuca_seating_set_variant(repeat('x', 64), 50, '{}');
SELECT menuca_seating_set_variant('D', 0.5, '{}');
SELECT menuca_seating_set_variant('D', 101, '{}');
SELECT menuca_seating_set_variant('D', 50, '{"no_such": 1}');
SELECT menuca_seating_set_variant('D', 50, NULL);
SELECT menuca_seating_set_variant('D', 0);
-- Ended; a setting that names it names nothing
SELECT key FROM menuca_seating_set(:'in_c', '{"variant": "B"}');
SELECT menuca_seating_set_variant('B', 0), menuca_seating_set_variant('C', 0);
SELECT key, value, source FROM menuca_seating_settings_of(:'in_c') WHERE key IN ('k_max', 'variant');
SELECT what, before IS NULL AS began, after IS NULL AS ended FROM menuca_seating_change WHERE what = 'variant' ORDER BY change_id;
SELECT variant, count(*) FROM menuca_seating_attempt GROUP BY 1;

--
-- The three levels
--
SELECT menuca_seating_rollback(0);
SELECT menuca_seating_rollback(4);
SELECT menuca_seating_rollback(NULL);
-- 1: flags; combinations stay
SELECT status FROM menuca_seating_rollout(100, dry_run => false);
SELECT written() AS before \gset
SELECT step, object, status, reason, next_step FROM menuca_seating_rollback(1);
SELECT step, object, status, next_step FROM menuca_seating_rollback(1, dry_run => false);
SELECT step, status, reason FROM menuca_seating_rollback(1, dry_run => false);
SELECT written() = :'before' AS same, count(*) FILTER (WHERE menuca_seating_is_in(id)) AS are_in FROM restaurants;
SELECT verdict, next_step FROM menuca_seating_status();
SELECT step, status, reason FROM menuca_seating_rollback(1, dry_run => false, undo => true);
SELECT step, status, reason FROM menuca_seating_rollback(1, dry_run => false, undo => true);
SELECT count(*) FILTER (WHERE menuca_seating_is_in(id)) AS are_in FROM restaurants;
-- Flags that were set since the rollout began go back with it, and come with the undo, except what somebody has changed since
SELECT key, value FROM menuca_seating_set(NULL, '{"FEATURE_ALLOCATOR_K_MAX": 4, "FEATURE_ALLOCATOR_REQUIRE_ADJACENCY": true, "max_overage": 3}');
SELECT key, value FROM menuca_seating_set(room(), '{"k_max": 2, "merges": false}');
CREATE VIEW settings AS SELECT COALESCE((SELECT name FROM restaurants r WHERE r.id = restaurant_id), 'all') AS restaurant, key, value FROM menuca_seating_setting ORDER BY 1, 2;
SELECT * FROM settings;
SELECT object, status, statement, reason, next_step FROM menuca_seating_rollback(1);
SELECT object, status, statement, next_step FROM menuca_seating_rollback(1, dry_run => false);
SELECT * FROM settings;
SELECT object, status FROM menuca_seating_rollback(1, dry_run => false);
SELECT key, value FROM menuca_seating_set(NULL, '{"k_max": 5}');
SELECT object, status, statement, reason FROM menuca_seating_rollback(1, undo => true);
SELECT object, status FROM menuca_seating_rollback(1, dry_run => false, undo => true);
SELECT * FROM settings;
-- A restaurant that is gone and a damaged stage keep nothing from being rolled back
BEGIN;
INSERT INTO menuca_seating_setting (restaurant_id, key, value) VALUES (md5('gone')::uuid, 'k_max', '4');
SELECT object, status, reason FROM menuca_seating_rollback(1, dry_run => false);
SELECT count(*) FILTER (WHERE menuca_seating_is_in(id)) AS are_in FROM restaurants;
ROLLBACK;
BEGIN;
UPDATE menuca_seating_stage SET flags = '{"k_max": 3}';
SELECT object, status, reason FROM menuca_seating_rollback(1, dry_run => false);
SELECT count(*) FILTER (WHERE menuca_seating_is_in(id)) AS are_in FROM restaurants;
ROLLBACK;
SELECT count(*) FROM menuca_seating_set(NULL, '{"k_max": null, "adjacency": null, "max_overage": null}');
SELECT count(*) FROM menuca_seating_set(room(), '{"k_max": null, "merges": null}');
DROP VIEW settings;
-- 2: objects; the original's trigger and function were there
SELECT count(*) FROM menuca_seating_undeploy(dry_run => false);
CREATE FUNCTION validate_booking_has_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.status = 'confirmed' AND OLD.status <> 'confirmed' AND NOT EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = NEW.id) THEN
		RAISE EXCEPTION 'booking % has no table', NEW.id;
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER booking_assignment_validation BEFORE UPDATE ON bookings FOR EACH ROW WHEN (NEW.status = 'confirmed') EXECUTE FUNCTION validate_booking_has_assignments();
CREATE INDEX idx_booking_table_assignments_booking_id ON booking_table_assignments (booking_id);
CREATE VIEW objects AS SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN ('bookings'::regclass, 'booking_table_assignments'::regclass)
UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename IN ('bookings', 'booking_table_assignments')
UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN ('bookings'::regclass, 'booking_table_assignments'::regclass);
SELECT md5(string_agg(o::text, ' ' ORDER BY o::text)) AS objects FROM objects o \gset
SELECT name, status, reason FROM menuca_seating_deploy() WHERE name IN ('booking_assignment_validation', 'idx_booking_table_assignments_booking_id');
SELECT name, status, actual FROM menuca_seating_verify() WHERE name IN ('booking_assignment_validation', 'idx_booking_table_assignments_booking_id', 'functions', 'summary');
SELECT count(*) FROM menuca_seating_deploy(dry_run => false);
SELECT name, status, actual FROM menuca_seating_verify();
SELECT object, status FROM menuca_seating_rollback(2);
SELECT object, status FROM menuca_seating_rollback(2, dry_run => false);
SELECT md5(string_agg(o::text, ' ' ORDER BY o::text)) = :'objects' AS as_before FROM objects o;
SELECT object, status FROM menuca_seating_rollback(2, dry_run => false);
SELECT status, count(*) FROM menuca_seating_rollback(2, dry_run => false, undo => true) GROUP BY 1 ORDER BY 1;
SELECT status, count(*) FROM menuca_seating_rollback(2, dry_run => false, undo => true) GROUP BY 1 ORDER BY 1;
-- 3: both, and the restore
SELECT step, status, statement, reason FROM menuca_seating_rollback(3) WHERE step = 'restore';
SELECT menuca_seating_register_backup('before', 'db1:/srv/backups/it''s one.dump', 'pg_dump', 1000, 'sha256:0', now() - interval '5 minutes', now() - interval '1 minute', true, '{"path": "/srv/backups/it''s one.dump"}');
SELECT step, status, statement, reason FROM menuca_seating_rollback(3) WHERE step = 'restore';
SELECT step, status, count(*) FROM menuca_seating_rollback(3, dry_run => false) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT md5(string_agg(o::text, ' ' ORDER BY o::text)) = :'objects' AS as_before FROM objects o;
SELECT count(*) FILTER (WHERE menuca_seating_is_in(id)) AS are_in FROM restaurants;
SELECT step, status, count(*) FROM menuca_seating_rollback(3, dry_run => false) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT step, status, count(*) FROM menuca_seating_rollback(3, dry_run => false, undo => true) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FILTER (WHERE menuca_seating_is_in(id)) AS are_in FROM restaurants;
SELECT written() = :'before' AS same;
BEGIN READ ONLY;
SELECT count(*) > 0 FROM menuca_seating_rollback(3);
SELECT status FROM menuca_seating_rollout(100);
SELECT status FROM menuca_seating_verify() WHERE name = 'summary';
SELECT menuca_seating_rollback(1, dry_run => false);
ROLLBACK;

--
-- Orphans: inserted, updated, robbed of the last dining table, by cascade
--
SELECT count(*) FROM menuca_seating_rollback(2, dry_run => false);
DROP TRIGGER booking_assignment_validation ON bookings;
SELECT count(*) FROM bookings, LATERAL menuca_auto_assign(id) WHERE party_size = 4;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) VALUES (md5('inserted')::uuid, room(), 2, 'confirmed', now() + '2 days');
UPDATE bookings SET status = 'confirmed', assigned_zone_id = md5('zone MD')::uuid WHERE id = md5('booking 1')::uuid;
DELETE FROM booking_table_assignments WHERE booking_id = md5('booking 3')::uuid;
DELETE FROM table_inventory t USING booking_table_assignments a WHERE a.table_id = t.id AND a.booking_id = md5('booking 7')::uuid;
-- Not orphans: one that waits, one that is cancelled
UPDATE bookings SET status = 'cancelled' WHERE id = md5('booking 2')::uuid;
SELECT md5(string_agg(b::text, ' ' ORDER BY b.id)) AS before FROM bookings b \gset
SELECT assigned_zone_id AS zone FROM bookings WHERE id = md5('booking 3')::uuid \gset
CREATE VIEW damaged AS SELECT id FROM bookings b WHERE status = 'confirmed' AND NOT EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = b.id);
SELECT count(*) FROM damaged;
SELECT name, status FROM menuca_seating_smoke_test(room()) WHERE name = 'orphans';
SELECT count(*), count(DISTINCT booking), string_agg(DISTINCT outcome, ' '), min(next_step) FROM menuca_fix_orphaned_bookings();
SELECT count(*) FROM menuca_fix_orphaned_bookings(restaurant => md5('r1')::uuid);
SELECT count(*), string_agg(DISTINCT outcome, ' '), bool_and(next_step LIKE '%menuca_auto_assign%') FROM menuca_fix_orphaned_bookings(dry_run => false);
SELECT count(*) FROM damaged;
SELECT count(*) FROM menuca_fix_orphaned_bookings(dry_run => false);
-- One of them gets dining tables meanwhile, and is not put back
SELECT count(*) FROM menuca_auto_assign(md5('booking 3')::uuid);
SELECT outcome, count(*), min(reason) FROM menuca_fix_orphaned_bookings(undo => true) GROUP BY 1 ORDER BY 1;
SELECT outcome, count(*) FROM menuca_fix_orphaned_bookings(dry_run => false, undo => true) GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM menuca_fix_orphaned_bookings(dry_run => false, undo => true);
SELECT count(*) FROM damaged;
SELECT count(*) FROM menuca_unassign_tables(md5('booking 3')::uuid);
UPDATE bookings SET status = 'confirmed', assigned_zone_id = nullif(:'zone', '')::uuid WHERE id = md5('booking 3')::uuid;
SELECT md5(string_agg(b::text, ' ' ORDER BY b.id)) = :'before' AS as_before FROM bookings b;
SELECT what, jsonb_array_length(before) AS bookings, after FROM menuca_seating_change WHERE what LIKE 'orphans%' ORDER BY change_id;
-- While the guarantees are deployed, they cannot be put back
SELECT count(*) FROM menuca_fix_orphaned_bookings(dry_run => false);
SET client_min_messages = warning;
SELECT count(*) FROM menuca_seating_deploy(dry_run => false) WHERE status = 'created';
RESET client_min_messages;
SELECT menuca_fix_orphaned_bookings(dry_run => false, undo => true);
SELECT menuca_fix_orphaned_bookings(dry_run => NULL);
SELECT menuca_fix_orphaned_bookings(restaurant => '00000000-0000-0000-0000-000000000000');

--
-- Zone locks
--
UPDATE bookings SET assigned_zone_id = md5('zone MD')::uuid WHERE id IN (md5('booking 1')::uuid, md5('booking 5')::uuid) AND status = 'pending';
SELECT md5(string_agg(b::text, ' ' ORDER BY b.id)) AS before FROM bookings b \gset
SELECT outcome, party_size, reason FROM menuca_clear_zone_locks();
SELECT outcome, party_size FROM menuca_clear_zone_locks(dry_run => false);
SELECT count(*) FROM menuca_clear_zone_locks(dry_run => false);
SELECT outcome, party_size FROM menuca_clear_zone_locks(dry_run => false, undo => true);
SELECT md5(string_agg(b::text, ' ' ORDER BY b.id)) = :'before' AS as_before FROM bookings b;
-- One restaurant's are put back alone, then the rest of the call, then the call before
SET client_min_messages = warning;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, assigned_zone_id)
SELECT md5('locked ' || n)::uuid, r, n, 'pending', now() + '3 days', md5('zone MD')::uuid FROM (VALUES (91, room()), (92, md5('r1')::uuid), (93, room())) b(n, r);
SELECT count(*) FROM menuca_clear_zone_locks(dry_run => false);
UPDATE bookings SET assigned_zone_id = md5('zone MD')::uuid WHERE party_size IN (91, 92);
SELECT count(*) FROM menuca_clear_zone_locks(dry_run => false);
UPDATE bookings SET assigned_zone_id = md5('zone MD')::uuid WHERE party_size = 93;
RESET client_min_messages;
SELECT outcome, party_size FROM menuca_clear_zone_locks(dry_run => false, restaurant => room());
SELECT outcome, party_size FROM menuca_clear_zone_locks(dry_run => false, restaurant => md5('r1')::uuid, undo => true);
SELECT outcome, party_size FROM menuca_clear_zone_locks(undo => true);
SELECT outcome, party_size FROM menuca_clear_zone_locks(dry_run => false, undo => true);
SELECT outcome, party_size FROM menuca_clear_zone_locks(undo => true);
SELECT outcome, party_size FROM menuca_clear_zone_locks(restaurant => md5('r1')::uuid, undo => true);
-- What somebody has changed since is left; after it, the next call is undone
UPDATE bookings SET assigned_zone_id = md5('zone BA')::uuid WHERE party_size = 91;
SELECT outcome, party_size, reason FROM menuca_clear_zone_locks(dry_run => false, undo => true);
SELECT outcome, party_size FROM menuca_clear_zone_locks(undo => true) ORDER BY party_size DESC LIMIT 3;
DELETE FROM bookings WHERE party_size BETWEEN 91 AND 93;

--
-- The smoke test leaves nothing
--
SELECT written() AS before \gset
SELECT name, status, regexp_replace(actual, ': .*', ': ...') FROM menuca_seating_smoke_test(room());
SELECT written() = :'before' AS same, count(*) FILTER (WHERE start_at > now() + '5 days') AS attempts FROM menuca_seating_attempt;
SELECT name, status, actual, regexp_replace(next_step, '''20[^'']*''', '''2091-01-01 18:00:00+00''') FROM menuca_seating_smoke_test(md5('r1')::uuid) WHERE status <> 'PASS';
BEGIN READ ONLY;
SELECT name, status, actual FROM menuca_seating_smoke_test(room()) WHERE name = 'booking';
COMMIT;
ALTER TABLE bookings ADD guest text;
ALTER TABLE bookings ADD CHECK (guest <> '') NOT VALID;
UPDATE bookings SET guest = 'g';
ALTER TABLE bookings ALTER guest SET NOT NULL;
SELECT name, status, actual LIKE '%violates not-null constraint%' AS why, next_step FROM menuca_seating_smoke_test(room()) WHERE name = 'booking';
SELECT name, status FROM menuca_seating_smoke_test(room(), details => '{"guest": "nobody"}') WHERE name = 'booking';
ALTER TABLE bookings DROP guest;
SELECT menuca_seating_smoke_test(NULL);
SELECT menuca_seating_smoke_test(room(), 0);
SELECT menuca_seating_smoke_test(room(), 5, 'infinity');
SELECT count(*) FROM menuca_seating_set(room(), '{"merges": false}');
SELECT name, status, actual, regexp_replace(next_step, '''20[^'']*''', '''2091-01-01 18:00:00+00''') FROM menuca_seating_smoke_test(room(), party_size => 14) WHERE name IN ('flags', 'booking');
SELECT count(*) FROM menuca_seating_set(room(), '{"merges": null}');

--
-- Staging or production, and the backup that production asks for
--
SELECT system_identifier AS cluster FROM pg_control_system() \gset
SELECT menuca_seating_environment('test', current_database(), :cluster);
DO $$ BEGIN PERFORM menuca_seating_environment('production', 'another', 1); EXCEPTION WHEN SQLSTATE 'MC020' THEN RAISE NOTICE '%', SQLERRM; END $$;
SELECT environment, newly_registered FROM menuca_seating_environment('production', current_database(), :cluster);
SELECT environment, newly_registered FROM menuca_seating_environment('production', current_database(), :cluster);
SELECT menuca_seating_environment('staging', current_database(), :cluster);
SELECT count(*) FROM menuca_seating_undeploy(dry_run => false);
SELECT count(*) FILTER (WHERE status IN ('created', 'unchanged')) = count(*) AS deployed FROM menuca_seating_deploy(dry_run => false);
SELECT count(*) FROM menuca_seating_undeploy(dry_run => false);
UPDATE menuca_seating_backup SET finished = finished - interval '1 hour', started = started - interval '1 hour';
SELECT name, status FROM menuca_seating_verify() WHERE name = 'environment';
SELECT count(*) > 0 AS dry_run_is_free FROM menuca_seating_deploy();
SELECT menuca_seating_deploy(dry_run => false);
UPDATE menuca_seating_backup SET finished = now(), verified = false;
SELECT menuca_seating_deploy(dry_run => false);
SELECT menuca_seating_register_backup('b', 'db1:/b.dump', 'pg_dump', 1, 'x', now() - interval '1 minute', now(), false);
SELECT menuca_seating_register_backup('b', 'db1:/b.dump', 'pg_dump', 1, 'x', now() - interval '1 minute', now(), true);
SELECT menuca_seating_register_backup('b', 'db1:/c.dump', 'pg_dump', 0, 'x', now() - interval '1 minute', now(), true);
SELECT menuca_seating_register_backup('b', 'db1:/c.dump', 'pg_dump', 1, 'x', now() + interval '1 minute', now() + interval '1 hour', true);
SELECT menuca_seating_register_backup('b', 'db1:/c.dump', 'pg_dump', 1, 'x', now() - interval '1 minute', clock_timestamp(), true) > 0;
SELECT count(*) FILTER (WHERE status IN ('created', 'unchanged')) = count(*) AS deployed FROM menuca_seating_deploy(dry_run => false);
-- A backup of another database does not count
UPDATE menuca_seating_backup SET system_identifier = 1;
SELECT actual FROM menuca_seating_verify() WHERE name = 'environment';

--
-- Notes and status
--
SELECT menuca_seating_note('ticket', 'A guest was seated at two dining tables.') > 0;
SELECT menuca_seating_note('feedback', 'It works.', true) > 0;
SELECT menuca_seating_note('feedback', 'Slow.', false, room()) > 0;
SELECT menuca_seating_note('learning', 'Adjacency is missing.') > 0;
SELECT menuca_seating_note('rumour', 'x');
SELECT menuca_seating_note('feedback', 'x');
SELECT menuca_seating_note('ticket', 'x', true);
SELECT menuca_seating_note('ticket', '...');
SELECT menuca_seating_note('ticket', NULL);
SELECT menuca_seating_note('ticket', 'x', NULL, '00000000-0000-0000-0000-000000000000');
DELETE FROM menuca_seating_stage;
UPDATE menuca_seating_guarantee SET deployed_at = clock_timestamp() - interval '50 hours';
UPDATE menuca_seating_note_list SET noted_at = clock_timestamp() - interval '49 hours' WHERE note = 'Slow.';
SELECT criterion, status, actual FROM menuca_seating_success() WHERE criterion IN ('48 hours have passed', 'feedback', 'tickets');
SELECT stage, restaurants, restaurants_in, tickets, feedback, verdict, next_step FROM menuca_seating_status();
SELECT status FROM menuca_seating_rollout(10, dry_run => false, force => true, reason => 'to see the status');
SELECT stage, restaurants, restaurants_in, verdict, next_step FROM menuca_seating_status();
SELECT regexp_replace(announcement, 'since .* UTC', 'since ...') FROM menuca_seating_status();

--
-- The monitor judges usage where the rollout is
--
DELETE FROM menuca_seating_stage;
SELECT metadata ->> 'seated' = metadata ->> 'reached_seated' AS all_count FROM menuca_seating_monitor() WHERE name = 'usage';
SELECT status FROM menuca_seating_rollout(md5('r1')::uuid, dry_run => false, force => true, reason => 'to see the monitor');
SELECT status, actual, metadata ->> 'reached_seated' AS reached, (metadata ->> 'seated')::int > 0 AS seated FROM menuca_seating_monitor() WHERE name = 'usage';
SELECT status FROM menuca_seating_rollout(room(), dry_run => false, force => true, reason => 'to see the monitor');
SELECT metadata ->> 'seated' = metadata ->> 'reached_seated' AS all_count FROM menuca_seating_monitor() WHERE name = 'usage';

--
-- Assignments of other programs may lack their times: deploying names them, and they can be taken back
--
SET client_min_messages = error;
SELECT count(*) FROM menuca_seating_undeploy(dry_run => false);
RESET client_min_messages;
ALTER TABLE booking_table_assignments ALTER start_at DROP NOT NULL, ALTER end_at DROP NOT NULL;
SELECT id AS timeless FROM bookings b WHERE status = 'confirmed' ORDER BY id LIMIT 1 \gset
UPDATE booking_table_assignments SET start_at = NULL, end_at = NULL WHERE booking_id = :'timeless';
SELECT name, status, reason LIKE '%whose time is not known%' AS named FROM menuca_seating_deploy() WHERE status = 'impossible';
SELECT outcome, status FROM menuca_unassign_tables(:'timeless');
SELECT count(*) FROM menuca_seating_deploy() WHERE status = 'impossible';
\set ECHO none
\set drop :abs_srcdir '/sql/include/seating_drop.sql'
\i :drop
