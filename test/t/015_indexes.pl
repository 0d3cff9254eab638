
# The wanted indexes on a running server: built CONCURRENTLY by psql's \gexec,
# with progress; in one transaction under a lock_timeout; canceled, killed,
# dumped and restored; and dropped again, except those of others.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use MenucaTest;

my $plan = "SELECT statement FROM menuca_index_plan() WHERE action IN ('create', 'rebuild') \\gexec\n";
my $deploy = "SELECT count(*) FROM menuca_deploy_indexes(dry_run => false) WHERE status = 'created'";
my $actions = "SELECT string_agg(action || ' ' || n, ', ' ORDER BY action) FROM (SELECT action, count(*) AS n FROM menuca_index_plan() GROUP BY 1) a";
my $indexes = <<'SQL';
SELECT string_agg(pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END, E'\n' ORDER BY indexrelid::regclass::text)
FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace)
SQL

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.1');
my $node = new_node('main', conf => "autovacuum = off\nrestart_after_crash = on\n");
make_database($node, 'clean', $fixture);
my $indexes_before = rows_of($node, 'clean', $indexes);
my $databases = 0;

# One role owns all tables and does everything; it has no other rights
rows_of($node, 'clean', <<'SQL');
CREATE ROLE owner LOGIN;
GRANT USAGE, CREATE ON SCHEMA menuca_v3 TO owner;
DO $$
DECLARE
	name regclass;
BEGIN
	FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relkind = 'r' LOOP
		EXECUTE format('ALTER TABLE %s OWNER TO owner', name);
	END LOOP;
END $$;
SQL
grant_purposes($node, 'clean', 'owner', 'indexes');

sub fresh_database
{
	my $database = 'fresh_' . ++$databases;

	copy_database($node, 'clean', $database);
	return $database;
}

# As the owner
sub by_owner
{
	my ($database, $sql) = @_;

	return rows_of($node, $database, $sql, extra_params => [ '-U', 'owner' ]);
}

#
# CONCURRENTLY, outside of any transaction
#

note 'Built by \gexec; measured before and after';

my $database = fresh_database();
is(by_owner($database, 'SELECT current_user'), 'owner', 'the owner is no superuser');
is( rows_of($node, $database, "SELECT string_agg(DISTINCT split_part(statement, ' ', 3), ' ') FROM menuca_index_plan() WHERE action = 'create'"),
	'CONCURRENTLY', 'each statement of the plan is CONCURRENTLY');
like(
	error_of($node, $database, "BEGIN;\n$plan")->{message},
	qr/CREATE INDEX CONCURRENTLY cannot run inside a transaction block/,
	'the server refuses them in a transaction');

is(by_owner($database, "SELECT string_agg(query || ' ' || status, ', ' ORDER BY query) FROM menuca_record_queries('before')"),
	'combos PASS, menu PASS', 'measured before the build');
my $wanted = by_owner($database, "SELECT count(*) FROM menuca_begin_indexes() WHERE status = 'announced'");
cmp_ok($wanted, '>', 10, "$wanted indexes are announced");

is(finish_sql(start_sql($node, $database, "SET ROLE owner;\n$plan"))->{status}, 0, 'all are built');
like(rows_of($node, $database, $actions), qr/^covered \d+, exists \d+, impossible \d+$/, 'nothing is left to do');
is(rows_of($node, $database, $indexes) =~ /INVALID/ ? 1 : 0, 0, 'none is invalid');
is(by_owner($database, "SELECT count(*) FROM menuca_note_indexes() WHERE status = 'created'"),
	$wanted, 'all are noted');
is(by_owner($database, "SELECT string_agg(query || ' ' || status, ', ' ORDER BY query) FROM menuca_record_queries('after')"),
	'combos PASS, menu PASS', 'measured after the build');
is(rows_of($node, $database, 'SELECT count(*) FROM menuca_query_comparison WHERE before_rows = after_rows AND after_ms < 100'),
	2, 'the measurements can be compared');
is(by_owner($database, "SELECT string_agg(name, ', ') FROM menuca_check_indexes() WHERE status NOT IN ('PASS', 'SKIP')"),
	'wanted_indexes, summary', 'the checks report that tables are missing');

# Indexes of others: one that existed before, and one that was created later
rows_of($node, $database, 'CREATE INDEX of_somebody ON menuca_v3.dishes (name)');
is( by_owner($database, "SELECT count(*) FROM menuca_rollback_indexes(dry_run => false) WHERE status = 'dropped'"),
	$wanted, 'the rollback drops what was noted');
rows_of($node, $database, 'DROP INDEX menuca_v3.of_somebody');
is(rows_of($node, $database, $indexes), $indexes_before, 'and leaves all others');

#
# Progress, a cancel, and a rebuild
#

note 'A build is seen in the progress view; canceled, it leaves an invalid index, which the plan rebuilds';

$database = fresh_database();
my $only = "UPDATE menuca_wanted_index SET wanted = name = 'idx_dishes_active'";
rows_of($node, $database, $only);
by_owner($database, 'SELECT menuca_begin_indexes()');

# The build waits for the transaction of a writer, as many lock requests would
my $blocker = $node->background_psql($database);
$blocker->query_safe("BEGIN; UPDATE menuca_v3.dishes SET updated_at = now() WHERE id = (SELECT min(id) FROM menuca_v3.dishes)");
my $build = start_sql($node, $database, $plan);
ok( $node->poll_query_until($database, <<'SQL'), 'pg_stat_progress_create_index shows it');
SELECT count(*) = 1 FROM pg_stat_progress_create_index
WHERE relid = 'menuca_v3.dishes'::regclass AND command = 'CREATE INDEX CONCURRENTLY' AND index_relid <> 0
SQL
is(rows_of($node, $database, "SELECT status || ': ' || actual FROM menuca_check_indexes() WHERE name = 'invalid_indexes'"),
	'WARN: 0 invalid, 1 being built', 'the checks distinguish it from a failed build');
is(rows_of($node, $database, "SET lock_timeout = '20s'; UPDATE menuca_v3.dishes SET updated_at = now() WHERE id = (SELECT max(id) FROM menuca_v3.dishes) RETURNING 'written'"),
	'written', 'other sessions can write meanwhile');
rows_of($node, $database, "SELECT pg_cancel_backend(pid) FROM pg_stat_progress_create_index");
is(finish_sql($build)->{error}{state}, '57014', 'it is canceled');
$blocker->query_safe('COMMIT');
$blocker->quit;
is(rows_of($node, $database, "SELECT status || ': ' || actual FROM menuca_check_indexes() WHERE name = 'invalid_indexes'"),
	'FAIL: 1 invalid, 0 being built', 'the invalid index is a FAIL');
is(rows_of($node, $database, 'SELECT action, statement FROM menuca_index_plan()'),
	'rebuild|REINDEX INDEX CONCURRENTLY menuca_v3.idx_dishes_active;', 'the plan rebuilds it');
is(by_owner($database, 'SELECT status FROM menuca_note_indexes()'), 'invalid', 'it stays announced');
is(finish_sql(start_sql($node, $database, "SET ROLE owner;\n$plan"))->{status}, 0, 'rebuilt');
is(by_owner($database, 'SELECT status FROM menuca_note_indexes()'), 'created', 'and noted');
is(rows_of($node, $database, $actions), 'exists 1', 'it is valid');
is(by_owner($database, "SELECT statement FROM menuca_rollback_indexes() WHERE action = 'drop'"),
	'DROP INDEX CONCURRENTLY menuca_v3.idx_dishes_active;', 'it would be dropped CONCURRENTLY');
is( finish_sql(start_sql($node, $database, "SELECT statement FROM menuca_rollback_indexes() WHERE action = 'drop' \\gexec\n"))->{status},
	0, 'so it is');
is(by_owner($database, 'SELECT status FROM menuca_note_indexes()'), 'dropped', 'and noted');
is(rows_of($node, $database, $indexes), $indexes_before, 'the indexes are those from before');

#
# In one transaction, under a lock_timeout
#

note 'A refusal because of the database has class MC, one because of a right does not';

$database = fresh_database();
rows_of($node, $database, 'ALTER INDEX menuca_v3.idx_dishes_course RENAME TO elsewhere; CREATE INDEX idx_dishes_course ON menuca_v3.dishes (name); DROP INDEX menuca_v3.elsewhere');
is(error_of($node, $database, 'SELECT menuca_deploy_indexes(dry_run => false)', extra_params => [ '-U', 'owner', '-v', 'VERBOSITY=verbose' ])->{state},
	'MC011', 'a critical index is in conflict');
rows_of($node, $database, 'DROP INDEX menuca_v3.idx_dishes_course; REVOKE CREATE ON SCHEMA menuca_v3 FROM owner');
is(error_of($node, $database, 'SELECT menuca_deploy_indexes(dry_run => false)', extra_params => [ '-U', 'owner', '-v', 'VERBOSITY=verbose' ])->{state},
	'42501', 'a right is missing');
is(rows_of($node, $database, "SELECT count(*) FROM menuca_created_index"), 0, 'nothing was created');

note 'With the extension in a schema of its own, the same';

rows_of($node, 'postgres', 'CREATE DATABASE in_ops');
rows_of($node, 'in_ops', slurp_file($fixture->{schema}) . 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops;');
is( rows_of($node, 'in_ops', <<'SQL'), '16|16|16|4|t', 'built, noted, dropped, measured and compared');
SET client_min_messages = warning;
SELECT (SELECT count(*) FROM ops.menuca_deploy_indexes(dry_run => false) WHERE status = 'created'),
	(SELECT count(*) FROM ops.menuca_rollback_indexes(dry_run => false) WHERE status = 'dropped'),
	(SELECT count(*) FROM ops.menuca_begin_indexes() WHERE status = 'announced'),
	(SELECT count(*) FROM ops.menuca_record_queries('before')) + (SELECT count(*) FROM ops.menuca_record_queries('after')),
	(SELECT count(*) FROM ops.menuca_query_comparison) = 0;
SQL
is(rows_of($node, 'in_ops', 'SELECT count(*) FROM ops.menuca_query_comparison'), 2, 'afterwards');

note 'A deployment does not wait for a lock longer than it may, and leaves nothing then';

$database = fresh_database();
$blocker = $node->background_psql($database);
$blocker->query_safe("BEGIN; UPDATE menuca_v3.dishes SET updated_at = now() WHERE id = (SELECT min(id) FROM menuca_v3.dishes)");
my $error = error_of($node, $database,
	"SELECT menuca_deploy_indexes(dry_run => false, lock_timeout => '300ms')");
is($error->{state}, '55P03', 'refused: the table is in use');
is($error->{message}, 'table menuca_v3.dishes could not be locked within 300 ms', 'the message names the table');
like($error->{detail}, qr/^Session \d+ of role postgres.* holds it \(\w+\), idle in transaction, .* Nothing was changed\.\z/, 'and the session that uses it');
is(rows_of($node, $database, $indexes), $indexes_before, 'nothing is left of it');
like($error->{hint}, qr/ SELECT pg_terminate_backend\(\d+\); /, 'with the call that ends it');
$blocker->query_safe('COMMIT');

$wanted = by_owner($database, $deploy);
cmp_ok($wanted, '>', 10, "then $wanted indexes are created");

$blocker->query_safe('BEGIN; SELECT count(*) FROM menuca_v3.dishes');
is( error_of($node, $database,
		"SELECT menuca_rollback_indexes(dry_run => false, lock_timeout => '300ms')")->{state},
	'55P03', 'a rollback does not wait for readers either');
$blocker->query_safe('COMMIT');
$blocker->quit;
like(rows_of($node, $database, $actions), qr/^covered \d+, exists \d+, impossible \d+$/, 'all are still there');

note 'Two deployments at once: the second finds what the first built';

$database = fresh_database();
$blocker = $node->background_psql($database);
$blocker->query_safe('SET client_min_messages = warning; BEGIN; SELECT count(*) FROM menuca_deploy_indexes(dry_run => false)');
my $second = start_sql($node, $database, "SELECT string_agg(DISTINCT status, ' ') FROM menuca_deploy_indexes(dry_run => false, lock_timeout => '60s')");
my $pid = wait_for_backend($node, $second);
$node->poll_query_until($database, "SELECT count(*) > 0 FROM pg_locks WHERE pid = $pid AND NOT granted") or die;
is(rows_of($node, $database, "SET lock_timeout = '20s'; SELECT count(*) > 0 FROM menuca_v3.users"), 'f',
	'readers are not blocked');
$blocker->query_safe('COMMIT');
$blocker->quit;
is(finish_sql($second)->{stdout}, 'kept', 'it has nothing to do, and no error');

note 'Two rollbacks at once: one drops, the other finds nothing';

$blocker = $node->background_psql($database);
$blocker->query_safe('BEGIN; SELECT count(*) FROM menuca_v3.dishes');
my @both = map { start_sql($node, $database, "SELECT count(*) FILTER (WHERE status = 'dropped') FROM menuca_rollback_indexes(dry_run => false, lock_timeout => '60s')") } 1 .. 2;
$node->poll_query_until($database, "SELECT count(DISTINCT pid) = 2 FROM pg_locks WHERE NOT granted") or die;
$blocker->query_safe('COMMIT');
$blocker->quit;
my @dropped = sort map { finish_sql($_)->{stdout} } @both;
is($dropped[0], 0, 'one of them finds nothing, and no error');
cmp_ok($dropped[1], '>', 10, 'the other drops all');
is(rows_of($node, $database, $indexes), $indexes_before, 'the indexes are those from before');

note 'Killed in the middle: all of it is undone';

$database = fresh_database();
rows_of($node, $database, <<'SQL');
CREATE FUNCTION staging.brake() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity ~ 'idx_users') THEN
		PERFORM pg_advisory_xact_lock_shared(4711);
	END IF;
END $$;
CREATE EVENT TRIGGER brake ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION staging.brake();
SQL
my $holder = $node->background_psql($database, on_error_stop => 0);
$holder->query_safe('SELECT pg_advisory_lock(4711)');
my $run = start_sql($node, $database, $deploy);
$pid = wait_for_backend($node, $run);
ok( $node->poll_query_until($database, "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = $pid"),
	'the build is running');
kill9_and_start($node);
finish_sql($run);
eval { $holder->quit };
is(rows_of($node, $database, $indexes), $indexes_before, 'nothing is left of it');
is(rows_of($node, $database, 'SELECT count(*) FROM menuca_created_index'), 0, 'and nothing in the ledger');

#
# Dumped and restored
#

note 'What the operator edited survives, and nothing is duplicated';

$database = fresh_database();
my $state = <<'SQL';
SELECT string_agg(concat_ws('|', section, table_name, name, method, columns, opclass, predicate, critical, wanted, shipped), E'\n' ORDER BY name)
FROM menuca_wanted_index
SQL
rows_of($node, $database, <<'SQL');
UPDATE menuca_wanted_index SET predicate = NULL WHERE name = 'idx_dishes_active';
UPDATE menuca_wanted_index SET wanted = false WHERE table_name NOT IN ('dishes', 'courses');
UPDATE menuca_wanted_index SET name = 'idx_renamed' WHERE name = 'idx_courses_order';
INSERT INTO menuca_wanted_index (section, table_name, name, columns) VALUES (11, 'dishes', 'idx_of_ours', '{name}');
SQL
$wanted = by_owner($database, $deploy);
by_owner($database, "SELECT menuca_record_queries('before')");
my $edited = rows_of($node, $database, $state);
my $dump = "$PostgreSQL::Test::Utils::tmp_check/menuca.dump";

sub restore
{
	my ($from, $to, @options) = @_;

	rows_of($node, 'postgres', "CREATE DATABASE $to TEMPLATE template0");
	$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr($from) ], "pg_dump of $from");
	$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr($to), @options, $dump ], "pg_restore to $to");
	return;
}

restore($database, 'restored');
is(rows_of($node, 'restored', $state), $edited, 'the wanted indexes are those that were edited');
is(rows_of($node, 'restored', 'SELECT count(*) FROM menuca_wanted_index'), 59, 'as many as there were');
is( rows_of($node, 'restored', $actions), rows_of($node, $database, $actions), 'the plan is the same');
restore('restored', 'restored_twice', '--jobs', '2');
is(rows_of($node, 'restored_twice', $state), $edited, 'and once more, by several jobs');
is( rows_of($node, 'restored', "SELECT count(*) FROM menuca_query_measurement WHERE label = 'before'"), 2,
	'the measurements were restored');

# Nothing edited: nothing in the dump
restore('clean', 'restored_clean');
is(rows_of($node, 'restored_clean', $state), rows_of($node, 'clean', $state), 'without edits it is what is shipped');

note 'OIDs are others there: the rollback goes by the definition';

rows_of($node, 'restored', 'CREATE TABLE menuca_v3.moves_oids AS SELECT 1 AS n');
is( by_owner('restored', "SELECT count(*) FROM menuca_rollback_indexes(dry_run => false) WHERE status = 'dropped'"),
	$wanted, 'all that were created are dropped');
is(rows_of($node, 'restored', $indexes), $indexes_before, 'and no other');
is(by_owner($database, "SELECT count(*) FROM menuca_rollback_indexes(dry_run => false) WHERE status = 'dropped'"),
	$wanted, 'so they are in the original');
is(rows_of($node, $database, $indexes), $indexes_before, 'with the same end');

#
# An empty file
#

note 'An index whose file was emptied is found';

my $file = rows_of($node, 'clean', "SELECT pg_relation_filepath('menuca_v3.idx_ingredients_restaurant')");
is(rows_of($node, 'clean', "SELECT status FROM menuca_check_indexes() WHERE name = 'empty_indexes'"), 'PASS', 'none before');
$node->stop;
truncate $node->data_dir . "/$file", 0 or die "could not truncate $file: $!";
$node->start;
is(rows_of($node, 'clean', "SELECT status, detail FROM menuca_check_indexes() WHERE name = 'empty_indexes'"),
	'FAIL|Their files are empty, without even a first page: menuca_v3.idx_ingredients_restaurant.', 'and names the index');

$node->stop;
log_is_clean($node);

done_testing();
