--
-- Tickets: what was executed, decided and sampled
--

CREATE TABLE menuca_ticket_execution (
	execution_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL CHECK (ticket_no BETWEEN 0 AND 10),
	status text NOT NULL CHECK (status IN ('IN_PROGRESS', 'COMPLETE', 'FAILED')),
	result text NOT NULL CHECK (result IN ('PASS', 'WARN', 'FAIL')),
	checks jsonb NOT NULL,
	options jsonb NOT NULL,
	forced boolean NOT NULL,
	reason text,
	run_ids bigint[] NOT NULL DEFAULT '{}',
	backup text,
	executed_by text NOT NULL DEFAULT session_user,
	started_at timestamptz NOT NULL,
	finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CHECK (NOT forced OR reason IS NOT NULL)
);

COMMENT ON TABLE menuca_ticket_execution IS
'Every execution of a ticket with its checks, options and overrides; a ticket''s newest execution counts.';
COMMENT ON COLUMN menuca_ticket_execution.execution_id IS
'Number of the execution.';
COMMENT ON COLUMN menuca_ticket_execution.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_ticket_execution.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN menuca_ticket_execution.status IS
'COMPLETE, FAILED, or IN_PROGRESS when only the time for monitoring is not over. People''s part is not in it: see menuca_ticket_latest.';
COMMENT ON COLUMN menuca_ticket_execution.result IS
'PASS, WARN or FAIL: the worst status of the checks, with ERROR as FAIL.';
COMMENT ON COLUMN menuca_ticket_execution.checks IS
'Array of the check rows: name, title, status, expected, actual, detail, remedy and metadata.';
COMMENT ON COLUMN menuca_ticket_execution.options IS
'Options that the ticket was called with.';
COMMENT ON COLUMN menuca_ticket_execution.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN menuca_ticket_execution.reason IS
'Reason that the call gave, in its words; NULL without one, which a forced call cannot be.';
COMMENT ON COLUMN menuca_ticket_execution.run_ids IS
'Runs in the ledger that the ticket made (menuca_run), in their order: of the missing dishes, V1''s items and V2''s; empty when it made none.';
COMMENT ON COLUMN menuca_ticket_execution.backup IS
'The id of the backup that counted (menuca_backup); NULL when none did.';
COMMENT ON COLUMN menuca_ticket_execution.executed_by IS
'Session user who executed the ticket.';
COMMENT ON COLUMN menuca_ticket_execution.started_at IS
'When the call began.';
COMMENT ON COLUMN menuca_ticket_execution.finished_at IS
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
	document jsonb NOT NULL,
	imported_by text NOT NULL DEFAULT session_user,
	imported_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_imported_verdict IS
'Staging''s verdicts as production has imported them.';
COMMENT ON COLUMN menuca_imported_verdict.verdict_id IS
'Number of the import; the newest one counts.';
COMMENT ON COLUMN menuca_imported_verdict.environment_id IS
'The environment that imported it (menuca_registered_environment): production.';
COMMENT ON COLUMN menuca_imported_verdict.document IS
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
	hidden bigint NOT NULL,
	waiting_locks bigint NOT NULL,
	commits bigint NOT NULL,
	rollbacks bigint NOT NULL,
	blocks_hit bigint NOT NULL,
	blocks_read bigint NOT NULL,
	deadlocks bigint NOT NULL,
	stats_reset timestamptz,
	database_bytes bigint NOT NULL,
	statement_ms double precision,
	statement_calls bigint,
	connections bigint,
	combo_queries bigint,
	combo_query_ms double precision,
	ticket_no integer,
	moment text CHECK (moment IN ('before', 'after'))
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
COMMENT ON COLUMN menuca_sample.hidden IS
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
COMMENT ON COLUMN menuca_sample.connections IS
'Other client sessions of this database, whatever they were doing.';
COMMENT ON COLUMN menuca_sample.combo_queries IS
'Of these, the ones that were executing a statement whose text names combo_groups, combo_items or dish_combo_groups, as far as the sampling role could see it.';
COMMENT ON COLUMN menuca_sample.combo_query_ms IS
'For how many milliseconds the oldest of these statements had been running; NULL when there was none.';
COMMENT ON COLUMN menuca_sample.ticket_no IS
'The ticket that took the sample; NULL when it was taken by menuca_monitor_sample() itself.';
COMMENT ON COLUMN menuca_sample.moment IS
'before or after the ticket''s tasks; NULL likewise.';

SELECT pg_catalog.pg_extension_config_dump('menuca_ticket_execution', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_ticket_execution_execution_id_seq', '');
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
	dry_run boolean DEFAULT true,
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
	OUT next_step text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION menuca_preview_ticket(
	no integer,
	options jsonb DEFAULT '{}',
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT next_step text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_preview_ticket(integer, jsonb) IS
'The dry run of menuca_ticket, for roles that may look but not write. Read only.';

COMMENT ON FUNCTION menuca_ticket(integer, jsonb, boolean, boolean, text) IS
'Executes ticket 0 to 10 of the runbook in this environment (6 to 10 in the copy of a hosted production, by what its receipts say): it checks, acts and records; by default a dry run, which only checks, and records nothing. One row per check, as in menuca_validate; the last row is the summary, with the next call. Raises an error (class MC) when the ticket may not begin; force with a reason overrides that and the ticket''s gates, never what a check finds in the data, and is recorded. The documentation lists the options.';

REVOKE ALL ON FUNCTION menuca_ticket(integer, jsonb, boolean, boolean, text) FROM PUBLIC;

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
	OUT next_step text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_monitor_report(interval, interval) IS
'Judges the newest samples since the last change (see menuca_last_change) that together span duration (NULL: 4 hours on staging, 24 on production): one row per check, as in menuca_validate. A longer time than max_gap without a sample is a FAIL (NULL: 65 minutes, or 4 hours 5 minutes when duration is more than 12 hours). Read only.';

CREATE VIEW menuca_last_change AS
SELECT e.environment_id,
	(SELECT pg_catalog.max(c.at)
	 FROM (SELECT t.finished_at AS at
		   FROM @extschema@.menuca_ticket_execution t
		   WHERE t.environment_id = e.environment_id
			   AND t.ticket_no IN (2, 3, 4, 7, 8, 9)
		   UNION ALL
		   SELECT GREATEST(r.started_at, r.finished_at, r.rolled_back_at)
		   FROM @extschema@.menuca_run r
		   WHERE NOT e.hosted
		   UNION ALL
		   SELECT s.restored_at
		   FROM @extschema@.menuca_snapshot_restore s
		   WHERE NOT e.hosted
		   UNION ALL
		   SELECT GREATEST(i.created_at, i.dropped_at)
		   FROM @extschema@.menuca_created_index i
		   WHERE NOT e.hosted
		   UNION ALL
		   SELECT GREATEST(a.made_at, a.undone_at)
		   FROM @extschema@.menuca_access_change a
		   WHERE NOT e.hosted) c) AS changed_at
FROM @extschema@.menuca_registered_environment e;

COMMENT ON VIEW menuca_last_change IS
'Per environment, when something was changed most recently that a validation vouches for: by a ticket, a run or its rollback, a restored snapshot, an index, or access; of a hosted production, by a ticket alone, since everything else changes its copy. Samples and validations from before say nothing about it.';
COMMENT ON COLUMN menuca_last_change.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_last_change.changed_at IS
'When something was changed most recently that a validation vouches for; NULL when nothing was.';

CREATE VIEW menuca_ticket_recorded AS
SELECT DISTINCT ON (t.environment_id, t.ticket_no)
	t.environment_id,
	t.ticket_no,
	CASE WHEN t.status = 'COMPLETE' AND t.ticket_no IN (5, 10) AND t.started_at < c.changed_at
		THEN 'PENDING'
		ELSE t.status
	END AS state,
	t.result,
	t.options,
	t.forced,
	t.reason,
	t.run_ids,
	t.backup,
	t.executed_by,
	t.started_at,
	t.finished_at,
	-- what customers see is vouched for since the last change, all else since the ticket
	CASE WHEN t.ticket_no IN (4, 5, 9, 10)
		THEN GREATEST(c.changed_at, (SELECT pg_catalog.min(f.started_at)
									 FROM @extschema@.menuca_ticket_execution f
									 WHERE f.environment_id = t.environment_id
										 AND f.ticket_no = t.ticket_no
										 AND f.finished_at >= COALESCE(c.changed_at, '-infinity')))
		ELSE t.started_at
	END AS counts_since
FROM @extschema@.menuca_ticket_execution t
	LEFT JOIN @extschema@.menuca_last_change c USING (environment_id)
ORDER BY t.environment_id, t.ticket_no, t.execution_id DESC;

COMMENT ON VIEW menuca_ticket_recorded IS
'The newest execution of each ticket, per environment, without people''s part.';
COMMENT ON COLUMN menuca_ticket_recorded.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_ticket_recorded.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN menuca_ticket_recorded.state IS
'Status of the newest execution, but PENDING for a complete validation (tickets 5 and 10) that is older than the last change: it must be executed again.';
COMMENT ON COLUMN menuca_ticket_recorded.result IS
'PASS, WARN or FAIL, of the newest execution, as the next columns.';
COMMENT ON COLUMN menuca_ticket_recorded.options IS
'Options that it was called with.';
COMMENT ON COLUMN menuca_ticket_recorded.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN menuca_ticket_recorded.reason IS
'Reason that the call gave; NULL without one.';
COMMENT ON COLUMN menuca_ticket_recorded.run_ids IS
'Runs in the ledger that it made (menuca_run); empty when it made none.';
COMMENT ON COLUMN menuca_ticket_recorded.backup IS
'The id of the backup that counted (menuca_backup); NULL when none did.';
COMMENT ON COLUMN menuca_ticket_recorded.executed_by IS
'Session user who executed it.';
COMMENT ON COLUMN menuca_ticket_recorded.started_at IS
'When the call began.';
COMMENT ON COLUMN menuca_ticket_recorded.finished_at IS
'When its result was recorded.';
COMMENT ON COLUMN menuca_ticket_recorded.counts_since IS
'Since when it counts what people have seen after the ticket: of the fix and the validation the last change and the first execution since then, of others the newest execution.';

CREATE VIEW menuca_checklist_state WITH (security_invoker = true) AS
SELECT e.environment_id,
	c.ticket_no,
	c.item,
	c.title,
	c.phase,
	c.must,
	c."position",
	a.result,
	a.who,
	a.note,
	a.attested_at,
	a.attested_by,
	a.attested_at IS NOT NULL AND (c.phase = 'before' OR COALESCE(a.attested_at >= r.counts_since, false)) AS counts
FROM @extschema@.menuca_registered_environment e
JOIN @extschema@.menuca_checklist c
	ON CASE WHEN c.ticket_no = 0 THEN NOT e.hosted ELSE (e.name = 'production') = (c.ticket_no >= 6) END
LEFT JOIN LATERAL (
	SELECT t.result, t.who, t.note, t.attested_at, t.attested_by
	FROM @extschema@.menuca_attestation t
	WHERE t.environment_id = e.environment_id AND t.ticket_no = c.ticket_no AND t.item = c.item
	ORDER BY t.attestation_id DESC
	LIMIT 1) a ON true
LEFT JOIN @extschema@.menuca_ticket_recorded r
	ON r.environment_id = e.environment_id AND r.ticket_no = c.ticket_no;

COMMENT ON VIEW menuca_checklist_state IS
'The items of the checklist per environment, each with its newest attestation.';
COMMENT ON COLUMN menuca_checklist_state.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_checklist_state.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN menuca_checklist_state.item IS
'Name of the item within the ticket.';
COMMENT ON COLUMN menuca_checklist_state.title IS
'What a person attests, in words.';
COMMENT ON COLUMN menuca_checklist_state.phase IS
'before: it may be attested at any time; after: only once the ticket is executed, and again after each later change.';
COMMENT ON COLUMN menuca_checklist_state.must IS
'True when the ticket is not COMPLETE without it.';
COMMENT ON COLUMN menuca_checklist_state."position" IS
'Place of the item among those of its ticket.';
COMMENT ON COLUMN menuca_checklist_state.result IS
'PASS, FAILED or WAIVED, of the newest attestation, whether it counts or not; it and the next columns are NULL when there is none.';
COMMENT ON COLUMN menuca_checklist_state.who IS
'Name of the person who attested it.';
COMMENT ON COLUMN menuca_checklist_state.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN menuca_checklist_state.attested_at IS
'When it was recorded.';
COMMENT ON COLUMN menuca_checklist_state.attested_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_checklist_state.counts IS
'True when there is an attestation that counts: one of phase after does not when it is from before the ticket or the last change (counts_since of menuca_ticket_recorded).';

CREATE VIEW menuca_review_state WITH (security_invoker = true) AS
SELECT e.environment_id,
	n.ticket_no,
	a.good,
	a.bad,
	a.groups,
	v.result,
	CASE WHEN v.result IS NOT NULL THEN
		pg_catalog.format('%s of %s samples %s bad (%s %%)%s', a.bad, a.good::bigint + a.bad,
						  CASE WHEN a.bad = 1 THEN 'is' ELSE 'are' END,
						  pg_catalog.round(100.0 * a.bad / (a.good::bigint + a.bad), 2),
						  CASE WHEN v.result = 'FAIL' THEN ': systematically wrong: rollback'
							WHEN v.is_small THEN pg_catalog.format('; a review has %s', LEAST(20, a.groups)) END)
	END AS what,
	a.note,
	a.reviewer,
	a.answered_by,
	a.answered_at,
	COALESCE(a.answered_at >= r.counts_since, false) AS counts,
	u.rollback,
	u.next_rollback
FROM @extschema@.menuca_registered_environment e
JOIN (VALUES (4), (9)) n(ticket_no) ON (e.name = 'production') = (n.ticket_no >= 6)
LEFT JOIN @extschema@.menuca_ticket_recorded r
	ON r.environment_id = e.environment_id AND r.ticket_no = n.ticket_no
LEFT JOIN LATERAL (
	SELECT w.*
	FROM @extschema@.menuca_review_answer w
	WHERE w.environment_id = e.environment_id AND w.ticket_no = n.ticket_no
	ORDER BY w.answer_id DESC
	LIMIT 1) a ON true
CROSS JOIN LATERAL (
	-- as many samples as menuca_review_samples() draws by itself
	SELECT a.good::bigint + a.bad < LEAST(20, a.groups) AS is_small) f
CROSS JOIN LATERAL (
	SELECT f.is_small,
		CASE WHEN a.good IS NULL OR a.bad IS NULL OR a.good::bigint + a.bad < 1 THEN NULL
		WHEN a.bad = 0 AND NOT f.is_small THEN 'PASS'
		WHEN a.bad::bigint * 20 <= a.good::bigint + a.bad THEN 'WARN'
		ELSE 'FAIL' END AS result) v
CROSS JOIN LATERAL (
	-- the last run first, as each builds on those before it
	SELECT COALESCE(pg_catalog.string_agg(k.call, ' ' ORDER BY m.run_id DESC) FILTER (WHERE k.call IS NOT NULL), 'SELECT * FROM @extschema@.menuca_rollback_guide();') AS rollback,
		COALESCE((pg_catalog.array_agg(k.call ORDER BY m.run_id DESC) FILTER (WHERE k.call IS NOT NULL))[1], 'SELECT * FROM @extschema@.menuca_rollback_guide();') AS next_rollback
	FROM @extschema@.menuca_run m
	CROSS JOIN LATERAL (
		SELECT CASE WHEN m.status <> 'rolled_back' AND m.inserted > 0
			THEN pg_catalog.format('SELECT * FROM @extschema@.menuca_rollback(%s, dry_run => false);', m.run_id) END AS call) k
	WHERE m.run_id = ANY (r.run_ids)) u;

COMMENT ON VIEW menuca_review_state IS
'The newest answer about the samples of ticket 4 on staging and 9 on production, per environment.';
COMMENT ON COLUMN menuca_review_state.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_review_state.ticket_no IS
'Number of the ticket: 4 or 9.';
COMMENT ON COLUMN menuca_review_state.good IS
'Samples that the person found right; it and the next columns are NULL when nobody has answered.';
COMMENT ON COLUMN menuca_review_state.bad IS
'Samples that the person found wrong.';
COMMENT ON COLUMN menuca_review_state.groups IS
'How many groups there were to draw samples of.';
COMMENT ON COLUMN menuca_review_state.result IS
'PASS when no sample of twenty or more (or of all groups) is bad, WARN up to one in twenty or after fewer samples, otherwise FAIL, whether the answer counts or not.';
COMMENT ON COLUMN menuca_review_state.what IS
'The same in words with figures.';
COMMENT ON COLUMN menuca_review_state.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN menuca_review_state.reviewer IS
'Name of the person who looked.';
COMMENT ON COLUMN menuca_review_state.answered_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_review_state.answered_at IS
'When it was recorded.';
COMMENT ON COLUMN menuca_review_state.counts IS
'True when the answer counts: it is newer than the ticket and the last change.';
COMMENT ON COLUMN menuca_review_state.rollback IS
'The calls that roll the ticket''s runs back, the last run first; the guide where it has none that is not rolled back.';
COMMENT ON COLUMN menuca_review_state.next_rollback IS
'The first of these calls.';

CREATE VIEW menuca_ticket_undone WITH (security_invoker = true) AS
SELECT r.environment_id,
	r.ticket_no,
	CASE WHEN r.ticket_no IN (2, 7) THEN 'its indexes were dropped'
		WHEN r.ticket_no IN (3, 8) THEN 'its row level security was rolled back'
		ELSE 'its runs were rolled back' END AS what
FROM @extschema@.menuca_ticket_recorded r
JOIN @extschema@.menuca_registered_environment e USING (environment_id)
WHERE r.ticket_no IN (2, 7) AND NOT e.hosted AND EXISTS (
		SELECT FROM @extschema@.menuca_created_index i WHERE i.dropped_at > r.finished_at)
	OR r.ticket_no IN (3, 8) AND NOT e.hosted AND EXISTS (
		SELECT FROM @extschema@.menuca_access_deployment a WHERE a.undone_at > r.finished_at)
	OR (SELECT pg_catalog.bool_and(m.status = 'rolled_back') FROM @extschema@.menuca_run m
		WHERE m.run_id = ANY (r.run_ids) AND m.inserted > 0);

COMMENT ON VIEW menuca_ticket_undone IS
'The tickets whose work was undone after their newest execution: indexes as soon as one is dropped, access as soon as a table''s is rolled back, a fix when all of its runs are. They have to be executed again.';
COMMENT ON COLUMN menuca_ticket_undone.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_ticket_undone.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN menuca_ticket_undone.what IS
'What was undone, in words.';

CREATE VIEW menuca_ticket_open WITH (security_invoker = true) AS
SELECT r.environment_id,
	r.ticket_no,
	o.kind,
	o.item,
	o.title,
	o.state,
	o.call,
	o.place
FROM @extschema@.menuca_ticket_recorded r
CROSS JOIN LATERAL (
	SELECT 'undone' AS kind,
		'rollback' AS item,
		u.what AS title,
		'failed' AS state,
		pg_catalog.format('SELECT * FROM @extschema@.menuca_ticket(%s%s, dry_run => false);', r.ticket_no,
						  CASE WHEN r.options <> '{}' THEN pg_catalog.format(', %L', r.options) END) AS call,
		0 AS place
	FROM @extschema@.menuca_ticket_undone u
	WHERE u.environment_id = r.environment_id AND u.ticket_no = r.ticket_no
	UNION ALL
	SELECT 'review',
		'samples',
		CASE WHEN v.counts AND v.result = 'FAIL' THEN v.what
			ELSE 'samples of the combos are reviewed by a person' END,
		CASE WHEN v.counts AND v.result = 'FAIL' THEN 'failed' ELSE 'open' END,
		CASE WHEN v.counts AND v.result = 'FAIL' THEN v.next_rollback
			ELSE pg_catalog.format('SELECT * FROM @extschema@.menuca_review_samples(%s);', r.ticket_no) END,
		0
	FROM @extschema@.menuca_review_state v
	WHERE v.environment_id = r.environment_id AND v.ticket_no = r.ticket_no
		AND (NOT v.counts OR v.result IS NULL OR v.result = 'FAIL')
		AND NOT EXISTS (SELECT FROM @extschema@.menuca_ticket_undone u
						WHERE u.environment_id = r.environment_id AND u.ticket_no = r.ticket_no)
	UNION ALL
	SELECT 'must',
		c.item,
		c.title,
		CASE WHEN c.counts AND c.result = 'FAILED' THEN 'failed' ELSE 'open' END,
		pg_catalog.format('SELECT * FROM @extschema@.menuca_attest(%s, %L, ''PASS'', ''name'', ''note'');', c.ticket_no, c.item),
		c."position"
	FROM @extschema@.menuca_checklist_state c
	WHERE c.environment_id = r.environment_id AND c.ticket_no = r.ticket_no
		AND c.must AND (NOT c.counts OR c.result NOT IN ('PASS', 'WAIVED'))
	UNION ALL
	SELECT 'issue',
		i.issue_id::text,
		i.title,
		'open',
		pg_catalog.format('SELECT * FROM @extschema@.menuca_resolve_issue(%s, ''...'', ''name'');', i.issue_id),
		0
	FROM @extschema@.menuca_issue i
	WHERE i.environment_id = r.environment_id AND i.ticket_no = r.ticket_no
		AND i.severity = 'critical' AND i.resolved_at IS NULL) o
WHERE r.state = 'COMPLETE';

COMMENT ON VIEW menuca_ticket_open IS
'What keeps a ticket from COMPLETE although its execution is: what people have still to do for it, or have found, and what was rolled back.';
COMMENT ON COLUMN menuca_ticket_open.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_ticket_open.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN menuca_ticket_open.kind IS
'undone: what it did was rolled back; review: the samples are not reviewed, or are bad; must: an item of the checklist is not attested, or failed; issue: a critical issue is not resolved.';
COMMENT ON COLUMN menuca_ticket_open.item IS
'rollback, samples, the name of the item, or the number of the issue.';
COMMENT ON COLUMN menuca_ticket_open.title IS
'The same in words.';
COMMENT ON COLUMN menuca_ticket_open.state IS
'open: the ticket is IN_PROGRESS; failed: it is FAILED.';
COMMENT ON COLUMN menuca_ticket_open.call IS
'The next call for it.';
COMMENT ON COLUMN menuca_ticket_open.place IS
'Place among those of the same ticket and kind.';

CREATE VIEW menuca_ticket_latest AS
SELECT r.environment_id,
	r.ticket_no,
	CASE WHEN o.failed THEN 'FAILED' WHEN o.open THEN 'IN_PROGRESS' ELSE r.state END AS state,
	CASE WHEN o.failed THEN 'FAIL' WHEN r.result = 'PASS' AND w.warned THEN 'WARN' ELSE r.result END AS result,
	r.options,
	r.forced,
	r.reason,
	r.run_ids,
	r.backup,
	r.executed_by,
	r.started_at,
	r.finished_at
FROM @extschema@.menuca_ticket_recorded r
CROSS JOIN LATERAL (
	SELECT pg_catalog.bool_or(p.state = 'failed') AS failed,
		pg_catalog.count(*) > 0 AS open
	FROM @extschema@.menuca_ticket_open p
	WHERE p.environment_id = r.environment_id AND p.ticket_no = r.ticket_no) o
CROSS JOIN LATERAL (
	-- few bad samples, and what nobody has looked at
	SELECT EXISTS (SELECT FROM @extschema@.menuca_review_state v
				   WHERE v.environment_id = r.environment_id AND v.ticket_no = r.ticket_no
					   AND v.counts AND v.result = 'WARN')
		OR EXISTS (SELECT FROM @extschema@.menuca_checklist_state c
				   WHERE c.environment_id = r.environment_id AND c.ticket_no = r.ticket_no
					   AND c.must AND c.counts AND c.result = 'WAIVED') AS warned) w;

COMMENT ON VIEW menuca_ticket_latest IS
'The newest execution of each ticket, per environment, and what people have to say about it.';
COMMENT ON COLUMN menuca_ticket_latest.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_ticket_latest.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN menuca_ticket_latest.state IS
'As in menuca_ticket_recorded; but where that is COMPLETE, FAILED when something in menuca_ticket_open has failed, and IN_PROGRESS when something is open.';
COMMENT ON COLUMN menuca_ticket_latest.result IS
'PASS, WARN or FAIL: the worst of the newest execution''s checks and of what people found; of an item that was waived, WARN.';
COMMENT ON COLUMN menuca_ticket_latest.options IS
'Options that it was called with.';
COMMENT ON COLUMN menuca_ticket_latest.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN menuca_ticket_latest.reason IS
'Reason that the call gave; NULL without one.';
COMMENT ON COLUMN menuca_ticket_latest.run_ids IS
'Runs in the ledger that it made (menuca_run); empty when it made none.';
COMMENT ON COLUMN menuca_ticket_latest.backup IS
'The id of the backup that counted (menuca_backup); NULL when none did.';
COMMENT ON COLUMN menuca_ticket_latest.executed_by IS
'Session user who executed it.';
COMMENT ON COLUMN menuca_ticket_latest.started_at IS
'When the call began.';
COMMENT ON COLUMN menuca_ticket_latest.finished_at IS
'When its result was recorded.';

--
-- What the runbook's functions read.  These views and functions run with the
-- rights of whoever reads them, and show nothing that their tables would not.
--

CREATE VIEW menuca_signature_latest WITH (security_invoker = true) AS
SELECT DISTINCT ON (s.environment_id, s.ticket_no)
	s.environment_id,
	s.ticket_no,
	s.approver,
	s.decision,
	s.note,
	s.signed_by,
	s.signed_at
FROM @extschema@.menuca_signature s
ORDER BY s.environment_id, s.ticket_no, s.signature_id DESC;

COMMENT ON VIEW menuca_signature_latest IS
'The newest sign-off of each ticket, per environment: the one that counts.';
COMMENT ON COLUMN menuca_signature_latest.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_signature_latest.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN menuca_signature_latest.approver IS
'Name of the person who decides.';
COMMENT ON COLUMN menuca_signature_latest.decision IS
'GO or NO-GO.';
COMMENT ON COLUMN menuca_signature_latest.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN menuca_signature_latest.signed_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_signature_latest.signed_at IS
'When it was recorded.';

CREATE VIEW menuca_imported_verdicts WITH (security_invoker = true) AS
SELECT v.verdict_id,
	v.environment_id,
	v.verdict_id = pg_catalog.max(v.verdict_id) OVER (PARTITION BY v.environment_id) AS is_newest,
	v.document ->> 'go' AS go,
	v.document ->> 'database' AS database_name,
	v.document ->> 'system_identifier' AS system_identifier,
	v.document ->> 'exported_by' AS exported_by,
	v.document ->> 'exported_at' AS exported_at,
	v.imported_by,
	v.imported_at
FROM @extschema@.menuca_imported_verdict v;

COMMENT ON VIEW menuca_imported_verdicts IS
'Staging''s verdicts as production has imported them, one row each.';
COMMENT ON COLUMN menuca_imported_verdicts.verdict_id IS
'Number of the import.';
COMMENT ON COLUMN menuca_imported_verdicts.environment_id IS
'The environment that imported it (menuca_registered_environment): production.';
COMMENT ON COLUMN menuca_imported_verdicts.is_newest IS
'True for the newest import of the environment: the one that counts.';
COMMENT ON COLUMN menuca_imported_verdicts.go IS
'GO or NO-GO.';
COMMENT ON COLUMN menuca_imported_verdicts.database_name IS
'Name of staging''s database.';
COMMENT ON COLUMN menuca_imported_verdicts.system_identifier IS
'System identifier of staging''s cluster, as text.';
COMMENT ON COLUMN menuca_imported_verdicts.exported_by IS
'Session user who exported it on staging.';
COMMENT ON COLUMN menuca_imported_verdicts.exported_at IS
'When it was exported, as the verdict says it: ISO 8601.';
COMMENT ON COLUMN menuca_imported_verdicts.imported_by IS
'Session user who imported it.';
COMMENT ON COLUMN menuca_imported_verdicts.imported_at IS
'When it was imported.';

CREATE VIEW menuca_imported_ticket WITH (security_invoker = true) AS
SELECT v.verdict_id,
	v.environment_id,
	v.verdict_id = (SELECT pg_catalog.max(n.verdict_id)
					FROM @extschema@.menuca_imported_verdict n
					WHERE n.environment_id = v.environment_id) AS is_newest,
	(t.ticket ->> 'ticket')::bigint AS ticket_no,
	t.ticket ->> 'status' AS status,
	t.ticket ->> 'result' AS result,
	(t.ticket ->> 'forced')::boolean AS forced,
	t.ticket ->> 'reason' AS reason,
	t.ticket ->> 'executed_by' AS executed_by,
	(t.ticket ->> 'started_at')::timestamptz AS started_at,
	(t.ticket ->> 'finished_at')::timestamptz AS finished_at,
	t.ticket -> 'options' AS options,
	t.place
FROM @extschema@.menuca_imported_verdict v
CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(v.document -> 'tickets') WITH ORDINALITY AS t(ticket, place);

COMMENT ON VIEW menuca_imported_ticket IS
'The tickets of staging''s verdicts as production has imported them, one row each.';
COMMENT ON COLUMN menuca_imported_ticket.verdict_id IS
'The import (menuca_imported_verdict).';
COMMENT ON COLUMN menuca_imported_ticket.environment_id IS
'The environment that imported it (menuca_registered_environment): production.';
COMMENT ON COLUMN menuca_imported_ticket.is_newest IS
'True for the newest import of the environment: the one that counts.';
COMMENT ON COLUMN menuca_imported_ticket.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN menuca_imported_ticket.status IS
'COMPLETE, FAILED, IN_PROGRESS or PENDING, as menuca_ticket_latest said on staging.';
COMMENT ON COLUMN menuca_imported_ticket.result IS
'PASS, WARN or FAIL.';
COMMENT ON COLUMN menuca_imported_ticket.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN menuca_imported_ticket.reason IS
'Reason that the call gave; NULL without one.';
COMMENT ON COLUMN menuca_imported_ticket.executed_by IS
'Session user who executed it on staging.';
COMMENT ON COLUMN menuca_imported_ticket.started_at IS
'When the call began.';
COMMENT ON COLUMN menuca_imported_ticket.finished_at IS
'When its result was recorded.';
COMMENT ON COLUMN menuca_imported_ticket.options IS
'Options that it was called with on staging.';
COMMENT ON COLUMN menuca_imported_ticket.place IS
'Place of the ticket within the verdict, from 1.';

CREATE VIEW menuca_ticket_state WITH (security_invoker = true) AS
SELECT e.environment_id,
	n.ticket_no,
	CASE WHEN EXISTS (
			SELECT FROM @extschema@.menuca_held_lock l
			WHERE l.lock = 'ticket'
				AND l.object_id = n.ticket_no::oid
				AND l.pid <> pg_catalog.pg_backend_pid())
		THEN 'IN_PROGRESS'
		ELSE t.state
	END AS state,
	t.result,
	t.forced,
	t.executed_by,
	t.started_at,
	t.finished_at
FROM @extschema@.menuca_registered_environment e
CROSS JOIN pg_catalog.generate_series(0, 10) AS n(ticket_no)
LEFT JOIN @extschema@.menuca_ticket_latest t USING (environment_id, ticket_no);

COMMENT ON VIEW menuca_ticket_state IS
'All eleven tickets per environment, as far as they were executed in this database.';
COMMENT ON COLUMN menuca_ticket_state.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_ticket_state.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN menuca_ticket_state.state IS
'IN_PROGRESS while another session of this database executes the ticket, otherwise as in menuca_ticket_latest; NULL when it was never executed.';
COMMENT ON COLUMN menuca_ticket_state.result IS
'PASS, WARN or FAIL, of the newest execution; it and the next columns are NULL when the ticket was never executed.';
COMMENT ON COLUMN menuca_ticket_state.forced IS
'True when the newest execution was called with force => true.';
COMMENT ON COLUMN menuca_ticket_state.executed_by IS
'Session user who executed it.';
COMMENT ON COLUMN menuca_ticket_state.started_at IS
'When the call began.';
COMMENT ON COLUMN menuca_ticket_state.finished_at IS
'When its result was recorded.';

CREATE VIEW menuca_ticket_proposal WITH (security_invoker = true) AS
SELECT e.environment_id,
	n.ticket_no,
	CASE WHEN n.ticket_no IN (5, 10)
		THEN COALESCE(fix.options || pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('stability', own.options -> 'stability')), own.options)
		ELSE COALESCE(own.options, CASE WHEN n.ticket_no = 9 THEN staging.options END)
	END AS options,
	COALESCE(NOT own.forced, false) AS with_gates
FROM @extschema@.menuca_registered_environment e
CROSS JOIN pg_catalog.generate_series(0, 10) AS n(ticket_no)
LEFT JOIN @extschema@.menuca_ticket_latest own
	ON own.environment_id = e.environment_id AND own.ticket_no = n.ticket_no
LEFT JOIN @extschema@.menuca_ticket_latest fix
	ON fix.environment_id = e.environment_id AND fix.ticket_no = n.ticket_no - 1
LEFT JOIN @extschema@.menuca_imported_ticket staging
	ON staging.environment_id = e.environment_id AND staging.ticket_no = 4 AND staging.is_newest;

COMMENT ON VIEW menuca_ticket_proposal IS
'The options that the next call of a ticket is made of, per environment: of a validation those of the fix that it validates; of other tickets those of its own newest execution, and before the first one, of production''s fix those of staging''s.';
COMMENT ON COLUMN menuca_ticket_proposal.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_ticket_proposal.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN menuca_ticket_proposal.options IS
'The options, some of which the ticket may not have; NULL for none.';
COMMENT ON COLUMN menuca_ticket_proposal.with_gates IS
'True when the ticket was executed here without force: then what its options set a gate to was accepted, and the next call has them, too.';

CREATE VIEW menuca_ticket_executions WITH (security_invoker = true) AS
SELECT x.execution_id,
	x.environment_id,
	x.ticket_no,
	x.status,
	x.result,
	x.started_at,
	x.finished_at,
	pg_catalog.round(EXTRACT(epoch FROM x.finished_at - x.started_at), 2) AS seconds,
	x.executed_by,
	x.options,
	x.options ?| '{min_coverage_pct, min_group_coverage_pct, min_dish_coverage_pct, max_orphan_pct, gate_on,
		max_cross_restaurant_pct, max_backup_age, stability}'::text[] AS sets_gate,
	x.forced,
	x.reason,
	x.run_ids,
	x.backup AS backup_id,
	(SELECT b.label FROM @extschema@.menuca_backup b WHERE b.id = x.backup) AS backup_label,
	pg_catalog.lead(x.execution_id) OVER (PARTITION BY x.environment_id, x.ticket_no
										   ORDER BY x.execution_id) AS superseded_by
FROM @extschema@.menuca_ticket_execution x;

COMMENT ON VIEW menuca_ticket_executions IS
'Every execution of a ticket, with what the execution log says of it besides its checks.';
COMMENT ON COLUMN menuca_ticket_executions.execution_id IS
'Number of the execution.';
COMMENT ON COLUMN menuca_ticket_executions.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_ticket_executions.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN menuca_ticket_executions.status IS
'COMPLETE, FAILED, or IN_PROGRESS when only the time for monitoring is not over.';
COMMENT ON COLUMN menuca_ticket_executions.result IS
'PASS, WARN or FAIL: the worst status of the checks, with ERROR as FAIL.';
COMMENT ON COLUMN menuca_ticket_executions.started_at IS
'When the call began.';
COMMENT ON COLUMN menuca_ticket_executions.finished_at IS
'When its result was recorded.';
COMMENT ON COLUMN menuca_ticket_executions.seconds IS
'Time between the two in seconds.';
COMMENT ON COLUMN menuca_ticket_executions.executed_by IS
'Session user who executed the ticket.';
COMMENT ON COLUMN menuca_ticket_executions.options IS
'Options that it was called with.';
COMMENT ON COLUMN menuca_ticket_executions.sets_gate IS
'True when one of the options changes what a gate accepts.';
COMMENT ON COLUMN menuca_ticket_executions.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN menuca_ticket_executions.reason IS
'Reason that the call gave; NULL without one, which a forced call cannot be.';
COMMENT ON COLUMN menuca_ticket_executions.run_ids IS
'Runs in the ledger that the ticket made (menuca_run); empty when it made none.';
COMMENT ON COLUMN menuca_ticket_executions.backup_id IS
'The id of the backup that counted; NULL when none did.';
COMMENT ON COLUMN menuca_ticket_executions.backup_label IS
'Label of that backup; NULL when none did, or it is not in menuca_backup.';
COMMENT ON COLUMN menuca_ticket_executions.superseded_by IS
'The next execution of the same ticket in the same environment; NULL for the newest one.';

CREATE VIEW menuca_ticket_check WITH (security_invoker = true) AS
SELECT x.execution_id,
	c.check_no,
	c.row ->> 'name' AS name,
	c.row ->> 'title' AS title,
	c.row ->> 'status' AS status,
	c.row ->> 'expected' AS expected,
	c.row ->> 'actual' AS actual,
	c.row ->> 'detail' AS detail,
	c.row ->> 'remedy' AS remedy,
	c.row -> 'metadata' AS metadata
FROM @extschema@.menuca_ticket_execution x
CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(x.checks) WITH ORDINALITY AS c(row, check_no);

COMMENT ON VIEW menuca_ticket_check IS
'The checks of every execution of a ticket, one row each.';
COMMENT ON COLUMN menuca_ticket_check.execution_id IS
'The execution (menuca_ticket_execution).';
COMMENT ON COLUMN menuca_ticket_check.check_no IS
'Number of the check within the execution, from 1.';
COMMENT ON COLUMN menuca_ticket_check.name IS
'Name of the check, for programs.';
COMMENT ON COLUMN menuca_ticket_check.title IS
'Name of the check, for people.';
COMMENT ON COLUMN menuca_ticket_check.status IS
'PASS, WARN, FAIL, ERROR or SKIP.';
COMMENT ON COLUMN menuca_ticket_check.expected IS
'What was expected; NULL when nothing was.';
COMMENT ON COLUMN menuca_ticket_check.actual IS
'What was found; NULL when nothing was.';
COMMENT ON COLUMN menuca_ticket_check.detail IS
'More about it; NULL for nothing.';
COMMENT ON COLUMN menuca_ticket_check.remedy IS
'What to do; NULL when there is nothing to do.';
COMMENT ON COLUMN menuca_ticket_check.metadata IS
'The figures as an object, for programs.';

CREATE VIEW menuca_activity WITH (security_invoker = true) AS
SELECT a.active,
	a.idle,
	a.idle_in_transaction,
	a.hidden,
	(SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks l WHERE NOT l.granted) AS waiting_locks,
	d.xact_commit AS commits,
	d.xact_rollback AS rollbacks,
	d.blks_hit AS blocks_hit,
	d.blks_read AS blocks_read,
	d.deadlocks,
	d.stats_reset,
	pg_catalog.pg_database_size(d.datname) AS database_bytes,
	a.connections,
	a.combo_queries,
	a.combo_query_ms
FROM pg_catalog.pg_stat_database d
CROSS JOIN (
	SELECT pg_catalog.count(*) AS connections,
		pg_catalog.count(*) FILTER (WHERE s.state = 'active'
			AND s.query ~* '\m(combo_groups|combo_items|dish_combo_groups)\M') AS combo_queries,
		pg_catalog.max(1000 * EXTRACT(epoch FROM pg_catalog.clock_timestamp() - s.query_start)::double precision)
			FILTER (WHERE s.state = 'active'
				AND s.query ~* '\m(combo_groups|combo_items|dish_combo_groups)\M') AS combo_query_ms,
		pg_catalog.count(*) FILTER (WHERE s.state = 'active') AS active,
		pg_catalog.count(*) FILTER (WHERE s.state LIKE 'idle%') AS idle,
		pg_catalog.count(*) FILTER (WHERE s.state IN ('idle in transaction', 'idle in transaction (aborted)'))
			AS idle_in_transaction,
		pg_catalog.count(*) FILTER (WHERE s.state IS NULL OR s.state = 'disabled') AS hidden
	FROM pg_catalog.pg_stat_activity s
	WHERE s.datname = pg_catalog.current_database()
		AND s.pid <> pg_catalog.pg_backend_pid()
		AND s.usesysid IS NOT NULL
		-- of a hidden session, even the type is hidden
		AND COALESCE(s.backend_type, 'client backend') = 'client backend') a
WHERE d.datname = pg_catalog.current_database();

COMMENT ON VIEW menuca_activity IS
'What the server knows of this database now: other client sessions, lock requests, and the counters since stats_reset. A sample takes it.';
COMMENT ON COLUMN menuca_activity.active IS
'Other client sessions of this database that are executing a statement.';
COMMENT ON COLUMN menuca_activity.idle IS
'Other client sessions of this database that are idle, in a transaction or not.';
COMMENT ON COLUMN menuca_activity.idle_in_transaction IS
'Other client sessions of this database that are idle in a transaction, failed ones included.';
COMMENT ON COLUMN menuca_activity.hidden IS
'Other client sessions of this database whose state is hidden from the reader; pg_read_all_stats shows it.';
COMMENT ON COLUMN menuca_activity.waiting_locks IS
'Lock requests that are not granted, in the whole cluster.';
COMMENT ON COLUMN menuca_activity.commits IS
'Transactions of this database committed since stats_reset (pg_stat_database.xact_commit).';
COMMENT ON COLUMN menuca_activity.rollbacks IS
'Transactions of this database rolled back since stats_reset (xact_rollback).';
COMMENT ON COLUMN menuca_activity.blocks_hit IS
'Blocks found in the buffer cache since stats_reset (blks_hit).';
COMMENT ON COLUMN menuca_activity.blocks_read IS
'Blocks read from outside of it since stats_reset (blks_read).';
COMMENT ON COLUMN menuca_activity.deadlocks IS
'Deadlocks of this database since stats_reset.';
COMMENT ON COLUMN menuca_activity.stats_reset IS
'When the statistics of this database were reset; NULL when they never were.';
COMMENT ON COLUMN menuca_activity.database_bytes IS
'Size of the database in bytes.';
COMMENT ON COLUMN menuca_activity.connections IS
'Other client sessions of this database, whatever they are doing.';
COMMENT ON COLUMN menuca_activity.combo_queries IS
'Of these, the ones that are executing a statement whose text names combo_groups, combo_items or dish_combo_groups, as far as the reader can see it.';
COMMENT ON COLUMN menuca_activity.combo_query_ms IS
'For how many milliseconds the oldest of these statements has been running; NULL when there is none.';

CREATE FUNCTION menuca_monitor_figures(
	environment_id bigint,
	duration interval,
	max_gap interval,
	OUT samples bigint,
	OUT span interval,
	OUT longest_gap interval,
	OUT long_enough boolean,
	OUT gapless boolean,
	OUT recent boolean,
	OUT groups_least bigint,
	OUT groups_most bigint,
	OUT items_least bigint,
	OUT items_most bigint,
	OUT active_most bigint,
	OUT sessions_hidden boolean,
	OUT idle_in_transaction_most bigint,
	OUT waiting_most bigint,
	OUT counters_reset boolean,
	OUT deadlocks bigint,
	OUT commits bigint,
	OUT rollbacks bigint,
	OUT blocks_hit bigint,
	OUT blocks_read bigint,
	OUT size_first bigint,
	OUT size_last bigint,
	OUT mean_ms double precision)
RETURNS record
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	-- Samples from before the last change say nothing about it.
	WITH own AS (
		SELECT s.*
		FROM @extschema@.menuca_sample s
		WHERE s.environment_id = menuca_monitor_figures.environment_id
			AND s.taken_at >= COALESCE((SELECT c.changed_at
										FROM @extschema@.menuca_last_change c
										WHERE c.environment_id = menuca_monitor_figures.environment_id),
									   '-infinity')),
	-- The newest samples that together span the duration, or all of them
	first AS (
		SELECT COALESCE(
				pg_catalog.max(o.taken_at) FILTER (WHERE o.taken_at <= n.taken_at - menuca_monitor_figures.duration),
				pg_catalog.min(o.taken_at)) AS taken_at
		FROM own o
		CROSS JOIN (SELECT pg_catalog.max(taken_at) AS taken_at FROM own) n),
	judged AS (
		SELECT o.*,
			o.taken_at - pg_catalog.lag(o.taken_at) OVER w AS gap,
			o.stats_reset IS DISTINCT FROM pg_catalog.first_value(o.stats_reset) OVER w AS was_reset,
			pg_catalog.first_value(o.deadlocks) OVER w AS first_deadlocks,
			pg_catalog.first_value(o.commits) OVER w AS first_commits,
			pg_catalog.first_value(o.rollbacks) OVER w AS first_rollbacks,
			pg_catalog.first_value(o.blocks_hit) OVER w AS first_blocks_hit,
			pg_catalog.first_value(o.blocks_read) OVER w AS first_blocks_read,
			pg_catalog.first_value(o.database_bytes) OVER w AS first_bytes,
			pg_catalog.first_value(o.statement_ms) OVER w AS first_ms,
			pg_catalog.first_value(o.statement_calls) OVER w AS first_calls,
			pg_catalog.row_number() OVER (ORDER BY o.taken_at DESC) = 1 AS is_last
		FROM own o
		JOIN first f ON o.taken_at >= f.taken_at
		WINDOW w AS (ORDER BY o.taken_at))
	SELECT pg_catalog.count(*),
		pg_catalog.max(j.taken_at) - pg_catalog.min(j.taken_at),
		pg_catalog.max(j.gap),
		COALESCE(pg_catalog.max(j.taken_at) - pg_catalog.min(j.taken_at) >= menuca_monitor_figures.duration, false),
		COALESCE(pg_catalog.max(j.gap) <= menuca_monitor_figures.max_gap, false),
		COALESCE(pg_catalog.clock_timestamp() - pg_catalog.max(j.taken_at) <= menuca_monitor_figures.max_gap, false),
		pg_catalog.min(j.groups),
		pg_catalog.max(j.groups),
		pg_catalog.min(j.items),
		pg_catalog.max(j.items),
		pg_catalog.max(j.active),
		COALESCE(pg_catalog.bool_or(j.hidden > 0), false),
		pg_catalog.max(j.idle_in_transaction),
		pg_catalog.max(j.waiting_locks),
		COALESCE(pg_catalog.bool_or(j.was_reset OR j.commits < j.first_commits), false),
		pg_catalog.max(j.deadlocks - j.first_deadlocks) FILTER (WHERE j.is_last),
		pg_catalog.max(j.commits - j.first_commits) FILTER (WHERE j.is_last),
		pg_catalog.max(j.rollbacks - j.first_rollbacks) FILTER (WHERE j.is_last),
		pg_catalog.max(j.blocks_hit - j.first_blocks_hit) FILTER (WHERE j.is_last),
		pg_catalog.max(j.blocks_read - j.first_blocks_read) FILTER (WHERE j.is_last),
		pg_catalog.max(j.first_bytes),
		pg_catalog.max(j.database_bytes) FILTER (WHERE j.is_last),
		pg_catalog.max((j.statement_ms - j.first_ms) / (j.statement_calls - j.first_calls))
			FILTER (WHERE j.is_last AND j.statement_calls > j.first_calls AND j.statement_ms >= j.first_ms)
	FROM judged j;
END;

COMMENT ON FUNCTION menuca_monitor_figures(bigint, interval, interval) IS
'The figures that menuca_monitor_report() judges, of the newest samples since the last change that together span duration (all of them when they do not): how many, their span and longest gap, whether span is at least duration (long_enough), the longest gap at most max_gap (gapless), and the newest sample at most max_gap old (recent); least and most of what was sampled; and the differences between the first and the last sample of the counters, which mean nothing when counters_reset; mean_ms is the mean time of a statement in between, in milliseconds. Figures are NULL when there is no sample, mean_ms also when it is not known.';
