# shellcheck shell=sh
# suites.sh - which tests there are, and how those of each suite are run; to be
# sourced, in the project's copy
#
# A test has the name of its file below test/, without the ending and without
# "specs"; a name without a file below test/ is a suite with one test.

list_tests()
{
	printf '%s\n' lint reader fixture
	for file in test/sql/*.sql test/isolation/specs/*.spec test/pgtap/*.sql test/t/*.pl; do
		[ -f "$file" ] || continue
		name=${file#test/}
		printf '%s\n' "${name%.*}" | sed 's|/specs/|/|'
	done
}

# $1: name of a test
suite_of()
{
	case $1 in
		sql/*) echo regress ;;
		t/*) echo tap ;;
		*) echo "${1%%/*}" ;;
	esac
}

file_of()
{
	case $1 in
		sql/*|pgtap/*) echo "test/$1.sql" ;;
		isolation/*) echo "test/isolation/specs/${1#*/}.spec" ;;
		t/*) echo "test/$1.pl" ;;
	esac
}

# lint and reader need none, and TAP tests have clusters of their own.
uses_cluster() { case $1 in fixture|regress|isolation|pgtap) ;; *) return 1 ;; esac; }

# With which settings of menuca.engine a test runs.  It says itself that both
# engines matter to it: "engines: both" in a comment near its top.
engines_of()
{
	file=$(file_of "$1")
	if [ -z "$file" ]; then
		echo none
	elif sed 15q "$file" | grep -Eq '^(--|#) engines: both$'; then
		echo "${MENUCA_ENGINES:-auto executor}"
	else
		set -- ${MENUCA_ENGINES:-auto}
		echo "$1"
	fi
}

# No test may hang the run.  In the foreground, so that an interrupt reaches it.
limit()
{
	if command -v timeout >/dev/null 2>&1; then timeout --foreground "${MENUCA_TIMEOUT:-2700}" "$@"; else "$@"; fi
}

#
# One function for each suite.  It runs the tests $2 and following, and leaves
# what else they write in the directory $1.
#

run_lint() { limit make -s lint PG_CONFIG="$PG_CONFIG"; }

# The dump reader on its own, without a server
run_reader() { limit make -C test/fuzz test PG_CONFIG="$PG_CONFIG"; }

# The generator of the MenuCA-shaped database, against its own figures
run_fixture()
{
	limit sh test/fixture/check.sh || return
	fixture_stamp >"$MENUCA_KEPT/fixture"
}

# All that its test depends on.  Nothing else can make it fail.
fixture_stamp()
{
	postgres --version
	perl -e 'print "perl $^V\n"'
	find test/fixture -type f | LC_ALL=C sort | while read -r file; do cksum "$file"; done
}

fixture_has_passed() { [ -f "$MENUCA_KEPT/fixture" ] && fixture_stamp | cmp -s - "$MENUCA_KEPT/fixture"; }

# pg_regress looks for the expected files where it writes.
run_regress()
{
	ln -s "$PWD/expected" "$1/expected"
	pg_regress regress/pg_regress test "$@"
}

run_isolation()
{
	ln -s "$PWD/test/isolation/expected" "$1/expected"
	pg_regress isolation/pg_isolation_regress test/isolation "$@"
}

# $1: program, $2: directory of the tests, $3: directory to write to, the rest: names
pg_regress()
{
	program=$pgxs_src/test/$1
	input=$2
	output=$3
	shift 3
	for name; do
		set -- "$@" "${name#*/}"
		shift
	done
	limit "$program" --inputdir="$input" --outputdir="$output" --bindir="$(pg_config --bindir)" \
		--dbname=contrib_regression "$@"
}

# In a database that has pgTAP and nothing else
run_pgtap()
{
	if ! psql -Xqd pgtap_template -c '' 2>/dev/null; then
		createdb pgtap_template && psql -Xqd pgtap_template -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION pgtap' || return
	fi
	database=pgtap_${2#*/}
	dropdb --if-exists --force "$database" 2>/dev/null
	createdb -T pgtap_template "$database" || return
	status=0
	limit pg_prove --verbose -d "$database" "$(file_of "$2")" || status=$?
	dropdb --force "$database"
	return $status
}

# PostgreSQL::Test starts clusters of its own, with the private installation's
# programs.  Their logs stay, their data goes.
run_tap()
{
	data=$MENUCA_WORK/tap/${1##*/}
	rm -rf "$data"
	mkdir -p "$data/tmp_check" "$MENUCA_WORK/ports"
	# Sessions in the background have no limit of their own on a slow machine.
	# Until 15, logs have their place below the data.
	ln -s "$1" "$data/tmp_check/log"
	status=0
	limit env TESTDIR="$data" TESTDATADIR="$data/tmp_check" TESTLOGDIR="$1" \
		PG_TEST_PORT_DIR="$MENUCA_WORK/ports" PG_TEST_TIMEOUT_DEFAULT="${MENUCA_TIMEOUT:-2700}" PG_REGRESS="$pgxs_src/test/regress/pg_regress" PGPORT=65432 \
		prove --verbose -I "$pgxs_src/test/perl" -I test/t "$(file_of "$2")" || status=$?
	[ -n "${MENUCA_KEEP:-}" ] || rm -rf "$data"
	return $status
}
