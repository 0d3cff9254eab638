-- The copies of a snapshot are tables of the role that took it, which may alter
-- them.  Whoever restores the snapshot runs none of that role's code.
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set VERBOSITY terse
SET client_min_messages = error;
\i :schema
SET client_min_messages = error;
CREATE ROLE regress_menuca_copier;
SELECT statement FROM menuca_grants('regress_menuca_copier', 'migrate') UNION ALL
SELECT statement FROM menuca_grants('regress_menuca_copier', 'backup') \gexec
SELECT pg_catalog.format('GRANT CREATE ON DATABASE %I TO regress_menuca_copier', current_database()) \gexec
CREATE TABLE menuca_v3.small (id int PRIMARY KEY, a text, b int, c varchar(9));
GRANT ALL ON menuca_v3.small TO regress_menuca_copier;
CREATE SCHEMA regress_code AUTHORIZATION regress_menuca_copier;
SET client_min_messages = warning;

-- Code that would give its owner everything, as casts, operators and functions
SET ROLE regress_menuca_copier;
CREATE FUNCTION regress_code.take() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('is_superuser') = 'on' THEN
		ALTER ROLE regress_menuca_copier SUPERUSER;
	END IF;
	RAISE WARNING 'code ran as %', current_user;
END $$;
CREATE TYPE regress_code.word AS ENUM ('x', 'y');
CREATE TYPE regress_code.number AS ENUM ('1', '2');
CREATE FUNCTION regress_code.text_of(regress_code.word) RETURNS text LANGUAGE plpgsql AS $$
BEGIN PERFORM regress_code.take(); RETURN pg_catalog.enum_out($1)::text; END $$;
CREATE FUNCTION regress_code.int_of(regress_code.number) RETURNS int LANGUAGE plpgsql AS $$
BEGIN PERFORM regress_code.take(); RETURN pg_catalog.enum_out($1)::text::int; END $$;
CREATE CAST (regress_code.word AS text) WITH FUNCTION regress_code.text_of(regress_code.word) AS IMPLICIT;
CREATE CAST (regress_code.number AS int) WITH FUNCTION regress_code.int_of(regress_code.number) AS IMPLICIT;
CREATE FUNCTION regress_code.always(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN PERFORM regress_code.take(); RETURN $1; END $$;
CREATE DOMAIN regress_code.checked AS text CHECK (regress_code.always(1) = 1);
RESET ROLE;

-- Restores a snapshot whose copy was altered by its owner, as a superuser: what
-- is said, and how many rows there are then
CREATE PROCEDURE public.attempt(what text, statements text) LANGUAGE plpgsql AS $$
DECLARE
	copies text;
	reasons text;
	rows bigint;
BEGIN
	TRUNCATE menuca_v3.small;
	INSERT INTO menuca_v3.small VALUES (1, 'x', 1, 'x'), (2, 'y', 2, 'y');
	SET LOCAL ROLE regress_menuca_copier;
	PERFORM menuca_snapshot('altered', '{small}');
	SELECT schema_name INTO copies FROM menuca_snapshots WHERE label = 'altered';
	BEGIN
		EXECUTE format('SET LOCAL search_path = %I, public', copies);
		EXECUTE statements;
		SET LOCAL search_path = public;
	EXCEPTION WHEN OTHERS THEN
		RAISE INFO '%: the copy cannot be altered: %', what, SQLERRM;
	END;
	DELETE FROM menuca_v3.small;
	RESET ROLE;
	BEGIN
		SELECT array_to_string(r.reasons, '; ') INTO reasons FROM menuca_restore_snapshot('altered') r;
		RAISE INFO '%: dry run: %', what, replace(reasons, copies, 'copies');
	EXCEPTION WHEN OTHERS THEN
		RAISE INFO '%: dry run: %', what, replace(SQLERRM, copies, 'copies');
	END;
	BEGIN
		PERFORM menuca_restore_snapshot('altered', dry_run => false, force => true);
		RAISE INFO '%: restored', what;
	EXCEPTION WHEN OTHERS THEN
		RAISE INFO '%: %', what, replace(SQLERRM, copies, 'copies');
	END;
	SELECT count(*) INTO rows FROM menuca_v3.small;
	RAISE INFO '%: % rows; a superuser: %', what, rows, (SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_menuca_copier');
	DELETE FROM menuca_snapshot_table t USING menuca_snapshot_list l WHERE l.label = 'altered' AND t.snapshot_no = l.snapshot_no;
	DELETE FROM menuca_snapshot_list WHERE label = 'altered';
	EXECUTE format('DROP SCHEMA %I CASCADE', copies);
END $$;

SET client_min_messages = error;
CALL public.attempt('nothing', 'SELECT 1');
CALL public.attempt('a cast', 'ALTER TABLE small ALTER a TYPE regress_code.word USING a::regress_code.word');
CALL public.attempt('a cast of the key', 'ALTER TABLE small ALTER id TYPE regress_code.number USING id::text::regress_code.number');
CALL public.attempt('a cast of one of two columns', 'ALTER TABLE small ALTER b TYPE regress_code.number USING b::text::regress_code.number');
CALL public.attempt('another length', 'ALTER TABLE small ALTER c TYPE varchar(8)');
CALL public.attempt('another collation', 'ALTER TABLE small ALTER a TYPE text COLLATE "POSIX"');
CALL public.attempt('a domain', 'ALTER TABLE small ALTER a TYPE regress_code.checked');
CALL public.attempt('other names', 'ALTER TABLE small RENAME a TO d; ALTER TABLE small RENAME c TO a; ALTER TABLE small RENAME d TO c');
CALL public.attempt('a generated column', 'ALTER TABLE small DROP b; ALTER TABLE small ADD b int GENERATED ALWAYS AS (id) STORED; ALTER TABLE small ADD d text; ALTER TABLE small DROP c; ALTER TABLE small RENAME d TO c; UPDATE small SET c = a');
CALL public.attempt('an index', 'CREATE INDEX ON small (regress_code.always(id))');
CALL public.attempt('a check', 'ALTER TABLE small ADD CHECK (regress_code.always(id) > 0)');
CALL public.attempt('a policy', 'ALTER TABLE small ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON small USING (regress_code.always(id) > 0)');
CALL public.attempt('statistics', 'CREATE STATISTICS s ON (regress_code.always(id)) FROM small');
CALL public.attempt('a view', 'ALTER TABLE small RENAME TO hidden; CREATE VIEW small AS SELECT regress_code.always(id) AS id, a, b, c FROM hidden');
CALL public.attempt('a materialized view', 'ALTER TABLE small RENAME TO hidden; CREATE MATERIALIZED VIEW small AS SELECT id, a, b, c FROM hidden');
CALL public.attempt('partitions', 'ALTER TABLE small RENAME TO hidden; CREATE TABLE small (LIKE hidden) PARTITION BY LIST (regress_code.always(id)); ALTER TABLE small ATTACH PARTITION hidden DEFAULT');
CALL public.attempt('a table that inherits', 'CREATE TABLE child () INHERITS (small)');
CALL public.attempt('none', 'DROP TABLE small');
-- What a checksum tells
CALL public.attempt('other rows', 'UPDATE small SET a = a');
CALL public.attempt('other values', $$UPDATE small SET a = 'z' WHERE id = 1$$);

\set ECHO none
DROP PROCEDURE public.attempt;
DROP SCHEMA regress_code CASCADE;
\i :drop
DROP OWNED BY regress_menuca_copier;
DROP ROLE regress_menuca_copier;
