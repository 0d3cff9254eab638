
# The access to tables: edited rows and deployments are in a database's dump,
# locks are waited for no longer than allowed, one session at a time changes
# it, a canceled test leaves nothing behind, and a standby can be read.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node: the extension in a schema of its own
#

my $fixture = fixture('fixture', '--scale', '0.05');
my $node = new_node('main', allows_streaming => 1);
make_database($node, 'menuca', $fixture,
	extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops',
	load => 0);
rows_of($node, 'postgres', <<'SQL');
CREATE ROLE anon NOLOGIN;
CREATE ROLE authenticated NOLOGIN;
CREATE ROLE service_role NOLOGIN BYPASSRLS;
SQL

my $absent = 40 - 12;
my $policies = 'SELECT count(*), md5(string_agg(p::text, E\'\n\' ORDER BY tablename, policyname)) FROM pg_policies p';
my $matrix = "SELECT status, count(*) FROM ops.menuca_test_access() WHERE command <> 'all' GROUP BY 1 ORDER BY 1";

#
# A table that another session reads: not deployed after the timeout, while the
# others are, when each has a transaction of its own
#

my $reader = $node->background_psql('menuca');
$reader->query_safe('BEGIN; SELECT count(*) FROM menuca_v3.dishes');
my $held = error_of($node, 'menuca', "SELECT * FROM ops.menuca_deploy_access(dry_run => false, lock_timeout => '200ms')");
is($held->{state}, '55P03', 'in one transaction no table is deployed while one of them is being read');
like($held->{message}, qr/^table menuca_v3\.dishes could not be locked within 200 ms$/, 'which one is told');
like($held->{detail}, qr/^Session \d+ of role .* Nothing was changed\.$/, 'and by whom');
is(rows_of($node, 'menuca', 'SELECT count(*) FROM pg_policy'), 0, 'nothing was changed');
like(rows_of($node, 'menuca', "CALL ops.menuca_deploy_access_by_table(dry_run => false, lock_timeout => '200ms')"),
	qr/^deployed in part\|\{"the schemas",.*\}\|$absent\|\{"dishes: table menuca_v3\.dishes could not be locked within 200 ms \(SQLSTATE 55P03\)\. Session \d+ of role .*"\}\|CALL ops\.menuca_deploy_access_by_table\(dry_run => false, lock_timeout => '00:00:00\.2'\);$/,
	'by table all are deployed but the one that is being read');
is( rows_of($node, 'menuca',
		"SELECT relrowsecurity, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) FROM pg_class c WHERE oid = 'menuca_v3.dishes'::regclass"),
	'f|0', 'that table is unchanged');
$reader->query_safe('COMMIT');
is( rows_of($node, 'menuca',
		'SELECT table_name FROM ops.menuca_deploy_access(dry_run => false) WHERE status = \'deployed\''),
	'dishes', 'it is deployed later');
like(rows_of($node, 'menuca', $matrix), qr/^PASS\|3\d\d\d$/, 'the matrix is green');

#
# One session at a time
#

$reader->query_safe('BEGIN; SET LOCAL client_min_messages = warning; SELECT count(*) FROM ops.menuca_deploy_access(dry_run => false)');
foreach my $call ('menuca_deploy_access', 'menuca_rollback_access')
{
	my $error = error_of($node, 'menuca', "SELECT ops.$call(dry_run => false)");

	is($error->{state}, '55P03', "$call: another session is changing the access");
	like($error->{hint}, qr/menuca_access_plan/, 'and the hint has the next call');
}
$reader->query_safe('COMMIT');
$reader->quit;

#
# A canceled test leaves nothing behind, like one that ends
#

my $rows = 'SELECT (SELECT count(*) FROM menuca_v3.dishes), (SELECT count(*) FROM menuca_v3.restaurants), (SELECT count(*) FROM menuca_v3.users)';
my $before = rows_of($node, 'menuca', $rows);
rows_of($node, 'menuca', <<'SQL');
CREATE FUNCTION staging.brake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(4711);
	RETURN NEW;
END $$;
CREATE TRIGGER brake BEFORE INSERT ON menuca_v3.ingredients FOR EACH ROW EXECUTE FUNCTION staging.brake();
SQL
my $holder = $node->background_psql('menuca');
$holder->query_safe('SELECT pg_advisory_lock(4711)');
my $test = start_sql($node, 'menuca', 'SELECT count(*) FROM ops.menuca_test_access()');
my $pid = wait_for_backend($node, $test);
ok( $node->poll_query_until('menuca',
		"SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = $pid"),
	'a test is running');
is(rows_of($node, 'menuca', $rows), $before, 'its rows are invisible to others');
is(rows_of($node, 'menuca', "SELECT pg_cancel_backend($pid)"), 't', 'it is canceled');
is(finish_sql($test)->{error}{state}, '57014', 'and reports it');
$holder->query_safe('SELECT pg_advisory_unlock(4711)');
$holder->quit;
rows_of($node, 'menuca', 'DROP FUNCTION staging.brake() CASCADE');
is(rows_of($node, 'menuca', $rows), $before, 'nothing remains of it');

#
# Dumped and restored: wanted rows as they were edited, none of them duplicated
#

rows_of($node, 'menuca', <<'SQL');
UPDATE ops.menuca_wanted_access SET tenant_may = 'select', note = 'read only' WHERE table_name = 'courses';
UPDATE ops.menuca_wanted_access SET wanted = false, note = 'another service reads them' WHERE table_name = 'devices';
INSERT INTO ops.menuca_wanted_access (table_name, tenant_key, tenant_may, admin_may) VALUES ('orders', 'restaurant_id', 'select', 'all');
SELECT ops.menuca_deploy_access(dry_run => false);
SQL
my $kept = <<'SQL';
SELECT (SELECT count(*) FROM ops.menuca_wanted_access),
	(SELECT md5(string_agg(w::text, E'\n' ORDER BY table_name)) FROM ops.menuca_wanted_access w),
	(SELECT md5(string_agg(c::text, E'\n' ORDER BY change_id)) FROM ops.menuca_access_change c),
	(SELECT last_value FROM ops.menuca_access_change_change_id_seq)
SQL
my $dump = "$PostgreSQL::Test::Utils::tmp_check/menuca.dump";
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('menuca') ], 'pg_dump');
foreach my $options ([], [ '--jobs=2' ])
{
	my $copy = 'copy' . @$options;

	rows_of($node, 'postgres', "CREATE DATABASE $copy TEMPLATE template0");
	$node->command_ok(
		[ 'pg_restore', '--exit-on-error', '-d', $node->connstr($copy), @$options, $dump ],
		"pg_restore @$options");
	is(rows_of($node, $copy, $kept), rows_of($node, 'menuca', $kept),
		"$copy: wanted rows and ledger are those of the original");
	is( rows_of($node, $copy, 'SELECT count(*) FROM ops.menuca_wanted_access'),
		57, "$copy: the tables that are shipped, orders among them, once each");
	is(rows_of($node, $copy, $policies), rows_of($node, 'menuca', $policies), "$copy: the same policies");
	is( rows_of($node, $copy,
			"SELECT count(*) FROM ops.menuca_access_plan() WHERE action NOT IN ('keep', 'absent')"),
		0, "$copy: nothing to deploy");
	like(rows_of($node, $copy, $matrix), qr/^PASS\|3\d\d\d$/, "$copy: the matrix is green");
}
my $in_force = rows_of($node, 'copy0', "SELECT count(*), 0 FROM ops.menuca_access_change WHERE kind = 'policy' AND undone_at IS NULL");
is(rows_of($node, 'copy0', 'SELECT sum(dropped), sum(changed) FROM ops.menuca_rollback_access(dry_run => false)'),
	$in_force, 'a restored deployment is rolled back');
is(rows_of($node, 'copy0', 'SELECT count(*) FROM pg_policies'), 0, 'no policy remains');

#
# Others may not use the extension's schema: the deployment's grants are enough
#

is( rows_of($node, 'menuca', <<'SQL'), "42\nt", 'a tenant reads its claim and its dishes');
SET request.jwt.claims = '{"restaurant_id": 42}';
SET ROLE authenticated;
SELECT ops.menuca_claim_bigint('restaurant_id');
SELECT count(*) > 0 FROM menuca_v3.dishes;
SQL

#
# A policy uses the extension's function, so it must be dropped before the extension
#

my $policies = rows_of($node, 'menuca', 'SELECT count(*) FROM pg_policy');
rows_of($node, 'menuca', 'CREATE ROLE other LOGIN; CREATE SCHEMA of_others AUTHORIZATION other; CREATE TABLE of_others.t (a int)');
foreach my $drop ('DROP EXTENSION menuca_migrate', 'DROP EXTENSION IF EXISTS nothing, menuca_migrate CASCADE', 'DROP SCHEMA ops CASCADE',
	'DROP SCHEMA of_others, ops CASCADE', 'DROP OWNED BY CURRENT_USER CASCADE')
{
	my $error = error_of($node, 'menuca', $drop);

	is($error->{state}, '2BP01', "$drop: the extension stays while policies need it");
	like($error->{message}, qr/^extension menuca_migrate is not dropped: \d+ row security policies call its functions$/, 'and says how many');
	like($error->{detail}, qr/: \S+ on menuca_v3\.\w+, .* and \d+ more\. Nothing was changed\.$/, 'and which');
	like($error->{hint}, qr/^Undo the deployment, which drops them: SELECT \* FROM ops\.menuca_rollback_access\(dry_run => false\); /, 'and how to undo them');
}
is(rows_of($node, 'menuca', 'SELECT count(*) FROM pg_policy'), $policies, 'all policies are there');

# Others drop what is theirs; a dump has no event trigger, and its restore drops nothing of this
rows_of($node, 'menuca', 'DROP TABLE of_others.t; CREATE EXTENSION amcheck; DROP EXTENSION amcheck');
is(error_of($node, 'menuca', 'DROP SCHEMA of_others', connstr => $node->connstr('menuca') . ' user=other')->{state}, '', 'a schema of others is dropped by its owner');
rows_of($node, 'menuca', 'DROP OWNED BY other; DROP ROLE other');
my $dump = "$PostgreSQL::Test::Utils::tmp_check/policies.sql";
$node->command_ok([ 'pg_dump', '--clean', '--if-exists', '-f', $dump, '-d', $node->connstr('menuca') ], 'pg_dump --clean');
unlike(slurp_file($dump), qr/EVENT TRIGGER/, 'the event trigger is the extension\'s own');
copy_database($node, 'menuca', 'again');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d', $node->connstr('again') ], 'which is restored over the same database');
is(rows_of($node, 'again', 'SELECT count(*) FROM pg_policy'), $policies, 'with its policies');
is(rows_of($node, 'again', 'SELECT count(*) FROM pg_event_trigger'), 1, 'and the event trigger');
like(error_of($node, 'again', 'DROP EXTENSION menuca_migrate CASCADE')->{state}, qr/^2BP01$/, 'which refuses there, too');

# Without the policies it is dropped as ever
rows_of($node, 'again', 'SELECT ops.menuca_rollback_access(dry_run => false); DROP EXTENSION menuca_migrate');
is(rows_of($node, 'again', 'SELECT count(*) FROM pg_event_trigger'), 0, 'after a rollback of the access the extension is dropped');
copy_database($node, 'menuca', 'forced');
rows_of($node, 'forced', 'ALTER EVENT TRIGGER menuca_guard_policies DISABLE; DROP EXTENSION menuca_migrate CASCADE');
cmp_ok(rows_of($node, 'forced', 'SELECT count(*) FROM pg_policy'), '<', $policies, 'when it is told to, CASCADE does what it does');

#
# A standby: plan, dry run, checks
#

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
foreach my $sql (
	'SELECT action, count(*) FROM ops.menuca_access_plan() GROUP BY 1 ORDER BY 1',
	'SELECT table_name, status FROM ops.menuca_deploy_access()',
	'SELECT table_name, status, dropped FROM ops.menuca_rollback_access()')
{
	is(rows_of($standby, 'menuca', $sql), rows_of($node, 'menuca', $sql), "on a standby: $sql");
}
is( rows_of($standby, 'menuca',
		"SELECT name, status FROM ops.menuca_check_access(overhead => false) WHERE name IN ('policies', 'matrix')"),
	"policies|PASS\nmatrix|SKIP", 'what cannot be tried out on a standby does not pass');
is(error_of($standby, 'menuca', 'SELECT ops.menuca_test_access()')->{state},
	'25006', 'the matrix is refused');

log_is_clean($node);
done_testing();
