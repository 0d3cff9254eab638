--
-- Staff by membership: a table says who works for which restaurant.  It is looked up
-- once per statement, shows nothing of others, and a member who was removed or
-- suspended is none.
--
\ir include/tools.psql

SELECT plan(72);

\ir include/access_roles.psql

CREATE SCHEMA menuca_v3 AUTHORIZATION menuca_owner;
SET ROLE menuca_owner;
CREATE TYPE menuca_v3.restaurant_status AS ENUM ('pending', 'active', 'suspended', 'inactive', 'closed');
CREATE TABLE menuca_v3.restaurants (id bigserial PRIMARY KEY, name text NOT NULL, status menuca_v3.restaurant_status NOT NULL DEFAULT 'active', deleted_at timestamptz);
CREATE TABLE menuca_v3.courses (id bigserial PRIMARY KEY, restaurant_id bigint NOT NULL, is_active boolean NOT NULL DEFAULT true);
CREATE TABLE menuca_v3.dishes (id bigserial PRIMARY KEY, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants, course_id bigint REFERENCES menuca_v3.courses, name text NOT NULL, is_active boolean NOT NULL DEFAULT true, deleted_at timestamptz);
CREATE INDEX dishes_restaurant ON menuca_v3.dishes (restaurant_id);
CREATE TABLE menuca_v3.combo_groups (id bigserial PRIMARY KEY, restaurant_id int NOT NULL, name text NOT NULL, is_active boolean NOT NULL DEFAULT true);
CREATE INDEX ON menuca_v3.combo_groups (restaurant_id);
CREATE TABLE menuca_v3.combo_items (id bigserial PRIMARY KEY, combo_group_id bigint NOT NULL REFERENCES menuca_v3.combo_groups, dish_id bigint NOT NULL REFERENCES menuca_v3.dishes);
CREATE TABLE menuca_v3.devices (id bigserial PRIMARY KEY, restaurant_id bigint NOT NULL, name text);
CREATE TABLE menuca_v3.admin_users (id bigserial PRIMARY KEY, auth_user_id uuid UNIQUE, email text NOT NULL, status varchar(20) NOT NULL DEFAULT 'active', deleted_at timestamptz);
CREATE TABLE menuca_v3.admin_user_restaurants (id bigserial PRIMARY KEY, admin_user_id bigint NOT NULL REFERENCES menuca_v3.admin_users, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants,
	status text NOT NULL DEFAULT 'active', deleted_at timestamptz, UNIQUE (admin_user_id, restaurant_id));
INSERT INTO menuca_v3.restaurants (name, status) SELECT 'Restaurant ' || n, (CASE WHEN n % 10 = 0 THEN 'closed' ELSE 'active' END)::menuca_v3.restaurant_status FROM generate_series(1, 100) n;
INSERT INTO menuca_v3.dishes (restaurant_id, name, is_active) SELECT n % 100 + 1, 'Dish ' || n, n % 7 > 0 FROM generate_series(1, 20000) n;
INSERT INTO menuca_v3.combo_groups (restaurant_id, name) SELECT n % 100 + 1, 'Group ' || n FROM generate_series(1, 500) n;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT (n - 1) % 500 + 1, n FROM generate_series(1, 5000) n;
INSERT INTO menuca_v3.admin_users (auth_user_id, email) SELECT md5(n::text)::uuid, 'staff' || n || '@example.com' FROM generate_series(1, 2000) n;
-- 1 has restaurant 1; 2 has 2, 3 and 4; 3 had 5; 4 is suspended in 6; 5 has 7 and was removed; 6 has 8 and is suspended; 7 has none; 8 has the closed 10
INSERT INTO menuca_v3.admin_user_restaurants (admin_user_id, restaurant_id, status, deleted_at) VALUES
	(1, 1, 'active', NULL), (2, 2, 'active', NULL), (2, 3, 'active', NULL), (2, 4, 'active', NULL), (3, 5, 'active', now()),
	(4, 6, 'suspended', NULL), (5, 7, 'active', NULL), (6, 8, 'active', NULL), (8, 10, 'active', NULL);
INSERT INTO menuca_v3.admin_user_restaurants (admin_user_id, restaurant_id) SELECT n, n % 100 + 1 FROM generate_series(11, 2000) n;
UPDATE menuca_v3.admin_users SET deleted_at = now() WHERE id = 5;
UPDATE menuca_v3.admin_users SET status = 'suspended' WHERE id = 6;
RESET ROLE;
VACUUM ANALYZE;

-- Becomes staff: the claims that a login has
CREATE FUNCTION public.claims(n int) RETURNS text LANGUAGE sql AS $$SELECT set_config('request.jwt.claims', format('{"role": "authenticated", "sub": "%s"}', md5(n::text)::uuid), false)$$;

--
-- Plan and deployment
--
-- Elsewhere the restaurant of a row is not written at all
UPDATE menuca_wanted_access SET read_only_columns = NULL WHERE table_name = 'devices';
SET menuca.tenant_by = 'membership';
SELECT is((SELECT array_agg(object ORDER BY object) FROM menuca_access_plan() WHERE action = 'create_view'), '{menuca_own_tenants,menuca_public_combo_groups,menuca_public_restaurants}', 'the views are planned');
SELECT is((SELECT count(*)::int FROM menuca_access_plan() WHERE action = 'impossible'), 0, 'nothing is impossible');
SELECT is((SELECT array_agg(DISTINCT status ORDER BY status) FROM menuca_deploy_access() WHERE status <> 'absent'), '{planned}', 'a dry run plans it');
SELECT ok(to_regclass('menuca_v3.menuca_own_tenants') IS NULL, 'and makes nothing');
SELECT is((SELECT array_agg(DISTINCT status ORDER BY status) FROM menuca_deploy_access(dry_run => false) WHERE status <> 'absent'), '{deployed}', 'it is deployed');
SELECT is((SELECT count(*)::int FROM menuca_access_plan() WHERE action NOT IN ('keep', 'absent')), 0, 'deployed again, nothing would change');
SELECT is((SELECT string_agg(format('%s %s %s', relname, pg_get_userbyid(relowner), (SELECT array_agg(DISTINCT a.grantee::regrole::text) FROM aclexplode(coalesce(relacl, acldefault('r', relowner))) a)), ', ' ORDER BY relname)
	FROM pg_class WHERE relname ~ '^menuca_(own_tenants|public_restaurants)$' AND relkind = 'v'),
	'menuca_own_tenants menuca_owner {menuca_owner}, menuca_public_restaurants menuca_owner {menuca_owner}',
	'the views belong to the owner of the tables, and nobody else has a right on them');

--
-- Each member sees his restaurants
--
SET ROLE menuca_login;
SELECT results_eq('SELECT restaurant_id::int, count(*) FROM menuca_v3.devices GROUP BY 1', 'SELECT 1, 1::bigint WHERE false', 'nothing');
RESET ROLE;
INSERT INTO menuca_v3.devices (restaurant_id, name) SELECT n, 'Device' FROM generate_series(1, 100) n;
GRANT EXECUTE ON FUNCTION public.claims TO menuca_login;
CREATE FUNCTION public.sees(n int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	seen text;
BEGIN
	PERFORM public.claims(n);
	SET LOCAL ROLE menuca_login;
	SELECT string_agg(restaurant_id::text, ',' ORDER BY restaurant_id) INTO seen FROM menuca_v3.devices;
	RESET ROLE;
	RETURN coalesce(seen, 'none');
END $$;
SELECT is(public.sees(1), '1', 'a member of one');
SELECT is(public.sees(2), '2,3,4', 'a member of three');
SELECT is(public.sees(3), 'none', 'one whose membership was removed');
SELECT is(public.sees(4), 'none', 'one whose membership is suspended');
SELECT is(public.sees(5), 'none', 'one who was removed');
SELECT is(public.sees(6), 'none', 'one who is suspended');
SELECT is(public.sees(7), 'none', 'a member of none');
SELECT is(public.sees(8), '10', 'staff of a closed restaurant still see its own');
SELECT is(public.sees(9999999), 'none', 'somebody unknown');
SELECT is((SELECT bool_and(menuca_own_tenants('menuca_v3.menuca_own_tenants') = '{}') FROM unnest(ARRAY['', '{', '{}', '{"sub": null}', '{"sub": 1}', '{"sub": ["c4ca4238-a0b9-2382-0dcc-509a6f75849b"]}', '{"sub": "c4ca4238a0b923820dcc509a6f75849b"}', '{"sub": "1 OR true"}', '{"restaurant_id": 1}']) c,
	LATERAL (SELECT set_config('request.jwt.claims', c, false)) s), true, 'claims that name nobody are of nobody');

-- Updates: within his restaurants, and to no other
SELECT public.claims(2) \gset ignored_
SET ROLE menuca_login;
SELECT lives_ok('UPDATE menuca_v3.devices SET restaurant_id = 3 WHERE restaurant_id = 2', 'a row moves between restaurants of the member');
SELECT throws_ok('UPDATE menuca_v3.devices SET restaurant_id = 1 WHERE restaurant_id = 4', '42501', NULL, 'and to no other');
SELECT throws_ok('INSERT INTO menuca_v3.devices (restaurant_id) VALUES (1)', '42501', NULL, 'no row is inserted for others');
SELECT throws_ok('INSERT INTO menuca_v3.devices (restaurant_id) VALUES (NULL)', '42501', NULL, 'nor for nobody');
SELECT throws_ok('SELECT * FROM menuca_v3.admin_user_restaurants', '42501', NULL, 'the membership table cannot be read');
SELECT throws_ok('SELECT * FROM menuca_v3.admin_users', '42501', NULL, 'nor can the table of members');
SELECT throws_ok('SELECT * FROM menuca_v3.menuca_own_tenants', '42501', NULL, 'nor the view');
SELECT is(menuca_own_tenants('menuca_v3.menuca_own_tenants'), '{2,3,4}', 'the function shows a caller his own restaurants');
RESET ROLE;

--
-- One lookup per statement, by indexes
--
CREATE FUNCTION public.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (VERBOSE, FORMAT json) ' || query INTO plan;
	RETURN plan::text;
END $$;
CREATE FUNCTION public.scans(OUT index_scans bigint, OUT table_scans bigint) LANGUAGE sql AS $$
SELECT sum(pg_stat_get_xact_numscans(i.indexrelid)), (SELECT sum(pg_stat_get_xact_numscans(c)) FROM unnest('{menuca_v3.admin_users,menuca_v3.admin_user_restaurants}'::regclass[]) c)
FROM pg_index i WHERE i.indrelid IN ('menuca_v3.admin_users'::regclass, 'menuca_v3.admin_user_restaurants'::regclass)$$;
BEGIN;
SET LOCAL ROLE menuca_login;
SELECT plan_of('SELECT * FROM menuca_v3.dishes WHERE restaurant_id = 2') AS plan, plan_of('UPDATE menuca_v3.dishes SET name = name WHERE restaurant_id = 2') AS update_plan \gset
SELECT ok(:'plan' ~ 'InitPlan' AND :'plan' ~ 'menuca_own_tenants' AND :'plan' !~ '"(Filter|Index Cond|Recheck Cond)": "[^"]*menuca_own_tenants', 'the restaurants are read in an InitPlan, and in no filter');
SELECT ok(:'plan' ~ 'dishes_restaurant' AND :'plan' !~ 'Seq Scan', 'the member''s dishes are found by their index');
SELECT ok(:'update_plan' ~ 'InitPlan' AND :'update_plan' ~ 'dishes_restaurant' AND :'update_plan' !~ '"(Filter|Index Cond|Recheck Cond)": "[^"]*menuca_own_tenants', 'so they are when they are changed');
SELECT count(*) AS own FROM menuca_v3.dishes \gset
RESET ROLE;
SELECT index_scans, table_scans FROM public.scans() \gset before_
SET LOCAL ROLE menuca_login;
SELECT count(*) AS own FROM menuca_v3.dishes \gset
RESET ROLE;
SELECT is((SELECT format('%s %s', index_scans - :before_index_scans, table_scans - :before_table_scans) FROM public.scans()), '2 0', 'a statement on 20,000 rows looks into each of the two tables once, by an index');
COMMIT;

--
-- The matrix tries members of none, one and three, removed and suspended ones
--
CREATE TEMP TABLE cells AS SELECT * FROM menuca_test_access('{restaurants,dishes,combo_groups,combo_items,devices,admin_users,admin_user_restaurants}');
SELECT is((SELECT string_agg(format('%s %s %s %s: %s %s', table_name, role_kind, command, row_case, actual, detail), E'\n') FROM cells WHERE status <> 'PASS'), NULL, 'the matrix is green');
SELECT ok((SELECT count(*) FROM cells) > 300, 'and has tried much');
SELECT is((SELECT string_agg(expected, ' ' ORDER BY role_kind) FROM cells WHERE table_name = 'combo_items' AND row_case = 'own, of inactive restaurants'), 'allowed refused allowed refused refused',
	'rows of an inactive restaurant: for its staff and the services alone');
SELECT is((SELECT string_agg(expected, ' ' ORDER BY role_kind) FROM cells WHERE table_name = 'combo_items' AND row_case = 'own, of inactive combo_groups'), 'allowed refused allowed refused refused', 'and so are those of an inactive group');
SELECT is((SELECT count(*)::int FROM menuca_v3.admin_users), 2000, 'the members that were tried are gone');
-- A membership that is still in force after its removal turns it red
BEGIN;
CREATE OR REPLACE VIEW menuca_v3.menuca_own_tenants AS SELECT m.restaurant_id AS tenant FROM menuca_v3.admin_user_restaurants m JOIN menuca_v3.admin_users u ON u.id = m.admin_user_id
	WHERE u.auth_user_id = menuca_claim_uuid('sub') AND u.deleted_at IS NULL AND m.deleted_at IS NULL AND m.status = 'active';
SELECT is((SELECT string_agg(DISTINCT format('%s %s %s', role_kind, row_case, status), ', ') FROM menuca_test_access('{devices}') WHERE status <> 'PASS'), 'unclaimed own FAIL', 'a suspended member who still counts is found by the matrix');
SELECT is((SELECT string_agg(action || ' ' || object, ', ') FROM menuca_access_plan('{devices}') WHERE action NOT IN ('keep', 'absent')), 'replace_view menuca_own_tenants', 'and by the plan');
SELECT isnt((SELECT status FROM menuca_check_access(matrix => false, overhead => false) WHERE name = 'policies'), 'PASS', 'and by the checks');
ROLLBACK;
-- What it costs is measured with a member who is made for it
SELECT is((SELECT string_agg(DISTINCT status, ',') FROM menuca_access_overhead(executions => 3) WHERE status IN ('SKIP', 'ERROR') OR detail ~ 'not as wanted'), NULL, 'the overhead is measured');

--
-- The function shows nothing but views of that name, and those as their owner
--
CREATE SCHEMA evil AUTHORIZATION menuca_login;
SET ROLE menuca_login;
CREATE VIEW evil.menuca_own_tenants AS SELECT restaurant_id AS tenant FROM menuca_v3.admin_user_restaurants;
CREATE VIEW evil.other AS SELECT 1::bigint AS tenant;
SELECT throws_ok($$SELECT menuca_own_tenants('evil.menuca_own_tenants')$$, '42501', NULL, 'a view of one''s own shows what its owner may read');
SELECT is(menuca_own_tenants('evil.other'), '{}', 'a view of another name is not read');
SELECT is(menuca_own_tenants('menuca_v3.admin_user_restaurants'), '{}', 'nor is a table');
SELECT is(menuca_own_tenants('menuca_v3.menuca_public_restaurants'), '{}', 'nor the other view');
SELECT is(menuca_own_tenants(NULL), '{}', 'nor nothing');
SELECT is(menuca_is_public('evil.other', 1::bigint), false, 'nor by the other function');
SELECT is(menuca_is_public('menuca_v3.menuca_own_tenants', 2::bigint), false, 'which reads its own view');
SELECT is(ARRAY[menuca_is_public('menuca_v3.menuca_public_restaurants', 1::bigint), menuca_is_public('menuca_v3.menuca_public_restaurants', 10::bigint), menuca_is_public('menuca_v3.menuca_public_restaurants', NULL::bigint), menuca_is_public(NULL, 1::bigint)], '{t,f,f,f}', 'and knows public restaurants');
RESET ROLE;
DROP SCHEMA evil CASCADE;

--
-- Settings, and what is done to the tables, after the deployment
--
SET menuca.membership_table = 'nothing';
SET menuca.membership_claim = 'email';
SELECT is(public.sees(2), '3,3,4', 'settings that are changed later change nothing of what was deployed');
SELECT alike((SELECT reason FROM menuca_access_plan('{devices}') WHERE table_name = 'devices' AND action = 'impossible'), 'table menuca_v3.nothing of menuca.membership_table does not exist%', 'but the plan says that they do not fit');
RESET menuca.membership_table;
RESET menuca.membership_claim;
ALTER TABLE menuca_v3.admin_user_restaurants RENAME TO staff;
ALTER TABLE menuca_v3.staff RENAME restaurant_id TO vendor_id;
ALTER TABLE menuca_v3.admin_users RENAME auth_user_id TO login_id;
SELECT is(public.sees(2), '3,3,4', 'a renamed table or column is followed');
SET menuca.membership_table = 'menuca_v3.staff';
SET menuca.membership_user_column = 'admin_user_id -> admin_users.login_id';
SET menuca.membership_tenant_column = 'vendor_id';
SELECT is((SELECT string_agg(status, ',') FROM menuca_deploy_access(dry_run => false, tables => '{devices}')), 'deployed,unchanged', 'a deployment with the new names changes the view');
SELECT is(public.sees(2), '3,3,4', 'which shows the same');
SELECT throws_ok('DROP TABLE menuca_v3.staff', '2BP01', NULL, 'the membership table is not dropped');
BEGIN;
DROP TABLE menuca_v3.staff CASCADE;
SELECT is(public.sees(2), 'none', 'with CASCADE nobody is staff any more');
SELECT is((SELECT status FROM menuca_check_access(matrix => false, overhead => false) WHERE name = 'rls_without_policy') IN ('PASS', 'FAIL'), true, 'and the checks work');
ROLLBACK;

--
-- Conditions
--
CREATE FUNCTION public.reason(condition text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('menuca.membership_condition', condition, false);
	RETURN (SELECT regexp_replace(reason, ' \(SQLSTATE.*', '') FROM menuca_access_plan('{devices}') WHERE table_name = 'devices' AND action = 'impossible');
END $$;
CREATE FUNCTION public.evil(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
ALTER FUNCTION public.evil OWNER TO menuca_login;
SELECT is(public.reason('status = ''active'') OR (true'), 'menuca.membership_condition is not a single expression: status = ''active'') OR (true', 'a condition is one expression');
SELECT is(public.reason('true; DROP TABLE menuca_v3.dishes'), 'menuca.membership_condition is not a single expression: true; DROP TABLE menuca_v3.dishes', 'and no statement');
SELECT is(public.reason('EXISTS (SELECT FROM menuca_v3.dishes)'), 'menuca.membership_condition has a subquery or a volatile function', 'has no subquery');
SELECT is(public.reason('query_to_xml(''DROP TABLE menuca_v3.dishes'', true, false, '''') IS NULL'), 'menuca.membership_condition has a subquery or a volatile function', 'and no volatile function');
SELECT alike(public.reason('public.evil(status)'), 'function evil(text) belongs to role "menuca_login"%', 'nor one that somebody else owns');
SELECT is(public.reason('nothing = 1'), 'column "nothing" does not exist', 'on columns that exist');
SELECT is(public.reason('status <> ''fired'''), NULL, 'another one is taken');
SELECT is((SELECT string_agg(status, ',') FROM menuca_deploy_access(dry_run => false, tables => '{devices}')), 'deployed,unchanged', 'and deployed');
SELECT is(public.sees(4) || ' ' || public.sees(3) || ' ' || public.sees(5) || ' ' || public.sees(6), '6 none none 8', 'it replaces the status, but a removed membership is none');
RESET menuca.membership_condition;

--
-- A table without a path: the claim is in the membership table itself
--
CREATE TABLE menuca_v3.members (user_id uuid NOT NULL, restaurant_id int NOT NULL, PRIMARY KEY (user_id, restaurant_id));
INSERT INTO menuca_v3.members VALUES (md5('1')::uuid, 50), (md5('1')::uuid, 51);
ALTER TABLE menuca_v3.members OWNER TO menuca_owner;
SET menuca.membership_table = 'members';
SET menuca.membership_user_column = 'user_id';
SET menuca.membership_tenant_column = 'restaurant_id';
SELECT is((SELECT string_agg(status, ',') FROM menuca_deploy_access(dry_run => false, tables => '{devices}')), 'deployed,unchanged', 'members by user_id');
SELECT is(public.sees(1) || ' ' || public.sees(2), '50,51 none', 'see theirs');
SELECT is((SELECT count(*)::int FROM menuca_test_access('{devices,dishes}') WHERE status <> 'PASS'), 0, 'the matrix is green');

--
-- Rolled back, nothing remains
--
ALTER TABLE menuca_v3.staff RENAME TO admin_user_restaurants;
SELECT is((SELECT string_agg(DISTINCT status, ',') FROM menuca_rollback_access(dry_run => false, tables => '{devices}')), 'undone', 'a table is rolled back');
SELECT ok(to_regclass('menuca_v3.menuca_own_tenants') IS NOT NULL, 'others still read the view');
SELECT is((SELECT string_agg(DISTINCT status, ',') FROM menuca_rollback_access(dry_run => false)), 'undone', 'and so are all');
SELECT is((SELECT string_agg(relname, ',') FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relkind = 'v'), NULL, 'the views are gone');
SELECT is((SELECT count(*)::int FROM pg_policy), 0, 'with all policies');

DROP SCHEMA menuca_v3 CASCADE;
DROP FUNCTION public.claims, public.sees, public.plan_of, public.scans, public.reason, public.evil;
\ir include/access_roles_end.psql
SELECT * FROM finish();
