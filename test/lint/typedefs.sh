#!/bin/sh
# typedefs.sh - lists the types that pgindent must know: our own, and those of
# the server that the code names
#
# usage: typedefs.sh FILE... >typedefs.list
#
# The server's are read from its own list, which comes with pgindent, or from
# the file that SERVER_TYPEDEFS names.
set -eu
server=${SERVER_TYPEDEFS:-$(ls /usr/share/postgresql/[0-9]*/typedefs.list 2>/dev/null | tail -n 1)}
[ -n "$server" ] || { echo "typedefs.sh: the server's typedefs.list is not installed (it comes with pgindent)" >&2; exit 1; }

words=$(mktemp)
trap 'rm -f "$words"' EXIT
# A word with "->", "[" or "=" behind it is the name of a variable here, though
# the server has a type of this name, such as text
cat "$@" | perl -0ne '
	s{/\*.*?\*/|"(?:\\.|[^"\\])*"|\x27(?:\\.|[^\x27\\\n])+\x27}{}gs;
	$is_variable{$_}++ for /\b(\w+)(?:->|\[|\s=\s)/g;
	$is_word{$_}++ for /\b([A-Za-z_]\w*)/g;
	END { print map {"$_\n"} grep { !$is_variable{$_} } keys %is_word }' |
	LC_ALL=C sort -u >"$words"
{
	cat "$@" | perl -0ne '
		s{/\*.*?\*/}{}gs;
		print "$1\n" while /^\}\s*(\w+);/mg;
		print "$1\n" while /\btypedef\b[^;{}()]*?\b(\w+)(?:\[\w*\])*;/g;
		print "$1\n" while /\btypedef\b[^;{}]*?\(\s*\*?\s*(\w+)\s*\)\s*\(/g;
		print "${1}_hash\n${1}_iterator\n" while /^#define SH_PREFIX (\w+)/mg;'
	LC_ALL=C sort -u "$server" | LC_ALL=C comm -12 - "$words"
} | LC_ALL=C sort -u
