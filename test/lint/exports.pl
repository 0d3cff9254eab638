#!/usr/bin/perl
#
# exports.pl - checks that the library exports what the server calls by name,
# and nothing else
#
# usage: exports.pl EXPORTS SCRIPTS SOURCES [LIBRARY]
#
# EXPORTS is the list that the linker is given, SCRIPTS the extensions' SQL, one
# argument with spaces between, and SOURCES the directory of the rooms.  The server
# calls the functions of SCRIPTS, with their pg_finfo_ companions, the workers' entries (PGDLLEXPORT) and the
# module's own two.  With --write, EXPORTS is written instead.
#
use strict;
use warnings;

my $write = @ARGV && $ARGV[0] eq '--write' ? shift : '';
my ($exports, $scripts, $sources, $library) = @ARGV;
die "usage: exports.pl [--write] EXPORTS SCRIPTS SOURCES [LIBRARY]\n" unless $sources;

my $violations = 0;
my %wanted = map { $_ => 1 } functions_of_scripts(), worker_entries(), '_PG_init', 'Pg_magic_func';

if ($write)
{
	open my $file, '>', $exports or die "$exports: $!\n";
	print $file "# What the server calls by name; made by: make exports\n",
	  map { "$_\n" } sort keys %wanted;
	close $file or die "$exports: $!\n";
	exit;
}
compare("$exports has", { map { $_ => 1 } grep { !/^#/ } lines($exports) });
compare("$library exports", exported()) if $library;
exit($violations > 0);

sub lines
{
	open my $file, '<', $_[0] or die "$_[0]: $!\n";
	chomp(my @lines = <$file>);
	return @lines;
}

sub functions_of_scripts
{
	my $sql = join "\n", map { lines($_) } split / +/, $scripts;
	my @names;

	while ($sql =~ /\bCREATE (?:FUNCTION|PROCEDURE) \@extschema\@\.(\w+)\((?:(?!\bCREATE ).)*?\bAS 'MODULE_PATHNAME'(?:, '(\w+)')?/gs)
	{
		my $name = $2 // $1;

		push @names, $name, "pg_finfo_$name";
	}
	return @names;
}

sub worker_entries
{
	my @names;

	for my $file (glob "$sources/*/*.[ch]")
	{
		my $code = join(' ', lines($file)) =~ s{/\*.*?\*/}{}gr;

		push @names, $code =~ /\bPGDLLEXPORT\s+(?:\w+\s+)+(\w+)\(/g;
	}
	return @names;
}

sub exported
{
	my %names;

	for (split /\n/, qx{nm -D --defined-only "$library"})
	{
		$names{$1} = 1 if /^\S+ [A-Z] ([^@\s]+)/;
	}
	die "nm lists no symbol of $library\n" unless %names;
	return \%names;
}

sub compare
{
	my ($what, $found) = @_;

	for my $name (sort keys %$found)
	{
		next if $wanted{$name};
		print STDERR "lint: $what $name, which the server does not call by name\n";
		$violations++;
	}
	for my $name (sort keys %wanted)
	{
		next if $found->{$name};
		print STDERR "lint: $what not $name, which the server calls by name\n";
		$violations++;
	}
}
