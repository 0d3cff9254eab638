-- A whole service day: the best seating, written at once; locks, wishes, moves; days that are over
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
CREATE FUNCTION result(date date DEFAULT '2025-11-15', move text DEFAULT 'none') RETURNS text LANGUAGE sql AS
$$ SELECT r::text FROM menuca_day_result(room(), date, move) r $$;
CREATE FUNCTION outcomes(date date DEFAULT '2025-11-15', dry_run boolean DEFAULT true, move text DEFAULT 'none') RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(outcome || ' ' || n, ', ' ORDER BY outcome) FROM (SELECT outcome, count(*) AS n FROM menuca_auto_assign_day(room(), date, dry_run, move) GROUP BY 1) o $$;
-- All that a day has, as one text
CREATE FUNCTION written() RETURNS text LANGUAGE sql AS
$$ SELECT md5(string_agg(r, ' ' ORDER BY r)) FROM (SELECT a::text FROM booking_table_assignments a UNION ALL SELECT b::text FROM bookings b) t(r) $$;
SELECT count(*) AS guarantees FROM menuca_seating_deploy(dry_run => false) WHERE status = 'created' \gset
RESET client_min_messages;
\set ECHO all
\pset format unaligned
\pset tuples_only on

--
-- The evening, two hours each: 73 of 76, and no seating has more
--
SELECT key, value FROM menuca_seating_set(room(), '{"turn_times": {"20": 120}, "max_overage": 2, "k_max": 3}');
SELECT result();
SELECT written() AS before \gset
SELECT outcomes();
SELECT written() = :'before' AS nothing_was_written, count(*) AS attempts FROM menuca_seating_attempt;
SELECT outcomes(dry_run => false);
SELECT status, count(*), count(assigned_zone_id) AS zones FROM bookings GROUP BY 1 ORDER BY 1;
-- Each has what its party needs, in its window, in one zone; nobody is seated twice
SELECT count(*) AS bookings, sum(n) AS rows, count(*) FILTER (WHERE n > 1) AS combinations, bool_and(seats BETWEEN party_size AND party_size + 2) AS fits,
	bool_and(same_window) AS windows, bool_and(zones = 1 AND right_zone) AS zones, bool_and(groups = (n > 1)::int) AS groups
FROM (SELECT b.id, b.party_size, count(*) AS n, sum(t.capacity) AS seats, bool_and(a.start_at = b.start_at AND a.end_at = b.start_at + '2 hours') AS same_window,
		count(DISTINCT t.zone_id) AS zones, bool_and(t.zone_id = b.assigned_zone_id) AS right_zone, count(DISTINCT a.merge_group_id) AS groups
	FROM bookings b JOIN booking_table_assignments a ON a.booking_id = b.id JOIN table_inventory t ON t.id = a.table_id GROUP BY b.id) s;
SELECT count(*) AS twice FROM booking_table_assignments a JOIN booking_table_assignments o ON a.table_id = o.table_id AND a.id < o.id AND a.start_at < o.end_at AND o.start_at < a.end_at;
SELECT outcome, count(*), count(table_ids) AS tables, sum(score) AS score, bool_and(duration > '0') AS took FROM menuca_seating_attempt GROUP BY 1 ORDER BY 1;
-- Again: nothing is left to do (failure 1)
SELECT written() AS before \gset
SELECT outcomes(dry_run => false);
SELECT written() = :'before' AS same;
SELECT result(), result(move => 'unlocked');
-- The windows that the original blocked: all 76, once what was assigned is taken back
SELECT count(*) FROM bookings, LATERAL menuca_unassign_tables(id);
UPDATE bookings b SET end_at = LEAST(start_at + make_interval(mins => CASE WHEN party_size <= 2 THEN 60 WHEN party_size <= 4 THEN 75 WHEN party_size <= 6 THEN 85 ELSE 90 END), '2025-11-15 21:55+00');
SELECT key FROM menuca_seating_set(room(), '{"turn_times": {"20": 1}, "buffer_after": 5}');
SELECT result();
SELECT outcomes(dry_run => false);

--
-- What is there stays (failure 27), and may be moved only when somebody gains by it
--
INSERT INTO restaurants (id, timezone) VALUES (md5('b')::uuid, 'America/Toronto');
CREATE OR REPLACE FUNCTION room() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5('b')::uuid $$;
INSERT INTO zones (id, restaurant_id, name) VALUES (md5('b zone')::uuid, room(), 'Main');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT md5('b' || n)::uuid, room(), md5('b zone')::uuid, 'T' || n, n FROM unnest('{2,4,6}'::int[]) n;
CREATE FUNCTION dining(VARIADIC n int[]) RETURNS uuid[] LANGUAGE sql AS $$ SELECT array_agg(md5('b' || x)::uuid) FROM unnest(n) x $$;
CREATE FUNCTION book(name text, party int, at text, status booking_status DEFAULT 'pending') RETURNS void LANGUAGE sql AS
$$ INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) VALUES (md5('b ' || name)::uuid, room(), party, status, ('2026-02-03 ' || at)::timestamp AT TIME ZONE 'America/Toronto') $$;
CREATE FUNCTION day(dry_run boolean DEFAULT true, move text DEFAULT 'none') RETURNS SETOF text LANGUAGE sql AS
$$ SELECT format('%s of %s at %s: %s %s (%s)', (SELECT n FROM unnest('{a,b,c,d,e}'::text[]) n WHERE md5('b ' || n)::uuid = booking), d.party_size, to_char(start_at AT TIME ZONE 'America/Toronto', 'HH24:MI'), outcome, table_numbers, reason)
	FROM menuca_auto_assign_day(room(), '2026-02-03', dry_run, move) d $$;
SELECT book('a', 2, '19:00'), book('b', 4, '19:15'), book('c', 6, '19:30');
SELECT outcome FROM menuca_assign_tables(md5('b a')::uuid, dining(4), force => '{overage}');
SELECT outcome FROM menuca_assign_tables(md5('b b')::uuid, dining(6), force => '{overage}');
SELECT day();
SELECT day(move => 'unlocked');
SELECT result('2026-02-03'), result('2026-02-03', 'unlocked');
-- A locked booking stays, and so do guests who have come
BEGIN;
SELECT outcome, table_numbers, undo FROM menuca_lock_booking(md5('b a')::uuid);
SELECT day(move => 'unlocked');
SELECT menuca_unlock_booking(md5('b a')::uuid), menuca_unlock_booking(md5('b a')::uuid);
UPDATE bookings SET status = 'checked_in' WHERE id = md5('b b')::uuid;
SELECT day(move => 'unlocked');
ROLLBACK;
-- Three exchange their dining tables, each recorded as it was
SELECT day(false, 'unlocked');
SELECT after->'booking'->>'party_size' AS party, before->'assignments'->0->>'table_id' = (dining(4))[1]::text AS had_4, jsonb_array_length(after->'assignments') AS has FROM menuca_seating_change WHERE what = 'assignment' AND restaurant_id = room() AND jsonb_array_length(before->'assignments') > 0 ORDER BY 1;
SELECT day(false, 'unlocked');

--
-- Who comes first, and who would rather have which dining table
--
DELETE FROM bookings WHERE restaurant_id = room();
DELETE FROM table_inventory WHERE id = (dining(4))[1];
SELECT book('a', 2, '19:00'), book('b', 2, '19:00'), book('c', 6, '22:00'), book('d', 0, '22:00'), book('e', 2, '23:30', 'checked_in');
SELECT day();
SELECT outcome, table_numbers, priority_of_booking FROM menuca_lock_booking(md5('b b')::uuid, prefers => true, priority => 7);
SELECT day();
UPDATE table_inventory SET capacity = 2 WHERE id = (dining(6))[1];
SELECT outcome, table_numbers FROM menuca_lock_booking(md5('b a')::uuid, dining(2), prefers => true);
SELECT outcome, table_numbers FROM menuca_lock_booking(md5('b b')::uuid, dining(2), prefers => true);
SELECT day();
SELECT outcome, table_numbers FROM menuca_lock_booking(md5('b b')::uuid, dining(6), prefers => true);
SELECT day();
SELECT result('2026-02-03');
SELECT reason FROM menuca_auto_assign(md5('b b')::uuid);
-- Locked by hand to dining tables: it gets them at once, by the rules of hands
SELECT outcome, table_numbers FROM menuca_lock_booking(md5('b a')::uuid, dining(2));
SELECT day();
SELECT outcome FROM menuca_unassign_tables(md5('b a')::uuid);
SELECT locked, prefers, priority FROM menuca_booking_lock ORDER BY booking_id;
SELECT what, before->>'locked' AS was, after->>'locked' AS is FROM menuca_seating_change WHERE what = 'lock' ORDER BY change_id;

--
-- A day that is over, as it would have been
--
CREATE OR REPLACE FUNCTION room() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5('restaurant')::uuid $$;
UPDATE bookings SET status = 'completed' WHERE restaurant_id = room() AND party_size < 9;
UPDATE bookings SET status = 'no_show' WHERE restaurant_id = room() AND party_size = 9;
SELECT result();
SELECT written() AS before \gset
SELECT r.* FROM menuca_replay_day(room(), '2025-11-15', '[{}, {"turn_times": {"20": 120}, "buffer_after": 0}, {"merges": false}, {"k_max": 2, "max_overage": null}]') r;
SELECT settings_tried, seated FROM menuca_replay_day(room(), '2025-11-15');
SELECT written() = :'before' AS nothing_was_written;

--
-- The session's clock and a transaction that only reads
--
SET TimeZone = 'Pacific/Kiritimati';
SET DateStyle = 'German';
BEGIN READ ONLY;
SELECT outcome, count(*) FROM menuca_auto_assign_day(room(), '15.11.2025') GROUP BY 1 ORDER BY 1;
SELECT outcomes(dry_run => false);
ROLLBACK;
RESET TimeZone;
RESET DateStyle;

--
-- What is refused
--
SELECT outcomes(move => 'all');
SELECT outcomes(move => NULL);
SELECT outcomes(date => 'infinity');
SELECT outcomes(dry_run => NULL);
SELECT * FROM menuca_auto_assign_day(NULL);
SELECT * FROM menuca_auto_assign_day(md5('nobody')::uuid);
SELECT * FROM menuca_replay_day(room(), '2025-11-15', '{"nothing": 1}');
SELECT * FROM menuca_replay_day(room(), '2025-11-15', '"x"');
SELECT menuca_lock_booking(md5('b c')::uuid);
SELECT menuca_lock_booking(md5('b c')::uuid, prefers => true);
SELECT menuca_lock_booking(md5('b c')::uuid, dining(2), priority => -1);
SELECT menuca_lock_booking(md5('b c')::uuid, dining(2));
SELECT menuca_lock_booking(md5('b c')::uuid, '{}');
SELECT menuca_lock_booking(md5('b c')::uuid, dining(2), prefers => true, force => '{overage}');
SELECT menuca_lock_booking(NULL), menuca_unlock_booking(NULL);
SELECT menuca_unlock_booking(md5('nobody')::uuid);
\set ECHO none
SET client_min_messages = error;
DROP TABLE restaurants, zones, table_inventory, table_adjacencies, bookings, booking_table_assignments, table_holds, table_hold_members CASCADE;
DROP FUNCTION room, result, outcomes, written, dining, book, day;
DROP TYPE booking_status, table_status, table_mobility;
DROP EXTENSION menuca_seating, btree_gist;
