-- Who may do what
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set grants :abs_srcdir '/sql/include/grants.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET client_min_messages = warning;
CREATE ROLE regress_menuca_nobody;
CREATE ROLE regress_menuca_lead;
CREATE ROLE regress_menuca_bypass BYPASSRLS;
CREATE ROLE "regress menuca reader";
-- What reading needs in the extension itself
\set ECHO none
\set role 'regress menuca reader'
\i :grants
\set role regress_menuca_lead
\i :grants
\set role regress_menuca_bypass
\i :grants
\set ECHO all

--
-- PUBLIC may not execute what writes
--
SET ROLE regress_menuca_nobody;
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t VALUES (1);', 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump_lo(1, 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump_file('/tmp/t', 't', 'staging.t');
SELECT menuca_fix_combos();
CALL menuca_fix_combos_batched(dry_run => false) \gx
CALL menuca_resume(1, dry_run => false) \gx
SELECT menuca_rollback(1);
-- Nor what reads, which could keep the server busy
SELECT * FROM menuca_orphan_rate();
SELECT * FROM menuca_runs;
RESET ROLE;

--
-- A reader: SELECT on each of the tables, one after the other
--
GRANT USAGE ON SCHEMA menuca_v3 TO "regress menuca reader";
SET ROLE "regress menuca reader";
SELECT * FROM menuca_orphan_rate();
RESET ROLE;
GRANT SELECT ON menuca_v3.combo_items TO "regress menuca reader";
SET ROLE "regress menuca reader";
SELECT * FROM menuca_orphan_rate();
RESET ROLE;
GRANT SELECT ON menuca_v3.combo_groups TO "regress menuca reader";
SET ROLE "regress menuca reader";
SELECT * FROM menuca_orphan_rate();
RESET ROLE;
GRANT SELECT ON menuca_v3.dishes TO "regress menuca reader";
SET ROLE "regress menuca reader";
SELECT count(*) FROM menuca_plan_combos();
RESET ROLE;
GRANT USAGE ON SCHEMA staging TO "regress menuca reader";
SET ROLE "regress menuca reader";
SELECT count(*) FROM menuca_plan_combos();
RESET ROLE;
GRANT SELECT ON staging.menuca_v1_combos TO "regress menuca reader";
SET ROLE "regress menuca reader";
SELECT groups, orphans, expected_orphans FROM menuca_orphan_rate();
SELECT count(*) FROM menuca_orphans();
SELECT outcome, count(*) FROM menuca_plan_combos() GROUP BY 1 ORDER BY 1;
\set VERBOSITY terse
SELECT combo_group_id, group_name, restaurant_name, dishes FROM menuca_sample_combos();
\set VERBOSITY default
-- Without rights on the restaurants, only the check of these is an error
SELECT name, status, actual FROM menuca_validate() WHERE status IN ('ERROR', 'SKIP') OR name = 'summary';
RESET ROLE;
GRANT SELECT ON menuca_v3.restaurants, menuca_v3.combo_steps TO "regress menuca reader";
SET ROLE "regress menuca reader";
SELECT name, status, actual FROM menuca_validate() WHERE status IN ('ERROR', 'SKIP') OR name = 'summary';
SELECT combo_group_id, group_name, restaurant_name, dishes FROM menuca_sample_combos();
RESET ROLE;

--
-- A lead who may execute, and is granted the rest step by step
--
GRANT EXECUTE ON FUNCTION menuca_fix_combos(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, text) TO regress_menuca_lead;
GRANT EXECUTE ON PROCEDURE menuca_fix_combos_batched(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, numeric, numeric, text[], text[], text, jsonb) TO regress_menuca_lead;
GRANT EXECUTE ON FUNCTION menuca_rollback(bigint, boolean, boolean) TO regress_menuca_lead;
GRANT EXECUTE ON FUNCTION menuca_load_dump(text, text, text, boolean, boolean) TO regress_menuca_lead;
GRANT USAGE ON SCHEMA menuca_v3, staging TO regress_menuca_lead;
GRANT SELECT ON menuca_v3.combo_items, menuca_v3.combo_groups, menuca_v3.dishes TO regress_menuca_lead;
SET ROLE regress_menuca_lead;
SELECT menuca_fix_combos();
RESET ROLE;
GRANT SELECT ON staging.menuca_v1_combos TO regress_menuca_lead;
SET ROLE regress_menuca_lead;
SELECT status, insert FROM menuca_fix_combos();
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
GRANT INSERT ON menuca_v3.combo_items TO regress_menuca_lead;
-- The ledger needs no right but SELECT: only the extension writes to it
SELECT has_table_privilege('regress_menuca_lead', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') AS may_write, count(*)
FROM pg_class c WHERE c.relname LIKE 'menuca\_run%' AND c.relkind = 'r' GROUP BY 1;
-- Only an owner may ANALYZE: a warning, which does not stop the run
SET client_min_messages = error;
SET ROLE regress_menuca_lead;
SELECT status, inserted, (figures ->> 'items_after')::bigint AS items_after FROM menuca_fix_combos(dry_run => false);
CALL menuca_fix_combos_batched(dry_run => false) \gx
SET client_min_messages = warning;
RESET ROLE;
SELECT status, mode, inserted, run_by = session_user AS by_session_user FROM menuca_runs ORDER BY run_id;
SELECT run_id FROM menuca_runs WHERE inserted = 17 \gset

-- Rolling back
SET ROLE regress_menuca_lead;
SELECT status, deleted FROM menuca_rollback(:run_id);
SELECT menuca_rollback(:run_id, dry_run => false);
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
GRANT DELETE ON menuca_v3.combo_items TO regress_menuca_lead;
-- A table that may depend on the rows, which the lead may not read
SET ROLE regress_menuca_lead;
\set VERBOSITY terse
SELECT menuca_rollback(:run_id, dry_run => false);
\set VERBOSITY default
RESET ROLE;
GRANT SELECT ON menuca_v3.combo_steps TO regress_menuca_lead;
SET ROLE regress_menuca_lead;
SELECT status, deleted, state_restored FROM menuca_rollback(:run_id, dry_run => false);

-- Loading: CREATE in the schema, INSERT, TRUNCATE
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (id int); INSERT INTO t VALUES (1);', 't', 'staging.t');
RESET ROLE;
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (id int); INSERT INTO t VALUES (0);', 't', 'staging.t');
TRUNCATE staging.t;
SET ROLE regress_menuca_lead;
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (id) VALUES (1);', 't', 'staging.t');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
GRANT SELECT, INSERT ON staging.t TO regress_menuca_lead;
SET ROLE regress_menuca_lead;
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (id) VALUES (1);', 't', 'staging.t');
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (id) VALUES (2);', 't', 'staging.t', replace => true);
SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t (id) VALUES (2);', 't', 'staging.t', append => true);
RESET ROLE;
GRANT CREATE ON SCHEMA staging TO regress_menuca_lead;
SET ROLE regress_menuca_lead;
SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE mine (id int); INSERT INTO mine VALUES (1);', 'mine', 'staging.mine');
-- A large object of another role
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_load_dump_lo(oid, text, text, boolean, boolean) TO regress_menuca_lead;
SELECT lo_from_bytea(800200, 'CREATE TABLE t (id int); INSERT INTO t VALUES (1);');
SET ROLE regress_menuca_lead;
SELECT rows_loaded FROM menuca_load_dump_lo(800200, 't', 'staging.from_lo');
RESET ROLE;
GRANT SELECT ON LARGE OBJECT 800200 TO regress_menuca_lead;
SET ROLE regress_menuca_lead;
SELECT rows_loaded FROM menuca_load_dump_lo(800200, 't', 'staging.from_lo');
RESET ROLE;
SELECT lo_unlink(800200);

--
-- Row security: refused where it would hide rows
--
ALTER TABLE menuca_v3.combo_groups ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON menuca_v3.combo_groups USING (restaurant_id = 1);
SET ROLE regress_menuca_lead;
SELECT count(*) FROM menuca_v3.combo_groups;
SELECT menuca_fix_combos();
\echo :LAST_ERROR_SQLSTATE
SELECT menuca_fix_combos(dry_run => false);
SELECT * FROM menuca_orphan_rate();
SELECT count(*) FROM menuca_orphans();
SELECT count(*) FROM menuca_validate();
SELECT count(*) FROM menuca_sample_combos();
RESET ROLE;
-- Not for its owner, nor with BYPASSRLS
SELECT groups FROM menuca_orphan_rate();
GRANT regress_menuca_lead TO regress_menuca_bypass;
SET ROLE regress_menuca_bypass;
SELECT groups FROM menuca_orphan_rate();
SELECT status, insert FROM menuca_fix_combos();
RESET ROLE;
-- On the items, and forced upon their owner
ALTER TABLE menuca_v3.combo_groups DISABLE ROW LEVEL SECURITY;
ALTER TABLE menuca_v3.combo_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE menuca_v3.combo_items OWNER TO regress_menuca_lead;
SET ROLE regress_menuca_lead;
SELECT menuca_fix_combos(dry_run => false);
RESET ROLE;
ALTER TABLE menuca_v3.combo_items DISABLE ROW LEVEL SECURITY;
-- On the source and on the ledger
ALTER TABLE staging.menuca_v1_combos ENABLE ROW LEVEL SECURITY;
SET ROLE regress_menuca_lead;
SELECT menuca_fix_combos();
RESET ROLE;
ALTER TABLE staging.menuca_v1_combos DISABLE ROW LEVEL SECURITY;
ALTER TABLE menuca_run_batch ENABLE ROW LEVEL SECURITY;
SET ROLE regress_menuca_lead;
SELECT menuca_fix_combos(dry_run => false);
RESET ROLE;
ALTER TABLE menuca_run_batch DISABLE ROW LEVEL SECURITY;

--
-- No operator or function of the caller's search path gets in between
--
CREATE SCHEMA evil;
CREATE FUNCTION evil.equal(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.equal);
CREATE OPERATOR evil.+ (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = pg_catalog.int8pl);
CREATE FUNCTION evil.count() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE FUNCTION evil.hashint8extended(bigint, bigint) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE FUNCTION evil.max(bigint) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
TRUNCATE menuca_v3.combo_items CASCADE;
SET search_path = evil, pg_catalog, public;
SELECT status, inserted FROM public.menuca_fix_combos(dry_run => false);
SELECT pg_catalog.count(*) FROM public.menuca_orphans();
SELECT pg_catalog.count(*) FROM public.menuca_plan_combos();
SELECT pg_catalog.count(*) FROM public.menuca_sample_combos();
SELECT rows_loaded FROM public.menuca_load_dump('INSERT INTO t (id) VALUES (1);', 't', 'staging.t', replace => true);
SELECT name, status FROM public.menuca_validate() WHERE status IN ('ERROR', 'FAIL');
SELECT status, state_restored FROM public.menuca_rollback((SELECT pg_catalog.max(run_id) FROM public.menuca_runs), dry_run => false);
SELECT orphans FROM public.menuca_orphan_rate();
CALL public.menuca_fix_combos_batched(dry_run => false, batch_size => 7) \gx
RESET search_path;

\set ECHO none
DROP SCHEMA evil CASCADE;
\i :drop
DROP OWNED BY regress_menuca_lead, regress_menuca_bypass, regress_menuca_nobody, "regress menuca reader";
DROP ROLE regress_menuca_lead, regress_menuca_bypass, regress_menuca_nobody, "regress menuca reader";
