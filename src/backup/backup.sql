--
-- Backups and snapshots
--

CREATE TABLE menuca_backup (
	backup_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	label text NOT NULL,
	id text NOT NULL UNIQUE,
	method text NOT NULL,
	size bigint NOT NULL,
	checksum text NOT NULL,
	started timestamptz NOT NULL,
	finished timestamptz NOT NULL,
	verified boolean NOT NULL,
	details jsonb NOT NULL,
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	database_size bigint NOT NULL,
	table_size bigint NOT NULL,
	registered_by text NOT NULL DEFAULT session_user,
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_backup IS
'Backups that were made outside of the database, and what the database was then: its name, its cluster''s system identifier, its size and that of its tables without indexes, in bytes';

CREATE TABLE menuca_snapshot_list (
	snapshot_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	label text NOT NULL UNIQUE,
	target_schema text NOT NULL,
	schema_name text NOT NULL,
	runs jsonb NOT NULL,
	taken_by text NOT NULL DEFAULT session_user,
	taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_snapshot_list IS
'Snapshots, the schema that holds each one''s copies, and the status of its tables'' runs when it was taken';

CREATE TABLE menuca_snapshot_table (
	snapshot_no bigint NOT NULL,
	table_name text NOT NULL,
	place integer NOT NULL,
	row_count bigint NOT NULL,
	checksum numeric NOT NULL,
	columns jsonb NOT NULL,
	sequences jsonb NOT NULL,
	PRIMARY KEY (snapshot_no, table_name)
);

COMMENT ON TABLE menuca_snapshot_table IS
'Per table of a snapshot, what its copy must always be like, the table''s columns, and the state of its sequences';

CREATE TABLE menuca_snapshot_restore (
	restore_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	snapshot_no bigint NOT NULL,
	label text NOT NULL,
	forced boolean NOT NULL,
	figures jsonb NOT NULL,
	runs_undone bigint[] NOT NULL,
	runs_brought_back bigint[] NOT NULL,
	restored_by text NOT NULL DEFAULT session_user,
	restored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_snapshot_restore IS
'Snapshots that were put back: what was deleted, inserted and changed per table, and the runs whose rows went or came back by it';

SELECT pg_catalog.pg_extension_config_dump('menuca_backup', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_backup_backup_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_snapshot_list', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_snapshot_list_snapshot_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_snapshot_table', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_snapshot_restore', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_snapshot_restore_restore_no_seq', '');

CREATE FUNCTION menuca_table_checksum(
	table_name regclass,
	OUT rows bigint,
	OUT checksum numeric)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_table_checksum(regclass) IS
'Number of a table''s rows, and the sum of the 64-bit hashes of their texts: the same for the same rows in any order, in whatever session, and after a dump and restore. Read only.';

CREATE FUNCTION menuca_register_backup(
	label text,
	id text,
	method text,
	size bigint,
	checksum text,
	started timestamptz,
	finished timestamptz,
	verified boolean,
	details jsonb DEFAULT '{}')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) IS
'Registers a finished backup of this database that was made outside of it, and returns its number; the script menuca-backup does so for what it makes. id is what it is found again by (no two backups share one), size its bytes. Refuses what is NULL, blank or empty, or ended before it began or in the future. With "drill": true in details, menuca_check_backup says that it was restored and compared.';

REVOKE ALL ON FUNCTION menuca_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) FROM PUBLIC;

CREATE FUNCTION menuca_check_backup(
	label text DEFAULT NULL,
	max_age interval DEFAULT '30 minutes',
	OUT check_no integer,
	OUT name text,
	OUT title text,
	OUT status text,
	OUT expected text,
	OUT actual text,
	OUT detail text,
	OUT remedy text,
	OUT metadata jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_check_backup(text, interval) IS
'Whether the latest backup, or the latest of that label, is one to rely on: finished, verified, begun at most max_age ago, of a plausible size, with an id, and of this very database; one row per check with status PASS, WARN, FAIL, ERROR or SKIP. A snapshot does not count as a backup. Read only.';

CREATE FUNCTION menuca_snapshot(
	label text,
	tables text[] DEFAULT NULL,
	OUT snapshot_no bigint,
	OUT table_name text,
	OUT row_count bigint,
	OUT checksum numeric,
	OUT copy text,
	OUT sequences jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_snapshot(text, text[]) IS
'Copies the tables that this project writes to (dishes, combo_items, dish_combo_groups, combo_steps, as far as they are there; or those that are named, of the target schema) into a schema of the caller''s own, while nobody else writes to them, with counts, checksums and the state of their sequences; one row per table. Undone by menuca_restore_snapshot, dropped by menuca_drop_snapshot. No substitute for a backup: it is in the same database.';

REVOKE ALL ON FUNCTION menuca_snapshot(text, text[]) FROM PUBLIC;

CREATE FUNCTION menuca_restore_snapshot(
	label text,
	dry_run boolean DEFAULT true,
	force boolean DEFAULT false,
	disable_triggers boolean DEFAULT false,
	OUT table_name text,
	OUT status text,
	OUT rows_in_snapshot bigint,
	OUT rows_before bigint,
	OUT deleted bigint,
	OUT inserted bigint,
	OUT updated bigint,
	OUT dependants bigint,
	OUT sequences jsonb,
	OUT reasons text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_restore_snapshot(text, boolean, boolean, boolean) IS
'Puts a snapshot''s tables back to what they were, rows, keys and sequences, by writing only what differs; by default a dry run, which counts it; one row per table. Refuses (class MC) when a table''s columns changed, a copy is not what it was, rows to come back refer to others that are gone, or, unless force is true, rows of other tables depend on rows to go. Proves by checksums that every table is what it was, or undoes all of it. Later runs are marked as rolled back in the ledger, runs that were rolled back since as what they were.';

REVOKE ALL ON FUNCTION menuca_restore_snapshot(text, boolean, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION menuca_drop_snapshot(
	label text)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_drop_snapshot(text) IS
'Drops a snapshot, its copies and their schema, unless something else was put there; returns its number.';

REVOKE ALL ON FUNCTION menuca_drop_snapshot(text) FROM PUBLIC;

CREATE VIEW menuca_backups AS
SELECT b.backup_no,
	b.label,
	b.id,
	b.method,
	b.size,
	b.checksum,
	b.started,
	b.finished,
	b.verified,
	COALESCE(b.details ->> 'drill' = 'true', false) AS restored_once,
	b.database_name = pg_catalog.current_database()
		AND b.system_identifier = (SELECT c.system_identifier FROM pg_catalog.pg_control_system() c)
		AS of_this_database,
	pg_catalog.round(100.0 * b.size / NULLIF(b.table_size, 0), 2) AS size_pct_of_tables,
	b.database_size,
	b.table_size,
	b.details,
	b.registered_by,
	b.registered_at
FROM @extschema@.menuca_backup b;

COMMENT ON VIEW menuca_backups IS
'Registered backups, one row each; restored_once: it was restored into a scratch database and compared, of_this_database: neither another cluster''s nor another database''s';

CREATE VIEW menuca_snapshots AS
SELECT s.snapshot_no,
	s.label,
	s.target_schema,
	s.schema_name,
	t.tables,
	t.row_counts,
	s.runs,
	s.taken_by,
	s.taken_at,
	(SELECT pg_catalog.max(r.restored_at) FROM @extschema@.menuca_snapshot_restore r
	 WHERE r.snapshot_no = s.snapshot_no) AS last_restored_at
FROM @extschema@.menuca_snapshot_list s
CROSS JOIN LATERAL (
	SELECT pg_catalog.array_agg(x.table_name ORDER BY x.place) AS tables,
		pg_catalog.array_agg(x.row_count ORDER BY x.place) AS row_counts
	FROM @extschema@.menuca_snapshot_table x
	WHERE x.snapshot_no = s.snapshot_no) t;

COMMENT ON VIEW menuca_snapshots IS
'Snapshots, one row each, with their tables and how many rows of each';
