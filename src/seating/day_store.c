/*-------------------------------------------------------------------------
 *
 * day_store.c
 *	  Writing the seating of a service day: see day_store.h.
 *
 * A statement for all bookings at a time, since an evening has hundreds of them.  Those who
 * move give their dining tables back before anybody gets new ones, because two of them may
 * exchange theirs and the exclusion constraint is checked by row.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/query.h"
#include "seating/assignment.h"
#include "seating/day_outcome.h"
#include "seating/day_store.h"
#include "seating/seating_extension.h"
#include "seating/seating_numeric.h"
#include "seating/seating_refusal.h"
#include "seating/users_column.h"

/* A column of rows to be written. */
typedef struct Column
{
	Oid			type;			/* of its values */
	int16		length;
	bool		by_value;
	char		align;
	int			n;
	int			size;			/* rows that there is room for */
	Datum	   *values;
	bool	   *nulls;
} Column;

static bool gets_tables(const DaySeat *seat);
static List *images_of_moved(const FloorReader *reader, const DaySeating *seating);
static void take_back(const FloorReader *reader, const DaySeating *seating);
static void write_seats(const FloorReader *reader, const DaySeating *seating);
static void update_bookings(const FloorReader *reader, const DaySeating *seating);
static void log_attempts(const FloorReader *reader, const DaySeating *seating, TimestampTz began);
static Column column_begin(Oid type);
static void column_add(Column *column, Datum value, bool isnull);
static void column_arg(QueryArgs *args, const Column *column);


void
day_store(const FloorReader *reader, const DaySeating *seating, TimestampTz began)
{
	List	   *before = images_of_moved(reader, seating);
	List	   *deferred = users_column_begin_immediate(list_make1("booking_table_assignments"));
	int			moved = 0;

	if (seating->moved > 0)
		take_back(reader, seating);
	write_seats(reader, seating);
	users_column_end_immediate(deferred);
	update_bookings(reader, seating);
	for (int i = 0; i < seating->nbookings; i++)
	{
		if (seating->seats[i].moved)
			assignment_record(reader, &seating->seats[i].of->booking->id, list_nth(before, moved++), 0);
	}
	log_attempts(reader, seating, began);
}

static bool
gets_tables(const DaySeat *seat)
{
	return seat->ntables > 0 && (seat->moved || seat->of->choice == DAY_CHOICE_OPEN);
}

static List *
images_of_moved(const FloorReader *reader, const DaySeating *seating)
{
	List	   *images = NIL;

	for (int i = 0; i < seating->nbookings; i++)
	{
		if (seating->seats[i].moved)
			images = lappend(images, assignment_image(reader, &seating->seats[i].of->booking->id));
	}
	return images;
}

static void
take_back(const FloorReader *reader, const DaySeating *seating)
{
	Column		bookings = column_begin(UUIDOID);
	QueryArgs	args = {.keep = true};

	for (int i = 0; i < seating->nbookings; i++)
	{
		if (seating->seats[i].moved)
			column_add(&bookings, UUIDPGetDatum(&seating->seats[i].of->booking->id), false);
	}
	column_arg(&args, &bookings);
	query_write(psprintf("DELETE FROM %s a WHERE a.booking_id OPERATOR(pg_catalog.=) ANY ($1)", reader->schema->assignments),
				&args, NULL, NULL);
}

/* A row for each dining table of each booking. */
static void
write_seats(const FloorReader *reader, const DaySeating *seating)
{
	bool		has_group = users_column_exists("booking_table_assignments", "merge_group_id") &&
		!users_column_refers("booking_table_assignments", "merge_group_id");
	Column		bookings = column_begin(UUIDOID);
	Column		tables = column_begin(UUIDOID);
	Column		starts = column_begin(TIMESTAMPTZOID);
	Column		ends = column_begin(TIMESTAMPTZOID);
	Column		groups = column_begin(UUIDOID);
	QueryArgs	args = {.keep = true};

	for (int i = 0; i < seating->nbookings; i++)
	{
		const DaySeat *seat = &seating->seats[i];
		const Booking *booking = seat->of->booking;
		Datum		group = seat->ntables > 1 ? DirectFunctionCall1(gen_random_uuid, (Datum) 0) : (Datum) 0;

		for (int t = 0; gets_tables(seat) && t < seat->ntables; t++)
		{
			column_add(&bookings, UUIDPGetDatum(&booking->id), false);
			column_add(&tables, UUIDPGetDatum(&reader->table_ids[seat->tables[t]]), false);
			column_add(&starts, TimestampTzGetDatum(booking->window.start), false);
			column_add(&ends, TimestampTzGetDatum(booking->window.end), false);
			column_add(&groups, group, seat->ntables == 1);
		}
	}
	if (bookings.n == 0)
		return;
	column_arg(&args, &bookings);
	column_arg(&args, &tables);
	column_arg(&args, &starts);
	column_arg(&args, &ends);
	column_arg(&args, &groups);
	query_write(psprintf("INSERT INTO %s (booking_id, table_id, start_at, end_at%s) SELECT u.booking, u.seat, u.start, u.until%s"
						 " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),"
						 " pg_catalog.unnest($5)) u(booking, seat, start, until, merged)",
						 reader->schema->assignments, has_group ? ", merge_group_id" : "", has_group ? ", u.merged" : ""),
				&args, NULL, NULL);
}

static void
update_bookings(const FloorReader *reader, const DaySeating *seating)
{
	Column		bookings = column_begin(UUIDOID);
	Column		zones = column_begin(UUIDOID);
	QueryArgs	args = {.keep = true};

	for (int i = 0; i < seating->nbookings; i++)
	{
		const DaySeat *seat = &seating->seats[i];
		int			zone;

		if (!gets_tables(seat))
			continue;
		zone = reader->floor.tables[seat->tables[0]].zone;
		column_add(&bookings, UUIDPGetDatum(&seat->of->booking->id), false);
		column_add(&zones, zone >= 0 ? UUIDPGetDatum(&reader->zone_ids[zone]) : (Datum) 0, zone < 0);
	}
	if (bookings.n == 0)
		return;
	column_arg(&args, &bookings);
	column_arg(&args, &zones);
	query_write(assignment_confirm_sql(reader->schema, " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) u(booking, zone)",
									   "u.booking", "u.zone"), &args, NULL, NULL);
}

/* The run's time is shared by those that were decided about. */
static void
log_attempts(const FloorReader *reader, const DaySeating *seating, TimestampTz began)
{
	Column		bookings = column_begin(UUIDOID);
	Column		parties = column_begin(INT4OID);
	Column		starts = column_begin(TIMESTAMPTZOID);
	Column		outcomes = column_begin(TEXTOID);
	Column		reasons = column_begin(TEXTOID);
	Column		tables = column_begin(TEXTOID);
	Column		scores = column_begin(NUMERICOID);
	QueryArgs	args = {.keep = true};

	query_begin_snapshot();
	for (int i = 0; i < seating->nbookings; i++)
	{
		const DaySeat *seat = &seating->seats[i];
		DayOutcome	outcome;

		if (seat->of->choice == DAY_CHOICE_MAY_MOVE && !seat->moved)
			continue;
		outcome = day_outcome_of(reader, seat);
		column_add(&bookings, UUIDPGetDatum(&seat->of->booking->id), false);
		column_add(&parties, Int32GetDatum(seat->of->booking->party_size), false);
		column_add(&starts, TimestampTzGetDatum(seat->of->booking->start), false);
		column_add(&outcomes, CStringGetTextDatum(outcome.outcome), false);
		column_add(&reasons, CStringGetTextDatum(outcome.reason), false);
		column_add(&tables, seat->ntables > 0 ? CStringGetTextDatum(refusal_ids(reader, seat->tables, seat->ntables)) : (Datum) 0, seat->ntables == 0);
		column_add(&scores, seat->ntables > 0 ? seating_numeric_of(seat->score) : (Datum) 0, seat->ntables == 0);
	}
	query_end_snapshot();
	if (bookings.n == 0)
		return;
	column_arg(&args, &bookings);
	column_arg(&args, &parties);
	column_arg(&args, &starts);
	column_arg(&args, &outcomes);
	column_arg(&args, &reasons);
	column_arg(&args, &tables);
	column_arg(&args, &scores);
	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(began), false);
	query_arg(&args, FLOAT8OID, Float8GetDatum(bookings.n), false);
	query_arg_text(&args, reader->settings->variant);
	seating_write("menuca_seating_attempt",
				  psprintf("INSERT INTO %smenuca_seating_attempt (booking_id, restaurant_id, party_size, start_at, outcome, reason,"
						   " table_ids, score, attempts, scope, duration, variant)"
						   " SELECT u.booking, $8, u.party, u.start, u.outcome, u.reason, u.tables::pg_catalog.uuid[], u.score, 1, 'day',"
						   " (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) $9) OPERATOR(pg_catalog./) $10, $11"
						   " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),"
						   " pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7)) u(booking, party, start, outcome, reason, tables, score)",
						   seating_extension_schema()), &args, NULL, NULL);
}

static Column
column_begin(Oid type)
{
	Column		column = {.type = type};

	get_typlenbyvalalign(type, &column.length, &column.by_value, &column.align);
	return column;
}

static void
column_add(Column *column, Datum value, bool isnull)
{
	if (column->n == column->size)
	{
		column->size = Max(column->size * 2, 64);
		column->values = column->values ? repalloc(column->values, column->size * sizeof(Datum)) : palloc(column->size * sizeof(Datum));
		column->nulls = column->nulls ? repalloc(column->nulls, column->size * sizeof(bool)) : palloc(column->size * sizeof(bool));
	}
	column->values[column->n] = value;
	column->nulls[column->n++] = isnull;
}

/* As an array of all its values. */
static void
column_arg(QueryArgs *args, const Column *column)
{
	int			dims[1] = {column->n};
	int			lower[1] = {1};

	query_arg(args, get_array_type(column->type),
			  PointerGetDatum(construct_md_array(column->values, column->nulls, 1, dims, lower, column->type,
												 column->length, column->by_value, column->align)), false);
}
