/*-------------------------------------------------------------------------
 *
 * ticket_options.h
 *	  The options of tickets: which there are, and their values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_TICKET_OPTIONS_H
#define MENUCA_TICKET_OPTIONS_H

#include "runbook/ticket_execution.h"

/*
 * Raises an error unless the options are an object of options that the ticket
 * has, with values that the functions accept which the ticket calls.  The
 * environment may be NULL, if it is not registered yet.
 */
extern void ticket_options_require(const TicketExecution *execution);

/*
 * The names of the options that a ticket has in that environment, as text of a text[]; with_gates: also
 * those that were decided for one environment alone, what a gate accepts and which
 * lock its customers can bear.
 */
extern char *ticket_options_of(const Environment *environment, int no, bool with_gates);

#endif							/* MENUCA_TICKET_OPTIONS_H */
