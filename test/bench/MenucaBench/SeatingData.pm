#
# SeatingData.pm
#	  Floors and evenings for the benchmark of menuca_seating, as SQL.
#
# Everything is made by arithmetic, so each run has the same rows.  Ids are
# md5() of names: restaurant_id() and others say which.
#
package MenucaBench::SeatingData;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(uuid floor_rows grid_edges taken_tables evening_copies single_bookings planted_evening month_of_bookings);

# Capacities of 11 dining tables, dealt over the floor by a step that is prime to 11
my $capacities = "('{2,2,2,4,4,4,4,6,6,8,10}'::int[])[1 + (n * 7919) % 11]";

# An id as SQL, of a name that is SQL text
sub uuid
{
	my ($name) = @_;
	return "md5($name)::uuid";
}

# A restaurant of the name with dining tables 0 to n - 1 in zones of equal size
sub floor_rows
{
	my ($name, $tables, $zones) = @_;
	my $of_zone = $tables / $zones;
	return (
		"INSERT INTO restaurants (id, name, timezone) VALUES (" . uuid("'$name'") . ", '$name', 'Europe/London')",
		"INSERT INTO zones (id, restaurant_id, name) SELECT " . uuid("'$name zone ' || z") . ', ' . uuid("'$name'")
		  . ", 'Z' || z FROM generate_series(0, $zones - 1) z",
		'INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT '
		  . uuid("'$name table ' || n") . ', ' . uuid("'$name'") . ', ' . uuid("'$name zone ' || n / $of_zone")
		  . ", 'T' || lpad(n::text, 4, '0'), $capacities FROM generate_series(0, $tables - 1) n");
}

# Each zone is a grid with rows of that width: right and lower neighbours are adjacent.
sub grid_edges
{
	my ($name, $tables, $zones, $width) = @_;
	my $of_zone = $tables / $zones;
	my $edge = sub {
		my ($step, $condition) = @_;
		return 'INSERT INTO table_adjacencies SELECT ' . uuid("'$name table ' || n") . ', ' . uuid("'$name table ' || n + $step")
		  . " FROM generate_series(0, $tables - 1 - $step) n WHERE n / $of_zone = (n + $step) / $of_zone AND $condition";
	};
	return ($edge->(1, "n % $of_zone % $width < $width - 1"), $edge->($width, 'true'));
}

# Every fifth dining table is taken, some of them while the bench's party dines.
sub taken_tables
{
	my ($name, $tables) = @_;
	my $start = "'2025-11-15 17:00Z'::timestamptz + (n / 5 % 12) * interval '15 min'";
	return (
		'INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at) SELECT '
		  . uuid("'$name taken ' || n") . ', ' . uuid("'$name'")
		  . ", 2, 'confirmed', $start, $start + interval '90 min' FROM generate_series(0, $tables - 1, 5) n",
		'INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT b.id, '
		  . uuid("'$name table ' || n")
		  . ", b.start_at, b.end_at FROM generate_series(0, $tables - 1, 5) n JOIN bookings b ON b.id = " . uuid("'$name taken ' || n"));
}

# The real evening (of ../fixture/seating/evening.sql) that many times on as
# many floors of one restaurant: all is ten times as much with ten copies.
sub evening_copies
{
	my ($name, $copies) = @_;
	my $each = "generate_series(1, $copies) c";
	return (
		"INSERT INTO restaurants (id, name, timezone) VALUES (" . uuid("'$name'") . ", '$name', 'Europe/London')",
		'INSERT INTO zones (id, restaurant_id, name) SELECT ' . uuid("'$name ' || c || z.name") . ', ' . uuid("'$name'")
		  . ", z.name || c FROM zones z, $each WHERE z.restaurant_id = " . uuid("'restaurant'"),
		'INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT '
		  . uuid("'$name ' || c || t.table_number") . ', ' . uuid("'$name'") . ', ' . uuid("'$name ' || c || z.name")
		  . ", t.table_number || '-' || c, t.capacity FROM table_inventory t JOIN zones z ON z.id = t.zone_id, $each"
		  . ' WHERE t.restaurant_id = ' . uuid("'restaurant'"),
		'INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT '
		  . uuid("'$name ' || c || b.id") . ', ' . uuid("'$name'")
		  . ", b.party_size, 'pending', b.start_at FROM bookings b, $each WHERE b.restaurant_id = " . uuid("'restaurant'"));
}

# The real evening's bookings on that many days, without a third of them, so that
# nearly everybody finds a seat; queue has them in an order in which days and times mix.
sub single_bookings
{
	my ($days) = @_;
	my $restaurant = uuid("'restaurant'");
	return (
		'CREATE TABLE queue (n serial PRIMARY KEY, booking_id uuid NOT NULL)',
		"CREATE TEMP TABLE evening AS SELECT row_number() OVER (ORDER BY start_at, id) AS i, * FROM bookings WHERE restaurant_id = $restaurant",
		"DELETE FROM bookings WHERE restaurant_id = $restaurant",
		'INSERT INTO bookings (id, restaurant_id, party_size, status, start_at) SELECT '
		  . uuid("'single ' || d || ' ' || i")
		  . ", $restaurant, party_size, 'pending', start_at + d * interval '1 day' FROM evening, generate_series(1, $days) d WHERE (i + d) % 3 > 0",
		"INSERT INTO queue (booking_id) SELECT id FROM bookings WHERE restaurant_id = $restaurant ORDER BY md5(id::text)");
}

# An evening cut out of a seating: 600 dining tables in 30 zones, 1,000 bookings.  In each
# zone two dining tables of 8 and 10 seats are joined for a party of 17 or 18; 14 or 15 others
# have two turns, others one turn.  So all can be seated.
sub planted_evening
{
	my ($name, $zones) = @_;
	my $tables = $zones * 20;
	my $bookings = <<"SQL";
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at)
SELECT @{[ uuid("'$name booking ' || row_number() OVER (ORDER BY n, turn)") ]}, @{[ uuid("'$name'") ]}, party, 'pending', start, start + stay
FROM (SELECT n, turn, CASE WHEN seats > 2 THEN seats - (n * 31 + turn * 17) % 2 ELSE 2 END AS party,
		'2025-11-15 17:00Z'::timestamptz + ((n * 13) % 5 * 15 + (turn - 1) * 150) * interval '1 min' AS start,
		(60 + (n * 11 + turn * 7) % 5 * 15) * interval '1 min' AS stay
	FROM (SELECT n, CASE WHEN n % 20 = 18 THEN 18 ELSE $capacities END AS seats
			FROM generate_series(0, $tables - 1) n WHERE n % 20 <> 19) floor,
		generate_series(1, 2) turn
	WHERE turn = 1 OR n % 20 < 14 OR n % 60 = 14) planted
SQL
	return (
		floor_rows($name, $tables, $zones),
		"UPDATE table_inventory SET capacity = CASE WHEN table_number::text ~ '[13579]\$' THEN 10 ELSE 8 END WHERE restaurant_id = "
		  . uuid("'$name'") . " AND substr(table_number, 2)::int % 20 >= 18",
		$bookings);
}

# A month of that many bookings, most of them over, in 200 restaurants of 20 dining tables; one of eight
# has two or three dining tables, one of twenty none.  Each has been attempted, some twice.
sub month_of_bookings
{
	my ($n) = @_;
	my $draw = sub { my ($what, $most) = @_; return "(('x' || left(md5('$what' || n), 7))::bit(28)::int % $most)" };
	return (
		'INSERT INTO restaurants (id, name, timezone) SELECT ' . uuid("'month ' || r") . ", 'Restaurant ' || r, 'Europe/London' FROM generate_series(0, 199) r",
		'INSERT INTO zones (id, restaurant_id, name) SELECT ' . uuid("'month ' || r || ' zone'") . ', ' . uuid("'month ' || r") . ", 'Main' FROM generate_series(0, 199) r",
		'INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT ' . uuid("'month ' || r || ' table ' || n") . ', ' . uuid("'month ' || r") . ', '
		  . uuid("'month ' || r || ' zone'") . ", 'T' || n, $capacities FROM generate_series(0, 199) r, generate_series(0, 19) n",
		'CREATE TEMP TABLE plan AS SELECT n, ' . uuid("'month booking ' || n") . ' AS id, ' . $draw->('restaurant', 200) . ' AS r, 1 + ' . $draw->('party', 11)
		  . " AS party, now() - interval '30 days' + " . $draw->('minute', 31 * 24 * 60) . " * interval '1 minute' AS at, " . $draw->('first', 20) . ' AS first, CASE WHEN '
		  . $draw->('several', 8) . ' = 0 THEN 2 + ' . $draw->('third', 2) . ' WHEN ' . $draw->('none', 20) . " = 0 THEN 0 ELSE 1 END AS tables, "
		  . $draw->('off', 10) . " = 0 AS off FROM generate_series(1, $n) n",
		'INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at, assigned_zone_id) SELECT id, ' . uuid("'month ' || r") . ", party,
			(CASE WHEN off THEN 'cancelled' WHEN at < now() THEN 'completed' ELSE 'confirmed' END)::booking_status, at, at + interval '90 minutes', " . uuid("'month ' || r || ' zone'") . ' FROM plan',
		'INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) SELECT id, ' . uuid("'month ' || r || ' table ' || (first + t) % 20")
		  . ", at, at + interval '90 minutes' FROM plan, generate_series(0, tables - 1) t",
		"INSERT INTO menuca_seating_attempt (booking_id, restaurant_id, party_size, start_at, outcome, reason, attempts, duration, variant, attempted_at)
			SELECT id, " . uuid("'month ' || r") . ", party, at, CASE WHEN tables > 0 THEN 'assigned' ELSE 'none' END, CASE WHEN tables > 0 THEN 'assigned: T' ELSE 'busy: all are taken' END, 1,
			(1 + " . $draw->('took', 5000) . ") * interval '1 microsecond', 'none', at - interval '1 hour' FROM plan",
		'DROP TABLE plan');
}

1;
