-- A session keeps the query plans of seating's statements: what changes between two calls
-- must count in the second
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION btree_gist;
CREATE EXTENSION menuca_seating;
\i :schema
RESET client_min_messages;
CREATE FUNCTION id(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$SELECT md5(name)::uuid$$;
INSERT INTO restaurants (id, timezone) VALUES (id('napoli'), 'UTC');
INSERT INTO zones (id, restaurant_id, name) VALUES (id('hall'), id('napoli'), 'Hall');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity, min_party_size)
SELECT id('T' || n), id('napoli'), id('hall'), 'T' || n, 2 + n % 3 * 2, CASE n WHEN 1 THEN 4 ELSE 1 END FROM generate_series(1, 5) n;
-- One restaurant's plans for four at seven; the statements of each call are the same.
CREATE FUNCTION plans(party int DEFAULT 4) RETURNS text LANGUAGE sql
AS $$SELECT string_agg(array_to_string(table_numbers, '+'), ' ' ORDER BY plan_no) FROM menuca_plan_tables(md5('napoli')::uuid, party, '2025-11-15 19:00+00', '2 hours')$$;
-- How many rows of a table the statements after it have read without an index
CREATE FUNCTION rows_read(relation regclass) RETURNS bigint LANGUAGE sql
AS $$SELECT seq_tup_read FROM pg_stat_user_tables WHERE relid = relation$$;
\set ECHO all
SELECT plans();
SELECT plans();

-- Rows
UPDATE table_inventory SET active = false WHERE table_number = 'T1';
SELECT plans();
UPDATE table_inventory SET active = true;

-- Enum labels: the word has another value, or none
SELECT plans(8);
ALTER TYPE table_mobility RENAME VALUE 'movable' TO 'portable';
SELECT plans(8);
ALTER TYPE table_mobility RENAME VALUE 'fixed' TO 'movable';
SELECT plans(8);
ALTER TYPE table_mobility RENAME VALUE 'movable' TO 'fixed';
ALTER TYPE table_mobility RENAME VALUE 'portable' TO 'movable';
SELECT plans(8);

-- Columns: another type, none, again
ALTER TABLE table_inventory ALTER mobility DROP DEFAULT, ALTER mobility TYPE text, ALTER capacity TYPE bigint;
SELECT plans();
ALTER TABLE table_inventory RENAME min_party_size TO former;
SELECT plans(3);
ALTER TABLE table_inventory RENAME former TO min_party_size;
SELECT plans(3);

-- Indexes and constraints
ALTER TABLE booking_table_assignments ADD CONSTRAINT no_overlap EXCLUDE USING gist (table_id WITH =, tstzrange(start_at, end_at) WITH &&);
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) VALUES (id('first'), id('napoli'), 4, 'pending', '2025-11-15 19:00+00');
SELECT outcome, table_numbers FROM menuca_auto_assign(id('first'));
SELECT plans();
ALTER TABLE booking_table_assignments DROP CONSTRAINT no_overlap;
DROP INDEX bookings_restaurant_start;
SELECT plans();
SELECT outcome, table_numbers FROM menuca_auto_assign(id('first'));

-- Rights, in one session: they are those of whoever calls
CREATE ROLE regress_seating_host;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO regress_seating_host;
GRANT EXECUTE ON FUNCTION menuca_plan_tables TO regress_seating_host;
SET ROLE regress_seating_host;
SELECT plans();
RESET ROLE;
REVOKE SELECT ON zones FROM regress_seating_host;
SET ROLE regress_seating_host;
SELECT plans();
RESET ROLE;
SELECT plans();
GRANT SELECT ON zones TO regress_seating_host;
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
SET ROLE regress_seating_host;
SELECT plans();
RESET ROLE;
ALTER ROLE regress_seating_host BYPASSRLS;
SET ROLE regress_seating_host;
SELECT plans();
RESET ROLE;
ALTER ROLE regress_seating_host NOBYPASSRLS;
SET ROLE regress_seating_host;
SELECT plans();
RESET ROLE;
ALTER TABLE bookings DISABLE ROW LEVEL SECURITY;
SET ROLE regress_seating_host;
SELECT plans();
RESET ROLE;

-- Code of the tables' owner, put there between two calls of a superuser, does not run as one
CREATE ROLE regress_seating_owner;
ALTER TABLE zones OWNER TO regress_seating_owner;
GRANT CREATE ON SCHEMA public TO regress_seating_owner;
SELECT plans();
SET ROLE regress_seating_owner;
CREATE FUNCTION tells(name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RAISE NOTICE 'runs as %', CASE WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN 'a superuser' WHEN current_user LIKE 'pg\_%' THEN 'nobody' ELSE current_user END;
	RETURN name;
END $$;
ALTER TABLE zones RENAME TO former_zones;
CREATE VIEW zones AS SELECT id, restaurant_id, tells(name) AS name, active FROM former_zones;
RESET ROLE;
SELECT plans();
SELECT plans();
SET ROLE regress_seating_owner;
DROP VIEW zones;
ALTER TABLE former_zones RENAME TO zones;
RESET ROLE;
SELECT plans();

-- Tables of the same names: elsewhere, and in place of others
CREATE SCHEMA other;
SET search_path = other;
\set ECHO none
\i :schema
\set ECHO all
RESET search_path;
SET menuca.seating_schema = other;
SELECT plans();
INSERT INTO other.restaurants (id) VALUES (id('napoli'));
INSERT INTO other.table_inventory (restaurant_id, table_number, capacity) VALUES (id('napoli'), 'Elsewhere', 4);
SELECT plans();
SET client_min_messages = warning;
DROP TABLE other.table_inventory CASCADE;
SELECT plans();
CREATE TABLE other.table_inventory (id uuid DEFAULT gen_random_uuid(), restaurant_id uuid, zone_id uuid, table_number varchar(20), capacity smallint, mobility text, status text, active boolean DEFAULT true);
INSERT INTO other.table_inventory (restaurant_id, table_number, capacity) VALUES (id('napoli'), 'New', 4);
SELECT plans();
RESET menuca.seating_schema;
SELECT plans();

-- A table that was empty when its plan was made, and is not any more: all is found by indexes
CREATE INDEX bookings_restaurant_start ON bookings (restaurant_id, start_at);
ALTER TABLE booking_table_assignments ADD CONSTRAINT no_overlap EXCLUDE USING gist (table_id WITH =, tstzrange(start_at, end_at) WITH &&);
SELECT count(*) FROM menuca_seating_deploy(dry_run => false);
DELETE FROM bookings;
VACUUM (FREEZE, ANALYZE) bookings, booking_table_assignments;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT id('now ' || n), id('napoli'), 2, 'pending', '2025-11-15 05:00+00'::timestamptz + n * interval '2 hours' FROM generate_series(1, 3) n;
SELECT outcome, table_numbers FROM menuca_auto_assign(id('now 1'));
BEGIN;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at)
SELECT id('past ' || n), id('napoli'), 2, 'confirmed', '2000-01-01 12:00+00'::timestamptz + n * interval '3 hours', '2000-01-01 13:00+00'::timestamptz + n * interval '3 hours' FROM generate_series(1, 20000) n;
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at)
SELECT b.id, id('T1'), b.start_at, b.end_at FROM bookings b WHERE b.start_at < '2025-01-01';
COMMIT;
SELECT outcome, table_numbers FROM menuca_auto_assign(id('now 2'));
SELECT pg_stat_force_next_flush();
SELECT rows_read('bookings') AS bookings, rows_read('booking_table_assignments') AS assignments \gset before_
SELECT outcome, table_numbers FROM menuca_auto_assign(id('now 3'));
SELECT plans() IS NOT NULL AS planned;
SELECT pg_stat_force_next_flush();
SELECT rows_read('bookings') - :before_bookings AS bookings, rows_read('booking_table_assignments') - :before_assignments AS assignments;

-- More statements than a session keeps
DO $$
BEGIN
	FOR n IN 1 .. 60 LOOP
		EXECUTE format('CREATE SCHEMA many_%s', n);
		EXECUTE format('SET LOCAL search_path = many_%s', n);
		CREATE TABLE restaurants (id uuid, timezone text);
		CREATE TABLE zones (id uuid, restaurant_id uuid, name text, active boolean);
		CREATE TABLE table_inventory (id uuid, restaurant_id uuid, zone_id uuid, table_number text, capacity int, mobility text, status text, active boolean);
		CREATE TABLE bookings (id uuid, restaurant_id uuid, party_size int, status text, start_at timestamptz);
		CREATE TABLE booking_table_assignments (booking_id uuid, table_id uuid, start_at timestamptz, end_at timestamptz);
		INSERT INTO restaurants VALUES (md5('napoli')::uuid, 'UTC');
		INSERT INTO table_inventory VALUES (md5('T')::uuid, md5('napoli')::uuid, NULL, 'M' || n, 4, 'movable', 'available', true);
		SET LOCAL search_path = public;
		PERFORM set_config('menuca.seating_schema', 'many_' || n, true);
		IF plans() IS DISTINCT FROM 'M' || n THEN
			RAISE EXCEPTION 'in schema many_%: %', n, plans();
		END IF;
		EXECUTE format('DROP SCHEMA many_%s CASCADE', n);
	END LOOP;
END
$$;
SELECT plans() IS NOT NULL AS planned;
\set ECHO none
SET client_min_messages = error;
SELECT count(*) AS undone FROM menuca_seating_undeploy(dry_run => false) \gset
DROP EXTENSION menuca_seating;
DROP SCHEMA other CASCADE;
DROP TABLE table_hold_members, table_holds, booking_table_assignments, bookings, table_adjacencies, table_inventory, zones, restaurants;
DROP TYPE booking_status, table_status, table_mobility;
DROP FUNCTION plans, rows_read, id;
DROP OWNED BY regress_seating_owner;
DROP ROLE regress_seating_owner;
DROP OWNED BY regress_seating_host;
DROP ROLE regress_seating_host;
DROP EXTENSION btree_gist;
