-- The runbook: environments, the order of tickets, sign-offs and verdicts
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\set try :abs_srcdir '/sql/include/try.sql'
\i :schema
CREATE TABLE menuca_v3.courses (id bigint PRIMARY KEY, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants);
SELECT system_identifier, current_database() AS database FROM pg_control_system() \gset
-- Masks this cluster and this database
CREATE FUNCTION staging.plain(t text) RETURNS text LANGUAGE sql AS
$$ SELECT replace(replace(t, (SELECT system_identifier::text FROM pg_control_system()), 'CLUSTER'), current_database(), 'DATABASE') $$;
\i :try
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;

--
-- Identity
--
CALL staging.try('SELECT * FROM menuca_status()');
CALL staging.try('SELECT * FROM menuca_ticket(0, dry_run => false)');
CALL staging.try($$SELECT * FROM menuca_environment('test', 'x', 1)$$);
CALL staging.try($$SELECT * FROM menuca_environment('staging', 'x', 1)$$);
CALL staging.try($$SELECT * FROM menuca_environment('staging', current_database(), NULL)$$);
-- A fix says that nobody asks for a backup here, until it is registered
SELECT warnings[cardinality(warnings)] FROM menuca_fix_combos();
SELECT environment, newly_registered FROM menuca_environment('staging', :'database', :system_identifier);
SELECT warnings FROM menuca_fix_combos();
SELECT environment, newly_registered FROM menuca_environment('staging', :'database', :system_identifier);
CALL staging.try(format($$SELECT * FROM menuca_environment('production', current_database(), %s)$$, :system_identifier));
-- A copy of a registered database is not registered
UPDATE menuca_registered_environment SET database_name = 'original', system_identifier = 42;
CALL staging.try('SELECT * FROM menuca_status()');
UPDATE menuca_registered_environment SET database_name = :'database', system_identifier = :system_identifier;

--
-- Order
--
SELECT * FROM menuca_status();
CALL staging.try('SELECT * FROM menuca_ticket(-1, dry_run => false)');
CALL staging.try('SELECT * FROM menuca_ticket(11, dry_run => false)');
CALL staging.try('SELECT * FROM menuca_ticket(NULL, dry_run => false)');
CALL staging.try('SELECT * FROM menuca_ticket(1, dry_run => false)');
CALL staging.try('SELECT * FROM menuca_ticket(6, dry_run => false)');
CALL staging.try($$SELECT * FROM menuca_ticket(0, '[]', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(0, '{"max_orphans": 3}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(0, '{"strict": "perhaps"}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(0, '{"source": "x", "strict": true}', dry_run => false)$$);
-- An option of another ticket would do nothing; a value that a function would refuse, too late
CALL staging.try($$SELECT * FROM menuca_ticket(2, '{"max_orphan_pct": 5}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(4, '{"max_orphan_pct": 0.2}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(4, '{"min_dish_coverage_pct": "950"}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(4, '{"max_cross_restaurant_pct": null}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(4, '{"max_cross_restaurant_pct": "NaN"}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(4, '{"batch_size": 0}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(4, '{"target": "Combo_Items"}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(4, '{"gate_on": "Expected"}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(4, '{"lock": "none"}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(4, '{"dish_column": ""}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(1, '{"backup": ""}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(1, '{"max_backup_age": "-1 hour"}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(5, '{"stability": "0"}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(5, '{"stability": false}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(3, '{"lock_timeout": "0"}', dry_run => false)$$);
-- Options that loosen a gate need a reason
CALL staging.try($$SELECT * FROM menuca_ticket(5, '{"stability": "1 hour"}', dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(1, '{"max_backup_age": "31 minutes"}', dry_run => false)$$);
SELECT name, status, actual, detail FROM menuca_ticket(1, '{"max_backup_age": "29 minutes"}', dry_run => true) WHERE name = 'prerequisite';
CALL staging.try('SELECT * FROM menuca_ticket(0, force => true, dry_run => false)');
CALL staging.try($$SELECT * FROM menuca_ticket(0, force => true, reason => ' ', dry_run => false)$$);
-- A ticket of the other environment cannot be forced
CALL staging.try($$SELECT * FROM menuca_ticket(9, force => true, reason => 'in a hurry', dry_run => false)$$);

--
-- Pre-flight: checks that cannot be made are skipped
--
-- A dry run records nothing, and works in a read-only transaction
BEGIN READ ONLY;
SELECT name, status FROM menuca_ticket(0, dry_run => true) WHERE name IN ('identity', 'prerequisite', 'summary');
ROLLBACK;
SELECT name, status, detail, remedy FROM menuca_ticket(0) WHERE name = 'summary';
SELECT ticket, state FROM menuca_status() WHERE ticket < 2;
SELECT name, title, status, expected, staging.plain(actual) AS actual, remedy FROM menuca_ticket(0, dry_run => false)
WHERE name NOT IN ('server', 'sizes', 'disk', 'activity');
SELECT ticket, title, state, result, started_at < finished_at AS took_time, executed_by = session_user AS by_me, next_call FROM menuca_status() WHERE ticket < 2;
-- Ranges that the operator sets are checked
INSERT INTO menuca_expected_count VALUES ('restaurants', 900, 1000), ('dishes', 12, NULL), ('combo_items', NULL, 10);
SELECT name, status, expected, actual, remedy FROM menuca_ticket(0, dry_run => false) WHERE name LIKE 'count%' OR name = 'summary';
-- The newest execution counts
SELECT ticket, state, result, next_call FROM menuca_status() WHERE ticket < 2;
CALL staging.try('SELECT * FROM menuca_ticket(1, dry_run => false)');
DELETE FROM menuca_expected_count WHERE table_name = 'restaurants';
SELECT status, detail FROM menuca_ticket(0, dry_run => false) WHERE name = 'summary';
-- A check that raises an error does not pass
ALTER TABLE menuca_v3.combo_groups RENAME legacy_v1_id TO legacy;
SELECT name, status, actual FROM menuca_ticket(0, dry_run => false) WHERE status NOT IN ('PASS', 'SKIP');
ALTER TABLE menuca_v3.combo_groups RENAME legacy TO legacy_v1_id;
SELECT status FROM menuca_ticket(0, dry_run => false) WHERE name = 'summary';

-- Another source, with columns of other names, found by the search_path
CREATE TABLE staging.other (n int, d int, g int);
INSERT INTO staging.other VALUES (1, 11, 1);
SET search_path = staging, public;
SELECT name, status, expected, actual FROM menuca_ticket(0, '{"source": "other", "dish_column": "d", "group_column": "g"}', dry_run => false) WHERE name IN ('count_dishes', 'count_combo_groups', 'source');
SELECT name, status, actual, detail FROM menuca_ticket(4, '{"source": "other", "id_column": "n", "dish_column": "d", "group_column": "g", "order_column": null, "min_coverage_pct": 0, "max_orphan_pct": 100}', dry_run => true, force => true, reason => 'out of order')
WHERE name IN ('source', 'fix_combos');
SELECT name, status, actual FROM menuca_ticket(4, '{"source": "other"}', dry_run => true, force => true, reason => 'out of order') WHERE name IN ('source', 'fix_combos');
RESET search_path;
DROP TABLE staging.other;

--
-- Sign-offs and the verdict
--
CALL staging.try($$SELECT menuca_sign_off(1, 'A. Person', 'GO')$$);
CALL staging.try($$SELECT menuca_sign_off(0, 'A. Person', 'YES')$$);
CALL staging.try($$SELECT menuca_sign_off(0, ' ', 'GO')$$);
CALL staging.try($$SELECT menuca_sign_off(99, 'A. Person', 'GO')$$);
-- NO-GO stops later tickets until somebody signs GO
SELECT menuca_sign_off(0, 'A. Person', 'NO-GO', 'the counts look odd');
CALL staging.try('SELECT * FROM menuca_ticket(1, dry_run => false)');
SELECT ticket, state, next_call FROM menuca_status() WHERE ticket < 2;
SELECT menuca_sign_off(0, 'A. Person', 'GO', 'as expected');
SELECT ticket, state, next_call FROM menuca_status() WHERE ticket < 2;
SELECT v ->> 'go' AS go, v ->> 'environment' AS environment, v -> 'counts' AS counts, jsonb_array_length(v -> 'tickets') AS tickets, jsonb_path_query_array(v, '$.signatures[*].approver') AS approvers
FROM menuca_export_verdict() v;
CALL staging.try('SELECT menuca_import_verdict(menuca_export_verdict())');

--
-- On production
--
SELECT menuca_export_verdict() AS verdict \gset
UPDATE menuca_registered_environment SET name = 'production';
CALL staging.try('SELECT menuca_export_verdict()');
-- Staging and production are the same database
CALL staging.try(format('SELECT menuca_import_verdict(%L)', :'verdict'));
-- A verdict of another database that was changed after its export
SELECT jsonb_set(:'verdict', '{database}', '"elsewhere"') AS forged \gset
CALL staging.try(format('SELECT menuca_import_verdict(%L)', :'forged'));
CALL staging.try('SELECT menuca_import_verdict(NULL)');
CALL staging.try($$SELECT menuca_import_verdict('{}')$$);
CALL staging.try($$SELECT menuca_import_verdict('null')$$);
CALL staging.try($$SELECT menuca_import_verdict('[]')$$);
CALL staging.try($$SELECT menuca_import_verdict('1e400')$$);
SELECT menuca_verdict_checksum('"GO"') IS NULL AS no_checksum;
-- One that a client has cut says where
CREATE VIEW staging.cut AS SELECT '{"go": "NO-GO", "notes": "a \" and a }", "counts": {"dishes": 7}, "tickets": [{"ticket": 0}, {"ticket": 1}], "signatures": []}'::text AS v;
CREATE FUNCTION staging.import_cut(v text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM menuca_import_verdict(v);
	RETURN 'it was imported';
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(': ', SQLSTATE, SQLERRM, nullif(detail, ''));
END $$;
SELECT t.what, staging.import_cut(t.text) FROM staging.cut, LATERAL (VALUES
	('in a string', left(v, 31)), ('in a list', left(v, 89)), ('after a backslash', left(v, 27)), ('before the last bracket', left(v, -1)),
	('in the middle, three dots', left(v, 42) || '...' || right(v, 20)), ('in the middle, in a string', left(v, 28) || '... (truncated)'),
	('one character', left(v, 42) || chr(8230)), ('the beginning', right(v, 40)), ('an ellipsis that somebody wrote', replace(left(v, -1), 'a }', 'wait ...')),
	('more text', v || ' (1 row)'), ('a quote lost', replace(v, '"dishes"', 'dishes')), ('nothing', ''), ('spaces', E' \n '), ('not JSON', 'GO'), ('whole, but no verdict', v)) t(what, text);
CALL staging.try(format('SELECT menuca_import_verdict(%L)', left(:'verdict', 40)));
SELECT :'forged'::jsonb || jsonb_build_object('checksum', encode(sha256(convert_to((:'forged'::jsonb - 'checksum' - 'signature')::text, 'UTF8')), 'hex')) AS elsewhere \gset
-- Where a key is set, only who has it can write a verdict; nobody but the owner can read it
SELECT :'verdict'::jsonb -> 'protection' AS protection, :'verdict'::jsonb -> 'signature' AS signature;
CALL staging.try($$SELECT menuca_set_verdict_key('fifteen bytes !')$$);
SELECT menuca_set_verdict_key('a key that only staging and production know');
CALL staging.try(format('SELECT menuca_import_verdict(%L)', :'elsewhere'));
CALL staging.try(format('SELECT menuca_import_verdict(%L)', :'elsewhere'::jsonb || '{"signature": ""}'));
CALL staging.try(format('SELECT menuca_import_verdict(%L)', :'elsewhere'::jsonb || jsonb_build_object('signature', repeat('0', 64))));
SELECT set_by = session_user AS by_me, grantee::regrole FROM menuca_verdict_key, pg_class c, aclexplode(COALESCE(relacl, acldefault('r', relowner))) WHERE c.oid = 'menuca_verdict_key'::regclass GROUP BY 1, 2;
SELECT menuca_set_verdict_key('another key, which takes the place of the first');
-- With a checksum that fits, but without a part, or with one of another kind
CREATE FUNCTION staging.import_refusal(v jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM menuca_import_verdict(v || jsonb_build_object('checksum', menuca_verdict_checksum(v)));
	RAISE 'it was imported';
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(': ', SQLSTATE, SQLERRM, nullif(detail, ''));
END $$;
SELECT :'elsewhere'::jsonb - 'checksum' AS whole \gset
SELECT key, staging.import_refusal(:'whole'::jsonb - key) FROM jsonb_object_keys(:'whole'::jsonb) key ORDER BY 1;
SELECT path, value, staging.import_refusal(jsonb_set(:'whole', path::text[], value::jsonb)) FROM (VALUES
	('{go}', '"PERHAPS"'), ('{database}', 'null'), ('{system_identifier}', '1'), ('{tickets}', '{}'), ('{tickets,0}', '3'), ('{tickets,0,ticket}', '"first"'),
	('{tickets,0,forced}', '[]'), ('{tickets,0,started_at}', '"noon"'), ('{signatures}', 'null'), ('{signatures,0,ticket}', '{}'), ('{signatures,0}', '[]'),
	('{counts}', '[]'), ('{counts,dishes}', '"many"'), ('{fix}', '"x"'), ('{fix}', '{"source_rows": "all", "mapped": 1}'), ('{fix_v2}', '[]'), ('{backfill}', '{"mapped": "x", "source_rows": 1}'), ('{indexes}', '{}')) d(path, value);
SELECT staging.import_refusal('{"environment": "staging"}');
SELECT menuca_set_verdict_key(NULL);
-- Nothing begins until staging's verdict is imported, is GO, and is signed off
SELECT name, status, actual, remedy FROM menuca_ticket(6, dry_run => true) WHERE name = 'prerequisite';
CALL staging.try('SELECT * FROM menuca_ticket(6, dry_run => false)');
CALL staging.try($$SELECT menuca_sign_off(5, 'A. Person', 'GO')$$);
SELECT menuca_import_verdict(:'elsewhere');
CALL staging.try('SELECT * FROM menuca_ticket(6, dry_run => false)');
CALL staging.try($$SELECT menuca_sign_off(5, 'A. Person', 'GO')$$);
SELECT menuca_sign_off(5, 'A. Person', 'NO-GO', 'staging is not done');
SELECT ticket, state, result, next_call FROM menuca_status();

\set ECHO none
\i :drop
