
=pod

=head1 NAME

MenucaElsewhere - the story of a target whose rows are not in its own heap

=head1 DESCRIPTION

The same story for tables that a hook reads elsewhere and for partitions on other
servers: what the extension says is what it says of a database with ordinary
tables, and what plain SQL counts; then a fix in both forms, a rollback, a
snapshot and a restore, each with the counts by plain SQL beside.

=cut

package MenucaElsewhere;

use strict;
use warnings;

use Exporter 'import';
use Test::More;

use MenucaTest;

our @EXPORT = qw(says_the_same fix_and_roll_back interrupt_and_resume snapshot_and_restore);

my %calls = (
	rate => q{SELECT groups, orphans, expected_groups, expected_orphans, items FROM menuca_orphan_rate()},
	plan => q{SELECT outcome, count(*), sum(combo_group_id), sum(dish_id) FROM menuca_plan_combos() GROUP BY 1 ORDER BY 1},
	'dry run' => q{SELECT (figures ->> 'source_rows')::bigint, insert, (figures ->> 'already_present')::bigint, (figures ->> 'cross_restaurant')::bigint, (figures ->> 'items_before')::bigint, (figures ->> 'items_after')::bigint, (figures ->> 'orphan_pct_before')::numeric, orphan_pct_after FROM menuca_fix_combos()},
	orphans => q{SELECT reason, count(*), sum(combo_group_id) FROM menuca_orphans() GROUP BY 1 ORDER BY 1},
	validate => q{SELECT name, status, actual FROM menuca_validate() WHERE name <> 'recent_items' ORDER BY check_no},
	checksum => q{SELECT * FROM menuca_table_checksum('menuca_v3.combo_items')},
);
my $plain_sql = <<'SQL';
SET menuca_elsewhere.strict = off;
SELECT count(*), (SELECT count(*) FROM menuca_v3.combo_items), (SELECT count(*) FROM staging.menuca_v1_combos),
	count(*) FILTER (WHERE NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.combo_group_id = g.id))
FROM menuca_v3.combo_groups g
SQL
my $fix = q{SELECT inserted, (figures ->> 'items_before')::bigint, (figures ->> 'items_after')::bigint FROM menuca_fix_combos(dry_run => false)};
my $count = 'SELECT count(*) FROM menuca_v3.combo_items';

=pod

=over

=item says_the_same($node, $database, $ordinary, $what)

Compares with the database $ordinary, in which the same rows are in ordinary tables.

=cut

sub says_the_same
{
	my ($node, $database, $ordinary, $what) = @_;
	my ($groups, $items, undef, $orphans) = split /\|/, rows_of($node, $database, $plain_sql);

	is(rows_of($node, $database, $plain_sql), rows_of($node, $ordinary, $plain_sql), "$what: plain SQL");
	is(rows_of($node, $database, $calls{$_}), rows_of($node, $ordinary, $calls{$_}), "$what: $_")
	  for sort keys %calls;
	is(rows_of($node, $database, 'SELECT groups, orphans, items FROM menuca_orphan_rate()'),
		"$groups|$orphans|$items", "$what: the rate is that of plain SQL");
	return;
}

=pod

=item fix_and_roll_back($node, $database, $what)

Returns the number of items that the fix inserted.

=cut

sub fix_and_roll_back
{
	my ($node, $database, $what) = @_;
	my $before = rows_of($node, $database, $count);
	my ($inserted, $items_before, $items_after) = split /\|/, rows_of($node, $database, $fix);

	cmp_ok($inserted, '>', 500, "$what: a fix inserts");
	is($items_before, $before, "$what: before, by plain SQL");
	is(rows_of($node, $database, $count), $before + $inserted, "$what: before + inserted = after, by plain SQL");
	is($items_after, $before + $inserted, "$what: and by the fix");
	is(rows_of($node, $database, 'SELECT inserted FROM menuca_fix_combos(dry_run => false)'), 0, "$what: a second fix inserts nothing");
	is(rows_of($node, $database, "SELECT status FROM menuca_validate() WHERE name = 'ledger'"), 'PASS', "$what: and the ledger agrees");
	is(rows_of($node, $database, 'SELECT deleted, state_restored FROM menuca_rollback(1, dry_run => false)'),
		"$inserted|t", "$what: rolled back");
	is(rows_of($node, $database, $count), $before, "$what: to what it was, by plain SQL");
	return $inserted;
}

=pod

=item interrupt_and_resume($node, $database, $what, $inserted)

A batched fix, whose session ends while it commits its third batch.

=cut

sub interrupt_and_resume
{
	my ($node, $database, $what, $inserted) = @_;
	my $before = rows_of($node, $database, $count);

	install_brake($node, $database);
	my $brake = hold($node, $database, 'commit', 3);
	my $run = start_sql($node, $database, 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 1000)');
	wait_until_held($node, $brake);
	rows_of($node, $database, "SELECT pg_terminate_backend(@{[wait_for_backend($node, $run)]})");
	finish_sql($run);
	release($brake);
	$node->poll_query_until($database, "SELECT status = 'interrupted' FROM menuca_runs WHERE run_id = (SELECT max(run_id) FROM menuca_runs)")
	  or die 'the run is not interrupted';
	is(rows_of($node, $database, $count), $before + 2000, "$what: two batches are committed");

	my $run_id = rows_of($node, $database, 'SELECT max(run_id) FROM menuca_runs');
	rows_of($node, $database, "CALL menuca_resume($run_id, dry_run => false)");
	is(rows_of($node, $database, $count), $before + $inserted, "$what: resumed, all items are there");
	is(rows_of($node, $database, "SELECT inserted, items_after, status FROM menuca_runs WHERE run_id = $run_id"),
		join('|', $inserted, $before + $inserted, 'completed'), "$what: as the ledger says");
	is(rows_of($node, $database, "SELECT deleted, state_restored FROM menuca_rollback($run_id, dry_run => false)"),
		"$inserted|t", "$what: rolled back");
	is(rows_of($node, $database, $count), $before, "$what: to what it was");
	return;
}

=pod

=item snapshot_and_restore($node, $database, $what, $inserted)

=back

=cut

sub snapshot_and_restore
{
	my ($node, $database, $what, $inserted) = @_;
	my $before = rows_of($node, $database, $count);
	my $content = rows_of($node, $database, 'SELECT i::text FROM menuca_v3.combo_items i ORDER BY id');

	is(rows_of($node, $database, q{SELECT row_count FROM menuca_snapshot('now', '{combo_items}')}), $before, "$what: a snapshot has all rows");
	rows_of($node, $database, $fix);
	rows_of($node, $database, 'SET menuca_elsewhere.strict = off; UPDATE menuca_v3.combo_items SET display_order = 77 WHERE id = (SELECT min(id) FROM menuca_v3.combo_items)');
	is(rows_of($node, $database, q{SELECT deleted, inserted, updated FROM menuca_restore_snapshot('now')}),
		"$inserted|0|1", "$what: what a restore would do");
	is(rows_of($node, $database, q{SELECT rows_before, deleted FROM menuca_restore_snapshot('now', dry_run => false, force => true)}),
		join('|', $before + $inserted, $inserted), "$what: restored");
	is(rows_of($node, $database, 'SELECT i::text FROM menuca_v3.combo_items i ORDER BY id'), $content, "$what: row for row what it was");
	return;
}

1;
