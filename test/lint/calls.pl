#!/usr/bin/perl
#
# calls.pl - checks that the calls which messages propose are qualified
#
# usage: calls.pl DIRECTORY
#
# A call in a hint or a remedy is pasted where the extension's schema may not be
# in the search_path.  So a text that proposes one is the format of
# migrate_call() or the text of migrate_qualify(), which put the schema before
# each name (base/extension.h).  A violation is one line, and makes the exit
# status 1.
#
use strict;
use warnings;

my $directory = shift // die "usage: calls.pl DIRECTORY\n";
my $violations = 0;

# A name of the extension with nothing before it: base/extension.c qualifies
# the same ones.
my $name = qr/(?<![\w.'"%\\-])menuca_(?!migrate\b)\w+/;

# A name that is executed, wherever it is written.
my $call = qr/\b(?:SELECT|FROM|JOIN|CALL|INTO|UPDATE|TABLE) $name|; ?$name\(/;

# Texts that are read as what to do next: each name in them is qualified.
my %advises = map { $_ => 1 } qw(errhint finding_skip);

# The functions that qualify, and which of their arguments they do.
my %qualifies = (migrate_call => 0, seating_call => 0, migrate_qualify => 0, extension_call => 1, extension_qualify => 1);

my @files = sort glob("$directory/*/*.[ch]");
die "calls.pl: there are no sources in $directory\n" unless @files;
check_file($_) for @files;
exit($violations > 0);

# Reads a file as far as needed to know the call that each text is an argument
# of: the innermost one.  Parentheses of an expression are no call.
sub check_file
{
	my ($file) = @_;
	my $code = slurp($file);
	my @open;       # [ function or '', number of the argument ]
	my $text;       # adjacent literals are one text
	my $line = 1;
	my $begin;
	my $word = '';  # what precedes the next parenthesis

	while ($code =~ m{\G(?:(/\*.*?\*/)|"((?:\\.|[^"\\])*)"|('(?:\\.|[^'\\])*')|(\w+)|(\s+)|(.))}gs)
	{
		my ($comment, $literal, $character, $identifier, $space, $other) = ($1, $2, $3, $4, $5, $6);

		if (defined $literal)
		{
			$begin = $line unless defined $text;
			$text = ($text // '') . $literal;
		}
		elsif (!defined $comment && !defined $space)
		{
			check_text($file, $begin, $text, $open[-1]) if defined $text;
			undef $text;
			if (!defined $other) { }
			elsif ($other eq '(') { push @open, $word || !@open ? [ $word, 0 ] : [ @{ $open[-1] } ] }
			elsif ($other eq '{') { push @open, [ '', 0 ] }
			elsif ($other =~ /[)}]/) { pop @open }
			elsif ($other eq ',' && @open) { $open[-1][1]++ }
			$word = $identifier // '';
		}
		$line += ($& =~ tr/\n//);
	}
}

sub check_text
{
	my ($file, $line, $text, $open) = @_;
	my ($function, $argument) = @{ $open // [ '', 0 ] };

	return if defined $qualifies{$function} && $argument == $qualifies{$function};
	return unless $text =~ $call || $advises{$function} && $text =~ $name && !is_reason($function, $argument);
	print STDERR "lint: $file:$line proposes a call without the extension's schema: use migrate_call()\n";
	$violations++;
}

# The reason for which a check is skipped is no advice, but the remedy is.
sub is_reason
{
	my ($function, $argument) = @_;

	return $function eq 'finding_skip' && $argument == 1;
}

sub slurp
{
	open my $file, '<', $_[0] or die "$_[0]: $!\n";
	local $/;
	return <$file>;
}
