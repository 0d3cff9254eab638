/*-------------------------------------------------------------------------
 *
 * original.c
 *	  Tables that only the original has: see original.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/column.h"
#include "base/extension.h"
#include "base/owner.h"
#include "base/relation.h"
#include "base/settings.h"
#include "takeover/original.h"

static char *lacking_column(Oid relid, const OriginalColumn *column);


OriginalTable *
original_find(const char *name, const OriginalColumn *columns, int n)
{
	OriginalTable *table = palloc0(sizeof(OriginalTable));
	Oid			schema = get_namespace_oid(menuca_seating_schema, true);

	if (OidIsValid(schema))
		table->relid = relation_lock_by_name(schema, name, AccessShareLock, ACL_SELECT);
	if (!OidIsValid(table->relid))
	{
		table->missing = psprintf("table %s.%s does not exist", menuca_seating_schema, name);
		return table;
	}
	table->quoted = relation_quoted_name(table->relid);
	for (int i = 0; i < n && table->missing == NULL; i++)
		table->missing = lacking_column(table->relid, &columns[i]);
	return table;
}

static char *
lacking_column(Oid relid, const OriginalColumn *column)
{
	AttrNumber	attnum = column_find(relid, column->name);

	if (attnum == InvalidAttrNumber)
		return psprintf("column %s of table %s does not exist", column->name, relation_display_name(relid));
	if (column->type != TEXTOID && column_base_type(relid, attnum, NULL) != column->type)
		return psprintf("column %s of table %s is not of type %s", column->name, relation_display_name(relid),
						format_type_be(column->type));
	return NULL;
}

char *
original_text(const OriginalTable *table, const char *column, const char *alias, const char *otherwise)
{
	AttrNumber	attnum = OidIsValid(table->relid) ? column_find(table->relid, column) : InvalidAttrNumber;

	return attnum == InvalidAttrNumber ? pstrdup(otherwise) : column_as_text(table->relid, attnum, alias);
}

char *
original_value(const OriginalTable *table, const char *column, Oid type, const char *alias, const char *otherwise)
{
	OriginalColumn wanted = {column, type};

	return !OidIsValid(table->relid) || lacking_column(table->relid, &wanted) ? pstrdup(otherwise) :
		psprintf("%s.%s", alias, quote_identifier(column));
}

void
original_array(QueryArgs *args, Oid type, const Datum *values, const bool *nulls, int n)
{
	int			dims[1] = {n};
	int			lower[1] = {1};
	int16		length;
	bool		by_value;
	char		align;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	query_arg(args, get_array_type(type),
			  PointerGetDatum(construct_md_array(unconstify(Datum *, values), unconstify(bool *, nulls), 1, dims, lower,
												 type, length, by_value, align)), false);
}

List *
original_read_own(const char *table, const char *sql, QueryArgs *args, QueryMakeFn fn)
{
	OwnerContext caller = owner_become(extension_table("menuca_seating", table));
	List	   *rows = query_list(sql, args, fn);

	owner_return(&caller);
	return rows;
}
