/*-------------------------------------------------------------------------
 *
 * seating_import_undo.c
 *	  Putting back what the last import changed.
 *
 * menuca_seating_import_undo(dry_run, lock_timeout)
 *
 * What is not as the import left it stays as somebody has made it since.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/timestamp.h"

#include "base/arguments.h"
#include "base/given_call.h"
#include "base/json.h"
#include "base/query.h"
#include "seating/seating_extension.h"
#include "takeover/import_ledger.h"
#include "takeover/import_write.h"
#include "takeover/undo_assignments.h"
#include "takeover/undo_settings.h"

PG_FUNCTION_INFO_V1(menuca_seating_import_undo);

static void enter_undo(const ImportCall *call);


/* menuca_seating_import_undo(dry_run, lock_timeout): a row per item. */
Datum
menuca_seating_import_undo(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ImportCall	call = {.now = GetCurrentTimestamp()};
	char	   *for_real = given_call_for_real(fcinfo);
	char	   *detail;
	int			timeout;

	call.dry_run = argument_bool(fcinfo, 0, "dry_run");
	timeout = argument_milliseconds(fcinfo, 1, "lock_timeout");
	InitMaterializedSRF(fcinfo, 0);
	if (!call.dry_run)
	{
		query_require_writable("menuca_seating_import_undo(dry_run := false)");
		query_require_read_committed("menuca_seating_import_undo");
	}
	call.schema = seating_schema_find();
	call.items = import_items_begin();
	if (!call.dry_run)
		import_write_lock(timeout);
	query_begin_snapshot();
	call.number = import_ledger_last_number();
	if (call.number > 0)
	{
		undo_settings(&call);
		undo_keys(&call);
		undo_assignments(&call);
		if (!call.dry_run)
			enter_undo(&call);
	}
	query_end_snapshot();

	detail = call.number == 0 ? pstrdup("there is no import to undo") :
		psprintf("import %lld%s", (long long) call.number, call.dry_run ? "; a dry run: nothing was changed" : ", which is undone");
	import_items_return(rsinfo, call.items, detail,
						call.dry_run && call.number > 0 ? for_real : seating_call("SELECT * FROM menuca_seating_import();"));
	return (Datum) 0;
}

static void
enter_undo(const ImportCall *call)
{
	StringInfoData figures;

	initStringInfo(&figures);
	json_begin(&figures);
	json_count(&figures, "undone", import_items_count(call->items, IMPORT_DONE));
	json_count(&figures, "left", import_items_count(call->items, IMPORT_SKIPPED));
	json_end(&figures);
	import_ledger_enter_undo(call->number, figures.data);
}
