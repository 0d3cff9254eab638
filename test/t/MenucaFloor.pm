
=pod

=head1 NAME

MenucaFloor - random restaurants, and every plan of theirs by trying all sets

=head1 DESCRIPTION

The rules of the planner, written a second time and as plainly as possible: each
set of dining tables of the allowed sizes is held against each rule. Nothing is
shared with the C code, so that both would have to be wrong in the same way.

Times are minutes after midnight of the service day, 2025-11-15 in London.

=cut

package MenucaFloor;

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Exporter 'import';
use List::Util qw(max sum);

our @EXPORT = qw(random_floor floor_sql floor_plans floor_id plan_lines);

my %defaults = (
	k_max => 3, max_overage => 2, adjacency => 'off', adjacency_min_party => 1, buffer_before => 0, buffer_after => 0,
	combinations => 'free', w_overage => 5, w_tables => 3, w_adjacency => 1, w_spread => 2, w_priority => 0, w_scarcity => 0);

# A generator of its own, so that a seed gives the same floors everywhere
my $state;

sub _random
{
	my ($n) = @_;

	$state = ($state * 1103515245 + 12345) % 2147483648;
	return int(($state / 65536) % 32768 / 32768 * $n);
}

sub _choose
{
	return $_[ _random(scalar @_) ];
}

=pod

=over

=item random_floor($seed)

A restaurant with zones, dining tables, edges, what is taken, listed combinations,
settings, and one question: party, start, end.

=cut

sub random_floor
{
	my ($seed) = @_;
	my (@zones, @tables, @edges, @taken, @listed);

	$state = $seed * 7919 + 17;
	_random(1) for 1 .. 5;
	push @zones, { id => "Z$_", active => _random(16) > 0 } for 0 .. _random(3);
	foreach my $n (1 .. 6 + _random(15))
	{
		my $min = _choose(1, 1, 1, 1, 2, 3);
		my $capacity = _choose(1, 2, 2, 2, 4, 4, 4, 5, 6, 6, 8, 10);

		push @tables, {
			id => sprintf('%s%02d', _choose('T', 'T', 'T', 'S'), $n),
			zone => _random(20) ? _choose(@zones)->{id} : undef,
			capacity => $capacity, min => $min,
			max => _choose(undef, undef, undef, max($min, $capacity - 1), $capacity),
			movable => _random(5) > 0, active => _random(20) > 0,
			status => _choose(('available') x 8, qw(reserved occupied out_of_service)),
			priority => _choose(0, 0, 0, 1, 2, -1) };
	}
	my $density = _choose(0, 15, 30, 50, 100);
	foreach my $i (0 .. $#tables)
	{
		foreach my $j ($i .. $#tables)
		{
			push @edges, _random(2) ? [ $tables[$i]{id}, $tables[$j]{id} ] : [ $tables[$j]{id}, $tables[$i]{id} ] if _random(100) < $density;
		}
	}
	my $start = 1020 + 15 * _random(29);
	my $end = $start + _choose(60, 75, 90, 120, 180);
	foreach my $table (@tables)
	{
		next if _random(4);
		my $from = $start + 15 * (_random(25) - 12);

		push @taken, [ $table->{id}, $from, $from + _choose(60, 90, 120),
			_choose(qw(pending pending_allocation confirmed checked_in hold expired_hold cancelled no_show completed)) ];
	}
	my %settings = (
		k_max => 1 + _random(5), max_overage => _choose(0, 1, 2, 2, 3, 4),
		adjacency => _choose(qw(off off off connected pairwise neighbors)), adjacency_min_party => _choose(1, 1, 5, 7),
		buffer_before => _choose(0, 0, 5), buffer_after => _choose(0, 5, 15),
		w_scarcity => _choose(0, 0, 22), w_priority => _choose(0, 0, 1, 3));
	if (_random(3) == 0)
	{
		$settings{combinations} = _choose(qw(listed both));
		$settings{k_max} = max(2, $settings{k_max});
		my %seen;
		foreach (0 .. _random(4))
		{
			my %members = map { $_->{id} => $_ } map { _choose(@tables) } 1 .. 2 + _random(3);
			next if keys %members < 2 || $seen{ join ' ', sort keys %members }++;
			my $capacity = max(2, sum(map { $_->{capacity} } values %members) + _choose(-2, 0, 0, 1, 2));

			push @listed, { tables => [ sort keys %members ], capacity => $capacity, min => max(1, $capacity - 1 - _random(4)), max => $capacity,
				from => _choose(0, 1020, 1080), until => _choose(2880, 1200, 1320) };
		}
	}
	return { name => "floor $seed", zones => \@zones, tables => \@tables, edges => \@edges, taken => \@taken, listed => \@listed,
		settings => { %defaults, %settings }, party => _choose(1 .. 12, 14, 16, 20), start => $start, end => $end };
}

=pod

=item floor_id($floor, $name)

The uuid of something of the floor.

=cut

sub floor_id
{
	my ($floor, $name) = @_;
	my $hash = md5_hex("$floor->{name}/$name");

	return join '-', unpack 'A8 A4 A4 A4 A12', $hash;
}

sub _text { return defined $_[0] ? "'" . $_[0] =~ s/'/''/gr . "'" : 'NULL'; }
sub _truth { return $_[0] ? 'true' : 'false'; }
sub _time { return "(timestamp '2025-11-15' + $_[0] * interval '1 minute') AT TIME ZONE 'Europe/London'"; }

=pod

=item floor_sql($floor)

Statements that create it, in the tables of F<test/fixture/seating/schema.sql>.

=cut

sub floor_sql
{
	my ($floor) = @_;
	my $id = sub { return "'" . floor_id($floor, $_[0]) . "'" };
	my $restaurant = $id->('restaurant');
	my $n = 0;
	my @sql = ("INSERT INTO restaurants (id, timezone) VALUES ($restaurant, 'Europe/London');");

	push @sql, "INSERT INTO zones (id, restaurant_id, name, active) VALUES (@{[ $id->($_->{id}) ]}, $restaurant, @{[ _text($_->{id}) ]}, @{[ _truth($_->{active}) ]});" for @{ $floor->{zones} };
	foreach my $table (@{ $floor->{tables} })
	{
		push @sql, sprintf("INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity, min_party_size, max_party_size, mobility, status, active) VALUES (%s, %s, %s, %s, %d, %d, %s, '%s', '%s', %s);",
			$id->($table->{id}), $restaurant, defined $table->{zone} ? $id->($table->{zone}) : 'NULL', _text($table->{id}), $table->{capacity}, $table->{min},
			$table->{max} // 'NULL', $table->{movable} ? 'movable' : 'fixed', $table->{status}, _truth($table->{active}));
		push @sql, "SELECT menuca_prefer_table(@{[ $id->($table->{id}) ]}, priority => $table->{priority});" if $table->{priority};
	}
	push @sql, "INSERT INTO table_adjacencies VALUES (@{[ $id->($_->[0]) ]}, @{[ $id->($_->[1]) ]});" for @{ $floor->{edges} };
	foreach my $taken (@{ $floor->{taken} })
	{
		my ($table, $from, $until, $kind) = @$taken;
		my $row = $id->('taken ' . $n++);

		push @sql, $kind =~ /hold/ ?
		  ("INSERT INTO table_holds (id, restaurant_id, start_at, end_at, expires_at) VALUES ($row, $restaurant, @{[ _time($from) ]}, @{[ _time($until) ]}, clock_timestamp() + interval '@{[ $kind eq 'hold' ? '1 hour' : '-1 second' ]}');",
			"INSERT INTO table_hold_members VALUES ($row, @{[ $id->($table) ]});") :
		  ("INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at) VALUES ($row, $restaurant, 1, '$kind', @{[ _time($from) ]}, @{[ _time($until) ]});",
			"INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) VALUES ($row, @{[ $id->($table) ]}, @{[ _time($from) ]}, @{[ _time($until) ]});");
	}
	my %settings = %{ $floor->{settings} };
	push @sql, "SELECT count(*) FROM menuca_seating_set($restaurant, '{\"turn_times\": {}, " .
	  join(', ', map { "\"$_\": " . ($settings{$_} =~ /^-?\d+$/ ? $settings{$_} : "\"$settings{$_}\"") } sort keys %settings) . "}');";
	foreach my $listed (@{ $floor->{listed} })
	{
		push @sql, sprintf("SELECT menuca_list_combination(%s, ARRAY[%s]::uuid[], %d, %d, %d, '%d minutes', '%d minutes');", $restaurant,
			join(', ', map { $id->($_) } @{ $listed->{tables} }), @{$listed}{qw(capacity min max from until)});
	}
	return join "\n", @sql;
}

sub _neighbors
{
	my ($floor) = @_;
	my %zone = map { $_->{id} => $_->{zone} } @{ $floor->{tables} };
	my %next;

	foreach my $edge (@{ $floor->{edges} })
	{
		my ($a, $b) = @$edge;
		next if $a eq $b || !defined $zone{$a} || !defined $zone{$b} || $zone{$a} ne $zone{$b};
		$next{$a}{$b} = $next{$b}{$a} = 1;
	}
	return \%next;
}

# What sets of dining tables are to each other: cost, and the modes that they satisfy
sub _adjacency
{
	my ($next, @ids) = @_;
	my $n = @ids;
	my $diameter = 0;
	my %modes = (off => 1);

	return (0, { map { $_ => 1 } qw(off connected pairwise neighbors) }) if $n == 1;
	my $connected = 1;
	foreach my $from (@ids)
	{
		my %distance = ($from => 0);
		my @queue = ($from);

		while (defined(my $at = shift @queue))
		{
			foreach my $to (grep { $next->{$at}{$_} && !exists $distance{$_} } @ids)
			{
				$distance{$to} = $distance{$at} + 1;
				push @queue, $to;
			}
		}
		$connected = 0 if keys %distance < $n;
		$diameter = max($diameter, values %distance);
	}
	$modes{connected} = 1 if $connected;
	my @degrees = map { my $a = $_; scalar grep { $next->{$a}{$_} } @ids } @ids;
	$modes{pairwise} = 1 unless grep { $_ < $n - 1 } @degrees;
	$modes{neighbors} = 1 if grep { $_ == $n - 1 } @degrees;
	return ($connected ? $diameter : $n, \%modes);
}

# All sets of n of the elements
sub _sets
{
	my ($n, @from) = @_;

	return ([]) if $n == 0;
	return () if @from < $n;
	my $first = shift @from;
	return ((map { [ $first, @$_ ] } _sets($n - 1, @from)), _sets($n, @from));
}

=pod

=item floor_plans($floor)

All plans for its question, in order: hashes with tables, score (in
ten-thousandths), overage and dominated.

=cut

sub floor_plans
{
	my ($floor) = @_;
	my %s = %{ $floor->{settings} };
	my $party = $floor->{party};
	my ($start, $end) = ($floor->{start} - $s{buffer_before}, $floor->{end} + $s{buffer_after});
	my %active = map { $_->{id} => $_->{active} } @{ $floor->{zones} };
	my %taken = map { $_->[0] => 1 } grep { $_->[3] =~ /^(pending|pending_allocation|confirmed|checked_in|hold)$/ && $_->[1] < $end && $start < $_->[2] } @{ $floor->{taken} };
	my $next = _neighbors($floor);
	my $need = $party >= $s{adjacency_min_party} ? $s{adjacency} : 'off';
	my (%count, %found);

	$count{ $_->{capacity} }++ for grep { $_->{active} } @{ $floor->{tables} };
	my @usable = grep {
		$_->{active} && (!defined $_->{zone} || $active{ $_->{zone} }) && $_->{status} ne 'out_of_service' && $_->{capacity} > 0
		  && $party >= $_->{min} && !$taken{ $_->{id} }
	} @{ $floor->{tables} };
	my %usable = map { $_->{id} => $_ } @usable;

	my $add = sub {
		my ($capacity, @members) = @_;
		my @ids = sort map { $_->{id} } @members;
		my ($cost) = _adjacency($next, @ids);
		my $seats = sum(map { $_->{capacity} } @members);
		my $score = 10000 * ($s{w_overage} * ($capacity - $party) + $s{w_tables} * (@members - 1) + $s{w_adjacency} * $cost
			+ $s{w_spread} * ($seats - max(map { $_->{capacity} } @members)) + $s{w_priority} * sum(map { $_->{priority} } @members))
		  + $s{w_scarcity} * sum(map { my $n = $count{ $_->{capacity} }; int((20000 + $n) / (2 * $n)) } @members);

		$found{ join '+', @ids } = { tables => \@ids, overage => $capacity - $party, score => $score };
	};
	foreach my $table (@usable)
	{
		$add->($table->{capacity}, $table)
		  if $party <= $table->{capacity} && $table->{capacity} <= $party + $s{max_overage} && (!defined $table->{max} || $party <= $table->{max});
	}
	if ($s{k_max} > 1 && $s{combinations} ne 'listed')
	{
		foreach my $zone (map { $_->{id} } @{ $floor->{zones} })
		{
			foreach my $n (2 .. $s{k_max})
			{
				foreach my $set (_sets($n, grep { $_->{movable} && defined $_->{zone} && $_->{zone} eq $zone } @usable))
				{
					my $capacity = sum(map { $_->{capacity} } @$set);

					next if $capacity < $party || $capacity > $party + $s{max_overage};
					$add->($capacity, @$set) if (_adjacency($next, map { $_->{id} } @$set))[1]{$need};
				}
			}
		}
	}
	if ($s{k_max} > 1 && $s{combinations} ne 'free')
	{
		foreach my $listed (@{ $floor->{listed} })
		{
			my @members = map { $usable{$_} // () } @{ $listed->{tables} };
			my %zones = map { $_->{zone} // '' => 1 } @members;

			next if @members < @{ $listed->{tables} } || keys %zones > 1 || exists $zones{''}
			  || $party < $listed->{min} || $party > $listed->{max} || $floor->{start} < $listed->{from} || $floor->{start} >= $listed->{until};
			$add->($listed->{capacity}, @members);
		}
	}
	foreach my $plan (values %found)
	{
		my @ids = @{ $plan->{tables} };

		$plan->{dominated} = grep { my $n = $_; grep { $found{ join '+', @$_ } } _sets($n, @ids) } 1 .. $#ids;
	}
	return sort { $a->{score} <=> $b->{score} || $a->{overage} <=> $b->{overage} || @{ $a->{tables} } <=> @{ $b->{tables} } || _by_numbers($a, $b) } values %found;
}

# Lists of table numbers, element by element
sub _by_numbers
{
	my ($one, $two) = map { $_->{tables} } @_;

	foreach my $i (0 .. $#$one)
	{
		my $order = $one->[$i] cmp $two->[$i];
		return $order if $order;
	}
	return 0;
}

=pod

=item plan_lines(@plans)

A line a plan, to be compared: score, overage, dominated, tables.

=back

=cut

sub plan_lines
{
	return join "\n", map { "$_->{score} $_->{overage} @{[ $_->{dominated} ? 't' : 'f' ]} " . join '+', @{ $_->{tables} } } @_;
}

1;
