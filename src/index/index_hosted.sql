--
-- Indexes as SQL files, for a database where no extension can be loaded
--

CREATE FUNCTION menuca_export_indexes(
	style text DEFAULT 'psql',
	OUT file_no integer,
	OUT file_name text,
	OUT purpose text,
	OUT sql text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_export_indexes(text) IS
'The wanted indexes that this copy lacks, or lacked before menuca_deploy_indexes(), as SQL files for the database that it was made of: a check; a file that drops what a failed build left, and one that creates the index concurrently, for each; a check afterwards; and files that drop them again. Each CREATE INDEX and DROP INDEX is a file of one statement, since clients wrap files into transactions. style: psql, supabase (migrations of one statement) or statements. Read only.';

REVOKE ALL ON FUNCTION menuca_export_indexes(text) FROM PUBLIC;

CREATE FUNCTION menuca_hosted_index_check_template()
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

COMMENT ON FUNCTION menuca_hosted_index_check_template() IS
'The checks 00_check and 03_verify of menuca_export_indexes(): one SELECT, which begins after WITH. Placeholders: wanted, a JSON literal; is_before, true or false; database_findings, rows 1 and 2; receipt, the last row and the SELECT.';

CREATE FUNCTION menuca_hosted_index_leftover_template()
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

COMMENT ON FUNCTION menuca_hosted_index_leftover_template() IS
'The statements of a file 01 of menuca_export_indexes(), in PL/pgSQL. Placeholders: guard; index and table, literals.';

CREATE FUNCTION menuca_hosted_index_drop_template()
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

COMMENT ON FUNCTION menuca_hosted_index_drop_template() IS
'The statements before DROP INDEX in a file 04 of menuca_export_indexes() for psql, in PL/pgSQL: an error on another database, or when the index of that name has another definition. Placeholders: guard; index and definition, literals.';
