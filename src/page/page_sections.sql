--
-- The sections of the report: each makes its body of the rows of its source, an array of
-- objects.  NULL means that there is nothing to show.
--

CREATE FUNCTION menuca_seating_report_check(rows jsonb, name text)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT r.row FROM pg_catalog.jsonb_array_elements(rows) AS r(row) WHERE r.row ->> 'name' = menuca_seating_report_check.name LIMIT 1;
END;

COMMENT ON FUNCTION menuca_seating_report_check(jsonb, text) IS
'The row of a check among the monitor''s rows; NULL when there is none of that name.';

CREATE FUNCTION menuca_seating_report_figure(value jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE pg_catalog.jsonb_typeof(value)
		WHEN 'number' THEN CASE WHEN pg_catalog.scale((value #>> '{}')::numeric) = 0
			THEN @extschema@.menuca_seating_report_number((value #>> '{}')::numeric) ELSE value #>> '{}' END
		WHEN 'array' THEN (SELECT pg_catalog.string_agg(e.element #>> '{}', ', ' ORDER BY e.place) FROM pg_catalog.jsonb_array_elements(value) WITH ORDINALITY AS e(element, place))
		ELSE value #>> '{}'
	END;
END;

COMMENT ON FUNCTION menuca_seating_report_figure(jsonb) IS
'A figure of the monitor''s metadata as people read it: numbers with thousands separators and all their decimals, lists with commas; NULL for null and for an empty list.';

CREATE FUNCTION menuca_seating_report_verdict(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT pg_catalog.format(E'<div class="verdict %s"><p class="word">%s</p><p>%s</p></div>\n',
			@extschema@.menuca_seating_report_tone(s.row ->> 'status'),
			CASE s.row ->> 'status' WHEN 'PASS' THEN '&#10003; Within the targets' WHEN 'WARN' THEN '&#9888;&#65038; Outside a target'
				WHEN 'SKIP' THEN '&#8211; No data' ELSE '&#10005; Alert' END,
			@extschema@.menuca_seating_html(pg_catalog.concat_ws(': ', s.row ->> 'status', s.row ->> 'actual') || '.'))
		|| '<dl class="tiles">' || COALESCE((SELECT pg_catalog.string_agg(
			@extschema@.menuca_seating_report_tile(t.figure, t.words, t.row ->> 'status'), '' ORDER BY t.place)
		FROM (SELECT x.place, x.words, c.row, CASE WHEN c.row ->> 'status' = 'SKIP' THEN 'no data' ELSE CASE x.unit WHEN '%' THEN (c.row -> 'metadata' ->> x.key) || ' %'
				WHEN 'ms' THEN pg_catalog.round((c.row -> 'metadata' ->> x.key)::numeric) || ' ms' ELSE @extschema@.menuca_seating_report_figure(c.row -> 'metadata' -> x.key) END END AS figure
			  FROM (VALUES (1, 'usage', 'seated', 'bookings have dining tables', ''), (2, 'usage', 'usage_pct', 'of these have several', '%'),
					(3, 'success', 'success_pct', 'of the attempted bookings were seated', '%'), (4, 'orphans', 'count', 'confirmed bookings without a dining table', ''),
					(5, 'latency', 'average_ms', 'an attempt takes on average', 'ms'))
					x(place, name, key, words, unit)
			  CROSS JOIN LATERAL (SELECT @extschema@.menuca_seating_report_check(rows, x.name)) c(row)) t), '') || E'</dl>\n'
		|| COALESCE(@extschema@.menuca_seating_report_call('The next call:', s.row ->> 'next_step'),
			(SELECT @extschema@.menuca_seating_report_call('Outside of a target; the next call:', w.row ->> 'next_step')
			 FROM pg_catalog.jsonb_array_elements(rows) w(row) WHERE w.row ->> 'status' = 'WARN' AND w.row ->> 'next_step' IS NOT NULL
			 ORDER BY (w.row ->> 'check_no')::integer LIMIT 1),
			CASE WHEN s.row ->> 'status' = 'SKIP' THEN @extschema@.menuca_seating_report_note('In this time there is no booking to look at, and no attempt.')
				ELSE @extschema@.menuca_seating_report_note('No check has an alert, so there is no next call.') END)
	FROM (SELECT @extschema@.menuca_seating_report_check(rows, 'summary')) s(row)
	WHERE s.row IS NOT NULL;
END;

COMMENT ON FUNCTION menuca_seating_report_verdict(jsonb, integer, uuid) IS
'Section of the report: the summary of the monitor, its main figures, and the next call.';

CREATE FUNCTION menuca_seating_report_usage(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	-- What is expected says target and alerts: "5 to 15 % of seated bookings; alert below 2 or above 30"
	WITH usage AS (
		SELECT u.row ->> 'actual' AS actual, u.row ->> 'detail' AS detail, u.row ->> 'expected' AS expected, u.row ->> 'status' AS status,
			(u.row -> 'metadata' ->> 'usage_pct')::numeric AS share, (u.row -> 'metadata' ->> 'no_single_table_pct')::numeric AS needed,
			pg_catalog.substring(u.row ->> 'expected', '^([0-9.]+) to')::numeric AS target_from, pg_catalog.substring(u.row ->> 'expected', '^[0-9.]+ to ([0-9.]+)')::numeric AS target_to,
			pg_catalog.substring(u.row ->> 'expected', 'below ([0-9.]+)')::numeric AS low, pg_catalog.substring(u.row ->> 'expected', 'above ([0-9.]+)')::numeric AS high
		FROM (SELECT @extschema@.menuca_seating_report_check(rows, 'usage')) u(row)),
	-- The whole width is a third more than the alert, or as much as there is
	scale AS (
		SELECT u.*, 100 / GREATEST(u.high * 4 / 3, u.share * 1.1, u.needed * 1.1, 1) AS unit FROM usage u)
	SELECT COALESCE(@extschema@.menuca_seating_report_picture('usage-target', 'Share of seated bookings with several dining tables',
			pg_catalog.format('%s: %s. Expected: %s.', s.status, s.actual, s.expected), 140,
			pg_catalog.format(E'<rect x="0" y="44" width="100%%" height="18" rx="4" class="track"/><rect x="%s%%" y="44" width="%s%%" height="18" class="good"/>'
				'<rect x="0" y="44" width="%s%%" height="18" class="bad"/><rect x="%s%%" y="44" width="%s%%" height="18" class="bad"/>\n',
				pg_catalog.round(s.target_from * s.unit, 2), pg_catalog.round((s.target_to - s.target_from) * s.unit, 2), pg_catalog.round(s.low * s.unit, 2),
				pg_catalog.round(s.high * s.unit, 2), GREATEST(pg_catalog.round(100 - s.high * s.unit, 2), 0))
			|| pg_catalog.format(E'<svg x="%s%%" y="36" class="point"><rect x="-1.5" y="4" width="3" height="26" class="main"/><path class="main" d="M0 26 L-8 40 L8 40 Z"/></svg>'
				'<text x="%s%%" y="94" text-anchor="%s" class="count">%s</text><text x="%s%%" y="112" text-anchor="%s" class="label">have several</text>\n',
				p.x, p.x, p.anchor, @extschema@.menuca_seating_report_percent(s.share), p.x, p.anchor)
			|| pg_catalog.format(E'<text x="%s%%" y="134" class="label">target</text>%s%s\n', pg_catalog.round(s.target_from * s.unit, 2),
				CASE WHEN s.target_from * s.unit >= 11 THEN '<text x="0" y="134" class="label">alert</text>' ELSE '' END,
				CASE WHEN s.high * s.unit < 85 AND s.high * s.unit > s.target_from * s.unit + 25 THEN '<text x="100%" y="134" text-anchor="end" class="label">alert</text>' ELSE '' END)
			|| COALESCE(pg_catalog.format(E'<svg x="%s%%" y="24" class="point"><path class="soft" d="M0 21 L-7 9 L7 9 Z"/></svg><text x="%s%%" y="26" text-anchor="%s" class="label">%s</text>\n',
				n.x, n.x, n.anchor, @extschema@.menuca_seating_report_percent(s.needed) || ' fit no single one'), '')), '')
		|| @extschema@.menuca_seating_report_note(pg_catalog.format('Green: the target, %s to %s %%. Red: an alert, below %s or above %s %%. The mark below is the share of seated bookings that have several dining tables; the mark above, of all bookings those for a party that no single dining table of the restaurant seats, which could not do without.',
			s.target_from, s.target_to, s.low, s.high))
		|| COALESCE(@extschema@.menuca_seating_report_note(s.detail), '')
	FROM scale s
	CROSS JOIN LATERAL (SELECT pg_catalog.round(s.share * s.unit, 2) AS x, CASE WHEN s.share * s.unit < 12 THEN 'start' WHEN s.share * s.unit > 88 THEN 'end' ELSE 'middle' END AS anchor) p
	CROSS JOIN LATERAL (SELECT pg_catalog.round(s.needed * s.unit, 2) AS x, CASE WHEN s.needed * s.unit < 25 THEN 'start' WHEN s.needed * s.unit > 75 THEN 'end' ELSE 'middle' END AS anchor) n
	WHERE s.share IS NOT NULL AND s.status <> 'ERROR' AND s.target_to IS NOT NULL;
END;

COMMENT ON FUNCTION menuca_seating_report_usage(jsonb, integer, uuid) IS
'Section of the report: the share of seated bookings with several dining tables, against target and alerts.';

CREATE FUNCTION menuca_seating_report_checks(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_seating_report_table('The checks of the monitor', 'hstllc', d.headings, (SELECT pg_catalog.string_agg(
		@extschema@.menuca_seating_report_row('hstllc', d.headings, r.row ->> 'title', r.row ->> 'status', r.row ->> 'expected', r.row ->> 'actual',
			r.row ->> 'detail', r.row ->> 'next_step'), '' ORDER BY (r.row ->> 'check_no')::integer)
		FROM pg_catalog.jsonb_array_elements(rows) AS r(row)
		WHERE r.row ->> 'name' <> 'summary'))
	FROM (SELECT ARRAY['Check', 'Status', 'Expected', 'Actual', 'Detail', 'Next call']) d(headings);
END;

COMMENT ON FUNCTION menuca_seating_report_checks(jsonb, integer, uuid) IS
'Section of the report: each check of the monitor with its status.';

CREATE FUNCTION menuca_seating_report_days(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH day AS (
		SELECT r.*, pg_catalog.max(r.bookings) OVER () AS most, pg_catalog.row_number() OVER (ORDER BY r.service_day DESC) AS back
		FROM pg_catalog.jsonb_to_recordset(rows) AS r(service_day date, bookings bigint, cancelled bigint, seated bigint, combinations bigint, usage_pct numeric,
			no_single_table bigint, attempts bigint, attempted bigint, succeeded bigint, success_pct numeric))
	SELECT COALESCE(@extschema@.menuca_seating_report_bars('days-bars', 'Bookings by service day',
			'Of each pair of bars, the upper one is all bookings, the lower one those with several dining tables. The table has the figures.',
			(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('label', d.service_day,
				'value', @extschema@.menuca_seating_report_number(d.bookings) || ', ' || @extschema@.menuca_seating_report_number(d.combinations),
				'share', 100.0 * d.bookings / NULLIF(d.most, 0), 'tone', 'soft', 'second', COALESCE(100.0 * d.combinations / NULLIF(d.most, 0), 0)) ORDER BY d.service_day)
			 FROM day d WHERE d.back <= 31)), '')
		|| @extschema@.menuca_seating_report_note('Upper bar: all bookings. Lower bar: those with several dining tables. A service day begins at 05:00 on the restaurant''s clock.')
		|| @extschema@.menuca_seating_report_table('Bookings by service day', 'hnnnnnnnn', h.headings, (SELECT pg_catalog.string_agg(
			@extschema@.menuca_seating_report_row('hnnnnnnnn', h.headings, d.service_day::text, @extschema@.menuca_seating_report_number(d.bookings),
				@extschema@.menuca_seating_report_number(d.cancelled), @extschema@.menuca_seating_report_number(d.seated), @extschema@.menuca_seating_report_number(d.combinations),
				@extschema@.menuca_seating_report_percent(d.usage_pct), @extschema@.menuca_seating_report_number(d.no_single_table),
				@extschema@.menuca_seating_report_number(d.attempts), @extschema@.menuca_seating_report_percent(d.success_pct)), '' ORDER BY d.service_day)
			FROM day d WHERE d.back <= 92))
		|| COALESCE((SELECT @extschema@.menuca_seating_report_note(pg_catalog.format('These are the newest 92 of %s days.', pg_catalog.count(*))) FROM day d HAVING pg_catalog.count(*) > 92), '')
	FROM (SELECT ARRAY['Service day', 'Bookings', 'Cancelled', 'Seated', 'With several', 'Share', 'Fit no single one', 'Attempts', 'Success']) h(headings);
END;

COMMENT ON FUNCTION menuca_seating_report_days(jsonb, integer, uuid) IS
'Section of the report: bookings by service day, and how many have several dining tables.';

CREATE FUNCTION menuca_seating_report_latency(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_seating_report_bars('latency-bars', 'How long an attempt takes',
			pg_catalog.format('%s. %s', l.row ->> 'actual', l.row ->> 'detail'),
			(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('label', f.label, 'value', pg_catalog.to_char(f.ms, 'FM999,999,990.0') || ' ms',
				'share', 100 * f.ms / NULLIF(f.most, 0), 'tone', CASE f.place WHEN 1 THEN @extschema@.menuca_seating_report_tone(l.row ->> 'status') ELSE 'soft' END) ORDER BY f.place)
			 FROM (SELECT x.place, x.label, (l.row -> 'metadata' ->> x.key)::numeric AS ms, pg_catalog.max((l.row -> 'metadata' ->> x.key)::numeric) OVER () AS most
				   FROM (VALUES (1, 'on average', 'average_ms'), (2, 'half of them, at most (p50)', 'p50_ms'), (3, '95 of 100, at most (p95)', 'p95_ms'),
						(4, '99 of 100, at most (p99)', 'p99_ms'), (5, 'the slowest', 'most_ms')) x(place, label, key)) f
			 WHERE f.ms IS NOT NULL))
		|| @extschema@.menuca_seating_report_note(pg_catalog.format('%s of %s attempts. Expected of the average: %s.', l.row ->> 'status',
			@extschema@.menuca_seating_report_figure(l.row -> 'metadata' -> 'attempts'), l.row ->> 'expected'))
	FROM (SELECT @extschema@.menuca_seating_report_check(rows, 'latency')) l(row)
	WHERE l.row -> 'metadata' ? 'average_ms';
END;

COMMENT ON FUNCTION menuca_seating_report_latency(jsonb, integer, uuid) IS
'Section of the report: how long attempts took, on average and by percentiles.';

CREATE FUNCTION menuca_seating_report_combinations(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_seating_report_table('The 20 combinations of dining tables that most bookings had', 'htnnn', d.headings, (SELECT pg_catalog.string_agg(
		@extschema@.menuca_seating_report_row('htnnn', d.headings, (SELECT pg_catalog.string_agg(n.number #>> '{}', ' + ' ORDER BY n.place)
				FROM pg_catalog.jsonb_array_elements(r.table_numbers) WITH ORDINALITY AS n(number, place) WHERE n.place <= 12),
			COALESCE(r.restaurant_name, r.restaurant_id::text), @extschema@.menuca_seating_report_number(r.tables), @extschema@.menuca_seating_report_number(r.bookings),
			@extschema@.menuca_seating_report_percent(r.combinations_pct)), '' ORDER BY r.place)
		FROM (SELECT e.place, x.* FROM pg_catalog.jsonb_array_elements(rows) WITH ORDINALITY AS e(row, place)
			CROSS JOIN LATERAL pg_catalog.jsonb_to_record(e.row) AS x(restaurant_id uuid, restaurant_name text, table_numbers jsonb, tables integer, bookings bigint, combinations_pct numeric)
			WHERE e.place <= 20) r))
	FROM (SELECT ARRAY['Dining tables', 'Restaurant', 'Number', 'Bookings', 'Of all with several']) d(headings);
END;

COMMENT ON FUNCTION menuca_seating_report_combinations(jsonb, integer, uuid) IS
'Section of the report: the dining tables that are joined most often.';

CREATE FUNCTION menuca_seating_report_restaurants(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_seating_report_table('The 20 restaurants with the most bookings', 'htnnnnnnn', d.headings, (SELECT pg_catalog.string_agg(
		@extschema@.menuca_seating_report_row('htnnnnnnn', d.headings, COALESCE(r.restaurant_name, ''), r.restaurant_id::text, @extschema@.menuca_seating_report_number(r.bookings),
			@extschema@.menuca_seating_report_number(r.cancelled), @extschema@.menuca_seating_report_number(r.seated), @extschema@.menuca_seating_report_number(r.combinations),
			@extschema@.menuca_seating_report_percent(r.usage_pct), @extschema@.menuca_seating_report_number(r.no_single_table), @extschema@.menuca_seating_report_percent(r.success_pct)), '' ORDER BY r.place)
		FROM (SELECT e.place, x.* FROM pg_catalog.jsonb_array_elements(rows) WITH ORDINALITY AS e(row, place)
			CROSS JOIN LATERAL pg_catalog.jsonb_to_record(e.row) AS x(restaurant_id uuid, restaurant_name text, bookings bigint, cancelled bigint, seated bigint, combinations bigint,
				usage_pct numeric, no_single_table bigint, success_pct numeric)
			WHERE e.place <= 20) r))
		|| @extschema@.menuca_seating_report_call('Of one of them, with its floor:', pg_catalog.format('SELECT @extschema@.menuca_seating_report(%s, ''%s'');', days, rows -> 0 ->> 'restaurant_id'))
	FROM (SELECT ARRAY['Restaurant', 'Id', 'Bookings', 'Cancelled', 'Seated', 'With several', 'Share', 'Fit no single one', 'Success']) d(headings);
END;

COMMENT ON FUNCTION menuca_seating_report_restaurants(jsonb, integer, uuid) IS
'Section of the report: the restaurants with the most bookings.';

CREATE FUNCTION menuca_seating_report_rollout(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH stage AS (
		SELECT s.*, pg_catalog.row_number() OVER (ORDER BY s.stage_no DESC) AS back FROM @extschema@.menuca_seating_stage s ORDER BY s.stage_no DESC LIMIT 20),
	variant AS (
		SELECT v.name, v.percent, v.settings, v.begun_at, @extschema@.menuca_seating_report_check(rows, 'variants') -> 'metadata' -> v.name AS figures
		FROM @extschema@.menuca_seating_variant v ORDER BY v.percent, v.name LIMIT 50)
	SELECT COALESCE((SELECT '<dl class="tiles">' || @extschema@.menuca_seating_report_tile(@extschema@.menuca_seating_report_percent(s.percent), 'of the restaurants are in', NULL)
				|| CASE WHEN pg_catalog.cardinality(s.restaurant_ids) > 0 THEN @extschema@.menuca_seating_report_tile(@extschema@.menuca_seating_report_number(pg_catalog.cardinality(s.restaurant_ids)), 'named restaurants besides', NULL) ELSE '' END
				|| CASE WHEN restaurant IS NOT NULL THEN @extschema@.menuca_seating_report_tile(CASE WHEN @extschema@.menuca_seating_is_in(restaurant) THEN 'in' ELSE 'not in' END, 'this restaurant is', NULL) ELSE '' END
				|| '</dl>' FROM stage s WHERE s.back = 1),
			@extschema@.menuca_seating_report_note('There is no stage, so all restaurants are in.'))
		|| COALESCE(@extschema@.menuca_seating_report_table('Stages, the newest first', 'hdntntl', h.stages, (SELECT pg_catalog.string_agg(
			@extschema@.menuca_seating_report_row('hdntntl', h.stages, s.stage_no::text, @extschema@.menuca_seating_report_time(s.begun_at), @extschema@.menuca_seating_report_percent(s.percent),
				s.action, @extschema@.menuca_seating_report_number(pg_catalog.cardinality(s.restaurant_ids)), s.begun_by, s.reason), '' ORDER BY s.stage_no DESC) FROM stage s)), '')
		|| COALESCE(@extschema@.menuca_seating_report_table('Variants of the settings, with what the monitor found of each', 'hnlnnnn', h.variants, (SELECT pg_catalog.string_agg(
			@extschema@.menuca_seating_report_row('hnlnnnn', h.variants, v.name, @extschema@.menuca_seating_report_percent(v.percent), v.settings::text,
				@extschema@.menuca_seating_report_figure(v.figures -> 'seated'), @extschema@.menuca_seating_report_figure(v.figures -> 'usage_pct') || ' %',
				@extschema@.menuca_seating_report_figure(v.figures -> 'attempted'), @extschema@.menuca_seating_report_figure(v.figures -> 'success_pct') || ' %'), '' ORDER BY v.percent, v.name)
			FROM variant v)), @extschema@.menuca_seating_report_note('There are no variants.'))
	FROM (SELECT ARRAY['Stage', 'Began', 'Percent', 'Action', 'Named besides', 'By', 'Reason'] AS stages,
			ARRAY['Variant', 'Percent', 'Settings', 'Seated', 'Share with several', 'Attempted', 'Success'] AS variants) h;
END;

COMMENT ON FUNCTION menuca_seating_report_rollout(jsonb, integer, uuid) IS
'Section of the report: the stages of the rollout, and the variants with their figures.';

CREATE FUNCTION menuca_seating_report_floor(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	-- The page has at most 2 MB, so a picture of thousands of dining tables is left out
	SELECT CASE WHEN pg_catalog.length(f.picture) < 1000000 THEN '<figure>' || f.picture || E'</figure>\n'
			ELSE @extschema@.menuca_seating_report_note('The floor is too large for this page.') END
		|| COALESCE(@extschema@.menuca_seating_report_table('Who has dining tables now', 'htntdd', d.headings, (SELECT pg_catalog.string_agg(
			@extschema@.menuca_seating_report_row('htntdd', d.headings, p.numbers, p.kind, @extschema@.menuca_seating_report_number(p.party_size), p.booking_status,
				COALESCE(@extschema@.menuca_seating_report_time(p.starts_at), 'ever'), COALESCE(@extschema@.menuca_seating_report_time(p.until), 'open end')), '' ORDER BY p.numbers)
			FROM (SELECT pg_catalog.string_agg(r.table_number, ' + ' ORDER BY r.table_number) AS numbers, CASE WHEN r.hold IS NULL THEN 'booking' ELSE 'hold' END AS kind,
					r.party_size, r.booking_status, r.starts_at, r.until
				  FROM @extschema@.menuca_seating_floor_rows(restaurant) r
				  WHERE r.starts_at IS NOT NULL
				  GROUP BY r.booking, r.hold, r.party_size, r.booking_status, r.starts_at, r.until
				  ORDER BY pg_catalog.min(r.table_number)
				  LIMIT 200) p)), @extschema@.menuca_seating_report_note('Nobody has a dining table now.'))
		|| @extschema@.menuca_seating_report_call('At another time:', pg_catalog.format('SELECT @extschema@.menuca_seating_floor(''%s'', now() + interval ''1 day'');', restaurant))
	FROM (SELECT @extschema@.menuca_seating_floor(restaurant)) f(picture)
	CROSS JOIN (SELECT ARRAY['Dining tables', 'By', 'Party', 'Status', 'From', 'Until']) d(headings);
END;

COMMENT ON FUNCTION menuca_seating_report_floor(jsonb, integer, uuid) IS
'Section of the report: the floor of a restaurant now, and who has its dining tables.';

CREATE FUNCTION menuca_seating_report_figures(rows jsonb, days integer, restaurant uuid)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	-- A row for each object in the metadata, down to the fourth level, with its own figures; the
	-- commonest combinations, which are objects in an array, have a section of their own
	WITH RECURSIVE member AS (
		SELECT (r.row ->> 'check_no')::integer AS check_no, r.row ->> 'title' AS title, '{}'::text[] AS path, m.key, m.value
		FROM pg_catalog.jsonb_array_elements(rows) AS r(row)
		CROSS JOIN LATERAL pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(r.row -> 'metadata') WHEN 'object' THEN r.row -> 'metadata' ELSE '{}' END) m
		UNION ALL
		SELECT p.check_no, p.title, p.path || p.key, m.key, m.value
		FROM member p
		CROSS JOIN LATERAL pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(p.value) WHEN 'object' THEN p.value ELSE '{}' END) m
		WHERE pg_catalog.cardinality(p.path) < 3)
	SELECT @extschema@.menuca_seating_report_table('The monitor''s figures, check by check', 'htl', d.headings, (SELECT pg_catalog.string_agg(
		@extschema@.menuca_seating_report_row('htl', d.headings, f.title, COALESCE(NULLIF(pg_catalog.replace(pg_catalog.array_to_string(f.path, ', '), '_', ' '), ''), 'all'), f.figures),
			'' ORDER BY f.check_no, f.path)
		FROM (SELECT m.check_no, m.title, m.path, pg_catalog.string_agg(pg_catalog.replace(m.key, '_', ' ') || ': ' || COALESCE(@extschema@.menuca_seating_report_figure(m.value), 'none'), '; ' ORDER BY m.key) AS figures
			  FROM member m
			  WHERE pg_catalog.jsonb_typeof(m.value) <> 'object' AND NOT (pg_catalog.jsonb_typeof(m.value) = 'array' AND pg_catalog.jsonb_path_exists(m.value, '$[*] ? (@.type() == "object")'))
			  GROUP BY m.check_no, m.title, m.path
			  ORDER BY m.check_no, m.path
			  LIMIT 500) f))
	FROM (SELECT ARRAY['Check', 'Of', 'Figures']) d(headings);
END;

COMMENT ON FUNCTION menuca_seating_report_figures(jsonb, integer, uuid) IS
'Section of the report: each figure of the monitor''s metadata.';

REVOKE ALL ON FUNCTION menuca_seating_report_check(jsonb, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_figure(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_verdict(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_usage(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_checks(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_days(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_latency(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_combinations(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_restaurants(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_rollout(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_floor(jsonb, integer, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_report_figures(jsonb, integer, uuid) FROM PUBLIC;
