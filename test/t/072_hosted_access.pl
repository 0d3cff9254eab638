
# Access and indexes as SQL files: what was deployed on a copy is applied to a database
# without the extension, by a role that owns the tables and is no superuser.  There it
# lets each role do the same as on the copy, and is taken back to what was before.

# engines: none

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize: a production with Supabase's roles and default privileges, and its copy
#

my $production = new_production('production', conf => "max_locks_per_transaction = 512\n");
my $staging = new_node('staging');
my $fixture = fixture('fixture', '--scale', '0.05');
my $roles = <<'SQL';
CREATE ROLE anon NOLOGIN;
CREATE ROLE authenticated NOLOGIN;
CREATE ROLE service_role NOLOGIN BYPASSRLS;
CREATE ROLE hosted LOGIN CREATEROLE;
CREATE ROLE reporter LOGIN;
CREATE ROLE "Some Body" NOLOGIN;
GRANT anon, authenticated, service_role, reporter TO hosted;
-- To compile a check takes the server a hundred times as long as to execute it
ALTER ROLE hosted SET jit = off;
SQL
rows_of($_, 'postgres', $roles) foreach $production, $staging;

make_production('app');
rows_of($production, 'app', <<'SQL', extra_params => [ '-U', 'hosted' ]);
-- A keyword of later versions, which quote it; rights on this table are rights on columns
ALTER TABLE menuca_v3.users ADD json_value text;
-- A past: privileges in an order of their own, of columns, with grant option
REVOKE ALL ON menuca_v3.courses FROM anon, authenticated, service_role;
GRANT SELECT ON menuca_v3.courses TO "Some Body" WITH GRANT OPTION;
GRANT TRUNCATE, SELECT ON menuca_v3.courses TO PUBLIC;
GRANT UPDATE ON menuca_v3.courses TO authenticated;
GRANT SELECT (email), UPDATE (email) ON menuca_v3.users TO anon, reporter;
GRANT SELECT (id) ON menuca_v3.dishes TO reporter WITH GRANT OPTION;
SET ROLE hosted;
-- A policy of others, which the copy has, too
CREATE POLICY "everybody's" ON menuca_v3.dishes AS RESTRICTIVE FOR ALL TO PUBLIC USING (id IS NOT NULL);
ALTER TABLE menuca_v3.devices ENABLE ROW LEVEL SECURITY;
SQL
my $identifier = rows_of($production, 'app', 'SELECT system_identifier FROM pg_control_system()');
make_copy('app', 'copy');

my $matrix = <<'SQL';
SELECT table_name, role_kind, command, row_case, expected, actual, status FROM ops.menuca_test_access()
SQL

#
# Nothing is exported before it is known what for, and before it was deployed and tried
#

foreach my $function ('access', 'indexes')
{
	my $error = error_of($staging, 'copy', "SELECT * FROM ops.menuca_export_$function()");

	is($error->{state}, 'MC020', "$function: nothing is exported while nobody knows which database it is for");
	like($error->{hint}, qr/SELECT \* FROM ops\.menuca_copy_of\('postgres', project => '\.\.\.'\);$/, 'the hint is the call that says it');
}
rows_of($staging, 'copy', "SELECT newly_recorded FROM ops.menuca_copy_of('app', $identifier)");
my $error = error_of($staging, 'copy', 'SELECT * FROM ops.menuca_export_access()');
is($error->{state}, 'MC030', 'nor before the access is deployed');
like($error->{hint}, qr/SELECT \* FROM ops\.menuca_deploy_access\(dry_run => false\);$/, 'the hint deploys it');
is(error_of($staging, 'copy', "SELECT * FROM ops.menuca_export_$_->[0]($_->[1])")->{state}, $_->[2], "menuca_export_$_->[0]($_->[1]): $_->[2]")
  foreach [ 'access', "'mysql'", '22023' ], [ 'indexes', "'mysql'", '22023' ], [ 'access', 'NULL', '22004' ];
rows_of($staging, 'copy', 'SET client_min_messages = warning; SELECT count(*) FROM ops.menuca_deploy_access(dry_run => false)');

# A policy of others that lets more through: the copy's matrix fails, and nothing is exported
rows_of($staging, 'copy', 'CREATE POLICY back_door ON menuca_v3.users FOR SELECT TO anon, authenticated USING (true)');
$error = error_of($staging, 'copy', 'SELECT * FROM ops.menuca_export_access()');
is($error->{state}, 'MC030', 'what the copy\'s matrix refuses is not exported');
like($error->{message}, qr/^not exported: \d+ cells of the copy's matrix are not as wanted$/, 'and it says so');
like($error->{detail}, qr/^users: /, 'and which');
rows_of($staging, 'copy', 'DROP POLICY back_door ON menuca_v3.users');

my $copy_matrix = rows_of($staging, 'copy', $matrix);
my $copy_state = state_of($staging, 'copy');
my $set = export_of('access', 'psql');
is(state_of($staging, 'copy'), $copy_state, 'the export changes nothing on the copy');
cmp_ok(scalar(grep { $_->{file_name} =~ /^02_/ } @$set), '>', 30, 'a file per table');
headers_hold($set, 'access, psql');

# Who owns the tables of the copy exports the same, with the rights of these purposes
grant_purposes($staging, 'copy', 'hosted', 'access', 'indexes');
is(rows_of($staging, 'copy', "SELECT string_agg(file_name, ' ' ORDER BY file_no) FROM ops.menuca_export_access()", extra_params => [ '-U', 'hosted' ]),
	join(' ', map { $_->{file_name} } @$set), 'a role that owns the tables exports it');
cmp_ok(rows_of($staging, 'copy', 'SELECT count(*) FROM ops.menuca_export_indexes()', extra_params => [ '-U', 'hosted' ]), '>', 60, 'and the indexes');
is(error_of($staging, 'copy', "SELECT * FROM ops.menuca_export_$_()", extra_params => [ '-v', 'VERBOSITY=verbose', '-U', 'reporter' ])->{state}, '42501', "$_: nobody else does")
  foreach 'access', 'indexes';

#
# Checked, applied, checked
#

my $before = state_of($production, 'app');
is_deeply(statuses_of('app', file_of($set, '00_check')), passed(10), 'the check before passes');
is(state_of($production, 'app'), $before, 'and changes nothing');
is(statuses_of('app', file_of($set, '03_check'))->{FAIL}, 6, 'the check afterwards fails before it');
like(rows_in('app', file_of($set, '04_matrix')), qr/^3\|schema\|FAIL\|.*\|the functions of schema menuca_access do not exist\|.*\n4\|receipt\|FAIL\|/m, 'and the matrix tries nothing');
like(error_in('app', file_of($set, '02_\d+_dishes'))->{hint}, qr/^Run 01_functions first/, 'a table needs the functions');
is(state_of($production, 'app'), $before, 'nothing was changed');

run_file('app', $_) foreach files_of($set, '01', '02');
is_deeply(statuses_of('app', file_of($set, '03_check')), passed(12), 'the check afterwards passes');
my $deployed = state_of($production, 'app');

# The matrix of the files, and the extension's own on a clone of the result
my $cells = statuses_of('app', file_of($set, '04_matrix'));
cmp_ok($cells->{PASS}, '>', 200, 'the matrix tries much');
is($cells->{FAIL}, undef, 'none of it fails');
is($cells->{ERROR}, undef, 'nor is an error');
like(rows_in('app', file_of($set, '04_matrix')), qr/^\d+\|tried\|PASS\|each role is tried\|[1-9]\d* of \d+ cells\|nothing on /m, 'it says what was tried at all');
is(state_of($production, 'app'), $deployed, 'it is undone');
is(matrix_of_clone('app'), $copy_matrix, 'each role can do the same as on the copy, in each cell of the extension\'s own matrix');
like($copy_matrix, qr/allowed/, 'of which some are allowed');

# Each file can be repeated
foreach my $file (files_of($set, '01', '02'))
{
	my $output = run_file('app', $file);

	like($output, qr/NOTICE:  \S+: deployed already; nothing was changed/, "$file->{file_name} says that it was applied") if $file->{file_name} =~ /^02/;
}
is(state_of($production, 'app'), $deployed, 'and changes nothing');

# What is changed on the target afterwards turns the checks and the matrix red
rows_of($production, 'app', <<'SQL');
CREATE POLICY back_door ON menuca_v3.dishes FOR SELECT TO anon USING (true);
DROP POLICY "everybody's" ON menuca_v3.dishes;
GRANT TRUNCATE ON menuca_v3.users TO anon;
SQL
like(rows_in('app', file_of($set, '03_check')), qr/policy "back_door" on menuca_v3\.dishes is not on the copy/, 'a policy of others is named');
like(rows_in('app', file_of($set, '03_check')), qr/anon may TRUNCATE on menuca_v3\.users/, 'and so is a privilege');
cmp_ok(statuses_of('app', file_of($set, '04_matrix'))->{FAIL} // 0, '>', 0, 'the matrix finds what it lets through');
$error = error_in('app', file_of($set, '05_rollback_\d+_dishes'));
like($error->{message}, qr/^the access of table menuca_v3\.dishes was changed after it was deployed: policy back_door: /, 'a rollback would undo it, too, and refuses');
like(error_in('app', file_of($set, '06_rollback'))->{detail}, qr/^These tables are not rolled back: /, 'nor are the functions dropped while policies call them');
rows_of($production, 'app', <<'SQL');
DROP POLICY back_door ON menuca_v3.dishes;
CREATE POLICY "everybody's" ON menuca_v3.dishes AS RESTRICTIVE FOR ALL TO PUBLIC USING (id IS NOT NULL);
REVOKE TRUNCATE ON menuca_v3.users FROM anon;
SQL
is(state_of($production, 'app'), $deployed, 'it is corrected');

# So is what leads around the policies; each change with what undoes it, and the row that shows it
foreach my $case (
	[ 'REVOKE USAGE ON SCHEMA menuca_v3 FROM service_role', 'GRANT USAGE ON SCHEMA menuca_v3 TO service_role', '10|schemas|FAIL', 'role "service_role" may not use schema menuca_v3' ],
	[ 'GRANT CREATE ON SCHEMA menuca_v3 TO PUBLIC', 'REVOKE CREATE ON SCHEMA menuca_v3 FROM PUBLIC', '10|schemas|FAIL', 'role "authenticated" may create objects in schema menuca_v3' ],
	[ 'GRANT EXECUTE ON FUNCTION menuca_access.try_access TO anon', 'REVOKE EXECUTE ON FUNCTION menuca_access.try_access FROM anon', '8|functions|FAIL', 'function try_access(jsonb, text) was changed' ],
	[ 'CREATE FUNCTION menuca_access.is_key(text) RETURNS bool LANGUAGE sql RETURN true', 'DROP FUNCTION menuca_access.is_key(text)', '8|functions|FAIL', 'function is_key(text) was added' ],
	[ 'ALTER FUNCTION menuca_access.claim_bigint(text, text) SECURITY DEFINER', 'ALTER FUNCTION menuca_access.claim_bigint(text, text) SECURITY INVOKER', '8|functions|FAIL', 'function claim_bigint(text, text) was changed' ],
	[ 'ALTER VIEW menuca_access.menuca_public_restaurants SET (security_barrier = false)', 'ALTER VIEW menuca_access.menuca_public_restaurants SET (security_barrier = true)', '8|functions|FAIL', 'view menuca_public_restaurants was changed' ],
	[ 'GRANT SELECT ON menuca_access.deployment TO reporter', 'REVOKE SELECT ON menuca_access.deployment FROM reporter', '8|functions|FAIL', 'table deployment was changed' ],
	[ "UPDATE menuca_access.deployment SET version = 'old' WHERE object = 'schema menuca_access'", undef, '8|functions|FAIL', 'the functions of schema menuca_access are of another export' ],
	[ "UPDATE menuca_access.deployment SET version = 'old' WHERE object = 'menuca_v3.dishes'", undef, '3|policies|FAIL', 'the access of menuca_v3.dishes is of another export' ],
	[ "DELETE FROM menuca_access.deployment WHERE object = 'menuca_v3.dishes'", undef, '3|policies|FAIL', 'the access of menuca_v3.dishes is not deployed' ],
	[ 'ALTER ROLE anon BYPASSRLS', 'ALTER ROLE anon NOBYPASSRLS', '9|roles|FAIL', 'role "anon" has BYPASSRLS' ],
	[ 'GRANT service_role TO authenticated', 'REVOKE service_role FROM authenticated', '9|roles|FAIL', 'role "authenticated" is a member of "service_role"' ],
	[ 'GRANT pg_read_all_data TO anon', 'REVOKE pg_read_all_data FROM anon', '9|roles|FAIL', 'role "anon" is a member of "pg_read_all_data"' ],
	[ 'ALTER ROLE anon SET request.jwt.claims = \'{"restaurant_id": 1}\'', 'ALTER ROLE anon RESET request.jwt.claims', '9|roles|FAIL', 'sessions of anon begin with request.jwt.claims' ],
	[ 'ALTER TABLE menuca_v3.users ADD secret text', 'ALTER TABLE menuca_v3.users DROP secret', '7|columns|WARN', 'column menuca_v3.users.secret is not on the copy' ],
	[ 'SET ROLE hosted; CREATE TABLE menuca_v3.secrets (id int)', 'DROP TABLE menuca_v3.secrets', '11|openings|FAIL', 'anon, authenticated may read or write table menuca_v3.secrets, which no policy protects' ],
	[ 'SET ROLE hosted; CREATE TABLE menuca_v3.old_users () INHERITS (menuca_v3.users)', 'DROP TABLE menuca_v3.old_users', '11|openings|FAIL', 'table menuca_v3.old_users, which no policy protects' ],
	[ 'SET ROLE hosted; CREATE VIEW menuca_v3.a AS TABLE menuca_v3.users; CREATE VIEW menuca_v3.b AS TABLE menuca_v3.a; REVOKE ALL ON menuca_v3.a FROM anon, authenticated', 'DROP VIEW menuca_v3.a CASCADE',
		'11|openings|WARN', 'anon, authenticated may use view menuca_v3.b, which reads with the rights of "hosted"' ],
	[ 'SET ROLE hosted; CREATE FUNCTION menuca_v3.f() RETURNS bigint SECURITY DEFINER LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM menuca_v3.users; END', 'DROP FUNCTION menuca_v3.f', '11|openings|WARN', 'function menuca_v3.f, which names protected tables' ],
	[ 'CREATE RULE r AS ON UPDATE TO menuca_v3.users DO ALSO NOTHING', 'DROP RULE r ON menuca_v3.users', '11|openings|WARN', 'rule r on menuca_v3.users executes other statements' ],
	[ 'CREATE PUBLICATION p FOR TABLE menuca_v3.users', 'DROP PUBLICATION p', '11|openings|WARN', 'publication p sends rows of menuca_v3.users' ])
{
	my ($change, $undo, $row, $detail) = @$case;
	my $found;

	rows_of($production, 'app', 'CREATE TABLE ledger_before AS TABLE menuca_access.deployment') unless $undo;
	rows_of($production, 'app', "SET client_min_messages = error; $change");
	($found) = grep { /^\Q$row\E\|/ } split /\n/, rows_in('app', file_of($set, '03_check'));
	like($found, qr/\Q$detail\E/, "$change: seen");
	rows_of($production, 'app', 'SET client_min_messages = error; ' . ($undo // 'DELETE FROM menuca_access.deployment; INSERT INTO menuca_access.deployment TABLE ledger_before; DROP TABLE ledger_before'));
}
is_deeply(statuses_of('app', file_of($set, '03_check')), passed(12), 'and all of it is corrected');
rows_of($production, 'app', 'BEGIN; REVOKE SELECT ON menuca_v3.cities FROM anon; REVOKE ALL ON menuca_v3.cities FROM service_role; GRANT ALL ON menuca_v3.cities TO service_role; GRANT SELECT ON menuca_v3.cities TO anon; COMMIT');
is_deeply(statuses_of('app', file_of($set, '03_check')), passed(12), 'another order of privileges is no change');

# A role that cannot become another one, or sees no row, proves nothing
rows_of($production, 'app', 'REVOKE anon FROM hosted');
like(rows_in('app', file_of($set, '04_matrix')), qr/^\d+\|admin_users: public, select, any\|ERROR\|refused\|error \(role\)\|.*\|Run the file as a member of the role: GRANT anon TO hosted;$/m, 'a refused SET ROLE is not a refused statement');
like(rows_in('app', file_of($set, '04_matrix')), qr/^\d+\|tried\|WARN\|.*\|nothing as anon; /m, 'and it says that nothing was tried as that role');
rows_of($production, 'app', 'GRANT anon TO hosted');
rows_of($production, 'postgres', 'CREATE DATABASE elsewhere TEMPLATE app OWNER hosted');
$error = rows_in('elsewhere', file_of($set, '04_matrix'));
like($error, qr/^1\|database\|FAIL\|.*\n2\|server\|\w+\|.*\n3\|schema\|PASS\|.*\n4\|receipt\|FAIL\|/, 'on another database nothing is tried');
rows_of($production, 'elsewhere', 'ALTER FUNCTION menuca_access.is_key OWNER TO "Some Body"');
like(rows_in('elsewhere', file_of($set, '04_matrix')), qr/^3\|schema\|FAIL\|.*something in it, belongs to role "Some Body"/m, 'nor by functions of another role');
rows_of($production, 'postgres', 'DROP DATABASE elsewhere');
rows_of($production, 'app', "UPDATE menuca_access.deployment SET version = 'x' || version WHERE object = 'menuca_v3.users'");
like(rows_in('app', file_of($set, '04_matrix')), qr/^\d+\|users: no cell can be tried\|ERROR\|.*\|not deployed by this export\|/m, 'what another export deployed is not tried');
rows_of($production, 'app', "UPDATE menuca_access.deployment SET version = substr(version, 2) WHERE object = 'menuca_v3.users'");
rows_of($production, 'app', 'ALTER TABLE menuca_v3.dishes RENAME restaurant_id TO vendor_id');
like(rows_in('app', file_of($set, '04_matrix')), qr/^\d+\|dishes: no cell can be tried\|ERROR\|deployed, with columns as on the copy\|error 42703\|/m, 'a column that is missing is an error of its table alone');
rows_of($production, 'app', 'ALTER TABLE menuca_v3.dishes RENAME vendor_id TO restaurant_id');

# A table that has another name keeps its way back; one that was created again is another one
rows_of($production, 'app', 'ALTER TABLE menuca_v3.devices RENAME TO machines');
$error = error_in('app', file_of($set, '05_rollback_\d+_devices'));
is("$error->{state} $error->{message}", '42P01 table menuca_v3.devices is now named menuca_v3.machines', 'a table that was renamed is not rolled back, nor forgotten');
rows_of($production, 'app', 'CREATE TABLE menuca_v3.devices (LIKE menuca_v3.machines INCLUDING ALL); ALTER TABLE menuca_v3.devices OWNER TO hosted');
is(error_in('app', file_of($set, $_ . '_\d+_devices'))->{message}, 'table menuca_v3.devices is now named menuca_v3.machines', "$_: whoever has its name now is another table") foreach '02', '05_rollback';
rows_of($production, 'app', 'DROP TABLE menuca_v3.devices; ALTER TABLE menuca_v3.machines RENAME TO devices');
is(state_of($production, 'app'), $deployed, 'it is corrected, too');

# What others granted to others since is neither refused for good nor taken from them, and
# a column that was dropped leaves its table a way back
rows_of($production, 'postgres', 'CREATE DATABASE later TEMPLATE app OWNER hosted');
rows_of($production, 'postgres', 'ALTER DATABASE app RENAME TO kept; ALTER DATABASE later RENAME TO app');
rows_of($production, 'app', 'GRANT INSERT ON menuca_v3.cities TO reporter; GRANT UPDATE (name) ON menuca_v3.cities TO "Some Body"; REVOKE SELECT ON menuca_v3.courses FROM "Some Body" CASCADE');
foreach my $table ('cities', 'courses')
{
	like(error_in('app', file_of($set, "05_rollback_\\d+_$table"))->{hint}, qr/^Undo that change first; the 02 file of this table /, "$table: privileges were changed, which a rollback refuses");
	run_file('app', file_of($set, "02_\\d+_$table"));
	run_file('app', file_of($set, "05_rollback_\\d+_$table"));
}
is(rows_of($production, 'app', <<'SQL'), 't|t|f|t|f', 'after the file 02 it does not, and others keep theirs');
SELECT has_table_privilege('reporter', 'menuca_v3.cities', 'INSERT'), has_column_privilege('Some Body', 'menuca_v3.cities', 'name', 'UPDATE'),
	EXISTS (SELECT FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = 'menuca_v3.courses'::regclass AND a.grantee = '"Some Body"'::regrole),
	has_table_privilege('anon', 'menuca_v3.cities', 'TRUNCATE'), (SELECT relrowsecurity FROM pg_class WHERE oid = 'menuca_v3.cities'::regclass)
SQL
rows_of($production, 'app', 'ALTER TABLE menuca_v3.dishes DROP description');
run_file('app', file_of($set, '05_rollback_\d+_dishes'));
is(rows_of($production, 'app', "SELECT string_agg(polname, ',') FROM pg_policy WHERE polrelid = 'menuca_v3.dishes'::regclass"), "everybody's", 'it is rolled back');
rows_of($production, 'postgres', 'DROP DATABASE app');
rows_of($production, 'postgres', 'ALTER DATABASE kept RENAME TO app');

#
# Taken back
#

run_file('app', $_) foreach files_of($set, '05', '06');
is(state_of($production, 'app'), $before, 'policies, row security and privileges are those from before, in their order');
run_file('app', $_) foreach files_of($set, '05', '06');
is(state_of($production, 'app'), $before, 'and still are when it is repeated');

#
# Refused by name
#

rows_of($production, 'app', 'ALTER DEFAULT PRIVILEGES FOR ROLE hosted GRANT ALL ON SCHEMAS TO reporter; ALTER DEFAULT PRIVILEGES FOR ROLE hosted GRANT ALL ON TABLES TO reporter; ALTER DEFAULT PRIVILEGES FOR ROLE hosted GRANT ALL ON FUNCTIONS TO reporter');
run_file('app', file_of($set, '01_functions'));
is(rows_of($production, 'app', <<'SQL'), 'f|0|0', 'whatever default privileges are, nobody but roles of requests gets any');
SELECT has_schema_privilege('reporter', 'menuca_access', 'USAGE') OR has_schema_privilege('reporter', 'menuca_access', 'CREATE'),
	(SELECT count(*) FROM pg_class WHERE relnamespace = 'menuca_access'::regnamespace AND relkind IN ('r', 'v') AND has_table_privilege('reporter', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')),
	(SELECT count(*) FROM pg_proc WHERE pronamespace = 'menuca_access'::regnamespace AND has_function_privilege('reporter', oid, 'EXECUTE'))
SQL
rows_of($production, 'app', 'ALTER DEFAULT PRIVILEGES FOR ROLE hosted REVOKE ALL ON SCHEMAS FROM reporter; ALTER DEFAULT PRIVILEGES FOR ROLE hosted REVOKE ALL ON TABLES FROM reporter; ALTER DEFAULT PRIVILEGES FOR ROLE hosted REVOKE ALL ON FUNCTIONS FROM reporter');
my $dishes = file_of($set, '02_\d+_dishes');
my $with_functions = state_of($production, 'app');
foreach my $case (
	[ 'CREATE POLICY mine ON menuca_v3.dishes USING (true)', 'DROP POLICY mine ON menuca_v3.dishes',
		qr/^table menuca_v3\.dishes has other policies than the copy: policy "mine" is not on the copy: AS PERMISSIVE FOR ALL TO PUBLIC USING \(true\)$/ ],
	[ 'ALTER POLICY "everybody\'s" ON menuca_v3.dishes USING (true)', 'ALTER POLICY "everybody\'s" ON menuca_v3.dishes USING (id IS NOT NULL)', qr/policy "everybody's" differs from the copy: / ],
	[ 'CREATE POLICY menuca_visitor_select ON menuca_v3.dishes FOR SELECT TO anon USING (true)', 'DROP POLICY menuca_visitor_select ON menuca_v3.dishes',
		qr/policy "menuca_visitor_select" is not on the copy/ ],
	[ 'ALTER TABLE menuca_v3.dishes FORCE ROW LEVEL SECURITY', 'ALTER TABLE menuca_v3.dishes NO FORCE ROW LEVEL SECURITY', qr/^row security of table menuca_v3\.dishes is forced$/, qr/\|row security of menuca_v3\.dishes is forced/ ],
	[ 'CREATE TABLE menuca_v3.added (id int)', 'DROP TABLE menuca_v3.added', undef, qr/^4\|tables\|WARN\|.*\|table menuca_v3\.added is not on the copy, and gets no policies/m ],
	[ 'ALTER TABLE menuca_v3.dishes RENAME TO meals', 'ALTER TABLE menuca_v3.meals RENAME TO dishes', qr/^table menuca_v3\.dishes does not exist$/ ],
	[ 'ALTER TABLE menuca_v3.dishes RENAME restaurant_id TO vendor_id', 'ALTER TABLE menuca_v3.dishes RENAME vendor_id TO restaurant_id', qr/^column "restaurant_id" does not exist$/ ],
	[ 'ALTER ROLE anon RENAME TO visitor', 'ALTER ROLE visitor RENAME TO anon', qr/^role "anon" does not exist$/ ],
	[ 'ALTER TABLE menuca_v3.dishes OWNER TO "Some Body"', 'ALTER TABLE menuca_v3.dishes OWNER TO hosted', qr/^table menuca_v3\.dishes belongs to role "Some Body"$/ ])
{
	my ($change, $undo, $message, $found) = @$case;

	rows_of($production, 'app', $change);
	like(error_in('app', $dishes)->{message}, $message, "$change: refused by name") if $message;
	like(rows_in('app', file_of($set, '00_check')), $found // qr/^\d+\|\w+\|FAIL\|/m, "$change: and the check before fails");
	rows_of($production, 'app', $undo);
}
is(state_of($production, 'app'), $with_functions, 'nothing was changed by any of them');

# Another database, and another cluster
rows_of($production, 'postgres', 'CREATE DATABASE other TEMPLATE app OWNER hosted');
foreach my $file (grep { $_->{file_name} !~ /^0[034]/ } @$set)
{
	is(error_in('other', $file)->{state}, 'MC020', "$file->{file_name} runs on no other database");
}
like(rows_in('other', file_of($set, '00_check')), qr/^1\|database\|FAIL\|app in cluster $identifier\|other in cluster $identifier\|/, 'and the check says so');

# A table that others use is waited for five seconds, and then nothing is done
my $reader = $production->background_psql('app');
$reader->query_safe('BEGIN; SELECT count(*) FROM menuca_v3.dishes');
is(error_in('app', $dishes)->{state}, '55P03', 'a table that is being read is not waited for for long');
$reader->query_safe('COMMIT');
$reader->quit;
run_file('app', file_of($set, '06_rollback'));
is(state_of($production, 'app'), $before, 'the functions are taken back');

# Policies call functions of a schema, so nobody else may own it, or what is in it
rows_of($production, 'app', <<'SQL');
CREATE SCHEMA menuca_access AUTHORIZATION "Some Body";
GRANT ALL ON SCHEMA menuca_access TO hosted;
CREATE FUNCTION menuca_access.begin_table(text, jsonb) RETURNS boolean LANGUAGE sql AS 'SELECT true';
ALTER FUNCTION menuca_access.begin_table(text, jsonb) OWNER TO "Some Body";
CREATE FUNCTION menuca_access.spy() RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE WARNING ''code of a stranger runs as %'', current_user; RETURN ''dishes''; END';
CREATE VIEW menuca_access.deployment AS SELECT menuca_access.spy() AS object, NULL::jsonb AS before, NULL::jsonb AS after;
CREATE FUNCTION menuca_access.state_of(regclass) RETURNS jsonb LANGUAGE plpgsql AS 'BEGIN RAISE WARNING ''code of a stranger''; RETURN NULL; END';
ALTER FUNCTION menuca_access.spy() OWNER TO "Some Body";
ALTER FUNCTION menuca_access.state_of(regclass) OWNER TO "Some Body";
ALTER VIEW menuca_access.deployment OWNER TO "Some Body";
GRANT SELECT ON menuca_access.deployment TO hosted;
SQL
foreach my $file (files_of($set, '00', '03'))
{
	unlike(run_file('app', $file), qr/code of a stranger/, "$file->{file_name} runs no code of a stranger");
}
like(rows_in('app', file_of($set, '00_check')), qr/schema menuca_access belongs to role "Some Body"/, 'the check before says whose schema it is');
foreach my $file (grep { $_->{file_name} !~ /^0[034]/ } @$set)
{
	is(error_in('app', $file)->{message}, 'schema menuca_access, or something in it, belongs to role "Some Body"', "$file->{file_name} does not use what another role owns");
}
rows_of($production, 'app', 'ALTER SCHEMA menuca_access OWNER TO hosted');
like(error_in('app', file_of($set, '01_functions'))->{message}, qr/belongs to role "Some Body"/, 'nor a function of it');
rows_of($production, 'app', 'DROP SCHEMA menuca_access CASCADE');
is(state_of($production, 'app'), $before, 'nothing was changed');

#
# The other styles: a migration in a transaction, a single string
#

foreach my $style ('supabase', 'statements')
{
	my $other = export_of('access', $style);

	# As a version could that has more keywords
	rows_of($production, 'postgres', 'ALTER ROLE hosted SET quote_all_identifiers = on') if $style eq 'statements';
	# The matrix is not tried then, since triggers of the users find whatever the path has
	if ($style eq 'supabase')
	{
		set_trap($production, 'app');
		rows_of($production, 'app', 'ALTER ROLE hosted SET search_path = trap, pg_catalog, menuca_v3; ALTER ROLE hosted SET standard_conforming_strings = off');
	}
	headers_hold($other, "access, $style");
	is(scalar(grep { $_->{sql} =~ /^\\/m } @$other), 0, "$style: no command of psql");
	run_as($style, 'app', $_) foreach grep { $_->{file_name} =~ /(?:^|_menuca_access_)0[12]_/ } @$other;
	is(matrix_of_clone('app'), $copy_matrix, "$style: each role can do the same as on the copy");
	is_deeply(statuses_of('app', file_of($other, '03_check')), passed(12), "$style: the check passes");
	run_as($style, 'app', $_) foreach files_of($other, '05', '06');
	if ($style eq 'supabase')
	{
		is(trap_calls($production, 'app'), 0, 'no operator, function or type of a stranger was called');
		rows_of($production, 'app', 'SET client_min_messages = error; DROP SCHEMA trap CASCADE; ALTER ROLE hosted RESET search_path; ALTER ROLE hosted RESET standard_conforming_strings');
	}
	is(state_of($production, 'app'), $before, "$style: and all is as before");
}

#
# Indexes
#

my $indexes = export_of('indexes', 'psql');
headers_hold($indexes, 'indexes, psql');
my @create = files_of($indexes, '02');
cmp_ok(scalar(@create), '>', 20, 'indexes to create');
is(scalar(grep { ($_->{sql} =~ s/^(?:--|\\).*\n//mgr) !~ /\ADO \$menuca\w*\$\n.*\$menuca\w*\$;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS [^;]+;\n\z/s } @create), 0, 'each is one statement after a question');
is(statuses_of('app', file_of($indexes, '00_check'))->{FAIL}, undef, 'nothing is in their way');
is(statuses_of('app', file_of($indexes, '03_verify'))->{FAIL}, scalar(@create) + 1, 'all are missing');

# What a failed build left is dropped; another thing of the name is not
my $indexes_before = rows_of($production, 'app', indexes_now());
rows_of($production, 'app', <<'SQL');
CREATE INDEX idx_dishes_active ON menuca_v3.dishes (restaurant_id);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'menuca_v3.idx_dishes_active'::regclass;
CREATE VIEW menuca_v3.idx_courses_order AS SELECT 1;
SQL
like(rows_in('app', file_of($indexes, '00_check')), qr/^\d+\|idx_courses_order\|FAIL\|absent, or exists\|name taken\|menuca_v3\.idx_courses_order is something else/m, 'a name that is taken is named');
like(rows_in('app', file_of($indexes, '00_check')), qr/^\d+\|idx_dishes_active\|\w+\|absent, or exists\|(?:invalid|another definition)\|/m, 'and so is a failed build');
like(run_file('app', file_of($indexes, '01_leftover_\d+_idx_dishes_active')), qr/NOTICE:  index menuca_v3\.idx_dishes_active, which a failed build left, was dropped/, 'which is dropped');
is(error_in('app', file_of($indexes, '01_leftover_\d+_idx_courses_order'))->{state}, '42P07', 'a view of that name is not');
rows_of($production, 'app', 'DROP VIEW menuca_v3.idx_courses_order');
rows_of($production, 'app', 'CREATE INDEX idx_courses_order ON menuca_v3.courses (name DESC)');
like(rows_in('app', file_of($indexes, '00_check')), qr/^\d+\|idx_courses_order\|FAIL\|absent, or exists\|another definition\|CREATE INDEX idx_courses_order ON menuca_v3\.courses USING btree \(name DESC\)\|/m, 'another definition is shown');
run_file('app', file_of($indexes, $_ . '_\d+_idx_courses_order')) foreach '01_leftover', '02_create';
$error = error_in('app', file_of($indexes, '04_rollback_\d+_idx_courses_order'));
is("$error->{state} $error->{message}", '55000 index menuca_v3.idx_courses_order was not created by this set', 'the rollback drops no other index of that name');
rows_of($production, 'app', 'DROP INDEX menuca_v3.idx_courses_order; CREATE INDEX idx_courses_order ON menuca_v3.dishes (name)');
rows_of($production, 'app', "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'menuca_v3.idx_courses_order'::regclass");
is(error_in('app', file_of($indexes, '04_rollback_\d+_idx_courses_order'))->{state}, '55000', 'nor what a failed build left on another table');
rows_of($production, 'app', 'DROP INDEX menuca_v3.idx_courses_order');

# A build that ends while the leftover is waited for is none
rows_of($production, 'app', 'CREATE INDEX idx_courses_order ON menuca_v3.courses (id)');
rows_of($production, 'app', "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'menuca_v3.idx_courses_order'::regclass");
my $builder = $production->background_psql('app');
$builder->query_safe("BEGIN; LOCK TABLE menuca_v3.courses IN SHARE UPDATE EXCLUSIVE MODE; UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'menuca_v3.idx_courses_order'::regclass");
my $leftover = start_sql($production, 'app', slurp_file(file_of($indexes, '01_leftover_\d+_idx_courses_order')->{path}));
wait_for_backend($production, $leftover);
$production->poll_query_until('app', 'SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)') or die 'nobody waits';
$builder->query_safe('COMMIT');
$builder->quit;
like(finish_sql($leftover)->{stderr}, qr/no failed build; nothing was changed/, 'an index that becomes valid meanwhile is kept');
rows_of($production, 'app', 'DROP INDEX menuca_v3.idx_courses_order');

foreach my $style ('psql', 'supabase', 'statements')
{
	my $files = $style eq 'psql' ? $indexes : export_of('indexes', $style);

	run_as($style, 'app', $_) foreach grep { $_->{file_name} =~ /(?:^|_menuca_indexes_)0[12]_/ } @$files;
	is(statuses_of('app', file_of($files, '03_verify'))->{FAIL}, undef, "$style: all indexes are there, as on the copy");
	run_as($style, 'app', $_) foreach grep { $_->{file_name} =~ /(?:^|_menuca_indexes_)0[12]_/ } @$files;
	is(statuses_of('app', file_of($files, '03_verify'))->{FAIL}, undef, "$style: repeated, too");
	run_as($style, 'app', $_) foreach files_of($files, '04');
	is(rows_of($production, 'app', indexes_now()), $indexes_before, "$style: only those are dropped that were not there before");
}
is(error_in('other', file_of($indexes, $_))->{state}, 'MC020', "$_: no other database, with psql") foreach '01_leftover_01', '02_create_01', '04_rollback_01';
rows_of($production, 'postgres', 'ALTER ROLE hosted RESET quote_all_identifiers');

# Those that were built on the copy are still missing on production
rows_of($staging, 'copy', 'SET client_min_messages = warning; SELECT count(*) FROM ops.menuca_deploy_indexes(dry_run => false)');
is_deeply([ map { $_->{file_name} } @{ export_of('indexes', 'psql') } ], [ map { $_->{file_name} } @$indexes ], 'what was built on the copy is in the set as before');

#
# A receipt is checksummed by the script itself
#

my $receipt = (rows_in('app', file_of($set, '00_check')) =~ /^\d+\|receipt\|\w+\|\|(\{.*\})\|/m)[0];
is(rows_of($staging, 'copy', <<"SQL"), 't', 'its checksum holds on the copy');
SELECT encode(sha256(convert_to((r - 'sha256')::text, 'UTF8')), 'hex') = r ->> 'sha256' FROM (SELECT \$r\$$receipt\$r\$::jsonb) r(r)
SQL

#
# Staff by membership, and names that need quotes
#

rows_of($production, 'postgres', 'CREATE DATABASE members OWNER hosted');
rows_of($production, 'members', <<'SQL', extra_params => [ '-U', 'hosted' ]);
CREATE SCHEMA "Menu $menuca$ 'v3'";
SET search_path = "Menu $menuca$ 'v3'";
CREATE TABLE restaurants (id uuid PRIMARY KEY, name text, status text NOT NULL, deleted_at timestamptz);
CREATE TABLE dishes (id bigserial PRIMARY KEY, restaurant_id uuid NOT NULL REFERENCES restaurants, name text NOT NULL, is_active boolean NOT NULL DEFAULT true, "a ""column"" $menuca$" text);
CREATE TABLE devices (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, restaurant_id uuid NOT NULL, name text);
CREATE TABLE admin_users (id bigserial PRIMARY KEY, auth_user_id uuid UNIQUE, status text NOT NULL DEFAULT 'active');
CREATE TABLE admin_user_restaurants (id bigserial PRIMARY KEY, admin_user_id bigint NOT NULL REFERENCES admin_users, restaurant_id uuid NOT NULL REFERENCES restaurants);
INSERT INTO restaurants SELECT md5('r' || n)::uuid, 'Restaurant ' || n, CASE WHEN n % 3 = 0 THEN 'closed' ELSE 'active' END FROM generate_series(1, 9) n;
INSERT INTO dishes (restaurant_id, name, is_active) SELECT md5('r' || (1 + n % 9))::uuid, 'Dish ' || n, n % 4 > 0 FROM generate_series(1, 200) n;
INSERT INTO devices (restaurant_id, name) SELECT md5('r' || n)::uuid, 'Device' FROM generate_series(1, 9) n;
INSERT INTO admin_users (auth_user_id) SELECT md5('m' || n)::uuid FROM generate_series(1, 9) n;
INSERT INTO admin_user_restaurants (admin_user_id, restaurant_id) SELECT n, md5('r' || n)::uuid FROM generate_series(1, 9) n;
SQL
my $settings = q{ALTER DATABASE membership SET menuca.target_schema = 'Menu $menuca$ ''v3'''; ALTER DATABASE membership SET menuca.tenant_by = 'membership';};
$set = undef;
make_copy('members', 'membership', $settings);
rows_of($staging, 'membership', "SELECT newly_recorded FROM ops.menuca_copy_of('members', $identifier)");
rows_of($staging, 'membership', 'SET client_min_messages = warning; SELECT count(*) FROM ops.menuca_deploy_access(dry_run => false)');
$copy_matrix = rows_of($staging, 'membership', $matrix);
# The matrix tries values that policies name, such as that of the view, which files do without
$copy_matrix = join "\n", grep { !/menuca_own_tenants'\|/ } split /\n/, $copy_matrix;
like($copy_matrix, qr/^devices\|tenant\|select\|own\|allowed\|allowed\|PASS$/m, 'the copy: members see their devices');
foreach my $style ('psql', 'supabase', 'statements')
{
	my $files = export_of('access', $style, 'membership');

	$before = state_of($production, 'members');
	run_as($style, 'members', $_) foreach grep { $_->{file_name} =~ /(?:^|_menuca_access_)0[12]_/ } @$files;
	is_deeply(statuses_of('members', file_of($files, '03_check')), passed(12), "$style: deployed where a name has quotes and dollar signs");
	$cells = statuses_of('members', file_of($files, '04_matrix'));
	is($cells->{FAIL} // $cells->{ERROR}, undef, "$style: no cell fails");
	cmp_ok($cells->{PASS}, '>', 100, "$style: of many");
	is(matrix_of_clone('members', $settings =~ s/DATABASE membership/DATABASE clone/gr), $copy_matrix, "$style: and they are those of the copy");
	run_as($style, 'members', $_) foreach files_of($files, '05', '06');
	is(state_of($production, 'members'), $before, "$style: taken back");
}

done_testing();


# A database of the production cluster with the fixture's tables, and others of V3, which
# role hosted owns and all roles of requests have all rights on.
sub make_production
{
	my ($database) = @_;

	rows_of($production, 'postgres', "CREATE DATABASE $database OWNER hosted");
	rows_of($production, $database, "SET client_min_messages = warning;\n" . slurp_file($fixture->{schema}));
	rows_of($production, $database, slurp_file('test/pgtap/include/access_tables.psql'));
	rows_of($production, $database, <<'SQL');
DO $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT nspname FROM pg_namespace WHERE nspname IN ('menuca_v3', 'staging') LOOP EXECUTE format('ALTER SCHEMA %I OWNER TO hosted', r.nspname); END LOOP;
	FOR r IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relkind IN ('r', 'p', 'v') LOOP EXECUTE format('ALTER TABLE %s OWNER TO hosted', r.name); END LOOP;
	FOR r IN SELECT oid::regtype AS name FROM pg_type WHERE typnamespace = 'menuca_v3'::regnamespace AND typtype IN ('e', 'd') LOOP EXECUTE format('ALTER TYPE %s OWNER TO hosted', r.name); END LOOP;
END $$;
ALTER DEFAULT PRIVILEGES FOR ROLE hosted GRANT ALL ON TABLES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE hosted GRANT ALL ON FUNCTIONS TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE hosted GRANT ALL ON SEQUENCES TO anon, authenticated, service_role;
GRANT ALL ON ALL TABLES IN SCHEMA menuca_v3 TO anon, authenticated, service_role;
GRANT ALL ON ALL SEQUENCES IN SCHEMA menuca_v3 TO anon, authenticated, service_role;
GRANT USAGE ON SCHEMA menuca_v3 TO anon, authenticated, service_role;
SQL
	return;
}

# A database of the staging cluster with what a database of production has, and the
# extension; settings: statements about it.
sub make_copy
{
	my ($from, $copy, $settings) = @_;
	my $dump = "$PostgreSQL::Test::Utils::tmp_check/$copy.dump";

	$production->command_ok([ $production->installed_command('pg_dump'), '-Fc', '--quote-all-identifiers', '-f', $dump, '-d', $production->connstr($from) ], "$copy: pg_dump");
	rows_of($staging, 'postgres', "DROP DATABASE IF EXISTS $copy WITH (FORCE)", extra_params => [ '-c', 'SET client_min_messages = warning' ]);
	rows_of($staging, 'postgres', "CREATE DATABASE $copy OWNER hosted");
	$staging->command_ok([ 'pg_restore', '--exit-on-error', '-d', $staging->connstr($copy), $dump ], "$copy: pg_restore");
	rows_of($staging, $copy, 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops');
	rows_of($staging, $copy, $settings) if $settings;
	return;
}

# The files of an export, as hashes.
sub export_of
{
	my ($what, $style, $copy) = @_;
	my $dir = "$PostgreSQL::Test::Utils::tmp_check/export";
	my @files;

	$copy //= 'copy';
	foreach my $line (split /\n/, rows_of($staging, $copy,
			"SELECT file_no, file_name, encode(convert_to(sql, 'UTF8'), 'hex') FROM ops.menuca_export_$what('$style') ORDER BY file_no"))
	{
		my ($number, $name, $hex) = split /\|/, $line;
		my $sql = pack 'H*', $hex;

		push @files, { file_name => $name, sql => $sql, path => write_file("$copy.$style.$name", $sql) };
	}
	return \@files;
}

sub files_of
{
	my ($set, @numbers) = @_;

	return grep { my $name = $_->{file_name}; grep { $name =~ /(?:^|_menuca_(?:access|indexes)_)$_(?:_|\.)/ } @numbers } @$set;
}

sub file_of
{
	my ($set, $name) = @_;
	my ($file) = grep { $_->{file_name} =~ /(?:^|_)$name(?:_|\.)/ } @$set;

	return $file // die "no file $name";
}

# Each file's header has the SHA-256 of the texts below the headers of all.
sub headers_hold
{
	my ($set, $what) = @_;
	my %sums = map { $_->{file_name} => sha256_hex($_->{sql} =~ s/\A.*?^-- ----[^\n]*\n//msr) } @$set;
	my @wrong = grep { my $sql = $_->{sql}; grep { $sql !~ /^-- $sums{$_}  \Q$_\E$/m } keys %sums } @$set;

	is(scalar(@wrong), 0, "$what: headers have the SHA-256 of all files");
	return;
}

# What a file says when role hosted runs it as psql does.
sub run_file
{
	my ($database, $file) = @_;
	my ($stdout, $stderr);

	is($production->psql($database, undef, stdout => \$stdout, stderr => \$stderr,
			extra_params => [ '-U', 'hosted', '-f', $file->{path} ]), 0, "$file->{file_name} is applied") or diag $stderr;
	return $stderr;
}

# The same with a client of that style.
sub run_as
{
	my ($style, $database, $file) = @_;
	my @how = $style eq 'psql' || $file->{sql} =~ /CONCURRENTLY/ ? ('-f', $file->{path}) : $style eq 'supabase' ? ('-1', '-f', $file->{path}) : ('-c', $file->{sql});
	my $stderr;

	is($production->psql($database, undef, stderr => \$stderr, extra_params => [ '-U', 'hosted', @how ]), 0, "$style: $file->{file_name} is applied") or diag $stderr;
	return;
}

sub rows_in
{
	my ($database, $file) = @_;

	return rows_of($production, $database, undef, extra_params => [ '-U', 'hosted', '-f', $file->{path} ]);
}

sub error_in
{
	my ($database, $file) = @_;

	return error_of($production, $database, undef, extra_params => [ '-v', 'VERBOSITY=verbose', '-U', 'hosted', '-f', $file->{path} ]);
}

# How many rows of a check have which status, but for SKIP.
sub statuses_of
{
	my ($database, $file) = @_;
	my %count;

	$count{ (split /\|/)[2] }++ foreach split /\n/, rows_in($database, $file);
	delete $count{SKIP};
	return \%count;
}

# The statuses of a check of which all is well: another major version than the copy's is
# a warning, and so is the receipt then.
sub passed
{
	my ($rows) = @_;

	return is_same_version($production, $staging) ? { PASS => $rows } : { PASS => $rows - 2, WARN => 2 };
}

# All that a deployment could change, as text.
sub state_of
{
	my ($node, $database) = @_;

	return rows_of($node, $database, <<'SQL');
SELECT n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity, coalesce(c.relacl, acldefault((CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", c.relowner))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname ~* '^menu' AND c.relkind IN ('r', 'p', 'S', 'v') ORDER BY 1, 2;
SELECT attrelid::regclass, attname, attacl FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid >= 16384 ORDER BY 1, 2;
SELECT * FROM pg_policies ORDER BY 1, 2, 3;
SELECT nspname, nspowner::regrole, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace WHERE nspname !~ '^pg_t' ORDER BY 1;
SELECT oid::regprocedure, proacl FROM pg_proc WHERE pronamespace::regnamespace::text ~* '^"?menu' ORDER BY 1;
SQL
}

sub indexes_now
{
	return 'SELECT indexrelid::regclass, indisvalid, pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid >= 16384 ORDER BY 1';
}

# The extension's own matrix, on a copy of what the files have made of a database.
sub matrix_of_clone
{
	my ($database, $settings) = @_;

	make_copy($database, 'clone', $settings);
	return rows_of($staging, 'clone', $matrix);
}
