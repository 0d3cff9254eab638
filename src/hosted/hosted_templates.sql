--
-- The texts of the files that menuca_export_fix() returns, with {{placeholders}}
-- that src/hosted/fix_template.c fills.  What it puts in is quoted: a name by
-- quote_ident(), a value by quote_literal(), a body by a dollar quote that does not
-- occur in it.  A backslash is in literals with an E alone, which mean the same
-- whatever standard_conforming_strings is.
--

CREATE VIEW menuca_export_template WITH (security_invoker = true) AS
SELECT t.name, t.template
FROM (VALUES
	--
	-- Columns, constraints, triggers and rules of the tables in table_given; of a table that
	-- is not written to, the columns that are used.  Definitions have neither names of
	-- schemas, which depend on the search_path, nor casts and parentheses, which are
	-- others once a definition was dumped and restored, nor quotes around names in lower
	-- case: which of these are keywords depends on the version.  Literals stay as they
	-- are, but for parentheses and spaces.
	--
	('shape', $template$
	SELECT d.table_no, d.kind, d.name,
		pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.regexp_replace(d.definition,
				'(''(?:[^'']|'''')*'')|(?:"[^"]+"|[A-Za-z_][A-Za-z0-9_$]*)[.]', E'\\1', 'g'),
			'(''(?:[^'']|'''')*'')|::(?:"[^"]+"|[a-z_][a-z0-9_ ]*)(?:[(][0-9, ]+[)])?(?:[[][]])?', E'\\1', 'g'),
			'[()[:space:]]+', ' ', 'g'),
			' ?([],[]) ?', E'\\1', 'g'),
			'(''(?:[^'']|'''')*'')|"([a-z_][a-z0-9_$]*)"', E'\\1\\2', 'g') AS definition
	FROM (
		SELECT g.table_no, 'column' AS kind, a.attname::pg_catalog.text AS name,
			pg_catalog.format_type(a.atttypid, a.atttypmod)
				|| CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
				|| CASE
					WHEN a.attidentity <> '' THEN ' IDENTITY'
					WHEN a.attgenerated <> '' THEN ' GENERATED AS ' || COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
					WHEN d.oid IS NULL THEN ''
					WHEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval(%' THEN ' DEFAULT of a sequence'
					ELSE ' DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid)
				END AS definition
		FROM table_given g
		JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
		JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = g.table_name
		JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE g.is_written OR a.attname = ANY (g.used)
		UNION ALL
		SELECT g.table_no, 'constraint', o.conname::pg_catalog.text,
			pg_catalog.pg_get_constraintdef(o.oid)
		FROM table_given g
		JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
		JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = g.table_name
		JOIN pg_catalog.pg_constraint o ON o.conrelid = c.oid AND o.contype IN ('c', 'f', 'p', 'u', 'x')
		WHERE g.is_written
		UNION ALL
		SELECT g.table_no, CASE WHEN r.tgtype OPERATOR(pg_catalog.&) 4::pg_catalog.int2 <> 0 THEN 'trigger' ELSE 'other trigger' END,
			r.tgname::pg_catalog.text,
			pg_catalog.pg_get_triggerdef(r.oid)
				|| CASE r.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ', disabled' ELSE ', enabled ' || r.tgenabled::pg_catalog.text END
		FROM table_given g
		JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
		JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = g.table_name
		JOIN pg_catalog.pg_trigger r ON r.tgrelid = c.oid AND NOT r.tgisinternal
		WHERE g.is_written
		UNION ALL
		SELECT g.table_no, 'rule', r.rulename::pg_catalog.text,
			pg_catalog.pg_get_ruledef(r.oid) || CASE r.ev_enabled WHEN 'O' THEN '' ELSE ' enabled ' || r.ev_enabled::pg_catalog.text END
		FROM table_given g
		JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
		JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = g.table_name
		JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid
		WHERE g.is_written) d$template$),

	-- The shape of the copy, for the manifest; $1 are the tables as JSON
	('shape_of_copy', $template$
WITH table_given AS MATERIALIZED (
	SELECT t.*
	FROM pg_catalog.jsonb_to_recordset($1) AS t(table_no integer, schema_name text, table_name text, is_written boolean, used text[])
), shape_found AS (
{{shape}}
)
SELECT g.table_no::bigint, pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('kind', f.kind, 'name', f.name, 'definition', f.definition) ORDER BY f.kind, f.name)::text
FROM table_given g
JOIN shape_found f USING (table_no)
GROUP BY g.table_no
ORDER BY g.table_no$template$),

	--
	-- Questions: each is a subquery that returns one jsonb.  They are executed on the
	-- copy, where {{where}} excludes what the other database does not have, and there.
	--
	('question_count', $template$(SELECT pg_catalog.to_jsonb(pg_catalog.count(*)) FROM {{table}} t WHERE {{where}})$template$),

	-- Ids that are missing, ids that are there besides, and per slice of ids the number
	-- of rows and a fingerprint
	('question_rows', $template$(SELECT pg_catalog.jsonb_build_object('missing', (i.ids - s.seen)::pg_catalog.text, 'added', (s.seen - i.ids)::pg_catalog.text, 'slices', s.slices)
FROM (SELECT {{ids}}::pg_catalog.int8multirange) i(ids)
CROSS JOIN LATERAL (SELECT COALESCE(pg_catalog.range_agg(l.seen), '{}'),
		COALESCE(pg_catalog.jsonb_object_agg(l.slice, pg_catalog.jsonb_build_array(l.row_count, l.fingerprint)), '{}')
	FROM (SELECT pg_catalog.width_bucket(t.{{key}}::pg_catalog.int8, {{bounds}}::pg_catalog.int8[]),
			pg_catalog.range_agg(pg_catalog.int8range(t.{{key}}::pg_catalog.int8, NULLIF(t.{{key}}::pg_catalog.int8, 9223372036854775807) + 1)),
			pg_catalog.count(*), pg_catalog.md5(pg_catalog.string_agg({{line}}, E'\n' ORDER BY t.{{key}}))
		FROM {{table}} t
		WHERE {{where}}
		GROUP BY 1) l(slice, seen, row_count, fingerprint)) s(seen, slices))$template$),

	('question_groups', $template$(SELECT pg_catalog.jsonb_build_object('groups', pg_catalog.count(*),
	'without_items', pg_catalog.count(*) FILTER (WHERE NOT EXISTS (SELECT FROM {{table}} t WHERE t.{{group}} = g.{{group_key}} AND {{where}})))
FROM {{groups}} g)$template$),

	('question_other_restaurant', $template$(SELECT pg_catalog.to_jsonb(pg_catalog.count(*))
FROM {{table}} t
JOIN {{groups}} g ON g.{{group_key}} = t.{{group}}
JOIN {{dishes}} d ON d.{{dish_key}} = t.{{dish}}
WHERE g.{{group_restaurant}} IS DISTINCT FROM d.{{dish_restaurant}} AND {{where}})$template$),

	('question_repeated_pairs', $template$(SELECT pg_catalog.to_jsonb(pg_catalog.count(*))
FROM (SELECT FROM {{table}} t WHERE {{where}} GROUP BY t.{{group}}, t.{{dish}} HAVING pg_catalog.count(*) > 1) p)$template$),

	-- Of the copy: the rows that the set refers to, as menuca_hosted's parts have them
	('referred_lines', $template$SELECT t.{{key}}::pg_catalog.int8, {{line}} FROM {{table}} t WHERE t.{{key}} = ANY ($1) ORDER BY 1$template$),

	-- Rows of the set in the database where it was applied
	('question_applied', $template$(SELECT pg_catalog.to_jsonb(pg_catalog.count(*)) FROM menuca_hosted.fix_set s WHERE s.set_name = {{set}} AND s.state = 'applied')$template$),
	('question_ledger_rows', $template$(SELECT pg_catalog.to_jsonb(COALESCE(pg_catalog.sum(f.row_count), 0)) FROM menuca_hosted.fix_row f WHERE f.set_name = {{set}} AND f.layer_no = {{layer}})$template$),
	('question_intact_rows', $template$(SELECT pg_catalog.to_jsonb(pg_catalog.count(*))
FROM menuca_hosted.fix_row f
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(f.keys), pg_catalog.unnest(f.hashes)) AS r(key, hash)
JOIN {{table}} t ON t.{{key}} = r.key
WHERE f.set_name = {{set}} AND f.layer_no = {{layer}} AND pg_catalog.md5({{row}})::pg_catalog.uuid = r.hash)$template$),

	-- The values of a layer's rows, in the order in which they were exported
	('question_values', $template$(SELECT pg_catalog.to_jsonb(pg_catalog.md5(pg_catalog.string_agg({{line}}, E'\n' ORDER BY t.{{key}})))
FROM {{table}} t
WHERE {{where}})$template$),
	('values_where_applied', $template$t.{{key}} IN (SELECT pg_catalog.unnest(f.keys) FROM menuca_hosted.fix_row f WHERE f.set_name = {{set}} AND f.layer_no = {{layer}})$template$),

	--
	-- 00_check and 03_verify
	--
	('check', $template$WITH set_given AS MATERIALIZED (
	SELECT m.content, (SELECT pg_catalog.jsonb_object_agg(w.key, pg_catalog.current_setting(w.key))
			FROM pg_catalog.jsonb_object_keys(m.content -> 'settings') w(key)) AS callers_settings
	FROM (SELECT {{manifest}}::pg_catalog.jsonb) m(content)
), table_given AS MATERIALIZED (
	SELECT t.*
	FROM set_given s
	CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(s.content -> 'tables')
		AS t(table_no integer, schema_name text, table_name text, is_written boolean, used text[], key_column text, shape pg_catalog.jsonb)
	-- Definitions and rows are read with the settings that the copy has read its own with
	WHERE (SELECT pg_catalog.count(pg_catalog.set_config(w.key, w.value, true)) FROM pg_catalog.jsonb_each_text(s.content -> 'settings') w) > 0
	-- Without a limit the planner expects many more rows, and compiles the query
	LIMIT {{table_count}}
), table_found AS MATERIALIZED (
	SELECT g.*, pg_catalog.format('%I.%I', g.schema_name, g.table_name) AS full_name, n.oid AS schema_oid, c.oid AS table_oid,
		c.relkind IN ('r', 'p') AS is_table,
		pg_catalog.pg_has_role(c.relowner, 'USAGE') AS is_owned,
		pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS can_read,
		pg_catalog.row_security_active(c.oid) AS is_filtered
	FROM table_given g
	LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = g.schema_name
	LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = g.table_name
), shape_found AS MATERIALIZED (
{{shape}}
), shape_difference AS MATERIALIZED (
	SELECT table_no, kind, name, e.definition AS expected, f.definition AS actual
	FROM (SELECT g.table_no, s.kind, s.name, s.definition
		FROM table_given g
		CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(g.shape) AS s(kind text, name text, definition text)) e
	FULL JOIN shape_found f USING (table_no, kind, name)
), question_given AS MATERIALIZED (
	SELECT q.*, (
		SELECT pg_catalog.string_agg(pg_catalog.format(CASE
					WHEN t.table_oid IS NULL THEN 'table %s does not exist'
					WHEN NOT t.is_table THEN '%s is not a table'
					WHEN NOT t.can_read THEN 'this role may not read table %s'
					WHEN t.is_filtered THEN 'row security hides rows of table %s'
					ELSE 'columns of table %s are not as on the copy'
				END, t.full_name), '; ' ORDER BY t.table_no)
		FROM table_found t
		WHERE t.table_no = ANY (q.tables)
			AND (t.table_oid IS NULL OR NOT t.is_table OR NOT t.can_read OR t.is_filtered
				OR EXISTS (SELECT FROM shape_difference d WHERE d.table_no = t.table_no AND d.kind = 'column'
					AND d.name = ANY (t.used) AND d.expected IS DISTINCT FROM d.actual))) AS obstacle
	FROM set_given s
	CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(s.content -> 'questions')
		AS q(question_no integer, name text, tables integer[], kind text, sql text, expected pg_catalog.jsonb,
			severity text, bounds bigint[], last bigint, next_step text)
	LIMIT {{question_count}}
), question_answered AS MATERIALIZED (
	-- The answer is in base64, so that nothing in it is escaped in the XML
	SELECT q.*, CASE
			WHEN q.obstacle IS NOT NULL THEN NULL
			ELSE pg_catalog.convert_from(pg_catalog.decode(pg_catalog.substring(
					pg_catalog.query_to_xml(pg_catalog.format('SELECT pg_catalog.encode(pg_catalog.convert_to((%s)::pg_catalog.text, ''UTF8''), ''base64'') AS x', q.sql),
						true, true, '')::pg_catalog.text, '<x>([^<]*)</x>'), 'base64'), 'UTF8')::pg_catalog.jsonb
		END AS answer
	FROM question_given q
), check_found AS MATERIALIZED (
	SELECT 1 AS section, 1 AS place, 'database' AS name,
		CASE WHEN pg_catalog.current_database() = s.content ->> 'database' THEN 'PASS' ELSE 'FAIL' END AS status,
		s.content ->> 'database' AS expected, pg_catalog.current_database()::pg_catalog.text AS actual, NULL AS detail,
		'Connect to database ' || (s.content ->> 'database') || ', of which the copy was made.' AS next_step
	FROM set_given s
	UNION ALL
	SELECT 1, 2, 'cluster', CASE
			WHEN c.identifier IS NULL OR s.content ->> 'system_identifier' IS NULL THEN 'WARN'
			WHEN c.identifier = s.content ->> 'system_identifier' THEN 'PASS'
			ELSE 'FAIL'
		END,
		COALESCE('system identifier ' || (s.content ->> 'system_identifier'), 'project ' || (s.content ->> 'project')),
		COALESCE('system identifier ' || c.identifier, 'this role may not execute pg_control_system()'),
		CASE WHEN c.identifier IS NULL OR s.content ->> 'system_identifier' IS NULL THEN 'Which cluster this is cannot be compared: see to it that it is the right project.' END,
		'Connect to the server of which the copy was made.'
	FROM set_given s
	CROSS JOIN LATERAL (SELECT CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
			THEN pg_catalog.substring(pg_catalog.query_to_xml('SELECT system_identifier AS x FROM pg_catalog.pg_control_system()', true, true, '')::pg_catalog.text, '<x>([^<]*)</x>')
		END) c(identifier)
	UNION ALL
	SELECT 1, 3, 'server', CASE
			WHEN v.major < 15 THEN 'FAIL'
			WHEN v.major = (s.content ->> 'server')::pg_catalog.int4 THEN 'PASS'
			ELSE 'WARN'
		END,
		'PostgreSQL ' || (s.content ->> 'server'), 'PostgreSQL ' || v.major,
		CASE WHEN v.major >= 15 AND v.major <> (s.content ->> 'server')::pg_catalog.int4 THEN 'The copy is on another major version.' END,
		CASE WHEN v.major < 15 THEN 'Use PostgreSQL 15 or newer.' ELSE 'Continue if no row is FAIL: definitions are compared without what versions print differently.' END
	FROM set_given s
	CROSS JOIN (SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 / 10000) v(major)
	UNION ALL
	SELECT 2, t.table_no, 'table ' || t.full_name,
		CASE WHEN t.is_table AND t.can_read THEN 'PASS' ELSE 'FAIL' END,
		'a table that this role may read',
		CASE
			WHEN t.schema_oid IS NULL THEN 'schema ' || pg_catalog.quote_ident(t.schema_name) || ' does not exist'
			WHEN t.table_oid IS NULL THEN 'it does not exist'
			WHEN NOT t.is_table THEN 'it is not a table'
			WHEN NOT t.can_read THEN 'this role may not read it'
			ELSE 'a table that this role may read'
		END, NULL,
		CASE WHEN t.schema_name = 'menuca_hosted' AND t.table_oid IS NULL THEN 'Run the files 01_stage and 02_apply of this set first.'
			WHEN t.schema_name = 'menuca_hosted' THEN 'Run it as the role that has run the files 01_stage.'
			ELSE 'Run it as the role that owns table ' || t.full_name || '.' END
	FROM table_found t
	UNION ALL
	SELECT 3, t.table_no * 10 + k.place, k.plural || ' of ' || t.full_name,
		CASE WHEN pg_catalog.bool_or(d.is_serious) THEN 'FAIL' WHEN pg_catalog.bool_or(d.is_different) THEN 'WARN' ELSE 'PASS' END,
		pg_catalog.count(d.expected)::pg_catalog.text || ' as on the copy',
		pg_catalog.count(*) FILTER (WHERE NOT d.is_different)::pg_catalog.text || ' as on the copy',
		pg_catalog.string_agg(CASE
				WHEN d.actual IS NULL THEN pg_catalog.format('%s %I is missing (%s)', d.kind, d.name, d.expected)
				WHEN d.expected IS NULL THEN pg_catalog.format('%s %I is not on the copy (%s)', d.kind, d.name, d.actual)
				ELSE pg_catalog.format('%s %I is (%s), on the copy (%s)', d.kind, d.name, d.actual, d.expected)
			END, '; ' ORDER BY d.kind, d.name) FILTER (WHERE d.is_different),
		'Make a copy of the database as it is now, repeat the repair there, and export it again.'
	FROM table_found t
	JOIN (VALUES (1, 'column', 'columns'), (2, 'constraint', 'constraints'), (3, 'trigger', 'triggers'), (4, 'other trigger', 'other triggers'), (5, 'rule', 'rules')) k(place, kind, plural) ON true
	JOIN (SELECT *, expected IS DISTINCT FROM actual AS is_different,
			expected IS DISTINCT FROM actual AND kind <> 'other trigger' AND NOT (kind = 'constraint' AND expected IS NULL) AS is_serious
		FROM shape_difference) d ON d.table_no = t.table_no AND d.kind = k.kind
	WHERE t.table_oid IS NOT NULL
	GROUP BY t.table_no, t.full_name, k.place, k.plural
	UNION ALL
	SELECT 4, t.table_no, 'rights on ' || t.full_name,
		CASE WHEN r.missing IS NULL THEN 'PASS' ELSE 'FAIL' END,
		CASE WHEN t.is_written THEN 'INSERT, UPDATE, DELETE and the key''s sequence, as its owner has' ELSE 'a right to lock it, as its owner has' END,
		COALESCE('without ' || r.missing, CASE WHEN t.is_owned THEN 'the owner''s' ELSE 'granted' END), NULL,
		'Run it as the role that owns table ' || t.full_name || '.'
	FROM table_found t
	CROSS JOIN set_given s
	CROSS JOIN LATERAL (SELECT pg_catalog.string_agg(m.name, ', ' ORDER BY m.place)
		FROM (VALUES
			(1, 'INSERT', t.is_written AND NOT pg_catalog.has_table_privilege(t.table_oid, 'INSERT')),
			(2, 'UPDATE', t.is_written AND NOT pg_catalog.has_table_privilege(t.table_oid, 'UPDATE')),
			(3, 'DELETE', t.is_written AND NOT pg_catalog.has_table_privilege(t.table_oid, 'DELETE')),
			(4, 'a right to lock it', NOT pg_catalog.has_table_privilege(t.table_oid, 'UPDATE, DELETE, TRUNCATE')),
			(5, 'USAGE of its key''s sequence', t.is_written AND EXISTS (
				SELECT FROM pg_catalog.pg_depend p
				JOIN pg_catalog.pg_attribute a ON a.attrelid = t.table_oid AND a.attname = t.key_column AND a.attnum = p.refobjsubid
				WHERE p.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
					AND p.refobjid = t.table_oid AND p.deptype IN ('a', 'i')
					-- Indexes with the key depend on it, too, and the function raises an error for them
					AND CASE WHEN (SELECT c.relkind FROM pg_catalog.pg_class c WHERE c.oid = p.objid) = 'S'
						THEN NOT pg_catalog.has_sequence_privilege(p.objid, 'USAGE') END))
		) m(place, name, is_missing)
		WHERE m.is_missing) r(missing)
	WHERE t.is_table AND s.content ->> 'file' = '00_check'
	UNION ALL
	SELECT 5, 1, 'schema menuca_hosted', CASE WHEN c.other IS NULL AND c.can THEN 'PASS' ELSE 'FAIL' END,
		'this role may create the stage and the ledger',
		CASE WHEN c.other IS NOT NULL THEN 'it belongs to role ' || pg_catalog.quote_ident(c.other) WHEN c.can THEN 'it may' ELSE 'it may not' END, NULL,
		CASE WHEN c.other IS NOT NULL THEN 'Drop or rename that schema, or run the files as its owner.'
			ELSE pg_catalog.format('GRANT CREATE ON DATABASE %I TO %I;', pg_catalog.current_database(), current_user) END
	FROM set_given s
	LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'menuca_hosted'
	CROSS JOIN LATERAL (SELECT CASE WHEN n.oid IS NULL THEN pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
				ELSE pg_catalog.has_schema_privilege(n.oid, 'CREATE') END,
			CASE WHEN pg_catalog.pg_get_userbyid(n.nspowner) <> current_user AND NOT EXISTS (
				SELECT FROM table_found t JOIN pg_catalog.pg_class o ON o.oid = t.table_oid WHERE t.is_written AND o.relowner = n.nspowner)
				THEN pg_catalog.pg_get_userbyid(n.nspowner) END) c(can, other)
	WHERE s.content ->> 'file' = '00_check'
	UNION ALL
	SELECT 6, t.table_no, 'row security of ' || t.full_name, CASE WHEN t.is_filtered THEN 'FAIL' ELSE 'PASS' END,
		'hides no rows from this role',
		CASE WHEN t.is_filtered THEN 'it may hide rows' ELSE 'hides no rows from this role' END, NULL,
		'Run it as the role that owns table ' || t.full_name || '.'
	FROM table_found t
	WHERE t.is_table
	UNION ALL
	SELECT 7, q.question_no, q.name,
		CASE WHEN q.obstacle IS NULL AND q.answer = q.expected THEN 'PASS' WHEN q.obstacle IS NULL THEN q.severity ELSE 'FAIL' END,
		e.expected, e.actual, e.detail, q.next_step
	FROM question_answered q
	CROSS JOIN LATERAL (
		SELECT CASE q.kind WHEN 'rows' THEN pg_catalog.format('%s rows, fingerprint %s', e.row_count, e.fingerprint) ELSE q.expected #>> '{}' END AS expected,
			CASE WHEN q.obstacle IS NOT NULL THEN q.obstacle
				WHEN q.kind = 'rows' THEN pg_catalog.format('%s rows, fingerprint %s', a.row_count, a.fingerprint)
				ELSE q.answer #>> '{}' END AS actual,
			CASE WHEN q.kind = 'rows' AND q.answer <> q.expected THEN pg_catalog.concat_ws('; ',
				'missing ids ' || NULLIF(pg_catalog.left(q.answer ->> 'missing', 300), '{}'),
				'ids that the copy does not have ' || NULLIF(pg_catalog.left(q.answer ->> 'added', 300), '{}'),
				'other rows among the ids ' || d.slices)
			END AS detail
		FROM (SELECT COALESCE(pg_catalog.sum((v.value ->> 0)::pg_catalog.int8), 0), pg_catalog.md5((q.expected -> 'slices')::pg_catalog.text)
			FROM pg_catalog.jsonb_each(CASE q.kind WHEN 'rows' THEN q.expected -> 'slices' END) v) e(row_count, fingerprint)
		CROSS JOIN (SELECT COALESCE(pg_catalog.sum((v.value ->> 0)::pg_catalog.int8), 0), pg_catalog.md5((q.answer -> 'slices')::pg_catalog.text)
			FROM pg_catalog.jsonb_each(CASE q.kind WHEN 'rows' THEN q.answer -> 'slices' END) v) a(row_count, fingerprint)
		CROSS JOIN (SELECT pg_catalog.string_agg(CASE WHEN key = '0' THEN 'below ' || q.bounds[1]
				ELSE pg_catalog.format('%s to %s', q.bounds[key::pg_catalog.int4], COALESCE(q.bounds[key::pg_catalog.int4 + 1] - 1, q.last)) END, ', ' ORDER BY key::pg_catalog.int4)
			FROM pg_catalog.jsonb_each(CASE q.kind WHEN 'rows' THEN q.expected -> 'slices' END) x
			FULL JOIN pg_catalog.jsonb_each(CASE q.kind WHEN 'rows' THEN q.answer -> 'slices' END) y USING (key)
			WHERE x.value IS DISTINCT FROM y.value) d(slices)) e
), check_row AS MATERIALIZED (
	SELECT (pg_catalog.row_number() OVER (ORDER BY c.section, c.place))::pg_catalog.int4 AS check_no, c.name, c.status, c.expected, c.actual, c.detail,
		CASE WHEN c.status <> 'PASS' THEN c.next_step END AS next_step
	FROM check_found c
), receipt AS MATERIALIZED (
	SELECT pg_catalog.jsonb_build_object('set', s.content ->> 'set', 'file', s.content ->> 'file', 'database', pg_catalog.current_database(),
			'exported_from', s.content ->> 'copy', 'time', pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.now()), 'YYYY-MM-DD HH24:MI:SS "UTC"'),
			'rows', (SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(r) ORDER BY r.check_no) FROM check_row r)) AS body
	FROM set_given s
)
SELECT r.check_no, r.name, r.status, r.expected, r.actual, r.detail, r.next_step
FROM check_row r
UNION ALL
SELECT w.row_count + 1, 'receipt', w.status, 'no FAIL',
	(c.body || pg_catalog.jsonb_build_object('sha256', pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(c.body::pg_catalog.text, 'UTF8')), 'hex')))::pg_catalog.text,
	'Paste the column actual of this row, as it is, where the copy''s runbook asks for the result of this file.',
	CASE WHEN w.status = 'FAIL' THEN 'See to the rows that are FAIL, then run this file again.' ELSE s.content ->> 'then' END
FROM receipt c
CROSS JOIN set_given s
CROSS JOIN (SELECT pg_catalog.count(*)::pg_catalog.int4,
		CASE WHEN pg_catalog.bool_or(k.status = 'FAIL') THEN 'FAIL' WHEN pg_catalog.bool_or(k.status = 'WARN') THEN 'WARN' ELSE 'PASS' END
	FROM check_row k) w(row_count, status)
-- All is read now; what follows in the client's transaction has its own settings
WHERE (SELECT pg_catalog.count(pg_catalog.set_config(b.key, b.value, true))
	FROM pg_catalog.jsonb_each_text(CASE WHEN c.body IS NOT NULL AND w.row_count > 0 THEN s.callers_settings END) b) > 0
ORDER BY 1$template$),

	-- What each statement that writes is inside of
	('guarded', $template$	DECLARE
		identifier bigint;
	BEGIN
{{right_database}}	<<work>>{{statements}};
	END;$template$),

	-- Only the right database goes on
	('right_database', $template$	IF pg_catalog.current_database() <> {{database}} THEN
		RAISE EXCEPTION USING ERRCODE = 'MC020', MESSAGE = pg_catalog.format('%s is refused: this is database %I', {{set}}, pg_catalog.current_database()),
			DETAIL = 'The copy was made of database ' || {{database}} || '. Nothing was changed.', HINT = 'Connect to that database.';
	END IF;
	IF pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') THEN
		EXECUTE 'SELECT system_identifier FROM pg_catalog.pg_control_system()' INTO identifier;
		IF identifier <> {{system_identifier}} THEN
			RAISE EXCEPTION USING ERRCODE = 'MC020', MESSAGE = pg_catalog.format('%s is refused: this cluster has the system identifier %s', {{set}}, identifier),
				DETAIL = 'The copy was made of a database in cluster ' || {{system_identifier}} || '. Nothing was changed.', HINT = 'Connect to that server.';
		END IF;
	END IF;
$template$),

	-- Whoever owns stage and ledger could change what is applied, or have code of his run here
	('own_stage', $template$	IF EXISTS (SELECT FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid,
			LATERAL (VALUES (n.nspowner), (c.relowner)) AS o(owner)
		WHERE n.nspname = 'menuca_hosted' AND pg_catalog.pg_get_userbyid(o.owner) <> current_user
			AND o.owner <> ALL (SELECT t.relowner FROM pg_catalog.unnest(ARRAY[{{written_literals}}]) w(name) JOIN pg_catalog.pg_class t ON t.oid = pg_catalog.to_regclass(w.name))) THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = pg_catalog.format('%s is refused: schema menuca_hosted is not that of role %I', {{set}}, current_user),
			DETAIL = 'Another role owns the schema or a table in it, and is not the owner of the tables to repair. Nothing was changed.',
			HINT = 'See whose they are, and drop or rename the schema: SELECT n.nspowner::regrole, c.relname, c.relowner::regrole FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid WHERE n.nspname = ''menuca_hosted'';';
	END IF;
$template$),

	-- A transaction that keeps its first snapshot would not see what others have changed
	-- while it waited for its locks
	('current_snapshot', $template$	IF pg_catalog.current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_state', MESSAGE = pg_catalog.format('%s is refused: its transaction is %s', the_set, pg_catalog.current_setting('transaction_isolation')),
			DETAIL = 'It would not see what other sessions have changed while it waits for its locks. Nothing was changed.',
			HINT = 'Run this file in a transaction that is read committed: SET default_transaction_isolation = ''read committed'';';
	END IF;
$template$),

	-- The set's row, which one session has at a time
	('lock_set', $template$	BEGIN
		SELECT * INTO set_row FROM menuca_hosted.fix_set s WHERE s.set_name = the_set FOR UPDATE;
	EXCEPTION WHEN lock_not_available THEN
		RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = pg_catalog.format('%s is refused: another session applies it or rolls it back', the_set),
			DETAIL = 'Its row in menuca_hosted.fix_set could not be locked within 5 s. Nothing was changed.', HINT = 'Run this file again when that session has ended.';
	END;
$template$),

	--
	-- 01_stage
	--
	('stage_begin', $template$
DECLARE
	callers_messages constant pg_catalog.text := pg_catalog.current_setting('client_min_messages');
	staged pg_catalog.text;
	stage_object record;
BEGIN
	PERFORM pg_catalog.set_config('client_min_messages', 'warning', true);	-- not that they exist already
	CREATE SCHEMA IF NOT EXISTS menuca_hosted;
	CREATE TABLE IF NOT EXISTS menuca_hosted.fix_set (
		set_name text PRIMARY KEY,
		content text NOT NULL,
		state text NOT NULL DEFAULT 'staged' CHECK (state IN ('staged', 'applied', 'rolled back')),
		staged_by text NOT NULL DEFAULT current_user,
		staged_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
		applied_by text,
		applied_at timestamptz,
		figures jsonb,
		rolled_back_by text,
		rolled_back_at timestamptz
	);
	CREATE TABLE IF NOT EXISTS menuca_hosted.fix_part (
		set_name text NOT NULL,
		kind text NOT NULL CHECK (kind IN ('rows', 'referred', 'text')),
		number integer NOT NULL,
		part_no integer NOT NULL,
		row_count integer NOT NULL,
		columns text[] NOT NULL,
		checksum text NOT NULL,
		PRIMARY KEY (set_name, kind, number, part_no)
	);
	CREATE TABLE IF NOT EXISTS menuca_hosted.fix_row (
		set_name text NOT NULL,
		layer_no integer NOT NULL,
		chunk_no integer NOT NULL,
		row_count bigint NOT NULL,
		keys bigint[] NOT NULL,
		hashes uuid[] NOT NULL,
		PRIMARY KEY (set_name, layer_no, chunk_no)
	);
	-- Hashes cannot be compressed, and trying takes time
	ALTER TABLE menuca_hosted.fix_row ALTER COLUMN hashes SET STORAGE EXTERNAL;
	PERFORM pg_catalog.set_config('client_min_messages', callers_messages, true);
	COMMENT ON SCHEMA menuca_hosted IS 'Stage and ledger of the changes that were exported by menuca_migrate. The file 05_clean of the last set removes it.';

	-- Default privileges may have granted rights to API roles
	FOR stage_object IN
		SELECT DISTINCT o.object, a.grantee
		FROM (SELECT 'SCHEMA menuca_hosted', n.nspowner, n.nspacl FROM pg_catalog.pg_namespace n WHERE n.nspname = 'menuca_hosted'
			UNION ALL
			SELECT pg_catalog.format('TABLE menuca_hosted.%I', c.relname), c.relowner, c.relacl
			FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = 'menuca_hosted' AND c.relname IN ('fix_set', 'fix_part', 'fix_row')) o(object, owner, acl)
		CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) a
		WHERE a.grantee <> o.owner
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s CASCADE', stage_object.object,
			CASE WHEN stage_object.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(stage_object.grantee)) END);
	END LOOP;

	INSERT INTO menuca_hosted.fix_set (set_name, content) VALUES ({{set}}, {{content}}) ON CONFLICT DO NOTHING;
	SELECT s.content INTO STRICT staged FROM menuca_hosted.fix_set s WHERE s.set_name = {{set}};
	IF staged <> {{content}} THEN
		RAISE EXCEPTION USING ERRCODE = 'MC022', MESSAGE = pg_catalog.format('another export of %s is staged', {{set}}),
			DETAIL = 'Its content is ' || staged || ', and this one''s is ' || {{content}} || '. Nothing was changed.',
			HINT = 'Run the file 05_clean of the other export, then this one.';
	END IF;
END $template$),

	('stage_part', $template$
DECLARE
	staged pg_catalog.text;
	part constant pg_catalog.text[] := ARRAY[{{columns}}]::pg_catalog.text[];
BEGIN
	IF pg_catalog.md5(pg_catalog.array_to_string(part, E'\n', '-')) <> {{checksum}} OR {{counts}} THEN
		RAISE EXCEPTION USING ERRCODE = 'MC006', MESSAGE = 'the file {{file}} did not arrive as it was written',
			DETAIL = pg_catalog.format('Its checksum is %s, and was {{bare_checksum}} for {{row_count}} rows. Nothing was changed.', pg_catalog.md5(pg_catalog.array_to_string(part, E'\n', '-'))),
			HINT = 'Copy the file again, whole and in UTF-8, and set client_encoding = ''UTF8''.';
	END IF;
	IF pg_catalog.to_regclass('menuca_hosted.fix_set') IS NOT NULL THEN
		SELECT s.content INTO staged FROM menuca_hosted.fix_set s WHERE s.set_name = {{set}};
	END IF;
	IF staged IS DISTINCT FROM {{content}} THEN
		RAISE EXCEPTION USING ERRCODE = 'MC022', MESSAGE = pg_catalog.format('the stage of %s is not that of this export', {{set}}),
			DETAIL = COALESCE('Its content is ' || staged, 'It has not been begun') || '. Nothing was changed.',
			HINT = 'Run the file {{first_file}} first.';
	END IF;
	INSERT INTO menuca_hosted.fix_part (set_name, kind, number, part_no, row_count, columns, checksum)
	VALUES ({{set}}, {{kind}}, {{number}}, {{part_no}}, {{row_count}}, part, {{checksum}})
	ON CONFLICT DO NOTHING;
	IF NOT EXISTS (SELECT FROM menuca_hosted.fix_part p
		WHERE p.set_name = {{set}} AND p.kind = {{kind}} AND p.number = {{number}} AND p.part_no = {{part_no}}
			AND p.row_count = {{row_count}} AND p.columns = part AND p.checksum = {{checksum}}) THEN
		RAISE EXCEPTION USING ERRCODE = 'MC006', MESSAGE = 'another part is staged in place of the file {{file}}',
			DETAIL = 'Nothing was changed.', HINT = 'Run the file 05_clean of this set, then all files from {{first_file}} on.';
	END IF;
END $template$),

	--
	-- 02_apply
	--
	('apply', $template$
DECLARE
	the_set constant pg_catalog.text := {{set}};
	asked pg_catalog.text;
	expected_parts constant pg_catalog.jsonb := {{parts}};
	set_row record;
	part record;
	problem record;
	problems pg_catalog.text[] := '{}';
	differences pg_catalog.text[] := '{}';
	next_step pg_catalog.text;
	examples pg_catalog.text[];
	expression pg_catalog.text;
	locked boolean := false;
	answer pg_catalog.jsonb;
	figures pg_catalog.jsonb := '{}';
	sequence pg_catalog.text;
	new_keys bigint[];
	done bigint;
	affected bigint;
	rows_before bigint;
	rows_after bigint;
	content_before pg_catalog.text;
{{key_variables}}BEGIN
{{current_snapshot}}
	-- Applied already: nothing to do
	IF pg_catalog.to_regclass('menuca_hosted.fix_set') IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'MC022', MESSAGE = pg_catalog.format('%s is refused: it is not staged', the_set),
			DETAIL = 'Nothing was changed.', HINT = 'Run the file {{first_file}} and those that follow it first.';
	END IF;
{{lock_set}}	IF set_row.state = 'applied' THEN
		RAISE NOTICE '% was applied at % by %. Nothing is done.', the_set, set_row.applied_at, set_row.applied_by;
		EXIT work;
	END IF;

	-- All parts are staged, and as they were written
	FOR part IN
		SELECT e.kind, e.number, e.file, e.parts, e.row_count, s.found_parts, s.found_rows, s.checksum IS NOT DISTINCT FROM e.checksum AS is_same
		FROM pg_catalog.jsonb_to_recordset(expected_parts) AS e(kind text, number integer, file text, parts integer, row_count bigint, checksum text)
		LEFT JOIN LATERAL (SELECT pg_catalog.count(*), pg_catalog.sum(p.row_count),
				pg_catalog.md5(pg_catalog.string_agg(pg_catalog.md5(pg_catalog.array_to_string(p.columns, E'\n', '-')), ',' ORDER BY p.part_no))
			FROM menuca_hosted.fix_part p
			WHERE p.set_name = the_set AND p.kind = e.kind AND p.number = e.number) s(found_parts, found_rows, checksum) ON true
	LOOP
		IF set_row.content IS DISTINCT FROM {{content}} OR NOT part.is_same OR part.found_rows IS DISTINCT FROM part.row_count THEN
			RAISE EXCEPTION USING ERRCODE = 'MC006', MESSAGE = pg_catalog.format('%s is refused: its stage is not complete', the_set),
				DETAIL = pg_catalog.format('Of the %s parts (%s rows) in the files %s, %s (%s rows) are staged%s. Nothing was changed.', part.parts, part.row_count, part.file,
					part.found_parts, COALESCE(part.found_rows, 0), CASE WHEN part.found_parts = part.parts THEN ', with other content' ELSE '' END),
				HINT = 'Run the files 01_stage of this set, each of which can be repeated; if that changes nothing, 05_clean and all of them.';
		END IF;
	END LOOP;

	-- What this database is asked is staged, too, since it is long; nothing else is executed
	SELECT pg_catalog.string_agg(r.piece, '' ORDER BY p.part_no, r.place) INTO asked
	FROM menuca_hosted.fix_part p
	CROSS JOIN LATERAL pg_catalog.unnest(p.columns[1]::text[]) WITH ORDINALITY AS r(piece, place)
	WHERE p.set_name = the_set AND p.kind = 'text';
	IF pg_catalog.md5(asked) IS DISTINCT FROM {{text_checksum}} THEN
		RAISE EXCEPTION USING ERRCODE = 'MC006', MESSAGE = pg_catalog.format('%s is refused: the text of its checks was changed', the_set),
			DETAIL = 'Nothing was changed.', HINT = 'Find out who writes to menuca_hosted.fix_part; then run 05_clean and all files of 01_stage.';
	END IF;

	BEGIN
		LOCK TABLE {{written}} IN SHARE ROW EXCLUSIVE MODE;
{{lock_parents}}		locked := true;
	EXCEPTION
		WHEN lock_not_available THEN
			RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = pg_catalog.format('%s is refused: another session uses its tables', the_set),
				DETAIL = 'The locks could not be had within 5 s. Nothing was changed.', HINT = 'Run this file again when fewer sessions write.';
		WHEN undefined_table OR invalid_schema_name OR insufficient_privilege OR wrong_object_type THEN
			NULL;	-- the checks name it
	END;

	-- The checks of 00_check
	FOR problem IN EXECUTE pg_catalog.left(asked, {{check_length}}) LOOP
		CONTINUE WHEN problem.status <> 'FAIL' OR problem.name = 'receipt';
		problems := problems || pg_catalog.format('%s: expected %s, found %s%s', problem.name, problem.expected, problem.actual, COALESCE('; ' || problem.detail, ''));
		next_step := COALESCE(next_step, problem.next_step);
	END LOOP;
	IF pg_catalog.cardinality(problems) > 0 THEN
{{differences}}		RAISE EXCEPTION USING ERRCODE = 'MC022', MESSAGE = pg_catalog.format('%s is refused: %s of its checks fail', the_set, pg_catalog.cardinality(problems)),
			DETAIL = pg_catalog.array_to_string(differences || problems[1:5], E'\n') || E'\nNothing was changed.',
			HINT = next_step;
	END IF;
	IF NOT locked THEN
		RAISE EXCEPTION USING ERRCODE = 'MC022', MESSAGE = pg_catalog.format('%s is refused: its tables cannot be locked', the_set),
			DETAIL = 'Nothing was changed.', HINT = 'Run it as the role that owns the tables.';
	END IF;

{{before}}{{layers}}{{after}}
	-- What holds on the copy holds here
	FOR problem IN SELECT * FROM pg_catalog.jsonb_to_recordset(pg_catalog.substr(asked, {{check_length}} + 1)::jsonb) AS q(name text, sql text, expected jsonb) LOOP
		EXECUTE 'SELECT ' || problem.sql INTO answer;
		figures := figures || pg_catalog.jsonb_build_object(problem.name, answer);
		IF answer IS DISTINCT FROM problem.expected THEN
			RAISE EXCEPTION USING ERRCODE = 'MC003', MESSAGE = pg_catalog.format('%s is undone: %s', the_set, problem.name),
				DETAIL = pg_catalog.format('It is %s, and on the copy %s. Nothing was changed.', answer, problem.expected),
				HINT = 'Make a copy of the database as it is now, repeat the repair there, and export it again.';
		END IF;
	END LOOP;
	UPDATE menuca_hosted.fix_set s
	SET state = 'applied', applied_by = current_user, applied_at = pg_catalog.clock_timestamp(), figures = apply_figures.now,
		rolled_back_by = NULL, rolled_back_at = NULL
	FROM (SELECT figures) apply_figures(now)
	WHERE s.set_name = the_set;
END $template$),

	-- Rows that are not as they were, by name; one of these for each table that the set refers to
	('apply_differences', $template$		BEGIN
			SELECT pg_catalog.array_agg(pg_catalog.format('%s row %s is %s, and was %s on the copy (%s)', {{table_literal}}, d.key, COALESCE(d.line_now, 'missing'), d.line_then, {{columns_literal}}) ORDER BY d.key)
			INTO examples
			FROM (SELECT r.key, r.line AS line_then, CASE WHEN t.{{key}} IS NOT NULL THEN {{line}} END AS line_now
				FROM menuca_hosted.fix_part p
				CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(p.columns[1]::pg_catalog.int8[]), pg_catalog.unnest(p.columns[2]::pg_catalog.text[])) AS r(key, line)
				LEFT JOIN {{table}} t ON t.{{key}} = r.key
				WHERE p.set_name = the_set AND p.kind = 'referred' AND p.number = {{number}}
					AND (t.{{key}} IS NULL OR {{line}} <> r.line)
				ORDER BY r.key
				LIMIT 5) d;
			differences := differences || examples;
		EXCEPTION WHEN undefined_table OR undefined_column OR undefined_function OR insufficient_privilege OR invalid_schema_name THEN
			NULL;	-- the checks name it
		END;
$template$),

	('apply_before', $template$	-- The table as it is before
	SELECT pg_catalog.count(*), pg_catalog.md5(pg_catalog.string_agg(pg_catalog.md5((t.*)::pg_catalog.text), '' ORDER BY t.{{key}}))
	INTO rows_before, content_before FROM {{table}} t;
	figures := figures || pg_catalog.jsonb_build_object('before ' || {{table_literal}}, pg_catalog.jsonb_build_object('rows', rows_before, 'content', content_before));
$template$),

	('apply_layer', $template$
	-- Layer {{number}}: run {{run}}, {{kind}}, {{row_count}} rows into {{table_comment}}
	sequence := pg_catalog.pg_get_serial_sequence({{table_literal}}, {{key_literal}});
	IF sequence IS NOT NULL THEN
		SELECT pg_catalog.array_agg(pg_catalog.nextval(sequence::pg_catalog.regclass))
		INTO new_keys FROM pg_catalog.generate_series(1, {{row_count}});
	ELSE
		SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) INTO expression
		FROM pg_catalog.pg_attrdef d
		JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
		WHERE d.adrelid = {{table_literal}}::pg_catalog.regclass AND a.attname = {{key_literal}};
		EXECUTE pg_catalog.format('SELECT pg_catalog.array_agg((%s)::pg_catalog.int8) FROM pg_catalog.generate_series(1, {{row_count}}) n',
			COALESCE(expression, '(SELECT COALESCE(pg_catalog.max(t.' || pg_catalog.quote_ident({{key_literal}}) || '), 0) FROM ' || {{table_literal}} || ' t) + n')) INTO new_keys;
	END IF;
	SELECT pg_catalog.min(k.key) INTO done FROM pg_catalog.unnest(new_keys) k(key) JOIN {{table}} t ON t.{{key}} = k.key;
	IF done IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'MC003', MESSAGE = pg_catalog.format('%s is undone: new keys of %s are those of its rows', the_set, {{table_literal}}),
			DETAIL = pg_catalog.format('The next key is %s, which a row has. Nothing was changed.', done),
			HINT = CASE WHEN sequence IS NULL THEN 'See to it that the default of the key makes new ones, and run this file again.'
				ELSE pg_catalog.format('Set the sequence to the greatest key, and run this file again: SELECT pg_catalog.setval(%L, (SELECT pg_catalog.max(t.%s) FROM %s t));',
					sequence, {{key_name_literal}}, {{table_literal}}) END;
	END IF;
	done := 0;
	FOR part IN
		SELECT p.row_count, p.columns FROM menuca_hosted.fix_part p
		WHERE p.set_name = the_set AND p.kind = 'rows' AND p.number = {{number}}
		ORDER BY p.part_no
	LOOP
		-- The table's triggers may rely on the caller's search_path
		PERFORM pg_catalog.set_config('search_path', callers_settings ->> 'search_path', true);
		INSERT INTO {{table}} ({{names}})
		OVERRIDING SYSTEM VALUE
		SELECT {{values}}
		FROM ROWS FROM (pg_catalog.unnest(new_keys[done OPERATOR(pg_catalog.+) 1:done OPERATOR(pg_catalog.+) part.row_count]){{arrays}}) AS r({{array_names}})
		WHERE NOT EXISTS (SELECT FROM {{table}} t WHERE {{present}});
		GET DIAGNOSTICS affected = ROW_COUNT;
		PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
		IF affected <> part.row_count THEN
			SELECT pg_catalog.array_agg(d.key::pg_catalog.text) INTO examples
			FROM (SELECT t.{{key}}
				FROM ROWS FROM (pg_catalog.unnest(new_keys[done + 1:done + part.row_count]){{arrays}}) AS r({{array_names}})
				JOIN {{table}} t ON {{present}} AND NOT t.{{key}} = ANY (new_keys)
				LIMIT 5) d(key);
			RAISE EXCEPTION USING ERRCODE = 'MC003', MESSAGE = pg_catalog.format('%s is undone: only %s of %s rows were inserted into %s', the_set, affected, part.row_count, {{table_literal}}),
				DETAIL = COALESCE('Rows that are there already: ' || pg_catalog.array_to_string(examples, ', '), 'A trigger or a rule of the table has discarded the others') || '. Nothing was changed.',
				HINT = 'Make a copy of the database as it is now, repeat the repair there, and export it again.';
		END IF;
		done := done + affected;
	END LOOP;
	IF done <> {{row_count}} THEN
		RAISE EXCEPTION USING ERRCODE = 'MC003', MESSAGE = pg_catalog.format('%s is undone: %s of {{row_count}} rows were inserted into %s', the_set, done, {{table_literal}}),
			DETAIL = 'Nothing was changed.', HINT = 'Run the files 01_stage of this set again, each of which can be repeated.';
	END IF;
	keys_{{table_no}} := keys_{{table_no}} || new_keys;
	INSERT INTO menuca_hosted.fix_row (set_name, layer_no, chunk_no, row_count, keys, hashes)
	SELECT the_set, {{number}}, c.chunk + 1, pg_catalog.count(*), pg_catalog.array_agg(c.key),
		pg_catalog.array_agg(pg_catalog.md5({{row}})::pg_catalog.uuid)
	FROM (SELECT k.key, (k.place - 1) / 10000 FROM pg_catalog.unnest(new_keys) WITH ORDINALITY AS k(key, place)) c(key, chunk)
	JOIN {{table}} t ON t.{{key}} = c.key
	GROUP BY c.chunk;
$template$),

	('apply_after', $template$
	-- Before + inserted = after
	SELECT pg_catalog.count(*) INTO rows_after FROM {{table}} t;
	rows_before := (figures -> ('before ' || {{table_literal}}) ->> 'rows')::pg_catalog.int8;
	IF rows_after <> rows_before + {{row_count}}
		OR {{row_count}} <> (SELECT pg_catalog.sum(f.row_count) FROM menuca_hosted.fix_row f WHERE f.set_name = the_set AND f.layer_no IN ({{layers}})) THEN
		RAISE EXCEPTION USING ERRCODE = 'MC003', MESSAGE = pg_catalog.format('%s is undone: table %s has %s rows', the_set, {{table_literal}}, rows_after),
			DETAIL = pg_catalog.format('It had %s, and {{row_count}} were inserted. Nothing was changed.', rows_before),
			HINT = 'Find out which trigger of the table inserts or deletes rows.';
	END IF;
	figures := figures || pg_catalog.jsonb_build_object('after ' || {{table_literal}}, pg_catalog.jsonb_build_object('rows', rows_after, 'inserted', {{row_count}}));
$template$),

	('ledger_row', $template$SELECT s.set_name, s.state, s.applied_by, s.applied_at, s.rolled_back_by, s.rolled_back_at,
	(SELECT pg_catalog.sum(f.row_count) FROM menuca_hosted.fix_row f WHERE f.set_name OPERATOR(pg_catalog.=) s.set_name) AS ledger_rows, s.figures,
	CASE WHEN pg_catalog.pg_current_xact_id_if_assigned() IS NOT NULL THEN 'Its transaction has not ended: nothing is kept before COMMIT.' END AS next_step
FROM menuca_hosted.fix_set s
WHERE s.set_name OPERATOR(pg_catalog.=) {{set}}$template$),

	--
	-- 04_rollback
	--
	('rollback', $template$
DECLARE
	the_set constant pg_catalog.text := {{set}};
	layers constant pg_catalog.jsonb := {{layers}};
	set_row record;
	layer record;
	reference record;
	examples pg_catalog.text;
	affected bigint;
	rows_before bigint;
	rows_after bigint;
	content_before pg_catalog.text;
	content_after pg_catalog.text;
	figures pg_catalog.jsonb := '{}';
BEGIN
{{current_snapshot}}	IF pg_catalog.to_regclass('menuca_hosted.fix_set') IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'MC005', MESSAGE = pg_catalog.format('%s cannot be rolled back: its ledger is gone', the_set),
			DETAIL = 'Nothing was changed.', HINT = 'Restore a backup that was made before it.';
	END IF;
{{lock_set}}	IF set_row.state IS DISTINCT FROM 'applied' THEN
		RAISE NOTICE '% is %. Nothing is done.', the_set, COALESCE(set_row.state, 'not staged');
		EXIT work;
	END IF;
	IF set_row.content <> {{content}} THEN
		RAISE EXCEPTION USING ERRCODE = 'MC005', MESSAGE = pg_catalog.format('another export of %s was applied', the_set),
			DETAIL = 'Nothing was changed.', HINT = 'Run the file 04_rollback of that export.';
	END IF;
	-- A row that is locked gets no more dependants
	BEGIN
		LOCK TABLE {{written}} IN SHARE ROW EXCLUSIVE MODE;
		FOR layer IN SELECT * FROM pg_catalog.jsonb_to_recordset(layers) AS l(number integer, table_name text, key_column text) LOOP
			EXECUTE pg_catalog.format('SELECT pg_catalog.count(*) FROM (SELECT FROM %1$s t
				WHERE t.%2$s IN (SELECT pg_catalog.unnest(f.keys) FROM menuca_hosted.fix_row f WHERE f.set_name = $1 AND f.layer_no = $2) FOR UPDATE) l',
				layer.table_name, layer.key_column) USING the_set, layer.number;
		END LOOP;
	EXCEPTION WHEN lock_not_available THEN
		RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = pg_catalog.format('rollback of %s is refused: another session uses its tables', the_set),
			DETAIL = 'The locks could not be had within 5 s. Nothing was changed.', HINT = 'Run this file again when fewer sessions write.';
	END;

	-- Rows that are hidden from this role would stay
	FOR layer IN SELECT DISTINCT l.table_name FROM pg_catalog.jsonb_to_recordset(layers) AS l(table_name text) WHERE pg_catalog.row_security_active(l.table_name) LOOP
		RAISE EXCEPTION USING ERRCODE = 'MC005', MESSAGE = pg_catalog.format('rollback of %s is refused: row security may hide rows of %s', the_set, layer.table_name),
			DETAIL = 'Rows that role ' || pg_catalog.quote_ident(current_user) || ' cannot see would stay. Nothing was changed.',
			HINT = 'Run this file as a role to which row security does not apply: the owner of the table unless it is forced, or a role with BYPASSRLS.';
	END LOOP;

	-- The ledger has all rows
	FOR layer IN SELECT * FROM pg_catalog.jsonb_to_recordset(layers) AS l(number integer, table_name text, row_count bigint) ORDER BY l.number LOOP
		SELECT pg_catalog.count(r.key) FILTER (WHERE r.hash IS NOT NULL) INTO affected
		FROM menuca_hosted.fix_row f
		CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(f.keys), pg_catalog.unnest(f.hashes)) AS r(key, hash)
		WHERE f.set_name = the_set AND f.layer_no = layer.number;
		IF affected <> layer.row_count THEN
			RAISE EXCEPTION USING ERRCODE = 'MC005', MESSAGE = pg_catalog.format('rollback of %s is refused: its ledger is not complete', the_set),
				DETAIL = pg_catalog.format('It has %s of the %s rows that were inserted into %s by layer %s. Nothing was changed.', affected, layer.row_count, layer.table_name, layer.number),
				HINT = 'Restore table menuca_hosted.fix_row from a backup that was made after 02_apply.';
		END IF;
	END LOOP;

	-- Rows that were changed since, also by a value in a column that is new
	FOR layer IN
		SELECT l.*, COALESCE(n.has_new, false) AS has_new, n.missing
		FROM pg_catalog.jsonb_to_recordset(layers) AS l(number integer, table_name text, key_column text, row_text text, columns text[])
		CROSS JOIN LATERAL (SELECT pg_catalog.bool_or(c.name IS NULL), pg_catalog.string_agg(pg_catalog.quote_ident(c.name), ', ') FILTER (WHERE a.attname IS NULL)
			FROM pg_catalog.unnest(l.columns) c(name)
			FULL JOIN (SELECT x.attname FROM pg_catalog.pg_attribute x
				WHERE x.attrelid = l.table_name::pg_catalog.regclass AND x.attnum > 0 AND NOT x.attisdropped) a ON a.attname = c.name) n(has_new, missing)
		ORDER BY l.number DESC
	LOOP
		IF layer.missing IS NOT NULL THEN
			RAISE EXCEPTION USING ERRCODE = 'MC005', MESSAGE = pg_catalog.format('rollback of %s is refused: %s was changed', the_set, layer.table_name),
				DETAIL = pg_catalog.format('Columns that it had, and has no more: %s. Nothing was changed.', layer.missing),
				HINT = 'Whether its rows were changed cannot be seen without them: find out who dropped or renamed them.';
		END IF;
		EXECUTE pg_catalog.format('SELECT pg_catalog.string_agg(d.key::pg_catalog.text, '', '') FROM (SELECT r.key FROM menuca_hosted.fix_row f
			CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(f.keys), pg_catalog.unnest(f.hashes)) AS r(key, hash)
			JOIN %1$s t ON t.%2$s = r.key
			WHERE f.set_name = $1 AND f.layer_no = $2 AND (pg_catalog.md5(%3$s)::pg_catalog.uuid <> r.hash%4$s)
			ORDER BY r.key LIMIT 5) d', layer.table_name, layer.key_column, layer.row_text,
			CASE WHEN layer.has_new THEN ' OR pg_catalog.jsonb_strip_nulls(pg_catalog.to_jsonb(t.*) - $3) <> ''{}''' END)
		INTO examples USING the_set, layer.number, layer.columns;
		IF examples IS NOT NULL THEN
			RAISE EXCEPTION USING ERRCODE = 'MC005', MESSAGE = pg_catalog.format('rollback of %s is refused: rows of %s were changed', the_set, layer.table_name),
				DETAIL = 'Their ids: ' || examples || CASE WHEN layer.has_new THEN '. A value in a column that is new is a change, too' ELSE '' END || '. Nothing was changed.',
				HINT = 'Find out who changed them, and put them back or delete them, before you run this file again.';
		END IF;
	END LOOP;

	-- Rows of others that refer to them, by any foreign key
	FOR reference IN
		SELECT DISTINCT o.conrelid, o.conrelid::pg_catalog.regclass::pg_catalog.text AS child, l.table_name, l.key_column,
			NOT pg_catalog.row_security_active(o.conrelid) AND pg_catalog.has_table_privilege(o.conrelid, 'SELECT')
				AND pg_catalog.has_schema_privilege((SELECT c.relnamespace FROM pg_catalog.pg_class c WHERE c.oid = o.conrelid), 'USAGE') AS can_read,
			(SELECT pg_catalog.string_agg(pg_catalog.format('c.%I = t.%I', ca.attname, pa.attname), ' AND ')
				FROM ROWS FROM (pg_catalog.unnest(o.conkey), pg_catalog.unnest(o.confkey)) AS k(child_no, parent_no)
				JOIN pg_catalog.pg_attribute ca ON ca.attrelid = o.conrelid AND ca.attnum = k.child_no
				JOIN pg_catalog.pg_attribute pa ON pa.attrelid = o.confrelid AND pa.attnum = k.parent_no) AS joined
		FROM pg_catalog.jsonb_to_recordset(layers) AS l(number integer, table_name text, key_column text)
		JOIN pg_catalog.pg_constraint o ON o.confrelid = l.table_name::pg_catalog.regclass AND o.contype = 'f' AND o.conparentid = 0
	LOOP
		IF NOT reference.can_read THEN
			RAISE EXCEPTION USING ERRCODE = 'MC005', MESSAGE = pg_catalog.format('rollback of %s is refused: its dependants cannot be seen', the_set),
				DETAIL = pg_catalog.format('Table %s refers to %s, and role %I may not read all of its rows. Nothing was changed.', reference.child, reference.table_name, current_user),
				HINT = 'Run this file as a role that may, and to which row security does not apply.';
		END IF;
		EXECUTE pg_catalog.format('SELECT pg_catalog.count(*), pg_catalog.min(t.%3$s)
			FROM %1$s c JOIN %2$s t ON %4$s
			WHERE t.%3$s IN (SELECT pg_catalog.unnest(f.keys) FROM menuca_hosted.fix_row f JOIN pg_catalog.jsonb_to_recordset($2) AS l(number integer, table_name text)
					ON l.number = f.layer_no WHERE f.set_name = $1 AND l.table_name::pg_catalog.regclass = %5$s)%6$s',
			reference.child, reference.table_name, reference.key_column, reference.joined,
			pg_catalog.format('%L::pg_catalog.regclass', reference.table_name),
			COALESCE((SELECT pg_catalog.format(' AND NOT EXISTS (SELECT FROM (SELECT pg_catalog.unnest(f.keys) FROM menuca_hosted.fix_row f JOIN pg_catalog.jsonb_to_recordset($2) AS l(number integer, table_name text)
					ON l.number = f.layer_no WHERE f.set_name = $1 AND l.table_name::pg_catalog.regclass = %L::pg_catalog.regclass) k(key) WHERE k.key = c.%s)', l.table_name, l.key_column)
				FROM pg_catalog.jsonb_to_recordset(layers) AS l(table_name text, key_column text)
				WHERE l.table_name::pg_catalog.regclass = reference.conrelid LIMIT 1), ''))
		INTO affected, examples USING the_set, layers;
		IF affected > 0 THEN
			RAISE EXCEPTION USING ERRCODE = 'MC005', MESSAGE = pg_catalog.format('rollback of %s is refused: rows depend on its rows', the_set),
				DETAIL = pg_catalog.format('%s rows of %s refer to rows of %s, such as %s. Nothing was changed.', affected, reference.child, reference.table_name, examples),
				HINT = 'Roll back first what inserted them, or delete them, before you run this file again.';
		END IF;
	END LOOP;

	-- The ledger's rows, the last layer first; all others stay as they are
	FOR layer IN SELECT * FROM pg_catalog.jsonb_to_recordset(layers) AS l(number integer, table_name text, key_column text) ORDER BY l.number DESC LOOP
		EXECUTE pg_catalog.format('SELECT pg_catalog.count(*), pg_catalog.md5(pg_catalog.string_agg(pg_catalog.md5((t.*)::pg_catalog.text), '''' ORDER BY t.%2$s)) FROM %1$s t
			WHERE NOT EXISTS (SELECT FROM (SELECT pg_catalog.unnest(f.keys) FROM menuca_hosted.fix_row f WHERE f.set_name = $1 AND f.layer_no = $2) k(key) WHERE k.key = t.%2$s)', layer.table_name, layer.key_column)
		INTO rows_before, content_before USING the_set, layer.number;
		-- The table's triggers may rely on the caller's search_path
		PERFORM pg_catalog.set_config('search_path', callers_settings ->> 'search_path', true);
		EXECUTE pg_catalog.format('DELETE FROM %1$s t WHERE t.%2$s OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT pg_catalog.unnest(f.keys) FROM menuca_hosted.fix_row f
			WHERE f.set_name OPERATOR(pg_catalog.=) $1 AND f.layer_no OPERATOR(pg_catalog.=) $2))',
			layer.table_name, layer.key_column) USING the_set, layer.number;
		GET DIAGNOSTICS affected = ROW_COUNT;
		PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
		EXECUTE pg_catalog.format('SELECT pg_catalog.count(*), pg_catalog.md5(pg_catalog.string_agg(pg_catalog.md5((t.*)::pg_catalog.text), '''' ORDER BY t.%2$s)) FROM %1$s t',
			layer.table_name, layer.key_column) INTO rows_after, content_after;
		IF rows_after <> rows_before OR content_after IS DISTINCT FROM content_before THEN
			RAISE EXCEPTION USING ERRCODE = 'MC005', MESSAGE = pg_catalog.format('rollback of %s is undone: other rows of %s would have changed', the_set, layer.table_name),
				DETAIL = pg_catalog.format('Besides its rows there were %s, and then %s. Nothing was changed.', rows_before, rows_after),
				HINT = 'Find out which trigger of the table changes rows.';
		END IF;
		figures := figures || pg_catalog.jsonb_build_object('layer ' || layer.number, pg_catalog.jsonb_build_object('table', layer.table_name, 'deleted', affected))
			|| pg_catalog.jsonb_build_object('after ' || layer.table_name, pg_catalog.jsonb_build_object('rows', rows_after,
				'is_as_before_the_apply', set_row.figures -> ('before ' || layer.table_name) = pg_catalog.jsonb_build_object('rows', rows_after, 'content', content_after)));
	END LOOP;
	DELETE FROM menuca_hosted.fix_row f WHERE f.set_name = the_set;
	UPDATE menuca_hosted.fix_set s
	SET state = 'rolled back', rolled_back_by = current_user, rolled_back_at = pg_catalog.clock_timestamp(),
		figures = s.figures || pg_catalog.jsonb_build_object('rollback', rollback_figures.now)
	FROM (SELECT figures) rollback_figures(now)
	WHERE s.set_name = the_set;
END $template$),

	--
	-- 05_clean
	--
	('clean', $template$
BEGIN
	IF pg_catalog.to_regclass('menuca_hosted.fix_set') IS NULL THEN
		RAISE NOTICE '% has neither stage nor ledger. Nothing is done.', {{set}};
		EXIT work;
	END IF;
	IF EXISTS (SELECT FROM menuca_hosted.fix_set s WHERE s.set_name = {{set}} AND s.state = 'applied') THEN
		RAISE WARNING '%: its stage and its ledger are removed. It cannot be rolled back any more.', {{set}};
	END IF;
	DELETE FROM menuca_hosted.fix_row f WHERE f.set_name = {{set}};
	DELETE FROM menuca_hosted.fix_part p WHERE p.set_name = {{set}};
	DELETE FROM menuca_hosted.fix_set s WHERE s.set_name = {{set}};
	IF NOT EXISTS (SELECT FROM menuca_hosted.fix_set) THEN
		DROP TABLE menuca_hosted.fix_row, menuca_hosted.fix_part, menuca_hosted.fix_set;
		IF NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
			WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
				AND d.refobjid = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = 'menuca_hosted')) THEN
			DROP SCHEMA menuca_hosted;
		END IF;
	END IF;
END $template$)
) t(name, template);

COMMENT ON VIEW menuca_export_template IS
'Texts of the files that menuca_export_fix() returns, and of the questions that it asks the copy, with {{placeholders}}.';
COMMENT ON COLUMN menuca_export_template.name IS
'Name of the template.';
COMMENT ON COLUMN menuca_export_template.template IS
'Its text. What is put in the place of a placeholder is quoted as SQL needs it there.';
