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

sub columns_of
{
	my ($database, $table) = @_;

	return rows_of($node, $database, <<SQL);
SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
FROM pg_attribute WHERE attrelid = '$table'::regclass AND attnum > 0 AND NOT attisdropped
SQL
}

# Makes a table one of three partitions: one is here, the two others are elsewhere
sub spread
{
	my ($database, $schema, $table, $column) = @_;
	my $columns = columns_of($database, "$schema.$table");

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

#
# What cannot work is refused before the first row
#

my $items = 'menuca_v3.combo_items';
my $state = "SELECT count(*), coalesce(sum(id), 0) FROM $items";
my $fix = 'SELECT status FROM menuca_fix_combos(dry_run => false, batch_size => 100)';

# The error, and that neither the items nor the ledger have changed
sub refused
{
	my ($database, $sql, $message, $hint, $what) = @_;
	my $before = rows_of($node, $database, "$state; SELECT count(*) FROM menuca_run");
	my $error = error_of($node, $database, $sql);

	is("$error->{state} $error->{message}", $message, $what);
	like($error->{hint}, $hint, "$what: what to do");
	is(rows_of($node, $database, "$state; SELECT count(*) FROM menuca_run"), $before, "$what: nothing has changed");
	return;
}

copy_database($node, 'spread_items', 'refused');
refused('refused', q{SELECT status FROM menuca_fix_combos(dry_run => false, lock => 'access_exclusive')},
	"0A000 table $items cannot be locked against readers: it has rows on other servers", qr/Omit the argument lock/, 'a lock against readers');
rows_of($node, 'refused', "ALTER TABLE $items ALTER id DROP NOT NULL");
refused('refused', $fix, "55000 table $items has rows on other servers and no column \"id\" that identifies them",
	qr/ALTER TABLE $items ALTER COLUMN id SET NOT NULL;/, 'a key that may be NULL');
rows_of($node, 'refused', "ALTER TABLE $items ALTER id SET NOT NULL");

# The same id on two servers, an id that is NULL there
my $any = rows_of($node, 'refused', "SELECT min(id) FROM $items");
my ($group) = split /\n/, rows_of($node, 'refused', "SELECT id FROM menuca_v3.combo_groups g WHERE satisfies_hash_partition('$items'::regclass, 3, 1, id)");
my $dish = rows_of($node, 'refused', 'SELECT min(id) FROM menuca_v3.dishes');
for my $id ($any, 'NULL')
{
	rows_of($others[0], 'spread_items', "INSERT INTO ${items}_east (id, combo_group_id, dish_id) VALUES ($id, $group, $dish)");
	is(rows_of($node, 'refused', 'SELECT status, reasons[1] FROM menuca_fix_combos()'),
		"refused|1 row of table $items has no id of its own", "the id $id: a dry run says so");
	refused('refused', $fix, "MC003 refused: 1 row of table $items has no id of its own", qr/array_agg\(tableoid::regclass\)/, "the id $id: a fix");
	refused('refused', 'CALL menuca_fix_combos_batched(dry_run => false)', "MC003 refused: 1 row of table $items has no id of its own", qr/GROUP BY/, "the id $id: in batches");
	refused('refused', "SELECT FROM menuca_snapshot('twice', '{combo_items}')", "MC010 1 row of table $items has no id of its own", qr/GROUP BY/, "the id $id: a snapshot");
	is(rows_of($node, 'refused', 'SELECT items FROM menuca_orphan_rate()'), rows_of($node, 'refused', "SELECT count(*) FROM $items"), "the id $id: the rate is that of plain SQL");
	rows_of($others[0], 'spread_items', "DELETE FROM ${items}_east WHERE id IS NOT DISTINCT FROM $id AND combo_group_id = $group AND dish_id = $dish");
}

# An id that the sequence has yet to hand out
my ($next) = split /\n/, rows_of($node, 'refused', "SELECT nextval('menuca_v3.combo_items_serial') + 150");
rows_of($others[0], 'spread_items', "INSERT INTO ${items}_east (id, combo_group_id, dish_id) VALUES ($next, $group, $dish)");
refused('refused', $fix, "MC003 1 row of table $items has the same id as a new one", qr/SELECT max\(id\) FROM $items;/, 'an id that is not free');
rows_of($others[0], 'spread_items', "DELETE FROM ${items}_east WHERE id = $next");

# A parent's id on two servers
rows_of($others[0], 'spread_dishes', 'INSERT INTO menuca_v3.dishes_east SELECT * FROM menuca_v3.dishes_east LIMIT 1');
refused('spread_dishes', $fix, "MC003 several rows of table menuca_v3.dishes have the same id: " . rows_of($others[0], 'spread_dishes', 'SELECT id FROM menuca_v3.dishes_east GROUP BY 1 HAVING count(*) > 1'),
	qr/tableoid::regclass/, 'a dish that is there twice');

#
# Warned of: the lock holds here, and so does the ledger
#

my (undef, undef, $warnings) = $node->psql('spread_items', 'BEGIN; SELECT inserted > 500 FROM menuca_fix_combos(dry_run => false); SELECT relation::regclass FROM pg_locks WHERE mode = \'ShareRowExclusiveLock\' AND relation::regclass::text ~ \'combo_items\' ORDER BY 1; ROLLBACK',
	stdout => \my $locks);
like($warnings, qr/WARNING:  rows of table $items are on other servers/, 'a fix warns');
is($locks, "t\n$items\n${items}_here\n${items}_east\n${items}_west", 'and locks the table with its partitions');

#
# Whole foreign tables: parents and the source, but not the items
#

copy_database($node, 'ordinary', 'whole');
connect_others('whole');
rows_of($node, 'whole', 'ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_combo_group_id_fkey');
for my $table ([ 'menuca_v3', 'combo_groups' ], [ 'staging', 'menuca_v1_combos' ])
{
	my ($schema, $name) = @{$table};
	my $columns = columns_of('whole', "$schema.$name");

	rows_of($others[0], 'whole', "CREATE SCHEMA $schema; CREATE TABLE $schema.$name ($columns)");
	rows_of($node, 'whole', "ALTER TABLE $schema.$name RENAME TO old_$name; CREATE FOREIGN TABLE $schema.$name ($columns) SERVER east; INSERT INTO $schema.$name SELECT * FROM $schema.old_$name; DROP TABLE $schema.old_$name CASCADE");
}
says_the_same($node, 'whole', 'ordinary', 'foreign tables');
my $whole = fix_and_roll_back($node, 'whole', 'foreign tables');
rows_of($node, 'whole', 'ALTER TABLE menuca_v3.combo_items RENAME TO old_items; CREATE FOREIGN TABLE menuca_v3.combo_items (id bigint NOT NULL, combo_group_id bigint, dish_id bigint) SERVER east');
my $error = error_of($node, 'whole', $fix);
is("$error->{state} $error->{message}", "42809 $items is not a table", 'a foreign table is no target');
like($error->{hint}, qr/Make the foreign table a partition of a partitioned table/, 'but can be a partition of one');

#
# A foreign table of somebody else leads a superuser's connection to where he
# says, such as a view of his in this very server
#

rows_of($node, 'ordinary', <<SQL);
CREATE ROLE intruder;
CREATE SCHEMA intruder AUTHORIZATION intruder;
GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO intruder;
GRANT USAGE ON SCHEMA staging TO intruder;
GRANT SELECT ON staging.menuca_v1_combos TO intruder;
SET ROLE intruder;
CREATE FUNCTION intruder.promote() RETURNS int LANGUAGE plpgsql AS 'BEGIN IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN ALTER ROLE intruder SUPERUSER; END IF; RETURN 1; END';
CREATE VIEW intruder.combos AS SELECT id, dish, "group", "order" * intruder.promote() AS "order" FROM staging.menuca_v1_combos;
CREATE SERVER itself FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '@{[$node->host]}', port '@{[$node->port]}', dbname 'ordinary');
CREATE USER MAPPING FOR PUBLIC SERVER itself OPTIONS (user 'postgres');
CREATE FOREIGN TABLE intruder.source (id bigint, dish bigint, "group" bigint, "order" bigint) SERVER itself OPTIONS (schema_name 'intruder', table_name 'combos');
CREATE TABLE intruder.parts (id bigint, dish bigint, "group" bigint, "order" bigint) PARTITION BY HASH (id);
CREATE FOREIGN TABLE intruder.part PARTITION OF intruder.parts FOR VALUES WITH (MODULUS 1, REMAINDER 0) SERVER itself OPTIONS (schema_name 'intruder', table_name 'combos');
RESET ROLE;
CREATE FOREIGN TABLE staging.mine (id bigint, dish bigint, "group" bigint, "order" bigint) SERVER itself OPTIONS (schema_name 'intruder', table_name 'combos');
SQL
for my $case ([ 'intruder.source', 'Its definition belongs to role "intruder"' ], [ 'intruder.parts', 'Its definition belongs to role "intruder"' ],
	[ 'staging.mine', 'Its server "itself" belongs to role "intruder"' ])
{
	my ($source, $why) = @{$case};
	my $table = $source eq 'intruder.parts' ? 'intruder.part' : $source;
	my $refusal = error_of($node, 'ordinary', "SELECT count(*) FROM menuca_plan_combos('$source')");

	is("$refusal->{state} $refusal->{message}", "42501 foreign table $table is not read as a superuser", "$source: refused");
	like($refusal->{detail}, qr/^\Q$why\E/, "$source: whose it is");
	is($refusal->{hint}, 'SET ROLE intruder; or to another role that is no superuser, and call it again.', "$source: what to do");
}
is(rows_of($node, 'ordinary', "SELECT rolsuper FROM pg_roles WHERE rolname = 'intruder'"), 'f', 'nobody was promoted');

#
# Another session's temporary table as a source
#

my $session = start_sql($node, 'ordinary', 'CREATE TEMP TABLE theirs AS TABLE staging.menuca_v1_combos; SELECT pg_sleep(600)');
$node->poll_query_until('ordinary', "SELECT count(*) = 1 FROM pg_class WHERE relname = 'theirs'");
my $theirs = rows_of($node, 'ordinary', "SELECT relnamespace::regnamespace || '.theirs' FROM pg_class WHERE relname = 'theirs'");
$error = error_of($node, 'ordinary', "SELECT count(*) FROM menuca_plan_combos('$theirs')");
is("$error->{state} $error->{message}", "0A000 $theirs is a temporary table of another session", 'another session\'s temporary table');
like($error->{hint}, qr/CREATE TABLE staging.theirs AS TABLE $theirs;/, 'can be copied there');
rows_of($node, 'ordinary', "SELECT pg_terminate_backend(@{[wait_for_backend($node, $session)]})");
finish_sql($session);

done_testing();
