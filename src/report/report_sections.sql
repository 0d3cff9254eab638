--
-- The sections of the report: each makes its body of the view of its figures.  NULL
-- means that nothing is recorded.
--

CREATE FUNCTION menuca_report_verdict()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT COALESCE((SELECT pg_catalog.string_agg(pg_catalog.format(
			E'<div class="verdict %s"><p class="word">%s</p><p>%s</p></div>\n',
			@extschema@.menuca_report_tone(v.verdict), @extschema@.menuca_html(v.verdict),
			@extschema@.menuca_html(pg_catalog.format('%s, database %s: %s of %s tickets are complete%s%s.', pg_catalog.initcap(v.name), v.database_name,
				v.complete, v.tickets, '; decided ' || v.decision,
				CASE WHEN v.forced > 0 THEN pg_catalog.format('; %s OVERRIDDEN', v.forced) ELSE '' END))), '' ORDER BY v.hosted, v.environment_id)
			FROM @extschema@.menuca_figure_verdict v),
		E'<div class="verdict soft"><p class="word">No verdict</p><p>This database is not registered as staging or production, so no ticket has been executed here.</p></div>\n')
	|| COALESCE(@extschema@.menuca_report_call('The next call:', n.next_call),
		@extschema@.menuca_report_note('There is nothing to call: everything is done.'))
	FROM (SELECT CASE WHEN EXISTS (SELECT FROM @extschema@.menuca_figure_environment)
		THEN (SELECT s.next_call FROM @extschema@.menuca_status() s WHERE s.next_call IS NOT NULL ORDER BY s.ticket LIMIT 1)
		ELSE 'SELECT * FROM @extschema@.menuca_next();' END AS next_call) n;
END;

COMMENT ON FUNCTION menuca_report_verdict() IS
'Section of the report: the verdict of each environment, and the next call.';

CREATE FUNCTION menuca_report_rates()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH rate AS MATERIALIZED (
		SELECT r.*, pg_catalog.row_number() OVER (ORDER BY r.place NULLS LAST) AS n FROM @extschema@.menuca_figure_rate r),
	-- The first, the last ones and now
	shown AS (
		SELECT r.*, pg_catalog.upper(pg_catalog.substr(r.moment, 1, 1)) || pg_catalog.substr(r.moment, 2) AS heading
		FROM rate r WHERE r.n = 1 OR r.n > (SELECT pg_catalog.max(m.n) FROM rate m) - 12)
	SELECT '<dl class="tiles">'
		|| COALESCE((SELECT @extschema@.menuca_report_tile(@extschema@.menuca_report_percent(r.orphan_pct), 'of the groups were empty before', r.band)
			FROM rate r WHERE r.n = 1 AND r.place IS NOT NULL), '')
		|| COALESCE((SELECT @extschema@.menuca_report_tile(@extschema@.menuca_report_percent(r.orphan_pct), 'of the groups are empty now', r.band)
				|| @extschema@.menuca_report_tile(@extschema@.menuca_report_number(r.groups - r.orphans),
					pg_catalog.format('of %s groups have items', @extschema@.menuca_report_number(r.groups)), NULL)
			FROM rate r WHERE r.place IS NULL), '')
		|| COALESCE((SELECT @extschema@.menuca_report_tile(@extschema@.menuca_report_number(pg_catalog.sum(f.inserted)), 'items were inserted by the fixes', NULL)
			FROM @extschema@.menuca_figure_fix f), '')
		|| '</dl>'
		|| @extschema@.menuca_report_bars('rates-all', 'Share of all groups that have no items',
			(SELECT pg_catalog.string_agg(pg_catalog.format('%s: %s, %s', s.heading, @extschema@.menuca_report_percent(s.orphan_pct), s.band), '; ' ORDER BY s.n) FROM shown s),
			(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('label', s.heading,
				'value', @extschema@.menuca_report_percent(s.orphan_pct) || ' ' || s.band, 'share', s.orphan_pct, 'tone', @extschema@.menuca_report_tone(s.band)) ORDER BY s.n) FROM shown s))
		|| @extschema@.menuca_report_note('Bands: EXCELLENT below 1 %, PASS below 5 %, WARNING below 20 %, otherwise FAIL. A group without items cannot be ordered.')
		|| @extschema@.menuca_report_table('Groups without items, of all groups', 'hdnnns', d.headings,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hdnnns', d.headings, s.heading, @extschema@.menuca_report_time(s.at),
				@extschema@.menuca_report_number(s.groups), @extschema@.menuca_report_number(s.orphans), @extschema@.menuca_report_percent(s.orphan_pct), s.band), '' ORDER BY s.n) FROM shown s))
		|| COALESCE(@extschema@.menuca_report_table('Groups without items, of those that the source of that moment has a row for', 'hdnnns', d.headings,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hdnnns', d.headings, s.heading, @extschema@.menuca_report_time(s.at),
				@extschema@.menuca_report_number(s.expected_groups), @extschema@.menuca_report_number(s.expected_orphans),
				@extschema@.menuca_report_percent(s.expected_orphan_pct), s.expected_band), '' ORDER BY s.n) FROM shown s WHERE s.expected_groups IS NOT NULL)), '')
	FROM (SELECT ARRAY['Moment', 'Time', 'Groups', 'Empty', 'Share', 'Band']) d(headings);
END;

COMMENT ON FUNCTION menuca_report_rates() IS
'Section of the report: groups without items before and after, with their bands.';

CREATE FUNCTION menuca_report_flow()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT COALESCE(pg_catalog.string_agg(f.part, '' ORDER BY f.run_id),
		@extschema@.menuca_report_call('No fix has written yet, or all of them are rolled back. What one would do:',
			'SELECT outcome, count(*) FROM @extschema@.menuca_plan_combos() GROUP BY outcome;'))
	FROM (SELECT x.run_id, '<h3>' || @extschema@.menuca_html(pg_catalog.format('Run %s, %s: %s', x.run_id, x.kind, x.source)) || E'</h3>\n'
			|| COALESCE(@extschema@.menuca_report_flow_picture(x.run_id), '')
			|| @extschema@.menuca_report_table(pg_catalog.format('Source rows of run %s by outcome; it inserted %s rows%s', x.run_id,
					@extschema@.menuca_report_number(x.inserted), CASE x.status WHEN 'completed' THEN '' ELSE ' and is ' || x.status END), 'htnn', d.headings,
				(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('htnn', d.headings, o.outcome, o.meaning, @extschema@.menuca_report_number(o.source_rows),
					@extschema@.menuca_report_percent(100.0 * o.source_rows / NULLIF(x.source_rows, 0))), '' ORDER BY o.place)
				 FROM @extschema@.menuca_figure_outcome o WHERE o.run_id = x.run_id AND o.source_rows > 0)
				|| @extschema@.menuca_report_row('htnn', d.headings, 'all', 'rows of the source', @extschema@.menuca_report_number(x.source_rows), NULL)) AS part
		  FROM (SELECT * FROM @extschema@.menuca_figure_fix ORDER BY run_id DESC LIMIT 6) x
		  CROSS JOIN (SELECT ARRAY['Outcome', 'Meaning', 'Rows', 'Share']) d(headings)) f;
END;

COMMENT ON FUNCTION menuca_report_flow() IS
'Section of the report: the source rows of each fix by outcome, as a flow.';

CREATE FUNCTION menuca_report_coverage()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH coverage AS (
		SELECT c.*, pg_catalog.row_number() OVER (ORDER BY c.run_id, c.place) AS n
		FROM @extschema@.menuca_figure_coverage c
		WHERE c.named > 0
		ORDER BY c.run_id DESC
		LIMIT 12)
	SELECT @extschema@.menuca_report_bars('coverage-bars', 'Share of the old ids that were found',
			(SELECT pg_catalog.string_agg(pg_catalog.format('Run %s, %s: %s', c.run_id, c.what, @extschema@.menuca_report_percent(c.coverage_pct)), '; ' ORDER BY c.n) FROM coverage c),
			(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('label', pg_catalog.format('Run %s: %s', c.run_id, c.what),
				'value', @extschema@.menuca_report_percent(c.coverage_pct), 'share', c.coverage_pct,
				'tone', CASE WHEN c.coverage_pct >= 95 THEN 'good' ELSE 'warn' END) ORDER BY c.n) FROM coverage c))
		|| @extschema@.menuca_report_note('The gates ask for 95 %; less has to be accepted by name.')
		|| @extschema@.menuca_report_table('Legacy ids that the sources name, and those that were found when the run began', 'htnnn', d.headings,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('htnnn', d.headings, pg_catalog.format('Run %s: %s', c.run_id, c.what), c.source,
				@extschema@.menuca_report_number(c.named), @extschema@.menuca_report_number(c.covered), @extschema@.menuca_report_percent(c.coverage_pct)), '' ORDER BY c.n) FROM coverage c))
	FROM (SELECT ARRAY['What', 'Source', 'Named', 'Found', 'Share']) d(headings);
END;

COMMENT ON FUNCTION menuca_report_coverage() IS
'Section of the report: how many of the legacy ids of each source were found.';

CREATE FUNCTION menuca_report_sizes()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT pg_catalog.string_agg(x.part, '' ORDER BY x.run_id)
	FROM (SELECT r.run_id, '<h3>' || @extschema@.menuca_html(pg_catalog.format('Run %s', r.run_id)) || E'</h3>\n'
			|| @extschema@.menuca_report_bars('sizes-' || r.run_id, pg_catalog.format('Groups by the number of their items, run %s', r.run_id),
				'Of each pair of bars, the upper one is the source, the lower one the target. The table has the figures.', r.bars)
			|| @extschema@.menuca_report_note('Upper bar: the source''s groups. Lower bar: the target''s groups that have items, with those of this run.')
			|| @extschema@.menuca_report_table(pg_catalog.format('Groups by the number of their items, source against target, run %s', r.run_id), 'hnnnn', d.headings, r.body) AS part
		  FROM (SELECT ARRAY['Items', 'Groups in the source', 'Share', 'Groups in the target', 'Share of these']) d(headings)
		  CROSS JOIN LATERAL (
			SELECT s.run_id,
				pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('label', w.words,
					'value', pg_catalog.format('%s, %s', @extschema@.menuca_report_percent(s.source_pct), @extschema@.menuca_report_percent(s.target_pct)),
					'share', s.source_pct, 'tone', 'soft', 'second', COALESCE(s.target_pct, 0)) ORDER BY s.size) AS bars,
				pg_catalog.string_agg(@extschema@.menuca_report_row('hnnnn', d.headings, w.words, @extschema@.menuca_report_number(s.source_groups),
					@extschema@.menuca_report_percent(s.source_pct), @extschema@.menuca_report_number(s.target_groups), @extschema@.menuca_report_percent(s.target_pct)), '' ORDER BY s.size) AS body
			FROM @extschema@.menuca_figure_size s
			CROSS JOIN LATERAL (SELECT CASE s.size WHEN 1 THEN '1 item' WHEN 6 THEN '6 or more' ELSE s.size || ' items' END) w(words)
			WHERE s.run_id IN (SELECT f.run_id FROM @extschema@.menuca_figure_fix f ORDER BY f.run_id DESC LIMIT 3)
			GROUP BY s.run_id) r) x;
END;

COMMENT ON FUNCTION menuca_report_sizes() IS
'Section of the report: items per group, source against target.';

CREATE FUNCTION menuca_report_restaurants()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH restaurant AS MATERIALIZED (
		SELECT r.*, pg_catalog.row_number() OVER (ORDER BY r.orphans DESC, r.restaurant_id) AS n, pg_catalog.count(*) OVER () AS all_rows
		FROM @extschema@.menuca_orphan_restaurants() r),
	shown AS (
		SELECT * FROM restaurant r WHERE r.n <= 10)
	SELECT CASE WHEN NOT EXISTS (SELECT FROM restaurant) THEN @extschema@.menuca_report_note('No restaurant has a group without items.')
		ELSE @extschema@.menuca_report_bars('restaurants-bars', 'Groups without items by restaurant, as a share of its groups',
			(SELECT pg_catalog.string_agg(pg_catalog.format('%s: %s of %s', pg_catalog.left(s.restaurant_name, 40), s.orphans, s.groups), '; ' ORDER BY s.n) FROM shown s),
			(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('label', COALESCE(s.restaurant_name, 'restaurant ' || s.restaurant_id, 'no restaurant'),
				'value', pg_catalog.format('%s of %s', @extschema@.menuca_report_number(s.orphans), @extschema@.menuca_report_number(s.groups)),
				'share', 100.0 * s.orphans / s.groups, 'tone', 'warn') ORDER BY s.n) FROM shown s))
		|| @extschema@.menuca_report_table('Restaurants by groups without items, now', 'hnnnn', d.headings,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hnnnn', d.headings, COALESCE(s.restaurant_name, 'no name'), s.restaurant_id::text,
				@extschema@.menuca_report_number(s.orphans), @extschema@.menuca_report_number(s.groups),
				@extschema@.menuca_report_percent(100.0 * s.orphans / s.groups)), '' ORDER BY s.n) FROM shown s))
		|| COALESCE((SELECT @extschema@.menuca_report_call(pg_catalog.format('%s of %s restaurants with such groups are shown. All of them, and why each group is empty:', 10,
				@extschema@.menuca_report_number(r.all_rows)), 'SELECT * FROM @extschema@.menuca_orphan_restaurants(); SELECT * FROM @extschema@.menuca_orphans();')
			FROM restaurant r WHERE r.n = 11), @extschema@.menuca_report_call('Why each group is empty:', 'SELECT * FROM @extschema@.menuca_orphans();'))
		END
	FROM (SELECT ARRAY['Restaurant', 'Id', 'Empty', 'Groups', 'Share']) d(headings);
END;

COMMENT ON FUNCTION menuca_report_restaurants() IS
'Section of the report: the ten restaurants with the most groups without items.';

CREATE FUNCTION menuca_report_samples()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT COALESCE('<div class="samples">' || pg_catalog.string_agg(pg_catalog.format(
			E'<article><h3>%s</h3><p class="note">%s</p><ul>%s</ul></article>\n',
			@extschema@.menuca_html(COALESCE(s.group_name, 'group without a name'), 80),
			@extschema@.menuca_html(pg_catalog.format('%s, group %s, %s items', s.restaurant_name, s.combo_group_id, @extschema@.menuca_report_number(s.items)), 160),
			(SELECT pg_catalog.string_agg('<li>' || @extschema@.menuca_html(u.dish, 80) || '</li>', '' ORDER BY u.place)
			 FROM pg_catalog.unnest(s.dishes) WITH ORDINALITY AS u(dish, place) WHERE u.place <= 8)
			|| CASE WHEN s.items > 8 THEN '<li>' || @extschema@.menuca_report_number(s.items - 8) || ' more</li>' ELSE '' END), '' ORDER BY s.place)
		|| '</div>' || @extschema@.menuca_report_note('Would a customer choose these dishes in a combo of that name? The same groups are drawn each time; another seed draws others.'),
		@extschema@.menuca_report_note('No group has items yet.'))
	FROM (SELECT c.*, pg_catalog.row_number() OVER () AS place FROM @extschema@.menuca_sample_combos(6) c) s;
END;

COMMENT ON FUNCTION menuca_report_samples() IS
'Section of the report: six groups with their dishes, as menuca_sample_combos(6) draws them.';

CREATE FUNCTION menuca_report_checks()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH found AS MATERIALIZED (
		SELECT c.*, CASE c.status WHEN 'FAIL' THEN 1 WHEN 'ERROR' THEN 1 WHEN 'WARN' THEN 2 WHEN 'PASS' THEN 3 ELSE 4 END AS rank
		FROM @extschema@.menuca_figure_check c)
	SELECT COALESCE(
		(SELECT @extschema@.menuca_report_note(pg_catalog.format('Recorded by ticket %s, execution %s, %s.%s', v.ticket_no, v.execution_id, @extschema@.menuca_report_time(v.finished_at),
			CASE WHEN v.is_outdated THEN ' Something was changed since then: these checks say nothing about it.' ELSE '' END))
		 FROM @extschema@.menuca_figure_validation v),
		CASE WHEN EXISTS (SELECT FROM found) THEN @extschema@.menuca_report_note('No ticket has recorded a validation; these checks were made for this page.')
			ELSE @extschema@.menuca_report_call('No ticket has recorded a validation, and this database is too large to make one for a page. To validate it:',
				'SELECT * FROM @extschema@.menuca_validate();') END)
		|| COALESCE('<p class="summary">' || (SELECT pg_catalog.string_agg(@extschema@.menuca_report_mark(n.status) || ' ' || n.count, '<span class="gap"> </span>' ORDER BY n.rank, n.status)
			FROM (SELECT f.status, f.rank, pg_catalog.count(*) AS count FROM found f GROUP BY f.status, f.rank) n) || E'</p>\n'
		|| COALESCE(@extschema@.menuca_report_table('Checks that did not pass', 'hsttl', d.open,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hsttl', d.open, f.title, f.status, f.expected, f.actual, COALESCE(f.remedy, f.detail)),
				'' ORDER BY f.rank, f.check_no)
			 FROM (SELECT * FROM found WHERE rank <= 2 ORDER BY rank, check_no LIMIT 60) f)), @extschema@.menuca_report_note('No check found anything that needs attention.'))
		|| COALESCE(@extschema@.menuca_report_table('Checks that passed, or had nothing to check', 'hstt', d.passed,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hstt', d.passed, f.title, f.status, f.expected, f.actual), '' ORDER BY f.rank, f.check_no)
			 FROM (SELECT * FROM found WHERE rank > 2 ORDER BY rank, check_no LIMIT 120) f)), ''), '')
	FROM (SELECT ARRAY['Check', 'Status', 'Expected', 'Found', 'What to do'], ARRAY['Check', 'Status', 'Expected', 'Found']) d(open, passed);
END;

COMMENT ON FUNCTION menuca_report_checks() IS
'Section of the report: the checks of the data, as a ticket recorded them, or of now.';

CREATE FUNCTION menuca_report_tickets()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT CASE WHEN s.tickets IS NULL
		THEN @extschema@.menuca_report_call('This database is not registered, so no ticket has been executed. When it is known which one it is:',
			pg_catalog.format('SELECT * FROM @extschema@.menuca_environment(''staging'', %L, %s);', pg_catalog.current_database(),
				(SELECT c.system_identifier FROM pg_catalog.pg_control_system() c)))
		ELSE COALESCE(@extschema@.menuca_report_timeline((SELECT pg_catalog.jsonb_agg(t.ticket ORDER BY t.place)
				FROM pg_catalog.jsonb_array_elements(s.tickets) WITH ORDINALITY AS t(ticket, place)
				WHERE EXISTS (SELECT FROM @extschema@.menuca_figure_execution x WHERE x.ticket_no = (t.ticket ->> 'ticket')::integer)))
			|| @extschema@.menuca_report_note('From left to right in their order: a disc is an execution that passed, a triangle one with warnings, a cross one that failed; a ring marks an override, and an upright stroke the beginning of a day (UTC).'), '')
		|| @extschema@.menuca_report_table('The eleven tickets', 'htsttc', d.headings,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('htsttc', d.headings, pg_catalog.to_char((t.ticket ->> 'ticket')::integer, 'FM00'), t.ticket ->> 'title',
				t.ticket ->> 'state', t.ticket ->> 'result', t.ticket ->> 'executed_by', t.ticket ->> 'next_call'), '' ORDER BY t.place)
			 FROM pg_catalog.jsonb_array_elements(s.tickets) WITH ORDINALITY AS t(ticket, place)))
		|| COALESCE(@extschema@.menuca_report_table('Executions, the newest first; the newest one of a ticket counts', 'hnssdntt', d.executions,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hnssdntt', d.executions, x.execution_id::text, x.ticket_no::text, x.status, x.result,
				@extschema@.menuca_report_time(x.started_at), @extschema@.menuca_report_number(x.seconds), x.executed_by, x.backup_label), '' ORDER BY x.execution_id DESC)
			 FROM (SELECT * FROM @extschema@.menuca_figure_execution ORDER BY execution_id DESC LIMIT 60) x)), '')
		|| COALESCE((SELECT @extschema@.menuca_report_note(pg_catalog.format('%s older executions are in menuca_ticket_executions.', pg_catalog.count(*) - 60))
			FROM @extschema@.menuca_figure_execution HAVING pg_catalog.count(*) > 60), '')
		|| @extschema@.menuca_report_call('Every check of every execution, as text:', 'SELECT @extschema@.menuca_execution_log();')
		END
	FROM (SELECT CASE WHEN EXISTS (SELECT FROM @extschema@.menuca_figure_environment)
			THEN (SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(t) ORDER BY t.ticket) FROM @extschema@.menuca_status() t) END AS tickets) s
	CROSS JOIN (SELECT ARRAY['Ticket', 'Title', 'State', 'Result', 'By', 'Next call'],
		ARRAY['Execution', 'Ticket', 'Status', 'Result', 'Started', 'Seconds', 'By', 'Backup']) d(headings, executions);
END;

COMMENT ON FUNCTION menuca_report_tickets() IS
'Section of the report: the tickets on a time line, their states, and their executions.';

CREATE FUNCTION menuca_report_acceptances()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT COALESCE(@extschema@.menuca_report_table('Executions that overrode a gate, or were told another one', 'hnstt', d.overrides,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hnstt', d.overrides, x.execution_id::text, x.ticket_no::text,
				CASE WHEN x.forced THEN 'OVERRIDDEN' ELSE 'another gate' END, x.executed_by, x.reason), '' ORDER BY x.execution_id DESC)
			 FROM (SELECT * FROM @extschema@.menuca_figure_execution WHERE forced OR sets_gate ORDER BY execution_id DESC LIMIT 40) x)),
			@extschema@.menuca_report_note('No gate was overridden.'))
		|| COALESCE(@extschema@.menuca_report_table('Figures that a person accepted', 'htstdt', d.acceptances,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('htstdt', d.acceptances, a.figure, a.bound::text,
				CASE WHEN e.acceptance_id IS NULL THEN 'no more' ELSE 'in effect' END, a.approver, @extschema@.menuca_report_time(a.accepted_at), a.reason), '' ORDER BY a.acceptance_id DESC)
			 FROM (SELECT * FROM @extschema@.menuca_acceptance ORDER BY acceptance_id DESC LIMIT 40) a
			 LEFT JOIN @extschema@.menuca_acceptance_in_effect e USING (acceptance_id))),
			@extschema@.menuca_report_note('No figure was accepted.'))
	FROM (SELECT ARRAY['Execution', 'Ticket', 'What', 'By', 'Reason'], ARRAY['Figure', 'Bound', 'Holds', 'Approver', 'Accepted', 'Reason']) d(overrides, acceptances);
END;

COMMENT ON FUNCTION menuca_report_acceptances() IS
'Section of the report: overrides with their reasons, and figures that were accepted.';

CREATE FUNCTION menuca_report_runs()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_report_table('The newest runs; the last one is undone first', 'htsnnntc', d.headings,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('htsnnntc', d.headings, r.run_id::text, r.kind, r.status,
				@extschema@.menuca_report_number(r.items_before), @extschema@.menuca_report_number(r.inserted), @extschema@.menuca_report_number(r.items_after),
				@extschema@.menuca_report_time(COALESCE(r.finished_at, r.started_at)) || ', ' || r.run_by,
				CASE WHEN r.part_of IS NOT NULL THEN 'part of run ' || r.part_of
					WHEN r.status <> 'rolled_back' THEN pg_catalog.format('SELECT * FROM @extschema@.menuca_rollback(%s);', r.run_id) END), '' ORDER BY r.run_id DESC)
			 FROM (SELECT * FROM @extschema@.menuca_runs ORDER BY run_id DESC LIMIT 30) r))
		|| @extschema@.menuca_report_call('Each of these calls is a dry run; dry_run => false undoes the run. Everything that the tickets have done, the last first:',
			'SELECT * FROM @extschema@.menuca_rollback_guide();')
	FROM (SELECT ARRAY['Run', 'Kind', 'Status', 'Before', 'Inserted', 'After', 'Ended, by', 'To undo it']) d(headings);
END;

COMMENT ON FUNCTION menuca_report_runs() IS
'Section of the report: the runs of the ledger, each with the call that undoes it. NULL when there is none.';

CREATE FUNCTION menuca_report_access()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH cell AS MATERIALIZED (
		SELECT * FROM @extschema@.menuca_figure_access ORDER BY table_name, place LIMIT 400)
	SELECT @extschema@.menuca_report_note(COALESCE('The matrix was tried with real statements, all of them undone, ' || @extschema@.menuca_report_time((SELECT pg_catalog.max(c.tried_at) FROM cell c))
				|| '. The number is how many cells were as wanted.',
			'No ticket has recorded a trial of the matrix: this is what is wanted.'))
		|| '<table class="grid"><caption>Tables by who asks</caption><thead><tr><th scope="col">Table</th><th scope="col">Row security</th><th scope="col">Visitors</th><th scope="col">Restaurants</th><th scope="col">Customers</th><th scope="col">Services</th></tr></thead><tbody>'
		|| (SELECT pg_catalog.string_agg(g.row, '' ORDER BY g.table_name)
			FROM (SELECT c.table_name, '<tr><th scope="row">' || @extschema@.menuca_html(c.table_name, 80) || '</th><td data-h="Row security">'
					|| CASE WHEN c.has_row_security THEN 'on' WHEN c.coverage = 'outside' THEN 'outside' ELSE @extschema@.menuca_report_mark('off') END || '</td>'
					|| pg_catalog.string_agg('<td class="cell ' || @extschema@.menuca_report_tone(c.status) || '" data-h="'
						|| CASE c.role_kind WHEN 'public' THEN 'Visitors' WHEN 'tenant' THEN 'Restaurants' WHEN 'user' THEN 'Customers' ELSE 'Services' END || '">'
						|| '<span>' || @extschema@.menuca_html(COALESCE(c.may, 'nothing'), 80)
						|| CASE c.status WHEN 'as wanted' THEN ' <span class="sign">&#10003; ' || c.as_wanted || '</span>'
							WHEN 'not as wanted' THEN ' <span class="sign">&#10005; ' || c.not_as_wanted || ' not as wanted</span>'
							WHEN 'not tried' THEN ' <span class="sign">not tried</span>' ELSE '' END || '</span></td>', '' ORDER BY c.place) || E'</tr>\n' AS row
				  FROM cell c
				  GROUP BY c.table_name, c.has_row_security, c.coverage) g)
		|| E'</tbody></table>\n'
		|| COALESCE((SELECT @extschema@.menuca_report_table('Ways around the policies that are open', 'htttc', d.headings, pg_catalog.string_agg(
			@extschema@.menuca_report_row('htttc', d.headings, o.object, o.kind, o.role_name, COALESCE('accepted: ' || o.accepted, o.why), o.next_step), ''))
			FROM (SELECT * FROM @extschema@.menuca_access_openings() LIMIT 30) o HAVING pg_catalog.count(*) > 0),
			@extschema@.menuca_report_note('No way around the policies is open.'))
	FROM (SELECT ARRAY['Object', 'Kind', 'Role', 'Why', 'To close it']) d(headings)
	WHERE EXISTS (SELECT FROM cell);
END;

COMMENT ON FUNCTION menuca_report_access() IS
'Section of the report: what visitors, restaurants, customers and services may do with each table, and whether the newest matrix found it so. NULL when no table is known.';

CREATE FUNCTION menuca_report_queries()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH query AS (
		SELECT q.*, GREATEST(q.before_ms, q.after_ms, 0.001) AS most, pg_catalog.row_number() OVER (ORDER BY q.query, q.restaurant_id) AS n,
			pg_catalog.format('%s, restaurant %s', q.query, q.restaurant_id) AS heading
		FROM @extschema@.menuca_figure_query q
		ORDER BY q.query, q.restaurant_id
		LIMIT 12)
	SELECT @extschema@.menuca_report_bars('queries-bars', 'Query times before and after the indexes',
			(SELECT pg_catalog.string_agg(pg_catalog.format('%s: %s ms before, %s ms after', q.heading, q.before_ms, q.after_ms), '; ' ORDER BY q.n) FROM query q),
			(SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('label', q.heading, 'value', pg_catalog.format('%s, %s ms', q.before_ms, q.after_ms),
				'share', 100 * q.before_ms / q.most, 'tone', 'soft', 'second', COALESCE(100 * q.after_ms / q.most, 0)) ORDER BY q.n) FROM query q))
		|| @extschema@.menuca_report_note('Upper bar: before the indexes. Lower bar: after them. Each pair has its own scale.')
		|| @extschema@.menuca_report_table('Medians in milliseconds', 'hnnnnntt', d.headings,
			(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hnnnnntt', d.headings, q.heading, q.before_ms::text, q.after_ms::text, q.faster_pct || ' %',
				q.before_rows::text, q.after_rows::text, q.before_index_use, q.after_index_use), '' ORDER BY q.n) FROM query q))
	FROM (SELECT ARRAY['Query', 'Before', 'After', 'Faster', 'Rows before', 'Rows after', 'Indexes before', 'Indexes after']) d(headings);
END;

COMMENT ON FUNCTION menuca_report_queries() IS
'Section of the report: query times before and after the indexes. NULL when they were not measured twice.';

CREATE FUNCTION menuca_report_signatures()
RETURNS text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_report_table('Who decided what, the newest first', 'hsttdt', d.headings,
		(SELECT pg_catalog.string_agg(@extschema@.menuca_report_row('hsttdt', d.headings, pg_catalog.to_char(s.ticket_no, 'FM00'), s.decision, s.approver, s.signed_by,
			@extschema@.menuca_report_time(s.signed_at), s.note), '' ORDER BY s.signature_id DESC)
		 FROM (SELECT g.* FROM @extschema@.menuca_signature g JOIN @extschema@.menuca_figure_environment e USING (environment_id)
			   ORDER BY g.signature_id DESC LIMIT 40) s))
	FROM (SELECT ARRAY['Ticket', 'Decision', 'Approver', 'Session of', 'Signed', 'Note']) d(headings);
END;

COMMENT ON FUNCTION menuca_report_signatures() IS
'Section of the report: the sign-offs. NULL when there is none.';
