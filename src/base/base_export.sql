--
-- Sets of SQL files: what their checks have in common
--

CREATE FUNCTION menuca_export_database_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$SELECT 1, 'database',
		CASE WHEN d.name <> o.name OR d.cluster <> o.cluster THEN 'FAIL' WHEN d.cluster IS NULL OR o.cluster IS NULL THEN 'WARN' ELSE 'PASS' END,
		pg_catalog.concat_ws(' ', o.name, 'in cluster ' || o.cluster, 'of project ' || o.project),
		pg_catalog.concat_ws(' ', d.name, 'in cluster ' || d.cluster),
		CASE WHEN d.name = o.name AND (d.cluster IS NULL OR o.cluster IS NULL) THEN 'The cluster cannot be compared; compare the project yourself.' END,
		CASE WHEN d.name <> o.name OR d.cluster <> o.cluster THEN 'Connect to the database that the copy was made of.' END
	FROM (SELECT w #>> '{original,database}', w #>> '{original,system_identifier}', w #>> '{original,project}' FROM wanted) o(name, cluster, project),
		(SELECT pg_catalog.current_database()::text,
			 CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
				 THEN pg_catalog.substring(pg_catalog.query_to_xml('SELECT system_identifier FROM pg_catalog.pg_control_system()', true, true, '')::text,
										   '<system_identifier>([0-9]+)<') END) d(name, cluster)
	UNION ALL
	SELECT 2, 'server',
		CASE WHEN s.version < 15 OR s.encoding <> 'UTF8' THEN 'FAIL' WHEN s.version <> s.of_copy THEN 'WARN' ELSE 'PASS' END,
		pg_catalog.format('PostgreSQL %s, UTF8', s.of_copy), pg_catalog.format('PostgreSQL %s, %s', s.version, s.encoding),
		CASE WHEN s.version <> s.of_copy THEN 'The copy runs on another version.' END,
		CASE WHEN s.version < 15 OR s.encoding <> 'UTF8' THEN 'The files are for PostgreSQL 15 and later, with encoding UTF8.' END
	FROM (SELECT pg_catalog.current_setting('server_version_num')::integer / 10000, (w ->> 'server')::integer, pg_catalog.getdatabaseencoding()
		  FROM wanted) s(version, of_copy, encoding)$template$;

COMMENT ON FUNCTION menuca_export_database_template() IS
'Rows 1 and 2 of the checks in a set of SQL files: is it the database that the copy was made of, and does its server fit? A SELECT that reads column w, jsonb, of a table expression wanted: original is that of menuca_copy_original; server the copy''s major version. Without placeholders.';

CREATE FUNCTION menuca_export_receipt_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$, rows(content) AS MATERIALIZED (
	SELECT pg_catalog.jsonb_build_object('set', {{set}}, 'file', {{file}}, 'database', pg_catalog.current_database(), 'role', current_user,
		'exported_from', (SELECT w #>> '{original,copy}' FROM wanted), 'time', pg_catalog.statement_timestamp(),
		'rows', coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(f) ORDER BY f.check_no), '[]'))
	FROM findings f)
SELECT f.check_no, f.name::text, f.status::text, f.expected::text, f.actual::text, f.detail::text, f.next_step::text FROM findings f
UNION ALL
SELECT coalesce(pg_catalog.max(f.check_no), 0) + 1, 'receipt',
	CASE WHEN pg_catalog.bool_or(f.status IN ('FAIL', 'ERROR')) THEN 'FAIL' WHEN pg_catalog.bool_or(f.status = 'WARN') THEN 'WARN' ELSE 'PASS' END,
	NULL,
	(SELECT (r.content || pg_catalog.jsonb_build_object('sha256',
		pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(r.content::text, 'UTF8')), 'hex')))::text FROM rows r),
	'The SHA-256 is of the other members, as the server shows them as jsonb.', NULL
FROM findings f
ORDER BY 1$template$;

COMMENT ON FUNCTION menuca_export_receipt_template() IS
'The end of a check in a set of SQL files: its rows, of a table expression findings, and a last row "receipt" whose actual is a JSON object of set, file, database, role, time, rows and exported_from (the copy), with the SHA-256 of their jsonb text. Reads column w of a table expression wanted, as menuca_export_database_template() does. Placeholders: set and file, literals.';

CREATE FUNCTION menuca_export_guard_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$	DECLARE
		original pg_catalog.jsonb := {{original}};
		cluster pg_catalog.text;
	BEGIN
		IF has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') THEN
			EXECUTE 'SELECT system_identifier::text FROM pg_catalog.pg_control_system()' INTO cluster;
		END IF;
		IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
			RAISE EXCEPTION 'the transaction is %', current_setting('transaction_isolation')
				USING ERRCODE = 'invalid_transaction_state', DETAIL = 'It would not see what other sessions have changed while it waits for its locks. Nothing was changed.',
					HINT = 'Run this file in a transaction that is read committed: SET default_transaction_isolation = ''read committed'';';
		END IF;
		IF current_database() <> original ->> 'database' OR cluster <> original ->> 'system_identifier' THEN
			RAISE EXCEPTION 'this is not the database that the copy was made of'
				USING ERRCODE = 'MC020', DETAIL = format('Expected %s, but this is database "%s" in cluster %s. Nothing was changed.',
					original - 'copy', current_database(), coalesce(cluster, 'unknown')), HINT = 'Connect to the database that the copy was made of.';
		END IF;
	END;$template$;

COMMENT ON FUNCTION menuca_export_guard_template() IS
'A block of PL/pgSQL in a set of SQL files that raises an error on another database than the one that the copy was made of (MC020), and in a transaction that keeps its first snapshot (25000). The search_path is pg_catalog. Placeholders: original, a JSON literal of menuca_copy_original.';

CREATE FUNCTION menuca_export_frame_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$DECLARE
	callers_settings constant pg_catalog.jsonb := (SELECT pg_catalog.jsonb_object_agg(s.key, pg_catalog.current_setting(s.key))
		FROM pg_catalog.jsonb_object_keys({{settings}}::pg_catalog.jsonb) s(key));
BEGIN
	PERFORM pg_catalog.set_config(s.key, s.value, true) FROM pg_catalog.jsonb_each_text({{settings}}::pg_catalog.jsonb) s;
{{statements}}
	PERFORM pg_catalog.set_config(s.key, s.value, true) FROM pg_catalog.jsonb_each_text(callers_settings) s;
END$template$;

COMMENT ON FUNCTION menuca_export_frame_template() IS
'The body of a DO statement in a set of SQL files: these settings, and the caller''s again afterwards, which callers_settings has meanwhile. Expressions are parsed with them, but types are found and literals are read before: so a type in a DECLARE has its schema, and a literal with a backslash is an E''''. Placeholders: settings, a JSON literal; statements, in PL/pgSQL.';

CREATE FUNCTION menuca_export_read_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$WITH callers AS MATERIALIZED (
	SELECT pg_catalog.current_setting('search_path') AS path, pg_catalog.current_setting('standard_conforming_strings') AS strings,
		pg_catalog.current_setting('jit') AS jit
), pinned AS MATERIALIZED (
	-- To compile a check takes a hundred times as long as to execute it
	SELECT pg_catalog.num_nulls(pg_catalog.set_config('menuca_export.search_path', c.path, true),
			pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
			pg_catalog.set_config('standard_conforming_strings', 'on', true), pg_catalog.set_config('jit', 'off', true)) AS nulls
	FROM callers c
), answer AS MATERIALIZED (
	-- A text, so that its operators and literals are read with these settings.  The rows
	-- come in hexadecimal digits, since XML would change other characters.
	SELECT pg_catalog.convert_from(pg_catalog.decode(pg_catalog.substring(pg_catalog.query_to_xml(
			pg_catalog.concat('SELECT pg_catalog.encode(pg_catalog.convert_to(pg_catalog.jsonb_agg(c)::pg_catalog.text, ''UTF8''), ''hex'') AS x FROM (', {{query}}, ') c'),
			true, true, '')::pg_catalog.text, '<x>([0-9a-f]*)</x>'), 'hex'), 'UTF8')::pg_catalog.jsonb AS found
	FROM pinned p
	WHERE p.nulls IS NOT NULL
)
SELECT r.check_no, r.name, r.status, r.expected, r.actual, r.detail, r.next_step
FROM answer a
CROSS JOIN callers c
CROSS JOIN LATERAL pg_catalog.jsonb_to_recordset(CASE WHEN pg_catalog.num_nulls(a.found, pg_catalog.set_config('search_path', c.path, true),
		pg_catalog.set_config('standard_conforming_strings', c.strings, true), pg_catalog.set_config('jit', c.jit, true)) IS NOT NULL THEN a.found END)
	AS r(check_no pg_catalog.int4, name pg_catalog.text, status pg_catalog.text, expected pg_catalog.text,
		actual pg_catalog.text, detail pg_catalog.text, next_step pg_catalog.text)
ORDER BY 1$template$;

COMMENT ON FUNCTION menuca_export_read_template() IS
'A SELECT in a set of SQL files that returns the rows of another one, which is parsed with a search_path of pg_catalog and without escapes in plain literals, and not compiled, so that no operator, function or type of others is executed. The caller''s is in the setting menuca_export.search_path until then. Placeholders: query, a SELECT of check rows as a literal.';
