#!/bin/sh
# planted.sh - plants each fault that lint is to find, and sees that it does
#
# usage: planted.sh     in the checkout's top directory
#
# All faults are planted in one copy of src/, then each rule looks at it once.
set -u
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
number=0
failed=0
cp -R src menuca_migrate--1.0.sql menuca_seating--1.0.sql "$copy/"

# Puts a line behind the last #include of a file.  $1: file, $2: line
include()
{
	awk -v line="$2" '
		NR == FNR { if (/^#include/) last = FNR; next }
		{ print }
		FNR == last { print line }' "$1" "$1" >"$1.new" && mv "$1.new" "$1"
}

# Puts text at a file's end.  $1: file, $2: printf's format
append() { printf "$2" >>"$1"; }

# $1: a file's name in src/; the place of its last line, as lint says it
last_line() { echo "$1:$(wc -l <"$copy/src/$1")"; }

# A rule looks at the copy: it must fail, and $said is what it says.
look()
{
	if said=$("$@" 2>&1); then
		echo "lint: passes in spite of what was planted: $*" >&2
		failed=1
	fi
}

# $1: what was planted, $2: the words that $said must have
expect()
{
	number=$((number + 1))
	case $said in
		*"$2"*) ;;
		*)
			echo "lint: not found: $1; only: $said" >&2
			failed=1 ;;
	esac
}

stale() { sh "$copy/src/assemble-sql.sh" menuca_migrate | cmp - "$copy/menuca_migrate--1.0.sql"; }

include "$copy/src/target/junction.c" '#include "plan/gate.h"'
include "$copy/src/base/compat.h" '#include "base/query.h"'
include "$copy/src/base/query.h" '#include "base/compat.h"'
include "$copy/src/base/query.c" '#include "base/query.h"'
include "$copy/src/fix/rollback.c" '#include "plan/distribution.h"'
include "$copy/src/mysql/mysqldump.c" '#include "utils/memutils.h"'
append "$copy/src/base/nobody.h" '#ifndef X\n#define X\nextern int	query_nothing(void);\n#endif\n'
append "$copy/src/base/query.c" '\nint\nquery_planted(void)\n{\n\treturn 0;\n}\n'
append "$copy/src/base/query.c" '\nint\nsomething_else(void)\n{\n\treturn 0;\n}\n'
include "$copy/src/base/query.h" 'extern int	something_else(void);'
append "$copy/src/base/query.c" '\nstatic int\nfirst_text(void)\n{\n\treturn 0;\n}\n'
append "$copy/src/base/slot.c" '\nstatic int\nfirst_text(void)\n{\n\treturn 0;\n}\n'
seq 600 | sed 's|.*|/* & */|' >>"$copy/src/base/slot.c"
mkdir -p "$copy/test/fuzz"
seq 601 | sed 's|.*|/* & */|' >"$copy/test/fuzz/mysqldump_test.c"

look perl test/lint/rooms.pl "$copy/src"
expect 'an upward include' 'target/junction.c includes plan/gate.h: target may include only base, source'
expect 'a circle of files' 'a circle of files:'
expect 'an include twice' 'base/query.c includes base/query.h twice'
expect 'an include of which nothing is used' 'fix/rollback.c includes plan/distribution.h, and uses nothing of it'
expect "a server's header in the reader" 'mysql/mysqldump.c includes utils/memutils.h'
expect 'a header without a user' 'base/nobody.h has no user'
expect 'a function that is neither static nor declared' 'defines query_planted, which is neither static nor in base/query.h'
expect 'a name without the noun' 'something_else() begins with none of'
expect 'what only its own file uses' 'only the file itself uses something_else()'
expect 'equal names' 'first_text() is defined in base/query.c and in base/slot.c'
expect 'a long file' "base/slot.c has $(wc -l <"$copy/src/base/slot.c") lines, more than 600"
expect 'a long test' 'test/fuzz/mysqldump_test.c has '

append "$copy/src/base/query.c" '\nchar *query_text = "To see it: SELECT * FROM menuca_runs;";\n'
text=$(last_line base/query.c)
append "$copy/src/base/query.c" '\n#define QUERY_HINT migrate_call("%%s", "first this; menuca_runs();")\n'
argument=$(last_line base/query.c)
append "$copy/src/base/query.c" '\n#define QUERY_HINT errhint("Correct it in menuca_wanted_" "index.")\n'
hint=$(last_line base/query.c)

look perl test/lint/calls.pl "$copy/src"
expect 'a proposed call without a schema' "$text proposes a call without the extension's schema"
expect 'a call in an argument of migrate_call()' "$argument proposes a call without the extension's schema"
expect 'a name without a schema in a hint' "$hint proposes a call without the extension's schema"

echo query_each >>"$copy/src/exports.txt"
look perl test/lint/exports.pl "$copy/src/exports.txt" "$copy/menuca_migrate--1.0.sql $copy/menuca_seating--1.0.sql" "$copy/src"
expect 'an export' 'query_each, which the server does not call by name'

echo '-- planted' >>"$copy/src/plan/plan.sql"
look stale
expect 'a stale part of the script' 'differ'

[ $failed -eq 0 ] && echo "lint: its rules find $number planted faults"
