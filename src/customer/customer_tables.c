/*-------------------------------------------------------------------------
 *
 * customer_tables.c
 *	  The tables that a customer's menu is made of: see customer_tables.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/column.h"
#include "base/format.h"
#include "base/relation.h"
#include "base/renamed_column.h"
#include "base/settings.h"
#include "customer/customer_tables.h"
#include "target/keyed_table.h"

static void open_table(CustomerTable *table, Oid oid, bool has_restaurant);
static char *stated_count(const CustomerTable *groups);


CustomerTables *
customer_tables_open(void)
{
	CustomerTables *tables = palloc0(sizeof(CustomerTables));
	Oid			restaurants = get_relname_relid("restaurants",
												get_namespace_oid(menuca_target_schema, true));

	open_table(&tables->groups, target_table_oid(menuca_target_schema, "combo_groups"), true);
	open_table(&tables->dishes, target_table_oid(menuca_target_schema, "dishes"), true);
	open_table(&tables->items, target_table_oid(menuca_target_schema, "combo_items"), false);
	if (OidIsValid(restaurants))
		open_table(&tables->restaurants, target_table_oid(menuca_target_schema, "restaurants"), false);
	tables->item_group = column_quoted(tables->items.oid,
									   column_require(tables->items.oid, "combo_group_id", tables->groups.oid));
	tables->item_dish = column_quoted(tables->items.oid,
									  column_require(tables->items.oid, "dish_id", tables->dishes.oid));
	tables->item_count = stated_count(&tables->groups);
	return tables;
}

static void
open_table(CustomerTable *table, Oid oid, bool has_restaurant)
{
	AttrNumber	active = column_find(oid, "is_active");

	relation_require(oid, ACL_SELECT);
	table->oid = oid;
	table->name = relation_quoted_name(oid);
	table->id = column_quoted(oid, renamed_column_require(oid, "id"));
	if (has_restaurant)
		table->restaurant = column_quoted(oid, renamed_column_require(oid, "restaurant_id"));
	table->label = column_find(oid, "name");
	table->deleted_at = column_find(oid, "deleted_at");
	if (active != InvalidAttrNumber && column_base_type(oid, active, NULL) == BOOLOID)
		table->is_active = active;
	if (!has_restaurant)
		table->status = column_find(oid, "status");
}

/* A number that is not one is none, as for the validation. */
static char *
stated_count(const CustomerTable *groups)
{
	AttrNumber	rules = column_find(groups->oid, "combo_rules");
	Oid			type;
	char	   *value;

	if (rules == InvalidAttrNumber)
		return NULL;
	type = column_base_type(groups->oid, rules, NULL);
	if (type != JSONBOID && type != JSONOID)
		return NULL;
	value = psprintf("(g.%s OPERATOR(pg_catalog.->>) 'item_count')", column_quoted(groups->oid, rules));
	return psprintf("CASE WHEN %s OPERATOR(pg_catalog.~) '^[0-9]{1,9}$' THEN %s::pg_catalog.int8 END", value, value);
}

char *
customer_tables_shows(const CustomerTable *table, const char *alias)
{
	StringInfoData shows;

	initStringInfo(&shows);
	if (table->is_active != InvalidAttrNumber)
		format_append(&shows, " AND ", "%s.%s IS TRUE", alias, column_quoted(table->oid, table->is_active));
	if (table->deleted_at != InvalidAttrNumber)
		format_append(&shows, " AND ", "%s.%s IS NULL", alias, column_quoted(table->oid, table->deleted_at));
	if (table->status != InvalidAttrNumber)
		format_append(&shows, " AND ", "(%s OPERATOR(pg_catalog.=) 'active') IS TRUE",
					  column_as_text(table->oid, table->status, alias));
	return shows.len > 0 ? psprintf("(%s)", shows.data) : "true";
}

char *
customer_tables_label(const CustomerTable *table, const char *alias)
{
	return table->label == InvalidAttrNumber ? "NULL::pg_catalog.text" :
		column_as_text(table->oid, table->label, alias);
}

List *
customer_tables_open_to_all(const CustomerTables *tables)
{
	const CustomerTable *all[] = {&tables->restaurants, &tables->groups, &tables->items, &tables->dishes};
	List	   *open = NIL;

	for (size_t i = 0; i < lengthof(all); i++)
	{
		Relation	rel;

		if (!OidIsValid(all[i]->oid))
			continue;
		rel = relation_lock_and_open(all[i]->oid, AccessShareLock);
		if (!rel->rd_rel->relrowsecurity)
			open = lappend_oid(open, all[i]->oid);
		relation_close(rel, NoLock);
	}
	return open;
}

char *
customer_tables_missing(const CustomerTables *tables)
{
	StringInfoData missing;

	initStringInfo(&missing);
	if (!OidIsValid(tables->restaurants.oid))
		format_append(&missing, ", ", "table restaurants");
	else if (tables->restaurants.status == InvalidAttrNumber && tables->restaurants.is_active == InvalidAttrNumber)
		format_append(&missing, ", ", "restaurants.status");
	if (tables->groups.is_active == InvalidAttrNumber)
		format_append(&missing, ", ", "combo_groups.is_active");
	if (tables->dishes.is_active == InvalidAttrNumber)
		format_append(&missing, ", ", "dishes.is_active");
	if (missing.len == 0)
		return NULL;
	return psprintf("Not considered, as the schema does not have them: %s.", missing.data);
}
