
# A role with the rights that menuca_grants() returns for a purpose, and no more,
# can do everything that it is for; without any one of them it is refused, and
# nothing is changed.

# engines: both

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.02');
my $figures = $fixture->{figures};
my $node = new_node('main');
make_database($node, 'menuca', $fixture, load => 0);

rows_of($node, 'menuca', 'CREATE ROLE migrator LOGIN');
my @migrator = (connstr => $node->connstr('menuca') . ' user=migrator');
my $state_before = items($node, 'menuca');

#
# Without a grant
#

foreach my $sql (
	"SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t VALUES (1)', 't', 'staging.t')",
	"SELECT rows_loaded FROM menuca_load_dump_lo(1, 't', 'staging.t')",
	"SELECT rows_loaded FROM menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.t')",
	'SELECT menuca_fix_combos()',
	'SELECT menuca_fix_v2_groups()',
	'SELECT menuca_fix_combo_steps()',
	'CALL menuca_fix_combos_batched(dry_run => false)',
	'CALL menuca_resume(1, dry_run => false)',
	'SELECT menuca_rollback(1)',
	'SELECT menuca_orphan_rate()',
	'SELECT count(*) FROM menuca_runs')
{
	is(error_of($node, 'menuca', $sql, @migrator)->{state},
		'42501', "without a grant: $sql");
}

#
# The story
#

note 'With the grants of the purpose "migrate"';

grant_purposes($node, 'menuca', 'migrator', 'migrate');
copy_database($node, 'menuca', 'granted');

like(
	rows_of($node, 'menuca', <<"SQL", @migrator),
\\lo_import '$fixture->{dump}'
SELECT rows_loaded FROM menuca_load_dump_lo(:LASTOID, 'combos', 'staging.menuca_v1_combos');
\\lo_unlink :LASTOID
SQL
	qr/^$figures->{source_rows}$/m,
	'loads the dump');

sub as_migrator
{
	my ($sql) = @_;

	return rows_of($node, 'menuca', $sql, @migrator);
}

is(as_migrator('SELECT orphan_pct, band FROM menuca_orphan_rate()'),
	"$figures->{orphan_pct_before}|FAIL", 'orphan rate');
is( as_migrator(
		"SELECT count(*) FROM menuca_plan_combos() WHERE outcome = 'insert'"),
	$figures->{insert}, 'plan');
is(as_migrator('SELECT status, insert FROM menuca_fix_combos()'),
	"planned|$figures->{insert}", 'dry run');
is( as_migrator(
		'SELECT run_id, status, inserted, orphan_pct_after FROM menuca_fix_combos(dry_run => false)'
	),
	"1|completed|$figures->{insert}|$figures->{orphan_pct_after}",
	'fix');
ledger_fits($node, 'menuca', 1);
is(as_migrator('SELECT run_id, status, run_by FROM menuca_runs'),
	'1|completed|migrator', 'the ledger, which knows the role');
is( as_migrator(
		"SELECT count(*), count(*) FILTER (WHERE status IN ('FAIL', 'ERROR')) FROM menuca_validate()"
	),
	rows_of($node, 'menuca', 'SELECT count(*), 0 FROM menuca_validate()'),
	'validation');
is(as_migrator('SELECT count(*) FROM menuca_orphans()'),
	$figures->{orphans_after}, 'orphans');
is(as_migrator('SELECT count(*) FROM menuca_sample_combos(3)'), 3, 'samples');
is(as_migrator('SELECT status, deleted FROM menuca_rollback(1)'),
	"planned|$figures->{insert}", 'dry run of a rollback');
is( as_migrator(
		'SELECT status, state_restored FROM menuca_rollback(1, dry_run => false)'
	),
	'rolled_back|t',
	'rollback');
is(items($node, 'menuca'), $state_before, 'the state is back');

like(as_migrator('CALL menuca_fix_combos_batched(dry_run => false, batch_size => 300)'),
	qr/^2\|completed\|/, 'the batched fix');
ledger_fits($node, 'menuca', 2);
as_migrator('SELECT menuca_rollback(2, dry_run => false)');

install_brake($node, 'menuca');
my $brake = hold($node, 'menuca', 'between', 1);
my $run = start_sql($node, 'menuca',
	"SET SESSION AUTHORIZATION migrator; CALL menuca_fix_combos_batched(dry_run => false, batch_size => 300)");
my $pid = wait_for_backend($node, $run);
wait_until_held($node, $brake);
is(as_migrator('SELECT status FROM menuca_runs WHERE run_id = 3'),
	'running', 'sees a running run');
rows_of($node, 'menuca', "SELECT pg_cancel_backend($pid)");
finish_sql($run);
release($brake);
is(as_migrator('SELECT status FROM menuca_runs WHERE run_id = 3'),
	'interrupted', 'sees an interrupted one');
like(as_migrator('CALL menuca_resume(3, dry_run => false)'), qr/^3\|completed\|/, 'resumes');
as_migrator('SELECT menuca_rollback(3, dry_run => false)');
is(items($node, 'menuca'), $state_before, 'the state is back');

#
# Less than that
#

note 'Without any one right of those';

# What needs each of the rights; a fix, unless the table says otherwise
my $fix = 'SELECT menuca_fix_combos(dry_run => false)';
my $rollback = 'SELECT menuca_rollback(4, dry_run => false)';
my $runs = 'SELECT count(*) FROM menuca_runs';
is(as_migrator('SELECT run_id FROM menuca_fix_combos(dry_run => false)'),
	4, 'a run to be rolled back');
my $state_after = items($node, 'menuca');
my $ledger = 'SELECT r, (SELECT count(*) FROM menuca_run_batch) FROM menuca_run r ORDER BY run_id';
my $ledger_after = rows_of($node, 'menuca', $ledger);

foreach my $right (
	[ 'USAGE ON SCHEMA menuca_v3', $fix, $rollback ],
	[ 'SELECT ON menuca_v3.combo_groups', $fix ],
	[ 'SELECT ON menuca_v3.dishes', $fix ],
	[ 'SELECT ON menuca_v3.combo_items', $fix, $rollback ],
	[ 'INSERT ON menuca_v3.combo_items', $fix ],
	[ 'DELETE ON menuca_v3.combo_items', $rollback ],
	[ 'SELECT ON menuca_run', $fix, $rollback ],
	[ 'SELECT ON menuca_run_batch', $fix, $rollback ],
	[ 'SELECT ON menuca_run_baseline', $rollback ],
	[ 'EXECUTE ON FUNCTION menuca_fix_combos', $fix ],
	[ 'EXECUTE ON FUNCTION menuca_rollback', $rollback ],
	[ 'SELECT ON menuca_runs', $runs ])
{
	my ($what, @statements) = @$right;

	rows_of($node, 'menuca', "REVOKE $what FROM migrator");
	foreach my $sql (@statements)
	{
		my $error = error_of($node, 'menuca', $sql, @migrator);
		is($error->{state}, '42501', "without $what: $sql is refused");
	}
	rows_of($node, 'menuca', "GRANT $what TO migrator");
}
is(rows_of($node, 'menuca', <<'SQL'), 0, 'no grant lets it write to a ledger');
SELECT count(*) FROM pg_class c
WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'menuca\_%' AND relkind IN ('r', 'S')
	AND (has_any_column_privilege('migrator', CASE relkind WHEN 'r' THEN oid END, 'INSERT, UPDATE')
		OR has_table_privilege('migrator', CASE relkind WHEN 'r' THEN oid END, 'DELETE, TRUNCATE, TRIGGER')
		OR has_sequence_privilege('migrator', CASE relkind WHEN 'S' THEN oid END, 'USAGE, UPDATE'))
SQL
is(items($node, 'menuca'), $state_after, 'no item was changed');
is(rows_of($node, 'menuca', $ledger), $ledger_after, 'and the ledger is unchanged');

# combo_steps matters only when there are some
rows_of($node, 'menuca', 'REVOKE SELECT ON menuca_v3.combo_steps FROM migrator');
is(error_of($node, 'menuca', $rollback, @migrator)->{state},
	'42501', 'a rollback that may not count the dependants is refused');
is(items($node, 'menuca'), $state_after, 'and changes nothing');
rows_of($node, 'menuca', 'GRANT SELECT ON menuca_v3.combo_steps TO migrator');

note 'With row security';

rows_of($node, 'menuca', <<'SQL');
ALTER TABLE menuca_v3.combo_groups ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON menuca_v3.combo_groups USING (id % 2 = 0);
SQL
foreach my $sql ($fix, 'SELECT menuca_orphan_rate()', 'SELECT count(*) FROM menuca_plan_combos()')
{
	my $error = error_of($node, 'menuca', $sql, @migrator);

	is($error->{state}, '42501', "$sql does not count a part");
	like($error->{message}, qr/row security would hide rows of table menuca_v3\.combo_groups/, 'and names the table');
}
rows_of($node, 'menuca', 'ALTER ROLE migrator BYPASSRLS');
is(as_migrator('SELECT status, state_restored FROM menuca_rollback(4, dry_run => false)'),
	'rolled_back|t', 'with BYPASSRLS all is seen');
is(items($node, 'menuca'), $state_before, 'and the state is back');

#
# V2's groups, with steps
#

note 'With V2';

rows_of($node, 'menuca', 'INSERT INTO menuca_v3.dishes (restaurant_id, name, legacy_v2_id, source_system)'
	. " SELECT restaurant_id, 'Another', 900000 + min(id), 'v2' FROM menuca_v3.combo_groups WHERE source_system = 'v2' GROUP BY 1");
as_migrator(
	'CREATE TABLE staging.menuca_v2_restaurants_combo_groups_items AS'
	. " SELECT g.legacy_v2_id AS group_id, json_build_object('1', (SELECT json_agg(d.legacy_v2_id || '|0')"
	. ' FROM menuca_v3.dishes d WHERE d.restaurant_id = g.restaurant_id)) AS dishes'
	. " FROM menuca_v3.combo_groups g WHERE g.source_system = 'v2'");
my $v2 = "SELECT status, inserted > 0 FROM menuca_fix_v2_groups(dry_run => false, gate_on => 'expected')";
my $steps_before = rows_of($node, 'menuca', 'SELECT count(*) FROM menuca_v3.combo_steps');
is( as_migrator("SELECT count(*) FROM menuca_orphans() WHERE source_system = 'v2' AND reason <> 'fix_pending'"),
	0, 'V2 explains its orphans');
is(as_migrator($v2), 'completed|t', 'V2\'s groups');
cmp_ok(rows_of($node, 'menuca', 'SELECT count(*) FROM menuca_v3.combo_steps'), '>', $steps_before, 'with their steps');
my $v2_run = as_migrator("SELECT max(run_id) FROM menuca_runs WHERE kind = 'fix_v2_groups'");
my $v2_rollback = "SELECT status, state_restored FROM menuca_rollback($v2_run, dry_run => false)";
foreach my $right ('DELETE ON menuca_v3.combo_steps', 'SELECT ON menuca_v3.combo_steps')
{
	rows_of($node, 'menuca', "REVOKE $right FROM migrator");
	is(error_of($node, 'menuca', $v2_rollback, @migrator)->{state}, '42501', "without $right: the rollback is refused");
	rows_of($node, 'menuca', "GRANT $right TO migrator");
}
is(as_migrator($v2_rollback), 'rolled_back|t', 'and their rollback');

rows_of($node, 'menuca', q(UPDATE menuca_v3.combo_groups SET combo_rules = '{"display_header": "Choose"}' WHERE source_system = 'v1' AND id % 10 = 0));
my $header_run = as_migrator('SELECT run_id FROM menuca_fix_combo_steps(dry_run => false) WHERE inserted > 0');
is(as_migrator("SELECT status, state_restored FROM menuca_rollback($header_run, dry_run => false)"), 'rolled_back|t', 'the steps of V1\'s items, and their rollback');

foreach my $right ('INSERT ON menuca_v3.combo_steps', 'SELECT ON menuca_v3.combo_steps')
{
	rows_of($node, 'menuca', "REVOKE $right FROM migrator");
	my $error = error_of($node, 'menuca', $v2, @migrator);

	is($error->{state}, '42501', "without $right: V2's groups are refused");
	like($error->{hint}, qr/^GRANT \w+ ON menuca_v3\.combo_steps TO migrator;$/, 'with the GRANT to make');
	rows_of($node, 'menuca', "GRANT $right TO migrator");
}
is(items($node, 'menuca'), $state_before, 'the state is back');
is(rows_of($node, 'menuca', 'SELECT count(*) FROM menuca_v3.combo_steps'), $steps_before, 'of the steps, too');

#
# A reader and an approver
#

note 'Other purposes';

rows_of($node, 'menuca', 'ALTER TABLE menuca_v3.combo_groups DISABLE ROW LEVEL SECURITY');
rows_of($node, 'menuca', "SELECT menuca_environment('staging', 'menuca', (SELECT system_identifier FROM pg_control_system()));"
	. 'CREATE ROLE reader LOGIN; CREATE ROLE approver LOGIN');
grant_purposes($node, 'menuca', 'reader', 'read');
grant_purposes($node, 'menuca', 'approver', 'sign_off');
my @reads = (
	'menuca_access_plan()', 'menuca_check_backup()', 'menuca_check_indexes()', 'menuca_execution_log()', 'menuca_export_verdict()',
	'menuca_explain_unmapped()', 'menuca_grants(\'reader\')', 'menuca_index_plan()', 'menuca_lock_keys()', 'menuca_measure_queries()',
	'menuca_monitor_report()', 'menuca_orphan_rate()', 'menuca_orphans()', 'menuca_plan_combos()', 'menuca_rollback_guide()',
	'menuca_sample_combos()', 'menuca_status()', 'menuca_table_checksum(\'menuca_v3.combo_items\')', 'menuca_validate()');
foreach my $call (@reads)
{
	my $role = $call =~ /verdict/ ? 'approver' : 'reader';
	my $error = error_of($node, 'menuca', "SELECT count(*) FROM $call", connstr => $node->connstr('menuca') . " user=$role");

	is("$error->{state} $error->{message}", ' ', "$role: $call");
}
is( rows_of($node, 'menuca', q{SELECT count(*) FROM menuca_validate() WHERE status = 'ERROR'}, connstr => $node->connstr('menuca') . ' user=reader'),
	0, 'no check lacks a right');
is(error_of($node, 'menuca', "SELECT menuca_sign_off(0, 'The approver', 'NO-GO', 'x')", connstr => $node->connstr('menuca') . ' user=approver')->{state},
	'', 'the approver signs off');
is(rows_of($node, 'menuca', 'SELECT signed_by FROM menuca_signature'), 'approver', 'by the name that the server knows');
is(error_of($node, 'menuca', "SELECT menuca_sign_off(0, 'The reader', 'GO')", connstr => $node->connstr('menuca') . ' user=reader')->{state},
	'42501', 'a reader does not');
is(error_of($node, 'menuca', 'SELECT menuca_fix_combos()', connstr => $node->connstr('menuca') . ' user=reader')->{state},
	'42501', 'nor may he try a fix');

#
# A function that calls others says which grant is missing
#

note 'Grants that messages propose';

rows_of($node, 'menuca', 'CREATE ROLE "Half a runner" LOGIN');
grant_purposes($node, 'menuca', 'Half a runner', 'read');
rows_of($node, 'menuca', 'GRANT EXECUTE ON ROUTINE menuca_ticket TO "Half a runner"');
my @half = (connstr => $node->connstr('menuca') . " user='Half a runner'");
my $denied = q(SELECT actual || ' ' || remedy FROM menuca_ticket(%d, dry_run => true) WHERE actual LIKE 'permission denied for function%%');
my %made;
foreach my $no (0 .. 5)
{
	# Each grant may lead to the next function
	for (1 .. 9)
	{
		my @denials = split /\n/, rows_of($node, 'menuca', sprintf($denied, $no), @half);
		my @grants = map { /^permission denied for function (\S+\(.*?\)) .*?(GRANT EXECUTE ON ROUTINE \g{1} TO "Half a runner";)/ ? $2 : () } @denials;

		is(scalar @grants, scalar @denials, "ticket $no: each refusal has its GRANT") or diag(@denials);
		last if !@grants;
		rows_of($node, 'menuca', $_) foreach @grants;
		$made{$_} = 1 foreach @grants;
	}
}
like(join(' ', sort keys %made), qr/menuca_check_access\(boolean,boolean\)/, 'the grants are those of the functions that tickets call');
is(rows_of($node, 'menuca', sprintf($denied, 3), @half), '', 'with which they are called');
is(error_of($node, 'menuca', 'SELECT menuca_fix_combos()', @half)->{message}, 'permission denied for function menuca_fix_combos', 'a call of the client itself has the server\'s message')
  if !grep { /menuca_fix_combos/ } keys %made;

#
# Rights that were never granted stay so
#

note 'What the grants do not give';

$node->safe_psql('granted', 'CREATE TABLE menuca_v3.secret (x int)');
my @granted = (connstr => $node->connstr('granted') . ' user=migrator');
is(error_of($node, 'granted', "SELECT rows_loaded FROM menuca_load_dump('INSERT INTO t VALUES (1)', 't', 'menuca_v3.secret')", @granted)->{state},
	'42501', 'no load into a table of others');
is(error_of($node, 'granted', "SELECT rows_loaded FROM menuca_load_dump('CREATE TABLE t (a int); INSERT INTO t VALUES (1);', 't', 'menuca_v3.mine')", @granted)->{state},
	'42501', 'and no new table in a schema of others');
is(error_of($node, 'granted', "SELECT rows_loaded FROM menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.x')", @granted)->{state},
	'42501', "and no file of the server's");

$node->stop;
log_is_clean($node);

done_testing();
