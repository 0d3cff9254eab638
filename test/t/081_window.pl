
# The maintenance window: a database whose new sessions are read-only, with real
# sessions; what the application does then, what the tickets do, and what is left
# when the server crashes meanwhile.  Then the impact of a change, by samples.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaRunbook;
use MenucaTest;

my $fixture = fixture('fixture', '--scale', '0.05');
my $node = new_node('main', allows_streaming => 1, conf => runbook_conf());

rows_of($node, 'postgres', 'CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role; CREATE ROLE app LOGIN IN ROLE authenticated; CREATE ROLE job LOGIN IN ROLE authenticated;'
	. ' CREATE ROLE runner LOGIN CREATEDB');
make_database($node, 'menuca', $fixture, extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops; ALTER DATABASE menuca SET search_path = ops, public');
hand_over($node, 'menuca', 'runner', qw(menuca_v3 staging));
rows_of($node, 'menuca', <<'SQL');
SELECT menuca_environment('staging', 'menuca', (SELECT system_identifier FROM pg_control_system()));
GRANT USAGE ON SCHEMA menuca_v3 TO authenticated;
GRANT SELECT, UPDATE ON menuca_v3.restaurants TO authenticated;
SQL

my $write = 'UPDATE menuca_v3.restaurants SET name = name WHERE id = (SELECT min(id) FROM menuca_v3.restaurants)';
my @as_app = (connstr => $node->connstr('menuca') . ' user=app');
my @as_job = (connstr => $node->connstr('menuca') . ' user=job');
my @as_runner = (connstr => $node->connstr('menuca') . ' user=runner');
my $setting = q(SELECT coalesce((SELECT option_value FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, pg_options_to_table(setconfig)
	WHERE datname = 'menuca' AND setrole = 0 AND option_name = 'default_transaction_read_only'), 'unset'));

sub state_of_write
{
	my (@params) = @_;
	my $error = error_of($node, 'menuca', $write, @params);

	return $error->{state} || 'done';
}

sub notice_of_status
{
	my ($options) = @_;
	my ($stdout, $stderr) = ('', '');

	$node->psql('menuca', 'SELECT count(*) FROM menuca_status()', stdout => \$stdout, stderr => \$stderr,
		connstr => $node->connstr('menuca') . ($options // ''));
	return "$stdout\n$stderr";
}

#
# Nobody but the owner
#

note 'The owner';

is(error_of($node, 'menuca', 'SELECT * FROM menuca_read_only(true, dry_run => false)', @as_runner)->{message},
	'must be owner of database "menuca"', 'the runner of tickets does not own the database');
rows_of($node, 'postgres', 'ALTER DATABASE menuca OWNER TO runner');
is(rows_of($node, 'menuca', 'SELECT status, value_after FROM menuca_read_only(true)', @as_runner), 'planned|on', 'as its owner he may');
is(rows_of($node, 'menuca', $setting), 'unset', 'a dry run changes nothing');

#
# On: sessions that begin later
#

note 'On';

my $early = $node->background_psql('menuca', extra_params => [ '-U', 'app' ]);
$early->query_safe('SELECT 1');
is(state_of_write(@as_app), 'done', 'before it, the application can write');
my $turned_on = rows_of($node, 'menuca', q(SELECT status || '|' || sessions || '|' || tried FROM menuca_read_only(true, dry_run => false)), @as_runner);
like($turned_on, qr/^on\|1\|a DELETE from menuca_v3\.\w+ as role "authenticated" was refused: .*25006/, 'it is on, one session is connected, and a write as the tenants\' role was refused');
is(rows_of($node, 'menuca', $setting), 'on', 'the database has the setting');
is(state_of_write(@as_app), '25006', 'the application cannot write in a new session');
is(state_of_write(@as_job), '25006', 'nor can another role');
is(rows_of($node, 'menuca', 'SELECT count(*) > 0 FROM menuca_v3.restaurants', @as_app), 't', 'it can read');
is($early->query_safe("BEGIN; $write; ROLLBACK; SELECT 'done'"), 'done', 'a session that was connected keeps what it had, as is said');
like(rows_of($node, 'menuca', 'SELECT detail FROM menuca_read_only(true)'), qr/^New sessions are read-only since .* by runner\. 1 other session is connected/, 'it is named');
my ($end) = rows_of($node, 'menuca', 'SELECT detail FROM menuca_read_only(true)') =~ /to end all of them: (SELECT pg_terminate_backend.*?;)/;
rows_of($node, 'menuca', $end);
$node->poll_query_until('menuca', q(SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'menuca' AND usename = 'app')) or die 'the session is still there';
pass('what is proposed ends it');
eval { $early->quit };
rows_of($node, 'postgres', 'ALTER ROLE job IN DATABASE menuca SET default_transaction_read_only = off');
is(state_of_write(@as_job), 'done', 'a role with a value of its own is not reached');
like(rows_of($node, 'menuca', 'SELECT detail FROM menuca_read_only(true)'), qr/These roles have a value of their own, which counts instead: job \(off\)/, 'and that is said');

#
# What the tickets do
#

note 'The tickets';

like(notice_of_status(), qr/^11\n.*NOTICE:  new sessions of database "menuca" are read-only since .*, by runner\nDETAIL:  This session is one of them\.\nHINT:  .*SET default_transaction_read_only = off;.*SELECT \* FROM ops\.menuca_read_only\(false, dry_run => false\);/s,
	'every status says so, and how to write and to end it');
my $refused = error_of($node, 'menuca', 'SELECT * FROM menuca_ticket(0, dry_run => false)', @as_runner);
is($refused->{state}, '25006', 'a ticket in such a session is refused');
like($refused->{hint}, qr/SET default_transaction_read_only = off; .*SET transaction_read_only = off;/, 'its hint says how it can write');
is(rows_of($node, 'menuca', q(SELECT max(detail) FILTER (WHERE name = 'summary') FROM menuca_ticket(0))), 'Ticket 00 would be COMPLETE; this was a dry run.', 'a dry run needs no more');
foreach my $way ('SET default_transaction_read_only = off;', 'BEGIN; SET transaction_read_only = off;')
{
	like(rows_of($node, 'menuca', "$way SELECT max(detail) FILTER (WHERE name = 'summary') FROM menuca_ticket(0, dry_run => false); COMMIT", @as_runner), qr/Ticket 00 is COMPLETE\./, "with $way it is executed");
}
foreach my $call ('menuca_fix_combos(dry_run => false)', "menuca_sign_off(0, 'A. Person', 'GO')", 'menuca_monitor_sample()', "menuca_announce_window(now(), now() + interval '1 hour')",
	'menuca_read_only(false, dry_run => false)', "menuca_snapshot('x')", "menuca_record_queries('x')")
{
	like(error_of($node, 'menuca', "SELECT $call")->{hint}, qr/SET default_transaction_read_only = off;/, "$call says the same");
}
rows_of($node, 'menuca', 'SET default_transaction_read_only = off; CALL menuca_fix_combos_batched(dry_run => false, batch_size => 100)', @as_runner);
is(rows_of($node, 'menuca', 'SELECT status FROM menuca_runs ORDER BY run_id DESC LIMIT 1'), 'completed', 'a procedure of several transactions, too');

#
# The server crashes while it is on
#

note 'A crash';

kill9_and_start($node);
is(rows_of($node, 'menuca', $setting), 'on', 'it is still on');
is(state_of_write(@as_app), '25006', 'the application still cannot write');
is(rows_of($node, 'menuca', 'SELECT is_on, can_undo, turned_on_by FROM menuca_read_only_state'), 't|t|runner', 'and the record says so');

#
# A standby shows the same, and can change nothing
#

note 'A standby';

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is(rows_of($standby, 'menuca', 'SELECT status, value_after FROM menuca_read_only(true)'), 'unchanged|on', 'a dry run works');
like(error_of($standby, 'menuca', 'SELECT * FROM menuca_read_only(false, dry_run => false)')->{hint}, qr/a standby is read-only/, 'a real call says that this is a standby');
is(rows_of($standby, 'menuca', 'SELECT count(*) FROM menuca_check_impact()'), '2', 'the impact can be judged');
is(rows_of($standby, 'menuca', q(SELECT count(*) FROM menuca_rollback_advice() WHERE advice IS NOT NULL)), '11', 'and a rollback advised');
$standby->stop;

#
# Off
#

note 'Off';

is(rows_of($node, 'menuca', 'SET default_transaction_read_only = off; SELECT status, value_after FROM menuca_read_only(false, dry_run => false)', @as_runner), 'off|', 'it is off');
is(rows_of($node, 'menuca', $setting), 'unset', 'the database has what it had');
is(state_of_write(@as_app), 'done', 'the application can write again');
unlike(notice_of_status(), qr/NOTICE/, 'the status says nothing of it');
is(rows_of($node, 'menuca', q(SELECT string_agg(turned_on::text, ' ' ORDER BY change_id) FROM menuca_read_only_change)), 'true false', 'both are recorded');
is(error_of($node, 'menuca', 'SELECT * FROM menuca_read_only(false, dry_run => false)', @as_runner)->{state}, '55000', 'there is nothing to undo any more');

#
# A transaction that turns it on and fails leaves nothing
#

error_of($node, 'menuca', q(BEGIN; SELECT status FROM menuca_read_only(true, dry_run => false); SELECT 1/0));
is(rows_of($node, 'menuca', "$setting; SELECT count(*) FROM menuca_read_only_change"), "unset\n2", 'an error undoes the setting and the record together');

#
# The impact of a change
#

note 'Impact';

my $impact = q(SELECT string_agg(name || ' ' || status, ', ' ORDER BY check_no) FROM menuca_check_impact(4) WHERE name <> 'summary');
is(rows_of($node, 'menuca', $impact), 'impact_samples SKIP', 'before ticket 4 there is nothing to judge');
is(error_of($node, 'menuca', 'SELECT * FROM menuca_check_impact(5)')->{state}, '22023', 'ticket 5 changes nothing');
rows_of($node, 'menuca', 'SELECT menuca_monitor_sample() FROM generate_series(1, 5)');
rows_of($node, 'menuca', q(SELECT * FROM menuca_ticket(4, dry_run => false, force => true, reason => 'a test')), @as_runner);
is(rows_of($node, 'menuca', 'SELECT string_agg(moment, \' \' ORDER BY sample_id) FROM menuca_sample WHERE ticket_no = 4'), 'before after', 'the ticket takes a sample before and one after it');
like(rows_of($node, 'menuca', $impact), qr/^impact_samples WARN, impact_connections SKIP/, 'without a sample 5 minutes later nothing has passed');
rows_of($node, 'menuca', <<'SQL');
SELECT menuca_monitor_sample();
SELECT menuca_monitor_sample();
UPDATE menuca_ticket_execution SET started_at = started_at - interval '20 minutes', finished_at = finished_at - interval '20 minutes';
UPDATE menuca_sample SET taken_at = taken_at - interval '20 minutes' WHERE sample_id <= (SELECT max(sample_id) - 1 FROM menuca_sample);
UPDATE menuca_sample SET commits = 1000 * sample_id, rollbacks = sample_id, stats_reset = NULL, connections = 3, combo_queries = 0, combo_query_ms = NULL, waiting_locks = 0, hidden = 0;
SQL
is(rows_of($node, 'menuca', $impact), join(', ', map { "impact_$_ PASS" } qw(samples connections combo_queries combo_query_ms rollbacks waiting_locks)), 'six samples before, one right after, one later: nothing was felt');

# A spike is above the mean by three deviations, and by the least rise
my $last = 'sample_id = (SELECT max(sample_id) FROM menuca_sample)';
my $first = q(moment = 'after');
foreach my $case (
	[ "connections = 8 WHERE $last", 'impact_connections', 'PASS', 'five connections more are not above the least rise' ],
	[ "connections = 9 WHERE $last", 'impact_connections', 'WARN', 'six more are a spike' ],
	[ "connections = sample_id * 10", 'impact_connections', 'PASS', 'nothing where it differs as much before' ],
	[ "waiting_locks = 2 WHERE $last", 'impact_waiting_locks', 'FAIL', 'locks that wait 5 minutes later' ],
	[ "waiting_locks = 2 WHERE $first", 'impact_waiting_locks', 'WARN', 'locks that waited right after it' ],
	[ "combo_queries = 9, combo_query_ms = 90 WHERE $last", 'impact_combo_queries', 'WARN', 'nine combo queries at once' ],
	[ "combo_queries = 1, combo_query_ms = 5000 WHERE $last", 'impact_combo_query_ms', 'FAIL', 'one that takes 5 seconds' ],
	[ "rollbacks = rollbacks + 100 WHERE $last", 'impact_rollbacks', 'FAIL', 'a tenth of the transactions rolled back' ],
	[ "hidden = 1 WHERE $last", 'impact_combo_queries', 'SKIP', 'statements that were hidden' ],
	[ "stats_reset = now() WHERE $last", 'impact_rollbacks', 'SKIP', 'counters that were reset' ],
	[ "combo_queries = NULL, combo_query_ms = NULL, connections = NULL", 'impact_connections', 'SKIP', 'samples without figures' ])
{
	my ($change, $name, $status, $what) = @$case;

	like(rows_of($node, 'menuca', "BEGIN; UPDATE menuca_sample SET $change; SELECT status FROM menuca_check_impact(4) WHERE name = '$name'; ROLLBACK"), qr/^(?:$status)$/, $what);
}
is(rows_of($node, 'menuca', "BEGIN; DELETE FROM menuca_sample WHERE sample_id <= (SELECT min(sample_id) + 1 FROM menuca_sample); SELECT status FROM menuca_check_impact(4) WHERE name = 'impact_connections'; ROLLBACK"), 'SKIP', 'fewer than five samples before are no PASS');
is(rows_of($node, 'menuca', q(SELECT count(*) FROM menuca_preview_ticket(5) WHERE name LIKE 'impact%')), '6', 'ticket 5 has these rows');

# What a sample sees of real sessions
my $busy = $node->background_psql('menuca');
$busy->query_until(qr/^/, "SELECT pg_sleep(60) FROM menuca_v3.combo_groups LIMIT 1;\n");
$node->poll_query_until('menuca', q(SELECT combo_queries = 1 FROM menuca_activity)) or die 'the query is not seen';
rows_of($node, 'menuca', 'SELECT menuca_monitor_sample()');
is(rows_of($node, 'menuca', "SELECT connections, combo_queries, combo_query_ms > 0 FROM menuca_sample WHERE $last"), '1|1|t', 'a sample sees a combo query that is running, and for how long');
rows_of($node, 'menuca', q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()));
eval { $busy->quit };

log_is_clean($node);
done_testing();
