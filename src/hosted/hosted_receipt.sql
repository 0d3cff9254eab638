--
-- Receipts: what the files of a set that only read have found in the hosted
-- database.  Each ends with one, and it is pasted here.
--

CREATE TABLE menuca_hosted_receipt (
	receipt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	sha256 text NOT NULL,
	made_at timestamptz NOT NULL,
	document jsonb NOT NULL,
	accepted_by text NOT NULL DEFAULT session_user,
	accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	UNIQUE (database_name, system_identifier, sha256)
);

COMMENT ON TABLE menuca_hosted_receipt IS
'The receipts of a hosted production that menuca_accept_receipt() has accepted.';
COMMENT ON COLUMN menuca_hosted_receipt.receipt_id IS
'Number of the receipt.';
COMMENT ON COLUMN menuca_hosted_receipt.database_name IS
'Name of the copy that accepted it: it applies to that one, not to a copy of it.';
COMMENT ON COLUMN menuca_hosted_receipt.system_identifier IS
'System identifier of the copy''s cluster.';
COMMENT ON COLUMN menuca_hosted_receipt.sha256 IS
'The receipt''s own checksum, by which the same one is recognized.';
COMMENT ON COLUMN menuca_hosted_receipt.made_at IS
'When the file was executed, by the clock of the hosted database.';
COMMENT ON COLUMN menuca_hosted_receipt.document IS
'The receipt as the file returned it: set, file, database, time, rows and sha256.';
COMMENT ON COLUMN menuca_hosted_receipt.accepted_by IS
'Session user who pasted it.';
COMMENT ON COLUMN menuca_hosted_receipt.accepted_at IS
'When it was accepted.';

SELECT pg_catalog.pg_extension_config_dump('menuca_hosted_receipt', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_hosted_receipt_receipt_id_seq', '');

CREATE VIEW menuca_hosted_file WITH (security_invoker = true) AS
SELECT f.kind, f.set_pattern, f.file, f.is_before, f.place, f.purpose
FROM (VALUES
	('fix', '^menuca_fix_[1-9][0-9]{0,17}$', '00_check', true, 1, 'whether the fix can be applied'),
	('fix', '^menuca_fix_[1-9][0-9]{0,17}$', '03_verify', false, 2, 'what the fix has done'),
	('indexes', '^menuca_indexes$', '00_check', true, 1, 'whether the indexes can be built'),
	('indexes', '^menuca_indexes$', '03_verify', false, 2, 'whether the indexes are there'),
	('access', '^menuca_access$', '00_check', true, 1, 'whether access can be deployed'),
	('access', '^menuca_access$', '03_check', false, 2, 'whether access is as wanted'),
	('access', '^menuca_access$', '04_matrix', false, 3, 'what each role reaches')
) f(kind, set_pattern, file, is_before, place, purpose);

COMMENT ON VIEW menuca_hosted_file IS
'The files of a set that end with a receipt.';
COMMENT ON COLUMN menuca_hosted_file.kind IS
'fix, indexes or access: what the set does.';
COMMENT ON COLUMN menuca_hosted_file.set_pattern IS
'Names of such sets, as a regular expression; that of a fix ends with its run.';
COMMENT ON COLUMN menuca_hosted_file.file IS
'Name of the file, without a suffix.';
COMMENT ON COLUMN menuca_hosted_file.is_before IS
'True for a file that is executed before the change, false for one after it.';
COMMENT ON COLUMN menuca_hosted_file.place IS
'Place of the file among those of its set, from 1.';
COMMENT ON COLUMN menuca_hosted_file.purpose IS
'What its rows show.';

CREATE FUNCTION menuca_receipt_facts(
	receipt jsonb,
	OUT is_whole boolean,
	OUT checksum_fits boolean,
	OUT set_name text,
	OUT file text,
	OUT database_name text,
	OUT made_at text,
	OUT sha256 text,
	OUT kind text,
	OUT run_id bigint)
RETURNS record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE(
			pg_catalog.jsonb_typeof(m.receipt -> 'set') = 'string' AND pg_catalog.jsonb_typeof(m.receipt -> 'file') = 'string'
			AND pg_catalog.jsonb_typeof(m.receipt -> 'database') = 'string'
			AND m.receipt ->> 'time' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?( UTC|Z|[+-][0-9]{2}(:?[0-9]{2})?)$'
			AND pg_catalog.jsonb_array_length(r.all) BETWEEN 1 AND 10000
			AND NOT EXISTS (
				SELECT FROM pg_catalog.jsonb_array_elements(r.all) e(row)
				WHERE (pg_catalog.jsonb_typeof(e.row) = 'object'
					AND pg_catalog.jsonb_typeof(e.row -> 'name') = 'string'
					AND pg_catalog.jsonb_typeof(e.row -> 'check_no') = 'number'
					AND e.row ->> 'check_no' ~ '^[0-9]{1,9}$'
					AND e.row ->> 'status' IN ('PASS', 'WARN', 'FAIL', 'ERROR', 'SKIP')) IS NOT TRUE), false),
		COALESCE(m.receipt ->> 'sha256' = pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((m.receipt - 'sha256')::text, 'UTF8')), 'hex'), false),
		m.receipt ->> 'set',
		m.receipt ->> 'file',
		m.receipt ->> 'database',
		m.receipt ->> 'time',
		m.receipt ->> 'sha256',
		(SELECT h.kind FROM @extschema@.menuca_hosted_file h
		 WHERE m.receipt ->> 'set' ~ h.set_pattern AND m.receipt ->> 'file' = h.file),
		pg_catalog.substring(m.receipt ->> 'set', '^menuca_fix_([1-9][0-9]{0,17})$')::bigint
	FROM (SELECT CASE pg_catalog.jsonb_typeof(menuca_receipt_facts.receipt) WHEN 'object' THEN menuca_receipt_facts.receipt ELSE '{}' END) m(receipt)
	CROSS JOIN LATERAL (SELECT CASE pg_catalog.jsonb_typeof(m.receipt -> 'rows') WHEN 'array' THEN m.receipt -> 'rows' ELSE '[]' END) r("all");
END;

COMMENT ON FUNCTION menuca_receipt_facts(jsonb) IS
'What a receipt says, whoever wrote it: whether it has all of its parts (is_whole), whether its SHA-256 is that of the rest of its text (checksum_fits); its set, file, database and checksum, and the time, as text; the kind of the set (NULL for a file that has no receipt) and, of a fix, its run. Read only.';

CREATE VIEW menuca_hosted_receipts WITH (security_invoker = true) AS
SELECT r.receipt_id,
	r.database_name,
	r.system_identifier,
	f.kind,
	f.run_id,
	f.set_name,
	f.file,
	f.database_name AS of_database,
	r.made_at,
	CASE WHEN s.failed > 0 THEN 'FAIL' WHEN s.warned > 0 THEN 'WARN' ELSE 'PASS' END AS status,
	s.passed,
	s.warned,
	s.failed,
	r.accepted_by,
	r.accepted_at,
	-- A record that was corrected is of another production
	COALESCE(c.of_database = f.database_name AND r.accepted_at >= c.recorded_at, false) AS applies
FROM @extschema@.menuca_hosted_receipt r
CROSS JOIN LATERAL @extschema@.menuca_receipt_facts(r.document) f
CROSS JOIN LATERAL (
	SELECT pg_catalog.count(*) FILTER (WHERE e.row ->> 'status' IN ('PASS', 'SKIP')),
		pg_catalog.count(*) FILTER (WHERE e.row ->> 'status' = 'WARN'),
		pg_catalog.count(*) FILTER (WHERE e.row ->> 'status' IN ('FAIL', 'ERROR'))
	FROM pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(r.document -> 'rows') WHEN 'array' THEN r.document -> 'rows' END) e(row)) s(passed, warned, failed)
LEFT JOIN LATERAL (
	SELECT l.of_database, l.recorded_at
	FROM @extschema@.menuca_copy l
	WHERE l.database_name = r.database_name AND l.system_identifier = r.system_identifier
	ORDER BY l.record_no DESC
	LIMIT 1) c ON true;

COMMENT ON VIEW menuca_hosted_receipts IS
'The accepted receipts with what they say, one row each.';
COMMENT ON COLUMN menuca_hosted_receipts.receipt_id IS
'Number of the receipt.';
COMMENT ON COLUMN menuca_hosted_receipts.database_name IS
'Name of the copy that accepted it.';
COMMENT ON COLUMN menuca_hosted_receipts.system_identifier IS
'System identifier of the copy''s cluster.';
COMMENT ON COLUMN menuca_hosted_receipts.kind IS
'fix, indexes or access: what the set does.';
COMMENT ON COLUMN menuca_hosted_receipts.run_id IS
'Run of a fix (menuca_run); NULL otherwise.';
COMMENT ON COLUMN menuca_hosted_receipts.set_name IS
'Name of the set.';
COMMENT ON COLUMN menuca_hosted_receipts.file IS
'Name of the file, without a suffix.';
COMMENT ON COLUMN menuca_hosted_receipts.of_database IS
'Name of the database in which the file was executed.';
COMMENT ON COLUMN menuca_hosted_receipts.made_at IS
'When it was executed, by the clock of that database.';
COMMENT ON COLUMN menuca_hosted_receipts.status IS
'PASS, WARN or FAIL: the worst status of its rows, with ERROR as FAIL.';
COMMENT ON COLUMN menuca_hosted_receipts.passed IS
'Number of its rows that are PASS or SKIP.';
COMMENT ON COLUMN menuca_hosted_receipts.warned IS
'Number of its rows that are WARN.';
COMMENT ON COLUMN menuca_hosted_receipts.failed IS
'Number of its rows that are FAIL or ERROR.';
COMMENT ON COLUMN menuca_hosted_receipts.accepted_by IS
'Session user who pasted it.';
COMMENT ON COLUMN menuca_hosted_receipts.accepted_at IS
'When it was accepted.';
COMMENT ON COLUMN menuca_hosted_receipts.applies IS
'True when it was accepted for the database that menuca_copy_of() records now.';

CREATE VIEW menuca_hosted_receipt_row WITH (security_invoker = true) AS
SELECT r.receipt_id,
	(e.row ->> 'check_no')::bigint AS check_no,
	e.row ->> 'name' AS name,
	e.row ->> 'status' AS status,
	e.row ->> 'expected' AS expected,
	e.row ->> 'actual' AS actual,
	e.row ->> 'detail' AS detail,
	e.row ->> 'next_step' AS next_step
FROM @extschema@.menuca_hosted_receipt r
CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(r.document -> 'rows') WHEN 'array' THEN r.document -> 'rows' END) e(row);

COMMENT ON VIEW menuca_hosted_receipt_row IS
'The rows of the accepted receipts: the checks of a file, as it returned them.';
COMMENT ON COLUMN menuca_hosted_receipt_row.receipt_id IS
'The receipt (menuca_hosted_receipt).';
COMMENT ON COLUMN menuca_hosted_receipt_row.check_no IS
'Number of the check within the file.';
COMMENT ON COLUMN menuca_hosted_receipt_row.name IS
'What was checked.';
COMMENT ON COLUMN menuca_hosted_receipt_row.status IS
'PASS, WARN, FAIL, ERROR or SKIP.';
COMMENT ON COLUMN menuca_hosted_receipt_row.expected IS
'What was expected; NULL when nothing was.';
COMMENT ON COLUMN menuca_hosted_receipt_row.actual IS
'What was found; NULL when nothing was.';
COMMENT ON COLUMN menuca_hosted_receipt_row.detail IS
'More about it; NULL for nothing.';
COMMENT ON COLUMN menuca_hosted_receipt_row.next_step IS
'What the file says is to be done on the hosted database; NULL when nothing is.';

CREATE FUNCTION menuca_accept_receipt(
	receipt text,
	OUT receipt_id bigint,
	OUT set_name text,
	OUT file text,
	OUT database_name text,
	OUT made_at timestamptz,
	OUT status text,
	OUT passed bigint,
	OUT warned bigint,
	OUT failed bigint,
	OUT newly_accepted boolean,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_accept_receipt(text) IS
'Accepts the receipt of a file that only reads, executed in the hosted database that this one is a copy of: column actual of its row "receipt", or the whole result as a JSON array of rows. The runbook''s tickets take its rows as their findings. The same receipt again is the same row. Raises an error (class MC) when there is none or more than one, when it was edited or cut, or when it is of another database, of a time in the future or before the copy, or of a set that this database does not know.';

REVOKE ALL ON FUNCTION menuca_accept_receipt(text) FROM PUBLIC;
