#!/bin/sh
# assemble-sql.sh - prints the extension's script, made of the rooms' parts
#
# usage: assemble-sql.sh >menuca_migrate--1.0.sql
#
# The rooms are in the order in which they may use each other (src/README.md).
# A room without SQL objects has no part.
set -eu
cd "$(dirname "$0")"

rooms='base mysql load source target ledger plan write backup fix check index access runbook rights'

cat <<'HEADER'
/*
 * menuca_migrate--1.0.sql
 *
 * Assembled from src/<room>/<room>.sql by src/assemble-sql.sh: edit those,
 * then run "make sql".
 */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION menuca_migrate" to load this file. \quit
HEADER

for room in $rooms; do
	[ -f "$room/$room.sql" ] || continue
	printf '\n'
	cat "$room/$room.sql"
done
