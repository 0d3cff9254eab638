/*-------------------------------------------------------------------------
 *
 * ticket_fix.h
 *	  The combo fix of a ticket.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_FIX_H
#define MENUCA_TICKET_FIX_H

#include "runbook/ticket_execution.h"

/*
 * Does all parts of the fix that the staged tables and the options ask for, or
 * none of them: the missing dishes, V1's items and V2's.  Reports a finding for
 * each.  In a dry run of the ticket, each part is a dry run.
 */
extern void ticket_fix_combos(TicketExecution *execution, Finding *finding);

#endif							/* MENUCA_TICKET_FIX_H */
