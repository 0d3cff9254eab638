-- The overhead of row security: the verdict on given times, and on real
-- policies.  No output depends on how fast the machine is.
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all

--
-- The verdict on given times: 40 pairs, all of a ratio
--
CREATE FUNCTION times(from_expression text, n int DEFAULT 40) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
	result float8[];
BEGIN
	EXECUTE format('SELECT array_agg((%s)::float8 ORDER BY i) FROM generate_series(1, %s) i', from_expression, n) INTO result;
	RETURN result;
END $$;
SELECT ratio, v.overhead_pct, v.low_pct, v.high_pct, v.status, v.detail
FROM unnest('{0.9,1,1.05,1.0999,1.1001,1.15,1.1999,1.2001,1.3}'::text[]) WITH ORDINALITY r(ratio, n), menuca_judge_overhead(times('10'), times('10 * ' || ratio)) v
ORDER BY n;

-- A busy machine: every twentieth time is 50 times as long, in one or the other, or
-- all times vary, in both
SELECT v.overhead_pct, v.low_pct, v.high_pct, v.status
FROM menuca_judge_overhead(times('10 * CASE WHEN i % 20 = 3 THEN 50 ELSE 1 END', 200), times('10.3 * CASE WHEN i % 20 = 11 THEN 50 ELSE 1 END', 200)) v;
SELECT v.overhead_pct, v.low_pct, v.high_pct, v.status
FROM menuca_judge_overhead(times('10 * (1 + i % 7)', 200), times('13 * (1 + i % 7)', 200)) v;

-- Whoever comes second is a third faster: that is no overhead
SELECT v.overhead_pct, v.low_pct, v.high_pct, v.status
FROM menuca_judge_overhead(times('CASE WHEN i % 2 = 1 THEN 6 ELSE 9 END'), times('CASE WHEN i % 2 = 1 THEN 9 ELSE 6 END')) v;

-- Ratios that scatter around a limit are neither below nor above it
SELECT middle, v.low_pct, v.high_pct, v.status, v.detail
FROM unnest('{1.02,1.10,1.20,1.36}'::text[]) middle, menuca_judge_overhead(times('10'), times(format('10 * (%s + ((i - 1) / 2 %% 10 - 4.5) / 60.0)', middle))) v
ORDER BY middle;

-- Few samples have no interval
SELECT n, v.overhead_pct, v.low_pct, v.high_pct, v.status, v.detail
FROM unnest('{1,3,17,18}'::int[]) n, menuca_judge_overhead(times('10', n), times('20', n)) v ORDER BY n;

-- Too short to be noticed; the same work; more work
SELECT v.overhead_pct, v.status, v.detail FROM menuca_judge_overhead(times('0.01'), times('0.02')) v;
SELECT pages, same_plan, v.status, v.detail
FROM unnest('{50,60,61}'::bigint[]) pages, unnest('{t,f}'::boolean[]) same_plan, menuca_judge_overhead(times('10'), times('20'), 60, pages, same_plan) v
ORDER BY 1, 2;
SELECT v.status, v.detail FROM menuca_judge_overhead(times('10'), times('10.1'), 60, 60, true) v;
SELECT v.status FROM menuca_judge_overhead(times('10'), times('20'), NULL, 60, true) v;

-- The limit is a setting
SET menuca.max_access_overhead = 60;
SELECT ratio, v.status, v.detail FROM unnest('{1.29,1.31,1.7}'::text[]) ratio, menuca_judge_overhead(times('10'), times('10 * ' || ratio)) v ORDER BY 1;
RESET menuca.max_access_overhead;

-- Times that are none
SELECT * FROM menuca_judge_overhead('{1,2}', '{1}');
SELECT * FROM menuca_judge_overhead('{}', '{}');
SELECT * FROM menuca_judge_overhead('{1,NULL}', '{1,2}');
SELECT * FROM menuca_judge_overhead('{1,2}', '{1,0}');
SELECT * FROM menuca_judge_overhead('{1,NaN}', '{1,2}');
SELECT * FROM menuca_judge_overhead('{1,Infinity}', '{1,2}');
SELECT * FROM menuca_judge_overhead(NULL, '{1}');

--
-- Real policies: first those that are deployed
--
SET client_min_messages = error;
CREATE ROLE regress_menuca_anon;
CREATE ROLE regress_menuca_tenant;
CREATE ROLE regress_menuca_service BYPASSRLS;
SET menuca.public_role = 'regress_menuca_anon';
SET menuca.tenant_role = 'regress_menuca_tenant';
SET menuca.admin_role = 'regress_menuca_service';
ALTER TABLE menuca_v3.restaurants ADD status text NOT NULL DEFAULT 'active';
ALTER TABLE menuca_v3.combo_groups ADD is_active boolean NOT NULL DEFAULT true;
CREATE TABLE menuca_v3.courses (id bigint PRIMARY KEY, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants, is_active boolean NOT NULL);
ALTER TABLE menuca_v3.dishes ADD course_id bigint REFERENCES menuca_v3.courses;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT g.id, d.id FROM menuca_v3.combo_groups g, menuca_v3.dishes d WHERE g.restaurant_id = d.restaurant_id;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, is_active) SELECT n, 3, 'Hidden ' || n, false FROM generate_series(101, 140) n;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name) VALUES (150, 1, 'Of the day');
ANALYZE menuca_v3.dishes, menuca_v3.combo_groups, menuca_v3.combo_items, menuca_v3.courses, menuca_v3.restaurants;
SELECT status, count(*) FROM menuca_deploy_access(dry_run => false, tables => '{restaurants,dishes,courses,combo_groups,combo_items}') GROUP BY 1;
-- Where plans and pages are equal, time may be a warning, and no more.  Of staff's combos the planner
-- chooses another join, since the policies of the groups apply within those of the items, too
SELECT query, role_kind, counted, same_plan, owner_buffers = role_buffers AS same_pages, same_plan AND status = 'FAIL' AS fails FROM menuca_access_overhead(executions => 21);

-- The busiest restaurant is that which visitors see most of: not the third, whose dishes are hidden
SELECT DISTINCT query, measured_restaurant FROM menuca_access_overhead(executions => 3) ORDER BY 1;

--
-- A policy that calls a function for each row: another plan for the same nodes
--
CREATE FUNCTION menuca_v3.is_fine(bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS 'BEGIN RETURN true; END';
CREATE POLICY slow ON menuca_v3.dishes AS RESTRICTIVE FOR SELECT TO regress_menuca_anon USING (menuca_v3.is_fine(id));
SELECT query, role_kind, same_plan, substring(detail FROM 'the role''s plan calls .* for each row') AS difference FROM menuca_access_overhead(executions => 3) WHERE query = 'menu';
DROP POLICY slow ON menuca_v3.dishes;

--
-- A policy that reads a table of more than 1 MB from end to end fails by its plan
-- and its pages, whatever the time
--
CREATE TABLE menuca_v3.notes (dish_id bigint, note text);
INSERT INTO menuca_v3.notes SELECT n, repeat('x', 700) FROM generate_series(1, 2000) n;
ANALYZE menuca_v3.notes;
GRANT SELECT ON menuca_v3.notes TO regress_menuca_anon;
CREATE POLICY whole ON menuca_v3.dishes AS RESTRICTIVE FOR SELECT TO regress_menuca_anon
	USING (NOT EXISTS (SELECT FROM menuca_v3.notes n WHERE n.dish_id = -dishes.id));
SELECT query, role_kind, status, same_plan, role_buffers - owner_buffers >= 128 AS more_pages,
	substring(detail FROM 'a table is read whole.*Seq Scan on menuca_v3.notes') AS difference
FROM menuca_access_overhead(executions => 3) WHERE role_kind = 'public';
SELECT DISTINCT next_step FROM menuca_access_overhead(executions => 3) WHERE role_kind = 'public';
SELECT name, status FROM menuca_check_access(matrix => false) WHERE name = 'overhead';
DROP POLICY whole ON menuca_v3.dishes;
DROP TABLE menuca_v3.notes;

--
-- Columns that were renamed are found by their foreign keys
--
ALTER TABLE menuca_v3.dishes RENAME course_id TO section_id;
ALTER TABLE menuca_v3.combo_items RENAME combo_group_id TO group_id;
ALTER TABLE menuca_v3.combo_items RENAME dish_id TO offered_id;
UPDATE menuca_wanted_access SET tenant_key = 'group_id -> combo_groups.restaurant_id' WHERE table_name = 'combo_items';
SELECT query, role_kind, counted, same_plan FROM menuca_access_overhead(executions => 3);

--
-- Rows of nobody, and no rows at all
--
ALTER TABLE menuca_v3.dishes ALTER restaurant_id DROP NOT NULL;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name) SELECT n, NULL, 'Nobody''s ' || n FROM generate_series(201, 300) n;
SELECT query, role_kind, measured_restaurant, counted FROM menuca_access_overhead(executions => 3);
SELECT query, role_kind, measured_restaurant, counted, owner_ms, low_pct, owner_buffers, same_plan, status, detail, next_step FROM menuca_access_overhead(restaurant_id => 99, executions => 3);

SELECT sum(dropped) > 0 FROM menuca_rollback_access(dry_run => false);
\i :drop
DROP FUNCTION times;
DROP ROLE regress_menuca_anon, regress_menuca_tenant, regress_menuca_service;
