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

--
-- Ledgers: nobody writes to them but the extension
--
CREATE ROLE regress_menuca_lead;
\set ECHO none
SELECT statement FROM menuca_grants('regress_menuca_lead', 'runbook') WHERE statement LIKE 'GRANT%' AND statement NOT LIKE 'GRANT pg_monitor%' \gexec
\set ECHO all
SELECT m.name FROM menuca_member m
WHERE m.kind IN ('TABLE', 'SEQUENCE') AND has_any_column_privilege('regress_menuca_lead', m.objid, 'INSERT, UPDATE')
	AND NOT EXISTS (SELECT FROM menuca_right r WHERE r.kind = 'relation' AND r.name = m.name);
SELECT m.name FROM menuca_member m
WHERE m.kind = 'TABLE' AND has_table_privilege('regress_menuca_lead', m.objid, 'DELETE, TRUNCATE, TRIGGER')
	AND NOT EXISTS (SELECT FROM menuca_right r WHERE r.kind = 'relation' AND r.name = m.name);
-- and yet the functions enter what they did, and who did it is the server's word
SET SESSION AUTHORIZATION regress_menuca_lead;
SET client_min_messages = error;
SELECT status, inserted FROM menuca_fix_combos(dry_run => false);
SELECT count(*) > 0 AS sampled FROM (SELECT menuca_register_backup('a', 'b', 'c', 1, 'd', now(), now(), true)) x;
SELECT count(*) FROM menuca_environment('staging', current_database()::text, (SELECT system_identifier FROM pg_control_system()));
SELECT menuca_sign_off(0, 'The lead', 'NO-GO', 'x');
SELECT menuca_monitor_sample() > 0 AS sampled;
SELECT count(*) FROM menuca_snapshot('mine', '{combo_steps}');
INSERT INTO menuca_signature (environment_id, ticket_no, approver, decision, signed_by) VALUES (1, 5, 'x', 'GO', 'postgres');
UPDATE menuca_run SET run_by = 'postgres';
DELETE FROM menuca_run_batch;
TRUNCATE menuca_ticket_execution;
CREATE TRIGGER x BEFORE INSERT ON menuca_run FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
SET client_min_messages = warning;
RESET SESSION AUTHORIZATION;
SELECT (SELECT run_by FROM menuca_run) AS run_by, (SELECT signed_by FROM menuca_signature) AS signed_by,
	(SELECT registered_by FROM menuca_backups) AS registered_by, (SELECT taken_by FROM menuca_snapshots) AS taken_by;
-- SET ROLE and SECURITY DEFINER hide nobody
CREATE FUNCTION regress_sign() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT menuca_sign_off(0, 'The lead', 'NO-GO', 'y') $$;
GRANT EXECUTE ON FUNCTION regress_sign TO regress_menuca_visitor;
SET SESSION AUTHORIZATION regress_menuca_visitor;
SELECT regress_sign();
RESET SESSION AUTHORIZATION;
SELECT signed_by FROM menuca_signature ORDER BY signature_id DESC LIMIT 1;
DROP FUNCTION regress_sign();

-- Somebody with the privilege TRIGGER puts code on a ledger
CREATE SCHEMA regress_lead AUTHORIZATION regress_menuca_lead;
GRANT TRIGGER ON menuca_run, menuca_signature TO regress_menuca_lead;
SET ROLE regress_menuca_lead;
CREATE FUNCTION regress_lead.promote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
		ALTER ROLE regress_menuca_lead SUPERUSER;
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER promote BEFORE INSERT OR UPDATE ON menuca_run FOR EACH ROW EXECUTE FUNCTION regress_lead.promote();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON menuca_signature DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION regress_lead.promote();
RESET ROLE;
DELETE FROM menuca_v3.combo_items WHERE id = (SELECT max(id) FROM menuca_v3.combo_items);
SELECT menuca_fix_combos(dry_run => false);
SELECT menuca_sign_off(0, 'The lead', 'NO-GO', 'x');
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_menuca_lead';
DROP TRIGGER promote ON menuca_run;
DROP TRIGGER later ON menuca_signature;
-- A ledger that is not the extension's own any more
ALTER TABLE menuca_sample OWNER TO regress_menuca_lead;
SELECT menuca_monitor_sample();
ALTER TABLE menuca_sample OWNER TO CURRENT_USER;
BEGIN;
ALTER EXTENSION menuca_migrate DROP TABLE menuca_signature;
SELECT menuca_sign_off(0, 'The lead', 'NO-GO', 'x');
ROLLBACK;

-- Even a superuser's forged run deletes nothing that no run can have written
CREATE TABLE menuca_v3.salaries (id bigint PRIMARY KEY);
CREATE TABLE regress_lead.combo_items (id bigint PRIMARY KEY);
INSERT INTO menuca_v3.salaries SELECT generate_series(1, 5);
INSERT INTO regress_lead.combo_items SELECT generate_series(1, 5);
CREATE TEMP TABLE forged AS
WITH r AS (
	INSERT INTO menuca_run (kind, target_schema, target, source, mode, engine, status, parameters, outcomes,
		figures_before, items_before, checksum_before, inserted)
	SELECT kind, schema, target, 'x', 'transaction', 'native', 'completed', '{}', '{}', '{}', 0, 0, 5
	FROM (VALUES ('combo_items', 'menuca_v3', 'salaries'), ('fix_combos', 'menuca_v3', 'salaries'),
		('fix_combos', 'menuca_v3', 'restaurants'), ('fix_combos', 'menuca_v3', 'dishes'),
		('backfill_dishes', 'menuca_v3', 'combo_groups'), ('fix_v2_steps', 'menuca_v3', 'combo_items'),
		('fix_combos', 'regress_lead', 'combo_items'), ('fix_combos', 'pg_catalog', 'pg_class')) f(kind, schema, target)
	RETURNING run_id)
SELECT run_id FROM r;
INSERT INTO menuca_run_batch SELECT run_id, 1, 5, '{[1,6)}', decode(repeat('00', 40), 'hex'), 0 FROM forged;
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'nothing was raised';
EXCEPTION WHEN OTHERS THEN
	RETURN regexp_replace(SQLERRM, 'run \d+', 'run N');
END $$;
SELECT r.kind, r.target_schema, r.target, pg_temp.try(format('SELECT menuca_rollback(%s, dry_run => false, force => true)', run_id)) AS real,
	pg_temp.try(format('SELECT menuca_rollback(%s)', run_id)) AS dry
FROM forged JOIN menuca_run r USING (run_id) ORDER BY run_id;
SELECT (SELECT count(*) FROM menuca_v3.salaries) AS salaries, (SELECT count(*) FROM regress_lead.combo_items) AS items;
-- nor does a run that is part of itself, or of its own part, recurse for ever
BEGIN;
DELETE FROM menuca_run WHERE run_id IN (SELECT run_id FROM forged);
DELETE FROM menuca_run_batch WHERE run_id IN (SELECT run_id FROM forged);
UPDATE menuca_run SET part_of = run_id;
SELECT pg_temp.try(format('SELECT menuca_rollback(%s)', (SELECT min(run_id) FROM menuca_run)));
ROLLBACK;
DROP TABLE forged, menuca_v3.salaries;
SELECT snapshot_no > 0 AS dropped FROM menuca_drop_snapshot('mine');
DROP SCHEMA regress_lead CASCADE;

--
-- Default privileges give nobody a right on what is created later, either
--
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_menuca_visitor, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO regress_menuca_visitor;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_menuca_visitor WITH GRANT OPTION;
SELECT count(*) FROM menuca_snapshot('generous', '{combo_items, dishes}');
SELECT statements <> '' AS created FROM menuca_create_dish_combo_groups(dry_run => false);
SELECT c.relname, c.relkind, a.grantee = 0 AS everybody, a.privilege_type
FROM pg_class c, aclexplode(c.relacl) a
WHERE a.grantee <> c.relowner AND (c.relname LIKE 'dish_combo_groups%'
	OR c.relnamespace::regnamespace::text = (SELECT schema_name FROM menuca_snapshots WHERE label = 'generous'));
SELECT n.nspname, a.grantee = 0 AS everybody, a.privilege_type
FROM pg_namespace n, aclexplode(n.nspacl) a
WHERE a.grantee <> n.nspowner AND n.nspname = (SELECT schema_name FROM menuca_snapshots WHERE label = 'generous');
SELECT snapshot_no > 0 AS dropped FROM menuca_drop_snapshot('generous');
DROP TABLE menuca_v3.dish_combo_groups;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM regress_menuca_visitor, PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM regress_menuca_visitor;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM regress_menuca_visitor;

--
-- Rights on columns hold below the executor, too: what may read or write some
-- columns gets those and no others
--
CREATE ROLE regress_menuca_column;
\set ECHO none
SELECT statement FROM menuca_grants('regress_menuca_column', 'runbook') WHERE statement ~ ' (ROUTINE )?public\.menuca_| ON DATABASE ' \gexec
\set ECHO all
GRANT USAGE ON SCHEMA menuca_v3, staging TO regress_menuca_column;
GRANT SELECT ON staging.menuca_v1_combos, menuca_v3.dishes, menuca_v3.combo_groups, menuca_v3.restaurants, menuca_v3.combo_steps TO regress_menuca_column;
GRANT SELECT (id, combo_group_id, dish_id), INSERT (id, combo_group_id, dish_id), DELETE ON menuca_v3.combo_items TO regress_menuca_column;
CREATE FUNCTION pg_temp.state_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'done';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SET ROLE regress_menuca_column;
SELECT call, pg_temp.state_of(call)
FROM unnest(ARRAY['SELECT menuca_table_checksum(''menuca_v3.combo_items'')', 'SELECT menuca_fix_combos(dry_run => false)',
	'SELECT menuca_snapshot(''columns'', ''{combo_items}'')', 'SELECT * FROM menuca_orphan_rate()',
	'SELECT menuca_sample_combos()', 'SELECT menuca_plan_combos()']) call;
RESET ROLE;
DROP OWNED BY regress_menuca_column;

--
-- Stored text is not executed: undo statements are made of kind and object
--
CREATE ROLE regress_menuca_author;
CREATE SCHEMA regress_author AUTHORIZATION regress_menuca_author;
GRANT USAGE ON SCHEMA regress_author TO PUBLIC;
INSERT INTO menuca_access_change (table_schema, table_name, kind, object, statement, undo)
SELECT 'menuca_v3', t, kind, object, 'x', undo
FROM (VALUES
	(NULL, 'grant', 'regress_menuca_author', 'ALTER ROLE regress_menuca_author SUPERUSER'),
	('dishes', 'grant', 'regress_menuca_author', 'REVOKE SELECT ON menuca_v3.dishes FROM regress_menuca_author; ALTER ROLE regress_menuca_author SUPERUSER'),
	('dishes', 'grant', 'regress_menuca_author', 'GRANT SELECT ON menuca_v3.dishes TO regress_menuca_author'),
	('dishes', 'revoke', 'PUBLIC', 'GRANT SELECT ON menuca_v3.restaurants TO PUBLIC'),
	('dishes', 'revoke', 'PUBLIC', 'GRANT SELECT ON menuca_v3.dishes TO regress_menuca_author'),
	('dishes', 'revoke', 'regress_menuca_author', 'GRANT ALL ON menuca_v3.dishes TO regress_menuca_author'),
	('dishes', 'revoke', 'regress_menuca_author', 'GRANT SELECT ON menuca_v3.dishes TO regress_menuca_author WITH GRANT OPTION'),
	('dishes', 'revoke', 'regress_menuca_author', 'GRANT pg_read_all_data TO regress_menuca_author'),
	('dishes', 'policy', 'x; ALTER ROLE regress_menuca_author SUPERUSER', 'y'),
	('restaurants', 'row_security', NULL, 'ALTER ROLE regress_menuca_author SUPERUSER'),
	(NULL, 'revoke', 'regress_menuca_author', 'GRANT USAGE ON SCHEMA pg_toast TO regress_menuca_author')) v(t, kind, object, undo);
DO $$
DECLARE
	change record;
	rolled record;
BEGIN
	FOR change IN SELECT * FROM menuca_access_change ORDER BY change_id LOOP
		BEGIN
			DELETE FROM menuca_access_change WHERE change_id <> change.change_id;
			SELECT * INTO rolled FROM menuca_rollback_access(dry_run => false);
			RAISE EXCEPTION '%: %', rolled.status, regexp_replace(rolled.reasons::text, 'change \d+', 'change N');
		EXCEPTION WHEN raise_exception THEN
			RAISE WARNING '% %: %', change.kind, change.undo, SQLERRM;
		END;
	END LOOP;
END $$;
SELECT rolsuper, has_table_privilege(oid, 'menuca_v3.dishes', 'SELECT') AS may_read FROM pg_roles WHERE rolname = 'regress_menuca_author';
DELETE FROM menuca_access_change;

--
-- Stored expressions are analyzed, not evaluated; what has to be evaluated runs
-- as nobody.  caught() is somebody's code that does not want to be run as others.
--
SET ROLE regress_menuca_author;
CREATE FUNCTION regress_author.caught() RETURNS int LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	IF current_user NOT IN ('regress_menuca_author', 'pg_checkpoint', 'pg_use_reserved_connections') THEN
		RAISE EXCEPTION 'caught as %', current_user;
	END IF;
	RETURN 1;
END $$;
CREATE FUNCTION regress_author.f(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN regress_author.caught(); END $$;
CREATE FUNCTION regress_author.plus(bigint, int) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 + regress_author.caught(); END $$;
CREATE OPERATOR regress_author.+ (LEFTARG = bigint, RIGHTARG = int, FUNCTION = regress_author.plus);
CREATE DOMAIN regress_author.checked AS int CHECK (regress_author.f(VALUE) > 0);
CREATE DOMAIN regress_author.word AS text CHECK (regress_author.f(1) > 0 OR VALUE = '');
CREATE TYPE regress_author.pair AS (a regress_author.checked, b int);
CREATE FUNCTION regress_author.of_pair(regress_author.pair) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN regress_author.caught(); END $$;
CREATE FUNCTION regress_author.of_word(regress_author.word) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN regress_author.caught(); END $$;
RESET ROLE;
INSERT INTO menuca_wanted_index (section, table_name, name, columns, predicate)
VALUES (1, 'dishes', 'stored_function', '{"(id + regress_author.f(1))"}', NULL),
	(1, 'dishes', 'stored_constant', '{"(regress_author.f(1))"}', NULL),
	(1, 'dishes', 'stored_predicate', '{id}', 'regress_author.f(1) > 0'),
	(1, 'dishes', 'stored_operator', '{"(id OPERATOR(regress_author.+) 1)"}', NULL),
	(1, 'dishes', 'stored_operator_of_constants', '{"(id + (1::bigint OPERATOR(regress_author.+) 1))"}', NULL),
	(1, 'dishes', 'stored_domain', '{"(id::int::regress_author.checked)"}', NULL),
	(1, 'dishes', 'stored_domain_of_constant', '{"(1::regress_author.checked)"}', NULL),
	(1, 'dishes', 'stored_literal', '{"(regress_author.of_pair(''(1,2)''))"}', NULL),
	(1, 'dishes', 'stored_literal_cast', '{id}', '''(1,2)''::regress_author.pair IS NOT NULL'),
	(1, 'dishes', 'stored_literal_array', '{id}', '''{"(1,2)"}''::regress_author.pair[] IS NOT NULL'),
	(1, 'dishes', 'stored_literal_domain', '{"(regress_author.of_word(''x''))"}', NULL),
	(1, 'dishes', 'stored_good', '{"lower(name)"}', 'source_system = ''v1'' AND name <> ''a'' || ''b''');
SELECT name, action, detail FROM menuca_index_plan() WHERE name LIKE 'stored%' ORDER BY name;
DELETE FROM menuca_wanted_index WHERE name LIKE 'stored%' AND name <> 'stored_good';
UPDATE menuca_wanted_index SET wanted = false WHERE name <> 'stored_good';
SELECT name, status FROM menuca_deploy_indexes(dry_run => false) WHERE name LIKE 'stored%';
SELECT name, action, detail FROM menuca_index_plan() WHERE name LIKE 'stored%';
DELETE FROM menuca_wanted_index WHERE name = 'stored_good';

CREATE ROLE regress_menuca_anon;
CREATE ROLE regress_menuca_tenant;
CREATE ROLE regress_menuca_service BYPASSRLS;
SET menuca.public_role = 'regress_menuca_anon';
SET menuca.tenant_role = 'regress_menuca_tenant';
SET menuca.admin_role = 'regress_menuca_service';
CREATE FUNCTION pg_temp.caught(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	EXECUTE format('SELECT string_agg(substring(r::text from ''caught as \w+''), '', '') FROM (%s) r', statement) INTO found;
	RETURN COALESCE(found, '-');
EXCEPTION WHEN OTHERS THEN
	RETURN COALESCE(substring(SQLERRM from 'caught as \w+'), SQLERRM);
END $$;
CREATE TABLE menuca_v3.courses (id bigint PRIMARY KEY, restaurant_id bigint, name text);
ALTER TABLE menuca_v3.dishes ADD course_id bigint;
UPDATE menuca_wanted_access SET wanted = false, note = 'not what is tried here' WHERE table_name NOT IN ('dishes', 'courses', 'combo_items', 'combo_groups', 'restaurants');
DO $$
DECLARE
	condition text;
	call text;
BEGIN
	FOREACH condition IN ARRAY '{regress_author.f(1) > 0, regress_author.caught() > 0, regress_author.of_pair(''(1\,2)'') > 0, id OPERATOR(regress_author.+) 1 > 0, regress_author.of_word(''x'') > 0}'::text[] LOOP
		UPDATE menuca_wanted_access SET public_may_read_where = condition WHERE table_name IN ('dishes', 'combo_items');
		FOREACH call IN ARRAY '{menuca_access_plan(), menuca_deploy_access(), menuca_test_access(), menuca_access_overhead(executions => 3), menuca_check_access()}'::text[] LOOP
			IF pg_temp.caught(format('SELECT * FROM %s', call)) <> '-' THEN
				RAISE WARNING '% %: %', condition, call, pg_temp.caught(format('SELECT * FROM %s', call));
			END IF;
		END LOOP;
	END LOOP;
END $$;

--
-- Whatever only looks runs nobody's code: the owner of the tables puts it
-- everywhere, and a superuser calls everything that reads
--
UPDATE menuca_wanted_access SET wanted = true, public_may_read_where = 'true' WHERE table_name IN ('dishes', 'combo_items');
TRUNCATE menuca_wanted_index;
ALTER TABLE menuca_v3.restaurants ADD legacy_v1_id int;
UPDATE menuca_v3.restaurants SET legacy_v1_id = id;
CREATE TABLE staging.menuca_v1_menu (id bigint, restaurant bigint, name text);
INSERT INTO staging.menuca_v1_menu VALUES (299, 1, 'Missing');
INSERT INTO staging.menuca_v1_combos VALUES (99, 299, 101, 0);
SELECT set_config('regress.run', (SELECT min(run_id) FROM menuca_run)::text, false) > '' AS has_run;
SELECT count(*) FROM menuca_snapshot('looks');
DO $$
DECLARE
	t regclass;
BEGIN
	FOR t IN SELECT oid FROM pg_class WHERE relnamespace IN ('menuca_v3'::regnamespace, 'staging'::regnamespace) AND relkind = 'r' LOOP
		EXECUTE format('ALTER TABLE %s OWNER TO regress_menuca_author', t);
	END LOOP;
END $$;
GRANT USAGE, CREATE ON SCHEMA menuca_v3, staging TO regress_menuca_author;
SET ROLE regress_menuca_author;
CREATE TYPE regress_author.named AS (v text);
CREATE FUNCTION regress_author.as_text(regress_author.named) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM regress_author.caught(); RETURN ($1).v; END $$;
CREATE CAST (regress_author.named AS text) WITH FUNCTION regress_author.as_text(regress_author.named) AS IMPLICIT;
CREATE FUNCTION regress_author.equal(regress_author.named, regress_author.named) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN regress_author.caught() > 0; END $$;
CREATE OPERATOR regress_author.= (LEFTARG = regress_author.named, RIGHTARG = regress_author.named, FUNCTION = regress_author.equal);
ALTER TABLE menuca_v3.combo_groups ALTER name TYPE regress_author.named USING ROW(name)::regress_author.named;
ALTER TABLE menuca_v3.restaurants ALTER name TYPE regress_author.named USING ROW(name)::regress_author.named;
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY '{restaurants, dishes, combo_groups, combo_items, combo_steps}'::text[] LOOP
		-- casts of rows
		EXECUTE format('CREATE FUNCTION regress_author.as_text(menuca_v3.%I) RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RETURN regress_author.caught(); END $f$', t);
		EXECUTE format('CREATE CAST (menuca_v3.%I AS text) WITH FUNCTION regress_author.as_text(menuca_v3.%I)', t, t);
		EXECUTE format('CREATE FUNCTION regress_author.as_json(menuca_v3.%I) RETURNS json LANGUAGE plpgsql AS $f$ BEGIN PERFORM regress_author.caught(); RETURN ''{}''; END $f$', t);
		EXECUTE format('CREATE CAST (menuca_v3.%I AS json) WITH FUNCTION regress_author.as_json(menuca_v3.%I)', t, t);
		-- constants in indexes and statistics, which the planner evaluates
		EXECUTE format('CREATE INDEX %I ON menuca_v3.%I ((id + regress_author.f(1)))', 'i1_' || t, t);
		EXECUTE format('CREATE INDEX %I ON menuca_v3.%I (id) WHERE regress_author.f(1) > 0', 'i2_' || t, t);
		EXECUTE format('CREATE STATISTICS menuca_v3.%I ON (id + regress_author.f(1)), (id * 2) FROM menuca_v3.%I', 's_' || t, t);
		-- checks, policies, defaults
		EXECUTE format('ALTER TABLE menuca_v3.%I ADD CONSTRAINT c CHECK (regress_author.f(1) > 0) NOT VALID', t);
		EXECUTE format('ALTER TABLE menuca_v3.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY p ON menuca_v3.%I USING (regress_author.f(1) > 0)', t);
		EXECUTE format('ALTER TABLE menuca_v3.%I ADD extra int DEFAULT NULL', t);
		EXECUTE format('ALTER TABLE menuca_v3.%I ALTER extra SET DEFAULT regress_author.caught()', t);
	END LOOP;
END $$;
-- with a child, the executor reads the source
CREATE TABLE staging.more_combos () INHERITS (staging.menuca_v1_combos);
CREATE INDEX ON staging.menuca_v1_combos ((id + regress_author.f(1)));
CREATE INDEX ON staging.menuca_v1_menu (id) WHERE regress_author.f(1) > 0;
ALTER TABLE staging.menuca_v1_menu ALTER name TYPE regress_author.named USING ROW(name)::regress_author.named;
ALTER TABLE staging.more_combos ADD CONSTRAINT c CHECK (regress_author.f(1) > 0) NOT VALID;
CREATE VIEW staging.a_view AS SELECT id * regress_author.caught() AS id, dish, "group", "order" FROM staging.menuca_v1_combos;
RESET ROLE;
SET constraint_exclusion = on;
SET client_min_messages = error;
-- the first two show that the traps work: plain SELECTs
SELECT call, pg_temp.caught(call)
FROM unnest(ARRAY[
	'SELECT d::text FROM menuca_v3.dishes d', 'SELECT id FROM menuca_v3.combo_items',
	'SELECT * FROM menuca_table_checksum(''menuca_v3.dishes'')', 'SELECT * FROM menuca_table_checksum(''menuca_v3.combo_groups'')',
	'SELECT * FROM menuca_plan_combos()', 'SELECT * FROM menuca_plan_combos(''staging.a_view'')', 'SELECT * FROM menuca_orphan_rate()', 'SELECT * FROM menuca_orphans()',
	'SELECT * FROM menuca_explain_unmapped()', 'SELECT * FROM menuca_validate()', 'SELECT * FROM menuca_sample_combos()',
	'SELECT * FROM menuca_plan_backfill()', 'SELECT * FROM menuca_plan_combo_steps()', 'SELECT * FROM menuca_fix_combos()', 'SELECT * FROM menuca_backfill_dishes()',
	'SELECT * FROM menuca_fix_combo_steps()',
	format('SELECT * FROM menuca_rollback(%s)', current_setting('regress.run')),
	'SELECT * FROM menuca_index_plan()', 'SELECT * FROM menuca_deploy_indexes()', 'SELECT * FROM menuca_rollback_indexes()',
	'SELECT * FROM menuca_check_indexes()', 'SELECT * FROM menuca_measure_queries()',
	'SELECT * FROM menuca_access_plan()', 'SELECT * FROM menuca_check_access()', 'SELECT * FROM menuca_test_access()',
	'SELECT * FROM menuca_access_overhead(executions => 3)', 'SELECT * FROM menuca_rollback_access()', 'SELECT * FROM menuca_deploy_access()',
	'SELECT * FROM menuca_snapshot(''again'')', 'SELECT * FROM menuca_restore_snapshot(''again'')', 'SELECT snapshot_no FROM menuca_drop_snapshot(''again'')',
	'SELECT * FROM menuca_restore_snapshot(''looks'')', 'SELECT * FROM menuca_check_backup()',
	'SELECT * FROM menuca_status()', 'SELECT menuca_monitor_sample()', 'SELECT * FROM menuca_monitor_report()',
	'SELECT menuca_export_verdict()', 'SELECT menuca_execution_log()', 'SELECT * FROM menuca_rollback_guide()',
	'SELECT * FROM menuca_rollback_advice()', 'SELECT * FROM menuca_read_only(true)', 'SELECT * FROM menuca_check_impact()',
	'SELECT * FROM menuca_ticket(0, dry_run => false)', 'SELECT * FROM menuca_grants(''regress_menuca_author'', ''runbook'')',
	'SELECT menuca_create_dish_combo_groups()']) WITH ORDINALITY c(call, n)
ORDER BY n;
SET client_min_messages = warning;
RESET constraint_exclusion;
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_menuca_author';
SELECT snapshot_no > 0 AS dropped FROM menuca_drop_snapshot('looks');

\set ECHO none
\i :drop
DROP OWNED BY regress_menuca_visitor, regress_menuca_other, regress_menuca_lead, regress_menuca_author CASCADE;
DROP ROLE regress_menuca_visitor, regress_menuca_other, regress_menuca_lead, regress_menuca_author, regress_menuca_anon, regress_menuca_tenant, regress_menuca_service, regress_menuca_column;
