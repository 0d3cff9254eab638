--
-- The one call to make now, and whether to roll back
--

CREATE FUNCTION menuca_next(
	OUT state text,
	OUT next_step text,
	OUT why text,
	OUT changes text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_next() IS
'The one call to make now, after a look at everything: the platform''s tables, open runs, and then the tickets, where this database is registered, or else the source, the decision, dry runs of the fixes, backups and the validation. state says where the repair is, next_step is the call (NULL when there is nothing to call), why the reason with figures, changes what the call will change. Whatever cannot be looked at is said in the row. Read only.';

CREATE FUNCTION menuca_rollback_guide(
	OUT "position" integer,
	OUT what text,
	OUT statement text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_rollback_guide() IS
'The calls that undo what the runbook has done so far, the most recent thing first; in the copy of a hosted production, first those that return the files of a rollback there. Read only.';

CREATE FUNCTION menuca_failing_since(environment_id bigint, check_name text)
RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT pg_catalog.min(x.started_at)
	FROM @extschema@.menuca_ticket_check c
	JOIN @extschema@.menuca_ticket_execution x USING (execution_id)
	WHERE x.environment_id = menuca_failing_since.environment_id
		AND c.name = menuca_failing_since.check_name
		AND c.status IN ('FAIL', 'ERROR')
		AND x.execution_id > COALESCE((
			SELECT pg_catalog.max(g.execution_id)
			FROM @extschema@.menuca_ticket_check g
			JOIN @extschema@.menuca_ticket_execution y USING (execution_id)
			WHERE y.environment_id = menuca_failing_since.environment_id
				AND g.name = menuca_failing_since.check_name
				AND g.status IN ('PASS', 'WARN')), 0);
END;

COMMENT ON FUNCTION menuca_failing_since(bigint, text) IS
'When a ticket found first that a check fails, after it last passed: a lower bound of how long that has been so. NULL when no ticket has recorded it.';

CREATE VIEW menuca_orphan_change WITH (security_invoker = true) AS
SELECT r.target_schema,
	r.target,
	r.orphan_pct_before,
	r.finished_at AS fixed_at,
	o.groups,
	o.orphan_pct,
	o.band,
	a.bound AS accepted_pct
FROM (SELECT DISTINCT ON (u.target) u.target_schema, u.target, u.orphan_pct_before, u.finished_at
	  FROM @extschema@.menuca_runs u
	  WHERE u.target_schema = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3')
		  AND u.status = 'completed' AND u.inserted > 0 AND u.orphan_pct_before IS NOT NULL
	  ORDER BY u.target, u.run_id) r
CROSS JOIN LATERAL @extschema@.menuca_orphan_rate(target => r.target) o
LEFT JOIN LATERAL (
	SELECT x.bound
	FROM @extschema@.menuca_acceptance_in_effect x
	WHERE x.figure = 'orphan_rate' AND x.target_schema = r.target_schema AND x.target = r.target
	ORDER BY x.acceptance_id DESC
	LIMIT 1) a ON true;

COMMENT ON VIEW menuca_orphan_change IS
'The orphan rate now, next to the one before the first fix that is in force, one row per table that was fixed.';
COMMENT ON COLUMN menuca_orphan_change.target_schema IS
'Schema of the table: the setting menuca.target_schema.';
COMMENT ON COLUMN menuca_orphan_change.target IS
'Name of the table that was fixed, such as combo_items.';
COMMENT ON COLUMN menuca_orphan_change.orphan_pct_before IS
'Groups without items, in percent of all groups, before the first fix that was not rolled back.';
COMMENT ON COLUMN menuca_orphan_change.fixed_at IS
'When that fix ended.';
COMMENT ON COLUMN menuca_orphan_change.groups IS
'Groups now.';
COMMENT ON COLUMN menuca_orphan_change.orphan_pct IS
'Groups without items now, in percent of them.';
COMMENT ON COLUMN menuca_orphan_change.band IS
'EXCELLENT, PASS, WARNING or FAIL, of that rate.';
COMMENT ON COLUMN menuca_orphan_change.accepted_pct IS
'The greatest rate that a person has accepted; NULL when nobody has.';

CREATE FUNCTION menuca_query_slowdown(
	OUT query text,
	OUT restaurant_id bigint,
	OUT before_ms numeric,
	OUT now_ms numeric,
	OUT before_at timestamptz)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT b.query, b.restaurant_id, b.median_ms, n.median_ms, b.measured_at
	FROM (SELECT m.query, m.restaurant_id, m.median_ms, m.measured_at
		  FROM @extschema@.menuca_query_measurement m
		  WHERE m.label = 'before' AND m.query = 'menu'
			  AND m.target_schema = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3')
		  ORDER BY m.measurement_no DESC
		  LIMIT 1) b
	JOIN LATERAL @extschema@.menuca_measure_queries(b.restaurant_id) n ON n.query = b.query
	WHERE n.median_ms IS NOT NULL
	UNION ALL
	-- before the fix, the combos' query is measured without the items that it is about
	SELECT c.query, c.restaurant_id, c.before_ms, c.after_ms, c.before_at
	FROM @extschema@.menuca_query_comparison c
	WHERE c.query <> 'menu' AND c.before_rows = c.after_rows
		AND c.target_schema = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3');
END;

COMMENT ON FUNCTION menuca_query_slowdown() IS
'How long the menu query takes now, for the restaurant that it was measured for before the changes (menuca_record_queries(''before'')), and how long the combo query took after them, where it returned as many rows. No row of what was not measured.';

CREATE FUNCTION menuca_rollback_advice(
	OUT "trigger" text,
	OUT figure text,
	OUT threshold text,
	OUT since timestamptz,
	OUT advice text,
	OUT rollback_option text,
	OUT calls text[],
	OUT rehearsed_minutes numeric,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_rollback_advice() IS
'Whether to roll back, one row per trigger of the tickets and the checklist: the figure now, its threshold, since when it is known, IMMEDIATE, CONSIDER, NONE, or UNKNOWN with the reason when the figure cannot be had; what to roll back (items, indexes, access, snapshot or restore), its calls in order, and the minutes that its rehearsal took. Everything that it tries is undone.';

REVOKE ALL ON FUNCTION menuca_rollback_advice() FROM PUBLIC;
