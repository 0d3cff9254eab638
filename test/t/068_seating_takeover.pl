
# Taking over what an earlier system has left: beside sessions that assign the same
# dining tables, killed in its midst, on a standby, with texts for enums, and with a
# hundred thousand allocations.

# engines: auto

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use MenucaTest;

my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $schema = slurp_file('test/fixture/seating/schema.sql');
my $original = slurp_file('test/fixture/seating/original.sql');

# Two blocking bookings at one dining table
my $doubles = <<'SQL';
SELECT count(*) FROM booking_table_assignments a JOIN bookings x ON x.id = a.booking_id AND x.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in')
JOIN booking_table_assignments o ON o.table_id = a.table_id AND o.booking_id > a.booking_id AND o.start_at < a.end_at AND a.start_at < o.end_at
JOIN bookings y ON y.id = o.booking_id AND y.status IN ('pending', 'pending_allocation', 'confirmed', 'checked_in')
SQL

# All rows of the users' tables, and of the extension's but for the ledger
sub everything
{
	my ($node, $database) = @_;
	my @tables = split /\n/, rows_of($node, $database,
		"SELECT c.oid::regclass FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace IN ('public'::regnamespace, 'ops'::regnamespace) AND c.relname NOT IN ('menuca_seating_change', 'menuca_seating_attempt') ORDER BY 1");

	return join '', map { "$_ " . rows_of($node, $database, "SELECT count(*) || ' ' || md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM $_ t") . "\n" } @tables;
}

sub new_database
{
	my ($node, $database, @sql) = @_;

	rows_of($node, 'postgres', "CREATE DATABASE $database TEMPLATE template0");
	rows_of($node, $database, "CREATE SCHEMA ops; CREATE EXTENSION menuca_seating SCHEMA ops; ALTER DATABASE $database SET search_path = public, ops");
	rows_of($node, $database, join("\n", 'SET client_min_messages = error;', @sql));
}

my $node = new_node('main', allows_streaming => 1);
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;

#
# A standby, and texts for enums
#

new_database($node, 'remains', $schema, $original);
my $rows = 'SELECT item_no, kind, object, restaurant_id, action, status, detail FROM menuca_seating_import() ORDER BY 1';
my $planned = rows_of($node, 'remains', $rows);
like($planned, qr/summary.*16 planned, 0 done/, 'the primary says what it would do');
$node->wait_for_catchup($standby);
is(rows_of($standby, 'remains', $rows), $planned, 'the standby says the same');
is(rows_of($standby, 'remains', 'SELECT count(*) FROM menuca_seating_import_undo()'), '1', 'and that there is nothing to undo');
is(error_of($standby, 'remains', "SELECT * FROM $_(dry_run => false)")->{state}, '25006', "the standby refuses $_") foreach qw(menuca_seating_import menuca_seating_import_undo);
$standby->stop;

rows_of($node, 'postgres', 'CREATE DATABASE texts TEMPLATE remains; ALTER DATABASE texts SET search_path = public, ops');
rows_of($node, 'texts', <<'SQL');
ALTER TABLE bookings ALTER status DROP DEFAULT, ALTER status TYPE text USING status::text;
ALTER TABLE table_inventory ALTER status DROP DEFAULT, ALTER mobility DROP DEFAULT, ALTER status TYPE varchar(20) USING status::text, ALTER mobility TYPE text USING mobility::text;
DROP TYPE booking_status, table_status, table_mobility;
SQL
is(rows_of($node, 'texts', $rows), $planned, 'texts for enums: the same rows');
is(rows_of($node, 'texts', "SELECT count(*) FROM menuca_seating_import(dry_run => false) WHERE status = 'done'"), '16', 'and the same is done');

#
# Killed in its midst
#

my $before = everything($node, 'remains');
rows_of($node, 'remains', <<'SQL');
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$;
CREATE TRIGGER wait AFTER INSERT ON booking_table_assignments FOR EACH ROW EXECUTE FUNCTION wait();
SQL
my $import = start_sql($node, 'remains', 'SELECT count(*) FROM menuca_seating_import(dry_run => false)', name => 'killed');
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'killed' AND wait_event = 'PgSleep'") or die 'the import did not begin';
# Others wait as long as they want to, and no longer
my $held = error_of($node, 'remains', "SELECT * FROM menuca_seating_import(dry_run => false, lock_timeout => '10 ms')");
is($held->{state}, '55P03', 'a second import does not wait for ever') or diag(explain($held));
like($held->{detail}, qr/Nothing was changed\./, 'and says that nothing was changed');
like(rows_of($node, 'remains', $rows), qr/16 planned/, 'a dry run waits for nobody');
rows_of($node, 'postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'killed'");
isnt(finish_sql($import)->{status}, 0, 'the import was killed');
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'killed'") or die 'it is still there';
rows_of($node, 'remains', 'DROP TRIGGER wait ON booking_table_assignments; DROP FUNCTION wait()');
is(everything($node, 'remains'), $before, 'nothing is left of it');
is(rows_of($node, 'remains', "SELECT count(*) FROM menuca_seating_change"), '0', 'nor in the ledger');
is(rows_of($node, 'remains', $rows), $planned, 'the next one finds the same');

#
# Beside sessions that assign the same dining tables
#

new_database($node, 'busy', $schema, $original, <<'SQL');
DELETE FROM allocations;
DELETE FROM bookings;
INSERT INTO table_inventory (id, restaurant_id, zone_id, table_number, capacity) SELECT md5('busy ' || n)::uuid, md5('Napoli')::uuid, md5('Hall')::uuid, 'B' || n, 4 FROM generate_series(1, 20) n;
-- 400 bookings of which the original has allocations only, on four of the dining tables; 800 that wait
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at)
SELECT md5('mirrored ' || n)::uuid, md5('Napoli')::uuid, 4, 'confirmed', at, at + interval '1 hour' FROM generate_series(1, 400) n, LATERAL (SELECT '2091-07-01 10:00+00'::timestamptz + n / 4 * interval '75 min') t(at);
INSERT INTO allocations (booking_id, restaurant_id, resource_type, resource_id, "window")
SELECT md5('mirrored ' || n)::uuid, md5('Napoli')::uuid, 'table', md5('busy ' || 1 + n % 4)::uuid, tstzrange(start_at, end_at) FROM generate_series(1, 400) n JOIN bookings b ON b.id = md5('mirrored ' || n)::uuid;
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at)
SELECT md5('waits ' || n)::uuid, md5('Napoli')::uuid, 4, 'pending', at, at + interval '1 hour' FROM generate_series(1, 800) n, LATERAL (SELECT '2091-07-01 10:00+00'::timestamptz + n / 8 * interval '75 min') t(at);
UPDATE feature_flag_overrides SET value = true;
ANALYZE;
SQL
my $script = write_file('assign.sql', "\\set n random(1, 800)\nSELECT outcome FROM menuca_auto_assign(md5('waits ' || :n)::uuid);\n");
my $bench = IPC::Run::start([ 'pgbench', '-n', '-c', 4, '-j', 1, '-t', 400, '-f', $script, '-h', $node->host, '-p', $node->port, 'busy' ], '>', "$tmp/bench.out", '2>', "$tmp/bench.err");
$node->poll_query_until('busy', 'SELECT count(*) > 50 FROM booking_table_assignments') or die 'nobody is seated';
my $result = rows_of($node, 'busy', "SELECT detail FROM menuca_seating_import(dry_run => false, lock_timeout => '300 s') WHERE kind = 'summary'");
ok($bench->finish, 'all who assign go on') or diag(slurp_file("$tmp/bench.err"));
note $result;
is(rows_of($node, 'busy', $doubles), '0', 'no dining table twice at a time');
is( rows_of($node, 'busy', "SELECT count(*) FROM bookings b JOIN allocations l ON l.booking_id = b.id LEFT JOIN booking_table_assignments a ON a.booking_id = b.id WHERE (a.table_id, a.start_at, a.end_at) IS DISTINCT FROM (l.resource_id, lower(l.window), upper(l.window)) AND a.id IS NOT NULL"),
	'0', 'what was inserted is what the original had');
is( rows_of($node, 'busy', "SELECT (SELECT count(*) FROM booking_table_assignments a JOIN allocations l USING (booking_id)) + (SELECT count(*) FROM menuca_seating_import() WHERE kind = 'double_assignment' AND object !~ '^[0-9,]+ allocations: ')
	+ (SELECT COALESCE(sum(replace(substring(object FROM '^[0-9,]+'), ',', '')::int), 0) FROM menuca_seating_import() WHERE kind = 'double_assignment' AND object ~ '^[0-9,]+ allocations: ')"),
	'400', 'each allocation is inserted, or reported as taken');

#
# A hundred thousand
#

new_database($node, 'large', $schema, $original, <<'SQL');
DELETE FROM allocations;
DELETE FROM bookings;
DELETE FROM booking_assignment_idempotency;
INSERT INTO restaurants (id, name) SELECT md5('large ' || r)::uuid, 'Large ' || r FROM generate_series(1, 10) r;
INSERT INTO table_inventory (id, restaurant_id, table_number, capacity) SELECT md5('large ' || r || ' ' || t)::uuid, md5('large ' || r)::uuid, 'L' || t, 4 FROM generate_series(1, 10) r, generate_series(1, 20) t;
-- Each dining table has 600 hours, one after the other: of five bookings one has lost its assignment, one its window, one is mirrored by a shadow, two are well
INSERT INTO bookings (id, restaurant_id, party_size, status, start_at, end_at)
SELECT md5(format('large %s %s %s', r, t, n))::uuid, md5('large ' || r)::uuid, 4, 'confirmed', '2091-01-01 00:00+00'::timestamptz + n * interval '1 h', '2091-01-01 01:00+00'::timestamptz + n * interval '1 h'
FROM generate_series(1, 10) r, generate_series(1, 20) t, generate_series(1, 600) n;
INSERT INTO booking_table_assignments (booking_id, table_id, start_at, end_at)
SELECT md5(format('large %s %s %s', r, t, n))::uuid, md5('large ' || r || ' ' || t)::uuid, CASE WHEN n % 5 <> 1 THEN '2091-01-01 00:00+00'::timestamptz + n * interval '1 h' END, CASE WHEN n % 5 <> 1 THEN '2091-01-01 01:00+00'::timestamptz + n * interval '1 h' END
FROM generate_series(1, 10) r, generate_series(1, 20) t, generate_series(1, 600) n WHERE n % 5 <> 0;
INSERT INTO allocations (booking_id, restaurant_id, resource_type, resource_id, "window", shadow)
SELECT md5(format('large %s %s %s', r, t, n))::uuid, md5('large ' || r)::uuid, 'table', md5('large ' || r || ' ' || t)::uuid, tstzrange('2091-01-01 00:00+00'::timestamptz + n * interval '1 h', '2091-01-01 01:00+00'::timestamptz + n * interval '1 h'), n % 5 = 2
FROM generate_series(1, 10) r, generate_series(1, 20) t, generate_series(1, 600) n;
INSERT INTO booking_assignment_idempotency (booking_id, idempotency_key, table_ids) SELECT booking_id, 'request ' || booking_id, ARRAY[table_id] FROM booking_table_assignments LIMIT 20000;
ANALYZE;
SQL
$before = everything($node, 'large');
my %seconds;
foreach my $call ('menuca_seating_import()', 'menuca_seating_import(dry_run => false)', 'menuca_seating_import_undo()', 'menuca_seating_import_undo(dry_run => false)')
{
	my $start = time;

	$result = rows_of($node, 'large', "SELECT count(*) < 200, max(detail) FILTER (WHERE kind = 'summary') FROM $call");
	$seconds{$call} = time - $start;
	note sprintf('%s: %.1f s, %s', $call, $seconds{$call}, $result);
	like($result, $call =~ /false/ ? qr/^t\|0 planned, 68,005 done/ : qr/^t\|68,005 planned, 0 done/, "$call: few rows for many things");
	is(rows_of($node, 'large', "SELECT count(*) FROM booking_table_assignments WHERE start_at IS NULL"), $call =~ /import\(dry_run|undo\(\)/ ? '0' : '24000', 'windows');
}
# What it takes is some seconds on a machine with nothing else to do
cmp_ok($seconds{$_}, '<', 300, "$_ ends in time") foreach sort keys %seconds;
is(everything($node, 'large'), $before, 'all is back, to the byte');
is(rows_of($node, 'large', $doubles), '0', 'no dining table twice at a time');

log_is_clean($node);
$node->stop;
done_testing();
