--
-- Row level security on all 40 tables of the tickets: with Supabase's roles
-- and its function auth.jwt(), and with other roles and claims
--
\ir include/tools.psql

SELECT plan(74);

\! perl test/fixture/generate.pl --quiet --scale 0.05 --schema "$WORK/schema.sql"
\i :work/schema.sql
\ir include/access_tables.psql

-- Large enough for an index to pay off
INSERT INTO menuca_v3.dishes (restaurant_id, course_id, name, is_active)
SELECT d.restaurant_id, d.course_id, d.name || ' ' || n, n % 10 > 0
FROM menuca_v3.dishes d, generate_series(1, 20) n;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id)
SELECT g.id, (SELECT min(d.id) FROM menuca_v3.dishes d WHERE d.restaurant_id = g.restaurant_id)
FROM menuca_v3.combo_groups g, generate_series(1, 10);
ANALYZE;

-- Everything that could be left behind: rows, sequences, policies, grants
CREATE FUNCTION pg_temp.everything() RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	t record;
	digest text;
	state text := '';
BEGIN
	FOR t IN SELECT c.oid::regclass AS name, c.relrowsecurity, c.relkind, coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)) AS acl
		FROM pg_class c WHERE c.relnamespace = 'menuca_v3'::regnamespace AND c.relkind IN ('r', 'S') ORDER BY c.relname
	LOOP
		EXECUTE format('SELECT md5(string_agg(r::text, '','' ORDER BY r::text)) FROM (SELECT %s FROM %s) r',
			CASE t.relkind WHEN 'S' THEN 'last_value, is_called' ELSE '*' END, t.name) INTO digest;
		state := state || format(E'%s %s %s %s\n', t.name, t.relrowsecurity, digest, ARRAY(SELECT a::text FROM unnest(t.acl) a ORDER BY 1));
	END LOOP;
	RETURN md5(state || (SELECT coalesce(string_agg(p::text, E'\n' ORDER BY tablename, policyname), '') FROM pg_policies p)
		|| (SELECT coalesce(nspacl, acldefault('n', nspowner))::text FROM pg_namespace WHERE nspname = 'menuca_v3'));
END
$$;

CREATE FUNCTION pg_temp.plan(query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (VERBOSE, FORMAT json) ' || query INTO plan;
	RETURN plan::text;
END
$$;

--
-- Supabase's names
--
DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY '{anon,authenticated,service_role}'::text[] LOOP
		IF to_regrole(r) IS NULL THEN
			EXECUTE format('CREATE ROLE %I NOLOGIN', r);
		END IF;
	END LOOP;
END $$;
CREATE SCHEMA auth;
GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role;
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS
$$SELECT coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb$$;
CREATE FUNCTION pg_temp.claims(restaurant bigint) RETURNS text LANGUAGE sql AS
$$SELECT format('{"role": "authenticated", "restaurant_id": %s}', restaurant)$$;
\set tenant_role authenticated
\set claims_setting request.jwt.claims
SET menuca.jwt_claims = 'auth.jwt()';
\set round 'with the roles of Supabase and auth.jwt()'
\ir include/access_round.psql

--
-- Others
--
CREATE ROLE "menuca visitor";
CREATE ROLE menuca_login;
CREATE ROLE menuca_backend BYPASSRLS;
SET menuca.public_role = 'menuca visitor';
SET menuca.tenant_role = 'menuca_login';
SET menuca.admin_role = 'menuca_backend';
SET menuca.jwt_claims = 'menuca_app.claims';
SET menuca.tenant_claim = 'app_metadata -> restaurant';
SET menuca.user_claim = 'sub';
CREATE OR REPLACE FUNCTION pg_temp.claims(restaurant bigint) RETURNS text LANGUAGE sql AS
$$SELECT format('{"sub": "7", "app_metadata": {"restaurant": "%s"}}', restaurant)$$;
\set tenant_role menuca_login
\set claims_setting menuca_app.claims
\set round 'with roles, a setting and claims of others'' names'
\ir include/access_round.psql

-- A coupon whose is_used is NULL can be used
SELECT count(*) > 0 AS deployed FROM menuca_deploy_access(dry_run => false) \gset
UPDATE menuca_v3.promotional_coupons SET is_used = NULL WHERE id IN (1, 2);
SET ROLE "menuca visitor";
SELECT is((SELECT array_agg(id::int ORDER BY id) FROM menuca_v3.promotional_coupons), '{1,2}', 'visitors see coupons whose is_used is NULL, and no used ones');
SELECT ok((SELECT count(*) FROM menuca_v3.restaurants) > 0 AND NOT EXISTS (SELECT FROM menuca_v3.restaurants WHERE status <> 'active'), 'visitors see active restaurants, and no others');
RESET ROLE;

-- What is public asks for the restaurant, and what was deleted is not
SELECT is_empty($$SELECT table_name FROM menuca_wanted_access WHERE wanted AND to_regclass('menuca_v3.' || table_name) IS NOT NULL AND tenant_key IS NOT NULL AND table_name <> 'restaurants' AND public_may_read_where IS NOT NULL
	AND NOT EXISTS (SELECT FROM pg_policies WHERE tablename = table_name AND policyname = 'menuca_visitor_select' AND qual ~ 'menuca_is_public')$$,
	'each table with restaurants and public rows asks which restaurants are public');
ALTER TABLE menuca_v3.courses ADD deleted_at timestamptz;
SELECT is((SELECT string_agg(object, ' ' ORDER BY object) FROM menuca_access_plan('{courses}') WHERE action = 'replace_policy'), 'menuca_tenant_select menuca_visitor_select', 'a new column deleted_at changes the policies');

DROP SCHEMA menuca_v3 CASCADE;
DROP OWNED BY "menuca visitor", menuca_login, menuca_backend, anon, authenticated, service_role;
DROP ROLE "menuca visitor", menuca_login, menuca_backend, anon, authenticated, service_role;
SELECT * FROM finish();
\! rm -r "$WORK"
