-- Guarantees on the tables of a restaurant platform; numbers are those of the list of
-- failures of other systems
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION menuca_seating;
\i :schema
RESET client_min_messages;
SET TimeZone = 'UTC';
INSERT INTO restaurants (id, name) VALUES ('00000000-0000-0000-0000-00000000000a', 'Napoli'), ('00000000-0000-0000-0000-00000000000b', 'Roma');
INSERT INTO zones (id, restaurant_id, name) VALUES ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-00000000000a', 'Main');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity)
SELECT ('00000000-0000-0000-0000-00000000010' || n)::uuid, '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000a1', 'T' || n, 2 * n FROM generate_series(1, 6) n;
INSERT INTO table_inventory (id, restaurant_id, table_number, capacity) VALUES ('00000000-0000-0000-0000-000000000201', '00000000-0000-0000-0000-00000000000b', 'R1', 4);
-- What bookings and dining tables are called here
CREATE FUNCTION b(n int) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$ SELECT ('00000000-0000-0000-0000-00000000b' || lpad(n::text, 3, '0'))::uuid $$;
CREATE FUNCTION t(n int) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$ SELECT ('00000000-0000-0000-0000-00000000010' || n)::uuid $$;
CREATE FUNCTION at(hour text) RETURNS timestamptz STABLE LANGUAGE sql AS $$ SELECT ('2031-05-02 ' || hour || ' UTC')::timestamptz $$;
-- A booking with its dining tables, in one statement each
CREATE PROCEDURE book(n int, party int, status booking_status, from_hour text, until_hour text, tables int[]) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at, assigned_zone_id)
	VALUES (b(n), '00000000-0000-0000-0000-00000000000a', party, status, at(from_hour), at(until_hour), '00000000-0000-0000-0000-0000000000a1');
	INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at, merge_group_id)
	SELECT b(n), t(i), at(from_hour), at(until_hour), CASE WHEN cardinality(tables) > 1 THEN b(n) END FROM unnest(tables) i;
END $$;
-- What a transaction of these statements ends with
CREATE FUNCTION outcome(VARIADIC statements text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	statement text;
	message text;
	detail text;
	hint text;
	name text;
	relation text;
BEGIN
	SET CONSTRAINTS ALL DEFERRED;
	FOREACH statement IN ARRAY statements LOOP
		EXECUTE statement;
	END LOOP;
	SET CONSTRAINTS ALL IMMEDIATE;
	RETURN 'committed';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, name = CONSTRAINT_NAME, relation = TABLE_NAME;
	RETURN format(E'%s %s\n  DETAIL %s\n  HINT %s\n  constraint %s of %s', SQLSTATE, message, detail, hint, name, relation);
END $$;
CREATE VIEW seats AS SELECT right(a.booking_id::text, 3)::int AS booking, i.table_number AS dining_table, to_char(a.start_at, 'HH24:MI') AS from_hour, to_char(a.end_at, 'HH24:MI') AS until_hour, a.merge_group_id IS NOT NULL AS merged
FROM booking_table_assignments a JOIN table_inventory i ON i.id = a.table_id ORDER BY 1, 2;
\pset format unaligned
\set ECHO all

-- Nothing is touched by CREATE EXTENSION; a dry run changes nothing
SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN ('bookings'::regclass, 'booking_table_assignments'::regclass);
SELECT * FROM menuca_seating_deploy() \gx
SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN ('bookings'::regclass, 'booking_table_assignments'::regclass);
SELECT count(*) FROM menuca_seating_guarantee;

--
-- Data that break them: all is refused, and named
--
CALL book(1, 2, 'confirmed', '18:00', '20:00', '{}');
CALL book(2, 2, 'confirmed', '18:00', '20:00', '{1}');
CALL book(3, 2, 'confirmed', '19:00', '21:00', '{1}');
CALL book(4, 2, 'cancelled', '18:00', '20:00', '{3}');
SELECT name, status, reason, next_step FROM menuca_seating_deploy() WHERE status = 'impossible';
SELECT * FROM menuca_seating_deploy(dry_run => false);
SELECT count(*) FROM menuca_seating_guarantee;
-- The queries show them
SELECT next_step AS query FROM menuca_seating_deploy() WHERE name = 'booking_assignment_truncation' \gset
:query
SELECT next_step AS query FROM menuca_seating_deploy() WHERE name = 'booking_table_assignments_no_overlap' \gset
:query
SELECT next_step AS query FROM menuca_seating_deploy() WHERE name = 'booking_release' \gset
:query
-- Twelve of them, ten named
INSERT INTO bookings (id, restaurant_id, party_size, start_at) SELECT b(100 + n), '00000000-0000-0000-0000-00000000000a', 2, at('18:00') FROM generate_series(1, 11) n;
SELECT reason FROM menuca_seating_deploy() WHERE name = 'booking_assignment_truncation';
UPDATE booking_table_assignments SET end_at = start_at - interval '1 hour' WHERE booking_id = b(3);
SELECT reason, next_step FROM menuca_seating_deploy() WHERE name = 'booking_table_assignments_no_overlap';
DELETE FROM bookings;

--
-- Deployed; again and again it stays as it is
--
SELECT name, object, status, next_step FROM menuca_seating_deploy(dry_run => false);
SELECT name, object, status, reason FROM menuca_seating_deploy(dry_run => false);
SELECT guarantee_id, name, kind, table_schema, table_name, definition, before FROM menuca_seating_guarantee ORDER BY 1;
-- The server refuses to drop what they need
DROP EXTENSION menuca_seating;

--
-- Each confirmed booking has a dining table (2, 14, 22)
--
-- Inserted
SELECT outcome($$CALL book(1, 2, 'confirmed', '18:00', '20:00', '{}')$$);
SELECT outcome($$CALL book(1, 2, 'confirmed', '18:00', '20:00', '{1}')$$);
-- Confirmed by UPDATE
SELECT outcome($$CALL book(2, 2, 'pending', '18:00', '20:00', '{}')$$);
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(2)$$);
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(2)$$,
	$$INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) VALUES (b(2), t(2), at('18:00'), at('20:00'))$$);
-- Robbed of the last one by DELETE; with two, of one; exchanged for another
SELECT outcome($$DELETE FROM booking_table_assignments WHERE booking_id = b(1)$$);
SELECT outcome($$CALL book(3, 5, 'confirmed', '18:00', '20:00', '{4,5}')$$, $$DELETE FROM booking_table_assignments WHERE booking_id = b(3) AND table_id = t(4)$$);
SELECT outcome($$DELETE FROM booking_table_assignments WHERE booking_id = b(3)$$, $$INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) VALUES (b(3), t(6), at('18:00'), at('20:00'))$$);
-- By an UPDATE of booking_id
SELECT outcome($$UPDATE booking_table_assignments SET booking_id = b(2) WHERE booking_id = b(1)$$);
-- By a cascade from the dining table, its restaurant, or with the booking itself
SELECT outcome($$DELETE FROM table_inventory WHERE id = t(1)$$);
SELECT outcome($$DELETE FROM bookings WHERE id = b(3)$$);
INSERT INTO table_inventory (id, restaurant_id, table_number, capacity) VALUES ('00000000-0000-0000-0000-000000000209', '00000000-0000-0000-0000-00000000000b', 'R9', 4);
SELECT outcome($$CALL book(4, 2, 'confirmed', '18:00', '20:00', '{}')$$, $$INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) VALUES (b(4), '00000000-0000-0000-0000-000000000209', at('18:00'), at('20:00'))$$);
SELECT outcome($$DELETE FROM restaurants WHERE id = '00000000-0000-0000-0000-00000000000b'$$);
SELECT outcome($$DELETE FROM bookings WHERE id = b(4)$$);
-- By TRUNCATE, which is undone in a savepoint, or makes room for others
SELECT outcome($$TRUNCATE booking_table_assignments$$);
SELECT outcome($$TRUNCATE table_inventory CASCADE$$);
SELECT outcome($$CREATE TEMP TABLE kept AS TABLE booking_table_assignments$$, $$TRUNCATE booking_table_assignments$$, $$INSERT INTO booking_table_assignments TABLE kept$$);
SELECT outcome($$TRUNCATE bookings CASCADE$$);
SELECT count(*) FROM menuca_seating_truncation;
-- At commit, where nobody asks before
CALL book(1, 2, 'confirmed', '18:00', '20:00', '{1}');
BEGIN;
DELETE FROM booking_table_assignments;
COMMIT;
BEGIN;
TRUNCATE booking_table_assignments;
COMMIT;
BEGIN;
SAVEPOINT before;
TRUNCATE booking_table_assignments;
ROLLBACK TO before;
COMMIT;
BEGIN;
TRUNCATE booking_table_assignments;
DROP TABLE bookings CASCADE;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;
BEGIN;
SET CONSTRAINTS booking_assignment_validation IMMEDIATE;
DELETE FROM booking_table_assignments;
ROLLBACK;
SELECT * FROM seats;
-- Other states need none
SELECT outcome(format($$CALL book(2, 2, %L, '18:00', '20:00', '{}')$$, s), $$DELETE FROM bookings WHERE id = b(2)$$) FROM unnest(ARRAY['pending', 'pending_allocation', 'checked_in', 'completed', 'cancelled', 'no_show']) s;

--
-- No dining table twice at a time (2, 6, 18, 19)
--
SELECT outcome($$CALL book(2, 2, 'confirmed', '20:00', '22:00', '{1}')$$, $$CALL book(3, 2, 'confirmed', '16:00', '18:00', '{1}')$$);
SELECT outcome($$CALL book(4, 2, 'confirmed', '19:59', '20:30', '{1}')$$);
SELECT outcome($$CALL book(4, 5, 'pending', '18:00', '19:00', '{3,1}')$$);
SELECT outcome($$CALL book(4, 5, 'confirmed', '17:59:59.999999', '18:00', '{1}')$$);

--
-- Cancelled, no_show: everything is released; completed: cut now (12, 13)
--
INSERT INTO table_holds (id, restaurant_id, booking_id, start_at, end_at, expires_at) VALUES (b(900), '00000000-0000-0000-0000-00000000000a', b(2), at('20:00'), at('22:00'), 'infinity'), (b(901), '00000000-0000-0000-0000-00000000000a', b(1), at('20:00'), at('22:00'), 'infinity');
INSERT INTO table_hold_members VALUES (b(900), t(2)), (b(901), t(3));
SELECT outcome($$UPDATE bookings SET status = 'cancelled' WHERE id = b(2)$$);
SELECT id, status, assigned_zone_id FROM bookings ORDER BY 1;
TABLE seats;
SELECT * FROM table_holds JOIN table_hold_members ON hold_id = id;
-- 14: given away meanwhile, and re-activated
SELECT outcome($$CALL book(4, 2, 'confirmed', '20:00', '22:00', '{1}')$$);
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(2)$$);
SELECT outcome($$UPDATE bookings SET status = 'no_show' WHERE id = b(4)$$, $$UPDATE bookings SET status = 'confirmed' WHERE id = b(4)$$);
SELECT outcome($$UPDATE bookings SET status = 'no_show' WHERE id = b(4)$$, $$UPDATE bookings SET status = 'pending' WHERE id = b(4)$$);
TABLE seats;
-- 13: guests who sit there keep it
SELECT outcome($$UPDATE bookings SET status = 'checked_in' WHERE id = b(1)$$);
TABLE seats;
-- Completed now: what is inside is cut, what is past stays, what is later takes nothing
DELETE FROM bookings;
BEGIN;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at)
SELECT b(n), '00000000-0000-0000-0000-00000000000a', 2, 'checked_in', now() + (n - 2) * interval '2 hours' - interval '1 hour', now() + (n - 2) * interval '2 hours' + interval '1 hour' FROM generate_series(1, 3) n;
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT b.id, t(1), b.start_at, b.end_at FROM bookings b;
UPDATE bookings SET status = 'completed';
SELECT right(a.booking_id::text, 1) AS booking, a.start_at - now() AS begins_in, a.end_at - now() AS ends_in FROM booking_table_assignments a ORDER BY 1;
SET CONSTRAINTS ALL IMMEDIATE;
-- Coming back needs its time again, not what is left of it
SAVEPOINT cut;
UPDATE bookings SET status = 'confirmed' WHERE id = b(1);
SET CONSTRAINTS ALL DEFERRED;
SELECT split_part(outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(2)$$), ':', 1);
ROLLBACK;
-- The users' own check forbids a row that ends when it begins: then it goes
ALTER TABLE booking_table_assignments ADD CHECK (end_at > start_at);
CALL book(5, 2, 'confirmed', '18:00', '20:00', '{1}');
UPDATE bookings SET status = 'completed' WHERE id = b(5);
TABLE seats;
ALTER TABLE booking_table_assignments DROP CONSTRAINT booking_table_assignments_check;

--
-- What changes must fit (19, 20, 23)
--
DELETE FROM bookings;
CALL book(1, 4, 'confirmed', '18:00', '20:00', '{2}');
CALL book(2, 6, 'confirmed', '18:00', '20:00', '{1,3}');
CALL book(3, 2, 'pending', '18:00', '20:00', '{}');
SELECT outcome($$UPDATE bookings SET party_size = 5 WHERE id = b(1)$$);
SELECT outcome($$UPDATE bookings SET party_size = 8 WHERE id = b(2)$$);
SELECT outcome($$UPDATE bookings SET party_size = 9 WHERE id = b(2)$$);
SELECT outcome($$UPDATE bookings SET start_at = start_at - interval '1 minute' WHERE id = b(1)$$);
SELECT outcome($$UPDATE bookings SET end_at = end_at + interval '1 microsecond' WHERE id = b(1)$$);
SELECT outcome($$UPDATE bookings SET start_at = start_at + interval '30 minutes' WHERE id = b(1)$$);
-- The turn time of four is 75 minutes, whatever end_at says; a buffer counts, too
SELECT outcome($$UPDATE bookings SET start_at = at('19:00'), end_at = NULL WHERE id = b(1)$$);
SELECT outcome($$UPDATE bookings SET start_at = NULL WHERE id = b(1)$$);
SELECT count(*) FROM menuca_seating_set(NULL, '{"buffer_after": 5}');
SELECT outcome($$UPDATE bookings SET party_size = 3 WHERE id = b(1)$$);
SELECT outcome($$UPDATE booking_table_assignments SET end_at = end_at + interval '5 minutes' WHERE booking_id = b(1)$$, $$UPDATE bookings SET party_size = 3 WHERE id = b(1)$$);
SELECT count(*) FROM menuca_seating_set(NULL, '{"buffer_after": null}');
-- Both in one transaction fit; one without dining tables has nothing to fit
SELECT outcome($$UPDATE bookings SET start_at = at('21:00'), end_at = at('23:00') WHERE id = b(1)$$, $$UPDATE booking_table_assignments SET start_at = at('21:00'), end_at = at('23:00') WHERE booking_id = b(1)$$);
SELECT outcome($$UPDATE bookings SET start_at = at('21:00'), end_at = at('23:00'), party_size = 99 WHERE id = b(3)$$);
-- Another restaurant
SELECT outcome($$UPDATE bookings SET restaurant_id = '00000000-0000-0000-0000-00000000000b' WHERE id = b(1)$$);
-- Assignments that change: a smaller dining table, another restaurant's, a shorter time, another booking
SELECT outcome($$UPDATE booking_table_assignments SET table_id = t(1) WHERE table_id = t(2)$$);
SELECT outcome($$UPDATE booking_table_assignments SET table_id = '00000000-0000-0000-0000-000000000201' WHERE table_id = t(2)$$);
SELECT outcome($$UPDATE booking_table_assignments SET end_at = end_at - interval '1 second' WHERE table_id = t(2)$$);
SELECT outcome($$UPDATE booking_table_assignments SET booking_id = b(1) WHERE table_id = t(3)$$);
-- Moved onto a dining table that is taken (23)
SELECT outcome($$UPDATE booking_table_assignments SET start_at = at('18:00'), end_at = at('20:00'), table_id = t(3) WHERE booking_id = b(1)$$);
-- What is listed seats what the list says, more or fewer than the sum
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', ARRAY[t(1), t(3)], 10, 5, 10), count(*) FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"combinations": "both"}');
SELECT outcome($$UPDATE bookings SET party_size = 10 WHERE id = b(2)$$);
DELETE FROM menuca_listed_combination;
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', ARRAY[t(1), t(3)], 7, 5, 7) IS NOT NULL;
SELECT outcome($$UPDATE bookings SET party_size = 8 WHERE id = b(2)$$);
SELECT outcome($$UPDATE bookings SET party_size = 7 WHERE id = b(2)$$);
-- Who becomes confirmed has seats (24), for his own time; guests who check in are not sent away, and waiting is no promise
SELECT outcome($$UPDATE bookings SET status = 'pending' WHERE id IN (b(1), b(2))$$);
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id IN (b(1), b(2))$$);
SELECT outcome($$UPDATE bookings SET status = 'pending' WHERE id IN (b(1), b(2))$$);
UPDATE table_inventory SET capacity = 2 WHERE id = t(2);
SELECT outcome($$UPDATE bookings SET status = 'pending_allocation' WHERE id = b(1)$$);
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(1)$$);
SELECT outcome($$UPDATE bookings SET status = 'checked_in' WHERE id = b(1)$$);
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(1)$$);
UPDATE table_inventory SET capacity = 4 WHERE id = t(2);
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(1)$$);
DELETE FROM menuca_listed_combination;
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', ARRAY[t(1), t(3)], 6, 5, 6) IS NOT NULL;
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(2)$$);
DELETE FROM menuca_listed_combination;
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', ARRAY[t(1), t(3)], 7, 5, 7) IS NOT NULL;
-- Turn times and buffers are for those who choose
SELECT count(*) FROM menuca_seating_set(NULL, '{"buffer_after": 30, "turn_times": {"20": 240}}');
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(2)$$, $$UPDATE bookings SET status = 'pending' WHERE id = b(1)$$, $$UPDATE bookings SET status = 'confirmed' WHERE id = b(1)$$);
SELECT count(*) FROM menuca_seating_set(NULL, '{"buffer_after": null, "turn_times": null}');
-- Too short, too late, and of a length that is not known; one dining table, and two
CREATE PROCEDURE wait(n int, from_hour text, until_hour text, tables int[], row_from text, row_until text) LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM bookings WHERE id = b(n);
	CALL book(n, 4, 'pending', from_hour, until_hour, '{}');
	INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT b(n), t(i), at(row_from), at(row_until) FROM unnest(tables) i;
END $$;
CREATE FUNCTION confirm(n int) RETURNS text LANGUAGE sql AS $$ SELECT outcome(format('UPDATE bookings SET status = ''confirmed'' WHERE id = %L', b(n))) $$;
CALL wait(6, '10:00', '11:00', '{2}', '10:00', '10:59');
SELECT confirm(6);
CALL wait(6, '10:00', '11:00', '{1,3}', '10:01', '11:00');
SELECT confirm(6);
CALL wait(6, '10:00', '11:00', '{1,3}', '10:00', '11:00');
SELECT confirm(6);
CALL wait(6, '10:00', NULL, '{2}', '09:00', '10:00');
SELECT confirm(6);
CALL wait(6, '10:00', NULL, '{2}', '10:00', '10:10');
SELECT confirm(6);
CALL wait(6, '10:00', '11:00', '{}', '10:00', '10:10');
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) VALUES (b(6), '00000000-0000-0000-0000-000000000201', at('10:00'), at('11:00'));
SELECT confirm(6);
DELETE FROM bookings WHERE id = b(6);
DROP PROCEDURE wait;
DROP FUNCTION confirm;
-- Malformed settings and zones are errors, not guesses
SELECT outcome($$UPDATE restaurants SET timezone = 'Mars/Base' WHERE name = 'Napoli'$$, $$UPDATE bookings SET party_size = 6 WHERE id = b(2)$$);

--
-- Whose rights count
--
CREATE ROLE seating_host;
GRANT USAGE ON SCHEMA public TO seating_host;
GRANT SELECT, UPDATE ON bookings TO seating_host;
GRANT SELECT, DELETE ON table_inventory TO seating_host;
SET ROLE seating_host;
UPDATE bookings SET status = 'confirmed' WHERE id = b(3);
UPDATE bookings SET party_size = 9 WHERE id = b(2);
DELETE FROM table_inventory WHERE id = t(2);
UPDATE bookings SET party_size = 2 WHERE id = b(2);
UPDATE bookings SET status = 'cancelled' WHERE id = b(1);
SELECT count(*) FROM booking_table_assignments;
-- Nor can he take others in: objects of his path, and row security
RESET ROLE;
CREATE SCHEMA evil AUTHORIZATION seating_host;
SET ROLE seating_host;
CREATE FUNCTION evil.same(uuid, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR evil.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.same);
CREATE TABLE evil.bookings (id uuid, status text);
CREATE TABLE evil.booking_table_assignments (booking_id uuid);
SET search_path = evil, public;
SET menuca.seating_schema = evil;
UPDATE public.bookings SET status = 'confirmed' WHERE party_size = 99;
UPDATE public.bookings SET party_size = 9 WHERE party_size = 2;
RESET search_path;
RESET menuca.seating_schema;
RESET ROLE;
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
ALTER TABLE bookings FORCE ROW LEVEL SECURITY;
ALTER TABLE booking_table_assignments ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking_table_assignments FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON bookings TO seating_host USING (party_size = 99);
SET ROLE seating_host;
UPDATE bookings SET status = 'confirmed';
UPDATE bookings SET status = 'cancelled';
RESET ROLE;
CREATE ROLE seating_owner;
GRANT ALL ON SCHEMA public TO seating_owner;
ALTER TABLE bookings OWNER TO seating_owner;
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(3)$$);
ALTER TABLE booking_table_assignments OWNER TO seating_owner;
ALTER TABLE table_inventory OWNER TO seating_owner;
ALTER TABLE table_holds OWNER TO seating_owner;
ALTER TABLE table_hold_members OWNER TO seating_owner;
GRANT SELECT ON restaurants, zones, table_adjacencies TO seating_owner;
SELECT outcome($$UPDATE bookings SET status = 'confirmed' WHERE id = b(3)$$);
SELECT outcome($$UPDATE bookings SET status = 'pending' WHERE id = b(2)$$, $$UPDATE bookings SET status = 'confirmed' WHERE id = b(2)$$);
SELECT outcome($$UPDATE bookings SET party_size = 9 WHERE id = b(2)$$);
SELECT outcome($$DELETE FROM booking_table_assignments WHERE booking_id = b(2)$$);
SELECT outcome($$TRUNCATE booking_table_assignments$$);

--
-- Trigger functions elsewhere: nothing is believed
--
GRANT EXECUTE ON FUNCTION menuca_booking_assignment_validation(), menuca_booking_release(), menuca_booking_fit_validation(), menuca_booking_assignment_truncation(), menuca_seating_truncation_validation() TO seating_host;
SET ROLE seating_host;
CREATE TRIGGER a AFTER UPDATE ON evil.bookings FOR EACH ROW EXECUTE FUNCTION menuca_booking_release();
INSERT INTO evil.bookings VALUES (b(2), 'confirmed');
UPDATE evil.bookings SET status = 'cancelled';
CREATE TABLE evil.mine (id int);
CREATE TRIGGER a BEFORE INSERT ON evil.mine FOR EACH ROW EXECUTE FUNCTION menuca_booking_assignment_validation();
INSERT INTO evil.mine VALUES (1);
DROP TRIGGER a ON evil.mine;
CREATE TRIGGER a AFTER INSERT ON evil.mine FOR EACH STATEMENT EXECUTE FUNCTION menuca_booking_fit_validation();
INSERT INTO evil.mine VALUES (1);
DROP TRIGGER a ON evil.mine;
CREATE TRIGGER a AFTER TRUNCATE ON evil.mine FOR EACH STATEMENT EXECUTE FUNCTION menuca_booking_assignment_truncation();
TRUNCATE evil.mine;
DROP TRIGGER a ON evil.mine;
CREATE TRIGGER a AFTER INSERT ON evil.mine FOR EACH ROW EXECUTE FUNCTION menuca_seating_truncation_validation();
INSERT INTO evil.mine VALUES (1);
DROP TABLE evil.bookings;
CREATE TABLE evil.bookings (id int, status point);
CREATE TRIGGER a AFTER INSERT ON evil.bookings FOR EACH ROW EXECUTE FUNCTION menuca_booking_assignment_validation();
INSERT INTO evil.bookings VALUES (1, '(1,1)');
SELECT * FROM menuca_seating_deploy();
RESET ROLE;
DROP OWNED BY seating_host;

--
-- Rows that came past the triggers are told of
--
SET session_replication_role = replica;
CALL book(8, 2, 'confirmed', '18:00', '20:00', '{}');
CALL book(9, 2, 'no_show', '10:00', '12:00', '{5}');
RESET session_replication_role;
SELECT name, object, status, reason, next_step FROM menuca_seating_deploy(dry_run => false) WHERE reason IS NOT NULL;
DELETE FROM bookings WHERE id IN (b(8), b(9));

--
-- Undone: what was created goes, what was changed since is named
--
ALTER TABLE bookings DISABLE TRIGGER booking_release;
DROP TRIGGER booking_fit_validation ON bookings;
DROP TRIGGER booking_assignment_truncation ON booking_table_assignments;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER booking_assignment_truncation AFTER TRUNCATE ON booking_table_assignments EXECUTE FUNCTION nothing();
SELECT name, object, status, reason, next_step FROM menuca_seating_undeploy();
-- Deployed again, what was changed is repaired
SELECT name, object, status, statement, reason FROM menuca_seating_deploy() WHERE status <> 'unchanged';
SELECT name, object, status FROM menuca_seating_undeploy(dry_run => false);
SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN ('bookings'::regclass, 'booking_table_assignments'::regclass);
SELECT name FROM menuca_seating_guarantee;
SELECT name, status, reason FROM menuca_seating_deploy(dry_run => false) WHERE status <> 'unchanged';
SELECT name, before FROM menuca_seating_guarantee WHERE before IS NOT NULL;
SELECT name, status, statement FROM menuca_seating_undeploy(dry_run => false) WHERE status = 'restored';
SELECT * FROM menuca_seating_undeploy(dry_run => false);

--
-- What the users have: kept when it does the same, replaced when it only has the name
--
DROP TRIGGER booking_assignment_truncation ON booking_table_assignments;
DELETE FROM bookings;
CREATE EXTENSION btree_gist;
CREATE FUNCTION try_exclusion(definition text) RETURNS TABLE (status text, reason text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'ALTER TABLE booking_table_assignments ADD CONSTRAINT theirs ' || definition;
	RETURN QUERY SELECT d.status, d.reason FROM menuca_seating_deploy() d WHERE d.name = 'booking_table_assignments_no_overlap';
	ALTER TABLE booking_table_assignments DROP CONSTRAINT theirs;
END $$;
SELECT d, e.* FROM unnest(ARRAY['EXCLUDE USING gist (table_id WITH =, tstzrange(start_at, end_at) WITH &&) DEFERRABLE INITIALLY DEFERRED',
	$$EXCLUDE USING gist (tstzrange(start_at, end_at, '[)') WITH &&, table_id WITH =)$$, 'EXCLUDE USING gist (tstzrange(start_at, end_at) WITH &&)',
	$$EXCLUDE USING gist (table_id WITH =, tstzrange(start_at, end_at, '[]') WITH &&)$$, 'EXCLUDE USING gist (booking_id WITH =, table_id WITH =, tstzrange(start_at, end_at) WITH &&)',
	'EXCLUDE USING gist (table_id WITH =, tstzrange(start_at, end_at) WITH &&) WHERE (merge_group_id IS NULL)', 'EXCLUDE USING gist (table_id WITH <>, tstzrange(start_at, end_at) WITH &&)']) d, try_exclusion(d) e;
ALTER TABLE booking_table_assignments ADD during tstzrange GENERATED ALWAYS AS (tstzrange(start_at, end_at)) STORED;
SELECT * FROM try_exclusion('EXCLUDE USING gist (table_id WITH =, during WITH &&)');
ALTER TABLE booking_table_assignments DROP during;
ALTER TABLE booking_table_assignments DROP CONSTRAINT booking_table_assignments_booking_id_table_id_key;
CREATE INDEX only_some ON booking_table_assignments (booking_id) WHERE merge_group_id IS NOT NULL;
CREATE INDEX begins_with_another ON booking_table_assignments (table_id, booking_id);
ALTER TABLE booking_table_assignments ADD CONSTRAINT booking_table_assignments_no_overlap CHECK (start_at <= end_at);
COMMENT ON CONSTRAINT booking_table_assignments_no_overlap ON booking_table_assignments IS 'theirs';
CREATE CONSTRAINT TRIGGER booking_assignment_validation AFTER UPDATE ON bookings DEFERRABLE FOR EACH ROW WHEN (new.status = 'confirmed') EXECUTE FUNCTION nothing();
COMMENT ON TRIGGER booking_assignment_validation ON bookings IS 'missed INSERT, and the loss of the last';
ALTER TABLE bookings DISABLE TRIGGER booking_assignment_validation;
ALTER TABLE booking_table_assignments ADD CONSTRAINT booking_assignment_validation CHECK (start_at < end_at) NOT VALID;
SELECT name, object, status, reason FROM menuca_seating_deploy(dry_run => false);
SELECT name, before FROM menuca_seating_guarantee WHERE before IS NOT NULL ORDER BY 1;
SELECT name, status, statement FROM menuca_seating_undeploy(dry_run => false) WHERE status = 'restored';
\d booking_table_assignments
SELECT tgname, tgenabled, pg_get_triggerdef(oid), obj_description(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'bookings'::regclass;
SELECT conname, obj_description(oid) FROM pg_constraint WHERE conname = 'booking_table_assignments_no_overlap';
-- A text of the ledger is not executed for what it says
SELECT count(*) FROM menuca_seating_deploy(dry_run => false);
UPDATE menuca_seating_guarantee SET before = jsonb_set(before, '{0,definition}', '"CHECK (true); DROP TABLE restaurants"') WHERE kind = 'constraint';
SELECT * FROM menuca_seating_undeploy(dry_run => false);
UPDATE menuca_seating_guarantee SET before = NULL WHERE kind = 'constraint';

--
-- Arguments, transactions, and tables that do not fit
--
SELECT * FROM menuca_seating_deploy(NULL);
SELECT * FROM menuca_seating_deploy(lock_timeout => '0');
BEGIN READ ONLY;
SELECT name, status FROM menuca_seating_deploy();
SELECT * FROM menuca_seating_deploy(dry_run => false);
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM menuca_seating_undeploy(dry_run => false);
ROLLBACK;
SELECT count(*) FROM menuca_seating_undeploy(dry_run => false);
SET menuca.seating_schema = 'nowhere';
SELECT * FROM menuca_seating_deploy();
RESET menuca.seating_schema;
-- Not for rows elsewhere, nor tables of others
CREATE TABLE more_bookings () INHERITS (bookings);
SELECT name, status, reason FROM menuca_seating_deploy() LIMIT 3;
DROP TABLE more_bookings;
SET ROLE seating_owner;
SELECT * FROM menuca_seating_deploy();
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_seating_deploy(boolean, interval), menuca_seating_undeploy(boolean, interval) TO seating_owner;
SET ROLE seating_owner;
SELECT name, status, reason, next_step FROM menuca_seating_deploy();
RESET ROLE;
ALTER TABLE bookings NO FORCE ROW LEVEL SECURITY;
ALTER TABLE booking_table_assignments NO FORCE ROW LEVEL SECURITY;
SET ROLE seating_owner;
SELECT name, status, reason, next_step FROM menuca_seating_deploy();
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_booking_assignment_validation(), menuca_booking_release(), menuca_booking_fit_validation(), menuca_booking_assignment_truncation() TO seating_owner;
SET ROLE seating_owner;
SELECT name, status FROM menuca_seating_deploy(dry_run => false);
SELECT name, status FROM menuca_seating_undeploy(dry_run => false);
RESET ROLE;
-- Without btree_gist, and without the right to create it
DROP EXTENSION btree_gist;
SET ROLE seating_owner;
SELECT name, status, reason, next_step FROM menuca_seating_deploy() WHERE status = 'impossible';
SELECT * FROM menuca_seating_deploy(dry_run => false);
RESET ROLE;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO seating_owner', current_database()); END $$;
SET ROLE seating_owner;
SELECT name, status FROM menuca_seating_deploy(dry_run => false);
-- What somebody has restored by hand is done
DROP TRIGGER booking_assignment_validation ON bookings;
CREATE CONSTRAINT TRIGGER booking_assignment_validation AFTER UPDATE ON bookings DEFERRABLE FOR EACH ROW WHEN (new.status = 'confirmed') EXECUTE FUNCTION nothing();
SELECT name, status, reason FROM menuca_seating_undeploy(dry_run => false);
RESET ROLE;
CREATE EXTENSION btree_gist;
-- Whoever deploys, the owner of bookings reads
REVOKE ALL ON zones FROM seating_owner;
SELECT name, status, reason, next_step FROM menuca_seating_deploy() WHERE status = 'impossible';

--
-- Bookings with a date and times of the restaurant's clock, and a status of text
--
CREATE SCHEMA clock;
SET search_path = clock, public;
CREATE TABLE restaurants (id uuid PRIMARY KEY, timezone text);
CREATE TABLE zones (id uuid PRIMARY KEY, restaurant_id uuid, name text, active boolean);
CREATE TABLE table_inventory (id uuid PRIMARY KEY, restaurant_id uuid, zone_id uuid, table_number text, capacity int, mobility text, status text, active boolean);
CREATE TABLE bookings (id uuid PRIMARY KEY, restaurant_id uuid, party_size int, status text, booking_date date, start_time time, end_time time);
CREATE TABLE booking_table_assignments (booking_id uuid, table_id uuid, start_at timestamptz, end_at timestamptz);
INSERT INTO restaurants VALUES (b(0), 'America/Toronto');
INSERT INTO table_inventory VALUES (t(1), b(0), NULL, 'T1', 4, 'movable', 'available', true);
SET menuca.seating_schema = clock;
SELECT name, object, status FROM menuca_seating_deploy(dry_run => false) WHERE status <> 'unchanged';
RESET menuca.seating_schema;
RESET search_path;
-- From nine to one at night, in summer
SELECT outcome($$INSERT INTO clock.bookings VALUES (b(1), b(0), 4, 'confirmed', '2031-07-04', '21:00', '01:00')$$, $$INSERT INTO clock.booking_table_assignments VALUES (b(1), t(1), '2031-07-05 01:00Z', '2031-07-05 05:00Z')$$);
SELECT outcome($$UPDATE clock.bookings SET party_size = 3$$);
-- Without a foreign key, or with one that sets NULL: a row without a dining table is none
SELECT outcome($$UPDATE clock.booking_table_assignments SET table_id = NULL$$);
SELECT outcome($$ALTER TABLE clock.booking_table_assignments ADD FOREIGN KEY (table_id) REFERENCES clock.table_inventory ON DELETE SET NULL$$, $$DELETE FROM clock.table_inventory$$);
SELECT outcome($$UPDATE clock.bookings SET end_time = '01:30'$$);
SELECT outcome($$UPDATE clock.bookings SET booking_date = '2031-07-05'$$);
SELECT outcome($$UPDATE clock.bookings SET booking_date = '2031-03-09', start_time = '02:30', end_time = NULL$$);
SELECT outcome($$UPDATE clock.bookings SET status = NULL$$, $$UPDATE clock.bookings SET party_size = 99$$);
SELECT outcome($$UPDATE clock.bookings SET status = 'no_show'$$);
SELECT count(*) FROM clock.booking_table_assignments;
SET menuca.seating_schema = clock;
SELECT count(*) FROM menuca_seating_undeploy(dry_run => false);
RESET menuca.seating_schema;
DROP EXTENSION menuca_seating;
REASSIGN OWNED BY seating_owner TO CURRENT_USER;
DROP OWNED BY seating_owner;
DROP ROLE seating_owner, seating_host;
\set ECHO none
SET client_min_messages = error;
DROP TABLE IF EXISTS restaurants, zones, table_inventory, table_adjacencies, bookings, booking_table_assignments, table_holds, table_hold_members CASCADE;
DROP TYPE IF EXISTS booking_status, table_status, table_mobility CASCADE;
DROP SCHEMA IF EXISTS clock CASCADE;
DROP EXTENSION IF EXISTS btree_gist CASCADE;
