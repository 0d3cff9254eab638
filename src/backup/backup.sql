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
'Registered backups, made outside of the database, with the database''s name, cluster and sizes at that time.';
COMMENT ON COLUMN menuca_backup.backup_no IS
'Number of the backup.';
COMMENT ON COLUMN menuca_backup.label IS
'Label under which it was registered; several backups may have the same.';
COMMENT ON COLUMN menuca_backup.id IS
'What the backup is found by, such as host and path of a file, or the number that a service gave it.';
COMMENT ON COLUMN menuca_backup.method IS
'How the backup was made, in the words of who registered it.';
COMMENT ON COLUMN menuca_backup.size IS
'Size of the backup in bytes.';
COMMENT ON COLUMN menuca_backup.checksum IS
'Checksum of the backup, with the name of its method, in the words of who registered it.';
COMMENT ON COLUMN menuca_backup.started IS
'When the backup was begun.';
COMMENT ON COLUMN menuca_backup.finished IS
'When the backup was finished.';
COMMENT ON COLUMN menuca_backup.verified IS
'True when the backup was read back after it was made.';
COMMENT ON COLUMN menuca_backup.details IS
'Object of whatever else is known: drill (true: it was restored and compared), host and path are used, other keys are kept.';
COMMENT ON COLUMN menuca_backup.database_name IS
'Name of the database that was backed up: the one in which it was registered.';
COMMENT ON COLUMN menuca_backup.system_identifier IS
'System identifier of that database''s cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN menuca_backup.database_size IS
'Size of the database in bytes when the backup was registered.';
COMMENT ON COLUMN menuca_backup.table_size IS
'Size of its ordinary tables without indexes, in bytes, when the backup was registered; temporary and system tables do not count.';
COMMENT ON COLUMN menuca_backup.registered_by IS
'Session user who registered it.';
COMMENT ON COLUMN menuca_backup.registered_at IS
'When it was registered.';

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
'Snapshots: the schema that holds the copies, and the status that the tables'' runs had.';
COMMENT ON COLUMN menuca_snapshot_list.snapshot_no IS
'Number of the snapshot.';
COMMENT ON COLUMN menuca_snapshot_list.label IS
'Label of the snapshot; menuca_restore_snapshot() and menuca_drop_snapshot() take it.';
COMMENT ON COLUMN menuca_snapshot_list.target_schema IS
'Schema of the tables that were copied.';
COMMENT ON COLUMN menuca_snapshot_list.schema_name IS
'Schema that holds the copies, such as menuca_snapshot_1.';
COMMENT ON COLUMN menuca_snapshot_list.runs IS
'Object of the status that each run on these tables had when the snapshot was taken, by run_id.';
COMMENT ON COLUMN menuca_snapshot_list.taken_by IS
'Session user who took the snapshot.';
COMMENT ON COLUMN menuca_snapshot_list.taken_at IS
'When the snapshot was taken.';

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
'Per table of a snapshot, what its copy must be like as long as it exists, the table''s columns, and the state of its sequences.';
COMMENT ON COLUMN menuca_snapshot_table.snapshot_no IS
'The snapshot (menuca_snapshot_list).';
COMMENT ON COLUMN menuca_snapshot_table.table_name IS
'Name of the table, which is the copy''s name, too.';
COMMENT ON COLUMN menuca_snapshot_table.place IS
'Place of the table within the snapshot, from 1: a table comes after those that its foreign keys reference.';
COMMENT ON COLUMN menuca_snapshot_table.row_count IS
'Rows of the copy.';
COMMENT ON COLUMN menuca_snapshot_table.checksum IS
'Checksum of the copy, as menuca_table_checksum() computes it.';
COMMENT ON COLUMN menuca_snapshot_table.columns IS
'Array of the table''s columns in their order: name, type, and whether it is generated.';
COMMENT ON COLUMN menuca_snapshot_table.sequences IS
'Object of the table''s sequences by qualified name: last_value and is_called.';

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
'Snapshots that were put back: what was written per table, and the runs whose status changed with it.';
COMMENT ON COLUMN menuca_snapshot_restore.restore_no IS
'Number of the restore.';
COMMENT ON COLUMN menuca_snapshot_restore.snapshot_no IS
'The snapshot that was put back; its row in menuca_snapshot_list goes when it is dropped.';
COMMENT ON COLUMN menuca_snapshot_restore.label IS
'Label of that snapshot.';
COMMENT ON COLUMN menuca_snapshot_restore.forced IS
'True when it was put back with force => true.';
COMMENT ON COLUMN menuca_snapshot_restore.figures IS
'Object per table of the rows that were deleted, inserted and updated, and of rows of other tables that depended on deleted ones (dependants).';
COMMENT ON COLUMN menuca_snapshot_restore.runs_undone IS
'Runs that were marked as rolled back, since the snapshot is from before them; empty when there were none.';
COMMENT ON COLUMN menuca_snapshot_restore.runs_brought_back IS
'Runs that had been rolled back since the snapshot and got back the status that they had then; empty when there were none.';
COMMENT ON COLUMN menuca_snapshot_restore.restored_by IS
'Session user who put the snapshot back.';
COMMENT ON COLUMN menuca_snapshot_restore.restored_at IS
'When it was put back.';

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
'Number of a table''s rows, and the sum of the 64-bit hashes of their texts: the same for the same rows in any order, in any session, and after a dump and restore. Read only.';

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
'Registers a finished backup of this database that was made outside of it, and returns its number; the script menuca-backup does so for the backups that it makes. id is what the backup is found by (each one has its own), size its bytes. Raises an error on arguments that are NULL, blank or empty, and on a backup that ended before it began or in the future. With "drill": true in details, menuca_check_backup reports that it was restored and compared.';

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
'Checks whether the newest backup, or the newest one with that label, can be relied on: finished, verified, begun at most max_age ago, of a plausible size, with an id, and of this database in this cluster. One row per check with status PASS, WARN, FAIL, ERROR or SKIP. A snapshot does not count as a backup. Read only.';

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
'Copies the tables that the extension writes to (dishes, combo_items, dish_combo_groups, combo_steps, as far as they exist), or the named tables of the target schema, into a new schema that only the caller may use, while nobody else writes to them; records row counts, checksums and the state of the sequences. One row per table. menuca_restore_snapshot puts the tables back, menuca_drop_snapshot drops the copies. It does not replace a backup: it is in the same database.';

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
'Puts a snapshot''s tables back to what they were, rows, keys and sequences, by writing only what differs; by default a dry run, which counts it. One row per table. Refuses (class MC) when a table''s columns or a copy have changed, when rows to be restored reference rows that are gone, or, unless force is true, when rows of other tables depend on rows to be deleted. Proves by checksums that every table is what it was, or undoes everything. Runs made since are marked as rolled back in the ledger; runs rolled back since get back their status.';

REVOKE ALL ON FUNCTION menuca_restore_snapshot(text, boolean, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION menuca_drop_snapshot(
	label text)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_drop_snapshot(text) IS
'Drops a snapshot, its copies and their schema; returns the snapshot''s number. Raises an error, and drops nothing, when the schema has other objects or others depend on a copy.';

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
'Registered backups, one row each, with whether they were restored once and are of this database.';
COMMENT ON COLUMN menuca_backups.backup_no IS
'Number of the backup.';
COMMENT ON COLUMN menuca_backups.label IS
'Label under which it was registered.';
COMMENT ON COLUMN menuca_backups.id IS
'What the backup is found by, such as host and path of a file.';
COMMENT ON COLUMN menuca_backups.method IS
'How the backup was made.';
COMMENT ON COLUMN menuca_backups.size IS
'Size of the backup in bytes.';
COMMENT ON COLUMN menuca_backups.checksum IS
'Checksum of the backup, with the name of its method.';
COMMENT ON COLUMN menuca_backups.started IS
'When the backup was begun.';
COMMENT ON COLUMN menuca_backups.finished IS
'When the backup was finished.';
COMMENT ON COLUMN menuca_backups.verified IS
'True when the backup was read back after it was made.';
COMMENT ON COLUMN menuca_backups.restored_once IS
'True when it was restored into a scratch database and compared (the key drill of details).';
COMMENT ON COLUMN menuca_backups.of_this_database IS
'True when it was made of this database in this cluster, not of another one from which this is a copy.';
COMMENT ON COLUMN menuca_backups.size_pct_of_tables IS
'Size of the backup in percent of table_size; NULL when that is 0.';
COMMENT ON COLUMN menuca_backups.database_size IS
'Size of the database in bytes when the backup was registered.';
COMMENT ON COLUMN menuca_backups.table_size IS
'Size of its ordinary tables without indexes, in bytes, when the backup was registered.';
COMMENT ON COLUMN menuca_backups.details IS
'Object of whatever else is known of the backup.';
COMMENT ON COLUMN menuca_backups.registered_by IS
'Session user who registered it.';
COMMENT ON COLUMN menuca_backups.registered_at IS
'When it was registered.';

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
'Snapshots, one row each, with their tables and the number of rows of each.';
COMMENT ON COLUMN menuca_snapshots.snapshot_no IS
'Number of the snapshot.';
COMMENT ON COLUMN menuca_snapshots.label IS
'Label of the snapshot; menuca_restore_snapshot() and menuca_drop_snapshot() take it.';
COMMENT ON COLUMN menuca_snapshots.target_schema IS
'Schema of the tables that were copied.';
COMMENT ON COLUMN menuca_snapshots.schema_name IS
'Schema that holds the copies.';
COMMENT ON COLUMN menuca_snapshots.tables IS
'Names of the tables, those before that others reference.';
COMMENT ON COLUMN menuca_snapshots.row_counts IS
'Rows of each copy, in the order of tables.';
COMMENT ON COLUMN menuca_snapshots.runs IS
'Object of the status that each run on these tables had when the snapshot was taken, by run_id.';
COMMENT ON COLUMN menuca_snapshots.taken_by IS
'Session user who took the snapshot.';
COMMENT ON COLUMN menuca_snapshots.taken_at IS
'When the snapshot was taken.';
COMMENT ON COLUMN menuca_snapshots.last_restored_at IS
'When it was put back most recently; NULL when it never was.';
