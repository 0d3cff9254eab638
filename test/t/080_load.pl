
# The program menuca-load: real pgbench sends a restaurant's menu and combos as
# visitors and staff, on a server where a role with the granted rights alone calls
# it.  What it records is judged by counts, and by sleeps that no machine's speed
# explains.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use MenucaBackup;
use MenucaTest;

my $fixture = fixture('fixture', '--scale', '0.02');
my $node = new_node('load', conf => "autovacuum = off\nmax_connections = 60\n");
my $tmp = $PostgreSQL::Test::Utils::tmp_check;

backup_store($node, 'store');
make_database($node, 'menuca', $fixture, extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops', load => 0);
rows_of($node, 'menuca', <<"SQL");
CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE ROLE service_role;
CREATE ROLE loader LOGIN BYPASSRLS;
CREATE ROLE stranger LOGIN BYPASSRLS;
SELECT ops.menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos');
SELECT status FROM ops.menuca_fix_combos(dry_run => false);
SELECT count(*) FROM ops.menuca_deploy_access(dry_run => false);
SQL
grant_purposes($node, 'menuca', 'loader', 'customer');
grant_purposes($node, 'menuca', 'stranger', 'read');

sub load { return finish_backup(start_program('menuca-load', '-d', 'menuca', '-U', 'loader', @_)); }
sub runs { return rows_of($node, 'menuca', 'SELECT count(*) FROM ops.menuca_load_run'); }

sub latest
{
	my ($columns) = @_;

	return rows_of($node, 'menuca', "SELECT $columns FROM ops.menuca_load_runs ORDER BY load_id DESC LIMIT 1");
}

sub judged
{
	my ($condition) = @_;

	return rows_of($node, 'menuca', "SELECT string_agg(name || ' ' || status, ', ' ORDER BY check_no) FROM ops.menuca_check_load() WHERE $condition");
}

sub temporary_files
{
	opendir my $dir, $ENV{TMPDIR} or die;
	return join ' ', grep { /^menuca-/ } readdir $dir;
}

sub is_refused
{
	my ($result, $status, $message, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	is($result->{status}, $status, "$name: fails");
	like($result->{stderr}, $message, "$name: says so");
	is($result->{stdout}, '', "$name: prints no number");
	is(temporary_files(), '', "$name: no file is left");
	return;
}

#
# The call
#

note 'The call';

like(load('--help')->{stdout}, qr/--requests N.*READ ONLY|READ ONLY.*--requests N/s, '--help');
is_refused(load('--request', '5'), 2, qr/There is no option "--request"/, 'an unknown option');
is_refused(load('--requests'), 2, qr/Option --requests needs a value/, 'an option without a value');
is_refused(load("--requests=$_"), 2, qr/must be 1 to 9999999/, "--requests '$_'") foreach '0', '-1', 'many', '', '1e3', '10000000';
is_refused(load('--seed', '; rm'), 2, qr/must be 1 to 9999999/, 'a seed that is no number');
is_refused(load('-d', 'nowhere'), 1, qr/The server cannot be queried/, 'another database');
is_refused(load('-d', 'postgres', '-U', $ENV{USER} // (getpwuid $<)[0]), 1, qr/menuca_migrate is not installed in database "postgres".*--print/s, 'a database without the extension');
is_refused(load(), 1, qr/this database is not registered.*menuca_environment.*Nothing was sent/s, 'a database that is not registered');
rows_of($node, 'menuca', "SELECT * FROM ops.menuca_environment('staging', 'menuca', (SELECT system_identifier FROM pg_control_system()))");
is_refused(load('--requests', '5', '--connections', '6'), 1, qr/6 connections are more than 5 requests/, 'more connections than requests');
is_refused(load('-U', 'stranger'), 1, qr/permission denied for function menuca_load_script/, 'a role that may only read');
{
	local $ENV{PGOPTIONS} = '-c default_transaction_read_only=on';
	is_refused(load(), 1, qr/read-only, so the run could not be recorded.*default_transaction_read_only=off/s, 'read-only sessions');
}
is(runs(), 0, 'nothing was recorded');

#
# A run
#

note 'A run';

my $before = rows_of($node, 'menuca', "SELECT md5(string_agg(g::text, '' ORDER BY id)) FROM menuca_v3.combo_groups g");
my $result = load();
ok($result->{status} == 0 || $result->{status} == 3, 'it is recorded');
is($result->{stdout}, "1\n", 'its number is printed');
like($result->{stderr}, qr/run 1: 100 requests by 10 connections.*PASS Requests that succeeded under load: 100 of 100 \(100.00 %\), errors: 0/s, 'what it shows');
is(latest('requests, connections, errors, seed, run_by'), '100|10|0|1|loader', 'the numbers of staging');
is(latest('p50_low_ms <= p50_ms AND p50_ms <= p50_high_ms AND p50_ms <= p95_ms AND p95_ms <= p99_ms AND p99_ms <= max_ms AND p50_ms > 0'), 't', 'percentiles are in their order');
is(latest('cache_hit_pct BETWEEN 0 AND 100 AND started_at < finished_at AND finished_at <= now()'), 't', 'cache and times');
is(temporary_files(), '', 'no file is left');
is(rows_of($node, 'menuca', "SELECT md5(string_agg(g::text, '' ORDER BY id)) FROM menuca_v3.combo_groups g"), $before, 'nothing is changed');
$result = load('--requests', '23', '--connections', '7', '--seed', '5');
is(latest('requests, connections, errors, seed'), '23|7|0|5', 'any numbers, of which one does not divide the other');
load('--requests', '1');
is(latest('requests, connections'), '1|1', 'one request has one connection');

# What is sent, as the server sees it
$node->append_conf('postgresql.conf', "log_statement = all\nlog_line_prefix = '%u %a '");
$node->reload;
my $log = -s $node->logfile;
load('--requests', '40', '--connections', '4');
my $sent = substr slurp_file($node->logfile), $log;
my @requests = grep { /SET LOCAL ROLE/ } split /\n/, $sent;
is(scalar @requests, 44, 'each request is one message, and each connection sends one more');
is(scalar(grep { !/BEGIN READ ONLY; SET LOCAL row_security = on; SET LOCAL ROLE (anon|authenticated);/ } @requests), 0, 'each begins a READ ONLY transaction and becomes a role');
ok(scalar(grep { /ROLE anon; .*'request.jwt.claims', ''/ } @requests), 'visitors have no claims');
ok(scalar(grep { /ROLE authenticated; .*'request.jwt.claims', '\{"restaurant_id": \d+\}'/ } @requests), 'staff have those of a restaurant');
foreach my $table (qw(dishes combo_groups))
{
	ok(scalar(grep { /FROM menuca_v3.$table / } @requests), "they ask for $table");
}
$node->append_conf('postgresql.conf', 'log_statement = none');
$node->reload;

#
# Errors
#

note 'Errors';

# Every request for combos fails, and none for the menu
rows_of($node, 'menuca', 'CREATE POLICY broken ON menuca_v3.combo_groups AS RESTRICTIVE USING (1 / (id - id) > 0)');
$result = load('--requests', '60', '--connections', '6');
is($result->{status}, 3, 'a run with errors is recorded, and fails');
like($result->{stderr}, qr/Errors of requests:\s+(\d+) ERROR:  division by zero.*FAIL Requests that succeeded under load/s, 'the error is shown with its number');
my ($shown) = $result->{stderr} =~ /(\d+) ERROR:  division by zero/;
is(latest('requests, errors > 0 AND errors < 60'), '60|t', 'all requests were sent, some failed');
is(latest('errors'), $shown, 'as many as were shown');
like(judged("status = 'FAIL'"), qr/load_success FAIL/, 'a check fails');
rows_of($node, 'menuca', 'DROP POLICY broken ON menuca_v3.combo_groups; CREATE POLICY broken ON menuca_v3.restaurants AS RESTRICTIVE USING (1 / (id - id) > 0); REVOKE SELECT ON menuca_v3.dishes FROM anon, authenticated');
load('--requests', '12', '--connections', '3');
is(latest('requests, errors, p50_ms IS NULL'), '12|12|t', 'all of them fail');
is(judged("name IN ('load_success', 'load_p50', 'load_p95')"), 'load_success FAIL, load_p50 FAIL, load_p95 FAIL', 'nothing passes');
rows_of($node, 'menuca', 'DROP POLICY broken ON menuca_v3.restaurants; GRANT SELECT ON menuca_v3.dishes TO anon, authenticated');
{
	# More connections than the server has
	my $runs = runs();
	is_refused(load('--requests', '200', '--connections', '150'), 1, qr/pgbench could not send a request.*accepts 150 more connections/s, 'too many connections');
	is(runs(), $runs, 'nothing is recorded');
}

#
# Compared with a run from before the changes
#

note 'Slower than before';

rows_of($node, 'menuca', "DELETE FROM ops.menuca_load_run; UPDATE ops.menuca_access_change SET made_at = now() - interval '2 hours'; UPDATE ops.menuca_run SET started_at = now() - interval '2 hours', finished_at = now() - interval '2 hours'");
load('--requests', '40', '--connections', '4');
my $limits = rows_of($node, 'menuca', "SELECT p50_ms < 1000 AND p95_ms < 1000 FROM ops.menuca_load_run");
rows_of($node, 'menuca', "UPDATE ops.menuca_load_run SET started_at = started_at - interval '3 hours', finished_at = finished_at - interval '3 hours'");
is(judged("name = 'load_run'"), 'load_run WARN', 'a run from before the last change does not count');

# No machine is so slow that two seconds a request make no difference
rows_of($node, 'menuca', 'CREATE POLICY slow ON menuca_v3.restaurants AS RESTRICTIVE USING (true);
CREATE FUNCTION menuca_v3.slow() RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM pg_sleep(2); RETURN true; END $$;
CREATE POLICY slow ON menuca_v3.combo_groups AS RESTRICTIVE USING ((SELECT menuca_v3.slow()));
CREATE POLICY slow ON menuca_v3.dishes AS RESTRICTIVE USING ((SELECT menuca_v3.slow()))');
$result = load('--requests', '12', '--connections', '4');
is($result->{status}, 3, 'a slow run is recorded, and fails');
SKIP:
{
	skip 'the machine needs more than a second for a request', 1 unless $limits eq 't';
	is(judged("name ~ '^load_p'"), 'load_p50 FAIL, load_p95 FAIL, load_p50_change FAIL, load_p95_change FAIL', 'it is slow, and slower than before');
}

# Combos alone: the times of menus are those of other requests, and count where a fix lies between
rows_of($node, 'menuca', 'DROP POLICY slow ON menuca_v3.dishes');
rows_of($node, 'menuca', "UPDATE ops.menuca_run SET started_at = now() - interval '4 hours', finished_at = now() - interval '4 hours'");
load('--requests', '40', '--connections', '4');
is(latest('p95_ms >= 2000 AND menu_p95_ms IS NOT NULL'), 't', 'combos take two seconds');
SKIP:
{
	skip 'the machine needs more than a second for a request', 2 unless $limits eq 't';
	cmp_ok(latest('menu_p95_ms'), '<', 2000, 'menus do not');
	is(judged("name = 'load_p95_change'"), 'load_p95_change FAIL', 'without a fix between the runs, all requests are compared');
}
my $of_menus = q(SELECT metadata ->> 'of_menus' FROM ops.menuca_check_load() WHERE name = 'load_p95_change');
is(rows_of($node, 'menuca', $of_menus), 'false', 'which it says');
rows_of($node, 'menuca', "UPDATE ops.menuca_run SET finished_at = now() - interval '110 minutes'");
is(rows_of($node, 'menuca', $of_menus), 'true', 'with one, menus are');
rows_of($node, 'menuca', 'UPDATE ops.menuca_load_run SET menu_p50_ms = NULL, menu_p95_ms = NULL');
is(judged(q(name ~ 'change$')), 'load_p50_change SKIP, load_p95_change SKIP', 'unless they are not known');

#
# A script for anywhere
#

note 'A script';

rows_of($node, 'menuca', 'DROP POLICY slow ON menuca_v3.combo_groups');
my $runs = runs();
$result = load('--print', '--requests', '20', '--connections', '4');
is($result->{status}, 0, '--print succeeds');
like($result->{stderr}, qr/Nothing was sent.*not recorded/, 'and says what it does not do');
write_file('load.sh', $result->{stdout});
unlike($result->{stdout}, qr/\bops\b/, 'the script does not need the extension');

# A copy of the tables alone, as in a hosted database
$node->safe_psql('postgres', 'CREATE DATABASE hosted');
$node->command_ok([ 'sh', '-c', "pg_dump -n menuca_v3 -d menuca | sed '/^CREATE POLICY.*menuca_/d; /ops\\./d' | psql -XAtq -d hosted >/dev/null 2>&1; psql -XAtq -d hosted -c 'GRANT USAGE ON SCHEMA menuca_v3 TO anon, authenticated; GRANT SELECT ON ALL TABLES IN SCHEMA menuca_v3 TO anon, authenticated'" ], 'a database without the extension');
my ($stdout, $stderr) = run_command([ 'sh', "$tmp/load.sh", '-U', 'loader', 'hosted' ]);
like($stdout, qr/^20 of 20 requests succeeded\nP50 [\d.]+ ms \(limit 200\), P95 [\d.]+ ms \(limit 500\), longest [\d.]+ ms$/, 'it sends them, and prints the percentiles');
is(runs(), $runs, 'nothing is recorded');

#
# Interrupted
#

note 'Interrupted';

rows_of($node, 'menuca', 'CREATE POLICY slow ON menuca_v3.dishes AS RESTRICTIVE USING ((SELECT menuca_v3.slow()))');
my $handle = start_program('menuca-load', '-d', 'menuca', '-U', 'loader');
$node->poll_query_until('menuca', "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'pgbench'") or die;
kill 'TERM', $handle->{pid};
$result = finish_backup($handle);
is($result->{status}, 143, 'after SIGTERM');
is(temporary_files(), '', 'no file is left');
$node->poll_query_until('menuca', "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'pgbench'") or fail('pgbench is left');
is(runs(), $runs, 'nothing is recorded');

#
# Damage
#

note 'The extension of others';

# The functions may be gone, or not be the extension's
rows_of($node, 'menuca', 'DROP POLICY slow ON menuca_v3.dishes; ALTER TABLE ops.menuca_load_run RENAME TO gone');
is_refused(load(), 1, qr/menuca_load_run/, 'without its table');
rows_of($node, 'menuca', 'ALTER TABLE ops.gone RENAME TO menuca_load_run');
is(load('--requests', '2')->{stdout}, latest('load_id') . "\n", 'with it again');

$node->stop;
done_testing();
