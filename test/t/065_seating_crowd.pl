
# Sixteen sessions on one evening, with the guarantees deployed: the same bookings by hand,
# by the planner and by holds, moves, cancellations, walk-ins, a day run now and then, and
# sessions that confirm and rob bookings by plain SQL.  Then a backend is killed, so that
# the server starts again by itself, several times.  Failures 1, 6, 7, 22 and 23 of other
# systems would show here.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

use MenucaTest;

our $TODO;

my $node = new_node('main', conf => "max_connections = 30\nrestart_after_crash = on\n");
my $tmp = $PostgreSQL::Test::Utils::tmp_check;

$node->safe_psql('postgres', 'CREATE DATABASE evening');
$node->safe_psql('evening', 'CREATE EXTENSION menuca_seating;');
$node->safe_psql('evening', slurp_file("test/fixture/seating/$_.sql")) foreach 'schema', 'evening';
$node->safe_psql('evening', <<'SQL');
SELECT count(*) FROM menuca_seating_set(NULL, '{"turn_times": {"20": 120}, "max_overage": 2, "k_max": 3}');
SELECT count(*) FROM menuca_seating_deploy(dry_run => false);
CREATE FUNCTION room() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5('restaurant')::uuid $$;
CREATE TABLE answer (call text, state text);

-- One call of a kind, for a booking and dining tables by chance; what is deferred is checked at once
CREATE FUNCTION crowd(kind text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	b uuid := md5('booking ' || 1 + floor(random() * 76)::int)::uuid;
	t uuid[] := ARRAY(SELECT id FROM table_inventory WHERE zone_id = (SELECT id FROM zones ORDER BY random() LIMIT 1) ORDER BY random() LIMIT 1 + floor(random() * 2)::int);
	at timestamptz := '2025-11-15 17:00+00'::timestamptz + floor(random() * 20) * interval '15 min';
	h uuid := (SELECT id FROM table_holds ORDER BY random() LIMIT 1);
	state text := '00000';
BEGIN
	BEGIN
		CASE kind
		WHEN 'auto' THEN SELECT outcome INTO state FROM menuca_auto_assign(b);
		WHEN 'by hand' THEN PERFORM menuca_assign_tables(b, t, CASE WHEN random() < 0.5 THEN b::text END, '{overage}');
		WHEN 'hold' THEN PERFORM menuca_hold_tables(room(), CASE WHEN random() < 0.5 THEN t END, at, party_size => 1 + floor(random() * 6)::int, ttl => random() * interval '1 s' + '1 ms', booking => CASE WHEN random() < 0.5 THEN b END);
		WHEN 'confirm hold' THEN IF h IS NOT NULL THEN PERFORM menuca_confirm_hold(h, COALESCE((SELECT booking_id FROM table_holds WHERE id = h), b), force => '{overage}'); END IF;
		WHEN 'release' THEN IF h IS NOT NULL THEN PERFORM CASE WHEN random() < 0.5 THEN menuca_extend_hold(h, '1 s')::text ELSE menuca_release_hold(h)::text END; END IF;
		WHEN 'move' THEN PERFORM menuca_move_booking(b, at);
		WHEN 'unassign' THEN PERFORM menuca_unassign_tables(b);
		WHEN 'walk-in' THEN PERFORM menuca_seat_walk_in(room(), 1 + floor(random() * 4)::int, start_at => at);
			UPDATE bookings SET status = 'completed' WHERE id = (SELECT id FROM bookings WHERE status = 'checked_in' ORDER BY random() LIMIT 1);
		WHEN 'day' THEN PERFORM menuca_auto_assign_day(room(), '2025-11-15', false, CASE WHEN random() < 0.5 THEN 'none' ELSE 'unlocked' END);
		-- The release trigger takes what a cancelled booking has
		WHEN 'sql cancel' THEN UPDATE bookings SET status = CASE status WHEN 'cancelled' THEN 'pending' ELSE 'cancelled' END::booking_status WHERE id = b AND status <> 'checked_in';
		WHEN 'sql confirm' THEN UPDATE bookings SET status = 'confirmed' WHERE id = b AND status = 'pending';
		WHEN 'sql rob' THEN DELETE FROM booking_table_assignments WHERE booking_id = b;
		WHEN 'sql rob one' THEN DELETE FROM booking_table_assignments WHERE booking_id = b AND table_id = ANY (t);
		WHEN 'sql grow' THEN UPDATE bookings SET party_size = party_size + CASE WHEN random() < 0.5 THEN 1 ELSE -1 END WHERE id = b AND party_size BETWEEN 2 AND 13;
		WHEN 'sql later' THEN UPDATE bookings SET start_at = at WHERE id = b;
		END CASE;
		SET CONSTRAINTS ALL IMMEDIATE;
		SET CONSTRAINTS ALL DEFERRED;
	EXCEPTION WHEN OTHERS THEN
		state := SQLSTATE;
	END;
	-- What is not committed yet is what the others must wait for
	PERFORM pg_sleep(random() * 0.01);
	INSERT INTO answer VALUES (kind, state);
END $$;

-- What must never be
CREATE VIEW blocking AS SELECT a.*, b.start_at AS comes, b.party_size FROM booking_table_assignments a JOIN bookings b ON b.id = a.booking_id WHERE b.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in');
CREATE VIEW wrong AS
SELECT 'a dining table twice' AS what, count(*) FROM blocking a JOIN blocking b ON a.table_id = b.table_id AND a.id < b.id AND a.start_at < b.end_at AND b.start_at < a.end_at
UNION ALL
SELECT 'held and taken', count(*) FROM blocking a JOIN table_hold_members m ON m.table_id = a.table_id JOIN table_holds h ON h.id = m.hold_id AND h.start_at < a.end_at AND a.start_at < h.end_at AND h.expires_at > clock_timestamp() AND h.booking_id IS DISTINCT FROM a.booking_id
UNION ALL
SELECT 'confirmed without a dining table', count(*) FROM bookings b WHERE status = 'confirmed' AND NOT EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = b.id)
UNION ALL
SELECT 'cancelled with one', count(*) FROM bookings b WHERE status = 'cancelled' AND EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = b.id)
UNION ALL
SELECT 'two sets', count(*) FROM (SELECT FROM blocking GROUP BY booking_id HAVING count(DISTINCT (start_at, end_at)) > 1 OR count(*) > 3 OR count(DISTINCT merge_group_id) > 1) x
UNION ALL
SELECT 'rows of another time', count(*) FROM blocking WHERE start_at <> comes
UNION ALL
SELECT 'attempts that the log and the answers count differently', abs((SELECT count(*) FROM menuca_seating_attempt WHERE scope = 'booking') - (SELECT count(*) FROM answer WHERE call = 'auto' AND state !~ '^[0-9M]'));
SQL

# Kinds of calls, and how often each comes
my %kinds = ('auto' => 16, 'by hand' => 10, 'hold' => 8, 'confirm hold' => 8, 'release' => 4, 'move' => 10, 'unassign' => 4, 'walk-in' => 4, 'day' => 1, 'sql cancel' => 8, 'sql confirm' => 5, 'sql rob' => 4, 'sql rob one' => 4, 'sql grow' => 4, 'sql later' => 4);
my @scripts;
foreach my $kind (sort keys %kinds)
{
	my $file = "$tmp/" . ($kind =~ tr/ /_/r) . '.sql';

	open my $out, '>', $file or die $!;
	print $out "SELECT crowd('$kind');\n";
	close $out;
	push @scripts, '-f', "$file\@$kinds{$kind}";
}

# What was wrong at some moment
my %seen;

sub start_crowd
{
	my ($seconds, $out, $err) = @_;

	return IPC::Run::start([ 'pgbench', '-n', '-c', 16, '-j', 2, '-T', $seconds, @scripts, '-h', $node->host, '-p', $node->port, 'evening' ], '>', $out, '2>', $err);
}

sub look
{
	my ($out);

	# The server may be starting again
	return unless $node->psql('evening', 'SELECT what FROM wrong WHERE count <> 0', stdout => \$out) == 0;
	$seen{$_} = 1 foreach split /\n/, $out;
	return;
}

sub nothing_is_wrong
{
	my ($name) = @_;

	is($node->safe_psql('evening', 'SELECT what, count FROM wrong WHERE count <> 0'), '', "$name: nothing is wrong");
	is(join(', ', sort keys %seen), '', "$name: nor was it at any moment");

	# Plain SQL hears of constraints; calls of the extension only what they are known to say.
	# Deadlocks with plain SQL are counted below.
	is( $node->safe_psql('evening', "SELECT call, state, count(*) FROM answer WHERE state !~ CASE WHEN call LIKE 'sql %' THEN '^(00000|23514|23P01|40P01)\$' WHEN call = 'unassign' THEN '^(MC04[15]|00000)\$'"
			  . " ELSE '^(MC04[0-5]|00000|assigned|already|none|state|conflict)\$' END GROUP BY 1, 2"),
		'', "$name: refusals only");
	note($node->safe_psql('evening', 'SELECT call, state, count(*) FROM answer GROUP BY 1, 2 ORDER BY 1, 2'));
	return;
}

note 'sixteen sessions';

my ($out, $err);
my $crowd = start_crowd(12, \$out, \$err);
my $end = time + 11.5;
while (time < $end)
{
	usleep(300_000);
	look();
}
ok($crowd->finish, 'no session ended with an error') or diag($err);
nothing_is_wrong('sixteen sessions');
is($node->safe_psql('evening', 'SELECT count(DISTINCT call) FROM answer'), scalar(keys %kinds), 'every kind was called');
cmp_ok($node->safe_psql('evening', "SELECT count(DISTINCT call) FROM answer WHERE state = '23514'"), '>=', 2, 'plain SQL was refused');
note 'a backend is killed';

my $killed = 0;
foreach my $round (1 .. 4)
{
	my ($out, $err);
	my $crowd = start_crowd(30, \$out, \$err);
	my $end = time + 30;
	my $pid = '';

	usleep(500_000 + rand 1_000_000);
	while ($pid eq '' && time < $end)
	{
		$pid = $node->safe_psql('evening', "SELECT pid FROM pg_stat_activity WHERE query LIKE '%crowd(%' AND state = 'active' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1");
		usleep(50_000) if $pid eq '';
	}
	$killed += kill 'KILL', $pid;

	# All sessions end with it, and the server comes back
	$crowd->finish;
	$node->poll_query_until('postgres', 'SELECT true') or die 'the server did not come back';
	look();
}
is($killed, 4, 'backends were killed');
my $restarted = () = slurp_file($node->logfile) =~ /all server processes terminated; reinitializing/g;
is($restarted, 4, 'and the server started again each time');
nothing_is_wrong('killed');

# The evening goes on
is($node->safe_psql('evening', "SET client_min_messages = error; SELECT count(*) > 0 FROM menuca_auto_assign_day(room(), '2025-11-15', false, 'unlocked')"), 't', 'a day run after all');
nothing_is_wrong('afterwards');
is($node->safe_psql('evening', "SELECT string_agg(DISTINCT status, ' ') FROM menuca_seating_deploy()"), 'unchanged', 'the guarantees are as they were');

#
# What does not hold yet: a statement that takes assignments away locks them before the
# constraint locks their booking, and calls of the extension come the other way round
#

TODO:
{
	my $booking = $node->safe_psql('evening', "SELECT booking_id FROM booking_table_assignments JOIN bookings b ON b.id = booking_id WHERE status = 'confirmed' LIMIT 1");

	foreach my $statement ("SELECT * FROM menuca_unassign_tables('$booking')", "UPDATE bookings SET status = 'cancelled' WHERE id = '$booking'")
	{
		my $robber = start_sql($node, 'evening', "SET deadlock_timeout = '60s'; BEGIN; DELETE FROM booking_table_assignments WHERE booking_id = '$booking'; SELECT pg_sleep(1); SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK", name => 'robber');

		$node->poll_query_until('evening', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'robber' AND wait_event = 'PgSleep'") or die 'the other session has not begun';
		local $TODO = $statement =~ /^UPDATE/ ? 'plain SQL meets a deadlock with plain SQL' : undef;
		isnt(error_of($node, 'evening', "SET deadlock_timeout = '3s'; $statement")->{state}, '40P01', "no deadlock for $statement" =~ s/$booking/.../r);
		finish_sql($robber);
	}
}

$node->stop;
log_is_clean($node);
done_testing();
