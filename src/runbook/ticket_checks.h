/*-------------------------------------------------------------------------
 *
 * ticket_checks.h
 *	  Tasks of tickets that check this database.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_CHECKS_H
#define MENUCA_TICKET_CHECKS_H

#include "runbook/ticket_execution.h"

/* Each fills the finding or reports findings itself: see ticket_list.h. */
extern void ticket_check_identity(TicketExecution *execution, Finding *finding);
extern void ticket_check_server(TicketExecution *execution, Finding *finding);
extern void ticket_check_schema(TicketExecution *execution, Finding *finding);
extern void ticket_check_counts(TicketExecution *execution, Finding *finding);
extern void ticket_check_orphans(TicketExecution *execution, Finding *finding);
extern void ticket_check_row_security(TicketExecution *execution, Finding *finding);
extern void ticket_check_index_count(TicketExecution *execution, Finding *finding);
extern void ticket_check_disk(TicketExecution *execution, Finding *finding);
extern void ticket_check_acceptances(TicketExecution *execution, Finding *finding);
extern void ticket_check_legacy_ids(TicketExecution *execution, Finding *finding);
extern void ticket_check_runs(TicketExecution *execution, Finding *finding);
extern void ticket_check_activity(TicketExecution *execution, Finding *finding);
extern void ticket_check_sizes(TicketExecution *execution, Finding *finding);
extern void ticket_check_tickets(TicketExecution *execution, Finding *finding);

/*
 * The number of rows of a table of the target schema.  Raises an error if the
 * table does not exist.
 */
extern uint64 ticket_count_rows(const char *table);

#endif							/* MENUCA_TICKET_CHECKS_H */
