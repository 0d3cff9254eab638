#!/bin/sh
# demo-seating.sh - an evening's bookings get their dining tables on a throwaway
# cluster, in demo-seating.sql's words
#
# Fails when any step does, or when the proof at its end does not hold.
set -eu
# shellcheck source=test/workshop.sh
. "$(dirname "$0")/workshop.sh"
enter_workshop "$@"
# shellcheck source=test/story.sh
. "$(dirname "$0")/story.sh"

begin_story 60

createdb seating
psql -Xqd seating -v ON_ERROR_STOP=1 -f test/fixture/seating/schema.sql -f test/fixture/seating/evening.sql
tell_story seating test/demo-seating.sql

cat <<'NEXT'

== What to do next
1. On a copy of your database, as a superuser, with the extension installed ("make install",
   for the server of pg_config):
     CREATE SCHEMA ops;
     CREATE EXTENSION menuca_seating SCHEMA ops;
     SELECT * FROM ops.menuca_seating_deploy();
     SELECT r.name, d.* FROM restaurants r, ops.menuca_replay_day(r.id, current_date - 1) d;
   Both write nothing.
2. Floors and evenings of any size, to try it with: test/fixture/seating/generate.pl --help
NEXT
end_story
