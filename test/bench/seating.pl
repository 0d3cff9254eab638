#!/usr/bin/perl
#
# seating.pl
#	  Measures menuca_seating against good SQL, side by side in one run.
#
# As in bench.pl, the sides of a case are executed in turns, each from the same state,
# several times, and what counts is the ratio of two sides' medians; first it is proved
# that both do the same.  A figure has its least and greatest value beside it.
#
#	seating_plan	menuca_plan_tables() / recursive self-joins
#	seating_assign	menuca_auto_assign() / filter, pick, insert; pgbench, 1 and 16 sessions
#	seating_day		menuca_auto_assign_day() / a loop that seats booking after booking
#	seating_growth	menuca_auto_assign_day() of ten evenings / of one
#	seating_watch	menuca_seating_monitor() of 1,000,000 bookings / its main figures in SQL
#
# Data are in MenucaBench/SeatingData.pm, the rivals in MenucaBench/SeatingRivals.pm.
# Called by bench.sh, which starts the cluster.  The table goes to standard output (and to
# the file descriptor --also, after what is there), progress to standard error.
#
# Exits with 1 when a wanted ratio is missed.  Goals in milliseconds depend on
# the machine: they are shown, and never fail.
#
use strict;
use warnings;

use FindBin;
use Getopt::Long qw(GetOptions);
use POSIX qw(strftime);

use lib $FindBin::RealBin;
use MenucaBench::Psql;
use MenucaBench::Report;
use MenucaBench::SeatingData;
use MenucaBench::SeatingRivals;

my $fixture = "$FindBin::RealBin/../fixture/seating";
my @parts = (
	[ seating_plan => \&plan_part ],
	[ seating_assign => \&assign_part ],
	[ seating_day => \&day_part ],
	[ seating_growth => \&growth_part ],
	[ seating_watch => \&watch_part ]);
my %opt = (runs => 5, cases => '');

# The goals; faster() and at_most() bound ratios, ms_at_most() what is shown only.
my $plan_ratio = faster(any => 20);
my $not_slower = at_most(any => 1);
my $growth_ratio = at_most(any => 20);

# The question: 90 minutes from 19:00
my @window = ("'2025-11-15 19:00Z'", "'2025-11-15 20:30Z'");
my $restaurant = uuid("'restaurant'");
my $evening = "'2025-11-15'";

# Parties of which the slowest is shown
my @any_party = (2, 7, 12, 16, 26, 40);

# Sessions of pgbench, the bookings that each assigns, and the goal for its p95, in ms
my @loads = ([ 1, 400, 10 ], [ 16, 60, 50 ]);

# Days of single bookings: enough for all sessions, and much history
my $days = 40;

my @rows;

parse_options();
psql_directory($opt{dir});
foreach my $part (@parts)
{
	my ($name, $measure) = @$part;
	$measure->() if $opt{selected}{$name};
}
report();
exit((grep { is_missed($_) } @rows) ? 1 : 0);

sub parse_options
{
	my @names = map { $_->[0] } @parts;
	my %known = map { $_ => 1 } @names;

	GetOptions('runs=i' => \$opt{runs}, 'cases=s' => \$opt{cases}, 'dir=s' => \$opt{dir}, 'also=i' => \$opt{also}, 'alone' => \$opt{alone}) or exit 2;
	die "RUNS must be at least 1\n" if $opt{runs} < 1;
	my @cases = grep { $_ ne 'seating' } split(/[\s,]+/, $opt{cases});
	foreach (@cases)
	{
		die "unknown case \"$_\"; CASES are: seating @names\n" if !$known{$_};
	}
	$opt{selected} = { map { $_ => 1 } @cases ? @cases : @names };
	print STDERR "RUNS=$opt{runs} is too few to judge by; at least 5 are wanted.\n" if $opt{runs} < 5;
	return;
}

#
# Databases
#

# The users' tables with their rows, what good SQL wants, and the guarantees, which both sides
# have to obey
sub set_up
{
	my ($db, @statements) = @_;
	print STDERR "Setting up $db ...\n";
	system('createdb', $db) == 0 or die "createdb failed\n";
	sql($db, 'CREATE EXTENSION btree_gist', 'CREATE EXTENSION menuca_seating');
	system("psql -Xqd $db -v ON_ERROR_STOP=1 -f $fixture/schema.sql -f $fixture/evening.sql >/dev/null") == 0
	  or die "the schema failed\n";
	sql($db, @statements, 'SELECT count(*) FROM menuca_seating_deploy(dry_run => false)', indexes_of_rivals(), rival_functions(),
		'VACUUM ANALYZE');
	return;
}

# A fresh copy of a database: each run begins in the same state, with the same pages.
sub copy_of
{
	my ($template) = @_;
	system('dropdb', '--if-exists', 'seating_copy') == 0 or die "dropdb failed\n";
	system('createdb', '-T', $template, 'seating_copy') == 0 or die "createdb failed\n";
	sql('seating_copy', 'CHECKPOINT');
	return 'seating_copy';
}

#
# Measuring
#

# Runs sides in turns; a side is a name and a function that returns milliseconds.
# Returns the list of each side's times by its name.
sub in_turns
{
	my (@sides) = @_;
	my %times;
	for my $run (1 .. $opt{runs})
	{
		foreach my $side (@sides)
		{
			my ($name, $measure) = @$side;
			my $time = $measure->();
			push @{ $times{$name} }, $time;
			printf STDERR "%3d. %-40s %10.1f ms\n", $run, $name, $time;
		}
	}
	return \%times;
}

# A row of two sides' times; when only shown, missing the goal is no failure.
sub compare
{
	my ($title, $ours, $rival, $goal, $only_shown) = @_;
	my $row = judge($title, 'ms', median(@$ours), median(@$rival), $goal, 1);
	$row->{ours} = with_spread(@$ours);
	$row->{rival} = with_spread(@$rival);
	$row->{stated} = 0 if $only_shown;
	push @rows, $row;
	return;
}

# A row of milliseconds with a goal that depends on the machine, and never fails
sub show_limit
{
	my ($title, $ours, $rival, $limit) = @_;
	my $row = judge($title, 'ms', median(@$ours), undef, at_most(any => $limit), 1);
	$row->{ours} = with_spread(@$ours);
	$row->{rival} = with_spread(@$rival) if defined $rival;
	$row->{stated} = 0;
	push @rows, $row;
	return;
}

sub with_spread
{
	my @sorted = sort { $a <=> $b } @_;
	return sprintf('%s (%s to %s) ms', map { sprintf($_ < 100 ? '%.1f' : '%.0f', $_) } median(@sorted), $sorted[0], $sorted[-1]);
}

sub require_same
{
	my ($what, $ours, $rival) = @_;
	die "$what differ:\n$ours\nand\n$rival\n" if $ours ne $rival;
	return;
}

#
# Plans: the best 20 of 600 dining tables, of which every fifth is taken
#

# Title, zones, width of a zone's grid (0: no edges, adjacency off), k, the parties asked for
# on both sides.  In SQL, sets of three of 600 dining tables in one zone are millions, so
# one party is enough there.  The other floors with k 5 have no rival: SQL would visit billions of sets, or lack the
# diameter of sets.
sub plan_floors
{
	my @all = (2, 7, 12, 16);
	return (
		[ '30 zones, adjacency off', 30, 0, 3, \@all ],
		[ '30 zones, connected on grids', 30, 5, 3, \@all ],
		[ 'one zone, adjacency off', 1, 0, 3, [7] ],
		[ 'one zone, connected on a grid', 1, 30, 3, \@all ],
		[ '30 zones, adjacency off', 30, 0, 5, \@all ],
		[ '30 zones, connected on grids', 30, 5, 5, [] ],
		[ 'one zone, adjacency off', 1, 0, 5, [] ],
		[ 'one zone, connected on a grid', 1, 30, 5, [] ]);
}

sub plan_part
{
	my $n = 0;
	my @statements;
	foreach (plan_floors())
	{
		my ($title, $zones, $width, $k) = @$_;
		my $name = 'floor ' . $n++;
		my $adjacency = $width ? 'connected' : 'off';
		push @statements, floor_rows($name, 600, $zones), taken_tables($name, 600),
		  $width ? grid_edges($name, 600, $zones, $width) : (),
		  "SELECT count(*) FROM menuca_seating_set(@{[ uuid(qq('$name')) ]}, '{\"k_max\": $k, \"adjacency\": \"$adjacency\"}')";
	}
	set_up('seating_plan', @statements);
	$n = 0;
	measure_floor('floor ' . $n++, @$_) foreach plan_floors();
	return;
}

sub measure_floor
{
	my ($name, $title, $zones, $width, $k, $parties) = @_;
	my $ours = sub { map { plan_call($name, $_) } @_ };
	my $rival = sub { map { plan_execute($name, $_) } @_ };
	my @sides = map {
		my $party = $_;
		[ "$title, k $k, party $party", sub { timed('seating_plan', [ $ours->(1) ], $ours->($party)) } ]
	} @any_party;
	my %query;

	if (@$parties)
	{
		$query{recursive} = $width ? plans_by_edges() : plans_by_sum($k);
		$query{'of three'} = plans_by_edges_of_three() if $width;
		push @sides, [ "$title, k $k, ours", sub { timed('seating_plan', [ $ours->(1) ], $ours->(@$parties)) / @$parties } ];
	}
	my $prepare = sub { [ $width ? plans_by_edges_settings() : (), "PREPARE plans (uuid, int, timestamptz, timestamptz) AS $_[0]" ] };
	foreach my $kind (sort keys %query)
	{
		my $settings = $prepare->($query{$kind});
		foreach my $party (@$parties)
		{
			require_same("plans ($title, $kind, party $party)", sql('seating_plan', $ours->($party)), sql('seating_plan', @$settings, $rival->($party)));
		}
		push @sides, [ "$title, k $k, $kind", sub { timed('seating_plan', [ @$settings, $rival->(1) ], $rival->(@$parties)) / @$parties } ];
	}

	my $reading = $prepare->(reading_alone($width));
	push @sides, [ "$title, k $k, reading alone", sub { timed('seating_plan', [ @$reading, $rival->(1) ], $rival->(@$parties)) / @$parties } ] if @$parties;

	my $times = in_turns(@sides);
	my $of = sub { $times->{"$title, k $k, $_[0]"} };
	my ($slowest) = sort { median(@$b) <=> median(@$a) } map { $of->("party $_") } @any_party;
	compare("plans, $title, k $k / recursive self-joins", $of->('ours'), $of->('recursive'), $plan_ratio, $k > 3) if $query{recursive};
	compare("plans, $title, k $k / joins written out for three", $of->('ours'), $of->('of three'), $plan_ratio, 1) if $query{'of three'};
	compare("plans, $title, k $k / in SQL the reading alone", $of->('ours'), $of->('reading alone'), $not_slower, 1) if @$parties;
	show_limit("plans, $title, k $k, the slowest party", $slowest, undef, 50);
	return;
}

sub plan_call
{
	my ($name, $party) = @_;
	return 'SELECT table_numbers, capacity, adjacency, score::float8, total_plans FROM menuca_plan_tables('
	  . uuid("'$name'") . ", $party, $window[0], '90 min')";
}

sub plan_execute
{
	my ($name, $party) = @_;
	return 'EXECUTE plans (' . uuid("'$name'") . ", $party, " . join(', ', @window) . ')';
}

#
# Single bookings, by pgbench
#

sub assign_part
{
	set_up('seating_single', single_bookings($days));
	my %call = (ours => 'SELECT outcome FROM menuca_auto_assign', sql => 'SELECT assign_in_sql');
	foreach (@loads)
	{
		my ($sessions, $each, $limit) = @$_;
		my (%p95, %mean);
		in_turns(
			map {
				my $side = $_;
				[ "$side, $sessions sessions", sub {
					my @latencies = sort { $a <=> $b } pgbench($sessions, $each, $call{$side});
					my $sum = 0;
					$sum += $_ foreach @latencies;
					push @{ $p95{$side} }, $latencies[ int(0.95 * $#latencies + 0.5) ];
					push @{ $mean{$side} }, $sum / @latencies;
					return $mean{$side}[-1];
				} ]
			} qw(ours sql));
		my $with = $sessions == 1 ? '1 session' : "$sessions sessions";
		compare("auto-assign, mean, $with / filter, pick, insert", $mean{ours}, $mean{sql}, $not_slower);
		show_limit("auto-assign, p95, $with", $p95{ours}, $p95{sql}, $limit);
	}
	return;
}

# Each session takes every n-th booking of the queue once.  Returns latencies in ms; dies when
# somebody has two dining tables that overlap (the constraint), or too few are seated.
sub pgbench
{
	my ($sessions, $each, $call) = @_;
	my $db = copy_of('seating_single');
	my $log = "$opt{dir}/seating_latency";
	my $script = "$opt{dir}/seating.pgbench";

	unlink glob("$log*");
	open(my $out, '>', $script) or die "$script: $!\n";
	print $out "\\set i :i + :clients\n\\set n :i - :client_id\n$call((SELECT booking_id FROM queue WHERE n = :n::int));\n";
	close($out) or die "$script: $!\n";
	my $answer = `pgbench -n -M prepared -c $sessions -j 2 -t $each -D i=0 -D clients=$sessions -f $script -l --log-prefix=$log $db 2>&1`;
	die "pgbench failed: $answer\n" if $? != 0;

	my $asked = $sessions * $each;
	my $seated = sql($db, 'SELECT count(DISTINCT booking_id) FROM booking_table_assignments');
	die "only $seated of $asked bookings were seated\n" if $seated < 0.95 * $asked;
	my @latencies;
	foreach my $file (glob("$log*"))
	{
		open(my $in, '<', $file) or die "$file: $!\n";
		push @latencies, map { (split)[2] / 1000 } <$in>;
		close($in);
	}
	die 'pgbench logged ' . @latencies . " of $asked calls\n" if @latencies != $asked;
	return @latencies;
}

#
# Whole evenings
#

sub day_part
{
	set_up('seating_day', planted_evening('planted', 30));
	require_same('the two loops', sql(copy_of('seating_day'), day_in_sql($restaurant, 0)), sql(copy_of('seating_day'), day_in_sql($restaurant, 1)));

	# On 40 dining tables all joins in one statement are the faster rival, on 600 those
	# that begin with single ones.
	foreach (
		[ 'evening, 76 bookings on 40', $restaurant, 1, 100 ],
		[ 'planted evening, 1,000 bookings on 600', uuid("'planted'"), 0, 1000 ])
	{
		my ($title, $id, $at_once, $limit) = @$_;
		my $seated_by_sql = seated(copy_of('seating_day'), day_in_sql($id, $at_once));
		my $seated_by_us = seated(copy_of('seating_day'), day_call($id, 'false'));
		print STDERR "$title: seated $seated_by_us, in SQL $seated_by_sql\n";
		die "$title: SQL seats more, $seated_by_sql to $seated_by_us\n" if $seated_by_us < $seated_by_sql;

		my $times = in_turns(
			[ "$title, dry run, ours", sub { timed(copy_of('seating_day'), warm($id), day_call($id, 'true')) } ],
			[ "$title, dry run, SQL", sub { timed(copy_of('seating_day'), [ @{ warm($id) }, 'BEGIN' ], day_in_sql($id, $at_once)) } ],
			[ "$title, for real, ours", sub { timed(copy_of('seating_day'), warm($id), day_call($id, 'false')) } ],
			[ "$title, for real, SQL", sub { timed(copy_of('seating_day'), warm($id), day_in_sql($id, $at_once)) } ]);
		compare("$title, dry run: $seated_by_us seated / a loop, rolled back: $seated_by_sql",
			$times->{"$title, dry run, ours"}, $times->{"$title, dry run, SQL"}, $not_slower);
		compare("$title, for real: $seated_by_us seated / a loop: $seated_by_sql",
			$times->{"$title, for real, ours"}, $times->{"$title, for real, SQL"}, $not_slower);
		show_limit("$title, dry run", $times->{"$title, dry run, ours"}, undef, $limit);
	}
	return;
}

sub day_call
{
	my ($id, $dry_run) = @_;
	return "SELECT booking, outcome, table_numbers FROM menuca_auto_assign_day($id, $evening, dry_run => $dry_run)";
}

sub day_in_sql
{
	my ($id, $at_once) = @_;
	return "SELECT * FROM day_in_sql($id, '2025-11-15 05:00Z', '2025-11-16 05:00Z', " . ($at_once ? 'true' : 'false') . ')';
}

# A session that has called both once, for a day without bookings
sub warm
{
	my ($id) = @_;
	return [
		"SELECT count(*) FROM menuca_auto_assign_day($id, '2020-01-01')",
		"SELECT count(*) FROM day_in_sql($id, '2020-01-01', '2020-01-02', false)" ];
}

sub seated
{
	my ($db, $statement) = @_;
	sql($db, $statement);
	return sql($db, 'SELECT count(DISTINCT booking_id) FROM booking_table_assignments');
}

# Ten times the bookings and dining tables of an evening
sub growth_part
{
	set_up('seating_growth', evening_copies('ten evenings', 10), planted_evening('planted', 30), planted_evening('tenth', 3));
	# A planted evening takes milliseconds, so it is repeated.
	foreach ([ 'ten times the evening', 'ten evenings', 'restaurant', 1 ], [ 'ten times the planted evening', 'planted', 'tenth', 10 ])
	{
		my ($title, $whole, $part, $repeated) = @$_;
		my %id = ($whole => uuid("'$whole'"), $part => uuid("'$part'"));
		my $times = in_turns(map { my $name = $_; [ $name, sub { timed('seating_growth', warm($id{$name}), (day_call($id{$name}, 'true')) x $repeated) / $repeated } ] } $part, $whole);
		compare("growth: $title / once", $times->{$whole}, $times->{$part}, $growth_ratio);
	}
	return;
}

#
# The monitor of a month, and the page made of it
#

sub watch_part
{
	my $db = 'seating_watch';
	print STDERR "Setting up $db ...\n";
	system('createdb', $db) == 0 or die "createdb failed\n";
	sql($db, 'CREATE EXTENSION menuca_seating');
	system("psql -Xqd $db -v ON_ERROR_STOP=1 -f $fixture/schema.sql >/dev/null") == 0 or die "the schema failed\n";
	sql($db, month_of_bookings(1_000_000), 'CREATE INDEX ON booking_table_assignments (booking_id)', 'VACUUM ANALYZE');

	my ($days, $metadata) = (40, "SELECT jsonb_object_agg(name, metadata) AS m FROM menuca_seating_monitor(40)");
	my $same = "SELECT concat_ws(' ', m->'usage'->>'seated', m->'usage'->>'combinations', m->'usage'->>'no_single_table', m->'orphans'->>'count', m->'tables'->>'most_tables', m->'overlaps'->>'count',
		m->'success'->>'attempted', m->'success'->>'succeeded', (m->'latency'->>'p50_ms')::numeric * 1000, (m->'latency'->>'p99_ms')::numeric * 1000, (SELECT count(*) FROM menuca_seating_figures_by_day(40))) FROM ($metadata) r";
	require_same('the figures', map { s/\.0+(?= |$)//gr } sql($db, $same), sql($db, month_in_sql($days)));
	my $times = in_turns(
		[ 'monitor, ours', sub { timed($db, ['SELECT 1'], $metadata) } ],
		[ 'monitor, SQL', sub { timed($db, ['SELECT 1'], month_in_sql($days)) } ],
		[ 'report', sub { timed($db, ['SELECT 1'], 'SELECT length(menuca_seating_report(40))') } ]);
	compare('monitor of 1,000,000 bookings / its main figures in SQL', $times->{'monitor, ours'}, $times->{'monitor, SQL'}, $not_slower);
	show_limit('report of 1,000,000 bookings', $times->{report}, undef, 2000);
	return;
}

#
# Reporting
#

sub report
{
	my $version = sql('postgres', 'SHOW server_version');
	my $runs = $opt{runs} == 1 ? 'One run of each side' : "Medians (least to greatest) of $opt{runs} alternating runs";
	my $heading = "Seating. $runs, " . strftime('%Y-%m-%d', gmtime) . ".\n" . machine() . "\nPostgreSQL $version; "
	  . join(', ', map { "$_ " . sql('postgres', "SHOW $_") } qw(shared_buffers work_mem fsync synchronous_commit full_page_writes autovacuum jit)) . ".\n";

	$heading .= "Fewer than five runs are too few to judge by.\n" if $opt{runs} < 5;
	my $footnote = 'In parentheses: shown only; a goal in milliseconds depends on the machine, and missing it is no failure.';
	print_table(markdown($heading, $footnote, @rows), $opt{also}, $opt{alone});
	return;
}
