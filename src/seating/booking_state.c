/*-------------------------------------------------------------------------
 *
 * booking_state.c
 *	  What the state of a booking allows: see booking_state.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "base/query.h"
#include "base/sqlstate.h"
#include "seating/booking_state.h"
#include "seating/seating_refusal.h"

static bool is_state(const Booking *booking, const char *status);


Booking *
booking_state_read(const FloorReader *reader, const pg_uuid_t *id)
{
	Booking    *booking;

	query_begin_snapshot();
	booking = booking_reader_get(reader, id);
	query_end_snapshot();
	if (booking->party_size < 1)
		refusal_raise_argument(psprintf("booking %s is for a party of %d, which cannot be seated", refusal_id(id), booking->party_size),
							   psprintf("UPDATE %s SET party_size = ... WHERE id = '%s';", reader->schema->bookings, refusal_id(id)));
	return booking;
}

char *
booking_state_status(const FloorReader *reader, const pg_uuid_t *booking)
{
	QueryArgs	args = {.keep = true};
	char	   *status;

	query_arg(&args, UUIDOID, UUIDPGetDatum(booking), false);
	query_begin_snapshot();
	status = query_text(psprintf("SELECT %s FROM %s b WHERE b.id = $1", reader->schema->booking_status, reader->schema->bookings), &args);
	query_end_snapshot();
	return status;
}

bool
booking_state_may_get(const Booking *booking)
{
	return is_state(booking, "pending") || is_state(booking, "pending_allocation") || is_state(booking, "confirmed");
}

bool
booking_state_is_seated(const Booking *booking)
{
	return booking_state_may_get(booking) || is_state(booking, "checked_in");
}

static bool
is_state(const Booking *booking, const char *status)
{
	return booking->status && strcmp(booking->status, status) == 0;
}

void
booking_state_raise(const FloorReader *reader, const Booking *booking, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_BOOKING_STATE),
			 errmsg("booking %s is %s, so %s", refusal_id(&booking->id), booking->status ? booking->status : "without a status", what),
			 errdetail("Only bookings that are pending, pending_allocation or confirmed get dining tables; those who are checked_in keep theirs. Nothing was changed."),
			 errhint("SELECT * FROM %s WHERE id = '%s';", reader->schema->bookings, refusal_id(&booking->id))));
}
