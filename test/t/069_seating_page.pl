
# The floor and the report of seating: what a browser shows of them; each figure of the
# monitor; and whatever somebody writes into a table stays text.

# engines: auto

use strict;
use warnings;

use Encode ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaBrowser;
use MenucaTest;

my $schema = slurp_file('test/fixture/seating/schema.sql');
my $evening = slurp_file('test/fixture/seating/evening.sql');
my $room = "md5('restaurant')::uuid";
my $node = new_node('main', allows_streaming => 1);

# The evening of today, and five days before it; each kind of dining table; a quarter to
# three hours after it began is the instant that is looked at
rows_of($node, 'postgres', 'CREATE DATABASE seated');
rows_of($node, 'seated', "SET client_min_messages = error; CREATE SCHEMA ops; CREATE EXTENSION menuca_seating SCHEMA ops;\n$schema\n$evening\n" . <<"SQL");
UPDATE bookings SET start_at = start_at - timestamptz '2025-11-15 17:00+00' + date_trunc('hour', now()) - interval '3 hours';
SELECT count(*) FROM ops.menuca_seating_set(NULL, '{"turn_times": {"20": 120}}');
SELECT count(*) FROM generate_series(0, 1) d, ops.menuca_auto_assign_day($room, (SELECT min(start_at) AT TIME ZONE 'Europe/London' - interval '5 hours' FROM bookings)::date + d, dry_run => false);
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at)
SELECT md5(id::text || n)::uuid, restaurant_id, party_size, 'completed', start_at - n * interval '1 day' FROM bookings, generate_series(1, 5) n WHERE party_size > n;
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at)
SELECT md5(booking_id::text || n)::uuid, table_id, start_at - n * interval '1 day', end_at - n * interval '1 day' FROM booking_table_assignments, generate_series(1, 5) n
WHERE EXISTS (SELECT FROM bookings WHERE id = md5(booking_id::text || n)::uuid);
UPDATE bookings SET status = 'confirmed' WHERE id = (SELECT id FROM bookings WHERE status = 'pending' ORDER BY id LIMIT 1);
UPDATE table_inventory SET status = 'out_of_service' WHERE table_number IN ('BA-08', 'PR-03');
UPDATE table_inventory SET active = false WHERE table_number = 'PT-08';
DELETE FROM booking_table_assignments a USING table_inventory t WHERE t.id = a.table_id AND table_number IN ('PR-03', 'PT-08', 'OG-06', 'OG-05');
UPDATE table_inventory t SET position = jsonb_build_object('x', n % 4 * 150, 'y', n / 4 * 120, 'rotation', CASE n WHEN 5 THEN 45 WHEN 3 THEN 90 ELSE 0 END)
FROM (SELECT id, row_number() OVER (ORDER BY table_number) - 1 AS n FROM table_inventory WHERE table_number LIKE 'MD%') m WHERE m.id = t.id;
INSERT INTO table_adjacencies SELECT a.id, b.id FROM table_inventory a JOIN table_inventory b ON a.zone_id = b.zone_id AND right(b.table_number, 2)::int = right(a.table_number, 2)::int + 1;
INSERT INTO table_holds (id, restaurant_id, start_at, end_at, expires_at) SELECT md5('hold')::uuid, $room, max(start_at) - interval '3 hours', max(start_at), 'infinity' FROM bookings;
INSERT INTO table_hold_members SELECT md5('hold')::uuid, id FROM table_inventory WHERE table_number IN ('OG-05', 'OG-06');
INSERT INTO ops.menuca_seating_stage (percent, action) VALUES (10, 'rollout'), (50, 'rollout');
INSERT INTO ops.menuca_seating_variant (name, percent, settings) VALUES ('pairs', 50, '{"k_max": 2}'), ('threes', 100, '{"k_max": 3}');
UPDATE ops.menuca_seating_attempt SET variant = CASE WHEN party_size % 2 = 0 THEN 'pairs' ELSE 'threes' END;
SQL
rows_of($node, 'seated', 'VACUUM ANALYZE');
my $at = "(SELECT min(start_at) + interval '165 minutes' FROM public.bookings WHERE start_at > now() - interval '12 hours')";
rows_of($node, 'postgres', 'CREATE DATABASE empty');
rows_of($node, 'empty', "SET client_min_messages = error; CREATE SCHEMA ops; CREATE EXTENSION menuca_seating SCHEMA ops;\n$schema");

sub floor_of { return rows_of($node, $_[0], "SELECT ops.menuca_seating_floor($room, $at)") . "\n"; }
sub report_of { my ($database, $arguments, @params) = @_; return rows_of($node, $database, "SET client_min_messages = error; SELECT ops.menuca_seating_report($arguments)", @params) . "\n"; }

# For people who want to see them
sub keep_picture
{
	my ($html, $name, $width, $height, $scheme) = @_;

	picture($html, $name, $width, $height > 16_000 ? 16_000 : $height, $scheme) if ($ENV{MENUCA_PICTURES} // '') ne '';
	return;
}

# A picture alone in a page, and what a page is when printed, as a page of that width
sub framed { return qq{<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Floor</title></head><body><h1>Floor</h1><figure style="margin:0">$_[0]</figure></body></html>}; }
sub printed { return $_[0] =~ s/\@media (?:screen and )?\(max-width/\@media (max-width: 1px) and (max-width/gr =~ s/\@media print/\@media all/gr; }

sub xml_errors
{
	my ($text) = @_;

	return rows_of($node, 'postgres', "SELECT CASE WHEN xml_is_well_formed_document(\$xml\$$text\$xml\$) THEN '' ELSE 'not well-formed' END");
}

my $loads = qr/<(?:script|img|link|iframe|object|embed|video|audio|use|image|foreignObject|animate|set)\b|\bsrc=|\bon\w+=|url\(|\@import|javascript:|xlink/i;

#
# The floor
#

note 'The floor';

my $svg = floor_of('seated');
is(xml_errors($svg), '', 'it is well-formed');
unlike($svg, qr/[^\x20-\x7E\t\n]/, 'it is ASCII');
unlike($svg, $loads, 'nothing is loaded or run');
unlike($svg, qr/href/, 'nothing is referred to');
like($svg, qr/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" class="menuca-floor" role="img" aria-labelledby="(\S+) (\S+)" viewBox="[^"]*"[^>]*><title id="\1">Floor of Trattoria, [^<]*<\/title><desc id="\2">40 dining tables: [^<]*<\/desc>/, 'it has a title and a description');

# Against the rows
my @rows = map { [ split /\|/, $_, -1 ] } split /\n/, rows_of($node, 'seated', "SELECT table_number, state, booking, hold, party_size, tables FROM ops.menuca_seating_floor_rows($room, $at)");
my %shown = map { /^(\S+), / ? ($1 => 1) : () } $svg =~ /<g class="mf-table [^"]*"><title>([^<]*)</g;
is(join(' ', sort keys %shown), join(' ', sort map { $_->[0] } @rows), 'each dining table is there');
my %states = ('mf-taken' => 'taken', 'mf-held' => 'held', 'mf-out' => 'out of service', 'mf-inactive' => 'inactive', 'mf-free' => 'free');
is_deeply({ map { /^(\S+) (\S+),/ ? ($2 => $states{$1}) : () } map { "$_->[0] $_->[1]" } map { [ split /\0/ ] } map { s/"><title>/\0/r } $svg =~ /<g class="mf-table (mf-\w+"><title>[^<]*)</g },
	{ map { ($_->[0] => $_->[1]) } @rows }, 'in its state');
my %present = map { ($_->[1] => 1) } @rows;
is(join(', ', sort keys %present), 'free, held, inactive, out of service, taken', 'all states are there');
my %joined;
foreach my $row (@rows)
{
	push @{ $joined{ $row->[3] ? "hold $row->[3]" : "booking $row->[2]" } }, $row->[0] if $row->[5] ne '' && $row->[5] > 1;
}
cmp_ok(scalar keys %joined, '>', 4, 'several bookings are joined');
my %outline = map { /^(\w+)="([^"]*)"><path class="mf-line" d="([^"]*)"/ ? ("$1 $2" => scalar(() = $3 =~ /M/g)) : () } $svg =~ /<g class="mf-joined mf-hue\d" data-(.*?)<\/g>/g;
is_deeply(\%outline, { map { ($_ => 2 * @{ $joined{$_} } - 1) } keys %joined }, 'each joined set is one outline: its dining tables, and what connects them');
my %party = map { ($_->[3] ? "hold $_->[3]" : "booking $_->[2]", $_->[4]) } grep { $_->[5] ne '' && $_->[5] > 1 } @rows;
my @lines = map { s/<[^>]*>//gr } $svg =~ /<text class="mf-t" x="3" y="20">(.*?)<\/text>/g;
is(join("\n", sort map { s/^[A-Z]+: //r =~ s/, until .*| until .*//r } @lines),
	join("\n", sort map { join(' + ', sort @{ $joined{$_} }) . ', ' . (/^hold/ ? 'held' : "party of $party{$_}") } keys %joined), 'and is named below the legend');
like($svg, qr/class="mf-l"[^>]*>[A-Z]: party of \d+, until \d\d:\d\d</, 'and has a label');

# Inks on what is below them, in both schemes
my $style = rows_of($node, 'seated', 'SELECT ops.menuca_seating_floor_style()');
my ($light, $dark) = $style =~ /\.menuca-floor \{([^}]*)\}/g;
is(join('', $style =~ /\@media print \{ \.menuca-floor \{ color-scheme: light;\s*(.*?)\s*-webkit/s) =~ s/\s+/ /gr, join('', $light =~ /(--mf-page:.*)/s) =~ s/\s+/ /gr =~ s/ $//r, 'printed, the colours are the light ones');
foreach my $scheme ([ 'light', $light ], [ 'dark', $dark ])
{
	my ($name, $text) = @$scheme;
	my %colour = $text =~ /--mf-(\w[\w-]*): #(\w{6})/g;

	foreach my $pair ((map { [ 'ink', $_ ], [ 'soft', $_ ] } qw(page panel free taken held out none)), map { [ "ink$_", 'page' ], [ 'ink', "joined$_" ] } 0 .. 2)
	{
		my ($ink, $paper) = map { luminance($colour{$_}) } @$pair;
		my $ratio = ((sort { $b <=> $a } $ink, $paper)[0] + 0.05) / ((sort { $a <=> $b } $ink, $paper)[0] + 0.05);

		cmp_ok($ratio, '>=', 4.5, sprintf('%s: %s on %s is %.2f', $name, @$pair, $ratio));
	}
}

sub luminance
{
	my @channel = map { my $c = hex($_) / 255; $c <= 0.04045 ? $c / 12.92 : (($c + 0.055) / 1.055)**2.4 } $_[0] =~ /(..)/g;

	return 0.2126 * $channel[0] + 0.7152 * $channel[1] + 0.0722 * $channel[2];
}

#
# The report
#

note 'The report';

my %page = (all => report_of('seated', ''), one => report_of('seated', "7, $room"), empty => report_of('empty', ''), floor => framed($svg));
my %sections = map { my $for = $_; ($_ => [ split /\n/, rows_of($node, 'seated', "SELECT name FROM ops.menuca_seating_report_section WHERE shown_for IN ('any', '" . ($for eq 'one' ? 'one' : 'all') . "') ORDER BY place") ]) } qw(all one empty);
foreach my $name (qw(all one empty))
{
	is(xml_errors($page{$name}), '', "$name: it is well-formed");
	unlike($page{$name}, qr/[^\x20-\x7E\t\n]/, "$name: it is ASCII");
	unlike($page{$name}, $loads, "$name: nothing is loaded or run");
	is(join(' ', grep { !/^#[a-z]+$/ } $page{$name} =~ /href="([^"]*)"/g), '', "$name: links lead into the page");
	like($page{$name}, qr/<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"\/>/, "$name: its policy");
	cmp_ok(length $page{$name}, '<', 2_000_000, "$name: it is small");
	unlike($page{$name}, qr/class="missing"/, "$name: no section is missing");
}
like($page{empty}, qr/No data.*SKIP/s, 'without a booking there is no data, and that is no pass');

my %seen;
if (browser())
{
	foreach my $name (qw(floor all one empty))
	{
		my %found;

		@{ $found{light} }{ 1280, 400 } = look($page{$name}, 'light', 1280, 400);
		@{ $found{dark} }{ 1280, 400 } = look($page{$name}, 'dark', 1280, 400);
		@{ $found{paper} }{680} = look(printed($page{$name}), 'paper', 680);
		foreach my $how ([ 1280, 'light' ], [ 1280, 'dark' ], [ 400, 'light' ], [ 400, 'dark' ], [ 680, 'paper' ])
		{
			my ($width, $scheme) = @$how;
			my $found = $found{$scheme}{$width};
			my $test = "$name, $width, $scheme";

			$seen{$name} //= $found;
			is_deeply($found->{console}, [], "$test: no error");
			is_deeply([ @{ $found->{requests} }, @{ $found->{urls} } ], [], "$test: no request");
			is_deeply($found->{cut}, [], "$test: nothing is cut");
			cmp_ok($found->{scrollWidth}, '<=', $found->{width}, "$test: nothing is wider");
			is_deeply($found->{overlaps}, [], "$test: no text over another");
			is_deeply($found->{contrast}, [], "$test: each of the $found->{texts} texts can be read");
			is_deeply($found->{nameless} // [], [], "$test: each picture has a title and a text");
			is_deeply([ grep { $found->{ids}{$_} > 1 } sort keys %{ $found->{ids} } ], [], "$test: each id is unique");
			is_deeply([ grep { /^(?:script|img|link|iframe|object|embed|use|image|foreignobject|a)$/ && !($_ eq 'a' && $name ne 'floor') } keys %{ $found->{tags} } ], [], "$test: no element that loads or runs something");
			is_deeply($found->{sections}, $sections{$name}, "$test: all sections") if $sections{$name};
			keep_picture($page{$name}, "seating-$name-$width-$scheme", $width, $found->{height}, $scheme) unless $scheme eq 'paper';
		}
		my @paper = paper($page{$name}, "seating-$name");

		cmp_ok(scalar @paper, '>', 0, "$name: on paper");
		is_deeply([ grep { !/^595x842$/ } @paper ], [], "$name: each page is A4") unless $name eq 'floor';
	}
	compare_figures();
}
else
{
	SKIP:
	{
		skip 'no browser: the pages are not opened', 1;
	}
}

# What the page has, against what the monitor and its figures return
sub compare_figures
{
	my $tables = $seen{all}{tables};
	my $sql = sub { return [ map { [ split /\|/, $_, -1 ] } split /\n/, rows_of($node, 'seated', "SET search_path = ops; $_[0]") ] };
	my $of = sub { my ($caption) = grep { /$_[0]/ } sort keys %$tables; return $caption ? $tables->{$caption} : []; };
	my $plain = sub { return [ map { my $r = $_; [ map { $r->[$_] =~ s/[, %]//gr } @{ $_[1] } ] } @{ $_[0] } ] };

	is_deeply([ map { [ $_->[0], $_->[1] =~ s/^\S+ //r, @{$_}[2 .. 5] ] } @{ $of->('^The checks') } ],
		$sql->(q(SELECT title, status, coalesce(expected, ''), coalesce(actual, ''), coalesce(detail, ''), coalesce(next_step, '') FROM menuca_seating_monitor() WHERE name <> 'summary' ORDER BY check_no)), 'each check');
	is($seen{all}{call} // '', rows_of($node, 'seated', q(SELECT coalesce(next_step, '') FROM ops.menuca_seating_monitor() WHERE name = 'summary')), 'the next call');
	like($seen{all}{words}[0], qr/Alert/, 'the verdict: a confirmed booking has no dining table');
	is_deeply($plain->($of->('^Bookings by service day'), [ 0 .. 8 ]),
		$plain->($sql->(q(SELECT service_day, bookings, cancelled, seated, combinations, usage_pct, no_single_table, attempts, success_pct FROM menuca_seating_figures_by_day() ORDER BY service_day)), [ 0 .. 8 ]), 'days');
	is_deeply($plain->($of->('^The 20 combinations'), [ 0, 2 .. 4 ]),
		$plain->($sql->(q(SELECT array_to_string(table_numbers, ' + '), tables, bookings, combinations_pct FROM menuca_seating_figures_combinations())), [ 0 .. 3 ]), 'combinations');
	is_deeply($plain->($of->('^The 20 restaurants'), [ 0 .. 8 ]),
		$plain->($sql->(q(SELECT restaurant_name, restaurant_id, bookings, cancelled, seated, combinations, usage_pct, no_single_table, success_pct FROM menuca_seating_figures_by_restaurant())), [ 0 .. 8 ]), 'restaurants');
	is_deeply([ map { [ @{$_}[0, 2, 3] ] } @{ $of->('^Stages') } ], $sql->(q(SELECT stage_no, percent || ' %', action FROM menuca_seating_stage ORDER BY stage_no DESC)), 'stages');
	is_deeply($plain->($of->('^Variants'), [ 0, 3 .. 6 ]), $sql->(q(SELECT v.name, m.value ->> 'seated', m.value ->> 'usage_pct', m.value ->> 'attempted', m.value ->> 'success_pct'
		FROM menuca_seating_variant v, jsonb_each((SELECT metadata FROM menuca_seating_monitor() WHERE name = 'variants')) m WHERE m.key = v.name ORDER BY v.percent)), 'variants');

	# Each number of the metadata, by a reading of its own
	my $wanted = rows_of($node, 'seated', <<'SQL');
SELECT title, CASE WHEN strpos(path, '.') > 0 THEN replace(left(path, length(path) - strpos(reverse(path), '.')), '_', ' ') ELSE 'all' END, replace(reverse(split_part(reverse(path), '.', 1)), '_', ' '), value
FROM (SELECT title, key AS path, value FROM ops.menuca_seating_monitor() m, jsonb_each(m.metadata)
	  UNION ALL SELECT title, a.key || '.' || b.key, b.value FROM ops.menuca_seating_monitor() m, jsonb_each(m.metadata) a, jsonb_each(CASE jsonb_typeof(a.value) WHEN 'object' THEN a.value ELSE '{}' END) b) f
WHERE jsonb_typeof(value) IN ('number', 'null')
SQL
	my %on_page = map { my ($check, $of_what, $figures) = @$_; map { /^(.*?): (.*)$/ ? ("$check|$of_what|$1" => $2 =~ s/,//gr) : () } split /; /, $figures } @{ $of->('figures, check by check') };
	my @wrong = grep { my ($key, $value) = /^(.*)\|([^|]*)$/; ($on_page{$key} // 'missing') ne ($value eq 'null' ? 'none' : $value) } split /\n/, $wanted;

	cmp_ok(scalar(split /\n/, $wanted), '>', 60, 'the monitor has figures');
	is_deeply(\@wrong, [], 'each of them is on the page');
	like($page{all}, qr/<text[^>]*class="count">\Q@{[ rows_of($node, 'seated', q(SELECT metadata ->> 'usage_pct' FROM ops.menuca_seating_monitor() WHERE name = 'usage')) ]}\E %<\/text>/, 'the share is in the picture');
	return;
}

#
# Hostile values
#

note 'Hostile values';

my $evil = q{</text></svg><script>document.title='x'</script><img src=x onerror="document.title='y'">"'>]]>&amp;&#60;--><b>`} . "\x{202E}\x{2066}\x{200F}\x{1}\x{85}\x{1F600}\x{644}\x{FDFD}";
copy_database($node, 'seated', 'evil');
rows_of($node, 'evil', <<'SQL' =~ s/EVIL/Encode::encode('UTF-8', $evil)/er);
SET session_replication_role = replica;
SET client_min_messages = error;
-- Their words are texts, too; enums forbid what is not one of them
ALTER TABLE bookings ALTER COLUMN status DROP DEFAULT, ALTER COLUMN status TYPE text;
DO $do$
DECLARE
	evil text := $$EVIL$$ || repeat('W', 10000);
	c record;
BEGIN
	FOR c IN SELECT a.attrelid::regclass AS t, quote_ident(a.attname) AS a
		FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid
		WHERE r.relkind = 'r' AND r.relnamespace IN ('ops'::regnamespace, 'public'::regnamespace) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
			AND a.atttypid IN ('text'::regtype, 'varchar'::regtype) AND (r.relname, a.attname) NOT IN (('bookings', 'status'), ('restaurants', 'timezone'), ('menuca_seating_variant', 'name'))
	LOOP
		BEGIN
			EXECUTE format('UPDATE %s SET %s = left(ctid::text || %L, CASE WHEN %L LIKE ''%%number'' THEN 2000 ELSE 10000 END)', c.t, c.a, evil, c.a);
		EXCEPTION WHEN others THEN
			BEGIN
				EXECUTE format('UPDATE %s SET %s = left(%L, 40)', c.t, c.a, evil);
			EXCEPTION WHEN others THEN NULL;
			END;
		END;
	END LOOP;
	UPDATE ops.menuca_seating_variant SET name = left(evil, 25) || name, settings = jsonb_build_object('k_max', 3);
	UPDATE ops.menuca_seating_attempt SET variant = left(evil, 25) || party_size % 2;
	-- A status of the users that nobody knows, where it blocks nothing, and positions that are texts
	UPDATE bookings SET status = evil WHERE status = 'completed';
	UPDATE table_inventory SET position = jsonb_build_object('x', evil, 'y', evil, evil, evil) WHERE capacity = 4;
END $do$;
DELETE FROM ops.menuca_seating_setting WHERE key NOT IN (SELECT key FROM ops.menuca_seating_settings WHERE restaurant_id IS NULL);
SQL
my %evil = (floor => framed(floor_of('evil')), all => report_of('evil', ''), one => report_of('evil', "7, $room"));
foreach my $name (qw(floor all one))
{
	my $text = $evil{$name} =~ s/.*?(?=<svg)//sr =~ s/<\/figure>.*//sr;

	like($evil{$name}, qr/&#60;script&#62;/, "$name: the value is on it");
	unlike($evil{$name}, qr/<script|<img|<b>|onerror="|[^\x20-\x7E\t\n]/, "$name: as harmless text");
	is(xml_errors($name eq 'floor' ? $text : $evil{$name}), '', "$name: it is well-formed");
	cmp_ok(length $evil{$name}, '<=', 2_000_000, "$name: it has at most 2 MB");
	next unless browser();
	my %found;

	@found{ 1280, 400 } = look($evil{$name}, 'light', 1280, 400);
	foreach my $width (1280, 400)
	{
		my $found = $found{$width};

		is_deeply([ @{ $found->{console} }, @{ $found->{requests} }, @{ $found->{urls} } ], [], "$name, $width: no error, no request");
		unlike($found->{title}, qr/^[xy]$/, "$name, $width: nothing was run");
		cmp_ok($found->{scrollWidth}, '<=', $found->{width}, "$name, $width: nothing is wider");
		# What is around a clipped text reaches as far as the text would
		is_deeply([ grep { !/^g / } @{ $found->{cut} } ], [], "$name, $width: nothing is cut");
		is_deeply([ grep { /^(?:script|img|b|iframe)$/ } keys %{ $found->{tags} } ], [], "$name, $width: no element of theirs");
		keep_picture($evil{$name}, "seating-evil-$name-$width", $width, $found->{height}, 'light');
	}
}

#
# Many dining tables; a standby; without a browser's help
#

note 'Many';

copy_database($node, 'seated', 'many');
rows_of($node, 'many', <<"SQL");
INSERT INTO table_inventory (restaurant_id, zone_id, table_number, capacity, position)
SELECT $room, md5('zone ' || ('{OG,MD,PR,BA,PT}'::text[])[1 + n % 5])::uuid, 'X' || n, 4, CASE WHEN n % 7 > 0 THEN jsonb_build_object('x', n * 7919 % 5003, 'y', n * 104729 % 4001, 'rotation', n % 90) END FROM generate_series(1, 4960) n;
SQL
my $many = floor_of('many');
is(scalar(() = $many =~ /<g class="mf-table mf-\w+"><title>/g), 5000, '5,000 dining tables are all there');
is(xml_errors($many), '', 'it is well-formed');
cmp_ok(length $many, '<', 10_000_000, 'of reasonable size');
my $without = report_of('many', "7, $room");
cmp_ok(length $without, '<=', 2_000_000, 'the report has at most 2 MB');
like($without, qr/The floor is too large for this page/, 'and says that its floor is left out');

note 'A standby';
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is(rows_of($standby, 'seated', "SELECT ops.menuca_seating_floor($room, $at)") . "\n", $svg, 'a standby has the same floor');
is(rows_of($standby, 'seated', 'SELECT ops.menuca_seating_report()') =~ s/\d\d:\d\d UTC/TIME/gr . "\n", $page{all} =~ s/\d\d:\d\d UTC/TIME/gr, 'and the same report');
$standby->stop;

$node->stop;
log_is_clean($node);
log_is_clean($standby);

done_testing();
