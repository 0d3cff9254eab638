--
-- The hosted production, as its copy knows it
--

CREATE VIEW menuca_hosted_production WITH (security_invoker = true) AS
SELECT e.environment_id,
	e.name,
	e.database_name,
	e.system_identifier,
	e.of_database,
	e.of_system_identifier,
	e.of_project
FROM @extschema@.menuca_registered_environment e
JOIN @extschema@.menuca_copy c USING (database_name, system_identifier)
WHERE e.hosted
	-- A record that was corrected is of another production
	AND c.record_no = (SELECT pg_catalog.max(l.record_no) FROM @extschema@.menuca_copy l
					   WHERE l.database_name = c.database_name AND l.system_identifier = c.system_identifier)
	AND c.of_database = e.of_database
	AND c.of_system_identifier IS NOT DISTINCT FROM e.of_system_identifier
	AND c.of_project IS NOT DISTINCT FROM e.of_project;

COMMENT ON VIEW menuca_hosted_production IS
'The hosted production of each copy, as menuca_environment(…, hosted => true) registered it and menuca_copy_of() records it now.';
COMMENT ON COLUMN menuca_hosted_production.environment_id IS
'The environment (menuca_registered_environment).';
COMMENT ON COLUMN menuca_hosted_production.name IS
'production.';
COMMENT ON COLUMN menuca_hosted_production.database_name IS
'Name of the copy: the row applies to it alone, not to a copy of it.';
COMMENT ON COLUMN menuca_hosted_production.system_identifier IS
'System identifier of the copy''s cluster.';
COMMENT ON COLUMN menuca_hosted_production.of_database IS
'Name of the hosted production''s database.';
COMMENT ON COLUMN menuca_hosted_production.of_system_identifier IS
'System identifier of its cluster; NULL when it is known by its project.';
COMMENT ON COLUMN menuca_hosted_production.of_project IS
'Name of its project at the hosting service; NULL when it is known by its system identifier.';

CREATE FUNCTION menuca_environment(
	name text,
	expected_database text,
	expected_system_identifier bigint,
	hosted boolean,
	OUT environment text,
	OUT database_name text,
	OUT system_identifier bigint,
	OUT newly_registered boolean)
RETURNS record
AS 'MODULE_PATHNAME', 'menuca_environment_hosted'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_environment(text, text, bigint, boolean) IS
'With hosted => true: registers, in its copy, a hosted production, whose tickets 6 to 10 are then executed here; the name is production, and the database and its cluster must be those that menuca_copy_of() has recorded (NULL for the cluster where it recorded the project alone). The copy is registered as staging besides. With hosted => false the same as without it.';

REVOKE ALL ON FUNCTION menuca_environment(text, text, bigint, boolean) FROM PUBLIC;
