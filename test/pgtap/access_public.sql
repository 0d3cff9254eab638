--
-- Public means public: rows of restaurants that are not active, soft-deleted rows and
-- what belongs to a row that is not public are shown to nobody but the staff.  And
-- what users write about themselves says nothing about what they may do.
--
\ir include/tools.psql

SELECT plan(79);

\ir include/access_roles.psql

CREATE SCHEMA menuca_v3 AUTHORIZATION menuca_owner;
SET ROLE menuca_owner;
CREATE TYPE menuca_v3.restaurant_status AS ENUM ('pending', 'active', 'suspended', 'inactive', 'closed');
CREATE TABLE menuca_v3.restaurants (id bigserial PRIMARY KEY, name text NOT NULL, status menuca_v3.restaurant_status, deleted_at timestamptz);
CREATE TABLE menuca_v3.courses (id bigserial PRIMARY KEY, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants, is_active boolean NOT NULL DEFAULT true);
CREATE TABLE menuca_v3.dishes (id bigserial PRIMARY KEY, restaurant_id int NOT NULL REFERENCES menuca_v3.restaurants, course_id bigint REFERENCES menuca_v3.courses, name text NOT NULL, is_active boolean NOT NULL DEFAULT true, deleted_at timestamptz);
CREATE INDEX dishes_restaurant ON menuca_v3.dishes (restaurant_id);
CREATE TABLE menuca_v3.combo_groups (id bigserial PRIMARY KEY, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants, name text NOT NULL, is_active boolean NOT NULL DEFAULT true, deleted_at timestamptz);
CREATE TABLE menuca_v3.combo_items (id bigserial PRIMARY KEY, combo_group_id bigint NOT NULL REFERENCES menuca_v3.combo_groups, dish_id bigint NOT NULL REFERENCES menuca_v3.dishes, deleted_at timestamptz);
CREATE INDEX ON menuca_v3.combo_items (combo_group_id);
CREATE TABLE menuca_v3.combo_steps (id bigserial PRIMARY KEY, combo_item_id bigint NOT NULL REFERENCES menuca_v3.combo_items, step_number int NOT NULL);
CREATE TABLE menuca_v3.marketing_tags (id bigserial PRIMARY KEY, name text NOT NULL, deleted_at timestamptz);
-- 1: active; 2: suspended; 3: deleted; 4: its status is not known; 5 to 300: every third is active
INSERT INTO menuca_v3.restaurants (name, status, deleted_at) VALUES ('One', 'active', NULL), ('Two', 'suspended', NULL), ('Three', 'active', now()), ('Four', NULL, NULL);
INSERT INTO menuca_v3.restaurants (name, status) SELECT 'Restaurant ' || n, (CASE WHEN n % 3 = 0 THEN 'active' ELSE 'closed' END)::menuca_v3.restaurant_status FROM generate_series(5, 300) n;
INSERT INTO menuca_v3.dishes (restaurant_id, name, is_active, deleted_at) SELECT n % 300 + 1, 'Dish ' || n, n % 7 > 0, CASE WHEN n % 11 = 0 THEN now() END FROM generate_series(1, 60000) n;
INSERT INTO menuca_v3.combo_groups (restaurant_id, name, is_active, deleted_at) SELECT n % 300 + 1, 'Group ' || n, n % 5 > 0, CASE WHEN n % 13 = 0 THEN now() END FROM generate_series(1, 1500) n;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT (n - 1) % 1500 + 1, n FROM generate_series(1, 6000) n;
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number) SELECT n, 1 FROM generate_series(1, 6000) n;
INSERT INTO menuca_v3.marketing_tags (name, deleted_at) VALUES ('vegan', NULL), ('old', now());
RESET ROLE;
VACUUM ANALYZE;

CREATE FUNCTION public.as_role(role text, claims text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM set_config('request.jwt.claims', claims, true);
	PERFORM set_config('role', role, true);
	EXECUTE query INTO answer;
	PERFORM set_config('role', 'none', true);
	RETURN answer;
END $$;
CREATE FUNCTION public.visitor(query text) RETURNS text LANGUAGE sql AS $$SELECT public.as_role('menuca_visitor', '', query)$$;
-- What a visitor should see, written by hand
CREATE VIEW public.by_hand AS
SELECT 'dishes' AS name, count(*) AS rows FROM menuca_v3.dishes d JOIN menuca_v3.restaurants r ON r.id = d.restaurant_id WHERE d.is_active AND d.deleted_at IS NULL AND r.status = 'active' AND r.deleted_at IS NULL
UNION ALL
SELECT 'combo_items', count(*) FROM menuca_v3.combo_items i JOIN menuca_v3.combo_groups g ON g.id = i.combo_group_id JOIN menuca_v3.restaurants r ON r.id = g.restaurant_id
	WHERE i.deleted_at IS NULL AND g.is_active AND g.deleted_at IS NULL AND r.status = 'active' AND r.deleted_at IS NULL
UNION ALL
SELECT 'combo_steps', count(*) FROM menuca_v3.combo_steps s JOIN menuca_v3.combo_items i ON i.id = s.combo_item_id JOIN menuca_v3.combo_groups g ON g.id = i.combo_group_id JOIN menuca_v3.restaurants r ON r.id = g.restaurant_id
	WHERE i.deleted_at IS NULL AND g.is_active AND g.deleted_at IS NULL AND r.status = 'active' AND r.deleted_at IS NULL
UNION ALL
SELECT 'restaurants', count(*) FROM menuca_v3.restaurants WHERE status = 'active' AND deleted_at IS NULL
UNION ALL
SELECT 'marketing_tags', 1;

SELECT is((SELECT array_agg(DISTINCT status ORDER BY status) FROM menuca_deploy_access(dry_run => false)), '{absent,deployed}', 'deployed');
SELECT is(public.visitor('SELECT count(*) FROM menuca_v3.' || name), rows::text, name || ': a visitor without a login sees what is public') FROM public.by_hand ORDER BY name;
SELECT is(public.as_role('menuca_login', '{}', 'SELECT count(*) FROM menuca_v3.' || name), rows::text, name || ': so does one with a login') FROM public.by_hand ORDER BY name;
SELECT ok((SELECT rows FROM public.by_hand WHERE name = 'combo_steps') > 500, 'and that is much');
SELECT is(public.as_role('menuca_login', '{"restaurant_id": 2}', 'SELECT count(*) FROM menuca_v3.dishes WHERE restaurant_id = 2'), '200', 'the staff of a suspended restaurant see all of their dishes');
SELECT is(public.as_role('menuca_login', '{"restaurant_id": 2}', 'SELECT count(*) FROM menuca_v3.combo_items i JOIN menuca_v3.combo_groups g ON g.id = i.combo_group_id WHERE restaurant_id = 2'), '20', 'and of their combos');
SELECT is(public.visitor('SELECT count(*) FROM menuca_v3.dishes WHERE restaurant_id IN (2, 3, 4)'), '0', 'others see none of those that are suspended, deleted or of unknown status');

-- In each statement the restaurants as they are then
CREATE FUNCTION public.follow() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	seen text := '';
BEGIN
	FOR i IN 1 .. 3 LOOP
		seen := seen || public.visitor('SELECT count(*) > 0 FROM menuca_v3.dishes WHERE restaurant_id = 1') || ' '
			|| menuca_is_public('menuca_v3.menuca_public_restaurants', 1::bigint) || ' ';
		UPDATE menuca_v3.restaurants SET status = CASE status WHEN 'active' THEN 'suspended' ELSE 'active' END::menuca_v3.restaurant_status WHERE id = 1;
	END LOOP;
	RETURN seen;
END $$;
SELECT is(public.follow(), 'true true false false true true ', 'a restaurant that is suspended or active again is so at once');
UPDATE menuca_v3.restaurants SET status = 'active' WHERE id = 1;

--
-- The index is used, and each restaurant is looked up once
--
CREATE FUNCTION public.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan::text;
END $$;
GRANT EXECUTE ON FUNCTION public.plan_of TO PUBLIC;
SELECT ok(plan ~ 'dishes_restaurant' AND plan !~ 'Seq Scan', 'a visitor''s menu is found by its index') FROM public.visitor('SELECT public.plan_of(''SELECT * FROM menuca_v3.dishes WHERE restaurant_id = 9'')') plan;
SELECT ok(plan ~ 'dishes_restaurant' AND plan !~ 'Seq Scan', 'and that of one with a login') FROM public.as_role('menuca_login', '{"restaurant_id": 9}', 'SELECT public.plan_of(''SELECT * FROM menuca_v3.dishes WHERE restaurant_id = 9'')') plan;
CREATE FUNCTION public.lookups(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	before bigint := pg_stat_get_xact_numscans('menuca_v3.restaurants'::regclass) + pg_stat_get_xact_numscans('menuca_v3.restaurants_pkey'::regclass);
BEGIN
	PERFORM public.visitor(query);
	RETURN pg_stat_get_xact_numscans('menuca_v3.restaurants'::regclass) + pg_stat_get_xact_numscans('menuca_v3.restaurants_pkey'::regclass) - before;
END $$;
SET max_parallel_workers_per_gather = 0;
SELECT is(public.lookups('SELECT count(*) FROM menuca_v3.dishes WHERE restaurant_id = 9'), 1::bigint, 'one restaurant''s menu looks it up once');
SELECT ok(public.lookups('SELECT count(*) FROM menuca_v3.dishes') BETWEEN 20 AND 150, 'all menus read the restaurants as soon as that is cheaper than to look up each');
RESET max_parallel_workers_per_gather;

--
-- Where the operator decides otherwise
--
BEGIN;
UPDATE menuca_wanted_access SET public_with_tenant = false WHERE table_name = 'dishes';
UPDATE menuca_wanted_access SET public_may_read_where = 'name <> '''' OR deleted_at IS NULL' WHERE table_name = 'combo_groups';
COMMIT;
SELECT is((SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM menuca_deploy_access(dry_run => false) WHERE status = 'deployed'), 'combo_groups dishes', 'their policies are deployed again; others ask a view, which is deployed with them');
SELECT is(public.visitor('SELECT count(*) FROM menuca_v3.dishes'), (SELECT count(*)::text FROM menuca_v3.dishes WHERE is_active AND deleted_at IS NULL), 'public_with_tenant = false: the restaurant is not asked for, and deleted rows are not public');
SELECT is(public.visitor('SELECT count(*) FROM menuca_v3.combo_groups'), (SELECT count(*)::text FROM menuca_v3.combo_groups g JOIN menuca_v3.restaurants r ON r.id = restaurant_id WHERE status = 'active' AND r.deleted_at IS NULL),
	'a condition that says something of deleted_at decides about it');
SELECT is((SELECT count(*)::int FROM menuca_test_access('{dishes,combo_groups,combo_items}') WHERE status <> 'PASS'), 0, 'the matrix is green');
UPDATE menuca_wanted_access SET public_with_tenant = true WHERE table_name = 'dishes';
UPDATE menuca_wanted_access SET public_may_read_where = 'is_active = true' WHERE table_name = 'combo_groups';
-- A condition with a subquery, or a function of others, is not evaluated as the owner of the table
CREATE FUNCTION public.is_open(name text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RETURN current_user IN ('menuca_visitor', 'menuca_login'); END $$;
ALTER FUNCTION public.is_open OWNER TO menuca_login;
SELECT is((SELECT string_agg(DISTINCT status, ' ') FROM menuca_deploy_access(dry_run => false) WHERE status NOT IN ('absent', 'unchanged')), 'deployed', 'as before');
UPDATE menuca_wanted_access SET public_may_read_where = 'status = ''active'' AND public.is_open(name)' WHERE table_name = 'restaurants';
SELECT ok((SELECT bool_and(status IN ('deployed', 'absent', 'unchanged')) FROM menuca_deploy_access(dry_run => false)), 'a condition on restaurants that calls a function of others');
SELECT is(public.visitor('SELECT count(*) FROM menuca_v3.dishes'), (SELECT rows::text FROM public.by_hand WHERE name = 'dishes'), 'is evaluated as the visitor');
SELECT ok((SELECT qual !~ 'menuca_is_public' AND qual ~ 'is_open' FROM pg_policies WHERE tablename = 'dishes' AND policyname = 'menuca_visitor_select'), 'by the policy itself');
UPDATE menuca_wanted_access SET public_may_read_where = 'EXISTS (SELECT FROM menuca_v3.marketing_tags WHERE status = ''active'')' WHERE table_name = 'restaurants';
SELECT ok((SELECT bool_and(status IN ('deployed', 'absent', 'unchanged')) FROM menuca_deploy_access(dry_run => false)), 'so is one with a subquery');
SELECT is(public.visitor('SELECT count(*) FROM menuca_v3.dishes'), (SELECT rows::text FROM public.by_hand WHERE name = 'dishes'), 'with the same result');
UPDATE menuca_wanted_access SET public_may_read_where = 'status = ''active''' WHERE table_name = 'restaurants';
-- Restaurants of which it is not known which are public
UPDATE menuca_wanted_access SET public_may_read_where = 'nothing = 1' WHERE table_name = 'restaurants';
SELECT is((SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM menuca_access_plan() WHERE action = 'impossible'), 'combo_groups combo_items combo_steps courses dishes restaurants', 'without the restaurants'' condition nothing of theirs is deployed');
SELECT alike((SELECT reason FROM menuca_access_plan('{dishes}') WHERE action = 'impossible'), 'rows of "dishes" are public only while those of "restaurants" are,%column "nothing" does not exist%', 'which says why');
UPDATE menuca_wanted_access SET public_may_read_where = 'status = ''active''' WHERE table_name = 'restaurants';
SELECT ok((SELECT bool_and(status IN ('deployed', 'absent', 'unchanged')) FROM menuca_deploy_access(dry_run => false)), 'as before');

-- A column that the rows do not hold yet
ALTER TABLE menuca_v3.restaurants ADD is_listed boolean NOT NULL DEFAULT true;
UPDATE menuca_wanted_access SET public_may_read_where = 'status = ''active'' AND is_listed' WHERE table_name = 'restaurants';
SELECT ok((SELECT bool_and(status IN ('deployed', 'absent', 'unchanged')) FROM menuca_deploy_access(dry_run => false)), 'a new column with a default');
SELECT is(public.visitor('SELECT count(*) FROM menuca_v3.dishes WHERE restaurant_id = 9'), (SELECT count(*)::text FROM menuca_v3.dishes WHERE restaurant_id = 9 AND is_active AND deleted_at IS NULL), 'has it in each row');
UPDATE menuca_wanted_access SET public_may_read_where = 'status = ''active''' WHERE table_name = 'restaurants';
SELECT ok((SELECT bool_and(status IN ('deployed', 'absent', 'unchanged')) FROM menuca_deploy_access(dry_run => false)), 'as before');

-- Renamed columns are followed, and a forgotten restaurant is found
ALTER TABLE menuca_v3.restaurants RENAME status TO state;
ALTER TABLE menuca_v3.combo_groups RENAME restaurant_id TO vendor_id;
SELECT is(public.visitor('SELECT count(*) FROM menuca_v3.dishes') || ' ' || public.visitor('SELECT count(*) FROM menuca_v3.combo_steps') > '0 0', true, 'renamed columns are followed');
ALTER TABLE menuca_v3.restaurants RENAME state TO status;
ALTER TABLE menuca_v3.combo_groups RENAME vendor_id TO restaurant_id;
SELECT is((SELECT count(*)::int FROM menuca_access_plan() WHERE action NOT IN ('keep', 'absent')), 0, 'and renamed back, everything is as wanted');
SELECT is((SELECT count(*)::int FROM menuca_test_access('{restaurants,courses,dishes,combo_groups,combo_items,combo_steps}') WHERE status <> 'PASS'), 0, 'the matrix is green');
BEGIN;
ALTER POLICY menuca_visitor_select ON menuca_v3.dishes USING (is_active AND deleted_at IS NULL);
SELECT is((SELECT string_agg(DISTINCT format('%s %s', role_kind, regexp_replace(row_case, ' has .*', '')), ', ') FROM menuca_test_access('{dishes}') WHERE status <> 'PASS'), 'public foreign, its row of restaurants, public own, of inactive restaurants', 'a policy that forgets the restaurant is found by the matrix');
ROLLBACK;
BEGIN;
ALTER POLICY menuca_visitor_select ON menuca_v3.combo_items USING (deleted_at IS NULL AND EXISTS (SELECT FROM menuca_v3.combo_groups g WHERE g.id = combo_group_id AND menuca_is_public('menuca_v3.menuca_public_restaurants', g.restaurant_id)));
ALTER POLICY menuca_visitor_select ON menuca_v3.combo_groups USING (true);
SELECT is((SELECT string_agg(DISTINCT format('%s %s', role_kind, regexp_replace(row_case, ' has .*', '')), ', ') FROM menuca_test_access('{combo_items}') WHERE status <> 'PASS'), 'public foreign, its row of combo_groups, public own, of inactive combo_groups', 'and so is one that forgets the group');
ROLLBACK;
-- The server refuses to drop what the policies read; without it nothing is public
SELECT throws_ok('ALTER TABLE menuca_v3.restaurants DROP status', '2BP01', NULL, 'the column that the policies read is not dropped');
SELECT throws_ok('DROP VIEW menuca_v3.menuca_public_restaurants', '2BP01', NULL, 'nor is their view');

--
-- Restaurants by uuid
--
SELECT is((SELECT string_agg(concat_ws(' ', table_name, status, reasons), ', ') FROM menuca_rollback_access(dry_run => false) WHERE status <> 'undone'), NULL, 'rolled back');
DROP VIEW public.by_hand;
DROP SCHEMA menuca_v3 CASCADE;
CREATE SCHEMA menuca_v3;
CREATE TABLE menuca_v3.restaurants (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), status text NOT NULL DEFAULT 'active');
CREATE TABLE menuca_v3.dishes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), restaurant_id uuid NOT NULL REFERENCES menuca_v3.restaurants, name text NOT NULL DEFAULT 'x', is_active boolean NOT NULL DEFAULT true);
INSERT INTO menuca_v3.restaurants VALUES ('00000000-0000-0000-0000-000000000001', 'active'), ('00000000-0000-0000-0000-000000000002', 'closed');
INSERT INTO menuca_v3.restaurants (id) SELECT md5(n::text)::uuid FROM generate_series(1, 20) n;
INSERT INTO menuca_v3.dishes (restaurant_id) SELECT id FROM menuca_v3.restaurants;
CREATE TABLE menuca_v3.members (user_id bigint NOT NULL, restaurant_id uuid NOT NULL, PRIMARY KEY (user_id, restaurant_id));
INSERT INTO menuca_v3.members VALUES (7, '00000000-0000-0000-0000-000000000001'), (7, '00000000-0000-0000-0000-000000000002');
SET menuca.tenant_by = 'membership';
SET menuca.membership_table = 'members';
SET menuca.membership_user_column = 'user_id';
SET menuca.membership_claim = 'app_metadata -> staff_id';
-- A view that somebody else has put in the place of ours decides nothing
GRANT USAGE, CREATE ON SCHEMA menuca_v3 TO menuca_login;
SET ROLE menuca_login;
CREATE VIEW menuca_v3.menuca_public_restaurants AS SELECT '00000000-0000-0000-0000-000000000002'::uuid AS key;
CREATE VIEW menuca_v3.menuca_own_tenants AS SELECT '00000000-0000-0000-0000-000000000002'::uuid AS tenant;
RESET ROLE;
SELECT is((SELECT string_agg(concat_ws(' ', table_name, object, regexp_replace(reason, 'former_view_[0-9]+', 'former_view_N')), E'\n' ORDER BY table_name, object) FROM menuca_access_plan('{dishes}') WHERE action = 'impossible'),
$$dishes policies would read view menuca_v3.menuca_public_restaurants, which no deployment made: role "menuca_login" owns it, and decides what it shows (SQLSTATE 55000). ALTER VIEW menuca_v3.menuca_public_restaurants RENAME TO former_view_N;
menuca_own_tenants policies would read view menuca_v3.menuca_own_tenants, which no deployment made: role "menuca_login" owns it, and decides what it shows
menuca_public_restaurants policies would read view menuca_v3.menuca_public_restaurants, which no deployment made: role "menuca_login" owns it, and decides what it shows$$, 'no policy is planned that would read a view of others');
SELECT is((SELECT string_agg(DISTINCT status, ',' ORDER BY status) FROM menuca_deploy_access(dry_run => false, tables => '{restaurants,dishes}')), 'impossible', 'nor deployed');
SELECT matches(statement, '^ALTER VIEW menuca_v3.menuca_(public_restaurants|own_tenants) RENAME TO former_view_[0-9]+;$', 'the plan makes room for ' || object) FROM menuca_access_plan('{dishes}') WHERE action = 'impossible' AND table_name IS NULL ORDER BY object;
SELECT statement FROM menuca_access_plan('{dishes}') WHERE action = 'impossible' AND table_name IS NULL \gexec
CREATE TABLE menuca_v3.menuca_public_restaurants (key uuid);
SELECT matches((SELECT reason FROM menuca_access_plan('{dishes}') WHERE table_name = 'dishes' AND action = 'impossible'), '^policies would read menuca_v3.menuca_public_restaurants as a view, but it is something else', 'nor one that would read a table');
SELECT is((SELECT string_agg(DISTINCT status, ',' ORDER BY status) FROM menuca_deploy_access(tables => '{dishes}')), 'impossible', 'nor is it deployed');
SELECT statement FROM menuca_access_plan('{dishes}') WHERE action = 'impossible' AND table_name IS NULL \gexec
SELECT is((SELECT count(*)::int FROM menuca_access_plan('{dishes}') WHERE action = 'impossible'), 0, 'after that it is possible');
SELECT is((SELECT string_agg(DISTINCT status, ',' ORDER BY status) FROM menuca_deploy_access(dry_run => false, tables => '{restaurants,dishes}')), 'deployed', 'restaurants by uuid, members by number');
SELECT is(public.visitor('SELECT count(*) FROM menuca_v3.dishes'), '21', 'visitors see public ones');
SELECT is(public.as_role('menuca_login', '{"app_metadata": {"staff_id": 7}}', 'SELECT count(*) FROM menuca_v3.dishes'), '22', 'and staff theirs');
SELECT throws_ok($$SELECT public.as_role('menuca_login', '{"app_metadata": {"staff_id": 7}}', 'UPDATE menuca_v3.dishes SET restaurant_id = md5(''1'')::uuid WHERE restaurant_id = ''00000000-0000-0000-0000-000000000001'' RETURNING 1')$$, '42501', NULL, 'which they do not give away');
SELECT is((SELECT string_agg(format('%s %s %s %s', role_kind, command, row_case, detail), ', ') FROM menuca_test_access('{restaurants,dishes}') WHERE status <> 'PASS'), NULL, 'the matrix is green');
SET menuca.membership_tenant_column = 'user_id';
SELECT alike((SELECT reason FROM menuca_access_plan('{dishes}') WHERE table_name = 'dishes' AND action = 'impossible'), 'the key is of type uuid, but column user_id of table menuca_v3.members is of type bigint%', 'a column of another type does not fit');
RESET menuca.tenant_by;
RESET menuca.membership_table;
RESET menuca.membership_user_column;
RESET menuca.membership_tenant_column;
RESET menuca.membership_claim;

--
-- user_metadata
--
CREATE FUNCTION public.refused(setting text, value text, tables text[] DEFAULT '{dishes}') RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	before text := current_setting(setting, true);
	refused boolean;
BEGIN
	PERFORM set_config(setting, value, false);
	SELECT coalesce(bool_or(reason ~ 'user_metadata, which users write themselves'), false) INTO refused FROM menuca_access_plan(tables) WHERE table_name IS NOT NULL AND action = 'impossible';
	PERFORM set_config(setting, before, false);
	RETURN refused;
END $$;
SELECT ok(public.refused('menuca.tenant_claim', claim), 'refused: ' || claim)
FROM unnest(ARRAY['user_metadata -> restaurant_id', 'user_metadata->restaurant_id', '  USER_METADATA -> x', 'User_MetaData', '"user_metadata" -> x', 'user_metadata ->> x', 'user_metadata.restaurant_id', 'raw_user_meta_data -> x', 'app_metadata -> user_metadata -> x', '{user_metadata,x}']) claim;
SELECT ok(NOT public.refused('menuca.tenant_claim', claim), 'not refused: ' || claim) FROM unnest(ARRAY['app_metadata -> restaurant_id', 'restaurant_id', 'metadata -> user']) claim;
SELECT ok(public.refused('menuca.jwt_claims', 'app.user_metadata'), 'nor is a setting of that name read');
CREATE FUNCTION public.condition_refused(condition text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	UPDATE menuca_wanted_access SET public_may_read_where = condition WHERE table_name = 'dishes';
	RETURN (SELECT coalesce(bool_or(reason ~ 'user_metadata, which users write themselves'), false) FROM menuca_access_plan('{dishes}') WHERE action = 'impossible');
END $$;
SELECT ok(public.condition_refused(condition), 'refused: ' || condition)
FROM unnest(ARRAY[
	$$current_setting('request.jwt.claims', true)::jsonb -> 'user_metadata' ->> 'vip' = 'true'$$,
	$$current_setting('request.jwt.claims', true)::jsonb #>> '{user_metadata,vip}' = 'true'$$,
	$$current_setting('request.jwt.claims', true)::jsonb -> ('user_' || 'metadata') ->> 'vip' = 'true'$$,
	$$current_setting('request.jwt.claims', true)::jsonb -> U&'\0075ser_metadata' ->> 'vip' = 'true'$$,
	$$current_setting('request.jwt.claims', true)::jsonb -> E'\x75ser_metadata' ->> 'vip' = 'true'$$,
	$$current_setting('request.jwt.claims', true)::jsonb @? '$."user\u005fmetadata".vip'$$,
	$$current_setting('request.jwt.claims', true)::jsonb -> ('{"a": "user\u005fmetadata"}'::jsonb ->> 'a') IS NOT NULL$$,
	$$current_setting('request.jwt.claims', true)::jsonb ->> lower('RAW_USER_META_DATA') = 'x'$$]) condition;

DROP SCHEMA menuca_v3 CASCADE;
DROP FUNCTION public.as_role, public.visitor, public.follow, public.plan_of, public.lookups, public.is_open, public.refused, public.condition_refused;
\ir include/access_roles_end.psql
SELECT * FROM finish();
