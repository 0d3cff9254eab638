#!/bin/sh
# assemble-sql.sh - prints an extension's script, made of the rooms' parts
#
# usage: assemble-sql.sh menuca_migrate >menuca_migrate--1.0.sql
#
# The rooms are in the order in which they may use each other (src/README.md).
# A room without SQL objects has no part; one with many has parts besides, named
# after it, which follow it in the order of their names: access_openings.sql.
#
# CREATE EXTENSION puts the extension's schema first into search_path, and somebody
# may have created operators and functions in it that fit better than those
# of the server.  So the script has a path without it, and each name of ours
# gets its schema here.
set -eu
cd "$(dirname "$0")"

extension=$1
case $extension in
	menuca_migrate) rooms='base mysql load source target ledger plan write backup fix check index access hosted people runbook customer verdict advice report help rights' ;;
	menuca_seating) rooms='seating deployment survey watch rollout takeover page' ;;
	*) echo "usage: assemble-sql.sh menuca_migrate|menuca_seating" >&2; exit 2 ;;
esac

cat <<HEADER
/*
 * $extension--1.0.sql
 *
 * Assembled from src/<room>/<room>.sql by src/assemble-sql.sh: edit those,
 * then run "make sql".
 */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION $extension" to load this file. \quit

-- operators and functions are those of the server, whatever is in the schema
SET LOCAL search_path = pg_catalog, pg_temp;
HEADER

# Puts the schema before the names of ours that statements create or change.
qualify()
{
	sed -E \
		-e 's/^((CREATE|COMMENT ON|REVOKE ALL ON|ALTER) (FUNCTION|PROCEDURE|TABLE|VIEW|TYPE|COLUMN|SEQUENCE) )(menuca_)/\1@extschema@.\4/' \
		-e 's/^((INSERT INTO|UPDATE|DELETE FROM|REVOKE ALL ON|RETURNS|RETURNS SETOF) )(menuca_)/\1@extschema@.\3/' \
		-e 's/^((CREATE|COMMENT ON) TRIGGER .* ON )(menuca_)/\1@extschema@.\3/' \
		-e "s/^(SELECT pg_catalog\\.pg_extension_config_dump\\(')(menuca_)/\\1@extschema@.\\2/" \
		-e 's/(EXECUTE FUNCTION |REFERENCES )(menuca_)/\1@extschema@.\2/'
}

for room in $rooms; do
	for part in "$room/$room.sql" "$room/$room"_*.sql; do
		[ -f "$part" ] || continue
		printf '\n'
		qualify <"$part"
	done
done
