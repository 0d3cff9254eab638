#!/bin/sh
# indent.sh - formats the C code as PostgreSQL's is, or shows what is not
#
# usage: indent.sh indent|indent-check DIRECTORY...
#
# pgindent and pg_bsd_indent are taken from the PATH, or from the newest
# PostgreSQL that has them (17 and later; Debian: postgresql-server-dev-17).
set -eu
goal=$1
shift

# A type that the list lacks is formatted as a variable, which pgindent then calls right
if [ "$goal" = indent-check ]; then
	missing=$(find "$@" -name '*.[ch]' -exec env SERVER_TYPEDEFS=/dev/null sh test/lint/typedefs.sh {} + | LC_ALL=C comm -23 - typedefs.list)
	if [ -n "$missing" ]; then
		printf '%s\n' "$missing" | sed 's/^/lint: typedefs.list lacks /; s/$/; run: make -B typedefs.list indent/' >&2
		exit 1
	fi
fi

for dir in /usr/lib/postgresql/[0-9]*/bin /usr/pgsql-[0-9]*/bin; do
	[ ! -x "$dir/pgindent" ] || PATH=$PATH:$dir
done
if ! command -v pgindent >/dev/null 2>&1 || ! command -v pg_bsd_indent >/dev/null 2>&1; then
	echo "lint: pgindent is not installed (it comes with the server headers of PostgreSQL 17 and later), skipped"
	[ "$goal" = indent-check ]
	exit
fi

PGTYPEDEFS=typedefs.list
export PGTYPEDEFS
if [ "$goal" = indent ]; then
	exec pgindent --typedefs=typedefs.list --indent="$(command -v pg_bsd_indent)" "$@"
fi
status=0
changes=$(pgindent --typedefs=typedefs.list --indent="$(command -v pg_bsd_indent)" --diff "$@" 2>&1) || status=$?
if [ -n "$changes" ] || [ "$status" != 0 ]; then
	printf '%s\n' "$changes" | head -n 100 >&2
	echo "lint: the code is not as pgindent formats it (status $status); run: make indent" >&2
	exit 1
fi
echo "lint: the code is as pgindent formats it"
