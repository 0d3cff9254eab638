
# What is around menuca-backup: descriptors that are closed or full, directories
# that belong to others, disks that fail, other encodings and settings, SIGKILL.
# Whatever it is, there is a backup that is registered, or a message and nothing.

use strict;
use warnings;

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

my $node = new_node('surroundings');
my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $store = backup_store($node, 'store');
rows_of($node, 'postgres', 'CREATE DATABASE menuca');
rows_of($node, 'menuca', 'CREATE EXTENSION menuca_migrate; CREATE TABLE public.t AS SELECT generate_series(1, 100) AS a');
my @call = ('-d', 'menuca', '--directory', $store);
my $number = 0;

# Calls the program as a shell does, with redirections; a label for each call, as
# two backups may be made in one second
sub shell_backup
{
	my ($redirections, @args) = @_;
	my $label = 'l' . ++$number;
	my $command = join ' ', map { "'" . s/'/'\\''/gr . "'" } 'menuca-backup', @call, '--label', $label, @args;
	my $before = registered();
	my $stderr = "$tmp/shell.stderr";
	my $status = system('sh', '-c', "exec 2>'$stderr'; $command $redirections") >> 8;

	my @files = glob "'$store'/$label-*";
	return { status => $status, registered => registered() - $before, file => scalar(@files), stderr => slurp_file($stderr) };
}

sub is_backup
{
	my ($result, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is("$result->{status} $result->{registered} $result->{file}", '0 1 1', "$name: a backup, and registered");
}

sub is_refused
{
	my ($message, $name, @args) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $before = state_now();
	my $result = backup(@args);

	is($result->{status}, 1, "$name: fails");
	like($result->{stderr}, $message, "$name: says so");
	is_deeply(state_now(), $before, "$name: nothing is left");
	return;
}

#
# Descriptors
#

note 'Descriptors';

is_backup(shell_backup(@$_[ 1 .. $#$_ ]), $_->[0]) foreach (
	[ 'no standard input', '<&-', '--drill' ], [ 'no standard output', '>&-' ], [ 'no standard error', '2>&-' ],
	[ 'none of the three', '<&- >&- 2>&-', '--drill' ], [ 'two that nobody reads', '2>&1 | true' ], [ 'messages to a full disk', '2>/dev/full' ]);
my $result = shell_backup('>/dev/full');
is("$result->{status} $result->{registered} $result->{file}", '1 1 1', 'an id to a full disk: it fails, and is registered');
like($result->{stderr}, qr/could not be written to standard output\.\n.*registered all the same\.$/m, 'an id to a full disk: says so');

#
# Places
#

note 'Directories that others can change';

make_path("$tmp/place/mine");
chmod 0775, "$tmp/place";
my @there = ('-d', 'menuca', '--directory', "$tmp/place/mine");
wrap_program('id', 'case $1 in -gn) echo others ;; *) exec "$real" "$@" ;; esac');
is_refused(qr/Directory \S*place is writable by a group and has no sticky bit.*Set its sticky bit/s, 'a group of others', @there);
{
	local $ENV{TMPDIR} = "$tmp/place/mine";
	is_refused(qr/Directory \S*place is writable by a group.*Set TMPDIR/s, 'a group of others, TMPDIR', @call);
}
chmod 01775, "$tmp/place";
is(backup(@there, '--label', 'sticky')->{status}, 0, 'a group of others, and a sticky bit: succeeds');
chmod 0755, "$tmp/place";
wrap_program('id', 'case $1 in -u) echo 4242 ;; *) exec "$real" "$@" ;; esac');
is_refused(qr/belongs to another user, who could replace the backup/, 'another owner', @there);
unwrap();
chmod 0775, "$tmp/place";
SKIP:
{
	my $groups = `id -gn` eq `id -un`;
	skip 'the user has no group of its own', 1 if !$groups;
	is(backup(@there, '--label', 'own-group')->{status}, 0, 'the group of the user alone: succeeds');
}
{
	local $ENV{TMPDIR} = "$tmp/nowhere";
	is_refused(qr/temporary directory \S*nowhere does not exist/, 'no temporary directory', @call);
}

note 'Paths';

make_path("$tmp/tmp dir", "$tmp/-x");
symlink "$tmp/tmp dir", "$tmp/link";
{
	local $ENV{TMPDIR} = "$tmp/link";
	is_backup(shell_backup(''), 'TMPDIR with a space, by a link');
	is(join(' ', glob "'$tmp/tmp dir'/*"), '', 'and nothing is left there');
}
is(system('sh', '-c', "cd '$tmp' && OLDPWD='$store' menuca-backup -d menuca --directory -x >/dev/null 2>&1") >> 8, 0, 'a directory that looks like an option: succeeds');
is(() = glob("'$tmp'/-x/*.dump"), 1, 'and has the backup');
is_refused(qr/Directory "-" does not exist/, 'a hyphen is no directory', '-d', 'menuca', '--directory', '-');
is_refused(qr/cannot be looked up.*valid in the encoding/s, 'bytes that the database cannot have', '-d', 'menuca', '--output', "$store/\xff\xfe");
is(backup('-d', 'menuca', '--output', "$store/fixed")->{status}, 0, 'a fixed name: succeeds');
unlink "$store/fixed";
is_refused(qr/\S*fixed is already registered.*Choose another path/s, 'and is refused again, before a dump is made', '-d', 'menuca', '--output', "$store/fixed");
foreach my $jobs ('99999999999999999999', '10000')
{
	is(backup(@call, '--format=directory', "--jobs=$jobs")->{status}, 2, "$jobs jobs: a wrong call");
}
is_refused(qr/The server allows \d+ connections, which are too few for 9999 jobs/, 'more jobs than connections', @call, '--format=directory', '--jobs=9999');

note 'A default ACL overrides the umask, and so makes files for others';

wrap_pg_dump('"$real" "$@" || exit; chmod -R a+rwX "$file"');
foreach my $format ('custom', 'directory')
{
	is(backup('-d', 'menuca', '--output', "$store/open-$format", '--format', $format)->{status}, 0, "$format: succeeds");
	my @modes = map { sprintf '%04o', (stat $_)[2] & 07777 } "$store/open-$format", glob "'$store/open-$format'/*";
	is(join(' ', grep { !/^0[67]00$/ } @modes), '', "$format: nobody else can read it");
}
unwrap();

note 'A program that lies in the working directory';

make_path("$tmp/cwd");
write_file("cwd/menuca-$_", "touch '$tmp/hijacked'\n") foreach qw(common backup-children backup-drill);
my ($bash) = grep { -x } '/bin/bash', '/usr/bin/bash';
SKIP:
{
	skip 'there is no bash, which looks for a script in the PATH', 2 if !$bash;
	is(system('sh', '-c', "cd '$tmp/cwd' && '$bash' menuca-backup -d menuca --directory '$store' --label cwd >/dev/null 2>&1") >> 8, 0, 'bash menuca-backup: succeeds');
	ok(!-e "$tmp/hijacked", 'with its own parts');
}

#
# Disks
#

note 'A disk that is full or fails';

my $failed = qr/A command failed, whose message is above\.\n.*Nothing was registered, and no file is left/;
foreach my $case (
	[ 'sort cannot write', 'sort', 'echo "sort: No space left" >&2; exit 2', $failed ],
	[ 'join cannot write', 'join', 'exit 1', $failed ],
	[ 'the dump cannot be read again', 'sha256sum', 'echo "sha256sum: Input/output error" >&2; exit 1', qr/The checksum of .* could not be made/ ],
	[ 'the checksum is cut', 'sha256sum', 'echo 0123abc; exit 0', qr/The checksum of .* could not be made/ ],
	[ 'no fifo can be made', 'mkfifo', 'exit 1', $failed ],
	[ 'no space for lists', 'dd', 'exit 1', qr/has not even 256 kB/ ],
	[ 'nothing can be linked or moved', 'link', 'exit 1', qr/could not be given its name/ ])
{
	my ($name, $program, $script, $message) = @$case;

	wrap_program($program, $script);
	wrap_program('mv', 'exit 1') if $program eq 'link';
	is_refused($message, $name, @call, '--label', 'disk');
	unwrap();
}

# Registered, and then the answer is lost
wrap_program('psql', 'case " $* " in *" checksum=sha256"*) "$real" "$@"; exit 2 ;; esac; exec "$real" "$@"');
is_backup(shell_backup(''), 'an answer of the server that is lost');
unwrap();

#
# Settings
#

note 'Settings of the database and of the environment';

rows_of($node, 'menuca', 'ALTER DATABASE menuca SET default_transaction_read_only = on');
is_refused(qr/Sessions in database "menuca" are read-only.*PGOPTIONS/s, 'a database that is read-only', @call);
{
	local $ENV{PGOPTIONS} = '-c default_transaction_read_only=off';
	is_backup(shell_backup('', '--drill'), 'with PGOPTIONS');
	rows_of($node, 'menuca', 'ALTER DATABASE menuca RESET default_transaction_read_only');
}
foreach my $setting ("statement_timeout = '3s'", "lock_timeout = '1ms'", "standard_conforming_strings = off", "quote_all_identifiers = on", "row_security = off")
{
	rows_of($node, 'menuca', "ALTER DATABASE menuca SET $setting");
	# The registration waits longer than that
	wrap_program('link', <<'SH') if $setting =~ /timeout/;
"$real" "$@"
PGOPTIONS='-c statement_timeout=0' psql -XAtqd menuca -c 'BEGIN; LOCK TABLE menuca_backup IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(5)' >/dev/null 2>&1 &
until psql -XAtqd postgres -c 'SELECT count(*) FROM pg_stat_activity WHERE wait_event = $$PgSleep$$' | grep -q 1; do sleep 0.1; done
SH
	is_backup(shell_backup('', '--drill'), $setting);
	unwrap();
	rows_of($node, 'postgres', 'ALTER DATABASE menuca RESET ALL');
}
rows_of($node, 'menuca', "CREATE TABLE public.letters AS SELECT chr(8364) || chr(26085) AS a");
foreach my $encoding ('SQL_ASCII', 'LATIN1', 'SJIS')
{
	local $ENV{PGCLIENTENCODING} = $encoding;
	is_backup(shell_backup('', '--drill'), "PGCLIENTENCODING=$encoding");
}

#
# Several calls
#

note 'Two at once, one name';

my @handles = map { start_backup('-d', 'menuca', '--output', "$store/same") } 1 .. 2;
my @results = map { finish_backup($_) } @handles;
is(join(' ', sort map { $_->{status} } @results), '0 1', 'one succeeds');
is(rows_of($node, 'menuca', "SELECT count(*) FROM menuca_backup WHERE id LIKE '%/same'"), 1, 'one is registered');
is((grep { /^\.menuca-backup/ } split / /, files()), 0, 'no temporary file is left');

note 'SIGKILL';

rows_of($node, 'menuca', <<'SQL');
CREATE FUNCTION public.slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF current_database() = 'menuca_drill' THEN PERFORM pg_sleep(600); END IF;
	RETURN $1;
END $$;
CREATE TABLE public.slow AS SELECT 1 AS a;
CREATE INDEX ON public.slow (public.slow(a));
SQL

# Nothing is there any more, soon
sub wait_until_clean
{
	my ($before, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $end = time + $PostgreSQL::Test::Utils::timeout_default;

	usleep(100_000) until (files() eq $before->{files} && processes() eq '' && !(() = glob("'$ENV{TMPDIR}'/menuca-backup.*"))) || time > $end;
	return nothing_is_left($before, $name);
}

my $before = state_now();
foreach my $case ([ 'the program', 1 ], [ 'its process group', -1 ])
{
	my ($name, $sign) = @$case;

	my $handle = start_backup(@call, '--label', 'killed', '--drill');
	wait_until_drill_sleeps() or die 'it did not come so far';
	kill KILL => $sign * $handle->{pid};
	finish_backup($handle);
	wait_until_clean($before, "$name, while it restores");

	my $holder = $node->background_psql('menuca');
	$holder->query_safe('BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE');
	foreach my $drill ([], ['--drill'])
	{
		$handle = start_backup(@call, '--label', 'killed', @$drill);
		$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'") or die 'it does not wait';
		kill KILL => $sign * $handle->{pid};
		finish_backup($handle);
		my $what = @$drill ? 'counts' : 'dumps';
		# Who waits for a lock hears of a lost client afterwards
		rows_of($node, 'postgres', "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
		wait_until_clean($before, "$name, while it $what");
	}
	$holder->quit;
}

# While it registers
wrap_program('link', qq{"\$real" "\$@"\ntouch '$tmp/linked'\nuntil [ -e '$tmp/go' ]; do sleep 0.1; done});
my $handle = start_backup('-d', 'menuca', '--output', "$store/late");
usleep(100_000) until -e "$tmp/linked";
kill KILL => $handle->{pid};
write_file('go', '');
finish_backup($handle);
unwrap();
wait_until_clean({ files => join(' ', sort split(/ /, $before->{files}), 'late'), registered => $before->{registered} }, 'while it registers, but for the backup itself');
usleep(100_000) until slurp_file("$handle->{base}.stderr") =~ /killed while it registered the backup \S*late, which may be registered or not/;
pass('and it says so');

# With keep-scratch
$handle = start_backup(@call, '--label', 'kept', '--drill', '--keep-scratch');
wait_until_drill_sleeps() or die 'it did not come so far';
kill KILL => $handle->{pid};
finish_backup($handle);
my $kept = qr/was killed; nothing was registered/;
usleep(100_000) until slurp_file("$handle->{base}.stderr") =~ $kept;
usleep(100_000) until processes() eq '';
my ($scratch) = glob "'$store'/.menuca-backup.*";
ok(-d "$scratch/cluster", 'with --keep-scratch the server is stopped, and kept');

# The machine was lost: the next call tells
my $next = backup(@call, '--label', 'next');
is($next->{status}, 0, 'the next call succeeds');
like($next->{stderr}, qr/A call that was killed has left files; remove them: rm -rf '\Q$scratch\E'$/m, 'and tells what is left');
is(system('sh', '-c', $next->{stderr} =~ /remove them: (.*)$/m), 0, 'which can be removed as it says');
unlike(backup(@call, '--label', 'after')->{stderr}, qr/has left files/, 'then there is nothing to tell');

$node->stop;
log_is_clean($node);

done_testing();
