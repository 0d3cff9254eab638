# Tables whose rows are not in their own heap: a planner's hook, which stands for a
# distributed server, reads and writes them elsewhere.  What the extension counts
# is what plain SQL counts, and nothing gets into the empty shell.

# engines: both

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;
use MenucaElsewhere;

#
# Initialize node
#

# Small tables are worth a worker here, which cannot read what is elsewhere
my $fixture = fixture('fixture', '--scale', '0.05');
my $node = new_node('main', conf => <<'CONF');
session_preload_libraries = 'menuca_elsewhere'
min_parallel_table_scan_size = 0
CONF
make_database($node, 'ordinary', $fixture);

my %tables = (items => 'menuca_v3.combo_items', groups => 'menuca_v3.combo_groups',
	dishes => 'menuca_v3.dishes', source => 'staging.menuca_v1_combos');
my %cases = (map({ $_ => [ $tables{$_} ] } keys %tables), all => [ values %tables ]);

# Moves the rows of a table elsewhere, and leaves an empty shell
sub move
{
	my ($database, $table) = @_;

	rows_of($node, $database, <<SQL);
CREATE SCHEMA IF NOT EXISTS elsewhere;
CREATE TABLE elsewhere."$table" (LIKE $table INCLUDING ALL);
INSERT INTO elsewhere."$table" SELECT * FROM $table;
SET session_replication_role = replica;
DELETE FROM $table;
SQL
	return;
}

sub count_shell
{
	my ($database, $table) = @_;

	return rows_of($node, $database, "SET menuca_elsewhere.schema = ''; SELECT count(*) FROM $table");
}

#
# One table at a time, and all of them
#

# Plain SQL is what people write; a strict hook refuses some of it, so it is off there
for my $custom (qw(on strict off))
{
	for my $case (sort keys %cases)
	{
		my $database = "${case}_$custom";
		my $what = { on => 'custom scan', strict => 'strict', off => 'another table' }->{$custom} . ", $case";

		copy_database($node, 'ordinary', $database);
		move($database, $_) for @{ $cases{$case} };
		rows_of($node, $database,
			"ALTER DATABASE $database SET menuca_elsewhere.schema = 'elsewhere'; ALTER DATABASE $database SET menuca_elsewhere.custom = " . ($custom eq 'off' ? 'off' : 'on'));
		rows_of($node, $database, "ALTER DATABASE $database SET menuca_elsewhere.strict = on") if $custom eq 'strict';

		says_the_same($node, $database, 'ordinary', $what);
		my $inserted = fix_and_roll_back($node, $database, $what);
		interrupt_and_resume($node, $database, $what, $inserted);
		snapshot_and_restore($node, $database, $what, $inserted);
		rows_of($node, $database, 'SELECT FROM menuca_fix_combos(dry_run => false)');
		is(count_shell($database, $_), 0, "$what: the shell of $_ is empty") for @{ $cases{$case} };
	}
}

#
# The engine's reason, and the loader
#

like(rows_of($node, 'items_on', "SELECT menuca_rollback(max(run_id), dry_run => false) FROM menuca_runs WHERE status = 'completed'"), qr/rolled_back/, 'rolled back');
my ($status, undef, $notices) = $node->psql('items_on', 'SET menuca.details = on; SELECT FROM menuca_fix_combos()');
like($notices, qr/Engine: executor, since the server writes table menuca_v3.combo_items by the custom plan "Menuca Elsewhere"\./, 'a dry run names the plan');
($status, undef, $notices) = $node->psql('dishes_on', 'SET menuca.details = on; SELECT FROM menuca_fix_combos()');
like($notices, qr/Engine: executor, since it has a foreign key to dishes, and the server reads table menuca_v3.dishes by the custom plan/, 'and that of a parent');

my $error = error_of($node, 'source_on', "SELECT rows_loaded FROM menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos', append => true)");
is("$error->{state} $error->{message}",
	'0A000 table staging.menuca_v1_combos cannot be loaded directly: the server writes table staging.menuca_v1_combos by the custom plan "Menuca Elsewhere"', 'a load is refused');
like($error->{hint}, qr/INSERT INTO staging.menuca_v1_combos SELECT \* FROM staging.menuca_v1_combos_loaded;/, 'and says how to do it');
is(count_shell('source_on', 'staging.menuca_v1_combos'), 0, 'before the first row');
rows_of($node, 'source_on', "TRUNCATE elsewhere.\"staging.menuca_v1_combos\"; SELECT rows_loaded FROM menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos_loaded'); INSERT INTO staging.menuca_v1_combos SELECT * FROM staging.menuca_v1_combos_loaded");
is(rows_of($node, 'source_on', 'SELECT count(*) FROM staging.menuca_v1_combos'), $fixture->{figures}{source_rows}, 'that works');

#
# What cannot work is refused before the first row
#

my $strict = "SET menuca_elsewhere.schema = 'elsewhere'; SET menuca_elsewhere.strict = on";
my $fix = 'SELECT status FROM menuca_fix_combos(dry_run => false)';

copy_database($node, 'ordinary', 'refused');
move('refused', $tables{items});
$error = error_of($node, 'refused', "$strict; SELECT status FROM menuca_fix_combos(dry_run => false, lock => 'access_exclusive')");
is("$error->{state} $error->{message}", "0A000 table $tables{items} cannot be locked against readers: a hook of the server reads it", 'a lock against readers');
$error = error_of($node, 'refused', "$strict; SET menuca_elsewhere.append_only = on; $fix");
is("$error->{state} $error->{message}",
	"0A000 refused: rows of table $tables{items} could not be deleted by a rollback: rows that are elsewhere cannot be deleted", 'rows that no rollback could delete');
is(rows_of($node, 'refused', "$strict; SET menuca_elsewhere.append_only = on; SELECT status FROM menuca_fix_combos()"), 'refused', 'a dry run says so');
is(rows_of($node, 'refused', 'SELECT count(*) FROM menuca_run'), 0, 'before the ledger knows of a run');

# Without a primary key, as where it has to contain the column of the distribution
rows_of($node, 'refused', "ALTER TABLE $tables{items} DROP CONSTRAINT combo_items_pkey CASCADE");
(undef, undef, $notices) = $node->psql('refused', "$strict; BEGIN; $fix; ROLLBACK", stdout => \my $completed);
is($completed, 'completed', 'the column id takes the place of a primary key');
like($notices, qr/WARNING:  table $tables{items} is read by a hook of the server/, 'a fix warns of its lock');

# The hook plans with the caller's rights, so nobody else's code may be in the plan
rows_of($node, 'refused', <<SQL);
CREATE ROLE other_owner;
CREATE FUNCTION menuca_v3.answer(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RAISE WARNING ''evaluated''; RETURN 42; END';
CREATE INDEX ON $tables{items} ((id + menuca_v3.answer(1)));
SQL
is(rows_of($node, 'refused', "$strict; SELECT items FROM menuca_orphan_rate()"), rows_of($node, 'ordinary', 'SELECT items FROM menuca_orphan_rate()'), 'code of the caller');
rows_of($node, 'refused', "GRANT USAGE ON SCHEMA menuca_v3 TO other_owner; ALTER TABLE $tables{items} OWNER TO other_owner");
$error = error_of($node, 'refused', "$strict; $fix");
is("$error->{state} $error->{message}", "0A000 table $tables{items} has expressions that must not run as role \"postgres\"", 'code of somebody else');
like($error->{hint}, qr/^Call this as role other_owner, who owns it/, 'and says who may call');

#
# Should the plan that is looked at ever mislead, the server's own count tells
#

copy_database($node, 'ordinary', 'misled');
move('misled', $tables{items});
my $misled = "SET menuca_elsewhere.schema = 'elsewhere'; SET menuca_elsewhere.only_aggregates = on";
$error = error_of($node, 'misled', "$misled; SELECT inserted FROM menuca_fix_combos(dry_run => false)");
like("$error->{state} $error->{message}",
	qr/^MC003 the items do not add up: [\d,]+ were read after [\d,]+ inserts, but SELECT count\(\*\) returns 5$/, 'the fix counts by SELECT count(*), too');
is(count_shell('misled', $tables{items}), 0, 'and keeps nothing');
$error = error_of($node, 'misled', "$misled; CALL menuca_fix_combos_batched(dry_run => false)");
like("$error->{state} $error->{message}", qr/^MC003 the items do not add up/, 'so does a batched one');
like($error->{hint}, qr/SELECT \* FROM public\.menuca_rollback\(\d+, dry_run => false\);/, 'and says how to undo it');

done_testing();
