-- Receipts of a hosted production: what is accepted, and what is refused
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\set try :abs_srcdir '/sql/include/try.sql'
\i :schema
SELECT system_identifier, current_database() AS database FROM pg_control_system() \gset
-- Masks this cluster and this database, and times
CREATE FUNCTION staging.plain(t text) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace(regexp_replace(replace(replace(t, (SELECT system_identifier::text FROM pg_control_system()), 'CLUSTER'), current_database(), 'DATABASE'),
	'[0-9]{4}-[0-9-]{5} [0-9:]{8} UTC', 'TIME', 'g'), 'It has [0-9,]{3,} bytes', 'It has MANY bytes') $$;
\i :try
-- A receipt as a file writes it; rest replaces or adds members
CREATE FUNCTION staging.receipt(rest jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT (r || jsonb_build_object('sha256', encode(sha256(convert_to(r::text, 'UTF8')), 'hex')))::text
	FROM (SELECT jsonb_strip_nulls(jsonb_build_object('set', 'menuca_indexes', 'file', '00_check', 'database', 'postgres',
			'exported_from', (SELECT original ->> 'copy' FROM menuca_copy_original), 'time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')))
			|| jsonb_build_object('rows', jsonb_build_array(
				jsonb_build_object('check_no', 1, 'name', 'database', 'status', 'PASS', 'expected', 'postgres', 'actual', 'postgres', 'detail', null, 'next_step', null),
				jsonb_build_object('check_no', 2, 'name', 'it''s "quoted" $menuca$ \ +', 'status', 'WARN', 'expected', E'two\nlines', 'actual', '<>&', 'detail', 'ä…', 'next_step', 'DROP TABLE x;')))
			|| rest) x(r) $$;
-- Accepts a text, and undoes it
CREATE PROCEDURE staging.paste(receipt text) LANGUAGE plpgsql AS $$
DECLARE
	accepted record;
BEGIN
	SELECT * INTO accepted FROM menuca_accept_receipt(receipt);
	RAISE SQLSTATE 'UNDO1' USING MESSAGE = format('%s %s %s: %s passed, %s warned, %s failed', accepted.set_name, accepted.file, accepted.status,
		accepted.passed, accepted.warned, accepted.failed);
EXCEPTION WHEN others THEN
	RAISE INFO '% %', CASE SQLSTATE WHEN 'UNDO1' THEN 'accepted' ELSE SQLSTATE END, staging.plain(SQLERRM);
END $$;
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;

--
-- Not without a record of whose copy this is
--
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt())$$);
SELECT newly_recorded FROM menuca_copy_of('postgres', 42);
BEGIN READ ONLY;
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt())$$);
ROLLBACK;

--
-- Accepted once; the next step is to register the hosted production
--
SELECT receipt_id, set_name, file, database_name, made_at > now() - interval '2 seconds' AS just_now, status, passed, warned, failed, newly_accepted, staging.plain(next_step) AS next_step
FROM menuca_accept_receipt(staging.receipt());
SELECT kind, run_id, set_name, file, of_database, status, accepted_by = session_user AS by_me, applies FROM menuca_hosted_receipts;
SELECT check_no, name, status, expected, actual, detail, next_step FROM menuca_hosted_receipt_row ORDER BY check_no;
SELECT extconfig @> ARRAY['menuca_hosted_receipt'::regclass::oid] AS dumped FROM pg_extension WHERE extname = 'menuca_migrate';
BEGIN;
SELECT r.receipt AS receipt FROM (SELECT staging.receipt('{"note": "twice"}') AS receipt) r \gset
SELECT newly_accepted FROM menuca_accept_receipt(:'receipt');
SELECT newly_accepted FROM menuca_accept_receipt(:'receipt');
SELECT count(*) FROM menuca_hosted_receipts;
ROLLBACK;

--
-- As clients show it: with white space, as a value of a result, as text in a text, in
-- CSV, in a table, with words around it, and with wrapped lines
--
CALL staging.paste(E'\n\t ' || staging.receipt() || E' \r\n');
CALL staging.paste(jsonb_pretty(staging.receipt()::jsonb));
CALL staging.paste(jsonb_build_array(jsonb_build_object('check_no', 1, 'name', 'database', 'actual', 'postgres'), jsonb_build_object('check_no', 3, 'name', 'receipt', 'actual', staging.receipt()))::text);
CALL staging.paste(jsonb_build_array(jsonb_build_object('name', 'receipt', 'actual', staging.receipt()::jsonb))::text);
CALL staging.paste(to_json(staging.receipt())::text);
CALL staging.paste(jsonb_build_object('text', 'The result: ' || jsonb_build_array(jsonb_build_object('name', 'receipt', 'actual', staging.receipt()))::text || ' is data.')::text);
CALL staging.paste('Below is the result: <data> ' || jsonb_build_array(jsonb_build_object('name', 'receipt', 'actual', staging.receipt()))::text || ' </data>, [see] {this}');
CALL staging.paste('3,receipt,PASS,no FAIL,"' || replace(staging.receipt(), '"', '""') || '",Paste it.,');
CALL staging.paste(E' check_no |  name   | actual\n----------+---------+--------\n        3 | receipt | ' || staging.receipt() || E' | Paste it. |\n(3 rows)');
CALL staging.paste(regexp_replace(staging.receipt(), '(.{40})', E'\\1\n', 'g'));
CALL staging.paste(regexp_replace(staging.receipt(), '(.{40})', E'\\1\r\n', 'g'));
CALL staging.paste(regexp_replace(staging.receipt('{"rows": [{"check_no": 1, "name": "database", "status": "PASS"}]}'), ', ', E',   +\n        ', 'g'));

-- Where a value was broken at its spaces, nobody knows how many there were
CALL staging.paste(regexp_replace(staging.receipt(), ' ', E' +\n ', 'g'));

--
-- No receipt, or more than one
--
CALL staging.try($$SELECT * FROM menuca_accept_receipt(NULL)$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt('')$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(E' \t\n\u00a0')$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt('...')$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt('null')$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt('"sha256 {"')$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt('{"set": "menuca_indexes", "sha256": "0"}')$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt('[{"name": "receipt", "actual": "(cut)"}, {"name": "sha256"}]')$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(left(staging.receipt(), -1))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt() || staging.receipt('{"file": "03_verify"}'))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(jsonb_build_array(staging.receipt(), staging.receipt('{"file": "03_verify"}'))::text)$$);
-- The same one twice is one
CALL staging.paste(staging.receipt() || E'\n' || staging.receipt());
-- Deep, long, and both
CALL staging.try($$SELECT * FROM menuca_accept_receipt(repeat('[', 200000) || 'sha256' || repeat(']', 200000))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(repeat('{"a":', 200000) || '"sha256"' || repeat('}', 200000))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(repeat('[{"sha256":', 1000000))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt('{"set" sha256' || repeat(E'\n{"', 3000000))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(repeat('x', 20000000))$$);
SELECT staging.receipt(jsonb_build_object('rows', (SELECT jsonb_agg(jsonb_build_object('check_no', n, 'name', repeat('n', 1000), 'status', 'PASS')) FROM generate_series(1, 10000) n))) AS receipt \gset
CALL staging.paste(:'receipt');
SELECT staging.receipt(jsonb_build_object('rows', (SELECT jsonb_agg(jsonb_build_object('check_no', n, 'name', 'n', 'status', 'PASS')) FROM generate_series(1, 10001) n))) AS receipt \gset
CALL staging.paste(:'receipt');

--
-- Edited, or written by somebody
--
CALL staging.try($$SELECT * FROM menuca_accept_receipt(replace(staging.receipt(), 'WARN', 'PASS'))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(replace(staging.receipt(), '"sha256"', '"extra": 1, "sha256"'))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(replace(staging.receipt(), '"sha256": "', '"sha256": "0'))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt('{"rows": []}'))$$);
CALL staging.paste(staging.receipt('{"rows": {}}'));
CALL staging.paste(staging.receipt('{"rows": null}'));
CALL staging.paste(staging.receipt('{"rows": [1]}'));
CALL staging.paste(staging.receipt('{"rows": [{"check_no": 1, "name": "x", "status": "GOOD"}]}'));
CALL staging.paste(staging.receipt('{"rows": [{"check_no": 1, "name": "x"}]}'));
CALL staging.paste(staging.receipt('{"rows": [{"check_no": 1, "name": {"x": 1}, "status": "PASS"}]}'));
CALL staging.paste(staging.receipt('{"rows": [{"check_no": 1e20, "name": "x", "status": "PASS"}]}'));
CALL staging.paste(staging.receipt('{"rows": [{"check_no": -1, "name": "x", "status": "PASS"}]}'));
CALL staging.paste(staging.receipt('{"set": 1}'));
CALL staging.paste(staging.receipt('{"set": null}'));
CALL staging.paste(staging.receipt('{"database": null}'));
CALL staging.paste(staging.receipt('{"time": "infinity"}'));
CALL staging.paste(staging.receipt('{"time": "now"}'));
CALL staging.paste(staging.receipt('{"time": 0}'));
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt('{"time": "2026-13-45 00:00:00 UTC"}'))$$);
-- ERROR is FAIL; the next step is to see what fails
SELECT status, passed, warned, failed, next_step ~ 'menuca_hosted_receipt_row WHERE receipt_id = \d+ AND' AS shows_them
FROM menuca_accept_receipt(staging.receipt('{"rows": [{"check_no": 1, "name": "x", "status": "ERROR"}, {"check_no": 2, "name": "y", "status": "SKIP"}]}'));

--
-- Of another database, another copy, another time, or a set that nobody here knows
--
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt('{"exported_from": "database \"other\" in cluster 42 (record 1)"}'))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt('{"exported_from": null}'))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt('{"database": "it''s\nanother"}'))$$);
CALL staging.try(format('SELECT * FROM menuca_accept_receipt(staging.receipt(%L))', jsonb_build_object('time', now() + interval '1 hour')));
CALL staging.try(format('SELECT * FROM menuca_accept_receipt(staging.receipt(%L))', jsonb_build_object('time', now() - interval '1 hour')));
CALL staging.paste(staging.receipt(jsonb_build_object('time', now() + interval '4 minutes')));
CALL staging.paste(staging.receipt(jsonb_build_object('time', now() - interval '4 minutes')));
CALL staging.paste(staging.receipt(jsonb_build_object('time', to_char(now() AT TIME ZONE 'Asia/Kolkata', 'YYYY-MM-DD"T"HH24:MI:SS.US"+05:30"'))));
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt('{"set": "other", "file": "00_check\n$menuca$"}'))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt('{"file": "02_apply"}'))$$);
CALL staging.try($$SELECT * FROM menuca_accept_receipt(staging.receipt('{"set": "menuca_fix_1"}'))$$);
CALL staging.paste(staging.receipt('{"set": "menuca_fix_0"}'));
CALL staging.paste(staging.receipt('{"set": "menuca_fix_01"}'));
CALL staging.paste(staging.receipt('{"set": "menuca_fix_99999999999999999999"}'));
CALL staging.paste(staging.receipt('{"set": "menuca_fix_1\nmenuca_fix_2"}'));

--
-- A corrected record is of another production: what was accepted for the other one does not apply
--
BEGIN;
SELECT newly_recorded FROM menuca_copy_of('postgres', 43, reason => 'a slip');
SELECT count(*) > 0 AS there, bool_or(applies) AS applies FROM menuca_hosted_receipts;
ROLLBACK;
-- Neither in another database, as in a copy of this one
BEGIN;
UPDATE menuca_hosted_receipt SET database_name = 'other';
SELECT bool_or(applies) AS applies FROM menuca_hosted_receipts;
ROLLBACK;

--
-- Nobody else may
--
CREATE ROLE regress_menuca_receipt;
GRANT USAGE ON SCHEMA staging TO regress_menuca_receipt;
SET ROLE regress_menuca_receipt;
SELECT * FROM menuca_accept_receipt('{}');
TABLE menuca_hosted_receipts;
RESET ROLE;
REVOKE USAGE ON SCHEMA staging FROM regress_menuca_receipt;
DROP ROLE regress_menuca_receipt;

--
-- The hosted production in its copy
--
CALL staging.try($$SELECT * FROM menuca_environment('production', 'postgres', 42, NULL)$$);
CALL staging.try($$SELECT * FROM menuca_environment('staging', 'postgres', 42, hosted => true)$$);
CALL staging.try($$SELECT * FROM menuca_environment('production', 'other', 42, hosted => true)$$);
CALL staging.try($$SELECT * FROM menuca_environment('production', 'postgres', 43, hosted => true)$$);
CALL staging.try($$SELECT * FROM menuca_environment('production', 'postgres', NULL, hosted => true)$$);
CALL staging.try($$SELECT * FROM menuca_environment('production', NULL, 42, hosted => true)$$);
BEGIN READ ONLY;
CALL staging.try($$SELECT * FROM menuca_environment('production', 'postgres', 42, hosted => true)$$);
ROLLBACK;
SELECT * FROM menuca_environment('production', 'postgres', 42, hosted => true);
SELECT * FROM menuca_environment('production', 'postgres', 42, hosted => true);
SELECT staging.plain(next_step) FROM menuca_accept_receipt(staging.receipt('{"note": 2}'));
-- It is no environment of this database itself, and this database is not production
CALL staging.try(format($$SELECT * FROM menuca_environment('production', %L, %s)$$, :'database', :'system_identifier'));
CALL staging.try($$SELECT menuca_monitor_sample()$$);
SELECT staging.plain(database_name) AS database_name, of_database, of_system_identifier, of_project FROM menuca_hosted_production;
-- Without staging here, its tickets are known by its verdict
SELECT ticket, state, next_call FROM menuca_status();
SELECT state, next_step FROM menuca_next();
CALL staging.try($$SELECT * FROM menuca_ticket(0, dry_run => false)$$);
CALL staging.try($$SELECT * FROM menuca_ticket(6, dry_run => false)$$);
CALL staging.try($$SELECT menuca_export_verdict()$$);
SELECT environment, newly_registered FROM menuca_environment('staging', :'database', :system_identifier, hosted => false);
SELECT ticket, state, staging.plain(next_call) AS next_call FROM menuca_status();
-- A corrected record: that production is not this one's any more; the next one is registered besides
BEGIN;
SELECT newly_recorded FROM menuca_copy_of('postgres', project => 'abcdefghijklmnopqrst', reason => 'a slip');
SELECT count(*) FROM menuca_hosted_production;
SELECT string_agg(state, ', ' ORDER BY ticket) FROM menuca_status() WHERE ticket > 5;
CALL staging.try($$SELECT * FROM menuca_environment('production', 'postgres', 42, hosted => true)$$);
SELECT database_name, system_identifier, newly_registered FROM menuca_environment('production', 'postgres', NULL, hosted => true);
SELECT string_agg(state, ', ' ORDER BY ticket) FROM menuca_status() WHERE ticket > 5;
CALL staging.try($$SELECT * FROM menuca_ticket(6, dry_run => false)$$);
SELECT regexp_replace(staging.plain(menuca_execution_log()), 'with accepted.*', '');
ROLLBACK;

--
-- Staging's validation is signed as staging's first, then for production's window
--
BEGIN;
INSERT INTO menuca_ticket_execution (environment_id, ticket_no, status, result, checks, options, forced, started_at, finished_at)
SELECT environment_id, n, 'COMPLETE', 'PASS', '[]', '{}', false, now(), now() FROM menuca_registered_environment, generate_series(0, 5) n WHERE NOT hosted;
SELECT state FROM menuca_review(4, 1, 0, NULL, 'A. Lead');
SELECT DISTINCT next_step FROM (SELECT item FROM menuca_checklist WHERE ticket_no = 5 AND must AND item <> 'login') c, menuca_attest(5, c.item, 'PASS', 'A. Lead');
SELECT state FROM menuca_attest(5, 'login', 'PASS', 'A. Lead');
-- Production's are its own
SELECT state FROM menuca_attest(6, 'notice', 'PASS', 'B. Owner');
SELECT e.name, a.ticket_no, count(*) FROM menuca_attestation a JOIN menuca_registered_environment e USING (environment_id) GROUP BY 1, 2 ORDER BY 2;
SELECT staging.plain(next_call) AS next_call FROM menuca_status() WHERE ticket = 5;
SELECT menuca_sign_off(5, 'A. Lead', 'GO', 'as staging''s');
SELECT staging.plain(next_call) AS next_call FROM menuca_status() WHERE ticket = 5;
SELECT menuca_import_verdict(menuca_export_verdict());
SELECT staging.plain(next_call) AS next_call FROM menuca_status() WHERE ticket = 5;
SELECT menuca_sign_off(5, 'B. Owner', 'NO-GO', 'not tonight');
SELECT ticket, state FROM menuca_status() WHERE ticket IN (5, 6);
SELECT menuca_sign_off(5, 'B. Owner', 'GO', 'tonight');
SELECT ticket, state, staging.plain(next_call) AS next_call FROM menuca_status() WHERE ticket IN (5, 6);
SELECT e.name, s.approver, s.decision FROM menuca_signature s JOIN menuca_registered_environment e USING (environment_id) ORDER BY signature_id;
-- The whole ticket, without anything pasted
SELECT name, status, expected ~ 'receipt' AS of_a_receipt, actual, next_step FROM menuca_ticket(6) WHERE name <> 'original';
ROLLBACK;

--
-- Tables that somebody has changed: an answer or a message, never a crash
--
BEGIN;
ALTER TABLE menuca_hosted_receipt ALTER document DROP NOT NULL;
UPDATE menuca_hosted_receipt SET document = NULL;
SELECT count(*) FROM menuca_hosted_receipts;
SELECT count(*) FROM menuca_hosted_receipt_row;
UPDATE menuca_hosted_receipt SET document = '{"rows": 1}';
SELECT set_name, status, applies FROM menuca_hosted_receipts;
ROLLBACK;
BEGIN;
ALTER TABLE menuca_registered_environment DROP CONSTRAINT menuca_registered_environment_check;
UPDATE menuca_registered_environment SET of_database = NULL WHERE hosted;
SELECT count(*) FROM menuca_status();
ROLLBACK;

\i :drop
