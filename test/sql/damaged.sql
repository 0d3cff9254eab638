-- Rows of the ledgers that somebody has changed: an answer or a message.  Every
-- column of every table is tried by t/050_damaged_ledger.pl.
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
CREATE ROLE regress_menuca_anon;
CREATE ROLE regress_menuca_tenant;
CREATE ROLE regress_menuca_service BYPASSRLS;
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;
\set SHOW_CONTEXT never
SET menuca.public_role = 'regress_menuca_anon';
SET menuca.tenant_role = 'regress_menuca_tenant';
SET menuca.admin_role = 'regress_menuca_service';

--
-- A deployed policy without its definition or its name
--
CREATE POLICY p ON menuca_v3.dishes USING (true);
INSERT INTO menuca_access_change (table_schema, table_name, kind, object, statement, undo) VALUES ('menuca_v3', 'dishes', 'policy', 'p', 'x', 'y');
SELECT * FROM menuca_rollback_access();
UPDATE menuca_access_change SET definition = 'z', object = NULL;
SELECT * FROM menuca_rollback_access(dry_run => false);
DELETE FROM menuca_access_change;
DROP POLICY p ON menuca_v3.dishes;

--
-- An interrupted run without its parameters, its kind or its batches
--
INSERT INTO menuca_run (kind, target_schema, target, source, mode, engine, status, parameters, outcomes, figures_before, items_before, checksum_before)
VALUES ('fix_combos', 'menuca_v3', 'combo_items', 'staging.menuca_v1_combos', 'batched', 'native', 'running', '{}', '{}', '{}', 0, 0);
CALL menuca_resume(1, dry_run => false);
UPDATE menuca_run SET parameters = '{"min_group_coverage_pct": "all"}';
CALL menuca_resume(1, dry_run => false);
UPDATE menuca_run SET parameters = '{"min_group_coverage_pct": 1e300, "min_dish_coverage_pct": 0, "max_orphan_pct": 100, "gate_on": "overall", "max_cross_restaurant_pct": 5, "strict": false, "batch_size": 10, "id_column": "id", "dish_column": "dish", "group_column": "group", "order_column": "order"}';
CALL menuca_resume(1, dry_run => false);
UPDATE menuca_run SET parameters = parameters || '{"min_group_coverage_pct": 0, "batch_size": 1e300}';
CALL menuca_resume(1, dry_run => false);
UPDATE menuca_run SET parameters = parameters || '{"batch_size": 10}', inserted = 3;
CALL menuca_resume(1, dry_run => false);
UPDATE menuca_run SET inserted = 0, items_before = 7;
CALL menuca_resume(1, dry_run => false);
UPDATE menuca_run SET items_before = 0;
CALL menuca_resume(1, dry_run => false);
UPDATE menuca_run SET figures_before = '{"groups": 10, "orphans": 9, "integrity": {"null_dish": -1}}';
CALL menuca_resume(1, dry_run => false);
UPDATE menuca_run SET kind = 'fix_v2_steps';
CALL menuca_resume(1, dry_run => false);
DELETE FROM menuca_run;

--
-- The row of a run that disappears while it writes: nothing is written
--
CREATE FUNCTION staging.lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.menuca_run; RETURN NEW; END $$;
CREATE TRIGGER lose AFTER INSERT ON menuca_run_batch FOR EACH ROW EXECUTE FUNCTION staging.lose();
SELECT inserted FROM menuca_fix_combos(dry_run => false);
CALL menuca_fix_combos_batched(dry_run => false);
DROP TRIGGER lose ON menuca_run_batch;
CREATE FUNCTION staging.ignore() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER lose BEFORE INSERT ON menuca_run FOR EACH ROW EXECUTE FUNCTION staging.ignore();
SELECT inserted FROM menuca_fix_combos(dry_run => false);
DROP TRIGGER lose ON menuca_run;
CREATE TRIGGER lose BEFORE INSERT ON menuca_run_batch FOR EACH ROW EXECUTE FUNCTION staging.ignore();
SELECT inserted FROM menuca_fix_combos(dry_run => false);
DROP TRIGGER lose ON menuca_run_batch;
CREATE TRIGGER lose BEFORE UPDATE ON menuca_run FOR EACH ROW WHEN (NEW.status = 'completed') EXECUTE FUNCTION staging.ignore();
SELECT inserted FROM menuca_fix_combos(dry_run => false);
DROP TRIGGER lose ON menuca_run;
SELECT count(*) FROM menuca_v3.combo_items;

--
-- A finished run whose rows the ledger has lost: wherever it is used
--
SELECT status, inserted FROM menuca_fix_combos(dry_run => false);
SELECT run_id AS run FROM menuca_run WHERE status = 'completed' \gset
SELECT environment FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system()));
INSERT INTO menuca_ticket_execution (environment_id, ticket_no, status, result, checks, options, forced, run_ids, started_at)
SELECT environment_id, 4, 'COMPLETE', 'PASS', '[]', '{}', false, ARRAY[:run], now() FROM menuca_registered_environment;
CREATE FUNCTION staging.used(run bigint) RETURNS TABLE (what text, said text) LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	BEGIN
		RETURN QUERY SELECT 'rollback', 'deleted ' || deleted FROM menuca_rollback(run);
	EXCEPTION WHEN others THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
		RETURN QUERY SELECT 'rollback', concat_ws(': ', SQLSTATE, SQLERRM, detail);
	END;
	RETURN QUERY SELECT 'guide', concat_ws(' | ', g.what, g.statement) FROM menuca_rollback_guide() g;
	RETURN QUERY SELECT 'log', (regexp_match(menuca_execution_log(), 'Ledger run [^\n]*'))[1];
	RETURN QUERY SELECT t.name, concat_ws(' | ', t.status, t.actual) FROM menuca_ticket(0, dry_run => true) t WHERE t.name = 'runs';
END $$;
SELECT * FROM staging.used(:run);
BEGIN;
DELETE FROM menuca_run_batch;
SELECT * FROM staging.used(:run);
ROLLBACK;
BEGIN;
DELETE FROM menuca_run_baseline;
SELECT * FROM staging.used(:run);
ROLLBACK;
BEGIN;
ALTER TABLE menuca_run DROP CONSTRAINT menuca_run_pkey;
INSERT INTO menuca_run OVERRIDING SYSTEM VALUE SELECT * FROM menuca_run;
SELECT * FROM staging.used(:run);
ROLLBACK;
BEGIN;
DELETE FROM menuca_run;
SELECT * FROM staging.used(:run);
ROLLBACK;
-- Chunks whose keys and hashes do not fit, or whose count is beyond all bounds
CREATE FUNCTION staging.chunk(assignment text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'UPDATE menuca_run_batch SET ' || assignment;
	PERFORM menuca_rollback((SELECT max(run_id) FROM menuca_run));
	RAISE 'it was accepted';
EXCEPTION WHEN others THEN
	RETURN SQLERRM;
END $$;
SELECT a, staging.chunk(a) FROM unnest(ARRAY['row_count = 2305843009213693952, row_hashes = ''''', 'row_count = -1', 'keys = ''{}''', 'keys = ''{(,)}''', 'keys = ''{[5,)}''',
	'keys = ''{[1,9223372036854775807)}''', 'keys = ''{(,5)}''', 'row_hashes = substr(row_hashes, 2)', 'row_hashes = substr(row_hashes, 9)', 'row_hashes = row_hashes || row_hashes']) a;

--
-- A backup with times that cannot be
--
INSERT INTO menuca_backup (label, id, method, size, checksum, started, finished, verified, details, database_name, system_identifier, database_size, table_size)
SELECT 'a', 'b', 'c', 40000, 'd', now() - interval '1 minute', now(), true, '{}', current_database(), system_identifier, 0, 100000 FROM pg_control_system();
CREATE FUNCTION staging.times(started text, finished text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('UPDATE menuca_backup SET started = %s, finished = %s', started, finished);
	RETURN QUERY SELECT concat_ws(' | ', c.name, c.status, regexp_replace(c.actual, '\d{4}-.*?UTC', 'TIME', 'g'), left(c.detail, 60)) FROM menuca_check_backup() c WHERE c.name IN ('backup_finished', 'backup_age');
	RETURN QUERY SELECT g.statement FROM menuca_rollback_guide() g WHERE g.what LIKE 'as a last%';
END $$;
SET timezone = 'UTC';
SELECT s, f, staging.times(s, f) FROM (VALUES ('now() - interval ''1 minute''', 'now()'), ('''infinity''', '''infinity'''), ('''-infinity''', 'now()'), ('now()', '''infinity'''),
	('''-infinity''', '''infinity'''), ('''294276-12-31 UTC''', '''294276-12-31 UTC'''), ('now()', 'now() - interval ''1 hour''')) t(s, f);

--
-- A trigger drops a table that the call has opened
--
CREATE FUNCTION staging.drop_dishes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DROP TABLE menuca_v3.dishes CASCADE; RETURN NULL; END $$;
CREATE TRIGGER drop_dishes AFTER INSERT ON menuca_v3.combo_items FOR EACH STATEMENT EXECUTE FUNCTION staging.drop_dishes();
DELETE FROM menuca_v3.combo_items;
SELECT inserted FROM menuca_fix_combos(dry_run => false);
DROP TRIGGER drop_dishes ON menuca_v3.combo_items;

--
-- A type of the extension is not as it was made
--
BEGIN;
SELECT inserted FROM menuca_fix_combos(dry_run => false);
ALTER TYPE menuca_rollback_result ALTER ATTRIBUTE deleted TYPE text;
SELECT * FROM menuca_rollback((SELECT max(run_id) FROM menuca_run));
ROLLBACK;
BEGIN;
ALTER TYPE menuca_fix_result ALTER ATTRIBUTE reasons TYPE bigint[];
SELECT menuca_fix_combos();
ROLLBACK;
BEGIN;
ALTER TYPE menuca_fix_result ADD ATTRIBUTE another text;
SELECT menuca_fix_combos();
ROLLBACK;
BEGIN;
ALTER TYPE menuca_fix_result DROP ATTRIBUTE warnings;
SELECT menuca_fix_combos();
ROLLBACK;

\set ECHO none
\i :drop
DROP ROLE regress_menuca_anon, regress_menuca_tenant, regress_menuca_service;
