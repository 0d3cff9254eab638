
=pod

=head1 NAME

MenucaBackup - what the tests of menuca-backup have in common

=head1 DESCRIPTION

menuca-backup is run as a shell would run it.  What it must not leave is looked
for in the directory of the backups, in TMPDIR, and among the processes.

=cut

package MenucaBackup;

use strict;
use warnings;

use Cwd ();
use Exporter 'import';
use File::Path qw(make_path);
use POSIX ();
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

use MenucaTest;

our @EXPORT = qw(
  backup_store start_program start_backup finish_backup backup
  registered files state_now nothing_is_left processes drill_query wait_until_drill_sleeps
  wrap_program wrap_pg_dump unwrap
);

my ($node, $store, $tmp);
my $path = $ENV{PATH};
my $started = 0;

=pod

=over

=item backup_store($node, $name)

Makes a directory for backups of this node, which the programs connect to from
now on, and returns its path.

=cut

sub backup_store
{
	($node, my $name) = @_;

	$tmp = $PostgreSQL::Test::Utils::tmp_check;
	$ENV{PGHOST} = $node->host;
	$ENV{PGPORT} = $node->port;
	$store = "$tmp/$name";

	# Of its own: other tests run the program at the same time
	$ENV{TMPDIR} = PostgreSQL::Test::Utils::tempdir_short();
	make_path($store, "$tmp/bin");
	return $store;
}

=pod

=item start_program($program, @args), start_backup(@args), finish_backup($handle), backup(@args)

Begins the program, menuca-backup unless it is named, in a process group of its
own, waits for its end, or both.  finish_backup() returns a hash of status, signal,
stdout and stderr.

=cut

sub start_backup
{
	return start_program('menuca-backup', @_);
}

sub start_program
{
	my ($program, @args) = @_;
	my $base = "$tmp/backup_" . ++$started;
	my $pid = fork // die "could not fork: $!";

	if ($pid == 0)
	{
		setpgrp(0, 0);
		delete $ENV{PGAPPNAME};

		# Whoever runs the tests may ignore a hangup, as nohup does
		$SIG{$_} = 'DEFAULT' foreach qw(HUP INT QUIT TERM);
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$base.stdout";
		open STDERR, '>', "$base.stderr";
		exec $program, @args or POSIX::_exit(127);
	}
	return { pid => $pid, base => $base };
}

sub finish_backup
{
	my ($handle) = @_;

	waitpid $handle->{pid}, 0;
	my %result = (status => $? >> 8, signal => $? & 127);
	$result{$_} = slurp_file("$handle->{base}.$_") for qw(stdout stderr);
	note $result{stderr};
	return \%result;
}

sub backup
{
	return finish_backup(start_backup(@_));
}

=pod

=item state_now(), nothing_is_left($state, $name)

The files and the registered backups; and a test that they are the same, and
that there is no process, session, server or temporary directory of the program.

=cut

sub registered
{
	return rows_of($node, $_[0] // 'menuca', 'SELECT count(*) FROM menuca_backups');
}

sub files
{
	opendir my $dir, $store or die;
	return join ' ', sort grep { !/^\.\.?$/ } readdir $dir;
}

sub state_now
{
	return { files => files(), registered => registered() };
}

sub nothing_is_left
{
	my ($before, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	is(files(), $before->{files}, "$name: no file is left");
	is(registered(), $before->{registered}, "$name: nothing is registered");
	is(processes(), '', "$name: no process is left");
	is( rows_of($node, 'postgres', "SELECT count(*) FROM pg_database WHERE datname LIKE 'menuca\\_drill%'"),
		0, "$name: no scratch database is left");
	$node->poll_query_until('postgres',
		"SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name IN ('pg_dump', 'pg_restore') OR datname LIKE 'menuca\\_drill%'")
	  or fail("$name: a session is left");
	opendir my $dir, $ENV{TMPDIR} or die;
	is(join(' ', grep { /^menuca-backup\./ } readdir $dir), '', "$name: no temporary directory is left");
	return;
}

=pod

=item processes()

Commands of the processes whose arguments or working directory lead to the
directory of the backups.

=cut

sub processes
{
	my $place = Cwd::realpath($store);
	my @found;

	foreach my $directory (glob '/proc/[0-9]*')
	{
		my $cwd = readlink("$directory/cwd") // '';
		open my $file, '<', "$directory/cmdline" or next;
		my $command = do { local $/; <$file> } // '';
		$command =~ tr/\0/ /;
		push @found, $command if index("$cwd $command", $place) >= 0;
	}
	return join "\n", @found;
}

=pod

=item drill_query($sql), wait_until_drill_sleeps()

Asks the throwaway server of the drill that is running; nothing where there is
none.  Waits until one of its sessions is in pg_sleep().

=cut

sub drill_query
{
	my ($sql) = @_;
	my ($passwords) = glob "'$store'/.menuca-backup.*/passwords" or return;
	my $temporary = $ENV{TMPDIR};
	my ($socket) = map { s{/\.s\.PGSQL\.5432$}{}r } glob "'$temporary'/menuca-backup.*/.s.PGSQL.5432" or return;
	local %ENV = (%ENV, PGPASSFILE => $passwords, PGHOST => $socket, PGPORT => 5432, PGUSER => 'menuca_drill');
	my ($stdout, $stderr) = run_command([ 'psql', '-XAtqwd', 'menuca_drill', '-c', $sql ]);

	return $stdout;
}

sub wait_until_drill_sleeps
{
	my $end = time + $PostgreSQL::Test::Utils::timeout_default;

	while (time < $end)
	{
		return 1 if (drill_query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") // '') eq '1';
		usleep(50_000);
	}
	return;
}

=pod

=item wrap_program($name, $script), wrap_pg_dump($script), unwrap()

From now on a script stands before the program in the PATH; it runs the real
one as "$real".  That of pg_dump has the path of the dump in $file.

=cut

sub wrap_program
{
	my ($name, $script) = @_;
	my ($real) = grep { -x } map { "$_/$name" } split /:/, $path;

	write_file("bin/$name", <<SH);
#!/bin/sh
real='$real'
for arg; do case \$arg in --file=*) file=\${arg#--file=} ;; esac; done
$script
SH
	chmod 0755, "$tmp/bin/$name";
	$ENV{PATH} = "$tmp/bin:$path";
	return;
}

sub wrap_pg_dump
{
	return wrap_program('pg_dump', @_);
}

sub unwrap
{
	unlink glob "'$tmp'/bin/*";
	$ENV{PATH} = $path;
	return;
}

1;
