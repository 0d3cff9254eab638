#
# Report.pm
#	  Goals, and the table of results, as Markdown.
#
# A goal is stated for certain scales, or for all of them ("any").  At another
# scale the goal of the nearest one is shown, in parentheses, and missing it
# does not count.
#
package MenucaBench::Report;

use strict;
use warnings;

use Exporter qw(import);
use List::Util qw(first);

our @EXPORT = qw(faster at_most median judge is_missed markdown machine print_table);

# Ours is at least that many times as fast, by scale.
sub faster
{
	my (%bounds) = @_;
	return {
		bounds => \%bounds,
		text   => sub { ">= $_[0]" },
		ratio  => sub { $_[1] / $_[0] },
		is_met => sub { $_[0] >= $_[1] }
	};
}

# Ours takes at most that many times what the rival takes, by scale.
sub at_most
{
	my (%bounds) = @_;
	return {
		bounds => \%bounds,
		text   => sub { "<= $_[0]" },
		ratio  => sub { $_[0] / $_[1] },
		is_met => sub { $_[0] <= $_[1] }
	};
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return ($sorted[ $#sorted / 2 ] + $sorted[ @sorted / 2 ]) / 2;
}

# The bound that holds at a scale, and whether it is stated there.
sub bound_at
{
	my ($goal, $scale) = @_;
	my $bounds = $goal->{bounds};

	return ($bounds->{any}, 1) if exists $bounds->{any};
	my ($nearest) =
	  sort { abs(log($a / $scale)) <=> abs(log($b / $scale)) } keys %$bounds;
	return ($bounds->{$nearest}, $nearest == $scale);
}

# A row of the table.  Without a rival, the goal is for the figure itself.
sub judge
{
	my ($case, $unit, $ours, $rival, $goal, $scale) = @_;
	my ($bound, $stated) = bound_at($goal, $scale);
	my $figure = defined $rival ? $goal->{ratio}->($ours, $rival) : $ours;

	return {
		case   => $case,
		ours   => sprintf('%.0f %s', $ours, $unit),
		rival  => defined $rival ? sprintf('%.0f %s', $rival, $unit) : '',
		ratio  => defined $rival ? sprintf('%.2f', $figure) : '',
		goal   => $goal->{text}->($bound) . (defined $rival ? '' : " $unit"),
		met    => $goal->{is_met}->($figure, $bound),
		stated => $stated
	};
}

sub is_missed
{
	my ($row) = @_;
	return $row->{stated} && !$row->{met};
}

# What the parentheses mean says the footnote.
sub markdown
{
	my ($heading, $footnote, @rows) = @_;
	my $table = "$heading\n| case | ours | rival | ratio | goal | met |\n|---|---:|---:|---:|---:|---|\n";

	foreach my $row (@rows)
	{
		my $met = $row->{met} ? 'yes' : $row->{stated} ? '**no**' : 'no';
		$met = "($met)" if !$row->{stated};
		$table .= '| ' . join(' | ', @{$row}{qw(case ours rival ratio goal)}, $met) . " |\n";
	}
	$table .= "\n$footnote\n" if first { !$_->{stated} } @rows;
	return $table;
}

# To standard output, and to the file descriptor, if there is one, whose old content
# goes if it is to be replaced
sub print_table
{
	my ($table, $also, $replace) = @_;

	print $table;
	if (defined $also)
	{
		open(my $out, '>>&=', $also) or die "file descriptor $also: $!\n";
		truncate($out, 0) if $replace;
		print $out $replace ? $table : "\n$table";
		close($out) or die "the table could not be written: $!\n";
	}
	return;
}

sub machine
{
	my $cpus = `getconf _NPROCESSORS_ONLN`;
	my $model = first_match('/proc/cpuinfo', qr/^model name\s*:\s*(.+)$/) // 'unknown CPU';
	my $memory = first_match('/proc/meminfo', qr/^MemTotal:\s*(\d+) kB/);

	chomp $cpus;
	return "$model, $cpus cores" . (defined $memory ? sprintf(', %.0f GB of memory.', $memory / 1024 / 1024) : '.');
}

sub first_match
{
	my ($file, $pattern) = @_;

	open(my $in, '<', $file) or return;
	while (my $line = <$in>)
	{
		return $1 if $line =~ $pattern;
	}
	return;
}

1;
