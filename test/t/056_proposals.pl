
# Every statement that hints, remedies and next steps propose in the expected
# output of the suites can be executed: nothing is misspelt, and nothing needs
# search_path, as the extension is in a schema of its own here.  A refusal is no
# fault of the text.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node: a repaired database, with something of everything
#

my $fixture = fixture('fixture', '--scale', '0.02', '--with', 'dish_combo_groups');
my $node = new_node('main', conf => "max_locks_per_transaction = 256\n");

make_database($node, 'proposals', $fixture, extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops; CREATE EXTENSION menuca_seating SCHEMA ops', load => 0);
$node->safe_psql('proposals', slurp_file('test/fixture/seating/schema.sql'));
rows_of($node, 'proposals', <<"SQL");
SELECT rows_loaded FROM ops.menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos');
SELECT ops.menuca_snapshot('before');
SELECT ops.menuca_fix_combos(dry_run => false);

-- Columns that the suites add
ALTER TABLE menuca_v3.dishes ADD COLUMN price_cents integer, ADD COLUMN "Kitchen" text;
SQL

#
# What is proposed
#

# The statements of a text: as proposal_first() finds the first one, and the
# others as well
my $calls = qr/SELECT |CALL /;
my $commands = qr/(?:ALTER|ANALYZE|CREATE|DELETE FROM|DROP|GRANT|INSERT INTO|REFRESH|REINDEX|REVOKE|SET|UPDATE|VACUUM) /;

sub statements_in
{
	my ($text) = @_;
	my @found;

	push @found, $1
		while $text =~ /(?<![\w"'(\$])(?!SELECT ON )((?:$calls|(?:(?<=: )|(?<=\|)|^)$commands)(?:[^;'"]|'(?:[^'])*'|"[^"]*")*;)/g;
	return @found;
}

# Statements of ours, which psql echoes, are not proposed
my %files = map { my ($name) = m{(\w+)\.out$}; ($_ => "test/sql/$name.sql") } glob 'expected/*.out';
my %proposed;
my $places = 0;

foreach my $file (sort keys %files)
{
	my %ours = map { $_ => 1 } split /\n/, -e $files{$file} ? slurp_file($files{$file}) : '';
	my $hint;

	foreach my $line (split /\n/, slurp_file($file))
	{
		next if $ours{$line};
		next unless $line =~ /^HINT:  / || $line =~ /\bpublic\.menuca_/;
		$line =~ s/^HINT:  //;
		foreach my $statement (statements_in($line))
		{
			$places++;
			push @{ $proposed{$statement} }, $file;
		}
	}
}
note "$places proposals in ", scalar keys %files, ' files, ', scalar keys %proposed, ' different ones';
cmp_ok(scalar keys %proposed, '>=', 150, 'many different statements are proposed');

#
# Each is executed, and undone
#

my @statements = sort keys %proposed;
my $script = "\\set VERBOSITY verbose\n\\pset pager off\nSET client_min_messages = error;\n";

foreach my $place (0 .. $#statements)
{
	my $statement = $statements[$place];

	# What only a person knows
	$statement =~ s/\bpublic\.(?=menuca_)/ops./g;
	$statement =~ s/'\.\.\.'/'a reason'/g;
	$statement =~ s/'name'/'A. Person'/g;
	$statement =~ s/\(oid, /(12345, /g;

	# What the suites mask, as it differs
	$statement =~ s/(menuca_environment\('\w+', '\w+', )(?:N|CLUSTER)\)/${1}12345)/;
	$script .= "\\warn statement $place\nBEGIN;\n$statement\nROLLBACK;\n";
}

my ($status, $stdout, $stderr) = $node->psql('proposals', $script, extra_params => [ '-v', 'ON_ERROR_STOP=0' ], on_error_stop => 0, timeout => 300);
my %errors = map { /\A(\d+)(?:\n|\z)/ ? ($1 => $_) : () } split /^statement (?=\d+$)/m, $stderr;
my %outcomes;
is(join("\n", map { $statements[$_] } grep { !exists $errors{$_} } 0 .. $#statements), '', 'all of them were executed');
foreach my $place (0 .. $#statements)
{
	my ($state, $message) = $errors{$place} =~ /ERROR:  (\w{5}): (.*)/;

	$outcomes{ $state // 'no error' }++;

	# Tables, roles and types of the suites are not here; columns, functions and
	# relations of the extension are
	unlike(join(' ', $state // '', $message // ''), qr/^(?:42601|42703|42883|42725|42804|42846|42P02|42P0[18] .*\bops\.|42P01 relation "menuca_(?!v3\.))/,
		"$statements[$place]") or diag "$message\n@{ $proposed{$statements[$place]} }";
}
note 'executed ', scalar @statements, ': ', join ', ', map { "$_ $outcomes{$_}" } sort keys %outcomes;

$node->stop;
log_is_clean($node);

done_testing();
