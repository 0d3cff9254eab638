
# Both extensions in one schema and in two, dumped and dropped; a standby that reads;
# and whether each known failure of other systems has its test.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;


my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $schema = slurp_file('test/fixture/seating/schema.sql');
my $evening = slurp_file('test/fixture/seating/evening.sql');

#
# The list of failures
#

my %tested;
foreach my $file (glob('test/sql/seating_*.sql test/isolation/specs/seating_*.spec test/t/06*.pl'))
{
	next if $file =~ /063_seating_server/;
	my $text = slurp_file($file);

	# A comment goes on in the next line
	$text =~ s/\n(?:#|--) / /g;
	while ($text =~ /\bfailures? ((?:\d+(?:, | and )?)+)/gi)
	{
		$tested{$_} = 1 for $1 =~ /\d+/g;
	}
}
is(join(' ', grep { !$tested{$_} } 1 .. 27), '', 'each failure of other systems has a test with its number');

#
# Initialize primary and standby
#

my $node = new_node('primary', allows_streaming => 1);
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;

#
# Two extensions, one schema or two
#

# A row in each table of the extension, by its functions
my $fill = <<'SQL';
SET client_min_messages = error;
CREATE FUNCTION pg_temp.room() RETURNS uuid LANGUAGE sql AS $$ SELECT md5('restaurant')::uuid $$;
CREATE FUNCTION pg_temp.dining(VARIADIC n text[]) RETURNS uuid[] LANGUAGE sql AS $$ SELECT array_agg(md5('table ' || x)::uuid) FROM unnest(n) x $$;
SELECT count(*) FROM menuca_seating_set(NULL, '{"turn_times": {"20": 120}}');
SELECT count(*) FROM menuca_seating_set(pg_temp.room(), '{"combinations": "both", "k_max": 4}');
SELECT menuca_list_combination(pg_temp.room(), pg_temp.dining('OG1', 'OG2'), 7, 5, 7, weekdays => '{6}');
SELECT menuca_prefer_table((pg_temp.dining('MD1'))[1], priority => 3);
SELECT count(*) FROM menuca_assign_tables(md5('booking 1')::uuid, pg_temp.dining('MD1'), E'it''s a key');
SELECT count(*) FROM menuca_auto_assign(md5('booking 2')::uuid);
SELECT count(*) FROM menuca_lock_booking(md5('booking 1')::uuid, priority => 5);
SELECT count(*) FROM menuca_auto_assign_day(pg_temp.room(), '2025-11-15', false);
SELECT count(*) FROM menuca_seating_deploy(dry_run => false);
SELECT count(*) FROM menuca_seating_record_monitor();
SELECT menuca_seating_set_variant('B', 50, '{"k_max": 2}');
SELECT count(*) FROM menuca_seating_rollout(100, dry_run => false, force => true, reason => 'to have a stage');
SELECT menuca_seating_note('ticket', 'It''s a note.');
SELECT count(*) FROM menuca_seating_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system()));
SELECT menuca_seating_register_backup('b', 'db1:/b.dump', 'pg_dump', 1, 'x', now() - interval '1 minute', now(), true);
SQL

# What is in each table and sequence that the dump must have
sub contents
{
	my ($database) = @_;
	my $tables = rows_of($node, $database,
		"SELECT c.oid::regclass, c.relkind FROM pg_extension e, unnest(e.extconfig) t JOIN pg_class c ON c.oid = t WHERE e.extname = 'menuca_seating' ORDER BY c.relname");
	my $all = '';

	foreach my $line (split /\n/, $tables)
	{
		my ($table, $kind) = split /\|/, $line;
		my $rows = $kind eq 'S' ? "last_value || ' ' || is_called" : "concat(count(*), ' ', md5(string_agg(t::text, ' ' ORDER BY t::text)))";

		$all .= "$table " . rows_of($node, $database, "SELECT $rows FROM $table t") . "\n";
	}
	return $all . rows_of($node, $database, "SELECT md5(string_agg(r, ' ' ORDER BY r)) FROM (SELECT b::text FROM bookings b UNION ALL SELECT a::text FROM booking_table_assignments a) t(r)");
}

foreach my $case ([ 'one', 'ext', 'ext', 'menuca_migrate' ], [ 'two', 'The Migration', 'Its %s Seating', 'menuca_seating' ])
{
	my ($database, $migrate, $seating, $first) = @$case;
	my %in = (menuca_migrate => $migrate, menuca_seating => $seating);
	my %function = (menuca_migrate => 'SELECT count(*) FROM %s.menuca_runs', menuca_seating => 'SELECT count(*) > 15 FROM %s.menuca_seating_settings');
	my $second = $first eq 'menuca_seating' ? 'menuca_migrate' : 'menuca_seating';
	my %quoted = map { ($_ => qq{"$in{$_}"}) } keys %in;

	note "$database: $first, then $second";
	rows_of($node, 'postgres', "CREATE DATABASE $database TEMPLATE template0");
	rows_of($node, $database, "SET client_min_messages = error; CREATE SCHEMA IF NOT EXISTS $quoted{$_}; CREATE EXTENSION $_ SCHEMA $quoted{$_};") foreach $first, $second;
	rows_of($node, $database, "SET client_min_messages = error; SET search_path = public, $quoted{menuca_seating};\n$schema\n$evening\n$fill");
	rows_of($node, $database, "ALTER DATABASE $database SET search_path = public, $quoted{menuca_seating}");
	unlike(contents($database), qr/ 0 $/m, "$database: no table is empty");

	$node->command_ok([ 'pg_dump', '-Fc', '-f', "$tmp/$database.dump", $node->connstr($database) ], "$database: pg_dump");
	rows_of($node, 'postgres', "CREATE DATABASE ${database}_again TEMPLATE template0");
	$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr("${database}_again"), "$tmp/$database.dump" ], "$database: pg_restore");
	rows_of($node, "${database}_again", "ALTER DATABASE ${database}_again SET search_path = public, $quoted{menuca_seating}");
	is(contents("${database}_again"), contents($database), "$database: all rows of all tables");

	# What is restored goes on where it was
	is( rows_of($node, "${database}_again", <<'SQL'),
SET client_min_messages = error;
SELECT outcome FROM menuca_assign_tables(md5('booking 1')::uuid, ARRAY[md5('table MD1')::uuid], E'it''s a key');
SELECT count(*) FROM menuca_seating_set(md5('restaurant')::uuid, '{"k_max": 5}');
SELECT outcome FROM menuca_auto_assign(md5('booking 2')::uuid);
SELECT string_agg(DISTINCT status, ' ') FROM menuca_seating_deploy();
SELECT string_agg(DISTINCT status, ' ') FROM menuca_seating_undeploy(dry_run => false);
SQL
		"assigned\n1\nalready\nunchanged\ndropped", "$database: it goes on where it was");
	rows_of($node, $database, 'SET client_min_messages = error; SELECT count(*) FROM menuca_seating_undeploy(dry_run => false)');

	# Each goes without the other, whichever comes first, and comes back beside it or alone
	foreach my $drop ([ $database, $first, $second ], [ "${database}_again", $second, $first ])
	{
		my ($where, $gone, $stays) = @$drop;

		rows_of($node, $where, "DROP EXTENSION $gone");
		like(rows_of($node, $where, sprintf($function{$stays}, $quoted{$stays})), qr/^(?:t|\d+)$/, "$where: $stays works without $gone");
		rows_of($node, $where, "CREATE EXTENSION $gone SCHEMA $quoted{$gone}; DROP EXTENSION $stays");
		like(rows_of($node, $where, sprintf($function{$gone}, $quoted{$gone})), qr/^(?:t|\d+)$/, "$where: $gone works without $stays");
		rows_of($node, $where, "DROP EXTENSION $gone");
		is(rows_of($node, $where, "SELECT count(*) FROM pg_proc WHERE proname LIKE 'menuca%'") . rows_of($node, $where, "SELECT count(*) FROM pg_class WHERE relname LIKE 'menuca%'"), '00', "$where: nothing is left");
	}
}

#
# A standby
#

note 'standby';
rows_of($node, 'postgres', 'CREATE DATABASE evening TEMPLATE template0');
rows_of($node, 'evening', "SET client_min_messages = error; CREATE EXTENSION menuca_seating;\n$schema\n$evening\n$fill\nSELECT count(*) FROM bookings, LATERAL menuca_unassign_tables(id) WHERE party_size < 7");
$node->wait_for_catchup($standby);

my $room = "md5('restaurant')::uuid";
my @reads = (
	"SELECT * FROM menuca_plan_tables($room, 5, '2025-11-16 19:00+00', max_plans => 100, include_dominated => true)",
	"SELECT * FROM menuca_plan_tables($room, 8, '2025-11-15 19:00+00')",
	"SELECT * FROM menuca_auto_assign_day($room, '2025-11-15')",
	"SELECT * FROM menuca_auto_assign_day($room, '2025-11-15', move => 'unlocked')",
	"SELECT * FROM menuca_day_result($room, '2025-11-15')",
	"SELECT * FROM menuca_day_result($room, '2025-11-15', 'unlocked')",
	"SELECT * FROM menuca_replay_day($room, '2025-11-15', '[{}, {\"merges\": false}]')",
	'SELECT * FROM menuca_seating_settings ORDER BY 1, 2',
	'SELECT * FROM menuca_seating_monitor(5000)',
	"SELECT * FROM menuca_seating_monitor(5000, $room)",
	'SELECT * FROM menuca_seating_figures_by_day(5000)',
	'SELECT * FROM menuca_seating_figures_by_restaurant(5000)',
	"SELECT * FROM menuca_seating_figures_combinations(5000, $room)",
	'SELECT * FROM menuca_seating_target',
	"SELECT * FROM menuca_seating_flags($room)",
	'SELECT status, stage FROM menuca_seating_rollout(50)',
	'SELECT step, status FROM menuca_seating_rollback(3)',
	'SELECT * FROM menuca_seating_verify()',
	'SELECT criterion, status FROM menuca_seating_success() WHERE criterion_no <> 1',
	'SELECT stage, verdict, restaurants_in, restaurants, success, next_step FROM menuca_seating_status()',
	"SELECT 'orphans that would be repaired: ' || count(*) FROM menuca_fix_orphaned_bookings()",
	"SELECT 'zone locks that would be cleared: ' || count(*) FROM menuca_clear_zone_locks()",
	'SELECT * FROM menuca_seating_import()',
	"SELECT name, status FROM menuca_seating_smoke_test($room) WHERE name <> 'booking' AND name <> 'summary'",
	"SELECT * FROM menuca_seating_schedule(menuca_seating_begun(), '2100-01-01'), menuca_seating_due_after(menuca_seating_begun(), '1 day')",
	'SELECT task, every, until, last_at, due_at, statement FROM menuca_seating_due()',
	'SELECT name, object, status, statement, reason FROM menuca_seating_deploy()',
	'SELECT name, object, status, statement, reason FROM menuca_seating_undeploy()');
foreach my $sql (@reads)
{
	my $expected = rows_of($node, 'evening', "SET client_min_messages = error; $sql");

	cmp_ok(length $expected, '>', 30, 'the primary answers');
	is(rows_of($standby, 'evening', "SET client_min_messages = error; $sql"), $expected, "the standby says the same: $sql");
}

my ($booking, $tables) = ("md5('booking 1')::uuid", "ARRAY[md5('table MD1')::uuid]");
foreach my $sql (
	"menuca_assign_tables($booking, $tables)", "menuca_auto_assign($booking)", "menuca_unassign_tables($booking)", "menuca_move_booking($booking, '2025-11-15 20:00+00')", "menuca_seat_walk_in($room, 2)",
	"menuca_hold_tables($room, $tables, now(), party_size => 2)", "menuca_confirm_hold($booking, $booking)", "menuca_extend_hold($booking)", "menuca_release_hold($booking)", "menuca_lock_booking($booking)",
	"menuca_unlock_booking($booking)", "menuca_auto_assign_day($room, '2025-11-15', false)", "menuca_seating_set($room, '{\"k_max\": 2}')", "menuca_list_combination($room, ARRAY[md5('table OG1'), md5('table OG2')]::uuid[], 6, 5, 6)",
	"menuca_prefer_table(md5('table OG1')::uuid, 1)", 'menuca_seating_deploy(dry_run => false)', 'menuca_seating_undeploy(dry_run => false)', 'menuca_seating_record_monitor()',
	'menuca_fix_orphaned_bookings(dry_run => false)', 'menuca_clear_zone_locks(dry_run => false)', 'menuca_seating_rollout(50, dry_run => false)', 'menuca_seating_rollback(1, dry_run => false)',
	q{menuca_seating_note('ticket', 'a note')}, q{menuca_seating_set_variant('C', 50, '{}')}, q{menuca_seating_register_backup('b', 'db1:/c.dump', 'pg_dump', 1, 'x', now() - interval '1 minute', now(), true)},
	'menuca_seating_import(dry_run => false)')
{
	my $error = error_of($standby, 'evening', "SELECT * FROM $sql");
	my ($name) = $sql =~ /^(\w+)/;

	is($error->{state}, '25006', "$name is refused on the standby") or diag(explain($error));
	like($error->{message}, qr/^cannot execute $name\(\)|standby|read-only|during recovery/, "$name: in words") or diag(explain($error));
}
$standby->stop;

#
# Values at the ends of their types, and rows that are hidden
#

{
	rows_of($node, 'evening', <<'SQL');
SET client_min_messages = error;
SELECT count(*) FROM menuca_seating_set(NULL, '{"buffer_before": 5, "buffer_after": 5}');
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at) VALUES (md5('forever')::uuid, md5('restaurant')::uuid, 2, 'pending', '2026-01-02 19:00+00', 'infinity'),
	(md5('last')::uuid, md5('restaurant')::uuid, 2, 'pending', '294276-12-31 23:30+00', NULL), (md5('first')::uuid, md5('restaurant')::uuid, 2, 'pending', '4714-11-24 00:00+00 BC', NULL);
SQL
	foreach my $name ('last', 'first')
	{
		isnt(error_of($node, 'evening', "SELECT * FROM menuca_auto_assign(md5('$name')::uuid)")->{state}, '', "a booking whose window is beyond the calendar: $name");
	}
	error_of($node, 'evening', "SELECT * FROM menuca_auto_assign(md5('forever')::uuid)");
	is(error_of($node, 'evening', 'COPY booking_table_assignments TO STDOUT')->{state}, '', 'assignments can be read, and so dumped');
	rows_of($node, 'evening', "DELETE FROM bookings WHERE id IN (md5('forever')::uuid, md5('last')::uuid, md5('first')::uuid)");
}
{
	is(error_of($node, 'evening', "SELECT * FROM menuca_day_result($room, '5874897-12-31')")->{state}, '22008', 'a service day beyond the calendar');
}
{
	is( rows_of($node, 'evening', <<'SQL'), '1|1|1|t', 'a day whose plans are not complete');
SET client_min_messages = error;
BEGIN;
DELETE FROM bookings;
INSERT INTO bookings (restaurant_id, party_size, status, start_at) VALUES (md5('restaurant')::uuid, 2, 'pending', '2025-11-15 19:00+00');
INSERT INTO table_adjacencies VALUES (md5('table OG1')::uuid, md5('table OG2')::uuid);
CREATE TEMP TABLE done AS SELECT * FROM menuca_seating_set(NULL, '{"max_evaluations": 1}');
SELECT bookings, seated, bound, proven FROM menuca_day_result(md5('restaurant')::uuid, '2025-11-15');
ROLLBACK;
SQL
}
{
	rows_of($node, 'evening', <<'SQL');
CREATE ROLE seating_guest;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO seating_guest;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO seating_guest;
SQL
	my %setting = (menuca_seating_setting => 'the settings', menuca_listed_combination => 'listed combinations', menuca_table_preference => 'preferences', menuca_booking_lock => 'locks');
	foreach my $table (sort keys %setting)
	{
		rows_of($node, 'evening', "ALTER TABLE $table ENABLE ROW LEVEL SECURITY");
		my $function = $table eq 'menuca_booking_lock' ? "menuca_day_result($room, '2025-11-15')" : "menuca_plan_tables($room, 5, '2025-11-15 19:00+00')";
		is(error_of($node, 'evening', "SET ROLE seating_guest; SELECT * FROM $function")->{state}, '42501', "$setting{$table} that are hidden: refused");
		rows_of($node, 'evening', "ALTER TABLE $table DISABLE ROW LEVEL SECURITY");
	}
}

$node->stop;
log_is_clean($node);
log_is_clean($standby);
done_testing();
