
# The ledger is part of a database's dump, and rolls back what was restored.

# engines: both

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.05');
my $figures = $fixture->{figures};
my $node = new_node('main');
make_database($node, 'menuca', $fixture);

# Items that were updated, and lie elsewhere than their keys say
rows_of($node, 'menuca', 'UPDATE menuca_v3.combo_items SET quantity = quantity WHERE id % 2 = 0');

my $state_before = items($node, 'menuca');
my $dump = "$PostgreSQL::Test::Utils::tmp_check/menuca.dump";

sub restore
{
	my ($from, $to, @options) = @_;

	rows_of($node, 'postgres', "CREATE DATABASE $to TEMPLATE template0");
	$node->command_ok(
		[ 'pg_dump', '-Fc', '-f', $dump, $node->connstr($from) ],
		"pg_dump of $from");
	$node->command_ok(
		[ 'pg_restore', '--exit-on-error', '-d', $node->connstr($to), @options, $dump ],
		"pg_restore to $to");
	return;
}

my $ledger = <<'SQL';
SELECT (SELECT md5(string_agg(r::text, E'\n' ORDER BY run_id)) FROM menuca_run r),
	(SELECT md5(string_agg(b::text, E'\n' ORDER BY run_id, batch_no)) FROM menuca_run_batch b),
	(SELECT md5(string_agg(b::text, E'\n' ORDER BY run_id, chunk_no)) FROM menuca_run_baseline b),
	(SELECT last_value FROM menuca_run_run_id_seq)
SQL

sub rolls_back
{
	my ($database) = @_;

	is( rows_of(
			$node, $database,
			q{SELECT status, deleted, changed, (figures ->> 'items_after')::bigint, (figures ->> 'baseline_intact')::bigint, state_restored FROM menuca_rollback(1, dry_run => false)}
		),
		"rolled_back|$figures->{insert}|0|$figures->{items_before}|$figures->{items_before}|t",
		"$database: rolled back");
	is(items($node, $database), $state_before,
		"$database: the state from before the run");
	return;
}

#
# A completed run
#

note 'A completed run, dumped and restored';

rows_of($node, 'menuca', 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 1000)');
my $state_after = items($node, 'menuca');
copy_database($node, 'menuca', 'completed');
restore('menuca', 'restored');

is(items($node, 'restored'), $state_after, 'the items are restored');
is(rows_of($node, 'restored', $ledger),
	rows_of($node, 'menuca', $ledger), 'so is the ledger, to the byte');
ledger_fits($node, 'restored', 1);
is( rows_of(
		$node, 'restored',
		"SELECT count(*) FROM menuca_validate() WHERE status IN ('FAIL', 'ERROR')"
	),
	0,
	'the validation finds nothing wrong');
is( rows_of(
		$node, 'restored', 'SELECT status, inserted FROM menuca_fix_combos()'),
	'planned|0',
	'nothing is left to do');
rolls_back('restored');
is( rows_of(
		$node, 'restored',
		'SELECT run_id, status FROM menuca_fix_combos(dry_run => false)'),
	'2|completed',
	'the next run gets the next id');

note 'VACUUM FULL, a rewrite, and a dropped column change no content';

restore('menuca', 'rewritten');
rows_of($node, 'rewritten', <<'SQL');
DELETE FROM menuca_v3.combo_items WHERE id = -1;
ALTER TABLE menuca_v3.combo_items ADD COLUMN scratch int;
ALTER TABLE menuca_v3.combo_items DROP COLUMN scratch;
VACUUM FULL menuca_v3.combo_items;
SQL
rolls_back('rewritten');

#
# An interrupted run
#

note 'An interrupted run, dumped, restored and resumed';

make_database($node, 'halfway', $fixture);
rows_of($node, 'halfway', 'UPDATE menuca_v3.combo_items SET quantity = quantity');
install_brake($node, 'halfway');
my $brake = hold($node, 'halfway', 'between', 2);
my $run = start_sql($node, 'halfway', 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 1000)');
my $pid = wait_for_backend($node, $run);
wait_until_held($node, $brake);
rows_of($node, 'postgres', "SELECT pg_terminate_backend($pid, 10000)");
finish_sql($run);
release($brake);

# The brake's trigger on the ledger is no part of the extension, so no dump
# could restore it.
rows_of($node, 'halfway', 'DROP TRIGGER brake ON menuca_run');

restore('halfway', 'halfway_restored');
is(run_status($node, 'halfway_restored', 1), 'interrupted', 'it is interrupted there, too');
ledger_fits($node, 'halfway_restored', 1);
like(
	rows_of($node, 'halfway_restored', 'CALL menuca_resume(1, dry_run => false)'),
	qr/^1\|completed\|\d+\|$figures->{insert}\|/,
	'resumed to the end');
ledger_fits($node, 'halfway_restored', 1);
is( rows_of($node, 'halfway_restored', 'SELECT state_restored FROM menuca_rollback(1, dry_run => false)'),
	't', 'and rolled back');
like(items($node, 'halfway_restored'), qr/^$figures->{items_before}\|/, 'completely');

#
# The rows are lost
#

note 'Where the rows are lost, nothing is proven';

rows_of($node, 'menuca', <<'SQL');
TRUNCATE menuca_v3.combo_items CASCADE;
SQL
is( rows_of(
		$node, 'menuca',
		q{SELECT deleted, (figures ->> 'already_gone')::bigint, (figures ->> 'baseline_missing')::bigint, state_restored FROM menuca_rollback(1, dry_run => false)}
	),
	"0|$figures->{insert}|$figures->{items_before}|f",
	'a rollback does not claim that the state is back');

#
# Restored by several jobs at once
#

note 'Several jobs place the rows differently, and fill the ledger in any order';

restore('completed', 'restored_parallel', '--jobs', '2');
rows_of($node, 'restored_parallel', 'CLUSTER menuca_v3.combo_items USING combo_items_pkey');
rolls_back('restored_parallel');

$node->stop;
log_is_clean($node);

done_testing();
