-- The survey: what is wrong with floors and with what is assigned
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set evening :abs_srcdir '/fixture/seating/evening.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION menuca_seating;
\i :schema
\i :evening
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
CREATE FUNCTION id(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.md5(name)::uuid $$;
-- What a call returns, or its error with all that it says
CREATE FUNCTION says(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	detail text; hint text;
BEGIN
	RETURN QUERY EXECUTE format('SELECT to_jsonb(r)::text FROM (%s) r', statement);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT SQLSTATE || ' ' || SQLERRM || concat(E'\n  ' || NULLIF(detail, ''), E'\n  ' || NULLIF(hint, ''));
END $$;
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on
\set ECHO all

--
-- Adjacency
--
-- room: two zones, one dining table that is fixed, one that is not active, one without a zone, one of another restaurant
INSERT INTO restaurants (id, name) SELECT id(r), r FROM unnest('{room,other,empty}'::text[]) r;
INSERT INTO zones (id, restaurant_id, name) VALUES (id('main'), id('room'), 'Main'), (id('patio'), id('room'), 'Patio ''"'), (id('other'), id('other'), 'Main');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity, mobility, active)
SELECT id(n), id(r), id(z), n, c, m::table_mobility, a FROM (VALUES ('room', 'main', 'T1', 2, 'movable', true), ('room', 'main', 'T2', 2, 'movable', true), ('room', 'main', 'T3', 4, 'movable', true),
	('room', 'main', 'T4', 4, 'movable', true), ('room', 'main', 'T5', 6, 'movable', true), ('room', 'main', 'F1', 8, 'fixed', true), ('room', 'main', 'X1', 4, 'movable', false),
	('room', 'patio', 'P1''"', 2, 'movable', true), ('room', 'patio', 'P2', 2, 'movable', true), ('room', NULL, 'N1', 2, 'movable', true), ('other', 'other', 'O1', 2, 'movable', true)) v(r, z, n, c, m, a);
CREATE VIEW adjacency AS SELECT check_no, name, status, actual, detail, metadata FROM menuca_check_adjacency(id('room'));
-- No edge, which adjacency off can do without
SELECT name, status, actual FROM adjacency;
SELECT count(*) FROM menuca_seating_set(id('room'), '{"adjacency": "connected"}');
SELECT name, status, actual, detail FROM adjacency WHERE status IN ('FAIL', 'WARN');
-- Each kind of edge
ALTER TABLE table_adjacencies DROP CONSTRAINT table_adjacencies_table_b_fkey;
INSERT INTO table_adjacencies SELECT id(a), id(b) FROM (VALUES ('T1', 'T2'), ('T2', 'T1'), ('T3', 'T2'), ('T4', 'F1'), ('T3', 'P1''"'), ('N1', 'T1'), ('T1', 'T1'), ('O1', 'T1'), ('T2', 'X1'), ('T1', 'gone')) e(a, b);
SELECT * FROM adjacency;
SELECT name, remedy, next_step FROM menuca_check_adjacency(id('room')) WHERE status IN ('WARN', 'FAIL');
-- What the rows propose can be pasted
SELECT next_step FROM menuca_check_adjacency(id('room')) WHERE name IN ('across_zones', 'useless_edges') \gexec
BEGIN;
SELECT next_step FROM menuca_check_adjacency(id('room')) WHERE name = 'directions' \gexec
SELECT name, status, actual FROM adjacency WHERE name = 'directions';
-- One direction only is enough for the planner, and said to be
DELETE FROM table_adjacencies WHERE table_a > table_b;
SELECT name, status, actual, detail FROM adjacency WHERE name = 'directions';
ROLLBACK;
-- Off: what switching it on would lose; the other modes; a listed combination needs no edge; no dining tables are joined at all
SELECT format('SELECT count(*) FROM menuca_seating_set(id(''room''), %L)', settings), 'SELECT name, status, actual, detail FROM adjacency WHERE name IN (''edges'', ''largest_party'', ''joinable_sets'')'
FROM unnest(ARRAY['{"adjacency": "off"}', '{"adjacency": "pairwise"}', '{"adjacency": "neighbors", "k_max": 2}', '{"adjacency": "connected", "adjacency_min_party": 9, "k_max": 3}', '{"combinations": "listed"}', '{"merges": false}']) WITH ORDINALITY s(settings, n) ORDER BY n \gexec
SELECT count(*) FROM menuca_seating_set(id('room'), '{"merges": true, "adjacency": "connected", "adjacency_min_party": 1, "combinations": "both"}'), menuca_list_combination(id('room'), ARRAY[id('T4'), id('T5')], 14, 8, 14);
SELECT zone->>'zone' AS zone, zone->>'single' AS single, zone->>'combined' AS combined, zone->>'adjacency_off' AS off FROM adjacency, jsonb_array_elements(metadata->'zones') zone WHERE name = 'largest_party';
-- A restaurant without anything; none at all; NULL; no table of edges
SELECT name, status, actual FROM menuca_check_adjacency(id('empty'));
SELECT says(format('SELECT count(*) FROM menuca_check_adjacency(%L)', r)) FROM unnest(ARRAY[id('nobody'), NULL]) r;
ALTER TABLE table_adjacencies RENAME TO adjacencies_elsewhere;
SELECT name, status, actual FROM adjacency;
ALTER TABLE adjacencies_elsewhere RENAME TO table_adjacencies;

--
-- Suggestions from positions, on a grid: every pair by joining the floor with itself
--
INSERT INTO restaurants (id, name) VALUES (id('grid'), 'Grid');
INSERT INTO zones (id, restaurant_id, name) SELECT id('grid ' || z), id('grid'), z FROM unnest('{A,B}'::text[]) z;
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity, position)
SELECT id('g' || n), id('grid'), id('grid ' || CASE WHEN n < 15 THEN 'B' ELSE 'A' END), 'G' || lpad(n::text, 2, '0'), 2 + 2 * (n % 3), jsonb_build_object('x', 1.1 * (n % 5), 'y', 1.1 * (n / 5), 'rotation', 90) FROM generate_series(0, 29) n;
CREATE VIEW near AS SELECT a.id AS table_a, b.id AS table_b, a.table_number AS number_a, b.table_number AS number_b, z.name AS zone, round(sqrt(power((a.position->>'x')::numeric - (b.position->>'x')::numeric, 2) + power((a.position->>'y')::numeric - (b.position->>'y')::numeric, 2)), 4) AS distance
FROM table_inventory a JOIN table_inventory b ON a.restaurant_id = b.restaurant_id AND a.zone_id = b.zone_id AND a.id < b.id JOIN zones z ON z.id = a.zone_id WHERE a.restaurant_id = id('grid') AND a.active AND b.active;
SELECT distance, (SELECT count(*) FROM menuca_suggest_adjacency(id('grid'), distance)) AS pairs,
	(SELECT count(*) FROM (SELECT table_a, table_b, number_a, number_b, zone, s.distance FROM menuca_suggest_adjacency(id('grid'), d.distance) s EXCEPT SELECT * FROM near n WHERE n.distance <= d.distance) x) AS too_many,
	(SELECT count(*) FROM (SELECT * FROM near n WHERE n.distance <= d.distance EXCEPT SELECT table_a, table_b, number_a, number_b, zone, s.distance FROM menuca_suggest_adjacency(id('grid'), d.distance) s) x) AS missing
FROM unnest('{0,1,1.1,1.5,1.56,2.2,1000}'::numeric[]) d(distance);
-- Without a distance: a step, not the diagonal; sorted by zone and numbers
SELECT zone, number_a, number_b, distance, known FROM menuca_suggest_adjacency(id('grid')) LIMIT 4;
SELECT bool_and(o = n) AS sorted FROM (SELECT row_number() OVER (ORDER BY zone COLLATE "C", number_a COLLATE "C", number_b COLLATE "C") AS o, row_number() OVER () AS n FROM menuca_suggest_adjacency(id('grid'), 3)) s;
-- The statements can be pasted, more than once; then the pairs are known
SELECT count(*), count(statement), min(left(statement, 87)) FROM menuca_suggest_adjacency(id('grid'), 1.2);
\o /dev/null
SELECT statement FROM menuca_suggest_adjacency(id('grid'), 1.2) \gexec
SELECT 'INSERT INTO table_adjacencies VALUES (' || quote_literal(table_a) || ', ' || quote_literal(table_b) || ') ON CONFLICT DO NOTHING' FROM near WHERE distance <= 1.2 LIMIT 3 \gexec
\o
SELECT known, count(*), count(statement) FROM menuca_suggest_adjacency(id('grid'), 1.56) GROUP BY known ORDER BY known;
SELECT name, status, actual FROM menuca_check_adjacency(id('grid'));
-- Connected sets of two and three, and the largest party, by joining edges
CREATE VIEW grid_edges AS SELECT table_a AS a, table_b AS b FROM near WHERE distance <= 1.2 UNION ALL SELECT table_b, table_a FROM near WHERE distance <= 1.2;
SELECT (SELECT count(*) / 2 FROM grid_edges) + (SELECT count(DISTINCT ARRAY(SELECT unnest(ARRAY[e.a, e.b, f.b]) ORDER BY 1)) FROM grid_edges e JOIN grid_edges f ON f.a = e.b AND f.b <> e.a) AS sets, metadata->>'connected' AS counted
FROM menuca_check_adjacency(id('grid')) WHERE name = 'joinable_sets';
SELECT z.zone->>'zone' AS zone, z.zone->>'connected' AS connected, (SELECT max(a.capacity + b.capacity + c.capacity) FROM grid_edges e JOIN grid_edges f ON f.a = e.b AND f.b <> e.a JOIN table_inventory a ON a.id = e.a JOIN table_inventory b ON b.id = e.b JOIN table_inventory c ON c.id = f.b WHERE a.zone_id::text = z.zone->>'zone_id') AS joined,
	z.zone->>'adjacency_off' AS off, (SELECT sum(capacity) FROM (SELECT capacity FROM table_inventory t WHERE t.zone_id::text = z.zone->>'zone_id' ORDER BY capacity DESC LIMIT 3) t) AS three_largest
FROM menuca_check_adjacency(id('grid')), jsonb_array_elements(metadata->'zones') z(zone) WHERE name = 'largest_party';
-- Where edges are in both directions, so are the new ones
INSERT INTO table_adjacencies SELECT b, a FROM grid_edges ON CONFLICT DO NOTHING;
SELECT statement FROM menuca_suggest_adjacency(id('grid'), 1.56) WHERE NOT known LIMIT 1;
-- Positions of all kinds
INSERT INTO restaurants (id, name) VALUES (id('odd'), 'Odd');
INSERT INTO zones (id, restaurant_id, name) VALUES (id('odd zone'), id('odd'), 'Odd');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity, position)
SELECT id('odd ' || n), id('odd'), id('odd zone'), 'D' || lpad(n::text, 2, '0'), 2, p FROM unnest(ARRAY['{"x": 0, "y": 0}', '{"x": "3", "y": 4.0, "width": 10}', NULL, 'null', '[]', '{}', '{"x": 1}', '{"x": null, "y": 1}', '{"x": {"x": 1}, "y": 1}', '{"x": 1e400, "y": 0}',
	'{"x": "NaN", "y": 0}', '{"x": "Infinity", "y": 0}', '{"x": "3; DROP TABLE bookings", "y": 0}', '{"x": "", "y": 0}', '7', '"{}"', '{"x": true, "y": 0}', '{"x": 1e300, "y": -1e300}', '{"X": 1, "Y": 1}']::jsonb[]) WITH ORDINALITY u(p, n);
SELECT number_a, number_b, distance FROM menuca_suggest_adjacency(id('odd'), 5);
SELECT number_a, number_b, distance FROM menuca_suggest_adjacency(id('odd'), 4.99);
SELECT d, says(format('SELECT count(*) FROM menuca_suggest_adjacency(%L, %L)', id('grid'), d)) FROM unnest('{-1,-0.0001,NaN,Infinity,-Infinity,1e300}'::numeric[]) d;
SELECT says(format('SELECT count(*) FROM menuca_suggest_adjacency(%L, 1)', r)) FROM unnest(ARRAY[id('nobody'), NULL]) r;
SELECT count(*) FROM menuca_suggest_adjacency(id('empty'));
BEGIN;
ALTER TABLE table_adjacencies RENAME TO adjacencies_elsewhere;
SELECT count(*), count(statement) FROM menuca_suggest_adjacency(id('grid'), 1.2);
ROLLBACK;
BEGIN;
DROP VIEW near CASCADE;
ALTER TABLE table_inventory ALTER position TYPE json USING position::json;
SELECT count(*) FROM menuca_suggest_adjacency(id('grid'), 1.2);
ALTER TABLE table_inventory ALTER position TYPE text;
SELECT says(format('SELECT count(*) FROM menuca_suggest_adjacency(%L, 1.2)', id('grid')));
ALTER TABLE table_inventory DROP position CASCADE;
SELECT says(format('SELECT count(*) FROM menuca_suggest_adjacency(%L, 1.2)', id('grid')));
ROLLBACK;

--
-- Assignments: each finding, and what it proposes
--
INSERT INTO restaurants (id, name) SELECT id(r), r FROM unnest('{bistro,cafe}'::text[]) r;
INSERT INTO zones (id, restaurant_id, name) VALUES (id('hall'), id('bistro'), 'Hall'), (id('bar'), id('bistro'), 'Bar'), (id('cellar'), id('bistro'), 'Cellar'), (id('cafe zone'), id('cafe'), 'Cafe');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity)
SELECT id(n), id('bistro'), id(z), n, c FROM (VALUES ('hall', 'H1', 2), ('hall', 'H2', 2), ('hall', 'H3', 4), ('hall', 'H4', 4), ('hall', 'H5', 6), ('hall', 'H6', 8), ('bar', 'B1', 2), ('bar', 'B2', 2), ('cellar', 'C1', 4)) v(z, n, c);
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) VALUES (id('K1'), id('cafe'), id('cafe zone'), 'K1', 4);
CREATE FUNCTION book(name text, restaurant text, party int, hour int, tables text[], what text DEFAULT 'confirmed', merge text DEFAULT 'own') RETURNS void LANGUAGE sql AS $$
	INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at, assigned_zone_id)
	SELECT id(name), id(restaurant), party, what::booking_status, '2026-02-10'::timestamptz + hour * interval '1 hour', '2026-02-10'::timestamptz + (hour + 2) * interval '1 hour', (SELECT zone_id FROM table_inventory WHERE id = id(tables[1]));
	INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at, merge_group_id)
	SELECT id(name), id(t), '2026-02-10'::timestamptz + hour * interval '1 hour', '2026-02-10'::timestamptz + (hour + 2) * interval '1 hour', CASE merge WHEN 'own' THEN id(name) WHEN 'each' THEN id(t) WHEN 'mixed' THEN CASE WHEN t = tables[1] THEN id(name) END END FROM unnest(tables) t WHERE cardinality(tables) > 0 $$;
CREATE FUNCTION found(VARIADIC restaurants text[]) RETURNS TABLE (name text, status text, actual text, detail text) LANGUAGE sql AS $$
	SELECT c.name, c.status, c.actual, c.detail FROM menuca_check_assignments(CASE cardinality(restaurants) WHEN 1 THEN id(restaurants[1]) END, '2026-02-10') c WHERE c.status <> 'PASS' OR c.name = 'summary' $$;
SELECT * FROM found('bistro');
SELECT book('good', 'bistro', 5, 19, '{H5}'), book('joined', 'bistro', 7, 19, '{H3,H4}'), book('waits', 'bistro', 2, 19, '{}'), book('cafe one', 'cafe', 4, 19, '{K1}');
SELECT * FROM found('bistro');
-- The dining table is in another zone now; one of a group is
BEGIN;
UPDATE table_inventory SET zone_id = id('bar') WHERE id IN (id('H5'), id('H4'));
SELECT * FROM found('bistro');
SELECT remedy, next_step FROM menuca_check_assignments(id('bistro'), '2026-02-10') WHERE name IN ('split_zones', 'summary');
SELECT next_step FROM menuca_check_assignments(id('bistro'), '2026-02-10') WHERE name = 'split_zones' \gexec
SELECT * FROM found('bistro');
ROLLBACK;
-- Failure 24: seats are cut below a confirmed booking; of one, and of a group; a listed combination seats what it says
BEGIN;
UPDATE table_inventory SET capacity = capacity - 2 WHERE id IN (id('H5'), id('H4'));
SELECT * FROM found('bistro');
SELECT count(*) FROM menuca_seating_set(id('bistro'), '{"combinations": "both"}'), menuca_list_combination(id('bistro'), ARRAY[id('H3'), id('H4')], 8, 5, 8);
SELECT * FROM found('bistro');
UPDATE table_inventory SET capacity = 4 WHERE id = id('H4');
DELETE FROM menuca_listed_combination;
SELECT count(menuca_list_combination(id('bistro'), ARRAY[id('H3'), id('H4')], 6, 5, 6));
SELECT name, detail FROM found('bistro') WHERE name = 'seats';
ROLLBACK;
-- Out of service; not active; a zone that is not
BEGIN;
SELECT book('downstairs', 'bistro', 4, 20, '{C1}');
UPDATE table_inventory SET status = 'out_of_service' WHERE id = id('H5');
UPDATE table_inventory SET active = false WHERE id = id('H3');
UPDATE zones SET active = false WHERE id = id('cellar');
SELECT * FROM found('bistro');
ROLLBACK;
-- Merge groups: none, different ones, of some rows only; where the column refers to others' groups, or is missing
BEGIN;
SELECT book('without', 'bistro', 7, 10, '{H3,H4}', merge => 'none'), book('each', 'bistro', 7, 12, '{H3,H4}', merge => 'each'), book('mixed', 'bistro', 7, 14, '{H3,H4}', merge => 'mixed'), book('single', 'bistro', 6, 14, '{H5}', merge => 'none');
SELECT * FROM found('bistro');
CREATE TABLE merge_groups (id uuid PRIMARY KEY);
INSERT INTO merge_groups SELECT DISTINCT merge_group_id FROM booking_table_assignments WHERE merge_group_id IS NOT NULL;
ALTER TABLE booking_table_assignments ADD FOREIGN KEY (merge_group_id) REFERENCES merge_groups;
SELECT * FROM found('bistro');
ALTER TABLE booking_table_assignments DROP merge_group_id;
ALTER TABLE bookings DROP assigned_zone_id;
SELECT * FROM found('bistro');
ROLLBACK;
-- Fixed; not adjacent, in each mode and only for parties that it is for; what is listed is exempt
BEGIN;
UPDATE table_inventory SET mobility = 'fixed' WHERE id = id('H4');
SELECT count(*) FROM menuca_seating_set(id('bistro'), '{"adjacency": "connected"}');
SELECT * FROM found('bistro');
SELECT count(*) FROM menuca_seating_set(id('bistro'), '{"combinations": "both"}'), menuca_list_combination(id('bistro'), ARRAY[id('H3'), id('H4')], 8, 5, 8);
SELECT * FROM found('bistro');
ROLLBACK;
BEGIN;
SELECT book('three', 'bistro', 8, 10, '{H1,H2,H3}');
INSERT INTO table_adjacencies VALUES (id('H1'), id('H2')), (id('H3'), id('H2')), (id('H4'), id('H3'));
SELECT format('SELECT value FROM menuca_seating_set(id(''bistro''), %L)', jsonb_build_object('adjacency', mode)), 'SELECT detail FROM found(''bistro'') WHERE name = ''adjacency''' FROM unnest('{connected,neighbors,pairwise}'::text[]) mode \gexec
SELECT count(*) FROM menuca_seating_set(id('bistro'), '{"adjacency_min_party": 9}');
SELECT count(*) FROM found('bistro') f WHERE f.name = 'adjacency';
ROLLBACK;
-- Windows: later, earlier, none; longer is no harm
BEGIN;
SELECT book('late', 'bistro', 4, 10, '{H3}'), book('early', 'bistro', 4, 12, '{H3}'), book('none', 'bistro', 4, 14, '{H3}'), book('long', 'bistro', 4, 16, '{H4}'), book('elsewhen', 'bistro', 8, 16, '{H6}');
ALTER TABLE booking_table_assignments ALTER start_at DROP NOT NULL, ALTER end_at DROP NOT NULL;
UPDATE booking_table_assignments SET start_at = start_at + interval '5 min' WHERE booking_id = id('late');
UPDATE booking_table_assignments SET end_at = end_at - interval '5 min' WHERE booking_id = id('early');
UPDATE booking_table_assignments SET end_at = NULL WHERE booking_id = id('none');
UPDATE booking_table_assignments SET end_at = end_at + interval '30 min', start_at = start_at - interval '10 min' WHERE booking_id = id('long');
UPDATE booking_table_assignments SET start_at = start_at - interval '7 days', end_at = end_at - interval '7 days' WHERE booking_id = id('elsewhen');
SELECT * FROM found('bistro');
ROLLBACK;
-- More than needed, as two runs over one evening left it
BEGIN;
SELECT book('twice', 'bistro', 2, 10, '{H1,H3}'), book('thrice', 'bistro', 4, 12, '{H1,H2,H3}'), book('needed', 'bistro', 4, 14, '{H1,H2}');
SELECT * FROM found('bistro');
SELECT next_step FROM menuca_check_assignments(id('bistro'), '2026-02-10') WHERE name = 'dominated' \gexec
SELECT count(*) AS assignments FROM booking_table_assignments WHERE booking_id IN (id('twice'), id('thrice'));
ROLLBACK;
-- Overlaps, also of two restaurants' bookings; touching is none; nor is a booking that is over
BEGIN;
SELECT book('first', 'bistro', 4, 10, '{H3}'), book('second', 'bistro', 4, 11, '{H3}'), book('touches', 'bistro', 4, 13, '{H3}'), book('over', 'bistro', 4, 10, '{H3}', 'completed'), book('strange', 'cafe', 4, 14, '{H3}');
SELECT * FROM found('bistro');
SELECT name, detail FROM found('bistro', 'cafe') WHERE name IN ('overlap', 'other_restaurant');
SELECT next_step FROM menuca_check_assignments(NULL, '2026-02-10') WHERE name = 'overlap' \gexec
SELECT name, detail FROM found('bistro', 'cafe') WHERE name = 'overlap';
ROLLBACK;
-- Cancelled bookings keep nothing; dining tables that do not exist any more
BEGIN;
SELECT book('cancelled', 'bistro', 4, 10, '{H3}', 'cancelled'), book('nobody came', 'bistro', 4, 12, '{H3}', 'no_show'), book('over', 'bistro', 4, 14, '{H3}', 'completed');
ALTER TABLE booking_table_assignments DROP CONSTRAINT booking_table_assignments_table_id_fkey;
UPDATE booking_table_assignments SET table_id = id('gone') WHERE booking_id = id('good');
SELECT * FROM found('bistro');
SELECT next_step FROM menuca_check_assignments(id('bistro'), '2026-02-10') WHERE name = 'released' \gexec
SELECT actual FROM found('bistro') WHERE name = 'released';
ROLLBACK;
-- Failure 21: bookings without a time, with one beyond the calendar, without a party, are told of; the others are judged
BEGIN;
SELECT book('timeless', 'bistro', 4, 10, '{H3}'), book('endless', 'bistro', 4, 12, '{H3}'), book('partyless', 'bistro', 4, 14, '{H3}'), book('backwards', 'bistro', 4, 16, '{H3}'), book('small', 'bistro', 9, 21, '{H6}'), book('old', 'bistro', 4, -40, '{H3}');
ALTER TABLE bookings ALTER party_size DROP NOT NULL;
UPDATE bookings SET start_at = NULL, end_at = NULL WHERE id IN (id('timeless'), id('old'));
UPDATE bookings SET start_at = 'infinity', end_at = NULL WHERE id = id('endless');
UPDATE bookings SET party_size = NULL WHERE id = id('partyless');
UPDATE bookings SET end_at = start_at - interval '1 hour' WHERE id = id('backwards');
SELECT * FROM found('bistro');
SELECT * FROM menuca_check_combinations(id('bistro'), '2026-02-10');
-- So is a restaurant whose time zone is unknown, unless it alone is asked for
UPDATE restaurants SET timezone = 'Europe/Atlantis' WHERE id = id('bistro');
SELECT * FROM found('bistro', 'cafe');
SELECT says(format('SELECT count(*) FROM menuca_check_assignments(%L)', id('bistro')));
ROLLBACK;
-- Ten are named
BEGIN;
SELECT count(book('small ' || n, 'bistro', 3, 10 + 24 * n, '{H1}')) FROM generate_series(1, 13) n;
SELECT actual, regexp_replace(detail, '[0-9a-f-]{36}', 'ID', 'g') FROM found('bistro') WHERE name = 'seats';
ROLLBACK;
-- Dates: what is before is not looked at; odd ones; a restaurant that is none
SELECT d, (SELECT metadata->'bookings' FROM menuca_check_assignments(id('bistro'), d) WHERE name = 'seats') AS bookings FROM unnest('{2026-02-09,2026-02-10,2026-02-11,0001-01-01,294276-12-01}'::date[]) d;
SELECT says(format('SELECT count(*) FROM menuca_check_assignments(%L, %L)', r, d)) FROM (VALUES (id('bistro'), 'infinity'), (id('bistro'), '4714-11-24 BC'), (id('nobody'), '2026-02-10'), (id('nobody'), NULL)) v(r, d);
SELECT count(*) > 10 AS current_day FROM menuca_check_assignments();

--
-- Combinations of a day, and what would be better
--
SELECT book('dominated', 'bistro', 2, 10, '{H1,H3}'), book('tight', 'bistro', 5, 12, '{H3,H4}'), book('fits', 'bistro', 6, 14, '{H3,H1}'), book('blocks', 'bistro', 6, 14, '{H5}'), book('blocks too', 'bistro', 8, 14, '{H6}'), book('needs', 'bistro', 10, 16, '{H5,H4}'), book('wide', 'bistro', 4, 16, '{H1,B1}'), book('past', 'bistro', 9, 10, '{H5,H4}', 'completed'), book('off', 'bistro', 9, 12, '{H5,H6}', 'cancelled');
SELECT (SELECT n FROM unnest('{joined,dominated,tight,fits,needs,wide,past}'::text[]) n WHERE id(n) = booking) AS name, party_size, tables, zone, capacity, wasted, score, dominated, better, better_score, no_single_fits, reason FROM menuca_check_combinations(id('bistro'), '2026-02-10');
-- Better is what the planner would choose, were the booking not there, and where it is NULL they are that, or as good
SELECT count(*) AS combinations, count(*) FILTER (WHERE c.better IS NOT NULL AND c.better = array_to_string(p.table_numbers, ' + ') AND c.better_score = p.score) AS better, count(*) FILTER (WHERE c.better IS NULL AND c.score = p.score) AS best
FROM menuca_check_combinations(id('bistro'), '2026-02-10') c, LATERAL menuca_plan_tables(id('bistro'), c.party_size, c.start_at, '2 hours', c.booking, max_plans => 1) p WHERE c.reason NOT LIKE 'over%';
SELECT next_step FROM menuca_check_combinations(id('bistro'), '2026-02-10') WHERE better IS NOT NULL \gexec
SELECT tables, better, reason FROM menuca_check_combinations(id('bistro'), '2026-02-10');
-- Midnight belongs to the evening before; other days have none; odd arguments
SELECT book('night', 'bistro', 10, 24, '{H5,H4}');
SELECT d, (SELECT count(*) FROM menuca_check_combinations(id('bistro'), d)) FROM unnest('{2026-02-09,2026-02-10,2026-02-11}'::date[]) d;
SELECT says(format('SELECT count(*) FROM menuca_check_combinations(%L, %L)', r, d)) FROM (VALUES (id('bistro'), 'infinity'), (id('nobody'), '2026-02-10'), (NULL, NULL), (id('empty'), NULL)) v(r, d);
-- The original's evening, seated as well as can be: 16 combinations, ten of which no single dining table could spare
SELECT count(*) FROM menuca_seating_set(NULL, '{"turn_times": {"2": 60, "4": 75, "6": 85, "8": 90}, "buffer_after": 5}');
SELECT count(*) FROM menuca_auto_assign_day(id('restaurant'), '2025-11-15', dry_run => false);
SELECT count(*) AS combinations, count(*) FILTER (WHERE no_single_fits) AS necessary, count(*) FILTER (WHERE dominated) AS dominated, count(better) AS better FROM menuca_check_combinations(id('restaurant'), '2025-11-15');
SELECT name, status, actual FROM menuca_check_assignments(id('restaurant'), '2025-11-15') WHERE status <> 'PASS' OR name = 'summary';
SELECT count(*) FROM menuca_seating_set(NULL, '{"turn_times": null, "buffer_after": null}');
SELECT count(*) FROM menuca_seating_change;

--
-- Which rule loses the sets: on the 40-table floor, against all sets of one to five dining tables of a zone
--
DELETE FROM bookings WHERE restaurant_id = id('restaurant');
CREATE TEMP TABLE sets AS
WITH RECURSIVE s AS (
	SELECT NULL::uuid AS zone, NULL::text AS last, 0 AS n, 0 AS seats
	UNION ALL SELECT t.zone_id, t.table_number, s.n + 1, s.seats + t.capacity FROM s JOIN table_inventory t ON t.restaurant_id = id('restaurant') AND (s.n = 0 OR t.zone_id = s.zone AND t.table_number > s.last) WHERE s.n < 5)
SELECT n, seats FROM s WHERE n > 0;
SELECT n, count(*) FROM sets GROUP BY n ORDER BY n;
SELECT party, concat_ws('/', metadata->'1', metadata->'2', metadata->'3') AS by_size, by_hand, plans_now, k, k_sets, overage, overage_sets, capacity, capacity_sets
FROM unnest('{2,4,5,7,9,11,12,14,16,20}'::int[]) party,
	LATERAL (SELECT count(*) FILTER (WHERE n <= 3 AND seats BETWEEN party AND party + 2) AS by_hand, count(*) FILTER (WHERE seats BETWEEN party AND party + 2) AS k_sets, count(*) FILTER (WHERE n <= 3 AND seats >= party) AS overage_sets, count(*) FILTER (WHERE n <= 3 AND seats <= party + 2) AS capacity_sets FROM sets) s,
	LATERAL (SELECT max(d.plans) AS plans_now, max(plans_without) FILTER (WHERE rule = 'k') AS k, max(plans_without) FILTER (WHERE rule = 'overage') AS overage, max(plans_without) FILTER (WHERE rule = 'capacity') AS capacity FROM menuca_debug_combinations(id('restaurant'), party, '2025-11-15 19:00+00') d) d,
	LATERAL menuca_debug_combinations(id('restaurant'), party, '2025-11-15 19:00+00') b WHERE b.rule = 'summary';
-- With each rule breached somewhere: sets by the rules, and without each alone
UPDATE table_inventory SET mobility = 'fixed' WHERE table_number IN ('MD-09', 'OG-05', 'PT-02');
UPDATE table_inventory SET status = 'out_of_service' WHERE table_number IN ('MD-03', 'BA-07');
UPDATE table_inventory SET min_party_size = 9 WHERE table_number IN ('MD-11', 'PR-05');
UPDATE table_inventory SET max_party_size = 5 WHERE table_number IN ('OG-04', 'MD-07');
UPDATE zones SET active = false WHERE name = 'PT';
INSERT INTO bookings (id, restaurant_id, party_size, start_at, end_at) VALUES (id('busy'), id('restaurant'), 4, '2025-11-15 19:00+00', '2025-11-15 20:00+00');
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT id('busy'), id, '2025-11-15 19:00+00', '2025-11-15 20:00+00' FROM table_inventory WHERE table_number IN ('MD-05', 'BA-03', 'PR-01');
INSERT INTO table_adjacencies SELECT a.id, b.id FROM table_inventory a JOIN table_inventory b ON a.restaurant_id = id('restaurant') AND a.zone_id = b.zone_id AND right(b.table_number, 2)::int - right(a.table_number, 2)::int IN (1, 3);
SELECT count(*) FROM menuca_seating_set(id('restaurant'), '{"adjacency": "pairwise"}');
CREATE TEMP VIEW broken AS
WITH RECURSIVE s AS (
	SELECT NULL::uuid AS zone, NULL::text AS last, 0 AS n, 0 AS seats, 0 AS fixed, 0 AS closed, 0 AS broken, 1 AS least, NULL::int AS most, 0 AS taken, '{}'::uuid[] AS ids, 0 AS apart
	UNION ALL SELECT t.zone_id, t.table_number, s.n + 1, s.seats + t.capacity, s.fixed + (t.mobility = 'fixed')::int, (NOT z.active)::int, s.broken + (t.status = 'out_of_service')::int, greatest(s.least, t.min_party_size), t.max_party_size,
		s.taken + (EXISTS (SELECT FROM booking_table_assignments a WHERE a.table_id = t.id))::int, s.ids || t.id,
		s.apart + (SELECT count(*)::int FROM unnest(s.ids) o WHERE NOT EXISTS (SELECT FROM table_adjacencies e WHERE (e.table_a, e.table_b) IN ((o, t.id), (t.id, o))))
	FROM s JOIN table_inventory t ON t.restaurant_id = id('restaurant') AND (s.n = 0 OR t.zone_id = s.zone AND t.table_number > s.last) JOIN zones z ON z.id = t.zone_id WHERE s.n < 5)
SELECT party, rule, count(*) FROM s, unnest('{4,5,6,8,10,12}'::int[]) party, unnest('{summary,busy,k,adjacency,overage,listed,mobility,min_party,max_party,zone_closed,out_of_service,capacity,off,max_evaluations}'::text[]) rule
WHERE n > 0 AND (n <= 3 OR rule = 'k') AND (seats >= party OR rule = 'capacity') AND (seats <= party + 2 OR rule = 'overage') AND (taken = 0 OR rule = 'busy') AND (n = 1 OR apart = 0 OR rule = 'adjacency') AND (n = 1 OR fixed = 0 OR rule = 'mobility')
	AND (party >= least OR rule = 'min_party') AND (n > 1 OR most IS NULL OR party <= most OR rule = 'max_party') AND (closed = 0 OR rule = 'zone_closed') AND (broken = 0 OR rule = 'out_of_service') GROUP BY party, rule;
SELECT d.party, string_agg(d.rule || ' ' || d.found, ', ' ORDER BY d.n) AS planner, bool_and(d.found = COALESCE(b.count, 0)) AS equal
FROM (SELECT party, rule, COALESCE(plans_without, plans) AS found, o.n FROM unnest('{4,5,6,8,10,12}'::int[]) party, LATERAL menuca_debug_combinations(id('restaurant'), party, '2025-11-15 19:00+00', '1 hour') WITH ORDINALITY o(rule, plans, plans_without, lost, setting, statement, complete, detail, next_step, metadata, n)) d
LEFT JOIN broken b ON b.party = d.party AND b.rule = d.rule GROUP BY d.party ORDER BY d.party;
-- In order of lost; complete; the summary is the first
SELECT party, bool_and(lost <= before OR before IS NULL) AS in_order, bool_and(complete) AS complete, count(*) FILTER (WHERE lost <> plans_without - plans) AS wrong, (array_agg(rule ORDER BY n))[1] AS first
FROM (SELECT party, o.*, lag(o.lost) OVER (PARTITION BY party ORDER BY o.n) AS before FROM unnest('{4,5,12}'::int[]) party, LATERAL menuca_debug_combinations(id('restaurant'), party, '2025-11-15 19:00+00') WITH ORDINALITY o(rule, plans, plans_without, lost, setting, statement, complete, detail, next_step, metadata, n)) d GROUP BY party ORDER BY party;
-- What is proposed brings sets
SELECT rule, lost, setting, detail FROM menuca_debug_combinations(id('restaurant'), 12, '2025-11-15 19:00+00') WHERE setting IS NOT NULL ORDER BY rule;
BEGIN;
SELECT plans AS before FROM menuca_debug_combinations(id('restaurant'), 12, '2025-11-15 19:00+00') WHERE rule = 'summary';
SELECT statement FROM menuca_debug_combinations(id('restaurant'), 12, '2025-11-15 19:00+00') WHERE rule = 'overage' \gexec
SELECT plans AS max_overage FROM menuca_debug_combinations(id('restaurant'), 12, '2025-11-15 19:00+00') WHERE rule = 'summary';
SELECT statement FROM menuca_debug_combinations(id('restaurant'), 12, '2025-11-15 19:00+00') WHERE rule = 'adjacency' \gexec
SELECT plans AS adjacency FROM menuca_debug_combinations(id('restaurant'), 12, '2025-11-15 19:00+00') WHERE rule = 'summary';
ROLLBACK;
-- Off, each way; listed only; the limit of steps
BEGIN;
SELECT format('SELECT count(*) FROM menuca_seating_set(id(''restaurant''), %L)', s), 'SELECT rule, lost, statement, complete, detail FROM menuca_debug_combinations(id(''restaurant''), 12, ''2025-11-15 19:00+00'') WHERE rule IN (''summary'', ''off'', ''k'', ''listed'', ''max_evaluations'') AND (lost > 0 OR rule = ''summary'' OR rule = ''max_evaluations'' AND NOT complete)'
FROM unnest(ARRAY['{"planner": false}', '{"planner": true, "merges": false}', '{"planner": false}', '{"planner": true, "merges": true, "combinations": "listed"}', '{"combinations": "free", "adjacency": "connected", "max_evaluations": 10}']) WITH ORDINALITY u(s, n) ORDER BY n \gexec
ROLLBACK;
-- Failure 25: a party of 12, 19 movable dining tables (11 of 2, 8 of 4), 55 edges, 3 isolated, k 3
INSERT INTO restaurants (id, name) VALUES (id('sparse'), 'Sparse');
INSERT INTO zones (id, restaurant_id, name) VALUES (id('sparse zone'), id('sparse'), 'Main');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT id('sparse ' || n), id('sparse'), id('sparse zone'), 'S' || lpad(n::text, 2, '0'), CASE WHEN n <= 11 THEN 2 ELSE 4 END FROM generate_series(1, 19) n;
INSERT INTO table_adjacencies SELECT id('sparse ' || a), id('sparse ' || b) FROM generate_series(4, 19) a, generate_series(4, 19) b WHERE a < b AND (a < 12 OR b < 12) ORDER BY md5(a || ' ' || b) LIMIT 55;
SELECT count(*) FROM menuca_seating_set(id('sparse'), '{"adjacency": "connected", "k_max": 3}');
SELECT name, status, actual, detail FROM menuca_check_adjacency(id('sparse')) WHERE name IN ('edges', 'coverage', 'isolated', 'largest_party');
SELECT rule, plans, plans_without, lost, setting, statement, detail FROM menuca_debug_combinations(id('sparse'), 12, '2026-02-10 19:00+00') WHERE rule = 'summary' OR lost > 0;
-- Taken: says when
SELECT book('all', 'bistro', 8, 30, '{H6}'), book('all 2', 'bistro', 6, 30, '{H5}'), book('all 3', 'bistro', 4, 30, '{H4}'), book('all 4', 'bistro', 4, 30, '{H3}');
SELECT rule, plans, plans_without, setting, detail FROM menuca_debug_combinations(id('bistro'), 8, '2026-02-11 06:00+00') WHERE rule IN ('summary', 'busy');
SELECT rule, plans, detail FROM menuca_debug_combinations(id('bistro'), 4, '2026-02-13 19:00+00') WHERE rule = 'summary';
-- Odd arguments
SELECT p, says(format('SELECT rule, plans, detail FROM menuca_debug_combinations(%L, %L, ''2026-02-10 19:00+00'') WHERE rule = ''summary''', id('bistro'), p)) FROM unnest('{0,-1,NULL,100,2147483647}'::int[]) p;
SELECT a, d, says(format('SELECT count(*) FROM menuca_debug_combinations(%L, 2, %L, %L)', id('bistro'), a, d)) FROM (VALUES ('infinity', NULL), (NULL, NULL), ('2026-02-10 19:00+00', '0'), ('2026-02-10 19:00+00', '-1 hour'), ('294276-12-31 23:00+00', '2 hours'), ('2026-02-10 19:00+00', '10 years')) v(a, d);
SELECT r, says(format('SELECT max(plans) FROM menuca_debug_combinations(%L, 2, ''2026-02-10 19:00+00'')', r)) FROM unnest(ARRAY[id('nobody'), NULL, id('empty')]) r;
SELECT count(*) FROM menuca_debug_combinations(id('bistro'), 2);
SELECT count(*) FROM menuca_seating_set(id('cafe'), '{"turn_times": {}}');
SELECT says(format('SELECT count(*) FROM menuca_debug_combinations(%L, 2, ''2026-02-10 19:00+00'')', id('cafe')));
UPDATE table_inventory SET capacity = 2147483647 WHERE restaurant_id = id('cafe');
SELECT rule, plans_without, setting FROM menuca_debug_combinations(id('cafe'), 2, '2026-02-10 19:00+00', '1 hour') WHERE lost > 0;
SELECT zone FROM menuca_check_adjacency(id('cafe')), jsonb_array_elements(metadata->'zones') zone WHERE name = 'largest_party';
UPDATE table_inventory SET capacity = 4 WHERE restaurant_id = id('cafe');

--
-- What programs show
--
CREATE VIEW by_hand AS SELECT b.id AS booking_id, b.restaurant_id, b.status::text, b.start_at, b.party_size, string_agg(t.table_number, ' + ' ORDER BY t.table_number COLLATE "C") AS tables, count(*) > 1 AS combined, count(*)::int AS table_count, sum(t.capacity) AS seats,
	(SELECT string_agg(z.name, ' + ' ORDER BY z.first) FROM (SELECT z.name, min(t2.table_number COLLATE "C") AS first FROM booking_table_assignments a2 JOIN table_inventory t2 ON t2.id = a2.table_id JOIN zones z ON z.id = t2.zone_id WHERE a2.booking_id = b.id GROUP BY z.name) z) AS zone
FROM bookings b JOIN booking_table_assignments a ON a.booking_id = b.id JOIN table_inventory t ON t.id = a.table_id GROUP BY b.id;
SELECT count(*) AS bookings, (SELECT count(*) FROM (SELECT * FROM menuca_booking_tables EXCEPT SELECT * FROM by_hand) x) AS too_many, (SELECT count(*) FROM (SELECT * FROM by_hand EXCEPT SELECT * FROM menuca_booking_tables) x) AS missing FROM by_hand;
SELECT r, (SELECT count(*) FROM menuca_booking_table_rows(id(r))) AS rows, (SELECT count(*) FROM by_hand WHERE restaurant_id = id(r)) AS by_hand FROM unnest('{bistro,cafe,empty,nobody}'::text[]) r;
SELECT status, start_at, party_size, tables, combined, table_count, seats, zone FROM menuca_booking_table_rows(booking => id('wide'));
SELECT count(*) FROM menuca_booking_table_rows(id('cafe'), id('wide'));
BEGIN;
ALTER TABLE booking_table_assignments DROP CONSTRAINT booking_table_assignments_table_id_fkey, DROP CONSTRAINT booking_table_assignments_booking_id_table_id_key;
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT booking_id, unnest(ARRAY[table_id, id('gone')]), start_at, end_at FROM booking_table_assignments WHERE booking_id = id('cafe one');
UPDATE bookings SET start_at = NULL, end_at = NULL WHERE id = id('cafe one');
UPDATE table_inventory SET table_number = E'<b>"K\'\n1</b>', zone_id = NULL WHERE id = id('K1');
SELECT status, start_at, party_size, tables, combined, table_count, seats, zone FROM menuca_booking_table_rows(id('cafe'));
ROLLBACK;

--
-- READ ONLY; other sessions' settings; rights; row security
--
BEGIN READ ONLY;
SELECT count(*) > 5 FROM menuca_check_adjacency(id('room'));
SELECT count(*) > 5 FROM menuca_suggest_adjacency(id('grid'), 2);
SELECT count(*) > 5 FROM menuca_check_assignments();
SELECT count(*) > 1 FROM menuca_check_combinations(id('bistro'), '2026-02-10');
SELECT count(*) > 5 FROM menuca_debug_combinations(id('bistro'), 5, '2026-02-10 19:00+00');
SELECT count(*) > 5 FROM menuca_booking_tables;
COMMIT;
SET TimeZone = 'Pacific/Kiritimati';
SET DateStyle = 'SQL, DMY';
SET search_path = '';
SELECT d.next_step FROM public.menuca_debug_combinations(public.id('bistro'), 5, '2026-02-10 19:00+00') d WHERE rule = 'summary';
SELECT count(*) FROM public.menuca_check_combinations(public.id('bistro'), '2026-02-10');
RESET search_path;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
CREATE ROLE regress_survey;
SET ROLE regress_survey;
SELECT says('SELECT * FROM menuca_booking_table_rows()');
SELECT says('SELECT * FROM menuca_booking_tables');
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO regress_survey;
GRANT SELECT ON menuca_booking_tables TO regress_survey;
SET ROLE regress_survey;
SELECT says('SELECT count(*) FROM menuca_booking_tables');
SELECT says('SELECT count(*) FROM menuca_check_assignments()');
RESET ROLE;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO regress_survey;
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
SET ROLE regress_survey;
SELECT says('SELECT count(*) FROM menuca_booking_tables');
RESET ROLE;
ALTER TABLE bookings DISABLE ROW LEVEL SECURITY;
SET ROLE regress_survey;
SELECT says('SELECT count(*) > 5 FROM menuca_booking_tables');
RESET ROLE;
DROP OWNED BY regress_survey;
DROP ROLE regress_survey;

--
-- A schema with words instead of enums, the clock's times instead of instants, and no more columns than needed
--
CREATE SCHEMA plain;
CREATE TABLE plain.restaurants (id uuid PRIMARY KEY, timezone text);
CREATE TABLE plain.zones (id uuid PRIMARY KEY, restaurant_id uuid, name text, active boolean);
CREATE TABLE plain.table_inventory (id uuid PRIMARY KEY, restaurant_id uuid, zone_id uuid, table_number text, capacity numeric, mobility text, status text, active boolean);
CREATE TABLE plain.bookings (id uuid PRIMARY KEY, restaurant_id uuid, party_size numeric, status text, booking_date date, start_time time, end_time time);
CREATE TABLE plain.booking_table_assignments (booking_id uuid, table_id uuid, start_at timestamptz, end_at timestamptz);
INSERT INTO plain.restaurants VALUES (id('inn'), 'Europe/London'), (id('lost'), 'nowhere');
INSERT INTO plain.zones VALUES (id('parlour'), id('inn'), NULL, true);
INSERT INTO plain.table_inventory SELECT id('inn ' || n), id('inn'), id('parlour'), CASE WHEN n < 4 THEN 'I' || n END, 2 + n, 'movable', NULL, true FROM generate_series(1, 4) n;
INSERT INTO plain.bookings VALUES (id('i1'), id('inn'), 7, 'confirmed', '2026-03-28', '23:00', '01:00'), (id('i2'), id('inn'), 1e12, 'confirmed', '2026-03-28', '19:00', NULL), (id('i3'), id('inn'), 4, 'whatever', '2026-03-28', '19:00', NULL), (id('i4'), id('inn'), 4, NULL, '2026-03-28', NULL, NULL),
	(id('i5'), id('inn'), 4, 'pending', '2026-03-29', '01:30', NULL), (id('i6'), id('lost'), 4, 'pending', '2026-03-29', '01:30', NULL), (id('i7'), NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO plain.booking_table_assignments SELECT id('i' || n), id('inn ' || (1 + n % 4)), NULL, NULL FROM generate_series(1, 7) n;
INSERT INTO plain.booking_table_assignments VALUES (id('i1'), id('inn 4'), '2026-03-28 23:00+00', '2026-03-29 01:00+00'), (id('i1'), NULL, NULL, NULL);
SET menuca.seating_schema = 'plain';
SELECT name, status, actual, detail FROM menuca_check_assignments(from_date => '2026-03-28');
SELECT party_size, start_at, tables, zone, capacity, wasted, score, better, reason, next_step FROM menuca_check_combinations(id('inn'), '2026-03-28');
SELECT party_size, status, start_at, tables, combined, table_count, seats, zone FROM menuca_booking_tables ORDER BY party_size, start_at, tables, status;
SELECT name, status, actual FROM menuca_check_adjacency(id('inn')) WHERE status <> 'SKIP';
SELECT says(format('SELECT * FROM menuca_suggest_adjacency(%L)', id('inn')));
SELECT rule, plans FROM menuca_debug_combinations(id('inn'), 7, '2026-03-28 19:00+00') WHERE rule = 'summary';
DROP TABLE plain.zones;
SELECT says('SELECT count(*) FROM menuca_booking_tables');
RESET menuca.seating_schema;
DROP SCHEMA plain CASCADE;
\set ECHO none
\set drop :abs_srcdir '/sql/include/seating_drop.sql'
\i :drop
