
# A rollback of the access gives back everything: the schema's dump is the same to the
# byte, with privileges of columns, grant options, privileges by other grantors, policies
# that the deployment replaced, and what was never granted.  What others have changed
# meanwhile is kept and named.

# engines: none

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node: tables with a past
#

my $node = new_node('main');
make_database($node, 'menuca', fixture('fixture', '--scale', '0.05'),
	extension => 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops',
	load => 0);
rows_of($node, 'menuca', slurp_file('test/pgtap/include/access_tables.psql'));
rows_of($node, 'menuca', <<'SQL');
CREATE ROLE anon NOLOGIN;
CREATE ROLE authenticated NOLOGIN;
CREATE ROLE service_role NOLOGIN BYPASSRLS;
CREATE ROLE "Re porter";
CREATE ROLE helper;
CREATE ROLE keeper;

ALTER TABLE menuca_v3.users ADD password_hash text;

-- Privileges in an order that no GRANT of a deployment restores
GRANT SELECT, TRUNCATE ON menuca_v3.dishes TO anon;
GRANT SELECT ON menuca_v3.dishes TO "Re porter" WITH GRANT OPTION;
GRANT TRUNCATE ON menuca_v3.dishes TO authenticated, PUBLIC;
GRANT USAGE ON SCHEMA menuca_v3 TO "Re porter";
SET ROLE "Re porter";
GRANT SELECT ON menuca_v3.dishes TO helper;
RESET ROLE;

-- Hidden columns: on the table, on the columns, both, with grant option
GRANT SELECT ON menuca_v3.users TO PUBLIC, anon;
GRANT SELECT (email, password_hash), UPDATE (email) ON menuca_v3.users TO anon;
GRANT SELECT (email) ON menuca_v3.users TO authenticated WITH GRANT OPTION;
GRANT SELECT ON menuca_v3.users TO authenticated;
GRANT SELECT (password_hash) ON menuca_v3.restaurant_admin_users TO PUBLIC;
GRANT SELECT (email) ON menuca_v3.restaurant_admin_users TO "Re porter", authenticated, anon;
GRANT ALL ON menuca_v3.restaurant_admin_users TO authenticated, anon;

-- Sequences, schemas, functions, an owner of one's own, nothing at all
GRANT USAGE ON SEQUENCE menuca_v3.courses_id_seq TO anon;
GRANT USAGE, CREATE ON SCHEMA menuca_v3 TO "Re porter", anon;
GRANT USAGE ON SCHEMA ops TO service_role;
CREATE FUNCTION menuca_v3.menu() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM menuca_v3.dishes';
REVOKE ALL ON FUNCTION menuca_v3.menu FROM PUBLIC;
GRANT EXECUTE ON FUNCTION menuca_v3.menu TO anon;
ALTER TABLE menuca_v3.cities OWNER TO keeper;
REVOKE ALL ON menuca_v3.provinces FROM PUBLIC, postgres;
REVOKE TRUNCATE ON menuca_v3.devices FROM postgres;

-- Row security and policies from before, one with a name of ours
ALTER TABLE menuca_v3.courses ENABLE ROW LEVEL SECURITY;
CREATE POLICY menuca_visitor_select ON menuca_v3.courses FOR SELECT TO anon USING (is_active AND name <> '');
CREATE POLICY menuca_old_one ON menuca_v3.courses FOR SELECT TO "Re porter" USING (true);
CREATE POLICY reporters ON menuca_v3.ingredients FOR SELECT TO "Re porter" USING (true);
CREATE POLICY menuca_visitor_select ON menuca_v3.combo_items FOR SELECT TO anon USING (false);
ALTER TABLE menuca_v3.user_addresses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SQL

# What pg_dump writes of the schema
my $number = 0;

sub dumped
{
	my $file = "$PostgreSQL::Test::Utils::tmp_check/schema" . $number++ . '.sql';

	$node->run_log([ 'pg_dump', '-s', '-f', $file, '-d', $node->connstr('menuca') ]) or die 'pg_dump failed';

	# Newer ones have a random token
	return join '', grep { !/^\\(un)?restrict / } split /^/, slurp_file($file);
}

# The lines that only one of two dumps has, or that are elsewhere in it
sub differences
{
	my ($one, $other) = map { write_file("compared$_.sql", $_[$_]) } 0 .. 1;

	return `diff $one $other`;
}

my $before = dumped();
like($before, qr/GRANT SELECT\(email\) ON TABLE menuca_v3\.users TO authenticated WITH GRANT OPTION/, 'the dump has what a deployment takes');

#
# Deployed and rolled back, in one transaction and by table, once and more than once
#

my %deploy = (function => 'SELECT count(*) FROM ops.menuca_deploy_access(dry_run => false, test => false)', procedure => 'CALL ops.menuca_deploy_access_by_table(dry_run => false, test => false)');
my %undo = (function => 'SELECT DISTINCT status FROM ops.menuca_rollback_access(dry_run => false)', procedure => 'CALL ops.menuca_rollback_access_by_table(dry_run => false)');

foreach my $how ('function', 'procedure')
{
	rows_of($node, 'menuca', $deploy{$how});
	is(rows_of($node, 'menuca', "SELECT count(*) FROM ops.menuca_access_plan() WHERE action NOT IN ('keep', 'keep_foreign')"), 0, "$how: all is deployed");
	isnt(dumped(), $before, "$how: which the dump shows");
	like(rows_of($node, 'menuca', $undo{$how}), qr/^undone/, "$how: rolled back");
	is(differences($before, dumped()), '', "$how: to the byte");
	is(rows_of($node, 'menuca', 'SELECT count(*) FROM ops.menuca_access_deployment WHERE undone_at IS NULL'), 0, "$how: nothing is in force");
}

rows_of($node, 'menuca', $deploy{function});
rows_of($node, 'menuca', <<"SQL");
UPDATE ops.menuca_wanted_access SET tenant_may = 'select', hidden_columns = '{name}' WHERE table_name = 'courses';
UPDATE ops.menuca_wanted_access SET hidden_columns = '{email,password_hash}' WHERE table_name = 'users';
SQL
rows_of($node, 'menuca', $deploy{procedure});
rows_of($node, 'menuca', "UPDATE ops.menuca_wanted_access SET tenant_may = 'all', hidden_columns = NULL WHERE table_name = 'courses'");
rows_of($node, 'menuca', $deploy{function});
is(rows_of($node, 'menuca', "SELECT max(n) FROM (SELECT count(*) AS n FROM ops.menuca_access_deployment WHERE undone_at IS NULL GROUP BY table_name) t"), 3, 'deployed three times');
is(rows_of($node, 'menuca', $undo{function}), 'undone', 'rolled back at once');
is(differences($before, dumped()), '', 'to the byte');

# A part first, then the rest
rows_of($node, 'menuca', $deploy{function});
like(rows_of($node, 'menuca', "CALL ops.menuca_rollback_access_by_table(dry_run => false, tables => '{users,courses}')"), qr/^undone\|\{courses,users\}\|/, 'two tables');
like(rows_of($node, 'menuca', $undo{procedure}), qr/^undone\|/, 'and the others');
is(differences($before, dumped()), '', 'to the byte');

#
# From a dump of the deployed state: the ledger is in it
#

rows_of($node, 'menuca', $deploy{function});
my $deployed = "$PostgreSQL::Test::Utils::tmp_check/deployed.dump";
$node->command_ok([ 'pg_dump', '-Fc', '-f', $deployed, '-d', $node->connstr('menuca') ], 'dumped');
rows_of($node, 'postgres', 'CREATE DATABASE restored TEMPLATE template0');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), $deployed ], 'restored');
is(rows_of($node, 'restored', $undo{function}), 'undone', 'rolled back there');
rows_of($node, 'postgres', 'DROP DATABASE restored');
rows_of($node, 'menuca', $undo{function});
is(differences($before, dumped()), '', 'and here');

#
# What others have changed meanwhile is kept, and named
#

note 'Changed by others';

rows_of($node, 'menuca', $deploy{function});
rows_of($node, 'menuca', <<'SQL');
GRANT SELECT ON menuca_v3.dishes TO keeper;
GRANT SELECT (id) ON menuca_v3.users TO anon;
REVOKE SELECT ON menuca_v3.dishes FROM "Re porter" CASCADE;
ALTER TABLE menuca_v3.devices OWNER TO keeper;
ALTER TABLE menuca_v3.courses FORCE ROW LEVEL SECURITY;
ALTER TABLE menuca_v3.restaurant_admin_users DROP COLUMN email CASCADE;
DROP OWNED BY helper;
DROP ROLE helper;
SQL
my $result = rows_of($node, 'menuca', "SELECT table_name, status, array_to_string(reasons, E'\n') FROM ops.menuca_rollback_access(dry_run => false) WHERE reasons <> '{}' ORDER BY 1");
like($result, qr/^courses\|undone\|.*forced_row_security: off before the deployment, on now/ms, 'row security was forced');
like($result, qr/^devices\|undone\|owner: postgres before the deployment, keeper now/m, 'the owner is another');
like($result, qr/^SELECT on table for keeper: not there before the deployment$/m, 'a privilege is new');
like($result, qr/^users\|undone\|SELECT on column id for anon: not there before the deployment$/m, 'one on a column, too, which a REVOKE on the table would have taken');
like($result, qr/SELECT on table for "Re porter" with grant option: there before the deployment, not now/m, 'one is gone');
like($result, qr/helper, granted by "Re porter": there before the deployment, not now$/m, 'and one of a role that is gone');
like($result, qr/^SELECT on column email for anon: there before the deployment, not now$/m, 'and one on a column that is gone');
is(rows_of($node, 'menuca', "SELECT has_column_privilege('anon', 'menuca_v3.users', 'id', 'SELECT'), has_table_privilege('keeper', 'menuca_v3.dishes', 'SELECT')"), 't|t', 'these stay');
is(rows_of($node, 'menuca', 'SELECT count(*) FROM ops.menuca_access_deployment WHERE undone_at IS NULL'), 0, 'nothing is in force');

#
# A forged ledger: no text of it is executed
#

note 'A forged ledger';

rows_of($node, 'menuca', "SELECT ops.menuca_deploy_access(dry_run => false, tables => '{courses}', test => false)");
foreach my $forged (
	[ "UPDATE ops.menuca_access_state SET value = 'USING (true); DROP TABLE menuca_v3.devices' WHERE kind = 'policy' AND moment <> 'added'", qr/ is none/ ],
	[ "UPDATE ops.menuca_access_state SET value = 'FOR SELECT TO anon USING (true)', object = 'x ON menuca_v3.devices; --' WHERE kind = 'policy' AND moment <> 'added'", qr/ is none|syntax error/ ])
{
	my ($change, $refused) = @$forged;

	like(rows_of($node, 'menuca', "BEGIN; $change; SELECT status, reasons FROM ops.menuca_rollback_access(dry_run => false) WHERE table_name IS NOT NULL; ROLLBACK"), $refused, "refused: $change");
}
foreach my $column ('grantee', 'privilege', 'grantor', 'object', 'kind')
{
	rows_of($node, 'menuca', "BEGIN; UPDATE ops.menuca_access_state SET $column = 'anon; ALTER ROLE anon SUPERUSER; --' WHERE privilege IS NOT NULL AND moment <> 'before'; SELECT ops.menuca_rollback_access(dry_run => false); COMMIT");
	is(rows_of($node, 'menuca', "SELECT rolsuper FROM pg_roles WHERE rolname = 'anon'"), 'f', "$column: not executed");
	rows_of($node, 'menuca', "SELECT ops.menuca_deploy_access(dry_run => false, tables => '{courses}', test => false)");
}

log_is_clean($node);
done_testing();
