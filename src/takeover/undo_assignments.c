/*-------------------------------------------------------------------------
 *
 * undo_assignments.c
 *	  Putting back assignments that an import changed: see undo_assignments.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "base/query.h"
#include "base/relation.h"
#include "base/slot.h"
#include "seating/seating_extension.h"
#include "takeover/import_changes.h"
#include "takeover/import_plan.h"
#include "takeover/import_images.h"
#include "takeover/original.h"
#include "takeover/undo_assignments.h"

/* Rows that are written in one statement: its arrays are a few megabytes. */
#define BATCH 5000

/* A change of the ledger. */
typedef struct EnteredChange
{
	pg_uuid_t	booking;
	pg_uuid_t	table;
	bool		has_restaurant;
	pg_uuid_t	restaurant;
	char	   *number;			/* of the dining table, or NULL */
	bool		inserted;
	bool		window;			/* was filled in */
	bool		group;			/* likewise */
	char	   *after;			/* its rows */
	bool		has_start;		/* a start that it had before */
	TimestampTz start;
	bool		has_end;
	TimestampTz end;
	const char *obstacle;		/* why it is left, or NULL */
} EnteredChange;

static void *make_entered(TupleTableSlot *slot);
static void compare_with_now(const ImportCall *call, List *entered, int from, int to);
static void keep_confirmed(const ImportCall *call, List *entered);
static void keep_one(TupleTableSlot *slot, void *arg);
static void undo_batch(const ImportCall *call, List *entered, int from, int to);
static void undo_inserted(const ImportCall *call, EnteredChange **changes, int n);
static void undo_filled(const ImportCall *call, EnteredChange **changes, int n);
static void pair_arguments(QueryArgs *args, EnteredChange **changes, int n);
static void report_entered(ImportCall *call, const EnteredChange *change);


void
undo_assignments(ImportCall *call)
{
	QueryArgs	args = {0};
	List	   *entered;
	ListCell   *lc;

	query_arg_int8(&args, call->number);
	entered = original_read_own("menuca_seating_change",
								psprintf("SELECT (c.after ->> 'booking_id')::uuid, (c.after ->> 'table_id')::uuid, c.restaurant_id, c.after ->> 'number',"
										 " COALESCE((c.after ->> 'inserted')::bool, false), COALESCE((c.after ->> 'window')::bool, false),"
										 " COALESCE((c.after ->> 'group')::bool, false), (c.after -> 'rows')::text,"
										 " (c.before -> 'rows' -> 0 ->> 'start_at')::timestamptz, (c.before -> 'rows' -> 0 ->> 'end_at')::timestamptz"
										 " FROM %smenuca_seating_change c WHERE c.what = 'import' AND c.after -> 'import' = to_jsonb($1)"
										 " AND c.after ->> 'kind' = 'assignment' ORDER BY c.change_id", seating_extension_schema()),
								&args, make_entered);
	for (int from = 0; from < list_length(entered); from += BATCH)
		compare_with_now(call, entered, from, Min(from + BATCH, list_length(entered)));
	keep_confirmed(call, entered);
	for (int from = 0; !call->dry_run && from < list_length(entered); from += BATCH)
		undo_batch(call, entered, from, Min(from + BATCH, list_length(entered)));
	foreach(lc, entered)
		report_entered(call, lfirst(lc));
}

static void *
make_entered(TupleTableSlot *slot)
{
	EnteredChange *change = palloc0(sizeof(EnteredChange));

	change->booking = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	change->table = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	change->has_restaurant = !slot->tts_isnull[2];
	if (change->has_restaurant)
		change->restaurant = *DatumGetUUIDP(slot_datum(slot, 2, UUIDOID));
	change->number = slot_text_or_null(slot, 3);
	change->inserted = slot_bool(slot, 4);
	change->window = slot_bool(slot, 5);
	change->group = slot_bool(slot, 6);
	change->after = slot_text(slot, 7);
	change->has_start = !slot->tts_isnull[8];
	if (change->has_start)
		change->start = slot_time(slot, 8);
	change->has_end = !slot->tts_isnull[9];
	if (change->has_end)
		change->end = slot_time(slot, 9);
	return change;
}

static void
compare_with_now(const ImportCall *call, List *entered, int from, int to)
{
	int			n = to - from;
	Datum	   *bookings = palloc(n * sizeof(Datum));
	Datum	   *tables = palloc(n * sizeof(Datum));
	char	  **images;

	for (int i = 0; i < n; i++)
	{
		EnteredChange *change = list_nth(entered, from + i);

		bookings[i] = UUIDPGetDatum(&change->booking);
		tables[i] = UUIDPGetDatum(&change->table);
	}
	images = import_images_read(call->schema, bookings, tables, n);
	for (int i = 0; i < n; i++)
	{
		EnteredChange *change = list_nth(entered, from + i);

		CHECK_FOR_INTERRUPTS();
		if (images[i] == NULL)
			change->obstacle = "somebody has deleted it since";
		else if (strcmp(images[i], change->after) != 0)
			change->obstacle = "somebody has changed it since";
	}
}

/* State while inserted assignments are looked for that a confirmed booking cannot lose. */
typedef struct KeptChanges
{
	EnteredChange **changes;
} KeptChanges;

/* Once the guarantees are deployed, a confirmed booking has a dining table at commit. */
static void
keep_confirmed(const ImportCall *call, List *entered)
{
	KeptChanges kept = {palloc_extended((list_length(entered) + 1) * sizeof(EnteredChange *), MCXT_ALLOC_HUGE)};
	QueryArgs	guarded = {0};
	QueryArgs	args = {0};
	ListCell   *lc;
	int			n = 0;

	foreach(lc, entered)
	{
		EnteredChange *change = lfirst(lc);

		if (change->inserted && change->obstacle == NULL)
			kept.changes[n++] = change;
	}
	query_arg(&guarded, OIDOID, ObjectIdGetDatum(original_find("booking_table_assignments", NULL, 0)->relid), false);
	if (n == 0 || !query_bool("SELECT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = $1 AND t.tgname = 'booking_assignment_validation'"
							  " AND t.tgenabled <> 'D')", &guarded))
		return;
	pair_arguments(&args, kept.changes, n);
	(void) query_each(psprintf("SELECT n.i FROM (SELECT n.*, count(*) OVER (PARTITION BY n.b) AS goes"
							   " FROM ROWS FROM (unnest($1), unnest($2)) WITH ORDINALITY AS n (b, t, i)) n"
							   " JOIN (SELECT b.id, %s AS status FROM %s b) b ON b.id = n.b AND b.status = 'confirmed'"
							   " JOIN (SELECT a.booking_id, count(*) AS rows FROM %s a GROUP BY a.booking_id) a ON a.booking_id = n.b"
							   " WHERE a.rows <= n.goes", call->schema->booking_status, call->schema->bookings, call->schema->assignments),
					  &args, keep_one, &kept);
}

static void
keep_one(TupleTableSlot *slot, void *arg)
{
	const KeptChanges *kept = arg;

	kept->changes[slot_int8(slot, 0) - 1]->obstacle = "its booking is confirmed, and would have no dining table left, which a guarantee forbids";
}

static void
undo_batch(const ImportCall *call, List *entered, int from, int to)
{
	EnteredChange **inserted = palloc((to - from) * sizeof(EnteredChange *));
	EnteredChange **filled = palloc((to - from) * sizeof(EnteredChange *));
	int			ninserted = 0;
	int			nfilled = 0;

	for (int i = from; i < to; i++)
	{
		EnteredChange *change = list_nth(entered, i);

		if (change->obstacle)
			continue;
		if (change->inserted)
			inserted[ninserted++] = change;
		else
			filled[nfilled++] = change;
	}
	if (ninserted > 0)
		undo_inserted(call, inserted, ninserted);
	if (nfilled > 0)
		undo_filled(call, filled, nfilled);
}

/* As the caller, with his search_path, so every name is qualified. */
static void
undo_inserted(const ImportCall *call, EnteredChange **changes, int n)
{
	QueryArgs	args = {0};

	relation_require(original_find("booking_table_assignments", NULL, 0)->relid, ACL_DELETE);
	pair_arguments(&args, changes, n);
	query_write(psprintf("DELETE FROM %s a USING ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS n (b, t)"
						 " WHERE a.booking_id OPERATOR(pg_catalog.=) n.b AND a.table_id OPERATOR(pg_catalog.=) n.t", call->schema->assignments),
				&args, NULL, NULL);
}

static void
undo_filled(const ImportCall *call, EnteredChange **changes, int n)
{
	QueryArgs	args = {0};
	Datum	   *values = palloc(n * sizeof(Datum));
	bool	   *nulls = palloc(n * sizeof(bool));
	bool		has_groups = false;

	pair_arguments(&args, changes, n);
	for (int place = 2; place < 6; place++)
	{
		for (int i = 0; i < n; i++)
		{
			const EnteredChange *change = changes[i];
			const Datum all[] = {
				TimestampTzGetDatum(change->start), TimestampTzGetDatum(change->end),
				BoolGetDatum(change->window), BoolGetDatum(change->group)
			};

			values[i] = all[place - 2];
			nulls[i] = place == 2 ? !change->has_start : place == 3 && !change->has_end;
			has_groups |= change->group;
		}
		original_array(&args, place < 4 ? TIMESTAMPTZOID : BOOLOID, values, nulls, n);
	}
	query_write(psprintf("UPDATE %s a SET start_at = CASE WHEN n.w THEN n.s ELSE a.start_at END, end_at = CASE WHEN n.w THEN n.e ELSE a.end_at END%s"
						 " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),"
						 " pg_catalog.unnest($5), pg_catalog.unnest($6)) AS n (b, t, s, e, w, g)"
						 " WHERE a.booking_id OPERATOR(pg_catalog.=) n.b AND a.table_id OPERATOR(pg_catalog.=) n.t",
						 call->schema->assignments,
						 has_groups ? ", merge_group_id = CASE WHEN n.g THEN NULL ELSE a.merge_group_id END" : ""),
				&args, NULL, NULL);
}

/* $1 bookings, $2 dining tables. */
static void
pair_arguments(QueryArgs *args, EnteredChange **changes, int n)
{
	Datum	   *bookings = palloc_extended(n * sizeof(Datum), MCXT_ALLOC_HUGE);
	Datum	   *tables = palloc_extended(n * sizeof(Datum), MCXT_ALLOC_HUGE);

	for (int i = 0; i < n; i++)
	{
		bookings[i] = UUIDPGetDatum(&changes[i]->booking);
		tables[i] = UUIDPGetDatum(&changes[i]->table);
	}
	original_array(args, UUIDOID, bookings, NULL, n);
	original_array(args, UUIDOID, tables, NULL, n);
}

static void
report_entered(ImportCall *call, const EnteredChange *change)
{
	ImportItem	item = {
		.kind = IMPORT_ASSIGNMENT,
		.status = change->obstacle ? IMPORT_SKIPPED : call->dry_run ? IMPORT_PLANNED : IMPORT_DONE,
		.has_restaurant = change->has_restaurant,
		.restaurant = change->restaurant,
		.noun = "assignment",
		.object = import_changes_describe(change->number, &change->table, &change->booking, NULL, NULL),
		.reason = change->obstacle
	};

	CHECK_FOR_INTERRUPTS();
	if (change->obstacle)
		item.action = "none: left as it is";
	else if (change->inserted)
		item.action = "assignment deleted";
	else if (change->window)
		item.action = change->group ? "window and merge group emptied" : "window emptied";
	else
		item.action = "merge group emptied";
	if (change->obstacle)
		item.next_step = psprintf("SELECT * FROM %s WHERE booking_id = '%s';", call->schema->assignments, import_items_id(&change->booking));
	import_items_add(call->items, &item);
}
