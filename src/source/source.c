/*-------------------------------------------------------------------------
 *
 * source.c
 *	  Reading the staged table of the old system: see source.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/scan.h"
#include "base/settings.h"
#include "base/slot.h"
#include "source/source.h"
#include "source/source_json.h"
#include "source/source_php_lists.h"
#include "source/staged_table.h"

/* Where a kind of source is staged, and what it is in the old system. */
typedef struct StagedSource
{
	const char *setting;
	char	  **table;			/* the setting's value */
	const char *old_table;
	SourceSystem system;
} StagedSource;

static const StagedSource staged_sources[] = {
	[SOURCE_ROWS] = {"menuca.source_table", &menuca_source_table, "combos", SYSTEM_V1},
	[SOURCE_PHP_LISTS] = {"menuca.combo_groups_table", &menuca_combo_groups_table,
	"combo_groups", SYSTEM_V1},
	[SOURCE_JSON_LISTS] = {"menuca.v2_group_items_table", &menuca_v2_group_items_table,
	"restaurants_combo_groups_items", SYSTEM_V2}
};

static Source *open_table(SourceKind kind, Oid relid, const SourceColumns *columns);
static Oid	find_source(SourceKind kind, const char *name, bool missing_ok);
static AttrNumber bytea_column(const Source *source, const char *column);
static AttrNumber json_column(const Source *source, const char *column);
static AttrNumber integer_column(const Source *source, const char *column,
								 const char *argument);
static void row_from_slot(TupleTableSlot *slot, void *arg);

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
		relid = find_source(SOURCE_ROWS, menuca_source_table, missing_ok);
		if (!OidIsValid(relid))
			return NULL;
	}

	source = open_table(SOURCE_ROWS, relid, columns);

	/* Complain about columns now, not in the middle of a report. */
	source->group_attnum = integer_column(source, columns->group, "group_column");
	source->dish_attnum = integer_column(source, columns->dish, "dish_column");
	source->id_attnum = integer_column(source, columns->id, "id_column");
	source->order_attnum = integer_column(source, columns->order, "order_column");

	return source;
}

Source *
source_open_by_name(const char *name, const SourceColumns *columns)
{
	return source_open(find_source(SOURCE_ROWS, name, false), columns, false);
}

Source *
source_open_lists(SourceKind kind, Oid relid, const SourceColumns *columns)
{
	Source	   *source;

	if (!OidIsValid(relid))
		relid = find_source(kind, *staged_sources[kind].table, false);

	source = open_table(kind, relid, columns);
	source->group_attnum = integer_column(source, columns->group, "group_column");
	if (kind == SOURCE_PHP_LISTS)
		source->dish_attnum = bytea_column(source, columns->dish);
	else
	{
		source->dish_attnum = json_column(source, columns->dish);
		source->max_step = PG_INT32_MAX;
		source->listed = source_json_begin();
	}
	return source;
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
open_table(SourceKind kind, Oid relid, const SourceColumns *columns)
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
	return scan_each(source->oid, columns, lengthof(columns), false, row_from_slot, &state);
}

void
source_raise_empty(const Source *source)
{
	const char *old_table = staged_sources[source->kind].old_table;

	if (source->kind != SOURCE_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("source table %s has no dish in any list", source->display_name),
				 errdetail("There is nothing to map: its column %s is empty in all rows.",
						   quote_identifier(source->columns.dish)),
				 errhint("Load the dump of the old system first: SELECT menuca_load_dump_lo(oid, '%s', '%s');",
						 old_table, source->display_name)));
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("source table %s is empty", source->display_name),
			 errdetail("There is nothing to map, and no orphan could be explained by it."),
			 errhint("Load the dump of the old system first: SELECT menuca_load_dump_lo(oid, '%s', '%s');",
					 old_table, source->display_name)));
}

static Oid
find_source(SourceKind kind, const char *name, bool missing_ok)
{
	const StagedSource *staged = &staged_sources[kind];
	RangeVar   *range = relation_parse_name(staged->setting, name);
	Oid			relid = RangeVarGetRelid(range, NoLock, true);

	if (!OidIsValid(relid) && !missing_ok)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source table %s does not exist", name),
				 errdetail("No source was named, so the setting %s was used.", staged->setting),
				 errhint("Load the dump of the old system first: SELECT menuca_load_dump_lo(oid, '%s', '%s'); or name another table: source => 'schema.table'.",
						 staged->old_table, name)));
	return relid;
}

/* The number of a column; InvalidAttrNumber when none is named. */
static AttrNumber
integer_column(const Source *source, const char *column, const char *argument)
{
	if (column == NULL)
		return InvalidAttrNumber;
	return staged_integer_column(source->oid, "source", column,
								 source->kind == SOURCE_JSON_LISTS ?
								 "Columns are bound by name: group_id and dishes, unless said otherwise." :
								 "Columns are bound by name: id, dish, group and order, unless said otherwise.",
								 psprintf("Name the right column, such as %s => '...'.", argument));
}

/* The number of a column that holds what PHP's serialize() wrote. */
static AttrNumber
bytea_column(const Source *source, const char *column)
{
	AttrNumber	attnum = get_attnum(source->oid, column);

	if (attnum <= 0 || getBaseType(get_atttype(source->oid, attnum)) != BYTEAOID)
		ereport(ERROR,
				(errcode(attnum <= 0 ? ERRCODE_UNDEFINED_COLUMN : ERRCODE_DATATYPE_MISMATCH),
				 errmsg("source table %s has no column \"%s\" of type bytea",
						source->display_name, column),
				 errdetail("Lists of dishes are blobs that PHP's serialize() wrote; as text, their lengths would be wrong."),
				 errhint("Load the dump with menuca_load_dump, or name the right column: dish_column => '...'.")));
	return attnum;
}

/* The number of a column that holds JSON, as such or as text. */
static AttrNumber
json_column(const Source *source, const char *column)
{
	AttrNumber	attnum = get_attnum(source->oid, column);
	Oid			type = attnum > 0 ? getBaseType(get_atttype(source->oid, attnum)) : InvalidOid;

	if (type != JSONOID && type != JSONBOID && type != TEXTOID && type != VARCHAROID)
		ereport(ERROR,
				(errcode(attnum <= 0 ? ERRCODE_UNDEFINED_COLUMN : ERRCODE_DATATYPE_MISMATCH),
				 errmsg("source table %s has no column \"%s\" of type json, jsonb, text or varchar",
						source->display_name, column),
				 errdetail("V2's lists of dishes are JSON, such as [\"149|0\", \"143\"]."),
				 errhint("Load the dump with menuca_load_dump, or name the right column: dish_column => '...'.")));
	return attnum;
}

static void
row_from_slot(TupleTableSlot *slot, void *arg)
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
