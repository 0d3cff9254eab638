
# A batched run that is killed leaves whole batches, each of them in the
# ledger, and can be resumed or rolled back.  A run in one transaction that is
# killed leaves nothing.

# engines: both

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use MenucaTest;

my $batch_size = 1000;
my $call = "CALL menuca_fix_combos_batched(dry_run => false, batch_size => $batch_size)";

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.1');
my $source_rows = $fixture->{figures}{source_rows};
my $items_before = $fixture->{figures}{items_before};
my $batches = int(($source_rows + $batch_size - 1) / $batch_size);

my $node = new_node('main', conf => "restart_after_crash = on\n");
make_database($node, 'clean', $fixture);
install_brake($node, 'clean');
my $state_before = items($node, 'clean');

note 'The result of an uninterrupted run';

copy_database($node, 'clean', 'uninterrupted');
like(rows_of($node, 'uninterrupted', $call),
	completed_run(1, $source_rows, $items_before, $items_before + $source_rows, '2.31', 'PASS'),
	'uninterrupted run');
my $pairs_after = pairs($node, 'uninterrupted');
is( rows_of($node, 'uninterrupted', 'SELECT count(*) FROM menuca_run_batch'),
	$batches, "it has $batches batches");
ledger_fits($node, 'uninterrupted', 1);

my $databases = 0;

# How a run can die; each sub gets the backend's process id, and returns when
# the server is up again.
my %deaths = (
	'kill -9 of the postmaster' => sub {
		kill9_and_start($node);
	},
	'immediate shutdown' => sub {
		$node->stop('immediate');
		$node->start;
	},
	'fast shutdown' => sub {
		$node->stop('fast');
		$node->start;
	},
	'kill -9 of the backend' => sub {
		my ($pid) = @_;
		my $logged = -s $node->logfile;
		kill 'KILL', $pid or return;
		$node->wait_for_log(qr/database system is ready to accept connections/,
			$logged);
		$node->poll_query_until('postgres', 'SELECT true') or die;
	},
	'pg_terminate_backend' => sub {
		my ($pid) = @_;
		rows_of($node, 'postgres', "SELECT pg_terminate_backend($pid, 10000)");
	},
	'pg_cancel_backend' => sub {
		my ($pid) = @_;
		rows_of($node, 'postgres', "SELECT pg_cancel_backend($pid)");
	});

# Runs until it is stopped at a point of a batch, and dies there.  Returns
# the name of the database and what the run's client heard.
sub die_at
{
	my ($sql, $death, $where, $batch) = @_;
	my $database = 'killed_' . ++$databases;

	copy_database($node, 'clean', $database);
	my $brake = hold($node, $database, $where, $batch);
	my $run = start_sql($node, $database, $sql);
	my $pid = wait_for_backend($node, $run);
	wait_until_held($node, $brake);
	$deaths{$death}->($pid);
	my $result = finish_sql($run);
	release($brake);
	isnt($result->{status}, 0, "$death $where batch $batch: the call failed");
	return ($database, $result);
}

#
# A batched run dies, at several points, in several ways
#

foreach my $story (
	[ 'kill -9 of the postmaster', 'inside', 1 ],
	[ 'kill -9 of the postmaster', 'between', 1 ],
	[ 'kill -9 of the postmaster', 'commit', 4 ],
	[ 'immediate shutdown', 'between', 7 ],
	[ 'immediate shutdown', 'inside', $batches ],
	[ 'fast shutdown', 'inside', 3 ],
	[ 'kill -9 of the backend', 'inside', 5 ],
	[ 'kill -9 of the backend', 'between', $batches ],
	[ 'pg_terminate_backend', 'between', 2 ],
	[ 'pg_terminate_backend', 'commit', 2 ],
	[ 'pg_cancel_backend', 'inside', 6 ],
	[ 'pg_cancel_backend', 'between', 10 ])
{
	my ($death, $where, $batch) = @$story;
	my $kept = $where eq 'between' ? $batch : $batch - 1;
	my $inserted = $kept * $batch_size;
	$inserted = $source_rows if $inserted > $source_rows;

	note "$death $where batch $batch";
	my ($database, $result) = die_at($call, $death, $where, $batch);

	is( rows_of(
			$node, $database,
			'SELECT run_id, status, inserted, batches FROM menuca_runs'),
		"1|interrupted|$inserted|$kept",
		"$kept batches are left, and the run is interrupted");
	is( rows_of(
			$node, $database, 'SELECT count(*) FROM menuca_v3.combo_items'),
		$items_before + $inserted,
		'the items are whole batches');
	ledger_fits($node, $database, 1);

	copy_database($node, $database, "${database}_undone");

	like(rows_of($node, $database, 'CALL menuca_resume(1, dry_run => false)'),
		completed_run(1, $source_rows, $items_before, $items_before + $source_rows, '2.31', 'PASS'),
		'resumed to the end');
	is(pairs($node, $database), $pairs_after,
		'the same items as without an interruption');
	ledger_fits($node, $database, 1);
	is( rows_of(
			$node, $database,
			'SELECT run_id, status, inserted, items_before, items_after FROM menuca_runs'
		),
		"1|completed|$source_rows|$items_before|"
		  . ($items_before + $source_rows),
		'it is one run, and completed');

	is( rows_of(
			$node,
			"${database}_undone",
			q{SELECT status, (figures ->> 'inserted')::bigint, deleted, (figures ->> 'items_after')::bigint, (figures ->> 'baseline_intact')::bigint, state_restored FROM menuca_rollback(1, dry_run => false)}
		),
		"rolled_back|$inserted|$inserted|$items_before|$items_before|t",
		'rolled back instead');
	is(items($node, "${database}_undone"),
		$state_before, 'the state from before the run, byte by byte');
	is(run_status($node, "${database}_undone", 1),
		'rolled_back', 'the ledger says so');
	rows_of($node, 'postgres', "DROP DATABASE ${database}_undone");
}

#
# What cannot be resumed
#

note 'Runs that cannot be resumed';

my $error = error_of($node, 'killed_1', 'CALL menuca_resume(1, dry_run => false)');
is($error->{state}, '55000', 'a completed run is not resumed');
like($error->{message}, qr/run 1 cannot be resumed.*completed/,
	'its status is named');

rows_of($node, 'killed_2', 'SELECT menuca_rollback(1, dry_run => false)');
$error = error_of($node, 'killed_2', 'CALL menuca_resume(1, dry_run => false)');
is($error->{state}, '55000', 'a run that was rolled back is not resumed');
like($error->{message}, qr/run 1 cannot be resumed.*rolled_back/,
	'its status is named');
is(items($node, 'killed_2'), $state_before, 'and nothing is written');

$error = error_of($node, 'killed_1', 'CALL menuca_resume(4711, dry_run => false)');
is($error->{state}, 'P0002', 'an unknown run is not resumed');
like($error->{hint}, qr/menuca_runs/, 'the hint shows where runs are listed');

$error = error_of($node, 'killed_1', 'CALL menuca_resume(NULL, dry_run => false)');
is($error->{state}, '22004', 'a NULL run is not resumed');

$error = error_of($node, 'killed_1', 'BEGIN; CALL menuca_resume(1, dry_run => false)');
is($error->{state}, '2D000', 'no resume inside a transaction block');

#
# A run keeps the parameters that it began with
#

note 'A resumed run keeps its parameters';

my ($database) = die_at(
	"CALL menuca_fix_combos_batched(dry_run => false, batch_size => 3000, min_coverage_pct => 50, max_orphan_pct => 33, gate_on => 'expected')",
	'pg_terminate_backend', 'between', 1);
my $parameters =
  rows_of($node, $database, 'SELECT parameters FROM menuca_runs');
rows_of($node, $database, 'CALL menuca_resume(1, dry_run => false)');
is(rows_of($node, $database, 'SELECT parameters FROM menuca_runs'),
	$parameters, 'they are in the ledger, unchanged');
is( rows_of(
		$node, $database,
		'SELECT string_agg(row_count::text, $$ $$ ORDER BY batch_no) FROM menuca_run_batch'
	),
	'3000 3000 3000 2000',
	'batches are as large as before');

#
# A new run beside an interrupted one
#

note 'A new run instead of a resume';

($database) = die_at($call, 'pg_terminate_backend', 'between', 3);
is( rows_of(
		$node, $database,
		q{SELECT run_id, status, inserted, (figures ->> 'already_present')::bigint FROM menuca_fix_combos(dry_run => false)}
	),
	'2|completed|' . ($source_rows - 3000) . '|3000',
	'a new run inserts what is missing');
is(pairs($node, $database), $pairs_after, 'to the same items');
is(run_status($node, $database, 1),
	'interrupted', 'the old one is still interrupted');
is( (split /\|/, rows_of($node, $database, 'CALL menuca_resume(1, dry_run => false)'))[3],
	3000, 'resumed, it has nothing left to insert');
is(pairs($node, $database), $pairs_after, 'and changes nothing');

#
# One transaction
#

foreach my $death (
	'kill -9 of the postmaster', 'kill -9 of the backend',
	'pg_terminate_backend', 'pg_cancel_backend')
{
	note "$death while a run in one transaction is running";
	my ($database) = die_at(
		"SELECT menuca_fix_combos(dry_run => false, batch_size => $batch_size)",
		$death, 'inside', 8);

	is(items($node, $database), $state_before, 'no item remains');
	is( rows_of(
			$node, $database,
			'SELECT (SELECT count(*) FROM menuca_run), (SELECT count(*) FROM menuca_run_batch), (SELECT count(*) FROM menuca_run_baseline)'
		),
		'0|0|0',
		'and nothing in the ledger');
	is( rows_of(
			$node, $database,
			'SELECT status, inserted FROM menuca_fix_combos(dry_run => false)'),
		"completed|$source_rows",
		'the next run does it all');
	is(pairs($node, $database), $pairs_after, 'to the same items');
}

#
# Killed again and again
#

note 'Killed at random moments, and resumed each time';

my $seed = $ENV{MENUCA_TEST_SEED} // time;
srand $seed;
note "seed $seed; give it as MENUCA_TEST_SEED to repeat";

copy_database($node, 'clean', 'unlucky');
rows_of($node, 'unlucky', <<'SQL');
CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END $$;
CREATE TRIGGER slow AFTER INSERT ON menuca_v3.combo_items
	FOR EACH STATEMENT EXECUTE FUNCTION public.slow();
SQL

sub active_pid
{
	my ($run) = @_;

	return rows_of($node, 'postgres',
		"SELECT pid FROM pg_stat_activity WHERE application_name = '$run->{name}' AND state = 'active'"
	);
}

my @ways = (
	'kill -9 of the postmaster', 'immediate shutdown',
	'kill -9 of the backend', 'pg_terminate_backend');
my $next = 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 200)';
my $kills = 0;
my $unfit = 0;
my $seen = 0;

while (1)
{
	my $run = start_sql($node, 'unlucky', "$next;\n\\echo ended");
	my $pid;

	# It may take its time to begin, and at the end of all be too fast.
	foreach (1 .. 200)
	{
		$pid = active_pid($run);
		last if $pid || slurp_file($run->{stdout}) =~ /ended/;
		usleep(20_000);
	}
	usleep(rand 500_000) if $pid;
	$pid = active_pid($run);

	my $way = $pid ? $ways[ rand @ways ] : 'It ended by itself';
	$deaths{$way}->($pid) if $pid;
	finish_sql($run);

	my ($status, $inserted, $items) = split /\|/, rows_of($node, 'unlucky', <<'SQL');
SELECT max(status), coalesce(max(inserted), 0), (SELECT count(*) FROM menuca_v3.combo_items)
FROM menuca_runs
SQL
	note "$way: $inserted inserted so far, " . ($status || 'no run yet');
	last if $status eq 'completed' || !$pid;
	$kills++;
	$unfit++ if $status ne '' && $status ne 'interrupted';
	$unfit++ if $inserted < $seen || $items != $items_before + $inserted;
	$seen = $inserted;
	$next = 'CALL menuca_resume(1, dry_run => false)' if $status;
}

cmp_ok($kills, '>=', 3, "killed $kills times");
is($unfit, 0, 'items and ledger were the same after each kill');
is(run_status($node, 'unlucky', 1), 'completed', 'completed in the end');
ledger_fits($node, 'unlucky', 1);
is(pairs($node, 'unlucky'), $pairs_after,
	'the same items as without an interruption');

$node->stop;
log_is_clean($node);

done_testing();
