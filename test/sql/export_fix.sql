-- A fix as SQL files: what is refused, and what the files are
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\set try :abs_srcdir '/sql/include/try.sql'
\i :schema
CREATE FUNCTION staging.plain(t text) RETURNS text LANGUAGE sql AS $$ SELECT replace(t, current_database(), 'DATABASE') $$;
\i :try
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;

--
-- Nothing to export, or not known for whom
--
CALL staging.try('SELECT menuca_export_fix(NULL)');
CALL staging.try('SELECT menuca_export_fix(1, NULL)');
CALL staging.try($$SELECT menuca_export_fix(1, 'sqlplus')$$);
CALL staging.try('SELECT menuca_export_fix(1, max_bytes => 100)');
SELECT newly_recorded FROM menuca_copy_of('production', project => 'abcdefghijklmnopqrst');
CALL staging.try('SELECT menuca_export_fix(1)');
SELECT status, inserted FROM menuca_fix_combos(dry_run => false);
CALL staging.try('SELECT menuca_export_fix(2)');

--
-- The files; the call writes nothing
--
BEGIN READ ONLY;
SELECT file_no, file_name, purpose FROM menuca_export_fix(1);
SELECT file_no, regexp_replace(file_name, '^\d{14}', 'TIME') AS file_name FROM menuca_export_fix(1, 'supabase', 65536);
SELECT file_no, file_name FROM menuca_export_fix(1, style => 'statements');
COMMIT;
-- What decides is in each header
SELECT file_no, sql ~ '-- for: database production of project abcdefghijklmnopqrst\n' AS whose, sql ~ '-- run: 1, fix_combos by .* 17 rows into menuca_v3.combo_items, gates \{' AS run
FROM menuca_export_fix(1);
SELECT count(*) FROM menuca_record_decision('combo_items', 'A. Lead', E'they are\n\\! items');
SELECT DISTINCT substring(sql FROM '-- decision: .*: they are[^\n]*') ~ 'combo_items, by A. Lead at .*: they are \\! items' AS decision FROM menuca_export_fix(1);
-- Values that are in all rows are written once, and those that the other database makes are not written
SELECT substring(sql FROM 'INSERT INTO menuca_v3.combo_items .*?WHERE') FROM menuca_export_fix(1) WHERE file_name = '02_apply.sql';
SELECT substring(sql FROM 'ARRAY\[''\{.*?\]::pg_catalog\.text') FROM menuca_export_fix(1) WHERE sql ~ 'VALUES \(''menuca_fix_1'', ''rows''';

--
-- Run here, the files say that this is not that database
--
SELECT regexp_replace(sql, '^\\set.*$', '', 'n') AS stage FROM menuca_export_fix(1) WHERE file_name = '01_stage_01.sql' \gset
CALL staging.try(:'stage');
SELECT to_regnamespace('menuca_hosted');

--
-- Rows that are not as the ledger has them
--
BEGIN;
UPDATE menuca_v3.combo_items SET quantity = 2 WHERE id = 3;
DELETE FROM menuca_v3.combo_items WHERE id IN (4, 5);
CALL staging.try('SELECT menuca_export_fix(1)');
ROLLBACK;
-- A ledger that is damaged
BEGIN;
UPDATE menuca_run_batch SET row_count = 16 WHERE run_id = 1;
CALL staging.try('SELECT menuca_export_fix(1)');
ROLLBACK;
-- A run that was rolled back
SELECT deleted FROM menuca_rollback(1, dry_run => false);
CALL staging.try('SELECT menuca_export_fix(1)');
-- A run that has not ended
UPDATE menuca_run SET status = 'running' WHERE run_id = 1;
CALL staging.try('SELECT menuca_export_fix(1)');

--
-- Rights
--
SELECT has_function_privilege('public', 'menuca_export_fix(bigint, text, integer)', 'EXECUTE');

\set ECHO none
\i :drop
