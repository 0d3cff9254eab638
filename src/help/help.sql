--
-- What there is: every function of the extension by topic, with an example
--

CREATE VIEW menuca_help_entry WITH (security_invoker = true) AS
SELECT pg_catalog.row_number() OVER () AS place,
	h.topic,
	h.function,
	h.what_it_does,
	h.example
FROM (VALUES
	('begin', 'menuca_next', 'The one call to make now, why, and what it will change.',
		'SELECT * FROM @extschema@.menuca_next();'),
	('begin', 'menuca_help', 'The functions by topic.',
		'SELECT * FROM @extschema@.menuca_help(''load'');'),
	('begin', 'menuca_grants', 'The statements that give a role the rights for a purpose.',
		'SELECT * FROM @extschema@.menuca_grants(''name'', ''read'');'),

	('load', 'menuca_load_dump', 'Loads a table of a MySQL dump, given as text, into a staging table.',
		'SELECT * FROM @extschema@.menuca_load_dump(''...'', ''combos'', ''staging.menuca_v1_combos'');'),
	('load', 'menuca_load_dump_lo', 'The same from a large object, which lo_from_bytea() and lo_put() fill in pieces.',
		'SELECT * FROM @extschema@.menuca_load_dump_lo(12345, ''combos'', ''staging.menuca_v1_combos'');'),
	('load', 'menuca_load_dump_file', 'The same from a file of the server.',
		'SELECT * FROM @extschema@.menuca_load_dump_file(''/path/of/dump.sql'', ''combos'', ''staging.menuca_v1_combos'');'),
	('load', 'menuca_php_unserialize', 'Reads a value that PHP has serialized, as jsonb.',
		'SELECT @extschema@.menuca_php_unserialize(''a:1:{i:0;i:7;}'');'),

	('decide', 'menuca_decide', 'What the source''s rows mean, with figures and examples, and the possibilities with their calls.',
		'SELECT * FROM @extschema@.menuca_decide();'),
	('decide', 'menuca_record_decision', 'Records which table the rows belong in, who decided it, and why.',
		'SELECT * FROM @extschema@.menuca_record_decision(''combo_items'', ''name'', ''...'');'),
	('decide', 'menuca_accept', 'Accepts a figure that cannot be repaired, up to a bound.',
		'SELECT * FROM @extschema@.menuca_accept(''dish_coverage'', 74, ''...'', ''name'');'),
	('decide', 'menuca_withdraw_acceptance', 'Withdraws the acceptances of a figure.',
		'SELECT @extschema@.menuca_withdraw_acceptance(''dish_coverage'', ''...'');'),
	('decide', 'menuca_accept_change', 'Accepts a loss or a change that a check of the validation found.',
		'SELECT @extschema@.menuca_accept_change(''row_counts'', ''...'');'),

	('plan', 'menuca_plan_combos', 'What a fix would do with each row of V1''s combos.',
		'SELECT outcome, count(*) FROM @extschema@.menuca_plan_combos() GROUP BY outcome;'),
	('plan', 'menuca_plan_group_dishes', 'The same for V1''s lists of the dishes of each group.',
		'SELECT outcome, count(*) FROM @extschema@.menuca_plan_group_dishes() GROUP BY outcome;'),
	('plan', 'menuca_plan_v2_groups', 'The same for V2''s lists.',
		'SELECT outcome, count(*) FROM @extschema@.menuca_plan_v2_groups() GROUP BY outcome;'),
	('plan', 'menuca_plan_backfill', 'Which dishes of V1''s menu would be created, and why the others would not.',
		'SELECT outcome, count(*) FROM @extschema@.menuca_plan_backfill() GROUP BY outcome;'),
	('plan', 'menuca_plan_combo_steps', 'Which step and label the headers of V1''s groups give to each item.',
		'SELECT outcome, count(*) FROM @extschema@.menuca_plan_combo_steps() GROUP BY outcome;'),
	('plan', 'menuca_explain_unmapped', 'Why rows cannot be mapped, and what helps.',
		'SELECT * FROM @extschema@.menuca_explain_unmapped();'),
	('plan', 'menuca_orphan_rate', 'Both orphan rates, with numerator, denominator and band.',
		'SELECT * FROM @extschema@.menuca_orphan_rate();'),
	('plan', 'menuca_orphans', 'Each group without items, with the reason.',
		'SELECT reason, count(*) FROM @extschema@.menuca_orphans() GROUP BY reason;'),

	('preview', 'menuca_preview_combos', 'The dry run of menuca_fix_combos, for roles that may only look.',
		'SELECT * FROM @extschema@.menuca_preview_combos();'),
	('preview', 'menuca_preview_group_dishes', 'The dry run of menuca_fix_group_dishes, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_group_dishes();'),
	('preview', 'menuca_preview_v2_groups', 'The dry run of menuca_fix_v2_groups, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_v2_groups();'),
	('preview', 'menuca_preview_combo_steps', 'The dry run of menuca_fix_combo_steps, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_combo_steps();'),
	('preview', 'menuca_preview_backfill', 'The dry run of menuca_backfill_dishes, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_backfill();'),
	('preview', 'menuca_preview_rollback', 'The dry run of menuca_rollback, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_rollback(1);'),
	('preview', 'menuca_preview_resume', 'The dry run of menuca_resume, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_resume(1);'),
	('preview', 'menuca_preview_dish_combo_groups', 'The dry run of menuca_create_dish_combo_groups, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_dish_combo_groups();'),
	('preview', 'menuca_preview_rollback_indexes', 'The dry run of menuca_rollback_indexes, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_rollback_indexes();'),
	('preview', 'menuca_preview_ticket', 'The dry run of menuca_ticket, likewise.',
		'SELECT * FROM @extschema@.menuca_preview_ticket(0);'),

	('fix', 'menuca_fix_combos', 'Inserts the items of V1''s combos in one transaction; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_fix_combos();'),
	('fix', 'menuca_fix_combos_batched', 'The same in batches, each committed; it can be resumed. Send CALL by itself.',
		'CALL @extschema@.menuca_fix_combos_batched();'),
	('fix', 'menuca_resume', 'Resumes an interrupted batched run.',
		'CALL @extschema@.menuca_resume(1);'),
	('fix', 'menuca_fix_group_dishes', 'Inserts the items of V1''s lists; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_fix_group_dishes();'),
	('fix', 'menuca_fix_v2_groups', 'Inserts the items and steps of V2''s lists; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_fix_v2_groups();'),
	('fix', 'menuca_fix_combo_steps', 'Inserts the steps of V1''s items, labelled by their groups'' headers; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_fix_combo_steps();'),
	('fix', 'menuca_backfill_dishes', 'Creates missing dishes from V1''s menu, inactive; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_backfill_dishes();'),
	('fix', 'menuca_create_dish_combo_groups', 'Creates the table of the groups that combo products use; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_create_dish_combo_groups();'),
	('fix', 'menuca_run_details', 'Everything that the ledger knows of a run, one figure a row.',
		'SELECT * FROM @extschema@.menuca_run_details(1);'),

	('undo', 'menuca_rollback', 'Deletes the rows that a run inserted, and nothing else; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_rollback(1);'),
	('undo', 'menuca_rollback_guide', 'The calls that undo what was done so far, the latest first.',
		'SELECT * FROM @extschema@.menuca_rollback_guide();'),
	('undo', 'menuca_snapshot', 'Copies the tables that fixes write to.',
		'SELECT * FROM @extschema@.menuca_snapshot(''before_fix'');'),
	('undo', 'menuca_restore_snapshot', 'Restores the tables of a snapshot; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_restore_snapshot(''before_fix'');'),
	('undo', 'menuca_drop_snapshot', 'Drops a snapshot''s copies.',
		'SELECT * FROM @extschema@.menuca_drop_snapshot(''before_fix'');'),

	('backup', 'menuca_check_backup', 'Whether the newest backup can be relied on.',
		'SELECT * FROM @extschema@.menuca_check_backup();'),
	('backup', 'menuca_register_backup', 'Registers a backup that was made outside of the database.',
		'SELECT @extschema@.menuca_register_backup(''label'', ''id'', ''method'', 1000000, ''sha256 ...'', now() - interval ''5 minutes'', now() - interval ''1 minute'', verified => true);'),

	('validate', 'menuca_validate', 'Every check of the repaired tables, with a verdict.',
		'SELECT * FROM @extschema@.menuca_validate();'),
	('validate', 'menuca_sample_combos', 'Groups with their dishes, for a person''s eyes.',
		'SELECT * FROM @extschema@.menuca_sample_combos();'),
	('validate', 'menuca_table_checksum', 'A table''s rows and checksum.',
		'SELECT * FROM @extschema@.menuca_table_checksum(''pg_catalog.pg_am'');'),

	('indexes', 'menuca_index_plan', 'The wanted indexes, and what each needs, with its statement.',
		'SELECT * FROM @extschema@.menuca_index_plan();'),
	('indexes', 'menuca_begin_indexes', 'Announces indexes that you build yourself, such as concurrently.',
		'SELECT * FROM @extschema@.menuca_begin_indexes();'),
	('indexes', 'menuca_note_indexes', 'Records the indexes that you have built.',
		'SELECT * FROM @extschema@.menuca_note_indexes();'),
	('indexes', 'menuca_deploy_indexes', 'Builds the wanted indexes; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_deploy_indexes();'),
	('indexes', 'menuca_export_indexes', 'The wanted indexes, as SQL files for the hosted database that this is a copy of.',
		'SELECT file_name, purpose FROM @extschema@.menuca_export_indexes();'),
	('indexes', 'menuca_rollback_indexes', 'Drops the indexes that were created here; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_rollback_indexes();'),
	('indexes', 'menuca_check_indexes', 'Whether every wanted index is there and used.',
		'SELECT * FROM @extschema@.menuca_check_indexes();'),
	('indexes', 'menuca_measure_queries', 'Measures the menu and combo queries.',
		'SELECT * FROM @extschema@.menuca_measure_queries();'),
	('indexes', 'menuca_record_queries', 'The same, recorded for a comparison.',
		'SELECT * FROM @extschema@.menuca_record_queries(''before'');'),

	('access', 'menuca_access_plan', 'The wanted policies and grants, and what each table needs.',
		'SELECT * FROM @extschema@.menuca_access_plan();'),
	('access', 'menuca_access_columns', 'The columns that staff and customers may read and write, as a SELECT to be pasted.',
		'SELECT * FROM @extschema@.menuca_access_columns();'),
	('access', 'menuca_deploy_access', 'Deploys them; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_deploy_access();'),
	('access', 'menuca_export_access', 'What was deployed, as SQL files for the hosted database that this is a copy of.',
		'SELECT file_name, purpose FROM @extschema@.menuca_export_access();'),
	('access', 'menuca_deploy_access_by_table', 'The same, a transaction for each table: for a live platform. Send CALL by itself.',
		'CALL @extschema@.menuca_deploy_access_by_table();'),
	('access', 'menuca_rollback_access', 'Undoes the deployment; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_rollback_access();'),
	('access', 'menuca_rollback_access_by_table', 'The same, a transaction for each table: for a live platform. Send CALL by itself.',
		'CALL @extschema@.menuca_rollback_access_by_table();'),
	('access', 'menuca_check_access', 'Whether access is as wanted, tried with trial rows that are undone.',
		'SELECT * FROM @extschema@.menuca_check_access(matrix => false, overhead => false);'),
	('access', 'menuca_test_access', 'Tries each wanted access, and each other one, with trial rows that are undone.',
		'SELECT * FROM @extschema@.menuca_test_access();'),
	('access', 'menuca_access_openings', 'Ways around the policies: views, functions, partitions, publications, roles.',
		'SELECT * FROM @extschema@.menuca_access_openings();'),
	('access', 'menuca_access_overhead', 'What row level security costs.',
		'SELECT * FROM @extschema@.menuca_access_overhead();'),
	('access', 'menuca_judge_overhead', 'The same verdict on times that were measured elsewhere.',
		'SELECT * FROM @extschema@.menuca_judge_overhead(owner_ms => ''{1.0,1.1}'', role_ms => ''{1.1,1.0}'');'),
	('access', 'menuca_claim_bigint', 'A number in the claims of a request, for policies.',
		'SELECT @extschema@.menuca_claim_bigint(''restaurant_id'');'),
	('access', 'menuca_claim_uuid', 'A uuid in the claims of a request, for policies.',
		'SELECT @extschema@.menuca_claim_uuid(''user_id'');'),
	('access', 'menuca_own_tenants', 'The restaurants that the caller works for, for policies.',
		'SELECT @extschema@.menuca_own_tenants(to_regclass(''menuca_v3.menuca_own_tenants''));'),
	('access', 'menuca_own_tenant_uuids', 'The same, where restaurants'' ids are uuids.',
		'SELECT @extschema@.menuca_own_tenant_uuids(to_regclass(''menuca_v3.menuca_own_tenants''));'),
	('access', 'menuca_is_public', 'Whether everybody may read a row, for policies.',
		'SELECT @extschema@.menuca_is_public(to_regclass(''menuca_v3.menuca_public_restaurants''), 1);'),

	('tickets', 'menuca_environment', 'Registers this database as staging or production.',
		'SELECT * FROM @extschema@.menuca_environment(''staging'', current_database(), (SELECT system_identifier FROM pg_control_system()));'),
	('tickets', 'menuca_accept_receipt', 'Records what a file has found in the hosted production: its receipt.',
		'SELECT * FROM @extschema@.menuca_accept_receipt(''...'');'),
	('tickets', 'menuca_export_fix', 'The runs up to one as SQL files, for the hosted database of which this one is a copy.',
		'SELECT file_name, purpose, sql FROM @extschema@.menuca_export_fix(1);'),
	('tickets', 'menuca_copy_of', 'Records of which hosted database this one is a copy.',
		'SELECT * FROM @extschema@.menuca_copy_of(''postgres'', project => ''...'');'),
	('tickets', 'menuca_status', 'The eleven tickets, with state and next call.',
		'SELECT * FROM @extschema@.menuca_status();'),
	('tickets', 'menuca_ticket', 'Executes a ticket: checks, acts, records; a dry run by default.',
		'SELECT * FROM @extschema@.menuca_ticket(0);'),
	('tickets', 'menuca_sign_off', 'Records a person''s GO or NO-GO on a ticket.',
		'SELECT @extschema@.menuca_sign_off(5, ''name'', ''GO'', ''note'');'),
	('tickets', 'menuca_export_verdict', 'Staging''s verdict as a document, to be imported on production.',
		'SELECT @extschema@.menuca_export_verdict();'),
	('tickets', 'menuca_import_verdict', 'Imports staging''s verdict on production.',
		'SELECT @extschema@.menuca_import_verdict(''{}'');'),
	('tickets', 'menuca_set_verdict_key', 'Sets the key by which verdicts are signed, on both.',
		'SELECT @extschema@.menuca_set_verdict_key(''a secret of at least 16 bytes'');'),
	('tickets', 'menuca_execution_log', 'What was executed, decided and signed, as Markdown.',
		'SELECT @extschema@.menuca_execution_log();'),
	('tickets', 'menuca_monitor_sample', 'Records the database''s counts, sessions and counters.',
		'SELECT @extschema@.menuca_monitor_sample();'),
	('tickets', 'menuca_monitor_report', 'Judges the samples since the last change.',
		'SELECT * FROM @extschema@.menuca_monitor_report();'),

	('internal', 'menuca_table_counts', 'The figures of the tables that validations compare.',
		'SELECT @extschema@.menuca_table_counts();'),
	('internal', 'menuca_column_differences', 'The columns in which a table differs from a snapshot''s copy.',
		'SELECT * FROM @extschema@.menuca_column_differences(''[]'', ''[]'');'),
	('internal', 'menuca_grant_statements', 'What menuca_grants() returns, for given settings.',
		'SELECT @extschema@.menuca_grant_statements(''name'', ''read'', ''menuca_v3'', ''staging'', ''{}'');'),
	('internal', 'menuca_lock_keys', 'The keys of the advisory locks that the extension takes.',
		'SELECT * FROM @extschema@.menuca_lock_keys();'),
	('internal', 'menuca_monitor_figures', 'The figures that menuca_monitor_report() judges.',
		'SELECT * FROM @extschema@.menuca_monitor_figures(1, interval ''4 hours'', interval ''65 minutes'');'),
	('internal', 'menuca_receipt_facts', 'What a receipt says, whoever wrote it.',
		'SELECT * FROM @extschema@.menuca_receipt_facts(''{}'');'),
	('internal', 'menuca_wished_receipts', 'The receipts that a ticket of a hosted production counts.',
		'SELECT * FROM @extschema@.menuca_wished_receipts(''name'', 1, ''indexes'', 0, ''-infinity'', ''-infinity'', false);'),
	('internal', 'menuca_export_frame_template', 'The text of files: the frame of a statement that changes something.',
		'SELECT @extschema@.menuca_export_frame_template();'),
	('internal', 'menuca_export_guard_template', 'The text of files: what refuses another database.',
		'SELECT @extschema@.menuca_export_guard_template();'),
	('internal', 'menuca_export_database_template', 'The text of files: the checks of database and server.',
		'SELECT @extschema@.menuca_export_database_template();'),
	('internal', 'menuca_export_receipt_template', 'The text of files: the receipt at the end of a check.',
		'SELECT @extschema@.menuca_export_receipt_template();'),
	('internal', 'menuca_hosted_index_check_template', 'The text of 00_check and 03_verify of the indexes.',
		'SELECT @extschema@.menuca_hosted_index_check_template();'),
	('internal', 'menuca_hosted_index_leftover_template', 'The text of a file 01_leftover of the indexes.',
		'SELECT @extschema@.menuca_hosted_index_leftover_template();'),
	('internal', 'menuca_hosted_access_check_template', 'The text of 00_check of access.',
		'SELECT @extschema@.menuca_hosted_access_check_template();'),
	('internal', 'menuca_hosted_functions_template', 'The text of 01_functions of access.',
		'SELECT @extschema@.menuca_hosted_functions_template();'),
	('internal', 'menuca_hosted_claims_template', 'The text of 01_functions of access: how claims are read.',
		'SELECT @extschema@.menuca_hosted_claims_template();'),
	('internal', 'menuca_hosted_deploy_template', 'The text of 01_functions of access: how a table is deployed.',
		'SELECT @extschema@.menuca_hosted_deploy_template();'),
	('internal', 'menuca_hosted_matrix_template', 'The text of 01_functions of access: how a role is tried.',
		'SELECT @extschema@.menuca_hosted_matrix_template();'),
	('internal', 'menuca_hosted_own_tenants_template', 'The text of 01_functions of access: the restaurants of a member.',
		'SELECT @extschema@.menuca_hosted_own_tenants_template();'),
	('internal', 'menuca_hosted_public_template', 'The text of 01_functions of access: which rows are public.',
		'SELECT @extschema@.menuca_hosted_public_template();'),
	('internal', 'menuca_hosted_schema_guard_template', 'The text by which files of access refuse a schema of another role.',
		'SELECT @extschema@.menuca_hosted_schema_guard_template();'),
	('internal', 'menuca_hosted_table_template', 'The text of a file 02 of access.',
		'SELECT @extschema@.menuca_hosted_table_template();'),
	('internal', 'menuca_hosted_access_after_template', 'The text of 03_check of access.',
		'SELECT @extschema@.menuca_hosted_access_after_template();'),
	('internal', 'menuca_hosted_access_matrix_template', 'The text of 04_matrix of access.',
		'SELECT @extschema@.menuca_hosted_access_matrix_template();'),
	('internal', 'menuca_hosted_rollback_template', 'The text of a file 05_rollback of access.',
		'SELECT @extschema@.menuca_hosted_rollback_template();'),
	('internal', 'menuca_hosted_rollback_functions_template', 'The text of 06_rollback_functions of access.',
		'SELECT @extschema@.menuca_hosted_rollback_functions_template();'),
	('internal', 'menuca_hosted_policy_definition', 'The text of files of access: how a policy is compared.',
		'SELECT @extschema@.menuca_hosted_policy_definition();'),
	('internal', 'menuca_hosted_own_policy', 'The text of files of access: the names of policies that deployments create.',
		'SELECT @extschema@.menuca_hosted_own_policy();'),
	('internal', 'menuca_hosted_columns', 'A table''s columns with their types, as files of access compare them.',
		'SELECT @extschema@.menuca_hosted_columns(''menuca_v3.dishes'');'),
	('internal', 'menuca_verdict_checksum', 'The checksum of a verdict.',
		'SELECT @extschema@.menuca_verdict_checksum(''{}'');'),
	('internal', 'menuca_protect_wanted_index', 'The trigger that keeps shipped rows of menuca_wanted_index.',
		'SELECT tgname FROM pg_catalog.pg_trigger WHERE tgfoid = ''@extschema@.menuca_protect_wanted_index''::regproc;'),
	('internal', 'menuca_guard_policies', 'The event trigger''s function that keeps policies from being dropped with the extension.',
		'SELECT evtname FROM pg_catalog.pg_event_trigger WHERE evtfoid = ''@extschema@.menuca_guard_policies''::regproc;'),
	('internal', 'menuca_wanted_access_edited', 'The trigger that checks edits of menuca_wanted_access.',
		'SELECT tgname FROM pg_catalog.pg_trigger WHERE tgfoid = ''@extschema@.menuca_wanted_access_edited''::regproc;')
) h(topic, function, what_it_does, example);

COMMENT ON VIEW menuca_help_entry IS
'The list of functions that menuca_help() shows, each once, whatever its arguments are.';
COMMENT ON COLUMN menuca_help_entry.place IS
'Place in the list, from 1.';
COMMENT ON COLUMN menuca_help_entry.topic IS
'The task: begin, load, decide, plan, preview, fix, undo, backup, validate, indexes, access, tickets, or internal for what the others call.';
COMMENT ON COLUMN menuca_help_entry.function IS
'Name of the function or procedure.';
COMMENT ON COLUMN menuca_help_entry.what_it_does IS
'What it does, in one sentence.';
COMMENT ON COLUMN menuca_help_entry.example IS
'A call that can be pasted; what a person has to put in is ''name'' or ''...''.';

CREATE FUNCTION menuca_help(
	INOUT topic text DEFAULT NULL,
	OUT function text,
	OUT what_it_does text,
	OUT example text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH found AS (
		SELECT e.place, e.topic, e.function, e.what_it_does, e.example
		FROM @extschema@.menuca_help_entry e
		WHERE menuca_help.topic IS NULL
			OR e.topic = pg_catalog.lower(menuca_help.topic)
			-- Who looks for a name does not look for what the others call.
			OR pg_catalog.strpos(e.function, pg_catalog.lower(menuca_help.topic)) > 0
				AND (e.topic <> 'internal' OR e.function = pg_catalog.lower(menuca_help.topic)))
	SELECT a.topic, a.function, a.what_it_does, a.example
	FROM (SELECT f.place, f.topic, f.function, f.what_it_does, f.example
		  FROM found f
		  UNION ALL
		  -- A topic that does not exist is no empty answer.
		  SELECT 0, NULL, NULL,
			  pg_catalog.format('There is no topic "%s", and no function with that in its name. The topics are: %s.', menuca_help.topic,
				  (SELECT pg_catalog.string_agg(t.topic, ', ' ORDER BY t.place)
				   FROM (SELECT e.topic, pg_catalog.min(e.place) AS place
						 FROM @extschema@.menuca_help_entry e
						 GROUP BY e.topic) t)),
			  'SELECT * FROM @extschema@.menuca_help();'
		  WHERE NOT EXISTS (SELECT FROM found)) a
	ORDER BY a.place;
END;

COMMENT ON FUNCTION menuca_help(text) IS
'The functions by topic, with what each does and an example; topic is one of these topics or a part of a function''s name (all of it for those of topic internal), NULL means all. Read only.';
