--
-- What is wanted of seating, and what is an alert
--

CREATE VIEW menuca_seating_target WITH (security_invoker = true) AS
SELECT t.name::text, t.unit::text, t.target_from::numeric, t.target_to::numeric, t.target_strict::boolean,
	t.alert_below::numeric, t.alert_above::numeric, t.source::text
FROM (VALUES
	(1, 'usage', '% of seated bookings', 5, 15, false, 2, 30, 'runbook, November 2025'),
	(2, 'success', '% of attempted bookings', 90, NULL, true, 80, NULL, 'runbook, November 2025'),
	(3, 'tables', 'dining tables on average', NULL, 2, false, NULL, NULL, 'advice of the original''s monitor'),
	(4, 'orphans', 'bookings', NULL, 0, false, NULL, 0, 'runbook, November 2025: critical'),
	(5, 'pending_zone_lock', 'bookings', NULL, 0, false, NULL, NULL, 'the original''s monitor: a warning'),
	(6, 'zone_conflicts', 'a day', NULL, 0, false, NULL, 5, 'runbook, November 2025'),
	(7, 'overlaps', 'assignments', NULL, 0, false, NULL, 0, 'two parties at one dining table'),
	(8, 'seated_without_table', 'bookings', NULL, 0, false, NULL, 0, 'guests at a dining table that counts as free'),
	(9, 'confirmed_without_zone', 'bookings', NULL, 0, false, NULL, NULL, 'the original''s monitor, without a limit'),
	(10, 'dominated', 'bookings', NULL, 0, false, NULL, NULL, 'a warning alone: those of an earlier program would bar the rollout that ends them'),
	(11, 'latency', 's on average', NULL, 10, true, NULL, 15, 'runbook, November 2025'),
	(12, 'unswept_holds', 'holds', NULL, 0, false, NULL, NULL, 'they bar nobody here'),
	(13, 'unreadable', 'bookings', NULL, 0, false, NULL, NULL, 'no dining tables can be found for them'))
	t(target_no, name, unit, target_from, target_to, target_strict, alert_below, alert_above, source)
ORDER BY t.target_no;

COMMENT ON VIEW menuca_seating_target IS
'Targets and alerts of menuca_seating_monitor(): a figure within the target is PASS, outside of it WARN, beyond an alert FAIL.';
COMMENT ON COLUMN menuca_seating_target.name IS
'The check.';
COMMENT ON COLUMN menuca_seating_target.unit IS
'What its figure counts.';
COMMENT ON COLUMN menuca_seating_target.target_from IS
'The least figure within the target; NULL for none.';
COMMENT ON COLUMN menuca_seating_target.target_to IS
'The greatest figure within the target; NULL for none.';
COMMENT ON COLUMN menuca_seating_target.target_strict IS
'True when target_from and target_to are themselves outside of the target.';
COMMENT ON COLUMN menuca_seating_target.alert_below IS
'A figure below this is an alert; NULL for none.';
COMMENT ON COLUMN menuca_seating_target.alert_above IS
'A figure above this is an alert; NULL for none.';
COMMENT ON COLUMN menuca_seating_target.source IS
'Who says so, or why.';

--
-- The monitor
--

CREATE FUNCTION menuca_seating_monitor(
	days integer DEFAULT 7,
	restaurant uuid DEFAULT NULL,
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

COMMENT ON FUNCTION menuca_seating_monitor(integer, uuid) IS
'Seating in figures, one row per check as in menuca_validate: PASS within the target of menuca_seating_target, WARN outside of it, FAIL beyond an alert, SKIP without data; the last row is the summary. It looks at bookings that start days times 24 hours before now or later, and at attempts since then, of a restaurant or of all. metadata has the raw figures. Read only.';

--
-- The same figures as rows
--

CREATE FUNCTION menuca_seating_figures_by_day(
	days integer DEFAULT 7,
	restaurant uuid DEFAULT NULL,
	OUT service_day date,
	OUT bookings bigint,
	OUT cancelled bigint,
	OUT seated bigint,
	OUT combinations bigint,
	OUT usage_pct numeric,
	OUT no_single_table bigint,
	OUT attempts bigint,
	OUT attempted bigint,
	OUT succeeded bigint,
	OUT success_pct numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_figures_by_day(integer, uuid) IS
'The bookings of menuca_seating_monitor() by the service day on which they start, on the restaurant''s clock: all; cancelled or no_show; seated, that is not cancelled and with dining tables; of these with several; not cancelled and for a party beyond each single dining table; attempts for them since then that count; bookings with such an attempt, and those whose latest one seats them. Read only.';

CREATE FUNCTION menuca_seating_figures_by_restaurant(
	days integer DEFAULT 7,
	OUT restaurant_id uuid,
	OUT restaurant_name text,
	OUT bookings bigint,
	OUT cancelled bigint,
	OUT seated bigint,
	OUT combinations bigint,
	OUT usage_pct numeric,
	OUT no_single_table bigint,
	OUT attempts bigint,
	OUT attempted bigint,
	OUT succeeded bigint,
	OUT success_pct numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_figures_by_restaurant(integer) IS
'The same by restaurant: the 20 with most bookings. Read only.';

CREATE FUNCTION menuca_seating_figures_combinations(
	days integer DEFAULT 7,
	restaurant uuid DEFAULT NULL,
	OUT restaurant_id uuid,
	OUT restaurant_name text,
	OUT table_numbers text[],
	OUT tables integer,
	OUT bookings bigint,
	OUT combinations_pct numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_figures_combinations(integer, uuid) IS
'The 20 commonest combinations of dining tables, with the bookings that had them, in percent of all bookings with several. Read only.';

--
-- Runs of the monitor
--

CREATE TABLE menuca_seating_monitor_run (
	run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	days integer NOT NULL,
	restaurant_id uuid,
	status text NOT NULL,
	summary text,
	rows jsonb NOT NULL,
	taken_by text NOT NULL DEFAULT session_user,
	taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_seating_monitor_run IS
'What menuca_seating_monitor() said, by menuca_seating_record_monitor() and menuca_seating_alert(). menuca_seating_due() says when it is late.';
COMMENT ON COLUMN menuca_seating_monitor_run.run_id IS
'Number of the run.';
COMMENT ON COLUMN menuca_seating_monitor_run.days IS
'The days that it looked at.';
COMMENT ON COLUMN menuca_seating_monitor_run.restaurant_id IS
'The restaurant; NULL for all.';
COMMENT ON COLUMN menuca_seating_monitor_run.status IS
'Status of the summary: PASS, WARN, FAIL or SKIP.';
COMMENT ON COLUMN menuca_seating_monitor_run.summary IS
'How many checks have which status.';
COMMENT ON COLUMN menuca_seating_monitor_run.rows IS
'All rows, in order, as an array of objects.';
COMMENT ON COLUMN menuca_seating_monitor_run.taken_by IS
'Session user who took it.';
COMMENT ON COLUMN menuca_seating_monitor_run.taken_at IS
'When it was taken.';

-- The monitor reads the attempts of some days; they are stored in their order.
CREATE INDEX menuca_seating_attempt_at ON @extschema@.menuca_seating_attempt USING brin (attempted_at) WITH (pages_per_range = 32);

CREATE FUNCTION menuca_seating_record_monitor(
	days integer DEFAULT 7,
	restaurant uuid DEFAULT NULL,
	OUT run_id bigint,
	OUT status text,
	OUT summary text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_record_monitor(integer, uuid) IS
'Calls menuca_seating_monitor() and writes what it said to menuca_seating_monitor_run, whatever it is.';

CREATE FUNCTION menuca_seating_alert(
	days integer DEFAULT 1,
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

COMMENT ON FUNCTION menuca_seating_alert(integer) IS
'For cron: the summary of menuca_seating_monitor(). Raises MC048 when a check has FAIL or ERROR, with a line for each in DETAIL and the next call in HINT; without data there is a notice. Where the transaction can write, the run is in menuca_seating_monitor_run, unless an error undoes it.';

SELECT pg_catalog.pg_extension_config_dump('menuca_seating_monitor_run', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_monitor_run_run_id_seq', '');

REVOKE ALL ON FUNCTION menuca_seating_monitor(integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_figures_by_day(integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_figures_by_restaurant(integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_figures_combinations(integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_record_monitor(integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_alert(integer) FROM PUBLIC;
