
# The programs for a hosted production: menuca-copy makes the copy, from a server
# without the extension and with a role that owns the tables and nothing else;
# menuca-export writes what the copy exports.  Whatever happens to them, there is
# a whole copy and a whole set, or a message and nothing.

use strict;
use warnings;

use Digest::SHA;
use File::Path qw(make_path);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

use MenucaBackup;
use MenucaTest;

#
# A production without the extension, and a server for copies
#

my $fixture = fixture('fixture', '--scale', '0.05');
my $production = new_production('production');
my $server = new_node('copies');
my $store = backup_store($server, 'store');
my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $password = 'not-to-be-seen-71';

make_database($production, 'menuca', $fixture, extension => '');
rows_of($production, 'menuca', <<SQL);
CREATE ROLE hosted LOGIN PASSWORD '$password';
CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role BYPASSRLS; CREATE ROLE "it's ""odd""\\"; CREATE ROLE unnamed;
CREATE SCHEMA auth;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
ALTER TABLE menuca_v3.dishes ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON menuca_v3.dishes FOR SELECT TO anon, "it's ""odd""\\" USING (auth.uid() IS NULL);
-- What is a keyword since 16, and in a trigger would be dumped as 15 prints it
ALTER TABLE menuca_v3.dishes ADD "system_user" text;
CREATE FUNCTION menuca_v3.unchanged() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER unchanged BEFORE UPDATE OF "system_user" ON menuca_v3.dishes FOR EACH ROW WHEN (NEW."system_user" = 'a') EXECUTE FUNCTION menuca_v3.unchanged();
GRANT USAGE ON SCHEMA auth TO hosted;
GRANT CREATE ON DATABASE menuca TO hosted;
SQL
rows_of($production, 'menuca',
	"SELECT format('ALTER %s menuca_v3.%I OWNER TO hosted', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname)"
	  . " FROM pg_class c WHERE relnamespace = 'menuca_v3'::regnamespace AND (relkind = 'r' OR relkind = 'S' AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype IN ('a', 'i'))) \\gexec");
rows_of($production, 'menuca', 'ALTER SCHEMA menuca_v3 OWNER TO hosted');
my $extensions = rows_of($production, 'postgres', "SELECT count(*) FROM pg_available_extensions WHERE name = 'citext'");
if ($extensions)
{
	rows_of($production, 'menuca', 'CREATE SCHEMA extensions; GRANT USAGE ON SCHEMA extensions TO hosted; CREATE EXTENSION citext SCHEMA extensions; ALTER TABLE menuca_v3.dishes ADD note extensions.citext');
}
$production->append_conf('pg_hba.conf', '');
write_hba($production);

# The role has to show its password
sub write_hba
{
	my ($node) = @_;
	my $file = $node->data_dir . '/pg_hba.conf';
	my $rules = slurp_file($file);

	open my $hba, '>', $file or die;
	print $hba "local all hosted scram-sha-256\nhost all hosted 127.0.0.1/32 scram-sha-256\n$rules";
	close $hba;
	$node->reload;
	return;
}

my $host = $production->host;
my $port = $production->port;
my $from = "postgresql://hosted@/menuca?host=$host&port=$port";
my @source = ('--from', $from);
my $identifier = rows_of($production, 'menuca', 'SELECT system_identifier FROM pg_control_system()');
$ENV{MENUCA_FROM_PASSWORD} = $password;

# Far longer than anything here takes
my $patience = 120;

sub copy { return finish_backup(start_program('menuca-copy', @_)); }
sub export { return finish_backup(start_program('menuca-export', @_)); }

# What a failed copy must not leave: databases, files, processes
sub remains
{
	opendir my $dir, $ENV{TMPDIR} or die;
	return join '; ',
	  rows_of($server, 'postgres', "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname NOT LIKE 'template%'"),
	  files(), join(' ', grep { /^menuca-/ } readdir $dir), processes();
}

sub is_refused
{
	my ($message, $name, @args) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $before = remains();
	my $result = copy(@args);

	is($result->{status}, 1, "$name: fails");
	like($result->{stderr}, $message, "$name: says so");
	is(remains(), $before, "$name: nothing is left");
	return;
}

#
# The call
#

note 'How menuca-copy is called';

my $bindir = $server->config_data('--bindir');
ok(-x "$bindir/$_", "make install puts $_ beside pg_dump") foreach qw(menuca-copy menuca-export);
my $help = copy('--help');
is("$help->{status} $help->{stderr}", '0 ', '--help');
like($help->{stdout}, qr/--$_/, "--help tells of --$_") for qw(from schema project dbname extension-schema keep-dump host port username);
my $before = remains();
foreach my $call (
	[], [ '--frobnicate' ], [ 'menuca' ], [@source], [ '-d', 'x' ], [ @source, '-d' ], [ @source, '-d', '' ], [ @source, '-d', 'dbname=x' ],
	[ @source, '-d', 'postgresql://x' ], [ @source, '-d', 'x' x 64 ], [ @source, '-d', "a\nb" ], [ @source, '-d', 'x', '--schema', '' ],
	[ @source, '-d', 'x', '--schema', 'ops' ], [ @source, '-d', 'x', '--extension-schema', 'staging' ], [ @source, '-d', 'x', '--project', 'a b' ],
	[ @source, '-d', 'x', '--project', 'name' ], [ @source, '-d', 'x', '--keep-dump', "$store/" ])
{
	is(copy(@$call)->{status}, 2, "a wrong call: @$call");
}
foreach my $secret ("postgresql://hosted:$password\@host/menuca", "postgres://hosted\@host/menuca?password=$password", "dbname=menuca password=$password", "dbname=menuca password = $password")
{
	my $result = copy('--from', $secret, '-d', 'x');

	is($result->{status}, 2, 'a password among the arguments: refused');
	unlike($result->{stderr}, qr/\Q$password/, 'and not shown');
}
is(remains(), $before, 'nothing is left');

#
# Refused
#

note 'What it refuses';

rows_of($server, 'postgres', 'CREATE ROLE plain LOGIN CREATEDB');
is_refused(qr/Database "postgres" already exists, and is not touched/, 'a database that exists', @source, '-d', 'postgres');
is_refused(qr/no tables in a schema "nowhere"/, 'no such schema', @source, '-d', 'x', '--schema', 'nowhere');
is_refused(qr/The source cannot be queried/, 'no such source', '--from', "host=$host port=1 dbname=menuca", '-d', 'x');
is_refused(qr/no superuser of the copy's server/, 'no superuser', @source, '-d', 'x', '-U', 'plain');
is_refused(qr/The copy's server cannot be queried/, 'no such server', @source, '-d', 'x', '-p', '1');
{
	local $ENV{MENUCA_FROM_PASSWORD} = 'wrong';
	local $ENV{PGPASSWORD} = $password;
	is_refused(qr/The source cannot be queried.*MENUCA_FROM_PASSWORD/s, 'a wrong password, and that of the copy is not sent', @source, '-d', 'x');
}
rows_of($production, 'menuca', 'REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
is_refused(qr/system identifier cannot be read.*--project/s, 'a source that does not tell its identifier', @source, '-d', 'x');
rows_of($production, 'menuca', 'CREATE TABLE public.outside (id bigint PRIMARY KEY); ALTER TABLE menuca_v3.dishes ADD outside bigint CONSTRAINT "to outside" REFERENCES public.outside');
is_refused(qr/"to outside" of table dishes refers to public\.outside/, 'a key that leads out of the schema', @source, '-d', 'x', '--project', 'p');
rows_of($production, 'menuca', 'ALTER TABLE menuca_v3.dishes DROP outside');
is(rows_of($server, 'postgres', "SELECT count(*) FROM pg_roles WHERE rolname IN ('anon', 'unnamed')"), 0, 'no role was created');

#
# A copy
#

note 'A copy, by a project';

# Everything that others see of all processes, while the source is read
wrap_program('pg_dump', qq{cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\000' ' ' >'$tmp/seen'\nexec "\$real" "\$@"});
my $result = copy(@source, '-d', 'menuca_staging', '--project', 'abcdefghijklmnopqrst');
unwrap();
is($result->{status}, 0, 'succeeds');
is($result->{stdout}, "menuca_staging\n", 'and prints its name');
like($result->{stderr}, qr/roles created, without login: anon, authenticated, it's "odd"\\, service_role$/m, 'says which roles it created');
like($result->{stderr}, qr/psql -d 'menuca_staging' -c 'SELECT \* FROM ops\.menuca_next\(\);'$/m, 'and what to do next');
like(slurp_file("$tmp/seen"), qr/menuca-copy/, 'the processes were seen');
unlike(slurp_file("$tmp/seen"), qr/\Q$password/, 'and no password among them');
like(slurp_file("$tmp/seen"), qr/pg_dump\S* [^\0]*--quote-all-identifiers /, 'names that are keywords of a later version are quoted in the dump');
is((remains() =~ /; (.*)/)[0], '; ; ', 'no file is left');

my $rows = "SELECT string_agg(format('%s %s', relname, (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c, sum(hashtextextended(t::text, 0)) FROM %s t', oid::regclass), false, true, '')))[1]), E'\\n' ORDER BY relname) FROM pg_class WHERE relnamespace = 'menuca_v3'::regnamespace AND relkind IN ('r', 'p')";
my $schema = "SELECT string_agg(format('%s.%s %s %s', c.oid::regclass, attname, format_type(atttypid, atttypmod), attnotnull), E'\\n' ORDER BY c.relname, attnum) FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 WHERE relnamespace = 'menuca_v3'::regnamespace AND NOT attisdropped";
is(rows_of($server, 'menuca_staging', $_), rows_of($production, 'menuca', $_), 'it is equal') foreach $rows, $schema, "SELECT * FROM pg_policies WHERE schemaname = 'menuca_v3'";
is( rows_of($server, 'menuca_staging', "SELECT database_name, system_identifier, project, newly_recorded FROM menuca_copy_of('menuca', project => 'abcdefghijklmnopqrst')"),
	'menuca||abcdefghijklmnopqrst|f', 'it has recorded whose copy it is');
is( rows_of($server, 'menuca_staging', "SELECT environment, newly_registered FROM menuca_environment('staging', current_database(), (SELECT system_identifier FROM pg_control_system()))"),
	'staging|f', 'and is registered as staging');
is(rows_of($server, 'menuca_staging', "SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'menuca_migrate'"), 'ops', 'the extension is in its schema');
is( rows_of($server, 'menuca_staging', "SET request.jwt.claims = '{\"sub\": \"00000000-0000-0000-0000-000000000071\", \"role\": \"x\"}'; SELECT auth.uid(), auth.jwt() ->> 'role', to_regproc('auth.role') IS NULL; RESET request.jwt.claims; SELECT auth.uid() IS NULL"),
	"00000000-0000-0000-0000-000000000071|x|t\nt", 'the functions of schema auth that the source has read the claims of a request');
is(rows_of($server, 'postgres', "SELECT string_agg(rolname || rolcanlogin || rolbypassrls, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname IN ('anon', 'service_role', 'unnamed')"),
	'anonfalsefalse service_rolefalsetrue', 'roles are without login, and only those that are needed');

note 'By its system identifier, with names that break out of what they are put into';

rows_of($production, 'postgres', 'GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC');
rows_of($production, 'menuca', 'GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC');
rows_of($production, 'postgres', q{CREATE DATABASE "hos'ted ""$x"});
my $odd = q{hos'ted "$x};
rows_of($production, $odd, q{CREATE SCHEMA "Me""nu.*'"; CREATE TABLE "Me""nu.*'".t AS SELECT 1 AS a; CREATE SCHEMA "me""nuxx"; CREATE TABLE "me""nuxx".not_copied ()});
(my $odd_from = $odd) =~ s/'/\\'/g;
$result = copy('--from', "host='$host' port=$port user=postgres dbname='$odd_from'", '--schema', q{Me"nu.*'}, '-d', q{co'py "$x\\ }, '--extension-schema', 'o p;S', '--keep-dump', "$store/kept");
is($result->{status}, 0, 'succeeds');
is( rows_of($server, q{co'py "$x\\ }, q{SELECT database_name, system_identifier, project, newly_recorded FROM "o p;S".menuca_copy_of($$hos'ted "$x$$, } . "$identifier)"),
	qq{$odd|$identifier||f}, 'whose copy it is');
is( rows_of($server, q{co'py "$x\\ }, q{SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname ILIKE 'me%')}), 't', 'only the schema itself is copied');
is(rows_of($server, q{co'py "$x\\ }, 'SHOW menuca.target_schema'), q{Me"nu.*'}, 'which is the target schema');
ok($result->{stderr} =~ /^  (psql .*)$/m && system('sh', '-c', "$1 >/dev/null") == 0, 'the call that it proposes can be pasted');
is(sprintf('%04o', (stat "$store/kept")[2] & 07777), '0600', 'the dump is kept, for its owner alone');
is_refused(qr/kept already exists and is not overwritten/, 'a dump that exists', @source, '-d', 'x', '--keep-dump', "$store/kept");
unlink "$store/kept";
rows_of($production, $odd, 'CREATE TABLE public.t AS SELECT 2 AS a');
is(copy('--from', "host='$host' port=$port user=postgres dbname='$odd_from'", '--schema', 'public', '-d', 'of_public')->{status}, 0, 'schema public, which a new database has: succeeds');
is(rows_of($server, 'of_public', 'SELECT a FROM public.t'), 2, 'and has the rows');

#
# Failures
#

note 'Copies that fail';

foreach my $case (
	[ 'the dump fails', 'pg_dump', '"$real" "$@" >/dev/null 2>&1; echo "disk is full" >&2; exit 1', qr/pg_dump failed/ ],
	[ 'the dump is damaged', 'pg_dump', '"$real" "$@" || exit; dd if=/dev/zero of="$file" bs=1 count=2000 seek=4000 conv=notrunc 2>/dev/null', qr/The dump cannot be restored/ ],
	[ 'a table is missing', 'pg_restore', '"$real" "$@" || exit; while [ $# -gt 2 ]; do shift; done; psql -Xqd "$1" -c "DROP TABLE menuca_v3.combo_items CASCADE"', qr/has \d+ tables, and the source had \d+/ ],
	[ 'the name is taken meanwhile', 'pg_restore', '"$real" "$@" && psql -Xqd postgres -c "CREATE DATABASE x"', qr/could not be given its name.*/s ],
	[ 'no space for lists', 'dd', 'exit 1', qr/has not even 256 kB/ ])
{
	my ($name, $program, $script, $message) = @$case;

	wrap_program($program, $script);
	my $first = remains();
	my $failed = copy(@source, '-d', 'x');
	unwrap();
	is($failed->{status}, 1, "$name: fails");
	like($failed->{stderr}, $message, "$name: says so");
	if ($name =~ /taken/)
	{
		is(rows_of($server, 'x', "SELECT count(*) FROM pg_extension WHERE extname = 'menuca_migrate'"), 0, "$name: the other database is not touched");
		rows_of($server, 'postgres', 'DROP DATABASE x');
	}
	is(remains(), $first, "$name: nothing is left");
}

note 'Signals; that with a hyphen kills the process group';

$before = remains();
foreach my $signal (qw(HUP INT TERM KILL -KILL))
{
	foreach my $stop (qw(pg_dump pg_restore))
	{
		wrap_program($stop, qq{touch '$tmp/stopped'; exec sleep 600}) if $stop eq 'pg_dump';
		wrap_program($stop, qq{"\$real" "\$@"; touch '$tmp/stopped'; exec sleep 600}) if $stop eq 'pg_restore';
		my $handle = start_program('menuca-copy', @source, '-d', 'x', '--keep-dump', "$store/kept-$signal-$stop");
		my $end = time + $patience;
		usleep(50_000) until -e "$tmp/stopped" || time > $end;
		my $being_made = $stop eq 'pg_restore' ? 1 : 0;
		is(rows_of($server, 'postgres', "SELECT count(*) FROM pg_database WHERE datname LIKE 'menuca\\_copy\\_in\\_progress\\_%'"), $being_made, "$signal in $stop: it has come so far");
		kill $signal => $handle->{pid};
		my $ended = finish_backup($handle);
		unwrap();
		unlink "$tmp/stopped", "$store/kept-$signal-$stop";
		usleep(50_000) until remains() eq $before || time > $end;
		is(remains(), $before, "$signal in $stop: nothing is left");
		is($ended->{status}, { HUP => 129, INT => 130, TERM => 143, KILL => 0, '-KILL' => 0 }->{$signal}, "$signal in $stop: the status");
	}
}

#
# The export
#

note 'How menuca-export is called';

my $copy = $server->connstr('menuca_staging');
$help = export('--help');
is("$help->{status} $help->{stderr}", '0 ', '--help');
like($help->{stdout}, qr/--$_/, "--help tells of --$_") for qw(run indexes access style directory max-bytes host port username dbname);
foreach my $call (
	[], [ '--frobnicate' ], [ '--run' ], [ '--run', '0' ], [ '--run', '1;' ], [ '--run', '1', '--indexes' ], [ '--access', '--indexes' ], [ '--run', '1', '--style', 'x' ],
	[ '--indexes', '--max-bytes', '65536' ], [ '--run', '1', '--max-bytes', '64k' ], [ '--run', '9' x 19 ])
{
	is(export('-d', 'menuca_staging', '--directory', $store, @$call)->{status}, 2, "a wrong call: @$call");
}
is(files(), '', 'nothing is written');

# What the functions that make sets return, so that each kind of set can be had
rows_of($server, 'menuca_staging', <<'SQL');
CREATE DATABASE prepared TEMPLATE menuca_staging;
SQL
rows_of($server, 'prepared', <<'SQL');
SELECT format('ALTER EXTENSION menuca_migrate DROP FUNCTION %s', oid::regprocedure), format('DROP FUNCTION %s', oid::regprocedure)
FROM pg_proc WHERE pronamespace = 'ops'::regnamespace AND proname = 'menuca_export_fix' \gexec
CREATE TABLE ops.made (file_no int, file_name text, purpose text, use text, body text);
-- Also others' SHA-256 and names, instead of the right ones
CREATE TABLE ops.stated (file_name text, sha256 text);
CREATE FUNCTION ops.list(prefix text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format(E'%s%s  %s\n', prefix, COALESCE(s.sha256, encode(sha256(convert_to(o.body, 'UTF8')), 'hex')), o.file_name), '' ORDER BY o.file_no)
	FROM ops.made o LEFT JOIN ops.stated s USING (file_name)
$$;
CREATE FUNCTION ops.menuca_export_fix(run_id bigint, style text, max_bytes int) RETURNS TABLE (file_no int, file_name text, purpose text, sql text) LANGUAGE sql AS $$
	SELECT m.file_no, m.file_name, m.purpose, format(E'-- made: for a test\n-- File %s of %s\n-- Use: %s\n--\n', m.file_no, count(*) OVER (), m.use)
		|| CASE WHEN m.file_no > 1 AND EXISTS (SELECT FROM ops.stated x WHERE x.file_name = 'short')
			THEN format(E'-- SHA-256 of the text below the line of dashes: %s\n-- SHA-256 of the list of all files'' in the header of 00_check.sql (sed): %s\n',
				COALESCE((SELECT x.sha256 FROM ops.stated x WHERE x.file_name = 'own'), encode(sha256(convert_to(m.body, 'UTF8')), 'hex')),
				COALESCE((SELECT x.sha256 FROM ops.stated x WHERE x.file_name = 'list'), encode(sha256(convert_to(ops.list(''), 'UTF8')), 'hex')))
			ELSE ops.list('-- ') END
		|| E'-- ----------------------------------------------------------------\n' || m.body
	FROM ops.made m ORDER BY m.file_no
$$;
INSERT INTO ops.made VALUES
	(1, '00_check.sql', 'what is there', 'read, it changes nothing', E'SELECT 1;\n'),
	(2, '02_apply.sql', 'it''s "odd" \ %s $(x)', 'apply, in order', E'\\set x\n  SELECT ''\\n$1\t`x`'' || E''é\u00a0日''; -- name: x\n\n\n'),
	(3, '03_verify.sql', E'two\nlines\u001b[1m', 'read, it changes nothing', 'SELECT repeat(''no line break at the end'', 2);'),
	(4, '04_rollback.sql', 'only to undo it', 'undo, by itself', repeat(E'-- a longer file\r\n', 200000));
SQL
my $base = rows_of($server, 'prepared', q{SELECT string_agg(format('%s %s', file_name, encode(sha256(convert_to(sql, 'UTF8')), 'hex')), ' ' ORDER BY file_no) FROM ops.menuca_export_fix(1, 'psql', NULL)});

sub prepared
{
	my ($sql, @args) = @_;
	my $session = "prepared_" . int(rand(1e9));

	rows_of($server, 'postgres', "CREATE DATABASE $session TEMPLATE prepared");
	rows_of($server, $session, $sql) if $sql;
	my $exported = export('-d', $session, '--run', '1', '--directory', $store, @args);
	rows_of($server, 'postgres', "DROP DATABASE $session");
	return $exported;
}

sub written
{
	return join ' ', map { my $file = $_; "$file " . Digest::SHA->new(256)->addfile("$store/$file")->hexdigest } split / /, files();
}

sub clear { unlink map { "$store/$_" } split / /, files(); return; }

note 'Every byte, and the guide of each style';

$result = prepared('');
is($result->{status}, 0, 'succeeds');
is(written(), $base, 'the files are what the function returned, byte by byte');
is($result->{stdout}, join('', map { "$store/$_\n" } qw(00_check.sql 02_apply.sql 03_verify.sql 04_rollback.sql)), 'it prints their paths');
is(join(' ', map { sprintf '%04o', (stat "$store/$_")[2] & 07777 } split / /, files()), '0600 0600 0600 0600', 'they are for their owner alone');
is($result->{stderr}, <<"TEXT", 'psql: the commands in order, and what takes it back');
Next, as a role that owns the tables, one after the other; go on only when no row is FAIL.
PRODUCTION is the connection string of the database that this one is a copy of:
  psql -X -d "\$PRODUCTION" -f '$store/00_check.sql'
      what is there
  psql -X -d "\$PRODUCTION" -f '$store/02_apply.sql'
      it's "odd" \\ %s \$(x)
  psql -X -d "\$PRODUCTION" -f '$store/03_verify.sql'
      two lines [1m

Not with the others, but by itself when it is wanted:
  '$store/04_rollback.sql'
      only to undo it
TEXT
my $refused = prepared('');
is($refused->{status}, 1, 'a second time: fails');
like($refused->{stderr}, qr/00_check\.sql already exists and is not overwritten/, 'a second time: says so');
is(written(), $base, 'a second time: nothing is changed');
unlink "$store/00_check.sql";
is(prepared('')->{status}, 1, 'one of the files exists: fails');
is(files(), '02_apply.sql 03_verify.sql 04_rollback.sql', 'one of the files exists: no other is written');
clear();
symlink '/nowhere', "$store/03_verify.sql";
is(prepared('')->{status}, 1, 'a link to nothing has the name: fails');
is(files(), '03_verify.sql', 'a link to nothing has the name: nothing is written');
clear();

is(prepared("INSERT INTO ops.stated VALUES ('short', '')")->{status}, 0, 'only the first file lists all: succeeds');
clear();
$result = prepared('', '--style', 'statements');
is($result->{status}, 0, 'statements: succeeds');
like($result->{stderr}, qr/^Next, send the whole text of each file as one string, one after the other.*\n  \S*00_check.*\n.*\n  \S*02_apply.*\n.*\n  \S*03_verify/m, 'statements: each in order');
clear();
my $migrations = "UPDATE ops.made SET file_name = '20260102030405_fix_run_1_' || file_name WHERE file_no = 2";
$result = prepared($migrations, '--style', 'supabase');
is($result->{status}, 0, 'supabase: succeeds');
like($result->{stderr}, qr/paste the first of these.*\n.*\n  \S*00_check.*\n.*\n  \S*03_verify.*\n.*\nThese are migrations.*\n  supabase db push\n  \S*20260102030405_fix_run_1_02_apply/m, 'supabase: what to paste, and what is pushed');
unlink map { "$store/$_" } qw(00_check.sql 03_verify.sql 04_rollback.sql);
$refused = prepared($migrations =~ s/20260102030405/20260102030406/r, '--style', 'supabase');
is($refused->{status}, 1, 'a set of that name is there: fails');
like($refused->{stderr}, qr/A set of the same name is already in directory .*: 20260102030405_fix_run_1_02_apply\.sql/, 'a set of that name is there: says so');
is(files(), '20260102030405_fix_run_1_02_apply.sql', 'a set of that name is there: nothing is written');
clear();
write_file('store/20260102030405_other.sql', '');
$refused = prepared($migrations, '--style', 'supabase');
is($refused->{status}, 1, 'a migration is later: fails');
like($refused->{stderr}, qr/Migration 20260102030405_other\.sql is later than this set/, 'a migration is later: says so');
clear();

note 'Sets that cannot be what the extension made';

foreach my $case (
	[ 'no files', 'TRUNCATE ops.made', qr/The set has no files/ ],
	[ 'a name that leads elsewhere', "UPDATE ops.made SET file_name = '../x.sql' WHERE file_no = 2", qr/"\.\.\/x\.sql" is not the plain name/ ],
	[ 'a name with a line break', "UPDATE ops.made SET file_name = E'x.sql\\nname:y.sql' WHERE file_no = 2", qr/is not the plain name/ ],
	[ 'a hidden name', "UPDATE ops.made SET file_name = '.x.sql' WHERE file_no = 2", qr/is not the plain name/ ],
	[ 'a name that is an option', "UPDATE ops.made SET file_name = '-x.sql' WHERE file_no = 2", qr/is not the plain name/ ],
	[ 'a name of another kind', "UPDATE ops.made SET file_name = 'x.sh' WHERE file_no = 2", qr/is not the plain name/ ],
	[ 'no name', 'UPDATE ops.made SET file_name = NULL WHERE file_no = 2', qr/is not the plain name/ ],
	[ 'a long name', "UPDATE ops.made SET file_name = repeat('x', 300) || '.sql' WHERE file_no = 2", qr/is not the plain name/ ],
	[ 'two of one name', "UPDATE ops.made SET file_name = '00_check.sql' WHERE file_no = 2", qr/two files with the name 00_check\.sql/ ],
	[ 'no text', "CREATE OR REPLACE FUNCTION ops.menuca_export_fix(run_id bigint, style text, max_bytes int) RETURNS TABLE (file_no int, file_name text, purpose text, sql text) LANGUAGE sql AS \$\$SELECT 1, 'x.sql', 'x', NULL\$\$", qr/File x\.sql has no text/ ],
	[ 'no header', "CREATE OR REPLACE FUNCTION ops.menuca_export_fix(run_id bigint, style text, max_bytes int) RETURNS TABLE (file_no int, file_name text, purpose text, sql text) LANGUAGE sql AS \$\$SELECT 1, 'x.sql', 'x', 'SELECT 1;'\$\$", qr/File x\.sql states other files or SHA-256/ ],
	[ 'another SHA-256', "INSERT INTO ops.stated VALUES ('02_apply.sql', repeat('0', 64))", qr/stated: +0{64}  02_apply\.sql.*differ from what the set states/s ],
	[ 'another SHA-256 in a short header', "INSERT INTO ops.stated VALUES ('short', ''), ('own', repeat('0', 64))", qr/02_apply\.sql states other files or SHA-256/ ],
	[ 'another list in a short header', "INSERT INTO ops.stated VALUES ('short', ''), ('list', repeat('0', 64))", qr/02_apply\.sql states other files or SHA-256/ ],
	[ 'an unknown use', "UPDATE ops.made SET use = 'execute' WHERE file_no = 2", qr/02_apply\.sql does not state its use/ ],
	[ 'an error', "UPDATE ops.made SET use = (1 / (file_no - 2))::text WHERE file_no = 1; CREATE OR REPLACE FUNCTION ops.menuca_export_fix(run_id bigint, style text, max_bytes int) RETURNS TABLE (file_no int, file_name text, purpose text, sql text) LANGUAGE plpgsql AS \$\$BEGIN RAISE EXCEPTION 'run % is not complete', run_id USING HINT = 'finish it'; END\$\$", qr/run 1 is not complete.*finish it.*The files could not be made/s ])
{
	my ($name, $sql, $message) = @$case;
	my $exported = prepared($sql);

	is($exported->{status}, 1, "$name: fails");
	like($exported->{stderr}, $message, "$name: says so");
	is(files(), '', "$name: nothing is written");
}

note 'Disks and signals';

rows_of($server, 'postgres', "CREATE DATABASE killed TEMPLATE prepared");
my @killed = ('-d', 'killed', '--run', '1', '--directory', $store);
foreach my $case (
	[ 'base64 fails', 'base64', 'case "$*" in -d) "$real" -d | head -c 100; [ -e "$TMPDIR/facts" ] && exit 1; exit 0 ;; esac', qr/cannot be decoded/ ],
	[ 'base64 loses what follows', 'base64', '"$real" -d | head -c 3000', qr/differ from what the set states|states other files or SHA-256/ ],
	[ 'the text cannot be read again', 'sha256sum', 'exit 1', qr/checksum of file .* could not be made/ ],
	[ 'a name cannot be given', 'link', 'case $2 in *03_verify*) exit 1 ;; esac; "$real" "$@"', qr/could not be given their names/ ])
{
	my ($name, $program, $script, $message) = @$case;

	wrap_program($program, $script);
	wrap_program('mv', 'exit 1') if $program eq 'link';
	my $exported = export(@killed);
	unwrap();
	is($exported->{status}, 1, "$name: fails");
	like($exported->{stderr}, $message, "$name: says so");
	is(files(), '', "$name: nothing is written");
}
wrap_program('link', 'exit 1');
is(export(@killed)->{status}, 0, 'a file system without hard links: succeeds');
unwrap();
is(written(), $base, 'a file system without hard links: every byte');
clear();
foreach my $signal (qw(HUP INT TERM KILL -KILL))
{
	wrap_program('link', qq{"\$real" "\$@"; case \$2 in *02_apply*) touch '$tmp/stopped'; until [ -e '$tmp/go' ]; do sleep 0.05; done ;; esac});
	my $handle = start_program('menuca-export', @killed);
	my $end = time + $patience;
	usleep(50_000) until -e "$tmp/stopped" || time > $end;
	like(files(), qr/00_check\.sql 02_apply\.sql$/, "$signal: half of the names are given");
	kill $signal => $handle->{pid};
	write_file('go', '');
	my $ended = finish_backup($handle);
	unwrap();
	usleep(50_000) until files() !~ /menuca-export/ || time > $end;
	unlink "$tmp/stopped", "$tmp/go";
	# What gives the names hears of none of them and finishes, but for the whole group's end
	is(written(), $signal eq 'KILL' ? $base : '', "$signal: " . ($signal eq 'KILL' ? 'all files, and no other' : 'nothing is left'));
	is($ended->{status}, { HUP => 129, INT => 130, TERM => 143, KILL => 0, '-KILL' => 0 }->{$signal}, "$signal: the status");
	clear();
}
opendir my $temporary, $ENV{TMPDIR} or die;
is(join(' ', grep { /^menuca-/ } readdir $temporary), '', 'no temporary directory is left');

#
# Both: the copy's fix on a production without the extension
#

SKIP:
{
	skip 'this version has no menuca_export_fix()', 1
	  unless rows_of($server, 'menuca_staging', "SELECT count(*) FROM pg_proc WHERE proname = 'menuca_export_fix' AND pronamespace = 'ops'::regnamespace");

	note 'A fix of the copy, exported and applied';

	rows_of($server, 'menuca_staging', "SELECT FROM menuca_load_dump_file('$fixture->{dump}', 'combos', 'staging.menuca_v1_combos')");
	my $run = rows_of($server, 'menuca_staging', 'SELECT run_id FROM menuca_fix_combos(dry_run => false)');
	$result = export('-d', 'menuca_staging', '--run', $run, '--directory', $store);
	is($result->{status}, 0, 'exported');
	local $ENV{PRODUCTION} = "host=$host port=$port user=hosted dbname=menuca";
	local $ENV{PGPASSWORD} = $password;
	foreach my $command ($result->{stderr} =~ /^  (psql .*)$/mg)
	{
		my ($stdout, $stderr) = run_command([ 'sh', '-c', $command ]);

		is($stderr =~ /ERROR/ ? $stderr : '', '', "$command: no error");
		unlike($stdout, qr/\|\s*FAIL\s*\|/, "$command: nothing fails");
	}
	is(pairs($production, 'menuca'), pairs($server, 'menuca_staging'), 'production has the items of the copy');
	clear();

	note 'A set of many files, and the other styles';
	foreach my $style (qw(psql supabase statements))
	{
		$result = export('-d', 'menuca_staging', '--run', $run, '--directory', $store, '--style', $style, '--max-bytes', 16384);
		is($result->{status}, 0, "$style: exported");
		cmp_ok((() = $result->{stdout} =~ /\n/g), '>', 12, "$style: in many files");
		is($result->{stdout}, join('', map { "$store/$_\n" } split / /, files()), "$style: all of them are written") if $style ne 'supabase';
		clear();
	}
	$refused = export('-d', 'menuca_staging', '--run', $run, '--directory', $store, '--max-bytes', 1);
	like($refused->{stderr}, qr/max_bytes must be at least 16384.*The files could not be made/s, 'too few bytes: the message is shown');
	is(files(), '', 'too few bytes: nothing is written');
}

$production->stop;
$server->stop;
log_is_clean($_) foreach $production, $server;

done_testing();
