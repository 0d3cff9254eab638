#!/bin/sh
# bench.sh - measures the extension against good SQL, on a throwaway cluster
#
# SCALE=1|10|20|100 (default 1), RUNS (default 5), CASES="fix validate" for
# some of: load dry_run fix fix_exclusive batched growth rollback validate
# memory report, and of hosted, seating_plan seating_assign seating_day seating_growth seating_watch, or
# seating for these last five; hosted and seating know no SCALE.  Writes a table of
# each program below as Markdown to standard output, and to the file that OUT names;
# progress goes to standard error.  Exits with 1 when a goal is missed.
set -eu

# The file is opened by the calling user, with the caller's rights and in the
# caller's directory; what it holds is replaced only by a whole table.
if [ -z "${MENUCA_WORK:-}" ] && [ -n "${OUT:-}" ]; then
	exec 3>>"$OUT"
fi

# shellcheck source=test/workshop.sh
. "$(dirname "$0")/workshop.sh"
enter_workshop "$@"
# shellcheck source=test/cluster.sh
. "$(dirname "$0")/cluster.sh"

make_installation
say "Building the extension ..." >&2
build_extension
start_only_cluster
cd "$MENUCA_WORK/project"

# Both sides with the durability of a production server, and with memory
# enough that SQL need not spill at scale 20.  WAL is recycled and nothing
# compiled just in time, so that neither slows down the side that runs first.
cat >>"$PGDATA/postgresql.conf" <<-CONF
	fsync = on
	synchronous_commit = on
	full_page_writes = on
	shared_buffers = '1GB'
	maintenance_work_mem = '256MB'
	work_mem = '256MB'
	min_wal_size = '8GB'
	max_wal_size = '8GB'
	checkpoint_timeout = '1h'
	autovacuum = off
	jit = off
CONF
pg_ctl --wait --silent --log="$server_log" restart >/dev/null

migrate_cases=
hosted_cases=
seating_cases=
for case in ${CASES:-}; do
	case $case in
		hosted) hosted_cases=hosted ;;
		seating*) seating_cases="$seating_cases $case" ;;
		*) migrate_cases="$migrate_cases $case" ;;
	esac
done

exec_status=0
alone=--alone
if [ -n "$migrate_cases" ] || [ -z "$hosted_cases$seating_cases" ]; then
	perl test/bench/bench.pl --scale "${SCALE:-1}" --runs "${RUNS:-5}" --cases "${migrate_cases# }" \
		--dir "$MENUCA_WORK" ${OUT:+--also 3} || exec_status=$?
	alone=
fi
if [ -n "$hosted_cases" ] || [ -z "$migrate_cases$seating_cases" ]; then
	perl test/bench/hosted.pl --runs "${RUNS:-5}" --dir "$MENUCA_WORK" $alone ${OUT:+--also 3} || exec_status=$?
	alone=
fi
if [ -n "$seating_cases" ] || [ -z "$migrate_cases$hosted_cases" ]; then
	perl test/bench/seating.pl --runs "${RUNS:-5}" --cases "${seating_cases# }" \
		--dir "$MENUCA_WORK" $alone ${OUT:+--also 3} || exec_status=$?
fi
exit "$exec_status"
