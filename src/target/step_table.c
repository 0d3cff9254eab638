/*-------------------------------------------------------------------------
 *
 * step_table.c
 *	  The table of the combo steps: see step_table.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/column.h"
#include "target/step_table.h"

static Oid	find_step_table(const Target *target);
static void find_text_column(Oid relid, const char *name, char **column,
							 char **type, int *length);
static void find_extra_columns(StepTable *steps, SourceSystem system);
static void add_extra_column(StepTable *steps, const char *column, bool keep_default,
							 const char *value);


bool
step_table_exists(const Target *target)
{
	return OidIsValid(find_step_table(target));
}

int64
step_table_greatest(const Target *target)
{
	Oid			relid = find_step_table(target);
	AttrNumber	attnum = OidIsValid(relid) ? column_find(relid, "step_number") : InvalidAttrNumber;
	int64		greatest = PG_INT32_MAX;
	int64		unused;

	if (attnum != InvalidAttrNumber)
		column_integer_range(column_type(relid, attnum), &unused, &greatest);
	return Min(greatest, PG_INT32_MAX);
}

StepTable *
step_table_open(const Target *target, AclMode rights)
{
	StepTable  *steps = palloc0(sizeof(StepTable));
	AttrNumber	attnum;
	Oid			relid;

	keyed_table_open(&steps->table, target->schema, target->junction->step_table, rights);
	relid = steps->table.oid;

	attnum = column_require(relid, "combo_item_id", target->table.oid);
	steps->item = column_quoted(relid, attnum);
	steps->item_type = column_type_name(relid, attnum);
	attnum = column_require(relid, "step_number", InvalidOid);
	steps->step = column_quoted(relid, attnum);
	steps->step_type = column_type_name(relid, attnum);
	find_text_column(relid, "suffix", &steps->suffix, &steps->suffix_type, &steps->suffix_length);
	find_text_column(relid, "step_label", &steps->label, &steps->label_type, &steps->label_length);
	find_extra_columns(steps, target->system);
	return steps;
}

static Oid
find_step_table(const Target *target)
{
	Oid			relid = InvalidOid;
	char		relkind;

	if (target->junction->step_table)
		relid = get_relname_relid(target->junction->step_table,
								  get_namespace_oid(target->schema, false));
	if (!OidIsValid(relid))
		return InvalidOid;
	relkind = get_rel_relkind(relid);
	return relkind == RELKIND_RELATION || relkind == RELKIND_PARTITIONED_TABLE ?
		relid : InvalidOid;
}

/* Sizes and labels are text, so a column of another type is not for them. */
static void
find_text_column(Oid relid, const char *name, char **column, char **type, int *length)
{
	AttrNumber	attnum = column_find(relid, name);
	Oid			base_type;
	int32		typmod;

	if (attnum == InvalidAttrNumber || column_is_generated(relid, attnum))
		return;
	base_type = column_base_type(relid, attnum, &typmod);
	if (base_type != TEXTOID && base_type != VARCHAROID && base_type != BPCHAROID)
		return;

	*column = column_quoted(relid, attnum);
	*type = column_type_name(relid, attnum);
	*length = base_type == TEXTOID || typmod < 0 ? -1 : typmod - VARHDRSZ;
}

/* As in items, dates and uuids are filled only when they have no default. */
static void
find_extra_columns(StepTable *steps, SourceSystem system)
{
	steps->extra_columns = "";
	steps->extra_values = "";
	add_extra_column(steps, "source_system", false, quote_literal_cstr(source_system_name(system)));
	add_extra_column(steps, "created_at", true, "pg_catalog.now()");
	add_extra_column(steps, "uuid", true, "pg_catalog.gen_random_uuid()");
}

static void
add_extra_column(StepTable *steps, const char *column, bool keep_default, const char *value)
{
	Oid			relid = steps->table.oid;
	AttrNumber	attnum = column_find(relid, column);

	if (attnum == InvalidAttrNumber || column_is_generated(relid, attnum) ||
		(keep_default && column_has_default(relid, attnum)))
		return;
	steps->extra_columns = psprintf("%s, %s", steps->extra_columns, column_quoted(relid, attnum));
	steps->extra_values = psprintf("%s, (%s)::%s", steps->extra_values, value,
								   column_type_name(relid, attnum));
}
