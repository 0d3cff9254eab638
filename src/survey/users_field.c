/*-------------------------------------------------------------------------
 *
 * users_field.c
 *	  Columns of the users' tables that may be missing: see users_field.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/lsyscache.h"

#include "base/column.h"
#include "base/settings.h"
#include "survey/users_field.h"

static AttrNumber find_users_field(const char *table, const char *column, Oid *relid);


Oid
users_field_type(const char *table, const char *column)
{
	Oid			relid;
	AttrNumber	field = find_users_field(table, column, &relid);

	return field == InvalidAttrNumber ? InvalidOid : column_base_type(relid, field, NULL);
}

char *
users_field_text(const char *table, const char *column, const char *alias)
{
	Oid			relid;
	AttrNumber	field = find_users_field(table, column, &relid);

	return field == InvalidAttrNumber ? NULL : column_as_text(relid, field, alias);
}

static AttrNumber
find_users_field(const char *table, const char *column, Oid *relid)
{
	Oid			schema = get_namespace_oid(menuca_seating_schema, true);

	*relid = OidIsValid(schema) ? get_relname_relid(table, schema) : InvalidOid;
	return OidIsValid(*relid) ? column_find(*relid, column) : InvalidAttrNumber;
}
