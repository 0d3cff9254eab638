/*-------------------------------------------------------------------------
 *
 * ticket_rehearsals.c
 *	  Whether each way back was rehearsed: see ticket_rehearsals.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "runbook/ticket_rehearsals.h"

/* The minutes that a way back may take (the tickets' and the checklist's). */
#define REHEARSAL_MINUTES 15.0

/* What menuca_rehearsal says. */
typedef struct Rehearsals
{
	StringInfoData made;
	StringInfoData missing;
	bool		too_long;
} Rehearsals;

static void add_rehearsal(TupleTableSlot *slot, void *arg);


void
ticket_check_rehearsals(TicketExecution *execution, pg_attribute_unused() Finding *finding)
{
	Rehearsals	rehearsals = {0};
	Finding		row = {0};

	if (execution->environment->is_production)
		return;
	initStringInfo(&rehearsals.made);
	initStringInfo(&rehearsals.missing);
	query_each(psprintf("SELECT rollback_option, minutes::float8 AS minutes FROM %smenuca_rehearsal", migrate_schema()),
			   NULL, add_rehearsal, &rehearsals);
	row.status = rehearsals.too_long ? CHECK_FAIL : rehearsals.missing.len > 0 ? CHECK_WARN : CHECK_PASS;
	row.expected = psprintf("each way back was rehearsed, in at most %g minutes", REHEARSAL_MINUTES);
	row.actual = psprintf("%s%s%s", rehearsals.made.len > 0 ? rehearsals.made.data : "none was",
						  rehearsals.missing.len > 0 ? "; never: " : "", rehearsals.missing.data);
	if (row.status == CHECK_FAIL)
		row.remedy = migrate_call("A way back that takes longer is none in a maintenance window. Find out what it waits for, and rehearse it again: SELECT * FROM menuca_rollback_guide();");
	else if (row.status == CHECK_WARN)
		row.remedy = migrate_call("Carry out the calls here, on staging, then execute the tickets again: SELECT * FROM menuca_rollback_guide(); of the whole database: menuca-backup --drill.");
	ticket_report(execution, "rehearsals", "Ways back that were rehearsed", &row);
}

static void
add_rehearsal(TupleTableSlot *slot, void *arg)
{
	Rehearsals *rehearsals = arg;
	char	   *option = slot_text_of(slot, "rollback_option");
	int			minutes = slot_attribute(slot, "minutes");

	if (slot->tts_isnull[minutes])
	{
		format_append(&rehearsals->missing, ", ", "%s", option);
		return;
	}
	format_append(&rehearsals->made, ", ", "%s %.2f min", option, slot_float8(slot, minutes));
	rehearsals->too_long |= slot_float8(slot, minutes) > REHEARSAL_MINUTES;
}
