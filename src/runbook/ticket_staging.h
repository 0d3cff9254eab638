/*-------------------------------------------------------------------------
 *
 * ticket_staging.h
 *	  Tasks of production's tickets that compare production with staging, or
 *	  check that people are ready.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_STAGING_H
#define MENUCA_TICKET_STAGING_H

#include "runbook/ticket_execution.h"

/* Each fills the finding or reports findings itself: see ticket_list.h. */
extern void ticket_check_window(TicketExecution *execution, Finding *finding);
extern void ticket_check_staging_counts(TicketExecution *execution, Finding *finding);
extern void ticket_check_staging_fix(TicketExecution *execution, Finding *finding);

/* True if staging's newest verdict that was imported here has that part of the fix. */
extern bool ticket_staging_has_fix(const TicketExecution *execution, FixPart part);

#endif							/* MENUCA_TICKET_STAGING_H */
