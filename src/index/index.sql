--
-- The wanted indexes, and which of them were created here
--

CREATE TABLE menuca_wanted_index (
	section integer NOT NULL,
	table_name text NOT NULL,
	name text PRIMARY KEY,
	method text NOT NULL DEFAULT 'btree',
	columns text[] NOT NULL CHECK (cardinality(columns) > 0 AND array_position(columns, NULL) IS NULL),
	opclass text,
	predicate text,
	critical boolean NOT NULL DEFAULT false,
	wanted boolean NOT NULL DEFAULT true,
	shipped text
);

COMMENT ON TABLE menuca_wanted_index IS
'The indexes that the platform wants; the operator may edit them.';
COMMENT ON COLUMN menuca_wanted_index.section IS
'Section of the index in menuca_index_plan(): 1 menus, 2 modifiers, 3 ingredient groups, 4 combos, 5 restaurants, 6 delivery, 7 marketing, 8 accounts, 9 prices and rules in JSON, 10 devices.';
COMMENT ON COLUMN menuca_wanted_index.table_name IS
'Table of the schema menuca.target_schema, without the schema.';
COMMENT ON COLUMN menuca_wanted_index.name IS
'Name of the index, without the schema.';
COMMENT ON COLUMN menuca_wanted_index.method IS
'Access method, such as btree or gin.';
COMMENT ON COLUMN menuca_wanted_index.columns IS
'Columns in key order: each the name of a column, or an element as in CREATE INDEX (created_at DESC, lower(email)).';
COMMENT ON COLUMN menuca_wanted_index.opclass IS
'Operator class of the columns that are given by name; NULL or empty for the default.';
COMMENT ON COLUMN menuca_wanted_index.predicate IS
'Condition of a partial index, as in CREATE INDEX; NULL or empty for an index on all rows.';
COMMENT ON COLUMN menuca_wanted_index.critical IS
'True when menuca_deploy_indexes() refuses to build any index while this one cannot be built.';
COMMENT ON COLUMN menuca_wanted_index.wanted IS
'False switches the index off: it is neither planned nor checked.';
COMMENT ON COLUMN menuca_wanted_index.shipped IS
'Hash of the row as the extension shipped it; NULL in rows that the operator added. Do not change it.';

INSERT INTO menuca_wanted_index
	(section, table_name, name, method, columns, opclass, predicate, critical)
VALUES
	-- menus
	(1, 'dishes', 'idx_dishes_restaurant', 'btree', '{restaurant_id}', NULL, NULL, true),
	(1, 'dishes', 'idx_dishes_course', 'btree', '{course_id}', NULL, NULL, true),
	(1, 'dishes', 'idx_dishes_active', 'btree', '{restaurant_id,is_active}', NULL, 'is_active = true', false),
	(1, 'dishes', 'idx_dishes_restaurant_active_course', 'btree', '{restaurant_id,is_active,course_id,display_order}', NULL, NULL, false),
	(1, 'courses', 'idx_courses_restaurant', 'btree', '{restaurant_id}', NULL, NULL, true),
	(1, 'courses', 'idx_courses_order', 'btree', '{restaurant_id,display_order}', NULL, NULL, false),
	-- modifiers
	(2, 'dish_modifiers', 'idx_dish_modifiers_dish', 'btree', '{dish_id}', NULL, NULL, true),
	(2, 'dish_modifiers', 'idx_dish_modifiers_ingredient', 'btree', '{ingredient_id}', NULL, NULL, false),
	(2, 'dish_modifiers', 'idx_dish_modifiers_group', 'btree', '{ingredient_group_id}', NULL, NULL, false),
	(2, 'dish_modifiers', 'idx_dish_modifiers_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(2, 'ingredients', 'idx_ingredients_restaurant', 'btree', '{restaurant_id}', NULL, NULL, true),
	(2, 'ingredients', 'idx_ingredients_active', 'btree', '{restaurant_id,is_active}', NULL, 'is_active = true', false),
	-- ingredient groups
	(3, 'ingredient_groups', 'idx_ingredient_groups_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(3, 'ingredient_groups', 'idx_ingredient_groups_course', 'btree', '{applies_to_course}', NULL, NULL, false),
	(3, 'ingredient_groups', 'idx_ingredient_groups_dish', 'btree', '{applies_to_dish}', NULL, NULL, false),
	(3, 'ingredient_group_items', 'idx_ingredient_group_items_group', 'btree', '{ingredient_group_id}', NULL, NULL, false),
	(3, 'ingredient_group_items', 'idx_ingredient_group_items_ingredient', 'btree', '{ingredient_id}', NULL, NULL, false),
	(3, 'ingredient_group_items', 'idx_ingredient_group_items_order', 'btree', '{ingredient_group_id,display_order}', NULL, NULL, false),
	-- combos
	(4, 'combo_groups', 'idx_combo_groups_restaurant', 'btree', '{restaurant_id}', NULL, NULL, true),
	(4, 'combo_groups', 'idx_combo_groups_active', 'btree', '{restaurant_id,is_active}', NULL, 'is_active = true', false),
	(4, 'combo_items', 'idx_combo_items_group', 'btree', '{combo_group_id}', NULL, NULL, true),
	(4, 'combo_items', 'idx_combo_items_dish', 'btree', '{dish_id}', NULL, NULL, false),
	(4, 'combo_group_modifier_pricing', 'idx_combo_mod_pricing_group', 'btree', '{combo_group_id}', NULL, NULL, false),
	(4, 'combo_group_modifier_pricing', 'idx_combo_mod_pricing_ingredient', 'btree', '{ingredient_group_id}', NULL, NULL, false),
	(4, 'combo_steps', 'idx_combo_steps_item', 'btree', '{combo_item_id}', NULL, NULL, false),
	-- restaurants
	(5, 'restaurant_locations', 'idx_locations_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(5, 'restaurant_locations', 'idx_locations_coords', 'btree', '{latitude,longitude}', NULL, NULL, false),
	(5, 'restaurant_locations', 'idx_locations_active', 'btree', '{restaurant_id,is_active}', NULL, 'is_active = true', false),
	(5, 'restaurant_schedules', 'idx_schedules_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(5, 'restaurant_schedules', 'idx_schedules_restaurant_type', 'btree', '{restaurant_id,type,day_start}', NULL, NULL, false),
	(5, 'restaurant_service_configs', 'idx_service_configs_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(5, 'restaurant_domains', 'idx_domains_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(5, 'restaurant_domains', 'idx_domains_lookup', 'btree', '{domain}', NULL, 'is_enabled = true', false),
	-- delivery
	(6, 'restaurant_delivery_config', 'idx_delivery_config_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(6, 'restaurant_delivery_areas', 'idx_delivery_areas_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(6, 'restaurant_delivery_companies', 'idx_delivery_companies_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(6, 'restaurant_delivery_companies', 'idx_delivery_companies_email', 'btree', '{company_email_id}', NULL, NULL, false),
	(6, 'restaurant_delivery_fees', 'idx_delivery_fees_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(6, 'restaurant_delivery_fees', 'idx_delivery_fees_company', 'btree', '{company_email_id}', NULL, NULL, false),
	-- marketing
	(7, 'promotional_deals', 'idx_deals_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(7, 'promotional_deals', 'idx_deals_active', 'btree', '{restaurant_id,is_enabled,date_start,date_stop}', NULL, NULL, false),
	(7, 'promotional_coupons', 'idx_coupons_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(7, 'promotional_coupons', 'idx_coupons_code', 'btree', '{code}', NULL, 'is_active = true', false),
	(7, 'restaurant_tag_associations', 'idx_tag_associations_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(7, 'restaurant_tag_associations', 'idx_tag_associations_tag', 'btree', '{tag_id}', NULL, NULL, false),
	-- accounts
	(8, 'users', 'idx_users_email', 'btree', '{email}', NULL, NULL, false),
	(8, 'users', 'idx_users_origin', 'btree', '{origin_restaurant_id}', NULL, NULL, false),
	(8, 'user_addresses', 'idx_user_addresses_user', 'btree', '{user_id}', NULL, NULL, false),
	(8, 'user_addresses', 'idx_user_addresses_default', 'btree', '{user_id,is_default}', NULL, 'is_default = true', false),
	(8, 'admin_users', 'idx_admin_users_email', 'btree', '{email}', NULL, NULL, false),
	(8, 'admin_user_restaurants', 'idx_admin_user_restaurants_admin', 'btree', '{admin_user_id}', NULL, NULL, false),
	(8, 'admin_user_restaurants', 'idx_admin_user_restaurants_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	-- prices and rules in JSON
	(9, 'dishes', 'idx_dishes_prices_gin', 'gin', '{prices}', 'jsonb_path_ops', 'prices IS NOT NULL', false),
	(9, 'dish_modifiers', 'idx_dish_modifiers_price_gin', 'gin', '{price_by_size}', 'jsonb_path_ops', 'price_by_size IS NOT NULL', false),
	(9, 'ingredient_group_items', 'idx_ingredient_items_price_gin', 'gin', '{price_by_size}', 'jsonb_path_ops', 'price_by_size IS NOT NULL', false),
	(9, 'combo_groups', 'idx_combo_groups_rules_gin', 'gin', '{combo_rules}', 'jsonb_path_ops', 'combo_rules IS NOT NULL', false),
	-- devices
	(10, 'devices', 'idx_devices_restaurant', 'btree', '{restaurant_id}', NULL, NULL, false),
	(10, 'devices', 'idx_devices_active', 'btree', '{restaurant_id,is_active}', NULL, 'is_active = true', false);

-- A dump has what was edited or added; CREATE EXTENSION ships the rest again.
UPDATE menuca_wanted_index
SET shipped = md5(ROW(section, table_name, name, method, columns, opclass, predicate, critical, wanted)::text);

CREATE FUNCTION menuca_protect_wanted_index()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON FUNCTION menuca_protect_wanted_index() IS
'Trigger function of menuca_wanted_index. Where a dump is restored, an edited row replaces the shipped one; deleting a shipped row is refused, since the next restore would bring it back: set wanted to false instead.';

REVOKE ALL ON FUNCTION menuca_protect_wanted_index() FROM PUBLIC;

CREATE TRIGGER replace_shipped BEFORE INSERT ON menuca_wanted_index
	FOR EACH ROW WHEN (NEW.shipped IS NOT NULL)
	EXECUTE FUNCTION menuca_protect_wanted_index();

COMMENT ON TRIGGER replace_shipped ON menuca_wanted_index IS
'A row that was shipped once, such as one that a restore inserts, replaces the shipped row of the same name or hash.';

CREATE TRIGGER keep_shipped BEFORE DELETE ON menuca_wanted_index
	FOR EACH ROW WHEN (OLD.shipped IS NOT NULL AND pg_catalog.pg_trigger_depth() = 0)
	EXECUTE FUNCTION menuca_protect_wanted_index();

COMMENT ON TRIGGER keep_shipped ON menuca_wanted_index IS
'Refuses the deletion of a shipped row, which the next restore of a dump would bring back.';

CREATE TABLE menuca_created_index (
	entry_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	schema_name text NOT NULL,
	table_name text NOT NULL,
	index_name text NOT NULL,
	method text NOT NULL,
	columns text[] NOT NULL,
	opclass text,
	predicate text,
	through text NOT NULL CHECK (through IN ('deploy', 'concurrently')),
	status text NOT NULL CHECK (status IN ('announced', 'created', 'dropped')),
	index_oid oid,
	made_in text NOT NULL,
	entered_by text NOT NULL DEFAULT session_user,
	entered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	created_at timestamptz,
	dropped_by text,
	dropped_at timestamptz,
	drop_took interval
);

COMMENT ON TABLE menuca_created_index IS
'The ledger of indexes: those that menuca_deploy_indexes() built, and those that menuca_begin_indexes() announced while their names were free.';
COMMENT ON COLUMN menuca_created_index.entry_no IS
'Number of the entry.';
COMMENT ON COLUMN menuca_created_index.schema_name IS
'Schema of the table and the index.';
COMMENT ON COLUMN menuca_created_index.table_name IS
'Table of the index.';
COMMENT ON COLUMN menuca_created_index.index_name IS
'Name of the index.';
COMMENT ON COLUMN menuca_created_index.method IS
'Access method, as it was wanted.';
COMMENT ON COLUMN menuca_created_index.columns IS
'Columns in key order, as they were wanted.';
COMMENT ON COLUMN menuca_created_index.opclass IS
'Operator class, as it was wanted; NULL for the default.';
COMMENT ON COLUMN menuca_created_index.predicate IS
'Condition of a partial index, as it was wanted; NULL for an index on all rows.';
COMMENT ON COLUMN menuca_created_index.through IS
'deploy for an index that menuca_deploy_indexes() built, concurrently for one that menuca_begin_indexes() announced.';
COMMENT ON COLUMN menuca_created_index.status IS
'announced, created or dropped.';
COMMENT ON COLUMN menuca_created_index.index_oid IS
'OID of the index; NULL while it is announced.';
COMMENT ON COLUMN menuca_created_index.made_in IS
'System identifier of the cluster and OID of the database, with a slash between: index_oid is valid there only.';
COMMENT ON COLUMN menuca_created_index.entered_by IS
'Session user who entered it.';
COMMENT ON COLUMN menuca_created_index.entered_at IS
'When it was entered.';
COMMENT ON COLUMN menuca_created_index.created_at IS
'When the index was built or, if it was announced, found; NULL while it is announced.';
COMMENT ON COLUMN menuca_created_index.dropped_by IS
'Session user who dropped the index or found it gone; NULL unless status is dropped.';
COMMENT ON COLUMN menuca_created_index.dropped_at IS
'When that was; NULL unless status is dropped.';
COMMENT ON COLUMN menuca_created_index.drop_took IS
'How long the statement that dropped it, or found it gone, had been running by then; NULL unless status is dropped.';

CREATE TABLE menuca_query_measurement (
	measurement_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	label text NOT NULL,
	target_schema text NOT NULL,
	query text NOT NULL,
	restaurant_id bigint NOT NULL,
	executions integer NOT NULL,
	row_count bigint NOT NULL,
	median_ms numeric NOT NULL,
	min_ms numeric NOT NULL,
	max_ms numeric NOT NULL,
	planning_ms numeric NOT NULL,
	status text NOT NULL,
	index_use text NOT NULL,
	nodes jsonb NOT NULL,
	statement text NOT NULL,
	measured_by text NOT NULL DEFAULT session_user,
	measured_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_query_measurement IS
'What menuca_record_queries() measured, one row per query and call.';
COMMENT ON COLUMN menuca_query_measurement.measurement_no IS
'Number of the measurement.';
COMMENT ON COLUMN menuca_query_measurement.label IS
'Label that menuca_record_queries() was given; before and after are compared.';
COMMENT ON COLUMN menuca_query_measurement.target_schema IS
'Schema whose tables the query reads: the setting menuca.target_schema.';
COMMENT ON COLUMN menuca_query_measurement.query IS
'menu or combos, see menuca_measure_queries().';
COMMENT ON COLUMN menuca_query_measurement.restaurant_id IS
'Restaurant whose menu or combos the query reads.';
COMMENT ON COLUMN menuca_query_measurement.executions IS
'Number of executions that were timed.';
COMMENT ON COLUMN menuca_query_measurement.row_count IS
'Rows that the query returns.';
COMMENT ON COLUMN menuca_query_measurement.median_ms IS
'Median of the execution times in milliseconds.';
COMMENT ON COLUMN menuca_query_measurement.min_ms IS
'Shortest execution time in milliseconds.';
COMMENT ON COLUMN menuca_query_measurement.max_ms IS
'Longest execution time in milliseconds.';
COMMENT ON COLUMN menuca_query_measurement.planning_ms IS
'Median of the planning times in milliseconds.';
COMMENT ON COLUMN menuca_query_measurement.status IS
'PASS, WARN (planning of 10 ms or more, or a large table that no index serves) or FAIL (a median of 100 ms or more).';
COMMENT ON COLUMN menuca_query_measurement.index_use IS
'How the query reads its tables: index, small tables, planner_choice (an index would serve, but the planner reads the whole table), or missing.';
COMMENT ON COLUMN menuca_query_measurement.nodes IS
'Array of the query plan''s nodes: node, and relation and index as far as it reads them.';
COMMENT ON COLUMN menuca_query_measurement.statement IS
'The query that was measured.';
COMMENT ON COLUMN menuca_query_measurement.measured_by IS
'Session user who measured it.';
COMMENT ON COLUMN menuca_query_measurement.measured_at IS
'When it was measured.';

SELECT pg_catalog.pg_extension_config_dump('menuca_wanted_index',
	'WHERE shipped IS DISTINCT FROM pg_catalog.md5(ROW(section, table_name, name, method, columns, opclass, predicate, critical, wanted)::text)');
SELECT pg_catalog.pg_extension_config_dump('menuca_created_index', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_created_index_entry_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_query_measurement', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_query_measurement_measurement_no_seq', '');

CREATE FUNCTION menuca_index_plan(
	OUT section integer,
	OUT name text,
	OUT table_name text,
	OUT action text,
	OUT critical boolean,
	OUT covered_by text,
	OUT detail text,
	OUT statement text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_index_plan() IS
'Per wanted index what is to be done: exists, create, rebuild (a failed build left it invalid), covered (by another index, which is named), conflict (the name belongs to something else) or impossible (a table or column is missing, ...), with the exact statement: SELECT statement FROM menuca_index_plan() WHERE action IN (''create'', ''rebuild'') \gexec builds CONCURRENTLY. An index that must be dropped before it is created has two rows. Indexes are compared by definition and validity. Read only.';

CREATE FUNCTION menuca_begin_indexes(
	OUT name text,
	OUT table_name text,
	OUT status text,
	OUT detail text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_begin_indexes() IS
'Call it before the statements of menuca_index_plan() are executed: it enters the indexes that are to be created, and whose names are free now, in the ledger, so that menuca_rollback_indexes() may drop them later. next_step is the statement of each: execute them one by one, outside of a transaction block. It may be called again at any time.';

REVOKE ALL ON FUNCTION menuca_begin_indexes() FROM PUBLIC;

CREATE FUNCTION menuca_note_indexes(
	OUT name text,
	OUT table_name text,
	OUT status text,
	OUT detail text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_note_indexes() IS
'Call it after the statements of menuca_index_plan() were executed: it returns what became of the announced indexes (created, invalid, missing, name_taken), and which of the indexes created here are gone (dropped).';

REVOKE ALL ON FUNCTION menuca_note_indexes() FROM PUBLIC;

CREATE FUNCTION menuca_deploy_indexes(
	dry_run boolean DEFAULT true,
	lock_timeout interval DEFAULT '5 seconds',
	OUT section integer,
	OUT name text,
	OUT table_name text,
	OUT action text,
	OUT critical boolean,
	OUT status text,
	OUT covered_by text,
	OUT detail text,
	OUT statement text,
	OUT elapsed interval,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_deploy_indexes(boolean, interval) IS
'Builds the wanted indexes in one transaction, without CONCURRENTLY, so that writers to their tables wait; by default a dry run. status: planned, refused, created, rebuilt or kept. Waits for each lock at most lock_timeout. Refuses (class MC) when a critical index cannot be built; verifies what it built by definition and validity, or undoes everything.';

REVOKE ALL ON FUNCTION menuca_deploy_indexes(boolean, interval) FROM PUBLIC;

CREATE FUNCTION menuca_rollback_indexes(
	dry_run boolean DEFAULT true,
	lock_timeout interval DEFAULT '5 seconds',
	force boolean DEFAULT false,
	OUT name text,
	OUT table_name text,
	OUT action text,
	OUT status text,
	OUT detail text,
	OUT statement text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION menuca_preview_rollback_indexes(
	force boolean DEFAULT false,
	OUT name text,
	OUT table_name text,
	OUT action text,
	OUT status text,
	OUT detail text,
	OUT statement text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_preview_rollback_indexes(boolean) IS
'The dry run of menuca_rollback_indexes, for roles that may look but not write. Read only.';

COMMENT ON FUNCTION menuca_rollback_indexes(boolean, interval, boolean) IS
'Drops the indexes that were created here, by the ledger, and no others; by default a dry run, whose statements drop them one by one: SELECT statement FROM menuca_rollback_indexes() WHERE action = ''drop'' \gexec. Unless force is true, an index that has another definition now, or was created again since, is kept.';

REVOKE ALL ON FUNCTION menuca_rollback_indexes(boolean, interval, boolean) FROM PUBLIC;

CREATE FUNCTION menuca_measure_queries(
	restaurant_id bigint DEFAULT NULL,
	executions integer DEFAULT 5,
	OUT query text,
	OUT status text,
	OUT restaurant_id bigint,
	OUT executions integer,
	OUT row_count bigint,
	OUT median_ms numeric,
	OUT min_ms numeric,
	OUT max_ms numeric,
	OUT planning_ms numeric,
	OUT index_use text,
	OUT nodes jsonb,
	OUT detail text,
	OUT statement text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_measure_queries(bigint, integer) IS
'How long the menu query (active dishes of a restaurant with their courses, LIMIT 100) and the combo query take with their data in memory: executed once for the caches, then that many times; times in milliseconds, and the query plan''s nodes with the tables and indexes that they read. restaurant_id NULL means the restaurant with most active dishes for the menu, and the one with most items for the combos. A query that returns no row is SKIP. status: PASS, WARN (planning of 10 ms or more, or a large table that no index serves), FAIL (a median of 100 ms or more), ERROR or SKIP. Read only.';

CREATE FUNCTION menuca_record_queries(
	label text,
	restaurant_id bigint DEFAULT NULL,
	executions integer DEFAULT 5,
	OUT query text,
	OUT status text,
	OUT restaurant_id bigint,
	OUT executions integer,
	OUT row_count bigint,
	OUT median_ms numeric,
	OUT min_ms numeric,
	OUT max_ms numeric,
	OUT planning_ms numeric,
	OUT index_use text,
	OUT nodes jsonb,
	OUT detail text,
	OUT statement text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_record_queries(text, bigint, integer) IS
'As menuca_measure_queries, and records the result in menuca_query_measurement under a label; menuca_check_indexes and menuca_query_comparison compare with ''before''.';

REVOKE ALL ON FUNCTION menuca_record_queries(text, bigint, integer) FROM PUBLIC;

CREATE VIEW menuca_query_comparison AS
SELECT b.target_schema,
	b.query,
	b.restaurant_id,
	b.median_ms AS before_ms,
	a.median_ms AS after_ms,
	pg_catalog.round(100 * (b.median_ms - a.median_ms) / NULLIF(b.median_ms, 0), 1) AS faster_pct,
	b.index_use AS before_index_use,
	a.index_use AS after_index_use,
	b.row_count AS before_rows,
	a.row_count AS after_rows,
	b.measured_at AS before_at,
	a.measured_at AS after_at
FROM (SELECT DISTINCT ON (target_schema, query, restaurant_id) *
	  FROM @extschema@.menuca_query_measurement WHERE label = 'before'
	  ORDER BY target_schema, query, restaurant_id, measurement_no DESC) b
JOIN (SELECT DISTINCT ON (target_schema, query, restaurant_id) *
	  FROM @extschema@.menuca_query_measurement WHERE label = 'after'
	  ORDER BY target_schema, query, restaurant_id, measurement_no DESC) a
	USING (target_schema, query, restaurant_id);

COMMENT ON VIEW menuca_query_comparison IS
'The newest measurement labelled before and the newest one labelled after, of the same query for the same restaurant.';
COMMENT ON COLUMN menuca_query_comparison.target_schema IS
'Schema whose tables the query reads.';
COMMENT ON COLUMN menuca_query_comparison.query IS
'menu or combos, see menuca_measure_queries().';
COMMENT ON COLUMN menuca_query_comparison.restaurant_id IS
'Restaurant whose menu or combos the query reads.';
COMMENT ON COLUMN menuca_query_comparison.before_ms IS
'Median of the execution times before, in milliseconds.';
COMMENT ON COLUMN menuca_query_comparison.after_ms IS
'Median of the execution times after, in milliseconds.';
COMMENT ON COLUMN menuca_query_comparison.faster_pct IS
'How much less time it takes after, in percent of before_ms; negative when it takes more, NULL when before_ms is 0.';
COMMENT ON COLUMN menuca_query_comparison.before_index_use IS
'How the query read its tables before, see menuca_query_measurement.';
COMMENT ON COLUMN menuca_query_comparison.after_index_use IS
'How the query reads its tables after.';
COMMENT ON COLUMN menuca_query_comparison.before_rows IS
'Rows that the query returned before.';
COMMENT ON COLUMN menuca_query_comparison.after_rows IS
'Rows that the query returned after.';
COMMENT ON COLUMN menuca_query_comparison.before_at IS
'When before was measured.';
COMMENT ON COLUMN menuca_query_comparison.after_at IS
'When after was measured.';

CREATE VIEW menuca_index_state WITH (security_invoker = true) AS
SELECT n.nspname::text AS schema_name,
	c.oid AS index_oid,
	pg_catalog.format('%I.%I', n.nspname, c.relname) AS index_name,
	i.indisvalid AND i.indisready AND i.indislive AS is_valid,
	EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p
			WHERE p.index_relid = c.oid) AS is_being_built,
	CASE c.relkind WHEN 'i' THEN pg_catalog.pg_relation_size(c.oid) END AS bytes
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace;

COMMENT ON VIEW menuca_index_state IS
'The indexes of this database, whether they can be used, and their size.';
COMMENT ON COLUMN menuca_index_state.schema_name IS
'Schema of the index and its table.';
COMMENT ON COLUMN menuca_index_state.index_oid IS
'OID of the index.';
COMMENT ON COLUMN menuca_index_state.index_name IS
'Name of the index, qualified and quoted.';
COMMENT ON COLUMN menuca_index_state.is_valid IS
'True when queries can use it and writes keep it up to date.';
COMMENT ON COLUMN menuca_index_state.is_being_built IS
'True while a session builds it: a CREATE INDEX or a REINDEX that the reader can see.';
COMMENT ON COLUMN menuca_index_state.bytes IS
'Size of its file, which has at least one page; NULL for a partitioned index, which has none.';

CREATE FUNCTION menuca_check_indexes(
	restaurant_id bigint DEFAULT NULL,
	executions integer DEFAULT 5,
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT next_step text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_check_indexes(bigint, integer) IS
'The checks of the index tickets, one row each as in menuca_validate: every wanted index exists by definition and is valid, no index is invalid or empty, the menu and combo queries take less than 100 ms and are not slower than before, indexes serve the large tables, and what was created here; the last row is the verdict. Read only.';
