--
-- Tickets: what was run, decided and sampled
--

CREATE TABLE menuca_ticket_run (
	ticket_run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL CHECK (ticket_no BETWEEN 0 AND 10),
	status text NOT NULL CHECK (status IN ('IN_PROGRESS', 'COMPLETE', 'FAILED')),
	verdict text NOT NULL CHECK (verdict IN ('PASS', 'WARN', 'FAIL')),
	checks jsonb NOT NULL,
	options jsonb NOT NULL,
	forced boolean NOT NULL,
	reason text,
	run_id bigint,
	backup text,
	run_by text NOT NULL DEFAULT session_user,
	started_at timestamptz NOT NULL,
	finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CHECK (NOT forced OR reason IS NOT NULL)
);

COMMENT ON TABLE menuca_ticket_run IS
'Every run of a ticket with its check rows, options and overrides; the newest run of a ticket counts';

CREATE TABLE menuca_signature (
	signature_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL,
	approver text NOT NULL,
	decision text NOT NULL CHECK (decision IN ('GO', 'NO-GO')),
	note text,
	signed_by text NOT NULL DEFAULT session_user,
	signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_signature IS
'Who has decided what on a ticket: approver is the person, signed_by the session''s role';

CREATE TABLE menuca_imported_verdict (
	verdict_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	verdict jsonb NOT NULL,
	imported_by text NOT NULL DEFAULT session_user,
	imported_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_imported_verdict IS
'What staging came to, as production has taken it over; the newest counts';

CREATE TABLE menuca_expected_count (
	table_name text PRIMARY KEY,
	at_least bigint,
	at_most bigint,
	CHECK (at_least <= at_most)
);

COMMENT ON TABLE menuca_expected_count IS
'How many rows the tickets expect of a table of the target schema; the operator''s to fill. NULL means no bound';

CREATE TABLE menuca_sample (
	sample_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	groups bigint NOT NULL,
	items bigint NOT NULL,
	dishes bigint NOT NULL,
	active bigint NOT NULL,
	idle_in_transaction bigint NOT NULL,
	unseen bigint NOT NULL,
	waiting_locks bigint NOT NULL,
	commits bigint NOT NULL,
	rollbacks bigint NOT NULL,
	blocks_hit bigint NOT NULL,
	blocks_read bigint NOT NULL,
	deadlocks bigint NOT NULL,
	stats_reset timestamptz,
	database_bytes bigint NOT NULL,
	statement_ms double precision,
	statement_calls bigint
);

COMMENT ON TABLE menuca_sample IS
'Samples of menuca_monitor_sample(). commits, rollbacks, blocks_*, deadlocks and statement_* are the server''s counters, of which only differences mean something; unseen are sessions whose state was hidden';

SELECT pg_catalog.pg_extension_config_dump('menuca_ticket_run', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_ticket_run_ticket_run_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_signature', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_signature_signature_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_imported_verdict', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_imported_verdict_verdict_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_expected_count', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_sample', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_sample_sample_id_seq', '');

CREATE FUNCTION menuca_ticket(
	no integer,
	options jsonb DEFAULT '{}',
	dry_run boolean DEFAULT false,
	force boolean DEFAULT false,
	reason text DEFAULT NULL,
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_ticket(integer, jsonb, boolean, boolean, text) IS
'Runs ticket 0 to 10 of the runbook in this environment: checks, acts, records. One row per check, as menuca_validate; the last is the verdict. Raises an error (class MC) when the ticket may not begin; force with a reason overrides that and the gates within it, never what it finds out about the data, and is recorded. A dry run only checks, and records nothing. See the README for the options.';

REVOKE ALL ON FUNCTION menuca_ticket(integer, jsonb, boolean, boolean, text) FROM PUBLIC;

CREATE FUNCTION menuca_status(
	OUT ticket integer,
	OUT title text,
	OUT state text,
	OUT verdict text,
	OUT started_at timestamptz,
	OUT finished_at timestamptz,
	OUT run_by text,
	OUT next_call text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_status() IS
'All eleven tickets: state PENDING, IN_PROGRESS, COMPLETE, FAILED or BLOCKED (a ticket before it is not complete), the verdict of the newest run, when and by whom, and the next call to make. Read only.';

CREATE FUNCTION menuca_sign_off(
	ticket integer,
	approver text,
	decision text,
	note text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_sign_off(integer, text, text, text) IS
'Records that a person decides GO or NO-GO on a ticket; returns the decision. GO needs a ticket that is COMPLETE, NO-GO stops those after it; on production, ticket 5 is staging''s, known by its verdict.';

REVOKE ALL ON FUNCTION menuca_sign_off(integer, text, text, text) FROM PUBLIC;

CREATE FUNCTION menuca_export_verdict()
RETURNS jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_export_verdict() IS
'On staging: what its tickets came to, with counts and sign-offs and a checksum over all of it, to be imported on production. Read only.';

CREATE FUNCTION menuca_import_verdict(verdict jsonb)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_import_verdict(jsonb) IS
'On production: takes staging''s verdict over; returns GO or NO-GO. Raises an error when the checksum does not fit, it is not staging''s, or staging is this very database.';

REVOKE ALL ON FUNCTION menuca_import_verdict(jsonb) FROM PUBLIC;

CREATE FUNCTION menuca_monitor_sample()
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_monitor_sample() IS
'Records how the database is doing, for menuca_monitor_report; returns the sample''s number. Cheap enough for every minute.';

REVOKE ALL ON FUNCTION menuca_monitor_sample() FROM PUBLIC;

CREATE FUNCTION menuca_monitor_report(
	duration interval DEFAULT NULL,
	max_gap interval DEFAULT NULL,
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_monitor_report(interval, interval) IS
'Judges the newest samples since the last change (see menuca_last_change), as many as span duration (NULL: 4 hours on staging, 24 on production): one row per check, as menuca_validate. A longer time than max_gap without a sample is a FAIL (NULL: 65 minutes, or 4 hours 5 minutes when watching for more than 12 hours). Read only.';

CREATE FUNCTION menuca_execution_log()
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_execution_log() IS
'The history of the runbook in this environment as Markdown: verdicts, every run of every ticket with its checks, overrides in red, backups, sign-offs. Read only.';

CREATE FUNCTION menuca_rollback_guide(
	OUT step integer,
	OUT what text,
	OUT statement text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_rollback_guide() IS
'The calls that undo what the runbook has done so far, the last thing first. Read only.';

CREATE VIEW menuca_last_change AS
SELECT e.environment_id,
	(SELECT pg_catalog.max(c.at)
	 FROM (SELECT t.finished_at AS at
		   FROM @extschema@.menuca_ticket_run t
		   WHERE t.environment_id = e.environment_id
			   AND t.ticket_no IN (2, 3, 4, 7, 8, 9)
		   UNION ALL
		   SELECT GREATEST(r.started_at, r.finished_at, r.rolled_back_at)
		   FROM @extschema@.menuca_run r
		   UNION ALL
		   SELECT s.restored_at
		   FROM @extschema@.menuca_snapshot_restore s
		   UNION ALL
		   SELECT GREATEST(i.created_at, i.dropped_at)
		   FROM @extschema@.menuca_created_index i
		   UNION ALL
		   SELECT GREATEST(a.made_at, a.undone_at)
		   FROM @extschema@.menuca_access_change a) c) AS changed_at
FROM @extschema@.menuca_registered_environment e;

COMMENT ON VIEW menuca_last_change IS
'Per environment, when something was changed last that a validation vouches for: by a ticket, a run or its rollback, a snapshot that was put back, an index, or access; whatever was watched or validated before says nothing of it';

CREATE VIEW menuca_ticket_latest AS
SELECT DISTINCT ON (t.environment_id, t.ticket_no)
	t.environment_id,
	t.ticket_no,
	CASE WHEN t.status = 'COMPLETE' AND t.ticket_no IN (5, 10) AND t.started_at < c.changed_at
		THEN 'PENDING'
		ELSE t.status
	END AS state,
	t.verdict,
	t.options,
	t.forced,
	t.reason,
	t.run_id,
	t.backup,
	t.run_by,
	t.started_at,
	t.finished_at
FROM @extschema@.menuca_ticket_run t
	LEFT JOIN @extschema@.menuca_last_change c USING (environment_id)
ORDER BY t.environment_id, t.ticket_no, t.ticket_run_id DESC;

COMMENT ON VIEW menuca_ticket_latest IS
'The newest run of each ticket. state is the run''s status, but PENDING for a validation (5, 10) when something was changed since: it is to be made again';
