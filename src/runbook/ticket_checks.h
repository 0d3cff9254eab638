/*-------------------------------------------------------------------------
 *
 * ticket_checks.h
 *	  Tasks of tickets that check this database.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_CHECKS_H
#define MENUCA_TICKET_CHECKS_H

#include "runbook/ticket_run.h"

/* Each fills the finding or reports findings itself: see ticket_list.h. */
extern void ticket_check_identity(TicketRun *run, Finding *finding);
extern void ticket_check_server(TicketRun *run, Finding *finding);
extern void ticket_check_schema(TicketRun *run, Finding *finding);
extern void ticket_check_counts(TicketRun *run, Finding *finding);
extern void ticket_check_orphans(TicketRun *run, Finding *finding);
extern void ticket_check_row_security(TicketRun *run, Finding *finding);
extern void ticket_check_index_count(TicketRun *run, Finding *finding);
extern void ticket_check_disk(TicketRun *run, Finding *finding);
extern void ticket_check_source(TicketRun *run, Finding *finding);
extern void ticket_check_legacy_ids(TicketRun *run, Finding *finding);
extern void ticket_check_runs(TicketRun *run, Finding *finding);
extern void ticket_check_activity(TicketRun *run, Finding *finding);
extern void ticket_check_sizes(TicketRun *run, Finding *finding);
extern void ticket_check_tickets(TicketRun *run, Finding *finding);

/*
 * The number of rows of a table of the target schema.  Raises an error if the
 * table does not exist.
 */
extern uint64 ticket_count_rows(const char *table);

#endif							/* MENUCA_TICKET_CHECKS_H */
