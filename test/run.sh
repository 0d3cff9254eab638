#!/bin/sh
# run.sh - runs the test suites on a throwaway cluster
#
# usage: run.sh [SUITE...]
#
# What writes to a server runs twice, once per engine (src/write/item_writer.h), unless
# MENUCA_ENGINES names one of "auto" and "executor".
#
# Ends with the line "N passed, N failed"; fails unless all passed.  A suite
# that has files but ran no test has failed.
set -eu
# shellcheck source=test/cluster.sh
. "$(dirname "$0")/cluster.sh"
enter_workshop "$@"
echo $$ >"$MENUCA_WORK/pid"

suites=${*:-lint reader fixture regress isolation pgtap tap}
engines=${MENUCA_ENGINES:-auto executor}
passed=0
failed=0
skipped=0

# No test may hang the run.  In the foreground, so that an interrupt reaches it.
limit()
{
	if command -v timeout >/dev/null 2>&1; then timeout --foreground 900 "$@"; else "$@"; fi
}

# shellcheck disable=SC2012 # only counted
count() { ls "$@" 2>/dev/null | wc -l; }

# Adds up the TAP in a log; "prove -v" and our own programs write it unindented.
# $1: log, $2: exit status of what wrote it
tally_tap()
{
	counts=$(awk '
		/^ok [0-9]/ || /^ok - / || /^ok: / { if (tolower($0) ~ /# *skip/) s++; else p++ }
		/^not ok/ || /^FAILED: / { if (tolower($0) ~ /# *todo/) s++; else f++ }
		/^1\.\.0 *#? *[Ss][Kk][Ii][Pp]/ { s++ }
		END { print p + 0, f + 0, s + 0 }' "$1")
	# shellcheck disable=SC2086 # three numbers
	set -- "$2" $counts
	file_passed=$2
	file_failed=$3
	file_skipped=$4
	# Died, hung, or left its plan: a failure that no line of TAP tells
	if [ "$1" -ne 0 ] && [ "$file_failed" -eq 0 ]; then file_failed=1; fi
	if [ $((file_passed + file_failed + file_skipped)) -eq 0 ]; then file_failed=1; fi
}

# Adds up pg_regress's lines: "test NAME ... ok" until 15, then "ok 1 - NAME".
# What did not say ok has failed.  $1: log, $2: exit status, $3: number of tests
tally_regress()
{
	file_passed=$(grep -Ec '^ok [0-9]+ +[-+] |^test .* \.\.\. ok( |$)' "$1" || :)
	file_failed=$(($3 - file_passed))
	file_skipped=0
	if [ "$2" -ne 0 ] && [ "$file_failed" -eq 0 ]; then file_failed=1; fi
}

# Takes over the counts of one file (or of a suite that is one run).
add_up()
{
	suite_passed=$((suite_passed + file_passed))
	suite_failed=$((suite_failed + file_failed))
	suite_skipped=$((suite_skipped + file_skipped))
}

# Shows the end of a log.  $1: heading, $2: log, $3: lines
show_log()
{
	say "---- $1"
	tail -n "${3:-100}" "$2"
	say "----"
}

# prove, with one file: $1 name, $2 file, rest: command before the file
prove_file()
{
	name=$1
	file=$2
	shift 2
	log=$logs/$name.log
	status=0
	limit "$@" "$file" >"$log" 2>&1 || status=$?
	tally_tap "$log" "$status"
	add_up
	if [ "$file_failed" -gt 0 ]; then
		failing=$logs/$name.failing
		grep -v '^ok ' "$log" >"$failing" || :
		show_log "$file failed (exit status $status)" "$failing"
	elif grep -Eiq '^(ok|1\.\.0).*# *skip' "$log"; then
		grep -Ei '^(ok|1\.\.0).*# *skip' "$log" | sed "s|^|  $name: |" | sort | uniq -c | sed 's/^ *1 //' | head -n 10
	fi
}

#
# The suites
#

suite_lint()
{
	files=$(count src/*/*.c)
	log=$logs/lint.log
	file_passed=0 file_failed=0 file_skipped=0
	if limit make -s lint PG_CONFIG="$PG_CONFIG" >"$log" 2>&1; then
		file_passed=$(grep -c 'no warnings' "$log") || :
		file_skipped=$(grep -c 'skipped' "$log") || :
	else
		file_failed=1
		show_log "lint failed" "$log"
	fi
	add_up
}

# The dump reader on its own, without a server
suite_reader()
{
	files=$(count test/fuzz/Makefile)
	[ "$files" -gt 0 ] || return 0
	log=$logs/reader.log
	status=0
	limit make -C test/fuzz test PG_CONFIG="$PG_CONFIG" >"$log" 2>&1 || status=$?
	tally_tap "$log" "$status"
	add_up
	[ "$file_failed" -eq 0 ] || show_log "test/fuzz failed (exit status $status)" "$log"
}

# The generator of the MenuCA-shaped database, against its own figures
suite_fixture()
{
	files=$(count test/fixture/check.sh)
	[ "$files" -gt 0 ] || return 0
	log=$logs/fixture.log
	status=0
	limit sh test/fixture/check.sh >"$log" 2>&1 || status=$?
	tally_tap "$log" "$status"
	add_up
	if [ "$file_failed" -gt 0 ]; then
		grep -v '^ok: ' "$log" >"$logs/fixture.failing" || :
		show_log "test/fixture/check.sh failed (exit status $status)" "$logs/fixture.failing"
	fi
}

# $1: directory of the differences; the rest: what installcheck is to run
installcheck()
{
	dir=$1
	shift
	log=$logs/$suite.log
	status=0
	limit make -s installcheck PG_CONFIG="$PG_CONFIG" "$@" >"$log" 2>&1 || status=$?
	tally_regress "$log" "$status" "$files"
	add_up
	if [ "$file_failed" -gt 0 ]; then
		show_log "$suite failed (exit status $status)" "$log"
		if [ -s "$dir/regression.diffs" ]; then head -n 300 "$dir/regression.diffs"; fi
	fi
}

suite_regress()
{
	files=$(count test/sql/*.sql)
	[ "$files" -eq 0 ] || installcheck . ISOLATION=
}

suite_isolation()
{
	files=$(count test/isolation/specs/*.spec)
	[ "$files" -eq 0 ] || installcheck output_iso REGRESS=
}

# Each file in a database of its own that has pgTAP and nothing else
suite_pgtap()
{
	files=$(count test/pgtap/*.sql)
	[ "$files" -gt 0 ] || return 0
	dropdb --if-exists pgtap_template 2>/dev/null
	if ! { createdb pgtap_template && psql -Xqd pgtap_template -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION pgtap'; }; then
		suite_failed=1
		return 0
	fi
	for file in test/pgtap/*.sql; do
		name=$(basename "$file" .sql)
		createdb -T pgtap_template "pgtap_$name"
		prove_file "$name" "$file" pg_prove --verbose -d "pgtap_$name"
		dropdb --force "pgtap_$name"
	done
}

# PostgreSQL::Test starts clusters of its own, with the private installation's programs
suite_tap()
{
	files=$(count test/t/*.pl)
	[ "$files" -gt 0 ] || return 0
	pgxs_src=$(dirname "$(pg_config --pgxs)")/..
	for file in test/t/*.pl; do
		name=$(basename "$file" .pl)
		rm -rf "$MENUCA_WORK/tap/$name"
		mkdir -p "$MENUCA_WORK/tap/$name/tmp_check" "$MENUCA_WORK/tap/$name/log"
		prove_file "$name" "$file" env \
			TESTDIR="$MENUCA_WORK/tap/$name" \
			TESTDATADIR="$MENUCA_WORK/tap/$name/tmp_check" \
			TESTLOGDIR="$MENUCA_WORK/tap/$name/log" \
			PG_REGRESS="$pgxs_src/test/regress/pg_regress" \
			PGPORT=65432 \
			prove --verbose -I "$pgxs_src/test/perl" -I test/t
		if [ "$file_failed" -gt 0 ]; then
			find "$MENUCA_WORK/tap/$name" -name '*.log' -type f | while read -r log; do
				show_log "$file: the end of ${log##*/}" "$log" 20
			done
		fi
	done
}

#
# The run
#

make_installation
say "$(postgres --version), in a throwaway cluster under $MENUCA_WORK (user $(id -un))"
if [ -z "${MENUCA_SHARED_DATA:-}" ]; then
	say "Note: there is no ../shared/data here; the checks on real data are skipped."
fi
build_extension
cluster_start
logs=$MENUCA_WORK/log
mkdir "$logs"
cd "$MENUCA_WORK/project"

# Runs a suite and tells its counts.  $1: suite, $2: engine or nothing
run_suite()
{
	suite=$1
	heading=$1${2:+ ($2)}
	suite_passed=0 suite_failed=0 suite_skipped=0 files=0
	began=$(date +%s)
	"suite_$suite"
	if server_suffered; then
		suite_failed=$((suite_failed + 1))
		show_log "$heading: the server crashed or leaked; the end of its log" "$server_log"
		# Told once
		mv "$server_log" "$logs/server.$suite.log"
		pg_ctl --mode=immediate --silent stop >/dev/null 2>&1 || :
		pg_ctl --wait --silent --log="$server_log" start >/dev/null
	fi
	if [ "$files" -gt 0 ] && [ $((suite_passed + suite_failed)) -eq 0 ]; then
		suite_failed=1
		say "---- $heading has $files files, but ran no test"
	fi
	printf '%-20s %5d passed %4d failed %4d skipped %5d s%s\n' "$heading" "$suite_passed" "$suite_failed" \
		"$suite_skipped" $(($(date +%s) - began)) "$([ "$files" -gt 0 ] || echo '   (no files)')"
	passed=$((passed + suite_passed))
	failed=$((failed + suite_failed))
	skipped=$((skipped + suite_skipped))
}

for suite in $suites; do
	case $suite in
		lint|reader|fixture)
			run_suite "$suite" "" ;;
		regress|isolation|pgtap|tap)
			for engine in $engines; do
				PGOPTIONS="-c menuca.engine=$engine"
				export PGOPTIONS
				run_suite "$suite" "$engine"
				unset PGOPTIONS
			done ;;
		*)
			die "There is no suite \"$suite\"; there are lint, reader, fixture, regress, isolation, pgtap and tap." ;;
	esac
done

if [ "$failed" -gt 0 ] && [ -s "$server_log" ]; then
	show_log "The end of the server's log" "$server_log" 30
fi
[ "$skipped" -eq 0 ] || say "$skipped skipped"
if [ $((passed + failed)) -eq 0 ]; then failed=1; fi
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
