--
-- Ways around the policies: whatever shows or changes rows of a protected table
-- without asking its policies.  These views run with the rights of whoever reads
-- them; the roles are those of the settings.
--

CREATE VIEW menuca_visitor WITH (security_invoker = true) AS
SELECT v.kind AS role_kind,
	r.oid AS role_oid,
	r.rolname::text AS role_name
FROM (VALUES
		('public', COALESCE(pg_catalog.current_setting('menuca.public_role', true), 'anon')),
		('tenant', COALESCE(pg_catalog.current_setting('menuca.tenant_role', true), 'authenticated'))) v(kind, name)
JOIN pg_catalog.pg_roles r ON r.rolname::text = v.name;

COMMENT ON VIEW menuca_visitor IS
'The roles of requests that policies have to bind, by the settings menuca.public_role and menuca.tenant_role; a role that does not exist is no row.';
COMMENT ON COLUMN menuca_visitor.role_kind IS
'public (without a login) or tenant (with one).';
COMMENT ON COLUMN menuca_visitor.role_oid IS
'OID of the role.';
COMMENT ON COLUMN menuca_visitor.role_name IS
'Name of the role.';

CREATE VIEW menuca_protected_table WITH (security_invoker = true) AS
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

COMMENT ON VIEW menuca_protected_table IS
'The tables whose rows policies protect: those of menuca.target_schema that are wanted in menuca_wanted_access or have row security, with their partitions and what inherits from them, in any schema.';
COMMENT ON COLUMN menuca_protected_table.table_oid IS
'OID of the table.';
COMMENT ON COLUMN menuca_protected_table.table_name IS
'Name of the table, qualified and quoted.';
COMMENT ON COLUMN menuca_protected_table.relation_kind IS
'pg_class.relkind: r, p, or f for a foreign table.';
COMMENT ON COLUMN menuca_protected_table.has_row_security IS
'True when row security is on for the table itself.';
COMMENT ON COLUMN menuca_protected_table.is_wanted IS
'True when menuca_wanted_access has the table itself, and wants it.';
COMMENT ON COLUMN menuca_protected_table.root_name IS
'For a partition or an heir that is protected for its parent''s sake: that table; otherwise NULL.';

CREATE VIEW menuca_owner_rights_view WITH (security_invoker = true) AS
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

COMMENT ON VIEW menuca_owner_rights_view IS
'The views and materialized views that read protected tables, themselves or through other views, and whether they do so with the rights of their owner, to whom policies may not apply.';
COMMENT ON COLUMN menuca_owner_rights_view.view_oid IS
'OID of the view.';
COMMENT ON COLUMN menuca_owner_rights_view.view_name IS
'Name of the view, qualified and quoted.';
COMMENT ON COLUMN menuca_owner_rights_view.short_name IS
'Name of the view alone.';
COMMENT ON COLUMN menuca_owner_rights_view.is_materialized IS
'True for a materialized view.';
COMMENT ON COLUMN menuca_owner_rights_view.has_owner_rights IS
'True unless the view is a security_invoker, which reads with the rights of whoever queries it.';
COMMENT ON COLUMN menuca_owner_rights_view.reads IS
'The protected tables that it reads.';
COMMENT ON COLUMN menuca_owner_rights_view.definition IS
'MD5 of its definition and options, and of those of the views that it reads, each with its owner and whether policies bind that one.';

CREATE VIEW menuca_definer_function WITH (security_invoker = true) AS
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

COMMENT ON VIEW menuca_definer_function IS
'The functions and procedures that run with the rights of their owner (SECURITY DEFINER), but those of extensions, and which protected tables they read or write, themselves or through other functions and views: as far as their source names them.';
COMMENT ON COLUMN menuca_definer_function.function_oid IS
'OID of the function.';
COMMENT ON COLUMN menuca_definer_function.function_name IS
'Its name with arguments, qualified and quoted.';
COMMENT ON COLUMN menuca_definer_function.function_kind IS
'FUNCTION or PROCEDURE.';
COMMENT ON COLUMN menuca_definer_function.schema_oid IS
'OID of its schema.';
COMMENT ON COLUMN menuca_definer_function.is_trigger IS
'True for a trigger function, which nobody can call, but which runs when somebody writes.';
COMMENT ON COLUMN menuca_definer_function.owner_oid IS
'OID of its owner.';
COMMENT ON COLUMN menuca_definer_function.reads IS
'The protected tables whose names are in its source, or in that of what it calls.';
COMMENT ON COLUMN menuca_definer_function.is_unknown IS
'True when it may read more than its source tells: it composes statements, or is written in another language than SQL and PL/pgSQL.';
COMMENT ON COLUMN menuca_definer_function.definition IS
'MD5 of its definition, and of those of the functions that it calls and the views that these read, each with its owner and whether policies bind that one.';

CREATE VIEW menuca_unbound_privilege WITH (security_invoker = true) AS
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

COMMENT ON VIEW menuca_unbound_privilege IS
'What a visitor''s role may do with each table that policies do not bind.';
COMMENT ON COLUMN menuca_unbound_privilege.table_oid IS
'OID of the table.';
COMMENT ON COLUMN menuca_unbound_privilege.role_oid IS
'OID of the role.';
COMMENT ON COLUMN menuca_unbound_privilege.command IS
'truncate, references, trigger, maintain, and those of newer servers; copy from; setval on a sequence that the table owns.';
COMMENT ON COLUMN menuca_unbound_privilege.is_granted IS
'True when the role may do it, by whatever grant.';
COMMENT ON COLUMN menuca_unbound_privilege.remedy IS
'Statement that takes it from the role and from everybody.';

CREATE VIEW menuca_trial_value WITH (security_invoker = true) AS
SELECT e.table_oid,
	COALESCE(pg_catalog.replace(m.match[1], '''''', ''''), m.match[2]) AS value
FROM (SELECT p.polrelid, pg_catalog.concat_ws(' ', pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
	  FROM pg_catalog.pg_policy p
	  UNION ALL
	  SELECT c.conrelid, pg_catalog.pg_get_constraintdef(c.oid)
	  FROM pg_catalog.pg_constraint c
	  WHERE c.contype = 'c' AND c.conrelid <> 0) e(table_oid, text)
CROSS JOIN LATERAL pg_catalog.regexp_matches(e.text, '''((?:[^'']|'''')*)''|\m(\d+)\M', 'g') m(match);

COMMENT ON VIEW menuca_trial_value IS
'The texts and numbers that policies and checks of each table name, to be tried as values of its columns.';
COMMENT ON COLUMN menuca_trial_value.table_oid IS
'OID of the table.';
COMMENT ON COLUMN menuca_trial_value.value IS
'The text, or the number.';

CREATE VIEW menuca_policy_column WITH (security_invoker = true) AS
SELECT DISTINCT p.polrelid AS table_oid,
	pg_catalog.quote_ident(a.attname) AS column_name
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass
	AND d.objid = p.oid
	AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
	AND d.refobjid = p.polrelid
	AND d.refobjsubid > 0
JOIN pg_catalog.pg_attribute a ON a.attrelid = p.polrelid AND a.attnum = d.refobjsubid;

COMMENT ON VIEW menuca_policy_column IS
'The columns that the policies of each table read.';
COMMENT ON COLUMN menuca_policy_column.table_oid IS
'OID of the table.';
COMMENT ON COLUMN menuca_policy_column.column_name IS
'Name of the column, quoted if necessary.';

CREATE VIEW menuca_policy_role WITH (security_invoker = true) AS
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

COMMENT ON VIEW menuca_policy_role IS
'To whom each policy applies, or would after SET ROLE: its roles and their members.';
COMMENT ON COLUMN menuca_policy_role.table_schema IS
'Schema of the table.';
COMMENT ON COLUMN menuca_policy_role.table_name IS
'Name of the table.';
COMMENT ON COLUMN menuca_policy_role.policy_name IS
'Name of the policy.';
COMMENT ON COLUMN menuca_policy_role.members IS
'Names of these roles.';
COMMENT ON COLUMN menuca_policy_role.applies_to_visitors IS
'True when a visitor''s role is among them.';
