
# Every call answers a cancel at once, changes nothing, and leaves no advisory
# lock behind.

# engines: both

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use MenucaTest;

# Seconds that an answer may take, on however busy a machine
my $patience = 20;

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '5');
my $source_rows = $fixture->{figures}{source_rows};
my $node = new_node('main', conf => "max_wal_size = 4GB\n");
make_database($node, 'menuca', $fixture);
my $state_before = items($node, 'menuca');

# What must not change, apart from the items
my $elsewhere = <<'SQL';
SELECT (SELECT count(*) FROM menuca_run), (SELECT count(*) FROM menuca_run_batch),
	(SELECT count(*) FROM menuca_run_baseline), (SELECT count(*) FROM staging.menuca_v1_combos),
	to_regclass('staging.other'),
	(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')
SQL

# By the server's clock, so without the time that it takes to connect
sub seconds_of
{
	my ($database, $sql) = @_;
	my $clock = 'SELECT extract(epoch FROM clock_timestamp())';
	my @rows = split /\n/, rows_of($node, $database, "$clock; $sql; $clock");

	return $rows[-1] - $rows[0];
}

# Of what can be done again: the first time may be slower
sub least_seconds_of
{
	my ($least) = sort { $a <=> $b } map { seconds_of(@_) } 1 .. 3;
	return $least;
}

# Lets the statement run into a timeout, which is a cancel that comes at a
# moment of our choice.  Where the machine was slower while that moment was
# measured, the statement may end before it, by itself or with its own error;
# then it is tried again, to be canceled earlier.
sub cancel_at
{
	my ($name, $database, $sql, $seconds) = @_;
	my ($error, $latency);

	for (1 .. 5)
	{
		my $start = time;
		my $timeout = int($seconds * 1000) || 1;
		$error = error_of($node, $database,
			"BEGIN; SET statement_timeout = $timeout; $sql; ROLLBACK");
		$latency = time - $start - $seconds;
		last if ($error->{state} // '') eq '57014';
		$seconds /= 2;
	}

	is($error->{state}, '57014',
		sprintf('%s: canceled after %.2f s', $name, $seconds));
	cmp_ok($latency, '<', $patience,
		sprintf('%s: answered %.2f s later', $name, $latency));
	return;
}

# At several moments of the time that it takes when nobody cancels it
sub cancel_story
{
	my ($name, $database, $sql, $seconds) = @_;

	note sprintf('%s, which takes %.2f s', $name, $seconds);
	my $items = items($node, $database);
	my $others = rows_of($node, $database, $elsewhere);

	cancel_at($name, $database, $sql, $seconds * $_) for (0.1, 0.3, 0.5);
	is(items($node, $database), $items, "$name: the items are as before");
	is(rows_of($node, $database, $elsewhere),
		$others, "$name: and nothing else was changed, and no advisory lock is held");
	return;
}

#
# Everything that takes its time
#

my $load =
  "SELECT rows_loaded FROM menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.other')";
my $undo = 'DROP TABLE staging.other';

my $seconds = seconds_of('menuca', $load);
rows_of($node, 'menuca', $undo);
cancel_story('load', 'menuca', $load, $seconds);

# No tuple of this dump is wanted, so the reader skips all of them.
my $line = 'INSERT INTO `other` VALUES (' . ("1,'" . 'x' x 1000 . "'),(") x 1000;
$line =~ s/,\($/;\n/;
my $skipped = write_file('skipped.sql', $line x 150);
$load = "SELECT rows_loaded FROM menuca_load_dump_file('$skipped', 'combos', 'staging.other')";
my $start = time;
is(error_of($node, 'menuca', $load)->{state},
	'P0002', 'a dump without a row of the table');
cancel_story('skipping other tables', 'menuca', $load, time - $start);
unlink $skipped;

for my $story (
	[ 'plan', 'SELECT count(*) FROM menuca_plan_combos()' ],
	[ 'dry run', 'SELECT menuca_fix_combos()' ],
	[ 'orphans', 'SELECT count(*) FROM menuca_orphans()' ],
	[ 'validate', 'SELECT count(*) FROM menuca_validate()' ])
{
	my ($name, $sql) = @$story;
	cancel_story($name, 'menuca', $sql, least_seconds_of('menuca', $sql));
}

copy_database($node, 'menuca', 'fixed');
my $fix = 'SELECT menuca_fix_combos(dry_run => false)';
$seconds = seconds_of('fixed', $fix);
cancel_story('fix', 'menuca', $fix, $seconds);

# A check that is canceled is no ERROR row
cancel_story('validate after the fix', 'fixed',
	'SELECT count(*) FROM menuca_validate()',
	least_seconds_of('fixed', 'SELECT count(*) FROM menuca_validate()'));

copy_database($node, 'fixed', 'undone');
my $rollback = 'SELECT menuca_rollback(1, dry_run => false)';
$seconds = seconds_of('undone', $rollback);
is(items($node, 'undone'), $state_before, 'not canceled, a rollback is a rollback');
cancel_story('rollback', 'fixed', $rollback, $seconds);
is(run_status($node, 'fixed', 1), 'completed', 'the run is not rolled back');

rows_of($node, 'postgres', "DROP DATABASE $_") for qw(fixed undone);

#
# A batched run keeps what it has committed
#

note 'A batched run, canceled while it is running';

my $run = start_sql($node, 'menuca', 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 20000)');
my $pid = wait_for_backend($node, $run);
$node->poll_query_until('menuca',
	'SELECT coalesce(max(inserted), 0) > 0 FROM menuca_runs')
  or die;
$start = time;
rows_of($node, 'menuca', "SELECT pg_cancel_backend($pid)");
my $result = finish_sql($run);
my $latency = time - $start;
is($result->{error}{state}, '57014', 'canceled');
cmp_ok($latency, '<', $patience, sprintf('answered %.2f s later', $latency));
my $run_id = rows_of($node, 'menuca', 'SELECT run_id FROM menuca_runs');
is(run_status($node, 'menuca', $run_id),
	'interrupted', 'the run is interrupted');
ledger_fits($node, 'menuca', $run_id, 'its items and its ledger are the same');
is( rows_of(
		$node, 'menuca',
		"SELECT state_restored FROM menuca_rollback($run_id, dry_run => false)"),
	't',
	'and can be rolled back');
is(items($node, 'menuca'), $state_before, 'to the state before it');

#
# The lock is released: in the session itself, and for others
#

note 'The same session continues after a cancel';

my $small = fixture('small', '--scale', '0.05');
make_database($node, 'small', $small);
install_brake($node, 'small');
$source_rows = $small->{figures}{source_rows};

foreach my $story (
	[
		'batched',
		'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 500)',
		'CALL menuca_resume(1, dry_run => false)', '1|completed'
	],
	[
		'one_transaction',
		'SELECT menuca_fix_combos(dry_run => false)',
		'SELECT run_id, status FROM menuca_fix_combos(dry_run => false)',
		'2|completed'
	],
	[
		'other_run',
		'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 500)',
		'SELECT run_id, status FROM menuca_fix_combos(dry_run => false)',
		'2|completed'
	])
{
	my ($database, $first, $second, $expected) = @$story;

	copy_database($node, 'small', $database);
	my $brake = hold($node, $database, 'inside', 1);
	my $run = start_sql($node, $database,
		"\\set ON_ERROR_STOP 0\n$first;\n"
		  . "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();\n"
		  . "SELECT pg_advisory_lock(42);\n$second");
	my $pid = wait_for_backend($node, $run);
	wait_until_held($node, $brake);

	# Lets the session stop between the two
	my $latch = $node->background_psql($database);
	$latch->query_safe('SELECT pg_advisory_lock(42)');
	rows_of($node, $database, "SELECT pg_cancel_backend($pid)");
	$node->poll_query_until($database,
		"SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted"
	) or die;
	release($brake);

	$latch->quit;
	my $result = finish_sql($run);
	is($result->{error}{state}, '57014', "$database: the first call was canceled");
	like($result->{stdout}, qr/^0\n/, "$database: the session holds no advisory lock");
	like($result->{stdout}, qr/^\Q$expected\E/m,
		"$database: its next call did the work");
	is( (split /\|/, pairs($node, $database))[0],
		$source_rows + $small->{figures}{items_before},
		"$database: all items are there");
}

note 'Another session continues after a cancel';

copy_database($node, 'small', 'two_sessions');
my $brake = hold($node, 'two_sessions', 'between', 1);
$run = start_sql($node, 'two_sessions',
	"\\set ON_ERROR_STOP 0\nCALL menuca_fix_combos_batched(dry_run => false, batch_size => 500);\nSELECT pg_advisory_lock(42)");
$pid = wait_for_backend($node, $run);
wait_until_held($node, $brake);
my $latch = $node->background_psql('two_sessions');
$latch->query_safe('SELECT pg_advisory_lock(42)');
is(error_of($node, 'two_sessions', 'CALL menuca_resume(1, dry_run => false)')->{state},
	'55P03', 'while the run is running, others must wait');
rows_of($node, 'two_sessions', "SELECT pg_cancel_backend($pid)");
$node->poll_query_until('two_sessions',
	"SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted"
) or die;
release($brake);
like(rows_of($node, 'two_sessions', 'CALL menuca_resume(1, dry_run => false)'),
	qr/^1\|completed\|\d+\|$source_rows\|/,
	'after its cancel, though its session is still there, another resumes');
$latch->quit;
finish_sql($run);

$node->stop;
log_is_clean($node);

done_testing();
