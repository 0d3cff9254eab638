
# menuca-backup on a real cluster: its backups can be restored, damaged ones
# are never registered, and an interrupt leaves nothing.  What others may try
# against it is in 022_backup_attacks.pl.

use strict;
use warnings;

use Config;
use Digest::SHA;
use File::Path qw(make_path);
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

use MenucaBackup;
use MenucaTest;

#
# Initialize node
#

my $fixture = fixture('fixture', '--scale', '0.05');
my $node = new_node('main');
make_database($node, 'menuca', $fixture);
$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;

my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $store = backup_store($node, 'back ups');

sub checks
{
	my ($database, $label) = @_;

	return rows_of($node, $database,
		"SELECT string_agg(name || ' ' || status, ', ' ORDER BY check_no) FROM menuca_check_backup("
		  . ($label ? "'$label'" : '') . ") WHERE status <> 'PASS'");
}

#
# The call
#

note 'How it is called';

my $bindir = $node->config_data('--bindir');
ok(-x "$bindir/menuca-backup", 'make install puts it beside pg_dump');
my $help = backup('--help');
is("$help->{status} $help->{stderr}", '0 ', '--help');
like($help->{stdout}, qr/--$_/, "--help tells of --$_")
  for qw(label directory output format jobs drill drill-bin drill-settings keep-scratch host port username dbname);
my $before = state_now();
foreach my $call (
	[ '--frobnicate' ], [ 'menuca' ], [ '--label' ], [ '--format', 'plain' ],
	[ '--jobs', '0' ], [ '--jobs', 'x' ], [ '--jobs', '2' ], [ '--keep-scratch' ],
	[ '--drill-bin', '/usr/bin' ], [ '--drill-settings', '/dev/null' ], [ '-d', 'menuca', '--output', "$store/a\nb" ],
	[ '-d', 'menuca', '--label', 'a b' ], [ '-d', 'menuca', '--label', '../x' ],
	[ '-d', 'menuca', '--label', '-x' ], [ '-d', 'menuca', '--output', "$store/" ])
{
	is(backup('--directory', $store, @$call)->{status}, 2, "a wrong call: @$call");
}
nothing_is_left($before, 'a wrong call');

foreach my $case (
	[ 'no such directory', [ '-d', 'menuca', '--directory', "$tmp/nowhere" ], qr/Directory ".*" does not exist/ ],
	[ 'no such database', [ '-d', 'nowhere', '--directory', $store ], qr/database "nowhere" does not exist/ ],
	[ 'no extension', [ '-d', 'postgres', '--directory', $store ], qr/menuca_migrate is not installed in database "postgres"/ ],
	[ 'no server', [ '-d', 'menuca', '-p', '1', '--directory', $store ], qr/cannot be queried/ ])
{
	my ($name, $args, $message) = @$case;
	my $result = backup(@$args);
	is($result->{status}, 1, "$name: fails");
	like($result->{stderr}, $message, "$name: says so");
	nothing_is_left($before, $name);
}

#
# Custom format, drilled
#

note 'Custom format, restored and compared';

my $items = items($node, 'menuca');
my $result = backup('-d', 'menuca', '--directory', $store, '--label', 'staging-1', '--drill');
is($result->{status}, 0, 'succeeds');
my ($file) = $result->{stdout} =~ /:(\S.*\/staging-1-\w+\.dump)$/m;
ok(-s $file, 'the file is where it says');
is((stat $file)[2] & 0777, 0600, 'it is for its owner alone');
is( rows_of($node, 'menuca', "SELECT label, method, size, checksum, verified, restored_once, of_this_database, details ->> 'path' = '$file', id = (details ->> 'host') || ':' || (details ->> 'path') FROM menuca_backups"),
	join('|', 'staging-1', 'pg_dump custom', -s $file, 'sha256:' . Digest::SHA->new(256)->addfile($file)->hexdigest, qw(t t t t t)),
	'registered as what it is');
is( rows_of($node, 'menuca', "SELECT details #>> '{tables,menuca_v3.combo_items,rows}', details #>> '{tables,menuca_v3.combo_items,checksum}' FROM menuca_backups"),
	rows_of($node, 'menuca', "SELECT rows, checksum FROM menuca_table_checksum('menuca_v3.combo_items')"),
	'with the number and checksum of the rows');
is( rows_of($node, 'menuca', "SELECT count(*) FROM menuca_backups, jsonb_object_keys(details -> 'tables') WHERE jsonb_object_keys LIKE 'public.menuca%'"),
	rows_of($node, 'menuca', "SELECT count(*) FROM pg_class WHERE relname LIKE 'menuca%' AND relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('menuca_wanted_index', 'menuca_wanted_access', 'menuca_checklist', 'menuca_verdict_key')"),
	'the ledger is among its tables, but for the three of which a dump holds edited rows only, and the secret');
is(checks('menuca', 'staging-1'), '', 'the checks pass');
$before = state_now();
is($before->{registered}, 1, 'once');
nothing_is_left($before, 'after a good one');

$node->command_ok([ 'createdb', 'copy' ], 'a database to restore into');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', 'copy', $file ], 'anybody can restore it');
is(items($node, 'copy'), $items, 'to the same items');
is(registered('copy'), 0, 'which have no record of that backup');

#
# Other ways
#

note 'Directory format, several jobs';

$result = backup('-dmenuca', "--directory=$store", '--label=staging-2', '--format=directory', '--jobs=2', '--drill');
is($result->{status}, 0, 'succeeds');
my ($dir) = $result->{stdout} =~ /:(\S.*\/staging-2-\w+\.dir)$/m;
ok(-s "$dir/toc.dat", 'it is a directory');
my $hashes = join '', map { Digest::SHA->new(256)->addfile($_)->hexdigest . '  ' . (s/.*\///r) . "\n" } sort map { $_ } glob "'$dir'/*";
my $bytes = 0;
$bytes += -s for glob "'$dir'/*";
is( rows_of($node, 'menuca', "SELECT size, checksum FROM menuca_backups WHERE label = 'staging-2'"),
	"$bytes|sha256:" . Digest::SHA::sha256_hex($hashes), 'size and checksum are those of its files');
is(checks('menuca'), '', 'the checks pass');
$before = state_now();
nothing_is_left($before, 'the directory format');

note 'Not drilled; names with spaces; a throwaway server that is kept';

rows_of($node, 'postgres', q{CREATE DATABASE "my menu=ca's" TEMPLATE menuca});
rows_of($node, 'postgres', 'CREATE ROLE "the keeper" LOGIN IN ROLE pg_read_all_data');
my $odd = sub {
	my ($stdout) = run_command([ 'psql', '-XAtqd', q{dbname='my menu=ca\\'s'}, '-c', $_[0] ]);
	return $stdout;
};
$odd->('GRANT EXECUTE ON FUNCTION menuca_register_backup, menuca_table_checksum TO "the keeper"');
$odd->('CREATE TABLE menuca_v3."a table, with" (a text); CREATE SCHEMA "odd one"; CREATE TABLE "odd one"."T" AS SELECT 1 AS a');
$result = backup('-d', q{my menu=ca's}, '-U', 'the keeper', '--output', "$store/my own name");
is($result->{status}, 0, 'a role that may only read and register, and a name of its own');
ok(-s "$store/my own name", 'the name');
is($odd->('SELECT label, verified, restored_once, registered_by FROM menuca_backups ORDER BY backup_no DESC LIMIT 1'),
	'my_menu_ca_s|t|f|the keeper', 'registered as read back, but not restored');
is($odd->("SELECT status, detail FROM menuca_check_backup() WHERE name = 'backup_verified'"),
	'PASS|It was read back, but not restored; menuca-backup --drill also restores it.', 'which the check tells');
my $content = slurp_file("$store/my own name");
$result = backup('-d', q{my menu=ca's}, '--output', "$store/my own name");
is($result->{status}, 1, 'a name that is taken');
like($result->{stderr}, qr/already exists and is not overwritten/, 'is refused');
is(slurp_file("$store/my own name"), $content, 'and the file untouched');
$odd->("SELECT lo_from_bytea(0, 'abc')");
$result = backup('-d', q{my menu=ca's}, '--directory', $store, '--drill', '--keep-scratch');
is($result->{status}, 0, 'drilled, with the throwaway server kept');
my %told = $result->{stderr} =~ /^menuca-backup: (Start it|Connect|Remove it): (.*)$/mg;
is(system("$told{'Start it'} >'$tmp/kept' 2>&1"), 0, 'it starts as it says');
is(`$told{Connect} -XAtc 'SELECT a FROM "odd one"."T"'`, "1\n", 'and has a copy');
is(`$told{Connect} -XAtc 'SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user'`, "f\n", 'for a role without rights');
is(system("$told{'Remove it'} >>'$tmp/kept' 2>&1"), 0, 'it is removed as it says');
nothing_is_left({ files => files(), registered => registered() }, 'the server that was kept');

SKIP:
{
	my $error = error_of($node, 'postgres', "CREATE DATABASE icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-CH'");
	skip 'this server has no ICU', 2 if $error->{state} eq '0A000';
	is($error->{state}, '', 'a database with a locale of ICU');
	rows_of($node, 'icu', 'CREATE EXTENSION menuca_migrate; CREATE TABLE public.words AS SELECT 1 AS a');
	is(backup('-d', 'icu', '--directory', $store, '--drill')->{status}, 0, 'is drilled');
	rows_of($node, 'postgres', 'DROP DATABASE icu');
}

note 'A copy of a database has its list of backups, which are not its own';

rows_of($node, 'postgres', 'CREATE DATABASE other TEMPLATE menuca');
is(checks('other'), 'backup_of_this_database FAIL', 'by its name');

#
# Others write meanwhile
#

note 'What others write makes no difference';

# Committed after the counting, before and during the dump
wrap_pg_dump(<<'SH');
psql -XAtqd menuca -c 'DELETE FROM menuca_v3.combo_items WHERE id % 2 = 0' -c "UPDATE menuca_v3.dishes SET name = name || '!'" -c "INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT combo_group_id, dish_id FROM menuca_v3.combo_items LIMIT 5"
exec "$real" "$@"
SH
$items = items($node, 'menuca');
my ($rows) = $items =~ /^(\d+)/;
$result = backup('-d', 'menuca', '--directory', $store, '--label', 'busy', '--drill');
is($result->{status}, 0, 'written in between: succeeds');
isnt(items($node, 'menuca'), $items, 'the items are others now');
is( rows_of($node, 'menuca', "SELECT details #>> '{tables,menuca_v3.combo_items,rows}' FROM menuca_backups WHERE label = 'busy'"),
	$rows, 'the backup has those from before');
unwrap();

my $writer = start_sql($node, 'menuca', <<'SQL');
DO $$ BEGIN
	FOR i IN 1..1000000 LOOP
		INSERT INTO menuca_v3.combo_items (combo_group_id, dish_id) SELECT combo_group_id, dish_id FROM menuca_v3.combo_items LIMIT 1;
		UPDATE menuca_v3.dishes SET description = i::text WHERE id = (SELECT min(id) + i % 20 FROM menuca_v3.dishes);
		COMMIT;
	END LOOP;
END $$
SQL
my $writer_pid = wait_for_backend($node, $writer);
foreach my $format ('custom', 'directory')
{
	my $count = rows_of($node, 'menuca', 'SELECT count(*) FROM menuca_v3.combo_items');
	$result = backup('-d', 'menuca', '--directory', $store, '--label', "busy-$format", '--drill',
		'--format', $format, $format eq 'directory' ? ('--jobs', 2) : ());
	is($result->{status}, 0, "a writer all the time, $format: succeeds");
	cmp_ok(rows_of($node, 'menuca', 'SELECT count(*) FROM menuca_v3.combo_items'), '>', $count,
		'it was writing meanwhile');
}
rows_of($node, 'postgres', "SELECT pg_terminate_backend($writer_pid, 10000)");
finish_sql($writer);

#
# Damage
#

note 'A damaged backup is never registered';

$before = state_now();
my @drill = ('-d', 'menuca', '--directory', $store, '--label', 'bad');
foreach my $case (
	[ 'cut in its rows', qr/cannot read the dump to its end/,
		'"$real" "$@"; dd if="$file" of="$file.cut" bs=1 count=$(($(wc -c <"$file") - 2000)) 2>/dev/null; mv "$file.cut" "$file"' ],
	[ 'other bytes in its rows', qr/cannot read the dump to its end/,
		'"$real" "$@"; printf "%0100d" 0 | dd of="$file" bs=1 seek=$(($(wc -c <"$file") / 2)) conv=notrunc 2>/dev/null' ],
	[ 'cut in its list', qr/cannot read the list/,
		'"$real" "$@"; dd if="$file" of="$file.cut" bs=1 count=300 2>/dev/null; mv "$file.cut" "$file"' ],
	[ 'nothing in it', qr/pg_dump wrote nothing/, ': >"$file"' ],
	[ 'without a table', qr/"menuca_v3.combo_items".*lacks these tables/s,
		'"$real" "$@" --exclude-table=menuca_v3.combo_items' ],
	[ 'without its rows', qr/lacks these tables/, '"$real" "$@" --exclude-table-data=menuca_v3.combo_items' ],
	[ 'without the ledger', qr/lacks these tables/, '"$real" "$@" --schema=menuca_v3' ],
	[ 'a failure in the middle', qr/pg_dump failed/, '"$real" "$@"; exit 1' ])
{
	my ($name, $message, $script) = @$case;

	wrap_pg_dump($script);
	$result = backup(@drill);
	is($result->{status}, 1, "$name: fails");
	like($result->{stderr}, $message, "$name: says so");
	is($result->{stdout}, '', "$name: prints no id");
	nothing_is_left($before, $name);
}
wrap_pg_dump('"$real" "$@"; rm "$file"/*.dat.gz');
$result = backup(@drill, '--format', 'directory');
is($result->{status}, 1, 'a directory that lost its files: fails');
nothing_is_left($before, 'a directory that lost its files');

# Only a restore finds these: the rows are others, or cannot be restored
wrap_pg_dump(<<'SH');
for arg; do
	shift
	case $arg in --snapshot=*) ;; *) set -- "$@" "$arg" ;; esac
done
psql -XAtqd menuca -c 'UPDATE menuca_v3.combo_items SET quantity = quantity + 1 WHERE id = (SELECT min(id) FROM menuca_v3.combo_items)'
exec "$real" "$@"
SH
$result = backup(@drill, '--drill');
is($result->{status}, 1, 'one value is another: fails');
like($result->{stderr}, qr/in the database: \["menuca_v3.combo_items", (\d+), .*restored:\s+\["menuca_v3.combo_items", \1, .*restored rows differ/s,
	'one value is another: says where');
nothing_is_left($before, 'one value is another');
unwrap();

rows_of($node, 'menuca', <<'SQL');
CREATE FUNCTION public.most() RETURNS int LANGUAGE sql AS 'SELECT 10';
CREATE FUNCTION public.few(int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN $1 < most(); END';
CREATE TABLE public.checked (a int CHECK (public.few(a)));
INSERT INTO public.checked VALUES (1);
SQL
$result = backup(@drill, '--drill');
is($result->{status}, 1, 'what cannot be restored: fails');
like($result->{stderr}, qr/function most\(\) does not exist.*cannot be restored/s, 'what cannot be restored: says why');
nothing_is_left($before, 'what cannot be restored');
rows_of($node, 'menuca', 'DROP TABLE public.checked; DROP FUNCTION public.few, public.most');

note 'A good one that cannot be registered is kept';

rows_of($node, 'menuca', 'CREATE ROLE reader LOGIN IN ROLE pg_read_all_data');
$result = backup('-d', 'menuca', '-U', 'reader', '--output', "$store/unregistered");
is($result->{status}, 1, 'fails');
like($result->{stderr}, qr/permission denied for function menuca_register_backup/, 'says why');
ok(-s "$store/unregistered", 'the file is there');
my ($register) = $result->{stderr} =~ /(SELECT public\.menuca_register_backup\(.*\);)/;
is(rows_of($node, 'menuca', $register) > 0, 1, 'and can be registered as it says');
is( rows_of($node, 'menuca', 'SELECT checksum FROM menuca_backups ORDER BY backup_no DESC LIMIT 1'),
	'sha256:' . Digest::SHA->new(256)->addfile("$store/unregistered")->hexdigest, 'with its checksum');

#
# Interrupts
#

note 'Interrupted, it leaves nothing';

# In the throwaway server an index takes five minutes
rows_of($node, 'menuca', <<'SQL');
CREATE FUNCTION public.slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF current_database() LIKE 'menuca\_drill%' THEN PERFORM pg_sleep(300); END IF;
	RETURN $1;
END $$;
CREATE TABLE public.slow AS SELECT 1 AS a;
CREATE INDEX ON public.slow (public.slow(a));
SQL
$before = state_now();
my %stages = (
	'counting' => [ 'menuca_v3.combo_items', "wait_event_type = 'Lock' AND application_name = 'psql'", '--drill' ],
	'dumping' => [ 'menuca_v3.combo_items', "wait_event_type = 'Lock' AND application_name = 'pg_dump'" ],
	'dumping with jobs' => [ 'menuca_v3.combo_items', "wait_event_type = 'Lock' AND application_name = 'pg_dump'", '--format=directory', '--jobs=2' ],
	'restoring' => [ undef, undef, '--drill' ]);
my %ends = (
	'an interrupt of the terminal' => [ sub { kill INT => -$_[0] }, 130 ],
	'a termination' => [ sub { kill TERM => $_[0] }, 143 ],
	'a hangup' => [ sub { kill HUP => $_[0] }, 129 ]);

foreach my $stage (sort keys %stages)
{
	my ($locked, $reached, @args) = @{ $stages{$stage} };

	foreach my $end (sort keys %ends)
	{
		my $name = "$end while $stage";
		my $holder;
		if ($locked)
		{
			$holder = $node->background_psql('menuca');
			$holder->query_safe("BEGIN; LOCK TABLE $locked IN ACCESS EXCLUSIVE MODE");
		}
		my $handle = start_backup(@drill, @args);
		($reached ? $node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_activity WHERE $reached") : wait_until_drill_sleeps())
		  or die "$name: it did not come so far";
		my $at = time;
		$ends{$end}[0]->($handle->{pid});
		$result = finish_backup($handle);
		cmp_ok(time - $at, '<', 240, "$name: ends before the index is built");
		is("$result->{status} $result->{signal}", "$ends{$end}[1] 0", "$name: exit status");
		$holder->quit if $holder;
		nothing_is_left($before, $name);
	}
}
rows_of($node, 'menuca', 'DROP TABLE public.slow; DROP FUNCTION public.slow');

note 'The server goes away';

my $holder = $node->background_psql('menuca', on_error_stop => 0);
$holder->query_safe('BEGIN; LOCK TABLE menuca_v3.combo_items IN ACCESS EXCLUSIVE MODE');
my $handle = start_backup(@drill, '--drill');
$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
  or die 'it does not wait';
$node->stop('immediate');
$result = finish_backup($handle);
is($result->{status}, 1, 'fails');
like($result->{stderr}, qr/could not be counted/, 'says what');
eval { $holder->quit };
$node->start;
nothing_is_left($before, 'the server goes away');

is(backup(@drill, '--drill')->{status}, 0, 'and after all that a backup succeeds');

$node->stop;
log_is_clean($node);

done_testing();
