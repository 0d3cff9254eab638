--
-- Access that was spoilt after its deployment: forty ways of the issue and others,
-- each in a subtransaction that is undone, judged by the matrix and by the checks
--
\ir include/tools.psql

-- Compiling statements that run once would take most of the time
SET jit = off;

SELECT plan(9);

\! perl test/fixture/generate.pl --quiet --scale 0.02 --schema "$WORK/schema.sql"
\i :work/schema.sql
\ir include/access_tables.psql
ALTER TABLE menuca_v3.dishes ALTER is_active DROP NOT NULL;
ALTER TABLE menuca_v3.restaurant_contacts ADD is_active boolean NOT NULL DEFAULT true;

DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY '{anon,authenticated,service_role}'::text[] LOOP
		IF to_regrole(r) IS NULL THEN
			EXECUTE format('CREATE ROLE %I NOLOGIN', r);
		END IF;
	END LOOP;
	ALTER ROLE service_role BYPASSRLS;
END $$;
SELECT count(*) AS deployed FROM menuca_deploy_access(dry_run => false) WHERE status = 'deployed' \gset

--
-- The deployment itself: nothing is open
--
SELECT is((SELECT string_agg(format('%s %s: %s', name, status, detail), E'\n') FROM menuca_check_access(overhead => false) WHERE status IN ('FAIL', 'ERROR')), NULL,
	'control: no check of the deployment fails');
SELECT is((SELECT string_agg(format('%s %s %s %s: %s', table_name, role_kind, command, row_case, coalesce(detail, actual)), E'\n') FROM menuca_test_access() WHERE status <> 'PASS'), NULL,
	'control: every cell is green');
SELECT is((SELECT count(*)::int FROM menuca_access_openings()), 0, 'control: no way around the policies');

--
-- Spoilt
--
\ir include/access_mutations.psql
-- The other tables would only take time
UPDATE menuca_wanted_access SET wanted = false, note = 'not tried here'
WHERE table_name NOT IN (SELECT unnest(tables) FROM mutation UNION VALUES ('restaurants'), ('users'), ('combo_groups'), ('combo_items'));
\ir include/access_spoil.psql
SELECT count(pg_temp.spoil(m)) AS spoilt FROM mutation m \gset

SELECT is((SELECT string_agg(format('%s %s', id, by_checks), E'\n') FROM verdict WHERE by_matrix < 0), NULL, 'each way was tried');
SELECT is((SELECT count(*)::int FROM verdict WHERE id ~ '^M' AND (by_matrix > 0 OR by_checks IS NOT NULL)), 40, 'of the forty ways of the issue, forty fail');
SELECT is((SELECT string_agg(id, ' ' ORDER BY id) FROM verdict WHERE by_matrix <= 0 AND by_checks IS NULL), NULL, 'and so does each other one');
SELECT is((SELECT string_agg(format('%s: %s cells, %s', id, by_matrix, coalesce(by_checks, 'no check')), E'\n' ORDER BY id)
	FROM verdict JOIN mutation USING (id) WHERE sees ~ 'm' AND by_matrix <= 0 OR sees ~ 'd' AND by_checks IS NULL), NULL,
	'by the matrix alone, by a definition, or both, as it should be');
SELECT diag(format('the matrix alone sees %s of 40 and %s of %s others', count(*) FILTER (WHERE id ~ '^M' AND by_matrix > 0), count(*) FILTER (WHERE id ~ '^N' AND by_matrix > 0), count(*) FILTER (WHERE id ~ '^N')))
FROM verdict;
-- What opens nothing yet is a warning, since each table that is made later fails by itself
ALTER DEFAULT PRIVILEGES IN SCHEMA menuca_v3 GRANT SELECT ON TABLES TO anon;
ALTER DEFAULT PRIVILEGES GRANT UPDATE ON SEQUENCES TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA menuca_v3 GRANT EXECUTE ON FUNCTIONS TO anon;
SELECT is((SELECT status || ': ' || actual FROM menuca_check_access(matrix => false, overhead => false) WHERE name = 'other_openings'), 'WARN: 3 openings',
	'default privileges are a warning');
ALTER DEFAULT PRIVILEGES IN SCHEMA menuca_v3 REVOKE SELECT ON TABLES FROM anon;
ALTER DEFAULT PRIVILEGES REVOKE UPDATE ON SEQUENCES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA menuca_v3 REVOKE EXECUTE ON FUNCTIONS FROM anon;
UPDATE menuca_wanted_access SET wanted = true;
SELECT is((SELECT count(*)::int FROM menuca_access_plan() WHERE action <> 'keep'), 0, 'and all of it was undone');

DROP SCHEMA menuca_v3 CASCADE;
DROP OWNED BY anon, authenticated, service_role;
DROP ROLE anon, authenticated, service_role;
SELECT * FROM finish();
\! rm -r "$WORK"
