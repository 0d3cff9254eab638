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
'Every run of a ticket with its checks, options and overrides; the newest run of a ticket counts.';
COMMENT ON COLUMN menuca_ticket_run.ticket_run_id IS
'Number of the ticket''s run.';
COMMENT ON COLUMN menuca_ticket_run.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_ticket_run.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN menuca_ticket_run.status IS
'COMPLETE, FAILED, or IN_PROGRESS when only the time for watching is not over.';
COMMENT ON COLUMN menuca_ticket_run.verdict IS
'PASS, WARN or FAIL: the worst status of the checks, with ERROR as FAIL.';
COMMENT ON COLUMN menuca_ticket_run.checks IS
'Array of the check rows: name, title, status, expected, actual, detail, remedy and metadata.';
COMMENT ON COLUMN menuca_ticket_run.options IS
'Options that the ticket was called with.';
COMMENT ON COLUMN menuca_ticket_run.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN menuca_ticket_run.reason IS
'Reason that the call gave, in its words; NULL without one, which a forced call cannot be.';
COMMENT ON COLUMN menuca_ticket_run.run_id IS
'Run in the ledger that the ticket made (menuca_run); NULL when it made none.';
COMMENT ON COLUMN menuca_ticket_run.backup IS
'The id of the backup that counted (menuca_backup); NULL when none did.';
COMMENT ON COLUMN menuca_ticket_run.run_by IS
'Session user who ran the ticket.';
COMMENT ON COLUMN menuca_ticket_run.started_at IS
'When the call began.';
COMMENT ON COLUMN menuca_ticket_run.finished_at IS
'When its result was recorded.';
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
'Who decided what on a ticket.';
COMMENT ON COLUMN menuca_signature.signature_id IS
'Number of the sign-off.';
COMMENT ON COLUMN menuca_signature.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_signature.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN menuca_signature.approver IS
'Name of the person who decides.';
COMMENT ON COLUMN menuca_signature.decision IS
'GO or NO-GO; the newest one of a ticket counts.';
COMMENT ON COLUMN menuca_signature.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN menuca_signature.signed_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_signature.signed_at IS
'When it was recorded.';
CREATE TABLE menuca_imported_verdict (
	verdict_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	verdict jsonb NOT NULL,
	imported_by text NOT NULL DEFAULT session_user,
	imported_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_imported_verdict IS
'Staging''s verdicts as production has imported them.';
COMMENT ON COLUMN menuca_imported_verdict.verdict_id IS
'Number of the import; the newest one counts.';
COMMENT ON COLUMN menuca_imported_verdict.environment_id IS
'The environment that imported it (menuca_registered_environment): production.';
COMMENT ON COLUMN menuca_imported_verdict.verdict IS
'Staging''s verdict as menuca_export_verdict() returned it.';
COMMENT ON COLUMN menuca_imported_verdict.imported_by IS
'Session user who imported it.';
COMMENT ON COLUMN menuca_imported_verdict.imported_at IS
'When it was imported.';
CREATE TABLE menuca_expected_count (
	table_name text PRIMARY KEY,
	at_least bigint,
	at_most bigint,
	CHECK (at_least <= at_most)
);

COMMENT ON TABLE menuca_expected_count IS
'How many rows the tickets expect in a table of the target schema; the operator fills it.';
COMMENT ON COLUMN menuca_expected_count.table_name IS
'Table of the schema menuca.target_schema, without the schema.';
COMMENT ON COLUMN menuca_expected_count.at_least IS
'Fewest rows that are expected; NULL for no lower bound.';
COMMENT ON COLUMN menuca_expected_count.at_most IS
'Most rows that are expected; NULL for no upper bound.';
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
'Samples of menuca_monitor_sample(). Counters since stats_reset, and those of statements, mean something as differences of two samples only.';
COMMENT ON COLUMN menuca_sample.sample_id IS
'Number of the sample.';
COMMENT ON COLUMN menuca_sample.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_sample.taken_at IS
'When the sample was taken.';
COMMENT ON COLUMN menuca_sample.groups IS
'Rows of combo_groups.';
COMMENT ON COLUMN menuca_sample.items IS
'Rows of combo_items.';
COMMENT ON COLUMN menuca_sample.dishes IS
'Rows of dishes.';
COMMENT ON COLUMN menuca_sample.active IS
'Other client sessions of this database that were executing a statement.';
COMMENT ON COLUMN menuca_sample.idle_in_transaction IS
'Other client sessions of this database that were idle in a transaction, failed ones included.';
COMMENT ON COLUMN menuca_sample.unseen IS
'Other client sessions of this database whose state was hidden from the sampling role.';
COMMENT ON COLUMN menuca_sample.waiting_locks IS
'Lock requests that were not granted, in the whole cluster.';
COMMENT ON COLUMN menuca_sample.commits IS
'Transactions of this database committed since stats_reset (pg_stat_database.xact_commit).';
COMMENT ON COLUMN menuca_sample.rollbacks IS
'Transactions of this database rolled back since stats_reset (xact_rollback).';
COMMENT ON COLUMN menuca_sample.blocks_hit IS
'Blocks found in the buffer cache since stats_reset (blks_hit).';
COMMENT ON COLUMN menuca_sample.blocks_read IS
'Blocks read from outside of it since stats_reset (blks_read).';
COMMENT ON COLUMN menuca_sample.deadlocks IS
'Deadlocks of this database since stats_reset.';
COMMENT ON COLUMN menuca_sample.stats_reset IS
'When the statistics of this database were reset; NULL when they never were.';
COMMENT ON COLUMN menuca_sample.database_bytes IS
'Size of the database in bytes.';
COMMENT ON COLUMN menuca_sample.statement_ms IS
'Total execution time of this database''s statements in milliseconds, by pg_stat_statements; NULL when that is not installed.';
COMMENT ON COLUMN menuca_sample.statement_calls IS
'Number of these executions; NULL when pg_stat_statements is not installed.';
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
'Runs ticket 0 to 10 of the runbook in this environment: it checks, acts and records. One row per check, as in menuca_validate; the last row is the verdict. Raises an error (class MC) when the ticket may not begin; force with a reason overrides that and the ticket''s gates, never what a check finds in the data, and is recorded. A dry run only checks, and records nothing. The documentation lists the options.';

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
'All eleven tickets: state PENDING, IN_PROGRESS, COMPLETE, FAILED or BLOCKED (a ticket before it is not complete), the verdict of the newest run, when and by whom it was run, and the next call to make. Read only.';

CREATE FUNCTION menuca_sign_off(
	ticket integer,
	approver text,
	decision text,
	note text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_sign_off(integer, text, text, text) IS
'Records that a person decides GO or NO-GO on a ticket; returns the decision. GO needs a ticket that is COMPLETE, NO-GO stops the tickets after it. On production, ticket 5 is staging''s, known by its imported verdict.';

REVOKE ALL ON FUNCTION menuca_sign_off(integer, text, text, text) FROM PUBLIC;

CREATE FUNCTION menuca_export_verdict()
RETURNS jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_export_verdict() IS
'On staging: the verdict of its tickets, with counts, sign-offs and a checksum over everything, to be imported on production. Read only.';

CREATE FUNCTION menuca_import_verdict(verdict jsonb)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_import_verdict(jsonb) IS
'On production: imports staging''s verdict; returns GO or NO-GO. Raises an error when the checksum does not match, the verdict is not staging''s, or staging is this same database.';

REVOKE ALL ON FUNCTION menuca_import_verdict(jsonb) FROM PUBLIC;

CREATE FUNCTION menuca_monitor_sample()
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_monitor_sample() IS
'Records the database''s counts, sessions and counters for menuca_monitor_report; returns the sample''s number. It may be called every minute.';

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
'Judges the newest samples since the last change (see menuca_last_change) that together span duration (NULL: 4 hours on staging, 24 on production): one row per check, as in menuca_validate. A longer time than max_gap without a sample is a FAIL (NULL: 65 minutes, or 4 hours 5 minutes when duration is more than 12 hours). Read only.';

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
'The calls that undo what the runbook has done so far, the most recent thing first. Read only.';

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
'Per environment, when something was changed most recently that a validation vouches for: by a ticket, a run or its rollback, a restored snapshot, an index, or access. Samples and validations from before say nothing about it.';
COMMENT ON COLUMN menuca_last_change.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_last_change.changed_at IS
'When something was changed most recently that a validation vouches for; NULL when nothing was.';
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
'The newest run of each ticket, per environment.';
COMMENT ON COLUMN menuca_ticket_latest.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_ticket_latest.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN menuca_ticket_latest.state IS
'Status of the newest run, but PENDING for a complete validation (tickets 5 and 10) that is older than the last change: it must be run again.';
COMMENT ON COLUMN menuca_ticket_latest.verdict IS
'PASS, WARN or FAIL, of the newest run, as the next columns.';
COMMENT ON COLUMN menuca_ticket_latest.options IS
'Options that it was called with.';
COMMENT ON COLUMN menuca_ticket_latest.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN menuca_ticket_latest.reason IS
'Reason that the call gave; NULL without one.';
COMMENT ON COLUMN menuca_ticket_latest.run_id IS
'Run in the ledger that it made (menuca_run); NULL when it made none.';
COMMENT ON COLUMN menuca_ticket_latest.backup IS
'The id of the backup that counted (menuca_backup); NULL when none did.';
COMMENT ON COLUMN menuca_ticket_latest.run_by IS
'Session user who ran it.';
COMMENT ON COLUMN menuca_ticket_latest.started_at IS
'When the call began.';
COMMENT ON COLUMN menuca_ticket_latest.finished_at IS
'When its result was recorded.';
