/*-------------------------------------------------------------------------
 *
 * orphaned_bookings.c
 *	  Confirmed bookings without a dining table wait again.
 *
 * menuca_fix_orphaned_bookings(dry_run, restaurant, undo)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "base/given_call.h"
#include "base/query.h"
#include "base/sqlstate.h"
#include "rollout/booking_repair.h"
#include "seating/seating_extension.h"
#include "seating/users_column.h"

PG_FUNCTION_INFO_V1(menuca_fix_orphaned_bookings);

static void require_no_guarantee(const SeatingSchema *schema);
static char *call_without_triggers(const SeatingSchema *schema, const char *for_real);
static Datum put_back(FunctionCallInfo fcinfo, const SeatingSchema *schema, const BookingRepair *repair);


/*
 * menuca_fix_orphaned_bookings(dry_run, restaurant, undo): a row per booking.  Only those
 * that are confirmed and have no dining table at all are touched.
 */
Datum
menuca_fix_orphaned_bookings(PG_FUNCTION_ARGS)
{
	const SeatingSchema *schema = seating_schema_find();
	bool		has_zone = users_column_exists("bookings", "assigned_zone_id");
	BookingRepair repair = {.what = "orphans",.function = "menuca_fix_orphaned_bookings",.done = "pending"};

	repair.damaged = psprintf("%s OPERATOR(pg_catalog.=) 'confirmed'::pg_catalog.text AND %s",
							  schema->booking_status, booking_repair_has_no_table(schema));
	repair.repair = psprintf("status = 'pending'%s", has_zone ? ", assigned_zone_id = NULL" : "");
	repair.repaired = psprintf("%s OPERATOR(pg_catalog.=) 'pending'::pg_catalog.text AND %s%s", schema->booking_status,
							   booking_repair_has_no_table(schema), has_zone ? " AND b.assigned_zone_id IS NULL" : "");
	repair.restore = psprintf("status = 'confirmed'%s", has_zone ?
							  ", assigned_zone_id = (i.image OPERATOR(pg_catalog.->>) 'assigned_zone_id')::pg_catalog.uuid" : "");
	repair.reason = "it is confirmed and has no dining table";
	if (!PG_ARGISNULL(0) && !PG_GETARG_BOOL(0) && !PG_ARGISNULL(2) && PG_GETARG_BOOL(2))
		return put_back(fcinfo, schema, &repair);
	return booking_repair_call(fcinfo, schema, &repair);
}

/* A trigger of the users that refuses orphans refuses this, too; the hint has the statements that do it without the trigger. */
static Datum
put_back(FunctionCallInfo fcinfo, const SeatingSchema *schema, const BookingRepair *repair)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *without_triggers;
	Datum		result;

	require_no_guarantee(schema);
	without_triggers = call_without_triggers(schema, given_call_for_real(fcinfo));
	PG_TRY();
	{
		result = booking_repair_call(fcinfo, schema, repair);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (without_triggers == NULL || error->hint || ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
			PG_RE_THROW();
		FlushErrorState();
		error->detail = psprintf("%s%sNothing was changed.", error->detail ? error->detail : "", error->detail ? " " : "");
		error->hint = psprintf("Triggers of yours may refuse it. Without them, by the table's owner: %s", without_triggers);
		ThrowErrorData(error);
	}
	PG_END_TRY();
	return result;
}

/* Statements that execute the call for_real while the users' triggers on updated rows are disabled; NULL when there are none. */
static char *
call_without_triggers(const SeatingSchema *schema, const char *for_real)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(schema->booking_table), false);
	query_arg_text(&args, schema->bookings);
	query_arg_text(&args, for_real);
	return query_text("SELECT string_agg(format('ALTER TABLE %s DISABLE TRIGGER %I;', $2, tgname), ' ' ORDER BY tgname) || ' ' || $3 || ' ' ||"
					  " string_agg(format('ALTER TABLE %s ENABLE%s TRIGGER %I;', $2, CASE tgenabled WHEN 'A' THEN ' ALWAYS' ELSE '' END, tgname), ' ' ORDER BY tgname)"
					  " FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
					  " AND (tgtype & 16) <> 0", &args);
}

/* Orphans could not be put back at the transaction's end; it is said before. */
static void
require_no_guarantee(const SeatingSchema *schema)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(schema->booking_table), false);
	if (!query_bool("SELECT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
					" WHERE t.tgrelid = $1 AND p.proname = 'menuca_booking_assignment_validation' AND t.tgenabled <> 'D')", &args))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_GUARANTEE),
			 errmsg("orphaned bookings cannot be put back while the guarantees are deployed"),
			 errdetail("A confirmed booking has a dining table. Nothing was changed."),
			 errhint("%s", seating_call("SELECT * FROM menuca_seating_rollback(2, dry_run => false); takes the guarantees back first."))));
}
