-- Edges: odd arguments, odd floors, odd sessions, odd rights
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION menuca_seating;
\i :schema
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
CREATE FUNCTION id(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.md5(name)::uuid $$;
CREATE FUNCTION ids(VARIADIC names text[]) RETURNS uuid[] LANGUAGE sql IMMUTABLE AS $$ SELECT array_agg(md5(n)::uuid ORDER BY o) FROM unnest(names) WITH ORDINALITY u(n, o) $$;
-- room: four movable dining tables in one zone; other: one dining table; and floors that have little
INSERT INTO restaurants (id, name, timezone) SELECT id(r), r, 'Europe/London' FROM unnest('{room,other,empty,fixed,zero,nowhere,strange}'::text[]) r;
INSERT INTO zones (id, restaurant_id, name) SELECT id('zone ' || r), id(r), 'Main' FROM unnest('{room,other,empty,fixed,zero,strange}'::text[]) r;
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity, mobility)
SELECT id(r || ' ' || n), id(r), CASE WHEN r <> 'nowhere' THEN id('zone ' || r) END, 'T' || n, c, m::table_mobility
FROM (VALUES ('room', 1, 2, 'movable'), ('room', 2, 2, 'movable'), ('room', 3, 4, 'movable'), ('room', 4, 6, 'movable'), ('other', 1, 4, 'movable'),
	('fixed', 1, 4, 'fixed'), ('fixed', 2, 4, 'fixed'), ('zero', 1, 0, 'movable'), ('zero', 2, 2, 'movable'), ('zero', 3, 2, 'movable'), ('nowhere', 1, 2, 'movable'), ('nowhere', 2, 2, 'movable')) v(r, n, c, m);
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT id('booking ' || r), id(r), 4, 'pending', '2026-02-10 19:00+00' FROM unnest('{room,other,empty,fixed,zero,nowhere}'::text[]) r;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT id('booking ' || n), id('room'), 2, 'pending', '2026-02-11 19:00+00' FROM generate_series(1, 9) n;
INSERT INTO table_holds (id, restaurant_id, start_at, end_at, expires_at) VALUES (id('hold'), id('room'), '2026-02-10 19:00+00', '2026-02-10 21:00+00', 'infinity');
INSERT INTO table_hold_members VALUES (id('hold'), id('room 4'));
-- A call's rows without what depends on the clock, or its error with all that it says
CREATE FUNCTION says(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text; detail text; hint text;
BEGIN
	FOR line IN EXECUTE format('SELECT (to_jsonb(r) - ''{duration,hold_id,expires_at,table_ids,booking_id,score_parts}''::text[])::text FROM (%s) r', statement) LOOP
		RETURN NEXT line;
	END LOOP;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT SQLSTATE || ' ' || SQLERRM || concat(E'\n  ' || NULLIF(detail, ''), E'\n  ' || NULLIF(hint, ''));
END $$;
-- What a call ends with; it is undone
CREATE FUNCTION ends(statement text, OUT state text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	BEGIN
		EXECUTE statement;
		GET DIAGNOSTICS n = ROW_COUNT;
		RAISE EXCEPTION USING ERRCODE = 'AA000', MESSAGE = n::text;
	EXCEPTION WHEN SQLSTATE 'AA000' THEN
		message := SQLERRM;
	END;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
END $$;
-- Every function of the extension that SQL can call, with an argument for each parameter that works
CREATE VIEW parameters AS
SELECT p.oid AS function, p.proname::text AS name, a.n, a.n > p.pronargs - p.pronargdefaults AS has_default, p.provariadic <> 0 AND a.n = p.pronargs AS is_variadic, p.proargnames[a.n] AS parameter, format_type(a.type, NULL) AS type,
	CASE p.proargnames[a.n]
		WHEN 'restaurant' THEN format('%L::uuid', id('room')) WHEN 'booking' THEN format('%L::uuid', id('booking room')) WHEN 'hold' THEN format('%L::uuid', id('hold'))
		WHEN 'tables' THEN format('%L::uuid[]', CASE p.proname WHEN 'menuca_list_combination' THEN ids('room 3', 'room 4') ELSE ids('room 3') END) WHEN 'table_id' THEN format('%L::uuid', id('room 3')) WHEN 'zone' THEN format('%L::uuid', id('zone room'))
		WHEN 'party_size' THEN '4' WHEN 'start_at' THEN '''2026-02-10 19:00+00''::timestamptz' WHEN 'date' THEN '''2026-02-10''::date' WHEN 'settings' THEN '''{"k_max": 2}''::jsonb'
		WHEN 'capacity' THEN '4' WHEN 'min_party' THEN '1' WHEN 'max_party' THEN '4' WHEN 'move' THEN '''none''' WHEN 'ttl' THEN '''3 min''::interval' WHEN 'max_plans' THEN '5' WHEN 'dry_run' THEN 'true'
		WHEN 'lock_timeout' THEN '''1 s''::interval' WHEN 'duration' THEN '''2 hours''::interval' WHEN 'idempotency_key' THEN '''a key''' WHEN 'from_time' THEN '''18 hours''::interval' WHEN 'until_time' THEN '''20 hours''::interval'
		WHEN 'days' THEN '7' WHEN 'percent' THEN '10::numeric' WHEN 'level' THEN '1' WHEN 'undo' THEN 'false' WHEN 'environment' THEN '''production''' WHEN 'at' THEN '''2026-02-10 19:00+00''::timestamptz' WHEN 'distance' THEN '50::numeric'
		WHEN 'kind' THEN '''ticket''' WHEN 'note' THEN '''a note''' WHEN 'from_date' THEN '''2026-02-10''::date' WHEN 'force' THEN CASE a.type WHEN 'boolean'::regtype THEN 'false' ELSE 'NULL::text[]' END
		WHEN 'priority' THEN '1' WHEN 'prefers' THEN 'false' WHEN 'walk_ins_only' THEN 'true' WHEN 'weekdays' THEN '''{1}''::int[]' WHEN 'include_dominated' THEN 'true'
		ELSE 'NULL::' || format_type(a.type, NULL) END AS value
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension e ON d.refobjid = e.oid AND e.extname = 'menuca_seating',
	LATERAL unnest(p.proargtypes) WITH ORDINALITY a(type, n) WHERE p.prorettype <> 'trigger'::regtype;
-- A call of it; changed is the parameter that has another argument, or all
CREATE FUNCTION call_of(called oid, changed text DEFAULT NULL, other text DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$ SELECT format('SELECT * FROM public.%I(%s)', name, string_agg(format('%s%I => %s', CASE WHEN is_variadic THEN 'VARIADIC ' ELSE '' END, parameter, CASE WHEN parameter = changed OR changed = 'all' THEN format('%s::%s', other, type) ELSE value END), ', ' ORDER BY n)) FROM parameters WHERE function = called GROUP BY name $$;
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on
\set ECHO all

--
-- Parties: 0, less, none at all, more than the room has
--
SELECT p, says(format('SELECT table_numbers FROM menuca_plan_tables(%L, %L, %L)', id('room'), p, '2026-02-12 19:00+00')) FROM unnest('{0,-1,-2147483648,NULL,15,2147483647}'::int[]) p;
SELECT p, says(format('SELECT table_numbers FROM menuca_seat_walk_in(%L, %L, start_at => %L)', id('room'), p, '2026-02-10 19:00+00')) FROM unnest('{0,-1,NULL,15,2147483647}'::int[]) p;
SELECT p, says(format('SELECT table_numbers FROM menuca_hold_tables(%L, NULL, %L, party_size => %L)', id('room'), '2026-02-10 19:00+00', p)) FROM unnest('{0,-1,NULL,15,2147483647}'::int[]) p;
SELECT p, says(format('SELECT outcome FROM menuca_move_booking(%L, %L, %L)', id('booking 1'), '2026-02-11 19:00+00', p)) FROM unnest('{0,-1,15,2147483647}'::int[]) p;
-- All that the room has seats 14, with k_max 4
SELECT says(format('SELECT key, value FROM menuca_seating_set(%L, ''{"k_max": 4}'')', id('room')));
SELECT array_to_string(table_numbers, '+') FROM menuca_plan_tables(id('room'), 14, '2026-02-12 19:00+00');

--
-- Settings beyond their limits
--
SELECT s, says(format('SELECT key, value FROM menuca_seating_set(%L, %L)', id('room'), s)) FROM unnest(ARRAY['{"k_max": 0}', '{"k_max": 6}', '{"k_max": -1}', '{"k_max": 2.5}', '{"k_max": "3"}', '{"k_max": 1e20}', '{"max_overage": -1}', '{"buffer_after": -1}',
	'{"max_evaluations": 0}', '{"w_overage": 1e9}', '{"w_tables": 0.00001}', '{"adjacency": "next"}', '{"turn_times": {"0": 60}}', '{"turn_times": {"2": 0}}', '{"turn_times": {"two": 60}}', '{"turn_times": [60]}', '{"planner": 1}', '{"lookahead": "yes"}', '{}', '[]', 'null']) s;

--
-- Windows: none, empty, the wrong way round, beyond the calendar
--
SELECT a, d, says(format('SELECT table_numbers FROM menuca_plan_tables(%L, 6, %L, %L, max_plans => 1)', id('room'), a, d))
FROM (VALUES (NULL, '2 hours'), ('2026-02-10 19:00+00', NULL), ('2026-02-10 19:00+00', '0'), ('2026-02-10 19:00+00', '-2 hours'), ('2026-02-10 19:00+00', '24:00:01'), ('2026-02-10 19:00+00', '1 month'), ('infinity', '2 hours'), ('-infinity', '2 hours'),
	('294276-12-31 23:00+00', '2 hours'), ('4714-11-24 00:00+00 BC', '2 hours'), ('2026-02-10 19:00+00', '1 microsecond')) v(a, d);
UPDATE bookings SET end_at = start_at - interval '1 hour' WHERE id = id('booking 2');
UPDATE bookings SET end_at = start_at WHERE id = id('booking 3');
UPDATE bookings SET start_at = NULL WHERE id = id('booking 4');
UPDATE bookings SET end_at = start_at + interval '1 microsecond' WHERE id = id('booking 6');
SELECT n, says(format('SELECT outcome FROM menuca_auto_assign(%L)', id('booking ' || n))) FROM unnest('{2,3,4,6}'::int[]) n;
SELECT bookings, unreadable FROM menuca_day_result(id('room'), '2026-02-11');
SELECT d, says(format('SELECT bookings FROM menuca_day_result(%L, %L)', id('room'), d)) FROM unnest('{infinity,-infinity,4714-11-24 BC,294276-12-31,0001-01-01}'::date[]) d;
UPDATE bookings SET start_at = '2026-02-11 19:00+00', end_at = NULL WHERE id IN (SELECT id('booking ' || n) FROM generate_series(2, 6) n);

--
-- Floors that have little: no dining tables, fixed ones only, no seats, no zone
--
SELECT r, (SELECT string_agg(array_to_string(table_numbers, '+'), ' ' ORDER BY plan_no) FROM menuca_plan_tables(id(r), 4, '2026-02-10 19:00+00')) AS four, (SELECT string_agg(array_to_string(table_numbers, '+'), ' ' ORDER BY plan_no) FROM menuca_plan_tables(id(r), 2, '2026-02-10 19:00+00', include_dominated => true)) AS two
FROM unnest('{empty,fixed,zero,nowhere}'::text[]) r;
UPDATE bookings SET party_size = 8 WHERE id = id('booking fixed');
SELECT r, says(format('SELECT outcome, table_numbers, reason FROM menuca_auto_assign(%L)', id('booking ' || r))) FROM unnest('{empty,fixed,zero,nowhere}'::text[]) r;
SELECT r, says(format('SELECT bookings, seated, bound, proven, score FROM menuca_day_result(%L, ''2026-02-10'')', id(r))) FROM unnest('{empty,fixed,zero,nowhere,strange}'::text[]) r;
SELECT r, says(format('SELECT seated, settings_tried FROM menuca_replay_day(%L, ''2026-02-10'')', id(r))) FROM unnest('{empty,fixed,zero,nowhere,strange}'::text[]) r;
SELECT says(format('SELECT table_numbers FROM menuca_seat_walk_in(%L, 2, start_at => ''2026-02-10 19:00+00'')', id('empty')));
-- Seats below 0, and by the million
UPDATE table_inventory SET capacity = -4 WHERE id = id('zero 1');
SELECT table_numbers, capacity FROM menuca_plan_tables(id('zero'), 2, '2026-02-12 19:00+00', include_dominated => true);
UPDATE table_inventory SET capacity = 2147483647 WHERE restaurant_id = id('zero');
SELECT says(format('SELECT table_numbers, capacity FROM menuca_plan_tables(%L, 2, ''2026-02-12 19:00+00'')', id('zero')));
SELECT says(format('SELECT table_numbers, capacity, overage, score FROM menuca_plan_tables(%L, 2147483647, ''2026-02-12 19:00+00'', max_plans => 1)', id('zero')));
SELECT says(format('SELECT table_numbers FROM menuca_seat_walk_in(%L, 4, tables => %L, start_at => ''2026-02-13 19:00+00'', force => ''{overage}'')', id('zero'), ids('zero 1', 'zero 2')));
UPDATE table_inventory SET capacity = 1073741824 WHERE restaurant_id = id('zero');
SELECT says(format('SELECT table_numbers, overage FROM menuca_plan_tables(%L, 2147483647, ''2026-02-12 19:00+00'')', id('zero')));
-- Counted or not, a listed set is one plan
SELECT count(menuca_list_combination(id('zero'), ids('zero 1', 'zero 2'), 2147483647, 1, 2147483647)), count(*) FROM menuca_seating_set(id('zero'), '{"combinations": "both"}');
SELECT table_numbers, total_plans, complete FROM menuca_plan_tables(id('zero'), 2147483647, '2026-02-12 19:00+00', include_dominated => true);
SELECT count(*) FROM menuca_seating_set(id('zero'), '{"max_evaluations": 1}');
SELECT table_numbers, total_plans, complete FROM menuca_plan_tables(id('zero'), 2147483647, '2026-02-12 19:00+00', include_dominated => true);
DELETE FROM menuca_listed_combination;
-- A dining table without a zone is never combined, not by a list either, nor is one of another restaurant
SELECT says(format('SELECT outcome FROM menuca_assign_tables(%L, %L)', id('booking nowhere'), ids('nowhere 1', 'nowhere 2')));
SELECT says(format('SELECT * FROM menuca_list_combination(%L, %L, 4, 1, 4)', id('nowhere'), ids('nowhere 1', 'nowhere 2')));
SELECT count(*) AS plans FROM menuca_seating_set(id('nowhere'), '{"combinations": "both"}'), menuca_plan_tables(id('nowhere'), 4, '2026-02-10 19:00+00');
SELECT f, says(format(f, id('booking room'), ids('other 1'), id('room'), ids('room 1', 'other 1'))) FROM unnest(ARRAY['SELECT outcome FROM menuca_assign_tables(%L, %L)', 'SELECT outcome FROM menuca_assign_tables(%1$L, %4$L, force => ''{zone,overage}'')',
	'SELECT outcome FROM menuca_move_booking(%L, ''2026-02-10 20:00+00'', tables => %L)', 'SELECT outcome FROM menuca_lock_booking(%L, %L)', 'SELECT outcome FROM menuca_lock_booking(%L, %L, prefers => true)', 'SELECT table_numbers FROM menuca_hold_tables(%3$L, %2$L, ''2026-02-10 19:00+00'', party_size => 2)',
	'SELECT table_numbers FROM menuca_seat_walk_in(%3$L, 2, tables => %2$L)', 'SELECT menuca_list_combination(%3$L, %4$L, 6, 1, 6)', 'SELECT table_numbers FROM menuca_plan_tables(%3$L, 2, ''2026-02-10 19:00+00'', zone => md5(''zone other'')::uuid)',
	'SELECT outcome FROM menuca_auto_assign(%L, zone => md5(''zone other'')::uuid)']) f;

--
-- Edges of the graph: loops, doubles, other zones' and other restaurants', those of dining tables that are out of service
--
SELECT count(*) FROM menuca_seating_set(id('room'), '{"adjacency": "connected"}');
INSERT INTO zones (id, restaurant_id, name) VALUES (id('zone patio'), id('room'), 'Patio');
UPDATE table_inventory SET zone_id = id('zone patio') WHERE id = id('room 4');
INSERT INTO table_adjacencies SELECT id(a), id(b) FROM (VALUES ('room 1', 'room 1'), ('room 1', 'other 1'), ('other 1', 'room 2'), ('room 3', 'room 4'), ('room 4', 'room 1')) e(a, b);
SELECT count(*) AS plans FROM menuca_plan_tables(id('room'), 8, '2026-02-12 19:00+00');
SELECT count(*) AS plans FROM menuca_plan_tables(id('room'), 4, '2026-02-12 19:00+00', include_dominated => true) WHERE tables > 1;
INSERT INTO table_adjacencies SELECT id(a), id(b) FROM (VALUES ('room 1', 'room 2'), ('room 2', 'room 1'), ('room 2', 'room 2')) e(a, b);
SELECT table_numbers, adjacency, total_plans FROM menuca_plan_tables(id('room'), 4, '2026-02-12 19:00+00', include_dominated => true) WHERE tables > 1;
-- Two are only connected by a third, which does not connect when it is out of service, or not one of them
INSERT INTO table_adjacencies VALUES (id('room 2'), id('room 3'));
SELECT table_numbers, adjacency FROM menuca_plan_tables(id('room'), 6, '2026-02-12 19:00+00', include_dominated => true) WHERE tables > 1;
UPDATE table_inventory SET status = 'out_of_service' WHERE id = id('room 2');
SELECT table_numbers, adjacency FROM menuca_plan_tables(id('room'), 6, '2026-02-12 19:00+00', include_dominated => true) WHERE tables > 1;
UPDATE table_inventory SET status = 'available', zone_id = id('zone room') WHERE restaurant_id = id('room');
SELECT count(*) FROM menuca_seating_set(id('room'), '{"adjacency": null}');

--
-- Names and numbers with quotes and worse
--
CREATE SCHEMA "it's ""odd"" %s $1 \";
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT id('strange ' || n), id('strange'), id('zone strange'), t, 4 FROM unnest(ARRAY[E'it''s', E'"quoted"', '%s %n $1', E'a\\b', E'new\nline', 'a,b{c}', 'NULL', '', ' ', 'Tür 7', '🍕']) WITH ORDINALITY u(t, n);
UPDATE zones SET name = E'Gr''ün "%s"' WHERE id = id('zone strange');
UPDATE restaurants SET name = E'O''Hara''s "%s"' WHERE id = id('strange');
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT id('strange booking ' || n), id('strange'), 4, 'pending', '2026-02-10 19:00+00' FROM generate_series(1, 11) n;
SELECT plan_no, table_numbers FROM menuca_plan_tables(id('strange'), 4, '2026-02-10 19:00+00') ORDER BY 1;
SELECT outcome, table_numbers FROM menuca_assign_tables(id('strange booking 1'), ids('strange 1'), E'it''s a "key" %s \\');
SELECT says(format('SELECT outcome FROM menuca_assign_tables(%L, %L)', id('strange booking 2'), ids('strange 1')));
SELECT n, says(format('SELECT outcome FROM menuca_assign_tables(%L, %L)', id('strange booking 2'), ids('strange 2', 'strange ' || n))) FROM generate_series(3, 4) n;
SELECT outcome, table_numbers, reason FROM menuca_auto_assign_day(id('strange'), '2026-02-10', false) ORDER BY table_numbers COLLATE "C";
SELECT says(format('SELECT table_numbers FROM menuca_seat_walk_in(%L, 4, start_at => ''2026-02-12 19:00+00'', details => %L)', id('strange'), '{"it''s \"odd\"": 1}'));
-- A schema whose name is odd, too
CREATE PROCEDURE move_to(schema text) LANGUAGE plpgsql AS $$
DECLARE
	r regclass;
BEGIN
	FOR r IN SELECT c.oid FROM pg_class c WHERE c.relname = ANY ('{restaurants,zones,table_inventory,table_adjacencies,bookings,booking_table_assignments,table_holds,table_hold_members}') AND c.relkind = 'r' LOOP
		EXECUTE format('ALTER TABLE %s SET SCHEMA %I', r, schema);
	END LOOP;
END $$;
CALL move_to('it''s "odd" %s $1 \');
SET menuca.seating_schema = 'it''s "odd" %s $1 \';
SELECT says(format('SELECT table_numbers FROM menuca_plan_tables(%L, 4, %L)', id('room'), '2026-02-12 19:00+00'));
SELECT says(format('SELECT outcome, table_numbers FROM menuca_assign_tables(%L, %L)', id('booking 9'), ids('room 2')));
SELECT says(format('SELECT outcome FROM menuca_assign_tables(%L, %L)', id('booking 8'), ids('room 2')));
SELECT says(format('SELECT outcome, status FROM menuca_unassign_tables(%L)', id('booking 9')));
SELECT says(format('SELECT bookings, seated FROM menuca_day_result(%L, ''2026-02-11'')', id('room')));
RESET menuca.seating_schema;
CALL move_to('public');
SELECT s, says(format('SELECT count(*) FROM set_config(''menuca.seating_schema'', %L, true), menuca_plan_tables(%L, 4, %L)', s, id('room'), '2026-02-10 19:00+00')) FROM unnest(ARRAY['', ' ', 'nowhere', 'PUBLIC', '"public"', 'public, pg_catalog']) s;

--
-- The session: its time zone, its styles, its path and its planner settings change nothing
--
CREATE SCHEMA evil;
CREATE FUNCTION evil.same(uuid, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR evil.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.same);
CREATE FUNCTION evil.sum(integer) RETURNS integer LANGUAGE sql AS 'SELECT 666';
CREATE TABLE evil.zones (id uuid, restaurant_id uuid, name text, active boolean);
CREATE TABLE evil.menuca_seating_setting (restaurant_id uuid, key text, value jsonb);
INSERT INTO evil.menuca_seating_setting VALUES (NULL, 'k_max', '1');
-- What is read under a setting is compared with what is read without it
CREATE FUNCTION under(setting text, value text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	result boolean;
BEGIN
	PERFORM set_config(setting, value, true);
	CREATE TEMP TABLE seen ON COMMIT DROP AS SELECT p.table_ids, p.score FROM public.menuca_plan_tables(public.id('room'), 4, timestamptz '2026-02-12 19:00+00', '2 hours', include_dominated => true) p;
	CREATE TEMP TABLE seen_day ON COMMIT DROP AS SELECT d.booking, d.start_at, d.table_ids FROM public.menuca_auto_assign_day(public.id('room'), date '2026-02-11') d;
	CREATE TEMP TABLE seen_result ON COMMIT DROP AS SELECT r.seated, r.service_day, r.score FROM public.menuca_day_result(public.id('room'), date '2026-02-11') r;
	PERFORM set_config('search_path', 'public', true), set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true), set_config('IntervalStyle', 'postgres', true);
	result := md5((SELECT string_agg(s::text, ' ') FROM seen s) || (SELECT string_agg(s::text, ' ') FROM seen_day s) || (SELECT string_agg(s::text, ' ') FROM seen_result s)) =
		md5((SELECT string_agg(ROW(p.table_ids, p.score)::text, ' ') FROM menuca_plan_tables(id('room'), 4, timestamptz '2026-02-12 19:00+00', '2 hours', include_dominated => true) p) ||
			(SELECT string_agg(ROW(d.booking, d.start_at, d.table_ids)::text, ' ') FROM menuca_auto_assign_day(id('room'), date '2026-02-11') d) || (SELECT string_agg(ROW(r.seated, r.service_day, r.score)::text, ' ') FROM menuca_day_result(id('room'), date '2026-02-11') r));
	DROP TABLE seen, seen_day, seen_result;
	RETURN result;
END $$;
SET client_min_messages = warning;
SELECT s, v, under(s, v) AS same FROM (VALUES ('TimeZone', 'Pacific/Kiritimati'), ('TimeZone', 'America/St_Johns'), ('DateStyle', 'SQL, DMY'), ('DateStyle', 'German'), ('IntervalStyle', 'iso_8601'), ('search_path', ''), ('search_path', 'evil, public, pg_catalog'),
	('search_path', 'evil, pg_temp'), ('standard_conforming_strings', 'off'), ('array_nulls', 'off'), ('transform_null_equals', 'on'), ('extra_float_digits', '-15'), ('enable_indexscan', 'off'), ('enable_seqscan', 'off'),
	('quote_all_identifiers', 'on'), ('plan_cache_mode', 'force_generic_plan'), ('row_security', 'off'), ('default_transaction_isolation', 'serializable'), ('work_mem', '64kB'), ('max_parallel_workers_per_gather', '8'), ('xmloption', 'document')) v(s, v);
RESET client_min_messages;
RESET search_path;

--
-- Bookings that say too little, or too much: no party, no status, a party beyond integer, a date without a time
--
BEGIN;
ALTER TABLE bookings ALTER party_size DROP NOT NULL, ALTER status DROP NOT NULL, ALTER party_size TYPE bigint, ADD booking_date date, ADD start_time time;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, booking_date, start_time)
SELECT id('odd ' || n), id('room'), p, s::booking_status, a::timestamptz, d::date, t::time
FROM (VALUES (1, NULL, 'pending', '2026-02-14 19:00+00', NULL, NULL), (2, 4, NULL, '2026-02-14 19:00+00', NULL, NULL), (3, 3000000000, 'pending', '2026-02-14 19:00+00', NULL, NULL), (4, -3000000000, 'confirmed', '2026-02-14 19:00+00', NULL, NULL),
	(5, 4, 'pending', NULL, '2026-02-14', NULL), (6, 4, 'pending', NULL, '2026-02-15', NULL), (7, 4, 'pending', NULL, '2026-02-14', '19:00'), (8, NULL, 'pending', NULL, '2026-02-15', '04:59'), (9, NULL, 'pending', NULL, '2026-02-15', '05:00'),
	(10, NULL, NULL, NULL, NULL, NULL), (11, 2147483647, 'pending', '2026-02-14 19:00+00', NULL, NULL), (12, 4, 'pending', NULL, NULL, NULL)) v(n, p, s, a, d, t);
SELECT n, says(format(f, id('odd ' || n), ids('room 3'))) FROM unnest('{1,2,3,4,5,10}'::int[]) n, unnest('{SELECT outcome\, reason FROM menuca_auto_assign(%L),"SELECT outcome FROM menuca_assign_tables(%L, %L)"}'::text[]) f ORDER BY 1, f COLLATE "C";
SELECT f, says(format(f, id('odd 1'), ids('room 3'), id('hold'), id('room'))) FROM unnest(ARRAY['SELECT outcome FROM menuca_move_booking(%L, ''2026-02-14 20:00+00'')', 'SELECT outcome FROM menuca_lock_booking(%L, %L)', 'SELECT * FROM menuca_hold_tables(%4$L, %2$L, ''2026-02-14 19:00+00'', booking => %1$L)', 'SELECT outcome FROM menuca_confirm_hold(%3$L, %1$L)', 'SELECT outcome, status FROM menuca_unassign_tables(%L)']) f;
SELECT says(format('SELECT outcome, status FROM menuca_unassign_tables(%L)', id('odd 10')));
-- Those of the day are named with what is wrong with each, and the others are seated; 4:59 is the evening before
SELECT d, (SELECT n FROM generate_series(1, 12) n WHERE id('odd ' || n) = booking) AS n, party_size, start_at, outcome, table_numbers, reason FROM unnest('{2026-02-13,2026-02-14,2026-02-15}'::date[]) d, menuca_auto_assign_day(id('room'), d) ORDER BY 1, 2;
SELECT outcome, count(*) FROM menuca_auto_assign_day(id('room'), '2026-02-14', false) GROUP BY 1 ORDER BY 1;
SELECT bookings, seated, kept, unreadable FROM menuca_day_result(id('room'), '2026-02-14');
SELECT bookings, seated, unreadable FROM menuca_replay_day(id('room'), '2026-02-14');
SELECT count(*) AS plans, sum(future_conflicts) FROM menuca_plan_tables(id('room'), 4, '2026-02-14 19:00+00');
ROLLBACK;

-- Dining tables of a size that no integer has are as large, or as small, as integers are
BEGIN;
ALTER TABLE table_inventory ALTER capacity TYPE bigint, ALTER min_party_size TYPE bigint, ALTER max_party_size TYPE numeric;
UPDATE table_inventory SET capacity = 3000000000 WHERE id = id('zero 1');
UPDATE table_inventory SET capacity = -3000000000 WHERE id = id('zero 2');
UPDATE table_inventory SET capacity = 4, min_party_size = CASE WHEN id = id('room 1') THEN 3000000000 ELSE 1 END, max_party_size = CASE WHEN id = id('room 2') THEN -3000000000 WHEN id = id('room 3') THEN 3e20 END WHERE restaurant_id = id('room');
SELECT table_numbers, capacity FROM menuca_plan_tables(id('zero'), 2147483647, '2026-02-12 19:00+00', max_plans => 1);
SELECT table_numbers FROM menuca_plan_tables(id('room'), 4, '2026-02-12 19:00+00');
SELECT outcome, table_numbers FROM menuca_auto_assign(id('booking 5'));
ROLLBACK;

--
-- Time zones: a name of pg_timezone_names, in whatever case, and nothing else
--
BEGIN;
ALTER TABLE restaurants ALTER timezone DROP NOT NULL;
CREATE FUNCTION in_zone(zone_name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	UPDATE restaurants SET timezone = zone_name WHERE id = id('other');
	RETURN QUERY SELECT says(format('SELECT bookings, seated FROM menuca_day_result(%L, ''2026-02-10'')', id('other')));
END $$;
SELECT z, in_zone(z) FROM unnest('{UTC,utc,GMT,Etc/GMT+5,etc/gmt-14,Europe/London,europe/LONDON,America/Argentina/Buenos_Aires}'::text[]) z;
SELECT in_zone('XYZ+3');
SELECT in_zone(NULL);
SELECT left(z, 30), left(s, 5) FROM unnest(ARRAY['xyz3', 'UTC+25', 'UTC+3', 'GMT+1', 'EST5', 'EST5EDT4', 'EST5EDT,M3.2.0,M11.1.0', '<+03>-3', '<x>3', 'Foo/Bar', 'Foo/Bar3', 'Europe/London+1', 'Europe/London ', ' Europe/London', ':Europe/London', 'Europe//London', '/Europe/London', '../Europe/London',
	'Europe', 'BST', 'PDT', '+01', '-05:00', '3', 'localtime3', '', ' ', repeat('Europe/', 100), 'Zürich', E'Europe/London\n']) z, in_zone(z) s;
-- Every name that the server lists is one
SELECT count(*) > 300 AS many, count(*) FILTER (WHERE in_zone NOT LIKE '{"seated":%') AS refused FROM pg_timezone_names, in_zone(name);
ROLLBACK;

--
-- Idempotency keys: as long as an id is, not as long as a book
--
SELECT n, says(format(f, id('booking 5'), ids('room 3'), id('hold'), repeat('ü', n))) FROM unnest('{201,1000000}'::int[]) n, unnest(ARRAY['SELECT outcome FROM menuca_assign_tables(%L, %L, %4$L)', 'SELECT outcome FROM menuca_auto_assign(%L, %4$L)', 'SELECT outcome FROM menuca_confirm_hold(%3$L, %1$L, %4$L)']) f;
SELECT n, says(format('SELECT outcome FROM menuca_auto_assign(%L, %L)', id('booking 5'), repeat('🍕', n))) FROM unnest('{0,200,200}'::int[]) n;
SELECT says(format('SELECT outcome FROM menuca_auto_assign(%L, %L)', id('booking 5'), E' \t'));
SELECT says(format('SELECT outcome, status FROM menuca_unassign_tables(%L)', id('booking 5')));

--
-- A wish that breaks a rule, for which there is no force; a priority that is not given
--
SELECT says(format('SELECT outcome FROM menuca_lock_booking(%L, %L, prefers => true)', id('booking 5'), ids('room 4')));
SELECT says(format('SELECT outcome FROM menuca_lock_booking(%L, %L)', id('booking 5'), ids('room 4')));
SELECT says(format('SELECT outcome FROM menuca_lock_booking(%L, prefers => true, priority => NULL)', id('booking 5')));
SELECT c, says(format('SELECT outcome, table_numbers, priority_of_booking FROM menuca_lock_booking(%L, ' || c || ')', id('booking 5'), ids('room 2'))) FROM unnest(ARRAY['prefers => true, priority => 7', 'prefers => true, priority => NULL', '%L, priority => NULL', 'prefers => true, priority => 0', '%L', 'prefers => true, priority => NULL']) c;
SELECT menuca_unlock_booking(id('booking 5'));
SELECT says(format('SELECT outcome, status FROM menuca_unassign_tables(%L)', id('booking 5')));

--
-- Times of days that no clock has, and preferences that end, or never were
--
SELECT d, says(format('SELECT * FROM menuca_prefer_table(%L, 1, until_time => %L)', id('room 1'), d)) FROM unnest('{213503983 days,-213503982 days,2 days,48:00:00.000001,1 day 24:00}'::interval[]) d;
SELECT p, menuca_prefer_table(id('room 2'), p) IS NULL AS ended FROM unnest('{0,3,5,0,0}'::int[]) p;
SELECT what, (restaurant_id = id('room')) AS of_the_room, before - '{table_id,preference_id,weekdays,from_time,walk_ins_only}'::text[], after - '{table_id,weekdays,from_time,walk_ins_only}'::text[] FROM menuca_seating_change WHERE what = 'preference' ORDER BY change_id;
DELETE FROM menuca_table_preference;

--
-- A wish for a long list, of which hundreds of parts would do: granted, but by the day not at the cost of another's seat
--
BEGIN;
INSERT INTO restaurants (id, name, timezone) VALUES (id('round'), 'Round', 'UTC');
INSERT INTO zones (id, restaurant_id, name) VALUES (id('zone round'), id('round'), 'Main');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT id('round ' || n), id('round'), id('zone round'), 'R' || n, 2 FROM generate_series(11, 24) n;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT id('booking round ' || n), id('round'), 10, 'pending', '2026-02-10 19:00+00' FROM generate_series(1, 2) n;
SELECT count(*) FROM menuca_seating_set(id('round'), '{"combinations": "both", "k_max": 5}');
SELECT menuca_list_combination(id('round'), (SELECT array_agg(id('round ' || n)) FROM generate_series(11, 22) n), 10, 9, 10) IS NOT NULL AS listed;
SELECT outcome, table_numbers FROM menuca_lock_booking(id('booking round 1'), (SELECT array_agg(id('round ' || n)) FROM generate_series(11, 22) n), prefers => true);
SELECT outcome, table_numbers, score FROM menuca_auto_assign_day(id('round'), '2026-02-10') WHERE booking = id('booking round 1');
SELECT outcome, table_numbers, score FROM menuca_auto_assign(id('booking round 1'), 'wish');
SELECT outcome, score FROM menuca_auto_assign(id('booking round 1'), 'wish');
SELECT outcome, table_numbers FROM menuca_move_booking(id('booking round 1'), '2026-02-10 20:00+00');
ROLLBACK;

--
-- Where each of ten thousand plans takes another's last one, the search for a better plan ends, and says so
--
BEGIN;
INSERT INTO restaurants (id, name, timezone) VALUES (id('hall'), 'Hall', 'UTC');
INSERT INTO zones (id, restaurant_id, name) VALUES (id('zone hall'), id('hall'), 'Main');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT id('hall ' || n), id('hall'), id('zone hall'), 'H' || n, CASE n WHEN 100 THEN 12 ELSE 2 END FROM generate_series(100, 160) n;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT id('booking hall ' || n), id('hall'), CASE n WHEN 1 THEN 18 ELSE 12 END, 'pending', '2026-02-10 19:00+00' FROM generate_series(1, 2) n;
SELECT count(*) FROM menuca_seating_set(id('hall'), '{"k_max": 5, "lookahead": true}');
SELECT table_numbers, score, future_conflicts, total_plans, complete FROM menuca_plan_tables(id('hall'), 18, '2026-02-10 19:00+00', booking => id('booking hall 1'), max_plans => 1);
UPDATE table_inventory SET capacity = 12 WHERE id = id('hall 101');
SELECT table_numbers, score, future_conflicts, total_plans, complete FROM menuca_plan_tables(id('hall'), 18, '2026-02-10 19:00+00', booking => id('booking hall 1'), max_plans => 1);
ROLLBACK;

--
-- The call that a refusal proposes asks for the same as the one that was refused
--
SELECT f, says(format(f, id('room'), ids('room 4'), id('booking 5'), id('zone room'))) FROM unnest(ARRAY['SELECT * FROM menuca_hold_tables(%L, %L, ''2026-02-12 19:00+00'', ''90 min'', 2, %L, ''10 min'')', 'SELECT * FROM menuca_hold_tables(%L, NULL, ''2026-02-12 19:00+00'', ''90 min'', 15, ttl => ''10 min'')',
	'SELECT * FROM menuca_seat_walk_in(%1$L, 2, ''45 min'', %2$L, %4$L, ''2026-02-12 19:00+00'', details => ''{}'')', 'SELECT * FROM menuca_seat_walk_in(%1$L, 15, ''45 min'', zone => %4$L, start_at => ''2026-02-12 19:00+00'')', 'SELECT * FROM menuca_move_booking(%3$L, ''2026-02-12 19:00+00'', 2, ''45 min'', %2$L)']) f;
BEGIN;
SELECT outcome FROM menuca_auto_assign(id('booking 5'));
SELECT says(format('SELECT * FROM menuca_move_booking(%L, ''2026-02-12 19:00+00'', 15, ''45 min'')', id('booking 5')));
ROLLBACK;

--
-- READ ONLY: all that reads answers, all that writes says so
--
SET client_min_messages = warning;
BEGIN READ ONLY;
SELECT name, e.state, e.message FROM (SELECT DISTINCT function, name FROM parameters) f, ends(call_of(function)) e ORDER BY 1;
COMMIT;
RESET client_min_messages;

--
-- REPEATABLE READ and SERIALIZABLE: what the transaction sees is what counts, and it is asked again under locks
--
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT outcome, table_numbers FROM menuca_auto_assign(id('booking 7'));
SELECT outcome, table_numbers FROM menuca_move_booking(id('booking 7'), '2026-02-11 20:00+00', 4);
SELECT outcome FROM menuca_unassign_tables(id('booking 7'));
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT outcome, count(*) FROM menuca_auto_assign_day(id('room'), '2026-02-11', false) GROUP BY 1 ORDER BY 1;
SELECT outcome, count(*) FROM menuca_auto_assign_day(id('room'), '2026-02-11', false, 'unlocked') GROUP BY 1 ORDER BY 1;
ROLLBACK;

--
-- NULL for every argument of every function, one by one and all at once: an error in words, or an answer
--
SET client_min_messages = warning;
CREATE TABLE nulls AS SELECT f.name, p.parameter, e.* FROM (SELECT DISTINCT function, name FROM parameters) f, LATERAL (SELECT parameter FROM parameters p WHERE p.function = f.function UNION ALL SELECT 'all') p, ends(call_of(f.function, p.parameter, 'NULL')) e;
SELECT name, string_agg(parameter || ' ' || COALESCE(state, 'answers'), ', ' ORDER BY parameter) FROM nulls GROUP BY 1 ORDER BY 1;
SELECT * FROM nulls WHERE state LIKE 'XX%' OR message = '' OR message ~ 'cache lookup|unexpected|assert';
-- Which of them say what was wrong, each once
SELECT DISTINCT state, message, hint FROM nulls WHERE state IS NOT NULL ORDER BY 1, 2, 3;
-- Arguments from the ends of their types
CREATE TABLE extremes AS SELECT f.name, p.parameter, v.value, e.* FROM (SELECT DISTINCT function, name FROM parameters) f JOIN parameters p ON p.function = f.function
JOIN (VALUES ('integer', '''-2147483648'''), ('integer', '2147483647'), ('integer', '0'), ('interval', '''-178000000 years'''), ('interval', '''178000000 years'''), ('interval', '''2147483647 days'''), ('interval', '''2562047788:00:54'''), ('interval', '''-1 microsecond'''), ('interval', '''0'''), ('interval', '''1 mon -31 days'''),
	('timestamp with time zone', '''infinity'''), ('timestamp with time zone', '''-infinity'''), ('timestamp with time zone', '''294276-12-31 23:59:59.999999+00'''), ('timestamp with time zone', '''4714-11-24 00:00+00 BC'''), ('date', '''infinity'''), ('date', '''4714-11-24 BC'''),
	('uuid[]', '''{}'''), ('uuid[]', '''{NULL}'''), ('uuid[]', '''{{00000000-0000-0000-0000-000000000001},{00000000-0000-0000-0000-000000000002}}'''), ('uuid[]', '''[5:5]={00000000-0000-0000-0000-000000000001}'''), ('uuid[]', 'array_fill(''00000000-0000-0000-0000-000000000001''::uuid, ARRAY[100000])'),
	('uuid[]', '(SELECT array_agg(md5(g::text)::uuid) FROM generate_series(1, 10000) g)'), ('integer[]', '''{}'''), ('integer[]', '''{NULL}'''), ('integer[]', '''{0}'''), ('integer[]', '''{8}'''), ('integer[]', '''{{1,2},{3,4}}'''), ('integer[]', '''{1,1}'''), ('text[]', '''{}'''), ('text[]', '''{NULL}'''), ('text[]', '''{""}'''), ('text[]', '''{{k,k},{k,k}}'''), ('text[]', '''{capacity}'''),
	('text', ''''''), ('text', 'repeat(''x'', 1000000)'), ('jsonb', '''null'''), ('jsonb', '''[]'''), ('jsonb', '''[null]'''), ('jsonb', '''[[{}]]'''), ('jsonb', '''"x"'''), ('jsonb', '''{"": 1}'''), ('jsonb', '''{"k_max": {}}'''), ('jsonb', '''{"k_max": 99999999999999999999}'''), ('jsonb', '''{"w_tables": 1e1000}'''), ('jsonb', '(''{"turn_times": {'' || (SELECT string_agg(format(''"%s": 60'', g), '','') FROM generate_series(1, 101) g) || ''}}'')')) v(type, value) ON v.type = p.type, ends(call_of(f.function, p.parameter, v.value)) e;
SELECT count(*) > 250 AS many, count(DISTINCT state) >= 4 AS kinds FROM extremes;
SELECT name, parameter, left(value, 20), state FROM extremes WHERE state LIKE 'XX%' OR state LIKE '42%' OR state LIKE '5%' OR message = '' OR message ~ 'cache lookup|unexpected|assert' ORDER BY 1, 2, 3;
SELECT name, parameter, string_agg(DISTINCT COALESCE(state, 'answers'), ' ' ORDER BY COALESCE(state, 'answers')) FROM extremes GROUP BY 1, 2 ORDER BY 1, 2;
RESET client_min_messages;

--
-- Rights: nothing is public; EXECUTE alone gives nothing but SQL's own refusal
--
CREATE ROLE regress_seating_guest;
GRANT USAGE ON SCHEMA public TO regress_seating_guest;
GRANT SELECT ON parameters TO regress_seating_guest;
SET client_min_messages = warning;
SET ROLE regress_seating_guest;
SELECT e.state, regexp_replace(e.message, 'menuca_\w+', '...') AS message, count(*) FROM (SELECT DISTINCT function FROM parameters) f, ends(call_of(function)) e GROUP BY 1, 2;
SELECT says('SELECT count(*) FROM menuca_seating_settings');
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO regress_seating_guest;
SET ROLE regress_seating_guest;
SELECT name, e.state, e.message FROM (SELECT DISTINCT function, name FROM parameters) f, ends(call_of(function)) e ORDER BY 1;
RESET ROLE;
-- With the right to read all, what reads answers
GRANT SELECT ON ALL TABLES IN SCHEMA public TO regress_seating_guest;
SET ROLE regress_seating_guest;
SELECT name, e.state, e.message FROM (SELECT DISTINCT function, name FROM parameters) f, ends(call_of(function)) e ORDER BY 1;
RESET ROLE;

--
-- Row security on any table that is read: refused, never miscounted
--
GRANT ALL ON ALL TABLES IN SCHEMA public TO regress_seating_guest;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO regress_seating_guest;
CREATE TABLE secured (relation text, name text, state text, message text);
GRANT ALL ON secured TO regress_seating_guest;
DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY '{restaurants,zones,table_inventory,table_adjacencies,bookings,booking_table_assignments,table_holds,table_hold_members}'::text[] LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', r);
		SET LOCAL ROLE regress_seating_guest;
		INSERT INTO secured SELECT r, name, e.state, e.message FROM (SELECT DISTINCT function, name FROM parameters) f, ends(call_of(function)) e;
		RESET ROLE;
		EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', r);
	END LOOP;
END $$;
SELECT relation, count(*) FILTER (WHERE state IS NULL) AS answer, string_agg(DISTINCT state, ' ') AS states, string_agg(name, ' ' ORDER BY name) FILTER (WHERE state IS NULL) AS which FROM secured GROUP BY 1 ORDER BY 1;
SELECT DISTINCT message FROM secured WHERE relation = 'zones' ORDER BY 1;
-- Whom row security does not concern is not refused
ALTER TABLE zones ENABLE ROW LEVEL SECURITY;
SELECT count(*) AS plans FROM menuca_plan_tables(id('room'), 6, '2026-02-12 19:00+00');
ALTER TABLE zones DISABLE ROW LEVEL SECURITY;
RESET client_min_messages;

--
-- A users' table that is renamed, dropped, or made otherwise between two calls of a session
--
CREATE FUNCTION plan_and_day() RETURNS SETOF text LANGUAGE sql AS $$ SELECT says(format('SELECT table_numbers FROM menuca_plan_tables(%L, 6, ''2026-02-12 19:00+00'', max_plans => 1)', id('room'))) UNION ALL SELECT says(format('SELECT seated FROM menuca_day_result(%L, ''2026-02-11'')', id('room'))) $$;
SELECT plan_and_day();
ALTER TABLE zones RENAME TO areas;
SELECT plan_and_day();
ALTER TABLE areas RENAME TO zones;
ALTER TABLE table_inventory RENAME capacity TO seats;
SELECT plan_and_day();
ALTER TABLE table_inventory RENAME seats TO capacity;
ALTER TABLE table_inventory DROP min_party_size, DROP max_party_size, DROP position;
SELECT plan_and_day();
ALTER TABLE table_inventory ALTER capacity TYPE smallint USING 4;
ALTER TABLE bookings ALTER party_size TYPE bigint, ALTER status DROP DEFAULT, ALTER status TYPE text;
SELECT plan_and_day();
UPDATE bookings SET status = 'seated' WHERE id = id('booking 8');
SELECT says(format('SELECT outcome, reason FROM menuca_auto_assign(%L)', id('booking 8')));
ALTER TABLE table_inventory ALTER capacity DROP NOT NULL, ALTER table_number DROP NOT NULL;
UPDATE table_inventory SET capacity = NULL WHERE id = id('room 1');
UPDATE table_inventory SET table_number = NULL WHERE id = id('room 2');
SELECT plan_and_day();
DROP TABLE table_hold_members, table_holds;
SELECT plan_and_day();
DROP TABLE table_adjacencies;
SELECT plan_and_day();
DROP TABLE booking_table_assignments;
SELECT plan_and_day();
DROP TABLE bookings CASCADE;
SELECT plan_and_day();
DROP TABLE restaurants CASCADE;
SELECT plan_and_day();

\set ECHO none
SET client_min_messages = error;
DROP OWNED BY regress_seating_guest;
DROP ROLE regress_seating_guest;
DROP SCHEMA evil CASCADE;
DROP SCHEMA "it's ""odd"" %s $1 \";
DROP VIEW parameters;
DROP TABLE zones, table_inventory, nulls, extremes, secured;
DROP FUNCTION says, ends, call_of, under, plan_and_day, id, ids;
DROP PROCEDURE move_to;
DROP EXTENSION menuca_seating;
DROP EXTENSION IF EXISTS btree_gist CASCADE;
DROP TYPE booking_status, table_status, table_mobility;
