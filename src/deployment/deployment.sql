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
'Creates the guarantees on the tables of the users, all or none: each confirmed booking has a dining table, no dining table is taken twice, cancelled bookings release theirs, changed ones fit theirs. Returns a row for each: planned, created, replaced, unchanged, impossible. Refuses while data break them; keeps what it replaces for menuca_seating_undeploy().';

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

SELECT pg_catalog.pg_extension_config_dump('menuca_seating_guarantee', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_seating_guarantee_guarantee_id_seq', '');

REVOKE ALL ON FUNCTION menuca_seating_deploy(boolean, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION menuca_seating_undeploy(boolean, interval) FROM PUBLIC;
