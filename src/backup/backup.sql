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
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	table_counts jsonb NOT NULL DEFAULT '{}'
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
'Object of whatever else is known: drill (true: it was restored and compared), drill_seconds (how long that took), host and path are used, other keys are kept.';
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
COMMENT ON COLUMN menuca_backup.table_counts IS
'The tables'' figures when it was registered, as menuca_table_counts() returns them, of the tables that the registering role may read.';

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
	runs_restored bigint[] NOT NULL,
	restored_by text NOT NULL DEFAULT session_user,
	restored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	took interval DEFAULT clock_timestamp() - statement_timestamp()
);

COMMENT ON TABLE menuca_snapshot_restore IS
'Restores of snapshots: what was written per table, and the runs whose status changed with it.';
COMMENT ON COLUMN menuca_snapshot_restore.restore_no IS
'Number of the restore.';
COMMENT ON COLUMN menuca_snapshot_restore.snapshot_no IS
'The snapshot that was restored; its row in menuca_snapshot_list is deleted when it is dropped.';
COMMENT ON COLUMN menuca_snapshot_restore.label IS
'Label of that snapshot.';
COMMENT ON COLUMN menuca_snapshot_restore.forced IS
'True when it was restored with force => true.';
COMMENT ON COLUMN menuca_snapshot_restore.figures IS
'Object per table of the rows that were deleted, inserted and updated, and of rows of other tables that depended on deleted ones (dependants).';
COMMENT ON COLUMN menuca_snapshot_restore.runs_undone IS
'Runs that were marked as rolled back, since the snapshot is from before them; empty when there were none.';
COMMENT ON COLUMN menuca_snapshot_restore.runs_restored IS
'Runs that had been rolled back since the snapshot and got back the status that they had then; empty when there were none.';
COMMENT ON COLUMN menuca_snapshot_restore.restored_by IS
'Session user who restored the snapshot.';
COMMENT ON COLUMN menuca_snapshot_restore.restored_at IS
'When it was restored.';
COMMENT ON COLUMN menuca_snapshot_restore.took IS
'How long the statement that restored it had been running by then.';

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
	OUT next_step text,
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
	OUT next_step text,
	OUT copy text,
	OUT sequences jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_snapshot(text, text[]) IS
'Copies the tables that the extension writes to (dishes, combo_items, dish_combo_groups, combo_steps, as far as they exist), or the named tables of the target schema, into a new schema that only the caller may use, while nobody else writes to them; records row counts, checksums and the state of the sequences. One row per table. menuca_restore_snapshot restores the tables, menuca_drop_snapshot drops the copies. It does not replace a backup: it is in the same database.';

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
	OUT reasons text[],
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_restore_snapshot(text, boolean, boolean, boolean) IS
'Restores a snapshot''s tables, with rows, keys and sequences, by writing only what differs; by default a dry run, which counts it. One row per table. Refuses (class MC) when a table''s columns or a copy have changed, when rows of a copy reference rows that no longer exist, or, unless force is true, when rows of other tables depend on rows to be deleted. Compares the checksum of every table with its copy''s, and undoes everything when they differ. Runs made since are marked as rolled back in the ledger; runs rolled back since get back their status.';

REVOKE ALL ON FUNCTION menuca_restore_snapshot(text, boolean, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION menuca_drop_snapshot(
	label text,
	OUT snapshot_no bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_drop_snapshot(text) IS
'Drops a snapshot, its copies and their schema; returns the snapshot''s number, and the next call. Raises an error, and drops nothing, when the schema has other objects or others depend on a copy.';

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
'When it was restored most recently; NULL when it never was.';

--
-- What the functions above read.  These views and functions run with the
-- rights of whoever reads them, so that everybody may: they show nothing that
-- their tables would not.
--

CREATE VIEW menuca_database_size WITH (security_invoker = true) AS
SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS database_size,
	-- what a dump has the rows of: no indexes, no system tables
	COALESCE(pg_catalog.sum(pg_catalog.pg_table_size(c.oid)), 0)::bigint AS table_size
FROM pg_catalog.pg_class c
WHERE c.relkind = 'r'
	AND c.relpersistence <> 't'
	AND c.oid >= 16384::oid;

COMMENT ON VIEW menuca_database_size IS
'Sizes of this database, one row; a backup is registered with them.';
COMMENT ON COLUMN menuca_database_size.database_size IS
'Size of the database in bytes.';
COMMENT ON COLUMN menuca_database_size.table_size IS
'Size of its ordinary tables without indexes, in bytes; temporary and system tables do not count.';

CREATE VIEW menuca_backup_history WITH (security_invoker = true) AS
SELECT b.backup_no,
	b.label,
	b.id,
	b.method,
	b.size,
	b.started,
	b.finished,
	b.verified,
	COALESCE(b.details ->> 'drill' = 'true', false) AS restored_once,
	b.database_name,
	b.system_identifier,
	b.table_size,
	p.size AS previous_size,
	p.label AS previous_label
FROM @extschema@.menuca_backup b
LEFT JOIN LATERAL (
	SELECT o.size, o.label
	FROM @extschema@.menuca_backup o
	WHERE o.verified
		AND o.method = b.method
		AND o.database_name = b.database_name
		AND o.system_identifier = b.system_identifier
		AND o.finished < b.finished
	ORDER BY o.finished DESC, o.backup_no DESC
	LIMIT 1) p ON true;

COMMENT ON VIEW menuca_backup_history IS
'Registered backups, each with the verified backup of the same database by the same method before it, for comparison.';
COMMENT ON COLUMN menuca_backup_history.backup_no IS
'Number of the backup.';
COMMENT ON COLUMN menuca_backup_history.label IS
'Label under which it was registered.';
COMMENT ON COLUMN menuca_backup_history.id IS
'What the backup is found by, such as host and path of a file.';
COMMENT ON COLUMN menuca_backup_history.method IS
'How the backup was made.';
COMMENT ON COLUMN menuca_backup_history.size IS
'Size of the backup in bytes.';
COMMENT ON COLUMN menuca_backup_history.started IS
'When the backup was begun.';
COMMENT ON COLUMN menuca_backup_history.finished IS
'When the backup was finished.';
COMMENT ON COLUMN menuca_backup_history.verified IS
'True when the backup was read back after it was made.';
COMMENT ON COLUMN menuca_backup_history.restored_once IS
'True when it was restored into a scratch database and compared (the key drill of details).';
COMMENT ON COLUMN menuca_backup_history.database_name IS
'Name of the database that was backed up.';
COMMENT ON COLUMN menuca_backup_history.system_identifier IS
'System identifier of that database''s cluster.';
COMMENT ON COLUMN menuca_backup_history.table_size IS
'Size of the database''s ordinary tables without indexes, in bytes, when the backup was registered.';
COMMENT ON COLUMN menuca_backup_history.previous_size IS
'Size of the previous backup in bytes; NULL when there is none.';
COMMENT ON COLUMN menuca_backup_history.previous_label IS
'Label of the previous backup; NULL when there is none.';

CREATE VIEW menuca_snapshot_run WITH (security_invoker = true) AS
SELECT l.snapshot_no,
	r.run_id,
	r.status,
	l.runs ->> r.run_id::text AS recorded_status,
	-- a run that inserted nothing has nothing to lose
	r.status <> 'rolled_back'
		AND (r.inserted > 0 OR r.status = 'running')
		AND l.runs ->> r.run_id::text IS NULL AS is_undone,
	r.status = 'rolled_back'
		AND COALESCE(l.runs ->> r.run_id::text <> 'rolled_back', false) AS comes_back
FROM @extschema@.menuca_snapshot_list l
JOIN @extschema@.menuca_snapshot_table t USING (snapshot_no)
JOIN @extschema@.menuca_run r ON r.target_schema = l.target_schema AND r.target = t.table_name;

COMMENT ON VIEW menuca_snapshot_run IS
'The runs on the tables of each snapshot, with what a restore means to them.';
COMMENT ON COLUMN menuca_snapshot_run.snapshot_no IS
'The snapshot (menuca_snapshot_list).';
COMMENT ON COLUMN menuca_snapshot_run.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN menuca_snapshot_run.status IS
'Status of the run now.';
COMMENT ON COLUMN menuca_snapshot_run.recorded_status IS
'Status of the run when the snapshot was taken; NULL when the run is newer.';
COMMENT ON COLUMN menuca_snapshot_run.is_undone IS
'True when a restore deletes the run''s rows, since the run is newer than the snapshot.';
COMMENT ON COLUMN menuca_snapshot_run.comes_back IS
'True when a restore inserts the run''s rows again, since it was rolled back after the snapshot.';

CREATE FUNCTION menuca_column_differences(
	before jsonb,
	after jsonb,
	OUT column_name text,
	OUT difference text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT COALESCE(a.col ->> 'name', b.col ->> 'name'),
		CASE
			WHEN a.col IS NULL THEN 'is missing'
			WHEN b.col IS NULL THEN 'is new'
			WHEN b.col ->> 'type' <> a.col ->> 'type'
			THEN pg_catalog.format('had type %s and has type %s', b.col ->> 'type', a.col ->> 'type')
			WHEN (b.col ->> 'generated')::boolean THEN 'was generated'
			ELSE 'was not generated'
		END
	FROM pg_catalog.jsonb_array_elements(before) b(col)
	FULL JOIN pg_catalog.jsonb_array_elements(after) a(col) ON b.col ->> 'name' = a.col ->> 'name'
	WHERE b.col IS DISTINCT FROM a.col
	ORDER BY 1;
END;

COMMENT ON FUNCTION menuca_column_differences(jsonb, jsonb) IS
'How the columns of a table differ from those that a snapshot recorded, one row per column that does, by name; both arguments are arrays as in menuca_snapshot_table.columns. No row when at most their order differs.';
