/*-------------------------------------------------------------------------
 *
 * booking_release.c
 *	  What a booking gives back when it is cancelled, or its guests have left.
 *
 * menuca_booking_release(): a trigger function, AFTER UPDATE of bookings
 *
 * Assignments are deleted with their merge group.  The row is locked FOR UPDATE
 * before, which waits for sessions that have inserted assignments and not committed:
 * otherwise a cancelled booking would have dining tables when they do.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/elog.h"

#include "base/attempt.h"
#include "base/relation.h"
#include "base/trigger_call.h"
#include "seating/guard_query.h"
#include "seating/guarded_tables.h"

PG_FUNCTION_INFO_V1(menuca_booking_release);

/* The question of empty_future(). */
typedef struct ReleasedBooking
{
	const GuardedTables *tables;
	const pg_uuid_t *id;
} ReleasedBooking;

static void lock_alone(const GuardedTables *tables, const pg_uuid_t *id);
static void release(const TriggerData *call, const GuardedTables *tables, const pg_uuid_t *id);
static void cut(const GuardedTables *tables, const pg_uuid_t *id);
static void empty_future(void *arg);


Datum
menuca_booking_release(PG_FUNCTION_ARGS)
{
	GuardedTables tables;
	TriggerData *call = guarded_tables_call(fcinfo, "menuca_booking_release", TRIGGER_CALL_UPDATE, 0, &tables);
	char	   *status = guarded_tables_text(call, guarded_tables_new_row(call), "status");
	pg_uuid_t	id;

	if (!guarded_tables_changed(call, "status") || !guarded_tables_uuid(call, guarded_tables_new_row(call), "id", &id))
		return PointerGetDatum(NULL);
	if (strcmp(status, "cancelled") == 0 || strcmp(status, "no_show") == 0)
		release(call, &tables, &id);
	else if (strcmp(status, "completed") == 0)
		cut(&tables, &id);
	return PointerGetDatum(NULL);
}

static void
lock_alone(const GuardedTables *tables, const pg_uuid_t *id)
{
	(void) guard_query_find(tables->bookings,
							psprintf("SELECT FROM ONLY %s b WHERE b.id OPERATOR(pg_catalog.=) $1 FOR UPDATE",
									 relation_quoted_name(tables->bookings)), id, NULL, NULL);
}

static void
release(const TriggerData *call, const GuardedTables *tables, const pg_uuid_t *id)
{
	pg_uuid_t	zone;

	lock_alone(tables, id);
	guard_query_write(tables->assignments,
					  psprintf("DELETE FROM ONLY %s a WHERE a.booking_id OPERATOR(pg_catalog.=) $1",
							   relation_quoted_name(tables->assignments)), id);
	if (OidIsValid(tables->holds))
	{
		guard_query_write(tables->hold_members,
						  psprintf("DELETE FROM ONLY %s m USING ONLY %s h WHERE h.booking_id OPERATOR(pg_catalog.=) $1"
								   " AND m.hold_id OPERATOR(pg_catalog.=) h.id",
								   relation_quoted_name(tables->hold_members), relation_quoted_name(tables->holds)), id);
		guard_query_write(tables->holds,
						  psprintf("DELETE FROM ONLY %s h WHERE h.booking_id OPERATOR(pg_catalog.=) $1",
								   relation_quoted_name(tables->holds)), id);
	}
	if (relation_has_column(tables->bookings, "assigned_zone_id") &&
		guarded_tables_uuid(call, guarded_tables_new_row(call), "assigned_zone_id", &zone))
		guard_query_write(tables->bookings,
						  psprintf("UPDATE ONLY %s b SET assigned_zone_id = NULL WHERE b.id OPERATOR(pg_catalog.=) $1",
								   relation_quoted_name(tables->bookings)), id);
}

/*
 * Rows remain, as the record of where the party sat, and end now.  Those that would
 * begin later become empty, where the users' tables allow a row that ends when it
 * begins: an exclusion constraint does not know that nobody will come.
 */
static void
cut(const GuardedTables *tables, const pg_uuid_t *id)
{
	ReleasedBooking released = {tables, id};
	ErrorData  *error;

	lock_alone(tables, id);
	guard_query_write(tables->assignments,
					  psprintf("UPDATE ONLY %s a SET end_at = pg_catalog.now() WHERE a.booking_id OPERATOR(pg_catalog.=) $1"
							   " AND a.start_at OPERATOR(pg_catalog.<) pg_catalog.now() AND a.end_at OPERATOR(pg_catalog.>) pg_catalog.now()",
							   relation_quoted_name(tables->assignments)), id);
	if (!guard_query_find(tables->assignments,
						  psprintf("SELECT FROM ONLY %s a WHERE a.booking_id OPERATOR(pg_catalog.=) $1"
								   " AND a.start_at OPERATOR(pg_catalog.>=) pg_catalog.now() AND a.end_at OPERATOR(pg_catalog.>) a.start_at",
								   relation_quoted_name(tables->assignments)), id, NULL, NULL))
		return;
	error = attempt(empty_future, &released);
	if (error == NULL)
		return;
	if (error->sqlerrcode != ERRCODE_CHECK_VIOLATION)
		ThrowErrorData(error);
	guard_query_write(tables->assignments,
					  psprintf("DELETE FROM ONLY %s a WHERE a.booking_id OPERATOR(pg_catalog.=) $1"
							   " AND a.start_at OPERATOR(pg_catalog.>=) pg_catalog.now()",
							   relation_quoted_name(tables->assignments)), id);
}

static void
empty_future(void *arg)
{
	const ReleasedBooking *released = arg;

	guard_query_write(released->tables->assignments,
					  psprintf("UPDATE ONLY %s a SET end_at = a.start_at WHERE a.booking_id OPERATOR(pg_catalog.=) $1"
							   " AND a.start_at OPERATOR(pg_catalog.>=) pg_catalog.now() AND a.end_at OPERATOR(pg_catalog.>) a.start_at",
							   relation_quoted_name(released->tables->assignments)), released->id);
}
