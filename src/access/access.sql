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
COMMENT ON COLUMN menuca_wanted_access.note IS
'Why the row is as it is; NULL when that is plain.';
COMMENT ON COLUMN menuca_wanted_access.wanted IS
'False leaves the table alone: it is neither planned nor checked.';
COMMENT ON COLUMN menuca_wanted_access.standard IS
'True for a row as the extension shipped it; an edit makes it false.';

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
'Trigger function of menuca_wanted_access: an edited row is no longer standard, and a new row replaces the standard one. So a dump holds what was edited, and a restore brings no row twice.';

CREATE TRIGGER edited BEFORE INSERT OR UPDATE ON menuca_wanted_access
	FOR EACH ROW EXECUTE FUNCTION menuca_wanted_access_edited();

COMMENT ON TRIGGER edited ON menuca_wanted_access IS
'An edited row is no longer standard, and a new row replaces the standard one.';

CREATE TABLE menuca_access_change (
	change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	table_schema text NOT NULL,
	table_name text,
	kind text NOT NULL CHECK (kind IN ('policy', 'row_security', 'grant', 'revoke')),
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
'policy, row_security (it was switched on), grant or revoke.';
COMMENT ON COLUMN menuca_access_change.object IS
'Name of the policy, or of the role that got or lost the privilege; NULL for row_security.';
COMMENT ON COLUMN menuca_access_change.statement IS
'Statement that made the change.';
COMMENT ON COLUMN menuca_access_change.undo IS
'Statement that undoes it.';
COMMENT ON COLUMN menuca_access_change.definition IS
'Definition of the policy as it was created, to tell whether it was changed since; NULL for other kinds.';
COMMENT ON COLUMN menuca_access_change.made_by IS
'Session user who made the change.';
COMMENT ON COLUMN menuca_access_change.made_at IS
'When it was made.';
COMMENT ON COLUMN menuca_access_change.undone_by IS
'Session user who undid the change, or replaced or dropped its policy; NULL while it is in force.';
COMMENT ON COLUMN menuca_access_change.undone_at IS
'When that was; NULL while the change is in force.';

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
'The actions that turn the present access into that of menuca_wanted_access, in their order: create_policy, replace_policy, drop_policy, grant, revoke, enable_rls, each with its statement; keep and keep_foreign for what stays, absent for tables that do not exist, impossible with the reason. object is the policy or the role; table_name is NULL for the schema itself. Read only.';

CREATE FUNCTION menuca_deploy_access(
	dry_run boolean DEFAULT true,
	tables text[] DEFAULT NULL,
	lock_timeout interval DEFAULT '5 seconds',
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

COMMENT ON FUNCTION menuca_deploy_access(boolean, text[], interval) IS
'Executes the actions of menuca_access_plan(); by default a dry run. One row per table (and one for the schema, table_name NULL) with status planned, deployed, unchanged, absent, impossible, failed or refused. A table gets all of its actions or none, its policies before row security. Policies of others are kept and reported. Refuses (class MC) when the configured roles are missing, are the same, or bypass row security.';

REVOKE ALL ON FUNCTION menuca_deploy_access(boolean, text[], interval) FROM PUBLIC;

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
'Undoes what menuca_deploy_access() did and nothing else; by default a dry run. Policies that were changed since, and policies of others, stay and are reported; row security is switched off where a deployment switched it on and no policy is left.';

REVOKE ALL ON FUNCTION menuca_rollback_access(boolean, text[], interval) FROM PUBLIC;

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
	OUT status text,
	OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_access_overhead(bigint, integer) IS
'What row security costs: menu queries of a restaurant (NULL: the one with most dishes for the menu, and the one with most items for the combos) as the public and the tenant role, against the same queries with the same conditions written out, by the caller, to whom no policy applies. Each is executed that many times, the two in turn, and their medians are compared. Below 10 % PASS, below 20 % WARN, otherwise FAIL (WARN where the difference is too small to be noticed). Nothing is switched off for it. The caller must be a member of the roles.';

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

CREATE VIEW menuca_owner_rights_view WITH (security_invoker = true) AS
SELECT DISTINCT tn.nspname::text AS table_schema,
	v.oid AS view_oid,
	pg_catalog.format('%I.%I', vn.nspname, v.relname) AS view_name
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
	AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
	AND t.relkind IN ('r', 'p')
	AND t.relrowsecurity
	AND v.relkind IN ('v', 'm')
	AND NOT EXISTS (SELECT FROM pg_catalog.unnest(v.reloptions) o
					WHERE o ~* '^security_invoker=(true|on|yes|1)$');

COMMENT ON VIEW menuca_owner_rights_view IS
'The views and materialized views that read a table with row security with the rights of their owner, to whom its policies may not apply.';
COMMENT ON COLUMN menuca_owner_rights_view.table_schema IS
'Schema of the table that it reads.';
COMMENT ON COLUMN menuca_owner_rights_view.view_oid IS
'OID of the view.';
COMMENT ON COLUMN menuca_owner_rights_view.view_name IS
'Name of the view, qualified and quoted.';

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
