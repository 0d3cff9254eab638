/*-------------------------------------------------------------------------
 *
 * ticket_indexes.h
 *	  Tasks of the tickets that build indexes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_INDEXES_H
#define MENUCA_TICKET_INDEXES_H

#include "runbook/ticket_execution.h"

/* Each fills the finding or reports findings itself: see ticket_list.h. */
extern void ticket_measure_queries_before(TicketExecution *execution, Finding *finding);
extern void ticket_measure_queries_after(TicketExecution *execution, Finding *finding);
extern void ticket_deploy_indexes(TicketExecution *execution, Finding *finding);
extern void ticket_check_buildable_indexes(TicketExecution *execution, Finding *finding);
extern void ticket_check_staging_indexes(TicketExecution *execution, Finding *finding);
extern void ticket_report_indexes(TicketExecution *execution, Finding *finding);

#endif							/* MENUCA_TICKET_INDEXES_H */
