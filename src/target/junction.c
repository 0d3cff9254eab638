/*-------------------------------------------------------------------------
 *
 * junction.c
 *	  The tables of the migrated schema: see junction.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/column.h"
#include "base/format.h"
#include "base/relation.h"
#include "base/settings.h"
#include "target/junction.h"

static const FillColumn combo_items_fill[] = {
	{"display_order", FILL_DISPLAY_ORDER},
	{"source_id", FILL_SOURCE_ID},
	{"source_system", FILL_SOURCE_SYSTEM},
	{"quantity", FILL_ONE},
	{"is_required", FILL_TRUE},
	{"created_at", FILL_NOW},
	{"uuid", FILL_UUID},
	{NULL, 0}
};

static const FillColumn dish_combo_groups_fill[] = {
	{"is_active", FILL_TRUE},
	{"created_at", FILL_NOW},
	{"uuid", FILL_UUID},
	{NULL, 0}
};

static const Junction junctions[] = {
	{"combo_items", "combo_groups", "dishes", "combo_group_id", "dish_id",
	false, "combo_steps", combo_items_fill},
	{"dish_combo_groups", "combo_groups", "dishes", "combo_group_id", "dish_id",
	true, NULL, dish_combo_groups_fill},
};

static const Junction *find_junction(const char *name);
static Target *open_junction(const Junction *junction, SourceSystem system,
							 const char *schema, AclMode rights);
static void open_parent(ParentTable *parent, SourceSystem system,
						const char *schema, const char *table);
static void find_fill_columns(Target *target);
static char *quoted_column_or_null(Oid relid, const char *column);


Target *
target_open(const char *schema, const char *junction_name, AclMode rights)
{
	return target_open_for(SYSTEM_V1, schema, junction_name, rights);
}

Target *
target_open_for(SourceSystem system, const char *schema,
				const char *junction_name, AclMode rights)
{
	const Junction *junction = find_junction(junction_name);

	return open_junction(junction, system, schema ? schema : menuca_target_schema, rights);
}

List *
target_junctions_referring(const char *schema, const char *table)
{
	Oid			namespace = get_namespace_oid(schema, true);
	List	   *references = NIL;

	for (size_t i = 0; i < lengthof(junctions); i++)
	{
		const Junction *junction = &junctions[i];
		const char *column = strcmp(table, junction->dish_table) == 0 ? junction->dish_column :
			strcmp(table, junction->group_table) == 0 ? junction->group_column : NULL;
		Oid			relid = get_relname_relid(junction->name, namespace);
		JunctionReference *reference;

		if (column == NULL || !OidIsValid(relid))
			continue;
		reference = palloc(sizeof(JunctionReference));
		reference->relid = relid;
		reference->display_name = relation_display_name(relid);
		reference->column = column_quoted(relid, column_require(relid, column, get_relname_relid(table, namespace)));
		references = lappend(references, reference);
	}
	return references;
}

void
junction_require_known(const char *name)
{
	(void) find_junction(name);
}

bool
junction_has_part(const char *table, JunctionPart part)
{
	for (size_t i = 0; i < lengthof(junctions); i++)
	{
		const char *name = part == JUNCTION_ITEMS ? junctions[i].name :
			part == JUNCTION_STEPS ? junctions[i].step_table : junctions[i].dish_table;

		if (name && strcmp(name, table) == 0)
			return true;
	}
	return false;
}

const char *
junction_of_steps(const char *table)
{
	for (size_t i = 0; i < lengthof(junctions); i++)
	{
		if (junctions[i].step_table && strcmp(junctions[i].step_table, table) == 0)
			return junctions[i].name;
	}
	return NULL;
}

void
target_require_name(const char *name)
{
	(void) find_junction(name);
}

bool
target_is_of_products(const char *name)
{
	return find_junction(name)->of_products;
}

static const Junction *
find_junction(const char *name)
{
	StringInfoData names;

	for (size_t i = 0; i < lengthof(junctions); i++)
	{
		if (strcmp(junctions[i].name, name) == 0)
			return &junctions[i];
	}

	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(junctions); i++)
		format_append(&names, ", ", "%s", junctions[i].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown target \"%s\"", name),
			 errdetail("The targets are: %s. Nothing was changed.", names.data),
			 errhint("Omit the argument target to repair combo_items.")));
}

static Target *
open_junction(const Junction *junction, SourceSystem system, const char *schema,
			  AclMode rights)
{
	Target	   *target = palloc0(sizeof(Target));
	Oid			relid;

	target->junction = junction;
	target->system = system;
	target->schema = pstrdup(schema);
	keyed_table_open(&target->table, schema, junction->name, rights);
	relid = target->table.oid;

	open_parent(&target->groups, system, target->schema, junction->group_table);
	open_parent(&target->dishes, system, target->schema, junction->dish_table);
	target->groups.bare_name = junction->group_table;
	target->dishes.bare_name = junction->dish_table;

	target->group_attnum = column_require(relid, junction->group_column, target->groups.oid);
	target->group = column_quoted(relid, target->group_attnum);
	target->group_type = column_type_name(relid, target->group_attnum);
	target->dish_attnum = column_require(relid, junction->dish_column, target->dishes.oid);
	target->dish = column_quoted(relid, target->dish_attnum);
	target->dish_type = column_type_name(relid, target->dish_attnum);
	target->display_order = quoted_column_or_null(relid, "display_order");
	target->display_order_attnum = column_find(relid, "display_order");
	target->created_at_attnum = column_find(relid, "created_at");
	find_fill_columns(target);

	return target;
}

static void
open_parent(ParentTable *parent, SourceSystem system, const char *schema,
			const char *table)
{
	Oid			relid = target_table_oid(schema, table);
	Oid			restaurants = get_relname_relid("restaurants",
												get_namespace_oid(schema, true));
	AttrNumber	legacy;
	int64		unused;

	parent->oid = relid;
	parent->system = system;
	parent->name = relation_quoted_name(relid);
	relation_require(relid, ACL_SELECT);

	parent->id_attnum = column_require(relid, "id", InvalidOid);
	parent->id = column_quoted(relid, parent->id_attnum);
	parent->restaurant_attnum = column_require(relid, "restaurant_id", restaurants);
	parent->restaurant = column_quoted(relid, parent->restaurant_attnum);
	legacy = column_require(relid, system == SYSTEM_V2 ? "legacy_v2_id" : "legacy_v1_id", InvalidOid);
	parent->source_system = quoted_column_or_null(relid, "source_system");
	parent->label = quoted_column_or_null(relid, "name");
	parent->is_active = quoted_column_or_null(relid, "is_active");
	parent->legacy_v1_attnum = column_find(relid, "legacy_v1_id");
	parent->legacy_v2_attnum = column_find(relid, "legacy_v2_id");
	parent->source_system_attnum = column_find(relid, "source_system");
	parent->is_active_attnum = column_find(relid, "is_active");
	parent->is_combo_attnum = column_find(relid, "is_combo");

	column_integer_range(column_type(relid, legacy), &unused, &parent->legacy_max);
}

/* Finds the columns that a new item gets values for, and their ranges. */
static void
find_fill_columns(Target *target)
{
	Oid			relid = target->table.oid;
	const FillColumn *column;
	int64		unused;

	target->display_order_min = PG_INT64_MIN;
	target->display_order_max = PG_INT64_MAX;
	target->source_id_max = PG_INT64_MAX;

	for (column = target->junction->fill; column->name; column++)
		target->nfill++;
	target->fill = palloc0(sizeof(TargetFill) * Max(target->nfill, 1));
	target->nfill = 0;

	for (column = target->junction->fill; column->name; column++)
	{
		AttrNumber	attnum = get_attnum(relid, column->name);
		TargetFill *fill = &target->fill[target->nfill];

		if (attnum <= 0 || column_is_generated(relid, attnum))
			continue;
		if (column->value >= FILL_ONE && column_has_default(relid, attnum))
			continue;

		fill->value = column->value;
		fill->attnum = attnum;
		fill->column = pstrdup(quote_identifier(column->name));
		fill->type = column_type_name(relid, attnum);
		target->nfill++;

		if (column->value == FILL_DISPLAY_ORDER)
			column_integer_range(column_type(relid, attnum),
								 &target->display_order_min, &target->display_order_max);
		else if (column->value == FILL_SOURCE_ID)
			column_integer_range(column_type(relid, attnum), &unused, &target->source_id_max);
	}
}

static char *
quoted_column_or_null(Oid relid, const char *column)
{
	return relation_has_column(relid, column) ?
		pstrdup(quote_identifier(column)) : NULL;
}
