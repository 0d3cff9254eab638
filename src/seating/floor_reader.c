/*-------------------------------------------------------------------------
 *
 * floor_reader.c
 *	  Reading a restaurant's floor: see floor_reader.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/direct_access.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/floor_reader.h"
#include "seating/listed_combination.h"
#include "seating/local_time.h"
#include "seating/seating_extension.h"
#include "seating/seating_settings.h"
#include "seating/table_preference.h"

static void read_zones(FloorReader *reader);
static int	compare_zone_rows(const ListCell *a, const ListCell *b);
static void *make_zone_row(TupleTableSlot *slot);
static void read_dining_tables(FloorReader *reader);
static int	compare_dining_table_rows(const ListCell *a, const ListCell *b);
static void *make_dining_table_row(TupleTableSlot *slot);
static void read_combinations(FloorReader *reader);
static FloorEdge *read_edges(const FloorReader *reader, int *n);
static void *make_edge_row(TupleTableSlot *slot);
static TimestampTz in_calendar(TimestampTz instant, int minutes);
static int	find_id(const pg_uuid_t *ids, int n, const pg_uuid_t *id);

/* A zone. */
typedef struct ZoneRow
{
	pg_uuid_t	id;
	char	   *name;
	bool		active;
} ZoneRow;

/* A dining table. */
typedef struct DiningTableRow
{
	pg_uuid_t	id;
	bool		has_zone;
	pg_uuid_t	zone;
	DiningTable table;
} DiningTableRow;

/* Two ids of table_adjacencies. */
typedef struct EdgeRow
{
	pg_uuid_t	a;
	pg_uuid_t	b;
} EdgeRow;


FloorReader *
floor_reader_read(const pg_uuid_t *restaurant)
{
	return floor_reader_read_with(NULL, restaurant, NULL);
}

FloorReader *
floor_reader_read_with(const SeatingSchema *schema, const pg_uuid_t *restaurant, Jsonb *changes)
{
	FloorReader *reader = palloc0(sizeof(FloorReader));
	FloorEdge  *edges;
	int			nedges;

	reader->schema = schema ? schema : seating_schema_find();
	reader->restaurant = *restaurant;
	reader->zone = local_time_zone(reader->schema, restaurant);
	reader->settings = seating_settings_with(restaurant, changes);
	reader->floor.settings = reader->settings->floor;
	read_zones(reader);
	read_dining_tables(reader);
	read_combinations(reader);
	reader->preferences = table_preference_all(reader->schema, restaurant);
	edges = read_edges(reader, &nedges);
	floor_finish(&reader->floor, edges, nedges);
	return reader;
}

static void
read_zones(FloorReader *reader)
{
	QueryArgs	args = {.keep = true};
	List	   *rows;
	ListCell   *lc;
	int			n = 0;

	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	rows = query_list(psprintf("SELECT z.id, z.name, COALESCE(z.active, false) FROM %s z WHERE z.restaurant_id = $1",
							   reader->schema->zones), &args, make_zone_row);
	list_sort(rows, compare_zone_rows);
	reader->zone_ids = palloc0((list_length(rows) + 1) * sizeof(pg_uuid_t));
	reader->zone_names = palloc0((list_length(rows) + 1) * sizeof(char *));
	reader->zone_active = palloc0((list_length(rows) + 1) * sizeof(bool));
	foreach(lc, rows)
	{
		const ZoneRow *row = lfirst(lc);

		reader->zone_ids[n] = row->id;
		reader->zone_names[n] = row->name;
		reader->zone_active[n] = row->active;
		n++;
	}
	reader->floor.nzones = n;
}

/* By id, so that they are found by it. */
static int
compare_zone_rows(const ListCell *a, const ListCell *b)
{
	return memcmp(&((const ZoneRow *) lfirst(a))->id, &((const ZoneRow *) lfirst(b))->id, UUID_LEN);
}

static void *
make_zone_row(TupleTableSlot *slot)
{
	ZoneRow    *row = palloc0(sizeof(ZoneRow));

	row->id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	row->name = slot_text_or_null(slot, 1);
	row->active = slot_bool(slot, 2);
	return row;
}

/* Sorted by id, so that they are found by it. */
static void
read_dining_tables(FloorReader *reader)
{
	const SeatingSchema *schema = reader->schema;
	QueryArgs	args = {.keep = true};
	List	   *rows;
	ListCell   *lc;
	int			n = 0;

	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	rows = query_list(psprintf("SELECT t.id, t.zone_id, %s, %s, %s, COALESCE(%s, 0),"
							   " %s, %s, COALESCE(t.active, false)"
							   " FROM %s t WHERE t.restaurant_id = $1",
							   schema->table_number, schema->capacity, schema->min_party, schema->max_party, schema->movable,
							   schema->out_of_service, schema->dining_tables), &args, make_dining_table_row);
	list_sort(rows, compare_dining_table_rows);
	reader->floor.tables = palloc0((list_length(rows) + 1) * sizeof(DiningTable));
	reader->table_ids = palloc0((list_length(rows) + 1) * sizeof(pg_uuid_t));
	foreach(lc, rows)
	{
		const DiningTableRow *row = lfirst(lc);
		DiningTable *table = &reader->floor.tables[n];

		*table = row->table;
		reader->table_ids[n] = row->id;
		table->id = &reader->table_ids[n];
		table->zone = row->has_zone ? floor_reader_zone(reader, &row->zone) : FLOOR_NO_ZONE;
		table->zone_active = table->zone < 0 ? !row->has_zone : reader->zone_active[table->zone];
		n++;
	}
	reader->floor.ntables = n;
}

static int
compare_dining_table_rows(const ListCell *a, const ListCell *b)
{
	return memcmp(&((const DiningTableRow *) lfirst(a))->id, &((const DiningTableRow *) lfirst(b))->id, UUID_LEN);
}

static void *
make_dining_table_row(TupleTableSlot *slot)
{
	DiningTableRow *row = palloc0(sizeof(DiningTableRow));
	char	   *number = slot_text_or_null(slot, 2);

	row->id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	row->has_zone = !slot->tts_isnull[1];
	if (row->has_zone)
		row->zone = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	row->table.number = number ? number : "";
	row->table.capacity = slot_int4(slot, 3);
	row->table.min_party = slot_int4(slot, 4);
	row->table.max_party = slot_int4(slot, 5);
	row->table.movable = slot_bool(slot, 6);
	row->table.out_of_service = slot_bool(slot, 7);
	row->table.active = slot_bool(slot, 8);
	return row;
}

static void
read_combinations(FloorReader *reader)
{
	ListCell   *lc;
	int			n = 0;

	reader->combinations = listed_combination_all(&reader->restaurant);
	reader->floor.combinations = palloc0((list_length(reader->combinations) + 1) * sizeof(FloorCombination));
	foreach(lc, reader->combinations)
	{
		const ListedCombination *listed = lfirst(lc);
		FloorCombination *combination = &reader->floor.combinations[n++];

		combination->ntables = listed->n;
		combination->tables = palloc((listed->n + 1) * sizeof(int));
		for (int i = 0; i < listed->n; i++)
			combination->tables[i] = floor_reader_table(reader, &listed->table_ids[i]);
		combination->capacity = listed->capacity;
		combination->min_party = listed->min_party;
		combination->max_party = listed->max_party;
	}
	reader->floor.ncombinations = n;
}

/* Edges that lead to other restaurants' dining tables are none. */
static FloorEdge *
read_edges(const FloorReader *reader, int *n)
{
	QueryArgs	args = {.keep = true};
	List	   *rows = NIL;
	ListCell   *lc;
	FloorEdge  *edges;

	*n = 0;
	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	if (reader->schema->adjacencies && !direct_access_is_blank(reader->schema->adjacency_table))
		rows = query_list(psprintf("SELECT e.table_a, e.table_b FROM %s e JOIN %s t ON t.id = e.table_a"
								   " WHERE t.restaurant_id = $1 AND e.table_b IS NOT NULL",
								   reader->schema->adjacencies, reader->schema->dining_tables), &args, make_edge_row);
	edges = palloc((list_length(rows) + 1) * sizeof(FloorEdge));
	foreach(lc, rows)
	{
		const EdgeRow *row = lfirst(lc);

		edges[*n].a = floor_reader_table(reader, &row->a);
		edges[*n].b = floor_reader_table(reader, &row->b);
		(*n)++;
	}
	return edges;
}

static void *
make_edge_row(TupleTableSlot *slot)
{
	EdgeRow    *row = palloc0(sizeof(EdgeRow));

	row->a = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	row->b = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	return row;
}

BookingWindow
floor_reader_window(const FloorReader *reader, int party_size, TimestampTz start, const TimestampTz *end)
{
	int			minutes = seating_settings_turn_time(reader->settings, party_size);
	BookingWindow window;

	if (end == NULL && minutes == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("it is not known how long a party of %d stays", party_size),
				 errdetail("The booking has no end, and the setting turn_times is empty."),
				 errhint("%s", seating_call("SELECT * FROM menuca_seating_set(NULL, '{\"turn_times\": {\"2\": 60, \"4\": 75, \"6\": 85, \"8\": 90}}');"))));
	window.start = in_calendar(start, -reader->settings->buffer_before);
	window.end = in_calendar(start, minutes);
	if (end && *end > window.end)
		window.end = *end;
	window.end = in_calendar(window.end, reader->settings->buffer_after);
	return window;
}

/* The instant that is a number of minutes later. */
static TimestampTz
in_calendar(TimestampTz instant, int minutes)
{
	TimestampTz later;

	if (TIMESTAMP_NOT_FINITE(instant) || pg_add_s64_overflow(instant, minutes * USECS_PER_MINUTE, &later) || !IS_VALID_TIMESTAMP(later))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("a booking starts or ends beyond the calendar"),
				 errdetail("With its turn time and the buffers, its window must lie between the years 4714 BC and 294276."),
				 errhint("Give it a start, and an end or none, that are instants.")));
	return later;
}

bool *
floor_reader_applies(const FloorReader *reader, TimestampTz start)
{
	bool	   *applies = palloc(reader->floor.ncombinations + 1);
	ListCell   *lc;

	foreach(lc, reader->combinations)
		applies[foreach_current_index(lc)] =
		service_times_hold(&((ListedCombination *) lfirst(lc))->times, start, reader->zone);
	return applies;
}

void
floor_reader_prefer(const FloorReader *reader, TimestampTz start, bool for_walk_in,
					bool *free, int *priority, int *min_party)
{
	ListCell   *lc;

	for (int i = 0; i < reader->floor.ntables; i++)
	{
		priority[i] = reader->floor.tables[i].priority;
		min_party[i] = reader->floor.tables[i].min_party;
	}
	foreach(lc, reader->preferences)
	{
		const TablePreference *preference = lfirst(lc);
		int			index = floor_reader_table(reader, &preference->table_id);

		if (index < 0 || !service_times_hold(&preference->times, start, reader->zone))
			continue;
		priority[index] += preference->priority;
		min_party[index] = Max(min_party[index], preference->min_party);
		if (preference->walk_ins_only && !for_walk_in)
			free[index] = false;
	}
}

int
floor_reader_table(const FloorReader *reader, const pg_uuid_t *id)
{
	return find_id(reader->table_ids, reader->floor.ntables, id);
}

int
floor_reader_zone(const FloorReader *reader, const pg_uuid_t *id)
{
	return find_id(reader->zone_ids, reader->floor.nzones, id);
}

/* The server sorts uuids as memcmp() does. */
static int
find_id(const pg_uuid_t *ids, int n, const pg_uuid_t *id)
{
	int			low = 0;
	int			high = n - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = memcmp(id, &ids[middle], UUID_LEN);

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return -1;
}
