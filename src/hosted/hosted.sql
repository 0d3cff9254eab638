--
-- Of which database this one is a copy.  What is exported here runs only there.
--

CREATE TABLE menuca_copy (
	database_name text NOT NULL,
	system_identifier bigint NOT NULL,
	record_no bigint NOT NULL,
	of_database text NOT NULL,
	of_system_identifier bigint,
	of_project text,
	recorded_by text NOT NULL DEFAULT session_user,
	recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	reason text,
	PRIMARY KEY (database_name, system_identifier, record_no),
	CHECK (COALESCE(of_system_identifier::text, of_project) IS NOT NULL)
);

COMMENT ON TABLE menuca_copy IS
'Of which database this one is a copy: of the rows with this database''s name and cluster, the one with the highest record_no. A copy of the copy has the same rows, which do not apply to it.';
COMMENT ON COLUMN menuca_copy.database_name IS
'Name of the copy.';
COMMENT ON COLUMN menuca_copy.system_identifier IS
'System identifier of the copy''s cluster, as pg_control_system() shows it.';
COMMENT ON COLUMN menuca_copy.record_no IS
'Number of the record of that copy, from 1; the last one applies.';
COMMENT ON COLUMN menuca_copy.of_database IS
'Name of the database that the copy was made of.';
COMMENT ON COLUMN menuca_copy.of_system_identifier IS
'System identifier of that database''s cluster; NULL when it is known by its project.';
COMMENT ON COLUMN menuca_copy.of_project IS
'Name of its project at the hosting service; NULL when it is known by its system identifier.';
COMMENT ON COLUMN menuca_copy.recorded_by IS
'Session user who recorded it.';
COMMENT ON COLUMN menuca_copy.recorded_at IS
'When it was recorded.';
COMMENT ON COLUMN menuca_copy.reason IS
'Why the record before it was wrong; NULL for the first, unless a reason was given.';

SELECT pg_catalog.pg_extension_config_dump('menuca_copy', '');

CREATE FUNCTION menuca_copy_of(
	database text,
	OUT database_name text,
	INOUT system_identifier bigint DEFAULT NULL,
	INOUT project text DEFAULT NULL,
	reason text DEFAULT NULL,
	OUT recorded_by text,
	OUT recorded_at timestamptz,
	OUT newly_recorded boolean,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_copy_of(text, bigint, text, text) IS
'Records of which database this one is a copy: its name, and its cluster''s system identifier or its project at the hosting service, or both. Exported files run only there. A second call for the same one reports the record; for another one it needs a reason, which is recorded. Raises an error on the original itself and on a database registered as production.';

REVOKE ALL ON FUNCTION menuca_copy_of(text, bigint, text, text) FROM PUBLIC;

CREATE VIEW menuca_copy_original WITH (security_invoker = true) AS
SELECT pg_catalog.jsonb_build_object('database', c.of_database, 'system_identifier', c.of_system_identifier::text, 'project', c.of_project,
	'copy', pg_catalog.format('database "%s" in cluster %s (record %s)', c.database_name, c.system_identifier, c.record_no)) AS original
FROM @extschema@.menuca_copy c, pg_catalog.pg_control_system() s
WHERE c.database_name = pg_catalog.current_database() AND c.system_identifier = s.system_identifier
ORDER BY c.record_no DESC
LIMIT 1;

COMMENT ON VIEW menuca_copy_original IS
'The database that this one is a copy of, for the files that are exported: one row, or none when it is not recorded.';
COMMENT ON COLUMN menuca_copy_original.original IS
'Object with database, system_identifier and project, each a text or null; and copy, a text by which receipts say which copy exported their file.';
