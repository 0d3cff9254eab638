--
-- Sections of the report about people, the window and load
--

CREATE FUNCTION menuca_report_people()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT COALESCE(@extschema@.menuca_report_table('Samples that a person has read', 'hsnnntdt', d.reviews,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hsnnntdt', d.reviews, pg_catalog.to_char(v.ticket_no, 'FM00'),
				CASE WHEN v.counts THEN v.result ELSE 'open' END, v.good::text, v.bad::text, @extschema@.menuca_report_number(v.groups), v.reviewer,
				@extschema@.menuca_report_time(v.answered_at), v.note), '' ORDER BY v.ticket_no)
			 FROM @extschema@.menuca_review_state v
			 JOIN @extschema@.menuca_figure_environment e USING (environment_id))), '')
		|| COALESCE(@extschema@.menuca_report_table('The checklist', 'httstdt', d.items,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('httstdt', d.items, pg_catalog.to_char(c.ticket_no, 'FM00'), c.title,
				CASE WHEN c.must THEN 'must' ELSE 'may' END,
				CASE WHEN NOT c.counts OR c.result IS NULL THEN CASE WHEN c.must THEN 'open' ELSE 'not said' END
					WHEN c.result = 'WAIVED' THEN 'OVERRIDDEN: WAIVED' ELSE c.result END,
				c.who, @extschema@.menuca_report_time(c.attested_at), c.note), '' ORDER BY c.ticket_no, c."position", c.item)
			 FROM (SELECT s.* FROM @extschema@.menuca_checklist_state s
				   JOIN @extschema@.menuca_figure_environment e USING (environment_id)
				   ORDER BY s.ticket_no, s."position", s.item LIMIT 100) c)), '')
		|| @extschema@.menuca_report_note('What somebody said before the newest execution of its ticket, or before the last change, does not count any more and is open again.')
	FROM (SELECT ARRAY['Ticket', 'Result', 'Good', 'Bad', 'Groups', 'Reviewer', 'Answered', 'Note'],
		ARRAY['Ticket', 'Item', 'Kind', 'State', 'Who', 'Said', 'Note']) d(reviews, items)
	WHERE EXISTS (SELECT FROM @extschema@.menuca_figure_environment);
END;

COMMENT ON FUNCTION menuca_report_people() IS
'Section of the report: reviews of samples, and the checklist with what was attested. NULL when this database is not registered.';

CREATE FUNCTION menuca_report_issues()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_report_table('Issues, open ones and severe ones first', 'hsstttdt', d.headings,
		(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hsstttdt', d.headings, i.issue_id::text,
			CASE WHEN i.resolved_at IS NULL THEN 'open' ELSE 'resolved' END, i.severity, pg_catalog.to_char(i.ticket_no, 'FM00'), i.title, i.who,
			@extschema@.menuca_report_time(i.reported_at), COALESCE(i.resolution || ', by ' || i.resolved_who, i.note)), '' ORDER BY i.place)
		 FROM (SELECT s.*, pg_catalog.row_number() OVER (ORDER BY s.resolved_at IS NOT NULL,
					pg_catalog.array_position(ARRAY['critical', 'high', 'medium', 'low'], s.severity), s.issue_id DESC) AS place
			   FROM @extschema@.menuca_issue s
			   JOIN @extschema@.menuca_figure_environment e USING (environment_id)
			   ORDER BY place LIMIT 60) i))
	FROM (SELECT ARRAY['Issue', 'State', 'Severity', 'Ticket', 'Title', 'Found by', 'Found', 'Resolution, or note']) d(headings);
END;

COMMENT ON FUNCTION menuca_report_issues() IS
'Section of the report: issues that people found, with severity and resolution. NULL when there is none.';

CREATE FUNCTION menuca_report_window()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT COALESCE(@extschema@.menuca_report_table('The newest announced window', 'htstt', d.windows,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('htstt', d.windows, @extschema@.menuca_report_time(w.starts_at), @extschema@.menuca_report_time(w.ends_at),
				w.state, w.announced_by || ', ' || @extschema@.menuca_report_time(w.announced_at), w.note), '' ORDER BY w.environment_id)
			 FROM @extschema@.menuca_window_state w
			 JOIN @extschema@.menuca_figure_environment e USING (environment_id))), @extschema@.menuca_report_note('No window is announced.'))
		|| COALESCE((SELECT pg_catalog.string_agg(@extschema@.menuca_report_note(CASE WHEN r.is_on
				THEN pg_catalog.format('New sessions are read-only since %s, by %s.', COALESCE(@extschema@.menuca_report_time(r.turned_on_at), 'a time that is not recorded'), COALESCE(r.turned_on_by, 'somebody'))
				ELSE 'New sessions may write.' END), '' ORDER BY r.environment_id)
			FROM @extschema@.menuca_read_only_state r
			JOIN @extschema@.menuca_figure_environment e USING (environment_id)
			WHERE NOT e.hosted), '')
		|| COALESCE(@extschema@.menuca_report_table('What the sessions beside the newest change felt', 'hsttt', d.impact,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hsttt', d.impact, i.title, i.status, i.expected, i.actual, i.detail), '' ORDER BY i.check_no)
			 FROM @extschema@.menuca_check_impact() i WHERE i.name <> 'summary')), '')
		|| @extschema@.menuca_report_call('Whether to roll back, by each trigger of the tickets; it tries something, and undoes it, so a page does not call it:',
			'SELECT * FROM @extschema@.menuca_rollback_advice();')
	FROM (SELECT ARRAY['Begins', 'Ends', 'State', 'Announced by', 'Note'], ARRAY['Figure', 'Status', 'Expected', 'Found', 'More']) d(windows, impact)
	WHERE EXISTS (SELECT FROM @extschema@.menuca_figure_environment);
END;

COMMENT ON FUNCTION menuca_report_window() IS
'Section of the report: the announced window, whether new sessions are read-only, and what others felt of the newest change. NULL when this database is not registered.';

CREATE FUNCTION menuca_report_load()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH load AS (
		SELECT l.*, pg_catalog.row_number() OVER (ORDER BY l.load_id) AS n, pg_catalog.max(l.p95_ms) OVER () AS most,
			pg_catalog.format('Load run %s, %s', l.load_id, @extschema@.menuca_report_time(l.started_at)) AS heading
		FROM (SELECT r.* FROM @extschema@.menuca_load_runs r ORDER BY r.load_id DESC LIMIT 10) l)
	SELECT @extschema@.menuca_report_bars('load-bars', 'Time of a request, by load run',
			(SELECT pg_catalog.string_agg(pg_catalog.format('%s: P50 %s ms, P95 %s ms', l.heading, l.p50_ms, l.p95_ms), '; ' ORDER BY l.n) FROM load l),
			(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('label', l.heading, 'value', pg_catalog.format('%s, %s ms', l.p50_ms, l.p95_ms),
				'share', 100 * l.p50_ms / NULLIF(l.most, 0), 'tone', 'soft', 'second', COALESCE(100 * l.p95_ms / NULLIF(l.most, 0), 0)) ORDER BY l.n) FROM load l))
		|| @extschema@.menuca_report_note('Upper bar: P50, half of the requests took less. Lower bar: P95. All bars have one scale.')
		|| @extschema@.menuca_report_table('Load runs; P50 and P95 in milliseconds, with the range that they are in', 'hnnnnttnn', d.headings,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hnnnnttnn', d.headings, l.load_id::text, @extschema@.menuca_report_number(l.requests),
				@extschema@.menuca_report_number(l.connections), @extschema@.menuca_report_number(l.errors), @extschema@.menuca_report_percent(l.success_pct),
				pg_catalog.format('%s (%s to %s)', l.p50_ms, l.p50_low_ms, l.p50_high_ms), pg_catalog.format('%s (%s to %s)', l.p95_ms, l.p95_low_ms, l.p95_high_ms),
				l.max_ms::text, @extschema@.menuca_report_percent(l.cache_hit_pct)), '' ORDER BY l.n) FROM load l))
	FROM (SELECT ARRAY['Run', 'Requests', 'Connections', 'Errors', 'Success', 'P50', 'P95', 'Longest', 'Cache hit']) d(headings);
END;

COMMENT ON FUNCTION menuca_report_load() IS
'Section of the report: load runs by percentiles. NULL when there is none.';
