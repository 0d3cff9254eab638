-- Settings that are misspelt or invalid are refused at the first call, whenever they were set
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all

-- Misspelt, before the library is loaded: refused until it is reset
\c -
SET menuca.sourc_table = 'staging.other';
SELECT count(*) FROM menuca_plan_combos();
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM menuca_plan_combos();
SET "Menuca.Target" = 'menuca_v4';
RESET menuca.sourc_table;
SELECT count(*) FROM menuca_plan_combos();
RESET menuca.target;
SELECT count(*) FROM menuca_plan_combos();
-- Then nobody can set one
SET menuca.sourc_table = 'staging.other';

-- An invalid value, before the library is loaded: refused until it has another
\c -
SET menuca.engine = 'native';
SELECT count(*) FROM menuca_plan_combos();
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM menuca_plan_combos();
SET menuca.engine = 'executor';
SELECT count(*) FROM menuca_plan_combos();
SHOW menuca.engine;
SET menuca.engine = 'native';

-- A value that only a superuser may set
CREATE ROLE menuca_settings_user LOGIN;
\c - menuca_settings_user
SET menuca.max_query_time = 5000;
SELECT menuca_claim_bigint('restaurant_id');
\c - postgres

-- Set for the database, for the role, and for the connection
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET menuca.max_orphans = 5', current_database()); END $$;
\c -
SELECT count(*) FROM menuca_plan_combos();
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET menuca.max_orphans', current_database()); END $$;
\c -
SELECT count(*) FROM menuca_plan_combos();
\c -
ALTER ROLE menuca_settings_user SET menuca.max_orphans = 5;
\c - menuca_settings_user
SELECT menuca_claim_bigint('restaurant_id');
\c - postgres
DROP ROLE menuca_settings_user;

-- Valid settings that were made early are kept
\c -
SET menuca.source_table = 'staging.nowhere';
SELECT count(*) FROM menuca_plan_combos();

\c -
\set ECHO none
\i :drop
