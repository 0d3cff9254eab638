--
-- Which database this is, and its backups
--

CREATE TABLE menuca_seating_environment_list (
	environment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL CHECK (name IN ('staging', 'production')),
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	registered_by text NOT NULL DEFAULT session_user,
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	UNIQUE (database_name, system_identifier)
);

COMMENT ON TABLE menuca_seating_environment_list IS
'Databases that were registered as staging or production, by menuca_seating_environment(). A copy of one has its row, but another name or cluster, so it is not registered.';
COMMENT ON COLUMN menuca_seating_environment_list.environment_id IS
'Number of the registration.';
COMMENT ON COLUMN menuca_seating_environment_list.name IS
'staging or production.';
COMMENT ON COLUMN menuca_seating_environment_list.database_name IS
'Name of the database.';
COMMENT ON COLUMN menuca_seating_environment_list.system_identifier IS
'System identifier of its cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN menuca_seating_environment_list.registered_by IS
'Session user who registered it.';
COMMENT ON COLUMN menuca_seating_environment_list.registered_at IS
'When it was registered.';

CREATE FUNCTION menuca_seating_environment(
	name text,
	expected_database text,
	expected_system_identifier bigint,
	OUT environment text,
	OUT database_name text,
	OUT system_identifier bigint,
	OUT newly_registered boolean)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_environment(text, text, bigint) IS
'Registers this database as staging or production; production asks for a backup before its tables are changed. The two expected arguments state which database is meant. Raises MC020 when it is another one, or registered as the other environment.';

CREATE TABLE menuca_seating_backup (
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
	registered_by text NOT NULL DEFAULT session_user,
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE menuca_seating_backup IS
'Registered backups, made outside of the database, with the database''s name and cluster at that time.';
COMMENT ON COLUMN menuca_seating_backup.backup_no IS
'Number of the backup.';
COMMENT ON COLUMN menuca_seating_backup.label IS
'Label under which it was registered; several backups may have the same.';
COMMENT ON COLUMN menuca_seating_backup.id IS
'What the backup is found by, such as host and path of a file, or the number that a service gave it.';
COMMENT ON COLUMN menuca_seating_backup.method IS
'How the backup was made, in the words of who registered it.';
COMMENT ON COLUMN menuca_seating_backup.size IS
'Size of the backup in bytes.';
COMMENT ON COLUMN menuca_seating_backup.checksum IS
'Checksum of the backup, with the name of its method, in the words of who registered it.';
COMMENT ON COLUMN menuca_seating_backup.started IS
'When the backup was begun.';
COMMENT ON COLUMN menuca_seating_backup.finished IS
'When the backup was finished.';
COMMENT ON COLUMN menuca_seating_backup.verified IS
'True when the backup was read back after it was made.';
COMMENT ON COLUMN menuca_seating_backup.details IS
'Object of whatever else is known: host, path and drill are used, other keys are kept.';
COMMENT ON COLUMN menuca_seating_backup.database_name IS
'Name of the database that was backed up: the one in which it was registered.';
COMMENT ON COLUMN menuca_seating_backup.system_identifier IS
'System identifier of that database''s cluster.';
COMMENT ON COLUMN menuca_seating_backup.registered_by IS
'Session user who registered it.';
COMMENT ON COLUMN menuca_seating_backup.registered_at IS
'When it was registered.';

CREATE FUNCTION menuca_seating_register_backup(
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

COMMENT ON FUNCTION menuca_seating_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) IS
'Registers a finished backup of this database that was made outside of it, and returns its number; the script menuca-backup does so for the backups that it makes. id is what the backup is found by (each one has its own), size its bytes. Raises an error on arguments that are NULL, blank or empty, and on a backup that ended before it began or in the future.';

CREATE FUNCTION menuca_seating_backup_obstacle(
	of_database text,
	of_cluster bigint,
	max_age interval)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
		WHEN b.backup_no IS NULL THEN 'no backup of this database is registered'
		WHEN NOT b.verified THEN pg_catalog.format('its newest backup, %s, is not verified', b.id)
		WHEN b.finished < pg_catalog.clock_timestamp() - max_age
		THEN pg_catalog.format('its newest backup, %s, is %s old, and may be %s old', b.id,
			pg_catalog.date_trunc('minute', pg_catalog.clock_timestamp() - b.finished), max_age)
	END
	FROM (SELECT) one
	LEFT JOIN (SELECT a.* FROM @extschema@.menuca_seating_backup a
		WHERE a.database_name = of_database AND a.system_identifier = of_cluster
		ORDER BY a.finished DESC, a.backup_no DESC LIMIT 1) b ON true;
END;

COMMENT ON FUNCTION menuca_seating_backup_obstacle(text, bigint, interval) IS
'Why a database, of that name in the cluster of that system identifier, has no backup that is verified and at most max_age old; NULL when it has one.';

CREATE FUNCTION menuca_seating_table_checksum(
	table_name regclass,
	OUT rows bigint,
	OUT checksum numeric)
RETURNS record
AS 'MODULE_PATHNAME', 'menuca_table_checksum'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_table_checksum(regclass) IS
'Number of a table''s rows, and the sum of the 64-bit hashes of their texts: the same for the same rows in any order, in any session, and after a dump and restore. For menuca-backup --drill, and to compare before with after. Read only.';

--
-- What is created on the tables of the users
--

CREATE TABLE menuca_seating_guarantee (
	guarantee_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL,
	kind text NOT NULL,
	table_schema text NOT NULL,
	table_name text NOT NULL,
	definition text NOT NULL,
	before jsonb,
	deployed_by text NOT NULL DEFAULT session_user,
	deployed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	UNIQUE (kind, table_schema, table_name, name)
);

COMMENT ON TABLE menuca_seating_guarantee IS
'Ledger of what menuca_seating_deploy() has created on tables of the users, with what it replaced; menuca_seating_undeploy() needs it.';
COMMENT ON COLUMN menuca_seating_guarantee.guarantee_id IS
'Number of the entry, in the order of creation.';
COMMENT ON COLUMN menuca_seating_guarantee.name IS
'Name of the trigger, constraint, index or extension.';
COMMENT ON COLUMN menuca_seating_guarantee.kind IS
'trigger, constraint, index or extension.';
COMMENT ON COLUMN menuca_seating_guarantee.table_schema IS
'Schema of the table that it is on; empty for an extension.';
COMMENT ON COLUMN menuca_seating_guarantee.table_name IS
'The table that it is on; empty for an extension.';
COMMENT ON COLUMN menuca_seating_guarantee.definition IS
'What was created, as the server shows it.';
COMMENT ON COLUMN menuca_seating_guarantee.before IS
'What had the name before: its definition, its comment and, of a trigger, whether it was enabled; NULL for nothing.';
COMMENT ON COLUMN menuca_seating_guarantee.deployed_by IS
'Session user who created it.';
COMMENT ON COLUMN menuca_seating_guarantee.deployed_at IS
'When it was created.';

CREATE FUNCTION menuca_seating_deploy(
	dry_run boolean DEFAULT true,
	lock_timeout interval DEFAULT '2 seconds',
	OUT name text,
	OUT object text,
	OUT status text,
	OUT statement text,
	OUT reason text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_deploy(boolean, interval) IS
'Creates the guarantees on the tables of the users, all or none: each confirmed booking has a dining table, no dining table is taken twice, cancelled bookings release theirs, changed ones fit theirs. Returns a row for each: planned, created, replaced, unchanged, impossible. Refuses while data break them, and on production without a verified backup of the last 30 minutes; keeps what it replaces for menuca_seating_undeploy().';

CREATE FUNCTION menuca_seating_undeploy(
	dry_run boolean DEFAULT true,
	lock_timeout interval DEFAULT '2 seconds',
	OUT name text,
	OUT object text,
	OUT status text,
	OUT statement text,
	OUT reason text,
	OUT next_step text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_undeploy(boolean, interval) IS
'Undoes menuca_seating_deploy(): drops what it created, and creates again what it replaced. Returns a row for each: planned, dropped, restored, missing (somebody dropped it), changed (somebody changed it, so it remains).';

CREATE FUNCTION menuca_seating_verify(
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
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_seating_verify() IS
'Whether all that menuca_seating_deploy() creates is there and in force, by name: triggers, constraint, index and functions, whether rows break it, and what this database is registered as. Read only.';

SELECT pg_catalog.pg_extension_config_dump('menuca_seating_environment_list', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_environment_list_environment_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_backup', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_backup_backup_no_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_guarantee', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_guarantee_guarantee_id_seq', '');

REVOKE ALL ON FUNCTION menuca_seating_environment(text, text, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_register_backup(text, text, text, bigint, text, timestamptz, timestamptz, boolean, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_backup_obstacle(text, bigint, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_table_checksum(regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_verify() FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_deploy(boolean, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_undeploy(boolean, interval) FROM PUBLIC;
