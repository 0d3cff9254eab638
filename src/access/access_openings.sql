--
-- Ways around the policies, one row each, by the views of access_exposed.sql
--

CREATE TABLE menuca_accepted_opening (
	kind text NOT NULL CHECK (kind IN ('view', 'materialized view', 'function', 'procedure', 'trigger', 'publication')),
	object text NOT NULL,
	role_name text,
	definition text NOT NULL,
	reason text NOT NULL CHECK (reason ~ '[[:alnum:]]'),
	accepted_by text NOT NULL DEFAULT session_user,
	accepted_at timestamptz NOT NULL DEFAULT now(),
	UNIQUE NULLS NOT DISTINCT (kind, object, role_name, definition)
);

COMMENT ON TABLE menuca_accepted_opening IS
'Ways around the policies that a person leaves open on purpose, such as a function that visitors need. Each is accepted as it is: as soon as it, or what it calls, is changed, the check fails again.';
COMMENT ON COLUMN menuca_accepted_opening.kind IS
'As in menuca_access_opening. What has no definition, such as a partition or a membership, can only be closed.';
COMMENT ON COLUMN menuca_accepted_opening.object IS
'As in menuca_access_opening.';
COMMENT ON COLUMN menuca_accepted_opening.role_name IS
'The visitor''s role that it is accepted for; NULL where it does not depend on one.';
COMMENT ON COLUMN menuca_accepted_opening.definition IS
'Its definition by menuca_access_openings() when it was accepted.';
COMMENT ON COLUMN menuca_accepted_opening.reason IS
'Why it stays open.';
COMMENT ON COLUMN menuca_accepted_opening.accepted_by IS
'Session user who accepted it.';
COMMENT ON COLUMN menuca_accepted_opening.accepted_at IS
'When it was accepted.';

SELECT pg_catalog.pg_extension_config_dump('menuca_accepted_opening', '');

CREATE VIEW menuca_policy_bypass WITH (security_invoker = true) AS
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

COMMENT ON VIEW menuca_policy_bypass IS
'What menuca_access_opening shows, without what people have accepted of it.';
COMMENT ON COLUMN menuca_policy_bypass.kind IS
'As in menuca_access_opening.';
COMMENT ON COLUMN menuca_policy_bypass.object IS
'As in menuca_access_opening.';
COMMENT ON COLUMN menuca_policy_bypass.role_name IS
'As in menuca_access_opening.';
COMMENT ON COLUMN menuca_policy_bypass.reads IS
'As in menuca_access_opening.';
COMMENT ON COLUMN menuca_policy_bypass.why IS
'As in menuca_access_opening.';
COMMENT ON COLUMN menuca_policy_bypass.next_step IS
'As in menuca_access_opening.';

CREATE VIEW menuca_opening_definition WITH (security_invoker = true) AS
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

COMMENT ON VIEW menuca_opening_definition IS
'What a way around the policies is at present, to tell whether it is still what was accepted. Only of what can be accepted.';
COMMENT ON COLUMN menuca_opening_definition.kind IS
'As in menuca_access_opening.';
COMMENT ON COLUMN menuca_opening_definition.object IS
'As in menuca_access_opening.';
COMMENT ON COLUMN menuca_opening_definition.definition IS
'MD5 of its definition, and of those of the functions and views that it uses, with their owners; of a publication, of its tables.';

CREATE VIEW menuca_access_opening WITH (security_invoker = true) AS
SELECT b.kind, b.object, b.role_name, b.reads, b.why, b.next_step, d.definition,
	(SELECT a.reason
	 FROM @extschema@.menuca_accepted_opening a
	 WHERE (a.kind, a.object, a.definition) = (b.kind, b.object, d.definition)
		AND a.role_name IS NOT DISTINCT FROM b.role_name) AS accepted
FROM @extschema@.menuca_policy_bypass b
LEFT JOIN @extschema@.menuca_opening_definition d ON d.kind = b.kind AND d.object = b.object;

COMMENT ON VIEW menuca_access_opening IS
'Ways around the policies: what lets a visitor''s role read or change rows of protected tables without asking their policies. No row when there is none.';
COMMENT ON COLUMN menuca_access_opening.kind IS
'view, materialized view, function, procedure, partition, inheritance child, inheritance parent, foreign table, grant option, default privilege, owner, schema, setting, membership, role attribute, privilege, publication, rule, trigger or claim.';
COMMENT ON COLUMN menuca_access_opening.object IS
'The object, qualified and quoted.';
COMMENT ON COLUMN menuca_access_opening.role_name IS
'The visitor''s role; NULL when it does not depend on one.';
COMMENT ON COLUMN menuca_access_opening.reads IS
'The protected tables that it reaches, as far as the catalog tells.';
COMMENT ON COLUMN menuca_access_opening.why IS
'How.';
COMMENT ON COLUMN menuca_access_opening.next_step IS
'A statement that closes it; read it before you execute it, since others may rely on the object.';
COMMENT ON COLUMN menuca_access_opening.definition IS
'MD5 of what it is at present, to accept it by, as menuca_access_openings() has it: here it depends on the search_path. NULL for what can only be closed.';
COMMENT ON COLUMN menuca_access_opening.accepted IS
'Why it stays open, by menuca_accepted_opening; NULL unless it was accepted as it is.';

CREATE FUNCTION menuca_access_openings(
	kinds text[] DEFAULT NULL)
RETURNS SETOF menuca_access_opening
LANGUAGE sql STABLE PARALLEL UNSAFE
SET jit = off
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
SELECT o.*
FROM @extschema@.menuca_access_opening o
WHERE kinds IS NULL OR o.kind = ANY (kinds)
ORDER BY o.kind, o.object, o.role_name;
END;

COMMENT ON FUNCTION menuca_access_openings(text[]) IS
'The rows of menuca_access_opening, of some kinds or of all: ways around the policies, each with a statement that closes it. Read only. To compile such a query takes the server a hundred times as long as to execute it, so that is switched off here. Definitions name everything with its schema, whatever the caller''s search_path.';
