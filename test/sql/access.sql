-- Access: the wanted rows, the plan, deployments and rollbacks
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set grants :abs_srcdir '/sql/include/grants.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET menuca.public_role = 'regress_menuca_anon';
SET menuca.tenant_role = 'regress menuca Tenant';
SET menuca.admin_role = 'regress_menuca_service';
CREATE VIEW state AS
SELECT c.relname::text, c.relrowsecurity AS rls, p.polname::text AS policy, coalesce(c.relacl, acldefault('r', c.relowner))::text AS grants
FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
WHERE c.relnamespace = 'menuca_v3'::regnamespace AND c.relkind = 'r'
ORDER BY 1, 3;
CREATE TABLE state_before AS SELECT * FROM state;

--
-- The wanted rows
--
SELECT table_name, tenant_key, tenant_may AS tenant, public_may_read_where AS public_where, user_key, user_may AS "user", admin_may AS admin, hidden_columns AS hidden
FROM menuca_wanted_access ORDER BY table_name COLLATE "C";
SELECT count(*), count(*) FILTER (WHERE standard), count(*) FILTER (WHERE wanted), count(*) FILTER (WHERE core) AS core, count(*) FILTER (WHERE optional) AS optional FROM menuca_wanted_access;
-- An edited row becomes the operator's; a new row replaces the standard one
BEGIN;
UPDATE menuca_wanted_access SET wanted = false, note = 'the login service has it' WHERE table_name = 'users';
INSERT INTO menuca_wanted_access (table_name, admin_may, standard) VALUES ('devices', 'select', true), ('orders', 'all', false);
SELECT table_name, admin_may, wanted FROM menuca_wanted_access WHERE NOT standard ORDER BY 1;
SELECT count(*) FROM menuca_wanted_access;
ROLLBACK;

--
-- Without the roles: planned, and refused
--
SELECT table_name, action, statement, reason FROM menuca_access_plan('{dishes}');
SELECT table_name, status, created, rls_switched_on, reasons FROM menuca_deploy_access(tables => '{dishes}');
SELECT * FROM menuca_deploy_access(dry_run => false);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM menuca_test_access();
\echo :LAST_ERROR_SQLSTATE
CREATE ROLE regress_menuca_anon;
CREATE ROLE "regress menuca Tenant";
CREATE ROLE regress_menuca_service BYPASSRLS;
SET menuca.admin_role = 'regress_menuca_anon';
SELECT * FROM menuca_deploy_access(dry_run => false);
SET menuca.admin_role = 'regress_menuca_service';
ALTER ROLE regress_menuca_anon BYPASSRLS;
SELECT * FROM menuca_deploy_access(dry_run => false);
ALTER ROLE regress_menuca_anon NOBYPASSRLS;
GRANT regress_menuca_service TO "regress menuca Tenant";
SELECT * FROM menuca_deploy_access(dry_run => false);
REVOKE regress_menuca_service FROM "regress menuca Tenant";

--
-- The plan: missing tables, missing columns
--
SELECT action, count(*) FROM menuca_access_plan() GROUP BY 1 ORDER BY 1;
SELECT table_name, reason FROM menuca_access_plan() WHERE action = 'impossible';
ALTER TABLE menuca_v3.combo_groups ADD is_active boolean NOT NULL DEFAULT true;
ALTER TABLE menuca_v3.restaurants ADD status text NOT NULL DEFAULT 'active';
SELECT action, object, statement FROM menuca_access_plan('{combo_items,restaurants}') WHERE table_name IS NOT NULL;
SELECT * FROM menuca_access_plan('{no_such_table}');

-- Rows that cannot be deployed
BEGIN;
UPDATE menuca_wanted_access SET tenant_key = 'owner' WHERE table_name = 'dishes';
UPDATE menuca_wanted_access SET tenant_key = 'combo_group_id -> groups.restaurant_id' WHERE table_name = 'combo_items';
UPDATE menuca_wanted_access SET public_may_read_where = 'is_active) OR (true' WHERE table_name = 'combo_groups';
UPDATE menuca_wanted_access SET tenant_may = 'read' WHERE table_name = 'restaurants';
INSERT INTO menuca_wanted_access (table_name, public_may_read_where) VALUES ('combo_steps', 'step_number');
SELECT table_name, reason FROM menuca_access_plan() WHERE action = 'impossible';
UPDATE menuca_wanted_access SET tenant_key = 'name' WHERE table_name = 'dishes';
UPDATE menuca_wanted_access SET tenant_key = 'combo_group_id -> combo_groups' WHERE table_name = 'combo_items';
UPDATE menuca_wanted_access SET public_may_read_where = 'true; DROP TABLE menuca_v3.dishes' WHERE table_name = 'combo_groups';
UPDATE menuca_wanted_access SET tenant_may = NULL, public_may_read_where = NULL, admin_may = NULL WHERE table_name = 'restaurants';
SELECT table_name, reason FROM menuca_access_plan() WHERE action = 'impossible';
ROLLBACK;

--
-- A dry run writes nothing and works read only
--
BEGIN READ ONLY;
SELECT status, count(*), sum(created) AS created, sum(grants) AS grants, sum(rls_switched_on::int) AS rls FROM menuca_deploy_access() GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM menuca_rollback_access();
SELECT count(*) FROM menuca_access_plan();
SELECT * FROM menuca_deploy_access(dry_run => false);
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM menuca_deploy_access(dry_run => false);
ROLLBACK;
SELECT menuca_deploy_access(NULL);
SELECT menuca_deploy_access(lock_timeout => NULL);
SELECT count(*) FROM (TABLE state EXCEPT TABLE state_before) changed;
SELECT count(*) FROM menuca_access_change;

--
-- Policies and grants of others exist
--
CREATE POLICY everybody ON menuca_v3.dishes FOR SELECT TO regress_menuca_anon USING (name <> '');
CREATE POLICY "Never Napoli" ON menuca_v3.combo_groups AS RESTRICTIVE USING (restaurant_id <> 1);
ALTER TABLE menuca_v3.combo_groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE menuca_v3.restaurants ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON menuca_v3.dishes TO regress_menuca_anon;
GRANT SELECT ON menuca_v3.combo_items TO PUBLIC;
CREATE TABLE menuca_v3.restaurant_admin_users (id serial PRIMARY KEY, restaurant_id int NOT NULL, email text, password_hash text);
GRANT SELECT ON menuca_v3.restaurant_admin_users TO PUBLIC, "regress menuca Tenant";
GRANT SELECT (email, password_hash) ON menuca_v3.restaurant_admin_users TO regress_menuca_anon;
DROP TABLE state_before;
CREATE TABLE state_before AS SELECT * FROM state;
SELECT table_name, action, object, statement FROM menuca_access_plan('{restaurant_admin_users,dishes}') WHERE action NOT IN ('create_policy');

-- A table is deployed as a whole or not at all: here an event trigger fails at the end
CREATE FUNCTION no_rls() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'menuca_v3.combo_steps' AND command_tag = 'ALTER TABLE') THEN
		RAISE EXCEPTION 'not today';
	END IF;
END $$;
CREATE EVENT TRIGGER regress_menuca_no_rls ON ddl_command_end EXECUTE FUNCTION no_rls();
-- What a policy of others restricts is found by the value that it names; who means it says so
SELECT unnest(reasons) AS reason FROM menuca_deploy_access(dry_run => false, tables => '{combo_groups}') WHERE status = 'failed';
SELECT table_name, status FROM menuca_deploy_access(dry_run => false, tables => '{combo_groups}', test => false) WHERE table_name IS NOT NULL;
SELECT table_name, status, created, replaced, dropped, foreign_policies, grants, revokes, rls_switched_on, reasons
FROM menuca_deploy_access(dry_run => false) WHERE status <> 'absent';
SELECT relname, rls, policy FROM state;
DROP EVENT TRIGGER regress_menuca_no_rls;
SELECT table_name, status FROM menuca_deploy_access(dry_run => false) WHERE status NOT IN ('absent', 'unchanged');
-- What the matrix refuses, here because of the policy of others, does not go live unless told to
SELECT unnest(reasons) AS reason FROM menuca_deploy_access(dry_run => false, tables => '{dishes}') WHERE table_name IS NOT NULL;
SELECT table_name, status FROM menuca_deploy_access(dry_run => false, tables => '{dishes}', test => false) WHERE table_name IS NOT NULL;
SELECT count(*) FROM menuca_access_plan() WHERE action NOT IN ('keep', 'keep_foreign', 'absent');
-- No table has row security without a policy
SELECT count(*) FROM state WHERE rls AND policy IS NULL;
SELECT table_name, kind, object, definition FROM menuca_access_change WHERE table_name = 'combo_items' OR table_name IS NULL ORDER BY change_id;
SELECT table_name, kind, statement, undo FROM menuca_access_change WHERE kind IN ('revoke', 'row_security') OR statement ~ 'SEQUENCE|\(' AND kind = 'grant' ORDER BY change_id;

-- Claims are read once per statement: in an InitPlan, and no filter calls the function
CREATE FUNCTION plan_has(query text, pattern text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan::text ~ pattern;
END $$;
SET request.jwt.claims = '{"restaurant_id": 2}';
SET ROLE "regress menuca Tenant";
SELECT plan_has('SELECT * FROM menuca_v3.restaurants', 'InitPlan'), plan_has('SELECT * FROM menuca_v3.restaurants', 'menuca_claim_bigint');
SELECT id, name FROM menuca_v3.dishes ORDER BY id;
SELECT password_hash FROM menuca_v3.restaurant_admin_users;
SELECT id, email FROM menuca_v3.restaurant_admin_users;
UPDATE menuca_v3.dishes SET restaurant_id = 3 WHERE id = 4;
INSERT INTO menuca_v3.restaurant_admin_users (restaurant_id, email) VALUES (2, 'mine@example.com');
INSERT INTO menuca_v3.restaurant_admin_users (restaurant_id, email) VALUES (3, 'theirs@example.com');
SET request.jwt.claims = '{"restaurant_id": "2 OR true"}';
DELETE FROM menuca_v3.dishes;
RESET ROLE;
RESET request.jwt.claims;
DELETE FROM menuca_v3.restaurant_admin_users;

--
-- Edited and tampered with
--
UPDATE menuca_wanted_access SET tenant_may = 'select,update' WHERE table_name = 'combo_groups';
ALTER POLICY menuca_visitor_select ON menuca_v3.dishes USING (true);
DROP POLICY menuca_admin_all ON menuca_v3.combo_items;
SELECT table_name, action, object, statement, reason FROM menuca_access_plan() WHERE action NOT IN ('keep', 'keep_foreign', 'absent');
SELECT table_name, status, created, replaced, dropped FROM menuca_deploy_access(dry_run => false, test => false) WHERE status = 'deployed';
SELECT count(*) FROM menuca_access_plan() WHERE action NOT IN ('keep', 'keep_foreign', 'absent');

--
-- Checks, without the matrix and without measuring times
--
SELECT check_no, name, status, actual, detail FROM menuca_check_access(matrix => false, overhead => false);
CREATE VIEW menuca_v3.cheap_dishes AS SELECT * FROM menuca_v3.dishes;
CREATE VIEW menuca_v3.own_dishes WITH (security_invoker = on) AS SELECT * FROM menuca_v3.dishes;
CREATE TABLE menuca_v3.orders (id int);
CREATE TABLE menuca_v3.secrets (id int);
GRANT SELECT ON menuca_v3.cheap_dishes, menuca_v3.own_dishes, menuca_v3.orders TO regress_menuca_anon;
ALTER TABLE menuca_v3.secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE menuca_v3.dishes DISABLE ROW LEVEL SECURITY;
ALTER POLICY menuca_tenant_update ON menuca_v3.combo_items WITH CHECK (true);
GRANT TRUNCATE ON menuca_v3.restaurants TO regress_menuca_anon;
SELECT check_no, name, status, actual, detail, remedy FROM menuca_check_access(matrix => false, overhead => false) WHERE status <> 'PASS';
DROP VIEW menuca_v3.cheap_dishes, menuca_v3.own_dishes;
DROP TABLE menuca_v3.orders, menuca_v3.secrets;
REVOKE TRUNCATE ON menuca_v3.restaurants FROM regress_menuca_anon;
ALTER POLICY menuca_tenant_update ON menuca_v3.combo_items WITH CHECK (EXISTS (SELECT FROM menuca_v3.combo_groups parent_1
	WHERE parent_1.id = combo_items.combo_group_id AND parent_1.restaurant_id = (SELECT menuca_claim_bigint('restaurant_id', 'request.jwt.claims'::text))));
-- The same policy in another spelling is kept
SELECT count(*) FROM menuca_access_plan('{combo_items}') WHERE action NOT IN ('keep', 'keep_foreign');

--
-- Rollback: only what was deployed, and only as it was deployed
--
ALTER TABLE menuca_v3.dishes ENABLE ROW LEVEL SECURITY;
ALTER POLICY menuca_tenant_update ON menuca_v3.combo_steps USING (false);
DROP TABLE menuca_v3.restaurant_admin_users;
SELECT table_name, status, dropped, changed, gone, grants_undone AS grants, rls_switched_off AS rls_off, reasons FROM menuca_rollback_access();
SELECT count(*) FROM menuca_access_change WHERE undone_at IS NOT NULL AND kind <> 'policy';
SELECT table_name, status, dropped, changed, gone, grants_undone AS grants, rls_switched_off AS rls_off, reasons FROM menuca_rollback_access(dry_run => false);
SELECT relname, rls, policy FROM state;
-- Grants are as before, in any order
SELECT s.relname, b.grants AS before, s.grants AS now FROM (SELECT DISTINCT relname, grants FROM state) s JOIN (SELECT DISTINCT relname, grants FROM state_before) b USING (relname)
WHERE ARRAY(SELECT a::text FROM unnest(b.grants::aclitem[]) a ORDER BY 1) IS DISTINCT FROM ARRAY(SELECT a::text FROM unnest(s.grants::aclitem[]) a ORDER BY 1);
-- Again: the changed policy is still reported
SELECT table_name, status, changed, reasons FROM menuca_rollback_access(dry_run => false);
ALTER POLICY menuca_tenant_update ON menuca_v3.combo_steps USING (true);
DROP POLICY menuca_tenant_update ON menuca_v3.combo_steps;
SELECT table_name, status, dropped, changed, gone, rls_switched_off, reasons FROM menuca_rollback_access(dry_run => false);
SELECT count(*) FROM menuca_rollback_access();

--
-- Claims from elsewhere: another setting, nested claims, Supabase's function, a uuid
--
SET menuca.jwt_claims = 'my.claims';
SET menuca.tenant_claim = 'app_metadata -> restaurant';
SELECT statement FROM menuca_access_plan('{dishes}') WHERE object = 'menuca_tenant_insert';
SET menuca.jwt_claims = 'auth.jwt()';
SELECT reason FROM menuca_access_plan('{dishes}') WHERE action = 'impossible';
CREATE SCHEMA auth;
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS $$SELECT coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb$$;
SELECT statement FROM menuca_access_plan('{dishes}') WHERE object = 'menuca_tenant_insert';
RESET menuca.tenant_claim;
SET menuca.user_claim = 'sub';
CREATE TABLE menuca_v3.users (id bigint PRIMARY KEY, auth_user_id uuid NOT NULL UNIQUE);
UPDATE menuca_wanted_access SET user_key = 'auth_user_id' WHERE table_name = 'users';
SELECT statement FROM menuca_access_plan('{users}') WHERE object = 'menuca_user_update';
RESET menuca.jwt_claims;
RESET menuca.user_claim;

--
-- A condition is all of its text, or nothing
--
BEGIN;
CREATE TEMP TABLE written (n int, condition text);
INSERT INTO written VALUES (1, '*'), (2, 'dishes.*'), (3, 'true OFFSET 5'), (4, 'true LIMIT 1'), (5, 'true FROM dishes'),
	(6, 'true WHERE false'), (7, 'true GROUP BY id'), (8, 'true ORDER BY id'), (9, 'true UNION SELECT false'), (10, 'DISTINCT true'),
	(11, 'true AS x'), (12, 'true x'), (13, 'true, false'), (14, 'true) OR (false'), (15, 'true) --'), (16, 'true /*'),
	(17, 'true; SELECT 1'), (18, ''), (19, '$1'), (20, 'true FOR UPDATE'), (21, 'true WINDOW w AS ()'), (22, 'true INTO y'),
	(23, 'count(*) > 0'), (24, 'row_number() OVER () > 0'), (25, 'generate_series(1, 2) > 0'), (26, 'true FETCH FIRST ROW ONLY'),
	(27, 'true --'), (28, 'true /* all of it */'), (29, '(is_active) AND (true)'), (30, 'true HAVING true');
CREATE FUNCTION pg_temp.planned(condition text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	UPDATE menuca_wanted_access SET public_may_read_where = condition WHERE table_name = 'dishes';
	RETURN (SELECT coalesce(max(reason) FILTER (WHERE action = 'impossible'), max(statement) FILTER (WHERE object = 'menuca_visitor_select')) FROM menuca_access_plan('{dishes}'));
END $$;
\pset format unaligned
SELECT n, pg_temp.planned(condition) FROM written ORDER BY n;
\pset format aligned
ROLLBACK;

--
-- Hidden columns of any name
--
BEGIN;
ALTER TABLE menuca_v3.dishes ADD "secret,key" text, ADD "a""b" text, ADD "c.d" text, ADD "{e}" text;
UPDATE menuca_wanted_access SET hidden_columns = '{"secret,key","a\"b","c.d","{e}"}' WHERE table_name = 'dishes';
SELECT count(*) FROM menuca_deploy_access(dry_run => false, tables => '{dishes}', test => false) WHERE status = 'deployed';
SELECT attname, has_column_privilege('regress_menuca_anon', attrelid, attnum, 'SELECT') AS readable FROM pg_attribute
WHERE attrelid = 'menuca_v3.dishes'::regclass AND attnum > 0 AND NOT attisdropped AND attname ~ '^id$|[^a-z0-9_]' ORDER BY attnum;
ROLLBACK;

--
-- A cell that cannot be tested does not pass
--
SELECT count(*) FROM menuca_deploy_access(dry_run => false, tables => '{}');
SELECT * FROM menuca_access_overhead(executions => 2);
BEGIN READ ONLY;
SELECT * FROM menuca_test_access();
ROLLBACK;
BEGIN;
-- No key; a check that the copy cannot meet; a condition that cannot be false; a sequence
CREATE TABLE menuca_v3.devices (restaurant_id bigint);
CREATE TABLE menuca_v3.marketing_tags (id int PRIMARY KEY CHECK (id = 1));
INSERT INTO menuca_v3.marketing_tags VALUES (1);
CREATE TABLE menuca_v3.delivery_company_emails (id int PRIMARY KEY, is_active boolean NOT NULL CHECK (is_active));
CREATE TABLE menuca_v3.restaurant_contacts (id serial PRIMARY KEY, restaurant_id bigint);
SET LOCAL client_min_messages = error;
SELECT count(*) FILTER (WHERE status = 'deployed') FROM menuca_deploy_access(dry_run => false, tables => '{devices,marketing_tags,delivery_company_emails,restaurant_contacts,restaurants}');
REVOKE USAGE ON SEQUENCE menuca_v3.restaurant_contacts_id_seq FROM "regress menuca Tenant";
SELECT table_name, command, row_case, status, min(actual) AS actual, count(*), min(detail) AS detail
FROM menuca_test_access('{devices,marketing_tags,delivery_company_emails,restaurant_contacts}')
WHERE status <> 'PASS' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3;
SELECT name, status, actual FROM menuca_check_access(overhead => false) WHERE name = 'matrix';
ROLLBACK;
-- A unique index on no column, and a key with a quote in its name
BEGIN;
CREATE TABLE menuca_v3.provinces ("it's" int PRIMARY KEY);
CREATE UNIQUE INDEX ON menuca_v3.provinces ((1));
SET LOCAL client_min_messages = error;
SELECT status, count(*) FROM menuca_deploy_access(dry_run => false, tables => '{provinces}') GROUP BY 1;
SELECT command, row_case, status, count(*) FROM menuca_test_access('{provinces}') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
ROLLBACK;

--
-- Operators in the caller's search path are not used
--
CREATE SCHEMA evil;
CREATE FUNCTION evil.equal(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE FUNCTION evil.equal(boolean, boolean) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.equal);
CREATE OPERATOR evil.= (LEFTARG = boolean, RIGHTARG = boolean, FUNCTION = evil.equal);
CREATE FUNCTION evil.count() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''caught''; END';
CREATE TABLE menuca_v3.courses (id bigint PRIMARY KEY, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants, is_active boolean NOT NULL);
ALTER TABLE menuca_v3.dishes ADD course_id bigint REFERENCES menuca_v3.courses;
SET client_min_messages = error;
SET search_path = evil, pg_catalog, public;
SELECT status, pg_catalog.count(*) FROM public.menuca_deploy_access(dry_run => false, tables => '{dishes,courses,combo_groups,combo_items,restaurants}', test => false) GROUP BY 1;
SELECT status, pg_catalog.count(*) FROM public.menuca_test_access('{courses,combo_items,restaurants}') GROUP BY 1;
SELECT query, role_kind, counted FROM public.menuca_access_overhead(executions => 3);
SELECT sum(dropped) FROM public.menuca_rollback_access(dry_run => false);
RESET search_path;
RESET client_min_messages;
DROP SCHEMA evil CASCADE;
DROP TABLE menuca_v3.courses CASCADE;
ALTER TABLE menuca_v3.dishes DROP course_id;

--
-- An ordinary owner, and the rights that this role needs
--
CREATE ROLE regress_menuca_owner;
\set ECHO none
\set role regress_menuca_owner
\i :grants
\set ECHO all
GRANT USAGE ON SCHEMA menuca_v3 TO regress_menuca_owner;
SET ROLE regress_menuca_owner;
SELECT action, count(*) FROM menuca_access_plan() GROUP BY 1 ORDER BY 1;
SELECT menuca_deploy_access(dry_run => false);
SELECT menuca_rollback_access();
SELECT menuca_test_access();
SELECT menuca_check_access();
SELECT menuca_access_overhead();
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_deploy_access, menuca_rollback_access, menuca_test_access TO regress_menuca_owner;
SET ROLE regress_menuca_owner;
SELECT table_name, status, reasons FROM menuca_deploy_access(dry_run => false, tables => '{dishes}');
RESET ROLE;
ALTER SCHEMA menuca_v3 OWNER TO regress_menuca_owner;
ALTER TABLE menuca_v3.dishes OWNER TO regress_menuca_owner;
ALTER TABLE menuca_v3.restaurants OWNER TO regress_menuca_owner;
SET ROLE regress_menuca_owner;
SELECT table_name, status, created, grants, rls_switched_on, reasons FROM menuca_deploy_access(dry_run => false, tables => '{dishes,restaurants}', test => false);
RESET ROLE;
-- A login as that role, which is not a member of the others
SET SESSION AUTHORIZATION regress_menuca_owner;
SET menuca.public_role = 'regress_menuca_anon';
SET menuca.tenant_role = 'regress menuca Tenant';
SET menuca.admin_role = 'regress_menuca_service';
SELECT menuca_test_access('{dishes}');
RESET SESSION AUTHORIZATION;
SET menuca.public_role = 'regress_menuca_anon';
SET menuca.tenant_role = 'regress menuca Tenant';
SET menuca.admin_role = 'regress_menuca_service';
GRANT regress_menuca_anon, "regress menuca Tenant", regress_menuca_service TO regress_menuca_owner;
SET SESSION AUTHORIZATION regress_menuca_owner;
SELECT status, count(*) FROM menuca_test_access('{dishes,restaurants}') GROUP BY 1 ORDER BY 1;
-- The matrix shows the effect of the foreign policy
SELECT table_name, role_kind, command, row_case, expected, actual FROM menuca_test_access('{dishes,restaurants}') WHERE status <> 'PASS';
RESET SESSION AUTHORIZATION;
-- A visitors' role that is a member of the owner: no policy would bind it
REVOKE regress_menuca_anon FROM regress_menuca_owner;
GRANT regress_menuca_owner TO regress_menuca_anon;
SELECT action, object, reason FROM menuca_access_plan('{dishes}') WHERE action = 'impossible';
REVOKE regress_menuca_owner FROM regress_menuca_anon;

\set ECHO none
SET client_min_messages = warning;
DROP VIEW state;
\i :drop
DROP SCHEMA auth CASCADE;
DROP TABLE state_before;
DROP FUNCTION no_rls(), plan_has(text, text);
DROP OWNED BY regress_menuca_owner, regress_menuca_anon, "regress menuca Tenant", regress_menuca_service;
DROP ROLE regress_menuca_owner, regress_menuca_anon, "regress menuca Tenant", regress_menuca_service;
