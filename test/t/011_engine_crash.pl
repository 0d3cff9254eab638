
# Runs of either engine after a crash, on a standby and after a promotion, with
# either lock: rows, indexes and ledger agree.

# engines: both

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $batch_size = 500;
my $shared = "SELECT inserted, figures ->> 'engine' FROM menuca_fix_combos(dry_run => false, batch_size => $batch_size)";
my $exclusive = "SELECT inserted, figures ->> 'engine' FROM menuca_fix_combos(dry_run => false, batch_size => $batch_size, lock => 'access_exclusive')";
my $batched = "CALL menuca_fix_combos_batched(dry_run => false, batch_size => $batch_size)";
my $engine = engine();

#
# Initialize primary and standby
#

my $fixture = fixture('fixture', '--scale', '0.02');
my $source_rows = $fixture->{figures}{source_rows};
my $items_before = $fixture->{figures}{items_before};
my $items_after = $items_before + $source_rows;

# Logical decoding reads all that the engines write, too.
my $primary = new_node('primary', allows_streaming => 'logical', conf => "restart_after_crash = on\nfull_page_writes = on\n");
make_database($primary, 'clean', $fixture);
install_brake($primary, 'clean');
install_amcheck($primary, 'clean');
my $state_before = items($primary, 'clean');
copy_database($primary, 'clean', 'uninterrupted');
is(rows_of($primary, 'uninterrupted', $shared), "$source_rows|$engine", 'the result of an uninterrupted run');
my $pairs_after = pairs($primary, 'uninterrupted');

# The rest of the WAL need not be written: redo begins where it must
rows_of($primary, 'postgres', 'CHECKPOINT');

my %deaths = (
	'kill -9 of the postmaster' => sub {
		kill9_and_start($primary);
	},
	'kill -9 of the backend' => sub {
		my ($pid) = @_;
		my $logged = -s $primary->logfile;
		kill 'KILL', $pid or return;
		$primary->wait_for_log(qr/database system is ready to accept connections/, $logged);
		$primary->poll_query_until('postgres', 'SELECT true') or die;
	});
my $databases = 0;

# Runs until it is stopped at a point of a batch, and dies there.
sub die_at
{
	my ($sql, $death, $where, $batch) = @_;
	my $database = 'killed_' . ++$databases;

	copy_database($primary, 'clean', $database);
	my $brake = hold($primary, $database, $where, $batch);
	my $run = start_sql($primary, $database, $sql);
	my $pid = wait_for_backend($primary, $run);
	wait_until_held($primary, $brake);
	$deaths{$death}->($pid);
	isnt(finish_sql($run)->{status}, 0, 'the call failed');
	release($brake);
	return $database;
}

#
# One transaction, killed
#

# "inside": some rows are stored, their index entries may be.  "commit": all is
# written, the indexes too, or rebuilt.
foreach my $story (
	[ 'kill -9 of the postmaster', $shared, 'inside', 3 ],
	[ 'kill -9 of the postmaster', $exclusive, 'inside', 5 ],
	[ 'kill -9 of the postmaster', $exclusive, 'commit', 1 ],
	[ 'kill -9 of the backend', $shared, 'commit', 1 ],
	[ 'kill -9 of the backend', $exclusive, 'inside', 1 ],
	[ 'kill -9 of the backend', $exclusive, 'commit', 1 ])
{
	my ($death, $sql, $where, $batch) = @$story;

	note "$death $where batch $batch: $sql";
	my $database = die_at($sql, $death, $where, $batch);
	is(items($primary, $database), $state_before, 'no item remains');
	is(rows_of($primary, $database, 'SELECT (SELECT count(*) FROM menuca_run), (SELECT count(*) FROM menuca_run_batch)'), '0|0', 'and nothing in the ledger');
	indexes_whole($primary, $database);
	is(rows_of($primary, $database, $sql), "$source_rows|$engine", 'the next run does it all');
	is(pairs($primary, $database), $pairs_after, 'to the same items');
	ledger_fits($primary, $database, rows_of($primary, $database, 'SELECT max(run_id) FROM menuca_runs'));
	indexes_whole($primary, $database);
}

#
# Batched, killed and resumed
#

foreach my $story (
	[ 'kill -9 of the postmaster', 'inside', 2 ],
	[ 'kill -9 of the postmaster', 'between', 3 ],
	[ 'kill -9 of the backend', 'commit', 4 ])
{
	my ($death, $where, $batch) = @$story;
	my $kept = $where eq 'between' ? $batch : $batch - 1;

	note "$death $where batch $batch of a batched run";
	my $database = die_at($batched, $death, $where, $batch);
	is(rows_of($primary, $database, 'SELECT status, inserted, batches FROM menuca_runs'), 'interrupted|' . $kept * $batch_size . "|$kept", "$kept batches are left");
	ledger_fits($primary, $database, 1);
	indexes_whole($primary, $database);
	like(rows_of($primary, $database, 'CALL menuca_resume(1, dry_run => false)'), completed_run(1, $source_rows, $items_before, $items_after, $fixture->{figures}{orphan_pct_after}, 'PASS'), 'resumed to the end');
	is(pairs($primary, $database), $pairs_after, 'to the same items');
	ledger_fits($primary, $database, 1);
	indexes_whole($primary, $database);
	is(rows_of($primary, $database, 'SELECT deleted, state_restored FROM menuca_rollback(1, dry_run => false)'), "$source_rows|t", 'and rolled back');
	is(items($primary, $database), $state_before, 'to the state from before, byte by byte');
}

#
# Killed after the end
#

note 'Committed rows exist after a crash';

foreach my $sql ($shared, $exclusive, $batched)
{
	my $database = 'done_' . ++$databases;
	copy_database($primary, 'clean', $database);
	rows_of($primary, 'postgres', 'CHECKPOINT');
	rows_of($primary, $database, $sql);
	my $items = items($primary, $database);
	my $next = rows_of($primary, $database, 'SELECT max(id) FROM menuca_v3.combo_items');

	kill9_and_start($primary);
	is(items($primary, $database), $items, 'the items');
	indexes_whole($primary, $database);
	ledger_fits($primary, $database, 1);
	cmp_ok(rows_of($primary, $database, "SELECT nextval('menuca_v3.combo_items_id_seq')"), '>', $next, 'no key is given out twice');
}

#
# A standby
#

$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;
rows_of($primary, 'postgres', 'CREATE DATABASE streamed TEMPLATE clean');
rows_of($primary, 'streamed', "SELECT pg_create_logical_replication_slot('decoded', 'test_decoding')");

foreach my $sql ($shared, $exclusive, $batched)
{
	note "On the standby after: $sql";
	rows_of($primary, 'streamed', $sql);
	$primary->wait_for_catchup($standby);
	like(items($standby, 'streamed'), qr/^$items_after\|/, 'all items are there');
	is(items($standby, 'streamed'), items($primary, 'streamed'), 'in all columns as on the primary');
	indexes_whole($standby, 'streamed');
	my $run = rows_of($standby, 'streamed', 'SELECT max(run_id) FROM menuca_runs');
	ledger_fits($standby, 'streamed', $run);
	is( rows_of($primary, 'streamed', q{SELECT count(*) FROM pg_logical_slot_get_changes('decoded', NULL, NULL) WHERE data ~ '^table menuca_v3.combo_items: INSERT: id.*source_id\[bigint\]:[0-9]'}),
		$source_rows, 'logical decoding shows every item');

	is(rows_of($primary, 'streamed', "SELECT deleted, state_restored FROM menuca_rollback($run, dry_run => false)"), "$source_rows|t", 'rolled back on the primary');
	$primary->wait_for_catchup($standby);
	is(items($standby, 'streamed'), $state_before, 'the standby is as it was');
	rows_of($primary, 'streamed', q{SELECT count(*) FROM pg_logical_slot_get_changes('decoded', NULL, NULL)});
}

note 'A standby that takes over in the middle of a batched run';

my $brake = hold($primary, 'streamed', 'between', 2);
my $run = start_sql($primary, 'streamed', $batched);
wait_for_backend($primary, $run);
wait_until_held($primary, $brake);
my $number = rows_of($primary, 'streamed', 'SELECT max(run_id) FROM menuca_runs');
$primary->wait_for_catchup($standby);
$primary->stop('immediate');
finish_sql($run);
release($brake);
$standby->promote;
$standby->poll_query_until('streamed', 'SELECT NOT pg_is_in_recovery()') or die;
is(rows_of($standby, 'streamed', "SELECT status, inserted FROM menuca_runs WHERE run_id = $number"), 'interrupted|' . 2 * $batch_size, 'the run is interrupted');
ledger_fits($standby, 'streamed', $number);
indexes_whole($standby, 'streamed');
like(rows_of($standby, 'streamed', "CALL menuca_resume($number, dry_run => false)"), qr/^$number\|completed\|\d+\|$source_rows\|/, 'and resumed');
is(pairs($standby, 'streamed'), $pairs_after, 'to the same items');
ledger_fits($standby, 'streamed', $number);
indexes_whole($standby, 'streamed');
is(rows_of($standby, 'streamed', "SELECT deleted, state_restored FROM menuca_rollback($number, dry_run => false)"), "$source_rows|t", 'and rolled back');
is(rows_of($standby, 'streamed', $exclusive), "$source_rows|$engine", 'a run with the strongest lock on the new primary');
indexes_whole($standby, 'streamed');

$standby->stop;
log_is_clean($primary);
log_is_clean($standby);

done_testing();
