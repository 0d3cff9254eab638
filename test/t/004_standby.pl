
# On a hot standby all that only reads works, and a real run is refused.

# engines: both

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize primary and standby
#

my $fixture = fixture('fixture', '--scale', '0.05');
my $figures = $fixture->{figures};

# Small tables are worth a parallel worker, on the standby as well
my $primary = new_node('primary',
	allows_streaming => 1,
	conf => "min_parallel_table_scan_size = 0\nlog_min_messages = debug1\n");
make_database($primary, 'menuca', $fixture);
rows_of($primary, 'menuca', 'CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role; SELECT count(*) FROM menuca_deploy_access(dry_run => false)');

rows_of($primary, 'menuca', "SELECT FROM menuca_environment('staging', 'menuca', (SELECT system_identifier FROM pg_control_system()))");
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby);

is(rows_of($standby, 'menuca', 'SELECT pg_is_in_recovery()'),
	't', 'the standby is one');

# The story of a reader, without times
my @reads = (
	"SELECT run_id IS NULL, (figures ->> 'dry_run')::boolean, status, (figures ->> 'source_rows')::bigint, insert, (figures ->> 'already_present')::bigint, (figures ->> 'duplicate')::bigint, (figures ->> 'unmapped_group')::bigint,"
	  . " (figures ->> 'unmapped_dish')::bigint, (figures ->> 'cross_restaurant')::bigint, (figures ->> 'invalid')::bigint, inserted, (figures ->> 'items_before')::bigint, (figures ->> 'items_after')::bigint, (figures ->> 'orphan_pct_before')::numeric,"
	  . " orphan_pct_after, (figures ->> 'expected_orphan_pct_after')::numeric, figures ->> 'band' FROM menuca_fix_combos()",
	'SELECT count(*), md5(string_agg(p::text, E\'\n\' ORDER BY source_id)) FROM menuca_plan_combos() p',
	'SELECT * FROM menuca_orphan_rate()',
	'SELECT count(*), md5(string_agg(o::text, E\'\n\' ORDER BY combo_group_id)) FROM menuca_orphans() o',
	'SELECT check_no, name, status, actual FROM menuca_validate()',
	'SELECT * FROM menuca_sample_combos(5)',
	'SELECT * FROM menuca_review_samples(4, 7, seed => 3)',
	'SELECT * FROM menuca_announcement(4, \'before\')',
	'SELECT * FROM menuca_checklist_state',
	'SELECT * FROM menuca_runs',
	'SELECT * FROM menuca_index_plan()',
	'SELECT * FROM menuca_deploy_indexes()',
	'SELECT * FROM menuca_rollback_indexes()',
	'SELECT query, status, restaurant_id, row_count FROM menuca_measure_queries()',
	'SELECT check_no, name, status FROM menuca_check_indexes()',
	'SELECT check_no, name, status, actual FROM menuca_check_customer_view()',
	'SELECT * FROM menuca_customer_view(n => 3)',
	'SELECT * FROM menuca_load_script()',
	'SELECT count(*), md5(string_agg(p::text, E\'\n\' ORDER BY combo_item_id)) FROM menuca_plan_combo_steps() p',
	'SELECT run_id, status, insert, inserted, next_step, figures - \'elapsed\' FROM menuca_fix_combo_steps()');

sub reads_agree
{
	my ($when) = @_;

	foreach my $sql (@reads)
	{
		my ($function) = $sql =~ /FROM (menuca_\w+)/;
		is( rows_of($standby, 'menuca', $sql),
			rows_of($primary, 'menuca', $sql),
			"$when, $function says the same on the standby");
	}
	return;
}

#
# Before the run
#

reads_agree('before the run');
like(
	rows_of($standby, 'menuca', $reads[0]),
	qr/^t\|t\|planned\|$figures->{source_rows}\|$figures->{insert}\|/,
	'a dry run on the standby is a full one');
my $offset = -s $standby->logfile;
rows_of($standby, 'menuca', $reads[0]);
like(slurp_file($standby->logfile, $offset), qr/starting background worker process "parallel worker/,
	'and has a worker\'s help');
like(
	rows_of($standby, 'menuca', $reads[2]),
	qr/^$figures->{combo_groups}\|.*\|$figures->{orphan_pct_before}\|FAIL\|/,
	'so is the orphan rate');

#
# Calls that write are refused
#

foreach my $sql (
	'SELECT menuca_fix_combos(dry_run => false)',
	'CALL menuca_fix_combos_batched(dry_run => false)',
	'SELECT menuca_rollback(1, dry_run => false)',
	'SELECT menuca_deploy_indexes(dry_run => false)',
	'SELECT menuca_rollback_indexes(dry_run => false)',
	'SELECT menuca_begin_indexes()',
	'SELECT menuca_note_indexes()',
	"SELECT menuca_record_queries('before')",
	"SELECT rows_loaded FROM menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.other')")
{
	my $error = error_of($standby, 'menuca', $sql);

	is($error->{state}, '25006', "on the standby, $sql is refused");
	like($error->{message}, qr/read-only transaction/, 'clearly');
	like($error->{hint}, qr/primary/, 'and the hint points to the primary');
}

#
# After the run
#

like(
	rows_of($primary, 'menuca', 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 1000)'),
	qr/^1\|completed\|/,
	'a run on the primary');
$primary->wait_for_catchup($standby);
is(items($standby, 'menuca'), items($primary, 'menuca'),
	'the standby has the same items');
like(items($standby, 'menuca'), qr/^$figures->{items_after}\|/, 'all of them');
ledger_fits($standby, 'menuca', 1);
reads_agree('after the run');
is( rows_of(
		$standby, 'menuca',
		"SELECT count(*) FROM menuca_validate() WHERE status IN ('FAIL', 'ERROR')"
	),
	0,
	'the validation on the standby finds nothing wrong');
is( rows_of(
		$standby, 'menuca',
		q{SELECT status, deleted, (figures ->> 'items_after')::bigint FROM menuca_rollback(1)}),
	"planned|$figures->{insert}|$figures->{items_before}",
	'the dry run of a rollback works on the standby');

#
# A promoted standby continues the work
#

note 'The primary fails between two batches, the standby takes over';

rows_of($primary, 'menuca', 'SELECT menuca_rollback(1, dry_run => false)');
install_brake($primary, 'menuca');
my $brake = hold($primary, 'menuca', 'between', 2);
my $run = start_sql($primary, 'menuca',
	'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 1000)');
wait_for_backend($primary, $run);
wait_until_held($primary, $brake);
$primary->wait_for_catchup($standby);
$primary->stop('immediate');
finish_sql($run);
release($brake);
$standby->promote;
$standby->poll_query_until('menuca', 'SELECT NOT pg_is_in_recovery()') or die;

is( rows_of(
		$standby, 'menuca',
		'SELECT status, inserted FROM menuca_runs WHERE run_id = 2'),
	'interrupted|2000',
	'the run is interrupted');
ledger_fits($standby, 'menuca', 2);
like(
	rows_of($standby, 'menuca', 'CALL menuca_resume(2, dry_run => false)'),
	qr/^2\|completed\|\d+\|$figures->{insert}\|/,
	'and resumed on the new primary');
like(items($standby, 'menuca'), qr/^$figures->{items_after}\|/,
	'all items are there');
ledger_fits($standby, 'menuca', 2);

$standby->stop;
log_is_clean($primary);
log_is_clean($standby);

like(slurp_file($standby->logfile), qr/starting background worker process "parallel worker/,
	'a validation on the standby had a worker\'s help');

done_testing();
