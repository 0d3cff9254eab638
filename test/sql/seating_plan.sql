-- The planner as a function: rules one by one, edges, times
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION menuca_seating;
\i :schema
RESET client_min_messages;
INSERT INTO restaurants (id, name, timezone) VALUES
	('00000000-0000-0000-0000-00000000000a', 'Napoli', 'Europe/London'), ('00000000-0000-0000-0000-00000000000b', 'Roma', 'America/Toronto'),
	('00000000-0000-0000-0000-00000000000c', 'Nowhere', 'Europe/Atlantis'), ('00000000-0000-0000-0000-00000000000d', 'Empty', 'UTC');
INSERT INTO zones (id, restaurant_id, name, active) VALUES
	('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-00000000000a', 'Main "hall"', true), ('00000000-0000-0000-0000-0000000000a2', '00000000-0000-0000-0000-00000000000a', 'Patio', false),
	('00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-00000000000b', 'Sala', true);
CREATE FUNCTION id(number text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$SELECT md5(number)::uuid$$;
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity, min_party_size, max_party_size, mobility, status, active) VALUES
	(id('A1'), '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000a1', 'A1', 2, 1, NULL, 'movable', 'available', true),
	(id('A2'), '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000a1', 'A''2"', 2, 1, NULL, 'movable', 'reserved', true),
	(id('A3'), '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000a1', 'A3', 4, 1, NULL, 'movable', 'occupied', true),
	(id('A4'), '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000a1', 'A4', 4, 3, NULL, 'movable', 'available', true),
	(id('A5'), '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000a1', 'A5', 6, 1, 5, 'fixed', 'available', true),
	(id('A6'), '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000a1', 'A6', 6, 1, NULL, 'movable', 'out_of_service', true),
	(id('A7'), '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000a1', 'A7', 6, 1, NULL, 'movable', 'available', false),
	(id('A8'), '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000a2', 'A8', 6, 1, NULL, 'movable', 'available', true),
	(id('A9'), '00000000-0000-0000-0000-00000000000a', NULL, 'A9', 8, 1, NULL, 'movable', 'available', true),
	(id('A0'), '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000a1', 'A0', 0, 1, NULL, 'movable', 'available', true),
	(id('B1'), '00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-0000000000b1', 'B1', 4, 1, NULL, 'movable', 'available', true);
CREATE FUNCTION plans(party int, start_at timestamptz DEFAULT '2025-11-15 19:00+00', duration interval DEFAULT '2 hours', restaurant uuid DEFAULT '00000000-0000-0000-0000-00000000000a', all_plans boolean DEFAULT true)
RETURNS TABLE (plan text, capacity int, score numeric, dominated boolean) LANGUAGE sql AS
$$SELECT array_to_string(p.table_numbers, '+'), p.capacity, p.score, p.dominated FROM menuca_plan_tables(restaurant, party, start_at, duration, include_dominated => all_plans) p ORDER BY p.plan_no$$;
\set ECHO all

-- Everything of one plan
\x
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 5, '2025-11-15 19:00+00', '2 hours', max_plans => 1);
\x
-- The rules
SELECT * FROM plans(1);
SELECT * FROM plans(2);
SELECT * FROM plans(3);
SELECT * FROM plans(5);
SELECT * FROM plans(5, all_plans => false);
SELECT * FROM plans(6);
SELECT * FROM plans(8);
SELECT * FROM plans(10);
SELECT * FROM plans(11);
SELECT * FROM plans(1000000);
SELECT count(*) FROM plans(2, restaurant => '00000000-0000-0000-0000-00000000000d');

-- What blocks: assignments and holds that overlap, of bookings that are coming or there
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at)
SELECT id('booking ' || s), '00000000-0000-0000-0000-00000000000a', 2, s, '2025-11-15 16:00+00', '2025-11-15 17:00+00' FROM unnest(enum_range(NULL::booking_status)) s;
CREATE FUNCTION taken(status text, start_at timestamptz, end_at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	DELETE FROM booking_table_assignments;
	INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) VALUES (id('booking ' || status), id('A3'), taken.start_at, taken.end_at);
	SELECT CASE WHEN bool_or(plan = 'A3') THEN 'free' ELSE 'taken' END INTO found FROM plans(4);
	RETURN found;
END $$;
SELECT s, taken(s::text, '2025-11-15 19:30+00', '2025-11-15 20:00+00') FROM unnest(enum_range(NULL::booking_status)) s;
SELECT taken('confirmed', '2025-11-15 17:00+00', '2025-11-15 19:00+00') AS until, taken('confirmed', '2025-11-15 21:00+00', '2025-11-15 22:00+00') AS after,
	taken('confirmed', '2025-11-15 17:00+00', '2025-11-15 19:00:00.000001+00') AS a_microsecond;
-- The booking itself does not stand in its own way, and a booking that ends later has its table until then
SELECT bool_or(table_numbers = '{A3}') FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 4, '2025-11-15 19:00+00', '2 hours', booking => id('booking confirmed'));
UPDATE bookings SET end_at = '2025-11-15 20:30+00' WHERE id = id('booking confirmed');
SELECT taken('confirmed', '2025-11-15 17:00+00', '2025-11-15 18:00+00') AS end_is_later;
UPDATE bookings SET end_at = '2025-11-15 17:00+00' WHERE id = id('booking confirmed');
DELETE FROM booking_table_assignments;
INSERT INTO table_holds (id, restaurant_id, booking_id, start_at, end_at, expires_at) VALUES (id('hold'), '00000000-0000-0000-0000-00000000000a', id('booking pending'), '2025-11-15 18:00+00', '2025-11-15 19:30+00', now() + interval '1 hour');
INSERT INTO table_hold_members VALUES (id('hold'), id('A3'));
SELECT count(*) FROM plans(4) WHERE plan = 'A3';
SELECT count(*) FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 4, '2025-11-15 19:00+00', '2 hours', booking => id('booking pending')) WHERE table_numbers = '{A3}';
UPDATE table_holds SET expires_at = now() - interval '1 second';
SELECT count(*) FROM plans(4) WHERE plan = 'A3';

-- Settings: sets off, overage, k, buffers, turn times
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"merges": false}');
SELECT * FROM plans(8);
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"merges": null, "max_overage": 0, "k_max": 2}');
SELECT * FROM plans(8);
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"max_overage": null, "k_max": null, "buffer_before": 15, "buffer_after": 30}');
SELECT taken('confirmed', '2025-11-15 18:00+00', '2025-11-15 18:45+00') AS before, taken('confirmed', '2025-11-15 18:00+00', '2025-11-15 18:46+00') AS in_the_buffer,
	taken('confirmed', '2025-11-15 21:30+00', '2025-11-15 22:00+00') AS after, taken('confirmed', '2025-11-15 21:29+00', '2025-11-15 22:00+00') AS in_the_buffer;
DELETE FROM booking_table_assignments;
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"buffer_before": null, "buffer_after": null, "turn_times": {"2": 60, "4": 180}}');
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) VALUES (id('booking confirmed'), id('A3'), '2025-11-15 21:30+00', '2025-11-15 22:00+00');
-- Two hours, or the turn time if that is longer; without both it is not known
SELECT bool_or(plan = 'A3') AS two_hours FROM plans(2);
SELECT bool_or(plan = 'A3') AS three_hours FROM plans(4);
SELECT bool_or(plan = 'A3') AS one_hour FROM plans(2, duration => NULL);
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"turn_times": {}}');
SELECT * FROM plans(2, duration => NULL);
DELETE FROM booking_table_assignments;

-- Adjacency: edges are undirected, loops and edges to other restaurants' tables are none
INSERT INTO table_adjacencies SELECT id(a), id(b) FROM (VALUES ('A1', 'A2'), ('A2', 'A1'), ('A3', 'A4'), ('A1', 'A1'), ('A4', 'B1'), ('A2', 'A3')) e(a, b);
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"adjacency": "connected"}');
SELECT * FROM plans(8);
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"adjacency": "pairwise"}');
SELECT * FROM plans(8);
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"adjacency": "pairwise", "adjacency_min_party": 9}');
SELECT count(*) FROM plans(8);
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"adjacency": null, "adjacency_min_party": null}');

-- Listed combinations, by weekday and time: the Saturday's service day goes on to 05:00 of Sunday
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', ARRAY[id('A5'), id('A1')], 10, 9, 10, '19 hours', '25:30', '{6}');
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"combinations": "both"}');
SELECT t, (SELECT count(*) FROM plans(9, t) WHERE plan = 'A1+A5') FROM unnest('{2025-11-15 18:59+00,2025-11-15 19:00+00,2025-11-16 01:29+00,2025-11-16 01:30+00,2025-11-14 20:00+00,2025-11-16 20:00+00}'::timestamptz[]) t;
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', ARRAY[id('A5'), id('A9')], 20, 15, 20);
SELECT count(*) FROM plans(16);
-- The same dining tables for other parties: each range has its capacity, and of two the later one counts
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', ARRAY[id('A5'), id('A1')], 12, 11, 12), menuca_list_combination('00000000-0000-0000-0000-00000000000a', ARRAY[id('A5'), id('A1')], 15, 12, 15);
SELECT p, (SELECT string_agg(plan || ' seats ' || capacity, ', ') FROM plans(p) WHERE plan = 'A1+A5') FROM generate_series(10, 16) p;
DELETE FROM menuca_listed_combination WHERE max_party = 15 RETURNING combination_id;
SELECT p, (SELECT string_agg(plan || ' seats ' || capacity, ', ') FROM plans(p) WHERE plan = 'A1+A5') FROM generate_series(11, 13) p;
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"combinations": null}');

-- Preferences
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"w_priority": 1}');
SELECT menuca_prefer_table(id('A4'), priority => -3), menuca_prefer_table(id('A3'), priority => 2, from_time => '20 hours'), menuca_prefer_table(id('A1'), walk_ins_only => true), menuca_prefer_table(id('A2'), min_party => 2);
SELECT * FROM plans(4);
SELECT * FROM plans(4, '2025-11-15 20:00+00');
SELECT * FROM plans(1);
SELECT * FROM plans(2);
SELECT menuca_prefer_table(id('A4')), menuca_prefer_table(id('A3'), from_time => '20 hours'), menuca_prefer_table(id('A1')), menuca_prefer_table(id('A2'));
SELECT count(*) FROM menuca_table_preference;
-- Without a weight it changes nothing, and says so
SELECT key, value FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"w_priority": null}');
SELECT menuca_prefer_table(id('A4'), priority => -3) IS NOT NULL AS stored;
SELECT menuca_prefer_table(id('A4'));
SELECT menuca_prefer_table(id('nothing'), 1);
SELECT menuca_prefer_table(id('A1'), NULL);
SELECT menuca_prefer_table(id('A1'), min_party => 0);

-- Waiting bookings that lose their last plan
INSERT INTO bookings (restaurant_id, party_size, status, start_at, end_at) VALUES ('00000000-0000-0000-0000-00000000000a', 8, 'pending', '2025-11-15 20:00+00', '2025-11-15 22:00+00'),
	('00000000-0000-0000-0000-00000000000a', 8, 'pending', NULL, NULL);
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"merges": false}');
SELECT table_numbers, score, future_conflicts FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 7, '2025-11-15 19:00+00', '2 hours');
SELECT table_numbers, score, future_conflicts FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 7, '2025-11-15 17:59+00', '3 hours');
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"lookahead": true}');
SELECT table_numbers, score, score_parts ->> 'lookahead' AS lookahead FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 7, '2025-11-15 19:00+00', '2 hours');
SELECT count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"merges": null, "lookahead": null}');

-- What is refused
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 0, now());
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', -1, now());
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', NULL, now());
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 2, NULL);
SELECT * FROM menuca_plan_tables(NULL, 2, now());
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 2, 'infinity');
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 2, now(), '-1 hour');
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 2, now(), '2 hours', max_plans => 0);
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 2, now(), '2 hours', zone => '00000000-0000-0000-0000-0000000000b1');
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-0000000000ff', 2, now(), '2 hours');
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000c', 2, now(), '2 hours');
SELECT array_agg(DISTINCT zone) FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 2, '2025-11-15 19:00+00', '2 hours', zone => '00000000-0000-0000-0000-0000000000a1');

-- The session's time zone and date style change nothing, nor does a read-only transaction
SELECT md5(string_agg(p::text, ',')) AS utc FROM plans(4) p \gset
SET TimeZone = 'Pacific/Auckland';
SET DateStyle = 'German';
BEGIN READ ONLY;
SELECT md5(string_agg(p::text, ',')) = :'utc' AS same FROM plans(4, '2025-11-16 08:00+13'::timestamptz) p;
COMMIT;
RESET TimeZone;
RESET DateStyle;

-- Rows that row security hides would be taken for free tables
CREATE ROLE regress_menuca_host;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO regress_menuca_host;
GRANT EXECUTE ON FUNCTION menuca_plan_tables TO regress_menuca_host;
ALTER TABLE booking_table_assignments ENABLE ROW LEVEL SECURITY;
SET ROLE regress_menuca_host;
SELECT * FROM menuca_plan_tables('00000000-0000-0000-0000-00000000000a', 2, now(), '2 hours');
RESET ROLE;

\set ECHO none
SET client_min_messages = error;
DROP OWNED BY regress_menuca_host;
DROP ROLE regress_menuca_host;
DROP EXTENSION menuca_seating;
DROP FUNCTION id, plans, taken;
DROP TABLE restaurants, zones, table_inventory, table_adjacencies, bookings, booking_table_assignments, table_holds, table_hold_members CASCADE;
DROP TYPE booking_status, table_status, table_mobility;
