
# Deploying access while others read: no session waits for a table that is not being
# changed, and nobody queues behind one that is busy.  What a deployment cannot lock
# is named with who holds it.  What its own matrix refuses does not go live.

# engines: none

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use MenucaTest;

#
# Initialize node: 40 tables, as a dump of a live platform has them
#

my $node = new_node('main');
make_database($node, 'menuca', fixture('fixture', '--scale', '0.05'),
	extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops',
	load => 0);
rows_of($node, 'menuca', slurp_file('test/pgtap/include/access_tables.psql'));
rows_of($node, 'postgres', <<'SQL');
CREATE ROLE anon NOLOGIN;
CREATE ROLE authenticated NOLOGIN;
CREATE ROLE service_role NOLOGIN BYPASSRLS;
SQL
my $tables = rows_of($node, 'menuca', "SELECT string_agg('menuca_v3.' || table_name, ', ' ORDER BY table_name) FROM ops.menuca_wanted_access WHERE to_regclass('menuca_v3.' || table_name) IS NOT NULL");
my $switched = "SELECT count(*) FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relrowsecurity";
is(rows_of($node, 'menuca', "SELECT count(*) FROM ops.menuca_deploy_access() WHERE status = 'planned'"), 41, '40 tables and the schemas are to be changed');

# A session that holds tables as pg_dump does
sub reader
{
	my ($list) = @_;
	my $session = $node->background_psql('menuca');

	$session->query_safe("BEGIN; LOCK TABLE $list IN ACCESS SHARE MODE");
	return $session;
}

# The exclusive locks on tables that a session has or waits for now: "held waiting";
# a view that policies read is new
sub locks_of
{
	my ($pid) = @_;

	return rows_of($node, 'menuca',
		"SELECT count(*) FILTER (WHERE granted), count(*) FILTER (WHERE NOT granted) FROM pg_locks WHERE pid = $pid AND locktype = 'relation' AND mode = 'AccessExclusiveLock' AND relation IN (SELECT oid FROM pg_class WHERE relkind IN ('r', 'p'))");
}

# The session pauses between two tries
sub wait_for_pause
{
	my ($pid) = @_;

	return $node->poll_query_until('menuca', "SELECT wait_event_type = 'Extension' FROM pg_stat_activity WHERE pid = $pid");
}

#
# The function: all tables together, or nothing
#

note 'In one transaction';

my $reader = reader('menuca_v3.dishes, menuca_v3.users');
my $deployment = start_sql($node, 'menuca', "SELECT count(*) FROM ops.menuca_deploy_access(dry_run => false, lock_timeout => '3 seconds')");
my $pid = wait_for_backend($node, $deployment);

ok(wait_for_pause($pid), 'two tables are read: the deployment waits');
my $samples = 0;
while (rows_of($node, 'menuca', "SELECT count(*) FROM pg_stat_activity WHERE pid = $pid AND state = 'active'") == 1)
{
	my $locks = locks_of($pid);

	# It may have ended, or be about to
	$samples++ if $locks eq '0|0';
	last if $locks ne '0|0';
}
cmp_ok($samples, '>', 0, 'while it waits, it neither holds a table nor queues for one');
is(rows_of($node, 'menuca', "SELECT count(*) FROM pg_locks WHERE pid = $pid AND mode = 'AccessExclusiveLock'"), 0, 'to the end');
my $error = finish_sql($deployment)->{error};
is($error->{state}, '55P03', 'it ends with an error');
is($error->{message}, '2 tables (menuca_v3.dishes, menuca_v3.users) could not be locked within 3000 ms', 'about the tables that are read');
like($error->{detail}, qr/^Session \d+ of role \w+, application \S+ holds it \(AccessShareLock\), idle in transaction, in a transaction since .*\. Nothing was changed\.$/, 'and who reads them');
like($error->{hint}, qr/SELECT pg_terminate_backend\(\d+\);.* CALL ops\.menuca_deploy_access_by_table\(dry_run => false\);$/, 'and has the calls to make');
is(rows_of($node, 'menuca', "$switched; SELECT count(*) FROM ops.menuca_access_change; SELECT count(*) FROM ops.menuca_access_deployment"), "0\n0\n0", 'nothing was done');

#
# The procedure: a table at a time
#

note 'A transaction for each table';

foreach my $statements ('BEGIN; CALL ops.menuca_deploy_access_by_table(dry_run => false)', 'SELECT 1; CALL ops.menuca_deploy_access_by_table(dry_run => false)')
{
	my ($status, $stdout, $stderr) = $node->psql('menuca', undef, extra_params => [ '-v', 'VERBOSITY=verbose', '-c', $statements ]);

	like($stderr, qr/ERROR:  2D000: menuca_deploy_access_by_table cannot run /, "refused: $statements");
	like($stderr, qr/HINT: .*Send this statement by itself: CALL ops\.menuca_deploy_access_by_table\(dry_run => false\);/, 'with the call');
}
is(rows_of($node, 'menuca', $switched), 0, 'nothing was changed');

my @idle = grep { !/\.(dishes|users)$/ } split /, /, $tables;
$deployment = start_sql($node, 'menuca', "CALL ops.menuca_deploy_access_by_table(dry_run => false, lock_timeout => '800 seconds')");
$pid = wait_for_backend($node, $deployment);
my $waited = time;
my $most = 0;
my $reading = $node->background_psql('menuca');

# The server's log has how long each of these reads has waited for a lock
$reading->query_safe("SET log_lock_waits = on; SET deadlock_timeout = '1ms'");
while (rows_of($node, 'menuca', $switched) < 38 && time - $waited < 600)
{
	$reading->query_safe("SELECT 1 FROM $_ LIMIT 1") foreach @idle;
	my ($held, $waiting) = split /\|/, locks_of($pid);
	$most = $held + $waiting if $held + $waiting > $most;
}
$reading->quit;
is(rows_of($node, 'menuca', $switched), 38, 'all tables are deployed but the two that are read');
cmp_ok($most, '<=', 1, 'never more than one table was locked or waited for');
my @waits = sort { $b <=> $a } slurp_file($node->logfile) =~ /acquired AccessShareLock on relation \d+ of database \d+ after ([\d.]+) ms/g;
diag(sprintf '%d reads of 38 idle tables waited for a lock, the longest for %.1f ms', scalar @waits, $waits[0] // 0);

ok(wait_for_pause($pid), 'it pauses between its tries');
is(rows_of($node, 'menuca', "SELECT DISTINCT relation::regclass::text FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND locktype = 'relation' AND relation::regclass::text NOT IN ('menuca_v3.dishes', 'menuca_v3.users') AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"),
	'', 'no other table is locked while it waits for these');
my $other = $node->background_psql('menuca');
my $start = time;
$other->query_safe('SELECT count(*) FROM menuca_v3.dishes') for 1 .. 50;
diag(sprintf '50 reads of a table that it waits for took %.1f ms', (time - $start) * 1000);
pass('readers of a busy table have their turn');
$other->quit;

my $second = error_of($node, 'menuca', 'SELECT ops.menuca_deploy_access(dry_run => false)');
is($second->{message}, 'another session is changing the access to these tables', 'one session at a time');

$reader->query_safe('COMMIT');
my $done = finish_sql($deployment);
like($done->{stdout}, qr/^deployed\|\{"the schemas",/, 'when they are read no more, they are deployed, too');
is(rows_of($node, 'menuca', $switched), 40, 'all 40');
is(rows_of($node, 'menuca', "SELECT DISTINCT status FROM ops.menuca_test_access() WHERE command <> 'all'"), 'PASS', 'the matrix is green');
is(rows_of($node, 'menuca', "CALL ops.menuca_deploy_access_by_table(dry_run => false)"), 'unchanged|{}|41|{}|SELECT * FROM ops.menuca_test_access() WHERE status <> \'PASS\';', 'called again, it has nothing to do');

#
# A dump that holds all tables: none is rolled back, and each is named
#

note 'A dump';

$reader->query_safe("BEGIN; LOCK TABLE $tables IN ACCESS SHARE MODE");
$error = error_of($node, 'menuca', "SELECT * FROM ops.menuca_rollback_access(dry_run => false, lock_timeout => '200ms')");
is($error->{state}, '55P03', 'the function does nothing');
like($error->{message}, qr/^40 tables \(menuca_v3\.\w+, .*, \.\.\.\) could not be locked within 200 ms$/, 'and says how many');
my $kept = rows_of($node, 'menuca', "CALL ops.menuca_rollback_access_by_table(dry_run => false, lock_timeout => '200ms')");
like($kept, qr/^failed\|\{\}\|\{\}\|\{"admin_user_restaurants: table menuca_v3\.admin_user_restaurants could not be locked within 200 ms \(SQLSTATE 55P03\)\. Session \d+ of role/, 'the procedure names each');
like($kept, qr/"the schemas: not rolled back, since 40 of the tables are not: their roles need the schema"/, 'and keeps the schemas');
like($kept, qr/\|CALL ops\.menuca_rollback_access_by_table\(dry_run => false, lock_timeout => '00:00:00\.2'\);$/, 'with the call');
is(rows_of($node, 'menuca', $switched), 40, 'all tables are as they were');
$reader->query_safe('COMMIT');
like(rows_of($node, 'menuca', 'CALL ops.menuca_rollback_access_by_table(dry_run => false)'), qr/^undone\|\{admin_user_restaurants,.*,"the schemas"\}\|\{\}\|\{\}\|/, 'afterwards all are rolled back');
is(rows_of($node, 'menuca', $switched), 0, 'to the last');
is(rows_of($node, 'menuca', 'SELECT count(*) FROM pg_policy'), 0, 'no policy remains');

#
# Tables that depend on each other
#

note 'One after the other';

$reader->query_safe('BEGIN; LOCK TABLE menuca_v3.combo_groups IN ACCESS SHARE MODE');
$kept = rows_of($node, 'menuca', "CALL ops.menuca_deploy_access_by_table(dry_run => false, lock_timeout => '200ms', tables => '{combo_items,combo_groups,combo_steps}')");
like($kept, qr/"combo_items: not deployed, since table \\"combo_groups\\", which its access reads, is not"/, 'a table whose conditions read a busy one waits for it');
is(rows_of($node, 'menuca', $switched), 0, 'none is deployed');
$error = error_of($node, 'menuca', "SELECT ops.menuca_deploy_access(dry_run => false, lock_timeout => '100ms', tables => '{combo_items,combo_groups}', test => false)");
like($error->{hint}, qr/: CALL ops\.menuca_deploy_access_by_table\(dry_run => false, tables => '\{combo_items,combo_groups\}', test => false\);$/, 'the other call has the same arguments');
$reader->query_safe('COMMIT');
is(rows_of($node, 'menuca', "CALL ops.menuca_deploy_access_by_table(dry_run => false, tables => '{combo_items,combo_groups,combo_steps}')"),
	'deployed|{combo_groups,combo_items,combo_steps}|1|{}|SELECT * FROM ops.menuca_test_access() WHERE status <> \'PASS\';', 'in the order in which they read each other');
$reader->query_safe('BEGIN; LOCK TABLE menuca_v3.combo_steps IN ACCESS SHARE MODE');
$kept = rows_of($node, 'menuca', "CALL ops.menuca_rollback_access_by_table(dry_run => false, lock_timeout => '200ms')");
like($kept, qr/"combo_groups: not rolled back, since table \\"combo_(items|steps)\\", whose policies read it, is not"/, 'a table that policies of a busy one read is kept');
is(rows_of($node, 'menuca', $switched), 3, 'all three are as they were');
$reader->query_safe('COMMIT');
like(rows_of($node, 'menuca', 'CALL ops.menuca_rollback_access_by_table(dry_run => false)'), qr/^undone\|\{combo_groups,combo_items,combo_steps,"the schemas"\}\|/, 'afterwards they are rolled back');

#
# Canceled in between: what was deployed stays, and the next call goes on
#

note 'Canceled';

$reader->query_safe('BEGIN; LOCK TABLE menuca_v3.users IN ACCESS SHARE MODE');
$deployment = start_sql($node, 'menuca', "CALL ops.menuca_deploy_access_by_table(dry_run => false, lock_timeout => '800 seconds')");
$pid = wait_for_backend($node, $deployment);
ok($node->poll_query_until('menuca', "SELECT count(*) = 39 FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relrowsecurity"), '39 tables are deployed');
is(rows_of($node, 'menuca', "SELECT pg_cancel_backend($pid)"), 't', 'it is canceled');
is(finish_sql($deployment)->{error}{state}, '57014', 'and reports it');
is(rows_of($node, 'menuca', "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 0, 'the ledger is free');
$reader->query_safe('COMMIT');
$reader->quit;
is(rows_of($node, 'menuca', 'CALL ops.menuca_deploy_access_by_table(dry_run => false)'), 'deployed|{users}|40|{}|SELECT * FROM ops.menuca_test_access() WHERE status <> \'PASS\';', 'the next call deploys the rest');
rows_of($node, 'menuca', 'CALL ops.menuca_rollback_access_by_table(dry_run => false)');

#
# What its own matrix refuses does not go live
#

note 'Refused by the matrix';

# Conditions that read each other: each is right by itself
rows_of($node, 'menuca', <<'SQL');
UPDATE ops.menuca_wanted_access SET public_may_read_where = 'is_active AND EXISTS (SELECT FROM menuca_v3.dishes d WHERE d.course_id = courses.id)' WHERE table_name = 'courses';
UPDATE ops.menuca_wanted_access SET public_may_read_where = 'is_active AND (course_id IS NULL OR EXISTS (SELECT FROM menuca_v3.courses c WHERE c.id = dishes.course_id))' WHERE table_name = 'dishes';
UPDATE ops.menuca_wanted_access SET public_may_read_where = '1 / (id - id) = 1' WHERE table_name = 'marketing_tags';
GRANT USAGE ON SCHEMA menuca_v3 TO anon, authenticated;
GRANT SELECT ON menuca_v3.courses, menuca_v3.dishes, menuca_v3.marketing_tags TO anon, authenticated;
SQL
my @calls = (
	[ 'the function', 'SELECT table_name, status, reasons FROM ops.menuca_deploy_access(dry_run => false)', qr/^(courses|dishes)\|failed\|\{"refused: its matrix fails in \d+ of \d+ cells, so that all changes to it were undone; test => false deploys without the matrix",/m,
		qr/^marketing_tags\|failed\|.*division by zero/m ],
	[ 'the procedure', 'CALL ops.menuca_deploy_access_by_table(dry_run => false)', qr/"(courses|dishes): refused: its matrix fails in \d+ of \d+ cells, so that all changes to it were undone; test => false deploys without the matrix; /,
		qr/"marketing_tags: .*division by zero/ ]);
foreach my $call (@calls)
{
	my ($name, $sql, $refused, $division) = @$call;
	my $result = rows_of($node, 'menuca', $sql);

	like($result, $refused, "$name: one of two tables whose conditions read each other is refused");
	like($result, qr/expected \w+, actual error 42P17 \(infinite recursion detected in policy for relation/, "$name: with the error of the cells");
	like($result, $division, "$name: and one whose condition raises an error");
	is(rows_of($node, 'menuca', $switched), 38, "$name: the others are deployed");
	foreach my $table ('courses', 'dishes', 'marketing_tags')
	{
		is(rows_of($node, 'menuca', "SET ROLE anon; SELECT count(*) >= 0 FROM menuca_v3.$table"),
			't', "$name: a visitor reads $table");
	}
	is(rows_of($node, 'menuca', "SELECT count(*) FROM pg_policy WHERE polrelid = 'menuca_v3.marketing_tags'::regclass"), 0, "$name: the refused table has no policy");
	is(rows_of($node, 'menuca', "SELECT count(*) FROM ops.menuca_access_change WHERE table_name = 'marketing_tags' AND undone_at IS NULL"), 0, "$name: and no entry in the ledger");
	rows_of($node, 'menuca', 'SELECT ops.menuca_rollback_access(dry_run => false)');
}

# A table that others' policies read: what breaks them is refused, too
rows_of($node, 'menuca', <<'SQL');
UPDATE ops.menuca_wanted_access SET public_may_read_where = 'is_active' WHERE table_name IN ('courses', 'dishes');
UPDATE ops.menuca_wanted_access SET public_may_read_where = 'true' WHERE table_name = 'marketing_tags';
UPDATE ops.menuca_wanted_access SET public_may_read_where = 'EXISTS (SELECT FROM menuca_v3.combo_groups g WHERE g.id = combo_items.combo_group_id)' WHERE table_name = 'combo_items';
SELECT ops.menuca_deploy_access(dry_run => false);
SQL
is(rows_of($node, 'menuca', "$switched; SELECT count(*) FROM ops.menuca_test_access('{combo_items,combo_groups}') WHERE status IN ('FAIL', 'ERROR')"), "40\n0", 'a condition reads another table');
rows_of($node, 'menuca', "UPDATE ops.menuca_wanted_access SET public_may_read_where = NULL WHERE table_name = 'combo_groups'");
foreach my $sql ("SELECT status, reasons FROM ops.menuca_deploy_access(dry_run => false, tables => '{combo_groups}') WHERE table_name IS NOT NULL", "CALL ops.menuca_deploy_access_by_table(dry_run => false, tables => '{combo_groups}')")
{
	like(rows_of($node, 'menuca', $sql), qr/^failed\|.*refused: its matrix fails in .*combo_items: public select, row own, public: expected allowed, actual refused/, 'the other table is hidden: so would be the rows of the first');
}
is(rows_of($node, 'menuca', "SELECT count(*) FROM pg_policy WHERE polrelid = 'menuca_v3.combo_groups'::regclass AND polname = 'menuca_visitor_select'"), 1, 'nothing was changed');
rows_of($node, 'menuca', 'SELECT ops.menuca_rollback_access(dry_run => false)');

#
# Somebody who may not become the roles
#

note 'Without membership';

rows_of($node, 'menuca', <<"SQL");
CREATE ROLE keeper LOGIN;
GRANT EXECUTE ON FUNCTION ops.menuca_deploy_access TO keeper;
GRANT EXECUTE ON PROCEDURE ops.menuca_deploy_access_by_table TO keeper;
GRANT USAGE ON SCHEMA ops, menuca_v3 TO keeper WITH GRANT OPTION;
GRANT SELECT ON ALL TABLES IN SCHEMA ops, menuca_v3 TO keeper;
GRANT EXECUTE ON FUNCTION ops.menuca_access_plan TO keeper;
ALTER TABLE menuca_v3.cities OWNER TO keeper;
SQL
my $as_keeper = $node->connstr('menuca') . ' user=keeper';
foreach my $call ("SELECT ops.menuca_deploy_access(dry_run => false, tables => '{cities}')", "CALL ops.menuca_deploy_access_by_table(dry_run => false, tables => '{cities}')")
{
	$error = error_of($node, 'menuca', $call, connstr => $as_keeper);
	is($error->{state}, '42501', 'the matrix cannot be tried: refused');
	like($error->{hint}, qr/^GRANT anon TO keeper; Or deploy without the matrix, which nobody has tried then: test => false\.$/, 'with the remedy');
}
my ($status, $dry, $stderr) = $node->psql('menuca', "SELECT status, reasons, next_step FROM ops.menuca_deploy_access(tables => '{cities}') WHERE table_name = 'cities'", connstr => $as_keeper, extra_params => ['-XAtq']);
is($dry, 'refused|{"the matrix cannot be tried: permission denied to set role \"anon\""}|GRANT anon TO keeper;', 'a dry run says so');
($status, $dry, $stderr) = $node->psql('menuca', "CALL ops.menuca_deploy_access_by_table(dry_run => false, tables => '{cities}', test => false)", connstr => $as_keeper, extra_params => ['-XAtq']);
like($dry, qr/^deployed\|\{"the schemas",cities\}\|0\|\{\}\|/, 'without the matrix, when told so');

log_is_clean($node);
done_testing();
