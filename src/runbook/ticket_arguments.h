/*-------------------------------------------------------------------------
 *
 * ticket_arguments.h
 *	  A ticket's options as arguments of the functions that it calls.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_ARGUMENTS_H
#define MENUCA_TICKET_ARGUMENTS_H

#include "lib/stringinfo.h"

#include "runbook/ticket_execution.h"

/* The functions that options are arguments of, a bit for each. */
typedef enum TicketCallee
{
	CALLEE_VALIDATE = 1 << 0,
	CALLEE_BACKFILL = 1 << 1,
	CALLEE_FIX = 1 << 2,		/* menuca_fix_combos() */
	CALLEE_FIX_V2 = 1 << 3,
	CALLEE_PLAN = 1 << 4,		/* menuca_plan_combos() */
	CALLEE_PLAN_V2 = 1 << 5,
	CALLEE_FIX_LISTS = 1 << 6,	/* menuca_fix_group_dishes() */
	CALLEE_PLAN_LISTS = 1 << 7,
	CALLEE_ORPHANS = 1 << 8,	/* menuca_orphans() of combo_items */
	CALLEE_PREVIEW = 1 << 9		/* with a fix: its preview, which takes no
								 * lock */
} TicketCallee;

/*
 * Appends the given options that are arguments of the callee; separator precedes
 * the first one.  Without orphan_gate, those that set the gate on orphans are
 * omitted.  Raises an error if a table does not exist.
 */
extern void ticket_arguments_append(StringInfo call, const TicketExecution *execution,
									TicketCallee callee, bool orphan_gate,
									const char *separator);

/*
 * The call of a part of the fix with the given options, to be put after FROM.  A dry
 * run is the part's preview where the caller may not call the fix.  Without
 * orphan_gate, any overall orphan rate passes.
 */
extern char *ticket_fix_call(const TicketExecution *execution, FixPart part, bool dry_run,
							 bool orphan_gate);

#endif							/* MENUCA_TICKET_ARGUMENTS_H */
