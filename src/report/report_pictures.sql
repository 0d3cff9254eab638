--
-- Pictures of this report alone, made as html_pictures.sql says
--

CREATE FUNCTION menuca_report_flow_picture(run_id bigint)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	-- 200 units are all source rows; what is at the right needs 44 for its two lines
	WITH outcome AS (
		SELECT o.place, o.short, o.source_rows, o.is_mapped, 200.0 * o.source_rows / f.source_rows AS height, f.source_rows AS all_rows, f.source,
			CASE WHEN o.outcome IN ('insert', 'already_present') THEN 'good' WHEN o.is_mapped THEN 'soft' ELSE 'warn' END AS tone
		FROM @extschema@.menuca_figure_outcome o
		JOIN @extschema@.menuca_figure_fix f USING (run_id)
		WHERE o.run_id = menuca_report_flow_picture.run_id AND o.source_rows > 0 AND f.source_rows > 0),
	right_side AS (
		SELECT o.*,
			48 + pg_catalog.sum(GREATEST(o.height + 10, 44)) OVER w - GREATEST(o.height + 10, 44) AS y,
			pg_catalog.sum(o.height) OVER (PARTITION BY o.is_mapped ORDER BY o.place) - o.height AS offset_in_middle,
			pg_catalog.sum(o.height) OVER (PARTITION BY o.is_mapped) AS middle_height,
			pg_catalog.sum(o.source_rows) OVER (PARTITION BY o.is_mapped) AS middle_rows
		FROM outcome o
		WINDOW w AS (ORDER BY o.is_mapped DESC, o.place)),
	middle AS (
		SELECT r.is_mapped, r.middle_rows, r.middle_height AS height,
			CASE WHEN r.is_mapped THEN 48 ELSE GREATEST(pg_catalog.min(r.y),
				48 + COALESCE(pg_catalog.max(m.middle_height), -44) + 44) END AS y,
			COALESCE(pg_catalog.max(m.middle_height), 0) * (NOT r.is_mapped)::integer AS offset_in_source
		FROM right_side r
		LEFT JOIN right_side m ON m.is_mapped
		GROUP BY r.is_mapped, r.middle_rows, r.middle_height),
	ribbon AS (
		SELECT 1 AS part, m.y AS sort, 48 + m.offset_in_source AS y0, m.y AS y1, m.height, CASE WHEN m.is_mapped THEN 'good' ELSE 'warn' END AS tone
		FROM middle m
		UNION ALL
		SELECT 2, r.y, m.y + r.offset_in_middle, r.y, r.height, r.tone
		FROM right_side r JOIN middle m USING (is_mapped)),
	size AS (
		SELECT GREATEST(260, (SELECT pg_catalog.max(r.y + GREATEST(r.height + 10, 44)) FROM right_side r),
			(SELECT pg_catalog.max(m.y + m.height + 8) FROM middle m)) AS height)
	SELECT @extschema@.menuca_report_picture('flow-' || menuca_report_flow_picture.run_id,
		pg_catalog.format('Source rows of run %s', menuca_report_flow_picture.run_id),
		pg_catalog.format('%s rows of %s were loaded: %s.', @extschema@.menuca_report_number((SELECT pg_catalog.max(o.all_rows) FROM outcome o)),
			(SELECT pg_catalog.max(o.source) FROM outcome o),
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_number(o.source_rows) || ' ' || o.short, ', ' ORDER BY o.place) FROM outcome o)),
		pg_catalog.round(s.height),
		(SELECT pg_catalog.string_agg(pg_catalog.format(
			E'<svg x="%s%%" y="0" width="%s%%" height="%s" viewBox="0 0 100 %s" preserveAspectRatio="none" class="ribbons">%s</svg>\n',
			CASE b.part WHEN 1 THEN 1.6 ELSE 35.6 END, CASE b.part WHEN 1 THEN 32.4 ELSE 28.4 END, pg_catalog.round(s.height), pg_catalog.round(s.height), b.paths), '' ORDER BY b.part)
		 FROM (SELECT r.part, pg_catalog.string_agg(pg_catalog.format('<path class="ribbon %s" d="M0 %s C50 %s 50 %s 100 %s V%s C50 %s 50 %s 0 %s Z"/>',
				r.tone, pg_catalog.round(r.y0, 1), pg_catalog.round(r.y0, 1), pg_catalog.round(r.y1, 1), pg_catalog.round(r.y1, 1),
				pg_catalog.round(r.y1 + r.height, 1), pg_catalog.round(r.y1 + r.height, 1), pg_catalog.round(r.y0 + r.height, 1), pg_catalog.round(r.y0 + r.height, 1)),
				'' ORDER BY r.sort) AS paths
			  FROM ribbon r GROUP BY r.part) b)
		|| (SELECT pg_catalog.string_agg(pg_catalog.format(E'<rect x="%s%%" y="%s" width="%s%%" height="%s" class="%s"/>\n',
				n.x, pg_catalog.round(n.y, 1), n.width, pg_catalog.round(GREATEST(n.height, 2), 1), n.tone), '' ORDER BY n.x, n.y)
			FROM (SELECT 0 AS x, 48 AS y, 1.6 AS width, 200 AS height, 'main' AS tone
				  UNION ALL SELECT 34, m.y, 1.6, m.height, CASE WHEN m.is_mapped THEN 'good' ELSE 'warn' END FROM middle m
				  UNION ALL SELECT 64, r.y, 1.6, r.height, r.tone FROM right_side r) n)
		|| (SELECT pg_catalog.string_agg(pg_catalog.format(E'<text x="%s%%" y="%s" class="count">%s</text><text x="%s%%" y="%s" class="label">%s</text>\n',
				t.x, pg_catalog.round(t.y, 1), @extschema@.menuca_report_number(t.source_rows), t.x, pg_catalog.round(t.y + 15, 1),
				@extschema@.menuca_html(t.words)), '' ORDER BY t.x, t.y)
			FROM (SELECT 0 AS x, 18::numeric AS y, pg_catalog.max(o.all_rows)::numeric AS source_rows, 'loaded' AS words FROM outcome o
				  UNION ALL SELECT 34, m.y - 30, m.middle_rows, CASE WHEN m.is_mapped THEN 'mapped' ELSE 'left out' END FROM middle m
				  UNION ALL SELECT 67, r.y + 12, r.source_rows, r.short FROM right_side r) t))
	FROM size s;
END;

COMMENT ON FUNCTION menuca_report_flow_picture(bigint) IS
'A picture of the source rows of a run in menuca_figure_fix: loaded, mapped or left out, and each outcome. NULL for any other run.';

CREATE FUNCTION menuca_report_timeline(tickets jsonb)
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH ticket AS (
		SELECT t.place, (t.ticket ->> 'ticket')::integer AS ticket_no, t.ticket ->> 'title' AS title, t.ticket ->> 'state' AS state
		FROM pg_catalog.jsonb_array_elements(tickets) WITH ORDINALITY AS t(ticket, place)),
	-- By their order: tickets take seconds, and days pass between them
	execution AS (
		SELECT x.*, COALESCE(2 + 96.0 * (x.n - 1) / NULLIF(x.last - 1, 0), 50) AS x
		FROM (SELECT l.*, pg_catalog.row_number() OVER (ORDER BY l.started_at, l.execution_id) AS n, pg_catalog.count(*) OVER () AS last,
				(l.started_at AT TIME ZONE 'UTC')::date
					<> pg_catalog.lag((l.started_at AT TIME ZONE 'UTC')::date) OVER (ORDER BY l.started_at, l.execution_id) AS begins_day
			  FROM (SELECT e.execution_id, e.ticket_no, e.status, e.result, e.forced, e.started_at
					FROM @extschema@.menuca_figure_execution e
					WHERE pg_catalog.isfinite(e.started_at)
					ORDER BY e.execution_id DESC
					LIMIT 120) l) x)
	SELECT @extschema@.menuca_report_picture('timeline', 'Tickets on a time line',
		pg_catalog.format('Executions from %s to %s. %s.', @extschema@.menuca_report_time((SELECT pg_catalog.min(x.started_at) FROM execution x)),
			@extschema@.menuca_report_time((SELECT pg_catalog.max(x.started_at) FROM execution x)),
			(SELECT pg_catalog.string_agg(pg_catalog.format('Ticket %s %s', t.ticket_no, t.state), ', ' ORDER BY t.place) FROM ticket t)),
		(SELECT pg_catalog.count(*) FROM ticket) * 44 + 26,
		(SELECT pg_catalog.string_agg(pg_catalog.format(
			E'<text x="0" y="%s" class="label">%s</text><text x="100%%" y="%s" class="value %s">%s</text><rect x="0" y="%s" width="100%%" height="1" class="axis"/>\n',
			t.place * 44 - 26, @extschema@.menuca_html(pg_catalog.to_char(t.ticket_no, 'FM00') || ' ' || t.title, 36), t.place * 44 - 26,
			'ink-' || @extschema@.menuca_report_tone(t.state), @extschema@.menuca_html(t.state, 20), t.place * 44 - 10), '' ORDER BY t.place) FROM ticket t)
		|| COALESCE((SELECT pg_catalog.string_agg(pg_catalog.format(E'<rect x="%s%%" y="%s" width="1" height="16" class="axis"/>\n',
				pg_catalog.round(x.x - 48.0 / x.last, 2), t.place * 44 - 18), '') FROM execution x CROSS JOIN ticket t WHERE x.begins_day), '')
		|| COALESCE((SELECT pg_catalog.string_agg(pg_catalog.format(E'<svg x="%s%%" y="%s" class="point"><title>%s</title>%s<path class="%s" d="%s"/></svg>\n',
				pg_catalog.round(x.x, 2), t.place * 44 - 10,
				@extschema@.menuca_html(pg_catalog.format('Execution %s of ticket %s, %s: %s (%s)%s', x.execution_id, x.ticket_no,
					@extschema@.menuca_report_time(x.started_at), x.status, x.result, CASE WHEN x.forced THEN ', OVERRIDDEN' ELSE '' END)),
				CASE WHEN x.forced THEN '<circle r="10" class="ring"/>' ELSE '' END,
				CASE x.status WHEN 'FAILED' THEN 'bad' ELSE @extschema@.menuca_report_tone(x.result) END,
				CASE CASE x.status WHEN 'FAILED' THEN 'bad' ELSE @extschema@.menuca_report_tone(x.result) END
					WHEN 'good' THEN 'M-6 0 A6 6 0 1 1 6 0 A6 6 0 1 1 -6 0 Z'
					WHEN 'warn' THEN 'M0 -7 L7 6 L-7 6 Z'
					ELSE 'M-6 -4 L-4 -6 L0 -2 L4 -6 L6 -4 L2 0 L6 4 L4 6 L0 2 L-4 6 L-6 4 L-2 0 Z' END), '' ORDER BY x.execution_id)
			FROM execution x JOIN ticket t USING (ticket_no)), '')
		|| (SELECT pg_catalog.format(E'<text x="0" y="%s" class="label">%s</text><text x="100%%" y="%s" class="value">%s</text>\n',
				(SELECT pg_catalog.count(*) FROM ticket) * 44 + 18, @extschema@.menuca_report_time(pg_catalog.min(x.started_at)),
				(SELECT pg_catalog.count(*) FROM ticket) * 44 + 18, @extschema@.menuca_report_time(pg_catalog.max(x.started_at))) FROM execution x))
	WHERE EXISTS (SELECT FROM execution);
END;

COMMENT ON FUNCTION menuca_report_timeline(jsonb) IS
'A picture of the newest 120 executions of tickets in their order, with a mark where a day begins, and a row per ticket of an array of objects with ticket, title and state: a disc for PASS, a triangle for WARN, a cross for FAIL, a ring around what was overridden. NULL when nothing was executed.';
