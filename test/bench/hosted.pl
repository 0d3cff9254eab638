#!/usr/bin/perl
#
# hosted.pl
#	  Measures the application of an exported fix against good SQL, side by side in
#	  one run.
#
# The database to repair has no extension, and is in the same cluster as its copy, so
# that both sides have the same server.  A fix is made on the copy, exported and
# staged; what is measured is the file 02_apply with its checks, its proof and its
# ledger, against the INSERT ... SELECT that the tickets ask for, each in a fresh
# copy of the same state.  First it is proved that both insert the same rows.
#
# Also shown: the size of the set, and the statement that takes longest, since some
# clients end statements after a minute; and what the policies of exported access cost,
# whose functions are in PL/pgSQL, beside those of the extension.
#
# Called by bench.sh, which starts the cluster.  The table goes to standard output (and
# to the file descriptor --also, after what is there), progress to standard error.
# Exits with 1 when a goal is missed.
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

my $fixture = "$FindBin::RealBin/../fixture/generate.pl";
my $items = 'menuca_v3.combo_items';
my %opt = (runs => 5);

# Of the fixture: about 110,000 pairs
my $scale = 1;

# Goals: the ratio, and ms for a statement
my $not_much_slower = at_most(any => 1.5);
my $below_a_minute = at_most(any => 60_000);

GetOptions('runs=i' => \$opt{runs}, 'dir=s' => \$opt{dir}, 'also=i' => \$opt{also}, 'alone' => \$opt{alone}) or exit 2;
die "RUNS must be at least 1\n" if $opt{runs} < 1;
psql_directory($opt{dir});
set_up();
my ($statements, $pairs, $bytes) = export_fix();
stage($statements);
prove($statements);
my %times = measure($statements);
my %longest = measure_each($statements);
my $overhead = measure_access();
report();

#
# The databases: the original, what good SQL needs besides, and the copy
#

sub set_up
{
	my $dir = $opt{dir};

	print STDERR "Setting up scale $scale ...\n";
	system($^X, $fixture, '--quiet', '--core-only', '--scale', $scale, '--schema', "$dir/schema.sql", '--dump', "$dir/hosted.dump.sql") == 0
	  or die "generate.pl failed\n";
	create('hosted_original');
	system("psql -Xqd hosted_original -v ON_ERROR_STOP=1 -f $dir/schema.sql >/dev/null") == 0 or die "the schema failed\n";
	unlink "$dir/schema.sql";
	sql('hosted_original', 'DROP SCHEMA IF EXISTS staging CASCADE',
		'CREATE INDEX ON menuca_v3.combo_groups (legacy_v1_id)', 'CREATE INDEX ON menuca_v3.dishes (legacy_v1_id)', 'VACUUM ANALYZE');
	create('hosted_sql', 'hosted_original');
	sql('hosted_sql', 'CREATE SCHEMA staging', 'CREATE EXTENSION menuca_migrate',
		"SELECT rows_loaded FROM menuca_load_dump_file('$dir/hosted.dump.sql', 'combos', 'staging.menuca_v1_combos')", 'VACUUM ANALYZE');
	create('hosted_copy', 'hosted_sql');
	return;
}

sub create
{
	my ($db, $template) = @_;

	system('dropdb', '--if-exists', $db) == 0 or die "dropdb failed\n";
	system('createdb', $template ? ('-T', $template) : (), $db) == 0 or die "createdb failed\n";
	return;
}

# Statements with their files, the number of pairs, and the bytes of all files
sub export_fix
{
	sql('hosted_copy',
		"SELECT FROM menuca_copy_of('hosted_original', (SELECT system_identifier FROM pg_control_system()))",
		'SELECT menuca_fix_combos(dry_run => false)',
		"CREATE TABLE public.files AS SELECT * FROM menuca_export_fix((SELECT max(run_id) FROM menuca_run), 'statements')");
	my $pairs = sql('hosted_copy', 'SELECT inserted FROM menuca_run');
	my $bytes = sql('hosted_copy', 'SELECT sum(octet_length(sql)) FROM public.files');
	my @statements = map { { name => $_, sql => sql('hosted_copy', "SELECT sql FROM public.files WHERE file_name = '$_'") =~ s/;\s*\z//r } }
	  split /\n/, sql('hosted_copy', 'SELECT file_name FROM public.files ORDER BY file_no');
	return (\@statements, $pairs, $bytes);
}

sub of_file
{
	my ($statements, $file) = @_;
	return map { $_->{sql} } grep { $_->{name} =~ /^$file/ } @$statements;
}

# What comes before the clock
sub stage
{
	my ($statements) = @_;

	sql('hosted_original', of_file($statements, '01_stage'), 'VACUUM ANALYZE');
	create('hosted_staged', 'hosted_original');
	return;
}

# Each run begins with the same pages.  The files know the name of the database that
# they are for.
sub fresh
{
	my ($db, $template) = @_;

	create($db, $template);
	sql($db, 'CHECKPOINT');
	return $db;
}

sub fresh_original { return fresh('hosted_original', 'hosted_staged') }
sub fresh_rival { return fresh('hosted_run', 'hosted_sql') }

sub prove
{
	my ($statements) = @_;
	my $rows = "SELECT count(*), md5(string_agg(format('%s %s %s %s', combo_group_id, dish_id, display_order, source_system), ',' ORDER BY combo_group_id, dish_id)) FROM $items";

	print STDERR "Proving that both insert the same rows\n";
	my ($ours, $rival) = (sql(applied($statements), $rows), sql(inserted(), $rows));
	die "the rows differ: $ours and $rival\n" if $ours ne $rival;
	return;
}

sub applied
{
	my ($statements) = @_;
	my $db = fresh_original();

	sql($db, of_file($statements, '02_apply'));
	return $db;
}

sub inserted
{
	my $db = fresh_rival();

	sql($db, insert_select());
	return $db;
}

#
# Measuring
#

sub measure
{
	my ($statements) = @_;
	my %times;
	my %side = (
		ours => sub { timed(fresh_original(), [], of_file($statements, '02_apply')) },
		sql  => sub { timed(fresh_rival(), [], insert_select()) });

	for my $run (1 .. $opt{runs})
	{
		foreach my $name (sort keys %side)
		{
			my $time = $side{$name}->();
			push @{ $times{$name} }, $time;
			printf STDERR "%3d. %-14s %9.0f ms\n", $run, $name, $time;
		}
	}
	return %times;
}

# The milliseconds of each statement of the set, in its order
sub measure_each
{
	my ($statements) = @_;
	my $db = fresh_original();
	my %time = map { $_->{name} => timed($db, [], $_->{sql}) } @$statements;
	my ($name) = sort { $time{$b} <=> $time{$a} } keys %time;

	return (name => $name, time => $time{$name});
}

# A sentence about claims and menus, in a database with the extension and in one without
sub measure_access
{
	my $largest = sql('hosted_copy', 'SELECT restaurant_id FROM menuca_v3.dishes GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1');
	my $menu = "SELECT count(name) FROM menuca_v3.dishes WHERE restaurant_id = $largest";
	my @as_visitor = ('SET ROLE anon', q(SET request.jwt.claims = '{"restaurant_id": "123", "sub": "none"}'));
	my $claim = sub { "SELECT count(f.claim) FROM generate_series(1, 20000) n, LATERAL (SELECT $_[0]('restaurant_id', CASE WHEN n > 0 THEN 'request.jwt.claims' END) AS claim) f" };

	sql('postgres', map { "DO 'BEGIN IF to_regrole(''$_'') IS NULL THEN CREATE ROLE $_; END IF; END'" } qw(anon authenticated service_role));
	sql('hosted_copy', 'SELECT count(*) FROM menuca_deploy_access(dry_run => false)', 'DROP TABLE public.files',
		"CREATE TABLE public.files AS SELECT * FROM menuca_export_access('statements')");
	my @files = map { sql('hosted_copy', "SELECT sql FROM public.files WHERE file_no = $_") }
	  split /\n/, sql('hosted_copy', q(SELECT file_no FROM public.files WHERE file_name ~ '^0[12]_' ORDER BY file_no));
	my $db = fresh_original();
	sql($db, map { s/;\s*\z//r } @files);
	sql($_, 'GRANT USAGE ON SCHEMA public TO anon', 'ANALYZE') foreach $db, 'hosted_copy';

	my $each = sub {
		my ($in, $settings, $statement, $times) = @_;
		return median(map { timed($in, [ @$settings, $statement ], ($statement) x $times) / $times } 1 .. $opt{runs});
	};
	my ($owner, $native, $plain) = map { $each->(@$_, $menu, 100) } [ $db, [] ], [ 'hosted_copy', \@as_visitor ], [ $db, \@as_visitor ];
	my ($claim_native, $claim_plain) = ($each->('hosted_copy', \@as_visitor, $claim->('menuca_claim_bigint'), 1) / 20, $each->($db, \@as_visitor, $claim->('menuca_access.claim_bigint'), 1) / 20);
	return sprintf("Access: the largest menu as a visitor takes %.2f ms with the extension's policies and %.2f ms with those of exported files, %.2f ms as the owner, without policies; a claim %.1f us in C and %.1f us in PL/pgSQL.\n",
		$native, $plain, $owner, $claim_native, $claim_plain);
}

sub report
{
	my $version = sql('hosted_original', 'SHOW server_version');
	my $settings = join(', ', map { "$_ " . sql('hosted_original', "SHOW $_") } qw(shared_buffers work_mem fsync synchronous_commit full_page_writes autovacuum jit));
	my $runs = $opt{runs} == 1 ? 'One run of each side' : "Medians of $opt{runs} alternating runs";
	my $heading = sprintf("An exported fix of %d pairs. %s, %s.\n%s\nPostgreSQL %s; %s.\nThe set has %.1f kB per 1,000 pairs, in %d statements; the longest statement is that of %s.\n%s",
		$pairs, $runs, strftime('%Y-%m-%d', gmtime), machine(), $version, $settings, $bytes / $pairs, scalar @$statements, $longest{name}, $overhead);
	my @rows = (
		judge('02_apply with checks, proof and ledger / INSERT .. SELECT', 'ms', median(@{ $times{ours} }), median(@{ $times{sql} }), $not_much_slower, 1),
		judge('the longest statement of the set', 'ms', $longest{time}, undef, $below_a_minute, 1));

	print_table(markdown($heading, '', @rows), $opt{also}, $opt{alone});
	exit((grep { is_missed($_) } @rows) ? 1 : 0);
}
