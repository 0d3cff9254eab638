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
	reasons text[],
	next_step text
);

COMMENT ON TYPE menuca_backfill_result IS
'What a backfill did, or would do: one count per outcome (they add up to menu_rows), dishes and coverage before and after, and the reasons when status is refused.';
COMMENT ON COLUMN menuca_backfill_result.run_id IS
'The run in the ledger; NULL for a dry run.';
COMMENT ON COLUMN menuca_backfill_result.dry_run IS
'True when nothing was written.';
COMMENT ON COLUMN menuca_backfill_result.status IS
'completed; for a dry run planned, or refused when a real run would be.';
COMMENT ON COLUMN menuca_backfill_result.menu_rows IS
'Rows of the staged menu.';
COMMENT ON COLUMN menuca_backfill_result.insert IS
'Menu rows whose dish is inserted.';
COMMENT ON COLUMN menuca_backfill_result.already_present IS
'Menu rows whose legacy id a dish of the target has.';
COMMENT ON COLUMN menuca_backfill_result.present_elsewhere IS
'Menu rows whose legacy id dishes of the target have, but of other restaurants only.';
COMMENT ON COLUMN menuca_backfill_result.not_referenced IS
'Menu rows that no source row names.';
COMMENT ON COLUMN menuca_backfill_result.duplicate IS
'Menu rows that repeat another row of the menu.';
COMMENT ON COLUMN menuca_backfill_result.ambiguous IS
'Menu rows of one legacy id that differ.';
COMMENT ON COLUMN menuca_backfill_result.unknown_restaurant IS
'Menu rows whose restaurant the target does not have.';
COMMENT ON COLUMN menuca_backfill_result.ambiguous_restaurant IS
'Menu rows whose restaurant''s legacy id several restaurants of the target have.';
COMMENT ON COLUMN menuca_backfill_result.blank_name IS
'Menu rows without a name.';
COMMENT ON COLUMN menuca_backfill_result.name_too_long IS
'Menu rows whose name does not fit into the target''s column.';
COMMENT ON COLUMN menuca_backfill_result.cross_restaurant IS
'Menu rows whose dish only groups of other restaurants use.';
COMMENT ON COLUMN menuca_backfill_result.invalid IS
'Menu rows with an id that is NULL, not positive, or out of range.';
COMMENT ON COLUMN menuca_backfill_result.missing_dishes IS
'Distinct legacy dish ids that the source names and the target lacks.';
COMMENT ON COLUMN menuca_backfill_result.not_in_menu IS
'Of these, ids that the menu does not have either.';
COMMENT ON COLUMN menuca_backfill_result.inserted IS
'Dishes that were inserted; 0 for a dry run.';
COMMENT ON COLUMN menuca_backfill_result.newly_visible IS
'New dishes that are active, so that customers see them.';
COMMENT ON COLUMN menuca_backfill_result.dishes_before IS
'Dishes of the target before.';
COMMENT ON COLUMN menuca_backfill_result.dishes_after IS
'Dishes of the target after; for a dry run, what they would be.';
COMMENT ON COLUMN menuca_backfill_result.source_rows_gained IS
'Source rows that can be mapped with the new dishes and could not before.';
COMMENT ON COLUMN menuca_backfill_result.dish_coverage_pct_before IS
'Distinct legacy dish ids of the source that the target has, in percent, before; NULL when the source names none.';
COMMENT ON COLUMN menuca_backfill_result.dish_coverage_pct_after IS
'The same with the new dishes; NULL as before.';
COMMENT ON COLUMN menuca_backfill_result.elapsed IS
'Time that the call took.';
COMMENT ON COLUMN menuca_backfill_result.reasons IS
'Why a real run would be refused; empty when it would not be.';
COMMENT ON COLUMN menuca_backfill_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; after a real run the fix that uses the new dishes, as a dry run.';

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
	warnings text[],
	next_step text
);

COMMENT ON TYPE menuca_fix_result IS
'What a fix did, or would do: one count per outcome (they add up to source_rows), items and orphan rates before and after, the reasons when status is refused, and warnings.';
COMMENT ON COLUMN menuca_fix_result.run_id IS
'The run in the ledger; NULL for a dry run.';
COMMENT ON COLUMN menuca_fix_result.dry_run IS
'True when nothing was written.';
COMMENT ON COLUMN menuca_fix_result.status IS
'completed; for a dry run planned, or refused when a real run would be.';
COMMENT ON COLUMN menuca_fix_result.source_rows IS
'Rows of the source; for lists, dishes in all lists.';
COMMENT ON COLUMN menuca_fix_result.insert IS
'Source rows that become an item.';
COMMENT ON COLUMN menuca_fix_result.already_present IS
'Source rows whose group and dish an item has already.';
COMMENT ON COLUMN menuca_fix_result.duplicate IS
'Source rows that repeat the group and dish of another one.';
COMMENT ON COLUMN menuca_fix_result.unmapped_group IS
'Source rows whose group the target does not have.';
COMMENT ON COLUMN menuca_fix_result.unmapped_dish IS
'Source rows whose dish the target does not have.';
COMMENT ON COLUMN menuca_fix_result.unmapped_both IS
'Source rows of which the target has neither.';
COMMENT ON COLUMN menuca_fix_result.ambiguous_group IS
'Source rows whose group''s legacy id several groups of the dish''s restaurant have.';
COMMENT ON COLUMN menuca_fix_result.ambiguous_dish IS
'Source rows whose dish''s legacy id several dishes of the group''s restaurant have.';
COMMENT ON COLUMN menuca_fix_result.cross_restaurant IS
'Source rows whose group and dish are of different restaurants.';
COMMENT ON COLUMN menuca_fix_result.invalid IS
'Source rows with an id that is NULL, not positive, or out of range.';
COMMENT ON COLUMN menuca_fix_result.inserted IS
'Items that were inserted; 0 for a dry run.';
COMMENT ON COLUMN menuca_fix_result.coverage_pct IS
'The lower one of group_coverage_pct and dish_coverage_pct.';
COMMENT ON COLUMN menuca_fix_result.group_coverage_pct IS
'Distinct legacy group ids of the source that the target has, in percent; NULL when the source names none.';
COMMENT ON COLUMN menuca_fix_result.dish_coverage_pct IS
'Distinct legacy dish ids of the source that the target has, in percent; NULL when the source names none.';
COMMENT ON COLUMN menuca_fix_result.items_before IS
'Items before.';
COMMENT ON COLUMN menuca_fix_result.items_after IS
'Items after; for a dry run, what they would be.';
COMMENT ON COLUMN menuca_fix_result.engine IS
'How the items were, or would be, written: native or executor.';
COMMENT ON COLUMN menuca_fix_result.orphan_pct_before IS
'Groups without items, in percent of all groups, before; NULL when there are no groups.';
COMMENT ON COLUMN menuca_fix_result.orphan_pct_after IS
'The same after; for a dry run, what it would be.';
COMMENT ON COLUMN menuca_fix_result.expected_orphan_pct_after IS
'Groups without items, in percent of the groups that the source has a row for, after; NULL when there are none.';
COMMENT ON COLUMN menuca_fix_result.band IS
'Band of the rate that gate_on judges: EXCELLENT below 1, PASS below 5, WARNING below 20, otherwise FAIL; NULL when there are no groups.';
COMMENT ON COLUMN menuca_fix_result.elapsed IS
'Time that the call took.';
COMMENT ON COLUMN menuca_fix_result.reasons IS
'Why a real run would be refused; empty when it would not be.';
COMMENT ON COLUMN menuca_fix_result.warnings IS
'What a person should consider before a real run; empty when there is nothing.';
COMMENT ON COLUMN menuca_fix_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; after a real run the validation.';

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
	INOUT inserted bigint DEFAULT NULL,
	INOUT items_before bigint DEFAULT NULL,
	INOUT items_after bigint DEFAULT NULL,
	INOUT orphan_pct_after numeric DEFAULT NULL,
	INOUT expected_orphan_pct_after numeric DEFAULT NULL,
	INOUT band text DEFAULT NULL,
	INOUT next_step text DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE menuca_fix_combos_batched(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, bigint, numeric, numeric, text, text) IS
'As menuca_fix_combos, by default a dry run, too, but a real run commits every batch_size rows together with their ledger entry, so that writers wait for one batch at most. menuca_resume continues an interrupted run. When the gate after fails, the run ends as gate_failed and the error names the rollback call. A real run cannot be made inside a transaction block.';

REVOKE ALL ON PROCEDURE menuca_fix_combos_batched(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, bigint, numeric, numeric, text, text) FROM PUBLIC;

CREATE PROCEDURE menuca_resume(
	INOUT run_id bigint,
	dry_run boolean DEFAULT true,
	INOUT status text DEFAULT NULL,
	INOUT inserted bigint DEFAULT NULL,
	INOUT items_before bigint DEFAULT NULL,
	INOUT items_after bigint DEFAULT NULL,
	INOUT orphan_pct_after numeric DEFAULT NULL,
	INOUT expected_orphan_pct_after numeric DEFAULT NULL,
	INOUT band text DEFAULT NULL,
	INOUT next_step text DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE menuca_resume(bigint, boolean, text, bigint, bigint, bigint, numeric, numeric, text, text) IS
'Continues an interrupted batched run with the parameters it was begun with, to the state that it would have reached; by default a dry run, which plans what it has still to do. inserted counts the rows of the whole run. A real call cannot be made inside a transaction block.';

REVOKE ALL ON PROCEDURE menuca_resume(bigint, boolean, text, bigint, bigint, bigint, numeric, numeric, text, text) FROM PUBLIC;

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
	reasons text[],
	next_step text
);

COMMENT ON TYPE menuca_rollback_result IS
'What a rollback did, or would do: the run''s rows, the rows from before it, compared by content, and what others added.';
COMMENT ON COLUMN menuca_rollback_result.run_id IS
'The run that was asked for.';
COMMENT ON COLUMN menuca_rollback_result.dry_run IS
'True when nothing was deleted.';
COMMENT ON COLUMN menuca_rollback_result.status IS
'rolled_back; for a dry run planned, or refused when a real rollback would be.';
COMMENT ON COLUMN menuca_rollback_result.inserted IS
'Rows that the run inserted.';
COMMENT ON COLUMN menuca_rollback_result.deleted IS
'Rows of the run that were deleted; for a dry run, that would be.';
COMMENT ON COLUMN menuca_rollback_result.already_gone IS
'Rows of the run that others had deleted before.';
COMMENT ON COLUMN menuca_rollback_result.changed IS
'Rows of the run that others had changed since; they are deleted with force only.';
COMMENT ON COLUMN menuca_rollback_result.dependants IS
'Rows of other tables that depend on rows of the run.';
COMMENT ON COLUMN menuca_rollback_result.items_before IS
'Rows of the table before the run.';
COMMENT ON COLUMN menuca_rollback_result.items_now IS
'Rows of the table before this call.';
COMMENT ON COLUMN menuca_rollback_result.items_after IS
'Rows of the table after this call; for a dry run, what they would be.';
COMMENT ON COLUMN menuca_rollback_result.baseline_rows IS
'Rows from before the run, by the ledger.';
COMMENT ON COLUMN menuca_rollback_result.baseline_intact IS
'Of these, rows that are as they were.';
COMMENT ON COLUMN menuca_rollback_result.baseline_changed IS
'Of these, rows that others have changed since.';
COMMENT ON COLUMN menuca_rollback_result.baseline_missing IS
'Of these, rows that others have deleted since.';
COMMENT ON COLUMN menuca_rollback_result.added_by_others IS
'Rows of the table that are neither the run''s nor from before it.';
COMMENT ON COLUMN menuca_rollback_result.state_restored IS
'True when every row from before the run, and before its parts, is as it was and no row of them is left; NULL for a dry run.';
COMMENT ON COLUMN menuca_rollback_result.elapsed IS
'Time that the call took.';
COMMENT ON COLUMN menuca_rollback_result.reasons IS
'Why a rollback without force would be refused; empty when it would not be.';
COMMENT ON COLUMN menuca_rollback_result.next_step IS
'The call to make next: after a dry run the real one, with the same arguments; when that would be refused, one that shows what is in the way; after a real run what there is still to undo.';

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
