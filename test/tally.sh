# shellcheck shell=sh
# tally.sh - runs tests and counts what they say; to be sourced

# Runs tests of one suite, with the cluster that is chosen.
#
# $1: engine or "none", $2: directory for their output, created again; the rest:
# their names.  Sets passed, failed, skipped and seconds; writes to that
# directory "output", and where a test failed "failing", the names, and
# "excerpt", what to look at first.
run_tests()
{
	engine=$1
	out=$2
	shift 2
	suite=$(suite_of "$1")
	rm -rf "$out"
	mkdir -p "$out"
	began=$(date +%s)
	status=0
	(
		if [ "$engine" != none ]; then
			PGOPTIONS="-c menuca.engine=$engine"
			export PGOPTIONS
		fi
		"run_$suite" "$out" "$@"
	) >"$out/output" 2>&1 || status=$?
	seconds=$(($(date +%s) - began))

	case $suite in
		lint) count_lint ;;
		regress|isolation) count_regress "$@" ;;
		*) count_tap ;;
	esac
	# Died, hung, left its plan, or tested nothing: a failure that no line shows
	if [ "$failed" -eq 0 ] && { [ "$status" -ne 0 ] || [ $((passed + skipped)) -eq 0 ]; }; then failed=1; fi
	if [ "$failed" -gt 0 ]; then
		[ -s "$out/failing" ] || printf '%s\n' "$@" >"$out/failing"
		make_excerpt >"$out/excerpt"
	fi
	check_server "$@"
}

# Each check has a line that begins with "lint: ".
count_lint()
{
	passed=$(grep '^lint: ' "$out/output" | grep -vc 'skipped') || :
	skipped=$(grep -c 'skipped' "$out/output") || :
	failed=0
}

# "prove -v" and our own programs write TAP unindented.  Of a file that skips all
# of its tests, prove says so on the line with its name instead.
count_tap()
{
	counts=$(awk '
		/^ok [0-9]/ || /^ok - / || /^ok: / { if (tolower($0) ~ /# *skip/) s++; else p++ }
		/^not ok/ || /^FAILED: / { if (tolower($0) ~ /# *todo/) s++; else f++ }
		/^1\.\.0 *#? *[Ss][Kk][Ii][Pp]/ || /^[^ ]+ \.+ skipped: / { s++ }
		END { print p + 0, f + 0, s + 0 }' "$out/output")
	passed=${counts%% *}
	skipped=${counts##* }
	failed=${counts#* }
	failed=${failed% *}
}

# pg_regress writes "test NAME ... ok" until 15, then "ok 1 - NAME".  What did
# not say ok has failed.
count_regress()
{
	awk '/^ok +[0-9]+ +[-+] / { print $4 } /^test .* \.\.\. ok( |$)/ { print $2 }' "$out/output" >"$out/passed"
	passed=0
	skipped=0
	failed=0
	for name; do
		if grep -qx "${name#*/}" "$out/passed"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			printf '%s\n' "$name" >>"$out/failing"
		fi
	done
}

make_excerpt()
{
	if [ "$suite" = lint ]; then
		tail -n 100 "$out/output"
	else
		# Where it failed, then how it ended
		grep -E -A 12 '^(not ok|FAILED|# +Failed)' "$out/output" | grep -v '^ok' | head -n 100 || :
		grep -Ev '^(ok[: ]|test .* ok )' "$out/output" | tail -n 40 || :
	fi
	if [ -s "$out/regression.diffs" ]; then head -n 300 "$out/regression.diffs"; fi
	find "$out" -name '*.log' -type f -size +0 | while read -r log; do
		echo "---- the end of ${log##*/}"
		tail -n 20 "$log"
	done
}

# A crash or a resource leak of the server is reported once.
check_server()
{
	if ! uses_cluster "$suite" || ! server_suffered; then return 0; fi
	failed=$((failed + 1))
	mv "$server_log" "$out/server.log"
	printf '%s\n' "$@" >"$out/failing"
	{
		echo "---- the server crashed or leaked; the end of its log"
		tail -n 100 "$out/server.log"
	} >>"$out/excerpt"
	pg_ctl --mode=immediate --silent stop >/dev/null 2>&1 || :
	cluster_start
}

# How a test and its engine are called, in words and as a directory
title() { if [ "$2" = none ]; then echo "$1"; else echo "$1 ($2)"; fi; }
label() { if [ "$2" = none ]; then echo "$1"; else echo "$1.$2"; fi; }

# $1: what was run
print_counts()
{
	printf '%-34s %5d passed %4d failed %4d skipped %5d s' "$1" "$passed" "$failed" "$skipped" "$seconds"
	printf '%s\n' "${2:+   $2}"
}
