-- The steps of V1's items, by the headers of their groups
-- engines: auto
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set grants :abs_srcdir '/sql/include/grants.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
-- Groups 1, 4, 7 have the dishes of restaurant 2 (1, 4, 7, 10), and so on
DELETE FROM menuca_v3.combo_items;
ALTER TABLE menuca_v3.combo_steps ADD suffix varchar(6) NOT NULL DEFAULT 'none', ADD step_label varchar(20), ADD source_system varchar(2), ADD created_at timestamptz NOT NULL DEFAULT now();
CREATE FUNCTION public.rules(header text, item_count int DEFAULT NULL) RETURNS jsonb LANGUAGE sql RETURN
	jsonb_strip_nulls(jsonb_build_object('item_count', item_count, 'display_header', header));
CREATE FUNCTION public.items(g int, VARIADIC orders int[]) RETURNS bigint LANGUAGE plpgsql AS
$$BEGIN
	INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id, display_order, source_system)
	SELECT g, n, o, 'v1' FROM unnest(orders) WITH ORDINALITY u (o, n);
	RETURN cardinality(orders);
END$$;
CREATE FUNCTION public.state() RETURNS text LANGUAGE plpgsql AS
$$BEGIN RETURN (SELECT count(*) || ' steps ' || coalesce(md5(string_agg(s::text, ',' ORDER BY id)), '') FROM menuca_v3.combo_steps s); END$$;
CREATE FUNCTION public.figures(f jsonb) RETURNS text LANGUAGE sql RETURN
	(SELECT string_agg(key || ' ' || value, ', ' ORDER BY key) FROM jsonb_each(f - 'elapsed' - 'outcomes' - 'groups'))
	|| coalesce('; items: ' || (SELECT string_agg(key || ' ' || value, ', ' ORDER BY key) FROM jsonb_each(f -> 'outcomes') WHERE value <> '0'), '')
	|| coalesce('; groups: ' || (SELECT string_agg(key || ' ' || value, ', ' ORDER BY key) FROM jsonb_each(f -> 'groups') WHERE value <> '0'), '');
\set ECHO all
SET menuca.details = on;
\pset format unaligned
\pset null (null)

-- No item, no header
SELECT status, insert, inserted, reasons, warnings, next_step, public.figures(figures) FROM menuca_fix_combo_steps();
SELECT * FROM menuca_plan_combo_steps();

-- Every case of a header
UPDATE menuca_v3.combo_groups SET combo_rules = CASE id
	WHEN 1 THEN public.rules('First Pizza;Second Pizza', 2)		-- as many, in order
	WHEN 2 THEN public.rules(' Choose your pizza ', 1)			-- one for all
	WHEN 3 THEN public.rules('First;Second;Third', 3)			-- more than items
	WHEN 4 THEN public.rules('First;Second', 2)					-- fewer than items
	WHEN 5 THEN public.rules('First;Second', 2)					-- as many, but no order
	WHEN 6 THEN public.rules('First;Second;', 2)				-- V1 ends some by a semicolon
	WHEN 7 THEN public.rules('', 1)								-- blank
	WHEN 8 THEN public.rules('First;;Third', 3)					-- one is blank
	WHEN 9 THEN public.rules('Entr&eacute;e;Dessert', 2)		-- whose semicolon is it?
	WHEN 10 THEN public.rules('Of V2', 1) END;
INSERT INTO menuca_v3.combo_groups (id, restaurant_id, name, legacy_v1_id, source_system, combo_rules) VALUES
	(11, 1, 'no rules', 111, 'v1', NULL),
	(12, 1, 'null', 112, 'v1', 'null'),
	(13, 1, 'no header', 113, 'v1', '{"item_count": 1}'),
	(14, 1, 'header null', 114, 'v1', '{"display_header": null}'),
	(15, 1, 'only semicolons', 115, 'v1', '{"display_header": " ; ;"}'),
	(16, 1, 'a list', 116, 'v1', '[{"display_header": "First"}]'),
	(17, 1, 'a string', 117, 'v1', '"First"'),
	(18, 1, 'header a number', 118, 'v1', '{"display_header": 5, "item_count": 1}'),
	(19, 1, 'header a list', 119, 'v1', '{"display_header": ["First", "Second"], "item_count": 2}'),
	(20, 1, 'too long', 120, 'v1', public.rules('Short;A label of more than 20 characters', 2)),
	(21, 1, 'of the restaurant', NULL, NULL, public.rules('Choose', 1)),
	(22, 1, 'item_count no number', 122, 'v1', '{"display_header": "First;Second", "item_count": "many"}'),
	(23, 1, 'item_count a text', 123, 'v1', '{"display_header": "First;Second", "item_count": "2"}'),
	(24, 1, 'a reference by number', 124, 'v1', public.rules('A&#38;B', 1)),
	(25, 1, 'an ampersand', 125, 'v1', public.rules('Mac & cheese;Fries & dip', 2)),
	(26, 1, 'no-break spaces', 126, 'v1', jsonb_build_object('display_header', U&'\00a0First\00a0;\2003Second\200b', 'item_count', 2)),
	(27, 1, 'a comma', 127, 'v1', public.rules('First Wrap,Second', 2)),
	(28, 1, 'too many', 128, 'v1', public.rules(repeat('x;', 1001), 1001));
SELECT public.items(1, 2, 1), public.items(2, 0, 0, 0), public.items(3, 0), public.items(4, 1, 2, 3), public.items(5, 0, 0), public.items(6, -1, 7),
	public.items(7, 0, 0), public.items(8, 1, 2, 3), public.items(9, 1, 2), public.items(10, 1);
SELECT sum(public.items(g, 1, 2)) FROM generate_series(11, 28) g;
SELECT combo_group_id, combo_item_id, dish_id, step_number, step_label, headers, items, item_count, outcome FROM menuca_plan_combo_steps() ORDER BY 1, 2;
SELECT combo_group_id, combo_item_id, dish_id, step_number, step_label, headers, items, item_count, outcome FROM menuca_plan_combo_steps('choices') ORDER BY 1, 2, 4;

-- A dry run writes nothing, and works in a read-only transaction
SELECT public.state() AS before \gset
BEGIN READ ONLY;
SELECT run_id, status, insert, inserted, reasons, warnings, next_step, public.figures(figures) FROM menuca_fix_combo_steps(batch_size => 4);
SELECT run_id, status, insert, inserted, reasons, warnings, next_step, public.figures(figures) FROM menuca_fix_combo_steps(headers_name => 'choices');
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_xid;
COMMIT;
SELECT public.state() = :'before' AS untouched, (SELECT count(*) FROM menuca_run) AS runs;
-- Its outcomes partition the items, and are those of the plan
SELECT h, (figures ->> 'items')::int = (SELECT count(*) FROM menuca_v3.combo_items) AS all_items,
	(SELECT sum(value::int) FROM jsonb_each(figures -> 'outcomes')) = (figures ->> 'items')::int AS partitioned,
	(SELECT jsonb_object_agg(key, value) FROM jsonb_each(figures -> 'outcomes') WHERE value <> '0') =
		(SELECT jsonb_object_agg(outcome, n) FROM (SELECT outcome, count(DISTINCT combo_item_id) AS n FROM menuca_plan_combo_steps(h) GROUP BY 1) p) AS as_planned
FROM unnest('{items,choices}'::text[]) h, menuca_fix_combo_steps(headers_name => h);

-- Where headers are as many as item_count, but seldom as many as items, a person is told
BEGIN;
DELETE FROM menuca_v3.combo_items WHERE display_order = 2 AND combo_group_id > 1;
SELECT status, insert, warnings, figures -> 'several_headers' AS several FROM menuca_fix_combo_steps();
ROLLBACK;

-- Arguments
SELECT * FROM menuca_fix_combo_steps(headers_name => 'dishes');
SELECT * FROM menuca_plan_combo_steps('');
SELECT * FROM menuca_plan_combo_steps(NULL);
SELECT * FROM menuca_fix_combo_steps(NULL);
SELECT * FROM menuca_fix_combo_steps(headers_name => NULL);
SELECT * FROM menuca_fix_combo_steps(batch_size => 0);
SELECT * FROM menuca_fix_combo_steps(batch_size => NULL);
SELECT (menuca_fix_combo_steps(dry_run => false)).*;
BEGIN READ ONLY;
SELECT * FROM menuca_fix_combo_steps(dry_run => false);
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM menuca_fix_combo_steps(dry_run => false);
ROLLBACK;
SELECT public.state() = :'before' AS untouched, (SELECT count(*) FROM menuca_run) AS runs;

-- The real run, its ledger, and the validation
SELECT run_id AS run, status, insert, inserted, reasons, next_step, public.figures(figures) FROM menuca_fix_combo_steps(dry_run => false, batch_size => 4) \gset f_
SELECT :'f_status', :f_insert, :f_inserted, :'f_reasons', :'f_next_step', :'f_figures';
SELECT i.combo_group_id, i.id, s.step_number, s.step_label, s.suffix, s.source_system, s.created_at IS NOT NULL AS dated
FROM menuca_v3.combo_steps s JOIN menuca_v3.combo_items i ON i.id = s.combo_item_id ORDER BY 1, 2, 3;
SELECT part_of, kind, target_schema, target, source, mode, engine, status, inserted, batches, items_before, items_after, parameters,
	(SELECT string_agg(key || ' ' || value, ', ' ORDER BY key) FROM jsonb_each(outcomes) WHERE value <> '0') AS outcomes
FROM menuca_runs WHERE run_id = :f_run;
SELECT name, status, actual, detail, remedy FROM menuca_validate() WHERE name IN ('steps', 'step_ledger');
-- Again: nothing is missing
SELECT status, insert, inserted, next_step, public.figures(figures) FROM menuca_fix_combo_steps(dry_run => false);
DELETE FROM menuca_run WHERE run_id > :f_run;

-- What is damaged is found, by both checks
CREATE PROCEDURE public.damage(what text) LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
	EXECUTE what;
	FOR r IN SELECT name, status, actual, detail, remedy FROM menuca_validate() WHERE name IN ('steps', 'step_ledger') LOOP
		RAISE NOTICE '%: % | % | % | %', r.name, r.status, r.actual, r.detail, r.remedy;
	END LOOP;
	ROLLBACK;
END$$;
\set VERBOSITY terse
CALL public.damage('UPDATE menuca_v3.combo_steps SET step_label = ''Third Pizza'' WHERE step_label = ''Second Pizza''');
CALL public.damage('UPDATE menuca_v3.combo_steps SET step_label = NULL');
CALL public.damage('UPDATE menuca_v3.combo_steps SET step_number = 7 WHERE step_label = ''Second Pizza''');
CALL public.damage('UPDATE menuca_v3.combo_steps SET step_number = 3 - step_number WHERE step_label ~ ''Pizza$''');
CALL public.damage('DELETE FROM menuca_v3.combo_steps WHERE step_label = ''Second Pizza''');
CALL public.damage('DELETE FROM menuca_v3.combo_steps');
CALL public.damage('INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number, step_label) SELECT combo_item_id, 2, ''Extra'' FROM menuca_v3.combo_steps WHERE step_label = ''Choose your pizza''');
CALL public.damage('UPDATE menuca_v3.combo_groups SET combo_rules = public.rules(''Primo;Secondo'', 2) WHERE id = 1');
CALL public.damage('UPDATE menuca_v3.combo_groups SET combo_rules = ''[]''');
CALL public.damage('INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id, source_system) VALUES (2, 5, ''v1'')');
CALL public.damage('UPDATE menuca_run SET parameters = ''{}''');
CALL public.damage('UPDATE menuca_run SET parameters = ''{"headers_name": "dishes"}''');
CALL public.damage('ALTER TABLE menuca_v3.combo_groups DROP combo_rules');
CALL public.damage('ALTER TABLE menuca_v3.combo_steps DROP step_label');
\set VERBOSITY default

-- Items of a group that get another one later: the single header is theirs, too, but several are not
BEGIN;
SELECT public.items(2, 1, 2, 3, 4), public.items(1, 1, 2, 3, 4);
SELECT outcome, count(*), array_agg(DISTINCT step_number) AS steps FROM menuca_plan_combo_steps() WHERE combo_group_id IN (1, 2) GROUP BY 1 ORDER BY 1;
ROLLBACK;
-- Steps that somebody made otherwise
BEGIN;
UPDATE menuca_v3.combo_steps SET step_number = 5 WHERE combo_item_id = (SELECT min(id) FROM menuca_v3.combo_items WHERE combo_group_id = 1);
DELETE FROM menuca_v3.combo_steps WHERE combo_item_id = (SELECT max(id) FROM menuca_v3.combo_items WHERE combo_group_id = 1);
SELECT combo_item_id, step_number, outcome FROM menuca_plan_combo_steps() WHERE combo_group_id = 1 ORDER BY 1;
ROLLBACK;

-- Rolled back
SELECT status, deleted, reasons FROM menuca_rollback(:f_run);
SELECT status, deleted, state_restored FROM menuca_rollback(:f_run, dry_run => false);
SELECT public.state() = :'before' AS restored, (SELECT status FROM menuca_runs WHERE run_id = :f_run);
SELECT name, status, actual FROM menuca_validate() WHERE name IN ('steps', 'step_ledger');

-- The other reading: each item has all headers of its group
SELECT run_id AS run, status, insert, inserted, next_step, warnings FROM menuca_fix_combo_steps(dry_run => false, headers_name => 'choices') \gset f_
SELECT :'f_status', :f_insert, :f_inserted, :'f_next_step', :'f_warnings';
SELECT i.combo_group_id, i.id, string_agg(s.step_number || ' ' || s.step_label, ', ' ORDER BY s.step_number) AS steps
FROM menuca_v3.combo_steps s JOIN menuca_v3.combo_items i ON i.id = s.combo_item_id GROUP BY 1, 2 ORDER BY 1, 2;
SELECT name, status, actual, detail, remedy FROM menuca_validate() WHERE name IN ('steps', 'step_ledger');
\set VERBOSITY terse
CALL public.damage('DELETE FROM menuca_v3.combo_steps WHERE step_number = 2 AND combo_item_id < 5');
CALL public.damage('UPDATE menuca_v3.combo_steps SET step_label = lower(step_label) WHERE step_number = 2 AND combo_item_id < 5');
\set VERBOSITY default
SELECT deleted, state_restored FROM menuca_rollback(:f_run, dry_run => false);
-- Items of a run whose steps a later run has written: that one first
BEGIN;
DELETE FROM staging.menuca_v1_combos;
INSERT INTO staging.menuca_v1_combos VALUES (100, 205, 102, 9), (101, 208, 102, 9);
SET LOCAL client_min_messages = warning;
SELECT run_id AS items_run, inserted FROM menuca_fix_combos(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100) \gset
RESET client_min_messages;
SELECT :inserted AS inserted;
SELECT run_id AS steps_run, inserted FROM menuca_fix_combo_steps(dry_run => false) \gset
SELECT :inserted AS inserted;
SELECT status, dependants, reasons FROM menuca_rollback(:items_run);
SAVEPOINT refused;
SELECT status FROM menuca_rollback(:items_run, dry_run => false);
ROLLBACK TO refused;
SELECT status, deleted FROM menuca_rollback(:steps_run, dry_run => false);
SELECT status, deleted FROM menuca_rollback(:items_run, dry_run => false);
ROLLBACK;

-- Rules of other types; what is no JSON concerns its own group only
BEGIN;
ALTER TABLE menuca_v3.combo_groups ALTER combo_rules TYPE json USING combo_rules::json;
SELECT outcome, count(*) FROM menuca_plan_combo_steps() GROUP BY 1 ORDER BY 1;
ALTER TABLE menuca_v3.combo_groups ALTER combo_rules TYPE text;
UPDATE menuca_v3.combo_groups SET combo_rules = CASE id WHEN 1 THEN '{"display_header": "First' WHEN 3 THEN repeat('[', 100000) WHEN 4 THEN '' WHEN 5 THEN '{"display_header": "\u0000"}' END
WHERE id IN (1, 3, 4, 5);
SELECT outcome, count(*), array_agg(DISTINCT combo_group_id) FILTER (WHERE combo_group_id < 6) AS some FROM menuca_plan_combo_steps() GROUP BY 1 ORDER BY 1;
SELECT status, insert, inserted FROM menuca_fix_combo_steps(dry_run => false);
SELECT name, status, actual FROM menuca_validate() WHERE name IN ('steps', 'step_ledger');
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.combo_groups ALTER combo_rules TYPE bytea USING convert_to(combo_rules::text, 'UTF8');
SELECT outcome, count(*) FROM menuca_plan_combo_steps() GROUP BY 1 ORDER BY 1;
ROLLBACK;
BEGIN;
CREATE DOMAIN public.rule_set AS jsonb CHECK (VALUE IS NOT NULL OR true);
ALTER TABLE menuca_v3.combo_groups ALTER combo_rules TYPE public.rule_set;
SELECT outcome, count(*) FROM menuca_plan_combo_steps() GROUP BY 1 ORDER BY 1;
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.combo_groups DROP combo_rules;
SELECT * FROM menuca_fix_combo_steps();
ROLLBACK;

-- The table of steps as it may be
BEGIN;
ALTER TABLE menuca_v3.combo_steps DROP step_label;
SELECT status, inserted, warnings FROM menuca_fix_combo_steps(dry_run => false);
SELECT DISTINCT step_number, suffix FROM menuca_v3.combo_steps ORDER BY 1;
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.combo_steps ALTER step_label TYPE jsonb USING to_jsonb(step_label);
SELECT status, insert, warnings FROM menuca_fix_combo_steps();
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.combo_steps ALTER step_label SET NOT NULL, ALTER step_label TYPE char(12), ALTER step_number TYPE smallint;
SELECT status, inserted, figures -> 'outcomes' -> 'label_too_long' AS too_long FROM menuca_fix_combo_steps(dry_run => false);
SELECT name, status, actual FROM menuca_validate() WHERE name IN ('steps', 'step_ledger');
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.combo_steps ADD must_be text NOT NULL;
SELECT status, insert FROM menuca_fix_combo_steps();
\set VERBOSITY terse
SELECT menuca_fix_combo_steps(dry_run => false);
\set VERBOSITY default
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.combo_items DROP display_order;
SELECT outcome, count(*) FROM menuca_plan_combo_steps() GROUP BY 1 ORDER BY 1;
ROLLBACK;
BEGIN;
ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_combo_group_id_fkey, ALTER combo_group_id DROP NOT NULL, ALTER dish_id DROP NOT NULL, ALTER display_order DROP NOT NULL;
UPDATE menuca_v3.combo_items SET combo_group_id = NULL WHERE combo_group_id = 20;
UPDATE menuca_v3.combo_items SET combo_group_id = 999 WHERE combo_group_id = 16;
UPDATE menuca_v3.combo_items SET dish_id = NULL WHERE combo_group_id = 17;
UPDATE menuca_v3.combo_items SET dish_id = 1 WHERE combo_group_id = 2 AND dish_id < 3;
UPDATE menuca_v3.combo_items SET display_order = NULL WHERE combo_group_id = 1 AND dish_id = 1;
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id, display_order) VALUES (25, 1, 9);
SELECT combo_group_id, dish_id, items, step_number, outcome FROM menuca_plan_combo_steps() WHERE combo_group_id IN (1, 2, 16, 17, 20, 25, 999) OR combo_group_id IS NULL ORDER BY 1, 2, combo_item_id;
SELECT status, inserted FROM menuca_fix_combo_steps(dry_run => false);
ROLLBACK;
BEGIN;
DROP TABLE menuca_v3.combo_steps;
SELECT * FROM menuca_fix_combo_steps();
ROLLBACK;

-- Triggers that lose, add or move steps: all is undone
CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	CASE current_setting('meddle.how')
		WHEN 'move' THEN NEW.step_number = NEW.step_number + 1;
		WHEN 'lose' THEN RETURN NULL;
		WHEN 'delete' THEN DELETE FROM menuca_v3.combo_items WHERE id = NEW.combo_item_id + 1;
		WHEN 'label' THEN NEW.step_label = upper(NEW.step_label);
		ELSE NULL;
	END CASE;
	RETURN NEW;
END$$;
CREATE TRIGGER meddle BEFORE INSERT ON menuca_v3.combo_steps FOR EACH ROW EXECUTE FUNCTION public.meddle();
SET meddle.how = 'move';
SELECT menuca_fix_combo_steps(dry_run => false);
SET meddle.how = 'lose';
SELECT menuca_fix_combo_steps(dry_run => false);
SET meddle.how = 'delete';
SELECT menuca_fix_combo_steps(dry_run => false);
SELECT public.state() = :'before' AS untouched;
BEGIN;
SET LOCAL meddle.how = 'label';
SELECT status, inserted FROM menuca_fix_combo_steps(dry_run => false);
SELECT name, status, actual FROM menuca_validate() WHERE name IN ('steps', 'step_ledger');
ROLLBACK;
DROP TRIGGER meddle ON menuca_v3.combo_steps;

-- Rights: those that plain SQL would need
CREATE ROLE regress_menuca_steps;
SELECT has_function_privilege('public', 'menuca_fix_combo_steps(boolean, text, integer)', 'EXECUTE') AS everybody;
\set ECHO none
\set role regress_menuca_steps
\i :grants
\set ECHO all
GRANT USAGE ON SCHEMA menuca_v3 TO regress_menuca_steps;
GRANT SELECT ON ALL TABLES IN SCHEMA menuca_v3 TO regress_menuca_steps;
SET ROLE regress_menuca_steps;
SELECT count(*) FROM menuca_plan_combo_steps();
SELECT status FROM menuca_fix_combo_steps();
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_fix_combo_steps TO regress_menuca_steps;
SET ROLE regress_menuca_steps;
SELECT status, insert FROM menuca_fix_combo_steps();
SELECT status FROM menuca_fix_combo_steps(dry_run => false);
RESET ROLE;
REVOKE SELECT ON menuca_v3.combo_groups FROM regress_menuca_steps;
GRANT SELECT (id, restaurant_id, legacy_v1_id, source_system) ON menuca_v3.combo_groups TO regress_menuca_steps;
SET ROLE regress_menuca_steps;
SELECT status FROM menuca_fix_combo_steps();
RESET ROLE;
ALTER TABLE menuca_v3.combo_steps ENABLE ROW LEVEL SECURITY;
SET ROLE regress_menuca_steps;
SELECT status FROM menuca_fix_combo_steps();
RESET ROLE;
ALTER TABLE menuca_v3.combo_steps DISABLE ROW LEVEL SECURITY;

-- On a registered production a backup is asked for
SELECT menuca_environment('production', current_database(), system_identifier) IS NOT NULL AS registered FROM pg_control_system();
SELECT menuca_fix_combo_steps(dry_run => false);
SELECT status, insert FROM menuca_fix_combo_steps();
SELECT public.state() = :'before' AS untouched;
\set ECHO none
DROP FUNCTION public.state(), public.figures(jsonb), public.rules(text, int), public.items(int, int[]), public.meddle() CASCADE;
DROP PROCEDURE public.damage(text);
\i :drop
DROP OWNED BY regress_menuca_steps;
DROP ROLE regress_menuca_steps;
