#!/usr/bin/perl
#
# bench.pl
#	  Measures the extension against good SQL, side by side in one run.
#
# Each case has two sides, ours and a rival with the same result.  They run in
# turns, from the same state, several times; what counts is the ratio of their
# medians.  Called by bench.sh, which starts the cluster.
#
use strict;
use warnings;

use FindBin;
use Getopt::Long qw(GetOptions);
use POSIX qw(strftime);

my %opt = (scale => 1, runs => 5);
GetOptions(
	'scale=s' => \$opt{scale},
	'runs=i'  => \$opt{runs},
	'dir=s'   => \$opt{dir}) or exit 2;

my $fixture = "$FindBin::RealBin/../fixture/generate.pl";
my $db = 'bench';
my %figures;
my @rows;

set_up();
measure_load();
measure_dry_run();
measure_fix();
measure_batched();
measure_rollback();
measure_validate();
report();
exit((grep { !$_->{met} } @rows) ? 1 : 0);

# The database of the fixture's shape, with the indexes that good SQL wants.
sub set_up
{
	my $dir = $opt{dir};

	system($^X, $fixture, '--quiet', '--core-only', '--scale', $opt{scale},
		'--schema', "$dir/schema.sql", '--dump', "$dir/combos.sql",
		'--figures', "$dir/figures") == 0 or die "generate.pl failed\n";
	open(my $in, '<', "$dir/figures") or die "figures: $!\n";
	%figures = map { chomp; split(/=/, $_, 2) } <$in>;
	close($in);

	system('createdb', $db) == 0 or die "createdb failed\n";
	system("psql -Xqd $db -v ON_ERROR_STOP=1 -f $dir/schema.sql >/dev/null") == 0
	  or die "the schema failed\n";
	sql("CREATE EXTENSION menuca_migrate");
	sql("SELECT menuca_load_dump_file('$dir/combos.sql', 'combos', 'staging.menuca_v1_combos')");
	sql("CREATE INDEX ON menuca_v3.combo_groups (legacy_v1_id)");
	sql("CREATE INDEX ON menuca_v3.dishes (legacy_v1_id)");
	sql("CREATE TABLE public.items_at_start AS TABLE menuca_v3.combo_items");
	sql("VACUUM ANALYZE");
	return;
}

# Statements outside of the clock.
sub sql
{
	my ($sql) = @_;
	my $answer = run_psql("$sql;\n");
	chomp $answer;
	return $answer;
}

# The milliseconds that a statement takes, by psql's clock.
sub timed
{
	my ($sql) = @_;
	my $answer = run_psql("\\timing on\n$sql;\n");
	my ($ms) = $answer =~ /^Time: ([0-9.]+) ms/m or die "no time in: $answer\n";
	return $ms;
}

sub run_psql
{
	my ($script) = @_;
	my $file = "$opt{dir}/statement.sql";

	open(my $out, '>', $file) or die "$file: $!\n";
	print $out $script;
	close($out);
	my $answer = `PGOPTIONS='-c client_min_messages=warning' psql -XqAtd $db -v ON_ERROR_STOP=1 -f $file 2>&1`;
	die "psql failed: $answer\n" if $? != 0;
	return $answer;
}

# Runs both sides in turns; each is a pair of what sets it up and what counts.
sub measure
{
	my ($case, $goal, $is_met, $ours, $rival) = @_;
	my (@ours, @rival);

	for (1 .. $opt{runs})
	{
		$ours->[0]->();
		push @ours, timed($ours->[1]);
		$rival->[0]->();
		push @rival, timed($rival->[1]);
	}
	my ($o, $r) = (median(@ours), median(@rival));
	my $met = $is_met->($o, $r);
	push @rows,
	  { case => $case, ours => $o, rival => $r, goal => $goal, met => $met };
	printf STDERR "%-34s %9.0f ms %9.0f ms  %s\n", $case, $o, $r, $met ? 'met' : 'missed';
	return;
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[ $#sorted / 2 ];
}

# Ours is at least so many times as fast.
sub faster
{
	my ($times) = @_;
	return (">= $times x", sub { $_[1] >= $times * $_[0] });
}

# Ours takes at most so many times as long.
sub at_most
{
	my ($times) = @_;
	return ("<= $times x the time", sub { $_[0] <= $times * $_[1] });
}

sub nothing { return }

# As it was before any fix, with the pages of a fresh table.
sub items_at_start
{
	sql("TRUNCATE menuca_v3.combo_items CASCADE; INSERT INTO menuca_v3.combo_items TABLE public.items_at_start;"
		  . " TRUNCATE menuca_run, menuca_run_baseline, menuca_run_batch;"
		  . " VACUUM ANALYZE menuca_v3.combo_items; CHECKPOINT");
	return;
}

my $counted_items;

sub fixed
{
	items_at_start();
	sql("SELECT menuca_fix_combos(dry_run => false); VACUUM ANALYZE menuca_v3.combo_items; CHECKPOINT");
	return;
}

# Pairs of one restaurant, as the rival maps them.
sub mapped
{
	return <<'SQL';
FROM staging.menuca_v1_combos s
	JOIN menuca_v3.combo_groups g ON g.legacy_v1_id = s."group"
	JOIN menuca_v3.dishes d ON d.legacy_v1_id = s.dish AND d.restaurant_id = g.restaurant_id
SQL
}

sub measure_load
{
	my $dir = $opt{dir};

	sql("COPY staging.menuca_v1_combos TO '$dir/combos.tsv'; CREATE TABLE staging.copied (LIKE staging.menuca_v1_combos)");
	my $empty = sub { sql("TRUNCATE staging.copied; CHECKPOINT") };
	measure('load a dump file / COPY of a TSV', at_most(1.3),
		[ $empty, "SELECT menuca_load_dump_file('$dir/combos.sql', 'combos', 'staging.copied')" ],
		[ $empty, "COPY staging.copied FROM '$dir/combos.tsv'" ]);
	return;
}

sub measure_dry_run
{
	my $mapped = mapped();

	items_at_start();
	measure('dry run / the same counts in SQL', faster(8),
		[ \&nothing, "SELECT menuca_fix_combos()" ],
		[ \&nothing, <<"SQL" ]);
SELECT outcome, count(*) FROM (
	SELECT CASE
			WHEN n.groups = 0 AND n.dishes = 0 THEN 'unmapped_both'
			WHEN n.groups = 0 THEN 'unmapped_group'
			WHEN n.dishes = 0 THEN 'unmapped_dish'
			WHEN p.combo_group_id IS NULL THEN 'cross_restaurant'
			WHEN p.place > 1 THEN 'duplicate'
			WHEN i.id IS NOT NULL THEN 'already_present'
			ELSE 'insert'
		END AS outcome
	FROM staging.menuca_v1_combos s0
		LEFT JOIN (
			SELECT s.id, g.id AS combo_group_id, d.id AS dish_id,
				row_number() OVER (PARTITION BY g.id, d.id ORDER BY s.id) AS place
			$mapped) p ON p.id = s0.id
		LEFT JOIN menuca_v3.combo_items i ON i.combo_group_id = p.combo_group_id AND i.dish_id = p.dish_id
		CROSS JOIN LATERAL (
			SELECT (EXISTS (SELECT FROM menuca_v3.combo_groups g WHERE g.legacy_v1_id = s0."group"))::int AS groups,
				(EXISTS (SELECT FROM menuca_v3.dishes d WHERE d.legacy_v1_id = s0.dish))::int AS dishes) n
) o GROUP BY 1
SQL
	return;
}

sub measure_fix
{
	my $mapped = mapped();

	measure('fix, one transaction / INSERT .. SELECT', faster($opt{scale} > 1 ? 4 : 4.5),
		[ \&items_at_start, "SELECT menuca_fix_combos(dry_run => false)" ],
		[ \&items_at_start, <<"SQL" ]);
INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id, display_order, source_system, source_id)
SELECT DISTINCT ON (g.id, d.id) g.id, d.id, s."order", 'v1', s.id
$mapped
WHERE NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.combo_group_id = g.id AND i.dish_id = d.id)
ORDER BY g.id, d.id, s.id
SQL
	return;
}

sub measure_batched
{
	measure('batched / one transaction', at_most(1.5),
		[ \&items_at_start, "CALL menuca_fix_combos_batched()" ],
		[ \&items_at_start, "SELECT menuca_fix_combos(dry_run => false)" ]);
	return;
}

sub measure_rollback
{
	measure('rollback with proof / bare DELETE', at_most(1.5),
		[ \&fixed, "SELECT menuca_rollback((SELECT max(run_id) FROM menuca_run), dry_run => false)" ],
		[ \&fixed, "DELETE FROM menuca_v3.combo_items WHERE id = ANY (ARRAY(SELECT id FROM menuca_v3.combo_items EXCEPT SELECT id FROM public.items_at_start))" ]);
	return;
}

sub measure_validate
{
	fixed();
	measure('validate / the checks as SQL queries', faster(10),
		[ \&nothing, "SELECT count(*) FROM menuca_validate()" ],
		[ \&nothing, validation_queries() ]);
	return;
}

# One query per check of menuca_validate(), run by one call for one time.
sub validation_queries
{
	my $items = 'menuca_v3.combo_items';
	my $groups = 'menuca_v3.combo_groups';
	my $dishes = 'menuca_v3.dishes';
	my $mapped = mapped();
	my $empty = "NOT EXISTS (SELECT FROM $items i WHERE i.combo_group_id = g.id)";
	my @queries = (
		"SELECT (SELECT count(*) FROM $groups) + (SELECT count(*) FROM $items) + (SELECT count(DISTINCT combo_group_id) FROM $items) + (SELECT count(*) FROM $dishes)",
		"SELECT count(*) FROM $groups g WHERE $empty",
		"SELECT count(*) FILTER (WHERE stated = n) FROM (SELECT (g.combo_rules ->> 'item_count')::bigint AS stated, count(i.id) AS n FROM $groups g JOIN $items i ON i.combo_group_id = g.id GROUP BY g.id) c",
		"SELECT count(DISTINCT n) FROM (SELECT count(DISTINCT dish) AS n FROM staging.menuca_v1_combos GROUP BY \"group\") s",
		"SELECT count(DISTINCT n) FROM (SELECT count(DISTINCT dish_id) AS n FROM $items GROUP BY combo_group_id) s",
		"SELECT count(*) FROM (SELECT combo_group_id FROM $items GROUP BY 1 ORDER BY count(*) DESC LIMIT 5) f JOIN $items i USING (combo_group_id) JOIN $dishes d ON d.id = i.dish_id",
		"SELECT count(*) FROM $groups g WHERE $empty AND EXISTS (SELECT FROM staging.menuca_v1_combos s WHERE s.\"group\" = g.legacy_v1_id)",
		"SELECT count(*) FROM (SELECT source_system, count(*) FILTER (WHERE $empty) FROM $groups g GROUP BY 1) s",
		"SELECT count(DISTINCT g.restaurant_id) FROM $groups g JOIN $items i ON i.combo_group_id = g.id WHERE g.legacy_v1_id IS NOT NULL",
		"SELECT count(*) FROM (SELECT dish_id, count(DISTINCT combo_group_id) FROM $items GROUP BY 1) u",
		"SELECT count(*) FROM $items WHERE created_at > now() - interval '24 hours'",
		"SELECT count(*) FROM $items i LEFT JOIN $groups g ON g.id = i.combo_group_id LEFT JOIN $dishes d ON d.id = i.dish_id WHERE g.id IS NULL OR d.id IS NULL",
		"SELECT count(*) FROM (SELECT 1 FROM $items GROUP BY combo_group_id, dish_id HAVING count(*) > 1) d",
		"SELECT count(*) FROM $items i JOIN menuca_run_batch b ON b.keys \@> i.id",
		"SELECT count(*) FROM $items i JOIN $groups g ON g.id = i.combo_group_id JOIN $dishes d ON d.id = i.dish_id WHERE g.restaurant_id <> d.restaurant_id",
		"SELECT count(*) FROM $items WHERE display_order IS NULL OR display_order < 0",
		"SELECT count(*) FROM $items i JOIN $dishes d ON d.id = i.dish_id WHERE NOT d.is_active",
		"SELECT count(*) FROM $groups g WHERE $empty AND EXISTS (SELECT $mapped WHERE g.legacy_v1_id = s.\"group\")");

	# An inner g would hide the outer one.
	$queries[-1] =~ s/JOIN menuca_v3\.combo_groups g ON g\.legacy_v1_id = s\."group"/JOIN menuca_v3.combo_groups g2 ON g2.legacy_v1_id = s."group"/;
	$queries[-1] =~ s/d\.restaurant_id = g\.restaurant_id/d.restaurant_id = g2.restaurant_id/;

	my $sum = join("\n+ ", map { "($_)" } @queries);
	return "SELECT $sum";
}

sub report
{
	my $version = sql("SHOW server_version");
	my $settings = join(', ', map { "$_ " . sql("SHOW $_") }
		  qw(shared_buffers work_mem maintenance_work_mem fsync synchronous_commit max_parallel_workers_per_gather));
	my $cpus = `getconf _NPROCESSORS_ONLN`;
	chomp $cpus;
	my $date = strftime('%Y-%m-%d', gmtime);

	print "Scale $opt{scale}: $figures{source_rows} source rows, $figures{combo_groups} groups, $figures{dishes} dishes. "
	  . "Medians of $opt{runs} alternating runs, $date.\n";
	print "PostgreSQL $version, $cpus CPUs; $settings.\n\n";
	print "| case | ours, ms | rival, ms | ratio | goal | met |\n|---|---:|---:|---:|---|---|\n";
	foreach my $row (@rows)
	{
		printf "| %s | %.0f | %.0f | %.2f | %s | %s |\n", $row->{case}, $row->{ours}, $row->{rival},
		  $row->{rival} / $row->{ours}, $row->{goal}, $row->{met} ? 'yes' : '**no**';
	}
	return;
}
