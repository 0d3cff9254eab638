/*-------------------------------------------------------------------------
 *
 * table_counts.c
 *	  Counting the tables of the migrated schema: see table_counts.h.
 *
 * menuca_table_counts()
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "base/blank.h"
#include "base/column.h"
#include "base/format.h"
#include "base/json.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/settings.h"
#include "base/slot.h"
#include "target/keyed_table.h"
#include "target/row_prints.h"
#include "target/safeguards.h"
#include "target/table_counts.h"

PG_FUNCTION_INFO_V1(menuca_table_counts);

const char *const table_counts_tables[] = {
	"restaurants", "courses", "dishes", "combo_groups", "combo_items",
	"combo_steps", "ingredients", "users", "ingredient_groups", "ingredient_group_items",
	"combo_group_modifier_pricing", "dish_modifiers", "dish_combo_groups"
};
const int	table_counts_ntables = lengthof(table_counts_tables);

static const char *const state_names[ROW_STATES] = {
	"active", "named", "priced", "ruled", "linked"
};

static char *state_condition(Oid relid, RowState state);
static char *priced_condition(Oid relid);
static bool column_is_of(Oid relid, const char *column, Oid type);
static bool status_can_be_active(Oid relid);
static bool has_states(const char *table);
static bool has_prints(const char *table);
static void store_counts(TupleTableSlot *slot, void *arg);
static char *restaurants_with_menus(Oid dishes);


/*
 * menuca_table_counts(): an object per table that exists and that the caller may
 * read, by its name.
 */
Datum
menuca_table_counts(pg_attribute_unused() PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(table_counts());
}

Datum
table_counts(void)
{
	StringInfoData all;

	initStringInfo(&all);
	json_begin(&all);
	for (int i = 0; i < table_counts_ntables; i++)
	{
		const char *table = table_counts_tables[i];

		if (table_counts_is_readable(menuca_target_schema, table))
			json_raw(&all, table, table_counts_json(menuca_target_schema, table));
	}
	json_end(&all);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(all.data));
}

const char *
table_counts_state_name(RowState state)
{
	return state_names[state];
}

bool
table_counts_is_readable(const char *schema, const char *table)
{
	Oid			namespace = get_namespace_oid(schema, true);
	Oid			relid = OidIsValid(namespace) ? get_relname_relid(table, namespace) : InvalidOid;
	char		relkind = OidIsValid(relid) ? get_rel_relkind(relid) : 0;

	return (relkind == RELKIND_RELATION || relkind == RELKIND_PARTITIONED_TABLE) &&
		relation_may(relid, ACL_SELECT) &&
		check_enable_rls(relid, InvalidOid, true) != RLS_ENABLED;
}

void
table_counts_take(const char *schema, const char *table, const int64 *max_id,
				  bool with_states, TableCounts *counts)
{
	Oid			relid = target_table_oid(schema, table);
	bool		has_id = relation_key_column(relid) != InvalidAttrNumber;
	char	   *id = has_id ? column_quoted(relid, relation_key_column(relid)) : NULL;
	QueryArgs	args = {0};
	StringInfoData sql;

	memset(counts, 0, sizeof(TableCounts));
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT count(*), %s", has_id ? psprintf("max(t.%s)::int8", id) : "NULL::int8");
	for (int i = 0; i < ROW_STATES; i++)
	{
		char	   *condition = with_states ? state_condition(relid, (RowState) i) : NULL;

		if (condition)
			appendStringInfo(&sql, ", count(*) FILTER (WHERE %s)", condition);
		else
			appendStringInfoString(&sql, ", NULL::int8");
	}
	appendStringInfo(&sql, " FROM %s t", relation_quoted_name(relid));
	if (max_id && has_id)
	{
		query_arg_int8(&args, *max_id);
		appendStringInfo(&sql, " WHERE t.%s <= $1", id);
	}
	query_each(sql.data, &args, store_counts, counts);
}

static void
store_counts(TupleTableSlot *slot, void *arg)
{
	TableCounts *counts = arg;

	counts->rows = slot_int8(slot, 0);
	counts->has_max_id = !slot->tts_isnull[1];
	counts->max_id = counts->has_max_id ? slot_int8(slot, 1) : 0;
	for (int i = 0; i < ROW_STATES; i++)
	{
		counts->has_state[i] = !slot->tts_isnull[2 + i];
		counts->in_state[i] = counts->has_state[i] ? slot_int8(slot, 2 + i) : 0;
	}
}

char *
table_counts_condition(const char *schema, const char *table, RowState state)
{
	return state_condition(target_table_oid(schema, table), state);
}

static char *
state_condition(Oid relid, RowState state)
{
	switch (state)
	{
		case ROWS_ACTIVE:
			return column_is_of(relid, "is_active", BOOLOID) ? "t.is_active" :
				status_can_be_active(relid) ? "t.status = 'active'" : NULL;
		case ROWS_NAMED:
			return column_is_of(relid, "name", TEXTOID) || column_is_of(relid, "name", VARCHAROID) ?
				psprintf("ascii(t.name) BETWEEN 33 AND 126 OR btrim(t.name, %s) <> ''", blank_characters()) : NULL;
		case ROWS_PRICED:
			return priced_condition(relid);
		case ROWS_RULED:
			return column_is_of(relid, "combo_rules", JSONBOID) ? "t.combo_rules ? 'item_count'" : NULL;
		case ROWS_LINKED:
			return relation_has_column(relid, "legacy_v1_id") && relation_has_column(relid, "legacy_v2_id") ?
				"t.legacy_v1_id IS NOT NULL OR t.legacy_v2_id IS NOT NULL" : NULL;
	}
	return NULL;
}

/*
 * A dish has a price, or prices by size, of which one is positive; other tables
 * have their own columns for it.  NaN is greater than all numbers.
 */
static char *
priced_condition(Oid relid)
{
	static const char *const columns[] = {"base_price", "combo_price", "prices"};
	StringInfoData any;

	initStringInfo(&any);
	for (size_t i = 0; i < lengthof(columns); i++)
	{
		if (column_is_of(relid, columns[i], NUMERICOID))
			format_append(&any, " OR ", "t.%1$s > 0 AND t.%1$s < 'Infinity'", columns[i]);
		else if (column_is_of(relid, columns[i], JSONBOID))
			format_append(&any, " OR ", "jsonb_path_exists(t.%s, 'lax $.** ? (@.type() == \"number\" && @ > 0"
						  " || @.type() == \"string\" && @ like_regex \"[1-9]\")')", columns[i]);
	}
	return any.len > 0 ? any.data : NULL;
}

/* Only columns of the server's own types are looked at. */
static bool
column_is_of(Oid relid, const char *column, Oid type)
{
	AttrNumber	attnum = column_find(relid, column);

	return attnum != InvalidAttrNumber && column_type(relid, attnum) == type;
}

/* A restaurant has no is_active, but a status, an enum. */
static bool
status_can_be_active(Oid relid)
{
	AttrNumber	attnum = column_find(relid, "status");
	Oid			type = attnum != InvalidAttrNumber ? column_type(relid, attnum) : InvalidOid;

	return OidIsValid(type) && get_typtype(type) == TYPTYPE_ENUM &&
		SearchSysCacheExists2(ENUMTYPOIDNAME, ObjectIdGetDatum(type), CStringGetDatum("active"));
}

char *
table_counts_json(const char *schema, const char *table)
{
	TableCounts counts;
	StringInfoData buf;

	table_counts_take(schema, table, NULL, has_states(table), &counts);
	initStringInfo(&buf);
	json_begin(&buf);
	json_text(&buf, "table", table);
	json_text(&buf, "schema", schema);
	json_raw(&buf, "rows", psprintf(INT64_FORMAT, counts.rows));
	if (counts.has_max_id)
		json_raw(&buf, "max_id", psprintf(INT64_FORMAT, counts.max_id));
	for (int i = 0; i < ROW_STATES; i++)
	{
		if (counts.has_state[i])
			json_raw(&buf, state_names[i], psprintf(INT64_FORMAT, counts.in_state[i]));
	}
	if (has_prints(table))
	{
		RowPrints	prints;
		StringInfoData json;

		row_prints_take(schema, table, NULL, row_prints_sample_bits(counts.rows), &prints);
		initStringInfo(&json);
		row_prints_json(&prints, &json);
		json_raw(&buf, "prints", json.data);
	}
	safeguards_json(target_table_oid(schema, table), &buf);
	if (strcmp(table, "dishes") == 0)
		json_text(&buf, "menus", restaurants_with_menus(target_table_oid(schema, table)));
	json_end(&buf);
	return buf.data;
}

/* Of what a dish or a group is made of, the prints show as much. */
static bool
has_states(const char *table)
{
	return strcmp(table, "ingredient_groups") != 0 && strcmp(table, "ingredient_group_items") != 0 &&
		strcmp(table, "combo_group_modifier_pricing") != 0 && strcmp(table, "dish_modifiers") != 0;
}

/*
 * The ledger has every row of the items and their steps; users and what ingredient
 * groups consist of are no menu, many, and only counted.
 */
static bool
has_prints(const char *table)
{
	return strcmp(table, "combo_items") != 0 && strcmp(table, "combo_steps") != 0 &&
		strcmp(table, "dish_combo_groups") != 0 && strcmp(table, "users") != 0 &&
		strcmp(table, "ingredient_group_items") != 0;
}

/*
 * NULL when the dishes do not say whose and whether active they are.  No range ends
 * with the greatest bigint, which is no real restaurant.
 */
static char *
restaurants_with_menus(Oid dishes)
{
	if (!(column_is_of(dishes, "restaurant_id", INT8OID) || column_is_of(dishes, "restaurant_id", INT4OID)) ||
		!column_is_of(dishes, "is_active", BOOLOID))
		return NULL;
	return query_text(psprintf("SELECT coalesce(range_agg(int8range(r.id, r.id, '[]')), '{}')::text"
							   " FROM (SELECT DISTINCT restaurant_id::int8 AS id FROM %s"
							   "  WHERE is_active AND restaurant_id < 9223372036854775807) r",
							   relation_quoted_name(dishes)), NULL);
}
