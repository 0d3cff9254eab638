--
-- When to roll back: what was rehearsed, and the figures of the triggers
--

CREATE VIEW menuca_rehearsal WITH (security_invoker = true) AS
SELECT o.rollback_option,
	pg_catalog.round(COALESCE(
		CASE WHEN pg_catalog.jsonb_typeof(v.minutes -> o.rollback_option) = 'number'
			THEN (v.minutes ->> o.rollback_option)::numeric END,
		EXTRACT(epoch FROM r.took) / 60), 2) AS minutes,
	CASE WHEN pg_catalog.jsonb_typeof(v.minutes -> o.rollback_option) = 'number' THEN 'staging'
		WHEN r.took IS NOT NULL THEN 'here'
	END AS rehearsed_on,
	CASE WHEN pg_catalog.jsonb_typeof(v.minutes -> o.rollback_option) = 'number' THEN v.exported_at
		WHEN r.took IS NOT NULL THEN r.rehearsed_at
	END AS rehearsed_at
FROM (VALUES (1, 'items'), (2, 'indexes'), (3, 'access'), (4, 'snapshot'), (5, 'restore')) o(place, rollback_option)
LEFT JOIN LATERAL (
	-- all kinds of runs that were rolled back, each the newest time
	SELECT pg_catalog.sum(k.rollback_took) AS took, pg_catalog.max(k.rolled_back_at) AS rehearsed_at
	FROM (SELECT DISTINCT ON (u.kind, u.target_schema, u.target) u.rollback_took, u.rolled_back_at
		  FROM @extschema@.menuca_run u
		  WHERE u.rollback_took IS NOT NULL AND u.part_of IS NULL
		  ORDER BY u.kind, u.target_schema, u.target, u.run_id DESC) k
	WHERE o.rollback_option = 'items'
	UNION ALL
	SELECT pg_catalog.max(i.drop_took), pg_catalog.max(i.dropped_at)
	FROM @extschema@.menuca_created_index i
	WHERE o.rollback_option = 'indexes'
	UNION ALL
	SELECT pg_catalog.max(a.undo_took), pg_catalog.max(a.undone_at)
	FROM @extschema@.menuca_access_deployment a
	WHERE o.rollback_option = 'access'
	UNION ALL
	SELECT s.took, s.restored_at
	FROM (SELECT n.took, n.restored_at FROM @extschema@.menuca_snapshot_restore n
		  WHERE n.took IS NOT NULL
		  ORDER BY n.restore_no DESC LIMIT 1) s
	WHERE o.rollback_option = 'snapshot'
	UNION ALL
	SELECT pg_catalog.make_interval(secs => b.seconds), b.finished
	FROM (SELECT (d.details ->> 'drill_seconds')::double precision AS seconds, d.finished
		  FROM @extschema@.menuca_backups d
		  WHERE d.restored_once AND d.of_this_database AND pg_catalog.jsonb_typeof(d.details -> 'drill_seconds') = 'number'
		  ORDER BY d.finished DESC, d.backup_no DESC LIMIT 1) b
	WHERE o.rollback_option = 'restore') r ON r.took IS NOT NULL
LEFT JOIN LATERAL (
	SELECT d.document -> 'rehearsals' AS minutes, d.imported_at AS exported_at
	FROM @extschema@.menuca_imported_verdict d
	ORDER BY d.verdict_id DESC LIMIT 1) v ON true
ORDER BY o.place;

COMMENT ON VIEW menuca_rehearsal IS
'How long each way back took when it was rehearsed, one row per option: as staging''s imported verdict says, and otherwise by the ledgers and the newest drill of a backup here.';
COMMENT ON COLUMN menuca_rehearsal.rollback_option IS
'items (runs were rolled back), indexes, access, snapshot or restore (the whole database, by menuca-backup --drill).';
COMMENT ON COLUMN menuca_rehearsal.minutes IS
'Minutes that it took; of items the sum over the kinds of runs. NULL when it was never rehearsed, as the next columns.';
COMMENT ON COLUMN menuca_rehearsal.rehearsed_on IS
'staging when the imported verdict says so, here when it was done in this database.';
COMMENT ON COLUMN menuca_rehearsal.rehearsed_at IS
'When it was done here, or when the verdict was imported.';

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
