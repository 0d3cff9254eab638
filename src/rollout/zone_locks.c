/*-------------------------------------------------------------------------
 *
 * zone_locks.c
 *	  Bookings that wait are not bound to a zone.
 *
 * menuca_clear_zone_locks(dry_run, restaurant, undo)
 *
 * The first dining table that a booking gets binds it to the table's zone.  Where the
 * dining tables are gone and the zone has stayed, other programs look nowhere else.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/relation.h"
#include "rollout/booking_repair.h"
#include "seating/seating_extension.h"
#include "seating/users_column.h"

PG_FUNCTION_INFO_V1(menuca_clear_zone_locks);


/*
 * menuca_clear_zone_locks(dry_run, restaurant, undo): a row per booking.  Only those that
 * wait and have no dining table are touched.
 */
Datum
menuca_clear_zone_locks(PG_FUNCTION_ARGS)
{
	const SeatingSchema *schema = seating_schema_find();
	BookingRepair repair = {.what = "zone locks",.function = "menuca_clear_zone_locks",.done = "cleared"};
	char	   *waits = psprintf("%s AND %s", booking_repair_waits(schema), booking_repair_has_no_table(schema));

	if (!users_column_exists("bookings", "assigned_zone_id"))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table %s has no column assigned_zone_id", relation_display_name(schema->booking_table)),
				 errdetail("So no booking is bound to a zone. Nothing was changed."),
				 errhint("%s", seating_call("SELECT * FROM menuca_seating_monitor();"))));
	repair.damaged = psprintf("%s AND b.assigned_zone_id IS NOT NULL", waits);
	repair.repair = "assigned_zone_id = NULL";
	repair.repaired = psprintf("%s AND b.assigned_zone_id IS NULL", waits);
	repair.restore = "assigned_zone_id = (i.image OPERATOR(pg_catalog.->>) 'assigned_zone_id')::pg_catalog.uuid";
	repair.reason = "it waits, has no dining table, and is bound to a zone";
	return booking_repair_call(fcinfo, schema, &repair);
}
