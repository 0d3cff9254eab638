/*-------------------------------------------------------------------------
 *
 * source.c
 *	  Reading the staged table of the old system: see source.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/varlena.h"

#include "compat.h"
#include "query.h"
#include "scan.h"
#include "settings.h"
#include "source.h"
#include "target.h"

static Oid	find_source(const char *name, bool missing_ok);
static void require_table(Oid relid);
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
		relid = find_source(menuca_source_table, missing_ok);
		if (!OidIsValid(relid))
			return NULL;
	}

	require_table(relid);
	source = palloc0(sizeof(Source));
	source->oid = relid;
	source->name = relation_quoted_name(relid);
	source->display_name = relation_display_name(relid);
	source->columns = *columns;
	relation_require(relid, ACL_SELECT);

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
	return source_open(find_source(name, false), columns, false);
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

	return scan_each(source->oid, columns, lengthof(columns), false, row_from_slot, &state);
}

void
source_raise_empty(const Source *source)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("source table %s is empty", source->display_name),
			 errdetail("There is nothing to map, and no orphan could be explained by it."),
			 errhint("Load the dump of the old system first: SELECT menuca_load_dump_lo(oid, 'combos', '%s');",
					 source->display_name)));
}

static Oid
find_source(const char *name, bool missing_ok)
{
	RangeVar   *range = parse_table_name("menuca.source_table", name);
	Oid			relid = RangeVarGetRelid(range, NoLock, true);

	if (!OidIsValid(relid) && !missing_ok)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source table %s does not exist", name),
				 errdetail("No source was named, so the setting menuca.source_table was used."),
				 errhint("Load the dump of the old system first: SELECT menuca_load_dump_lo(oid, 'combos', '%s'); or name another table: source => 'schema.table'.",
						 name)));
	return relid;
}

/* Locks the relation; a view, an index or a sequence is refused. */
static void
require_table(Oid relid)
{
	char		relkind;

	LockRelationOid(relid, AccessShareLock);
	relkind = get_rel_relkind(relid);
	if (relkind == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("source table with OID %u does not exist", relid),
				 errdetail("It was dropped, or the number is no table's."),
				 errhint("Name the table: source => 'schema.table'.")));
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE &&
		relkind != RELKIND_FOREIGN_TABLE && relkind != RELKIND_MATVIEW)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("source %s is not a table", relation_display_name(relid)),
				 errdetail_relkind_not_supported(relkind),
				 errhint("Load the dump into a staging table and name that table.")));
}

/*
 * The number of a column that holds integers; InvalidAttrNumber when none is
 * named.
 */
static AttrNumber
integer_column(const Source *source, const char *column, const char *argument)
{
	AttrNumber	attnum;
	Oid			type;

	if (column == NULL)
		return InvalidAttrNumber;

	attnum = get_attnum(source->oid, column);
	if (attnum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("source table %s has no column \"%s\"",
						source->display_name, column),
				 errdetail("Columns are bound by name: id, dish, group and order, unless said otherwise."),
				 errhint("Name the right column, such as %s => '...'.", argument)));

	type = getBaseType(get_atttype(source->oid, attnum));
	if (type != INT2OID && type != INT4OID && type != INT8OID && type != NUMERICOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of source table %s is of type %s, not an integer",
						column, source->display_name, format_type_be(type)),
				 errdetail("Ids are compared as numbers; text would have to be guessed at."),
				 errhint("Load the dump into a new table, or ALTER TABLE %s ALTER COLUMN %s TYPE bigint USING %s::bigint;",
						 source->name, quote_identifier(column), quote_identifier(column))));
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
