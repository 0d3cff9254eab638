-- The floor of a restaurant as rows and as a picture, whatever its tables hold
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION menuca_seating;
\i :schema
CREATE FUNCTION room() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5('restaurant')::uuid $$;
CREATE FUNCTION id(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5(name)::uuid $$;
INSERT INTO restaurants VALUES (room(), 'Trattoria', 'Europe/London'), (id('other'), 'Other', 'America/New_York');
INSERT INTO zones VALUES (id('Main'), room(), 'Main', true), (id('Patio'), room(), 'Patio', false), (id('Theirs'), id('other'), 'Theirs', true);
-- Ten dining tables: a position of each kind
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity, position)
SELECT id(number), room(), id('Main'), number, seats, position::jsonb
FROM (VALUES ('M1', 2, '{"x": 0, "y": 0}'), ('M2', 4, '{"x": 150.5, "y": -0.25, "rotation": 90, "width": 80, "height": 40}'), ('M3', 4, '{"x": "300", "y": "0"}'),
	('M4', 4, NULL), ('M5', 4, '[1, 2]'), ('M6', 4, '{"x": 1e300, "y": 5}'), ('M7', 4, '{"x": 10, "y": "NaN", "width": -5, "height": 0, "rotation": "left"}'),
	('M8', 4, '{"x": 9999999, "y": -9999999}'), ('M9', 6, '"12"'), ('M10', 6, '{"x": {"x": 1}, "y": [1], "rotation": 99999999}')) t(number, seats, position);
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) VALUES (id('P1'), room(), id('Patio'), 'P1', 2), (id('Z1'), room(), NULL, 'Z1', 2), (id('T1'), id('other'), id('Theirs'), 'T1', 2);
INSERT INTO table_adjacencies VALUES (id('M1'), id('M2')), (id('M2'), id('M1')), (id('M2'), id('M3')), (id('M1'), id('P1')), (id('M1'), id('M1')), (id('M1'), id('T1'));
-- A statement for each state of a booking
CREATE FUNCTION book(name text, tables text[], party int, status text, s timestamptz, e timestamptz) RETURNS void LANGUAGE sql AS $$
	INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) VALUES (id(name), room(), party, status::booking_status, s);
	INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT id(name), id(t), s, e FROM unnest(tables) t;
$$;
SELECT book('joined', '{M1,M2}', 5, 'confirmed', '2025-11-15 18:00+00', '2025-11-15 20:00+00'), book('alone', '{M3}', 1, 'checked_in', '2025-11-15 18:30+00', '2025-11-15 20:30+00'),
	book('over', '{M4}', 3, 'completed', '2025-11-15 18:00+00', '2025-11-15 19:30+00'), book('gone', '{M5}', 4, 'cancelled', '2025-11-15 18:00+00', '2025-11-15 20:00+00'),
	book('absent', '{M5}', 4, 'no_show', '2025-11-15 18:00+00', '2025-11-15 20:00+00'), book('later', '{M1}', 2, 'pending', '2025-11-15 20:00+00', '2025-11-15 22:00+00');
INSERT INTO table_holds (id, restaurant_id, booking_id, start_at, end_at, expires_at) VALUES
	(id('hold'), room(), NULL, '2025-11-15 18:00+00', '2025-11-15 20:00+00', 'infinity'), (id('old hold'), room(), NULL, '2025-11-15 18:00+00', '2025-11-15 20:00+00', '2025-11-15 18:00+00'),
	(id('its hold'), room(), id('later'), '2025-11-15 18:00+00', '2025-11-15 20:00+00', 'infinity');
INSERT INTO table_hold_members VALUES (id('hold'), id('M6')), (id('old hold'), id('M7')), (id('its hold'), id('M8')), (id('its hold'), id('M9'));
UPDATE table_inventory SET status = 'out_of_service' WHERE table_number IN ('M3', 'M7');
UPDATE table_inventory SET active = false WHERE table_number IN ('M9', 'M10');
RESET client_min_messages;
\set ECHO all
\pset format unaligned
\pset null -
SET timezone = 'UTC';
SELECT table_number, zone, capacity, x, y, width, height, rotation FROM menuca_seating_floor_rows(room(), '2025-11-15 19:00+00');
SELECT table_number, state, active, out_of_service, (SELECT n FROM unnest('{joined,alone,over,gone,absent,later}'::text[]) n WHERE id(n) = booking) AS booking,
	(SELECT n FROM unnest('{hold,old hold,its hold}'::text[]) n WHERE id(n) = hold) AS hold, party_size, booking_status, starts_at, until, tables
FROM menuca_seating_floor_rows(room(), '2025-11-15 19:00+00');
-- The picture has the same
CREATE FUNCTION floor(at timestamptz DEFAULT '2025-11-15 19:00+00') RETURNS text LANGUAGE sql AS $$ SELECT menuca_seating_floor(room(), at) $$;
SELECT (regexp_match(floor(), '<title id="[^"]*">([^<]*)</title>'))[1] AS title, (regexp_match(floor(), '<desc [^>]*>([^<]*)</desc>'))[1] AS description;
SELECT m[1] AS class, m[2] AS words FROM regexp_matches(floor(), '<g class="mf-table (mf-\w+)"><title>([^<]*)</title>', 'g') m;
SELECT m[1] AS state, m[2] AS few FROM regexp_matches(floor(), 'class="mf-w"[^>]*>([^<]*)</text><text class="mf-k"[^>]*>([^<]*)</text>', 'g') m;
-- one element for each joined set, with a path of the dining tables and of what connects them; a label; and a line below the legend
SELECT m[1] AS by, (SELECT n FROM unnest('{joined,its hold}'::text[]) n WHERE id(n)::text = m[2]) AS which, length(m[3]) - length(replace(m[3], 'M', '')) AS parts, m[3] = m[4] AS same
FROM regexp_matches(floor(), '<g class="mf-joined mf-hue\d" data-(\w+)="([^"]*)"><path class="mf-line" d="([^"]*)"/><path class="mf-area" d="([^"]*)"/></g>', 'g') m;
SELECT m[1] AS label FROM regexp_matches(floor(), 'class="mf-l"[^>]*>([^<]*)<', 'g') m;
SELECT regexp_replace(m[1], '<[^>]*>', '', 'g') AS line FROM regexp_matches(floor(), '<text class="mf-t" x="3" y="20">([^\n]*)</text></svg>', 'g') m;
SELECT m[1] AS legend FROM regexp_matches(floor(), '<text class="mf-t" x="37.0"[^>]*>([^<]*)</text>', 'g') m;
-- edges that the planner knows: undirected, within a zone, of this restaurant
SELECT length(m[1]) - length(replace(m[1], 'M', '')) AS edges FROM regexp_matches(floor(), '<path class="mf-edge" d="(M\d[^"]*)"/>\n') m;
-- zones by name, without a zone last
SELECT m[1] AS zone FROM regexp_matches(floor(), 'class="mf-z"[^>]*>([^<]*)<', 'g') m;
-- M1 and M2 are where they should be: next to each other, M2 rotated; none is on top of another
CREATE FUNCTION boxes(svg text) RETURNS TABLE (n bigint, x numeric, y numeric, w numeric, h numeric) LANGUAGE sql AS $$
	SELECT row_number() OVER (), m[1]::numeric, m[2]::numeric, m[3]::numeric, m[4]::numeric
	FROM regexp_matches(svg, '</title><rect x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)" rx="6"', 'g') m $$;
SELECT count(*), (SELECT count(*) FROM boxes(floor()) a JOIN boxes(floor()) b ON a.n < b.n AND a.x < b.x + b.w AND b.x < a.x + a.w AND a.y < b.y + b.h AND b.y < a.y + a.h) AS overlapping FROM boxes(floor());
SELECT count(*) AS rotated FROM regexp_matches(floor(), 'transform="rotate\(90.0 ', 'g');
SELECT CASE WHEN xml_is_well_formed_document(floor()) THEN 'well-formed' END AS xml, floor() ~ '[^\x01-\x7e]' AS not_ascii, floor() ~* '(<script|href|src=|url\(|@import)' AS loads_something;
-- a window is half-open
SELECT at, string_agg(table_number || ' ' || state, ', ' ORDER BY table_number) FROM unnest('{2025-11-15 17:59:59.999999+00,2025-11-15 18:00+00,2025-11-15 19:59:59.999999+00,2025-11-15 20:00+00}'::timestamptz[]) at,
	menuca_seating_floor_rows(room(), at) WHERE table_number IN ('M1', 'M2', 'M4') GROUP BY at ORDER BY at;
-- the restaurant's clock, also of another day, without an end, and twice at once
BEGIN;
UPDATE booking_table_assignments SET end_at = '2025-11-18 09:00+00' WHERE booking_id = id('joined');
UPDATE booking_table_assignments SET end_at = 'infinity', start_at = '-infinity' WHERE booking_id = id('over');
SELECT count(*) FROM (SELECT book('twice', '{M2}', 2, 'confirmed', '2025-11-15 18:00+00', '2025-11-15 20:00+00')) x;
UPDATE restaurants SET timezone = 'America/New_York';
SELECT m[1] AS words FROM regexp_matches(floor(), '<g class="mf-table mf-taken"><title>([^<]*)</title>', 'g') m;
SELECT m[1] AS state FROM regexp_matches(floor(), '<g class="mf-table mf-taken">.*?class="mf-w"[^>]*>([^<]*)</text>', 'g') m;
SELECT table_number, party_size, starts_at, until FROM menuca_seating_floor_rows(room(), '2025-11-15 19:00+00') WHERE table_number IN ('M2', 'M4');
ROLLBACK;
-- one place for all, tiny distances, a far one, and many
CREATE FUNCTION move(expression text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('UPDATE table_inventory SET position = %s', expression);
	RETURN (SELECT format('%s dining tables, %s overlapping, viewBox %s', (SELECT count(*) FROM boxes(f)),
		(SELECT count(*) FROM boxes(f) a JOIN boxes(f) b ON a.n < b.n AND a.x < b.x + b.w AND b.x < a.x + a.w AND a.y < b.y + b.h AND b.y < a.y + a.h), (regexp_match(f, 'viewBox="([^"]*)"'))[1])
		FROM floor() f);
END $$;
BEGIN;
SELECT move($$'{"x": 5, "y": 5}'$$);
SELECT move($$jsonb_build_object('x', ascii(right(table_number, 1)) * 0.001, 'y', 0)$$);
SELECT move($$jsonb_build_object('x', ascii(right(table_number, 1)) * 1000000, 'y', ascii(right(table_number, 1)) * -1000000)$$);
SELECT move($$jsonb_build_object('x', ascii(right(table_number, 1)) % 4, 'y', ascii(right(table_number, 1)) / 4, 'width', 9999999, 'height', 9999999, 'rotation', 45)$$);
SELECT move($$'null'$$);
ROLLBACK;
-- names that are markup, long, or none
BEGIN;
UPDATE table_inventory SET table_number = '<script>' || table_number || repeat('W', 300) WHERE table_number IN ('M1', 'M2');
UPDATE table_inventory SET table_number = '' WHERE table_number = 'M3';
UPDATE zones SET name = E'</text><script>alert(1)</script> \u202E' WHERE name = 'Main';
UPDATE restaurants SET name = '"><img src=x onerror=alert(1)>';
SELECT floor() ~ '[^\x01-\x7e]' AS not_ascii, floor() ~* '<(script|img)' AS markup, xml_is_well_formed_document(floor()) AS xml;
SELECT m[1] AS number FROM regexp_matches(floor(), 'class="mf-n"[^>]*>([^<]*)<', 'g') WITH ORDINALITY x(m, n) WHERE m[1] !~ '^M\d|^P|^Z';
SELECT (regexp_match(floor(), '<title id="[^"]*">([^<]*)</title>'))[1] AS title, (regexp_match(floor(), 'class="mf-z"[^>]*>([^<]*)<'))[1] AS zone;
ROLLBACK;
-- columns that are missing or of another type, an empty floor, no holds, no edges
BEGIN;
ALTER TABLE restaurants DROP COLUMN name;
ALTER TABLE table_inventory ALTER COLUMN position TYPE json USING position::json;
SELECT count(x), count(*) FROM menuca_seating_floor_rows(room(), '2025-11-15 19:00+00');
ALTER TABLE table_inventory ALTER COLUMN position TYPE text USING position::text;
DROP TABLE table_adjacencies, table_hold_members, table_holds;
SELECT (regexp_match(floor(), '<title id="[^"]*">([^<]*)</title>'))[1] AS title;
SELECT count(x), count(hold), count(*) FROM menuca_seating_floor_rows(room(), '2025-11-15 19:00+00');
ALTER TABLE table_inventory DROP COLUMN position;
SELECT count(x), count(*) FROM menuca_seating_floor_rows(room(), '2025-11-15 19:00+00');
DELETE FROM table_inventory;
SELECT (regexp_match(floor(), '<desc [^>]*>([^<]*)</desc>'))[1] AS description;
SELECT count(*) FROM menuca_seating_floor_rows(room());
DROP TABLE booking_table_assignments;
SELECT floor();
ROLLBACK;
-- a party that is not known, or beyond all bounds
BEGIN;
ALTER TABLE bookings ALTER COLUMN party_size DROP NOT NULL, ALTER COLUMN party_size TYPE numeric;
UPDATE bookings SET party_size = CASE id WHEN id('joined') THEN NULL WHEN id('alone') THEN 'NaN' WHEN id('over') THEN 1e30 END;
SELECT table_number, party_size FROM menuca_seating_floor_rows(room(), '2025-11-15 19:00+00') WHERE booking IS NOT NULL;
SELECT m[1] AS state FROM regexp_matches(floor(), '<g class="mf-table mf-taken">.*?class="mf-w"[^>]*>([^<]*)</text>', 'g') m;
SELECT m[1] AS label FROM regexp_matches(floor(), 'class="mf-l"[^>]*>([^<]*)<', 'g') m;
ROLLBACK;
-- what is no question
SELECT menuca_seating_floor(NULL);
SELECT menuca_seating_floor(room(), NULL);
SELECT menuca_seating_floor(room(), 'infinity');
SELECT menuca_seating_floor(room(), '-infinity');
SELECT menuca_seating_floor(id('nobody'));
SELECT count(*) FROM menuca_seating_floor_rows(room(), '294276-12-31 23:59:59.999999+00');
SELECT count(*) FROM menuca_seating_floor_rows(room(), '4714-11-24 00:00:00+00 BC');
SELECT menuca_seating_report(0);
SELECT menuca_seating_report(NULL);
SELECT menuca_seating_report(7, id('nobody'));
-- it only reads
BEGIN READ ONLY;
SELECT length(floor()) > 1000 AS floor, menuca_seating_report() LIKE '<!DOCTYPE html>%</html>%' AS report, menuca_seating_report(30, room()) LIKE '%<svg xmlns="http://www.w3.org/2000/svg" class="menuca-floor"%' AS with_floor;
COMMIT;
-- the sections; one that fails says so in its place
SELECT m[1] AS section FROM regexp_matches(menuca_seating_report(), '<section id="(\w+)">', 'g') m;
SELECT m[1] AS section FROM regexp_matches(menuca_seating_report(7, room()), '<section id="(\w+)">', 'g') m;
SELECT count(*) AS missing FROM regexp_matches(menuca_seating_report(7, room()), 'class="missing"', 'g');
BEGIN;
ALTER EXTENSION menuca_seating DROP FUNCTION menuca_seating_figures_by_day(integer, uuid);
DROP FUNCTION menuca_seating_figures_by_day(integer, uuid);
SELECT m[1] AS section, split_part(m[2], ' (SQLSTATE', 1) AS reason FROM regexp_matches(menuca_seating_report(), '<section id="(\w+)"><h2>[^<]*</h2>\s*<p class="missing"><strong>[^<]*</strong> ([^<]*)</p>', 'g') m;
ROLLBACK;
BEGIN;
DROP TABLE booking_table_assignments;
SELECT count(m[1]) AS sections, split_part(m[2], ' (SQLSTATE', 1) AS reason FROM regexp_matches(menuca_seating_report(), '<section id="(\w+)"><h2>[^<]*</h2>\s*<p class="missing"><strong>[^<]*</strong> ([^<]*)</p>', 'g') m GROUP BY 2;
ROLLBACK;
-- rights, and row security that would hide rows
CREATE ROLE regress_menuca_host;
SET ROLE regress_menuca_host;
SELECT menuca_seating_floor(room());
SELECT menuca_seating_report();
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO regress_menuca_host;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO regress_menuca_host;
SET ROLE regress_menuca_host;
SELECT length(menuca_seating_floor(room())) > 1000 AS floor, menuca_seating_report() ~ 'class="missing"' AS missing;
RESET ROLE;
ALTER TABLE table_inventory ENABLE ROW LEVEL SECURITY;
SET ROLE regress_menuca_host;
SELECT menuca_seating_floor(room());
SELECT DISTINCT m[1] AS reason FROM regexp_matches(menuca_seating_report(), '<p class="missing"><strong>[^<]*</strong> ([^<]*)</p>', 'g') m;
RESET ROLE;
DROP OWNED BY regress_menuca_host;
DROP ROLE regress_menuca_host;
\set ECHO none
\set drop :abs_srcdir '/sql/include/seating_drop.sql'
\i :drop
