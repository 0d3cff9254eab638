--
-- The figures of the report, a view for each section.  They run with the rights of
-- whoever reads them.
--

CREATE VIEW menuca_figure_environment WITH (security_invoker = true) AS
SELECT e.environment_id, e.name, e.hosted,
	CASE WHEN e.hosted THEN e.of_database ELSE e.database_name END AS database_name,
	e.registered_at
FROM @extschema@.menuca_registered_environment e
WHERE e.database_name = pg_catalog.current_database()
	AND e.system_identifier = (SELECT c.system_identifier FROM pg_catalog.pg_control_system() c);

COMMENT ON VIEW menuca_figure_environment IS
'The environments of this database: its own, and the hosted production whose copy it is. No row when it is not registered.';
COMMENT ON COLUMN menuca_figure_environment.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_figure_environment.name IS
'staging or production.';
COMMENT ON COLUMN menuca_figure_environment.hosted IS
'True for a hosted production.';
COMMENT ON COLUMN menuca_figure_environment.database_name IS
'Name of its database; of a hosted production, of the original.';
COMMENT ON COLUMN menuca_figure_environment.registered_at IS
'When it was registered.';

CREATE VIEW menuca_figure_verdict WITH (security_invoker = true) AS
SELECT v.environment_id, v.name, v.hosted, v.database_name, v.tickets, v.complete, v.forced, v.decision,
	CASE
		WHEN v.decision = 'NO-GO' OR v.last_state IS DISTINCT FROM 'COMPLETE' THEN 'NO-GO'
		WHEN v.decision IS NULL THEN 'not signed off'
		ELSE v.decision
	END AS verdict
FROM (SELECT e.environment_id, e.name, e.hosted, e.database_name,
		pg_catalog.count(*) AS tickets,
		pg_catalog.count(*) FILTER (WHERE s.state = 'COMPLETE') AS complete,
		(SELECT pg_catalog.count(*) FROM @extschema@.menuca_ticket_execution x
		 WHERE x.environment_id = e.environment_id AND x.forced) AS forced,
		pg_catalog.max(s.state) FILTER (WHERE s.ticket_no = CASE e.name WHEN 'staging' THEN 5 ELSE 10 END) AS last_state,
		(SELECT g.decision FROM @extschema@.menuca_signature_latest g
		 WHERE g.environment_id = e.environment_id
			AND g.ticket_no = CASE e.name WHEN 'staging' THEN 5 ELSE 10 END) AS decision
	  FROM @extschema@.menuca_figure_environment e
	  JOIN @extschema@.menuca_ticket_state s USING (environment_id)
	  WHERE CASE e.name WHEN 'staging' THEN s.ticket_no <= 5 WHEN 'production' THEN s.ticket_no >= 6 OR s.ticket_no = 0 AND NOT e.hosted END
	  GROUP BY e.environment_id, e.name, e.hosted, e.database_name) v;

COMMENT ON VIEW menuca_figure_verdict IS
'The verdict of each environment of this database, as the execution log has it.';
COMMENT ON COLUMN menuca_figure_verdict.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_figure_verdict.name IS
'staging or production.';
COMMENT ON COLUMN menuca_figure_verdict.hosted IS
'True for a hosted production.';
COMMENT ON COLUMN menuca_figure_verdict.database_name IS
'Name of its database.';
COMMENT ON COLUMN menuca_figure_verdict.tickets IS
'How many tickets belong to it.';
COMMENT ON COLUMN menuca_figure_verdict.complete IS
'How many of these are COMPLETE.';
COMMENT ON COLUMN menuca_figure_verdict.forced IS
'Executions that overrode a gate.';
COMMENT ON COLUMN menuca_figure_verdict.decision IS
'Newest sign-off of its last ticket: GO or NO-GO; NULL without one.';
COMMENT ON COLUMN menuca_figure_verdict.verdict IS
'NO-GO unless the last ticket is COMPLETE and nobody decided against it; then the decision, or not signed off.';

CREATE VIEW menuca_figure_rate WITH (security_invoker = true) AS
SELECT m.place, m.moment, m.at, m.groups, m.orphans, m.orphan_pct, m.band,
	m.expected_groups, m.expected_orphans, m.expected_orphan_pct, m.expected_band
FROM (
	-- A run has both: the first one's figures before it, and those after each
	SELECT f.run_id * 2 + CASE f.moment WHEN 'after' THEN 1 ELSE 0 END AS place,
		pg_catalog.format('%s run %s (%s)', f.moment, f.run_id, f.kind) AS moment,
		f.at,
		(f.figures ->> 'groups')::bigint AS groups,
		(f.figures ->> 'orphans')::bigint AS orphans,
		(f.figures ->> 'orphan_pct')::numeric AS orphan_pct,
		f.figures ->> 'band' AS band,
		(f.figures ->> 'expected_groups')::bigint AS expected_groups,
		(f.figures ->> 'expected_orphans')::bigint AS expected_orphans,
		(f.figures ->> 'expected_orphan_pct')::numeric AS expected_orphan_pct,
		f.figures ->> 'expected_band' AS expected_band
	FROM (SELECT r.run_id, r.kind, 'before' AS moment, r.started_at AS at, r.figures_before AS figures
		  FROM @extschema@.menuca_run r
		  WHERE r.run_id = (SELECT pg_catalog.min(n.run_id) FROM @extschema@.menuca_run n
							WHERE n.figures_before ? 'orphans')
		  UNION ALL
		  SELECT r.run_id, r.kind, 'after', r.finished_at, r.figures_after
		  FROM @extschema@.menuca_run r
		  WHERE r.figures_after ? 'orphans' AND r.status <> 'rolled_back') f
	UNION ALL
	SELECT NULL, 'now', pg_catalog.statement_timestamp(), o.groups, o.orphans, o.orphan_pct, o.band,
		o.expected_groups, o.expected_orphans, o.expected_orphan_pct, o.expected_band
	FROM @extschema@.menuca_orphan_rate() o) m;

COMMENT ON VIEW menuca_figure_rate IS
'Groups without items: before the first run, after each run that is not rolled back, and now.';
COMMENT ON COLUMN menuca_figure_rate.place IS
'Order of the moments; NULL for now, which is the last one.';
COMMENT ON COLUMN menuca_figure_rate.moment IS
'before run N, after run N, or now.';
COMMENT ON COLUMN menuca_figure_rate.at IS
'When that was.';
COMMENT ON COLUMN menuca_figure_rate.groups IS
'All groups.';
COMMENT ON COLUMN menuca_figure_rate.orphans IS
'Those without items.';
COMMENT ON COLUMN menuca_figure_rate.orphan_pct IS
'The same in percent of all groups.';
COMMENT ON COLUMN menuca_figure_rate.band IS
'EXCELLENT below 1, PASS below 5, WARNING below 20, otherwise FAIL.';
COMMENT ON COLUMN menuca_figure_rate.expected_groups IS
'Groups that the source of that run has a row for; NULL without a source, as the next three.';
COMMENT ON COLUMN menuca_figure_rate.expected_orphans IS
'Those without items.';
COMMENT ON COLUMN menuca_figure_rate.expected_orphan_pct IS
'The same in percent of these groups.';
COMMENT ON COLUMN menuca_figure_rate.expected_band IS
'Its band.';

CREATE VIEW menuca_figure_fix WITH (security_invoker = true) AS
SELECT DISTINCT ON (r.target_schema, r.target, r.kind, r.source)
	r.run_id, r.kind, r.status, r.target_schema, r.target, r.source, r.finished_at, r.inserted,
	(r.outcomes ->> 'source_rows')::bigint AS source_rows,
	(r.outcomes ->> 'groups_named')::bigint AS groups_named,
	(r.outcomes ->> 'groups_covered')::bigint AS groups_covered,
	(r.outcomes ->> 'dishes_named')::bigint AS dishes_named,
	(r.outcomes ->> 'dishes_covered')::bigint AS dishes_covered,
	r.outcomes,
	r.figures_before -> 'probes' AS probes
FROM @extschema@.menuca_runs v
JOIN @extschema@.menuca_run r USING (run_id)
WHERE r.outcomes ? 'source_rows' AND r.status <> 'rolled_back'
ORDER BY r.target_schema, r.target, r.kind, r.source, r.run_id DESC;

COMMENT ON VIEW menuca_figure_fix IS
'The newest fix of each kind and source that is not rolled back, with the figures that it recorded.';
COMMENT ON COLUMN menuca_figure_fix.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN menuca_figure_fix.kind IS
'fix_combos, fix_group_dishes or fix_v2_groups.';
COMMENT ON COLUMN menuca_figure_fix.status IS
'completed, running, gate_failed.';
COMMENT ON COLUMN menuca_figure_fix.target_schema IS
'Schema of its target.';
COMMENT ON COLUMN menuca_figure_fix.target IS
'Table that it wrote to.';
COMMENT ON COLUMN menuca_figure_fix.source IS
'Staged table that it read.';
COMMENT ON COLUMN menuca_figure_fix.finished_at IS
'When it ended; NULL until then.';
COMMENT ON COLUMN menuca_figure_fix.inserted IS
'Rows that it inserted.';
COMMENT ON COLUMN menuca_figure_fix.source_rows IS
'Rows of the source.';
COMMENT ON COLUMN menuca_figure_fix.groups_named IS
'Different legacy ids of groups in the source.';
COMMENT ON COLUMN menuca_figure_fix.groups_covered IS
'Those that identify a group.';
COMMENT ON COLUMN menuca_figure_fix.dishes_named IS
'Different legacy ids of dishes in the source.';
COMMENT ON COLUMN menuca_figure_fix.dishes_covered IS
'Those that identify a dish.';
COMMENT ON COLUMN menuca_figure_fix.outcomes IS
'Source rows by outcome.';
COMMENT ON COLUMN menuca_figure_fix.probes IS
'Figures of the probes.';

CREATE VIEW menuca_figure_outcome WITH (security_invoker = true) AS
SELECT f.run_id, o.place, o.outcome, (f.outcomes ->> o.outcome)::bigint AS source_rows, o.is_mapped, o.short, o.meaning
FROM @extschema@.menuca_figure_fix f
CROSS JOIN (VALUES
	(1, 'insert', true, 'inserted', 'became an item'),
	(2, 'already_present', true, 'already there', 'the item was there before the run'),
	(3, 'duplicate', true, 'repeated', 'the same group and dish as an earlier row'),
	(4, 'unmapped_dish', false, 'dish not found', 'no dish of the target has its legacy id'),
	(5, 'unmapped_group', false, 'group not found', 'no group of the target has its legacy id'),
	(6, 'unmapped_both', false, 'neither found', 'neither group nor dish are in the target'),
	(7, 'ambiguous_group', false, 'several groups', 'several groups of the restaurant have its legacy id'),
	(8, 'ambiguous_dish', false, 'several dishes', 'several dishes of the restaurant have its legacy id'),
	(9, 'cross_restaurant', false, 'other restaurant', 'group and dish belong to different restaurants'),
	(10, 'invalid', false, 'no valid ids', 'an id is missing, zero or too large')) o(place, outcome, is_mapped, short, meaning);

COMMENT ON VIEW menuca_figure_outcome IS
'Source rows by outcome of each run in menuca_figure_fix; they add up to its source_rows.';
COMMENT ON COLUMN menuca_figure_outcome.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN menuca_figure_outcome.place IS
'Order of the outcomes.';
COMMENT ON COLUMN menuca_figure_outcome.outcome IS
'The outcome.';
COMMENT ON COLUMN menuca_figure_outcome.source_rows IS
'Source rows with that outcome.';
COMMENT ON COLUMN menuca_figure_outcome.is_mapped IS
'True when group and dish were found.';
COMMENT ON COLUMN menuca_figure_outcome.short IS
'The outcome in two words.';
COMMENT ON COLUMN menuca_figure_outcome.meaning IS
'The outcome in a sentence.';

CREATE VIEW menuca_figure_coverage WITH (security_invoker = true) AS
SELECT f.run_id, f.kind, f.source, c.place, c.what, c.named, c.covered,
	pg_catalog.round(100.0 * c.covered / NULLIF(c.named, 0), 2) AS coverage_pct
FROM @extschema@.menuca_figure_fix f
CROSS JOIN LATERAL (VALUES
	(1, 'groups', f.groups_named, f.groups_covered),
	(2, 'dishes', f.dishes_named, f.dishes_covered)) c(place, what, named, covered);

COMMENT ON VIEW menuca_figure_coverage IS
'How many of the legacy ids that a source names were found, of each run in menuca_figure_fix.';
COMMENT ON COLUMN menuca_figure_coverage.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN menuca_figure_coverage.kind IS
'Its kind.';
COMMENT ON COLUMN menuca_figure_coverage.source IS
'Its source.';
COMMENT ON COLUMN menuca_figure_coverage.place IS
'Order of the two.';
COMMENT ON COLUMN menuca_figure_coverage.what IS
'groups or dishes.';
COMMENT ON COLUMN menuca_figure_coverage.named IS
'Different legacy ids in the source.';
COMMENT ON COLUMN menuca_figure_coverage.covered IS
'Those that identify a row of the target.';
COMMENT ON COLUMN menuca_figure_coverage.coverage_pct IS
'The same in percent; NULL when the source names none.';

CREATE VIEW menuca_figure_size WITH (security_invoker = true) AS
SELECT f.run_id, s.size, s.source_groups, s.target_groups,
	pg_catalog.round(100.0 * s.source_groups / NULLIF(pg_catalog.sum(s.source_groups) OVER w, 0), 2) AS source_pct,
	pg_catalog.round(100.0 * s.target_groups / NULLIF(pg_catalog.sum(s.target_groups) OVER w, 0), 2) AS target_pct
FROM @extschema@.menuca_figure_fix f
CROSS JOIN LATERAL (
	SELECT n.size,
		(f.probes -> 'groups_by_items_in_source' ->> (n.size - 1))::bigint AS source_groups,
		(f.probes -> 'groups_by_items' ->> (n.size - 1))::bigint AS target_groups
	FROM pg_catalog.generate_series(1, 6) n(size)) s
WHERE pg_catalog.jsonb_typeof(f.probes -> 'groups_by_items') = 'array'
WINDOW w AS (PARTITION BY f.run_id);

COMMENT ON VIEW menuca_figure_size IS
'Groups by the number of their items, in the source and in the target, of each run in menuca_figure_fix, as it found them when it ended its plan.';
COMMENT ON COLUMN menuca_figure_size.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN menuca_figure_size.size IS
'Items of the group; 6 means 6 or more.';
COMMENT ON COLUMN menuca_figure_size.source_groups IS
'Groups of that size in the source.';
COMMENT ON COLUMN menuca_figure_size.target_groups IS
'Groups of that size in the target with the run''s items.';
COMMENT ON COLUMN menuca_figure_size.source_pct IS
'The source''s groups in percent of all of its groups.';
COMMENT ON COLUMN menuca_figure_size.target_pct IS
'The target''s groups in percent of those with items.';

CREATE VIEW menuca_figure_validation WITH (security_invoker = true) AS
SELECT x.execution_id, x.ticket_no, x.finished_at,
	COALESCE(x.started_at < c.changed_at, false) AS is_outdated
FROM @extschema@.menuca_ticket_execution x
JOIN @extschema@.menuca_figure_environment e USING (environment_id)
LEFT JOIN @extschema@.menuca_last_change c USING (environment_id)
WHERE pg_catalog.jsonb_path_exists(x.checks, '$[*] ? (@.name == "overall_counts")')
ORDER BY x.execution_id DESC
LIMIT 1;

COMMENT ON VIEW menuca_figure_validation IS
'The newest execution of a ticket that validated the data. No row when none did.';
COMMENT ON COLUMN menuca_figure_validation.execution_id IS
'The execution (menuca_ticket_execution).';
COMMENT ON COLUMN menuca_figure_validation.ticket_no IS
'Its ticket.';
COMMENT ON COLUMN menuca_figure_validation.finished_at IS
'When it ended.';
COMMENT ON COLUMN menuca_figure_validation.is_outdated IS
'True when something was changed since it began.';

CREATE VIEW menuca_figure_check WITH (security_invoker = true) AS
SELECT c.execution_id, c.check_no, c.name, c.title, c.status, c.expected, c.actual, c.detail, c.remedy
FROM @extschema@.menuca_ticket_check c
JOIN @extschema@.menuca_figure_validation v USING (execution_id)
UNION ALL
-- Of a large database, a validation is only read
SELECT NULL, v.check_no, v.name, v.title, v.status, v.expected, v.actual, v.detail, v.remedy
FROM (SELECT NULL::pg_catalog.regclass AS source
	  WHERE NOT EXISTS (SELECT FROM @extschema@.menuca_figure_validation)
		AND COALESCE(pg_catalog.pg_table_size(pg_catalog.to_regclass(pg_catalog.format('%I.combo_items',
			COALESCE(NULLIF(pg_catalog.current_setting('menuca.target_schema', true), ''), 'menuca_v3')))) < 16777216, true)
	  OFFSET 0) small
CROSS JOIN LATERAL @extschema@.menuca_validate(source => small.source) v
WHERE v.name <> 'summary';

COMMENT ON VIEW menuca_figure_check IS
'The checks of the newest validation that a ticket recorded; when none did, and combo_items is smaller than 16 MB, those of menuca_validate() now.';
COMMENT ON COLUMN menuca_figure_check.execution_id IS
'The execution (menuca_ticket_execution); NULL for checks of now.';
COMMENT ON COLUMN menuca_figure_check.check_no IS
'Number of the check.';
COMMENT ON COLUMN menuca_figure_check.name IS
'Name of the check, for programs.';
COMMENT ON COLUMN menuca_figure_check.title IS
'Name of the check, for people.';
COMMENT ON COLUMN menuca_figure_check.status IS
'PASS, WARN, FAIL, ERROR or SKIP.';
COMMENT ON COLUMN menuca_figure_check.expected IS
'What was expected; NULL when nothing was.';
COMMENT ON COLUMN menuca_figure_check.actual IS
'What was found; NULL when nothing was.';
COMMENT ON COLUMN menuca_figure_check.detail IS
'More about it; NULL for nothing.';
COMMENT ON COLUMN menuca_figure_check.remedy IS
'What to do; NULL when there is nothing to do.';

CREATE VIEW menuca_figure_access WITH (security_invoker = true) AS
WITH tried AS (
	SELECT c.execution_id, x.finished_at, c.metadata
	FROM @extschema@.menuca_ticket_check c
	JOIN @extschema@.menuca_ticket_execution x USING (execution_id)
	JOIN @extschema@.menuca_figure_environment e USING (environment_id)
	WHERE c.name = 'matrix' AND pg_catalog.jsonb_typeof(c.metadata -> 'tables') = 'object'
	ORDER BY c.execution_id DESC
	LIMIT 1)
SELECT t.table_name, t.coverage, t.has_row_security, k.place, k.role_kind, k.may, f.tried_at, f.as_wanted, f.not_as_wanted, f.not_tried,
	CASE
		WHEN f.tried_at IS NULL THEN NULL
		WHEN f.not_as_wanted > 0 THEN 'not as wanted'
		WHEN f.as_wanted > 0 THEN 'as wanted'
		ELSE 'not tried'
	END AS status
FROM @extschema@.menuca_table_coverage t
LEFT JOIN @extschema@.menuca_wanted_access w ON w.table_name = t.decided_by AND w.wanted
CROSS JOIN LATERAL (VALUES
	(1, 'public', CASE WHEN w.public_may_read_where = 'true' THEN 'reads all' WHEN w.public_may_read_where IS NOT NULL THEN 'reads what is public' END),
	(2, 'tenant', CASE WHEN w.tenant_may = 'all' THEN 'everything with its own' ELSE pg_catalog.replace(w.tenant_may, ',', ', ') || ' of its own' END),
	(3, 'user', CASE WHEN w.user_may = 'all' THEN 'everything with its own' ELSE pg_catalog.replace(w.user_may, ',', ', ') || ' of its own' END),
	(4, 'admin', CASE WHEN w.admin_may = 'all' THEN 'everything' ELSE pg_catalog.replace(w.admin_may, ',', ', ') END)) k(place, role_kind, may)
LEFT JOIN LATERAL (
	SELECT r.finished_at AS tried_at,
		COALESCE((m.counts ->> 'PASS')::bigint, 0) AS as_wanted,
		COALESCE((m.counts ->> 'FAIL')::bigint, 0) + COALESCE((m.counts ->> 'ERROR')::bigint, 0) AS not_as_wanted,
		COALESCE((m.counts ->> 'SKIP')::bigint, 0) AS not_tried
	FROM tried r
	CROSS JOIN LATERAL (SELECT r.metadata -> 'tables' -> t.table_name -> k.role_kind) m(counts)
	WHERE m.counts IS NOT NULL) f ON true
WHERE t.table_schema = COALESCE(NULLIF(pg_catalog.current_setting('menuca.target_schema', true), ''), 'menuca_v3');

COMMENT ON VIEW menuca_figure_access IS
'Tables of the target schema by kind of role: what the wanted access lets it do, and what the newest matrix that a ticket recorded found.';
COMMENT ON COLUMN menuca_figure_access.table_name IS
'The table.';
COMMENT ON COLUMN menuca_figure_access.coverage IS
'wanted, outside, part or undecided, as in menuca_table_coverage.';
COMMENT ON COLUMN menuca_figure_access.has_row_security IS
'True when row security is on.';
COMMENT ON COLUMN menuca_figure_access.place IS
'Order of the kinds.';
COMMENT ON COLUMN menuca_figure_access.role_kind IS
'public (visitors), tenant (a restaurant''s staff), user (a customer) or admin (the services).';
COMMENT ON COLUMN menuca_figure_access.may IS
'What it may do, in words; NULL for nothing.';
COMMENT ON COLUMN menuca_figure_access.tried_at IS
'When the matrix was tried; NULL when no ticket recorded it, as the next four.';
COMMENT ON COLUMN menuca_figure_access.as_wanted IS
'Cells of the matrix that were as wanted.';
COMMENT ON COLUMN menuca_figure_access.not_as_wanted IS
'Cells that were not, or were unclear.';
COMMENT ON COLUMN menuca_figure_access.not_tried IS
'Cells that could not be tried.';
COMMENT ON COLUMN menuca_figure_access.status IS
'as wanted, not as wanted, or not tried.';

CREATE VIEW menuca_figure_query WITH (security_invoker = true) AS
SELECT q.query, q.restaurant_id, q.before_ms, q.after_ms, q.faster_pct, q.before_index_use, q.after_index_use,
	q.before_rows, q.after_rows, q.before_at, q.after_at
FROM @extschema@.menuca_query_comparison q
WHERE q.target_schema = COALESCE(NULLIF(pg_catalog.current_setting('menuca.target_schema', true), ''), 'menuca_v3');

COMMENT ON VIEW menuca_figure_query IS
'Query times before and after the indexes, of the target schema (menuca_query_comparison).';
COMMENT ON COLUMN menuca_figure_query.query IS
'The query.';
COMMENT ON COLUMN menuca_figure_query.restaurant_id IS
'The restaurant whose rows it read.';
COMMENT ON COLUMN menuca_figure_query.before_ms IS
'Median before, in milliseconds.';
COMMENT ON COLUMN menuca_figure_query.after_ms IS
'Median after.';
COMMENT ON COLUMN menuca_figure_query.faster_pct IS
'How much faster in percent; less than 0 when slower.';
COMMENT ON COLUMN menuca_figure_query.before_index_use IS
'How it used indexes before.';
COMMENT ON COLUMN menuca_figure_query.after_index_use IS
'How it used them after.';
COMMENT ON COLUMN menuca_figure_query.before_rows IS
'Rows that it returned before.';
COMMENT ON COLUMN menuca_figure_query.after_rows IS
'Rows that it returned after.';
COMMENT ON COLUMN menuca_figure_query.before_at IS
'When it was measured before.';
COMMENT ON COLUMN menuca_figure_query.after_at IS
'When it was measured after.';

CREATE VIEW menuca_figure_execution WITH (security_invoker = true) AS
SELECT e.name AS environment, x.execution_id, x.ticket_no, x.status, x.result, x.started_at, x.finished_at, x.seconds,
	x.executed_by, x.sets_gate, x.forced, x.reason, x.run_ids, x.backup_label, x.superseded_by
FROM @extschema@.menuca_ticket_executions x
JOIN @extschema@.menuca_figure_environment e USING (environment_id);

COMMENT ON VIEW menuca_figure_execution IS
'The executions of tickets in the environments of this database (menuca_ticket_executions).';
COMMENT ON COLUMN menuca_figure_execution.environment IS
'staging or production.';
COMMENT ON COLUMN menuca_figure_execution.execution_id IS
'The execution (menuca_ticket_execution).';
COMMENT ON COLUMN menuca_figure_execution.ticket_no IS
'Its ticket.';
COMMENT ON COLUMN menuca_figure_execution.status IS
'COMPLETE, FAILED or IN_PROGRESS.';
COMMENT ON COLUMN menuca_figure_execution.result IS
'PASS, WARN or FAIL.';
COMMENT ON COLUMN menuca_figure_execution.started_at IS
'When the call began.';
COMMENT ON COLUMN menuca_figure_execution.finished_at IS
'When its result was recorded.';
COMMENT ON COLUMN menuca_figure_execution.seconds IS
'Time between the two in seconds.';
COMMENT ON COLUMN menuca_figure_execution.executed_by IS
'Session user who executed it.';
COMMENT ON COLUMN menuca_figure_execution.sets_gate IS
'True when one of its options changes what a gate accepts.';
COMMENT ON COLUMN menuca_figure_execution.forced IS
'True when it overrode a gate.';
COMMENT ON COLUMN menuca_figure_execution.reason IS
'Reason that the call gave; NULL without one.';
COMMENT ON COLUMN menuca_figure_execution.run_ids IS
'Runs in the ledger that it made.';
COMMENT ON COLUMN menuca_figure_execution.backup_label IS
'Label of the backup that counted; NULL when none did.';
COMMENT ON COLUMN menuca_figure_execution.superseded_by IS
'The next execution of the same ticket; NULL for the newest one.';
