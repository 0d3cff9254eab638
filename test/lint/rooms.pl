#!/usr/bin/perl
#
# rooms.pl - checks what the files of src/ include, declare and are called
#
# usage: rooms.pl DIRECTORY
#
# A file is a .c file together with the header of its name.  Each rule has a
# function of its own below; a violation is one line, and makes the exit
# status 1.
#
use strict;
use warnings;

# Which rooms each room may include: the picture is in src/README.md.
my %may_include = (
	base => [],
	mysql => [],
	load => [qw(base mysql)],
	source => [qw(base)],
	target => [qw(base source)],
	ledger => [qw(base target)],
	plan => [qw(base source target)],
	write => [qw(base target ledger)],
	backup => [qw(base target ledger)],
	fix => [qw(base source target ledger plan write backup)],
	check => [qw(base source target ledger plan)],
	index => [qw(base target)],
	access => [qw(base)],
	hosted => [qw(base target ledger)],
	customer => [qw(base target ledger plan)],
	people => [qw(base target ledger)],
	runbook => [qw(base target ledger backup)],
	verdict => [qw(base target ledger runbook)],
	advice => [qw(base target ledger runbook)],
	report => [qw(base)],
	html => [qw(base)],
	seating => [qw(base)],
	deployment => [qw(base seating)],
	rollout => [qw(base seating deployment)],
	survey => [qw(base seating)],
	watch => [qw(base seating)],
	takeover => [qw(base seating)],
	page => [qw(base)],
	rights => [qw(base)],
);

# The reader of dumps compiles without a server: only this file knows one.
my $port = 'mysql/mysqldump_port.h';

my $directory = shift // die "usage: rooms.pl DIRECTORY\n";
my $violations = 0;

my %text;       # of each file, without comments and the content of strings
my %includes;   # of each file: our headers, in order
my %system;     # of each file: other headers
my %declared;   # of each header: functions and variables
my %defined;    # of each .c file: functions that are not static
my %static;     # of each .c file: functions that are
my %lines;      # of each file: how many
my %entry;      # of each .c file: functions that the server calls by name

# What is longer has two subjects.
my $longest = 600;

read_files();
check_rooms();
check_circles();
check_headers();
check_declarations();
check_names();
check_static();
check_equal_names();
check_lengths();
exit($violations > 0);

sub violation
{
	print STDERR "lint: @_\n";
	$violations++;
}

sub slurp
{
	open my $file, '<', "$directory/$_[0]" or die "$directory/$_[0]: $!\n";
	local $/;
	return <$file>;
}

sub read_files
{
	my @files = map { s{^\Q$directory\E/}{}r } glob("$directory/*/*.[ch]");

	die "rooms.pl: there are no sources in $directory\n" unless @files;
	for my $name (@files)
	{
		my $code = slurp($name);

		$lines{$name} = $code =~ tr/\n//;
		$includes{$name} = [];
		$system{$name} = [];
		while ($code =~ /^#\s*include\s+(["<])([^">]+)[">]/mg)
		{
			my ($quote, $header) = ($1, $2);

			if (-e "$directory/$header") { push @{ $includes{$name} }, $header }
			else { push @{ $system{$name} }, $header }
			violation("$name includes \"$header\": write \"room/file.h\"")
			  if $quote eq '"' && $header !~ m{/} && glob("$directory/*/$header");
		}
		$code =~ s{/\*.*?\*/}{ }gs;
		$code =~ s/"(?:\\.|[^"\\\n])*"/""/g;
		$code =~ s/'(?:\\.|[^'\\\n])+'/' '/g;
		$text{$name} = $code;

		if ($name =~ /\.h$/)
		{
			my $flat = $code =~ s/^\s*#.*?(?<!\\)$//smgr;
			my %names;

			$names{$1} = 1 while $flat =~ /\bextern\b[^;(]*?\b(\w+)\s*(?:\(|\[|;)/g;
			$declared{$name} = \%names;
			next;
		}
		$entry{$name}{$1} = 1 while $code =~ /\bPG_FUNCTION_INFO_V1\((\w+)\)/g;
		$entry{$name}{$1} = 1 while $code =~ /\bPGDLLEXPORT\b[^;(]*?\b(\w+)\s*\(/g;
		$entry{$name}{_PG_init} = 1;
		while ($code =~ /^((?:\w[\w \t*]*)?)\n(\w+)\([^;{}]*\)\n\{/mg)
		{
			my ($type, $function) = ($1, $2);

			($type =~ /\bstatic\b/ ? \%static : \%defined)->{$name}{$function} = 1;
		}
	}
}

sub room { return $_[0] =~ m{^(\w+)/} ? $1 : '' }
sub box { return $_[0] =~ s/\.[ch]$//r }

# Each room includes only those that the table allows it.
sub check_rooms
{
	for my $name (sort keys %includes)
	{
		my $room = room($name);
		my %allowed = map { $_ => 1 } $room, @{ $may_include{$room} // [] };

		violation("$name is in a room that the table of rooms lacks") unless $may_include{$room};
		for my $header (@{ $includes{$name} })
		{
			violation("$name includes $header: $room may include only "
				  . (join(', ', @{ $may_include{$room} // [] }) || 'itself'))
			  unless $allowed{ room($header) };
		}
		next unless $room eq 'mysql' && $name ne $port;
		for my $header (grep { /^postgres\.h$|\// } @{ $system{$name} })
		{
			violation("$name includes $header: the reader compiles without a server, but for $port")
			  unless $header =~ m{^sys/};
		}
	}
}

# No circle between files, nor between rooms.
sub check_circles
{
	my (%files, %rooms);

	for my $name (keys %includes)
	{
		for my $header (@{ $includes{$name} })
		{
			$files{ box($name) }{ box($header) } = 1 unless box($name) eq box($header);
			$rooms{ room($name) }{ room($header) } = 1 unless room($name) eq room($header);
		}
	}
	report_circle('files', \%files);
	report_circle('rooms', \%rooms);
}

# Removes what includes nothing, again and again: what stays is in a circle,
# or leads to one.
sub report_circle
{
	my ($what, $graph) = @_;
	my %rest = map { $_ => { %{ $graph->{$_} } } } keys %$graph;
	my $removed = 1;

	while ($removed)
	{
		$removed = 0;
		for my $from (keys %rest)
		{
			delete $rest{$from}{$_} for grep { !$rest{$_} } keys %{ $rest{$from} };
			next if %{ $rest{$from} };
			delete $rest{$from};
			$removed = 1;
		}
	}
	return unless %rest;

	# Walk along until a place comes again.
	my ($at) = sort keys %rest;
	my (@way, %seen);
	until ($seen{$at}++)
	{
		push @way, $at;
		($at) = sort keys %{ $rest{$at} };
	}
	shift @way while $way[0] ne $at;
	violation("a circle of $what: " . join(' -> ', @way, $at));
}

# A header has users besides its own .c file; what is included is used.
sub check_headers
{
	my %users;

	for my $name (sort keys %includes)
	{
		my %before;

		for my $header (@{ $includes{$name} })
		{
			violation("$name includes $header twice") if $before{$header}++;
			$users{$header}++ unless box($name) eq box($header);
			next if box($name) eq box($header) || $header eq $port;
			violation("$name includes $header, and uses nothing of it")
			  unless uses($name, $header);
		}
	}
	for my $header (sort grep { /\.h$/ } keys %text)
	{
		violation("$header has no user") unless $users{$header};
	}
}

# True if a file names something that a header defines or declares, or that
# the headers do that it includes in turn.
sub uses
{
	my ($name, $header) = @_;

	for my $word (names_of($header))
	{
		return 1 if $text{$name} =~ /\b\Q$word\E\b/;
	}
	return 0;
}

my %names;

sub names_of
{
	my ($header) = @_;

	return @{ $names{$header} } if $names{$header};

	my $code = $text{$header};
	my %words = %{ $declared{$header} // {} };

	$words{$1} = 1 while $code =~ /^#\s*define\s+(\w+)/mg;
	$words{$1} = 1 while $code =~ /^\}\s*(\w+)\s*;/mg;
	$words{$1} = 1 while $code =~ /\btypedef\b[^;{}]*?\b(\w+)\s*;/g;
	$words{$1} = 1 while $code =~ /\btypedef\b[^;{}]*?\(\s*\*\s*(\w+)\s*\)/g;
	$words{$1} = 1 while $code =~ /\b(?:struct|enum|union)\s+(\w+)\s*\{/g;
	$words{$1} = 1 while $code =~ /^(\w+)\([^;{}]*\)\n\{/mg;
	while ($code =~ /\benum\b\s*\w*\s*\{([^}]*)\}/g)
	{
		my $members = $1;

		$words{$1} = 1 while $members =~ /(?:^|,)\s*(\w+)/g;
	}

	# from 16 on, these come with it
	@words{qw(VARDATA VARSIZE SET_VARSIZE VARDATA_ANY VARSIZE_ANY_EXHDR)} = () if $header eq 'base/compat.h';

	# simplehash makes functions of its prefix
	while ($code =~ /^#\s*define\s+SH_PREFIX\s+(\w+)/mg)
	{
		$words{"${1}_$_"} = 1
		  for qw(create destroy insert lookup hash iterator start_iterate iterate delete reset);
	}
	delete $words{ (grep { /_H$/ } keys %words)[0] // '' };
	$names{$header} = [ keys %words ];
	return @{ $names{$header} };
}

# A header declares what its own .c file defines, and nothing else.
sub check_declarations
{
	for my $header (sort keys %declared)
	{
		my $own = box($header) . '.c';

		next unless $text{$own} || %{ $declared{$header} };
		for my $word (sort keys %{ $declared{$header} })
		{
			next if ($text{$own} // '') =~ /^(?:const )?\w[\w \t*]*[ \t*]\Q$word\E(?:\[[^\]]*\])*\s*[;=]/m;
			violation("$header declares $word, which $own does not define") unless $defined{$own}{$word};
		}
		for my $word (sort keys %{ $defined{$own} // {} })
		{
			violation("$own defines $word, which is neither static nor in $header")
			  unless $declared{$header}{$word} || $entry{$own}{$word};
		}
	}
	for my $file (sort grep { !$declared{ box($_) . '.h' } } keys %defined)
	{
		violation("$file defines $_, which is not static, and has no header")
		  for grep { !$entry{$file}{$_} } sort keys %{ $defined{$file} };
	}
}

# A function that is not static begins with its file's or its room's noun: the
# file's name, its first or its last word, or the room.
sub check_names
{
	for my $file (sort keys %defined)
	{
		my ($stem) = $file =~ m{/(\w+)\.c$};
		my @words = split /_/, $stem;
		my %nouns = map { $_ => 1, "${_}s" => 1, (s/s$//r) => 1 } $stem, $words[0], $words[-1], room($file);

		for my $function (sort keys %{ $defined{$file} })
		{
			next if $entry{$file}{$function};
			violation("$file: $function() begins with none of " . join(', ', sort keys %nouns))
			  unless grep { $function eq $_ || index($function, "${_}_") == 0 } keys %nouns;
		}
	}
}

# What only its own file uses is static.
sub check_static
{
	for my $file (sort keys %defined)
	{
		for my $function (sort keys %{ $defined{$file} })
		{
			next if $entry{$file}{$function};
			next if grep { box($_) ne box($file) && $text{$_} =~ /\b\Q$function\E\b/ } keys %text;

			# an inline function or a macro of its header, besides the declaration
			my @mentions = ($text{ box($file) . '.h' } // '') =~ /\b\Q$function\E\b/g;
			violation("$file: only the file itself uses $function(), so it should be static")
			  unless @mentions > 1;
		}
	}
}

# Functions of different files have different names.
sub check_equal_names
{
	my %files;

	for my $file (sort keys %static, sort keys %defined)
	{
		push @{ $files{$_} }, $file
		  for grep { !$entry{$file}{$_} } keys %{ $static{$file} // {} }, keys %{ $defined{$file} // {} };
	}
	for my $function (sort keys %files)
	{
		my %different = map { $_ => 1 } @{ $files{$function} };

		violation("$function() is defined in " . join(' and in ', sort keys %different)) if keys %different > 1;
	}
}

sub check_lengths
{
	# The tests in C are in no room, but are read like the others
	for my $file (glob "$directory/../test/*/*.[ch]")
	{
		open my $in, '<', $file or die "$file: $!\n";
		my @all = <$in>;
		$lines{ $file =~ s/^\Q$directory\E\///r } = @all;
	}
	for my $file (sort grep { $lines{$_} > $longest } keys %lines)
	{
		violation("$file has $lines{$file} lines, more than $longest");
	}
}
