#!/bin/sh
# run.sh - runs the test suites on throwaway clusters
#
# usage: run.sh [SUITE...]
#
# Tests run side by side, each with a cluster that is no other's at that time;
# those that take longest come first.  MENUCA_ENGINES
# ("auto" or "executor") restricts the engines that tests run with, MENUCA_JOBS
# is the number of tests at a time.
#
# Ends with the line "N passed, N failed"; fails unless all passed.  A suite
# that has files but ran no test has failed.
set -eu
# shellcheck source=test/workshop.sh
. "$(dirname "$0")/workshop.sh"
# shellcheck disable=SC2034 # for enter_workshop
remembers=yes
enter_workshop "$@"
cd "$MENUCA_WORK/project"
# shellcheck source=test/cluster.sh
. test/cluster.sh
# shellcheck source=test/suites.sh
. test/suites.sh
# shellcheck source=test/tally.sh
. test/tally.sh
# shellcheck source=test/queue.sh
. test/queue.sh

all_suites='lint reader fixture regress isolation pgtap tap'
suites=${*:-$all_suites}
for suite in $suites; do
	case $suite in
		lint|reader|fixture|regress|isolation|pgtap|tap) ;;
		*) die "There is no suite \"$suite\"; there are lint, reader, fixture, regress, isolation, pgtap and tap." ;;
	esac
done

make_installation
say "$(postgres --version), on throwaway clusters under $MENUCA_WORK (user $(id -un))"
if [ -z "${MENUCA_SHARED_DATA:-}" ]; then
	say "Note: there is no ../shared/data here; the checks on real data are skipped."
fi
build_extension
build_test_module
pgxs_src=$(dirname "$(pg_config --pgxs)")/..
trap stop_clusters EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
make_template

fill_queue
tell_queue
work_off_queue
remember_times
report
