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
say "From here it takes less than 90 s, where nothing else is running."
say "Building the extension ..."
build_extension
say "Starting the cluster ..."
start_only_cluster
cd "$MENUCA_WORK/project"

say "Generating a small copy of the real case, and its dumps ..."
perl test/fixture/generate.pl --case real --quiet --schema "$MENUCA_WORK/schema.sql" \
	--dump "$MENUCA_WORK/menuca_v1.sql" --v2-dump "$MENUCA_WORK/menuca_v2.sql"
createdb menuca
PGOPTIONS='-c client_min_messages=warning' psql -Xqd menuca -v ON_ERROR_STOP=1 -f "$MENUCA_WORK/schema.sql" >/dev/null

# From standard input, so that messages come without a file name in front
status=$MENUCA_WORK/demo.status
{
	PGCLIENTENCODING=UTF8 psql -Xqd menuca -v ON_ERROR_STOP=1 -v v1="$MENUCA_WORK/menuca_v1.sql" \
		-v v2="$MENUCA_WORK/menuca_v2.sql" <test/demo.sql 2>&1 && echo passed >"$status"
} | perl test/wrap.pl
[ -f "$status" ] || die "The demo failed."

cat <<'NEXT'

== What to do next
1. Read doc/installation.md (which servers, whose rights), then doc/workflow.md: the same
   steps for your database, on a copy of it first. doc/when-refused.md says what each refusal
   needs, doc/runbook.md has the order of the eleven tickets, from pre-flight to GO.
2. Install the extension ("make install", for the server of pg_config), and on a copy of
   your database, as a superuser:
     CREATE SCHEMA ops;
     CREATE EXTENSION menuca_migrate SCHEMA ops;
     SELECT * FROM ops.menuca_next();
   That names the call to make, at any moment; so does next_step in each result.
NEXT
say ""
say "The demo took $(($(date +%s) - began)) s. The cluster is removed now."
