-- demo-seating.sql - an evening of 76 bookings, from pending to the proven optimum
--
-- Needs a database with test/fixture/seating's schema.sql and evening.sql.  Stops at the
-- first error that is not part of the story.  What has sentences in it is not aligned, so
-- that it can be wrapped.  Notices are off: they say in sentences what the rows have.
\set ON_ERROR_STOP on
\pset pager off
\pset footer off
\pset null '-'
\pset fieldsep ' | '
SET client_min_messages = error;
SET TimeZone = 'Europe/London';

CREATE SCHEMA ops;
CREATE EXTENSION menuca_seating SCHEMA ops;
SET search_path = ops, public;

SELECT id AS trattoria FROM restaurants \gset
SELECT md5('booking 36')::uuid AS party_of_12, md5('booking 11')::uuid AS party_of_7 \gset

-- All bookings with their dining tables
CREATE VIEW pg_temp.evening AS
SELECT b.id, to_char(b.start_at, 'HH24:MI') AS comes, b.party_size, b.status, count(t.id) AS tables,
	sum(t.capacity) AS seats, string_agg(t.table_number, ', ' ORDER BY t.table_number) AS dining_tables
FROM bookings b LEFT JOIN booking_table_assignments a ON a.booking_id = b.id
	LEFT JOIN table_inventory t ON t.id = a.table_id
GROUP BY b.id;

-- A checksum of all rows that a run could write
CREATE VIEW pg_temp.fingerprint AS
SELECT md5(string_agg(r, E'\n' ORDER BY r))
FROM (SELECT b::text AS r FROM bookings b UNION ALL SELECT a::text FROM booking_table_assignments a) w;

\set ECHO queries

\echo
\echo '== 1. Where we stand'
\echo 'Saturday evening in a trattoria: 40 dining tables in five zones, and 76 bookings that'
\echo 'wait. Ten parties are larger than any dining table, so they need several, pushed together.'
\echo
SELECT z.name AS zone, count(*) AS dining_tables, sum(capacity) AS seats,
	string_agg(capacity::text, ' ' ORDER BY capacity) AS capacities
FROM table_inventory t JOIN zones z ON z.id = t.zone_id GROUP BY 1 ORDER BY 1;
SELECT status, count(*) AS bookings, sum(party_size) AS guests,
	count(*) FILTER (WHERE party_size > 10) AS parties_above_10,
	to_char(min(start_at), 'HH24:MI') AS first, to_char(max(start_at), 'HH24:MI') AS last
FROM bookings GROUP BY 1;

\echo
\echo '== 2. Guarantees in the database'
\echo 'The extension has touched none of these tables yet. What it would create on them comes'
\echo 'as a dry run first.'
\echo
SELECT name, replace(object, 'table public.', '') AS on_table, status
FROM menuca_seating_deploy();
\echo 'Then for real: all of them, or none.'
\echo
SELECT status, count(*) AS guarantees
FROM menuca_seating_deploy(dry_run => false) GROUP BY 1 ORDER BY 1;
\echo 'From here on no program can confirm a booking that has no dining table.'
\echo
\set ON_ERROR_STOP off
UPDATE bookings SET status = 'confirmed' WHERE id = :'party_of_12';
\set without_tables :SQLSTATE
\set ON_ERROR_STOP on

\echo
\echo '== 3. Where could a party of 12 sit?'
\echo 'The planner knows every set of dining tables that the rules allow, and lists the best first.'
\echo 'total_plans is exact: 45 pairs and 121 triples. A score is the sum of its parts; less is better.'
\echo
SELECT plan_no, table_numbers, capacity, overage, score, total_plans, complete
FROM menuca_plan_tables(:'trattoria', 12,
	'2025-11-15 18:45', max_plans => 3);
\pset format unaligned
SELECT score_parts
FROM menuca_plan_tables(:'trattoria', 12,
	'2025-11-15 18:45', max_plans => 1);
\pset format aligned

\echo
\echo '== 4. Two hours for everybody: a dry run of the evening'
\echo 'Guests may stay for two hours. The dry run seats as many bookings as possible, and proves'
\echo 'that no seating has more: bound is the number that none can exceed.'
\echo
SELECT key, value, was
FROM menuca_seating_set(:'trattoria', '{"turn_times": {"20": 120}}');
SELECT bookings, seated, bound, proven, score, combinations
FROM menuca_day_result(:'trattoria', '2025-11-15');
SELECT to_char(start_at, 'HH24:MI') AS comes, party_size, outcome, reason
FROM menuca_auto_assign_day(:'trattoria', '2025-11-15')
WHERE outcome <> 'assigned' ORDER BY start_at;

\echo
\echo '== 5. What if?'
\echo 'Three parties would be turned away, and nobody could do better with these rules. So try'
\echo 'other rules on the same evening; this writes nothing, and works for days that are over, too.'
\echo
\pset format unaligned
SELECT seated, bound, proven, score, combinations, settings_tried
FROM menuca_replay_day(:'trattoria', '2025-11-15', '[{},
	{"merges": false}, {"max_overage": 4}, {"k_max": 5}, {"turn_times": {"20": 105}},
	{"turn_times": {"2": 60, "4": 75, "6": 85, "8": 90}, "buffer_after": 5}]');
\pset format aligned
\echo
\echo 'Without combinations 62 would sit. More empty seats at a dining table, or five dining tables'
\echo 'for a party, seat nobody else. But with an hour for couples, 90 minutes for large parties, and'
\echo '5 minutes to clear, all 76 sit. The restaurant decides so; the ledger keeps what it was.'
\echo
SELECT key, value, was
FROM menuca_seating_set(:'trattoria',
	'{"turn_times": {"2": 60, "4": 75, "6": 85, "8": 90}, "buffer_after": 5}');

\echo
\echo '== 6. The evening'
\echo 'The dry run says what the run will do, and writes nothing.'
\echo
\set ECHO none
SELECT md5 AS before FROM pg_temp.fingerprint \gset
\set ECHO queries
SELECT outcome, count(*) AS bookings, sum(score) AS score
FROM menuca_auto_assign_day(:'trattoria', '2025-11-15') GROUP BY 1;
SELECT bookings, seated, bound, proven, score, score_bound, combinations
FROM menuca_day_result(:'trattoria', '2025-11-15');
\set ECHO none
SELECT md5 = :'before' AS dry FROM pg_temp.fingerprint \gset
SELECT seated AS foreseen, bound, proven, score AS score_foreseen FROM menuca_day_result(:'trattoria', '2025-11-15') \gset
\set ECHO queries
\echo 'All 76, so no seating has more. Of the seatings of all 76 none has a score below score_bound.'
\echo
\echo 'For real: one transaction, all or nothing.'
\echo
SELECT outcome, count(*) AS bookings, sum(score) AS score
FROM menuca_auto_assign_day(:'trattoria', '2025-11-15',
	dry_run => false) GROUP BY 1;
\set ECHO none
SELECT count(*) AS seated, sum(score) AS score FROM menuca_seating_attempt WHERE scope = 'day' AND outcome = 'assigned' \gset
SELECT md5 AS before FROM pg_temp.fingerprint \gset
\set ECHO queries
SELECT comes, party_size, status, tables, seats, dining_tables FROM pg_temp.evening
WHERE tables > 1 ORDER BY comes, party_size LIMIT 5;
\echo 'Once more: a booking that has dining tables keeps them, so there is nothing to do.'
\echo
SELECT count(*) AS rows
FROM menuca_auto_assign_day(:'trattoria', '2025-11-15',
	dry_run => false);
\set ECHO none
SELECT md5 = :'before' AS idempotent FROM pg_temp.fingerprint \gset
\set ECHO queries

\echo
\echo '== 7. One is cancelled'
\echo 'A party of 12 calls. The application only changes the status, as it always did. Its dining'
\echo 'tables are free at once, whichever program cancels.'
\echo
SELECT comes, party_size, status, dining_tables
FROM pg_temp.evening WHERE id = :'party_of_12';
UPDATE bookings SET status = 'cancelled' WHERE id = :'party_of_12';
SELECT comes, party_size, status, dining_tables
FROM pg_temp.evening WHERE id = :'party_of_12';

\echo
\echo '== 8. One is moved'
\echo 'A party of 7 at 17:15 would rather come at 18:45, and with two more guests. Time, party and'
\echo 'dining tables change together, or not at all.'
\echo
SELECT comes, party_size, status, dining_tables
FROM pg_temp.evening WHERE id = :'party_of_7';
SELECT outcome, table_numbers, to_char(window_start, 'HH24:MI') AS from_time,
	to_char(window_end, 'HH24:MI') AS until_time
FROM menuca_move_booking(:'party_of_7', '2025-11-15 18:45', 9);

\echo
\echo '== 9. One walks in'
\echo 'At 18:50 two guests without a booking come. They get the best dining table that is free for'
\echo 'their hour: one that the party of 12 has given back, as those who were moved have the other.'
\echo
SELECT table_numbers, to_char(window_start, 'HH24:MI') AS from_time,
	to_char(window_end, 'HH24:MI') AS until_time
FROM menuca_seat_walk_in(:'trattoria', 2,
	start_at => '2025-11-15 18:50');

\echo
\echo '== 10. A double booking'
\echo 'Another program, or a person with psql, gives the moved party''s dining tables to others at'
\echo '19:30. No function of the extension is called, and yet it is refused.'
\echo
\set ON_ERROR_STOP off
BEGIN;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at)
VALUES (md5('double')::uuid, :'trattoria', 4, 'pending',
	'2025-11-15 19:30');
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at)
SELECT md5('double')::uuid, table_id, '2025-11-15 19:30', '2025-11-15 20:45'
FROM booking_table_assignments WHERE booking_id = :'party_of_7';
\set double_booking :SQLSTATE
ROLLBACK;
\set ON_ERROR_STOP on

\echo
\echo '== 11. Proof'
\echo 'Counted in plain SQL, from the tables alone; each figure is the number of faults.'
\echo
CREATE VIEW pg_temp.faults AS
SELECT 'dining tables taken twice' AS fault, count(*) AS found
FROM booking_table_assignments a JOIN booking_table_assignments b ON a.table_id = b.table_id
	AND a.id < b.id AND a.start_at < b.end_at AND b.start_at < a.end_at
UNION ALL
SELECT 'confirmed or checked in without a dining table', count(*)
FROM pg_temp.evening WHERE status IN ('confirmed', 'checked_in') AND tables = 0
UNION ALL
SELECT 'cancelled or waiting with a dining table', count(*)
FROM pg_temp.evening WHERE status NOT IN ('confirmed', 'checked_in') AND tables > 0
UNION ALL
SELECT 'fewer seats than guests', count(*) FROM pg_temp.evening WHERE seats < party_size
UNION ALL
SELECT 'dining tables in two zones', count(*)
FROM (SELECT FROM booking_table_assignments a JOIN table_inventory t ON t.id = a.table_id
	GROUP BY booking_id HAVING count(DISTINCT zone_id) > 1) z
UNION ALL
SELECT 'dining tables at another time than the booking', count(*)
FROM booking_table_assignments a JOIN bookings b ON b.id = a.booking_id
WHERE a.start_at <> b.start_at OR a.end_at <= b.start_at;
SELECT * FROM pg_temp.faults;
SELECT status, count(*) AS bookings, sum(party_size) AS guests, sum(tables) AS assignments
FROM pg_temp.evening GROUP BY 1 ORDER BY 1;
\echo 'What the run wrote, and what had been proven of it:'
\echo
\set ECHO none
SELECT :seated AS seated, :bound AS no_seating_has_more, :score AS score, :score_foreseen AS score_foreseen,
	:'without_tables' AS without_tables, :'double_booking' AS double_booking;
SELECT (SELECT sum(found) = 0 FROM pg_temp.faults)
	AND :'proven' AND :'dry' AND :'idempotent'
	AND (:seated, :foreseen, :bound, :score, :score_foreseen) = (76, 76, 76, 376, 376)
	AND (SELECT array_agg((status::text, n)::text ORDER BY status) FROM (SELECT status, count(*) AS n FROM bookings GROUP BY 1) s)
		= ARRAY['(confirmed,75)', '(checked_in,1)', '(cancelled,1)']
	AND (:'without_tables', :'double_booking') = ('23514', '23P01') AS holds \gset
\if :holds
\echo 'It holds: 76 of 76 were seated, which is the most, and no dining table has two parties.'
\else
DO $$ BEGIN RAISE EXCEPTION 'the proof does not hold: the evening is not as it was proven, or has a fault'; END $$;
\endif
