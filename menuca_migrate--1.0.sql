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
	rolled_back_at timestamptz,
	part_of bigint,
	note text
);

COMMENT ON TABLE menuca_run IS
'The ledger of menuca_migrate: one row per run that wrote, with its gates as fixed before the first row';

COMMENT ON COLUMN menuca_run.part_of IS
'The run of whose transaction this one is a part, such as the steps of its items; rolling that one back rolls this one back first';

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

CREATE FUNCTION menuca_plan_v2_groups(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group_id',
	dish_column text DEFAULT 'dishes',
	OUT source_id bigint,
	OUT legacy_group_id bigint,
	OUT legacy_dish_id bigint,
	OUT display_order bigint,
	OUT combo_group_id bigint,
	OUT dish_id bigint,
	OUT outcome text,
	OUT step_number integer,
	OUT suffix text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_plan_v2_groups(regclass, text, text, text) IS
'As menuca_plan_group_dishes, for the dishes that V2''s groups offer: its table restaurants_combo_groups_items, whose column dishes is JSON, ["149|0", "143"] or by step {"1": ["973|0"], "2": ["974"]}. Legacy ids are looked up in legacy_v2_id. step_number is NULL for a list without steps, suffix is what follows the dish''s id and a bar. source NULL means the setting menuca.v2_group_items_table. Raises an error, which names the group, on a list that is no JSON.';

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

CREATE FUNCTION menuca_fix_v2_groups(
	dry_run boolean DEFAULT true,
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	group_column text DEFAULT 'group_id',
	dish_column text DEFAULT 'dishes',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	lock text DEFAULT 'share_row_exclusive')
RETURNS menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_fix_v2_groups(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) IS
'As menuca_fix_combos, with the dishes that V2''s groups offer, see menuca_plan_v2_groups: the same gates, ledger and rollback. New items bear source_system v2. The steps of items that have none yet go into combo_steps, where that table exists, in the same transaction: a run of their own, part of the fix''s, which its rollback takes along. Sizes that find no place are told in warnings.';

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
'Both honest orphan rates in percent, with numerator and denominator: of all groups (orphans / groups), and of the groups that the source has a row for (expected_orphans / expected_groups; NULL while no source is staged). source may be V2''s table, the one of the setting menuca.v2_group_items_table. Bands: < 1 EXCELLENT, < 5 PASS, < 20 WARNING, otherwise FAIL. Read only.';

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
'One row per group without items, with the reason: fix_pending, unmapped_dishes, cross_restaurant, ambiguous, invalid, mixed, no_source_row, v2_group, no_legacy_id or no_source_staged, and a sentence that explains it. What V1''s source has no row for is explained by V2''s lists where the table of the setting menuca.v2_group_items_table is staged. Read only.';

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
'Deletes what a run inserted and nothing else; by default a dry run. Refuses when rows of the run were changed since or other tables'' rows depend on them, and names them, unless force is true. Runs that are part of it, such as the steps of its items, are rolled back with it. Proves by row hashes that every row from before the run is as it was; what others added or changed meanwhile is left alone and reported.';

--
-- Backups and snapshots
--

CREATE TABLE menuca_backup (
	backup_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	label text NOT NULL,
	id text NOT NULL UNIQUE,
	method text NOT NULL,
	size bigint NOT NULL,
	checksum text NOT NULL,
	started timestamptz NOT NULL,
	finished timestamptz NOT NULL,
	verified boolean NOT NULL,
	details jsonb NOT NULL,
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	database_size bigint NOT NULL,
	table_size bigint NOT NULL,
	registered_by text NOT NULL DEFAULT session_user,
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_backup IS
'Backups that were made outside of the database, and what the database was then: its name, its cluster''s system identifier, its size and that of its tables without indexes, in bytes';

CREATE TABLE menuca_snapshot_list (
	snapshot_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	label text NOT NULL UNIQUE,
	target_schema text NOT NULL,
	schema_name text NOT NULL,
	runs jsonb NOT NULL,
	taken_by text NOT NULL DEFAULT session_user,
	taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_snapshot_list IS
'Snapshots, the schema that holds each one''s copies, and the status of its tables'' runs when it was taken';

CREATE TABLE menuca_snapshot_table (
	snapshot_no bigint NOT NULL,
	table_name text NOT NULL,
	place integer NOT NULL,
	row_count bigint NOT NULL,
	checksum numeric NOT NULL,
	columns jsonb NOT NULL,
	sequences jsonb NOT NULL,
	PRIMARY KEY (snapshot_no, table_name)
);

COMMENT ON TABLE menuca_snapshot_table IS
'Per table of a snapshot, what its copy must always be like, the table''s columns, and the state of its sequences';

CREATE TABLE menuca_snapshot_restore (
	restore_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	snapshot_no bigint NOT NULL,
	label text NOT NULL,
	forced boolean NOT NULL,
	figures jsonb NOT NULL,
	runs_undone bigint[] NOT NULL,
	runs_brought_back bigint[] NOT NULL,
	restored_by text NOT NULL DEFAULT session_user,
	restored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_snapshot_restore IS
'Snapshots that were put back: what was deleted, inserted and changed per table, and the runs whose rows went or came back by it';

SELECT pg_catalog.pg_extension_config_dump('menuca_backup', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_backup_backup_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_snapshot_list', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_snapshot_list_snapshot_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_snapshot_table', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_snapshot_restore', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_snapshot_restore_restore_no_seq', '');

CREATE FUNCTION menuca_table_checksum(
	table_name regclass,
	OUT rows bigint,
	OUT checksum numeric)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_table_checksum(regclass) IS
'Number of a table''s rows, and the sum of the 64-bit hashes of their texts: the same for the same rows in any order, in whatever session, and after a dump and restore. Read only.';

CREATE FUNCTION menuca_register_backup(
	label text,
	id text,
	method text,
	size bigint,
	checksum text,
	started timestamptz,
	finished timestamptz,
	verified boolean,
	details jsonb DEFAULT '{}')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) IS
'Registers a finished backup of this database that was made outside of it, and returns its number; the script menuca-backup does so for what it makes. id is what it is found again by (no two backups share one), size its bytes. Refuses what is NULL, blank or empty, or ended before it began or in the future. With "drill": true in details, menuca_check_backup says that it was restored and compared.';

CREATE FUNCTION menuca_check_backup(
	label text DEFAULT NULL,
	max_age interval DEFAULT '30 minutes',
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

COMMENT ON FUNCTION menuca_check_backup(text, interval) IS
'Whether the latest backup, or the latest of that label, is one to rely on: finished, verified, begun at most max_age ago, of a plausible size, with an id, and of this very database; one row per check with status PASS, WARN, FAIL, ERROR or SKIP. A snapshot does not count as a backup. Read only.';

CREATE FUNCTION menuca_snapshot(
	label text,
	tables text[] DEFAULT NULL,
	OUT snapshot_no bigint,
	OUT table_name text,
	OUT row_count bigint,
	OUT checksum numeric,
	OUT copy text,
	OUT sequences jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_snapshot(text, text[]) IS
'Copies the tables that this project writes to (dishes, combo_items, dish_combo_groups, combo_steps, as far as they are there; or those that are named, of the target schema) into a schema of the caller''s own, while nobody else writes to them, with counts, checksums and the state of their sequences; one row per table. Undone by menuca_restore_snapshot, dropped by menuca_drop_snapshot. No substitute for a backup: it is in the same database.';

CREATE FUNCTION menuca_restore_snapshot(
	label text,
	dry_run boolean DEFAULT true,
	force boolean DEFAULT false,
	disable_triggers boolean DEFAULT false,
	OUT table_name text,
	OUT status text,
	OUT rows_in_snapshot bigint,
	OUT rows_before bigint,
	OUT deleted bigint,
	OUT inserted bigint,
	OUT updated bigint,
	OUT dependants bigint,
	OUT sequences jsonb,
	OUT reasons text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_restore_snapshot(text, boolean, boolean, boolean) IS
'Puts a snapshot''s tables back to what they were, rows, keys and sequences, by writing only what differs; by default a dry run, which counts it; one row per table. Refuses (class MC) when a table''s columns changed, a copy is not what it was, rows to come back refer to others that are gone, or, unless force is true, rows of other tables depend on rows to go. Proves by checksums that every table is what it was, or undoes all of it. Later runs are marked as rolled back in the ledger, runs that were rolled back since as what they were.';

CREATE FUNCTION menuca_drop_snapshot(
	label text)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_drop_snapshot(text) IS
'Drops a snapshot, its copies and their schema, unless something else was put there; returns its number.';

CREATE VIEW menuca_backups AS
SELECT b.backup_no,
	b.label,
	b.id,
	b.method,
	b.size,
	b.checksum,
	b.started,
	b.finished,
	b.verified,
	COALESCE(b.details ->> 'drill' = 'true', false) AS restored_once,
	b.database_name = pg_catalog.current_database()
		AND b.system_identifier = (SELECT c.system_identifier FROM pg_catalog.pg_control_system() c)
		AS of_this_database,
	pg_catalog.round(100.0 * b.size / NULLIF(b.table_size, 0), 2) AS size_pct_of_tables,
	b.database_size,
	b.table_size,
	b.details,
	b.registered_by,
	b.registered_at
FROM @extschema@.menuca_backup b;

COMMENT ON VIEW menuca_backups IS
'Registered backups, one row each; restored_once: it was restored into a scratch database and compared, of_this_database: neither another cluster''s nor another database''s';

CREATE VIEW menuca_snapshots AS
SELECT s.snapshot_no,
	s.label,
	s.target_schema,
	s.schema_name,
	t.tables,
	t.row_counts,
	s.runs,
	s.taken_by,
	s.taken_at,
	(SELECT pg_catalog.max(r.restored_at) FROM @extschema@.menuca_snapshot_restore r
	 WHERE r.snapshot_no = s.snapshot_no) AS last_restored_at
FROM @extschema@.menuca_snapshot_list s
CROSS JOIN LATERAL (
	SELECT pg_catalog.array_agg(x.table_name ORDER BY x.place) AS tables,
		pg_catalog.array_agg(x.row_count ORDER BY x.place) AS row_counts
	FROM @extschema@.menuca_snapshot_table x
	WHERE x.snapshot_no = s.snapshot_no) t;

COMMENT ON VIEW menuca_snapshots IS
'Snapshots, one row each, with their tables and how many rows of each';

--
-- The ledger, as people read it
--

CREATE VIEW menuca_runs AS
SELECT r.run_id,
	r.part_of,
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
	r.rolled_back_at,
	r.note
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
REVOKE ALL ON FUNCTION menuca_fix_v2_groups(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) FROM PUBLIC;
REVOKE ALL ON PROCEDURE menuca_fix_combos_batched(regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, bigint, numeric, numeric, text) FROM PUBLIC;
REVOKE ALL ON PROCEDURE menuca_resume(bigint, text, bigint, bigint, bigint, numeric, numeric, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_create_dish_combo_groups(boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_backfill_dishes(regclass, boolean, regclass, boolean, numeric, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_rollback(bigint, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_snapshot(text, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_restore_snapshot(text, boolean, boolean, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_drop_snapshot(text) FROM PUBLIC;
