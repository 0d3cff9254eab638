
# menuca-backup where menuca_seating is installed, alone or beside menuca_migrate: it
# registers with each, with all or none; production is not changed without it; and the
# command of level 3 of menuca_seating_rollback() brings everything back.

use strict;
use warnings;

use Digest::SHA;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use MenucaBackup qw(backup backup_store files finish_backup processes start_backup unwrap wrap_program);
use MenucaTest;

#
# Initialize node
#

my $node = new_node('seating');
my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $store = backup_store($node, 'back ups');
my $schema = slurp_file('test/fixture/seating/schema.sql');

# The server refuses quotes in the name of an extension's schema
my $migrate = q{"the home, of :menus; 1"};
my $seating = q{"Ü (home) of :seating; 2|3"};

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

sub identifier { return '"' . $_[0] =~ s/"/""/gr . '"' }

# A database with the tables of a platform, and the extensions in these schemas
sub make_platform
{
	my ($database, %schemas) = @_;

	rows_of($node, 'postgres', 'CREATE DATABASE ' . identifier($database) . ' TEMPLATE template0');
	foreach my $extension (sort keys %schemas)
	{
		rows_of($node, $database, "SET client_min_messages = error; CREATE SCHEMA IF NOT EXISTS $schemas{$extension}; CREATE EXTENSION $extension SCHEMA $schemas{$extension}");
	}
	rows_of($node, $database, "$schema\n$data");
	return;
}

sub grant
{
	my ($database, $role, $home, @functions) = @_;

	rows_of($node, $database, "GRANT EXECUTE ON FUNCTION $home.$_ TO $role") foreach @functions;
	return;
}

# What is registered where: "number label" of each list
sub lists
{
	my ($database) = @_;

	return join ' | ', map { rows_of($node, $database, "SELECT COALESCE(string_agg(backup_no || ' ' || label, ', ' ORDER BY backup_no), 'none') FROM $_") }
	  "$migrate.menuca_backup", "$seating.menuca_seating_backup";
}

sub file_of { return ($_[0]->{stdout} =~ /:(\/.*)$/m)[0] }

sub statement_of { return ($_[0]->{stderr} =~ /^menuca-backup: (SELECT .*_register_backup\(.*\);)$/m)[0] }

rows_of($node, 'postgres', "CREATE ROLE keeper LOGIN IN ROLE pg_read_all_data; CREATE ROLE half LOGIN IN ROLE pg_read_all_data; CREATE ROLE other_half LOGIN IN ROLE pg_read_all_data; CREATE ROLE nothing LOGIN IN ROLE pg_read_all_data");

#
# Neither
#

note 'Neither extension';

my $result = backup('-d', 'postgres', '--directory', $store);
is($result->{status}, 1, 'fails');
like($result->{stderr}, qr/^menuca-backup: Extension menuca_migrate is not installed in database "postgres", nor is menuca_seating, so a backup could not be registered\.$/m, 'names both');
like($result->{stderr}, qr/CREATE EXTENSION menuca_migrate; or: CREATE EXTENSION menuca_seating;$/m, 'and how to get them');
like(backup('--help')->{stdout}, qr/needs the extension menuca_migrate or menuca_seating/, '--help names both');

#
# menuca_seating alone
#

note 'menuca_seating alone, in a schema of an odd name';

make_platform('alone', menuca_seating => $seating);
grant('alone', 'keeper', $seating, 'menuca_seating_register_backup', 'menuca_seating_table_checksum');
foreach my $case ([ 'read' ], [ 'drilled', '--drill' ], [ 'by-a-keeper', '--drill', '-U', 'keeper' ], [ 'directory', '--drill', '--format=directory', '--jobs=2' ])
{
	my ($label, @args) = @$case;
	my $started = rows_of($node, 'alone', 'SELECT clock_timestamp()');

	$result = backup('-d', 'alone', '--directory', $store, '--label', $label, @args);
	is($result->{status}, 0, "$label: succeeds");
	like($result->{stderr}, qr/^menuca-backup: backup \d+, "$label", is registered$/m, "$label: says so");
	my $file = file_of($result);
	my $method = $label eq 'directory' ? 'directory' : 'custom';
	my $drill = $label eq 'read' ? 'f' : 't';
	is( rows_of($node, 'alone', <<SQL), "$label|pg_dump $method|t|t|t|t|$drill|t", "$label: registered as what it is");
SELECT label, method, verified, database_name = current_database() AND system_identifier = (SELECT system_identifier FROM pg_control_system()),
	id = (details ->> 'host') || ':' || (details ->> 'path') AND details ->> 'path' = '$file', started BETWEEN '$started' AND finished AND finished < now(),
	(details ->> 'drill')::boolean, CASE WHEN details -> 'drill' = 'true' THEN (details ->> 'drill_seconds')::int >= 0 ELSE details ->> 'drill_seconds' IS NULL END
FROM $seating.menuca_seating_backup ORDER BY backup_no DESC LIMIT 1
SQL
	is( rows_of($node, 'alone', "SELECT size, checksum FROM $seating.menuca_seating_backup ORDER BY backup_no DESC LIMIT 1"),
		(-s $file) . '|sha256:' . Digest::SHA->new(256)->addfile($file)->hexdigest, "$label: size and checksum") if $method eq 'custom';
	is( rows_of($node, 'alone', <<SQL), $drill eq 't' ? 't|t' : '|', "$label: number and checksum of the rows of each table");
SELECT bool_and((t.value ->> 'rows')::bigint = s.rows AND (t.value ->> 'checksum')::numeric = s.checksum), count(*) FILTER (WHERE t.key = 'public.bookings') = NULLIF(1, (count(*) = 0)::int)
FROM $seating.menuca_seating_backup b, jsonb_each(b.details -> 'tables') t, LATERAL $seating.menuca_seating_table_checksum(t.key::regclass) s
WHERE b.label = '$label' AND t.key LIKE 'public.%'
SQL
}
is(rows_of($node, 'alone', "SELECT count(*) FROM $seating.menuca_seating_backup"), 4, 'four in all');
is(processes(), '', 'no process is left');

note 'It cannot be registered';

my $path = "$store/once";
is(backup('-d', 'alone', '--output', $path)->{status}, 0, 'a name of its own');
unlink $path;
$result = backup('-d', 'alone', '--output', $path);
is($result->{status}, 1, 'an id that is registered: fails');
like($result->{stderr}, qr/\S*once is already registered.*Choose another path/s, 'an id that is registered: says so');
ok(!-e $path, 'an id that is registered: before it makes a dump');
rows_of($node, 'alone', "REVOKE EXECUTE ON FUNCTION $seating.menuca_seating_register_backup FROM keeper");
$result = backup('-d', 'alone', '--output', "$store/it's unregistered", '-U', 'keeper');
is($result->{status}, 1, 'without the right: fails');
like($result->{stderr}, qr/permission denied for function menuca_seating_register_backup/, 'without the right: says why');
ok(-s "$store/it's unregistered", 'without the right: the file is kept');
is(rows_of($node, 'alone', statement_of($result)), 6, 'and can be registered as it says');
is( rows_of($node, 'alone', "SELECT checksum, details ->> 'path', verified FROM $seating.menuca_seating_backup ORDER BY backup_no DESC LIMIT 1"),
	'sha256:' . Digest::SHA->new(256)->addfile("$store/it's unregistered")->hexdigest . "|$store/it's unregistered|t", 'with its checksum and path');

# While it registers
wrap_program('link', qq{"\$real" "\$@"\ntouch '$tmp/linked'\nuntil [ -e '$tmp/go' ]; do sleep 0.1; done});
my $handle = start_backup('-d', 'alone', '--output', "$store/late");
usleep(100_000) until -e "$tmp/linked";
kill KILL => $handle->{pid};
write_file('go', '');
finish_backup($handle);
unwrap();
usleep(100_000) until slurp_file("$handle->{base}.stderr") =~ /killed/;
like(slurp_file("$handle->{base}.stderr"), qr/may be registered or not: SELECT \* FROM \Q$seating\E\.menuca_seating_backup;$/m, 'killed while it registers: names the list');
my ($list) = slurp_file("$handle->{base}.stderr") =~ /not: (SELECT .*);$/m;
is(rows_of($node, 'alone', "SELECT count(*) FROM ($list) l"), 6, 'which can be queried as it says');

#
# Both
#

note 'Both, in two schemas';

make_platform('both', menuca_migrate => $migrate, menuca_seating => $seating);
my @migrate = ('menuca_register_backup', 'menuca_table_checksum');
my @seating = ('menuca_seating_register_backup', 'menuca_seating_table_checksum');
my @call = ('-d', 'both', '--directory', $store);
grant('both', 'keeper', $migrate, @migrate);
grant('both', 'keeper', $seating, @seating);
grant('both', 'half', $migrate, @migrate);
grant('both', 'other_half', $seating, @seating);

# So that their numbers differ
rows_of($node, 'both', "SELECT $seating.menuca_seating_register_backup('by-hand', 'service:1', 'service', 1, 'x', now() - interval '1 minute', now(), true)");
$result = backup(@call, '--label', 'first', '--drill');
is($result->{status}, 0, 'succeeds');
like($result->{stderr}, qr/^menuca-backup: backup 1, "first", is registered; with menuca_seating it is backup 2$/m, 'says its numbers');
is($result->{stdout} =~ tr/\n//, 1, 'prints one id');
is(lists('both'), '1 first | 1 by-hand, 2 first', 'registered with both');
is( rows_of($node, 'both', "SELECT (a.id, a.label, a.method, a.size, a.checksum, a.started, a.finished, a.verified, a.details) = (b.id, b.label, b.method, b.size, b.checksum, b.started, b.finished, b.verified, b.details) FROM $migrate.menuca_backup a JOIN $seating.menuca_seating_backup b USING (id)"),
	't', 'as the same');
is( rows_of($node, 'both', "SELECT count(*) FROM $migrate.menuca_backup, jsonb_object_keys(details -> 'tables') k WHERE k LIKE '%.menuca\\_seating%'") > 5, 1, 'the tables of menuca_seating are among its tables');
is(rows_of($node, 'both', "SELECT string_agg(name || ' ' || status, ', ' ORDER BY check_no) FROM $migrate.menuca_check_backup('first') WHERE status <> 'PASS'"), '', 'the checks of menuca_migrate pass');
is(backup(@call, '--label', 'kept', '-U', 'keeper', '--drill')->{status}, 0, 'a role that may only read and register');
is(lists('both'), '1 first, 2 kept | 1 by-hand, 2 first, 3 kept', 'with both as well');

note 'With both or with none';

rows_of($node, 'both', "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no more backups''; END'");
foreach my $list ("$migrate.menuca_backup", "$seating.menuca_seating_backup")
{
	my $name = $list =~ s/.*\.//r;

	# Deferred: it fails when both are written
	rows_of($node, 'both', "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON $list DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()");
	my $before = lists('both');
	$result = backup(@call, '--label', "late-refused-by-$name");
	is($result->{status}, 1, "$name refuses it at the commit: fails");
	is(lists('both'), $before, "$name refuses it at the commit: registered with none");
	rows_of($node, 'both', "DROP TRIGGER refuse ON $list; CREATE TRIGGER refuse BEFORE INSERT ON $list FOR EACH ROW EXECUTE FUNCTION refuse()");
	$result = backup(@call, '--label', "refused-by-$name");
	is($result->{status}, 1, "$name refuses it: fails");
	like($result->{stderr}, qr/no more backups.*is good, but it is not registered/s, "$name refuses it: says why");
	is(lists('both'), $before, "$name refuses it: registered with none");
	my @kept = glob "'$store'/*refused-by-$name-*";
	is(scalar(@kept), 2, "$name refuses it: the files are kept");
	is(error_of($node, 'both', statement_of($result))->{message}, 'no more backups', "$name refuses it: so it refuses the statement that is printed");
	is(lists('both'), $before, "$name refuses it: which registers with none, too");
	rows_of($node, 'both', "DROP TRIGGER refuse ON $list");
	like(rows_of($node, 'both', statement_of($result)), qr/^\d+\|\d+$/, "$name refuses it no more: the statement registers with both");
	isnt(lists('both'), $before, "$name refuses it no more: registered");
}

my $host = `uname -n`;
chomp $host;
rows_of($node, 'both', "SELECT $seating.menuca_seating_register_backup('theirs', '$host:$store/theirs', 'service', 1, 'x', now() - interval '1 minute', now(), true)");
my $before = lists('both');
my $files = files();
$result = backup('-d', 'both', '--output', "$store/theirs");
is($result->{status}, 1, 'an id that one of them has: fails');
like($result->{stderr}, qr/theirs is already registered/, 'says so');
is(lists('both'), $before, 'registered with none');
is(files(), $files, 'before it makes a dump');

note 'A role that may register with one of them';

foreach my $case ([ 'half', 'menuca_seating', "$seating.menuca_seating_register_backup" ], [ 'other_half', 'menuca_migrate', "$migrate.menuca_register_backup" ])
{
	my ($role, $missing, $function) = @$case;
	my $tail = sub { return join '|', map { rows_of($node, 'both', "SELECT count(*) FROM $_ WHERE label = 'by-$role'") } "$migrate.menuca_backup", "$seating.menuca_seating_backup" };

	$result = backup(@call, '--label', "by-$role", '-U', $role, '--drill');
	is($result->{status}, 0, "$role: succeeds");
	like($result->{stderr}, qr/dump restored, with the same rows/, "$role: drilled");
	is($tail->(), $role eq 'half' ? '1|0' : '0|1', "$role: registered with the one");
	like($result->{stderr}, qr/^menuca-backup: It is not registered with $missing, since you may not execute \Q$function\E\. /m, "$role: says so");
	rows_of($node, 'both', statement_of($result));
	is($tail->(), '1|1', "$role: whoever may can register it with the other one");
}
$result = backup(@call, '--label', 'by-nobody', '-U', 'nothing');
is($result->{status}, 1, 'a role that may not at all: fails');
like($result->{stderr}, qr/permission denied for function menuca_register_backup/, 'says why');
like(rows_of($node, 'both', statement_of($result)), qr/^\d+\|\d+$/, 'the statement registers with both');
rows_of($node, 'both', "REVOKE SELECT ON $seating.menuca_seating_backup FROM PUBLIC; REVOKE pg_read_all_data FROM half; GRANT USAGE ON SCHEMA $migrate TO half; GRANT SELECT ON $migrate.menuca_backup TO half");
like(backup(@call, '-U', 'half')->{stderr}, qr/you need SELECT on table \Q$migrate\E\.menuca_backup and \Q$seating\E\.menuca_seating_backup\.$/m, 'a role that may not read both lists');

note 'The answer is lost';

# Registers, and tells nobody
wrap_program('psql', <<'SH');
input=$(cat)
case $input in
	*register_backup\(*) printf '%s\n' "$input" | "$real" "$@" >/dev/null; exit 2 ;;
	*) printf '%s\n' "$input" | "$real" "$@" ;;
esac
SH
$result = backup(@call, '--label', 'lost');
unwrap();
is($result->{status}, 0, 'it is found all the same');
my @numbers = $result->{stderr} =~ /backup (\d+), "lost", is registered; with menuca_seating it is backup (\d+)$/m;
is("@numbers", join(' ', map { rows_of($node, 'both', "SELECT backup_no FROM $_ WHERE label = 'lost'") } "$migrate.menuca_backup", "$seating.menuca_seating_backup"), 'with its numbers');

note 'Both in one schema, with namesakes of their functions';

make_platform('one', menuca_migrate => 'public', menuca_seating => 'public');
my $namesake = '(label text, id text, method text, size text, checksum text, started text, finished timestamptz, verified boolean, details jsonb)';
foreach my $function ('menuca_register_backup', 'menuca_seating_register_backup')
{
	rows_of($node, 'one', "CREATE FUNCTION $function$namesake RETURNS bigint LANGUAGE sql AS 'SELECT 99'");
}
rows_of($node, 'one', 'GRANT pg_read_all_data TO half');
rows_of($node, 'one', 'GRANT EXECUTE ON FUNCTION menuca_seating_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb), menuca_seating_table_checksum TO half');
is(backup('-d', 'one', '--directory', $store, '--label', 'one', '--drill')->{status}, 0, 'succeeds');
is(rows_of($node, 'one', 'SELECT (SELECT string_agg(label, $$ $$) FROM menuca_backup), (SELECT string_agg(label, $$ $$) FROM menuca_seating_backup)'), 'one|one', 'registered with both');
is(backup('-d', 'one', '--directory', $store, '--label', 'two', '-U', 'half')->{status}, 0, 'a role that may call one of them, and both namesakes');
is(rows_of($node, 'one', 'SELECT (SELECT string_agg(label, $$ $$) FROM menuca_backup), (SELECT string_agg(label, $$ $$) FROM menuca_seating_backup)'), 'one|one two', 'registered with the one');

#
# Production
#

note 'Production is not changed without a backup';

my $production = q{it's the "room" = 1};
my $deploy = "SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM ops.menuca_seating_deploy(dry_run => false)";
my @production = ('-d', $production, '--directory', $store);
make_platform($production, menuca_seating => 'ops');
rows_of($node, 'postgres', 'ALTER DATABASE ' . identifier($production) . q{ SET menuca.seating_schema = 'public'});
rows_of($node, 'postgres', 'REVOKE CONNECT ON DATABASE ' . identifier($production) . ' FROM PUBLIC');
is(rows_of($node, $production, "SELECT environment FROM ops.menuca_seating_environment('production', current_database(), (SELECT system_identifier FROM pg_control_system()))"), 'production', 'it is registered');
is(error_of($node, $production, $deploy)->{state}, 'MC022', 'refused');
my $content = contents();
$result = backup(@production, '--label', 'before-seating', '--drill');
is($result->{status}, 0, 'a backup');
is(rows_of($node, $production, $deploy), 'created unchanged', 'then it is deployed');

note 'Level 3: what the command restores';

# Number and checksum of the rows of each table of the users
sub contents
{
	return rows_of($node, $production, <<'SQL');
SELECT string_agg(format('%s %s %s', c.oid::regclass, s.rows, s.checksum), E'\n' ORDER BY c.oid::regclass::text)
FROM pg_class c, LATERAL ops.menuca_seating_table_checksum(c.oid) s WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
SQL
}

# Rows that are lost, wrong and new, and what stands in the way of dropping tables
sub break_data
{
	rows_of($node, $production, <<'SQL');
SET session_replication_role = replica;
DELETE FROM booking_table_assignments WHERE booking_id < '80000000-0000-0000-0000-000000000000';
UPDATE bookings SET party_size = party_size + 1;
ALTER TABLE table_inventory DROP COLUMN capacity CASCADE;
INSERT INTO restaurants (id) VALUES (md5('new')::uuid);
CREATE VIEW of_today AS SELECT * FROM bookings;
CREATE TABLE ops.note (restaurant_id uuid REFERENCES public.restaurants);
CREATE TABLE reserved (id uuid, EXCLUDE USING gist (id WITH =));
SQL
	return;
}

sub restore_step
{
	my ($columns, @arguments) = @_;

	return rows_of($node, $production, "SELECT $columns FROM ops.menuca_seating_rollback(" . join(', ', 3, @arguments) . ") WHERE step = 'restore'");
}

sub in_shell
{
	my ($command) = @_;
	my ($stdout, $stderr) = ('', '');

	my $ran = IPC::Run::run([ 'sh', '-c', $command ], '>', \$stdout, '2>', \$stderr);
	note "$command\n$stdout$stderr";
	return $ran ? '' : $stderr || 'failed';
}

break_data();
isnt(contents(), $content, 'damaged');
my $command = restore_step('statement');
like($command, qr/^psql -X -d postgres .* && pg_restore --create --exit-on-error -d postgres '\Q$store\E\/before-seating-\w+\.dump'$/, 'dry run: it prints a command');
is(restore_step('status, next_step'), 'in a shell|SELECT * FROM ops.menuca_seating_backup ORDER BY backup_no DESC;', 'which is for a shell');
like(restore_step('reason'), qr/on host \Q$host\E;.* remains as "\Q$production\E_before_restore", and can be renamed back$/, 'and says where, and what remains');

my $guest = $node->background_psql($production);
like(in_shell($command), qr/is being accessed by other users/, 'while somebody is connected: fails');
is(rows_of($node, 'postgres', "SELECT count(*) FROM pg_database WHERE datname LIKE '%before_restore%'"), 0, 'and changes nothing');
$guest->quit;
is(in_shell($command), '', 'it works as it is printed');
is(contents(), $content, 'each table has its rows');
is(rows_of($node, $production, 'SHOW menuca.seating_schema'), 'public', 'the settings of the database are there');
is(rows_of($node, 'postgres', q{SELECT has_database_privilege('nothing', 'it''s the "room" = 1', 'CONNECT')}), 'f', 'and its rights');
is(rows_of($node, $production, 'SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND tgname LIKE $$booking_%$$'), 0, 'nothing is deployed, as then');
is(rows_of($node, "${production}_before_restore", 'SELECT count(*) FROM restaurants'), 2, 'what was damaged can be looked at');
is(restore_step('status, statement'), 'impossible|', 'the list of backups is that of then');
is(error_of($node, $production, $deploy)->{state}, 'MC022', 'and it is production');

note 'A directory, with all that is deployed';

is(backup(@production, '--label', 'again')->{status}, 0, 'another backup');
is(rows_of($node, $production, $deploy), 'created unchanged', 'deployed again');
$content = contents();
is(backup(@production, '--label', 'after-seating', '--format=directory', '--jobs=2', '--drill')->{status}, 0, 'a backup in the directory format');
break_data();
is(rows_of($node, $production, "SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM ops.menuca_seating_rollback(3, dry_run => false)") =~ /in a shell/, 1, 'all of level 3 is done');
$command = restore_step('statement');
like($command, qr/_before_restore_2".*after-seating-\w+\.dir'$/, 'a name that is not taken, and the newest backup');
is(in_shell($command), '', 'it works as it is printed');
is(contents(), $content, 'each table has its rows');
is(rows_of($node, $production, 'SELECT string_agg(DISTINCT status, $$ $$) FROM ops.menuca_seating_deploy()'), 'unchanged', 'all is deployed, as then');
is(error_of($node, $production, "DELETE FROM booking_table_assignments WHERE booking_id = md5('b1')::uuid")->{state}, '23514', 'and in force');

note 'Renamed back';

rows_of($node, 'postgres', 'DROP DATABASE ' . identifier($production));
rows_of($node, 'postgres', 'ALTER DATABASE ' . identifier("${production}_before_restore_2") . ' RENAME TO ' . identifier($production));
is(rows_of($node, $production, "SELECT count(*) FROM restaurants WHERE id = md5('new')::uuid"), 1, 'the database as it was');
rows_of($node, $production, "SELECT ops.menuca_seating_register_backup('service', 'service:9', 'service', 1, 'x', now() - interval '1 minute', now(), true, '{\"path\": \"/srv/9\"}')");
is(restore_step("status, statement, reason ~ 'service:9, is no file of pg_dump'"), 'elsewhere||t', 'a backup that was made in another way has no command');

# The server would cut off the end of a longer one
my $long = 'x' x 62 . 'y';
make_platform($long, menuca_seating => 'ops');
rows_of($node, $long, "SELECT ops.menuca_seating_register_backup('x', 'h:/x', 'pg_dump custom', 1, 'x', now() - interval '1 minute', now(), true, '{\"path\": \"/x\"}')");
is(rows_of($node, $long, "SELECT statement FROM ops.menuca_seating_rollback(3) WHERE step = 'restore'"),
	"psql -X -d postgres -c 'ALTER DATABASE $long RENAME TO " . 'x' x 48 . "_before_restore' && pg_restore --create --exit-on-error -d postgres '/x'", 'a name of 63 bytes');

$node->stop;
log_is_clean($node);

done_testing();
