#!/bin/sh
# planted.sh - plants each fault that lint is to find, and sees that it does
#
# usage: planted.sh     in the checkout's top directory
#
# Each fault is planted in a copy of src/.
set -u
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
number=0
failed=0

# $1: what is planted, $2: the words that lint must say, the rest: lint's command
expect()
{
	what=$1
	words=$2
	shift 2
	number=$((number + 1))
	if said=$("$@" 2>&1); then
		echo "lint: not found: $what" >&2
		failed=1
	elif ! printf '%s\n' "$said" | grep -Fq -- "$words"; then
		echo "lint: not found: $what; but:" >&2
		printf '%s\n' "$said" >&2
		failed=1
	fi
}

fresh()
{
	rm -rf "$copy/src" "$copy/test"
	cp -R src menuca_migrate--1.0.sql menuca_seating--1.0.sql "$copy/"
}

rooms() { perl test/lint/rooms.pl "$copy/src"; }
calls() { perl test/lint/calls.pl "$copy/src"; }
exports() { perl test/lint/exports.pl "$copy/src/exports.txt" "$copy/menuca_migrate--1.0.sql $copy/menuca_seating--1.0.sql" "$copy/src"; }
stale() { sh "$copy/src/assemble-sql.sh" menuca_migrate | cmp - "$copy/menuca_migrate--1.0.sql"; }

# Puts a line behind the last #include of a file.  $1: file, $2: line
include()
{
	awk -v line="$2" '
		NR == FNR { if (/^#include/) last = FNR; next }
		{ print }
		FNR == last { print line }' "$1" "$1" >"$1.new" && mv "$1.new" "$1"
}

fresh
include "$copy/src/target/junction.c" '#include "plan/gate.h"'
expect 'an upward include' 'target/junction.c includes plan/gate.h: target may include only base, source' rooms

fresh
include "$copy/src/base/compat.h" '#include "base/query.h"'
include "$copy/src/base/query.h" '#include "base/compat.h"'
expect 'a circle of files' 'a circle of files:' rooms

fresh
include "$copy/src/base/query.c" '#include "base/query.h"'
expect 'an include twice' 'base/query.c includes base/query.h twice' rooms

fresh
include "$copy/src/fix/rollback.c" '#include "plan/distribution.h"'
expect 'an include of which nothing is used' 'includes plan/distribution.h, and uses nothing of it' rooms

fresh
include "$copy/src/mysql/mysqldump.c" '#include "utils/memutils.h"'
expect "a server's header in the reader" 'mysql/mysqldump.c includes utils/memutils.h' rooms

fresh
printf '#ifndef X\n#define X\nextern int	query_nothing(void);\n#endif\n' >"$copy/src/base/nobody.h"
expect 'a header without a user' 'base/nobody.h has no user' rooms

fresh
printf '\nint\nquery_planted(void)\n{\n\treturn 0;\n}\n' >>"$copy/src/base/query.c"
expect 'a function that is neither static nor declared' 'defines query_planted, which is neither static nor in base/query.h' rooms

fresh
printf '\nint\nsomething_else(void)\n{\n\treturn 0;\n}\n' >>"$copy/src/base/query.c"
include "$copy/src/base/query.h" 'extern int	something_else(void);'
expect 'a name without the noun' 'something_else() begins with none of' rooms
expect 'what only its own file uses' 'only the file itself uses something_else()' rooms

fresh
printf '\nstatic int\nfirst_text(void)\n{\n\treturn 0;\n}\n' >>"$copy/src/base/query.c"
printf '\nstatic int\nfirst_text(void)\n{\n\treturn 0;\n}\n' >>"$copy/src/base/slot.c"
expect 'equal names' 'first_text() is defined in base/query.c and in base/slot.c' rooms

fresh
seq 600 | sed 's|.*|/* & */|' >>"$copy/src/base/slot.c"
expect 'a long file' 'lines, more than 600' rooms

fresh
mkdir -p "$copy/test/fuzz"
seq 601 | sed 's|.*|/* & */|' >"$copy/test/fuzz/mysqldump_test.c"
expect 'a long test' 'test/fuzz/mysqldump_test.c has ' rooms

fresh
printf '\nchar *query_text = "To see it: SELECT * FROM menuca_runs;";\n' >>"$copy/src/base/query.c"
expect 'a proposed call without a schema' "query.c:$(wc -l <"$copy/src/base/query.c") proposes a call without the extension's schema" calls

fresh
printf '\n#define QUERY_HINT migrate_call("%%s", "first this; menuca_runs();")\n' >>"$copy/src/base/query.c"
expect 'a call in an argument of migrate_call()' "proposes a call without the extension's schema" calls

fresh
printf '\n#define QUERY_HINT errhint("Correct it in menuca_wanted_" "index.")\n' >>"$copy/src/base/query.c"
expect 'a name without a schema in a hint' "proposes a call without the extension's schema" calls

fresh
echo query_each >>"$copy/src/exports.txt"
expect 'an export' 'query_each, which the server does not call by name' exports

fresh
echo '-- planted' >>"$copy/src/plan/plan.sql"
expect 'a stale part of the script' 'differ' stale

[ $failed -eq 0 ] && echo "lint: its rules find $number planted faults"
exit $failed
