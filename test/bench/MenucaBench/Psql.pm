#
# Psql.pm
#	  Runs SQL through psql: untimed, timed, or while it samples the
#	  memory of the backend.
#
# Every call has a session of its own.
#
package MenucaBench::Psql;

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IPC::Open2 qw(open2);

our @EXPORT = qw(psql_directory sql timed memory_is_visible peak_memory);

# Seconds between two looks at a backend's memory
use constant INTERVAL => 0.02;

my $directory;

# Where the scripts are put; no notices from now on.
sub psql_directory
{
	($directory) = @_;
	$ENV{PGOPTIONS} = '-c client_min_messages=warning';
	return;
}

# Runs statements outside of the clock; returns what the queries print.
sub sql
{
	my ($db, @statements) = @_;
	my $answer = run_script($db, join('', map { "$_;\n" } @statements));
	chomp $answer;
	return $answer;
}

# The milliseconds that statements take together, by psql's clock; settings
# come before the clock starts.
sub timed
{
	my ($db, $settings, @statements) = @_;
	my $answer = run_script($db,
		join('', map { "$_;\n" } @$settings) . "\\timing on\n" . join('', map { "$_;\n" } @statements));
	my @times = $answer =~ /^Time: ([0-9.]+) ms/mg;
	my $sum = 0;

	die "times of only some statements in: $answer\n" if @times != @statements;
	$sum += $_ foreach @times;
	return $sum;
}

sub run_script
{
	my ($db, $script) = @_;
	my $file = "$directory/statements.sql";

	open(my $out, '>', $file) or die "$file: $!\n";
	print $out $script;
	close($out) or die "$file: $!\n";
	my $answer = `psql -XqAtd $db -v ON_ERROR_STOP=1 -f $file 2>&1`;
	die "psql failed: $answer\n" if $? != 0;
	return $answer;
}

# Linux shows what a process has allocated for itself alone.
sub memory_is_visible
{
	return defined anonymous_memory($$);
}

# How many MB the backend grew by, at most, while it executed the statement.
# What the settings do, such as loading a library, counts as its start.
sub peak_memory
{
	my ($db, $settings, $statement) = @_;
	my $pid = open2(my $out, my $in, 'psql', '-XqAtd', $db, '-v', 'ON_ERROR_STOP=1');
	my $finished = "finished\n";

	print $in map { "$_;\n" } @$settings;
	print $in "SELECT pg_backend_pid();\n\\echo $finished";
	my ($backend) = sampled($out, $finished) =~ /^(\d+)\n\Q$finished\E\z/m
	  or die "no process id of the backend\n";

	my $start = anonymous_memory($backend);
	my $peak = $start;
	print $in "$statement;\n\\echo $finished";
	sampled($out, $finished, sub {
		my $now = anonymous_memory($backend) // 0;
		$peak = $now if $now > $peak;
	});

	close($in);
	close($out);
	waitpid($pid, 0);
	return ($peak - $start) / 1024;
}

# Collects psql's output up to its last line, and samples meanwhile.
sub sampled
{
	my ($out, $last, $sample) = @_;
	my $select = IO::Select->new($out);
	my $answer = '';

	until ($answer =~ /^\Q$last\E\z/m)
	{
		if ($select->can_read(INTERVAL))
		{
			sysread($out, $answer, 65536, length $answer)
			  or die "psql failed while its memory was measured: $answer\n";
		}
		$sample->() if $sample;
	}
	return $answer;
}

# In kB: heap and stack, without shared buffers and mapped files
sub anonymous_memory
{
	my ($pid) = @_;

	open(my $in, '<', "/proc/$pid/status") or return;
	my ($kilobytes) = map { /^RssAnon:\s+(\d+) kB/ } <$in>;
	close($in);
	return $kilobytes;
}

1;
