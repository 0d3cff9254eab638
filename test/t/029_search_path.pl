
# A search_path in which a stranger's operators, functions and types come before the
# server's: nothing of them is called by any of ours, whoever calls it.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

# Each object of the trap is locked when its schema is created
my $node = new_node('main', conf => "max_locks_per_transaction = 512\n");
my $seating = 'test/fixture/seating';

# The calls succeed, and call nothing of a stranger
sub calls_nothing_of_others
{
	my ($database, @calls) = @_;
	my $before = 0;

	foreach my $call (@calls)
	{
		my $error = error_of($node, $database, "SET search_path = trap, pg_catalog, public;\n" . ($call =~ /^(?:SELECT|CALL) / ? $call : "SELECT FROM $call AS r"));
		my $now = trap_calls($node, $database);

		is($error->{message} // '', '', "$call succeeds");
		is($now - $before, 0, "$call calls nothing of a stranger");
		$before = $now;
	}
	return;
}

#
# The migration
#

make_database($node, 'shop', fixture('fixture', '--scale', '0.05'));
rows_of($node, 'shop', <<'SQL');
CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE ROLE service_role BYPASSRLS;
SELECT environment FROM menuca_environment('staging', 'shop', (SELECT system_identifier FROM pg_control_system()));
SQL
set_trap($node, 'shop');
calls_nothing_of_others(
	'shop',
	qw(menuca_plan_combos() menuca_orphan_rate() menuca_orphans() menuca_fix_combos()), 'menuca_fix_combos(dry_run => false)',
	qw(menuca_fix_combo_steps() menuca_validate() menuca_sample_combos() menuca_runs menuca_rollback(1)), 'menuca_run_details(1)',
	'menuca_index_plan()', 'menuca_deploy_indexes(dry_run => false)', 'menuca_check_indexes(executions => 1)', 'menuca_measure_queries(executions => 1)',
	qw(menuca_access_plan() menuca_access_openings() menuca_access_columns() menuca_deploy_access()), 'menuca_deploy_access(dry_run => false)',
	'menuca_test_access()', 'menuca_check_access(overhead => false)', 'menuca_access_overhead(executions => 3)', 'menuca_rollback_access(dry_run => false)',
	q(menuca_snapshot('before')), q(menuca_restore_snapshot('before')), 'menuca_check_backup()',
	(map { "menuca_ticket($_)" } 0 .. 5), qw(menuca_next() menuca_status() menuca_monitor_report() menuca_rollback_guide() menuca_help()),
	'SELECT menuca_monitor_sample()', 'SELECT menuca_execution_log()', 'SELECT menuca_export_verdict()', q(menuca_grants('postgres')),
	q(menuca_copy_of('other', 4712, reason => 'a test')), 'menuca_export_indexes()', 'menuca_export_fix(1)',
	'menuca_rollback(1, dry_run => false)', 'CALL menuca_fix_combos_batched(dry_run => false)', 'menuca_rollback(2, dry_run => false)');

#
# Dining tables
#

rows_of($node, 'postgres', 'CREATE DATABASE floor');
rows_of($node, 'floor', 'CREATE EXTENSION btree_gist; CREATE EXTENSION menuca_seating');
rows_of($node, 'floor', slurp_file("$seating/$_")) foreach qw(schema.sql evening.sql);
my ($restaurant, $day) = split /\|/, rows_of($node, 'floor', "SELECT restaurant_id, (min(start_at) AT TIME ZONE 'UTC')::date FROM bookings GROUP BY 1");
my @bookings = split /\n/, rows_of($node, 'floor', 'SELECT id FROM bookings ORDER BY party_size, id LIMIT 4');
my ($one, $other) = split /\n/, rows_of($node, 'floor', 'SELECT id FROM table_inventory WHERE capacity = 2 ORDER BY id LIMIT 2');
set_trap($node, 'floor');
calls_nothing_of_others(
	'floor',
	'menuca_seating_deploy()', 'menuca_seating_deploy(dry_run => false)',
	qq(menuca_seating_set('$restaurant', '{"max_overage": 2}')), 'menuca_seating_settings',
	qq(menuca_plan_tables('$restaurant', 4, '$day 19:00Z')),
	qq(menuca_auto_assign('$bookings[0]')), qq(menuca_unassign_tables('$bookings[0]')), qq(menuca_assign_tables('$bookings[0]', '{$one}', force => '{overage}')),
	qq(menuca_move_booking('$bookings[0]', '$day 16:00Z')), qq(menuca_lock_booking('$bookings[0]')), qq(menuca_unlock_booking('$bookings[0]')),
	qq(menuca_hold_tables('$restaurant', '{$other}', '$day 12:00Z', party_size => 2)), qq(menuca_auto_assign_day('$restaurant', '$day')),
	qq(menuca_auto_assign_day('$restaurant', '$day', dry_run => false)), qq(menuca_replay_day('$restaurant', '$day', '{}')),
	qq(menuca_seat_walk_in('$restaurant', 2)),
	'menuca_seating_monitor(5000)', qq(menuca_seating_monitor(5000, '$restaurant')), 'menuca_seating_figures_by_day(5000)', 'menuca_seating_figures_by_restaurant(5000)', 'menuca_seating_figures_combinations(5000)',
	'menuca_seating_record_monitor()', 'menuca_seating_due()', 'menuca_seating_target',
	'menuca_seating_undeploy()', 'menuca_seating_undeploy(dry_run => false)');

# What an earlier system has left
rows_of($node, 'postgres', 'CREATE DATABASE original');
rows_of($node, 'original', 'CREATE EXTENSION menuca_seating');
rows_of($node, 'original', slurp_file("$seating/$_")) foreach qw(schema.sql original.sql);
set_trap($node, 'original');
calls_nothing_of_others(
	'original', 'menuca_seating_import()', 'menuca_seating_import(dry_run => false)', 'menuca_seating_import_undo()', 'menuca_seating_import_undo(dry_run => false)');

log_is_clean($node);
done_testing();
