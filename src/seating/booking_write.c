/*-------------------------------------------------------------------------
 *
 * booking_write.c
 *	  Writing the time and party of bookings: see booking_write.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/booking_write.h"
#include "seating/local_time.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/users_column.h"

/* A column, with its value as an expression on the arguments. */
typedef struct ColumnValue
{
	const char *column;
	const char *value;
	bool		of_end;			/* only when the end is known */
} ColumnValue;

/* $2 party, $3 and $4 start and end, $5 and $6 the same on the restaurant's clock. */
static const ColumnValue column_values[] = {
	{"party_size", "$2", false},
	{"start_at", "$3", false},
	{"end_at", "$4", true},
	{"booking_date", "$5::pg_catalog.date", false},
	{"start_time", "$5::pg_catalog.time", false},
	{"end_time", "$6::pg_catalog.time", true}
};

static void require_clock(const FloorReader *reader, TimestampTz instant, const char *column);
static void add_arguments(const FloorReader *reader, const BookingTime *time, QueryArgs *args);
static void take_id(TupleTableSlot *slot, void *arg);
static void take_time(TupleTableSlot *slot, void *arg);
static void add_details(StringInfo columns, StringInfo values, QueryArgs *args, Datum details);


void
booking_write_move(const FloorReader *reader, const pg_uuid_t *booking, const BookingTime *time)
{
	QueryArgs	args = {.keep = true};
	StringInfoData sets;

	initStringInfo(&sets);
	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	add_arguments(reader, time, &args);
	for (size_t i = 0; i < lengthof(column_values); i++)
	{
		const ColumnValue *column = &column_values[i];

		if (users_column_exists("bookings", column->column) && (time->has_end || !column->of_end))
			format_append(&sets, ", ", "%s = %s", column->column, column->value);
	}
	query_write(psprintf("UPDATE %s b SET %s WHERE b.id OPERATOR(pg_catalog.=) $1",
						 reader->schema->bookings, sets.data), &args, NULL, NULL);
}

/* A table with the clock's times only cannot hold the second of two hours with the same name. */
static void
require_clock(const FloorReader *reader, TimestampTz instant, const char *column)
{
	if (users_column_exists("bookings", column) || local_time_instant(local_time_of(instant, reader->zone), reader->zone) == instant)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 errmsg("table %s cannot hold the time %s", reader->schema->bookings, refusal_time(reader, instant)),
			 errdetail("The clock shows it twice that night, and the table has no column %s. Nothing was changed.", column),
			 errhint("Choose a time before or after the clock change.")));
}

static void
add_arguments(const FloorReader *reader, const BookingTime *time, QueryArgs *args)
{
	Timestamp	local_start = local_time_of(time->start, reader->zone);

	require_clock(reader, time->start, "start_at");
	if (time->has_end)
		require_clock(reader, time->end, "end_at");
	query_arg(args, INT4OID, Int32GetDatum(time->party_size), false);
	query_arg(args, TIMESTAMPTZOID, TimestampTzGetDatum(time->start), false);
	query_arg(args, TIMESTAMPTZOID, TimestampTzGetDatum(time->end), !time->has_end);
	query_arg(args, TIMESTAMPOID, TimestampGetDatum(local_start), false);
	query_arg(args, TIMESTAMPOID, time->has_end ? TimestampGetDatum(local_time_of(time->end, reader->zone)) : (Datum) 0, !time->has_end);
}

void
booking_write_insert(const FloorReader *reader, const BookingTime *time, const char *status,
					 Datum details, bool has_details, pg_uuid_t *booking)
{
	QueryArgs	args = {.keep = true};
	StringInfoData columns;
	StringInfoData values;

	initStringInfo(&columns);
	initStringInfo(&values);
	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	add_arguments(reader, time, &args);
	appendStringInfoString(&columns, "restaurant_id, status");
	appendStringInfo(&values, "$1, %s", quote_literal_cstr(status));
	for (size_t i = 0; i < lengthof(column_values); i++)
	{
		const ColumnValue *column = &column_values[i];

		if (!users_column_exists("bookings", column->column) || (column->of_end && !time->has_end))
			continue;
		appendStringInfo(&columns, ", %s", column->column);
		appendStringInfo(&values, ", %s", column->value);
	}

	/* Each caller may give other columns. */
	args.keep = !has_details;
	if (has_details)
		add_details(&columns, &values, &args, details);
	query_write(psprintf("INSERT INTO %s (%s) VALUES (%s) RETURNING id", reader->schema->bookings, columns.data, values.data),
				&args, take_id, booking);
}

/* The server reads each value as the column's type: an INSERT coerces no text by itself. */
static void
add_details(StringInfo columns, StringInfo values, QueryArgs *args, Datum details)
{
	QueryArgs	given = {.keep = true};
	List	   *keys;
	ListCell   *lc;

	query_arg(&given, JSONBOID, details, false);
	if (!query_bool("SELECT jsonb_typeof($1) = 'object'", &given))
		refusal_raise_argument("details must be a JSON object of other columns of the booking",
							   seating_call("SELECT * FROM menuca_seat_walk_in('...', party_size => 2, details => '{\"name\": \"...\"}');"));
	query_arg(args, JSONBOID, details, false);
	keys = query_texts("SELECT k FROM jsonb_object_keys($1) k ORDER BY k", &given);
	foreach(lc, keys)
	{
		const char *key = lfirst(lc);
		bool		is_ours = strcmp(key, "restaurant_id") == 0 || strcmp(key, "status") == 0;

		for (size_t i = 0; i < lengthof(column_values); i++)
			is_ours |= strcmp(key, column_values[i].column) == 0;
		if (is_ours || !users_column_exists("bookings", key))
			refusal_raise_argument(psprintf("details cannot set column \"%s\" of the booking", key),
								   seating_call("SELECT * FROM menuca_seat_walk_in('...', party_size => 2);"));
		appendStringInfo(columns, ", %s", quote_identifier(key));
		appendStringInfo(values, ", (SELECT r.%s FROM pg_catalog.jsonb_populate_record(NULL::%s, $%d) r)",
						 quote_identifier(key), seating_schema_find()->bookings, args->count);
	}
}

static void
take_id(TupleTableSlot *slot, void *arg)
{
	*(pg_uuid_t *) arg = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
}

bool
booking_write_end_of(const FloorReader *reader, const pg_uuid_t *booking, TimestampTz start, TimestampTz *end)
{
	const SeatingSchema *schema = reader->schema;
	QueryArgs	args = {.keep = true};
	BookingTime time = {0};
	Timestamp	local;

	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	query_each(psprintf("SELECT %s FROM %s b WHERE b.id = $1", schema->booking_end, schema->bookings), &args, take_time, &time);
	if (time.has_end)
	{
		*end = time.end;
		return true;
	}
	query_each(psprintf("SELECT (%s)::timestamptz FROM (SELECT %s AT TIME ZONE 'UTC' AS t FROM %s b WHERE b.id = $1) l",
						"l.t", schema->booking_local_end, schema->bookings), &args, take_time, &time);
	if (!time.has_end)
		return false;

	/* Times of the clock were read as UTC, so they are the same number. */
	local = time.end;
	if (local <= local_time_of(start, reader->zone))
		local += USECS_PER_DAY;
	*end = local_time_instant(local, reader->zone);
	return true;
}

static void
take_time(TupleTableSlot *slot, void *arg)
{
	BookingTime *time = arg;

	time->has_end = !slot->tts_isnull[0];
	if (time->has_end)
		time->end = slot_time(slot, 0);
}
