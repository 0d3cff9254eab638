--
-- What people say of it, and how it goes
--

CREATE TABLE menuca_seating_note_list (
	note_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL,
	note text NOT NULL,
	good boolean,
	restaurant_id uuid,
	noted_by text NOT NULL DEFAULT session_user,
	noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_seating_note_list IS
'What people said of seating, by menuca_seating_note().';
COMMENT ON COLUMN menuca_seating_note_list.note_no IS
'Number of the note.';
COMMENT ON COLUMN menuca_seating_note_list.kind IS
'ticket (of support), feedback (of guests or staff) or learning.';
COMMENT ON COLUMN menuca_seating_note_list.note IS
'What was said.';
COMMENT ON COLUMN menuca_seating_note_list.good IS
'Of feedback, whether it is good; otherwise NULL.';
COMMENT ON COLUMN menuca_seating_note_list.restaurant_id IS
'The restaurant that it is about; NULL for all.';
COMMENT ON COLUMN menuca_seating_note_list.noted_by IS
'Session user who entered it.';
COMMENT ON COLUMN menuca_seating_note_list.noted_at IS
'When it was entered.';

CREATE FUNCTION menuca_seating_note(
	kind text,
	note text,
	good boolean DEFAULT NULL,
	restaurant uuid DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_note(text, text, boolean, uuid) IS
'Enters what people say of seating: a ticket of support, feedback and whether it is good, or a learning. menuca_seating_status() counts them since the last stage began. Returns the note''s number.';

CREATE FUNCTION menuca_seating_reach(
	OUT restaurants bigint,
	OUT restaurants_in bigint)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_reach() IS
'How many restaurants there are, and how many of them the rollout has reached. Read only.';

-- The runbook's criteria of success, which it judges 48 hours after the last stage.
CREATE FUNCTION menuca_seating_success(
	OUT criterion_no integer,
	OUT criterion text,
	OUT status text,
	OUT expected text,
	OUT actual text)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH begun AS (
		SELECT b.at, pg_catalog.clock_timestamp() - b.at AS age,
			LEAST(7, GREATEST(1, pg_catalog.ceil(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - b.at) / 86400)))::integer AS days
		FROM (SELECT @extschema@.menuca_seating_begun() AS at) b
	), monitor AS MATERIALIZED (
		SELECT m.* FROM begun b, LATERAL @extschema@.menuca_seating_monitor(COALESCE(b.days, 1)) m WHERE m.name <> 'summary'
	), note AS (
		SELECT pg_catalog.count(*) FILTER (WHERE n.kind = 'ticket') AS tickets,
			pg_catalog.count(*) FILTER (WHERE n.kind = 'feedback' AND n.good) AS good,
			pg_catalog.count(*) FILTER (WHERE n.kind = 'feedback' AND NOT n.good) AS bad
		FROM @extschema@.menuca_seating_note_list n, begun b WHERE n.noted_at >= b.at
	)
	SELECT 1, '48 hours have passed', CASE WHEN b.age >= interval '48 hours' THEN 'PASS' ELSE 'WAIT' END, 'since the last stage or deployment',
		COALESCE(pg_catalog.justify_hours(pg_catalog.date_trunc('minute', b.age))::text, 'nothing has begun') FROM begun b
	UNION ALL
	SELECT 2, 'no critical error', CASE WHEN pg_catalog.count(*) = 0 THEN 'PASS' ELSE 'FAIL' END, 'no check of the monitor fails',
		COALESCE(pg_catalog.string_agg(m.name || ' ' || m.status, ', ' ORDER BY m.check_no), 'none') FROM monitor m WHERE m.status IN ('FAIL', 'ERROR')
	UNION ALL
	SELECT c.no, c.criterion, CASE WHEN m.status IN ('PASS', 'SKIP') THEN m.status WHEN m.status IS NULL THEN 'SKIP' ELSE 'FAIL' END, m.expected, m.actual
	FROM (VALUES (3, 'usage'), (4, 'success'), (5, 'orphans'), (6, 'latency')) c(no, criterion) LEFT JOIN monitor m ON m.name = c.criterion
	UNION ALL
	SELECT 7, 'feedback', CASE WHEN n.good + n.bad = 0 THEN 'SKIP' WHEN n.good > n.bad THEN 'PASS' ELSE 'FAIL' END, 'more good than bad',
		CASE WHEN n.good + n.bad = 0 THEN 'nobody has entered any' ELSE pg_catalog.format('%s good, %s bad', n.good, n.bad) END FROM note n
	UNION ALL
	SELECT 8, 'tickets', CASE WHEN n.tickets < 5 THEN 'PASS' ELSE 'FAIL' END, 'fewer than 5 of support', n.tickets::text FROM note n
	ORDER BY 1;
END;

COMMENT ON FUNCTION menuca_seating_success() IS
'The runbook''s criteria of success since the last stage or deployment began: PASS, FAIL, SKIP without data, WAIT while it is too early. Read only.';

CREATE FUNCTION menuca_seating_status(
	OUT stage_no bigint,
	OUT stage text,
	OUT begun_at timestamptz,
	OUT restaurants bigint,
	OUT restaurants_in bigint,
	OUT usage text,
	OUT success text,
	OUT orphans text,
	OUT latency text,
	OUT tickets text,
	OUT feedback text,
	OUT verdict text,
	OUT reasons text,
	OUT announcement text,
	OUT next_step text)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH latest AS (
		SELECT g.* FROM (SELECT) one LEFT JOIN (SELECT * FROM @extschema@.menuca_seating_stage ORDER BY stage_no DESC LIMIT 1) g ON true
	), reach AS (
		SELECT * FROM @extschema@.menuca_seating_reach()
	), criterion AS MATERIALIZED (
		SELECT * FROM @extschema@.menuca_seating_success()
	), figure AS (
		SELECT pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'usage') AS usage,
			pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'success') AS success,
			pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'orphans') AS orphans,
			pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'latency') AS latency,
			pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'tickets') AS tickets,
			pg_catalog.max(c.actual) FILTER (WHERE c.criterion = 'feedback') AS feedback,
			pg_catalog.bool_or(c.criterion_no = 2 AND c.status = 'FAIL') AS has_critical,
			pg_catalog.bool_or(c.status = 'WAIT') AS is_early,
			pg_catalog.bool_and(c.status = 'PASS') AS is_success,
			pg_catalog.string_agg(pg_catalog.format('%s: %s (expected: %s)', c.criterion, c.actual, c.expected), '; ' ORDER BY c.criterion_no)
				FILTER (WHERE c.status <> 'PASS') AS reasons
		FROM criterion c
	), judged AS (
		SELECT l.stage_no AS no, l.begun_at, r.*, f.*,
			CASE
				WHEN l.stage_no IS NULL THEN 'no rollout: all restaurants'
				WHEN l.percent >= 100 THEN 'all restaurants'
				WHEN l.percent > 0 THEN pg_catalog.format('%s %% of the restaurants', pg_catalog.trim_scale(l.percent))
				WHEN pg_catalog.cardinality(l.restaurant_ids) > 0 THEN pg_catalog.format('%s named', pg_catalog.cardinality(l.restaurant_ids))
				ELSE 'no restaurant'
			END AS stage,
			CASE
				WHEN l.action = 'rollback' THEN 'ROLLED BACK'
				WHEN f.has_critical THEN 'NO-GO'
				WHEN l.stage_no IS NULL THEN 'NOT BEGUN'
				WHEN r.restaurants_in < r.restaurants THEN 'IN PROGRESS'
				WHEN f.is_early THEN 'WATCHING'
				WHEN f.is_success THEN 'SUCCESS'
				ELSE 'NOT YET'
			END AS verdict
		FROM latest l, reach r, figure f
	)
	SELECT j.no, j.stage, j.begun_at, j.restaurants, j.restaurants_in, j.usage, j.success, j.orphans, j.latency, j.tickets, j.feedback,
		j.verdict, j.reasons,
		CASE j.verdict
			WHEN 'NOT BEGUN' THEN 'Seating will assign several dining tables to large parties, restaurant by restaurant. Expect bookings with several dining tables from the first stage on.'
			WHEN 'ROLLED BACK' THEN pg_catalog.format('Seating was rolled back on %s: bookings get single dining tables again; combinations that are assigned stay.', j.begun_at AT TIME ZONE 'UTC')
			WHEN 'NO-GO' THEN pg_catalog.format('Issue with seating (%s): %s. Rollback: not yet; level 1 takes effect at once.', j.stage, j.reasons)
			WHEN 'SUCCESS' THEN pg_catalog.format('Seating is deployed successfully for all %s restaurants. Combinations: %s. Success: %s.', j.restaurants, j.usage, j.success)
			ELSE pg_catalog.format('Seating has reached %s of %s restaurants (%s) since %s UTC. Combinations: %s. Success: %s. Orphans: %s.', j.restaurants_in, j.restaurants, j.stage,
				pg_catalog.date_trunc('minute', j.begun_at AT TIME ZONE 'UTC'), COALESCE(j.usage, 'not known'), COALESCE(j.success, 'not known'), COALESCE(j.orphans, 'not known'))
		END,
		x.schema || CASE j.verdict
			WHEN 'NOT BEGUN' THEN pg_catalog.format('.menuca_seating_rollout(restaurant => (SELECT id FROM %I.restaurants ORDER BY %s.menuca_seating_share(id) LIMIT 1));',
				pg_catalog.current_setting('menuca.seating_schema'), x.name)
			WHEN 'ROLLED BACK' THEN '.menuca_seating_rollback(1, undo => true);'
			WHEN 'NO-GO' THEN '.menuca_seating_monitor();'
			WHEN 'IN PROGRESS' THEN pg_catalog.format('.menuca_seating_rollout(%s);', CASE WHEN l.percent < 10 THEN 10 WHEN l.percent < 50 THEN 50 ELSE 100 END)
			WHEN 'WATCHING' THEN '.menuca_seating_due();'
			WHEN 'SUCCESS' THEN '.menuca_seating_due();'
			ELSE '.menuca_seating_success();'
		END
	FROM judged j, latest l, (SELECT 'SELECT * FROM ' || pg_catalog.quote_ident(n.nspname) AS schema, pg_catalog.quote_ident(n.nspname) AS name FROM pg_catalog.pg_extension e
		JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'menuca_seating') x;
END;

COMMENT ON FUNCTION menuca_seating_status() IS
'Where the rollout is: its stage and reach, the figures since it began, the verdict (NOT BEGUN, IN PROGRESS, WATCHING for 48 hours, then SUCCESS or NOT YET; NO-GO while a check of the monitor fails; ROLLED BACK) with what it is for, a text to send to those who wait for it, and the next call. Read only.';

SELECT pg_catalog.pg_extension_config_dump('menuca_seating_note_list', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_note_list_note_no_seq', '');

REVOKE ALL ON FUNCTION menuca_seating_note(text, text, boolean, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_reach() FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_success() FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_status() FROM PUBLIC;
