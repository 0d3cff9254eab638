
# Eight sessions on one evening: bookings get dining tables by hand and by the
# planner, by holds and as walk-ins; they are moved, cancelled, and come back.
# First without an exclusion constraint, so that only the locks protect; then
# with a deferred one, and sessions are terminated at random.  Failures 1, 6, 7, 10
# and 11 of other systems would show here.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

use MenucaTest;

my $node = new_node('main');
my $script = "$PostgreSQL::Test::Utils::tmp_check/race.sql";

$node->safe_psql('postgres', 'CREATE DATABASE evening');
$node->safe_psql('evening', 'CREATE EXTENSION menuca_seating; CREATE EXTENSION btree_gist;');
$node->safe_psql('evening', slurp_file('test/fixture/seating/schema.sql'));
$node->safe_psql('evening', <<'SQL');
ALTER TABLE bookings ALTER status SET DEFAULT 'pending';
CREATE FUNCTION id(n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT lpad(n::text, 32, '0')::uuid $$;
INSERT INTO restaurants (id, timezone) VALUES (id(1), 'Europe/London');
INSERT INTO zones (id, restaurant_id, name) VALUES (id(2), id(1), 'Main'), (id(3), id(1), 'Patio');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity)
SELECT id(100 + n), id(1), id(2 + n % 2), 'T' || n, 2 + n % 3 * 2 FROM generate_series(1, 20) n;
INSERT INTO bookings (id, restaurant_id, party_size, start_at)
SELECT id(1000 + n), id(1), 1 + n % 8, '2026-03-10 17:00+00'::timestamptz + n % 16 * interval '15 min' FROM generate_series(1, 120) n;

-- What each call has had for an answer
CREATE TABLE answer (call text, state text);
CREATE FUNCTION race() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	call int := floor(random() * 14);
	b uuid := id(1001 + floor(random() * 120)::int);
	t uuid[] := ARRAY(SELECT DISTINCT id(101 + floor(random() * 20)::int) FROM generate_series(1, 1 + floor(random() * 2)::int));
	at timestamptz := '2026-03-10 17:00+00'::timestamptz + floor(random() * 20) * interval '15 min';
	h uuid := (SELECT id FROM table_holds ORDER BY random() LIMIT 1);
	name text := 'none';
	state text := '00000';
BEGIN
	BEGIN
		CASE
		WHEN call < 3 THEN name := 'auto'; SELECT outcome INTO state FROM menuca_auto_assign(b);
		WHEN call = 3 THEN name := 'by hand'; PERFORM menuca_assign_tables(b, t, force => '{overage}');
		WHEN call = 4 THEN name := 'key'; PERFORM menuca_assign_tables(b, t, b::text, '{overage,zone}');
		WHEN call = 5 THEN name := 'hold'; PERFORM menuca_hold_tables(id(1), CASE WHEN random() < 0.5 THEN t END, at, party_size => 1 + floor(random() * 6)::int, ttl => random() * interval '1 s' + '1 ms',
			force => CASE WHEN false THEN '{overage}'::text[] END, booking => CASE WHEN random() < 0.5 THEN b END);
		WHEN call = 6 AND h IS NOT NULL THEN name := 'confirm'; PERFORM menuca_confirm_hold(h, COALESCE((SELECT booking_id FROM table_holds WHERE id = h), b), force => '{overage,zone}');
		WHEN call = 7 THEN name := 'cancel';
			UPDATE bookings SET status = 'cancelled' WHERE id = b AND status <> 'cancelled';
			DELETE FROM booking_table_assignments WHERE booking_id = b AND EXISTS (SELECT FROM bookings WHERE id = b AND status = 'cancelled');
			DELETE FROM table_holds WHERE booking_id = b;
		WHEN call = 8 THEN name := 'come back'; UPDATE bookings SET status = 'pending' WHERE id = b AND status = 'cancelled';
		WHEN call = 9 THEN name := 'move'; PERFORM menuca_move_booking(b, at, 1 + floor(random() * 8)::int);
		WHEN call = 10 THEN name := 'unassign'; PERFORM menuca_unassign_tables(b);
		WHEN call = 11 THEN name := 'walk-in'; PERFORM menuca_seat_walk_in(id(1), 1 + floor(random() * 4)::int, start_at => at);
			-- Those who have eaten leave
			UPDATE bookings SET status = 'completed' WHERE id = (SELECT id FROM bookings WHERE status = 'checked_in' ORDER BY random() LIMIT 1);
		WHEN call = 12 AND h IS NOT NULL THEN name := 'extend'; PERFORM CASE WHEN random() < 0.5 THEN menuca_extend_hold(h, '1 s')::text ELSE menuca_release_hold(h)::text END;
		WHEN call = 13 AND random() < 0.2 THEN name := 'day'; PERFORM menuca_auto_assign_day(id(1), '2026-03-10', false, CASE WHEN random() < 0.5 THEN 'none' ELSE 'unlocked' END);
		ELSE NULL;
		END CASE;
	EXCEPTION WHEN OTHERS THEN
		state := SQLSTATE;
	END;
	-- What is not committed yet is what the others must wait for
	PERFORM pg_sleep(random() * 0.01);
	INSERT INTO answer VALUES (name, state);
END $$;

-- What must never be
CREATE VIEW blocking AS SELECT a.*, b.status, b.start_at AS comes FROM booking_table_assignments a JOIN bookings b ON b.id = a.booking_id
	WHERE b.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in');
CREATE VIEW wrong AS
SELECT 'a dining table twice' AS what, count(*) FROM blocking a JOIN blocking b ON a.table_id = b.table_id AND a.id < b.id AND a.start_at < b.end_at AND b.start_at < a.end_at
UNION ALL
SELECT 'held and taken', count(*) FROM blocking a JOIN table_hold_members m ON m.table_id = a.table_id JOIN table_holds h ON h.id = m.hold_id
	AND h.start_at < a.end_at AND a.start_at < h.end_at AND h.expires_at > clock_timestamp() AND h.booking_id IS DISTINCT FROM a.booking_id
UNION ALL
SELECT 'held twice', count(*) FROM table_hold_members m JOIN table_holds h ON h.id = m.hold_id JOIN table_hold_members n ON n.table_id = m.table_id AND n.hold_id > m.hold_id JOIN table_holds i ON i.id = n.hold_id
	WHERE h.start_at < i.end_at AND i.start_at < h.end_at AND LEAST(h.expires_at, i.expires_at) > clock_timestamp() AND (h.booking_id IS DISTINCT FROM i.booking_id OR h.booking_id IS NULL)
UNION ALL
SELECT 'two sets', count(*) FROM (SELECT FROM blocking GROUP BY booking_id HAVING count(DISTINCT (start_at, end_at)) > 1
	OR count(DISTINCT merge_group_id) <> CASE WHEN count(*) > 1 THEN 1 ELSE 0 END OR count(merge_group_id) NOT IN (0, count(*))) x
UNION ALL
SELECT 'more seats than the rules allow', count(*) FROM (SELECT FROM blocking a JOIN table_inventory t ON t.id = a.table_id JOIN bookings b ON b.id = a.booking_id GROUP BY b.id HAVING sum(t.capacity) < b.party_size OR count(*) > 3) x
UNION ALL
SELECT 'confirmed without a dining table', count(*) FROM bookings b WHERE status = 'confirmed' AND NOT EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = b.id)
UNION ALL
SELECT 'waiting or cancelled with one', count(*) FROM bookings b WHERE status IN ('pending', 'cancelled') AND EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = b.id)
UNION ALL
SELECT 'rows of another time', count(*) FROM blocking WHERE start_at <> comes
UNION ALL
SELECT 'walk-ins without a dining table', count(*) FROM bookings b WHERE status = 'checked_in' AND NOT EXISTS (SELECT FROM booking_table_assignments a WHERE a.booking_id = b.id)
UNION ALL
SELECT 'attempts that the log and the answers count differently', abs((SELECT count(*) FROM menuca_seating_attempt WHERE scope = 'booking') - (SELECT count(*) FROM answer WHERE call = 'auto' AND state !~ '^[0-9M]'));
SQL
open my $file, '>', $script or die $!;
print $file "SELECT race();\n";
close $file;

# What was wrong at some moment
my %seen;

# Runs eight sessions; with terminations, some of them end early
sub race
{
	my ($seconds, $terminate, $isolation) = @_;
	my @command = ('pgbench', '-n', '-c', 8, '-j', 1, '-T', $seconds, '-f', $script, '-h', $node->host, '-p', $node->port, 'evening');
	my ($out, $err);
	my $run = do
	{
		local $ENV{PGOPTIONS} = '-c default_transaction_isolation=' . ($isolation // 'read\\ committed');
		IPC::Run::start(\@command, '>', \$out, '2>', \$err);
	};
	my $end = time + $seconds - 0.5;

	while (time < $end)
	{
		usleep(200_000);
		$seen{$_} = 1 for split /\n/, $node->safe_psql('evening', 'SELECT what FROM wrong WHERE count <> 0');
		next unless $terminate;
		$node->safe_psql('evening', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%race()%' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1");
	}
	my $ok = $run->finish;
	note($out);
	ok($ok, 'no session ended with an error') or diag($err) unless $terminate;
	return;
}

sub nothing_is_wrong
{
	my ($name, $more) = (@_, '');

	is($node->safe_psql('evening', 'SELECT what, count FROM wrong WHERE count <> 0'), '', "$name: nothing is wrong");
	is(join(', ', sort keys %seen), '', "$name: nor was it at any moment");
	is( $node->safe_psql('evening', "SELECT call, state, count(*) FROM answer WHERE state !~ '^(MC04[0-5]|00000|assigned|already|none|state$more)\$' GROUP BY 1, 2"),
		'', "$name: refusals only, and no deadlock");
	note($node->safe_psql('evening', 'SELECT call, state, count(*) FROM answer GROUP BY 1, 2 ORDER BY 1, 2'));
	return;
}

race(12, 0);
nothing_is_wrong('the locks alone');
cmp_ok($node->safe_psql('evening', "SELECT count(DISTINCT (call, state)) FROM answer"), '>', 20, 'many kinds of answers were seen');

foreach my $isolation ('repeatable\\ read', 'serializable')
{
	race(4, 0, $isolation);
	nothing_is_wrong($isolation, '|40001');
}
cmp_ok($node->safe_psql('evening', "SELECT count(*) FROM answer WHERE state = '40001'"), '>', 0, 'serialization failures were seen');
$node->safe_psql('evening', "DELETE FROM answer WHERE state = '40001'");

# Rows of those who have left may overlap others', so they go before the constraint comes.
$node->safe_psql('evening', <<'SQL');
DELETE FROM booking_table_assignments a USING bookings b WHERE b.id = a.booking_id AND b.status = 'completed';
ALTER TABLE booking_table_assignments ADD CONSTRAINT no_table_twice EXCLUDE USING gist (table_id WITH =, tstzrange(start_at, end_at) WITH &&) DEFERRABLE INITIALLY DEFERRED;
SQL
my $terminated = 0;
foreach my $round (1 .. 60)
{
	last if $terminated > 20;
	race(2, 1);
	$terminated = () = slurp_file($node->logfile) =~ /terminating connection due to administrator command/g;
}
cmp_ok($terminated, '>', 20, 'sessions were terminated');
nothing_is_wrong('sessions terminated');
race(3, 0);
nothing_is_wrong('with a deferred constraint');
$node->safe_psql('evening', 'SELECT * FROM menuca_seating_deploy(dry_run => false)');
is($node->safe_psql('evening', "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'booking\\_%'"), 6, 'they are deployed');
race(4, 0);
nothing_is_wrong('with the guarantees deployed');
ok($node->safe_psql('evening', 'SELECT 1'), 'the server is there');

done_testing();
