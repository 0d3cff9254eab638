--
-- Locks of the extension, as SQL sees them
--

CREATE FUNCTION menuca_lock_keys(
	OUT lock text,
	OUT key oid)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION menuca_lock_keys() IS
'The first key of each advisory lock that the extension takes, as pg_locks.classid shows it.';

CREATE VIEW menuca_held_lock WITH (security_invoker = true) AS
SELECT k.lock,
	l.objid AS object_id,
	l.pid
FROM @extschema@.menuca_lock_keys() k
JOIN pg_catalog.pg_locks l ON l.classid = k.key
WHERE l.locktype = 'advisory'
	AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
					  WHERE d.datname = pg_catalog.current_database())
	AND l.objsubid = 2
	AND l.granted;

COMMENT ON VIEW menuca_held_lock IS
'The advisory locks that sessions of this database hold while they run something that one session may run at a time.';
COMMENT ON COLUMN menuca_held_lock.lock IS
'What is running: run (a run writes to a table), access (access is deployed or rolled back) or ticket.';
COMMENT ON COLUMN menuca_held_lock.object_id IS
'OID of the table of a run, number of a ticket, 0 for access.';
COMMENT ON COLUMN menuca_held_lock.pid IS
'Process that holds the lock; NULL for a prepared transaction.';

-- It shows what pg_locks shows to everybody.
GRANT SELECT ON menuca_held_lock TO PUBLIC;
