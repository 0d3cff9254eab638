
# What messages propose can be pasted as it is: each call has the schema of the
# extension, which is not in the search_path, and its names exist.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.02', '--dirt', 'impostors=9',
	'--dirt', 'unmapped_dishes=2', '--dirt', 'duplicate_pairs=5',
	'--dirt', 'existing_pairs=1', '--dirt', 'zero_ids=2');
my $node = new_node('main', conf => "max_locks_per_transaction = 256\n");

# The database and the schema that is tested; the proposals found in it
my ($database, $schema, %proposed);

# A name of the extension without a schema, and with it
my $bare = qr/(?<![\w.'"%-])menuca_(?!migrate\b)\w++(?!\.)/;
my $executed = qr/\b(?:SELECT|FROM|JOIN|CALL|INTO|UPDATE|TABLE) $bare|; ?$bare\(/;

# Executes statements of ours, in which "X." stands for the schema; returns what
# they print, and the hints of errors and notices.
sub advice
{
	my ($sql) = @_;
	my ($status, $stdout, $stderr) = $node->psql($database, $sql =~ s/\bX\.(?=menuca_)/$schema./gr);
	my @hints = $stderr =~ /^HINT:  (.*)/mg;

	die "$sql: $stderr" if $stderr =~ /^(?:psql:\S+ )?ERROR:.*(?:does not exist|syntax error)/m && !@hints;
	return (join("\n", @hints), $stdout);
}

# What the statement advises is qualified, and advises that function
sub advises
{
	my ($sql, $function, $name) = @_;
	my ($hints, $output) = advice($sql);
	my $text = "$hints\n$output";
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	like($text, qr/\Q$schema\E\.$function\b/, "$name: $function");
	unlike($hints, $bare, "$name: each name in the hint has a schema");
	unlike($text, $executed, "$name: so has each call");
	$proposed{$1} = 1 while $text =~ /((?:SELECT|CALL|INSERT)\b[^;\n]*?\Q$schema\E\.menuca_[^;\n]*);/g;
	return $text;
}

foreach my $place (['ops', 'ops'], ['percent', '"of %s %d"'])
{
	($database, $schema) = @$place;
	%proposed = ();
	note "CREATE EXTENSION ... SCHEMA $schema";

	make_database($node, $database, $fixture, extension => '');
	rows_of($node, $database, <<"SQL");
CREATE SCHEMA $schema;
CREATE EXTENSION menuca_migrate SCHEMA $schema;
SQL
	is(error_of($node, $database, 'SELECT menuca_orphan_rate()')->{state}, '42883',
		'it is not in search_path');

	#
	# Before the source is loaded
	#

	advises("SELECT remedy FROM X.menuca_validate() WHERE remedy LIKE '%Load%'", 'menuca_load_dump_lo', 'a validation without a source');
	advises('SELECT X.menuca_plan_combos()', 'menuca_load_dump_lo', 'a plan without a source');
	advises('SELECT X.menuca_plan_backfill()', 'menuca_load_dump_lo', 'a backfill without a source');
	advises('SELECT rows_loaded FROM X.menuca_load_dump_lo(1, $$combos$$, $$staging.menuca_v1_combos$$)', 'menuca_load_dump_lo', 'a large object that does not exist');

	# By statements alone: the hint of a dump that the client has
	my ($hint) = advice('SELECT rows_loaded FROM X.menuca_load_dump_lo(1, $$combos$$, $$staging.menuca_v1_combos$$)');
	my ($begin, $load) = $hint =~ /(SELECT lo_from_bytea\([^;]*;).*(SELECT [^;]*menuca_load_dump_lo[^;]*;)/;
	my $bytes = unpack 'H*', slurp_file($fixture->{dump});
	my @pieces = unpack '(A20000)*', $bytes;
	my $first = shift @pieces;
	my $oid = rows_of($node, $database, $begin =~ s/'\.\.\.'/'\\x$first'/r);
	my $position = length($first) / 2;

	foreach my $piece (@pieces)
	{
		rows_of($node, $database, "SELECT lo_put($oid, $position, '\\x$piece')");
		$position += length($piece) / 2;
	}
	is(rows_of($node, $database, $load =~ s/\(oid,/($oid,/r) =~ /^(\d+)/ && $1,
		$fixture->{figures}{source_rows}, 'its hint loads the dump');

	#
	# Gates
	#

	advises('SELECT X.menuca_fix_combos(dry_run => false, min_coverage_pct => 100)', 'menuca_plan_combos', 'low coverage');
	advises('SELECT X.menuca_fix_combos(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 0)', 'menuca_orphans', 'too many orphans');
	advises('SELECT X.menuca_fix_combos(dry_run => false, max_cross_restaurant_pct => 0)', 'menuca_explain_unmapped', 'ids of other restaurants');
	advises('CREATE TABLE staging.php (id int, dish bytea); SELECT X.menuca_plan_group_dishes($$staging.php$$); SELECT X.menuca_fix_group_dishes(source => $$staging.php$$)',
		'menuca_load_dump_lo', 'a source without a dish in a list');

	# The proposals are for the caller's source, columns and target
	rows_of($node, $database, <<'SQL');
CREATE TABLE staging."Old combos" AS SELECT id, dish AS product, "group", "order" FROM staging.menuca_v1_combos;
SQL
	my $of_other = q(source => 'staging."Old combos"', dish_column => 'product');
	foreach my $story (["menuca_fix_combos(dry_run => false, min_coverage_pct => 100, $of_other)", 'menuca_plan_combos'],
		["menuca_fix_combos(dry_run => false, min_coverage_pct => 0, max_orphan_pct => 0, $of_other)", 'menuca_orphans'],
		["menuca_fix_combos(dry_run => false, max_cross_restaurant_pct => 0, $of_other)", 'menuca_explain_unmapped'],
		["menuca_validate($of_other) WHERE status <> 'PASS'", 'menuca_orphans'])
	{
		my ($call, $function) = @$story;

		like(advises("SELECT * FROM X.$call", $function, "another source, $function"),
			qr/\Q$schema.$function($of_other)\E/, 'the proposal names that source and its columns');
	}

	#
	# Runs
	#

	advises('SELECT * FROM X.menuca_rollback(NULL)', 'menuca_runs', 'a rollback of no run');
	advises('SELECT * FROM X.menuca_rollback(4711)', 'menuca_runs', 'a rollback of an unknown run');
	advises('BEGIN; CALL X.menuca_fix_combos_batched(dry_run => false)', 'menuca_fix_combos', 'a batched run in a transaction block');
	advises('CALL X.menuca_resume(NULL, dry_run => false)', 'menuca_runs', 'a resume of no run');

	# An error in the second batch: its transaction is aborted
	rows_of($node, $database, <<'SQL');
CREATE FUNCTION public.no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (SELECT count(*) FROM menuca_v3.combo_items) > 100 THEN RAISE EXCEPTION 'no more'; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER no_more BEFORE INSERT ON menuca_v3.combo_items FOR EACH ROW EXECUTE FUNCTION public.no_more();
SQL
	my $gates = 'min_coverage_pct => 0, max_orphan_pct => 100, max_cross_restaurant_pct => 100';
	my $text = advises("CALL X.menuca_fix_combos_batched(dry_run => false, $gates, batch_size => 50)", 'menuca_resume', 'an interrupted run');
	my ($resume, $undo) = $text =~ /(CALL [^;]*;).*(SELECT [^;]*;)/;
	like($undo, qr/menuca_rollback\(1, dry_run => false\)/, 'and how to undo it');

	rows_of($node, $database, 'DROP TRIGGER no_more ON menuca_v3.combo_items; ALTER TABLE staging.menuca_v1_combos RENAME TO elsewhere');
	my $error = error_of($node, $database, $resume);
	is($error->{state}, '42P01', 'its source was renamed');
	like($error->{detail}, qr/^Run 1 read it; it was dropped or renamed since/, 'the detail says so');
	like($error->{hint}, qr/\Q$schema\E\.menuca_load_dump\('\.\.\.', 'combos', 'staging\.menuca_v1_combos'\).*\Q$schema\E\.menuca_resume\(1, dry_run => false\)/, 'the hint loads it again');
	rows_of($node, $database, 'ALTER TABLE staging.elsewhere RENAME TO menuca_v1_combos');

	like(advises("SELECT remedy FROM X.menuca_validate() WHERE name = 'ledger' UNION ALL SELECT remedy FROM X.menuca_validate() WHERE name = 'orphans_explained'",
			'menuca_fix_combos', 'a validation of an interrupted run'),
		qr/Run the fix/, 'the fix is proposed');
	advises('SELECT X.menuca_snapshot($$early$$)', 'menuca_resume', 'a snapshot within a run');
	like(rows_of($node, $database, $resume), qr/^1\|completed/, 'the hint resumes the run');

	#
	# Snapshots and backups
	#

	like(advises('SELECT X.menuca_snapshot($$first$$)', 'menuca_restore_snapshot', 'a snapshot'), qr/'first'/, 'by its label');
	advises('SELECT X.menuca_snapshot($$first$$)', 'menuca_drop_snapshot', 'a label that is taken');
	advises('SELECT snapshot_no FROM X.menuca_drop_snapshot($$none$$)', 'menuca_snapshots', 'a label that does not exist');
	advises('SELECT X.menuca_register_backup($$b$$, $$b$$, $$m$$, 1, $$c$$, now(), now(), true);' x 2, 'menuca_backups', 'a backup twice');

	#
	# Indexes and access
	#

	advises('SELECT remedy FROM X.menuca_check_indexes()', 'menuca_index_plan', 'the checks of the indexes');
	advises('SELECT remedy FROM X.menuca_check_indexes()', 'menuca_record_queries', 'the checks of the queries');
	rows_of($node, $database, <<'SQL');
DO $$ BEGIN
	IF to_regrole('anon') IS NULL THEN
		CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role BYPASSRLS;
	END IF;
END $$;
SQL
	advises('SELECT remedy FROM X.menuca_check_access(matrix => false, overhead => false)', 'menuca_deploy_access', 'the checks of the access');
	advises('SELECT X.menuca_access_plan($${nowhere}$$)', 'menuca_wanted_access', 'a table that is not listed');

	#
	# The runbook
	#

	my ($register) = advises('SELECT X.menuca_status()', 'menuca_environment', 'a database without an environment') =~ /(SELECT [^;]*;)/;
	rows_of($node, $database, $register);
	like(advises('SELECT next_call FROM X.menuca_status()', 'menuca_ticket', 'the status'), qr/^SELECT \* FROM \Q$schema\E\.menuca_ticket\(0, dry_run => false\);$/m, 'the first ticket');
	advises('SELECT X.menuca_ticket(1, dry_run => false)', 'menuca_ticket', 'a ticket out of order');
	advises('SELECT X.menuca_ticket(9, dry_run => false)', 'menuca_status', 'a ticket of production');
	advises('SELECT X.menuca_ticket(99, dry_run => false)', 'menuca_status', 'a ticket that does not exist');
	advises('SELECT X.menuca_ticket(0, force => true, dry_run => false)', 'menuca_ticket', 'force without a reason');
	advises('SELECT remedy FROM X.menuca_ticket(0, dry_run => false)', 'menuca_expected_count', 'the first ticket');
	like(advises(q(SELECT remedy FROM X.menuca_ticket(4, '{"min_coverage_pct": 100}', force => true, reason => 'a test', dry_run => false)), 'menuca_plan_combos', 'a ticket that fails'),
		qr/\Q$schema\E\.menuca_ticket\(4, dry_run => false, options => '\{"min_coverage_pct": 100\}', force => true, reason => 'a test'\);/, 'its options are kept');
	advises('SELECT X.menuca_sign_off(0, $$$$, $$GO$$)', 'menuca_sign_off', 'a sign-off by nobody');
	advises('SELECT X.menuca_sign_off(5, $$somebody$$, $$GO$$)', 'menuca_ticket', 'a sign-off of what is not complete');
	advises('SELECT X.menuca_import_verdict($${}$$)', 'menuca_import_verdict', 'an import on staging');
	advises('SELECT remedy FROM X.menuca_monitor_report()', 'menuca_monitor_sample', 'the monitoring');
	advises('SELECT statement FROM X.menuca_rollback_guide()', 'menuca_rollback', 'the rollback guide');

	#
	# All that was proposed
	#

	my %names = map { $_ => 1 } join("\n", keys %proposed) =~ /\Q$schema\E\.(menuca_\w+)/g;
	cmp_ok(keys %names, '>=', 20, 'many functions and views are proposed') or diag join(' ', sort keys %names);

	# Each is executed, with what a person puts in
	my $executed = 0;
	foreach my $call (sort keys %proposed)
	{
		my $statement = $call;

		$statement =~ s/'\.\.\.'/'a reason'/g;
		$statement =~ s/'name'/'A. Person'/g;
		$statement =~ s/'note'/'a note'/g;
		$statement =~ s/\(oid,/(12345,/g;
		my $error = error_of($node, $database, "BEGIN; $statement; ROLLBACK");

		# A refusal is no fault of the text, nor is a CALL in a transaction block
		unlike("$error->{state} $error->{message}", qr/^42(?:601|703|883|725|804|846|P01 relation "(?!staging\.|menuca_v3\.))/, $call);
		$executed++;
	}
	cmp_ok($executed, '>=', 40, 'many of them');
	note "$executed statements were proposed and executed";

	# What stands for a person's words is not taken for them
	foreach my $call (grep { /menuca_(?:sign_off|accept)\(|reason => '\.\.\.'/ } sort keys %proposed)
	{
		next if $call =~ /'announced;/;
		isnt(error_of($node, $database, "BEGIN; $call; ROLLBACK")->{state}, '', "not as it is: $call");
	}
}

$node->stop;
log_is_clean($node);

done_testing();
