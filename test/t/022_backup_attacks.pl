
# What others may try against menuca-backup: names that break out of SQL or of a
# line, files that are there first, and code in the dump that runs when it is
# restored.  Each attack has succeeded against a program that takes names for
# harmless, or restores as a superuser.

use strict;
use warnings;

use File::Copy qw(copy);
use File::Path qw(make_path);
use POSIX qw(SIGTERM);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use MenucaBackup;
use MenucaTest;

#
# Initialize node
#

my $node = new_node('attacks');
my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $store = backup_store($node, 'store');
my $sharedir = $node->config_data('--sharedir');

# Runs SQL in a database that may have any name, as a role that may, too
sub sql
{
	my ($database, $sql, $role) = @_;
	(my $quoted = $database) =~ s/(['\\])/\\$1/g;
	my @command = ('psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', "dbname='$quoted'", $role ? ('-U', $role) : ());
	my ($stdout, $stderr) = ('', '');

	IPC::Run::run(\@command, '<', \$sql, '>', \$stdout, '2>', \$stderr) or die "$sql: $stderr";
	chomp $stdout;
	return $stdout;
}

sub has_extension
{
	return sql('postgres', "SELECT count(*) FROM pg_available_extensions WHERE name = '$_[0]'");
}

sub superusers
{
	return sql('postgres', "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolsuper");
}

my $superusers = superusers();

sub file_of
{
	my ($result) = @_;
	my ($file) = $result->{stdout} =~ /:(\/.*)$/m;

	return $file;
}

#
# Names
#

note 'A name that breaks out of a line, or of SQL';

# The first line is the name of another database; the sixth was taken for the
# name of a schema
my $breaking = "bar\n1\nf\n1\nl\n1;alter role creator superuser;--";
sql('postgres', 'CREATE ROLE creator LOGIN CREATEDB');
sql('postgres', 'CREATE DATABASE bar');
sql('bar', 'CREATE EXTENSION menuca_migrate');
sql('postgres', qq{CREATE DATABASE "$breaking"}, 'creator');
my $result = backup('-d', $breaking, '--directory', $store, '--label', 'l1');
is($result->{status}, 1, 'a database without the extension: fails');
like($result->{stderr}, qr/^menuca-backup: Extension menuca_migrate is not installed in database "bar 1 f 1 l 1;alter/m, 'and says so in one line');
is(superusers(), $superusers, 'nobody became a superuser');
is(sql('bar', 'SELECT count(*) FROM menuca_backup'), 0, 'nothing is registered elsewhere');
sql($breaking, 'CREATE EXTENSION menuca_migrate');
is(backup('-d', $breaking, '--directory', $store, '--label', 'l1', '--drill')->{status}, 0, 'with the extension: succeeds');
is(superusers(), $superusers, 'nobody became a superuser');
is(sql($breaking, 'SELECT count(*) FROM menuca_backup'), 1, 'it is registered where it belongs');

note 'Odd names of everything';

my @odd = (
	"line\nbreak", "tab\there", q{"quoted" it's}, q{back\\slash\\n}, 'a=b host=/nowhere', ':name :"name" :\'name\'', '-X', ' space ',
	"ends\n", '$(touch ' . "$tmp/pwned" . ')', "\\! touch $tmp/pwned", '`touch ' . "$tmp/pwned" . '`', '%s%n', "x'; ALTER ROLE creator SUPERUSER; --",
	"\n-- \\! touch $tmp/pwned", "\e]0;title\a", 'Ünï', '["json", 1]', 'a|b', '-- ; 1; 2 3 TABLE DATA');
my $quote = sub { return '"' . $_[0] =~ s/"/""/gr . '"' };
my $literal = sub { return "E'" . $_[0] =~ s/(['\\])/\\$1/gr . "'" };
my $home = $quote->("odd\thome of :it");
my $script = "CREATE SCHEMA $home; CREATE EXTENSION menuca_migrate SCHEMA $home;\n";
my $extension = "odd\n\"extension\"";
my $can_install = -w "$sharedir/extension";
END { unlink "$sharedir/extension/$extension.control", "$sharedir/extension/$extension--1.sql" if $can_install }
if ($can_install)
{
	write_file('control', "default_version = '1'\n");
	write_file('script', <<'SQL');
CREATE TABLE "its
table" (a int);
CREATE SEQUENCE "its
sequence";
SELECT pg_catalog.pg_extension_config_dump('"its
table"', '');
SELECT pg_catalog.pg_extension_config_dump('"its
sequence"', '');
CREATE FUNCTION "its definer"(statement text) RETURNS void SECURITY DEFINER LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; END $$;
SQL
	copy("$tmp/control", "$sharedir/extension/$extension.control") or die;
	copy("$tmp/script", "$sharedir/extension/$extension--1.sql") or die;
	$script .= 'CREATE EXTENSION ' . $quote->($extension) . qq{; INSERT INTO "its\ntable" VALUES (1), (2); SELECT nextval('"its\nsequence"');\n};
}
foreach my $i (0 .. $#odd)
{
	my $name = $quote->($odd[$i]);

	$script .= "CREATE SCHEMA $name; CREATE TABLE $name.$name ($name int PRIMARY KEY, b text COLLATE \"C\" DEFAULT " . $literal->($odd[$i]) . ");\n";
	$script .= "INSERT INTO $name.$name SELECT generate_series(1, $i); CREATE VIEW $name.v AS SELECT * FROM $name.$name;\n";
	$script .= "CREATE ROLE $name; CREATE POLICY $name ON $name.$name TO $name USING ($name > 0); COMMENT ON TABLE $name.$name IS " . $literal->($odd[$i]) . ";\n";
	$script .= "ALTER TABLE $name.$name OWNER TO $name;\n" if $i % 2;
}
$script .= "SELECT lo_from_bytea(0, 'abc'); SELECT lo_from_bytea(0, '');\n";
my $database = "odd\n-d\t'x' \"y\" \\z = :w\n";
sql('postgres', 'CREATE DATABASE ' . $quote->($database));
sql($database, $script);
my $tables = @odd + ($can_install ? 1 : 0);
my $registered = sub {
	return sql($database, <<SQL);
SELECT restored_once, (SELECT count(*) FROM jsonb_object_keys(details -> 'tables') k
	JOIN (SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
		WHERE c.relkind = 'r' AND c.relname !~ '^menuca_' AND n.nspname !~ '^(pg_|information_schema)') t ON t.name = k)
FROM $home.menuca_backups ORDER BY backup_no DESC LIMIT 1
SQL
};
foreach my $case ([ 'custom', '-d', $database ], [ 'directory, two jobs', '-d', $database, '--format=directory', '--jobs=2' ])
{
	my ($name, @args) = @$case;

	$result = backup(@args, '--directory', $store, '--drill');
	is($result->{status}, 0, "$name: succeeds");
	is($registered->(), "t|$tables", "$name: registered with all its tables");
	like(file_of($result), qr{/odd_-d_x_y_z_w_-\w+\.(dump|dir)$}, "$name: a harmless file name");
	unlike($result->{stderr}, qr/[^\n\t\x20-\xff]/, "$name: no control characters are shown");
}
{
	local $ENV{PGDATABASE} = $database;
	local $ENV{PGOPTIONS} = '-c search_path=information_schema -c quote_all_identifiers=on';
	is(backup('--directory', $store, '--drill', '--label', 'environment')->{status}, 0, 'by PGDATABASE, with PGOPTIONS: succeeds');
}
is($registered->(), "t|$tables", 'by PGDATABASE: registered with all its tables');
{
	write_file('services', "[menu]\ndbname=bar\nuser=postgres\n");
	local ($ENV{PGSERVICEFILE}, $ENV{PGSERVICE}) = ("$tmp/services", 'menu');
	is(backup('--directory', $store, '--drill', '--label', 'service')->{status}, 0, 'by a service: succeeds');
	is(sql('bar', 'SELECT max(label) FROM menuca_backup'), 'service', 'by a service: registered in its database');
	is(backup('-d', $database, '--directory', $store, '--label', 'both')->{status}, 0, 'a name and a service: succeeds');
	is(sql($database, "SELECT max(label) FROM $home.menuca_backup WHERE label = 'both'"), 'both', 'a name and a service: the name counts');
}
is(superusers(), $superusers, 'nobody became a superuser');
ok(!-e "$tmp/pwned", 'no command was run');

note 'Names that look alike in the list of a dump';

sql('postgres', 'CREATE DATABASE alike');
sql('alike', qq{CREATE EXTENSION menuca_migrate; CREATE TABLE "a b" AS SELECT 1 AS a; CREATE TABLE "a\nb" AS SELECT 1 AS a});
wrap_pg_dump('exec "$real" "$@" --exclude-table="public.\"a b\""');
$result = backup('-d', 'alike', '--directory', $store);
is($result->{status}, 1, 'one of two is missing: fails');
like($result->{stderr}, qr/^  "public\.\\"a b\\""\n.*lacks these tables/m, 'one of two is missing: says which');
unwrap();

note 'A namesake of the function that registers';

sql('bar', <<'SQL');
CREATE ROLE namesake LOGIN;
GRANT CREATE ON SCHEMA public TO namesake;
SET SESSION AUTHORIZATION namesake;
CREATE FUNCTION menuca_register_backup(label text, id text, method text, size text, checksum text, started text, finished timestamptz, verified boolean, details jsonb)
RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN ALTER ROLE namesake SUPERUSER; RETURN 1; END $$;
SQL
is(backup('-d', 'bar', '--directory', $store, '--label', 'namesake')->{status}, 0, 'succeeds');
is(superusers(), $superusers, 'nobody became a superuser');
is(sql('bar', "SELECT count(*) FROM menuca_backup WHERE label = 'namesake'"), 1, 'it is registered');
sql('bar', 'REVOKE CREATE ON SCHEMA public FROM namesake; DROP FUNCTION menuca_register_backup(text, text, text, text, text, text, timestamptz, boolean, jsonb)');

#
# Files
#

note 'Files that others made first';

my @bar = ('-d', 'bar', '--directory', $store);
my $victim = "$tmp/victim";
write_file('victim', "precious\n");
my $before = files();
wrap_pg_dump(<<SH);
ls -ldn "\${file%/*}" >'$tmp/seen'
ls "$store" >>'$tmp/seen'
ls -A '$store' | sed 's/^/in store: /' >>'$tmp/seen'
exec "\$real" "\$@"
SH
{
	my $umask = umask 0;
	$result = backup(@bar, '--label', 'private');
	umask $umask;
}
like(slurp_file("$tmp/seen"), qr/^drwx------/, 'a dump is written in a directory of its own, that nobody else can enter');
unlike(slurp_file("$tmp/seen"), qr/^in store: private/m, 'nothing has its name meanwhile');
is((stat file_of($result))[2] & 07777, 0600, 'and it is for its owner alone, whatever the umask');
unwrap();

# Right before the dump gets its name, somebody else takes it
foreach my $case (
	[ 'a link', 'ln -s ' . "'$victim'" ], [ 'a link to nowhere', 'ln -s ' . "'$tmp/nowhere'" ],
	[ 'a link to a directory', 'ln -s ' . "'$tmp/elsewhere'" ], [ 'a file', 'cp ' . "'$victim'" ], [ 'a directory', 'mkdir' ],
	[ 'a fifo', 'mkfifo' ], [ 'a link to a device', 'ln -s /dev/null' ])
{
	my ($name, $make) = @$case;

	foreach my $format ('custom', 'directory')
	{
		my $final = "$store/taken";

		make_path("$tmp/elsewhere");
		wrap_program('pg_restore', qq{case " \$* " in *" /dev/null "*) $make '$final' ;; esac\nexec "\$real" "\$@"});
		$result = backup('-d', 'bar', '--output', $final, '--format', $format);
		is($result->{status}, 1, "$name, $format: fails");
		like($result->{stderr}, qr/taken already exists and is not overwritten/, "$name, $format: says so");
		ok(-l $final || -e $final, "$name, $format: it is still there");
		is(slurp_file($victim) . join(' ', glob "'$tmp'/elsewhere/*") . (-e "$tmp/nowhere"), "precious\n", "$name, $format: nothing is written through it");
		system('rm', '-rf', $final);
		is(files(), $before = join(' ', sort split(/ /, files())), "$name, $format: no file is left");
		unwrap();
	}
}

# After that, too, up to the moment in which the dump gets its name
foreach my $make ('mkfifo', 'ln -s /dev/null', "ln -s '$tmp/nowhere'", "ln '$victim'", 'mkdir')
{
	wrap_program('link', qq{[ "\$2" != '$store/late' ] || $make '$store/late'\nexec "\$real" "\$@"});
	$result = backup('-d', 'bar', '--output', "$store/late");
	is($result->{status}, 1, "$make, at the last moment: fails");
	like($result->{stderr}, qr/late already exists and is not overwritten/, "$make, at the last moment: says so");
	is(slurp_file($victim) . (-e "$tmp/nowhere"), "precious\n", "$make, at the last moment: nothing is written through it");
	system('rm', '-rf', "$store/late");
}
unwrap();

# A file system without hard links: when the name is claimed, it is too late
wrap_program('link', 'exit 1');
wrap_program('mv', qq{ln -s '$victim' '$store/claimed' 2>>'$tmp/refused'\nexec "\$real" "\$@"});
$result = backup('-d', 'bar', '--output', "$store/claimed");
is($result->{status}, 0, 'a link made between claiming and moving: succeeds');
like(slurp_file("$tmp/refused"), qr/File exists/, 'the link could not be made');
ok(-s "$store/claimed" && !-l "$store/claimed", 'the backup has its name');
is(slurp_file($victim), "precious\n", 'nothing is written through it');
unwrap();

note 'Directories that are no place for a backup';

foreach my $case ([ 'everybody\'s', 0777, 'open' ], [ 'below everybody\'s', 0700, 'open/below' ])
{
	my ($name, $mode, $directory) = @$case;

	make_path("$tmp/open/below");
	chmod 0777, "$tmp/open";
	$result = backup('-d', 'bar', '--directory', "$tmp/$directory");
	is($result->{status}, 1, "$name: fails");
	like($result->{stderr}, qr/Directory \S*open is writable by everybody and has no sticky bit/, "$name: says so");
}
chmod 01777, "$tmp/open";
is(backup('-d', 'bar', '--directory', "$tmp/open")->{status}, 0, 'with a sticky bit: succeeds');
{
	chmod 0777, "$tmp/open";
	local $ENV{TMPDIR} = "$tmp/open";
	like(backup(@bar)->{stderr}, qr/open is writable by everybody.*Set TMPDIR/s, 'TMPDIR likewise');
}

#
# Code in the dump
#

note 'Code in the dump';

# Everything that a function could do with the rights of a superuser or of the
# server's user.  The server's log tells each attempt, and how it ended.
my $port = $node->port;
my $host = $node->host;
my $marker = "$tmp/marker";
my %attempt = (
	'alter role' => 'ALTER ROLE evil SUPERUSER',
	'create role' => 'CREATE ROLE evil2 SUPERUSER',
	'program' => "COPY (SELECT 1) TO PROGRAM 'psql -Xc \"CREATE ROLE evil3 SUPERUSER\"; touch $marker'",
	'file' => "COPY (SELECT 1) TO '$marker'",
	'large object' => "PERFORM lo_export(lo_from_bytea(0, 'x'), '$marker')",
	'read file' => "PERFORM pg_read_file('postgresql.conf')",
	'read directory' => "PERFORM pg_ls_dir('.')",
	'catalog' => "UPDATE pg_authid SET rolsuper = true WHERE rolname = session_user",
	'passwords' => 'PERFORM rolpassword FROM pg_authid',
	'database' => "ALTER DATABASE menuca_drill SET session_preload_libraries = 'x'",
	'C' => "CREATE FUNCTION evil.c(text) RETURNS int LANGUAGE c AS 'libc.so.6', 'system'",
	'extension' => 'CREATE EXTENSION tcn SCHEMA evil',
	'trusted extension' => 'CREATE EXTENSION citext SCHEMA evil',
	'schema' => 'CREATE SCHEMA evil_schema',
	'language' => 'UPDATE pg_language SET lanpltrusted = true',
	'admin' => 'SET ROLE menuca_drill_admin',
	'extensions' => 'SET ROLE menuca_drill_extensions',
	'authorization' => 'SET SESSION AUTHORIZATION menuca_drill_admin',
	'reload' => 'PERFORM pg_reload_conf()',
	'settings' => "SET session_preload_libraries = 'x'");
my $dblink = has_extension('dblink');
my $fdw = has_extension('postgres_fdw');
if ($dblink)
{
	$attempt{dblink} = "PERFORM evil_home.dblink_exec('host=$host port=$port dbname=postgres user=postgres password=x', 'CREATE ROLE evil4 SUPERUSER')";
	$attempt{'dblink, connected'} = "PERFORM evil_home.dblink_connect_u('evil', 'host=$host port=$port dbname=postgres user=postgres')";
}
$attempt{definer} = q{PERFORM evil_home."its definer"('CREATE ROLE evil5 SUPERUSER')} if $can_install;
my $attempts = join '', map {
	"	BEGIN EXECUTE format('DO %L', \$try\$BEGIN $attempt{$_}; END\$try\$); RAISE WARNING 'attack % $_: done', place; EXCEPTION WHEN OTHERS THEN RAISE WARNING 'attack % $_: %', place, SQLSTATE; END;\n"
} sort keys %attempt;

sql('postgres', 'CREATE ROLE evil LOGIN');
sql('postgres', 'CREATE DATABASE victim');
sql('victim', 'CREATE SCHEMA ops; CREATE EXTENSION menuca_migrate SCHEMA ops; CREATE SCHEMA evil AUTHORIZATION evil; CREATE SCHEMA evil_home; GRANT USAGE ON SCHEMA evil_home TO PUBLIC;');
sql('victim', 'CREATE EXTENSION dblink SCHEMA evil_home') if $dblink;
sql('victim', 'CREATE EXTENSION ' . $quote->($extension) . ' SCHEMA evil_home') if $can_install;
sql('victim', <<SQL, 'evil');
CREATE FUNCTION evil.attack(place text) RETURNS boolean LANGUAGE plpgsql AS \$attack\$
BEGIN
	-- Where it was created nothing happens, so that the dump can be made
	IF session_user = 'evil' THEN RETURN true; END IF;
$attempts	RETURN true;
END \$attack\$;
CREATE FUNCTION evil.immutable(place text, a int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS \$\$ BEGIN PERFORM evil.attack(place); RETURN a; END \$\$;
CREATE FUNCTION evil.fires() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN PERFORM evil.attack('trigger'); RETURN NEW; END \$\$;
CREATE DOMAIN evil.domain AS int CHECK (evil.attack('domain'));
CREATE TABLE evil.t (a int CHECK (evil.attack('check')), d evil.domain, g int GENERATED ALWAYS AS (evil.immutable('generated', a)) STORED, x int DEFAULT evil.immutable('default', 1));
INSERT INTO evil.t (a, d) VALUES (1, 1);
CREATE INDEX ON evil.t (evil.immutable('index', a));
CREATE TRIGGER fires BEFORE INSERT ON evil.t FOR EACH ROW EXECUTE FUNCTION evil.fires();
ALTER TABLE evil.t ENABLE ALWAYS TRIGGER fires;
CREATE TABLE evil.p (a int) PARTITION BY LIST (evil.immutable('partition', a));
CREATE TABLE evil.p1 PARTITION OF evil.p FOR VALUES IN (1);
INSERT INTO evil.p VALUES (1);
CREATE MATERIALIZED VIEW evil.m AS SELECT evil.attack('materialized view');
CREATE FUNCTION evil.event() RETURNS event_trigger LANGUAGE plpgsql AS \$\$ BEGIN PERFORM evil.attack('event trigger'); END \$\$;
SQL
sql('victim', 'CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION evil.event(); ALTER EVENT TRIGGER watch DISABLE');

# Restoring an edited row of these replaces the one that the extension ships
sql('victim', <<'SQL');
UPDATE ops.menuca_wanted_index SET wanted = false WHERE name = (SELECT min(name) FROM ops.menuca_wanted_index);
UPDATE ops.menuca_wanted_access SET note = 'edited' WHERE table_name = (SELECT min(table_name) FROM ops.menuca_wanted_access);
SQL
$result = backup('-d', 'victim', '--directory', $store, '--label', 'victim', '--drill', '--keep-scratch');
is($result->{status}, 0, 'the drill succeeds');
my ($log) = map { slurp_file($_) } glob "'$store'/.menuca-backup.*/server.log";
$log //= $result->{stderr};
my ($remove) = $result->{stderr} =~ /^menuca-backup: Remove it: (.*)$/m;
system("$remove 2>/dev/null") if $remove;
is(superusers(), $superusers, 'nobody became a superuser');
is(join(' ', sort split /\n/, sql('postgres', "SELECT rolname FROM pg_roles WHERE rolname LIKE 'evil%'")), 'evil', 'nobody was created');
ok(!-e $marker, 'no file was written, no program run');
is(join(' ', $log =~ /attack (.*: done)/g), '', 'no attempt succeeded');
foreach my $place ('check', 'domain', 'generated', 'index', 'partition', 'materialized view')
{
	my %states = $log =~ /WARNING:  attack \Q$place\E (.*?): (\w+)$/mg;
	my @other = grep { ($states{$_} // '') !~ /^(?:42501|42704|22023|58P01|42883)$/ } keys %attempt;

	is(join(', ', map { "$_: " . ($states{$_} // 'not made') } sort @other), '', "$place: every attempt was made and refused");
}
unlike($log, qr/attack (?:default|trigger|event trigger)/, 'what no restore runs, the drill does not run');
like($result->{stderr}, qr/^menuca-backup: not tried by the drill: 1 EVENT TRIGGER$/m, 'the event trigger is told');
is(sql('victim', 'SELECT restored_once FROM ops.menuca_backups'), 't', 'it is registered as restored');

SKIP:
{
	skip 'this server has no postgres_fdw', 2 if !$fdw;
	sql('victim', <<SQL);
CREATE EXTENSION postgres_fdw SCHEMA evil_home;
CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname 'victim');
CREATE USER MAPPING FOR PUBLIC SERVER loop OPTIONS (user 'postgres', password_required 'false');
CREATE TABLE public.visits (a int);
CREATE FOREIGN TABLE public.far (a int) SERVER loop OPTIONS (schema_name 'public', table_name 'visits');
CREATE FUNCTION public.visit(int) RETURNS boolean LANGUAGE plpgsql AS \$\$
BEGIN
	IF current_database() = 'victim' THEN RETURN true; END IF;
	BEGIN INSERT INTO public.far VALUES (1); EXCEPTION WHEN OTHERS THEN RAISE WARNING 'visit: %', SQLERRM; END;
	RETURN true;
END \$\$;
CREATE TABLE public.visitor (a int CHECK (public.visit(a)));
INSERT INTO public.visitor VALUES (1);
CREATE MATERIALIZED VIEW public.far_view AS SELECT * FROM public.far;
SQL
	$result = backup('-d', 'victim', '--directory', $store, '--drill');
	is("$result->{status} " . sql('victim', 'SELECT count(*) FROM public.visits'), '0 0', 'foreign tables lead nowhere');
	like($result->{stderr}, qr/not tried by the drill: 1 EVENT TRIGGER, 1 USER MAPPING, 2 MATERIALIZED VIEW DATA$/m, 'and what needs them is told');
	sql('victim', 'DROP TABLE public.visitor; DROP EXTENSION postgres_fdw CASCADE');
}

note 'What the drill prints';

sql('victim', <<'SQL');
CREATE FUNCTION public.shout(int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	IF current_database() = 'victim' THEN RETURN true; END IF;
	RAISE EXCEPTION E'\x1b[31mred\x07\nmenuca-backup: backup 7, "forged", is registered %', chr(155);
END $$;
CREATE TABLE public.loud (a int CHECK (public.shout(a)));
INSERT INTO public.loud VALUES (1);
SQL
$result = backup('-d', 'victim', '--directory', $store, '--drill');
is($result->{status}, 1, 'a row that cannot be restored: fails');
like($result->{stderr}, qr/ERROR:  \[31mred\n/, 'its message is shown without control characters');
unlike($result->{stderr}, qr/\e|\a|\xc2\x9b|^menuca-backup: backup 7/m, 'and cannot be taken for one of the program');
sql('victim', 'DROP TABLE public.loud');

#
# The throwaway server
#

note 'The throwaway server';

sql('victim', <<'SQL');
CREATE FUNCTION public.c(text) RETURNS int LANGUAGE internal AS 'textlen';
SQL
$result = backup('-d', 'victim', '--directory', $store, '--drill');
is($result->{status}, 1, 'a function that only a superuser can create: fails');
like($result->{stderr}, qr/permission denied for language internal.*CREATE FUNCTION public\.c\(text\).*must belong to an extension/s, 'and names it');
sql('victim', 'DROP FUNCTION public.c');

foreach my $case (
	[ 'a directory without the server', [ '--drill-bin', $tmp ], qr/initdb and postgres of version \d+ are not in directory/ ],
	[ 'settings that are not there', [ '--drill-settings', "$tmp/nothing" ], qr/cannot be read/ ],
	[ 'a library that cannot be preloaded', [ '--drill-settings', "$tmp/preload" ], qr/"no_such_library".*did not start/s ])
{
	my ($name, $args, $message) = @$case;

	write_file('preload', "shared_preload_libraries = 'no_such_library'\n");
	$before = files();
	$result = backup('-d', 'victim', '--directory', $store, '--drill', @$args);
	is($result->{status}, 1, "$name: fails");
	like($result->{stderr}, $message, "$name: says so");
	is(files() . processes(), $before, "$name: nothing is left");
}
sql('victim', <<'SQL');
CREATE TABLE public.needs (a int CHECK (current_setting('our.setting') = 'on'));
SET our.setting = on;
INSERT INTO public.needs VALUES (1);
SQL
write_file('settings', "our.setting = 'on'\nlisten_addresses = '*'\nport = 1\n");
is(backup('-d', 'victim', '--directory', $store, '--drill')->{status}, 1, 'a check that needs a setting: fails without it');
is(backup('-d', 'victim', '--directory', $store, '--drill', '--drill-settings', "$tmp/settings", '--drill-bin', $node->config_data('--bindir'))->{status}, 0,
	'and succeeds with it; addresses cannot be set');
sql('victim', 'DROP TABLE public.needs');
{
	local $ENV{TMPDIR} = "$tmp/" . 'long' x 20;
	make_path($ENV{TMPDIR});
	like(backup('-d', 'victim', '--directory', $store, '--drill')->{stderr}, qr/too long for a socket.*Set TMPDIR/s, 'a path that is too long for a socket is refused');
}
wrap_program('id', 'echo 0');
like(backup('-d', 'victim', '--directory', $store, '--drill')->{stderr}, qr/A drill cannot run as root.*unprivileged user/s, 'root is refused');
unwrap();

#
# Signals
#

note 'Ended at any moment';

# Whatever it was doing: either the backup is there and registered, or nothing is
my @left;
foreach my $moment (1 .. 16)
{
	my @before = (files(), sql('victim', 'SELECT count(*) FROM ops.menuca_backup'));
	my $handle = start_backup('-d', 'victim', '--output', "$store/moment", '--drill', $moment % 2 ? '--format=directory' : ());

	usleep($moment * 120_000);
	kill TERM => $handle->{pid};
	$result = finish_backup($handle);
	if (sql('victim', 'SELECT count(*) FROM ops.menuca_backup') > $before[1])
	{
		push @left, "moment $moment: registered, without a file" if !-e "$store/moment";
		sql('victim', 'DELETE FROM ops.menuca_backup WHERE id LIKE \'%/moment\'');
		system('rm', '-rf', "$store/moment");
	}
	# The signal ends a process that has not set its trap yet
	elsif ($result->{status} != 143 && $result->{signal} != SIGTERM)
	{
		push @left, "moment $moment: status $result->{status}, signal $result->{signal}";
	}
	push @left, "moment $moment: " . files() if files() ne $before[0];
	push @left, "moment $moment: " . processes() if processes() ne '';
	push @left, "moment $moment: a temporary directory" if glob "'" . $ENV{TMPDIR} . "'/menuca-backup.*";
}
is(join("\n", @left), '', 'nothing is left');

# The file has its name already, and the registration waits
$before = files();
wrap_program('link', qq{"\$real" "\$@"\nuntil [ -e '$tmp/locked' ]; do sleep 0.1; done});
my $handle = start_backup('-d', 'victim', '--output', "$store/waiting", '--label', 'waiting');
foreach (1 .. 600)
{
	last if -s "$store/waiting";
	usleep(100_000);
}
my $holder = $node->background_psql('victim');
$holder->query_safe('BEGIN; LOCK TABLE ops.menuca_backup IN ACCESS EXCLUSIVE MODE');
write_file('locked', '');
$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'") or die 'it does not wait';
kill TERM => $handle->{pid};
$result = finish_backup($handle);
unwrap();
is($result->{status}, 143, 'while registering: ended');
is(files(), $before, 'while registering: no file is left');
$holder->query_safe('COMMIT');
$holder->quit;
is(sql('victim', "SELECT count(*) FROM ops.menuca_backup WHERE label = 'waiting'"), 0, 'while registering: nothing is registered');

$node->stop;
log_is_clean($node);

done_testing();
