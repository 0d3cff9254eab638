/*-------------------------------------------------------------------------
 *
 * ticket_actions.h
 *	  Tasks of tickets that change something, or report other checks' findings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_ACTIONS_H
#define MENUCA_TICKET_ACTIONS_H

#include "runbook/ticket_execution.h"

/* Each fills the finding or reports findings itself: see ticket_list.h. */
extern void ticket_check_stability(TicketExecution *execution, Finding *finding);
extern void ticket_report_backup(TicketExecution *execution, Finding *finding);
extern void ticket_report_access(TicketExecution *execution, Finding *finding);
extern void ticket_report_customer_view(TicketExecution *execution, Finding *finding);
extern void ticket_report_load(TicketExecution *execution, Finding *finding);
extern void ticket_report_validation(TicketExecution *execution, Finding *finding);
extern void ticket_take_snapshot(TicketExecution *execution, Finding *finding);
extern void ticket_check_access_locks(TicketExecution *execution, Finding *finding);
extern void ticket_deploy_access(TicketExecution *execution, Finding *finding);

#endif							/* MENUCA_TICKET_ACTIONS_H */
