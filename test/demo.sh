#!/bin/sh
# demo.sh - the whole story on a throwaway cluster, in demo.sql's words
#
# Fails when any step does, or when the proof at its end does not hold.
set -eu
# shellcheck source=test/workshop.sh
. "$(dirname "$0")/workshop.sh"
enter_workshop "$@"
# shellcheck source=test/story.sh
. "$(dirname "$0")/story.sh"

begin_story 90

say "Generating a small copy of the real case, and its dumps ..."
perl test/fixture/generate.pl --case real --quiet --schema "$MENUCA_WORK/schema.sql" \
	--dump "$MENUCA_WORK/menuca_v1.sql" --v2-dump "$MENUCA_WORK/menuca_v2.sql"
createdb menuca
PGOPTIONS='-c client_min_messages=warning' psql -Xqd menuca -v ON_ERROR_STOP=1 -f "$MENUCA_WORK/schema.sql" >/dev/null

# It stays when the rest is removed, unless the story fails
page=$(mktemp -d "${MENUCA_WORK%/*}/menuca-report.XXXXXX")/report.html
trap 'rm -rf -- "${page%/*}"' EXIT
tell_story menuca test/demo.sql -v report="$page" -v v1="$MENUCA_WORK/menuca_v1.sql" -v v2="$MENUCA_WORK/menuca_v2.sql"

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
say "3. Look at the page that step 13 has written: $page"
end_story
trap - EXIT
