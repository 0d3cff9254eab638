
# Random floors: the whole ordered list of plans is that of trying every set, by the
# rules written a second time (MenucaFloor).

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaFloor;
use MenucaTest;

# How many floors; thousands are for an idle hour
my $floors = $ENV{MENUCA_FLOORS} // 300;
my $seed = $ENV{MENUCA_FLOOR_SEED} // 1;

my $node = new_node('main');
rows_of($node, 'postgres', 'CREATE DATABASE seating');
rows_of($node, 'seating', 'CREATE SCHEMA ops; CREATE EXTENSION menuca_seating SCHEMA ops; ALTER DATABASE seating SET search_path = public, ops');
rows_of($node, 'seating', slurp_file('test/fixture/seating/schema.sql'));

my (@wrong, @few, %seen);
my $plans = 0;
while (my @some = map { random_floor($_) } $seed .. $seed + ($floors > 50 ? 50 : $floors) - 1)
{
	my $sql = "SET client_min_messages = error;\nBEGIN;\n\\o /dev/null\n" . join("\n", map { floor_sql($_) } @some) . "\n\\o\nCOMMIT;\n";

	$sql .= join '', map {
		my $floor = $_;
		my $call = "menuca_plan_tables('" . floor_id($floor, 'restaurant') . "', $floor->{party}, (timestamp '2025-11-15' + $floor->{start} * interval '1 minute') AT TIME ZONE 'Europe/London', "
		  . ($floor->{end} - $floor->{start}) . " * interval '1 minute', max_plans => %s, include_dominated => %s)";
		my $lines = "string_agg(format('%%s %%s %%s %%s', (score * 10000)::bigint, overage, dominated, array_to_string(table_numbers, '+')), E'\\n' ORDER BY plan_no)";

		"\\echo >\nSELECT " . sprintf("$lines, max(total_plans), bool_and(complete) FROM $call;\n", 10000, 'true') . 'SELECT ' . sprintf("$lines FROM $call;\n", 3, 'false');
	} @some;
	my @answers = split /^>\n/m, rows_of($node, 'seating', $sql) . "\n";

	shift @answers;
	foreach my $floor (@some)
	{
		my @expected = floor_plans($floor);
		my @best = grep { !$_->{dominated} } @expected;
		my $whole = @expected ? plan_lines(@expected) . '|' . @expected . "|t\n" : "||\n";

		$#best = 2 if @best > 3;
		push @wrong, $floor->{name} if shift(@answers) ne $whole . plan_lines(@best) . "\n";
		$plans += @expected;
		$seen{ @{ $floor->{listed} } ? 'listed' : $floor->{settings}{adjacency} } += @expected > 0;
	}
	$floors -= @some;
	$seed += @some;
	last if $floors <= 0;
}
is("@wrong", '', 'on each floor the whole list, and the best three that nothing dominates, are those of trying every set');
cmp_ok($plans, '>', 1000, "$plans plans");
cmp_ok($seen{$_} // 0, '>', 5, "floors with plans: $_") for qw(off connected pairwise neighbors listed);

#
# The 40-table floor of five zones: singles, pairs and triples of each party
#

my %capacities = (OG => [ 2, 4, 4, 6, 6, 8 ], MD => [ 2, 2, 4, 4, 4, 4, 6, 6, 8, 8, 10, 10 ], PR => [ 4, 4, 6, 6, 10, 10 ],
	BA => [ 2, 2, 4, 4, 4, 4, 6, 6 ], PT => [ 2, 2, 4, 4, 6, 6, 8, 8 ]);
my $restaurant = '00000000-0000-0000-0000-000000000040';
my $floor = "INSERT INTO restaurants (id) VALUES ('$restaurant');\n";
foreach my $zone (sort keys %capacities)
{
	my $n = 0;

	$floor .= "INSERT INTO zones (id, restaurant_id, name) VALUES (md5('$zone')::uuid, '$restaurant', '$zone');\n";
	$floor .= sprintf("INSERT INTO table_inventory (restaurant_id, zone_id, table_number, capacity) VALUES ('$restaurant', md5('$zone')::uuid, '$zone-%02d', $_);\n", ++$n) for @{ $capacities{$zone} };
}
rows_of($node, 'seating', $floor);
is( rows_of($node, 'seating', <<"SQL"), <<'EXPECTED' =~ s/\n\z//r, 'the 40-table floor');
SELECT party || ': ' || concat_ws('/', count(*) FILTER (WHERE tables = 1), count(*) FILTER (WHERE tables = 2), count(*) FILTER (WHERE tables = 3))
FROM unnest('{2,4,5,7,9,11,12,14,16,20}'::int[]) party, menuca_plan_tables('$restaurant', party, '2025-11-15 19:00+00', '2 hours', max_plans => 10000, include_dominated => true)
GROUP BY party ORDER BY party
SQL
2: 21/3/0
4: 24/25/0
5: 10/22/0
7: 5/29/10
9: 4/37/33
11: 0/23/56
12: 0/45/121
14: 0/32/128
16: 0/14/117
20: 0/2/69
EXPECTED

done_testing();
