/*-------------------------------------------------------------------------
 *
 * seating_import.c
 *	  Taking over what an earlier system has left in the users' schema.
 *
 * menuca_seating_import(dry_run, environment, lock_timeout)
 *
 * A real run locks what it writes to, so that it plans on what it will find, and is
 * one transaction.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/given_call.h"
#include "base/query.h"
#include "seating/seating_extension.h"
#include "takeover/import_allocations.h"
#include "takeover/import_assignments.h"
#include "takeover/import_keys.h"
#include "takeover/import_leftovers.h"
#include "takeover/import_ledger.h"
#include "takeover/import_settings.h"
#include "takeover/import_write.h"

PG_FUNCTION_INFO_V1(menuca_seating_import);

static void take_over(ImportCall *call);
static void take_over_allocations(ImportCall *call);


/* menuca_seating_import(dry_run, environment, lock_timeout): a row per item. */
Datum
menuca_seating_import(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ImportCall	call = {.now = GetCurrentTimestamp()};
	char	   *for_real = given_call_for_real(fcinfo);
	char	   *next;
	int			timeout;

	call.dry_run = argument_bool(fcinfo, 0, "dry_run");
	call.environment = argument_text_not_blank(fcinfo, 1, "environment");
	timeout = argument_milliseconds(fcinfo, 2, "lock_timeout");
	InitMaterializedSRF(fcinfo, 0);
	if (!call.dry_run)
	{
		query_require_writable("menuca_seating_import(dry_run := false)");
		query_require_read_committed("menuca_seating_import");
	}
	call.schema = seating_schema_find();
	call.items = import_items_begin();
	if (!call.dry_run)
		import_write_lock(timeout);
	take_over(&call);

	next = import_items_count(call.items, IMPORT_PLANNED) > 0 ? for_real : seating_call("SELECT * FROM menuca_seating_deploy();");
	import_items_return(rsinfo, call.items,
						call.dry_run ? "a dry run: nothing was changed" :
						call.changes == 0 ? "nothing was changed" :
						psprintf("import %lld, which %s undoes", (long long) call.number, seating_call("menuca_seating_import_undo()")),
						next);
	return (Datum) 0;
}

/* Under one query snapshot, taken after the locks; what is written is not looked at again. */
static void
take_over(ImportCall *call)
{
	query_begin_snapshot();
	if (!call->dry_run)
		call->number = import_ledger_next_number();
	import_settings(call);
	take_over_allocations(call);
	import_leftovers_other_allocations(call);
	import_leftovers_shadows(call);
	import_leftovers_holds(call);
	import_leftovers_hold_windows(call);
	import_keys(call);
	query_end_snapshot();
}

static void
take_over_allocations(ImportCall *call)
{
	AssignmentChanges changes = {0};

	import_allocations_read(call, &changes);
	import_assignments_sweep(call, &changes);
	import_allocations_read_groups(call, &changes);
	import_changes_sort(&changes);
	import_assignments_without_window(call, &changes);
	import_assignments_zone_locks(call, &changes);
	if (!call->dry_run)
		import_write_changes(call, &changes);
	import_write_report(call, &changes);
}
