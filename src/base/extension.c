/*-------------------------------------------------------------------------
 *
 * extension.c
 *	  The schema and the tables of an extension: see extension.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_extension.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "base/extension.h"
#include "base/relation.h"

static Oid	find_extension_schema(const char *extension);
static bool find_extension(const char *extension, Form_pg_extension found);


char *
extension_schema(const char *extension)
{
	return psprintf("%s.", quote_identifier(get_namespace_name(find_extension_schema(extension))));
}

char *
extension_call_schema(const char *extension)
{
	if (list_member_oid(fetch_search_path(false), find_extension_schema(extension)))
		return pstrdup("");
	return extension_schema(extension);
}

Oid
extension_table(const char *extension, const char *table)
{
	Oid			relid = get_relname_relid(table, find_extension_schema(extension));

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table %s%s does not exist", extension_schema(extension), table),
				 errdetail("It belongs to extension \"%s\"; somebody has dropped it.", extension),
				 errhint("Restore the database from a backup, or create the extension again, which begins with an empty ledger.")));
	return relid;
}

Oid
extension_require_table(const char *extension, const char *table, AclMode rights)
{
	Oid			relid = extension_table(extension, table);

	relation_require(relid, rights);
	return relid;
}

Oid
extension_owner(const char *extension)
{
	FormData_pg_extension found;

	return find_extension(extension, &found) ? found.extowner : InvalidOid;
}

static Oid
find_extension_schema(const char *extension)
{
	FormData_pg_extension found;

	if (!find_extension(extension, &found))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("extension \"%s\" is not installed in this database", extension),
				 errhint("CREATE EXTENSION %s;", quote_identifier(extension))));
	return found.extnamespace;
}

/* False when the extension is not installed in this database. */
static bool
find_extension(const char *extension, Form_pg_extension found)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		exists;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum(extension));
	scan = systable_beginscan(extensions, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	exists = HeapTupleIsValid(tuple);
	if (exists)
		memcpy(found, GETSTRUCT(tuple), sizeof(FormData_pg_extension));
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return exists;
}
