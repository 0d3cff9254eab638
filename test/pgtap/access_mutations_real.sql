--
-- The forty ways of the issue to spoil an access, on the real schema's shape: 61
-- tables, of which some columns have other names
--
\ir include/tools.psql

-- Compiling statements that run once would take most of the time
SET jit = off;

SELECT plan(6);

\! perl test/fixture/generate.pl --quiet --shape real --schema "$WORK/schema.sql"
\i :work/schema.sql
SET client_min_messages = warning;
SET search_path = public;

SELECT count(*) AS deployed FROM menuca_deploy_access(dry_run => false) WHERE status = 'deployed' \gset
SELECT is((SELECT string_agg(format('%s %s: %s', name, status, detail), E'\n') FROM menuca_check_access(overhead => false) WHERE status IN ('FAIL', 'ERROR')), NULL,
	'control: no check of the deployment fails');

\ir include/access_mutations.psql
DELETE FROM mutation WHERE id !~ '^M';
-- Names of claims are in quotes
UPDATE mutation m SET statement = regexp_replace(m.statement, '(^|[^''])\m' || n.was || '\M', '\1' || n.now, 'g')
FROM (VALUES ('restaurant_id', 'vendor_id'), ('combo_item_id', 'item_id'), ('user_id', 'customer_id')) n(was, now)
WHERE EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = format('menuca_v3.%I', m.tables[1])::regclass AND a.attname = n.now);
SELECT is((SELECT string_agg(id, ' ' ORDER BY id) FROM mutation WHERE statement ~ 'vendor_id|item_id|customer_id'), 'M11 M12 M13 M16 M21 M28 M33 M39', 'some of them are about columns that were renamed');
-- These roles inherit nothing, so that a role becomes another by SET ROLE alone
UPDATE mutation SET sees = 'd' WHERE id = 'M19';
-- The other tables would only take time
UPDATE menuca_wanted_access SET wanted = false, note = 'not tried here'
WHERE table_name NOT IN (SELECT unnest(tables) FROM mutation UNION VALUES ('restaurants'), ('users'), ('combo_groups'), ('combo_items'));
\ir include/access_spoil.psql
SELECT count(pg_temp.spoil(m)) AS spoilt FROM mutation m \gset

SELECT is((SELECT string_agg(format('%s %s', id, by_checks), E'\n') FROM verdict WHERE by_matrix < 0), NULL, 'each way was tried');
SELECT is((SELECT count(*)::int FROM verdict WHERE by_matrix > 0 OR by_checks IS NOT NULL), 40, 'of forty ways, forty fail');
SELECT is((SELECT string_agg(format('%s: %s cells, %s', id, by_matrix, coalesce(by_checks, 'no check')), E'\n' ORDER BY id)
	FROM verdict JOIN mutation USING (id) WHERE sees ~ 'm' AND by_matrix <= 0 OR sees ~ 'd' AND by_checks IS NULL), NULL,
	'by the matrix alone, by a definition, or both, as it should be');
UPDATE menuca_wanted_access SET wanted = true;
SELECT is((SELECT count(*)::int FROM menuca_access_plan() WHERE action <> 'keep'), 0, 'and all of it was undone');

DROP SCHEMA menuca_v3, auth CASCADE;
DROP OWNED BY anon, authenticated, service_role, authenticator;
DROP ROLE anon, authenticated, service_role, authenticator;
SELECT * FROM finish();
\! rm -r "$WORK"
