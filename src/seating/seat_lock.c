/*-------------------------------------------------------------------------
 *
 * seat_lock.c
 *	  Locks on rows of bookings, dining tables and holds: see seat_lock.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/attempt.h"
#include "base/direct_access.h"
#include "base/query.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "seating/seat_lock.h"
#include "seating/seating_extension.h"
#include "seating/seating_refusal.h"
#include "seating/taken_table.h"

/* The question of lock_booking(). */
typedef struct BookingLock
{
	const SeatingSchema *schema;
	const pg_uuid_t *booking;
	pg_uuid_t  *restaurant;
	const char *clause;			/* how it is locked */
	bool		found;
} BookingLock;

/* What compare_locked() looks at. */
typedef struct LockedTables
{
	const FloorReader *reader;
	int			n;				/* rows so far */
	bool		same;			/* all are as the floor was read */
} LockedTables;

static void lock_booking(void *arg);
static void take_restaurant(TupleTableSlot *slot, void *arg);
static Datum ids_of(const FloorReader *reader, const int *tables, int n);
static void compare_locked(TupleTableSlot *slot, void *arg);
static void sweep_holds(const FloorReader *reader, Datum ids);
static void collect_id(TupleTableSlot *slot, void *arg);
static void *make_hold(TupleTableSlot *slot);
static void take_hold(TupleTableSlot *slot, void *arg);
static void *make_id(TupleTableSlot *slot);

/* Ids that collect_id() has found; context is where they stay. */
typedef struct FoundIds
{
	MemoryContext context;
	int			n;
	int			size;
	Datum	   *ids;
} FoundIds;

/* State of take_hold(). */
typedef struct FoundHold
{
	MemoryContext context;
	SeatHold   *hold;
} FoundHold;


bool
seat_lock_booking(const SeatingSchema *schema, const pg_uuid_t *booking, pg_uuid_t *restaurant)
{
	BookingLock lock = {schema, booking, restaurant, "FOR UPDATE SKIP LOCKED", false};
	ErrorData  *error;

	/*
	 * Almost always nobody has it, and where nobody waits no attempt is
	 * needed. The tables that inherit could be locked, too.
	 */
	if (!has_subclass(schema->booking_table) && ConditionalLockRelationOid(schema->booking_table, RowShareLock))
		lock_booking(&lock);
	if (lock.found)
		return true;
	lock.clause = "FOR UPDATE";
	error = attempt(lock_booking, &lock);
	if (error && error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED)
		return false;
	if (error)
		ReThrowError(error);
	if (!lock.found)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("there is no booking %s in table %s", refusal_id(booking), schema->bookings),
				 errdetail("Nothing was changed."),
				 errhint("SELECT id, start_at, party_size, status FROM %s;", schema->bookings)));
	return true;
}

/* Called in an attempt, or not. */
static void
lock_booking(void *arg)
{
	BookingLock *lock = arg;
	QueryArgs	args = {.keep = true};

	query_arg(&args, UUIDOID, UUIDPGetDatum(lock->booking), false);
	query_write(psprintf("SELECT b.restaurant_id FROM %s b WHERE b.id OPERATOR(pg_catalog.=) $1 %s", lock->schema->bookings, lock->clause),
				&args, take_restaurant, lock);
}

static void
take_restaurant(TupleTableSlot *slot, void *arg)
{
	BookingLock *lock = arg;

	*lock->restaurant = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	lock->found = true;
}

void
seat_lock_require_booking(const SeatingSchema *schema, const pg_uuid_t *booking, pg_uuid_t *restaurant)
{
	if (!seat_lock_booking(schema, booking, restaurant))
		seat_lock_raise_circle(booking);
}

void
seat_lock_raise_circle(const pg_uuid_t *booking)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_TAKEN),
			 errmsg("another session is changing booking %s", refusal_id(booking)),
			 errdetail("It waits for what this transaction has changed already. Nothing was changed by this call."),
			 errhint("COMMIT; then call it again.")));
}

/* The dining tables' own rows are compared, since a plan was made of them. */
bool
seat_lock_tables(const FloorReader *reader, const int *tables, int n)
{
	const SeatingSchema *schema = reader->schema;
	Datum		ids = ids_of(reader, tables, n);
	LockedTables locked = {reader, 0, true};
	QueryArgs	args = {.keep = true};

	query_arg(&args, UUIDARRAYOID, ids, false);
	query_write(psprintf("SELECT t.id, t.restaurant_id, t.zone_id, %s, %s, COALESCE(%s, 0),"
						 " %s, %s, COALESCE(t.active, false)"
						 " FROM %s t WHERE t.id OPERATOR(pg_catalog.=) ANY ($1) ORDER BY t.id FOR NO KEY UPDATE",
						 schema->capacity, schema->min_party, schema->max_party, schema->movable, schema->out_of_service, schema->dining_tables),
				&args, compare_locked, &locked);
	if (schema->holds && !direct_access_is_blank(schema->hold_table))
		sweep_holds(reader, ids);
	return locked.same && locked.n == n;
}

static Datum
ids_of(const FloorReader *reader, const int *tables, int n)
{
	Datum	   *ids = palloc((n + 1) * sizeof(Datum));

	for (int i = 0; i < n; i++)
		ids[i] = UUIDPGetDatum(&reader->table_ids[tables[i]]);
	return PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

static void
compare_locked(TupleTableSlot *slot, void *arg)
{
	LockedTables *locked = arg;
	const FloorReader *reader = locked->reader;
	int			index = floor_reader_table(reader, DatumGetUUIDP(slot_datum(slot, 0, UUIDOID)));
	const DiningTable *table = &reader->floor.tables[Max(index, 0)];

	locked->n++;
	if (index < 0 || memcmp(DatumGetUUIDP(slot_datum(slot, 1, UUIDOID)), &reader->restaurant, UUID_LEN) != 0 ||
		table->zone != (slot->tts_isnull[2] ? FLOOR_NO_ZONE : floor_reader_zone(reader, DatumGetUUIDP(slot_datum(slot, 2, UUIDOID)))) ||
		table->capacity != slot_int4(slot, 3) || table->min_party != slot_int4(slot, 4) || table->max_party != slot_int4(slot, 5) ||
		table->movable != slot_bool(slot, 6) || table->out_of_service != slot_bool(slot, 7) || table->active != slot_bool(slot, 8))
		locked->same = false;
}

/*
 * To a reader an expired hold is gone, but a constraint of the users may still count
 * it.  Nothing is written, and no right needed, when there is none.
 */
static void
sweep_holds(const FloorReader *reader, Datum ids)
{
	const SeatingSchema *schema = reader->schema;
	QueryArgs	args = {.keep = true};
	FoundIds	expired = {CurrentMemoryContext, 0, 0, NULL};
	bool		any;

	query_arg(&args, UUIDARRAYOID, ids, false);
	taken_look_begin();
	any = query_bool(psprintf("SELECT EXISTS (SELECT FROM %s m JOIN %s h ON h.id = m.hold_id"
							  " WHERE m.table_id = ANY ($1) AND h.expires_at <= clock_timestamp())",
							  schema->hold_members, schema->holds), &args);
	taken_look_end();
	if (!any)
		return;
	query_write(psprintf("SELECT h.id FROM %s h WHERE h.expires_at OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp()"
						 " AND EXISTS (SELECT FROM %s m WHERE m.hold_id OPERATOR(pg_catalog.=) h.id"
						 " AND m.table_id OPERATOR(pg_catalog.=) ANY ($1)) ORDER BY h.id FOR UPDATE OF h",
						 schema->holds, schema->hold_members), &args, collect_id, &expired);
	seat_lock_delete_holds(schema, expired.ids, expired.n);
}

static void
collect_id(TupleTableSlot *slot, void *arg)
{
	FoundIds   *found = arg;
	MemoryContext old = MemoryContextSwitchTo(found->context);
	pg_uuid_t  *id = palloc(sizeof(pg_uuid_t));

	*id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	if (found->n >= found->size)
	{
		found->size = Max(found->size * 2, 16);
		found->ids = found->ids ? repalloc(found->ids, found->size * sizeof(Datum)) : palloc(found->size * sizeof(Datum));
	}
	found->ids[found->n++] = UUIDPGetDatum(id);
	MemoryContextSwitchTo(old);
}

/* Members first: their reference may not cascade. */
void
seat_lock_delete_holds(const SeatingSchema *schema, Datum *holds, int n)
{
	QueryArgs	args = {.keep = true};

	if (n == 0)
		return;
	query_arg(&args, UUIDARRAYOID, PointerGetDatum(construct_array(holds, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR)), false);
	query_write(psprintf("DELETE FROM %s m WHERE m.hold_id OPERATOR(pg_catalog.=) ANY ($1)", schema->hold_members), &args, NULL, NULL);
	query_write(psprintf("DELETE FROM %s h WHERE h.id OPERATOR(pg_catalog.=) ANY ($1)", schema->holds), &args, NULL, NULL);
}

SeatHold *
seat_lock_hold(const SeatingSchema *schema, const pg_uuid_t *hold, bool lock)
{
	QueryArgs	args = {.keep = true};
	FoundHold	found = {CurrentMemoryContext, NULL};
	char	   *sql = psprintf("SELECT h.id, h.restaurant_id, %s, h.start_at, h.end_at, h.expires_at,"
							   " h.expires_at OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp()"
							   " FROM %s h WHERE h.id OPERATOR(pg_catalog.=) $1%s",
							   schema->hold_booking, schema->holds, lock ? " FOR UPDATE" : "");

	query_arg(&args, UUIDOID, UUIDPGetDatum(hold), false);
	if (lock)
		query_write(sql, &args, take_hold, &found);
	taken_look_begin();
	if (!lock)
		query_each(sql, &args, take_hold, &found);
	if (found.hold)
		found.hold->table_ids = query_list(psprintf("SELECT m.table_id FROM %s m WHERE m.hold_id = $1 ORDER BY m.table_id",
													schema->hold_members), &args, make_id);
	taken_look_end();
	return found.hold;
}

static void
take_hold(TupleTableSlot *slot, void *arg)
{
	FoundHold  *found = arg;
	MemoryContext old = MemoryContextSwitchTo(found->context);

	found->hold = make_hold(slot);
	MemoryContextSwitchTo(old);
}

static void *
make_hold(TupleTableSlot *slot)
{
	SeatHold   *hold = palloc0(sizeof(SeatHold));

	hold->id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	hold->restaurant = *DatumGetUUIDP(slot_datum(slot, 1, UUIDOID));
	hold->has_booking = !slot->tts_isnull[2];
	if (hold->has_booking)
		hold->booking = *DatumGetUUIDP(slot_datum(slot, 2, UUIDOID));
	hold->start = slot_time(slot, 3);
	hold->end = slot_time(slot, 4);
	hold->expires_at = slot_time(slot, 5);
	hold->expired = slot_bool(slot, 6);
	return hold;
}

static void *
make_id(TupleTableSlot *slot)
{
	pg_uuid_t  *id = palloc(sizeof(pg_uuid_t));

	*id = *DatumGetUUIDP(slot_datum(slot, 0, UUIDOID));
	return id;
}

void
seat_lock_raise_expired(const pg_uuid_t *id, const SeatHold *hold)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_HOLD_EXPIRED),
			 errmsg("hold %s has expired", refusal_id(id)),
			 hold ? errdetail("It was until %s. Nothing was changed.", refusal_instant(hold->expires_at)) :
			 errdetail("It is gone: it was swept after it had expired, released or confirmed, or it never was. Nothing was changed."),
			 errhint("%s", seating_call("SELECT * FROM menuca_hold_tables('...', '{...}', '...', party_size => 2);"))));
}
