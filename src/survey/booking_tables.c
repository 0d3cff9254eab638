/*-------------------------------------------------------------------------
 *
 * booking_tables.c
 *	  Bookings with their dining tables in words, for programs that show them.
 *
 * menuca_booking_table_rows(restaurant, booking)
 *
 * The server sorts the assignments by booking, and each booking becomes a row as its
 * last assignment has come, so that a million bookings need no more memory than one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/attempt.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/local_time.h"
#include "seating/seating_schema.h"

PG_FUNCTION_INFO_V1(menuca_booking_table_rows);

/* A dining table of the booking. */
typedef struct ShownTable
{
	pg_uuid_t	id;
	const char *number;
	const char *zone;
	int64		capacity;
} ShownTable;

/* A booking, while its assignments come. */
typedef struct ShownBooking
{
	ReturnSetInfo *rsinfo;
	const SeatingSchema *schema;
	MemoryContext context;		/* of the booking */
	bool		is_open;		/* there is one */
	pg_uuid_t	id;
	bool		has_restaurant;
	pg_uuid_t	restaurant;
	const char *status;
	bool		has_start;
	TimestampTz start;
	bool		has_local;
	Timestamp	local;
	bool		has_party;
	int			party;
	int			ntables;
	int			allocated;
	ShownTable *tables;

	/* Of the restaurant that was last asked for its time zone */
	bool		has_zone_of;
	pg_uuid_t	zone_of;
	pg_tz	   *zone;			/* NULL: it has none */
} ShownBooking;

static char *shown_query(const SeatingSchema *schema, bool of_restaurant, bool of_booking);
static void receive_assignment(TupleTableSlot *slot, void *arg);
static void open_shown(ShownBooking *shown, TupleTableSlot *slot);
static void add_shown_table(ShownBooking *shown, TupleTableSlot *slot);
static void close_shown(ShownBooking *shown);
static void resolve_shown_start(void *arg);
static void find_shown_zone(void *arg);
static int	compare_shown_tables(const void *a, const void *b);


/* menuca_booking_table_rows(restaurant, booking): a row per booking with dining tables.  Read only. */
Datum
menuca_booking_table_rows(PG_FUNCTION_ARGS)
{
	ShownBooking shown = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	QueryArgs	args = {0};

	InitMaterializedSRF(fcinfo, 0);
	shown.schema = seating_schema_find();
	shown.context = AllocSetContextCreate(CurrentMemoryContext, "booking with dining tables", ALLOCSET_SMALL_SIZES);
	query_arg(&args, UUIDOID, PG_ARGISNULL(0) ? (Datum) 0 : PG_GETARG_DATUM(0), PG_ARGISNULL(0));
	query_arg(&args, UUIDOID, PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1), PG_ARGISNULL(1));
	query_each(shown_query(shown.schema, !PG_ARGISNULL(0), !PG_ARGISNULL(1)), &args, receive_assignment, &shown);
	close_shown(&shown);
	return (Datum) 0;
}

/* Only what is asked for is a condition, so that an index can be used for it. */
static char *
shown_query(const SeatingSchema *schema, bool of_restaurant, bool of_booking)
{
	return psprintf("SELECT b.id, b.restaurant_id, %s, %s, %s,"
					" CASE WHEN b.party_size BETWEEN -2147483648 AND 2147483647 THEN b.party_size::int4 END,"
					" a.table_id, %s, z.name, %s"
					" FROM %s b JOIN %s a ON a.booking_id = b.id LEFT JOIN %s t ON t.id = a.table_id LEFT JOIN %s z ON z.id = t.zone_id"
					" WHERE a.table_id IS NOT NULL AND %s AND %s ORDER BY b.id",
					schema->booking_status, schema->booking_start, schema->booking_local_start,
					schema->table_number, schema->capacity,
					schema->bookings, schema->assignments, schema->dining_tables, schema->zones,
					of_restaurant ? "b.restaurant_id = $1" : "$1 IS NULL", of_booking ? "b.id = $2" : "$2 IS NULL");
}

static void
receive_assignment(TupleTableSlot *slot, void *arg)
{
	ShownBooking *shown = arg;
	MemoryContext caller;

	if (!shown->is_open || memcmp(&shown->id, DatumGetUUIDP(slot_datum(slot, 0, UUIDOID)), UUID_LEN) != 0)
	{
		close_shown(shown);
		caller = MemoryContextSwitchTo(shown->context);
		open_shown(shown, slot);
	}
	else
		caller = MemoryContextSwitchTo(shown->context);
	add_shown_table(shown, slot);
	MemoryContextSwitchTo(caller);
}

static void
open_shown(ShownBooking *shown, TupleTableSlot *slot)
{
	shown->is_open = true;
	shown->id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	shown->has_restaurant = !slot->tts_isnull[1];
	if (shown->has_restaurant)
		shown->restaurant = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	shown->status = slot_text_or_null(slot, 2);
	shown->has_start = !slot->tts_isnull[3];
	if (shown->has_start)
		shown->start = slot_time(slot, 3);
	shown->has_local = !slot->tts_isnull[4];
	if (shown->has_local)
		shown->local = DatumGetTimestamp(slot_datum(slot, 4, TIMESTAMPOID));
	shown->has_party = !slot->tts_isnull[5];
	if (shown->has_party)
		shown->party = slot_int4(slot, 5);
	shown->ntables = 0;
	shown->allocated = 0;
	shown->tables = NULL;
}

/* Two rows of one dining table are no two; one that is not there any more has no number. */
static void
add_shown_table(ShownBooking *shown, TupleTableSlot *slot)
{
	const pg_uuid_t *id = DatumGetUUIDP(slot_datum(slot, 6, UUIDOID));
	ShownTable *table;

	for (int i = 0; i < shown->ntables; i++)
	{
		if (memcmp(&shown->tables[i].id, id, UUID_LEN) == 0)
			return;
	}
	if (shown->ntables == shown->allocated)
	{
		shown->allocated = Max(shown->allocated * 2, 4);
		shown->tables = shown->tables ? repalloc(shown->tables, shown->allocated * sizeof(ShownTable)) :
			palloc(shown->allocated * sizeof(ShownTable));
	}
	table = &shown->tables[shown->ntables++];
	table->id = *id;
	table->number = slot_text_or_null(slot, 7);
	if (table->number == NULL)
		table->number = "?";
	table->zone = slot_text_or_null(slot, 8);
	table->capacity = slot->tts_isnull[9] ? 0 : Max(slot_int4(slot, 9), 0);
}

static void
close_shown(ShownBooking *shown)
{
	MemoryContext caller;
	StringInfoData numbers;
	StringInfoData zones;
	int64		seats = 0;
	Datum		values[10];
	bool		nulls[10] = {0};

	if (!shown->is_open)
		return;
	caller = MemoryContextSwitchTo(shown->context);
	if (!shown->has_start && shown->has_local && shown->has_restaurant)
		(void) attempt(resolve_shown_start, shown);
	if (shown->ntables > 1)
		qsort(shown->tables, shown->ntables, sizeof(ShownTable), compare_shown_tables);
	initStringInfo(&numbers);
	initStringInfo(&zones);
	for (int i = 0; i < shown->ntables; i++)
	{
		bool		is_first = shown->tables[i].zone != NULL;

		for (int j = 0; is_first && j < i; j++)
			is_first = shown->tables[j].zone == NULL || strcmp(shown->tables[j].zone, shown->tables[i].zone) != 0;
		format_append(&numbers, " + ", "%s", shown->tables[i].number);
		if (is_first)
			format_append(&zones, " + ", "%s", shown->tables[i].zone);
		seats += shown->tables[i].capacity;
	}
	values[0] = UUIDPGetDatum(&shown->id);
	nulls[1] = !shown->has_restaurant;
	values[1] = UUIDPGetDatum(&shown->restaurant);
	nulls[2] = shown->status == NULL;
	values[2] = shown->status ? CStringGetTextDatum(shown->status) : (Datum) 0;
	nulls[3] = !shown->has_start;
	values[3] = TimestampTzGetDatum(shown->start);
	nulls[4] = !shown->has_party;
	values[4] = Int32GetDatum(shown->party);
	values[5] = CStringGetTextDatum(numbers.data);
	values[6] = BoolGetDatum(shown->ntables > 1);
	values[7] = Int32GetDatum(shown->ntables);
	values[8] = Int64GetDatum(seats);
	nulls[9] = zones.len == 0;
	values[9] = CStringGetTextDatum(zones.data);
	tuplestore_putvalues(shown->rsinfo->setResult, shown->rsinfo->setDesc, values, nulls);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(shown->context);
	shown->is_open = false;
}

/* In an attempt: a time that the clock skips, or an unknown time zone, hides no booking. */
static void
resolve_shown_start(void *arg)
{
	ShownBooking *shown = arg;

	if (!shown->has_zone_of || memcmp(&shown->zone_of, &shown->restaurant, UUID_LEN) != 0)
	{
		shown->has_zone_of = true;
		shown->zone_of = shown->restaurant;
		shown->zone = NULL;
		find_shown_zone(shown);
	}
	if (shown->zone == NULL)
		return;
	shown->start = local_time_instant(shown->local, shown->zone);
	shown->has_start = true;
}

static void
find_shown_zone(void *arg)
{
	ShownBooking *shown = arg;

	shown->zone = local_time_zone(shown->schema, &shown->restaurant);
}

static int
compare_shown_tables(const void *a, const void *b)
{
	const ShownTable *first = a;
	const ShownTable *second = b;
	int			order = strcmp(first->number, second->number);

	return order != 0 ? order : memcmp(&first->id, &second->id, UUID_LEN);
}
