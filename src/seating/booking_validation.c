/*-------------------------------------------------------------------------
 *
 * booking_validation.c
 *	  At commit each confirmed booking has a dining table.
 *
 * menuca_booking_assignment_validation(), menuca_booking_assignment_truncation(),
 * menuca_seating_truncation_validation(): trigger functions
 *
 * The booking's row is locked before its dining tables are looked for.  Whoever
 * confirms it has locked it by its UPDATE, whoever removes dining tables locks it
 * here; the later one waits for the earlier one's commit, and then sees what it did.
 *
 * TRUNCATE has no rows, and its triggers cannot wait for the commit.  So its trigger
 * inserts a row into a table of the extension, which has a deferred one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/column.h"
#include "base/compat.h"
#include "base/owner.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/trigger_call.h"
#include "seating/guard_query.h"
#include "seating/guarded_booking.h"
#include "seating/guarded_tables.h"
#include "seating/seating_extension.h"

PG_FUNCTION_INFO_V1(menuca_booking_assignment_validation);
PG_FUNCTION_INFO_V1(menuca_booking_assignment_truncation);
PG_FUNCTION_INFO_V1(menuca_seating_truncation_validation);

/* SET CONSTRAINTS and the errors name it. */
#define CONSTRAINT "booking_assignment_validation"

static bool booking_in_danger(const TriggerData *call, const GuardedTables *tables, pg_uuid_t *id);
static void require_dining_table(const GuardedTables *tables, const pg_uuid_t *id, bool is_locked);
static char *find_orphan(const GuardedTables *tables);
pg_noreturn static void raise_orphan(const GuardedTables *tables, const char *id);


/* AFTER INSERT OR UPDATE of bookings, AFTER DELETE OR UPDATE of booking_table_assignments */
Datum
menuca_booking_assignment_validation(PG_FUNCTION_ARGS)
{
	GuardedTables tables;
	TriggerData *call = guarded_tables_call(fcinfo, "menuca_booking_assignment_validation",
											TRIGGER_CALL_INSERT | TRIGGER_CALL_UPDATE,
											TRIGGER_CALL_DELETE | TRIGGER_CALL_UPDATE, &tables);
	pg_uuid_t	id;

	/* Whoever changes a booking has its row locked. */
	if (booking_in_danger(call, &tables, &id))
		require_dining_table(&tables, &id, RelationGetRelid(call->tg_relation) == tables.bookings);
	return PointerGetDatum(NULL);
}

/* False when the change cannot have broken anything. */
static bool
booking_in_danger(const TriggerData *call, const GuardedTables *tables, pg_uuid_t *id)
{
	if (RelationGetRelid(call->tg_relation) == tables->bookings)
		return guarded_tables_uuid(call, guarded_tables_new_row(call), "id", id) &&
			strcmp(guarded_tables_text(call, guarded_tables_new_row(call), "status"), "confirmed") == 0;

	/* A foreign key may set a dining table that is deleted to NULL. */
	if (TRIGGER_FIRED_BY_UPDATE(call->tg_event) &&
		!guarded_tables_changed(call, "booking_id") && !guarded_tables_changed(call, "table_id"))
		return false;
	return guarded_tables_uuid(call, guarded_tables_old_row(call), "booking_id", id);
}

static void
require_dining_table(const GuardedTables *tables, const pg_uuid_t *id, bool is_locked)
{
	GuardedBooking booking;

	if (is_locked && guarded_booking_has_dining_table(tables, id))
		return;
	if (guarded_booking_lock(tables, id, &booking) && strcmp(booking.status, "confirmed") == 0 &&
		!guarded_booking_has_dining_table(tables, id))
		raise_orphan(tables, guarded_booking_id(id));
}

/* AFTER TRUNCATE of booking_table_assignments */
Datum
menuca_booking_assignment_truncation(PG_FUNCTION_ARGS)
{
	GuardedTables tables;

	guarded_tables_truncate_call(fcinfo, "menuca_booking_assignment_truncation", &tables);
	guard_query_enter_truncation(tables.assignments);
	return PointerGetDatum(NULL);
}

/*
 * AFTER INSERT of menuca_seating_truncation.  TRUNCATE holds the table's lock until
 * the commit, so whoever confirms a booking meanwhile waits where he looks for its
 * dining tables.
 */
Datum
menuca_seating_truncation_validation(PG_FUNCTION_ARGS)
{
	TriggerData *call = (TriggerData *) fcinfo->context;
	QueryArgs	args = {.keep = true};
	GuardedTables tables;
	bool		isnull;
	Datum		relid;
	char	   *orphan;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		RelationGetRelid(call->tg_relation) != extension_table("menuca_seating", "menuca_seating_truncation") ||
		!TRIGGER_FIRED_AFTER(call->tg_event) || !TRIGGER_FIRED_FOR_ROW(call->tg_event) ||
		!TRIGGER_FIRED_BY_INSERT(call->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("menuca_seating_truncation_validation() is a trigger function of table menuca_seating_truncation only"),
				 errdetail("Nothing was changed."),
				 CALLED_AS_TRIGGER(fcinfo) ?
				 errhint("DROP TRIGGER %s ON %s;", quote_identifier(call->tg_trigger->tgname),
						 relation_quoted_name(RelationGetRelid(call->tg_relation))) :
				 errhint("The extension has its trigger; nothing need call it.")));
	relid = heap_getattr(call->tg_trigtuple, trigger_call_column(call, "assignments", OIDOID),
						 RelationGetDescr(call->tg_relation), &isnull);
	query_arg(&args, OIDOID, relid, isnull);
	seating_write("menuca_seating_truncation",
				  psprintf("DELETE FROM %smenuca_seating_truncation t WHERE t.assignments = $1", seating_extension_schema()),
				  &args, NULL, NULL);

	/* Dropped since, or bookings were. */
	if (isnull || get_rel_name(DatumGetObjectId(relid)) == NULL ||
		!OidIsValid(guarded_tables_in(get_rel_namespace(DatumGetObjectId(relid))).bookings))
		return PointerGetDatum(NULL);
	tables = guarded_tables_beside(DatumGetObjectId(relid));
	orphan = find_orphan(&tables);
	if (orphan)
		raise_orphan(&tables, orphan);
	return PointerGetDatum(NULL);
}

/* The first confirmed booking without a dining table, or NULL. */
static char *
find_orphan(const GuardedTables *tables)
{
	OwnerContext caller;
	AttrNumber	status = column_require(tables->bookings, "status", InvalidOid);
	char	   *orphan;

	query_begin_snapshot();
	PushActiveSnapshot(GetLatestSnapshot());
	caller = owner_become(tables->bookings);
	orphan = query_text(psprintf("SELECT b.id::text FROM ONLY %s b WHERE %s = 'confirmed'"
								 " AND NOT EXISTS (SELECT FROM ONLY %s a WHERE a.booking_id = b.id AND a.table_id IS NOT NULL) ORDER BY b.id LIMIT 1",
								 relation_quoted_name(tables->bookings), column_as_text(tables->bookings, status, "b"),
								 relation_quoted_name(tables->assignments)), NULL);
	owner_return(&caller);
	PopActiveSnapshot();
	query_end_snapshot();
	return orphan;
}

static void
raise_orphan(const GuardedTables *tables, const char *id)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("booking %s is confirmed, but has no dining table", id),
			 errdetail("It violates constraint \"%s\" of table %s: at commit, each confirmed booking has a dining table.",
					   CONSTRAINT, relation_display_name(tables->bookings)),
			 errhint("%s", seating_call("Confirm it with a dining table: SELECT * FROM menuca_auto_assign('%s');", id)),
			 guarded_booking_constraint(tables, CONSTRAINT)));
}
