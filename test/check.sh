#!/bin/sh
# check.sh - runs the tests that TEST names, in a workshop that is kept
#
# usage: TEST='sql/fix pgtap/fixture_*' check.sh
#        check.sh --stop
#
# The build, the installation and the cluster stay for the next time, in a
# directory that belongs to this checkout; --stop ends and removes them.
set -eu
# shellcheck source=test/workshop.sh
. "$(dirname "$0")/workshop.sh"

# Stops the cluster without its programs, which another version may have replaced.
remove_kept()
{
	for pidfile in "$kept"/cluster/data/postmaster.pid "$kept"/tap/*/*/pgdata/postmaster.pid; do
		if [ -f "$pidfile" ]; then stop_server "$(head -n 1 "$pidfile")" "$pidfile"; fi
	done
	rm -rf "$kept"
}

stop_server()
{
	kill -QUIT "$1" 2>/dev/null || return 0
	tries=0
	while [ -f "$2" ] && kill -0 "$1" 2>/dev/null && [ $tries -lt 50 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
}

# What is kept fits one server, at one place.
remove_if_server_changed()
{
	server="$PG_CONFIG: $("$PG_CONFIG" --version), tests as $user"
	if [ -f "$kept/server" ] && [ "$(cat "$kept/server")" != "$server" ]; then
		say "The server has changed: $kept is built again."
		remove_kept
		find_kept_dir
	fi
	echo "$server" | as_unprivileged tee "$kept/server" >/dev/null
}

lock_kept()
{
	if ! as_unprivileged mkdir "$kept/busy" 2>/dev/null; then
		other=$(cat "$kept/busy/pid" 2>/dev/null) || other=
		if [ -n "$other" ] && kill -0 "$other" 2>/dev/null; then
			die "Another make check (process $other) is running in $kept."
		fi
		as_unprivileged mkdir -p "$kept/busy"
	fi
	echo $$ | as_unprivileged tee "$kept/busy/pid" >/dev/null
}

leave_check()
{
	status=$?
	trap '' INT TERM HUP
	if [ -n "${child:-}" ]; then
		kill -TERM -- "-$(cat "$work/pid")" 2>/dev/null || :
		wait "$child" 2>/dev/null || :
	fi
	rm -rf "$kept/busy"
	exit "$status"
}

if [ -z "${MENUCA_WORK:-}" ]; then
	root=$(cd "$(dirname "$0")/.." && pwd)
	choose_user
	find_kept_dir
	if [ "${1:-}" = --stop ]; then
		remove_kept
		say "Ended and removed: $kept"
		exit 0
	fi
	[ -n "${PG_CONFIG:-}" ] || PG_CONFIG=$(sh "$root/test/setup.sh")
	lock_kept
	child=
	trap leave_check EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	remove_if_server_changed
	work=$kept
	copy_project
	find_shared_data
	run_inside
fi

#
# Inside
#

echo $$ >"$MENUCA_WORK/pid"
cd "$MENUCA_WORK/project"
# shellcheck source=test/cluster.sh
. test/cluster.sh
# shellcheck source=test/suites.sh
. test/suites.sh
# shellcheck source=test/tally.sh
. test/tally.sh

all=$(list_tests)

# Prints the names that match a pattern.
match()
{
	echo "$all" | while read -r name; do
		# shellcheck disable=SC2254 # a pattern
		case $name in $1) echo "$name" ;; esac
	done
}

# Sets "chosen" to the tests that TEST names.  Its words are no files' patterns.
choose_tests()
{
	chosen=
	set -f
	for pattern in ${TEST:-}; do
		found=$(match "$pattern")
		if [ -z "$found" ]; then
			say "There is no test \"$pattern\"."
			chosen=
			break
		fi
		chosen="$chosen $found"
	done
	set +f
	if [ -z "$chosen" ]; then
		say "Name tests, or patterns of their names: make check TEST='sql/fix pgtap/*'.  There are:"
		echo "$all" | paste - - - | sed 's/^/  /' | expand -t 30
		exit 2
	fi
}

# The cluster runs on from the last time, unless its machine was restarted.
start_kept_cluster()
{
	make_template
	cluster_choose "$MENUCA_WORK/cluster"
	if [ ! -f "$MENUCA_WORK/cluster/complete" ]; then
		rm -rf "$MENUCA_WORK/cluster"
		cluster_make
		: >"$MENUCA_WORK/cluster/complete"
	elif ! pg_ctl status >/dev/null 2>&1; then
		cluster_start
	fi
}

choose_tests
say "Kept until \"make check-stop\": $MENUCA_WORK"
make_installation
build_extension
build_test_module
start_kept_cluster
pgxs_src=$(dirname "$(pg_config --pgxs)")/..

all_passed=0
all_failed=0
failing=
for name in $chosen; do
	for engine in $(engines_of "$name"); do
		run_tests "$engine" "$MENUCA_WORK/log/$(label "$name" "$engine")" "$name"
		if [ "$failed" -gt 0 ]; then
			cat "$out/excerpt"
			failing="$failing
  $(title "$name" "$engine"): $out/output"
		fi
		print_counts "$(title "$name" "$engine")"
		all_passed=$((all_passed + passed))
		all_failed=$((all_failed + failed))
	done
done

[ "$all_failed" -eq 0 ] || say "Failed:$failing"
say "$all_passed passed, $all_failed failed"
[ "$all_failed" -eq 0 ]
