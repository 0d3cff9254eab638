-- Figures that cannot be repaired, accepted up to a bound
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
-- What the gates say
CREATE FUNCTION judged(OUT status text, OUT reasons text[], OUT warnings text[]) LANGUAGE sql AS $$
	SELECT f.status, f.reasons, ARRAY(SELECT w FROM unnest(f.warnings) w WHERE w ~ 'accepted')
	FROM menuca_fix_combos() f
$$;
CREATE FUNCTION checked(VARIADIC names text[]) RETURNS TABLE (name text, status text, detail text, remedy text) LANGUAGE sql AS $$
	SELECT name, status, detail, remedy FROM menuca_validate() WHERE name = ANY (names)
$$;
\set ECHO all
\pset format unaligned
SET client_min_messages = error;
-- Four of twelve dishes are lost for ever: two groups can have no items
UPDATE menuca_v3.dishes SET legacy_v1_id = NULL WHERE id IN (1, 2, 4, 5);
DELETE FROM menuca_v3.combo_items;

SELECT * FROM judged();
-- Each is accepted by itself, as it is shown, with two decimals
SELECT * FROM menuca_accept('dish_coverage', 66.67, 'lost in 2019', 'M. Lead');
SELECT * FROM judged();
SELECT * FROM menuca_accept('orphan_rate', 30, 'these groups are gone', 'M. Lead', expires => now() + interval '1 day') \gx
SELECT * FROM judged();
-- Beyond the bound it refuses as before, and names the bound
SELECT accepted FROM menuca_accept('orphan_rate', 29.99, 'less', 'M. Lead');
SELECT * FROM judged();
SELECT accepted FROM menuca_accept('orphan_rate', 30, 'these groups are gone', 'M. Lead');
SELECT count(*) FROM menuca_acceptance_in_effect;

-- The run, in one transaction and in batches, and the checks
BEGIN;
SELECT status, inserted, reasons FROM menuca_fix_combos(dry_run => false);
SELECT * FROM checked('orphan_rate', 'remaining_orphans', 'source_systems', 'restaurants');
SELECT accepted FROM menuca_accept('expected_orphan_rate', 22.22, 'lost in 2019', 'M. Lead');
SELECT name, status, actual FROM menuca_validate() WHERE status IN ('FAIL', 'ERROR');
SELECT * FROM checked('remaining_orphans');
-- One more orphan is one too many
DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 9;
SELECT * FROM checked('orphan_rate', 'remaining_orphans', 'source_systems');
ROLLBACK;
CALL menuca_fix_combos_batched(dry_run => false, batch_size => 3) \gx
SELECT run_id, status FROM menuca_runs;

-- Other restaurants' dishes are not accepted
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT 9, id FROM menuca_v3.dishes WHERE id IN (7, 12);
SELECT name, status FROM checked('cross_restaurant');
DELETE FROM menuca_v3.combo_items WHERE combo_group_id = 9 AND dish_id IN (7, 12) AND source_id IS NULL;

--
-- The other figures
--
SELECT accepted FROM menuca_accept('distribution', 40.5, 'as V1', 'M. Lead');
SELECT accepted FROM menuca_accept('item_count', NULL, 'it means what customers pick', 'M. Lead');
SELECT accepted FROM menuca_accept('direction', NULL, 'as the tickets ask', 'M. Lead');
SELECT accepted FROM menuca_accept('restaurants', 60, 'closed', 'M. Lead');
SELECT accepted FROM menuca_accept('group_coverage', 100, 'all are known', 'M. Lead');
SELECT accepted FROM menuca_accept('expected_orphan_rate', 22.22, 'lost in 2019', 'M. Lead');
SELECT accepted FROM menuca_acceptance_in_words ORDER BY acceptance_id;
SELECT name, status, detail FROM checked('distribution', 'item_count', 'direction', 'restaurants', 'remaining_orphans', 'summary');
-- A bound that is stricter than the figure's own limit counts, too
SELECT accepted FROM menuca_accept('distribution', 0.5, 'hardly any', 'M. Lead');
SELECT name, status, detail FROM checked('distribution');
SELECT menuca_withdraw_acceptance('distribution', 'a mistake');
SELECT name, status, detail FROM checked('distribution');
SELECT withdrawn_by = session_user AS withdrawn_by, withdrawn_because FROM menuca_acceptance WHERE figure = 'distribution';

--
-- It is void when the source changes, and after it has expired
--
BEGIN;
UPDATE staging.menuca_v1_combos SET "order" = 7 WHERE id = 18;
SELECT * FROM judged();
SELECT name, status FROM checked('orphan_rate', 'remaining_orphans');
-- A run on other rows of it makes it void for ever
SELECT status FROM menuca_fix_combos(dry_run => false, min_coverage_pct => 60, max_orphan_pct => 50);
SELECT count(*) FROM menuca_acceptance_in_effect;
ROLLBACK;
BEGIN;
INSERT INTO staging.menuca_v1_combos VALUES (99, 212, 109, 0);
SELECT status FROM judged();
ROLLBACK;
BEGIN;
UPDATE menuca_acceptance SET expires_at = now() - interval '1 second';
SELECT status FROM judged();
ROLLBACK;
-- Of another target it says nothing
SELECT count(*) FROM menuca_create_dish_combo_groups(dry_run => false);
SELECT status FROM menuca_fix_combos(target => 'dish_combo_groups');

--
-- What cannot be accepted
--
SELECT menuca_accept('references', 5, 'so it is', 'M. Lead');
SELECT menuca_accept('duplicate_pairs', NULL, 'so it is', 'M. Lead');
SELECT menuca_accept('cross_restaurant', 5, 'so it is', 'M. Lead');
SELECT menuca_accept('row_counts', 5, 'so it is', 'M. Lead');
SELECT menuca_accept('orphan_rate', NULL, 'so it is', 'M. Lead');
SELECT menuca_accept('direction', 5, 'so it is', 'M. Lead');
SELECT menuca_accept('orphan_rate', 0.42, 'so it is', 'M. Lead');
SELECT menuca_accept('orphan_rate', -1, 'so it is', 'M. Lead');
SELECT menuca_accept('orphan_rate', 'NaN', 'so it is', 'M. Lead');
SELECT menuca_accept('distribution', 'Infinity', 'so it is', 'M. Lead');
SELECT menuca_accept('distribution', 101, 'so it is', 'M. Lead');
SELECT menuca_accept('orphan_rate', 5, '...', 'M. Lead');
SELECT menuca_accept('orphan_rate', 5, 'so it is', E'\u00a0');
SELECT menuca_accept('orphan_rate', 5, 'so it is', 'name');
SELECT menuca_accept('orphan_rate', 5, 'so it is', 'M. Lead', expires => now() - interval '1 hour');
SELECT menuca_accept('orphan_rate', 5, 'so it is', 'M. Lead', target => 'dishes');
SELECT menuca_accept('orphan_rate', 5, 'so it is', 'M. Lead', source => 'menuca_v3.dishes');
SELECT menuca_accept(NULL, 5, 'so it is', 'M. Lead');
SELECT menuca_withdraw_acceptance('orphan_rate', ' ');
SELECT menuca_withdraw_acceptance('references', 'a mistake');
BEGIN READ ONLY;
SELECT menuca_accept('orphan_rate', 5, 'so it is', 'M. Lead');
ROLLBACK;
SELECT count(*) FROM menuca_acceptance WHERE reason = 'so it is';
-- Somebody's forgery is no crash
BEGIN;
ALTER TABLE menuca_acceptance ALTER approver DROP NOT NULL, ALTER reason DROP NOT NULL, ALTER figure DROP NOT NULL;
UPDATE menuca_acceptance SET approver = NULL, reason = NULL;
SELECT warnings FROM judged();
UPDATE menuca_acceptance SET bound = NULL;
SELECT status FROM judged();
UPDATE menuca_acceptance SET bound = 'NaN';
SELECT status FROM judged();
UPDATE menuca_acceptance SET figure = NULL;
SELECT status FROM judged();
SELECT accepted FROM menuca_acceptance_in_words ORDER BY acceptance_id;
ROLLBACK;
DROP FUNCTION judged(), checked(text[]);

\i :drop
