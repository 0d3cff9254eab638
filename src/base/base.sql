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

--
-- What the catalog says about tables.  These views run with the rights of
-- whoever reads them; the catalog shows everybody the same.
--

CREATE VIEW menuca_foreign_key WITH (security_invoker = true) AS
SELECT f.oid AS constraint_oid,
	f.conname AS constraint_name,
	f.conrelid AS child_oid,
	pg_catalog.format('%I.%I', cn.nspname, c.relname) AS child_name,
	f.confrelid AS parent_oid,
	pg_catalog.format('%I.%I', pn.nspname, p.relname) AS parent_name,
	CASE f.confdeltype
		WHEN 'c' THEN 'CASCADE'
		WHEN 'n' THEN 'SET NULL'
		WHEN 'd' THEN 'SET DEFAULT'
		WHEN 'r' THEN 'RESTRICT'
		ELSE 'NO ACTION'
	END AS on_delete,
	f.confdeltype IN ('a', 'r') AS blocks_delete,
	k.child_columns,
	k.parent_columns
FROM pg_catalog.pg_constraint f
JOIN pg_catalog.pg_class c ON c.oid = f.conrelid
JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class p ON p.oid = f.confrelid
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL (
	SELECT pg_catalog.array_agg(pg_catalog.quote_ident(ca.attname) ORDER BY n.place) AS child_columns,
		pg_catalog.array_agg(pg_catalog.quote_ident(pa.attname) ORDER BY n.place) AS parent_columns
	FROM unnest(f.conkey, f.confkey) WITH ORDINALITY AS n(child_no, parent_no, place)
	JOIN pg_catalog.pg_attribute ca ON ca.attrelid = f.conrelid AND ca.attnum = n.child_no
	JOIN pg_catalog.pg_attribute pa ON pa.attrelid = f.confrelid AND pa.attnum = n.parent_no) k
WHERE f.contype = 'f'
	-- not the copies that partitions inherit
	AND f.conparentid = 0;

COMMENT ON VIEW menuca_foreign_key IS
'The foreign keys of this database, without those that partitions inherit.';
COMMENT ON COLUMN menuca_foreign_key.constraint_oid IS
'OID of the constraint.';
COMMENT ON COLUMN menuca_foreign_key.constraint_name IS
'Name of the constraint.';
COMMENT ON COLUMN menuca_foreign_key.child_oid IS
'OID of the referencing table.';
COMMENT ON COLUMN menuca_foreign_key.child_name IS
'Name of the referencing table, qualified and quoted.';
COMMENT ON COLUMN menuca_foreign_key.parent_oid IS
'OID of the referenced table.';
COMMENT ON COLUMN menuca_foreign_key.parent_name IS
'Name of the referenced table, qualified and quoted.';
COMMENT ON COLUMN menuca_foreign_key.on_delete IS
'Action when a referenced row is deleted: CASCADE, SET NULL, SET DEFAULT, RESTRICT or NO ACTION.';
COMMENT ON COLUMN menuca_foreign_key.blocks_delete IS
'True when the action forbids to delete a referenced row (RESTRICT, NO ACTION).';
COMMENT ON COLUMN menuca_foreign_key.child_columns IS
'The referencing columns in the key''s order, quoted.';
COMMENT ON COLUMN menuca_foreign_key.parent_columns IS
'The referenced columns in the key''s order, quoted.';

CREATE VIEW menuca_table_sequence WITH (security_invoker = true) AS
SELECT u.table_oid,
	u.sequence_oid,
	pg_catalog.format('%I.%I', n.nspname, s.relname) AS sequence_name,
	pg_catalog.bool_or(u.is_owned) AS is_owned
FROM (SELECT d.refobjid, d.objid, true
	  FROM pg_catalog.pg_depend d
	  WHERE d.classid = 'pg_catalog.pg_class'::regclass
		  AND d.refclassid = 'pg_catalog.pg_class'::regclass
		  AND d.deptype IN ('a', 'i')
	  UNION ALL
	  SELECT a.adrelid, d.refobjid, false
	  FROM pg_catalog.pg_attrdef a
	  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
	  WHERE d.refclassid = 'pg_catalog.pg_class'::regclass) u(table_oid, sequence_oid, is_owned)
JOIN pg_catalog.pg_class s ON s.oid = u.sequence_oid
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
WHERE s.relkind = 'S'
GROUP BY u.table_oid, u.sequence_oid, n.nspname, s.relname;

COMMENT ON VIEW menuca_table_sequence IS
'The sequences that columns of a table own or that their defaults use, one row per table and sequence.';
COMMENT ON COLUMN menuca_table_sequence.table_oid IS
'OID of the table.';
COMMENT ON COLUMN menuca_table_sequence.sequence_oid IS
'OID of the sequence.';
COMMENT ON COLUMN menuca_table_sequence.sequence_name IS
'Name of the sequence, qualified and quoted.';
COMMENT ON COLUMN menuca_table_sequence.is_owned IS
'True when a column of the table owns the sequence (serial, identity, OWNED BY); false when only a default uses it.';

GRANT SELECT ON menuca_foreign_key TO PUBLIC;
GRANT SELECT ON menuca_table_sequence TO PUBLIC;
