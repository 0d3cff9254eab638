-- demo.sql - what a migration lead wants to see, step by step
-- Needs psql's variable dump: the V1 dump file.  Stops at the first error.
\pset pager off
\pset footer off
\pset null '-'
\pset format wrapped
\pset columns 100

CREATE EXTENSION menuca_migrate;

-- The rows themselves, for the proof at the end
SELECT count(*) AS items_at_start,
	coalesce(md5(string_agg(i::text, E'\n' ORDER BY i.id)), '') AS fingerprint_at_start
FROM menuca_v3.combo_items i \gset

\set ECHO queries

\echo
\echo '== 1. Where we stand: groups that have no dish cannot be ordered'
\echo
SELECT groups, orphans, orphan_pct, band FROM menuca_orphan_rate();

\echo
\echo '== 2. Load the V1 dump file, from the client, without rights on the server''s files'
\echo
\echo '\\lo_import combos.sql'
\lo_import :dump
SELECT rows_loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos');
\echo '\\lo_unlink :LASTOID'
\lo_unlink :LASTOID

\echo
\echo '== 3. Dry run: what a fix would do; nothing is written'
\echo
\x on
SELECT * FROM menuca_fix_combos();
\x off

\echo
\echo '== 4. The fix, in committed batches, with live progress'
\echo
\x on
CALL menuca_fix_combos_batched(dry_run => false);
\x off

\echo
\echo '== 5. Where we stand now: of all groups, and of those that V1 has a row for'
\echo
\x on
SELECT groups, orphans, orphan_pct, band,
	expected_groups, expected_orphans, expected_orphan_pct, expected_band
FROM menuca_orphan_rate();
\x off

\echo
\echo '== 6. Why the rest is still without dishes'
\echo
SELECT reason, source_system AS system, count(*) AS groups, min(detail) AS for_example
FROM menuca_orphans()
GROUP BY reason, source_system
ORDER BY groups DESC;

\echo
\echo '== 7. Validation: one row per check, the verdict last'
\echo
\pset format unaligned
\pset tuples_only on
SELECT format(E'%s  %s  %s\n          %s', lpad(check_no::text, 2), status, title, actual)
FROM menuca_validate();
\pset tuples_only off
\pset format wrapped

\echo
\echo '== 8. Five combos for human eyes'
\echo
SELECT restaurant_name, group_name, items, array_to_string(dishes[1:3], E'\n') AS first_dishes
FROM menuca_sample_combos(5);

\set ECHO none
SELECT max(run_id) AS run_id FROM menuca_runs \gset
\set ECHO queries

\echo
\echo '== 9. Rollback by run id: first as a dry run, then for real'
\echo
\x on
SELECT run_id, status, deleted, changed, dependants, reasons, next_step FROM menuca_rollback(:run_id);
\x off
\echo
\x on
SELECT run_id, status, deleted, state_restored, next_step, jsonb_pretty(figures) AS figures
FROM menuca_rollback(:run_id, dry_run := false);
\x off

\echo
\echo '== 10. Proof: the same rows as at the start, byte by byte, and the run in the ledger'
\echo
\set ECHO none
SELECT 'start' AS at, :items_at_start AS items, :'fingerprint_at_start' AS fingerprint;
\set ECHO queries
SELECT 'now' AS at, count(*) AS items, md5(string_agg(i::text, E'\n' ORDER BY i.id)) AS fingerprint
FROM menuca_v3.combo_items i;
\echo
\x on
SELECT run_id, kind, mode, status, inserted, batches, items_before, items_after, orphan_pct_before, orphan_pct_after,
	run_by, started_at, rolled_back_at
FROM menuca_runs;
\x off

\set ECHO none
SELECT count(*) = :items_at_start
	AND coalesce(md5(string_agg(i::text, E'\n' ORDER BY i.id)), '') = :'fingerprint_at_start' AS restored
FROM menuca_v3.combo_items i \gset
\echo
\if :restored
\echo 'The state is back: every row is as it was before the run.'
\else
DO $$ BEGIN RAISE EXCEPTION 'the state is not back: combo_items differs from what it was before the run'; END $$;
\endif
