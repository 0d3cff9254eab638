/*-------------------------------------------------------------------------
 *
 * assignment.c
 *	  The rows of booking_table_assignments of a booking: see assignment.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "base/json.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "seating/assignment.h"
#include "seating/assignment_key.h"
#include "seating/hand_rules.h"
#include "seating/seating_extension.h"
#include "seating/taken_table.h"
#include "seating/users_column.h"

/* A row. */
typedef struct AssignmentRow
{
	pg_uuid_t	table;
	TimestampTz start;
	TimestampTz end;
} AssignmentRow;

static bool same_rows(const List *visible, const List *rows);
static List *read_assignments(const FloorReader *reader, const pg_uuid_t *booking);
static void *make_assignment_row(TupleTableSlot *slot);
static int	compare_by_number(const void *a, const void *b, void *arg);
static void write_assignments(const FloorReader *reader, const QueryArgs *args, int n, bool replaces);
static void update_booking(const FloorReader *reader, const pg_uuid_t *booking, const int *tables, int n);


AssignedTables *
assignment_of(const FloorReader *reader, const pg_uuid_t *booking)
{
	AssignedTables *assigned = palloc0(sizeof(AssignedTables));
	List	   *rows;
	ListCell   *lc;

	taken_look_begin();
	rows = read_assignments(reader, booking);
	taken_look_end();
	if (IsolationUsesXactSnapshot())
	{
		List	   *visible;

		query_begin_snapshot();
		visible = read_assignments(reader, booking);
		query_end_snapshot();
		if (!same_rows(visible, rows))
			taken_raise_serialization("the booking's dining tables have changed");
	}
	assigned->tables = palloc((list_length(rows) + 1) * sizeof(int));
	assigned->nrows = list_length(rows);
	foreach(lc, rows)
	{
		const AssignmentRow *row = lfirst(lc);
		int			index = floor_reader_table(reader, &row->table);

		if (index >= 0)
			assigned->tables[assigned->n++] = index;
		if (foreach_current_index(lc) == 0 || row->start < assigned->window.start)
			assigned->window.start = row->start;
		if (foreach_current_index(lc) == 0 || row->end > assigned->window.end)
			assigned->window.end = row->end;
	}
	qsort_arg(assigned->tables, assigned->n, sizeof(int), compare_by_number, unconstify(FloorReader *, reader));
	return assigned;
}

AssignedTables *
assignment_of_locked(const FloorReader *reader, const Booking *booking)
{
	/* A transaction's snapshot may be older than the lock. */
	if (booking->has_tables || IsolationUsesXactSnapshot())
		return assignment_of(reader, &booking->id);
	return palloc0(sizeof(AssignedTables));
}

static bool
same_rows(const List *visible, const List *rows)
{
	bool		same = list_length(visible) == list_length(rows);

	for (int i = 0; same && i < list_length(rows); i++)
		same = memcmp(list_nth(visible, i), list_nth(rows, i), sizeof(AssignmentRow)) == 0;
	return same;
}

/* In one order, whatever the access plan is. */
static List *
read_assignments(const FloorReader *reader, const pg_uuid_t *booking)
{
	QueryArgs	args = {.keep = true};

	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	return query_list(psprintf("SELECT a.table_id, a.start_at, a.end_at FROM %s a WHERE a.booking_id = $1"
							   " ORDER BY a.table_id, a.start_at, a.end_at",
							   reader->schema->assignments), &args, make_assignment_row);
}

/* Rows of other programs may lack a time; their booking can still lose them, or be moved. */
static void *
make_assignment_row(TupleTableSlot *slot)
{
	AssignmentRow *row = palloc0(sizeof(AssignmentRow));

	row->table = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	row->start = slot->tts_isnull[1] ? DT_NOBEGIN : slot_time(slot, 1);
	row->end = slot->tts_isnull[2] ? DT_NOEND : slot_time(slot, 2);
	return row;
}

static int
compare_by_number(const void *a, const void *b, void *arg)
{
	const FloorReader *reader = arg;

	return reader->floor.place[*(const int *) a] - reader->floor.place[*(const int *) b];
}

void
assignment_store(const FloorReader *reader, const pg_uuid_t *booking, const BookingWindow *window,
				 const int *tables, int n, bool replaces, const char *key)
{
	QueryArgs	args = {.keep = true};
	Datum		group = n > 1 ? DirectFunctionCall1(gen_random_uuid, (Datum) 0) : (Datum) 0;
	List	   *deferred = users_column_begin_immediate(list_make1("booking_table_assignments"));

	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	query_arg(&args, UUIDARRAYOID, assignment_ids(reader, tables, n), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(window->start), false);
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(window->end), false);
	query_arg_text(&args, key);
	query_arg(&args, UUIDOID, group, n <= 1);
	write_assignments(reader, &args, n, replaces);
	users_column_end_immediate(deferred);
	update_booking(reader, booking, tables, n);
	assignment_key_store(reader, key, booking, tables, n);
}

/*
 * The new rows come before the old ones go, so that the booking is never without
 * dining tables, and in the order of ids, in which they were locked.
 */
static void
write_assignments(const FloorReader *reader, const QueryArgs *given, int n, bool replaces)
{
	bool		has_key = users_column_exists("booking_table_assignments", "idempotency_key");
	bool		has_group = users_column_exists("booking_table_assignments", "merge_group_id") &&
		!users_column_refers("booking_table_assignments", "merge_group_id");
	const char *assignments = reader->schema->assignments;
	char	   *columns = psprintf("booking_id, table_id, start_at, end_at%s%s",
								   has_key ? ", idempotency_key" : "", has_group ? ", merge_group_id" : "");
	char	   *values = psprintf("$3, $4%s%s", has_key ? ", $5" : "", has_group ? ", $6" : "");
	QueryArgs	args = *given;

	/* Most bookings get one dining table, and have had none. */
	if (!replaces && n == 1)
	{
		query_write(psprintf("INSERT INTO %s (%s) VALUES ($1, ($2)[1], %s)", assignments, columns, values), &args, NULL, NULL);
		return;
	}
	if (replaces)
		query_write(psprintf("UPDATE %s a SET start_at = $3, end_at = $4%s%s WHERE a.booking_id OPERATOR(pg_catalog.=) $1"
							 " AND a.table_id OPERATOR(pg_catalog.=) ANY ($2)",
							 assignments, has_key ? ", idempotency_key = COALESCE($5, a.idempotency_key)" : "", has_group ? ", merge_group_id = $6" : ""),
					&args, NULL, NULL);
	args = *given;
	query_write(psprintf("INSERT INTO %1$s (%2$s) SELECT $1, u.id, %3$s FROM (SELECT pg_catalog.unnest($2) AS id) u"
						 " WHERE NOT EXISTS (SELECT FROM %1$s a WHERE a.booking_id OPERATOR(pg_catalog.=) $1 AND a.table_id OPERATOR(pg_catalog.=) u.id)"
						 " ORDER BY u.id", assignments, columns, values),
				&args, NULL, NULL);
	if (!replaces)
		return;
	args = *given;
	args.count = 2;
	query_write(psprintf("DELETE FROM %s a WHERE a.booking_id OPERATOR(pg_catalog.=) $1"
						 " AND NOT a.table_id OPERATOR(pg_catalog.=) ANY ($2)", assignments), &args, NULL, NULL);
}

static void
update_booking(const FloorReader *reader, const pg_uuid_t *booking, const int *tables, int n)
{
	int			zone = n > 0 ? reader->floor.tables[tables[0]].zone : FLOOR_NO_ZONE;
	QueryArgs	args = {.keep = true};

	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	query_arg_uuid(&args, zone >= 0 ? &reader->zone_ids[zone] : NULL);
	query_write(assignment_confirm_sql(reader->schema, "", "$1", "$2"), &args, NULL, NULL);
}

/* IS DISTINCT FROM would take its operator from the search_path. */
char *
assignment_confirm_sql(const SeatingSchema *schema, const char *from, const char *booking, const char *zone)
{
	const char *waits = psprintf("%s OPERATOR(pg_catalog.=) ANY (ARRAY['pending', 'pending_allocation']::pg_catalog.text[])",
								 schema->booking_status);
	bool		has_zone = users_column_exists("bookings", "assigned_zone_id");

	return psprintf("UPDATE %s b SET status = CASE WHEN %s THEN 'confirmed' ELSE b.status END%s%s WHERE b.id OPERATOR(pg_catalog.=) %s AND (%s%s)",
					schema->bookings, waits, has_zone ? psprintf(", assigned_zone_id = %s", zone) : "", from, booking, waits,
					has_zone ? psprintf(" OR (b.assigned_zone_id OPERATOR(pg_catalog.=) %1$s) IS NOT TRUE"
										" AND COALESCE(b.assigned_zone_id, %1$s) IS NOT NULL", zone) : "");
}

void
assignment_remove(const FloorReader *reader, const pg_uuid_t *booking)
{
	QueryArgs	args = {.keep = true};

	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	query_write(psprintf("UPDATE %s b SET status = 'pending' WHERE b.id OPERATOR(pg_catalog.=) $1"
						 " AND %s OPERATOR(pg_catalog.=) 'confirmed'::pg_catalog.text",
						 reader->schema->bookings, reader->schema->booking_status), &args, NULL, NULL);
	if (users_column_exists("bookings", "assigned_zone_id"))
		query_write(psprintf("UPDATE %s b SET assigned_zone_id = NULL WHERE b.id OPERATOR(pg_catalog.=) $1"
							 " AND b.assigned_zone_id IS NOT NULL", reader->schema->bookings), &args, NULL, NULL);
	query_write(psprintf("DELETE FROM %s a WHERE a.booking_id OPERATOR(pg_catalog.=) $1", reader->schema->assignments),
				&args, NULL, NULL);
}

char *
assignment_image(const FloorReader *reader, const pg_uuid_t *booking)
{
	QueryArgs	args = {.keep = true};
	char	   *image;

	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	taken_look_begin();
	image = query_text(psprintf("SELECT jsonb_build_object('booking', to_jsonb(b), 'assignments', COALESCE("
								"(SELECT jsonb_agg(to_jsonb(a) ORDER BY a.table_id) FROM %s a WHERE a.booking_id = b.id), '[]'))::text"
								" FROM %s b WHERE b.id = $1", reader->schema->assignments, reader->schema->bookings), &args);
	taken_look_end();
	return image;
}

void
assignment_record(const FloorReader *reader, const pg_uuid_t *booking, const char *before, int waived)
{
	QueryArgs	args = {.keep = true};
	StringInfoData names;

	initStringInfo(&names);
	json_begin(&names);
	json_texts(&names, "waived", hand_rules_names(waived));
	json_end(&names);
	query_arg(&args, UUIDOID, UUIDPGetDatum(&reader->restaurant), false);
	query_arg_json(&args, before);
	query_arg_json(&args, assignment_image(reader, booking));
	query_arg_json(&args, names.data);
	seating_write("menuca_seating_change",
				  psprintf("INSERT INTO %smenuca_seating_change (what, restaurant_id, before, after)"
						   " VALUES ('assignment', $1, $2, $3 OPERATOR(pg_catalog.||) $4)", seating_extension_schema()),
				  &args, NULL, NULL);
}

Datum
assignment_ids(const FloorReader *reader, const int *tables, int n)
{
	Datum	   *ids = palloc((n + 1) * sizeof(Datum));

	for (int i = 0; i < n; i++)
		ids[i] = UUIDPGetDatum(&reader->table_ids[tables[i]]);
	return PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

Datum
assignment_numbers(const FloorReader *reader, const int *tables, int n)
{
	List	   *numbers = NIL;

	for (int i = 0; i < n; i++)
		numbers = lappend(numbers, unconstify(char *, reader->floor.tables[tables[i]].number));
	return result_text_array(numbers);
}

void
assignment_return(ReturnSetInfo *rsinfo, const FloorReader *reader, const pg_uuid_t *booking,
				  const int *tables, int n, const BookingWindow *window, const char *outcome, int waived)
{
	Datum		values[7] = {0};
	bool		nulls[7] = {0};

	values[0] = UUIDPGetDatum(booking);
	values[1] = CStringGetTextDatum(outcome);
	values[2] = assignment_ids(reader, tables, n);
	values[3] = assignment_numbers(reader, tables, n);
	values[4] = TimestampTzGetDatum(window->start);
	values[5] = TimestampTzGetDatum(window->end);
	values[6] = result_text_array(hand_rules_names(waived));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}
