-- Dining tables for bookings that have a date and times of the restaurant's clock,
-- in tables of text and without zones' columns, holds, keys or merge groups
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION menuca_seating;
CREATE TABLE restaurants (id uuid PRIMARY KEY, timezone text);
CREATE TABLE zones (id uuid PRIMARY KEY, restaurant_id uuid, name text, active boolean);
CREATE TABLE table_inventory (id uuid PRIMARY KEY, restaurant_id uuid, zone_id uuid, table_number text, capacity integer, mobility text, status text, active boolean);
CREATE TABLE bookings (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), restaurant_id uuid, party_size integer, status text, booking_date date, start_time time, end_time time);
CREATE TABLE booking_table_assignments (booking_id uuid, table_id uuid, start_at timestamptz, end_at timestamptz);
CREATE FUNCTION id(n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT lpad(n::text, 32, '0')::uuid $$;
INSERT INTO restaurants VALUES (id(1), 'Europe/London');
INSERT INTO zones VALUES (id(2), id(1), 'It''s "here"', true);
INSERT INTO table_inventory SELECT id(10 + n), id(1), id(2), 'T"' || n || '''', 2 * n, 'movable', 'available', true FROM generate_series(1, 2) n;
-- In 2026 the clock in London is set forward on 29 March at 01:00, and back on 25 October at 02:00
INSERT INTO bookings (id, restaurant_id, party_size, status, booking_date, start_time, end_time) VALUES
	(id(101), id(1), 2, 'pending', '2026-06-10', '23:00', '00:30'), (id(102), id(1), 4, 'pending', '2026-06-10', '19:00', NULL),
	(id(103), id(1), 2, 'pending', '2026-03-29', '01:30', NULL), (id(104), id(1), 2, 'pending', '2026-10-25', '01:30', NULL);
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
RESET client_min_messages;
\set ECHO all
SELECT outcome, table_numbers FROM menuca_auto_assign(id(101));
SELECT outcome, table_numbers, window_start, window_end FROM menuca_assign_tables(id(102), ARRAY[id(12)], 'it''s a key');
SELECT table_id, start_at, end_at FROM booking_table_assignments ORDER BY start_at;
-- The skipped hour is refused, of the repeated one it is the first
\set VERBOSITY terse
SELECT outcome FROM menuca_auto_assign(id(103));
\set VERBOSITY default
SELECT outcome, table_numbers FROM menuca_auto_assign(id(104));
SELECT start_at, end_at FROM booking_table_assignments WHERE booking_id = id(104);
-- Moved past midnight, with the length that it had; and into the hour that the clock shows twice
SELECT table_numbers, window_start, window_end FROM menuca_move_booking(id(101), '2026-06-11 23:00+00');
SELECT booking_date, start_time, end_time FROM bookings WHERE id = id(101);
SELECT table_numbers, window_start, window_end FROM menuca_move_booking(id(101), '2026-10-25 00:15+00', duration => '30 minutes');
SELECT booking_date, start_time, end_time FROM bookings WHERE id = id(101);
SELECT table_numbers FROM menuca_move_booking(id(101), '2026-10-25 01:15+00');
SELECT table_numbers FROM menuca_move_booking(id(101), '2026-10-25 00:50+00', duration => '30 minutes');
SELECT table_numbers, window_start, window_end FROM menuca_seat_walk_in(id(1), 3, start_at => '2026-06-12 18:30+00');
SELECT booking_date, start_time, end_time, status FROM bookings WHERE status = 'checked_in';
-- There are no holds
SELECT * FROM menuca_hold_tables(id(1), ARRAY[id(11)], '2026-06-12 18:30+00', party_size => 2);
SELECT menuca_release_hold(id(1));
SELECT * FROM menuca_confirm_hold(id(1), id(103));
SELECT outcome, status FROM menuca_unassign_tables(id(101));
\set ECHO none
SET client_min_messages = error;
DROP TABLE restaurants, zones, table_inventory, bookings, booking_table_assignments;
DROP FUNCTION id;
DROP EXTENSION menuca_seating;
