--
-- The ledger: what was run, with which gates, and which rows it inserted.
-- It is part of a database's dump, so that a run can be rolled back after a
-- restore.  Its tables have no foreign keys among themselves, as a parallel
-- restore fills an extension's tables in any order.
--

CREATE TABLE menuca_run (
	run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL,
	target_schema text NOT NULL,
	target text NOT NULL,
	source text NOT NULL,
	mode text NOT NULL CHECK (mode IN ('transaction', 'batched')),
	engine text NOT NULL,
	status text NOT NULL CHECK (status IN ('running', 'completed', 'gate_failed', 'rolled_back')),
	parameters jsonb NOT NULL,
	outcomes jsonb NOT NULL,
	figures_before jsonb NOT NULL,
	figures_after jsonb,
	items_before bigint NOT NULL,
	checksum_before bigint NOT NULL,
	items_after bigint,
	inserted bigint NOT NULL DEFAULT 0,
	gate_message text,
	run_by text NOT NULL DEFAULT session_user,
	started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	finished_at timestamptz,
	rolled_back_by text,
	rolled_back_at timestamptz,
	part_of bigint,
	note text
);

COMMENT ON TABLE menuca_run IS
'The ledger of menuca_migrate: one row per run that wrote, with its gates as fixed before the first row';

COMMENT ON COLUMN menuca_run.part_of IS
'The run of whose transaction this one is a part, such as the steps of its items; rolling that one back rolls this one back first';

CREATE TABLE menuca_run_baseline (
	run_id bigint NOT NULL,
	chunk_no integer NOT NULL,
	row_count bigint NOT NULL,
	keys int8multirange NOT NULL,
	row_hashes bytea NOT NULL,
	PRIMARY KEY (run_id, chunk_no)
);

COMMENT ON TABLE menuca_run_baseline IS
'Per run, the primary keys and row hashes (8 bytes each, in key order) of the rows that were there before it';

CREATE TABLE menuca_run_batch (
	run_id bigint NOT NULL,
	batch_no integer NOT NULL,
	row_count bigint NOT NULL,
	keys int8multirange NOT NULL,
	row_hashes bytea NOT NULL,
	checksum bigint NOT NULL,
	written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (run_id, batch_no)
);

COMMENT ON TABLE menuca_run_batch IS
'Per batch of a run, the primary keys it inserted, their row hashes (8 bytes each, in key order) and the sum of those';

SELECT pg_catalog.pg_extension_config_dump('menuca_run', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_run_run_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_run_baseline', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_run_batch', '');

--
-- Which database is staging, and which is production
--

CREATE TABLE menuca_registered_environment (
	environment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL CHECK (name IN ('staging', 'production')),
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	registered_by text NOT NULL DEFAULT session_user,
	registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	UNIQUE (database_name, system_identifier)
);

COMMENT ON TABLE menuca_registered_environment IS
'Which databases are staging and production, known by name and by their cluster''s system identifier; a copy brings its original''s row along, and is not it';

-- Whether this is production, a fix must know whoever calls it.
GRANT SELECT ON menuca_registered_environment TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('menuca_registered_environment', '');
SELECT pg_catalog.pg_extension_config_dump('menuca_registered_environment_environment_id_seq', '');

CREATE FUNCTION menuca_environment(
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

COMMENT ON FUNCTION menuca_environment(text, text, bigint) IS
'Registers this database as staging or production, once. Raises an error when it is not the expected database of the expected cluster (SELECT system_identifier FROM pg_control_system()), or is registered as the other environment.';

REVOKE ALL ON FUNCTION menuca_environment(text, text, bigint) FROM PUBLIC;

--
-- The ledger, with what only the server knows: whether a run is still running
--

CREATE VIEW menuca_runs AS
SELECT r.run_id,
	r.part_of,
	r.kind,
	r.target_schema,
	r.target,
	r.source,
	r.mode,
	r.engine,
	CASE WHEN r.status = 'running' AND NOT EXISTS (
			SELECT FROM pg_catalog.pg_locks l
			WHERE l.locktype = 'advisory'
				AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
								  WHERE d.datname = pg_catalog.current_database())
				AND l.classid = 1296256323
				AND l.objid = pg_catalog.to_regclass(
					pg_catalog.format('%I.%I', r.target_schema, r.target))::oid
				AND l.objsubid = 2
				AND l.granted)
		THEN 'interrupted'
		ELSE r.status
	END AS status,
	r.inserted,
	(SELECT pg_catalog.count(*) FROM @extschema@.menuca_run_batch b
	 WHERE b.run_id = r.run_id) AS batches,
	r.items_before,
	r.items_after,
	(r.figures_before ->> 'orphan_pct')::numeric AS orphan_pct_before,
	(r.figures_after ->> 'orphan_pct')::numeric AS orphan_pct_after,
	(r.figures_after ->> 'expected_orphan_pct')::numeric AS expected_orphan_pct_after,
	r.figures_after ->> 'band' AS band,
	r.outcomes,
	r.parameters,
	r.gate_message,
	r.run_by,
	r.started_at,
	r.finished_at,
	r.rolled_back_by,
	r.rolled_back_at,
	r.note
FROM @extschema@.menuca_run r;

COMMENT ON VIEW menuca_runs IS
'The ledger, one row per run that wrote. status: running, completed, gate_failed, rolled_back, or interrupted for a batched run that is neither finished nor at work';
