-- Attacks by roles that may create objects somewhere: nobody's code runs as
-- somebody else.  promote() makes its owner a superuser if it is ever called by
-- one.
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE ROLE regress_menuca_evil;
CREATE SCHEMA regress_evil AUTHORIZATION regress_menuca_evil;
GRANT USAGE ON SCHEMA regress_evil TO PUBLIC;
SET ROLE regress_menuca_evil;
CREATE FUNCTION regress_evil.promote() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
		ALTER ROLE regress_menuca_evil SUPERUSER;
	END IF;
	RETURN true;
END $$;
RESET ROLE;
\set is_superuser 'SELECT rolsuper FROM pg_roles WHERE rolname = ''regress_menuca_evil'';'

--
-- The schema of the extension belongs to somebody else, who has operators in it
-- that fit better than the server's: the extension uses none of them
--
CREATE SCHEMA regress_ops AUTHORIZATION regress_menuca_evil;
SET ROLE regress_menuca_evil;
DO $$
DECLARE
	types text[] := '{oid, regclass, name, text, "\"char\"", smallint, integer, bigint, boolean, numeric, varchar, double precision, timestamptz, interval, jsonb, int2vector, "text[]", "name[]", "smallint[]", "oid[]", anyarray, anyelement, uuid}';
	l text;
	r text;
	operator text;
BEGIN
	FOREACH l IN ARRAY types LOOP
		FOREACH r IN ARRAY types LOOP
			FOREACH operator IN ARRAY '{=, <>, <, >, <=, >=, ||, +, -, *, /, ~, ->, ->>}'::text[] LOOP
				BEGIN
					EXECUTE format('CREATE FUNCTION regress_ops.hostile(%s, %s) RETURNS %s LANGUAGE plpgsql AS
						''BEGIN PERFORM regress_evil.promote(); RETURN NULL; END''', l, r,
						CASE WHEN operator IN ('+', '-', '*', '/') THEN l WHEN operator IN ('||', '->>') THEN 'text'
							WHEN operator = '->' THEN 'jsonb' ELSE 'boolean' END);
					EXECUTE format('CREATE OPERATOR regress_ops.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = regress_ops.hostile)', operator, l, r);
				EXCEPTION WHEN duplicate_function OR invalid_function_definition THEN
					NULL;
				END;
			END LOOP;
		END LOOP;
	END LOOP;
END $$;
CREATE OPERATOR regress_ops.* (LEFTARG = numeric, RIGHTARG = integer, FUNCTION = regress_ops.hostile);
RESET ROLE;
SELECT count(*) > 500 AS prepared FROM pg_operator WHERE oprnamespace = 'regress_ops'::regnamespace;
\set VERBOSITY default
CREATE EXTENSION menuca_migrate SCHEMA regress_ops;
\set VERBOSITY terse
SELECT pg_describe_object(d.classid, d.objid, 0) AS object, pg_describe_object(d.refclassid, d.refobjid, 0) AS of_others
FROM pg_depend d
WHERE d.refclassid IN ('pg_operator'::regclass, 'pg_proc'::regclass)
	AND d.classid NOT IN ('pg_operator'::regclass, 'pg_proc'::regclass)
	AND (d.refobjid IN (SELECT oid FROM pg_operator WHERE oprnamespace = 'regress_ops'::regnamespace)
		OR d.refobjid IN (SELECT oid FROM pg_proc WHERE proname = 'hostile'));
SELECT m.identity FROM regress_ops.menuca_member m WHERE m.identity NOT LIKE 'regress\_ops.%';
SELECT role_name, why FROM regress_ops.menuca_exposure;
SELECT count(*) FROM regress_ops.menuca_backups;
:is_superuser
DROP EXTENSION menuca_migrate;
DROP SCHEMA regress_ops CASCADE;

\set ECHO none
\i :schema
\set ECHO all
SET client_min_messages = warning;

--
-- A trigger on a ledger whose function is the server's, and whose condition or
-- arguments are somebody's
--
GRANT TRIGGER ON menuca_sample TO regress_menuca_evil;
SET ROLE regress_menuca_evil;
CREATE TRIGGER evil BEFORE INSERT ON menuca_sample FOR EACH ROW WHEN (regress_evil.promote())
	EXECUTE FUNCTION suppress_redundant_updates_trigger();
RESET ROLE;
SELECT count(*) FROM menuca_environment('staging', current_database()::text, (SELECT system_identifier FROM pg_control_system()));
SELECT menuca_monitor_sample();
DROP TRIGGER evil ON menuca_sample;
SET ROLE regress_menuca_evil;
CREATE TRIGGER evil BEFORE INSERT ON menuca_sample FOR EACH ROW
	WHEN (query_to_xml('ALTER ROLE regress_menuca_evil SUPERUSER', true, true, '') IS NULL)
	EXECUTE FUNCTION suppress_redundant_updates_trigger();
RESET ROLE;
SELECT menuca_monitor_sample();
DROP TRIGGER evil ON menuca_sample;
SET ROLE regress_menuca_evil;
CREATE TRIGGER evil AFTER INSERT ON menuca_sample FOR EACH ROW
	EXECUTE FUNCTION tsvector_update_trigger('a', 'pg_catalog.simple', 'b');
RESET ROLE;
SELECT menuca_monitor_sample();
DROP TRIGGER evil ON menuca_sample;
:is_superuser
-- One of the owner's, with a harmless condition
CREATE TRIGGER mine BEFORE UPDATE ON menuca_sample FOR EACH ROW WHEN (NEW.sample_id > 5 OR OLD.sample_id < 3)
	EXECUTE FUNCTION suppress_redundant_updates_trigger();
SELECT menuca_monitor_sample() > 0 AS sampled;
DROP TRIGGER mine ON menuca_sample;
REVOKE TRIGGER ON menuca_sample FROM regress_menuca_evil;

--
-- Whoever has taken a snapshot owns its copies, and gives a column another type
--
\set ECHO none
SELECT statement FROM menuca_grants('regress_menuca_evil', 'backup') \gexec
\set ECHO all
SET ROLE regress_menuca_evil;
SELECT count(*) FROM menuca_snapshot('mine', '{combo_items, combo_steps}');
CREATE TYPE regress_evil.system AS ENUM ('v1', 'v2');
CREATE FUNCTION regress_evil.as_varchar(regress_evil.system) RETURNS varchar LANGUAGE plpgsql AS $$
BEGIN
	PERFORM regress_evil.promote();
	RETURN format('%s', $1);
END $$;
CREATE CAST (regress_evil.system AS varchar) WITH FUNCTION regress_evil.as_varchar(regress_evil.system) AS ASSIGNMENT;
SELECT format('%I.combo_items', schema_name) AS copy FROM menuca_snapshots WHERE label = 'mine' \gset
ALTER TABLE :copy ALTER source_system TYPE regress_evil.system USING source_system::text::regress_evil.system;
DELETE FROM menuca_v3.combo_items;
RESET ROLE;
SELECT table_name, status, inserted, reasons FROM menuca_restore_snapshot('mine');
SELECT status FROM menuca_restore_snapshot('mine', dry_run => false, force => true);
:is_superuser
SET ROLE regress_menuca_evil;
ALTER TABLE :copy ALTER source_system TYPE varchar USING format('%s', source_system);
RESET ROLE;
SELECT table_name, status, inserted FROM menuca_restore_snapshot('mine', dry_run => false);

--
-- A wanted index is built in the search_path that it was analyzed in, not in
-- one where somebody has a function that fits better
--
ALTER TABLE menuca_v3.dishes ADD tags text[];
UPDATE menuca_v3.dishes SET tags = '{a}';
SET ROLE regress_menuca_evil;
CREATE FUNCTION regress_evil.array_length(text[], integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM regress_evil.promote();
	RETURN 1;
END $$;
RESET ROLE;
UPDATE menuca_wanted_index SET wanted = false;
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES (1, 'dishes', 'of_length', '{"array_length(tags, 1)"}');
SET search_path = public, regress_evil;
SELECT name, status, statement FROM menuca_deploy_indexes(dry_run => false) WHERE name = 'of_length';
RESET search_path;
SELECT pg_get_indexdef('menuca_v3.of_length'::regclass);
:is_superuser

--
-- Texts that somebody registered are in comments that others paste: a line break
-- does not end the comment
--
SET ROLE regress_menuca_evil;
SELECT menuca_register_backup('first', E'an id\nALTER ROLE regress_menuca_evil SUPERUSER; --', E'by hand\r\n\\! id', 1, 'x', now(), now(), true) > 0 AS registered;
SELECT menuca_register_backup('second', 'path', E'by hand', 1, 'x', now(), now(), true,
	jsonb_build_object('host', E'h\nALTER ROLE regress_menuca_evil SUPERUSER; --', 'path', E'/x\n; id')) > 0 AS registered;
RESET ROLE;
SELECT replace(statement, current_database()::text, 'DATABASE') AS statement FROM menuca_rollback_guide() WHERE statement LIKE '--%';
SELECT count(*) FROM menuca_rollback_guide() WHERE statement ~ '[\n\r]';

--
-- A default that names a sequence of somebody else: no grant on it, and no
-- snapshot resets it
--
CREATE SEQUENCE regress_victim_seq;
ALTER TABLE menuca_v3.combo_steps OWNER TO regress_menuca_evil;
SET ROLE regress_menuca_evil;
ALTER TABLE menuca_v3.combo_steps ADD number integer DEFAULT nextval('regress_victim_seq');
RESET ROLE;
SELECT statement FROM menuca_grants('regress_menuca_evil', 'backup') WHERE statement ~ 'SEQUENCE';
SELECT table_name, sequences FROM menuca_snapshot('others', '{combo_steps}');
SELECT sequence_name, is_owned, is_same_owner FROM menuca_table_sequence WHERE table_oid = 'menuca_v3.combo_steps'::regclass ORDER BY 1;

--
-- Row security: what is recorded is never a count of the visible rows alone
--
CREATE ROLE regress_menuca_tenant;
\set ECHO none
SELECT statement FROM menuca_grants('regress_menuca_tenant', 'runbook') WHERE statement LIKE 'GRANT%' AND statement NOT LIKE 'GRANT pg_monitor%' \gexec
\set ECHO all
ALTER TABLE menuca_v3.dishes ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_one ON menuca_v3.dishes USING (restaurant_id = 1);
SET ROLE regress_menuca_tenant;
SELECT menuca_monitor_sample();
SELECT menuca_export_verdict();
SELECT name, status, detail FROM menuca_ticket(0) WHERE name IN ('count_dishes', 'legacy_ids');
RESET ROLE;
ALTER TABLE menuca_v3.dishes DISABLE ROW LEVEL SECURITY;
:is_superuser

--
-- The owner of a database can set what the roles of requests are: no trial runs
-- as a superuser or as a member of one, and nobody is made a member of these
--
CREATE ROLE regress_menuca_boss SUPERUSER;
CREATE ROLE regress_menuca_deputy;
GRANT regress_menuca_boss TO regress_menuca_deputy;
CREATE ROLE regress_menuca_anon;
CREATE ROLE regress_menuca_staff;
ALTER TABLE menuca_v3.combo_items OWNER TO regress_menuca_evil;
GRANT USAGE ON SCHEMA menuca_v3 TO regress_menuca_evil;
SET ROLE regress_menuca_evil;
CREATE FUNCTION regress_evil.on_trial() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF current_user IN (SELECT rolname FROM pg_roles WHERE pg_has_role(oid, 'regress_menuca_boss', 'MEMBER')) THEN
		RAISE WARNING 'a trial runs as %', current_user;
	END IF;
	RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER on_trial BEFORE INSERT OR UPDATE OR DELETE ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION regress_evil.on_trial();
RESET ROLE;
UPDATE menuca_wanted_access SET wanted = table_name = 'combo_items', note = 'not what is tried here';
SET menuca.public_role = 'regress_menuca_anon';
SET menuca.tenant_role = 'regress_menuca_staff';
\set VERBOSITY default
SET menuca.admin_role = 'regress_menuca_boss';
SELECT count(*) FROM menuca_test_access();
SET menuca.admin_role = 'regress_menuca_deputy';
SELECT count(*) FROM menuca_test_access();
SELECT count(*) FROM menuca_access_overhead(executions => 3);
SET menuca.admin_role = 'pg_execute_server_program';
SELECT count(*) FROM menuca_test_access();
SELECT statement FROM menuca_grants('regress_menuca_evil', 'access') WHERE statement !~ ' ON ';
SET menuca.tenant_role = 'regress_menuca_deputy';
SELECT statement FROM menuca_grants('regress_menuca_evil', 'access') WHERE statement !~ ' ON ';
-- nor is a member of the owner of a table, when the owner is a member of a superuser
ALTER TABLE menuca_v3.combo_items OWNER TO regress_menuca_deputy;
SET menuca.tenant_role = 'regress_menuca_staff';
SET menuca.admin_role = 'regress_menuca_evil';
\set ECHO none
SELECT statement FROM menuca_grants('regress_menuca_evil', 'runbook') WHERE statement ~ 'public.menuca_' \gexec
\set ECHO all
SET ROLE regress_menuca_evil;
SELECT reasons FROM menuca_deploy_access(dry_run => false) WHERE table_name = 'combo_items';
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES (1, 'combo_items', 'of_items', '{quantity}');
SELECT detail FROM menuca_index_plan() WHERE name = 'of_items';
RESET ROLE;
\set VERBOSITY terse
ALTER TABLE menuca_v3.combo_items OWNER TO CURRENT_USER;
RESET menuca.public_role;
RESET menuca.tenant_role;
RESET menuca.admin_role;
DROP ROLE regress_menuca_deputy, regress_menuca_boss;

-- A setting of the database that quotes every name: those in the ledger are found
SET quote_all_identifiers = on;
SELECT table_name, status, reasons FROM menuca_restore_snapshot('mine');
RESET quote_all_identifiers;

SELECT count(d.snapshot_no) AS dropped FROM menuca_snapshots s, menuca_drop_snapshot(s.label) d;
DROP OWNED BY regress_menuca_evil, regress_menuca_tenant, regress_menuca_anon, regress_menuca_staff CASCADE;
\set ECHO none
\i :drop
DROP SEQUENCE regress_victim_seq;
DROP ROLE regress_menuca_evil, regress_menuca_tenant, regress_menuca_anon, regress_menuca_staff;
