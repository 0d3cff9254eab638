--
-- Access as SQL files: the checks before and after, one SELECT each, which change nothing.
--

CREATE FUNCTION menuca_hosted_access_check_template()
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
problems(check_no, status, problem) AS (
	SELECT 3, 'FAIL', pg_catalog.format('role "%s" does not exist', r.name)
	FROM wanted, pg_catalog.jsonb_array_elements_text(w -> 'roles') r(name) WHERE pg_catalog.to_regrole(pg_catalog.quote_ident(r.name)) IS NULL
	UNION ALL
	SELECT 3, 'FAIL', pg_catalog.format('role "%s" is a superuser or bypasses row security', r.rolname)
	FROM wanted JOIN pg_catalog.pg_roles r ON w -> 'visitors' ? r.rolname::text AND (r.rolsuper OR r.rolbypassrls)
	UNION ALL
	SELECT 3, 'WARN', pg_catalog.format('role "%s" is not a member of "%s", so 04_matrix cannot become it', current_user, r.rolname)
	FROM wanted JOIN pg_catalog.pg_roles r ON w -> 'roles' ? r.rolname::text AND NOT pg_catalog.pg_has_role(r.oid, 'MEMBER')
	UNION ALL
	SELECT 4, 'FAIL', pg_catalog.format('table %s does not exist', table_name) FROM tables WHERE relation IS NULL
	UNION ALL
	SELECT 5, 'FAIL', CASE WHEN a.attnum IS NULL THEN pg_catalog.format('column %s.%s does not exist', t.table_name, pg_catalog.quote_ident(c.key))
		ELSE pg_catalog.format('column %s.%s is of type %s, not %s', t.table_name, pg_catalog.quote_ident(c.key), pg_catalog.format_type(a.atttypid, a.atttypmod), c.value) END
	FROM tables t CROSS JOIN pg_catalog.jsonb_each_text(t.t -> 'columns') c
	LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.relation AND a.attname = c.key AND a.attnum > 0 AND NOT a.attisdropped
	WHERE t.relation IS NOT NULL AND (a.attnum IS NULL
		OR pg_catalog.regexp_replace(pg_catalog.format_type(a.atttypid, a.atttypmod), '^.*\.', '') <> pg_catalog.regexp_replace(c.value, '^.*\.', ''))
	UNION ALL
	SELECT 5, 'WARN', pg_catalog.format('column %s.%s is not on the copy', t.table_name, pg_catalog.quote_ident(a.attname))
	FROM tables t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.relation AND a.attnum > 0 AND NOT a.attisdropped
	WHERE NOT t.t -> 'columns' ? a.attname::text
	UNION ALL
	SELECT 6, 'FAIL', pg_catalog.format('table %s belongs to role "%s"', t.table_name, pg_catalog.pg_get_userbyid(c.relowner))
	FROM tables t JOIN pg_catalog.pg_class c ON c.oid = t.relation WHERE NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
	UNION ALL
	SELECT 7, 'FAIL', pg_catalog.format('policy "%s" on %s is not on the copy: %s', p.name, p.table_name, p.definition)
	FROM policies p WHERE NOT p.t -> 'kept' ? p.name
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
			(8, 'row_security', 'row security as on the copy before the deployment', NULL),
			(9, 'schema', 'schema menuca_access can be used', 'Ask its owner, or a role that may create schemas.')) c(check_no, name, expected, next_step)
){{receipt}}$template$;

COMMENT ON FUNCTION menuca_hosted_access_check_template() IS
'The check before, 00_check of menuca_export_access(): one SELECT, which begins after WITH. Placeholders: wanted, a JSON literal; policy_definition and own_policy; database_findings, rows 1 and 2; receipt, the last row and the SELECT.';

CREATE FUNCTION menuca_hosted_access_after_template()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $template$wanted AS MATERIALIZED (
	SELECT {{wanted}}::pg_catalog.jsonb AS w),
tables AS MATERIALIZED (
	SELECT t.value AS t, t.value ->> 'table' AS table_name, pg_catalog.to_regclass(t.value ->> 'table') AS relation
	FROM wanted, pg_catalog.jsonb_array_elements(w -> 'tables') t),
changed(hashes) AS MATERIALIZED (
	SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass('menuca_access.deployment')
				AND c.relkind = 'r' AND pg_catalog.pg_get_userbyid(c.relowner) = current_user)
			AND EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.oid = pg_catalog.to_regprocedure('menuca_access.state_of(regclass)')
				AND pg_catalog.pg_get_userbyid(p.proowner) = current_user)
		THEN pg_catalog.query_to_xml('SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(object, ''UTF8'')), ''hex'') FROM menuca_access.deployment'
									 ' WHERE object NOT LIKE ''schema %'' AND after IS DISTINCT FROM menuca_access.state_of(pg_catalog.to_regclass(object))',
									 true, true, '')::text
		ELSE '' END),
policies AS MATERIALIZED (
	SELECT p.polrelid, p.polname::text AS name, {{policy_definition}} AS definition
	FROM tables t JOIN pg_catalog.pg_policy p ON p.polrelid = t.relation),
grants AS MATERIALIZED (
	SELECT c.oid AS relation, NULL::name AS column_name, a.grantee, a.privilege_type
	FROM tables t JOIN pg_catalog.pg_class c ON c.oid = t.relation, pg_catalog.aclexplode(c.relacl) a
	UNION ALL
	SELECT c.attrelid, c.attname, a.grantee, a.privilege_type
	FROM tables t JOIN pg_catalog.pg_attribute c ON c.attrelid = t.relation AND NOT c.attisdropped, pg_catalog.aclexplode(c.attacl) a),
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
	FROM changed c, tables t
	WHERE pg_catalog.strpos(c.hashes, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(t.table_name, 'UTF8')), 'hex')) > 0
	UNION ALL
	SELECT 4, 'FAIL', pg_catalog.format('row security of %s is off', t.table_name)
	FROM tables t JOIN pg_catalog.pg_class c ON c.oid = t.relation
	WHERE NOT c.relrowsecurity AND c.relkind <> 'f'
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
				WHERE (pg_catalog.parse_ident(n.name))[1] = x.column_name)),
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
			(6, 'excess', 'visitors have no more', 'Run the 02 files of these tables, or revoke it as who granted it.')) c(check_no, name, expected, next_step)
){{receipt}}$template$;

COMMENT ON FUNCTION menuca_hosted_access_after_template() IS
'The check afterwards, 03_check of menuca_export_access(): one SELECT, which begins after WITH. Placeholders as in menuca_hosted_access_check_template().';
