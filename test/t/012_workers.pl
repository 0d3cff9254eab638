# A validation returns the same with a parallel worker, without one, and when the
# worker fails.

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

my $fixture = fixture('fixture', '--scale', '0.5');

# Small tables are worth a worker here; the log says when one is started
my $node = new_node('main', conf => <<'CONF');
min_parallel_table_scan_size = 0
max_parallel_maintenance_workers = 0
log_min_messages = debug1
CONF
make_database($node, 'menuca', $fixture);
rows_of($node, 'menuca', 'SELECT FROM menuca_fix_combos(dry_run => false)');

my $validate = 'SELECT * FROM menuca_validate()';
my $alone = "SET max_parallel_workers_per_gather = 0; $validate";

# The output of a session, and the number of its workers
sub run_and_count
{
	my ($database, $sql) = @_;
	my $offset = -s $node->logfile;
	my $rows = rows_of($node, $database, $sql);
	my $log = slurp_file($node->logfile, $offset);
	my $workers = () = $log =~ /starting background worker process "parallel worker/g;

	return ($rows, $workers);
}

sub agree
{
	my ($what, $before, %params) = @_;
	my $call = $params{call} // $validate;
	my ($with, $workers) = run_and_count('menuca', "BEGIN; $before; $call; ROLLBACK");
	my ($without, $none) = run_and_count('menuca', "SET max_parallel_workers_per_gather = 0; BEGIN; $before; $call; ROLLBACK");

	# A session's temporary schema has any number
	s/pg_temp_\d+/pg_temp_N/g foreach $with, $without;
	is($with, $without, "$what: the same");
	like($with, $params{like}, "$what: and so it is") if $params{like};
	is($workers, $params{workers} // 1, "$what: workers");
	is($none, 0, "$what: none when none is allowed");
	return;
}

# A row of the validation
sub check
{
	my ($name, $status, $actual) = @_;
	return qr/^\d+\|$name\|[^|]*\|$status\|[^|]*\|$actual/m;
}

#
# With and without
#

agree('after a fix', 'SELECT', like => check('ledger', 'PASS', ''));
agree('a transaction\'s own changes',
	'DELETE FROM menuca_v3.combo_items WHERE id = (SELECT max(id) FROM menuca_v3.combo_items); UPDATE menuca_v3.combo_items SET display_order = -1 WHERE id = (SELECT min(id) FROM menuca_v3.combo_items)',
	like => check('ledger', 'FAIL', ''));
agree('without a run', 'TRUNCATE menuca_run, menuca_run_baseline, menuca_run_batch',
	like => check('ledger', 'WARN', 'the ledger is empty, but runs were numbered'));
agree('without a source', "SET LOCAL menuca.source_table = 'staging.none'",
	like => check('distribution', 'SKIP', 'no source is staged'));
agree('without dates and positions',
	'ALTER TABLE menuca_v3.combo_items DROP created_at, DROP display_order',
	like => check('display_order', 'SKIP', ''));
agree('positions and dates of other types',
	"ALTER TABLE menuca_v3.combo_items ALTER created_at DROP DEFAULT, ALTER created_at TYPE date, ALTER display_order TYPE numeric USING CASE WHEN id % 2 = 0 THEN 0.5 ELSE 3 END",
	like => check('display_order', 'WARN', '[\d,]+ missing or negative positions'));
agree('columns of other names', 'ALTER TABLE staging.menuca_v1_combos RENAME dish TO "the Dish"; ALTER TABLE staging.menuca_v1_combos DROP "order", DROP id',
	call => q{SELECT * FROM menuca_validate(dish_column => 'the Dish', id_column => NULL, order_column => NULL)});
agree('a temporary source', 'CREATE TEMP TABLE combos AS TABLE staging.menuca_v1_combos',
	call => q{SELECT * FROM menuca_validate('combos')});
agree('read-only, repeatable', 'SET TRANSACTION READ ONLY, ISOLATION LEVEL REPEATABLE READ');
agree('serializable', 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
agree('no worker available', 'SELECT', workers => 0, call => "SET LOCAL max_parallel_workers = 0; $validate");

#
# A dry run and a fix: a worker reads the stated numbers of items, and their
# warnings about the direction are the same
#

my $dry_run = 'SELECT status, insert, warnings FROM menuca_fix_combos()';
my $products = 'UPDATE menuca_v3.dishes SET is_combo = true';
my $counts = 'of [0-9,]+ groups with items and an item_count, [0-9,]+ will have just as many';

agree('a dry run', $products, call => $dry_run, like => qr/$counts \(100\.00 %\)/);
agree('a dry run before the fix', "$products; DELETE FROM menuca_v3.combo_items",
	call => $dry_run, like => qr/planned\|55000\|.*$counts/);
agree('rules and groups that moved',
	qq{$products; UPDATE menuca_v3.combo_groups SET combo_rules = '{"item_count": 3}' WHERE id % 7 = 0; UPDATE menuca_v3.combo_groups SET combo_rules = NULL WHERE id % 5 = 0},
	call => $dry_run, like => qr/$counts \(8\d\.\d\d %\)/);
agree('no worker for a dry run', $products, workers => 0, call => "SET LOCAL max_parallel_workers = 0; $dry_run", like => qr/$counts/);
agree('a dry run that is read-only', "$products; SET TRANSACTION READ ONLY", call => $dry_run, like => qr/$counts/);
agree('a dry run of a serializable transaction', "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; $products", call => $dry_run, like => qr/$counts/);
agree('a fix', "$products; DELETE FROM menuca_v3.combo_items WHERE id % 2 = 0",
	call => 'SELECT status, inserted, warnings FROM menuca_fix_combos(dry_run => false)', like => qr/completed\|\d+\|.*$counts/);
agree('a fix in a subtransaction', "$products; DELETE FROM menuca_v3.combo_items WHERE id % 2 = 0; SAVEPOINT s",
	call => 'SELECT status, inserted, warnings FROM menuca_fix_combos(dry_run => false)', like => qr/completed\|\d+\|.*$counts/);
agree('a refused fix', "$products; SAVEPOINT s",
	call => q{DO $$ BEGIN PERFORM FROM menuca_fix_combos(dry_run => false, strict => true); EXCEPTION WHEN SQLSTATE 'MC008' THEN NULL; END $$; SELECT count(*) FROM menuca_runs});
agree('an error while the worker reads', 'TRUNCATE staging.menuca_v1_combos; SAVEPOINT s',
	call => q{DO $$ BEGIN PERFORM FROM menuca_fix_combos(); EXCEPTION WHEN no_data_found THEN NULL; END $$; SELECT count(*) FROM menuca_v3.combo_items});

#
# The source's distribution
#

foreach my $story (
	[ 'usual ids', 'SELECT' ],
	[ 'ids at the edge', 'UPDATE staging.menuca_v1_combos SET "group" = 2147483647 WHERE id % 5 = 0; UPDATE staging.menuca_v1_combos SET dish = 4294967295 WHERE id % 3 = 0' ],
	[ 'greater dishes', 'UPDATE staging.menuca_v1_combos SET dish = dish + (dish % 3) * 4294967296' ],
	[ 'greater groups', 'UPDATE staging.menuca_v1_combos SET "group" = "group" + ("group" % 3) * 2147483648' ],
	[ 'negative ones', 'UPDATE staging.menuca_v1_combos SET "group" = -"group" WHERE id % 2 = 0; UPDATE staging.menuca_v1_combos SET dish = -dish WHERE id % 3 = 0' ],
	[ 'none', 'UPDATE staging.menuca_v1_combos SET "group" = NULL WHERE id % 2 = 0; UPDATE staging.menuca_v1_combos SET dish = NULL WHERE id % 3 = 0' ])
{
	my ($what, $sql) = @$story;
	my ($ours, $theirs) = split /\n/, rows_of($node, 'menuca', <<"SQL");
BEGIN;
$sql;
SELECT substring(expected from '1: .*; largest [0-9,]+') FROM menuca_validate() WHERE name = 'distribution';
WITH g AS (SELECT count(DISTINCT dish) AS n FROM staging.menuca_v1_combos WHERE "group" IS NOT NULL GROUP BY "group")
SELECT (SELECT string_agg(format('%s: %s', CASE c WHEN 6 THEN '6 or more' ELSE c::text END, to_char((SELECT count(*) FROM g WHERE least(n, 6) = c), 'FM999,999')), ', ' ORDER BY c)
	FROM generate_series(1, 6) c) || '; largest ' || (SELECT to_char(max(n), 'FM999,999') FROM g);
ROLLBACK
SQL
	is($ours, $theirs, "distribution of $what");
}

#
# Rights
#

rows_of($node, 'menuca', <<'SQL');
CREATE ROLE reader LOGIN;
GRANT USAGE ON SCHEMA menuca_v3, staging TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA menuca_v3, staging TO reader;
SQL
grant_purposes($node, 'menuca', 'reader', 'read');
rows_of($node, 'menuca', 'REVOKE SELECT ON menuca_run, menuca_run_baseline, menuca_run_batch FROM reader');
agree('a reader who may not see the ledger', 'SET LOCAL ROLE reader',
	like => check('ledger', 'ERROR', 'permission denied for table menuca_run'), workers => 1);
rows_of($node, 'menuca', 'GRANT SELECT ON menuca_run, menuca_run_baseline, menuca_run_batch TO reader');
agree('a reader who may', 'SET LOCAL ROLE reader', like => check('ledger', 'PASS', ''));
agree('a reader of some columns', <<'SQL', like => check('display_order', 'ERROR', 'permission denied for table combo_items'));
REVOKE SELECT ON menuca_v3.combo_items FROM reader;
GRANT SELECT (id, combo_group_id, dish_id) ON menuca_v3.combo_items TO reader;
SET LOCAL ROLE reader
SQL

#
# When the worker fails
#

agree('a damaged ledger', "UPDATE menuca_run_batch SET row_hashes = 'x'",
	like => check('ledger', 'ERROR', ''));

# A worker that waits for the ledger, which another session has locked.  When
# the worker is late, the leader waits for the ledger instead: then try again.
sub held_worker
{
	my ($sql) = @_;

	foreach (1 .. 50)
	{
		my $other = $node->background_psql('menuca');
		$other->query_safe('BEGIN; LOCK menuca_run');
		my $validation = start_sql($node, 'menuca', $sql);
		my $leader = wait_for_backend($node, $validation);
		wait_for_ledger("$leader IN (pid, leader_pid)");
		return ($other, $validation, $leader)
		  if rows_of($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE leader_pid = $leader AND wait_event_type = 'Lock'");
		release_ledger($other);
		finish_sql($validation);
	}
	die 'the worker is always late';
}

sub wait_for_ledger
{
	my ($who) = @_;

	$node->poll_query_until('postgres',
		"SELECT count(*) > 0 FROM pg_stat_activity WHERE $who AND wait_event_type = 'Lock'")
	  or die 'no session waits for the ledger';
	return;
}

sub release_ledger
{
	my ($other) = @_;
	$other->query_safe('ROLLBACK');
	$other->quit;
	return;
}

my $expected = rows_of($node, 'menuca', $alone);

my ($other, $validation, $leader) = held_worker($validate);
rows_of($node, 'postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE leader_pid = $leader");
wait_for_ledger("pid = $leader");
release_ledger($other);
is(finish_sql($validation)->{stdout}, $expected, 'after its worker was terminated, a validation completes alone');

($other, $validation, $leader) = held_worker($validate);
rows_of($node, 'postgres', "SELECT pg_cancel_backend($leader)");
my $result = finish_sql($validation);
is($result->{error}{state}, '57014', 'it is canceled while it waits for a worker');
is(rows_of($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE leader_pid = $leader"), 0, 'no worker is left');
release_ledger($other);

($other, $validation, $leader) = held_worker(<<"SQL");
DROP TABLE IF EXISTS public.validated;
CREATE TABLE public.validated AS SELECT 'before'::text AS name;
DO \$\$ BEGIN
	PERFORM FROM menuca_validate();
EXCEPTION WHEN query_canceled THEN
	INSERT INTO public.validated SELECT 'canceled';
END \$\$;
INSERT INTO public.validated SELECT name FROM menuca_validate() WHERE name = 'summary'
SQL
rows_of($node, 'postgres', "SELECT pg_cancel_backend($leader)");
$node->poll_query_until('postgres',
	"SELECT query LIKE 'INSERT%' FROM pg_stat_activity WHERE pid = $leader")
  or die 'the transaction does not continue';
wait_for_ledger("$leader IN (pid, leader_pid)");
release_ledger($other);
is(finish_sql($validation)->{error}{state}, '', 'a cancel that is caught');
is(rows_of($node, 'menuca', 'SELECT string_agg(name, \',\') FROM public.validated'),
	'before,canceled,summary', 'and the transaction continues');

done_testing();
