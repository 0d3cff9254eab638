--
-- What is said of the tickets: their states, sign-offs and staging's verdict, the log,
-- announcements
--

CREATE TABLE menuca_verdict_key (
	key_no integer PRIMARY KEY DEFAULT 1 CHECK (key_no = 1),
	key text NOT NULL CHECK (octet_length(key) >= 16),
	set_by text NOT NULL DEFAULT session_user,
	set_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_verdict_key IS
'The secret that staging and production share, by which a verdict is signed: no row, or one. Nobody but its owner can read it, and pg_dump omits it.';
COMMENT ON COLUMN menuca_verdict_key.key_no IS
'1: there is one key at most.';
COMMENT ON COLUMN menuca_verdict_key.key IS
'The key, of at least 16 bytes.';
COMMENT ON COLUMN menuca_verdict_key.set_by IS
'Session user who set it.';
COMMENT ON COLUMN menuca_verdict_key.set_at IS
'When it was set.';

-- Without a policy, a grant on all tables does not show it, either.
ALTER TABLE menuca_verdict_key ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON menuca_verdict_key FROM PUBLIC;

CREATE FUNCTION menuca_status(
	OUT ticket integer,
	OUT title text,
	OUT state text,
	OUT result text,
	OUT started_at timestamptz,
	OUT finished_at timestamptz,
	OUT executed_by text,
	OUT next_call text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_status() IS
'All eleven tickets: state PENDING (it is next), BLOCKED (a ticket before it is not complete), IN_PROGRESS (also while people''s part is open), COMPLETE, FAILED, or where it is done, on staging or on production; the result of the newest execution, when and by whom it was executed, and the next call to make. Read only.';

CREATE FUNCTION menuca_sign_off(
	ticket integer,
	approver text,
	decision text,
	note text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_sign_off(integer, text, text, text) IS
'Records that a person decides GO or NO-GO on a ticket; returns the decision. GO needs a ticket that is COMPLETE, NO-GO stops the tickets after it. On production, ticket 5 is staging''s, known by its imported verdict; in the copy of a hosted production, the sign-off of ticket 5 is staging''s first, and once its verdict GO is imported there, production''s.';

REVOKE ALL ON FUNCTION menuca_sign_off(integer, text, text, text) FROM PUBLIC;

CREATE FUNCTION menuca_export_verdict()
RETURNS jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_export_verdict() IS
'On staging: the verdict of its tickets, with counts, sign-offs and a checksum over everything, signed with the verdict key where one is set, to be imported on production. Read only.';

CREATE FUNCTION menuca_import_verdict(verdict jsonb)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_import_verdict(jsonb) IS
'On production, or in the copy of a hosted one: imports staging''s verdict; returns GO or NO-GO. Raises an error when the checksum does not match, the signature does not match the verdict key that is set here, the verdict is not staging''s, or staging is this same database. Warns when no key is set.';

REVOKE ALL ON FUNCTION menuca_import_verdict(jsonb) FROM PUBLIC;

CREATE FUNCTION menuca_import_verdict(verdict text)
RETURNS text
AS 'MODULE_PATHNAME', 'menuca_import_verdict_text'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_import_verdict(text) IS
'As menuca_import_verdict(jsonb), from the text of the verdict, which may be put together of pieces. When it was cut, the error says where, and how to fetch it in pieces.';

REVOKE ALL ON FUNCTION menuca_import_verdict(text) FROM PUBLIC;

CREATE FUNCTION menuca_set_verdict_key(key text)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_set_verdict_key(text) IS
'Sets the key by which verdicts are signed: the same on staging and on production, at least 16 bytes. Returns its fingerprint, by which the two can be compared. NULL removes the key.';

REVOKE ALL ON FUNCTION menuca_set_verdict_key(text) FROM PUBLIC;

CREATE VIEW menuca_staging_verdict WITH (security_invoker = true) AS
SELECT e.environment_id,
	e.name AS environment,
	e.database_name AS database,
	e.system_identifier::text AS system_identifier,
	SESSION_USER::text AS exported_by,
	pg_catalog.clock_timestamp() AS exported_at,
	-- all of tickets 0 to 5, and nobody against it
	CASE WHEN (SELECT pg_catalog.count(*)
			   FROM @extschema@.menuca_ticket_latest t
			   WHERE t.environment_id = e.environment_id AND t.ticket_no <= 5 AND t.state = 'COMPLETE') = 6
			AND NOT EXISTS (SELECT FROM @extschema@.menuca_signature_latest s
							WHERE s.environment_id = e.environment_id AND s.decision = 'NO-GO')
		THEN 'GO'
		ELSE 'NO-GO'
	END AS go,
	(SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
				'ticket', t.ticket_no, 'status', t.state, 'result', t.result, 'forced', t.forced,
				'reason', t.reason, 'executed_by', t.executed_by, 'started_at', t.started_at,
				'finished_at', t.finished_at, 'options', t.options) ORDER BY t.ticket_no), '[]')
	 FROM @extschema@.menuca_ticket_latest t
	 WHERE t.environment_id = e.environment_id) AS tickets,
	(SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
				'ticket', s.ticket_no, 'approver', s.approver, 'decision', s.decision, 'note', s.note,
				'signed_by', s.signed_by, 'signed_at', s.signed_at) ORDER BY s.ticket_no), '[]')
	 FROM @extschema@.menuca_signature_latest s
	 WHERE s.environment_id = e.environment_id) AS signatures,
	f.fix,
	f.fix_lists,
	f.fix_v2,
	f.backfill,
	(SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
				'figure', a.figure, 'bound', a.bound, 'reason', a.reason, 'approver', a.approver,
				'accepted_by', a.accepted_by, 'accepted_at', a.accepted_at, 'expires_at', a.expires_at,
				'target_schema', a.target_schema, 'target', a.target, 'source', a.source,
				'source_rows', a.source_rows, 'source_checksum', a.source_checksum) ORDER BY a.acceptance_id), '[]')
	 FROM @extschema@.menuca_acceptance_in_effect a) AS acceptances,
	(SELECT pg_catalog.jsonb_path_query_first(x.checks, '$[*] ? (@.name == "buildable_indexes").metadata.built')
	 FROM @extschema@.menuca_ticket_execution x
	 WHERE x.environment_id = e.environment_id AND x.ticket_no = 2
	 ORDER BY x.execution_id DESC
	 LIMIT 1) AS indexes
FROM @extschema@.menuca_registered_environment e
CROSS JOIN LATERAL (
	SELECT pg_catalog.max(r.figures::text) FILTER (WHERE r.kind = 'fix_combos')::jsonb AS fix,
		pg_catalog.max(r.figures::text) FILTER (WHERE r.kind = 'fix_group_dishes')::jsonb AS fix_lists,
		pg_catalog.max(r.figures::text) FILTER (WHERE r.kind = 'fix_v2_groups')::jsonb AS fix_v2,
		pg_catalog.max(r.figures::text) FILTER (WHERE r.kind = 'backfill_dishes')::jsonb AS backfill
	FROM (SELECT m.kind,
			-- a backfill's outcomes add up to the rows of the menu
			pg_catalog.jsonb_build_object(
				'source_rows', CASE m.kind WHEN 'backfill_dishes'
					THEN pg_catalog.to_jsonb((SELECT pg_catalog.sum(o.value::bigint) FROM pg_catalog.jsonb_each_text(m.outcomes) o))
					ELSE m.outcomes -> 'source_rows' END,
				'mapped', (m.outcomes ->> 'insert')::bigint + (m.outcomes ->> 'already_present')::bigint) AS figures
		  FROM @extschema@.menuca_ticket_latest t
		  JOIN @extschema@.menuca_run m ON m.run_id = ANY (t.run_ids)
		  WHERE t.environment_id = e.environment_id AND t.ticket_no = 4) r) f;

COMMENT ON VIEW menuca_staging_verdict IS
'The verdict of each environment as menuca_export_verdict() puts it into a document, without the counts of its tables and the checksum.';
COMMENT ON COLUMN menuca_staging_verdict.environment_id IS
'The environment (menuca_registered_environment); not in the document.';
COMMENT ON COLUMN menuca_staging_verdict.environment IS
'staging or production; only staging''s is exported.';
COMMENT ON COLUMN menuca_staging_verdict.database IS
'Name of the database.';
COMMENT ON COLUMN menuca_staging_verdict.system_identifier IS
'System identifier of its cluster, as text, since not every reader of JSON keeps 64 bits.';
COMMENT ON COLUMN menuca_staging_verdict.exported_by IS
'Session user who reads this.';
COMMENT ON COLUMN menuca_staging_verdict.exported_at IS
'The time at which it is read.';
COMMENT ON COLUMN menuca_staging_verdict.go IS
'GO when tickets 0 to 5 are all COMPLETE and no newest sign-off is NO-GO, otherwise NO-GO.';
COMMENT ON COLUMN menuca_staging_verdict.tickets IS
'Array of the tickets by number, each as menuca_ticket_latest shows it.';
COMMENT ON COLUMN menuca_staging_verdict.signatures IS
'Array of the newest sign-offs by ticket, each as menuca_signature_latest shows it.';
COMMENT ON COLUMN menuca_staging_verdict.acceptances IS
'Array of the acceptances that hold on staging, each as menuca_acceptance_in_effect shows it.';
COMMENT ON COLUMN menuca_staging_verdict.fix IS
'Object of V1''s source rows and of those that are items after ticket 4 (mapped); NULL when it made no such run, as in the next three columns.';
COMMENT ON COLUMN menuca_staging_verdict.fix_lists IS
'The same of V1''s lists.';
COMMENT ON COLUMN menuca_staging_verdict.fix_v2 IS
'The same of V2''s lists.';
COMMENT ON COLUMN menuca_staging_verdict.backfill IS
'The same of the rows of V1''s menu, and of those that are dishes.';
COMMENT ON COLUMN menuca_staging_verdict.indexes IS
'Array of the names of the wanted indexes that were there after ticket 2; NULL when it was not executed.';

CREATE FUNCTION menuca_verdict_checksum(verdict jsonb)
RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE pg_catalog.jsonb_typeof(verdict) WHEN 'object' THEN
		pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((verdict - 'checksum' - 'signature')::text, 'UTF8')), 'hex') END;
END;

COMMENT ON FUNCTION menuca_verdict_checksum(jsonb) IS
'SHA-256 of a verdict''s text without its own checksum and signature, in hexadecimal digits; NULL when it is no JSON object.';

CREATE FUNCTION menuca_execution_log()
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_execution_log() IS
'The history of the runbook in this environment, and of the hosted production whose copy it is, as Markdown: verdicts, every execution of every ticket with its checks, overrides in bold letters, backups, what people attested, reviewed and found, sign-offs. Read only.';

CREATE FUNCTION menuca_announcement(ticket integer, kind text)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_announcement(integer, text) IS
'A short plain text about a ticket, for chat or mail: kind is before, start, done, failed or rolled_back. It has the figures of the ticket, such as counts, orphan rates, duration and who executed it, and a block with the context for the next step. Raises an error when the ticket is not in that state. Read only.';
