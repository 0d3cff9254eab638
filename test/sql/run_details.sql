-- Everything that the ledger knows of a run, one figure a row
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
-- What differs from one run, engine or server to the next is only named
CREATE VIEW public.details AS
SELECT run_id, section, name,
	CASE WHEN name IN ('run_by', 'started_at', 'finished_at', 'rolled_back_by', 'rolled_back_at', 'engine', 'source_checksum', 'mapping_checksum') THEN '...'
		ELSE regexp_replace(value, ' at .*', ' at ...') END AS value
FROM menuca_run_detail
ORDER BY run_id, section_no, position;
\set ECHO all
SET client_min_messages = warning;
\pset format unaligned
-- A source with a row that cannot be mapped, so that there is a warning
INSERT INTO staging.menuca_v1_combos VALUES (90, 4711, 4711, 0);
SELECT run_id, status FROM menuca_fix_combos(dry_run => false, batch_size => 10, min_coverage_pct => 0);
SELECT section, name, value FROM public.details WHERE run_id = 1;
-- The function has the same rows in the same order
SELECT count(*) > 50 AS many, bool_and(COALESCE(f.section = d.section AND f.name = d.name, false)) AS same
FROM (SELECT section, name, row_number() OVER () AS n FROM menuca_run_details(1)) f
	FULL JOIN (SELECT section, name, row_number() OVER () AS n FROM public.details WHERE run_id = 1) d USING (n);
-- It reads only, and is no secret of its owner's
BEGIN READ ONLY;
SELECT value FROM menuca_run_details(1) WHERE name = 'status';
COMMIT;
CREATE ROLE regress_menuca_details;
GRANT EXECUTE ON FUNCTION menuca_run_details TO regress_menuca_details;
SET ROLE regress_menuca_details;
SELECT * FROM menuca_run_details(1);
RESET ROLE;
GRANT SELECT ON menuca_run, menuca_runs, menuca_run_batch, menuca_run_detail TO regress_menuca_details;
GRANT EXECUTE ON FUNCTION menuca_lock_keys TO regress_menuca_details;
SET ROLE regress_menuca_details;
SELECT value FROM menuca_run_details(1) WHERE name = 'status';
RESET ROLE;
DROP OWNED BY regress_menuca_details;
DROP ROLE regress_menuca_details;

--
-- After its rollback
--
UPDATE menuca_v3.combo_items SET quantity = 3 WHERE id = 1;
SELECT status, deleted, state_restored FROM menuca_rollback(1, dry_run => false);
SELECT name, value FROM public.details WHERE section = 'rollback';
SELECT orphan_pct_before, orphan_pct_after, band FROM menuca_runs;

--
-- A batched run that is interrupted, and rolled back
--
CREATE FUNCTION public.stumble() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN IF (SELECT count(*) FROM menuca_v3.combo_items) > 10 THEN RAISE 'power cut'; END IF; RETURN NEW; END$$;
CREATE TRIGGER stumble BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION public.stumble();
\set VERBOSITY terse
CALL menuca_fix_combos_batched(dry_run => false, batch_size => 5, min_coverage_pct => 0);
\set VERBOSITY default
DROP FUNCTION public.stumble() CASCADE;
SELECT section, name, value FROM public.details WHERE run_id = 2 AND section NOT IN ('parameters', 'outcomes', 'probes', 'probe figures', 'figures before', 'broken before');
SELECT status, deleted, state_restored FROM menuca_rollback(2, dry_run => false);
SELECT section, name, value FROM public.details WHERE run_id = 2 AND (section = 'rollback' OR name = 'status');

--
-- Runs that are not there, and damage
--
SELECT * FROM menuca_run_details(4711);
SELECT * FROM menuca_run_details(NULL);
UPDATE menuca_run SET parameters = '5', outcomes = '[1]', figures_before = '{"warnings": 5, "probes": "x", "integrity": null}', figures_after = 'null' WHERE run_id = 1;
SELECT section, name, value FROM public.details WHERE run_id = 1 AND section <> 'run';
UPDATE menuca_run SET figures_after = '"x"', status = 'completed', rolled_back_at = NULL, rolled_back_by = NULL WHERE run_id = 2;
SELECT status, deleted FROM menuca_rollback(2, dry_run => false);
SELECT count(*) FROM menuca_run_details(2) WHERE section = 'rollback';
DELETE FROM menuca_run WHERE run_id = 1;
\set VERBOSITY terse
SELECT * FROM menuca_run_details(1);
DROP VIEW public.details;

\set ECHO none
\i :drop
