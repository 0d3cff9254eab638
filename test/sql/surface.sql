-- What the extension offers, and that all of it is described
SET client_min_messages = error;		-- the schema public is warned of
CREATE EXTENSION menuca_migrate;
RESET client_min_messages;

-- Members, one per line of arguments, and who may call them without a grant
\pset format unaligned
\pset tuples_only on

SELECT pg_catalog.format(E'%s %s(\n    %s)%s\n  %s%s%s',
		CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
		p.proname,
		pg_catalog.replace(pg_catalog.pg_get_function_arguments(p.oid), ', ', E',\n    '),
		CASE WHEN p.prokind = 'f' THEN E'\n  returns ' || pg_catalog.pg_get_function_result(p.oid) END,
		CASE p.provolatile WHEN 's' THEN 'stable' WHEN 'i' THEN 'immutable' ELSE 'volatile' END,
		CASE WHEN p.proisstrict THEN ', strict' END,
		CASE WHEN pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE') THEN ', public' ELSE ', by grant' END)
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_proc p ON p.oid = d.objid
WHERE d.classid = 'pg_catalog.pg_proc'::regclass
	AND d.refclassid = 'pg_catalog.pg_extension'::regclass
	AND d.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'menuca_migrate')
	AND d.deptype = 'e'
ORDER BY p.proname COLLATE "C", pg_catalog.pg_get_function_arguments(p.oid) COLLATE "C";

-- Tables and views, types
SELECT pg_catalog.format('%s %s', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' ELSE 'type' END, c.relname)
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_type t ON t.typrelid = c.oid
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
	OR c.relkind = 'c' AND d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid
WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass
	AND d.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'menuca_migrate')
	AND d.deptype = 'e'
	AND c.relkind IN ('r', 'v', 'c')
ORDER BY c.relname COLLATE "C";

\pset tuples_only off

-- Rights of anybody but the owner, on any object of the extension: what the
-- list menuca_right has for everybody, and nothing else.  Shown is what differs.
SELECT COALESCE(f.object, l.object) AS object, f.grantee, f.privilege, l.object IS NOT NULL AS listed
FROM (SELECT m.kind || ' ' || m.identity AS object,
		CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::text END AS grantee,
		a.privilege_type AS privilege
	  FROM menuca_member m, pg_catalog.aclexplode(m.acl) a
	  WHERE a.grantee <> m.owner) f
FULL JOIN (SELECT m.kind || ' ' || m.identity AS object, 'PUBLIC' AS grantee, r.privileges AS privilege
		   FROM menuca_right r
		   JOIN menuca_member m ON m.kind = 'ROUTINE' AND m.name = r.name
		   WHERE r.purpose = 'public') l USING (object, grantee, privilege)
WHERE f.object IS NULL OR l.object IS NULL
ORDER BY 1, 2, 3;

-- The same of the catalogs themselves, without the view, which might miss an object
SELECT 'function' AS kind, p.oid::pg_catalog.regprocedure::text AS object, a.privilege_type
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'menuca_migrate',
	pg_catalog.aclexplode(COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
WHERE a.grantee <> p.proowner
UNION ALL
SELECT c.relkind::text, c.oid::pg_catalog.regclass::text, a.privilege_type
FROM pg_catalog.pg_class c,
	pg_catalog.aclexplode(c.relacl) a
WHERE c.relname LIKE 'menuca\_%' AND c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
UNION ALL
SELECT 'column', t.attrelid::pg_catalog.regclass || '.' || t.attname, a.privilege_type
FROM pg_catalog.pg_attribute t
JOIN pg_catalog.pg_class c ON c.oid = t.attrelid,
	pg_catalog.aclexplode(t.attacl) a
WHERE c.relname LIKE 'menuca\_%' AND c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'type', t.oid::pg_catalog.regtype::text, a.privilege_type
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind = 'c',
	pg_catalog.aclexplode(COALESCE(t.typacl, pg_catalog.acldefault('T', t.typowner))) a
WHERE t.typname LIKE 'menuca\_%' AND a.grantee <> t.typowner
ORDER BY 1, 2, 3;

-- Names in the list that nothing has
SELECT r.kind, r.name
FROM menuca_right r
WHERE r.kind IN ('routine', 'relation') AND r.name <> '*'
	AND NOT EXISTS (SELECT FROM menuca_member m
					WHERE m.name = r.name AND m.kind = CASE r.kind WHEN 'routine' THEN 'ROUTINE' ELSE 'TABLE' END)
ORDER BY 1, 2;

-- Rights that are listed twice
SELECT r.purpose, r.kind, r.name, count(*)
FROM menuca_right r
GROUP BY r.purpose, r.kind, r.name
HAVING count(*) > 1
ORDER BY 1, 2, 3;

-- Functions that no purpose has: a superuser's, or of triggers
SELECT m.name
FROM menuca_member m
WHERE m.kind = 'ROUTINE' AND NOT EXISTS (SELECT FROM menuca_right r WHERE r.kind = 'routine' AND r.name = m.name)
ORDER BY m.name COLLATE "C";

-- Each relation that people may write to is a list of what is wanted; the
-- ledgers are written by the extension alone
SELECT m.name, string_agg(DISTINCT r.privileges, ', ') AS may_be_granted
FROM menuca_member m
JOIN menuca_right r ON r.kind = 'relation' AND r.name = m.name
GROUP BY m.name
ORDER BY m.name COLLATE "C";

-- A view that runs with its reader's rights shows nothing that its tables do not
SELECT c.relname AS runs_as_owner
FROM pg_catalog.pg_class c
JOIN menuca_member m ON m.objid = c.oid AND m.kind = 'TABLE'
WHERE c.relkind = 'v' AND NOT COALESCE('security_invoker=true' = ANY (c.reloptions), false)
ORDER BY c.relname COLLATE "C";

-- Members without a comment.  A table's row type needs none of its own; a
-- trigger is no member itself, but its table is.
WITH members AS (
	SELECT d.classid, d.objid
	FROM pg_catalog.pg_depend d
	WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass
		AND d.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'menuca_migrate')
		AND d.deptype = 'e'),
relations AS (
	SELECT c.oid, c.relkind
	FROM members m
	LEFT JOIN pg_catalog.pg_type t ON m.classid = 'pg_catalog.pg_type'::regclass AND t.oid = m.objid
	JOIN pg_catalog.pg_class c ON c.oid = t.typrelid OR m.classid = 'pg_catalog.pg_class'::regclass AND c.oid = m.objid
	WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')),
described AS (
	SELECT 'pg_catalog.pg_proc'::regclass AS classid, objid, 0 AS objsubid
	FROM members WHERE classid = 'pg_catalog.pg_proc'::regclass
	UNION ALL
	SELECT 'pg_catalog.pg_type'::regclass, t.oid, 0
	FROM members m JOIN pg_catalog.pg_type t ON m.classid = 'pg_catalog.pg_type'::regclass AND t.oid = m.objid
	LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
	WHERE t.typrelid = 0 AND t.typelem = 0 OR c.relkind = 'c'
	UNION ALL
	SELECT 'pg_catalog.pg_class'::regclass, oid, 0
	FROM relations WHERE relkind <> 'c'
	UNION ALL
	SELECT 'pg_catalog.pg_class'::regclass, r.oid, a.attnum
	FROM relations r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
	UNION ALL
	SELECT 'pg_catalog.pg_trigger'::regclass, g.oid, 0
	FROM relations r JOIN pg_catalog.pg_trigger g ON g.tgrelid = r.oid AND NOT g.tgisinternal)
SELECT pg_catalog.pg_describe_object(x.classid, x.objid, x.objsubid) AS undescribed
FROM described x
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_description t
				  WHERE t.classoid = x.classid AND t.objoid = x.objid AND t.objsubid = x.objsubid AND t.description <> '')
ORDER BY pg_catalog.pg_describe_object(x.classid, x.objid, x.objsubid) COLLATE "C";

DROP EXTENSION menuca_migrate;
