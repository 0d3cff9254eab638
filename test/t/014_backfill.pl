
# A backfill that is killed or canceled leaves nothing; one that was made is
# in the database's dump, and rolled back where it is restored.

# engines: both

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node: a database whose dishes are lost but for the menu
#

my $fixture = fixture('fixture', '--scale', '0.1');
my $node = new_node('main', conf => "restart_after_crash = on\n");
make_database($node, 'menuca', $fixture);
my $whole = rows_of($node, 'menuca',
	'SELECT outcome, count(*) FROM menuca_plan_combos() GROUP BY 1 ORDER BY 1');
my $lost = rows_of($node, 'menuca', <<'SQL');
CREATE TABLE staging.menuca_v1_menu AS
SELECT d.legacy_v1_id AS id, r.legacy_v1_id AS restaurant, d.name
FROM menuca_v3.dishes d JOIN menuca_v3.restaurants r ON r.id = d.restaurant_id
WHERE d.legacy_v1_id IN (SELECT dish FROM staging.menuca_v1_combos)
	AND NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.dish_id = d.id);
DELETE FROM menuca_v3.dishes WHERE legacy_v1_id IN (SELECT id FROM staging.menuca_v1_menu);
SELECT count(*) FROM staging.menuca_v1_menu;
SQL
cmp_ok($lost, '>', 500, "$lost dishes are lost");

my $call = 'SELECT inserted, newly_visible FROM menuca_backfill_dishes(dry_run => false)';
my $state = <<'SQL';
SELECT count(*), md5(string_agg(d::text, E'\n' ORDER BY id)), (SELECT count(*) FROM menuca_run),
	(SELECT count(*) FROM menuca_run_baseline), (SELECT count(*) FROM menuca_run_batch)
FROM menuca_v3.dishes d
SQL
my $before = rows_of($node, 'menuca', $state);

#
# Killed and canceled while the dishes are being inserted
#

# A dish in the middle waits for a lock
rows_of($node, 'menuca', <<'SQL');
CREATE FUNCTION staging.brake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(4711);
	RETURN NEW;
END $$;
CREATE TRIGGER brake BEFORE INSERT ON menuca_v3.dishes FOR EACH ROW
WHEN (NEW.legacy_v1_id % 50 = 0) EXECUTE FUNCTION staging.brake();
SQL

my %ends = (
	'kill -9 of the postmaster' => sub { kill9_and_start($node); },
	'a terminated backend' => sub {
		rows_of($node, 'postgres', "SELECT pg_terminate_backend($_[0], 10000)");
	},
	'a cancel' => sub {
		rows_of($node, 'postgres', "SELECT pg_cancel_backend($_[0])");
	});

foreach my $end (sort keys %ends)
{
	my $holder = $node->background_psql('menuca', on_error_stop => 0);
	$holder->query_safe('SELECT pg_advisory_lock(4711)');
	my $run = start_sql($node, 'menuca', $call);
	my $pid = wait_for_backend($node, $run);
	ok( $node->poll_query_until(
			'menuca',
			"SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = $pid"),
		"$end: the backfill is in the middle");
	$ends{$end}->($pid);
	finish_sql($run);
	eval { $holder->quit };
	is(rows_of($node, 'menuca', $state), $before, "$end: nothing is left of it");
}
rows_of($node, 'menuca', 'DROP TRIGGER brake ON menuca_v3.dishes');

#
# Made, dumped, restored, and rolled back there
#

is(rows_of($node, 'menuca', $call), "$lost|0", 'the backfill, undisturbed');
my $filled = rows_of($node, 'menuca', 'SELECT run_id FROM menuca_runs');
is( rows_of($node, 'menuca',
		'SELECT outcome, count(*) FROM menuca_plan_combos() GROUP BY 1 ORDER BY 1'),
	$whole,
	'the source can be mapped as if no dish had been lost');

my $dump = "$PostgreSQL::Test::Utils::tmp_check/menuca.dump";
rows_of($node, 'postgres', 'CREATE DATABASE restored TEMPLATE template0');
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('menuca') ], 'pg_dump');
$node->command_ok(
	[ 'pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), $dump ],
	'pg_restore');

foreach my $database ('restored', 'menuca')
{
	my $fixed = rows_of($node, $database, 'SELECT run_id FROM menuca_fix_combos(dry_run => false)');
	like(
		error_of($node, $database, "SELECT menuca_rollback($filled, dry_run => false, force => true)")->{message},
		qr/rollback of run $filled is refused/,
		"$database: not while items refer to the dishes");
	is( rows_of($node, $database, "SELECT state_restored FROM menuca_rollback($fixed, dry_run => false)"),
		't', "$database: the items are rolled back");
	is( rows_of($node, $database, "SELECT deleted, state_restored FROM menuca_rollback($filled, dry_run => false)"),
		"$lost|t", "$database: then the dishes");
	is( (split /\|/, rows_of($node, $database, $state))[1],
		(split /\|/, $before)[1],
		"$database: they are what they were, in every column");
}

$node->stop;
log_is_clean($node);

done_testing();
