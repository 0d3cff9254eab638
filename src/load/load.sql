--
-- Loading a dump
--

CREATE FUNCTION menuca_load_dump(
	dump text,
	table_name text,
	into_table text,
	append boolean DEFAULT false,
	replace boolean DEFAULT false,
	OUT rows_loaded bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_load_dump(text, text, text, boolean, boolean) IS
'Loads one table of a mysqldump, given as text, into a staging table; returns the number of rows loaded, which is the number of tuples in the dump, and the next call. Raises an error and loads nothing when the dump is damaged or has no tuples, or when the table has rows and neither append nor replace is true, which are only for tables that the loader made outside the target schema. table_name may be database.table.';

REVOKE ALL ON FUNCTION menuca_load_dump(text, text, text, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION menuca_load_dump_lo(
	large_object oid,
	table_name text,
	into_table text,
	append boolean DEFAULT false,
	replace boolean DEFAULT false,
	OUT rows_loaded bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_load_dump_lo(oid, text, text, boolean, boolean) IS
'As menuca_load_dump, from a large object (psql: \lo_import), so that a client needs no right to read server files.';

REVOKE ALL ON FUNCTION menuca_load_dump_lo(oid, text, text, boolean, boolean) FROM PUBLIC;

CREATE FUNCTION menuca_load_dump_file(
	path text,
	table_name text,
	into_table text,
	append boolean DEFAULT false,
	replace boolean DEFAULT false,
	OUT rows_loaded bigint,
	OUT next_step text)
RETURNS record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION menuca_load_dump_file(text, text, text, boolean, boolean) IS
'As menuca_load_dump, from a file on the server; only for roles with the privileges of pg_read_server_files.';

REVOKE ALL ON FUNCTION menuca_load_dump_file(text, text, text, boolean, boolean) FROM PUBLIC;
