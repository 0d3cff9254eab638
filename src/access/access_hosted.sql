--
-- Access as SQL files, for a database where no extension can be loaded
--

CREATE FUNCTION menuca_export_access(
	style text DEFAULT 'psql',
	OUT file_no integer,
	OUT file_name text,
	OUT purpose text,
	OUT sql text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_export_access(text) IS
'The access that menuca_deploy_access() has deployed on this copy, as SQL files for the database that it was made of, where no extension can be loaded: a check, the functions in a schema menuca_access, a file per table, a check and a matrix of what each role can do, and files that take it back. They run as the role that owns the tables. Before, the matrix of menuca_test_access() is tried here; what it refuses is not exported. style: psql, supabase (migrations of one statement) or statements. Everything that is tried is undone.';

REVOKE ALL ON FUNCTION menuca_export_access(text) FROM PUBLIC;

CREATE FUNCTION menuca_hosted_columns(relation regclass)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN (SELECT coalesce(jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)), '{}')
		FROM pg_attribute a
		WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped);

COMMENT ON FUNCTION menuca_hosted_columns(regclass) IS
'The columns of a table with their types, as an object, for the files of menuca_export_access(). Empty when there is no such table.';

CREATE FUNCTION menuca_hosted_schema_guard_template()
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

COMMENT ON FUNCTION menuca_hosted_schema_guard_template() IS
'A block of PL/pgSQL in the files of menuca_export_access() that raises an error (42501) when the schema menuca_access, or a relation or function in it, belongs to another role than the one that runs the file. Without placeholders.';

CREATE FUNCTION menuca_hosted_functions_template()
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

COMMENT ON FUNCTION menuca_hosted_functions_template() IS
'The statements of the file 01_functions of menuca_export_access(), in PL/pgSQL. Placeholders: guard; claims, deploy and matrix, other templates; views, statements; view_grants, what lets the roles read them; roles, names with commas; roles_array, an ARRAY; called, the functions that policies call; schema_literal, the target schema quoted, as a literal; schema_state, an expression; version, a literal.';

CREATE FUNCTION menuca_hosted_table_template()
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

COMMENT ON FUNCTION menuca_hosted_table_template() IS
'The statements of a file 02 of menuca_export_access(), in PL/pgSQL. Placeholders: guard; table, a literal; wanted, a JSON literal; changes, the statements that create policies and switch row security on.';

CREATE FUNCTION menuca_hosted_rollback_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template${{guard}}
	IF to_regprocedure('menuca_access.roll_back_table(text)') IS NULL THEN
		RAISE NOTICE '%: not deployed, or rolled back already; nothing was changed', {{table}};
	ELSE
		PERFORM menuca_access.roll_back_table({{table}});
	END IF;$template$;

COMMENT ON FUNCTION menuca_hosted_rollback_template() IS
'The statements of a file 05 of menuca_export_access(), in PL/pgSQL. Placeholders: guard; table, a literal.';

CREATE FUNCTION menuca_hosted_rollback_functions_template()
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

COMMENT ON FUNCTION menuca_hosted_rollback_functions_template() IS
'The statements of the file 06_rollback_functions of menuca_export_access(), in PL/pgSQL. Placeholders: guard; schema_literal, the target schema quoted, as a literal; views, the statements that drop them; functions, an ARRAY of names.';

CREATE FUNCTION menuca_hosted_access_matrix_template()
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

COMMENT ON FUNCTION menuca_hosted_access_matrix_template() IS
'The file 04_matrix of menuca_export_access(): one SELECT, which begins after WITH, and whose changes are undone. It tries nothing on another database, nor by functions of another role. Placeholders: wanted, a JSON literal; database_findings, rows 1 and 2; receipt, the last row and the SELECT.';

CREATE FUNCTION menuca_hosted_own_tenants_template()
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

COMMENT ON FUNCTION menuca_hosted_own_tenants_template() IS
'The view and the function in a set of SQL files that show a caller his own restaurants. Placeholders: query, type, name of the function.';

CREATE FUNCTION menuca_hosted_public_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$	CREATE OR REPLACE VIEW menuca_access.{{view}} ({{key}}) WITH (security_barrier = true) AS {{query}};$template$;

COMMENT ON FUNCTION menuca_hosted_public_template() IS
'The view in a set of SQL files by which policies ask whether everybody may read a row: it has the keys of these rows alone, and its condition is evaluated before those of whoever reads it. Placeholders: view, its quoted name; key, of its column; query.';

CREATE FUNCTION menuca_hosted_policy_definition()
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

COMMENT ON FUNCTION menuca_hosted_policy_definition() IS
'An SQL expression in files of menuca_export_access(): the definition of the policy p, a row of pg_policy, as menuca_policy.definition has it.';

CREATE FUNCTION menuca_hosted_own_policy()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN '^menuca_(admin|tenant|user|visitor)_(all|select|insert|update|delete)$'::text;

COMMENT ON FUNCTION menuca_hosted_own_policy() IS
'A pattern in files of menuca_export_access(): the names of policies that deployments of access create.';
