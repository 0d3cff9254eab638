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
	note text,
	wanted boolean NOT NULL DEFAULT true,
	standard boolean NOT NULL DEFAULT false
);

COMMENT ON TABLE menuca_wanted_access IS
'Who may do what on the tables of the target schema; to be edited. tenant_may, user_may, admin_may: all, or a list of select, insert, update, delete (the last two bring select along). Keys: the column that holds the owner, or column -> table.column through parents. public_may_read_where: a condition in SQL, with all names but the table''s own columns qualified. hidden_columns: for the admin only. wanted = false leaves a table alone; standard is true for rows as the extension brought them.';

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

CREATE FUNCTION menuca_wanted_access_edited()
RETURNS trigger
AS 'MODULE_PATHNAME'
LANGUAGE C;

COMMENT ON FUNCTION menuca_wanted_access_edited() IS
'The trigger of menuca_wanted_access: an edited row is no longer standard, and a new one takes the place of the standard one. So a dump holds what was edited, and a restore brings no row twice.';

CREATE TRIGGER edited BEFORE INSERT OR UPDATE ON menuca_wanted_access
	FOR EACH ROW EXECUTE FUNCTION menuca_wanted_access_edited();

CREATE TABLE menuca_access_change (
	change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	table_schema text NOT NULL,
	table_name text,
	kind text NOT NULL CHECK (kind IN ('policy', 'rls', 'grant', 'revoke')),
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
'The ledger of menuca_deploy_access: each policy, grant, revoke and switch of row security that it made, with the statement that undoes it; table_name is NULL for the schema''s own grants';

SELECT pg_catalog.pg_extension_config_dump('menuca_wanted_access', 'WHERE NOT standard');
SELECT pg_catalog.pg_extension_config_dump('menuca_access_change', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_access_change_change_id_seq', '');

CREATE FUNCTION menuca_claim_bigint(
	claim text,
	setting text DEFAULT 'request.jwt.claims')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_bigint(text, text) IS
'A claim of the request as a bigint, from the JSON object that the setting holds. NULL when the setting is missing or empty, is not one JSON object, has no such claim, or has one that is no integer in range (a JSON number or a string of digits); never an error. Keys inside each other: app_metadata -> restaurant_id. For policies, as (SELECT menuca_claim_bigint(...)), which is read once per statement.';

CREATE FUNCTION menuca_claim_bigint(
	claim text,
	claims jsonb)
RETURNS bigint
AS 'MODULE_PATHNAME', 'menuca_claim_bigint_of'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_bigint(text, jsonb) IS
'The same, from claims that a function such as auth.jwt() returned.';

CREATE FUNCTION menuca_claim_uuid(
	claim text,
	setting text DEFAULT 'request.jwt.claims')
RETURNS uuid
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_uuid(text, text) IS
'As menuca_claim_bigint, for claims that are a uuid in its usual form, such as sub.';

CREATE FUNCTION menuca_claim_uuid(
	claim text,
	claims jsonb)
RETURNS uuid
AS 'MODULE_PATHNAME', 'menuca_claim_uuid_of'
LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION menuca_claim_uuid(text, jsonb) IS
'The same, from claims that a function such as auth.jwt() returned.';

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
'The steps from the access that there is to the access of menuca_wanted_access, in their order: create_policy, replace_policy, drop_policy, grant, revoke, enable_rls, each with its statement; keep and keep_foreign for what stays, absent for tables that are not there, impossible with the reason. object is the policy or the role; table_name is NULL for the schema''s own. Read only.';

CREATE FUNCTION menuca_deploy_access(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout text DEFAULT '5s',
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
	OUT reasons text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_deploy_access(boolean, text[], text) IS
'Carries out menuca_access_plan(); by default a dry run. A row per table (and one for the schema, table_name NULL) with status planned, deployed, unchanged, absent, impossible, failed or refused. A table gets all of its steps or none, its policies before row security. Policies of others are kept and reported. Refuses (class MC) when the configured roles are missing, the same, or bypass row security.';

REVOKE ALL ON FUNCTION menuca_deploy_access(boolean, text[], text) FROM PUBLIC;

CREATE FUNCTION menuca_rollback_access(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout text DEFAULT '5s',
	OUT table_name text,
	OUT was_dry_run boolean,
	OUT status text,
	OUT dropped integer,
	OUT changed integer,
	OUT gone integer,
	OUT grants_undone integer,
	OUT rls_switched_off boolean,
	OUT reasons text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_rollback_access(boolean, text[], text) IS
'Undoes what deployments made and nothing else; by default a dry run. Policies that were changed since stay and are reported, those of others stay; row security goes off where a deployment switched it on and no policy is left.';

REVOKE ALL ON FUNCTION menuca_rollback_access(boolean, text[], text) FROM PUBLIC;

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
'The matrix of roles, tables and commands, tried out for real: rows of two restaurants and two customers are made, public and inactive ones, and each role with its claims selects, inserts, updates, moves and deletes them. All of it is undone, whatever happens. status: PASS, FAIL, ERROR (neither allowed nor refused) or SKIP (no row could be made). The caller must own the tables and be a member of the roles.';

REVOKE ALL ON FUNCTION menuca_test_access(text[]) FROM PUBLIC;

CREATE FUNCTION menuca_access_overhead(
	restaurant_id bigint DEFAULT NULL,
	runs integer DEFAULT 201,
	OUT query text,
	OUT role_kind text,
	OUT role_name text,
	OUT measured_restaurant bigint,
	OUT counted bigint,
	OUT owner_ms numeric,
	OUT role_ms numeric,
	OUT overhead_pct numeric,
	OUT status text,
	OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_access_overhead(bigint, integer) IS
'What row security costs: menu queries of a restaurant (NULL: the one with most dishes) as the public and the tenant role, against the same queries by the caller, whom no policy binds, with the same conditions written out; in turns, medians of so many pairs of runs. Below 10 % PASS, below 20 % WARN, else FAIL (WARN where the difference is too small to be noticed). Nothing is switched off for it. The caller must be a member of the roles.';

REVOKE ALL ON FUNCTION menuca_access_overhead(bigint, integer) FROM PUBLIC;

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
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_check_access(boolean, boolean) IS
'The checks of the wanted access, in rows as menuca_validate() has them: roles, row security, policies unchanged, policies of others, grants, indexes, and unless told otherwise the matrix of menuca_test_access() and the figures of menuca_access_overhead(). Leaves nothing behind.';

REVOKE ALL ON FUNCTION menuca_check_access(boolean, boolean) FROM PUBLIC;
