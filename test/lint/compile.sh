#!/bin/sh
# compile.sh - compiles each source with gcc and clang; every warning is an error
#
# usage: compile.sh SERVER_HEADERS SOURCE...
#
# The server's headers are system headers here: their warnings are not ours.  Some warnings
# of gcc need its optimizer; clang's come from its front end alone.
set -u
headers=$1
shift
status=0
jobs=$(nproc 2>/dev/null || echo 2)

clang=$(command -v clang || ls /usr/bin/clang-[0-9]* 2>/dev/null | tail -n 1)
for cc in gcc "${clang:-clang}"; do
	case $cc in gcc) until="-S -o /dev/null" ;; *) until=-fsyntax-only ;; esac
	command -v "$cc" >/dev/null || { echo "lint: $cc is not installed, skipped"; continue; }
	if printf '%s\n' "$@" | xargs -n 8 -P "$jobs" sh -c '
		cc=$0
		headers=$1
		until=$2
		shift 2
		for source; do
			$cc -O2 -fPIC -fwrapv -fno-strict-aliasing -std=gnu11 -D_GNU_SOURCE \
				-Wall -Wextra -Wmissing-prototypes -Wpointer-arith -Wvla \
				-Wdeclaration-after-statement -Werror -Isrc \
				-isystem "$headers" $until "$source" || exit 1
		done' "$cc" "$headers" "$until"; then
		echo "lint: no warnings from $cc"
	else
		status=1
	fi
done
exit $status
