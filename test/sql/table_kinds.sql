-- Tables that are more, or other, than one heap: what is counted is what plain SQL
-- counts, and what cannot work is refused before the first row
-- engines: both
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET client_min_messages = warning;
-- The extension's figures, and those of plain SQL
CREATE VIEW public.figures AS
SELECT r.groups, r.orphans, r.items, g.groups = r.groups AND g.orphans = r.orphans AND g.items = r.items AS as_by_plain_sql
FROM menuca_orphan_rate() r, (
	SELECT count(*) AS groups, (SELECT count(*) FROM menuca_v3.combo_items) AS items,
		count(*) FILTER (WHERE NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.combo_group_id = g.id)) AS orphans
	FROM menuca_v3.combo_groups g) g;
-- A fix and its rollback, each counted by plain SQL
CREATE PROCEDURE public.fix_and_back() LANGUAGE plpgsql AS $$
DECLARE
	at_start bigint := (SELECT count(*) FROM menuca_v3.combo_items);
	fixed record;
	undone record;
	between bigint;
BEGIN
	SELECT * INTO fixed FROM menuca_fix_combos(dry_run => false);
	between := (SELECT count(*) FROM menuca_v3.combo_items);
	SELECT * INTO undone FROM menuca_rollback(fixed.run_id, dry_run => false);
	RAISE INFO '% before + % inserted = % after: %; % deleted, restored: %', at_start, fixed.inserted, between,
		at_start = (fixed.figures ->> 'items_before')::bigint AND at_start + fixed.inserted = between AND between = (fixed.figures ->> 'items_after')::bigint,
		undone.deleted, undone.state_restored AND at_start = (SELECT count(*) FROM menuca_v3.combo_items);
END $$;
TABLE public.figures;
CALL public.fix_and_back();

--
-- A table that inherits from the items
--
CREATE TABLE menuca_v3.lunch_items () INHERITS (menuca_v3.combo_items);
INSERT INTO menuca_v3.lunch_items (id, combo_group_id, dish_id, source_system) VALUES (1001, 2, 5, 'v1'), (1002, 3, 3, 'v1');
TABLE public.figures;
CALL public.fix_and_back();

-- A key that it repeats
INSERT INTO menuca_v3.lunch_items SELECT * FROM menuca_v3.combo_items WHERE id = 1;
TABLE public.figures;
SELECT status, reasons FROM menuca_fix_combos();
SELECT status FROM menuca_fix_combos(dry_run => false);
CALL menuca_fix_combos_batched(dry_run => false);
SELECT count(*) FROM menuca_run WHERE run_id > 2;
SELECT tableoid::regclass, count(*) FROM menuca_v3.combo_items GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM menuca_snapshot('twice', '{combo_items}');
DELETE FROM menuca_v3.lunch_items WHERE id = 1;

-- A key of a run that it repeats later
SELECT run_id FROM menuca_fix_combos(dry_run => false) \gset
INSERT INTO menuca_v3.lunch_items SELECT * FROM menuca_v3.combo_items WHERE id = (SELECT max(id) FROM ONLY menuca_v3.combo_items);
SELECT status, reasons FROM menuca_rollback(:run_id);
SELECT status FROM menuca_rollback(:run_id, dry_run => false);
SELECT status FROM menuca_rollback(:run_id, dry_run => false, force => true);
SELECT tableoid::regclass, count(*) FROM menuca_v3.combo_items GROUP BY 1 ORDER BY 1;
DELETE FROM menuca_v3.lunch_items WHERE id < 1000;
SELECT status, deleted, state_restored FROM menuca_rollback(:run_id, dry_run => false);

-- A key that it has before the sequence hands it out
SELECT last_value + 5 AS next FROM menuca_v3.combo_items_id_seq \gset
UPDATE menuca_v3.lunch_items SET id = :next WHERE id = 1001;
SELECT status FROM menuca_fix_combos(dry_run => false, batch_size => 4);
SELECT tableoid::regclass, count(*) FROM menuca_v3.combo_items GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM menuca_run WHERE status NOT IN ('rolled_back');

-- Nobody writes to it during a run
BEGIN;
DELETE FROM menuca_v3.lunch_items;
SELECT inserted FROM menuca_fix_combos(dry_run => false);
SELECT relation::regclass, mode FROM pg_locks WHERE relation IN ('menuca_v3.combo_items'::regclass, 'menuca_v3.lunch_items'::regclass) AND mode = 'ShareRowExclusiveLock' ORDER BY 1;
ROLLBACK;
DROP TABLE menuca_v3.lunch_items;

--
-- Tables that inherit from the parents
--
CREATE TABLE menuca_v3.lunch_dishes () INHERITS (menuca_v3.dishes);
INSERT INTO menuca_v3.lunch_dishes VALUES (99, 1, 'Soup of the day', 299);
TABLE public.figures;
CALL public.fix_and_back();
INSERT INTO menuca_v3.lunch_dishes SELECT * FROM menuca_v3.dishes WHERE id = 7;
SELECT * FROM menuca_orphan_rate();
SELECT status FROM menuca_fix_combos(dry_run => false);
DROP TABLE menuca_v3.lunch_dishes;

--
-- Another access method than heap; unlogged
--
CREATE ACCESS METHOD menuca_regress TYPE TABLE HANDLER heap_tableam_handler;
ALTER TABLE menuca_v3.combo_items SET ACCESS METHOD menuca_regress;
ALTER TABLE menuca_v3.dishes SET ACCESS METHOD menuca_regress;
ALTER TABLE staging.menuca_v1_combos SET ACCESS METHOD menuca_regress;
TABLE public.figures;
CALL public.fix_and_back();
ALTER TABLE menuca_v3.combo_items SET ACCESS METHOD heap;
ALTER TABLE menuca_v3.dishes SET ACCESS METHOD heap;
ALTER TABLE staging.menuca_v1_combos SET ACCESS METHOD heap;
DROP ACCESS METHOD menuca_regress;
ALTER TABLE menuca_v3.combo_steps SET UNLOGGED;
ALTER TABLE menuca_v3.combo_items SET UNLOGGED;
TABLE public.figures;
CALL public.fix_and_back();

--
-- A source in every kind of table
--
CREATE MATERIALIZED VIEW staging.stored AS TABLE staging.menuca_v1_combos;
CREATE VIEW staging.shown AS TABLE staging.menuca_v1_combos;
CREATE TEMP TABLE mine AS TABLE staging.menuca_v1_combos;
CREATE TABLE staging.heir () INHERITS (staging.menuca_v1_combos);
INSERT INTO staging.heir VALUES (19, 201, 105, 0);
SELECT (SELECT count(*) FROM menuca_plan_combos()) = (SELECT count(*) FROM staging.menuca_v1_combos) AS inherited,
	(SELECT count(*) FROM menuca_plan_combos('staging.stored')) = (SELECT count(*) FROM staging.stored) AS stored,
	(SELECT count(*) FROM menuca_plan_combos('mine')) = (SELECT count(*) FROM mine) AS temporary;
SELECT count(*) FROM menuca_plan_combos('staging.shown');

--
-- Planning evaluates nobody's code as the caller: expressions of indexes and
-- statistics, which the planner folds, are folded as the table's owner
--
CREATE ROLE regress_owner;
CREATE FUNCTION public.whoami(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS
$$BEGIN RAISE WARNING 'evaluated as %', current_user; RETURN $1; END$$;
GRANT CREATE, USAGE ON SCHEMA menuca_v3 TO regress_owner;
ALTER TABLE menuca_v3.combo_groups OWNER TO regress_owner;
SET client_min_messages = error;
CREATE INDEX ON menuca_v3.combo_groups ((id + public.whoami(1)));
CREATE INDEX ON menuca_v3.combo_groups (id) WHERE id > public.whoami(2);
CREATE STATISTICS menuca_v3.folded ON (id + public.whoami(3)), name FROM menuca_v3.combo_groups;
\c -
SET client_min_messages = warning;
SELECT groups FROM menuca_orphan_rate();
SELECT current_user = session_user AS still_the_caller;

-- Those of a table that inherits, which may have another owner
CREATE FUNCTION public.is_it_me(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS
$$BEGIN IF current_user = session_user THEN RAISE WARNING 'evaluated as the caller'; END IF; RETURN $1; END$$;
SET client_min_messages = error;
GRANT CREATE, USAGE ON SCHEMA staging TO regress_owner;
ALTER TABLE staging.heir OWNER TO regress_owner;
CREATE INDEX ON staging.heir ((id + public.is_it_me(1)));
\c -
SET client_min_messages = warning;
SELECT count(*) FROM menuca_plan_combos();
DROP TABLE staging.heir;
DROP FUNCTION public.whoami(integer) CASCADE;

--
-- An event trigger that changes each new table: a snapshot's copy must be as it was made
--
CREATE FUNCTION public.widen() RETURNS event_trigger LANGUAGE plpgsql AS
$$DECLARE name text; BEGIN FOR name IN SELECT object_identity FROM pg_event_trigger_ddl_commands() WHERE object_type = 'table' LOOP
EXECUTE 'ALTER TABLE ' || name || ' ADD tenant text'; END LOOP; END$$;
CREATE EVENT TRIGGER regress_widen ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.widen();
SELECT count(*) FROM menuca_snapshot('wide', '{dishes}');
DROP EVENT TRIGGER regress_widen;
CREATE ACCESS METHOD regress_heap TYPE TABLE HANDLER heap_tableam_handler;
SET default_table_access_method = regress_heap;
SELECT row_count FROM menuca_snapshot('wide', '{dishes}');
RESET default_table_access_method;
DROP ACCESS METHOD regress_heap;

--
-- A publication of deletes without a replica identity: a rollback could not delete
--
ALTER TABLE menuca_v3.combo_items SET LOGGED;
ALTER TABLE menuca_v3.combo_items REPLICA IDENTITY NOTHING;
SET client_min_messages = error;
CREATE PUBLICATION regress_menuca FOR TABLE menuca_v3.combo_items;
SET client_min_messages = warning;
SELECT status, reasons FROM menuca_fix_combos();
SELECT status FROM menuca_fix_combos(dry_run => false);
DROP PUBLICATION regress_menuca;
SELECT status FROM menuca_fix_combos();

--
-- A rule that puts rows elsewhere: a fix and the trial rows of access are told apart from it
--
CREATE TABLE public.other_items (LIKE menuca_v3.combo_items INCLUDING ALL);
CREATE RULE elsewhere AS ON INSERT TO menuca_v3.combo_items DO INSTEAD INSERT INTO public.other_items VALUES (new.*) RETURNING *;
SELECT status FROM menuca_fix_combos(dry_run => false);
ALTER TABLE menuca_v3.restaurants ADD status text DEFAULT 'active';
ALTER TABLE menuca_v3.combo_groups ADD is_active boolean NOT NULL DEFAULT true;
CREATE ROLE regress_anon;
CREATE ROLE regress_tenant;
CREATE ROLE regress_admin BYPASSRLS;
SET menuca.public_role = 'regress_anon';
SET menuca.tenant_role = 'regress_tenant';
SET menuca.admin_role = 'regress_admin';
SELECT table_name, status, detail, count(*) FROM menuca_test_access('{restaurants,combo_items,combo_steps}')
WHERE table_name <> 'restaurants' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

\set ECHO none
DROP VIEW public.figures;
DROP PROCEDURE public.fix_and_back();
SET client_min_messages = error;
\i :drop
DROP FUNCTION public.is_it_me(integer);
DROP FUNCTION public.widen();
DROP TABLE public.other_items;
DROP ROLE regress_owner, regress_anon, regress_tenant, regress_admin;
