-- The monitor of seating: each check's states, the limits exactly, empty data; alert, schedule
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set ECHO none
SET client_min_messages = error;
SET timezone = 'UTC';
CREATE EXTENSION menuca_seating;
\i :schema
CREATE FUNCTION room() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5('r')::uuid $$;
-- The day after tomorrow at noon: bookings are in the future, or 20 hours ago at most
CREATE FUNCTION noon() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT date_trunc('day', now()) + interval '60 hours' $$;
INSERT INTO restaurants (id, name, timezone) VALUES (room(), 'R', 'Europe/London'), (md5('s')::uuid, 'S', 'Asia/Tokyo');
INSERT INTO zones (id, restaurant_id, name) VALUES (md5('z')::uuid, room(), 'Z'), (md5('y')::uuid, md5('s')::uuid, 'Y');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT md5('t' || n)::uuid, room(), md5('z')::uuid, 'T' || n, n FROM unnest('{2,4,6}'::int[]) n;
-- A booking with dining tables T2, T4, T6; each starts an hour after the last one
CREATE SEQUENCE hour;
CREATE FUNCTION book(party int, tables int[] DEFAULT '{}', status booking_status DEFAULT 'confirmed', zone boolean DEFAULT true, start timestamptz DEFAULT noon() + nextval('hour') * interval '1 hour')
RETURNS uuid LANGUAGE sql AS $$
	WITH b AS (INSERT INTO bookings (restaurant_id, party_size, status, start_at, end_at, assigned_zone_id) VALUES (room(), party, status, start, start + interval '1 hour', CASE WHEN zone THEN md5('z')::uuid END) RETURNING *),
	a AS (INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT b.id, md5('t' || n)::uuid, b.start_at, b.end_at FROM b, unnest(tables) n)
	SELECT id FROM b $$;
CREATE FUNCTION attempt(outcome text, booking uuid DEFAULT gen_random_uuid(), reason text DEFAULT '', zone boolean DEFAULT false, took interval DEFAULT '1 s', variant text DEFAULT NULL, ago interval DEFAULT '0')
RETURNS void LANGUAGE sql AS $$
	INSERT INTO menuca_seating_attempt (booking_id, restaurant_id, outcome, reason, attempts, duration, zone_id, variant, attempted_at) VALUES (booking, room(), outcome, reason, 1, took, CASE WHEN zone THEN md5('z')::uuid END, variant, now() - ago) $$;
CREATE FUNCTION forget() RETURNS void LANGUAGE sql AS $$ DELETE FROM bookings; DELETE FROM table_holds; DELETE FROM menuca_seating_attempt; SELECT setval('hour', 1) $$;
CREATE FUNCTION said(check_name text, days int DEFAULT 7) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' | ', status, actual, expected) FROM menuca_seating_monitor(days) WHERE name = check_name $$;
CREATE FUNCTION status(check_name text, days int DEFAULT 7) RETURNS text LANGUAGE sql AS $$ SELECT status || ' ' || actual FROM menuca_seating_monitor(days) WHERE name = check_name $$;
RESET client_min_messages;
\set ECHO all
\pset format unaligned
\pset tuples_only on

SELECT * FROM menuca_seating_target;

--
-- Nothing, and one booking
--
SELECT check_no, name, title, status, expected, actual, next_step FROM menuca_seating_monitor();
SELECT count(*) FROM menuca_seating_figures_by_day();
SELECT count(*) FROM menuca_seating_figures_by_restaurant();
SELECT count(*) FROM menuca_seating_figures_combinations();
SELECT book(2, '{2}') IS NOT NULL;
SELECT name, status, actual, detail FROM menuca_seating_monitor();
SELECT metadata FROM menuca_seating_monitor() WHERE name IN ('usage', 'tables') ORDER BY check_no;
SELECT bookings, cancelled, seated, combinations, usage_pct, no_single_table, attempts, attempted, succeeded, success_pct FROM menuca_seating_figures_by_day();
SELECT count(*) FROM menuca_seating_figures_by_day(7, md5('s')::uuid);

--
-- usage: the limits exactly
--
CREATE FUNCTION usage(several int, seated int) RETURNS text LANGUAGE sql AS $$
	SELECT forget();
	SELECT count(book(6, CASE WHEN n <= several THEN '{2,4}'::int[] ELSE '{6}' END)) FROM generate_series(1, seated) n;
	SELECT status('usage') $$;
SELECT usage(v[1], v[2]) FROM (VALUES ('{0,1}'::int[]), ('{1,1}'), ('{1,2}'), ('{1,3}'), ('{1,4}'), ('{0,4}'), ('{1,51}'), ('{1,50}'), ('{1,49}'), ('{1,21}'), ('{1,20}'), ('{3,20}'), ('{2,13}'), ('{3,10}'), ('{4,13}'), ('{4,4}')) t(v);
-- Cancelled bookings do not count, completed ones do; neither do those of another time, or of another restaurant
SELECT forget();
SELECT count(book(6, '{2,4}', s)) FROM unnest(enum_range(NULL::booking_status)) s;
SELECT said('usage');
BEGIN;
SELECT book(6, '{2,4}', 'completed', start => now() - interval '7 days') IS NOT NULL, book(6, '{2,4}', 'completed', start => now() - interval '7 days 1 second') IS NOT NULL;
SELECT metadata->'seated' AS seated, metadata->'bookings' AS bookings, metadata->'cancelled' AS cancelled FROM menuca_seating_monitor() WHERE name = 'usage';
COMMIT;
SELECT status FROM menuca_seating_monitor(7, md5('s')::uuid) WHERE name = 'usage';
-- Who fits no single dining table: inactive ones are none, and max_party_size counts
SELECT forget();
SELECT count(book(n)) FROM generate_series(1, 8) n;
SELECT metadata->'no_single_table' AS no_single, metadata->'no_single_table_pct' AS pct, detail FROM menuca_seating_monitor() WHERE name = 'usage';
UPDATE table_inventory SET max_party_size = 5 WHERE table_number = 'T6';
SELECT metadata->'no_single_table' AS no_single FROM menuca_seating_monitor() WHERE name = 'usage';
UPDATE table_inventory SET active = table_number <> 'T6', max_party_size = NULL;
SELECT metadata->'no_single_table' AS no_single FROM menuca_seating_monitor() WHERE name = 'usage';
UPDATE table_inventory SET active = true;
SELECT remedy FROM menuca_seating_monitor() WHERE name = 'usage';

--
-- success: the latest attempt that counts
--
CREATE FUNCTION success(seated int, attempted int) RETURNS text LANGUAGE sql AS $$
	SELECT forget();
	SELECT count(attempt((CASE WHEN n <= seated THEN '{assigned,moved,already}' ELSE '{none,conflict,strange}' END::text[])[n % 3 + 1], reason => 'busy: all taken')) FROM generate_series(1, attempted) n;
	SELECT status('success') $$;
SELECT success(v[1], v[2]) FROM (VALUES ('{79,100}'::int[]), ('{80,100}'), ('{90,100}'), ('{91,100}'), ('{0,1}'), ('{1,1}')) t(v);
SELECT forget();
SELECT attempt('none', room(), 'busy: first'), attempt('assigned', room()), attempt('state', room()), attempt('off', room());
SELECT attempt('assigned', md5('z')::uuid), attempt('none', md5('z')::uuid, 'capacity: too many'), attempt('none', md5('y')::uuid, 'No word at all'), attempt('off'), attempt('assigned', ago => '8 days');
SELECT status, actual, detail, metadata FROM menuca_seating_monitor() WHERE name = 'success';
SELECT remedy FROM menuca_seating_monitor() WHERE name = 'success';
-- By day and restaurant, attempts are those for its bookings
SELECT bookings, attempts, attempted, succeeded FROM menuca_seating_figures_by_day();
SELECT attempt('assigned', book(2, '{2}')), attempt('none', book(2, '{}', 'pending'));
SELECT bookings, attempts, attempted, succeeded, success_pct FROM menuca_seating_figures_by_restaurant();

--
-- tables: 2 on average, and more
--
SELECT forget();
SELECT book(12, '{2,4,6}') IS NOT NULL, book(2, '{2}') IS NOT NULL;
SELECT said('tables');
SELECT book(6, '{2,4}') IS NOT NULL, book(12, '{2,4,6}') IS NOT NULL;
SELECT status, actual, detail, metadata->'by_tables' AS by_tables, metadata->'commonest_number' AS commonest, remedy FROM menuca_seating_monitor() WHERE name = 'tables';
SELECT restaurant_name, table_numbers, tables, bookings, combinations_pct FROM menuca_seating_figures_combinations();

--
-- Bookings with something wrong
--
SELECT forget();
SELECT book(2, '{2}') IS NOT NULL, status('orphans');
SELECT book(2) AS orphan \gset
SELECT said('orphans');
SELECT detail LIKE :'orphan' || ' (party of 2, 20%' AS named, remedy, next_step, metadata->'of' AS of, metadata->'count' AS count FROM menuca_seating_monitor() WHERE name = 'orphans';
SELECT book(2, '{}', 'pending', zone => false) IS NOT NULL, status('pending_zone_lock');
SELECT count(book(2, '{}', s)) FROM unnest('{pending,pending_allocation}'::booking_status[]) s;
SELECT book(2, '{2}', 'pending') IS NOT NULL;
SELECT said('pending_zone_lock');
SELECT next_step FROM menuca_seating_monitor() WHERE name = 'pending_zone_lock';
SELECT book(2, '{2}', 'checked_in') IS NOT NULL, status('seated_without_table');
SELECT book(2, '{}', 'checked_in') IS NOT NULL;
SELECT said('seated_without_table');
SELECT next_step FROM menuca_seating_monitor() WHERE name = 'seated_without_table';
SELECT status('confirmed_without_zone');
SELECT book(2, '{2}', zone => false) IS NOT NULL;
SELECT said('confirmed_without_zone');
UPDATE table_inventory SET zone_id = NULL;
SELECT said('confirmed_without_zone');
UPDATE table_inventory SET zone_id = md5('z')::uuid;
-- More than ten are not all named
SELECT count(book(2)) FROM generate_series(1, 20);
SELECT jsonb_array_length(metadata->'examples') AS named, right(detail, 5), actual FROM menuca_seating_monitor() WHERE name = 'orphans';
BEGIN;
ALTER TABLE bookings DROP COLUMN assigned_zone_id;
SELECT name, status, actual FROM menuca_seating_monitor() WHERE name LIKE '%zone%';
ROLLBACK;

--
-- zone_conflicts: 5 a day, and more
--
CREATE FUNCTION conflicts(n int) RETURNS text LANGUAGE sql AS $$
	SELECT forget();
	SELECT count(attempt(CASE WHEN i % 2 = 0 THEN 'none' ELSE 'conflict' END, zone => true)) FROM generate_series(1, n) i;
	SELECT attempt('none'), attempt('assigned', zone => true);
	SELECT status('zone_conflicts') $$;
SELECT conflicts(n) FROM unnest('{0,1,35,36}'::int[]) n;
SELECT said('zone_conflicts', 8);
SELECT metadata FROM menuca_seating_monitor(8) WHERE name = 'zone_conflicts';

--
-- overlaps: half-open windows, of bookings that block
--
SELECT forget();
SELECT book(2, '{2}', start => noon()) IS NOT NULL, book(2, '{2}', start => noon() + interval '1 hour') IS NOT NULL, book(2, '{4}', start => noon()) IS NOT NULL;
SELECT count(book(2, '{2}', s, start => noon())) FROM unnest('{completed,cancelled,no_show}'::booking_status[]) s;
SELECT said('overlaps');
SELECT book(2, '{2}', 'pending', start => noon() + interval '59 min 59.999999 s') IS NOT NULL;
SELECT status('overlaps');
SELECT detail ~ '^dining table T2 from [-0-9]+ [:0-9]+ UTC: bookings [-0-9a-f]{36} and [-0-9a-f]{36}; dining table T2' AS named, next_step FROM menuca_seating_monitor() WHERE name = 'overlaps';
-- Two rows of one booking are no two bookings; a window without times is that of its booking
SELECT forget();
ALTER TABLE booking_table_assignments DROP CONSTRAINT booking_table_assignments_booking_id_table_id_key, ALTER start_at DROP NOT NULL, ALTER end_at DROP NOT NULL;
SELECT book(2, '{2,2}', start => noon()) IS NOT NULL;
SELECT status('overlaps'), status('tables');
SELECT book(2, '{2}', start => noon() + interval '30 min') IS NOT NULL;
SELECT status('overlaps');
UPDATE booking_table_assignments SET start_at = NULL, end_at = NULL;
SELECT status('overlaps');
UPDATE bookings SET end_at = NULL;
SELECT status('overlaps');

--
-- dominated (failure 1): a party of 2 on 2 + 4 seats
--
SELECT forget();
SELECT book(6, '{2,4}') IS NOT NULL, book(12, '{2,4,6}') IS NOT NULL;
SELECT status('dominated');
UPDATE table_inventory SET active = false WHERE table_number = 'T6';
SELECT status('dominated');
SELECT book(2, '{2,4}') IS NOT NULL;
SELECT said('dominated');
SELECT detail ~ '^[-0-9a-f]{36} \(party of 2, [-0-9: ]+ UTC\): T2 would do$' AS named, remedy ~ 'menuca_unassign_tables\(''[-0-9a-f]{36}''\)' AS remedy, metadata - 'examples' AS figures FROM menuca_seating_monitor() WHERE name = 'dominated';
-- By the settings: T4 alone has two seats too many for a party of 2, and T2 is for larger ones
UPDATE table_inventory SET min_party_size = 3 WHERE table_number = 'T2';
SELECT status('dominated');
SELECT key FROM menuca_seating_set(room(), '{"max_overage": 1}');
SELECT status('dominated');
SELECT key FROM menuca_seating_set(room(), '{"max_overage": null}');
-- By the times of preferences: T4 is kept for walk-ins at that hour of that day, or another
SELECT menuca_prefer_table(md5('t4')::uuid, walk_ins_only => true) > 0;
SELECT status('dominated');
SELECT menuca_prefer_table(md5('t4')::uuid) IS NULL;
SELECT menuca_prefer_table(md5('t4')::uuid, walk_ins_only => true, weekdays => ARRAY[extract(isodow FROM noon() + interval '1 week')::int % 7 + 1]) > 0;
SELECT status('dominated');
SELECT book(2, '{2,4}', start => noon() + interval '24 hours') IS NOT NULL;
SELECT status('dominated');
DELETE FROM menuca_table_preference;
-- A floor that cannot be read is never a pass
INSERT INTO menuca_seating_setting VALUES (room(), 'k_max', '"many"');
SELECT status, actual, detail, metadata->'not_judged' AS not_judged FROM menuca_seating_monitor() WHERE name = 'dominated';
DELETE FROM menuca_seating_setting;
UPDATE table_inventory SET active = true, min_party_size = 1;

--
-- latency: 10 s, 15 s, and more
--
CREATE FUNCTION latency(VARIADIC took interval[]) RETURNS text LANGUAGE sql AS $$
	SELECT forget();
	SELECT count(attempt('assigned', took => t)) FROM unnest(took) t;
	SELECT said('latency') $$;
SELECT latency('1 s'), latency('9.999 s'), latency('5 s', '15 s'), latency('15 s', '15 s'), latency('15 s', '15.001 s');
SELECT latency(VARIADIC array_agg(n * interval '1 ms')) FROM generate_series(1, 1000) n;
SELECT detail, metadata FROM menuca_seating_monitor() WHERE name = 'latency';

--
-- unswept_holds
--
SELECT forget();
INSERT INTO table_holds (restaurant_id, start_at, end_at, expires_at) VALUES (room(), now(), now() + interval '1 hour', now() + interval '1 hour');
SELECT said('unswept_holds');
INSERT INTO table_holds (restaurant_id, start_at, end_at, expires_at) VALUES (room(), now(), now() + interval '1 hour', now() - interval '1 second');
SELECT status, actual, next_step FROM menuca_seating_monitor() WHERE name = 'unswept_holds';
BEGIN;
DROP TABLE table_hold_members, table_holds;
SELECT status('unswept_holds');
ROLLBACK;

--
-- variants: one meets a target that another misses
--
SELECT forget();
SELECT attempt('assigned', variant => 'a');
SELECT said('variants');
SELECT attempt('assigned', variant => 'b <i>');
SELECT status('variants');
SELECT attempt('none', variant => 'b <i>', reason => 'busy: x');
SELECT status, actual, detail, metadata FROM menuca_seating_monitor() WHERE name = 'variants';
SELECT count(attempt('assigned', book(6, CASE WHEN n = 1 THEN '{2,4}'::int[] ELSE '{6}' END), variant => 'a')) FROM generate_series(1, 10) n;
SELECT count(attempt('assigned', book(6, '{2,4}'), variant => 'b <i>')) FROM generate_series(1, 10) n;
SELECT status, actual, detail FROM menuca_seating_monitor() WHERE name = 'variants';

--
-- unreadable: named, and no obstacle to the other figures
--
SELECT forget();
ALTER TABLE bookings ALTER party_size DROP NOT NULL, ALTER restaurant_id DROP NOT NULL;
SELECT book(2, '{2}') IS NOT NULL, book(NULL, '{2}') IS NOT NULL, book(0, '{2}') IS NOT NULL, book(2, '{2,4}', start => 'infinity') IS NOT NULL, book(2, '{2}', start => '-infinity') IS NOT NULL, book(2, start => NULL) IS NOT NULL;
SELECT book(2, '{2}', start => '294276-12-31 22:30+00') IS NOT NULL;
INSERT INTO bookings (restaurant_id, party_size, status, start_at, end_at) VALUES (room(), 2, 'pending', noon(), noon()), (NULL, 2, 'pending', noon(), NULL);
SELECT said('unreadable');
SELECT regexp_replace(e, '^[-0-9a-f]{36} ', '') FROM menuca_seating_monitor(), jsonb_array_elements_text(metadata->'examples') e WHERE name = 'unreadable' ORDER BY 1;
SELECT detail ~ '^[-0-9a-f]{36} has ' AS named, next_step ~ '^SELECT \* FROM public.bookings WHERE id = ''[-0-9a-f]{36}'';$' AS next FROM menuca_seating_monitor() WHERE name = 'unreadable';
SELECT name, status, actual FROM menuca_seating_monitor() WHERE name IN ('usage', 'orphans');
SELECT sum(bookings) FROM menuca_seating_figures_by_day();
SELECT forget();
-- A restaurant whose time zone is unknown: its days are those of UTC
UPDATE restaurants SET timezone = 'UTC+3' WHERE id = room();
SELECT book(2, '{2}', start => noon() - interval '7 hours 1 second') IS NOT NULL, book(2, '{2}', start => noon() - interval '7 hours') IS NOT NULL;
SELECT service_day - noon()::date AS day, bookings FROM menuca_seating_figures_by_day();
UPDATE restaurants SET timezone = 'Asia/Tokyo' WHERE id = room();
SELECT service_day - noon()::date AS day, bookings FROM menuca_seating_figures_by_day();
UPDATE bookings SET start_at = noon() + interval '8 hours' - CASE WHEN start_at < noon() - interval '7 hours' THEN interval '1 second' ELSE '0' END, end_at = NULL;
SELECT service_day - noon()::date AS day, bookings FROM menuca_seating_figures_by_day();
UPDATE restaurants SET timezone = 'Europe/London' WHERE id = room();

--
-- In one transaction the same is not computed twice, and what has changed is seen
--
SELECT forget();
BEGIN;
SELECT book(2) IS NOT NULL, status('orphans');
SELECT book(2) IS NOT NULL;
SELECT status('orphans'), status('orphans');
SAVEPOINT a;
SELECT book(2) IS NOT NULL;
SELECT status('orphans');
ROLLBACK TO a;
SELECT status('orphans');
DO $$ BEGIN PERFORM book(2); PERFORM status('orphans'); RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END $$;
SELECT status('orphans'), status('orphans', 1), (SELECT status FROM menuca_seating_monitor(7, md5('s')::uuid) WHERE name = 'orphans');
SET LOCAL menuca.seating_schema = 'elsewhere';
SELECT status('orphans');
ROLLBACK;

--
-- Refused: arguments, rights, hidden rows
--
SELECT * FROM menuca_seating_monitor(0);
SELECT * FROM menuca_seating_monitor(36526);
SELECT * FROM menuca_seating_figures_by_day(NULL);
SELECT * FROM menuca_seating_monitor(7, md5('nobody')::uuid);
SET client_min_messages = error;
CREATE ROLE regress_watch;
GRANT SELECT ON restaurants, zones, table_inventory, table_adjacencies, bookings, booking_table_assignments, table_holds, table_hold_members TO regress_watch;
GRANT EXECUTE ON FUNCTION menuca_seating_monitor(integer, uuid) TO regress_watch;
RESET client_min_messages;
SET ROLE regress_watch;
SELECT count(*) FROM menuca_seating_monitor();
RESET ROLE;
GRANT SELECT ON menuca_seating_attempt, menuca_seating_setting, menuca_listed_combination, menuca_table_preference, menuca_seating_target TO regress_watch;
SET ROLE regress_watch;
SELECT count(*) FROM menuca_seating_monitor();
RESET ROLE;
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
SET ROLE regress_watch;
SELECT count(*) FROM menuca_seating_monitor();
RESET ROLE;
ALTER TABLE bookings DISABLE ROW LEVEL SECURITY;

--
-- alert
--
SELECT forget();
SELECT name, status, actual FROM menuca_seating_alert();
SELECT book(6, CASE WHEN n = 1 THEN '{2,4}'::int[] ELSE '{6}' END) IS NOT NULL FROM generate_series(1, 10) n;
SELECT check_no, name, title, status, expected, actual, detail, remedy, next_step, metadata FROM menuca_seating_alert();
SELECT days, restaurant_id, status, summary, jsonb_array_length(rows) AS rows, rows->0->>'name' AS first FROM menuca_seating_monitor_run ORDER BY run_id;
BEGIN READ ONLY;
SELECT status FROM menuca_seating_alert(2);
COMMIT;
SELECT count(*) FROM menuca_seating_monitor_run;
SELECT book(2) IS NOT NULL;
DO $$ BEGIN PERFORM menuca_seating_alert(); EXCEPTION WHEN SQLSTATE 'MC048' THEN RAISE NOTICE '%', SQLERRM; END $$;
SELECT menuca_seating_alert();
SELECT book(2, '{}', 'checked_in') IS NOT NULL;
SELECT menuca_seating_alert(3);
SELECT count(*) FROM menuca_seating_monitor_run;
SELECT run_id > 0 AS run, status, summary, next_step FROM menuca_seating_record_monitor(3, room());
SELECT days, restaurant_id = room() AS room, status, rows->14->>'name' AS last FROM menuca_seating_monitor_run ORDER BY run_id DESC LIMIT 1;
BEGIN READ ONLY;
SELECT * FROM menuca_seating_record_monitor();
ROLLBACK;

--
-- The schedule
--
SELECT task_no, task, every, from_at, until, days, state FROM menuca_seating_schedule('2025-11-15 12:00+00', '2025-11-15 12:00+00');
SELECT at, (SELECT string_agg(task, ', ' ORDER BY task_no) FROM menuca_seating_schedule('2025-11-15 12:00+00', at) WHERE state = 'now')
FROM unnest('{2025-11-15 11:59:59+00, 2025-11-15 12:59:59.999999+00, 2025-11-15 13:00+00, 2025-11-15 15:59+00, 2025-11-15 16:00+00, 2025-11-16 15:59+00, 2025-11-16 16:00+00, 2025-11-18 11:59+00, 2025-11-18 12:00+00, 2025-11-22 11:59+00, 2025-11-22 12:00+00, 2026-11-22 12:00+00}'::timestamptz[]) at;
SELECT count(*) FROM menuca_seating_schedule(NULL, now());
SELECT menuca_seating_due_after('2025-01-31 12:00+00', '1 month'), menuca_seating_due_after('2025-03-29 12:00+00', '1 day'), menuca_seating_due_after(NULL, '1 day') IS NULL;

--
-- What is due
--
SELECT menuca_seating_begun() IS NULL, (SELECT count(*) FROM menuca_seating_due());
BEGIN;
DELETE FROM menuca_seating_monitor_run;
INSERT INTO menuca_seating_guarantee (name, kind, table_schema, table_name, definition, deployed_at) VALUES ('x', 'index', '', '', '', now() - interval '30 minutes'), ('y', 'index', '', '', '', now() - interval '40 days');
SELECT task, every, last_at, due_at - menuca_seating_begun() AS due, late, statement FROM menuca_seating_due();
INSERT INTO menuca_seating_monitor_run (days, status, rows, taken_at, restaurant_id) VALUES (1, 'PASS', '[]', now() - interval '4 min', NULL), (1, 'PASS', '[]', now(), room());
SELECT task, last_at - now() AS last, due_at - now() AS due, late FROM menuca_seating_due() LIMIT 2;
UPDATE menuca_seating_monitor_run SET taken_at = now() - interval '5 min 1 s' WHERE restaurant_id IS NULL;
SELECT task, last_at - now() AS last, due_at - now() AS due, late FROM menuca_seating_due() LIMIT 1;
-- 40 days later: a run over 7 days is a daily report, too, but no deep dive
UPDATE menuca_seating_guarantee SET deployed_at = now() - interval '40 days';
UPDATE menuca_seating_monitor_run SET taken_at = now() - interval '2 days', days = 7;
SELECT task, until, last_at - now() AS last, late FROM menuca_seating_due();
-- A stage of a rollout begins the schedule again
ALTER TABLE menuca_seating_stage ALTER begun_at DROP NOT NULL;
INSERT INTO menuca_seating_stage (percent, action, begun_at) VALUES (10, 'rollout', now() - interval '20 days'), (50, 'rollout', now() - interval '2 hours'), (100, 'rollout', NULL);
SELECT menuca_seating_begun() - now(), (SELECT task FROM menuca_seating_due() LIMIT 1);
ROLLBACK;
DROP OWNED BY regress_watch;
DROP ROLE regress_watch;
\set ECHO none
\set drop :abs_srcdir '/sql/include/seating_drop.sql'
\i :drop
