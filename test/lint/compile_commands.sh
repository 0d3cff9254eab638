#!/bin/sh
# compile_commands.sh - prints how each source is compiled, for clang's tools
#
# usage: compile_commands.sh DIRECTORY COMMAND SOURCE...
set -eu
directory=$1
command=$(printf '%s' "$2" | sed 's/\\/\\\\/g; s/"/\\"/g')
shift 2
separator='['
for source; do
	printf '%s\n{"directory": "%s", "command": "%s -c -o %s.o %s", "file": "%s"}' \
		"$separator" "$directory" "$command" "${source%.c}" "$source" "$source"
	separator=,
done
printf '\n]\n'
