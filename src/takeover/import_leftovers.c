/*-------------------------------------------------------------------------
 *
 * import_leftovers.c
 *	  What the original has left in allocations and holds: see import_leftovers.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/users_column.h"
#include "takeover/allocation_table.h"
#include "takeover/import_leftovers.h"

/* This many ids are named; the statement of the next step has all. */
#define FIRST_IDS "10"

/* Statuses of bookings that are over. */
#define OVER "('cancelled', 'no_show', 'completed')"

/* Rows of one sort: how many, of which restaurant, and the first of their ids. */
typedef struct Leftover
{
	const char *word;
	ImportKind	kind;
	ImportStatus status;
	const char *noun;
	const char *action;
	const char *reason;
	const char *condition;		/* on the alias of the row, for DELETE; NULL
								 * for none */
} Leftover;

/* State while they are read. */
typedef struct LeftoverReading
{
	ImportCall *call;
	const Leftover *leftovers;
	int			n;
	char	   *next_step;		/* statements with %W for the condition, or
								 * NULL */
	const char *restaurant;		/* column for the restaurant in it, or NULL */
} LeftoverReading;

static void read_leftovers(LeftoverReading *reading, const char *sql);
static void take_leftover(TupleTableSlot *slot, void *arg);
static char *statement_for(const LeftoverReading *reading, const char *condition, const pg_uuid_t *restaurant);
static char *shadow_without_mirror(const ImportCall *call, const AllocationTable *table);
static char *hold_state(const SeatingSchema *schema);


void
import_leftovers_shadows(ImportCall *call)
{
	AllocationTable *table = allocation_table_find();
	const SeatingSchema *schema = call->schema;
	char	   *lost = psprintf("NOT EXISTS (SELECT FROM %s b WHERE b.id = l.booking_id)", schema->bookings);
	char	   *over = psprintf("EXISTS (SELECT FROM %s b WHERE b.id = l.booking_id AND %s IN " OVER ")", schema->bookings, schema->booking_status);
	Leftover	leftovers[] = {
		{"lost", IMPORT_SHADOW_ALLOCATION, IMPORT_DEBRIS, "shadow allocation", "none: reported", "their booking does not exist", NULL},
		{"over", IMPORT_SHADOW_ALLOCATION, IMPORT_DEBRIS, "shadow allocation", "none: reported", "their booking is over", NULL},
		{"past", IMPORT_SHADOW_ALLOCATION, IMPORT_DEBRIS, "shadow allocation", "none: reported", "their window has passed", NULL},
		{"alone", IMPORT_SHADOW_ALLOCATION, IMPORT_DEBRIS, "shadow allocation", "none: reported", "they mirror nothing that exists", NULL},
		{"mirror", IMPORT_ALLOCATION, IMPORT_UNCHANGED, "shadow allocation", "none: shadows block nobody", NULL, NULL}
	};
	LeftoverReading reading = {call, leftovers, lengthof(leftovers), NULL, NULL};

	if (table->table->missing)
		return;
	leftovers[0].condition = lost;
	leftovers[1].condition = over;
	leftovers[2].condition = "upper(l.\"window\") <= now()";
	leftovers[3].condition = shadow_without_mirror(call, table);
	reading.next_step = psprintf("DELETE FROM %s l WHERE %s AND %%W;", table->table->quoted, table->shadow);
	reading.restaurant = strcmp(table->restaurant, "NULL::uuid") == 0 ? NULL : table->restaurant;
	read_leftovers(&reading,
				   psprintf("SELECT l.word, l.restaurant, count(*), array_to_string((array_agg(l.id ORDER BY l.id))[1:" FIRST_IDS "], ', ')"
							" FROM (SELECT CASE WHEN %s THEN 'lost' WHEN %s THEN 'over' WHEN upper(l.\"window\") <= $1 THEN 'past'"
							" WHEN %s THEN 'alone' ELSE 'mirror' END AS word, %s AS restaurant, %s AS id FROM %s l WHERE %s) l"
							" GROUP BY 1, 2 ORDER BY 2 NULLS FIRST, 1",
							lost, over, leftovers[3].condition, table->restaurant, table->id, table->table->quoted, table->shadow));
}

/* The condition that a shadow's counterpart does not exist. */
static char *
shadow_without_mirror(const ImportCall *call, const AllocationTable *table)
{
	const SeatingSchema *schema = call->schema;
	static const OriginalColumn columns[] = {{"id", UUIDOID}};
	OriginalTable *groups = original_find("merge_groups", columns, lengthof(columns));
	StringInfoData condition;

	initStringInfo(&condition);
	appendStringInfo(&condition, "CASE %s WHEN 'table' THEN NOT EXISTS (SELECT FROM %s a"
					 " WHERE a.booking_id = l.booking_id AND a.table_id = l.resource_id)", table->type, schema->assignments);
	if (schema->holds)
		appendStringInfo(&condition, " WHEN 'hold' THEN NOT EXISTS (SELECT FROM %s h WHERE h.id = l.resource_id)", schema->holds);
	if (!groups->missing)
		appendStringInfo(&condition, " WHEN 'merge_group' THEN NOT EXISTS (SELECT FROM %s g WHERE g.id = l.resource_id)", groups->quoted);
	else if (users_column_exists("booking_table_assignments", "merge_group_id"))
		appendStringInfo(&condition, " WHEN 'merge_group' THEN NOT EXISTS (SELECT FROM %s a WHERE a.merge_group_id = l.resource_id)",
						 schema->assignments);
	appendStringInfoString(&condition, " ELSE true END");
	return condition.data;
}

/* sql: word, restaurant, count, the first ids as text; $1 is now. */
static void
read_leftovers(LeftoverReading *reading, const char *sql)
{
	QueryArgs	args = {0};

	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(reading->call->now), false);
	(void) query_each(sql, &args, take_leftover, reading);
}

static void
take_leftover(TupleTableSlot *slot, void *arg)
{
	const LeftoverReading *reading = arg;
	char	   *word = slot_text(slot, 0);
	uint64		count = (uint64) slot_int8(slot, 2);
	char	   *ids = slot_text_or_null(slot, 3);
	ImportItem	item = {.has_restaurant = !slot->tts_isnull[1],.count = count};
	const Leftover *leftover = reading->leftovers;

	while (strcmp(leftover->word, word) != 0)
		leftover++;
	if (item.has_restaurant)
		item.restaurant = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	item.kind = leftover->kind;
	item.status = leftover->status;
	item.noun = leftover->noun;
	item.action = leftover->action;
	item.reason = leftover->reason;
	item.object = psprintf("%s%s%s%s", format_things(count, leftover->noun), ids && *ids ? ": " : "", ids ? ids : "",
						   ids && *ids && count > strtoul(FIRST_IDS, NULL, 10) ? ", ..." : "");
	if (leftover->condition && reading->next_step)
		item.next_step = statement_for(reading, leftover->condition, item.has_restaurant ? &item.restaurant : NULL);
	import_items_add(reading->call->items, &item);
}

/* Only what was counted in this row: of that restaurant. */
static char *
statement_for(const LeftoverReading *reading, const char *condition, const pg_uuid_t *restaurant)
{
	StringInfoData statement;

	initStringInfo(&statement);
	for (const char *p = reading->next_step; *p; p++)
	{
		if (strncmp(p, "%W", 2) != 0)
		{
			appendStringInfoChar(&statement, *p);
			continue;
		}
		p++;
		appendStringInfoString(&statement, condition);
		if (reading->restaurant && restaurant)
			appendStringInfo(&statement, " AND %s = '%s'", reading->restaurant, import_items_id(restaurant));
		else if (reading->restaurant)
			appendStringInfo(&statement, " AND %s IS NULL", reading->restaurant);
	}
	return statement.data;
}

void
import_leftovers_other_allocations(ImportCall *call)
{
	Leftover	leftovers[] = {
		{"active", IMPORT_ALLOCATION, IMPORT_UNCHANGED, "hold allocation", "none: the hold is honoured", NULL, NULL},
		{"expired", IMPORT_ORPHAN_ALLOCATION, IMPORT_DEBRIS, "hold allocation", "none: reported", "their hold has expired", NULL},
		{"lost", IMPORT_ORPHAN_ALLOCATION, IMPORT_DEBRIS, "hold allocation", "none: reported", "their hold does not exist", NULL},
		{"unknown", IMPORT_ORPHAN_ALLOCATION, IMPORT_DEBRIS, "allocation", "none: reported",
		"their resource_type is none of table, hold, merge_group", NULL}
	};
	AllocationTable *table = allocation_table_find();
	LeftoverReading reading = {call, leftovers, lengthof(leftovers), NULL, NULL};
	char	   *hold = "NULL::timestamptz";
	char	   *holds = "";

	if (table->table->missing)
		return;
	if (call->schema->holds)
	{
		hold = "h.expires_at";
		holds = psprintf(" LEFT JOIN %s h ON h.id = l.resource_id", call->schema->holds);
		leftovers[1].condition = psprintf("%s = 'hold' AND EXISTS (SELECT FROM %s h WHERE h.id = l.resource_id AND h.expires_at <= now())",
										  table->type, call->schema->holds);
		leftovers[2].condition = psprintf("%s = 'hold' AND NOT EXISTS (SELECT FROM %s h WHERE h.id = l.resource_id)",
										  table->type, call->schema->holds);
	}
	else
		leftovers[2].condition = psprintf("%s = 'hold'", table->type);
	leftovers[3].condition = psprintf("%s NOT IN ('table', 'hold', 'merge_group')", table->type);
	reading.next_step = psprintf("DELETE FROM %s l WHERE NOT %s AND %%W;", table->table->quoted, table->shadow);
	reading.restaurant = strcmp(table->restaurant, "NULL::uuid") == 0 ? NULL : table->restaurant;
	read_leftovers(&reading,
				   psprintf("SELECT l.word, l.restaurant, count(*), array_to_string((array_agg(l.id ORDER BY l.id))[1:" FIRST_IDS "], ', ')"
							" FROM (SELECT CASE WHEN %1$s <> 'hold' THEN 'unknown' WHEN %2$s > $1 THEN 'active' WHEN %2$s IS NULL THEN 'lost'"
							" ELSE 'expired' END AS word, %3$s AS restaurant, %4$s AS id FROM %5$s l%6$s"
							" WHERE NOT %7$s AND %1$s NOT IN ('table', 'merge_group')) l GROUP BY 1, 2 ORDER BY 2 NULLS FIRST, 1",
							table->type, hold, table->restaurant, table->id, table->table->quoted, holds, table->shadow));
}

void
import_leftovers_holds(ImportCall *call)
{
	const SeatingSchema *schema = call->schema;
	Leftover	leftovers[] = {
		{"active", IMPORT_HOLD, IMPORT_UNCHANGED, "hold", "none: they are honoured", NULL, NULL},
		{"details", IMPORT_HOLD, IMPORT_UNCHANGED, "hold", "none: they are honoured", "they have metadata, which stays as it is", NULL},
		{"expired", IMPORT_EXPIRED_HOLD, IMPORT_DEBRIS, "expired hold", "none: reported", "they block nobody any more",
		"NOT COALESCE(h.expires_at > now(), false)"}
	};
	static const OriginalColumn columns[] = {{"hold_id", UUIDOID}};
	OriginalTable *windows = original_find("table_hold_windows", columns, lengthof(columns));
	LeftoverReading reading = {call, leftovers, lengthof(leftovers), NULL, NULL};
	StringInfoData next;

	if (schema->holds == NULL)
	{
		import_items_add_missing(call->items, IMPORT_HOLD, original_find("table_holds", NULL, 0)->missing);
		return;
	}
	initStringInfo(&next);
	if (!windows->missing)
		appendStringInfo(&next, "DELETE FROM %s w USING %s h WHERE h.id = w.hold_id AND %%W; ", windows->quoted, schema->holds);
	appendStringInfo(&next, "DELETE FROM %s m USING %s h WHERE h.id = m.hold_id AND %%W; DELETE FROM %s h WHERE %%W;",
					 schema->hold_members, schema->holds, schema->holds);
	reading.next_step = next.data;
	reading.restaurant = "h.restaurant_id";
	read_leftovers(&reading,
				   psprintf("SELECT h.word, h.restaurant_id, count(*), array_to_string((array_agg(h.id ORDER BY h.id))[1:" FIRST_IDS "], ', ')"
							" FROM (SELECT %s AS word, h.restaurant_id, h.id::text AS id FROM %s h) h GROUP BY 1, 2 ORDER BY 2 NULLS FIRST, 1",
							hold_state(schema), schema->holds));
}

/* Without an expiry a hold blocks nobody: that is how it is read. */
static char *
hold_state(const SeatingSchema *schema)
{
	OriginalTable holds = {.relid = schema->hold_table};

	return psprintf("CASE WHEN NOT COALESCE(h.expires_at > $1, false) THEN 'expired' WHEN COALESCE(%s, '') IN ('', '{}', 'null')"
					" THEN 'active' ELSE 'details' END", original_text(&holds, "metadata", "h", "NULL::text"));
}

void
import_leftovers_hold_windows(ImportCall *call)
{
	const SeatingSchema *schema = call->schema;
	Leftover	leftovers[] = {
		{"lost", IMPORT_STALE_HOLD_WINDOW, IMPORT_DEBRIS, "hold window", "none: reported",
		"their hold does not exist, but an exclusion constraint counts them", NULL},
		{"expired", IMPORT_STALE_HOLD_WINDOW, IMPORT_DEBRIS, "hold window", "none: reported",
		"their hold has expired, but an exclusion constraint counts them", NULL},
		{"active", IMPORT_HOLD, IMPORT_UNCHANGED, "hold window", "none: their holds are honoured", NULL, NULL}
	};
	static const OriginalColumn columns[] = {{"hold_id", UUIDOID}};
	OriginalTable *windows = original_find("table_hold_windows", columns, lengthof(columns));
	LeftoverReading reading = {call, leftovers, lengthof(leftovers), NULL, NULL};
	char	   *restaurant = original_value(windows, "restaurant_id", UUIDOID, "w", "NULL::uuid");
	char	   *expires = original_value(windows, "expires_at", TIMESTAMPTZOID, "w", "NULL::timestamptz");

	if (schema->holds == NULL)
		return;
	if (windows->missing)
	{
		import_items_add_missing(call->items, IMPORT_HOLD, windows->missing);
		return;
	}
	leftovers[0].condition = psprintf("NOT EXISTS (SELECT FROM %s h WHERE h.id = w.hold_id)", schema->holds);
	leftovers[1].condition = psprintf("(%s <= now() OR EXISTS (SELECT FROM %s h WHERE h.id = w.hold_id AND h.expires_at <= now()))",
									  expires, schema->holds);
	reading.next_step = psprintf("DELETE FROM %s w WHERE %%W;", windows->quoted);
	reading.restaurant = strcmp(restaurant, "NULL::uuid") == 0 ? NULL : restaurant;
	read_leftovers(&reading,
				   psprintf("SELECT w.word, w.restaurant, count(*), array_to_string((array_agg(w.id ORDER BY w.id))[1:" FIRST_IDS "], ', ')"
							" FROM (SELECT CASE WHEN h.id IS NULL THEN 'lost' WHEN h.expires_at <= $1 OR %s <= $1 THEN 'expired'"
							" ELSE 'active' END AS word, %s AS restaurant, w.hold_id::text AS id FROM %s w LEFT JOIN %s h ON h.id = w.hold_id) w"
							" GROUP BY 1, 2 ORDER BY 2 NULLS FIRST, 1", expires, restaurant, windows->quoted, schema->holds));
}
