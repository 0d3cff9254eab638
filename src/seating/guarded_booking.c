/*-------------------------------------------------------------------------
 *
 * guarded_booking.c
 *	  A booking that a trigger function looks at: see guarded_booking.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/relation.h"
#include "seating/guard_query.h"
#include "seating/guarded_booking.h"

/* What read_locked() fills, and the memory for it. */
typedef struct ReadBooking
{
	MemoryContext context;
	GuardedBooking *booking;
} ReadBooking;

static void read_locked(HeapTuple row, TupleDesc desc, void *arg);


bool
guarded_booking_lock(const GuardedTables *tables, const pg_uuid_t *id, GuardedBooking *booking)
{
	ReadBooking read = {CurrentMemoryContext, booking};

	memset(booking, 0, sizeof(GuardedBooking));
	booking->id = *id;
	return guard_query_find(tables->bookings,
							psprintf("SELECT b.status, b.restaurant_id FROM ONLY %s b WHERE b.id OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE",
									 relation_quoted_name(tables->bookings)), id, read_locked, &read);
}

static void
read_locked(HeapTuple row, TupleDesc desc, void *arg)
{
	ReadBooking *read = arg;
	MemoryContext old = MemoryContextSwitchTo(read->context);
	bool		isnull;
	Datum		status = heap_getattr(row, 1, desc, &isnull);
	Datum		restaurant;
	Oid			output;
	bool		varlena;

	getTypeOutputInfo(TupleDescAttr(desc, 0)->atttypid, &output, &varlena);
	read->booking->status = isnull ? pstrdup("") : OidOutputFunctionCall(output, status);
	restaurant = heap_getattr(row, 2, desc, &isnull);
	read->booking->has_restaurant = !isnull;
	if (!isnull)
		read->booking->restaurant = *DatumGetUUIDP(restaurant);
	MemoryContextSwitchTo(old);
}

bool
guarded_booking_has_dining_table(const GuardedTables *tables, const pg_uuid_t *id)
{
	return guard_query_find(tables->assignments,
							psprintf("SELECT FROM ONLY %s a WHERE a.booking_id OPERATOR(pg_catalog.=) $1 AND a.table_id IS NOT NULL LIMIT 1",
									 relation_quoted_name(tables->assignments)), id, NULL, NULL);
}

bool
guarded_booking_blocks(const char *status)
{
	static const char *const blocking[] = {"pending", "pending_allocation", "confirmed", "checked_in"};

	for (size_t i = 0; i < lengthof(blocking); i++)
	{
		if (strcmp(status, blocking[i]) == 0)
			return true;
	}
	return false;
}

char *
guarded_booking_id(const pg_uuid_t *id)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)));
}

int
guarded_booking_constraint(const GuardedTables *tables, const char *constraint)
{
	char	   *schema = get_namespace_name(get_rel_namespace(tables->bookings));

	if (schema)
		err_generic_string(PG_DIAG_SCHEMA_NAME, schema);
	err_generic_string(PG_DIAG_TABLE_NAME, "bookings");
	err_generic_string(PG_DIAG_CONSTRAINT_NAME, constraint);
	return 0;
}
