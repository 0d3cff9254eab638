#!/usr/bin/perl
#
# wrap.pl
#	  Wraps lines of more than 96 characters between words, as they come.
#
use strict;
use warnings;
use open qw(:std :encoding(UTF-8));

$| = 1;
while (my $line = <STDIN>)
{
	while (length $line > 97 && $line =~ s/^(.{1,96}) //)
	{
		print "$1\n";
		$line = "    $line";
	}
	print $line;
}
