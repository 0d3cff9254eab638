/*-------------------------------------------------------------------------
 *
 * renamed_column.c
 *	  Columns that may have been renamed: see renamed_column.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/lsyscache.h"

#include "base/column.h"
#include "base/relation.h"
#include "base/renamed_column.h"

/* References whose names are not those of their tables. */
static const struct
{
	const char *column;
	const char *table;
}			irregular[] = {
	{"applies_to_course", "courses"},
	{"applies_to_dish", "dishes"},
	{"company_email_id", "delivery_company_emails"},
	{"origin_restaurant_id", "restaurants"},
	{"tag_id", "marketing_tags"}
};

static Oid	referenced_table(Oid relid, const char *name);


AttrNumber
renamed_column_find(Oid relid, const char *name)
{
	AttrNumber	attnum = column_find(relid, name);
	Oid			referenced;

	if (attnum != InvalidAttrNumber)
		return attnum;
	if (strcmp(name, "id") == 0)
		return relation_key_column(relid);
	referenced = referenced_table(relid, name);
	return OidIsValid(referenced) ? column_find_referencing(relid, referenced) : InvalidAttrNumber;
}

AttrNumber
renamed_column_require(Oid relid, const char *name)
{
	AttrNumber	attnum = renamed_column_find(relid, name);

	return attnum != InvalidAttrNumber ? attnum : column_require(relid, name, InvalidOid);
}

/* combo_group_id speaks of combo_groups, dish_id of dishes, city_id of cities. */
static Oid
referenced_table(Oid relid, const char *name)
{
	Oid			schema = get_rel_namespace(relid);
	size_t		length = strlen(name);
	char	   *stem;
	Oid			table;

	for (size_t i = 0; i < lengthof(irregular); i++)
	{
		if (strcmp(name, irregular[i].column) == 0)
			return get_relname_relid(irregular[i].table, schema);
	}
	if (length <= 3 || strcmp(name + length - 3, "_id") != 0)
		return InvalidOid;
	stem = pnstrdup(name, length - 3);
	length -= 3;
	table = get_relname_relid(psprintf("%ss", stem), schema);
	if (!OidIsValid(table))
		table = get_relname_relid(psprintf("%ses", stem), schema);
	if (!OidIsValid(table) && stem[length - 1] == 'y')
		table = get_relname_relid(psprintf("%sies", pnstrdup(stem, length - 1)), schema);
	return table;
}
