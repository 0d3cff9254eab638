/*-------------------------------------------------------------------------
 *
 * floor_state.c
 *	  A restaurant's floor at an instant: see floor_state.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/query.h"
#include "base/slot.h"
#include "page/floor_state.h"
#include "page/restaurant_name.h"
#include "seating/taken_table.h"
#include "seating/users_column.h"

/* A dining table's position, and a booking, as they are read. */
typedef struct PositionRow
{
	pg_uuid_t	table;
	TablePosition position;
} PositionRow;

typedef struct PartyRow
{
	pg_uuid_t	booking;
	bool		has_party_size;
	int			party_size;
	char	   *status;
} PartyRow;

static void read_positions(FloorState *state);
static char *position_value(const char *key, bool can_be_negative);
static void *make_drawn_position(TupleTableSlot *slot);
static void store_position_value(TupleTableSlot *slot, int column, bool *has, double *value);
static void read_parties(FloorState *state);
static List *group_parties(const Floor *floor, List *occupied);
static int	compare_parties(const ListCell *a, const ListCell *b);
static void complete_parties(FloorState *state);
static void *make_party_row(TupleTableSlot *slot);
static const PartyRow *find_party_row(List *rows, const FloorParty *party);
static void keep_those_at_table(FloorState *state);


const FloorState *
floor_state_read(const pg_uuid_t *restaurant, TimestampTz at)
{
	FloorState *state = palloc0(sizeof(FloorState));

	if (TIMESTAMP_NOT_FINITE(at) || !IS_VALID_TIMESTAMP(at + 1))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("a floor cannot be shown at infinity"),
				 errdetail("at is the instant whose bookings and holds are shown."),
				 errhint("Omit it to see the floor of now.")));
	state->at = at;
	state->reader = floor_reader_read(restaurant);
	state->name = restaurant_name(state->reader->schema, &state->reader->restaurant);
	read_positions(state);
	read_parties(state);
	return state;
}

static void
read_positions(FloorState *state)
{
	const SeatingSchema *schema = state->reader->schema;
	Oid			type = users_column_type("table_inventory", "position");
	QueryArgs	args = {0};
	List	   *rows;
	ListCell   *lc;

	state->positions = palloc0((state->reader->floor.ntables + 1) * sizeof(TablePosition));
	if (type != JSONBOID && type != JSONOID)
		return;
	query_arg(&args, UUIDOID, UUIDPGetDatum(&state->reader->restaurant), false);
	rows = query_list(psprintf("SELECT t.id, %s, %s, %s, %s, %s FROM %s t WHERE t.restaurant_id = $1",
							   position_value("x", true), position_value("y", true), position_value("width", false),
							   position_value("height", false), position_value("rotation", true), schema->dining_tables),
					  &args, make_drawn_position);
	foreach(lc, rows)
	{
		const PositionRow *row = lfirst(lc);
		int			table = floor_reader_table(state->reader, &row->table);

		if (table >= 0)
			state->positions[table] = row->position;
	}
}

/*
 * A number of at most seven digits before the point, whether it is written as one or as a
 * text; anything else is no position.
 */
static char *
position_value(const char *key, bool can_be_negative)
{
	char	   *value = psprintf("(t.\"position\" ->> '%s')", key);

	return psprintf("CASE WHEN %1$s ~ '^%2$s[0-9]{1,7}([.][0-9]{1,30})?$' THEN %1$s::pg_catalog.float8 END",
					value, can_be_negative ? "-?" : "");
}

static void *
make_drawn_position(TupleTableSlot *slot)
{
	PositionRow *row = palloc0(sizeof(PositionRow));

	row->table = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	store_position_value(slot, 1, &row->position.has_x, &row->position.x);
	store_position_value(slot, 2, &row->position.has_y, &row->position.y);
	store_position_value(slot, 3, &row->position.has_width, &row->position.width);
	store_position_value(slot, 4, &row->position.has_height, &row->position.height);
	store_position_value(slot, 5, &row->position.has_rotation, &row->position.rotation);
	row->position.has_width = row->position.has_width && row->position.width > 0;
	row->position.has_height = row->position.has_height && row->position.height > 0;
	return row;
}

static void
store_position_value(TupleTableSlot *slot, int column, bool *has, double *value)
{
	*has = !slot->tts_isnull[column];
	if (*has)
		*value = slot_float8(slot, column);
}

/* Bookings that are over had their dining tables then, too. */
static void
read_parties(FloorState *state)
{
	BookingWindow window = {state->at, state->at + 1};
	OccupiedExcept nobody = {NULL, NULL};

	query_begin_snapshot();
	state->parties = group_parties(&state->reader->floor,
								   list_concat(taken_table_find(state->reader, &window, &nobody),
											   taken_table_find_past(state->reader, &window)));
	complete_parties(state);
	query_end_snapshot();
	keep_those_at_table(state);
}

/* Each booking and each hold once, with its dining tables. */
static List *
group_parties(const Floor *floor, List *occupied)
{
	List	   *all = NIL;
	List	   *parties = NIL;
	FloorParty *last = NULL;
	ListCell   *lc;

	foreach(lc, occupied)
	{
		const Occupied *row = lfirst(lc);
		FloorParty *party = palloc0(sizeof(FloorParty));

		party->is_hold = row->by_hold;
		party->id = row->by;
		party->has_booking = !row->by_hold || row->is_for_booking;
		party->booking = row->by_hold ? row->booking : row->by;
		party->start = row->start;
		party->end = row->end;
		party->tables = list_make1_int(row->table);
		party->place = floor->place[row->table];
		all = lappend(all, party);
	}
	list_sort(all, compare_parties);
	foreach(lc, all)
	{
		FloorParty *party = lfirst(lc);

		if (last && last->is_hold == party->is_hold && memcmp(&last->id, &party->id, UUID_LEN) == 0)
		{
			if (llast_int(last->tables) != linitial_int(party->tables))
				last->tables = lappend_int(last->tables, linitial_int(party->tables));
			last->start = Min(last->start, party->start);
			last->end = Max(last->end, party->end);
			continue;
		}
		parties = lappend(parties, last = party);
	}
	return parties;
}

/* Bookings before holds, each by id, then by the dining table's place. */
static int
compare_parties(const ListCell *a, const ListCell *b)
{
	const FloorParty *first = lfirst(a);
	const FloorParty *second = lfirst(b);
	int			order = memcmp(&first->id, &second->id, UUID_LEN);

	if (first->is_hold != second->is_hold)
		return first->is_hold ? 1 : -1;
	return order != 0 ? order : first->place - second->place;
}

/* What the bookings' rows say of the parties. */
static void
complete_parties(FloorState *state)
{
	const SeatingSchema *schema = state->reader->schema;
	Datum	   *ids = palloc((list_length(state->parties) + 1) * sizeof(Datum));
	QueryArgs	args = {0};
	List	   *rows;
	ListCell   *lc;
	int			n = 0;

	foreach(lc, state->parties)
	{
		FloorParty *party = lfirst(lc);

		if (party->has_booking)
			ids[n++] = UUIDPGetDatum(&party->booking);
	}
	query_arg(&args, UUIDARRAYOID, PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR)), false);
	rows = query_list(psprintf("SELECT b.id, CASE WHEN b.party_size BETWEEN -2147483648 AND 2147483647 THEN b.party_size::int4 END,"
							   " %s FROM %s b WHERE b.id = ANY ($1) ORDER BY b.id",
							   schema->booking_status, schema->bookings), &args, make_party_row);
	foreach(lc, state->parties)
	{
		FloorParty *party = lfirst(lc);
		const PartyRow *row = party->has_booking ? find_party_row(rows, party) : NULL;

		if (row == NULL)
			continue;
		party->has_party_size = row->has_party_size;
		party->party_size = row->party_size;
		party->status = row->status;
	}
}

static void *
make_party_row(TupleTableSlot *slot)
{
	PartyRow   *row = palloc0(sizeof(PartyRow));

	row->booking = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	row->has_party_size = !slot->tts_isnull[1];
	if (row->has_party_size)
		row->party_size = slot_int4(slot, 1);
	row->status = slot_text_or_null(slot, 2);
	return row;
}

/* The rows are sorted by id, as the server sorts, which is as memcmp() does. */
static const PartyRow *
find_party_row(List *rows, const FloorParty *party)
{
	int			low = 0;
	int			high = list_length(rows) - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		const PartyRow *row = list_nth(rows, middle);
		int			order = memcmp(&party->booking, &row->booking, UUID_LEN);

		if (order == 0)
			return row;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Who was cancelled or did not come had no dining table, even if rows say so. */
static void
keep_those_at_table(FloorState *state)
{
	List	   *parties = NIL;
	ListCell   *lc;

	state->parties_of = palloc0((state->reader->floor.ntables + 1) * sizeof(List *));
	foreach(lc, state->parties)
	{
		FloorParty *party = lfirst(lc);
		ListCell   *table;

		CHECK_FOR_INTERRUPTS();
		if (!party->is_hold && (party->status == NULL || strcmp(party->status, "cancelled") == 0 || strcmp(party->status, "no_show") == 0))
			continue;
		parties = lappend(parties, party);
		foreach(table, party->tables)
			state->parties_of[lfirst_int(table)] = lappend(state->parties_of[lfirst_int(table)], party);
	}
	state->parties = parties;
}

TableState
floor_state_of(const FloorState *state, int table)
{
	const DiningTable *dining_table = &state->reader->floor.tables[table];
	const List *parties = state->parties_of[table];

	if (parties != NIL)
		return ((FloorParty *) linitial(parties))->is_hold ? TABLE_HELD : TABLE_TAKEN;
	if (dining_table->out_of_service)
		return TABLE_OUT_OF_SERVICE;
	return dining_table->active && dining_table->zone_active ? TABLE_FREE : TABLE_INACTIVE;
}

const char *
floor_state_word(TableState state)
{
	static const char *const words[] = {"taken", "held", "out of service", "inactive", "free"};

	return words[state];
}
