-- Settings of the seating planner and listed combinations, on the tables of a
-- restaurant platform
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION menuca_seating;
\i :schema
RESET client_min_messages;
INSERT INTO restaurants (id, name, timezone) VALUES ('00000000-0000-0000-0000-00000000000a', 'Napoli', 'Europe/London'), ('00000000-0000-0000-0000-00000000000b', 'Roma', 'America/Toronto');
INSERT INTO zones (id, restaurant_id, name) VALUES ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-00000000000a', 'Main'), ('00000000-0000-0000-0000-0000000000a2', '00000000-0000-0000-0000-00000000000a', 'Patio');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity)
SELECT ('00000000-0000-0000-0000-00000000010' || n)::uuid, '00000000-0000-0000-0000-00000000000a',
	CASE n WHEN 5 THEN '00000000-0000-0000-0000-0000000000a2'::uuid WHEN 6 THEN NULL ELSE '00000000-0000-0000-0000-0000000000a1' END, 'T' || n, 2 * n
FROM generate_series(1, 6) n;
\set ECHO all

-- Built in, for all, and for one restaurant
SELECT * FROM menuca_seating_settings;
SELECT * FROM menuca_seating_set(NULL, '{"k_max": 4, "w_spread": 2.5}');
SELECT * FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"k_max": 5, "adjacency": "pairwise", "lookahead": true, "turn_times": {"2": 45, "10": 120}}');
SELECT * FROM menuca_seating_settings WHERE source <> 'built-in' ORDER BY restaurant_id NULLS FIRST, key;
-- The same value changes nothing; null goes back
SELECT * FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"k_max": 5}');
SELECT * FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"k_max": null, "adjacency": null, "turn_times": null, "lookahead": null}');
SELECT * FROM menuca_seating_settings WHERE source = 'restaurant';
SELECT change_id, what, restaurant_id, before, after FROM menuca_seating_change ORDER BY change_id;

-- What is refused changes nothing, not even what was right beside it
SELECT * FROM menuca_seating_set(NULL, '{"max_overage": 3, "k_max": 6}');
SELECT * FROM menuca_seating_set(NULL, '{"max_overage": 3, "no_such": 6}');
SELECT * FROM menuca_seating_set(NULL, NULL);
SELECT * FROM menuca_seating_set(NULL, '[1]');
SELECT * FROM menuca_seating_set('00000000-0000-0000-0000-00000000000c', '{"k_max": 2}');
CREATE FUNCTION message(restaurant uuid, settings jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM menuca_seating_set(restaurant, settings);
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT s, message(NULL, s::jsonb) FROM unnest(ARRAY[
	'{"k_max": 0}', '{"k_max": 1.5}', '{"k_max": "3"}', '{"k_max": 1e400}', '{"k_max": true}', '{"planner": 1}', '{"adjacency": "Connected"}', '{"adjacency": ""}',
	'{"combinations": null}', '{"buffer_after": -1}', '{"buffer_after": 1441}', '{"w_overage": 0.12345}', '{"w_overage": -1}', '{"w_priority": -1.5}', '{"w_priority": null}',
	'{"turn_times": {"0": 60}}', '{"turn_times": {"2": 0}}', '{"turn_times": {"two": 60}}', '{"turn_times": {"2": {"a": 1}}}', '{"turn_times": [60]}', '{"turn_times": {}}', '{"turn_times": null}',
	'{"max_evaluations": 0}', '{"K_max": 3}', '{}']) s;
SELECT * FROM menuca_seating_settings WHERE source <> 'built-in';

--
-- Listed combinations
--
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', '{00000000-0000-0000-0000-000000000102,00000000-0000-0000-0000-000000000101}', 7, 5, 7, '18 hours', '22:30');
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', '{00000000-0000-0000-0000-000000000101,00000000-0000-0000-0000-000000000102}', 8, 5, 7, '18 hours', '22:30');
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', '{00000000-0000-0000-0000-000000000101,00000000-0000-0000-0000-000000000102}', 10, 8, 9, '18 hours', '22:30');
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', '{00000000-0000-0000-0000-000000000101,00000000-0000-0000-0000-000000000102}', 8, 7, 8, '18 hours', '22:30');
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', '{00000000-0000-0000-0000-000000000101,00000000-0000-0000-0000-000000000102}', 6, 5, 6, weekdays => '{7,5,5}');
SELECT combination_id, table_ids, capacity, min_party, max_party, from_time, until_time, weekdays FROM menuca_listed_combination ORDER BY 1;
CREATE FUNCTION listing(tables uuid[], capacity int, min_party int, max_party int, from_time interval, until_time interval, weekdays int[] DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM menuca_list_combination('00000000-0000-0000-0000-00000000000a', tables, capacity, min_party, max_party, from_time, until_time, weekdays);
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
\set two '\'{00000000-0000-0000-0000-000000000101,00000000-0000-0000-0000-000000000102}\''
SELECT listing('{00000000-0000-0000-0000-000000000101}', 2, 1, 2, '0', '48:00');
SELECT listing('{}', 2, 1, 2, '0', '48:00');
SELECT listing('{00000000-0000-0000-0000-000000000101,NULL}', 2, 1, 2, '0', '48:00');
SELECT listing('{00000000-0000-0000-0000-000000000101,00000000-0000-0000-0000-000000000101}', 2, 1, 2, '0', '48:00');
SELECT listing('{00000000-0000-0000-0000-000000000101,00000000-0000-0000-0000-000000000109}', 2, 1, 2, '0', '48:00');
SELECT listing('{00000000-0000-0000-0000-000000000101,00000000-0000-0000-0000-000000000105}', 2, 1, 2, '0', '48:00');
SELECT listing('{00000000-0000-0000-0000-000000000101,00000000-0000-0000-0000-000000000106}', 2, 1, 2, '0', '48:00');
SELECT listing(:two, 0, 1, 2, '0', '48:00'), listing(:two, 4, 3, 2, '0', '48:00'), listing(:two, 4, 0, 2, '0', '48:00'), listing(:two, 4, 3, 5, '0', '48:00');
SELECT listing(:two, 4, 3, 4, '20:00', '20:00'), listing(:two, 4, 3, 4, '-1 hour', '20:00'), listing(:two, 4, 3, 4, '0', '49:00'), listing(:two, 4, 3, 4, '0', '1 month'), listing(:two, NULL, 3, 4, '0', '1 day');
SELECT listing(:two, 4, 3, 4, '0', '24:00', '{}'), listing(:two, 4, 3, 4, '0', '24:00', '{0}'), listing(:two, 4, 3, 4, '0', '24:00', '{NULL}'), listing(:two, 4, 3, 4, '0', '24:00', '{1,8}');
SELECT what, before ->> 'capacity' AS before, after ->> 'capacity' AS after FROM menuca_seating_change WHERE what = 'combination' ORDER BY change_id;

-- Tables elsewhere, and tables that are missing
SET menuca.seating_schema = 'nowhere';
SELECT * FROM menuca_seating_set('00000000-0000-0000-0000-00000000000a', '{"k_max": 2}');
RESET menuca.seating_schema;
ALTER TABLE table_inventory RENAME mobility TO moves;
SELECT menuca_list_combination('00000000-0000-0000-0000-00000000000a', :two, 6, 5, 6);

\set ECHO none
SET client_min_messages = error;
DROP EXTENSION menuca_seating;
DROP FUNCTION message, listing;
DROP TABLE restaurants, zones, table_inventory, table_adjacencies, bookings, booking_table_assignments, table_holds, table_hold_members CASCADE;
DROP TYPE booking_status, table_status, table_mobility;
