--
-- What the validation finds when rows say something else, when tables beside the
-- items lose theirs, when the ledger or the constraints are tampered with, and of a
-- week of ordinary business; which engine has written the items makes no difference
--
\ir include/tools.psql

SELECT plan(92);

\set options '--scale 0.2'
\ir include/fixture.psql
\lo_import :work/v1_combos.sql
SELECT rows_loaded AS loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos') \gset
\lo_unlink :LASTOID

--
-- As people do it: pre-flight, fix, backup; with groups of V1 that have no items,
-- and with what dishes and groups are made of
--
INSERT INTO menuca_v3.combo_groups (restaurant_id, name, legacy_v1_id, source_system)
SELECT restaurant_id, 'Empty ' || n, 9000000 + n, 'v1'
FROM (SELECT restaurant_id, row_number() OVER (ORDER BY id) AS n FROM menuca_v3.combo_groups WHERE source_system = 'v1') g WHERE n <= 20;
UPDATE menuca_v3.dishes SET description = 'Served with ' || name;
INSERT INTO menuca_v3.ingredients (restaurant_id, name, base_price) SELECT restaurant_id, 'Topping ' || id, 1 FROM menuca_v3.dishes ORDER BY id LIMIT 300;
INSERT INTO menuca_v3.ingredient_groups (restaurant_id, name) SELECT id, 'Toppings' FROM menuca_v3.restaurants ORDER BY id LIMIT 50;
INSERT INTO menuca_v3.ingredient_group_items (ingredient_group_id, ingredient_id) SELECT g.id, i.id FROM menuca_v3.ingredients i JOIN menuca_v3.ingredient_groups g USING (restaurant_id);
INSERT INTO menuca_v3.combo_group_modifier_pricing (combo_group_id, ingredient_group_id, pricing_rules) SELECT c.id, g.id, '{"each": 1.5}' FROM menuca_v3.combo_groups c JOIN menuca_v3.ingredient_groups g USING (restaurant_id);
INSERT INTO menuca_v3.dish_modifiers (restaurant_id, dish_id, ingredient_id, price_by_size) SELECT d.restaurant_id, d.id, min(i.id), '{"S": 1, "L": 2}' FROM menuca_v3.dishes d JOIN menuca_v3.ingredients i USING (restaurant_id) GROUP BY 1, 2;
SELECT environment FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system())) \gset
SELECT is((SELECT status FROM menuca_ticket(0, dry_run => false) WHERE name = 'summary'), 'PASS', 'the pre-flight');
SELECT is((SELECT count(*) FROM menuca_validate() WHERE name IN ('row_contents', 'safeguards') AND status = 'PASS'), 2::bigint, 'its record is compared with');
SELECT is(inserted::text, pg_temp.figure('insert'), 'the fix') FROM menuca_fix_combos(dry_run := false);
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number)
SELECT id, row_number() OVER (PARTITION BY combo_group_id ORDER BY id) FROM menuca_v3.combo_items WHERE combo_group_id IN (SELECT id FROM menuca_v3.combo_groups ORDER BY id LIMIT 30);
SELECT is((SELECT string_agg(name, ', ') FROM menuca_validate() WHERE name IN ('row_contents', 'safeguards') AND status <> 'PASS'), NULL, 'a fix changes neither rows nor constraints');
SELECT menuca_register_backup('after', 'after-1', 'pg_dump', 1000000, 'sha256:0', now(), now(), true) AS backup \gset
SELECT is((SELECT string_agg(name, ', ') FROM menuca_validate() WHERE status IN ('FAIL', 'ERROR')), NULL, 'all is well afterwards');
\ir include/verdict.psql

--
-- Damage: the verdict begins with this
--
CREATE TEMP TABLE damage (verdict text, what text, statement text);
COPY damage FROM stdin WITH (DELIMITER '~');
FAIL: row_contents~a group without items moved to another restaurant~UPDATE combo_groups SET restaurant_id = (SELECT min(id) FROM restaurants r WHERE r.id <> combo_groups.restaurant_id) WHERE name = 'Empty 4'
FAIL: row_contents~three dishes that no item uses moved~UPDATE dishes d SET restaurant_id = (SELECT min(id) FROM restaurants r WHERE r.id <> d.restaurant_id) WHERE id IN (SELECT id FROM dishes d WHERE NOT EXISTS (SELECT FROM combo_items i WHERE i.dish_id = d.id) AND (SELECT count(*) FROM dishes o WHERE o.restaurant_id = d.restaurant_id) > 4 ORDER BY id LIMIT 3)
FAIL: .*row_contents~a restaurant merged into another one~UPDATE dishes SET restaurant_id = (SELECT max(id) FROM restaurants) WHERE restaurant_id = {restaurant}; UPDATE combo_groups SET restaurant_id = (SELECT max(id) FROM restaurants) WHERE restaurant_id = {restaurant}
FAIL: row_contents~the legacy ids of three groups without items cleared~UPDATE combo_groups SET legacy_v1_id = NULL WHERE name IN ('Empty 5', 'Empty 6', 'Empty 7')
FAIL: row_contents~the legacy id of one dish without items cleared, and another one deleted~DELETE FROM dishes WHERE id = (SELECT min(id) FROM dishes d WHERE NOT EXISTS (SELECT FROM combo_items i WHERE i.dish_id = d.id) AND (SELECT count(*) FROM dishes o WHERE o.restaurant_id = d.restaurant_id) > 4); UPDATE dishes SET legacy_v1_id = NULL WHERE id IN (SELECT id FROM dishes d WHERE legacy_v1_id IS NOT NULL AND NOT EXISTS (SELECT FROM combo_items i WHERE i.dish_id = d.id) ORDER BY id DESC LIMIT 3)
FAIL: row_contents~five groups said to be V2's~UPDATE combo_groups SET source_system = 'v2' WHERE id IN (SELECT id FROM combo_groups WHERE source_system = 'v1' ORDER BY id LIMIT 5)
FAIL: row_contents~no dish said to be of any system~UPDATE dishes SET source_system = NULL WHERE source_system IS NOT NULL
FAIL: row_contents~restaurants' legacy ids shifted by one~UPDATE restaurants SET legacy_v1_id = legacy_v1_id + 1 WHERE legacy_v1_id IS NOT NULL
FAIL: row_contents~dishes with new uuids~UPDATE dishes SET uuid = gen_random_uuid()
FAIL: row_contents~groups created earlier by a time zone~UPDATE combo_groups SET created_at = created_at - interval '5 hours'
FAIL: row_contents~a group deleted, another one inserted with its id~CREATE TEMP TABLE g AS SELECT * FROM combo_groups WHERE name = 'Empty 3'; DELETE FROM combo_groups WHERE name = 'Empty 3'; INSERT INTO combo_groups (id, restaurant_id, name, source_system) SELECT id, restaurant_id, 'Other', source_system FROM g
FAIL: row_contents~all names of dishes shifted by one row~UPDATE dishes d SET name = x.n FROM (SELECT id, lead(name, 1, name) OVER (ORDER BY id) AS n FROM dishes) x WHERE x.id = d.id
FAIL: row_contents~the names within one restaurant exchanged~UPDATE dishes d SET name = x.n FROM (SELECT id, coalesce(lead(name) OVER (ORDER BY id), first_value(name) OVER (ORDER BY id)) AS n FROM dishes WHERE restaurant_id = (SELECT restaurant_id FROM dishes GROUP BY 1 HAVING count(DISTINCT name) > 10 ORDER BY count(*) DESC, 1 LIMIT 1)) x WHERE x.id = d.id
WARN: row_contents~the names of two dishes exchanged~UPDATE dishes d SET name = CASE d.id WHEN a.i1 THEN a.n2 ELSE a.n1 END FROM (SELECT min(id) AS i1, max(id) AS i2, (array_agg(name ORDER BY id))[1] AS n1, (array_agg(name ORDER BY id DESC))[1] AS n2 FROM dishes) a WHERE d.id IN (a.i1, a.i2)
FAIL: row_contents~UTF-8 read as latin1~UPDATE dishes SET name = convert_from(convert_to(name || ' é', 'UTF8'), 'LATIN1')
FAIL: row_contents~HTML entities~UPDATE combo_groups SET name = replace(name, ' ', '&nbsp;')
FAIL: row_contents~names cut to five letters~UPDATE combo_groups SET name = left(name, 5)
FAIL: row_contents~every dish of one name~UPDATE dishes SET name = 'Dish'
FAIL: blank_names~a name of a space without width~UPDATE dishes SET name = U&'\\200B' WHERE id = (SELECT dish_id FROM combo_items WHERE id = {item})
FAIL: blank_names~a name of an East Asian space~UPDATE combo_groups SET name = U&'\\3000\\FEFF' WHERE id = {group}
FAIL: row_contents~prices in cents~UPDATE dishes SET base_price = base_price * 100
FAIL: row_contents~all of one price~UPDATE dishes SET base_price = 9.99
FAIL: row_values, row_contents~prices that are not a number~UPDATE dishes SET base_price = 'NaN'
FAIL: row_values, row_contents~prices by size, all of them 0~UPDATE dishes SET base_price = NULL, prices = '{"S": 0, "L": "0.00"}'
WARN: row_contents~one price negative~UPDATE dishes SET base_price = -1 WHERE id = (SELECT min(id) FROM dishes WHERE base_price > 0)
FAIL: row_contents~combos' prices a hundredfold~UPDATE combo_groups SET combo_price = coalesce(combo_price, 10) * 100
FAIL: row_contents~no heading in any rule~UPDATE combo_groups SET combo_rules = combo_rules - 'display_header' || '{"lost": true}' WHERE combo_rules IS NOT NULL
FAIL: row_contents~descriptions lost~UPDATE dishes SET description = NULL
FAIL: row_contents~dishes of no course~UPDATE dishes SET course_id = NULL, display_order = display_order + 1
FAIL: row_contents~groups' positions lost~UPDATE combo_groups SET display_order = display_order - 5
FAIL: row_counts~the modifiers of dishes deleted~DELETE FROM dish_modifiers
FAIL: row_counts~the prices of modifiers deleted~DELETE FROM combo_group_modifier_pricing
FAIL: row_counts~2 % of what ingredient groups consist of deleted~DELETE FROM ingredient_group_items WHERE id % 50 = 0
FAIL: row_counts~a table of modifiers dropped~DROP TABLE dish_modifiers
FAIL: row_contents~modifiers of other dishes~UPDATE dish_modifiers m SET dish_id = x.n FROM (SELECT id, lead(dish_id, 1, dish_id) OVER (ORDER BY id) AS n FROM dish_modifiers) x WHERE x.id = m.id
FAIL: row_contents~modifiers without prices~UPDATE dish_modifiers SET price_by_size = NULL
FAIL: row_contents~ingredients a hundredfold~UPDATE ingredients SET base_price = base_price * 100
FAIL: safeguards~a foreign key dropped~ALTER TABLE combo_items DROP CONSTRAINT combo_items_dish_id_fkey
FAIL: safeguards~a foreign key that is not validated~ALTER TABLE combo_items DROP CONSTRAINT combo_items_dish_id_fkey, ADD CONSTRAINT combo_items_dish_id_fkey FOREIGN KEY (dish_id) REFERENCES dishes ON DELETE CASCADE NOT VALID
FAIL: safeguards~triggers of the referenced table disabled~ALTER TABLE dishes DISABLE TRIGGER ALL
FAIL: safeguards~a check dropped~ALTER TABLE combo_items DROP CONSTRAINT combo_items_source_system_check
FAIL: safeguards~a foreign key that cascades no more~ALTER TABLE combo_items DROP CONSTRAINT combo_items_dish_id_fkey, ADD CONSTRAINT combo_items_dish_id_fkey FOREIGN KEY (dish_id) REFERENCES dishes
FAIL: safeguards~a name that may be NULL~ALTER TABLE dishes ALTER name DROP NOT NULL
FAIL: safeguards~a sequence set back~ALTER SEQUENCE combo_items_id_seq RESTART
FAIL: ledger~a run said to be rolled back~UPDATE public.menuca_run SET status = 'rolled_back'
WARN: ledger~a run said to be unfinished~UPDATE public.menuca_run SET status = 'running'
FAIL: unexplained_items~items made up as V2's~INSERT INTO combo_items (combo_group_id, dish_id, source_system) SELECT g.id, d.id, 'v2' FROM combo_groups g JOIN dishes d USING (restaurant_id) WHERE g.source_system = 'v2' AND NOT EXISTS (SELECT FROM combo_items x WHERE x.combo_group_id = g.id AND x.dish_id = d.id) LIMIT 20
WARN: repeated_rows~dishes twice, in capitals and between spaces~INSERT INTO dishes (restaurant_id, name, is_active) SELECT restaurant_id, ' ' || upper(name) || E'\\t', true FROM dishes ORDER BY id LIMIT 20
FAIL: ledger~an item deleted, inserted again with its id and another quantity~CREATE TEMP TABLE k AS SELECT * FROM combo_items WHERE id = {item}; DELETE FROM combo_items WHERE id = {item}; UPDATE k SET quantity = 7; INSERT INTO combo_items SELECT * FROM k
FAIL: .*ledger~items that have moved to a group of the same name~UPDATE combo_items SET combo_group_id = (SELECT min(id) FROM combo_groups g WHERE g.restaurant_id = {restaurant} AND g.id <> {group}) WHERE combo_group_id = {group}
FAIL: .*ledger~a group deleted, and there again with its items~CREATE TEMP TABLE g AS SELECT * FROM combo_groups WHERE id = {group}; CREATE TEMP TABLE k AS SELECT * FROM combo_items WHERE combo_group_id = {group}; DELETE FROM combo_groups WHERE id = {group}; INSERT INTO combo_groups (restaurant_id, name, combo_rules, legacy_v1_id, source_system) SELECT restaurant_id, name, combo_rules, legacy_v1_id, source_system FROM g; INSERT INTO combo_items (combo_group_id, dish_id, source_system, source_id) SELECT (SELECT max(id) FROM combo_groups), dish_id, source_system, source_id FROM k
FAIL: row_contents~values exchanged amid a few that were renamed~UPDATE dishes SET name = 'New ' || id WHERE id % 500 = 1; UPDATE dishes d SET name = x.n FROM (SELECT id, lead(name, 1, name) OVER (ORDER BY id) AS n FROM dishes WHERE id % 4 = 3) x WHERE x.id = d.id
\.
SELECT matches(pg_temp.verdict(statement), '^' || verdict, what) FROM damage;

UPDATE menuca_v3.restaurants SET status = 'pending';
SELECT menuca_register_backup('pending', 'pending-1', 'pg_dump', 1000000, 'sha256:0', now(), now(), true) AS backup \gset
SELECT matches(pg_temp.verdict('UPDATE dishes SET is_active = false WHERE id % 20 = 7'), '^FAIL: row_values', 'dishes switched off of restaurants that were never active');
UPDATE menuca_v3.restaurants SET status = 'active';
SELECT menuca_register_backup('again', 'again-1', 'pg_dump', 1000000, 'sha256:0', now(), now(), true) AS backup \gset

--
-- Ordinary business: a WARN at most, but where something was deleted or changed that
-- the fix has made, or a restaurant has no menu any more
--
CREATE TEMP TABLE week (verdict text, what text, statement text);
COPY week FROM stdin WITH (DELIMITER '~');
WARN: row_contents~a dish renamed~UPDATE dishes SET name = name || ' XL' WHERE id = (SELECT min(id) FROM dishes)
WARN: row_contents~a restaurant with other prices~UPDATE dishes SET base_price = coalesce(base_price, 5) + 1 WHERE restaurant_id = (SELECT restaurant_id FROM dishes GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
WARN: .*row_contents~three dishes switched off~UPDATE dishes SET is_active = false WHERE id IN (SELECT dish_id FROM combo_items ORDER BY id LIMIT 3)
unseen~three dishes switched off and on again~UPDATE dishes SET is_active = NOT is_active WHERE id <= 3; UPDATE dishes SET is_active = NOT is_active WHERE id <= 3; UPDATE combo_items SET quantity = quantity WHERE id = {item}
unseen~new dishes~INSERT INTO dishes (restaurant_id, name, base_price, is_active) SELECT restaurant_id, 'Special ' || id, 9.5, true FROM dishes ORDER BY id LIMIT 20
WARN: recent_items~a new group with items and steps~INSERT INTO combo_groups (restaurant_id, name) SELECT min(restaurant_id), 'Own' FROM dishes; INSERT INTO combo_items (combo_group_id, dish_id) SELECT g.id, d.id FROM combo_groups g JOIN dishes d USING (restaurant_id) WHERE g.name = 'Own' LIMIT 3; INSERT INTO combo_steps (combo_item_id, step_number) SELECT i.id, row_number() OVER (ORDER BY i.id) FROM combo_items i JOIN combo_groups g ON g.id = i.combo_group_id WHERE g.name = 'Own'
WARN: recent_items~new items in a group of V1~INSERT INTO combo_items (combo_group_id, dish_id) SELECT g.id, d.id FROM combo_groups g JOIN dishes d USING (restaurant_id) WHERE g.source_system = 'v1' AND NOT EXISTS (SELECT FROM combo_items x WHERE x.combo_group_id = g.id AND x.dish_id = d.id) LIMIT 2
unseen~a dish deleted that no item uses~DELETE FROM dishes WHERE id = (SELECT min(id) FROM dishes d WHERE NOT EXISTS (SELECT FROM combo_items i WHERE i.dish_id = d.id) AND (SELECT count(*) FROM dishes o WHERE o.restaurant_id = d.restaurant_id AND o.is_active) > 3)
FAIL: ledger~a dish deleted with its items~DELETE FROM dishes WHERE id = (SELECT dish_id FROM combo_items WHERE id = {item})
FAIL: ledger, source_rows~an item deleted~DELETE FROM combo_items WHERE id = {item} + 50
FAIL: ledger, row_counts~a group deleted~DELETE FROM combo_groups WHERE id = {group}
WARN: .*row_contents~the largest restaurant leaves, with its menu~CREATE TEMP TABLE k AS SELECT restaurant_id AS id FROM dishes d JOIN restaurants r ON r.id = d.restaurant_id WHERE status = 'active' AND d.is_active GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1; UPDATE restaurants SET status = 'inactive' WHERE id IN (TABLE k); UPDATE combo_groups SET is_active = false WHERE restaurant_id IN (TABLE k); UPDATE dishes SET is_active = false WHERE restaurant_id IN (TABLE k)
FAIL: .*menus~the largest restaurant switches all dishes off~UPDATE dishes SET is_active = false WHERE restaurant_id = (SELECT restaurant_id FROM dishes WHERE is_active GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
WARN: recent_items~a restaurant joins~INSERT INTO restaurants (id, name, status) SELECT max(id) + 1, 'New place', 'active' FROM restaurants; INSERT INTO dishes (restaurant_id, name, base_price, is_active) SELECT (SELECT max(id) FROM restaurants), 'Dish ' || n, 5, true FROM generate_series(1, 30) n; INSERT INTO combo_groups (restaurant_id, name) SELECT max(id), 'Combo' FROM restaurants; INSERT INTO combo_items (combo_group_id, dish_id) SELECT (SELECT max(id) FROM combo_groups), id FROM dishes ORDER BY id DESC LIMIT 5
WARN: row_contents~a menu reorganised~UPDATE dishes SET display_order = 100 - display_order, course_id = NULL WHERE restaurant_id = {restaurant}
WARN: row_contents~a group with another name, text and price~UPDATE combo_groups SET name = 'Fresh', description = 'x', combo_price = 12 WHERE id = {group}
WARN: row_contents~a modifier and ingredients with other prices~UPDATE ingredients SET base_price = 2 WHERE id <= 3; UPDATE dish_modifiers SET price_by_size = '{"S": 3}' WHERE id = (SELECT min(id) FROM dish_modifiers)
unseen~columns, constraints and indexes that are new~ALTER TABLE dishes ADD COLUMN allergens text; CREATE INDEX ON dishes (name); ALTER TABLE dishes ADD CONSTRAINT price CHECK (base_price >= 0) NOT VALID; ALTER TABLE combo_items RENAME CONSTRAINT combo_items_dish_id_fkey TO fk_dish; UPDATE combo_items SET quantity = quantity WHERE id = {item}
WARN: row_contents~a restaurant renamed~UPDATE restaurants SET name = 'New name' WHERE id = {restaurant}
\.
SELECT matches(pg_temp.verdict(statement), '^' || verdict || CASE verdict WHEN 'unseen' THEN '$' ELSE '' END, what) FROM week;

--
-- How many rows have changed: exactly if they are few, and the way out
--
BEGIN;
UPDATE menuca_v3.dishes SET name = name || '!' WHERE id IN (SELECT id FROM menuca_v3.dishes ORDER BY id LIMIT 2);
SELECT is(actual, 'changed: names of 2 rows of dishes', 'two names') FROM menuca_validate() WHERE name = 'row_contents';
SELECT is(metadata - 'to_accept', '{"dishes_names": 2}', 'as a figure, too') FROM menuca_validate() WHERE name = 'row_contents';
SELECT matches(remedy, 'SELECT public.menuca_accept_change\(''row_contents'', ', 'they can be accepted') FROM menuca_validate() WHERE name = 'row_contents';
SELECT matches(menuca_accept_change('row_contents', 'the owner renames them'), '^accepted: WARN of check row_contents, changed: names of 2 rows of dishes', 'and are');
SELECT is(status, 'PASS', 'the check passes') FROM menuca_validate() WHERE name = 'row_contents';
UPDATE menuca_v3.dishes SET base_price = 7 WHERE id = (SELECT min(id) FROM menuca_v3.dishes);
SELECT is(actual, 'changed: prices of 1 row of dishes', 'until something else changes') FROM menuca_validate() WHERE name = 'row_contents';
ROLLBACK;
SELECT is(status, 'PASS', 'and is undone') FROM menuca_validate() WHERE name = 'row_contents';
BEGIN;
UPDATE menuca_v3.dishes SET name = name || '!' WHERE id % 3 = 0;
SELECT ok((metadata ->> 'dishes_names')::int BETWEEN n * 0.6 AND n * 1.4, 'a third of the names: about as many')
FROM menuca_validate(), (SELECT count(*) AS n FROM menuca_v3.dishes WHERE id % 3 = 0) c WHERE name = 'row_contents';
ROLLBACK;
-- Deleted rows are no changes, however many
BEGIN;
DELETE FROM menuca_v3.dishes WHERE id % 5 = 0;
SELECT is((SELECT metadata -> 'dishes_identity' FROM menuca_validate() WHERE name = 'row_contents'), NULL, 'a fifth of the dishes deleted: none has changed');
ROLLBACK;
-- Constraints, too, are accepted
BEGIN;
ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_source_system_check;
SELECT matches(actual, '^not any more: combo_items: CHECK ', 'the check names the constraint') FROM menuca_validate() WHERE name = 'safeguards';
SELECT matches(menuca_accept_change('safeguards', 'not wanted'), '^accepted: FAIL of check safeguards', 'that is accepted');
SELECT is(status, 'PASS', 'and passes') FROM menuca_validate() WHERE name = 'safeguards';
ROLLBACK;

--
-- After a rollback
--
DELETE FROM menuca_v3.combo_steps;
SELECT menuca_register_backup('later', 'later-1', 'pg_dump', 1000000, 'sha256:0', now(), now(), true) AS backup \gset
SELECT ok(state_restored, 'the rollback') FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run := false);
SELECT is((SELECT string_agg(name, ', ') FROM menuca_validate() WHERE name IN ('row_counts', 'row_values', 'row_contents', 'safeguards', 'ledger') AND status IN ('FAIL', 'ERROR')), NULL,
	'a rollback is no loss and no change');
UPDATE menuca_v3.dishes SET legacy_v1_id = NULL WHERE id IN (SELECT id FROM menuca_v3.dishes WHERE legacy_v1_id IS NOT NULL ORDER BY id LIMIT 3);
SELECT is((SELECT actual FROM menuca_validate() WHERE name = 'row_contents'), 'changed: identity of 3 rows of dishes', 'what is damaged afterwards is seen');
SELECT * FROM finish();
