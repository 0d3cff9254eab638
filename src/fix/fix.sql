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
	dish_column text DEFAULT 'dish',
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
	dish_column text DEFAULT 'dishes',
	max_cross_restaurant_pct numeric DEFAULT 5,
	strict boolean DEFAULT false,
	lock text DEFAULT 'share_row_exclusive')
RETURNS menuca_fix_result
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_fix_v2_groups(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) IS
'As menuca_fix_combos, with the dishes that V2''s groups offer, see menuca_plan_v2_groups: the same gates, ledger and rollback. New items bear source_system v2. The steps of items that have none yet go into combo_steps, where that table exists, in the same transaction: a run of their own, part of the fix''s, which its rollback takes along. Sizes that find no place are told in warnings.';

REVOKE ALL ON FUNCTION menuca_fix_v2_groups(boolean, regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, numeric, boolean, text) FROM PUBLIC;

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

REVOKE ALL ON PROCEDURE menuca_fix_combos_batched(regclass, numeric, numeric, text, integer, text, numeric, numeric, text, text, text, text, numeric, boolean, bigint, text, bigint, bigint, bigint, numeric, numeric, text) FROM PUBLIC;

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

REVOKE ALL ON PROCEDURE menuca_resume(bigint, text, bigint, bigint, bigint, numeric, numeric, text) FROM PUBLIC;

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

REVOKE ALL ON FUNCTION menuca_rollback(bigint, boolean, boolean) FROM PUBLIC;
