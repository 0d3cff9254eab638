-- What customers see: all that the site shows, and each fault provoked
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET menuca.public_role = 'regress_menuca_anon';
SET menuca.tenant_role = 'regress menuca Tenant';
SET menuca.admin_role = 'regress_menuca_service';
SET client_min_messages = warning;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id)
SELECT g.id, d.id FROM menuca_v3.combo_groups g JOIN menuca_v3.dishes d USING (restaurant_id) WHERE g.id <> 1 AND d.id % 2 = g.id % 2 ORDER BY 1, 2;
UPDATE menuca_v3.combo_groups SET combo_rules = jsonb_build_object('item_count', 1);

CREATE FUNCTION checks(OUT name text, OUT status text, OUT actual text, OUT detail text) RETURNS SETOF record LANGUAGE sql
AS 'SELECT name, status, actual, detail FROM menuca_check_customer_view()';
CREATE FUNCTION faults(OUT name text, OUT status text, OUT actual text, OUT detail text) RETURNS SETOF record LANGUAGE sql
AS $$SELECT name, status, actual, detail FROM menuca_check_customer_view() WHERE status <> 'PASS' AND name <> 'summary'$$;

--
-- Without roles, membership or row security: nothing passes
--
SELECT name, status, actual, remedy, next_step FROM menuca_check_customer_view();
SELECT * FROM menuca_customer_view();
CREATE ROLE regress_menuca_anon;
CREATE ROLE "regress menuca Tenant";
CREATE ROLE regress_menuca_service;
SELECT name, status, actual, remedy FROM menuca_check_customer_view() LIMIT 2;
-- As somebody who may read, but not become the roles
CREATE ROLE regress_menuca_reader;
\set ECHO none
SELECT string_agg(statement, ' ') AS statements FROM menuca_grants('regress_menuca_reader', 'read') \gset
:statements
\set ECHO all
SET SESSION AUTHORIZATION regress_menuca_reader;
SELECT name, status, actual, remedy FROM menuca_check_customer_view() LIMIT 1;
SELECT * FROM menuca_customer_view();
RESET SESSION AUTHORIZATION;

--
-- With access deployed
--
ALTER TABLE menuca_v3.combo_groups ADD is_active boolean NOT NULL DEFAULT true;
ALTER TABLE menuca_v3.restaurants ADD status text NOT NULL DEFAULT 'active';
SELECT status, count(*) FROM menuca_deploy_access(dry_run => false) GROUP BY 1;
SELECT * FROM checks();
SELECT check_no, expected, remedy, next_step, metadata FROM menuca_check_customer_view();
SELECT * FROM menuca_customer_view(1);
SELECT seen_by, restaurant_id, restaurant_name, group_id, shown, items_shown, items_owned FROM menuca_customer_view(n => 1);
-- The same seed draws the same, another one may draw another
SELECT DISTINCT restaurant_id FROM menuca_customer_view(n => 1, seed => 0);
SELECT DISTINCT restaurant_id FROM menuca_customer_view(n => 1, seed => 0.7);
SELECT count(DISTINCT restaurant_id) FROM menuca_customer_view(n => 2);
SELECT count(*) FROM menuca_customer_view(99);
SELECT menuca_customer_view(n => 0);
SELECT menuca_customer_view(n => NULL);
-- Nothing is changed, and nothing stays
BEGIN READ ONLY;
SELECT name, status FROM checks();
SELECT count(*) FROM menuca_customer_view();
SELECT current_user = session_user AS same_user, current_setting('request.jwt.claims', true) IS NOT DISTINCT FROM '' OR current_setting('request.jwt.claims', true) IS NULL AS no_claims;
COMMIT;

-- A role with the rights for the purpose, which is none of the services
CREATE ROLE regress_menuca_support;
\set ECHO none
SELECT string_agg(statement, ' ') AS statements FROM menuca_grants('regress_menuca_support', 'customer') \gset
:statements
\set ECHO all
SELECT pg_has_role('regress_menuca_support', 'regress_menuca_anon', 'MEMBER') AS visitor, pg_has_role('regress_menuca_support', 'regress menuca Tenant', 'MEMBER') AS tenant,
	pg_has_role('regress_menuca_support', 'regress_menuca_service', 'MEMBER') AS service;
SET SESSION AUTHORIZATION regress_menuca_support;
SET menuca.public_role = 'regress_menuca_anon';
-- Row security would hide rows from it: it is refused, and nothing is counted wrongly
SELECT * FROM checks();
SELECT * FROM menuca_customer_view(1);
RESET SESSION AUTHORIZATION;
ALTER ROLE regress_menuca_support BYPASSRLS;
SET SESSION AUTHORIZATION regress_menuca_support;
SELECT name, status FROM menuca_check_customer_view();
SELECT count(*) FROM menuca_customer_view(1);
RESET SESSION AUTHORIZATION;

--
-- Each fault
--
-- A policy that hides some combos
BEGIN;
CREATE POLICY hidden ON menuca_v3.combo_groups AS RESTRICTIVE TO regress_menuca_anon USING (id <> 3);
SELECT * FROM faults();
SELECT remedy, next_step FROM menuca_check_customer_view() WHERE name = 'visitor_combos';
SELECT seen_by, group_id, shown, items_shown, items_owned, dishes, detail FROM menuca_customer_view(1);
ROLLBACK;
-- And some dishes
BEGIN;
CREATE POLICY hidden ON menuca_v3.dishes AS RESTRICTIVE TO regress_menuca_anon USING (id <> 3);
SELECT * FROM faults();
ROLLBACK;
-- An inactive restaurant is not shown, which is right; a policy shows it, which is not
BEGIN;
UPDATE menuca_v3.restaurants SET status = 'suspended' WHERE id = 2;
UPDATE menuca_v3.combo_groups SET is_active = false WHERE id = 3;
SELECT * FROM faults();
SELECT actual FROM menuca_check_customer_view() WHERE name = 'visitor_combos';
CREATE POLICY shown ON menuca_v3.combo_groups TO regress_menuca_anon USING (true);
SELECT * FROM faults();
SELECT seen_by, group_id, shown, detail FROM menuca_customer_view(2);
SELECT seen_by, group_id, shown, detail FROM menuca_customer_view(1) WHERE seen_by = 'visitor';
ROLLBACK;
-- Somebody turned row security off for one table: what it shows is judged all the same
BEGIN;
ALTER TABLE menuca_v3.combo_groups DISABLE ROW LEVEL SECURITY;
SELECT * FROM faults();
UPDATE menuca_v3.combo_groups SET is_active = false WHERE id = 3;
SELECT * FROM faults();
SELECT next_step FROM menuca_check_customer_view() WHERE name = 'visitor_inactive' \gset
SELECT :'next_step' AS next_step;
SELECT count(*) > 0 AS deployed FROM menuca_deploy_access(dry_run => false);
SELECT * FROM faults();
ROLLBACK;
-- A deleted one, and an inactive dish
BEGIN;
ALTER TABLE menuca_v3.combo_groups ADD deleted_at timestamptz;
UPDATE menuca_v3.combo_groups SET deleted_at = now() WHERE id = 6;
UPDATE menuca_v3.dishes SET is_active = false WHERE id = 3;
CREATE POLICY shown ON menuca_v3.dishes TO regress_menuca_anon USING (true);
SELECT * FROM faults();
ROLLBACK;
-- All dishes of a combo are hidden: inactive, or by a policy
BEGIN;
UPDATE menuca_v3.dishes SET is_active = false WHERE id IN (1, 7);
SELECT * FROM faults();
SELECT remedy, next_step FROM menuca_check_customer_view() WHERE name = 'visitor_empty';
ROLLBACK;
BEGIN;
CREATE POLICY hidden ON menuca_v3.combo_items AS RESTRICTIVE TO regress_menuca_anon USING (combo_group_id <> 4);
SELECT * FROM faults();
ROLLBACK;
-- Restaurants switch dishes off, which may be accepted up to a bound; what a policy hides may not
BEGIN;
UPDATE menuca_v3.dishes SET is_active = false WHERE id = 1;
SELECT * FROM menuca_accept('empty_combos', 10, 'the restaurant pauses it', 'M. Lead');
SELECT name, status, detail FROM faults();
UPDATE menuca_v3.dishes SET is_active = false WHERE id = 7;
SELECT name, status, detail FROM faults();
UPDATE menuca_v3.dishes SET is_active = true WHERE id IN (1, 7);
CREATE POLICY hidden ON menuca_v3.combo_items AS RESTRICTIVE TO regress_menuca_anon USING (combo_group_id <> 4);
SELECT name, status, detail FROM faults();
ROLLBACK;
-- Less than 1 %, which as a bound would look like a share
BEGIN;
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name) SELECT g, 1, 'More ' || g FROM generate_series(101, 311) g;
UPDATE menuca_v3.dishes SET is_active = false WHERE id = 1;
SELECT status, substring(actual FROM '^[^:]*') AS actual, next_step FROM menuca_check_customer_view() WHERE name = 'visitor_empty';
ROLLBACK;
-- Backfilled dishes are inactive until they have a price
BEGIN;
UPDATE menuca_v3.dishes SET is_active = false WHERE id IN (1, 7);
INSERT INTO menuca_run (kind, target_schema, target, source, mode, engine, status, parameters, outcomes, figures_before, items_before, checksum_before)
VALUES ('backfill', 'menuca_v3', 'dishes', 'staging.menuca_v1_menu', 'transaction', 'executor', 'completed', '{}', '{}', '{}', 0, 0) RETURNING run_id \gset
INSERT INTO menuca_run_batch (run_id, batch_no, row_count, keys, row_hashes, checksum) VALUES (:run_id, 1, 2, '{[1,2),[7,8)}', '', 0);
SELECT * FROM faults();
UPDATE menuca_run SET status = 'rolled_back' WHERE run_id = :run_id;
SELECT * FROM faults();
ROLLBACK;
-- Too few: hidden, or never had
BEGIN;
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": 2}' WHERE id IN (2, 4);
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": "3"}' WHERE id = 3;
UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": "many"}' WHERE id = 5;
UPDATE menuca_v3.combo_groups SET combo_rules = '[1]' WHERE id = 6;
SELECT * FROM faults();
UPDATE menuca_v3.dishes SET is_active = false WHERE id = 10;
SELECT * FROM faults();
SELECT accepted FROM menuca_accept('item_count', NULL, 'it means what customers pick', 'M. Lead');
SELECT name, status, detail FROM faults();
UPDATE menuca_v3.dishes SET is_active = true WHERE id = 10;
CREATE POLICY hidden ON menuca_v3.dishes AS RESTRICTIVE TO regress_menuca_anon USING (id <> 10);
SELECT * FROM faults();
SELECT remedy, next_step FROM menuca_check_customer_view() WHERE name = 'visitor_few';
ROLLBACK;
-- Names that are blank, equal, and long
BEGIN;
UPDATE menuca_v3.dishes SET name = E' \t\u200b' WHERE id = 3;
SELECT * FROM faults();
ROLLBACK;
BEGIN;
UPDATE menuca_v3.dishes SET name = CASE id WHEN 3 THEN 'Miso Soup' ELSE ' miso soup' END WHERE id IN (3, 9);
UPDATE menuca_v3.combo_groups SET name = E'"; DROP\nTABLE x -- <b>' || repeat('x', 10000) WHERE id = 3;
SELECT * FROM faults();
SELECT remedy, next_step FROM menuca_check_customer_view() WHERE name = 'visitor_names';
SELECT seen_by, group_id, length(group_name), dish_ids, dishes FROM menuca_customer_view(1) WHERE group_id = 3;
SELECT * FROM menuca_accept('equal_names', 20, 'both are sold by that name', 'M. Lead');
SELECT name, status, left(detail, 40) FROM faults();
UPDATE menuca_v3.dishes SET name = '' WHERE id = 10;
SELECT name, status, left(detail, 40) FROM faults();
ROLLBACK;
-- Staff do not see all of theirs
BEGIN;
CREATE POLICY hidden ON menuca_v3.combo_items AS RESTRICTIVE TO "regress menuca Tenant" USING (combo_group_id <> 4);
SELECT * FROM faults();
ROLLBACK;
-- By membership no claim names a restaurant
BEGIN;
SET LOCAL menuca.tenant_by = 'membership';
SELECT * FROM faults();
SELECT seen_by, group_id, shown, items_shown, detail FROM menuca_customer_view(1) WHERE group_id = 3;
ROLLBACK;

--
-- Policies that fail: ERROR, and nothing passes
--
BEGIN;
CREATE POLICY broken ON menuca_v3.combo_groups AS RESTRICTIVE TO regress_menuca_anon USING (1 / (id - id) > 0);
SELECT * FROM faults();
SELECT seen_by, group_id, shown, items_shown, dishes, detail FROM menuca_customer_view(1) WHERE group_id = 3;
ROLLBACK;
BEGIN;
CREATE POLICY endless ON menuca_v3.combo_groups TO regress_menuca_anon USING (EXISTS (SELECT FROM menuca_v3.combo_groups g WHERE g.id = combo_groups.id));
SELECT * FROM faults();
ROLLBACK;
BEGIN;
REVOKE SELECT ON menuca_v3.dishes FROM regress_menuca_anon;
SELECT * FROM faults();
ROLLBACK;
-- A policy's function cannot become the caller again, nor write
BEGIN;
CREATE TABLE public.trace (who text);
GRANT INSERT ON public.trace TO PUBLIC;
CREATE FUNCTION evil() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.trace VALUES (current_user);
	RESET ROLE;
	RETURN true;
END $$;
CREATE POLICY evil ON menuca_v3.combo_groups AS RESTRICTIVE TO regress_menuca_anon USING (evil());
SELECT * FROM faults();
SELECT * FROM public.trace;
ROLLBACK;
-- Whoever's search_path has operators and functions of its own
BEGIN;
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.never(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR hostile.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.never);
CREATE FUNCTION hostile.count(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
SET LOCAL search_path = hostile, pg_catalog, public;
SELECT name, status FROM public.menuca_check_customer_view();
SELECT pg_catalog.sum(items_shown) FROM public.menuca_customer_view(1);
ROLLBACK;

--
-- What the schema does not have
--
BEGIN;
SELECT count(*) FROM menuca_rollback_access(dry_run => false);
ALTER TABLE menuca_v3.combo_groups DROP is_active, DROP combo_rules;
ALTER TABLE menuca_v3.dishes DROP is_active, DROP name;
ALTER TABLE menuca_v3.restaurants DROP status;
ALTER TABLE menuca_v3.restaurants ENABLE ROW LEVEL SECURITY;
ALTER TABLE menuca_v3.combo_groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE menuca_v3.combo_items ENABLE ROW LEVEL SECURITY;
SELECT * FROM faults() LIMIT 1;
ALTER TABLE menuca_v3.dishes ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON menuca_v3.restaurants USING (true);
CREATE POLICY everybody ON menuca_v3.combo_groups USING (true);
CREATE POLICY everybody ON menuca_v3.combo_items USING (true);
CREATE POLICY everybody ON menuca_v3.dishes USING (true);
GRANT USAGE ON SCHEMA menuca_v3 TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA menuca_v3 TO PUBLIC;
SELECT * FROM checks();
SELECT seen_by, restaurant_name, group_id, shown, items_shown, dishes FROM menuca_customer_view(1) WHERE group_id = 3;
DELETE FROM menuca_v3.combo_groups;
SELECT * FROM faults();
SELECT count(*) FROM menuca_customer_view();
DROP TABLE menuca_v3.combo_items CASCADE;
SELECT * FROM checks();
ROLLBACK;

--
-- The requests of a load run
--
SELECT DISTINCT of_requests, of_connections, of_seed FROM menuca_load_script();
SELECT query, seen_by, count(DISTINCT restaurant_id) AS restaurants, sum(weight) AS weight FROM menuca_load_script() GROUP BY 1, 2 ORDER BY 1, 2;
SELECT request FROM menuca_load_script() WHERE restaurant_id = 1 ORDER BY script_no;
SELECT count(*) FROM (SELECT * FROM menuca_load_script(seed => 5) EXCEPT SELECT * FROM menuca_load_script(seed => 5)) x;
SELECT of_requests, of_connections, sum(weight) FROM menuca_load_script(4) WHERE query = 'menu' AND seen_by = 'visitor' GROUP BY 1, 2;
SELECT menuca_load_script(4, 5);
SELECT menuca_load_script(0);
SELECT menuca_load_script(10, 1001);
SELECT menuca_load_script(seed => NULL);
-- By their share of dishes: a restaurant without any is never drawn
BEGIN;
UPDATE menuca_v3.dishes SET restaurant_id = 3 WHERE restaurant_id = 1;
SELECT count(*) FROM menuca_load_script(100000) WHERE restaurant_id = 1;
UPDATE menuca_v3.dishes SET is_active = false;
SELECT menuca_load_script();
ROLLBACK;
-- Names that pgbench would read as something else
BEGIN;
ALTER TABLE menuca_v3.dishes ADD "a:scale" int;
SELECT menuca_load_script();
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.dishes ADD "a'b\c; ""d"":x" int;
SELECT pg_catalog.strpos(request, 'd."a''b\c; ""d"":x"') > 0 AS quoted FROM menuca_load_script() LIMIT 1;
ROLLBACK;

--
-- Recording a run, and what it shows
--
\set VERBOSITY sqlstate
SELECT menuca_record_load('{1000}', 0, 1, now(), now());
SELECT * FROM menuca_check_load();
\set VERBOSITY default
SELECT environment FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system()));
SELECT name, status, actual, remedy LIKE 'Run it in a shell%menuca-load -d ''%' AS command, next_step FROM menuca_check_load();
CREATE FUNCTION record_run(p50 int, errors int, connections int, at interval) RETURNS bigint LANGUAGE sql AS $$
SELECT menuca_record_load((SELECT array_agg(p50 * 1000 + (i - 50) * p50) FROM generate_series(1, 100) i), errors, connections,
	clock_timestamp() - at - interval '1 second', clock_timestamp() - at, 1, 990, 10)
$$;
-- Nothing was changed yet
BEGIN;
DELETE FROM menuca_access_change;
DELETE FROM menuca_run;
SELECT record_run(50, 0, 10, '1 minute') AS load_id \gset
SELECT name, status, regexp_replace(actual, 'run \d+ of .*:', 'run N:') AS actual, detail FROM menuca_check_load();
SELECT requests, connections, errors, success_pct, p50_ms, p50_low_ms, p50_high_ms, p95_ms, p95_low_ms, p95_high_ms, p99_ms, max_ms, cache_hit_pct, seed FROM menuca_load_runs;
ROLLBACK;
UPDATE menuca_access_change SET made_at = now() - interval '1 hour';
-- Faster than the limits, and as before
BEGIN;
SELECT record_run(50, 0, 10, '2 hours') > 0 AS recorded;
SELECT name, status, actual ~ 'none; the newest is run' AS older FROM menuca_check_load() LIMIT 2;
SELECT record_run(55, 0, 10, '1 minute') > 0 AS recorded;
SELECT name, status, regexp_replace(actual, 'run \d+ of .*:', 'run N:') AS actual, detail FROM menuca_check_load();
-- 25 % slower, but the spread explains it; then it does not
SELECT menuca_record_load((SELECT array_agg(i * 6300) FROM generate_series(1, 20) i), 0, 10, now(), now(), 2) > 0 AS recorded;
SELECT name, status, actual, detail, remedy ~ 'menuca-load -d .* --requests 2000 --connections 10$' AS command FROM menuca_check_load() WHERE name ~ 'change$';
SELECT record_run(63, 0, 10, '1 minute') > 0 AS recorded;
SELECT name, status, actual, next_step FROM menuca_check_load() WHERE name ~ 'change$';
-- Other numbers of connections are not compared
SELECT record_run(63, 0, 11, '1 minute') > 0 AS recorded;
SELECT name, status, regexp_replace(actual, 'run \d+', 'run N') AS actual FROM menuca_check_load() WHERE name ~ 'change$';
-- The limits, errors and cache
SELECT record_run(200, 3, 10, '1 minute') > 0 AS recorded;
SELECT name, status, actual, remedy FROM menuca_check_load() WHERE name ~ 'p50$|success';
SELECT record_run(450, 0, 10, '1 minute') AS load_id \gset
SELECT name, status, actual FROM menuca_check_load(:load_id) WHERE name ~ 'p50$|p95$';
SELECT menuca_record_load('{}', 5, 5, now(), now(), blocks_hit => 5, blocks_read => 5) > 0 AS recorded;
SELECT name, status, actual FROM menuca_check_load() WHERE status <> 'PASS';
-- A run of before the change
SELECT name, status, regexp_replace(actual, '\d+ of .* is', 'N of T is') AS actual, detail FROM menuca_check_load((SELECT min(load_id) FROM menuca_load_run)) WHERE name ~ 'run$|change$';
ROLLBACK;
-- What is refused
SELECT menuca_check_load(4711);
SELECT menuca_record_load(NULL, 0, 1, now(), now());
SELECT menuca_record_load('{}', 0, 1, now(), now());
SELECT menuca_record_load('{1,NULL}', 0, 1, now(), now());
SELECT menuca_record_load('{-1}', 0, 1, now(), now());
SELECT menuca_record_load('{1}', -1, 1, now(), now());
SELECT menuca_record_load('{1}', 2147483647, 1, now(), now());
SELECT menuca_record_load('{1}', 0, 0, now(), now());
SELECT menuca_record_load('{1}', 0, 1, '2026-01-02', '2026-01-01');
\set VERBOSITY terse
SELECT menuca_record_load('{1}', 0, 1, '-infinity', now());
SELECT menuca_record_load('{1}', 0, 1, now(), 'infinity');
SELECT menuca_record_load('{1}', 0, 1, now(), clock_timestamp() + interval '1 hour');
\set VERBOSITY default
SELECT menuca_record_load('{1}', 0, 1, now(), now(), blocks_hit => -1);
BEGIN READ ONLY;
SELECT menuca_record_load('{1}', 0, 1, now(), now());
ROLLBACK;
SET SESSION AUTHORIZATION regress_menuca_reader;
SELECT menuca_record_load('{1}', 0, 1, now(), now());
INSERT INTO menuca_load_run (environment_id, requests, connections, errors, started_at, finished_at) VALUES (1, 1, 1, 0, now(), now());
SELECT name, status FROM menuca_check_load() LIMIT 1;
RESET SESSION AUTHORIZATION;
-- A row that somebody has damaged
BEGIN;
SELECT record_run(50, 0, 10, '1 minute') > 0 AS recorded;
UPDATE menuca_load_run SET p50_low_ms = NULL, p95_ms = 'NaN', blocks_hit = NULL;
SELECT name, status, regexp_replace(actual, 'run \d+ of .*:', 'run N:') AS actual FROM menuca_check_load();
ROLLBACK;

\set ECHO none
SET client_min_messages = error;
SELECT count(*) FROM menuca_rollback_access(dry_run => false) \gset
\set ECHO all
DROP OWNED BY regress_menuca_support, regress_menuca_reader, regress_menuca_anon, "regress menuca Tenant", regress_menuca_service;
\i :drop
DROP ROLE regress_menuca_support, regress_menuca_reader, regress_menuca_anon, "regress menuca Tenant", regress_menuca_service;
