/*
 * menuca_migrate--1.0.sql
 *
 * Assembled from src/<room>/<room>.sql by src/assemble-sql.sh: edit those,
 * then run "make sql".
 */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION menuca_migrate" to load this file. \quit

-- operators and functions are those of the server, whatever is in the schema
SET LOCAL search_path = pg_catalog, pg_temp;

--
-- Locks of the extension, as SQL sees them
--

CREATE FUNCTION @extschema@.menuca_lock_keys(
	OUT lock text,
	OUT key oid)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_lock_keys() IS
'The first key of each advisory lock that the extension takes, as pg_locks.classid shows it.';

CREATE VIEW @extschema@.menuca_held_lock WITH (security_invoker = true) AS
SELECT k.lock,
	l.objid AS object_id,
	l.pid
FROM @extschema@.menuca_lock_keys() k
JOIN pg_catalog.pg_locks l ON l.classid = k.key
WHERE l.locktype = 'advisory'
	AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
					  WHERE d.datname = pg_catalog.current_database())
	AND l.objsubid = 2
	AND l.granted;

COMMENT ON VIEW @extschema@.menuca_held_lock IS
'The advisory locks that sessions of this database hold while they run something that one session may run at a time.';
COMMENT ON COLUMN @extschema@.menuca_held_lock.lock IS
'What is running: run (a run writes to a table), access (access is deployed or rolled back) or ticket.';
COMMENT ON COLUMN @extschema@.menuca_held_lock.object_id IS
'OID of the table of a run, number of a ticket, 0 for access.';
COMMENT ON COLUMN @extschema@.menuca_held_lock.pid IS
'Process that holds the lock; NULL for a prepared transaction.';

--
-- What the catalog says about tables.  These views run with the rights of
-- whoever reads them; the catalog shows everybody the same.
--

CREATE VIEW @extschema@.menuca_foreign_key WITH (security_invoker = true) AS
SELECT f.oid AS constraint_oid,
	f.conname AS constraint_name,
	f.conrelid AS child_oid,
	pg_catalog.format('%I.%I', cn.nspname, c.relname) AS child_name,
	f.confrelid AS parent_oid,
	pg_catalog.format('%I.%I', pn.nspname, p.relname) AS parent_name,
	CASE f.confdeltype
		WHEN 'c' THEN 'CASCADE'
		WHEN 'n' THEN 'SET NULL'
		WHEN 'd' THEN 'SET DEFAULT'
		WHEN 'r' THEN 'RESTRICT'
		ELSE 'NO ACTION'
	END AS on_delete,
	f.confdeltype IN ('a', 'r') AS blocks_delete,
	k.child_columns,
	k.parent_columns
FROM pg_catalog.pg_constraint f
JOIN pg_catalog.pg_class c ON c.oid = f.conrelid
JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class p ON p.oid = f.confrelid
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL (
	SELECT pg_catalog.array_agg(pg_catalog.quote_ident(ca.attname) ORDER BY n.place) AS child_columns,
		pg_catalog.array_agg(pg_catalog.quote_ident(pa.attname) ORDER BY n.place) AS parent_columns
	FROM unnest(f.conkey, f.confkey) WITH ORDINALITY AS n(child_no, parent_no, place)
	JOIN pg_catalog.pg_attribute ca ON ca.attrelid = f.conrelid AND ca.attnum = n.child_no
	JOIN pg_catalog.pg_attribute pa ON pa.attrelid = f.confrelid AND pa.attnum = n.parent_no) k
WHERE f.contype = 'f'
	-- not the copies that partitions inherit
	AND f.conparentid = 0;

COMMENT ON VIEW @extschema@.menuca_foreign_key IS
'The foreign keys of this database, without those that partitions inherit.';
COMMENT ON COLUMN @extschema@.menuca_foreign_key.constraint_oid IS
'OID of the constraint.';
COMMENT ON COLUMN @extschema@.menuca_foreign_key.constraint_name IS
'Name of the constraint.';
COMMENT ON COLUMN @extschema@.menuca_foreign_key.child_oid IS
'OID of the referencing table.';
COMMENT ON COLUMN @extschema@.menuca_foreign_key.child_name IS
'Name of the referencing table, qualified and quoted.';
COMMENT ON COLUMN @extschema@.menuca_foreign_key.parent_oid IS
'OID of the referenced table.';
COMMENT ON COLUMN @extschema@.menuca_foreign_key.parent_name IS
'Name of the referenced table, qualified and quoted.';
COMMENT ON COLUMN @extschema@.menuca_foreign_key.on_delete IS
'Action when a referenced row is deleted: CASCADE, SET NULL, SET DEFAULT, RESTRICT or NO ACTION.';
COMMENT ON COLUMN @extschema@.menuca_foreign_key.blocks_delete IS
'True when the action forbids to delete a referenced row (RESTRICT, NO ACTION).';
COMMENT ON COLUMN @extschema@.menuca_foreign_key.child_columns IS
'The referencing columns in the key''s order, quoted.';
COMMENT ON COLUMN @extschema@.menuca_foreign_key.parent_columns IS
'The referenced columns in the key''s order, quoted.';

CREATE VIEW @extschema@.menuca_table_sequence WITH (security_invoker = true) AS
SELECT u.table_oid,
	-- NULL before relkind is known, so that has_sequence_privilege() never sees
	-- another relation, whatever is evaluated first
	CASE WHEN s.relkind = 'S' THEN s.oid END AS sequence_oid,
	pg_catalog.format('%I.%I', n.nspname, s.relname) AS sequence_name,
	pg_catalog.bool_or(u.dependency IN ('a', 'i')) AS is_owned,
	pg_catalog.bool_or(u.dependency = 'i') AS is_identity,
	s.relowner = t.relowner AS is_same_owner
FROM (SELECT d.refobjid, d.objid, d.deptype
	  FROM pg_catalog.pg_depend d
	  WHERE d.classid = 'pg_catalog.pg_class'::regclass
		  AND d.refclassid = 'pg_catalog.pg_class'::regclass
		  AND d.deptype IN ('a', 'i')
	  UNION ALL
	  SELECT a.adrelid, d.refobjid, 'n'
	  FROM pg_catalog.pg_attrdef a
	  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
	  WHERE d.refclassid = 'pg_catalog.pg_class'::regclass) u(table_oid, relation_oid, dependency)
JOIN pg_catalog.pg_class t ON t.oid = u.table_oid
JOIN pg_catalog.pg_class s ON s.oid = u.relation_oid
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
WHERE s.relkind = 'S'
GROUP BY u.table_oid, t.relowner, s.oid, s.relkind, s.relowner, n.nspname, s.relname;

COMMENT ON VIEW @extschema@.menuca_table_sequence IS
'The sequences that columns of a table own or that their defaults use, one row per table and sequence.';
COMMENT ON COLUMN @extschema@.menuca_table_sequence.table_oid IS
'OID of the table.';
COMMENT ON COLUMN @extschema@.menuca_table_sequence.sequence_oid IS
'OID of the sequence.';
COMMENT ON COLUMN @extschema@.menuca_table_sequence.sequence_name IS
'Name of the sequence, qualified and quoted.';
COMMENT ON COLUMN @extschema@.menuca_table_sequence.is_owned IS
'True when a column of the table owns the sequence (serial, identity, OWNED BY); false when only a default uses it.';
COMMENT ON COLUMN @extschema@.menuca_table_sequence.is_identity IS
'True when the sequence is that of an identity column, which needs no privilege on it.';
COMMENT ON COLUMN @extschema@.menuca_table_sequence.is_same_owner IS
'True when the sequence belongs to the owner of the table; anybody can name a sequence of somebody else in a default.';

CREATE VIEW @extschema@.menuca_writable_column WITH (security_invoker = true) AS
SELECT a.attrelid AS table_oid,
	a.attnum::integer AS column_no,
	pg_catalog.quote_ident(a.attname) AS column_name,
	-- Whatever the search_path is: what is no word of SQL itself gets its schema
	CASE WHEN e.typnamespace = 'pg_catalog'::pg_catalog.regnamespace AND e.typname <> 'interval'
			AND pg_catalog.format_type(e.oid, NULL) IN (e.typname, pg_catalog.quote_ident(e.typname))
		THEN 'pg_catalog.' ELSE ''
	END || pg_catalog.format_type(a.atttypid, a.atttypmod) AS type_name,
	a.atttypid AS type_oid,
	t.typcategory AS type_category,
	CASE WHEN a.atttypid IN ('pg_catalog.bpchar'::pg_catalog.regtype, 'pg_catalog.varchar'::pg_catalog.regtype)
			AND a.atttypmod > 4
		THEN a.atttypmod - 4
		ELSE 0
	END AS max_length,
	a.attnotnull AS is_not_null,
	t.typnotnull AS type_is_not_null,
	a.atthasdef OR a.attidentity <> '' AS has_default,
	t.typdefault IS NOT NULL AS type_has_default,
	a.attidentity <> '' AS is_identity,
	COALESCE(a.attnum = ANY (i.indkey), false) AS is_in_primary_key,
	f.confrelid AS parent_oid,
	pg_catalog.quote_ident(p.attname) AS parent_column
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typlen = -1 AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
LEFT JOIN LATERAL (
	SELECT c.confrelid, c.confkey
	FROM pg_catalog.pg_constraint c
	WHERE c.conrelid = a.attrelid AND c.contype = 'f' AND c.conkey = ARRAY[a.attnum]
	ORDER BY c.oid
	LIMIT 1) f ON true
LEFT JOIN pg_catalog.pg_attribute p ON p.attrelid = f.confrelid AND p.attnum = f.confkey[1]
WHERE a.attnum > 0
	AND NOT a.attisdropped
	AND a.attgenerated = '';

COMMENT ON VIEW @extschema@.menuca_writable_column IS
'The columns of each table that an INSERT may give a value to, and what that value must be like.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.table_oid IS
'The table.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.column_no IS
'Number of the column (pg_attribute.attnum).';
COMMENT ON COLUMN @extschema@.menuca_writable_column.column_name IS
'Name of the column, quoted if necessary.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.type_name IS
'Type of the column as in a cast, with its length or precision, and with its schema unless it is a word of SQL or the reader''s search_path finds it.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.type_oid IS
'Type of the column without it.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.type_category IS
'Category of the type (pg_type.typcategory).';
COMMENT ON COLUMN @extschema@.menuca_writable_column.max_length IS
'Most characters that a char or varchar column holds; 0 for no limit and for other types.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.is_not_null IS
'True when the column itself does not accept NULL.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.type_is_not_null IS
'True when its type is a domain that does not accept NULL.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.has_default IS
'True when the column has a default of its own or is an identity column.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.type_has_default IS
'True when its type has a default, which counts if the column has none.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.is_identity IS
'True for an identity column.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.is_in_primary_key IS
'True when the column is part of the primary key.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.parent_oid IS
'Table that the first foreign key on this column alone references; NULL without such a key.';
COMMENT ON COLUMN @extschema@.menuca_writable_column.parent_column IS
'Column of that table that it references, quoted if necessary; NULL without such a key.';

--
-- Sets of SQL files: what their checks have in common
--

CREATE FUNCTION @extschema@.menuca_export_database_template()
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

COMMENT ON FUNCTION @extschema@.menuca_export_database_template() IS
'Rows 1 and 2 of the checks in a set of SQL files: is it the database that the copy was made of, and does its server fit? A SELECT that reads column w, jsonb, of a table expression wanted: original is that of menuca_copy_original; server the copy''s major version. Without placeholders.';

CREATE FUNCTION @extschema@.menuca_export_receipt_template()
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

COMMENT ON FUNCTION @extschema@.menuca_export_receipt_template() IS
'The end of a check in a set of SQL files: its rows, of a table expression findings, and a last row "receipt" whose actual is a JSON object of set, file, database, role, time, rows and exported_from (the copy), with the SHA-256 of their jsonb text. Reads column w of a table expression wanted, as menuca_export_database_template() does. Placeholders: set and file, literals.';

CREATE FUNCTION @extschema@.menuca_export_guard_template()
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

COMMENT ON FUNCTION @extschema@.menuca_export_guard_template() IS
'A block of PL/pgSQL in a set of SQL files that raises an error on another database than the one that the copy was made of (MC020), and in a transaction that keeps its first snapshot (25000). The search_path is pg_catalog. Placeholders: original, a JSON literal of menuca_copy_original.';

CREATE FUNCTION @extschema@.menuca_export_frame_template()
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

COMMENT ON FUNCTION @extschema@.menuca_export_frame_template() IS
'The body of a DO statement in a set of SQL files: these settings, and the caller''s again afterwards, which callers_settings has meanwhile. Expressions are parsed with them, but types are found and literals are read before: so a type in a DECLARE has its schema, and a literal with a backslash is an E''''. Placeholders: settings, a JSON literal; statements, in PL/pgSQL.';

CREATE FUNCTION @extschema@.menuca_export_read_template()
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

COMMENT ON FUNCTION @extschema@.menuca_export_read_template() IS
'A SELECT in a set of SQL files that returns the rows of another one, which is parsed with a search_path of pg_catalog and without escapes in plain literals, and not compiled, so that no operator, function or type of others is executed. The caller''s is in the setting menuca_export.search_path until then. Placeholders: query, a SELECT of check rows as a literal.';

--
-- Loading a dump
--

CREATE FUNCTION @extschema@.menuca_load_dump(
	dump text,
	table_name text,
	into_table text,
	append boolean DEFAULT false,
	replace boolean DEFAULT false,
	OUT rows_loaded bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_load_dump(text, text, text, boolean, boolean) IS
'Loads one table of a mysqldump, given as text, into a staging table; returns the number of rows loaded, which is the number of tuples in the dump, and the next call. Raises an error and loads nothing when the dump is damaged or has no tuples, or when the table has rows and neither append nor replace is true, which are only for tables that the loader made outside the target schema. table_name may be database.table.';

REVOKE ALL ON FUNCTION @extschema@.menuca_load_dump(text, text, text, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_load_dump_lo(
	large_object oid,
	table_name text,
	into_table text,
	append boolean DEFAULT false,
	replace boolean DEFAULT false,
	OUT rows_loaded bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_load_dump_lo(oid, text, text, boolean, boolean) IS
'As menuca_load_dump, from a large object (psql: \lo_import), so that a client needs no right to read server files.';

REVOKE ALL ON FUNCTION @extschema@.menuca_load_dump_lo(oid, text, text, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_load_dump_file(
	path text,
	table_name text,
	into_table text,
	append boolean DEFAULT false,
	replace boolean DEFAULT false,
	OUT rows_loaded bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_load_dump_file(text, text, text, boolean, boolean) IS
'As menuca_load_dump, from a file on the server; only for roles with the privileges of pg_read_server_files.';

REVOKE ALL ON FUNCTION @extschema@.menuca_load_dump_file(text, text, text, boolean, boolean) FROM PUBLIC;

--
-- Values that PHP serialized
--

CREATE FUNCTION @extschema@.menuca_php_unserialize(value bytea)
RETURNS jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_php_unserialize(bytea) IS
'The value that PHP''s serialize() wrote, as JSON: null, booleans, numbers, strings in UTF-8, arrays. An array whose keys are 0, 1, 2 ... in order is a JSON array, any other one an object. Raises an error, with the offset in bytes, on a value that is damaged, truncated or empty, or has bytes after its end; on objects, enums, references, infinite numbers, and text that is not UTF-8 or has NUL characters; and beyond 16 MB or 512 nested arrays.';

--
-- The junction of dishes and combo groups
--

CREATE FUNCTION @extschema@.menuca_create_dish_combo_groups(
	dry_run boolean DEFAULT true,
	OUT statements text,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.menuca_preview_dish_combo_groups(
	OUT statements text,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_preview_dish_combo_groups() IS
'The dry run of menuca_create_dish_combo_groups, for roles that may look but not write. Read only.';

COMMENT ON FUNCTION @extschema@.menuca_create_dish_combo_groups(boolean) IS
'The statements that create the table dish_combo_groups in the target schema: which choice groups a combo product uses, each pair of dish and group once. By default a dry run; with dry_run => false they are executed, with the caller''s rights, which raises an error when the table exists. next_step is the real call, or the fix that fills the table.';

REVOKE ALL ON FUNCTION @extschema@.menuca_create_dish_combo_groups(boolean) FROM PUBLIC;

--
-- How many rows the tables have, for what is compared later
--

CREATE FUNCTION @extschema@.menuca_table_counts()
RETURNS jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_table_counts() IS
'The tables of the target schema that tickets count, as far as they exist and the caller may read them: an object per table with its rows, its greatest id, how many rows are active, named, priced, have an item_count in their rules and a legacy id, the restaurants with a menu, prints of what the rows say, and the constraints and triggers in force. Tickets 0, 1 and 6 and registered backups record it; menuca_validate() compares with the newest one. Read only.';

REVOKE ALL ON FUNCTION @extschema@.menuca_table_counts() FROM PUBLIC;

--
-- The ledger: what was run, with which gates, and which rows it inserted.
-- It is part of a database's dump, so that a run can be rolled back after a
-- restore.  Its tables have no foreign keys among themselves, as a parallel
-- restore fills an extension's tables in any order.
--

CREATE TABLE @extschema@.menuca_run (
	run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL,
	target_schema text NOT NULL,
	target text NOT NULL,
	source text NOT NULL,
	mode text NOT NULL CHECK (mode IN ('transaction', 'batched')),
	engine text NOT NULL,
	status text NOT NULL CHECK (status IN ('running', 'completed', 'gate_failed', 'rolled_back')),
	parameters jsonb NOT NULL,
	outcomes jsonb NOT NULL,
	figures_before jsonb NOT NULL,
	figures_after jsonb,
	items_before bigint NOT NULL,
	checksum_before bigint NOT NULL,
	items_after bigint,
	inserted bigint NOT NULL DEFAULT 0,
	gate_message text,
	run_by text NOT NULL DEFAULT session_user,
	started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	finished_at timestamptz,
	rolled_back_by text,
	rolled_back_at timestamptz,
	part_of bigint,
	note text,
	rollback_took interval
);

COMMENT ON TABLE @extschema@.menuca_run IS
'The ledger: one row per run that wrote, with its gates as they were fixed before the first row.';
COMMENT ON COLUMN @extschema@.menuca_run.run_id IS
'Number of the run; menuca_rollback() and menuca_resume() take it.';
COMMENT ON COLUMN @extschema@.menuca_run.kind IS
'What kind of run it is: fix_combos, fix_group_dishes, fix_v2_groups, fix_v2_steps, fix_combo_steps or backfill_dishes.';
COMMENT ON COLUMN @extschema@.menuca_run.target_schema IS
'Schema of the table that the run writes to: the setting menuca.target_schema at its start.';
COMMENT ON COLUMN @extschema@.menuca_run.target IS
'Name of the table that the run writes to, without its schema, such as combo_items.';
COMMENT ON COLUMN @extschema@.menuca_run.source IS
'Qualified and quoted name of the staged table that the run reads; of fix_combo_steps, the target''s combo_groups.';
COMMENT ON COLUMN @extschema@.menuca_run.mode IS
'transaction when all rows are committed at once, batched when each batch is.';
COMMENT ON COLUMN @extschema@.menuca_run.engine IS
'How the rows were written: native when all of them were formed and stored by the extension itself, otherwise executor.';
COMMENT ON COLUMN @extschema@.menuca_run.status IS
'running, completed, gate_failed (the gate after a batched run refused) or rolled_back. An interrupted run stays running; menuca_runs tells the two apart.';
COMMENT ON COLUMN @extschema@.menuca_run.parameters IS
'Object of the arguments that judge the run, fixed before its first row; empty for fix_v2_steps.';
COMMENT ON COLUMN @extschema@.menuca_run.outcomes IS
'Object of counts from before the first row is written: source rows, menu rows of backfill_dishes, items of fix_combo_steps, or steps of fix_v2_steps, per outcome; of a fix, also how many groups and dishes the source names, and how many of these the target has.';
COMMENT ON COLUMN @extschema@.menuca_run.figures_before IS
'Object of figures before the run: orphans, broken items, probes and warnings of a fix, dishes of a backfill, steps of fix_combo_steps; empty for fix_v2_steps.';
COMMENT ON COLUMN @extschema@.menuca_run.figures_after IS
'The same figures after the run, without probes and warnings; once it is rolled back, with those of the rollback; NULL until the run has ended.';
COMMENT ON COLUMN @extschema@.menuca_run.items_before IS
'Rows of the target before the run.';
COMMENT ON COLUMN @extschema@.menuca_run.checksum_before IS
'Sum of the row hashes of those rows, modulo 2^64, as a signed number; 0 without rows.';
COMMENT ON COLUMN @extschema@.menuca_run.items_after IS
'Rows of the target after the run; NULL until the run has ended.';
COMMENT ON COLUMN @extschema@.menuca_run.inserted IS
'Rows that the run has inserted so far.';
COMMENT ON COLUMN @extschema@.menuca_run.gate_message IS
'First reason of the gate that refused after the run; NULL when none did.';
COMMENT ON COLUMN @extschema@.menuca_run.run_by IS
'Session user who began the run.';
COMMENT ON COLUMN @extschema@.menuca_run.started_at IS
'When the run was entered in the ledger.';
COMMENT ON COLUMN @extschema@.menuca_run.finished_at IS
'When the run ended; NULL until then.';
COMMENT ON COLUMN @extschema@.menuca_run.rolled_back_by IS
'Session user who rolled the run back or put back a snapshot from before it; NULL unless status is rolled_back.';
COMMENT ON COLUMN @extschema@.menuca_run.rolled_back_at IS
'When that was; NULL unless status is rolled_back.';
COMMENT ON COLUMN @extschema@.menuca_run.part_of IS
'The run of whose transaction this one is a part, such as the steps of its items; rolling that one back rolls this one back first. NULL for a run of its own.';
COMMENT ON COLUMN @extschema@.menuca_run.note IS
'Which restored snapshot changed the run''s status last; NULL when none did, or a rollback did it since.';
COMMENT ON COLUMN @extschema@.menuca_run.rollback_took IS
'How long the statement that rolled it back had been running by then; NULL unless menuca_rollback() did it.';

CREATE TABLE @extschema@.menuca_run_baseline (
	run_id bigint NOT NULL,
	chunk_no integer NOT NULL,
	row_count bigint NOT NULL,
	keys int8multirange NOT NULL,
	row_hashes bytea NOT NULL,
	PRIMARY KEY (run_id, chunk_no)
);

COMMENT ON TABLE @extschema@.menuca_run_baseline IS
'Per run and chunk, primary keys and row hashes of the rows that were in the target before it.';
COMMENT ON COLUMN @extschema@.menuca_run_baseline.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN @extschema@.menuca_run_baseline.chunk_no IS
'Number of the chunk within the run, from 1, in key order.';
COMMENT ON COLUMN @extschema@.menuca_run_baseline.row_count IS
'Rows of the chunk, at most 65,536.';
COMMENT ON COLUMN @extschema@.menuca_run_baseline.keys IS
'Primary keys of the rows.';
COMMENT ON COLUMN @extschema@.menuca_run_baseline.row_hashes IS
'Hashes of the rows by content, 8 bytes each, in the server''s byte order and in key order.';

CREATE TABLE @extschema@.menuca_run_batch (
	run_id bigint NOT NULL,
	batch_no integer NOT NULL,
	row_count bigint NOT NULL,
	keys int8multirange NOT NULL,
	row_hashes bytea NOT NULL,
	checksum bigint NOT NULL,
	written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (run_id, batch_no)
);

COMMENT ON TABLE @extschema@.menuca_run_batch IS
'Per run and batch, primary keys and row hashes of the rows that it inserted.';
COMMENT ON COLUMN @extschema@.menuca_run_batch.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN @extschema@.menuca_run_batch.batch_no IS
'Number of the batch within the run, from 1.';
COMMENT ON COLUMN @extschema@.menuca_run_batch.row_count IS
'Rows that the batch inserted.';
COMMENT ON COLUMN @extschema@.menuca_run_batch.keys IS
'Primary keys of the rows.';
COMMENT ON COLUMN @extschema@.menuca_run_batch.row_hashes IS
'Hashes of the rows by content, 8 bytes each, in the server''s byte order and in key order.';
COMMENT ON COLUMN @extschema@.menuca_run_batch.checksum IS
'Sum of those hashes, modulo 2^64, as a signed number.';
COMMENT ON COLUMN @extschema@.menuca_run_batch.written_at IS
'When the batch was entered, in the transaction that inserted its rows.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_run', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_run_run_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_run_baseline', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_run_batch', '');

--
-- Which database is staging, and which is production
--

CREATE TABLE @extschema@.menuca_registered_environment (
	environment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL CHECK (name IN ('staging', 'production')),
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	registered_by text NOT NULL DEFAULT session_user,
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	hosted boolean NOT NULL DEFAULT false,
	of_database text,
	of_system_identifier bigint,
	of_project text,
	UNIQUE NULLS NOT DISTINCT (database_name, system_identifier, hosted, of_database, of_system_identifier, of_project),
	CHECK (CASE WHEN hosted
		THEN name = 'production' AND of_database IS NOT NULL AND COALESCE(of_system_identifier::text, of_project) IS NOT NULL
		ELSE COALESCE(of_database, of_system_identifier::text, of_project) IS NULL END)
);

COMMENT ON TABLE @extschema@.menuca_registered_environment IS
'Which databases are staging and production, known by name and by their cluster''s system identifier. A copy of a database has its original''s row, which does not apply to it. A hosted production, which cannot have the extension, is registered in its copy.';
COMMENT ON COLUMN @extschema@.menuca_registered_environment.environment_id IS
'Number of the environment.';
COMMENT ON COLUMN @extschema@.menuca_registered_environment.name IS
'staging or production.';
COMMENT ON COLUMN @extschema@.menuca_registered_environment.database_name IS
'Name of the database.';
COMMENT ON COLUMN @extschema@.menuca_registered_environment.system_identifier IS
'System identifier of the database''s cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN @extschema@.menuca_registered_environment.registered_by IS
'Session user who registered it.';
COMMENT ON COLUMN @extschema@.menuca_registered_environment.registered_at IS
'When it was registered.';
COMMENT ON COLUMN @extschema@.menuca_registered_environment.hosted IS
'True for a hosted production: the database of this row is the copy from which it is changed, and the next three columns say which one it is; they are NULL otherwise.';
COMMENT ON COLUMN @extschema@.menuca_registered_environment.of_database IS
'Name of the hosted production''s database.';
COMMENT ON COLUMN @extschema@.menuca_registered_environment.of_system_identifier IS
'System identifier of its cluster; NULL when it is known by its project.';
COMMENT ON COLUMN @extschema@.menuca_registered_environment.of_project IS
'Name of its project at the hosting service; NULL when it is known by its system identifier.';

-- Whether this is production, a fix must know whoever calls it.

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_registered_environment', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_registered_environment_environment_id_seq', '');

CREATE FUNCTION @extschema@.menuca_environment(
	name text,
	expected_database text,
	expected_system_identifier bigint,
	OUT environment text,
	OUT database_name text,
	OUT system_identifier bigint,
	OUT newly_registered boolean)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_environment(text, text, bigint) IS
'Registers this database as staging or production, once. Raises an error when it is not the expected database in the expected cluster (SELECT system_identifier FROM pg_control_system()), or is registered as the other environment.';

REVOKE ALL ON FUNCTION @extschema@.menuca_environment(text, text, bigint) FROM PUBLIC;

--
-- The ledger, with what only the server knows: whether a run is still running
--

CREATE VIEW @extschema@.menuca_runs AS
SELECT r.run_id,
	r.part_of,
	r.kind,
	r.target_schema,
	r.target,
	r.source,
	r.mode,
	r.engine,
	CASE WHEN r.status = 'running' AND NOT EXISTS (
			SELECT FROM @extschema@.menuca_held_lock l
			WHERE l.lock = 'run'
				AND l.object_id = pg_catalog.to_regclass(
					pg_catalog.format('%I.%I', r.target_schema, r.target))::oid)
		THEN 'interrupted'
		ELSE r.status
	END AS status,
	r.inserted,
	(SELECT pg_catalog.count(*) FROM @extschema@.menuca_run_batch b
	 WHERE b.run_id = r.run_id) AS batches,
	r.items_before,
	r.items_after,
	(r.figures_before ->> 'orphan_pct')::numeric AS orphan_pct_before,
	(r.figures_after ->> 'orphan_pct')::numeric AS orphan_pct_after,
	(r.figures_after ->> 'expected_orphan_pct')::numeric AS expected_orphan_pct_after,
	r.figures_after ->> 'band' AS band,
	r.outcomes,
	r.parameters,
	r.gate_message,
	r.run_by,
	r.started_at,
	r.finished_at,
	r.rolled_back_by,
	r.rolled_back_at,
	r.note
FROM @extschema@.menuca_run r;

COMMENT ON VIEW @extschema@.menuca_runs IS
'The ledger: one row per run that wrote. status is interrupted for a batched run that has not ended and is not running any more.';
COMMENT ON COLUMN @extschema@.menuca_runs.run_id IS
'Number of the run; menuca_rollback() and menuca_resume() take it.';
COMMENT ON COLUMN @extschema@.menuca_runs.part_of IS
'The run of whose transaction this one is a part; NULL for a run of its own.';
COMMENT ON COLUMN @extschema@.menuca_runs.kind IS
'What kind of run it is: fix_combos, fix_group_dishes, fix_v2_groups, fix_v2_steps, fix_combo_steps or backfill_dishes.';
COMMENT ON COLUMN @extschema@.menuca_runs.target_schema IS
'Schema of the table that the run writes to.';
COMMENT ON COLUMN @extschema@.menuca_runs.target IS
'Name of the table that the run writes to, without its schema.';
COMMENT ON COLUMN @extschema@.menuca_runs.source IS
'Qualified and quoted name of the staged table that the run reads; of fix_combo_steps, the target''s combo_groups.';
COMMENT ON COLUMN @extschema@.menuca_runs.mode IS
'transaction when all rows are committed at once, batched when each batch is.';
COMMENT ON COLUMN @extschema@.menuca_runs.engine IS
'native when all rows were formed and stored by the extension itself, otherwise executor.';
COMMENT ON COLUMN @extschema@.menuca_runs.status IS
'running, completed, gate_failed, rolled_back, or interrupted: entered as running while no session holds the lock of a run on its target.';
COMMENT ON COLUMN @extschema@.menuca_runs.inserted IS
'Rows that the run has inserted so far.';
COMMENT ON COLUMN @extschema@.menuca_runs.batches IS
'Number of batches in menuca_run_batch; 0 when nothing was inserted.';
COMMENT ON COLUMN @extschema@.menuca_runs.items_before IS
'Rows of the target before the run.';
COMMENT ON COLUMN @extschema@.menuca_runs.items_after IS
'Rows of the target after the run; NULL until the run has ended.';
COMMENT ON COLUMN @extschema@.menuca_runs.orphan_pct_before IS
'Groups without items, in percent of all groups, before the run; NULL when there are no groups, or the run is no fix.';
COMMENT ON COLUMN @extschema@.menuca_runs.orphan_pct_after IS
'The same after the run; NULL until the run has ended, too.';
COMMENT ON COLUMN @extschema@.menuca_runs.expected_orphan_pct_after IS
'Groups without items, in percent of the groups that the source has a row for, after the run; NULL as orphan_pct_after.';
COMMENT ON COLUMN @extschema@.menuca_runs.band IS
'Band of orphan_pct_after: EXCELLENT below 1, PASS below 5, WARNING below 20, otherwise FAIL; NULL as orphan_pct_after.';
COMMENT ON COLUMN @extschema@.menuca_runs.outcomes IS
'Object of source rows, menu rows of backfill_dishes, items of fix_combo_steps, or steps of fix_v2_steps, per outcome.';
COMMENT ON COLUMN @extschema@.menuca_runs.parameters IS
'Object of the arguments that judge the run.';
COMMENT ON COLUMN @extschema@.menuca_runs.gate_message IS
'First reason of the gate that refused after the run; NULL when none did.';
COMMENT ON COLUMN @extschema@.menuca_runs.run_by IS
'Session user who began the run.';
COMMENT ON COLUMN @extschema@.menuca_runs.started_at IS
'When the run was entered in the ledger.';
COMMENT ON COLUMN @extschema@.menuca_runs.finished_at IS
'When the run ended; NULL until then.';
COMMENT ON COLUMN @extschema@.menuca_runs.rolled_back_by IS
'Session user who rolled the run back or put back a snapshot from before it; NULL unless status is rolled_back.';
COMMENT ON COLUMN @extschema@.menuca_runs.rolled_back_at IS
'When that was; NULL unless status is rolled_back.';
COMMENT ON COLUMN @extschema@.menuca_runs.note IS
'Which restored snapshot changed the run''s status last; NULL when none did, or a rollback did it since.';

--
-- What the ledger knows of a run, one figure a row
--

CREATE VIEW @extschema@.menuca_run_detail WITH (security_invoker = true) AS
WITH run AS (
	SELECT r.*, v.status AS state, v.batches,
		CASE pg_catalog.jsonb_typeof(r.parameters) WHEN 'object' THEN r.parameters ELSE pg_catalog.jsonb_build_object('damaged', r.parameters) END AS arguments,
		CASE pg_catalog.jsonb_typeof(r.outcomes) WHEN 'object' THEN r.outcomes ELSE pg_catalog.jsonb_build_object('damaged', r.outcomes) END AS counts,
		CASE pg_catalog.jsonb_typeof(r.figures_before) WHEN 'object' THEN r.figures_before ELSE pg_catalog.jsonb_build_object('damaged', r.figures_before) END AS before,
		CASE pg_catalog.jsonb_typeof(r.figures_after) WHEN 'object' THEN r.figures_after ELSE pg_catalog.jsonb_build_object('damaged', r.figures_after) END AS after
	FROM @extschema@.menuca_run r
		JOIN @extschema@.menuca_runs v USING (run_id)
), member AS (
	SELECT r.run_id, s.section_no, s.section, m.name, m.value, m.position
	FROM run r
		CROSS JOIN LATERAL (VALUES
			(2, 'parameters', r.arguments),
			(3, 'outcomes', r.counts),
			(4, 'probes', r.before -> 'probe_texts'),
			(5, 'probe figures', r.before -> 'probes'),
			(7, 'figures before', r.before - '{probes,probe_texts,warnings,integrity}'::text[]),
			(8, 'broken before', r.before -> 'integrity'),
			(9, 'figures after', r.after - '{integrity,rollback}'::text[]),
			(10, 'broken after', r.after -> 'integrity'),
			(13, 'rollback', CASE WHEN r.status = 'rolled_back' THEN r.after -> 'rollback' END)
		) s(section_no, section, object)
		CROSS JOIN LATERAL pg_catalog.jsonb_each_text(CASE pg_catalog.jsonb_typeof(s.object) WHEN 'object' THEN s.object END)
			WITH ORDINALITY m(name, value, position)
)
SELECT r.run_id, 1 AS section_no, 'run' AS section, c.position::bigint AS position, c.name, c.value
FROM run r
	CROSS JOIN LATERAL (VALUES
		(1, 'kind', r.kind),
		(2, 'status', r.state),
		(3, 'target', pg_catalog.format('%I.%I', r.target_schema, r.target)),
		(4, 'source', r.source),
		(5, 'mode', r.mode),
		(6, 'engine', r.engine),
		(7, 'part_of', r.part_of::text),
		(8, 'items_before', r.items_before::text),
		(9, 'inserted', r.inserted::text),
		(10, 'items_after', r.items_after::text),
		(11, 'gate_message', r.gate_message),
		(12, 'run_by', r.run_by),
		(13, 'started_at', r.started_at::text),
		(14, 'finished_at', r.finished_at::text),
		(15, 'rolled_back_by', r.rolled_back_by),
		(16, 'rolled_back_at', r.rolled_back_at::text),
		(17, 'note', r.note)
	) c(position, name, value)
WHERE c.value IS NOT NULL
UNION ALL
SELECT m.run_id, m.section_no, m.section, m.position, m.name, m.value
FROM member m
WHERE m.value IS NOT NULL
UNION ALL
SELECT r.run_id, 6, 'warnings', w.position, w.position::text, w.text
FROM run r
	CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(
		CASE pg_catalog.jsonb_typeof(r.before -> 'warnings') WHEN 'array' THEN r.before -> 'warnings' END)
		WITH ORDINALITY w(text, position)
UNION ALL
SELECT b.run_id, 11, 'batches', b.batch_no, b.batch_no::text,
	pg_catalog.format('%s rows at %s', b.row_count, b.written_at)
FROM @extschema@.menuca_run_batch b
UNION ALL
SELECT p.part_of, 12, 'parts', p.run_id, p.run_id::text,
	pg_catalog.format('%s: %s rows inserted into %I.%I, %s', p.kind, p.inserted, p.target_schema, p.target, p.status)
FROM run p
WHERE p.part_of IS NOT NULL;

COMMENT ON VIEW @extschema@.menuca_run_detail IS
'What the ledger knows of each run, one figure a row. menuca_run_details() returns one run''s, in order.';
COMMENT ON COLUMN @extschema@.menuca_run_detail.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN @extschema@.menuca_run_detail.section_no IS
'Number of the section, in the order of reading.';
COMMENT ON COLUMN @extschema@.menuca_run_detail.section IS
'run, parameters, outcomes, probes, probe figures, warnings, figures before, broken before, figures after, broken after, batches, parts or rollback. A section without rows is omitted.';
COMMENT ON COLUMN @extschema@.menuca_run_detail.position IS
'Number of the row within its section.';
COMMENT ON COLUMN @extschema@.menuca_run_detail.name IS
'Name of the figure; of warnings and batches their number, of parts their run.';
COMMENT ON COLUMN @extschema@.menuca_run_detail.value IS
'Its value as text.';

CREATE FUNCTION @extschema@.menuca_run_details(
	run_id bigint,
	OUT section text,
	OUT name text,
	OUT value text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_run_details(bigint) IS
'Everything that the ledger knows of a run of any kind, one figure a row, in the order of reading: the run, its parameters, outcomes, probes and warnings, the figures before and after it, its batches and parts, and the figures of its rollback. Raises an error when there is no such run. Read only.';

--
-- What the source's rows mean, and which table they belong in
--

CREATE TABLE @extschema@.menuca_decision (
	decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	target_schema text NOT NULL,
	target text NOT NULL,
	approver text NOT NULL,
	reason text NOT NULL,
	recorded_by text NOT NULL DEFAULT session_user,
	decided_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_decision IS
'Which table the source''s rows belong in, as people decided it; the newest decision of a target schema counts.';
COMMENT ON COLUMN @extschema@.menuca_decision.decision_id IS
'Number of the decision.';
COMMENT ON COLUMN @extschema@.menuca_decision.target_schema IS
'Schema of the target.';
COMMENT ON COLUMN @extschema@.menuca_decision.target IS
'Name of the junction: combo_items or dish_combo_groups.';
COMMENT ON COLUMN @extschema@.menuca_decision.approver IS
'Who decided, in the words of who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_decision.reason IS
'Why, in the words of who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_decision.recorded_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_decision.decided_at IS
'When it was recorded.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_decision', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_decision_decision_id_seq', '');

CREATE FUNCTION @extschema@.menuca_decide(
	source regclass DEFAULT NULL,
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	OUT "position" integer,
	OUT kind text,
	OUT status text,
	OUT finding text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_decide(regclass, text, text, text, text) IS
'The first call after loading: what the source''s rows mean in this database, and where they can go. Rows of kind meaning are three sentences with figures, example shows pairs by name, decision what was decided, and choice the possibilities; next_step is the call for each. status is PASS, WARN, FAIL or SKIP. source NULL means the setting menuca.source_table. Read only.';

CREATE FUNCTION @extschema@.menuca_record_decision(
	target text,
	approver text,
	reason text,
	OUT decision text,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_record_decision(text, text, text) IS
'Records which table (combo_items or dish_combo_groups) the source''s rows belong in, who decided that, and why; returns it with the next call. Runs into another table warn of it.';

REVOKE ALL ON FUNCTION @extschema@.menuca_record_decision(text, text, text) FROM PUBLIC;

--
-- Figures that cannot be repaired, accepted up to a bound
--

CREATE TABLE @extschema@.menuca_acceptance (
	acceptance_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	target_schema text NOT NULL,
	target text NOT NULL,
	source text NOT NULL,
	source_rows bigint NOT NULL,
	source_checksum text NOT NULL,
	figure text NOT NULL,
	bound numeric,
	reason text NOT NULL,
	approver text NOT NULL,
	accepted_by text NOT NULL DEFAULT session_user,
	accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	expires_at timestamptz,
	imported_from text,
	withdrawn_at timestamptz,
	withdrawn_by text,
	withdrawn_because text
);

COMMENT ON TABLE @extschema@.menuca_acceptance IS
'Figures that a person has accepted by menuca_accept() up to a bound: the gates and checks that judge the figure follow its newest acceptance.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.acceptance_id IS
'Number of the acceptance.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.target_schema IS
'Schema of the target.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.target IS
'Name of the junction, such as combo_items.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.source IS
'Table of the source that it was given for, qualified.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.source_rows IS
'Rows of the source then; with others the acceptance is void.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.source_checksum IS
'Checksum of these rows; with another one the acceptance is void.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.figure IS
'What is accepted: dish_coverage, group_coverage, restaurants, orphan_rate, expected_orphan_rate, empty_combos, equal_names, distribution, item_count or direction.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.bound IS
'The least value that is accepted for coverage and restaurants, the greatest one for the others, in percent or points; NULL for item_count and direction.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.reason IS
'Why, in the words of who accepted it.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.approver IS
'Name of the person who accepts it.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.accepted_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.accepted_at IS
'When it was recorded.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.expires_at IS
'When it ends; NULL for never.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.imported_from IS
'The database that it was accepted in, when it came with a verdict; NULL when it was accepted here.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.withdrawn_at IS
'When it was withdrawn; NULL while it holds.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.withdrawn_by IS
'Session user who withdrew it; NULL while it holds.';
COMMENT ON COLUMN @extschema@.menuca_acceptance.withdrawn_because IS
'Why it was withdrawn; NULL while it holds.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_acceptance', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_acceptance_acceptance_id_seq', '');

CREATE VIEW @extschema@.menuca_acceptance_in_effect WITH (security_invoker = true) AS
SELECT n.*
FROM (SELECT DISTINCT ON (a.target_schema, a.target, a.source, a.figure) a.*
	  FROM @extschema@.menuca_acceptance a
	  ORDER BY a.target_schema, a.target, a.source, a.figure, a.acceptance_id DESC) n
WHERE n.withdrawn_at IS NULL AND COALESCE(n.expires_at > pg_catalog.clock_timestamp(), true)
AND NOT EXISTS (SELECT FROM @extschema@.menuca_run r
	WHERE r.target_schema = n.target_schema AND r.target = n.target AND r.source = n.source
	AND r.started_at > n.accepted_at AND r.figures_before ->> 'source_checksum' <> n.source_checksum);

COMMENT ON VIEW @extschema@.menuca_acceptance_in_effect IS
'The newest acceptance of each figure, target and source that has neither expired nor been withdrawn, and that no later run has found with other rows of the source; it holds while the source has the same rows.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.acceptance_id IS
'Number of the acceptance.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.target_schema IS
'Schema of the target.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.target IS
'Name of the junction, such as combo_items.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.source IS
'Table of the source that it was given for, qualified.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.source_rows IS
'Rows of the source then; with others the acceptance is void.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.source_checksum IS
'Checksum of these rows; with another one the acceptance is void.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.figure IS
'What is accepted: dish_coverage, group_coverage, restaurants, orphan_rate, expected_orphan_rate, empty_combos, equal_names, distribution, item_count or direction.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.bound IS
'The least value that is accepted for coverage and restaurants, the greatest one for the others, in percent or points; NULL for item_count and direction.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.reason IS
'Why, in the words of who accepted it.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.approver IS
'Name of the person who accepts it.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.accepted_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.accepted_at IS
'When it was recorded.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.expires_at IS
'When it ends; NULL for never.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.imported_from IS
'The database that it was accepted in, when it came with a verdict; NULL when it was accepted here.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.withdrawn_at IS
'When it was withdrawn; NULL while it holds.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.withdrawn_by IS
'Session user who withdrew it; NULL while it holds.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_effect.withdrawn_because IS
'Why it was withdrawn; NULL while it holds.';

CREATE VIEW @extschema@.menuca_acceptance_in_words WITH (security_invoker = true) AS
SELECT a.acceptance_id,
	a.target_schema,
	a.target,
	pg_catalog.format('%s%s, by %s: %s%s%s', a.figure,
		CASE WHEN a.bound IS NULL THEN ''
			WHEN a.figure IN ('dish_coverage', 'group_coverage', 'restaurants') THEN ' down to ' || a.bound || ' %'
			WHEN a.figure = 'distribution' THEN ' up to ' || a.bound || ' points'
			ELSE ' up to ' || a.bound || ' %'
		END,
		a.approver, a.reason,
		', until ' || pg_catalog.to_char(a.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
		' (on ' || a.imported_from || ')') AS accepted
FROM @extschema@.menuca_acceptance_in_effect a;

COMMENT ON VIEW @extschema@.menuca_acceptance_in_words IS
'The acceptances in effect as sentences, for the log and for sign-offs.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_words.acceptance_id IS
'Number of the acceptance.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_words.target_schema IS
'Schema of the target.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_words.target IS
'Name of the junction, such as combo_items.';
COMMENT ON COLUMN @extschema@.menuca_acceptance_in_words.accepted IS
'Figure, bound, approver, reason, and where it was accepted if not here.';

CREATE FUNCTION @extschema@.menuca_accept(
	figure text,
	bound numeric,
	reason text,
	approver text,
	expires timestamptz DEFAULT NULL,
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	OUT accepted text,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_accept(text, numeric, text, text, timestamptz, regclass, text, text, text, text, text) IS
'Accepts a figure that cannot be repaired up to a bound, for the source''s present content: dish_coverage, group_coverage and restaurants at least, orphan_rate, expected_orphan_rate, empty_combos and equal_names (of what customers see) at most that many percent, distribution at most that many points, item_count and direction without a bound (NULL). The gates and checks that judge the figure warn within the bound and fail beyond it. Returns what was accepted, and the next call.';

REVOKE ALL ON FUNCTION @extschema@.menuca_accept(text, numeric, text, text, timestamptz, regclass, text, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_withdraw_acceptance(
	figure text,
	reason text,
	target text DEFAULT 'combo_items')
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_withdraw_acceptance(text, text, text) IS
'Withdraws the acceptances of a figure, for every source: its own limits judge it again. Returns how many were withdrawn.';

REVOKE ALL ON FUNCTION @extschema@.menuca_withdraw_acceptance(text, text, text) FROM PUBLIC;

--
-- The outcome of each source row
--

CREATE FUNCTION @extschema@.menuca_plan_combos(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	OUT source_id bigint,
	OUT legacy_group_id bigint,
	OUT legacy_dish_id bigint,
	OUT display_order bigint,
	OUT combo_group_id bigint,
	OUT dish_id bigint,
	OUT outcome text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_plan_combos(regclass, text, text, text, text, text) IS
'One row per source row with the outcome that a fix would give it: insert, already_present, duplicate, unmapped_group, unmapped_dish, unmapped_both, ambiguous_group, ambiguous_dish, cross_restaurant or invalid. source NULL means the setting menuca.source_table; id_column and order_column may be NULL when the source has no such column. Read only.';

CREATE FUNCTION @extschema@.menuca_explain_unmapped(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	menu regclass DEFAULT NULL,
	ingredients regclass DEFAULT NULL,
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	OUT reason text,
	OUT found_in text,
	OUT restaurant_id bigint,
	OUT source_rows bigint,
	OUT distinct_ids bigint,
	OUT sample_ids bigint[],
	OUT remedy text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_explain_unmapped(regclass, text, regclass, regclass, text, text, text, text) IS
'Why source rows cannot be mapped: one row per reason (an outcome of menuca_plan_combos), place where the dishes'' ids occur instead (menu, ingredients or nowhere; NULL when that does not matter or nothing is staged) and restaurant (NULL when there is not exactly one), with the number of rows and of distinct legacy ids, up to five of these ids, the remedy, and in next_step its statement, if it has one. menu and ingredients NULL mean the settings menuca.menu_table and menuca.ingredients_table, where these tables exist. Read only.';

CREATE FUNCTION @extschema@.menuca_plan_group_dishes(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'id',
	list_column text DEFAULT 'dish',
	OUT source_id bigint,
	OUT legacy_group_id bigint,
	OUT legacy_dish_id bigint,
	OUT display_order bigint,
	OUT combo_group_id bigint,
	OUT dish_id bigint,
	OUT outcome text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_plan_group_dishes(regclass, text, text, text) IS
'As menuca_plan_combos, for the dishes that V1''s groups offer by themselves: one row per dish of each list, a bytea that PHP''s serialize() wrote (source_id is NULL). source NULL means the setting menuca.combo_groups_table. Raises an error that names the group when a list cannot be read.';

CREATE FUNCTION @extschema@.menuca_plan_v2_groups(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group_id',
	list_column text DEFAULT 'dishes',
	OUT source_id bigint,
	OUT legacy_group_id bigint,
	OUT legacy_dish_id bigint,
	OUT display_order bigint,
	OUT combo_group_id bigint,
	OUT dish_id bigint,
	OUT outcome text,
	OUT next_step text,
	OUT step_number integer,
	OUT suffix text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_plan_v2_groups(regclass, text, text, text) IS
'As menuca_plan_group_dishes, for the dishes that V2''s groups offer: its table restaurants_combo_groups_items, whose column dishes is JSON, ["149|0", "143"] or by step {"1": ["973|0"], "2": ["974"]}. Legacy ids are looked up in legacy_v2_id. step_number is NULL for a list without steps; suffix is what follows the dish''s id and a bar. source NULL means the setting menuca.v2_group_items_table. Raises an error that names the group when a list is not JSON.';

CREATE FUNCTION @extschema@.menuca_plan_combo_steps(
	headers_name text DEFAULT 'items',
	OUT combo_item_id bigint,
	OUT combo_group_id bigint,
	OUT dish_id bigint,
	OUT step_number integer,
	OUT step_label text,
	OUT headers integer,
	OUT items integer,
	OUT item_count integer,
	OUT outcome text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_plan_combo_steps(text) IS
'One row per combo item with the step that its group''s headers (combo_rules.display_header, separated by semicolons) give it, and the outcome: fits, already_present, no_header, more_headers, fewer_headers, count_differs, unordered, unclear_header, label_too_long, other_steps, malformed_rules, v2_group, duplicate or invalid. headers_name says what several headers name: items (the first header is that of the first item by display_order) or choices (each item has them all as its steps, with one row per step). headers, items and item_count count the group''s headers and items, and what its rules state. Read only.';

--
-- Groups without items
--

CREATE FUNCTION @extschema@.menuca_orphan_rate(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group',
	OUT groups bigint,
	OUT groups_with_items bigint,
	OUT orphans bigint,
	OUT orphan_pct numeric,
	OUT band text,
	OUT expected_groups bigint,
	OUT expected_orphans bigint,
	OUT expected_orphan_pct numeric,
	OUT expected_band text,
	OUT items bigint,
	OUT by_source_system jsonb)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_orphan_rate(regclass, text, text) IS
'Both orphan rates in percent, with numerator and denominator: of all groups (orphans / groups), and of the groups that the source has a row for (expected_orphans / expected_groups; NULL while no source is staged). source may be V2''s table, the one of the setting menuca.v2_group_items_table. Bands: < 1 EXCELLENT, < 5 PASS, < 20 WARNING, otherwise FAIL. Read only.';

CREATE FUNCTION @extschema@.menuca_orphans(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	OUT combo_group_id bigint,
	OUT group_name text,
	OUT restaurant_id bigint,
	OUT source_system text,
	OUT legacy_group_id bigint,
	OUT source_rows bigint,
	OUT reason text,
	OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_orphans(regclass, text, text, text, text, text) IS
'One row per group without items, with the reason: fix_pending, unmapped_dishes, cross_restaurant, ambiguous, invalid, mixed, no_source_row, v2_group, no_legacy_id or no_source_staged, and a sentence that explains it. Groups without a row in V1''s source are explained by V2''s lists where the table of the setting menuca.v2_group_items_table is staged. Read only.';

CREATE FUNCTION @extschema@.menuca_orphan_restaurants(
	target text DEFAULT 'combo_items',
	OUT restaurant_id bigint,
	OUT restaurant_name text,
	OUT groups bigint,
	OUT orphans bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_orphan_restaurants(text) IS
'One row per restaurant that has groups without items: how many groups it has, and how many of them are without items, those with the most first. Reads no source. Read only.';

--
-- Backups and snapshots
--

CREATE TABLE @extschema@.menuca_backup (
	backup_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	label text NOT NULL,
	id text NOT NULL UNIQUE,
	method text NOT NULL,
	size bigint NOT NULL,
	checksum text NOT NULL,
	started timestamptz NOT NULL,
	finished timestamptz NOT NULL,
	verified boolean NOT NULL,
	details jsonb NOT NULL,
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	database_size bigint NOT NULL,
	table_size bigint NOT NULL,
	registered_by text NOT NULL DEFAULT session_user,
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	table_counts jsonb NOT NULL DEFAULT '{}'
);

COMMENT ON TABLE @extschema@.menuca_backup IS
'Registered backups, made outside of the database, with the database''s name, cluster and sizes at that time.';
COMMENT ON COLUMN @extschema@.menuca_backup.backup_no IS
'Number of the backup.';
COMMENT ON COLUMN @extschema@.menuca_backup.label IS
'Label under which it was registered; several backups may have the same.';
COMMENT ON COLUMN @extschema@.menuca_backup.id IS
'What the backup is found by, such as host and path of a file, or the number that a service gave it.';
COMMENT ON COLUMN @extschema@.menuca_backup.method IS
'How the backup was made, in the words of who registered it.';
COMMENT ON COLUMN @extschema@.menuca_backup.size IS
'Size of the backup in bytes.';
COMMENT ON COLUMN @extschema@.menuca_backup.checksum IS
'Checksum of the backup, with the name of its method, in the words of who registered it.';
COMMENT ON COLUMN @extschema@.menuca_backup.started IS
'When the backup was begun.';
COMMENT ON COLUMN @extschema@.menuca_backup.finished IS
'When the backup was finished.';
COMMENT ON COLUMN @extschema@.menuca_backup.verified IS
'True when the backup was read back after it was made.';
COMMENT ON COLUMN @extschema@.menuca_backup.details IS
'Object of whatever else is known: drill (true: it was restored and compared), drill_seconds (how long that took), host and path are used, other keys are kept.';
COMMENT ON COLUMN @extschema@.menuca_backup.database_name IS
'Name of the database that was backed up: the one in which it was registered.';
COMMENT ON COLUMN @extschema@.menuca_backup.system_identifier IS
'System identifier of that database''s cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN @extschema@.menuca_backup.database_size IS
'Size of the database in bytes when the backup was registered.';
COMMENT ON COLUMN @extschema@.menuca_backup.table_size IS
'Size of its ordinary tables without indexes, in bytes, when the backup was registered; temporary and system tables do not count.';
COMMENT ON COLUMN @extschema@.menuca_backup.registered_by IS
'Session user who registered it.';
COMMENT ON COLUMN @extschema@.menuca_backup.registered_at IS
'When it was registered.';
COMMENT ON COLUMN @extschema@.menuca_backup.table_counts IS
'The tables'' figures when it was registered, as menuca_table_counts() returns them, of the tables that the registering role may read.';

CREATE TABLE @extschema@.menuca_snapshot_list (
	snapshot_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	label text NOT NULL UNIQUE,
	target_schema text NOT NULL,
	schema_name text NOT NULL,
	runs jsonb NOT NULL,
	taken_by text NOT NULL DEFAULT session_user,
	taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_snapshot_list IS
'Snapshots: the schema that holds the copies, and the status that the tables'' runs had.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_list.snapshot_no IS
'Number of the snapshot.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_list.label IS
'Label of the snapshot; menuca_restore_snapshot() and menuca_drop_snapshot() take it.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_list.target_schema IS
'Schema of the tables that were copied.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_list.schema_name IS
'Schema that holds the copies, such as menuca_snapshot_1.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_list.runs IS
'Object of the status that each run on these tables had when the snapshot was taken, by run_id.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_list.taken_by IS
'Session user who took the snapshot.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_list.taken_at IS
'When the snapshot was taken.';

CREATE TABLE @extschema@.menuca_snapshot_table (
	snapshot_no bigint NOT NULL,
	table_name text NOT NULL,
	place integer NOT NULL,
	row_count bigint NOT NULL,
	checksum numeric NOT NULL,
	columns jsonb NOT NULL,
	sequences jsonb NOT NULL,
	PRIMARY KEY (snapshot_no, table_name)
);

COMMENT ON TABLE @extschema@.menuca_snapshot_table IS
'Per table of a snapshot, what its copy must be like as long as it exists, the table''s columns, and the state of its sequences.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_table.snapshot_no IS
'The snapshot (menuca_snapshot_list).';
COMMENT ON COLUMN @extschema@.menuca_snapshot_table.table_name IS
'Name of the table, which is the copy''s name, too.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_table.place IS
'Place of the table within the snapshot, from 1: a table comes after those that its foreign keys reference.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_table.row_count IS
'Rows of the copy.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_table.checksum IS
'Checksum of the copy, as menuca_table_checksum() computes it.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_table.columns IS
'Array of the table''s columns in their order: name, type, and whether it is generated.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_table.sequences IS
'Object of the table''s sequences by qualified name: last_value and is_called.';

CREATE TABLE @extschema@.menuca_snapshot_restore (
	restore_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	snapshot_no bigint NOT NULL,
	label text NOT NULL,
	forced boolean NOT NULL,
	figures jsonb NOT NULL,
	runs_undone bigint[] NOT NULL,
	runs_restored bigint[] NOT NULL,
	restored_by text NOT NULL DEFAULT session_user,
	restored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	took interval DEFAULT clock_timestamp() - statement_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_snapshot_restore IS
'Restores of snapshots: what was written per table, and the runs whose status changed with it.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_restore.restore_no IS
'Number of the restore.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_restore.snapshot_no IS
'The snapshot that was restored; its row in menuca_snapshot_list is deleted when it is dropped.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_restore.label IS
'Label of that snapshot.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_restore.forced IS
'True when it was restored with force => true.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_restore.figures IS
'Object per table of the rows that were deleted, inserted and updated, and of rows of other tables that depended on deleted ones (dependants).';
COMMENT ON COLUMN @extschema@.menuca_snapshot_restore.runs_undone IS
'Runs that were marked as rolled back, since the snapshot is from before them; empty when there were none.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_restore.runs_restored IS
'Runs that had been rolled back since the snapshot and got back the status that they had then; empty when there were none.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_restore.restored_by IS
'Session user who restored the snapshot.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_restore.restored_at IS
'When it was restored.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_restore.took IS
'How long the statement that restored it had been running by then.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_backup', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_backup_backup_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_snapshot_list', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_snapshot_list_snapshot_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_snapshot_table', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_snapshot_restore', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_snapshot_restore_restore_no_seq', '');

CREATE FUNCTION @extschema@.menuca_table_checksum(
	table_name regclass,
	OUT rows bigint,
	OUT checksum numeric)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_table_checksum(regclass) IS
'Number of a table''s rows, and the sum of the 64-bit hashes of their texts: the same for the same rows in any order, in any session, and after a dump and restore. Read only.';

CREATE FUNCTION @extschema@.menuca_register_backup(
	label text,
	id text,
	method text,
	size bigint,
	checksum text,
	started timestamptz,
	finished timestamptz,
	verified boolean,
	details jsonb DEFAULT '{}')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) IS
'Registers a finished backup of this database that was made outside of it, and returns its number; the script menuca-backup does so for the backups that it makes. id is what the backup is found by (each one has its own), size its bytes. Raises an error on arguments that are NULL, blank or empty, and on a backup that ended before it began or in the future. With "drill": true in details, menuca_check_backup reports that it was restored and compared.';

REVOKE ALL ON FUNCTION @extschema@.menuca_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_check_backup(
	label text DEFAULT NULL,
	max_age interval DEFAULT '30 minutes',
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

COMMENT ON FUNCTION @extschema@.menuca_check_backup(text, interval) IS
'Checks whether the newest backup, or the newest one with that label, can be relied on: finished, verified, begun at most max_age ago, of a plausible size, with an id, and of this database in this cluster. One row per check with status PASS, WARN, FAIL, ERROR or SKIP. A snapshot does not count as a backup. Read only.';

CREATE FUNCTION @extschema@.menuca_snapshot(
	label text,
	tables text[] DEFAULT NULL,
	OUT snapshot_no bigint,
	OUT table_name text,
	OUT row_count bigint,
	OUT checksum numeric,
	OUT next_step text,
	OUT copy text,
	OUT sequences jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_snapshot(text, text[]) IS
'Copies the tables that the extension writes to (dishes, combo_items, dish_combo_groups, combo_steps, as far as they exist), or the named tables of the target schema, into a new schema that only the caller may use, while nobody else writes to them; records row counts, checksums and the state of the sequences. One row per table. menuca_restore_snapshot restores the tables, menuca_drop_snapshot drops the copies. It does not replace a backup: it is in the same database.';

REVOKE ALL ON FUNCTION @extschema@.menuca_snapshot(text, text[]) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_restore_snapshot(
	label text,
	dry_run boolean DEFAULT true,
	force boolean DEFAULT false,
	disable_triggers boolean DEFAULT false,
	OUT table_name text,
	OUT status text,
	OUT rows_in_snapshot bigint,
	OUT rows_before bigint,
	OUT deleted bigint,
	OUT inserted bigint,
	OUT updated bigint,
	OUT dependants bigint,
	OUT sequences jsonb,
	OUT reasons text[],
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_restore_snapshot(text, boolean, boolean, boolean) IS
'Restores a snapshot''s tables, with rows, keys and sequences, by writing only what differs; by default a dry run, which counts it. One row per table. Refuses (class MC) when a table''s columns or a copy have changed, when rows of a copy reference rows that no longer exist, or, unless force is true, when rows of other tables depend on rows to be deleted. Compares the checksum of every table with its copy''s, and undoes everything when they differ. Runs made since are marked as rolled back in the ledger; runs rolled back since get back their status.';

REVOKE ALL ON FUNCTION @extschema@.menuca_restore_snapshot(text, boolean, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_drop_snapshot(
	label text,
	OUT snapshot_no bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_drop_snapshot(text) IS
'Drops a snapshot, its copies and their schema; returns the snapshot''s number, and the next call. Raises an error, and drops nothing, when the schema has other objects or others depend on a copy.';

REVOKE ALL ON FUNCTION @extschema@.menuca_drop_snapshot(text) FROM PUBLIC;

CREATE VIEW @extschema@.menuca_backups AS
SELECT b.backup_no,
	b.label,
	b.id,
	b.method,
	b.size,
	b.checksum,
	b.started,
	b.finished,
	b.verified,
	COALESCE(b.details ->> 'drill' = 'true', false) AS restored_once,
	b.database_name = pg_catalog.current_database()
		AND b.system_identifier = (SELECT c.system_identifier FROM pg_catalog.pg_control_system() c)
		AS of_this_database,
	pg_catalog.round(100.0 * b.size / NULLIF(b.table_size, 0), 2) AS size_pct_of_tables,
	b.database_size,
	b.table_size,
	b.details,
	b.registered_by,
	b.registered_at
FROM @extschema@.menuca_backup b;

COMMENT ON VIEW @extschema@.menuca_backups IS
'Registered backups, one row each, with whether they were restored once and are of this database.';
COMMENT ON COLUMN @extschema@.menuca_backups.backup_no IS
'Number of the backup.';
COMMENT ON COLUMN @extschema@.menuca_backups.label IS
'Label under which it was registered.';
COMMENT ON COLUMN @extschema@.menuca_backups.id IS
'What the backup is found by, such as host and path of a file.';
COMMENT ON COLUMN @extschema@.menuca_backups.method IS
'How the backup was made.';
COMMENT ON COLUMN @extschema@.menuca_backups.size IS
'Size of the backup in bytes.';
COMMENT ON COLUMN @extschema@.menuca_backups.checksum IS
'Checksum of the backup, with the name of its method.';
COMMENT ON COLUMN @extschema@.menuca_backups.started IS
'When the backup was begun.';
COMMENT ON COLUMN @extschema@.menuca_backups.finished IS
'When the backup was finished.';
COMMENT ON COLUMN @extschema@.menuca_backups.verified IS
'True when the backup was read back after it was made.';
COMMENT ON COLUMN @extschema@.menuca_backups.restored_once IS
'True when it was restored into a scratch database and compared (the key drill of details).';
COMMENT ON COLUMN @extschema@.menuca_backups.of_this_database IS
'True when it was made of this database in this cluster, not of another one from which this is a copy.';
COMMENT ON COLUMN @extschema@.menuca_backups.size_pct_of_tables IS
'Size of the backup in percent of table_size; NULL when that is 0.';
COMMENT ON COLUMN @extschema@.menuca_backups.database_size IS
'Size of the database in bytes when the backup was registered.';
COMMENT ON COLUMN @extschema@.menuca_backups.table_size IS
'Size of its ordinary tables without indexes, in bytes, when the backup was registered.';
COMMENT ON COLUMN @extschema@.menuca_backups.details IS
'Object of whatever else is known of the backup.';
COMMENT ON COLUMN @extschema@.menuca_backups.registered_by IS
'Session user who registered it.';
COMMENT ON COLUMN @extschema@.menuca_backups.registered_at IS
'When it was registered.';

CREATE VIEW @extschema@.menuca_snapshots AS
SELECT s.snapshot_no,
	s.label,
	s.target_schema,
	s.schema_name,
	t.tables,
	t.row_counts,
	s.runs,
	s.taken_by,
	s.taken_at,
	(SELECT pg_catalog.max(r.restored_at) FROM @extschema@.menuca_snapshot_restore r
	 WHERE r.snapshot_no = s.snapshot_no) AS last_restored_at
FROM @extschema@.menuca_snapshot_list s
CROSS JOIN LATERAL (
	SELECT pg_catalog.array_agg(x.table_name ORDER BY x.place) AS tables,
		pg_catalog.array_agg(x.row_count ORDER BY x.place) AS row_counts
	FROM @extschema@.menuca_snapshot_table x
	WHERE x.snapshot_no = s.snapshot_no) t;

COMMENT ON VIEW @extschema@.menuca_snapshots IS
'Snapshots, one row each, with their tables and the number of rows of each.';
COMMENT ON COLUMN @extschema@.menuca_snapshots.snapshot_no IS
'Number of the snapshot.';
COMMENT ON COLUMN @extschema@.menuca_snapshots.label IS
'Label of the snapshot; menuca_restore_snapshot() and menuca_drop_snapshot() take it.';
COMMENT ON COLUMN @extschema@.menuca_snapshots.target_schema IS
'Schema of the tables that were copied.';
COMMENT ON COLUMN @extschema@.menuca_snapshots.schema_name IS
'Schema that holds the copies.';
COMMENT ON COLUMN @extschema@.menuca_snapshots.tables IS
'Names of the tables, those before that others reference.';
COMMENT ON COLUMN @extschema@.menuca_snapshots.row_counts IS
'Rows of each copy, in the order of tables.';
COMMENT ON COLUMN @extschema@.menuca_snapshots.runs IS
'Object of the status that each run on these tables had when the snapshot was taken, by run_id.';
COMMENT ON COLUMN @extschema@.menuca_snapshots.taken_by IS
'Session user who took the snapshot.';
COMMENT ON COLUMN @extschema@.menuca_snapshots.taken_at IS
'When the snapshot was taken.';
COMMENT ON COLUMN @extschema@.menuca_snapshots.last_restored_at IS
'When it was restored most recently; NULL when it never was.';

--
-- What the functions above read.  These views and functions run with the
-- rights of whoever reads them, so that everybody may: they show nothing that
-- their tables would not.
--

CREATE VIEW @extschema@.menuca_database_size WITH (security_invoker = true) AS
SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS database_size,
	-- what a dump has the rows of: no indexes, no system tables
	COALESCE(pg_catalog.sum(pg_catalog.pg_table_size(c.oid)), 0)::bigint AS table_size
FROM pg_catalog.pg_class c
WHERE c.relkind = 'r'
	AND c.relpersistence <> 't'
	AND c.oid >= 16384::oid;

COMMENT ON VIEW @extschema@.menuca_database_size IS
'Sizes of this database, one row; a backup is registered with them.';
COMMENT ON COLUMN @extschema@.menuca_database_size.database_size IS
'Size of the database in bytes.';
COMMENT ON COLUMN @extschema@.menuca_database_size.table_size IS
'Size of its ordinary tables without indexes, in bytes; temporary and system tables do not count.';

CREATE VIEW @extschema@.menuca_backup_history WITH (security_invoker = true) AS
SELECT b.backup_no,
	b.label,
	b.id,
	b.method,
	b.size,
	b.started,
	b.finished,
	b.verified,
	COALESCE(b.details ->> 'drill' = 'true', false) AS restored_once,
	b.database_name,
	b.system_identifier,
	b.table_size,
	p.size AS previous_size,
	p.label AS previous_label
FROM @extschema@.menuca_backup b
LEFT JOIN LATERAL (
	SELECT o.size, o.label
	FROM @extschema@.menuca_backup o
	WHERE o.verified
		AND o.method = b.method
		AND o.database_name = b.database_name
		AND o.system_identifier = b.system_identifier
		AND o.finished < b.finished
	ORDER BY o.finished DESC, o.backup_no DESC
	LIMIT 1) p ON true;

COMMENT ON VIEW @extschema@.menuca_backup_history IS
'Registered backups, each with the verified backup of the same database by the same method before it, for comparison.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.backup_no IS
'Number of the backup.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.label IS
'Label under which it was registered.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.id IS
'What the backup is found by, such as host and path of a file.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.method IS
'How the backup was made.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.size IS
'Size of the backup in bytes.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.started IS
'When the backup was begun.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.finished IS
'When the backup was finished.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.verified IS
'True when the backup was read back after it was made.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.restored_once IS
'True when it was restored into a scratch database and compared (the key drill of details).';
COMMENT ON COLUMN @extschema@.menuca_backup_history.database_name IS
'Name of the database that was backed up.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.system_identifier IS
'System identifier of that database''s cluster.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.table_size IS
'Size of the database''s ordinary tables without indexes, in bytes, when the backup was registered.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.previous_size IS
'Size of the previous backup in bytes; NULL when there is none.';
COMMENT ON COLUMN @extschema@.menuca_backup_history.previous_label IS
'Label of the previous backup; NULL when there is none.';

CREATE VIEW @extschema@.menuca_snapshot_run WITH (security_invoker = true) AS
SELECT l.snapshot_no,
	r.run_id,
	r.status,
	l.runs ->> r.run_id::text AS recorded_status,
	-- a run that inserted nothing has nothing to lose
	r.status <> 'rolled_back'
		AND (r.inserted > 0 OR r.status = 'running')
		AND l.runs ->> r.run_id::text IS NULL AS is_undone,
	r.status = 'rolled_back'
		AND COALESCE(l.runs ->> r.run_id::text <> 'rolled_back', false) AS comes_back
FROM @extschema@.menuca_snapshot_list l
JOIN @extschema@.menuca_snapshot_table t USING (snapshot_no)
JOIN @extschema@.menuca_run r ON r.target_schema = l.target_schema AND r.target = t.table_name;

COMMENT ON VIEW @extschema@.menuca_snapshot_run IS
'The runs on the tables of each snapshot, with what a restore means to them.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_run.snapshot_no IS
'The snapshot (menuca_snapshot_list).';
COMMENT ON COLUMN @extschema@.menuca_snapshot_run.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN @extschema@.menuca_snapshot_run.status IS
'Status of the run now.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_run.recorded_status IS
'Status of the run when the snapshot was taken; NULL when the run is newer.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_run.is_undone IS
'True when a restore deletes the run''s rows, since the run is newer than the snapshot.';
COMMENT ON COLUMN @extschema@.menuca_snapshot_run.comes_back IS
'True when a restore inserts the run''s rows again, since it was rolled back after the snapshot.';

CREATE FUNCTION @extschema@.menuca_column_differences(
	before jsonb,
	after jsonb,
	OUT column_name text,
	OUT difference text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE(a.col ->> 'name', b.col ->> 'name'),
		CASE
			WHEN a.col IS NULL THEN 'is missing'
			WHEN b.col IS NULL THEN 'is new'
			WHEN b.col ->> 'type' <> a.col ->> 'type'
			THEN pg_catalog.format('had type %s and has type %s', b.col ->> 'type', a.col ->> 'type')
			WHEN (b.col ->> 'generated')::boolean THEN 'was generated'
			ELSE 'was not generated'
		END
	FROM pg_catalog.jsonb_array_elements(before) b(col)
	FULL JOIN pg_catalog.jsonb_array_elements(after) a(col) ON b.col ->> 'name' = a.col ->> 'name'
	WHERE b.col IS DISTINCT FROM a.col
	ORDER BY 1;
END;

COMMENT ON FUNCTION @extschema@.menuca_column_differences(jsonb, jsonb) IS
'How the columns of a table differ from those that a snapshot recorded, one row per column that does, by name; both arguments are arrays as in menuca_snapshot_table.columns. No row when at most their order differs.';

--
-- Migrating missing dishes
--

CREATE FUNCTION @extschema@.menuca_plan_backfill(
	menu regclass DEFAULT NULL,
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group',
	dish_column text DEFAULT 'dish',
	OUT legacy_dish_id bigint,
	OUT legacy_restaurant_id bigint,
	OUT restaurant_id bigint,
	OUT name text,
	OUT source_rows bigint,
	OUT outcome text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_plan_backfill(regclass, regclass, text, text, text) IS
'One row per row of V1''s staged menu with the outcome that a backfill would give it: insert, already_present, present_elsewhere, not_referenced, duplicate, ambiguous, unknown_restaurant, ambiguous_restaurant, blank_name, name_too_long, cross_restaurant or invalid; source_rows counts the source rows that name the dish and cannot be mapped. menu NULL means the setting menuca.menu_table, source NULL the setting menuca.source_table. Read only.';

CREATE TYPE @extschema@.menuca_backfill_result AS (
	run_id bigint,
	status text,
	insert bigint,
	inserted bigint,
	newly_visible bigint,
	dish_coverage_pct_after numeric,
	reasons text[],
	next_step text,
	figures jsonb
);

COMMENT ON TYPE @extschema@.menuca_backfill_result IS
'What a backfill did, or would do: the columns that decide, then the call to make next, then all other figures.';
COMMENT ON COLUMN @extschema@.menuca_backfill_result.run_id IS
'The run in the ledger; NULL for a dry run.';
COMMENT ON COLUMN @extschema@.menuca_backfill_result.status IS
'completed; for a dry run planned, or refused when a real run would be.';
COMMENT ON COLUMN @extschema@.menuca_backfill_result.insert IS
'Menu rows whose dish is inserted.';
COMMENT ON COLUMN @extschema@.menuca_backfill_result.inserted IS
'Dishes that were inserted; 0 for a dry run.';
COMMENT ON COLUMN @extschema@.menuca_backfill_result.newly_visible IS
'New dishes that are active, so that customers see them.';
COMMENT ON COLUMN @extschema@.menuca_backfill_result.dish_coverage_pct_after IS
'Distinct legacy dish ids of the source that the target has with the new dishes, in percent; NULL when the source names none.';
COMMENT ON COLUMN @extschema@.menuca_backfill_result.reasons IS
'Why a real run would be refused; empty when it would not be.';
COMMENT ON COLUMN @extschema@.menuca_backfill_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; after a real run the fix that uses the new dishes, as a dry run.';
COMMENT ON COLUMN @extschema@.menuca_backfill_result.figures IS
'Object of all other figures: dry_run; menu_rows and a count per outcome, which add up to it together with insert; missing_dishes, the distinct legacy dish ids that the source names and the target lacks, and not_in_menu, those of them that the menu does not have either; dishes_before, dishes_after; source_rows_gained, which can be mapped with the new dishes and could not before; dish_coverage_pct_before, null when the source names none; elapsed, in seconds.';

CREATE FUNCTION @extschema@.menuca_backfill_dishes(
	menu regclass DEFAULT NULL,
	dry_run boolean DEFAULT true,
	source regclass DEFAULT NULL,
	activate boolean DEFAULT false,
	max_cross_restaurant_pct numeric DEFAULT 5,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group',
	dish_column text DEFAULT 'dish')
RETURNS @extschema@.menuca_backfill_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_backfill_dishes(regclass, boolean, regclass, boolean, numeric, text, text, text) IS
'Inserts the dishes that the source names and the target lacks from V1''s staged menu (columns id, restaurant and name), in one transaction and inactive; by default a dry run. No course and no price is made up; dishes that would have to be guessed are counted by outcome and omitted, see menuca_plan_backfill. Refuses (class MC) when more than max_cross_restaurant_pct of the dishes found are of other restaurants than the groups that use them. With activate => true, dishes that the menu showed are active. The ledger has the run; menuca_rollback deletes what it inserted unless items point to it.';

REVOKE ALL ON FUNCTION @extschema@.menuca_backfill_dishes(regclass, boolean, regclass, boolean, numeric, text, text, text) FROM PUBLIC;

--
-- Inserting the missing items
--

CREATE TYPE @extschema@.menuca_fix_result AS (
	run_id bigint,
	status text,
	insert bigint,
	inserted bigint,
	coverage_pct numeric,
	orphan_pct_after numeric,
	reasons text[],
	warnings text[],
	next_step text,
	figures jsonb
);

COMMENT ON TYPE @extschema@.menuca_fix_result IS
'What a fix did, or would do: the columns that decide, then the call to make next, then all other figures.';
COMMENT ON COLUMN @extschema@.menuca_fix_result.run_id IS
'The run in the ledger; NULL for a dry run.';
COMMENT ON COLUMN @extschema@.menuca_fix_result.status IS
'completed; for a dry run planned, or refused when a real run would be.';
COMMENT ON COLUMN @extschema@.menuca_fix_result.insert IS
'Source rows that become an item.';
COMMENT ON COLUMN @extschema@.menuca_fix_result.inserted IS
'Items that were inserted; 0 for a dry run.';
COMMENT ON COLUMN @extschema@.menuca_fix_result.coverage_pct IS
'Distinct legacy ids of the source that the target has, in percent: of groups or of dishes, whichever is lower.';
COMMENT ON COLUMN @extschema@.menuca_fix_result.orphan_pct_after IS
'Groups without items, in percent of all groups, after; for a dry run, what it would be; NULL when there are no groups.';
COMMENT ON COLUMN @extschema@.menuca_fix_result.reasons IS
'Why a real run would be refused; empty when it would not be.';
COMMENT ON COLUMN @extschema@.menuca_fix_result.warnings IS
'What a person should consider before a real run; empty when there is nothing.';
COMMENT ON COLUMN @extschema@.menuca_fix_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; after a real run the validation.';
COMMENT ON COLUMN @extschema@.menuca_fix_result.figures IS
'Object of all other figures: dry_run; source_rows and a count per outcome, which add up to it together with insert; group_coverage_pct, dish_coverage_pct; items_before, items_after; orphan_pct_before; expected_orphan_pct_after, of the groups that the source has a row for; band of the rate that gate_on judges; of V2''s lists, steps; engine, native or executor, and elapsed, in seconds; of the procedures, instead of these two, added_by_others, planned items that others had added before. What would divide by nothing is null.';

CREATE FUNCTION @extschema@.menuca_fix_combos(
	dry_run boolean DEFAULT true,
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	lock text DEFAULT 'share_row_exclusive')
RETURNS @extschema@.menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_fix_combos(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, text) IS
'Inserts the missing combo items in one transaction, between a gate before and a gate after; by default a dry run, which writes nothing and returns the same figures. A refused dry run returns status refused with reasons; a refused real run raises an error of class MC and changes nothing. Percentages are 0 to 100; min_group_coverage_pct and min_dish_coverage_pct, when given, replace min_coverage_pct for their side. At most max_cross_restaurant_pct of the source rows may lead to other restaurants'' dishes; strict refuses a source that means the reverse of the target''s rows, which is a warning otherwise. lock is the strongest lock that it may take on the target: share_row_exclusive lets others read; access_exclusive (for the owner) does not, but allows it to rebuild the indexes, which is faster.';

REVOKE ALL ON FUNCTION @extschema@.menuca_fix_combos(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_fix_group_dishes(
	dry_run boolean DEFAULT true,
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	group_column text DEFAULT 'id',
	list_column text DEFAULT 'dish',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	lock text DEFAULT 'share_row_exclusive')
RETURNS @extschema@.menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_fix_group_dishes(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) IS
'As menuca_fix_combos, with the dishes that V1''s groups offer by themselves: the lists of its table combo_groups, see menuca_plan_group_dishes. The same gates, ledger and rollback.';

REVOKE ALL ON FUNCTION @extschema@.menuca_fix_group_dishes(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_fix_v2_groups(
	dry_run boolean DEFAULT true,
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	group_column text DEFAULT 'group_id',
	list_column text DEFAULT 'dishes',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	lock text DEFAULT 'share_row_exclusive')
RETURNS @extschema@.menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_fix_v2_groups(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) IS
'As menuca_fix_combos, with the dishes that V2''s groups offer, see menuca_plan_v2_groups: the same gates, ledger and rollback. New items have source_system v2. The steps of items that have none yet are inserted into combo_steps, where that table exists, in the same transaction: a run of their own, part of the fix''s run and rolled back with it. Sizes that cannot be stored are listed in warnings.';

REVOKE ALL ON FUNCTION @extschema@.menuca_fix_v2_groups(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) FROM PUBLIC;

--
-- Inserting the steps of V1's items
--

CREATE TYPE @extschema@.menuca_combo_steps_result AS (
	run_id bigint,
	status text,
	insert bigint,
	inserted bigint,
	reasons text[],
	warnings text[],
	next_step text,
	figures jsonb
);

COMMENT ON TYPE @extschema@.menuca_combo_steps_result IS
'What a fix of the steps did, or would do.';
COMMENT ON COLUMN @extschema@.menuca_combo_steps_result.run_id IS
'The run in the ledger; NULL for a dry run.';
COMMENT ON COLUMN @extschema@.menuca_combo_steps_result.status IS
'completed; for a dry run planned, or refused when a real run would be.';
COMMENT ON COLUMN @extschema@.menuca_combo_steps_result.insert IS
'Steps that the items of outcome fits get.';
COMMENT ON COLUMN @extschema@.menuca_combo_steps_result.inserted IS
'Steps that were inserted; 0 for a dry run.';
COMMENT ON COLUMN @extschema@.menuca_combo_steps_result.reasons IS
'Why a real run would be refused; empty when it would not be.';
COMMENT ON COLUMN @extschema@.menuca_combo_steps_result.warnings IS
'What a person should consider before a real run; empty when there is nothing.';
COMMENT ON COLUMN @extschema@.menuca_combo_steps_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; when nothing is missing, and after a real run, the validation.';
COMMENT ON COLUMN @extschema@.menuca_combo_steps_result.figures IS
'Object: dry_run; headers_name; items, and outcomes, their number per outcome (they add up to items); groups, the number of groups that have items of the outcome; several_headers, the groups with items and several headers, and how many of these have as many as item_count states, and as many as items; steps_before and steps_after (for a dry run, what it would be); elapsed, in seconds.';

CREATE FUNCTION @extschema@.menuca_fix_combo_steps(
	dry_run boolean DEFAULT true,
	headers_name text DEFAULT 'items',
	batch_size integer DEFAULT 10000)
RETURNS @extschema@.menuca_combo_steps_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_fix_combo_steps(boolean, text, integer) IS
'Inserts the steps, with their labels, that the headers of V1''s groups (combo_rules.display_header) give to combo items without steps, in one transaction; by default a dry run, which writes nothing and returns the same figures. With headers_name items, the single header of a group is that of all its items, step 1, and several headers are those of as many items in the order of display_order; with choices, each item gets all headers of its group as its steps, where item_count states as many. Items whose step would have to be guessed are counted by outcome and omitted, see menuca_plan_combo_steps. The ledger has the run; menuca_rollback deletes what it inserted.';

REVOKE ALL ON FUNCTION @extschema@.menuca_fix_combo_steps(boolean, text, integer) FROM PUBLIC;

CREATE PROCEDURE @extschema@.menuca_fix_combos_batched(
	dry_run boolean DEFAULT true,
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	INOUT run_id bigint DEFAULT NULL,
	INOUT status text DEFAULT NULL,
	INOUT insert bigint DEFAULT NULL,
	INOUT inserted bigint DEFAULT NULL,
	INOUT coverage_pct numeric DEFAULT NULL,
	INOUT orphan_pct_after numeric DEFAULT NULL,
	INOUT reasons text[] DEFAULT NULL,
	INOUT warnings text[] DEFAULT NULL,
	INOUT next_step text DEFAULT NULL,
	INOUT figures jsonb DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE @extschema@.menuca_fix_combos_batched(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, numeric, numeric, text[], text[], text, jsonb) IS
'As menuca_fix_combos, by default a dry run, too, but a real run commits every batch_size rows together with their ledger entry, so that writers wait for one batch at most. menuca_resume continues an interrupted run. When the gate after fails, the run ends as gate_failed and the error names the rollback call. A real run cannot be made inside a transaction block.';

REVOKE ALL ON PROCEDURE @extschema@.menuca_fix_combos_batched(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, numeric, numeric, text[], text[], text, jsonb) FROM PUBLIC;

CREATE PROCEDURE @extschema@.menuca_resume(
	INOUT run_id bigint,
	dry_run boolean DEFAULT true,
	INOUT status text DEFAULT NULL,
	INOUT insert bigint DEFAULT NULL,
	INOUT inserted bigint DEFAULT NULL,
	INOUT coverage_pct numeric DEFAULT NULL,
	INOUT orphan_pct_after numeric DEFAULT NULL,
	INOUT reasons text[] DEFAULT NULL,
	INOUT warnings text[] DEFAULT NULL,
	INOUT next_step text DEFAULT NULL,
	INOUT figures jsonb DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE @extschema@.menuca_resume(bigint, boolean, text, bigint, bigint, numeric, numeric, text[], text[], text, jsonb) IS
'Continues an interrupted batched run with the parameters it was begun with, to the state that it would have reached; by default a dry run, which plans what it has still to do. insert counts what was left to insert, inserted the rows of the whole run. A real call cannot be made inside a transaction block.';

REVOKE ALL ON PROCEDURE @extschema@.menuca_resume(bigint, boolean, text, bigint, bigint, numeric, numeric, text[], text[], text, jsonb) FROM PUBLIC;

--
-- Rolling back
--

CREATE TYPE @extschema@.menuca_rollback_result AS (
	run_id bigint,
	status text,
	deleted bigint,
	changed bigint,
	dependants bigint,
	state_restored boolean,
	reasons text[],
	next_step text,
	figures jsonb
);

COMMENT ON TYPE @extschema@.menuca_rollback_result IS
'What a rollback did, or would do: the columns that decide, then the call to make next, then all other figures.';
COMMENT ON COLUMN @extschema@.menuca_rollback_result.run_id IS
'The run that was asked for.';
COMMENT ON COLUMN @extschema@.menuca_rollback_result.status IS
'rolled_back; for a dry run planned, or refused when a real rollback would be.';
COMMENT ON COLUMN @extschema@.menuca_rollback_result.deleted IS
'Rows of the run that were deleted; for a dry run, that would be.';
COMMENT ON COLUMN @extschema@.menuca_rollback_result.changed IS
'Rows of the run that others had changed since; they are deleted with force only.';
COMMENT ON COLUMN @extschema@.menuca_rollback_result.dependants IS
'Rows of other tables that depend on rows of the run.';
COMMENT ON COLUMN @extschema@.menuca_rollback_result.state_restored IS
'True when every row from before the run, and before its parts, is as it was and no row of them is left; NULL for a dry run.';
COMMENT ON COLUMN @extschema@.menuca_rollback_result.reasons IS
'Why a rollback without force would be refused; empty when it would not be.';
COMMENT ON COLUMN @extschema@.menuca_rollback_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; after a real run what there is still to undo.';
COMMENT ON COLUMN @extschema@.menuca_rollback_result.figures IS
'Object of all other figures: dry_run; inserted, the run''s rows, and already_gone, those of them that others had deleted; items_before, the table''s rows before the run, items_now before this call and items_after it; baseline_rows, the rows from before the run by the ledger, and how many of them are as they were (baseline_intact), were changed or deleted by others since (baseline_changed, baseline_missing); added_by_others, rows that are neither; parts of the run, if any, each with its run_id, table, deleted, changed and dependants; elapsed, in seconds.';

CREATE FUNCTION @extschema@.menuca_rollback(
	run_id bigint,
	dry_run boolean DEFAULT true,
	force boolean DEFAULT false)
RETURNS @extschema@.menuca_rollback_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_rollback(bigint, boolean, boolean) IS
'Deletes what a run inserted and nothing else; by default a dry run. Refuses (class MC), unless force is true, when rows of the run were changed since or rows of other tables depend on them, and names them. Runs that are part of it, such as the steps of its items, are rolled back with it. Proves by row hashes that every row from before the run is as it was; rows that others added or changed since are left alone and reported.';

REVOKE ALL ON FUNCTION @extschema@.menuca_rollback(bigint, boolean, boolean) FROM PUBLIC;

--
-- Dry runs for who may only look
--

CREATE FUNCTION @extschema@.menuca_preview_combos(
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false)
RETURNS @extschema@.menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_preview_combos(regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean) IS
'The dry run of menuca_fix_combos, for roles that may look but not write: it takes no dry_run and no lock, and its next call is the real one, which another role makes. Read only.';

CREATE FUNCTION @extschema@.menuca_preview_group_dishes(
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	group_column text DEFAULT 'id',
	list_column text DEFAULT 'dish',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false)
RETURNS @extschema@.menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_preview_group_dishes(regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean) IS
'The dry run of menuca_fix_group_dishes, as menuca_preview_combos. Read only.';

CREATE FUNCTION @extschema@.menuca_preview_v2_groups(
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	group_column text DEFAULT 'group_id',
	list_column text DEFAULT 'dishes',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false)
RETURNS @extschema@.menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_preview_v2_groups(regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean) IS
'The dry run of menuca_fix_v2_groups, as menuca_preview_combos. Read only.';

CREATE FUNCTION @extschema@.menuca_preview_backfill(
	menu regclass DEFAULT NULL,
	source regclass DEFAULT NULL,
	activate boolean DEFAULT false,
	max_cross_restaurant_pct numeric DEFAULT 5,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group',
	dish_column text DEFAULT 'dish')
RETURNS @extschema@.menuca_backfill_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_preview_backfill(regclass, regclass, boolean, numeric, text, text, text) IS
'The dry run of menuca_backfill_dishes, for roles that may look but not write. Read only.';

CREATE FUNCTION @extschema@.menuca_preview_combo_steps(
	headers_name text DEFAULT 'items',
	batch_size integer DEFAULT 10000)
RETURNS @extschema@.menuca_combo_steps_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_preview_combo_steps(text, integer) IS
'The dry run of menuca_fix_combo_steps, as menuca_preview_combos. Read only.';

CREATE FUNCTION @extschema@.menuca_preview_rollback(
	run_id bigint,
	force boolean DEFAULT false)
RETURNS @extschema@.menuca_rollback_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_preview_rollback(bigint, boolean) IS
'The dry run of menuca_rollback, for roles that may look but not write. Read only.';

CREATE FUNCTION @extschema@.menuca_preview_resume(
	INOUT run_id bigint,
	OUT status text,
	OUT insert bigint,
	OUT inserted bigint,
	OUT coverage_pct numeric,
	OUT orphan_pct_after numeric,
	OUT reasons text[],
	OUT warnings text[],
	OUT next_step text,
	OUT figures jsonb)
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_preview_resume(bigint) IS
'The dry run of menuca_resume, for roles that may look but not write: what an interrupted run has still to do. Read only.';

--
-- The validation suite
--

CREATE FUNCTION @extschema@.menuca_validate(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	strict boolean DEFAULT false,
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

COMMENT ON FUNCTION @extschema@.menuca_validate(regclass, text, text, text, text, text, boolean) IS
'The validation suite: one row per check with status PASS, WARN, FAIL, ERROR or SKIP, what was expected, what was found and what to do; the last row is the verdict. strict makes a source that means the reverse of the target''s rows a FAIL instead of a WARN. A check that raises an error becomes an ERROR row, and the other checks still run. Read only.';

--
-- Findings that a person has accepted
--

CREATE TABLE @extschema@.menuca_accepted_change (
	change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	check_name text NOT NULL,
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	target_schema text NOT NULL,
	target text NOT NULL,
	found jsonb NOT NULL,
	reason text NOT NULL,
	accepted_by text NOT NULL DEFAULT session_user,
	accepted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_accepted_change IS
'What menuca_validate() found and a person accepted by menuca_accept_change(): as long as the check finds no more than that, it passes.';
COMMENT ON COLUMN @extschema@.menuca_accepted_change.change_id IS
'Number of the acceptance; the newest one of a check counts.';
COMMENT ON COLUMN @extschema@.menuca_accepted_change.check_name IS
'Name of the check.';
COMMENT ON COLUMN @extschema@.menuca_accepted_change.database_name IS
'Name of the database in which it was accepted.';
COMMENT ON COLUMN @extschema@.menuca_accepted_change.system_identifier IS
'System identifier of that database''s cluster.';
COMMENT ON COLUMN @extschema@.menuca_accepted_change.target_schema IS
'Schema of the tables that were validated.';
COMMENT ON COLUMN @extschema@.menuca_accepted_change.target IS
'Name of the junction that was validated, such as combo_items.';
COMMENT ON COLUMN @extschema@.menuca_accepted_change.found IS
'Object of what was accepted: figures that may not grow and checksums that must stay, or the tables'' figures as menuca_table_counts() returns them.';
COMMENT ON COLUMN @extschema@.menuca_accepted_change.reason IS
'Why, in the words of who accepted it.';
COMMENT ON COLUMN @extschema@.menuca_accepted_change.accepted_by IS
'Session user who accepted it.';
COMMENT ON COLUMN @extschema@.menuca_accepted_change.accepted_at IS
'When it was accepted.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_accepted_change', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_accepted_change_change_id_seq', '');

CREATE FUNCTION @extschema@.menuca_accept_change(
	check_name text,
	reason text,
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order')
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_accept_change(text, text, regclass, text, text, text, text, text) IS
'Accepts what a check of menuca_validate(), called with the same arguments, finds now: a loss or a change that is right. It is recorded with the reason and who accepted it, and the check passes until it finds more than that or something else. Only checks that compare with an earlier state can be accepted (their rows have to_accept in metadata). Returns what was accepted.';

REVOKE ALL ON FUNCTION @extschema@.menuca_accept_change(text, text, regclass, text, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_sample_combos(
	n integer DEFAULT 5,
	seed double precision DEFAULT 0,
	target text DEFAULT 'combo_items',
	OUT combo_group_id bigint,
	OUT group_name text,
	OUT restaurant_name text,
	OUT items bigint,
	OUT dishes text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_sample_combos(integer, double precision, text) IS
'n groups that have items, with their restaurant and the names of their dishes in display order, for a person to read; the same seed gives the same groups, and groups with several dishes come first. Read only.';

--
-- The wanted indexes, and which of them were created here
--

CREATE TABLE @extschema@.menuca_wanted_index (
	section integer NOT NULL,
	table_name text NOT NULL,
	name text PRIMARY KEY,
	method text NOT NULL DEFAULT 'btree',
	columns text[] NOT NULL CHECK (cardinality(columns) > 0 AND array_position(columns, NULL) IS NULL),
	opclass text,
	predicate text,
	critical boolean NOT NULL DEFAULT false,
	wanted boolean NOT NULL DEFAULT true,
	shipped text
);

COMMENT ON TABLE @extschema@.menuca_wanted_index IS
'The indexes that the platform wants; the operator may edit them.';
COMMENT ON COLUMN @extschema@.menuca_wanted_index.section IS
'Section of the index in menuca_index_plan(): 1 menus, 2 modifiers, 3 ingredient groups, 4 combos, 5 restaurants, 6 delivery, 7 marketing, 8 accounts, 9 prices and rules in JSON, 10 devices.';
COMMENT ON COLUMN @extschema@.menuca_wanted_index.table_name IS
'Table of the schema menuca.target_schema, without the schema.';
COMMENT ON COLUMN @extschema@.menuca_wanted_index.name IS
'Name of the index, without the schema.';
COMMENT ON COLUMN @extschema@.menuca_wanted_index.method IS
'Access method, such as btree or gin.';
COMMENT ON COLUMN @extschema@.menuca_wanted_index.columns IS
'Columns in key order: each the name of a column, or an element as in CREATE INDEX (created_at DESC, lower(email)).';
COMMENT ON COLUMN @extschema@.menuca_wanted_index.opclass IS
'Operator class of the columns that are given by name; NULL or empty for the default.';
COMMENT ON COLUMN @extschema@.menuca_wanted_index.predicate IS
'Condition of a partial index, as in CREATE INDEX; NULL or empty for an index on all rows.';
COMMENT ON COLUMN @extschema@.menuca_wanted_index.critical IS
'True when menuca_deploy_indexes() refuses to build any index while this one cannot be built.';
COMMENT ON COLUMN @extschema@.menuca_wanted_index.wanted IS
'False switches the index off: it is neither planned nor checked.';
COMMENT ON COLUMN @extschema@.menuca_wanted_index.shipped IS
'Hash of the row as the extension shipped it; NULL in rows that the operator added. Do not change it.';

INSERT INTO @extschema@.menuca_wanted_index
	(section, table_name, name, method, columns, opclass, predicate, critical)
VALUES
	-- menus
	(1, 'dishes', 'idx_dishes_restaurant', 'btree', '{restaurant_id}', NULL, NULL, true),
	(1, 'dishes', 'idx_dishes_course', 'btree', '{course_id}', NULL, NULL, true),
	(1, 'dishes', 'idx_dishes_active', 'btree', '{restaurant_id,is_active}', NULL, 'is_active = true', false),
	(1, 'dishes', 'idx_dishes_restaurant_active_course', 'btree', '{restaurant_id,is_active,course_id,display_order}', NULL, NULL, false),
	(1, 'courses', 'idx_courses_restaurant', 'btree', '{restaurant_id}', NULL, NULL, true),
	(1, 'courses', 'idx_courses_order', 'btree', '{restaurant_id,display_order}', NULL, NULL, false),
	-- modifiers
	(2, 'dish_modifiers', 'idx_dish_modifiers_dish', 'btree', '{dish_id}', NULL, NULL, true),
	(2, 'dish_modifiers', 'idx_dish_modifiers_ingredient', 'btree', '{ingredient_id}', NULL, NULL, false),
	(2, 'dish_modifiers', 'idx_dish_modifiers_group', 'btree', '{ingredient_group_id}', NULL, NULL, false),
	(2, 'dish_modifiers', 'idx_dish_modifiers_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(2, 'ingredients', 'idx_ingredients_restaurant', 'btree', '{restaurant_id}', NULL, NULL, true),
	(2, 'ingredients', 'idx_ingredients_active', 'btree', '{restaurant_id,is_active}', NULL, 'is_active = true', false),
	-- ingredient groups
	(3, 'ingredient_groups', 'idx_ingredient_groups_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(3, 'ingredient_groups', 'idx_ingredient_groups_course', 'btree', '{applies_to_course}', NULL, NULL, false),
	(3, 'ingredient_groups', 'idx_ingredient_groups_dish', 'btree', '{applies_to_dish}', NULL, NULL, false),
	(3, 'ingredient_group_items', 'idx_ingredient_group_items_group', 'btree', '{ingredient_group_id}', NULL, NULL, false),
	(3, 'ingredient_group_items', 'idx_ingredient_group_items_ingredient', 'btree', '{ingredient_id}', NULL, NULL, false),
	(3, 'ingredient_group_items', 'idx_ingredient_group_items_order', 'btree', '{ingredient_group_id,display_order}', NULL, NULL, false),
	-- combos
	(4, 'combo_groups', 'idx_combo_groups_restaurant', 'btree', '{restaurant_id}', NULL, NULL, true),
	(4, 'combo_groups', 'idx_combo_groups_active', 'btree', '{restaurant_id,is_active}', NULL, 'is_active = true', false),
	(4, 'combo_items', 'idx_combo_items_group', 'btree', '{combo_group_id}', NULL, NULL, true),
	(4, 'combo_items', 'idx_combo_items_dish', 'btree', '{dish_id}', NULL, NULL, false),
	(4, 'combo_group_modifier_pricing', 'idx_combo_mod_pricing_group', 'btree', '{combo_group_id}', NULL, NULL, false),
	(4, 'combo_group_modifier_pricing', 'idx_combo_mod_pricing_ingredient', 'btree', '{ingredient_group_id}', NULL, NULL, false),
	(4, 'combo_steps', 'idx_combo_steps_item', 'btree', '{combo_item_id}', NULL, NULL, false),
	-- restaurants
	(5, 'restaurant_locations', 'idx_locations_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(5, 'restaurant_locations', 'idx_locations_coords', 'btree', '{latitude,longitude}', NULL, NULL, false),
	(5, 'restaurant_locations', 'idx_locations_active', 'btree', '{restaurant_id,is_active}', NULL, 'is_active = true', false),
	(5, 'restaurant_schedules', 'idx_schedules_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(5, 'restaurant_schedules', 'idx_schedules_restaurant_type', 'btree', '{restaurant_id,type,day_start}', NULL, NULL, false),
	(5, 'restaurant_service_configs', 'idx_service_configs_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(5, 'restaurant_domains', 'idx_domains_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(5, 'restaurant_domains', 'idx_domains_lookup', 'btree', '{domain}', NULL, 'is_enabled = true', false),
	-- delivery
	(6, 'restaurant_delivery_config', 'idx_delivery_config_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(6, 'restaurant_delivery_areas', 'idx_delivery_areas_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(6, 'restaurant_delivery_companies', 'idx_delivery_companies_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(6, 'restaurant_delivery_companies', 'idx_delivery_companies_email', 'btree', '{company_email_id}', NULL, NULL, false),
	(6, 'restaurant_delivery_fees', 'idx_delivery_fees_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(6, 'restaurant_delivery_fees', 'idx_delivery_fees_company', 'btree', '{company_email_id}', NULL, NULL, false),
	-- marketing
	(7, 'promotional_deals', 'idx_deals_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(7, 'promotional_deals', 'idx_deals_active', 'btree', '{restaurant_id,is_enabled,date_start,date_stop}', NULL, NULL, false),
	(7, 'promotional_coupons', 'idx_coupons_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(7, 'promotional_coupons', 'idx_coupons_code', 'btree', '{code}', NULL, 'is_active = true', false),
	(7, 'restaurant_tag_associations', 'idx_tag_associations_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(7, 'restaurant_tag_associations', 'idx_tag_associations_tag', 'btree', '{tag_id}', NULL, NULL, false),
	-- accounts
	(8, 'users', 'idx_users_email', 'btree', '{email}', NULL, NULL, false),
	(8, 'users', 'idx_users_origin', 'btree', '{origin_restaurant_id}', NULL, NULL, false),
	(8, 'user_addresses', 'idx_user_addresses_user', 'btree', '{user_id}', NULL, NULL, false),
	(8, 'user_addresses', 'idx_user_addresses_default', 'btree', '{user_id,is_default}', NULL, 'is_default = true', false),
	(8, 'admin_users', 'idx_admin_users_email', 'btree', '{email}', NULL, NULL, false),
	(8, 'admin_user_restaurants', 'idx_admin_user_restaurants_admin', 'btree', '{admin_user_id}', NULL, NULL, false),
	(8, 'admin_user_restaurants', 'idx_admin_user_restaurants_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	-- prices and rules in JSON
	(9, 'dishes', 'idx_dishes_prices_gin', 'gin', '{prices}', 'jsonb_path_ops', 'prices IS NOT NULL', false),
	(9, 'dish_modifiers', 'idx_dish_modifiers_price_gin', 'gin', '{price_by_size}', 'jsonb_path_ops', 'price_by_size IS NOT NULL', false),
	(9, 'ingredient_group_items', 'idx_ingredient_items_price_gin', 'gin', '{price_by_size}', 'jsonb_path_ops', 'price_by_size IS NOT NULL', false),
	(9, 'combo_groups', 'idx_combo_groups_rules_gin', 'gin', '{combo_rules}', 'jsonb_path_ops', 'combo_rules IS NOT NULL', false),
	-- devices
	(10, 'devices', 'idx_devices_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(10, 'devices', 'idx_devices_active', 'btree', '{restaurant_id,is_active}', NULL, 'is_active = true', false);

-- A dump has what was edited or added; CREATE EXTENSION ships the rest again.
UPDATE @extschema@.menuca_wanted_index
SET shipped = md5(ROW(section, table_name, name, method, columns, opclass, predicate, critical, wanted)::text);

CREATE FUNCTION @extschema@.menuca_protect_wanted_index()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON FUNCTION @extschema@.menuca_protect_wanted_index() IS
'Trigger function of menuca_wanted_index. Where a dump is restored, an edited row replaces the shipped one; deleting a shipped row is refused, since the next restore would bring it back: set wanted to false instead.';

REVOKE ALL ON FUNCTION @extschema@.menuca_protect_wanted_index() FROM PUBLIC;

CREATE TRIGGER replace_shipped BEFORE INSERT ON @extschema@.menuca_wanted_index
	FOR EACH ROW WHEN (NEW.shipped IS NOT NULL)
	EXECUTE FUNCTION @extschema@.menuca_protect_wanted_index();

COMMENT ON TRIGGER replace_shipped ON @extschema@.menuca_wanted_index IS
'A row that was shipped once, such as one that a restore inserts, replaces the shipped row of the same name or hash.';

CREATE TRIGGER keep_shipped BEFORE DELETE ON @extschema@.menuca_wanted_index
	FOR EACH ROW WHEN (OLD.shipped IS NOT NULL AND pg_catalog.pg_trigger_depth() = 0)
	EXECUTE FUNCTION @extschema@.menuca_protect_wanted_index();

COMMENT ON TRIGGER keep_shipped ON @extschema@.menuca_wanted_index IS
'Refuses the deletion of a shipped row, which the next restore of a dump would bring back.';

CREATE TABLE @extschema@.menuca_created_index (
	entry_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	schema_name text NOT NULL,
	table_name text NOT NULL,
	index_name text NOT NULL,
	method text NOT NULL,
	columns text[] NOT NULL,
	opclass text,
	predicate text,
	through text NOT NULL CHECK (through IN ('deploy', 'concurrently')),
	status text NOT NULL CHECK (status IN ('announced', 'created', 'dropped')),
	index_oid oid,
	made_in text NOT NULL,
	entered_by text NOT NULL DEFAULT session_user,
	entered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	created_at timestamptz,
	dropped_by text,
	dropped_at timestamptz,
	drop_took interval
);

COMMENT ON TABLE @extschema@.menuca_created_index IS
'The ledger of indexes: those that menuca_deploy_indexes() built, and those that menuca_begin_indexes() announced while their names were free.';
COMMENT ON COLUMN @extschema@.menuca_created_index.entry_no IS
'Number of the entry.';
COMMENT ON COLUMN @extschema@.menuca_created_index.schema_name IS
'Schema of the table and the index.';
COMMENT ON COLUMN @extschema@.menuca_created_index.table_name IS
'Table of the index.';
COMMENT ON COLUMN @extschema@.menuca_created_index.index_name IS
'Name of the index.';
COMMENT ON COLUMN @extschema@.menuca_created_index.method IS
'Access method, as it was wanted.';
COMMENT ON COLUMN @extschema@.menuca_created_index.columns IS
'Columns in key order, as they were wanted.';
COMMENT ON COLUMN @extschema@.menuca_created_index.opclass IS
'Operator class, as it was wanted; NULL for the default.';
COMMENT ON COLUMN @extschema@.menuca_created_index.predicate IS
'Condition of a partial index, as it was wanted; NULL for an index on all rows.';
COMMENT ON COLUMN @extschema@.menuca_created_index.through IS
'deploy for an index that menuca_deploy_indexes() built, concurrently for one that menuca_begin_indexes() announced.';
COMMENT ON COLUMN @extschema@.menuca_created_index.status IS
'announced, created or dropped.';
COMMENT ON COLUMN @extschema@.menuca_created_index.index_oid IS
'OID of the index; NULL while it is announced.';
COMMENT ON COLUMN @extschema@.menuca_created_index.made_in IS
'System identifier of the cluster and OID of the database, with a slash between: index_oid is valid there only.';
COMMENT ON COLUMN @extschema@.menuca_created_index.entered_by IS
'Session user who entered it.';
COMMENT ON COLUMN @extschema@.menuca_created_index.entered_at IS
'When it was entered.';
COMMENT ON COLUMN @extschema@.menuca_created_index.created_at IS
'When the index was built or, if it was announced, found; NULL while it is announced.';
COMMENT ON COLUMN @extschema@.menuca_created_index.dropped_by IS
'Session user who dropped the index or found it gone; NULL unless status is dropped.';
COMMENT ON COLUMN @extschema@.menuca_created_index.dropped_at IS
'When that was; NULL unless status is dropped.';
COMMENT ON COLUMN @extschema@.menuca_created_index.drop_took IS
'How long the statement that dropped it, or found it gone, had been running by then; NULL unless status is dropped.';

CREATE TABLE @extschema@.menuca_query_measurement (
	measurement_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	label text NOT NULL,
	target_schema text NOT NULL,
	query text NOT NULL,
	restaurant_id bigint NOT NULL,
	executions integer NOT NULL,
	row_count bigint NOT NULL,
	median_ms numeric NOT NULL,
	min_ms numeric NOT NULL,
	max_ms numeric NOT NULL,
	planning_ms numeric NOT NULL,
	status text NOT NULL,
	index_use text NOT NULL,
	nodes jsonb NOT NULL,
	statement text NOT NULL,
	measured_by text NOT NULL DEFAULT session_user,
	measured_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_query_measurement IS
'What menuca_record_queries() measured, one row per query and call.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.measurement_no IS
'Number of the measurement.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.label IS
'Label that menuca_record_queries() was given; before and after are compared.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.target_schema IS
'Schema whose tables the query reads: the setting menuca.target_schema.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.query IS
'menu or combos, see menuca_measure_queries().';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.restaurant_id IS
'Restaurant whose menu or combos the query reads.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.executions IS
'Number of executions that were timed.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.row_count IS
'Rows that the query returns.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.median_ms IS
'Median of the execution times in milliseconds.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.min_ms IS
'Shortest execution time in milliseconds.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.max_ms IS
'Longest execution time in milliseconds.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.planning_ms IS
'Median of the planning times in milliseconds.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.status IS
'PASS, WARN (planning of 10 ms or more, or a large table that no index serves) or FAIL (a median of 100 ms or more).';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.index_use IS
'How the query reads its tables: index, small tables, planner_choice (an index would serve, but the planner reads the whole table), or missing.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.nodes IS
'Array of the query plan''s nodes: node, and relation and index as far as it reads them.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.statement IS
'The query that was measured.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.measured_by IS
'Session user who measured it.';
COMMENT ON COLUMN @extschema@.menuca_query_measurement.measured_at IS
'When it was measured.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_wanted_index',
	'WHERE shipped IS DISTINCT FROM pg_catalog.md5(ROW(section, table_name, name, method, columns, opclass, predicate, critical, wanted)::text)');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_created_index', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_created_index_entry_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_query_measurement', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_query_measurement_measurement_no_seq', '');

CREATE FUNCTION @extschema@.menuca_index_plan(
	OUT section integer,
	OUT name text,
	OUT table_name text,
	OUT action text,
	OUT critical boolean,
	OUT covered_by text,
	OUT detail text,
	OUT statement text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_index_plan() IS
'Per wanted index what is to be done: exists, create, rebuild (a failed build left it invalid), covered (by another index, which is named), conflict (the name belongs to something else) or impossible (a table or column is missing, ...), with the exact statement: SELECT statement FROM menuca_index_plan() WHERE action IN (''create'', ''rebuild'') \gexec builds CONCURRENTLY. An index that must be dropped before it is created has two rows. Indexes are compared by definition and validity. Read only.';

CREATE FUNCTION @extschema@.menuca_begin_indexes(
	OUT name text,
	OUT table_name text,
	OUT status text,
	OUT detail text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_begin_indexes() IS
'Call it before the statements of menuca_index_plan() are executed: it enters the indexes that are to be created, and whose names are free now, in the ledger, so that menuca_rollback_indexes() may drop them later. next_step is the statement of each: execute them one by one, outside of a transaction block. It may be called again at any time.';

REVOKE ALL ON FUNCTION @extschema@.menuca_begin_indexes() FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_note_indexes(
	OUT name text,
	OUT table_name text,
	OUT status text,
	OUT detail text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_note_indexes() IS
'Call it after the statements of menuca_index_plan() were executed: it returns what became of the announced indexes (created, invalid, missing, name_taken), and which of the indexes created here are gone (dropped).';

REVOKE ALL ON FUNCTION @extschema@.menuca_note_indexes() FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_deploy_indexes(
	dry_run boolean DEFAULT true,
	lock_timeout interval DEFAULT '5 seconds',
	OUT section integer,
	OUT name text,
	OUT table_name text,
	OUT action text,
	OUT critical boolean,
	OUT status text,
	OUT covered_by text,
	OUT detail text,
	OUT statement text,
	OUT elapsed interval,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_deploy_indexes(boolean, interval) IS
'Builds the wanted indexes in one transaction, without CONCURRENTLY, so that writers to their tables wait; by default a dry run. status: planned, refused, created, rebuilt or kept. Waits for each lock at most lock_timeout. Refuses (class MC) when a critical index cannot be built; verifies what it built by definition and validity, or undoes everything.';

REVOKE ALL ON FUNCTION @extschema@.menuca_deploy_indexes(boolean, interval) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_rollback_indexes(
	dry_run boolean DEFAULT true,
	lock_timeout interval DEFAULT '5 seconds',
	force boolean DEFAULT false,
	OUT name text,
	OUT table_name text,
	OUT action text,
	OUT status text,
	OUT detail text,
	OUT statement text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION @extschema@.menuca_preview_rollback_indexes(
	force boolean DEFAULT false,
	OUT name text,
	OUT table_name text,
	OUT action text,
	OUT status text,
	OUT detail text,
	OUT statement text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_preview_rollback_indexes(boolean) IS
'The dry run of menuca_rollback_indexes, for roles that may look but not write. Read only.';

COMMENT ON FUNCTION @extschema@.menuca_rollback_indexes(boolean, interval, boolean) IS
'Drops the indexes that were created here, by the ledger, and no others; by default a dry run, whose statements drop them one by one: SELECT statement FROM menuca_rollback_indexes() WHERE action = ''drop'' \gexec. Unless force is true, an index that has another definition now, or was created again since, is kept.';

REVOKE ALL ON FUNCTION @extschema@.menuca_rollback_indexes(boolean, interval, boolean) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_measure_queries(
	restaurant_id bigint DEFAULT NULL,
	executions integer DEFAULT 5,
	OUT query text,
	OUT status text,
	OUT restaurant_id bigint,
	OUT executions integer,
	OUT row_count bigint,
	OUT median_ms numeric,
	OUT min_ms numeric,
	OUT max_ms numeric,
	OUT planning_ms numeric,
	OUT index_use text,
	OUT nodes jsonb,
	OUT detail text,
	OUT statement text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_measure_queries(bigint, integer) IS
'How long the menu query (active dishes of a restaurant with their courses, LIMIT 100) and the combo query take with their data in memory: executed once for the caches, then that many times; times in milliseconds, and the query plan''s nodes with the tables and indexes that they read. restaurant_id NULL means the restaurant with most active dishes for the menu, and the one with most items for the combos. A query that returns no row is SKIP. status: PASS, WARN (planning of 10 ms or more, or a large table that no index serves), FAIL (a median of 100 ms or more), ERROR or SKIP. Read only.';

CREATE FUNCTION @extschema@.menuca_record_queries(
	label text,
	restaurant_id bigint DEFAULT NULL,
	executions integer DEFAULT 5,
	OUT query text,
	OUT status text,
	OUT restaurant_id bigint,
	OUT executions integer,
	OUT row_count bigint,
	OUT median_ms numeric,
	OUT min_ms numeric,
	OUT max_ms numeric,
	OUT planning_ms numeric,
	OUT index_use text,
	OUT nodes jsonb,
	OUT detail text,
	OUT statement text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_record_queries(text, bigint, integer) IS
'As menuca_measure_queries, and records the result in menuca_query_measurement under a label; menuca_check_indexes and menuca_query_comparison compare with ''before''.';

REVOKE ALL ON FUNCTION @extschema@.menuca_record_queries(text, bigint, integer) FROM PUBLIC;

CREATE VIEW @extschema@.menuca_query_comparison AS
SELECT b.target_schema,
	b.query,
	b.restaurant_id,
	b.median_ms AS before_ms,
	a.median_ms AS after_ms,
	pg_catalog.round(100 * (b.median_ms - a.median_ms) / NULLIF(b.median_ms, 0), 1) AS faster_pct,
	b.index_use AS before_index_use,
	a.index_use AS after_index_use,
	b.row_count AS before_rows,
	a.row_count AS after_rows,
	b.measured_at AS before_at,
	a.measured_at AS after_at
FROM (SELECT DISTINCT ON (target_schema, query, restaurant_id) *
	  FROM @extschema@.menuca_query_measurement WHERE label = 'before'
	  ORDER BY target_schema, query, restaurant_id, measurement_no DESC) b
JOIN (SELECT DISTINCT ON (target_schema, query, restaurant_id) *
	  FROM @extschema@.menuca_query_measurement WHERE label = 'after'
	  ORDER BY target_schema, query, restaurant_id, measurement_no DESC) a
	USING (target_schema, query, restaurant_id);

COMMENT ON VIEW @extschema@.menuca_query_comparison IS
'The newest measurement labelled before and the newest one labelled after, of the same query for the same restaurant.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.target_schema IS
'Schema whose tables the query reads.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.query IS
'menu or combos, see menuca_measure_queries().';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.restaurant_id IS
'Restaurant whose menu or combos the query reads.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.before_ms IS
'Median of the execution times before, in milliseconds.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.after_ms IS
'Median of the execution times after, in milliseconds.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.faster_pct IS
'How much less time it takes after, in percent of before_ms; negative when it takes more, NULL when before_ms is 0.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.before_index_use IS
'How the query read its tables before, see menuca_query_measurement.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.after_index_use IS
'How the query reads its tables after.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.before_rows IS
'Rows that the query returned before.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.after_rows IS
'Rows that the query returned after.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.before_at IS
'When before was measured.';
COMMENT ON COLUMN @extschema@.menuca_query_comparison.after_at IS
'When after was measured.';

CREATE VIEW @extschema@.menuca_index_state WITH (security_invoker = true) AS
SELECT n.nspname::text AS schema_name,
	c.oid AS index_oid,
	pg_catalog.format('%I.%I', n.nspname, c.relname) AS index_name,
	i.indisvalid AND i.indisready AND i.indislive AS is_valid,
	EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p
			WHERE p.index_relid = c.oid) AS is_being_built,
	CASE c.relkind WHEN 'i' THEN pg_catalog.pg_relation_size(c.oid) END AS bytes
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace;

COMMENT ON VIEW @extschema@.menuca_index_state IS
'The indexes of this database, whether they can be used, and their size.';
COMMENT ON COLUMN @extschema@.menuca_index_state.schema_name IS
'Schema of the index and its table.';
COMMENT ON COLUMN @extschema@.menuca_index_state.index_oid IS
'OID of the index.';
COMMENT ON COLUMN @extschema@.menuca_index_state.index_name IS
'Name of the index, qualified and quoted.';
COMMENT ON COLUMN @extschema@.menuca_index_state.is_valid IS
'True when queries can use it and writes keep it up to date.';
COMMENT ON COLUMN @extschema@.menuca_index_state.is_being_built IS
'True while a session builds it: a CREATE INDEX or a REINDEX that the reader can see.';
COMMENT ON COLUMN @extschema@.menuca_index_state.bytes IS
'Size of its file, which has at least one page; NULL for a partitioned index, which has none.';

CREATE FUNCTION @extschema@.menuca_check_indexes(
	restaurant_id bigint DEFAULT NULL,
	executions integer DEFAULT 5,
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

COMMENT ON FUNCTION @extschema@.menuca_check_indexes(bigint, integer) IS
'The checks of the index tickets, one row each as in menuca_validate: every wanted index exists by definition and is valid, no index is invalid or empty, the menu and combo queries take less than 100 ms and are not slower than before, indexes serve the large tables, and what was created here; the last row is the verdict. Read only.';

--
-- Indexes as SQL files, for a database where no extension can be loaded
--

CREATE FUNCTION @extschema@.menuca_export_indexes(
	style text DEFAULT 'psql',
	OUT file_no integer,
	OUT file_name text,
	OUT purpose text,
	OUT sql text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_export_indexes(text) IS
'The wanted indexes that this copy lacks, or lacked before menuca_deploy_indexes(), as SQL files for the database that it was made of: a check; a file that drops what a failed build left, and one that creates the index concurrently, for each; a check afterwards; and files that drop them again. Each CREATE INDEX and DROP INDEX is a file of one statement, since clients wrap files into transactions. style: psql, supabase (migrations of one statement) or statements. Read only.';

REVOKE ALL ON FUNCTION @extschema@.menuca_export_indexes(text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_hosted_index_check_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$wanted AS MATERIALIZED (
	SELECT {{wanted}}::pg_catalog.jsonb AS w),
-- Definitions without quotes around names in lower case: which of these are keywords depends on the version
indexes AS MATERIALIZED (
	SELECT i.ordinality AS place, i.value ->> 'name' AS name, i.value ->> 'table' AS table_name, i.value ->> 'index' AS index_name,
		(i.value ->> 'create')::boolean AS is_to_create, pg_catalog.regexp_replace(i.value ->> 'definition', '"([a-z_][a-z0-9_$]*)"', '\1', 'g') AS definition,
		i.value -> 'columns' AS columns,
		pg_catalog.to_regclass(i.value ->> 'table') AS relation, pg_catalog.to_regclass(i.value ->> 'index') AS found
	FROM wanted, pg_catalog.jsonb_array_elements(w -> 'indexes') WITH ORDINALITY i),
seen AS MATERIALIZED (
	SELECT i.*, c.relkind IN ('i', 'I') AND x.indrelid = i.relation AS is_its_index, x.indisvalid AND x.indisready AS is_valid,
		pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(i.found), '"([a-z_][a-z0-9_$]*)"', '\1', 'g') AS definition_now,
		(SELECT pg_catalog.string_agg(k.name, ', ') FROM pg_catalog.jsonb_array_elements_text(i.columns) k(name)
		 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
						   WHERE a.attrelid = i.relation AND a.attname = k.name AND a.attnum > 0 AND NOT a.attisdropped)) AS missing_columns,
		(SELECT pg_catalog.min(o.indexrelid::pg_catalog.regclass::text) FROM pg_catalog.pg_index o
		 WHERE o.indrelid = i.relation AND o.indisvalid AND o.indexrelid IS DISTINCT FROM i.found
			 AND pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(o.indexrelid), '"([a-z_][a-z0-9_$]*)"', '\1', 'g'), '^CREATE (UNIQUE )?INDEX .*? ON ', '')
				 = pg_catalog.regexp_replace(i.definition, '^CREATE INDEX .*? ON ', '')) AS covered_by,
		(SELECT o.relowner FROM pg_catalog.pg_class o WHERE o.oid = i.relation) AS owner
	FROM indexes i
	LEFT JOIN pg_catalog.pg_class c ON c.oid = i.found
	LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = i.found),
judged AS MATERIALIZED (
	SELECT s.*, CASE
		WHEN s.relation IS NULL THEN 'no table'
		WHEN s.missing_columns IS NOT NULL THEN 'no column ' || s.missing_columns
		WHEN s.found IS NOT NULL AND NOT coalesce(s.is_its_index, false) THEN 'name taken'
		WHEN NOT pg_catalog.pg_has_role(s.owner, 'USAGE') THEN 'of role ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.owner))
		WHEN s.found IS NOT NULL AND s.is_valid AND pg_catalog.regexp_replace(s.definition_now, '^CREATE (UNIQUE )?', '')
			<> pg_catalog.regexp_replace(s.definition, '^CREATE ', '') THEN 'another definition'
		WHEN s.found IS NOT NULL AND NOT s.is_valid THEN 'invalid'
		WHEN s.found IS NOT NULL THEN 'exists'
		WHEN s.covered_by IS NOT NULL THEN 'covered'
		ELSE 'absent' END AS state
	FROM seen s),
findings(check_no, name, status, expected, actual, detail, next_step) AS (
	{{database_findings}}
	UNION ALL
	SELECT (2 + j.place)::integer, j.name,
		CASE WHEN j.state = 'exists' THEN 'PASS'
			WHEN j.state = 'absent' AND j.is_to_create AND {{is_before}} THEN 'PASS'
			WHEN j.state IN ('absent', 'invalid') AND NOT (j.is_to_create AND NOT {{is_before}}) THEN 'WARN'
			WHEN j.state = 'covered' THEN 'WARN'
			ELSE 'FAIL' END,
		CASE WHEN j.is_to_create AND {{is_before}} THEN 'absent, or exists' ELSE 'exists' END,
		j.state,
		CASE j.state WHEN 'covered' THEN pg_catalog.format('index %s has the same definition', j.covered_by)
			WHEN 'another definition' THEN j.definition_now
			WHEN 'name taken' THEN pg_catalog.format('%s is something else than an index of table %s', j.index_name, j.table_name) END,
		CASE WHEN j.state = 'exists' THEN NULL
			WHEN j.state = 'invalid' THEN 'Run its files 01 and 02: a failed build is dropped and repeated.'
			WHEN j.state = 'absent' AND j.is_to_create THEN CASE WHEN NOT {{is_before}} THEN 'Run its files 01 and 02.' END
			WHEN j.state = 'absent' THEN 'The copy had it; make the copy, and the files, again.'
			WHEN j.state = 'covered' THEN 'Omit its files.'
			WHEN j.state LIKE 'of role%' THEN 'Run the files as the owner of the tables.'
			ELSE 'Make the copy, and the files, again.' END
	FROM judged j
){{receipt}}$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_index_check_template() IS
'The checks 00_check and 03_verify of menuca_export_indexes(): one SELECT, which begins after WITH. Placeholders: wanted, a JSON literal; is_before, true or false; database_findings, rows 1 and 2; receipt, the last row and the SELECT.';

CREATE FUNCTION @extschema@.menuca_hosted_index_leftover_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template${{guard}}
	DECLARE
		index_name pg_catalog.text := {{index}};
		table_name pg_catalog.text := {{table}};
		found pg_catalog.pg_index;
	BEGIN
		SELECT * INTO found FROM pg_index WHERE indexrelid = to_regclass(index_name);
		IF found.indrelid = to_regclass(table_name) AND NOT (found.indisvalid AND found.indisready) THEN
			-- A session that is building it holds a lock that this waits for; then it is valid.
			EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', table_name);
			SELECT * INTO found FROM pg_index WHERE indexrelid = to_regclass(index_name);
		END IF;
		IF to_regclass(table_name) IS NULL THEN
			RAISE EXCEPTION 'table % does not exist', table_name
				USING ERRCODE = '42P01', DETAIL = 'Nothing was changed.', HINT = 'Run 00_check: it names each difference from the copy.';
		ELSIF to_regclass(index_name) IS NOT NULL AND found.indrelid IS DISTINCT FROM to_regclass(table_name) THEN
			RAISE EXCEPTION '% is something else than an index of table %', index_name, table_name
				USING ERRCODE = '42P07', DETAIL = 'Nothing was changed.', HINT = 'Rename it, or omit this index.';
		ELSIF (SELECT relkind FROM pg_class WHERE oid = found.indexrelid) = 'I' AND NOT found.indisvalid THEN
			RAISE EXCEPTION 'index % of a partitioned table lacks indexes of partitions', index_name
				USING ERRCODE = '55000', DETAIL = 'Nothing was changed.', HINT = 'Create these and attach each: ALTER INDEX ... ATTACH PARTITION ...; or omit this index.';
		ELSIF found.indexrelid IS NOT NULL AND NOT (found.indisvalid AND found.indisready) THEN
			EXECUTE format('DROP INDEX %s', found.indexrelid::regclass);
			RAISE NOTICE 'index %, which a failed build left, was dropped', index_name;
		ELSE
			RAISE NOTICE 'index %: no failed build; nothing was changed', index_name;
		END IF;
	END;$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_index_leftover_template() IS
'The statements of a file 01 of menuca_export_indexes(), in PL/pgSQL. Placeholders: guard; index and table, literals.';

CREATE FUNCTION @extschema@.menuca_hosted_index_drop_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template${{guard}}
	DECLARE
		index_name pg_catalog.text := {{index}};
		other pg_catalog.text;
	BEGIN
		-- Which names are quoted depends on the version
		SELECT pg_get_indexdef(indexrelid) INTO other
		FROM pg_index
		WHERE indexrelid = to_regclass(index_name)
			AND regexp_replace(pg_get_indexdef(indexrelid), '"([a-z_][a-z0-9_$]*)"', E'\\1', 'g') <> regexp_replace({{definition}}, '"([a-z_][a-z0-9_$]*)"', E'\\1', 'g');
		IF FOUND THEN
			RAISE EXCEPTION 'index % was not created by this set', index_name
				USING ERRCODE = '55000', DETAIL = format('It is %s. Nothing was changed.', other), HINT = 'Leave it, or drop it yourself.';
		END IF;
	END;$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_index_drop_template() IS
'The statements before DROP INDEX in a file 04 of menuca_export_indexes() for psql, in PL/pgSQL: an error on another database, or when the index of that name has another definition. Placeholders: guard; index and definition, literals.';

--
-- Access: who may do what on which table, as row level security
--

CREATE TABLE @extschema@.menuca_wanted_access (
	table_name text PRIMARY KEY,
	tenant_key text,
	tenant_may text,
	public_may_read_where text,
	user_key text,
	user_may text,
	admin_may text,
	hidden_columns text[],
	writable_columns text[],
	read_only_columns text[],
	note text,
	public_with_tenant boolean NOT NULL DEFAULT true,
	wanted boolean NOT NULL DEFAULT true,
	core boolean,
	optional boolean,
	standard boolean NOT NULL DEFAULT false,
	CONSTRAINT menuca_wanted_access_outside_has_reason CHECK (wanted OR COALESCE(note ~ '\S', false))
);

COMMENT ON TABLE @extschema@.menuca_wanted_access IS
'Who may do what on the tables of the target schema; the operator may edit it.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.table_name IS
'Table of the schema menuca.target_schema, without the schema.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.tenant_key IS
'Column that holds a row''s restaurant, or column -> table.column through parents; NULL when rows have none.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.tenant_may IS
'What restaurants'' staff may do with their own rows: all, or a list of select, insert, update, delete (update and delete include select); NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.public_may_read_where IS
'Condition for the rows that everybody may read, with all names but the table''s own columns qualified; NULL for none.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.user_key IS
'Column that holds a row''s customer, or column -> table.column through parents; NULL when rows have none.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.user_may IS
'What customers may do with their own rows, as tenant_may.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.admin_may IS
'What the platform''s services may do with all rows, as tenant_may.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.hidden_columns IS
'Columns that only the platform''s services may read; NULL for none.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.writable_columns IS
'The only columns that staff and customers may write; NULL for all but the hidden and the read-only ones. They share a role, so it holds for both.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.read_only_columns IS
'Columns that staff and customers may read, but not change; NULL for none. In a new row they may give the columns of an owner''s key and of the primary key, which it cannot do without.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.note IS
'Why the row is as it is; NULL when that is plain. A table with wanted = false needs a reason here.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.public_with_tenant IS
'True when a row is public only while its restaurant, and each row that tenant_key leads through, is; false when public_may_read_where alone decides. Soft-deleted rows (deleted_at) are public in neither case.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.wanted IS
'False leaves the table deliberately alone, for the reason in note: it is neither planned nor checked.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.core IS
'True for a table that the platform cannot be safe without: when its access cannot be deployed, menuca_check_access() fails. NULL in a new row: as the standard row that it replaces, otherwise false.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.optional IS
'True for a table that not every database has: where it is absent, nothing is said about it. NULL in a new row: as core.';
COMMENT ON COLUMN @extschema@.menuca_wanted_access.standard IS
'True for a row as the extension shipped it; an edit makes it false.';

-- First the tables of the tickets, then those that the project got later.
INSERT INTO @extschema@.menuca_wanted_access
	(table_name, tenant_key, tenant_may, public_may_read_where, user_key, user_may, admin_may, hidden_columns, note, standard)
VALUES
	-- restaurants, and what is theirs alone
	('restaurants', 'id', 'update', 'status = ''active''', NULL, NULL, 'all', NULL, 'a visitor has to see the restaurant whose menu he reads', true),
	('restaurant_locations', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_domains', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_contacts', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_admin_users', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', '{password_hash}', 'a password''s hash is read by the services alone', true),
	('restaurant_schedules', 'restaurant_id', 'all', 'is_enabled = true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_special_schedules', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_service_configs', 'restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_time_periods', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_partner_schedules', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_twilio_config', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('devices', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),

	-- the menu
	('courses', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('dishes', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('ingredients', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('ingredient_groups', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('ingredient_group_items', 'ingredient_group_id -> ingredient_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('dish_modifiers', 'restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),

	-- combos
	('combo_groups', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('combo_items', 'combo_group_id -> combo_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('combo_group_modifier_pricing', 'combo_group_id -> combo_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('combo_steps', 'combo_item_id -> combo_items.combo_group_id -> combo_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),

	-- delivery
	('restaurant_delivery_config', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_delivery_areas', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_delivery_companies', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_delivery_fees', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('delivery_company_emails', NULL, NULL, 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),

	-- marketing
	('promotional_deals', 'restaurant_id', 'all', 'is_enabled = true AND (date_start IS NULL OR date_start <= CURRENT_DATE) AND (date_stop IS NULL OR date_stop >= CURRENT_DATE)', NULL, NULL, 'all', NULL, NULL, true),
	('promotional_coupons', 'restaurant_id', 'all', 'is_active = true AND is_used IS NOT TRUE', NULL, NULL, 'all', NULL, 'is_used may be NULL, and such a coupon is not used', true),
	('marketing_tags', NULL, NULL, 'true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_tag_associations', 'restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),

	-- customers
	('users', NULL, NULL, NULL, 'id', 'select,update', 'all', '{password_hash}', 'a password''s hash is read by the services alone', true),
	('user_addresses', NULL, NULL, NULL, 'user_id', 'all', 'all', NULL, NULL, true),
	('user_favorite_restaurants', NULL, NULL, NULL, 'user_id', 'all', 'all', NULL, NULL, true),
	('password_reset_tokens', NULL, NULL, NULL, 'user_id', 'select', 'all', NULL, NULL, true),
	('autologin_tokens', NULL, NULL, NULL, 'user_id', 'select', 'all', NULL, NULL, true),

	-- the platform
	('admin_users', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, true),
	('admin_user_restaurants', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, true),
	('provinces', NULL, NULL, 'true', NULL, NULL, 'all', NULL, NULL, true),
	('cities', NULL, NULL, 'true', NULL, NULL, 'all', NULL, NULL, true);

INSERT INTO @extschema@.menuca_wanted_access
	(table_name, tenant_key, tenant_may, public_may_read_where, user_key, user_may, admin_may, writable_columns, read_only_columns, note, optional, standard)
VALUES
	-- the menu, as it was redesigned
	('dish_combo_groups', 'dish_id -> dishes.restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_prices', 'dish_id -> dishes.restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('modifier_groups', 'dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_modifier_prices', 'dish_modifier_id -> dish_modifiers.restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_allergens', 'dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_dietary_tags', 'dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_size_options', 'dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('course_translations', 'course_id -> courses.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_translations', 'dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('modifier_group_translations', 'modifier_group_id -> modifier_groups.dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),

	-- orders
	('orders', 'restaurant_id', 'update', NULL, 'user_id', 'select', 'all', '{status}', NULL, 'orders are placed by the services, which know the prices; staff move them on', true, true),
	('order_items', 'order_id -> orders.restaurant_id', 'select', NULL, 'order_id -> orders.user_id', 'select', 'all', NULL, NULL, 'as the order was placed', true, true),

	-- customers
	('user_delivery_addresses', NULL, NULL, NULL, 'user_id', 'all', 'all', NULL, NULL, NULL, true, true),

	-- the platform
	('email_queue', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, 'addresses and texts of messages: for the services alone', true, true),
	('failed_jobs', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, 'payloads of jobs: for the services alone', true, true),
	('rate_limits', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, 'who counts requests must not be whom they limit', true, true),
	('audit_log', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, 'old rows of all tables: for the services alone', true, true);

UPDATE @extschema@.menuca_wanted_access
SET core = table_name IN ('restaurants', 'dishes', 'combo_groups', 'combo_items', 'courses', 'users'),
	optional = COALESCE(optional, false);

-- The migration finds rows by their legacy ids, a row's owner decides who sees it, and dates say what happened when.
UPDATE @extschema@.menuca_wanted_access
SET read_only_columns = ARRAY['id', 'legacy_v1_id', 'legacy_v2_id', 'source_system', 'source_id', 'created_at', 'created_by', 'deleted_by']
	|| ARRAY(SELECT k.path
			 FROM pg_catalog.unnest(ARRAY[tenant_key, user_key]) WITH ORDINALITY AS k(path, place)
			 WHERE k.path !~ '->' AND k.path <> 'id' ORDER BY k.place)
WHERE writable_columns IS NULL AND (tenant_may ~ 'all|insert|update' OR user_may ~ 'all|insert|update');

UPDATE @extschema@.menuca_wanted_access
SET read_only_columns = read_only_columns || CASE table_name
	WHEN 'restaurants' THEN ARRAY['status', 'activated_at', 'suspended_at', 'closed_at', 'deleted_at', 'online_ordering_enabled', 'is_franchise_parent', 'parent_restaurant_id', 'franchise_brand_name', 'commission_rate']
	WHEN 'users' THEN ARRAY['auth_user_id', 'email_verified', 'email_verified_at', 'credit_balance', 'stripe_customer_id', 'origin_restaurant_id', 'status', 'is_active', 'is_email_verified', 'email_verification_token', 'last_login_at', 'last_login_ip', 'login_count', 'failed_login_attempts', 'locked_until', 'deleted_at']
	WHEN 'restaurant_admin_users' THEN ARRAY['user_type', 'status', 'auth_user_id', 'migrated_to_admin_user_id', 'last_login_at', 'last_login', 'login_count']
	WHEN 'promotional_coupons' THEN ARRAY['is_used']
END
WHERE table_name IN ('restaurants', 'users', 'restaurant_admin_users', 'promotional_coupons');

CREATE FUNCTION @extschema@.menuca_wanted_access_edited()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON FUNCTION @extschema@.menuca_wanted_access_edited() IS
'Trigger function of menuca_wanted_access: an edited row is no longer standard, and a new row replaces the standard one. So a dump holds what was edited, and a restore brings no row twice. A table is left outside of the wanted access only with a reason.';

CREATE TRIGGER edited BEFORE INSERT OR UPDATE ON @extschema@.menuca_wanted_access
	FOR EACH ROW EXECUTE FUNCTION @extschema@.menuca_wanted_access_edited();

COMMENT ON TRIGGER edited ON @extschema@.menuca_wanted_access IS
'An edited row is no longer standard, and a new row replaces the standard one.';

CREATE TABLE @extschema@.menuca_access_change (
	change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	table_schema text NOT NULL,
	table_name text,
	kind text NOT NULL CHECK (kind IN ('policy', 'row_security', 'grant', 'revoke', 'view')),
	object text,
	statement text NOT NULL,
	undo text NOT NULL,
	definition text,
	made_by text NOT NULL DEFAULT session_user,
	made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	undone_by text,
	undone_at timestamptz
);

COMMENT ON TABLE @extschema@.menuca_access_change IS
'The ledger of menuca_deploy_access(): each policy, grant, revoke and switch of row security, with the statement that undoes it.';
COMMENT ON COLUMN @extschema@.menuca_access_change.change_id IS
'Number of the change.';
COMMENT ON COLUMN @extschema@.menuca_access_change.table_schema IS
'Schema of the table.';
COMMENT ON COLUMN @extschema@.menuca_access_change.table_name IS
'Table that was changed, without its schema; NULL for a privilege on the schema itself.';
COMMENT ON COLUMN @extschema@.menuca_access_change.kind IS
'policy, row_security (it was switched on), grant, revoke, or view (menuca_own_tenants, menuca_public_restaurants and the like).';
COMMENT ON COLUMN @extschema@.menuca_access_change.object IS
'Name of the policy or view, or of the role that got or lost the privilege; NULL for row_security.';
COMMENT ON COLUMN @extschema@.menuca_access_change.statement IS
'Statement that made the change.';
COMMENT ON COLUMN @extschema@.menuca_access_change.undo IS
'Statement that undoes it.';
COMMENT ON COLUMN @extschema@.menuca_access_change.definition IS
'Definition of the policy or view as it was created, to tell whether it was changed since; NULL for other kinds.';
COMMENT ON COLUMN @extschema@.menuca_access_change.made_by IS
'Session user who made the change.';
COMMENT ON COLUMN @extschema@.menuca_access_change.made_at IS
'When it was made.';
COMMENT ON COLUMN @extschema@.menuca_access_change.undone_by IS
'Session user who undid the change, or replaced or dropped its policy; NULL while it is in force.';
COMMENT ON COLUMN @extschema@.menuca_access_change.undone_at IS
'When that was; NULL while the change is in force.';

CREATE TABLE @extschema@.menuca_access_deployment (
	deployment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	table_schema text NOT NULL,
	table_name text,
	made_by text NOT NULL DEFAULT session_user,
	made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	undone_by text,
	undone_at timestamptz,
	undo_took interval
);

COMMENT ON TABLE @extschema@.menuca_access_deployment IS
'The tables that deployments of access changed, a row for each time.';
COMMENT ON COLUMN @extschema@.menuca_access_deployment.deployment_id IS
'Number of the deployment of this table.';
COMMENT ON COLUMN @extschema@.menuca_access_deployment.table_schema IS
'Schema of the table.';
COMMENT ON COLUMN @extschema@.menuca_access_deployment.table_name IS
'Table that was changed, without its schema; NULL for the schemas themselves.';
COMMENT ON COLUMN @extschema@.menuca_access_deployment.made_by IS
'Session user who deployed.';
COMMENT ON COLUMN @extschema@.menuca_access_deployment.made_at IS
'When it was deployed.';
COMMENT ON COLUMN @extschema@.menuca_access_deployment.undone_by IS
'Session user who rolled it back; NULL while it is in force.';
COMMENT ON COLUMN @extschema@.menuca_access_deployment.undone_at IS
'When that was; NULL while it is in force.';
COMMENT ON COLUMN @extschema@.menuca_access_deployment.undo_took IS
'How long the statement that rolled it back had been running by then; NULL while it is in force.';

CREATE TABLE @extschema@.menuca_access_state (
	state_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	deployment_id bigint NOT NULL,
	moment text NOT NULL CHECK (moment IN ('before', 'added', 'removed')),
	kind text NOT NULL,
	object text,
	item_no integer NOT NULL,
	grantee text,
	grantor text,
	privilege text,
	is_grantable boolean,
	value text
);

CREATE INDEX menuca_access_state_deployment ON @extschema@.menuca_access_state (deployment_id);

COMMENT ON TABLE @extschema@.menuca_access_state IS
'What a table was like before a deployment changed it, and what the deployment added and removed: its owner, row security, policies, and privileges. A rollback gives it back and compares.';
COMMENT ON COLUMN @extschema@.menuca_access_state.state_id IS
'Number of the row.';
COMMENT ON COLUMN @extschema@.menuca_access_state.deployment_id IS
'The deployment in menuca_access_deployment.';
COMMENT ON COLUMN @extschema@.menuca_access_state.moment IS
'before for what was there then; added and removed for what differed when the table was deployed.';
COMMENT ON COLUMN @extschema@.menuca_access_state.kind IS
'As in menuca_access_item, and so are the columns that follow.';
COMMENT ON COLUMN @extschema@.menuca_access_state.object IS
'Name of the column, sequence, schema, function or policy, quoted if necessary; NULL for the table.';
COMMENT ON COLUMN @extschema@.menuca_access_state.item_no IS
'Place of the privilege in the list of the object.';
COMMENT ON COLUMN @extschema@.menuca_access_state.grantee IS
'Role that has the privilege, quoted if necessary; PUBLIC for everybody, OWNER for the object''s owner.';
COMMENT ON COLUMN @extschema@.menuca_access_state.grantor IS
'Role that granted it, in the same way.';
COMMENT ON COLUMN @extschema@.menuca_access_state.privilege IS
'SELECT, INSERT and so on; NULL when the row is about something else.';
COMMENT ON COLUMN @extschema@.menuca_access_state.is_grantable IS
'True when it was granted with the grant option.';
COMMENT ON COLUMN @extschema@.menuca_access_state.value IS
'The owner, on or off, or the definition of a policy; NULL for a privilege.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_wanted_access', 'WHERE NOT standard');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_access_change', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_access_change_change_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_access_deployment', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_access_deployment_deployment_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_access_state', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_access_state_state_id_seq', '');

CREATE FUNCTION @extschema@.menuca_claim_bigint(
	claim text,
	setting text DEFAULT 'request.jwt.claims')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_claim_bigint(text, text) IS
'A claim of the request as a bigint, from the JSON object that the setting holds. NULL when the setting is missing or empty, is not one JSON object, has no such claim, or has one that is no integer in range (a JSON number or a string of digits); never an error. A nested claim is a path: app_metadata -> restaurant_id. For policies, as (SELECT menuca_claim_bigint(...)), which is evaluated once per statement.';

CREATE FUNCTION @extschema@.menuca_claim_bigint(
	claim text,
	claims jsonb)
RETURNS bigint
AS 'MODULE_PATHNAME', 'menuca_claim_bigint_of'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_claim_bigint(text, jsonb) IS
'As menuca_claim_bigint(text, text), from claims that a function such as auth.jwt() returned.';

CREATE FUNCTION @extschema@.menuca_claim_uuid(
	claim text,
	setting text DEFAULT 'request.jwt.claims')
RETURNS uuid
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_claim_uuid(text, text) IS
'As menuca_claim_bigint(text, text), for a claim that is a uuid in its usual form, such as sub.';

CREATE FUNCTION @extschema@.menuca_claim_uuid(
	claim text,
	claims jsonb)
RETURNS uuid
AS 'MODULE_PATHNAME', 'menuca_claim_uuid_of'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_claim_uuid(text, jsonb) IS
'As menuca_claim_uuid(text, text), from claims that a function such as auth.jwt() returned.';

CREATE FUNCTION @extschema@.menuca_own_tenants(
	view regclass)
RETURNS bigint[]
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_own_tenants(regclass) IS
'The restaurants that the caller works for, from the view menuca_own_tenants of the target schema, which a deployment makes when menuca.tenant_by is membership. The view is read with its owner''s rights, and shows a caller his own memberships alone. Empty when the view does not exist. For policies, as (SELECT menuca_own_tenants(...)), which is evaluated once per statement.';

CREATE FUNCTION @extschema@.menuca_own_tenant_uuids(
	view regclass)
RETURNS uuid[]
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_own_tenant_uuids(regclass) IS
'As menuca_own_tenants(regclass), where restaurants'' ids are uuids.';

CREATE FUNCTION @extschema@.menuca_is_public(
	view regclass,
	key bigint)
RETURNS boolean
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION @extschema@.menuca_is_public(regclass, bigint) IS
'True if everybody may read the row of that key: it is in the view, such as menuca_public_restaurants of the target schema, which a deployment makes from menuca_wanted_access, and which is read with its owner''s rights. False when the view does not exist. For policies; a statement looks up each key once.';

CREATE FUNCTION @extschema@.menuca_is_public(
	view regclass,
	key uuid)
RETURNS boolean
AS 'MODULE_PATHNAME', 'menuca_is_public_uuid'
LANGUAGE C STABLE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION @extschema@.menuca_is_public(regclass, uuid) IS
'As menuca_is_public(regclass, bigint), where keys are uuids.';

CREATE FUNCTION @extschema@.menuca_access_plan(
	tables text[] DEFAULT NULL,
	OUT table_name text,
	OUT action text,
	OUT object text,
	OUT statement text,
	OUT reason text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_access_plan(text[]) IS
'The actions that turn the present access into that of menuca_wanted_access, in their order: create_policy, replace_policy, drop_policy, grant, revoke, enable_rls, each with its statement; keep and keep_foreign for what stays, undecided for a table that the wanted access does not mention (row security denies it to visitors until somebody decides), absent for tables that do not exist, impossible with the reason. Partitions of a wanted table get row security, and visitors lose their grants on them: they are reached through their table. object is the policy or the role; table_name is NULL for the schema itself. Read only.';

CREATE FUNCTION @extschema@.menuca_access_columns(
	tables text[] DEFAULT NULL,
	OUT table_name text,
	OUT select_statement text,
	OUT insert_columns text[],
	OUT update_columns text[],
	OUT read_only_columns text[],
	OUT hidden_columns text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_access_columns(text[]) IS
'Which columns staff and customers may read and write by menuca_wanted_access: a SELECT of all that can be read, to be pasted where SELECT * would be refused, and the columns of an INSERT and an UPDATE, as names without quotes. The columns are granted to the role; which rows, and whether rows may be written at all, policies decide. Read only.';

CREATE FUNCTION @extschema@.menuca_deploy_access(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout interval DEFAULT '5 seconds',
	test boolean DEFAULT true,
	OUT table_name text,
	OUT was_dry_run boolean,
	OUT status text,
	OUT created integer,
	OUT replaced integer,
	OUT dropped integer,
	OUT foreign_policies integer,
	OUT grants integer,
	OUT revokes integer,
	OUT rls_switched_on boolean,
	OUT reasons text[],
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_deploy_access(boolean, text[], interval, boolean) IS
'Executes the actions of menuca_access_plan() in one transaction; by default a dry run. All tables are locked together, at once, without a queue in which others would wait; when that does not succeed within lock_timeout, nothing is done and the error names who holds them. One row per table (and one for the schema, table_name NULL) with status planned, deployed, unchanged, absent, impossible, failed or refused. A table gets all of its actions or none, its policies before row security, and the matrix of menuca_test_access() is tried before they are final: with a cell that fails, all are undone and the cells named; test => false omits that. Policies of others are kept and reported. Refuses (class MC) when the configured roles are missing, are the same, or bypass row security.';

REVOKE ALL ON FUNCTION @extschema@.menuca_deploy_access(boolean, text[], interval, boolean) FROM PUBLIC;

CREATE PROCEDURE @extschema@.menuca_deploy_access_by_table(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout interval DEFAULT '30 seconds',
	test boolean DEFAULT true,
	INOUT status text DEFAULT NULL,
	INOUT deployed text[] DEFAULT NULL,
	INOUT unchanged bigint DEFAULT NULL,
	INOUT failed text[] DEFAULT NULL,
	INOUT next_step text DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE @extschema@.menuca_deploy_access_by_table(boolean, text[], interval, boolean, text, text[], bigint, text[], text) IS
'As menuca_deploy_access, by default a dry run, too, but a transaction for each table, which is locked for its own change only, so that readers of other tables never wait. A table that others use is tried again between the others and after them, each time for a few milliseconds, until all have been waited for as long as lock_timeout. status is planned, refused, deployed, or deployed in part; deployed has the names of the tables, unchanged counts those that are as wanted or absent, failed has a text with the reason per table. A real call cannot be made inside a transaction block.';

REVOKE ALL ON PROCEDURE @extschema@.menuca_deploy_access_by_table(boolean, text[], interval, boolean, text, text[], bigint, text[], text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_rollback_access(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout interval DEFAULT '5 seconds',
	OUT table_name text,
	OUT was_dry_run boolean,
	OUT status text,
	OUT dropped integer,
	OUT changed integer,
	OUT gone integer,
	OUT grants_undone integer,
	OUT rls_switched_off boolean,
	OUT reasons text[],
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_rollback_access(boolean, text[], interval) IS
'Undoes what menuca_deploy_access() did and nothing else, in one transaction; by default a dry run. All tables are locked together, at once, or nothing is done. Policies that were changed since, and policies of others, stay and are reported; row security is switched off where a deployment switched it on and no other policy has been added since. Privileges of tables, columns, sequences, schemas and functions, replaced policies and the order of privileges are given back as the ledger has them; then everything is compared with the time before the deployment, and reasons names each difference.';

REVOKE ALL ON FUNCTION @extschema@.menuca_rollback_access(boolean, text[], interval) FROM PUBLIC;

CREATE PROCEDURE @extschema@.menuca_rollback_access_by_table(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout interval DEFAULT '30 seconds',
	INOUT status text DEFAULT NULL,
	INOUT undone text[] DEFAULT NULL,
	INOUT kept text[] DEFAULT NULL,
	INOUT failed text[] DEFAULT NULL,
	INOUT next_step text DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE @extschema@.menuca_rollback_access_by_table(boolean, text[], interval, text, text[], text[], text[], text) IS
'As menuca_rollback_access, by default a dry run, too, but a transaction for each table, as in menuca_deploy_access_by_table. status is planned, undone, or undone in part; undone has the names of the tables, kept the reasons for what is not as before the deployment, failed a text with the reason per table. A real call cannot be made inside a transaction block.';

REVOKE ALL ON PROCEDURE @extschema@.menuca_rollback_access_by_table(boolean, text[], interval, text, text[], text[], text[], text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_test_access(
	tables text[] DEFAULT NULL,
	OUT table_name text,
	OUT role_kind text,
	OUT role_name text,
	OUT command text,
	OUT row_case text,
	OUT expected text,
	OUT actual text,
	OUT status text,
	OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_test_access(text[]) IS
'Tries the matrix of roles, tables and commands with real statements: it inserts rows of two restaurants and two customers, public and inactive ones, and each role with its claims selects, inserts, updates, moves and deletes them. Everything is undone in any case. status: PASS, FAIL, ERROR (neither allowed nor refused) or SKIP (no row could be inserted). The caller must own the tables and be a member of the roles.';

REVOKE ALL ON FUNCTION @extschema@.menuca_test_access(text[]) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_access_overhead(
	restaurant_id bigint DEFAULT NULL,
	executions integer DEFAULT 201,
	OUT query text,
	OUT role_kind text,
	OUT role_name text,
	OUT measured_restaurant bigint,
	OUT counted bigint,
	OUT owner_ms numeric,
	OUT role_ms numeric,
	OUT overhead_pct numeric,
	OUT low_pct numeric,
	OUT high_pct numeric,
	OUT owner_buffers bigint,
	OUT role_buffers bigint,
	OUT same_plan boolean,
	OUT status text,
	OUT detail text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_access_overhead(bigint, integer) IS
'What row security costs: menu queries of a restaurant (NULL: the one with most public dishes for the menu, and the one with most public items for the combos) as the public and the tenant role, against the same queries with the same conditions written out, by the caller, to whom no policy applies. Their plans and the pages that they need are compared first; then each is executed that many times, the two in turn, and the ratios of neighbours are judged: overhead_pct is their median, low_pct and high_pct its 99 % confidence interval; while that contains a limit, up to five times as many are executed. PASS when all of the interval is below half of menuca.max_access_overhead (10 %), FAIL when none of it is below menuca.max_access_overhead (20 %), otherwise WARN. Time alone does not fail where plan and pages are equal, nor where the difference is too small to be noticed; a table of 1 MB or more that the role alone reads from end to end fails whatever the time. Nothing is switched off for it. The caller must be a member of the roles.';

REVOKE ALL ON FUNCTION @extschema@.menuca_access_overhead(bigint, integer) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_judge_overhead(
	owner_ms double precision[],
	role_ms double precision[],
	owner_buffers bigint DEFAULT NULL,
	role_buffers bigint DEFAULT NULL,
	same_plan boolean DEFAULT NULL,
	OUT median_owner_ms numeric,
	OUT median_role_ms numeric,
	OUT overhead_pct numeric,
	OUT low_pct numeric,
	OUT high_pct numeric,
	OUT status text,
	OUT detail text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_judge_overhead(double precision[], double precision[], bigint, bigint, boolean) IS
'What menuca_access_overhead() says of times that were measured elsewhere, in milliseconds: each one of the owner next to one of the role, their order changing from pair to pair. Two pairs are one sample; from 9 samples on there is a 99 % confidence interval of their median. With the pages that both need and whether their plans are the same, times alone do not fail where these are equal.';

REVOKE ALL ON FUNCTION @extschema@.menuca_judge_overhead(double precision[], double precision[], bigint, bigint, boolean) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_check_access(
	matrix boolean DEFAULT true,
	overhead boolean DEFAULT true,
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

COMMENT ON FUNCTION @extschema@.menuca_check_access(boolean, boolean) IS
'The checks of the wanted access, one row each as in menuca_validate: roles, row security, unchanged policies, policies of others, grants, indexes, and unless switched off the matrix of menuca_test_access() and the figures of menuca_access_overhead(). Everything that they try is undone.';

REVOKE ALL ON FUNCTION @extschema@.menuca_check_access(boolean, boolean) FROM PUBLIC;

--
-- What the catalog says about access.  These views run with the rights of
-- whoever reads them; the catalog shows everybody the same.
--

CREATE VIEW @extschema@.menuca_policy WITH (security_invoker = true) AS
SELECT p.polrelid AS table_oid,
	p.polname::text AS policy_name,
	p.polpermissive AS is_permissive,
	pg_catalog.format('AS %s FOR %s TO %s%s%s',
		CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
		CASE p.polcmd
			WHEN 'r' THEN 'SELECT'
			WHEN 'a' THEN 'INSERT'
			WHEN 'w' THEN 'UPDATE'
			WHEN 'd' THEN 'DELETE'
			ELSE 'ALL'
		END,
		CASE WHEN 0 = ANY (p.polroles) THEN 'PUBLIC'
			ELSE (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(r.rolname), ', ' ORDER BY r.rolname)
				  FROM pg_catalog.pg_roles r WHERE r.oid = ANY (p.polroles))
		END,
		' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
		' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')') AS definition
FROM pg_catalog.pg_policy p;

COMMENT ON VIEW @extschema@.menuca_policy IS
'The row security policies of this database.';
COMMENT ON COLUMN @extschema@.menuca_policy.table_oid IS
'OID of the table.';
COMMENT ON COLUMN @extschema@.menuca_policy.policy_name IS
'Name of the policy.';
COMMENT ON COLUMN @extschema@.menuca_policy.is_permissive IS
'True when it allows rows; false when it restricts what others allow.';
COMMENT ON COLUMN @extschema@.menuca_policy.definition IS
'The policy as in CREATE POLICY, from AS on, its roles sorted by name. The search_path decides which names in its conditions are qualified.';

CREATE VIEW @extschema@.menuca_access_object WITH (security_invoker = true) AS
SELECT o.table_oid, o.schema_name, o.kind, o.object, o.object_oid, o.column_no, o.owner_oid, o.acl, o.default_acl
FROM (SELECT c.oid, n.nspname::text, 'table', NULL, c.oid, 0, c.relowner, c.relacl, pg_catalog.acldefault('r', c.relowner)
	  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	  WHERE c.relkind IN ('r', 'p', 'f')
	  UNION ALL
	  SELECT c.oid, n.nspname::text, 'column', pg_catalog.quote_ident(t.attname), c.oid, t.attnum::integer, c.relowner, t.attacl, NULL
	  FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	  WHERE c.relkind IN ('r', 'p', 'f') AND t.attnum > 0 AND NOT t.attisdropped
	  UNION ALL
	  SELECT d.refobjid, n.nspname::text, 'sequence', pg_catalog.format('%I.%I', n.nspname, c.relname), c.oid, 0, c.relowner, c.relacl,
		  pg_catalog.acldefault('s', c.relowner)
	  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
		  AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND c.relkind = 'S'
	  UNION ALL
	  SELECT NULL, n.nspname::text, 'schema', pg_catalog.quote_ident(n.nspname), n.oid, 0, n.nspowner, n.nspacl, pg_catalog.acldefault('n', n.nspowner)
	  FROM pg_catalog.pg_namespace n
	  UNION ALL
	  SELECT NULL, n.nspname::text, 'function', pg_catalog.format('%I.%I(%s)', n.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid)),
		  f.oid, 0, f.proowner, f.proacl, pg_catalog.acldefault('f', f.proowner)
	  FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace)
	o(table_oid, schema_name, kind, object, object_oid, column_no, owner_oid, acl, default_acl);

COMMENT ON VIEW @extschema@.menuca_access_object IS
'What privileges are granted on: tables with their columns and the sequences that they own, and schemas and functions.';
COMMENT ON COLUMN @extschema@.menuca_access_object.table_oid IS
'OID of the table; NULL for schemas and functions.';
COMMENT ON COLUMN @extschema@.menuca_access_object.schema_name IS
'Schema of the object, or the schema itself.';
COMMENT ON COLUMN @extschema@.menuca_access_object.kind IS
'table, column, sequence, schema or function.';
COMMENT ON COLUMN @extschema@.menuca_access_object.object IS
'Name of the column, sequence, schema or function as GRANT takes it; NULL for the table.';
COMMENT ON COLUMN @extschema@.menuca_access_object.object_oid IS
'OID of the object; of a column, its table.';
COMMENT ON COLUMN @extschema@.menuca_access_object.column_no IS
'Number of the column; 0 for other kinds.';
COMMENT ON COLUMN @extschema@.menuca_access_object.owner_oid IS
'OID of the owner.';
COMMENT ON COLUMN @extschema@.menuca_access_object.acl IS
'The privileges; NULL when nothing was granted or revoked yet.';
COMMENT ON COLUMN @extschema@.menuca_access_object.default_acl IS
'The privileges while acl is NULL; NULL when these are none.';

CREATE VIEW @extschema@.menuca_access_item WITH (security_invoker = true) AS
SELECT o.table_oid, o.schema_name, o.kind, o.object, a.item_no::integer AS item_no,
	CASE a.grantee WHEN o.owner_oid THEN 'OWNER' WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS grantee,
	CASE a.grantor WHEN o.owner_oid THEN 'OWNER' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantor)) END AS grantor,
	a.privilege_type AS privilege,
	a.is_grantable,
	CASE WHEN a.privilege_type IS NULL THEN 'no privilege was granted or revoked yet' END AS value
FROM @extschema@.menuca_access_object o,
	LATERAL (SELECT *
			 FROM pg_catalog.aclexplode(coalesce(o.acl, o.default_acl)) WITH ORDINALITY
			 UNION ALL
			 SELECT NULL, NULL, NULL, NULL, 0
			 WHERE o.acl IS NULL AND o.kind <> 'column') a(grantor, grantee, privilege_type, is_grantable, item_no)
UNION ALL
SELECT c.oid, n.nspname::text, f.kind, NULL, 0, NULL, NULL, NULL, NULL, f.value
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
	LATERAL (VALUES ('owner', pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner))),
			 ('row_security', CASE WHEN c.relrowsecurity THEN 'on' ELSE 'off' END),
			 ('forced_row_security', CASE WHEN c.relforcerowsecurity THEN 'on' ELSE 'off' END)) f(kind, value)
WHERE c.relkind IN ('r', 'p', 'f')
UNION ALL
SELECT p.table_oid, NULL, 'policy', pg_catalog.quote_ident(p.policy_name), 0, NULL, NULL, NULL, NULL, p.definition
FROM @extschema@.menuca_policy p;

COMMENT ON VIEW @extschema@.menuca_access_item IS
'Who may do what now, a row for each thing that a deployment of access could change.';
COMMENT ON COLUMN @extschema@.menuca_access_item.table_oid IS
'OID of the table; NULL for schemas and functions.';
COMMENT ON COLUMN @extschema@.menuca_access_item.schema_name IS
'Schema of the object; NULL for a policy.';
COMMENT ON COLUMN @extschema@.menuca_access_item.kind IS
'A kind of menuca_access_object, or owner, row_security, forced_row_security or policy.';
COMMENT ON COLUMN @extschema@.menuca_access_item.object IS
'Name of the column, sequence, schema, function or policy, quoted if necessary; NULL for the table.';
COMMENT ON COLUMN @extschema@.menuca_access_item.item_no IS
'Place of the privilege in the list of the object; 0 for other things.';
COMMENT ON COLUMN @extschema@.menuca_access_item.grantee IS
'Role that has the privilege, quoted if necessary; PUBLIC for everybody, OWNER for the object''s owner.';
COMMENT ON COLUMN @extschema@.menuca_access_item.grantor IS
'Role that granted it, in the same way.';
COMMENT ON COLUMN @extschema@.menuca_access_item.privilege IS
'SELECT, INSERT and so on; NULL when the row is about something else.';
COMMENT ON COLUMN @extschema@.menuca_access_item.is_grantable IS
'True when it was granted with the grant option.';
COMMENT ON COLUMN @extschema@.menuca_access_item.value IS
'The owner, on or off, the definition of a policy, or that no privilege was granted or revoked yet; NULL for a privilege.';

CREATE VIEW @extschema@.menuca_access_reversal WITH (security_invoker = true) AS
SELECT DISTINCT ON (d.table_schema, d.table_name, s.kind, s.object, s.grantee, s.grantor, s.privilege, s.is_grantable, s.value)
	d.table_schema, d.table_name, s.kind, s.object, s.grantee, s.grantor, s.privilege, s.is_grantable, s.value,
	s.moment = 'removed' AS was_there
FROM @extschema@.menuca_access_deployment d JOIN @extschema@.menuca_access_state s ON s.deployment_id = d.deployment_id
WHERE d.undone_at IS NULL AND s.moment <> 'before'
ORDER BY d.table_schema, d.table_name, s.kind, s.object, s.grantee, s.grantor, s.privilege, s.is_grantable, s.value, d.deployment_id, s.state_id;

COMMENT ON VIEW @extschema@.menuca_access_reversal IS
'What deployments in force have changed, each thing once, as it was before the first of them.';
COMMENT ON COLUMN @extschema@.menuca_access_reversal.table_schema IS
'Schema of the table.';
COMMENT ON COLUMN @extschema@.menuca_access_reversal.table_name IS
'Table that was changed; NULL for the schemas.';
COMMENT ON COLUMN @extschema@.menuca_access_reversal.kind IS
'As in menuca_access_item, and so are the columns that follow.';
COMMENT ON COLUMN @extschema@.menuca_access_reversal.object IS
'Name of the column, sequence, schema, function or policy; NULL for the table.';
COMMENT ON COLUMN @extschema@.menuca_access_reversal.grantee IS
'Role that has the privilege.';
COMMENT ON COLUMN @extschema@.menuca_access_reversal.grantor IS
'Role that granted it.';
COMMENT ON COLUMN @extschema@.menuca_access_reversal.privilege IS
'SELECT, INSERT and so on; NULL when the row is about something else.';
COMMENT ON COLUMN @extschema@.menuca_access_reversal.is_grantable IS
'True when it is granted with the grant option.';
COMMENT ON COLUMN @extschema@.menuca_access_reversal.value IS
'The value when the row is not about a privilege.';
COMMENT ON COLUMN @extschema@.menuca_access_reversal.was_there IS
'True when a rollback gives it back, false when it takes it away.';

CREATE VIEW @extschema@.menuca_policy_reference WITH (security_invoker = true) AS
SELECT DISTINCT p.polrelid AS table_oid,
	d.refobjid AS referenced_oid
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid AND c.relrowsecurity
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
	AND d.refobjid <> p.polrelid;

COMMENT ON VIEW @extschema@.menuca_policy_reference IS
'The other tables that the policies of tables with row security read, so that their access depends on them.';
COMMENT ON COLUMN @extschema@.menuca_policy_reference.table_oid IS
'OID of the table with the policy.';
COMMENT ON COLUMN @extschema@.menuca_policy_reference.referenced_oid IS
'OID of the table or view that the policy reads.';

CREATE VIEW @extschema@.menuca_table_grant WITH (security_invoker = true) AS
SELECT g.table_oid,
	g.column_name,
	g.grantee_oid,
	CASE g.grantee_oid
		WHEN 0 THEN 'PUBLIC'
		ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee_oid))
	END AS grantee_name,
	g.privilege
FROM (SELECT c.oid, NULL, a.grantee, a.privilege_type
	  FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
	  UNION
	  SELECT t.attrelid, pg_catalog.quote_ident(t.attname), a.grantee, a.privilege_type
	  FROM pg_catalog.pg_attribute t, pg_catalog.aclexplode(t.attacl) a
	  WHERE NOT t.attisdropped) g(table_oid, column_name, grantee_oid, privilege);

COMMENT ON VIEW @extschema@.menuca_table_grant IS
'The privileges that were granted on each table and on its columns, one row each, whoever granted them. What an owner has because nothing was granted or revoked yet is no row.';
COMMENT ON COLUMN @extschema@.menuca_table_grant.table_oid IS
'OID of the table.';
COMMENT ON COLUMN @extschema@.menuca_table_grant.column_name IS
'Name of the column, quoted if necessary; NULL for a privilege on the whole table.';
COMMENT ON COLUMN @extschema@.menuca_table_grant.grantee_oid IS
'OID of the role that has the privilege; 0 for everybody.';
COMMENT ON COLUMN @extschema@.menuca_table_grant.grantee_name IS
'Name of that role, quoted if necessary; PUBLIC for everybody.';
COMMENT ON COLUMN @extschema@.menuca_table_grant.privilege IS
'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES or TRIGGER, and others of newer servers.';

CREATE VIEW @extschema@.menuca_table_coverage WITH (security_invoker = true) AS
WITH RECURSIVE line(table_oid, ancestor_oid, depth, is_partition) AS (
	SELECT c.oid, c.oid, 0, true
	FROM pg_catalog.pg_class c
	WHERE c.relkind IN ('r', 'p', 'f')
		AND c.relpersistence <> 't'
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
						WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
							AND d.objid = c.oid
							AND d.deptype = 'e')
	UNION ALL
	SELECT l.table_oid, i.inhparent, l.depth + 1, l.is_partition AND a.relispartition
	FROM line l
	JOIN pg_catalog.pg_class a ON a.oid = l.ancestor_oid
	JOIN pg_catalog.pg_inherits i ON i.inhrelid = l.ancestor_oid),
kin AS (
	SELECT n.nspname AS table_schema,
		l.table_oid,
		pg_catalog.array_agg(a.relname::text ORDER BY l.depth, a.relname)
			FILTER (WHERE l.depth > 0 AND (l.is_partition OR c.relnamespace <> n.oid)) AS part_of,
		pg_catalog.array_agg(w.table_name ORDER BY l.depth) FILTER (WHERE w.table_name IS NOT NULL) AS listed,
		pg_catalog.bool_or(l.depth = 0 AND w.table_name IS NOT NULL) AS is_listed
	FROM line l
	JOIN pg_catalog.pg_class c ON c.oid = l.table_oid
	JOIN pg_catalog.pg_class a ON a.oid = l.ancestor_oid
	JOIN pg_catalog.pg_namespace n ON n.oid = a.relnamespace
	LEFT JOIN @extschema@.menuca_wanted_access w ON w.table_name = a.relname::text
	GROUP BY n.nspname, l.table_oid)
SELECT k.table_schema::text AS table_schema,
	k.table_oid,
	CASE WHEN n.nspname = k.table_schema THEN c.relname::text
		ELSE pg_catalog.format('%I.%I', n.nspname, c.relname) END AS table_name,
	c.relkind = 'f' AS is_foreign,
	c.relrowsecurity AS has_row_security,
	CASE
		WHEN NOT w.wanted AND (k.is_listed OR k.part_of IS NOT NULL) THEN 'outside'
		WHEN k.is_listed THEN 'wanted'
		WHEN k.part_of IS NOT NULL THEN 'part'
		ELSE 'undecided'
	END AS coverage,
	k.part_of,
	CASE WHEN k.is_listed OR k.part_of IS NOT NULL THEN w.table_name END AS decided_by,
	CASE WHEN k.is_listed OR k.part_of IS NOT NULL THEN w.admin_may END AS admin_may,
	CASE WHEN k.is_listed OR k.part_of IS NOT NULL THEN w.note END AS note
FROM kin k
JOIN pg_catalog.pg_class c ON c.oid = k.table_oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN @extschema@.menuca_wanted_access w ON w.table_name = k.listed[1];

COMMENT ON VIEW @extschema@.menuca_table_coverage IS
'What menuca_wanted_access says of each table, partitioned table, partition and foreign table, for the schema that it is in, and for that of the tables that it is a part of. Tables of extensions and temporary ones are no rows.';
COMMENT ON COLUMN @extschema@.menuca_table_coverage.table_schema IS
'Schema of the table or, for a part that is elsewhere, of the table that it is a part of: compare it with menuca.target_schema.';
COMMENT ON COLUMN @extschema@.menuca_table_coverage.table_oid IS
'OID of the table.';
COMMENT ON COLUMN @extschema@.menuca_table_coverage.table_name IS
'Name of the table in that schema; qualified and quoted for a part that is elsewhere.';
COMMENT ON COLUMN @extschema@.menuca_table_coverage.is_foreign IS
'True for a foreign table, which row security cannot protect.';
COMMENT ON COLUMN @extschema@.menuca_table_coverage.has_row_security IS
'True when row security is on.';
COMMENT ON COLUMN @extschema@.menuca_table_coverage.coverage IS
'wanted or outside (deliberately left alone, for the reason in note), by a row of menuca_wanted_access; part (a partition, or a table of another schema that inherits: it is reached through the table decided_by); undecided: nobody has said who may access it.';
COMMENT ON COLUMN @extschema@.menuca_table_coverage.part_of IS
'The tables of that schema that it is a part of, the nearest first; NULL when it is none.';
COMMENT ON COLUMN @extschema@.menuca_table_coverage.decided_by IS
'The row of menuca_wanted_access that decides; NULL when there is none.';
COMMENT ON COLUMN @extschema@.menuca_table_coverage.admin_may IS
'What the platform''s services may do with its rows, by that row.';
COMMENT ON COLUMN @extschema@.menuca_table_coverage.note IS
'The note of that row.';

--
-- Trial rows: which columns of a table need new values, by the catalog alone
--

CREATE VIEW @extschema@.menuca_trial_unique_key WITH (security_invoker = true) AS
SELECT i.indrelid AS table_oid,
	i.indexrelid AS index_oid,
	i.indisprimary AS is_primary,
	(SELECT pg_catalog.array_agg(c.column_no)
	 FROM (SELECT k::integer AS column_no
		   FROM pg_catalog.unnest(i.indkey::smallint[]) k
		   WHERE k > 0
		   UNION
		   SELECT d.refobjsubid
		   FROM pg_catalog.pg_depend d
		   WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
			   AND d.objid = i.indexrelid
			   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
			   AND d.refobjid = i.indrelid
			   AND d.refobjsubid > 0
			   AND i.indexprs IS NOT NULL) c) AS column_numbers
FROM pg_catalog.pg_index i
WHERE (i.indisunique OR i.indisexclusion)
	AND i.indislive;

COMMENT ON VIEW @extschema@.menuca_trial_unique_key IS
'The unique and exclusion indexes of each table with the columns whose values they compare.';
COMMENT ON COLUMN @extschema@.menuca_trial_unique_key.table_oid IS
'The table.';
COMMENT ON COLUMN @extschema@.menuca_trial_unique_key.index_oid IS
'The index.';
COMMENT ON COLUMN @extschema@.menuca_trial_unique_key.is_primary IS
'True for the primary key.';
COMMENT ON COLUMN @extschema@.menuca_trial_unique_key.column_numbers IS
'Numbers of its columns (pg_attribute.attnum), in no order; of an index on expressions, also the columns that they use.';

--
-- Keeping the extension while policies call its functions
--

CREATE FUNCTION @extschema@.menuca_guard_policies()
RETURNS event_trigger
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON FUNCTION @extschema@.menuca_guard_policies() IS
'Function of the event trigger menuca_guard_policies: refuses DROP EXTENSION, and DROP SCHEMA and DROP OWNED that would drop the extension with it, while row security policies call its functions. CASCADE would drop these policies.';

REVOKE ALL ON FUNCTION @extschema@.menuca_guard_policies() FROM PUBLIC;

CREATE EVENT TRIGGER menuca_guard_policies ON ddl_command_start
	WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
	EXECUTE FUNCTION @extschema@.menuca_guard_policies();

COMMENT ON EVENT TRIGGER menuca_guard_policies IS
'Refuses to drop the extension while row security policies call its functions.';

--
-- Ways around the policies: whatever shows or changes rows of a protected table
-- without asking its policies.  These views run with the rights of whoever reads
-- them; the roles are those of the settings.
--

CREATE VIEW @extschema@.menuca_visitor WITH (security_invoker = true) AS
SELECT v.kind AS role_kind,
	r.oid AS role_oid,
	r.rolname::text AS role_name
FROM (VALUES
		('public', COALESCE(pg_catalog.current_setting('menuca.public_role', true), 'anon')),
		('tenant', COALESCE(pg_catalog.current_setting('menuca.tenant_role', true), 'authenticated'))) v(kind, name)
JOIN pg_catalog.pg_roles r ON r.rolname::text = v.name;

COMMENT ON VIEW @extschema@.menuca_visitor IS
'The roles of requests that policies have to bind, by the settings menuca.public_role and menuca.tenant_role; a role that does not exist is no row.';
COMMENT ON COLUMN @extschema@.menuca_visitor.role_kind IS
'public (without a login) or tenant (with one).';
COMMENT ON COLUMN @extschema@.menuca_visitor.role_oid IS
'OID of the role.';
COMMENT ON COLUMN @extschema@.menuca_visitor.role_name IS
'Name of the role.';

CREATE VIEW @extschema@.menuca_protected_table WITH (security_invoker = true) AS
WITH RECURSIVE protected(table_oid, root_oid, is_wanted) AS (
	SELECT c.oid, c.oid, w.table_name IS NOT NULL
	FROM pg_catalog.pg_class c
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	LEFT JOIN @extschema@.menuca_wanted_access w ON w.table_name = c.relname::text AND w.wanted
	WHERE n.nspname::text = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3')
		AND c.relkind IN ('r', 'p')
		AND (c.relrowsecurity OR w.table_name IS NOT NULL)
	UNION
	SELECT i.inhrelid, p.root_oid, false
	FROM protected p
	JOIN pg_catalog.pg_inherits i ON i.inhparent = p.table_oid)
SELECT c.oid AS table_oid,
	pg_catalog.format('%I.%I', n.nspname, c.relname) AS table_name,
	c.relkind AS relation_kind,
	c.relrowsecurity AS has_row_security,
	pg_catalog.bool_or(p.is_wanted) AS is_wanted,
	CASE WHEN pg_catalog.bool_and(p.root_oid <> c.oid)
		THEN (SELECT pg_catalog.format('%I.%I', rn.nspname, r.relname)
			  FROM pg_catalog.pg_class r
			  JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
			  WHERE r.oid = pg_catalog.min(p.root_oid))
	END AS root_name
FROM protected p
JOIN pg_catalog.pg_class c ON c.oid = p.table_oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
GROUP BY c.oid, n.nspname, c.relname, c.relkind, c.relrowsecurity;

COMMENT ON VIEW @extschema@.menuca_protected_table IS
'The tables whose rows policies protect: those of menuca.target_schema that are wanted in menuca_wanted_access or have row security, with their partitions and what inherits from them, in any schema.';
COMMENT ON COLUMN @extschema@.menuca_protected_table.table_oid IS
'OID of the table.';
COMMENT ON COLUMN @extschema@.menuca_protected_table.table_name IS
'Name of the table, qualified and quoted.';
COMMENT ON COLUMN @extschema@.menuca_protected_table.relation_kind IS
'pg_class.relkind: r, p, or f for a foreign table.';
COMMENT ON COLUMN @extschema@.menuca_protected_table.has_row_security IS
'True when row security is on for the table itself.';
COMMENT ON COLUMN @extschema@.menuca_protected_table.is_wanted IS
'True when menuca_wanted_access has the table itself, and wants it.';
COMMENT ON COLUMN @extschema@.menuca_protected_table.root_name IS
'For a partition or an heir that is protected for its parent''s sake: that table; otherwise NULL.';

CREATE VIEW @extschema@.menuca_owner_rights_view WITH (security_invoker = true) AS
WITH RECURSIVE read(view_oid, relation_oid) AS (
	SELECT r.ev_class, d.refobjid
	FROM pg_catalog.pg_depend d
	JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
	JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
	WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
		AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
		AND d.refobjid <> r.ev_class
		AND v.relkind IN ('v', 'm')
	UNION
	SELECT read.view_oid, d.refobjid
	FROM read
	JOIN pg_catalog.pg_class inner_view ON inner_view.oid = read.relation_oid AND inner_view.relkind IN ('v', 'm')
	JOIN pg_catalog.pg_rewrite r ON r.ev_class = inner_view.oid
	JOIN pg_catalog.pg_depend d ON d.objid = r.oid
	WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
		AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
		AND d.refobjid <> r.ev_class)
SELECT v.oid AS view_oid,
	pg_catalog.format('%I.%I', vn.nspname, v.relname) AS view_name,
	v.relname::text AS short_name,
	v.relkind = 'm' AS is_materialized,
	NOT (v.relkind = 'v' AND EXISTS (SELECT FROM pg_catalog.unnest(v.reloptions) o
									 WHERE o ~* '^security_invoker=(true|on|yes|1)$')) AS has_owner_rights,
	pg_catalog.array_agg(DISTINCT p.table_name ORDER BY p.table_name) AS reads,
	(SELECT pg_catalog.md5(pg_catalog.string_agg(
			pg_catalog.concat_ws(' ', used.oid::pg_catalog.regclass, pg_catalog.pg_get_userbyid(used.relowner), o.rolsuper, o.rolbypassrls, used.reloptions, pg_catalog.pg_get_viewdef(used.oid)),
			',' ORDER BY used.oid = v.oid DESC, used.relname, used.oid))
	 FROM pg_catalog.pg_class used
	 JOIN pg_catalog.pg_roles o ON o.oid = used.relowner
	 WHERE used.relkind IN ('v', 'm')
		AND (used.oid = v.oid OR EXISTS (SELECT FROM read r WHERE r.view_oid = v.oid AND r.relation_oid = used.oid))) AS definition
FROM read
JOIN @extschema@.menuca_protected_table p ON p.table_oid = read.relation_oid
JOIN pg_catalog.pg_class v ON v.oid = read.view_oid
JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
GROUP BY v.oid, vn.nspname, v.relname, v.relkind, v.reloptions;

COMMENT ON VIEW @extschema@.menuca_owner_rights_view IS
'The views and materialized views that read protected tables, themselves or through other views, and whether they do so with the rights of their owner, to whom policies may not apply.';
COMMENT ON COLUMN @extschema@.menuca_owner_rights_view.view_oid IS
'OID of the view.';
COMMENT ON COLUMN @extschema@.menuca_owner_rights_view.view_name IS
'Name of the view, qualified and quoted.';
COMMENT ON COLUMN @extschema@.menuca_owner_rights_view.short_name IS
'Name of the view alone.';
COMMENT ON COLUMN @extschema@.menuca_owner_rights_view.is_materialized IS
'True for a materialized view.';
COMMENT ON COLUMN @extschema@.menuca_owner_rights_view.has_owner_rights IS
'True unless the view is a security_invoker, which reads with the rights of whoever queries it.';
COMMENT ON COLUMN @extschema@.menuca_owner_rights_view.reads IS
'The protected tables that it reads.';
COMMENT ON COLUMN @extschema@.menuca_owner_rights_view.definition IS
'MD5 of its definition and options, and of those of the views that it reads, each with its owner and whether policies bind that one.';

CREATE VIEW @extschema@.menuca_definer_function WITH (security_invoker = true) AS
WITH RECURSIVE source(function_oid, pattern, text, is_definer, is_unknown) AS (
	SELECT p.oid,
		'\m' || pg_catalog.regexp_replace(p.proname::text, '([^[:alnum:]_])', '\\\1', 'g') || '\M',
		COALESCE(p.prosrc, '') || COALESCE(pg_catalog.pg_get_function_sqlbody(p.oid), ''),
		p.prosecdef,
		l.lanname NOT IN ('sql', 'plpgsql')
			OR p.prosrc ~* '\m(execute|dblink\w*|query_to_xml\w*|table_to_xml\w*|schema_to_xml\w*|database_to_xml\w*|cursor_to_xml\w*|ts_stat|crosstab\w*|connectby)\M'
	FROM pg_catalog.pg_proc p
	JOIN pg_catalog.pg_language l ON l.oid = p.prolang
	WHERE p.oid >= 16384
		AND p.prokind IN ('f', 'p')
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
						WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
							AND e.objid = p.oid AND e.deptype = 'e')
), calls(function_oid, callee_oid) AS (
	SELECT function_oid, function_oid FROM source WHERE is_definer
	UNION
	SELECT c.function_oid, callee.function_oid
	FROM calls c
	JOIN source caller ON caller.function_oid = c.callee_oid
	JOIN source callee ON callee.function_oid <> caller.function_oid AND caller.text ~* callee.pattern
), relation(names, definition, pattern) AS (
	SELECT ARRAY[p.table_name],
		NULL,
		'\m' || pg_catalog.regexp_replace(c.relname::text, '([^[:alnum:]_])', '\\\1', 'g') || '\M'
	FROM @extschema@.menuca_protected_table p
	JOIN pg_catalog.pg_class c ON c.oid = p.table_oid
	UNION ALL
	SELECT v.reads, v.definition, '\m' || pg_catalog.regexp_replace(v.short_name, '([^[:alnum:]_])', '\\\1', 'g') || '\M'
	FROM @extschema@.menuca_owner_rights_view v
)
SELECT p.oid AS function_oid,
	pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) AS function_name,
	CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS function_kind,
	n.oid AS schema_oid,
	p.prorettype IN ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype) AS is_trigger,
	p.proowner AS owner_oid,
	(SELECT COALESCE(pg_catalog.array_agg(DISTINCT r.name ORDER BY r.name), '{}')
	 FROM calls c
	 JOIN source s ON s.function_oid = c.callee_oid
	 JOIN relation ON s.text ~* relation.pattern
	 CROSS JOIN LATERAL pg_catalog.unnest(relation.names) r(name)
	 WHERE c.function_oid = p.oid) AS reads,
	EXISTS (SELECT FROM calls c JOIN source s ON s.function_oid = c.callee_oid
			WHERE c.function_oid = p.oid AND s.is_unknown) AS is_unknown,
	(SELECT pg_catalog.md5(pg_catalog.string_agg(
			pg_catalog.concat_ws(' ', pg_catalog.pg_get_userbyid(used.proowner), o.rolsuper, o.rolbypassrls, pg_catalog.pg_get_functiondef(used.oid),
				(SELECT pg_catalog.string_agg(relation.definition, ',' ORDER BY relation.definition)
				 FROM source s
				 JOIN relation ON s.text ~* relation.pattern
				 WHERE s.function_oid = used.oid)),
			',' ORDER BY used.oid = p.oid DESC, used.proname, pg_catalog.pg_get_function_identity_arguments(used.oid), used.oid))
	 FROM calls c
	 JOIN pg_catalog.pg_proc used ON used.oid = c.callee_oid
	 JOIN pg_catalog.pg_roles o ON o.oid = used.proowner
	 WHERE c.function_oid = p.oid) AS definition
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid IN (SELECT function_oid FROM source WHERE is_definer);

COMMENT ON VIEW @extschema@.menuca_definer_function IS
'The functions and procedures that run with the rights of their owner (SECURITY DEFINER), but those of extensions, and which protected tables they read or write, themselves or through other functions and views: as far as their source names them.';
COMMENT ON COLUMN @extschema@.menuca_definer_function.function_oid IS
'OID of the function.';
COMMENT ON COLUMN @extschema@.menuca_definer_function.function_name IS
'Its name with arguments, qualified and quoted.';
COMMENT ON COLUMN @extschema@.menuca_definer_function.function_kind IS
'FUNCTION or PROCEDURE.';
COMMENT ON COLUMN @extschema@.menuca_definer_function.schema_oid IS
'OID of its schema.';
COMMENT ON COLUMN @extschema@.menuca_definer_function.is_trigger IS
'True for a trigger function, which nobody can call, but which runs when somebody writes.';
COMMENT ON COLUMN @extschema@.menuca_definer_function.owner_oid IS
'OID of its owner.';
COMMENT ON COLUMN @extschema@.menuca_definer_function.reads IS
'The protected tables whose names are in its source, or in that of what it calls.';
COMMENT ON COLUMN @extschema@.menuca_definer_function.is_unknown IS
'True when it may read more than its source tells: it composes statements, or is written in another language than SQL and PL/pgSQL.';
COMMENT ON COLUMN @extschema@.menuca_definer_function.definition IS
'MD5 of its definition, and of those of the functions that it calls and the views that these read, each with its owner and whether policies bind that one.';

CREATE VIEW @extschema@.menuca_unbound_privilege WITH (security_invoker = true) AS
SELECT t.oid AS table_oid,
	v.role_oid,
	p.command,
	p.is_granted,
	p.remedy
FROM @extschema@.menuca_visitor v
JOIN pg_catalog.pg_roles r ON r.oid = v.role_oid
CROSS JOIN pg_catalog.pg_class t
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL (
	-- Whatever privileges the server knows besides those that policies bind; MAINTAIN
	-- is shown on older servers, too, where nobody can have it
	SELECT pg_catalog.lower(k.name),
		COALESCE(CASE k.name
			WHEN 'REFERENCES' THEN pg_catalog.has_any_column_privilege(v.role_oid, t.oid, 'REFERENCES')
			ELSE pg_catalog.has_table_privilege(v.role_oid, t.oid, a.privilege_type)
		END, false),
		pg_catalog.format('REVOKE %s ON %I.%I FROM PUBLIC, %I;', k.name, n.nspname, t.relname, v.role_name)
	FROM (SELECT x.privilege_type FROM pg_catalog.aclexplode(pg_catalog.acldefault('r', t.relowner)) x
		  UNION
		  SELECT 'MAINTAIN') k(name)
	LEFT JOIN pg_catalog.aclexplode(pg_catalog.acldefault('r', t.relowner)) a ON a.privilege_type = k.name
	WHERE k.name NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
	UNION ALL
	-- COPY FROM is refused where policies bind the role, and otherwise asks for nothing but the grant
	SELECT 'copy from',
		pg_catalog.has_any_column_privilege(v.role_oid, t.oid, 'INSERT')
			AND (NOT t.relrowsecurity OR r.rolsuper OR r.rolbypassrls
				 OR NOT t.relforcerowsecurity AND pg_catalog.pg_has_role(v.role_oid, t.relowner, 'USAGE')),
		pg_catalog.format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY;', n.nspname, t.relname)
	UNION ALL
	SELECT 'setval',
		pg_catalog.bool_or(pg_catalog.has_sequence_privilege(v.role_oid, s.sequence_oid, 'UPDATE')),
		pg_catalog.string_agg(pg_catalog.format('REVOKE UPDATE ON SEQUENCE %s FROM PUBLIC, %I;', s.sequence_name, v.role_name), ' ' ORDER BY s.sequence_name)
	FROM @extschema@.menuca_table_sequence s
	WHERE s.table_oid = t.oid AND s.is_owned
	HAVING pg_catalog.count(*) > 0) p(command, is_granted, remedy)
WHERE t.relkind IN ('r', 'p');

COMMENT ON VIEW @extschema@.menuca_unbound_privilege IS
'What a visitor''s role may do with each table that policies do not bind.';
COMMENT ON COLUMN @extschema@.menuca_unbound_privilege.table_oid IS
'OID of the table.';
COMMENT ON COLUMN @extschema@.menuca_unbound_privilege.role_oid IS
'OID of the role.';
COMMENT ON COLUMN @extschema@.menuca_unbound_privilege.command IS
'truncate, references, trigger, maintain, and those of newer servers; copy from; setval on a sequence that the table owns.';
COMMENT ON COLUMN @extschema@.menuca_unbound_privilege.is_granted IS
'True when the role may do it, by whatever grant.';
COMMENT ON COLUMN @extschema@.menuca_unbound_privilege.remedy IS
'Statement that takes it from the role and from everybody.';

CREATE VIEW @extschema@.menuca_trial_value WITH (security_invoker = true) AS
SELECT e.table_oid,
	COALESCE(pg_catalog.replace(m.match[1], '''''', ''''), m.match[2]) AS value
FROM (SELECT p.polrelid, pg_catalog.concat_ws(' ', pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
	  FROM pg_catalog.pg_policy p
	  UNION ALL
	  SELECT c.conrelid, pg_catalog.pg_get_constraintdef(c.oid)
	  FROM pg_catalog.pg_constraint c
	  WHERE c.contype = 'c' AND c.conrelid <> 0) e(table_oid, text)
CROSS JOIN LATERAL pg_catalog.regexp_matches(e.text, '''((?:[^'']|'''')*)''|\m(\d+)\M', 'g') m(match);

COMMENT ON VIEW @extschema@.menuca_trial_value IS
'The texts and numbers that policies and checks of each table name, to be tried as values of its columns.';
COMMENT ON COLUMN @extschema@.menuca_trial_value.table_oid IS
'OID of the table.';
COMMENT ON COLUMN @extschema@.menuca_trial_value.value IS
'The text, or the number.';

CREATE VIEW @extschema@.menuca_policy_column WITH (security_invoker = true) AS
SELECT DISTINCT p.polrelid AS table_oid,
	pg_catalog.quote_ident(a.attname) AS column_name
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass
	AND d.objid = p.oid
	AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
	AND d.refobjid = p.polrelid
	AND d.refobjsubid > 0
JOIN pg_catalog.pg_attribute a ON a.attrelid = p.polrelid AND a.attnum = d.refobjsubid;

COMMENT ON VIEW @extschema@.menuca_policy_column IS
'The columns that the policies of each table read.';
COMMENT ON COLUMN @extschema@.menuca_policy_column.table_oid IS
'OID of the table.';
COMMENT ON COLUMN @extschema@.menuca_policy_column.column_name IS
'Name of the column, quoted if necessary.';

CREATE VIEW @extschema@.menuca_policy_role WITH (security_invoker = true) AS
SELECT n.nspname::text AS table_schema,
	c.relname::text AS table_name,
	p.polname::text AS policy_name,
	m.members,
	EXISTS (SELECT FROM @extschema@.menuca_visitor v WHERE v.role_name = ANY (m.members)) AS applies_to_visitors
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
	SELECT pg_catalog.array_agg(r.rolname::text ORDER BY r.rolname)
	FROM pg_catalog.pg_roles r
	WHERE 0 = ANY (p.polroles)
		OR EXISTS (SELECT FROM pg_catalog.unnest(p.polroles) granted(role_oid)
				   WHERE pg_catalog.pg_has_role(r.oid, granted.role_oid, 'MEMBER'))) m(members);

COMMENT ON VIEW @extschema@.menuca_policy_role IS
'To whom each policy applies, or would after SET ROLE: its roles and their members.';
COMMENT ON COLUMN @extschema@.menuca_policy_role.table_schema IS
'Schema of the table.';
COMMENT ON COLUMN @extschema@.menuca_policy_role.table_name IS
'Name of the table.';
COMMENT ON COLUMN @extschema@.menuca_policy_role.policy_name IS
'Name of the policy.';
COMMENT ON COLUMN @extschema@.menuca_policy_role.members IS
'Names of these roles.';
COMMENT ON COLUMN @extschema@.menuca_policy_role.applies_to_visitors IS
'True when a visitor''s role is among them.';

--
-- Access as SQL files, for a database where no extension can be loaded
--

CREATE FUNCTION @extschema@.menuca_export_access(
	style text DEFAULT 'psql',
	OUT file_no integer,
	OUT file_name text,
	OUT purpose text,
	OUT sql text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_export_access(text) IS
'The access that menuca_deploy_access() has deployed on this copy, as SQL files for the database that it was made of, where no extension can be loaded: a check, the functions in a schema menuca_access, a file per table, a check and a matrix of what each role can do, and files that take it back. They run as the role that owns the tables. Before, the matrix of menuca_test_access() is tried here; what it refuses is not exported. style: psql, supabase (migrations of one statement) or statements. Everything that is tried is undone.';

REVOKE ALL ON FUNCTION @extschema@.menuca_export_access(text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_hosted_columns(relation regclass)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN (SELECT coalesce(jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)), '{}')
		FROM pg_attribute a
		WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped);

COMMENT ON FUNCTION @extschema@.menuca_hosted_columns(regclass) IS
'The columns of a table with their types, as an object, for the files of menuca_export_access(). Empty when there is no such table.';

CREATE FUNCTION @extschema@.menuca_hosted_schema_guard_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$	DECLARE
		other pg_catalog.name;
	BEGIN
		SELECT pg_get_userbyid(o.owner) INTO other
		FROM pg_namespace n,
			LATERAL (SELECT n.nspowner
					 UNION ALL SELECT c.relowner FROM pg_class c WHERE c.relnamespace = n.oid
					 UNION ALL SELECT p.proowner FROM pg_proc p WHERE p.pronamespace = n.oid) o(owner)
		WHERE n.nspname = 'menuca_access' AND pg_get_userbyid(o.owner) <> current_user
		LIMIT 1;
		IF FOUND THEN
			RAISE EXCEPTION 'schema menuca_access, or something in it, belongs to role "%"', other
				USING ERRCODE = '42501', DETAIL = format('This is role "%s". Policies call functions of that schema, whose owner decides what they do. Nothing was changed.', current_user),
					HINT = 'Run all files as the same role; if another one has created the schema for something else, drop or rename it.';
		END IF;
	END;$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_schema_guard_template() IS
'A block of PL/pgSQL in the files of menuca_export_access() that raises an error (42501) when the schema menuca_access, or a relation or function in it, belongs to another role than the one that runs the file. Without placeholders.';

CREATE FUNCTION @extschema@.menuca_hosted_functions_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template${{guard}}
	CREATE SCHEMA IF NOT EXISTS menuca_access;

	-- The claims of a request
{{claims}}

	-- Deploying and rolling back
{{deploy}}

	-- What each role can do
{{matrix}}

	-- Views that show as their owner what is public; and whose restaurants are the caller's
{{views}}

	-- Policies call these; the others are for the owner alone, whatever default privileges
	-- or others have given away.
	DECLARE
		item record;
	BEGIN
		FOR item IN
			SELECT o.name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
			FROM (SELECT 'SCHEMA menuca_access' AS name, nspowner AS owner, nspacl AS acl FROM pg_namespace WHERE nspname = 'menuca_access'
				  UNION ALL
				  SELECT format('TABLE menuca_access.%I', relname), relowner, relacl
				  FROM pg_class WHERE relnamespace = 'menuca_access'::regnamespace AND relkind IN ('r', 'v')
				  UNION ALL
				  SELECT format('FUNCTION menuca_access.%I(%s)', proname, pg_get_function_identity_arguments(oid)), proowner, coalesce(proacl, acldefault('f', proowner))
				  FROM pg_proc WHERE pronamespace = 'menuca_access'::regnamespace) o(name, owner, acl),
				aclexplode(o.acl) a
			WHERE a.grantee <> o.owner
			GROUP BY o.name, a.grantee
		LOOP
			EXECUTE format('REVOKE ALL ON %s FROM %s CASCADE', item.name, item.grantee);
		END LOOP;
	END;
	GRANT USAGE ON SCHEMA menuca_access TO {{roles}};
	GRANT EXECUTE ON FUNCTION {{called}} TO {{roles}};
{{view_grants}}

	-- Without it no table of the schema can be used.
	DECLARE
		schema_name pg_catalog.text := {{schema_literal}};
		role pg_catalog.text;
	BEGIN
		INSERT INTO menuca_access.deployment (object, before)
		SELECT 'schema ' || schema_name, jsonb_build_object('acl', coalesce(nspacl, acldefault('n', nspowner))::text)
		FROM pg_namespace WHERE oid = to_regnamespace(schema_name)
		ON CONFLICT DO NOTHING;
		FOREACH role IN ARRAY {{roles_array}} LOOP
			IF NOT has_schema_privilege(role::name, to_regnamespace(schema_name), 'USAGE') THEN
				EXECUTE format('GRANT USAGE ON SCHEMA %s TO %I', schema_name, role);
			END IF;
		END LOOP;
		UPDATE menuca_access.deployment
		SET after = (SELECT jsonb_build_object('acl', coalesce(nspacl, acldefault('n', nspowner))::text) FROM pg_namespace WHERE oid = to_regnamespace(schema_name))
		WHERE object = 'schema ' || schema_name;
	END;

	-- So that 03_check sees what is changed afterwards
	INSERT INTO menuca_access.deployment AS d (object, before, after, version)
	VALUES ('schema menuca_access', '{}', {{schema_state}}, {{version}})
	ON CONFLICT (object) DO UPDATE SET after = excluded.after, version = excluded.version, deployed_by = session_user, deployed_at = clock_timestamp();$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_functions_template() IS
'The statements of the file 01_functions of menuca_export_access(), in PL/pgSQL. Placeholders: guard; claims, deploy and matrix, other templates; views, statements; view_grants, what lets the roles read them; roles, names with commas; roles_array, an ARRAY; called, the functions that policies call; schema_literal, the target schema quoted, as a literal; schema_state, an expression; version, a literal.';

CREATE FUNCTION @extschema@.menuca_hosted_table_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template${{guard}}
	IF to_regprocedure('menuca_access.begin_table(text, jsonb)') IS NULL THEN
		RAISE EXCEPTION 'the functions of schema menuca_access do not exist'
			USING ERRCODE = '42883', DETAIL = 'Nothing was changed.', HINT = 'Run 01_functions first.';
	END IF;
	DECLARE
		table_name pg_catalog.text := {{table}};
		wanted pg_catalog.jsonb := {{wanted}};
	BEGIN
		IF menuca_access.begin_table(table_name, wanted) THEN
{{changes}}
			PERFORM menuca_access.finish_table(table_name, wanted);
		END IF;
	END;$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_table_template() IS
'The statements of a file 02 of menuca_export_access(), in PL/pgSQL. Placeholders: guard; table, a literal; wanted, a JSON literal; changes, the statements that create policies and switch row security on.';

CREATE FUNCTION @extschema@.menuca_hosted_rollback_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template${{guard}}
	IF to_regprocedure('menuca_access.roll_back_table(text)') IS NULL THEN
		RAISE NOTICE '%: not deployed, or rolled back already; nothing was changed', {{table}};
	ELSE
		PERFORM menuca_access.roll_back_table({{table}});
	END IF;$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_rollback_template() IS
'The statements of a file 05 of menuca_export_access(), in PL/pgSQL. Placeholders: guard; table, a literal.';

CREATE FUNCTION @extschema@.menuca_hosted_rollback_functions_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template${{guard}}
	IF to_regclass('menuca_access.deployment') IS NULL THEN
		RAISE NOTICE 'the functions of schema menuca_access do not exist; nothing was changed';
	ELSE
		DECLARE
			schema_name pg_catalog.text := {{schema_literal}};
			tables pg_catalog.text;
			was pg_catalog.aclitem[];
			now_is pg_catalog.aclitem[];
			name pg_catalog.text;
		BEGIN
			SELECT string_agg(object, ', ' ORDER BY object) INTO tables FROM menuca_access.deployment WHERE object NOT LIKE 'schema %';
			IF tables IS NOT NULL THEN
				RAISE EXCEPTION 'policies still call the functions of schema menuca_access'
					USING ERRCODE = '2BP01', DETAIL = format('These tables are not rolled back: %s. Nothing was changed.', tables),
						HINT = 'Run the 05 files of these tables first.';
			END IF;
			SELECT (d.before ->> 'acl')::aclitem[], coalesce(n.nspacl, acldefault('n', n.nspowner)) INTO was, now_is
			FROM menuca_access.deployment d JOIN pg_namespace n ON n.oid = to_regnamespace(schema_name)
			WHERE d.object = 'schema ' || schema_name AND d.after ->> 'acl' = coalesce(n.nspacl, acldefault('n', n.nspowner))::text;
			IF FOUND THEN
				PERFORM menuca_access.give_back('SCHEMA', schema_name, NULL, was, now_is);
			ELSE
				RAISE WARNING 'privileges on schema % were changed after the deployment, and are left as they are', schema_name;
			END IF;
{{views}}
			FOR name IN
				SELECT format('FUNCTION menuca_access.%I(%s)', proname, pg_get_function_identity_arguments(oid))
				FROM pg_proc WHERE pronamespace = 'menuca_access'::regnamespace AND proname = ANY ({{functions}})
			LOOP
				EXECUTE 'DROP ' || name;
			END LOOP;
			DROP TABLE menuca_access.deployment;
			DROP SCHEMA menuca_access;
		END;
	END IF;$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_rollback_functions_template() IS
'The statements of the file 06_rollback_functions of menuca_export_access(), in PL/pgSQL. Placeholders: guard; schema_literal, the target schema quoted, as a literal; views, the statements that drop them; functions, an ARRAY of names.';

CREATE FUNCTION @extschema@.menuca_hosted_access_matrix_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$wanted AS MATERIALIZED (
	SELECT {{wanted}}::pg_catalog.jsonb AS w),
-- The function could be somebody else's, or not exist
guard(problem) AS MATERIALIZED (
	SELECT CASE WHEN pg_catalog.to_regprocedure('menuca_access.try_access(jsonb, text)') IS NULL THEN 'the functions of schema menuca_access do not exist'
		ELSE (SELECT pg_catalog.format('schema menuca_access, or something in it, belongs to role "%s"', pg_catalog.min(pg_catalog.pg_get_userbyid(o.owner)))
			  FROM pg_catalog.pg_namespace n,
				  LATERAL (SELECT n.nspowner
						   UNION ALL SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid
						   UNION ALL SELECT p.proowner FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid) o(owner)
			  WHERE n.nspname = 'menuca_access' AND pg_catalog.pg_get_userbyid(o.owner) <> current_user
			  HAVING pg_catalog.count(*) > 0) END),
database(check_no, name, status, expected, actual, detail, next_step) AS MATERIALIZED (
	{{database_findings}}),
-- In hexadecimal digits, as XML would change other characters
cells(tried) AS MATERIALIZED (
	SELECT CASE WHEN g.problem IS NULL AND NOT EXISTS (SELECT FROM database d WHERE d.status = 'FAIL') THEN
		pg_catalog.convert_from(pg_catalog.decode(pg_catalog.substring(pg_catalog.query_to_xml(
			pg_catalog.format('SELECT pg_catalog.encode(pg_catalog.convert_to(pg_catalog.jsonb_agg(t)::text, ''UTF8''), ''hex'') AS l FROM menuca_access.try_access(%L::pg_catalog.jsonb, %L::pg_catalog.text) t',
							  w ->> 'cells', pg_catalog.current_setting('menuca_export.search_path')), true, true, '')::text, '<l>([0-9a-f]*)</l>'), 'hex'), 'UTF8')::pg_catalog.jsonb
		END
	FROM guard g, wanted),
findings(check_no, name, status, expected, actual, detail, next_step) AS MATERIALIZED (
	SELECT d.* FROM database d
	UNION ALL
	SELECT 3, 'schema', CASE WHEN g.problem IS NULL THEN 'PASS' ELSE 'FAIL' END, 'schema menuca_access is this role''s', coalesce(g.problem, 'schema menuca_access is this role''s'), NULL,
		CASE WHEN g.problem IS NOT NULL THEN 'Run 01_functions first, and all files as the same role.' END
	FROM guard g
	UNION ALL
	SELECT (t.value ->> 'check_no')::integer, t.value ->> 'name', t.value ->> 'status', t.value ->> 'expected', t.value ->> 'actual', t.value ->> 'detail', t.value ->> 'next_step'
	FROM cells c, pg_catalog.jsonb_array_elements(c.tried) t)
{{receipt}}$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_access_matrix_template() IS
'The file 04_matrix of menuca_export_access(): one SELECT, which begins after WITH, and whose changes are undone. It tries nothing on another database, nor by functions of another role. Placeholders: wanted, a JSON literal; database_findings, rows 1 and 2; receipt, the last row and the SELECT.';

CREATE FUNCTION @extschema@.menuca_hosted_own_tenants_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$	CREATE OR REPLACE VIEW menuca_access.menuca_own_tenants AS {{query}};
	CREATE OR REPLACE FUNCTION menuca_access.{{name}}()
	RETURNS {{type}}[]
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp
	AS $function$
	BEGIN
		RETURN coalesce((SELECT array_agg(tenant) FROM menuca_access.menuca_own_tenants), '{}');
	END $function$;
	IF current_setting('server_version_num')::integer >= 160000 THEN
		ALTER FUNCTION menuca_access.{{name}}() PARALLEL SAFE;	-- as claim_token()
	END IF;$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_own_tenants_template() IS
'The view and the function in a set of SQL files that show a caller his own restaurants. Placeholders: query, type, name of the function.';

CREATE FUNCTION @extschema@.menuca_hosted_public_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$	CREATE OR REPLACE VIEW menuca_access.{{view}} ({{key}}) WITH (security_barrier = true) AS {{query}};$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_public_template() IS
'The view in a set of SQL files by which policies ask whether everybody may read a row: it has the keys of these rows alone, and its condition is evaluated before those of whoever reads it. Placeholders: view, its quoted name; key, of its column; query.';

CREATE FUNCTION @extschema@.menuca_hosted_policy_definition()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$pg_catalog.format('AS %s FOR %s TO %s%s%s',
		CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
		CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
		CASE WHEN 0 = ANY (p.polroles) THEN 'PUBLIC'
			ELSE (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(r.rolname), ', ' ORDER BY r.rolname)
				  FROM pg_catalog.pg_roles r WHERE r.oid = ANY (p.polroles)) END,
		' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
		' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')')$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_policy_definition() IS
'An SQL expression in files of menuca_export_access(): the definition of the policy p, a row of pg_policy, as menuca_policy.definition has it.';

CREATE FUNCTION @extschema@.menuca_hosted_own_policy()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN '^menuca_(admin|tenant|user|visitor)_(all|select|insert|update|delete)$'::text;

COMMENT ON FUNCTION @extschema@.menuca_hosted_own_policy() IS
'A pattern in files of menuca_export_access(): the names of policies that deployments of access create.';

--
-- Access as SQL files: the checks before and after, one SELECT each, which change nothing.
--

CREATE FUNCTION @extschema@.menuca_hosted_access_check_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$wanted AS MATERIALIZED (
	SELECT {{wanted}}::pg_catalog.jsonb AS w),
tables AS MATERIALIZED (
	SELECT t.value AS t, t.value ->> 'table' AS table_name, pg_catalog.to_regclass(t.value ->> 'table') AS relation
	FROM wanted, pg_catalog.jsonb_array_elements(w -> 'tables') t),
-- A view of somebody else could have code in it
deployed(hashes) AS MATERIALIZED (
	SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass('menuca_access.deployment')
				AND c.relkind = 'r' AND pg_catalog.pg_get_userbyid(c.relowner) = current_user)
		THEN pg_catalog.query_to_xml('SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(object, ''UTF8'')), ''hex'') FROM menuca_access.deployment',
									 true, true, '')::text
		ELSE '' END),
policies AS MATERIALIZED (
	SELECT t.table_name, t.t, p.polname::text AS name, {{policy_definition}} AS definition
	FROM deployed d, tables t JOIN pg_catalog.pg_policy p ON p.polrelid = t.relation
	WHERE NOT (p.polname ~ '{{own_policy}}'
			   AND pg_catalog.strpos(d.hashes, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(t.table_name, 'UTF8')), 'hex')) > 0)),
schemas(qualifier) AS MATERIALIZED (
	SELECT '(?:\m|")(?:' || pg_catalog.string_agg(pg_catalog.regexp_replace(n.nspname, '([^[:alnum:]_])', '\\\1', 'g'), '|') || ')"?[.]' FROM pg_catalog.pg_namespace n),
problems(check_no, status, problem) AS (
	SELECT 3, 'FAIL', pg_catalog.format('role "%s" does not exist', r.name)
	FROM wanted, pg_catalog.jsonb_array_elements_text(w -> 'roles') r(name) WHERE pg_catalog.to_regrole(pg_catalog.quote_ident(r.name)) IS NULL
	UNION ALL
	SELECT 3, 'FAIL', pg_catalog.format('role "%s" is a superuser or bypasses row security', r.rolname)
	FROM wanted JOIN pg_catalog.pg_roles r ON w -> 'visitors' ? r.rolname::text AND (r.rolsuper OR r.rolbypassrls)
	UNION ALL
	SELECT 3, 'WARN', pg_catalog.format('role "%s" may not become "%s", as 04_matrix needs it', current_user, r.rolname)
	FROM wanted JOIN pg_catalog.pg_roles r ON w -> 'roles' ? r.rolname::text
		-- Since PostgreSQL 16 a member may become the role only if that was granted, too
		AND NOT pg_catalog.pg_has_role(r.oid, CASE WHEN pg_catalog.current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)
	UNION ALL
	SELECT 4, 'FAIL', pg_catalog.format('table %s does not exist', table_name) FROM tables WHERE relation IS NULL
	UNION ALL
	SELECT 4, 'WARN', pg_catalog.format('table %s.%s is not on the copy, and gets no policies', pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname))
	FROM wanted JOIN pg_catalog.pg_namespace n ON n.nspname = w ->> 'schema' JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
	WHERE c.relkind IN ('r', 'p', 'f') AND NOT w -> 'relations' ? c.relname::text
	UNION ALL
	{{column_problems}}
	UNION ALL
	SELECT 6, 'FAIL', pg_catalog.format('table %s belongs to role "%s"', t.table_name, pg_catalog.pg_get_userbyid(c.relowner))
	FROM tables t JOIN pg_catalog.pg_class c ON c.oid = t.relation WHERE NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
	UNION ALL
	SELECT 7, 'FAIL', pg_catalog.format('policy "%s" on %s is not on the copy: %s', p.name, p.table_name, p.definition)
	FROM policies p WHERE NOT p.t -> 'kept' ? p.name
	UNION ALL
	-- Which schemas a definition names depends on the search_path
	SELECT 7, 'FAIL', pg_catalog.format('policy "%s" on %s differs from the copy: %s', p.name, p.table_name, p.definition)
	FROM policies p, schemas s
	WHERE p.t -> 'kept' ? p.name
		AND pg_catalog.regexp_replace(p.definition, s.qualifier, '', 'g') <> pg_catalog.regexp_replace(p.t -> 'kept' ->> p.name, s.qualifier, '', 'g')
	UNION ALL
	SELECT 7, 'FAIL', pg_catalog.format('policy "%s" of the copy is missing on %s', k.key, t.table_name)
	FROM tables t CROSS JOIN pg_catalog.jsonb_each_text(t.t -> 'kept') k
	WHERE t.relation IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = t.relation AND p.polname = k.key)
	UNION ALL
	SELECT 8, 'WARN', pg_catalog.format('row security of %s is %s, on the copy it was %s before the deployment', t.table_name,
										CASE WHEN c.relrowsecurity THEN 'on' ELSE 'off' END, CASE WHEN c.relrowsecurity THEN 'off' ELSE 'on' END)
	FROM tables t JOIN pg_catalog.pg_class c ON c.oid = t.relation
	WHERE c.relrowsecurity <> (t.t ->> 'row_security')::boolean AND pg_catalog.to_regclass('menuca_access.deployment') IS NULL
	UNION ALL
	SELECT 8, 'FAIL', pg_catalog.format('row security of %s is forced, so that its owner''s views show no row', t.table_name)
	FROM tables t JOIN pg_catalog.pg_class c ON c.oid = t.relation WHERE c.relforcerowsecurity
	UNION ALL
	SELECT 9, 'FAIL', pg_catalog.format('role "%s" may not create schema menuca_access', current_user)
	WHERE pg_catalog.to_regnamespace('menuca_access') IS NULL
		AND NOT pg_catalog.has_database_privilege((SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()), 'CREATE')
	UNION ALL
	SELECT 9, 'FAIL', pg_catalog.format('schema menuca_access belongs to role "%s"', pg_catalog.pg_get_userbyid(n.nspowner))
	FROM pg_catalog.pg_namespace n WHERE n.nspname = 'menuca_access' AND pg_catalog.pg_get_userbyid(n.nspowner) <> current_user),
findings(check_no, name, status, expected, actual, detail, next_step) AS (
	{{database_findings}}
	UNION ALL
	SELECT c.check_no, c.name,
		coalesce((SELECT pg_catalog.min(p.status) FROM problems p WHERE p.check_no = c.check_no), 'PASS'),
		c.expected,
		coalesce((SELECT pg_catalog.count(*) || ' differ' FROM problems p WHERE p.check_no = c.check_no HAVING pg_catalog.count(*) > 0), c.expected),
		(SELECT pg_catalog.string_agg(p.problem, '; ' ORDER BY p.status, p.problem) FROM problems p WHERE p.check_no = c.check_no),
		CASE WHEN EXISTS (SELECT FROM problems p WHERE p.check_no = c.check_no AND p.status = 'FAIL') THEN c.next_step END
	FROM (VALUES (3, 'roles', 'the roles of requests exist', 'Create the roles as the hosting service does, or export again with menuca.public_role and the like set.'),
			(4, 'tables', 'all tables exist', 'Make the copy, and the files, again.'),
			(5, 'columns', 'columns as on the copy', 'Make the copy, and the files, again.'),
			(6, 'owner', 'this role owns the tables', 'Run the files as the owner of the tables.'),
			(7, 'policies', 'policies as on the copy before the deployment', 'Make the copy, and the files, again; or drop the policy.'),
			(8, 'row_security', 'row security as on the copy before the deployment', 'ALTER TABLE ... NO FORCE ROW LEVEL SECURITY; on these tables.'),
			(9, 'schema', 'schema menuca_access can be used', 'Ask its owner, or a role that may create schemas.')) c(check_no, name, expected, next_step)
){{receipt}}$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_access_check_template() IS
'The check before, 00_check of menuca_export_access(): one SELECT, which begins after WITH. Placeholders: wanted, a JSON literal; policy_definition and own_policy; column_problems, rows of problems; database_findings, rows 1 and 2; receipt, the last row and the SELECT.';

CREATE FUNCTION @extschema@.menuca_hosted_access_after_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$wanted AS MATERIALIZED (
	SELECT {{wanted}}::pg_catalog.jsonb AS w),
tables AS MATERIALIZED (
	SELECT t.value AS t, t.value ->> 'table' AS table_name, pg_catalog.to_regclass(t.value ->> 'table') AS relation
	FROM wanted, pg_catalog.jsonb_array_elements(w -> 'tables') t),
-- A table or function of somebody else could have code in it
trusted(may_read, may_call) AS MATERIALIZED (
	SELECT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass('menuca_access.deployment')
				AND c.relkind = 'r' AND pg_catalog.pg_get_userbyid(c.relowner) = current_user),
		2 = (SELECT pg_catalog.count(*) FROM pg_catalog.pg_proc p
			 WHERE p.oid IN (pg_catalog.to_regprocedure('menuca_access.state_of(regclass)'), pg_catalog.to_regprocedure('menuca_access.difference(jsonb, jsonb)'))
				AND pg_catalog.pg_get_userbyid(p.proowner) = current_user)),
-- In hexadecimal digits, as XML would change other characters
ledger(deployed) AS MATERIALIZED (
	SELECT coalesce(CASE WHEN may_read THEN pg_catalog.convert_from(pg_catalog.decode(pg_catalog.substring(pg_catalog.query_to_xml(
		'SELECT pg_catalog.encode(pg_catalog.convert_to(pg_catalog.jsonb_object_agg(object, pg_catalog.jsonb_build_object(''version'', version, ''after'', after))::text, ''UTF8''), ''hex'') AS l'
		' FROM menuca_access.deployment', true, true, '')::text, '<l>([0-9a-f]*)</l>'), 'hex'), 'UTF8')::pg_catalog.jsonb END, '{}')
	FROM trusted),
changed(objects) AS MATERIALIZED (
	SELECT coalesce(CASE WHEN may_read AND may_call THEN pg_catalog.convert_from(pg_catalog.decode(pg_catalog.substring(pg_catalog.query_to_xml(
		'SELECT pg_catalog.encode(pg_catalog.convert_to(pg_catalog.jsonb_agg(object)::text, ''UTF8''), ''hex'') AS l'
		' FROM menuca_access.deployment WHERE object NOT LIKE ''schema %'' AND menuca_access.difference(after, menuca_access.state_of(pg_catalog.to_regclass(object))) IS NOT NULL',
		true, true, '')::text, '<l>([0-9a-f]*)</l>'), 'hex'), 'UTF8')::pg_catalog.jsonb END, '[]')
	FROM trusted),
functions(deployed, found) AS MATERIALIZED (
	SELECT coalesce(l.deployed -> 'schema menuca_access' -> 'after', '{}'), {{schema_state}} FROM ledger l),
policies AS MATERIALIZED (
	SELECT p.polrelid, p.polname::text AS name, {{policy_definition}} AS definition
	FROM tables t JOIN pg_catalog.pg_policy p ON p.polrelid = t.relation),
grants AS MATERIALIZED (
	SELECT c.oid AS relation, NULL::name AS column_name, a.grantee, a.privilege_type
	FROM tables t JOIN pg_catalog.pg_class c ON c.oid = t.relation, pg_catalog.aclexplode(c.relacl) a
	UNION ALL
	SELECT c.attrelid, c.attname, a.grantee, a.privilege_type
	FROM tables t JOIN pg_catalog.pg_attribute c ON c.attrelid = t.relation AND NOT c.attisdropped, pg_catalog.aclexplode(c.attacl) a),
visitors AS MATERIALIZED (
	SELECT r.* FROM wanted JOIN pg_catalog.pg_roles r ON w -> 'visitors' ? r.rolname::text),
heirs AS (
	WITH RECURSIVE h(relation) AS (
		SELECT i.inhrelid FROM tables t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.relation
		UNION
		SELECT i.inhrelid FROM h JOIN pg_catalog.pg_inherits i ON i.inhparent = h.relation)
	SELECT h.relation FROM h),
-- Views that read the tables, themselves or through other views
readers(reader) AS MATERIALIZED (
	WITH RECURSIVE reads(reader, relation) AS (
		SELECT r.ev_class, d.refobjid
		FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
		JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
			AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class),
	found(reader) AS (
		SELECT x.reader FROM reads x JOIN tables t ON t.relation = x.relation
		UNION
		SELECT x.reader FROM found f JOIN reads x ON x.relation = f.reader)
	SELECT f.reader FROM found f),
definers AS MATERIALIZED (
	SELECT p.oid, p.proname, p.pronamespace, p.proowner, p.prorettype,
		EXISTS (SELECT FROM tables t
				WHERE p.prosrc || coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), '')
					~* ('\m' || pg_catalog.regexp_replace((pg_catalog.parse_ident(t.table_name))[2], '([^[:alnum:]_])', '\\\1', 'g') || '\M')) AS names_tables
	FROM pg_catalog.pg_proc p
	WHERE p.prosecdef AND p.oid >= 16384 AND p.pronamespace IS DISTINCT FROM pg_catalog.to_regnamespace('menuca_access')
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e')),
problems(check_no, status, problem) AS (
	SELECT 3, 'FAIL', pg_catalog.format('policy "%s" on %s is missing', w.key, t.table_name)
	FROM tables t CROSS JOIN pg_catalog.jsonb_each_text(t.t -> 'policies') w
	WHERE NOT EXISTS (SELECT FROM policies p WHERE p.polrelid = t.relation AND p.name = w.key)
	UNION ALL
	SELECT 3, 'FAIL', pg_catalog.format('policy "%s" on %s is not on the copy: %s', p.name, t.table_name, p.definition)
	FROM tables t JOIN policies p ON p.polrelid = t.relation
	WHERE NOT (t.t -> 'policies' ? p.name OR t.t -> 'kept' ? p.name)
	UNION ALL
	SELECT 3, 'FAIL', pg_catalog.format('the access of %s was changed after it was deployed', t.table_name)
	FROM changed c, tables t WHERE c.objects ? t.table_name
	UNION ALL
	SELECT 3, 'FAIL', pg_catalog.format('the access of %s is %s', t.table_name,
										CASE WHEN l.deployed ? t.table_name THEN 'of another export' ELSE 'not deployed' END)
	FROM ledger l, tables t WHERE t.relation IS NOT NULL AND l.deployed -> t.table_name ->> 'version' IS DISTINCT FROM t.t ->> 'version'
	UNION ALL
	SELECT 3, 'FAIL', pg_catalog.format('table %s does not exist', t.table_name) FROM tables t WHERE t.relation IS NULL
	UNION ALL
	SELECT 4, 'FAIL', pg_catalog.format('row security of %s is off', t.table_name)
	FROM tables t JOIN pg_catalog.pg_class c ON c.oid = t.relation
	WHERE NOT c.relrowsecurity AND c.relkind <> 'f'
	UNION ALL
	SELECT 4, 'FAIL', pg_catalog.format('row security of %s is forced, so that its owner''s views show no row', t.table_name)
	FROM tables t JOIN pg_catalog.pg_class c ON c.oid = t.relation WHERE c.relforcerowsecurity
	UNION ALL
	SELECT 5, 'FAIL', pg_catalog.format('%s may not %s%s on %s', r.key, p.key, ' (' || n.name || ')', t.table_name)
	FROM wanted, tables t CROSS JOIN pg_catalog.jsonb_each(t.t -> 'may') r CROSS JOIN pg_catalog.jsonb_each(r.value) p
	LEFT JOIN LATERAL pg_catalog.jsonb_array_elements_text(CASE WHEN pg_catalog.jsonb_typeof(p.value) = 'array' THEN p.value END) n(name) ON true
	JOIN pg_catalog.pg_roles g ON g.rolname = r.key
	WHERE t.relation IS NOT NULL
		AND CASE WHEN n.name IS NULL THEN NOT pg_catalog.has_table_privilege(g.oid, t.relation, p.key)
			-- Which names are quoted depends on the version
			ELSE NOT EXISTS (SELECT FROM grants x WHERE x.relation = t.relation AND x.column_name = (pg_catalog.parse_ident(n.name))[1]
							 AND x.grantee = g.oid AND x.privilege_type = p.key) END
	UNION ALL
	SELECT 6, 'FAIL', pg_catalog.format('%s may %s%s on %s', CASE x.grantee WHEN 0 THEN 'everybody' ELSE pg_catalog.pg_get_userbyid(x.grantee)::text END,
										x.privilege_type, ' (' || pg_catalog.quote_ident(x.column_name) || ')', t.table_name)
	FROM wanted, tables t JOIN grants x ON x.relation = t.relation,
		LATERAL (SELECT v.oid, v.rolname FROM pg_catalog.pg_roles v
				 WHERE w -> 'visitors' ? v.rolname::text AND CASE x.grantee WHEN 0 THEN true ELSE pg_catalog.pg_has_role(v.oid, x.grantee, 'USAGE') END
				 ORDER BY v.rolname <> (w ->> 'public') LIMIT 1) v
	WHERE (t.t ->> 'closed')::boolean OR x.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
		OR t.t -> 'limited' ? x.privilege_type
			AND NOT EXISTS (SELECT FROM (SELECT t.t -> 'may' -> v.rolname::text -> x.privilege_type) m(allowed)
				CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(CASE WHEN pg_catalog.jsonb_typeof(m.allowed) = 'array' THEN m.allowed END) n(name)
				WHERE (pg_catalog.parse_ident(n.name))[1] = x.column_name)
	UNION ALL
	{{column_problems}}
	UNION ALL
	SELECT 8, 'FAIL', CASE WHEN pg_catalog.to_regclass('menuca_access.deployment') IS NULL THEN 'the functions of schema menuca_access do not exist'
		ELSE pg_catalog.format('schema menuca_access, or something in it, does not belong to role "%s"', current_user) END
	FROM trusted WHERE NOT (may_read AND may_call)
	UNION ALL
	SELECT 8, 'FAIL', 'the functions of schema menuca_access are of another export'
	FROM trusted t, ledger l, wanted WHERE t.may_read AND l.deployed -> 'schema menuca_access' ->> 'version' IS DISTINCT FROM w ->> 'functions'
	UNION ALL
	SELECT 8, 'FAIL', pg_catalog.format('%s was %s', k.name, CASE WHEN NOT f.found ? k.name THEN 'dropped' WHEN NOT f.deployed ? k.name THEN 'added' ELSE 'changed' END)
	FROM functions f, pg_catalog.jsonb_object_keys(f.deployed || f.found) k(name)
	WHERE f.deployed <> '{}' AND f.deployed -> k.name IS DISTINCT FROM f.found -> k.name
	UNION ALL
	{{opening_problems}}),
findings(check_no, name, status, expected, actual, detail, next_step) AS (
	{{database_findings}}
	UNION ALL
	SELECT c.check_no, c.name,
		coalesce((SELECT pg_catalog.min(p.status) FROM problems p WHERE p.check_no = c.check_no), 'PASS'),
		c.expected,
		coalesce((SELECT pg_catalog.count(*) || ' differ' FROM problems p WHERE p.check_no = c.check_no HAVING pg_catalog.count(*) > 0), c.expected),
		(SELECT pg_catalog.string_agg(p.problem, '; ' ORDER BY p.status, p.problem) FROM problems p WHERE p.check_no = c.check_no),
		CASE WHEN EXISTS (SELECT FROM problems p WHERE p.check_no = c.check_no AND p.status = 'FAIL') THEN c.next_step END
	FROM (VALUES (3, 'policies', (SELECT pg_catalog.count(*) || ' policies' FROM tables t, pg_catalog.jsonb_object_keys(t.t -> 'policies')), 'Run the 02 files of these tables.'),
			(4, 'row_security', (SELECT pg_catalog.count(*) || ' tables with row security' FROM tables t), 'Run the 02 files of these tables.'),
			(5, 'privileges', 'the roles have what they need', 'Run the 02 files of these tables.'),
			(6, 'excess', 'visitors have no more', 'Run the 02 files of these tables, or revoke it as who granted it.'),
			(7, 'columns', 'columns as on the copy', 'Make the copy, and the files, again.'),
			(8, 'functions', 'schema menuca_access as 01_functions has made it', 'Run 01_functions, as the role that ran the other files.'),
			(9, 'roles', 'policies bind the roles of visitors', 'Take it from the role.'),
			(10, 'schemas', 'the roles use the schemas, and visitors create nothing there', 'Grant or revoke it; 01_functions grants what is missing.'),
			(11, 'openings', 'nothing leads around the policies', 'Close it, or make the copy, and the files, again.')) c(check_no, name, expected, next_step)
){{receipt}}$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_access_after_template() IS
'The check afterwards, 03_check of menuca_export_access(): one SELECT, which begins after WITH. Placeholders as in menuca_hosted_access_check_template(); schema_state, an expression; opening_problems, rows of problems.';

CREATE FUNCTION @extschema@.menuca_hosted_schema_state()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$(SELECT coalesce(pg_catalog.jsonb_object_agg(o.name, pg_catalog.md5(o.definition::text)), '{}')
	FROM (SELECT pg_catalog.format('function %s(%s)', p.proname, (SELECT pg_catalog.string_agg(y.typname, ', ' ORDER BY a.ordinality)
				FROM pg_catalog.unnest(p.proargtypes) WITH ORDINALITY a JOIN pg_catalog.pg_type y ON y.oid = a.a)) AS name,
			pg_catalog.jsonb_build_array(pg_catalog.pg_get_userbyid(p.proowner), p.prolang::pg_catalog.int8, p.prosrc, p.prosqlbody::text, p.prosecdef, p.proleakproof, p.provolatile,
				p.proparallel, p.proisstrict, p.procost, p.prorettype::pg_catalog.int8, p.proretset, p.proargmodes, p.proconfig,
				(SELECT pg_catalog.string_agg(x::text, ',' ORDER BY x::text) FROM pg_catalog.unnest(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) x)) AS definition
		  FROM pg_catalog.pg_proc p WHERE p.pronamespace = pg_catalog.to_regnamespace('menuca_access')
		  UNION ALL
		  SELECT pg_catalog.format('%s %s', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'r' THEN 'table' ELSE 'relation' END, c.relname),
			pg_catalog.jsonb_build_array(c.relkind, pg_catalog.pg_get_userbyid(c.relowner), c.reloptions,
				(SELECT pg_catalog.string_agg(x::text, ',' ORDER BY x::text) FROM pg_catalog.unnest(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) x),
				(SELECT pg_catalog.string_agg(a.attname || ' ' || a.attacl::text, ',' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL),
				-- Not the text of a view, which depends on the search_path
				(SELECT pg_catalog.string_agg(r.rulename || r.ev_action::text, ',' ORDER BY r.rulename) FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid),
				(SELECT pg_catalog.string_agg(g.tgname || g.tgfoid, ',' ORDER BY g.tgname) FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid))
		  FROM pg_catalog.pg_class c WHERE c.relnamespace = pg_catalog.to_regnamespace('menuca_access') AND c.relkind NOT IN ('i', 'I', 'c')
		  UNION ALL
		  SELECT 'schema menuca_access', pg_catalog.jsonb_build_array(pg_catalog.pg_get_userbyid(n.nspowner),
				(SELECT pg_catalog.string_agg(x::text, ',' ORDER BY x::text) FROM pg_catalog.unnest(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) x))
		  FROM pg_catalog.pg_namespace n WHERE n.nspname = 'menuca_access') o)$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_schema_state() IS
'An SQL expression in files of menuca_export_access(): the functions and relations of schema menuca_access, and the schema itself, as an object with a checksum of each one''s definition, owner and privileges. Without placeholders.';

CREATE FUNCTION @extschema@.menuca_hosted_openings_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$SELECT 9, 'FAIL', pg_catalog.format('role "%s" has %s', v.rolname, pg_catalog.concat_ws(', ', CASE WHEN v.rolsuper THEN 'SUPERUSER' END,
		CASE WHEN v.rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN v.rolreplication THEN 'REPLICATION' END, CASE WHEN v.rolcreaterole THEN 'CREATEROLE' END))
	FROM visitors v WHERE v.rolsuper OR v.rolbypassrls OR v.rolreplication OR v.rolcreaterole
	UNION ALL
	SELECT 9, 'FAIL', pg_catalog.format('role "%s" is a member of "%s"', v.rolname, r.rolname)
	FROM wanted, visitors v JOIN pg_catalog.pg_roles r ON r.oid <> v.oid AND pg_catalog.pg_has_role(v.oid, r.oid, 'MEMBER')
	WHERE NOT v.rolsuper AND (r.rolsuper OR r.rolbypassrls OR r.rolreplication OR r.rolcreaterole
		OR r.oid < 16384 AND r.rolname <> 'pg_database_owner'
		OR r.rolname = w -> 'roles' ->> 2
		OR v.rolname = w ->> 'public' AND w -> 'visitors' ? r.rolname::text
		OR EXISTS (SELECT FROM tables t JOIN pg_catalog.pg_class c ON c.oid = t.relation WHERE c.relowner = r.oid))
	UNION ALL
	SELECT 9, 'FAIL', pg_catalog.format('sessions of %s begin with %s', coalesce(v.rolname, 'all roles'), pg_catalog.split_part(c.setting, '=', 1))
	FROM wanted CROSS JOIN pg_catalog.pg_db_role_setting s CROSS JOIN pg_catalog.unnest(s.setconfig) c(setting)
	LEFT JOIN visitors v ON v.oid = s.setrole LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
	WHERE (s.setrole = 0 OR v.oid IS NOT NULL) AND (d.oid IS NULL OR d.datname = pg_catalog.current_database())
		AND pg_catalog.split_part(c.setting, '=', 1) IN ('row_security', 'session_replication_role', 'role', w ->> 'setting')
	UNION ALL
	SELECT 10, 'FAIL', pg_catalog.format('role "%s" may not use schema %s', r.rolname, n.oid::pg_catalog.regnamespace)
	FROM wanted JOIN pg_catalog.pg_roles r ON w -> 'roles' ? r.rolname::text JOIN pg_catalog.pg_namespace n ON n.nspname IN ('menuca_access', w ->> 'schema')
	WHERE NOT pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')
	UNION ALL
	SELECT 10, 'FAIL', pg_catalog.format('role "%s" may create objects in schema %s', v.rolname, n.oid::pg_catalog.regnamespace)
	FROM wanted CROSS JOIN visitors v JOIN pg_catalog.pg_namespace n ON n.nspname IN ('menuca_access', w ->> 'schema')
	WHERE pg_catalog.has_schema_privilege(v.oid, n.oid, 'CREATE')
	UNION ALL
	-- Tables without policies: of the schema, and parts and heirs of its tables wherever they are
	SELECT 11, CASE WHEN w -> 'relations' ? c.relname::text AND n.nspname = w ->> 'schema' THEN 'WARN' ELSE 'FAIL' END,
		pg_catalog.format('%s may read or write table %s.%s, which no policy protects', pg_catalog.string_agg(v.rolname, ', ' ORDER BY v.rolname),
						  pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname))
	FROM wanted CROSS JOIN visitors v CROSS JOIN pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relrowsecurity AND NOT EXISTS (SELECT FROM tables t WHERE t.relation = c.oid)
		AND (n.nspname = w ->> 'schema' OR EXISTS (SELECT FROM heirs h WHERE h.relation = c.oid))
		AND pg_catalog.has_schema_privilege(v.oid, n.oid, 'USAGE')
		AND (pg_catalog.has_any_column_privilege(v.oid, c.oid, 'SELECT, INSERT, UPDATE') OR pg_catalog.has_table_privilege(v.oid, c.oid, 'DELETE, TRUNCATE'))
	GROUP BY w, c.relname, n.nspname
	UNION ALL
	SELECT 11, 'WARN', pg_catalog.format('%s may use view %s.%s, which reads with the rights of "%s"', pg_catalog.string_agg(v.rolname, ', ' ORDER BY v.rolname),
										 pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname), pg_catalog.pg_get_userbyid(c.relowner))
	FROM visitors v CROSS JOIN pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname <> 'menuca_access' AND c.oid IN (SELECT r.reader FROM readers r)
		AND (c.relkind = 'm' OR NOT EXISTS (SELECT FROM pg_catalog.unnest(c.reloptions) o WHERE o ~* '^security_invoker=(true|on|yes|1)$'))
		AND pg_catalog.has_schema_privilege(v.oid, n.oid, 'USAGE')
		AND (pg_catalog.has_any_column_privilege(v.oid, c.oid, 'SELECT, INSERT, UPDATE') OR pg_catalog.has_table_privilege(v.oid, c.oid, 'DELETE'))
	GROUP BY c.relname, c.relowner, n.nspname
	UNION ALL
	-- What a function reads is not in the catalog, but its source names it
	SELECT 11, 'WARN', pg_catalog.format('%s may execute function %s.%s, which names protected tables and runs with the rights of "%s"', pg_catalog.string_agg(v.rolname, ', ' ORDER BY v.rolname),
										 pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(p.proname), pg_catalog.pg_get_userbyid(p.proowner))
	FROM visitors v CROSS JOIN definers p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
	WHERE p.names_tables AND p.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype
		AND pg_catalog.has_schema_privilege(v.oid, n.oid, 'USAGE') AND pg_catalog.has_function_privilege(v.oid, p.oid, 'EXECUTE')
	GROUP BY p.oid, p.proname, p.proowner, n.nspname
	UNION ALL
	SELECT 11, 'WARN', pg_catalog.format('trigger %s on %s runs with the rights of "%s"', pg_catalog.quote_ident(g.tgname), t.table_name, pg_catalog.pg_get_userbyid(p.proowner))
	FROM tables t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.relation AND NOT g.tgisinternal JOIN definers p ON p.oid = g.tgfoid
	UNION ALL
	SELECT 11, 'WARN', pg_catalog.format('rule %s on %s executes other statements', pg_catalog.quote_ident(r.rulename), t.table_name)
	FROM tables t JOIN pg_catalog.pg_rewrite r ON r.ev_class = t.relation
	UNION ALL
	SELECT 11, 'WARN', pg_catalog.format('publication %s sends rows of %s', pg_catalog.quote_ident(b.pubname), pg_catalog.string_agg(t.table_name, ', ' ORDER BY t.table_name))
	FROM tables t JOIN pg_catalog.pg_publication_tables b ON pg_catalog.format('%I.%I', b.schemaname, b.tablename) = t.table_name
	GROUP BY b.pubname$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_openings_template() IS
'Rows of problems in the file 03_check of menuca_export_access(): what roles of visitors are or may do so that policies do not bind them. A SELECT from the table expressions of menuca_hosted_access_after_template(). Without placeholders.';

CREATE FUNCTION @extschema@.menuca_hosted_column_problems()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$SELECT {{check_no}}, 'FAIL', CASE WHEN a.attnum IS NULL THEN pg_catalog.format('column %s.%s does not exist', t.table_name, pg_catalog.quote_ident(c.key))
		ELSE pg_catalog.format('column %s.%s is of type %s, not %s', t.table_name, pg_catalog.quote_ident(c.key), pg_catalog.format_type(a.atttypid, a.atttypmod), c.value) END
	FROM tables t CROSS JOIN pg_catalog.jsonb_each_text(t.t -> 'columns') c
	LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.relation AND a.attname = c.key AND a.attnum > 0 AND NOT a.attisdropped
	WHERE t.relation IS NOT NULL AND (a.attnum IS NULL
		OR pg_catalog.regexp_replace(pg_catalog.format_type(a.atttypid, a.atttypmod), '^.*\.|"', '', 'g') <> pg_catalog.regexp_replace(c.value, '^.*\.|"', '', 'g'))
	UNION ALL
	SELECT {{check_no}}, 'WARN', pg_catalog.format('column %s.%s is not on the copy', t.table_name, pg_catalog.quote_ident(a.attname))
	FROM tables t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.relation AND a.attnum > 0 AND NOT a.attisdropped
	WHERE NOT t.t -> 'columns' ? a.attname::text$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_column_problems() IS
'Rows of problems in the files 00_check and 03_check of menuca_export_access(): columns that are not as on the copy. A SELECT from the table expression tables. Placeholders: check_no, a number.';

--
-- Access as SQL files: the claims' functions, for a database where no extension can be
-- loaded.  They run as the roles of requests, inside of policies.
--

CREATE FUNCTION @extschema@.menuca_hosted_claims_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$
	-- Those that policies call pin the search_path, and with it that of what they call.

	-- A claim as its JSON token; NULL when there is none, or the text is not one JSON
	-- object.  Since PostgreSQL 16 the server says whether it is JSON, without an error;
	-- before, an error is caught, which forbids parallel plans.
	CREATE OR REPLACE FUNCTION menuca_access.claim_token(claims text, claim text)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE STRICT
	AS $function$
	DECLARE
		path text[] := CASE WHEN claim = '' THEN ARRAY[''] ELSE string_to_array(claim, '->') END;
		has_escapes boolean := strpos(claims, E'\\u') > 0;
	BEGIN
		-- A name beyond ASCII equals no escape.
		IF has_escapes AND claim ~ E'[^\\u0001-\\u007F]' THEN
			RETURN menuca_access.scan_claim(claims, claim);
		END IF;
		IF current_setting('server_version_num')::integer >= 160000 THEN
			-- The parser is recursive, and some escapes are JSON, but no character.
			IF length(claims) - length(translate(claims, '[{', '')) > 200 OR
				has_escapes AND (getdatabaseencoding() <> 'UTF8' OR claims ~ E'\\\\u(?:0000|[Dd][89A-Fa-f])') THEN
				RETURN menuca_access.scan_claim(claims, claim);
			END IF;
			IF NOT pg_input_is_valid(claims, 'json') THEN
				RETURN NULL;
			END IF;
			RETURN menuca_access.json_token(claims::json, path);
		END IF;
		BEGIN
			RETURN menuca_access.json_token(claims::json, path);
		EXCEPTION WHEN OTHERS THEN
			IF has_escapes OR SQLSTATE = '54001' THEN
				RETURN menuca_access.scan_claim(claims, claim);
			END IF;
			RETURN NULL;
		END;
	END $function$;

	-- The value at a path, as its JSON token.  Of a repeated key the last value counts.
	CREATE OR REPLACE FUNCTION menuca_access.json_token(claims json, path text[])
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	DECLARE
		value json := claims;
		key text;
	BEGIN
		FOREACH key IN ARRAY path LOOP
			IF json_typeof(value) <> 'object' THEN
				RETURN NULL;
			END IF;
			value := value -> btrim(key, ' ');
			IF value IS NULL THEN
				RETURN NULL;
			END IF;
		END LOOP;
		RETURN CASE WHEN json_typeof(value) IN ('string', 'number') THEN value::text END;
	END $function$;

	-- The same, token by token, for texts that are nested deeply, or have escapes that
	-- the server would not decode.
	CREATE OR REPLACE FUNCTION menuca_access.scan_claim(claims text, claim text)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	DECLARE
		path text[] := CASE WHEN claim = '' THEN ARRAY[''] ELSE string_to_array(claim, '->') END;
		token text;
		first "char";
		expected text := 'value';	-- or key, colon, comma, nothing
		may_end boolean := false;	-- the object or array that was just opened may be empty
		is_object boolean[] := '{}';	-- the objects and arrays that are open
		depth integer := 0;
		matched integer := 0;	-- how many of the path's keys led to open objects
		key_matches boolean := false;
		found text;
		read bigint := 0;	-- characters
	BEGIN
		FOR token IN
			SELECT (regexp_matches(claims,
				E'"(?:[^"\\\\\\u0001-\\u001F]|\\\\(?:["\\\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null|[][{}:,]|[ \\t\\r\\n]+', 'g'))[1]
		LOOP
			read := read + length(token);
			first := token::"char";
			CONTINUE WHEN first IN (' ', E'\t', E'\r', E'\n');
			IF depth = 0 AND (first <> '{' OR expected = 'nothing') THEN
				RETURN NULL;
			END IF;

			IF first IN ('}', ']') THEN
				IF NOT (expected = 'comma' OR may_end) OR is_object[depth] <> (first = '}') THEN
					RETURN NULL;
				END IF;
				depth := depth - 1;
				IF first = '}' AND matched > 0 AND matched = depth THEN
					matched := matched - 1;
				END IF;
				may_end := false;
				expected := CASE WHEN depth > 0 THEN 'comma' ELSE 'nothing' END;
			ELSIF expected = 'key' THEN
				IF first <> '"' THEN
					RETURN NULL;
				END IF;
				key_matches := depth = matched + 1 AND matched < cardinality(path) AND
					menuca_access.is_key(token, btrim(path[matched + 1], ' '));
				IF key_matches THEN
					found := NULL;
				END IF;
				may_end := false;
				expected := 'colon';
			ELSIF expected = 'colon' THEN
				IF first <> ':' THEN
					RETURN NULL;
				END IF;
				expected := 'value';
			ELSIF expected = 'comma' THEN
				IF first <> ',' THEN
					RETURN NULL;
				END IF;
				key_matches := false;
				expected := CASE WHEN is_object[depth] THEN 'key' ELSE 'value' END;
			ELSIF first IN ('{', '[') THEN
				IF key_matches AND first = '{' THEN
					matched := matched + 1;
				END IF;
				key_matches := false;
				depth := depth + 1;
				is_object[depth] := first = '{';
				may_end := true;
				expected := CASE WHEN first = '{' THEN 'key' ELSE 'value' END;
			ELSIF first IN (':', ',') THEN
				RETURN NULL;
			ELSE
				IF key_matches AND matched + 1 = cardinality(path) AND first NOT IN ('t', 'f', 'n') THEN
					found := token;
				END IF;
				key_matches := false;
				may_end := false;
				expected := 'comma';
			END IF;
		END LOOP;
		RETURN CASE WHEN expected = 'nothing' AND read = length(claims) THEN found END;
	END $function$;

	-- Compares a string token with a key.  An escape of a character beyond ASCII matches
	-- nothing: such a key can be written without escapes.
	CREATE OR REPLACE FUNCTION menuca_access.is_key(token text, key text)
	RETURNS boolean
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	BEGIN
		IF strpos(token, E'\\') = 0 THEN
			RETURN substr(token, 2, length(token) - 2) = key;
		ELSIF token ~ E'\\\\u(?:0000|00[89A-Fa-f]|0[1-9A-Fa-f]|[1-9A-Fa-f])' THEN
			RETURN false;
		END IF;
		RETURN token::json #>> '{}' = key;
	END $function$;

	-- Digits after an optional minus sign, as a JSON number or string.
	CREATE OR REPLACE FUNCTION menuca_access.token_bigint(token text)
	RETURNS bigint
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	DECLARE
		digits text := CASE WHEN token LIKE '"%"' THEN substr(token, 2, length(token) - 2) ELSE token END;
		sign text := CASE WHEN digits LIKE '-%' THEN '-' ELSE '' END;
	BEGIN
		IF digits COLLATE "C" !~ '^-?[0-9]+$' THEN
			RETURN NULL;
		END IF;
		digits := ltrim(digits, '-0');
		IF length(digits) > 19 OR (sign || '0' || digits)::numeric NOT BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
			RETURN NULL;
		END IF;
		RETURN (sign || '0' || digits)::bigint;
	END $function$;

	-- A JSON string in the canonical form of a uuid.
	CREATE OR REPLACE FUNCTION menuca_access.token_uuid(token text)
	RETURNS uuid
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	BEGIN
		IF token COLLATE "C" !~ '^"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"$' THEN
			RETURN NULL;
		END IF;
		RETURN btrim(token, '"')::uuid;
	END $function$;

	-- The text of a setting that a request may have; NULL for one of the server's own,
	-- which could be hidden from the caller.
	CREATE OR REPLACE FUNCTION menuca_access.claims_in(setting text)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	BEGIN
		IF strpos(setting, '.') = 0 THEN
			RETURN NULL;
		END IF;
		RETURN current_setting(setting, true);
	END $function$;

	CREATE OR REPLACE FUNCTION menuca_access.claim_bigint(claim text, setting text)
	RETURNS bigint
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $function$
	BEGIN
		RETURN menuca_access.token_bigint(menuca_access.claim_token(menuca_access.claims_in(setting), claim));
	END $function$;

	CREATE OR REPLACE FUNCTION menuca_access.claim_bigint(claim text, claims jsonb)
	RETURNS bigint
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $function$
	BEGIN
		RETURN menuca_access.token_bigint(menuca_access.claim_token(claims, claim));
	END $function$;

	CREATE OR REPLACE FUNCTION menuca_access.claim_uuid(claim text, setting text)
	RETURNS uuid
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $function$
	BEGIN
		RETURN menuca_access.token_uuid(menuca_access.claim_token(menuca_access.claims_in(setting), claim));
	END $function$;

	CREATE OR REPLACE FUNCTION menuca_access.claim_uuid(claim text, claims jsonb)
	RETURNS uuid
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $function$
	BEGIN
		RETURN menuca_access.token_uuid(menuca_access.claim_token(claims, claim));
	END $function$;

	-- The same from claims that a function such as auth.jwt() returned.
	CREATE OR REPLACE FUNCTION menuca_access.claim_token(claims jsonb, claim text)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE STRICT
	AS $function$
	DECLARE
		value jsonb := claims;
		key text;
	BEGIN
		FOREACH key IN ARRAY CASE WHEN claim = '' THEN ARRAY[''] ELSE string_to_array(claim, '->') END LOOP
			IF jsonb_typeof(value) <> 'object' THEN
				RETURN NULL;
			END IF;
			value := value -> btrim(key, ' ');
			IF value IS NULL THEN
				RETURN NULL;
			END IF;
		END LOOP;
		RETURN CASE WHEN jsonb_typeof(value) IN ('string', 'number') THEN value::text END;
	END $function$;

	IF current_setting('server_version_num')::integer >= 160000 THEN
		ALTER FUNCTION menuca_access.claim_token(text, text) PARALLEL SAFE;
		ALTER FUNCTION menuca_access.claim_bigint(text, text) PARALLEL SAFE;
		ALTER FUNCTION menuca_access.claim_uuid(text, text) PARALLEL SAFE;
	END IF;
$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_claims_template() IS
'The functions by which policies read claims where no extension can be loaded: the body of the file 01_functions of menuca_export_access(). In PL/pgSQL, in schema menuca_access; the same results as menuca_claim_bigint() and menuca_claim_uuid(), and never an error. Without placeholders.';

--
-- Access as SQL files: deploying, checking and rolling back a table, for a database where
-- no extension can be loaded.  They run as whoever owns the tables, who alone may call them.
--

CREATE FUNCTION @extschema@.menuca_hosted_deploy_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$
	-- What tables were like before and after they were deployed.
	CREATE TABLE IF NOT EXISTS menuca_access.deployment (
		object text PRIMARY KEY,	-- table or schema, quoted
		relation_oid oid,	-- of a table
		before jsonb NOT NULL,	-- as state_of() returns it
		after jsonb,	-- the same
		version text,	-- of the file's wanted access
		deployed_by text NOT NULL DEFAULT session_user,
		deployed_at timestamptz NOT NULL DEFAULT clock_timestamp());

	-- Owner, row security, policies and privileges of a table, its columns and sequences.
	CREATE OR REPLACE FUNCTION menuca_access.state_of(relation regclass)
	RETURNS jsonb
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	SET quote_all_identifiers = off
	AS $function$
	SELECT jsonb_build_object(
		'owner', pg_get_userbyid(c.relowner),
		'row_security', c.relrowsecurity,
		'forced_row_security', c.relforcerowsecurity,
		'policies', (SELECT coalesce(jsonb_object_agg(p.polname, {{policy_definition}}), '{}') FROM pg_policy p WHERE p.polrelid = c.oid),
		'privileges', jsonb_build_object('table', coalesce(c.relacl, acldefault('r', c.relowner))::text)
			|| (SELECT coalesce(jsonb_object_agg('column ' || t.attname, t.attacl::text), '{}')
				FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped AND t.attacl IS NOT NULL)
			|| (SELECT coalesce(jsonb_object_agg(format('sequence %I.%I', n.nspname, s.relname), coalesce(s.relacl, acldefault('s', s.relowner))::text), '{}')
				FROM pg_depend d JOIN pg_class s ON s.oid = d.objid JOIN pg_namespace n ON n.oid = s.relnamespace
				WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
					AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND s.relkind = 'S'))
	FROM pg_class c WHERE c.oid = relation
	$function$;

	-- In what two states differ, for people; NULL when they are equal but for the order of
	-- privileges.
	CREATE OR REPLACE FUNCTION menuca_access.difference(a jsonb, b jsonb)
	RETURNS text
	LANGUAGE sql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	SELECT string_agg(format('%s: %s instead of %s', name, coalesce(y, 'nothing'), coalesce(x, 'nothing')), '; ' ORDER BY name)
	FROM (SELECT coalesce(x.name, y.name) AS name, x.value AS x, y.value AS y
		  FROM (SELECT key AS name, value FROM jsonb_each_text(a - '{policies,privileges}'::text[])
				UNION ALL SELECT 'policy ' || key, value FROM jsonb_each_text(a -> 'policies')
				UNION ALL SELECT 'privileges on ' || key, (SELECT string_agg(i, ', ' ORDER BY i) FROM unnest(value::text[]) i) FROM jsonb_each_text(a -> 'privileges')) x
		  FULL JOIN (SELECT key AS name, value FROM jsonb_each_text(b - '{policies,privileges}'::text[])
				UNION ALL SELECT 'policy ' || key, value FROM jsonb_each_text(b -> 'policies')
				UNION ALL SELECT 'privileges on ' || key, (SELECT string_agg(i, ', ' ORDER BY i) FROM unnest(value::text[]) i) FROM jsonb_each_text(b -> 'privileges')) y ON y.name = x.name) d
	WHERE x IS DISTINCT FROM y
	$function$;

	-- A state without the privileges on columns and sequences that were dropped since.
	CREATE OR REPLACE FUNCTION menuca_access.of_present(state jsonb, relation regclass)
	RETURNS jsonb
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	SELECT jsonb_set(state, '{privileges}', (SELECT coalesce(jsonb_object_agg(p.key, p.value), '{}') FROM jsonb_each(state -> 'privileges') p
		WHERE CASE WHEN p.key LIKE 'column %' THEN EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = relation AND t.attname = substr(p.key, 8) AND NOT t.attisdropped)
			WHEN p.key LIKE 'sequence %' THEN to_regclass(substr(p.key, 10)) IS NOT NULL ELSE true END))
	$function$;

	-- Whether a privilege is one of a role, but none of these roles and not of everybody.
	CREATE OR REPLACE FUNCTION menuca_access.is_of_others(item aclitem, roles jsonb)
	RETURNS boolean
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	SELECT coalesce((SELECT bool_and(a.grantee <> 0 AND NOT roles ? pg_get_userbyid(a.grantee)::text) FROM aclexplode(ARRAY[item]) a), false)
	$function$;

	-- The state from before a deployment with what others have granted to, or revoked from,
	-- other roles since, so that a rollback does not undo that.
	CREATE OR REPLACE FUNCTION menuca_access.with_grants_since(before jsonb, after jsonb, now_is jsonb, roles jsonb)
	RETURNS jsonb
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	SELECT jsonb_set(before, '{privileges}', (SELECT coalesce(jsonb_object_agg(k.name, m.items) FILTER (WHERE m.items IS NOT NULL), '{}')
		FROM (SELECT DISTINCT key FROM jsonb_each(before -> 'privileges' || (now_is -> 'privileges'))) k(name),
			LATERAL (SELECT (before -> 'privileges' ->> k.name)::aclitem[], (after -> 'privileges' ->> k.name)::aclitem[], (now_is -> 'privileges' ->> k.name)::aclitem[]) s(b, a, n),
			LATERAL (SELECT array_agg(i.item ORDER BY i.place)::text
				FROM (SELECT x.item, x.place FROM unnest(s.b) WITH ORDINALITY x(item, place)
					  WHERE x.item::text = ANY (coalesce(s.n::text[], '{}')) OR x.item::text <> ALL (coalesce(s.a::text[], '{}')) OR NOT menuca_access.is_of_others(x.item, roles)
					  UNION ALL
					  SELECT x.item, 1000000 + x.place FROM unnest(s.n) WITH ORDINALITY x(item, place)
					  WHERE x.item::text <> ALL (coalesce(s.a::text[], '{}')) AND x.item::text <> ALL (coalesce(s.b::text[], '{}')) AND menuca_access.is_of_others(x.item, roles)) i) m(items)))
	$function$;

	-- Locks a table and checks it; false when it is deployed already, with nothing to do.
	CREATE OR REPLACE FUNCTION menuca_access.begin_table(table_name text, wanted jsonb)
	RETURNS boolean
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		relation regclass := to_regclass(table_name);
		own_policy text := '{{own_policy}}';
		now_is jsonb;
		known menuca_access.deployment;
		problem text;
		policy text;
	BEGIN
		IF relation IS NULL THEN
			RAISE EXCEPTION 'table % does not exist', table_name
				USING ERRCODE = '42P01', DETAIL = 'Nothing was changed.', HINT = 'Run 00_check: it names each difference from the copy.';
		END IF;
		IF (SELECT relkind FROM pg_class WHERE oid = relation) IN ('r', 'p') THEN
			EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', table_name);
			relation := to_regclass(table_name);	-- another one may have the name by now
		END IF;
		SELECT string_agg(format('role "%s" does not exist', r), '; ') INTO problem
		FROM jsonb_array_elements_text(wanted -> 'roles') r WHERE to_regrole(quote_ident(r)) IS NULL;
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION '%', problem
				USING ERRCODE = '42704', DETAIL = 'Policies and grants are for that role. Nothing was changed.', HINT = 'Run 00_check: it names each difference from the copy.';
		END IF;
		SELECT format('table %s belongs to role "%s"', table_name, pg_get_userbyid(relowner)) INTO problem
		FROM pg_class WHERE oid = relation AND NOT pg_has_role(relowner, 'USAGE');
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION '%', problem
				USING ERRCODE = '42501', DETAIL = format('This is role "%s". Nothing was changed.', current_user), HINT = 'Run the files as the owner of the tables.';
		END IF;
		SELECT format('role "%s" owns table %s or is a member of its owner, so that no policy would bind it', r, table_name) INTO problem
		FROM pg_class, jsonb_array_elements_text(wanted -> 'visitors') r WHERE oid = relation AND pg_has_role(r::name, relowner, 'USAGE');
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION '%', problem USING ERRCODE = '55000', DETAIL = 'Nothing was changed.';
		END IF;

		IF (SELECT relforcerowsecurity FROM pg_class WHERE oid = relation) THEN
			RAISE EXCEPTION 'row security of table % is forced', table_name
				USING ERRCODE = '55000', DETAIL = 'The views that policies read would show its owner no row. Nothing was changed.',
					HINT = format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY;', table_name);
		END IF;

		now_is := menuca_access.state_of(relation);
		SELECT * INTO known FROM menuca_access.deployment WHERE object = table_name;
		IF known.relation_oid <> relation THEN
			IF EXISTS (SELECT FROM pg_class WHERE oid = known.relation_oid) THEN
				RAISE EXCEPTION 'table % is now named %', table_name, known.relation_oid::regclass
					USING ERRCODE = '42P01', DETAIL = 'It was deployed by its former name, which another table has. Nothing was changed.', HINT = 'Give both their names back, then run this file again.';
			ELSIF known.after = now_is THEN
				UPDATE menuca_access.deployment SET relation_oid = to_regclass(table_name) WHERE object = table_name;	-- restored from a dump
			ELSE
				DELETE FROM menuca_access.deployment WHERE object = table_name;
				known := NULL;
			END IF;
		END IF;
		IF known.version = wanted ->> 'version' AND known.after = now_is THEN
			RAISE NOTICE '%: deployed already; nothing was changed', table_name;
			RETURN false;
		END IF;

		-- Policies of others: those of the copy, and no more.
		SELECT string_agg(CASE WHEN w.key IS NULL THEN format('policy "%s" is not on the copy: %s', e.key, e.value)
							   WHEN e.key IS NULL THEN format('policy "%s" of the copy is missing: %s', w.key, w.value)
							   ELSE format('policy "%s" differs from the copy: %s', e.key, e.value) END, '; ')
		INTO problem
		FROM (SELECT * FROM jsonb_each_text(now_is -> 'policies')
			  WHERE known.object IS NULL OR key !~ own_policy) e
		FULL JOIN jsonb_each_text(wanted -> 'kept') w ON w.key = e.key
		WHERE e.value IS DISTINCT FROM w.value;
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION 'table % has other policies than the copy: %', table_name, problem
				USING ERRCODE = '55000', DETAIL = 'It was not deployed with them in mind. Nothing was changed.',
					HINT = 'Make the copy, and the files, again; or drop the policy.';
		END IF;

		IF known.object IS NULL THEN
			INSERT INTO menuca_access.deployment (object, relation_oid, before) VALUES (table_name, relation, now_is);
		ELSE
			UPDATE menuca_access.deployment d
			SET before = menuca_access.with_grants_since(menuca_access.of_present(d.before, relation), menuca_access.of_present(d.after, relation), now_is, wanted -> 'roles')
			WHERE d.object = table_name;
		END IF;
		FOR policy IN SELECT key FROM jsonb_each_text(now_is -> 'policies') WHERE key ~ own_policy LOOP
			EXECUTE format('DROP POLICY %I ON %s', policy, relation);
		END LOOP;
		RETURN true;
	END $function$;

	-- Gives and takes the privileges, and records what the table is like now.
	CREATE OR REPLACE FUNCTION menuca_access.finish_table(table_name text, wanted jsonb)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		relation regclass := to_regclass(table_name);
		problem text;
	BEGIN
		PERFORM menuca_access.revoke_excess(relation, wanted);
		PERFORM menuca_access.grant_missing(relation, wanted);
		SELECT string_agg(format('%s%s of role "%s", granted by "%s"', privilege, ' (' || column_name || ')',
								 CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee) END, pg_get_userbyid(grantor)), ', ')
		INTO problem FROM menuca_access.excess_of(relation, wanted);
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION 'privileges on table % could not be revoked: %', table_name, problem
				USING ERRCODE = '42501', DETAIL = 'Only who granted them can revoke them. Nothing was changed.';
		END IF;
		UPDATE menuca_access.deployment
		SET after = menuca_access.state_of(relation), version = wanted ->> 'version', deployed_by = session_user, deployed_at = clock_timestamp()
		WHERE object = table_name;
	END $function$;

	-- Privileges that staff, customers or visitors have by the table's or its columns'
	-- grants and must not have, as what policies do not bind, or more columns.
	CREATE OR REPLACE FUNCTION menuca_access.excess_of(relation regclass, wanted jsonb)
	RETURNS TABLE (grantee oid, grantor oid, privilege text, column_name name)
	LANGUAGE sql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	SELECT g.grantee, g.grantor, g.privilege_type, g.attname
	FROM (SELECT a.*, NULL::name AS attname FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = relation
		  UNION ALL
		  SELECT a.*, t.attname FROM pg_attribute t, aclexplode(t.attacl) a WHERE t.attrelid = relation AND NOT t.attisdropped) g,
		LATERAL (SELECT g.grantee = 0 OR pg_has_role((wanted ->> 'public')::name, g.grantee, 'USAGE') AS public_has,
				 g.grantee = 0 OR pg_has_role((wanted ->> 'tenant')::name, g.grantee, 'USAGE') AS tenant_has) h
	WHERE (h.public_has OR h.tenant_has)
		AND ((wanted -> 'closed')::boolean
			OR g.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
			OR wanted -> 'limited' ? g.privilege_type
				-- By name: what is quoted depends on the version
				AND NOT EXISTS (SELECT FROM (SELECT wanted -> 'may' -> (wanted ->> CASE WHEN h.public_has THEN 'public' ELSE 'tenant' END) -> g.privilege_type) m(allowed),
								jsonb_array_elements_text(CASE WHEN jsonb_typeof(m.allowed) = 'array' THEN m.allowed END) c
								WHERE (parse_ident(c))[1] = g.attname))
	$function$;

	CREATE OR REPLACE FUNCTION menuca_access.revoke_excess(relation regclass, wanted jsonb)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		item record;
	BEGIN
		FOR item IN SELECT * FROM menuca_access.excess_of(relation, wanted) LOOP
			EXECUTE format('REVOKE %s%s ON %s FROM %s', item.privilege, ' (' || quote_ident(item.column_name) || ')', relation,
						   CASE item.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(item.grantee)) END);
		END LOOP;

		-- The next value of a key is not a visitor's to set.
		FOR item IN
			SELECT s.oid::regclass AS name, a.grantee
			FROM pg_depend d JOIN pg_class s ON s.oid = d.objid, aclexplode(s.relacl) a
			WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = relation
				AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND s.relkind = 'S' AND NOT (wanted -> 'closed')::boolean
				AND a.privilege_type = 'UPDATE' AND (a.grantee = 0 OR wanted -> 'visitors' ? pg_get_userbyid(a.grantee)::text)
		LOOP
			EXECUTE format('REVOKE UPDATE ON SEQUENCE %s FROM %s', item.name,
						   CASE item.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(item.grantee)) END);
		END LOOP;
	END $function$;

	CREATE OR REPLACE FUNCTION menuca_access.grant_missing(relation regclass, wanted jsonb)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		role text;
		privileges jsonb;
		privilege text;
		columns jsonb;
		missing text;
		sequence regclass;
	BEGIN
		FOR role, privileges IN SELECT * FROM jsonb_each(wanted -> 'may') LOOP
			FOR privilege, columns IN SELECT * FROM jsonb_each(privileges) LOOP
				IF columns = 'null' THEN
					IF NOT has_table_privilege(role::name, relation, privilege) THEN
						EXECUTE format('GRANT %s ON %s TO %I', privilege, relation, role);
					END IF;
				ELSE
					SELECT string_agg(c, ', ') INTO missing
					FROM jsonb_array_elements_text(columns) c
					WHERE NOT EXISTS (SELECT FROM pg_attribute t, aclexplode(t.attacl) a
									  WHERE t.attrelid = relation AND t.attname = (parse_ident(c))[1]
										  AND a.grantee = to_regrole(quote_ident(role)) AND a.privilege_type = privilege);
					IF missing IS NOT NULL THEN
						EXECUTE format('GRANT %s (%s) ON %s TO %I', privilege, missing, relation, role);
					END IF;
				END IF;
			END LOOP;

			-- A serial column's default needs its sequence; an identity column does not.
			FOR sequence IN
				SELECT s.oid FROM pg_depend d JOIN pg_class s ON s.oid = d.objid
				WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = relation
					AND d.refobjsubid > 0 AND d.deptype = 'a' AND privileges ? 'INSERT'
					AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(role::name, s.oid, 'USAGE') END
			LOOP
				EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', sequence, role);
			END LOOP;
		END LOOP;
	END $function$;

	-- Gives back the privileges, in their order from before unless somebody else than the
	-- owner granted some of them.  kind is TABLE, SEQUENCE or SCHEMA; column_name is NULL but
	-- for a column's.
	CREATE OR REPLACE FUNCTION menuca_access.give_back(kind text, object text, column_name name, was aclitem[], now_is aclitem[])
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		item record;
		place text := CASE WHEN column_name IS NOT NULL THEN format(' (%I)', column_name) ELSE '' END;
		keeps_order boolean;
	BEGIN
		IF was::text IS NOT DISTINCT FROM now_is::text THEN
			RETURN;
		END IF;
		SELECT count(DISTINCT a.grantor) <= 1 INTO keeps_order FROM aclexplode(coalesce(was, '{}') || coalesce(now_is, '{}')) a;
		FOR item IN
			SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
				string_agg(a.privilege_type || place, ', ') AS privileges
			FROM aclexplode(now_is) a
			WHERE keeps_order OR NOT EXISTS (SELECT FROM aclexplode(was) w WHERE w = a)
			GROUP BY a.grantee
		LOOP
			EXECUTE format('REVOKE %s ON %s %s FROM %s', item.privileges, kind, object, item.grantee);
		END LOOP;
		FOR item IN
			SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
				a.privilege_type, a.is_grantable
			FROM aclexplode(was) WITH ORDINALITY a
			WHERE keeps_order OR NOT EXISTS (SELECT FROM aclexplode(now_is) n
				WHERE (n.grantor, n.grantee, n.privilege_type, n.is_grantable) = (a.grantor, a.grantee, a.privilege_type, a.is_grantable))
			ORDER BY a.ordinality
		LOOP
			EXECUTE format('GRANT %s%s ON %s %s TO %s%s', item.privilege_type, place, kind, object, item.grantee,
						   CASE WHEN item.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
		END LOOP;
	END $function$;

	-- Makes a table what it was before it was deployed; raises an error when somebody has
	-- changed its access since.
	CREATE OR REPLACE FUNCTION menuca_access.roll_back_table(table_name text)
	RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		relation regclass := to_regclass(table_name);
		known menuca_access.deployment;
		now_is jsonb;
		problem text;
		name text;
	BEGIN
		SELECT * INTO known FROM menuca_access.deployment WHERE object = table_name;
		IF NOT FOUND THEN
			RAISE NOTICE '%: not deployed, or rolled back already; nothing was changed', table_name;
			RETURN;
		END IF;
		IF known.relation_oid IS DISTINCT FROM relation AND EXISTS (SELECT FROM pg_class WHERE oid = known.relation_oid) THEN
			RAISE EXCEPTION 'table % is now named %', table_name, known.relation_oid::regclass
				USING ERRCODE = '42P01', DETAIL = 'Its policies went with it. Nothing was changed.', HINT = 'Give it its name back, then run this file again.';
		END IF;
		IF relation IS NULL THEN
			DELETE FROM menuca_access.deployment WHERE object = table_name;
			RAISE NOTICE '%: the table does not exist any more', table_name;
			RETURN;
		END IF;
		IF (SELECT relkind FROM pg_class WHERE oid = relation) IN ('r', 'p') THEN
			EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', table_name);
			relation := to_regclass(table_name);	-- another one may have the name by now
		END IF;
		now_is := menuca_access.state_of(relation);
		known.before := menuca_access.of_present(known.before, relation);
		problem := menuca_access.difference(menuca_access.of_present(known.after, relation), now_is);
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION 'the access of table % was changed after it was deployed: %', table_name, problem
				USING ERRCODE = '55000', DETAIL = 'A rollback would undo that, too. Nothing was changed.', HINT = 'Undo that change first; the 02 file of this table makes its own policies and privileges again.';
		END IF;

		FOR name IN SELECT key FROM jsonb_each(now_is -> 'policies') WHERE NOT known.before -> 'policies' ? key LOOP
			EXECUTE format('DROP POLICY %I ON %s', name, relation);
		END LOOP;
		IF NOT (known.before -> 'row_security')::boolean AND (now_is -> 'row_security')::boolean THEN
			EXECUTE format('ALTER TABLE ONLY %s DISABLE ROW LEVEL SECURITY', relation);
		END IF;

		-- Revoking a privilege on a table takes it from the columns, too, so the table's come first.
		PERFORM menuca_access.give_back('TABLE', relation::text, NULL,
			(known.before -> 'privileges' ->> 'table')::aclitem[], (now_is -> 'privileges' ->> 'table')::aclitem[]);
		now_is := menuca_access.state_of(relation);
		FOR name IN SELECT key FROM jsonb_each(known.before -> 'privileges' || (now_is -> 'privileges')) LOOP
			IF name LIKE 'column %' THEN
				PERFORM menuca_access.give_back('TABLE', relation::text, substr(name, 8)::name,
					(known.before -> 'privileges' ->> name)::aclitem[], (now_is -> 'privileges' ->> name)::aclitem[]);
			ELSIF name LIKE 'sequence %' THEN
				PERFORM menuca_access.give_back('SEQUENCE', substr(name, 10), NULL,
					(known.before -> 'privileges' ->> name)::aclitem[], (now_is -> 'privileges' ->> name)::aclitem[]);
			END IF;
		END LOOP;

		problem := menuca_access.difference(known.before, menuca_access.state_of(relation));
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION 'table % would not be as before: %', table_name, problem
				USING ERRCODE = '55000', DETAIL = 'Nothing was changed.';
		END IF;
		DELETE FROM menuca_access.deployment WHERE object = table_name;
	END $function$;
$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_deploy_template() IS
'The functions by which the files of menuca_export_access() deploy a table and roll it back where no extension can be loaded: a part of the body of the file 01_functions. In schema menuca_access, for the owner of the tables alone. Placeholders: policy_definition and own_policy.';

--
-- Access as SQL files: what each role of requests can actually do, tried on rows that are
-- there.  Everything is undone.
--

CREATE FUNCTION @extschema@.menuca_hosted_matrix_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$
	-- Tries the cells of the copy's matrix on one row of each kind, as the role and with
	-- its claims, and undoes each at once.  The last row says what was tried at all.  path:
	-- the search_path that triggers see.
	CREATE OR REPLACE FUNCTION menuca_access.try_access(wanted jsonb, path text)
	RETURNS TABLE (check_no integer, name text, status text, expected text, actual text, detail text, next_step text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	SET lock_timeout = '500ms'
	AS $function$
	DECLARE
		entry jsonb;
		cell jsonb;
		sample jsonb;
		samples jsonb;
		cascades boolean;
		ntried integer := 0;
		roles_tried text[] := '{}';
		tables_tried text[] := '{}';
	BEGIN
		check_no := 3;
		FOR entry IN SELECT e.value FROM jsonb_array_elements(wanted -> 'tables') e LOOP
			actual := NULL;
			BEGIN
				samples := menuca_access.sample_rows(entry);
			EXCEPTION WHEN OTHERS THEN
				actual := format('error %s', SQLSTATE);
				detail := SQLERRM;
			END;
			IF NOT EXISTS (SELECT FROM menuca_access.deployment d WHERE d.object = entry ->> 'table' AND d.version = entry ->> 'version') THEN
				actual := 'not deployed by this export';
				detail := NULL;
			END IF;
			IF actual IS NOT NULL THEN
				check_no := check_no + 1;
				name := format('%s: no cell can be tried', entry ->> 'name');
				status := 'ERROR';
				expected := 'deployed, with columns as on the copy';
				next_step := 'Run 03_check: it names each difference from the copy.';
				RETURN NEXT;
				CONTINUE;
			END IF;
			cascades := EXISTS (SELECT FROM pg_constraint
								WHERE confrelid = to_regclass(entry ->> 'table') AND contype = 'f' AND confdeltype IN ('c', 'n', 'd'));
			FOR cell IN SELECT e.value FROM jsonb_array_elements(entry -> 'cells') e LOOP
				check_no := check_no + 1;
				name := format('%s: %s, %s, %s', entry ->> 'name', cell ->> 'kind', cell ->> 'command', cell ->> 'row');
				expected := cell ->> 'expected';
				detail := NULL;
				next_step := NULL;
				sample := samples -> CASE WHEN cell ->> 'row' LIKE '%inactive' THEN 'inactive' WHEN cell ->> 'row' LIKE '%public' THEN 'public' ELSE 'any' END;
				IF sample IS NULL THEN
					actual := 'not tried';
					detail := 'there is no such row';
				ELSIF cell ->> 'command' = 'delete' AND cascades AND expected = 'allowed' THEN
					actual := 'not tried';
					detail := 'other tables'' rows would be deleted or changed with it';
				ELSE
					SELECT t.actual, t.detail INTO actual, detail
					FROM menuca_access.try_cell(wanted, entry, cell, sample, path) t;
				END IF;
				status := CASE WHEN actual = 'not tried' THEN 'SKIP' WHEN actual LIKE 'error%' THEN 'ERROR'
					WHEN actual LIKE expected || '%' THEN 'PASS' ELSE 'FAIL' END;
				IF status <> 'SKIP' AND actual <> 'error (role)' THEN
					ntried := ntried + 1;
					roles_tried := array_append(array_remove(roles_tried, cell ->> 'role'), cell ->> 'role');
					tables_tried := array_append(array_remove(tables_tried, entry ->> 'name'), entry ->> 'name');
				END IF;
				IF actual = 'error (role)' THEN
					next_step := format('Run the file as a member of the role: GRANT %I TO %I;', cell ->> 'role', session_user);
				ELSIF status = 'FAIL' THEN
					next_step := format('Run 03_check; if it passes, compare with the copy: SELECT * FROM menuca_test_access(ARRAY[%L]);', entry ->> 'name');
				END IF;
				RETURN NEXT;
			END LOOP;
		END LOOP;

		-- What was not tried is no proof
		name := 'tried';
		expected := 'each role is tried';
		actual := format('%s of %s cells', ntried, check_no - 3);
		SELECT concat_ws('; ',
			'nothing as ' || (SELECT string_agg(r, ', ' ORDER BY r) FROM jsonb_array_elements_text(wanted -> 'roles') r WHERE r <> ALL (roles_tried)),
			'nothing on ' || (SELECT string_agg(t ->> 'name', ', ' ORDER BY t ->> 'name') FROM jsonb_array_elements(wanted -> 'tables') t WHERE t ->> 'name' <> ALL (tables_tried)))
		INTO detail;
		detail := nullif(detail, '');
		status := CASE WHEN ntried = 0 THEN 'FAIL' WHEN wanted -> 'roles' <@ to_jsonb(roles_tried) THEN 'PASS' ELSE 'WARN' END;
		next_step := CASE WHEN status <> 'PASS' THEN 'Run the file where the tables have rows that this role sees.' END;
		check_no := check_no + 1;
		RETURN NEXT;
	END $function$;

	-- A row that is public, one that is not, and any; each with its restaurant and
	-- customer, and with another restaurant and customer.
	CREATE OR REPLACE FUNCTION menuca_access.sample_rows(entry jsonb)
	RETURNS jsonb
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		tenant text := coalesce('(' || (entry ->> 'tenant') || ')::text', 'NULL');
		customer text := coalesce('(' || (entry ->> 'user') || ')::text', 'NULL');
		owned text := CASE WHEN entry ->> 'tenant' IS NOT NULL THEN format(' AND (%s) IS NOT NULL', entry ->> 'tenant') ELSE '' END ||
			CASE WHEN entry ->> 'user' IS NOT NULL THEN format(' AND (%s) IS NOT NULL', entry ->> 'user') ELSE '' END;
		samples jsonb := '{}';
		sample jsonb;
		condition text;
		kind text;
	BEGIN
		IF to_regclass(entry ->> 'table') IS NULL THEN
			RETURN samples;
		END IF;
		FOR kind, condition IN
			SELECT * FROM (VALUES ('public', '(' || (entry ->> 'public') || ') IS TRUE'),
						   ('inactive', '(' || (entry ->> 'public') || ') IS NOT TRUE'), ('any', 'true')) k(kind, condition)
			WHERE k.condition IS NOT NULL
		LOOP
			EXECUTE format('SELECT jsonb_build_object(''row'', to_jsonb(%2$s), ''tenant'', %3$s, ''user'', %4$s) FROM %1$s WHERE %5$s%6$s LIMIT 1',
						   entry ->> 'table', entry ->> 'qualifier', tenant, customer, condition, owned) INTO sample;
			CONTINUE WHEN sample IS NULL;
			EXECUTE format('SELECT $1 || jsonb_build_object(''other_tenant'', (SELECT %2$s FROM %1$s WHERE %2$s <> $1 ->> ''tenant'' LIMIT 1),'
						   ' ''other_user'', (SELECT %3$s FROM %1$s WHERE %3$s <> $1 ->> ''user'' LIMIT 1))',
						   entry ->> 'table', tenant, customer) INTO sample USING sample;
			samples := samples || jsonb_build_object(kind, sample);
		END LOOP;

		-- What a public row shows of inserts, any row shows.
		IF samples ? 'public' THEN
			samples := samples || jsonb_build_object('any', samples -> 'public');
		END IF;
		RETURN samples;
	END $function$;

	-- One statement as one role.  A constraint that objects does so after the policies, so
	-- the statement was allowed.
	CREATE OR REPLACE FUNCTION menuca_access.try_cell(wanted jsonb, entry jsonb, cell jsonb, sample jsonb, path text, OUT actual text, OUT detail text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		kind text := cell ->> 'kind';
		is_own boolean := cell ->> 'row' LIKE 'own%';
		owner text := CASE kind
			WHEN 'tenant' THEN CASE WHEN is_own THEN sample ->> 'tenant' ELSE sample ->> 'other_tenant' END
			WHEN 'user' THEN CASE WHEN is_own THEN sample ->> 'user' ELSE sample ->> 'other_user' END
		END;
		claims text := CASE
			WHEN kind IN ('tenant', 'user') THEN replace(wanted -> 'claims' ->> kind, '"menuca:owner"', to_json(coalesce(owner, '9223372036854775806'))::text)
			WHEN kind = 'unclaimed' THEN '{}' ELSE '' END;
		statement text := menuca_access.cell_statement(entry, cell ->> 'command', sample -> 'row');
		affected bigint;
	BEGIN
		IF statement IS NULL THEN
			actual := 'not tried';
			detail := 'the table has no key or no column for it';
			RETURN;
		END IF;

		-- Staff by membership: a member of the one restaurant and not of the other.
		IF kind = 'tenant' AND wanted ->> 'members' IS NOT NULL THEN
			EXECUTE format('SELECT m.member FROM (%1$s) m WHERE m.tenant = $1 AND m.member NOT IN (SELECT o.member FROM (%1$s) o WHERE o.tenant = $2) LIMIT 1',
						   wanted ->> 'members')
			INTO owner USING owner, coalesce(CASE WHEN is_own THEN sample ->> 'other_tenant' ELSE sample ->> 'tenant' END, '');
			IF owner IS NULL AND entry ->> 'tenant' IS NOT NULL THEN
				actual := 'not tried';
				detail := 'no member is of the one restaurant and not of the other';
				RETURN;
			END IF;
			claims := replace(wanted -> 'claims' ->> kind, '"menuca:owner"', to_json(coalesce(owner, 'nobody'))::text);
		END IF;
		BEGIN
			PERFORM set_config(wanted ->> 'setting', claims, true);
			BEGIN
				EXECUTE format('SET LOCAL ROLE %I', cell ->> 'role');
			EXCEPTION WHEN OTHERS THEN
				RAISE EXCEPTION USING ERRCODE = 'MC998', MESSAGE = SQLERRM;
			END;
			PERFORM set_config('search_path', path, true);
			EXECUTE statement USING sample -> 'row';
			GET DIAGNOSTICS affected = ROW_COUNT;
			RAISE EXCEPTION USING ERRCODE = 'MC999', MESSAGE = 'undone';
		EXCEPTION
			WHEN SQLSTATE 'MC999' THEN
				actual := CASE WHEN affected > 0 THEN 'allowed' ELSE 'refused (no row)' END;
			WHEN SQLSTATE 'MC998' THEN
				actual := 'error (role)';
				detail := SQLERRM;
			WHEN insufficient_privilege THEN
				actual := 'refused (42501)';
				detail := SQLERRM;
			WHEN integrity_constraint_violation OR unique_violation OR foreign_key_violation OR not_null_violation OR check_violation OR exclusion_violation THEN
				actual := format('allowed (then %s)', SQLSTATE);
			WHEN lock_not_available THEN
				actual := 'not tried';
				detail := SQLERRM;
			WHEN OTHERS THEN
				actual := format('error %s', SQLSTATE);
				detail := SQLERRM;
		END;
		IF actual NOT LIKE (cell ->> 'expected') || '%' THEN
			detail := concat_ws('; ', detail, format('claims %s', CASE claims WHEN '' THEN 'none' ELSE claims END));
		END IF;
	END $function$;

	-- A statement about the row that $1 has as JSON; NULL when there is none.
	CREATE OR REPLACE FUNCTION menuca_access.cell_statement(entry jsonb, command text, sample jsonb)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $function$
	DECLARE
		relation regclass := to_regclass(entry ->> 'table');
		its_key text;
		columns text;
	BEGIN
		SELECT string_agg(format('%s OPERATOR(pg_catalog.=) %L', quote_ident(t.attname), sample ->> t.attname), ' AND ') INTO its_key
		FROM pg_index i JOIN pg_attribute t ON t.attrelid = i.indrelid AND t.attnum = ANY (i.indkey::smallint[])
		WHERE i.indrelid = relation AND i.indisprimary;
		IF command = 'insert' THEN
			SELECT string_agg(quote_ident(t.attname), ', ' ORDER BY t.attnum) INTO columns
			FROM pg_attribute t
			WHERE t.attrelid = relation AND t.attnum > 0 AND NOT t.attisdropped AND t.attidentity <> 'a' AND t.attgenerated = ''
				AND EXISTS (SELECT FROM jsonb_array_elements_text(entry -> 'insert') c WHERE (parse_ident(c))[1] = t.attname);
			RETURN format('INSERT INTO %s (%s) SELECT %s FROM pg_catalog.jsonb_populate_record(NULL::%s, $1)', entry ->> 'table', columns, columns, entry ->> 'table');
		END IF;
		RETURN CASE command
			WHEN 'select' THEN format('SELECT FROM %s WHERE %s', entry ->> 'table', its_key)
			WHEN 'delete' THEN format('DELETE FROM %s WHERE %s', entry ->> 'table', its_key)
			WHEN 'update' THEN format('UPDATE %1$s SET %2$s = (pg_catalog.jsonb_populate_record(NULL::%1$s, $1)).%2$s WHERE %3$s',
									  entry ->> 'table', entry ->> 'column', its_key)
		END;
	END $function$;
$template$;

COMMENT ON FUNCTION @extschema@.menuca_hosted_matrix_template() IS
'The functions by which the file 04_matrix of menuca_export_access() tries what each role can do where no extension can be loaded: a part of the body of the file 01_functions. In schema menuca_access, for the owner of the tables alone. Without placeholders.';

--
-- Ways around the policies, one row each, by the views of access_exposed.sql
--

CREATE TABLE @extschema@.menuca_accepted_opening (
	kind text NOT NULL CHECK (kind IN ('view', 'materialized view', 'function', 'procedure', 'trigger', 'publication')),
	object text NOT NULL,
	role_name text,
	definition text NOT NULL,
	reason text NOT NULL CHECK (reason ~ '[[:alnum:]]'),
	accepted_by text NOT NULL DEFAULT session_user,
	accepted_at timestamptz NOT NULL DEFAULT now(),
	UNIQUE NULLS NOT DISTINCT (kind, object, role_name, definition)
);

COMMENT ON TABLE @extschema@.menuca_accepted_opening IS
'Ways around the policies that a person leaves open on purpose, such as a function that visitors need. Each is accepted as it is: as soon as it, or what it calls, is changed, the check fails again.';
COMMENT ON COLUMN @extschema@.menuca_accepted_opening.kind IS
'As in menuca_access_opening. What has no definition, such as a partition or a membership, can only be closed.';
COMMENT ON COLUMN @extschema@.menuca_accepted_opening.object IS
'As in menuca_access_opening.';
COMMENT ON COLUMN @extschema@.menuca_accepted_opening.role_name IS
'The visitor''s role that it is accepted for; NULL where it does not depend on one.';
COMMENT ON COLUMN @extschema@.menuca_accepted_opening.definition IS
'Its definition by menuca_access_openings() when it was accepted.';
COMMENT ON COLUMN @extschema@.menuca_accepted_opening.reason IS
'Why it stays open.';
COMMENT ON COLUMN @extschema@.menuca_accepted_opening.accepted_by IS
'Session user who accepted it.';
COMMENT ON COLUMN @extschema@.menuca_accepted_opening.accepted_at IS
'When it was accepted.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_accepted_opening', '');

CREATE VIEW @extschema@.menuca_policy_bypass WITH (security_invoker = true) AS
SELECT o.kind,
	o.object,
	v.role_name,
	o.reads,
	o.why,
	pg_catalog.replace(o.remedy, '{role}', pg_catalog.quote_ident(v.role_name)) AS next_step
FROM @extschema@.menuca_visitor v
CROSS JOIN LATERAL (
	-- Views that read with their owner's rights
	SELECT CASE WHEN w.is_materialized THEN 'materialized view' ELSE 'view' END,
		w.view_name,
		w.reads,
		CASE WHEN w.is_materialized THEN 'it holds rows as its owner read them' ELSE 'it reads with the rights of its owner' END,
		CASE WHEN w.is_materialized THEN pg_catalog.format('REVOKE ALL ON %s FROM PUBLIC, {role};', w.view_name)
			ELSE pg_catalog.format('ALTER VIEW %s SET (security_invoker = true);', w.view_name) END
	FROM @extschema@.menuca_owner_rights_view w
	WHERE w.has_owner_rights
		AND (pg_catalog.has_any_column_privilege(v.role_oid, w.view_oid, 'SELECT, INSERT, UPDATE')
			OR pg_catalog.has_table_privilege(v.role_oid, w.view_oid, 'DELETE'))
	UNION ALL
	-- Functions that run with their owner's rights
	SELECT pg_catalog.lower(f.function_kind),
		f.function_name,
		f.reads,
		CASE WHEN f.is_unknown THEN 'it runs with the rights of its owner, and its source does not tell all that it reads'
			ELSE 'it runs with the rights of its owner' END,
		pg_catalog.format('REVOKE EXECUTE ON %s %s FROM PUBLIC, {role};', f.function_kind, f.function_name)
	FROM @extschema@.menuca_definer_function f
	WHERE NOT f.is_trigger
		AND (f.reads <> '{}' OR f.is_unknown)
		AND f.owner_oid <> v.role_oid
		AND pg_catalog.has_function_privilege(v.role_oid, f.function_oid, 'EXECUTE')
		AND pg_catalog.has_schema_privilege(v.role_oid, f.schema_oid, 'USAGE')
	UNION ALL
	-- Partitions and heirs are asked for their own policies when they are queried themselves
	SELECT CASE WHEN c.relispartition THEN 'partition' ELSE 'inheritance child' END,
		p.table_name,
		pg_catalog.array_remove(ARRAY[p.root_name], NULL),
		'the policies of the table above do not bind who queries it directly',
		CASE WHEN p.relation_kind = 'f' THEN pg_catalog.format('REVOKE ALL ON %s FROM PUBLIC, {role};', p.table_name)
			WHEN p.has_row_security THEN pg_catalog.format('REVOKE ALL ON %s FROM PUBLIC, {role};', p.table_name)
			ELSE pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', p.table_name) END
	FROM @extschema@.menuca_protected_table p
	JOIN pg_catalog.pg_class c ON c.oid = p.table_oid
	WHERE (p.root_name IS NOT NULL AND NOT p.has_row_security
			-- With policies of its own for visitors it is no better, unless somebody wanted them
			OR NOT p.is_wanted AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = p.table_oid)
				AND EXISTS (SELECT FROM pg_catalog.pg_policy o
							WHERE o.polrelid = p.table_oid AND o.polpermissive
								AND (0 = ANY (o.polroles)
									OR EXISTS (SELECT FROM pg_catalog.unnest(o.polroles) granted(role_oid)
											   WHERE pg_catalog.pg_has_role(v.role_oid, granted.role_oid, 'MEMBER')))))
		AND (pg_catalog.has_any_column_privilege(v.role_oid, c.oid, 'SELECT, INSERT, UPDATE')
			OR pg_catalog.has_table_privilege(v.role_oid, c.oid, 'DELETE, TRUNCATE'))
	UNION ALL
	-- What shows the rows of a protected table as its own
	SELECT 'inheritance parent',
		pg_catalog.format('%I.%I', n.nspname, c.relname),
		ARRAY[p.table_name],
		'it shows the rows of the tables below, whose policies are not asked',
		pg_catalog.format('ALTER TABLE %s NO INHERIT %I.%I;', p.table_name, n.nspname, c.relname)
	FROM @extschema@.menuca_protected_table p
	JOIN pg_catalog.pg_inherits i ON i.inhrelid = p.table_oid
	JOIN pg_catalog.pg_class c ON c.oid = i.inhparent
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE p.is_wanted
		AND NOT EXISTS (SELECT FROM @extschema@.menuca_protected_table a WHERE a.table_oid = c.oid)
		AND (pg_catalog.has_any_column_privilege(v.role_oid, c.oid, 'SELECT, UPDATE')
			OR pg_catalog.has_table_privilege(v.role_oid, c.oid, 'DELETE, TRUNCATE'))
	UNION ALL
	SELECT 'foreign table',
		pg_catalog.format('%I.%I', n.nspname, c.relname),
		'{}',
		'no policy binds its rows; it may lead back to this database',
		pg_catalog.format('REVOKE ALL ON %I.%I FROM PUBLIC, {role};', n.nspname, c.relname)
	FROM pg_catalog.pg_class c
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind = 'f'
		AND NOT c.relispartition
		AND (pg_catalog.has_any_column_privilege(v.role_oid, c.oid, 'SELECT, INSERT, UPDATE')
			OR pg_catalog.has_table_privilege(v.role_oid, c.oid, 'DELETE'))
	UNION ALL
	-- Grants that a visitor may pass on
	SELECT 'grant option',
		p.table_name,
		ARRAY[p.table_name],
		pg_catalog.format('the role may grant %s to others', pg_catalog.string_agg(DISTINCT a.privilege_type, ', ')),
		pg_catalog.format('REVOKE GRANT OPTION FOR ALL ON %s FROM {role};', p.table_name)
	FROM @extschema@.menuca_protected_table p
	JOIN pg_catalog.pg_class c ON c.oid = p.table_oid
	CROSS JOIN LATERAL (
		SELECT x.grantee, x.privilege_type, x.is_grantable
		FROM pg_catalog.aclexplode(c.relacl) x
		UNION ALL
		SELECT x.grantee, x.privilege_type, x.is_grantable
		FROM pg_catalog.pg_attribute t, pg_catalog.aclexplode(t.attacl) x
		WHERE t.attrelid = c.oid AND NOT t.attisdropped) a
	WHERE a.is_grantable
		AND a.grantee <> c.relowner
		AND (a.grantee = v.role_oid OR pg_catalog.pg_has_role(v.role_oid, NULLIF(a.grantee, 0::pg_catalog.oid), 'MEMBER'))
	GROUP BY p.table_name
	UNION ALL
	-- What tables that are made later would be granted
	SELECT 'default privilege',
		pg_catalog.format('%s of role %I%s', CASE d.defaclobjtype WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'routines' ELSE 'tables' END,
			pg_catalog.pg_get_userbyid(d.defaclrole), ' in schema ' || pg_catalog.quote_ident(n.nspname)),
		'{}',
		pg_catalog.format('what is created later gets %s', pg_catalog.string_agg(DISTINCT a.privilege_type, ', ')),
		pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON %s FROM PUBLIC, {role};',
			pg_catalog.pg_get_userbyid(d.defaclrole), ' IN SCHEMA ' || pg_catalog.quote_ident(n.nspname),
			CASE d.defaclobjtype WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES' ELSE 'TABLES' END)
	FROM pg_catalog.pg_default_acl d
	LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
	CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) a
	WHERE (d.defaclobjtype IN ('r', 'S') OR d.defaclobjtype = 'f' AND d.defaclnamespace <> 0)
		AND COALESCE(n.nspname::text, '') IN ('', COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3'))
		AND (a.grantee IN (0, v.role_oid) OR pg_catalog.pg_has_role(v.role_oid, NULLIF(a.grantee, 0::pg_catalog.oid), 'MEMBER'))
	GROUP BY d.defaclobjtype, d.defaclrole, n.nspname
	UNION ALL
	-- What visitors own they may change as they like
	SELECT 'owner',
		x.object,
		'{}',
		'the role owns it, or is a member of the owner',
		pg_catalog.format('ALTER %s OWNER TO CURRENT_USER;', x.object)
	FROM (SELECT pg_catalog.format('%s %I.%I', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, n.nspname, c.relname),
			c.relowner
		  FROM pg_catalog.pg_class c
		  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		  WHERE n.nspname::text = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3')
			AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
		  UNION ALL
		  SELECT pg_catalog.format('SCHEMA %I', n.nspname), n.nspowner
		  FROM pg_catalog.pg_namespace n
		  WHERE n.nspname::text = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3')
			OR n.oid = (SELECT e.extnamespace FROM pg_catalog.pg_extension e WHERE e.extname = 'menuca_migrate')
		  UNION ALL
		  SELECT pg_catalog.format('DATABASE %I', d.datname), d.datdba
		  FROM pg_catalog.pg_database d
		  WHERE d.datname = pg_catalog.current_database()) x(object, owner_oid)
	WHERE pg_catalog.pg_has_role(v.role_oid, x.owner_oid, 'MEMBER')
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = v.role_oid AND r.rolsuper)
		AND x.owner_oid >= 16384
	UNION ALL
	SELECT 'schema',
		pg_catalog.format('SCHEMA %I', n.nspname),
		'{}',
		'the role may create objects in it',
		pg_catalog.format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, {role};', n.nspname)
	FROM pg_catalog.pg_namespace n
	WHERE (n.nspname::text = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3')
			OR n.oid = (SELECT e.extnamespace FROM pg_catalog.pg_extension e WHERE e.extname = 'menuca_migrate'))
		AND pg_catalog.has_schema_privilege(v.role_oid, n.oid, 'CREATE')
		AND NOT pg_catalog.pg_has_role(v.role_oid, n.nspowner, 'MEMBER')
	UNION ALL
	SELECT 'schema',
		pg_catalog.format('DATABASE %I', d.datname),
		'{}',
		'the role may create schemas in it',
		pg_catalog.format('REVOKE CREATE ON DATABASE %I FROM PUBLIC, {role};', d.datname)
	FROM pg_catalog.pg_database d
	WHERE d.datname = pg_catalog.current_database()
		AND pg_catalog.has_database_privilege(v.role_oid, d.oid, 'CREATE')
		AND NOT pg_catalog.pg_has_role(v.role_oid, d.datdba, 'MEMBER')
	UNION ALL
	-- Settings that a request would begin with, or may change although only a superuser should
	SELECT 'setting',
		pg_catalog.split_part(c.setting, '=', 1),
		'{}',
		'each session of the role, of the database or of all begins with it',
		pg_catalog.format('ALTER ROLE %s%s RESET %s;', COALESCE(pg_catalog.quote_ident(r.rolname), 'ALL'),
			' IN DATABASE ' || pg_catalog.quote_ident(d.datname), pg_catalog.split_part(c.setting, '=', 1))
	FROM pg_catalog.pg_db_role_setting s
	LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
	LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
	CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) c(setting)
	WHERE s.setrole IN (0, v.role_oid)
		AND (d.oid IS NULL OR d.datname = pg_catalog.current_database())
		AND pg_catalog.split_part(c.setting, '=', 1) IN ('row_security', 'session_replication_role', 'role', 'request.jwt.claims', 'request.jwt.claim',
			COALESCE(pg_catalog.current_setting('menuca.jwt_claims', true), 'request.jwt.claims'))
	UNION ALL
	SELECT 'setting',
		p.parname,
		'{}',
		pg_catalog.format('the role was granted %s', pg_catalog.string_agg(DISTINCT a.privilege_type, ', ')),
		pg_catalog.format('REVOKE ALL ON PARAMETER %s FROM PUBLIC, {role};', p.parname)
	FROM pg_catalog.pg_parameter_acl p
	CROSS JOIN LATERAL pg_catalog.aclexplode(p.paracl) a
	WHERE a.grantee IN (0, v.role_oid) OR pg_catalog.pg_has_role(v.role_oid, NULLIF(a.grantee, 0::pg_catalog.oid), 'MEMBER')
	GROUP BY p.parname
	UNION ALL
	-- Roles that a visitor can become, and what the role itself is
	SELECT 'membership',
		pg_catalog.format('ROLE %I', r.rolname),
		'{}',
		CASE WHEN r.rolname::text = COALESCE(pg_catalog.current_setting('menuca.admin_role', true), 'service_role') THEN 'the policies of the services apply to its members'
			WHEN r.oid < 16384 THEN 'it is one of the server''s own roles'
			WHEN EXISTS (SELECT FROM @extschema@.menuca_visitor other WHERE other.role_oid = r.oid) THEN 'the policies for those who logged in apply to its members'
			ELSE 'no policy binds it' END,
		pg_catalog.format('REVOKE %I FROM {role};', r.rolname)
	FROM pg_catalog.pg_roles r
	WHERE r.oid <> v.role_oid
		AND pg_catalog.pg_has_role(v.role_oid, r.oid, 'MEMBER')
		AND (v.role_kind = 'public' AND EXISTS (SELECT FROM @extschema@.menuca_visitor other WHERE other.role_oid = r.oid)
			OR r.rolsuper OR r.rolbypassrls OR r.rolreplication OR r.rolcreaterole
			OR r.oid < 16384 AND r.rolname <> 'pg_database_owner'
			OR r.rolname::text = COALESCE(pg_catalog.current_setting('menuca.admin_role', true), 'service_role')
			OR EXISTS (SELECT FROM @extschema@.menuca_protected_table p JOIN pg_catalog.pg_class c ON c.oid = p.table_oid WHERE c.relowner = r.oid))
	UNION ALL
	SELECT 'role attribute',
		pg_catalog.format('ROLE %I', r.rolname),
		'{}',
		pg_catalog.format('the role has %s', pg_catalog.concat_ws(', ', CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
			CASE WHEN r.rolreplication THEN 'REPLICATION' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END)),
		pg_catalog.format('ALTER ROLE %I %s;', r.rolname, pg_catalog.concat_ws(' ', CASE WHEN r.rolsuper THEN 'NOSUPERUSER' END, CASE WHEN r.rolbypassrls THEN 'NOBYPASSRLS' END,
			CASE WHEN r.rolreplication THEN 'NOREPLICATION' END, CASE WHEN r.rolcreaterole THEN 'NOCREATEROLE' END))
	FROM pg_catalog.pg_roles r
	WHERE r.oid = v.role_oid
		AND (r.rolsuper OR r.rolbypassrls OR r.rolreplication OR r.rolcreaterole)
	UNION ALL
	SELECT 'privilege',
		p.table_name,
		ARRAY[p.table_name],
		pg_catalog.format('the role may %s', pg_catalog.upper(u.command)),
		u.remedy
	FROM @extschema@.menuca_protected_table p
	JOIN @extschema@.menuca_unbound_privilege u ON u.table_oid = p.table_oid AND u.role_oid = v.role_oid
	WHERE u.is_granted
		AND p.is_wanted
		AND u.command <> 'copy from') o(kind, object, reads, why, remedy)
UNION ALL
-- Whoever it is who asks: what the tables themselves do with rows
SELECT 'publication',
	pg_catalog.quote_ident(p.pubname),
	NULL,
	pg_catalog.array_agg(t.table_name ORDER BY t.table_name),
	'it sends rows without asking policies' || CASE WHEN b.puballtables THEN ', of each table that is made later, too' ELSE '' END,
	CASE WHEN b.puballtables THEN pg_catalog.format('DROP PUBLICATION %I;', p.pubname)
		ELSE pg_catalog.format('ALTER PUBLICATION %I DROP TABLE %s;', p.pubname, pg_catalog.string_agg(t.table_name, ', ' ORDER BY t.table_name)) END
FROM pg_catalog.pg_publication_tables p
JOIN pg_catalog.pg_publication b ON b.pubname = p.pubname
JOIN @extschema@.menuca_protected_table t ON t.table_name = pg_catalog.format('%I.%I', p.schemaname, p.tablename)
GROUP BY p.pubname, b.puballtables
UNION ALL
SELECT 'publication',
	pg_catalog.quote_ident(p.pubname),
	NULL,
	'{}',
	'it sends rows without asking policies, of each table that is made later, too',
	pg_catalog.format('DROP PUBLICATION %I;', p.pubname)
FROM pg_catalog.pg_publication p
LEFT JOIN pg_catalog.pg_publication_namespace s ON s.pnpubid = p.oid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid
WHERE (p.puballtables OR n.nspname::text = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3'))
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_tables x
					JOIN @extschema@.menuca_protected_table t ON t.table_name = pg_catalog.format('%I.%I', x.schemaname, x.tablename)
					WHERE x.pubname = p.pubname)
UNION ALL
SELECT 'rule',
	pg_catalog.format('%I ON %I.%I', r.rulename, n.nspname, c.relname),
	NULL,
	pg_catalog.array_agg(DISTINCT p.table_name ORDER BY p.table_name),
	'it executes other statements instead of, or beside, what was asked for, with the rights of the owner',
	pg_catalog.format('DROP RULE %I ON %I.%I;', r.rulename, n.nspname, c.relname)
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN @extschema@.menuca_protected_table p ON p.table_oid = r.ev_class
	OR EXISTS (SELECT FROM pg_catalog.pg_depend d
			   WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
				   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = p.table_oid)
WHERE r.rulename <> '_RETURN'
	AND (p.table_oid = r.ev_class
		OR EXISTS (SELECT FROM @extschema@.menuca_visitor v
				   WHERE pg_catalog.has_any_column_privilege(v.role_oid, c.oid, 'INSERT, UPDATE')
					   OR pg_catalog.has_table_privilege(v.role_oid, c.oid, 'DELETE')))
GROUP BY r.rulename, n.nspname, c.relname
UNION ALL
SELECT 'trigger',
	pg_catalog.format('%I ON %I.%I', t.tgname, n.nspname, c.relname),
	NULL,
	f.reads,
	pg_catalog.format('its function %s runs with the rights of its owner', f.function_name),
	pg_catalog.format('ALTER FUNCTION %s SECURITY INVOKER;', f.function_name)
FROM @extschema@.menuca_definer_function f
JOIN pg_catalog.pg_trigger t ON t.tgfoid = f.function_oid
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal
	AND (f.reads <> '{}' OR f.is_unknown)
	AND (EXISTS (SELECT FROM @extschema@.menuca_protected_table p WHERE p.table_oid = c.oid)
		OR EXISTS (SELECT FROM @extschema@.menuca_visitor v
				   WHERE pg_catalog.has_any_column_privilege(v.role_oid, c.oid, 'INSERT, UPDATE')
					   OR pg_catalog.has_table_privilege(v.role_oid, c.oid, 'DELETE, TRUNCATE')))
UNION ALL
SELECT 'claim',
	pg_catalog.format('%I.%I(%s)', n.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid)),
	NULL,
	'{}',
	'policies call it, and it is not what the extension created',
	'ALTER EXTENSION menuca_migrate UPDATE;'
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
JOIN pg_catalog.pg_proc f ON f.pronamespace = n.oid AND f.proname IN ('menuca_claim_bigint', 'menuca_claim_uuid', 'menuca_own_tenants', 'menuca_own_tenant_uuids', 'menuca_is_public')
JOIN pg_catalog.pg_language l ON l.oid = f.prolang
WHERE e.extname = 'menuca_migrate'
	AND (l.lanname <> 'c' OR f.provolatile <> 's' OR f.prosecdef OR f.proconfig IS NOT NULL
		OR f.prosrc NOT IN ('menuca_claim_bigint', 'menuca_claim_bigint_of', 'menuca_claim_uuid', 'menuca_claim_uuid_of',
			'menuca_own_tenants', 'menuca_own_tenant_uuids', 'menuca_is_public', 'menuca_is_public_uuid')
		OR NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
					   WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = f.oid
						   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid AND d.deptype = 'e'));

COMMENT ON VIEW @extschema@.menuca_policy_bypass IS
'What menuca_access_opening shows, without what people have accepted of it.';
COMMENT ON COLUMN @extschema@.menuca_policy_bypass.kind IS
'As in menuca_access_opening.';
COMMENT ON COLUMN @extschema@.menuca_policy_bypass.object IS
'As in menuca_access_opening.';
COMMENT ON COLUMN @extschema@.menuca_policy_bypass.role_name IS
'As in menuca_access_opening.';
COMMENT ON COLUMN @extschema@.menuca_policy_bypass.reads IS
'As in menuca_access_opening.';
COMMENT ON COLUMN @extschema@.menuca_policy_bypass.why IS
'As in menuca_access_opening.';
COMMENT ON COLUMN @extschema@.menuca_policy_bypass.next_step IS
'As in menuca_access_opening.';

CREATE VIEW @extschema@.menuca_opening_definition WITH (security_invoker = true) AS
SELECT CASE WHEN w.is_materialized THEN 'materialized view' ELSE 'view' END AS kind,
	w.view_name AS object,
	w.definition
FROM @extschema@.menuca_owner_rights_view w
UNION ALL
SELECT pg_catalog.lower(f.function_kind), f.function_name, f.definition
FROM @extschema@.menuca_definer_function f
UNION ALL
SELECT 'trigger',
	pg_catalog.format('%I ON %I.%I', t.tgname, n.nspname, c.relname),
	pg_catalog.md5(pg_catalog.concat_ws(' ', pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled, f.definition))
FROM @extschema@.menuca_definer_function f
JOIN pg_catalog.pg_trigger t ON t.tgfoid = f.function_oid
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
UNION ALL
SELECT 'publication',
	pg_catalog.quote_ident(p.pubname),
	pg_catalog.md5(pg_catalog.concat_ws(' ', p.puballtables, p.pubviaroot,
		(SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', t.schemaname, t.tablename, t.attnames, t.rowfilter), ',' ORDER BY t.schemaname, t.tablename)
		 FROM pg_catalog.pg_publication_tables t
		 WHERE t.pubname = p.pubname),
		(SELECT pg_catalog.string_agg(n.nspname::text, ',' ORDER BY n.nspname)
		 FROM pg_catalog.pg_publication_namespace s
		 JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid
		 WHERE s.pnpubid = p.oid)))
FROM pg_catalog.pg_publication p;

COMMENT ON VIEW @extschema@.menuca_opening_definition IS
'What a way around the policies is at present, to tell whether it is still what was accepted. Only of what can be accepted.';
COMMENT ON COLUMN @extschema@.menuca_opening_definition.kind IS
'As in menuca_access_opening.';
COMMENT ON COLUMN @extschema@.menuca_opening_definition.object IS
'As in menuca_access_opening.';
COMMENT ON COLUMN @extschema@.menuca_opening_definition.definition IS
'MD5 of its definition, and of those of the functions and views that it uses, with their owners; of a publication, of its tables.';

CREATE VIEW @extschema@.menuca_access_opening WITH (security_invoker = true) AS
SELECT b.kind, b.object, b.role_name, b.reads, b.why, b.next_step, d.definition,
	(SELECT a.reason
	 FROM @extschema@.menuca_accepted_opening a
	 WHERE (a.kind, a.object, a.definition) = (b.kind, b.object, d.definition)
		AND a.role_name IS NOT DISTINCT FROM b.role_name) AS accepted
FROM @extschema@.menuca_policy_bypass b
LEFT JOIN @extschema@.menuca_opening_definition d ON d.kind = b.kind AND d.object = b.object;

COMMENT ON VIEW @extschema@.menuca_access_opening IS
'Ways around the policies: what lets a visitor''s role read or change rows of protected tables without asking their policies. No row when there is none.';
COMMENT ON COLUMN @extschema@.menuca_access_opening.kind IS
'view, materialized view, function, procedure, partition, inheritance child, inheritance parent, foreign table, grant option, default privilege, owner, schema, setting, membership, role attribute, privilege, publication, rule, trigger or claim.';
COMMENT ON COLUMN @extschema@.menuca_access_opening.object IS
'The object, qualified and quoted.';
COMMENT ON COLUMN @extschema@.menuca_access_opening.role_name IS
'The visitor''s role; NULL when it does not depend on one.';
COMMENT ON COLUMN @extschema@.menuca_access_opening.reads IS
'The protected tables that it reaches, as far as the catalog tells.';
COMMENT ON COLUMN @extschema@.menuca_access_opening.why IS
'How.';
COMMENT ON COLUMN @extschema@.menuca_access_opening.next_step IS
'A statement that closes it; read it before you execute it, since others may rely on the object.';
COMMENT ON COLUMN @extschema@.menuca_access_opening.definition IS
'MD5 of what it is at present, to accept it by, as menuca_access_openings() has it: here it depends on the search_path. NULL for what can only be closed.';
COMMENT ON COLUMN @extschema@.menuca_access_opening.accepted IS
'Why it stays open, by menuca_accepted_opening; NULL unless it was accepted as it is.';

CREATE FUNCTION @extschema@.menuca_access_openings(
	kinds text[] DEFAULT NULL)
RETURNS SETOF @extschema@.menuca_access_opening
LANGUAGE sql STABLE PARALLEL UNSAFE
SET jit = off
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
SELECT o.*
FROM @extschema@.menuca_access_opening o
WHERE kinds IS NULL OR o.kind = ANY (kinds)
ORDER BY o.kind, o.object, o.role_name;
END;

COMMENT ON FUNCTION @extschema@.menuca_access_openings(text[]) IS
'The rows of menuca_access_opening, of some kinds or of all: ways around the policies, each with a statement that closes it. Read only. To compile such a query takes the server a hundred times as long as to execute it, so that is switched off here. Definitions name everything with its schema, whatever the caller''s search_path.';

--
-- Of which database this one is a copy.  What is exported here runs only there.
--

CREATE TABLE @extschema@.menuca_copy (
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	record_no bigint NOT NULL,
	of_database text NOT NULL,
	of_system_identifier bigint,
	of_project text,
	recorded_by text NOT NULL DEFAULT session_user,
	recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	reason text,
	PRIMARY KEY (database_name, system_identifier, record_no),
	CHECK (COALESCE(of_system_identifier::text, of_project) IS NOT NULL)
);

COMMENT ON TABLE @extschema@.menuca_copy IS
'Of which database this one is a copy: of the rows with this database''s name and cluster, the one with the highest record_no. A copy of the copy has the same rows, which do not apply to it.';
COMMENT ON COLUMN @extschema@.menuca_copy.database_name IS
'Name of the copy.';
COMMENT ON COLUMN @extschema@.menuca_copy.system_identifier IS
'System identifier of the copy''s cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN @extschema@.menuca_copy.record_no IS
'Number of the record of that copy, from 1; the last one applies.';
COMMENT ON COLUMN @extschema@.menuca_copy.of_database IS
'Name of the database that the copy was made of.';
COMMENT ON COLUMN @extschema@.menuca_copy.of_system_identifier IS
'System identifier of that database''s cluster; NULL when it is known by its project.';
COMMENT ON COLUMN @extschema@.menuca_copy.of_project IS
'Name of its project at the hosting service; NULL when it is known by its system identifier.';
COMMENT ON COLUMN @extschema@.menuca_copy.recorded_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_copy.recorded_at IS
'When it was recorded.';
COMMENT ON COLUMN @extschema@.menuca_copy.reason IS
'Why the record before it was wrong; NULL for the first, unless a reason was given.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_copy', '');

CREATE FUNCTION @extschema@.menuca_copy_of(
	database text,
	OUT database_name text,
	INOUT system_identifier bigint DEFAULT NULL,
	INOUT project text DEFAULT NULL,
	reason text DEFAULT NULL,
	OUT recorded_by text,
	OUT recorded_at timestamptz,
	OUT newly_recorded boolean,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_copy_of(text, bigint, text, text) IS
'Records of which database this one is a copy: its name, and its cluster''s system identifier or its project at the hosting service, or both. Exported files run only there. A second call for the same one reports the record; for another one it needs a reason, which is recorded. Raises an error on the original itself and on a database registered as production.';

REVOKE ALL ON FUNCTION @extschema@.menuca_copy_of(text, bigint, text, text) FROM PUBLIC;

CREATE VIEW @extschema@.menuca_copy_original WITH (security_invoker = true) AS
SELECT pg_catalog.jsonb_build_object('database', c.of_database, 'system_identifier', c.of_system_identifier::text, 'project', c.of_project,
	'copy', pg_catalog.format('database "%s" in cluster %s (record %s)', c.database_name, c.system_identifier, c.record_no)) AS original
FROM @extschema@.menuca_copy c, pg_catalog.pg_control_system() s
WHERE c.database_name = pg_catalog.current_database() AND c.system_identifier = s.system_identifier
ORDER BY c.record_no DESC
LIMIT 1;

COMMENT ON VIEW @extschema@.menuca_copy_original IS
'The database that this one is a copy of, for the files that are exported: one row, or none when it is not recorded.';
COMMENT ON COLUMN @extschema@.menuca_copy_original.original IS
'Object with database, system_identifier and project, each a text or null; and copy, a text by which receipts say which copy exported their file.';

--
-- A fix as SQL files
--

CREATE VIEW @extschema@.menuca_export_column WITH (security_invoker = true) AS
SELECT w.table_oid,
	w.column_no,
	w.column_name,
	a.attname::text AS bare_name,
	w.type_name,
	w.type_oid IN ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype, 'pg_catalog.int8'::pg_catalog.regtype) AS is_integer,
	w.is_identity,
	w.has_default,
	w.is_in_primary_key,
	p.oid AS parent_oid,
	n.nspname::text AS parent_schema,
	p.relname::text AS parent_table
FROM @extschema@.menuca_writable_column w
JOIN pg_catalog.pg_attribute a ON a.attrelid = w.table_oid AND a.attnum = w.column_no
-- A reference by the one integer column that is the parent's primary key
LEFT JOIN (pg_catalog.pg_class p
	JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
	JOIN pg_catalog.pg_index i ON i.indrelid = p.oid AND i.indisprimary AND i.indnkeyatts = 1
	JOIN pg_catalog.pg_attribute k ON k.attrelid = p.oid AND k.attnum = i.indkey[0]
		AND k.atttypid IN ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype, 'pg_catalog.int8'::pg_catalog.regtype))
	ON p.oid = w.parent_oid AND pg_catalog.quote_ident(k.attname) = w.parent_column AND p.relkind IN ('r', 'p');

COMMENT ON VIEW @extschema@.menuca_export_column IS
'The columns of each table that an INSERT may give a value to, and the table whose primary key each of them refers to.';
COMMENT ON COLUMN @extschema@.menuca_export_column.table_oid IS
'The table.';
COMMENT ON COLUMN @extschema@.menuca_export_column.column_no IS
'Number of the column (pg_attribute.attnum).';
COMMENT ON COLUMN @extschema@.menuca_export_column.column_name IS
'Name of the column, quoted if necessary.';
COMMENT ON COLUMN @extschema@.menuca_export_column.bare_name IS
'Name of the column as it is.';
COMMENT ON COLUMN @extschema@.menuca_export_column.type_name IS
'Type of the column as in a cast, with its length or precision.';
COMMENT ON COLUMN @extschema@.menuca_export_column.is_integer IS
'True when the type is smallint, integer or bigint.';
COMMENT ON COLUMN @extschema@.menuca_export_column.is_identity IS
'True for an identity column.';
COMMENT ON COLUMN @extschema@.menuca_export_column.has_default IS
'True when the column has a default of its own or is an identity column.';
COMMENT ON COLUMN @extschema@.menuca_export_column.is_in_primary_key IS
'True when the column is part of the primary key.';
COMMENT ON COLUMN @extschema@.menuca_export_column.parent_oid IS
'Table that the first foreign key on this column alone references by its primary key, one integer; NULL without such a key.';
COMMENT ON COLUMN @extschema@.menuca_export_column.parent_schema IS
'Schema of that table; NULL likewise.';
COMMENT ON COLUMN @extschema@.menuca_export_column.parent_table IS
'Name of that table; NULL likewise.';

CREATE VIEW @extschema@.menuca_export_run WITH (security_invoker = true) AS
SELECT r.run_id, r.target_schema, r.target, r.status, r.inserted, r.part_of,
	pg_catalog.format('%s by %s, %s, %s rows into %I.%I, gates %s', r.kind, r.run_by,
		pg_catalog.to_char(pg_catalog.timezone('UTC', r.started_at), 'YYYY-MM-DD HH24:MI:SS "UTC"'),
		r.inserted, r.target_schema, r.target, r.parameters) AS description
FROM @extschema@.menuca_run r;

COMMENT ON VIEW @extschema@.menuca_export_run IS
'The runs of the ledger, as the files of menuca_export_fix() describe them.';
COMMENT ON COLUMN @extschema@.menuca_export_run.run_id IS
'Number of the run.';
COMMENT ON COLUMN @extschema@.menuca_export_run.target_schema IS
'Schema of the table that the run wrote to.';
COMMENT ON COLUMN @extschema@.menuca_export_run.target IS
'Name of that table, without its schema.';
COMMENT ON COLUMN @extschema@.menuca_export_run.status IS
'running, completed, gate_failed or rolled_back.';
COMMENT ON COLUMN @extschema@.menuca_export_run.inserted IS
'Rows that the run has inserted so far.';
COMMENT ON COLUMN @extschema@.menuca_export_run.part_of IS
'The run of whose transaction this one is a part; NULL for a run of its own.';
COMMENT ON COLUMN @extschema@.menuca_export_run.description IS
'Kind, who ran it, when, how many rows, and the gates, in one line.';

CREATE VIEW @extschema@.menuca_export_approval WITH (security_invoker = true) AS
SELECT d.target_schema, 'decision' AS kind, d.decided_at AS at,
	pg_catalog.format('%s, by %s at %s: %s', d.target, d.approver,
		pg_catalog.to_char(pg_catalog.timezone('UTC', d.decided_at), 'YYYY-MM-DD HH24:MI:SS "UTC"'), d.reason) AS description
FROM (SELECT DISTINCT ON (target_schema) * FROM @extschema@.menuca_decision ORDER BY target_schema, decision_id DESC) d
UNION ALL
SELECT a.target_schema, 'acceptance', a.accepted_at,
	pg_catalog.format('%s %s of %s, by %s at %s: %s', a.figure, a.bound, a.target, a.approver,
		pg_catalog.to_char(pg_catalog.timezone('UTC', a.accepted_at), 'YYYY-MM-DD HH24:MI:SS "UTC"'), a.reason)
FROM @extschema@.menuca_acceptance a
WHERE a.withdrawn_at IS NULL;

COMMENT ON VIEW @extschema@.menuca_export_approval IS
'The newest decision of each target schema, and the acceptances that were not withdrawn, as the files of menuca_export_fix() describe them.';
COMMENT ON COLUMN @extschema@.menuca_export_approval.target_schema IS
'Schema of the target.';
COMMENT ON COLUMN @extschema@.menuca_export_approval.kind IS
'decision or acceptance.';
COMMENT ON COLUMN @extschema@.menuca_export_approval.at IS
'When it was recorded.';
COMMENT ON COLUMN @extschema@.menuca_export_approval.description IS
'What was decided or accepted, by whom, when and why, in one line.';

CREATE FUNCTION @extschema@.menuca_export_fix(
	run_id bigint,
	style text DEFAULT 'psql',
	max_bytes integer DEFAULT NULL,
	OUT file_no integer,
	OUT file_name text,
	OUT purpose text,
	OUT sql text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_export_fix(bigint, text, integer) IS
'The runs in effect up to that one, with their parts, as SQL files for the database that this one is a copy of, where no extension can be loaded: 00_check, 01_stage in parts, 02_apply, 03_verify, 04_rollback and 05_clean. style is psql, supabase (migrations of one statement) or statements (for a tool that sends one string); max_bytes is the size of a file of 01_stage at most, in bytes. Raises an error when the run has not completed or its rows are not as the ledger has them, and when it is not recorded of which database this is a copy. Read only.';

REVOKE ALL ON FUNCTION @extschema@.menuca_export_fix(bigint, text, integer) FROM PUBLIC;

--
-- The hosted production, as its copy knows it
--

CREATE VIEW @extschema@.menuca_hosted_production WITH (security_invoker = true) AS
SELECT e.environment_id,
	e.name,
	e.database_name,
	e.system_identifier,
	e.of_database,
	e.of_system_identifier,
	e.of_project
FROM @extschema@.menuca_registered_environment e
JOIN @extschema@.menuca_copy c USING (database_name, system_identifier)
WHERE e.hosted
	-- A record that was corrected is of another production
	AND c.record_no = (SELECT pg_catalog.max(l.record_no) FROM @extschema@.menuca_copy l
					   WHERE l.database_name = c.database_name AND l.system_identifier = c.system_identifier)
	AND c.of_database = e.of_database
	AND c.of_system_identifier IS NOT DISTINCT FROM e.of_system_identifier
	AND c.of_project IS NOT DISTINCT FROM e.of_project;

COMMENT ON VIEW @extschema@.menuca_hosted_production IS
'The hosted production of each copy, as menuca_environment(…, hosted => true) registered it and menuca_copy_of() records it now.';
COMMENT ON COLUMN @extschema@.menuca_hosted_production.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_hosted_production.name IS
'production.';
COMMENT ON COLUMN @extschema@.menuca_hosted_production.database_name IS
'Name of the copy: the row applies to it alone, not to a copy of it.';
COMMENT ON COLUMN @extschema@.menuca_hosted_production.system_identifier IS
'System identifier of the copy''s cluster.';
COMMENT ON COLUMN @extschema@.menuca_hosted_production.of_database IS
'Name of the hosted production''s database.';
COMMENT ON COLUMN @extschema@.menuca_hosted_production.of_system_identifier IS
'System identifier of its cluster; NULL when it is known by its project.';
COMMENT ON COLUMN @extschema@.menuca_hosted_production.of_project IS
'Name of its project at the hosting service; NULL when it is known by its system identifier.';

CREATE FUNCTION @extschema@.menuca_environment(
	name text,
	expected_database text,
	expected_system_identifier bigint,
	hosted boolean,
	OUT environment text,
	OUT database_name text,
	OUT system_identifier bigint,
	OUT newly_registered boolean)
RETURNS record
AS 'MODULE_PATHNAME', 'menuca_environment_hosted'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_environment(text, text, bigint, boolean) IS
'With hosted => true: registers, in its copy, a hosted production, whose tickets 6 to 10 are then executed here; the name is production, and the database and its cluster must be those that menuca_copy_of() has recorded (NULL for the cluster where it recorded the project alone). The copy is registered as staging besides. With hosted => false the same as without it.';

REVOKE ALL ON FUNCTION @extschema@.menuca_environment(text, text, bigint, boolean) FROM PUBLIC;

--
-- Receipts: what the files of a set that only read have found in the hosted
-- database.  Each ends with one, and it is pasted here.
--

CREATE TABLE @extschema@.menuca_hosted_receipt (
	receipt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	sha256 text NOT NULL,
	made_at timestamptz NOT NULL,
	document jsonb NOT NULL,
	accepted_by text NOT NULL DEFAULT session_user,
	accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	UNIQUE (database_name, system_identifier, sha256)
);

COMMENT ON TABLE @extschema@.menuca_hosted_receipt IS
'The receipts of a hosted production that menuca_accept_receipt() has accepted.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt.receipt_id IS
'Number of the receipt.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt.database_name IS
'Name of the copy that accepted it: it applies to that one, not to a copy of it.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt.system_identifier IS
'System identifier of the copy''s cluster.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt.sha256 IS
'The receipt''s own checksum, by which the same one is recognized.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt.made_at IS
'When the file was executed, by the clock of the hosted database.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt.document IS
'The receipt as the file returned it: set, file, database, time, rows and sha256.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt.accepted_by IS
'Session user who pasted it.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt.accepted_at IS
'When it was accepted.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_hosted_receipt', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_hosted_receipt_receipt_id_seq', '');

CREATE VIEW @extschema@.menuca_hosted_file WITH (security_invoker = true) AS
SELECT f.kind, f.set_pattern, f.file, f.is_before, f.place, f.purpose
FROM (VALUES
	('fix', '^menuca_fix_[1-9][0-9]{0,17}$', '00_check', true, 1, 'whether the fix can be applied'),
	('fix', '^menuca_fix_[1-9][0-9]{0,17}$', '03_verify', false, 2, 'what the fix has done'),
	('indexes', '^menuca_indexes$', '00_check', true, 1, 'whether the indexes can be built'),
	('indexes', '^menuca_indexes$', '03_verify', false, 2, 'whether the indexes are there'),
	('access', '^menuca_access$', '00_check', true, 1, 'whether access can be deployed'),
	('access', '^menuca_access$', '03_check', false, 2, 'whether access is as wanted'),
	('access', '^menuca_access$', '04_matrix', false, 3, 'what each role reaches')
) f(kind, set_pattern, file, is_before, place, purpose);

COMMENT ON VIEW @extschema@.menuca_hosted_file IS
'The files of a set that end with a receipt.';
COMMENT ON COLUMN @extschema@.menuca_hosted_file.kind IS
'fix, indexes or access: what the set does.';
COMMENT ON COLUMN @extschema@.menuca_hosted_file.set_pattern IS
'Names of such sets, as a regular expression; that of a fix ends with its run.';
COMMENT ON COLUMN @extschema@.menuca_hosted_file.file IS
'Name of the file, without a suffix.';
COMMENT ON COLUMN @extschema@.menuca_hosted_file.is_before IS
'True for a file that is executed before the change, false for one after it.';
COMMENT ON COLUMN @extschema@.menuca_hosted_file.place IS
'Place of the file among those of its set, from 1.';
COMMENT ON COLUMN @extschema@.menuca_hosted_file.purpose IS
'What its rows show.';

CREATE FUNCTION @extschema@.menuca_receipt_facts(
	receipt jsonb,
	OUT is_whole boolean,
	OUT checksum_fits boolean,
	OUT set_name text,
	OUT file text,
	OUT database_name text,
	OUT made_at text,
	OUT sha256 text,
	OUT kind text,
	OUT run_id bigint)
RETURNS record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE(
			pg_catalog.jsonb_typeof(m.receipt -> 'set') = 'string' AND pg_catalog.jsonb_typeof(m.receipt -> 'file') = 'string'
			AND pg_catalog.jsonb_typeof(m.receipt -> 'database') = 'string'
			AND m.receipt ->> 'time' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?( UTC|Z|[+-][0-9]{2}(:?[0-9]{2})?)$'
			AND pg_catalog.jsonb_array_length(r.all) BETWEEN 1 AND 10000
			AND NOT EXISTS (
				SELECT FROM pg_catalog.jsonb_array_elements(r.all) e(row)
				WHERE (pg_catalog.jsonb_typeof(e.row) = 'object'
					AND pg_catalog.jsonb_typeof(e.row -> 'name') = 'string'
					AND pg_catalog.jsonb_typeof(e.row -> 'check_no') = 'number'
					AND e.row ->> 'check_no' ~ '^[0-9]{1,9}$'
					AND e.row ->> 'status' IN ('PASS', 'WARN', 'FAIL', 'ERROR', 'SKIP')) IS NOT TRUE), false),
		COALESCE(m.receipt ->> 'sha256' = pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((m.receipt - 'sha256')::text, 'UTF8')), 'hex'), false),
		m.receipt ->> 'set',
		m.receipt ->> 'file',
		m.receipt ->> 'database',
		m.receipt ->> 'time',
		m.receipt ->> 'sha256',
		(SELECT h.kind FROM @extschema@.menuca_hosted_file h
		 WHERE m.receipt ->> 'set' ~ h.set_pattern AND m.receipt ->> 'file' = h.file),
		pg_catalog.substring(m.receipt ->> 'set', '^menuca_fix_([1-9][0-9]{0,17})$')::bigint
	FROM (SELECT CASE pg_catalog.jsonb_typeof(menuca_receipt_facts.receipt) WHEN 'object' THEN menuca_receipt_facts.receipt ELSE '{}' END) m(receipt)
	CROSS JOIN LATERAL (SELECT CASE pg_catalog.jsonb_typeof(m.receipt -> 'rows') WHEN 'array' THEN m.receipt -> 'rows' ELSE '[]' END) r("all");
END;

COMMENT ON FUNCTION @extschema@.menuca_receipt_facts(jsonb) IS
'What a receipt says, whoever wrote it: whether it has all of its parts (is_whole), whether its SHA-256 is that of the rest of its text (checksum_fits); its set, file, database and checksum, and the time, as text; the kind of the set (NULL for a file that has no receipt) and, of a fix, its run. Read only.';

CREATE VIEW @extschema@.menuca_hosted_receipts WITH (security_invoker = true) AS
SELECT r.receipt_id,
	r.database_name,
	r.system_identifier,
	f.kind,
	f.run_id,
	f.set_name,
	f.file,
	f.database_name AS of_database,
	r.made_at,
	CASE WHEN s.failed > 0 THEN 'FAIL' WHEN s.warned > 0 THEN 'WARN' ELSE 'PASS' END AS status,
	s.passed,
	s.warned,
	s.failed,
	r.accepted_by,
	r.accepted_at,
	-- A record that was corrected is of another production
	COALESCE(c.of_database = f.database_name AND r.accepted_at >= c.recorded_at, false) AS applies
FROM @extschema@.menuca_hosted_receipt r
CROSS JOIN LATERAL @extschema@.menuca_receipt_facts(r.document) f
CROSS JOIN LATERAL (
	SELECT pg_catalog.count(*) FILTER (WHERE e.row ->> 'status' IN ('PASS', 'SKIP')),
		pg_catalog.count(*) FILTER (WHERE e.row ->> 'status' = 'WARN'),
		pg_catalog.count(*) FILTER (WHERE e.row ->> 'status' IN ('FAIL', 'ERROR'))
	FROM pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(r.document -> 'rows') WHEN 'array' THEN r.document -> 'rows' END) e(row)) s(passed, warned, failed)
LEFT JOIN LATERAL (
	SELECT l.of_database, l.recorded_at
	FROM @extschema@.menuca_copy l
	WHERE l.database_name = r.database_name AND l.system_identifier = r.system_identifier
	ORDER BY l.record_no DESC
	LIMIT 1) c ON true;

COMMENT ON VIEW @extschema@.menuca_hosted_receipts IS
'The accepted receipts with what they say, one row each.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.receipt_id IS
'Number of the receipt.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.database_name IS
'Name of the copy that accepted it.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.system_identifier IS
'System identifier of the copy''s cluster.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.kind IS
'fix, indexes or access: what the set does.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.run_id IS
'Run of a fix (menuca_run); NULL otherwise.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.set_name IS
'Name of the set.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.file IS
'Name of the file, without a suffix.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.of_database IS
'Name of the database in which the file was executed.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.made_at IS
'When it was executed, by the clock of that database.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.status IS
'PASS, WARN or FAIL: the worst status of its rows, with ERROR as FAIL.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.passed IS
'Number of its rows that are PASS or SKIP.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.warned IS
'Number of its rows that are WARN.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.failed IS
'Number of its rows that are FAIL or ERROR.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.accepted_by IS
'Session user who pasted it.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.accepted_at IS
'When it was accepted.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipts.applies IS
'True when it was accepted for the database that menuca_copy_of() records now.';

CREATE VIEW @extschema@.menuca_hosted_receipt_row WITH (security_invoker = true) AS
SELECT r.receipt_id,
	(e.row ->> 'check_no')::bigint AS check_no,
	e.row ->> 'name' AS name,
	e.row ->> 'status' AS status,
	e.row ->> 'expected' AS expected,
	e.row ->> 'actual' AS actual,
	e.row ->> 'detail' AS detail,
	e.row ->> 'next_step' AS next_step
FROM @extschema@.menuca_hosted_receipt r
CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(r.document -> 'rows') WHEN 'array' THEN r.document -> 'rows' END) e(row);

COMMENT ON VIEW @extschema@.menuca_hosted_receipt_row IS
'The rows of the accepted receipts: the checks of a file, as it returned them.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt_row.receipt_id IS
'The receipt (menuca_hosted_receipt).';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt_row.check_no IS
'Number of the check within the file.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt_row.name IS
'What was checked.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt_row.status IS
'PASS, WARN, FAIL, ERROR or SKIP.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt_row.expected IS
'What was expected; NULL when nothing was.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt_row.actual IS
'What was found; NULL when nothing was.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt_row.detail IS
'More about it; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_hosted_receipt_row.next_step IS
'What the file says is to be done on the hosted database; NULL when nothing is.';

CREATE FUNCTION @extschema@.menuca_accept_receipt(
	receipt text,
	OUT receipt_id bigint,
	OUT set_name text,
	OUT file text,
	OUT database_name text,
	OUT made_at timestamptz,
	OUT status text,
	OUT passed bigint,
	OUT warned bigint,
	OUT failed bigint,
	OUT newly_accepted boolean,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_accept_receipt(text) IS
'Accepts the receipt of a file that only reads, executed in the hosted database that this one is a copy of: column actual of its row "receipt", or the whole result as a JSON array of rows. The runbook''s tickets take its rows as their findings. The same receipt again is the same row. Raises an error (class MC) when there is none or more than one, when it was edited or cut, or when it is of another database, of a time in the future or before the copy, or of a set that this database does not know.';

REVOKE ALL ON FUNCTION @extschema@.menuca_accept_receipt(text) FROM PUBLIC;

--
-- The texts of the files that menuca_export_fix() returns, with {{placeholders}}
-- that src/hosted/fix_template.c fills.  What it puts in is quoted: a name by
-- quote_ident(), a value by quote_literal(), a body by a dollar quote that does not
-- occur in it.  A backslash is in literals with an E alone, which mean the same
-- whatever standard_conforming_strings is.
--

CREATE VIEW @extschema@.menuca_export_template WITH (security_invoker = true) AS
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

COMMENT ON VIEW @extschema@.menuca_export_template IS
'Texts of the files that menuca_export_fix() returns, and of the questions that it asks the copy, with {{placeholders}}.';
COMMENT ON COLUMN @extschema@.menuca_export_template.name IS
'Name of the template.';
COMMENT ON COLUMN @extschema@.menuca_export_template.template IS
'Its text. What is put in the place of a placeholder is quoted as SQL needs it there.';

--
-- What people do and say: the checklist, what they attest, the issues that they
-- find, and their answers about samples.  What of it counts for a ticket is in
-- the runbook.
--

CREATE TABLE @extschema@.menuca_checklist (
	ticket_no integer NOT NULL CHECK (ticket_no BETWEEN 0 AND 10),
	item text NOT NULL CHECK (item <> ''),
	title text NOT NULL,
	phase text NOT NULL DEFAULT 'after' CHECK (phase IN ('before', 'after')),
	must boolean NOT NULL DEFAULT false,
	"position" integer NOT NULL DEFAULT 100,
	shipped text,
	PRIMARY KEY (ticket_no, item)
);

COMMENT ON TABLE @extschema@.menuca_checklist IS
'What people have to see or do for a ticket, and attest with menuca_attest(); the operator may edit it.';
COMMENT ON COLUMN @extschema@.menuca_checklist.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN @extschema@.menuca_checklist.item IS
'Name of the item within the ticket, for calls.';
COMMENT ON COLUMN @extschema@.menuca_checklist.title IS
'What a person attests, in words.';
COMMENT ON COLUMN @extschema@.menuca_checklist.phase IS
'before: it may be attested at any time; after: only once the ticket is executed, and again after each later change.';
COMMENT ON COLUMN @extschema@.menuca_checklist.must IS
'True when the ticket is not COMPLETE without it; false switches a shipped item off, which cannot be deleted.';
COMMENT ON COLUMN @extschema@.menuca_checklist."position" IS
'Place of the item among those of its ticket.';
COMMENT ON COLUMN @extschema@.menuca_checklist.shipped IS
'Hash of the row as the extension shipped it; NULL in rows that the operator added. Do not change it.';

INSERT INTO @extschema@.menuca_checklist
	(ticket_no, item, title, phase, must, "position")
VALUES
	(0, 'schedule', 'Everybody who takes part knows the day, the hour and the order of the tickets', 'before', false, 1),
	(1, 'restore_known', 'Somebody present has restored a backup of this database before', 'before', false, 1),
	(4, 'known_combo', 'A combo that the team knows by heart has the dishes that it should have', 'after', false, 1),
	-- staging's validation: the platform is used as customers and restaurants use it
	(5, 'login', 'Logging in was tried, as a customer and as a restaurant', 'after', true, 1),
	(5, 'menu', 'A restaurant''s menu was opened', 'after', true, 2),
	(5, 'combo', 'A combo was opened and shows its dishes by name', 'after', true, 3),
	(5, 'cart', 'A combo was put into the cart', 'after', true, 4),
	(5, 'checkout', 'An order with a combo went through the checkout', 'after', true, 5),
	(5, 'api', 'The API answers with combos and their dishes', 'after', true, 6),
	(5, 'other_restaurant', 'As a restaurant, another restaurant''s data is not shown', 'after', true, 7),
	-- production's window
	(6, 'notice', 'The window was announced at least 24 hours before', 'before', true, 1),
	(6, 'people', 'Two people who know the runbook are present until the end', 'before', true, 2),
	(6, 'support', 'Support is briefed and can be reached', 'before', true, 3),
	(6, 'status_page', 'The status page announces the window', 'before', true, 4),
	(6, 'rollback_plan', 'The people present have read the rollback plan', 'before', true, 5),
	(6, 'dashboards', 'Dashboards and logs are open', 'before', true, 6),
	(7, 'dashboards', 'Dashboards show nothing unusual', 'after', false, 1),
	(8, 'own_restaurant', 'A restaurant sees its own dishes', 'after', false, 1),
	(8, 'other_restaurant', 'As a restaurant, another restaurant''s data is not shown', 'after', false, 2),
	(9, 'menu', 'A restaurant''s menu was opened', 'after', true, 1),
	(9, 'combo', 'A combo was opened and shows its dishes by name', 'after', true, 2),
	(9, 'cart', 'A combo was put into the cart', 'after', true, 3),
	(9, 'checkout', 'An order with a combo went through the checkout', 'after', true, 4),
	(9, 'api', 'The API answers with combos and their dishes', 'after', false, 5),
	(9, 'dashboards', 'Dashboards show nothing unusual', 'after', false, 6),
	(10, 'menu', 'A restaurant''s menu was opened', 'after', true, 1),
	(10, 'combo', 'A combo was opened and shows its dishes by name', 'after', true, 2),
	(10, 'cart', 'A combo was put into the cart', 'after', true, 3),
	(10, 'checkout', 'An order with a combo went through the checkout', 'after', true, 4),
	(10, 'complaints', 'Support has no complaint about menus or combos', 'after', false, 5),
	(10, 'all_clear', 'Support and restaurants know that the work is done', 'after', false, 6);

-- A dump has what was edited or added; CREATE EXTENSION ships the rest again.
UPDATE @extschema@.menuca_checklist
SET shipped = md5(ROW(ticket_no, item, title, phase, must, "position")::text);

CREATE FUNCTION @extschema@.menuca_protect_checklist()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON FUNCTION @extschema@.menuca_protect_checklist() IS
'Trigger function of menuca_checklist. Where a dump is restored, an edited row replaces the shipped one; deleting a shipped row is refused, since the next restore would bring it back: set must to false instead.';

REVOKE ALL ON FUNCTION @extschema@.menuca_protect_checklist() FROM PUBLIC;

CREATE TRIGGER replace_shipped BEFORE INSERT ON @extschema@.menuca_checklist
	FOR EACH ROW WHEN (NEW.shipped IS NOT NULL)
	EXECUTE FUNCTION @extschema@.menuca_protect_checklist();

COMMENT ON TRIGGER replace_shipped ON @extschema@.menuca_checklist IS
'A row that was shipped once, such as one that a restore inserts, replaces the shipped row of the same name or hash.';

CREATE TRIGGER keep_shipped BEFORE DELETE ON @extschema@.menuca_checklist
	FOR EACH ROW WHEN (OLD.shipped IS NOT NULL AND pg_catalog.pg_trigger_depth() = 0)
	EXECUTE FUNCTION @extschema@.menuca_protect_checklist();

COMMENT ON TRIGGER keep_shipped ON @extschema@.menuca_checklist IS
'Refuses the deletion of a shipped row, which the next restore of a dump would bring back.';

CREATE TABLE @extschema@.menuca_attestation (
	attestation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL,
	item text NOT NULL,
	result text NOT NULL CHECK (result IN ('PASS', 'FAILED', 'WAIVED')),
	who text NOT NULL,
	note text,
	attested_by text NOT NULL DEFAULT session_user,
	attested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CHECK (result <> 'WAIVED' OR note IS NOT NULL)
);

COMMENT ON TABLE @extschema@.menuca_attestation IS
'What people have attested; of an item, the newest attestation counts.';
COMMENT ON COLUMN @extschema@.menuca_attestation.attestation_id IS
'Number of the attestation.';
COMMENT ON COLUMN @extschema@.menuca_attestation.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_attestation.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN @extschema@.menuca_attestation.item IS
'The item of the ticket (menuca_checklist).';
COMMENT ON COLUMN @extschema@.menuca_attestation.result IS
'PASS, FAILED, or WAIVED: nobody has looked, and the note says why that is accepted.';
COMMENT ON COLUMN @extschema@.menuca_attestation.who IS
'Name of the person who attests it.';
COMMENT ON COLUMN @extschema@.menuca_attestation.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_attestation.attested_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_attestation.attested_at IS
'When it was recorded.';

CREATE TABLE @extschema@.menuca_issue (
	issue_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL,
	severity text NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low')),
	title text NOT NULL,
	who text NOT NULL,
	note text,
	reported_by text NOT NULL DEFAULT session_user,
	reported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	resolution text,
	resolved_who text,
	resolved_by text,
	resolved_at timestamptz,
	CHECK (num_nulls(resolution, resolved_who, resolved_by, resolved_at) IN (0, 4))
);

COMMENT ON TABLE @extschema@.menuca_issue IS
'Issues that people have found, and how they were resolved.';
COMMENT ON COLUMN @extschema@.menuca_issue.issue_id IS
'Number of the issue.';
COMMENT ON COLUMN @extschema@.menuca_issue.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_issue.ticket_no IS
'Number of the ticket that it was found in.';
COMMENT ON COLUMN @extschema@.menuca_issue.severity IS
'critical, high, medium or low; a ticket with an unresolved critical issue is not COMPLETE.';
COMMENT ON COLUMN @extschema@.menuca_issue.title IS
'What was found, in one sentence.';
COMMENT ON COLUMN @extschema@.menuca_issue.who IS
'Name of the person who found it.';
COMMENT ON COLUMN @extschema@.menuca_issue.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_issue.reported_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_issue.reported_at IS
'When it was recorded.';
COMMENT ON COLUMN @extschema@.menuca_issue.resolution IS
'How it was resolved; NULL while it is not, as the next columns.';
COMMENT ON COLUMN @extschema@.menuca_issue.resolved_who IS
'Name of the person who says so.';
COMMENT ON COLUMN @extschema@.menuca_issue.resolved_by IS
'Session user who recorded the resolution.';
COMMENT ON COLUMN @extschema@.menuca_issue.resolved_at IS
'When the resolution was recorded.';

CREATE TABLE @extschema@.menuca_review_answer (
	answer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL,
	target text NOT NULL,
	groups bigint NOT NULL,
	good integer NOT NULL CHECK (good >= 0),
	bad integer NOT NULL CHECK (bad >= 0),
	note text,
	reviewer text NOT NULL,
	answered_by text NOT NULL DEFAULT session_user,
	answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CHECK (good::bigint + bad BETWEEN 1 AND groups)
);

COMMENT ON TABLE @extschema@.menuca_review_answer IS
'How many samples a person has found good and bad; of a ticket, the newest answer counts.';
COMMENT ON COLUMN @extschema@.menuca_review_answer.answer_id IS
'Number of the answer.';
COMMENT ON COLUMN @extschema@.menuca_review_answer.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_review_answer.ticket_no IS
'Number of the ticket: 4 or 9.';
COMMENT ON COLUMN @extschema@.menuca_review_answer.target IS
'The table whose rows were looked at: combo_items or dish_combo_groups.';
COMMENT ON COLUMN @extschema@.menuca_review_answer.groups IS
'How many groups had rows in it, of which the samples were drawn.';
COMMENT ON COLUMN @extschema@.menuca_review_answer.good IS
'Samples that the person found right.';
COMMENT ON COLUMN @extschema@.menuca_review_answer.bad IS
'Samples that the person found wrong.';
COMMENT ON COLUMN @extschema@.menuca_review_answer.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_review_answer.reviewer IS
'Name of the person who looked.';
COMMENT ON COLUMN @extschema@.menuca_review_answer.answered_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_review_answer.answered_at IS
'When it was recorded.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_checklist',
	'WHERE shipped IS DISTINCT FROM pg_catalog.md5(ROW(ticket_no, item, title, phase, must, "position")::text)');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_attestation', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_attestation_attestation_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_issue', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_issue_issue_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_review_answer', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_review_answer_answer_id_seq', '');

CREATE FUNCTION @extschema@.menuca_attest(
	ticket integer,
	item text,
	result text,
	who text,
	note text DEFAULT NULL,
	OUT state text,
	OUT still_open bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_attest(integer, text, text, text, text) IS
'Records that a person attests an item of a ticket''s checklist: PASS, FAILED, or WAIVED, which needs a note and is shown as an override. Returns the ticket''s state afterwards, how much of people''s part keeps it from COMPLETE, and the next call. Raises an error when the item is to be attested after the ticket, and the ticket is not executed.';

REVOKE ALL ON FUNCTION @extschema@.menuca_attest(integer, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_report_issue(
	ticket integer,
	severity text,
	title text,
	who text,
	note text DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_report_issue(integer, text, text, text, text) IS
'Records an issue that a person has found in a ticket, with severity critical, high, medium or low; returns its number. A ticket with an unresolved critical issue is not COMPLETE.';

REVOKE ALL ON FUNCTION @extschema@.menuca_report_issue(integer, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_resolve_issue(
	issue bigint,
	resolution text,
	who text,
	OUT state text,
	OUT still_open bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_resolve_issue(bigint, text, text) IS
'Records how an issue was resolved, and who says so; returns what menuca_attest() does, of the issue''s ticket. Raises an error when it is resolved already.';

REVOKE ALL ON FUNCTION @extschema@.menuca_resolve_issue(bigint, text, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_review_samples(
	ticket integer,
	n integer DEFAULT 20,
	seed integer DEFAULT NULL,
	OUT sample_no integer,
	OUT seed_used integer,
	OUT combo_group_id bigint,
	OUT group_name text,
	OUT restaurant_name text,
	OUT items bigint,
	OUT item_count text,
	OUT dishes text[],
	OUT remarks text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_review_samples(integer, integer, integer) IS
'n groups that have rows in the table that ticket 4 or 9 fills, for a person to judge: as many restaurants as there can be, and groups of every size. The same seed gives the same groups; without one, a seed is drawn and shown. remarks says what the machine has seen: rows against item_count, dishes that are hidden, without price, without name or with equal names. next_step records the answer. Read only.';

CREATE FUNCTION @extschema@.menuca_review(
	ticket integer,
	good integer,
	bad integer,
	note text,
	reviewer text,
	OUT verdict text,
	OUT what text,
	OUT state text,
	OUT still_open bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_review(integer, integer, integer, text, text) IS
'Records how many samples of ticket 4 or 9 a person has found good and bad. verdict is PASS when none of twenty or more (or of all) is bad, WARN up to one in twenty or after fewer samples, otherwise FAIL, which makes the ticket FAILED: what has the calls that roll back, next_step the first one. The other columns are as in menuca_attest(). Raises an error when the ticket is not executed, or there are fewer groups than that.';

REVOKE ALL ON FUNCTION @extschema@.menuca_review(integer, integer, integer, text, text) FROM PUBLIC;

--
-- Tickets: what was executed, decided and sampled
--

CREATE TABLE @extschema@.menuca_ticket_execution (
	execution_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL CHECK (ticket_no BETWEEN 0 AND 10),
	status text NOT NULL CHECK (status IN ('IN_PROGRESS', 'COMPLETE', 'FAILED')),
	result text NOT NULL CHECK (result IN ('PASS', 'WARN', 'FAIL')),
	checks jsonb NOT NULL,
	options jsonb NOT NULL,
	forced boolean NOT NULL,
	reason text,
	run_ids bigint[] NOT NULL DEFAULT '{}',
	backup text,
	executed_by text NOT NULL DEFAULT session_user,
	started_at timestamptz NOT NULL,
	finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CHECK (NOT forced OR reason IS NOT NULL)
);

COMMENT ON TABLE @extschema@.menuca_ticket_execution IS
'Every execution of a ticket with its checks, options and overrides; a ticket''s newest execution counts.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.execution_id IS
'Number of the execution.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.status IS
'COMPLETE, FAILED, or IN_PROGRESS when only the time for monitoring is not over. People''s part is not in it: see menuca_ticket_latest.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.result IS
'PASS, WARN or FAIL: the worst status of the checks, with ERROR as FAIL.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.checks IS
'Array of the check rows: name, title, status, expected, actual, detail, remedy and metadata.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.options IS
'Options that the ticket was called with.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.reason IS
'Reason that the call gave, in its words; NULL without one, which a forced call cannot be.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.run_ids IS
'Runs in the ledger that the ticket made (menuca_run), in their order: of the missing dishes, V1''s items and V2''s; empty when it made none.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.backup IS
'The id of the backup that counted (menuca_backup); NULL when none did.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.executed_by IS
'Session user who executed the ticket.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.started_at IS
'When the call began.';
COMMENT ON COLUMN @extschema@.menuca_ticket_execution.finished_at IS
'When its result was recorded.';

CREATE TABLE @extschema@.menuca_signature (
	signature_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	ticket_no integer NOT NULL,
	approver text NOT NULL,
	decision text NOT NULL CHECK (decision IN ('GO', 'NO-GO')),
	note text,
	signed_by text NOT NULL DEFAULT session_user,
	signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_signature IS
'Who decided what on a ticket.';
COMMENT ON COLUMN @extschema@.menuca_signature.signature_id IS
'Number of the sign-off.';
COMMENT ON COLUMN @extschema@.menuca_signature.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_signature.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN @extschema@.menuca_signature.approver IS
'Name of the person who decides.';
COMMENT ON COLUMN @extschema@.menuca_signature.decision IS
'GO or NO-GO; the newest one of a ticket counts.';
COMMENT ON COLUMN @extschema@.menuca_signature.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_signature.signed_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_signature.signed_at IS
'When it was recorded.';

CREATE TABLE @extschema@.menuca_imported_verdict (
	verdict_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	document jsonb NOT NULL,
	imported_by text NOT NULL DEFAULT session_user,
	imported_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_imported_verdict IS
'Staging''s verdicts as production has imported them.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdict.verdict_id IS
'Number of the import; the newest one counts.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdict.environment_id IS
'The environment that imported it (menuca_registered_environment): production.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdict.document IS
'Staging''s verdict as menuca_export_verdict() returned it.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdict.imported_by IS
'Session user who imported it.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdict.imported_at IS
'When it was imported.';

CREATE TABLE @extschema@.menuca_expected_count (
	table_name text PRIMARY KEY,
	at_least bigint,
	at_most bigint,
	CHECK (at_least <= at_most)
);

COMMENT ON TABLE @extschema@.menuca_expected_count IS
'How many rows the tickets expect in a table of the target schema; the operator fills it.';
COMMENT ON COLUMN @extschema@.menuca_expected_count.table_name IS
'Table of the schema menuca.target_schema, without the schema.';
COMMENT ON COLUMN @extschema@.menuca_expected_count.at_least IS
'Fewest rows that are expected; NULL for no lower bound.';
COMMENT ON COLUMN @extschema@.menuca_expected_count.at_most IS
'Most rows that are expected; NULL for no upper bound.';

CREATE TABLE @extschema@.menuca_sample (
	sample_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	groups bigint NOT NULL,
	items bigint NOT NULL,
	dishes bigint NOT NULL,
	active bigint NOT NULL,
	idle_in_transaction bigint NOT NULL,
	hidden bigint NOT NULL,
	waiting_locks bigint NOT NULL,
	commits bigint NOT NULL,
	rollbacks bigint NOT NULL,
	blocks_hit bigint NOT NULL,
	blocks_read bigint NOT NULL,
	deadlocks bigint NOT NULL,
	stats_reset timestamptz,
	database_bytes bigint NOT NULL,
	statement_ms double precision,
	statement_calls bigint,
	connections bigint,
	combo_queries bigint,
	combo_query_ms double precision,
	ticket_no integer,
	moment text CHECK (moment IN ('before', 'after'))
);

COMMENT ON TABLE @extschema@.menuca_sample IS
'Samples of menuca_monitor_sample(). Counters since stats_reset, and those of statements, mean something as differences of two samples only.';
COMMENT ON COLUMN @extschema@.menuca_sample.sample_id IS
'Number of the sample.';
COMMENT ON COLUMN @extschema@.menuca_sample.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_sample.taken_at IS
'When the sample was taken.';
COMMENT ON COLUMN @extschema@.menuca_sample.groups IS
'Rows of combo_groups.';
COMMENT ON COLUMN @extschema@.menuca_sample.items IS
'Rows of combo_items.';
COMMENT ON COLUMN @extschema@.menuca_sample.dishes IS
'Rows of dishes.';
COMMENT ON COLUMN @extschema@.menuca_sample.active IS
'Other client sessions of this database that were executing a statement.';
COMMENT ON COLUMN @extschema@.menuca_sample.idle_in_transaction IS
'Other client sessions of this database that were idle in a transaction, failed ones included.';
COMMENT ON COLUMN @extschema@.menuca_sample.hidden IS
'Other client sessions of this database whose state was hidden from the sampling role.';
COMMENT ON COLUMN @extschema@.menuca_sample.waiting_locks IS
'Lock requests that were not granted, in the whole cluster.';
COMMENT ON COLUMN @extschema@.menuca_sample.commits IS
'Transactions of this database committed since stats_reset (pg_stat_database.xact_commit).';
COMMENT ON COLUMN @extschema@.menuca_sample.rollbacks IS
'Transactions of this database rolled back since stats_reset (xact_rollback).';
COMMENT ON COLUMN @extschema@.menuca_sample.blocks_hit IS
'Blocks found in the buffer cache since stats_reset (blks_hit).';
COMMENT ON COLUMN @extschema@.menuca_sample.blocks_read IS
'Blocks read from outside of it since stats_reset (blks_read).';
COMMENT ON COLUMN @extschema@.menuca_sample.deadlocks IS
'Deadlocks of this database since stats_reset.';
COMMENT ON COLUMN @extschema@.menuca_sample.stats_reset IS
'When the statistics of this database were reset; NULL when they never were.';
COMMENT ON COLUMN @extschema@.menuca_sample.database_bytes IS
'Size of the database in bytes.';
COMMENT ON COLUMN @extschema@.menuca_sample.statement_ms IS
'Total execution time of this database''s statements in milliseconds, by pg_stat_statements; NULL when that is not installed.';
COMMENT ON COLUMN @extschema@.menuca_sample.statement_calls IS
'Number of these executions; NULL when pg_stat_statements is not installed.';
COMMENT ON COLUMN @extschema@.menuca_sample.connections IS
'Other client sessions of this database, whatever they were doing.';
COMMENT ON COLUMN @extschema@.menuca_sample.combo_queries IS
'Of these, the ones that were executing a statement whose text names combo_groups, combo_items or dish_combo_groups, as far as the sampling role could see it.';
COMMENT ON COLUMN @extschema@.menuca_sample.combo_query_ms IS
'For how many milliseconds the oldest of these statements had been running; NULL when there was none.';
COMMENT ON COLUMN @extschema@.menuca_sample.ticket_no IS
'The ticket that took the sample; NULL when it was taken by menuca_monitor_sample() itself.';
COMMENT ON COLUMN @extschema@.menuca_sample.moment IS
'before or after the ticket''s tasks; NULL likewise.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_ticket_execution', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_ticket_execution_execution_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_signature', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_signature_signature_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_imported_verdict', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_imported_verdict_verdict_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_expected_count', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_sample', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_sample_sample_id_seq', '');

CREATE FUNCTION @extschema@.menuca_ticket(
	no integer,
	options jsonb DEFAULT '{}',
	dry_run boolean DEFAULT true,
	force boolean DEFAULT false,
	reason text DEFAULT NULL,
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

CREATE FUNCTION @extschema@.menuca_preview_ticket(
	no integer,
	options jsonb DEFAULT '{}',
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

COMMENT ON FUNCTION @extschema@.menuca_preview_ticket(integer, jsonb) IS
'The dry run of menuca_ticket, for roles that may look but not write. Read only.';

COMMENT ON FUNCTION @extschema@.menuca_ticket(integer, jsonb, boolean, boolean, text) IS
'Executes ticket 0 to 10 of the runbook in this environment (6 to 10 in the copy of a hosted production, by what its receipts say): it checks, acts and records; by default a dry run, which only checks, and records nothing. One row per check, as in menuca_validate; the last row is the summary, with the next call. Raises an error (class MC) when the ticket may not begin; force with a reason overrides that and the ticket''s gates, never what a check finds in the data, and is recorded. The documentation lists the options.';

REVOKE ALL ON FUNCTION @extschema@.menuca_ticket(integer, jsonb, boolean, boolean, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_monitor_sample()
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_monitor_sample() IS
'Records the database''s counts, sessions and counters for menuca_monitor_report; returns the sample''s number. It may be called every minute.';

REVOKE ALL ON FUNCTION @extschema@.menuca_monitor_sample() FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_monitor_report(
	duration interval DEFAULT NULL,
	max_gap interval DEFAULT NULL,
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

COMMENT ON FUNCTION @extschema@.menuca_monitor_report(interval, interval) IS
'Judges the newest samples since the last change (see menuca_last_change) that together span duration (NULL: 4 hours on staging, 24 on production): one row per check, as in menuca_validate. A longer time than max_gap without a sample is a FAIL (NULL: 65 minutes, or 4 hours 5 minutes when duration is more than 12 hours). Read only.';

CREATE VIEW @extschema@.menuca_last_change AS
SELECT e.environment_id,
	(SELECT pg_catalog.max(c.at)
	 FROM (SELECT t.finished_at AS at
		   FROM @extschema@.menuca_ticket_execution t
		   WHERE t.environment_id = e.environment_id
			   AND t.ticket_no IN (2, 3, 4, 7, 8, 9)
		   UNION ALL
		   SELECT GREATEST(r.started_at, r.finished_at, r.rolled_back_at)
		   FROM @extschema@.menuca_run r
		   WHERE NOT e.hosted
		   UNION ALL
		   SELECT s.restored_at
		   FROM @extschema@.menuca_snapshot_restore s
		   WHERE NOT e.hosted
		   UNION ALL
		   SELECT GREATEST(i.created_at, i.dropped_at)
		   FROM @extschema@.menuca_created_index i
		   WHERE NOT e.hosted
		   UNION ALL
		   SELECT GREATEST(a.made_at, a.undone_at)
		   FROM @extschema@.menuca_access_change a
		   WHERE NOT e.hosted) c) AS changed_at
FROM @extschema@.menuca_registered_environment e;

COMMENT ON VIEW @extschema@.menuca_last_change IS
'Per environment, when something was changed most recently that a validation vouches for: by a ticket, a run or its rollback, a restored snapshot, an index, or access; of a hosted production, by a ticket alone, since everything else changes its copy. Samples and validations from before say nothing about it.';
COMMENT ON COLUMN @extschema@.menuca_last_change.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_last_change.changed_at IS
'When something was changed most recently that a validation vouches for; NULL when nothing was.';

CREATE VIEW @extschema@.menuca_ticket_recorded AS
SELECT DISTINCT ON (t.environment_id, t.ticket_no)
	t.environment_id,
	t.ticket_no,
	CASE WHEN t.status = 'COMPLETE' AND t.ticket_no IN (5, 10) AND t.started_at < c.changed_at
		THEN 'PENDING'
		ELSE t.status
	END AS state,
	t.result,
	t.options,
	t.forced,
	t.reason,
	t.run_ids,
	t.backup,
	t.executed_by,
	t.started_at,
	t.finished_at,
	-- what customers see is vouched for since the last change, all else since the ticket
	CASE WHEN t.ticket_no IN (4, 5, 9, 10)
		THEN GREATEST(c.changed_at, (SELECT pg_catalog.min(f.started_at)
									 FROM @extschema@.menuca_ticket_execution f
									 WHERE f.environment_id = t.environment_id
										 AND f.ticket_no = t.ticket_no
										 AND f.finished_at >= COALESCE(c.changed_at, '-infinity')))
		ELSE t.started_at
	END AS counts_since
FROM @extschema@.menuca_ticket_execution t
	LEFT JOIN @extschema@.menuca_last_change c USING (environment_id)
ORDER BY t.environment_id, t.ticket_no, t.execution_id DESC;

COMMENT ON VIEW @extschema@.menuca_ticket_recorded IS
'The newest execution of each ticket, per environment, without people''s part.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.state IS
'Status of the newest execution, but PENDING for a complete validation (tickets 5 and 10) that is older than the last change: it must be executed again.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.result IS
'PASS, WARN or FAIL, of the newest execution, as the next columns.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.options IS
'Options that it was called with.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.reason IS
'Reason that the call gave; NULL without one.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.run_ids IS
'Runs in the ledger that it made (menuca_run); empty when it made none.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.backup IS
'The id of the backup that counted (menuca_backup); NULL when none did.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.executed_by IS
'Session user who executed it.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.started_at IS
'When the call began.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.finished_at IS
'When its result was recorded.';
COMMENT ON COLUMN @extschema@.menuca_ticket_recorded.counts_since IS
'Since when it counts what people have seen after the ticket: of the fix and the validation the last change and the first execution since then, of others the newest execution.';

CREATE VIEW @extschema@.menuca_checklist_state WITH (security_invoker = true) AS
SELECT e.environment_id,
	c.ticket_no,
	c.item,
	c.title,
	c.phase,
	c.must,
	c."position",
	a.result,
	a.who,
	a.note,
	a.attested_at,
	a.attested_by,
	a.attested_at IS NOT NULL AND (c.phase = 'before' OR COALESCE(a.attested_at >= r.counts_since, false)) AS counts
FROM @extschema@.menuca_registered_environment e
JOIN @extschema@.menuca_checklist c
	ON CASE WHEN c.ticket_no = 0 THEN NOT e.hosted ELSE (e.name = 'production') = (c.ticket_no >= 6) END
LEFT JOIN LATERAL (
	SELECT t.result, t.who, t.note, t.attested_at, t.attested_by
	FROM @extschema@.menuca_attestation t
	WHERE t.environment_id = e.environment_id AND t.ticket_no = c.ticket_no AND t.item = c.item
	ORDER BY t.attestation_id DESC
	LIMIT 1) a ON true
LEFT JOIN @extschema@.menuca_ticket_recorded r
	ON r.environment_id = e.environment_id AND r.ticket_no = c.ticket_no;

COMMENT ON VIEW @extschema@.menuca_checklist_state IS
'The items of the checklist per environment, each with its newest attestation.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.item IS
'Name of the item within the ticket.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.title IS
'What a person attests, in words.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.phase IS
'before: it may be attested at any time; after: only once the ticket is executed, and again after each later change.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.must IS
'True when the ticket is not COMPLETE without it.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state."position" IS
'Place of the item among those of its ticket.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.result IS
'PASS, FAILED or WAIVED, of the newest attestation, whether it counts or not; it and the next columns are NULL when there is none.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.who IS
'Name of the person who attested it.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.attested_at IS
'When it was recorded.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.attested_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_checklist_state.counts IS
'True when there is an attestation that counts: one of phase after does not when it is from before the ticket or the last change (counts_since of menuca_ticket_recorded).';

CREATE VIEW @extschema@.menuca_review_state WITH (security_invoker = true) AS
SELECT e.environment_id,
	n.ticket_no,
	a.good,
	a.bad,
	a.groups,
	v.result,
	CASE WHEN v.result IS NOT NULL THEN
		pg_catalog.format('%s of %s samples %s bad (%s %%)%s', a.bad, a.good::bigint + a.bad,
						  CASE WHEN a.bad = 1 THEN 'is' ELSE 'are' END,
						  pg_catalog.round(100.0 * a.bad / (a.good::bigint + a.bad), 2),
						  CASE WHEN v.result = 'FAIL' THEN ': systematically wrong: rollback'
							WHEN v.is_small THEN pg_catalog.format('; a review has %s', LEAST(20, a.groups)) END)
	END AS what,
	a.note,
	a.reviewer,
	a.answered_by,
	a.answered_at,
	COALESCE(a.answered_at >= r.counts_since, false) AS counts,
	u.rollback,
	u.next_rollback
FROM @extschema@.menuca_registered_environment e
JOIN (VALUES (4), (9)) n(ticket_no) ON (e.name = 'production') = (n.ticket_no >= 6)
LEFT JOIN @extschema@.menuca_ticket_recorded r
	ON r.environment_id = e.environment_id AND r.ticket_no = n.ticket_no
LEFT JOIN LATERAL (
	SELECT w.*
	FROM @extschema@.menuca_review_answer w
	WHERE w.environment_id = e.environment_id AND w.ticket_no = n.ticket_no
	ORDER BY w.answer_id DESC
	LIMIT 1) a ON true
CROSS JOIN LATERAL (
	-- as many samples as menuca_review_samples() draws by itself
	SELECT a.good::bigint + a.bad < LEAST(20, a.groups) AS is_small) f
CROSS JOIN LATERAL (
	SELECT f.is_small,
		CASE WHEN a.good IS NULL OR a.bad IS NULL OR a.good::bigint + a.bad < 1 THEN NULL
		WHEN a.bad = 0 AND NOT f.is_small THEN 'PASS'
		WHEN a.bad::bigint * 20 <= a.good::bigint + a.bad THEN 'WARN'
		ELSE 'FAIL' END AS result) v
CROSS JOIN LATERAL (
	-- the last run first, as each builds on those before it
	SELECT COALESCE(pg_catalog.string_agg(k.call, ' ' ORDER BY m.run_id DESC) FILTER (WHERE k.call IS NOT NULL), 'SELECT * FROM @extschema@.menuca_rollback_guide();') AS rollback,
		COALESCE((pg_catalog.array_agg(k.call ORDER BY m.run_id DESC) FILTER (WHERE k.call IS NOT NULL))[1], 'SELECT * FROM @extschema@.menuca_rollback_guide();') AS next_rollback
	FROM @extschema@.menuca_run m
	CROSS JOIN LATERAL (
		SELECT CASE WHEN m.status <> 'rolled_back' AND m.inserted > 0
			THEN pg_catalog.format('SELECT * FROM @extschema@.menuca_rollback(%s, dry_run => false);', m.run_id) END AS call) k
	WHERE m.run_id = ANY (r.run_ids)) u;

COMMENT ON VIEW @extschema@.menuca_review_state IS
'The newest answer about the samples of ticket 4 on staging and 9 on production, per environment.';
COMMENT ON COLUMN @extschema@.menuca_review_state.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_review_state.ticket_no IS
'Number of the ticket: 4 or 9.';
COMMENT ON COLUMN @extschema@.menuca_review_state.good IS
'Samples that the person found right; it and the next columns are NULL when nobody has answered.';
COMMENT ON COLUMN @extschema@.menuca_review_state.bad IS
'Samples that the person found wrong.';
COMMENT ON COLUMN @extschema@.menuca_review_state.groups IS
'How many groups there were to draw samples of.';
COMMENT ON COLUMN @extschema@.menuca_review_state.result IS
'PASS when no sample of twenty or more (or of all groups) is bad, WARN up to one in twenty or after fewer samples, otherwise FAIL, whether the answer counts or not.';
COMMENT ON COLUMN @extschema@.menuca_review_state.what IS
'The same in words with figures.';
COMMENT ON COLUMN @extschema@.menuca_review_state.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_review_state.reviewer IS
'Name of the person who looked.';
COMMENT ON COLUMN @extschema@.menuca_review_state.answered_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_review_state.answered_at IS
'When it was recorded.';
COMMENT ON COLUMN @extschema@.menuca_review_state.counts IS
'True when the answer counts: it is newer than the ticket and the last change.';
COMMENT ON COLUMN @extschema@.menuca_review_state.rollback IS
'The calls that roll the ticket''s runs back, the last run first; the guide where it has none that is not rolled back.';
COMMENT ON COLUMN @extschema@.menuca_review_state.next_rollback IS
'The first of these calls.';

CREATE VIEW @extschema@.menuca_ticket_undone WITH (security_invoker = true) AS
SELECT r.environment_id,
	r.ticket_no,
	CASE WHEN r.ticket_no IN (2, 7) THEN 'its indexes were dropped'
		WHEN r.ticket_no IN (3, 8) THEN 'its row level security was rolled back'
		ELSE 'its runs were rolled back' END AS what
FROM @extschema@.menuca_ticket_recorded r
JOIN @extschema@.menuca_registered_environment e USING (environment_id)
WHERE r.ticket_no IN (2, 7) AND NOT e.hosted AND EXISTS (
		SELECT FROM @extschema@.menuca_created_index i WHERE i.dropped_at > r.finished_at)
	OR r.ticket_no IN (3, 8) AND NOT e.hosted AND EXISTS (
		SELECT FROM @extschema@.menuca_access_deployment a WHERE a.undone_at > r.finished_at)
	OR (SELECT pg_catalog.bool_and(m.status = 'rolled_back') FROM @extschema@.menuca_run m
		WHERE m.run_id = ANY (r.run_ids) AND m.inserted > 0);

COMMENT ON VIEW @extschema@.menuca_ticket_undone IS
'The tickets whose work was undone after their newest execution: indexes as soon as one is dropped, access as soon as a table''s is rolled back, a fix when all of its runs are. They have to be executed again.';
COMMENT ON COLUMN @extschema@.menuca_ticket_undone.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_ticket_undone.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN @extschema@.menuca_ticket_undone.what IS
'What was undone, in words.';

CREATE VIEW @extschema@.menuca_ticket_open WITH (security_invoker = true) AS
SELECT r.environment_id,
	r.ticket_no,
	o.kind,
	o.item,
	o.title,
	o.state,
	o.call,
	o.place
FROM @extschema@.menuca_ticket_recorded r
CROSS JOIN LATERAL (
	SELECT 'undone' AS kind,
		'rollback' AS item,
		u.what AS title,
		'failed' AS state,
		pg_catalog.format('SELECT * FROM @extschema@.menuca_ticket(%s%s, dry_run => false);', r.ticket_no,
						  CASE WHEN r.options <> '{}' THEN pg_catalog.format(', %L', r.options) END) AS call,
		0 AS place
	FROM @extschema@.menuca_ticket_undone u
	WHERE u.environment_id = r.environment_id AND u.ticket_no = r.ticket_no
	UNION ALL
	SELECT 'review',
		'samples',
		CASE WHEN v.counts AND v.result = 'FAIL' THEN v.what
			ELSE 'samples of the combos are reviewed by a person' END,
		CASE WHEN v.counts AND v.result = 'FAIL' THEN 'failed' ELSE 'open' END,
		CASE WHEN v.counts AND v.result = 'FAIL' THEN v.next_rollback
			ELSE pg_catalog.format('SELECT * FROM @extschema@.menuca_review_samples(%s);', r.ticket_no) END,
		0
	FROM @extschema@.menuca_review_state v
	WHERE v.environment_id = r.environment_id AND v.ticket_no = r.ticket_no
		AND (NOT v.counts OR v.result IS NULL OR v.result = 'FAIL')
		AND NOT EXISTS (SELECT FROM @extschema@.menuca_ticket_undone u
						WHERE u.environment_id = r.environment_id AND u.ticket_no = r.ticket_no)
	UNION ALL
	SELECT 'must',
		c.item,
		c.title,
		CASE WHEN c.counts AND c.result = 'FAILED' THEN 'failed' ELSE 'open' END,
		pg_catalog.format('SELECT * FROM @extschema@.menuca_attest(%s, %L, ''PASS'', ''name'', ''note'');', c.ticket_no, c.item),
		c."position"
	FROM @extschema@.menuca_checklist_state c
	WHERE c.environment_id = r.environment_id AND c.ticket_no = r.ticket_no
		AND c.must AND (NOT c.counts OR c.result NOT IN ('PASS', 'WAIVED'))
	UNION ALL
	SELECT 'issue',
		i.issue_id::text,
		i.title,
		'open',
		pg_catalog.format('SELECT * FROM @extschema@.menuca_resolve_issue(%s, ''...'', ''name'');', i.issue_id),
		0
	FROM @extschema@.menuca_issue i
	WHERE i.environment_id = r.environment_id AND i.ticket_no = r.ticket_no
		AND i.severity = 'critical' AND i.resolved_at IS NULL) o
WHERE r.state = 'COMPLETE';

COMMENT ON VIEW @extschema@.menuca_ticket_open IS
'What keeps a ticket from COMPLETE although its execution is: what people have still to do for it, or have found, and what was rolled back.';
COMMENT ON COLUMN @extschema@.menuca_ticket_open.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_ticket_open.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN @extschema@.menuca_ticket_open.kind IS
'undone: what it did was rolled back; review: the samples are not reviewed, or are bad; must: an item of the checklist is not attested, or failed; issue: a critical issue is not resolved.';
COMMENT ON COLUMN @extschema@.menuca_ticket_open.item IS
'rollback, samples, the name of the item, or the number of the issue.';
COMMENT ON COLUMN @extschema@.menuca_ticket_open.title IS
'The same in words.';
COMMENT ON COLUMN @extschema@.menuca_ticket_open.state IS
'open: the ticket is IN_PROGRESS; failed: it is FAILED.';
COMMENT ON COLUMN @extschema@.menuca_ticket_open.call IS
'The next call for it.';
COMMENT ON COLUMN @extschema@.menuca_ticket_open.place IS
'Place among those of the same ticket and kind.';

CREATE VIEW @extschema@.menuca_ticket_latest AS
SELECT r.environment_id,
	r.ticket_no,
	CASE WHEN o.failed THEN 'FAILED' WHEN o.open THEN 'IN_PROGRESS' ELSE r.state END AS state,
	CASE WHEN o.failed THEN 'FAIL' WHEN r.result = 'PASS' AND w.warned THEN 'WARN' ELSE r.result END AS result,
	r.options,
	r.forced,
	r.reason,
	r.run_ids,
	r.backup,
	r.executed_by,
	r.started_at,
	r.finished_at
FROM @extschema@.menuca_ticket_recorded r
CROSS JOIN LATERAL (
	SELECT pg_catalog.bool_or(p.state = 'failed') AS failed,
		pg_catalog.count(*) > 0 AS open
	FROM @extschema@.menuca_ticket_open p
	WHERE p.environment_id = r.environment_id AND p.ticket_no = r.ticket_no) o
CROSS JOIN LATERAL (
	-- few bad samples, and what nobody has looked at
	SELECT EXISTS (SELECT FROM @extschema@.menuca_review_state v
				   WHERE v.environment_id = r.environment_id AND v.ticket_no = r.ticket_no
					   AND v.counts AND v.result = 'WARN')
		OR EXISTS (SELECT FROM @extschema@.menuca_checklist_state c
				   WHERE c.environment_id = r.environment_id AND c.ticket_no = r.ticket_no
					   AND c.must AND c.counts AND c.result = 'WAIVED') AS warned) w;

COMMENT ON VIEW @extschema@.menuca_ticket_latest IS
'The newest execution of each ticket, per environment, and what people have to say about it.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.state IS
'As in menuca_ticket_recorded; but where that is COMPLETE, FAILED when something in menuca_ticket_open has failed, and IN_PROGRESS when something is open.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.result IS
'PASS, WARN or FAIL: the worst of the newest execution''s checks and of what people found; of an item that was waived, WARN.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.options IS
'Options that it was called with.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.reason IS
'Reason that the call gave; NULL without one.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.run_ids IS
'Runs in the ledger that it made (menuca_run); empty when it made none.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.backup IS
'The id of the backup that counted (menuca_backup); NULL when none did.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.executed_by IS
'Session user who executed it.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.started_at IS
'When the call began.';
COMMENT ON COLUMN @extschema@.menuca_ticket_latest.finished_at IS
'When its result was recorded.';

--
-- What the runbook's functions read.  These views and functions run with the
-- rights of whoever reads them, and show nothing that their tables would not.
--

CREATE VIEW @extschema@.menuca_signature_latest WITH (security_invoker = true) AS
SELECT DISTINCT ON (s.environment_id, s.ticket_no)
	s.environment_id,
	s.ticket_no,
	s.approver,
	s.decision,
	s.note,
	s.signed_by,
	s.signed_at
FROM @extschema@.menuca_signature s
ORDER BY s.environment_id, s.ticket_no, s.signature_id DESC;

COMMENT ON VIEW @extschema@.menuca_signature_latest IS
'The newest sign-off of each ticket, per environment: the one that counts.';
COMMENT ON COLUMN @extschema@.menuca_signature_latest.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_signature_latest.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN @extschema@.menuca_signature_latest.approver IS
'Name of the person who decides.';
COMMENT ON COLUMN @extschema@.menuca_signature_latest.decision IS
'GO or NO-GO.';
COMMENT ON COLUMN @extschema@.menuca_signature_latest.note IS
'What the person added; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_signature_latest.signed_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_signature_latest.signed_at IS
'When it was recorded.';

CREATE VIEW @extschema@.menuca_imported_verdicts WITH (security_invoker = true) AS
SELECT v.verdict_id,
	v.environment_id,
	v.verdict_id = pg_catalog.max(v.verdict_id) OVER (PARTITION BY v.environment_id) AS is_newest,
	v.document ->> 'go' AS go,
	v.document ->> 'database' AS database_name,
	v.document ->> 'system_identifier' AS system_identifier,
	v.document ->> 'exported_by' AS exported_by,
	v.document ->> 'exported_at' AS exported_at,
	v.imported_by,
	v.imported_at
FROM @extschema@.menuca_imported_verdict v;

COMMENT ON VIEW @extschema@.menuca_imported_verdicts IS
'Staging''s verdicts as production has imported them, one row each.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdicts.verdict_id IS
'Number of the import.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdicts.environment_id IS
'The environment that imported it (menuca_registered_environment): production.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdicts.is_newest IS
'True for the newest import of the environment: the one that counts.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdicts.go IS
'GO or NO-GO.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdicts.database_name IS
'Name of staging''s database.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdicts.system_identifier IS
'System identifier of staging''s cluster, as text.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdicts.exported_by IS
'Session user who exported it on staging.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdicts.exported_at IS
'When it was exported, as the verdict says it: ISO 8601.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdicts.imported_by IS
'Session user who imported it.';
COMMENT ON COLUMN @extschema@.menuca_imported_verdicts.imported_at IS
'When it was imported.';

CREATE VIEW @extschema@.menuca_imported_ticket WITH (security_invoker = true) AS
SELECT v.verdict_id,
	v.environment_id,
	v.verdict_id = (SELECT pg_catalog.max(n.verdict_id)
					FROM @extschema@.menuca_imported_verdict n
					WHERE n.environment_id = v.environment_id) AS is_newest,
	(t.ticket ->> 'ticket')::bigint AS ticket_no,
	t.ticket ->> 'status' AS status,
	t.ticket ->> 'result' AS result,
	(t.ticket ->> 'forced')::boolean AS forced,
	t.ticket ->> 'reason' AS reason,
	t.ticket ->> 'executed_by' AS executed_by,
	(t.ticket ->> 'started_at')::timestamptz AS started_at,
	(t.ticket ->> 'finished_at')::timestamptz AS finished_at,
	t.ticket -> 'options' AS options,
	t.place
FROM @extschema@.menuca_imported_verdict v
CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(v.document -> 'tickets') WITH ORDINALITY AS t(ticket, place);

COMMENT ON VIEW @extschema@.menuca_imported_ticket IS
'The tickets of staging''s verdicts as production has imported them, one row each.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.verdict_id IS
'The import (menuca_imported_verdict).';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.environment_id IS
'The environment that imported it (menuca_registered_environment): production.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.is_newest IS
'True for the newest import of the environment: the one that counts.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.ticket_no IS
'Number of the ticket.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.status IS
'COMPLETE, FAILED, IN_PROGRESS or PENDING, as menuca_ticket_latest said on staging.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.result IS
'PASS, WARN or FAIL.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.reason IS
'Reason that the call gave; NULL without one.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.executed_by IS
'Session user who executed it on staging.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.started_at IS
'When the call began.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.finished_at IS
'When its result was recorded.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.options IS
'Options that it was called with on staging.';
COMMENT ON COLUMN @extschema@.menuca_imported_ticket.place IS
'Place of the ticket within the verdict, from 1.';

CREATE VIEW @extschema@.menuca_ticket_state WITH (security_invoker = true) AS
SELECT e.environment_id,
	n.ticket_no,
	CASE WHEN EXISTS (
			SELECT FROM @extschema@.menuca_held_lock l
			WHERE l.lock = 'ticket'
				AND l.object_id = n.ticket_no::oid
				AND l.pid <> pg_catalog.pg_backend_pid())
		THEN 'IN_PROGRESS'
		ELSE t.state
	END AS state,
	t.result,
	t.forced,
	t.executed_by,
	t.started_at,
	t.finished_at
FROM @extschema@.menuca_registered_environment e
CROSS JOIN pg_catalog.generate_series(0, 10) AS n(ticket_no)
LEFT JOIN @extschema@.menuca_ticket_latest t USING (environment_id, ticket_no);

COMMENT ON VIEW @extschema@.menuca_ticket_state IS
'All eleven tickets per environment, as far as they were executed in this database.';
COMMENT ON COLUMN @extschema@.menuca_ticket_state.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_ticket_state.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN @extschema@.menuca_ticket_state.state IS
'IN_PROGRESS while another session of this database executes the ticket, otherwise as in menuca_ticket_latest; NULL when it was never executed.';
COMMENT ON COLUMN @extschema@.menuca_ticket_state.result IS
'PASS, WARN or FAIL, of the newest execution; it and the next columns are NULL when the ticket was never executed.';
COMMENT ON COLUMN @extschema@.menuca_ticket_state.forced IS
'True when the newest execution was called with force => true.';
COMMENT ON COLUMN @extschema@.menuca_ticket_state.executed_by IS
'Session user who executed it.';
COMMENT ON COLUMN @extschema@.menuca_ticket_state.started_at IS
'When the call began.';
COMMENT ON COLUMN @extschema@.menuca_ticket_state.finished_at IS
'When its result was recorded.';

CREATE VIEW @extschema@.menuca_ticket_proposal WITH (security_invoker = true) AS
SELECT e.environment_id,
	n.ticket_no,
	CASE WHEN n.ticket_no IN (5, 10)
		THEN COALESCE(fix.options || pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('stability', own.options -> 'stability')), own.options)
		ELSE COALESCE(own.options, CASE WHEN n.ticket_no = 9 THEN staging.options END)
	END AS options,
	COALESCE(NOT own.forced, false) AS with_gates
FROM @extschema@.menuca_registered_environment e
CROSS JOIN pg_catalog.generate_series(0, 10) AS n(ticket_no)
LEFT JOIN @extschema@.menuca_ticket_latest own
	ON own.environment_id = e.environment_id AND own.ticket_no = n.ticket_no
LEFT JOIN @extschema@.menuca_ticket_latest fix
	ON fix.environment_id = e.environment_id AND fix.ticket_no = n.ticket_no - 1
LEFT JOIN @extschema@.menuca_imported_ticket staging
	ON staging.environment_id = e.environment_id AND staging.ticket_no = 4 AND staging.is_newest;

COMMENT ON VIEW @extschema@.menuca_ticket_proposal IS
'The options that the next call of a ticket is made of, per environment: of a validation those of the fix that it validates; of other tickets those of its own newest execution, and before the first one, of production''s fix those of staging''s.';
COMMENT ON COLUMN @extschema@.menuca_ticket_proposal.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_ticket_proposal.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN @extschema@.menuca_ticket_proposal.options IS
'The options, some of which the ticket may not have; NULL for none.';
COMMENT ON COLUMN @extschema@.menuca_ticket_proposal.with_gates IS
'True when the ticket was executed here without force: then what its options set a gate to was accepted, and the next call has them, too.';

CREATE VIEW @extschema@.menuca_ticket_executions WITH (security_invoker = true) AS
SELECT x.execution_id,
	x.environment_id,
	x.ticket_no,
	x.status,
	x.result,
	x.started_at,
	x.finished_at,
	pg_catalog.round(EXTRACT(epoch FROM x.finished_at - x.started_at), 2) AS seconds,
	x.executed_by,
	x.options,
	x.options ?| '{min_coverage_pct, min_group_coverage_pct, min_dish_coverage_pct, max_orphan_pct, gate_on,
		max_cross_restaurant_pct, max_backup_age, stability}'::text[] AS sets_gate,
	x.forced,
	x.reason,
	x.run_ids,
	x.backup AS backup_id,
	(SELECT b.label FROM @extschema@.menuca_backup b WHERE b.id = x.backup) AS backup_label,
	pg_catalog.lead(x.execution_id) OVER (PARTITION BY x.environment_id, x.ticket_no
										   ORDER BY x.execution_id) AS superseded_by
FROM @extschema@.menuca_ticket_execution x;

COMMENT ON VIEW @extschema@.menuca_ticket_executions IS
'Every execution of a ticket, with what the execution log says of it besides its checks.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.execution_id IS
'Number of the execution.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.ticket_no IS
'Number of the ticket, 0 to 10.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.status IS
'COMPLETE, FAILED, or IN_PROGRESS when only the time for monitoring is not over.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.result IS
'PASS, WARN or FAIL: the worst status of the checks, with ERROR as FAIL.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.started_at IS
'When the call began.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.finished_at IS
'When its result was recorded.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.seconds IS
'Time between the two in seconds.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.executed_by IS
'Session user who executed the ticket.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.options IS
'Options that it was called with.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.sets_gate IS
'True when one of the options changes what a gate accepts.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.forced IS
'True when it was called with force => true.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.reason IS
'Reason that the call gave; NULL without one, which a forced call cannot be.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.run_ids IS
'Runs in the ledger that the ticket made (menuca_run); empty when it made none.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.backup_id IS
'The id of the backup that counted; NULL when none did.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.backup_label IS
'Label of that backup; NULL when none did, or it is not in menuca_backup.';
COMMENT ON COLUMN @extschema@.menuca_ticket_executions.superseded_by IS
'The next execution of the same ticket in the same environment; NULL for the newest one.';

CREATE VIEW @extschema@.menuca_ticket_check WITH (security_invoker = true) AS
SELECT x.execution_id,
	c.check_no,
	c.row ->> 'name' AS name,
	c.row ->> 'title' AS title,
	c.row ->> 'status' AS status,
	c.row ->> 'expected' AS expected,
	c.row ->> 'actual' AS actual,
	c.row ->> 'detail' AS detail,
	c.row ->> 'remedy' AS remedy,
	c.row -> 'metadata' AS metadata
FROM @extschema@.menuca_ticket_execution x
CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(x.checks) WITH ORDINALITY AS c(row, check_no);

COMMENT ON VIEW @extschema@.menuca_ticket_check IS
'The checks of every execution of a ticket, one row each.';
COMMENT ON COLUMN @extschema@.menuca_ticket_check.execution_id IS
'The execution (menuca_ticket_execution).';
COMMENT ON COLUMN @extschema@.menuca_ticket_check.check_no IS
'Number of the check within the execution, from 1.';
COMMENT ON COLUMN @extschema@.menuca_ticket_check.name IS
'Name of the check, for programs.';
COMMENT ON COLUMN @extschema@.menuca_ticket_check.title IS
'Name of the check, for people.';
COMMENT ON COLUMN @extschema@.menuca_ticket_check.status IS
'PASS, WARN, FAIL, ERROR or SKIP.';
COMMENT ON COLUMN @extschema@.menuca_ticket_check.expected IS
'What was expected; NULL when nothing was.';
COMMENT ON COLUMN @extschema@.menuca_ticket_check.actual IS
'What was found; NULL when nothing was.';
COMMENT ON COLUMN @extschema@.menuca_ticket_check.detail IS
'More about it; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_ticket_check.remedy IS
'What to do; NULL when there is nothing to do.';
COMMENT ON COLUMN @extschema@.menuca_ticket_check.metadata IS
'The figures as an object, for programs.';

CREATE VIEW @extschema@.menuca_activity WITH (security_invoker = true) AS
SELECT a.active,
	a.idle,
	a.idle_in_transaction,
	a.hidden,
	(SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks l WHERE NOT l.granted) AS waiting_locks,
	d.xact_commit AS commits,
	d.xact_rollback AS rollbacks,
	d.blks_hit AS blocks_hit,
	d.blks_read AS blocks_read,
	d.deadlocks,
	d.stats_reset,
	pg_catalog.pg_database_size(d.datname) AS database_bytes,
	a.connections,
	a.combo_queries,
	a.combo_query_ms
FROM pg_catalog.pg_stat_database d
CROSS JOIN (
	SELECT pg_catalog.count(*) AS connections,
		pg_catalog.count(*) FILTER (WHERE s.state = 'active'
			AND s.query ~* '\m(combo_groups|combo_items|dish_combo_groups)\M') AS combo_queries,
		pg_catalog.max(1000 * EXTRACT(epoch FROM pg_catalog.clock_timestamp() - s.query_start)::double precision)
			FILTER (WHERE s.state = 'active'
				AND s.query ~* '\m(combo_groups|combo_items|dish_combo_groups)\M') AS combo_query_ms,
		pg_catalog.count(*) FILTER (WHERE s.state = 'active') AS active,
		pg_catalog.count(*) FILTER (WHERE s.state LIKE 'idle%') AS idle,
		pg_catalog.count(*) FILTER (WHERE s.state IN ('idle in transaction', 'idle in transaction (aborted)'))
			AS idle_in_transaction,
		pg_catalog.count(*) FILTER (WHERE s.state IS NULL OR s.state = 'disabled') AS hidden
	FROM pg_catalog.pg_stat_activity s
	WHERE s.datname = pg_catalog.current_database()
		AND s.pid <> pg_catalog.pg_backend_pid()
		AND s.usesysid IS NOT NULL
		-- of a hidden session, even the type is hidden
		AND COALESCE(s.backend_type, 'client backend') = 'client backend') a
WHERE d.datname = pg_catalog.current_database();

COMMENT ON VIEW @extschema@.menuca_activity IS
'What the server knows of this database now: other client sessions, lock requests, and the counters since stats_reset. A sample takes it.';
COMMENT ON COLUMN @extschema@.menuca_activity.active IS
'Other client sessions of this database that are executing a statement.';
COMMENT ON COLUMN @extschema@.menuca_activity.idle IS
'Other client sessions of this database that are idle, in a transaction or not.';
COMMENT ON COLUMN @extschema@.menuca_activity.idle_in_transaction IS
'Other client sessions of this database that are idle in a transaction, failed ones included.';
COMMENT ON COLUMN @extschema@.menuca_activity.hidden IS
'Other client sessions of this database whose state is hidden from the reader; pg_read_all_stats shows it.';
COMMENT ON COLUMN @extschema@.menuca_activity.waiting_locks IS
'Lock requests that are not granted, in the whole cluster.';
COMMENT ON COLUMN @extschema@.menuca_activity.commits IS
'Transactions of this database committed since stats_reset (pg_stat_database.xact_commit).';
COMMENT ON COLUMN @extschema@.menuca_activity.rollbacks IS
'Transactions of this database rolled back since stats_reset (xact_rollback).';
COMMENT ON COLUMN @extschema@.menuca_activity.blocks_hit IS
'Blocks found in the buffer cache since stats_reset (blks_hit).';
COMMENT ON COLUMN @extschema@.menuca_activity.blocks_read IS
'Blocks read from outside of it since stats_reset (blks_read).';
COMMENT ON COLUMN @extschema@.menuca_activity.deadlocks IS
'Deadlocks of this database since stats_reset.';
COMMENT ON COLUMN @extschema@.menuca_activity.stats_reset IS
'When the statistics of this database were reset; NULL when they never were.';
COMMENT ON COLUMN @extschema@.menuca_activity.database_bytes IS
'Size of the database in bytes.';
COMMENT ON COLUMN @extschema@.menuca_activity.connections IS
'Other client sessions of this database, whatever they are doing.';
COMMENT ON COLUMN @extschema@.menuca_activity.combo_queries IS
'Of these, the ones that are executing a statement whose text names combo_groups, combo_items or dish_combo_groups, as far as the reader can see it.';
COMMENT ON COLUMN @extschema@.menuca_activity.combo_query_ms IS
'For how many milliseconds the oldest of these statements has been running; NULL when there is none.';

CREATE FUNCTION @extschema@.menuca_monitor_figures(
	environment_id bigint,
	duration interval,
	max_gap interval,
	OUT samples bigint,
	OUT span interval,
	OUT longest_gap interval,
	OUT long_enough boolean,
	OUT gapless boolean,
	OUT recent boolean,
	OUT groups_least bigint,
	OUT groups_most bigint,
	OUT items_least bigint,
	OUT items_most bigint,
	OUT active_most bigint,
	OUT sessions_hidden boolean,
	OUT idle_in_transaction_most bigint,
	OUT waiting_most bigint,
	OUT counters_reset boolean,
	OUT deadlocks bigint,
	OUT commits bigint,
	OUT rollbacks bigint,
	OUT blocks_hit bigint,
	OUT blocks_read bigint,
	OUT size_first bigint,
	OUT size_last bigint,
	OUT mean_ms double precision)
RETURNS record
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	-- Samples from before the last change say nothing about it.
	WITH own AS (
		SELECT s.*
		FROM @extschema@.menuca_sample s
		WHERE s.environment_id = menuca_monitor_figures.environment_id
			AND s.taken_at >= COALESCE((SELECT c.changed_at
										FROM @extschema@.menuca_last_change c
										WHERE c.environment_id = menuca_monitor_figures.environment_id),
									   '-infinity')),
	-- The newest samples that together span the duration, or all of them
	first AS (
		SELECT COALESCE(
				pg_catalog.max(o.taken_at) FILTER (WHERE o.taken_at <= n.taken_at - menuca_monitor_figures.duration),
				pg_catalog.min(o.taken_at)) AS taken_at
		FROM own o
		CROSS JOIN (SELECT pg_catalog.max(taken_at) AS taken_at FROM own) n),
	judged AS (
		SELECT o.*,
			o.taken_at - pg_catalog.lag(o.taken_at) OVER w AS gap,
			o.stats_reset IS DISTINCT FROM pg_catalog.first_value(o.stats_reset) OVER w AS was_reset,
			pg_catalog.first_value(o.deadlocks) OVER w AS first_deadlocks,
			pg_catalog.first_value(o.commits) OVER w AS first_commits,
			pg_catalog.first_value(o.rollbacks) OVER w AS first_rollbacks,
			pg_catalog.first_value(o.blocks_hit) OVER w AS first_blocks_hit,
			pg_catalog.first_value(o.blocks_read) OVER w AS first_blocks_read,
			pg_catalog.first_value(o.database_bytes) OVER w AS first_bytes,
			pg_catalog.first_value(o.statement_ms) OVER w AS first_ms,
			pg_catalog.first_value(o.statement_calls) OVER w AS first_calls,
			pg_catalog.row_number() OVER (ORDER BY o.taken_at DESC) = 1 AS is_last
		FROM own o
		JOIN first f ON o.taken_at >= f.taken_at
		WINDOW w AS (ORDER BY o.taken_at))
	SELECT pg_catalog.count(*),
		pg_catalog.max(j.taken_at) - pg_catalog.min(j.taken_at),
		pg_catalog.max(j.gap),
		COALESCE(pg_catalog.max(j.taken_at) - pg_catalog.min(j.taken_at) >= menuca_monitor_figures.duration, false),
		COALESCE(pg_catalog.max(j.gap) <= menuca_monitor_figures.max_gap, false),
		COALESCE(pg_catalog.clock_timestamp() - pg_catalog.max(j.taken_at) <= menuca_monitor_figures.max_gap, false),
		pg_catalog.min(j.groups),
		pg_catalog.max(j.groups),
		pg_catalog.min(j.items),
		pg_catalog.max(j.items),
		pg_catalog.max(j.active),
		COALESCE(pg_catalog.bool_or(j.hidden > 0), false),
		pg_catalog.max(j.idle_in_transaction),
		pg_catalog.max(j.waiting_locks),
		COALESCE(pg_catalog.bool_or(j.was_reset OR j.commits < j.first_commits), false),
		pg_catalog.max(j.deadlocks - j.first_deadlocks) FILTER (WHERE j.is_last),
		pg_catalog.max(j.commits - j.first_commits) FILTER (WHERE j.is_last),
		pg_catalog.max(j.rollbacks - j.first_rollbacks) FILTER (WHERE j.is_last),
		pg_catalog.max(j.blocks_hit - j.first_blocks_hit) FILTER (WHERE j.is_last),
		pg_catalog.max(j.blocks_read - j.first_blocks_read) FILTER (WHERE j.is_last),
		pg_catalog.max(j.first_bytes),
		pg_catalog.max(j.database_bytes) FILTER (WHERE j.is_last),
		pg_catalog.max((j.statement_ms - j.first_ms) / (j.statement_calls - j.first_calls))
			FILTER (WHERE j.is_last AND j.statement_calls > j.first_calls AND j.statement_ms >= j.first_ms)
	FROM judged j;
END;

COMMENT ON FUNCTION @extschema@.menuca_monitor_figures(bigint, interval, interval) IS
'The figures that menuca_monitor_report() judges, of the newest samples since the last change that together span duration (all of them when they do not): how many, their span and longest gap, whether span is at least duration (long_enough), the longest gap at most max_gap (gapless), and the newest sample at most max_gap old (recent); least and most of what was sampled; and the differences between the first and the last sample of the counters, which mean nothing when counters_reset; mean_ms is the mean time of a statement in between, in milliseconds. Figures are NULL when there is no sample, mean_ms also when it is not known.';

--
-- The tickets of a hosted production: which receipts they take
--

CREATE FUNCTION @extschema@.menuca_wished_receipts(
	copy_name text,
	copy_system_identifier bigint,
	kind text,
	run_id bigint,
	before_since timestamptz,
	after_since timestamptz,
	newest boolean,
	OUT file text,
	OUT purpose text,
	OUT is_before boolean,
	OUT place integer,
	OUT receipt_id bigint,
	OUT set_name text,
	OUT made_at timestamptz,
	OUT status text,
	OUT passed bigint,
	OUT warned bigint,
	OUT failed bigint,
	OUT accepted_by text,
	OUT has_earlier boolean)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH own AS (
		SELECT r.*
		FROM @extschema@.menuca_hosted_receipts r
		WHERE r.database_name = menuca_wished_receipts.copy_name
			AND r.system_identifier = menuca_wished_receipts.copy_system_identifier
			AND r.applies
			AND r.kind = menuca_wished_receipts.kind
			AND COALESCE(r.run_id, 0) = menuca_wished_receipts.run_id)
	SELECT f.file, f.purpose, f.is_before, f.place, c.receipt_id, c.set_name, c.made_at, c.status, c.passed, c.warned, c.failed, c.accepted_by,
		EXISTS (SELECT FROM own o WHERE o.file = f.file)
	FROM @extschema@.menuca_hosted_file f
	LEFT JOIN LATERAL (
		SELECT o.*
		FROM own o
		WHERE o.file = f.file
			AND o.made_at >= CASE WHEN f.is_before THEN menuca_wished_receipts.before_since ELSE menuca_wished_receipts.after_since END
		ORDER BY (f.is_before AND NOT menuca_wished_receipts.newest AND o.failed = 0) DESC, o.made_at DESC, o.receipt_id DESC
		LIMIT 1) c ON true
	WHERE f.kind = menuca_wished_receipts.kind;
END;

COMMENT ON FUNCTION @extschema@.menuca_wished_receipts(text, bigint, text, bigint, timestamptz, timestamptz, boolean) IS
'The files of a kind of set (fix, indexes or access; of a fix, the run, otherwise 0), each with the receipt that a ticket of the hosted production counts, in the copy of that name and cluster: the newest one since after_since, for a file that is executed before the change the newest one since before_since, and unless newest is true, one without FAIL before the others. receipt_id and what follows are NULL when there is none; has_earlier is true when there is one, however old. Read only.';

--
-- How long each way back took when it was rehearsed
--

CREATE VIEW @extschema@.menuca_rehearsal WITH (security_invoker = true) AS
SELECT o.rollback_option,
	pg_catalog.round(COALESCE(
		CASE WHEN pg_catalog.jsonb_typeof(v.minutes -> o.rollback_option) = 'number'
			THEN (v.minutes ->> o.rollback_option)::numeric END,
		EXTRACT(epoch FROM r.took) / 60), 2) AS minutes,
	CASE WHEN pg_catalog.jsonb_typeof(v.minutes -> o.rollback_option) = 'number' THEN 'staging'
		WHEN r.took IS NOT NULL THEN 'here'
	END AS rehearsed_on,
	CASE WHEN pg_catalog.jsonb_typeof(v.minutes -> o.rollback_option) = 'number' THEN v.exported_at
		WHEN r.took IS NOT NULL THEN r.rehearsed_at
	END AS rehearsed_at
FROM (VALUES (1, 'items'), (2, 'indexes'), (3, 'access'), (4, 'snapshot'), (5, 'restore')) o(place, rollback_option)
LEFT JOIN LATERAL (
	-- all kinds of runs that were rolled back, each the newest time
	SELECT pg_catalog.sum(k.rollback_took) AS took, pg_catalog.max(k.rolled_back_at) AS rehearsed_at
	FROM (SELECT DISTINCT ON (u.kind, u.target_schema, u.target) u.rollback_took, u.rolled_back_at
		  FROM @extschema@.menuca_run u
		  WHERE u.rollback_took IS NOT NULL AND u.part_of IS NULL
		  ORDER BY u.kind, u.target_schema, u.target, u.run_id DESC) k
	WHERE o.rollback_option = 'items'
	UNION ALL
	SELECT pg_catalog.max(i.drop_took), pg_catalog.max(i.dropped_at)
	FROM @extschema@.menuca_created_index i
	WHERE o.rollback_option = 'indexes'
	UNION ALL
	SELECT pg_catalog.max(a.undo_took), pg_catalog.max(a.undone_at)
	FROM @extschema@.menuca_access_deployment a
	WHERE o.rollback_option = 'access'
	UNION ALL
	SELECT s.took, s.restored_at
	FROM (SELECT n.took, n.restored_at FROM @extschema@.menuca_snapshot_restore n
		  WHERE n.took IS NOT NULL
		  ORDER BY n.restore_no DESC LIMIT 1) s
	WHERE o.rollback_option = 'snapshot'
	UNION ALL
	SELECT pg_catalog.make_interval(secs => b.seconds), b.finished
	FROM (SELECT (d.details ->> 'drill_seconds')::double precision AS seconds, d.finished
		  FROM @extschema@.menuca_backups d
		  WHERE d.restored_once AND d.of_this_database AND pg_catalog.jsonb_typeof(d.details -> 'drill_seconds') = 'number'
		  ORDER BY d.finished DESC, d.backup_no DESC LIMIT 1) b
	WHERE o.rollback_option = 'restore') r ON r.took IS NOT NULL
LEFT JOIN LATERAL (
	SELECT d.document -> 'rehearsals' AS minutes, d.imported_at AS exported_at
	FROM @extschema@.menuca_imported_verdict d
	ORDER BY d.verdict_id DESC LIMIT 1) v ON true
ORDER BY o.place;

COMMENT ON VIEW @extschema@.menuca_rehearsal IS
'How long each way back took when it was rehearsed, one row per option: as staging''s imported verdict says, and otherwise by the ledgers and the newest drill of a backup here.';
COMMENT ON COLUMN @extschema@.menuca_rehearsal.rollback_option IS
'items (runs were rolled back), indexes, access, snapshot or restore (the whole database, by menuca-backup --drill).';
COMMENT ON COLUMN @extschema@.menuca_rehearsal.minutes IS
'Minutes that it took; of items the sum over the kinds of runs. NULL when it was never rehearsed, as the next columns.';
COMMENT ON COLUMN @extschema@.menuca_rehearsal.rehearsed_on IS
'staging when the imported verdict says so, here when it was done in this database.';
COMMENT ON COLUMN @extschema@.menuca_rehearsal.rehearsed_at IS
'When it was done here, or when the verdict was imported.';

--
-- The maintenance window: when it was announced for, and whether new sessions of
-- the database are read-only during it
--

CREATE TABLE @extschema@.menuca_window (
	window_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	starts_at timestamptz NOT NULL,
	ends_at timestamptz NOT NULL,
	note text,
	announced_by text NOT NULL DEFAULT session_user,
	announced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CHECK (starts_at < ends_at)
);

COMMENT ON TABLE @extschema@.menuca_window IS
'The maintenance windows that were announced by menuca_announce_window(); the newest one of an environment counts.';
COMMENT ON COLUMN @extschema@.menuca_window.window_id IS
'Number of the announcement.';
COMMENT ON COLUMN @extschema@.menuca_window.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_window.starts_at IS
'When the window begins.';
COMMENT ON COLUMN @extschema@.menuca_window.ends_at IS
'When the window ends.';
COMMENT ON COLUMN @extschema@.menuca_window.note IS
'What the caller added; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_window.announced_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_window.announced_at IS
'When it was recorded.';

CREATE TABLE @extschema@.menuca_read_only_change (
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

COMMENT ON TABLE @extschema@.menuca_read_only_change IS
'Every real call of menuca_read_only() that changed something; the newest one of an environment says whether there is something to undo.';
COMMENT ON COLUMN @extschema@.menuca_read_only_change.change_id IS
'Number of the change.';
COMMENT ON COLUMN @extschema@.menuca_read_only_change.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_read_only_change.turned_on IS
'True when new sessions became read-only, false when that was undone.';
COMMENT ON COLUMN @extschema@.menuca_read_only_change.value_before IS
'The database''s own value of default_transaction_read_only before the change; NULL when it had none.';
COMMENT ON COLUMN @extschema@.menuca_read_only_change.value_after IS
'The same after the change.';
COMMENT ON COLUMN @extschema@.menuca_read_only_change.sessions IS
'Other client sessions that were connected then, and that keep what they had.';
COMMENT ON COLUMN @extschema@.menuca_read_only_change.tried IS
'What a write of the tenants'' role came to.';
COMMENT ON COLUMN @extschema@.menuca_read_only_change.changed_by IS
'Session user who called it.';
COMMENT ON COLUMN @extschema@.menuca_read_only_change.changed_at IS
'When it was recorded.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_window', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_window_window_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_read_only_change', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_read_only_change_change_id_seq', '');

CREATE VIEW @extschema@.menuca_read_only_state WITH (security_invoker = true) AS
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

COMMENT ON VIEW @extschema@.menuca_read_only_state IS
'Whether new sessions of this database are read-only, one row per environment: what the catalog has now, and what menuca_read_only() can undo.';
COMMENT ON COLUMN @extschema@.menuca_read_only_state.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_read_only_state.value IS
'The database''s own value of default_transaction_read_only; NULL when it has none.';
COMMENT ON COLUMN @extschema@.menuca_read_only_state.is_on IS
'True when that value makes new sessions read-only.';
COMMENT ON COLUMN @extschema@.menuca_read_only_state.can_undo IS
'True when menuca_read_only() has turned it on and has not undone it.';
COMMENT ON COLUMN @extschema@.menuca_read_only_state.value_before IS
'The value that undoing gives back; NULL for none, and when there is nothing to undo, as the next two columns.';
COMMENT ON COLUMN @extschema@.menuca_read_only_state.turned_on_by IS
'Session user who turned it on.';
COMMENT ON COLUMN @extschema@.menuca_read_only_state.turned_on_at IS
'When it was turned on.';
COMMENT ON COLUMN @extschema@.menuca_read_only_state.other_roles IS
'Roles with a value of their own, which the database''s does not reach, as text; NULL for none.';

CREATE VIEW @extschema@.menuca_window_state WITH (security_invoker = true) AS
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

COMMENT ON VIEW @extschema@.menuca_window_state IS
'The newest announced window of each environment, and where the clock is.';
COMMENT ON COLUMN @extschema@.menuca_window_state.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_window_state.window_id IS
'Number of the announcement.';
COMMENT ON COLUMN @extschema@.menuca_window_state.starts_at IS
'When the window begins.';
COMMENT ON COLUMN @extschema@.menuca_window_state.ends_at IS
'When the window ends.';
COMMENT ON COLUMN @extschema@.menuca_window_state.note IS
'What the caller added; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_window_state.announced_by IS
'Session user who recorded it.';
COMMENT ON COLUMN @extschema@.menuca_window_state.announced_at IS
'When it was recorded.';
COMMENT ON COLUMN @extschema@.menuca_window_state.state IS
'before, open or over.';
COMMENT ON COLUMN @extschema@.menuca_window_state.times IS
'Begin and end in the session''s time zone and in UTC, as text.';
COMMENT ON COLUMN @extschema@.menuca_window_state.announced_a_day_before IS
'True when it was recorded at least 24 hours before it begins.';

CREATE FUNCTION @extschema@.menuca_announce_window(
	starts_at timestamptz,
	ends_at timestamptz,
	note text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_announce_window(timestamptz, timestamptz, text) IS
'Records when this environment''s maintenance window begins and ends; returns it in the session''s time zone and in UTC. The newest one counts: tickets 6 to 9 say with a WARN when they are executed outside it, and are never refused for it.';

REVOKE ALL ON FUNCTION @extschema@.menuca_announce_window(timestamptz, timestamptz, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_read_only(
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

COMMENT ON FUNCTION @extschema@.menuca_read_only(boolean, boolean) IS
'Makes new sessions of this database read-only (ALTER DATABASE ... SET default_transaction_read_only), or gives back what the database had before; by default a dry run. A write of the tenants'' role is tried with the setting, and must be refused. status: planned, on, off or unchanged. Sessions that are connected keep what they had; sessions is their number. It is recorded; the caller must own the database. What has to write in such a session begins with SET default_transaction_read_only = off.';

REVOKE ALL ON FUNCTION @extschema@.menuca_read_only(boolean, boolean) FROM PUBLIC;

--
-- What a change did to the sessions beside it, by samples from before and after
--

CREATE FUNCTION @extschema@.menuca_impact_figures(
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

COMMENT ON FUNCTION @extschema@.menuca_impact_figures(bigint, integer) IS
'The figures that menuca_check_impact() judges, one row per metric, of the newest execution of that ticket (NULL: of the newest change): connections, combo_queries that were running, combo_query_ms (how long the oldest of them had been running), rollbacks in percent of the transactions since the sample before, waiting_locks. mean and deviation are those of the samples of the 24 hours before it; right_after is the first sample after it, later the first one at least 5 minutes after it, newest the last one. No row when there was no change; figures are NULL when there is no such sample.';

CREATE FUNCTION @extschema@.menuca_check_impact(
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

COMMENT ON FUNCTION @extschema@.menuca_check_impact(integer) IS
'Whether a ticket that changes something (2, 3, 4, 7, 8 or 9; NULL: the newest one here) was felt by the sessions beside it: one row per check, as in menuca_validate. Each figure right after it, and at least 5 minutes after it, is compared with the mean of the samples from before plus three times their standard deviation. Fewer than five samples before are SKIP. Tickets 4, 7, 8 and 9 take one sample before and one after by themselves; the others are menuca_monitor_sample()''s. Read only.';

--
-- What customers see, and how fast
--

CREATE FUNCTION @extschema@.menuca_customer_view(
	restaurant bigint DEFAULT NULL,
	n integer DEFAULT 5,
	seed double precision DEFAULT NULL,
	OUT seen_by text,
	OUT restaurant_id bigint,
	OUT restaurant_name text,
	OUT group_id bigint,
	OUT group_name text,
	OUT shown boolean,
	OUT items_shown bigint,
	OUT items_owned bigint,
	OUT dish_ids bigint[],
	OUT dishes text[],
	OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_customer_view(bigint, integer, double precision) IS
'The active combos of a restaurant as the web site would show them, and whatever else row level security shows: asked as visitors without a login (seen_by is visitor) and as the restaurant''s staff (tenant, by the claim menuca.tenant_claim). shown: the combo is seen; items_shown of items_owned are, of dishes that are active; detail says what hides the others. restaurant NULL draws n restaurants that have active combos; the same seed draws the same, NULL is 0. Read only.';

CREATE FUNCTION @extschema@.menuca_check_customer_view(
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

COMMENT ON FUNCTION @extschema@.menuca_check_customer_view() IS
'What customers must see and what they must not, over all combos, one row per check as in menuca_validate: visitors see every active combo of every active restaurant with all of its active dishes, by count; nothing that is inactive or deleted; no combo whose dishes are all hidden, or fewer than combo_rules.item_count; no dish without a name, and no equal ones; and the staff of the largest restaurants see all of theirs; the last row is the verdict. A policy that raises an error is an ERROR. Without the roles, the membership in them, or row level security, all rows are SKIP. Read only.';

--
-- Load
--

CREATE TABLE @extschema@.menuca_load_run (
	load_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment_id bigint NOT NULL,
	requests integer NOT NULL,
	connections integer NOT NULL,
	errors integer NOT NULL,
	seed bigint,
	mean_ms numeric,
	p50_ms numeric,
	p50_low_ms numeric,
	p50_high_ms numeric,
	p95_ms numeric,
	p95_low_ms numeric,
	p95_high_ms numeric,
	p99_ms numeric,
	max_ms numeric,
	menu_p50_ms numeric,
	menu_p50_low_ms numeric,
	menu_p50_high_ms numeric,
	menu_p95_ms numeric,
	menu_p95_low_ms numeric,
	menu_p95_high_ms numeric,
	blocks_hit bigint,
	blocks_read bigint,
	started_at timestamptz NOT NULL,
	finished_at timestamptz NOT NULL,
	run_by text NOT NULL DEFAULT session_user,
	recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_load_run IS
'Load runs that menuca-load has measured. Times are of whole requests, as the program saw them: one round trip each; NULL when none has succeeded.';
COMMENT ON COLUMN @extschema@.menuca_load_run.load_id IS
'Number of the run.';
COMMENT ON COLUMN @extschema@.menuca_load_run.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_load_run.requests IS
'Requests that were sent, those with errors included.';
COMMENT ON COLUMN @extschema@.menuca_load_run.connections IS
'Connections that sent them at the same time.';
COMMENT ON COLUMN @extschema@.menuca_load_run.errors IS
'Requests that failed.';
COMMENT ON COLUMN @extschema@.menuca_load_run.seed IS
'Seed by which restaurants were drawn; NULL: not known.';
COMMENT ON COLUMN @extschema@.menuca_load_run.mean_ms IS
'Mean time of a request in milliseconds, of those that succeeded, as the next columns.';
COMMENT ON COLUMN @extschema@.menuca_load_run.p50_ms IS
'Median.';
COMMENT ON COLUMN @extschema@.menuca_load_run.p50_low_ms IS
'Least value that the median may have: in 95 % of such runs it is between this and p50_high_ms.';
COMMENT ON COLUMN @extschema@.menuca_load_run.p50_high_ms IS
'Greatest value that the median may have.';
COMMENT ON COLUMN @extschema@.menuca_load_run.p95_ms IS
'95th percentile: 95 % of the requests took no longer.';
COMMENT ON COLUMN @extschema@.menuca_load_run.p95_low_ms IS
'Least value that it may have, as for the median.';
COMMENT ON COLUMN @extschema@.menuca_load_run.p95_high_ms IS
'Greatest value that it may have; of few requests the longest one, which is no bound.';
COMMENT ON COLUMN @extschema@.menuca_load_run.p99_ms IS
'99th percentile.';
COMMENT ON COLUMN @extschema@.menuca_load_run.max_ms IS
'Longest time.';
COMMENT ON COLUMN @extschema@.menuca_load_run.menu_p50_ms IS
'Median of the requests of menus alone, which a fix does not make larger; NULL when they are not known, as the next columns.';
COMMENT ON COLUMN @extschema@.menuca_load_run.menu_p50_low_ms IS
'Least value that this median may have.';
COMMENT ON COLUMN @extschema@.menuca_load_run.menu_p50_high_ms IS
'Greatest value that it may have.';
COMMENT ON COLUMN @extschema@.menuca_load_run.menu_p95_ms IS
'95th percentile of the requests of menus alone.';
COMMENT ON COLUMN @extschema@.menuca_load_run.menu_p95_low_ms IS
'Least value that it may have.';
COMMENT ON COLUMN @extschema@.menuca_load_run.menu_p95_high_ms IS
'Greatest value that it may have.';
COMMENT ON COLUMN @extschema@.menuca_load_run.blocks_hit IS
'Pages of the database that were found in the cache while the run lasted, by all sessions; NULL: not known.';
COMMENT ON COLUMN @extschema@.menuca_load_run.blocks_read IS
'Pages of the database that were read while it lasted, by all sessions; NULL: not known.';
COMMENT ON COLUMN @extschema@.menuca_load_run.started_at IS
'When the first request was sent, by the server''s clock.';
COMMENT ON COLUMN @extschema@.menuca_load_run.finished_at IS
'When the last one had ended.';
COMMENT ON COLUMN @extschema@.menuca_load_run.run_by IS
'Session user who recorded the run.';
COMMENT ON COLUMN @extschema@.menuca_load_run.recorded_at IS
'When it was recorded.';

SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_load_run', '');
SELECT pg_catalog.pg_extension_config_dump('@extschema@.menuca_load_run_load_id_seq', '');

CREATE FUNCTION @extschema@.menuca_load_script(
	requests integer DEFAULT NULL,
	connections integer DEFAULT NULL,
	seed bigint DEFAULT 1,
	OUT script_no integer,
	OUT query text,
	OUT seen_by text,
	OUT restaurant_id bigint,
	OUT weight integer,
	OUT of_requests integer,
	OUT of_connections integer,
	OUT of_seed bigint,
	OUT request text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_load_script(integer, integer, bigint) IS
'What the program menuca-load sends: the menu and the combos (query) of restaurants that were drawn by their share of active dishes, as visitors and as their staff (seen_by). request is a script of pgbench in one line, a READ ONLY transaction; weight says how often the restaurant was drawn. NULL: 100 requests by 10 connections, on production 200 by 20. The same seed draws the same restaurants. Read only.';

CREATE FUNCTION @extschema@.menuca_record_load(
	latencies_us bigint[],
	errors integer,
	connections integer,
	started_at timestamptz,
	finished_at timestamptz,
	seed bigint DEFAULT NULL,
	blocks_hit bigint DEFAULT NULL,
	blocks_read bigint DEFAULT NULL,
	menu_latencies_us bigint[] DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_record_load(bigint[], integer, integer, timestamptz, timestamptz, bigint, bigint, bigint, bigint[]) IS
'Records a load run of this environment, as menuca-load does: the time of each request that succeeded in microseconds, the number of those that failed, and how many connections sent them; menu_latencies_us are those of menus alone, by which a run is compared with one from before a fix, when combos were empty. Returns the run''s number. Percentiles and their spread are computed here.';

REVOKE ALL ON FUNCTION @extschema@.menuca_record_load(bigint[], integer, integer, timestamptz, timestamptz, bigint, bigint, bigint, bigint[]) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_check_load(
	load_id bigint DEFAULT NULL,
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

COMMENT ON FUNCTION @extschema@.menuca_check_load(bigint) IS
'What a load run shows, one row per check as in menuca_validate: every request succeeded, half of them took less than 200 ms and 95 % less than 500 ms, pages were found in the cache, and neither percentile is more than 20 % above that of the newest run with as many connections from before the last change (see menuca_last_change), unless the spread of both runs explains it (of the requests of menus alone where a fix or its rollback lies between them, since it changes what combos show); the last row is the verdict. load_id NULL: the newest run since the last change, or a WARN with the command that makes one. Read only.';

CREATE VIEW @extschema@.menuca_load_comparison WITH (security_invoker = true) AS
SELECT n.load_id,
	n.environment_id,
	n.started_at,
	n.seed,
	b.load_id AS before_load_id,
	b.seed AS before_seed,
	f.of_menus,
	CASE WHEN f.of_menus THEN n.menu_p50_ms ELSE n.p50_ms END AS p50_ms,
	CASE WHEN f.of_menus THEN n.menu_p50_low_ms ELSE n.p50_low_ms END AS p50_low_ms,
	CASE WHEN f.of_menus THEN n.menu_p50_high_ms ELSE n.p50_high_ms END AS p50_high_ms,
	CASE WHEN f.of_menus THEN b.menu_p50_ms ELSE b.p50_ms END AS before_p50_ms,
	CASE WHEN f.of_menus THEN b.menu_p50_low_ms ELSE b.p50_low_ms END AS before_p50_low_ms,
	CASE WHEN f.of_menus THEN b.menu_p50_high_ms ELSE b.p50_high_ms END AS before_p50_high_ms,
	CASE WHEN f.of_menus THEN n.menu_p95_ms ELSE n.p95_ms END AS p95_ms,
	CASE WHEN f.of_menus THEN n.menu_p95_low_ms ELSE n.p95_low_ms END AS p95_low_ms,
	CASE WHEN f.of_menus THEN n.menu_p95_high_ms ELSE n.p95_high_ms END AS p95_high_ms,
	CASE WHEN f.of_menus THEN b.menu_p95_ms ELSE b.p95_ms END AS before_p95_ms,
	CASE WHEN f.of_menus THEN b.menu_p95_low_ms ELSE b.p95_low_ms END AS before_p95_low_ms,
	CASE WHEN f.of_menus THEN b.menu_p95_high_ms ELSE b.p95_high_ms END AS before_p95_high_ms
FROM @extschema@.menuca_load_run n
JOIN @extschema@.menuca_last_change c
	ON c.environment_id = n.environment_id AND n.started_at >= c.changed_at
CROSS JOIN LATERAL (
	SELECT l.*
	FROM @extschema@.menuca_load_run l
	WHERE l.environment_id = n.environment_id AND l.connections = n.connections
		AND l.finished_at <= c.changed_at AND l.p50_ms IS NOT NULL
	ORDER BY l.load_id DESC
	LIMIT 1) b
CROSS JOIN LATERAL (
	SELECT EXISTS (SELECT FROM @extschema@.menuca_run r
				   WHERE r.inserted > 0 AND GREATEST(r.started_at, r.finished_at, r.rolled_back_at) >= b.finished_at)
		OR EXISTS (SELECT FROM @extschema@.menuca_snapshot_restore s
				   WHERE s.restored_at >= b.finished_at) AS of_menus) f;

COMMENT ON VIEW @extschema@.menuca_load_comparison IS
'Each load run since the last change, beside the newest one from before it with as many connections.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.load_id IS
'Number of the run.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.started_at IS
'When its first request was sent.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.seed IS
'Seed by which its restaurants were drawn; NULL: not known.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.before_load_id IS
'Number of the run from before the change.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.before_seed IS
'Its seed; NULL: not known.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.of_menus IS
'True when items were inserted or removed between the two runs: then the times are those of the requests of menus alone, since combos show other dishes than before.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.p50_ms IS
'Median in milliseconds, of the run.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.p50_low_ms IS
'Least value that it may have, of the run.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.p50_high_ms IS
'Greatest value that it may have, of the run.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.before_p50_ms IS
'Median in milliseconds, of the run before the change.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.before_p50_low_ms IS
'Least value that it may have, of the run before the change.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.before_p50_high_ms IS
'Greatest value that it may have, of the run before the change.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.p95_ms IS
'95th percentile in milliseconds, of the run.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.p95_low_ms IS
'Least value that it may have, of the run.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.p95_high_ms IS
'Greatest value that it may have, of the run.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.before_p95_ms IS
'95th percentile in milliseconds, of the run before the change.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.before_p95_low_ms IS
'Least value that it may have, of the run before the change.';
COMMENT ON COLUMN @extschema@.menuca_load_comparison.before_p95_high_ms IS
'Greatest value that it may have, of the run before the change.';

CREATE VIEW @extschema@.menuca_load_runs WITH (security_invoker = true) AS
SELECT l.load_id,
	e.name AS environment,
	l.requests,
	l.connections,
	l.errors,
	pg_catalog.round(100.0 * (l.requests - l.errors) / NULLIF(l.requests, 0), 2) AS success_pct,
	l.p50_ms,
	l.p50_low_ms,
	l.p50_high_ms,
	l.p95_ms,
	l.p95_low_ms,
	l.p95_high_ms,
	l.p99_ms,
	l.max_ms,
	l.menu_p50_ms,
	l.menu_p95_ms,
	pg_catalog.round(100.0 * l.blocks_hit / NULLIF(l.blocks_hit + l.blocks_read, 0), 2) AS cache_hit_pct,
	l.seed,
	l.run_by,
	l.started_at,
	l.finished_at
FROM @extschema@.menuca_load_run l
LEFT JOIN @extschema@.menuca_registered_environment e USING (environment_id);

COMMENT ON VIEW @extschema@.menuca_load_runs IS
'The load runs, with their environment, success and cache hits.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.load_id IS
'Number of the run, for menuca_check_load().';
COMMENT ON COLUMN @extschema@.menuca_load_runs.environment IS
'staging or production.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.requests IS
'Requests that were sent.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.connections IS
'Connections that sent them at the same time.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.errors IS
'Requests that failed.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.success_pct IS
'Requests that succeeded, in percent of those that were sent.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.p50_ms IS
'Median time of a request that succeeded, in milliseconds, as the next columns.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.p50_low_ms IS
'Least value that the median may have.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.p50_high_ms IS
'Greatest value that the median may have.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.p95_ms IS
'95th percentile.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.p95_low_ms IS
'Least value that it may have.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.p95_high_ms IS
'Greatest value that it may have.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.p99_ms IS
'99th percentile.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.max_ms IS
'Longest time.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.menu_p50_ms IS
'Median of the requests of menus alone; NULL: not known.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.menu_p95_ms IS
'95th percentile of them; NULL: not known.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.cache_hit_pct IS
'Pages that were found in the cache, in percent; NULL: not known.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.seed IS
'Seed by which restaurants were drawn; NULL: not known.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.run_by IS
'Session user who recorded the run.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.started_at IS
'When the first request was sent.';
COMMENT ON COLUMN @extschema@.menuca_load_runs.finished_at IS
'When the last one had ended.';

--
-- What is said of the tickets: their states, sign-offs and staging's verdict, the log,
-- announcements
--

CREATE TABLE @extschema@.menuca_verdict_key (
	key_no integer PRIMARY KEY DEFAULT 1 CHECK (key_no = 1),
	key text NOT NULL CHECK (octet_length(key) >= 16),
	set_by text NOT NULL DEFAULT session_user,
	set_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE @extschema@.menuca_verdict_key IS
'The secret that staging and production share, by which a verdict is signed: no row, or one. Nobody but its owner can read it, and pg_dump omits it.';
COMMENT ON COLUMN @extschema@.menuca_verdict_key.key_no IS
'1: there is one key at most.';
COMMENT ON COLUMN @extschema@.menuca_verdict_key.key IS
'The key, of at least 16 bytes.';
COMMENT ON COLUMN @extschema@.menuca_verdict_key.set_by IS
'Session user who set it.';
COMMENT ON COLUMN @extschema@.menuca_verdict_key.set_at IS
'When it was set.';

-- Without a policy, a grant on all tables does not show it, either.
ALTER TABLE @extschema@.menuca_verdict_key ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON @extschema@.menuca_verdict_key FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_status(
	OUT ticket integer,
	OUT title text,
	OUT state text,
	OUT result text,
	OUT started_at timestamptz,
	OUT finished_at timestamptz,
	OUT executed_by text,
	OUT next_call text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_status() IS
'All eleven tickets: state PENDING (it is next), BLOCKED (a ticket before it is not complete), IN_PROGRESS (also while people''s part is open), COMPLETE, FAILED, or where it is done, on staging or on production; the result of the newest execution, when and by whom it was executed, and the next call to make. Read only.';

CREATE FUNCTION @extschema@.menuca_sign_off(
	ticket integer,
	approver text,
	decision text,
	note text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_sign_off(integer, text, text, text) IS
'Records that a person decides GO or NO-GO on a ticket; returns the decision. GO needs a ticket that is COMPLETE, NO-GO stops the tickets after it. On production, ticket 5 is staging''s, known by its imported verdict; in the copy of a hosted production, the sign-off of ticket 5 is staging''s first, and once its verdict GO is imported there, production''s.';

REVOKE ALL ON FUNCTION @extschema@.menuca_sign_off(integer, text, text, text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_export_verdict()
RETURNS jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_export_verdict() IS
'On staging: the verdict of its tickets, with counts, sign-offs and a checksum over everything, signed with the verdict key where one is set, to be imported on production. Read only.';

CREATE FUNCTION @extschema@.menuca_import_verdict(verdict jsonb)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_import_verdict(jsonb) IS
'On production, or in the copy of a hosted one: imports staging''s verdict; returns GO or NO-GO. Raises an error when the checksum does not match, the signature does not match the verdict key that is set here, the verdict is not staging''s, or staging is this same database. Warns when no key is set.';

REVOKE ALL ON FUNCTION @extschema@.menuca_import_verdict(jsonb) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_import_verdict(verdict text)
RETURNS text
AS 'MODULE_PATHNAME', 'menuca_import_verdict_text'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_import_verdict(text) IS
'As menuca_import_verdict(jsonb), from the text of the verdict, which may be put together of pieces. When it was cut, the error says where, and how to fetch it in pieces.';

REVOKE ALL ON FUNCTION @extschema@.menuca_import_verdict(text) FROM PUBLIC;

CREATE FUNCTION @extschema@.menuca_set_verdict_key(key text)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_set_verdict_key(text) IS
'Sets the key by which verdicts are signed: the same on staging and on production, at least 16 bytes. Returns its fingerprint, by which the two can be compared. NULL removes the key.';

REVOKE ALL ON FUNCTION @extschema@.menuca_set_verdict_key(text) FROM PUBLIC;

CREATE VIEW @extschema@.menuca_staging_verdict WITH (security_invoker = true) AS
SELECT e.environment_id,
	e.name AS environment,
	e.database_name AS database,
	e.system_identifier::text AS system_identifier,
	SESSION_USER::text AS exported_by,
	pg_catalog.clock_timestamp() AS exported_at,
	-- all of tickets 0 to 5, and nobody against it
	CASE WHEN (SELECT pg_catalog.count(*)
			   FROM @extschema@.menuca_ticket_latest t
			   WHERE t.environment_id = e.environment_id AND t.ticket_no <= 5 AND t.state = 'COMPLETE') = 6
			AND NOT EXISTS (SELECT FROM @extschema@.menuca_signature_latest s
							WHERE s.environment_id = e.environment_id AND s.decision = 'NO-GO')
		THEN 'GO'
		ELSE 'NO-GO'
	END AS go,
	(SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
				'ticket', t.ticket_no, 'status', t.state, 'result', t.result, 'forced', t.forced,
				'reason', t.reason, 'executed_by', t.executed_by, 'started_at', t.started_at,
				'finished_at', t.finished_at, 'options', t.options) ORDER BY t.ticket_no), '[]')
	 FROM @extschema@.menuca_ticket_latest t
	 WHERE t.environment_id = e.environment_id) AS tickets,
	(SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
				'ticket', s.ticket_no, 'approver', s.approver, 'decision', s.decision, 'note', s.note,
				'signed_by', s.signed_by, 'signed_at', s.signed_at) ORDER BY s.ticket_no), '[]')
	 FROM @extschema@.menuca_signature_latest s
	 WHERE s.environment_id = e.environment_id) AS signatures,
	f.fix,
	f.fix_lists,
	f.fix_v2,
	f.backfill,
	(SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
				'figure', a.figure, 'bound', a.bound, 'reason', a.reason, 'approver', a.approver,
				'accepted_by', a.accepted_by, 'accepted_at', a.accepted_at, 'expires_at', a.expires_at,
				'target_schema', a.target_schema, 'target', a.target, 'source', a.source,
				'source_rows', a.source_rows, 'source_checksum', a.source_checksum) ORDER BY a.acceptance_id), '[]')
	 FROM @extschema@.menuca_acceptance_in_effect a) AS acceptances,
	(SELECT pg_catalog.jsonb_path_query_first(x.checks, '$[*] ? (@.name == "buildable_indexes").metadata.built')
	 FROM @extschema@.menuca_ticket_execution x
	 WHERE x.environment_id = e.environment_id AND x.ticket_no = 2
	 ORDER BY x.execution_id DESC
	 LIMIT 1) AS indexes
FROM @extschema@.menuca_registered_environment e
CROSS JOIN LATERAL (
	SELECT pg_catalog.max(r.figures::text) FILTER (WHERE r.kind = 'fix_combos')::jsonb AS fix,
		pg_catalog.max(r.figures::text) FILTER (WHERE r.kind = 'fix_group_dishes')::jsonb AS fix_lists,
		pg_catalog.max(r.figures::text) FILTER (WHERE r.kind = 'fix_v2_groups')::jsonb AS fix_v2,
		pg_catalog.max(r.figures::text) FILTER (WHERE r.kind = 'backfill_dishes')::jsonb AS backfill
	FROM (SELECT m.kind,
			-- a backfill's outcomes add up to the rows of the menu
			pg_catalog.jsonb_build_object(
				'source_rows', CASE m.kind WHEN 'backfill_dishes'
					THEN pg_catalog.to_jsonb((SELECT pg_catalog.sum(o.value::bigint) FROM pg_catalog.jsonb_each_text(m.outcomes) o))
					ELSE m.outcomes -> 'source_rows' END,
				'mapped', (m.outcomes ->> 'insert')::bigint + (m.outcomes ->> 'already_present')::bigint) AS figures
		  FROM @extschema@.menuca_ticket_latest t
		  JOIN @extschema@.menuca_run m ON m.run_id = ANY (t.run_ids)
		  WHERE t.environment_id = e.environment_id AND t.ticket_no = 4) r) f;

COMMENT ON VIEW @extschema@.menuca_staging_verdict IS
'The verdict of each environment as menuca_export_verdict() puts it into a document, without the counts of its tables and the checksum.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.environment_id IS
'The environment (menuca_registered_environment); not in the document.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.environment IS
'staging or production; only staging''s is exported.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.database IS
'Name of the database.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.system_identifier IS
'System identifier of its cluster, as text, since not every reader of JSON keeps 64 bits.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.exported_by IS
'Session user who reads this.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.exported_at IS
'The time at which it is read.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.go IS
'GO when tickets 0 to 5 are all COMPLETE and no newest sign-off is NO-GO, otherwise NO-GO.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.tickets IS
'Array of the tickets by number, each as menuca_ticket_latest shows it.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.signatures IS
'Array of the newest sign-offs by ticket, each as menuca_signature_latest shows it.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.acceptances IS
'Array of the acceptances that hold on staging, each as menuca_acceptance_in_effect shows it.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.fix IS
'Object of V1''s source rows and of those that are items after ticket 4 (mapped); NULL when it made no such run, as in the next three columns.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.fix_lists IS
'The same of V1''s lists.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.fix_v2 IS
'The same of V2''s lists.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.backfill IS
'The same of the rows of V1''s menu, and of those that are dishes.';
COMMENT ON COLUMN @extschema@.menuca_staging_verdict.indexes IS
'Array of the names of the wanted indexes that were there after ticket 2; NULL when it was not executed.';

CREATE FUNCTION @extschema@.menuca_verdict_checksum(verdict jsonb)
RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE pg_catalog.jsonb_typeof(verdict) WHEN 'object' THEN
		pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((verdict - 'checksum' - 'signature')::text, 'UTF8')), 'hex') END;
END;

COMMENT ON FUNCTION @extschema@.menuca_verdict_checksum(jsonb) IS
'SHA-256 of a verdict''s text without its own checksum and signature, in hexadecimal digits; NULL when it is no JSON object.';

CREATE FUNCTION @extschema@.menuca_execution_log()
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_execution_log() IS
'The history of the runbook in this environment, and of the hosted production whose copy it is, as Markdown: verdicts, every execution of every ticket with its checks, overrides in bold letters, backups, what people attested, reviewed and found, sign-offs. Read only.';

CREATE FUNCTION @extschema@.menuca_announcement(ticket integer, kind text)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_announcement(integer, text) IS
'A short plain text about a ticket, for chat or mail: kind is before, start, done, failed or rolled_back. It has the figures of the ticket, such as counts, orphan rates, duration and who executed it, and a block with the context for the next step. Raises an error when the ticket is not in that state. Read only.';

--
-- The one call to make now, and whether to roll back
--

CREATE FUNCTION @extschema@.menuca_next(
	OUT state text,
	OUT next_step text,
	OUT why text,
	OUT changes text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_next() IS
'The one call to make now, after a look at everything: the platform''s tables, open runs, and then the tickets, where this database is registered, or else the source, the decision, dry runs of the fixes, backups and the validation. state says where the repair is, next_step is the call (NULL when there is nothing to call), why the reason with figures, changes what the call will change. Whatever cannot be looked at is said in the row. Read only.';

CREATE FUNCTION @extschema@.menuca_rollback_guide(
	OUT "position" integer,
	OUT what text,
	OUT statement text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_rollback_guide() IS
'The calls that undo what the runbook has done so far, the most recent thing first; in the copy of a hosted production, first those that return the files of a rollback there. Read only.';

CREATE FUNCTION @extschema@.menuca_failing_since(environment_id bigint, check_name text)
RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT pg_catalog.min(x.started_at)
	FROM @extschema@.menuca_ticket_check c
	JOIN @extschema@.menuca_ticket_execution x USING (execution_id)
	WHERE x.environment_id = menuca_failing_since.environment_id
		AND c.name = menuca_failing_since.check_name
		AND c.status IN ('FAIL', 'ERROR')
		AND x.execution_id > COALESCE((
			SELECT pg_catalog.max(g.execution_id)
			FROM @extschema@.menuca_ticket_check g
			JOIN @extschema@.menuca_ticket_execution y USING (execution_id)
			WHERE y.environment_id = menuca_failing_since.environment_id
				AND g.name = menuca_failing_since.check_name
				AND g.status IN ('PASS', 'WARN')), 0);
END;

COMMENT ON FUNCTION @extschema@.menuca_failing_since(bigint, text) IS
'When a ticket found first that a check fails, after it last passed: a lower bound of how long that has been so. NULL when no ticket has recorded it.';

CREATE VIEW @extschema@.menuca_orphan_change WITH (security_invoker = true) AS
SELECT r.target_schema,
	r.target,
	r.orphan_pct_before,
	r.finished_at AS fixed_at,
	o.groups,
	o.orphan_pct,
	o.band,
	a.bound AS accepted_pct
FROM (SELECT DISTINCT ON (u.target) u.target_schema, u.target, u.orphan_pct_before, u.finished_at
	  FROM @extschema@.menuca_runs u
	  WHERE u.target_schema = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3')
		  AND u.status = 'completed' AND u.inserted > 0 AND u.orphan_pct_before IS NOT NULL
	  ORDER BY u.target, u.run_id) r
CROSS JOIN LATERAL @extschema@.menuca_orphan_rate(target => r.target) o
LEFT JOIN LATERAL (
	SELECT x.bound
	FROM @extschema@.menuca_acceptance_in_effect x
	WHERE x.figure = 'orphan_rate' AND x.target_schema = r.target_schema AND x.target = r.target
	ORDER BY x.acceptance_id DESC
	LIMIT 1) a ON true;

COMMENT ON VIEW @extschema@.menuca_orphan_change IS
'The orphan rate now, next to the one before the first fix that is in force, one row per table that was fixed.';
COMMENT ON COLUMN @extschema@.menuca_orphan_change.target_schema IS
'Schema of the table: the setting menuca.target_schema.';
COMMENT ON COLUMN @extschema@.menuca_orphan_change.target IS
'Name of the table that was fixed, such as combo_items.';
COMMENT ON COLUMN @extschema@.menuca_orphan_change.orphan_pct_before IS
'Groups without items, in percent of all groups, before the first fix that was not rolled back.';
COMMENT ON COLUMN @extschema@.menuca_orphan_change.fixed_at IS
'When that fix ended.';
COMMENT ON COLUMN @extschema@.menuca_orphan_change.groups IS
'Groups now.';
COMMENT ON COLUMN @extschema@.menuca_orphan_change.orphan_pct IS
'Groups without items now, in percent of them.';
COMMENT ON COLUMN @extschema@.menuca_orphan_change.band IS
'EXCELLENT, PASS, WARNING or FAIL, of that rate.';
COMMENT ON COLUMN @extschema@.menuca_orphan_change.accepted_pct IS
'The greatest rate that a person has accepted; NULL when nobody has.';

CREATE FUNCTION @extschema@.menuca_query_slowdown(
	OUT query text,
	OUT restaurant_id bigint,
	OUT before_ms numeric,
	OUT now_ms numeric,
	OUT before_at timestamptz)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT b.query, b.restaurant_id, b.median_ms, n.median_ms, b.measured_at
	FROM (SELECT m.query, m.restaurant_id, m.median_ms, m.measured_at
		  FROM @extschema@.menuca_query_measurement m
		  WHERE m.label = 'before' AND m.query = 'menu'
			  AND m.target_schema = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3')
		  ORDER BY m.measurement_no DESC
		  LIMIT 1) b
	JOIN LATERAL @extschema@.menuca_measure_queries(b.restaurant_id) n ON n.query = b.query
	WHERE n.median_ms IS NOT NULL
	UNION ALL
	-- before the fix, the combos' query is measured without the items that it is about
	SELECT c.query, c.restaurant_id, c.before_ms, c.after_ms, c.before_at
	FROM @extschema@.menuca_query_comparison c
	WHERE c.query <> 'menu' AND c.before_rows = c.after_rows
		AND c.target_schema = COALESCE(pg_catalog.current_setting('menuca.target_schema', true), 'menuca_v3');
END;

COMMENT ON FUNCTION @extschema@.menuca_query_slowdown() IS
'How long the menu query takes now, for the restaurant that it was measured for before the changes (menuca_record_queries(''before'')), and how long the combo query took after them, where it returned as many rows. No row of what was not measured.';

CREATE FUNCTION @extschema@.menuca_rollback_advice(
	OUT "trigger" text,
	OUT figure text,
	OUT threshold text,
	OUT since timestamptz,
	OUT advice text,
	OUT rollback_option text,
	OUT calls text[],
	OUT rehearsed_minutes numeric,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_rollback_advice() IS
'Whether to roll back, one row per trigger of the tickets and the checklist: the figure now, its threshold, since when it is known, IMMEDIATE, CONSIDER, NONE, or UNKNOWN with the reason when the figure cannot be had; what to roll back (items, indexes, access, snapshot or restore), its calls in order, and the minutes that its rehearsal took. Everything that it tries is undone.';

REVOKE ALL ON FUNCTION @extschema@.menuca_rollback_advice() FROM PUBLIC;

--
-- The words of HTML pages.  Both extensions have them: menuca_seating with another beginning
-- of their names, which assemble-sql.sh gives them.  Values pass menuca_html(), and nothing else makes text of a page out of what is in a table.
--

CREATE FUNCTION @extschema@.menuca_html(
	value text,
	at_most integer DEFAULT 240)
RETURNS text
AS 'MODULE_PATHNAME', 'menuca_html'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION @extschema@.menuca_html(text, integer) IS
'A value as text of an HTML page, between tags or in quotes: its first at_most characters, in ASCII, with the number of all of them when there are more. Characters that no XML may hold, and those that turn the direction of text, become U+FFFD. NULL becomes an empty text.';

--
-- Words and numbers
--

CREATE FUNCTION @extschema@.menuca_report_number(value numeric)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN value = pg_catalog.trunc(value)
		THEN pg_catalog.to_char(value, 'FM999,999,999,999,999,990')
		ELSE pg_catalog.to_char(value, 'FM999,999,999,999,999,990.00') END;
END;

COMMENT ON FUNCTION @extschema@.menuca_report_number(numeric) IS
'A number as people read it: 1,234 or 12.50; NULL for NULL.';

CREATE FUNCTION @extschema@.menuca_report_percent(value numeric)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.to_char(value, 'FM999,990.00') || ' %';
END;

COMMENT ON FUNCTION @extschema@.menuca_report_percent(numeric) IS
'A percentage with two decimals; NULL for NULL.';

CREATE FUNCTION @extschema@.menuca_report_time(value timestamptz)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"');
END;

COMMENT ON FUNCTION @extschema@.menuca_report_time(timestamptz) IS
'A time in UTC, to the minute; NULL for NULL.';

CREATE FUNCTION @extschema@.menuca_report_tone(word text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
		WHEN word IN ('PASS', 'GO', 'COMPLETE', 'EXCELLENT', 'completed', 'as wanted', 'in effect', 'resolved') THEN 'good'
		WHEN word IN ('WARN', 'WARNING', 'IN_PROGRESS', 'running', 'interrupted', 'OVERRIDDEN', 'OVERRIDDEN: WAIVED', 'not signed off', 'open', 'high') THEN 'warn'
		WHEN word IN ('FAIL', 'FAILED', 'ERROR', 'NO-GO', 'gate_failed', 'not as wanted', 'critical') THEN 'bad'
		ELSE 'soft'
	END;
END;

COMMENT ON FUNCTION @extschema@.menuca_report_tone(text) IS
'The colour of a status, as a class of the page: good, warn, bad, or soft for any other word and for NULL.';

CREATE FUNCTION @extschema@.menuca_report_mark(word text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format('<span class="mark %s"><span aria-hidden="true">%s</span> %s</span>',
		t.tone,
		CASE t.tone WHEN 'good' THEN '&#10003;' WHEN 'warn' THEN '&#9888;&#65038;' WHEN 'bad' THEN '&#10005;' ELSE '&#8211;' END,
		@extschema@.menuca_html(word, 60))
	FROM (SELECT @extschema@.menuca_report_tone(word) AS tone) t
	WHERE word IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_report_mark(text) IS
'A status with its sign and in its colour; NULL for NULL.';

CREATE FUNCTION @extschema@.menuca_report_tile(figure text, words text, status text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format(E'<div class="tile"><dd class="ink-%s">%s</dd><dt>%s</dt></div>\n',
		COALESCE(NULLIF(@extschema@.menuca_report_tone(status), 'soft'), 'main'), @extschema@.menuca_html(figure, 30), @extschema@.menuca_html(words))
	WHERE figure IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_report_tile(text, text, text) IS
'A figure in large letters, in the colour of a status, with words below it; NULL without a figure.';

--
-- Tables
--

CREATE FUNCTION @extschema@.menuca_report_row(
	kinds text,
	headings text[],
	VARIADIC cells text[])
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<tr>' || pg_catalog.string_agg(
		CASE c.kind WHEN 'h' THEN '<th scope="row"' ELSE '<td' END
		|| CASE WHEN c.value IS NULL OR c.value = '' THEN ' class="none"' WHEN c.kind IN ('n', 'd') THEN ' class="' || c.kind || '"' ELSE '' END
		|| ' data-h="' || @extschema@.menuca_html(headings[c.place], 60) || '">'
		|| CASE c.kind
			WHEN 's' THEN COALESCE(@extschema@.menuca_report_mark(c.value), '')
			WHEN 'c' THEN CASE WHEN c.value <> '' THEN '<code>' || @extschema@.menuca_html(c.value, 1200) || '</code>' ELSE '' END
			WHEN 'l' THEN @extschema@.menuca_html(c.value, 1200)
			ELSE @extschema@.menuca_html(c.value)
		END
		|| CASE c.kind WHEN 'h' THEN '</th>' ELSE '</td>' END, '' ORDER BY c.place) || E'</tr>\n'
	FROM (SELECT u.place::integer AS place, u.value, pg_catalog.substr(kinds, u.place::integer, 1) AS kind
		  FROM pg_catalog.unnest(cells) WITH ORDINALITY AS u(value, place)) c;
END;

COMMENT ON FUNCTION @extschema@.menuca_report_row(text, text[], text[]) IS
'A row of a table of the page. kinds has a letter per cell: h a heading of the row, t text, l long text, n number, d time, s status, c a call. Where the page is narrow, each cell has its heading before it.';

CREATE FUNCTION @extschema@.menuca_report_table(
	caption text,
	kinds text,
	headings text[],
	body text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<table><caption>' || @extschema@.menuca_html(caption) || '</caption><thead><tr>'
		|| pg_catalog.string_agg('<th scope="col"' || CASE pg_catalog.substr(kinds, h.place::integer, 1) WHEN 'n' THEN ' class="n"' ELSE '' END
			|| '>' || @extschema@.menuca_html(h.heading, 60) || '</th>', '' ORDER BY h.place)
		|| E'</tr></thead><tbody>\n' || body || E'</tbody></table>\n'
	FROM pg_catalog.unnest(headings) WITH ORDINALITY AS h(heading, place);
END;

COMMENT ON FUNCTION @extschema@.menuca_report_table(text, text, text[], text) IS
'A table of the page. kinds has a letter per column, as in menuca_report_row(), which makes the rows of its body; NULL when body is NULL.';

CREATE FUNCTION @extschema@.menuca_report_note(sentence text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<p class="note">' || @extschema@.menuca_html(sentence, 600) || E'</p>\n' WHERE sentence IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_report_note(text) IS
'A sentence below a picture or a table; NULL for NULL.';

CREATE FUNCTION @extschema@.menuca_report_call(sentence text, statement text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<p class="note">' || @extschema@.menuca_html(sentence, 600) || '</p><pre><code>'
		|| @extschema@.menuca_html(statement, 4000) || E'</code></pre>\n'
	WHERE sentence IS NOT NULL AND statement IS NOT NULL;
END;

COMMENT ON FUNCTION @extschema@.menuca_report_call(text, text) IS
'A sentence and a call that can be pasted; NULL when one of them is NULL.';

CREATE FUNCTION @extschema@.menuca_report_frame(
	name text,
	title text,
	body text,
	error text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '<section id="' || @extschema@.menuca_html(name, 60) || '"><h2>' || @extschema@.menuca_html(title) || E'</h2>\n'
		|| CASE
			WHEN error IS NOT NULL
			THEN '<p class="missing"><strong>This section is missing.</strong> ' || @extschema@.menuca_html(error, 1200) || E'</p>\n'
			ELSE COALESCE(body, E'<p class="note">Nothing is recorded.</p>\n')
		END || E'</section>\n';
END;

COMMENT ON FUNCTION @extschema@.menuca_report_frame(text, text, text, text) IS
'A section with its heading: its body, or the error that says why it is missing.';

--
-- Pictures: inline SVG without scripts.  Horizontal positions are percentages, so
-- that a picture fits any width while its letters keep their size.
--

CREATE FUNCTION @extschema@.menuca_report_picture(
	name text,
	title text,
	description text,
	height numeric,
	body text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format(E'<figure><svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="%1$s-title %1$s-text" width="100%%" height="%2$s"><title id="%1$s-title">%3$s</title><desc id="%1$s-text">%4$s</desc>\n%5$s</svg></figure>\n',
		@extschema@.menuca_html(name, 60), height, @extschema@.menuca_html(title), @extschema@.menuca_html(description, 600), body)
	WHERE body <> '';
END;

COMMENT ON FUNCTION @extschema@.menuca_report_picture(text, text, text, numeric, text) IS
'A picture of the page: an SVG of that height with a title and a text alternative, around a body of SVG elements; NULL when body is NULL or empty.';

CREATE FUNCTION @extschema@.menuca_report_bar(y integer, share numeric, tone text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format('<rect x="0" y="%s" width="100%%" height="8" rx="4" class="track"/><rect x="0" y="%s" width="%s%%" height="8" rx="4" class="%s"/>', y, y,
		pg_catalog.round(CASE WHEN share > 0 THEN GREATEST(LEAST(share, 100), 0.5) ELSE 0 END, 2),
		CASE WHEN tone IN ('good', 'warn', 'bad', 'soft') THEN tone ELSE 'main' END);
END;

COMMENT ON FUNCTION @extschema@.menuca_report_bar(integer, numeric, text) IS
'A bar at the height y of a picture: share in percent of its width, on a track of the whole width.';

CREATE FUNCTION @extschema@.menuca_report_bars(
	name text,
	title text,
	description text,
	bars jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT @extschema@.menuca_report_picture(menuca_report_bars.name, menuca_report_bars.title, menuca_report_bars.description,
		pg_catalog.max(b.y) + 28, pg_catalog.string_agg(pg_catalog.format(
			E'<svg y="%s" width="66%%" height="22"><text x="0" y="16" class="label">%s</text></svg><text x="100%%" y="%s" class="value">%s</text>%s%s\n',
			b.y - 16, @extschema@.menuca_html(b.bar ->> 'label', 60), b.y, @extschema@.menuca_html(b.bar ->> 'value', 18),
			@extschema@.menuca_report_bar(b.y + 8, (b.bar ->> 'share')::numeric, b.bar ->> 'tone'),
			CASE WHEN b.bar ? 'second' THEN @extschema@.menuca_report_bar(b.y + 18, (b.bar ->> 'second')::numeric, 'main') ELSE '' END), '' ORDER BY b.place))
	FROM (SELECT a.bar, a.place,
			(pg_catalog.sum(CASE WHEN a.bar ? 'second' THEN 52 ELSE 42 END) OVER (ORDER BY a.place) - CASE WHEN a.bar ? 'second' THEN 38 ELSE 28 END)::integer AS y
		  FROM pg_catalog.jsonb_array_elements(bars) WITH ORDINALITY AS a(bar, place)) b;
END;

COMMENT ON FUNCTION @extschema@.menuca_report_bars(text, text, text, jsonb) IS
'A picture of horizontal bars: an array of objects with label, value, share in percent of the width, tone (good, warn, bad, soft or main), and second for the share of a second bar below the first.';

--
-- What a page looks like
--

CREATE FUNCTION @extschema@.menuca_report_style()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT $css$
:root { color-scheme: light dark;
	--page: #ffffff; --panel: #f5f6f8; --line: #d9dde3; --ink: #1c2430; --soft-ink: #545e6e;
	--main: #2b5c8a; --soft: #8b95a5; --good: #1d7a4a; --warn: #b07400; --bad: #b3362f; --track: #e9ecf0;
	--main-ink: #2b5c8a; --good-ink: #17633b; --warn-ink: #805300; --bad-ink: #a12620;
	--good-tint: #e4f2ea; --warn-tint: #faf0d9; --bad-tint: #fae6e4; --soft-tint: #eceff3; }
@media (prefers-color-scheme: dark) { :root {
	--page: #14181e; --panel: #1c222a; --line: #333c48; --ink: #e4e8ee; --soft-ink: #a6b0be;
	--main: #6ea6d8; --soft: #7c8797; --good: #57b586; --warn: #d6a446; --bad: #e0746d; --track: #29313b;
	--main-ink: #8dbde8; --good-ink: #7fd0a6; --warn-ink: #e8c076; --bad-ink: #f29c96;
	--good-tint: #1a3327; --warn-tint: #372d17; --bad-tint: #3d2221; --soft-tint: #28303a; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 48px; }
h1 { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; margin: 0 0 8px; }
h2 { font-size: 21px; line-height: 1.3; font-weight: 620; margin: 0 0 16px; }
h3 { font-size: 15px; font-weight: 620; margin: 24px 0 8px; }
p { margin: 0 0 12px; max-width: 76ch; }
a { color: var(--main-ink); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
header p, .note, footer p { color: var(--soft-ink); }
nav { margin: 24px 0 0; padding: 12px 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 0; padding: 0; font-size: 13px; }
section { padding: 40px 0 16px; border-bottom: 1px solid var(--line); }
.verdict { border-left: 6px solid var(--soft); background: var(--soft-tint); border-radius: 4px; padding: 20px 24px; margin: 0 0 16px; }
.verdict .word { font-size: 42px; line-height: 1.1; font-weight: 700; letter-spacing: -0.02em; margin: 0 0 6px; }
.verdict p { margin: 0; }
.verdict.good { border-color: var(--good); background: var(--good-tint); } .verdict.good .word { color: var(--good-ink); }
.verdict.warn { border-color: var(--warn); background: var(--warn-tint); } .verdict.warn .word { color: var(--warn-ink); }
.verdict.bad { border-color: var(--bad); background: var(--bad-tint); } .verdict.bad .word { color: var(--bad-ink); }
.missing { border-left: 4px solid var(--warn); background: var(--warn-tint); padding: 12px 16px; border-radius: 4px; max-width: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; margin: 0 0 16px; }
.tile { background: var(--panel); border-radius: 6px; padding: 16px 20px; display: flex; flex-direction: column; }
.tile dd { margin: 0; font-size: 30px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile dt { color: var(--soft-ink); font-size: 13px; }
.ink-main { color: var(--ink); } .ink-good { color: var(--good-ink); fill: var(--good-ink); } .ink-warn { color: var(--warn-ink); fill: var(--warn-ink); } .ink-bad { color: var(--bad-ink); fill: var(--bad-ink); }
.mark { white-space: nowrap; font-weight: 600; font-size: 13px; border-radius: 3px; padding: 1px 6px; background: var(--soft-tint); color: var(--ink); }
.mark.good { background: var(--good-tint); color: var(--good-ink); } .mark.warn { background: var(--warn-tint); color: var(--warn-ink); } .mark.bad { background: var(--bad-tint); color: var(--bad-ink); }
.summary { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; } .gap { display: none; }
figure { margin: 0 0 16px; }
figure svg { display: block; overflow: visible; max-width: 100%; }
svg text { font-size: 13px; fill: var(--ink); } svg .value { text-anchor: end; font-variant-numeric: tabular-nums; } svg .count { font-size: 15px; font-weight: 650; font-variant-numeric: tabular-nums; }
svg text.ink-good { fill: var(--good-ink); } svg text.ink-warn { fill: var(--warn-ink); } svg text.ink-bad { fill: var(--bad-ink); } svg text.ink-soft { fill: var(--soft-ink); }
svg .main { fill: var(--main); } svg .soft { fill: var(--soft); } svg .good { fill: var(--good); } svg .warn { fill: var(--warn); } svg .bad { fill: var(--bad); }
svg .track { fill: var(--track); } svg .axis { fill: var(--line); } svg .ring { fill: none; stroke: var(--ink); stroke-width: 1.5; }
svg svg { overflow: hidden; } svg .ribbon { opacity: 0.22; } svg .point { overflow: visible; } svg .point path { stroke: var(--page); stroke-width: 1.5; }
table { width: 100%; border-collapse: collapse; margin: 0 0 20px; font-size: 13px; line-height: 1.45; }
caption { text-align: left; color: var(--soft-ink); padding: 8px 0; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-top: 1px solid var(--line); font-weight: 400; }
thead th { overflow-wrap: normal; color: var(--soft-ink); border-top: 0; vertical-align: bottom; }
tbody th { font-weight: 600; min-width: 6em; }
.n, .d { font-variant-numeric: tabular-nums; white-space: nowrap; } .n { text-align: right; }
code { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
pre { background: var(--panel); border-radius: 6px; padding: 12px 16px; margin: 0 0 16px; white-space: pre-wrap; }
.grid .cell { padding: 6px 8px; border-left: 1px solid var(--line); }
.grid .cell.good { background: var(--good-tint); } .grid .cell.bad { background: var(--bad-tint); } .grid .sign { white-space: nowrap; font-weight: 600; }
.grid .cell.good .sign { color: var(--good-ink); } .grid .cell.bad .sign { color: var(--bad-ink); }
.samples { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 16px; margin-bottom: 16px; }
article { background: var(--panel); border-radius: 6px; padding: 16px 20px; }
article h3 { margin: 0; } article .note { font-size: 13px; margin: 0 0 8px; } article ul { margin: 0; padding-left: 18px; font-size: 13px; }
footer { padding-top: 24px; padding-bottom: 48px; font-size: 13px; }
@media screen and (max-width: 720px) {
	main, header, footer { padding-left: 16px; padding-right: 16px; }
	header { padding-top: 24px; } h1 { font-size: 24px; } section { padding: 28px 0 12px; } .verdict .word { font-size: 34px; }
	table, tbody, tr, td, tbody th, caption { display: block; width: 100%; } thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
	tbody tr { border-top: 1px solid var(--line); padding: 8px 0; }
	th, td, .grid .cell { border: 0; padding: 2px 0; text-align: left; } .grid .cell { padding: 2px 6px; }
	td { display: grid; grid-template-columns: 38% 1fr; gap: 8px; } td > * { justify-self: start; } .n { text-align: left; }
	td[data-h]::before { content: attr(data-h); color: var(--soft-ink); } td.none { display: none; } }
@page { size: A4; margin: 15mm; }
@media print {
	:root { color-scheme: light; --page: #ffffff; --panel: #f5f6f8; --line: #d9dde3; --ink: #1c2430; --soft-ink: #545e6e;
		--main: #2b5c8a; --soft: #8b95a5; --good: #1d7a4a; --warn: #b07400; --bad: #b3362f; --track: #e9ecf0;
		--main-ink: #2b5c8a; --good-ink: #17633b; --warn-ink: #805300; --bad-ink: #a12620;
		--good-tint: #e4f2ea; --warn-tint: #faf0d9; --bad-tint: #fae6e4; --soft-tint: #eceff3; }
	* { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
	body { font-size: 12px; } main, header, footer { max-width: none; padding: 0; } nav { display: none; }
	table { font-size: 10.5px; } .d { white-space: normal; } .mark { font-size: 10.5px; } th, td { padding-right: 8px; } code { font-size: 10px; } section { padding: 20px 0 8px; }
	h2, h3, caption { break-after: avoid; } tr, figure, article, .verdict, .tile { break-inside: avoid; } }
$css$;
END;

COMMENT ON FUNCTION @extschema@.menuca_report_style() IS
'The style sheet of the report.';

--
-- Nobody has a right that was not granted
--

REVOKE ALL ON FUNCTION @extschema@.menuca_html(text, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_number(numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_percent(numeric) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_time(timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_tone(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_mark(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_tile(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_row(text, text[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_table(text, text, text[], text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_note(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_call(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_frame(text, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_picture(text, text, text, numeric, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_bar(integer, numeric, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_bars(text, text, text, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION @extschema@.menuca_report_style() FROM PUBLIC;

--
-- The report: one HTML page, in the words of the room html
--

CREATE FUNCTION @extschema@.menuca_report(
	title text DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_report(text) IS
'The state of the migration as one HTML page, to be written into a file: verdict and next call, then the figures as pictures and tables. Nothing is loaded from elsewhere. title is its heading; NULL: the name of the database. A section that cannot be made says why, and the others are there. Read only.';

--
-- The frame
--

CREATE VIEW @extschema@.menuca_report_section WITH (security_invoker = true) AS
SELECT s.place, s.name, s.title
FROM (VALUES
	(1, 'verdict', 'Where we are'),
	(2, 'rates', 'Combo groups without items'),
	(3, 'flow', 'What became of the source rows'),
	(4, 'coverage', 'How many of the old ids were found'),
	(5, 'sizes', 'Items per group'),
	(6, 'restaurants', 'Restaurants with the most empty groups'),
	(7, 'samples', 'Samples to read'),
	(8, 'checks', 'Checks of the data'),
	(9, 'tickets', 'Tickets'),
	(10, 'people', 'What people looked at'),
	(11, 'issues', 'Issues found'),
	(12, 'acceptances', 'Overrides and accepted figures'),
	(13, 'window', 'The window, and what others felt'),
	(14, 'runs', 'Runs, and how to undo them'),
	(15, 'access', 'Who may do what'),
	(16, 'queries', 'Query times'),
	(17, 'load', 'Load'),
	(18, 'signatures', 'Sign-offs')) s(place, name, title);

COMMENT ON VIEW @extschema@.menuca_report_section IS
'The sections of menuca_report(), each made by the function menuca_report_<name>().';
COMMENT ON COLUMN @extschema@.menuca_report_section.place IS
'Order on the page.';
COMMENT ON COLUMN @extschema@.menuca_report_section.name IS
'Name of the section, its anchor on the page.';
COMMENT ON COLUMN @extschema@.menuca_report_section.title IS
'Heading of the section.';


--
-- The figures of the report, a view for each section.  They run with the rights of
-- whoever reads them.
--

CREATE VIEW @extschema@.menuca_figure_environment WITH (security_invoker = true) AS
SELECT e.environment_id, e.name, e.hosted,
	CASE WHEN e.hosted THEN e.of_database ELSE e.database_name END AS database_name,
	e.registered_at
FROM @extschema@.menuca_registered_environment e
WHERE e.database_name = pg_catalog.current_database()
	AND e.system_identifier = (SELECT c.system_identifier FROM pg_catalog.pg_control_system() c);

COMMENT ON VIEW @extschema@.menuca_figure_environment IS
'The environments of this database: its own, and the hosted production whose copy it is. No row when it is not registered.';
COMMENT ON COLUMN @extschema@.menuca_figure_environment.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_figure_environment.name IS
'staging or production.';
COMMENT ON COLUMN @extschema@.menuca_figure_environment.hosted IS
'True for a hosted production.';
COMMENT ON COLUMN @extschema@.menuca_figure_environment.database_name IS
'Name of its database; of a hosted production, of the original.';
COMMENT ON COLUMN @extschema@.menuca_figure_environment.registered_at IS
'When it was registered.';

CREATE VIEW @extschema@.menuca_figure_verdict WITH (security_invoker = true) AS
SELECT v.environment_id, v.name, v.hosted, v.database_name, v.tickets, v.complete, v.forced, v.decision,
	CASE
		WHEN v.decision = 'NO-GO' OR v.last_state IS DISTINCT FROM 'COMPLETE' THEN 'NO-GO'
		WHEN v.decision IS NULL THEN 'not signed off'
		ELSE v.decision
	END AS verdict
FROM (SELECT e.environment_id, e.name, e.hosted, e.database_name,
		pg_catalog.count(*) AS tickets,
		pg_catalog.count(*) FILTER (WHERE s.state = 'COMPLETE') AS complete,
		(SELECT pg_catalog.count(*) FROM @extschema@.menuca_ticket_execution x
		 WHERE x.environment_id = e.environment_id AND x.forced) AS forced,
		pg_catalog.max(s.state) FILTER (WHERE s.ticket_no = CASE e.name WHEN 'staging' THEN 5 ELSE 10 END) AS last_state,
		(SELECT g.decision FROM @extschema@.menuca_signature_latest g
		 WHERE g.environment_id = e.environment_id
			AND g.ticket_no = CASE e.name WHEN 'staging' THEN 5 ELSE 10 END) AS decision
	  FROM @extschema@.menuca_figure_environment e
	  JOIN @extschema@.menuca_ticket_state s USING (environment_id)
	  WHERE CASE e.name WHEN 'staging' THEN s.ticket_no <= 5 WHEN 'production' THEN s.ticket_no >= 6 OR s.ticket_no = 0 AND NOT e.hosted END
	  GROUP BY e.environment_id, e.name, e.hosted, e.database_name) v;

COMMENT ON VIEW @extschema@.menuca_figure_verdict IS
'The verdict of each environment of this database, as the execution log has it.';
COMMENT ON COLUMN @extschema@.menuca_figure_verdict.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN @extschema@.menuca_figure_verdict.name IS
'staging or production.';
COMMENT ON COLUMN @extschema@.menuca_figure_verdict.hosted IS
'True for a hosted production.';
COMMENT ON COLUMN @extschema@.menuca_figure_verdict.database_name IS
'Name of its database.';
COMMENT ON COLUMN @extschema@.menuca_figure_verdict.tickets IS
'How many tickets belong to it.';
COMMENT ON COLUMN @extschema@.menuca_figure_verdict.complete IS
'How many of these are COMPLETE.';
COMMENT ON COLUMN @extschema@.menuca_figure_verdict.forced IS
'Executions that overrode a gate.';
COMMENT ON COLUMN @extschema@.menuca_figure_verdict.decision IS
'Newest sign-off of its last ticket: GO or NO-GO; NULL without one.';
COMMENT ON COLUMN @extschema@.menuca_figure_verdict.verdict IS
'NO-GO unless the last ticket is COMPLETE and nobody decided against it; then the decision, or not signed off.';

CREATE VIEW @extschema@.menuca_figure_rate WITH (security_invoker = true) AS
SELECT m.place, m.moment, m.at, m.groups, m.orphans, m.orphan_pct, m.band,
	m.expected_groups, m.expected_orphans, m.expected_orphan_pct, m.expected_band
FROM (
	-- A run has both: the first one's figures before it, and those after each
	SELECT f.run_id * 2 + CASE f.moment WHEN 'after' THEN 1 ELSE 0 END AS place,
		pg_catalog.format('%s run %s (%s)', f.moment, f.run_id, f.kind) AS moment,
		f.at,
		(f.figures ->> 'groups')::bigint AS groups,
		(f.figures ->> 'orphans')::bigint AS orphans,
		(f.figures ->> 'orphan_pct')::numeric AS orphan_pct,
		f.figures ->> 'band' AS band,
		(f.figures ->> 'expected_groups')::bigint AS expected_groups,
		(f.figures ->> 'expected_orphans')::bigint AS expected_orphans,
		(f.figures ->> 'expected_orphan_pct')::numeric AS expected_orphan_pct,
		f.figures ->> 'expected_band' AS expected_band
	FROM (SELECT r.run_id, r.kind, 'before' AS moment, r.started_at AS at, r.figures_before AS figures
		  FROM @extschema@.menuca_run r
		  WHERE r.run_id = (SELECT pg_catalog.min(n.run_id) FROM @extschema@.menuca_run n
							WHERE n.figures_before ? 'orphans')
		  UNION ALL
		  SELECT r.run_id, r.kind, 'after', r.finished_at, r.figures_after
		  FROM @extschema@.menuca_run r
		  WHERE r.figures_after ? 'orphans' AND r.status <> 'rolled_back') f
	UNION ALL
	SELECT NULL, 'now', pg_catalog.statement_timestamp(), o.groups, o.orphans, o.orphan_pct, o.band,
		o.expected_groups, o.expected_orphans, o.expected_orphan_pct, o.expected_band
	FROM @extschema@.menuca_orphan_rate() o) m;

COMMENT ON VIEW @extschema@.menuca_figure_rate IS
'Groups without items: before the first run, after each run that is not rolled back, and now.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.place IS
'Order of the moments; NULL for now, which is the last one.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.moment IS
'before run N, after run N, or now.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.at IS
'When that was.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.groups IS
'All groups.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.orphans IS
'Those without items.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.orphan_pct IS
'The same in percent of all groups.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.band IS
'EXCELLENT below 1, PASS below 5, WARNING below 20, otherwise FAIL.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.expected_groups IS
'Groups that the source of that run has a row for; NULL without a source, as the next three.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.expected_orphans IS
'Those without items.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.expected_orphan_pct IS
'The same in percent of these groups.';
COMMENT ON COLUMN @extschema@.menuca_figure_rate.expected_band IS
'Its band.';

CREATE VIEW @extschema@.menuca_figure_fix WITH (security_invoker = true) AS
SELECT DISTINCT ON (r.target_schema, r.target, r.kind, r.source)
	r.run_id, r.kind, r.status, r.target_schema, r.target, r.source, r.finished_at, r.inserted,
	(r.outcomes ->> 'source_rows')::bigint AS source_rows,
	(r.outcomes ->> 'groups_named')::bigint AS groups_named,
	(r.outcomes ->> 'groups_covered')::bigint AS groups_covered,
	(r.outcomes ->> 'dishes_named')::bigint AS dishes_named,
	(r.outcomes ->> 'dishes_covered')::bigint AS dishes_covered,
	r.outcomes,
	r.figures_before -> 'probes' AS probes
FROM @extschema@.menuca_runs v
JOIN @extschema@.menuca_run r USING (run_id)
WHERE r.outcomes ? 'source_rows' AND r.status <> 'rolled_back'
ORDER BY r.target_schema, r.target, r.kind, r.source, r.run_id DESC;

COMMENT ON VIEW @extschema@.menuca_figure_fix IS
'The newest fix of each kind and source that is not rolled back, with the figures that it recorded.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.kind IS
'fix_combos, fix_group_dishes or fix_v2_groups.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.status IS
'completed, running, gate_failed.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.target_schema IS
'Schema of its target.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.target IS
'Table that it wrote to.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.source IS
'Staged table that it read.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.finished_at IS
'When it ended; NULL until then.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.inserted IS
'Rows that it inserted.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.source_rows IS
'Rows of the source.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.groups_named IS
'Different legacy ids of groups in the source.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.groups_covered IS
'Those that identify a group.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.dishes_named IS
'Different legacy ids of dishes in the source.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.dishes_covered IS
'Those that identify a dish.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.outcomes IS
'Source rows by outcome.';
COMMENT ON COLUMN @extschema@.menuca_figure_fix.probes IS
'Figures of the probes.';

CREATE VIEW @extschema@.menuca_figure_outcome WITH (security_invoker = true) AS
SELECT f.run_id, o.place, o.outcome, (f.outcomes ->> o.outcome)::bigint AS source_rows, o.is_mapped, o.short, o.meaning
FROM @extschema@.menuca_figure_fix f
CROSS JOIN (VALUES
	(1, 'insert', true, 'inserted', 'became an item'),
	(2, 'already_present', true, 'already there', 'the item was there before the run'),
	(3, 'duplicate', true, 'repeated', 'the same group and dish as an earlier row'),
	(4, 'unmapped_dish', false, 'dish not found', 'no dish of the target has its legacy id'),
	(5, 'unmapped_group', false, 'group not found', 'no group of the target has its legacy id'),
	(6, 'unmapped_both', false, 'neither found', 'neither group nor dish are in the target'),
	(7, 'ambiguous_group', false, 'several groups', 'several groups of the restaurant have its legacy id'),
	(8, 'ambiguous_dish', false, 'several dishes', 'several dishes of the restaurant have its legacy id'),
	(9, 'cross_restaurant', false, 'other restaurant', 'group and dish belong to different restaurants'),
	(10, 'invalid', false, 'no valid ids', 'an id is missing, zero or too large')) o(place, outcome, is_mapped, short, meaning);

COMMENT ON VIEW @extschema@.menuca_figure_outcome IS
'Source rows by outcome of each run in menuca_figure_fix; they add up to its source_rows.';
COMMENT ON COLUMN @extschema@.menuca_figure_outcome.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN @extschema@.menuca_figure_outcome.place IS
'Order of the outcomes.';
COMMENT ON COLUMN @extschema@.menuca_figure_outcome.outcome IS
'The outcome.';
COMMENT ON COLUMN @extschema@.menuca_figure_outcome.source_rows IS
'Source rows with that outcome.';
COMMENT ON COLUMN @extschema@.menuca_figure_outcome.is_mapped IS
'True when group and dish were found.';
COMMENT ON COLUMN @extschema@.menuca_figure_outcome.short IS
'The outcome in two words.';
COMMENT ON COLUMN @extschema@.menuca_figure_outcome.meaning IS
'The outcome in a sentence.';

CREATE VIEW @extschema@.menuca_figure_coverage WITH (security_invoker = true) AS
SELECT f.run_id, f.kind, f.source, c.place, c.what, c.named, c.covered,
	pg_catalog.round(100.0 * c.covered / NULLIF(c.named, 0), 2) AS coverage_pct
FROM @extschema@.menuca_figure_fix f
CROSS JOIN LATERAL (VALUES
	(1, 'groups', f.groups_named, f.groups_covered),
	(2, 'dishes', f.dishes_named, f.dishes_covered)) c(place, what, named, covered);

COMMENT ON VIEW @extschema@.menuca_figure_coverage IS
'How many of the legacy ids that a source names were found, of each run in menuca_figure_fix.';
COMMENT ON COLUMN @extschema@.menuca_figure_coverage.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN @extschema@.menuca_figure_coverage.kind IS
'Its kind.';
COMMENT ON COLUMN @extschema@.menuca_figure_coverage.source IS
'Its source.';
COMMENT ON COLUMN @extschema@.menuca_figure_coverage.place IS
'Order of the two.';
COMMENT ON COLUMN @extschema@.menuca_figure_coverage.what IS
'groups or dishes.';
COMMENT ON COLUMN @extschema@.menuca_figure_coverage.named IS
'Different legacy ids in the source.';
COMMENT ON COLUMN @extschema@.menuca_figure_coverage.covered IS
'Those that identify a row of the target.';
COMMENT ON COLUMN @extschema@.menuca_figure_coverage.coverage_pct IS
'The same in percent; NULL when the source names none.';

CREATE VIEW @extschema@.menuca_figure_size WITH (security_invoker = true) AS
SELECT f.run_id, s.size, s.source_groups, s.target_groups,
	pg_catalog.round(100.0 * s.source_groups / NULLIF(pg_catalog.sum(s.source_groups) OVER w, 0), 2) AS source_pct,
	pg_catalog.round(100.0 * s.target_groups / NULLIF(pg_catalog.sum(s.target_groups) OVER w, 0), 2) AS target_pct
FROM @extschema@.menuca_figure_fix f
CROSS JOIN LATERAL (
	SELECT n.size,
		(f.probes -> 'groups_by_items_in_source' ->> (n.size - 1))::bigint AS source_groups,
		(f.probes -> 'groups_by_items' ->> (n.size - 1))::bigint AS target_groups
	FROM pg_catalog.generate_series(1, 6) n(size)) s
WHERE pg_catalog.jsonb_typeof(f.probes -> 'groups_by_items') = 'array'
WINDOW w AS (PARTITION BY f.run_id);

COMMENT ON VIEW @extschema@.menuca_figure_size IS
'Groups by the number of their items, in the source and in the target, of each run in menuca_figure_fix, as it found them when it ended its plan.';
COMMENT ON COLUMN @extschema@.menuca_figure_size.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN @extschema@.menuca_figure_size.size IS
'Items of the group; 6 means 6 or more.';
COMMENT ON COLUMN @extschema@.menuca_figure_size.source_groups IS
'Groups of that size in the source.';
COMMENT ON COLUMN @extschema@.menuca_figure_size.target_groups IS
'Groups of that size in the target with the run''s items.';
COMMENT ON COLUMN @extschema@.menuca_figure_size.source_pct IS
'The source''s groups in percent of all of its groups.';
COMMENT ON COLUMN @extschema@.menuca_figure_size.target_pct IS
'The target''s groups in percent of those with items.';

CREATE VIEW @extschema@.menuca_figure_validation WITH (security_invoker = true) AS
SELECT x.execution_id, x.ticket_no, x.finished_at,
	COALESCE(x.started_at < c.changed_at, false) AS is_outdated
FROM @extschema@.menuca_ticket_execution x
JOIN @extschema@.menuca_figure_environment e USING (environment_id)
LEFT JOIN @extschema@.menuca_last_change c USING (environment_id)
WHERE pg_catalog.jsonb_path_exists(x.checks, '$[*] ? (@.name == "overall_counts")')
ORDER BY x.execution_id DESC
LIMIT 1;

COMMENT ON VIEW @extschema@.menuca_figure_validation IS
'The newest execution of a ticket that validated the data. No row when none did.';
COMMENT ON COLUMN @extschema@.menuca_figure_validation.execution_id IS
'The execution (menuca_ticket_execution).';
COMMENT ON COLUMN @extschema@.menuca_figure_validation.ticket_no IS
'Its ticket.';
COMMENT ON COLUMN @extschema@.menuca_figure_validation.finished_at IS
'When it ended.';
COMMENT ON COLUMN @extschema@.menuca_figure_validation.is_outdated IS
'True when something was changed since it began.';

CREATE VIEW @extschema@.menuca_figure_check WITH (security_invoker = true) AS
SELECT c.execution_id, c.check_no, c.name, c.title, c.status, c.expected, c.actual, c.detail, c.remedy
FROM @extschema@.menuca_ticket_check c
JOIN @extschema@.menuca_figure_validation v USING (execution_id)
UNION ALL
-- Of a large database, a validation is only read
SELECT NULL, v.check_no, v.name, v.title, v.status, v.expected, v.actual, v.detail, v.remedy
FROM (SELECT NULL::pg_catalog.regclass AS source
	  WHERE NOT EXISTS (SELECT FROM @extschema@.menuca_figure_validation)
		AND COALESCE(pg_catalog.pg_table_size(pg_catalog.to_regclass(pg_catalog.format('%I.combo_items',
			COALESCE(NULLIF(pg_catalog.current_setting('menuca.target_schema', true), ''), 'menuca_v3')))) < 16777216, true)
	  OFFSET 0) small
CROSS JOIN LATERAL @extschema@.menuca_validate(source => small.source) v
WHERE v.name <> 'summary';

COMMENT ON VIEW @extschema@.menuca_figure_check IS
'The checks of the newest validation that a ticket recorded; when none did, and combo_items is smaller than 16 MB, those of menuca_validate() now.';
COMMENT ON COLUMN @extschema@.menuca_figure_check.execution_id IS
'The execution (menuca_ticket_execution); NULL for checks of now.';
COMMENT ON COLUMN @extschema@.menuca_figure_check.check_no IS
'Number of the check.';
COMMENT ON COLUMN @extschema@.menuca_figure_check.name IS
'Name of the check, for programs.';
COMMENT ON COLUMN @extschema@.menuca_figure_check.title IS
'Name of the check, for people.';
COMMENT ON COLUMN @extschema@.menuca_figure_check.status IS
'PASS, WARN, FAIL, ERROR or SKIP.';
COMMENT ON COLUMN @extschema@.menuca_figure_check.expected IS
'What was expected; NULL when nothing was.';
COMMENT ON COLUMN @extschema@.menuca_figure_check.actual IS
'What was found; NULL when nothing was.';
COMMENT ON COLUMN @extschema@.menuca_figure_check.detail IS
'More about it; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_figure_check.remedy IS
'What to do; NULL when there is nothing to do.';

CREATE VIEW @extschema@.menuca_figure_access WITH (security_invoker = true) AS
WITH tried AS (
	SELECT c.execution_id, x.finished_at, c.metadata
	FROM @extschema@.menuca_ticket_check c
	JOIN @extschema@.menuca_ticket_execution x USING (execution_id)
	JOIN @extschema@.menuca_figure_environment e USING (environment_id)
	WHERE c.name = 'matrix' AND pg_catalog.jsonb_typeof(c.metadata -> 'tables') = 'object'
	ORDER BY c.execution_id DESC
	LIMIT 1)
SELECT t.table_name, t.coverage, t.has_row_security, k.place, k.role_kind, k.may, f.tried_at, f.as_wanted, f.not_as_wanted, f.not_tried,
	CASE
		WHEN f.tried_at IS NULL THEN NULL
		WHEN f.not_as_wanted > 0 THEN 'not as wanted'
		WHEN f.as_wanted > 0 THEN 'as wanted'
		ELSE 'not tried'
	END AS status
FROM @extschema@.menuca_table_coverage t
LEFT JOIN @extschema@.menuca_wanted_access w ON w.table_name = t.decided_by AND w.wanted
CROSS JOIN LATERAL (VALUES
	(1, 'public', CASE WHEN w.public_may_read_where = 'true' THEN 'reads all' WHEN w.public_may_read_where IS NOT NULL THEN 'reads what is public' END),
	(2, 'tenant', CASE WHEN w.tenant_may = 'all' THEN 'everything with its own' ELSE pg_catalog.replace(w.tenant_may, ',', ', ') || ' of its own' END),
	(3, 'user', CASE WHEN w.user_may = 'all' THEN 'everything with its own' ELSE pg_catalog.replace(w.user_may, ',', ', ') || ' of its own' END),
	(4, 'admin', CASE WHEN w.admin_may = 'all' THEN 'everything' ELSE pg_catalog.replace(w.admin_may, ',', ', ') END)) k(place, role_kind, may)
LEFT JOIN LATERAL (
	SELECT r.finished_at AS tried_at,
		COALESCE((m.counts ->> 'PASS')::bigint, 0) AS as_wanted,
		COALESCE((m.counts ->> 'FAIL')::bigint, 0) + COALESCE((m.counts ->> 'ERROR')::bigint, 0) AS not_as_wanted,
		COALESCE((m.counts ->> 'SKIP')::bigint, 0) AS not_tried
	FROM tried r
	CROSS JOIN LATERAL (SELECT r.metadata -> 'tables' -> t.table_name -> k.role_kind) m(counts)
	WHERE m.counts IS NOT NULL) f ON true
WHERE t.table_schema = COALESCE(NULLIF(pg_catalog.current_setting('menuca.target_schema', true), ''), 'menuca_v3');

COMMENT ON VIEW @extschema@.menuca_figure_access IS
'Tables of the target schema by kind of role: what the wanted access lets it do, and what the newest matrix that a ticket recorded found.';
COMMENT ON COLUMN @extschema@.menuca_figure_access.table_name IS
'The table.';
COMMENT ON COLUMN @extschema@.menuca_figure_access.coverage IS
'wanted, outside, part or undecided, as in menuca_table_coverage.';
COMMENT ON COLUMN @extschema@.menuca_figure_access.has_row_security IS
'True when row security is on.';
COMMENT ON COLUMN @extschema@.menuca_figure_access.place IS
'Order of the kinds.';
COMMENT ON COLUMN @extschema@.menuca_figure_access.role_kind IS
'public (visitors), tenant (a restaurant''s staff), user (a customer) or admin (the services).';
COMMENT ON COLUMN @extschema@.menuca_figure_access.may IS
'What it may do, in words; NULL for nothing.';
COMMENT ON COLUMN @extschema@.menuca_figure_access.tried_at IS
'When the matrix was tried; NULL when no ticket recorded it, as the next four.';
COMMENT ON COLUMN @extschema@.menuca_figure_access.as_wanted IS
'Cells of the matrix that were as wanted.';
COMMENT ON COLUMN @extschema@.menuca_figure_access.not_as_wanted IS
'Cells that were not, or were unclear.';
COMMENT ON COLUMN @extschema@.menuca_figure_access.not_tried IS
'Cells that could not be tried.';
COMMENT ON COLUMN @extschema@.menuca_figure_access.status IS
'as wanted, not as wanted, or not tried.';

CREATE VIEW @extschema@.menuca_figure_query WITH (security_invoker = true) AS
SELECT q.query, q.restaurant_id, q.before_ms, q.after_ms, q.faster_pct, q.before_index_use, q.after_index_use,
	q.before_rows, q.after_rows, q.before_at, q.after_at
FROM @extschema@.menuca_query_comparison q
WHERE q.target_schema = COALESCE(NULLIF(pg_catalog.current_setting('menuca.target_schema', true), ''), 'menuca_v3');

COMMENT ON VIEW @extschema@.menuca_figure_query IS
'Query times before and after the indexes, of the target schema (menuca_query_comparison).';
COMMENT ON COLUMN @extschema@.menuca_figure_query.query IS
'The query.';
COMMENT ON COLUMN @extschema@.menuca_figure_query.restaurant_id IS
'The restaurant whose rows it read.';
COMMENT ON COLUMN @extschema@.menuca_figure_query.before_ms IS
'Median before, in milliseconds.';
COMMENT ON COLUMN @extschema@.menuca_figure_query.after_ms IS
'Median after.';
COMMENT ON COLUMN @extschema@.menuca_figure_query.faster_pct IS
'How much faster in percent; less than 0 when slower.';
COMMENT ON COLUMN @extschema@.menuca_figure_query.before_index_use IS
'How it used indexes before.';
COMMENT ON COLUMN @extschema@.menuca_figure_query.after_index_use IS
'How it used them after.';
COMMENT ON COLUMN @extschema@.menuca_figure_query.before_rows IS
'Rows that it returned before.';
COMMENT ON COLUMN @extschema@.menuca_figure_query.after_rows IS
'Rows that it returned after.';
COMMENT ON COLUMN @extschema@.menuca_figure_query.before_at IS
'When it was measured before.';
COMMENT ON COLUMN @extschema@.menuca_figure_query.after_at IS
'When it was measured after.';

CREATE VIEW @extschema@.menuca_figure_execution WITH (security_invoker = true) AS
SELECT e.name AS environment, x.execution_id, x.ticket_no, x.status, x.result, x.started_at, x.finished_at, x.seconds,
	x.executed_by, x.sets_gate, x.forced, x.reason, x.run_ids, x.backup_label, x.superseded_by
FROM @extschema@.menuca_ticket_executions x
JOIN @extschema@.menuca_figure_environment e USING (environment_id);

COMMENT ON VIEW @extschema@.menuca_figure_execution IS
'The executions of tickets in the environments of this database (menuca_ticket_executions).';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.environment IS
'staging or production.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.execution_id IS
'The execution (menuca_ticket_execution).';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.ticket_no IS
'Its ticket.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.status IS
'COMPLETE, FAILED or IN_PROGRESS.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.result IS
'PASS, WARN or FAIL.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.started_at IS
'When the call began.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.finished_at IS
'When its result was recorded.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.seconds IS
'Time between the two in seconds.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.executed_by IS
'Session user who executed it.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.sets_gate IS
'True when one of its options changes what a gate accepts.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.forced IS
'True when it overrode a gate.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.reason IS
'Reason that the call gave; NULL without one.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.run_ids IS
'Runs in the ledger that it made.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.backup_label IS
'Label of the backup that counted; NULL when none did.';
COMMENT ON COLUMN @extschema@.menuca_figure_execution.superseded_by IS
'The next execution of the same ticket; NULL for the newest one.';

--
-- Pictures of this report alone, made as html_pictures.sql says
--

CREATE FUNCTION @extschema@.menuca_report_flow_picture(run_id bigint)
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

COMMENT ON FUNCTION @extschema@.menuca_report_flow_picture(bigint) IS
'A picture of the source rows of a run in menuca_figure_fix: loaded, mapped or left out, and each outcome. NULL for any other run.';

CREATE FUNCTION @extschema@.menuca_report_timeline(tickets jsonb)
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

COMMENT ON FUNCTION @extschema@.menuca_report_timeline(jsonb) IS
'A picture of the newest 120 executions of tickets in their order, with a mark where a day begins, and a row per ticket of an array of objects with ticket, title and state: a disc for PASS, a triangle for WARN, a cross for FAIL, a ring around what was overridden. NULL when nothing was executed.';

--
-- The sections of the report: each makes its body of the view of its figures.  NULL
-- means that nothing is recorded.
--

CREATE FUNCTION @extschema@.menuca_report_verdict()
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

COMMENT ON FUNCTION @extschema@.menuca_report_verdict() IS
'Section of the report: the verdict of each environment, and the next call.';

CREATE FUNCTION @extschema@.menuca_report_rates()
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

COMMENT ON FUNCTION @extschema@.menuca_report_rates() IS
'Section of the report: groups without items before and after, with their bands.';

CREATE FUNCTION @extschema@.menuca_report_flow()
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

COMMENT ON FUNCTION @extschema@.menuca_report_flow() IS
'Section of the report: the source rows of each fix by outcome, as a flow.';

CREATE FUNCTION @extschema@.menuca_report_coverage()
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

COMMENT ON FUNCTION @extschema@.menuca_report_coverage() IS
'Section of the report: how many of the legacy ids of each source were found.';

CREATE FUNCTION @extschema@.menuca_report_sizes()
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

COMMENT ON FUNCTION @extschema@.menuca_report_sizes() IS
'Section of the report: items per group, source against target.';

CREATE FUNCTION @extschema@.menuca_report_restaurants()
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

COMMENT ON FUNCTION @extschema@.menuca_report_restaurants() IS
'Section of the report: the ten restaurants with the most groups without items.';

CREATE FUNCTION @extschema@.menuca_report_samples()
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

COMMENT ON FUNCTION @extschema@.menuca_report_samples() IS
'Section of the report: six groups with their dishes, as menuca_sample_combos(6) draws them.';

CREATE FUNCTION @extschema@.menuca_report_checks()
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

COMMENT ON FUNCTION @extschema@.menuca_report_checks() IS
'Section of the report: the checks of the data, as a ticket recorded them, or of now.';

CREATE FUNCTION @extschema@.menuca_report_tickets()
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

COMMENT ON FUNCTION @extschema@.menuca_report_tickets() IS
'Section of the report: the tickets on a time line, their states, and their executions.';

CREATE FUNCTION @extschema@.menuca_report_acceptances()
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

COMMENT ON FUNCTION @extschema@.menuca_report_acceptances() IS
'Section of the report: overrides with their reasons, and figures that were accepted.';

CREATE FUNCTION @extschema@.menuca_report_runs()
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

COMMENT ON FUNCTION @extschema@.menuca_report_runs() IS
'Section of the report: the runs of the ledger, each with the call that undoes it. NULL when there is none.';

CREATE FUNCTION @extschema@.menuca_report_access()
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

COMMENT ON FUNCTION @extschema@.menuca_report_access() IS
'Section of the report: what visitors, restaurants, customers and services may do with each table, and whether the newest matrix found it so. NULL when no table is known.';

CREATE FUNCTION @extschema@.menuca_report_queries()
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

COMMENT ON FUNCTION @extschema@.menuca_report_queries() IS
'Section of the report: query times before and after the indexes. NULL when they were not measured twice.';

CREATE FUNCTION @extschema@.menuca_report_signatures()
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

COMMENT ON FUNCTION @extschema@.menuca_report_signatures() IS
'Section of the report: the sign-offs. NULL when there is none.';

--
-- Sections of the report about people, the window and load
--

CREATE FUNCTION @extschema@.menuca_report_people()
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

COMMENT ON FUNCTION @extschema@.menuca_report_people() IS
'Section of the report: reviews of samples, and the checklist with what was attested. NULL when this database is not registered.';

CREATE FUNCTION @extschema@.menuca_report_issues()
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

COMMENT ON FUNCTION @extschema@.menuca_report_issues() IS
'Section of the report: issues that people found, with severity and resolution. NULL when there is none.';

CREATE FUNCTION @extschema@.menuca_report_window()
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

COMMENT ON FUNCTION @extschema@.menuca_report_window() IS
'Section of the report: the announced window, whether new sessions are read-only, and what others felt of the newest change. NULL when this database is not registered.';

CREATE FUNCTION @extschema@.menuca_report_load()
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

COMMENT ON FUNCTION @extschema@.menuca_report_load() IS
'Section of the report: load runs by percentiles. NULL when there is none.';

--
-- How the page begins and ends
--

CREATE FUNCTION @extschema@.menuca_report_begin(title text)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format($page$<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/><title>%1$s</title><style>%2$s</style></head>
<body><header><h1>%1$s</h1><p>Database %3$s, %4$s, as role %5$s sees it.</p>
<nav aria-label="Sections"><ul>%6$s</ul></nav></header>
<main>
$page$, @extschema@.menuca_html(t.title, 120), @extschema@.menuca_report_style(), @extschema@.menuca_html(pg_catalog.current_database()::text),
		@extschema@.menuca_report_time(pg_catalog.statement_timestamp()), @extschema@.menuca_html(CURRENT_USER::text),
		(SELECT pg_catalog.string_agg(pg_catalog.format('<li><a href="#%s">%s</a></li>', @extschema@.menuca_html(s.name), @extschema@.menuca_html(s.title)), '' ORDER BY s.place)
		 FROM @extschema@.menuca_report_section s))
	FROM (SELECT COALESCE(menuca_report_begin.title, 'Combo migration of ' || pg_catalog.current_database())) t(title);
END;

COMMENT ON FUNCTION @extschema@.menuca_report_begin(text) IS
'The page up to its first section. title is its heading; NULL: the name of the database.';

CREATE FUNCTION @extschema@.menuca_report_end()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT E'</main>\n<footer><p>' || @extschema@.menuca_html(pg_catalog.format('Made by menuca_report() of menuca_migrate %s on PostgreSQL %s. Figures without a time are of %s.',
		(SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'menuca_migrate'), pg_catalog.current_setting('server_version'),
		@extschema@.menuca_report_time(pg_catalog.statement_timestamp())), 400) || E'</p></footer></body></html>\n';
END;

COMMENT ON FUNCTION @extschema@.menuca_report_end() IS
'The end of the page.';

--
-- What there is: every function of the extension by topic, with an example
--

CREATE VIEW @extschema@.menuca_help_entry WITH (security_invoker = true) AS
SELECT pg_catalog.row_number() OVER () AS place,
	h.topic,
	h.function,
	h.what_it_does,
	h.example
FROM (VALUES
	('begin', 'menuca_next', 'The one call to make now, why, and what it will change.',
		'SELECT * FROM @extschema@.menuca_next();'),
	('begin', 'menuca_help', 'The functions by topic.',
		'SELECT * FROM @extschema@.menuca_help(''load'');'),
	('begin', 'menuca_grants', 'The statements that give a role the rights for a purpose.',
		'SELECT * FROM @extschema@.menuca_grants(''name'', ''read'');'),

	('load', 'menuca_load_dump', 'Loads a table of a MySQL dump, given as text, into a staging table.',
		'SELECT * FROM @extschema@.menuca_load_dump(''...'', ''combos'', ''staging.menuca_v1_combos'');'),
	('load', 'menuca_load_dump_lo', 'The same from a large object, which lo_from_bytea() and lo_put() fill in pieces.',
		'SELECT * FROM @extschema@.menuca_load_dump_lo(12345, ''combos'', ''staging.menuca_v1_combos'');'),
	('load', 'menuca_load_dump_file', 'The same from a file of the server.',
		'SELECT * FROM @extschema@.menuca_load_dump_file(''/path/of/dump.sql'', ''combos'', ''staging.menuca_v1_combos'');'),
	('load', 'menuca_php_unserialize', 'Reads a value that PHP has serialized, as jsonb.',
		'SELECT @extschema@.menuca_php_unserialize(''a:1:{i:0;i:7;}'');'),

	('decide', 'menuca_decide', 'What the source''s rows mean, with figures and examples, and the possibilities with their calls.',
		'SELECT * FROM @extschema@.menuca_decide();'),
	('decide', 'menuca_record_decision', 'Records which table the rows belong in, who decided it, and why.',
		'SELECT * FROM @extschema@.menuca_record_decision(''combo_items'', ''name'', ''...'');'),
	('decide', 'menuca_accept', 'Accepts a figure that cannot be repaired, up to a bound.',
		'SELECT * FROM @extschema@.menuca_accept(''dish_coverage'', 74, ''...'', ''name'');'),
	('decide', 'menuca_withdraw_acceptance', 'Withdraws the acceptances of a figure.',
		'SELECT @extschema@.menuca_withdraw_acceptance(''dish_coverage'', ''...'');'),
	('decide', 'menuca_accept_change', 'Accepts a loss or a change that a check of the validation found.',
		'SELECT @extschema@.menuca_accept_change(''row_counts'', ''...'');'),

	('plan', 'menuca_plan_combos', 'What a fix would do with each row of V1''s combos.',
		'SELECT outcome, count(*) FROM @extschema@.menuca_plan_combos() GROUP BY outcome;'),
	('plan', 'menuca_plan_group_dishes', 'The same for V1''s lists of the dishes of each group.',
		'SELECT outcome, count(*) FROM @extschema@.menuca_plan_group_dishes() GROUP BY outcome;'),
	('plan', 'menuca_plan_v2_groups', 'The same for V2''s lists.',
		'SELECT outcome, count(*) FROM @extschema@.menuca_plan_v2_groups() GROUP BY outcome;'),
	('plan', 'menuca_plan_backfill', 'Which dishes of V1''s menu would be created, and why the others would not.',
		'SELECT outcome, count(*) FROM @extschema@.menuca_plan_backfill() GROUP BY outcome;'),
	('plan', 'menuca_plan_combo_steps', 'Which step and label the headers of V1''s groups give to each item.',
		'SELECT outcome, count(*) FROM @extschema@.menuca_plan_combo_steps() GROUP BY outcome;'),
	('plan', 'menuca_explain_unmapped', 'Why rows cannot be mapped, and what helps.',
		'SELECT * FROM @extschema@.menuca_explain_unmapped();'),
	('plan', 'menuca_orphan_rate', 'Both orphan rates, with numerator, denominator and band.',
		'SELECT * FROM @extschema@.menuca_orphan_rate();'),
	('plan', 'menuca_orphan_restaurants', 'How many groups of each restaurant are without items.',
		'SELECT * FROM @extschema@.menuca_orphan_restaurants();'),
	('plan', 'menuca_orphans', 'Each group without items, with the reason.',
		'SELECT reason, count(*) FROM @extschema@.menuca_orphans() GROUP BY reason;'),

	('preview', 'menuca_preview_combos', 'The dry run of menuca_fix_combos, for roles that may only look.',
		'SELECT * FROM @extschema@.menuca_preview_combos();'),
	('preview', 'menuca_preview_group_dishes', 'The dry run of menuca_fix_group_dishes, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_group_dishes();'),
	('preview', 'menuca_preview_v2_groups', 'The dry run of menuca_fix_v2_groups, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_v2_groups();'),
	('preview', 'menuca_preview_combo_steps', 'The dry run of menuca_fix_combo_steps, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_combo_steps();'),
	('preview', 'menuca_preview_backfill', 'The dry run of menuca_backfill_dishes, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_backfill();'),
	('preview', 'menuca_preview_rollback', 'The dry run of menuca_rollback, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_rollback(1);'),
	('preview', 'menuca_preview_resume', 'The dry run of menuca_resume, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_resume(1);'),
	('preview', 'menuca_preview_dish_combo_groups', 'The dry run of menuca_create_dish_combo_groups, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_dish_combo_groups();'),
	('preview', 'menuca_preview_rollback_indexes', 'The dry run of menuca_rollback_indexes, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_rollback_indexes();'),
	('preview', 'menuca_preview_ticket', 'The dry run of menuca_ticket, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_ticket(0);'),

	('fix', 'menuca_fix_combos', 'Inserts the items of V1''s combos in one transaction; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_fix_combos();'),
	('fix', 'menuca_fix_combos_batched', 'The same in batches, each committed; it can be resumed. Send CALL by itself.',
		'CALL @extschema@.menuca_fix_combos_batched();'),
	('fix', 'menuca_resume', 'Resumes an interrupted batched run.',
		'CALL @extschema@.menuca_resume(1);'),
	('fix', 'menuca_fix_group_dishes', 'Inserts the items of V1''s lists; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_fix_group_dishes();'),
	('fix', 'menuca_fix_v2_groups', 'Inserts the items and steps of V2''s lists; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_fix_v2_groups();'),
	('fix', 'menuca_fix_combo_steps', 'Inserts the steps of V1''s items, labelled by their groups'' headers; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_fix_combo_steps();'),
	('fix', 'menuca_backfill_dishes', 'Creates missing dishes from V1''s menu, inactive; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_backfill_dishes();'),
	('fix', 'menuca_create_dish_combo_groups', 'Creates the table of the groups that combo products use; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_create_dish_combo_groups();'),
	('fix', 'menuca_run_details', 'Everything that the ledger knows of a run, one figure a row.',
		'SELECT * FROM @extschema@.menuca_run_details(1);'),

	('undo', 'menuca_rollback', 'Deletes the rows that a run inserted, and nothing else; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_rollback(1);'),
	('undo', 'menuca_rollback_advice', 'Whether to roll back, by the triggers of the tickets and the checklist, what, and by which calls.',
		'SELECT * FROM @extschema@.menuca_rollback_advice();'),
	('undo', 'menuca_rollback_guide', 'The calls that undo what was done so far, the latest first.',
		'SELECT * FROM @extschema@.menuca_rollback_guide();'),
	('undo', 'menuca_snapshot', 'Copies the tables that fixes write to.',
		'SELECT * FROM @extschema@.menuca_snapshot(''before_fix'');'),
	('undo', 'menuca_restore_snapshot', 'Restores the tables of a snapshot; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_restore_snapshot(''before_fix'');'),
	('undo', 'menuca_drop_snapshot', 'Drops a snapshot''s copies.',
		'SELECT * FROM @extschema@.menuca_drop_snapshot(''before_fix'');'),

	('backup', 'menuca_check_backup', 'Whether the newest backup can be relied on.',
		'SELECT * FROM @extschema@.menuca_check_backup();'),
	('backup', 'menuca_register_backup', 'Registers a backup that was made outside of the database.',
		'SELECT @extschema@.menuca_register_backup(''label'', ''id'', ''method'', 1000000, ''sha256 ...'', now() - interval ''5 minutes'', now() - interval ''1 minute'', verified => true);'),

	('validate', 'menuca_validate', 'Every check of the repaired tables, with a verdict.',
		'SELECT * FROM @extschema@.menuca_validate();'),
	('validate', 'menuca_sample_combos', 'Groups with their dishes, for a person''s eyes.',
		'SELECT * FROM @extschema@.menuca_sample_combos();'),
	('validate', 'menuca_table_checksum', 'A table''s rows and checksum.',
		'SELECT * FROM @extschema@.menuca_table_checksum(''pg_catalog.pg_am'');'),

	('indexes', 'menuca_index_plan', 'The wanted indexes, and what each needs, with its statement.',
		'SELECT * FROM @extschema@.menuca_index_plan();'),
	('indexes', 'menuca_begin_indexes', 'Announces indexes that you build yourself, such as concurrently.',
		'SELECT * FROM @extschema@.menuca_begin_indexes();'),
	('indexes', 'menuca_note_indexes', 'Records the indexes that you have built.',
		'SELECT * FROM @extschema@.menuca_note_indexes();'),
	('indexes', 'menuca_deploy_indexes', 'Builds the wanted indexes; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_deploy_indexes();'),
	('indexes', 'menuca_export_indexes', 'The wanted indexes, as SQL files for the hosted database that this is a copy of.',
		'SELECT file_name, purpose FROM @extschema@.menuca_export_indexes();'),
	('indexes', 'menuca_rollback_indexes', 'Drops the indexes that were created here; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_rollback_indexes();'),
	('indexes', 'menuca_check_indexes', 'Whether every wanted index is there and used.',
		'SELECT * FROM @extschema@.menuca_check_indexes();'),
	('indexes', 'menuca_measure_queries', 'Measures the menu and combo queries.',
		'SELECT * FROM @extschema@.menuca_measure_queries();'),
	('indexes', 'menuca_record_queries', 'The same, recorded for a comparison.',
		'SELECT * FROM @extschema@.menuca_record_queries(''before'');'),

	('access', 'menuca_access_plan', 'The wanted policies and grants, and what each table needs.',
		'SELECT * FROM @extschema@.menuca_access_plan();'),
	('access', 'menuca_access_columns', 'The columns that staff and customers may read and write, as a SELECT to be pasted.',
		'SELECT * FROM @extschema@.menuca_access_columns();'),
	('access', 'menuca_deploy_access', 'Deploys them; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_deploy_access();'),
	('access', 'menuca_export_access', 'What was deployed, as SQL files for the hosted database that this is a copy of.',
		'SELECT file_name, purpose FROM @extschema@.menuca_export_access();'),
	('access', 'menuca_deploy_access_by_table', 'The same, a transaction for each table: for a live platform. Send CALL by itself.',
		'CALL @extschema@.menuca_deploy_access_by_table();'),
	('access', 'menuca_rollback_access', 'Undoes the deployment; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_rollback_access();'),
	('access', 'menuca_rollback_access_by_table', 'The same, a transaction for each table: for a live platform. Send CALL by itself.',
		'CALL @extschema@.menuca_rollback_access_by_table();'),
	('access', 'menuca_check_access', 'Whether access is as wanted, tried with trial rows that are undone.',
		'SELECT * FROM @extschema@.menuca_check_access(matrix => false, overhead => false);'),
	('access', 'menuca_test_access', 'Tries each wanted access, and each other one, with trial rows that are undone.',
		'SELECT * FROM @extschema@.menuca_test_access();'),
	('access', 'menuca_access_openings', 'Ways around the policies: views, functions, partitions, publications, roles.',
		'SELECT * FROM @extschema@.menuca_access_openings();'),
	('access', 'menuca_access_overhead', 'What row level security costs.',
		'SELECT * FROM @extschema@.menuca_access_overhead();'),
	('access', 'menuca_judge_overhead', 'The same verdict on times that were measured elsewhere.',
		'SELECT * FROM @extschema@.menuca_judge_overhead(owner_ms => ''{1.0,1.1}'', role_ms => ''{1.1,1.0}'');'),
	('access', 'menuca_claim_bigint', 'A number in the claims of a request, for policies.',
		'SELECT @extschema@.menuca_claim_bigint(''restaurant_id'');'),
	('access', 'menuca_claim_uuid', 'A uuid in the claims of a request, for policies.',
		'SELECT @extschema@.menuca_claim_uuid(''user_id'');'),
	('access', 'menuca_own_tenants', 'The restaurants that the caller works for, for policies.',
		'SELECT @extschema@.menuca_own_tenants(to_regclass(''menuca_v3.menuca_own_tenants''));'),
	('access', 'menuca_own_tenant_uuids', 'The same, where restaurants'' ids are uuids.',
		'SELECT @extschema@.menuca_own_tenant_uuids(to_regclass(''menuca_v3.menuca_own_tenants''));'),
	('access', 'menuca_is_public', 'Whether everybody may read a row, for policies.',
		'SELECT @extschema@.menuca_is_public(to_regclass(''menuca_v3.menuca_public_restaurants''), 1);'),

	('customers', 'menuca_customer_view', 'The combos of restaurants as visitors and the restaurant''s staff see them.',
		'SELECT * FROM @extschema@.menuca_customer_view();'),
	('customers', 'menuca_check_customer_view', 'What customers must see and what they must not, over all combos.',
		'SELECT * FROM @extschema@.menuca_check_customer_view();'),
	('customers', 'menuca_load_script', 'The requests of a load run, which the program menuca-load sends.',
		'SELECT * FROM @extschema@.menuca_load_script();'),
	('customers', 'menuca_record_load', 'Records a load run, as menuca-load does.',
		'SELECT @extschema@.menuca_record_load(''{1200,1500,1350}'', errors => 0, connections => 1, started_at => now() - interval ''1 minute'', finished_at => now());'),
	('customers', 'menuca_check_load', 'Whether the latest load run was fast enough, and as fast as before the changes.',
		'SELECT * FROM @extschema@.menuca_check_load();'),

	('tickets', 'menuca_environment', 'Registers this database as staging or production.',
		'SELECT * FROM @extschema@.menuca_environment(''staging'', current_database(), (SELECT system_identifier FROM pg_control_system()));'),
	('tickets', 'menuca_accept_receipt', 'Records what a file has found in the hosted production: its receipt.',
		'SELECT * FROM @extschema@.menuca_accept_receipt(''...'');'),
	('tickets', 'menuca_export_fix', 'The runs up to one as SQL files, for the hosted database of which this one is a copy.',
		'SELECT file_name, purpose, sql FROM @extschema@.menuca_export_fix(1);'),
	('tickets', 'menuca_copy_of', 'Records of which hosted database this one is a copy.',
		'SELECT * FROM @extschema@.menuca_copy_of(''postgres'', project => ''...'');'),
	('tickets', 'menuca_status', 'The eleven tickets, with state and next call.',
		'SELECT * FROM @extschema@.menuca_status();'),
	('tickets', 'menuca_ticket', 'Executes a ticket: checks, acts, records; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_ticket(0);'),
	('tickets', 'menuca_review_samples', 'Groups with their dishes and what the machine has seen, for a person to judge.',
		'SELECT * FROM @extschema@.menuca_review_samples(4);'),
	('tickets', 'menuca_review', 'Records how many of the samples a person has found good and bad.',
		'SELECT * FROM @extschema@.menuca_review(4, good => 20, bad => 0, note => ''note'', reviewer => ''name'');'),
	('tickets', 'menuca_attest', 'Records that a person has seen an item of the checklist.',
		'SELECT * FROM @extschema@.menuca_attest(5, ''login'', ''PASS'', ''name'', ''note'');'),
	('tickets', 'menuca_report_issue', 'Records an issue that a person has found.',
		'SELECT @extschema@.menuca_report_issue(5, ''high'', ''...'', ''name'');'),
	('tickets', 'menuca_resolve_issue', 'Records how an issue was resolved.',
		'SELECT * FROM @extschema@.menuca_resolve_issue(1, ''...'', ''name'');'),
	('tickets', 'menuca_announcement', 'A short text about a ticket for others, with its figures.',
		'SELECT @extschema@.menuca_announcement(4, ''done'');'),
	('tickets', 'menuca_sign_off', 'Records a person''s GO or NO-GO on a ticket.',
		'SELECT @extschema@.menuca_sign_off(5, ''name'', ''GO'', ''note'');'),
	('tickets', 'menuca_export_verdict', 'Staging''s verdict as a document, to be imported on production.',
		'SELECT @extschema@.menuca_export_verdict();'),
	('tickets', 'menuca_import_verdict', 'Imports staging''s verdict on production.',
		'SELECT @extschema@.menuca_import_verdict(''{}'');'),
	('tickets', 'menuca_set_verdict_key', 'Sets the key by which verdicts are signed, on both.',
		'SELECT @extschema@.menuca_set_verdict_key(''a secret of at least 16 bytes'');'),
	('tickets', 'menuca_report', 'The state of the migration as one HTML page, with pictures.',
		'SELECT @extschema@.menuca_report();'),
	('tickets', 'menuca_execution_log', 'What was executed, decided and signed, as Markdown.',
		'SELECT @extschema@.menuca_execution_log();'),
	('tickets', 'menuca_announce_window', 'Records when the maintenance window begins and ends.',
		'SELECT @extschema@.menuca_announce_window(now() + interval ''24 hours'', now() + interval ''26 hours'', ''...'');'),
	('tickets', 'menuca_read_only', 'Makes new sessions of the database read-only, or undoes it.',
		'SELECT * FROM @extschema@.menuca_read_only(true);'),
	('tickets', 'menuca_check_impact', 'Whether a change was felt by the sessions beside it, by samples.',
		'SELECT * FROM @extschema@.menuca_check_impact();'),
	('tickets', 'menuca_monitor_sample', 'Records the database''s counts, sessions and counters.',
		'SELECT @extschema@.menuca_monitor_sample();'),
	('tickets', 'menuca_monitor_report', 'Judges the samples since the last change.',
		'SELECT * FROM @extschema@.menuca_monitor_report();'),

	('internal', 'menuca_table_counts', 'The figures of the tables that validations compare.',
		'SELECT @extschema@.menuca_table_counts();'),
	('internal', 'menuca_column_differences', 'The columns in which a table differs from a snapshot''s copy.',
		'SELECT * FROM @extschema@.menuca_column_differences(''[]'', ''[]'');'),
	('internal', 'menuca_grant_statements', 'What menuca_grants() returns, for given settings.',
		'SELECT @extschema@.menuca_grant_statements(''name'', ''read'', ''menuca_v3'', ''staging'', ''{}'');'),
	('internal', 'menuca_lock_keys', 'The keys of the advisory locks that the extension takes.',
		'SELECT * FROM @extschema@.menuca_lock_keys();'),
	('internal', 'menuca_impact_figures', 'The figures that menuca_check_impact() judges.',
		'SELECT * FROM @extschema@.menuca_impact_figures(1, NULL);'),
	('internal', 'menuca_failing_since', 'When a ticket found first that a check fails, after it last passed.',
		'SELECT @extschema@.menuca_failing_since(1, ''references'');'),
	('internal', 'menuca_query_slowdown', 'How long the measured queries take now, and took before the changes.',
		'SELECT * FROM @extschema@.menuca_query_slowdown();'),
	('internal', 'menuca_monitor_figures', 'The figures that menuca_monitor_report() judges.',
		'SELECT * FROM @extschema@.menuca_monitor_figures(1, interval ''4 hours'', interval ''65 minutes'');'),
	('internal', 'menuca_html', 'A value as text of an HTML page, harmless between tags and in quotes.',
		'SELECT @extschema@.menuca_html(''a < b'');'),
	('internal', 'menuca_report_acceptances', 'Section of the report: overrides with their reasons, and figures that were accepted.',
		'SELECT @extschema@.menuca_report_acceptances();'),
	('internal', 'menuca_report_access', 'Section of the report: what visitors, restaurants, customers and services may do with each table, and whether the newest matrix found it so.',
		'SELECT @extschema@.menuca_report_access();'),
	('internal', 'menuca_report_bar', 'A bar at the height y of a picture: share in percent of its width, on a track of the whole width.',
		'SELECT @extschema@.menuca_report_bar(20, 50, ''good'');'),
	('internal', 'menuca_report_bars', 'A picture of horizontal bars.',
		'SELECT @extschema@.menuca_report_bars(''name'', ''title'', ''...'', ''[{"label": "a", "value": "50 %", "share": 50}]'');'),
	('internal', 'menuca_report_begin', 'The page up to its first section.',
		'SELECT @extschema@.menuca_report_begin(''title'');'),
	('internal', 'menuca_report_call', 'A sentence and a call that can be pasted.',
		'SELECT @extschema@.menuca_report_call(''...'', ''SELECT 1;'');'),
	('internal', 'menuca_report_checks', 'Section of the report: the checks of the data, as a ticket recorded them, or of now.',
		'SELECT @extschema@.menuca_report_checks();'),
	('internal', 'menuca_report_coverage', 'Section of the report: how many of the legacy ids of each source were found.',
		'SELECT @extschema@.menuca_report_coverage();'),
	('internal', 'menuca_report_end', 'The end of the page.',
		'SELECT @extschema@.menuca_report_end();'),
	('internal', 'menuca_report_flow', 'Section of the report: the source rows of each fix by outcome, as a flow.',
		'SELECT @extschema@.menuca_report_flow();'),
	('internal', 'menuca_report_flow_picture', 'A picture of the source rows of a run in menuca_figure_fix: loaded, mapped or left out, and each outcome.',
		'SELECT @extschema@.menuca_report_flow_picture(1);'),
	('internal', 'menuca_report_frame', 'A section with its heading: its body, or the error that says why it is missing.',
		'SELECT @extschema@.menuca_report_frame(''checks'', ''title'', ''...'', NULL);'),
	('internal', 'menuca_report_issues', 'Section of the report: issues that people found, with severity and resolution.',
		'SELECT @extschema@.menuca_report_issues();'),
	('internal', 'menuca_report_load', 'Section of the report: load runs by percentiles.',
		'SELECT @extschema@.menuca_report_load();'),
	('internal', 'menuca_report_mark', 'A status with its sign and in its colour.',
		'SELECT @extschema@.menuca_report_mark(''PASS'');'),
	('internal', 'menuca_report_note', 'A sentence below a picture or a table.',
		'SELECT @extschema@.menuca_report_note(''...'');'),
	('internal', 'menuca_report_number', 'A number as people read it: 1,234 or 12.50.',
		'SELECT @extschema@.menuca_report_number(1234);'),
	('internal', 'menuca_report_people', 'Section of the report: reviews of samples, and the checklist with what was attested.',
		'SELECT @extschema@.menuca_report_people();'),
	('internal', 'menuca_report_percent', 'A percentage with two decimals.',
		'SELECT @extschema@.menuca_report_percent(12.5);'),
	('internal', 'menuca_report_picture', 'A picture of the page: an SVG of that height with a title and a text alternative, around a body of SVG elements.',
		'SELECT @extschema@.menuca_report_picture(''name'', ''title'', ''...'', 100, ''<text y="20">1</text>'');'),
	('internal', 'menuca_report_queries', 'Section of the report: query times before and after the indexes.',
		'SELECT @extschema@.menuca_report_queries();'),
	('internal', 'menuca_report_rates', 'Section of the report: groups without items before and after, with their bands.',
		'SELECT @extschema@.menuca_report_rates();'),
	('internal', 'menuca_report_restaurants', 'Section of the report: the ten restaurants with the most groups without items.',
		'SELECT @extschema@.menuca_report_restaurants();'),
	('internal', 'menuca_report_row', 'A row of a table of the page.',
		'SELECT @extschema@.menuca_report_row(''hn'', ''{Name,Number}'', ''a'', ''1'');'),
	('internal', 'menuca_report_runs', 'Section of the report: the runs of the ledger, each with the call that undoes it.',
		'SELECT @extschema@.menuca_report_runs();'),
	('internal', 'menuca_report_samples', 'Section of the report: six groups with their dishes, as menuca_sample_combos(6) draws them.',
		'SELECT @extschema@.menuca_report_samples();'),
	('internal', 'menuca_report_signatures', 'Section of the report: the sign-offs.',
		'SELECT @extschema@.menuca_report_signatures();'),
	('internal', 'menuca_report_sizes', 'Section of the report: items per group, source against target.',
		'SELECT @extschema@.menuca_report_sizes();'),
	('internal', 'menuca_report_style', 'The style sheet of the report.',
		'SELECT @extschema@.menuca_report_style();'),
	('internal', 'menuca_report_table', 'A table of the page.',
		'SELECT @extschema@.menuca_report_table(''caption'', ''hn'', ''{Name,Number}'', '''');'),
	('internal', 'menuca_report_tickets', 'Section of the report: the tickets on a time line, their states, and their executions.',
		'SELECT @extschema@.menuca_report_tickets();'),
	('internal', 'menuca_report_tile', 'A figure in large letters, in the colour of a status, with words below it.',
		'SELECT @extschema@.menuca_report_tile(''12 %'', ''...'', ''PASS'');'),
	('internal', 'menuca_report_time', 'A time in UTC, to the minute.',
		'SELECT @extschema@.menuca_report_time(now());'),
	('internal', 'menuca_report_timeline', 'A picture of the newest executions of tickets, in their order.',
		'SELECT @extschema@.menuca_report_timeline(''[{"ticket": 0, "title": "Pre-flight", "state": "COMPLETE"}]'');'),
	('internal', 'menuca_report_tone', 'The colour of a status, as a class of the page: good, warn, bad, or soft for any other word and for NULL.',
		'SELECT @extschema@.menuca_report_tone(''PASS'');'),
	('internal', 'menuca_report_verdict', 'Section of the report: the verdict of each environment, and the next call.',
		'SELECT @extschema@.menuca_report_verdict();'),
	('internal', 'menuca_report_window', 'Section of the report: the announced window, whether new sessions are read-only, and what others felt of the newest change.',
		'SELECT @extschema@.menuca_report_window();'),
	('internal', 'menuca_receipt_facts', 'What a receipt says, whoever wrote it.',
		'SELECT * FROM @extschema@.menuca_receipt_facts(''{}'');'),
	('internal', 'menuca_wished_receipts', 'The receipts that a ticket of a hosted production counts.',
		'SELECT * FROM @extschema@.menuca_wished_receipts(''name'', 1, ''indexes'', 0, ''-infinity'', ''-infinity'', false);'),
	('internal', 'menuca_export_frame_template', 'The text of files: the frame of a statement that changes something.',
		'SELECT @extschema@.menuca_export_frame_template();'),
	('internal', 'menuca_export_guard_template', 'The text of files: what refuses another database.',
		'SELECT @extschema@.menuca_export_guard_template();'),
	('internal', 'menuca_export_database_template', 'The text of files: the checks of database and server.',
		'SELECT @extschema@.menuca_export_database_template();'),
	('internal', 'menuca_export_read_template', 'The text of files: a SELECT that reads with a search_path of pg_catalog.',
		'SELECT @extschema@.menuca_export_read_template();'),
	('internal', 'menuca_export_receipt_template', 'The text of files: the receipt at the end of a check.',
		'SELECT @extschema@.menuca_export_receipt_template();'),
	('internal', 'menuca_hosted_index_check_template', 'The text of 00_check and 03_verify of the indexes.',
		'SELECT @extschema@.menuca_hosted_index_check_template();'),
	('internal', 'menuca_hosted_index_leftover_template', 'The text of a file 01_leftover of the indexes.',
		'SELECT @extschema@.menuca_hosted_index_leftover_template();'),
	('internal', 'menuca_hosted_access_check_template', 'The text of 00_check of access.',
		'SELECT @extschema@.menuca_hosted_access_check_template();'),
	('internal', 'menuca_hosted_functions_template', 'The text of 01_functions of access.',
		'SELECT @extschema@.menuca_hosted_functions_template();'),
	('internal', 'menuca_hosted_claims_template', 'The text of 01_functions of access: how claims are read.',
		'SELECT @extschema@.menuca_hosted_claims_template();'),
	('internal', 'menuca_hosted_deploy_template', 'The text of 01_functions of access: how a table is deployed.',
		'SELECT @extschema@.menuca_hosted_deploy_template();'),
	('internal', 'menuca_hosted_matrix_template', 'The text of 01_functions of access: how a role is tried.',
		'SELECT @extschema@.menuca_hosted_matrix_template();'),
	('internal', 'menuca_hosted_own_tenants_template', 'The text of 01_functions of access: the restaurants of a member.',
		'SELECT @extschema@.menuca_hosted_own_tenants_template();'),
	('internal', 'menuca_hosted_public_template', 'The text of 01_functions of access: which rows are public.',
		'SELECT @extschema@.menuca_hosted_public_template();'),
	('internal', 'menuca_hosted_schema_guard_template', 'The text by which files of access refuse a schema of another role.',
		'SELECT @extschema@.menuca_hosted_schema_guard_template();'),
	('internal', 'menuca_hosted_table_template', 'The text of a file 02 of access.',
		'SELECT @extschema@.menuca_hosted_table_template();'),
	('internal', 'menuca_hosted_access_after_template', 'The text of 03_check of access.',
		'SELECT @extschema@.menuca_hosted_access_after_template();'),
	('internal', 'menuca_hosted_access_matrix_template', 'The text of 04_matrix of access.',
		'SELECT @extschema@.menuca_hosted_access_matrix_template();'),
	('internal', 'menuca_hosted_rollback_template', 'The text of a file 05_rollback of access.',
		'SELECT @extschema@.menuca_hosted_rollback_template();'),
	('internal', 'menuca_hosted_rollback_functions_template', 'The text of 06_rollback_functions of access.',
		'SELECT @extschema@.menuca_hosted_rollback_functions_template();'),
	('internal', 'menuca_hosted_policy_definition', 'The text of files of access: how a policy is compared.',
		'SELECT @extschema@.menuca_hosted_policy_definition();'),
	('internal', 'menuca_hosted_own_policy', 'The text of files of access: the names of policies that deployments create.',
		'SELECT @extschema@.menuca_hosted_own_policy();'),
	('internal', 'menuca_hosted_schema_state', 'The text of files of access: what is in schema menuca_access.',
		'SELECT @extschema@.menuca_hosted_schema_state();'),
	('internal', 'menuca_hosted_column_problems', 'The text of checks of access: columns that are not as on the copy.',
		'SELECT @extschema@.menuca_hosted_column_problems();'),
	('internal', 'menuca_hosted_openings_template', 'The text of 03_check of access: what leads around policies.',
		'SELECT @extschema@.menuca_hosted_openings_template();'),
	('internal', 'menuca_hosted_index_drop_template', 'The text before DROP INDEX in a file 04 of indexes.',
		'SELECT @extschema@.menuca_hosted_index_drop_template();'),
	('internal', 'menuca_hosted_columns', 'A table''s columns with their types, as files of access compare them.',
		'SELECT @extschema@.menuca_hosted_columns(''menuca_v3.dishes'');'),
	('internal', 'menuca_verdict_checksum', 'The checksum of a verdict.',
		'SELECT @extschema@.menuca_verdict_checksum(''{}'');'),
	('internal', 'menuca_protect_checklist', 'The trigger that keeps shipped rows of menuca_checklist.',
		'SELECT tgname FROM pg_catalog.pg_trigger WHERE tgfoid = ''@extschema@.menuca_protect_checklist''::regproc;'),
	('internal', 'menuca_protect_wanted_index', 'The trigger that keeps shipped rows of menuca_wanted_index.',
		'SELECT tgname FROM pg_catalog.pg_trigger WHERE tgfoid = ''@extschema@.menuca_protect_wanted_index''::regproc;'),
	('internal', 'menuca_guard_policies', 'The event trigger''s function that keeps policies from being dropped with the extension.',
		'SELECT evtname FROM pg_catalog.pg_event_trigger WHERE evtfoid = ''@extschema@.menuca_guard_policies''::regproc;'),
	('internal', 'menuca_wanted_access_edited', 'The trigger that checks edits of menuca_wanted_access.',
		'SELECT tgname FROM pg_catalog.pg_trigger WHERE tgfoid = ''@extschema@.menuca_wanted_access_edited''::regproc;')
) h(topic, function, what_it_does, example);

COMMENT ON VIEW @extschema@.menuca_help_entry IS
'The list of functions that menuca_help() shows, each once, whatever its arguments are.';
COMMENT ON COLUMN @extschema@.menuca_help_entry.place IS
'Place in the list, from 1.';
COMMENT ON COLUMN @extschema@.menuca_help_entry.topic IS
'The task: begin, load, decide, plan, preview, fix, undo, backup, validate, indexes, access, tickets, or internal for what the others call.';
COMMENT ON COLUMN @extschema@.menuca_help_entry.function IS
'Name of the function or procedure.';
COMMENT ON COLUMN @extschema@.menuca_help_entry.what_it_does IS
'What it does, in one sentence.';
COMMENT ON COLUMN @extschema@.menuca_help_entry.example IS
'A call that can be pasted; what a person has to put in is ''name'' or ''...''.';

CREATE FUNCTION @extschema@.menuca_help(
	INOUT topic text DEFAULT NULL,
	OUT function text,
	OUT what_it_does text,
	OUT example text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH found AS (
		SELECT e.place, e.topic, e.function, e.what_it_does, e.example
		FROM @extschema@.menuca_help_entry e
		WHERE menuca_help.topic IS NULL
			OR e.topic = pg_catalog.lower(menuca_help.topic)
			-- Who looks for a name does not look for what the others call.
			OR pg_catalog.strpos(e.function, pg_catalog.lower(menuca_help.topic)) > 0
				AND (e.topic <> 'internal' OR e.function = pg_catalog.lower(menuca_help.topic)))
	SELECT a.topic, a.function, a.what_it_does, a.example
	FROM (SELECT f.place, f.topic, f.function, f.what_it_does, f.example
		  FROM found f
		  UNION ALL
		  -- A topic that does not exist is no empty answer.
		  SELECT 0, NULL, NULL,
			  pg_catalog.format('There is no topic "%s", and no function with that in its name. The topics are: %s.', menuca_help.topic,
				  (SELECT pg_catalog.string_agg(t.topic, ', ' ORDER BY t.place)
				   FROM (SELECT e.topic, pg_catalog.min(e.place) AS place
						 FROM @extschema@.menuca_help_entry e
						 GROUP BY e.topic) t)),
			  'SELECT * FROM @extschema@.menuca_help();'
		  WHERE NOT EXISTS (SELECT FROM found)) a
	ORDER BY a.place;
END;

COMMENT ON FUNCTION @extschema@.menuca_help(text) IS
'The functions by topic, with what each does and an example; topic is one of these topics or a part of a function''s name (all of it for those of topic internal), NULL means all. Read only.';

--
-- Rights.  This part is the last one: it takes away whatever default privileges
-- gave anybody on the objects of the parts before it.  An upgrade script ends
-- with the same block.
--

CREATE VIEW @extschema@.menuca_right AS
SELECT r.purpose, r.kind, r.name, r.privileges
FROM (VALUES
	-- Everybody: what policies call for each request, which reads one setting, or a
	-- view that shows a caller what is his, or what is public
	('public', 'routine', 'menuca_claim_bigint', 'EXECUTE'),
	('public', 'routine', 'menuca_claim_uuid', 'EXECUTE'),
	('public', 'routine', 'menuca_own_tenant_uuids', 'EXECUTE'),
	('public', 'routine', 'menuca_own_tenants', 'EXECUTE'),
	('public', 'routine', 'menuca_is_public', 'EXECUTE'),

	-- Every purpose has what reading needs
	('read', 'relation', '*', 'SELECT'),
	('read', 'routine', 'menuca_access_columns', 'EXECUTE'),
	('read', 'routine', 'menuca_access_openings', 'EXECUTE'),
	('read', 'routine', 'menuca_access_plan', 'EXECUTE'),
	('read', 'routine', 'menuca_announcement', 'EXECUTE'),
	('read', 'routine', 'menuca_check_backup', 'EXECUTE'),
	('read', 'routine', 'menuca_check_customer_view', 'EXECUTE'),
	('read', 'routine', 'menuca_check_impact', 'EXECUTE'),
	('read', 'routine', 'menuca_check_indexes', 'EXECUTE'),
	('read', 'routine', 'menuca_check_load', 'EXECUTE'),
	('read', 'routine', 'menuca_column_differences', 'EXECUTE'),
	('read', 'routine', 'menuca_decide', 'EXECUTE'),
	('read', 'routine', 'menuca_execution_log', 'EXECUTE'),
	('read', 'routine', 'menuca_explain_unmapped', 'EXECUTE'),
	('read', 'routine', 'menuca_export_fix', 'EXECUTE'),
	('read', 'routine', 'menuca_export_database_template', 'EXECUTE'),
	('read', 'routine', 'menuca_export_frame_template', 'EXECUTE'),
	('read', 'routine', 'menuca_export_guard_template', 'EXECUTE'),
	('read', 'routine', 'menuca_export_indexes', 'EXECUTE'),
	('read', 'routine', 'menuca_export_read_template', 'EXECUTE'),
	('read', 'routine', 'menuca_export_receipt_template', 'EXECUTE'),
	('read', 'routine', 'menuca_failing_since', 'EXECUTE'),
	('read', 'routine', 'menuca_grant_statements', 'EXECUTE'),
	('read', 'routine', 'menuca_grants', 'EXECUTE'),
	('read', 'routine', 'menuca_help', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_access_after_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_access_check_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_access_matrix_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_claims_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_column_problems', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_columns', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_deploy_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_functions_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_index_check_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_index_drop_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_index_leftover_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_matrix_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_openings_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_own_policy', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_own_tenants_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_policy_definition', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_public_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_rollback_functions_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_rollback_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_schema_guard_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_schema_state', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_table_template', 'EXECUTE'),
	('read', 'routine', 'menuca_impact_figures', 'EXECUTE'),
	('read', 'routine', 'menuca_html', 'EXECUTE'),
	('read', 'routine', 'menuca_index_plan', 'EXECUTE'),
	('read', 'routine', 'menuca_lock_keys', 'EXECUTE'),
	('read', 'routine', 'menuca_measure_queries', 'EXECUTE'),
	('read', 'routine', 'menuca_monitor_figures', 'EXECUTE'),
	('read', 'routine', 'menuca_monitor_report', 'EXECUTE'),
	('read', 'routine', 'menuca_next', 'EXECUTE'),
	('read', 'routine', 'menuca_orphan_rate', 'EXECUTE'),
	('read', 'routine', 'menuca_orphan_restaurants', 'EXECUTE'),
	('read', 'routine', 'menuca_orphans', 'EXECUTE'),
	('read', 'routine', 'menuca_php_unserialize', 'EXECUTE'),
	('read', 'routine', 'menuca_plan_backfill', 'EXECUTE'),
	('read', 'routine', 'menuca_plan_combo_steps', 'EXECUTE'),
	('read', 'routine', 'menuca_plan_combos', 'EXECUTE'),
	('read', 'routine', 'menuca_plan_group_dishes', 'EXECUTE'),
	('read', 'routine', 'menuca_plan_v2_groups', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_backfill', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_combo_steps', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_combos', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_dish_combo_groups', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_group_dishes', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_resume', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_rollback', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_rollback_indexes', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_ticket', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_v2_groups', 'EXECUTE'),
	('read', 'routine', 'menuca_query_slowdown', 'EXECUTE'),
	('read', 'routine', 'menuca_receipt_facts', 'EXECUTE'),
	('read', 'routine', 'menuca_report', 'EXECUTE'),
	('read', 'routine', 'menuca_report_acceptances', 'EXECUTE'),
	('read', 'routine', 'menuca_report_access', 'EXECUTE'),
	('read', 'routine', 'menuca_report_bar', 'EXECUTE'),
	('read', 'routine', 'menuca_report_bars', 'EXECUTE'),
	('read', 'routine', 'menuca_report_begin', 'EXECUTE'),
	('read', 'routine', 'menuca_report_call', 'EXECUTE'),
	('read', 'routine', 'menuca_report_checks', 'EXECUTE'),
	('read', 'routine', 'menuca_report_coverage', 'EXECUTE'),
	('read', 'routine', 'menuca_report_end', 'EXECUTE'),
	('read', 'routine', 'menuca_report_flow', 'EXECUTE'),
	('read', 'routine', 'menuca_report_flow_picture', 'EXECUTE'),
	('read', 'routine', 'menuca_report_frame', 'EXECUTE'),
	('read', 'routine', 'menuca_report_issues', 'EXECUTE'),
	('read', 'routine', 'menuca_report_load', 'EXECUTE'),
	('read', 'routine', 'menuca_report_mark', 'EXECUTE'),
	('read', 'routine', 'menuca_report_note', 'EXECUTE'),
	('read', 'routine', 'menuca_report_number', 'EXECUTE'),
	('read', 'routine', 'menuca_report_people', 'EXECUTE'),
	('read', 'routine', 'menuca_report_percent', 'EXECUTE'),
	('read', 'routine', 'menuca_report_picture', 'EXECUTE'),
	('read', 'routine', 'menuca_report_queries', 'EXECUTE'),
	('read', 'routine', 'menuca_report_rates', 'EXECUTE'),
	('read', 'routine', 'menuca_report_restaurants', 'EXECUTE'),
	('read', 'routine', 'menuca_report_row', 'EXECUTE'),
	('read', 'routine', 'menuca_report_runs', 'EXECUTE'),
	('read', 'routine', 'menuca_report_samples', 'EXECUTE'),
	('read', 'routine', 'menuca_report_signatures', 'EXECUTE'),
	('read', 'routine', 'menuca_report_sizes', 'EXECUTE'),
	('read', 'routine', 'menuca_report_style', 'EXECUTE'),
	('read', 'routine', 'menuca_report_table', 'EXECUTE'),
	('read', 'routine', 'menuca_report_tickets', 'EXECUTE'),
	('read', 'routine', 'menuca_report_tile', 'EXECUTE'),
	('read', 'routine', 'menuca_report_time', 'EXECUTE'),
	('read', 'routine', 'menuca_report_timeline', 'EXECUTE'),
	('read', 'routine', 'menuca_report_tone', 'EXECUTE'),
	('read', 'routine', 'menuca_report_verdict', 'EXECUTE'),
	('read', 'routine', 'menuca_report_window', 'EXECUTE'),
	('read', 'routine', 'menuca_review_samples', 'EXECUTE'),
	('read', 'routine', 'menuca_rollback_advice', 'EXECUTE'),
	('read', 'routine', 'menuca_rollback_guide', 'EXECUTE'),
	('read', 'routine', 'menuca_run_details', 'EXECUTE'),
	('read', 'routine', 'menuca_sample_combos', 'EXECUTE'),
	('read', 'routine', 'menuca_status', 'EXECUTE'),
	('read', 'routine', 'menuca_table_checksum', 'EXECUTE'),
	('read', 'routine', 'menuca_table_counts', 'EXECUTE'),
	('read', 'routine', 'menuca_validate', 'EXECUTE'),
	('read', 'routine', 'menuca_verdict_checksum', 'EXECUTE'),
	('read', 'routine', 'menuca_wished_receipts', 'EXECUTE'),
	('read', 'target', 'restaurants', 'SELECT'),
	('read', 'target', 'courses', 'SELECT'),
	('read', 'target', 'dishes', 'SELECT'),
	('read', 'target', 'combo_groups', 'SELECT'),
	('read', 'target', 'combo_items', 'SELECT'),
	('read', 'target', 'combo_steps', 'SELECT'),
	('read', 'target', 'dish_combo_groups', 'SELECT'),

	-- Loading, fixing, rolling back
	('migrate', 'routine', 'menuca_backfill_dishes', 'EXECUTE'),
	('migrate', 'routine', 'menuca_fix_combo_steps', 'EXECUTE'),
	('migrate', 'routine', 'menuca_fix_combos', 'EXECUTE'),
	('migrate', 'routine', 'menuca_fix_combos_batched', 'EXECUTE'),
	('migrate', 'routine', 'menuca_fix_group_dishes', 'EXECUTE'),
	('migrate', 'routine', 'menuca_fix_v2_groups', 'EXECUTE'),
	('migrate', 'routine', 'menuca_load_dump', 'EXECUTE'),
	('migrate', 'routine', 'menuca_load_dump_lo', 'EXECUTE'),
	('migrate', 'routine', 'menuca_record_decision', 'EXECUTE'),
	('migrate', 'routine', 'menuca_resume', 'EXECUTE'),
	('migrate', 'routine', 'menuca_rollback', 'EXECUTE'),
	('migrate', 'target', 'dishes', 'INSERT, DELETE'),
	('migrate', 'target', 'combo_items', 'INSERT, DELETE'),
	('migrate', 'target', 'combo_steps', 'INSERT, DELETE'),
	('migrate', 'target', 'dish_combo_groups', 'INSERT, DELETE'),
	('migrate', 'sequence', 'dishes', 'USAGE'),
	('migrate', 'sequence', 'combo_items', 'USAGE'),
	('migrate', 'sequence', 'combo_steps', 'USAGE'),
	('migrate', 'sequence', 'dish_combo_groups', 'USAGE'),
	('migrate', 'staging', '*', 'CREATE'),

	-- Registering backups; snapshots
	('backup', 'routine', 'menuca_drop_snapshot', 'EXECUTE'),
	('backup', 'routine', 'menuca_register_backup', 'EXECUTE'),
	('backup', 'routine', 'menuca_restore_snapshot', 'EXECUTE'),
	('backup', 'routine', 'menuca_snapshot', 'EXECUTE'),
	('backup', 'target', 'dishes', 'INSERT, UPDATE, DELETE'),
	('backup', 'target', 'combo_items', 'INSERT, UPDATE, DELETE'),
	('backup', 'target', 'combo_steps', 'INSERT, UPDATE, DELETE'),
	('backup', 'target', 'dish_combo_groups', 'INSERT, UPDATE, DELETE'),
	('backup', 'sequence', 'dishes', 'SELECT, UPDATE'),
	('backup', 'sequence', 'combo_items', 'SELECT, UPDATE'),
	('backup', 'sequence', 'combo_steps', 'SELECT, UPDATE'),
	('backup', 'sequence', 'dish_combo_groups', 'SELECT, UPDATE'),
	('backup', 'neighbours', '*', 'SELECT'),
	('backup', 'database', '*', 'CREATE'),

	-- Building indexes: for the owner of the tables
	('indexes', 'routine', 'menuca_begin_indexes', 'EXECUTE'),
	('indexes', 'routine', 'menuca_deploy_indexes', 'EXECUTE'),
	('indexes', 'routine', 'menuca_note_indexes', 'EXECUTE'),
	('indexes', 'routine', 'menuca_record_queries', 'EXECUTE'),
	('indexes', 'routine', 'menuca_rollback_indexes', 'EXECUTE'),
	('indexes', 'relation', 'menuca_wanted_index', 'INSERT, UPDATE, DELETE'),
	('indexes', 'schema', '*', 'CREATE'),

	-- Row level security: for the owner of the tables and of their schema
	('access', 'routine', 'menuca_access_overhead', 'EXECUTE'),
	('access', 'routine', 'menuca_check_access', 'EXECUTE'),
	('access', 'routine', 'menuca_deploy_access', 'EXECUTE'),
	('access', 'routine', 'menuca_deploy_access_by_table', 'EXECUTE'),
	('access', 'routine', 'menuca_export_access', 'EXECUTE'),
	('access', 'routine', 'menuca_judge_overhead', 'EXECUTE'),
	('access', 'routine', 'menuca_rollback_access', 'EXECUTE'),
	('access', 'routine', 'menuca_rollback_access_by_table', 'EXECUTE'),
	('access', 'routine', 'menuca_test_access', 'EXECUTE'),
	('access', 'relation', 'menuca_accepted_opening', 'INSERT, DELETE'),
	('access', 'relation', 'menuca_wanted_access', 'INSERT, UPDATE, DELETE'),
	('access', 'role', 'public_role', 'MEMBER'),
	('access', 'role', 'tenant_role', 'MEMBER'),
	('access', 'role', 'admin_role', 'MEMBER'),

	-- Looking as customers do, and sending what they send
	('customer', 'routine', 'menuca_customer_view', 'EXECUTE'),
	('customer', 'routine', 'menuca_load_script', 'EXECUTE'),
	('customer', 'routine', 'menuca_record_load', 'EXECUTE'),
	('customer', 'role', 'public_role', 'MEMBER'),
	('customer', 'role', 'tenant_role', 'MEMBER'),

	-- Signing off, and carrying staging's verdict to production
	('sign_off', 'routine', 'menuca_accept', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_accept_change', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_attest', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_export_verdict', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_import_verdict', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_report_issue', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_resolve_issue', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_review', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_sign_off', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_withdraw_acceptance', 'EXECUTE'),

	-- All tickets: all purposes, and this
	('runbook', 'routine', 'menuca_accept_receipt', 'EXECUTE'),
	('runbook', 'routine', 'menuca_announce_window', 'EXECUTE'),
	('runbook', 'routine', 'menuca_copy_of', 'EXECUTE'),
	('runbook', 'routine', 'menuca_create_dish_combo_groups', 'EXECUTE'),
	('runbook', 'routine', 'menuca_environment', 'EXECUTE'),
	('runbook', 'routine', 'menuca_monitor_sample', 'EXECUTE'),
	('runbook', 'routine', 'menuca_read_only', 'EXECUTE'),
	('runbook', 'routine', 'menuca_ticket', 'EXECUTE'),
	('runbook', 'relation', 'menuca_checklist', 'INSERT, UPDATE, DELETE'),
	('runbook', 'relation', 'menuca_expected_count', 'INSERT, UPDATE, DELETE'),
	('runbook', 'role', 'pg_monitor', 'MEMBER')
) r(purpose, kind, name, privileges);

COMMENT ON VIEW @extschema@.menuca_right IS
'The list of rights: what everybody has (public), and what menuca_grants() grants for each purpose. Relations with INSERT, UPDATE or DELETE here are meant to be edited by people; nobody writes to the others but the extension.';
COMMENT ON COLUMN @extschema@.menuca_right.purpose IS
'public for everybody, or a purpose of menuca_grants(); each purpose has what read has, and runbook has all.';
COMMENT ON COLUMN @extschema@.menuca_right.kind IS
'What the right is on: routine or relation of the extension; target (a table of the schema menuca.target_schema), sequence (of such a table) or neighbours (the tables that foreign keys connect with the tables of the same purpose); schema (the target schema), staging (the schema of menuca.source_table), database, or role.';
COMMENT ON COLUMN @extschema@.menuca_right.name IS
'Name of the routine, relation, table or role; public_role, tenant_role and admin_role mean the roles of these settings; * for all or the only one.';
COMMENT ON COLUMN @extschema@.menuca_right.privileges IS
'Privileges as in GRANT; MEMBER for the membership in a role.';

CREATE VIEW @extschema@.menuca_member WITH (security_invoker = true) AS
SELECT d.classid,
	d.objid,
	CASE d.classid
		WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN 'ROUTINE'
		WHEN 'pg_catalog.pg_type'::pg_catalog.regclass THEN 'TYPE'
		ELSE CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
	END AS kind,
	COALESCE(p.proname, t.typname, c.relname)::text AS name,
	CASE d.classid
		WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN pg_catalog.format('%I.%I(%s)', n.nspname, p.proname,
			pg_catalog.pg_get_function_identity_arguments(p.oid))
		ELSE pg_catalog.format('%I.%I', n.nspname, COALESCE(t.typname, c.relname))
	END AS identity,
	COALESCE(p.proowner, t.typowner, c.relowner) AS owner,
	CASE d.classid
		WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass
		THEN COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner))
		WHEN 'pg_catalog.pg_type'::pg_catalog.regclass
		THEN COALESCE(t.typacl, pg_catalog.acldefault('T', t.typowner))
		ELSE COALESCE(c.relacl, pg_catalog.acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
	END AS acl
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
LEFT JOIN pg_catalog.pg_proc p ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = d.objid
LEFT JOIN pg_catalog.pg_type t ON d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = d.objid
	-- neither row types of tables nor arrays have rights of their own
	AND t.typelem = 0
	AND (t.typrelid = 0 OR (SELECT k.relkind FROM pg_catalog.pg_class k WHERE k.oid = t.typrelid) = 'c')
LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid
JOIN pg_catalog.pg_namespace n ON n.oid = COALESCE(p.pronamespace, t.typnamespace, c.relnamespace)
WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
	AND d.deptype = 'e'
	AND e.extname = 'menuca_migrate'
	AND (c.oid IS NULL OR c.relkind IN ('r', 'v', 'S'));

COMMENT ON VIEW @extschema@.menuca_member IS
'The objects of the extension that have rights, with their rights.';
COMMENT ON COLUMN @extschema@.menuca_member.classid IS
'OID of the catalog that the object is in.';
COMMENT ON COLUMN @extschema@.menuca_member.objid IS
'OID of the object.';
COMMENT ON COLUMN @extschema@.menuca_member.kind IS
'ROUTINE, TYPE, SEQUENCE or TABLE (a view, too), as in GRANT.';
COMMENT ON COLUMN @extschema@.menuca_member.name IS
'Name of the object.';
COMMENT ON COLUMN @extschema@.menuca_member.identity IS
'The object as in GRANT, qualified, a routine with its arguments.';
COMMENT ON COLUMN @extschema@.menuca_member.owner IS
'OID of its owner.';
COMMENT ON COLUMN @extschema@.menuca_member.acl IS
'Its rights, those that the server gives by default included.';

CREATE VIEW @extschema@.menuca_exposure WITH (security_invoker = true) AS
SELECT n.nspname::text AS schema_name,
	x.role_name,
	x.why
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
CROSS JOIN LATERAL (
	SELECT 'PUBLIC',
		CASE WHEN pg_catalog.has_schema_privilege('public', n.oid, 'CREATE')
			THEN 'everybody may create objects in it' ELSE 'everybody may use it' END
	WHERE pg_catalog.has_schema_privilege('public', n.oid, 'USAGE')
	UNION ALL
	SELECT pg_catalog.quote_ident(r.rolname),
		pg_catalog.format('role %I, which answers requests, may use it', r.rolname)
	FROM pg_catalog.pg_roles r
	WHERE r.rolname IN (COALESCE(pg_catalog.current_setting('menuca.public_role', true), 'anon'),
						COALESCE(pg_catalog.current_setting('menuca.tenant_role', true), 'authenticated'))
		AND NOT pg_catalog.has_schema_privilege('public', n.oid, 'USAGE')
		AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')
	UNION ALL
	-- Neither superusers nor the server's own roles; the database's owner is a member of one
	SELECT pg_catalog.quote_ident(r.rolname),
		pg_catalog.format('role %I may create objects in it', r.rolname)
	FROM pg_catalog.pg_roles r
	WHERE r.oid >= 16384
		AND NOT r.rolsuper
		AND r.oid <> e.extowner
		AND NOT pg_catalog.has_schema_privilege('public', n.oid, 'CREATE')
		AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')
	UNION ALL
	SELECT COALESCE(pg_catalog.quote_ident(r.rolname), 'PUBLIC'),
		pg_catalog.format('an API shows it: setting %s', pg_catalog.split_part(c.setting, '=', 1))
	FROM pg_catalog.pg_db_role_setting s
	LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
	CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c(setting)
	WHERE pg_catalog.split_part(c.setting, '=', 1) IN ('pgrst.db_schemas', 'pgrst.db_schema')
		AND n.nspname::text = ANY (pg_catalog.regexp_split_to_array(
			pg_catalog.btrim(pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1), ' "'),
			'[[:space:]"]*,[[:space:]"]*'))) AS x(role_name, why)
WHERE e.extname = 'menuca_migrate';

COMMENT ON VIEW @extschema@.menuca_exposure IS
'Why visitors reach the schema of the extension, or others may create objects in it; no row when neither is so. Without rights on its objects visitors can do nothing there, but one grant too many would be enough; a function that somebody creates there could be called in place of the extension''s. Use a schema of its own, such as ops.';
COMMENT ON COLUMN @extschema@.menuca_exposure.schema_name IS
'The schema of the extension.';
COMMENT ON COLUMN @extschema@.menuca_exposure.role_name IS
'The role that reaches it, quoted if necessary; PUBLIC for everybody.';
COMMENT ON COLUMN @extschema@.menuca_exposure.why IS
'How.';

CREATE FUNCTION @extschema@.menuca_grant_statements(
	role text,
	purpose text,
	target_schema text,
	staging_schema text,
	member_roles text[])
RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH given AS (
		SELECT r.purpose, r.kind, r.name, r.privileges
		FROM @extschema@.menuca_right r
		WHERE r.purpose IN (menuca_grant_statements.purpose, 'read')
			OR (menuca_grant_statements.purpose = 'runbook' AND r.purpose <> 'public')),
	-- Those of the tables that exist
	target AS (
		SELECT c.oid, g.purpose, g.kind, g.privileges, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
		FROM given g
		JOIN pg_catalog.pg_class c ON c.relname = g.name AND c.relkind IN ('r', 'p')
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE g.kind IN ('target', 'sequence') AND n.nspname = menuca_grant_statements.target_schema),
	-- What each object gets, before equal rights are put together
	rights(place, privileges, object, word) AS (
		SELECT DISTINCT 3, g.privileges, m.identity, ''
		FROM given g
		JOIN @extschema@.menuca_member m ON m.kind = 'TABLE' AND g.name IN ('*', m.name)
			-- nobody but the owner reads the secret
			AND m.name <> 'menuca_verdict_key'
		WHERE g.kind = 'relation'
		UNION ALL
		SELECT DISTINCT 4, g.privileges,
			CASE WHEN (SELECT pg_catalog.count(*) FROM @extschema@.menuca_member o
					   WHERE o.kind = 'ROUTINE' AND o.name = m.name) = 1
				THEN pg_catalog.split_part(m.identity, '(', 1) ELSE m.identity END, 'ROUTINE '
		FROM given g
		JOIN @extschema@.menuca_member m ON m.kind = 'ROUTINE' AND m.name = g.name
		WHERE g.kind = 'routine'
		UNION ALL
		SELECT DISTINCT 6, t.privileges, t.name, ''
		FROM target t
		WHERE t.kind = 'target'
		UNION ALL
		SELECT DISTINCT 6, g.privileges, pg_catalog.format('%I.%I', n.nspname, c.relname), ''
		FROM given g
		JOIN target t ON t.purpose = g.purpose AND t.kind = 'target'
		JOIN pg_catalog.pg_constraint f ON f.contype = 'f' AND t.oid IN (f.conrelid, f.confrelid)
		JOIN pg_catalog.pg_class c ON c.oid IN (f.conrelid, f.confrelid)
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE g.kind = 'neighbours'
			AND NOT EXISTS (SELECT FROM target o WHERE o.oid = c.oid AND o.kind = 'target' AND o.privileges = g.privileges)
		UNION ALL
		SELECT DISTINCT 7, t.privileges, s.sequence_name, 'SEQUENCE '
		FROM target t
		JOIN @extschema@.menuca_table_sequence s ON s.table_oid = t.oid
		WHERE t.kind = 'sequence' AND s.is_same_owner AND (t.privileges <> 'USAGE' OR NOT s.is_identity)),
	statements(place, statement) AS (
		-- Deployed policies call functions there, so access passes it on.
		SELECT 2, pg_catalog.format('GRANT USAGE ON SCHEMA %s TO %I%s;',
			pg_catalog.quote_ident(n.nspname), menuca_grant_statements.role,
			CASE WHEN menuca_grant_statements.purpose IN ('access', 'runbook') THEN ' WITH GRANT OPTION' ELSE '' END)
		FROM pg_catalog.pg_extension e
		JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
		WHERE e.extname = 'menuca_migrate'
		UNION ALL
		SELECT r.place, pg_catalog.format('GRANT %s ON %s%s TO %I;', r.privileges, r.word,
			pg_catalog.string_agg(r.object, ', ' ORDER BY r.object COLLATE "C"), menuca_grant_statements.role)
		FROM rights r
		GROUP BY r.place, r.word, r.privileges
		UNION ALL
		SELECT 5, pg_catalog.format('GRANT USAGE%s ON SCHEMA %I TO %I;',
			(SELECT ', ' || pg_catalog.min(g.privileges) FROM given g WHERE g.kind = 'schema'),
			n.nspname, menuca_grant_statements.role)
		FROM pg_catalog.pg_namespace n
		WHERE n.nspname = menuca_grant_statements.target_schema
		UNION ALL
		-- The loader makes its tables there.
		SELECT 1, pg_catalog.format('CREATE SCHEMA %I;', menuca_grant_statements.staging_schema)
		FROM given g
		WHERE g.kind = 'staging'
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = menuca_grant_statements.staging_schema)
		UNION ALL
		SELECT 8, pg_catalog.format('GRANT USAGE%s ON SCHEMA %I TO %I;',
			', ' || g.privileges, menuca_grant_statements.staging_schema, menuca_grant_statements.role)
		FROM (SELECT pg_catalog.min(g.privileges) AS privileges FROM given g WHERE g.kind = 'staging') g
		WHERE g.privileges IS NOT NULL
			OR EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = menuca_grant_statements.staging_schema)
		UNION ALL
		SELECT 9, pg_catalog.format('GRANT SELECT ON %s TO %I;',
			pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.relname), ', ' ORDER BY c.relname),
			menuca_grant_statements.role)
		FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = menuca_grant_statements.staging_schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
		HAVING pg_catalog.count(*) > 0
		UNION ALL
		SELECT 10, pg_catalog.format('GRANT %s ON DATABASE %I TO %I;', g.privileges,
			pg_catalog.current_database(), menuca_grant_statements.role)
		FROM given g
		WHERE g.kind = 'database'
		UNION ALL
		-- Nobody is made a member of a superuser, of a member of one, or of a role with rights on the server's files.
		SELECT 11, pg_catalog.format('GRANT %s TO %I;',
			pg_catalog.string_agg(pg_catalog.quote_ident(o.rolname), ', ' ORDER BY o.rolname),
			menuca_grant_statements.role)
		FROM pg_catalog.pg_roles o
		WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles p
				WHERE (p.rolsuper OR p.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
					AND pg_catalog.pg_has_role(o.oid, p.oid, 'MEMBER'))
			AND o.rolname::text <> menuca_grant_statements.role
			AND (EXISTS (SELECT FROM given g WHERE g.kind = 'role' AND g.name = o.rolname)
				OR EXISTS (SELECT FROM given g
						   WHERE g.kind = 'role' AND o.rolname::text = menuca_grant_statements.member_roles[
							   pg_catalog.array_position(ARRAY['public_role', 'tenant_role', 'admin_role'], g.name)]))
		HAVING pg_catalog.count(*) > 0)
	SELECT s.statement
	FROM statements s
	ORDER BY s.place, s.statement COLLATE "C";
END;

COMMENT ON FUNCTION @extschema@.menuca_grant_statements(text, text, text, text, text[]) IS
'What menuca_grants() returns, for the target schema, the schema of the staged tables and the configured roles that it passes.';

CREATE FUNCTION @extschema@.menuca_grants(
	role text,
	purpose text DEFAULT 'read',
	OUT statement text)
RETURNS SETOF text
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION @extschema@.menuca_grants(text, text) IS
'The statements that give a role the rights for a purpose in this database: read, migrate (load, fix, roll back), backup (register backups, snapshots), indexes, access (both for the owner of the tables), sign_off, or runbook (all tickets). They are not executed: in psql, end the call with \gexec instead of a semicolon. Read only.';

-- Nobody but the owner has a right, whatever the default privileges are, but
-- for what the list gives everybody.  The schema is warned of when visitors
-- reach it.
DO LANGUAGE plpgsql $rights$
DECLARE
	statement text;
	reasons text;
BEGIN
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	FOR statement IN
		SELECT DISTINCT format('REVOKE ALL ON %s %s FROM %s CASCADE', m.kind, m.identity,
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
		FROM @extschema@.menuca_member m, aclexplode(m.acl) a
		WHERE a.grantee <> m.owner
		UNION ALL
		SELECT format('GRANT %s ON %s %s TO PUBLIC', r.privileges, m.kind, m.identity)
		FROM @extschema@.menuca_right r
		JOIN @extschema@.menuca_member m ON m.name = r.name
			AND m.kind = CASE r.kind WHEN 'routine' THEN 'ROUTINE' ELSE 'TABLE' END
		WHERE r.purpose = 'public'
		ORDER BY 1 DESC
	LOOP
		EXECUTE statement;
	END LOOP;

	SELECT string_agg(x.why, '; ') INTO reasons FROM @extschema@.menuca_exposure x
	WHERE x.why LIKE 'role % may create objects in it';
	IF reasons IS NOT NULL THEN
		RAISE WARNING 'others may create objects in the schema that extension menuca_migrate was created in'
			USING DETAIL = format('Schema %s: %s. A function that they create there could be called in place of the extension''s, with the rights of whoever calls it.', '@extschema@', reasons),
				HINT = 'SELECT * FROM @extschema@.menuca_exposure; REVOKE CREATE ON that schema from these roles; where one owns it: ALTER SCHEMA @extschema@ OWNER TO CURRENT_USER;';
	END IF;
	SELECT string_agg(x.why, '; ') INTO reasons FROM @extschema@.menuca_exposure x
	WHERE x.why NOT LIKE 'role % may create objects in it';
	IF reasons IS NOT NULL THEN
		RAISE WARNING 'visitors reach the schema that extension menuca_migrate was created in'
			USING DETAIL = format('Schema %s: %s. They have no right on anything in it, until one grant too many.', '@extschema@', reasons),
				HINT = 'DROP EXTENSION menuca_migrate; CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops;';
	END IF;
END
$rights$;
