--
-- Rights.  This part is the last one: it takes away whatever default privileges
-- gave anybody on the objects of the parts before it.  An upgrade script ends
-- with the same block.
--

CREATE VIEW menuca_right AS
SELECT r.purpose, r.kind, r.name, r.privileges
FROM (VALUES
	-- Everybody: what policies call for each request, which reads one setting, or a
	-- view that shows a caller what is his, or what is public
	('public', 'routine', 'menuca_claim_bigint', 'EXECUTE'),
	('public', 'routine', 'menuca_claim_uuid', 'EXECUTE'),
	('public', 'routine', 'menuca_own_tenant_uuids', 'EXECUTE'),
	('public', 'routine', 'menuca_own_tenants', 'EXECUTE'),
	('public', 'routine', 'menuca_is_public', 'EXECUTE'),

	-- Every purpose has what reading needs
	('read', 'relation', '*', 'SELECT'),
	('read', 'routine', 'menuca_access_columns', 'EXECUTE'),
	('read', 'routine', 'menuca_access_openings', 'EXECUTE'),
	('read', 'routine', 'menuca_access_plan', 'EXECUTE'),
	('read', 'routine', 'menuca_announcement', 'EXECUTE'),
	('read', 'routine', 'menuca_check_backup', 'EXECUTE'),
	('read', 'routine', 'menuca_check_customer_view', 'EXECUTE'),
	('read', 'routine', 'menuca_check_impact', 'EXECUTE'),
	('read', 'routine', 'menuca_check_indexes', 'EXECUTE'),
	('read', 'routine', 'menuca_check_load', 'EXECUTE'),
	('read', 'routine', 'menuca_column_differences', 'EXECUTE'),
	('read', 'routine', 'menuca_decide', 'EXECUTE'),
	('read', 'routine', 'menuca_execution_log', 'EXECUTE'),
	('read', 'routine', 'menuca_explain_unmapped', 'EXECUTE'),
	('read', 'routine', 'menuca_export_fix', 'EXECUTE'),
	('read', 'routine', 'menuca_export_database_template', 'EXECUTE'),
	('read', 'routine', 'menuca_export_frame_template', 'EXECUTE'),
	('read', 'routine', 'menuca_export_guard_template', 'EXECUTE'),
	('read', 'routine', 'menuca_export_indexes', 'EXECUTE'),
	('read', 'routine', 'menuca_export_read_template', 'EXECUTE'),
	('read', 'routine', 'menuca_export_receipt_template', 'EXECUTE'),
	('read', 'routine', 'menuca_failing_since', 'EXECUTE'),
	('read', 'routine', 'menuca_grant_statements', 'EXECUTE'),
	('read', 'routine', 'menuca_grants', 'EXECUTE'),
	('read', 'routine', 'menuca_help', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_access_after_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_access_check_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_access_matrix_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_claims_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_column_problems', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_columns', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_deploy_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_functions_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_index_check_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_index_drop_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_index_leftover_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_matrix_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_openings_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_own_policy', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_own_tenants_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_policy_definition', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_public_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_rollback_functions_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_rollback_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_schema_guard_template', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_schema_state', 'EXECUTE'),
	('read', 'routine', 'menuca_hosted_table_template', 'EXECUTE'),
	('read', 'routine', 'menuca_impact_figures', 'EXECUTE'),
	('read', 'routine', 'menuca_html', 'EXECUTE'),
	('read', 'routine', 'menuca_index_plan', 'EXECUTE'),
	('read', 'routine', 'menuca_lock_keys', 'EXECUTE'),
	('read', 'routine', 'menuca_measure_queries', 'EXECUTE'),
	('read', 'routine', 'menuca_monitor_figures', 'EXECUTE'),
	('read', 'routine', 'menuca_monitor_report', 'EXECUTE'),
	('read', 'routine', 'menuca_next', 'EXECUTE'),
	('read', 'routine', 'menuca_orphan_rate', 'EXECUTE'),
	('read', 'routine', 'menuca_orphan_restaurants', 'EXECUTE'),
	('read', 'routine', 'menuca_orphans', 'EXECUTE'),
	('read', 'routine', 'menuca_php_unserialize', 'EXECUTE'),
	('read', 'routine', 'menuca_plan_backfill', 'EXECUTE'),
	('read', 'routine', 'menuca_plan_combo_steps', 'EXECUTE'),
	('read', 'routine', 'menuca_plan_combos', 'EXECUTE'),
	('read', 'routine', 'menuca_plan_group_dishes', 'EXECUTE'),
	('read', 'routine', 'menuca_plan_v2_groups', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_backfill', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_combo_steps', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_combos', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_dish_combo_groups', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_group_dishes', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_resume', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_rollback', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_rollback_indexes', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_ticket', 'EXECUTE'),
	('read', 'routine', 'menuca_preview_v2_groups', 'EXECUTE'),
	('read', 'routine', 'menuca_query_slowdown', 'EXECUTE'),
	('read', 'routine', 'menuca_receipt_facts', 'EXECUTE'),
	('read', 'routine', 'menuca_report', 'EXECUTE'),
	('read', 'routine', 'menuca_report_acceptances', 'EXECUTE'),
	('read', 'routine', 'menuca_report_access', 'EXECUTE'),
	('read', 'routine', 'menuca_report_bar', 'EXECUTE'),
	('read', 'routine', 'menuca_report_bars', 'EXECUTE'),
	('read', 'routine', 'menuca_report_begin', 'EXECUTE'),
	('read', 'routine', 'menuca_report_call', 'EXECUTE'),
	('read', 'routine', 'menuca_report_checks', 'EXECUTE'),
	('read', 'routine', 'menuca_report_coverage', 'EXECUTE'),
	('read', 'routine', 'menuca_report_end', 'EXECUTE'),
	('read', 'routine', 'menuca_report_flow', 'EXECUTE'),
	('read', 'routine', 'menuca_report_flow_picture', 'EXECUTE'),
	('read', 'routine', 'menuca_report_frame', 'EXECUTE'),
	('read', 'routine', 'menuca_report_issues', 'EXECUTE'),
	('read', 'routine', 'menuca_report_load', 'EXECUTE'),
	('read', 'routine', 'menuca_report_mark', 'EXECUTE'),
	('read', 'routine', 'menuca_report_note', 'EXECUTE'),
	('read', 'routine', 'menuca_report_number', 'EXECUTE'),
	('read', 'routine', 'menuca_report_people', 'EXECUTE'),
	('read', 'routine', 'menuca_report_percent', 'EXECUTE'),
	('read', 'routine', 'menuca_report_picture', 'EXECUTE'),
	('read', 'routine', 'menuca_report_queries', 'EXECUTE'),
	('read', 'routine', 'menuca_report_rates', 'EXECUTE'),
	('read', 'routine', 'menuca_report_restaurants', 'EXECUTE'),
	('read', 'routine', 'menuca_report_row', 'EXECUTE'),
	('read', 'routine', 'menuca_report_runs', 'EXECUTE'),
	('read', 'routine', 'menuca_report_samples', 'EXECUTE'),
	('read', 'routine', 'menuca_report_signatures', 'EXECUTE'),
	('read', 'routine', 'menuca_report_sizes', 'EXECUTE'),
	('read', 'routine', 'menuca_report_style', 'EXECUTE'),
	('read', 'routine', 'menuca_report_table', 'EXECUTE'),
	('read', 'routine', 'menuca_report_tickets', 'EXECUTE'),
	('read', 'routine', 'menuca_report_tile', 'EXECUTE'),
	('read', 'routine', 'menuca_report_time', 'EXECUTE'),
	('read', 'routine', 'menuca_report_timeline', 'EXECUTE'),
	('read', 'routine', 'menuca_report_tone', 'EXECUTE'),
	('read', 'routine', 'menuca_report_verdict', 'EXECUTE'),
	('read', 'routine', 'menuca_report_window', 'EXECUTE'),
	('read', 'routine', 'menuca_review_samples', 'EXECUTE'),
	('read', 'routine', 'menuca_rollback_advice', 'EXECUTE'),
	('read', 'routine', 'menuca_rollback_guide', 'EXECUTE'),
	('read', 'routine', 'menuca_run_details', 'EXECUTE'),
	('read', 'routine', 'menuca_sample_combos', 'EXECUTE'),
	('read', 'routine', 'menuca_status', 'EXECUTE'),
	('read', 'routine', 'menuca_table_checksum', 'EXECUTE'),
	('read', 'routine', 'menuca_table_counts', 'EXECUTE'),
	('read', 'routine', 'menuca_validate', 'EXECUTE'),
	('read', 'routine', 'menuca_verdict_checksum', 'EXECUTE'),
	('read', 'routine', 'menuca_wished_receipts', 'EXECUTE'),
	('read', 'target', 'restaurants', 'SELECT'),
	('read', 'target', 'courses', 'SELECT'),
	('read', 'target', 'dishes', 'SELECT'),
	('read', 'target', 'combo_groups', 'SELECT'),
	('read', 'target', 'combo_items', 'SELECT'),
	('read', 'target', 'combo_steps', 'SELECT'),
	('read', 'target', 'dish_combo_groups', 'SELECT'),

	-- Loading, fixing, rolling back
	('migrate', 'routine', 'menuca_backfill_dishes', 'EXECUTE'),
	('migrate', 'routine', 'menuca_fix_combo_steps', 'EXECUTE'),
	('migrate', 'routine', 'menuca_fix_combos', 'EXECUTE'),
	('migrate', 'routine', 'menuca_fix_combos_batched', 'EXECUTE'),
	('migrate', 'routine', 'menuca_fix_group_dishes', 'EXECUTE'),
	('migrate', 'routine', 'menuca_fix_v2_groups', 'EXECUTE'),
	('migrate', 'routine', 'menuca_load_dump', 'EXECUTE'),
	('migrate', 'routine', 'menuca_load_dump_lo', 'EXECUTE'),
	('migrate', 'routine', 'menuca_record_decision', 'EXECUTE'),
	('migrate', 'routine', 'menuca_resume', 'EXECUTE'),
	('migrate', 'routine', 'menuca_rollback', 'EXECUTE'),
	('migrate', 'target', 'dishes', 'INSERT, DELETE'),
	('migrate', 'target', 'combo_items', 'INSERT, DELETE'),
	('migrate', 'target', 'combo_steps', 'INSERT, DELETE'),
	('migrate', 'target', 'dish_combo_groups', 'INSERT, DELETE'),
	('migrate', 'sequence', 'dishes', 'USAGE'),
	('migrate', 'sequence', 'combo_items', 'USAGE'),
	('migrate', 'sequence', 'combo_steps', 'USAGE'),
	('migrate', 'sequence', 'dish_combo_groups', 'USAGE'),
	('migrate', 'staging', '*', 'CREATE'),

	-- Registering backups; snapshots
	('backup', 'routine', 'menuca_drop_snapshot', 'EXECUTE'),
	('backup', 'routine', 'menuca_register_backup', 'EXECUTE'),
	('backup', 'routine', 'menuca_restore_snapshot', 'EXECUTE'),
	('backup', 'routine', 'menuca_snapshot', 'EXECUTE'),
	('backup', 'target', 'dishes', 'INSERT, UPDATE, DELETE'),
	('backup', 'target', 'combo_items', 'INSERT, UPDATE, DELETE'),
	('backup', 'target', 'combo_steps', 'INSERT, UPDATE, DELETE'),
	('backup', 'target', 'dish_combo_groups', 'INSERT, UPDATE, DELETE'),
	('backup', 'sequence', 'dishes', 'SELECT, UPDATE'),
	('backup', 'sequence', 'combo_items', 'SELECT, UPDATE'),
	('backup', 'sequence', 'combo_steps', 'SELECT, UPDATE'),
	('backup', 'sequence', 'dish_combo_groups', 'SELECT, UPDATE'),
	('backup', 'neighbours', '*', 'SELECT'),
	('backup', 'database', '*', 'CREATE'),

	-- Building indexes: for the owner of the tables
	('indexes', 'routine', 'menuca_begin_indexes', 'EXECUTE'),
	('indexes', 'routine', 'menuca_deploy_indexes', 'EXECUTE'),
	('indexes', 'routine', 'menuca_note_indexes', 'EXECUTE'),
	('indexes', 'routine', 'menuca_record_queries', 'EXECUTE'),
	('indexes', 'routine', 'menuca_rollback_indexes', 'EXECUTE'),
	('indexes', 'relation', 'menuca_wanted_index', 'INSERT, UPDATE, DELETE'),
	('indexes', 'schema', '*', 'CREATE'),

	-- Row level security: for the owner of the tables and of their schema
	('access', 'routine', 'menuca_access_overhead', 'EXECUTE'),
	('access', 'routine', 'menuca_check_access', 'EXECUTE'),
	('access', 'routine', 'menuca_deploy_access', 'EXECUTE'),
	('access', 'routine', 'menuca_deploy_access_by_table', 'EXECUTE'),
	('access', 'routine', 'menuca_export_access', 'EXECUTE'),
	('access', 'routine', 'menuca_judge_overhead', 'EXECUTE'),
	('access', 'routine', 'menuca_rollback_access', 'EXECUTE'),
	('access', 'routine', 'menuca_rollback_access_by_table', 'EXECUTE'),
	('access', 'routine', 'menuca_test_access', 'EXECUTE'),
	('access', 'relation', 'menuca_accepted_opening', 'INSERT, DELETE'),
	('access', 'relation', 'menuca_wanted_access', 'INSERT, UPDATE, DELETE'),
	('access', 'role', 'public_role', 'MEMBER'),
	('access', 'role', 'tenant_role', 'MEMBER'),
	('access', 'role', 'admin_role', 'MEMBER'),

	-- Looking as customers do, and sending what they send
	('customer', 'routine', 'menuca_customer_view', 'EXECUTE'),
	('customer', 'routine', 'menuca_load_script', 'EXECUTE'),
	('customer', 'routine', 'menuca_record_load', 'EXECUTE'),
	('customer', 'role', 'public_role', 'MEMBER'),
	('customer', 'role', 'tenant_role', 'MEMBER'),

	-- Signing off, and carrying staging's verdict to production
	('sign_off', 'routine', 'menuca_accept', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_accept_change', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_attest', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_export_verdict', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_import_verdict', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_report_issue', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_resolve_issue', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_review', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_sign_off', 'EXECUTE'),
	('sign_off', 'routine', 'menuca_withdraw_acceptance', 'EXECUTE'),

	-- All tickets: all purposes, and this
	('runbook', 'routine', 'menuca_accept_receipt', 'EXECUTE'),
	('runbook', 'routine', 'menuca_announce_window', 'EXECUTE'),
	('runbook', 'routine', 'menuca_copy_of', 'EXECUTE'),
	('runbook', 'routine', 'menuca_create_dish_combo_groups', 'EXECUTE'),
	('runbook', 'routine', 'menuca_environment', 'EXECUTE'),
	('runbook', 'routine', 'menuca_monitor_sample', 'EXECUTE'),
	('runbook', 'routine', 'menuca_read_only', 'EXECUTE'),
	('runbook', 'routine', 'menuca_ticket', 'EXECUTE'),
	('runbook', 'relation', 'menuca_checklist', 'INSERT, UPDATE, DELETE'),
	('runbook', 'relation', 'menuca_expected_count', 'INSERT, UPDATE, DELETE'),
	('runbook', 'role', 'pg_monitor', 'MEMBER')
) r(purpose, kind, name, privileges);

COMMENT ON VIEW menuca_right IS
'The list of rights: what everybody has (public), and what menuca_grants() grants for each purpose. Relations with INSERT, UPDATE or DELETE here are meant to be edited by people; nobody writes to the others but the extension.';
COMMENT ON COLUMN menuca_right.purpose IS
'public for everybody, or a purpose of menuca_grants(); each purpose has what read has, and runbook has all.';
COMMENT ON COLUMN menuca_right.kind IS
'What the right is on: routine or relation of the extension; target (a table of the schema menuca.target_schema), sequence (of such a table) or neighbours (the tables that foreign keys connect with the tables of the same purpose); schema (the target schema), staging (the schema of menuca.source_table), database, or role.';
COMMENT ON COLUMN menuca_right.name IS
'Name of the routine, relation, table or role; public_role, tenant_role and admin_role mean the roles of these settings; * for all or the only one.';
COMMENT ON COLUMN menuca_right.privileges IS
'Privileges as in GRANT; MEMBER for the membership in a role.';

CREATE VIEW menuca_member WITH (security_invoker = true) AS
SELECT d.classid,
	d.objid,
	CASE d.classid
		WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN 'ROUTINE'
		WHEN 'pg_catalog.pg_type'::pg_catalog.regclass THEN 'TYPE'
		ELSE CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
	END AS kind,
	COALESCE(p.proname, t.typname, c.relname)::text AS name,
	CASE d.classid
		WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN pg_catalog.format('%I.%I(%s)', n.nspname, p.proname,
			pg_catalog.pg_get_function_identity_arguments(p.oid))
		ELSE pg_catalog.format('%I.%I', n.nspname, COALESCE(t.typname, c.relname))
	END AS identity,
	COALESCE(p.proowner, t.typowner, c.relowner) AS owner,
	CASE d.classid
		WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass
		THEN COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner))
		WHEN 'pg_catalog.pg_type'::pg_catalog.regclass
		THEN COALESCE(t.typacl, pg_catalog.acldefault('T', t.typowner))
		ELSE COALESCE(c.relacl, pg_catalog.acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
	END AS acl
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
LEFT JOIN pg_catalog.pg_proc p ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = d.objid
LEFT JOIN pg_catalog.pg_type t ON d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = d.objid
	-- neither row types of tables nor arrays have rights of their own
	AND t.typelem = 0
	AND (t.typrelid = 0 OR (SELECT k.relkind FROM pg_catalog.pg_class k WHERE k.oid = t.typrelid) = 'c')
LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid
JOIN pg_catalog.pg_namespace n ON n.oid = COALESCE(p.pronamespace, t.typnamespace, c.relnamespace)
WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
	AND d.deptype = 'e'
	AND e.extname = 'menuca_migrate'
	AND (c.oid IS NULL OR c.relkind IN ('r', 'v', 'S'));

COMMENT ON VIEW menuca_member IS
'The objects of the extension that have rights, with their rights.';
COMMENT ON COLUMN menuca_member.classid IS
'OID of the catalog that the object is in.';
COMMENT ON COLUMN menuca_member.objid IS
'OID of the object.';
COMMENT ON COLUMN menuca_member.kind IS
'ROUTINE, TYPE, SEQUENCE or TABLE (a view, too), as in GRANT.';
COMMENT ON COLUMN menuca_member.name IS
'Name of the object.';
COMMENT ON COLUMN menuca_member.identity IS
'The object as in GRANT, qualified, a routine with its arguments.';
COMMENT ON COLUMN menuca_member.owner IS
'OID of its owner.';
COMMENT ON COLUMN menuca_member.acl IS
'Its rights, those that the server gives by default included.';

CREATE VIEW menuca_exposure WITH (security_invoker = true) AS
SELECT n.nspname::text AS schema_name,
	x.role_name,
	x.why
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
CROSS JOIN LATERAL (
	SELECT 'PUBLIC',
		CASE WHEN pg_catalog.has_schema_privilege('public', n.oid, 'CREATE')
			THEN 'everybody may create objects in it' ELSE 'everybody may use it' END
	WHERE pg_catalog.has_schema_privilege('public', n.oid, 'USAGE')
	UNION ALL
	SELECT pg_catalog.quote_ident(r.rolname),
		pg_catalog.format('role %I, which answers requests, may use it', r.rolname)
	FROM pg_catalog.pg_roles r
	WHERE r.rolname IN (COALESCE(pg_catalog.current_setting('menuca.public_role', true), 'anon'),
						COALESCE(pg_catalog.current_setting('menuca.tenant_role', true), 'authenticated'))
		AND NOT pg_catalog.has_schema_privilege('public', n.oid, 'USAGE')
		AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')
	UNION ALL
	-- Neither superusers nor the server's own roles; the database's owner is a member of one
	SELECT pg_catalog.quote_ident(r.rolname),
		pg_catalog.format('role %I may create objects in it', r.rolname)
	FROM pg_catalog.pg_roles r
	WHERE r.oid >= 16384
		AND NOT r.rolsuper
		AND r.oid <> e.extowner
		AND NOT pg_catalog.has_schema_privilege('public', n.oid, 'CREATE')
		AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')
	UNION ALL
	SELECT COALESCE(pg_catalog.quote_ident(r.rolname), 'PUBLIC'),
		pg_catalog.format('an API shows it: setting %s', pg_catalog.split_part(c.setting, '=', 1))
	FROM pg_catalog.pg_db_role_setting s
	LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
	CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c(setting)
	WHERE pg_catalog.split_part(c.setting, '=', 1) IN ('pgrst.db_schemas', 'pgrst.db_schema')
		AND n.nspname::text = ANY (pg_catalog.regexp_split_to_array(
			pg_catalog.btrim(pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1), ' "'),
			'[[:space:]"]*,[[:space:]"]*'))) AS x(role_name, why)
WHERE e.extname = 'menuca_migrate';

COMMENT ON VIEW menuca_exposure IS
'Why visitors reach the schema of the extension, or others may create objects in it; no row when neither is so. Without rights on its objects visitors can do nothing there, but one grant too many would be enough; a function that somebody creates there could be called in place of the extension''s. Use a schema of its own, such as ops.';
COMMENT ON COLUMN menuca_exposure.schema_name IS
'The schema of the extension.';
COMMENT ON COLUMN menuca_exposure.role_name IS
'The role that reaches it, quoted if necessary; PUBLIC for everybody.';
COMMENT ON COLUMN menuca_exposure.why IS
'How.';

CREATE FUNCTION menuca_grant_statements(
	role text,
	purpose text,
	target_schema text,
	staging_schema text,
	member_roles text[])
RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
	WITH given AS (
		SELECT r.purpose, r.kind, r.name, r.privileges
		FROM @extschema@.menuca_right r
		WHERE r.purpose IN (menuca_grant_statements.purpose, 'read')
			OR (menuca_grant_statements.purpose = 'runbook' AND r.purpose <> 'public')),
	-- Those of the tables that exist
	target AS (
		SELECT c.oid, g.purpose, g.kind, g.privileges, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
		FROM given g
		JOIN pg_catalog.pg_class c ON c.relname = g.name AND c.relkind IN ('r', 'p')
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE g.kind IN ('target', 'sequence') AND n.nspname = menuca_grant_statements.target_schema),
	-- What each object gets, before equal rights are put together
	rights(place, privileges, object, word) AS (
		SELECT DISTINCT 3, g.privileges, m.identity, ''
		FROM given g
		JOIN @extschema@.menuca_member m ON m.kind = 'TABLE' AND g.name IN ('*', m.name)
			-- nobody but the owner reads the secret
			AND m.name <> 'menuca_verdict_key'
		WHERE g.kind = 'relation'
		UNION ALL
		SELECT DISTINCT 4, g.privileges,
			CASE WHEN (SELECT pg_catalog.count(*) FROM @extschema@.menuca_member o
					   WHERE o.kind = 'ROUTINE' AND o.name = m.name) = 1
				THEN pg_catalog.split_part(m.identity, '(', 1) ELSE m.identity END, 'ROUTINE '
		FROM given g
		JOIN @extschema@.menuca_member m ON m.kind = 'ROUTINE' AND m.name = g.name
		WHERE g.kind = 'routine'
		UNION ALL
		SELECT DISTINCT 6, t.privileges, t.name, ''
		FROM target t
		WHERE t.kind = 'target'
		UNION ALL
		SELECT DISTINCT 6, g.privileges, pg_catalog.format('%I.%I', n.nspname, c.relname), ''
		FROM given g
		JOIN target t ON t.purpose = g.purpose AND t.kind = 'target'
		JOIN pg_catalog.pg_constraint f ON f.contype = 'f' AND t.oid IN (f.conrelid, f.confrelid)
		JOIN pg_catalog.pg_class c ON c.oid IN (f.conrelid, f.confrelid)
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE g.kind = 'neighbours'
			AND NOT EXISTS (SELECT FROM target o WHERE o.oid = c.oid AND o.kind = 'target' AND o.privileges = g.privileges)
		UNION ALL
		SELECT DISTINCT 7, t.privileges, s.sequence_name, 'SEQUENCE '
		FROM target t
		JOIN @extschema@.menuca_table_sequence s ON s.table_oid = t.oid
		WHERE t.kind = 'sequence' AND s.is_same_owner AND (t.privileges <> 'USAGE' OR NOT s.is_identity)),
	statements(place, statement) AS (
		-- Deployed policies call functions there, so access passes it on.
		SELECT 2, pg_catalog.format('GRANT USAGE ON SCHEMA %s TO %I%s;',
			pg_catalog.quote_ident(n.nspname), menuca_grant_statements.role,
			CASE WHEN menuca_grant_statements.purpose IN ('access', 'runbook') THEN ' WITH GRANT OPTION' ELSE '' END)
		FROM pg_catalog.pg_extension e
		JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
		WHERE e.extname = 'menuca_migrate'
		UNION ALL
		SELECT r.place, pg_catalog.format('GRANT %s ON %s%s TO %I;', r.privileges, r.word,
			pg_catalog.string_agg(r.object, ', ' ORDER BY r.object COLLATE "C"), menuca_grant_statements.role)
		FROM rights r
		GROUP BY r.place, r.word, r.privileges
		UNION ALL
		SELECT 5, pg_catalog.format('GRANT USAGE%s ON SCHEMA %I TO %I;',
			(SELECT ', ' || pg_catalog.min(g.privileges) FROM given g WHERE g.kind = 'schema'),
			n.nspname, menuca_grant_statements.role)
		FROM pg_catalog.pg_namespace n
		WHERE n.nspname = menuca_grant_statements.target_schema
		UNION ALL
		-- The loader makes its tables there.
		SELECT 1, pg_catalog.format('CREATE SCHEMA %I;', menuca_grant_statements.staging_schema)
		FROM given g
		WHERE g.kind = 'staging'
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = menuca_grant_statements.staging_schema)
		UNION ALL
		SELECT 8, pg_catalog.format('GRANT USAGE%s ON SCHEMA %I TO %I;',
			', ' || g.privileges, menuca_grant_statements.staging_schema, menuca_grant_statements.role)
		FROM (SELECT pg_catalog.min(g.privileges) AS privileges FROM given g WHERE g.kind = 'staging') g
		WHERE g.privileges IS NOT NULL
			OR EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = menuca_grant_statements.staging_schema)
		UNION ALL
		SELECT 9, pg_catalog.format('GRANT SELECT ON %s TO %I;',
			pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.relname), ', ' ORDER BY c.relname),
			menuca_grant_statements.role)
		FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = menuca_grant_statements.staging_schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
		HAVING pg_catalog.count(*) > 0
		UNION ALL
		SELECT 10, pg_catalog.format('GRANT %s ON DATABASE %I TO %I;', g.privileges,
			pg_catalog.current_database(), menuca_grant_statements.role)
		FROM given g
		WHERE g.kind = 'database'
		UNION ALL
		-- Nobody is made a member of a superuser, of a member of one, or of a role with rights on the server's files.
		SELECT 11, pg_catalog.format('GRANT %s TO %I;',
			pg_catalog.string_agg(pg_catalog.quote_ident(o.rolname), ', ' ORDER BY o.rolname),
			menuca_grant_statements.role)
		FROM pg_catalog.pg_roles o
		WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles p
				WHERE (p.rolsuper OR p.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
					AND pg_catalog.pg_has_role(o.oid, p.oid, 'MEMBER'))
			AND o.rolname::text <> menuca_grant_statements.role
			AND (EXISTS (SELECT FROM given g WHERE g.kind = 'role' AND g.name = o.rolname)
				OR EXISTS (SELECT FROM given g
						   WHERE g.kind = 'role' AND o.rolname::text = menuca_grant_statements.member_roles[
							   pg_catalog.array_position(ARRAY['public_role', 'tenant_role', 'admin_role'], g.name)]))
		HAVING pg_catalog.count(*) > 0)
	SELECT s.statement
	FROM statements s
	ORDER BY s.place, s.statement COLLATE "C";
END;

COMMENT ON FUNCTION menuca_grant_statements(text, text, text, text, text[]) IS
'What menuca_grants() returns, for the target schema, the schema of the staged tables and the configured roles that it passes.';

CREATE FUNCTION menuca_grants(
	role text,
	purpose text DEFAULT 'read',
	OUT statement text)
RETURNS SETOF text
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_grants(text, text) IS
'The statements that give a role the rights for a purpose in this database: read, migrate (load, fix, roll back), backup (register backups, snapshots), indexes, access (both for the owner of the tables), sign_off, or runbook (all tickets). They are not executed: in psql, end the call with \gexec instead of a semicolon. Read only.';

-- Nobody but the owner has a right, whatever the default privileges are, but
-- for what the list gives everybody.  The schema is warned of when visitors
-- reach it.
DO LANGUAGE plpgsql $rights$
DECLARE
	statement text;
	reasons text;
BEGIN
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	FOR statement IN
		SELECT DISTINCT format('REVOKE ALL ON %s %s FROM %s CASCADE', m.kind, m.identity,
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
		FROM @extschema@.menuca_member m, aclexplode(m.acl) a
		WHERE a.grantee <> m.owner
		UNION ALL
		SELECT format('GRANT %s ON %s %s TO PUBLIC', r.privileges, m.kind, m.identity)
		FROM @extschema@.menuca_right r
		JOIN @extschema@.menuca_member m ON m.name = r.name
			AND m.kind = CASE r.kind WHEN 'routine' THEN 'ROUTINE' ELSE 'TABLE' END
		WHERE r.purpose = 'public'
		ORDER BY 1 DESC
	LOOP
		EXECUTE statement;
	END LOOP;

	SELECT string_agg(x.why, '; ') INTO reasons FROM @extschema@.menuca_exposure x
	WHERE x.why LIKE 'role % may create objects in it';
	IF reasons IS NOT NULL THEN
		RAISE WARNING 'others may create objects in the schema that extension menuca_migrate was created in'
			USING DETAIL = format('Schema %s: %s. A function that they create there could be called in place of the extension''s, with the rights of whoever calls it.', '@extschema@', reasons),
				HINT = 'SELECT * FROM @extschema@.menuca_exposure; REVOKE CREATE ON that schema from these roles; where one owns it: ALTER SCHEMA @extschema@ OWNER TO CURRENT_USER;';
	END IF;
	SELECT string_agg(x.why, '; ') INTO reasons FROM @extschema@.menuca_exposure x
	WHERE x.why NOT LIKE 'role % may create objects in it';
	IF reasons IS NOT NULL THEN
		RAISE WARNING 'visitors reach the schema that extension menuca_migrate was created in'
			USING DETAIL = format('Schema %s: %s. They have no right on anything in it, until one grant too many.', '@extschema@', reasons),
				HINT = 'DROP EXTENSION menuca_migrate; CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops;';
	END IF;
END
$rights$;
