--
-- Ways around the policies that a person leaves open on purpose: they are warned of
-- as long as they are what was accepted
--
\ir include/tools.psql

SELECT plan(34);

\ir include/access_roles.psql
CREATE SCHEMA menuca_v3;
CREATE TABLE menuca_v3.restaurants (id bigserial PRIMARY KEY, name text NOT NULL, status text NOT NULL DEFAULT 'active');
CREATE TABLE menuca_v3.dishes (id bigserial PRIMARY KEY, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants, name text NOT NULL, is_active boolean NOT NULL DEFAULT true);
CREATE TABLE menuca_v3.old_dishes () INHERITS (menuca_v3.dishes);
SELECT count(*) AS deployed FROM menuca_deploy_access(dry_run => false) WHERE status = 'deployed' \gset

CREATE FUNCTION pg_temp.status(check_name text) RETURNS text LANGUAGE sql AS
$$SELECT concat_ws(' ', status, actual) FROM menuca_check_access(matrix => false, overhead => false) WHERE name = check_name$$;
CREATE FUNCTION pg_temp.accept(what text, role text DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
	WITH accepted AS (
		INSERT INTO menuca_accepted_opening (kind, object, role_name, definition, reason)
		SELECT kind, object, role_name, definition, 'needed by the shop' FROM menuca_access_openings() WHERE object = what AND (role IS NULL OR role_name = role) RETURNING 1)
	SELECT count(*) FROM accepted
$$;
SELECT is(pg_temp.status('definer_functions'), 'PASS 0 openings', 'nothing is open');

--
-- A function, for one role, and for both
--
CREATE FUNCTION public.price(dish bigint) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT id FROM menuca_v3.dishes WHERE id = dish';
CREATE FUNCTION public.checkout(dish bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT public.price(dish)';
SELECT is(pg_temp.status('definer_functions'), 'FAIL 1 opening', 'a function that reads for whoever calls it is open');
SELECT is(pg_temp.accept('public.checkout(dish bigint)', 'menuca_login'), 1::bigint, 'accepted for those with a login');
SELECT is(pg_temp.status('definer_functions'), 'FAIL 2 openings', 'it is open for the others');
SELECT is((SELECT string_agg(concat_ws(': ', role_name, accepted), ', ' ORDER BY role_name) FROM menuca_access_openings()), 'menuca_login: needed by the shop, menuca_visitor', 'and the openings say so');
SELECT alike((SELECT detail FROM menuca_check_access(matrix => false, overhead => false) WHERE name = 'definer_functions'),
	'function public.checkout(dish bigint) of menuca_v3.dishes, for menuca_visitor: it runs with the rights of its owner; function %, for menuca_login: %; accepted: needed by the shop', 'what is not accepted comes first');
-- As the check proposes it
SELECT replace(replace(substring(remedy FROM 'INSERT .*;'), 'object = ''...''', 'object = ''public.checkout(dish bigint)'' AND role_name = ''menuca_visitor'''), '...', 'no login is needed to pay')
FROM menuca_check_access(matrix => false, overhead => false) WHERE name = 'definer_functions' \gexec
SELECT is(pg_temp.status('definer_functions'), 'WARN 2 openings', 'accepted for both, it is warned of');
SELECT is((SELECT string_agg(name, ' ') FROM menuca_check_access(matrix => false, overhead => false) WHERE status = 'FAIL' AND name <> 'summary'), 'uncovered_tables', 'and nothing fails but the heir that nobody has decided about');

-- Whatever is changed of it
CREATE FUNCTION pg_temp.after(change text, check_name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	EXECUTE change;
	found := pg_temp.status(check_name);
	RAISE EXCEPTION USING MESSAGE = found, ERRCODE = 'MC999';
EXCEPTION WHEN SQLSTATE 'MC999' THEN
	RETURN SQLERRM;
END $$;
SELECT is(pg_temp.after(change, 'definer_functions'), 'FAIL 1 opening', 'FAIL after ' || change)
FROM unnest(ARRAY[
	$$CREATE OR REPLACE FUNCTION public.checkout(dish bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT public.price(dish + 1)'$$,
	$$CREATE OR REPLACE FUNCTION public.price(dish bigint) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT max(id) FROM menuca_v3.dishes'$$,
	$$ALTER FUNCTION public.checkout(bigint) SET search_path = ''$$,
	$$ALTER FUNCTION public.checkout(bigint) OWNER TO menuca_backend$$]) change;
CREATE VIEW public.priced AS SELECT id FROM menuca_v3.dishes;
CREATE FUNCTION public.prices() RETURNS SETOF bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT id FROM public.priced';
SELECT pg_temp.accept('public.prices()') AS accepted \gset
SELECT is(pg_temp.status('definer_functions'), 'WARN 3 openings', 'one that reads a view is accepted');
SELECT is(pg_temp.after(change, 'definer_functions'), 'FAIL 3 openings', 'FAIL after ' || change)
FROM unnest(ARRAY[
	'CREATE OR REPLACE VIEW public.priced AS SELECT id FROM menuca_v3.restaurants',
	'ALTER VIEW public.priced OWNER TO menuca_backend']) change;
SELECT is(pg_temp.after('ALTER FUNCTION public.prices() OWNER TO menuca_backend; ALTER ROLE menuca_backend NOBYPASSRLS', 'definer_functions'), 'FAIL 3 openings', 'FAIL with an owner whom policies bind');
DROP FUNCTION public.prices();
DROP VIEW public.priced;
SELECT is(pg_temp.after('CREATE FUNCTION public.checkout(dish bigint, n int) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS ''SELECT public.price(dish)''', 'definer_functions'), 'FAIL 3 openings', 'another function of that name is not accepted');
SELECT is(pg_temp.after('DELETE FROM menuca_accepted_opening WHERE role_name = ''menuca_login''', 'definer_functions'), 'FAIL 2 openings', 'nor is one whose acceptance was deleted');
SELECT is(pg_temp.after($$CREATE OR REPLACE FUNCTION public.checkout(dish bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT public.price(dish)'$$, 'definer_functions'), 'WARN 2 openings', 'the same definition again is accepted');

--
-- Views, triggers, publications
--
CREATE VIEW public.inner_dishes AS SELECT * FROM menuca_v3.dishes;
CREATE VIEW public.shop AS SELECT id, name FROM public.inner_dishes WHERE is_active;
GRANT SELECT ON public.shop TO menuca_visitor;
SELECT pg_temp.accept('public.shop') AS accepted \gset
SELECT is(pg_temp.status('bypassing_views'), 'WARN 1 opening', 'a view is accepted');
SELECT is(pg_temp.after('CREATE OR REPLACE VIEW public.inner_dishes AS SELECT * FROM menuca_v3.dishes WHERE id > 0', 'bypassing_views'), 'FAIL 1 opening', 'unless one that it reads is changed');
SELECT is(pg_temp.after('GRANT SELECT ON public.shop TO menuca_login', 'bypassing_views'), 'FAIL 2 openings', 'or another role may read it');
CREATE MATERIALIZED VIEW public.menu AS SELECT id FROM menuca_v3.dishes;
GRANT SELECT ON public.menu TO menuca_visitor;
SELECT pg_temp.accept('public.menu') AS accepted \gset
SELECT is(pg_temp.status('bypassing_views'), 'WARN 2 openings', 'so is a materialized one');
CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN PERFORM FROM menuca_v3.restaurants; RETURN NEW; END';
CREATE TRIGGER note BEFORE UPDATE ON menuca_v3.dishes FOR EACH ROW EXECUTE FUNCTION public.note();
SELECT is(pg_temp.status('other_openings'), 'FAIL 1 opening', 'a trigger that runs as its owner');
SELECT pg_temp.accept('note ON menuca_v3.dishes') AS accepted \gset
SELECT is(pg_temp.status('other_openings'), 'WARN 1 opening', 'is accepted');
SELECT is(pg_temp.after('CREATE OR REPLACE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS ''BEGIN DELETE FROM menuca_v3.restaurants; RETURN NEW; END''', 'other_openings'), 'FAIL 1 opening', 'unless its function is changed');
SELECT is(pg_temp.after('ALTER TABLE menuca_v3.dishes ENABLE ALWAYS TRIGGER note', 'other_openings'), 'FAIL 1 opening', 'or it fires at other times');
SET client_min_messages = error;
CREATE PUBLICATION realtime FOR TABLE menuca_v3.dishes;
SELECT pg_temp.accept('realtime') AS accepted \gset
SELECT is(pg_temp.status('publications'), 'WARN 1 opening', 'a publication is accepted');
SELECT is(pg_temp.after('ALTER PUBLICATION realtime ADD TABLE menuca_v3.restaurants', 'publications'), 'FAIL 1 opening', 'unless it sends another table');
SELECT is(pg_temp.after('ALTER PUBLICATION realtime SET TABLE menuca_v3.dishes WHERE (id > 0)', 'publications'), 'FAIL 1 opening', 'or other rows');

--
-- What cannot be accepted
--
SELECT is(pg_temp.after('ALTER TABLE menuca_v3.old_dishes DISABLE ROW LEVEL SECURITY; GRANT SELECT ON menuca_v3.old_dishes TO menuca_visitor', 'related_tables'), 'FAIL 1 opening', 'an heir that shows its rows');
ALTER TABLE menuca_v3.old_dishes DISABLE ROW LEVEL SECURITY;
GRANT SELECT ON menuca_v3.old_dishes TO menuca_visitor;
SELECT throws_ok($$SELECT pg_temp.accept('menuca_v3.old_dishes')$$, '23502', NULL, 'has to be closed, and cannot be accepted');
GRANT menuca_backend TO menuca_login;
SELECT throws_ok($$SELECT pg_temp.accept('ROLE menuca_backend')$$, '23502', NULL, 'nor is a membership');
SELECT throws_ok($$INSERT INTO menuca_accepted_opening (kind, object, definition, reason) VALUES ('function', 'f()', 'x', ' . ')$$, '23514', NULL, 'nor anything without a reason');

RESET client_min_messages;
SELECT * FROM finish();
DROP PUBLICATION realtime;
SET client_min_messages = error;
DROP SCHEMA menuca_v3 CASCADE;
DROP FUNCTION public.checkout, public.price, public.note;
\ir include/access_roles_end.psql
\! rm -rf "$WORK"
