-- What the extension offers, and that all of it is described
CREATE EXTENSION menuca_migrate;

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

-- Members without a comment; a table's row type needs none of its own
SELECT pg_catalog.pg_describe_object(d.classid, d.objid, 0) AS undescribed
FROM pg_catalog.pg_depend d
LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid
LEFT JOIN pg_catalog.pg_type t ON d.classid = 'pg_catalog.pg_type'::regclass AND t.oid = d.objid
LEFT JOIN pg_catalog.pg_class tc ON tc.oid = t.typrelid
WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass
	AND d.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'menuca_migrate')
	AND d.deptype = 'e'
	AND (d.classid = 'pg_catalog.pg_proc'::regclass
		OR c.relkind IN ('r', 'v', 'm')
		OR tc.relkind = 'c' OR t.oid IS NOT NULL AND t.typrelid = 0 AND t.typelem = 0)
	AND pg_catalog.obj_description(d.objid, d.classid::regclass::name) IS NULL
ORDER BY 1;

DROP EXTENSION menuca_migrate;
