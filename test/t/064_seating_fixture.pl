
# The generator of floors and evenings: the same arguments give the same bytes, what
# it writes loads beside the guarantees and keeps what --help promises, nonsense is
# refused in words, and generated evenings are seated without a double booking.

# engines: auto

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $node = new_node('main');
rows_of($node, 'postgres', 'CREATE DATABASE seating');
rows_of($node, 'seating', 'CREATE SCHEMA ops; CREATE EXTENSION menuca_seating SCHEMA ops; ALTER DATABASE seating SET search_path = public, ops');
rows_of($node, 'seating', slurp_file('test/fixture/seating/schema.sql'));
rows_of($node, 'seating', 'SELECT count(*) FROM menuca_seating_deploy(dry_run => false)');

#
# The same arguments, the same bytes
#

my @all = qw(--tables 60 --zones 7 --bookings 90 --adjacency random --busy 12 --listed 6 --walk-ins-only 3 --set k_max=4 --hours 11:30-25:45);
is(generate(@all), generate(@all), 'the same arguments give the same bytes');
is(generate(), generate(qw(--tables 40 --zones 5 --bookings 76 --seed 1 --adjacency none --fixed-share 20)), 'the defaults are those that are documented');
my %bytes = map { generate('--name', 'x', '--seed', $_) => 1 } 0 .. 9, '9223372036854775807';
is(scalar keys %bytes, 11, 'each seed gives others');
# So that a change of the generator is seen: everybody's figures would change with it
is(digest(generate()), '5a69608eedeee4cccae1e44571bda813', 'the bytes of the default');
is(digest(generate(@all)), '40c1056e54460ffe05ec666e5c0f4dac', 'and of all options');
# More bookings move nothing
like(generate('--bookings', 100), qr/\Q@{[ generate('--bookings', 50) =~ m{COPY generated_booking FROM stdin;\n(.*?)^\\}ms ]}\E/, 'the first bookings do not depend on their number');
unlike(generate(qw(--bookings 10 --busy 5)), qr/menuca_/, 'a plain evening needs no extension');

#
# Nonsense
#

refused($_->[0], @{ $_->[1] }) foreach
  [ qr/^invalid --tables "0": the number of dining tables must be a whole number from 1 to 100000$/, [qw(--tables 0)] ],
  [ qr/^invalid --bookings "many": the number of bookings must be a whole number from 0 to 1000000$/, [qw(--bookings many)] ],
  [ qr/^invalid --seed "-1": the seed must be a whole number from 0 to 9223372036854775807$/, [qw(--seed -1)] ],
  [ qr/^invalid --seed "9223372036854775808": /, [qw(--seed 9223372036854775808)] ],
  [ qr/^invalid --fixed-share "101": /, [qw(--fixed-share 101)] ],
  [ qr/^50 zones are more than the 40 dining tables: each zone has at least one$/, [qw(--zones 50)] ],
  [ qr/^--walk-ins-only 41 is more than the 40 dining tables$/, [qw(--walk-ins-only 41)] ],
  [ qr/^only \d+ of 400 busy bookings have a dining table; name fewer, or more dining tables or hours$/, [qw(--busy 400)] ],
  [ qr/^only 0 of 3 listed combinations differ; name fewer, or more dining tables in each zone$/, [qw(--listed 3 --zones 40)] ],
  [ qr/^unknown adjacency "ring"; known are: none grid random$/, [qw(--adjacency ring)] ],
  [ qr/^there is no date "2025-02-29"$/, [qw(--date 2025-02-29)] ],
  [ qr/^invalid date "tomorrow": YYYY-MM-DD was expected$/, [qw(--date tomorrow)] ],
  [ qr/^invalid hours "21:00-17:00": the last start is before the first$/, [qw(--hours 21:00-17:00)] ],
  [ qr/^invalid hours "17:10-18:00": quarter hours from 05:00 to 28:45 were expected$/, [qw(--hours 17:10-18:00)] ],
  [ qr/^invalid time zone "x'y": a name such as Europe\/London was expected$/, [ '--timezone', "x'y" ] ],
  [ qr/^unknown setting "k"; known are: adjacency /, [qw(--set k=3)] ],
  [ qr/^setting "lookahead" cannot be "perhaps"$/, [qw(--set lookahead=perhaps)] ],
  [ qr/^the name must not be empty$/, [ '--name', '' ] ],
  [ qr/^unexpected argument "evening"$/, ['evening'] ],
  [ qr/^Unknown option: nonsense\nTry "generate.pl --help"\.$/, ['--nonsense'] ];

#
# What it writes loads, and is what was asked for
#

my @evenings = (
	[ 'plain' ],
	[ 'one', qw(--tables 1 --zones 1 --bookings 3) ],
	[ 'nobody', qw(--bookings 0) ],
	[ 'all options', @all, qw(--date 2026-03-06 --timezone America/Toronto) ],
	[ 'grid', qw(--tables 48 --zones 3 --adjacency grid --busy 30 --set adjacency_min_party=5) ],
	[ 'buffers', qw(--busy 40 --set buffer_before=10 --set buffer_after=15 --seed 3) ],
	[ 'fixed', qw(--fixed-share 100 --bookings 120 --seed 4) ],
	[ 'crowded', qw(--tables 20 --zones 2 --bookings 90 --hours 18:00-20:00 --fixed-share 0 --seed 5) ],
	[ "o'neill's \\ \"room\"\t1", qw(--listed 10 --walk-ins-only 5 --tables 30 --seed 6) ]);
foreach my $evening (@evenings)
{
	my ($name, @options) = @$evening;
	my %asked = ('--tables' => 40, '--zones' => 5, '--bookings' => 76, '--busy' => 0, '--listed' => 0, '--walk-ins-only' => 0, '--date' => '2025-11-15', @options);

	load($name, @options);
	is(rows_of($node, 'seating', sprintf(<<'SQL', restaurant($name))), join('|', 1, @asked{qw(--zones --tables --bookings --busy --busy --listed --walk-ins-only)}), "$name: is what was asked for");
SELECT count(*), (SELECT count(*) FROM zones z WHERE z.restaurant_id = r.id), (SELECT count(*) FROM table_inventory t WHERE t.restaurant_id = r.id),
	(SELECT count(*) FROM bookings b WHERE b.restaurant_id = r.id AND status = 'pending'),
	(SELECT count(*) FROM bookings b WHERE b.restaurant_id = r.id AND status = 'confirmed'),
	(SELECT count(*) FROM booking_table_assignments a JOIN table_inventory t ON t.id = a.table_id WHERE t.restaurant_id = r.id),
	(SELECT count(*) FROM menuca_listed_combination c WHERE c.restaurant_id = r.id),
	(SELECT count(*) FROM menuca_table_preference p JOIN table_inventory t ON t.id = p.table_id WHERE t.restaurant_id = r.id AND p.walk_ins_only)
FROM restaurants r WHERE r.id = %s GROUP BY r.id
SQL
	is(rows_of($node, 'seating', 'SELECT name FROM restaurants WHERE id = ' . restaurant($name)), $name, "$name: is its name");
	seat($name, $asked{'--date'});
}
is(rows_of($node, 'seating', sprintf(<<'SQL', restaurant('grid'))), '48|t|t', 'a grid has its edges, within zones');
SELECT count(DISTINCT t.id), bool_and(t.zone_id = o.zone_id), bool_and(abs((t.position->>'x')::int - (o.position->>'x')::int) + abs((t.position->>'y')::int - (o.position->>'y')::int) = 1)
FROM table_adjacencies e JOIN table_inventory t ON t.id IN (e.table_a, e.table_b) JOIN table_inventory o ON o.id IN (e.table_a, e.table_b) AND o.id <> t.id
WHERE t.restaurant_id = %s
SQL
is(rows_of($node, 'seating', sprintf(<<'SQL', restaurant('all options'))), 't|t', 'hours are local, and go on past midnight');
SELECT bool_and(at BETWEEN '2026-03-06 11:30' AND '2026-03-07 01:45'), max(at) > '2026-03-07'
FROM (SELECT start_at AT TIME ZONE 'America/Toronto' AS at FROM bookings WHERE restaurant_id = %s) b
SQL

like(error_of($node, 'seating', generate(qw(--name skipped --date 2026-03-28 --hours 24:00-26:00)))->{message}, qr/^the clock of Europe\/London changes in the hours of bookings on 2026-03-28; name another --date, or other --hours$/, 'a start that does not exist is refused');
like(error_of($node, 'seating', generate(qw(--name skipped --date 2026-03-28 --hours 20:00-24:45 --bookings 0 --busy 90)))->{message}, qr/^the clock of Europe\/London changes /, 'so are busy bookings that end after a change of the clock');
is(rows_of($node, 'seating', "SELECT count(*) FROM restaurants WHERE name = 'skipped'"), 0, 'and nothing is loaded');

#
# Large ones, and what the evening looks like
#

load('large', qw(--tables 5000 --zones 50 --bookings 1800 --busy 400 --listed 50 --walk-ins-only 40 --adjacency random));
seat('large', '2025-11-15');
is(rows_of($node, 'seating', sprintf(<<'SQL', restaurant('large'))), 't|t|t|t', 'couples, large parties, quarter hours, longer stays');
SELECT avg((party_size = 2)::int) BETWEEN 0.30 AND 0.38, avg((party_size > 7)::int) BETWEEN 0.08 AND 0.14, bool_and(extract(minute FROM start_at)::int %% 15 = 0),
	avg((end_at IS NOT NULL)::int) BETWEEN 0.17 AND 0.23
FROM bookings WHERE restaurant_id = %s AND id NOT IN (SELECT md5('large/busy ' || n)::uuid FROM generate_series(1, 400) n)
SQL
is(rows_of($node, 'seating', sprintf(<<'SQL', restaurant('large'))), 't', 'two peaks, the second higher');
SELECT n[6] > n[1] AND n[6] > n[10] AND n[14] > n[10] AND n[14] > n[19] AND n[14] > n[6]
FROM (SELECT array_agg(n ORDER BY start_at) FROM (SELECT start_at, count(*) AS n FROM bookings WHERE restaurant_id = %s GROUP BY 1) s) h(n)
SQL
load("seed $_", qw(--bookings 60 --tables 24 --adjacency), qw(none grid random)[ $_ % 3 ], '--seed', $_, '--busy', $_ % 10, '--listed', $_ % 4) foreach 100 .. 106;
seat("seed $_", '2025-11-15') foreach 100 .. 106;

$node->stop;

done_testing();

# What the generator prints
sub generate
{
	my ($out, $err) = ('', '');

	IPC::Run::run([ 'perl', 'test/fixture/seating/generate.pl', @_ ], '>', \$out, '2>', \$err) or die "generate.pl @_: $err";
	die "generate.pl @_: $err" if $err ne '';
	return $out;
}

sub digest
{
	require Digest::MD5;
	return Digest::MD5::md5_hex($_[0]);
}

# Nothing is written but the reason.
sub refused
{
	my ($pattern, @options) = @_;
	my ($out, $err) = ('', '');
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	my $ok = IPC::Run::run([ 'perl', 'test/fixture/seating/generate.pl', @options ], '>', \$out, '2>', \$err);
	ok(!$ok && $out eq '', "refused: @options");
	like($err, $pattern, "in words: @options");
	return;
}

sub restaurant
{
	my ($name) = @_;

	return "md5(E'" . "$name/restaurant" =~ s/(['\\])/\\$1/gr . "')::uuid";
}

sub load
{
	my ($name, @options) = @_;

	rows_of($node, 'seating', generate('--name', $name, @options), extra_params => [ '-v', 'ON_ERROR_STOP=1' ]);
	return;
}

# The day run keeps what is there, seats whom it said, and nobody twice; the guarantees
# look on.
sub seat
{
	my ($name, $date) = @_;
	my $room = restaurant($name);
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	my $before = kept($name);
	my $foreseen = rows_of($node, 'seating', "SELECT seated, bound >= seated, unreadable FROM menuca_day_result($room, '$date')");
	my $run = rows_of($node, 'seating', "SET client_min_messages = error; SELECT count(*) FILTER (WHERE outcome = 'assigned'), true, 0 FROM menuca_auto_assign_day($room, '$date', dry_run => false)");

	is($run, $foreseen, "$name: the day run seats whom it said, of $run");
	is(kept($name), $before, "$name: what was there stays");
	is(rows_of($node, 'seating', <<"SQL"), '0|0|0|0', "$name: nobody is seated twice, too tight, or in two zones");
WITH seat AS (
	SELECT a.*, t.capacity, t.zone_id, b.party_size, b.status FROM booking_table_assignments a JOIN bookings b ON b.id = a.booking_id JOIN table_inventory t ON t.id = a.table_id
	WHERE b.restaurant_id = $room)
SELECT (SELECT count(*) FROM seat a JOIN seat b ON a.table_id = b.table_id AND a.id < b.id AND a.start_at < b.end_at AND b.start_at < a.end_at),
	(SELECT count(*) FROM bookings b WHERE restaurant_id = $room AND status = 'confirmed' AND NOT EXISTS (SELECT FROM seat WHERE booking_id = b.id)),
	(SELECT count(*) FROM (SELECT FROM seat GROUP BY booking_id, party_size HAVING sum(capacity) < party_size
		AND NOT EXISTS (SELECT FROM menuca_listed_combination c WHERE c.table_ids = array_agg(table_id ORDER BY table_id) AND c.capacity >= party_size)) x),
	(SELECT count(*) FROM (SELECT FROM seat GROUP BY booking_id HAVING count(DISTINCT zone_id) > 1) x)
SQL
	return;
}

# The bookings that had dining tables beforehand, as a checksum
sub kept
{
	my ($name) = @_;
	my $prefix = substr(restaurant($name), 0, -length("restaurant')::uuid"));

	return rows_of($node, 'seating', "SELECT count(*), md5(string_agg(a::text, ' ' ORDER BY a.id)) FROM booking_table_assignments a WHERE booking_id IN (SELECT ${prefix}busy ' || n)::uuid FROM generate_series(1, 500) n)");
}
