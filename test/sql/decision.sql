-- What a source's rows mean, and the decision where they go
-- engines: auto
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
\pset format unaligned
SET client_min_messages = warning;

-- Not known: nothing staged says which dishes are combo products
SELECT * FROM menuca_decide();
-- Every call that it proposes can be made
SELECT replace(next_step, '*', 'count(*)') FROM menuca_decide() WHERE kind = 'choice' AND status = 'PASS' \gexec

-- V1's menu says that the dishes are combo products: a row means the reverse
CREATE TABLE staging.menuca_v1_menu (id bigint, restaurant bigint, name text, iscombo text);
INSERT INTO staging.menuca_v1_menu SELECT 200 + d, d % 3 + 1, 'Dish ' || d, 'Y' FROM generate_series(1, 12) d;
SELECT "position", kind, status, finding, next_step FROM menuca_decide() WHERE kind IN ('meaning', 'decision');
-- They are not
UPDATE staging.menuca_v1_menu SET iscombo = 'N';
SELECT status, finding FROM menuca_decide() WHERE "position" = 1;
UPDATE staging.menuca_v1_menu SET iscombo = 'Y';

-- The columns are swapped; ids lead to other restaurants' dishes
SELECT status, finding, next_step FROM menuca_decide(dish_column => 'group', group_column => 'dish') WHERE "position" = 2;
BEGIN;
UPDATE staging.menuca_v1_combos SET dish = dish + 1 WHERE id < 5;
SELECT status, finding, next_step FROM menuca_decide() WHERE "position" = 2;
ROLLBACK;
-- Nothing can be mapped; nothing is staged
BEGIN;
UPDATE menuca_v3.dishes SET legacy_v1_id = NULL;
SELECT kind, status, finding FROM menuca_decide() WHERE kind IN ('meaning', 'example');
ROLLBACK;
BEGIN;
DROP TABLE staging.menuca_v1_combos;
SELECT * FROM menuca_decide();
ROLLBACK;
-- Names that are blank, and a target without names
BEGIN;
UPDATE menuca_v3.dishes SET name = '';
ALTER TABLE menuca_v3.combo_groups DROP name;
SELECT finding FROM menuca_decide() WHERE kind = 'example';
ROLLBACK;
-- Read only
BEGIN READ ONLY;
SELECT count(*) FROM menuca_decide();
ROLLBACK;

--
-- The decision
--
SELECT * FROM menuca_record_decision('dish_combo_groups', 'name', 'the reason');
SELECT * FROM menuca_record_decision('dish_combo_groups', 'M. Lead', ' ');
SELECT * FROM menuca_record_decision('dishes', 'M. Lead', 'the reason');
SELECT * FROM menuca_record_decision(NULL, 'M. Lead', 'the reason');
SELECT * FROM menuca_record_decision('dish_combo_groups', 'M. Lead', 'rows are of combo products') \gx
SELECT target_schema, target, approver, reason, recorded_by = session_user AS recorded_by FROM menuca_decision;
SELECT finding ~ '^Decided: rows of the source belong in dish_combo_groups, by M. Lead at \S+ \S+ UTC: rows are of combo products\.$' AS finding,
	next_step FROM menuca_decide() WHERE kind = 'decision';
-- Runs into another target say so; the newest decision counts
SET client_min_messages = error;
SELECT regexp_replace(w, ' at \S+ \S+ UTC', '') FROM menuca_fix_combos() f, unnest(f.warnings) w WHERE w ~ 'decided';
SELECT count(*) FROM menuca_create_dish_combo_groups(dry_run => false);
SELECT count(*) FROM menuca_fix_combos(target => 'dish_combo_groups') f, unnest(f.warnings) w WHERE w ~ 'decided';
SELECT decision FROM menuca_record_decision('combo_items', 'M. Lead', 'as the tickets ask');
SELECT count(*) FROM menuca_fix_combos() f, unnest(f.warnings) w WHERE w ~ 'decided';
-- The check of the direction has only to be accepted
SELECT status, regexp_replace(detail, ' at \S+ \S+ UTC', '') AS detail, remedy, next_step FROM menuca_validate() WHERE name = 'direction' \gx
-- Of another schema it says nothing
SET menuca.target_schema = 'elsewhere';
SELECT count(*) FROM menuca_decision WHERE target_schema = 'elsewhere';
RESET menuca.target_schema;
-- Somebody's forgery is no crash
BEGIN;
ALTER TABLE menuca_decision ALTER approver DROP NOT NULL, ALTER reason DROP NOT NULL, ALTER target DROP NOT NULL, ALTER decided_at DROP NOT NULL;
INSERT INTO menuca_decision (target_schema, target, approver, reason, decided_at) VALUES ('menuca_v3', 'dish_combo_groups', NULL, NULL, 'infinity');
SELECT finding FROM menuca_decide() WHERE kind = 'decision';
INSERT INTO menuca_decision (target_schema, target, approver, reason, decided_at) VALUES ('menuca_v3', NULL, NULL, NULL, NULL);
SELECT count(*) FROM menuca_decide();
ROLLBACK;

\i :drop
