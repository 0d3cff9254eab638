
# The runbook as people go through it, on two clusters, by one role that has the
# granted rights and no more: announced windows, a read-only database, customers'
# view, load, people's part, the impact, the advice, announcements, and the page.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaBackup;
use MenucaRunbook;
use MenucaTest;

my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $fixture = fixture('fixture', '--scale', '0.05');
my %database = (production => 'menuca', staging => 'menuca_staging');
my %node = map { $_ => new_node($_, conf => "max_connections = 60\n" . runbook_conf()) } qw(production staging);

#
# Two clusters; staging is a copy of production
#

foreach my $node (values %node)
{
	rows_of($node, 'postgres', <<'SQL');
CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE ROLE service_role;
CREATE ROLE app LOGIN IN ROLE authenticated;
CREATE ROLE lead LOGIN CREATEDB;
ALTER ROLE lead SET search_path = ops, public;
SQL
}
make_database($node{production}, 'menuca', $fixture, extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops', load => 0);
rows_of($node{production}, 'menuca', "SELECT rows_loaded FROM ops.menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos')");
$node{production}->command_ok([ 'pg_dump', '-Fc', '-f', "$tmp/copy.dump", $node{production}->connstr('menuca') ], 'a dump of production');
rows_of($node{staging}, 'postgres', 'CREATE DATABASE menuca_staging TEMPLATE template0');
$node{staging}->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node{staging}->connstr('menuca_staging'), "$tmp/copy.dump" ], 'is restored on staging');
foreach my $where (qw(production staging))
{
	# As on the platform: its API roles may read, and nothing limits them
	rows_of($node{$where}, $database{$where}, <<'SQL');
GRANT USAGE ON SCHEMA menuca_v3 TO anon, authenticated;
GRANT SELECT ON ALL TABLES IN SCHEMA menuca_v3 TO anon, authenticated;
ALTER TABLE staging.menuca_v1_combos OWNER TO lead;
SQL
	hand_over($node{$where}, $database{$where}, 'lead', qw(menuca_v3 staging));
	rows_of($node{$where}, 'postgres', "ALTER DATABASE $database{$where} OWNER TO lead");
}
backup_store($node{staging}, 'store');

# As the role, in notices too: what it is told
sub lead
{
	my ($where, $sql) = @_;

	return rows_of($node{$where}, $database{$where}, "SET client_min_messages = error;\n$sql", extra_params => [ '-U', 'lead' ]);
}

sub announcement
{
	my ($where, $no, $kind) = @_;

	return lead($where, "SELECT menuca_announcement($no, '$kind')");
}

# A ticket with its announcements and people's part; returns its state
sub ticket
{
	my ($where, $no) = @_;

	like(announcement($where, $no, 'before'), qr/\S/, "$where, $no: it is announced");
	like(announcement($where, $no, 'start'), qr/\S/, "$where, $no: so is its start");
	my $failed = lead($where, "SELECT coalesce(string_agg(concat_ws(' ', name, status, actual, detail), '; '), '') FROM menuca_ticket($no, dry_run => false) WHERE status IN ('FAIL', 'ERROR') AND name <> 'summary'");
	is($failed, '', "$where, $no: no check fails");
	my $state = people_do($node{$where}, $database{$where}, 'lead', $no);
	like(announcement($where, $no, 'done'), qr/\S/, "$where, $no: and its end") if $state eq 'COMPLETE';
	return $state;
}

sub load
{
	my ($where, @options) = @_;
	local $ENV{PGHOST} = $node{$where}->host;
	local $ENV{PGPORT} = $node{$where}->port;
	my $result = finish_backup(start_program('menuca-load', '-d', $database{$where}, '-U', 'lead', @options));

	# 3: it is recorded, and slower than it may be, which depends on the machine; so its times are
	# replaced
	ok($result->{status} == 0 || $result->{status} == 3, "$where: load") or diag($result->{stderr});
	is(rows_of($node{$where}, $database{$where}, 'SELECT menu_p50_ms <= menu_p95_ms FROM ops.menuca_load_runs ORDER BY load_id DESC LIMIT 1'), 't', "$where: of menus, too");
	rows_of($node{$where}, $database{$where}, "UPDATE ops.menuca_load_run SET " . join(', ', map { ("${_}_ms = 5", "${_}_low_ms = 5", "${_}_high_ms = 5") } qw(p50 p95 menu_p50 menu_p95)));
	return lead($where, 'SELECT requests, connections, errors FROM menuca_load_runs ORDER BY load_id DESC LIMIT 1');
}

sub writes
{
	my ($where) = @_;
	my $error = error_of($node{$where}, $database{$where}, 'CREATE TABLE pg_temp.basket (a int)',
		connstr => $node{$where}->connstr($database{$where}) . ' user=app');

	return $error->{state} || 'done';
}

sub page
{
	my ($where) = @_;
	my $html = lead($where, 'SELECT menuca_report()');

	unlike($html, qr/class="missing"/, "$where: every section of the page is there");
	return join ' ', $html =~ /<p class="word">([^<]*)</g;
}

#
# Staging
#

note 'Staging';

my %identity = map { $_ => lead($_, 'SELECT system_identifier FROM pg_control_system()') } qw(staging production);
lead('staging', "SELECT environment FROM menuca_environment('staging', 'menuca_staging', $identity{staging})");
lead('staging', q(SELECT menuca_announce_window(now() - interval '1 minute', now() + interval '1 day', 'the rehearsal')));
is(load('staging'), '100|10|0', 'staging: 100 requests by 10 connections, before anything is changed');
is(ticket('staging', 0), 'COMPLETE', 'staging, 0');
ok(drilled_backup($node{staging}, 'menuca_staging', 'staging-before'), 'staging: a backup, restored to try it');
is(ticket('staging', 1), 'COMPLETE', 'staging, 1');
is(lead('staging', q(SELECT count(*) > 0 FROM menuca_snapshot('before', '{combo_items}'))), 't', 'staging: a snapshot');
is(ticket('staging', $_), 'COMPLETE', "staging, $_") foreach 2 .. 4;

note 'Each way back is rehearsed';

is(lead('staging', q(SELECT string_agg(rollback_option, ' ') FROM menuca_rehearsal WHERE minutes IS NOT NULL)), 'restore', 'by the drill of the backup, the last one only');
foreach my $function (qw(menuca_rollback menuca_rollback_access menuca_rollback_indexes))
{
	my @calls = grep { /\.$function\(/ } split /\n/, lead('staging', 'SELECT statement FROM menuca_rollback_guide() ORDER BY position');

	cmp_ok(scalar @calls, '>', 0, "the guide has a call of $function()");
	lead('staging', $_) foreach @calls;
}
is(lead('staging', q(SELECT string_agg(state || ' ' || coalesce((SELECT title FROM menuca_ticket_open WHERE ticket_no = ticket LIMIT 1), ''), ', ' ORDER BY ticket) FROM menuca_status() WHERE ticket BETWEEN 2 AND 4)),
	'FAILED its indexes were dropped, FAILED its row level security was rolled back, FAILED its runs were rolled back', 'the tickets are void');
lead('staging', q(SELECT count(*) FROM menuca_restore_snapshot('before', dry_run => false, force => true)));
is(lead('staging', q(SELECT string_agg(rollback_option, ' ') FROM menuca_rehearsal WHERE minutes IS NOT NULL)), 'items indexes access snapshot restore', 'all five');
like(announcement('staging', $_, 'rolled_back'), qr/is rolled back on staging.*- Open: its .* (?:rolled back|dropped)/s, "staging, $_: its rollback is announced") foreach 2 .. 4;
is(ticket('staging', $_), 'COMPLETE', "staging, $_ again") foreach 2 .. 4;

note 'Validation';

is(lead('staging', q(SELECT count(*) FILTER (WHERE status IN ('FAIL', 'ERROR')) FROM menuca_check_customer_view())), 0, 'staging: customers see the combos');
cmp_ok(lead('staging', 'SELECT count(*) FROM menuca_customer_view()'), '>', 0, 'staging: as a list');
is(load('staging'), '100|10|0', 'staging: 100 requests by 10 connections, after it');
long_ago($node{staging}, $database{staging});
take_samples($node{staging}, $database{staging}, 4, 30);
is(ticket('staging', 5), 'COMPLETE', 'staging, 5');
is(lead('staging', q(SELECT status FROM menuca_preview_ticket(5) WHERE name = 'rehearsals')), 'PASS', 'each way back took less than 15 minutes');
is(lead('staging', q(SELECT count(*) FROM menuca_rollback_advice() WHERE advice = 'IMMEDIATE')), 0, 'staging: nothing advises a rollback');
is(lead('staging', q(SELECT menuca_sign_off(5, 'A. Lead', 'GO', 'a quiet night'))), 'GO', 'staging: signed off');
is(page('staging'), 'GO', 'staging: the page says GO');

#
# Production
#

note 'Production';

lead('production', "SELECT environment FROM menuca_environment('production', 'menuca', $identity{production})");
my $verdict = lead('staging', 'SELECT menuca_export_verdict()');
is(lead('production', "SELECT menuca_import_verdict(\$verdict\$$verdict\$verdict\$)"), 'GO', 'production: staging\'s verdict');
is(lead('production', q(SELECT string_agg(DISTINCT rehearsed_on, ' ') FROM menuca_rehearsal)), 'staging', 'with the minutes of its rehearsals');
is(page('production'), 'NO-GO', 'production: the page does not say GO yet');
lead('production', q(SELECT menuca_announce_window(now() + interval '1 day', now() + interval '26 hours', 'the night')));
is(load('production'), '200|20|0', 'production: 200 requests by 20 connections, before anything is changed');
is(ticket('production', 0), 'COMPLETE', 'production, 0');
lead('production', q(SELECT menuca_sign_off(5, 'B. Owner', 'GO', 'announced, two people')));
is(lead('production', q(SELECT status FROM menuca_preview_ticket(6) WHERE name = 'window')), 'WARN', 'production, 6: a ticket before the window is a WARN');
lead('production', q(SELECT menuca_announce_window(now() - interval '1 minute', now() + interval '2 hours', 'the night')));
is(lead('production', q(SELECT status FROM menuca_preview_ticket(6) WHERE name = 'window')), 'PASS', 'production, 6: in the window it is none');

is(writes('production'), 'done', 'production: the application writes');
like(lead('production', 'SELECT tried FROM menuca_read_only(true, dry_run => false)'), qr/25006/, 'production: new sessions are read-only');
is(writes('production'), '25006', 'production: so it cannot any more');
my $may_write = 'SET default_transaction_read_only = off;';
like(lead('production', "$may_write SELECT status FROM menuca_read_only(false, dry_run => false)"), qr/^off/, 'production: no more');
ok(drilled_backup($node{production}, 'menuca', 'production-before'), 'production: a backup');
is(ticket('production', 6), 'COMPLETE', 'production, 6');
lead('production', 'SELECT menuca_begin_indexes()');
lead('production', "SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') \\gexec");
is(ticket('production', 7), 'COMPLETE', 'production, 7');
lead('production', 'CALL menuca_deploy_access_by_table(dry_run => false)');
is(ticket('production', 8), 'COMPLETE', 'production, 8');
lead('production', 'SELECT menuca_monitor_sample() FROM generate_series(1, 5)');
is(ticket('production', 9), 'COMPLETE', 'production, 9');
like(lead('production', q(SELECT string_agg(status, ' ') FROM menuca_check_impact(9) WHERE name = 'impact_samples')), qr/^WARN$/, 'production, 9: its impact, before five minutes have passed');
is(load('production'), '200|20|0', 'production: 200 requests by 20 connections, after it');
long_ago($node{production}, $database{production});
take_samples($node{production}, $database{production}, 24, 120);
is(ticket('production', 10), 'COMPLETE', 'production, 10');
is(lead('production', q(SELECT string_agg(trigger || ' ' || advice, ', ') FROM menuca_rollback_advice() WHERE advice NOT IN ('NONE', 'UNKNOWN'))), '', 'production: nothing advises a rollback');
is(lead('production', q(SELECT menuca_sign_off(10, 'A. Lead', 'GO', 'it holds'))), 'GO', 'production: signed off');
is(page('production'), 'GO', 'production: the page says GO');
is(lead('production', q(SELECT string_agg(state, ' ' ORDER BY ticket) FROM menuca_status() WHERE ticket IN (0, 6, 7, 8, 9, 10))), 'COMPLETE COMPLETE COMPLETE COMPLETE COMPLETE COMPLETE', 'production: all is done');
like(lead('production', 'SELECT menuca_execution_log()'), qr/^- Verdict: \*\*GO\*\*$/m, 'production: so says the log');

foreach my $node (values %node)
{
	$node->stop;
	log_is_clean($node);
}

done_testing();
