
# References of a run while others change the referenced rows: dishes and groups
# are locked as by the foreign keys' own triggers, and no key of the sequence is
# given out twice.

# engines: both

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $engine = engine();
my $call = q{SELECT inserted, figures ->> 'engine' FROM menuca_fix_combos(dry_run => false)};

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.02');
my $source_rows = $fixture->{figures}{source_rows};
my $items_before = $fixture->{figures}{items_before};
my $node = new_node('main');
make_database($node, 'clean', $fixture);
install_brake($node, 'clean');
install_amcheck($node, 'clean');

# Without the cascades, which would make a session that deletes a dish wait for
# the table; and with dishes that nothing else refers to
rows_of($node, 'clean', <<'SQL');
ALTER TABLE menuca_v3.combo_items DROP CONSTRAINT combo_items_combo_group_id_fkey, DROP CONSTRAINT combo_items_dish_id_fkey,
	ADD CONSTRAINT combo_items_combo_group_id_fkey FOREIGN KEY (combo_group_id) REFERENCES menuca_v3.combo_groups,
	ADD CONSTRAINT combo_items_dish_id_fkey FOREIGN KEY (dish_id) REFERENCES menuca_v3.dishes;
SQL
my $state_before = items($node, 'clean');
my $dish = rows_of($node, 'clean', <<'SQL');
SELECT max(dish_id) FROM menuca_plan_combos() p WHERE NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.dish_id = p.dish_id)
SQL
my $group = rows_of($node, 'clean', <<'SQL');
SELECT max(combo_group_id) FROM menuca_plan_combos() p WHERE NOT EXISTS (SELECT FROM menuca_v3.combo_items i WHERE i.combo_group_id = p.combo_group_id)
SQL
my $databases = 0;

sub fresh_database
{
	my $database = 'fresh_' . ++$databases;

	copy_database($node, 'clean', $database);
	return $database;
}

sub wait_until_waiting
{
	my ($pid) = @_;

	$node->poll_query_until('postgres', "SELECT cardinality(pg_blocking_pids($pid)) > 0")
	  or die "$pid does not wait";
	return;
}

#
# Which rows are locked
#

note 'Every dish and group that gets an item is locked, and nothing else';

my $database = fresh_database();
my $brake = hold($node, $database, 'commit', 1);
my $run = start_sql($node, $database, $call);
wait_for_backend($node, $run);
wait_until_held($node, $brake);
foreach my $story ([ 'dishes', 'dish_id' ], [ 'combo_groups', 'combo_group_id' ])
{
	my ($table, $column) = @$story;
	my $referred = "SELECT DISTINCT $column AS id FROM menuca_plan_combos() WHERE outcome = 'insert'";

	cmp_ok(rows_of($node, $database, "SELECT count(*) FROM ($referred) r"), '>', 100, "some $table get items");
	is( rows_of($node, $database, <<SQL),
CREATE TEMP TABLE free AS SELECT id FROM menuca_v3.$table FOR UPDATE SKIP LOCKED;
CREATE TEMP TABLE planned AS $referred;
SELECT (SELECT count(*) FROM free JOIN planned USING (id)),
	(SELECT count(*) FROM menuca_v3.$table WHERE id NOT IN (TABLE free) AND id NOT IN (TABLE planned))
SQL
		'0|0',
		"$table: these are locked, and only these");
	is( rows_of($node, $database, "SELECT count(*) FROM (SELECT id FROM menuca_v3.$table FOR NO KEY UPDATE SKIP LOCKED) s"),
		rows_of($node, $database, "SELECT count(*) FROM menuca_v3.$table"),
		"$table: against a deletion, not against a change");
}

note 'Names and prices can be changed meanwhile, keys cannot';

foreach my $sql (
	"UPDATE menuca_v3.dishes SET name = 'new', base_price = 1 WHERE id = $dish",
	"UPDATE menuca_v3.combo_groups SET name = 'new' WHERE id = $group")
{
	is(error_of($node, $database, "SET lock_timeout = '60s'; $sql")->{state}, '', "$sql: at once");
}
foreach my $sql (
	"UPDATE menuca_v3.dishes SET id = id + 1000000 WHERE id = $dish",
	"UPDATE menuca_v3.combo_groups SET id = id + 1000000 WHERE id = $group",
	"DELETE FROM menuca_v3.dishes WHERE id = $dish",
	"DELETE FROM menuca_v3.combo_groups WHERE id = $group")
{
	is(error_of($node, $database, "SET lock_timeout = '100ms'; $sql")->{state}, '55P03', "$sql: waits");
}
my $deletion = start_sql($node, $database, "DELETE FROM menuca_v3.dishes WHERE id = $dish");
wait_until_waiting(wait_for_backend($node, $deletion));
release($brake);
is(finish_sql($run)->{stdout}, "$source_rows|$engine", 'the run ends');
is(finish_sql($deletion)->{error}{state}, '23503', 'and the deletion fails by the new items');
is(rows_of($node, $database, "SELECT count(*) > 0 FROM menuca_v3.combo_items WHERE dish_id = $dish"), 't', 'which are there');
indexes_whole($node, $database);

#
# Changes that others began before the run
#

# Begins a change in another session, starts the run behind it, and ends the
# change; returns the run's result.
sub run_behind
{
	my ($database, $sql, $end, $waits, $statement) = @_;
	my $other = $node->background_psql($database);

	$other->query_safe("BEGIN; $sql");
	my $run = start_sql($node, $database, $statement // $call);
	if ($waits)
	{
		wait_until_waiting(wait_for_backend($node, $run));
		$other->query_safe($end);
		$other->quit;
		return finish_sql($run);
	}
	my $result = finish_sql($run);
	$other->query_safe($end);
	$other->quit;
	return $result;
}

note 'Others are changing columns that are no key: the run does not wait';

$database = fresh_database();
is(run_behind($database, "UPDATE menuca_v3.dishes SET name = 'new' WHERE id = $dish; UPDATE menuca_v3.combo_groups SET name = 'new' WHERE id = $group", 'COMMIT', 0)->{stdout},
	"$source_rows|$engine", 'it runs beside them');

note 'Others hold the rows as the run does: it does not wait';

$database = fresh_database();
is(run_behind($database, 'SELECT count(*) FROM (SELECT id FROM menuca_v3.dishes FOR SHARE) s', 'COMMIT', 0)->{stdout},
	"$source_rows|$engine", 'it runs beside them');

foreach my $story (
	[ 'deleting a dish', "DELETE FROM menuca_v3.dishes WHERE id = $dish", 'dish_id', $dish, 'dishes' ],
	[ 'deleting a group', "DELETE FROM menuca_v3.combo_groups WHERE id = $group", 'combo_group_id', $group, 'combo_groups' ],
	[ 'changing the key of a dish', "UPDATE menuca_v3.dishes SET id = id + 1000000 WHERE id = $dish", 'dish_id', $dish, 'dishes' ],
	[ 'moving a dish by way of another key, and then its own', "UPDATE menuca_v3.dishes SET name = 'new' WHERE id = $dish; DELETE FROM menuca_v3.dishes WHERE id = $dish", 'dish_id', $dish, 'dishes' ])
{
	my ($what, $sql, $column, $id, $table) = @$story;

	note "Others are $what: the run waits for the outcome";
	$database = fresh_database();
	my $result = run_behind($database, $sql, 'COMMIT', 1);
	is($result->{error}{state}, '23503', 'committed: the foreign key holds');
	like($result->{error}{message}, qr/insert or update on table "combo_items" violates foreign key constraint "combo_items_${column}_fkey"/, 'it is named');
	like($result->{error}{detail}, qr/Key \($column\)=\($id\) is not present in table "$table"/, 'and the row');
	like($result->{stderr}, qr/^TABLE NAME:  combo_items\nCONSTRAINT NAME:  combo_items_${column}_fkey$/m, 'for programs, too');
	is(items($node, $database), $state_before, 'nothing is written');
	is(rows_of($node, $database, 'SELECT count(*) FROM menuca_run'), 0, 'and nothing is in the ledger');
	indexes_whole($node, $database);

	$database = fresh_database();
	is(run_behind($database, $sql, 'ROLLBACK', 1)->{stdout}, "$source_rows|$engine", 'rolled back: the run completes');
}

note 'Others change a key and change it back: the run waits, and finds it';

$database = fresh_database();
is( run_behind($database,
		"UPDATE menuca_v3.dishes SET id = id + 1000000 WHERE id = $dish; UPDATE menuca_v3.dishes SET id = id - 1000000 WHERE id = $dish + 1000000",
		'COMMIT', 1)->{stdout},
	"$source_rows|$engine", 'it completes');

note 'The same in a batched run: whole batches stay';

$database = fresh_database();
my $last = rows_of($node, $database, 'SELECT combo_group_id FROM menuca_plan_combos() ORDER BY combo_group_id DESC LIMIT 1');
my $result = run_behind($database, "DELETE FROM menuca_v3.combo_groups WHERE id = $last", 'COMMIT', 1, 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 500)');
is($result->{error}{state}, '23503', 'the foreign key holds');
is(rows_of($node, $database, 'SELECT status, inserted FROM menuca_runs'), 'interrupted|2000', 'the earlier batches stay');
ledger_fits($node, $database, 1);
indexes_whole($node, $database);
like(rows_of($node, $database, 'CALL menuca_resume(1, dry_run => false)'), qr/^1\|completed\|/, 'resumed, it makes a new plan and completes');
indexes_whole($node, $database);

#
# Rights
#

note 'As the foreign keys\' triggers do, it acts as the owner of the referenced table';

rows_of($node, 'postgres', 'CREATE ROLE keeper; CREATE ROLE other');

foreach my $story (
	[ 'owned by another role', 'GRANT USAGE ON SCHEMA menuca_v3 TO keeper', '' ],
	[ 'with forced row security that hides all from its owner', 'GRANT USAGE ON SCHEMA menuca_v3 TO keeper; ALTER TABLE menuca_v3.dishes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', '' ],
	[ 'with a policy that fails', 'GRANT USAGE ON SCHEMA menuca_v3 TO keeper; ALTER TABLE menuca_v3.dishes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON menuca_v3.dishes USING (1 / (id - id) = 1)', '' ],
	[ 'whose owner may not use the schema', 'REVOKE ALL ON SCHEMA menuca_v3 FROM keeper', '42501' ],
	[ 'whose owner may not read it', 'GRANT USAGE ON SCHEMA menuca_v3 TO keeper; REVOKE SELECT ON menuca_v3.dishes FROM keeper', '42501' ],
	[ 'whose owner may not lock its rows', 'GRANT USAGE ON SCHEMA menuca_v3 TO keeper; REVOKE UPDATE ON menuca_v3.dishes FROM keeper', '42501' ])
{
	my ($what, $sql, $state) = @$story;

	$database = fresh_database();
	rows_of($node, $database, "ALTER TABLE menuca_v3.dishes OWNER TO keeper; $sql");
	my $result = finish_sql(start_sql($node, $database, "$call; SELECT current_user"));
	is($result->{error}{state}, $state, "dishes $what: " . ($state || 'it writes'));
	is($result->{stdout}, $state ? '' : "$source_rows|$engine\npostgres", 'and is who it was') unless $state;
	is(items($node, $database), $state_before, 'nothing is written') if $state;

	# Before any row: the constraint itself says the same
	is( error_of($node, $database,
			"INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT combo_group_id, dish_id FROM menuca_plan_combos() LIMIT 1")->{state},
		$state, 'as a plain INSERT');
}

note 'The current user after an error that was caught';

$database = fresh_database();
rows_of($node, $database, 'ALTER TABLE menuca_v3.dishes OWNER TO keeper; REVOKE ALL ON SCHEMA menuca_v3 FROM keeper');
is( rows_of($node, $database, <<'SQL'),
DO $$ BEGIN
	PERFORM menuca_fix_combos(dry_run => false);
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
SELECT current_user, session_user, (SELECT count(*) FROM menuca_v3.combo_items)
SQL
	"postgres|postgres|$items_before", 'is the caller again');

#
# The sequence
#

note 'Another session has taken a key, and its transaction is open';

$database = fresh_database();
my $taker = $node->background_psql($database);
my $taken = $taker->query_safe("BEGIN; SELECT nextval('menuca_v3.combo_items_id_seq')");
is(rows_of($node, $database, "SET lock_timeout = '60s'; $call"), "$source_rows|$engine", 'the run does not wait for it');
is(rows_of($node, $database, "SELECT count(*) FROM menuca_v3.combo_items WHERE id = $taken"), 0, 'that key is not given out again');
cmp_ok($taker->query_safe("SELECT nextval('menuca_v3.combo_items_id_seq'); COMMIT"), '>',
	rows_of($node, $database, 'SELECT max(id) FROM menuca_v3.combo_items'), 'and neither is the run\'s last');
$taker->quit;

note 'Others take keys during a run';

$database = fresh_database();
$brake = hold($node, $database, 'inside', 1);
$run = start_sql($node, $database, $call);
wait_for_backend($node, $run);
wait_until_held($node, $brake);
my $number = rows_of($node, $database, "SET lock_timeout = '60s'; SELECT nextval('menuca_v3.combo_items_id_seq')");
release($brake);
is(finish_sql($run)->{stdout}, "$source_rows|$engine", 'the run completes');
cmp_ok($number, '>', rows_of($node, $database, 'SELECT max(id) FROM menuca_v3.combo_items'), 'they get keys behind those of the run');

note 'A session with keys in its cache';

$database = fresh_database();
rows_of($node, $database, 'ALTER SEQUENCE menuca_v3.combo_items_id_seq CACHE 20');
$taker = $node->background_psql($database);
my @taken = ($taker->query_safe("SELECT nextval('menuca_v3.combo_items_id_seq')"));
is(rows_of($node, $database, $call), "$source_rows|$engine", 'a run beside it');
push @taken, split /\n/, $taker->query_safe("SELECT nextval('menuca_v3.combo_items_id_seq') FROM generate_series(1, 40)");
$taker->quit;
is(rows_of($node, $database, 'SELECT count(*) FROM menuca_v3.combo_items WHERE id IN (' . join(', ', @taken) . ')'), 0, 'none of its keys is the run\'s');

note 'Several sessions take keys all the time, some in long transactions';

$database = fresh_database();
rows_of($node, $database, 'CREATE TABLE public.given (id bigint); CREATE TABLE public.written (id bigint)');
my $short = write_file('short.sql', "INSERT INTO public.given SELECT nextval('menuca_v3.combo_items_id_seq') FROM generate_series(1, 100);\n");
my $long = write_file('long.sql', <<'SQL');
BEGIN;
INSERT INTO public.given SELECT nextval('menuca_v3.combo_items_id_seq');
\sleep 3 ms
INSERT INTO public.given SELECT nextval('menuca_v3.combo_items_id_seq') FROM generate_series(1, 5);
COMMIT;
SQL
my ($out, $err) = ('', '');
my $pgbench = IPC::Run::start(
	[
		$node->installed_command('pgbench'), '-n', '-c', '4', '-T', '3',
		'-f', "$short\@3", '-f', "$long\@1", $node->connstr($database)
	],
	'<', \undef, '>', \$out, '2>', \$err,
	IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
$node->poll_query_until($database, 'SELECT count(*) > 0 FROM public.given') or die;
my $rounds = 0;
foreach my $sql ($call, "CALL menuca_fix_combos_batched(dry_run => false, batch_size => 20)",
	q{SELECT menuca_fix_combos(dry_run => false, batch_size => 10, lock => 'access_exclusive')}, $call, $call)
{
	rows_of($node, $database, $sql);
	rows_of($node, $database, <<SQL);
INSERT INTO public.written SELECT id FROM menuca_v3.combo_items WHERE id > $items_before + 100 OR id NOT IN (SELECT id FROM public.written);
SELECT menuca_rollback((SELECT max(run_id) FROM menuca_runs WHERE status = 'completed'), dry_run => false);
SQL
	$rounds++;
}
$pgbench->finish;
is($err =~ /ERROR|aborted/ ? $err : '', '', 'no session was refused or deadlocked');
is($rounds, 5, 'five runs beside them');
is(rows_of($node, $database, 'SELECT count(*) FROM public.given JOIN public.written USING (id)'), 0, 'no key was given to both');
is(rows_of($node, $database, 'SELECT count(*) - count(DISTINCT id) FROM public.given'), 0, 'none was given twice');
cmp_ok(rows_of($node, $database, 'SELECT count(*) FROM public.given'), '>', 0, 'some were given');
is(rows_of($node, $database, 'SELECT count(*) FROM (SELECT id FROM public.written EXCEPT SELECT id FROM menuca_v3.combo_items) w'), 5 * $source_rows, 'all of the runs\' were');

$node->stop;
log_is_clean($node);

done_testing();
