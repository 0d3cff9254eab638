/*-------------------------------------------------------------------------
 *
 * ticket_acts.h
 *	  Tasks of tickets that change something, or report other checks' findings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_ACTS_H
#define MENUCA_TICKET_ACTS_H

#include "runbook/ticket_run.h"

/* Each fills the finding or reports findings itself: see ticket_list.h. */
extern void ticket_check_stability(TicketRun *run, Finding *finding);
extern void ticket_report_backup(TicketRun *run, Finding *finding);
extern void ticket_report_indexes(TicketRun *run, Finding *finding);
extern void ticket_report_access(TicketRun *run, Finding *finding);
extern void ticket_report_validation(TicketRun *run, Finding *finding);
extern void ticket_measure_queries_before(TicketRun *run, Finding *finding);
extern void ticket_measure_queries_after(TicketRun *run, Finding *finding);
extern void ticket_take_snapshot(TicketRun *run, Finding *finding);
extern void ticket_deploy_indexes(TicketRun *run, Finding *finding);
extern void ticket_deploy_access(TicketRun *run, Finding *finding);
extern void ticket_fix_combos(TicketRun *run, Finding *finding);

#endif							/* MENUCA_TICKET_ACTS_H */
