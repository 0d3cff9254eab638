--
-- What the source's rows mean, and which table they belong in
--

CREATE TABLE menuca_decision (
	decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	target_schema text NOT NULL,
	target text NOT NULL,
	approver text NOT NULL,
	reason text NOT NULL,
	recorded_by text NOT NULL DEFAULT session_user,
	decided_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_decision IS
'Which table the source''s rows belong in, as people decided it; the newest decision of a target schema counts.';
COMMENT ON COLUMN menuca_decision.decision_id IS
'Number of the decision.';
COMMENT ON COLUMN menuca_decision.target_schema IS
'Schema of the target.';
COMMENT ON COLUMN menuca_decision.target IS
'Name of the junction: combo_items or dish_combo_groups.';
COMMENT ON COLUMN menuca_decision.approver IS
'Who decided, in the words of who recorded it.';
COMMENT ON COLUMN menuca_decision.reason IS
'Why, in the words of who recorded it.';
COMMENT ON COLUMN menuca_decision.recorded_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_decision.decided_at IS
'When it was recorded.';

SELECT pg_catalog.pg_extension_config_dump('menuca_decision', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_decision_decision_id_seq', '');

CREATE FUNCTION menuca_decide(
	source regclass DEFAULT NULL,
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	OUT "position" integer,
	OUT kind text,
	OUT status text,
	OUT finding text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_decide(regclass, text, text, text, text) IS
'The first call after loading: what the source''s rows mean in this database, and where they can go. Rows of kind meaning are three sentences with figures, example shows pairs by name, decision what was decided, and choice the possibilities; next_step is the call for each. status is PASS, WARN, FAIL or SKIP. source NULL means the setting menuca.source_table. Read only.';

CREATE FUNCTION menuca_record_decision(
	target text,
	approver text,
	reason text,
	OUT decision text,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_record_decision(text, text, text) IS
'Records which table (combo_items or dish_combo_groups) the source''s rows belong in, who decided that, and why; returns it with the next call. Runs into another table warn of it.';

REVOKE ALL ON FUNCTION menuca_record_decision(text, text, text) FROM PUBLIC;

--
-- Figures that cannot be repaired, accepted up to a bound
--

CREATE TABLE menuca_acceptance (
	acceptance_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	target_schema text NOT NULL,
	target text NOT NULL,
	source text NOT NULL,
	source_rows bigint NOT NULL,
	source_checksum text NOT NULL,
	figure text NOT NULL,
	bound numeric,
	reason text NOT NULL,
	approver text NOT NULL,
	accepted_by text NOT NULL DEFAULT session_user,
	accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	expires_at timestamptz,
	imported_from text,
	withdrawn_at timestamptz,
	withdrawn_by text,
	withdrawn_because text
);

COMMENT ON TABLE menuca_acceptance IS
'Figures that a person has accepted by menuca_accept() up to a bound: the gates and checks that judge the figure follow its newest acceptance.';
COMMENT ON COLUMN menuca_acceptance.acceptance_id IS
'Number of the acceptance.';
COMMENT ON COLUMN menuca_acceptance.target_schema IS
'Schema of the target.';
COMMENT ON COLUMN menuca_acceptance.target IS
'Name of the junction, such as combo_items.';
COMMENT ON COLUMN menuca_acceptance.source IS
'Table of the source that it was given for, qualified.';
COMMENT ON COLUMN menuca_acceptance.source_rows IS
'Rows of the source then; with others the acceptance is void.';
COMMENT ON COLUMN menuca_acceptance.source_checksum IS
'Checksum of these rows; with another one the acceptance is void.';
COMMENT ON COLUMN menuca_acceptance.figure IS
'What is accepted: dish_coverage, group_coverage, restaurants, orphan_rate, expected_orphan_rate, empty_combos, equal_names, distribution, item_count or direction.';
COMMENT ON COLUMN menuca_acceptance.bound IS
'The least value that is accepted for coverage and restaurants, the greatest one for the others, in percent or points; NULL for item_count and direction.';
COMMENT ON COLUMN menuca_acceptance.reason IS
'Why, in the words of who accepted it.';
COMMENT ON COLUMN menuca_acceptance.approver IS
'Name of the person who accepts it.';
COMMENT ON COLUMN menuca_acceptance.accepted_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_acceptance.accepted_at IS
'When it was recorded.';
COMMENT ON COLUMN menuca_acceptance.expires_at IS
'When it ends; NULL for never.';
COMMENT ON COLUMN menuca_acceptance.imported_from IS
'The database that it was accepted in, when it came with a verdict; NULL when it was accepted here.';
COMMENT ON COLUMN menuca_acceptance.withdrawn_at IS
'When it was withdrawn; NULL while it holds.';
COMMENT ON COLUMN menuca_acceptance.withdrawn_by IS
'Session user who withdrew it; NULL while it holds.';
COMMENT ON COLUMN menuca_acceptance.withdrawn_because IS
'Why it was withdrawn; NULL while it holds.';

SELECT pg_catalog.pg_extension_config_dump('menuca_acceptance', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_acceptance_acceptance_id_seq', '');

CREATE VIEW menuca_acceptance_in_effect WITH (security_invoker = true) AS
SELECT n.*
FROM (SELECT DISTINCT ON (a.target_schema, a.target, a.source, a.figure) a.*
	  FROM @extschema@.menuca_acceptance a
	  ORDER BY a.target_schema, a.target, a.source, a.figure, a.acceptance_id DESC) n
WHERE n.withdrawn_at IS NULL AND COALESCE(n.expires_at > pg_catalog.clock_timestamp(), true)
AND NOT EXISTS (SELECT FROM @extschema@.menuca_run r
	WHERE r.target_schema = n.target_schema AND r.target = n.target AND r.source = n.source
	AND r.started_at > n.accepted_at AND r.figures_before ->> 'source_checksum' <> n.source_checksum);

COMMENT ON VIEW menuca_acceptance_in_effect IS
'The newest acceptance of each figure, target and source that has neither expired nor been withdrawn, and that no later run has found with other rows of the source; it holds while the source has the same rows.';
COMMENT ON COLUMN menuca_acceptance_in_effect.acceptance_id IS
'Number of the acceptance.';
COMMENT ON COLUMN menuca_acceptance_in_effect.target_schema IS
'Schema of the target.';
COMMENT ON COLUMN menuca_acceptance_in_effect.target IS
'Name of the junction, such as combo_items.';
COMMENT ON COLUMN menuca_acceptance_in_effect.source IS
'Table of the source that it was given for, qualified.';
COMMENT ON COLUMN menuca_acceptance_in_effect.source_rows IS
'Rows of the source then; with others the acceptance is void.';
COMMENT ON COLUMN menuca_acceptance_in_effect.source_checksum IS
'Checksum of these rows; with another one the acceptance is void.';
COMMENT ON COLUMN menuca_acceptance_in_effect.figure IS
'What is accepted: dish_coverage, group_coverage, restaurants, orphan_rate, expected_orphan_rate, empty_combos, equal_names, distribution, item_count or direction.';
COMMENT ON COLUMN menuca_acceptance_in_effect.bound IS
'The least value that is accepted for coverage and restaurants, the greatest one for the others, in percent or points; NULL for item_count and direction.';
COMMENT ON COLUMN menuca_acceptance_in_effect.reason IS
'Why, in the words of who accepted it.';
COMMENT ON COLUMN menuca_acceptance_in_effect.approver IS
'Name of the person who accepts it.';
COMMENT ON COLUMN menuca_acceptance_in_effect.accepted_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_acceptance_in_effect.accepted_at IS
'When it was recorded.';
COMMENT ON COLUMN menuca_acceptance_in_effect.expires_at IS
'When it ends; NULL for never.';
COMMENT ON COLUMN menuca_acceptance_in_effect.imported_from IS
'The database that it was accepted in, when it came with a verdict; NULL when it was accepted here.';
COMMENT ON COLUMN menuca_acceptance_in_effect.withdrawn_at IS
'When it was withdrawn; NULL while it holds.';
COMMENT ON COLUMN menuca_acceptance_in_effect.withdrawn_by IS
'Session user who withdrew it; NULL while it holds.';
COMMENT ON COLUMN menuca_acceptance_in_effect.withdrawn_because IS
'Why it was withdrawn; NULL while it holds.';

CREATE VIEW menuca_acceptance_in_words WITH (security_invoker = true) AS
SELECT a.acceptance_id,
	a.target_schema,
	a.target,
	pg_catalog.format('%s%s, by %s: %s%s%s', a.figure,
		CASE WHEN a.bound IS NULL THEN ''
			WHEN a.figure IN ('dish_coverage', 'group_coverage', 'restaurants') THEN ' down to ' || a.bound || ' %'
			WHEN a.figure = 'distribution' THEN ' up to ' || a.bound || ' points'
			ELSE ' up to ' || a.bound || ' %'
		END,
		a.approver, a.reason,
		', until ' || pg_catalog.to_char(a.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
		' (on ' || a.imported_from || ')') AS accepted
FROM @extschema@.menuca_acceptance_in_effect a;

COMMENT ON VIEW menuca_acceptance_in_words IS
'The acceptances in effect as sentences, for the log and for sign-offs.';
COMMENT ON COLUMN menuca_acceptance_in_words.acceptance_id IS
'Number of the acceptance.';
COMMENT ON COLUMN menuca_acceptance_in_words.target_schema IS
'Schema of the target.';
COMMENT ON COLUMN menuca_acceptance_in_words.target IS
'Name of the junction, such as combo_items.';
COMMENT ON COLUMN menuca_acceptance_in_words.accepted IS
'Figure, bound, approver, reason, and where it was accepted if not here.';

CREATE FUNCTION menuca_accept(
	figure text,
	bound numeric,
	reason text,
	approver text,
	expires timestamptz DEFAULT NULL,
	source regclass DEFAULT NULL,
	target text DEFAULT 'combo_items',
	id_column text DEFAULT 'id',
	dish_column text DEFAULT 'dish',
	group_column text DEFAULT 'group',
	order_column text DEFAULT 'order',
	OUT accepted text,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_accept(text, numeric, text, text, timestamptz, regclass, text, text, text, text, text) IS
'Accepts a figure that cannot be repaired up to a bound, for the source''s present content: dish_coverage, group_coverage and restaurants at least, orphan_rate, expected_orphan_rate, empty_combos and equal_names (of what customers see) at most that many percent, distribution at most that many points, item_count and direction without a bound (NULL). The gates and checks that judge the figure warn within the bound and fail beyond it. Returns what was accepted, and the next call.';

REVOKE ALL ON FUNCTION menuca_accept(text, numeric, text, text, timestamptz, regclass, text, text, text, text, text) FROM PUBLIC;

CREATE FUNCTION menuca_withdraw_acceptance(
	figure text,
	reason text,
	target text DEFAULT 'combo_items')
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_withdraw_acceptance(text, text, text) IS
'Withdraws the acceptances of a figure, for every source: its own limits judge it again. Returns how many were withdrawn.';

REVOKE ALL ON FUNCTION menuca_withdraw_acceptance(text, text, text) FROM PUBLIC;

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
	OUT outcome text,
	OUT next_step text)
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
	OUT remedy text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_explain_unmapped(regclass, text, regclass, regclass, text, text, text, text) IS
'Why source rows cannot be mapped: one row per reason (an outcome of menuca_plan_combos), place where the dishes'' ids occur instead (menu, ingredients or nowhere; NULL when that does not matter or nothing is staged) and restaurant (NULL when there is not exactly one), with the number of rows and of distinct legacy ids, up to five of these ids, the remedy, and in next_step its statement, if it has one. menu and ingredients NULL mean the settings menuca.menu_table and menuca.ingredients_table, where these tables exist. Read only.';

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
	OUT outcome text,
	OUT next_step text)
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
	OUT next_step text,
	OUT step_number integer,
	OUT suffix text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_plan_v2_groups(regclass, text, text, text) IS
'As menuca_plan_group_dishes, for the dishes that V2''s groups offer: its table restaurants_combo_groups_items, whose column dishes is JSON, ["149|0", "143"] or by step {"1": ["973|0"], "2": ["974"]}. Legacy ids are looked up in legacy_v2_id. step_number is NULL for a list without steps; suffix is what follows the dish''s id and a bar. source NULL means the setting menuca.v2_group_items_table. Raises an error that names the group when a list is not JSON.';

CREATE FUNCTION menuca_plan_combo_steps(
	headers_name text DEFAULT 'items',
	OUT combo_item_id bigint,
	OUT combo_group_id bigint,
	OUT dish_id bigint,
	OUT step_number integer,
	OUT step_label text,
	OUT headers integer,
	OUT items integer,
	OUT item_count integer,
	OUT outcome text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_plan_combo_steps(text) IS
'One row per combo item with the step that its group''s headers (combo_rules.display_header, separated by semicolons) give it, and the outcome: fits, already_present, no_header, more_headers, fewer_headers, count_differs, unordered, unclear_header, label_too_long, other_steps, malformed_rules, v2_group, duplicate or invalid. headers_name says what several headers name: items (the first header is that of the first item by display_order) or choices (each item has them all as its steps, with one row per step). headers, items and item_count count the group''s headers and items, and what its rules state. Read only.';

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

CREATE FUNCTION menuca_orphan_restaurants(
	target text DEFAULT 'combo_items',
	OUT restaurant_id bigint,
	OUT restaurant_name text,
	OUT groups bigint,
	OUT orphans bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_orphan_restaurants(text) IS
'One row per restaurant that has groups without items: how many groups it has, and how many of them are without items, those with the most first. Reads no source. Read only.';
