/*-------------------------------------------------------------------------
 *
 * import_assignments.c
 *	  Assignments as they are, against what an import changes: see
 *	  import_assignments.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/assignment_range.h"
#include "seating/seating_extension.h"
#include "seating/users_column.h"
#include "takeover/import_assignments.h"

/* Statuses of bookings whose assignments block. */
#define BLOCKING "('pending', 'pending_allocation', 'confirmed', 'checked_in')"

/* An assignment with its window. */
typedef struct Assigned
{
	pg_uuid_t	table;
	pg_uuid_t	booking;
	TimestampTz start;
	TimestampTz end;
	bool		blocks;
	bool		sits;			/* its guests are there */
	bool		has_restaurant;
	pg_uuid_t	restaurant;
	char	   *number;			/* of the dining table, or NULL */
} Assigned;

/* State of a sweep: the windows of one dining table at a time. */
typedef struct Sweep
{
	ImportCall *call;
	AssignmentChanges *changes;
	int			next;			/* the first change of this dining table or a
								 * later one */
	bool		all_count;		/* a constraint counts windows of past
								 * bookings */
	MemoryContext context;		/* of the windows; reset for each dining table */
	MemoryContext of_changes;
	Assigned  **windows;		/* by start */
	int			n;
	int			allocated;
} Sweep;

/* State while assignments without window, or zone locks, are read. */
typedef struct Lookup
{
	ImportCall *call;
	const AssignmentChanges *changes;
} Lookup;

static void take_assigned(TupleTableSlot *slot, void *arg);
static void finish_dining_table(Sweep *sweep);
static void report_doubles(Sweep *sweep);
static void report_double(ImportCall *call, const Assigned *later, const Assigned *other);
static void check_changes(Sweep *sweep, const pg_uuid_t *table);
static const Assigned **latest_ends(const Sweep *sweep);
static const Assigned *find_taker(const Sweep *sweep, const Assigned **latest, const AssignmentChange *change);
static void set_taken(Sweep *sweep, AssignmentChange *change, const pg_uuid_t *by, TimestampTz start, TimestampTz end, bool by_change);
static char *new_dining_tables(const pg_uuid_t *booking);
static void take_without_window(TupleTableSlot *slot, void *arg);
static char *window_statement(const SeatingSchema *schema, const pg_uuid_t *booking, const pg_uuid_t *table);
static void take_zone_lock(TupleTableSlot *slot, void *arg);


void
import_assignments_sweep(ImportCall *call, AssignmentChanges *changes)
{
	const SeatingSchema *schema = call->schema;
	Sweep		sweep = {.call = call,.changes = changes,.of_changes = CurrentMemoryContext};

	sweep.all_count = assignment_range_expression() != NULL;
	sweep.context = AllocSetContextCreate(CurrentMemoryContext, "menuca windows of a dining table", ALLOCSET_DEFAULT_SIZES);
	(void) query_each(psprintf("SELECT a.table_id, a.booking_id, a.start_at, a.end_at, COALESCE(b.status, '') IN " BLOCKING ","
							   " COALESCE(b.status, '') = 'checked_in', b.restaurant_id, t.table_number FROM %s a"
							   " LEFT JOIN (SELECT b.id, b.restaurant_id, %s AS status FROM %s b) b ON b.id = a.booking_id"
							   " LEFT JOIN (SELECT t.id, %s AS table_number FROM %s t) t ON t.id = a.table_id"
							   " WHERE a.start_at < a.end_at AND a.booking_id IS NOT NULL AND a.table_id IS NOT NULL"
							   " ORDER BY a.table_id, a.start_at, a.end_at, a.booking_id",
							   schema->assignments, schema->booking_status, schema->bookings, schema->table_number, schema->dining_tables),
					  NULL, take_assigned, &sweep);
	finish_dining_table(&sweep);
	check_changes(&sweep, NULL);
	MemoryContextDelete(sweep.context);
}

static void
take_assigned(TupleTableSlot *slot, void *arg)
{
	Sweep	   *sweep = arg;
	const pg_uuid_t *table = DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	MemoryContext old;
	Assigned   *window;

	CHECK_FOR_INTERRUPTS();
	if (sweep->n > 0 && memcmp(&sweep->windows[0]->table, table, UUID_LEN) != 0)
		finish_dining_table(sweep);
	old = MemoryContextSwitchTo(sweep->context);
	window = palloc0(sizeof(Assigned));
	window->table = *table;
	window->booking = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	window->start = slot_time(slot, 2);
	window->end = slot_time(slot, 3);
	window->blocks = slot_bool(slot, 4);
	window->sits = slot_bool(slot, 5);
	window->has_restaurant = !slot->tts_isnull[6];
	if (window->has_restaurant)
		window->restaurant = *DatumGetUUIDP(slot_datum(slot, 6, UUIDOID));
	window->number = slot_text_or_null(slot, 7);
	if (sweep->n == sweep->allocated)
	{
		sweep->allocated = Max(64, sweep->allocated * 2);
		sweep->windows = sweep->windows ? repalloc_huge(sweep->windows, sweep->allocated * sizeof(Assigned *)) :
			palloc(sweep->allocated * sizeof(Assigned *));
	}
	sweep->windows[sweep->n++] = window;
	MemoryContextSwitchTo(old);
}

/* Dining tables before it have changes only. */
static void
finish_dining_table(Sweep *sweep)
{
	pg_uuid_t	table;

	if (sweep->n == 0)
		return;
	table = sweep->windows[0]->table;
	report_doubles(sweep);
	check_changes(sweep, &table);
	MemoryContextReset(sweep->context);
	sweep->windows = NULL;
	sweep->n = sweep->allocated = 0;
}

/* Sorted by start, each window is compared with the one before it that ends last. */
static void
report_doubles(Sweep *sweep)
{
	const Assigned *last = NULL;

	for (int i = 0; i < sweep->n; i++)
	{
		const Assigned *window = sweep->windows[i];

		CHECK_FOR_INTERRUPTS();
		if (!window->blocks)
			continue;
		if (last && window->start < last->end && memcmp(&window->booking, &last->booking, UUID_LEN) != 0)
			report_double(sweep->call, window, last);
		if (last == NULL || window->end > last->end)
			last = window;
	}
}

/* Guests who sit there stay. */
static void
report_double(ImportCall *call, const Assigned *later, const Assigned *other)
{
	const Assigned *goes = later->sits && !other->sits ? other : later;
	ImportItem	item = {
		.kind = IMPORT_DOUBLE_ASSIGNMENT,
		.status = IMPORT_DEBRIS,
		.has_restaurant = later->has_restaurant,
		.restaurant = later->restaurant,
		.noun = "assignment",
		.action = "none: reported",
		.reason = "another booking has the dining table at the same time"
	};

	item.object = import_changes_describe(later->number, &later->table, &later->booking, &later->start, &later->end);
	item.detail = psprintf("booking %s has it from %s to %s", import_items_id(&other->booking),
						   format_utc(other->start), format_utc(other->end));
	item.next_step = new_dining_tables(&goes->booking);
	import_items_add(call->items, &item);
}

/* Changes of dining tables up to that one (NULL: to the end), one after the other. */
static void
check_changes(Sweep *sweep, const pg_uuid_t *table)
{
	const Assigned **latest = latest_ends(sweep);
	const AssignmentChange *last = NULL;

	for (; sweep->next < sweep->changes->n; sweep->next++)
	{
		AssignmentChange *change = sweep->changes->changes[sweep->next];
		int			order = table ? memcmp(&change->table, table, UUID_LEN) : -1;
		const Assigned *taker = order == 0 ? find_taker(sweep, latest, change) : NULL;

		CHECK_FOR_INTERRUPTS();
		if (order > 0)
			break;
		if (last && memcmp(&last->table, &change->table, UUID_LEN) != 0)
			last = NULL;
		if (taker)
			set_taken(sweep, change, &taker->booking, taker->start, taker->end, false);
		else if (last && change->start < last->end)
			set_taken(sweep, change, &last->booking, last->start, last->end, true);
		else
			last = change;
	}
}

/* For each window: of it and those before it that count, the one that ends last. */
static const Assigned **
latest_ends(const Sweep *sweep)
{
	MemoryContext old = MemoryContextSwitchTo(sweep->context);
	const Assigned **latest = palloc_extended((sweep->n + 1) * sizeof(Assigned *), MCXT_ALLOC_HUGE);

	MemoryContextSwitchTo(old);
	for (int i = 0; i < sweep->n; i++)
	{
		const Assigned *window = sweep->windows[i];

		latest[i] = i > 0 ? latest[i - 1] : NULL;
		if ((window->blocks || sweep->all_count) && (latest[i] == NULL || window->end > latest[i]->end))
			latest[i] = window;
	}
	return latest;
}

/* Of the windows that begin before the change ends, the one that ends last; NULL when it ends in time. */
static const Assigned *
find_taker(const Sweep *sweep, const Assigned **latest, const AssignmentChange *change)
{
	int			low = 0;
	int			high = sweep->n;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (sweep->windows[middle]->start < change->end)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && latest[low - 1] && latest[low - 1]->end > change->start ? latest[low - 1] : NULL;
}

static void
set_taken(Sweep *sweep, AssignmentChange *change, const pg_uuid_t *by, TimestampTz start, TimestampTz end, bool by_change)
{
	MemoryContext old = MemoryContextSwitchTo(sweep->of_changes);
	ImportItem	item = {
		.kind = IMPORT_DOUBLE_ASSIGNMENT,
		.status = IMPORT_DEBRIS,
		.has_restaurant = change->has_restaurant,
		.restaurant = change->restaurant,
		.noun = "allocation"
	};

	change->obstacle = CHANGE_TAKEN;
	change->reason = psprintf("booking %s %s it from %s to %s", import_items_id(by), by_change ? "gets" : "has",
							  format_utc(start), format_utc(end));
	item.object = import_changes_object(change);
	item.action = change->inserts ? "none: no assignment is inserted" : "none: its assignment stays without a window";
	item.reason = "its allocation is for a dining table that another booking has at the same time";
	item.detail = change->reason;
	item.next_step = change->inserts ? seating_call("SELECT * FROM menuca_auto_assign('%s');", import_items_id(&change->booking)) :
		psprintf("DELETE FROM %s WHERE booking_id = '%s' AND table_id = '%s'; %s", sweep->call->schema->assignments,
				 import_items_id(&change->booking), import_items_id(&change->table),
				 seating_call("SELECT * FROM menuca_auto_assign('%s');", import_items_id(&change->booking)));
	import_items_add(sweep->call->items, &item);
	MemoryContextSwitchTo(old);
}

static char *
new_dining_tables(const pg_uuid_t *booking)
{
	char	   *id = import_items_id(booking);

	return seating_call("SELECT * FROM menuca_unassign_tables('%s'); SELECT * FROM menuca_auto_assign('%s');", id, id);
}

void
import_assignments_without_window(ImportCall *call, const AssignmentChanges *changes)
{
	const SeatingSchema *schema = call->schema;
	Lookup		lookup = {call, changes};

	(void) query_each(psprintf("SELECT a.table_id, a.booking_id, b.restaurant_id, t.table_number, COALESCE(b.status, '') IN ('cancelled', 'no_show')"
							   " FROM %s a"
							   " LEFT JOIN (SELECT b.id, b.restaurant_id, %s AS status FROM %s b) b ON b.id = a.booking_id"
							   " LEFT JOIN (SELECT t.id, %s AS table_number FROM %s t) t ON t.id = a.table_id"
							   " WHERE NOT COALESCE(a.start_at <= a.end_at, false) AND a.booking_id IS NOT NULL AND a.table_id IS NOT NULL"
							   " ORDER BY b.restaurant_id, t.table_number, a.table_id, a.booking_id",
							   schema->assignments, schema->booking_status, schema->bookings, schema->table_number, schema->dining_tables),
					  NULL, take_without_window, &lookup);
}

static void
take_without_window(TupleTableSlot *slot, void *arg)
{
	const Lookup *lookup = arg;
	const pg_uuid_t *table = DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	const pg_uuid_t *booking = DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	bool		is_over = slot_bool(slot, 4);
	const AssignmentChange *change = import_changes_find(lookup->changes, booking, table);
	ImportItem	item = {
		.kind = IMPORT_NO_WINDOW,
		.status = IMPORT_DEBRIS,
		.has_restaurant = !slot->tts_isnull[2],
		.noun = "assignment",
		.action = "none: reported"
	};

	CHECK_FOR_INTERRUPTS();
	if (change && change->sets_window)
		return;
	if (item.has_restaurant)
		item.restaurant = *DatumGetUUIDP(slot_datum(slot, 2, UUIDOID));
	item.object = import_changes_describe(slot_text_or_null(slot, 3), table, booking, NULL, NULL);
	item.reason = is_over ? "it blocks nobody, and its booking is cancelled or no_show" : "it blocks nobody, and no allocation has its window";
	item.next_step = is_over ?
		psprintf("DELETE FROM %s WHERE booking_id = '%s' AND table_id = '%s';", lookup->call->schema->assignments,
				 import_items_id(booking), import_items_id(table)) :
		window_statement(lookup->call->schema, booking, table);
	import_items_add(lookup->call->items, &item);
}

/* Its booking's own time, where that is in instants. */
static char *
window_statement(const SeatingSchema *schema, const pg_uuid_t *booking, const pg_uuid_t *table)
{
	bool		has_times = users_column_exists("bookings", "start_at") && users_column_exists("bookings", "end_at");

	if (!has_times)
		return psprintf("SELECT * FROM %s WHERE id = '%s';", schema->bookings, import_items_id(booking));
	return psprintf("UPDATE %s a SET start_at = b.start_at, end_at = b.end_at FROM %s b"
					" WHERE b.id = a.booking_id AND a.booking_id = '%s' AND a.table_id = '%s' AND b.start_at < b.end_at;",
					schema->assignments, schema->bookings, import_items_id(booking), import_items_id(table));
}

void
import_assignments_zone_locks(ImportCall *call, const AssignmentChanges *changes)
{
	const SeatingSchema *schema = call->schema;
	Lookup		lookup = {call, changes};

	if (!users_column_exists("bookings", "assigned_zone_id"))
		return;
	(void) query_each(psprintf("SELECT b.id, b.restaurant_id, b.zone FROM (SELECT b.id, b.restaurant_id, b.assigned_zone_id::text AS zone, %s AS status"
							   " FROM %s b WHERE b.assigned_zone_id IS NOT NULL) b WHERE b.status IN ('pending', 'pending_allocation')"
							   " AND NOT EXISTS (SELECT FROM %s a WHERE a.booking_id = b.id) ORDER BY b.restaurant_id, b.id",
							   schema->booking_status, schema->bookings, schema->assignments),
					  NULL, take_zone_lock, &lookup);
}

static void
take_zone_lock(TupleTableSlot *slot, void *arg)
{
	const Lookup *lookup = arg;
	const pg_uuid_t *booking = DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	ImportItem	item = {
		.kind = IMPORT_STALE_ZONE_LOCK,
		.status = IMPORT_DEBRIS,
		.has_restaurant = !slot->tts_isnull[1],
		.noun = "booking",
		.action = "none: reported",
		.reason = "the booking waits, but is bound to a zone by an assignment that it has lost"
	};

	CHECK_FOR_INTERRUPTS();
	if (import_changes_seat(lookup->changes, booking))
		return;
	if (item.has_restaurant)
		item.restaurant = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	item.object = psprintf("booking %s, zone %s", import_items_id(booking), slot_text(slot, 2));
	item.next_step = seating_call("SELECT * FROM menuca_clear_zone_locks();");
	import_items_add(lookup->call->items, &item);
}
