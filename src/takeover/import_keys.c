/*-------------------------------------------------------------------------
 *
 * import_keys.c
 *	  The original's idempotency keys: see import_keys.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"

#include "base/owner.h"
#include "base/query.h"
#include "base/slot.h"
#include "seating/assignment_key.h"
#include "seating/seating_extension.h"
#include "takeover/import_keys.h"
#include "takeover/import_ledger.h"
#include "takeover/original.h"

/* Keys that are written in one statement: its arrays are a few megabytes. */
#define BATCH 5000

/* A key of the original. */
typedef struct OriginalKey
{
	bool		has_restaurant;
	pg_uuid_t	restaurant;
	pg_uuid_t	booking;
	char	   *key;
	Datum		tables;			/* uuid[], sorted, as text */
	bool		has_used_at;
	TimestampTz used_at;
	bool		recorded;
} OriginalKey;

/* State while they are read. */
typedef struct KeyReading
{
	ImportCall *call;
	const OriginalTable *table;
	MemoryContext context;
	List	   *keys;			/* that are to be recorded */
} KeyReading;

static char *key_query(const ImportCall *call, const OriginalTable *table);
static void take_original_key(TupleTableSlot *slot, void *arg);
static void add_skipped_key(KeyReading *reading, TupleTableSlot *slot, const char *word);
static char *key_name(const char *key, const char *booking);
static void sort_known(KeyReading *reading, List **wanted);
static void compare_batch(KeyReading *reading, List *keys, int from, int to);
static void take_known(TupleTableSlot *slot, void *arg);
static void key_arguments(QueryArgs *args, List *keys, int from, int to);
static void add_key_item(ImportCall *call, const OriginalKey *key, ImportStatus status, const char *action, const char *reason);
static void record_batch(ImportCall *call, List *keys, int from, int to);
static void take_recorded(TupleTableSlot *slot, void *arg);


void
import_keys(ImportCall *call)
{
	static const OriginalColumn columns[] = {{"booking_id", UUIDOID}, {"idempotency_key", TEXTOID}, {"table_ids", UUIDARRAYOID}};
	OriginalTable *table = original_find("booking_assignment_idempotency", columns, lengthof(columns));
	KeyReading	reading = {call, table, CurrentMemoryContext, NIL};
	QueryArgs	args = {0};
	List	   *wanted = NIL;
	ListCell   *lc;

	if (table->missing)
	{
		import_items_add_missing(call->items, IMPORT_KEY, table->missing);
		return;
	}
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(call->now), false);
	(void) query_each(key_query(call, table), &args, take_original_key, &reading);
	sort_known(&reading, &wanted);
	for (int from = 0; !call->dry_run && from < list_length(wanted); from += BATCH)
		record_batch(call, wanted, from, Min(from + BATCH, list_length(wanted)));
	foreach(lc, wanted)
	{
		const OriginalKey *key = lfirst(lc);

		if (call->dry_run || key->recorded)
			add_key_item(call, key, call->dry_run ? IMPORT_PLANNED : IMPORT_DONE, "key recorded", NULL);
		else
			add_key_item(call, key, IMPORT_SKIPPED, "none: reported", "somebody has used the key meanwhile");
	}
}

/* A key is the restaurant's, so it must be for one booking and one set there. */
static char *
key_query(const ImportCall *call, const OriginalTable *table)
{
	return psprintf("SELECT CASE WHEN k.expires_at <= $1 THEN 'expired' WHEN b.id IS NULL THEN 'lost'"
					" WHEN k.key IS NULL OR k.key !~ '[^[:space:]]' OR length(k.key) > %d THEN 'unusable'"
					" WHEN k.tables IS NULL THEN 'no_tables'"
					" WHEN min(k.booking_id::text || k.tables) FILTER (WHERE NOT COALESCE(k.expires_at <= $1, false)) OVER w"
					" <> max(k.booking_id::text || k.tables) FILTER (WHERE NOT COALESCE(k.expires_at <= $1, false)) OVER w THEN 'reused'"
					" WHEN 1 < row_number() OVER (PARTITION BY b.restaurant_id, k.key, COALESCE(k.expires_at <= $1, false) ORDER BY k.created_at) THEN 'twice'"
					" ELSE 'good' END, b.restaurant_id, k.booking_id, k.key, k.tables, k.created_at"
					" FROM (SELECT k.booking_id, %s AS key, %s AS expires_at, %s AS created_at,"
					" CASE WHEN cardinality(k.table_ids) > 0 AND NOT EXISTS (SELECT FROM unnest(k.table_ids) u(id) WHERE u.id IS NULL)"
					" THEN ARRAY(SELECT DISTINCT u.id FROM unnest(k.table_ids) u(id) ORDER BY u.id)::text END AS tables FROM %s k) k"
					" LEFT JOIN %s b ON b.id = k.booking_id WINDOW w AS (PARTITION BY b.restaurant_id, k.key)"
					" ORDER BY b.restaurant_id, k.key COLLATE \"C\", k.booking_id",
					ASSIGNMENT_KEY_MAX_LENGTH,
					original_text(table, "idempotency_key", "k", "NULL::text"),
					original_value(table, "expires_at", TIMESTAMPTZOID, "k", "NULL::timestamptz"),
					original_value(table, "created_at", TIMESTAMPTZOID, "k", "NULL::timestamptz"),
					table->quoted, call->schema->bookings);
}

static void
take_original_key(TupleTableSlot *slot, void *arg)
{
	KeyReading *reading = arg;
	char	   *word = slot_text(slot, 0);
	MemoryContext old;
	OriginalKey *key;

	CHECK_FOR_INTERRUPTS();
	if (strcmp(word, "twice") == 0)
		return;
	if (strcmp(word, "good") != 0 || slot->tts_isnull[1])
	{
		add_skipped_key(reading, slot, word);
		return;
	}
	old = MemoryContextSwitchTo(reading->context);
	key = palloc0(sizeof(OriginalKey));
	key->restaurant = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	key->booking = *DatumGetUUIDP(slot_datum(slot, 2, UUIDOID));
	key->key = slot_text(slot, 3);
	key->tables = CStringGetTextDatum(slot_text(slot, 4));
	key->has_used_at = !slot->tts_isnull[5] && !TIMESTAMP_NOT_FINITE(slot_time(slot, 5));
	if (key->has_used_at)
		key->used_at = slot_time(slot, 5);
	reading->keys = lappend(reading->keys, key);
	MemoryContextSwitchTo(old);
}

static void
add_skipped_key(KeyReading *reading, TupleTableSlot *slot, const char *word)
{
	bool		is_reused = strcmp(word, "reused") == 0;
	ImportItem	item = {
		.kind = is_reused ? IMPORT_REUSED_KEY : IMPORT_KEY,
		.status = is_reused ? IMPORT_DEBRIS : IMPORT_SKIPPED,
		.has_restaurant = !slot->tts_isnull[1],
		.noun = "key",
		.action = "none: not recorded"
	};
	char	   *key = slot_text_or_null(slot, 3);

	if (item.has_restaurant)
		item.restaurant = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	item.object = key_name(key, slot->tts_isnull[2] ? NULL : import_items_id(DatumGetUUIDP(slot_datum(slot, 2, UUIDOID))));
	if (is_reused)
		item.reason = "the restaurant has used it for several bookings or sets of dining tables";
	else if (strcmp(word, "expired") == 0)
		item.reason = "it has expired";
	else if (strcmp(word, "lost") == 0)
		item.reason = "its booking does not exist";
	else if (strcmp(word, "no_tables") == 0)
		item.reason = "it names no dining tables";
	else
		item.reason = psprintf("a key has between 1 and %d characters, and its booking a restaurant", ASSIGNMENT_KEY_MAX_LENGTH);
	if (is_reused)
		item.next_step = psprintf("SELECT * FROM %s WHERE idempotency_key = %s;", reading->table->quoted, quote_literal_cstr(key));
	import_items_add(reading->call->items, &item);
}

static char *
key_name(const char *key, const char *booking)
{
	return psprintf("key %s, booking %s", key ? quote_literal_cstr(import_items_name(key)) : "NULL", booking ? booking : "NULL");
}

/* Those that are recorded already are left out, and have their items. */
static void
sort_known(KeyReading *reading, List **wanted)
{
	ListCell   *lc;

	for (int from = 0; from < list_length(reading->keys); from += BATCH)
		compare_batch(reading, reading->keys, from, Min(from + BATCH, list_length(reading->keys)));
	foreach(lc, reading->keys)
	{
		OriginalKey *key = lfirst(lc);

		if (!key->recorded)
			*wanted = lappend(*wanted, key);
	}
}

/* State of a comparison with what is recorded. */
typedef struct KnownBatch
{
	KeyReading *reading;
	List	   *keys;
	int			from;
} KnownBatch;

/* Of the extension's own table alone, so as its owner. */
static void
compare_batch(KeyReading *reading, List *keys, int from, int to)
{
	QueryArgs	args = {0};
	KnownBatch	batch = {reading, keys, from};
	OwnerContext caller;

	key_arguments(&args, keys, from, to);
	caller = owner_become(extension_table("menuca_seating", "menuca_seating_key"));
	(void) query_each(psprintf("SELECT n.i, k.booking_id = n.b AND k.table_ids = n.t::uuid[]"
							   " FROM ROWS FROM (unnest($1), unnest($2), unnest($3), unnest($4)) WITH ORDINALITY AS n (r, k, b, t, i)"
							   " JOIN %smenuca_seating_key k ON k.restaurant_id = n.r AND k.idempotency_key = n.k", seating_extension_schema()),
					  &args, take_known, &batch);
	owner_return(&caller);
}

static void
take_known(TupleTableSlot *slot, void *arg)
{
	const KnownBatch *batch = arg;
	OriginalKey *key = list_nth(batch->keys, batch->from + (int) slot_int8(slot, 0) - 1);
	bool		same = !slot->tts_isnull[1] && slot_bool(slot, 1);

	key->recorded = true;
	add_key_item(batch->reading->call, key, same ? IMPORT_UNCHANGED : IMPORT_SKIPPED,
				 same ? "none: the key is recorded" : "none: not recorded",
				 same ? NULL : "it is recorded for another booking or other dining tables");
}

/* $1 restaurants, $2 keys, $3 bookings, $4 dining tables. */
static void
key_arguments(QueryArgs *args, List *keys, int from, int to)
{
	int			n = to - from;
	Datum	   *restaurants = palloc(n * sizeof(Datum));
	Datum	   *names = palloc(n * sizeof(Datum));
	Datum	   *bookings = palloc(n * sizeof(Datum));
	Datum	   *tables = palloc(n * sizeof(Datum));

	for (int i = 0; i < n; i++)
	{
		OriginalKey *key = list_nth(keys, from + i);

		restaurants[i] = UUIDPGetDatum(&key->restaurant);
		names[i] = CStringGetTextDatum(key->key);
		bookings[i] = UUIDPGetDatum(&key->booking);
		tables[i] = key->tables;
	}
	original_array(args, UUIDOID, restaurants, NULL, n);
	original_array(args, TEXTOID, names, NULL, n);
	original_array(args, UUIDOID, bookings, NULL, n);
	original_array(args, TEXTOID, tables, NULL, n);
}

static void
add_key_item(ImportCall *call, const OriginalKey *key, ImportStatus status, const char *action, const char *reason)
{
	ImportItem	item = {
		.kind = IMPORT_KEY,
		.status = status,
		.has_restaurant = true,
		.restaurant = key->restaurant,
		.noun = "key",
		.object = key_name(key->key, import_items_id(&key->booking)),
		.action = action,
		.reason = reason
	};

	if (status == IMPORT_SKIPPED)
		item.next_step = seating_call("SELECT * FROM menuca_seating_key WHERE restaurant_id = '%s' AND idempotency_key = %s;",
									  import_items_id(&key->restaurant), quote_literal_cstr(key->key));
	import_items_add(call->items, &item);
}

/* State while keys are recorded: what the ledger gets. */
typedef struct RecordedBatch
{
	List	   *keys;
	int			from;
	Datum	   *restaurants;
	Datum	   *after;
	int			n;
	MemoryContext context;
} RecordedBatch;

static void
record_batch(ImportCall *call, List *keys, int from, int to)
{
	QueryArgs	args = {0};
	int			n = to - from;
	RecordedBatch batch = {keys, from, palloc(n * sizeof(Datum)), palloc(n * sizeof(Datum)), 0, CurrentMemoryContext};
	Datum	   *used = palloc(n * sizeof(Datum));
	bool	   *unknown = palloc(n * sizeof(bool));
	bool	   *no_before = palloc(n * sizeof(bool));

	for (int i = 0; i < n; i++)
	{
		const OriginalKey *key = list_nth(keys, from + i);

		used[i] = TimestampTzGetDatum(key->used_at);
		unknown[i] = !key->has_used_at;
		no_before[i] = true;
	}
	key_arguments(&args, keys, from, to);
	original_array(&args, TIMESTAMPTZOID, used, unknown, n);
	seating_write("menuca_seating_key",
				  psprintf("WITH n AS MATERIALIZED (SELECT * FROM ROWS FROM (unnest($1), unnest($2), unnest($3), unnest($4), unnest($5))"
						   " WITH ORDINALITY AS n (r, k, b, t, u, i)), s AS (INSERT INTO %smenuca_seating_key AS s"
						   " (restaurant_id, idempotency_key, booking_id, table_ids, used_at)"
						   " SELECT n.r, n.k, n.b, n.t::uuid[], COALESCE(n.u, clock_timestamp()) FROM n ORDER BY n.i"
						   " ON CONFLICT (restaurant_id, idempotency_key) DO NOTHING RETURNING *)"
						   " SELECT n.i, jsonb_build_object('kind', 'key', 'restaurant_id', s.restaurant_id, 'key', s.idempotency_key,"
						   " 'booking_id', s.booking_id, 'table_ids', s.table_ids)::text"
						   " FROM s JOIN n ON n.r = s.restaurant_id AND n.k = s.idempotency_key ORDER BY n.i", seating_extension_schema()),
				  &args, take_recorded, &batch);
	import_ledger_enter(call->number, batch.restaurants, NULL, batch.after, no_before, batch.after, batch.n);
	call->changes += batch.n;
}

static void
take_recorded(TupleTableSlot *slot, void *arg)
{
	RecordedBatch *batch = arg;
	MemoryContext old = MemoryContextSwitchTo(batch->context);
	OriginalKey *key = list_nth(batch->keys, batch->from + (int) slot_int8(slot, 0) - 1);

	key->recorded = true;
	batch->restaurants[batch->n] = UUIDPGetDatum(&key->restaurant);
	batch->after[batch->n++] = CStringGetTextDatum(slot_text(slot, 1));
	MemoryContextSwitchTo(old);
}
