-- The wanted indexes and what has to be done for each: every action
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

--
-- The shipped rows
--
SELECT count(*), count(DISTINCT name), count(DISTINCT table_name), count(*) FILTER (WHERE critical) AS critical,
	count(*) FILTER (WHERE method = 'gin') AS gin, count(*) FILTER (WHERE predicate IS NOT NULL) AS partial
FROM menuca_wanted_index;
SELECT section, count(*) FROM menuca_wanted_index GROUP BY 1 ORDER BY 1;
SELECT name, table_name, columns FROM menuca_wanted_index WHERE critical ORDER BY section, name;
-- In a database that has only four of the tables, and no index of these names
SELECT action, critical, count(*) FROM menuca_index_plan() GROUP BY 1, 2 ORDER BY 1, 2;
SELECT statement FROM menuca_index_plan() WHERE critical AND action = 'create' ORDER BY name;
SELECT name, detail FROM menuca_index_plan() WHERE action = 'impossible' AND table_name IN ('dishes', 'courses') ORDER BY name;

-- An operator's rows are added; shipped rows are switched off, not deleted
UPDATE menuca_wanted_index SET wanted = false;
SELECT count(*) FROM menuca_index_plan();
DELETE FROM menuca_wanted_index WHERE name = 'idx_dishes_course';
\set VERBOSITY sqlstate
DELETE FROM menuca_wanted_index;
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES (1, 'dishes', 'idx_dishes_course', '{id}');
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES (1, 'dishes', 'none', '{}');
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES (1, 'dishes', 'none', '{NULL}');
\set VERBOSITY default
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES (1, 'dishes', 'mine', '{name}');
SELECT name, action, statement FROM menuca_index_plan();
DELETE FROM menuca_wanted_index WHERE name = 'mine';

--
-- Each action.  An index's name begins with the expected action
--
ALTER TABLE menuca_v3.dishes ADD prices jsonb, ADD course_id bigint, ADD display_order integer, ADD "select" integer;
CREATE INDEX exists_plain ON menuca_v3.dishes (restaurant_id, is_active);
CREATE INDEX exists_partial ON menuca_v3.dishes (name) WHERE is_active = true AND legacy_v1_id > 0;
CREATE INDEX exists_gin ON menuca_v3.dishes USING gin (prices jsonb_path_ops) WHERE prices IS NOT NULL;
CREATE INDEX exists_desc ON menuca_v3.dishes (display_order DESC NULLS LAST, lower(name) COLLATE "C");
CREATE UNIQUE INDEX exists_unique ON menuca_v3.dishes (id, display_order);
CREATE INDEX exists_include ON menuca_v3.dishes (display_order, id) INCLUDE (name);
INSERT INTO menuca_wanted_index (section, table_name, name, method, columns, opclass, predicate) VALUES
	(1, 'dishes', 'exists_plain', 'btree', ARRAY['restaurant_id', 'is_active'], NULL, NULL),
	(1, 'dishes', 'exists_partial', 'btree', '{name}', NULL, 'legacy_v1_id > 0 AND is_active'),
	(1, 'dishes', 'exists_gin', 'gin', '{prices}', 'jsonb_path_ops', 'prices IS NOT NULL'),
	(1, 'dishes', 'exists_desc', 'btree', ARRAY['display_order DESC NULLS LAST', 'lower(name) COLLATE "C"'], NULL, NULL),
	(1, 'dishes', 'exists_unique', 'btree', '{id,display_order}', '', ''),
	(1, 'dishes', 'exists_include', 'btree', '{display_order,id}', NULL, NULL);

-- Covered by the same definition, a prefix, a primary key, an index of all rows
CREATE INDEX same ON menuca_v3.combo_items (combo_group_id);
CREATE INDEX prefix ON menuca_v3.combo_items (dish_id, combo_group_id DESC, quantity);
CREATE INDEX partial ON menuca_v3.combo_items (quantity, is_required) WHERE is_required;
INSERT INTO menuca_wanted_index (section, table_name, name, columns, predicate) VALUES
	(2, 'combo_items', 'covered_same', '{combo_group_id}', NULL),
	(2, 'combo_items', 'covered_prefix', '{dish_id}', NULL),
	(2, 'combo_items', 'covered_prefix_2', '{dish_id,combo_group_id DESC}', NULL),
	(2, 'combo_items', 'covered_prefix_partial', '{quantity}', 'is_required = true'),
	(2, 'combo_items', 'covered_pkey', '{id}', NULL),
	(2, 'combo_steps', 'covered_unique_key', '{combo_item_id}', NULL),
	(2, 'combo_items', 'covered_whole', '{combo_group_id}', 'quantity > 1'),
	(2, 'combo_items', 'covered_whole_prefix', '{dish_id}', 'quantity > 1');

-- Not covered: by a partial one, another order, a later column, another
-- operator class or method, more columns in an index that is not a B-tree
CREATE INDEX hashed ON menuca_v3.combo_items USING hash (source_id);
CREATE INDEX ingredients_gin ON menuca_v3.combo_groups USING gin (combo_rules);
CREATE INDEX names_c ON menuca_v3.restaurants (name COLLATE "C");
CREATE INDEX names_pattern ON menuca_v3.combo_groups (name text_pattern_ops);
CREATE INDEX two_arrays ON menuca_v3.combo_groups USING gin ((ARRAY[id]), (ARRAY[restaurant_id]));
INSERT INTO menuca_wanted_index (section, table_name, name, method, columns, opclass, predicate) VALUES
	(3, 'combo_items', 'create_not_partial', 'btree', '{quantity}', NULL, NULL),
	(3, 'combo_items', 'create_other_partial', 'btree', '{quantity}', NULL, 'NOT is_required'),
	(3, 'combo_items', 'create_order', 'btree', '{dish_id,combo_group_id}', NULL, NULL),
	(3, 'combo_items', 'create_nulls', 'btree', '{combo_group_id NULLS FIRST}', NULL, NULL),
	(3, 'combo_items', 'create_later_column', 'btree', '{is_required}', NULL, NULL),
	(3, 'combo_items', 'create_method', 'btree', '{source_id}', NULL, NULL),
	(3, 'combo_groups', 'create_opclass', 'gin', '{combo_rules}', 'jsonb_path_ops', NULL),
	(3, 'combo_groups', 'create_pattern', 'btree', '{name}', NULL, NULL),
	(3, 'restaurants', 'create_collation', 'btree', '{name}', NULL, NULL),
	(3, 'combo_groups', 'create_gin_part', 'gin', '{(ARRAY[id])}', NULL, NULL),
	(3, 'dishes', 'create Quoted "name"', 'btree', '{select}', NULL, '"select" > 0');

-- Conflicts: another definition, another table, no index at all
CREATE INDEX conflict_columns ON menuca_v3.dishes (legacy_v2_id);
CREATE INDEX conflict_predicate ON menuca_v3.dishes (legacy_v1_id);
CREATE INDEX conflict_table ON menuca_v3.combo_groups (id);
CREATE TABLE menuca_v3.conflict_with_table ();
CREATE VIEW menuca_v3.conflict_with_view AS SELECT 1 AS one;
CREATE SEQUENCE menuca_v3.conflict_with_sequence;
INSERT INTO menuca_wanted_index (section, table_name, name, columns, predicate) VALUES
	(4, 'dishes', 'conflict_columns', '{legacy_v1_id}', NULL),
	(4, 'dishes', 'conflict_predicate', '{legacy_v1_id}', 'legacy_v1_id > 0'),
	(4, 'dishes', 'conflict_table', '{source_system}', NULL),
	(4, 'dishes', 'conflict_with_table', '{source_system}', NULL),
	(4, 'dishes', 'conflict_with_view', '{source_system}', NULL),
	(4, 'dishes', 'conflict_with_sequence', '{source_system}', NULL);

-- Impossible
CREATE VIEW menuca_v3.a_view AS SELECT 1 AS id;
CREATE FOREIGN DATA WRAPPER menuca_regress;
CREATE SERVER menuca_regress FOREIGN DATA WRAPPER menuca_regress;
CREATE FOREIGN TABLE menuca_v3.elsewhere (id integer) SERVER menuca_regress;
CREATE TABLE menuca_v3.parted (id integer, day date) PARTITION BY RANGE (id);
CREATE TABLE menuca_v3.parted_1 PARTITION OF menuca_v3.parted FOR VALUES FROM (1) TO (10);
CREATE FUNCTION menuca_v3.changes(integer) RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT (random() * $1)::integer';
CREATE MATERIALIZED VIEW menuca_v3.stored AS SELECT 1 AS id;
INSERT INTO menuca_wanted_index (section, table_name, name, method, columns, opclass, predicate) VALUES
	(5, 'no_such_table', 'impossible_table', 'btree', '{id}', NULL, NULL),
	(5, 'dishes', 'impossible_column', 'btree', '{no_such_column}', NULL, NULL),
	(5, 'dishes', 'impossible_second_column', 'btree', '{id,no_such_column}', NULL, NULL),
	(5, 'dishes', 'impossible_in_predicate', 'btree', '{id}', NULL, 'no_such_column = 1'),
	(5, 'dishes', 'impossible_opclass', 'gin', '{prices}', 'no_such_ops', NULL),
	(5, 'dishes', 'impossible_default_opclass', 'gin', '{id}', NULL, NULL),
	(5, 'dishes', 'impossible_opclass_of_type', 'btree', '{id}', 'text_ops', NULL),
	(5, 'dishes', 'impossible_method', 'no_such_method', '{id}', NULL, NULL),
	(5, 'dishes', 'impossible_order', 'hash', '{id DESC}', NULL, NULL),
	(5, 'dishes', 'impossible_many', 'hash', '{id,name}', NULL, NULL),
	(5, 'dishes', 'impossible_system', 'btree', '{ctid}', NULL, NULL),
	(5, 'dishes', 'impossible_condition', 'btree', '{id}', NULL, 'id'),
	(5, 'dishes', 'impossible_syntax', 'btree', '{id}', NULL, 'id >'),
	(5, 'dishes', 'impossible_comment', 'btree', '{id}', NULL, 'true) --'),
	(5, 'dishes', 'impossible_comment_2', 'btree', '{"id) WHERE (true) --"}', NULL, 'id > 1'),
	(5, 'dishes', 'impossible_offset', 'btree', '{id}', NULL, 'true OFFSET 5'),
	(5, 'dishes', 'impossible_parameter', 'btree', '{id}', NULL, 'id = $1'),
	(5, 'dishes', 'impossible_star', 'btree', '{id}', NULL, '*'),
	(5, 'dishes', 'impossible_volatile', 'btree', '{id}', NULL, 'created > now()'),
	(5, 'combo_items', 'impossible_stable', 'btree', '{id}', NULL, 'created_at > now()'),
	(5, 'dishes', 'impossible_expression', 'btree', '{menuca_v3.changes(legacy_v1_id)}', NULL, NULL),
	(5, 'dishes', 'impossible_subquery', 'btree', '{id}', NULL, 'id IN (SELECT 1)'),
	(5, 'dishes', 'impossible_aggregate', 'btree', '{max(id)}', NULL, NULL),
	(5, 'dishes', 'impossible_two_columns_in_one', 'btree', '{"id, name"}', NULL, NULL),
	(5, 'dishes', 'impossible_two_statements', 'btree', '{id}', NULL, 'true); DROP TABLE menuca_v3.dishes; SELECT (1'),
	(5, 'dishes', 'impossible_tablespace', 'btree', '{id}', NULL, 'true) TABLESPACE pg_default WHERE (true'),
	(5, 'dishes', 'impossible_include', 'btree', '{id}', 'int8_ops) INCLUDE (name', NULL),
	(5, 'dishes', 'impossible_tablespace_2', 'btree', '{id}', 'int8_ops) TABLESPACE pg_default WHERE (true', NULL),
	(5, 'dishes', 'impossible_hidden_condition', 'btree', '{id}', 'int8_ops) WHERE (true', NULL),
	(5, 'dishes', 'impossible_with', 'btree', '{id}', 'int8_ops) WITH (fillfactor = 10', NULL),
	(5, 'dishes', 'impossible_name_' || repeat('x', 60), 'btree', '{id}', NULL, NULL),
	(5, 'a_view', 'impossible_on_view', 'btree', '{id}', NULL, NULL),
	(5, 'elsewhere', 'impossible_foreign', 'btree', '{id}', NULL, NULL),
	(5, 'parted', 'impossible_partitioned', 'btree', '{id}', NULL, NULL),
	(5, 'parted_1', 'create_on_partition', 'btree', '{day}', NULL, NULL),
	(5, 'stored', 'create_on_matview', 'btree', '{id}', NULL, NULL);

-- No row contradicts its name
BEGIN READ ONLY;
SELECT name, action FROM menuca_index_plan() WHERE name NOT LIKE action || '%';
SELECT action, count(*) FROM menuca_index_plan() GROUP BY 1 ORDER BY 1;
SELECT name, detail FROM menuca_index_plan() WHERE action = 'exists' ORDER BY name;
SELECT name, covered_by, detail FROM menuca_index_plan() WHERE action = 'covered' ORDER BY name;
SELECT statement, detail FROM menuca_index_plan() WHERE action = 'create' ORDER BY name COLLATE "C";
SELECT name, covered_by, detail FROM menuca_index_plan() WHERE action = 'conflict' ORDER BY name;
SELECT name, detail, statement FROM menuca_index_plan() WHERE action = 'impossible' ORDER BY name;
SELECT count(*) FROM menuca_index_plan() WHERE (statement IS NULL) = (action IN ('create', 'rebuild'));
COMMIT;

-- A search_path that has other operators and types in front changes nothing
CREATE SCHEMA traps;
CREATE FUNCTION traps.is_equal(boolean, boolean) RETURNS boolean LANGUAGE sql VOLATILE AS 'SELECT false';
CREATE OPERATOR traps.= (LEFTARG = boolean, RIGHTARG = boolean, FUNCTION = traps.is_equal);
CREATE TEMP TABLE plan_before AS SELECT * FROM menuca_index_plan();
SET search_path = traps, menuca_v3, public, pg_catalog;
SELECT count(*) FROM (SELECT * FROM menuca_index_plan() EXCEPT TABLE plan_before) x;
RESET search_path;
DROP SCHEMA traps CASCADE;

--
-- Rebuild: what failed builds left
--
UPDATE menuca_wanted_index SET wanted = false;
CREATE FUNCTION menuca_v3.share(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 100 / (200 - $1); END';
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id) VALUES (200, 1, 'Divides', 200);
-- An expression that fails, and an index that was to be unique
CREATE INDEX CONCURRENTLY rebuild_expression ON menuca_v3.dishes (menuca_v3.share(legacy_v1_id));
CREATE UNIQUE INDEX CONCURRENTLY rebuild_unique ON menuca_v3.dishes (restaurant_id);
CREATE UNIQUE INDEX CONCURRENTLY conflict_unique ON menuca_v3.dishes (restaurant_id, source_system);
-- A rebuild that fails leaves name_ccnew
CREATE FUNCTION menuca_v3.half(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 / 2; END';
CREATE INDEX halves ON menuca_v3.dishes (menuca_v3.half(legacy_v1_id));
CREATE OR REPLACE FUNCTION menuca_v3.half(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 / 0; END';
REINDEX INDEX CONCURRENTLY menuca_v3.halves;
CREATE OR REPLACE FUNCTION menuca_v3.half(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 / 2; END';
DROP INDEX menuca_v3.halves;
SELECT indexrelid::regclass, indisvalid FROM pg_index WHERE indrelid = 'menuca_v3.dishes'::regclass AND NOT indisvalid ORDER BY indexrelid::regclass::text COLLATE "C";
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES
	(6, 'dishes', 'rebuild_expression', '{menuca_v3.share(legacy_v1_id)}'),
	(6, 'dishes', 'rebuild_unique', '{restaurant_id}'),
	(6, 'dishes', 'conflict_unique', '{restaurant_id}'),
	(6, 'dishes', 'create_beside_ccnew', '{menuca_v3.half(legacy_v1_id)}');
SELECT name, action, detail, statement FROM menuca_index_plan();

-- The cause has been fixed; the statements rebuild the indexes
DELETE FROM menuca_v3.dishes WHERE id = 200;
SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') \gexec
SELECT name, action FROM menuca_index_plan();
SELECT c.relname, i.indisvalid, i.indisready, i.indisunique, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = 'menuca_v3.dishes'::regclass AND (c.relname LIKE 'rebuild%' OR c.relname LIKE 'create%') ORDER BY 1;
-- Invalid ones do not cover
UPDATE menuca_wanted_index SET wanted = false;
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES (7, 'dishes', 'create_not_covered', '{restaurant_id,source_system}');
SELECT name, action, detail FROM menuca_index_plan();

-- A schema of another name, and one that does not exist
SET menuca.target_schema = 'none';
SELECT * FROM menuca_index_plan();
CREATE SCHEMA "Menu's";
CREATE TABLE "Menu's".dishes (restaurant_id bigint, source_system text, "Order" integer);
SET menuca.target_schema = 'Menu''s';
INSERT INTO menuca_wanted_index (section, table_name, name, columns, predicate) VALUES (7, 'dishes', 'Idx', '{Order}', '"Order" > 0');
SELECT statement FROM menuca_index_plan() WHERE action = 'create' \gexec
SELECT name, action FROM menuca_index_plan();
DROP SCHEMA "Menu's" CASCADE;
RESET menuca.target_schema;

-- The plan says that the caller does not own the table
CREATE ROLE regress_index_reader;
\set ECHO none
\set role regress_index_reader
\i :grants
\set ECHO all
SET ROLE regress_index_reader;
SELECT name, action, detail, statement FROM menuca_index_plan() WHERE name = 'create_not_covered';
UPDATE menuca_wanted_index SET wanted = true;
RESET ROLE;
DROP OWNED BY regress_index_reader;
DROP ROLE regress_index_reader;

DROP SERVER menuca_regress CASCADE;
DROP FOREIGN DATA WRAPPER menuca_regress;
\set ECHO none
\i :drop
