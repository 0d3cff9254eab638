--
-- Tables that the native engine writes to: rows, indexes and ledger are those
-- that the executor would write
--
\ir include/tools.psql
\ir include/engine_tools.psql
\ir include/shape_begin.psql

INSERT INTO shapes (name, ddl, look, probes) VALUES
('the fixture', 'SELECT 1', NULL,
	'{"combo_items_pkey": "id > 0", "idx_combo_items_combo": "combo_group_id > 0", "combo_items_uuid_key": "uuid > ''00000000-0000-0000-0000-000000000000''"}'),
('serial instead of identity', $$
	ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY;
	CREATE SEQUENCE menuca_v3.combo_items_serial START 7001 OWNED BY menuca_v3.combo_items.id;
	ALTER TABLE menuca_v3.combo_items ALTER id SET DEFAULT nextval('menuca_v3.combo_items_serial')$$,
	'SELECT count(*) FROM menuca_v3.combo_items WHERE id > 7000', '{}'),
('identity generated always', 'ALTER TABLE menuca_v3.combo_items ALTER id SET GENERATED ALWAYS', NULL, '{}'),
('integer and smallint keys', $$
	ALTER TABLE menuca_v3.combo_items ALTER id TYPE integer, ALTER combo_group_id TYPE integer, ALTER dish_id TYPE smallint,
		ALTER display_order TYPE smallint, ALTER source_id TYPE integer;
	CREATE INDEX by_dish ON menuca_v3.combo_items (dish_id);
	CREATE INDEX by_order ON menuca_v3.combo_items (display_order, dish_id)$$, NULL,
	'{"by_dish": "dish_id > 0", "by_order": "display_order >= 0"}'),
('a smallint id', 'ALTER TABLE menuca_v3.combo_items ALTER id TYPE smallint', NULL, '{}'),
('serial of an integer column', $$
	ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY, ALTER id TYPE integer;
	CREATE SEQUENCE menuca_v3.combo_items_serial AS bigint START 7001;
	ALTER TABLE menuca_v3.combo_items ALTER id SET DEFAULT nextval('menuca_v3.combo_items_serial')$$, NULL, '{"combo_items_pkey": "id > 0"}'),
('nullable references', $$
	ALTER TABLE menuca_v3.combo_items ALTER combo_group_id DROP NOT NULL, ALTER dish_id DROP NOT NULL, ALTER display_order DROP NOT NULL;
	CREATE INDEX by_dish ON menuca_v3.combo_items (dish_id)$$, NULL, '{"by_dish": "dish_id > 0"}'),
('generated columns, indexed', $$
	ALTER TABLE menuca_v3.combo_items ADD twice bigint NOT NULL GENERATED ALWAYS AS (dish_id * 2) STORED,
		ADD label text GENERATED ALWAYS AS ('combo ' || combo_group_id || ' of ' || source_system) STORED,
		ADD key bigint GENERATED ALWAYS AS (id + 1) STORED;
	CREATE INDEX by_twice ON menuca_v3.combo_items (twice);
	CREATE INDEX by_label ON menuca_v3.combo_items (label);
	CREATE UNIQUE INDEX by_key ON menuca_v3.combo_items (key)$$,
	'SELECT count(*) FROM menuca_v3.combo_items WHERE twice = dish_id * 2 AND key = id + 1',
	'{"by_twice": "twice > 0", "by_key": "key > 0"}'),
('checks of a column, a row and the table itself', $$
	ALTER TABLE menuca_v3.combo_items ADD CHECK (dish_id > 0 AND quantity BETWEEN 1 AND 9), ADD CHECK (combo_items IS DISTINCT FROM NULL),
		ADD CHECK (tableoid = 'menuca_v3.combo_items'::regclass)$$, NULL, '{}'),
('defaults that are constant', $$
	ALTER TABLE menuca_v3.combo_items ADD note text DEFAULT 'new', ADD price numeric(8,3) NOT NULL DEFAULT 12.3456, ADD code char(5) DEFAULT 'ab',
		ADD days int[] DEFAULT '{1,2,3}', ADD data jsonb DEFAULT '{"a": [1, null, "x"]}', ADD short varchar(3) DEFAULT 'abc',
		ADD valid daterange DEFAULT '[2020-01-01,2021-01-01)', ADD void text DEFAULT NULL, ADD empty text DEFAULT '',
		ADD colour point DEFAULT '(1,2)', ADD bits bit(5) DEFAULT B'10101', ADD ratio float4 DEFAULT '-0', ADD day date DEFAULT '2020-02-29'$$,
	'SELECT count(*) FROM menuca_v3.combo_items WHERE price = 12.346 AND code = ''ab   '' AND data ->> ''a'' <> '''' AND void IS NULL', '{}'),
('defaults that are stable', $$
	ALTER TABLE menuca_v3.combo_items ADD changed timestamptz NOT NULL DEFAULT now(), ADD day date NOT NULL DEFAULT current_date,
		ADD by_whom name NOT NULL DEFAULT current_user, ADD at timestamp DEFAULT localtimestamp(0), ADD zone text DEFAULT current_setting('timezone')$$,
	'SELECT count(*) FROM menuca_v3.combo_items WHERE changed <= now() AND by_whom = current_user', '{}'),
('random uuids', $$
	ALTER TABLE menuca_v3.combo_items ADD other uuid NOT NULL DEFAULT gen_random_uuid(), ADD third uuid DEFAULT gen_random_uuid();
	CREATE UNIQUE INDEX by_other ON menuca_v3.combo_items (other);
	CREATE UNIQUE INDEX by_third ON menuca_v3.combo_items (third, id)$$,
	$$SELECT count(DISTINCT other) || ' ' || count(DISTINCT third) || ' ' || count(DISTINCT uuid) || ' ' || count(*) FILTER (WHERE other = third OR other = uuid)
			|| ' ' || count(*) FILTER (WHERE other::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')
	  FROM menuca_v3.combo_items$$, '{}'),
('columns that were dropped and others that came later', $$
	ALTER TABLE menuca_v3.combo_items DROP quantity, DROP is_required;
	ALTER TABLE menuca_v3.combo_items ADD late int NOT NULL DEFAULT 7, ADD later text DEFAULT 'fast', ADD quantity int NOT NULL DEFAULT 4;
	ALTER TABLE menuca_v3.combo_items DROP late, ALTER later SET DEFAULT 'new';
	ALTER TABLE menuca_v3.combo_items ADD latest bigint GENERATED ALWAYS AS (quantity + dish_id) STORED$$,
	'SELECT string_agg(DISTINCT later, '' '') FROM menuca_v3.combo_items', '{}'),
('a domain without constraints', $$
	CREATE DOMAIN menuca_v3.words AS text;
	CREATE DOMAIN menuca_v3.few AS int DEFAULT 3 CHECK (VALUE < 5);
	ALTER TABLE menuca_v3.combo_items ADD words menuca_v3.words, ADD few menuca_v3.few, ADD fewer menuca_v3.few NOT NULL DEFAULT 2;
	CREATE INDEX by_few ON menuca_v3.combo_items (fewer, dish_id)$$,
	'SELECT string_agg(DISTINCT few::text, '' '') FROM menuca_v3.combo_items', '{"by_few": "fewer = 2"}'),
('unique pairs, both ways round', $$
	CREATE UNIQUE INDEX by_group ON menuca_v3.combo_items (combo_group_id, dish_id);
	CREATE UNIQUE INDEX by_dish ON menuca_v3.combo_items (dish_id, combo_group_id)$$, NULL,
	'{"by_group": "(combo_group_id, dish_id) > (0, 0)", "by_dish": "(dish_id, combo_group_id) > (0, 0)"}'),
('indexes of every order and direction', $$
	CREATE INDEX by_dish ON menuca_v3.combo_items (dish_id DESC NULLS LAST);
	CREATE INDEX by_position ON menuca_v3.combo_items (display_order, dish_id DESC, combo_group_id);
	CREATE INDEX by_four ON menuca_v3.combo_items (is_required, quantity, dish_id, combo_group_id, id);
	CREATE INDEX by_time ON menuca_v3.combo_items (created_at, dish_id);
	CREATE INDEX by_required ON menuca_v3.combo_items (is_required)$$, NULL,
	'{"by_dish": "dish_id > 0", "by_position": "display_order >= 0", "by_time": "created_at > ''2000-01-01''"}'),
('partial indexes', $$
	CREATE INDEX some_dishes ON menuca_v3.combo_items (dish_id) WHERE display_order < 3;
	CREATE INDEX no_dishes ON menuca_v3.combo_items (dish_id) WHERE source_system = 'v2';
	CREATE UNIQUE INDEX some_pairs ON menuca_v3.combo_items (dish_id, combo_group_id) WHERE quantity = 1 AND is_required$$, NULL,
	'{"some_dishes": "dish_id > 0 AND display_order < 3"}'),
('expression indexes', $$
	CREATE INDEX by_sum ON menuca_v3.combo_items ((dish_id + combo_group_id));
	CREATE UNIQUE INDEX by_text ON menuca_v3.combo_items ((combo_group_id || ':' || dish_id));
	CREATE INDEX by_both ON menuca_v3.combo_items (dish_id, upper(source_system))$$, NULL,
	'{"by_sum": "dish_id + combo_group_id > 0", "by_text": "combo_group_id || '':'' || dish_id > ''''"}'),
('indexes with further columns', $$
	CREATE UNIQUE INDEX by_pair ON menuca_v3.combo_items (dish_id, combo_group_id) INCLUDE (quantity);
	CREATE INDEX by_dish ON menuca_v3.combo_items (dish_id) INCLUDE (source_system, display_order);
	CREATE INDEX by_uuid ON menuca_v3.combo_items (uuid) INCLUDE (dish_id)$$, NULL,
	'{"by_dish": "dish_id > 0"}'),
('text indexes of several collations', $$
	ALTER TABLE menuca_v3.combo_items ADD word text NOT NULL DEFAULT 'Zebra', ADD label text COLLATE "C" GENERATED ALWAYS AS (chr(65 + (dish_id % 26)::int) || combo_group_id) STORED;
	CREATE INDEX by_word ON menuca_v3.combo_items (word COLLATE "C");
	CREATE INDEX by_label ON menuca_v3.combo_items (label COLLATE "POSIX" text_pattern_ops)$$, NULL,
	'{"by_word": "word COLLATE \"C\" = ''Zebra''"}'),
('other access methods', $$
	ALTER TABLE menuca_v3.combo_items ADD tags int[] NOT NULL DEFAULT '{3,4}', ADD span int4range NOT NULL DEFAULT '[1,5)';
	CREATE INDEX by_hash ON menuca_v3.combo_items USING hash (dish_id);
	CREATE INDEX by_tag ON menuca_v3.combo_items USING gin (tags);
	CREATE INDEX by_span ON menuca_v3.combo_items USING gist (span);
	CREATE INDEX by_block ON menuca_v3.combo_items USING brin (dish_id) WITH (pages_per_range = 1);
	CREATE INDEX by_system ON menuca_v3.combo_items USING spgist (source_system text_ops)$$, NULL,
	'{"by_hash": "dish_id = (SELECT max(dish_id) FROM menuca_v3.combo_items)", "by_tag": "tags @> ''{4}''", "by_span": "span && ''[3,9)''", "by_block": "dish_id BETWEEN 1 AND 1250", "by_system": "source_system = ''v1''"}'),
('gin without a list of pending entries', $$
	ALTER TABLE menuca_v3.combo_items ADD tags int[] NOT NULL DEFAULT '{3,4}';
	CREATE INDEX by_tag ON menuca_v3.combo_items USING gin (tags) WITH (fastupdate = off)$$, NULL, '{"by_tag": "tags @> ''{4}''"}'),
('nulls that are not distinct', $$
	CREATE UNIQUE INDEX by_pair ON menuca_v3.combo_items (updated_at, combo_group_id, dish_id) NULLS NOT DISTINCT$$, NULL, '{}'),
('indexes on small types', $$
	CREATE TYPE menuca_v3.mood AS ENUM ('sad', 'happy');
	ALTER TABLE menuca_v3.combo_items ADD mood menuca_v3.mood NOT NULL DEFAULT 'happy', ADD day date NOT NULL DEFAULT '1999-12-31',
		ADD ratio float8 NOT NULL DEFAULT -1.5, ADD letter "char" NOT NULL DEFAULT 'a', ADD object oid NOT NULL DEFAULT 4294967295,
		ADD small float4 NOT NULL DEFAULT 'nan', ADD minus int NOT NULL DEFAULT -7;
	CREATE INDEX by_mood ON menuca_v3.combo_items (mood, dish_id);
	CREATE INDEX by_ratio ON menuca_v3.combo_items (ratio, dish_id);
	CREATE INDEX by_letter ON menuca_v3.combo_items (letter);
	CREATE INDEX by_object ON menuca_v3.combo_items (object, minus);
	CREATE INDEX by_small ON menuca_v3.combo_items (small);
	CREATE INDEX by_day ON menuca_v3.combo_items (day, display_order)$$, NULL,
	'{"by_mood": "mood = ''happy''", "by_ratio": "ratio < 0", "by_object": "object > 0", "by_small": "small = ''nan''", "by_day": "day < ''2000-01-01''"}'),
('values that are stored out of line', $$
	ALTER TABLE menuca_v3.combo_items ADD long text NOT NULL DEFAULT repeat('compress ', 4000), ADD longer text DEFAULT repeat('outside', 1000),
		ADD other text NOT NULL GENERATED ALWAYS AS (repeat(md5(dish_id::text), 100)) STORED;
	ALTER TABLE menuca_v3.combo_items ALTER longer SET STORAGE EXTERNAL, ALTER other SET STORAGE EXTERNAL$$,
	'SELECT sum(length(long) + length(longer) + length(other)) FROM menuca_v3.combo_items', '{}'),
('pages that are filled to a tenth', 'ALTER TABLE menuca_v3.combo_items SET (fillfactor = 10)', NULL, '{}'),
('no foreign key', 'ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_combo_group_id_fkey, DROP CONSTRAINT combo_items_dish_id_fkey', NULL, '{}'),
('one foreign key', 'ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_combo_group_id_fkey', NULL, '{}'),
('foreign keys that are not validated', $$
	ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_combo_group_id_fkey, DROP CONSTRAINT combo_items_dish_id_fkey,
		ADD FOREIGN KEY (combo_group_id) REFERENCES menuca_v3.combo_groups NOT VALID, ADD FOREIGN KEY (dish_id) REFERENCES menuca_v3.dishes NOT VALID$$, NULL, '{}'),
('two foreign keys of one column', 'ALTER TABLE menuca_v3.combo_items ADD FOREIGN KEY (dish_id) REFERENCES menuca_v3.dishes ON UPDATE CASCADE', NULL, '{}'),
('triggers that do not fire', $$
	CREATE FUNCTION menuca_v3.boom() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''boom''; END';
	CREATE TRIGGER disabled BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION menuca_v3.boom();
	ALTER TABLE menuca_v3.combo_items DISABLE TRIGGER disabled;
	CREATE TRIGGER of_update BEFORE UPDATE ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION menuca_v3.boom();
	CREATE TRIGGER of_truncate BEFORE TRUNCATE ON menuca_v3.combo_items EXECUTE FUNCTION menuca_v3.boom()$$, NULL, '{}'),
('an unlogged table', $$
	DROP TABLE menuca_v3.combo_steps;
	ALTER TABLE menuca_v3.combo_items SET UNLOGGED$$, NULL, '{"combo_items_pkey": "id > 0"}'),
('row security that is forced but not enabled', 'ALTER TABLE menuca_v3.combo_items FORCE ROW LEVEL SECURITY', NULL, '{}'),
('a referenced table that is inherited from', 'CREATE TABLE menuca_v3.child () INHERITS (menuca_v3.dishes)', NULL, '{}');

UPDATE shapes SET ignore = '{key}' WHERE name = 'generated columns, indexed';
UPDATE shapes SET ignore = '{other,third}' WHERE name = 'random uuids';

-- Sequences; each run begins at the same place
INSERT INTO shapes (name, ddl, before, look, error) VALUES
('a sequence in steps of seven', 'ALTER TABLE menuca_v3.combo_items ALTER id SET INCREMENT 7 RESTART 10003', 'ALTER TABLE menuca_v3.combo_items ALTER id RESTART 10003',
	'SELECT min(id) || '' '' || max(id) || '' '' || count(*) || '' '' || nextval(''menuca_v3.combo_items_id_seq'') FROM menuca_v3.combo_items WHERE id % 7 = 10003 % 7 AND id > 10000', NULL),
('a sequence that descends', 'ALTER TABLE menuca_v3.combo_items ALTER id SET INCREMENT -1 SET MINVALUE -99999 SET MAXVALUE 99999 RESTART -11', 'ALTER TABLE menuca_v3.combo_items ALTER id RESTART -11',
	'SELECT min(id) || '' '' || count(*) || '' '' || nextval(''menuca_v3.combo_items_id_seq'') FROM menuca_v3.combo_items WHERE id < 0', NULL),
('a sequence with a cache', 'ALTER SEQUENCE menuca_v3.combo_items_id_seq CACHE 50', 'ALTER TABLE menuca_v3.combo_items ALTER id RESTART 20000',
	'SELECT min(id) || '' '' || count(DISTINCT id) || '' '' || (nextval(''menuca_v3.combo_items_id_seq'') > max(id)) FROM menuca_v3.combo_items WHERE id >= 20000', NULL),
('a sequence that is just long enough', 'ALTER TABLE menuca_v3.combo_items ALTER id SET MAXVALUE 22199 RESTART 20000', 'ALTER TABLE menuca_v3.combo_items ALTER id RESTART 20000',
	'SELECT min(id) || '' '' || max(id) || '' '' || count(*) FROM menuca_v3.combo_items WHERE id >= 20000', NULL),
('a sequence that is one too short', 'ALTER TABLE menuca_v3.combo_items ALTER id SET MAXVALUE 22198 RESTART 20000', 'ALTER TABLE menuca_v3.combo_items ALTER id RESTART 20000', NULL, '2200H   '),
('a descending sequence that is one too short', 'ALTER TABLE menuca_v3.combo_items ALTER id SET INCREMENT -2 SET MINVALUE -4399 SET MAXVALUE 99999 RESTART -2', 'ALTER TABLE menuca_v3.combo_items ALTER id RESTART -2', NULL, '2200H   '),
('a sequence that ends with the type', 'ALTER TABLE menuca_v3.combo_items ALTER id SET MAXVALUE 9223372036854775807 SET INCREMENT 4611686018427387904 RESTART 16', 'ALTER TABLE menuca_v3.combo_items ALTER id RESTART 16', NULL, '2200H   '),
('a sequence that begins again', 'ALTER TABLE menuca_v3.combo_items ALTER id SET START 100 SET MINVALUE 100 SET MAXVALUE 20999 SET CYCLE RESTART 20000', 'ALTER TABLE menuca_v3.combo_items ALTER id RESTART 20000',
	'SELECT count(*) FILTER (WHERE id >= 20000) || '' '' || count(*) FILTER (WHERE id BETWEEN 100 AND 1299) FROM menuca_v3.combo_items', NULL),
('a sequence that begins again, and meets itself', 'ALTER TABLE menuca_v3.combo_items ALTER id SET START 100 SET MINVALUE 100 SET MAXVALUE 2298 SET CYCLE RESTART 100', 'ALTER TABLE menuca_v3.combo_items ALTER id RESTART 100', NULL,
	'23505 combo_items combo_items_pkey '),
('a sequence that is behind the rows', 'INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id, display_order) SELECT 21500, combo_group_id, dish_id, 1 FROM menuca_v3.combo_items WHERE id = 11; DELETE FROM menuca_v3.combo_items WHERE id = 11',
	'ALTER TABLE menuca_v3.combo_items ALTER id RESTART 20000', NULL, '23505 combo_items combo_items_pkey '),
('a sequence that goes beyond the integers', $$
	ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY, ALTER id TYPE integer;
	CREATE SEQUENCE menuca_v3.combo_items_serial AS bigint;
	ALTER TABLE menuca_v3.combo_items ALTER id SET DEFAULT nextval('menuca_v3.combo_items_serial')$$,
	'ALTER SEQUENCE menuca_v3.combo_items_serial RESTART 2147483000', NULL, '22003   ');

-- Errors are those of an INSERT
INSERT INTO shapes (name, ddl, error) VALUES
('a check that fails in mid-run', 'ALTER TABLE menuca_v3.combo_items ADD CONSTRAINT no_1300 CHECK (dish_id <> 1300) NOT VALID', '23514 combo_items no_1300 '),
('a column that must not be null, without a default', 'ALTER TABLE menuca_v3.combo_items ADD must int; UPDATE menuca_v3.combo_items SET must = 1; ALTER TABLE menuca_v3.combo_items ALTER must SET NOT NULL', '23502 combo_items  must'),
('a generated column that must not be null', 'ALTER TABLE menuca_v3.combo_items ADD must int NOT NULL GENERATED ALWAYS AS (CASE WHEN dish_id = 1300 THEN NULL ELSE 1 END) STORED', '23502 combo_items  must'),
('a generated column that fails', 'ALTER TABLE menuca_v3.combo_items ADD ratio int GENERATED ALWAYS AS (1 / (dish_id - 1300)::int) STORED', '22012   '),
('a dish that may be used once', 'CREATE UNIQUE INDEX by_dish ON menuca_v3.combo_items (dish_id)', '23505 combo_items by_dish '),
('a row that is in the way', 'UPDATE menuca_v3.combo_items SET source_id = (SELECT max(id) FROM staging.menuca_v1_combos) WHERE id = 11; ALTER TABLE menuca_v3.combo_items ADD CONSTRAINT one_row UNIQUE (source_id)', '23505 combo_items one_row '),
('a nullable column that is in the way', 'CREATE UNIQUE INDEX one ON menuca_v3.combo_items (updated_at) NULLS NOT DISTINCT WHERE id > 15', '23505 combo_items one '),
('an index that cannot be computed', 'CREATE INDEX by_ratio ON menuca_v3.combo_items ((1 / (dish_id - 1300)))', '22012   '),
('a default that fails', 'ALTER TABLE menuca_v3.combo_items ADD c int; ALTER TABLE menuca_v3.combo_items ALTER c SET DEFAULT 1 / (extract(year FROM now()) * 0)::int', '22012   '),
('an index entry that is too large', 'ALTER TABLE menuca_v3.combo_items ADD long text; ALTER TABLE menuca_v3.combo_items ALTER long SET STORAGE EXTERNAL, ALTER long SET DEFAULT repeat(''x'', 9000); CREATE INDEX by_long ON menuca_v3.combo_items (long)', '54000   ');

SELECT plan((SELECT sum(CASE WHEN error IS NULL THEN 6 ELSE 4 END)::int FROM shapes) + 3);
\ir include/engine_shapes.psql

-- Where the executor is chosen, the strongest lock changes nothing
SET menuca.engine = executor;
SELECT pg_temp.run_shape(s, 'by_executor', 'share_row_exclusive') AS shared,
	pg_temp.run_shape(s, 'by_executor_exclusive', 'access_exclusive') AS exclusive
FROM shapes s WHERE number = 1 \gset
RESET menuca.engine;
SELECT is(:'exclusive'::jsonb - '{broken,strays,statement}'::text[],
	'{"engine": "executor", "inserted": 2200, "status": "completed", "kept": true, "rebuilt": false, "restored": true}',
	'the executor keeps the indexes when it may rebuild them');
SELECT is(:'exclusive'::jsonb, :'shared'::jsonb, 'and does the same with either lock');
SELECT is(pg_temp.differences('by_executor_exclusive', 'by_executor'), 0::bigint, 'and writes the same rows');

SELECT * FROM finish();
DROP TABLE shapes CASCADE;
\! rm -r "$WORK"
