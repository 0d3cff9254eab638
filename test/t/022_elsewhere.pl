# Tables whose rows are not in their own heap: a planner's hook, which stands for a
# distributed server, reads and writes them elsewhere.  What the extension counts
# is what plain SQL counts, and nothing gets into the empty shell.

# engines: both

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $fixture = fixture('fixture', '--scale', '0.05');
my $node = new_node('main', conf => <<'CONF');
session_preload_libraries = 'menuca_elsewhere'
min_parallel_table_scan_size = 0
CONF
make_database($node, 'plain', $fixture);

# What the extension says, and plain SQL beside it
my %calls = (
	rate => q{SELECT groups, orphans, expected_groups, expected_orphans, items FROM menuca_orphan_rate()},
	plan => q{SELECT outcome, count(*), sum(combo_group_id), sum(dish_id) FROM menuca_plan_combos() GROUP BY 1 ORDER BY 1},
	dry => q{SELECT source_rows, insert, already_present, cross_restaurant, items_before, items_after, orphan_pct_before, orphan_pct_after FROM menuca_fix_combos()},
	orphans => q{SELECT reason, count(*), sum(combo_group_id) FROM menuca_orphans() GROUP BY 1 ORDER BY 1},
	validate => q{SELECT name, status, actual FROM menuca_validate() WHERE name NOT IN ('recent_items') ORDER BY check_no},
);
my $plain_sql = <<'SQL';
SELECT count(*), (SELECT count(*) FROM menuca_v3.combo_items), (SELECT count(*) FROM staging.menuca_v1_combos),
	count(*) FILTER (WHERE NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.combo_group_id = g.id))
FROM menuca_v3.combo_groups g
SQL
my $fix = 'SELECT inserted, items_before, items_after FROM menuca_fix_combos(dry_run => false)';
my $count = 'SELECT count(*) FROM menuca_v3.combo_items';

# Moves the rows of a table elsewhere, and leaves an empty shell
sub move
{
	my ($database, $schema, $table) = @_;

	rows_of($node, $database, <<SQL);
CREATE SCHEMA IF NOT EXISTS elsewhere;
CREATE TABLE elsewhere."$schema.$table" (LIKE $schema.$table INCLUDING ALL);
INSERT INTO elsewhere."$schema.$table" SELECT * FROM $schema.$table;
SET session_replication_role = replica;
DELETE FROM $schema.$table;
SQL
	return;
}

# The same after a move as in the database where nothing was moved
sub agree
{
	my ($what, $database) = @_;

	is(rows_of($node, $database, $plain_sql), rows_of($node, 'plain', $plain_sql), "$what: plain SQL");
	is(rows_of($node, $database, $calls{$_}), rows_of($node, 'plain', $calls{$_}), "$what: $_")
	  for sort keys %calls;
	return;
}

my %tables = (items => [ 'menuca_v3', 'combo_items' ], groups => [ 'menuca_v3', 'combo_groups' ],
	dishes => [ 'menuca_v3', 'dishes' ], source => [ 'staging', 'menuca_v1_combos' ]);
my %cases = (map({ $_ => [$_] } keys %tables), all => [ keys %tables ]);
my $shells = join ' + ', map { "(SELECT count(*) FROM $_)" } 'menuca_v3.combo_items';

for my $custom (qw(on off))
{
	for my $case (sort keys %cases)
	{
		my $database = "${case}_$custom";
		my $what = ($custom eq 'on' ? 'a custom scan' : 'a plan of another table') . ", $case";

		copy_database($node, 'plain', $database);
		move($database, @{ $tables{$_} }) for @{ $cases{$case} };
		rows_of($node, $database,
			"ALTER DATABASE $database SET menuca_elsewhere.schema = 'elsewhere'; ALTER DATABASE $database SET menuca_elsewhere.custom = $custom");
		agree($what, $database);

		#
		# Fixed in one transaction, and rolled back
		#
		my $before = rows_of($node, $database, $count);
		my ($inserted, $items_before, $items_after) = split /\|/, rows_of($node, $database, $fix);

		cmp_ok($inserted, '>', 500, "$what: a fix inserts");
		is($items_before, $before, "$what: before, by plain SQL");
		is(rows_of($node, $database, $count), $before + $inserted, "$what: before + inserted = after, by plain SQL");
		is($items_after, $before + $inserted, "$what: and by the fix");
		is(rows_of($node, $database, "SET menuca_elsewhere.schema = ''; $count"), 0, "$what: the shell is empty")
		  if grep { $_ eq 'items' } @{ $cases{$case} };
		is(rows_of($node, $database, 'SELECT inserted FROM menuca_fix_combos(dry_run => false)'), 0, "$what: a second fix inserts nothing");
		is(rows_of($node, $database, "SELECT status FROM menuca_validate() WHERE name = 'ledger'"), 'PASS', "$what: and the ledger agrees");
		is(rows_of($node, $database, 'SELECT deleted, state_restored FROM menuca_rollback(1, dry_run => false)'),
			"$inserted|t", "$what: rolled back");
		is(rows_of($node, $database, $count), $before, "$what: to what it was, by plain SQL");

		#
		# In batches, interrupted and resumed
		#
		install_brake($node, $database);
		my $brake = hold($node, $database, 'commit', 3);
		my $run = start_sql($node, $database, 'CALL menuca_fix_combos_batched(batch_size => 1000)');
		wait_until_held($node, $brake);
		rows_of($node, $database, "SELECT pg_terminate_backend(@{[wait_for_backend($node, $run)]})");
		finish_sql($run);
		release($brake);
		$node->poll_query_until($database, "SELECT status = 'interrupted' FROM menuca_runs WHERE run_id = (SELECT max(run_id) FROM menuca_runs)");
		is(rows_of($node, $database, $count), $before + 2000, "$what: two batches are committed");
		rows_of($node, $database, "CALL menuca_resume(@{[rows_of($node, $database, 'SELECT max(run_id) FROM menuca_runs')]})");
		is(rows_of($node, $database, $count), $before + $inserted, "$what: resumed, and all are there");
		is(rows_of($node, $database, 'SELECT inserted, items_after, status FROM menuca_runs ORDER BY run_id DESC LIMIT 1'),
			join('|', $inserted, $before + $inserted, 'completed'), "$what: as the ledger says");
		is(rows_of($node, $database, 'SELECT deleted, state_restored FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run => false)'),
			"$inserted|t", "$what: rolled back");

		#
		# Snapshot and restore
		#
		is(rows_of($node, $database, q{SELECT row_count FROM menuca_snapshot('now', '{combo_items}')}), $before, "$what: a snapshot has all rows");
		rows_of($node, $database, $fix);
		is(rows_of($node, $database, q{SELECT deleted, inserted, updated FROM menuca_restore_snapshot('now', dry_run => false)}),
			"$inserted|0|0", "$what: restored");
		is(rows_of($node, $database, $count), $before, "$what: to what it was, by plain SQL");
	}
}

done_testing();
