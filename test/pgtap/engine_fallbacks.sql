--
-- Unusual tables: the executor writes, and the NOTICE gives the reason.  A run
-- with the lock of a rebuild keeps the indexes then.
--
\ir include/tools.psql
\ir include/engine_tools.psql
\ir include/shape_begin.psql

INSERT INTO shapes (name, ddl, reason, look, ignore) VALUES
('a volatile default', 'ALTER TABLE menuca_v3.combo_items ADD luck float8 NOT NULL DEFAULT random()', 'the default of column "luck" is volatile',
	'SELECT count(DISTINCT luck) FROM menuca_v3.combo_items', '{luck}'),
('a default that is the time by the clock', 'ALTER TABLE menuca_v3.combo_items ADD seen timestamptz DEFAULT clock_timestamp()', 'the default of column "seen" is volatile',
	'SELECT count(DISTINCT seen) > 1 FROM menuca_v3.combo_items', '{seen}'),
('a default that is a volatile function of the user''s', $$
	CREATE FUNCTION menuca_v3.place() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM menuca_v3.combo_items); END';
	ALTER TABLE menuca_v3.combo_items ADD place bigint NOT NULL DEFAULT menuca_v3.place()$$, 'the default of column "place" is volatile',
	'SELECT count(DISTINCT place) FROM menuca_v3.combo_items', '{}'),
('a default that is a stable function of the user''s', $$
	CREATE FUNCTION menuca_v3.place() RETURNS bigint STABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM menuca_v3.combo_items); END';
	ALTER TABLE menuca_v3.combo_items ADD place bigint NOT NULL DEFAULT 0;
	ALTER TABLE menuca_v3.combo_items ALTER place SET DEFAULT menuca_v3.place()$$, 'the default of column "place" calls a function that may read tables',
	'SELECT string_agg(DISTINCT place::text, '' '') FROM menuca_v3.combo_items', '{}'),
('a uuid of the user''s', $$
	CREATE FUNCTION menuca_v3.gen_random_uuid() RETURNS uuid LANGUAGE sql VOLATILE AS 'SELECT md5(nextval(''menuca_v3.restaurants_id_seq'')::text)::uuid';
	ALTER TABLE menuca_v3.combo_items ALTER uuid SET DEFAULT menuca_v3.gen_random_uuid()$$, 'the default of column "uuid" is volatile', NULL, '{}'),
('a second identity column', 'ALTER TABLE menuca_v3.combo_items DROP updated_at; ALTER TABLE menuca_v3.combo_items ADD number int NOT NULL GENERATED ALWAYS AS IDENTITY', 'the default of column "number" is volatile',
	'SELECT count(DISTINCT number) FROM menuca_v3.combo_items', '{number}'),
('ids without a default', 'ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY', 'column "id" does not get its values from a sequence',
	'SELECT max(id) FROM menuca_v3.combo_items', '{}'),
('ids that are computed', $$
	ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY;
	CREATE SEQUENCE menuca_v3.combo_items_serial START 7001;
	ALTER TABLE menuca_v3.combo_items ALTER id SET DEFAULT nextval('menuca_v3.combo_items_serial') * 2$$, 'column "id" does not get its values from a sequence',
	'SELECT count(*) FROM menuca_v3.combo_items WHERE id > 14000 AND id % 2 = 0', '{}'),
('a sequence by its text', $$
	ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY;
	CREATE SEQUENCE menuca_v3.combo_items_serial START 7001;
	ALTER TABLE menuca_v3.combo_items ALTER id SET DEFAULT nextval('menuca_v3.combo_items_serial'::text)$$, 'column "id" does not get its values from a sequence', NULL, '{}'),
('a domain with constraints, null', $$
	CREATE DOMAIN menuca_v3.few AS int CHECK (VALUE < 5);
	ALTER TABLE menuca_v3.combo_items ADD few menuca_v3.few$$, 'column "few" is of a domain with constraints', NULL, '{}'),
('a domain as reference', $$
	CREATE DOMAIN menuca_v3.dish AS bigint CHECK (VALUE > 0);
	ALTER TABLE menuca_v3.combo_items ALTER dish_id TYPE menuca_v3.dish$$, 'column "dish_id" is of type menuca_v3.dish', NULL, '{}'),
('a position that is no integer', 'ALTER TABLE menuca_v3.combo_items ALTER display_order TYPE numeric(6,1)', 'column "display_order" is of type numeric', NULL, '{}'),
('a source system of fixed length', 'ALTER TABLE menuca_v3.combo_items ALTER source_system TYPE char(4)', 'column "source_system" is of type character(4)',
	'SELECT string_agg(DISTINCT source_system::text, '' '') FROM menuca_v3.combo_items', '{}'),
('a time without its default and without a zone', 'ALTER TABLE menuca_v3.combo_items ALTER created_at TYPE timestamp(0), ALTER created_at DROP DEFAULT', 'column "created_at" is of type timestamp(0) without time zone', NULL, '{}'),
('a quantity without its default', 'ALTER TABLE menuca_v3.combo_items ALTER quantity TYPE numeric, ALTER quantity DROP DEFAULT', 'column "quantity" is of type numeric', NULL, '{}'),
('an exclusion constraint', 'ALTER TABLE menuca_v3.combo_items ADD CONSTRAINT apart EXCLUDE USING btree (combo_group_id WITH =, dish_id WITH =)', 'it has the exclusion constraint "apart"', NULL, '{}'),
('a deferrable unique constraint', 'ALTER TABLE menuca_v3.combo_items ADD CONSTRAINT pairs UNIQUE (combo_group_id, dish_id) DEFERRABLE INITIALLY DEFERRED', '%deferrable%', NULL, '{}'),
('a deferrable foreign key', 'ALTER TABLE menuca_v3.combo_items ALTER CONSTRAINT combo_items_dish_id_fkey DEFERRABLE', 'its foreign key to dishes is deferrable', NULL, '{}'),
('a deferred foreign key', 'ALTER TABLE menuca_v3.combo_items ALTER CONSTRAINT combo_items_combo_group_id_fkey DEFERRABLE INITIALLY DEFERRED', 'its foreign key to combo_groups is deferrable', NULL, '{}'),
('a foreign key to a third table, null', 'ALTER TABLE menuca_v3.combo_items ADD restaurant_id bigint REFERENCES menuca_v3.restaurants', 'it has another foreign key, to restaurants', NULL, '{}'),
('a foreign key to a third table, with a default', $$
	ALTER TABLE menuca_v3.combo_items ADD restaurant_id bigint;
	DO 'BEGIN EXECUTE (SELECT format(''ALTER TABLE menuca_v3.combo_items ALTER restaurant_id SET DEFAULT %s'', min(id)) FROM menuca_v3.restaurants); END';
	ALTER TABLE menuca_v3.combo_items ADD FOREIGN KEY (restaurant_id) REFERENCES menuca_v3.restaurants$$, 'it has another foreign key, to restaurants',
	'SELECT count(restaurant_id) FROM menuca_v3.combo_items', '{}'),
('a foreign key to itself', 'ALTER TABLE menuca_v3.combo_items ADD instead_of bigint REFERENCES menuca_v3.combo_items', 'it has another foreign key, to combo_items', NULL, '{}'),
('a foreign key to other dishes', $$
	CREATE TABLE menuca_v3.old_dishes AS SELECT id FROM menuca_v3.dishes;
	ALTER TABLE menuca_v3.old_dishes ADD PRIMARY KEY (id);
	ALTER TABLE menuca_v3.combo_items ADD FOREIGN KEY (dish_id) REFERENCES menuca_v3.old_dishes$$, 'it has another foreign key, to old_dishes', NULL, '{}'),
('a foreign key of two columns', $$
	ALTER TABLE menuca_v3.dishes ADD UNIQUE (id, display_order);
	ALTER TABLE menuca_v3.combo_items ADD at int, ADD FOREIGN KEY (dish_id, at) REFERENCES menuca_v3.dishes (id, display_order)$$, 'it has another foreign key, to dishes', NULL, '{}'),
('a referenced table that is partitioned', $$
	ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_dish_id_fkey;
	ALTER TABLE menuca_v3.dishes RENAME TO old_dishes;
	CREATE TABLE menuca_v3.dishes (LIKE menuca_v3.old_dishes, PRIMARY KEY (id)) PARTITION BY HASH (id);
	CREATE TABLE menuca_v3.dishes_0 PARTITION OF menuca_v3.dishes FOR VALUES WITH (MODULUS 2, REMAINDER 0);
	CREATE TABLE menuca_v3.dishes_1 PARTITION OF menuca_v3.dishes FOR VALUES WITH (MODULUS 2, REMAINDER 1);
	INSERT INTO menuca_v3.dishes SELECT * FROM menuca_v3.old_dishes;
	ALTER TABLE menuca_v3.combo_items ADD FOREIGN KEY (dish_id) REFERENCES menuca_v3.dishes$$, 'its foreign key leads to the partitioned table dishes', NULL, '{}'),
('a rule', 'CREATE TABLE menuca_v3.log (n bigint); CREATE RULE noted AS ON INSERT TO menuca_v3.combo_items WHERE new.quantity > 100 DO ALSO INSERT INTO menuca_v3.log VALUES (new.id)', 'table menuca_v3.combo_items has rules', NULL, '{}'),
('row security', 'ALTER TABLE menuca_v3.combo_items ENABLE ROW LEVEL SECURITY', 'table menuca_v3.combo_items has row security', NULL, '{}'),
('row security that is forced', 'ALTER TABLE menuca_v3.combo_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', 'table menuca_v3.combo_items has row security', NULL, '{}'),
('another access method', 'CREATE ACCESS METHOD other_heap TYPE TABLE HANDLER heap_tableam_handler; ALTER TABLE menuca_v3.combo_items SET ACCESS METHOD other_heap', 'table menuca_v3.combo_items is stored by the access method "other_heap"', NULL, '{}'),
('a referenced table with another access method', 'CREATE ACCESS METHOD other_heap TYPE TABLE HANDLER heap_tableam_handler; ALTER TABLE menuca_v3.dishes SET ACCESS METHOD other_heap', 'it has a foreign key to dishes, and table menuca_v3.dishes is stored by the access method "other_heap"', NULL, '{}'),
('a child', 'CREATE TABLE menuca_v3.child () INHERITS (menuca_v3.combo_items)', 'table menuca_v3.combo_items inherits or is inherited from', NULL, '{}'),
('a parent', 'CREATE TABLE menuca_v3.parent (id bigint NOT NULL); ALTER TABLE menuca_v3.combo_items INHERIT menuca_v3.parent', 'table menuca_v3.combo_items inherits or is inherited from', NULL, '{}'),
('a partition of something', $$
	DROP TABLE menuca_v3.combo_steps;
	ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY;
	CREATE TABLE menuca_v3.everything (LIKE menuca_v3.combo_items) PARTITION BY RANGE (id);
	ALTER TABLE menuca_v3.everything ATTACH PARTITION menuca_v3.combo_items FOR VALUES FROM (MINVALUE) TO (MAXVALUE)$$, 'table menuca_v3.combo_items inherits or is inherited from', NULL, '{}'),
('partitions', $$
	DROP TABLE menuca_v3.combo_steps;
	ALTER TABLE menuca_v3.combo_items RENAME TO old_items;
	CREATE TABLE menuca_v3.combo_items (LIKE menuca_v3.old_items INCLUDING DEFAULTS, PRIMARY KEY (id)) PARTITION BY HASH (id);
	CREATE TABLE menuca_v3.combo_items_0 PARTITION OF menuca_v3.combo_items FOR VALUES WITH (MODULUS 2, REMAINDER 0);
	CREATE TABLE menuca_v3.combo_items_1 PARTITION OF menuca_v3.combo_items FOR VALUES WITH (MODULUS 2, REMAINDER 1);
	INSERT INTO menuca_v3.combo_items SELECT * FROM menuca_v3.old_items;
	DROP TABLE menuca_v3.old_items;
	CREATE SEQUENCE menuca_v3.combo_items_serial START 7001;
	ALTER TABLE menuca_v3.combo_items ALTER id SET DEFAULT nextval('menuca_v3.combo_items_serial')$$, 'table menuca_v3.combo_items is partitioned',
	'SELECT count(DISTINCT tableoid) FROM menuca_v3.combo_items', '{}');

-- Triggers, of every kind and with every way to be enabled
CREATE FUNCTION public.doubled() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.quantity := 2; RETURN NEW; END';
CREATE FUNCTION public.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.notes VALUES (TG_OP || TG_LEVEL); RETURN NULL; END';
CREATE TABLE public.notes (note text);
INSERT INTO shapes (name, ddl, before, reason, look)
SELECT t.name, replace(t.ddl, 'ITEMS', 'menuca_v3.combo_items'), 'TRUNCATE public.notes', 'it has the trigger "mine"',
	'SELECT (SELECT sum(quantity) FROM menuca_v3.combo_items) || '' '' || (SELECT coalesce(string_agg(note || n, '' '' ORDER BY note), ''none'') FROM (SELECT note, count(*) AS n FROM public.notes GROUP BY 1) c)'
FROM (VALUES
	('a trigger before each row', 'CREATE TRIGGER mine BEFORE INSERT ON ITEMS FOR EACH ROW EXECUTE FUNCTION public.doubled()'),
	('a trigger after each row', 'CREATE TRIGGER mine AFTER INSERT ON ITEMS FOR EACH ROW EXECUTE FUNCTION public.noted()'),
	('a trigger before the statement', 'CREATE TRIGGER mine BEFORE INSERT OR UPDATE ON ITEMS FOR EACH STATEMENT EXECUTE FUNCTION public.noted()'),
	('a trigger after the statement', 'CREATE TRIGGER mine AFTER INSERT ON ITEMS REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.noted()'),
	('a constraint trigger', 'CREATE CONSTRAINT TRIGGER mine AFTER INSERT ON ITEMS DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.noted()'),
	('a trigger with a condition', 'CREATE TRIGGER mine AFTER INSERT ON ITEMS FOR EACH ROW WHEN (NEW.dish_id % 2 = 0) EXECUTE FUNCTION public.noted()'),
	('a trigger for replicas', 'CREATE TRIGGER mine BEFORE INSERT ON ITEMS FOR EACH ROW EXECUTE FUNCTION public.doubled(); ALTER TABLE ITEMS ENABLE REPLICA TRIGGER mine'),
	('a trigger for all sessions', 'CREATE TRIGGER mine BEFORE INSERT ON ITEMS FOR EACH ROW EXECUTE FUNCTION public.doubled(); ALTER TABLE ITEMS ENABLE ALWAYS TRIGGER mine'),
	('a trigger for replicas, in a replica', 'CREATE TRIGGER mine BEFORE INSERT ON ITEMS FOR EACH ROW EXECUTE FUNCTION public.doubled(); ALTER TABLE ITEMS ENABLE REPLICA TRIGGER mine; SET LOCAL session_replication_role = replica')
) t (name, ddl);

-- Checks that look at more than their row
INSERT INTO shapes (name, ddl, reason, error) VALUES
('a check that looks at the table', $$
	CREATE FUNCTION menuca_v3.items() RETURNS bigint STABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM menuca_v3.combo_items); END';
	ALTER TABLE menuca_v3.combo_items ADD CONSTRAINT not_many CHECK (menuca_v3.items() < 1000)$$, 'its check constraint "not_many" calls a function that may read tables', '23514 combo_items not_many '),
('a check that looks at the table for each row', $$
	CREATE FUNCTION menuca_v3.items(d bigint) RETURNS bigint VOLATILE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM menuca_v3.combo_items WHERE dish_id = d); END';
	ALTER TABLE menuca_v3.combo_items ADD CONSTRAINT not_many CHECK (menuca_v3.items(dish_id) < 2) NOT VALID$$, 'its check constraint "not_many" calls a function that may read tables', '23514 combo_items not_many ');

-- And errors in the executor
INSERT INTO shapes (name, ddl, reason, error) VALUES
('a domain that must not be null', 'CREATE DOMAIN menuca_v3.must AS int NOT NULL; CREATE TYPE menuca_v3.dummy AS (a int); TRUNCATE menuca_v3.combo_items CASCADE; ALTER TABLE menuca_v3.combo_items ADD must menuca_v3.must',
	'column "must" is of a domain with constraints', '23502   '),
('a source system that is too short', 'TRUNCATE menuca_v3.combo_items CASCADE; ALTER TABLE menuca_v3.combo_items ALTER source_system TYPE varchar(1)', 'column "source_system" is of type character varying(1)', '22001   '),
('a deferred unique constraint that is violated', 'ALTER TABLE menuca_v3.combo_items ADD CONSTRAINT once UNIQUE (dish_id) DEFERRABLE INITIALLY DEFERRED', '%deferrable%', '23505 combo_items once '),
('an exclusion constraint that is violated', 'ALTER TABLE menuca_v3.combo_items ADD CONSTRAINT apart EXCLUDE USING btree (dish_id WITH =)', 'it has the exclusion constraint "apart"', '23P01 combo_items apart ');
UPDATE shapes SET engine = 'executor';

SELECT plan((SELECT sum(CASE WHEN error IS NULL THEN 6 ELSE 4 END)::int FROM shapes) + 6);
\ir include/engine_shapes.psql

-- Nothing to write, nothing to evaluate
SELECT run_id, inserted FROM menuca_fix_combos(dry_run := false) \gset
CREATE FUNCTION menuca_v3.boom() RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''boom''; END';
ALTER TABLE menuca_v3.combo_items ADD c int;
ALTER TABLE menuca_v3.combo_items ALTER c SET DEFAULT menuca_v3.boom();
SELECT is((SELECT ARRAY[inserted::text, (figures ->> 'engine')] FROM menuca_fix_combos(dry_run := false)), ARRAY['0', pg_temp.engine()], 'a run that has nothing to insert does not evaluate defaults');
SET menuca.engine = executor;
SELECT is((SELECT ARRAY[inserted::text, (figures ->> 'engine')] FROM menuca_fix_combos(dry_run := false)), ARRAY['0', 'executor'], 'nor when the executor is chosen');
RESET menuca.engine;
SELECT ok(state_restored, 'rolled back') FROM menuca_rollback(:run_id, dry_run := false);
SELECT is(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'), 'P0001 boom', 'a run that has, does');
ALTER TABLE menuca_v3.combo_items DROP c;

-- A view and a foreign table are no targets for either engine
ALTER TABLE menuca_v3.combo_items RENAME TO items;
CREATE VIEW menuca_v3.combo_items AS TABLE menuca_v3.items;
SELECT is(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'), '42809 menuca_v3.combo_items is not a table', 'a view is no target');
DROP VIEW menuca_v3.combo_items;
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE menuca_v3.combo_items (id bigint, combo_group_id bigint, dish_id bigint) SERVER nowhere;
SELECT is(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'), '42809 menuca_v3.combo_items is not a table', 'nor is a foreign table');

SELECT * FROM finish();
DROP FOREIGN DATA WRAPPER nowhere CASCADE;
DROP TABLE shapes, public.notes CASCADE;
\! rm -r "$WORK"
