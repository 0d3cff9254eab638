
# A lock that cannot be had in time: the error names who holds it, says that
# nothing was changed, and proposes a call that ends the holder.

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

my $fixture = fixture('fixture', '--scale', '0.01');
my $node = new_node('main', conf => "max_prepared_transactions = 2\n");

make_database($node, 'holders', $fixture);

# A session that holds something in a transaction, and its process
sub holder
{
	my ($sql) = @_;
	my $session = start_sql($node, 'holders', "BEGIN;\n$sql;\nSELECT pg_sleep(600)", name => 'menu editor');
	my $sleeps = "FROM pg_stat_activity WHERE application_name = 'menu editor' AND query LIKE 'SELECT pg_sleep%'";

	$node->poll_query_until('holders', "SELECT count(*) = 1 $sleeps") or die 'the other session has not begun';
	return ($session, rows_of($node, 'holders', "SELECT pid $sleeps"));
}

# The call fails for that table, names the process, and succeeds once the
# proposed call has ended it
sub names_holder
{
	my ($name, $holding, $call, $table, $kept) = @_;
	my ($session, $pid) = holder($holding);
	my $before = items($node, 'holders');
	my $error = error_of($node, 'holders', "SET client_min_messages = error; SET lock_timeout = '100ms'; $call");

	is($error->{state}, '55P03', "$name: the lock cannot be had");
	is($error->{message}, "$table could not be locked within 100 ms", "$name: of that table");
	like($error->{detail}, qr/^Session $pid of role \w+, application menu editor holds it \([\w, ]+\), active, in a transaction since \S+ \S+ UTC\. \Q$kept\E\z/,
		"$name: by whom, and what was changed");
	is(items($node, 'holders'), $before, "$name: nothing was changed");
	my ($end) = $error->{hint} =~ /to end them: (SELECT [^;]+;)/;
	is(rows_of($node, 'holders', $end), 't', "$name: the proposed call ends it");
	ok($node->poll_query_until('holders', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid"), "$name: it has ended");
	finish_sql($session);
	rows_of($node, 'holders', "SET client_min_messages = error; SET lock_timeout = '60s'; $call");
	return;
}

#
# Tables and rows that others hold, of a fix and of a rollback
#

my $fix = 'SELECT count(*) FROM menuca_fix_combos(dry_run => false)';
my $rollback = 'SELECT count(*) FROM menuca_rollback((SELECT max(run_id) FROM menuca_runs), dry_run => false)';
my $items = 'table menuca_v3.combo_items';

names_holder('fix, items', 'UPDATE menuca_v3.combo_items SET quantity = quantity', $fix, $items, 'Nothing was changed by this call.');
names_holder('rollback, items', 'LOCK TABLE menuca_v3.combo_items IN ROW EXCLUSIVE MODE', $rollback, $items, 'Nothing was changed by this call.');

#
# Rows of a referenced table: the native engine names the session, the executor's
# foreign key a query that shows it
#

note 'Parents';

my ($session, $pid) = holder('SELECT FROM menuca_v3.dishes FOR UPDATE');
my $held = error_of($node, 'holders', "SET client_min_messages = error; SET lock_timeout = '100ms'; $fix");
is($held->{state}, '55P03', 'a dish that is locked');
if (engine() eq 'executor')
{
	like($held->{detail}, qr/^Another session holds a row that the table needs, its own or one that it refers to\. Nothing of this batch was written\.\z/, 'the error says what was changed');
	my ($query) = $held->{hint} =~ /^To see who: (SELECT [^;]+;)/;
	like(rows_of($node, 'holders', $query), qr/^$pid\|postgres\|menu editor\|active\|/, 'its query shows the session');
}
else
{
	is($held->{message}, 'rows of table menuca_v3.dishes could not be locked within 100 ms', 'the error names the table');
	like($held->{detail}, qr/^Session $pid of role postgres, .* Nothing of this transaction was written\.\z/, 'and the session');
}
rows_of($node, 'holders', "SELECT pg_terminate_backend($pid)");
finish_sql($session);
rows_of($node, 'holders', "SET client_min_messages = error; SET lock_timeout = '60s'; $fix");

names_holder('rollback, an item', 'SELECT FROM menuca_v3.combo_items FOR UPDATE', $rollback, "rows of $items", 'Nothing was changed.');

#
# A prepared transaction is no session
#

note 'Prepared';

rows_of($node, 'holders', "BEGIN; UPDATE menuca_v3.combo_items SET quantity = quantity; PREPARE TRANSACTION 'forgotten'");
my $error = error_of($node, 'holders', "SET client_min_messages = error; SET lock_timeout = '100ms'; $fix");
is($error->{message}, "$items could not be locked within 100 ms", 'a prepared transaction holds it');
like($error->{detail}, qr/^Prepared transaction 'forgotten' holds it \([\w, ]+\), since \S+ \S+ UTC\. Nothing was changed by this call\.\z/, 'and is named');
like($error->{hint}, qr/ROLLBACK PREPARED 'forgotten';/, 'with the statement that ends it');
rows_of($node, 'holders', "ROLLBACK PREPARED 'forgotten'");

$node->stop;
log_is_clean($node);
done_testing();
