--
-- 220,000 rows in a megabyte of memory: plan, baseline and index entries spill
-- to files, and both engines write the same
--
-- engines: both
--
\ir include/tools.psql
\ir include/engine_tools.psql

SELECT plan(18);

\set options '--scale 2'
\ir include/fixture.psql
SELECT rows_loaded AS loaded FROM menuca_load_dump_file(:'work' || '/v1_combos.sql', 'combos', 'staging.menuca_v1_combos') \gset
CREATE INDEX by_dish ON menuca_v3.combo_items (dish_id);
CREATE UNIQUE INDEX by_pair ON menuca_v3.combo_items (dish_id, combo_group_id);
CREATE INDEX by_position ON menuca_v3.combo_items (display_order, quantity, dish_id);
SELECT pg_temp.state() AS state_at_start, pg_temp.index_files('menuca_v3.combo_items') AS files \gset
SET maintenance_work_mem = '1MB';
SET work_mem = '64MB';

CREATE FUNCTION pg_temp.temp_files() RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_stat_force_next_flush();
	PERFORM pg_stat_clear_snapshot();
	RETURN (SELECT temp_files FROM pg_stat_database WHERE datname = current_database());
END
$$;

-- The executor, with memory to spare
SET maintenance_work_mem = '256MB';
SET menuca.engine = executor;
SELECT run_id, figures ->> 'engine' AS engine FROM menuca_fix_combos(dry_run := false) \gset
SELECT is(:'engine'::text, 'executor', 'the executor writes');
CREATE TEMP TABLE by_executor AS TABLE menuca_v3.combo_items;
SELECT is((SELECT count(*) FROM by_executor), :loaded::bigint + 126, 'all rows of the source');
SELECT ok(state_restored, 'rolled back') FROM menuca_rollback(:run_id, dry_run := false);

-- The suite's engine, without
SELECT set_config('menuca.engine', :'suite_engine', false) AS engine_now \gset
SET maintenance_work_mem = '1MB';
SELECT pg_temp.temp_files() AS files_before \gset
SELECT run_id, figures ->> 'engine' AS engine FROM menuca_fix_combos(dry_run := false) \gset
SELECT is(:'engine'::text, pg_temp.engine(), 'the suite''s engine writes');
SELECT cmp_ok(pg_temp.temp_files(), '>', :files_before::bigint, 'by way of files');
SELECT is(pg_temp.differences('menuca_v3.combo_items', 'by_executor'), 0::bigint, 'the same rows');
SELECT is(pg_temp.broken_indexes('menuca_v3.combo_items'), NULL, 'its indexes are whole');
SELECT is(pg_temp.strays('menuca_v3.combo_items', 'by_pair', '(dish_id, combo_group_id) > (0, 0)'), NULL, 'an index finds all of them');
SELECT is(pg_temp.index_files('menuca_v3.combo_items'), :'files'::jsonb, 'none was rebuilt');
SELECT ok(state_restored, 'rolled back') FROM menuca_rollback(:run_id, dry_run := false);
SELECT is(pg_temp.state(), :'state_at_start', 'to the state from before');

-- The same with the lock of a rebuild
SELECT run_id, figures ->> 'engine' AS engine FROM menuca_fix_combos(dry_run := false, batch_size := 100000, lock := 'access_exclusive') \gset
SELECT is(:'engine'::text, pg_temp.engine(), 'the suite''s engine writes, with the strongest lock');
SELECT is(pg_temp.differences('menuca_v3.combo_items', 'by_executor'), 0::bigint, 'the same rows');
SELECT is(pg_temp.broken_indexes('menuca_v3.combo_items'), NULL, 'its indexes are whole');
SELECT is((SELECT bool_and(:'files'::jsonb -> key <> value) FROM jsonb_each(pg_temp.index_files('menuca_v3.combo_items'))),
	:'engine'::text = 'native', 'all of them were rebuilt, if by the native engine');
SELECT ok(state_restored, 'rolled back') FROM menuca_rollback(:run_id, dry_run := false);

-- An error when the entries of an index are entered at last
UPDATE menuca_v3.combo_items SET source_id = (SELECT max(id) FROM staging.menuca_v1_combos) WHERE id = (SELECT min(id) FROM menuca_v3.combo_items);
ALTER TABLE menuca_v3.combo_items ALTER source_id SET NOT NULL;
CREATE UNIQUE INDEX by_row ON menuca_v3.combo_items (source_id, source_id);
SELECT pg_temp.state() AS state_at_start \gset
SELECT is(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'), '23505 duplicate key value violates unique constraint "by_row"', 'a key that is there already');
SELECT is(pg_temp.state(), :'state_at_start', 'nothing is written');

SELECT * FROM finish();
\! rm -r "$WORK"
