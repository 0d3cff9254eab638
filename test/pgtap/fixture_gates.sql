--
-- The gates: what is refused before the first row, what is undone after the
-- last one, and what a rollback refuses unless forced
--
-- engines: both
--
\ir include/tools.psql

SELECT plan(44);

--
-- Coverage: 22 groups and 30 dishes that the source names are unknown
--
\set options '--scale 0.05 --dirt unmapped_groups=22 --dirt unmapped_dishes=30'
\ir include/fixture.psql
\lo_import :work/v1_combos.sql
SELECT rows_loaded AS loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos') \gset
\lo_unlink :LASTOID
\ir include/judge.psql
SELECT pg_temp.state() AS state_at_start \gset
SELECT ids AS dishes, covered AS dishes_covered, pct AS dish_pct FROM pg_temp.coverage('dish') \gset

SELECT is(pg_temp.coverage('group')::text, '(424,402,94.81)', '402 of 424 groups are known');
SELECT is(:dishes - :dishes_covered, 30, 'and all dishes but 30');
CREATE TEMP TABLE dry AS SELECT * FROM menuca_fix_combos();
SELECT is(status, 'refused', 'the dry run is refused, not an error') FROM dry;
SELECT is(cardinality(reasons), 2, 'for two reasons') FROM dry;
SELECT matches(reasons[1], 'groups is 94.81 % \(402 of 424 .* 95 %.* 5,500 insert, 22 unmapped_group, 30 unmapped_dish', 'the coverage of groups, with its figures') FROM dry;
SELECT matches(reasons[2], format('dishes is %s %% \(%s of %s .* 95 %%.* 5,500 insert, 22 unmapped_group, 30 unmapped_dish', :dish_pct, :dishes_covered, :dishes),
	'and that of dishes') FROM dry;
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false)', 'MC001', 'refused: ' || reasons[1], 'the real run is an error') FROM dry;
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false, min_group_coverage_pct := 94)', 'MC001', 'refused: ' || reasons[2], 'each side has its own gate: dishes') FROM dry;
SELECT throws_ok('SELECT menuca_fix_combos(dry_run := false, min_dish_coverage_pct := 90)', 'MC001', 'refused: ' || reasons[1], 'each side has its own gate: groups') FROM dry;
SELECT is(status, 'refused', 'a hundredth more than there is: refused') FROM menuca_fix_combos(min_dish_coverage_pct := 90, min_group_coverage_pct := 94.82);
SELECT is(status, 'planned', 'a little less than there is: planned') FROM menuca_fix_combos(min_dish_coverage_pct := 90, min_group_coverage_pct := 94.81);
SELECT is(pg_temp.state(), :'state_at_start', 'so far nothing was written');
SELECT is((SELECT count(*) FROM menuca_runs), 0::bigint, 'and no run is recorded');

--
-- Orphans: 150 of 411 groups have no source row
--
\set options '--scale 0.05 --dirt groups_without_source=150'
\ir include/fixture.psql
\lo_import :work/v1_combos.sql
SELECT rows_loaded AS loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos') \gset
\lo_unlink :LASTOID
SELECT pg_temp.state() AS state_at_start \gset

SELECT matches(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'),
	'^MC002 refused: .*overall .* 38.69 % \(159 of 411 .* 20 %', 'the overall rate is refused');
SELECT is(pg_temp.state(), :'state_at_start', 'before any write');
CREATE TEMP TABLE fixed AS SELECT * FROM menuca_fix_combos(dry_run := false, gate_on := 'expected');
SELECT is((orphan_pct_after, (figures ->> 'expected_orphan_pct_after')::numeric, figures ->> 'band')::text, '(38.69,0.00,EXCELLENT)', 'the expected one is not') FROM fixed;
SELECT is(parameters ->> 'gate_on', 'expected', 'which the ledger says') FROM menuca_runs;
SELECT ok(state_restored, 'rolled back') FROM fixed f, menuca_rollback(f.run_id, dry_run := false);
SELECT is(status, 'refused', 'max_orphan_pct := 38: refused') FROM menuca_fix_combos(max_orphan_pct := 38);
SELECT is((status, (figures ->> 'band'))::text, '(planned,FAIL)', 'max_orphan_pct := 39: planned, in band FAIL') FROM menuca_fix_combos(max_orphan_pct := 39);

--
-- The gate after: triggers that spoil what the run writes
--
\set options '--scale 0.05'
\ir include/fixture.psql
\lo_import :work/v1_combos.sql
SELECT rows_loaded AS loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos') \gset
\lo_unlink :LASTOID
SELECT pg_temp.state() AS state_at_start \gset

CREATE FUNCTION menuca_v3.spoil() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.source_id % 1000 <> 7 OR pg_trigger_depth() > 1 THEN
		RETURN NEW;
	END IF;
	CASE TG_ARGV[0]
		WHEN 'another restaurant' THEN
			NEW.dish_id := (SELECT max(d.id) FROM menuca_v3.dishes d
							WHERE d.restaurant_id <> (SELECT restaurant_id FROM menuca_v3.combo_groups WHERE id = NEW.combo_group_id));
		WHEN 'twice' THEN
			INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) VALUES (NEW.combo_group_id, NEW.dish_id);
		WHEN 'an old pair' THEN
			SELECT combo_group_id, dish_id INTO NEW.combo_group_id, NEW.dish_id FROM menuca_v3.combo_items ORDER BY id LIMIT 1;
		WHEN 'no dish' THEN
			NEW.dish_id := NULL;
		WHEN 'an invalid dish' THEN
			NEW.dish_id := 4000000000;
		WHEN 'not at all' THEN
			RETURN NULL;
	END CASE;
	RETURN NEW;
END
$$;
SELECT count(*) AS spoiled FROM staging.menuca_v1_combos WHERE id % 1000 = 7 \gset
SELECT is(:spoiled, 6, 'triggers spoil 6 rows');

CREATE TRIGGER spoil BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION menuca_v3.spoil('another restaurant');
SELECT matches(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'),
	'^MC003 undone by the gate after the run: .*items whose dish belongs to another restaurant were introduced.* 0 before, 6 after', 'dishes of another restaurant: undone');
SELECT is(pg_temp.state(), :'state_at_start', 'nothing was changed');

-- Batched, what is committed stays, and the hint has the rollback
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
-- psql prints this error to its standard error
CALL menuca_fix_combos_batched(dry_run => false, batch_size := 1000);
\set VERBOSITY default
\set ON_ERROR_STOP on
SELECT run_id AS failed_run FROM menuca_runs ORDER BY run_id DESC LIMIT 1 \gset
SELECT matches(:'LAST_ERROR_MESSAGE'::text, format('^run %s failed its gate: .*items whose dish belongs to another restaurant were introduced.* 0 before, 6 after', :failed_run), 'batched: the gate fails');
SELECT is((status, mode, inserted, batches)::text, '(gate_failed,batched,5500,6)', 'the ledger says so') FROM menuca_runs WHERE run_id = :failed_run;
SELECT is((SELECT status FROM menuca_validate() WHERE name = 'cross_restaurant'), 'FAIL', 'so does the validation');
SELECT ok(state_restored, 'the rollback takes it all back') FROM menuca_rollback(:failed_run, dry_run := false);
SELECT is(pg_temp.state(), :'state_at_start', 'all columns of all items are as at the start');
DROP TRIGGER spoil ON menuca_v3.combo_items;

CREATE TRIGGER spoil AFTER INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION menuca_v3.spoil('twice');
SELECT matches(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'),
	'^MC003 the items do not add up: 5 before \+ 5,500 inserted, but 5,511 after', 'rows written twice: undone');
DROP TRIGGER spoil ON menuca_v3.combo_items;

CREATE TRIGGER spoil BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION menuca_v3.spoil('an old pair');
SELECT matches(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'),
	'^MC003 undone by the gate after the run: .*items that repeat a pair of group and dish were introduced.* 0 before, 6 after', 'pairs that repeat another: undone');
DROP TRIGGER spoil ON menuca_v3.combo_items;

CREATE TRIGGER spoil BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION menuca_v3.spoil('not at all');
SELECT matches(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'),
	'^MC003 6 of 5,500 new items were not inserted into table menuca_v3.combo_items', 'rows that vanish: undone');
DROP TRIGGER spoil ON menuca_v3.combo_items;

-- These need a table that lets them pass
BEGIN;
ALTER TABLE menuca_v3.combo_items ALTER dish_id DROP NOT NULL, DROP CONSTRAINT combo_items_dish_id_fkey;
CREATE TRIGGER spoil BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION menuca_v3.spoil('no dish');
SELECT matches(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'),
	'^MC003 undone by the gate after the run: .*items without a dish were introduced.* 0 before, 6 after', 'rows without a dish: undone');
DROP TRIGGER spoil ON menuca_v3.combo_items;
CREATE TRIGGER spoil BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION menuca_v3.spoil('an invalid dish');
SELECT matches(pg_temp.error_of('SELECT menuca_fix_combos(dry_run := false)'),
	'^MC003 undone by the gate after the run: .*items of a dish that does not exist were introduced.* 0 before, 6 after', 'rows with an invalid dish: undone');
DROP TRIGGER spoil ON menuca_v3.combo_items;
ALTER TABLE menuca_v3.combo_items ALTER dish_id SET NOT NULL,
	ADD CONSTRAINT combo_items_dish_id_fkey FOREIGN KEY (dish_id) REFERENCES menuca_v3.dishes (id) ON DELETE CASCADE;
COMMIT;
SELECT is(pg_temp.state(), :'state_at_start', 'nothing was changed');

--
-- Rollback: rows that others changed, and rows that depend on ours
--
SELECT run_id FROM menuca_fix_combos(dry_run := false) \gset
SELECT max(id) AS newest, min(id) FILTER (WHERE source_id > 200) AS first_new, min(id) AS oldest FROM menuca_v3.combo_items \gset
UPDATE menuca_v3.combo_items SET quantity = 9 WHERE id = :newest;
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number) VALUES (:first_new, 1), (:first_new, 2);
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id, quantity, source_system)
SELECT combo_group_id, dish_id, 5, 'v2' FROM menuca_v3.combo_items WHERE id = :oldest;
SELECT pg_temp.state() AS state_when_changed \gset

CREATE TEMP TABLE undone AS SELECT * FROM menuca_rollback(:run_id);
SELECT is((status, changed, dependants, (figures ->> 'added_by_others')::bigint)::text, '(refused,1,2,1)', 'a dry rollback counts 1 row changed, 2 dependants, 1 row of others') FROM undone;
SELECT is(reasons, ARRAY[
	format('1 row of the run was changed since: id %s', :newest),
	'2 rows of table menuca_v3.combo_steps depend on rows of the run (ON DELETE CASCADE)'], 'and names them') FROM undone;
SELECT throws_ok(format('SELECT menuca_rollback(%s, dry_run := false)', :run_id), 'MC005',
	format('rollback of run %s is refused: rows of the run were changed or have dependants', :run_id), 'the rollback is refused');
SELECT is(pg_temp.state(), :'state_when_changed', 'nothing was deleted');
SELECT is((SELECT count(*) FROM menuca_v3.combo_steps), 2::bigint, 'the steps are there');

TRUNCATE undone;
INSERT INTO undone SELECT * FROM menuca_rollback(:run_id, dry_run := false, force := true);
SELECT is((status, deleted, (figures ->> 'items_after')::bigint, (figures ->> 'baseline_intact')::bigint, (figures ->> 'added_by_others')::bigint, state_restored)::text, '(rolled_back,5500,6,5,1,t)', 'forced, it deletes the run''s 5,500 and nothing else') FROM undone;
SELECT is((SELECT count(*) FROM menuca_v3.combo_steps), 0::bigint, 'the steps are gone');
DELETE FROM menuca_v3.combo_items WHERE quantity = 5;
SELECT is(pg_temp.state(), :'state_at_start', 'but for the row of others, all is as at the start');

-- Rows from before that others changed are reported, not restored
SELECT run_id FROM menuca_fix_combos(dry_run := false) \gset
UPDATE menuca_v3.combo_items SET quantity = 9 WHERE id = :oldest;
DELETE FROM menuca_v3.combo_items WHERE id = (SELECT max(id) FROM menuca_v3.combo_items WHERE source_id <= 200);
TRUNCATE undone;
INSERT INTO undone SELECT * FROM menuca_rollback(:run_id, dry_run := false);
SELECT is((status, deleted, (figures ->> 'baseline_rows')::bigint, (figures ->> 'baseline_intact')::bigint, (figures ->> 'baseline_changed')::bigint, (figures ->> 'baseline_missing')::bigint, state_restored)::text, '(rolled_back,5500,5,3,1,1,f)',
	'what others did to rows from before is reported, and state_restored is false') FROM undone;
SELECT is((SELECT quantity FROM menuca_v3.combo_items WHERE id = :oldest), 9, 'it is left alone');

SELECT * FROM finish();
\! rm -r "$WORK"
