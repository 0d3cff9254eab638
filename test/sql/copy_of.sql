-- Of which database this one is a copy
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\set try :abs_srcdir '/sql/include/try.sql'
\i :schema
SELECT system_identifier, current_database() AS database FROM pg_control_system() \gset
-- Masks this cluster and this database, and who recorded what when
CREATE FUNCTION staging.plain(t text) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace(replace(replace(t, (SELECT system_identifier::text FROM pg_control_system()), 'CLUSTER'), current_database(), 'DATABASE'),
	'^\S+ recorded on .* that it', 'USER recorded on TIME that it', 'n') $$;
\i :try
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;

--
-- Refused: what is no name of a database, of a cluster or of a project
--
CALL staging.try($$SELECT * FROM menuca_copy_of(NULL, 42)$$);
CALL staging.try($$SELECT * FROM menuca_copy_of('', 42)$$);
CALL staging.try(format($$SELECT * FROM menuca_copy_of(%L, 42)$$, E' \t\n\u00a0'));
CALL staging.try(format($$SELECT * FROM menuca_copy_of(%L, 42)$$, repeat('x', 64)));
CALL staging.try($$SELECT * FROM menuca_copy_of('it''s', 0)$$);
CALL staging.try($$SELECT * FROM menuca_copy_of('it''s')$$);
CALL staging.try($$SELECT * FROM menuca_copy_of('postgres', project => '')$$);
CALL staging.try($$SELECT * FROM menuca_copy_of('postgres', project => '...')$$);
CALL staging.try($$SELECT * FROM menuca_copy_of('postgres', project => 'name')$$);
CALL staging.try($$SELECT * FROM menuca_copy_of('postgres', project => E'x\n; DROP TABLE y')$$);
CALL staging.try(format($$SELECT * FROM menuca_copy_of('postgres', project => %L)$$, repeat('x', 64)));
CALL staging.try($$SELECT * FROM menuca_copy_of('postgres', 42, reason => '...')$$);
-- This database itself, and what is registered as production
CALL staging.try(format($$SELECT * FROM menuca_copy_of(%L, %s)$$, :'database', :'system_identifier'));
BEGIN;
SELECT environment FROM menuca_environment('production', :'database', :system_identifier);
CALL staging.try($$SELECT * FROM menuca_copy_of('postgres', 42)$$);
ROLLBACK;
BEGIN READ ONLY;
CALL staging.try($$SELECT * FROM menuca_copy_of('postgres', 42)$$);
ROLLBACK;
SELECT count(*) FROM menuca_copy;

--
-- Recorded once; the next step is to register this database
--
SELECT database_name, system_identifier, project, recorded_by = session_user AS by_me, recorded_at > now() - interval '1 hour' AS just_now, newly_recorded, staging.plain(next_step) AS next_step
FROM menuca_copy_of('postgres', project => 'abcdefghijklmnopqrst');
SELECT environment FROM menuca_environment('staging', :'database', :system_identifier);
SELECT database_name, system_identifier, project, newly_recorded, next_step FROM menuca_copy_of('postgres', project => 'abcdefghijklmnopqrst');
-- What is recorded can be asked for where nothing can be written
BEGIN READ ONLY;
SELECT newly_recorded FROM menuca_copy_of('postgres', project => 'abcdefghijklmnopqrst');
ROLLBACK;

--
-- Another database: only with a reason
--
CALL staging.try($$SELECT * FROM menuca_copy_of('postgres', project => 'other')$$);
CALL staging.try($$SELECT * FROM menuca_copy_of('postgres', 42, 'abcdefghijklmnopqrst')$$);
CALL staging.try($$SELECT * FROM menuca_copy_of('it''s', 42)$$);
SELECT database_name, system_identifier, project, newly_recorded FROM menuca_copy_of('it''s', -9223372036854775808, reason => 'The first record named the wrong project');
SELECT database_name, system_identifier, project, newly_recorded FROM menuca_copy_of('it''s', -9223372036854775808);
CALL staging.try($$SELECT * FROM menuca_copy_of('postgres', project => 'abcdefghijklmnopqrst')$$);
SELECT record_no, of_database, of_system_identifier, of_project, reason FROM menuca_copy ORDER BY record_no;

--
-- A copy of this copy has its rows, which do not apply
--
UPDATE menuca_copy SET database_name = 'other';
SELECT database_name, system_identifier, project, newly_recorded FROM menuca_copy_of('mine', 7, 'a.b-c_D');
SELECT staging.plain(database_name) AS database_name, record_no, of_database FROM menuca_copy ORDER BY of_database;
SELECT extconfig @> ARRAY['menuca_copy'::regclass::oid] AS dumped FROM pg_extension WHERE extname = 'menuca_migrate';

--
-- Damaged rows: a message, whatever is in them
--
ALTER TABLE menuca_copy ALTER of_database DROP NOT NULL, DROP CONSTRAINT menuca_copy_pkey;
BEGIN;
UPDATE menuca_copy SET of_database = NULL;
CALL staging.try($$SELECT * FROM menuca_copy_of('mine', 7, 'a.b-c_D')$$);
ROLLBACK;
BEGIN;
UPDATE menuca_copy SET recorded_at = 'infinity', of_project = E'"\n$menuca$';
CALL staging.try($$SELECT * FROM menuca_copy_of('mine', 7, 'a.b-c_D')$$);
ROLLBACK;

--
-- Rights: by grant
--
CREATE ROLE regress_menuca_copy;
GRANT USAGE ON SCHEMA staging TO regress_menuca_copy;
SET ROLE regress_menuca_copy;
CALL staging.try($$SELECT * FROM menuca_copy_of('mine', 7)$$);
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_copy_of(text, bigint, text, text) TO regress_menuca_copy;
SET ROLE regress_menuca_copy;
CALL staging.try($$SELECT * FROM menuca_copy_of('mine', 7, 'a.b-c_D')$$);
RESET ROLE;
GRANT SELECT ON menuca_copy, menuca_registered_environment TO regress_menuca_copy;
SET ROLE regress_menuca_copy;
SELECT newly_recorded FROM menuca_copy_of('mine', 7, 'a.b-c_D');
-- The extension writes, as its owner; the caller cannot
DELETE FROM menuca_copy;
SELECT newly_recorded, recorded_by = session_user AS by_session_user FROM menuca_copy_of('mine', 8, reason => 'to be seen who records');
RESET ROLE;
DROP OWNED BY regress_menuca_copy;
DROP ROLE regress_menuca_copy;

\set ECHO none
\i :drop
