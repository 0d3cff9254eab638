#!/bin/sh
# bench.sh - measures the extension against good SQL, on a throwaway cluster
#
# SCALE=1|20|100 (default 1), RUNS (default 5).  Writes the table as Markdown
# to standard output, and progress to standard error; exits with 1 when a goal
# is missed.
set -eu
# shellcheck source=test/cluster.sh
. "$(dirname "$0")/cluster.sh"
enter_workshop "$@"
echo $$ >"$MENUCA_WORK/pid"

make_installation
say "Building the extension ..." >&2
build_extension
cluster_start
cd "$MENUCA_WORK/project"

# Both sides with the durability of a production server
cat >>"$PGDATA/postgresql.conf" <<-CONF
	fsync = on
	synchronous_commit = on
	full_page_writes = on
	shared_buffers = '1GB'
	maintenance_work_mem = '256MB'
	work_mem = '64MB'
	max_wal_size = '8GB'
	checkpoint_timeout = '1h'
	autovacuum = off
CONF
pg_ctl --wait --silent --log="$server_log" restart >/dev/null

exec_status=0
perl test/bench/bench.pl --scale "${SCALE:-1}" --runs "${RUNS:-5}" --dir "$MENUCA_WORK" || exec_status=$?
exit "$exec_status"
