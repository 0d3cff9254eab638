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

COMMENT ON FUNCTION menuca_hosted_access_check_template() IS
'The check before, 00_check of menuca_export_access(): one SELECT, which begins after WITH. Placeholders: wanted, a JSON literal; policy_definition and own_policy; column_problems, rows of problems; database_findings, rows 1 and 2; receipt, the last row and the SELECT.';

CREATE FUNCTION menuca_hosted_access_after_template()
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

COMMENT ON FUNCTION menuca_hosted_access_after_template() IS
'The check afterwards, 03_check of menuca_export_access(): one SELECT, which begins after WITH. Placeholders as in menuca_hosted_access_check_template(); schema_state, an expression; opening_problems, rows of problems.';

CREATE FUNCTION menuca_hosted_schema_state()
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

COMMENT ON FUNCTION menuca_hosted_schema_state() IS
'An SQL expression in files of menuca_export_access(): the functions and relations of schema menuca_access, and the schema itself, as an object with a checksum of each one''s definition, owner and privileges. Without placeholders.';

CREATE FUNCTION menuca_hosted_openings_template()
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

COMMENT ON FUNCTION menuca_hosted_openings_template() IS
'Rows of problems in the file 03_check of menuca_export_access(): what roles of visitors are or may do so that policies do not bind them. A SELECT from the table expressions of menuca_hosted_access_after_template(). Without placeholders.';

CREATE FUNCTION menuca_hosted_column_problems()
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

COMMENT ON FUNCTION menuca_hosted_column_problems() IS
'Rows of problems in the files 00_check and 03_check of menuca_export_access(): columns that are not as on the copy. A SELECT from the table expression tables. Placeholders: check_no, a number.';
