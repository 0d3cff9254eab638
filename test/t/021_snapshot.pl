
# A snapshot puts back what it copied, on generated data: after a fix and
# after others, across a crash, and where the database was restored.

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

my $fixture = fixture('fixture', '--scale', '0.1', '--with', 'dish_combo_groups');
my $figures = $fixture->{figures};
my $node = new_node('main', allows_streaming => 1, conf => "restart_after_crash = on\n");
make_database($node, 'menuca', $fixture);
rows_of($node, 'menuca', <<'SQL');
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number) SELECT id, 1 FROM menuca_v3.combo_items;
SQL

# Every row of every table, in key order, and the state of every sequence
my @tables = qw(dishes combo_items dish_combo_groups combo_steps);
my $rows = join "\nUNION ALL ",
  map { "SELECT '$_', count(*)::text, md5(coalesce(string_agg(t::text, E'\\n' ORDER BY id), '')) FROM menuca_v3.$_ t" } @tables;
my $sequences = join "\nUNION ALL ",
  map { "SELECT '$_', last_value::text, is_called::text FROM menuca_v3.${_}_id_seq" } @tables;
my $content = "$rows\nUNION ALL $sequences\nORDER BY 1, 2, 3";
my $before = rows_of($node, 'menuca', $content);

is( rows_of($node, 'menuca', "SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM menuca_snapshot('before')"),
	join(' ', sort @tables), 'all the tables that this project writes to');
is(rows_of($node, 'menuca', $content), $before, 'taking it changes nothing');

my $plan = "SELECT count(*), count(*) FILTER (WHERE status = 'planned'), sum(deleted), sum(inserted), sum(updated) FROM menuca_restore_snapshot('before')";
my $restore = "SELECT count(*), count(*) FILTER (WHERE status = 'restored'), sum(deleted), sum(inserted), sum(updated) FROM menuca_restore_snapshot('before', dry_run => false)";

# A fix, its steps, and what others do; returns what putting back must do
sub change
{
	my ($database) = @_;

	rows_of($node, $database, 'SELECT menuca_fix_combos(dry_run => false)');
	rows_of($node, $database, "SELECT menuca_fix_combos(dry_run => false, target => 'dish_combo_groups')");
	rows_of($node, $database, <<'SQL');
INSERT INTO menuca_v3.combo_steps (combo_item_id, step_number, suffix) SELECT id, 2, 'x' FROM menuca_v3.combo_items WHERE id % 3 = 0;
UPDATE menuca_v3.dishes SET name = name || '!', updated_at = now() WHERE id % 7 = 0;
UPDATE menuca_v3.dishes SET prices = '[1, 2.50]' WHERE id % 11 = 0;
DELETE FROM menuca_v3.combo_items WHERE id IN (SELECT id FROM menuca_v3.combo_items ORDER BY id LIMIT 3);
INSERT INTO menuca_v3.dishes (restaurant_id, name) SELECT restaurant_id, 'New' FROM menuca_v3.dishes LIMIT 5;
SELECT nextval('menuca_v3.combo_items_id_seq'), nextval('menuca_v3.dishes_id_seq');
SQL
	return;
}

#
# After a fix and others
#

note 'After a fix, after deletes and updates by others, after sequence use';

copy_database($node, 'menuca', 'changed');
change('changed');
my $changed = rows_of($node, 'changed', $content);
isnt($changed, $before, 'much is different');
my $planned = rows_of($node, 'changed', $plan);
is(rows_of($node, 'changed', $content), $changed, 'a dry run changes nothing');
is(rows_of($node, 'changed', $restore), $planned, 'a restore writes what the dry run said');
is(rows_of($node, 'changed', $content), $before, 'every row, key and sequence is what it was');
like($planned, qr/^4\|4\|\d{4,}\|6\|\d+$/, 'by little: three items and their steps came back');
is(rows_of($node, 'changed', 'SELECT DISTINCT status FROM menuca_runs'), 'rolled_back', 'the ledger claims no rows that are gone');
is(rows_of($node, 'changed', "SELECT string_agg(name, ' ') FROM menuca_validate() WHERE status = 'ERROR'"), '', 'the validation works');
like(rows_of($node, 'changed', 'SELECT status, inserted FROM menuca_fix_combos(dry_run => false)'),
	qr/^completed\|$figures->{insert}$/, 'a fix works there as if none had been made');
like(
	rows_of($node, 'changed', 'SELECT status, state_restored FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run => false)'),
	qr/^rolled_back\|t$/, 'and is rolled back');

#
# With the documented rights
#

note 'A role with the rights for "migrate" and "backup", and no more';

copy_database($node, 'menuca', 'granted');
rows_of($node, 'granted', 'DROP TABLE menuca_v3.dish_combo_groups');
rows_of($node, 'granted', 'CREATE ROLE migrator LOGIN');
grant_purposes($node, 'granted', 'migrator', 'migrate', 'backup');
my @migrator = (connstr => $node->connstr('granted') . ' user=migrator');
my $three = join "\nUNION ALL ", map { "SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM menuca_v3.$_ t" }
  qw(dishes combo_items combo_steps);
my $was = rows_of($node, 'granted', $three);
my $register = "SELECT menuca_register_backup('mine', 'id', 'by hand', 1000000, 'none', now(), now(), true)";
is(rows_of($node, 'granted', $register, @migrator), 1, 'registers a backup');
is(rows_of($node, 'granted', "SELECT count(*) FROM menuca_check_backup('mine') WHERE status IN ('PASS', 'WARN')", @migrator),
	6, 'asks for it');
my $take = "SELECT count(*) FROM menuca_snapshot('mine')";
is(rows_of($node, 'granted', $take, @migrator), 3, 'takes a snapshot');
rows_of($node, 'granted', 'SELECT menuca_fix_combos(dry_run => false); UPDATE menuca_v3.dishes SET is_active = NOT is_active WHERE id % 2 = 0; DELETE FROM menuca_v3.combo_steps', @migrator);
isnt(rows_of($node, 'granted', $three), $was, 'changes the tables');
my $back = "SELECT DISTINCT status FROM menuca_restore_snapshot('mine', dry_run => false)";

# Without any one of them it is refused, with the grant to make, and nothing is changed
my $then = rows_of($node, 'granted', $three);
foreach my $right (
	[ 'EXECUTE ON FUNCTION menuca_register_backup', $register ],
	[ 'SELECT ON menuca_backup', $register ],
	[ 'CREATE ON DATABASE granted', "SELECT menuca_snapshot('other')" ],
	[ 'EXECUTE ON FUNCTION menuca_snapshot', "SELECT menuca_snapshot('other')" ],
	[ 'SELECT ON menuca_v3.dishes', "SELECT menuca_snapshot('other')", $back ],
	[ 'SELECT ON SEQUENCE menuca_v3.combo_items_id_seq', "SELECT menuca_snapshot('other')", $back ],
	[ 'EXECUTE ON FUNCTION menuca_restore_snapshot', $back ],
	[ 'SELECT ON menuca_snapshot_list', $back ],
	[ 'SELECT ON menuca_snapshot_table', $back ],
	[ 'SELECT ON menuca_snapshot_restore', $back ],
	[ 'SELECT ON menuca_v3.restaurants', $back ],
	[ 'INSERT ON menuca_v3.combo_items', $back ],
	[ 'UPDATE ON menuca_v3.combo_items', $back ],
	[ 'DELETE ON menuca_v3.combo_items', $back ],
	[ 'UPDATE ON SEQUENCE menuca_v3.combo_items_id_seq', $back ],
	[ 'EXECUTE ON FUNCTION menuca_drop_snapshot', "SELECT snapshot_no FROM menuca_drop_snapshot('mine')" ])
{
	my ($grant, @calls) = @$right;

	rows_of($node, 'granted', "REVOKE $grant FROM migrator");
	is(error_of($node, 'granted', $_, @migrator)->{state}, '42501', "without $grant: refused") for @calls;
	is(rows_of($node, 'granted', $three), $then, "without $grant: nothing is changed");
	rows_of($node, 'granted', "GRANT $grant TO migrator");
}
is(rows_of($node, 'granted', $back, @migrator), 'restored', 'puts the snapshot back');
is(rows_of($node, 'granted', $three), $was, 'the state is back');
is(rows_of($node, 'granted', "SELECT snapshot_no FROM menuca_drop_snapshot('mine')", @migrator), 2, 'drops it');

#
# Dumped and restored
#

note 'In a database that was dumped and restored';

copy_database($node, 'menuca', 'source');
change('source');
my $dump = "$PostgreSQL::Test::Utils::tmp_check/menuca.dump";
rows_of($node, 'postgres', 'CREATE DATABASE restored TEMPLATE template0');
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('source') ], 'pg_dump');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), $dump ], 'pg_restore');
is(rows_of($node, 'restored', $content), rows_of($node, 'source', $content), 'the restored database');
is(rows_of($node, 'restored', $plan), $planned, 'the same would be done there');
is(rows_of($node, 'restored', $restore), $planned, 'and is done');
is(rows_of($node, 'restored', $content), $before, 'every row, key and sequence is what it was');
is(rows_of($node, 'restored', "SELECT snapshot_no FROM menuca_snapshot('next') LIMIT 1"), 2, 'the next snapshot has the next number');
is(rows_of($node, 'restored', "SELECT snapshot_no FROM menuca_drop_snapshot('before')"), 1, 'and the old one can be dropped');

#
# Killed and canceled while it is being put back
#

note 'Killed and canceled: nothing has happened, not even to the sequences';

# Its last act waits for a lock: all is written, and the sequences are set
change('menuca');
rows_of($node, 'menuca', <<'SQL');
CREATE FUNCTION staging.brake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(4711);
	RETURN NEW;
END $$;
CREATE TRIGGER brake BEFORE INSERT ON menuca_snapshot_restore FOR EACH ROW EXECUTE FUNCTION staging.brake();
SQL
$changed = rows_of($node, 'menuca', $rows);
my $runs = rows_of($node, 'menuca', 'SELECT r::text FROM menuca_run r ORDER BY run_id');
my %ends = (
	'kill -9 of the postmaster' => sub { kill9_and_start($node); },
	'a terminated backend' => sub { rows_of($node, 'postgres', "SELECT pg_terminate_backend($_[0], 10000)"); },
	'a cancel' => sub { rows_of($node, 'postgres', "SELECT pg_cancel_backend($_[0])"); });
foreach my $end (sort keys %ends)
{
	my $holder = $node->background_psql('menuca', on_error_stop => 0);
	$holder->query_safe('SELECT pg_advisory_lock(4711)');
	my $run = start_sql($node, 'menuca', $restore);
	my $pid = wait_for_backend($node, $run);
	my @values = map { (split /\|/)[1] } split /\n/, rows_of($node, 'menuca', $sequences);
	ok( $node->poll_query_until('menuca',
			"SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = $pid"),
		"$end: it is at its end");
	$ends{$end}->($pid);
	finish_sql($run);
	eval { $holder->quit };
	is(rows_of($node, 'menuca', $rows), $changed, "$end: the rows are as before it");

	# A crash makes a sequence skip up to 32 values, but never turns it back
	my @skipped = map { (split /\|/)[1] - shift @values } split /\n/, rows_of($node, 'menuca', $sequences);
	my $most = $end =~ /kill/ ? 32 : 0;
	is(scalar(grep { $_ < 0 || $_ > $most } @skipped), 0, "$end: so are the sequences (@skipped)");
	is(rows_of($node, 'menuca', 'SELECT r::text FROM menuca_run r ORDER BY run_id'), $runs, "$end: so is the ledger");
}
rows_of($node, 'menuca', 'DROP TRIGGER brake ON menuca_snapshot_restore');
is(rows_of($node, 'menuca', $restore), $planned, 'undisturbed, it is put back');
is(rows_of($node, 'menuca', $content), $before, 'every row, key and sequence is what it was');

#
# On a standby
#

note 'On a standby';

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
is(rows_of($standby, 'menuca', $plan), '4|4|0|0|0', 'a dry run can be looked at');
is(error_of($standby, 'menuca', $restore)->{state}, '25006', 'no more than that');
is(rows_of($standby, 'menuca', "SELECT status FROM menuca_check_backup() LIMIT 1"), 'FAIL', 'the check of backups works');
$standby->stop;

$node->stop;
log_is_clean($node);

done_testing();
