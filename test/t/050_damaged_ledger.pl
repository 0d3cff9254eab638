
# Somebody writes to the extension's own tables: every column of every one of
# them is damaged, and every function is called after each damage.  It answers or
# refuses in words; it never crashes, hangs or fails with an internal error.
#
# Tables, columns and functions come from the catalog: a new one is included by
# itself, and a function without an example in @calls fails the test, as does a
# table that the workflow leaves empty.
#
# By default each column gets the worst values of its type, and calls are made
# where the list of calls says so.  MENUCA_DAMAGE=all tries every value with every
# call that locks the damaged table, for an hour (MENUCA_TIMEOUT=14400 lets it,
# when others need the processor, too); MENUCA_DAMAGE='menuca_run menuca_run_batch'
# those of these tables.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $all = ($ENV{MENUCA_DAMAGE} // '') ne '';
my $part = $ENV{MENUCA_DAMAGE_PART} // 'ledger';
my @wanted = grep { $_ ne 'all' } split ' ', $ENV{MENUCA_DAMAGE} // '';

#
# What is called: function, statement, and what differs from a plain query
#
#   only    the tables that it can read, by default; a call without is made
#           after every damage, a call that reads none after those of one table
#   staging called as if this were staging; the database is registered as
#           production
#   do      a statement that returns no rows
#   turns   it takes long, so that by default it is called after each third damage
#           only; a column has three at least, one after the other
#   refused the error that it raises without a damage, too
#

my @none = qw(menuca_expected_count);
my @access = qw(menuca_wanted_access menuca_accepted_opening menuca_access_change menuca_access_deployment menuca_access_state);
my @indexes = qw(menuca_wanted_index menuca_created_index menuca_query_measurement);
my @runs = qw(menuca_run menuca_run_baseline menuca_run_batch menuca_registered_environment menuca_backup);
my @fixes = (@runs, qw(menuca_acceptance menuca_decision));
my @snapshots = qw(menuca_snapshot_list menuca_snapshot_table menuca_snapshot_restore menuca_run);
my @loads = qw(menuca_load_run menuca_registered_environment menuca_ticket_execution menuca_run menuca_snapshot_restore menuca_created_index menuca_access_change);
my @people = qw(menuca_checklist menuca_attestation menuca_issue menuca_review_answer);
my @states = (@people, qw(menuca_registered_environment menuca_ticket_execution menuca_signature menuca_imported_verdict
  menuca_backup menuca_run menuca_snapshot_restore menuca_created_index menuca_access_change menuca_acceptance menuca_read_only_change menuca_window));
my @recorded = grep { my $table = $_; !grep { $_ eq $table } @people } @states;
my @said = (@people, qw(menuca_registered_environment menuca_ticket_execution menuca_run));
my @tickets = (@states, qw(menuca_sample menuca_expected_count));

# Each test hurts the tables of its part; what is not named is the ledger's
my %part_of = (
	(map { $_ => 'access' } @access),
	(map { $_ => 'runbook' } @people, qw(menuca_ticket_execution menuca_signature menuca_imported_verdict menuca_sample menuca_expected_count
		  menuca_window menuca_read_only_change menuca_load_run menuca_copy menuca_hosted_receipt)));

my @calls = (
	[ menuca_lock_keys => 'SELECT * FROM menuca_lock_keys()', only => \@none ],
	[ menuca_load_dump => q(SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE `t` (`a` int); INSERT INTO `t` VALUES (1);', 't', 'staging.loaded')), only => \@none ],
	[ menuca_load_dump_lo => q(SELECT rows_loaded FROM menuca_load_dump_lo(4711, 't', 'staging.numbers')), only => \@none ],
	[ menuca_load_dump_file => q(SELECT rows_loaded FROM menuca_load_dump_file('PG_VERSION', 't', 'staging.numbers')), refused => '22P04', only => \@none ],
	[ menuca_php_unserialize => q(SELECT menuca_php_unserialize('a:1:{i:0;i:201;}')), only => \@none ],
	[ menuca_create_dish_combo_groups => 'SELECT menuca_create_dish_combo_groups()', only => \@none ],
	[ menuca_environment => q(SELECT * FROM menuca_environment('production', current_database(), (SELECT system_identifier FROM pg_control_system()))) ],
	[ menuca_plan_combos => 'SELECT * FROM menuca_plan_combos()', only => \@none ],
	[ menuca_decide => 'SELECT * FROM menuca_decide()', only => [ qw(menuca_decision menuca_run) ] ],
	[ menuca_record_decision => q(SELECT * FROM menuca_record_decision('combo_items', 'A. Lead', 'a reason')), only => [ qw(menuca_decision menuca_run) ] ],
	[ menuca_accept => q(SELECT * FROM menuca_accept('orphan_rate', 50, 'a reason', 'A. Lead')), only => [ qw(menuca_acceptance menuca_run) ] ],
	[ menuca_withdraw_acceptance => q(SELECT menuca_withdraw_acceptance('orphan_rate', 'a reason')), only => [ qw(menuca_acceptance menuca_run) ] ],
	[ menuca_explain_unmapped => 'SELECT * FROM menuca_explain_unmapped()', only => \@none ],
	[ menuca_plan_group_dishes => 'SELECT * FROM menuca_plan_group_dishes()', only => \@none ],
	[ menuca_plan_v2_groups => 'SELECT * FROM menuca_plan_v2_groups()', only => \@none ],
	[ menuca_plan_combo_steps => 'SELECT * FROM menuca_plan_combo_steps()', only => \@none ],
	[ menuca_orphan_rate => 'SELECT * FROM menuca_orphan_rate()', only => \@none ],
	[ menuca_orphans => 'SELECT * FROM menuca_orphans()', only => \@none ],
	[ menuca_table_checksum => q(SELECT * FROM menuca_table_checksum('menuca_v3.dishes')), only => \@none ],
	[ menuca_register_backup => q(SELECT menuca_register_backup('night', 'nas/2', 'pg_dump', 40000, 'abc', now() - interval '2 minutes', now() - interval '1 minute', true)), turns => 3 ],
	[ menuca_check_backup => 'SELECT * FROM menuca_check_backup()' ],
	[ menuca_snapshot => q(SELECT * FROM menuca_snapshot('another', '{dishes}')) ],
	[ menuca_restore_snapshot => q(SELECT * FROM menuca_restore_snapshot('before')), only => \@snapshots ],
	[ menuca_restore_snapshot => q(SELECT * FROM menuca_restore_snapshot('before', dry_run => false, force => true)), only => \@snapshots ],
	[ menuca_drop_snapshot => q(SELECT snapshot_no FROM menuca_drop_snapshot('before')) ],
	[ menuca_column_differences => q(SELECT d.* FROM menuca_snapshot_table a, menuca_snapshot_table b, menuca_column_differences(a.columns, b.columns) d) ],
	[ menuca_plan_backfill => 'SELECT * FROM menuca_plan_backfill()', only => \@none ],
	[ menuca_backfill_dishes => 'SELECT * FROM menuca_backfill_dishes()', only => \@runs ],
	[ menuca_backfill_dishes => 'SELECT * FROM menuca_backfill_dishes(dry_run => false)', only => \@runs ],
	[ menuca_fix_combos => 'SELECT * FROM menuca_fix_combos()', only => \@fixes ],
	[ menuca_fix_combos => 'SELECT * FROM menuca_fix_combos(dry_run => false)', only => \@fixes ],
	[ menuca_fix_group_dishes => 'SELECT * FROM menuca_fix_group_dishes()', only => \@fixes ],
	[ menuca_fix_v2_groups => 'SELECT * FROM menuca_fix_v2_groups()', only => \@fixes ],
	[ menuca_fix_v2_groups => 'SELECT * FROM menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100)', staging => 1, only => \@fixes ],
	[ menuca_fix_combo_steps => 'SELECT * FROM menuca_fix_combo_steps()', only => \@runs ],
	[ menuca_fix_combo_steps => 'SELECT * FROM menuca_fix_combo_steps(dry_run => false)', only => \@runs ],
	[ menuca_preview_combos => 'SELECT * FROM menuca_preview_combos()', only => \@fixes ],
	[ menuca_preview_group_dishes => 'SELECT * FROM menuca_preview_group_dishes()', only => \@fixes ],
	[ menuca_preview_v2_groups => 'SELECT * FROM menuca_preview_v2_groups()', only => \@fixes ],
	[ menuca_preview_combo_steps => 'SELECT * FROM menuca_preview_combo_steps()', only => \@runs ],
	[ menuca_preview_dish_combo_groups => 'SELECT menuca_preview_dish_combo_groups()', only => \@none ],
	[ menuca_preview_backfill => 'SELECT * FROM menuca_preview_backfill()', only => \@fixes ],
	[ menuca_preview_rollback => 'SELECT * FROM menuca_preview_rollback(6)', only => \@runs ],
	[ menuca_preview_resume => q(SELECT p.* FROM menuca_runs r, menuca_preview_resume(r.run_id) p WHERE r.status = 'interrupted'), only => \@runs ],
	[ menuca_rollback => 'SELECT * FROM menuca_rollback(6)' ],
	(map { [ menuca_run_details => "SELECT * FROM menuca_run_details($_)", only => \@runs ] } (1, 2, 6)),
	[ menuca_rollback => 'SELECT * FROM menuca_rollback(1, dry_run => false, force => true)', refused => 'MC005' ],
	[ menuca_rollback => 'SELECT * FROM menuca_rollback(2, dry_run => false, force => true)', refused => '55000' ],
	(map { [ menuca_rollback => "SELECT * FROM menuca_rollback($_, dry_run => false, force => true)" ] } (5, 6, 8)),
	[ menuca_validate => 'SELECT * FROM menuca_validate()', only => [ @fixes, 'menuca_accepted_change' ] ],
	[ menuca_accept_change => q(SELECT menuca_accept_change('steps', 'a reason')), refused => '55000', only => [ @runs, 'menuca_accepted_change' ] ],
	[ menuca_table_counts => 'SELECT menuca_table_counts()', only => \@none ],
	[ menuca_sample_combos => 'SELECT * FROM menuca_sample_combos()', only => \@none ],
	[ menuca_protect_wanted_index => q(INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES (1, 'dishes', 'idx_new', '{id}')), do => 1, only => \@indexes ],
	[ menuca_protect_wanted_index => 'DELETE FROM menuca_wanted_index', do => 1, refused => '55000', only => \@indexes ],
	[ menuca_protect_checklist => q(INSERT INTO menuca_checklist (ticket_no, item, title) VALUES (5, 'new', 'Something new')), do => 1, only => \@people ],
	[ menuca_protect_checklist => 'DELETE FROM menuca_checklist', do => 1, refused => '55000', only => \@people ],
	[ menuca_index_plan => 'SELECT * FROM menuca_index_plan()', only => \@indexes ],
	[ menuca_begin_indexes => 'SELECT * FROM menuca_begin_indexes()', only => \@indexes ],
	[ menuca_note_indexes => 'SELECT * FROM menuca_note_indexes()', only => \@indexes ],
	[ menuca_deploy_indexes => 'SELECT * FROM menuca_deploy_indexes()', only => \@indexes ],
	[ menuca_deploy_indexes => 'SELECT * FROM menuca_deploy_indexes(dry_run => false)', only => \@indexes ],
	[ menuca_preview_rollback_indexes => 'SELECT * FROM menuca_preview_rollback_indexes()', only => \@indexes ],
	[ menuca_rollback_indexes => 'SELECT * FROM menuca_rollback_indexes()', only => \@indexes ],
	[ menuca_rollback_indexes => 'SELECT * FROM menuca_rollback_indexes(dry_run => false)', only => \@indexes ],
	[ menuca_measure_queries => 'SELECT * FROM menuca_measure_queries(executions => 1)', only => \@indexes ],
	[ menuca_record_queries => q(SELECT * FROM menuca_record_queries('again', executions => 1)), only => \@indexes ],
	[ menuca_check_indexes => 'SELECT * FROM menuca_check_indexes(executions => 1)', only => \@indexes ],
	[ menuca_wanted_access_edited => q(INSERT INTO menuca_wanted_access (table_name, admin_may) VALUES ('dishes', 'all')), do => 1, only => \@access ],
	[ menuca_wanted_access_edited => q(UPDATE menuca_wanted_access SET note = 'x'), do => 1, only => \@access ],
	[ menuca_claim_bigint => q(SELECT menuca_claim_bigint('sub', (SELECT parameters FROM menuca_run LIMIT 1))) ],
	[ menuca_claim_uuid => q(SELECT menuca_claim_uuid('sub', (SELECT parameters FROM menuca_run LIMIT 1))) ],
	[ menuca_own_tenants => q(SELECT menuca_own_tenants(to_regclass('menuca_v3.menuca_own_tenants'))), only => \@access ],
	[ menuca_own_tenant_uuids => q(SELECT menuca_own_tenant_uuids(to_regclass('menuca_v3.menuca_own_tenants'))), only => \@access ],
	[ menuca_is_public => q(SELECT menuca_is_public(to_regclass('menuca_v3.menuca_public_restaurants'), 1)), only => \@access ],
	[ menuca_access_plan => 'SELECT * FROM menuca_access_plan()', only => \@access ],
	[ menuca_access_openings => 'SELECT * FROM menuca_access_openings()', only => \@access, turns => 3 ],
	[ menuca_access_columns => 'SELECT * FROM menuca_access_columns()', only => \@access ],
	[ menuca_deploy_access => 'SELECT * FROM menuca_deploy_access()', only => \@access ],
	[ menuca_deploy_access => q(SELECT * FROM menuca_deploy_access(dry_run => false, tables => '{combo_items}')), only => \@access ],
	[ menuca_rollback_access => 'SELECT * FROM menuca_rollback_access()', only => \@access ],
	[ menuca_rollback_access => 'SELECT * FROM menuca_rollback_access(dry_run => false)', only => \@access ],
	[ menuca_deploy_access_by_table => 'CALL menuca_deploy_access_by_table()', do => 1, only => \@access ],
	[ menuca_rollback_access_by_table => 'CALL menuca_rollback_access_by_table()', do => 1, only => \@access ],
	[ menuca_guard_policies => 'DROP EXTENSION menuca_migrate CASCADE', do => 1, refused => '2BP01', only => \@none ],
	[ menuca_test_access => q(SELECT * FROM menuca_test_access('{combo_items}')), only => \@access, turns => 3 ],
	[ menuca_access_overhead => 'SELECT * FROM menuca_access_overhead(executions => 3)', only => \@access ],
	[ menuca_judge_overhead => q(SELECT * FROM menuca_judge_overhead('{1,1.1}', '{1.1,1}')), only => \@none ],
	[ menuca_check_access => 'SELECT * FROM menuca_check_access(matrix => false, overhead => false)', only => \@access, turns => 3 ],
	[ menuca_customer_view => 'SELECT * FROM menuca_customer_view()', only => \@none ],
	[ menuca_check_customer_view => 'SELECT * FROM menuca_check_customer_view()', only => [qw(menuca_run menuca_run_batch)] ],
	[ menuca_load_script => 'SELECT * FROM menuca_load_script()', only => [qw(menuca_registered_environment)] ],
	[ menuca_record_load => q(SELECT menuca_record_load('{1000,2000}', 1, 2, now(), now(), 1, 10, 1)), only => [qw(menuca_load_run menuca_registered_environment)] ],
	[ menuca_check_load => 'SELECT * FROM menuca_check_load()', only => \@loads ],
	[ menuca_check_load => 'SELECT * FROM menuca_check_load((SELECT max(load_id) FROM menuca_load_run))', staging => 1, only => \@loads ],
	[ menuca_preview_ticket => 'SELECT * FROM menuca_preview_ticket(4)', staging => 1, only => \@tickets, turns => 3 ],
	[ menuca_ticket => 'SELECT * FROM menuca_ticket(0, dry_run => true)', staging => 1, only => [ @recorded, 'menuca_expected_count' ], turns => 3 ],
	(map { [ menuca_ticket => "SELECT * FROM menuca_ticket($_, dry_run => true)", staging => $_ < 6, only => \@recorded, turns => 3 ] } (1, 6)),
	(map { [ menuca_ticket => "SELECT * FROM menuca_ticket($_, dry_run => true)", staging => $_ < 6, only => \@states, turns => 3 ] } (4, 9)),
	# What they ask of indexes and access is called by itself, too; without the roles, access takes no time here
	(map { [ menuca_ticket => "SELECT * FROM menuca_ticket(CASE WHEN set_config('menuca.tenant_role', 'nobody', true) <> '' THEN $_ END, dry_run => true)", staging => $_ < 6, only => [ @tickets, 'menuca_load_run' ], turns => 3 ] } (5, 10)),
	[ menuca_ticket => q(SELECT * FROM menuca_ticket(4, force => true, reason => 'a test', dry_run => false)), staging => 1, only => \@tickets, turns => 3 ],
	[ menuca_next => 'SELECT * FROM menuca_next()', only => [qw(menuca_decision menuca_registered_environment menuca_run)] ],
	[ menuca_next => 'SELECT * FROM menuca_next()', staging => 1, only => [qw(menuca_imported_verdict menuca_ticket_execution)] ],
	[ menuca_help => 'SELECT * FROM menuca_help()', only => \@none ],
	[ menuca_status => 'SELECT * FROM menuca_status()', only => \@states, turns => 3 ],
	[ menuca_report => 'SELECT length(menuca_report())', only => [qw(menuca_run menuca_ticket_execution)], turns => 3 ],
	[ menuca_orphan_restaurants => 'SELECT * FROM menuca_orphan_restaurants()', only => \@none ],
	[ menuca_status => 'SELECT * FROM menuca_status()', staging => 1, only => \@states, turns => 3 ],
	[ menuca_attest => q(SELECT * FROM menuca_attest(6, 'notice', 'PASS', 'A. Person')), only => \@said ],
	[ menuca_attest => q(SELECT * FROM menuca_attest(9, 'api', 'FAILED', 'A. Person')), only => \@people ],
	[ menuca_report_issue => q(SELECT menuca_report_issue(9, 'critical', 'no price', 'A. Person')), only => [ 'menuca_registered_environment', @people ] ],
	[ menuca_resolve_issue => q(SELECT * FROM menuca_resolve_issue(2, 'it was the cache', 'A. Person')), only => \@said ],
	[ menuca_review_samples => 'SELECT * FROM menuca_review_samples(9)', only => \@said ],
	[ menuca_review => q(SELECT * FROM menuca_review(9, 1, 1, 'group 1 has sauces', 'A. Person')), only => \@said, turns => 3 ],
	[ menuca_announcement => q(SELECT menuca_announcement(9, 'done')), only => \@said ],
	[ menuca_announcement => q(SELECT menuca_announcement(10, 'before')), only => \@people ],
	[ menuca_sign_off => q(SELECT menuca_sign_off(5, 'A. Lead', 'NO-GO')) ],
	[ menuca_sign_off => q(SELECT menuca_sign_off(0, 'A. Lead', 'GO')) ],
	[ menuca_export_verdict => 'SELECT menuca_export_verdict()', staging => 1, only => \@states, turns => 3 ],
	[ menuca_import_verdict => 'SELECT menuca_import_verdict(document) FROM menuca_imported_verdict' ],
	[ menuca_import_verdict => 'SELECT menuca_import_verdict(document::text) FROM menuca_imported_verdict' ],
	[ menuca_import_verdict => q(SELECT menuca_import_verdict(document || jsonb_build_object('checksum', menuca_verdict_checksum(document))) FROM menuca_imported_verdict) ],
	[ menuca_set_verdict_key => q(SELECT menuca_set_verdict_key('a key of enough bytes')) ],
	[ menuca_monitor_sample => 'SELECT menuca_monitor_sample()', turns => 3 ],
	[ menuca_monitor_report => q(SELECT * FROM menuca_monitor_report(duration => '1 hour')) ],
	[ menuca_execution_log => 'SELECT menuca_execution_log()', only => \@states, turns => 3 ],
	[ menuca_execution_log => 'SELECT menuca_execution_log()', staging => 1, only => \@states, turns => 3 ],
	[ menuca_rollback_guide => 'SELECT * FROM menuca_rollback_guide()' ],
	# Without the roles, access takes no time here either
	[ menuca_rollback_advice => q(SELECT a.* FROM (SELECT set_config('menuca.tenant_role', 'nobody', true) AS role OFFSET 0) s, LATERAL (SELECT * FROM menuca_rollback_advice() WHERE s.role <> '' OFFSET 0) a), only => [qw(menuca_sample menuca_imported_verdict menuca_query_measurement)], turns => 3 ],
	[ menuca_failing_since => q(SELECT menuca_failing_since(environment_id, 'references') FROM menuca_registered_environment), only => [qw(menuca_ticket_execution)] ],
	[ menuca_query_slowdown => 'SELECT * FROM menuca_query_slowdown()', only => [qw(menuca_query_measurement)] ],
	[ menuca_check_impact => 'SELECT * FROM menuca_check_impact()', only => [qw(menuca_registered_environment menuca_ticket_execution menuca_sample)] ],
	[ menuca_impact_figures => 'SELECT f.* FROM menuca_registered_environment e, menuca_impact_figures(e.environment_id, NULL) f', only => [qw(menuca_registered_environment menuca_ticket_execution menuca_sample)] ],
	[ menuca_announce_window => q(SELECT menuca_announce_window(now(), now() + interval '1 hour', 'a note')), only => [qw(menuca_registered_environment menuca_window)] ],
	[ menuca_read_only => 'SELECT * FROM menuca_read_only(true)', only => [qw(menuca_registered_environment menuca_read_only_change)] ],
	[ menuca_read_only => 'SELECT * FROM menuca_read_only(true, dry_run => false)', only => [qw(menuca_registered_environment menuca_read_only_change)] ],
	[ menuca_verdict_checksum => 'SELECT menuca_verdict_checksum(document) FROM menuca_imported_verdict' ],
	[ menuca_grants => q(SELECT * FROM menuca_grants('postgres')), only => \@none ],
	[ menuca_grant_statements => q(SELECT menuca_grants('postgres', 'runbook')), only => \@none ],
	[ menuca_copy_of => q(SELECT * FROM menuca_copy_of('other', 4712, reason => 'a test')), staging => 1, only => [qw(menuca_copy menuca_registered_environment)] ],
	[ menuca_accept_receipt => 'SELECT a.* FROM menuca_hosted_receipt r, menuca_accept_receipt(r.document::text) a', only => [qw(menuca_copy menuca_hosted_receipt menuca_run)] ],
	[ menuca_receipt_facts => 'SELECT f.* FROM menuca_hosted_receipt r, menuca_receipt_facts(r.document) f', only => [qw(menuca_hosted_receipt)] ],
	[ menuca_wished_receipts => q(SELECT w.* FROM menuca_hosted_receipt r, menuca_wished_receipts(r.database_name, r.system_identifier, 'fix', 8, 'epoch', 'epoch', false) w), only => [qw(menuca_copy menuca_hosted_receipt)] ],
	[ menuca_export_fix => q(UPDATE menuca_run SET status = 'rolled_back' WHERE status = 'running'; SELECT menuca_export_fix((SELECT max(run_id) FROM menuca_runs WHERE status = 'completed'))), do => 1, refused => 'MC003', only => [ @fixes, 'menuca_copy' ] ],
	[ menuca_export_indexes => 'SELECT file_name FROM menuca_export_indexes()', only => [ @indexes, 'menuca_copy' ] ],
	[ menuca_export_access => 'SELECT file_name FROM menuca_export_access()', refused => 'MC030', only => [qw(menuca_copy)] ],
	[ menuca_hosted_columns => q(SELECT menuca_hosted_columns('menuca_v3.dishes')), only => \@none ],
	(map { [ $_ => "SELECT length($_())", only => \@none ] } qw(menuca_export_database_template menuca_export_frame_template menuca_export_guard_template menuca_export_read_template
		menuca_export_receipt_template menuca_hosted_access_after_template menuca_hosted_access_check_template menuca_hosted_access_matrix_template
		menuca_hosted_claims_template menuca_hosted_column_problems menuca_hosted_deploy_template menuca_hosted_functions_template menuca_hosted_index_check_template
		menuca_hosted_index_drop_template menuca_hosted_index_leftover_template menuca_hosted_matrix_template menuca_hosted_openings_template menuca_hosted_own_policy menuca_hosted_own_tenants_template
		menuca_hosted_policy_definition menuca_hosted_public_template menuca_hosted_rollback_functions_template menuca_hosted_rollback_template
		menuca_hosted_schema_guard_template menuca_hosted_schema_state menuca_hosted_table_template)),
	(map { [ $_ => "SELECT length($_())", only => \@none ] } qw(menuca_report_acceptances menuca_report_access menuca_report_checks menuca_report_coverage menuca_report_end menuca_report_flow
		menuca_report_queries menuca_report_rates menuca_report_restaurants menuca_report_runs menuca_report_samples
		menuca_report_issues menuca_report_load menuca_report_people menuca_report_window menuca_report_signatures menuca_report_sizes menuca_report_style menuca_report_tickets menuca_report_verdict)),
	[ menuca_html => q(SELECT length(menuca_html('a < b'))), only => \@none ],
	[ menuca_report_bar => q(SELECT length(menuca_report_bar(20, 50, 'good'))), only => \@none ],
	[ menuca_report_bars => q(SELECT length(menuca_report_bars('name', 'title', '...', '[{"label": "a", "value": "50 %", "share": 50}]'))), only => \@none ],
	[ menuca_report_begin => q(SELECT length(menuca_report_begin('title'))), only => \@none ],
	[ menuca_report_call => q(SELECT length(menuca_report_call('...', 'SELECT 1;'))), only => \@none ],
	[ menuca_report_flow_picture => q(SELECT length(menuca_report_flow_picture(1))), only => \@none ],
	[ menuca_report_frame => q(SELECT length(menuca_report_frame('checks', 'title', '...', NULL))), only => \@none ],
	[ menuca_report_mark => q(SELECT length(menuca_report_mark('PASS'))), only => \@none ],
	[ menuca_report_note => q(SELECT length(menuca_report_note('...'))), only => \@none ],
	[ menuca_report_number => q(SELECT length(menuca_report_number(1234))), only => \@none ],
	[ menuca_report_percent => q(SELECT length(menuca_report_percent(12.5))), only => \@none ],
	[ menuca_report_picture => q(SELECT length(menuca_report_picture('name', 'title', '...', 100, '<text y="20">1</text>'))), only => \@none ],
	[ menuca_report_row => q(SELECT length(menuca_report_row('hn', '{Name,Number}', 'a', '1'))), only => \@none ],
	[ menuca_report_table => q(SELECT length(menuca_report_table('caption', 'hn', '{Name,Number}', ''))), only => \@none ],
	[ menuca_report_tile => q(SELECT length(menuca_report_tile('12 %', '...', 'PASS'))), only => \@none ],
	[ menuca_report_time => q(SELECT length(menuca_report_time(now()))), only => \@none ],
	[ menuca_report_timeline => q(SELECT length(menuca_report_timeline('[{"ticket": 0, "title": "Pre-flight", "state": "COMPLETE"}]'))), only => \@none ],
	[ menuca_report_tone => q(SELECT length(menuca_report_tone('PASS'))), only => \@none ],
	[ menuca_monitor_figures => q(SELECT f.* FROM menuca_registered_environment e, menuca_monitor_figures(e.environment_id, '1 hour', '1 hour') f) ]);

# Those that commit cannot be called in a transaction: they get a database of
# their own, where each damage is committed and mended again.
my @procedures = (
	[ menuca_resume => 'CALL menuca_resume(%s, dry_run => false)' ],
	[ menuca_fix_combos_batched => 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 4)' ]);
my @read_by_procedures = qw(menuca_run menuca_run_baseline menuca_run_batch menuca_registered_environment menuca_backup);

#
# The values of each type, as SQL in which %1$s is the column; a star marks the
# worst, which every run tries
#

my $odd_text = q(E'a\nb ''c'' "d" %s %n $1 \\\\ --');
my %values = (
	text => [
		'* NULL', "* $odd_text", "''", "'combo_items_pkey'", "'  '", "repeat('x', 10000)",
		"'no such thing'", "'pg_catalog.pg_class'", "upper(%1\$s)", "%1\$s || ')'", "'*'", "'true OFFSET 5'" ],
	bigint => [ '* NULL', '* 9223372036854775807', '-1', '0', '1', '-9223372036854775808', '2147483648' ],
	integer => [ '* NULL', '* 2147483647', '-1', '0', '1', '-2147483648', '11' ],
	numeric => [ '* NULL', "* 'NaN'", '-1', '0', "'Infinity'", "'-Infinity'", '1e300' ],
	'double precision' => [ '* NULL', "* 'NaN'", "'Infinity'", "'-Infinity'", '-1', '0', '1e300' ],
	boolean => [ '* NULL', '* NOT %1$s' ],
	'timestamp with time zone' => [
		'* NULL', "* 'infinity'", "'-infinity'", "'9999-12-31'", "'294276-12-31'", "'4713-11-24 BC'", "'epoch'" ],
	interval => [ '* NULL', "* '170000000 years'", "* '-1 day'", "'0'" ],
	jsonb => [
		'* NULL', "* '{}'", "'[]'", q('"a string"'), "'null'", "'1'", "'[null, {}, [], 1]'",
		q((repeat('[', 900) || repeat(']', 900))::jsonb), q((repeat('{"a":', 900) || '1' || repeat('}', 900))::jsonb) ],
	bytea => [ '* NULL', "''", '* substr(%1$s, 1, length(%1$s) / 2)', q('\x00'), '%1$s || %1$s', q(substr(%1$s, 2)) ],
	'text[]' => [ '* NULL', "'{}'", "* '{NULL}'", "* '{{a,b},{c,d}}'", "'{\"\"}'", "ARRAY[$odd_text]", "array_fill('id'::text, ARRAY[40])" ],
	'bigint[]' => [ '* NULL', "* '{}'", "* '{NULL}'", "'{{1,2},{3,4}}'", "'{-1, 9223372036854775807}'" ],
	int8multirange => [
		'* NULL', "* '{}'", "* '{(,)}'", "'{[1,9223372036854775807)}'", "'{(,5)}'", "'{[5,)}'", "'{[-5,-3),[1,2)}'" ],
	oid => [ '* NULL', '* 0', "* 'pg_catalog.pg_class'::regclass::oid", '4294967295' ]);

# A column of each type gets another one instead, as the next value of a list
my %other_types = (text => [ 'integer', '* bigint', 'name' ], jsonb => [ '* integer', 'text' ], boolean => [ '* text', 'integer' ],
	map { $_ => [ '* text', 'double precision', 'numeric', 'name' ] } 'bigint', 'integer', 'oid', 'double precision', 'numeric',
	'timestamp with time zone', 'interval', 'bytea', 'text[]', 'bigint[]', 'int8multirange');

# What happens to whole rows; %2$s is the table
my @row_damages = (
	[ 'rows deleted' => 'DELETE FROM %2$s' ],
	[ 'rows doubled' => 'INSERT INTO %2$s OVERRIDING SYSTEM VALUE SELECT * FROM %2$s' ]);

#
# Initialize node: a finished migration in one database, which is then registered
# as production with staging's verdict
#

my $node = new_node('main', conf => <<'CONF');
autovacuum = off
fsync = off
log_min_messages = fatal
log_min_error_statement = panic
restart_after_crash = on
jit = off
max_parallel_workers_per_gather = 0
CONF
rows_of($node, 'postgres', <<'SQL');
CREATE ROLE anon NOLOGIN;
CREATE ROLE authenticated NOLOGIN;
CREATE ROLE service_role NOLOGIN BYPASSRLS;
CREATE DATABASE staging;
SQL

sub run_in
{
	my ($database, $sql) = @_;

	return rows_of($node, $database, "SET client_min_messages = error;\n$sql");
}

run_in('staging', slurp_file('test/sql/include/schema.sql'));
my $schema = run_in('staging', q(SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'menuca_migrate'));
rows_of($node, 'postgres', "ALTER ROLE postgres SET search_path = public, $schema, pg_catalog");

run_in('staging', <<'SQL');
CREATE TABLE menuca_v3.courses (id bigint PRIMARY KEY, restaurant_id bigint, name text, display_order integer);
ALTER TABLE menuca_v3.dishes ADD course_id bigint REFERENCES menuca_v3.courses, ADD base_price numeric, ADD is_combo boolean;
ALTER TABLE menuca_v3.restaurants ADD legacy_v1_id integer, ADD status text NOT NULL DEFAULT 'active';
UPDATE menuca_v3.restaurants SET legacy_v1_id = 70 + id;
UPDATE menuca_v3.dishes SET legacy_v2_id = 900 + id;
INSERT INTO menuca_v3.combo_groups
SELECT g, (g - 21) % 3 + 1, 'V2 group ' || g, NULL, NULL, 300 + g, 'v2' FROM generate_series(21, 22) g;
CREATE TABLE staging.numbers (a int);
SELECT lo_from_bytea(4711, 'INSERT INTO `t` VALUES (1);');
CREATE TABLE staging.menuca_v1_menu (id int, restaurant int, name text);
INSERT INTO staging.menuca_v1_menu VALUES (301, 72, 'Box'), (302, 73, 'Deal'), (201, 72, 'Dish 1');
INSERT INTO staging.menuca_v1_combos VALUES (101, 301, 101, 0), (102, 302, 102, 0);
CREATE TABLE staging.menuca_v1_combo_groups (id int, dish bytea);
INSERT INTO staging.menuca_v1_combo_groups VALUES (101, 'a:2:{i:0;i:201;i:1;i:204;}');
CREATE TABLE staging.menuca_v2_restaurants_combo_groups_items (id int, group_id int, dishes json);
INSERT INTO staging.menuca_v2_restaurants_combo_groups_items VALUES (1, 321, '["903|0", "906"]'), (2, 322, '{"1": ["901", "904"], "2": ["907"]}');
SQL

# Tickets in order, each with what it needs; a failed one is in the ledger, too
run_in('staging', <<'SQL');
SELECT * FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system()));
INSERT INTO menuca_expected_count VALUES ('dishes', 1, 1000), ('combo_groups', NULL, 1000), ('restaurants', 1, NULL);
SELECT menuca_register_backup('first', 'nas/0', 'pg_dump', 30000, 'abc', now() - interval '4 minutes', now() - interval '3 minutes', true, '{"host": "nas", "path": "/backups/0", "drill": true}');
SELECT menuca_register_backup('evening', 'nas/1', 'pg_dump', 40000, 'abc', now() - interval '2 minutes', now() - interval '1 minute', true, '{"host": "nas", "path": "/backups/1", "drill": true}');
SELECT menuca_ticket(0, force => true, reason => 'a test', dry_run => false);
SELECT menuca_ticket(1, '{"backup": "evening"}', force => true, reason => 'a test', dry_run => false);
SELECT menuca_record_queries('before', executions => 1);
UPDATE menuca_wanted_index SET wanted = false WHERE name IN (SELECT name FROM menuca_index_plan() WHERE action = 'impossible');
SELECT menuca_ticket(2, force => true, reason => 'a test', dry_run => false);
SELECT menuca_begin_indexes();
SELECT menuca_deploy_access(dry_run => false);
CREATE FUNCTION public.dish_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM menuca_v3.dishes';
INSERT INTO menuca_accepted_opening (kind, object, role_name, definition, reason)
SELECT kind, object, role_name, definition, 'a reason' FROM menuca_access_openings('{function}');
SELECT menuca_snapshot('before', '{combo_items, combo_steps}');
SELECT menuca_backfill_dishes(dry_run => false);
SELECT menuca_fix_combos(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);
SELECT menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);
SELECT menuca_restore_snapshot('before', dry_run => false, force => true);
SELECT menuca_ticket(4, '{"min_coverage_pct": 1, "max_orphan_pct": 100}', force => true, reason => 'a test', dry_run => false);
SELECT menuca_fix_v2_groups(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 100);
SELECT menuca_monitor_sample() FROM generate_series(1, 3);
SELECT menuca_record_load('{1000,1500,2000}', 1, 2, now() - interval '1 day', now() - interval '1 day', 1, 100, 3);
SELECT menuca_record_load('{1000,1500,2500}', 0, 2, now(), now(), 1, 100, 3);
UPDATE menuca_sample SET taken_at = clock_timestamp() - ((SELECT max(sample_id) FROM menuca_sample) - sample_id) * interval '40 minutes';
SELECT menuca_announce_window(now(), now() + interval '1 day', 'a note');
SELECT menuca_read_only(true, dry_run => false);
SELECT menuca_read_only(false, dry_run => false);
SELECT menuca_ticket(5, force => true, reason => 'a test', dry_run => false);
SELECT menuca_review(4, 1, 0, 'a note', 'A. Person');
SELECT menuca_attest(5, 'login', 'WAIVED', 'A. Person', 'a note');
SELECT menuca_report_issue(4, 'low', 'no picture', 'A. Person', 'a note');
SELECT menuca_sign_off(5, 'A. Lead', 'NO-GO', 'a note');
SELECT menuca_set_verdict_key('a key of enough bytes');
INSERT INTO menuca_accepted_change (check_name, database_name, system_identifier, target_schema, target, found, reason)
SELECT 'steps', current_database(), system_identifier, 'menuca_v3', 'combo_items', '{}', 'a reason' FROM pg_control_system();
SELECT menuca_accept('orphan_rate', 100, 'a reason', 'A. Lead');
SELECT menuca_record_decision('combo_items', 'A. Lead', 'a reason');
SQL

# Whose copy it is, and what a file has found there
run_in('staging', <<'SQL');
SELECT * FROM menuca_copy_of('shop', 4711);
WITH receipt(body) AS (
	SELECT jsonb_build_object('set', 'menuca_fix_' || max(run_id), 'file', '00_check', 'database', 'shop', 'exported_from', (SELECT original ->> 'copy' FROM menuca_copy_original), 'time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
		'rows', jsonb_build_array(jsonb_build_object('check_no', 1, 'name', 'database', 'status', 'PASS', 'expected', 'shop', 'actual', 'shop', 'detail', NULL, 'next_step', NULL)))
	FROM menuca_runs WHERE status = 'completed')
SELECT menuca_accept_receipt((body || jsonb_build_object('sha256', encode(sha256(convert_to(body::text, 'UTF8')), 'hex')))::text) FROM receipt;
SQL

# A batched run that was interrupted after its first batch
run_in('staging', <<'SQL');
DELETE FROM menuca_v3.combo_items WHERE id IN (SELECT id FROM menuca_v3.combo_items WHERE source_system = 'v1' ORDER BY id DESC LIMIT 9);
CREATE FUNCTION public.interrupt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.batch_no = 2 THEN RAISE 'interrupted'; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER interrupt BEFORE INSERT ON menuca_run_batch FOR EACH ROW EXECUTE FUNCTION public.interrupt();
SQL
my $interruption = error_of($node, 'staging', 'SET client_min_messages = error; CALL menuca_fix_combos_batched(dry_run => false, batch_size => 4, min_coverage_pct => 0, max_orphan_pct => 100)');
like($interruption->{message}, qr/^interrupted/, 'a batched run is interrupted');
run_in('staging', 'DROP FUNCTION public.interrupt() CASCADE');

# Steps by the header of a group
run_in('staging', <<'SQL');
UPDATE menuca_v3.combo_groups SET combo_rules = '{"display_header": "Choose"}' WHERE id = 1;
SELECT menuca_fix_combo_steps(dry_run => false);
UPDATE menuca_v3.combo_groups SET combo_rules = '{"display_header": "First;Second", "item_count": 2}' WHERE id = 2;
SQL
my $interrupted = run_in('staging', q(SELECT max(run_id) FROM menuca_runs WHERE status = 'interrupted'));

my $verdict = run_in('staging', 'SELECT menuca_export_verdict()') =~ s/'/''/gr;
copy_database($node, 'staging', 'production');
run_in('production', <<"SQL");
SELECT * FROM menuca_environment('production', current_database(), (SELECT system_identifier FROM pg_control_system()));
SELECT menuca_import_verdict('$verdict');
UPDATE menuca_backup SET database_name = current_database();
UPDATE menuca_copy SET database_name = current_database();
UPDATE menuca_hosted_receipt SET database_name = current_database();
-- Its files were exported here, too, and the checksum fits
UPDATE menuca_hosted_receipt SET document = document - 'sha256' || jsonb_build_object('exported_from', (SELECT original ->> 'copy' FROM menuca_copy_original));
UPDATE menuca_hosted_receipt SET sha256 = encode(sha256(convert_to(document::text, 'UTF8')), 'hex');
UPDATE menuca_hosted_receipt SET document = document || jsonb_build_object('sha256', sha256);
INSERT INTO menuca_ticket_execution (environment_id, ticket_no, status, result, checks, options, forced, reason, run_ids, backup, started_at)
SELECT (SELECT environment_id FROM menuca_registered_environment WHERE name = 'production'),
	t.ticket_no + n, t.status, t.result, t.checks, t.options, t.forced, t.reason, t.run_ids, t.backup, t.started_at
FROM menuca_ticket_execution t, (VALUES (0), (5)) v(n) WHERE n = 5 OR t.ticket_no = 0;
INSERT INTO menuca_review_answer (environment_id, ticket_no, target, groups, good, bad, note, reviewer)
SELECT environment_id, 9, 'combo_items', 9, 1, 0, 'a note', 'B. Owner' FROM menuca_registered_environment WHERE name = 'production';
INSERT INTO menuca_attestation (environment_id, ticket_no, item, result, who, note)
SELECT environment_id, c.ticket_no, c.item, 'WAIVED', 'B. Owner', 'a note' FROM menuca_registered_environment, menuca_checklist c WHERE name = 'production' AND c.ticket_no = 9;
INSERT INTO menuca_issue (environment_id, ticket_no, severity, title, who)
SELECT environment_id, 9, 'high', 'no picture', 'B. Owner' FROM menuca_registered_environment WHERE name = 'production';
INSERT INTO menuca_signature (environment_id, ticket_no, approver, decision, note)
SELECT environment_id, 5, 'B. Owner', 'GO', 'a note' FROM menuca_registered_environment WHERE name = 'production';
INSERT INTO menuca_load_run
OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(l, jsonb_build_object('load_id', load_id + 100, 'environment_id',
	(SELECT environment_id FROM menuca_registered_environment WHERE name = 'production')))).* FROM menuca_load_run l;
INSERT INTO menuca_sample
OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(s, jsonb_build_object('sample_id', sample_id + 100, 'environment_id',
	(SELECT environment_id FROM menuca_registered_environment WHERE name = 'production')))).* FROM menuca_sample s;
SQL

#
# What there is, by the catalog
#

my $members = q(SELECT %s FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
	JOIN %s o ON o.oid = d.objid AND d.classid = '%s'::regclass
	WHERE e.extname = 'menuca_migrate' AND d.deptype = 'e' %s ORDER BY 1);
my @tables = split /\n/, run_in('production', sprintf($members, 'relname', 'pg_class', 'pg_class', q(AND relkind = 'r')));
my @functions = split /\n/, run_in('production', sprintf($members, 'DISTINCT proname', 'pg_proc', 'pg_proc', ''));
my %called = map { $_->[0] => 1 } @calls, @procedures;

cmp_ok(scalar @tables, '>', 10, 'the extension has tables');
is_deeply([ grep { !$called{$_} } @functions ], [], 'every function has an example call');
is(run_in('production', join ' UNION ALL ', map { "SELECT '$_' WHERE NOT EXISTS (SELECT FROM $_)" } @tables), '', 'no table is empty');

#
# The machinery, in the database: it damages, calls, and returns what is wrong
#

sub quoted
{
	my ($text) = @_;

	return defined $text ? q(') . $text =~ s/'/''/gr . q(') : 'NULL';
}

sub install_machinery
{
	my ($database) = @_;
	my $number = 0;
	my $list = join ",\n", map {
		my ($function, $sql, %how) = @$_;
		sprintf '(%d, %s, %s, %s, %s, %s, %d)', ++$number, quoted($function), quoted($sql),
		  ($how{staging} ? 'true' : 'false'), ($how{do} ? 'true' : 'false'),
		  $how{only} && !$all ? quoted('{' . join(',', @{ $how{only} }) . '}') : 'NULL', $how{turns} // 1
	} @calls;

	run_in($database, <<"SQL");
CREATE SCHEMA damage;
CREATE TABLE damage.call (number int, function text, sql text, as_staging boolean, is_do boolean, only_tables text[], turns int);
INSERT INTO damage.call VALUES $list;
SQL
	run_in($database, <<'SQL');
-- Somebody who writes to the ledger first drops what forbids it
CREATE PROCEDURE damage.allow(tables text[]) LANGUAGE plpgsql AS $$
DECLARE
	c record;
BEGIN
	FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
		WHERE conrelid = ANY (tables::regclass[]) AND contype <> 'n' ORDER BY contype = 'p'
	LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname);
	END LOOP;
	FOR c IN SELECT attrelid::regclass AS t, attname, attidentity FROM pg_attribute
		WHERE attrelid = ANY (tables::regclass[]) AND attnum > 0 AND attnotnull
	LOOP
		IF c.attidentity <> '' THEN
			EXECUTE format('ALTER EXTENSION menuca_migrate DROP SEQUENCE %s', pg_get_serial_sequence(c.t::text, c.attname));
			EXECUTE format('ALTER TABLE %s ALTER %I DROP IDENTITY', c.t, c.attname);
			EXECUTE format('CREATE SEQUENCE damage.%I START 1000', replace(c.t::text, '.', '_') || '_id');
			EXECUTE format('ALTER TABLE %s ALTER %I SET DEFAULT nextval(%L)', c.t, c.attname,
				format('damage.%I', replace(c.t::text, '.', '_') || '_id'));
		END IF;
		EXECUTE format('ALTER TABLE %s ALTER %I DROP NOT NULL', c.t, c.attname);
	END LOOP;
END $$;

CREATE FUNCTION damage.hurt(table_name text, sql text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL session_replication_role = replica;
	EXECUTE sql;
	SET LOCAL session_replication_role = origin;
END $$;

-- Gives a column another type, with values that fit; views that read its table get
-- their query back afterwards, unless it does not fit any more.  Nobody can do
-- that to a column that a function in SQL or a trigger is defined on.
CREATE TABLE damage.view AS SELECT oid::regclass::text AS name, oid::int8 AS number, pg_get_viewdef(oid) AS query,
	(SELECT string_agg(format('NULL::%s%s AS %I', format_type(atttypid, atttypmod),
		' COLLATE ' || nullif(attcollation, 0)::regcollation::text, attname), ', ' ORDER BY attnum)
	FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0) AS columns,
	ARRAY(SELECT d.refobjid FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
		WHERE r.ev_class = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid) AS reads
FROM pg_class c WHERE relkind = 'v' AND relname LIKE 'menuca%';

CREATE FUNCTION damage.retype(table_name text, column_name text, type text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v damage.view;
BEGIN
	FOR v IN SELECT * FROM damage.view WHERE table_name::regclass = ANY (reads) ORDER BY number DESC
	LOOP
		EXECUTE format('CREATE OR REPLACE VIEW %s AS SELECT %s', v.name, v.columns);
	END LOOP;
	BEGIN
		EXECUTE format('ALTER TABLE %s ALTER %I DROP DEFAULT, ALTER %2$I TYPE %s USING ''7''::%3$s', table_name, column_name, type);
	EXCEPTION WHEN feature_not_supported THEN
		NULL;
	END;
	FOR v IN SELECT * FROM damage.view WHERE table_name::regclass = ANY (reads) ORDER BY number
	LOOP
		BEGIN
			EXECUTE format('CREATE OR REPLACE VIEW %s AS %s', v.name, v.query);
		EXCEPTION WHEN OTHERS THEN
			NULL;
		END;
	END LOOP;
END $$;

-- A column: the SQL of each of its damages, by its name
CREATE FUNCTION damage.json_damages(table_name text, column_name text, every boolean)
RETURNS TABLE (label text, expression text) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		WITH RECURSIVE part(path, value) AS (
			SELECT '{}'::text[], %2$I FROM %1$s WHERE %2$I IS NOT NULL
			UNION
			SELECT p.path || e.key, e.value
			FROM part p CROSS JOIN LATERAL (
				SELECT o.key, o.value FROM jsonb_each(CASE jsonb_typeof(p.value) WHEN 'object' THEN p.value ELSE '{}' END) o
				UNION ALL
				SELECT '0', p.value -> 0 WHERE jsonb_typeof(p.value) = 'array' AND jsonb_array_length(p.value) > 0) e
			WHERE cardinality(p.path) < 4),
		place(path, kind) AS (
			SELECT path, min(jsonb_typeof(value)) FROM part WHERE path <> '{}' GROUP BY path),
		damage(what, expression, worst) AS (VALUES
			('removed', '%2$I #- %%L', true),
			('null', 'jsonb_set(%2$I, %%L, ''null'')', false),
			('a string', 'jsonb_set(%2$I, %%L, ''"x"'')', false),
			('a number', 'jsonb_set(%2$I, %%L, ''-1.5e300'')', false),
			('true', 'jsonb_set(%2$I, %%L, ''true'')', false),
			('a list', 'jsonb_set(%2$I, %%L, ''[[], null]'')', false),
			('an object', 'jsonb_set(%2$I, %%L, ''{"": {}}'')', false))
		SELECT p.path::text || ' ' || d.what, format(d.expression, p.path)
		FROM place p CROSS JOIN damage d
		WHERE $1 OR d.worst AND cardinality(p.path) = 1
		ORDER BY 1$q$, table_name, column_name) USING every;
END $$;

-- Which tables each call locks without a damage: it does the same after a damage
-- of another one.  Locks of a call that is refused are gone, so it may read all.
CREATE PROCEDURE damage.find_tables(tables text[]) LANGUAGE plpgsql AS $$
DECLARE
	c damage.call;
	found text[];
BEGIN
	FOR c IN SELECT * FROM damage.call
	LOOP
		found := NULL;
		BEGIN
			IF c.as_staging THEN
				UPDATE menuca_registered_environment SET name = 'staging';
			END IF;
			EXECUTE CASE WHEN c.is_do THEN c.sql ELSE 'SELECT count(r::text) FROM (' || c.sql || ') r' END;
			found := ARRAY(SELECT t FROM unnest(tables) t JOIN pg_locks l ON l.relation = t::regclass AND l.pid = pg_backend_pid());
			RAISE EXCEPTION USING ERRCODE = 'DM001';
		EXCEPTION WHEN OTHERS THEN
			NULL;
		END;
		UPDATE damage.call SET only_tables = found WHERE number = c.number;
	END LOOP;
END $$;

-- Damages, makes every call in a subtransaction, and returns a row per call that
-- is wrong, and one with the counts.  turn is the number of the damage within its
-- column; NULL: no call is left out.
CREATE FUNCTION damage.run(hurt_table text, hurt_column text, statement text, turn int, tell boolean)
RETURNS TABLE (kind text, called text, message text) LANGUAGE plpgsql AS $$
DECLARE
	c damage.call;
	answer text;
	state text;
	detail text;
	hint text;
	made int := 0;
	refused int := 0;
BEGIN
	PERFORM damage.hurt(hurt_table, statement);
	FOR c IN SELECT * FROM damage.call x
		WHERE (x.only_tables IS NULL OR hurt_table = ANY (x.only_tables)) AND (turn IS NULL OR (turn + x.number) % x.turns = 0)
		ORDER BY number
	LOOP
		IF tell THEN
			RAISE WARNING 'CALL %', c.sql;
		END IF;
		BEGIN
			IF c.as_staging AND NOT (hurt_table = 'menuca_registered_environment' AND hurt_column = 'name') THEN
				UPDATE menuca_registered_environment SET name = 'staging';
			END IF;
			IF c.is_do THEN
				EXECUTE c.sql;
			ELSE
				EXECUTE 'SELECT string_agg(r::text, E''\n'') FROM (' || c.sql || ') r' INTO answer;
			END IF;
			RAISE EXCEPTION USING ERRCODE = 'DM001', MESSAGE = coalesce(answer, '');
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, answer = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
		END;
		made := made + 1;
		IF hurt_column = 'undamaged' AND state <> 'DM001' THEN
			kind := state;
			called := c.sql;
			message := answer;
			RETURN NEXT;
			CONTINUE;
		END IF;
		refused := refused + (state <> 'DM001')::int;
		-- Inside an answer, too, as the result of a check
		IF state = 'XX000' OR answer LIKE '%XX000%' THEN
			kind := 'internal';
		ELSIF concat_ws(' ', answer, detail, hint) ~ 'cache lookup|could not open|with OID|OID \d|relkind|attnum|\(null\)|unrecognized|unexpected' THEN
			kind := 'wording';
		ELSE
			CONTINUE;
		END IF;
		called := c.sql;
		message := translate(left(concat_ws(' | ', state, substring(answer FROM '[^\n]*(?:XX000|OID|cache lookup|could not open|null\)|unexpected)[^\n]*'), answer), 400), E'\n', ' ');
		RETURN NEXT;
	END LOOP;
	kind := 'counts';
	called := made::text;
	message := refused::text;
	RETURN NEXT;
END $$;
SQL
	return;
}

sub damages
{
	my ($database, @of) = @_;
	my @found;

	foreach my $table (@of)
	{
		my @columns = map { [ split /\|/ ] } split /\n/, run_in($database,
			"SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = '$table'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum");

		foreach my $column (@columns)
		{
			my ($name, $type) = @$column;
			my @expressions;

			ok($values{$type}, "values for $table.$name of type $type") or next unless $values{$type};
			foreach my $value (@{ $values{$type} })
			{
				my $worst = $value =~ /^\* /;

				next unless $all || $worst;
				push @expressions, $value =~ s/^\* //r =~ s/%1\$s/"$name"/gr;
			}
			push @expressions, map { (split /\|/, $_, 2)[1] } split /\n/, run_in($database,
				"SELECT label || '|' || expression FROM damage.json_damages('$table', '$name', " . ($all ? 'true' : 'false') . ')')
			  if $type eq 'jsonb';
			my @statements = ((map { "UPDATE $table SET \"$name\" = $_" } @expressions),
				(map { "SELECT damage.retype('$table', '$name', '" . s/^\* //r . "')" } grep { $all || /^\* / } @{ $other_types{$type} }));

			ok($all || @statements >= 3, "three damages of $table.$name") or diag(join "\n", @statements);
			push @found, map { [ $table, $name, $statements[$_], $all ? undef : $_ ] } 0 .. $#statements;
		}
		push @found, map { [ $table, undef, $_->[1] =~ s/%2\$s/$table/gr ] } @row_damages;
	}
	return @found;
}

sub name_of
{
	my ($damage) = @_;

	return length $damage->[2] > 200 ? substr($damage->[2], 0, 200) . '...' : $damage->[2];
}

# Runs psql on a script whose parts begin with \echo; returns output and errors.
sub run_script
{
	my ($database, $script) = @_;
	my ($stdout, $stderr);
	my $file = write_file('script.sql', $script);

	IPC::Run::run([ $node->installed_command('psql'), '-XAtq', '-F', "\x01", '-d', $node->connstr($database), '-f', $file ],
		'<', \undef, '>', \$stdout, '2>', \$stderr);
	return ($stdout, $stderr);
}

sub wait_for_restart
{
	$node->poll_query_until('postgres', 'SELECT true');
	return;
}

#
# Every damage, and every call after each
#

my %wrong = (internal => [], wording => [], crash => [], hang => [], undamaged => []);
my ($damages, $made, $refused) = (0, 0, 0);

install_machinery('production');
run_in('production', "CALL damage.allow('{" . join(',', @tables) . "}')");

# Else they would not come to where they read the damage
my ($undamaged) = run_script('production', "SET client_min_messages = error;\nBEGIN;\nUPDATE damage.call SET only_tables = NULL;\nSELECT * FROM damage.run('menuca_run', 'undamaged', 'SELECT 1', NULL, false);\nROLLBACK;\n");
is(join("\n", sort grep { !/^counts/ } map { s/\x01[^\x01]*\z//r =~ s/\x01/ /gr } split /\n/, $undamaged),
	join("\n", sort map { my ($function, $sql, %how) = @$_; $how{refused} ? "$how{refused} $sql" : () } @calls),
	'without a damage no other call is refused') or diag($undamaged);

run_in('production', "CALL damage.find_tables('{" . join(',', @tables) . "}')") if $all;

my @hurt = grep {
	my $table = $_;
	@wanted ? grep { $_ eq $table } @wanted : $part eq ($part_of{$table} // 'ledger')
} @tables;
my @todo = damages('production', @hurt);
my $preamble = "SET client_min_messages = error;\nSET statement_timeout = '60s';\n";

sub case_script
{
	my ($number, $damage, $verbose) = @_;
	my ($table, $column, $sql, $turn) = @$damage;

	return sprintf "\\echo case\x01%d\nBEGIN;\nSELECT * FROM damage.run(%s, %s, %s, %s, %s);\nROLLBACK;\n",
	  $number, quoted($table), quoted($column), quoted($sql), $turn // 'NULL', $verbose ? 'true' : 'false';
}

# The last call that was made before the connection was lost, or time was up
sub last_call
{
	my ($damage) = @_;
	my (undef, $stderr) = run_script('production', $preamble . "SET client_min_messages = warning;\n" . case_script(0, $damage, 1));

	wait_for_restart();
	return (($stderr =~ /WARNING:  CALL ([^\n]*)/g)[-1] // '?') =~ s/\s+\z//r;
}

while (@todo)
{
	my @part = splice @todo, 0, 200;

	while (@part)
	{
		my $number = 0;
		my ($stdout, $stderr) = run_script('production', $preamble . join '', map { case_script($number++, $_) } @part);
		my @cases = split /^case\x01/m, $stdout;
		my $lost = $stderr =~ /server closed the connection|connection to server was lost|terminating connection/;
		my @errors = $stderr =~ /ERROR:  ([^\n]*)/g;

		shift @cases;
		foreach my $case (@cases)
		{
			my ($which, @rows) = split /\n/, $case;
			my $complete = 0;

			foreach (@rows)
			{
				my ($kind, $function, $message) = split /\x01/;

				if ($kind eq 'counts')
				{
					$complete = 1;
					$damages++;
					$made += $function;
					$refused += $message;
				}
				else
				{
					push @{ $wrong{$kind} }, name_of($part[$which]) . "\n    $function\n    $message";
				}
			}
			next if $complete || ($lost && $which == $#cases);

			# The whole case ended with an error: it could not be damaged, or
			# time was up
			my $error = shift(@errors) // '?';
			push @{ $wrong{ $error =~ /timeout/ ? 'hang' : 'undamaged' } },
			  name_of($part[$which]) . "\n    $error" . ($error =~ /timeout/ ? "\n    " . last_call($part[$which]) : '');
		}
		last unless $lost;
		wait_for_restart();
		push @{ $wrong{crash} }, name_of($part[$#cases]) . "\n    " . last_call($part[$#cases]);
		splice @part, 0, $#cases + 1;
	}
}

#
# The procedures, which commit
#

copy_database($node, 'staging', 'committed');
install_machinery('committed');
run_in('committed', "CALL damage.allow('{" . join(',', @read_by_procedures) . "}')");
run_in('committed', join '', map { "CREATE TABLE damage.\"$_->[1]\" AS SELECT * FROM $_->[0];\n" }
	  map { [ $_, $_ ] } @read_by_procedures);
run_in('committed', 'CREATE TABLE damage.items AS SELECT * FROM menuca_v3.combo_items');
my $mend = join '', "SET session_replication_role = replica;\n",
  (map { "TRUNCATE $_; INSERT INTO $_ SELECT * FROM damage.\"$_\";\n" } @read_by_procedures),
  "DELETE FROM menuca_v3.combo_items i WHERE NOT EXISTS (SELECT FROM damage.items d WHERE d.id = i.id);\nRESET session_replication_role;\n";

# Values can be mended there, types not.
foreach my $damage (grep { $_->[2] !~ /damage\.retype/ } damages('committed', grep { my $table = $_; grep { $_ eq $table } @hurt } @read_by_procedures))
{
	my ($table, undef, $sql) = @$damage;
	my ($stdout, $stderr) = run_script('committed', join '', $preamble,
		"\\set VERBOSITY verbose\nSET session_replication_role = replica;\n$sql;\nRESET session_replication_role;\n",
		(map { sprintf("\\warn call\x01%s\n%s;\n", $_->[0], $_->[1] =~ s/%s/$interrupted/r) } @procedures),
		"\\warn call\x01mend\nRESET statement_timeout;\n$mend");

	$damages++;
	foreach my $call (split /^call\x01/m, $stderr)
	{
		my ($procedure, $error) = split /\n/, $call, 2;

		$made++ if defined $error && $procedure =~ /^menuca/;
		next unless ($error //= '') =~ /\S/;
		$refused++ if $procedure =~ /^menuca/;
		$error =~ s/\s*\n\s*/ | /g;
		if ($error =~ /server closed the connection|connection to server was lost/)
		{
			push @{ $wrong{crash} }, name_of($damage) . "\n    $procedure";
			wait_for_restart();
			run_script('committed', $mend);
			last;
		}
		push @{ $wrong{internal} }, name_of($damage) . "\n    $procedure\n    $error" if $error =~ /XX000|^mend/;
		push @{ $wrong{hang} }, name_of($damage) . "\n    $procedure" if $error =~ /57014/;
		push @{ $wrong{wording} }, name_of($damage) . "\n    $procedure\n    $error" if $error =~ /with OID|OID \d|cache lookup|could not open/;
	}
}

note "$damages damages, $made calls, of which $refused were refused";
cmp_ok($damages, '>', 5 * @hurt, 'each table has many damages');
foreach my $kind (
	[ crash => 'no call crashes the server' ],
	[ hang => 'no call hangs' ],
	[ internal => 'no call fails with an internal error' ],
	[ wording => 'every message is in words' ],
	[ undamaged => 'every damage could be done' ])
{
	my ($key, $name) = @$kind;

	is(scalar @{ $wrong{$key} }, 0, $name) or diag(join "\n", @{ $wrong{$key} });
}

done_testing();
