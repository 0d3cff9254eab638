/*-------------------------------------------------------------------------
 *
 * booking_repair.c
 *	  Repairing bookings of one kind of damage: see booking_repair.h.
 *
 * What a booking was is its image: a JSON object of booking (its id), status and
 * assigned_zone_id.  The ledger has an array of them for each call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/uuid.h"

#include "base/arguments.h"
#include "base/format.h"
#include "base/given_call.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/results.h"
#include "base/slot.h"
#include "rollout/booking_repair.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/users_column.h"

/* The id of an image i, under any search_path. */
#define IMAGE_ID "(i.image OPERATOR(pg_catalog.->>) 'booking')::pg_catalog.uuid"

/* One call. */
typedef struct RepairCall
{
	const SeatingSchema *schema;
	const BookingRepair *repair;
	bool		dry_run;
	bool		undo;
	const pg_uuid_t *restaurant;	/* only this one; or NULL */
	char	   *for_real;
	int64		change;			/* undo: the entry of the ledger */
	char	   *images;			/* undo: its images, JSON; NULL when there is
								 * none */
	char	   *undone;			/* undo: the restaurants whose bookings were
								 * put back already, JSON */
	ReturnSetInfo *rsinfo;
} RepairCall;

/* A booking that is repaired, or put back. */
typedef struct RepairedBooking
{
	pg_uuid_t	id;
	Datum		values[4];		/* booking, restaurant, party_size, start_at */
	bool		nulls[4];
	bool		ready;			/* nobody has changed it since */
	bool		done;			/* it was written */
} RepairedBooking;

static void read_repair_arguments(FunctionCallInfo fcinfo, RepairCall *call);
static List *find_damaged(const RepairCall *call);
static List *find_repaired(RepairCall *call);
static void read_change_before(RepairCall *call);
static void store_change(TupleTableSlot *slot, void *arg);
static List *read_repaired(const RepairCall *call, const char *ready, const char *from, QueryArgs *args);
static void *make_repaired(TupleTableSlot *slot);
static void write_repaired(const RepairCall *call, List *bookings);
static void lock_damaged(const RepairCall *call, Datum ids);
static char *images_of(const RepairCall *call, Datum ids);
static char *update_sql(const RepairCall *call);
static void note_written(TupleTableSlot *slot, void *arg);
static void enter_change(const RepairCall *call, const char *images);
static Datum repaired_ids(const List *bookings);
static void return_booking(const RepairCall *call, const RepairedBooking *booking);
static const char *repair_outcome(const RepairCall *call, const RepairedBooking *booking);
static char *next_of(const RepairCall *call, const RepairedBooking *booking);
static void tell_how_many(const RepairCall *call, const List *bookings);
static char *undo_call(const RepairCall *call);


Datum
booking_repair_call(FunctionCallInfo fcinfo, const SeatingSchema *schema, const BookingRepair *repair)
{
	RepairCall	call = {.schema = schema,.repair = repair,.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	List	   *bookings;
	ListCell   *lc;

	read_repair_arguments(fcinfo, &call);
	InitMaterializedSRF(fcinfo, 0);
	bookings = call.undo ? find_repaired(&call) : find_damaged(&call);
	if (!call.dry_run && bookings != NIL)
		write_repaired(&call, bookings);
	foreach(lc, bookings)
		return_booking(&call, lfirst(lc));
	tell_how_many(&call, bookings);
	return (Datum) 0;
}

static void
read_repair_arguments(FunctionCallInfo fcinfo, RepairCall *call)
{
	call->dry_run = argument_bool(fcinfo, 0, "dry_run");
	call->restaurant = PG_ARGISNULL(1) ? NULL : PG_GETARG_UUID_P(1);
	call->undo = argument_bool(fcinfo, 2, "undo");
	call->for_real = given_call_for_real(fcinfo);
	if (!call->dry_run)
	{
		query_require_writable(psprintf("%s(dry_run := false)", call->repair->function));
		query_require_read_committed(call->repair->function);
	}
	if (call->restaurant)
		seating_schema_require_restaurant(call->schema, call->restaurant);
}

char *
booking_repair_waits(const SeatingSchema *schema)
{
	return psprintf("%s OPERATOR(pg_catalog.=) ANY (ARRAY['pending', 'pending_allocation']::pg_catalog.text[])", schema->booking_status);
}

char *
booking_repair_has_no_table(const SeatingSchema *schema)
{
	return psprintf("NOT EXISTS (SELECT FROM %s a WHERE a.booking_id OPERATOR(pg_catalog.=) b.id)", schema->assignments);
}

static List *
find_damaged(const RepairCall *call)
{
	QueryArgs	args = {0};

	query_arg_uuid(&args, call->restaurant);
	return read_repaired(call, "true", psprintf("%s b WHERE %s AND ($1 IS NULL OR b.restaurant_id = $1)",
												call->schema->bookings, call->repair->damaged), &args);
}

/* Of the newest call that has any; those that are gone are left out. */
static List *
find_repaired(RepairCall *call)
{
	List	   *bookings = NIL;

	call->change = PG_INT64_MAX;
	do
	{
		QueryArgs	args = {0};

		CHECK_FOR_INTERRUPTS();
		read_change_before(call);
		if (call->images == NULL)
			return NIL;
		query_arg_uuid(&args, call->restaurant);
		query_arg_json(&args, call->images);
		query_arg_json(&args, call->undone);
		bookings = read_repaired(call, call->repair->repaired,
								 psprintf("%s b, jsonb_array_elements($2) i(image) WHERE b.id = " IMAGE_ID
										  " AND ($1 IS NULL OR b.restaurant_id = $1) AND ($3 ? b.restaurant_id::text) IS NOT TRUE",
										  call->schema->bookings), &args);
	} while (bookings == NIL);
	return bookings;
}

/*
 * The next older entry that has not been undone.  An undo's entry names the one that it
 * undoes, and its restaurant, as one restaurant's bookings may be put back alone.
 */
static void
read_change_before(RepairCall *call)
{
	QueryArgs	args = {0};
	OwnerContext caller;

	query_arg_text(&args, call->repair->what);
	query_arg_int8(&args, call->change);
	query_arg_uuid(&args, call->restaurant);
	call->images = NULL;
	query_begin_snapshot();
	caller = owner_become(extension_table("menuca_seating", "menuca_seating_change"));
	(void) query_each(psprintf("SELECT c.change_id, c.before::text, u.restaurants::text FROM %1$smenuca_seating_change c,"
							   " LATERAL (SELECT COALESCE(jsonb_agg(u.restaurant_id) FILTER (WHERE u.restaurant_id IS NOT NULL), '[]') AS restaurants,"
							   " COALESCE(bool_or(u.restaurant_id IS NULL OR u.restaurant_id = COALESCE($3, c.restaurant_id)), false) AS is_done"
							   " FROM %1$smenuca_seating_change u WHERE u.what = $1 || ' undone' AND u.after ->> 'undoes' = c.change_id::text) u"
							   " WHERE c.what = $1 AND jsonb_typeof(c.before) = 'array' AND c.change_id < $2"
							   " AND ($3 IS NULL OR c.restaurant_id IS NULL OR c.restaurant_id = $3) AND NOT u.is_done"
							   " ORDER BY c.change_id DESC LIMIT 1",
							   seating_extension_schema()), &args, store_change, call);
	owner_return(&caller);
	query_end_snapshot();
}

static void
store_change(TupleTableSlot *slot, void *arg)
{
	RepairCall *call = arg;
	MemoryContext previous = MemoryContextSwitchTo(call->rsinfo->econtext->ecxt_per_query_memory);

	call->change = slot_int8(slot, 0);
	call->images = slot_text(slot, 1);
	call->undone = slot_text(slot, 2);
	MemoryContextSwitchTo(previous);
}

static List *
read_repaired(const RepairCall *call, const char *ready, const char *from, QueryArgs *args)
{
	List	   *bookings;

	query_begin_snapshot();
	bookings = query_list(psprintf("SELECT b.id, b.restaurant_id, LEAST(GREATEST(b.party_size, -1), 2147483647)::int4, %s, (%s) IS TRUE"
								   " FROM %s ORDER BY b.id", call->schema->booking_start, ready, from), args, make_repaired);
	query_end_snapshot();
	return bookings;
}

static void *
make_repaired(TupleTableSlot *slot)
{
	RepairedBooking *booking = palloc0(sizeof(RepairedBooking));

	booking->id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	for (int i = 0; i < 4; i++)
	{
		bool		by_reference = i < 2;

		booking->nulls[i] = slot->tts_isnull[i];
		if (!booking->nulls[i])
			booking->values[i] = datumCopy(slot->tts_values[i], !by_reference, by_reference ? UUID_LEN : sizeof(Datum));
	}
	booking->ready = DatumGetBool(slot->tts_values[4]);
	return booking;
}

/*
 * What others have changed before the rows were locked is left as it is.  An undo that could
 * put nothing back has its entry, too: the next one is for the call before.
 */
static void
write_repaired(const RepairCall *call, List *bookings)
{
	Datum		ids = repaired_ids(bookings);
	QueryArgs	args = {0};
	const char *images;

	lock_damaged(call, ids);
	images = call->undo ? call->images : images_of(call, ids);
	query_arg_json(&args, images);
	query_arg(&args, UUIDARRAYOID, ids, false);
	if (query_write(update_sql(call), &args, note_written, bookings) > 0 || call->undo)
		enter_change(call, images);
}

/* FOR UPDATE waits for those who are inserting assignments of the booking, through their foreign key. */
static void
lock_damaged(const RepairCall *call, Datum ids)
{
	QueryArgs	args = {0};

	query_arg(&args, UUIDARRAYOID, ids, false);
	query_write(psprintf("SELECT b.id FROM %s b WHERE b.id OPERATOR(pg_catalog.=) ANY ($1) ORDER BY b.id FOR UPDATE", call->schema->bookings),
				&args, NULL, NULL);
}

static char *
images_of(const RepairCall *call, Datum ids)
{
	const char *zone = users_column_exists("bookings", "assigned_zone_id") ? "b.assigned_zone_id" : "NULL::uuid";
	QueryArgs	args = {0};
	char	   *images;

	query_arg(&args, UUIDARRAYOID, ids, false);
	query_begin_snapshot();
	images = query_text(psprintf("SELECT COALESCE(jsonb_agg(jsonb_build_object('booking', b.id, 'status', %s, 'assigned_zone_id', %s) ORDER BY b.id), '[]')::text"
								 " FROM %s b WHERE b.id = ANY ($1) AND %s", call->schema->booking_status, zone,
								 call->schema->bookings, call->repair->damaged), &args);
	query_end_snapshot();
	return images;
}

static char *
update_sql(const RepairCall *call)
{
	const BookingRepair *repair = call->repair;

	return psprintf("UPDATE %s b SET %s FROM pg_catalog.jsonb_array_elements($1) i(image)"
					" WHERE b.id OPERATOR(pg_catalog.=) " IMAGE_ID " AND b.id OPERATOR(pg_catalog.=) ANY ($2) AND %s RETURNING b.id",
					call->schema->bookings, call->undo ? repair->restore : repair->repair, call->undo ? repair->repaired : repair->damaged);
}

/* Bookings are sorted by id, as the server sorts uuids: by their bytes. */
static void
note_written(TupleTableSlot *slot, void *arg)
{
	const pg_uuid_t *id = DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	const List *bookings = arg;
	int			from = 0;
	int			until = list_length(bookings);

	while (from < until)
	{
		int			middle = (from + until) / 2;
		RepairedBooking *booking = list_nth(bookings, middle);
		int			order = memcmp(id, &booking->id, UUID_LEN);

		if (order == 0)
		{
			booking->done = true;
			return;
		}
		if (order < 0)
			until = middle;
		else
			from = middle + 1;
	}
}

/* An undo's entry names what it undoes, so that the next one finds the call before. */
static void
enter_change(const RepairCall *call, const char *images)
{
	QueryArgs	args = {0};

	query_arg_text(&args, call->undo ? psprintf("%s undone", call->repair->what) : call->repair->what);
	query_arg_uuid(&args, call->restaurant);
	query_arg_json(&args, images);
	query_arg_json(&args, call->undo ? psprintf("{\"undoes\": %lld}", (long long) call->change) : NULL);
	seating_write("menuca_seating_change",
				  psprintf("INSERT INTO %smenuca_seating_change (what, restaurant_id, before, after) VALUES ($1, $2, $3, $4)",
						   seating_extension_schema()),
				  &args, NULL, NULL);
}

static Datum
repaired_ids(const List *bookings)
{
	Datum	   *ids = palloc((list_length(bookings) + 1) * sizeof(Datum));
	const ListCell *lc;
	int			n = 0;

	foreach(lc, bookings)
		ids[n++] = UUIDPGetDatum(&((RepairedBooking *) lfirst(lc))->id);
	return PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

static void
return_booking(const RepairCall *call, const RepairedBooking *booking)
{
	Datum		values[7] = {0};
	bool		nulls[7] = {0};

	memcpy(values, booking->values, sizeof(booking->values));
	memcpy(nulls, booking->nulls, sizeof(booking->nulls));
	values[4] = CStringGetTextDatum(repair_outcome(call, booking));
	values[5] = CStringGetTextDatum(call->undo && !booking->ready && !booking->done ? "it has changed since it was repaired" : call->repair->reason);
	values[6] = result_text(next_of(call, booking), &nulls[6]);
	tuplestore_putvalues(call->rsinfo->setResult, call->rsinfo->setDesc, values, nulls);
}

static const char *
repair_outcome(const RepairCall *call, const RepairedBooking *booking)
{
	if (booking->done)
		return call->undo ? "restored" : call->repair->done;
	if (call->dry_run && booking->ready)
		return "planned";
	return "changed";
}

static char *
next_of(const RepairCall *call, const RepairedBooking *booking)
{
	if (call->dry_run)
		return booking->ready ? call->for_real : NULL;
	if (booking->done && !call->undo)
		return seating_call("SELECT * FROM menuca_auto_assign('%s');", refusal_id(&booking->id));
	return NULL;
}

static void
tell_how_many(const RepairCall *call, const List *bookings)
{
	uint64		done = 0;
	const ListCell *lc;

	foreach(lc, bookings)
	{
		const RepairedBooking *booking = lfirst(lc);

		done += call->dry_run ? booking->ready : booking->done;
	}
	if (bookings == NIL)
		ereport(NOTICE,
				(errmsg("there is nothing to %s", call->undo ? "put back" : "repair")));
	else if (call->dry_run)
		ereport(NOTICE,
				(errmsg("%s of %s would be %s", format_count(done), format_things(list_length(bookings), "booking"), call->undo ? "put back" : "repaired"),
				 errhint("Nothing was written. To write it: %s", call->for_real)));
	else
		ereport(NOTICE,
				(errmsg("%s of %s %s", format_count(done), format_things(list_length(bookings), "booking"), call->undo ? "put back" : "repaired"),
				 call->undo ? 0 : errhint("To put them back: %s", undo_call(call))));
}

static char *
undo_call(const RepairCall *call)
{
	return psprintf("SELECT * FROM %s%s(dry_run => false%s, undo => true);", seating_extension_schema(), call->repair->function,
					call->restaurant ? psprintf(", restaurant => '%s'", refusal_id(call->restaurant)) : "");
}
