/* menuca_migrate--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION menuca_migrate" to load this file. \quit

--
-- The ledger: what was run, with which gates, and which rows it inserted.
-- It is part of a database's dump, so that a run can be rolled back after a
-- restore.  Its tables have no foreign keys among themselves, as a parallel
-- restore fills an extension's tables in any order.
--

CREATE TABLE menuca_run (
	run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL,
	target_schema text NOT NULL,
	target text NOT NULL,
	source text NOT NULL,
	mode text NOT NULL CHECK (mode IN ('transaction', 'batched')),
	engine text NOT NULL,
	status text NOT NULL CHECK (status IN ('running', 'completed', 'gate_failed', 'rolled_back')),
	parameters jsonb NOT NULL,
	outcomes jsonb NOT NULL,
	figures_before jsonb NOT NULL,
	figures_after jsonb,
	items_before bigint NOT NULL,
	checksum_before bigint NOT NULL,
	items_after bigint,
	inserted bigint NOT NULL DEFAULT 0,
	gate_message text,
	run_by text NOT NULL DEFAULT session_user,
	started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	finished_at timestamptz,
	rolled_back_by text,
	rolled_back_at timestamptz
);

COMMENT ON TABLE menuca_run IS
'The ledger of menuca_migrate: one row per run that wrote, with its gates as fixed before the first row';

CREATE TABLE menuca_run_baseline (
	run_id bigint NOT NULL,
	chunk_no integer NOT NULL,
	row_count bigint NOT NULL,
	keys int8multirange NOT NULL,
	row_hashes bytea NOT NULL,
	PRIMARY KEY (run_id, chunk_no)
);

COMMENT ON TABLE menuca_run_baseline IS
'Per run, the primary keys and row hashes (8 bytes each, in key order) of the rows that were there before it';

CREATE TABLE menuca_run_batch (
	run_id bigint NOT NULL,
	batch_no integer NOT NULL,
	row_count bigint NOT NULL,
	keys int8multirange NOT NULL,
	row_hashes bytea NOT NULL,
	checksum bigint NOT NULL,
	written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (run_id, batch_no)
);

COMMENT ON TABLE menuca_run_batch IS
'Per batch of a run, the primary keys it inserted, their row hashes (8 bytes each, in key order) and the sum of those';

SELECT pg_catalog.pg_extension_config_dump('menuca_run', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_run_run_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_run_baseline', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_run_batch', '');

--
-- Loading a dump
--

CREATE FUNCTION menuca_load_dump(
	dump text,
	table_name text,
	into_table text,
	append boolean DEFAULT false,
	replace boolean DEFAULT false)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_load_dump(text, text, text, boolean, boolean) IS
'Loads one table of a mysqldump, given as text, into a staging table; returns the number of rows loaded, which is the number of tuples in the dump. Raises an error, and leaves nothing behind, on a damaged dump, zero tuples, or a filled table without append or replace.';

CREATE FUNCTION menuca_load_dump_lo(
	dump oid,
	table_name text,
	into_table text,
	append boolean DEFAULT false,
	replace boolean DEFAULT false)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_load_dump_lo(oid, text, text, boolean, boolean) IS
'As menuca_load_dump, from a large object (psql: \lo_import), so that a client needs no right to read server files.';

CREATE FUNCTION menuca_load_dump_file(
	path text,
	table_name text,
	into_table text,
	append boolean DEFAULT false,
	replace boolean DEFAULT false)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_load_dump_file(text, text, text, boolean, boolean) IS
'As menuca_load_dump, from a file on the server; only for roles with the privileges of pg_read_server_files.';

--
-- Values in the old system's own format
--

CREATE FUNCTION menuca_php_unserialize(value bytea)
RETURNS jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION menuca_php_unserialize(bytea) IS
'The value that PHP''s serialize() wrote, as JSON: null, booleans, numbers, strings in UTF-8, arrays. An array whose keys are 0, 1, 2 ... in order is a JSON array, any other an object. Raises an error, with the offset in bytes, on damaged, cut or empty values, bytes after the value, objects, enums, references, text that is not UTF-8 or has NUL characters, infinite numbers, and beyond 16 MB or 512 arrays inside each other.';

--
-- Planning
--

CREATE FUNCTION menuca_plan_combos(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	OUT source_id bigint,
	OUT legacy_group_id bigint,
	OUT legacy_dish_id bigint,
	OUT display_order bigint,
	OUT combo_group_id bigint,
	OUT dish_id bigint,
	OUT outcome text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_plan_combos(regclass, text, text, text, text, text) IS
'One row per source row with the outcome that a fix would give it: insert, already_present, duplicate, unmapped_group, unmapped_dish, unmapped_both, ambiguous_group, ambiguous_dish, cross_restaurant or invalid. Read only. source NULL means the setting menuca.source_table; id_column and order_column may be NULL when the source has none.';

CREATE FUNCTION menuca_explain_unmapped(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	menu regclass DEFAULT NULL,
	ingredients regclass DEFAULT NULL,
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	OUT reason text,
	OUT found_in text,
	OUT restaurant_id bigint,
	OUT source_rows bigint,
	OUT distinct_ids bigint,
	OUT sample_ids bigint[],
	OUT remedy text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_explain_unmapped(regclass, text, regclass, regclass, text, text, text, text) IS
'Why source rows cannot be mapped: one row per reason (an outcome of menuca_plan_combos), place where else the dishes'' ids occur (menu, ingredients or nowhere; NULL when that does not matter or nothing is staged) and restaurant (NULL when it is unknown or not one), with the number of rows and of distinct legacy ids, up to five of these, and the remedy. menu and ingredients NULL mean the settings menuca.menu_table and menuca.ingredients_table, where these tables exist. Read only.';

CREATE FUNCTION menuca_plan_group_dishes(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	OUT source_id bigint,
	OUT legacy_group_id bigint,
	OUT legacy_dish_id bigint,
	OUT display_order bigint,
	OUT combo_group_id bigint,
	OUT dish_id bigint,
	OUT outcome text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_plan_group_dishes(regclass, text, text, text) IS
'As menuca_plan_combos, for the dishes that V1''s groups offer by themselves: one row per dish of each list, a bytea that PHP''s serialize() wrote (source_id is NULL). source NULL means the setting menuca.combo_groups_table. Raises an error, which names the group, on a list that cannot be read.';

--
-- Bringing dishes over
--

CREATE FUNCTION menuca_plan_backfill(
	menu regclass DEFAULT NULL,
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group',
	dish_column text DEFAULT 'dish',
	OUT legacy_dish_id bigint,
	OUT legacy_restaurant_id bigint,
	OUT restaurant_id bigint,
	OUT name text,
	OUT source_rows bigint,
	OUT outcome text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_plan_backfill(regclass, regclass, text, text, text) IS
'One row per row of V1''s staged menu with the outcome that a backfill would give it: insert, already_present, present_elsewhere, not_referenced, duplicate, ambiguous, unknown_restaurant, ambiguous_restaurant, blank_name, name_too_long, cross_restaurant or invalid; source_rows counts the source rows that name the dish and cannot be mapped. menu NULL means the setting menuca.menu_table, source NULL the setting menuca.source_table. Read only.';

CREATE TYPE menuca_backfill_result AS (
	run_id bigint,
	dry_run boolean,
	status text,
	menu_rows bigint,
	insert bigint,
	already_present bigint,
	present_elsewhere bigint,
	not_referenced bigint,
	duplicate bigint,
	ambiguous bigint,
	unknown_restaurant bigint,
	ambiguous_restaurant bigint,
	blank_name bigint,
	name_too_long bigint,
	cross_restaurant bigint,
	invalid bigint,
	missing_dishes bigint,
	not_in_menu bigint,
	inserted bigint,
	newly_visible bigint,
	dishes_before bigint,
	dishes_after bigint,
	source_rows_gained bigint,
	dish_coverage_pct_before numeric,
	dish_coverage_pct_after numeric,
	elapsed interval,
	reasons text[]
);

COMMENT ON TYPE menuca_backfill_result IS
'What a backfill did, or would do: one count per outcome (they add up to menu_rows); missing_dishes: distinct legacy ids that the source names and the target lacks, not_in_menu: of these, unknown to the menu, too; newly_visible: new dishes that are active; source_rows_gained: source rows that can be mapped with the new dishes; the reasons when status is refused';

CREATE FUNCTION menuca_backfill_dishes(
	menu regclass DEFAULT NULL,
	dry_run boolean DEFAULT true,
	source regclass DEFAULT NULL,
	activate boolean DEFAULT false,
	max_cross_restaurant_pct numeric DEFAULT 5,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group',
	dish_column text DEFAULT 'dish')
RETURNS menuca_backfill_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_backfill_dishes(regclass, boolean, regclass, boolean, numeric, text, text, text) IS
'Inserts the dishes that the source names and the target lacks from V1''s staged menu (columns id, restaurant and name), in one transaction and inactive; by default a dry run. No course and no price is made up; what would have to be guessed is counted by outcome and left away, see menuca_plan_backfill. Refuses (class MC) when more than max_cross_restaurant_pct of the dishes found are of other restaurants than the groups that use them. activate makes those visible that the menu showed. In the ledger; menuca_rollback deletes what it inserted unless items point to it.';

--
-- Fixing
--

CREATE TYPE menuca_fix_result AS (
	run_id bigint,
	dry_run boolean,
	status text,
	source_rows bigint,
	insert bigint,
	already_present bigint,
	duplicate bigint,
	unmapped_group bigint,
	unmapped_dish bigint,
	unmapped_both bigint,
	ambiguous_group bigint,
	ambiguous_dish bigint,
	cross_restaurant bigint,
	invalid bigint,
	inserted bigint,
	coverage_pct numeric,
	group_coverage_pct numeric,
	dish_coverage_pct numeric,
	items_before bigint,
	items_after bigint,
	engine text,
	orphan_pct_before numeric,
	orphan_pct_after numeric,
	expected_orphan_pct_after numeric,
	band text,
	elapsed interval,
	reasons text[],
	warnings text[]
);

COMMENT ON TYPE menuca_fix_result IS
'What a fix did, or would do: one count per outcome (they add up to source_rows), items before and after, both orphan rates in percent, the reasons when status is refused, and what a person should think about (warnings)';

CREATE FUNCTION menuca_fix_combos(
	dry_run boolean DEFAULT true,
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	lock text DEFAULT 'share_row_exclusive')
RETURNS menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_fix_combos(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, text) IS
'Inserts the missing combo items in one transaction, between a gate before and a gate after; by default a dry run, which writes nothing and reports the same figures. A refused dry run returns status refused with reasons; a refused real run raises an error of class MC and changes nothing. Percentages are 0 to 100; min_group_coverage_pct and min_dish_coverage_pct, when given, replace min_coverage_pct for their side. At most max_cross_restaurant_pct of the source rows may lead to other restaurants'' dishes; strict refuses a source that means the reverse of the target''s rows, which is a warning otherwise. lock is the strongest lock that it may take on the target: share_row_exclusive lets others read, access_exclusive (for the owner) does not but allows to rebuild the indexes, which is faster.';

CREATE FUNCTION menuca_fix_group_dishes(
	dry_run boolean DEFAULT true,
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	group_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	lock text DEFAULT 'share_row_exclusive')
RETURNS menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_fix_group_dishes(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) IS
'As menuca_fix_combos, with the dishes that V1''s groups offer by themselves: the lists of its table combo_groups, see menuca_plan_group_dishes. The same gates, ledger and rollback.';

CREATE PROCEDURE menuca_fix_combos_batched(
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	INOUT run_id bigint DEFAULT NULL,
	INOUT status text DEFAULT NULL,
	INOUT inserted bigint DEFAULT NULL,
	INOUT items_before bigint DEFAULT NULL,
	INOUT items_after bigint DEFAULT NULL,
	INOUT orphan_pct_after numeric DEFAULT NULL,
	INOUT expected_orphan_pct_after numeric DEFAULT NULL,
	INOUT band text DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE menuca_fix_combos_batched(regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, bigint, numeric, numeric, text) IS
'As menuca_fix_combos(dry_run := false), but commits every batch_size rows together with their ledger entry, so that writers wait for one batch at most. Interrupted runs are continued by menuca_resume. When the gate after fails, the run ends as gate_failed and the error names the rollback call. Cannot run inside a transaction block.';

CREATE PROCEDURE menuca_resume(
	INOUT run_id bigint,
	INOUT status text DEFAULT NULL,
	INOUT inserted bigint DEFAULT NULL,
	INOUT items_before bigint DEFAULT NULL,
	INOUT items_after bigint DEFAULT NULL,
	INOUT orphan_pct_after numeric DEFAULT NULL,
	INOUT expected_orphan_pct_after numeric DEFAULT NULL,
	INOUT band text DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE menuca_resume(bigint, text, bigint, bigint, bigint, numeric, numeric, text) IS
'Continues an interrupted batched run with the parameters it was begun with, to the state it would have reached. inserted counts the rows of the whole run. Cannot run inside a transaction block.';

CREATE FUNCTION menuca_create_dish_combo_groups(
	execute boolean DEFAULT false)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_create_dish_combo_groups(boolean) IS
'The statements that create the table dish_combo_groups in the target schema: which choice groups a combo product uses, with a unique pair of dish and group. With execute := true they are carried out, with the caller''s rights; an error when the table is there already.';

--
-- Looking
--

CREATE FUNCTION menuca_orphan_rate(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group',
	OUT groups bigint,
	OUT groups_with_items bigint,
	OUT orphans bigint,
	OUT orphan_pct numeric,
	OUT band text,
	OUT expected_groups bigint,
	OUT expected_orphans bigint,
	OUT expected_orphan_pct numeric,
	OUT expected_band text,
	OUT items bigint,
	OUT by_source_system jsonb)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_orphan_rate(regclass, text, text) IS
'Both honest orphan rates in percent, with numerator and denominator: of all groups (orphans / groups), and of the groups that the source has a row for (expected_orphans / expected_groups; NULL while no source is staged). Bands: < 1 EXCELLENT, < 5 PASS, < 20 WARNING, otherwise FAIL. Read only.';

CREATE FUNCTION menuca_orphans(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	OUT combo_group_id bigint,
	OUT group_name text,
	OUT restaurant_id bigint,
	OUT source_system text,
	OUT legacy_group_id bigint,
	OUT source_rows bigint,
	OUT reason text,
	OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_orphans(regclass, text, text, text, text, text) IS
'One row per group without items, with the reason: fix_pending, unmapped_dishes, cross_restaurant, ambiguous, invalid, mixed, no_source_row, v2_group, no_legacy_id or no_source_staged, and a sentence that explains it. Read only.';

CREATE FUNCTION menuca_validate(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	strict boolean DEFAULT false,
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_validate(regclass, text, text, text, text, text, boolean) IS
'The validation suite: one row per check with status PASS, WARN, FAIL, ERROR or SKIP, what was expected, what was found and what to do; the verdict is the last row. strict makes a source that means the reverse of the target''s rows a FAIL instead of a WARN. A check that raises an error becomes an ERROR row and the others still run. Read only.';

CREATE FUNCTION menuca_sample_combos(
	n integer DEFAULT 5,
	seed double precision DEFAULT 0,
	target text DEFAULT 'combo_items',
	OUT combo_group_id bigint,
	OUT group_name text,
	OUT restaurant_name text,
	OUT items bigint,
	OUT dishes text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_sample_combos(integer, double precision, text) IS
'n groups that have items, with their restaurant and dish names in display order, for human eyes; the same seed gives the same groups, and groups with several dishes come first. Read only.';

--
-- Rolling back
--

CREATE TYPE menuca_rollback_result AS (
	run_id bigint,
	dry_run boolean,
	status text,
	inserted bigint,
	deleted bigint,
	already_gone bigint,
	changed bigint,
	dependants bigint,
	items_before bigint,
	items_now bigint,
	items_after bigint,
	baseline_rows bigint,
	baseline_intact bigint,
	baseline_changed bigint,
	baseline_missing bigint,
	added_by_others bigint,
	state_restored boolean,
	elapsed interval,
	reasons text[]
);

COMMENT ON TYPE menuca_rollback_result IS
'What a rollback did, or would do. inserted: rows the run wrote; deleted: of these, removed (in a dry run: to be removed); already_gone, changed: of these, deleted or changed by others since; baseline_*: the rows that were there before the run, compared by content; state_restored: every one of them is as it was, and nothing of the run is left';

CREATE FUNCTION menuca_rollback(
	run_id bigint,
	dry_run boolean DEFAULT true,
	force boolean DEFAULT false)
RETURNS menuca_rollback_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_rollback(bigint, boolean, boolean) IS
'Deletes what a run inserted and nothing else; by default a dry run. Refuses when rows of the run were changed since or other tables'' rows depend on them, and names them, unless force is true. Proves by row hashes that every row from before the run is as it was; what others added or changed meanwhile is left alone and reported.';

--
-- Access: who may do what on which table, as row level security
--

CREATE TABLE menuca_wanted_access (
	table_name text PRIMARY KEY,
	tenant_key text,
	tenant_may text,
	public_may_read_where text,
	user_key text,
	user_may text,
	admin_may text,
	hidden_columns text[],
	note text,
	wanted boolean NOT NULL DEFAULT true,
	standard boolean NOT NULL DEFAULT false
);

COMMENT ON TABLE menuca_wanted_access IS
'Who may do what on the tables of the target schema; to be edited. tenant_may, user_may, admin_may: all, or a list of select, insert, update, delete (the last two bring select along). Keys: the column that holds the owner, or column -> table.column through parents. public_may_read_where: a condition in SQL, with all names but the table''s own columns qualified. hidden_columns: for the admin only. wanted = false leaves a table alone; standard is true for rows as the extension brought them.';

INSERT INTO menuca_wanted_access
	(table_name, tenant_key, tenant_may, public_may_read_where, user_key, user_may, admin_may, hidden_columns, note, standard)
VALUES
	-- restaurants, and what is theirs alone
	('restaurants', 'id', 'update', 'status = ''active''', NULL, NULL, 'all', NULL, 'a visitor has to see the restaurant whose menu he reads', true),
	('restaurant_locations', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_domains', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_contacts', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_admin_users', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', '{password_hash}', 'a password''s hash is read by the services alone', true),
	('restaurant_schedules', 'restaurant_id', 'all', 'is_enabled = true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_special_schedules', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_service_configs', 'restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_time_periods', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_partner_schedules', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_twilio_config', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('devices', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),

	-- the menu
	('courses', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('dishes', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('ingredients', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('ingredient_groups', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('ingredient_group_items', 'ingredient_group_id -> ingredient_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('dish_modifiers', 'restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),

	-- combos
	('combo_groups', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('combo_items', 'combo_group_id -> combo_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('combo_group_modifier_pricing', 'combo_group_id -> combo_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('combo_steps', 'combo_item_id -> combo_items.combo_group_id -> combo_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),

	-- delivery
	('restaurant_delivery_config', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_delivery_areas', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_delivery_companies', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_delivery_fees', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('delivery_company_emails', NULL, NULL, 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),

	-- marketing
	('promotional_deals', 'restaurant_id', 'all', 'is_enabled = true AND (date_start IS NULL OR date_start <= CURRENT_DATE) AND (date_stop IS NULL OR date_stop >= CURRENT_DATE)', NULL, NULL, 'all', NULL, NULL, true),
	('promotional_coupons', 'restaurant_id', 'all', 'is_active = true AND is_used IS NOT TRUE', NULL, NULL, 'all', NULL, 'is_used may be NULL, and such a coupon is not used', true),
	('marketing_tags', NULL, NULL, 'true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_tag_associations', 'restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),

	-- customers
	('users', NULL, NULL, NULL, 'id', 'select,update', 'all', '{password_hash}', 'a password''s hash is read by the services alone', true),
	('user_addresses', NULL, NULL, NULL, 'user_id', 'all', 'all', NULL, NULL, true),
	('user_favorite_restaurants', NULL, NULL, NULL, 'user_id', 'all', 'all', NULL, NULL, true),
	('password_reset_tokens', NULL, NULL, NULL, 'user_id', 'select', 'all', NULL, NULL, true),
	('autologin_tokens', NULL, NULL, NULL, 'user_id', 'select', 'all', NULL, NULL, true),

	-- the platform
	('admin_users', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, true),
	('admin_user_restaurants', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, true),
	('provinces', NULL, NULL, 'true', NULL, NULL, 'all', NULL, NULL, true),
	('cities', NULL, NULL, 'true', NULL, NULL, 'all', NULL, NULL, true);

CREATE FUNCTION menuca_wanted_access_edited()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON FUNCTION menuca_wanted_access_edited() IS
'The trigger of menuca_wanted_access: an edited row is no longer standard, and a new one takes the place of the standard one. So a dump holds what was edited, and a restore brings no row twice.';

CREATE TRIGGER edited BEFORE INSERT OR UPDATE ON menuca_wanted_access
	FOR EACH ROW EXECUTE FUNCTION menuca_wanted_access_edited();

CREATE TABLE menuca_access_change (
	change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	table_schema text NOT NULL,
	table_name text,
	kind text NOT NULL CHECK (kind IN ('policy', 'rls', 'grant', 'revoke')),
	object text,
	statement text NOT NULL,
	undo text NOT NULL,
	definition text,
	made_by text NOT NULL DEFAULT session_user,
	made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	undone_by text,
	undone_at timestamptz
);

COMMENT ON TABLE menuca_access_change IS
'The ledger of menuca_deploy_access: each policy, grant, revoke and switch of row security that it made, with the statement that undoes it; table_name is NULL for the schema''s own grants';

SELECT pg_catalog.pg_extension_config_dump('menuca_wanted_access', 'WHERE NOT standard');
SELECT pg_catalog.pg_extension_config_dump('menuca_access_change', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_access_change_change_id_seq', '');

CREATE FUNCTION menuca_claim_bigint(
	claim text,
	setting text DEFAULT 'request.jwt.claims')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_bigint(text, text) IS
'A claim of the request as a bigint, from the JSON object that the setting holds. NULL when the setting is missing or empty, is not one JSON object, has no such claim, or has one that is no integer in range (a JSON number or a string of digits); never an error. Keys inside each other: app_metadata -> restaurant_id. For policies, as (SELECT menuca_claim_bigint(...)), which is read once per statement.';

CREATE FUNCTION menuca_claim_bigint(
	claim text,
	claims jsonb)
RETURNS bigint
AS 'MODULE_PATHNAME', 'menuca_claim_bigint_of'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_bigint(text, jsonb) IS
'The same, from claims that a function such as auth.jwt() returned.';

CREATE FUNCTION menuca_claim_uuid(
	claim text,
	setting text DEFAULT 'request.jwt.claims')
RETURNS uuid
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_uuid(text, text) IS
'As menuca_claim_bigint, for claims that are a uuid in its usual form, such as sub.';

CREATE FUNCTION menuca_claim_uuid(
	claim text,
	claims jsonb)
RETURNS uuid
AS 'MODULE_PATHNAME', 'menuca_claim_uuid_of'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_uuid(text, jsonb) IS
'The same, from claims that a function such as auth.jwt() returned.';

CREATE FUNCTION menuca_access_plan(
	tables text[] DEFAULT NULL,
	OUT table_name text,
	OUT action text,
	OUT object text,
	OUT statement text,
	OUT reason text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_access_plan(text[]) IS
'The steps from the access that there is to the access of menuca_wanted_access, in their order: create_policy, replace_policy, drop_policy, grant, revoke, enable_rls, each with its statement; keep and keep_foreign for what stays, absent for tables that are not there, impossible with the reason. object is the policy or the role; table_name is NULL for the schema''s own. Read only.';

CREATE FUNCTION menuca_deploy_access(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout text DEFAULT '5s',
	OUT table_name text,
	OUT was_dry_run boolean,
	OUT status text,
	OUT created integer,
	OUT replaced integer,
	OUT dropped integer,
	OUT foreign_policies integer,
	OUT grants integer,
	OUT revokes integer,
	OUT rls_switched_on boolean,
	OUT reasons text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_deploy_access(boolean, text[], text) IS
'Carries out menuca_access_plan(); by default a dry run. A row per table (and one for the schema, table_name NULL) with status planned, deployed, unchanged, absent, impossible, failed or refused. A table gets all of its steps or none, its policies before row security. Policies of others are kept and reported. Refuses (class MC) when the configured roles are missing, the same, or bypass row security.';

CREATE FUNCTION menuca_rollback_access(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout text DEFAULT '5s',
	OUT table_name text,
	OUT was_dry_run boolean,
	OUT status text,
	OUT dropped integer,
	OUT changed integer,
	OUT gone integer,
	OUT grants_undone integer,
	OUT rls_switched_off boolean,
	OUT reasons text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_rollback_access(boolean, text[], text) IS
'Undoes what deployments made and nothing else; by default a dry run. Policies that were changed since stay and are reported, those of others stay; row security goes off where a deployment switched it on and no policy is left.';

CREATE FUNCTION menuca_test_access(
	tables text[] DEFAULT NULL,
	OUT table_name text,
	OUT role_kind text,
	OUT role_name text,
	OUT command text,
	OUT row_case text,
	OUT expected text,
	OUT actual text,
	OUT status text,
	OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_test_access(text[]) IS
'The matrix of roles, tables and commands, tried out for real: rows of two restaurants and two customers are made, public and inactive ones, and each role with its claims selects, inserts, updates, moves and deletes them. All of it is undone, whatever happens. status: PASS, FAIL, ERROR (neither allowed nor refused) or SKIP (no row could be made). The caller must own the tables and be a member of the roles.';

CREATE FUNCTION menuca_access_overhead(
	restaurant_id bigint DEFAULT NULL,
	runs integer DEFAULT 201,
	OUT query text,
	OUT role_kind text,
	OUT role_name text,
	OUT measured_restaurant bigint,
	OUT counted bigint,
	OUT owner_ms numeric,
	OUT role_ms numeric,
	OUT overhead_pct numeric,
	OUT status text,
	OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_access_overhead(bigint, integer) IS
'What row security costs: menu queries of a restaurant (NULL: the one with most dishes) as the public and the tenant role, against the same queries by the caller, whom no policy binds, with the same conditions written out; in turns, medians of so many pairs of runs. Below 10 % PASS, below 20 % WARN, else FAIL (WARN where the difference is too small to be noticed). Nothing is switched off for it. The caller must be a member of the roles.';

CREATE FUNCTION menuca_check_access(
	matrix boolean DEFAULT true,
	overhead boolean DEFAULT true,
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_check_access(boolean, boolean) IS
'The checks of the wanted access, in rows as menuca_validate() has them: roles, row security, policies unchanged, policies of others, grants, indexes, and unless told otherwise the matrix of menuca_test_access() and the figures of menuca_access_overhead(). Leaves nothing behind.';

--
-- The ledger, as people read it
--

CREATE VIEW menuca_runs AS
SELECT r.run_id,
	r.kind,
	r.target_schema,
	r.target,
	r.source,
	r.mode,
	r.engine,
	CASE WHEN r.status = 'running' AND NOT EXISTS (
			SELECT FROM pg_catalog.pg_locks l
			WHERE l.locktype = 'advisory'
				AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
								  WHERE d.datname = pg_catalog.current_database())
				AND l.classid = 1296256323
				AND l.objid = pg_catalog.to_regclass(
					pg_catalog.format('%I.%I', r.target_schema, r.target))::oid
				AND l.objsubid = 2
				AND l.granted)
		THEN 'interrupted'
		ELSE r.status
	END AS status,
	r.inserted,
	(SELECT pg_catalog.count(*) FROM @extschema@.menuca_run_batch b
	 WHERE b.run_id = r.run_id) AS batches,
	r.items_before,
	r.items_after,
	(r.figures_before ->> 'orphan_pct')::numeric AS orphan_pct_before,
	(r.figures_after ->> 'orphan_pct')::numeric AS orphan_pct_after,
	(r.figures_after ->> 'expected_orphan_pct')::numeric AS expected_orphan_pct_after,
	r.figures_after ->> 'band' AS band,
	r.outcomes,
	r.parameters,
	r.gate_message,
	r.run_by,
	r.started_at,
	r.finished_at,
	r.rolled_back_by,
	r.rolled_back_at
FROM @extschema@.menuca_run r;

COMMENT ON VIEW menuca_runs IS
'The ledger, one row per run that wrote. status: running, completed, gate_failed, rolled_back, or interrupted for a batched run that is neither finished nor at work';

--
-- Rights.  Functions that write are for those they are granted to; those
-- that read follow the rights of the tables they read.
--

REVOKE ALL ON FUNCTION menuca_load_dump(text, text, text, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_load_dump_lo(oid, text, text, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_load_dump_file(text, text, text, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_fix_combos(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_fix_group_dishes(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) FROM PUBLIC;
REVOKE ALL ON PROCEDURE menuca_fix_combos_batched(regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, bigint, numeric, numeric, text) FROM PUBLIC;
REVOKE ALL ON PROCEDURE menuca_resume(bigint, text, bigint, bigint, bigint, numeric, numeric, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_create_dish_combo_groups(boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_backfill_dishes(regclass, boolean, regclass, boolean, numeric, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_rollback(bigint, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_deploy_access(boolean, text[], text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_rollback_access(boolean, text[], text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_test_access(text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_access_overhead(bigint, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_check_access(boolean, boolean) FROM PUBLIC;
