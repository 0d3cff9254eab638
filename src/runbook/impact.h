/*-------------------------------------------------------------------------
 *
 * impact.h
 *	  What a change did to the sessions beside it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MENUCA_IMPACT_H
#define MENUCA_IMPACT_H

#include "runbook/ticket_execution.h"

/*
 * Takes a sample 'before' or 'after' the tasks of a ticket that writes; an error is a
 * NOTICE, since a sample is not worth a ticket.  Does nothing for other tickets.
 */
extern void impact_sample(const TicketExecution *execution, const char *moment);

/* A validation's task: the rows of menuca_check_impact() of the fix before it. */
extern void impact_report(TicketExecution *execution, Finding *finding);

#endif							/* MENUCA_IMPACT_H */
