--
-- A fix as SQL files
--

CREATE VIEW menuca_export_column WITH (security_invoker = true) AS
SELECT w.table_oid,
	w.column_no,
	w.column_name,
	a.attname::text AS bare_name,
	w.type_name,
	w.type_oid IN ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype, 'pg_catalog.int8'::pg_catalog.regtype) AS is_integer,
	w.is_identity,
	w.has_default,
	w.is_in_primary_key,
	p.oid AS parent_oid,
	n.nspname::text AS parent_schema,
	p.relname::text AS parent_table
FROM @extschema@.menuca_writable_column w
JOIN pg_catalog.pg_attribute a ON a.attrelid = w.table_oid AND a.attnum = w.column_no
-- A reference by the one integer column that is the parent's primary key
LEFT JOIN (pg_catalog.pg_class p
	JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
	JOIN pg_catalog.pg_index i ON i.indrelid = p.oid AND i.indisprimary AND i.indnkeyatts = 1
	JOIN pg_catalog.pg_attribute k ON k.attrelid = p.oid AND k.attnum = i.indkey[0]
		AND k.atttypid IN ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype, 'pg_catalog.int8'::pg_catalog.regtype))
	ON p.oid = w.parent_oid AND pg_catalog.quote_ident(k.attname) = w.parent_column AND p.relkind IN ('r', 'p');

COMMENT ON VIEW menuca_export_column IS
'The columns of each table that an INSERT may give a value to, and the table whose primary key each of them refers to.';
COMMENT ON COLUMN menuca_export_column.table_oid IS
'The table.';
COMMENT ON COLUMN menuca_export_column.column_no IS
'Number of the column (pg_attribute.attnum).';
COMMENT ON COLUMN menuca_export_column.column_name IS
'Name of the column, quoted if necessary.';
COMMENT ON COLUMN menuca_export_column.bare_name IS
'Name of the column as it is.';
COMMENT ON COLUMN menuca_export_column.type_name IS
'Type of the column as in a cast, with its length or precision.';
COMMENT ON COLUMN menuca_export_column.is_integer IS
'True when the type is smallint, integer or bigint.';
COMMENT ON COLUMN menuca_export_column.is_identity IS
'True for an identity column.';
COMMENT ON COLUMN menuca_export_column.has_default IS
'True when the column has a default of its own or is an identity column.';
COMMENT ON COLUMN menuca_export_column.is_in_primary_key IS
'True when the column is part of the primary key.';
COMMENT ON COLUMN menuca_export_column.parent_oid IS
'Table that the first foreign key on this column alone references by its primary key, one integer; NULL without such a key.';
COMMENT ON COLUMN menuca_export_column.parent_schema IS
'Schema of that table; NULL likewise.';
COMMENT ON COLUMN menuca_export_column.parent_table IS
'Name of that table; NULL likewise.';

CREATE VIEW menuca_export_run WITH (security_invoker = true) AS
SELECT r.run_id, r.target_schema, r.target, r.status, r.inserted, r.part_of,
	pg_catalog.format('%s by %s, %s, %s rows into %I.%I, gates %s', r.kind, r.run_by,
		pg_catalog.to_char(pg_catalog.timezone('UTC', r.started_at), 'YYYY-MM-DD HH24:MI:SS "UTC"'),
		r.inserted, r.target_schema, r.target, r.parameters) AS description
FROM @extschema@.menuca_run r;

COMMENT ON VIEW menuca_export_run IS
'The runs of the ledger, as the files of menuca_export_fix() describe them.';
COMMENT ON COLUMN menuca_export_run.run_id IS
'Number of the run.';
COMMENT ON COLUMN menuca_export_run.target_schema IS
'Schema of the table that the run wrote to.';
COMMENT ON COLUMN menuca_export_run.target IS
'Name of that table, without its schema.';
COMMENT ON COLUMN menuca_export_run.status IS
'running, completed, gate_failed or rolled_back.';
COMMENT ON COLUMN menuca_export_run.inserted IS
'Rows that the run has inserted so far.';
COMMENT ON COLUMN menuca_export_run.part_of IS
'The run of whose transaction this one is a part; NULL for a run of its own.';
COMMENT ON COLUMN menuca_export_run.description IS
'Kind, who ran it, when, how many rows, and the gates, in one line.';

CREATE VIEW menuca_export_approval WITH (security_invoker = true) AS
SELECT d.target_schema, 'decision' AS kind, d.decided_at AS at,
	pg_catalog.format('%s, by %s at %s: %s', d.target, d.approver,
		pg_catalog.to_char(pg_catalog.timezone('UTC', d.decided_at), 'YYYY-MM-DD HH24:MI:SS "UTC"'), d.reason) AS description
FROM (SELECT DISTINCT ON (target_schema) * FROM @extschema@.menuca_decision ORDER BY target_schema, decision_id DESC) d
UNION ALL
SELECT a.target_schema, 'acceptance', a.accepted_at,
	pg_catalog.format('%s %s of %s, by %s at %s: %s', a.figure, a.bound, a.target, a.approver,
		pg_catalog.to_char(pg_catalog.timezone('UTC', a.accepted_at), 'YYYY-MM-DD HH24:MI:SS "UTC"'), a.reason)
FROM @extschema@.menuca_acceptance a
WHERE a.withdrawn_at IS NULL;

COMMENT ON VIEW menuca_export_approval IS
'The newest decision of each target schema, and the acceptances that were not withdrawn, as the files of menuca_export_fix() describe them.';
COMMENT ON COLUMN menuca_export_approval.target_schema IS
'Schema of the target.';
COMMENT ON COLUMN menuca_export_approval.kind IS
'decision or acceptance.';
COMMENT ON COLUMN menuca_export_approval.at IS
'When it was recorded.';
COMMENT ON COLUMN menuca_export_approval.description IS
'What was decided or accepted, by whom, when and why, in one line.';

CREATE FUNCTION menuca_export_fix(
	run_id bigint,
	style text DEFAULT 'psql',
	max_bytes integer DEFAULT NULL,
	OUT file_no integer,
	OUT file_name text,
	OUT purpose text,
	OUT sql text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_export_fix(bigint, text, integer) IS
'The runs in effect up to that one, with their parts, as SQL files for the database that this one is a copy of, where no extension can be loaded: 00_check, 01_stage in parts, 02_apply, 03_verify, 04_rollback and 05_clean. style is psql, supabase (migrations of one statement) or statements (for a tool that sends one string); max_bytes is the size of a file of 01_stage at most, in bytes. Raises an error when the run has not completed or its rows are not as the ledger has them, and when it is not recorded of which database this is a copy. Read only.';

REVOKE ALL ON FUNCTION menuca_export_fix(bigint, text, integer) FROM PUBLIC;
