-- Nobody's code runs as somebody else: each kind of attack, with several
-- examples.  The last line of each shows that nobody became more than he was.
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set VERBOSITY terse
SET client_min_messages = warning;

--
-- Default privileges give nobody a right: for one schema, for all, by role name,
-- with grant option, for every kind of object
--
CREATE ROLE regress_menuca_visitor;
CREATE ROLE regress_menuca_other;
CREATE SCHEMA regress_ops;
ALTER DEFAULT PRIVILEGES IN SCHEMA regress_ops GRANT ALL ON TABLES TO regress_menuca_visitor;
ALTER DEFAULT PRIVILEGES IN SCHEMA regress_ops GRANT ALL ON SEQUENCES TO regress_menuca_visitor;
ALTER DEFAULT PRIVILEGES IN SCHEMA regress_ops GRANT ALL ON ROUTINES TO regress_menuca_visitor WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES IN SCHEMA regress_ops GRANT ALL ON TYPES TO regress_menuca_visitor;
ALTER DEFAULT PRIVILEGES GRANT SELECT, TRIGGER ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON ROUTINES TO regress_menuca_other;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_menuca_visitor;
CREATE EXTENSION menuca_migrate SCHEMA regress_ops;
SELECT m.kind, m.name, a.grantee = 0 AS everybody, a.privilege_type
FROM regress_ops.menuca_member m, aclexplode(m.acl) a
WHERE a.grantee <> m.owner
ORDER BY m.identity COLLATE "C";
SELECT count(*) AS objects, count(DISTINCT kind) AS kinds FROM regress_ops.menuca_member;
DROP EXTENSION menuca_migrate;

-- Where visitors reach the schema, they are warned of
\set VERBOSITY default
GRANT USAGE ON SCHEMA regress_ops TO PUBLIC;
CREATE EXTENSION menuca_migrate SCHEMA regress_ops;
DROP EXTENSION menuca_migrate;
REVOKE USAGE ON SCHEMA regress_ops FROM PUBLIC;
CREATE ROLE anon;
GRANT USAGE ON SCHEMA regress_ops TO anon;
ALTER ROLE regress_menuca_other SET pgrst.db_schemas = 'public, regress_ops';
CREATE EXTENSION menuca_migrate SCHEMA regress_ops;
DROP EXTENSION menuca_migrate;
DROP OWNED BY anon;
DROP ROLE anon;
ALTER DEFAULT PRIVILEGES REVOKE SELECT, TRIGGER ON TABLES FROM PUBLIC;
DROP OWNED BY regress_menuca_visitor, regress_menuca_other;
DROP SCHEMA regress_ops;

--
-- Trigger functions: whoever was granted them has them on no table of his own
--
\set ECHO none
\i :schema
\set ECHO all
CREATE FUNCTION pg_temp.try_trigger(function text, "table" text, "when" text, change text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER x %s ON %s FOR EACH %s EXECUTE FUNCTION %s()', "when", "table",
		CASE WHEN "when" LIKE '%STATEMENT%' THEN 'STATEMENT' ELSE 'ROW' END, function);
	EXECUTE change;
	RETURN 'nothing was raised';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
-- whoever may log in cannot even create the trigger
SET ROLE regress_menuca_visitor;
CREATE TEMP TABLE mine (standard text, name int, shipped bool, table_name int);
INSERT INTO mine VALUES ('a', 1, true, 2);
CREATE TRIGGER x BEFORE UPDATE ON mine FOR EACH ROW EXECUTE FUNCTION menuca_wanted_access_edited();
CREATE TRIGGER x BEFORE INSERT ON mine FOR EACH ROW EXECUTE FUNCTION menuca_protect_wanted_index();
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_wanted_access_edited, menuca_protect_wanted_index TO regress_menuca_visitor;
SET ROLE regress_menuca_visitor;
SELECT function, "when", pg_temp.try_trigger(function, 'mine', "when", change)
FROM unnest('{menuca_wanted_access_edited, menuca_protect_wanted_index}'::text[]) function,
	(VALUES ('BEFORE UPDATE', 'UPDATE mine SET name = 5'), ('BEFORE INSERT', 'INSERT INTO mine DEFAULT VALUES'),
		('BEFORE DELETE', 'DELETE FROM mine'), ('AFTER UPDATE', 'UPDATE mine SET name = 5')) c("when", change);
SELECT menuca_wanted_access_edited();
RESET ROLE;
-- on the extension's own table, for the wrong events
SELECT function, "when", pg_temp.try_trigger(function, "table", "when", change)
FROM (VALUES
	('menuca_wanted_access_edited', 'menuca_wanted_access', 'BEFORE DELETE', 'DELETE FROM menuca_wanted_access'),
	('menuca_wanted_access_edited', 'menuca_wanted_access', 'AFTER UPDATE', 'UPDATE menuca_wanted_access SET note = 1'),
	('menuca_wanted_access_edited', 'menuca_wanted_index', 'BEFORE UPDATE', 'UPDATE menuca_wanted_index SET section = 2'),
	('menuca_protect_wanted_index', 'menuca_wanted_index', 'BEFORE UPDATE', 'UPDATE menuca_wanted_index SET section = 2'),
	('menuca_protect_wanted_index', 'menuca_wanted_access', 'BEFORE INSERT', 'INSERT INTO menuca_wanted_access VALUES (1)')
) c(function, "table", "when", change);
-- with its columns altered
BEGIN;
ALTER TABLE menuca_wanted_access DROP COLUMN standard;
UPDATE menuca_wanted_access SET note = 'x';
ROLLBACK;
BEGIN;
ALTER TABLE menuca_wanted_access ALTER COLUMN standard DROP DEFAULT, ALTER COLUMN standard TYPE text;
UPDATE menuca_wanted_access SET note = 'x';
ROLLBACK;

\set ECHO none
\i :drop
DROP OWNED BY regress_menuca_visitor, regress_menuca_other;
DROP ROLE regress_menuca_visitor, regress_menuca_other;
