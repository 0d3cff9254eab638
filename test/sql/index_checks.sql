-- Measuring the platform's queries; the checks of the index tickets
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set grants :abs_srcdir '/sql/include/grants.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;
-- No parallel plans, which differ between versions
SET max_parallel_workers_per_gather = 0;
-- No result depends on the speed of the machine: limits are far away, or a sleep
-- exceeds them, and earlier measurements are inserted by hand
SHOW menuca.max_query_time;
SHOW menuca.max_planning_time;
SET menuca.max_query_time = 1e9;
SET menuca.max_planning_time = 1e9;

-- Missing tables are reported and do not pass
BEGIN READ ONLY;
SELECT * FROM menuca_measure_queries() WHERE query = 'menu';
COMMIT;
CREATE TABLE menuca_v3.courses (id bigint PRIMARY KEY, restaurant_id bigint, name text, display_order integer);
SELECT query, status, CASE status WHEN 'SKIP' THEN detail END AS detail FROM menuca_measure_queries();
ALTER TABLE menuca_v3.dishes ADD course_id bigint REFERENCES menuca_v3.courses;
SELECT query, status, restaurant_id, executions, row_count FROM menuca_measure_queries();
SELECT query, status, restaurant_id, detail FROM menuca_measure_queries(restaurant_id => 4711);
SET menuca.target_schema = 'none';
SELECT query, status, detail FROM menuca_measure_queries();
RESET menuca.target_schema;
ALTER TABLE menuca_v3.combo_items RENAME combo_group_id TO belongs_to;
SELECT query, status, row_count, statement FROM menuca_measure_queries(2) ORDER BY 1;
ALTER TABLE menuca_v3.combo_items RENAME belongs_to TO combo_group_id;
SELECT menuca_measure_queries(executions => 0);
SELECT menuca_measure_queries(executions => NULL);
SELECT menuca_check_indexes(executions => 1001);

-- All times are positive, and the median is between the others
SELECT query, executions, min_ms > 0 AS min, median_ms >= min_ms AS median, max_ms >= median_ms AS max, planning_ms > 0 AS planning
FROM menuca_measure_queries(executions => 4);
-- As many executions as requested, and one more to fill the caches
CREATE FUNCTION menuca_v3.note() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('menuca_v3.calls'); RETURN true; END $$;
CREATE SEQUENCE menuca_v3.calls;
CREATE ROLE regress_index_tenant;
\set ECHO none
\set role regress_index_tenant
\i :grants
\set ECHO all
GRANT USAGE ON SCHEMA menuca_v3 TO regress_index_tenant;
GRANT SELECT ON ALL TABLES IN SCHEMA menuca_v3 TO regress_index_tenant;
-- A policy's function is its author's code: it runs as nobody, with what everybody may do
GRANT USAGE ON SCHEMA menuca_v3 TO PUBLIC;
GRANT USAGE ON SEQUENCE menuca_v3.calls TO PUBLIC;
ALTER TABLE menuca_v3.courses ENABLE ROW LEVEL SECURITY;
ALTER TABLE menuca_v3.combo_groups ENABLE ROW LEVEL SECURITY;
CREATE POLICY counted ON menuca_v3.combo_groups USING (id = 3 AND menuca_v3.note());
SET ROLE regress_index_tenant;
SELECT query, row_count FROM menuca_measure_queries(restaurant_id => 1, executions => 7) WHERE query = 'combos';
RESET ROLE;
SELECT last_value FROM menuca_v3.calls;
-- Planned too slowly, it gets a warning
SET menuca.max_planning_time = 0;
SELECT query, status, detail FROM menuca_measure_queries() WHERE query = 'combos';
SELECT name, status, expected, remedy IS NOT NULL AS remedy FROM menuca_check_indexes() WHERE name = 'combo_query';
SET menuca.max_planning_time = 1e9;
-- A slow one fails
RESET menuca.max_query_time;
DROP POLICY counted ON menuca_v3.combo_groups;
CREATE POLICY slow ON menuca_v3.combo_groups USING (id = 3 AND pg_sleep(0.11) IS NOT NULL);
SET ROLE regress_index_tenant;
SELECT query, status, median_ms >= 110 AS took_its_time, detail LIKE '%it takes 100 ms or more' AS said FROM menuca_measure_queries(1, 1) WHERE query = 'combos';
SELECT name, status, split_part(actual, '.', 1) ~ '^\d{3,}$' AS three_digits FROM menuca_check_indexes(1, 1) WHERE name = 'combo_query';
RESET ROLE;
-- Slower than before; faster, but not by half; fast enough
INSERT INTO menuca_query_measurement (label, target_schema, query, restaurant_id, executions, row_count, median_ms, min_ms, max_ms, planning_ms, status, index_use, nodes, statement)
VALUES ('before', 'menuca_v3', 'combos', 1, 1, 1, 20, 20, 20, 1, 'PASS', 'index', '[]', '');
SET ROLE regress_index_tenant;
SELECT name, status, actual ~ '20.000 ms .* slower' AS reported, remedy IS NOT NULL AS remedy FROM menuca_check_indexes(1, 1) WHERE name = 'combo_query_gain';
RESET ROLE;
UPDATE menuca_query_measurement SET median_ms = 210;
SET ROLE regress_index_tenant;
SELECT name, status, actual ~ 'before 210.000 ms' AS reported FROM menuca_check_indexes(1, 1) WHERE name = 'combo_query_gain';
RESET ROLE;
UPDATE menuca_query_measurement SET median_ms = 1e6;
SET ROLE regress_index_tenant;
SELECT name, status, actual ~ 'before 1000000.000 ms .* faster' AS reported FROM menuca_check_indexes(1, 1) WHERE name = 'combo_query_gain';
RESET ROLE;
SET menuca.max_query_time = 1e9;
-- The role that checks cannot set the limits
SET ROLE regress_index_tenant;
SET menuca.max_query_time = 1000;
SET menuca.max_planning_time = 1000;
RESET ROLE;
DELETE FROM menuca_query_measurement;
DROP POLICY slow ON menuca_v3.combo_groups;
ALTER TABLE menuca_v3.combo_groups DISABLE ROW LEVEL SECURITY;
-- A missing right is an error, which does not pass
REVOKE SELECT ON menuca_v3.dishes FROM regress_index_tenant;
SET ROLE regress_index_tenant;
SELECT query, status, detail FROM menuca_measure_queries(1);
SELECT name, status, actual FROM menuca_check_indexes(1) WHERE name IN ('menu_query', 'menu_query_gain', 'index_use');
RESET ROLE;
DROP OWNED BY regress_index_tenant;
DROP ROLE regress_index_tenant;

--
-- By node: a small table may be read sequentially, a large one needs an index
--
SELECT query, index_use FROM menuca_measure_queries(2);
INSERT INTO menuca_v3.courses SELECT c, c % 300 + 1, 'Course ' || c, c FROM generate_series(1, 600) c;
INSERT INTO menuca_v3.restaurants SELECT r, 'Restaurant ' || r FROM generate_series(4, 300) r;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, course_id)
SELECT d, d % 300 + 1, 'Dish ' || d || repeat(' with a long name', 5), d % 600 + 1 FROM generate_series(1000, 30999) d;
VACUUM ANALYZE menuca_v3.dishes, menuca_v3.courses, menuca_v3.restaurants, menuca_v3.combo_groups, menuca_v3.combo_items;
SELECT query, status, index_use, detail, nodes @> '[{"node": "Seq Scan", "relation": "menuca_v3.dishes"}]' AS scans_dishes
FROM menuca_measure_queries(7) WHERE query = 'menu';
SELECT name, status, actual, detail FROM menuca_check_indexes(7) WHERE name IN ('index_use', 'critical_indexes', 'menu_query_gain');
SELECT query, status FROM menuca_record_queries('before', 7);
UPDATE menuca_query_measurement SET median_ms = 1e6;

-- An invalid index serves no query
\set VERBOSITY terse
CREATE UNIQUE INDEX CONCURRENTLY idx_dishes_restaurant ON menuca_v3.dishes (restaurant_id);
\set VERBOSITY default
SELECT query, status, index_use FROM menuca_measure_queries(7) WHERE query = 'menu';
SELECT name, status, actual, detail FROM menuca_check_indexes(7) WHERE name = 'invalid_indexes';
SELECT statement FROM menuca_index_plan() WHERE name = 'idx_dishes_restaurant' \gexec
SELECT query, status, index_use <> 'missing' AS served, nodes @> '[{"index": "idx_dishes_restaurant"}]' AS by_the_index
FROM menuca_record_queries('after', 7) WHERE query = 'menu';
SELECT query, restaurant_id, before_index_use, after_index_use <> 'missing' AS served, before_rows = after_rows AS same_rows,
	faster_pct > 0 AS faster
FROM menuca_query_comparison WHERE query = 'menu';
-- The planner may read a large table sequentially where that is cheaper, as
-- for a restaurant that has nearly all dishes
BEGIN;
UPDATE menuca_v3.dishes SET restaurant_id = 8 WHERE id > 1500;
ANALYZE menuca_v3.dishes;
SELECT query, status, index_use, detail FROM menuca_measure_queries() WHERE query = 'menu';
ROLLBACK;

--
-- The checks
--
UPDATE menuca_wanted_index SET wanted = false WHERE table_name NOT IN ('dishes', 'courses', 'combo_items', 'combo_groups')
	OR name IN ('idx_dishes_prices_gin', 'idx_dishes_restaurant_active_course', 'idx_combo_groups_active');
SELECT check_no, name, title, status FROM menuca_check_indexes(7);
SELECT name, status, expected, actual, detail, remedy, metadata FROM menuca_check_indexes(7) WHERE name IN ('critical_indexes', 'wanted_indexes');
SELECT count(*) FROM menuca_deploy_indexes(dry_run => false) WHERE status = 'created';
SELECT name, status, regexp_replace(actual, 'by (idx_dishes_(restaurant|active))', 'by an index') AS actual FROM menuca_check_indexes(7)
WHERE name IN ('critical_indexes', 'wanted_indexes', 'invalid_indexes', 'empty_indexes', 'index_use', 'created_indexes', 'summary');
SELECT name, status, (metadata ->> 'gain_pct')::numeric > 50 AS gained, remedy FROM menuca_check_indexes(7) WHERE name ~ 'gain';
-- Less than a millisecond is noise; a single row takes far less
INSERT INTO menuca_v3.restaurants VALUES (301, 'The smallest');
INSERT INTO menuca_v3.dishes (id, restaurant_id, name) VALUES (31000, 301, 'The only one');
SELECT query, status, row_count FROM menuca_record_queries('before', 301) WHERE query = 'menu';
UPDATE menuca_query_measurement SET median_ms = 0.001 WHERE restaurant_id = 301;
SELECT name, status, remedy FROM menuca_check_indexes(301, 1000) WHERE name = 'menu_query_gain';
-- Ten times the rows take ten times the time
UPDATE menuca_query_measurement SET row_count = 10, median_ms = 0.001 WHERE label = 'before' AND query = 'menu';
SELECT name, status, regexp_replace(actual, '\d+\.\d{3}', 'N', 'g') AS actual, remedy FROM menuca_check_indexes(7) WHERE name = 'menu_query_gain';
-- Another restaurant's measurement is not compared
SELECT name, status, actual FROM menuca_check_indexes(8) WHERE name ~ 'gain';
-- A critical index is dropped, and one that is not critical
DROP INDEX menuca_v3.idx_dishes_course, menuca_v3.idx_dishes_active;
SELECT name, status, actual, detail FROM menuca_check_indexes(7) WHERE name IN ('critical_indexes', 'wanted_indexes', 'created_indexes');
SELECT name, status, detail FROM menuca_check_indexes(7) WHERE name = 'summary';
-- Nothing wanted, nothing to check
UPDATE menuca_wanted_index SET wanted = false;
SELECT name, status, actual FROM menuca_check_indexes(7) WHERE name IN ('critical_indexes', 'wanted_indexes');
BEGIN READ ONLY;
SELECT count(*) FROM menuca_check_indexes(7);
SELECT menuca_record_queries('before');
ROLLBACK;
-- When the facts cannot be gathered, every check is an ERROR
SET menuca.target_schema = 'none';
SELECT status, count(*) FROM menuca_check_indexes() GROUP BY 1 ORDER BY 1;
RESET menuca.target_schema;

\set ECHO none
\i :drop
