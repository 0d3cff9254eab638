-- demo.sql - the real case, small, from its state to the rollback
--
-- Needs psql's variables v1 and v2, the dumps' names, and report, the name of a file
-- to write, in a database with the fixture's real case.  Stops at the first error.  What has sentences in it is not
-- aligned, so that it can be wrapped.  Notices are off: they say in sentences what the
-- rows have.
\set ON_ERROR_STOP on
\pset pager off
\pset footer off
\pset null '-'
\pset fieldsep ' | '
SET client_min_messages = error;

CREATE SCHEMA ops;
CREATE EXTENSION menuca_migrate SCHEMA ops;
SET search_path = ops, public;

-- All rows that the demo may change, for the proof at its end
CREATE VIEW pg_temp.all_rows AS
SELECT 'dishes' AS table_name, id, d::text AS row FROM menuca_v3.dishes d
UNION ALL SELECT 'combo_items', id, i::text FROM menuca_v3.combo_items i
UNION ALL SELECT 'combo_steps', id, s::text FROM menuca_v3.combo_steps s;
SELECT count(*) AS rows_at_start,
	md5(string_agg(table_name || row, E'\n' ORDER BY table_name, id)) AS fingerprint_at_start
FROM pg_temp.all_rows \gset

\set ECHO queries

\echo
\echo '== 1. Where we stand'
\echo 'A combo group without items cannot be ordered, and nearly all of them have none.'
\echo
SELECT groups, orphans, orphan_pct, band, items FROM menuca_orphan_rate();

\echo
\echo '== 2. Load V1 and V2'
\echo 'The dumps come from the client, without rights on the server''s files. The loader refuses'
\echo 'unless it has read as many rows as the dump has tuples.'
\echo
\echo '\\lo_import menuca_v1.sql'
\lo_import :v1
\set v1_dump :LASTOID
SELECT t.name, l.rows_loaded
FROM unnest('{combos,menu,ingredients,combo_groups}'::text[]) t (name),
	menuca_load_dump_lo(:v1_dump, t.name, 'staging.menuca_v1_' || t.name) l;
\echo '\\lo_import menuca_v2.sql'
\lo_import :v2
\set v2_dump :LASTOID
SELECT t.name, l.rows_loaded
FROM (VALUES ('restaurants_combo_groups_items')) t (name),
	menuca_load_dump_lo(:v2_dump, t.name, 'staging.menuca_v2_' || t.name) l;
\lo_unlink :v1_dump
\lo_unlink :v2_dump
\echo 'At any moment, this looks at everything and names the one call to make:'
\echo
\pset format unaligned
\x on
SELECT state, next_step, why FROM menuca_next();
\x off

\echo
\echo '== 3. Decide what a row means'
\echo 'V1''s combos looks like the dishes of each group. It is the reverse: it says which groups'
\echo 'a combo product uses. The rows and their names show it, before anything is written.'
\echo
SELECT kind, status, finding FROM menuca_decide() WHERE kind IN ('meaning', 'example');
\echo
\echo 'These are the possibilities, each with its next call.'
\echo
SELECT finding, next_step FROM menuca_decide() WHERE kind = 'choice';
\echo
\echo 'The tickets ask for combo_items. That is a decision of a person, so it is recorded with'
\echo 'a name; a run into another table would warn of it.'
\echo
SELECT decision FROM menuca_record_decision('combo_items', 'Demo Lead',
	'the shop reads combo_items until its redesign');

\echo
\echo '== 4. Dry run: refused'
\echo 'A dry run writes nothing. This one says why a real run would be refused, and what to call.'
\echo
\x on
SELECT status, insert, coverage_pct, orphan_pct_after,
	E'\n- ' || array_to_string(reasons, E'\n- ') AS reasons, next_step
FROM menuca_fix_combos();
\x off

\echo
\echo '== 5. Impostors'
\echo 'A quarter of the rows lead to dishes of other restaurants: V1 numbered its ingredients'
\echo 'separately, and somebody migrated them as dishes by the bare number.'
\echo
SELECT reason, found_in, sum(distinct_ids) AS dishes, sum(source_rows) AS rows,
	min(remedy) AS remedy
FROM menuca_explain_unmapped() GROUP BY 1, 2 ORDER BY rows DESC;
\pset format aligned
\echo
\echo 'An impostor has the name and the restaurant of the ingredient.'
\echo
CREATE VIEW pg_temp.impostors AS
SELECT d.id, d.name AS dish, r.name AS restaurant, d.base_price AS price
FROM menuca_v3.dishes d
JOIN menuca_v3.restaurants r ON r.id = d.restaurant_id
JOIN staging.menuca_v1_ingredients i ON i.id = d.legacy_v1_id
	AND i.restaurant = r.legacy_v1_id AND i.name = d.name
WHERE NOT EXISTS (SELECT FROM staging.menuca_v1_menu m
				  WHERE m.id = i.id AND m.restaurant = i.restaurant);
SELECT * FROM pg_temp.impostors ORDER BY id LIMIT 3;
\echo 'They are removed; the gate is not lowered. A snapshot comes first: it can give every row'
\echo 'back.'
\echo
SELECT table_name, row_count FROM menuca_snapshot('before-repair');
WITH gone AS (
	DELETE FROM menuca_v3.dishes WHERE id IN (SELECT id FROM pg_temp.impostors) RETURNING 1)
SELECT count(*) AS impostors_removed FROM gone;

\echo
\echo '== 6. Backfill: the dishes that V1''s menu still has'
\echo 'They come back inactive and without a price, so customers see nothing new. What would'
\echo 'have to be guessed, such as a dish without a name, is omitted.'
\echo
SELECT outcome, count(*) AS menu_rows FROM menuca_plan_backfill() GROUP BY 1 ORDER BY 2 DESC;
SELECT run_id, status, inserted, newly_visible, dish_coverage_pct_after
FROM menuca_backfill_dishes(dry_run => false);

\echo
\echo '== 7. Dry run again'
\echo 'Now no row leads to another restaurant. The dishes that are still missing are lost in V1,'
\echo 'too, so no run can reach the gates.'
\echo
\pset format unaligned
\x on
SELECT status, insert, coverage_pct, orphan_pct_after,
	E'\n- ' || array_to_string(reasons, E'\n- ') AS reasons, next_step
FROM menuca_fix_combos();
\x off

\echo
\echo '== 8. Accept, by name, up to a figure'
\echo 'A person accepts what is lost, with a bound and a reason. Beyond the bound it fails again;'
\echo 'other restaurants'' dishes, duplicates and broken references can never be accepted.'
\echo
SELECT accepted FROM menuca_accept('dish_coverage', 75,
	'the other dishes are in no dump of V1', 'Demo Lead');
SELECT accepted FROM menuca_accept('orphan_rate', 42,
	'their dishes are lost, or V1 has no row for them', 'Demo Lead');
SELECT accepted FROM menuca_accept('expected_orphan_rate', 23,
	'their dishes are in no dump of V1', 'Demo Lead');
\echo
\echo 'The same dry run would go now; it warns of what was accepted.'
\echo
\x on
SELECT status, insert, E'\n- ' || array_to_string(warnings, E'\n- ') AS warnings, next_step
FROM menuca_fix_combos();
\x off
\pset format aligned

\echo
\echo '== 9. The fix'
\echo 'One transaction: before + inserted = after, or nothing is written. The ledger keeps the'
\echo 'key of each row.'
\echo
SELECT run_id, status, inserted, orphan_pct_after
FROM menuca_fix_combos(dry_run => false);
\echo 'V2''s groups have lists of their own: another source, with its own acceptance.'
\echo
\pset format unaligned
SELECT accepted FROM menuca_accept('orphan_rate', 40,
	'V2 has no lists for V1''s groups', 'Demo Lead',
	source => 'staging.menuca_v2_restaurants_combo_groups_items');
\pset format aligned
\echo
SELECT run_id, status, inserted, orphan_pct_after
FROM menuca_fix_v2_groups(dry_run => false);

\echo
\echo '== 10. Where we stand now, and why'
\echo 'Two honest rates: of all groups, and of those that V1 has rows for. Each group without'
\echo 'items has its reason; what could be fixed is fixed.'
\echo
SELECT groups, orphans, orphan_pct, expected_groups, expected_orphans, expected_orphan_pct
FROM menuca_orphan_rate();
SELECT reason, source_system, count(*) AS groups
FROM menuca_orphans() GROUP BY 1, 2 ORDER BY 3 DESC;

\echo
\echo '== 11. Validation: what was accepted is a WARN, up to its bound'
\echo 'Every check that does not pass; the last row is the verdict. A new error would be a FAIL.'
\echo
\pset format unaligned
SELECT check_no AS no, name, status, actual,
	coalesce(substring(detail FROM 'Accepted .*'), remedy) AS accepted_or_remedy
FROM menuca_validate() WHERE status IN ('WARN', 'FAIL', 'ERROR') OR name = 'summary';
\pset format aligned

\echo
\echo '== 12. Five combos for human eyes'
\echo 'After the machine, a person looks: would these products use such a group?'
\echo
SELECT restaurant_name, group_name, items, array_to_string(dishes[1:2], E'\n') AS first_dishes
FROM menuca_sample_combos(5);

\echo
\echo '== 13. A page to show'
\echo 'Verdict, rates, the flow of the source rows, samples, checks and runs as one HTML page with'
\echo 'pictures. It loads nothing and runs nothing, so it can be sent and printed.'
\echo
\pset tuples_only on
\pset format unaligned
\o :report
SELECT menuca_report('The real case, repaired');
\o
\pset tuples_only off
\pset format aligned
\echo 'It is in' :report
\echo
\echo '== 14. Rollback, by run id'
\echo 'The last run first; the steps are a part of V2''s run. Each rollback deletes the rows that'
\echo 'its run inserted, and no others. It begins with a dry run, too.'
\echo
SELECT run_id, kind, status, inserted, run_by FROM menuca_runs ORDER BY 1;
\set ECHO none
SELECT max(run_id) FILTER (WHERE kind = 'fix_v2_groups') AS v2_run,
	max(run_id) FILTER (WHERE kind = 'fix_combos') AS fix_run,
	max(run_id) FILTER (WHERE kind = 'backfill_dishes') AS backfill_run
FROM menuca_runs \gset
\set ECHO queries
SELECT run_id, status, deleted, changed, dependants, state_restored
FROM menuca_rollback(:v2_run);
SELECT run_id, status, deleted, changed, dependants, state_restored
FROM menuca_rollback(:v2_run, dry_run => false);
SELECT run_id, status, deleted, changed, dependants, state_restored
FROM menuca_rollback(:fix_run, dry_run => false);
SELECT run_id, status, deleted, changed, dependants, state_restored
FROM menuca_rollback(:backfill_run, dry_run => false);
\echo 'The snapshot gives back what was removed by hand.'
\echo
SELECT table_name, status, rows_before, inserted, deleted
FROM menuca_restore_snapshot('before-repair', dry_run => false);

\echo
\echo '== 15. Proof: the same rows as at the start, byte by byte'
\echo 'A checksum of all dishes, items and steps, before and after.'
\echo
\set ECHO none
SELECT 'start' AS at, :rows_at_start AS rows, :'fingerprint_at_start' AS fingerprint
UNION ALL
SELECT 'now', count(*), md5(string_agg(table_name || row, E'\n' ORDER BY table_name, id)) FROM pg_temp.all_rows;
SELECT count(*) = :rows_at_start
	AND md5(string_agg(table_name || row, E'\n' ORDER BY table_name, id)) = :'fingerprint_at_start' AS restored
FROM pg_temp.all_rows \gset
\if :restored
\echo 'The state is back: every row is as it was at the start.'
\else
DO $$ BEGIN RAISE EXCEPTION 'the state is not back: rows differ from what they were at the start'; END $$;
\endif
