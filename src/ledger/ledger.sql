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
	note text,
	rollback_took interval
);

COMMENT ON TABLE menuca_run IS
'The ledger: one row per run that wrote, with its gates as they were fixed before the first row.';
COMMENT ON COLUMN menuca_run.run_id IS
'Number of the run; menuca_rollback() and menuca_resume() take it.';
COMMENT ON COLUMN menuca_run.kind IS
'What kind of run it is: fix_combos, fix_group_dishes, fix_v2_groups, fix_v2_steps, fix_combo_steps or backfill_dishes.';
COMMENT ON COLUMN menuca_run.target_schema IS
'Schema of the table that the run writes to: the setting menuca.target_schema at its start.';
COMMENT ON COLUMN menuca_run.target IS
'Name of the table that the run writes to, without its schema, such as combo_items.';
COMMENT ON COLUMN menuca_run.source IS
'Qualified and quoted name of the staged table that the run reads; of fix_combo_steps, the target''s combo_groups.';
COMMENT ON COLUMN menuca_run.mode IS
'transaction when all rows are committed at once, batched when each batch is.';
COMMENT ON COLUMN menuca_run.engine IS
'How the rows were written: native when all of them were formed and stored by the extension itself, otherwise executor.';
COMMENT ON COLUMN menuca_run.status IS
'running, completed, gate_failed (the gate after a batched run refused) or rolled_back. An interrupted run stays running; menuca_runs tells the two apart.';
COMMENT ON COLUMN menuca_run.parameters IS
'Object of the arguments that judge the run, fixed before its first row; empty for fix_v2_steps.';
COMMENT ON COLUMN menuca_run.outcomes IS
'Object of counts from before the first row is written: source rows, menu rows of backfill_dishes, items of fix_combo_steps, or steps of fix_v2_steps, per outcome; of a fix, also how many groups and dishes the source names, and how many of these the target has.';
COMMENT ON COLUMN menuca_run.figures_before IS
'Object of figures before the run: orphans, broken items, probes and warnings of a fix, dishes of a backfill, steps of fix_combo_steps; empty for fix_v2_steps.';
COMMENT ON COLUMN menuca_run.figures_after IS
'The same figures after the run, without probes and warnings; once it is rolled back, with those of the rollback; NULL until the run has ended.';
COMMENT ON COLUMN menuca_run.items_before IS
'Rows of the target before the run.';
COMMENT ON COLUMN menuca_run.checksum_before IS
'Sum of the row hashes of those rows, modulo 2^64, as a signed number; 0 without rows.';
COMMENT ON COLUMN menuca_run.items_after IS
'Rows of the target after the run; NULL until the run has ended.';
COMMENT ON COLUMN menuca_run.inserted IS
'Rows that the run has inserted so far.';
COMMENT ON COLUMN menuca_run.gate_message IS
'First reason of the gate that refused after the run; NULL when none did.';
COMMENT ON COLUMN menuca_run.run_by IS
'Session user who began the run.';
COMMENT ON COLUMN menuca_run.started_at IS
'When the run was entered in the ledger.';
COMMENT ON COLUMN menuca_run.finished_at IS
'When the run ended; NULL until then.';
COMMENT ON COLUMN menuca_run.rolled_back_by IS
'Session user who rolled the run back or put back a snapshot from before it; NULL unless status is rolled_back.';
COMMENT ON COLUMN menuca_run.rolled_back_at IS
'When that was; NULL unless status is rolled_back.';
COMMENT ON COLUMN menuca_run.part_of IS
'The run of whose transaction this one is a part, such as the steps of its items; rolling that one back rolls this one back first. NULL for a run of its own.';
COMMENT ON COLUMN menuca_run.note IS
'Which restored snapshot changed the run''s status last; NULL when none did, or a rollback did it since.';
COMMENT ON COLUMN menuca_run.rollback_took IS
'How long the statement that rolled it back had been running by then; NULL unless menuca_rollback() did it.';

CREATE TABLE menuca_run_baseline (
	run_id bigint NOT NULL,
	chunk_no integer NOT NULL,
	row_count bigint NOT NULL,
	keys int8multirange NOT NULL,
	row_hashes bytea NOT NULL,
	PRIMARY KEY (run_id, chunk_no)
);

COMMENT ON TABLE menuca_run_baseline IS
'Per run and chunk, primary keys and row hashes of the rows that were in the target before it.';
COMMENT ON COLUMN menuca_run_baseline.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN menuca_run_baseline.chunk_no IS
'Number of the chunk within the run, from 1, in key order.';
COMMENT ON COLUMN menuca_run_baseline.row_count IS
'Rows of the chunk, at most 65,536.';
COMMENT ON COLUMN menuca_run_baseline.keys IS
'Primary keys of the rows.';
COMMENT ON COLUMN menuca_run_baseline.row_hashes IS
'Hashes of the rows by content, 8 bytes each, in the server''s byte order and in key order.';

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
'Per run and batch, primary keys and row hashes of the rows that it inserted.';
COMMENT ON COLUMN menuca_run_batch.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN menuca_run_batch.batch_no IS
'Number of the batch within the run, from 1.';
COMMENT ON COLUMN menuca_run_batch.row_count IS
'Rows that the batch inserted.';
COMMENT ON COLUMN menuca_run_batch.keys IS
'Primary keys of the rows.';
COMMENT ON COLUMN menuca_run_batch.row_hashes IS
'Hashes of the rows by content, 8 bytes each, in the server''s byte order and in key order.';
COMMENT ON COLUMN menuca_run_batch.checksum IS
'Sum of those hashes, modulo 2^64, as a signed number.';
COMMENT ON COLUMN menuca_run_batch.written_at IS
'When the batch was entered, in the transaction that inserted its rows.';

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
	hosted boolean NOT NULL DEFAULT false,
	of_database text,
	of_system_identifier bigint,
	of_project text,
	UNIQUE NULLS NOT DISTINCT (database_name, system_identifier, hosted, of_database, of_system_identifier, of_project),
	CHECK (CASE WHEN hosted
		THEN name = 'production' AND of_database IS NOT NULL AND COALESCE(of_system_identifier::text, of_project) IS NOT NULL
		ELSE COALESCE(of_database, of_system_identifier::text, of_project) IS NULL END)
);

COMMENT ON TABLE menuca_registered_environment IS
'Which databases are staging and production, known by name and by their cluster''s system identifier. A copy of a database has its original''s row, which does not apply to it. A hosted production, which cannot have the extension, is registered in its copy.';
COMMENT ON COLUMN menuca_registered_environment.environment_id IS
'Number of the environment.';
COMMENT ON COLUMN menuca_registered_environment.name IS
'staging or production.';
COMMENT ON COLUMN menuca_registered_environment.database_name IS
'Name of the database.';
COMMENT ON COLUMN menuca_registered_environment.system_identifier IS
'System identifier of the database''s cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN menuca_registered_environment.registered_by IS
'Session user who registered it.';
COMMENT ON COLUMN menuca_registered_environment.registered_at IS
'When it was registered.';
COMMENT ON COLUMN menuca_registered_environment.hosted IS
'True for a hosted production: the database of this row is the copy from which it is changed, and the next three columns say which one it is; they are NULL otherwise.';
COMMENT ON COLUMN menuca_registered_environment.of_database IS
'Name of the hosted production''s database.';
COMMENT ON COLUMN menuca_registered_environment.of_system_identifier IS
'System identifier of its cluster; NULL when it is known by its project.';
COMMENT ON COLUMN menuca_registered_environment.of_project IS
'Name of its project at the hosting service; NULL when it is known by its system identifier.';

-- Whether this is production, a fix must know whoever calls it.

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
'Registers this database as staging or production, once. Raises an error when it is not the expected database in the expected cluster (SELECT system_identifier FROM pg_control_system()), or is registered as the other environment.';

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
			SELECT FROM @extschema@.menuca_held_lock l
			WHERE l.lock = 'run'
				AND l.object_id = pg_catalog.to_regclass(
					pg_catalog.format('%I.%I', r.target_schema, r.target))::oid)
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
'The ledger: one row per run that wrote. status is interrupted for a batched run that has not ended and is not running any more.';
COMMENT ON COLUMN menuca_runs.run_id IS
'Number of the run; menuca_rollback() and menuca_resume() take it.';
COMMENT ON COLUMN menuca_runs.part_of IS
'The run of whose transaction this one is a part; NULL for a run of its own.';
COMMENT ON COLUMN menuca_runs.kind IS
'What kind of run it is: fix_combos, fix_group_dishes, fix_v2_groups, fix_v2_steps, fix_combo_steps or backfill_dishes.';
COMMENT ON COLUMN menuca_runs.target_schema IS
'Schema of the table that the run writes to.';
COMMENT ON COLUMN menuca_runs.target IS
'Name of the table that the run writes to, without its schema.';
COMMENT ON COLUMN menuca_runs.source IS
'Qualified and quoted name of the staged table that the run reads; of fix_combo_steps, the target''s combo_groups.';
COMMENT ON COLUMN menuca_runs.mode IS
'transaction when all rows are committed at once, batched when each batch is.';
COMMENT ON COLUMN menuca_runs.engine IS
'native when all rows were formed and stored by the extension itself, otherwise executor.';
COMMENT ON COLUMN menuca_runs.status IS
'running, completed, gate_failed, rolled_back, or interrupted: entered as running while no session holds the lock of a run on its target.';
COMMENT ON COLUMN menuca_runs.inserted IS
'Rows that the run has inserted so far.';
COMMENT ON COLUMN menuca_runs.batches IS
'Number of batches in menuca_run_batch; 0 when nothing was inserted.';
COMMENT ON COLUMN menuca_runs.items_before IS
'Rows of the target before the run.';
COMMENT ON COLUMN menuca_runs.items_after IS
'Rows of the target after the run; NULL until the run has ended.';
COMMENT ON COLUMN menuca_runs.orphan_pct_before IS
'Groups without items, in percent of all groups, before the run; NULL when there are no groups, or the run is no fix.';
COMMENT ON COLUMN menuca_runs.orphan_pct_after IS
'The same after the run; NULL until the run has ended, too.';
COMMENT ON COLUMN menuca_runs.expected_orphan_pct_after IS
'Groups without items, in percent of the groups that the source has a row for, after the run; NULL as orphan_pct_after.';
COMMENT ON COLUMN menuca_runs.band IS
'Band of orphan_pct_after: EXCELLENT below 1, PASS below 5, WARNING below 20, otherwise FAIL; NULL as orphan_pct_after.';
COMMENT ON COLUMN menuca_runs.outcomes IS
'Object of source rows, menu rows of backfill_dishes, items of fix_combo_steps, or steps of fix_v2_steps, per outcome.';
COMMENT ON COLUMN menuca_runs.parameters IS
'Object of the arguments that judge the run.';
COMMENT ON COLUMN menuca_runs.gate_message IS
'First reason of the gate that refused after the run; NULL when none did.';
COMMENT ON COLUMN menuca_runs.run_by IS
'Session user who began the run.';
COMMENT ON COLUMN menuca_runs.started_at IS
'When the run was entered in the ledger.';
COMMENT ON COLUMN menuca_runs.finished_at IS
'When the run ended; NULL until then.';
COMMENT ON COLUMN menuca_runs.rolled_back_by IS
'Session user who rolled the run back or put back a snapshot from before it; NULL unless status is rolled_back.';
COMMENT ON COLUMN menuca_runs.rolled_back_at IS
'When that was; NULL unless status is rolled_back.';
COMMENT ON COLUMN menuca_runs.note IS
'Which restored snapshot changed the run''s status last; NULL when none did, or a rollback did it since.';

--
-- What the ledger knows of a run, one figure a row
--

CREATE VIEW menuca_run_detail WITH (security_invoker = true) AS
WITH run AS (
	SELECT r.*, v.status AS state, v.batches,
		CASE pg_catalog.jsonb_typeof(r.parameters) WHEN 'object' THEN r.parameters ELSE pg_catalog.jsonb_build_object('damaged', r.parameters) END AS arguments,
		CASE pg_catalog.jsonb_typeof(r.outcomes) WHEN 'object' THEN r.outcomes ELSE pg_catalog.jsonb_build_object('damaged', r.outcomes) END AS counts,
		CASE pg_catalog.jsonb_typeof(r.figures_before) WHEN 'object' THEN r.figures_before ELSE pg_catalog.jsonb_build_object('damaged', r.figures_before) END AS before,
		CASE pg_catalog.jsonb_typeof(r.figures_after) WHEN 'object' THEN r.figures_after ELSE pg_catalog.jsonb_build_object('damaged', r.figures_after) END AS after
	FROM @extschema@.menuca_run r
		JOIN @extschema@.menuca_runs v USING (run_id)
), member AS (
	SELECT r.run_id, s.section_no, s.section, m.name, m.value, m.position
	FROM run r
		CROSS JOIN LATERAL (VALUES
			(2, 'parameters', r.arguments),
			(3, 'outcomes', r.counts),
			(4, 'probes', r.before -> 'probe_texts'),
			(5, 'probe figures', r.before -> 'probes'),
			(7, 'figures before', r.before - '{probes,probe_texts,warnings,integrity}'::text[]),
			(8, 'broken before', r.before -> 'integrity'),
			(9, 'figures after', r.after - '{integrity,rollback}'::text[]),
			(10, 'broken after', r.after -> 'integrity'),
			(13, 'rollback', CASE WHEN r.status = 'rolled_back' THEN r.after -> 'rollback' END)
		) s(section_no, section, object)
		CROSS JOIN LATERAL pg_catalog.jsonb_each_text(CASE pg_catalog.jsonb_typeof(s.object) WHEN 'object' THEN s.object END)
			WITH ORDINALITY m(name, value, position)
)
SELECT r.run_id, 1 AS section_no, 'run' AS section, c.position::bigint AS position, c.name, c.value
FROM run r
	CROSS JOIN LATERAL (VALUES
		(1, 'kind', r.kind),
		(2, 'status', r.state),
		(3, 'target', pg_catalog.format('%I.%I', r.target_schema, r.target)),
		(4, 'source', r.source),
		(5, 'mode', r.mode),
		(6, 'engine', r.engine),
		(7, 'part_of', r.part_of::text),
		(8, 'items_before', r.items_before::text),
		(9, 'inserted', r.inserted::text),
		(10, 'items_after', r.items_after::text),
		(11, 'gate_message', r.gate_message),
		(12, 'run_by', r.run_by),
		(13, 'started_at', r.started_at::text),
		(14, 'finished_at', r.finished_at::text),
		(15, 'rolled_back_by', r.rolled_back_by),
		(16, 'rolled_back_at', r.rolled_back_at::text),
		(17, 'note', r.note)
	) c(position, name, value)
WHERE c.value IS NOT NULL
UNION ALL
SELECT m.run_id, m.section_no, m.section, m.position, m.name, m.value
FROM member m
WHERE m.value IS NOT NULL
UNION ALL
SELECT r.run_id, 6, 'warnings', w.position, w.position::text, w.text
FROM run r
	CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(
		CASE pg_catalog.jsonb_typeof(r.before -> 'warnings') WHEN 'array' THEN r.before -> 'warnings' END)
		WITH ORDINALITY w(text, position)
UNION ALL
SELECT b.run_id, 11, 'batches', b.batch_no, b.batch_no::text,
	pg_catalog.format('%s rows at %s', b.row_count, b.written_at)
FROM @extschema@.menuca_run_batch b
UNION ALL
SELECT p.part_of, 12, 'parts', p.run_id, p.run_id::text,
	pg_catalog.format('%s: %s rows inserted into %I.%I, %s', p.kind, p.inserted, p.target_schema, p.target, p.status)
FROM run p
WHERE p.part_of IS NOT NULL;

COMMENT ON VIEW menuca_run_detail IS
'What the ledger knows of each run, one figure a row. menuca_run_details() returns one run''s, in order.';
COMMENT ON COLUMN menuca_run_detail.run_id IS
'The run (menuca_run).';
COMMENT ON COLUMN menuca_run_detail.section_no IS
'Number of the section, in the order of reading.';
COMMENT ON COLUMN menuca_run_detail.section IS
'run, parameters, outcomes, probes, probe figures, warnings, figures before, broken before, figures after, broken after, batches, parts or rollback. A section without rows is omitted.';
COMMENT ON COLUMN menuca_run_detail.position IS
'Number of the row within its section.';
COMMENT ON COLUMN menuca_run_detail.name IS
'Name of the figure; of warnings and batches their number, of parts their run.';
COMMENT ON COLUMN menuca_run_detail.value IS
'Its value as text.';

CREATE FUNCTION menuca_run_details(
	run_id bigint,
	OUT section text,
	OUT name text,
	OUT value text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_run_details(bigint) IS
'Everything that the ledger knows of a run of any kind, one figure a row, in the order of reading: the run, its parameters, outcomes, probes and warnings, the figures before and after it, its batches and parts, and the figures of its rollback. Raises an error when there is no such run. Read only.';
