-- One real run for each statement, in whatever form the second one hides
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET client_min_messages = warning;
\set runs 'SELECT count(*) AS runs FROM menuca_run;'

-- Twice in one query
SELECT f.status FROM generate_series(1, 3) g, LATERAL menuca_fix_combos(dry_run => g < 0) f;
WITH a AS MATERIALIZED (SELECT * FROM menuca_fix_combos(dry_run => false)),
	b AS MATERIALIZED (SELECT * FROM menuca_fix_combos(dry_run => false))
SELECT a.status, b.status FROM a, b;
SELECT status FROM menuca_fix_combos(dry_run => false) UNION ALL SELECT status FROM menuca_fix_combos(dry_run => false);
BEGIN;
DECLARE c CURSOR FOR SELECT f.status FROM generate_series(1, 2) g, LATERAL menuca_fix_combos(dry_run => g < 0) f;
FETCH c;
FETCH c;
ROLLBACK;
:runs

-- Twice through a function, a trigger, CREATE TABLE AS
CREATE FUNCTION public.fix() RETURNS menuca_fix_result LANGUAGE sql
AS $$ SELECT * FROM menuca_fix_combos(dry_run => false) $$;
CREATE FUNCTION public.fix_status() RETURNS text LANGUAGE plpgsql
AS $$ BEGIN RETURN (SELECT status FROM menuca_fix_combos(dry_run => false)); END $$;
CREATE FUNCTION public.fix_by_trigger() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN PERFORM menuca_fix_combos(dry_run => false); RETURN NEW; END $$;
\set VERBOSITY terse
SELECT (public.fix()).*;
SELECT public.fix_status() FROM generate_series(1, 3);
CREATE TABLE public.results AS SELECT public.fix_status() FROM generate_series(1, 2);
CREATE TABLE public.requests (id integer);
CREATE TRIGGER fix BEFORE INSERT ON public.requests FOR EACH ROW EXECUTE FUNCTION public.fix_by_trigger();
INSERT INTO public.requests VALUES (1), (2);
\set VERBOSITY default
:runs

-- Allowed: a dry run beside the real one, another target, later statements, DO
SELECT statements IS NOT NULL AS created FROM menuca_create_dish_combo_groups(dry_run => false);
BEGIN;
SELECT r.status, d.status FROM menuca_fix_combos(dry_run => false) r, menuca_fix_combos() d;
ROLLBACK;
BEGIN;
SELECT a.inserted, b.inserted FROM menuca_fix_combos(dry_run => false) a, menuca_fix_combos(dry_run => false, target => 'dish_combo_groups') b;
SELECT public.fix_status()\; SELECT public.fix_status();
DO $$ BEGIN FOR i IN 1..2 LOOP PERFORM menuca_fix_combos(dry_run => false); END LOOP; END $$;
INSERT INTO public.requests VALUES (3);
:runs
ROLLBACK;
-- After a rollback, and after an error that undid it
CREATE FUNCTION public.rehearse() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	run bigint;
BEGIN
	FOR i IN 1..2 LOOP
		run := (SELECT run_id FROM menuca_fix_combos(dry_run => false));
		PERFORM menuca_rollback(run, dry_run => false);
	END LOOP;
	RETURN 'rehearsed';
END $$;
CREATE FUNCTION public.retry() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..2 LOOP
		BEGIN
			PERFORM menuca_fix_combos(dry_run => false);
			IF i = 1 THEN RAISE EXCEPTION 'once more'; END IF;
		EXCEPTION WHEN raise_exception THEN
			NULL;
		END;
	END LOOP;
	RETURN 'retried';
END $$;
BEGIN;
SELECT public.rehearse();
SELECT public.retry();
:runs
ROLLBACK;

-- The same for a rollback, a restore, an index deployment
SELECT run_id FROM menuca_fix_combos(dry_run => false) \gset
SELECT r.status FROM generate_series(1, 2) g, LATERAL menuca_rollback(:run_id, dry_run => g < 0) r;
SELECT count(*) FROM menuca_snapshot('before');
DELETE FROM menuca_v3.combo_items WHERE id = 1;
SELECT r.status FROM generate_series(1, 2) g, LATERAL menuca_restore_snapshot('before', dry_run => g < 0) r;
UPDATE menuca_wanted_index SET critical = false;
SELECT count(*) FROM generate_series(1, 2) g, LATERAL menuca_deploy_indexes(dry_run => g < 0) r;
SELECT status FROM menuca_runs ORDER BY run_id DESC LIMIT 1;

DROP FUNCTION public.fix();
SELECT snapshot_no > 0 AS dropped FROM menuca_drop_snapshot('before');
\set ECHO none
\i :drop
