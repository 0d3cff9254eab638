-- One outcome for every source row
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET menuca.details = on;

--
-- Each outcome once
--
-- Legacy group 120 leads to two groups of one restaurant, 121 to groups of
-- two restaurants; dish 220 to two dishes of one, 221 to dishes of two
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, legacy_v1_id) VALUES
	(20, 1, 'Twin', 120), (21, 1, 'Twin', 120), (22, 1, 'Namesake', 121), (23, 2, 'Namesake', 121);
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id) VALUES
	(20, 1, 'Twin', 220), (21, 1, 'Twin', 220), (22, 1, 'Namesake', 221), (23, 2, 'Namesake', 221);

CREATE TABLE staging.cases (what text, id bigint, dish bigint, "group" bigint, "order" bigint);
INSERT INTO staging.cases VALUES
	('new', 1, 204, 101, 7),
	('there already', 2, 201, 101, 0),
	('there already, again', 3, 201, 101, 0),
	('new, younger than its twin', 5, 205, 102, 1),
	('new, elder than its twin', 4, 205, 102, 2),
	('new, its twin has no id', 6, 202, 102, 3),
	('new, without an id', NULL, 202, 102, 4),
	('order is NULL', 7, 203, 103, NULL),
	('order is negative', 8, 206, 103, -5),
	('no such group', 10, 201, 999, 0),
	('no such dish', 11, 999, 101, 0),
	('neither', 12, 999, 998, 0),
	('another restaurant''s dish', 13, 202, 101, 0),
	('two groups of the dish''s restaurant', 14, 203, 120, 0),
	('two dishes of the group''s restaurant', 15, 220, 103, 0),
	('two groups, but of two restaurants', 16, 203, 121, 0),
	('two dishes, but of two restaurants', 17, 221, 101, 0),
	('two of both, and of two restaurants', 18, 221, 121, 0),
	('two of both, of one restaurant', 19, 220, 120, 0),
	('two groups of another restaurant', 20, 201, 120, 0),
	('group is NULL', 21, 201, NULL, 0),
	('dish is NULL', 22, NULL, 101, 0),
	('group is 0', 23, 201, 0, 0),
	('dish is negative', 24, -201, 101, 0),
	('dish beyond int4', 25, 3000000000, 101, 0),
	('order beyond int4', 26, 207, 101, 3000000000),
	('group of V2', 27, 201, 5, 0);

SELECT c.what, p.*
FROM menuca_plan_combos('staging.cases') p LEFT JOIN staging.cases c
	ON c.id = p.source_id OR c.id IS NULL AND p.source_id IS NULL
ORDER BY c.id;

-- They partition the source
SELECT count(*), count(DISTINCT source_id), (SELECT count(*) FROM staging.cases) AS source_rows
FROM menuca_plan_combos('staging.cases');
SELECT outcome, count(*) FROM menuca_plan_combos('staging.cases') GROUP BY 1 ORDER BY 1;

-- The dry run counts the same, coverage per distinct id
\x on
SELECT (f).insert, jsonb_pretty((f).figures - '{items_before,items_after,engine,elapsed}'::text[]) AS figures
FROM menuca_fix_combos(source => 'staging.cases') f;
\x off

-- By default from the setting
SELECT outcome, count(*) FROM menuca_plan_combos() GROUP BY 1 ORDER BY 1;
SET menuca.source_table = 'staging.cases';
SELECT count(*) FROM menuca_plan_combos();
RESET menuca.source_table;

--
-- Columns of fixed length only, some dropped, some younger than the rows: each
-- row is read as SQL reads it
--
CREATE TABLE staging.narrow (flag boolean, gone int, id int, dish smallint, more uuid, "group" bigint);
INSERT INTO staging.narrow VALUES (true, 1, 30001, 204, NULL, 101), (NULL, NULL, 30002, 204, gen_random_uuid(), 102), (false, 2, NULL, 205, NULL, NULL);
ALTER TABLE staging.narrow DROP gone;
INSERT INTO staging.narrow VALUES (true, 30004, 206, gen_random_uuid(), 101), (true, 30005, NULL, gen_random_uuid(), 101);
ALTER TABLE staging.narrow ADD "order" smallint DEFAULT -7;
INSERT INTO staging.narrow VALUES (true, 30006, -32768, gen_random_uuid(), -9223372036854775808, 32767), (false, 30007, 207, gen_random_uuid(), 103, NULL), (true, -2147483648, 1, gen_random_uuid(), 9223372036854775807, -32768);
SELECT source_id, legacy_dish_id, legacy_group_id, display_order, outcome FROM menuca_plan_combos('staging.narrow') ORDER BY 1, 2;
SELECT count(*) FROM (
	(SELECT source_id, legacy_dish_id, legacy_group_id, display_order FROM menuca_plan_combos('staging.narrow'))
	EXCEPT ALL
	(SELECT id, dish, "group", coalesce("order", 0) FROM staging.narrow)) AS otherwise;
DROP TABLE staging.narrow;

--
-- Other names, other types, no id and no order
--
CREATE TABLE staging.renamed (n numeric, "Dish Id" numeric(20,0), "group id" smallint);
INSERT INTO staging.renamed VALUES (1, 204, 101), (1.5, 205, 102), (3, 99999999999999999999, 102), (4, 205, 102), ('NaN', 203, 103);
SELECT * FROM menuca_plan_combos('staging.renamed', id_column => 'n', dish_column => 'Dish Id', group_column => 'group id', order_column => NULL)
ORDER BY source_id, outcome, dish_id;
SELECT outcome, source_id, display_order, combo_group_id, dish_id
FROM menuca_plan_combos('staging.renamed', id_column => NULL, dish_column => 'Dish Id', group_column => 'group id', order_column => NULL)
ORDER BY combo_group_id, dish_id, outcome;

-- Wrong names and types
SELECT count(*) FROM menuca_plan_combos('staging.renamed');
SELECT count(*) FROM menuca_plan_combos('staging.cases', dish_column => 'what');
SELECT count(*) FROM menuca_plan_combos('staging.cases', dish_column => NULL);
SELECT count(*) FROM menuca_plan_combos('staging.cases', order_column => 'position');

-- A partitioned source, a materialized view
CREATE TABLE staging.parted (LIKE staging.menuca_v1_combos) PARTITION BY HASH ("group");
CREATE TABLE staging.parted_0 PARTITION OF staging.parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE staging.parted_1 PARTITION OF staging.parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO staging.parted TABLE staging.menuca_v1_combos;
CREATE MATERIALIZED VIEW staging.matview AS TABLE staging.parted;
SELECT (SELECT count(*) FROM menuca_plan_combos('staging.parted') WHERE outcome = 'insert') AS partitioned,
	(SELECT count(*) FROM menuca_plan_combos('staging.matview') WHERE outcome = 'insert') AS materialized;

--
-- Targets of many shapes
--
-- What a fix wrote
CREATE FUNCTION written(shape text) RETURNS TABLE (what text, inserted bigint, items_after bigint)
LANGUAGE plpgsql AS $$
DECLARE
	fix menuca_fix_result;
BEGIN
	SELECT * INTO fix FROM menuca_fix_combos(dry_run => false);
	what := shape; inserted := fix.inserted; items_after := fix.figures ->> 'items_after';
	RETURN NEXT;
END $$;
SET client_min_messages = warning;
DELETE FROM menuca_v3.combo_groups WHERE id >= 20;
DELETE FROM menuca_v3.dishes WHERE id >= 20;

-- As it is: identity BY DEFAULT, ints
SELECT what, inserted, items_after FROM written('identity by default');
SELECT id, combo_group_id, dish_id, quantity, is_required, display_order, source_system, source_id, created_at = now() AS now
FROM menuca_v3.combo_items WHERE combo_group_id <= 2 ORDER BY id;

-- Identity ALWAYS
TRUNCATE menuca_v3.combo_items RESTART IDENTITY CASCADE;
ALTER TABLE menuca_v3.combo_items ALTER id SET GENERATED ALWAYS;
SELECT what, inserted, items_after FROM written('identity always');
SELECT min(id), max(id), count(*) FROM menuca_v3.combo_items;

-- bigint legacy ids, beyond int4, in a source of numerics
TRUNCATE menuca_v3.combo_items CASCADE;
ALTER TABLE menuca_v3.combo_groups ALTER legacy_v1_id TYPE bigint;
ALTER TABLE menuca_v3.dishes ALTER legacy_v1_id TYPE bigint;
UPDATE menuca_v3.combo_groups SET legacy_v1_id = legacy_v1_id + 5000000000;
UPDATE menuca_v3.dishes SET legacy_v1_id = legacy_v1_id + 5000000000;
UPDATE staging.menuca_v1_combos SET "group" = "group" + 5000000000, dish = dish + 5000000000;
SELECT what, inserted, items_after FROM written('bigint');

-- serial, and none of the optional columns
DROP TABLE menuca_v3.combo_items CASCADE;
CREATE TABLE menuca_v3.combo_items (
	id serial PRIMARY KEY,
	combo_group_id bigint REFERENCES menuca_v3.combo_groups,
	dish_id bigint REFERENCES menuca_v3.dishes
);
SELECT what, inserted, items_after FROM written('serial, bare');
SELECT * FROM menuca_v3.combo_items WHERE combo_group_id = 1 ORDER BY id;

-- Plain ids without a default: numbering continues over two batches
DROP TABLE menuca_v3.combo_items CASCADE;
CREATE TABLE menuca_v3.combo_items (
	id bigint PRIMARY KEY,
	combo_group_id bigint NOT NULL REFERENCES menuca_v3.combo_groups,
	dish_id bigint NOT NULL REFERENCES menuca_v3.dishes
);
INSERT INTO menuca_v3.combo_items VALUES (1000, 1, 1);
CALL menuca_fix_combos_batched(dry_run => false, batch_size => 10) \gx
SELECT min(id), max(id), count(*) FROM menuca_v3.combo_items;
SELECT run_id, batch_no, row_count, keys FROM menuca_run_batch WHERE run_id = (SELECT max(run_id) FROM menuca_run) ORDER BY 2;

-- smallint ids that run out: an error, and nothing is written
DROP TABLE menuca_v3.combo_items CASCADE;
CREATE TABLE menuca_v3.combo_items (
	id smallint PRIMARY KEY,
	combo_group_id bigint NOT NULL,
	dish_id bigint NOT NULL
);
INSERT INTO menuca_v3.combo_items VALUES (32760, 1, 1);
\set VERBOSITY terse
SELECT menuca_fix_combos(dry_run => false);
SELECT count(*) FROM menuca_v3.combo_items;

-- Optional columns that are NOT NULL and have no default; two
-- columns that are not ours, one with a default and one generated
DROP TABLE menuca_v3.combo_items CASCADE;
CREATE TABLE menuca_v3.combo_items (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	combo_group_id integer NOT NULL,
	dish_id integer NOT NULL,
	quantity smallint NOT NULL,
	is_required boolean NOT NULL,
	display_order smallint NOT NULL,
	source_system varchar(2) NOT NULL,
	source_id integer NOT NULL,
	created_at timestamptz NOT NULL,
	uuid uuid NOT NULL UNIQUE,
	note text NOT NULL DEFAULT 'by default',
	pair text GENERATED ALWAYS AS (combo_group_id::text || '-' || dish_id::text) STORED,
	CHECK (display_order >= 0)
);
SELECT what, inserted, items_after FROM written('all not null');
SELECT id, combo_group_id, dish_id, quantity, is_required, display_order, source_system, source_id,
	created_at IS NOT NULL AS dated, uuid IS NOT NULL AS uuid, note, pair
FROM menuca_v3.combo_items WHERE combo_group_id <= 2 ORDER BY id;

-- A source id that its column cannot hold makes the row invalid
TRUNCATE menuca_v3.combo_items;
UPDATE staging.menuca_v1_combos SET id = id + 3000000000 WHERE id = 18;
SELECT outcome, count(*) FROM menuca_plan_combos() GROUP BY 1 ORDER BY 1;
UPDATE staging.menuca_v1_combos SET id = id - 3000000000 WHERE id > 18;

-- A required column without a value: PostgreSQL's own error, and nothing is written
ALTER TABLE menuca_v3.combo_items ADD wanted text NOT NULL;
SELECT menuca_fix_combos(dry_run => false);
SELECT count(*) FROM menuca_v3.combo_items;
-- The same with a check constraint
ALTER TABLE menuca_v3.combo_items DROP wanted, ADD CONSTRAINT small_menu CHECK (dish_id < 12);
SELECT menuca_fix_combos(dry_run => false);
\set VERBOSITY default
SELECT count(*) FROM menuca_v3.combo_items;

-- Renamed key columns, found by their foreign keys; without them, not
DROP TABLE menuca_v3.combo_items CASCADE;
CREATE TABLE menuca_v3.combo_items (
	"Item" bigserial PRIMARY KEY,
	"The Dish" bigint NOT NULL REFERENCES menuca_v3.dishes,
	"In Group" bigint NOT NULL REFERENCES menuca_v3.combo_groups
);
ALTER TABLE menuca_v3.dishes RENAME restaurant_id TO vendor;
SELECT what, inserted, items_after FROM written('renamed');
SELECT * FROM menuca_v3.combo_items WHERE "In Group" = 2 ORDER BY 1;
ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT "combo_items_The Dish_fkey";
SELECT menuca_fix_combos();
ALTER TABLE menuca_v3.dishes RENAME vendor TO restaurant_id;

-- Partitioned
DROP TABLE menuca_v3.combo_items CASCADE;
CREATE TABLE menuca_v3.combo_items (
	id bigint GENERATED BY DEFAULT AS IDENTITY,
	combo_group_id bigint NOT NULL REFERENCES menuca_v3.combo_groups,
	dish_id bigint NOT NULL REFERENCES menuca_v3.dishes,
	display_order integer
) PARTITION BY RANGE (combo_group_id);
CREATE TABLE menuca_v3.combo_items_low PARTITION OF menuca_v3.combo_items FOR VALUES FROM (1) TO (5);
CREATE TABLE menuca_v3.combo_items_high PARTITION OF menuca_v3.combo_items FOR VALUES FROM (5) TO (100);
-- Its key has to hold the partition's column, too
SELECT menuca_fix_combos();
DROP TABLE menuca_v3.combo_items CASCADE;
CREATE TABLE menuca_v3.combo_items (
	id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	combo_group_id bigint NOT NULL REFERENCES menuca_v3.combo_groups,
	dish_id bigint NOT NULL REFERENCES menuca_v3.dishes,
	display_order integer
) PARTITION BY RANGE (id);
CREATE TABLE menuca_v3.combo_items_low PARTITION OF menuca_v3.combo_items FOR VALUES FROM (1) TO (5);
CREATE TABLE menuca_v3.combo_items_high PARTITION OF menuca_v3.combo_items FOR VALUES FROM (5) TO (100);
SELECT what, inserted, items_after FROM written('partitioned');
SELECT tableoid::regclass, count(*) FROM menuca_v3.combo_items GROUP BY 1 ORDER BY 1;
SELECT status, deleted, state_restored FROM menuca_rollback((SELECT max(run_id) FROM menuca_run), dry_run => false);
SELECT count(*) FROM menuca_v3.combo_items;

-- Triggers fire, and the ledger has the rows as the triggers changed them
CREATE FUNCTION next_week() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN NEW.display_order := NEW.display_order + 100; RETURN NEW; END$$;
CREATE TRIGGER next_week BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION next_week();
SELECT what, inserted, items_after FROM written('trigger');
SELECT display_order, count(*) FROM menuca_v3.combo_items GROUP BY 1 ORDER BY 1;
SELECT status, deleted, changed FROM menuca_rollback((SELECT max(run_id) FROM menuca_run));

-- However the rows are read: by parallel workers, they are the same rows
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET enable_partitionwise_aggregate = on;
SELECT status, deleted, changed FROM menuca_rollback((SELECT max(run_id) FROM menuca_run));
SELECT items, orphans FROM menuca_orphan_rate();
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET enable_partitionwise_aggregate;

-- The other target
CREATE TABLE menuca_v3.dish_combo_groups (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	dish_id bigint NOT NULL REFERENCES menuca_v3.dishes ON DELETE CASCADE,
	combo_group_id bigint NOT NULL REFERENCES menuca_v3.combo_groups ON DELETE CASCADE,
	is_active boolean NOT NULL,
	UNIQUE (dish_id, combo_group_id)
);
SELECT status, inserted, (figures ->> 'items_after')::bigint AS items_after FROM menuca_fix_combos(dry_run => false, target => 'dish_combo_groups');
SELECT count(*), bool_and(is_active) AS active FROM menuca_v3.dish_combo_groups;
SELECT status, inserted, (figures ->> 'items_after')::bigint AS items_after FROM menuca_fix_combos(dry_run => false, target => 'dish_combo_groups');
SELECT run_id, target, status, inserted FROM menuca_runs WHERE target = 'dish_combo_groups' ORDER BY 1;
SELECT count(*) FROM menuca_plan_combos(target => 'dish_combo_groups') WHERE outcome = 'already_present';

-- A schema of another name, with quotes
ALTER SCHEMA menuca_v3 RENAME TO "Menuca V3";
SET menuca.target_schema = 'Menuca V3';
TRUNCATE "Menuca V3".combo_items;
SELECT what, inserted, items_after FROM written('other schema');
RESET menuca.target_schema;
ALTER SCHEMA "Menuca V3" RENAME TO menuca_v3;

DROP FUNCTION written(text);
\set ECHO none
\i :drop
DROP FUNCTION next_week();
