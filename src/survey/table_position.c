/*-------------------------------------------------------------------------
 *
 * table_position.c
 *	  Where dining tables stand: see table_position.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/query.h"
#include "base/slot.h"
#include "seating/users_column.h"
#include "survey/table_position.h"

/* A row: a dining table's id, and what its position says. */
typedef struct PositionRow
{
	pg_uuid_t	id;
	bool		is_null;
	bool		is_readable;
	TablePosition position;
} PositionRow;

static char *position_expression(const FloorReader *reader);
static void *make_position_row(TupleTableSlot *slot);
static bool read_table_coordinate(Jsonb *position, const char *key, double *value);
static int	compare_row_places(const ListCell *a, const ListCell *b);
static int	compare_positions(const void *a, const void *b, void *arg);


TablePositions *
table_position_read(const FloorReader *reader)
{
	TablePositions *read = palloc0(sizeof(TablePositions));
	const Floor *floor = &reader->floor;
	QueryArgs	args = {0};
	List	   *rows;
	ListCell   *lc;

	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	rows = query_list(psprintf("SELECT t.id, %s FROM %s t WHERE t.restaurant_id = $1 AND t.active AND t.zone_id IS NOT NULL",
							   position_expression(reader), reader->schema->dining_tables), &args, make_position_row);
	read->positions = palloc((list_length(rows) + 1) * sizeof(TablePosition));
	foreach(lc, rows)
	{
		PositionRow *row = lfirst(lc);
		int			table = floor_reader_table(reader, &row->id);

		/* The place, until the lists of numbers are made in that order. */
		row->position.table = table < 0 || floor->tables[table].zone < 0 ? -1 : floor->place[table];
	}
	list_sort(rows, compare_row_places);
	foreach(lc, rows)
	{
		const PositionRow *row = lfirst(lc);
		TablePosition *position = &read->positions[read->n];

		if (row->position.table < 0)
			continue;
		*position = row->position;
		position->table = floor->order[row->position.table];
		if (row->is_readable)
			read->n++;
		else
			survey_text_add(row->is_null ? &read->none : &read->unreadable, floor->tables[position->table].number);
	}
	qsort_arg(read->positions, read->n, sizeof(TablePosition), compare_positions, unconstify(FloorReader *, reader));
	return read;
}

static char *
position_expression(const FloorReader *reader)
{
	Oid			type = users_column_type("table_inventory", "position");

	if (type == JSONBOID || type == JSONOID)
		return "t.position::pg_catalog.jsonb";
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("%s has no column position of type jsonb", reader->schema->dining_tables),
			 errdetail("Neighbors are found from where dining tables stand: objects with the numbers x and y."),
			 errhint("ALTER TABLE %s ADD COLUMN position jsonb;", reader->schema->dining_tables)));
}

static void *
make_position_row(TupleTableSlot *slot)
{
	PositionRow *row = palloc0(sizeof(PositionRow));
	Jsonb	   *position;

	row->id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	row->is_null = slot->tts_isnull[1];
	if (row->is_null)
		return row;
	position = DatumGetJsonbP(slot_datum(slot, 1, JSONBOID));
	row->is_null = JB_ROOT_IS_SCALAR(position) && JB_ROOT_COUNT(position) == 1 &&
		strcmp(JsonbToCString(NULL, &position->root, VARSIZE(position)), "null") == 0;
	row->is_readable = JB_ROOT_IS_OBJECT(position) &&
		read_table_coordinate(position, "x", &row->position.x) && read_table_coordinate(position, "y", &row->position.y);
	return row;
}

/* What is beyond a double is no place in a room. */
static bool
read_table_coordinate(Jsonb *position, const char *key, double *value)
{
	JsonbValue	found;
	char	   *text = NULL;
	char	   *end;

	if (getKeyJsonValueFromContainer(&position->root, key, (int) strlen(key), &found) == NULL)
		return false;
	if (found.type == jbvNumeric)
		text = numeric_normalize(found.val.numeric);
	else if (found.type == jbvString)
		text = pnstrdup(found.val.string.val, found.val.string.len);
	if (text == NULL || *text == '\0' || isspace((unsigned char) *text))
		return false;
	*value = strtod(text, &end);
	return *end == '\0' && isfinite(*value);
}

static int
compare_row_places(const ListCell *a, const ListCell *b)
{
	return ((const PositionRow *) lfirst(a))->position.table - ((const PositionRow *) lfirst(b))->position.table;
}

/* By zone, then x; of two in a line the one with the smaller place. */
static int
compare_positions(const void *a, const void *b, void *arg)
{
	const Floor *floor = &((const FloorReader *) arg)->floor;
	const TablePosition *first = a;
	const TablePosition *second = b;
	int			zones = floor->tables[first->table].zone - floor->tables[second->table].zone;

	if (zones != 0)
		return zones;
	if (first->x != second->x)
		return first->x < second->x ? -1 : 1;
	return floor->place[first->table] - floor->place[second->table];
}
