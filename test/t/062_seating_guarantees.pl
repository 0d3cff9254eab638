
# The guarantees on bookings: dumped, restored, refused, locked out, and undone to the
# byte.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use MenucaTest;

#
# Initialize node
#

my $node = new_node('main');
my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $schema = slurp_file('test/fixture/seating/schema.sql');

# 20 confirmed bookings and 5 waiting ones, on 25 dining tables
my $data = <<'SQL';
INSERT INTO restaurants (id) VALUES (md5('r')::uuid);
INSERT INTO zones (id, restaurant_id, name) VALUES (md5('z')::uuid, md5('r')::uuid, 'Main');
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT md5('t' || n)::uuid, md5('r')::uuid, md5('z')::uuid, n, 4 FROM generate_series(1, 25) n;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at)
SELECT md5('b' || n)::uuid, md5('r')::uuid, 2, CASE WHEN n <= 20 THEN 'confirmed' ELSE 'pending' END::booking_status, '2031-05-02 18:00Z', '2031-05-02 20:00Z' FROM generate_series(1, 25) n;
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at)
SELECT md5('b' || n)::uuid, md5('t' || n)::uuid, '2031-05-02 18:00Z', '2031-05-02 20:00Z' FROM generate_series(1, 20) n;
SQL

my $deploy = "SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM menuca_seating_deploy(dry_run => false)";
my $undeploy = "SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM menuca_seating_undeploy(dry_run => false)";
my $content = "SELECT md5(string_agg(x, '' ORDER BY x)) FROM (SELECT b::text FROM bookings b UNION ALL SELECT a::text FROM booking_table_assignments a UNION ALL SELECT g::text FROM menuca_seating_guarantee g) t (x)";

sub make_platform
{
	my ($database, $more) = @_;

	rows_of($node, 'postgres', "CREATE DATABASE $database TEMPLATE template0");
	rows_of($node, $database, "CREATE EXTENSION menuca_seating;\n$schema\n$data\n" . ($more // ''));
	return;
}

sub dump_of
{
	my ($database, @options) = @_;
	my $file = "$tmp/$database.dump";

	$node->command_ok([ 'pg_dump', '-f', $file, @options, $node->connstr($database) ], "pg_dump @options of $database");
	return $file;
}

# pg_dump 15.14 and later print a random key
sub text_of_dump
{
	my $text = slurp_file(dump_of(@_));

	$text =~ s/^\\(?:un)?restrict .*$//mg;
	return $text;
}

sub in_force
{
	my ($database) = @_;

	is(error_of($node, $database, "DELETE FROM booking_table_assignments WHERE booking_id = md5('b1')::uuid")->{state}, '23514', "$database: the last dining table");
	is(error_of($node, $database, 'TRUNCATE booking_table_assignments')->{state}, '23514', "$database: TRUNCATE");
	is(error_of($node, $database, "UPDATE bookings SET status = 'confirmed' WHERE id = md5('b21')::uuid")->{state}, '23514', "$database: confirmed without one");
	is(error_of($node, $database, "UPDATE bookings SET party_size = 5 WHERE id = md5('b1')::uuid")->{state}, '23514', "$database: a party that does not fit");
	is(error_of($node, $database, "INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at) VALUES (md5('b21')::uuid, md5('t1')::uuid, '2031-05-02 19:00Z', '2031-05-02 20:00Z')")->{state}, '23P01', "$database: a dining table twice");
	is(rows_of($node, $database, "BEGIN; UPDATE bookings SET status = 'cancelled' WHERE id = md5('b1')::uuid; SELECT count(*) FROM booking_table_assignments WHERE booking_id = md5('b1')::uuid; ROLLBACK"), 0, "$database: released");
	return;
}

#
# A deployed database, dumped and restored
#

note 'pg_dump | psql';

make_platform('platform');
is(rows_of($node, 'platform', $deploy), 'created unchanged', 'deployed');
in_force('platform');
my $before = rows_of($node, 'platform', $content);
my $plain = dump_of('platform');

foreach my $how ([], ['-1'])
{
	my $name = @$how ? 'restored_once' : 'restored';

	rows_of($node, 'postgres', "CREATE DATABASE $name TEMPLATE template0");
	$node->command_ok([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', @$how, '-d', $node->connstr($name), '-f', $plain ], "psql @$how");
	is(rows_of($node, $name, $content), $before, "$name: the same rows, and the same ledger");
	in_force($name);
	is(rows_of($node, $name, $deploy), 'unchanged', "$name: nothing to deploy");
	is(text_of_dump($name), text_of_dump('platform'), "$name: the same dump");
}
is(rows_of($node, 'restored_once', $undeploy), 'dropped', 'undone where it was restored');

note 'pg_restore, in parallel';

my $custom = dump_of('platform', '-Fc');
rows_of($node, 'postgres', 'CREATE DATABASE parallel TEMPLATE template0');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-j', '2', '-d', $node->connstr('parallel'), $custom ], 'pg_restore -j 2');
is(rows_of($node, 'parallel', $content), $before, 'the same rows');
in_force('parallel');

note 'Rows alone, into a deployed database: in one transaction, since bookings come first';

my $rows = dump_of('platform', '--data-only', '-t', 'restaurants', '-t', 'zones', '-t', 'table_inventory', '-t', 'bookings', '-t', 'booking_table_assignments');
rows_of($node, 'restored', 'TRUNCATE restaurants CASCADE');
my ($stdout, $stderr) = run_command([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', $rows ]);
like($stderr, qr/is confirmed, but has no dining table/, 'bookings without their dining tables are refused');
rows_of($node, 'restored', 'TRUNCATE restaurants CASCADE');
$node->command_ok([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-1', '-d', $node->connstr('restored'), '-f', $rows ], 'psql -1');
is(rows_of($node, 'restored', $content), $before, 'the same rows');

#
# Undone to the byte, with all that the users had
#

note 'Undone';

my $theirs = <<'SQL';
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE CONSTRAINT TRIGGER booking_assignment_validation AFTER UPDATE OF status ON bookings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.status = 'confirmed') EXECUTE FUNCTION nothing('an ''argument');
COMMENT ON TRIGGER booking_assignment_validation ON bookings IS 'It''s theirs';
CREATE TRIGGER booking_release BEFORE UPDATE ON bookings FOR EACH ROW EXECUTE FUNCTION nothing();
ALTER TABLE bookings ENABLE ALWAYS TRIGGER booking_release;
CREATE TRIGGER booking_fit_validation AFTER INSERT ON booking_table_assignments EXECUTE FUNCTION nothing();
ALTER TABLE booking_table_assignments DISABLE TRIGGER booking_fit_validation;
ALTER TABLE booking_table_assignments ADD CONSTRAINT booking_table_assignments_no_overlap CHECK (start_at < end_at);
COMMENT ON CONSTRAINT booking_table_assignments_no_overlap ON booking_table_assignments IS 'theirs';
ALTER TABLE booking_table_assignments DROP CONSTRAINT booking_table_assignments_booking_id_table_id_key;
CREATE INDEX idx_booking_table_assignments_booking_id ON booking_table_assignments (booking_id) WHERE merge_group_id IS NULL;
COMMENT ON INDEX idx_booking_table_assignments_booking_id IS 'theirs';
SQL
make_platform('theirs', $theirs);
my $schema_before = text_of_dump('theirs', '-s');
is(rows_of($node, 'theirs', $deploy), 'created replaced', 'deployed over what they have');
isnt(text_of_dump('theirs', '-s'), $schema_before, 'the dump shows it');
is(rows_of($node, 'theirs', $deploy), 'unchanged', 'again');
is(rows_of($node, 'theirs', $undeploy), 'dropped restored', 'undone');
is(text_of_dump('theirs', '-s'), $schema_before, 'the dump is the same as before, to the byte');
is(rows_of($node, 'theirs', 'SELECT count(*) FROM menuca_seating_undeploy(dry_run => false)'), 0, 'nothing is left to undo');
rows_of($node, 'theirs', 'DROP EXTENSION menuca_seating');

# What else needs btree_gist keeps it
rows_of($node, 'parallel', 'CREATE TABLE needs (id uuid, EXCLUDE USING gist (id WITH =))');
is(rows_of($node, 'parallel', "SELECT name, status FROM menuca_seating_undeploy(dry_run => false) WHERE status <> 'dropped'"), 'btree_gist|changed', 'an extension that others need remains');
is(error_of($node, 'platform', 'DROP EXTENSION menuca_seating')->{state}, '2BP01', 'DROP EXTENSION is refused while deployed');

#
# Others are at the tables
#

note 'Locks';

make_platform('busy');
my $holder = start_sql($node, 'busy', "BEGIN; INSERT INTO bookings (restaurant_id, party_size) VALUES (md5('r')::uuid, 2); SELECT pg_sleep(600)", name => 'host');
$node->poll_query_until('busy', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'host' AND query LIKE '%pg_sleep%' AND wait_event = 'PgSleep'") or die 'the other session has not begun';
my $pid = rows_of($node, 'busy', "SELECT pid FROM pg_stat_activity WHERE application_name = 'host'");
my $held = error_of($node, 'busy', "SELECT * FROM menuca_seating_deploy(dry_run => false, lock_timeout => '100ms')");
is($held->{state}, '55P03', 'the lock cannot be had');
like($held->{detail}, qr/^Session $pid of role postgres, application host holds it/, 'by whom');
is(rows_of($node, 'busy', "SELECT count(*) FROM pg_extension WHERE extname = 'btree_gist'"), 0, 'nothing is half done');
is(rows_of($node, 'busy', 'SELECT count(*) FROM menuca_seating_guarantee'), 0, 'nor in the ledger');
is(rows_of($node, 'busy', 'SELECT count(*) FROM menuca_seating_deploy() WHERE status = \'planned\''), 8, 'a dry run needs no lock');

# It waits, and then sees what the other one has committed
my $waiting = start_sql($node, 'busy', "SELECT * FROM menuca_seating_deploy(dry_run => false, lock_timeout => '60s')", name => 'deploys');
wait_for_backend($node, $waiting);
is(rows_of($node, 'busy', "SET statement_timeout = '20s'; SELECT count(*) FROM bookings"), 25, 'nobody waits behind it');
rows_of($node, 'busy', "SELECT pg_terminate_backend($pid)");
finish_sql($holder);
is(finish_sql($waiting)->{status}, 0, 'deployed when the other one has ended');

rows_of($node, 'busy', 'SELECT count(*) FROM menuca_seating_undeploy(dry_run => false)');
my $orphan = start_sql($node, 'busy', "BEGIN; INSERT INTO bookings (id, restaurant_id, party_size) VALUES (md5('orphan')::uuid, md5('r')::uuid, 2); SELECT pg_sleep(3); COMMIT", name => 'orphan');
$node->poll_query_until('busy', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'orphan' AND wait_event = 'PgSleep'") or die 'the other session has not begun';
my $refused = error_of($node, 'busy', "SELECT * FROM menuca_seating_deploy(dry_run => false, lock_timeout => '60s')");
finish_sql($orphan);
is($refused->{state}, 'MC047', 'a row that was committed meanwhile breaks it');
like($refused->{detail}, qr/1 confirmed booking without a dining table: [0-9a-f-]{36}/, 'and is named');
is(rows_of($node, 'busy', "SELECT count(*) FROM pg_trigger WHERE tgrelid IN ('bookings'::regclass, 'booking_table_assignments'::regclass) AND NOT tgisinternal"), 0, 'nothing is half done');
my ($query) = $refused->{hint} =~ /(SELECT b\.id.*?;)/;
is(rows_of($node, 'busy', $query), rows_of($node, 'busy', "SELECT md5('orphan')::uuid || '|confirmed'"), 'the query shows it');

#
# Tables elsewhere, and both extensions in one schema
#

note 'Another schema, quoted';

rows_of($node, 'postgres', 'CREATE DATABASE elsewhere TEMPLATE template0');
rows_of($node, 'elsewhere', <<SQL);
CREATE SCHEMA "The Extension %s";
CREATE EXTENSION menuca_seating SCHEMA "The Extension %s";
CREATE SCHEMA "Its Bookings";
SET search_path = "Its Bookings";
$schema
$data
SQL
my $path = q{SET client_min_messages = warning; SET menuca.seating_schema = 'Its Bookings'; SET search_path = "Its Bookings", "The Extension %s"};
is(rows_of($node, 'elsewhere', "$path; $deploy"), 'created unchanged', 'deployed');
is(rows_of($node, 'elsewhere', "$path; $deploy"), 'unchanged', 'again');

# The setting and the path are the session's, and no trigger relies on them
my $lost = error_of($node, 'elsewhere', q{TRUNCATE "Its Bookings".booking_table_assignments});
is($lost->{state}, '23514', 'TRUNCATE');
like($lost->{hint}, qr/FROM "The Extension %s"\.menuca_auto_assign\(/, 'the next call is qualified');
is(error_of($node, 'elsewhere', q{UPDATE "Its Bookings".bookings SET party_size = 5})->{state}, '23514', 'a party that does not fit');
is(rows_of($node, 'elsewhere', q{UPDATE "Its Bookings".bookings SET status = 'no_show' WHERE status = 'confirmed'; SELECT count(*) FROM "Its Bookings".booking_table_assignments}), 0, 'released');
is(rows_of($node, 'elsewhere', "$path; $undeploy"), 'dropped', 'undone');

$node->stop;
log_is_clean($node);
done_testing();
