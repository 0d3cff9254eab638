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
	-- NULL before relkind is known, so that has_sequence_privilege() never sees
	-- another relation, whatever is evaluated first
	CASE WHEN s.relkind = 'S' THEN s.oid END AS sequence_oid,
	pg_catalog.format('%I.%I', n.nspname, s.relname) AS sequence_name,
	pg_catalog.bool_or(u.dependency IN ('a', 'i')) AS is_owned,
	pg_catalog.bool_or(u.dependency = 'i') AS is_identity,
	s.relowner = t.relowner AS is_same_owner
FROM (SELECT d.refobjid, d.objid, d.deptype
	  FROM pg_catalog.pg_depend d
	  WHERE d.classid = 'pg_catalog.pg_class'::regclass
		  AND d.refclassid = 'pg_catalog.pg_class'::regclass
		  AND d.deptype IN ('a', 'i')
	  UNION ALL
	  SELECT a.adrelid, d.refobjid, 'n'
	  FROM pg_catalog.pg_attrdef a
	  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
	  WHERE d.refclassid = 'pg_catalog.pg_class'::regclass) u(table_oid, relation_oid, dependency)
JOIN pg_catalog.pg_class t ON t.oid = u.table_oid
JOIN pg_catalog.pg_class s ON s.oid = u.relation_oid
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
WHERE s.relkind = 'S'
GROUP BY u.table_oid, t.relowner, s.oid, s.relkind, s.relowner, n.nspname, s.relname;

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
COMMENT ON COLUMN menuca_table_sequence.is_identity IS
'True when the sequence is that of an identity column, which needs no privilege on it.';
COMMENT ON COLUMN menuca_table_sequence.is_same_owner IS
'True when the sequence belongs to the owner of the table; anybody can name a sequence of somebody else in a default.';

CREATE VIEW menuca_writable_column WITH (security_invoker = true) AS
SELECT a.attrelid AS table_oid,
	a.attnum::integer AS column_no,
	pg_catalog.quote_ident(a.attname) AS column_name,
	-- Whatever the search_path is: what is no word of SQL itself gets its schema
	CASE WHEN e.typnamespace = 'pg_catalog'::pg_catalog.regnamespace AND e.typname <> 'interval'
			AND pg_catalog.format_type(e.oid, NULL) IN (e.typname, pg_catalog.quote_ident(e.typname))
		THEN 'pg_catalog.' ELSE ''
	END || pg_catalog.format_type(a.atttypid, a.atttypmod) AS type_name,
	a.atttypid AS type_oid,
	t.typcategory AS type_category,
	CASE WHEN a.atttypid IN ('pg_catalog.bpchar'::pg_catalog.regtype, 'pg_catalog.varchar'::pg_catalog.regtype)
			AND a.atttypmod > 4
		THEN a.atttypmod - 4
		ELSE 0
	END AS max_length,
	a.attnotnull AS is_not_null,
	t.typnotnull AS type_is_not_null,
	a.atthasdef OR a.attidentity <> '' AS has_default,
	t.typdefault IS NOT NULL AS type_has_default,
	a.attidentity <> '' AS is_identity,
	COALESCE(a.attnum = ANY (i.indkey), false) AS is_in_primary_key,
	f.confrelid AS parent_oid,
	pg_catalog.quote_ident(p.attname) AS parent_column
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typlen = -1 AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
LEFT JOIN LATERAL (
	SELECT c.confrelid, c.confkey
	FROM pg_catalog.pg_constraint c
	WHERE c.conrelid = a.attrelid AND c.contype = 'f' AND c.conkey = ARRAY[a.attnum]
	ORDER BY c.oid
	LIMIT 1) f ON true
LEFT JOIN pg_catalog.pg_attribute p ON p.attrelid = f.confrelid AND p.attnum = f.confkey[1]
WHERE a.attnum > 0
	AND NOT a.attisdropped
	AND a.attgenerated = '';

COMMENT ON VIEW menuca_writable_column IS
'The columns of each table that an INSERT may give a value to, and what that value must be like.';
COMMENT ON COLUMN menuca_writable_column.table_oid IS
'The table.';
COMMENT ON COLUMN menuca_writable_column.column_no IS
'Number of the column (pg_attribute.attnum).';
COMMENT ON COLUMN menuca_writable_column.column_name IS
'Name of the column, quoted if necessary.';
COMMENT ON COLUMN menuca_writable_column.type_name IS
'Type of the column as in a cast, with its length or precision, and with its schema unless it is a word of SQL or the reader''s search_path finds it.';
COMMENT ON COLUMN menuca_writable_column.type_oid IS
'Type of the column without it.';
COMMENT ON COLUMN menuca_writable_column.type_category IS
'Category of the type (pg_type.typcategory).';
COMMENT ON COLUMN menuca_writable_column.max_length IS
'Most characters that a char or varchar column holds; 0 for no limit and for other types.';
COMMENT ON COLUMN menuca_writable_column.is_not_null IS
'True when the column itself does not accept NULL.';
COMMENT ON COLUMN menuca_writable_column.type_is_not_null IS
'True when its type is a domain that does not accept NULL.';
COMMENT ON COLUMN menuca_writable_column.has_default IS
'True when the column has a default of its own or is an identity column.';
COMMENT ON COLUMN menuca_writable_column.type_has_default IS
'True when its type has a default, which counts if the column has none.';
COMMENT ON COLUMN menuca_writable_column.is_identity IS
'True for an identity column.';
COMMENT ON COLUMN menuca_writable_column.is_in_primary_key IS
'True when the column is part of the primary key.';
COMMENT ON COLUMN menuca_writable_column.parent_oid IS
'Table that the first foreign key on this column alone references; NULL without such a key.';
COMMENT ON COLUMN menuca_writable_column.parent_column IS
'Column of that table that it references, quoted if necessary; NULL without such a key.';
