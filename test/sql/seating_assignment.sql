-- Dining tables for bookings: by hand, by the planner, by holds, for walk-ins
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION menuca_seating;
CREATE EXTENSION btree_gist;
\i :schema
RESET client_min_messages;
-- The users' own protection, which needs no help of ours
ALTER TABLE booking_table_assignments ADD CONSTRAINT no_table_twice EXCLUDE USING gist (table_id WITH =, tstzrange(start_at, end_at) WITH &&);
CREATE FUNCTION booking(n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('b0000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid $$;
CREATE FUNCTION dining(VARIADIC n int[]) RETURNS uuid[] LANGUAGE sql IMMUTABLE AS $$ SELECT array_agg(('a0000000-0000-0000-0000-' || lpad(x::text, 12, '0'))::uuid ORDER BY o) FROM unnest(n) WITH ORDINALITY AS u(x, o) $$;
CREATE FUNCTION room() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT '00000000-0000-0000-0000-00000000000a'::uuid $$;
INSERT INTO restaurants (id, name, timezone) VALUES (room(), 'Napoli', 'Europe/London'), ('00000000-0000-0000-0000-00000000000b', 'Roma', 'America/Toronto');
INSERT INTO zones (id, restaurant_id, name, active) VALUES ('00000000-0000-0000-0000-0000000000a1', room(), 'Main', true),
	('00000000-0000-0000-0000-0000000000a2', room(), 'Patio', true), ('00000000-0000-0000-0000-0000000000a3', room(), 'Closed', false);
-- Main: T1 2, T2 2, T3 4, T4 4 fixed, T5 6 out of service, T6 8 inactive. Patio: T7 2 for at least 2, T8 6 for at most 5. Without a zone: T9 4. Closed: T10 4. Elsewhere: T11
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity, min_party_size, max_party_size, mobility, status, active)
SELECT (dining(n))[1], CASE n WHEN 11 THEN '00000000-0000-0000-0000-00000000000b' ELSE room() END,
	('00000000-0000-0000-0000-0000000000' || z)::uuid, 'T' || n, c, mi, ma, mob::table_mobility, st::table_status, act
FROM (VALUES (1, 'a1', 2, 1, NULL::int, 'movable', 'available', true), (2, 'a1', 2, 1, NULL, 'movable', 'occupied', true), (3, 'a1', 4, 1, NULL, 'movable', 'reserved', true),
	(4, 'a1', 4, 1, NULL, 'fixed', 'available', true), (5, 'a1', 6, 1, NULL, 'movable', 'out_of_service', true), (6, 'a1', 8, 1, NULL, 'movable', 'available', false),
	(7, 'a2', 2, 2, NULL, 'movable', 'available', true), (8, 'a2', 6, 1, 5, 'movable', 'available', true), (9, NULL, 4, 1, NULL, 'movable', 'available', true),
	(10, 'a3', 4, 1, NULL, 'movable', 'available', true), (11, NULL, 4, 1, NULL, 'movable', 'available', true)) v(n, z, c, mi, ma, mob, st, act);
-- The evening of 2026-03-10: the clock is UTC
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at)
SELECT booking(n), room(), p, s::booking_status, ('2026-03-10 ' || t)::timestamptz, ('2026-03-10 ' || t)::timestamptz + d::interval
FROM (VALUES (1, 2, 'pending', '19:00+00', '2 hours'), (2, 4, 'pending_allocation', '19:00+00', NULL), (3, 6, 'pending', '19:00+00', NULL), (4, 2, 'cancelled', '19:00+00', NULL),
	(5, 2, 'completed', '19:00+00', NULL), (6, 2, 'no_show', '19:00+00', NULL), (7, 2, 'checked_in', '19:00+00', NULL), (8, 3, 'confirmed', '19:30+00', NULL),
	(9, 40, 'pending', '19:00+00', NULL), (10, 0, 'pending', '19:00+00', NULL), (11, 4, 'pending', '21:00+00', NULL), (12, 2, 'pending', '20:00+00', NULL)) v(n, p, s, t, d);
INSERT INTO bookings (id, restaurant_id, party_size, status) VALUES (booking(13), room(), 2, 'pending');
-- What a call says: its row without what depends on the clock, or its error
CREATE FUNCTION says(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text; detail text; hint text;
BEGIN
	FOR line IN EXECUTE format('SELECT (to_jsonb(r) - ''duration'' - ''hold_id'' - ''expires_at'' - ''table_ids'')::text FROM (%s) r', statement) LOOP
		RETURN NEXT line;
	END LOOP;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT SQLSTATE || ' ' || SQLERRM || E'\n  ' || detail || E'\n  ' || hint;
END $$;
CREATE FUNCTION assign(n int, tables uuid[], key text DEFAULT NULL, force text[] DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT says(format('SELECT * FROM menuca_assign_tables(%L, %L, %L, %L)', booking(n), tables, key, force)) $$;
CREATE FUNCTION auto(n int, key text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT says(format('SELECT * FROM menuca_auto_assign(%L, %L)', booking(n), key)) $$;
CREATE VIEW seated AS SELECT right(b.id::text, 2) AS booking, b.status, array_agg(t.table_number ORDER BY t.table_number) AS tables,
	min(a.start_at) AS from, max(a.end_at) AS until, count(DISTINCT merge_group_id) AS groups, bool_and(b.assigned_zone_id IS NOT DISTINCT FROM t.zone_id) AS zone
FROM bookings b JOIN booking_table_assignments a ON a.booking_id = b.id JOIN table_inventory t ON t.id = a.table_id GROUP BY b.id ORDER BY 1;
SET TimeZone = 'UTC';
\set ECHO all
\pset format unaligned
\pset tuples_only on

--
-- By hand
--
SELECT assign(1, dining(1));
SELECT * FROM seated;
-- A booking that has dining tables gets them back, never more (failure 1)
SELECT assign(1, dining(3));
SELECT assign(1, dining(1));
-- Taken: by whom and when; touching windows do not meet
SELECT assign(12, dining(1));
SELECT assign(11, dining(3));
-- Each rule, by its name (failure 5)
SELECT assign(2, dining(1));
SELECT assign(2, dining(8), force => '{overage}');
SELECT assign(12, dining(8));
SELECT assign(3, dining(8));
SELECT assign(3, dining(8), force => '{max_party}');
SELECT says(format('SELECT * FROM menuca_unassign_tables(%L)', booking(2)));
SELECT assign(3, dining(8), force => '{max_party}');
SELECT assign(2, dining(2, 4));
SELECT assign(2, dining(2, 7));
SELECT assign(2, dining(2, 9));
SELECT assign(2, dining(10));
SELECT assign(2, dining(5));
SELECT assign(2, dining(6), force => '{overage,min_party,max_party,k,listed,zone,zone_closed,mobility,adjacency,walk_ins_only}');
SELECT assign(2, dining(11));
SELECT assign(2, dining(99));
SELECT assign(2, '{}'), assign(2, NULL), assign(2, dining(2, 2)), assign(2, ARRAY[NULL::uuid]);
SELECT assign(2, dining(3), force => '{capacity}');
SELECT assign(2, dining(3), force => ARRAY[NULL]);
SELECT assign(2, dining(3), force => '{}', key => ' ');
-- Several at once, waived and in the ledger
SELECT COALESCE(max(change_id), 0) AS last FROM menuca_seating_change \gset
SELECT assign(2, dining(2, 4, 7, 9));
SELECT assign(2, dining(2, 4, 7, 9), force => '{overage,k,zone,mobility}');
SELECT what, restaurant_id = room(), before -> 'booking' ->> 'status', jsonb_array_length(before -> 'assignments'), after -> 'booking' ->> 'status',
	jsonb_array_length(after -> 'assignments'), after -> 'waived' FROM menuca_seating_change WHERE change_id > :last;
SELECT * FROM seated;
SELECT says(format('SELECT * FROM menuca_unassign_tables(%L)', booking(2)));
SELECT says(format('SELECT * FROM menuca_unassign_tables(%L)', booking(2)));
-- States (failure 10)
SELECT n, assign(n, dining(2)) FROM generate_series(4, 7) n;
SELECT assign(10, dining(2));
SELECT assign(13, dining(2));
SELECT says(format('SELECT * FROM menuca_unassign_tables(%L)', booking(13)));
SELECT assign(99, dining(2));
-- Adjacency, listed combinations, what is kept for walk-ins
SELECT key, value FROM menuca_seating_set(room(), '{"adjacency": "connected"}');
SELECT assign(2, dining(1, 2));
SELECT assign(2, dining(2, 3));
INSERT INTO table_adjacencies VALUES ((dining(3))[1], (dining(2))[1]);
SELECT assign(2, dining(2, 3));
SELECT says(format('SELECT * FROM menuca_unassign_tables(%L)', booking(2)));
SELECT key, value FROM menuca_seating_set(room(), '{"adjacency": null, "combinations": "listed"}');
SELECT assign(2, dining(2, 3));
SELECT menuca_list_combination(room(), dining(2, 4), 5, 3, 5);
SELECT assign(2, dining(4, 2));
SELECT says(format('SELECT * FROM menuca_unassign_tables(%L)', booking(2)));
SELECT key, value FROM menuca_seating_set(room(), '{"combinations": null}');
DELETE FROM menuca_listed_combination;
SELECT menuca_prefer_table((dining(3))[1], walk_ins_only => true) > 0;
SELECT assign(2, dining(3));
SELECT menuca_prefer_table((dining(3))[1]);

--
-- Idempotency keys (failure 11)
--
SELECT assign(2, dining(3), 'key 1');
SELECT assign(2, dining(3), 'key 1');
SELECT assign(2, dining(2), 'key 1');
SELECT assign(8, dining(3), 'key 1');
SELECT booking_id = booking(2), table_ids = dining(3) FROM menuca_seating_key;
SELECT right(booking_id::text, 2), idempotency_key FROM booking_table_assignments ORDER BY 1;

--
-- By the planner
--
SELECT auto(8);
SELECT auto(8);
SELECT auto(12);
SELECT auto(12, 'key 1');
SELECT n, auto(n) FROM generate_series(4, 7) n;
SELECT auto(9);
SELECT auto(10);
SELECT auto(13);
SELECT auto(99);
SELECT says('SELECT * FROM menuca_auto_assign(NULL)');
SELECT * FROM seated;
-- Why there is none
CREATE FUNCTION why(settings jsonb, party int, at timestamptz DEFAULT '2026-03-11 19:00+00') RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM menuca_seating_set(room(), settings);
	UPDATE bookings SET party_size = party, start_at = at, end_at = NULL WHERE id = booking(9);
	RETURN QUERY SELECT auto(9);
	PERFORM menuca_unassign_tables(booking(9));
	PERFORM menuca_seating_set(room(), COALESCE((SELECT jsonb_object_agg(k, NULL) FROM jsonb_object_keys(settings) k), '{}'));
END $$;
SELECT why('{}', 13);
SELECT why('{}', 8);
SELECT why('{}', 9);
SELECT why('{"k_max": 2}', 8);
SELECT why('{"merges": false}', 7);
SELECT why('{"adjacency": "connected"}', 8);
SELECT why('{"combinations": "listed"}', 8);
SELECT why('{"max_overage": 0}', 1);
SELECT why('{"planner": false}', 2);
SELECT why('{"max_overage": 0, "k_max": 1}', 5);
-- Failure 25: a party of 12, 19 movable dining tables, few neighbours; and one that no five of them seat
INSERT INTO restaurants (id, timezone) VALUES ('00000000-0000-0000-0000-00000000000c', 'Europe/London');
INSERT INTO zones (id, restaurant_id, name) VALUES ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-00000000000c', 'Main');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT (dining(200 + n))[1], '00000000-0000-0000-0000-00000000000c', '00000000-0000-0000-0000-0000000000c1', 'S' || n, CASE WHEN n > 16 THEN 4 ELSE 2 END FROM generate_series(1, 19) n;
INSERT INTO table_adjacencies SELECT (dining(200 + n))[1], (dining(201 + n))[1] FROM generate_series(1, 15) n;
SELECT menuca_seating_set('00000000-0000-0000-0000-00000000000c', '{"adjacency": "connected"}') IS NOT NULL;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) VALUES (booking(14), '00000000-0000-0000-0000-00000000000c', 12, 'pending', '2026-03-10 19:00+00'), (booking(15), '00000000-0000-0000-0000-00000000000c', 25, 'pending', '2026-03-10 19:00+00');
SELECT auto(14);
SELECT auto(15);
-- Busy: and the next time that does, on the restaurant's clock; the session's TimeZone and DateStyle change nothing (failure 16)
SELECT says(format('SELECT * FROM menuca_plan_tables(%L, 4, %L)', room(), '2026-03-10 19:00+00'));
SELECT why('{}', 6, '2026-03-10 19:00+00');
SET TimeZone = 'Asia/Tokyo';
SET DateStyle = 'SQL, DMY';
SELECT why('{"max_overage": 0}', 6, '2026-03-10 19:30+00');
RESET DateStyle;
SET TimeZone = 'UTC';
SELECT outcome, count(*), bool_and(duration >= '0') FROM menuca_seating_attempt GROUP BY 1 ORDER BY 1;
-- Never a dominated plan: 2 + 4 for a party of 2
SELECT bool_and(dominated) FROM menuca_plan_tables(room(), 2, '2026-03-12 19:00+00', include_dominated => true) WHERE tables > 1;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT booking(n), room(), 2, 'pending', '2026-03-12 19:00+00' FROM generate_series(20, 29) n;
SELECT n, auto(n) FROM generate_series(20, 29) n;

--
-- Exactly the planner's sets are accepted by hand: all sets of up to three dining tables, for all parties
--
CREATE FUNCTION disagreements(settings jsonb) RETURNS TABLE (tried bigint, accepted bigint, wrong bigint) LANGUAGE plpgsql AS $$
DECLARE
	set uuid[]; ok boolean; plans text[]; party int;
BEGIN
	tried := 0; accepted := 0; wrong := 0;
	PERFORM menuca_seating_set(room(), settings);
	FOREACH party IN ARRAY ARRAY[1, 2, 4, 6, 7] LOOP
		UPDATE bookings SET party_size = party, start_at = '2026-03-13 19:00+00', end_at = NULL WHERE id = booking(9);
		SELECT array_agg((SELECT array_agg(u ORDER BY u) FROM unnest(p.table_ids) u)::text) INTO plans
		FROM menuca_plan_tables(room(), party, '2026-03-13 19:00+00', max_plans => 1000, include_dominated => true) p;
		FOR set IN WITH t AS (SELECT id FROM table_inventory WHERE restaurant_id = room())
			SELECT DISTINCT ARRAY(SELECT DISTINCT u FROM unnest(ARRAY[a.id, b.id, c.id]) u ORDER BY u) FROM t a, t b, t c LOOP
			tried := tried + 1;
			BEGIN
				PERFORM menuca_assign_tables(booking(9), set);
				ok := true;
				PERFORM menuca_unassign_tables(booking(9));
			EXCEPTION WHEN SQLSTATE 'MC040' THEN
				ok := false;
			END;
			accepted := accepted + ok::int;
			wrong := wrong + (ok <> COALESCE(set::text = ANY (plans), false))::int;
		END LOOP;
	END LOOP;
	PERFORM menuca_seating_set(room(), COALESCE((SELECT jsonb_object_agg(k, NULL) FROM jsonb_object_keys(settings) k), '{}'));
	RETURN NEXT;
END $$;
SELECT menuca_list_combination(room(), dining(1, 4), 7, 5, 7), menuca_list_combination(room(), dining(7, 8), 6, 2, 6);
INSERT INTO table_adjacencies SELECT (dining(a))[1], (dining(b))[1] FROM (VALUES (1, 2), (7, 8)) v(a, b);
SELECT * FROM disagreements('{"combinations": "free"}');
SELECT * FROM disagreements('{"combinations": "both", "adjacency": "connected", "adjacency_min_party": 4}');
SELECT * FROM disagreements('{"combinations": "listed", "max_overage": 1}');
SELECT * FROM disagreements('{"adjacency": "pairwise", "k_max": 2}');
SELECT * FROM disagreements('{"merges": false, "combinations": "both"}');
DELETE FROM menuca_listed_combination;

--
-- Holds
--
CREATE FUNCTION hold(tables uuid[], at timestamptz, party int DEFAULT NULL, duration interval DEFAULT NULL, n int DEFAULT NULL, ttl interval DEFAULT '3 min') RETURNS SETOF text LANGUAGE sql AS
$$ SELECT says(format('SELECT * FROM menuca_hold_tables(%L, %L, %L, %L, %L, %L, %L)', room(), tables, at, duration, party, CASE WHEN n IS NOT NULL THEN booking(n) END, ttl)) $$;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT booking(n), room(), 4, 'pending', '2026-03-14 19:00+00' FROM generate_series(30, 36) n;
SELECT hold(dining(3), '2026-03-14 19:00+00', 4);
SELECT id AS hold FROM table_holds \gset
SELECT count(*), bool_and(expires_at BETWEEN clock_timestamp() + '2 min' AND clock_timestamp() + '3 min'), min(end_at - start_at) FROM table_holds;
SELECT regexp_replace(assign(30, dining(3)), 'Hold \S+|id = \S+', '...', 'g');
SELECT regexp_replace(hold(dining(3), '2026-03-14 20:00+00', 4), 'Hold \S+|id = \S+', '...', 'g');
SELECT hold(dining(3), '2026-03-14 20:15+00', 4);
SELECT menuca_extend_hold(:'hold', '10 min') > clock_timestamp() + '9 min', menuca_extend_hold(:'hold', '1 min') > clock_timestamp() + '9 min';
SELECT says(format('SELECT * FROM menuca_confirm_hold(%L, %L, %L)', :'hold', booking(31), 'key 31'));
SELECT says(format('SELECT * FROM menuca_confirm_hold(%L, %L, %L)', :'hold', booking(31), 'key 31'));
SELECT says(format('SELECT * FROM menuca_confirm_hold(%L, %L)', :'hold', booking(31)));
SELECT regexp_replace(says(format('SELECT * FROM menuca_confirm_hold(%L, %L)', :'hold', booking(30))), 'hold \S+', 'hold ...');
SELECT count(*) FROM table_holds WHERE id = :'hold';
-- It is for another booking, or another party than its dining tables seat
DELETE FROM table_holds;
SELECT hold(dining(8), '2026-03-14 19:00+00', n => 32);
SELECT id AS hold FROM table_holds \gset
SELECT regexp_replace(says(format('SELECT * FROM menuca_confirm_hold(%L, %L)', :'hold', booking(33))), 'hold \S+', 'hold ...');
UPDATE bookings SET party_size = 6 WHERE id = booking(32);
SELECT regexp_replace(says(format('SELECT * FROM menuca_confirm_hold(%L, %L)', :'hold', booking(32))), 'hold\(\S+', 'hold(''...'',');
UPDATE bookings SET status = 'cancelled', party_size = 4 WHERE id = booking(32);
SELECT says(format('SELECT * FROM menuca_confirm_hold(%L, %L)', :'hold', booking(32)));
SELECT menuca_release_hold(:'hold'), menuca_release_hold(:'hold');
-- Expired (failures 8, 9 and 10): nobody has it any more, and it is swept by whoever comes next
SELECT hold(NULL, '2026-03-14 19:00+00', 4);
SELECT id AS hold FROM table_holds \gset
UPDATE table_holds SET expires_at = clock_timestamp();
SELECT regexp_replace(says(format('SELECT * FROM menuca_confirm_hold(%L, %L)', :'hold', booking(34))), 'hold \S+|until \S+ \S+', '...', 'g');
SELECT regexp_replace(says(format('SELECT menuca_extend_hold(%L)', :'hold')), 'hold \S+|until \S+ \S+', '...', 'g');
SELECT auto(34);
SELECT count(*) FROM table_holds;
SELECT regexp_replace(says(format('SELECT menuca_extend_hold(%L)', :'hold')), 'hold \S+', '...');
SELECT menuca_release_hold(:'hold');
-- Arguments
SELECT hold(dining(1), NULL, 2), hold(NULL, '2026-03-14 19:00+00', NULL), hold(dining(1), '2026-03-14 19:00+00', 0), hold(dining(1), '2026-03-14 19:00+00', 2, '-1 hour'),
	hold(dining(1), '2026-03-14 19:00+00', 2, ttl => '0'), hold(dining(1), '2026-03-14 19:00+00', 2, ttl => '2 days'), hold(dining(1), '2026-03-14 19:00+00', 2, ttl => NULL),
	hold(dining(1), 'infinity', 2), hold(dining(1), '2026-03-14 19:00+00');
SELECT says('SELECT menuca_extend_hold(NULL)'), says('SELECT menuca_release_hold(NULL)'), says('SELECT * FROM menuca_confirm_hold(NULL, NULL)');
SELECT hold(dining(1, 7), '2026-03-15 19:00+00', duration => '90 min');
SELECT hold(dining(1), '2026-03-15 19:00+00', n => 4);
SELECT hold(NULL, '2026-03-15 19:00+00', 40);
-- Columns of the users' that must be filled, or cannot be
ALTER TABLE table_holds ADD zone_id uuid REFERENCES zones;
CREATE TABLE merge_groups (id uuid PRIMARY KEY);
ALTER TABLE booking_table_assignments ADD FOREIGN KEY (merge_group_id) REFERENCES merge_groups NOT VALID;
SELECT hold(dining(1), '2026-03-15 22:00+00', 2);
SELECT z.name FROM table_holds h JOIN zones z ON z.id = h.zone_id;
SELECT assign(35, dining(1, 2));
SELECT count(*), count(merge_group_id) FROM booking_table_assignments WHERE booking_id = booking(35);
ALTER TABLE booking_table_assignments DROP CONSTRAINT booking_table_assignments_merge_group_id_fkey;
DROP TABLE merge_groups;

--
-- Moving
--
CREATE FUNCTION move(n int, at timestamptz, party int DEFAULT NULL, duration interval DEFAULT NULL, tables uuid[] DEFAULT NULL, force text[] DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT says(format('SELECT * FROM menuca_move_booking(%L, %L, %L, %L, %L, %L)', booking(n), at, party, duration, tables, force)) $$;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at) VALUES (booking(40), room(), 2, 'pending', '2026-03-16 19:00+00', '2026-03-16 21:00+00'),
	(booking(41), room(), 4, 'pending', '2026-03-16 19:00+00', NULL), (booking(42), room(), 4, 'pending', '2026-03-16 20:00+00', NULL);
SELECT auto(40);
SELECT auto(41);
SELECT auto(42);
-- It keeps its dining tables where they are free and fit, gets others where not, and stays as long as it did
SELECT move(40, '2026-03-16 20:00+00');
SELECT move(40, '2026-03-16 20:00+00', 4);
SELECT move(40, '2026-03-16 20:00+00', 2, '1 hour');
SELECT move(41, '2026-03-16 20:00+00', tables => dining(9));
SELECT regexp_replace(move(41, '2026-03-16 20:00+00', tables => dining(4)), 'Booking \S+', '...');
SELECT move(41, '2026-03-16 20:00+00', tables => dining(1));
SELECT move(41, '2026-03-16 20:00+00', 2, tables => dining(1), force => '{overage}');
SELECT move(41, '2026-03-16 20:00+00', 12);
SELECT move(41, '2026-03-16 20:00+00', 0), move(41, NULL), move(41, 'infinity'), move(41, '2026-03-16 20:00+00', duration => '0'), move(41, '2026-03-16 20:00+00', force => '{k}');
SELECT move(4, '2026-03-16 20:00+00');
SELECT move(99, '2026-03-16 20:00+00');
-- One that waits only gets its time
SELECT move(36, '2026-03-16 20:00+00', 3);
SELECT right(id::text, 2), status, party_size, start_at, end_at FROM bookings WHERE id IN (booking(36), booking(40), booking(41)) ORDER BY 1;
SELECT * FROM seated WHERE booking BETWEEN '40' AND '42';
SELECT what, before -> 'booking' ->> 'start_at', after -> 'booking' ->> 'start_at', after -> 'waived' FROM menuca_seating_change WHERE what = 'assignment' ORDER BY change_id DESC LIMIT 2;

--
-- Walk-ins
--
CREATE FUNCTION walk_in(party int, at timestamptz, duration interval DEFAULT NULL, tables uuid[] DEFAULT NULL, force text[] DEFAULT NULL, details jsonb DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT regexp_replace(says(format('SELECT * FROM menuca_seat_walk_in(%L, %L, %L, %L, NULL, %L, %L, %L)', room(), party, duration, tables, at, force, details)), '"booking_id": "[^"]*", ', '') $$;
ALTER TABLE bookings ADD guest text;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) VALUES (booking(50), room(), 4, 'pending', '2026-03-17 20:00+00');
SELECT assign(50, dining(3));
SELECT menuca_prefer_table((dining(1))[1], walk_ins_only => true) > 0;
-- What is kept for walk-ins is open to them, and bookings after their window are not in the way (failure 26)
SELECT walk_in(2, '2026-03-17 19:00+00');
SELECT walk_in(4, '2026-03-17 19:00+00', '1 hour', dining(3));
SELECT walk_in(4, '2026-03-17 19:00+00', '1 hour 1 minute', dining(3));
SELECT walk_in(4, '2026-03-17 19:00+00', '61 minutes', details => '{"guest": "O''Brien \"Q\""}');
SELECT b.status, b.guest, b.end_at - b.start_at AS stay, count(*) FROM bookings b JOIN booking_table_assignments a ON a.booking_id = b.id WHERE b.status = 'checked_in' GROUP BY b.id ORDER BY b.start_at, stay, guest;
SELECT walk_in(12, '2026-03-17 19:00+00');
SELECT walk_in(0, now()), walk_in(NULL, now()), walk_in(2, now(), '0'), walk_in(2, 'infinity'), walk_in(2, now(), force => '{k}');
SELECT walk_in(2, '2026-03-18 19:00+00', details => '{"status": "x"}'), walk_in(2, '2026-03-18 19:00+00', details => '{"nothing": 1}'), walk_in(2, '2026-03-18 19:00+00', details => '[1]');
SELECT count(*) FROM menuca_seat_walk_in(room(), 2);
SELECT regexp_replace(says(format('SELECT * FROM menuca_unassign_tables(%L)', id)), 'booking \S+|id = \S+', '...', 'g') FROM bookings WHERE guest IS NOT NULL;
SELECT menuca_prefer_table((dining(1))[1]);
-- The planner is off: single dining tables only, and who needs several is told so
SELECT key, value FROM menuca_seating_set(room(), '{"planner": false}');
SELECT walk_in(8, '2026-03-18 19:00+00');
SELECT hold(NULL, '2026-03-18 19:00+00', 8);
SELECT move(40, '2026-03-18 19:00+00', 8);
SELECT walk_in(2, '2026-03-18 19:00+00');
SELECT walk_in(2, '2026-03-18 19:00+00', tables => dining(2));
SELECT hold(NULL, '2026-03-18 19:00+00', 2);
SELECT move(40, '2026-03-18 19:00+00', 4);
SELECT key, value FROM menuca_seating_set(room(), '{"planner": null}');

--
-- A longer end of the booking's own counts, even if its rows are shorter (failure 20)
--
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at) VALUES (booking(60), room(), 4, 'pending', '2026-03-19 19:00+00', NULL), (booking(61), room(), 4, 'pending', '2026-03-19 20:15+00', NULL);
SELECT assign(60, dining(3));
UPDATE bookings SET end_at = '2026-03-19 20:30+00' WHERE id = booking(60);
SELECT assign(61, dining(3));
UPDATE bookings SET end_at = NULL WHERE id = booking(60);
SELECT assign(61, dining(3));

--
-- The users' constraint, deferred: a conflict that the planner does not know is found inside, and other dining tables are chosen
--
ALTER TABLE booking_table_assignments DROP CONSTRAINT no_table_twice;
ALTER TABLE booking_table_assignments ADD CONSTRAINT no_table_twice EXCLUDE USING gist (table_id WITH =, tstzrange(start_at, end_at) WITH &&) DEFERRABLE INITIALLY DEFERRED;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT booking(n), room(), 4, 'pending', '2026-03-20 19:00+00' FROM generate_series(70, 72) n;
SELECT auto(70);
UPDATE bookings SET status = 'completed' WHERE id = booking(70);
SELECT auto(71);
SELECT assign(72, dining(3));
BEGIN;
SELECT auto(72);
-- restored: deferred still
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT booking(72), (dining(3))[1], '2026-03-20 19:00+00', '2026-03-20 20:00+00';
ROLLBACK;

--
-- Coming back needs dining tables again (failure 14)
--
UPDATE bookings SET status = 'cancelled' WHERE id = booking(71);
DELETE FROM booking_table_assignments WHERE booking_id = booking(71);
SELECT auto(72);
UPDATE bookings SET status = 'pending' WHERE id = booking(71);
SELECT auto(71);

--
-- Isolation levels, read-only transactions, rights, row security
--
BEGIN READ ONLY;
SELECT says(format(c, booking(1), booking(1))) FROM unnest(ARRAY['SELECT * FROM menuca_auto_assign(%L)', 'SELECT * FROM menuca_assign_tables(%L, ARRAY[%L]::uuid[])', 'SELECT * FROM menuca_unassign_tables(%L)',
	'SELECT * FROM menuca_move_booking(%L, now())', 'SELECT * FROM menuca_seat_walk_in(%L, 2)', 'SELECT * FROM menuca_hold_tables(%L, ARRAY[%L]::uuid[], now(), party_size => 2)',
	'SELECT * FROM menuca_confirm_hold(%L, %L)', 'SELECT menuca_extend_hold(%L)', 'SELECT menuca_release_hold(%L)']) c;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) VALUES (booking(80), room(), 4, 'pending', '2026-03-21 19:00+00');
SELECT auto(80);
SELECT auto(80);
COMMIT;
CREATE ROLE seating_nobody;
SET ROLE seating_nobody;
SELECT says(format('SELECT * FROM menuca_auto_assign(%L)', booking(1)));
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO seating_nobody;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO seating_nobody;
SET ROLE seating_nobody;
SELECT says(format('SELECT * FROM menuca_auto_assign(%L)', booking(1)));
SELECT says(format('SELECT * FROM menuca_assign_tables(%L, %L)', booking(11), dining(3)));
RESET ROLE;
GRANT UPDATE (status, assigned_zone_id) ON bookings TO seating_nobody;
GRANT UPDATE (status) ON table_inventory TO seating_nobody;
GRANT INSERT, UPDATE, DELETE ON booking_table_assignments TO seating_nobody;
SET ROLE seating_nobody;
SELECT says(format('SELECT * FROM menuca_auto_assign(%L)', booking(11)));
RESET ROLE;
ALTER TABLE booking_table_assignments ENABLE ROW LEVEL SECURITY;
SET ROLE seating_nobody;
SELECT says(format('SELECT * FROM menuca_auto_assign(%L)', booking(11)));
RESET ROLE;

-- No dining table twice at a time, whatever was done
SELECT count(*) FROM booking_table_assignments a JOIN booking_table_assignments b ON a.table_id = b.table_id AND a.id < b.id AND a.start_at < b.end_at AND b.start_at < a.end_at
	JOIN bookings x ON x.id = a.booking_id AND x.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in') JOIN bookings y ON y.id = b.booking_id AND y.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in');

--
-- The same request once more has the same answer (failure 11), and a refused move names itself once more
--
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) VALUES (booking(90), room(), 4, 'pending', '2026-04-07 19:00+00');
SELECT auto(90, 'once');
SELECT auto(90, 'once');
SELECT auto(90);
SELECT table_numbers FROM menuca_hold_tables(room(), dining(1, 2, 3, 4, 7, 8, 9), '2026-04-08 19:00+00', '1 hour', force => '{zone}', ttl => '1 hour');
SELECT says(format('SELECT * FROM menuca_move_booking(%L, %L, 2, %L)', booking(90), '2026-04-08 19:00+00', '90 minutes'));
\set ECHO none
SET client_min_messages = error;
DROP OWNED BY seating_nobody;
DROP ROLE seating_nobody;
DROP VIEW seated;
DROP FUNCTION says, assign, auto, why, disagreements, hold, move, walk_in, booking, dining, room;
DROP TABLE restaurants, zones, table_inventory, table_adjacencies, bookings, booking_table_assignments, table_holds, table_hold_members CASCADE;
DROP TYPE booking_status, table_status, table_mobility;
DROP EXTENSION menuca_seating, btree_gist;
