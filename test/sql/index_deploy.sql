-- Building the wanted indexes; dropping those that were built here, and no others
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set grants :abs_srcdir '/sql/include/grants.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;

CREATE VIEW indexes AS
SELECT c.relname, i.indisvalid AS valid, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'menuca_v3'::regnamespace AND NOT i.indisprimary AND c.relname !~ '_key$'
ORDER BY 1;

-- One exists already, one is covered, one is in conflict; four critical ones
-- are impossible here
CREATE INDEX idx_dishes_restaurant ON menuca_v3.dishes (restaurant_id);
CREATE INDEX idx_combo_items_combo ON menuca_v3.combo_items (combo_group_id);
CREATE INDEX idx_combo_items_dish ON menuca_v3.combo_items (quantity);
CREATE TABLE indexes_before AS TABLE indexes;

--
-- Refused up front: a dry run reports it, a deployment raises an error
--
SET client_min_messages = notice;
BEGIN READ ONLY;
SELECT name, action, critical, status FROM menuca_deploy_indexes() WHERE status <> 'kept' ORDER BY name;
COMMIT;
SELECT menuca_deploy_indexes(dry_run => false);
SET client_min_messages = warning;
SELECT * FROM indexes EXCEPT TABLE indexes_before;

-- Indexes that are not critical are only reported
UPDATE menuca_wanted_index SET critical = false WHERE name IN
	('idx_courses_restaurant', 'idx_dishes_course', 'idx_dish_modifiers_dish', 'idx_ingredients_restaurant');
-- A critical conflict is refused, unless another index covers the wanted one
UPDATE menuca_wanted_index SET critical = true WHERE name = 'idx_combo_items_dish';
SELECT menuca_deploy_indexes(dry_run => false);
CREATE INDEX does_the_same ON menuca_v3.combo_items (dish_id, combo_group_id);
SELECT name, action, status, covered_by FROM menuca_deploy_indexes() WHERE table_name = 'combo_items' ORDER BY name;
DROP INDEX menuca_v3.does_the_same;
UPDATE menuca_wanted_index SET critical = false WHERE name = 'idx_combo_items_dish';

-- Not in a read-only transaction; the timeout is required
BEGIN READ ONLY;
SELECT menuca_deploy_indexes(dry_run => false);
ROLLBACK;
SELECT menuca_deploy_indexes(lock_timeout => '0');
SELECT menuca_deploy_indexes(lock_timeout => '1 year');
SELECT menuca_deploy_indexes(lock_timeout => NULL);
SELECT menuca_deploy_indexes(NULL);

--
-- Built in a transaction, as the dry run announced
--
BEGIN;
SELECT count(*) FROM menuca_deploy_indexes(dry_run => false) WHERE status = 'created';
ROLLBACK;
SELECT * FROM indexes EXCEPT TABLE indexes_before;
SELECT count(*) FROM menuca_created_index;

CREATE TEMP TABLE planned AS SELECT section, name, table_name, action, statement FROM menuca_deploy_indexes() WHERE status = 'planned';
SELECT statement FROM planned ORDER BY name;
SHOW lock_timeout;
SELECT name, action, status, elapsed > '0' AS took_time FROM menuca_deploy_indexes(dry_run => false) WHERE status <> 'kept' ORDER BY name;
SHOW lock_timeout;
SELECT * FROM indexes EXCEPT TABLE indexes_before ORDER BY 1;
SELECT count(*) FROM planned p WHERE NOT EXISTS (SELECT FROM indexes i WHERE i.relname = p.name AND i.valid);
SELECT index_name, table_name, columns, predicate, through, status, index_oid = ('menuca_v3.' || index_name)::regclass AS same
FROM menuca_created_index ORDER BY 1;
-- Again: nothing to do
SELECT status, count(*) FROM menuca_deploy_indexes(dry_run => false) GROUP BY 1;
SELECT action, count(*) FROM menuca_index_plan() WHERE table_name IN ('dishes', 'combo_items', 'combo_groups') GROUP BY 1 ORDER BY 1;

-- One is dropped by hand and built again: the ledger has both
DROP INDEX menuca_v3.idx_dishes_active;
SELECT name, status FROM menuca_deploy_indexes(dry_run => false) WHERE status <> 'kept';
SELECT index_name, status, count(*) FROM menuca_created_index GROUP BY 1, 2 ORDER BY 1, 2;
DELETE FROM menuca_created_index WHERE status = 'dropped';

--
-- Rolled back: only these indexes, and only while they are unchanged
--
BEGIN READ ONLY;
SELECT * FROM menuca_rollback_indexes();
SELECT menuca_rollback_indexes(dry_run => false);
ROLLBACK;
BEGIN;
SELECT name, action, status, statement FROM menuca_rollback_indexes(dry_run => false);
TABLE indexes EXCEPT TABLE indexes_before;
SELECT status, count(*) FROM menuca_created_index GROUP BY 1;
ROLLBACK;

-- Since then one was replaced by another definition, one created again, one
-- made unique, one dropped
DROP INDEX menuca_v3.idx_dishes_active, menuca_v3.idx_combo_groups_restaurant;
CREATE INDEX idx_dishes_active ON menuca_v3.dishes (restaurant_id, is_active);
CREATE INDEX idx_combo_groups_restaurant ON menuca_v3.combo_groups (restaurant_id);
SELECT name, action, status, detail, statement FROM menuca_rollback_indexes();
SELECT name, action, status FROM menuca_rollback_indexes(force => true);
SELECT name, action, status FROM menuca_rollback_indexes(dry_run => false);
TABLE indexes EXCEPT TABLE indexes_before;
TABLE indexes_before EXCEPT TABLE indexes;
SELECT index_name, status, dropped_at IS NOT NULL AS dropped FROM menuca_created_index ORDER BY 1;
-- Indexes that were kept stay in the ledger; a forced rollback drops those with the same definition only
SELECT name, action, status FROM menuca_rollback_indexes(dry_run => false, force => true);
SELECT relname, definition FROM indexes EXCEPT SELECT relname, definition FROM indexes_before;
SELECT name, action FROM menuca_rollback_indexes();
DROP INDEX menuca_v3.idx_dishes_active;
SELECT name, action, status FROM menuca_rollback_indexes(dry_run => false);
SELECT * FROM menuca_rollback_indexes();

--
-- A built index must be as wanted: here an event trigger interferes
--
CREATE FUNCTION interfere() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	ALTER INDEX IF EXISTS menuca_v3.idx_dishes_active RENAME TO taken_away;
END $$;
CREATE EVENT TRIGGER interfere ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION interfere();
SELECT menuca_deploy_indexes(dry_run => false);
DROP EVENT TRIGGER interfere;
TABLE indexes EXCEPT TABLE indexes_before;
SELECT count(*) FROM menuca_created_index WHERE status <> 'dropped';

-- A partitioned table is possible without CONCURRENTLY; invalid indexes are rebuilt
CREATE TABLE menuca_v3.parted (id integer, day date) PARTITION BY RANGE (id);
CREATE TABLE menuca_v3.parted_1 PARTITION OF menuca_v3.parted FOR VALUES FROM (1) TO (10);
CREATE FUNCTION menuca_v3.share(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 100 / (201 - $1); END';
CREATE INDEX CONCURRENTLY shares ON menuca_v3.dishes (menuca_v3.share(legacy_v1_id));
CREATE UNIQUE INDEX CONCURRENTLY uniques ON menuca_v3.dishes (is_active);
UPDATE menuca_wanted_index SET wanted = false;
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES
	(1, 'parted', 'idx_parted', '{day}'), (1, 'dishes', 'shares', '{menuca_v3.share(legacy_v1_id)}'),
	(1, 'dishes', 'uniques', '{is_active}');
-- The cause still exists: everything is undone
SELECT menuca_deploy_indexes(dry_run => false);
SELECT relname, valid FROM indexes WHERE relname IN ('idx_parted', 'shares', 'uniques');
UPDATE menuca_v3.dishes SET legacy_v1_id = 999 WHERE legacy_v1_id = 201;
SELECT name, action, status, detail, statement FROM menuca_deploy_indexes();
SELECT name, action, status FROM menuca_deploy_indexes(dry_run => false);
SELECT relname, valid, definition FROM indexes WHERE relname IN ('idx_parted', 'shares', 'uniques');
-- Rebuilt indexes existed before: they are not in the ledger
SELECT name, action, statement FROM menuca_rollback_indexes();
SELECT name, action, status FROM menuca_rollback_indexes(dry_run => false);
SELECT relname, valid FROM indexes WHERE relname IN ('idx_parted', 'shares', 'uniques');
DROP INDEX menuca_v3.shares, menuca_v3.uniques;

--
-- Built by \gexec: announced before, noted afterwards
--
TRUNCATE menuca_created_index;
DELETE FROM menuca_wanted_index WHERE shipped IS NULL;
UPDATE menuca_v3.dishes SET legacy_v1_id = 201 WHERE legacy_v1_id = 999;
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES
	(1, 'dishes', 'comes', '{name}'), (1, 'dishes', 'fails', '{menuca_v3.share(legacy_v1_id)}'),
	(1, 'dishes', 'is_forgotten', '{legacy_v2_id}'), (1, 'dishes', 'is_another', '{source_system}'),
	(1, 'dishes', 'is_there', '{legacy_v1_id}');
CREATE INDEX is_there ON menuca_v3.dishes (legacy_v1_id);
UPDATE menuca_wanted_index SET columns = '{is_active}' WHERE name = 'comes';
SELECT * FROM menuca_begin_indexes();
UPDATE menuca_wanted_index SET columns = '{name}' WHERE name = 'comes';
SELECT * FROM menuca_begin_indexes();
SELECT index_name, columns, status, index_oid FROM menuca_created_index ORDER BY 1;
CREATE INDEX is_another ON menuca_v3.dishes (source_system, name);
SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') AND name <> 'is_forgotten' ORDER BY name \gexec
SELECT name, action, detail FROM menuca_rollback_indexes();
SELECT * FROM menuca_note_indexes();
SELECT index_name, status, index_oid IS NOT NULL AS known FROM menuca_created_index ORDER BY 1;
-- The index whose build failed is rebuilt, and then noted
UPDATE menuca_v3.dishes SET legacy_v1_id = 999 WHERE legacy_v1_id = 201;
SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') AND name <> 'is_forgotten' \gexec
SELECT * FROM menuca_note_indexes();
SELECT * FROM menuca_note_indexes();
-- Dropped by \gexec as well, and noted
SELECT statement FROM menuca_rollback_indexes() WHERE action = 'drop' \gexec
SELECT relname FROM indexes WHERE relname IN ('comes', 'fails', 'is_forgotten', 'is_another', 'is_there');
SELECT name, action, status FROM menuca_rollback_indexes();
SELECT * FROM menuca_note_indexes();
SELECT * FROM menuca_rollback_indexes();
-- Without an announcement no index is in the ledger
SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') \gexec
SELECT * FROM menuca_note_indexes();
SELECT * FROM menuca_rollback_indexes();
DROP INDEX menuca_v3.comes, menuca_v3.fails, menuca_v3.is_forgotten;
-- Not with one query snapshot for the whole transaction
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT menuca_deploy_indexes(dry_run => false);
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT menuca_note_indexes();
ROLLBACK;
BEGIN READ ONLY;
SELECT menuca_begin_indexes();
ROLLBACK;
BEGIN READ ONLY;
SELECT menuca_note_indexes();
ROLLBACK;

--
-- Rights: the owner of the tables, with the documented grants, is enough
--
CREATE ROLE regress_index_owner;
\set ECHO none
\set role regress_index_owner
\i :grants
\set ECHO all
CREATE ROLE regress_index_other;
\set ECHO none
\set role regress_index_other
\i :grants
\set ECHO all
SET ROLE regress_index_other;
-- One of the expressions uses a function in a schema that this role may not use
SELECT count(*) FROM menuca_index_plan();
RESET ROLE;
GRANT USAGE ON SCHEMA menuca_v3 TO regress_index_other;
SET ROLE regress_index_other;
SELECT count(*) FROM menuca_index_plan();
SELECT menuca_deploy_indexes();
SELECT menuca_rollback_indexes();
SELECT menuca_begin_indexes();
SELECT menuca_note_indexes();
SELECT menuca_record_queries('x');
RESET ROLE;
GRANT EXECUTE ON FUNCTION menuca_deploy_indexes, menuca_rollback_indexes, menuca_begin_indexes, menuca_note_indexes
TO regress_index_owner, regress_index_other;
SET ROLE regress_index_other;
SELECT name, status FROM menuca_deploy_indexes() WHERE status <> 'kept';
SELECT menuca_deploy_indexes(dry_run => false);
RESET ROLE;
ALTER TABLE menuca_v3.dishes OWNER TO regress_index_owner;
DELETE FROM menuca_wanted_index WHERE name = 'fails';
SET ROLE regress_index_owner;
SELECT menuca_deploy_indexes(dry_run => false);
RESET ROLE;
GRANT USAGE ON SCHEMA menuca_v3 TO regress_index_owner;
SET ROLE regress_index_owner;
SELECT menuca_deploy_indexes(dry_run => false);
RESET ROLE;
GRANT CREATE ON SCHEMA menuca_v3 TO regress_index_owner;
SET ROLE regress_index_owner;
RESET ROLE;
SELECT role, has_table_privilege(role, 'menuca_created_index', 'INSERT, UPDATE, DELETE') AS may_write
FROM unnest('{regress_index_owner, regress_index_other}'::text[]) role;
SET ROLE regress_index_owner;
SELECT name, status FROM menuca_deploy_indexes(dry_run => false) WHERE status <> 'kept';
SET ROLE regress_index_other;
SELECT name, action, status, detail FROM menuca_rollback_indexes();
SELECT menuca_rollback_indexes(dry_run => false);
SET ROLE regress_index_owner;
SELECT name, action, status FROM menuca_rollback_indexes(dry_run => false);
SELECT status, count(*) FROM menuca_begin_indexes() GROUP BY 1;
SELECT statement FROM menuca_index_plan() WHERE action = 'create' AND name = 'comes' \gexec
SELECT name, status FROM menuca_note_indexes();
SELECT name, status FROM menuca_rollback_indexes(dry_run => false);
RESET ROLE;
SELECT entered_by = session_user, status FROM menuca_created_index WHERE index_name = 'comes' GROUP BY 1, 2;

DROP VIEW indexes;
DROP TABLE indexes_before;
DROP FUNCTION interfere();
DROP OWNED BY regress_index_owner, regress_index_other CASCADE;
DROP ROLE regress_index_owner, regress_index_other;
\set ECHO none
\i :drop
