--
-- Access: who may do what on which table, as row level security
--

CREATE TABLE menuca_wanted_access (
	table_name text PRIMARY KEY,
	tenant_key text,
	tenant_may text,
	public_may_read_where text,
	user_key text,
	user_may text,
	admin_may text,
	hidden_columns text[],
	writable_columns text[],
	read_only_columns text[],
	note text,
	public_with_tenant boolean NOT NULL DEFAULT true,
	wanted boolean NOT NULL DEFAULT true,
	core boolean,
	optional boolean,
	standard boolean NOT NULL DEFAULT false,
	CONSTRAINT menuca_wanted_access_outside_has_reason CHECK (wanted OR COALESCE(note ~ '\S', false))
);

COMMENT ON TABLE menuca_wanted_access IS
'Who may do what on the tables of the target schema; the operator may edit it.';
COMMENT ON COLUMN menuca_wanted_access.table_name IS
'Table of the schema menuca.target_schema, without the schema.';
COMMENT ON COLUMN menuca_wanted_access.tenant_key IS
'Column that holds a row''s restaurant, or column -> table.column through parents; NULL when rows have none.';
COMMENT ON COLUMN menuca_wanted_access.tenant_may IS
'What restaurants'' staff may do with their own rows: all, or a list of select, insert, update, delete (update and delete include select); NULL for nothing.';
COMMENT ON COLUMN menuca_wanted_access.public_may_read_where IS
'Condition for the rows that everybody may read, with all names but the table''s own columns qualified; NULL for none.';
COMMENT ON COLUMN menuca_wanted_access.user_key IS
'Column that holds a row''s customer, or column -> table.column through parents; NULL when rows have none.';
COMMENT ON COLUMN menuca_wanted_access.user_may IS
'What customers may do with their own rows, as tenant_may.';
COMMENT ON COLUMN menuca_wanted_access.admin_may IS
'What the platform''s services may do with all rows, as tenant_may.';
COMMENT ON COLUMN menuca_wanted_access.hidden_columns IS
'Columns that only the platform''s services may read; NULL for none.';
COMMENT ON COLUMN menuca_wanted_access.writable_columns IS
'The only columns that staff and customers may write; NULL for all but the hidden and the read-only ones. They share a role, so it holds for both.';
COMMENT ON COLUMN menuca_wanted_access.read_only_columns IS
'Columns that staff and customers may read, but not change; NULL for none. In a new row they may give the columns of an owner''s key and of the primary key, which it cannot do without.';
COMMENT ON COLUMN menuca_wanted_access.note IS
'Why the row is as it is; NULL when that is plain. A table with wanted = false needs a reason here.';
COMMENT ON COLUMN menuca_wanted_access.public_with_tenant IS
'True when a row is public only while its restaurant, and each row that tenant_key leads through, is; false when public_may_read_where alone decides. Soft-deleted rows (deleted_at) are public in neither case.';
COMMENT ON COLUMN menuca_wanted_access.wanted IS
'False leaves the table deliberately alone, for the reason in note: it is neither planned nor checked.';
COMMENT ON COLUMN menuca_wanted_access.core IS
'True for a table that the platform cannot be safe without: when its access cannot be deployed, menuca_check_access() fails. NULL in a new row: as the standard row that it replaces, otherwise false.';
COMMENT ON COLUMN menuca_wanted_access.optional IS
'True for a table that not every database has: where it is absent, nothing is said about it. NULL in a new row: as core.';
COMMENT ON COLUMN menuca_wanted_access.standard IS
'True for a row as the extension shipped it; an edit makes it false.';

-- First the tables of the tickets, then those that the project got later.
INSERT INTO menuca_wanted_access
	(table_name, tenant_key, tenant_may, public_may_read_where, user_key, user_may, admin_may, hidden_columns, note, standard)
VALUES
	-- restaurants, and what is theirs alone
	('restaurants', 'id', 'update', 'status = ''active''', NULL, NULL, 'all', NULL, 'a visitor has to see the restaurant whose menu he reads', true),
	('restaurant_locations', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_domains', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_contacts', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_admin_users', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', '{password_hash}', 'a password''s hash is read by the services alone', true),
	('restaurant_schedules', 'restaurant_id', 'all', 'is_enabled = true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_special_schedules', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_service_configs', 'restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_time_periods', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_partner_schedules', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_twilio_config', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('devices', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),

	-- the menu
	('courses', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('dishes', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('ingredients', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('ingredient_groups', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('ingredient_group_items', 'ingredient_group_id -> ingredient_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('dish_modifiers', 'restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),

	-- combos
	('combo_groups', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('combo_items', 'combo_group_id -> combo_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('combo_group_modifier_pricing', 'combo_group_id -> combo_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),
	('combo_steps', 'combo_item_id -> combo_items.combo_group_id -> combo_groups.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),

	-- delivery
	('restaurant_delivery_config', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_delivery_areas', 'restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_delivery_companies', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_delivery_fees', 'restaurant_id', 'all', NULL, NULL, NULL, 'all', NULL, NULL, true),
	('delivery_company_emails', NULL, NULL, 'is_active = true', NULL, NULL, 'all', NULL, NULL, true),

	-- marketing
	('promotional_deals', 'restaurant_id', 'all', 'is_enabled = true AND (date_start IS NULL OR date_start <= CURRENT_DATE) AND (date_stop IS NULL OR date_stop >= CURRENT_DATE)', NULL, NULL, 'all', NULL, NULL, true),
	('promotional_coupons', 'restaurant_id', 'all', 'is_active = true AND is_used IS NOT TRUE', NULL, NULL, 'all', NULL, 'is_used may be NULL, and such a coupon is not used', true),
	('marketing_tags', NULL, NULL, 'true', NULL, NULL, 'all', NULL, NULL, true),
	('restaurant_tag_associations', 'restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, true),

	-- customers
	('users', NULL, NULL, NULL, 'id', 'select,update', 'all', '{password_hash}', 'a password''s hash is read by the services alone', true),
	('user_addresses', NULL, NULL, NULL, 'user_id', 'all', 'all', NULL, NULL, true),
	('user_favorite_restaurants', NULL, NULL, NULL, 'user_id', 'all', 'all', NULL, NULL, true),
	('password_reset_tokens', NULL, NULL, NULL, 'user_id', 'select', 'all', NULL, NULL, true),
	('autologin_tokens', NULL, NULL, NULL, 'user_id', 'select', 'all', NULL, NULL, true),

	-- the platform
	('admin_users', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, true),
	('admin_user_restaurants', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, true),
	('provinces', NULL, NULL, 'true', NULL, NULL, 'all', NULL, NULL, true),
	('cities', NULL, NULL, 'true', NULL, NULL, 'all', NULL, NULL, true);

INSERT INTO menuca_wanted_access
	(table_name, tenant_key, tenant_may, public_may_read_where, user_key, user_may, admin_may, writable_columns, read_only_columns, note, optional, standard)
VALUES
	-- the menu, as it was redesigned
	('dish_combo_groups', 'dish_id -> dishes.restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_prices', 'dish_id -> dishes.restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('modifier_groups', 'dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_modifier_prices', 'dish_modifier_id -> dish_modifiers.restaurant_id', 'all', 'is_active = true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_allergens', 'dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_dietary_tags', 'dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_size_options', 'dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('course_translations', 'course_id -> courses.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('dish_translations', 'dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),
	('modifier_group_translations', 'modifier_group_id -> modifier_groups.dish_id -> dishes.restaurant_id', 'all', 'true', NULL, NULL, 'all', NULL, NULL, NULL, true, true),

	-- orders
	('orders', 'restaurant_id', 'update', NULL, 'user_id', 'select', 'all', '{status}', NULL, 'orders are placed by the services, which know the prices; staff move them on', true, true),
	('order_items', 'order_id -> orders.restaurant_id', 'select', NULL, 'order_id -> orders.user_id', 'select', 'all', NULL, NULL, 'as the order was placed', true, true),

	-- customers
	('user_delivery_addresses', NULL, NULL, NULL, 'user_id', 'all', 'all', NULL, NULL, NULL, true, true),

	-- the platform
	('email_queue', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, 'addresses and texts of messages: for the services alone', true, true),
	('failed_jobs', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, 'payloads of jobs: for the services alone', true, true),
	('rate_limits', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, 'who counts requests must not be whom they limit', true, true),
	('audit_log', NULL, NULL, NULL, NULL, NULL, 'all', NULL, NULL, 'old rows of all tables: for the services alone', true, true);

UPDATE menuca_wanted_access
SET core = table_name IN ('restaurants', 'dishes', 'combo_groups', 'combo_items', 'courses', 'users'),
	optional = COALESCE(optional, false);

-- The migration finds rows by their legacy ids, a row's owner decides who sees it, and dates say what happened when.
UPDATE menuca_wanted_access
SET read_only_columns = ARRAY['id', 'legacy_v1_id', 'legacy_v2_id', 'source_system', 'source_id', 'created_at', 'created_by', 'deleted_by']
	|| ARRAY(SELECT k.path
			 FROM pg_catalog.unnest(ARRAY[tenant_key, user_key]) WITH ORDINALITY AS k(path, place)
			 WHERE k.path !~ '->' AND k.path <> 'id' ORDER BY k.place)
WHERE writable_columns IS NULL AND (tenant_may ~ 'all|insert|update' OR user_may ~ 'all|insert|update');

UPDATE menuca_wanted_access
SET read_only_columns = read_only_columns || CASE table_name
	WHEN 'restaurants' THEN ARRAY['status', 'activated_at', 'suspended_at', 'closed_at', 'deleted_at', 'online_ordering_enabled', 'is_franchise_parent', 'parent_restaurant_id', 'franchise_brand_name', 'commission_rate']
	WHEN 'users' THEN ARRAY['auth_user_id', 'email_verified', 'email_verified_at', 'credit_balance', 'stripe_customer_id', 'origin_restaurant_id', 'status', 'is_active', 'is_email_verified', 'email_verification_token', 'last_login_at', 'last_login_ip', 'login_count', 'failed_login_attempts', 'locked_until', 'deleted_at']
	WHEN 'restaurant_admin_users' THEN ARRAY['user_type', 'status', 'auth_user_id', 'migrated_to_admin_user_id', 'last_login_at', 'last_login', 'login_count']
	WHEN 'promotional_coupons' THEN ARRAY['is_used']
END
WHERE table_name IN ('restaurants', 'users', 'restaurant_admin_users', 'promotional_coupons');

CREATE FUNCTION menuca_wanted_access_edited()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON FUNCTION menuca_wanted_access_edited() IS
'Trigger function of menuca_wanted_access: an edited row is no longer standard, and a new row replaces the standard one. So a dump holds what was edited, and a restore brings no row twice. A table is left outside of the wanted access only with a reason.';

CREATE TRIGGER edited BEFORE INSERT OR UPDATE ON menuca_wanted_access
	FOR EACH ROW EXECUTE FUNCTION menuca_wanted_access_edited();

COMMENT ON TRIGGER edited ON menuca_wanted_access IS
'An edited row is no longer standard, and a new row replaces the standard one.';

CREATE TABLE menuca_access_change (
	change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	table_schema text NOT NULL,
	table_name text,
	kind text NOT NULL CHECK (kind IN ('policy', 'row_security', 'grant', 'revoke', 'view')),
	object text,
	statement text NOT NULL,
	undo text NOT NULL,
	definition text,
	made_by text NOT NULL DEFAULT session_user,
	made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	undone_by text,
	undone_at timestamptz
);

COMMENT ON TABLE menuca_access_change IS
'The ledger of menuca_deploy_access(): each policy, grant, revoke and switch of row security, with the statement that undoes it.';
COMMENT ON COLUMN menuca_access_change.change_id IS
'Number of the change.';
COMMENT ON COLUMN menuca_access_change.table_schema IS
'Schema of the table.';
COMMENT ON COLUMN menuca_access_change.table_name IS
'Table that was changed, without its schema; NULL for a privilege on the schema itself.';
COMMENT ON COLUMN menuca_access_change.kind IS
'policy, row_security (it was switched on), grant, revoke, or view (menuca_own_tenants, menuca_public_restaurants and the like).';
COMMENT ON COLUMN menuca_access_change.object IS
'Name of the policy or view, or of the role that got or lost the privilege; NULL for row_security.';
COMMENT ON COLUMN menuca_access_change.statement IS
'Statement that made the change.';
COMMENT ON COLUMN menuca_access_change.undo IS
'Statement that undoes it.';
COMMENT ON COLUMN menuca_access_change.definition IS
'Definition of the policy or view as it was created, to tell whether it was changed since; NULL for other kinds.';
COMMENT ON COLUMN menuca_access_change.made_by IS
'Session user who made the change.';
COMMENT ON COLUMN menuca_access_change.made_at IS
'When it was made.';
COMMENT ON COLUMN menuca_access_change.undone_by IS
'Session user who undid the change, or replaced or dropped its policy; NULL while it is in force.';
COMMENT ON COLUMN menuca_access_change.undone_at IS
'When that was; NULL while the change is in force.';

CREATE TABLE menuca_access_deployment (
	deployment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	table_schema text NOT NULL,
	table_name text,
	made_by text NOT NULL DEFAULT session_user,
	made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	undone_by text,
	undone_at timestamptz,
	undo_took interval
);

COMMENT ON TABLE menuca_access_deployment IS
'The tables that deployments of access changed, a row for each time.';
COMMENT ON COLUMN menuca_access_deployment.deployment_id IS
'Number of the deployment of this table.';
COMMENT ON COLUMN menuca_access_deployment.table_schema IS
'Schema of the table.';
COMMENT ON COLUMN menuca_access_deployment.table_name IS
'Table that was changed, without its schema; NULL for the schemas themselves.';
COMMENT ON COLUMN menuca_access_deployment.made_by IS
'Session user who deployed.';
COMMENT ON COLUMN menuca_access_deployment.made_at IS
'When it was deployed.';
COMMENT ON COLUMN menuca_access_deployment.undone_by IS
'Session user who rolled it back; NULL while it is in force.';
COMMENT ON COLUMN menuca_access_deployment.undone_at IS
'When that was; NULL while it is in force.';
COMMENT ON COLUMN menuca_access_deployment.undo_took IS
'How long the statement that rolled it back had been running by then; NULL while it is in force.';

CREATE TABLE menuca_access_state (
	state_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	deployment_id bigint NOT NULL,
	moment text NOT NULL CHECK (moment IN ('before', 'added', 'removed')),
	kind text NOT NULL,
	object text,
	item_no integer NOT NULL,
	grantee text,
	grantor text,
	privilege text,
	is_grantable boolean,
	value text
);

CREATE INDEX menuca_access_state_deployment ON @extschema@.menuca_access_state (deployment_id);

COMMENT ON TABLE menuca_access_state IS
'What a table was like before a deployment changed it, and what the deployment added and removed: its owner, row security, policies, and privileges. A rollback gives it back and compares.';
COMMENT ON COLUMN menuca_access_state.state_id IS
'Number of the row.';
COMMENT ON COLUMN menuca_access_state.deployment_id IS
'The deployment in menuca_access_deployment.';
COMMENT ON COLUMN menuca_access_state.moment IS
'before for what was there then; added and removed for what differed when the table was deployed.';
COMMENT ON COLUMN menuca_access_state.kind IS
'As in menuca_access_item, and so are the columns that follow.';
COMMENT ON COLUMN menuca_access_state.object IS
'Name of the column, sequence, schema, function or policy, quoted if necessary; NULL for the table.';
COMMENT ON COLUMN menuca_access_state.item_no IS
'Place of the privilege in the list of the object.';
COMMENT ON COLUMN menuca_access_state.grantee IS
'Role that has the privilege, quoted if necessary; PUBLIC for everybody, OWNER for the object''s owner.';
COMMENT ON COLUMN menuca_access_state.grantor IS
'Role that granted it, in the same way.';
COMMENT ON COLUMN menuca_access_state.privilege IS
'SELECT, INSERT and so on; NULL when the row is about something else.';
COMMENT ON COLUMN menuca_access_state.is_grantable IS
'True when it was granted with the grant option.';
COMMENT ON COLUMN menuca_access_state.value IS
'The owner, on or off, or the definition of a policy; NULL for a privilege.';

SELECT pg_catalog.pg_extension_config_dump('menuca_wanted_access', 'WHERE NOT standard');
SELECT pg_catalog.pg_extension_config_dump('menuca_access_change', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_access_change_change_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_access_deployment', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_access_deployment_deployment_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_access_state', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_access_state_state_id_seq', '');

CREATE FUNCTION menuca_claim_bigint(
	claim text,
	setting text DEFAULT 'request.jwt.claims')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_bigint(text, text) IS
'A claim of the request as a bigint, from the JSON object that the setting holds. NULL when the setting is missing or empty, is not one JSON object, has no such claim, or has one that is no integer in range (a JSON number or a string of digits); never an error. A nested claim is a path: app_metadata -> restaurant_id. For policies, as (SELECT menuca_claim_bigint(...)), which is evaluated once per statement.';

CREATE FUNCTION menuca_claim_bigint(
	claim text,
	claims jsonb)
RETURNS bigint
AS 'MODULE_PATHNAME', 'menuca_claim_bigint_of'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_bigint(text, jsonb) IS
'As menuca_claim_bigint(text, text), from claims that a function such as auth.jwt() returned.';

CREATE FUNCTION menuca_claim_uuid(
	claim text,
	setting text DEFAULT 'request.jwt.claims')
RETURNS uuid
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_uuid(text, text) IS
'As menuca_claim_bigint(text, text), for a claim that is a uuid in its usual form, such as sub.';

CREATE FUNCTION menuca_claim_uuid(
	claim text,
	claims jsonb)
RETURNS uuid
AS 'MODULE_PATHNAME', 'menuca_claim_uuid_of'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_uuid(text, jsonb) IS
'As menuca_claim_uuid(text, text), from claims that a function such as auth.jwt() returned.';

CREATE FUNCTION menuca_own_tenants(
	view regclass)
RETURNS bigint[]
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_own_tenants(regclass) IS
'The restaurants that the caller works for, from the view menuca_own_tenants of the target schema, which a deployment makes when menuca.tenant_by is membership. The view is read with its owner''s rights, and shows a caller his own memberships alone. Empty when the view does not exist. For policies, as (SELECT menuca_own_tenants(...)), which is evaluated once per statement.';

CREATE FUNCTION menuca_own_tenant_uuids(
	view regclass)
RETURNS uuid[]
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_own_tenant_uuids(regclass) IS
'As menuca_own_tenants(regclass), where restaurants'' ids are uuids.';

CREATE FUNCTION menuca_is_public(
	view regclass,
	key bigint)
RETURNS boolean
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION menuca_is_public(regclass, bigint) IS
'True if everybody may read the row of that key: it is in the view, such as menuca_public_restaurants of the target schema, which a deployment makes from menuca_wanted_access, and which is read with its owner''s rights. False when the view does not exist. For policies; a statement looks up each key once.';

CREATE FUNCTION menuca_is_public(
	view regclass,
	key uuid)
RETURNS boolean
AS 'MODULE_PATHNAME', 'menuca_is_public_uuid'
LANGUAGE C STABLE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION menuca_is_public(regclass, uuid) IS
'As menuca_is_public(regclass, bigint), where keys are uuids.';

CREATE FUNCTION menuca_access_plan(
	tables text[] DEFAULT NULL,
	OUT table_name text,
	OUT action text,
	OUT object text,
	OUT statement text,
	OUT reason text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_access_plan(text[]) IS
'The actions that turn the present access into that of menuca_wanted_access, in their order: create_policy, replace_policy, drop_policy, grant, revoke, enable_rls, each with its statement; keep and keep_foreign for what stays, undecided for a table that the wanted access does not mention (row security denies it to visitors until somebody decides), absent for tables that do not exist, impossible with the reason. Partitions of a wanted table get row security, and visitors lose their grants on them: they are reached through their table. object is the policy or the role; table_name is NULL for the schema itself. Read only.';

CREATE FUNCTION menuca_access_columns(
	tables text[] DEFAULT NULL,
	OUT table_name text,
	OUT select_statement text,
	OUT insert_columns text[],
	OUT update_columns text[],
	OUT read_only_columns text[],
	OUT hidden_columns text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_access_columns(text[]) IS
'Which columns staff and customers may read and write by menuca_wanted_access: a SELECT of all that can be read, to be pasted where SELECT * would be refused, and the columns of an INSERT and an UPDATE, as names without quotes. The columns are granted to the role; which rows, and whether rows may be written at all, policies decide. Read only.';

CREATE FUNCTION menuca_deploy_access(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout interval DEFAULT '5 seconds',
	test boolean DEFAULT true,
	OUT table_name text,
	OUT was_dry_run boolean,
	OUT status text,
	OUT created integer,
	OUT replaced integer,
	OUT dropped integer,
	OUT foreign_policies integer,
	OUT grants integer,
	OUT revokes integer,
	OUT rls_switched_on boolean,
	OUT reasons text[],
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_deploy_access(boolean, text[], interval, boolean) IS
'Executes the actions of menuca_access_plan() in one transaction; by default a dry run. All tables are locked together, at once, without a queue in which others would wait; when that does not succeed within lock_timeout, nothing is done and the error names who holds them. One row per table (and one for the schema, table_name NULL) with status planned, deployed, unchanged, absent, impossible, failed or refused. A table gets all of its actions or none, its policies before row security, and the matrix of menuca_test_access() is tried before they are final: with a cell that fails, all are undone and the cells named; test => false omits that. Policies of others are kept and reported. Refuses (class MC) when the configured roles are missing, are the same, or bypass row security.';

REVOKE ALL ON FUNCTION menuca_deploy_access(boolean, text[], interval, boolean) FROM PUBLIC;

CREATE PROCEDURE menuca_deploy_access_by_table(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout interval DEFAULT '30 seconds',
	test boolean DEFAULT true,
	INOUT status text DEFAULT NULL,
	INOUT deployed text[] DEFAULT NULL,
	INOUT unchanged bigint DEFAULT NULL,
	INOUT failed text[] DEFAULT NULL,
	INOUT next_step text DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE menuca_deploy_access_by_table(boolean, text[], interval, boolean, text, text[], bigint, text[], text) IS
'As menuca_deploy_access, by default a dry run, too, but a transaction for each table, which is locked for its own change only, so that readers of other tables never wait. A table that others use is tried again between the others and after them, each time for a few milliseconds, until all have been waited for as long as lock_timeout. status is planned, refused, deployed, or deployed in part; deployed has the names of the tables, unchanged counts those that are as wanted or absent, failed has a text with the reason per table. A real call cannot be made inside a transaction block.';

REVOKE ALL ON PROCEDURE menuca_deploy_access_by_table(boolean, text[], interval, boolean, text, text[], bigint, text[], text) FROM PUBLIC;

CREATE FUNCTION menuca_rollback_access(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout interval DEFAULT '5 seconds',
	OUT table_name text,
	OUT was_dry_run boolean,
	OUT status text,
	OUT dropped integer,
	OUT changed integer,
	OUT gone integer,
	OUT grants_undone integer,
	OUT rls_switched_off boolean,
	OUT reasons text[],
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_rollback_access(boolean, text[], interval) IS
'Undoes what menuca_deploy_access() did and nothing else, in one transaction; by default a dry run. All tables are locked together, at once, or nothing is done. Policies that were changed since, and policies of others, stay and are reported; row security is switched off where a deployment switched it on and no other policy has been added since. Privileges of tables, columns, sequences, schemas and functions, replaced policies and the order of privileges are given back as the ledger has them; then everything is compared with the time before the deployment, and reasons names each difference.';

REVOKE ALL ON FUNCTION menuca_rollback_access(boolean, text[], interval) FROM PUBLIC;

CREATE PROCEDURE menuca_rollback_access_by_table(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout interval DEFAULT '30 seconds',
	INOUT status text DEFAULT NULL,
	INOUT undone text[] DEFAULT NULL,
	INOUT kept text[] DEFAULT NULL,
	INOUT failed text[] DEFAULT NULL,
	INOUT next_step text DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON PROCEDURE menuca_rollback_access_by_table(boolean, text[], interval, text, text[], text[], text[], text) IS
'As menuca_rollback_access, by default a dry run, too, but a transaction for each table, as in menuca_deploy_access_by_table. status is planned, undone, or undone in part; undone has the names of the tables, kept the reasons for what is not as before the deployment, failed a text with the reason per table. A real call cannot be made inside a transaction block.';

REVOKE ALL ON PROCEDURE menuca_rollback_access_by_table(boolean, text[], interval, text, text[], text[], text[], text) FROM PUBLIC;

CREATE FUNCTION menuca_test_access(
	tables text[] DEFAULT NULL,
	OUT table_name text,
	OUT role_kind text,
	OUT role_name text,
	OUT command text,
	OUT row_case text,
	OUT expected text,
	OUT actual text,
	OUT status text,
	OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_test_access(text[]) IS
'Tries the matrix of roles, tables and commands with real statements: it inserts rows of two restaurants and two customers, public and inactive ones, and each role with its claims selects, inserts, updates, moves and deletes them. Everything is undone in any case. status: PASS, FAIL, ERROR (neither allowed nor refused) or SKIP (no row could be inserted). The caller must own the tables and be a member of the roles.';

REVOKE ALL ON FUNCTION menuca_test_access(text[]) FROM PUBLIC;

CREATE FUNCTION menuca_access_overhead(
	restaurant_id bigint DEFAULT NULL,
	executions integer DEFAULT 201,
	OUT query text,
	OUT role_kind text,
	OUT role_name text,
	OUT measured_restaurant bigint,
	OUT counted bigint,
	OUT owner_ms numeric,
	OUT role_ms numeric,
	OUT overhead_pct numeric,
	OUT low_pct numeric,
	OUT high_pct numeric,
	OUT owner_buffers bigint,
	OUT role_buffers bigint,
	OUT same_plan boolean,
	OUT status text,
	OUT detail text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_access_overhead(bigint, integer) IS
'What row security costs: menu queries of a restaurant (NULL: the one with most public dishes for the menu, and the one with most public items for the combos) as the public and the tenant role, against the same queries with the same conditions written out, by the caller, to whom no policy applies. Their plans and the pages that they need are compared first; then each is executed that many times, the two in turn, and the ratios of neighbours are judged: overhead_pct is their median, low_pct and high_pct its 99 % confidence interval; while that contains a limit, up to five times as many are executed. PASS when all of the interval is below half of menuca.max_access_overhead (10 %), FAIL when none of it is below menuca.max_access_overhead (20 %), otherwise WARN. Time alone does not fail where plan and pages are equal, nor where the difference is too small to be noticed; a table of 1 MB or more that the role alone reads from end to end fails whatever the time. Nothing is switched off for it. The caller must be a member of the roles.';

REVOKE ALL ON FUNCTION menuca_access_overhead(bigint, integer) FROM PUBLIC;

CREATE FUNCTION menuca_judge_overhead(
	owner_ms double precision[],
	role_ms double precision[],
	owner_buffers bigint DEFAULT NULL,
	role_buffers bigint DEFAULT NULL,
	same_plan boolean DEFAULT NULL,
	OUT median_owner_ms numeric,
	OUT median_role_ms numeric,
	OUT overhead_pct numeric,
	OUT low_pct numeric,
	OUT high_pct numeric,
	OUT status text,
	OUT detail text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_judge_overhead(double precision[], double precision[], bigint, bigint, boolean) IS
'What menuca_access_overhead() says of times that were measured elsewhere, in milliseconds: each one of the owner next to one of the role, their order changing from pair to pair. Two pairs are one sample; from 9 samples on there is a 99 % confidence interval of their median. With the pages that both need and whether their plans are the same, times alone do not fail where these are equal.';

REVOKE ALL ON FUNCTION menuca_judge_overhead(double precision[], double precision[], bigint, bigint, boolean) FROM PUBLIC;

CREATE FUNCTION menuca_check_access(
	matrix boolean DEFAULT true,
	overhead boolean DEFAULT true,
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT next_step text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_check_access(boolean, boolean) IS
'The checks of the wanted access, one row each as in menuca_validate: roles, row security, unchanged policies, policies of others, grants, indexes, and unless switched off the matrix of menuca_test_access() and the figures of menuca_access_overhead(). Everything that they try is undone.';

REVOKE ALL ON FUNCTION menuca_check_access(boolean, boolean) FROM PUBLIC;

--
-- What the catalog says about access.  These views run with the rights of
-- whoever reads them; the catalog shows everybody the same.
--

CREATE VIEW menuca_policy WITH (security_invoker = true) AS
SELECT p.polrelid AS table_oid,
	p.polname::text AS policy_name,
	p.polpermissive AS is_permissive,
	pg_catalog.format('AS %s FOR %s TO %s%s%s',
		CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
		CASE p.polcmd
			WHEN 'r' THEN 'SELECT'
			WHEN 'a' THEN 'INSERT'
			WHEN 'w' THEN 'UPDATE'
			WHEN 'd' THEN 'DELETE'
			ELSE 'ALL'
		END,
		CASE WHEN 0 = ANY (p.polroles) THEN 'PUBLIC'
			ELSE (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(r.rolname), ', ' ORDER BY r.rolname)
				  FROM pg_catalog.pg_roles r WHERE r.oid = ANY (p.polroles))
		END,
		' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
		' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')') AS definition
FROM pg_catalog.pg_policy p;

COMMENT ON VIEW menuca_policy IS
'The row security policies of this database.';
COMMENT ON COLUMN menuca_policy.table_oid IS
'OID of the table.';
COMMENT ON COLUMN menuca_policy.policy_name IS
'Name of the policy.';
COMMENT ON COLUMN menuca_policy.is_permissive IS
'True when it allows rows; false when it restricts what others allow.';
COMMENT ON COLUMN menuca_policy.definition IS
'The policy as in CREATE POLICY, from AS on, its roles sorted by name. The search_path decides which names in its conditions are qualified.';

CREATE VIEW menuca_access_object WITH (security_invoker = true) AS
SELECT o.table_oid, o.schema_name, o.kind, o.object, o.object_oid, o.column_no, o.owner_oid, o.acl, o.default_acl
FROM (SELECT c.oid, n.nspname::text, 'table', NULL, c.oid, 0, c.relowner, c.relacl, pg_catalog.acldefault('r', c.relowner)
	  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	  WHERE c.relkind IN ('r', 'p', 'f')
	  UNION ALL
	  SELECT c.oid, n.nspname::text, 'column', pg_catalog.quote_ident(t.attname), c.oid, t.attnum::integer, c.relowner, t.attacl, NULL
	  FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	  WHERE c.relkind IN ('r', 'p', 'f') AND t.attnum > 0 AND NOT t.attisdropped
	  UNION ALL
	  SELECT d.refobjid, n.nspname::text, 'sequence', pg_catalog.format('%I.%I', n.nspname, c.relname), c.oid, 0, c.relowner, c.relacl,
		  pg_catalog.acldefault('s', c.relowner)
	  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
		  AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND c.relkind = 'S'
	  UNION ALL
	  SELECT NULL, n.nspname::text, 'schema', pg_catalog.quote_ident(n.nspname), n.oid, 0, n.nspowner, n.nspacl, pg_catalog.acldefault('n', n.nspowner)
	  FROM pg_catalog.pg_namespace n
	  UNION ALL
	  SELECT NULL, n.nspname::text, 'function', pg_catalog.format('%I.%I(%s)', n.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid)),
		  f.oid, 0, f.proowner, f.proacl, pg_catalog.acldefault('f', f.proowner)
	  FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace)
	o(table_oid, schema_name, kind, object, object_oid, column_no, owner_oid, acl, default_acl);

COMMENT ON VIEW menuca_access_object IS
'What privileges are granted on: tables with their columns and the sequences that they own, and schemas and functions.';
COMMENT ON COLUMN menuca_access_object.table_oid IS
'OID of the table; NULL for schemas and functions.';
COMMENT ON COLUMN menuca_access_object.schema_name IS
'Schema of the object, or the schema itself.';
COMMENT ON COLUMN menuca_access_object.kind IS
'table, column, sequence, schema or function.';
COMMENT ON COLUMN menuca_access_object.object IS
'Name of the column, sequence, schema or function as GRANT takes it; NULL for the table.';
COMMENT ON COLUMN menuca_access_object.object_oid IS
'OID of the object; of a column, its table.';
COMMENT ON COLUMN menuca_access_object.column_no IS
'Number of the column; 0 for other kinds.';
COMMENT ON COLUMN menuca_access_object.owner_oid IS
'OID of the owner.';
COMMENT ON COLUMN menuca_access_object.acl IS
'The privileges; NULL when nothing was granted or revoked yet.';
COMMENT ON COLUMN menuca_access_object.default_acl IS
'The privileges while acl is NULL; NULL when these are none.';

CREATE VIEW menuca_access_item WITH (security_invoker = true) AS
SELECT o.table_oid, o.schema_name, o.kind, o.object, a.item_no::integer AS item_no,
	CASE a.grantee WHEN o.owner_oid THEN 'OWNER' WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS grantee,
	CASE a.grantor WHEN o.owner_oid THEN 'OWNER' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantor)) END AS grantor,
	a.privilege_type AS privilege,
	a.is_grantable,
	CASE WHEN a.privilege_type IS NULL THEN 'no privilege was granted or revoked yet' END AS value
FROM @extschema@.menuca_access_object o,
	LATERAL (SELECT *
			 FROM pg_catalog.aclexplode(coalesce(o.acl, o.default_acl)) WITH ORDINALITY
			 UNION ALL
			 SELECT NULL, NULL, NULL, NULL, 0
			 WHERE o.acl IS NULL AND o.kind <> 'column') a(grantor, grantee, privilege_type, is_grantable, item_no)
UNION ALL
SELECT c.oid, n.nspname::text, f.kind, NULL, 0, NULL, NULL, NULL, NULL, f.value
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
	LATERAL (VALUES ('owner', pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner))),
			 ('row_security', CASE WHEN c.relrowsecurity THEN 'on' ELSE 'off' END),
			 ('forced_row_security', CASE WHEN c.relforcerowsecurity THEN 'on' ELSE 'off' END)) f(kind, value)
WHERE c.relkind IN ('r', 'p', 'f')
UNION ALL
SELECT p.table_oid, NULL, 'policy', pg_catalog.quote_ident(p.policy_name), 0, NULL, NULL, NULL, NULL, p.definition
FROM @extschema@.menuca_policy p;

COMMENT ON VIEW menuca_access_item IS
'Who may do what now, a row for each thing that a deployment of access could change.';
COMMENT ON COLUMN menuca_access_item.table_oid IS
'OID of the table; NULL for schemas and functions.';
COMMENT ON COLUMN menuca_access_item.schema_name IS
'Schema of the object; NULL for a policy.';
COMMENT ON COLUMN menuca_access_item.kind IS
'A kind of menuca_access_object, or owner, row_security, forced_row_security or policy.';
COMMENT ON COLUMN menuca_access_item.object IS
'Name of the column, sequence, schema, function or policy, quoted if necessary; NULL for the table.';
COMMENT ON COLUMN menuca_access_item.item_no IS
'Place of the privilege in the list of the object; 0 for other things.';
COMMENT ON COLUMN menuca_access_item.grantee IS
'Role that has the privilege, quoted if necessary; PUBLIC for everybody, OWNER for the object''s owner.';
COMMENT ON COLUMN menuca_access_item.grantor IS
'Role that granted it, in the same way.';
COMMENT ON COLUMN menuca_access_item.privilege IS
'SELECT, INSERT and so on; NULL when the row is about something else.';
COMMENT ON COLUMN menuca_access_item.is_grantable IS
'True when it was granted with the grant option.';
COMMENT ON COLUMN menuca_access_item.value IS
'The owner, on or off, the definition of a policy, or that no privilege was granted or revoked yet; NULL for a privilege.';

CREATE VIEW menuca_access_reversal WITH (security_invoker = true) AS
SELECT DISTINCT ON (d.table_schema, d.table_name, s.kind, s.object, s.grantee, s.grantor, s.privilege, s.is_grantable, s.value)
	d.table_schema, d.table_name, s.kind, s.object, s.grantee, s.grantor, s.privilege, s.is_grantable, s.value,
	s.moment = 'removed' AS was_there
FROM @extschema@.menuca_access_deployment d JOIN @extschema@.menuca_access_state s ON s.deployment_id = d.deployment_id
WHERE d.undone_at IS NULL AND s.moment <> 'before'
ORDER BY d.table_schema, d.table_name, s.kind, s.object, s.grantee, s.grantor, s.privilege, s.is_grantable, s.value, d.deployment_id, s.state_id;

COMMENT ON VIEW menuca_access_reversal IS
'What deployments in force have changed, each thing once, as it was before the first of them.';
COMMENT ON COLUMN menuca_access_reversal.table_schema IS
'Schema of the table.';
COMMENT ON COLUMN menuca_access_reversal.table_name IS
'Table that was changed; NULL for the schemas.';
COMMENT ON COLUMN menuca_access_reversal.kind IS
'As in menuca_access_item, and so are the columns that follow.';
COMMENT ON COLUMN menuca_access_reversal.object IS
'Name of the column, sequence, schema, function or policy; NULL for the table.';
COMMENT ON COLUMN menuca_access_reversal.grantee IS
'Role that has the privilege.';
COMMENT ON COLUMN menuca_access_reversal.grantor IS
'Role that granted it.';
COMMENT ON COLUMN menuca_access_reversal.privilege IS
'SELECT, INSERT and so on; NULL when the row is about something else.';
COMMENT ON COLUMN menuca_access_reversal.is_grantable IS
'True when it is granted with the grant option.';
COMMENT ON COLUMN menuca_access_reversal.value IS
'The value when the row is not about a privilege.';
COMMENT ON COLUMN menuca_access_reversal.was_there IS
'True when a rollback gives it back, false when it takes it away.';

CREATE VIEW menuca_policy_reference WITH (security_invoker = true) AS
SELECT DISTINCT p.polrelid AS table_oid,
	d.refobjid AS referenced_oid
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid AND c.relrowsecurity
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
	AND d.refobjid <> p.polrelid;

COMMENT ON VIEW menuca_policy_reference IS
'The other tables that the policies of tables with row security read, so that their access depends on them.';
COMMENT ON COLUMN menuca_policy_reference.table_oid IS
'OID of the table with the policy.';
COMMENT ON COLUMN menuca_policy_reference.referenced_oid IS
'OID of the table or view that the policy reads.';

CREATE VIEW menuca_table_grant WITH (security_invoker = true) AS
SELECT g.table_oid,
	g.column_name,
	g.grantee_oid,
	CASE g.grantee_oid
		WHEN 0 THEN 'PUBLIC'
		ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee_oid))
	END AS grantee_name,
	g.privilege
FROM (SELECT c.oid, NULL, a.grantee, a.privilege_type
	  FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
	  UNION
	  SELECT t.attrelid, pg_catalog.quote_ident(t.attname), a.grantee, a.privilege_type
	  FROM pg_catalog.pg_attribute t, pg_catalog.aclexplode(t.attacl) a
	  WHERE NOT t.attisdropped) g(table_oid, column_name, grantee_oid, privilege);

COMMENT ON VIEW menuca_table_grant IS
'The privileges that were granted on each table and on its columns, one row each, whoever granted them. What an owner has because nothing was granted or revoked yet is no row.';
COMMENT ON COLUMN menuca_table_grant.table_oid IS
'OID of the table.';
COMMENT ON COLUMN menuca_table_grant.column_name IS
'Name of the column, quoted if necessary; NULL for a privilege on the whole table.';
COMMENT ON COLUMN menuca_table_grant.grantee_oid IS
'OID of the role that has the privilege; 0 for everybody.';
COMMENT ON COLUMN menuca_table_grant.grantee_name IS
'Name of that role, quoted if necessary; PUBLIC for everybody.';
COMMENT ON COLUMN menuca_table_grant.privilege IS
'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES or TRIGGER, and others of newer servers.';

CREATE VIEW menuca_table_coverage WITH (security_invoker = true) AS
WITH RECURSIVE line(table_oid, ancestor_oid, depth, is_partition) AS (
	SELECT c.oid, c.oid, 0, true
	FROM pg_catalog.pg_class c
	WHERE c.relkind IN ('r', 'p', 'f')
		AND c.relpersistence <> 't'
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
						WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
							AND d.objid = c.oid
							AND d.deptype = 'e')
	UNION ALL
	SELECT l.table_oid, i.inhparent, l.depth + 1, l.is_partition AND a.relispartition
	FROM line l
	JOIN pg_catalog.pg_class a ON a.oid = l.ancestor_oid
	JOIN pg_catalog.pg_inherits i ON i.inhrelid = l.ancestor_oid),
kin AS (
	SELECT n.nspname AS table_schema,
		l.table_oid,
		pg_catalog.array_agg(a.relname::text ORDER BY l.depth, a.relname)
			FILTER (WHERE l.depth > 0 AND (l.is_partition OR c.relnamespace <> n.oid)) AS part_of,
		pg_catalog.array_agg(w.table_name ORDER BY l.depth) FILTER (WHERE w.table_name IS NOT NULL) AS listed,
		pg_catalog.bool_or(l.depth = 0 AND w.table_name IS NOT NULL) AS is_listed
	FROM line l
	JOIN pg_catalog.pg_class c ON c.oid = l.table_oid
	JOIN pg_catalog.pg_class a ON a.oid = l.ancestor_oid
	JOIN pg_catalog.pg_namespace n ON n.oid = a.relnamespace
	LEFT JOIN @extschema@.menuca_wanted_access w ON w.table_name = a.relname::text
	GROUP BY n.nspname, l.table_oid)
SELECT k.table_schema::text AS table_schema,
	k.table_oid,
	CASE WHEN n.nspname = k.table_schema THEN c.relname::text
		ELSE pg_catalog.format('%I.%I', n.nspname, c.relname) END AS table_name,
	c.relkind = 'f' AS is_foreign,
	c.relrowsecurity AS has_row_security,
	CASE
		WHEN NOT w.wanted AND (k.is_listed OR k.part_of IS NOT NULL) THEN 'outside'
		WHEN k.is_listed THEN 'wanted'
		WHEN k.part_of IS NOT NULL THEN 'part'
		ELSE 'undecided'
	END AS coverage,
	k.part_of,
	CASE WHEN k.is_listed OR k.part_of IS NOT NULL THEN w.table_name END AS decided_by,
	CASE WHEN k.is_listed OR k.part_of IS NOT NULL THEN w.admin_may END AS admin_may,
	CASE WHEN k.is_listed OR k.part_of IS NOT NULL THEN w.note END AS note
FROM kin k
JOIN pg_catalog.pg_class c ON c.oid = k.table_oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN @extschema@.menuca_wanted_access w ON w.table_name = k.listed[1];

COMMENT ON VIEW menuca_table_coverage IS
'What menuca_wanted_access says of each table, partitioned table, partition and foreign table, for the schema that it is in, and for that of the tables that it is a part of. Tables of extensions and temporary ones are no rows.';
COMMENT ON COLUMN menuca_table_coverage.table_schema IS
'Schema of the table or, for a part that is elsewhere, of the table that it is a part of: compare it with menuca.target_schema.';
COMMENT ON COLUMN menuca_table_coverage.table_oid IS
'OID of the table.';
COMMENT ON COLUMN menuca_table_coverage.table_name IS
'Name of the table in that schema; qualified and quoted for a part that is elsewhere.';
COMMENT ON COLUMN menuca_table_coverage.is_foreign IS
'True for a foreign table, which row security cannot protect.';
COMMENT ON COLUMN menuca_table_coverage.has_row_security IS
'True when row security is on.';
COMMENT ON COLUMN menuca_table_coverage.coverage IS
'wanted or outside (deliberately left alone, for the reason in note), by a row of menuca_wanted_access; part (a partition, or a table of another schema that inherits: it is reached through the table decided_by); undecided: nobody has said who may access it.';
COMMENT ON COLUMN menuca_table_coverage.part_of IS
'The tables of that schema that it is a part of, the nearest first; NULL when it is none.';
COMMENT ON COLUMN menuca_table_coverage.decided_by IS
'The row of menuca_wanted_access that decides; NULL when there is none.';
COMMENT ON COLUMN menuca_table_coverage.admin_may IS
'What the platform''s services may do with its rows, by that row.';
COMMENT ON COLUMN menuca_table_coverage.note IS
'The note of that row.';

--
-- Trial rows: which columns of a table need new values, by the catalog alone
--

CREATE VIEW menuca_trial_unique_key WITH (security_invoker = true) AS
SELECT i.indrelid AS table_oid,
	i.indexrelid AS index_oid,
	i.indisprimary AS is_primary,
	(SELECT pg_catalog.array_agg(c.column_no)
	 FROM (SELECT k::integer AS column_no
		   FROM pg_catalog.unnest(i.indkey::smallint[]) k
		   WHERE k > 0
		   UNION
		   SELECT d.refobjsubid
		   FROM pg_catalog.pg_depend d
		   WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
			   AND d.objid = i.indexrelid
			   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
			   AND d.refobjid = i.indrelid
			   AND d.refobjsubid > 0
			   AND i.indexprs IS NOT NULL) c) AS column_numbers
FROM pg_catalog.pg_index i
WHERE (i.indisunique OR i.indisexclusion)
	AND i.indislive;

COMMENT ON VIEW menuca_trial_unique_key IS
'The unique and exclusion indexes of each table with the columns whose values they compare.';
COMMENT ON COLUMN menuca_trial_unique_key.table_oid IS
'The table.';
COMMENT ON COLUMN menuca_trial_unique_key.index_oid IS
'The index.';
COMMENT ON COLUMN menuca_trial_unique_key.is_primary IS
'True for the primary key.';
COMMENT ON COLUMN menuca_trial_unique_key.column_numbers IS
'Numbers of its columns (pg_attribute.attnum), in no order; of an index on expressions, also the columns that they use.';

--
-- Keeping the extension while policies call its functions
--

CREATE FUNCTION menuca_guard_policies()
RETURNS event_trigger
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON FUNCTION menuca_guard_policies() IS
'Function of the event trigger menuca_guard_policies: refuses DROP EXTENSION, and DROP SCHEMA and DROP OWNED that would drop the extension with it, while row security policies call its functions. CASCADE would drop these policies.';

REVOKE ALL ON FUNCTION menuca_guard_policies() FROM PUBLIC;

CREATE EVENT TRIGGER menuca_guard_policies ON ddl_command_start
	WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
	EXECUTE FUNCTION menuca_guard_policies();

COMMENT ON EVENT TRIGGER menuca_guard_policies IS
'Refuses to drop the extension while row security policies call its functions.';
