
# The locks of a run, how long it holds them, and when it rebuilds the indexes:
# it never takes a stronger lock than it may.

# engines: both

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

my $exclusive = q{SET menuca.details = on; SELECT inserted, figures ->> 'engine' FROM menuca_fix_combos(dry_run => false, lock => 'access_exclusive')};
my $shared = q{SELECT inserted, figures ->> 'engine' FROM menuca_fix_combos(dry_run => false)};
my $engine = engine();
my $native = $engine eq 'native';

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.02');
my $source_rows = $fixture->{figures}{source_rows};
my $items_before = $fixture->{figures}{items_before};
my $items_after = $items_before + $source_rows;

my $node = new_node('main');
make_database($node, 'clean', $fixture);
install_brake($node, 'clean');
install_amcheck($node, 'clean');
my $state_before = items($node, 'clean');

my $count = 'SELECT count(*) FROM menuca_v3.combo_items';
my $databases = 0;

sub fresh_database
{
	my $database = 'fresh_' . ++$databases;

	copy_database($node, 'clean', $database);
	return $database;
}

# Locks that are held on relations of the target's schema, but for those of
# the brake's and our own sessions
sub locks_of
{
	my ($database, $pid) = @_;

	return rows_of($node, $database, <<SQL);
SELECT string_agg(DISTINCT relation::regclass || ' ' || mode, ', ' ORDER BY relation::regclass || ' ' || mode)
FROM pg_locks
WHERE pid = $pid AND granted AND relation::regclass::text ~ 'combo_items\$'
	AND mode IN ('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
SQL
}

#
# The default lock
#

note 'Readers do not wait for a run with the default lock';

my $database = fresh_database();
my $files = index_files($node, $database);
my $brake = hold($node, $database, 'inside', 1);
my $run = start_sql($node, $database, $shared);
my $pid = wait_for_backend($node, $run);
wait_until_held($node, $brake);
is(locks_of($database, $pid), 'menuca_v3.combo_items ShareRowExclusiveLock', 'it holds that lock, and no stronger one');
is(rows_of($node, $database, "SET lock_timeout = '60s'; $count"), $items_before, 'another session reads, and sees the items from before');
is( error_of($node, $database,
		"SET lock_timeout = '100ms'; UPDATE menuca_v3.combo_items SET quantity = 2")->{state},
	'55P03', 'a writer waits');
release($brake);
is(finish_sql($run)->{stdout}, "$source_rows|$engine", 'the run completes');
is(index_files($node, $database), $files, 'the indexes are in the same files');
indexes_whole($node, $database);
my $pairs_after = pairs($node, $database);

#
# The strongest lock
#

note 'Readers wait for a run with the strongest lock';

$database = fresh_database();
$files = index_files($node, $database);
$brake = hold($node, $database, 'inside', 1);
$run = start_sql($node, $database, $exclusive);
$pid = wait_for_backend($node, $run);
wait_until_held($node, $brake);
like(locks_of($database, $pid), qr/menuca_v3\.combo_items AccessExclusiveLock/, 'it holds that lock');
is(error_of($node, $database, "SET lock_timeout = '100ms'; $count")->{state}, '55P03', 'a reader waits');
my $reader = start_sql($node, $database, $count);
wait_for_backend($node, $reader);
release($brake);
my $result = finish_sql($run);
is($result->{stdout}, "$source_rows|$engine", 'the run completes');
is(finish_sql($reader)->{stdout}, $items_after, 'the reader sees all of it');
if ($native)
{
	like($result->{stderr}, qr/Indexes: rebuilt at the end/, 'a notice reports that the indexes are rebuilt');
	my %before = map { split /=/ } split / /, $files;
	my %after = map { split /=/ } split / /, index_files($node, $database);
	is(scalar(grep { $before{$_} == $after{$_} } keys %before), 0, 'all of them are in new files');
}
else
{
	unlike($result->{stderr}, qr/Indexes/, 'no notice mentions the indexes');
	is(index_files($node, $database), $files, 'they are in the same files');
}
indexes_whole($node, $database);
is(pairs($node, $database), $pairs_after, 'the items are the same as with the other lock');

note 'A dry run reports it in advance';

$result = finish_sql(start_sql($node, 'clean', q{SET menuca.details = on; SELECT figures ->> 'engine' FROM menuca_fix_combos(lock => 'access_exclusive')}));
is($result->{stdout}, $engine, 'the engine');
is($result->{stderr} =~ /Indexes: rebuilt at the end/ ? 1 : 0, $native ? 1 : 0, 'and whether the indexes will be rebuilt');
$result = finish_sql(start_sql($node, 'clean', q{SELECT figures ->> 'engine' FROM menuca_fix_combos()}));
unlike($result->{stderr}, qr/Indexes/, 'with the default lock they never are');

#
# When a rebuild does not pay, or cannot be
#

sub not_rebuilt
{
	my ($database, $sql, $rows) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $files = index_files($node, $database);
	my $result = finish_sql(start_sql($node, $database, $sql));

	is($result->{stdout}, $rows, 'the run is completed');
	unlike($result->{stderr}, qr/Indexes/, 'no notice mentions indexes');
	is(index_files($node, $database), $files, 'they are in the same files');
	return indexes_whole($node, $database);
}

note 'Many old items, few new ones';

$database = fresh_database();
rows_of($node, $database, $shared);
rows_of($node, $database, 'DELETE FROM menuca_v3.combo_items WHERE id IN (SELECT id FROM menuca_v3.combo_items ORDER BY id DESC LIMIT 3)');
not_rebuilt($database, $exclusive, "3|$engine");
is(pairs($node, $database), $pairs_after, 'all items exist');
not_rebuilt($database, $exclusive, "0|$engine");

note 'An index that was not completed, and one that is not valid';

$database = fresh_database();
is(error_of($node, $database, 'CREATE UNIQUE INDEX CONCURRENTLY half ON menuca_v3.combo_items ((1))')->{state}, '23505', 'an index is left incomplete');
not_rebuilt($database, $exclusive, "$source_rows|$engine");
is(rows_of($node, $database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'menuca_v3.half'::regclass"), 'f', 'it is unchanged');
$database = fresh_database();
rows_of($node, $database, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'menuca_v3.idx_combo_items_combo'::regclass");
is(rows_of($node, $database, $exclusive), "$source_rows|$engine", 'an index that is not valid is kept up to date');
rows_of($node, $database, "UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'menuca_v3.idx_combo_items_combo'::regclass");
indexes_whole($node, $database);

note 'A cursor of the caller reads an index';

$database = fresh_database();
not_rebuilt($database,
	"SET enable_seqscan = off; SET enable_bitmapscan = off; BEGIN; DECLARE c CURSOR FOR SELECT id FROM menuca_v3.combo_items WHERE id > 0;"
	  . " MOVE 1 FROM c; $exclusive; MOVE ALL FROM c; COMMIT",
	"$source_rows|$engine");

note 'Undone by ROLLBACK, to a savepoint or completely';

foreach my $sql ($shared, $exclusive)
{
	$database = fresh_database();
	$files = index_files($node, $database);
	rows_of($node, $database, "BEGIN; $sql; ROLLBACK");
	is(items($node, $database), $state_before, 'a run leaves nothing');
	is( rows_of($node, $database, "BEGIN; SAVEPOINT a; $sql; ROLLBACK TO a; $count; $sql; SAVEPOINT b; DELETE FROM menuca_v3.combo_items; ROLLBACK TO b; COMMIT"),
		"$source_rows|$engine\n$items_before\n$source_rows|$engine", 'a run after one that was undone');
	is(pairs($node, $database), $pairs_after, 'all items exist');
	indexes_whole($node, $database);
	ledger_fits($node, $database, rows_of($node, $database, 'SELECT max(run_id) FROM menuca_runs'));
}

#
# The argument
#

note 'Invalid values of the argument';

foreach my $dry ('true', 'false')
{
	foreach my $story (
		[ q{'exclusive'}, '22023', qr/unknown lock "exclusive"/ ],
		[ q{'ACCESS_EXCLUSIVE'}, '22023', qr/unknown lock/ ],
		[ q{''}, '22023', qr/unknown lock ""/ ],
		[ 'NULL', '22004', qr/"lock" must not be NULL/ ])
	{
		my ($value, $state, $message) = @$story;
		my $error = error_of($node, 'clean', "SELECT menuca_fix_combos(dry_run => $dry, lock => $value)");

		is($error->{state}, $state, "dry_run => $dry, lock => $value is refused");
		like($error->{message}, $message, 'clearly');
	}
}

#
# Rights
#

note 'The strongest lock is for the owner';

rows_of($node, 'postgres', 'CREATE ROLE migrator LOGIN; CREATE ROLE keeper');
grant_purposes($node, 'clean', 'migrator', 'migrate');
rows_of($node, 'clean', 'REVOKE USAGE ON ALL SEQUENCES IN SCHEMA menuca_v3 FROM migrator');
my @migrator = (extra_params => [ '-U', 'migrator', '-v', 'VERBOSITY=verbose' ]);

sub as_migrator
{
	my ($database, $sql) = @_;

	return finish_sql(start_sql($node, $database, "SET ROLE migrator; $sql"));
}

my $error = as_migrator('clean', "BEGIN; SET lock_timeout = '60s'; $exclusive")->{error};
is($error->{state}, '42501', 'not for another role');
like($error->{hint}, qr/Omit the argument lock/, 'the hint shows what is possible');
is(items($node, 'clean'), $state_before, 'nothing is written');
unlike(as_migrator('clean', q{SELECT status FROM menuca_fix_combos(lock => 'access_exclusive')})->{stderr},
	qr/rebuilt at the end/, 'and a dry run does not promise it');
is(as_migrator(fresh_database(), $shared)->{stdout}, "$source_rows|$engine", 'the default lock needs INSERT alone, no rights on sequence or parents');

note 'The executor checks rights on columns';

$database = fresh_database();
rows_of($node, $database, <<'SQL');
REVOKE INSERT ON menuca_v3.combo_items FROM migrator;
GRANT INSERT (combo_group_id, dish_id, display_order, source_id, source_system) ON menuca_v3.combo_items TO migrator;
SQL
$result = as_migrator($database, "SET menuca.details = on; $shared");
is($result->{stdout}, "$source_rows|executor", 'it writes');
like($result->{stderr}, qr/since the INSERT privilege on table menuca_v3\.combo_items is for some columns only/, 'and the notice gives the reason');
rows_of($node, $database, 'SELECT menuca_rollback(1, dry_run => false); REVOKE INSERT (dish_id) ON menuca_v3.combo_items FROM migrator');
is(as_migrator($database, $shared)->{error}{state}, '42501', 'without the right on one of them it is refused');

note 'Without the right to execute what defaults call';

$database = fresh_database();
rows_of($node, $database, 'REVOKE EXECUTE ON FUNCTION gen_random_uuid() FROM PUBLIC');
is(as_migrator($database, $shared)->{error}{state}, '42501', 'it is refused, as an INSERT would be');
is(items($node, $database), $state_before, 'nothing is written');

note 'Owners without rights on their own objects';

foreach my $rights (
	'REVOKE ALL ON SCHEMA menuca_v3 FROM keeper',
	'GRANT USAGE ON SCHEMA menuca_v3 TO keeper; REVOKE ALL ON SEQUENCE menuca_v3.combo_items_id_seq FROM keeper')
{
	$database = fresh_database();
	rows_of($node, $database, "ALTER TABLE menuca_v3.combo_items OWNER TO keeper; $rights");
	is(as_migrator($database, $shared)->{stdout}, "$source_rows|$engine", "$rights: no matter");
}

note 'Without rights on a sequence that is not an identity column\'s';

$database = fresh_database();
rows_of($node, $database, <<'SQL');
ALTER TABLE menuca_v3.combo_items ALTER id DROP IDENTITY;
CREATE SEQUENCE menuca_v3.combo_items_serial START 7001;
ALTER TABLE menuca_v3.combo_items ALTER id SET DEFAULT nextval('menuca_v3.combo_items_serial');
SQL
is(as_migrator($database, $shared)->{error}{state}, '42501', 'it is refused');
rows_of($node, $database, 'GRANT USAGE ON SEQUENCE menuca_v3.combo_items_serial TO migrator');
is(as_migrator($database, $shared)->{stdout}, "$source_rows|$engine", 'with USAGE it is not');

#
# Which engine, when the table changes between two batches
#

note 'A trigger is created between two batches of a run';

# A session that waits for the table while batch 1 is written gets it before batch 2.
$database = fresh_database();
$brake = hold($node, $database, 'inside', 1);
$run = start_sql($node, $database, 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 1000)');
wait_for_backend($node, $run);
wait_until_held($node, $brake);
my $change = start_sql($node, $database, <<'SQL');
BEGIN;
LOCK TABLE menuca_v3.combo_items;
CREATE FUNCTION public.two() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.quantity := 2; RETURN NEW; END';
CREATE TRIGGER two BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION public.two();
ALTER TABLE menuca_v3.combo_items ADD late text;
ALTER TABLE menuca_v3.combo_items ALTER late SET DEFAULT 'late';
CREATE INDEX late ON menuca_v3.combo_items (dish_id);
COMMIT
SQL
$node->poll_query_until($database, <<'SQL') or die;
SELECT count(*) = 1 FROM pg_locks WHERE relation = 'menuca_v3.combo_items'::regclass
	AND mode = 'AccessExclusiveLock' AND NOT granted
SQL
release($brake);
is(finish_sql($change)->{status}, 0, 'the change is made');
is(finish_sql($run)->{status}, 0, 'the run is completed');
is(rows_of($node, $database, 'SELECT quantity, count(*) FROM menuca_v3.combo_items GROUP BY 1 ORDER BY 1'),
	'1|' . (1000 + $items_before) . "\n2|" . ($source_rows - 1000), 'the trigger fired for the rows after it');
is(rows_of($node, $database, 'SELECT engine FROM menuca_runs'), 'executor', 'the ledger calls a run native only if all of it was');
ledger_fits($node, $database, 1);
indexes_whole($node, $database);
is(rows_of($node, $database, 'SELECT state_restored, deleted FROM menuca_rollback(1, dry_run => false)'), "t|$source_rows", 'and all of it can be rolled back');

note 'Indexes in any order, beside old rows with smaller and larger keys';

$database = fresh_database();
rows_of($node, $database, <<'SQL');
INSERT INTO menuca_v3.combo_items (id, combo_group_id, dish_id)
SELECT 10000000 + row_number() OVER (), combo_group_id, dish_id
FROM (SELECT combo_group_id, dish_id FROM menuca_plan_combos() WHERE outcome = 'insert' ORDER BY hashint8(combo_group_id * 31 + dish_id) LIMIT 500) p;
CREATE INDEX any_1 ON menuca_v3.combo_items (combo_group_id DESC);
CREATE INDEX any_2 ON menuca_v3.combo_items (dish_id DESC, combo_group_id);
CREATE INDEX any_3 ON menuca_v3.combo_items (source_system);
CREATE INDEX any_4 ON menuca_v3.combo_items (uuid DESC);
CREATE INDEX any_5 ON menuca_v3.combo_items (created_at);
CREATE INDEX any_6 ON menuca_v3.combo_items ((dish_id % 10), id);
CREATE INDEX any_7 ON menuca_v3.combo_items (dish_id) WHERE dish_id % 2 = 0;
CREATE INDEX any_8 ON menuca_v3.combo_items (md5(id::text));
CREATE INDEX any_9 ON menuca_v3.combo_items USING hash (dish_id);
SQL
is(rows_of($node, $database, q{SELECT figures ->> 'engine', inserted FROM menuca_fix_combos(dry_run => false)}), engine() . '|' . ($source_rows - 500), 'a run beside 500 old rows');
is(join(' ', damage($node, $database)), '', 'the indexes are whole');
is(rows_of($node, $database, 'SET enable_seqscan = off; SELECT count(*) FROM menuca_v3.combo_items i JOIN LATERAL (SELECT FROM menuca_v3.combo_items o WHERE o.dish_id = i.dish_id AND o.id = i.id) o ON true'),
	$source_rows + $items_before, 'so is the one that is no tree');
is(rows_of($node, $database, 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 100)') =~ s/\|.*//r, 2, 'and with nothing to do');
is(rows_of($node, $database, 'SELECT state_restored FROM menuca_rollback(1, dry_run => false)'), 't', 'back');
like(rows_of($node, $database, 'CALL menuca_fix_combos_batched(dry_run => false, batch_size => 200)'), qr/^3\|completed\|@{[ $source_rows - 500 ]}\|/, 'the same in batches');
is(join(' ', damage($node, $database)), '', 'the indexes are whole');

note 'The memory of a batched run does not grow with its batches';

$database = fresh_database();
rows_of($node, $database, <<'SQL');
CREATE TABLE public.memory (batch_no int, bytes bigint);
CREATE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.memory
	SELECT NEW.batch_no, sum(used_bytes) FROM pg_backend_memory_contexts
	WHERE name NOT IN ('CacheMemoryContext', 'index info', 'relation rules', 'CachedPlanSource', 'CachedPlan', 'CachedPlanQuery');
	RETURN NULL;
END $$;
CREATE TRIGGER look AFTER INSERT ON menuca_run_batch FOR EACH ROW EXECUTE FUNCTION public.look();
CALL menuca_fix_combos_batched(dry_run => false, batch_size => 200);
SQL
my $growth = rows_of($node, $database, 'SELECT (max(bytes) FILTER (WHERE batch_no = 11) - max(bytes) FILTER (WHERE batch_no = 3)) / 8 FROM public.memory');
cmp_ok($growth, '<', 8192, "$growth bytes for a batch of 200");

$node->stop;
log_is_clean($node);

done_testing();
