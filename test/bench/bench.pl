#!/usr/bin/perl
#
# bench.pl
#	  Measures the extension against good SQL, side by side in one run.
#
# A case compares two sides, ours and a rival.  A side is a database, what
# brings it to the state to begin with, and the statements that count.  Cases
# that share sides form a contest: its sides are executed in turns, each from the same
# state, several times, and what counts is the ratio of two sides' medians.
# Before a contest is measured, it is proved that its sides lead to the same
# end.  For memory, a backend's is sampled once per call.
#
# The rivals are in MenucaBench/Rivals.pm, the goals here, in @contests.
# Called by bench.sh, which starts the cluster.  The table goes to standard
# output (and to the file descriptor --also), progress to standard error.
#
# Exits with 1 when a goal is missed that is stated for this scale.
#
use strict;
use warnings;

use FindBin;
use Getopt::Long qw(GetOptions);
use POSIX qw(strftime);

use lib $FindBin::RealBin;
use MenucaBench::Psql;
use MenucaBench::Report;
use MenucaBench::Rivals;

# MB, where memory is sampled; the goal is 64 MB above it.
use constant MAINTENANCE_WORK_MEM => 64;

my $fixture = "$FindBin::RealBin/../fixture/generate.pl";
my $items = 'menuca_v3.combo_items';
my %opt = (scale => 1, runs => 5, cases => '');

my $fix = 'SELECT menuca_fix_combos(dry_run => false)';
my $exclusive = "SELECT menuca_fix_combos(dry_run => false, lock => 'access_exclusive')";
my $batched = 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 10000)';
my $rollback = 'SELECT menuca_rollback((SELECT max(run_id) FROM menuca_run), dry_run => false)';

# Side => database, what prepares it, statements, settings before the clock.
my %sides = (
	load_ours      => side(\&empty_copy, load_statement('public.copied')),
	load_sql       => side(\&empty_copy, sub { "COPY public.copied FROM '$opt{dir}/bench.tsv'" }),
	dry_run_ours   => side(\&nothing, 'SELECT menuca_fix_combos()'),
	dry_run_sql    => side(\&nothing, outcome_counts(), outcome_settings()),
	fix_ours       => side(\&items_at_start, $fix),
	fix_exclusive  => side(\&items_at_start, $exclusive),
	fix_sql        => side(\&items_at_start, insert_select()),
	fix_batched    => side(\&items_at_start, $batched),
	fix_tenth      => { %{ side(\&items_at_start, $fix) }, db => 'bench_tenth' },
	rollback_ours  => side(\&fixed, $rollback),
	rollback_sql   => side(\&fixed_and_listed, "DELETE FROM $items WHERE id = ANY ((SELECT ids FROM public.inserted)::bigint[])"),
	validate_ours  => side(\&nothing, 'SELECT count(*) FROM menuca_validate()'),
	validate_sql   => side(\&nothing, [ map { $_->[1] } validation_queries() ]));

# Case, its title, our side, the rival's, and the goal by scale.
my @contests = (
	{
		prove => \&prove_load,
		cases => [
			[ 'load', 'load of a dump file / COPY of a TSV file', 'load_ours', 'load_sql', at_most(10 => 1.3) ]
		]
	},
	{
		prove => \&prove_dry_run,
		cases => [
			[ 'dry_run', 'dry run / the same counts in SQL', 'dry_run_ours', 'dry_run_sql', faster(20 => 8) ]
		]
	},
	{
		prove => \&prove_fix,
		cases => [
			[ 'fix', 'fix, one transaction / INSERT .. SELECT', 'fix_ours', 'fix_sql', faster(1 => 4.5, 20 => 4) ],
			[ 'fix_exclusive', 'fix, access_exclusive / INSERT .. SELECT', 'fix_exclusive', 'fix_sql', faster(1 => 6, 20 => 7) ],
			[ 'batched', 'fix, batched by 10,000 / one transaction', 'fix_batched', 'fix_ours', at_most(any => 1.5) ],
			[ 'growth', 'growth: fix of all rows / of a tenth', 'fix_ours', 'fix_tenth', at_most(20 => 12) ]
		]
	},
	{
		prove => \&prove_rollback,
		cases => [
			[ 'rollback', 'rollback with proof / bare DELETE', 'rollback_ours', 'rollback_sql', at_most(any => 1.5) ]
		]
	},
	{
		prove => \&prove_validate,
		cases => [
			[ 'validate', 'validate / the checks as SQL queries', 'validate_ours', 'validate_sql', faster(20 => 10) ]
		]
	});

# The statements whose memory is sampled, and the state before each.
my @memory = (
	[ 'dry run', \&items_at_start, 'SELECT menuca_fix_combos()' ],
	[ 'fix', \&items_at_start, $fix ],
	[ 'fix, access_exclusive', \&items_at_start, $exclusive ],
	[ 'validate', \&fixed, 'SELECT count(*) FROM menuca_validate()' ],
	[ 'rollback', \&fixed, $rollback ]);
my $memory_goal = at_most(100 => MAINTENANCE_WORK_MEM + 64);

# A page is waited for, and sent by mail: its time, and its size
my $report_time = at_most(20 => 2000);
my $report_size = at_most(any => 2000);

my %figures;
my @rows;

parse_options();
psql_directory($opt{dir});
set_up('bench', $opt{scale});
set_up('bench_tenth', $opt{scale} / 10) if $opt{selected}{growth};
measure($_) foreach @contests;
watch_memory() if $opt{selected}{memory};
time_report() if $opt{selected}{report};
report();
exit((grep { is_missed($_) } @rows) ? 1 : 0);

sub parse_options
{
	my @names = ((map { $_->[0] } map { @{ $_->{cases} } } @contests), 'memory', 'report');
	my %known = map { $_ => 1 } @names;
	my @cases;

	GetOptions(
		'scale=f' => \$opt{scale},
		'runs=i'  => \$opt{runs},
		'cases=s' => \$opt{cases},
		'dir=s'   => \$opt{dir},
		'also=i'  => \$opt{also}) or exit 2;
	die "SCALE must be 0.01 to 1000\n" if $opt{scale} < 0.01 || $opt{scale} > 1000;
	die "RUNS must be at least 1\n" if $opt{runs} < 1;

	@cases = split(/[\s,]+/, $opt{cases});
	foreach my $case (@cases)
	{
		die "unknown case \"$case\"; CASES are: @names\n" if !$known{$case};
	}

	# Below a scale of 2, a fixed cost is most of what the tenth takes.
	@cases = grep { $_ ne 'growth' || $opt{scale} >= 20 } @names if !@cases;
	$opt{selected} = { map { $_ => 1 } @cases };

	if ($opt{selected}{memory} && !memory_is_visible())
	{
		print STDERR "The memory of a process cannot be seen here; it is not measured.\n";
		delete $opt{selected}{memory};
	}
	print STDERR "RUNS=$opt{runs} is too few to judge by; at least 5 are wanted.\n" if $opt{runs} < 5;
	return;
}

#
# The databases, and the states of them
#

# A database of the fixture's shape, with the indexes that good SQL wants.
sub set_up
{
	my ($db, $scale) = @_;
	my $dir = $opt{dir};

	print STDERR "Setting up scale $scale ...\n";
	system($^X, $fixture, '--quiet', '--core-only', '--scale', $scale,
		'--schema', "$dir/schema.sql", '--dump', "$dir/$db.dump.sql",
		'--figures', "$dir/figures") == 0 or die "generate.pl failed\n";
	$figures{$db} = read_figures("$dir/figures");

	system('createdb', $db) == 0 or die "createdb failed\n";
	system("psql -Xqd $db -v ON_ERROR_STOP=1 -f $dir/schema.sql >/dev/null") == 0
	  or die "the schema failed\n";
	unlink "$dir/schema.sql";
	sql($db,
		'CREATE EXTENSION menuca_migrate',
		"SELECT rows_loaded FROM menuca_load_dump_file('$dir/$db.dump.sql', 'combos', 'staging.menuca_v1_combos')",
		'CREATE INDEX ON menuca_v3.combo_groups (legacy_v1_id)',
		'CREATE INDEX ON menuca_v3.dishes (legacy_v1_id)',
		"CREATE TABLE public.items_at_start AS TABLE $items",
		'CREATE TABLE public.copied (LIKE staging.menuca_v1_combos)',
		"COPY staging.menuca_v1_combos TO '$dir/$db.tsv'",
		'VACUUM ANALYZE');
	items_at_start($db);
	return;
}

sub read_figures
{
	my ($file) = @_;

	open(my $in, '<', $file) or die "$file: $!\n";
	my %read = map { chomp; split(/=/, $_, 2) } <$in>;
	close($in);
	return \%read;
}

sub nothing { return }

sub empty_copy
{
	my ($db) = @_;
	sql($db, 'TRUNCATE public.copied', 'CHECKPOINT');
	return;
}

# As it was before any fix, with the pages of a fresh table.
sub items_at_start
{
	my ($db) = @_;
	sql($db,
		"TRUNCATE $items CASCADE",
		"INSERT INTO $items TABLE public.items_at_start",
		"SELECT setval(pg_get_serial_sequence('$items', 'id'), max(id)) FROM $items",
		'TRUNCATE menuca_run, menuca_run_baseline, menuca_run_batch',
		"VACUUM ANALYZE $items",
		'VACUUM menuca_v3.combo_groups, menuca_v3.dishes',
		'CHECKPOINT');
	return;
}

# As it is after a fix, before which a backup has counted the tables.
sub fixed
{
	my ($db) = @_;
	items_at_start($db);
	sql($db, 'TRUNCATE menuca_backup',
		"SELECT menuca_register_backup('bench', 'bench', 'none', 1, 'none', now(), now(), true)",
		$fix, "VACUUM ANALYZE $items", 'VACUUM menuca_v3.combo_groups, menuca_v3.dishes', 'CHECKPOINT');
	return;
}

# The bare DELETE knows the keys.
sub fixed_and_listed
{
	my ($db) = @_;
	fixed($db);
	sql($db,
		'DROP TABLE IF EXISTS public.inserted',
		'CREATE TABLE public.inserted AS SELECT array_agg(id ORDER BY id) AS ids'
		  . " FROM $items WHERE id NOT IN (SELECT id FROM public.items_at_start)",
		'CHECKPOINT');
	return;
}

#
# Sides, and the proof that they are equal
#

# Statements may be one, several, or a function that returns one.
sub side
{
	my ($prepare, $statements, $settings) = @_;
	return { db => 'bench', prepare => $prepare, statements => $statements, settings => $settings // [] };
}

sub statements_of
{
	my ($side) = @_;
	my $statements = $side->{statements};
	return ref $statements eq 'CODE' ? $statements->() : ref $statements ? @$statements : $statements;
}

sub load_statement
{
	my ($table) = @_;
	return sub { "SELECT rows_loaded FROM menuca_load_dump_file('$opt{dir}/bench.dump.sql', 'combos', '$table')" };
}

# Brings a side to its end, outside of the clock; returns what it printed.
sub perform
{
	my ($name) = @_;
	my $side = $sides{$name};

	$side->{prepare}->($side->{db});
	return sql($side->{db}, @{ $side->{settings} }, statements_of($side));
}

# Rows of one relation that another lacks, both ways; equal rows are counted.
sub differing_rows
{
	my ($left, $right, $columns) = @_;
	return sql('bench', 'SET enable_hashagg = off',
		"SELECT (SELECT count(*) FROM (SELECT $columns FROM $left EXCEPT ALL SELECT $columns FROM $right) l)"
		  . " + (SELECT count(*) FROM (SELECT $columns FROM $right EXCEPT ALL SELECT $columns FROM $left) r)");
}

sub require_equal
{
	my ($what, $left, $right, $columns) = @_;
	my $differing = differing_rows($left, $right, $columns);
	die "$what: $differing rows differ\n" if $differing != 0;
	return;
}

# Columns but for ids, uuids and time
sub comparable_columns
{
	return sql('bench', <<"SQL");
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = '$items'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'id'
	AND atttypid NOT IN ('uuid'::regtype, 'timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)
SQL
}

# Everything that a rebuild might forget, and whether the sequence goes on.
sub structure
{
	return sql('bench',
		"SELECT relpersistence, reltuples > 0, nextval(pg_get_serial_sequence('$items', 'id'))"
		  . " > (SELECT max(id) FROM $items) FROM pg_class WHERE oid = '$items'::regclass",
		"SELECT pg_get_indexdef(indexrelid), indisvalid, indisready, indislive FROM pg_index WHERE indrelid = '$items'::regclass ORDER BY 1",
		"SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE '$items'::regclass IN (conrelid, confrelid) ORDER BY 1",
		"SELECT tgfoid::regproc, tgtype, tgenabled FROM pg_trigger WHERE tgrelid = '$items'::regclass ORDER BY 1, 2");
}

sub prove_load
{
	perform('load_ours');
	require_equal('load', 'public.copied', 'staging.menuca_v1_combos', '*');
	perform('load_sql');
	require_equal('COPY', 'public.copied', 'staging.menuca_v1_combos', '*');
	return;
}

sub prove_dry_run
{
	items_at_start('bench');
	my $rival = perform('dry_run_sql');
	my $ours = sql('bench', q{SELECT to_jsonb(f) - 'figures' || f.figures FROM menuca_fix_combos() f});
	die "the dry run's outcomes differ: $ours and $rival\n" if !contains($ours, $rival);
	return;
}

sub prove_fix
{
	my @ours = grep { $_ ne 'fix_sql' && $_ ne 'fix_tenth' } @_;
	my $columns = comparable_columns();

	perform('fix_sql');
	sql('bench', "ANALYZE $items",
		'DROP TABLE IF EXISTS public.items_of_rival',
		"CREATE TABLE public.items_of_rival AS SELECT $columns FROM $items");
	my $structure = structure();
	foreach my $name (@ours)
	{
		perform($name);
		require_equal($name, $items, 'public.items_of_rival', $columns);
		my $now = structure();
		die "$name: the table is built otherwise:\n$now\nand not\n$structure\n" if $now ne $structure;
	}
	sql('bench', 'DROP TABLE public.items_of_rival');
	perform('fix_tenth') if grep { $_ eq 'fix_tenth' } @_;
	return;
}

sub prove_rollback
{
	foreach my $name (qw(rollback_ours rollback_sql))
	{
		perform($name);
		require_equal($name, $items, 'public.items_at_start', '*');
	}
	return;
}

# The state is prepared here once, as neither side changes it.
sub prove_validate
{
	fixed('bench');
	sql('bench', keep_ledger_in_sql('public.items_at_start'));
	my %metadata = map { split(/\|/, $_, 2) } split(/\n/, sql('bench', 'SELECT name, metadata FROM menuca_validate()'));
	foreach (validation_queries())
	{
		my ($check, $query) = @$_;
		my $rival = sql('bench', $query);
		my $ours = delete $metadata{$check} // '';
		die "the check $check differs: $ours and $rival\n" if !contains($ours, $rival);
	}
	delete $metadata{summary};
	die 'checks without a rival: ', join(', ', sort keys %metadata), "\n" if %metadata;
	return;
}

# True if one JSON object has all that another has.
sub contains
{
	my ($whole, $part) = @_;
	return $whole ne '' && sql('bench', "SELECT '$whole'::jsonb \@> '$part'::jsonb") eq 't';
}

#
# Measuring
#

# Runs the sides of the selected cases in turns.
sub measure
{
	my ($contest) = @_;
	my @cases = grep { $opt{selected}{ $_->[0] } } @{ $contest->{cases} };
	return if !@cases;

	my %wanted = map { $_ => 1 } map { @{$_}[ 2, 3 ] } @cases;
	my @names = sort keys %wanted;
	my %times;

	print STDERR "Proving that these end alike: @names\n";
	$contest->{prove}->(@names);
	for my $run (1 .. $opt{runs})
	{
		foreach my $name (@names)
		{
			my $time = measure_side($name);
			push @{ $times{$name} }, $time;
			printf STDERR "%3d. %-14s %9.0f ms\n", $run, $name, $time;
		}
	}
	foreach (@cases)
	{
		my ($case, $title, $ours, $rival, $goal) = @$_;
		push @rows, judge($title, 'ms', median(@{ $times{$ours} }), median(@{ $times{$rival} }), $goal, $opt{scale});
	}
	return;
}

sub measure_side
{
	my ($name) = @_;
	my $side = $sides{$name};

	$side->{prepare}->($side->{db});
	return timed($side->{db}, $side->{settings}, statements_of($side));
}

# The library is loaded and the ledger looked at before memory counts.
sub watch_memory
{
	my $memory = MAINTENANCE_WORK_MEM . 'MB';
	my @settings = (
		"SET maintenance_work_mem = '$memory'",
		"SET work_mem = '$memory'",
		"LOAD 'menuca_migrate'",
		'SELECT count(*) FROM menuca_runs');

	foreach (@memory)
	{
		my ($title, $prepare, $statement) = @$_;
		$prepare->('bench');
		my $peak = peak_memory('bench', \@settings, $statement);
		printf STDERR "     memory of %-22s %6.0f MB\n", $title, $peak;
		push @rows, judge("memory of the backend, $title", 'MB', $peak, undef, $memory_goal, $opt{scale});
	}
	return;
}

# The page of a platform that is fixed, and registered as staging
sub time_report
{
	my @times;

	fixed('bench');
	sql('bench', q(SELECT environment FROM menuca_environment('staging', 'bench', (SELECT system_identifier FROM pg_control_system()))),
		'SELECT count(*) FROM menuca_ticket(0, dry_run => false)');
	push @times, timed('bench', [], 'SELECT menuca_report()') foreach 1 .. $opt{runs};
	printf STDERR "     report %.0f ms\n", median(@times);
	push @rows, judge('report, the whole page', 'ms', median(@times), undef, $report_time, $opt{scale}),
	  judge('report, its size', 'kB', sql('bench', 'SELECT length(menuca_report()) / 1000.0'), undef, $report_size, $opt{scale});
	return;
}

#
# Reporting
#

sub report
{
	my $footnote = 'In parentheses: the goal is stated for another scale, the nearest is shown; missing it is no failure.';
	print_table(markdown(heading(), $footnote, @rows), $opt{also}, 1);
	return;
}

sub heading
{
	my $bench = $figures{bench};
	my $version = sql('bench', 'SHOW server_version');
	my $settings = join(', ', map { "$_ " . sql('bench', "SHOW $_") }
		  qw(shared_buffers work_mem maintenance_work_mem max_wal_size fsync synchronous_commit full_page_writes
		  autovacuum jit max_parallel_workers_per_gather));
	my $runs = $opt{runs} == 1 ? 'One run of each side' : "Medians of $opt{runs} alternating runs";
	my $date = strftime('%Y-%m-%d', gmtime);
	my $text =
	    "Scale $opt{scale}: $bench->{source_rows} source rows, $bench->{combo_groups} groups, $bench->{dishes} dishes. "
	  . "$runs, $date.\n"
	  . machine() . "\n"
	  . "PostgreSQL $version; $settings.\n";

	$text .= 'Memory: with maintenance_work_mem and work_mem ' . MAINTENANCE_WORK_MEM . "MB.\n" if $opt{selected}{memory};
	$text .= "Fewer than five runs are too few to judge by.\n" if $opt{runs} < 5;
	return $text;
}
