-- Taking over what an earlier system has left
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/fixture/seating/schema.sql'
\set original :abs_srcdir '/fixture/seating/original.sql'
\set ECHO none
SET client_min_messages = error;
CREATE EXTENSION menuca_seating;
\o /dev/null
\i :schema
\i :original
\o
RESET client_min_messages;
SET TimeZone = 'UTC';
-- Ids as the names that they are made of
CREATE VIEW named AS SELECT n, md5(n) AS hash FROM unnest('{Napoli,Roma,Hall,Terrace,Cellar,N1,N2,N3,N4,N5,N6,N9,R1,R2,same,no window,lost,lost two,here,taken,late,"taken, no window",other window,waiting,cancelled,merged,in a group,in another group,never a window,cancelled with a dining table,first of two,second of two,next,over,after it,zone lock,zone lock in Roma,gone,gone as well,long ago,no hold,hold,hold with metadata,expired hold,no such hold,no restaurant,chair 1,group 1,group 2,group 3,group 4,no group}'::text[]) n
UNION ALL SELECT format('allocation %s%s%s', b, r, s), md5(b || r || s) FROM unnest('{allocation ,allocation gone as well,allocation cancelled,allocation long ago,allocation same,allocation first of two,allocation lost}'::text[]) b, unnest('{tableN1,tableN4,tableN5,tableR1,holdhold,holdexpired hold,holdno hold,chairchair 1}'::text[]) r, unnest('{true,false}'::text[]) s;
CREATE FUNCTION plain(text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	text text := $1;
	name record;
BEGIN
	FOR name IN SELECT * FROM named LOOP
		text := replace(text, name.hash::uuid::text, '<' || name.n || '>');
	END LOOP;
	RETURN replace(replace(text, ':00:00 UTC', 'h'), '2031-05-02 ', '');
END $$;
CREATE FUNCTION row_text(item_no int, kind text, object text, restaurant_id uuid, action text, status text, detail text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' | ', kind, plain(object), COALESCE(plain(restaurant_id::text), '-'), action, status, plain(detail)) $$;
-- All rows of all tables, but for the ledger of changes
CREATE FUNCTION everything() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hash text;
	hashes text := '';
	t regclass;
BEGIN
	FOR t IN SELECT c.oid FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('menuca_seating_change') ORDER BY c.relname LOOP
		EXECUTE format('SELECT md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM %s t', t) INTO hash;
		hashes := hashes || t || ' ' || COALESCE(hash, '') || E'\n';
	END LOOP;
	RETURN hashes;
END $$;
SELECT everything() AS before \gset
\pset format unaligned
\pset tuples_only
\set ECHO all

-- What there is, in a transaction that can write nothing
BEGIN READ ONLY;
SELECT row_text(item_no, kind, object, restaurant_id, action, status, detail) FROM menuca_seating_import();
COMMIT;
SELECT everything() = :'before' AS nothing_was_written;
