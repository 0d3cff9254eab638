-- The maintenance window: announced, and with new sessions that are read-only
-- engines: auto
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\set try :abs_srcdir '/sql/include/try.sql'
\i :schema
CREATE TABLE menuca_v3.courses (id bigint PRIMARY KEY, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants);
SELECT system_identifier, current_database() AS database FROM pg_control_system() \gset
CREATE FUNCTION staging.plain(t text) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace(regexp_replace(replace(replace(t, (SELECT system_identifier::text FROM pg_control_system()), 'CLUSTER'), current_database(), 'DATABASE'), '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?', 'TIME', 'g'), session_user::text, 'ME', 'g') $$;
\i :try
\set ECHO all
\pset format unaligned
\pset null (null)
SET timezone = 'America/Toronto';
SET client_min_messages = warning;

-- Nothing before the database is registered
CALL staging.try($$SELECT menuca_announce_window(now(), now() + '1 hour')$$);
CALL staging.try('SELECT menuca_read_only(true)');
SELECT environment FROM menuca_environment('production', :'database', :system_identifier);

--
-- The announced window
--
CALL staging.try($$SELECT menuca_announce_window(NULL, now())$$);
CALL staging.try($$SELECT menuca_announce_window(now(), NULL)$$);
CALL staging.try($$SELECT menuca_announce_window(now(), 'infinity')$$);
CALL staging.try($$SELECT menuca_announce_window('-infinity', now() + '1 hour')$$);
CALL staging.try($$SELECT menuca_announce_window(now() + '2 hours', now() + '1 hour')$$);
CALL staging.try($$SELECT menuca_announce_window(now() + '1 hour', now() + '1 hour')$$);
CALL staging.try($$SELECT menuca_announce_window('2020-01-01 10:00+00', '2020-01-01 12:00+00')$$);
-- None is announced: the row says what the sign-off says
SELECT status, expected, actual, remedy FROM menuca_preview_ticket(6) WHERE name = 'window';
SELECT status FROM menuca_preview_ticket(9) WHERE name = 'window';
-- In the session's zone, and in UTC
SELECT menuca_announce_window('2999-07-01 02:00', '2999-07-01 04:00', 'Robert''); DROP TABLE x; -- <b>');
SELECT n, status, regexp_replace(expected, ';.*', '') AS expected, actual, staging.plain(detail) AS detail, remedy
FROM generate_series(6, 10) n, LATERAL menuca_preview_ticket(n) WHERE name = 'window';
-- Less than a day before; the newest one counts
SELECT menuca_announce_window(now() - '1 minute'::interval, now() + '1 hour') IS NOT NULL AS announced;
SELECT status, actual, staging.plain(detail) AS detail FROM menuca_preview_ticket(7) WHERE name = 'window';
-- It is over
UPDATE menuca_window SET starts_at = '2020-01-01 10:00+00', ends_at = '2020-01-01 12:00+00';
SELECT status, expected, actual FROM menuca_preview_ticket(8) WHERE name = 'window';
SET timezone = 'UTC';
SELECT state, times, announced_a_day_before FROM menuca_window_state;
-- Never refused for it: the ticket's obstacles are others
CALL staging.try('SELECT * FROM menuca_ticket(7, dry_run => false)');
-- A view that somebody has dropped is an error of that row
BEGIN;
ALTER VIEW menuca_window_state RENAME TO menuca_window_of_old;
SELECT status, actual FROM menuca_preview_ticket(8) WHERE name = 'window';
ROLLBACK;

--
-- Read-only
--
CREATE FUNCTION staging.setting() RETURNS text LANGUAGE sql AS
$$ SELECT coalesce((SELECT setconfig::text FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE datname = current_database() AND setrole = 0), 'nothing') $$;
CALL staging.try('SELECT menuca_read_only(NULL)');
CALL staging.try('SELECT menuca_read_only(true, NULL)');
CALL staging.try('SELECT menuca_read_only(false)');
CALL staging.try('SELECT menuca_read_only(false, dry_run => false)');
-- The tenants' role does not exist: it is not tried, and said
SELECT staging.setting() AS setting_before \gset
SET menuca.tenant_role = 'regress "hostile" \ role';
SELECT dry_run, status, value_before, value_after, tried FROM menuca_read_only(true);
CREATE ROLE "regress ""hostile"" \ role";
SELECT tried FROM menuca_read_only(true);
GRANT USAGE ON SCHEMA menuca_v3 TO "regress ""hostile"" \ role";
SELECT dry_run, status, value_before, value_after, tried, next_step FROM menuca_read_only(true);
-- A rule that makes something else of the write, and whose code would like to be the caller
CREATE FUNCTION staging.steal() RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM set_config('role', 'none', false);
	RETURN 1;
END $$;
GRANT USAGE ON SCHEMA staging TO PUBLIC;
CREATE RULE steal AS ON DELETE TO menuca_v3.dishes DO INSTEAD SELECT staging.steal();
SELECT tried FROM menuca_read_only(true);
CREATE OR REPLACE RULE steal AS ON DELETE TO menuca_v3.dishes DO INSTEAD NOTHING;
CALL staging.try('SELECT menuca_read_only(true)');
DROP RULE steal ON menuca_v3.dishes;
DROP FUNCTION staging.steal;
-- Those who have a value of their own
ALTER ROLE "regress ""hostile"" \ role" SET default_transaction_read_only = off;
SELECT regexp_replace(detail, '^\d+ other sessions? .*; ', '') AS detail FROM menuca_read_only(true);
-- A dry run has changed nothing
SELECT staging.setting() = :'setting_before' AS unchanged, (SELECT count(*) FROM menuca_read_only_change) AS changes;
BEGIN READ ONLY;
SELECT status FROM menuca_read_only(true);
ROLLBACK;
CALL staging.try($$DO 'BEGIN SET LOCAL transaction_read_only = on; PERFORM menuca_read_only(true, dry_run => false); END'$$);
-- On, off, and what the database had before
SELECT dry_run, status, value_before, value_after, next_step FROM menuca_read_only(true, dry_run => false);
SELECT value, is_on, can_undo, value_before, turned_on_by = session_user AS by_me FROM menuca_read_only_state;
SELECT status, value_before, value_after, tried, next_step FROM menuca_read_only(true, dry_run => false);
SELECT turned_on, value_before, value_after, tried FROM menuca_read_only_change;
SELECT status, value_before, value_after FROM menuca_read_only(false);
SELECT status, value_before, value_after, tried, next_step FROM menuca_read_only("on" => false, dry_run => false);
SELECT staging.setting() = :'setting_before' AS as_before;
CALL staging.try('SELECT menuca_read_only(false, dry_run => false)');
ALTER DATABASE :"database" SET default_transaction_read_only = 'false';
SELECT status, value_before, value_after FROM menuca_read_only(true, dry_run => false);
SELECT status, value_before, value_after FROM menuca_read_only(false, dry_run => false);
ALTER DATABASE :"database" RESET default_transaction_read_only;
-- Somebody else has done it
ALTER DATABASE :"database" SET default_transaction_read_only = on;
SELECT status, value_before, value_after, regexp_replace(detail, '\. .*', '') AS detail, next_step FROM menuca_read_only(true, dry_run => false);
CALL staging.try('SELECT menuca_read_only(false, dry_run => false)');
ALTER DATABASE :"database" RESET default_transaction_read_only;
-- Somebody has ended it by hand: the record ends
SELECT status FROM menuca_read_only(true, dry_run => false);
ALTER DATABASE :"database" RESET default_transaction_read_only;
SELECT status, value_before, value_after, detail FROM menuca_read_only(false, dry_run => false);
-- Twice in one statement
CALL staging.try('SELECT (menuca_read_only(true, dry_run => false)).*');
SELECT staging.setting() = :'setting_before' AS as_before;
-- The right that it needs
CREATE ROLE regress_menuca_runner;
GRANT USAGE ON SCHEMA public, staging TO regress_menuca_runner;
SET ROLE regress_menuca_runner;
CALL staging.try('SELECT menuca_read_only(true)');
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_read_only TO regress_menuca_runner;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO regress_menuca_runner;
SET ROLE regress_menuca_runner;
CALL staging.try('SELECT menuca_read_only(true)');
CALL staging.try('SELECT menuca_read_only(true, dry_run => false)');
CALL staging.try($$INSERT INTO menuca_read_only_change (environment_id, turned_on, sessions, tried) VALUES (1, true, 0, 'forged')$$);
RESET ROLE;

-- The owner may, whoever that is, and without any other right than to call it
SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = current_database() \gset
ALTER DATABASE :"database" OWNER TO regress_menuca_runner;
SET ROLE regress_menuca_runner;
SELECT status, tried FROM menuca_read_only(true, dry_run => false);
SELECT status FROM menuca_read_only(false, dry_run => false);
RESET ROLE;
ALTER DATABASE :"database" OWNER TO :"owner";
SELECT staging.setting() = :'setting_before' AS as_before;

\set ECHO none
\i :drop
DROP OWNED BY regress_menuca_runner;
DROP ROLE regress_menuca_runner, "regress ""hostile"" \ role";
