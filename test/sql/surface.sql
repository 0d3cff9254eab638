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

-- Who may execute a function without a grant: everybody may call what only
-- reads, with their own rights on tables (and the trigger function, which cannot
-- be called).  Shown are the functions that differ from this list or are not in
-- it.
CREATE TEMP TABLE executable (name text, by_everybody boolean);
INSERT INTO executable
SELECT unnest('{menuca_access_plan, menuca_check_backup, menuca_check_indexes, menuca_claim_bigint, menuca_claim_uuid, menuca_column_differences,
	menuca_execution_log, menuca_explain_unmapped, menuca_export_verdict, menuca_index_plan, menuca_lock_keys, menuca_measure_queries,
	menuca_monitor_figures, menuca_monitor_report, menuca_orphan_rate, menuca_orphans, menuca_php_unserialize, menuca_plan_backfill,
	menuca_plan_combos, menuca_plan_group_dishes, menuca_plan_v2_groups, menuca_rollback_guide, menuca_sample_combos,
	menuca_status, menuca_table_checksum, menuca_validate, menuca_verdict_checksum, menuca_wanted_access_edited}'::text[]), true
UNION ALL
SELECT unnest('{menuca_accept, menuca_access_overhead, menuca_backfill_dishes, menuca_begin_indexes, menuca_check_access,
	menuca_create_dish_combo_groups, menuca_deploy_access, menuca_deploy_indexes, menuca_drop_snapshot,
	menuca_environment, menuca_fix_combos, menuca_fix_combos_batched, menuca_fix_group_dishes, menuca_fix_v2_groups,
	menuca_import_verdict, menuca_load_dump, menuca_load_dump_file, menuca_load_dump_lo, menuca_monitor_sample,
	menuca_note_indexes, menuca_protect_wanted_index, menuca_record_queries, menuca_register_backup, menuca_restore_snapshot,
	menuca_resume, menuca_rollback, menuca_rollback_access, menuca_rollback_indexes, menuca_set_verdict_key, menuca_sign_off, menuca_snapshot,
	menuca_table_counts, menuca_test_access, menuca_ticket}'::text[]), false;

-- other_grants: to roles other than everybody and the owner
SELECT COALESCE(f.oid::pg_catalog.regprocedure::text, e.name) AS function, e.by_everybody AS listed, f.by_everybody AS found,
	f.others AS other_grants
FROM executable e
FULL JOIN (
	SELECT p.oid, p.proname::text AS name, pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE') AS by_everybody,
		(SELECT pg_catalog.count(*) FROM pg_catalog.aclexplode(p.proacl) a WHERE a.grantee NOT IN (0, p.proowner)) AS others
	FROM pg_catalog.pg_depend d
	JOIN pg_catalog.pg_proc p ON p.oid = d.objid
	WHERE d.classid = 'pg_catalog.pg_proc'::regclass
		AND d.refclassid = 'pg_catalog.pg_extension'::regclass
		AND d.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'menuca_migrate')
		AND d.deptype = 'e') f USING (name)
WHERE e.by_everybody IS DISTINCT FROM f.by_everybody OR f.others > 0
ORDER BY 1;

-- What everybody may do with tables and views; a view that runs with its
-- reader's rights shows nothing that its tables do not
SELECT c.relname AS relation,
	CASE WHEN c.relkind = 'v' THEN
		CASE WHEN 'security_invoker=true' = ANY (c.reloptions) THEN 'reader' ELSE 'owner' END
	END AS runs_as,
	pg_catalog.string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type) AS by_everybody
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.objid,
	pg_catalog.aclexplode(c.relacl) a
WHERE d.classid = 'pg_catalog.pg_class'::regclass
	AND d.refclassid = 'pg_catalog.pg_extension'::regclass
	AND d.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'menuca_migrate')
	AND d.deptype = 'e'
	AND a.grantee <> c.relowner
GROUP BY c.relname, c.relkind, c.reloptions
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

DROP TABLE executable;
DROP EXTENSION menuca_migrate;
