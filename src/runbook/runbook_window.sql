--
-- The maintenance window: when it was announced for, and whether new sessions of
-- the database are read-only during it
--

CREATE TABLE menuca_window (
	window_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	starts_at timestamptz NOT NULL,
	ends_at timestamptz NOT NULL,
	note text,
	announced_by text NOT NULL DEFAULT session_user,
	announced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CHECK (starts_at < ends_at)
);

COMMENT ON TABLE menuca_window IS
'The maintenance windows that were announced by menuca_announce_window(); the newest one of an environment counts.';
COMMENT ON COLUMN menuca_window.window_id IS
'Number of the announcement.';
COMMENT ON COLUMN menuca_window.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_window.starts_at IS
'When the window begins.';
COMMENT ON COLUMN menuca_window.ends_at IS
'When the window ends.';
COMMENT ON COLUMN menuca_window.note IS
'What the caller added; NULL for nothing.';
COMMENT ON COLUMN menuca_window.announced_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_window.announced_at IS
'When it was recorded.';

CREATE TABLE menuca_read_only_change (
	change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	turned_on boolean NOT NULL,
	value_before text,
	value_after text,
	sessions bigint NOT NULL,
	tried text NOT NULL,
	changed_by text NOT NULL DEFAULT session_user,
	changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_read_only_change IS
'Every real call of menuca_read_only() that changed something; the newest one of an environment says whether there is something to undo.';
COMMENT ON COLUMN menuca_read_only_change.change_id IS
'Number of the change.';
COMMENT ON COLUMN menuca_read_only_change.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_read_only_change.turned_on IS
'True when new sessions became read-only, false when that was undone.';
COMMENT ON COLUMN menuca_read_only_change.value_before IS
'The database''s own value of default_transaction_read_only before the change; NULL when it had none.';
COMMENT ON COLUMN menuca_read_only_change.value_after IS
'The same after the change.';
COMMENT ON COLUMN menuca_read_only_change.sessions IS
'Other client sessions that were connected then, and that keep what they had.';
COMMENT ON COLUMN menuca_read_only_change.tried IS
'What a write of the tenants'' role came to.';
COMMENT ON COLUMN menuca_read_only_change.changed_by IS
'Session user who called it.';
COMMENT ON COLUMN menuca_read_only_change.changed_at IS
'When it was recorded.';

SELECT pg_catalog.pg_extension_config_dump('menuca_window', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_window_window_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_read_only_change', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_read_only_change_change_id_seq', '');

CREATE VIEW menuca_read_only_state WITH (security_invoker = true) AS
SELECT e.environment_id,
	s.value,
	COALESCE(pg_catalog.lower(s.value) IN ('on', 'true', 'yes', '1'), false) AS is_on,
	COALESCE(c.turned_on, false) AS can_undo,
	CASE WHEN c.turned_on THEN c.value_before END AS value_before,
	CASE WHEN c.turned_on THEN c.changed_by END AS turned_on_by,
	CASE WHEN c.turned_on THEN c.changed_at END AS turned_on_at,
	(SELECT pg_catalog.string_agg(pg_catalog.format('%s (%s)', pg_catalog.quote_ident(r.rolname), o.option_value), ', '
								  ORDER BY r.rolname, d.setdatabase)
	 FROM pg_catalog.pg_db_role_setting d
	 JOIN pg_catalog.pg_roles r ON r.oid = d.setrole
	 CROSS JOIN LATERAL pg_catalog.pg_options_to_table(d.setconfig) o
	 WHERE o.option_name = 'default_transaction_read_only'
		 AND d.setdatabase IN (0, (SELECT b.oid FROM pg_catalog.pg_database b
								   WHERE b.datname = pg_catalog.current_database()))) AS other_roles
FROM @extschema@.menuca_registered_environment e
LEFT JOIN LATERAL (
	SELECT o.option_value AS value
	FROM pg_catalog.pg_db_role_setting d
	JOIN pg_catalog.pg_database b ON b.oid = d.setdatabase AND b.datname = pg_catalog.current_database()
	CROSS JOIN LATERAL pg_catalog.pg_options_to_table(d.setconfig) o
	WHERE d.setrole = 0 AND o.option_name = 'default_transaction_read_only') s ON true
LEFT JOIN LATERAL (
	SELECT x.turned_on, x.value_before, x.changed_by, x.changed_at
	FROM @extschema@.menuca_read_only_change x
	WHERE x.environment_id = e.environment_id
	ORDER BY x.change_id DESC
	LIMIT 1) c ON true;

COMMENT ON VIEW menuca_read_only_state IS
'Whether new sessions of this database are read-only, one row per environment: what the catalog has now, and what menuca_read_only() can undo.';
COMMENT ON COLUMN menuca_read_only_state.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_read_only_state.value IS
'The database''s own value of default_transaction_read_only; NULL when it has none.';
COMMENT ON COLUMN menuca_read_only_state.is_on IS
'True when that value makes new sessions read-only.';
COMMENT ON COLUMN menuca_read_only_state.can_undo IS
'True when menuca_read_only() has turned it on and has not undone it.';
COMMENT ON COLUMN menuca_read_only_state.value_before IS
'The value that undoing gives back; NULL for none, and when there is nothing to undo, as the next two columns.';
COMMENT ON COLUMN menuca_read_only_state.turned_on_by IS
'Session user who turned it on.';
COMMENT ON COLUMN menuca_read_only_state.turned_on_at IS
'When it was turned on.';
COMMENT ON COLUMN menuca_read_only_state.other_roles IS
'Roles with a value of their own, which the database''s does not reach, as text; NULL for none.';

CREATE VIEW menuca_window_state WITH (security_invoker = true) AS
SELECT DISTINCT ON (w.environment_id)
	w.environment_id,
	w.window_id,
	w.starts_at,
	w.ends_at,
	w.note,
	w.announced_by,
	w.announced_at,
	CASE WHEN pg_catalog.clock_timestamp() < w.starts_at THEN 'before'
		WHEN pg_catalog.clock_timestamp() < w.ends_at THEN 'open'
		ELSE 'over'
	END AS state,
	pg_catalog.format('%s to %s (%s to %s UTC)', w.starts_at, w.ends_at,
		pg_catalog.to_char(w.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
		pg_catalog.to_char(w.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')) AS times,
	w.starts_at - w.announced_at >= INTERVAL '24 hours' AS announced_a_day_before
FROM @extschema@.menuca_window w
ORDER BY w.environment_id, w.window_id DESC;

COMMENT ON VIEW menuca_window_state IS
'The newest announced window of each environment, and where the clock is.';
COMMENT ON COLUMN menuca_window_state.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_window_state.window_id IS
'Number of the announcement.';
COMMENT ON COLUMN menuca_window_state.starts_at IS
'When the window begins.';
COMMENT ON COLUMN menuca_window_state.ends_at IS
'When the window ends.';
COMMENT ON COLUMN menuca_window_state.note IS
'What the caller added; NULL for nothing.';
COMMENT ON COLUMN menuca_window_state.announced_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_window_state.announced_at IS
'When it was recorded.';
COMMENT ON COLUMN menuca_window_state.state IS
'before, open or over.';
COMMENT ON COLUMN menuca_window_state.times IS
'Begin and end in the session''s time zone and in UTC, as text.';
COMMENT ON COLUMN menuca_window_state.announced_a_day_before IS
'True when it was recorded at least 24 hours before it begins.';

CREATE FUNCTION menuca_announce_window(
	starts_at timestamptz,
	ends_at timestamptz,
	note text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_announce_window(timestamptz, timestamptz, text) IS
'Records when this environment''s maintenance window begins and ends; returns it in the session''s time zone and in UTC. The newest one counts: tickets 6 to 9 say with a WARN when they are executed outside it, and are never refused for it.';

REVOKE ALL ON FUNCTION menuca_announce_window(timestamptz, timestamptz, text) FROM PUBLIC;

CREATE FUNCTION menuca_read_only(
	"on" boolean,
	dry_run boolean DEFAULT true,
	OUT dry_run boolean,
	OUT status text,
	OUT database_name text,
	OUT value_before text,
	OUT value_after text,
	OUT sessions bigint,
	OUT tried text,
	OUT detail text,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_read_only(boolean, boolean) IS
'Makes new sessions of this database read-only (ALTER DATABASE ... SET default_transaction_read_only), or gives back what the database had before; by default a dry run. A write of the tenants'' role is tried with the setting, and must be refused. status: planned, on, off or unchanged. Sessions that are connected keep what they had; sessions is their number. It is recorded; the caller must own the database. What has to write in such a session begins with SET default_transaction_read_only = off.';

REVOKE ALL ON FUNCTION menuca_read_only(boolean, boolean) FROM PUBLIC;

--
-- What a change did to the sessions beside it, by samples from before and after
--

CREATE FUNCTION menuca_impact_figures(
	environment_id bigint,
	ticket integer,
	OUT metric text,
	OUT ticket_no integer,
	OUT finished_at timestamptz,
	OUT samples_before bigint,
	OUT values_before bigint,
	OUT mean double precision,
	OUT deviation double precision,
	OUT right_after double precision,
	OUT right_after_at timestamptz,
	OUT later double precision,
	OUT later_at timestamptz,
	OUT newest double precision,
	OUT sessions_hidden boolean)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH change AS (
		SELECT x.ticket_no, x.started_at, x.finished_at
		FROM @extschema@.menuca_ticket_execution x
		WHERE x.environment_id = menuca_impact_figures.environment_id
			AND x.ticket_no IN (2, 3, 4, 7, 8, 9)
			AND x.ticket_no = COALESCE(menuca_impact_figures.ticket, x.ticket_no)
		ORDER BY x.execution_id DESC
		LIMIT 1),
	sample AS (
		SELECT s.*,
			CASE WHEN s.taken_at >= c.started_at AND s.taken_at < c.finished_at
				THEN COALESCE(s.moment, 'during')
				WHEN s.taken_at < c.started_at THEN 'before'
				ELSE 'after'
			END AS phase,
			s.taken_at >= c.finished_at + INTERVAL '5 minutes' AS is_later,
			-- counters that were reset in between have no difference
			CASE WHEN s.stats_reset IS NOT DISTINCT FROM pg_catalog.lag(s.stats_reset) OVER w
				THEN 100.0::double precision * (s.rollbacks - pg_catalog.lag(s.rollbacks) OVER w)
					/ NULLIF(s.commits - pg_catalog.lag(s.commits) OVER w + s.rollbacks - pg_catalog.lag(s.rollbacks) OVER w, 0)
			END AS rollback_pct
		FROM change c
		JOIN @extschema@.menuca_sample s ON s.environment_id = menuca_impact_figures.environment_id
			AND s.taken_at >= c.started_at - INTERVAL '24 hours'
		WINDOW w AS (ORDER BY s.taken_at, s.sample_id)),
	value AS (
		SELECT m.place, m.metric, s.phase, s.is_later, s.taken_at, s.hidden > 0 AS hidden, m.value
		FROM sample s
		CROSS JOIN LATERAL (VALUES
			(1, 'connections', s.connections::double precision),
			(2, 'combo_queries', s.combo_queries::double precision),
			(3, 'combo_query_ms', CASE WHEN s.combo_queries IS NOT NULL THEN COALESCE(s.combo_query_ms, 0) END),
			(4, 'rollbacks', s.rollback_pct),
			(5, 'waiting_locks', s.waiting_locks::double precision)) m(place, metric, value))
	SELECT m.metric,
		c.ticket_no,
		c.finished_at,
		(SELECT pg_catalog.count(*) FROM sample s WHERE s.phase = 'before'),
		pg_catalog.count(v.value) FILTER (WHERE v.phase = 'before'),
		pg_catalog.avg(v.value) FILTER (WHERE v.phase = 'before'),
		pg_catalog.stddev_samp(v.value) FILTER (WHERE v.phase = 'before'),
		(pg_catalog.array_agg(v.value ORDER BY v.taken_at) FILTER (WHERE v.phase = 'after'))[1],
		pg_catalog.min(v.taken_at) FILTER (WHERE v.phase = 'after'),
		(pg_catalog.array_agg(v.value ORDER BY v.taken_at) FILTER (WHERE v.is_later))[1],
		pg_catalog.min(v.taken_at) FILTER (WHERE v.is_later),
		(pg_catalog.array_agg(v.value ORDER BY v.taken_at DESC) FILTER (WHERE v.is_later))[1],
		COALESCE(pg_catalog.bool_or(v.hidden), false)
	FROM change c
	CROSS JOIN (VALUES (1, 'connections'), (2, 'combo_queries'), (3, 'combo_query_ms'), (4, 'rollbacks'), (5, 'waiting_locks')) m(place, metric)
	LEFT JOIN value v ON v.metric = m.metric
	GROUP BY m.place, m.metric, c.ticket_no, c.finished_at
	ORDER BY m.place;
END;

COMMENT ON FUNCTION menuca_impact_figures(bigint, integer) IS
'The figures that menuca_check_impact() judges, one row per metric, of the newest execution of that ticket (NULL: of the newest change): connections, combo_queries that were running, combo_query_ms (how long the oldest of them had been running), rollbacks in percent of the transactions since the sample before, waiting_locks. mean and deviation are those of the samples of the 24 hours before it; right_after is the first sample after it, later the first one at least 5 minutes after it, newest the last one. No row when there was no change; figures are NULL when there is no such sample.';

CREATE FUNCTION menuca_check_impact(
	ticket integer DEFAULT NULL,
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

COMMENT ON FUNCTION menuca_check_impact(integer) IS
'Whether a ticket that changes something (2, 3, 4, 7, 8 or 9; NULL: the newest one here) was felt by the sessions beside it: one row per check, as in menuca_validate. Each figure right after it, and at least 5 minutes after it, is compared with the mean of the samples from before plus three times their standard deviation. Fewer than five samples before are SKIP. Tickets 4, 7, 8 and 9 take one sample before and one after by themselves; the others are menuca_monitor_sample()''s. Read only.';
