--
-- When the monitor is due
--

CREATE FUNCTION menuca_seating_begun()
RETURNS timestamptz
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_begun() IS
'When seating was deployed (menuca_seating_guarantee) or a stage of its rollout began last; NULL when it never was. Read only.';

-- The runbook's schedule; days and months are those of UTC, so that it is the same in each session.
CREATE FUNCTION menuca_seating_schedule(
	begun timestamptz,
	at timestamptz DEFAULT pg_catalog.now(),
	OUT task_no integer,
	OUT task text,
	OUT every interval,
	OUT from_at timestamptz,
	OUT until timestamptz,
	OUT days integer,
	OUT state text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT p.task_no, p.task, p.every, b.from_at, b.until, p.days,
		CASE WHEN at < b.from_at THEN 'later' WHEN at >= b.until THEN 'over' ELSE 'now' END
	FROM (VALUES
		(1, 'first hour', interval '5 minutes', interval '0', interval '1 hour', 1),
		(2, 'next three hours', interval '15 minutes', interval '1 hour', interval '4 hours', 1),
		(3, 'next 24 hours', interval '1 hour', interval '4 hours', interval '28 hours', 1),
		(4, 'days 2 and 3', interval '4 hours', interval '28 hours', interval '72 hours', 1),
		(5, 'days 4 to 7', interval '1 day', interval '72 hours', interval '168 hours', 1),
		(6, 'daily report', interval '1 day', interval '168 hours', NULL, 1),
		(7, 'weekly review', interval '7 days', interval '168 hours', NULL, 7),
		(8, 'monthly deep dive', interval '1 month', interval '168 hours', NULL, 30))
		p(task_no, task, every, since, until, days),
		LATERAL (SELECT begun + p.since AS from_at, begun + p.until AS until) b
	WHERE begun IS NOT NULL
	ORDER BY p.task_no;
END;

COMMENT ON FUNCTION menuca_seating_schedule(timestamptz, timestamptz) IS
'The schedule of the runbook for what begun then: how often the monitor is due, from when on and until when (NULL: for good), over how many days, and whether that is over, now or later at the time at. No row without begun.';

CREATE FUNCTION menuca_seating_due_after(
	last_at timestamptz,
	every interval)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (last_at AT TIME ZONE 'UTC' + every) AT TIME ZONE 'UTC';

COMMENT ON FUNCTION menuca_seating_due_after(timestamptz, interval) IS
'When something that is due that often is due again; days and months are those of UTC.';

CREATE FUNCTION menuca_seating_due(
	OUT task text,
	OUT every interval,
	OUT until timestamptz,
	OUT last_at timestamptz,
	OUT due_at timestamptz,
	OUT late boolean,
	OUT statement text)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT s.task, s.every, s.until, r.last_at, d.due_at, d.due_at < pg_catalog.now(),
		pg_catalog.format('SELECT * FROM %s.menuca_seating_record_monitor(%s);', x.schema, s.days)
	FROM (SELECT pg_catalog.quote_ident(n.nspname) AS schema FROM pg_catalog.pg_extension e
			JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'menuca_seating') x,
		@extschema@.menuca_seating_schedule(@extschema@.menuca_seating_begun(), pg_catalog.now()) s,
		LATERAL (SELECT pg_catalog.max(m.taken_at) AS last_at FROM @extschema@.menuca_seating_monitor_run m
			WHERE m.restaurant_id IS NULL AND m.days >= s.days) r,
		LATERAL (SELECT GREATEST(s.from_at, @extschema@.menuca_seating_due_after(r.last_at, s.every)) AS due_at) d
	WHERE s.state <> 'over'
	ORDER BY s.task_no;
END;

COMMENT ON FUNCTION menuca_seating_due() IS
'When the monitor is due by the schedule of the runbook, since seating was deployed or rolled out last: what is now and later, with the latest run over all restaurants and as many days or more, when the next one is due, whether it is late, and the call. No row before the first deployment. Read only.';

REVOKE ALL ON FUNCTION menuca_seating_begun() FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_schedule(timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_due_after(timestamptz, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_due() FROM PUBLIC;
