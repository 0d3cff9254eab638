-- Ends a test of seating: the extension goes, with all that was made in public after it
SET client_min_messages = error;
RESET ROLE;
RESET menuca.seating_schema;
DO $$
DECLARE
	made text;
	since oid := (SELECT oid FROM pg_extension WHERE extname = 'menuca_seating');
BEGIN
	-- All names first: what goes with something else has none any more
	FOREACH made IN ARRAY ARRAY(SELECT format('DROP %s IF EXISTS public.%I CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.relname) AS statement
		FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.oid > since AND c.relkind IN ('r', 'v', 'S')
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'i', 'a'))
		UNION ALL
		SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
		FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.oid > since
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
	LOOP
		EXECUTE made;
	END LOOP;
	DROP TYPE IF EXISTS public.booking_status, public.table_status, public.table_mobility CASCADE;
END $$;
DROP EXTENSION menuca_seating CASCADE;
DROP EXTENSION IF EXISTS btree_gist CASCADE;
