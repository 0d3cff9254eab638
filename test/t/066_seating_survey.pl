
# Random floors: what each rule loses, what is dominated and what is better are those of
# trying every set (MenucaFloor); and large floors and many bookings, by SQL.

use strict;
use warnings;

use List::Util qw(first);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaFloor;
use MenucaTest;

# How many floors; thousands are for an idle hour
my $floors = $ENV{MENUCA_FLOORS} // 100;
my $seed = $ENV{MENUCA_FLOOR_SEED} // 1;

my $node = new_node('main');
rows_of($node, 'postgres', 'CREATE DATABASE seating');
rows_of($node, 'seating', 'CREATE SCHEMA ops; CREATE EXTENSION menuca_seating SCHEMA ops; ALTER DATABASE seating SET search_path = public, ops');
rows_of($node, 'seating', slurp_file('test/fixture/seating/schema.sql'));

# The floor with other settings, and with something changed at each dining table
sub changed
{
	my ($floor, $settings, $change) = @_;
	my @tables = map { { %$_ } } @{ $floor->{tables} };

	$change->($_) for $change ? @tables : ();
	return { %$floor, tables => \@tables, settings => { %{ $floor->{settings} }, %$settings } };
}

# What the floor is without each rule
sub without
{
	my ($floor) = @_;
	my $combinations = $floor->{settings}{combinations};

	return (
		summary => $floor,
		busy => { %$floor, taken => [] },
		k => changed($floor, { k_max => 5 }),
		adjacency => changed($floor, { adjacency => 'off' }),
		overage => changed($floor, { max_overage => 1_000_000 }),
		listed => changed($floor, { combinations => $combinations eq 'listed' ? 'both' : $combinations }),
		mobility => changed($floor, {}, sub { $_[0]{movable} = 1 }),
		min_party => changed($floor, {}, sub { $_[0]{min} = 1 }),
		max_party => changed($floor, {}, sub { $_[0]{max} = undef }),
		zone_closed => { %$floor, zones => [ map { { %$_, active => 1 } } @{ $floor->{zones} } ] },
		out_of_service => changed($floor, {}, sub { $_[0]{status} = 'available' }),
		max_evaluations => $floor);
}

sub instant { return "(timestamp '2025-11-15' + $_[0] * interval '1 minute') AT TIME ZONE 'Europe/London'" }

# Puts a booking at the dining tables of a plan, says what the survey says of it, and takes it back
sub assigned_sql
{
	my ($floor, $plan) = @_;
	my ($restaurant, $booking) = map { "'" . floor_id($floor, $_) . "'" } qw(restaurant guests);
	my ($start, $end) = map { instant($_) } @{$floor}{qw(start end)};
	my $sql = "BEGIN;\nINSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at) VALUES ($booking, $restaurant, $floor->{party}, 'confirmed', $start, $end);\n";

	$sql .= "INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) VALUES ($booking, '" . floor_id($floor, $_) . "', $start, $end);\n" for @{ $plan->{tables} };
	return $sql . <<"SQL";
SELECT tables, (score * 10000)::bigint, dominated, better, (better_score * 10000)::bigint, wasted FROM menuca_check_combinations($restaurant, '2025-11-15') WHERE booking = $booking;
SELECT (metadata->>'found')::int FROM menuca_check_assignments($restaurant, '2025-11-15') WHERE name = 'dominated';
ROLLBACK;
SQL
}

my (@wrong_counts, @wrong_plans, %lost);
my ($judged, $dominated, $bettered) = (0, 0, 0);
foreach my $number ($seed .. $seed + $floors - 1)
{
	my $floor = random_floor($number);
	my %without = without($floor);
	my @plans = floor_plans($floor);
	my $best = first { !$_->{dominated} } @plans;
	my @several = grep { @{ $_->{tables} } > 1 } @plans;
	my $restaurant = floor_id($floor, 'restaurant');

	# The first, the last, and one of those that are dominated
	my @chosen = (@several ? ($several[0], $several[-1]) : (), first { $_->{dominated} } @several);

	pop @chosen unless defined $chosen[-1];
	my $sql = "SET client_min_messages = error;\n\\o /dev/null\n" . floor_sql($floor) . "\n\\o\n"
	  . "SELECT string_agg(rule || ' ' || COALESCE(plans_without, plans), E'\\n' ORDER BY rule COLLATE \"C\"), bool_and(complete) FROM menuca_debug_combinations('$restaurant', $floor->{party}, "
	  . instant($floor->{start}) . ", " . ($floor->{end} - $floor->{start}) . " * interval '1 minute') WHERE rule NOT IN ('capacity', 'off');\n";
	$sql .= "\\echo >\n" . assigned_sql($floor, $_) for @chosen;
	my ($counts, @said) = split /^>\n/m, rows_of($node, 'seating', $sql) . "\n";

	my %counted = map { $_ => scalar floor_plans_of($without{$_}) } keys %without;
	my $expected = join("\n", map { "$_ $counted{$_}" } sort keys %counted) . "|t\n";
	push @wrong_counts, "$floor->{name}: $counts instead of $expected" if $counts ne $expected;
	$counted{$_} > @plans and $lost{$_}++ for keys %counted;

	foreach my $plan (@chosen)
	{
		my $better = $best && $best != $plan && ($plan->{dominated} || $best->{score} < $plan->{score}) ? $best : undef;
		my $line = join('|', join(' + ', @{ $plan->{tables} }), $plan->{score}, $plan->{dominated} ? 't' : 'f',
			$better ? join(' + ', @{ $better->{tables} }) : '', $better ? $better->{score} : '', $plan->{overage}) . "\n" . ($plan->{dominated} ? 1 : 0) . "\n";
		my $said = shift @said;

		push @wrong_plans, "$floor->{name}: $said instead of $line" if $said ne $line;
		$judged++;
		$dominated++ if $plan->{dominated};
		$bettered++ if $better;
	}
}

sub floor_plans_of
{
	my @plans = floor_plans($_[0]);
	return scalar @plans;
}

is(join("\n", @wrong_counts), '', 'without each rule alone there are as many sets as by trying all of them');
cmp_ok($lost{$_} // 0, '>', 0, "floors where sets are lost: $_") for qw(busy k adjacency overage listed mobility min_party max_party zone_closed out_of_service);
is(join("\n", @wrong_plans), '', 'score, domination and the better plan of assigned dining tables are those of trying all sets');
cmp_ok($judged, '>', $floors / 3, "$judged combinations");
cmp_ok($dominated, '>', 5, "$dominated of them dominated");
cmp_ok($bettered, '>', 5, "there was a better plan for $bettered");

#
# 5,000 dining tables
#

rows_of($node, 'seating', <<'SQL');
INSERT INTO restaurants (id) VALUES (md5('hall')::uuid);
INSERT INTO zones (id, restaurant_id, name) SELECT md5('hall ' || z)::uuid, md5('hall')::uuid, 'Z' || z FROM generate_series(0, 1) z;
INSERT INTO table_inventory (restaurant_id, zone_id, table_number, capacity, position)
SELECT md5('hall')::uuid, md5('hall ' || n % 2)::uuid, 'T' || n, 2 + n % 5,
	jsonb_build_object('x', ('x' || left(md5('x' || n), 7))::bit(28)::int % 30000, 'y', ('x' || left(md5('y' || n), 7))::bit(28)::int % 30000, 'note', repeat('long ', 1000))
FROM generate_series(1, 5000) n;
ANALYZE table_inventory;
SQL
my $by_hand = <<'SQL';
WITH t AS MATERIALIZED (SELECT id, zone_id, (position->>'x')::float8 AS x, (position->>'y')::float8 AS y FROM table_inventory WHERE restaurant_id = md5('hall')::uuid)
SELECT count(*), md5(string_agg(a.id::text || b.id, ',' ORDER BY a.id, b.id)) FROM t a JOIN t b ON a.zone_id = b.zone_id AND a.id < b.id WHERE (a.x - b.x) ^ 2 + (a.y - b.y) ^ 2 <= 400.0 ^ 2
SQL
is( rows_of($node, 'seating', "SELECT count(*), md5(string_agg(table_a::text || table_b, ',' ORDER BY table_a, table_b)) FROM menuca_suggest_adjacency(md5('hall')::uuid, 400)"),
	rows_of($node, 'seating', $by_hand),
	'of 5,000 dining tables, the pairs are those of comparing all with all');
rows_of($node, 'seating', "INSERT INTO table_adjacencies SELECT table_a, table_b FROM menuca_suggest_adjacency(md5('hall')::uuid, 400)");
is( rows_of($node, 'seating', "SELECT metadata->>'movable', metadata->>'covered' FROM menuca_check_adjacency(md5('hall')::uuid) WHERE name = 'coverage'"),
	rows_of($node, 'seating', "SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM table_adjacencies e WHERE t.id IN (e.table_a, e.table_b))) FROM table_inventory t WHERE restaurant_id = md5('hall')::uuid"),
	'and their coverage is that of the edges');

#
# 100,000 bookings
#

rows_of($node, 'seating', <<'SQL');
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at)
SELECT md5('guests ' || n)::uuid, md5('hall')::uuid, 2 + n % 7, 'completed', timestamptz '2025-01-01 18:00+00' + n / 500 * interval '1 day', timestamptz '2025-01-01 20:00+00' + n / 500 * interval '1 day' FROM generate_series(0, 99999) n;
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at)
SELECT b.id, t.id, b.start_at, b.end_at FROM (SELECT *, ('x' || left(b.id::text, 6))::bit(24)::int AS n FROM bookings b WHERE restaurant_id = md5('hall')::uuid) b, generate_series(0, 3) k, table_inventory t
WHERE k <= n % 4 AND t.restaurant_id = md5('hall')::uuid AND t.table_number = 'T' || 1 + (n / 4 + 997 * k) % 5000;
ANALYZE;
SQL
is( rows_of($node, 'seating', <<'SQL'), '0|0|100000', 'the dining tables of 100,000 bookings are those of joining and grouping');
WITH shown AS MATERIALIZED (SELECT booking_id, status, start_at, party_size, tables, combined, table_count, seats FROM menuca_booking_table_rows(md5('hall')::uuid)),
	grouped AS MATERIALIZED (SELECT b.id, b.status::text, b.start_at, b.party_size, string_agg(t.table_number, ' + ' ORDER BY t.table_number COLLATE "C"), count(*) > 1, count(*)::int, sum(t.capacity)
		FROM bookings b JOIN booking_table_assignments a ON a.booking_id = b.id JOIN table_inventory t ON t.id = a.table_id WHERE b.restaurant_id = md5('hall')::uuid GROUP BY b.id)
SELECT (SELECT count(*) FROM (SELECT * FROM shown EXCEPT SELECT * FROM grouped) x), (SELECT count(*) FROM (SELECT * FROM grouped EXCEPT SELECT * FROM shown) x), (SELECT count(*) FROM menuca_booking_tables WHERE restaurant_id = md5('hall')::uuid)
SQL

#
# A hundred thousand bookings to come, some of which do not fit any more
#

rows_of($node, 'seating', "UPDATE bookings SET status = 'confirmed' WHERE restaurant_id = md5('hall')::uuid");
is( rows_of($node, 'seating', "SELECT metadata->>'found', metadata->>'bookings' FROM menuca_check_assignments(md5('hall')::uuid, '2025-01-01') WHERE name = 'seats'"),
	rows_of($node, 'seating', "SELECT count(*) FILTER (WHERE seats < party_size), count(*) FROM menuca_booking_table_rows(md5('hall')::uuid)"),
	'as many have too few seats as by their sums');

done_testing();
