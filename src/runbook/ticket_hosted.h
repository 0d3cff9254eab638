/*-------------------------------------------------------------------------
 *
 * ticket_hosted.h
 *	  Tasks of the tickets of a hosted production, which is changed by files: they
 *	  take what its receipts say.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_HOSTED_H
#define MENUCA_TICKET_HOSTED_H

#include "runbook/ticket_execution.h"

/* The greatest age of the hosting service's backup, as an interval's text. */
#define TICKET_HOSTED_BACKUP_AGE "24 hours"

/* Each fills the finding or reports findings itself: see ticket_list.h. */
extern void ticket_check_original(TicketExecution *execution, Finding *finding);
extern void ticket_attest_backup(TicketExecution *execution, Finding *finding);
extern void ticket_report_hosted_before(TicketExecution *execution, Finding *finding);
extern void ticket_report_hosted_indexes(TicketExecution *execution, Finding *finding);
extern void ticket_report_hosted_access(TicketExecution *execution, Finding *finding);
extern void ticket_report_hosted_fix(TicketExecution *execution, Finding *finding);
extern void ticket_report_hosted_all(TicketExecution *execution, Finding *finding);
extern void ticket_check_soak(TicketExecution *execution, Finding *finding);
extern void ticket_warn_unseen(TicketExecution *execution, Finding *finding);

#endif							/* MENUCA_TICKET_HOSTED_H */
