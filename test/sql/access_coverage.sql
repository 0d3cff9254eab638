-- Access: tables that nobody has decided about, partitions, columns, renamed columns
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema :abs_srcdir '/sql/include/schema.sql'
\set drop :abs_srcdir '/sql/include/drop.sql'
\set ECHO none
\i :schema
\set ECHO all
SET menuca.public_role = 'regress_menuca_anon';
SET menuca.tenant_role = 'regress menuca Tenant';
SET menuca.admin_role = 'regress_menuca_service';
CREATE ROLE regress_menuca_anon;
CREATE ROLE "regress menuca Tenant";
CREATE ROLE regress_menuca_service;
SET client_min_messages = warning;
ALTER TABLE menuca_v3.combo_groups ADD is_active boolean NOT NULL DEFAULT true;
ALTER TABLE menuca_v3.restaurants ADD status text NOT NULL DEFAULT 'active', ADD legacy_v1_id int, ADD legacy_v2_id int, ADD created_at timestamptz NOT NULL DEFAULT '2025-10-10';
CREATE TABLE menuca_v3.courses (id bigint PRIMARY KEY, name text, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants, is_active boolean NOT NULL);
CREATE TABLE menuca_v3.users (id bigint PRIMARY KEY, email text NOT NULL, phone text, credit_balance numeric NOT NULL DEFAULT 0, password_hash text, "a,b" text, "it's ""so""" text);
ALTER TABLE menuca_v3.dishes ADD course_id bigint REFERENCES menuca_v3.courses;
INSERT INTO menuca_v3.users VALUES (1, 'one@example.com'), (2, 'two@example.com');
-- Of others: rights of everybody and of the roles
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA menuca_v3 TO regress_menuca_anon, "regress menuca Tenant", regress_menuca_service;
GRANT UPDATE ON menuca_v3.restaurants TO PUBLIC;
GRANT UPDATE (credit_balance) ON menuca_v3.users TO PUBLIC;

--
-- Outside of the wanted access: only with a reason
--
INSERT INTO menuca_wanted_access (table_name, wanted) VALUES ('secrets', false);
INSERT INTO menuca_wanted_access (table_name, wanted, note) VALUES ('secrets', false, E' \t');
UPDATE menuca_wanted_access SET wanted = false WHERE table_name = 'devices';
-- The note that the row was shipped with is no reason
UPDATE menuca_wanted_access SET wanted = false WHERE table_name = 'orders';
ALTER TABLE menuca_wanted_access DISABLE TRIGGER edited;
UPDATE menuca_wanted_access SET wanted = false, note = ' ' WHERE table_name = 'devices';
ALTER TABLE menuca_wanted_access ENABLE TRIGGER edited;
-- A row that replaces a standard one is as core and optional as that was
BEGIN;
INSERT INTO menuca_wanted_access (table_name, admin_may) VALUES ('dishes', 'all'), ('orders', 'all'), ('secrets', 'all');
INSERT INTO menuca_wanted_access (table_name, admin_may, core) VALUES ('courses', 'all', false);
SELECT table_name, core, optional FROM menuca_wanted_access WHERE NOT standard ORDER BY 1;
ROLLBACK;

--
-- What the rows say of columns
--
SELECT table_name, writable_columns, read_only_columns FROM menuca_wanted_access WHERE table_name IN ('dishes', 'combo_items', 'orders', 'restaurants', 'users', 'cities') ORDER BY 1;

--
-- Tables that nobody has decided about, partitions, heirs, foreign tables
--
CREATE TABLE menuca_v3.secrets (id int PRIMARY KEY, note text);
INSERT INTO menuca_v3.secrets VALUES (1, 'x');
CREATE TABLE menuca_v3.dishes_archive () INHERITS (menuca_v3.dishes);
CREATE TABLE menuca_v3.orders (id bigserial, restaurant_id bigint NOT NULL REFERENCES menuca_v3.restaurants, user_id bigint REFERENCES menuca_v3.users,
	status text NOT NULL DEFAULT 'placed', total numeric NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
CREATE TABLE menuca_v3.order_items (id bigserial, order_id bigint NOT NULL, name text NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (id, created_at),
	FOREIGN KEY (order_id, created_at) REFERENCES menuca_v3.orders) PARTITION BY RANGE (created_at);
CREATE SCHEMA archive;
CREATE TABLE menuca_v3."orders 2025" PARTITION OF menuca_v3.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE archive."orders.2024" PARTITION OF menuca_v3.orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY RANGE (created_at);
CREATE TABLE archive.first_half PARTITION OF archive."orders.2024" FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE menuca_v3.items_2025 PARTITION OF menuca_v3.order_items FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE FOREIGN DATA WRAPPER regress_menuca_nowhere;
CREATE SERVER regress_menuca_elsewhere FOREIGN DATA WRAPPER regress_menuca_nowhere;
CREATE FOREIGN TABLE menuca_v3.rates (id int) SERVER regress_menuca_elsewhere;
CREATE FOREIGN TABLE menuca_v3.provinces (id int) SERVER regress_menuca_elsewhere;
CREATE TABLE menuca_v3.email_queue (id int PRIMARY KEY);
INSERT INTO menuca_wanted_access (table_name, wanted, note) VALUES ('email_queue', false, 'read by the mailer alone, which has no login here');
INSERT INTO menuca_v3.orders (restaurant_id, user_id, total, created_at) VALUES (1, 1, 10, '2025-10-10'), (2, 2, 20, '2025-10-11'), (2, 1, 30, '2024-02-02');
INSERT INTO menuca_v3.order_items (order_id, name, created_at) VALUES (1, 'Pizza', '2025-10-10'), (2, 'Sushi', '2025-10-11');
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA menuca_v3, archive TO regress_menuca_anon, "regress menuca Tenant";
GRANT USAGE ON SCHEMA archive TO regress_menuca_anon, "regress menuca Tenant";
GRANT SELECT, INSERT ON menuca_v3.secrets TO regress_menuca_service;
GRANT SELECT ON menuca_v3."orders 2025" TO regress_menuca_service;
GRANT SELECT (id) ON menuca_v3.items_2025 TO PUBLIC;
SELECT table_name, is_foreign, has_row_security AS rls, coverage, part_of, decided_by, admin_may, note FROM menuca_table_coverage WHERE table_schema = 'menuca_v3' ORDER BY 1;
SELECT check_no, name, status, actual, detail, next_step FROM menuca_check_access(matrix => false, overhead => false) WHERE check_no IN (2, 6, 8);
SELECT table_name, action, object, statement, reason FROM menuca_access_plan('{email_queue}');
SELECT table_name, action, object, statement, reason FROM menuca_access_plan('{secrets,dishes_archive,rates,provinces}') WHERE table_name IS NOT NULL;
-- With a table come its partitions, wherever they are
SELECT table_name, action, object, statement, reason FROM menuca_access_plan('{orders}') WHERE table_name IS NOT NULL AND table_name <> 'orders';
CREATE TABLE rights_before AS
SELECT c.oid::regclass::text AS name, c.relrowsecurity AS rls, p.polname::text AS policy,
	(SELECT array_agg(replace(a::text, 'xtm/', 'xt/') ORDER BY a::text COLLATE "C") FROM unnest(coalesce(c.relacl, acldefault('r', c.relowner))) a) AS acl
FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
WHERE c.relnamespace IN ('menuca_v3'::regnamespace, 'archive'::regnamespace) AND c.relkind IN ('r', 'p', 'f');
SELECT table_name, status, created, grants, revokes, rls_switched_on AS rls, reasons FROM menuca_deploy_access(dry_run => false) WHERE status <> 'absent';
SELECT count(*) FROM menuca_access_plan() WHERE action NOT IN ('keep', 'absent', 'undecided', 'impossible');
SELECT check_no, name, status, actual, detail, next_step FROM menuca_check_access(matrix => false, overhead => false) WHERE check_no IN (2, 3, 4, 6, 7, 8);
-- Visitors reach the rows through the table, by its policies, and no partition directly
SET request.jwt.claims = '{"restaurant_id": 2, "user_id": 1}';
SET ROLE "regress menuca Tenant";
SELECT id, restaurant_id, user_id FROM menuca_v3.orders ORDER BY 1;
SELECT name FROM menuca_v3.order_items ORDER BY 1;
SELECT count(*) FROM menuca_v3."orders 2025";
SELECT count(*) FROM archive."orders.2024";
SELECT count(*) FROM archive.first_half;
SELECT id FROM menuca_v3.items_2025;
SELECT has_table_privilege('menuca_v3.rates', 'SELECT') AS foreign_table;
SELECT count(*) FROM menuca_v3.secrets;
INSERT INTO menuca_v3.secrets VALUES (2, 'y');
TRUNCATE menuca_v3.secrets;
SELECT count(*) FROM menuca_v3.dishes_archive;
UPDATE menuca_v3.orders SET status = 'accepted';
UPDATE menuca_v3.orders SET total = 0;
INSERT INTO menuca_v3.orders (restaurant_id, user_id, total, created_at) VALUES (2, 1, 0, '2025-11-11');
RESET ROLE;
-- The services keep what they may do
SET ROLE regress_menuca_service;
SELECT count(*) FROM menuca_v3.secrets;
INSERT INTO menuca_v3.secrets VALUES (2, 'y');
SELECT count(*) FROM menuca_v3."orders 2025";
DELETE FROM menuca_v3.secrets;
RESET ROLE;
RESET request.jwt.claims;
-- The matrix tries them
SELECT table_name, role_kind, command, row_case, expected, actual, status FROM menuca_test_access('{"orders 2025",archive.first_half,secrets}')
WHERE role_kind IN ('tenant', 'admin') ORDER BY 1, 2 DESC, 3;
GRANT SELECT ON archive.first_half TO regress_menuca_anon;
SELECT table_name, role_kind, command, row_case, actual, status FROM menuca_test_access('{archive.first_half}') WHERE status <> 'PASS';
SELECT check_no, name, status, detail FROM menuca_check_access(matrix => false, overhead => false) WHERE check_no IN (3, 7, 8);
REVOKE SELECT ON archive.first_half FROM regress_menuca_anon;
-- A partition that is attached later, and one that comes with default privileges
CREATE TABLE menuca_v3.orders_2026 PARTITION OF menuca_v3.orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
SELECT check_no, name, status, detail FROM menuca_check_access(matrix => false, overhead => false) WHERE check_no IN (3, 7, 8);
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON menuca_v3.orders_2026 TO regress_menuca_anon;
SELECT check_no, name, status, detail FROM menuca_check_access(matrix => false, overhead => false) WHERE check_no IN (3, 7, 8);
SELECT table_name, status FROM menuca_deploy_access(dry_run => false, tables => '{orders}') WHERE status <> 'unchanged';
-- And the table that this extension makes
SELECT next_step FROM menuca_create_dish_combo_groups(dry_run => false);
SELECT table_name, coverage, has_row_security FROM menuca_table_coverage WHERE table_name = 'dish_combo_groups';
SELECT check_no, name, status, detail FROM menuca_check_access(matrix => false, overhead => false) WHERE check_no IN (3, 4);
-- Deciding
INSERT INTO menuca_wanted_access (table_name, admin_may) VALUES ('secrets', 'all');
INSERT INTO menuca_wanted_access (table_name, wanted, note) VALUES ('dishes_archive', false, 'nobody but the owner reads it'), ('rates', false, 'grants alone');
UPDATE menuca_wanted_access SET wanted = false, note = 'of another server' WHERE table_name = 'provinces';
SELECT table_name, status FROM menuca_deploy_access(dry_run => false) WHERE status NOT IN ('unchanged', 'absent');
SELECT check_no, name, status, actual, detail FROM menuca_check_access(matrix => false, overhead => false) WHERE check_no IN (6, 8);

--
-- Columns
--
SELECT * FROM menuca_access_columns('{users,restaurants,orders,combo_items,secrets}');
SELECT table_name, object, statement FROM menuca_access_plan('{users,restaurants}') WHERE action IN ('grant', 'revoke');
SET request.jwt.claims = '{"restaurant_id": 2, "user_id": 1}';
SET ROLE "regress menuca Tenant";
SELECT * FROM menuca_v3.users;
UPDATE menuca_v3.users SET credit_balance = 1000;
UPDATE menuca_v3.users SET password_hash = 'x';
UPDATE menuca_v3.users SET phone = '555' RETURNING id, phone;
UPDATE menuca_v3.restaurants SET status = 'active', legacy_v1_id = 7;
UPDATE menuca_v3.restaurants SET name = 'Osaka II' RETURNING *;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name) VALUES (100, 2, 'New') RETURNING id;
INSERT INTO menuca_v3.dishes (id, restaurant_id, name, legacy_v1_id) VALUES (101, 2, 'Impostor', 201);
UPDATE menuca_v3.dishes SET legacy_v1_id = 201 WHERE id = 100;
RESET ROLE;
SET ROLE regress_menuca_service;
UPDATE menuca_v3.users SET credit_balance = 5, password_hash = 'hash' WHERE id = 1;
RESET ROLE;
-- What staff may write where some columns alone are writable, whatever their names
UPDATE menuca_wanted_access SET writable_columns = '{phone,"a,b"}', read_only_columns = '{phone}' WHERE table_name = 'users';
SELECT select_statement, update_columns, read_only_columns FROM menuca_access_columns('{users}');
UPDATE menuca_wanted_access SET writable_columns = NULL, read_only_columns = '{"a,b","it''s \"so\"",a,b,no_such_column}', hidden_columns = '{"a,b"}' WHERE table_name = 'users';
SELECT * FROM menuca_access_columns('{users}');
SELECT object, statement FROM menuca_access_plan('{users}') WHERE action IN ('grant', 'revoke');
SELECT status FROM menuca_deploy_access(dry_run => false, tables => '{users}') WHERE table_name = 'users';
SELECT count(*) FROM menuca_access_plan('{users}') WHERE action NOT IN ('keep');
UPDATE menuca_wanted_access SET writable_columns = '{}' WHERE table_name = 'users';
SELECT update_columns FROM menuca_access_columns('{users}');
-- Rights that others add
GRANT UPDATE (credit_balance) ON menuca_v3.users TO "regress menuca Tenant";
GRANT INSERT ON menuca_v3.restaurants TO PUBLIC;
GRANT TRIGGER ON menuca_v3.dishes TO regress_menuca_anon;
CREATE ROLE regress_menuca_crew;
GRANT regress_menuca_crew TO "regress menuca Tenant", regress_menuca_anon;
GRANT SELECT ON menuca_v3.users TO regress_menuca_crew;
GRANT UPDATE (legacy_v1_id) ON menuca_v3.dishes TO regress_menuca_crew;
SELECT table_name, object, statement FROM menuca_access_plan('{users,restaurants,dishes}') WHERE action = 'revoke' ORDER BY 1, 3;
-- A new row that needs a column that staff may not write
ALTER TABLE menuca_v3.dishes ADD source_id bigint NOT NULL DEFAULT 0;
ALTER TABLE menuca_v3.dishes ALTER source_id DROP DEFAULT;
SELECT action, object, statement, reason FROM menuca_access_plan('{dishes}') WHERE table_name IS NOT NULL AND (action <> 'keep' OR object IS NULL);
ALTER TABLE menuca_v3.dishes DROP source_id;

--
-- Everything is given back
--
REVOKE UPDATE (credit_balance) ON menuca_v3.users FROM "regress menuca Tenant";
REVOKE INSERT ON menuca_v3.restaurants FROM PUBLIC;
REVOKE TRIGGER ON menuca_v3.dishes FROM regress_menuca_anon;
DROP OWNED BY regress_menuca_crew;
DROP ROLE regress_menuca_crew;
SELECT table_name, status, dropped, rls_switched_off AS rls_off FROM menuca_rollback_access(tables => '{orders}');
SELECT status, count(*), sum(rls_switched_off::int) AS rls_off FROM menuca_rollback_access(dry_run => false) GROUP BY 1 ORDER BY 1;
SELECT b.name, b.rls, b.policy, b.acl, n.rls AS rls_now, n.policy AS policy_now, n.acl AS acl_now
FROM rights_before b FULL JOIN
	(SELECT c.oid::regclass::text AS name, c.relrowsecurity AS rls, p.polname::text AS policy,
		(SELECT array_agg(replace(a::text, 'xtm/', 'xt/') ORDER BY a::text COLLATE "C") FROM unnest(coalesce(c.relacl, acldefault('r', c.relowner))) a) AS acl
	FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
	WHERE c.relnamespace IN ('menuca_v3'::regnamespace, 'archive'::regnamespace) AND c.relkind IN ('r', 'p', 'f')) n USING (name)
WHERE (b.rls, b.policy, b.acl) IS DISTINCT FROM (n.rls, n.policy, n.acl) AND name <> 'menuca_v3.orders_2026';

--
-- Renamed columns
--
ALTER TABLE menuca_v3.dishes RENAME restaurant_id TO vendor_id;
ALTER TABLE menuca_v3.dishes RENAME course_id TO section;
ALTER TABLE menuca_v3.combo_groups RENAME restaurant_id TO "vendor ID";
ALTER TABLE menuca_v3.combo_items RENAME combo_group_id TO group_id;
ALTER TABLE menuca_v3.combo_items RENAME dish_id TO product_id;
ALTER TABLE menuca_v3.combo_steps RENAME combo_item_id TO item;
ALTER TABLE menuca_v3.users RENAME id TO user_no;
SELECT table_name, object, split_part(statement, 'USING', 2) AS condition FROM menuca_access_plan('{dishes,combo_steps,users}') WHERE object IN ('menuca_tenant_update', 'menuca_user_select');
SELECT table_name, update_columns, read_only_columns FROM menuca_access_columns('{dishes,combo_groups,users}');
SELECT table_name, status, reasons FROM menuca_deploy_access(dry_run => false, tables => '{dishes,combo_groups,combo_items,combo_steps,restaurants,courses,users}');
SELECT table_name, status, count(*) FROM menuca_test_access('{dishes,combo_groups,combo_items,combo_steps,users}') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT name, table_name, action, statement FROM menuca_index_plan() WHERE table_name IN ('dishes', 'combo_groups', 'combo_items', 'combo_steps') AND action <> 'exists' AND section IN (1, 4);
SELECT query, role_kind, measured_restaurant, counted, status IN ('PASS', 'WARN', 'FAIL') AS measured FROM menuca_access_overhead(executions => 3);
SELECT query, status, restaurant_id, row_count, statement FROM menuca_measure_queries(executions => 1);
-- Another key to the same table: which column is meant cannot be known; nor what a condition's column was renamed to
ALTER TABLE menuca_v3.dishes ADD sold_by bigint REFERENCES menuca_v3.restaurants;
ALTER TABLE menuca_v3.combo_groups RENAME is_active TO active;
SELECT table_name, reason FROM menuca_access_plan('{dishes,combo_groups}') WHERE action = 'impossible';
SELECT check_no, status, actual, detail, next_step FROM menuca_check_access(matrix => false, overhead => false) WHERE name = 'wanted_tables';
UPDATE menuca_wanted_access SET tenant_key = replace(tenant_key, 'restaurant_id', 'vendor_id'), user_key = replace(user_key, 'restaurant_id', 'vendor_id') WHERE table_name = 'dishes';
UPDATE menuca_wanted_access SET public_may_read_where = 'active' WHERE table_name = 'combo_groups';
SELECT check_no, status, actual FROM menuca_check_access(matrix => false, overhead => false) WHERE name = 'wanted_tables';
-- Whoever may insert parents must not be able to repeat an id; the whole foreign key leaves one parent
UPDATE menuca_wanted_access SET user_may = 'select,insert' WHERE table_name = 'orders';
SELECT split_part(statement, 'USING', 2) AS condition FROM menuca_access_plan('{order_items}') WHERE object = 'menuca_tenant_select';
ALTER TABLE menuca_v3.order_items DROP CONSTRAINT order_items_order_id_created_at_fkey;
SELECT table_name, reason FROM menuca_access_plan('{order_items}') WHERE action = 'impossible';
UPDATE menuca_wanted_access SET tenant_may = 'select,update', user_may = 'select', writable_columns = '{status,id}' WHERE table_name = 'orders';
SELECT count(*) FROM menuca_access_plan('{order_items}') WHERE action = 'impossible';
UPDATE menuca_wanted_access SET writable_columns = '{status}' WHERE table_name = 'orders';
SELECT count(*) FROM menuca_access_plan('{order_items}') WHERE action = 'impossible';

DROP SCHEMA archive CASCADE;
DROP FOREIGN DATA WRAPPER regress_menuca_nowhere CASCADE;
\set ECHO none
\i :drop
DROP OWNED BY regress_menuca_anon, "regress menuca Tenant", regress_menuca_service;
DROP ROLE regress_menuca_anon, "regress menuca Tenant", regress_menuca_service;
