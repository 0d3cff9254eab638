
# The real schema's shape: its access from the plan to the rollback, and the
# runbook to the tickets that deploy indexes and access on production.

use strict;
use warnings;

use List::Util qw(min);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use MenucaRunbook;
use MenucaTest;

my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $fixture = fixture('fixture', '--shape', 'real');
my $production = new_node('production', conf => runbook_conf());
my $staging = new_node('staging', conf => runbook_conf());
my %node = (production => $production, staging => $staging);
my %database = (production => 'menuca', staging => 'menuca_staging');

# The platform's roles come with the schema; those who deploy act as them
foreach my $node ($production, $staging)
{
	rows_of($node, 'postgres', 'CREATE ROLE runner LOGIN CREATEDB; ALTER ROLE runner SET search_path = ops, public');
}
make_database($production, 'menuca', $fixture, extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops', load => 0);

# The lines that are in one text alone
sub difference
{
	my ($before, $after) = @_;
	my %before = map { $_ => 1 } split /\n/, $before;
	my %after = map { $_ => 1 } split /\n/, $after;

	return join "\n", (map { "-$_" } grep { !$after{$_} } sort keys %before), (map { "+$_" } grep { !$before{$_} } sort keys %after);
}

# The bytes that a session of production uses, as it logs them itself
sub memory_of
{
	my ($pid) = @_;
	my $offset = -s $production->logfile;

	# A lock timeout at the same moment makes the server forget the request until the next signal
	foreach (1 .. 600)
	{
		rows_of($production, 'postgres', "SELECT pg_log_backend_memory_contexts($pid)");
		foreach (1 .. 10)
		{
			usleep 100_000;
			return $1 if substr(slurp_file($production->logfile), $offset) =~ /Grand total: .* (\d+) used/;
		}
	}
	die 'no total';
}

#
# Plan, deployment, matrix, rollback
#

copy_database($production, 'menuca', 'tried');

# All that a deployment may change: row security, policies, privileges on the schema, tables, columns, sequences and functions
my $state = <<'SQL';
SELECT string_agg(s, E'\n' ORDER BY s) FROM (
	SELECT format('%s %s %s %s', oid::regclass, relrowsecurity, relforcerowsecurity, ARRAY(SELECT a::text FROM unnest(relacl) a ORDER BY 1)) AS s
	FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace
	UNION ALL
	SELECT format('%s.%s %s', attrelid::regclass, attname, ARRAY(SELECT a::text FROM unnest(attacl) a ORDER BY 1))
	FROM pg_attribute WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace) AND attacl IS NOT NULL
	UNION ALL
	SELECT p::text FROM pg_policies p
	UNION ALL
	SELECT format('%s %s', oid::regprocedure, proacl) FROM pg_proc WHERE pronamespace IN ('menuca_v3'::regnamespace, 'auth'::regnamespace)
	UNION ALL
	SELECT format('%s %s', nspname, ARRAY(SELECT a::text FROM unnest(nspacl) a ORDER BY 1)) FROM pg_namespace WHERE nspname IN ('menuca_v3', 'auth')
	UNION ALL
	SELECT format('%s %s %s', defaclnamespace::regnamespace, defaclobjtype, defaclacl) FROM pg_default_acl) t
SQL
my $rows = "SELECT string_agg(format('%s %s', relname, (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %s', oid::regclass), false, true, '')))[1]), ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relkind IN ('r', 'p')";
my %before = (state => rows_of($production, 'tried', $state), rows => rows_of($production, 'tried', $rows));

is(rows_of($production, 'tried', "SELECT count(*) FROM ops.menuca_access_plan() WHERE action IN ('impossible', 'absent')"), 0, 'all of the plan is possible');
is( rows_of($production, 'tried', "SELECT count(DISTINCT table_name) FROM ops.menuca_access_plan() WHERE action = 'enable_rls'"),
	61, 'it covers all 61 tables, partitions among them');
is( rows_of($production, 'tried', "SELECT string_agg(DISTINCT status, ' ') FROM ops.menuca_deploy_access(dry_run => false)"), 'deployed', 'they are deployed');
is( rows_of($production, 'tried', "SELECT count(*) FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relkind IN ('r', 'p') AND NOT relrowsecurity"),
	0, 'row security is on for each of them');
is( rows_of($production, 'tried', "SELECT string_agg(format('%s %s %s %s: %s', table_name, role_kind, command, row_case, coalesce(actual, detail)), E'\\n') FROM ops.menuca_test_access() WHERE status <> 'PASS'"),
	'', 'every cell of the matrix passes');
is(rows_of($production, 'tried', $rows), $before{rows}, 'and has left no row behind');
is( rows_of($production, 'tried', "SELECT string_agg(name, ' ') FROM ops.menuca_check_access(matrix => false, overhead => false) WHERE status IN ('FAIL', 'ERROR')"),
	'', 'no check fails');
is( rows_of($production, 'tried', 'SELECT string_agg(query || role_kind, \' \') FROM ops.menuca_access_overhead(executions => 9) WHERE NOT same_plan OR owner_buffers <> role_buffers'),
	'', 'queries of the menu have the plans, and need the pages, of those with the conditions written out');
is( rows_of($production, 'tried', "SELECT string_agg(DISTINCT status, ' ') FROM ops.menuca_rollback_access(dry_run => false)"), 'undone', 'all of it is rolled back');
is(difference($before{state}, rows_of($production, 'tried', $state)), '', 'to the byte');

#
# A table at a time, while somebody reads two of them: whoever reads another one waits for its own change alone
#

copy_database($production, 'menuca', 'busy');
my $left = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relkind IN ('r', 'p') AND NOT relrowsecurity";
my @idle = split /\n/, rows_of($production, 'busy', "SELECT oid::regclass FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relkind = 'r' AND NOT relispartition AND relname NOT IN ('dishes', 'users')");
my $waiting = 'dish_allergens dish_combo_groups dish_dietary_tags dish_prices dish_translations dishes modifier_groups users';
my $reader = $production->background_psql('busy');
$reader->set_query_timer_restart;
$reader->query_safe('BEGIN; LOCK TABLE menuca_v3.dishes, menuca_v3.users IN ACCESS SHARE MODE');
my $deployment = start_sql($production, 'busy', "CALL ops.menuca_deploy_access_by_table(dry_run => false, lock_timeout => '800 seconds')");
my $pid = wait_for_backend($production, $deployment);
my $reading = $production->background_psql('busy');
$reading->set_query_timer_restart;
my $most = 0;
my $began = time;

# The server's log has how long each of these reads has waited for a lock
$reading->query_safe("SET log_lock_waits = on; SET deadlock_timeout = '1ms'");
while (rows_of($production, 'busy', $left) ne $waiting && time - $began < 600)
{
	$reading->query_safe(join ";\n", map { "SELECT FROM $_ LIMIT 0" } @idle);
	my $locks = rows_of($production, 'busy', "SELECT count(*) FROM pg_locks WHERE pid = $pid AND locktype = 'relation' AND mode = 'AccessExclusiveLock' AND relation IN (SELECT oid FROM pg_class WHERE relkind IN ('r', 'p'))");
	$most = $locks if $locks > $most;
}
$reading->quit;
is(rows_of($production, 'busy', $left), $waiting, 'all 61 are deployed but the two that are read, and those whose access reads these');
cmp_ok($most, '<=', 1, 'never more than one was locked or waited for');
my @waits = sort { $b <=> $a } slurp_file($production->logfile) =~ /acquired AccessShareLock on relation \d+ of database \d+ after ([\d.]+) ms/g;
diag(sprintf '%d reads of %d idle tables waited for a lock, the longest for %.1f ms', scalar @waits, scalar @idle, $waits[0] // 0);

# Each round plans the remaining tables again, with memory that it gives back: the least of ten seconds is what is left of it
my @bytes = map { min(map { sleep 1; memory_of($pid) } 1 .. 10) } 1 .. 2;
cmp_ok($bytes[1] - $bytes[0], '<', 1024 * 1024, 'the memory of what waits does not grow');
$reader->query_safe('COMMIT');
$reader->quit;
is(finish_sql($deployment)->{status}, 0, 'they follow');
is(rows_of($production, 'busy', $left), '', 'all 61');

#
# The runbook
#

hand_over($production, 'menuca', 'runner', qw(menuca_v3 staging));
my $copy = "$tmp/copy.dump";
$production->command_ok([ 'pg_dump', '-Fc', '-f', $copy, $production->connstr('menuca') ], 'a dump of production');
rows_of($staging, 'postgres', <<'SQL');
CREATE ROLE anon NOLOGIN NOINHERIT;
CREATE ROLE authenticated NOLOGIN NOINHERIT;
CREATE ROLE service_role NOLOGIN NOINHERIT BYPASSRLS;
CREATE DATABASE menuca_staging TEMPLATE template0;
SQL
$staging->command_ok([ 'pg_restore', '--exit-on-error', '-d', $staging->connstr('menuca_staging'), $copy ], 'is restored on staging');
hand_over($staging, 'menuca_staging', 'runner', qw(menuca_v3 staging));

# As the role
sub by_runner
{
	my ($where, $sql) = @_;

	return rows_of($node{$where}, $database{$where}, $sql, extra_params => [ '-U', 'runner' ]);
}

# What failed in a ticket, and its result
sub ticket
{
	my ($where, $no) = @_;

	return by_runner($where, <<"SQL");
SET client_min_messages = error;
SELECT string_agg(name || ' ' || status || ': ' || coalesce(actual, '') || ' ' || coalesce(detail, ''), ', ' ORDER BY check_no) FILTER (WHERE status IN ('FAIL', 'ERROR') AND name <> 'summary'),
	max(detail) FILTER (WHERE name = 'summary')
FROM menuca_ticket($no, dry_run => false)
SQL
}

sub register
{
	my ($where) = @_;
	my $identity = by_runner($where, 'SELECT system_identifier FROM pg_control_system()');

	return by_runner($where, "SELECT environment FROM menuca_environment('$where', '$database{$where}', $identity)");
}

sub load
{
	my ($where) = @_;

	return rows_of($node{$where}, $database{$where},
		"SELECT rows_loaded FROM ops.menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos'); ALTER TABLE staging.menuca_v1_combos OWNER TO runner; ANALYZE staging.menuca_v1_combos");
}

is(register('staging'), 'staging', 'staging is registered');
like(ticket('staging', 0), qr/^\|Ticket 00 is COMPLETE/, '00: pre-flight');
ok(drilled_backup($staging, 'menuca_staging', 'staging-before'), 'a backup, restored to try it');
like(ticket('staging', 1), qr/^\|Ticket 01 is COMPLETE/, '01: backup');
like(ticket('staging', 2), qr/^\|Ticket 02 is COMPLETE/, '02: indexes');
like(ticket('staging', 3), qr/^\|Ticket 03 is COMPLETE/, '03: access');
load('staging');
like(ticket('staging', 4), qr/^visitor_empty FAIL: .*visitor_few FAIL: .*\|Ticket 04 is FAILED/s, '04: combos, and what restaurants did with their menus');
by_runner('staging', "SELECT menuca_accept(figure, bound, 'restaurants switch dishes off', 'A. Lead') FROM (VALUES ('empty_combos', 2), ('item_count', NULL)) v(figure, bound)");
like(ticket('staging', 4), qr/^\|Ticket 04 is IN_PROGRESS\. Its checks have passed/, '04: which a person accepts');
is(people_do($staging, 'menuca_staging', 'runner', 4), 'COMPLETE', '04: people look at samples');
long_ago($staging, 'menuca_staging');
take_samples($staging, 'menuca_staging', 4, 30);
like(ticket('staging', 5), qr/^\|Ticket 05 is IN_PROGRESS\. Its checks have passed/, '05: four hours, and everything else');
is(people_do($staging, 'menuca_staging', 'runner', 5), 'COMPLETE', '05: people try the platform');
is(by_runner('staging', "SELECT menuca_sign_off(5, 'A. Lead', 'GO', 'quiet night')"),
	'GO, with accepted figures: empty_combos up to 2 %, by A. Lead: restaurants switch dishes off; item_count, by A. Lead: restaurants switch dishes off', '05: GO');

is(register('production'), 'production', 'production is registered');
like(ticket('production', 0), qr/^\|Ticket 00 is COMPLETE/, '00: pre-flight of production');
is(by_runner('production', "SELECT menuca_import_verdict('@{[ by_runner('staging', 'SELECT menuca_export_verdict()') ]}')"), 'GO', 'the verdict is imported');
ok(drilled_backup($production, 'menuca', 'production-before'), 'a backup of production');
like(ticket('production', 6), qr/^\|Ticket 06 is IN_PROGRESS\. Its checks have passed/, '06: backup');
is(people_do($production, 'menuca', 'runner', 6), 'COMPLETE', '06: all are ready');
by_runner('production', 'SELECT menuca_begin_indexes()');
is(finish_sql(start_sql($production, 'menuca',
			"SET SESSION AUTHORIZATION runner;\nSET search_path = ops, public;\nSELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') \\gexec\n"))->{status},
	0, '07: psql builds them');
like(ticket('production', 7), qr/^\|Ticket 07 is COMPLETE/, '07: indexes');
like(ticket('production', 8), qr/^\|Ticket 08 is COMPLETE/, '08: access');

done_testing();
