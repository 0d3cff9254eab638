/*-------------------------------------------------------------------------
 *
 * floor_functions.c
 *	  A restaurant's floor at an instant, as a picture and as rows.
 *
 * menuca_seating_floor(restaurant, at), menuca_seating_floor_rows(restaurant, at)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/query.h"
#include "page/floor_picture.h"
#include "page/floor_state.h"
#include "seating/seating_extension.h"

PG_FUNCTION_INFO_V1(menuca_seating_floor);
PG_FUNCTION_INFO_V1(menuca_seating_floor_rows);

#define FLOOR_ROW_COLUMNS 20

static const FloorState *read_arguments(FunctionCallInfo fcinfo);
static void return_floor_row(ReturnSetInfo *rsinfo, const FloorState *state, int table, const FloorParty *party);
static void set_table(const FloorState *state, int table, Datum *values, bool *nulls);
static void set_position(const TablePosition *position, Datum *values, bool *nulls);
static void set_party(const FloorParty *party, Datum *values, bool *nulls);


/* menuca_seating_floor(restaurant, at): the picture. */
Datum
menuca_seating_floor(PG_FUNCTION_ARGS)
{
	const FloorState *state = read_arguments(fcinfo);
	char	   *style = query_text(psprintf("SELECT %smenuca_seating_floor_style()", seating_extension_schema()), NULL);

	PG_RETURN_TEXT_P(cstring_to_text(floor_picture_make(state, style ? style : "")));
}

static const FloorState *
read_arguments(FunctionCallInfo fcinfo)
{
	argument_require(fcinfo, 0, "restaurant");
	argument_require(fcinfo, 1, "at");
	return floor_state_read(PG_GETARG_UUID_P(0), PG_GETARG_TIMESTAMPTZ(1));
}

/* menuca_seating_floor_rows(restaurant, at): a row per dining table, and per party that has it. */
Datum
menuca_seating_floor_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const FloorState *state = read_arguments(fcinfo);
	const Floor *floor = &state->reader->floor;

	InitMaterializedSRF(fcinfo, 0);
	for (int place = 0; place < floor->ntables; place++)
	{
		int			table = floor->order[place];
		ListCell   *lc;

		CHECK_FOR_INTERRUPTS();
		if (state->parties_of[table] == NIL)
			return_floor_row(rsinfo, state, table, NULL);
		foreach(lc, state->parties_of[table])
			return_floor_row(rsinfo, state, table, lfirst(lc));
	}
	return (Datum) 0;
}

static void
return_floor_row(ReturnSetInfo *rsinfo, const FloorState *state, int table, const FloorParty *party)
{
	Datum		values[FLOOR_ROW_COLUMNS] = {0};
	bool		nulls[FLOOR_ROW_COLUMNS];

	memset(nulls, true, sizeof(nulls));
	set_table(state, table, values, nulls);
	set_position(&state->positions[table], values, nulls);
	if (party)
		set_party(party, values, nulls);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
set_table(const FloorState *state, int table, Datum *values, bool *nulls)
{
	const FloorReader *reader = state->reader;
	const DiningTable *dining_table = &reader->floor.tables[table];
	int			zone = dining_table->zone;

	values[0] = UUIDPGetDatum(&reader->table_ids[table]);
	values[1] = CStringGetTextDatum(dining_table->number);
	if (zone >= 0)
	{
		values[2] = UUIDPGetDatum(&reader->zone_ids[zone]);
		values[3] = CStringGetTextDatum(reader->zone_names[zone] ? reader->zone_names[zone] : "");
		nulls[2] = nulls[3] = false;
	}
	values[4] = Int32GetDatum(dining_table->capacity);
	values[10] = CStringGetTextDatum(floor_state_word(floor_state_of(state, table)));
	values[11] = BoolGetDatum(dining_table->active && dining_table->zone_active);
	values[12] = BoolGetDatum(dining_table->out_of_service);
	nulls[0] = nulls[1] = nulls[4] = nulls[10] = nulls[11] = nulls[12] = false;
}

static void
set_position(const TablePosition *position, Datum *values, bool *nulls)
{
	values[5] = Float8GetDatum(position->x);
	values[6] = Float8GetDatum(position->y);
	values[7] = Float8GetDatum(position->width);
	values[8] = Float8GetDatum(position->height);
	values[9] = Float8GetDatum(position->rotation);
	nulls[5] = !position->has_x;
	nulls[6] = !position->has_y;
	nulls[7] = !position->has_width;
	nulls[8] = !position->has_height;
	nulls[9] = !position->has_rotation;
}

static void
set_party(const FloorParty *party, Datum *values, bool *nulls)
{
	if (party->has_booking)
		values[13] = UUIDPGetDatum(&party->booking);
	if (party->is_hold)
		values[14] = UUIDPGetDatum(&party->id);
	values[15] = Int32GetDatum(party->party_size);
	if (party->status)
		values[16] = CStringGetTextDatum(party->status);
	values[17] = TimestampTzGetDatum(party->start);
	values[18] = TimestampTzGetDatum(party->end);
	values[19] = Int32GetDatum(list_length(party->tables));
	nulls[13] = !party->has_booking;
	nulls[14] = !party->is_hold;
	nulls[15] = !party->has_party_size;
	nulls[16] = party->status == NULL;
	nulls[17] = nulls[18] = nulls[19] = false;
}
