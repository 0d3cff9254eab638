
# The demo: what it says at each step is what the generator foresaw, and at its
# end every row is as it was.
#
# What differs from run to run (numbers of large objects, times, checksums) is looked at
# by its form alone.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

# The engine is the default one, whichever the suite is run with
delete $ENV{PGOPTIONS};

my $node = new_node('main');
my $fixture = fixture('demo', '--case', 'real');
my %figure = %{ $fixture->{figures} };
my $database = 'menuca';
my $page = "$PostgreSQL::Test::Utils::tmp_check/report.html";

make_database($node, $database, $fixture, extension => '');

my $before = state_of();
my ($output, $wrapped) = ('', '');

ok(IPC::Run::run(
		[ $node->installed_command('psql'), '-Xqd', $node->connstr($database), '-v', 'ON_ERROR_STOP=1',
			'-v', "v1=$fixture->{dump}", '-v', "v2=$fixture->{v2_dump}", '-v', "report=$page" ],
		'<', 'test/demo.sql', '>&', \$output,
		init => sub { $ENV{PGCLIENTENCODING} = 'UTF8' }),
	'the demo ends without an error') or diag $output;
unlike($output, qr/^(?:ERROR|FATAL|WARNING|psql)/m, 'it prints no error');
my %section = map { /^(\d+)\. [^\n]*\n(.*)/s ? ($1 => $2) : () } split /^== /m, $output;

is(join(' ', sort { $a <=> $b } keys %section), join(' ', 1 .. 15), 'it has its 15 steps');
foreach my $no (1 .. 15)
{
	like($section{$no}, qr/\A[A-Z][^\n]+[.;,]?\n/, "step $no begins with a sentence");
}

#
# The story, in figures
#

says(1, rows_of_table($figure{combo_groups}, @figure{qw(orphans_before orphan_pct_before)}, 'FAIL', $figure{items_before}), 'the state');
says(2, rows_of_table(@$_), "$_->[0] is loaded")
  foreach [ 'combos', $figure{source_rows} ], [ 'menu', $figure{menu_rows} ], [ 'ingredients', 600 ], [ 'combo_groups', $figure{v1_groups} ],
  [ 'restaurants_combo_groups_items', $figure{v2_groups} ];
says(2, qr/^state \| not decided\nnext_step \| SELECT \* FROM ops\.menuca_record_decision\('dish_combo_groups'/m, 'the decision comes next');
says(3, qr/^meaning \| WARN \| .*not which dish a group offers: $figure{combo_products_known} of $figure{combo_products_known} referenced dishes are combo products/m, 'the direction is reversed');
says(3, qr/^decided: .*combo_items, by Demo Lead/m, 'a decision is recorded');
says(4, qr/^status \| refused\n/m, 'the first dry run is refused');
says(4, qr/^- $figure{cross_restaurant} of [\d,]+ source rows \($figure{cross_restaurant_pct} %\) lead to dishes of other restaurants: $figure{impostors} distinct/m, 'by the impostors');
says(4, qr/^- coverage of dishes is $figure{dish_coverage_pct_planned} %/m, 'by the coverage');
says(4, qr/^- the overall orphan rate after the fix would be $figure{orphan_pct_planned} % \($figure{orphans_planned} of $figure{combo_groups} groups\)/m, 'and by the orphan rate');
says(5, rows_of_table($figure{impostors}), 'the impostors are removed');
says(6, rows_of_table(1, 'completed', $figure{backfill_insert}, 0, $figure{dish_coverage_pct_after}), 'the backfill makes nothing visible');
says(7, qr/^status \| refused\n.*^- coverage of dishes is $figure{dish_coverage_pct_after} %.*^- the overall orphan rate after the fix would be $figure{orphan_pct_after} %/ms, 'the second dry run is refused by what is lost');
unlike($section{7}, qr/other restaurants:/, 'and no more by impostors');
says(8, qr/^status \| planned\ninsert \| $figure{insert_after}\n/m, 'what is lost is accepted');
says(9, rows_of_table(2, 'completed', @figure{qw(insert_after orphan_pct_after)}), 'the fix');
says(9, rows_of_table(3, 'completed', @figure{qw(v2_insert orphan_pct_after_v2)}), 'that of V2\'s lists');
says(10, rows_of_table(@figure{qw(combo_groups orphans_after_v2 orphan_pct_after_v2 source_groups expected_orphans_after_v2 expected_orphan_pct_after_v2)}), 'both rates');
says(10, rows_of_table('unmapped_dishes', 'v1', $figure{expected_orphans_after}), 'the reasons');
says(11, qr/^2 \| orphan_rate \| WARN \| $figure{orphan_pct_after_v2} % .* \| Accepted up to 42 %, by Demo Lead, because: /m, 'the validation says what was accepted');
says(11, qr/^6 \| remaining_orphans \| WARN .* \| Accepted up to 23 %/m, 'for each figure');
says(11, qr/^\d+ \| summary \| WARN \| \d+ PASS, \d+ WARN, 0 FAIL, 0 ERROR, \d+ SKIP/m, 'and fails nowhere');
says(13, qr/^It is in \Q$page\E$/m, 'the page is written');
says(14, rows_of_table(3, 'rolled_back', $figure{v2_insert}, 0, 0, 't'), 'V2\'s run is rolled back');
says(14, rows_of_table(2, 'rolled_back', $figure{insert_after}, 0, 0, 't'), 'V1\'s, too');
says(14, rows_of_table(1, 'rolled_back', $figure{backfill_insert}, 0, 0, 't'), 'and the backfill');
says(14, rows_of_table('dishes', 'restored', $figure{dishes} - $figure{impostors}, $figure{impostors}, 0), 'the impostors are back');
says(15, qr/^ start \| (\d+ \| \w{32})\n now   \| \1\n/m, 'the proof');
like($output, qr/^The state is back: every row is as it was at the start\.\n\z/m, 'the last line says so');

# The page has the figures of the moment when it was written
my $html = slurp_file($page);

like($html, qr/\A<!DOCTYPE html>.*<h1>The real case, repaired<\/h1>.*<\/html>\s*\z/s, 'a page');
unlike($html, qr/class="missing"/, 'with all of its sections');
like($html, qr/>$figure{orphan_pct_after_v2} %<\/dd><dt>of the groups are empty now/, 'with the rate');
like($html, qr/>insert<\/th><td data-h="Meaning">became an item<\/td><td class="n" data-h="Rows">@{[ $figure{insert_after} =~ s{(\d)(?=\d{3}$)}{$1,}r ]}</, 'and the rows that were inserted');

#
# The end state
#

is(state_of(), $before, 'the tables are as they were');
is(rows_of($node, $database, "SELECT string_agg(kind || ' ' || status || ' ' || inserted, ', ' ORDER BY run_id) FROM ops.menuca_runs"),
	"backfill_dishes rolled_back $figure{backfill_insert}, fix_combos rolled_back $figure{insert_after}, "
	  . "fix_v2_groups rolled_back $figure{v2_insert}, fix_v2_steps rolled_back $figure{v2_steps}",
	'the ledger has the runs');
is(rows_of($node, $database, "SELECT string_agg(figure || ' ' || bound, ', ' ORDER BY acceptance_id) FROM ops.menuca_acceptance"),
	'dish_coverage 75, orphan_rate 42, expected_orphan_rate 23, orphan_rate 40', 'and what was accepted');
is(rows_of($node, $database, 'SELECT target, approver FROM ops.menuca_decision'), 'combo_items|Demo Lead', 'and the decision');

#
# As it is shown
#

IPC::Run::run([ 'perl', 'test/wrap.pl' ], '<', \$output, '>', \$wrapped) or die 'wrap.pl failed';
utf8::decode($_) foreach $output, $wrapped;
is(join("\n", grep { length > 100 } split /\n/, $wrapped), '', 'no line is longer than 100 characters');
is($wrapped =~ s/\s+//gr, $output =~ s/\s+//gr, 'nothing is lost by that');

$node->stop;
log_is_clean($node);

done_testing();

# A row of an aligned table with these values
sub rows_of_table
{
	my $row = join ' *\| *', map { quotemeta } @_;
	return qr/^ *$row *$/m;
}

sub says
{
	my ($no, $pattern, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	like($section{$no}, $pattern, "step $no: $name");
	return;
}

# All rows of the tables that the demo changes
sub state_of
{
	return rows_of($node, $database, <<'SQL');
SELECT count(*), md5(string_agg(r, E'\n' ORDER BY r))
FROM (SELECT d::text AS r FROM menuca_v3.dishes d UNION ALL SELECT i::text FROM menuca_v3.combo_items i
	  UNION ALL SELECT s::text FROM menuca_v3.combo_steps s UNION ALL SELECT g::text FROM menuca_v3.combo_groups g) a
SQL
}
