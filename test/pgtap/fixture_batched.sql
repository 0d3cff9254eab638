--
-- The batched procedure: whatever the size of its batches, the final state is
-- that of the run in one transaction
--
-- engines: both
--
-- A procedure that commits cannot run within a transaction, so this file has
-- none around it.
--
\ir include/tools.psql

SELECT plan(140);

--
-- At the tickets' size, clean
--
\set options ''
\ir include/fixture.psql
\lo_import :work/v1_combos.sql
SELECT rows_loaded AS loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos') \gset
\lo_unlink :LASTOID
SELECT pg_temp.state() AS state_at_start \gset

SELECT run_id, inserted AS to_insert, orphan_pct_after FROM menuca_fix_combos(dry_run := false) \gset
SELECT pg_temp.content() AS content_when_fixed \gset
SELECT is(:to_insert, 110000, 'one transaction inserts 110,000');
SELECT is(:orphan_pct_after, 2.27, 'and leaves 2.27 % orphans');
SELECT ok(state_restored, 'it is rolled back') FROM menuca_rollback(:run_id, dry_run := false);

\set batch_size 10000
\ir include/batched_run.psql
\set batch_size 33333
\ir include/batched_run.psql
\set batch_size 1000000
\ir include/batched_run.psql
\set batch_size 997
\ir include/batched_run.psql

-- With so little memory that sorts and the list of planned items go to disk
SET maintenance_work_mem = '1MB';
\set batch_size 3000
\ir include/batched_run.psql
SELECT run_id, inserted FROM menuca_fix_combos(dry_run := false, batch_size := 3000) \gset spilled_
SELECT is(:spilled_inserted, 110000, 'spilling, one transaction inserts 110,000, too');
SELECT is(pg_temp.content(), :'content_when_fixed', 'the same items');
SELECT ok(state_restored, 'it is rolled back') FROM menuca_rollback(:spilled_run_id, dry_run := false);
SELECT is(pg_temp.state(), :'state_at_start', 'and the state is that of the start');
RESET maintenance_work_mem;

-- The short call has the same gates as the function, and batches of 10,000
CALL menuca_fix_combos_batched(dry_run => false) \gset run_
SELECT is(:'run_status', 'completed'::text, 'the short call completes');
SELECT is(:run_inserted, 110000, 'it inserts 110,000');
SELECT is(:run_orphan_pct_after, 2.27, 'and leaves 2.27 % orphans');
SELECT is(:'run_figures'::jsonb -> 'expected_orphan_pct_after', '0.00', '0.00 % of the expected groups');
SELECT is(:'run_figures'::jsonb ->> 'band', 'PASS', 'band PASS');
SELECT is((SELECT batches FROM menuca_runs WHERE run_id = :run_run_id), 11::bigint, 'in 11 batches');
SELECT is(pg_temp.content(), :'content_when_fixed', 'with the same items');
SELECT is((SELECT count(*) FROM menuca_v3.combo_items WHERE uuid::text !~ '^.{14}4.{4}[89ab]'), 0::bigint, 'all uuids are of version 4');
SELECT is((SELECT count(*) FROM (SELECT FROM menuca_v3.combo_items GROUP BY substr(uuid::text, 1, 1)
		HAVING abs(count(*) - 110063 / 16.0) < 7 * sqrt(110063 / 16.0 * 15 / 16)) digits), 16::bigint, 'and begin with every digit equally often');
SELECT is((SELECT string_agg(DISTINCT status, ' ') FROM menuca_validate() WHERE name NOT IN ('summary', 'direction', 'row_counts', 'row_values', 'menus', 'steps', 'step_ledger', 'row_contents', 'safeguards')), 'PASS',
	'all checks of the validation pass');

-- A second one finds nothing to do
SELECT pg_temp.state() AS state_when_fixed \gset
CALL menuca_fix_combos_batched(dry_run => false) \gset again_
SELECT is(:'again_status', 'completed'::text, 'a second run completes');
SELECT is(:again_inserted, 0, 'it inserts 0');
SELECT is((SELECT batches FROM menuca_runs WHERE run_id = :again_run_id), 0::bigint, 'in 0 batches');
SELECT is(pg_temp.state(), :'state_when_fixed', 'and all items are as they were');

-- Only missing items are inserted
WITH lost AS (
	DELETE FROM menuca_v3.combo_items WHERE source_id % 1000 = 7 RETURNING 1
)
SELECT count(*) AS lost FROM lost \gset
SELECT is(:lost, 108, 'say 108 items are lost');
CALL menuca_fix_combos_batched(dry_run => false, batch_size := 50) \gset third_
SELECT is(:third_inserted, :lost, 'then a run inserts what is missing');
SELECT is(pg_temp.content(), :'content_when_fixed', 'and the items are complete again');

--
-- Small and soiled in every way, so that batches of one row are fast enough
--
\set options '--scale 0.02 --dirt unmapped_dishes=11 --dirt unmapped_groups=12 --dirt unmapped_both=13 --dirt duplicate_pairs=50 --dirt existing_pairs=5 --dirt impostors=14 --dirt zero_ids=7 --dirt null_ids=8 --dirt huge_ids=9 --dirt ambiguous_groups=3 --dirt resolvable_groups=4 --dirt ambiguous_dishes=5 --dirt resolvable_dishes=6 --dirt groups_without_source=10 --dirt inactive_dishes=3 --dirt item_count_mismatch=4 --dirt negative_order=20'
\ir include/fixture.psql
\lo_import :work/v1_combos.sql
SELECT rows_loaded AS loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos') \gset
\lo_unlink :LASTOID
SELECT pg_temp.state() AS state_at_start \gset

SELECT run_id, inserted AS to_insert, orphan_pct_after
FROM menuca_fix_combos(dry_run := false, min_coverage_pct := 0, max_orphan_pct := 100) \gset
SELECT pg_temp.content() AS content_when_fixed \gset
SELECT is(:to_insert::text, pg_temp.figure('insert'), 'one transaction inserts what the figures say');
SELECT ok(state_restored, 'it is rolled back') FROM menuca_rollback(:run_id, dry_run := false);

\set batch_size 1
\ir include/batched_run.psql
\set batch_size 2
\ir include/batched_run.psql
\set batch_size 7
\ir include/batched_run.psql
-- The last batch is full, and one row short of that, and of one row
\set batch_size :to_insert
\ir include/batched_run.psql
SELECT :to_insert + 1 AS batch_size \gset
\ir include/batched_run.psql
SELECT :to_insert - 1 AS batch_size \gset
\ir include/batched_run.psql

-- The size of batches does not change the run in one transaction either
SELECT run_id FROM menuca_fix_combos(dry_run := false, batch_size := 3, min_coverage_pct := 0, max_orphan_pct := 100) \gset
SELECT is(pg_temp.content(), :'content_when_fixed', 'one transaction in batches of 3 writes the same');
SELECT is((SELECT batches FROM menuca_runs WHERE run_id = :run_id), ceil(:to_insert / 3.0)::bigint, 'and counts its batches');

-- Within a transaction block the procedure cannot commit
SELECT throws_ok('CALL menuca_fix_combos_batched(dry_run => false)', '2D000', NULL, 'within a transaction the procedure is refused');
SELECT is(pg_temp.content(), :'content_when_fixed', 'and nothing is changed');

SELECT * FROM finish();
\! rm -r "$WORK"
