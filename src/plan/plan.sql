--
-- The outcome of each source row
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
'One row per source row with the outcome that a fix would give it: insert, already_present, duplicate, unmapped_group, unmapped_dish, unmapped_both, ambiguous_group, ambiguous_dish, cross_restaurant or invalid. source NULL means the setting menuca.source_table; id_column and order_column may be NULL when the source has no such column. Read only.';

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
'Why source rows cannot be mapped: one row per reason (an outcome of menuca_plan_combos), place where the dishes'' ids occur instead (menu, ingredients or nowhere; NULL when that does not matter or nothing is staged) and restaurant (NULL when there is not exactly one), with the number of rows and of distinct legacy ids, up to five of these ids, and the remedy. menu and ingredients NULL mean the settings menuca.menu_table and menuca.ingredients_table, where these tables exist. Read only.';

CREATE FUNCTION menuca_plan_group_dishes(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'id',
	list_column text DEFAULT 'dish',
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
'As menuca_plan_combos, for the dishes that V1''s groups offer by themselves: one row per dish of each list, a bytea that PHP''s serialize() wrote (source_id is NULL). source NULL means the setting menuca.combo_groups_table. Raises an error that names the group when a list cannot be read.';

CREATE FUNCTION menuca_plan_v2_groups(
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	group_column text DEFAULT 'group_id',
	list_column text DEFAULT 'dishes',
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
'As menuca_plan_group_dishes, for the dishes that V2''s groups offer: its table restaurants_combo_groups_items, whose column dishes is JSON, ["149|0", "143"] or by step {"1": ["973|0"], "2": ["974"]}. Legacy ids are looked up in legacy_v2_id. step_number is NULL for a list without steps; suffix is what follows the dish''s id and a bar. source NULL means the setting menuca.v2_group_items_table. Raises an error that names the group when a list is not JSON.';

--
-- Groups without items
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
'Both orphan rates in percent, with numerator and denominator: of all groups (orphans / groups), and of the groups that the source has a row for (expected_orphans / expected_groups; NULL while no source is staged). source may be V2''s table, the one of the setting menuca.v2_group_items_table. Bands: < 1 EXCELLENT, < 5 PASS, < 20 WARNING, otherwise FAIL. Read only.';

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
'One row per group without items, with the reason: fix_pending, unmapped_dishes, cross_restaurant, ambiguous, invalid, mixed, no_source_row, v2_group, no_legacy_id or no_source_staged, and a sentence that explains it. Groups without a row in V1''s source are explained by V2''s lists where the table of the setting menuca.v2_group_items_table is staged. Read only.';
