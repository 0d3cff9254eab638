/*-------------------------------------------------------------------------
 *
 * source.c
 *	  The source: see source.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/column.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/relation.h"
#include "base/scan.h"
#include "base/settings.h"
#include "base/slot.h"
#include "source/source.h"
#include "source/source_json.h"
#include "source/source_php_lists.h"
#include "source/staged_table.h"

/* The staged table of a kind of source, and its table in the old system. */
typedef struct StagedSource
{
	const char *setting;
	char	  **table;			/* the setting's value */
	const char *old_table;
	const char *default_columns;	/* for messages */
	SourceColumns defaults;		/* of the functions' arguments */
	SourceSystem system;
} StagedSource;

static const StagedSource staged_sources[] = {
	[SOURCE_ROWS] = {
		.setting = "menuca.source_table",
		.table = &menuca_source_table,
		.old_table = "combos",
		.default_columns = "id, dish, group and order",
		.defaults = {.id = "id",.dish = "dish",.group = "group",.order = "order"},
		.system = SYSTEM_V1
	},
	[SOURCE_PHP_LISTS] = {
		.setting = "menuca.combo_groups_table",
		.table = &menuca_combo_groups_table,
		.old_table = "combo_groups",
		.default_columns = "id and dish",
		.defaults = {.dish = "dish",.group = "id"},
		.system = SYSTEM_V1
	},
	[SOURCE_JSON_LISTS] = {
		.setting = "menuca.v2_group_items_table",
		.table = &menuca_v2_group_items_table,
		.old_table = "restaurants_combo_groups_items",
		.default_columns = "group_id and dishes",
		.defaults = {.dish = "dishes",.group = "group_id"},
		.system = SYSTEM_V2
	}
};

static Source *open_staged_table(SourceKind kind, Oid relid, const SourceColumns *columns);
static Oid	find_setting_table(SourceKind kind, bool missing_ok);
static SourceKind kind_of_table(Oid relid, const SourceColumns *columns);
static void append_columns(StringInfo arguments, const Source *source, const char *of_dishes);
static void append_argument(StringInfo arguments, const char *name, const char *value,
							const char *default_value);
static AttrNumber php_list_column(const Source *source, const char *column);
static AttrNumber json_list_column(const Source *source, const char *column);
static AttrNumber integer_column(const Source *source, const char *column,
								 const char *argument);
static void pass_row(TupleTableSlot *slot, void *arg);

/* State of source_read(). */
typedef struct ReadState
{
	SourceRowFn fn;
	void	   *arg;
} ReadState;


Source *
source_open(Oid relid, const SourceColumns *columns, bool missing_ok)
{
	Source	   *source;

	if (!OidIsValid(relid))
	{
		relid = find_setting_table(SOURCE_ROWS, missing_ok);
		if (!OidIsValid(relid))
			return NULL;
	}

	source = open_staged_table(SOURCE_ROWS, relid, columns);

	/* Errors about columns are raised here, before anything is reported. */
	source->group_attnum = integer_column(source, columns->group, "group_column");
	source->dish_attnum = integer_column(source, columns->dish, "dish_column");
	source->id_attnum = integer_column(source, columns->id, "id_column");
	source->order_attnum = integer_column(source, columns->order, "order_column");

	return source;
}

Source *
source_open_of_run(int64 run_id, const char *name, const SourceColumns *columns)
{
	Oid			relid = RangeVarGetRelid(relation_parse_name("source", name), NoLock, true);

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source table %s does not exist", name),
				 errdetail("Run %lld read it; it was dropped or renamed since. Nothing was changed.",
						   (long long) run_id),
				 errhint("%s", migrate_call("Load the same dump into it again: %s; then CALL menuca_resume(%lld, dry_run => false); or undo the run: SELECT * FROM menuca_rollback(%lld, dry_run => false);",
											staged_load_call(staged_sources[SOURCE_ROWS].old_table, name),
											(long long) run_id, (long long) run_id))));
	return source_open(relid, columns, false);
}

Source *
source_open_lists(SourceKind kind, Oid relid, const SourceColumns *columns)
{
	Source	   *source;

	if (!OidIsValid(relid))
		relid = find_setting_table(kind, false);

	source = open_staged_table(kind, relid, columns);
	source->group_attnum = integer_column(source, columns->group, "group_column");
	if (kind == SOURCE_PHP_LISTS)
		source->dish_attnum = php_list_column(source, columns->dish);
	else
	{
		source->dish_attnum = json_list_column(source, columns->dish);
		source->max_step = PG_INT32_MAX;
		source->listed = source_json_begin();
	}
	return source;
}

Source *
source_open_any(Oid relid, const SourceColumns *columns)
{
	SourceKind	kind = OidIsValid(relid) ? kind_of_table(relid, columns) : SOURCE_ROWS;
	SourceColumns of_lists = *columns;

	if (kind == SOURCE_ROWS)
		return source_open(relid, columns, false);

	/* The arguments have the names, and the defaults, of columns of rows. */
	if (strcmp(columns->group, staged_sources[SOURCE_ROWS].defaults.group) == 0)
		of_lists.group = staged_sources[kind].defaults.group;
	if (get_attnum(relid, columns->dish) == InvalidAttrNumber)
		of_lists.dish = staged_sources[kind].defaults.dish;
	of_lists.id = of_lists.order = NULL;
	return source_open_lists(kind, relid, &of_lists);
}

/* Outside of the settings' tables, the type of the column of dishes tells whether it holds ids or lists. */
static SourceKind
kind_of_table(Oid relid, const SourceColumns *columns)
{
	AttrNumber	attnum = get_attnum(relid, columns->dish);
	bool		is_default = strcmp(columns->dish, staged_sources[SOURCE_ROWS].defaults.dish) == 0;

	for (int kind = SOURCE_PHP_LISTS; kind <= SOURCE_JSON_LISTS; kind++)
	{
		if (relid == find_setting_table((SourceKind) kind, true))
			return (SourceKind) kind;
	}
	if (attnum == InvalidAttrNumber)
		return is_default && get_attnum(relid, staged_sources[SOURCE_JSON_LISTS].defaults.dish) > 0 ?
			SOURCE_JSON_LISTS : SOURCE_ROWS;
	switch (column_base_type(relid, attnum, NULL))
	{
		case BYTEAOID:
			return SOURCE_PHP_LISTS;
		case JSONOID:
		case JSONBOID:
			return SOURCE_JSON_LISTS;
		case TEXTOID:
		case VARCHAROID:
			return is_default ? SOURCE_ROWS : SOURCE_JSON_LISTS;
	}
	return SOURCE_ROWS;
}

char *
source_call_arguments(const Source *source)
{
	StringInfoData arguments;

	/* A setting that is written in another way only makes the call longer. */
	initStringInfo(&arguments);
	append_argument(&arguments, "source", source->name, *staged_sources[source->kind].table);
	append_columns(&arguments, source, source->kind == SOURCE_ROWS ? "dish_column" : "list_column");
	return arguments.data;
}

char *
source_any_arguments(const Source *source)
{
	StringInfoData arguments;

	initStringInfo(&arguments);
	append_argument(&arguments, "source", source->name, source->kind == SOURCE_ROWS ? menuca_source_table : NULL);
	append_columns(&arguments, source, "dish_column");
	return arguments.data;
}

static void
append_columns(StringInfo arguments, const Source *source, const char *of_dishes)
{
	const StagedSource *staged = &staged_sources[source->kind];

	append_argument(arguments, "id_column", source->columns.id, staged->defaults.id);
	append_argument(arguments, of_dishes, source->columns.dish, staged->defaults.dish);
	append_argument(arguments, "group_column", source->columns.group, staged->defaults.group);
	append_argument(arguments, "order_column", source->columns.order, staged->defaults.order);
}

/* Appends an argument unless it has its default. */
static void
append_argument(StringInfo arguments, const char *name, const char *value, const char *default_value)
{
	if (value == default_value || (value && default_value && strcmp(value, default_value) == 0))
		return;
	format_append(arguments, ", ", "%s => %s", name, value ? quote_literal_cstr(value) : "NULL");
}

char *
source_load_hint(const Source *source)
{
	return psprintf("Load the old system's dump first: %s.",
					staged_load_call(staged_sources[SOURCE_ROWS].old_table,
									 source ? source->name : menuca_source_table));
}

Oid
source_find_v2(void)
{
	const StagedSource *staged = &staged_sources[SOURCE_JSON_LISTS];

	return staged_table_find(staged->setting, *staged->table);
}

SourceSystem
source_kind_system(SourceKind kind)
{
	return staged_sources[kind].system;
}

static Source *
open_staged_table(SourceKind kind, Oid relid, const SourceColumns *columns)
{
	Source	   *source = palloc0(sizeof(Source));

	staged_table_require(relid, "source");
	source->oid = relid;
	source->kind = kind;
	source->system = source_kind_system(kind);
	source->name = relation_quoted_name(relid);
	source->display_name = relation_display_name(relid);
	source->columns = *columns;
	return source;
}

uint64
source_read(const Source *source, SourceRowFn fn, void *arg)
{
	ReadState	state = {fn, arg};
	ScanColumn	columns[] = {
		{source->id_attnum, SCAN_INT8},
		{source->dish_attnum, SCAN_INT8},
		{source->group_attnum, SCAN_INT8},
		{source->order_attnum, SCAN_INT8}
	};

	if (source->kind == SOURCE_PHP_LISTS)
		return source_php_lists_read(source, fn, arg);
	if (source->kind == SOURCE_JSON_LISTS)
		return source_json_read(source, fn, arg);
	return scan_each(source->oid, columns, lengthof(columns), false, pass_row, &state);
}

void
source_raise_empty(const Source *source)
{
	char	   *load_call = staged_load_call(staged_sources[source->kind].old_table, source->name);

	if (source->kind != SOURCE_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("source table %s has no dish in any list", source->display_name),
				 errdetail("There is nothing to map: its column %s is empty in all rows.",
						   quote_identifier(source->columns.dish)),
				 errhint("Load the old system's dump first: %s.", load_call)));
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("source table %s is empty", source->display_name),
			 errdetail("There is nothing to map, and nothing to explain orphans with."),
			 errhint("Load the old system's dump first: %s.", load_call)));
}

/* The table that the setting names; missing_ok: InvalidOid if there is none. */
static Oid
find_setting_table(SourceKind kind, bool missing_ok)
{
	const StagedSource *staged = &staged_sources[kind];
	const char *name = *staged->table;
	RangeVar   *range = relation_parse_name(staged->setting, name);
	Oid			relid = RangeVarGetRelid(range, NoLock, true);

	if (!OidIsValid(relid) && !missing_ok)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source table %s does not exist", name),
				 errdetail("No source was named, so the setting %s was used.", staged->setting),
				 errhint("Load the old system's dump first: %s; or name another table: source => 'schema.table'.",
						 staged_load_call(staged->old_table, name))));
	return relid;
}

/* A column of integers; InvalidAttrNumber when none is named. */
static AttrNumber
integer_column(const Source *source, const char *column, const char *argument)
{
	if (column == NULL)
		return InvalidAttrNumber;
	return staged_integer_column(source->oid, "source", column,
								 psprintf("Columns are matched by name: %s by default.",
										  staged_sources[source->kind].default_columns),
								 psprintf("Name the right column: %s => '...'.", argument));
}

/* A column of lists that PHP's serialize() wrote. */
static AttrNumber
php_list_column(const Source *source, const char *column)
{
	AttrNumber	attnum = get_attnum(source->oid, column);

	if (attnum <= 0 || column_base_type(source->oid, attnum, NULL) != BYTEAOID)
		ereport(ERROR,
				(errcode(attnum <= 0 ? ERRCODE_UNDEFINED_COLUMN : ERRCODE_DATATYPE_MISMATCH),
				 errmsg("source table %s has no column \"%s\" of type bytea",
						source->display_name, column),
				 errdetail("Lists of dishes are blobs that PHP's serialize() wrote. In a text column, the lengths in them would be wrong. The table has: %s.",
						   column_names(source->oid)),
				 errhint("%s", migrate_call("Load the dump with menuca_load_dump, or name the right column: list_column => '...'."))));
	return attnum;
}

/* A column of lists in JSON, also as text. */
static AttrNumber
json_list_column(const Source *source, const char *column)
{
	AttrNumber	attnum = get_attnum(source->oid, column);
	Oid			type = attnum > 0 ? column_base_type(source->oid, attnum, NULL) : InvalidOid;

	if (type != JSONOID && type != JSONBOID && type != TEXTOID && type != VARCHAROID)
		ereport(ERROR,
				(errcode(attnum <= 0 ? ERRCODE_UNDEFINED_COLUMN : ERRCODE_DATATYPE_MISMATCH),
				 errmsg("source table %s has no column \"%s\" of type json, jsonb, text or varchar",
						source->display_name, column),
				 errdetail("V2's lists of dishes are JSON, such as [\"149|0\", \"143\"]. The table has: %s.",
						   column_names(source->oid)),
				 errhint("%s", migrate_call("Load the dump with menuca_load_dump, or name the right column: list_column => '...'."))));
	return attnum;
}

/* Calls the reader's function with a row of the scan. */
static void
pass_row(TupleTableSlot *slot, void *arg)
{
	ReadState  *state = arg;
	SourceRow	row = {0};

	row.has_id = !slot->tts_isnull[0];
	row.has_dish = !slot->tts_isnull[1];
	row.has_group = !slot->tts_isnull[2];
	if (row.has_id)
		row.id = slot_int8(slot, 0);
	if (row.has_dish)
		row.dish = slot_int8(slot, 1);
	if (row.has_group)
		row.group = slot_int8(slot, 2);
	if (!slot->tts_isnull[3])
		row.order = slot_int8(slot, 3);

	state->fn(&row, state->arg);
}
