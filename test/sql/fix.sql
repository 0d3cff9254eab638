-- The fix: gate, insert, gate, ledger
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all

-- Everything that a fix may change, in one row
CREATE VIEW staging.state AS
SELECT (SELECT count(*) || ' items, ' || coalesce(md5(string_agg(i::text, ',' ORDER BY id)), 'none') FROM menuca_v3.combo_items i) AS items,
	(SELECT count(*) FROM menuca_run) AS runs,
	(SELECT count(*) FROM menuca_run_batch) AS batches,
	(SELECT count(*) FROM menuca_run_baseline) AS chunks,
	(SELECT last_value || ' ' || is_called FROM menuca_v3.combo_items_id_seq) AS item_sequence,
	(SELECT last_value || ' ' || is_called FROM menuca_run_run_id_seq) AS run_sequence;
CREATE TABLE staging.state_before AS TABLE staging.state;
\set unchanged 'SELECT count(*) = 1 AS unchanged FROM (TABLE staging.state INTERSECT TABLE staging.state_before) s;'

--
-- Dry run: all figures, and nothing written, not even a sequence
--
\x on
SELECT run_id, status, insert, inserted, coverage_pct, orphan_pct_after, reasons, warnings, next_step,
	jsonb_pretty(figures - '{elapsed,engine}'::text[]) AS figures,
	figures ->> 'engine' = CASE current_setting('menuca.engine') WHEN 'auto' THEN 'native' ELSE 'executor' END AS engine_as_set,
	(figures ->> 'elapsed')::numeric >= 0 AS took_time
FROM menuca_fix_combos();
\x off
:unchanged
-- All that it knows, on demand
SET menuca.details = on;
SELECT status FROM menuca_fix_combos();
RESET menuca.details;
-- In a read-only transaction, too
BEGIN READ ONLY;
SELECT status, insert, (figures ->> 'items_after')::bigint AS items_after FROM menuca_fix_combos();
COMMIT;
-- And at any isolation level
BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE;
SELECT status, insert, (figures ->> 'items_after')::bigint AS items_after FROM menuca_fix_combos();
COMMIT;

--
-- Real run, with the very figures of the dry run
--
CREATE TEMP TABLE dry AS SELECT * FROM menuca_fix_combos();
CREATE TEMP TABLE wet AS SELECT * FROM menuca_fix_combos(dry_run => false, batch_size => 7);
SELECT key, d.value AS dry_run, w.value AS real_run
FROM dry, wet, jsonb_each(to_jsonb(dry) - 'figures' || dry.figures) d JOIN jsonb_each(to_jsonb(wet) - 'figures' || wet.figures) w USING (key)
WHERE d.value <> w.value AND key <> 'elapsed' ORDER BY key;
SELECT (figures ->> 'items_before')::bigint + inserted = (figures ->> 'items_after')::bigint AS adds_up,
	(figures ->> 'items_after')::bigint = (SELECT count(*) FROM menuca_v3.combo_items) AS counted
FROM wet;

-- The ledger: gates, figures and rows
\x on
SELECT run_id, kind, target_schema, target, source, mode,
	engine = CASE current_setting('menuca.engine') WHEN 'auto' THEN 'native' ELSE 'executor' END AS engine_as_set,
	status, parameters, outcomes, figures_before, figures_after,
	items_before, items_after, inserted, gate_message, run_by = session_user AS by_me, finished_at >= started_at AS finished
FROM menuca_run;
SELECT run_id, status, inserted, batches, orphan_pct_before, orphan_pct_after, expected_orphan_pct_after, band FROM menuca_runs;
\x off
SELECT batch_no, row_count, keys, length(row_hashes) AS bytes FROM menuca_run_batch ORDER BY 1;
SELECT chunk_no, row_count, keys, length(row_hashes) AS bytes FROM menuca_run_baseline ORDER BY 1;
SELECT sum(b.row_count) = (SELECT inserted FROM wet) AS rows_add_up,
	range_agg(r) = (SELECT range_agg(int8range(id, id, '[]')) FROM menuca_v3.combo_items WHERE id > 1) AS keys_are_the_items
FROM menuca_run_batch b, unnest(b.keys) r;

-- The filled table is analyzed
SELECT reltuples FROM pg_class WHERE oid = 'menuca_v3.combo_items'::regclass;
SELECT count(*) > 0 AS statistics FROM pg_stats WHERE schemaname = 'menuca_v3' AND tablename = 'combo_items';

-- A second run inserts nothing, and reports that
SELECT run_id, status, insert, (figures ->> 'already_present')::bigint AS already_present, inserted, (figures ->> 'items_before')::bigint AS items_before, (figures ->> 'items_after')::bigint AS items_after FROM menuca_fix_combos(dry_run => false);
SELECT * FROM menuca_rollback(2, dry_run => false) \gset rb_
-- Only missing items are inserted again
DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 3;
SELECT run_id, status, insert, (figures ->> 'already_present')::bigint AS already_present, inserted, (figures ->> 'items_before')::bigint AS items_before, (figures ->> 'items_after')::bigint AS items_after FROM menuca_fix_combos(dry_run => false);
SELECT combo_group_id, dish_id, count(*) FROM menuca_v3.combo_items GROUP BY 1, 2 HAVING count(*) > 1;

--
-- The gate before
--
TRUNCATE menuca_v3.combo_items CASCADE;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (1, 1);
TRUNCATE staging.state_before;
INSERT INTO staging.state_before TABLE staging.state;

-- Coverage: of groups, of dishes, of both
INSERT INTO staging.menuca_v1_combos VALUES (90, 201, 900, 0);
SELECT status, coverage_pct, (figures ->> 'group_coverage_pct')::numeric AS group_coverage_pct, (figures ->> 'dish_coverage_pct')::numeric AS dish_coverage_pct, reasons FROM menuca_fix_combos();
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
:unchanged
SELECT status, reasons FROM menuca_fix_combos(min_group_coverage_pct => 90);
SELECT status, reasons FROM menuca_fix_combos(min_coverage_pct => 90);
SELECT status, (figures ->> 'group_coverage_pct')::numeric AS group_coverage_pct, cardinality(reasons) FROM menuca_fix_combos(min_coverage_pct => 0, min_group_coverage_pct => 90.01);
SELECT status FROM menuca_fix_combos(min_coverage_pct => 100, min_group_coverage_pct => 90, min_dish_coverage_pct => NULL);
UPDATE staging.menuca_v1_combos SET dish = 900, "group" = 101 WHERE id = 90;
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
SELECT status, reasons FROM menuca_fix_combos(min_dish_coverage_pct => 92.3);
UPDATE staging.menuca_v1_combos SET "group" = 900 WHERE id = 90;
SELECT menuca_fix_combos(dry_run => false, min_coverage_pct => 99.99);
CALL menuca_fix_combos_batched(dry_run => false, min_coverage_pct => 99.99) \gx
\echo :LAST_ERROR_SQLSTATE
:unchanged
DELETE FROM staging.menuca_v1_combos WHERE id = 90;

-- Orphans: overall, of the expected groups; the band FAIL
SELECT status, orphan_pct_after, (figures ->> 'expected_orphan_pct_after')::numeric AS expected_orphan_pct_after, figures ->> 'band' AS band, reasons FROM menuca_fix_combos(max_orphan_pct => 9.99);
SELECT status, figures ->> 'band' AS band FROM menuca_fix_combos(max_orphan_pct => 10);
SELECT status, orphan_pct_after, (figures ->> 'expected_orphan_pct_after')::numeric AS expected_orphan_pct_after, figures ->> 'band' AS band, reasons FROM menuca_fix_combos(max_orphan_pct => 0, gate_on => 'expected');
SELECT menuca_fix_combos(dry_run => false, max_orphan_pct => 9.99);
\echo :LAST_ERROR_SQLSTATE
-- With two more groups that V1 has no rows for, and one whose dishes are missing
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, legacy_v1_id, source_system) VALUES
	(11, 1, 'Group 11', NULL, 'v2'), (12, 1, 'Group 12', 112, 'v1'), (13, 1, 'Group 13', 113, 'v1');
INSERT INTO staging.menuca_v1_combos VALUES (91, 900, 113, 0);
SELECT status, orphan_pct_after, (figures ->> 'expected_orphan_pct_after')::numeric AS expected_orphan_pct_after, figures ->> 'band' AS band, reasons FROM menuca_fix_combos(min_coverage_pct => 90);
SELECT status, orphan_pct_after, figures ->> 'band' AS band FROM menuca_fix_combos(min_coverage_pct => 90, max_orphan_pct => 35);
SELECT status, (figures ->> 'expected_orphan_pct_after')::numeric AS expected_orphan_pct_after, figures ->> 'band' AS band FROM menuca_fix_combos(min_coverage_pct => 90, gate_on => 'expected');
SELECT menuca_fix_combos(dry_run => false, min_coverage_pct => 90, max_orphan_pct => 9, gate_on => 'expected');
SELECT menuca_fix_combos(dry_run => false, min_coverage_pct => 90);
:unchanged
DELETE FROM menuca_v3.combo_groups WHERE id > 10;
DELETE FROM staging.menuca_v1_combos WHERE id = 91;

-- Group and dish swapped: the figures of both orientations
CREATE TABLE staging.swapped AS SELECT id, dish AS "group", "group" AS dish, "order" FROM staging.menuca_v1_combos;
SELECT status, reasons[1] FROM menuca_fix_combos(source => 'staging.swapped');
SELECT menuca_fix_combos(dry_run => false, source => 'staging.swapped', min_coverage_pct => 0, max_orphan_pct => 100);
\echo :LAST_ERROR_SQLSTATE
SELECT status, insert FROM menuca_fix_combos(source => 'staging.swapped', dish_column => 'group', group_column => 'dish');
:unchanged

--
-- The gate after: a run whose rows a trigger breaks is undone
--
CREATE FUNCTION staging.meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	CASE TG_ARGV[0]
		WHEN 'swallow' THEN
			IF NEW.combo_group_id = 5 THEN RETURN NULL; END IF;
		WHEN 'other restaurant' THEN
			IF NEW.combo_group_id = 5 THEN NEW.dish_id := NEW.dish_id + 1; END IF;
		WHEN 'double' THEN
			IF NEW.combo_group_id = 5 THEN NEW.dish_id := 5; END IF;
		WHEN 'extra' THEN
			IF NEW.combo_group_id = 5 AND pg_trigger_depth() = 1 THEN
				INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (5, 11);
			END IF;
		WHEN 'delete' THEN
			DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 1 AND dish_id = 1;
		WHEN 'lose' THEN
			DELETE FROM menuca_v3.combo_items WHERE id = NEW.id AND combo_group_id = 5;
	END CASE;
	RETURN NEW;
END $$;
CREATE TRIGGER meddle BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.meddle('swallow');
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
CREATE OR REPLACE TRIGGER meddle BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.meddle('other restaurant');
SELECT menuca_fix_combos(dry_run => false, max_orphan_pct => 100, min_coverage_pct => 0);
\echo :LAST_ERROR_SQLSTATE
CREATE OR REPLACE TRIGGER meddle BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.meddle('double');
SELECT menuca_fix_combos(dry_run => false, max_orphan_pct => 100, min_coverage_pct => 0);
\echo :LAST_ERROR_SQLSTATE
CREATE OR REPLACE TRIGGER meddle BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.meddle('extra');
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
CREATE OR REPLACE TRIGGER meddle AFTER INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.meddle('delete');
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
CREATE OR REPLACE TRIGGER meddle AFTER INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.meddle('lose');
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER meddle ON menuca_v3.combo_items;

-- References without foreign keys, broken by a trigger
ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_dish_id_fkey, DROP CONSTRAINT combo_items_combo_group_id_fkey,
	ALTER dish_id DROP NOT NULL, ALTER combo_group_id DROP NOT NULL;
CREATE FUNCTION staging.break() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.source_id = 3 THEN NEW.dish_id := NULL; END IF;
	IF NEW.source_id IN (4, 5) THEN NEW.combo_group_id := NULL; END IF;
	IF NEW.source_id IN (6, 7) THEN NEW.dish_id := 999; END IF;
	IF NEW.source_id = 8 THEN NEW.combo_group_id := 999; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER break BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.break();
SELECT menuca_fix_combos(dry_run => false, max_orphan_pct => 100, min_coverage_pct => 0);
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER break ON menuca_v3.combo_items;
-- But rows that were broken before do not stop a run
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id) VALUES (9001, NULL, 1), (9002, 1, NULL), (9003, 1, 2), (9004, 1, 1), (9005, 999, 999);
BEGIN;
SELECT status, inserted, (figures ->> 'items_after')::bigint AS items_after FROM menuca_fix_combos(dry_run => false);
ROLLBACK;
DELETE FROM menuca_v3.combo_items WHERE id > 9000;
SELECT items, runs FROM staging.state EXCEPT SELECT items, runs FROM staging.state_before;

-- The actual orphan rate when a trigger moves items
CREATE FUNCTION staging.pile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.combo_group_id := (NEW.combo_group_id - 1) % 3 + 1; RETURN NEW; END $$;
CREATE TRIGGER pile BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.pile();
SELECT menuca_fix_combos(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
-- Batched, what is committed stays, with the rollback call in the hint
CALL menuca_fix_combos_batched(dry_run => false, max_orphan_pct => 50) \gx
\echo :LAST_ERROR_SQLSTATE
SELECT run_id, status, inserted, items_before, items_after, gate_message FROM menuca_runs ORDER BY run_id DESC LIMIT 1;
SELECT count(*) FROM menuca_v3.combo_items;
SELECT status, deleted, state_restored FROM menuca_rollback((SELECT max(run_id) FROM menuca_run), dry_run => false);
SELECT count(*) FROM menuca_v3.combo_items;
DROP TRIGGER pile ON menuca_v3.combo_items;

--
-- Where it may run
--
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT menuca_fix_combos(dry_run => false);
ROLLBACK;
BEGIN READ ONLY;
SELECT menuca_fix_combos(dry_run => false);
ROLLBACK;
BEGIN;
CALL menuca_fix_combos_batched(dry_run => false) \gx
ROLLBACK;
BEGIN;
CALL menuca_resume(1, dry_run => false) \gx
ROLLBACK;
CREATE FUNCTION staging.inside() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	run_id bigint; status text; insert bigint; inserted bigint; coverage numeric; orphans numeric; reasons text[]; warnings text[]; next_step text; figures jsonb;
BEGIN
	CALL menuca_fix_combos_batched(false, NULL, 95, 20, 'overall', 5, 'combo_items', NULL, NULL, 'id', 'dish', 'group', 'order', 5, false,
		run_id, status, insert, inserted, coverage, orphans, reasons, warnings, next_step, figures);
	RETURN status;
END $$;
SELECT staging.inside();
-- Several statements that are sent as one string are one transaction
SELECT 1 AS one \; CALL menuca_fix_combos_batched(dry_run => false, batch_size => 5);
CALL menuca_resume(1, dry_run => false) \; SELECT 2 AS two;
BEGIN \; CALL menuca_fix_combos_batched(dry_run => false) \; COMMIT;
ROLLBACK;
CALL menuca_resume(NULL, dry_run => false) \; SELECT 3 AS three;
DO $$
DECLARE
	run_id bigint; status text; insert bigint; inserted bigint; coverage numeric; orphans numeric; reasons text[]; warnings text[]; next_step text; figures jsonb;
BEGIN
	BEGIN
		CALL menuca_fix_combos_batched(false, NULL, 95, 20, 'overall', 5, 'combo_items', NULL, NULL, 'id', 'dish', 'group', 'order', 5, false,
			run_id, status, insert, inserted, coverage, orphans, reasons, warnings, next_step, figures);
	EXCEPTION WHEN division_by_zero THEN
		NULL;
	END;
END $$;
SELECT count(*) FROM menuca_run WHERE status = 'running';
-- In a transaction block, which can read the items that it wrote
BEGIN;
SELECT status, inserted FROM menuca_fix_combos(dry_run => false);
SELECT status, inserted, (figures ->> 'already_present')::bigint AS already_present FROM menuca_fix_combos(dry_run => false);
ROLLBACK;
SELECT count(*) FROM menuca_v3.combo_items;

--
-- Batched
--
TRUNCATE staging.state_before;
INSERT INTO staging.state_before TABLE staging.state;
-- A dry run by default, also where a real run could not commit
CALL menuca_fix_combos_batched(batch_size => 5) \gx
BEGIN READ ONLY;
CALL menuca_fix_combos_batched(max_orphan_pct => 5) \gx
ROLLBACK;
SELECT count(*) AS unchanged FROM (TABLE staging.state INTERSECT TABLE staging.state_before) s;
CALL menuca_fix_combos_batched(dry_run => false, batch_size => 5) \gx
SELECT mode, status, inserted, batches, items_before, items_after FROM menuca_runs ORDER BY run_id DESC LIMIT 1;
SELECT batch_no, row_count FROM menuca_run_batch WHERE run_id = (SELECT max(run_id) FROM menuca_run) ORDER BY 1;
SELECT combo_group_id, dish_id, count(*) FROM menuca_v3.combo_items GROUP BY 1, 2 HAVING count(*) > 1;
CALL menuca_fix_combos_batched(dry_run => false, batch_size => 5) \gx
-- Finished runs and unknown ones cannot be resumed
SELECT max(run_id) AS last_run FROM menuca_run \gset
CALL menuca_resume(:last_run, dry_run => false) \gx
CALL menuca_resume(4711, dry_run => false) \gx
CALL menuca_resume(NULL, dry_run => false) \gx

-- Interrupted after the second batch, and resumed
TRUNCATE menuca_v3.combo_items CASCADE;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (1, 1);
CREATE FUNCTION staging.stumble() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.combo_group_id = 7 THEN RAISE EXCEPTION 'power cut'; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER stumble BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.stumble();
\set VERBOSITY terse
CALL menuca_fix_combos_batched(dry_run => false, batch_size => 5) \gx
\set VERBOSITY default
SELECT run_id, status, inserted, batches, items_after FROM menuca_runs ORDER BY run_id DESC LIMIT 1;
SELECT count(*) FROM menuca_v3.combo_items;
DROP TRIGGER stumble ON menuca_v3.combo_items;
SELECT max(run_id) AS last_run FROM menuca_run \gset
-- A dry run plans what is left
CALL menuca_resume(:last_run) \gx
SELECT status, inserted, batches FROM menuca_runs ORDER BY run_id DESC LIMIT 1;
CALL menuca_resume(:last_run, dry_run => false) \gx
SELECT run_id = :last_run AS same_run, status, inserted, batches, items_before, items_after FROM menuca_runs ORDER BY run_id DESC LIMIT 1;
SELECT combo_group_id, dish_id, count(*) FROM menuca_v3.combo_items GROUP BY 1, 2 HAVING count(*) > 1;
SELECT status, deleted, (figures ->> 'items_after')::bigint AS items_after, state_restored FROM menuca_rollback(:last_run, dry_run => false);

-- The gate after sees what the batches before the interruption broke
CREATE FUNCTION staging.break_and_stumble() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.combo_group_id IN (2, 3) THEN NEW.dish_id := NEW.dish_id + 1; END IF;
	IF NEW.combo_group_id = 7 THEN RAISE EXCEPTION 'power cut'; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER stumble BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION staging.break_and_stumble();
\set VERBOSITY terse
CALL menuca_fix_combos_batched(dry_run => false, batch_size => 5) \gx
DROP TRIGGER stumble ON menuca_v3.combo_items;
SELECT max(run_id) AS last_run FROM menuca_run \gset
CALL menuca_resume(:last_run, dry_run => false) \gx
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT status, gate_message FROM menuca_runs WHERE run_id = :last_run;
SELECT status, deleted, (figures ->> 'items_after')::bigint AS items_after, state_restored FROM menuca_rollback(:last_run, dry_run => false);

-- From a DO block, which is no transaction block
DO $$
DECLARE
	run_id bigint; status text; insert bigint; inserted bigint; coverage numeric; orphans numeric; reasons text[]; warnings text[]; next_step text; figures jsonb;
BEGIN
	CALL menuca_fix_combos_batched(false, NULL, 95, 20, 'overall', 10, 'combo_items', NULL, NULL, 'id', 'dish', 'group', 'order', 5, false,
		run_id, status, insert, inserted, coverage, orphans, reasons, warnings, next_step, figures);
	RAISE NOTICE '% + % = %: %, % %%, % %%, %; next: %', figures ->> 'items_before', inserted, figures ->> 'items_after', status, orphans,
		figures ->> 'expected_orphan_pct_after', figures ->> 'band', next_step;
END $$;
SELECT count(*) FROM menuca_v3.combo_items;

\set ECHO none
\i :drop
