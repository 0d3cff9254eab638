/*-------------------------------------------------------------------------
 *
 * import_allocations.c
 *	  The original's allocations of dining tables and groups: see import_allocations.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/users_column.h"
#include "takeover/allocation_table.h"
#include "takeover/import_allocations.h"

/* Statuses of bookings whose lost assignments are inserted again: they have a promise. */
#define PROMISED "('pending_allocation', 'confirmed', 'checked_in')"

/* Statuses of bookings that give their dining tables back. */
#define RELEASED "('cancelled', 'no_show')"

/* What becomes of an allocation, by the word that the query has for it. */
typedef struct AllocationClass
{
	const char *word;
	ImportKind	kind;
	ImportStatus status;
	const char *action;
	const char *reason;
} AllocationClass;

static const AllocationClass table_classes[] = {
	{"same", IMPORT_ALLOCATION, IMPORT_UNCHANGED, "none: the assignment is the same", NULL},
	{"no_booking", IMPORT_ORPHAN_ALLOCATION, IMPORT_DEBRIS, "none: reported", "its booking does not exist"},
	{"no_table", IMPORT_ORPHAN_ALLOCATION, IMPORT_DEBRIS, "none: reported", "its dining table does not exist"},
	{"elsewhere", IMPORT_ORPHAN_ALLOCATION, IMPORT_DEBRIS, "none: reported", "its dining table is another restaurant's"},
	{"endless", IMPORT_ORPHAN_ALLOCATION, IMPORT_DEBRIS, "none: reported", "its window is not finite, or empty"},
	{"again", IMPORT_ORPHAN_ALLOCATION, IMPORT_DEBRIS, "none: reported", "the same booking and dining table have an allocation that begins sooner"},
	{"several", IMPORT_ALLOCATION, IMPORT_SKIPPED, "none: reported", "the booking has the dining table more than once"},
	{"differs", IMPORT_OTHER_WINDOW, IMPORT_DEBRIS, "none: the assignment counts", "the assignment has another window"},
	{"waits", IMPORT_ALLOCATION, IMPORT_SKIPPED, "none: the booking waits for dining tables", "the booking is pending"},
	{"over", IMPORT_ALLOCATION, IMPORT_SKIPPED, "none: the booking needs no dining table", "the booking is over"},
};

static const AllocationClass group_classes[] = {
	{"same", IMPORT_MERGE_GROUP, IMPORT_UNCHANGED, "none: the assignments have the group", NULL},
	{"no_booking", IMPORT_ORPHAN_ALLOCATION, IMPORT_DEBRIS, "none: reported", "its booking does not exist"},
	{"no_group", IMPORT_ORPHAN_ALLOCATION, IMPORT_DEBRIS, "none: reported", "its merge group does not exist"},
	{"several", IMPORT_MERGE_GROUP, IMPORT_SKIPPED, "none: reported", "the booking has allocations of several groups"},
	{"differs", IMPORT_MERGE_GROUP, IMPORT_SKIPPED, "none: the assignments count", "assignments of the booking have another group"},
	{"some", IMPORT_MERGE_GROUP, IMPORT_SKIPPED, "none: the assignments count", "not all assignments of the booking have the group"},
	{"none", IMPORT_MERGE_GROUP, IMPORT_SKIPPED, "none: there is nothing to join", "the booking has no assignment"}
};

/* State while allocations are read. */
typedef struct AllocationReading
{
	ImportCall *call;
	AssignmentChanges *changes;
	const AllocationTable *table;
	MemoryContext context;		/* of the changes */
} AllocationReading;

static char *table_query(const ImportCall *call, const AllocationTable *table);
static char *table_word(const char *status);
static void take_allocation(TupleTableSlot *slot, void *arg);
static const AllocationClass *find_class(const AllocationClass *classes, int n, const char *word);
static void add_change(AllocationReading *reading, TupleTableSlot *slot, const char *word);
static void add_classed(ImportCall *call, const AllocationClass *class, TupleTableSlot *slot, const char *object, const char *next_step);
static char *group_query(const ImportCall *call, const AllocationTable *table);
static void take_group(TupleTableSlot *slot, void *arg);
static void fill_group(AllocationReading *reading, TupleTableSlot *slot, const pg_uuid_t *booking, const pg_uuid_t *group);
static int	add_group_to_inserted(AllocationReading *reading, const pg_uuid_t *booking, const pg_uuid_t *group);


void
import_allocations_read(ImportCall *call, AssignmentChanges *changes)
{
	AllocationTable *table = allocation_table_find();
	AllocationReading reading = {call, changes, table, CurrentMemoryContext};

	if (table->table->missing)
		import_items_add_missing(call->items, IMPORT_ALLOCATION, table->table->missing);
	else
		(void) query_each(table_query(call, table), NULL, take_allocation, &reading);
}

/* By dining table and start, as the sweep over assignments wants them. */
static char *
table_query(const ImportCall *call, const AllocationTable *table)
{
	const SeatingSchema *schema = call->schema;

	return psprintf("SELECT %s AS word, l.booking_id, l.resource_id, lower(l.\"window\"), upper(l.\"window\"),"
					" COALESCE(b.restaurant_id, l.restaurant), t.table_number"
					" FROM (SELECT l.*, %s AS type, %s AS is_shadow, %s AS restaurant FROM %s l) l"
					" LEFT JOIN (SELECT b.id, b.restaurant_id, %s AS status FROM %s b) b ON b.id = l.booking_id"
					" LEFT JOIN (SELECT t.id, t.restaurant_id, %s AS table_number FROM %s t) t ON t.id = l.resource_id"
					" LEFT JOIN (SELECT a.booking_id, a.table_id, count(*) AS rows, min(a.start_at) AS start_at, max(a.end_at) AS end_at"
					" FROM %s a GROUP BY a.booking_id, a.table_id) a ON a.booking_id = l.booking_id AND a.table_id = l.resource_id"
					" WHERE l.type = 'table' AND NOT l.is_shadow ORDER BY l.resource_id, lower(l.\"window\"), l.booking_id",
					table_word("b.status"), table->type, table->shadow, table->restaurant, table->table->quoted,
					schema->booking_status, schema->bookings, schema->table_number, schema->dining_tables, schema->assignments);
}

/* The first that holds. */
static char *
table_word(const char *status)
{
	return psprintf("CASE WHEN b.id IS NULL THEN 'no_booking' WHEN t.id IS NULL THEN 'no_table'"
					" WHEN t.restaurant_id <> b.restaurant_id THEN 'elsewhere'"
					" WHEN NOT COALESCE(isfinite(lower(l.\"window\")) AND isfinite(upper(l.\"window\")), false) THEN 'endless'"
					" WHEN a.rows > 1 THEN 'several'"
					" WHEN a.start_at = lower(l.\"window\") AND a.end_at = upper(l.\"window\") THEN 'same'"
					" WHEN a.rows = 1 AND num_nulls(a.start_at, a.end_at) = 0 THEN 'differs'"
					" WHEN a.rows = 1 AND COALESCE(a.start_at, lower(l.\"window\")) <> lower(l.\"window\") THEN 'differs'"
					" WHEN a.rows = 1 AND COALESCE(a.end_at, upper(l.\"window\")) <> upper(l.\"window\") THEN 'differs'"
					" WHEN a.rows IS NULL AND %1$s = 'pending' THEN 'waits'"
					" WHEN a.rows IS NULL AND COALESCE(%1$s, '') NOT IN " PROMISED " THEN 'over'"
					" WHEN COALESCE(%1$s, '') IN " RELEASED " THEN 'over'"
					" WHEN 1 < row_number() OVER (PARTITION BY l.booking_id, l.resource_id ORDER BY"
					" isfinite(lower(l.\"window\")) AND isfinite(upper(l.\"window\")) DESC NULLS LAST, lower(l.\"window\"), upper(l.\"window\")) THEN 'again'"
					" WHEN a.rows = 1 THEN 'fill' ELSE 'insert' END", status);
}

static void
take_allocation(TupleTableSlot *slot, void *arg)
{
	AllocationReading *reading = arg;
	char	   *word = slot_text(slot, 0);
	const AllocationClass *class = find_class(table_classes, lengthof(table_classes), word);
	const pg_uuid_t *booking = slot->tts_isnull[1] ? NULL : DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	const pg_uuid_t *table = slot->tts_isnull[2] ? NULL : DatumGetUUIDP(slot_datum(slot, 2, UUIDOID));
	StringInfoData object;

	CHECK_FOR_INTERRUPTS();
	if (class == NULL)
	{
		add_change(reading, slot, word);
		return;
	}
	initStringInfo(&object);
	if (!slot->tts_isnull[6])
		appendStringInfo(&object, "dining table %s", import_items_name(slot_text(slot, 6)));
	else
		appendStringInfo(&object, "dining table %s", table ? import_items_id(table) : "NULL");
	appendStringInfo(&object, ", booking %s", booking ? import_items_id(booking) : "NULL");
	if (!slot->tts_isnull[3] && !slot->tts_isnull[4])
		appendStringInfo(&object, ", from %s to %s", format_utc(slot_time(slot, 3)), format_utc(slot_time(slot, 4)));
	add_classed(reading->call, class, slot, object.data, allocation_table_show(reading->table, booking, table));
}

static const AllocationClass *
find_class(const AllocationClass *classes, int n, const char *word)
{
	for (int i = 0; i < n; i++)
	{
		if (strcmp(classes[i].word, word) == 0)
			return &classes[i];
	}
	return NULL;
}

static void
add_change(AllocationReading *reading, TupleTableSlot *slot, const char *word)
{
	MemoryContext old = MemoryContextSwitchTo(reading->context);
	AssignmentChange *change = import_changes_add(reading->changes, DatumGetUUIDP(slot_datum(slot, 1, UUIDOID)),
												  DatumGetUUIDP(slot_datum(slot, 2, UUIDOID)));

	change->inserts = strcmp(word, "insert") == 0;
	change->sets_window = true;
	change->start = slot_time(slot, 3);
	change->end = slot_time(slot, 4);
	change->has_restaurant = !slot->tts_isnull[5];
	if (change->has_restaurant)
		change->restaurant = *DatumGetUUIDP(slot_datum(slot, 5, UUIDOID));
	change->number = slot_text_or_null(slot, 6);
	MemoryContextSwitchTo(old);
}

/* The restaurant is in the slot's sixth column. */
static void
add_classed(ImportCall *call, const AllocationClass *class, TupleTableSlot *slot, const char *object, const char *next_step)
{
	ImportItem	item = {
		.kind = class->kind,
		.status = class->status,
		.has_restaurant = !slot->tts_isnull[5],
		.noun = "allocation",
		.object = object,
		.action = class->action,
		.reason = class->reason,
		.next_step = class->status == IMPORT_UNCHANGED ? NULL : next_step
	};

	if (item.has_restaurant)
		item.restaurant = *DatumGetUUIDP(slot_datum(slot, 5, UUIDOID));
	import_items_add(call->items, &item);
}

void
import_allocations_read_groups(ImportCall *call, AssignmentChanges *changes)
{
	AllocationTable *table = allocation_table_find();
	AllocationReading reading = {call, changes, table, CurrentMemoryContext};

	if (table->table->missing)
		return;
	if (users_column_exists("booking_table_assignments", "merge_group_id"))
	{
		import_changes_sort(changes);
		(void) query_each(group_query(call, table), NULL, take_group, &reading);
		import_changes_sort(changes);
	}
	else
		import_items_add_missing(call->items, IMPORT_MERGE_GROUP,
								 psprintf("column merge_group_id of table %s does not exist", call->schema->assignments));
}

/* A group may be one that a foreign key wants in merge_groups. */
static char *
group_query(const ImportCall *call, const AllocationTable *table)
{
	static const OriginalColumn columns[] = {{"id", UUIDOID}};
	OriginalTable *groups = original_find("merge_groups", columns, lengthof(columns));
	const char *dissolved = original_value(groups, "dissolved_at", TIMESTAMPTZOID, "g", "NULL::timestamptz");
	char	   *exists = groups->missing ? pstrdup(users_column_refers("booking_table_assignments", "merge_group_id") ? "false" : "true") :
		psprintf("EXISTS (SELECT FROM %s g WHERE g.id = l.resource_id AND %s IS NULL)", groups->quoted, dissolved);

	return psprintf("SELECT CASE WHEN b.id IS NULL THEN 'no_booking' WHEN l.resource_id IS NULL OR NOT %1$s THEN 'no_group'"
					" WHEN min(l.resource_id::text) OVER w <> max(l.resource_id::text) OVER w THEN 'several'"
					" WHEN a.rows IS NULL THEN 'none' WHEN a.grouped = 0 THEN 'fill'"
					" WHEN a.first_group <> l.resource_id::text OR a.last_group <> l.resource_id::text THEN 'differs'"
					" WHEN a.grouped < a.rows THEN 'some' ELSE 'same' END,"
					" l.booking_id, l.resource_id, a.table_ids, a.numbers, COALESCE(b.restaurant_id, l.restaurant)"
					" FROM (SELECT l.*, %2$s AS type, %3$s AS is_shadow, %4$s AS restaurant FROM %5$s l) l"
					" LEFT JOIN %6$s b ON b.id = l.booking_id"
					" LEFT JOIN (SELECT a.booking_id, count(*) AS rows, count(a.merge_group_id) AS grouped, min(a.merge_group_id::text) AS first_group,"
					" max(a.merge_group_id::text) AS last_group, array_agg(a.table_id ORDER BY a.table_id) AS table_ids,"
					" array_agg(COALESCE(t.table_number, a.table_id::text, '') ORDER BY a.table_id) AS numbers FROM %7$s a"
					" LEFT JOIN (SELECT t.id, %8$s AS table_number FROM %9$s t) t ON t.id = a.table_id"
					" WHERE a.booking_id IN (SELECT l.booking_id FROM %5$s l WHERE %2$s = 'merge_group') GROUP BY a.booking_id) a"
					" ON a.booking_id = l.booking_id"
					" WHERE l.type = 'merge_group' AND NOT l.is_shadow WINDOW w AS (PARTITION BY l.booking_id)"
					" ORDER BY l.booking_id, l.resource_id",
					exists, table->type, table->shadow, table->restaurant, table->table->quoted,
					call->schema->bookings, call->schema->assignments, call->schema->table_number, call->schema->dining_tables);
}

static void
take_group(TupleTableSlot *slot, void *arg)
{
	AllocationReading *reading = arg;
	char	   *word = slot_text(slot, 0);
	const AllocationClass *class = find_class(group_classes, lengthof(group_classes), word);
	const pg_uuid_t *booking = slot->tts_isnull[1] ? NULL : DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	const pg_uuid_t *group = slot->tts_isnull[2] ? NULL : DatumGetUUIDP(slot_datum(slot, 2, UUIDOID));
	MemoryContext old;
	int			added = 0;

	CHECK_FOR_INTERRUPTS();
	old = MemoryContextSwitchTo(reading->context);
	if (strcmp(word, "fill") == 0)
		fill_group(reading, slot, booking, group);
	if (strcmp(word, "fill") == 0 || strcmp(word, "same") == 0 || strcmp(word, "none") == 0)
		added = add_group_to_inserted(reading, booking, group);
	MemoryContextSwitchTo(old);
	if (class && (added == 0 || strcmp(word, "none") != 0))
		add_classed(reading->call, class, slot,
					psprintf("merge group %s, booking %s", group ? import_items_id(group) : "NULL",
							 booking ? import_items_id(booking) : "NULL"),
					allocation_table_show(reading->table, booking, group));
}

/* Each assignment that the booking has gets it. */
static void
fill_group(AllocationReading *reading, TupleTableSlot *slot, const pg_uuid_t *booking, const pg_uuid_t *group)
{
	AssignmentChanges *changes = reading->changes;
	List	   *numbers = slot_text_list(slot, 4);
	Datum	   *values;
	bool	   *nulls;
	int			n;

	deconstruct_array(DatumGetArrayTypeP(slot_datum(slot, 3, UUIDARRAYOID)), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR,
					  &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		AssignmentChange *change;

		if (nulls[i] || (i > 0 && !nulls[i - 1] && memcmp(DatumGetUUIDP(values[i]), DatumGetUUIDP(values[i - 1]), UUID_LEN) == 0))
			continue;
		change = import_changes_find(changes, booking, DatumGetUUIDP(values[i]));
		if (change == NULL || change->obstacle != CHANGE_POSSIBLE)
		{
			change = import_changes_add(changes, booking, DatumGetUUIDP(values[i]));
			change->number = list_nth(numbers, i);
			change->has_restaurant = !slot->tts_isnull[5];
			if (change->has_restaurant)
				change->restaurant = *DatumGetUUIDP(slot_datum(slot, 5, UUIDOID));
		}
		change->sets_group = true;
		change->group = *group;
	}
}

/* And so does each that is inserted for it; returns how many. */
static int
add_group_to_inserted(AllocationReading *reading, const pg_uuid_t *booking, const pg_uuid_t *group)
{
	AssignmentChanges *changes = reading->changes;
	int			added = 0;

	for (int i = import_changes_first(changes, booking); i < changes->nsorted; i++)
	{
		AssignmentChange *change = changes->by_booking[i];

		if (memcmp(&change->booking, booking, UUID_LEN) != 0)
			break;
		if (!change->inserts || change->obstacle != CHANGE_POSSIBLE)
			continue;
		change->sets_group = true;
		change->group = *group;
		added++;
	}
	return added;
}
