# Tables with partitions on two other clusters, by postgres_fdw: one at a time and
# all of them.  What the extension counts is what plain SQL counts; what cannot
# work there is refused before the first row.

# engines: both

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;
use MenucaElsewhere;

#
# Initialize nodes
#

my $fixture = fixture('fixture', '--scale', '0.05');
my $node = new_node('main', conf => "min_parallel_table_scan_size = 0\n");
my @others = map { new_node($_) } qw(east west);
make_database($node, 'ordinary', $fixture);
rows_of($node, 'ordinary', 'CREATE EXTENSION postgres_fdw');

my %tables = (items => [ 'menuca_v3', 'combo_items', 'combo_group_id' ], groups => [ 'menuca_v3', 'combo_groups', 'id' ],
	dishes => [ 'menuca_v3', 'dishes', 'id' ], source => [ 'staging', 'menuca_v1_combos', 'id' ]);
my %cases = (map({ $_ => [ $tables{$_} ] } keys %tables), all => [ values %tables ]);

# A database of the same name in the other clusters, reached by the servers east and west
sub connect_others
{
	my ($database) = @_;

	for my $other (@others)
	{
		my ($name, $host, $port) = ($other->name, $other->host, $other->port);

		rows_of($other, 'postgres', "CREATE DATABASE $database");
		rows_of($node, $database, <<SQL);
CREATE SERVER $name FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname '$database');
CREATE USER MAPPING FOR postgres SERVER $name OPTIONS (user 'postgres');
SQL
	}
	return;
}

# Makes a table one of three partitions: one is here, the two others are elsewhere
sub spread
{
	my ($database, $schema, $table, $column) = @_;
	my $columns = rows_of($node, $database, <<SQL);
SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
FROM pg_attribute WHERE attrelid = '$schema.$table'::regclass AND attnum > 0 AND NOT attisdropped
SQL

	rows_of($node, $database, <<SQL);
ALTER TABLE $schema.$table RENAME TO old_table;
CREATE TABLE $schema.$table (LIKE $schema.old_table INCLUDING DEFAULTS) PARTITION BY HASH ($column);
CREATE TABLE $schema.${table}_here PARTITION OF $schema.$table FOR VALUES WITH (MODULUS 3, REMAINDER 0);
SQL
	for my $i (0 .. 1)
	{
		my $name = $others[$i]->name;

		rows_of($others[$i], $database, "CREATE SCHEMA IF NOT EXISTS $schema; CREATE TABLE $schema.${table}_$name ($columns)");
		rows_of($node, $database, "CREATE FOREIGN TABLE $schema.${table}_$name PARTITION OF $schema.$table FOR VALUES WITH (MODULUS 3, REMAINDER @{[$i + 1]}) SERVER $name");
	}
	rows_of($node, $database, <<SQL);
INSERT INTO $schema.$table SELECT * FROM $schema.old_table;
DROP TABLE $schema.old_table CASCADE;
CREATE SEQUENCE $schema.${table}_serial START 7000001;
ALTER TABLE $schema.$table ALTER id SET DEFAULT nextval('$schema.${table}_serial');
SQL
	return;
}

# The rows of a table in the other clusters
sub count_others
{
	my ($database, $schema, $table) = @_;

	return map { rows_of($_, $database, "SELECT count(*) FROM $schema.${table}_" . $_->name) } @others;
}

#
# One table at a time, and all of them
#

for my $case (sort keys %cases)
{
	my $database = "spread_$case";

	copy_database($node, 'ordinary', $database);
	connect_others($database);
	spread($database, @{$_}) for @{ $cases{$case} };
	cmp_ok($_, '>', 0, "$case: a part of the rows is elsewhere") for map { count_others($database, @{$_}) } grep { $_->[1] ne 'combo_items' } @{ $cases{$case} };

	says_the_same($node, $database, 'ordinary', $case);
	my $inserted = fix_and_roll_back($node, $database, $case);
	interrupt_and_resume($node, $database, $case, $inserted);
	snapshot_and_restore($node, $database, $case, $inserted);
}

rows_of($node, 'spread_items', 'SELECT FROM menuca_fix_combos(dry_run => false)');
my ($east, $west) = count_others('spread_items', 'menuca_v3', 'combo_items');
cmp_ok($_, '>', 500, 'new items are elsewhere') for $east, $west;
is(rows_of($node, 'spread_items', 'SELECT count(*) FROM menuca_v3.combo_items_here') + $east + $west,
	rows_of($node, 'spread_items', 'SELECT items_after FROM menuca_runs ORDER BY run_id DESC LIMIT 1'), 'and all clusters together have what the ledger says');
rows_of($node, 'spread_items', 'SELECT menuca_rollback(max(run_id), dry_run => false) FROM menuca_runs');

done_testing();
