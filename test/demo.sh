#!/bin/sh
# demo.sh - the whole story on a throwaway cluster, in demo.sql's words
#
# Fails when any step does, or when the proof at its end does not hold.
set -eu
# shellcheck source=test/workshop.sh
. "$(dirname "$0")/workshop.sh"
enter_workshop "$@"
# shellcheck source=test/cluster.sh
. "$(dirname "$0")/cluster.sh"

began=$(date +%s)
make_installation
say "$(postgres --version), in a throwaway cluster under $MENUCA_WORK (user $(id -un))"
say "Building the extension ..."
build_extension
say "Starting the cluster ..."
start_only_cluster
cd "$MENUCA_WORK/project"

say "Generating the MenuCA database and a V1 dump file ..."
perl test/fixture/generate.pl --quiet --schema "$MENUCA_WORK/schema.sql" --dump "$MENUCA_WORK/combos.sql"
createdb menuca
PGOPTIONS='-c client_min_messages=warning' psql -Xqd menuca -v ON_ERROR_STOP=1 -f "$MENUCA_WORK/schema.sql" >/dev/null

# From standard input, so that NOTICEs come without a file name in front
PGCLIENTENCODING=UTF8 psql -Xqd menuca -v ON_ERROR_STOP=1 -v dump="$MENUCA_WORK/combos.sql" <test/demo.sql 2>&1

say ""
say "The demo took $(($(date +%s) - began)) s. The cluster is removed now."
