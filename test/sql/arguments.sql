-- Arguments that people get wrong, by kind: refused before anything is done, with what to write instead
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET client_min_messages = warning;

-- Numbers that no double can hold are refused by the argument's name
SELECT status FROM menuca_fix_combos(max_orphan_pct => 1e400);
SELECT status FROM menuca_fix_combos(min_coverage_pct => -1e400);
SELECT status FROM menuca_fix_combos(max_orphan_pct => 'NaN');
SELECT status FROM menuca_fix_combos(max_orphan_pct => 'infinity');

-- A table that is given as 0 or '-' is no table: it must not mean the default
SELECT status FROM menuca_fix_combos(source => 0);
SELECT status FROM menuca_fix_combos(source => '-');
SELECT status FROM menuca_fix_v2_groups(source => '-');
SELECT status FROM menuca_backfill_dishes(menu => '-');
SELECT count(*) FROM menuca_validate(source => '-');
SELECT count(*) FROM menuca_orphans('-');
SELECT * FROM menuca_orphan_rate('-');
SELECT count(*) FROM menuca_plan_combos('-');
SELECT count(*) FROM menuca_explain_unmapped(ingredients => '-');

-- The target's own tables are no source
SELECT status FROM menuca_fix_combos(source => 'menuca_v3.combo_items', dish_column => 'dish_id', group_column => 'combo_group_id', order_column => 'display_order');
SELECT status FROM menuca_fix_combos(source => 'menuca_v3.combo_groups', dish_column => 'restaurant_id', group_column => 'legacy_v1_id', order_column => NULL);
SELECT count(*) FROM menuca_plan_combos(source => 'menuca_v3.dishes', dish_column => 'legacy_v1_id', group_column => 'restaurant_id', order_column => NULL);
ALTER TABLE menuca_v3.dishes ADD restaurant bigint;
ALTER TABLE menuca_v3.restaurants ADD legacy_v1_id integer;
SELECT count(*) FROM menuca_plan_backfill(menu => 'menuca_v3.dishes');

-- One column cannot be both
SELECT status FROM menuca_fix_combos(dish_column => 'dish', group_column => 'dish');
SELECT count(*) FROM menuca_plan_v2_groups(group_column => 'x', list_column => 'x');
-- A column that is not there: the error lists those that are
SELECT status FROM menuca_fix_combos(dish_column => 'Dish');

-- An argument without a default cannot be omitted
SELECT status FROM menuca_rollback(1, NULL);
SELECT count(*) FROM menuca_restore_snapshot(NULL);
SELECT count(*) FROM menuca_ticket(NULL);

-- Lists with NULL, and names that are not there
SELECT count(*) FROM menuca_deploy_access(tables => '{dishes, NULL}');
SELECT count(*) FROM menuca_access_plan('{NULL}');
SELECT count(*) FROM menuca_rollback_access(tables => '{dihses}');
-- A lock timeout of 0 would wait for ever
SELECT count(*) FROM menuca_deploy_access(lock_timeout => '0');
SELECT count(*) FROM menuca_rollback_access(lock_timeout => '-1 s');
SELECT count(*) FROM menuca_deploy_access(lock_timeout => 'soon');

-- Labels and lengths of time
SELECT count(*) FROM menuca_record_queries(' ');
SELECT count(*) FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system()));
SELECT count(*) FROM menuca_monitor_report('-1 hour');
SELECT count(*) FROM menuca_monitor_report(max_gap => '0');
SELECT count(*) FROM menuca_check_backup(max_age => '-1 hour');

SELECT menuca_register_backup('b', 'x', 'pg_dump', 1, 'abc', now() - interval '1 s', now(), true, '["host"]');
SELECT count(*) FROM menuca_snapshot('b', '{menuca_v3.dishes}');

-- The hint proposes the environment that was meant, and the role that there is
CREATE FUNCTION public.hint_of(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE call;
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN regexp_replace(hint, '\d{10,}', 'N');
END $$;
-- What stands for a person's words in a hint is not taken for them
SELECT menuca_sign_off(0, 'name', 'NO-GO', 'note');
SELECT count(*) FROM menuca_ticket(0, force => true, reason => '...');
SELECT menuca_accept_change('row_counts', 'who changed it, and why');
-- Nor is a text that shows nothing
SELECT menuca_sign_off(0, E'\u00a0', 'NO-GO', E'\u200b');
SELECT count(*) FROM menuca_ticket(0, force => true, reason => E'\u2003');
SELECT menuca_accept_change('row_counts', E'\ufeff\t');
SELECT count(*) FROM menuca_record_queries(E'\u00a0');

SELECT public.hint_of($$SELECT menuca_environment('prod', 'x', 1)$$);
SELECT public.hint_of($$SELECT menuca_environment('stage', 'x', 1)$$);
CREATE ROLE regress_menuca_lead;
SELECT count(*) FROM menuca_grants('Regress_Menuca_Lead', 'migrate');
SELECT count(*) FROM menuca_grants('');
DROP ROLE regress_menuca_lead;

\set ECHO none
\i :drop
