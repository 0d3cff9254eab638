
# One run at a time, and what others do to the tables while a batched run is
# between two batches.

# engines: both

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use MenucaTest;

my $batch_size = 1000;
my $call = "CALL menuca_fix_combos_batched(dry_run => false, batch_size => $batch_size)";

#
# Initialize node
#

my $fixture =
  fixture('fixture', '--scale', '0.05', '--with', 'dish_combo_groups');
my $source_rows = $fixture->{figures}{source_rows};
my $items_before = $fixture->{figures}{items_before};
my $items_after = $items_before + $source_rows;

my $node = new_node('main');
make_database($node, 'clean', $fixture);
install_brake($node, 'clean');
my $state_before = items($node, 'clean');

copy_database($node, 'clean', 'undisturbed');
rows_of($node, 'undisturbed', $call);
my $pairs_after = pairs($node, 'undisturbed');

# A run that is held, in a database of its own
sub run_until_held
{
	my ($database, $sql, $where, $batch) = @_;

	copy_database($node, 'clean', $database);
	my $brake = hold($node, $database, $where, $batch);
	my $run = start_sql($node, $database, $sql);
	wait_for_backend($node, $run);
	wait_until_held($node, $brake);
	return ($run, $brake);
}

#
# A second run
#

foreach my $story (
	[ 'second_inside', $call, 'inside', 2 ],
	[ 'second_between', $call, 'between', 2 ],
	[
		'second_transaction', 'SELECT menuca_fix_combos(dry_run => false)',
		'inside', 1
	])
{
	my ($database, $sql, $where, $batch) = @$story;
	my ($run, $brake) = run_until_held(@$story);

	note "While a run is held $where batch $batch: $sql";

	foreach my $second ('SELECT menuca_fix_combos(dry_run => false)',
		'CALL menuca_fix_combos_batched(dry_run => false)',
		$sql eq $call ? ('CALL menuca_resume(1, dry_run => false)',
			'SELECT menuca_rollback(1, dry_run => false)') : ())
	{
		# A session that waits for a lock here waits until this test gives up.
		my $start = time;
		my $error = error_of($node, $database, $second);
		my $elapsed = time - $start;

		is($error->{state}, '55P03', "$second is refused");
		cmp_ok($elapsed, '<', 60, sprintf('after %.2f s', $elapsed));
		like(
			$error->{message},
			qr/another run is already writing to table menuca_v3\.combo_items/,
			'the table is named');
		like($error->{hint}, qr/menuca_runs/, 'the hint shows where to look');
	}

	is(rows_of($node, $database, 'SELECT status FROM menuca_fix_combos()'),
		'planned', 'a dry run is possible');
	is( rows_of(
			$node, $database, 'SELECT count(*) > 10 FROM menuca_validate()'),
		't',
		'so is a validation');
	is( rows_of(
			$node, $database,
			"SELECT status, inserted FROM menuca_fix_combos(dry_run => false, target => 'dish_combo_groups')"
		),
		"completed|$source_rows",
		'and a run on another target');
	is( rows_of(
			$node, $database,
			"SELECT string_agg(status, ' ') FROM menuca_runs WHERE target = 'combo_items'"
		),
		$sql eq $call ? 'running' : '',
		'the ledger shows what is committed');

	release($brake);
	is(finish_sql($run)->{status}, 0, 'the first run continues');
	is(pairs($node, $database), $pairs_after, 'to the same items');
}

note 'Two sessions begin at once';

foreach my $round (1 .. 6)
{
	my $database = "both_$round";
	my $other = $round % 2 ? $call : 'SELECT menuca_fix_combos(dry_run => false)';

	copy_database($node, 'clean', $database);
	my @results =
	  map { finish_sql($_) }
	  map { start_sql($node, $database, $_) } ($call, $other);
	my @states = map { $_->{error}{state} } @results;
	my $done = grep { $_ eq '' } @states;

	note "states: @states";
	cmp_ok($done, '>=', 1, "round $round: one of them did the work");
	is(scalar(grep { $_ ne '' && $_ ne '55P03' } @states),
		0, 'the other was refused, or had nothing left to do');
	is( rows_of(
			$node, $database,
			'SELECT count(*) FILTER (WHERE inserted > 0), sum(inserted), count(*) FILTER (WHERE status <> $$completed$$) FROM menuca_runs'
		),
		"1|$source_rows|0",
		'one run has inserted all of it');
	is(pairs($node, $database), $pairs_after, 'no pair is there twice');
	rows_of($node, 'postgres', "DROP DATABASE $database");
}

#
# Other sessions write between two batches
#

# The brake's own session waits for the table, and is served between batches
# 1 and 2.
sub between_batches
{
	my ($database, $sql) = @_;
	my ($run, $brake) = run_until_held($database, $call, 'between', 1);

	$brake->{blocker}->query_safe("$sql;\nCOMMIT");
	release($brake);
	return finish_sql($run);
}

note 'Others insert pairs that the run has planned';

# Those of the last batches, whatever their order: 50 that are not there yet
my $racing = <<'SQL';
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id)
SELECT p.combo_group_id, p.dish_id FROM menuca_plan_combos() p
WHERE p.outcome = 'insert'
ORDER BY p.combo_group_id DESC, p.dish_id DESC
LIMIT 50
SQL
my $result = between_batches('raced', $racing);
is($result->{status}, 0, 'the run completes');
like($result->{stdout},
	completed_run(1, $source_rows - 50, $items_before, $items_after, $fixture->{figures}{orphan_pct_after}, 'PASS'),
	'without those pairs');
is( join('|', (split /\|/, pairs($node, 'raced'))[ 0, 1 ]),
	"$items_after|$items_after", 'no pair is there twice');
like($result->{stderr}, qr/meanwhile others added 50 items/,
	'the notice reports them');
like($result->{stderr}, qr/planned, but added by others meanwhile: 50 items/,
	'and that the run did not insert them');
is( rows_of(
		$node, 'raced',
		q{SELECT deleted, (figures ->> 'items_after')::bigint, (figures ->> 'added_by_others')::bigint, (figures ->> 'baseline_intact')::bigint, state_restored FROM menuca_rollback(1, dry_run => false)}
	),
	($source_rows - 50) . '|' . ($items_before + 50) . "|50|$items_before|t",
	'a rollback leaves what others have added');

note 'Others delete and change what was there before, and what the run inserted';

$result = between_batches('meddled', <<'SQL');
DELETE FROM menuca_v3.combo_items WHERE id = (SELECT min(id) FROM menuca_v3.combo_items);
UPDATE menuca_v3.combo_items SET quantity = 7
	WHERE id = (SELECT lower(keys) FROM menuca_run_batch);
DELETE FROM menuca_v3.combo_items
	WHERE id = (SELECT upper(keys) - 1 FROM menuca_run_batch)
SQL
is($result->{status}, 0, 'the run completes');
like($result->{stderr},
	qr/others added 0 items, and deleted 1 from before the run and 1 that it inserted/,
	'the notice counts the deletions');
my $error =
  error_of($node, 'meddled', 'SELECT menuca_rollback(1, dry_run => false)');
is($error->{state}, 'MC005', 'a rollback is refused');
like($error->{detail}, qr/1 row of the run was changed since: id \d+/,
	'and names the changed row');
is( rows_of(
		$node, 'meddled',
		q{SELECT (figures ->> 'inserted')::bigint, deleted, (figures ->> 'already_gone')::bigint, changed, (figures ->> 'baseline_missing')::bigint, state_restored FROM menuca_rollback(1, dry_run => false, force => true)}
	),
	"$source_rows|" . ($source_rows - 1) . '|1|1|1|f',
	'forced, it says what is not as it was');

note 'Others delete a dish that is still to come';

# Of the last planned group: the foreign key stops the run in a later batch.
my $deleted_dish = rows_of($node, 'clean', <<'SQL');
SELECT dish_id FROM menuca_plan_combos() ORDER BY combo_group_id DESC, dish_id DESC LIMIT 1
SQL
$result = between_batches('dish_gone',
	"DELETE FROM menuca_v3.dishes WHERE id = $deleted_dish");
is($result->{error}{state}, '23503', 'the foreign key holds');
is(run_status($node, 'dish_gone', 1), 'interrupted', 'the run is interrupted');
like(rows_of($node, 'dish_gone', 'CALL menuca_resume(1, dry_run => false)'),
	qr/^1\|completed\|/, 'resumed, it plans again and completes');
is( rows_of(
		$node, 'dish_gone',
		"SELECT count(*) FROM menuca_plan_combos() WHERE outcome NOT IN ('already_present', 'unmapped_dish')"
	),
	0,
	'nothing is left to do but what names the dish');

#
# The gate after, of a batched run
#

foreach my $story (
	[
		'cross_restaurant', 'MC003',
		qr/restaurant/,
		<<'SQL'
UPDATE menuca_v3.dishes SET restaurant_id = (
	SELECT max(id) FROM menuca_v3.restaurants r WHERE r.id <> dishes.restaurant_id)
WHERE id = (SELECT dish_id FROM menuca_v3.combo_items
	WHERE id = (SELECT lower(keys) FROM menuca_run_batch))
SQL
	],
	[
		'duplicate', 'MC003', qr/repeat a pair of group and dish/, <<'SQL'
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id)
SELECT combo_group_id, dish_id FROM menuca_v3.combo_items
WHERE id = (SELECT lower(keys) FROM menuca_run_batch)
SQL
	],
	[
		'orphan_rate', 'MC002', qr/orphan/i, <<'SQL'
INSERT INTO menuca_v3.combo_groups (restaurant_id, name)
SELECT (SELECT min(id) FROM menuca_v3.restaurants), 'new ' || n
FROM generate_series(1, 5000) n
SQL
	])
{
	my ($database, $state, $message, $sql) = @$story;

	note "A run fails its gate: $database";
	my $result = between_batches($database, $sql);
	my $added = $database eq 'duplicate' ? 1 : 0;

	is($result->{error}{state}, $state, 'the gate raises');
	like($result->{error}{message}, qr/run 1 failed its gate/, 'and names the run');
	like("$result->{error}{message} $result->{error}{detail}",
		$message, 'and the reason');
	like(
		$result->{error}{hint},
		qr/menuca_rollback\(1, dry_run => false\)/,
		'the hint is the rollback');
	is( rows_of(
			$node, $database,
			'SELECT status, inserted, gate_message IS NOT NULL, finished_at IS NOT NULL FROM menuca_runs'
		),
		"gate_failed|$source_rows|t|t",
		'the ledger has it');
	is( rows_of(
			$node, $database, 'SELECT count(*) FROM menuca_v3.combo_items'),
		$items_after + $added,
		'the items are committed');
	is( rows_of(
			$node, $database,
			"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
		0,
		'no advisory lock is held');
	is(error_of($node, $database, 'CALL menuca_resume(1, dry_run => false)')->{state},
		'55000', 'it is not resumed');

	# As the hint says
	my ($hinted) = $result->{error}{hint} =~ /(SELECT .*);/;
	like(rows_of($node, $database, $hinted), qr/^1\|rolled_back\|/,
		'the rollback of the hint works');
	is( rows_of(
			$node, $database, 'SELECT count(*) FROM menuca_v3.combo_items'),
		$items_before + $added,
		'the items are gone');
	is(items($node, $database), $state_before, 'the state is back')
	  unless $added;
}

$node->stop;
log_is_clean($node);

done_testing();
