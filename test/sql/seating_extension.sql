-- Two extensions of one library: each is installed, and dropped, without the other
SET client_min_messages = error;
CREATE SCHEMA regress_both;
CREATE EXTENSION menuca_migrate SCHEMA regress_both;
CREATE EXTENSION menuca_seating SCHEMA regress_both;
-- No name is used twice
SELECT count(*) > 200 AS many, count(*) - count(DISTINCT (kind, name)) AS doubles
FROM (SELECT 'relation' AS kind, c.relname::text AS name FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
	  UNION ALL
	  SELECT DISTINCT 'routine', p.proname::text || ' ' || d.refobjid FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	  WHERE d.refclassid = 'pg_extension'::regclass) n;
SELECT p.proname FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' GROUP BY 1 HAVING count(DISTINCT d.refobjid) > 1;
-- Nothing of one depends on the other
DROP EXTENSION menuca_migrate;
SELECT count(*) FROM regress_both.menuca_seating_settings;
CREATE EXTENSION menuca_migrate SCHEMA public;
DROP EXTENSION menuca_seating;
SELECT count(*) FROM public.menuca_runs;
CREATE EXTENSION menuca_seating SCHEMA regress_both;
-- Nobody may call what writes until it is granted
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'menuca_seating', aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0;
-- Every object says what it is
SELECT c.oid::regclass FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'menuca_seating'
WHERE c.relkind IN ('r', 'v') AND (obj_description(c.oid) IS NULL OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL));
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'menuca_seating'
WHERE obj_description(p.oid) IS NULL;
-- What people and the planner have stored is dumped with the data
SELECT c.relname FROM pg_extension e, unnest(e.extconfig) t JOIN pg_class c ON c.oid = t WHERE e.extname = 'menuca_seating' ORDER BY 1;
DROP EXTENSION menuca_seating;
DROP EXTENSION menuca_migrate;
DROP SCHEMA regress_both;
