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
static void raise_not_installed(const char *extension) pg_attribute_noreturn();


char *
extension_schema(const char *extension)
{
	char	   *schema = get_namespace_name(find_extension_schema(extension));

	/* Another session may be dropping both. */
	if (schema == NULL)
		raise_not_installed(extension);
	return psprintf("%s.", quote_identifier(schema));
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

static Oid
find_extension_schema(const char *extension)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			schema = InvalidOid;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum(extension));
	scan = systable_beginscan(extensions, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		schema = ((Form_pg_extension) GETSTRUCT(tuple))->extnamespace;
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);

	if (!OidIsValid(schema))
		raise_not_installed(extension);
	return schema;
}

static void
raise_not_installed(const char *extension)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("extension \"%s\" is not installed in this database", extension),
			 errhint("CREATE EXTENSION %s;", quote_identifier(extension))));
}
