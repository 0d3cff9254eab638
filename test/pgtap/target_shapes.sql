--
-- Targets of other shapes: older, newer and poorer schemas get the same items
--
-- engines: both
--
\ir include/tools.psql

CREATE FUNCTION pg_temp.pairs(junction text, group_column text, dish_column text) RETURNS text
LANGUAGE sql AS $$
	SELECT pg_temp.value(format('SELECT format(''%%s pairs, %%s'', count(*), md5(string_agg(p, '','' ORDER BY p)))
								 FROM (SELECT format(''%%s:%%s'', %I, %I) AS p FROM %s) s', group_column, dish_column, junction))
$$;

SELECT plan(153);

--
-- The usual shape, and the pairs that plain SQL finds for it
--
\ir include/shape_begin.psql
\ir include/judge.psql
SELECT format('%s pairs, %s', count(*), md5(string_agg(p, ',' ORDER BY p))) AS pairs_wanted
FROM (SELECT format('%s:%s', combo_group_id, dish_id) AS p FROM menuca_v3.combo_items
	  UNION ALL
	  SELECT format('%s:%s', combo_group_id, dish_id) FROM judged WHERE outcome = 'insert') s \gset
SELECT alike(:'pairs_wanted'::text, '2205 pairs, %', '5 items before + 2,200 new pairs');
\set shape 'usual shape'
\ir include/shape_check.psql

--
-- Ids of other types
--
\set shape 'integer ids everywhere'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items ALTER id TYPE integer, ALTER combo_group_id TYPE integer, ALTER dish_id TYPE integer, ALTER source_id TYPE integer;
ALTER TABLE menuca_v3.combo_groups ALTER id TYPE integer, ALTER restaurant_id TYPE integer;
ALTER TABLE menuca_v3.dishes ALTER id TYPE integer, ALTER restaurant_id TYPE integer;
ALTER TABLE menuca_v3.restaurants ALTER id TYPE integer;
\ir include/shape_check.psql

\set shape 'smallint item ids and positions'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items ALTER id TYPE smallint, ALTER display_order TYPE smallint;
\ir include/shape_check.psql

\set shape 'bigint legacy ids'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_groups ALTER legacy_v1_id TYPE bigint;
ALTER TABLE menuca_v3.dishes ALTER legacy_v1_id TYPE bigint;
\ir include/shape_check.psql

--
-- Ids from other places
--
\set shape 'identity generated always'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items ALTER id SET GENERATED ALWAYS;
\ir include/shape_check.psql

\set shape 'serial ids'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY;
CREATE SEQUENCE menuca_v3.combo_items_serial START 7001 OWNED BY menuca_v3.combo_items.id;
ALTER TABLE menuca_v3.combo_items ALTER id SET DEFAULT nextval('menuca_v3.combo_items_serial');
\ir include/shape_check.psql
SELECT is((SELECT count(*) FROM menuca_v3.combo_items WHERE id > 7000), 2200::bigint, 'the ids come from the sequence');

\set shape 'plain ids'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY;
SELECT max(id) AS max_id FROM menuca_v3.combo_items \gset
\ir include/shape_check.psql
SELECT results_eq(format('SELECT id FROM menuca_v3.combo_items WHERE id > %s ORDER BY id', :max_id),
	format('SELECT generate_series(%s::bigint + 1, %s + 2200)', :max_id, :max_id), 'the ids continue where they ended');

--
-- Fewer columns
--
\set shape 'no optional columns'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items DROP uuid, DROP quantity, DROP is_required, DROP display_order,
	DROP source_system, DROP source_id, DROP created_at, DROP updated_at;
\ir include/shape_check.psql
SELECT results_eq($$SELECT name FROM menuca_validate() WHERE status = 'SKIP'$$, $$VALUES ('recent_items'), ('display_order'), ('row_counts'), ('row_values'),
	('legacy_ids'), ('steps'), ('step_ledger'), ('row_contents'), ('safeguards')$$,
	'what cannot be checked is skipped');

\set shape 'parents without optional columns'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_groups DROP legacy_v2_id, DROP source_system, DROP source_id, DROP name, DROP combo_rules, DROP is_active;
ALTER TABLE menuca_v3.dishes DROP legacy_v2_id, DROP source_system, DROP source_id, DROP name, DROP is_active;
\ir include/shape_check.psql

\set shape 'required columns without a default'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items ALTER uuid DROP DEFAULT, ALTER quantity DROP DEFAULT, ALTER is_required DROP DEFAULT, ALTER created_at DROP DEFAULT,
	ALTER display_order DROP DEFAULT, ALTER source_system SET NOT NULL, ALTER source_id SET NOT NULL;
\ir include/shape_check.psql
SELECT is((SELECT count(*) FROM menuca_v3.combo_items WHERE quantity = 1 AND is_required AND created_at > now() - interval '1 hour'), 2200::bigint,
	'they get what the schema''s defaults would give');

\set shape 'other defaults'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items ALTER quantity SET DEFAULT 3, ALTER is_required SET DEFAULT false,
	ADD created_by text DEFAULT 'somebody', ADD twice bigint GENERATED ALWAYS AS (dish_id * 2) STORED;
\ir include/shape_check.psql
SELECT is((SELECT count(*) FROM menuca_v3.combo_items WHERE quantity = 3 AND NOT is_required AND created_by = 'somebody' AND twice = 2 * dish_id AND source_id > 200), 2200::bigint,
	'defaults and generated columns are honoured');

--
-- Other names
--
\set shape 'renamed columns'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items RENAME combo_group_id TO "Group";
ALTER TABLE menuca_v3.combo_items RENAME dish_id TO "order";
ALTER TABLE menuca_v3.combo_items RENAME id TO combo_item_id;
ALTER TABLE menuca_v3.combo_groups RENAME restaurant_id TO shop_id;
ALTER TABLE menuca_v3.dishes RENAME restaurant_id TO "shop's id";
\set group_column Group
\set dish_column order
\ir include/shape_check.psql

\set shape 'a schema of another name'
\ir include/shape_begin.psql
DROP SCHEMA IF EXISTS "MenuCA's ""V3""" CASCADE;
ALTER SCHEMA menuca_v3 RENAME TO "MenuCA's ""V3""";
SET menuca.target_schema = 'MenuCA''s "V3"';
\set junction '"MenuCA''s ""V3""".combo_items'
\ir include/shape_check.psql
RESET menuca.target_schema;
DROP SCHEMA "MenuCA's ""V3""" CASCADE;

--
-- Other tables
--
\set shape 'partitioned by hash'
\ir include/shape_begin.psql
DROP TABLE menuca_v3.combo_steps;
ALTER TABLE menuca_v3.combo_items RENAME TO old_items;
CREATE TABLE menuca_v3.combo_items (LIKE menuca_v3.old_items INCLUDING DEFAULTS, PRIMARY KEY (id),
	FOREIGN KEY (combo_group_id) REFERENCES menuca_v3.combo_groups ON DELETE CASCADE,
	FOREIGN KEY (dish_id) REFERENCES menuca_v3.dishes ON DELETE CASCADE)
PARTITION BY HASH (id);
CREATE TABLE menuca_v3.combo_items_0 PARTITION OF menuca_v3.combo_items FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE menuca_v3.combo_items_1 PARTITION OF menuca_v3.combo_items FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE menuca_v3.combo_items_2 PARTITION OF menuca_v3.combo_items FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO menuca_v3.combo_items SELECT * FROM menuca_v3.old_items;
DROP TABLE menuca_v3.old_items;
CREATE SEQUENCE menuca_v3.combo_items_serial START 7001;
ALTER TABLE menuca_v3.combo_items ALTER id SET DEFAULT nextval('menuca_v3.combo_items_serial');
\ir include/shape_check.psql
SELECT is((SELECT count(DISTINCT tableoid) FROM menuca_v3.combo_items), 3::bigint, 'all three partitions are filled');

\set shape 'partitioned by range, with the default partition a stranger'
\ir include/shape_begin.psql
DROP TABLE menuca_v3.combo_steps;
ALTER TABLE menuca_v3.combo_items RENAME TO old_items;
CREATE TABLE menuca_v3.combo_items (LIKE menuca_v3.old_items INCLUDING DEFAULTS, PRIMARY KEY (id),
	FOREIGN KEY (combo_group_id) REFERENCES menuca_v3.combo_groups ON DELETE CASCADE,
	FOREIGN KEY (dish_id) REFERENCES menuca_v3.dishes ON DELETE CASCADE)
PARTITION BY RANGE (id);
CREATE TABLE menuca_v3.combo_items_low PARTITION OF menuca_v3.combo_items FOR VALUES FROM (MINVALUE) TO (1000);
-- Its columns stand in another order, and one was dropped
CREATE TABLE menuca_v3.combo_items_rest (gone text, created_at timestamptz NOT NULL, updated_at timestamptz, is_required boolean NOT NULL,
	dish_id bigint NOT NULL, display_order integer NOT NULL, combo_group_id bigint NOT NULL, quantity integer NOT NULL, source_id bigint,
	source_system varchar(10), uuid uuid NOT NULL, id bigint NOT NULL);
ALTER TABLE menuca_v3.combo_items_rest DROP gone;
ALTER TABLE menuca_v3.combo_items ATTACH PARTITION menuca_v3.combo_items_rest DEFAULT;
INSERT INTO menuca_v3.combo_items SELECT * FROM menuca_v3.old_items;
DROP TABLE menuca_v3.old_items;
\ir include/shape_check.psql
SELECT is((SELECT array_agg(n ORDER BY n) FROM (SELECT count(*) AS n FROM menuca_v3.combo_items GROUP BY tableoid) s),
	ARRAY[(SELECT count(*) FROM menuca_v3.combo_items WHERE id < 1000), (SELECT count(*) FROM menuca_v3.combo_items WHERE id >= 1000)],
	'rows lie where their ids say');

\set shape 'no foreign keys'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_combo_group_id_fkey, DROP CONSTRAINT combo_items_dish_id_fkey;
\ir include/shape_check.psql

\set shape 'deferred foreign keys'
\ir include/shape_begin.psql
ALTER TABLE menuca_v3.combo_items ALTER CONSTRAINT combo_items_combo_group_id_fkey DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE menuca_v3.combo_items ALTER CONSTRAINT combo_items_dish_id_fkey DEFERRABLE INITIALLY DEFERRED;
\ir include/shape_check.psql

\set shape 'unique pairs'
\ir include/shape_begin.psql
CREATE UNIQUE INDEX ON menuca_v3.combo_items (combo_group_id, dish_id);
\ir include/shape_check.psql

\set shape 'a trigger of the table'
\ir include/shape_begin.psql
CREATE FUNCTION menuca_v3.two_of_each() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.quantity := 2; RETURN NEW; END $$;
CREATE TRIGGER two_of_each BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION menuca_v3.two_of_each();
\ir include/shape_check.psql
SELECT is((SELECT count(*) FROM menuca_v3.combo_items WHERE quantity = 2), 2200::bigint, 'it fires for every row');

--
-- The other junction, of the later redesign
--
\ir include/shape_begin.psql
SELECT is((SELECT (status, insert, (figures ->> 'items_before')::bigint)::text FROM menuca_fix_combos(target := 'dish_combo_groups')), '(planned,2200,0)', 'dish_combo_groups: 2,200 rows would be inserted');
SELECT run_id, inserted FROM menuca_fix_combos(dry_run := false, target := 'dish_combo_groups') \gset
SELECT is(:inserted, 2200, '2,200 are');
\ir include/judge.psql
SELECT bag_eq('SELECT combo_group_id, dish_id, is_active FROM menuca_v3.dish_combo_groups', 'SELECT combo_group_id, dish_id, true AS is_active FROM judged', 'the pairs are those that plain SQL finds');
SELECT is((SELECT count(*) FROM menuca_v3.combo_items), 5::bigint, 'combo_items is unchanged');
SELECT is((SELECT (deleted, state_restored)::text FROM menuca_rollback(:run_id, dry_run := false)), '(2200,t)', 'the rollback deletes 2,200');

--
-- Sources of other shapes
--
\ir include/shape_begin.psql
CREATE TABLE staging.named AS
SELECT id AS "Row", dish AS product, "group" AS "offer's group", "order" AS pos FROM staging.menuca_v1_combos;
SELECT run_id FROM menuca_fix_combos(dry_run := false, source := 'staging.named', id_column := 'Row', dish_column := 'product', group_column := 'offer''s group', order_column := 'pos') \gset
SELECT is(pg_temp.pairs('menuca_v3.combo_items', 'combo_group_id', 'dish_id'), :'pairs_wanted', 'source with other column names: the same pairs');
SELECT is((SELECT count(*) FROM menuca_v3.combo_items i JOIN staging.named n ON n."Row" = i.source_id AND n.pos = i.display_order), 2200::bigint, 'with their ids and positions');
SELECT ok(state_restored, 'rolled back') FROM menuca_rollback(:run_id, dry_run := false);

CREATE TABLE staging.pairs AS SELECT dish::int, "group"::int FROM staging.menuca_v1_combos;
SELECT run_id FROM menuca_fix_combos(dry_run := false, source := 'staging.pairs', id_column := NULL, order_column := NULL) \gset
SELECT is(pg_temp.pairs('menuca_v3.combo_items', 'combo_group_id', 'dish_id'), :'pairs_wanted', 'source of two integer columns: the same pairs');
SELECT is((SELECT count(*) FROM menuca_v3.combo_items WHERE source_id IS NULL AND display_order = 0), 2200::bigint, 'without ids, at position 0');
SELECT ok(state_restored, 'rolled back') FROM menuca_rollback(:run_id, dry_run := false);

SELECT * FROM finish();
\! rm -r "$WORK"
