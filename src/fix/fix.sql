--
-- Migrating missing dishes
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
	OUT outcome text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_plan_backfill(regclass, regclass, text, text, text) IS
'One row per row of V1''s staged menu with the outcome that a backfill would give it: insert, already_present, present_elsewhere, not_referenced, duplicate, ambiguous, unknown_restaurant, ambiguous_restaurant, blank_name, name_too_long, cross_restaurant or invalid; source_rows counts the source rows that name the dish and cannot be mapped. menu NULL means the setting menuca.menu_table, source NULL the setting menuca.source_table. Read only.';

CREATE TYPE menuca_backfill_result AS (
	run_id bigint,
	status text,
	insert bigint,
	inserted bigint,
	newly_visible bigint,
	dish_coverage_pct_after numeric,
	reasons text[],
	next_step text,
	figures jsonb
);

COMMENT ON TYPE menuca_backfill_result IS
'What a backfill did, or would do: the columns that decide, then the call to make next, then all other figures.';
COMMENT ON COLUMN menuca_backfill_result.run_id IS
'The run in the ledger; NULL for a dry run.';
COMMENT ON COLUMN menuca_backfill_result.status IS
'completed; for a dry run planned, or refused when a real run would be.';
COMMENT ON COLUMN menuca_backfill_result.insert IS
'Menu rows whose dish is inserted.';
COMMENT ON COLUMN menuca_backfill_result.inserted IS
'Dishes that were inserted; 0 for a dry run.';
COMMENT ON COLUMN menuca_backfill_result.newly_visible IS
'New dishes that are active, so that customers see them.';
COMMENT ON COLUMN menuca_backfill_result.dish_coverage_pct_after IS
'Distinct legacy dish ids of the source that the target has with the new dishes, in percent; NULL when the source names none.';
COMMENT ON COLUMN menuca_backfill_result.reasons IS
'Why a real run would be refused; empty when it would not be.';
COMMENT ON COLUMN menuca_backfill_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; after a real run the fix that uses the new dishes, as a dry run.';
COMMENT ON COLUMN menuca_backfill_result.figures IS
'Object of all other figures: dry_run; menu_rows and a count per outcome, which add up to it together with insert; missing_dishes, the distinct legacy dish ids that the source names and the target lacks, and not_in_menu, those of them that the menu does not have either; dishes_before, dishes_after; source_rows_gained, which can be mapped with the new dishes and could not before; dish_coverage_pct_before, null when the source names none; elapsed, in seconds.';

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
'Inserts the dishes that the source names and the target lacks from V1''s staged menu (columns id, restaurant and name), in one transaction and inactive; by default a dry run. No course and no price is made up; dishes that would have to be guessed are counted by outcome and omitted, see menuca_plan_backfill. Refuses (class MC) when more than max_cross_restaurant_pct of the dishes found are of other restaurants than the groups that use them. With activate => true, dishes that the menu showed are active. The ledger has the run; menuca_rollback deletes what it inserted unless items point to it.';

REVOKE ALL ON FUNCTION menuca_backfill_dishes(regclass, boolean, regclass, boolean, numeric, text, text, text) FROM PUBLIC;

--
-- Inserting the missing items
--

CREATE TYPE menuca_fix_result AS (
	run_id bigint,
	status text,
	insert bigint,
	inserted bigint,
	coverage_pct numeric,
	orphan_pct_after numeric,
	reasons text[],
	warnings text[],
	next_step text,
	figures jsonb
);

COMMENT ON TYPE menuca_fix_result IS
'What a fix did, or would do: the columns that decide, then the call to make next, then all other figures.';
COMMENT ON COLUMN menuca_fix_result.run_id IS
'The run in the ledger; NULL for a dry run.';
COMMENT ON COLUMN menuca_fix_result.status IS
'completed; for a dry run planned, or refused when a real run would be.';
COMMENT ON COLUMN menuca_fix_result.insert IS
'Source rows that become an item.';
COMMENT ON COLUMN menuca_fix_result.inserted IS
'Items that were inserted; 0 for a dry run.';
COMMENT ON COLUMN menuca_fix_result.coverage_pct IS
'Distinct legacy ids of the source that the target has, in percent: of groups or of dishes, whichever is lower.';
COMMENT ON COLUMN menuca_fix_result.orphan_pct_after IS
'Groups without items, in percent of all groups, after; for a dry run, what it would be; NULL when there are no groups.';
COMMENT ON COLUMN menuca_fix_result.reasons IS
'Why a real run would be refused; empty when it would not be.';
COMMENT ON COLUMN menuca_fix_result.warnings IS
'What a person should consider before a real run; empty when there is nothing.';
COMMENT ON COLUMN menuca_fix_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; after a real run the validation.';
COMMENT ON COLUMN menuca_fix_result.figures IS
'Object of all other figures: dry_run; source_rows and a count per outcome, which add up to it together with insert; group_coverage_pct, dish_coverage_pct; items_before, items_after; orphan_pct_before; expected_orphan_pct_after, of the groups that the source has a row for; band of the rate that gate_on judges; of V2''s lists, steps; engine, native or executor, and elapsed, in seconds; of the procedures, instead of these two, added_by_others, planned items that others had added before. What would divide by nothing is null.';

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
'Inserts the missing combo items in one transaction, between a gate before and a gate after; by default a dry run, which writes nothing and returns the same figures. A refused dry run returns status refused with reasons; a refused real run raises an error of class MC and changes nothing. Percentages are 0 to 100; min_group_coverage_pct and min_dish_coverage_pct, when given, replace min_coverage_pct for their side. At most max_cross_restaurant_pct of the source rows may lead to other restaurants'' dishes; strict refuses a source that means the reverse of the target''s rows, which is a warning otherwise. lock is the strongest lock that it may take on the target: share_row_exclusive lets others read; access_exclusive (for the owner) does not, but allows it to rebuild the indexes, which is faster.';

REVOKE ALL ON FUNCTION menuca_fix_combos(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, text) FROM PUBLIC;

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
	list_column text DEFAULT 'dish',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	lock text DEFAULT 'share_row_exclusive')
RETURNS menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_fix_group_dishes(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) IS
'As menuca_fix_combos, with the dishes that V1''s groups offer by themselves: the lists of its table combo_groups, see menuca_plan_group_dishes. The same gates, ledger and rollback.';

REVOKE ALL ON FUNCTION menuca_fix_group_dishes(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) FROM PUBLIC;

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
	list_column text DEFAULT 'dishes',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	lock text DEFAULT 'share_row_exclusive')
RETURNS menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_fix_v2_groups(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) IS
'As menuca_fix_combos, with the dishes that V2''s groups offer, see menuca_plan_v2_groups: the same gates, ledger and rollback. New items have source_system v2. The steps of items that have none yet are inserted into combo_steps, where that table exists, in the same transaction: a run of their own, part of the fix''s run and rolled back with it. Sizes that cannot be stored are listed in warnings.';

REVOKE ALL ON FUNCTION menuca_fix_v2_groups(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) FROM PUBLIC;

--
-- Inserting the steps of V1's items
--

CREATE TYPE menuca_combo_steps_result AS (
	run_id bigint,
	status text,
	insert bigint,
	inserted bigint,
	reasons text[],
	warnings text[],
	next_step text,
	figures jsonb
);

COMMENT ON TYPE menuca_combo_steps_result IS
'What a fix of the steps did, or would do.';
COMMENT ON COLUMN menuca_combo_steps_result.run_id IS
'The run in the ledger; NULL for a dry run.';
COMMENT ON COLUMN menuca_combo_steps_result.status IS
'completed; for a dry run planned, or refused when a real run would be.';
COMMENT ON COLUMN menuca_combo_steps_result.insert IS
'Steps that the items of outcome fits get.';
COMMENT ON COLUMN menuca_combo_steps_result.inserted IS
'Steps that were inserted; 0 for a dry run.';
COMMENT ON COLUMN menuca_combo_steps_result.reasons IS
'Why a real run would be refused; empty when it would not be.';
COMMENT ON COLUMN menuca_combo_steps_result.warnings IS
'What a person should consider before a real run; empty when there is nothing.';
COMMENT ON COLUMN menuca_combo_steps_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; when nothing is missing, and after a real run, the validation.';
COMMENT ON COLUMN menuca_combo_steps_result.figures IS
'Object: dry_run; headers_name; items, and outcomes, their number per outcome (they add up to items); groups, the number of groups that have items of the outcome; several_headers, the groups with items and several headers, and how many of these have as many as item_count states, and as many as items; steps_before and steps_after (for a dry run, what it would be); elapsed, in seconds.';

CREATE FUNCTION menuca_fix_combo_steps(
	dry_run boolean DEFAULT true,
	headers_name text DEFAULT 'items',
	batch_size integer DEFAULT 10000)
RETURNS menuca_combo_steps_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_fix_combo_steps(boolean, text, integer) IS
'Inserts the steps, with their labels, that the headers of V1''s groups (combo_rules.display_header) give to combo items without steps, in one transaction; by default a dry run, which writes nothing and returns the same figures. With headers_name items, the single header of a group is that of all its items, step 1, and several headers are those of as many items in the order of display_order; with choices, each item gets all headers of its group as its steps, where item_count states as many. Items whose step would have to be guessed are counted by outcome and omitted, see menuca_plan_combo_steps. The ledger has the run; menuca_rollback deletes what it inserted.';

REVOKE ALL ON FUNCTION menuca_fix_combo_steps(boolean, text, integer) FROM PUBLIC;

CREATE PROCEDURE menuca_fix_combos_batched(
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
	INOUT run_id bigint DEFAULT NULL,
	INOUT status text DEFAULT NULL,
	INOUT insert bigint DEFAULT NULL,
	INOUT inserted bigint DEFAULT NULL,
	INOUT coverage_pct numeric DEFAULT NULL,
	INOUT orphan_pct_after numeric DEFAULT NULL,
	INOUT reasons text[] DEFAULT NULL,
	INOUT warnings text[] DEFAULT NULL,
	INOUT next_step text DEFAULT NULL,
	INOUT figures jsonb DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE menuca_fix_combos_batched(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, numeric, numeric, text[], text[], text, jsonb) IS
'As menuca_fix_combos, by default a dry run, too, but a real run commits every batch_size rows together with their ledger entry, so that writers wait for one batch at most. menuca_resume continues an interrupted run. When the gate after fails, the run ends as gate_failed and the error names the rollback call. A real run cannot be made inside a transaction block.';

REVOKE ALL ON PROCEDURE menuca_fix_combos_batched(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, numeric, numeric, text[], text[], text, jsonb) FROM PUBLIC;

CREATE PROCEDURE menuca_resume(
	INOUT run_id bigint,
	dry_run boolean DEFAULT true,
	INOUT status text DEFAULT NULL,
	INOUT insert bigint DEFAULT NULL,
	INOUT inserted bigint DEFAULT NULL,
	INOUT coverage_pct numeric DEFAULT NULL,
	INOUT orphan_pct_after numeric DEFAULT NULL,
	INOUT reasons text[] DEFAULT NULL,
	INOUT warnings text[] DEFAULT NULL,
	INOUT next_step text DEFAULT NULL,
	INOUT figures jsonb DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE menuca_resume(bigint, boolean, text, bigint, bigint, numeric, numeric, text[], text[], text, jsonb) IS
'Continues an interrupted batched run with the parameters it was begun with, to the state that it would have reached; by default a dry run, which plans what it has still to do. insert counts what was left to insert, inserted the rows of the whole run. A real call cannot be made inside a transaction block.';

REVOKE ALL ON PROCEDURE menuca_resume(bigint, boolean, text, bigint, bigint, numeric, numeric, text[], text[], text, jsonb) FROM PUBLIC;

--
-- Rolling back
--

CREATE TYPE menuca_rollback_result AS (
	run_id bigint,
	status text,
	deleted bigint,
	changed bigint,
	dependants bigint,
	state_restored boolean,
	reasons text[],
	next_step text,
	figures jsonb
);

COMMENT ON TYPE menuca_rollback_result IS
'What a rollback did, or would do: the columns that decide, then the call to make next, then all other figures.';
COMMENT ON COLUMN menuca_rollback_result.run_id IS
'The run that was asked for.';
COMMENT ON COLUMN menuca_rollback_result.status IS
'rolled_back; for a dry run planned, or refused when a real rollback would be.';
COMMENT ON COLUMN menuca_rollback_result.deleted IS
'Rows of the run that were deleted; for a dry run, that would be.';
COMMENT ON COLUMN menuca_rollback_result.changed IS
'Rows of the run that others had changed since; they are deleted with force only.';
COMMENT ON COLUMN menuca_rollback_result.dependants IS
'Rows of other tables that depend on rows of the run.';
COMMENT ON COLUMN menuca_rollback_result.state_restored IS
'True when every row from before the run, and before its parts, is as it was and no row of them is left; NULL for a dry run.';
COMMENT ON COLUMN menuca_rollback_result.reasons IS
'Why a rollback without force would be refused; empty when it would not be.';
COMMENT ON COLUMN menuca_rollback_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; after a real run what there is still to undo.';
COMMENT ON COLUMN menuca_rollback_result.figures IS
'Object of all other figures: dry_run; inserted, the run''s rows, and already_gone, those of them that others had deleted; items_before, the table''s rows before the run, items_now before this call and items_after it; baseline_rows, the rows from before the run by the ledger, and how many of them are as they were (baseline_intact), were changed or deleted by others since (baseline_changed, baseline_missing); added_by_others, rows that are neither; parts of the run, if any, each with its run_id, table, deleted, changed and dependants; elapsed, in seconds.';

CREATE FUNCTION menuca_rollback(
	run_id bigint,
	dry_run boolean DEFAULT true,
	force boolean DEFAULT false)
RETURNS menuca_rollback_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_rollback(bigint, boolean, boolean) IS
'Deletes what a run inserted and nothing else; by default a dry run. Refuses (class MC), unless force is true, when rows of the run were changed since or rows of other tables depend on them, and names them. Runs that are part of it, such as the steps of its items, are rolled back with it. Proves by row hashes that every row from before the run is as it was; rows that others added or changed since are left alone and reported.';

REVOKE ALL ON FUNCTION menuca_rollback(bigint, boolean, boolean) FROM PUBLIC;

--
-- Dry runs for who may only look
--

CREATE FUNCTION menuca_preview_combos(
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
	strict boolean DEFAULT false)
RETURNS menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_preview_combos(regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean) IS
'The dry run of menuca_fix_combos, for roles that may look but not write: it takes no dry_run and no lock, and its next call is the real one, which another role makes. Read only.';

CREATE FUNCTION menuca_preview_group_dishes(
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	group_column text DEFAULT 'id',
	list_column text DEFAULT 'dish',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false)
RETURNS menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_preview_group_dishes(regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean) IS
'The dry run of menuca_fix_group_dishes, as menuca_preview_combos. Read only.';

CREATE FUNCTION menuca_preview_v2_groups(
	source regclass DEFAULT NULL,
	min_coverage_pct numeric DEFAULT 95,
	max_orphan_pct numeric DEFAULT 20,
	gate_on text DEFAULT 'overall',
	batch_size integer DEFAULT 10000,
	target text DEFAULT 'combo_items',
	min_group_coverage_pct numeric DEFAULT NULL,
	min_dish_coverage_pct numeric DEFAULT NULL,
	group_column text DEFAULT 'group_id',
	list_column text DEFAULT 'dishes',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false)
RETURNS menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_preview_v2_groups(regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean) IS
'The dry run of menuca_fix_v2_groups, as menuca_preview_combos. Read only.';

CREATE FUNCTION menuca_preview_backfill(
	menu regclass DEFAULT NULL,
	source regclass DEFAULT NULL,
	activate boolean DEFAULT false,
	max_cross_restaurant_pct numeric DEFAULT 5,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group',
	dish_column text DEFAULT 'dish')
RETURNS menuca_backfill_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_preview_backfill(regclass, regclass, boolean, numeric, text, text, text) IS
'The dry run of menuca_backfill_dishes, for roles that may look but not write. Read only.';

CREATE FUNCTION menuca_preview_combo_steps(
	headers_name text DEFAULT 'items',
	batch_size integer DEFAULT 10000)
RETURNS menuca_combo_steps_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_preview_combo_steps(text, integer) IS
'The dry run of menuca_fix_combo_steps, as menuca_preview_combos. Read only.';

CREATE FUNCTION menuca_preview_rollback(
	run_id bigint,
	force boolean DEFAULT false)
RETURNS menuca_rollback_result
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_preview_rollback(bigint, boolean) IS
'The dry run of menuca_rollback, for roles that may look but not write. Read only.';

CREATE FUNCTION menuca_preview_resume(
	INOUT run_id bigint,
	OUT status text,
	OUT insert bigint,
	OUT inserted bigint,
	OUT coverage_pct numeric,
	OUT orphan_pct_after numeric,
	OUT reasons text[],
	OUT warnings text[],
	OUT next_step text,
	OUT figures jsonb)
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_preview_resume(bigint) IS
'The dry run of menuca_resume, for roles that may look but not write: what an interrupted run has still to do. Read only.';
