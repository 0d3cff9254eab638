
# A ticket is one transaction: others see while it is running, and when the
# server is killed before it is recorded, nothing of it remains.  Then the time
# of statements in samples, for which the server is restarted.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $fixture = fixture('fixture', '--scale', '0.1');
my $node = new_node('main', allows_streaming => 1, conf => <<'CONF');
restart_after_crash = on
menuca.max_query_time = 1000000000
menuca.max_planning_time = 1000000000
menuca.max_access_overhead = 1000000000
CONF

rows_of($node, 'postgres', 'CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role');
make_database($node, 'menuca', $fixture);
rows_of($node, 'menuca', <<'SQL');
SELECT menuca_environment('staging', current_database(), system_identifier) FROM pg_control_system();

-- All is done by then, and not recorded
CREATE FUNCTION staging.brake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(4711);
	RETURN NEW;
END $$;
CREATE TRIGGER brake BEFORE INSERT ON menuca_ticket_execution FOR EACH ROW EXECUTE FUNCTION staging.brake();

-- An index is missing
DROP INDEX IF EXISTS menuca_v3.idx_dishes_restaurant;
SQL

# What a ticket changes: indexes, access, items, and what is recorded of it
my $state = <<'SQL';
SELECT md5(string_agg(indexdef, ';' ORDER BY indexdef)) FROM pg_indexes WHERE schemaname = 'menuca_v3';
SELECT md5(string_agg(format('%s %s %s', c.relname, c.relrowsecurity, c.relacl), ';' ORDER BY c.relname)) FROM pg_class c WHERE c.relnamespace = 'menuca_v3'::regnamespace AND c.relkind = 'r';
SELECT count(*) FROM pg_policies;
SELECT count(*), md5(string_agg(i::text, ';' ORDER BY id)) FROM menuca_v3.combo_items i;
SELECT (SELECT count(*) FROM menuca_ticket_execution), (SELECT count(*) FROM menuca_run), (SELECT count(*) FROM menuca_access_change),
	(SELECT count(*) FROM menuca_created_index), (SELECT count(*) FROM menuca_query_measurement), (SELECT count(*) FROM menuca_snapshots);
SQL

# A backup on paper will do for ticket 01
rows_of($node, 'menuca', "SELECT menuca_register_backup('paper', 'paper', 'by hand', pg_database_size(current_database()) / 4, 'none', clock_timestamp(), clock_timestamp(), true)");

my %deaths = (
	'kill -9 of the postmaster' => sub { kill9_and_start($node); },
	'immediate shutdown' => sub { $node->stop('immediate'); $node->start; },
	'pg_terminate_backend' => sub { rows_of($node, 'postgres', "SELECT pg_terminate_backend($_[0], 10000)"); });

foreach my $no (0 .. 4)
{
	my $call = "SELECT detail FROM menuca_ticket($no, dry_run => false) WHERE name = 'summary'";
	my $before = rows_of($node, 'menuca', $state);

	foreach my $death (sort keys %deaths)
	{
		my $holder = $node->background_psql('menuca');
		$holder->query_safe('SELECT pg_advisory_lock(4711)');
		my $run = start_sql($node, 'menuca', $call);
		my $pid = wait_for_backend($node, $run);

		$node->poll_query_until('menuca', "SELECT count(*) = 1 FROM pg_locks WHERE pid = $pid AND NOT granted AND locktype = 'advisory'")
		  or die "ticket $no was not held";
		if ($death eq 'immediate shutdown')
		{
			is(rows_of($node, 'menuca', "SELECT state FROM menuca_status() WHERE ticket = $no"), 'IN_PROGRESS', "ticket $no: others see that it is running");
			my $error = error_of($node, 'menuca', "SELECT * FROM menuca_ticket($no, dry_run => false)");
			is("$error->{state} $error->{message}", "55P03 ticket 0$no is being run by another session", "ticket $no: and cannot execute it as well");
		}
		$deaths{$death}->($pid);
		finish_sql($run);
		eval { $holder->quit };
		is(rows_of($node, 'menuca', $state), $before, "ticket $no, $death: nothing of it remains");
		is(rows_of($node, 'menuca', "SELECT state, next_call FROM menuca_status() WHERE ticket = $no"),
			"PENDING|SELECT * FROM public.menuca_ticket($no, dry_run => false);", "ticket $no, $death: it is the next one");
	}
	is(rows_of($node, 'menuca', "SET client_min_messages = error; $call"), $no < 4 ? "Ticket 0$no is COMPLETE." : "Ticket 04 is IN_PROGRESS. Its checks have passed; people's part is open: samples of the combos are reviewed by a person.",
		"ticket $no: and then it is complete, as far as it can be without people");
	isnt(rows_of($node, 'menuca', $state), $before, "ticket $no: and leaves something");
}
is(rows_of($node, 'menuca', 'SELECT inserted FROM menuca_runs'), $fixture->{figures}{insert}, 'all items are there');
is(rows_of($node, 'menuca', "SELECT count(*) FROM menuca_index_plan() WHERE name = 'idx_dishes_restaurant' AND action = 'exists'"), 1, 'and the index');
is(rows_of($node, 'menuca', "SELECT string_agg(name, ' ') FROM menuca_check_access(overhead => false) WHERE status IN ('FAIL', 'ERROR')"), '', 'and the access');

#
# The time of statements, where the server counts it
#

SKIP:
{
	my $statements = "SELECT status FROM menuca_monitor_report() WHERE name = 'statement_time'";

	rows_of($node, 'menuca', 'SELECT menuca_monitor_sample() FROM generate_series(1, 2)');
	is(rows_of($node, 'menuca', $statements), 'SKIP', 'without pg_stat_statements the time of statements is not measured');
	skip 'pg_stat_statements is not there', 4
	  if !rows_of($node, 'menuca', "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_stat_statements'");

	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_stat_statements'");
	$node->restart;
	rows_of($node, 'menuca', 'CREATE EXTENSION pg_stat_statements; DELETE FROM menuca_sample; SELECT menuca_monitor_sample()');
	rows_of($node, 'menuca', 'SELECT count(*) FROM menuca_v3.dishes') for 1 .. 5;
	rows_of($node, 'menuca', 'SELECT menuca_monitor_sample()');
	is(rows_of($node, 'menuca', 'SELECT max(statement_calls) - min(statement_calls) >= 5 FROM menuca_sample'), 't', 'statements are counted');

	# How long they took depends on the machine, so a time is put in
	rows_of($node, 'menuca', 'UPDATE menuca_sample s SET statement_ms = f.statement_ms + s.statement_calls - f.statement_calls'
		  . ' FROM (SELECT * FROM menuca_sample ORDER BY sample_id LIMIT 1) f');
	is(rows_of($node, 'menuca', $statements), 'PASS', 'a millisecond each is no alert');
	rows_of($node, 'menuca', 'SELECT pg_sleep(5)');
	rows_of($node, 'menuca', 'SELECT menuca_monitor_sample()');
	is(rows_of($node, 'menuca', $statements), 'FAIL', 'five seconds are an alert');
	rows_of($node, 'menuca', 'SELECT pg_stat_statements_reset()');
	rows_of($node, 'menuca', 'SELECT menuca_monitor_sample()');
	is(rows_of($node, 'menuca', $statements), 'SKIP', 'a difference across a reset is none');
}

$node->stop;
done_testing();
